"""What an answer in a file replaces and what it never does, who can read it, and where a backup goes."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import pytest
from desk_cli import IN_HOME, PUBLIC, done, entries, refused, run
from forging import cut, forge

from repairdesk.ledger import backup, keepsakes

SIGNED = pytest.mark.skipif(find_spec("cryptography") is None, reason="the extra “sign” is not installed")
PEM = "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n"


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@contextmanager
def umask(mask: int) -> Iterator[None]:
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


# -- checkpoints over older ones


@pytest.mark.rule("REC-1")
def test_a_nightly_checkpoint_replaces_the_one_that_the_ledger_goes_on_from(full_desk: Path, tmp_path: Path) -> None:
    note = tmp_path / "night.txt"
    for _ in range(2):
        assert done("checkpoint", "--out", str(note))["warnings"] == []
        assert done("verify", "--against", str(note))["against"][0]["entries"] == entries(full_desk / "ledger.db")
        done("intake", *PUBLIC, "--new", "--as", "C1")


@pytest.mark.sqlite
@pytest.mark.rule("REC-1")
@pytest.mark.parametrize("how", ["cut back", "forged", "another"])
def test_a_checkpoint_that_proves_that_the_ledger_was_altered_is_never_replaced(
    how: str, full_desk: Path, tmp_path: Path
) -> None:
    """A cron job with a fixed name would destroy, the night after, the only thing that tells."""
    note, book = tmp_path / "night.txt", full_desk / "ledger.db"
    done("checkpoint", "--out", str(note))
    if how == "cut back":
        cut(book, entries(book) - 1)
        done("intake", *PUBLIC, "--new", "--as", "C1")
        cut(book, entries(book) - 1)
    elif how == "forged":
        forge(book, entries(book) - 1, lambda said: said.update(forged=True))
    else:
        note.write_text("repairdesk/0123456789abcdef" + note.read_text()[27:])
    before = note.read_text()
    said = refused(16, "checkpoint", "--out", str(note))
    assert str(note) in said["message"]
    assert said["rule"] == "REC-1"
    assert note.read_text() == before
    assert run("verify", "--against", str(note)).exit_code == 16


def test_a_checkpoint_goes_over_nothing_else_but_an_empty_file(full_desk: Path, tmp_path: Path) -> None:
    note = tmp_path / "night.txt"
    note.touch()
    done("checkpoint", "--out", str(note))
    note.write_text("the list of the lift company")
    refused(10, "checkpoint", "--out", str(note))
    assert note.read_text() == "the list of the lift company"


@pytest.mark.rule("REC-1")
def test_a_checkpoint_in_the_desks_folder_is_made_and_said_to_prove_nothing(full_desk: Path, tmp_path: Path) -> None:
    (said,) = done("checkpoint", "--out", str(full_desk / "night.txt"))["warnings"]
    assert "proves nothing" in said
    (tmp_path / "link.txt").symlink_to(full_desk / "night.txt")
    assert done("checkpoint", "--out", str(tmp_path / "link.txt"))["warnings"] == [
        said.replace(str(full_desk / "night.txt"), str(tmp_path / "link.txt"))
    ]


# -- answers over what is not to be lost


@pytest.fixture
def kept(full_desk: Path, tmp_path: Path) -> dict[str, Path]:
    """One of each of what nobody wants replaced, under names that say nothing."""
    made = {kind: tmp_path / f"{kind}.csv" for kind in keepsakes.NAMES}
    made[keepsakes.KEY].write_text(PEM)
    done("backup", str(made[keepsakes.BACKUP]))
    shutil.copy(full_desk / "ledger.db", made[keepsakes.LEDGER])
    done("checkpoint", "--out", str(made[keepsakes.CHECKPOINT]))
    made[keepsakes.PURGED].write_text('{"at": "a", "by": "M1", "head": "h", "ledger": "f", "purge": 1, "seq": 2}\n')
    return made


@pytest.mark.sqlite
@pytest.mark.parametrize("kind", keepsakes.NAMES)
def test_no_answer_goes_over_what_cannot_be_made_again(kind: str, kept: dict[str, Path], tmp_path: Path) -> None:
    path = kept[kind]
    before = path.read_bytes()
    (tmp_path / "rows.csv").write_text("place,fault,kind\nlobby,lamp,nonsense\n")
    for said in (
        ("report", "month", "--month", "2026-11", "--format", "json", "--out", str(path)),
        ("export", "orders", "--out", str(path)),
        ("print", "P20261122-0001", "--as", "C1", "--out", str(path)),
        ("import", str(tmp_path / "rows.csv"), "--as", "C1", "--rejects", str(path)),
    ):
        refusal = refused(10, *said)["message"]
        assert keepsakes.NAMES[kind] in refusal, said
        assert str(path) in refusal
        assert path.read_bytes() == before
    refused(10, "backup", str(path))
    if kind != keepsakes.CHECKPOINT:
        refused(10, "checkpoint", "--out", str(path))
    assert path.read_bytes() == before


@SIGNED
def test_a_key_for_checkpoints_is_not_replaced_neither_half_of_it(full_desk: Path, tmp_path: Path) -> None:
    done("checkpoint", "--new-key", str(tmp_path / "kk"))
    for name in ("kk", "kk.pub"):
        before = (tmp_path / name).read_text()
        refused(10, "report", "month", "--month", "2026-11", "--format", "json", "--out", str(tmp_path / name))
        assert (tmp_path / name).read_text() == before


def test_what_a_purge_really_wrote_out_is_known_by_its_beginning(desk: Path, tmp_path: Path) -> None:
    from repairdesk.desk.purge_file import Export

    with (tmp_path / "gone").open("w") as stream:
        Export(stream).write({"purge": 1, "ledger": "0" * 64, "seq": 9, "head": "1" * 64, "at": "2026", "by": "M1",
                              "with": "L1"})  # fmt: skip
    assert keepsakes.kind_of(keepsakes.beginning(tmp_path / "gone")) == keepsakes.PURGED


def test_an_older_answer_is_replaced_as_ever(full_desk: Path, tmp_path: Path) -> None:
    for _ in range(2):
        done("export", "orders", "--out", str(tmp_path / "orders.csv"))
    assert "P20261122-0001" in (tmp_path / "orders.csv").read_text()


# -- who can read it


@pytest.mark.parametrize("form", ["csv", "jsonl", "xlsx"])
def test_an_answer_elsewhere_goes_by_the_umask_and_one_with_phones_is_for_one_person(
    form: str, full_desk: Path, tmp_path: Path
) -> None:
    for mask, wanted in ((0o077, 0o600), (0o022, 0o644), (0o002, 0o664)):
        with umask(mask):
            done("export", "orders", "--out", str(tmp_path / f"a{mask}.{form}"))
            assert mode(tmp_path / f"a{mask}.{form}") == wanted
            open_ = tmp_path / f"b{mask}.{form}"
            said = ("export", "orders", "--reveal", "--reason", "t", "--as", "C1", "--out", str(open_))
            done(*said)
            open_.chmod(0o666)
            done(*said)
            assert mode(open_) == 0o600


def test_a_paper_with_phones_and_rejected_rows_are_for_one_person(full_desk: Path, tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("place,fault,kind\nlobby,lamp,nonsense\n")
    with umask(0):
        done("print", "P20261122-0001", "--as", "C1", "--out", str(tmp_path / "slip"))
        done("print", "P20261122-0001", "--as", "C1", "--reveal", "--reason", "r", "--out", str(tmp_path / "whole"))
        run("import", str(tmp_path / "rows.csv"), "--as", "C1", "--rejects", str(tmp_path / "bad.csv"))
    assert [mode(tmp_path / name) for name in ("slip", "whole", "bad.csv")] == [0o666, 0o600, 0o600]


def test_an_answer_in_the_desks_folder_is_the_groups(full_desk: Path) -> None:
    (full_desk / "out").mkdir()
    with umask(0o077):
        done("export", "orders", "--out", str(full_desk / "out" / "orders.csv"))
    assert mode(full_desk / "out" / "orders.csv") == 0o660


# -- where a backup goes


def test_a_backup_has_a_name(full_desk: Path, tmp_path: Path) -> None:
    refused(2, "backup", "-")
    assert not Path("-").exists()
    done("backup", str(tmp_path / "-"))
    assert (tmp_path / "-").exists(), "that is a name"


@pytest.mark.sqlite
def test_a_full_disk_is_told_of_the_file_that_was_asked_for(
    desk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done("intake", *IN_HOME, "--as", "C1")

    plain = sqlite3.connect

    def full(path: Path) -> sqlite3.Connection:
        db = plain(path, isolation_level=None)
        db.execute("PRAGMA max_page_count=2")
        return db

    monkeypatch.setattr(backup.sqlite3, "connect", lambda path, **said: full(path) if ".half" in str(path)
                        else plain(path, **said))  # fmt: skip
    said = refused(17, "backup", str(tmp_path / "away.tar"))["message"]
    assert "disk is full" in said
    assert str(tmp_path / "away.tar") in said
    assert ".half" not in said
    assert list(tmp_path.glob(".repairdesk-*")) == []
