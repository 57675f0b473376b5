"""What counts when older backups make way for newer ones, and what is no name for a file."""

from __future__ import annotations

from pathlib import Path

import pytest
from desk_cli import PUBLIC, Clock, done, refused

from repairdesk.ledger import backup as packing


def dated(folder: Path, clock: Clock, times: int) -> list[Path]:
    """So many dated backups, a day apart, none of which makes way."""
    made = []
    for _ in range(times):
        clock.on(days=1)
        made.append(Path(done("backup", str(folder), "--keep", "99")["file"]))
    return made


@pytest.mark.parametrize("part", [0.02, 0.3, 0.97, -1025])
def test_a_backup_that_ends_in_the_middle_pushes_no_good_one_out_and_is_named(
    desk: Path, tmp_path: Path, clock: Clock, part: float
) -> None:
    """What a copy between two machines left that was broken off: of two good ones and two torn ones two good ones."""
    folder = tmp_path / "away"
    folder.mkdir()
    oldest, good, *torn = dated(folder, clock, 4)
    for file in torn:
        whole = file.read_bytes()
        size = int(len(whole) * part) if part > 0 else _end_of_list(whole) + int(part) + 1024
        file.write_bytes(whole[:size])
    clock.on(days=1)
    made = done("backup", str(folder), "--keep", "2")
    assert made["removed"] == [str(oldest)]
    assert good.exists()
    assert all(file.exists() for file in torn), "somebody has to look at them"
    said = [one for one in made["warnings"] if "not whole" in one]
    assert len(said) == 1
    assert all(str(file) in said[0] for file in torn)


def _end_of_list(whole: bytes) -> int:
    """Where the last member's content ends."""
    return len(whole.rstrip(b"\0"))


def test_whole_ones_alone_are_passed_over_in_silence(desk: Path, tmp_path: Path, clock: Clock) -> None:
    folder = tmp_path / "away"
    folder.mkdir()
    made = dated(folder, clock, 3)
    clock.on(days=1)
    last = done("backup", str(folder), "--keep", "2")
    assert last["removed"] == [str(made[1]), str(made[0])]
    assert [one for one in last["warnings"] if "whole" in one] == []


@pytest.mark.parametrize("blank", ["", " "])
@pytest.mark.parametrize(
    ("argv", "name"),
    [
        (("backup",), "FILE"),
        (("restore",), "FILE"),
        (("import",), "FILE"),
        (("list", "--home"), "--home"),
        (("export", "--out"), "--out"),
        (("verify", "--against"), "--against"),
    ],
)
def test_a_path_that_is_blank_is_missing_and_never_the_folder_one_is_in(
    desk: Path, argv: tuple[str, ...], name: str, blank: str
) -> None:
    """A variable that nobody set, in a line of cron."""
    before = sorted(desk.parent.rglob("*"))
    assert refused(2, *argv, blank)["message"].split()[-1] == name
    assert sorted(desk.parent.rglob("*")) == before


def test_the_folder_one_is_in_is_a_dot(desk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "away").mkdir()
    monkeypatch.chdir(tmp_path / "away")
    done("intake", *PUBLIC, "--as", "C1", "--home", str(desk))
    assert Path(done("backup", ".", "--home", str(desk))["file"]).exists()
    assert done("restore", next(Path().glob("*.tar")).name, "--home", str(tmp_path / "new"))["verified"]


@pytest.mark.parametrize("argv", [("backup", "{away}/new.tar"), ("restore", "{away}/old.tar", "--home", "{away}/new")])
def test_a_disk_that_does_not_confirm_a_name_is_told_as_what_it_is(
    desk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, argv: tuple[str, ...]
) -> None:
    """A restore said that its own new desk was in the way."""
    away = tmp_path / "away"
    away.mkdir()
    done("backup", str(away / "old.tar"))
    placed = []

    def fails(folder: Path) -> None:
        if folder == away:
            placed.append(sorted(path.name for path in away.iterdir() if not path.name.startswith(".")))
            raise OSError(5, "Input/output error")

    monkeypatch.setattr(packing, "reach_the_disk", fails)
    said = refused(17, *(word.format(away=away) for word in argv))["message"]
    assert "is whole, but the disk did not confirm" in said
    assert [name[0].startswith("new") for name in placed] == [True]
    new = tmp_path / "third" if argv[0] == "backup" else away / "new"
    if argv[0] == "backup":
        done("restore", str(away / "new.tar"), "--home", str(new))
    assert done("verify", "--home", str(new))["ok"]
