"""Checkpoints, codes, backups and what ``verify`` and ``doctor`` make of them, as typed (REC-1)."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import sqlite3
import stat
import tarfile
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from desk_cli import PUBLIC, Clock, done, entries, nothing_written, refused, run
from forging import cut, forge

from repairdesk.ledger import backup as packing

SIGNED = pytest.mark.skipif(find_spec("cryptography") is None, reason="the extra “sign” is not installed")
GARBAGE = (
    b"", b"[]", b"{}", b'{"at": 1}', b"\xff", b'{"at": "x", "entries": 1}',
    b'{"at": "2026-11-29T01:00:00Z", "entries": -1}',
    b'{"at": "2026-11-29T01:00:00Z", "entries": 99999999999999999999}', b"[" * 100_000,
)  # fmt: skip
PHOTO = b"\xff\xd8\xff\xe0" + b"photo" * 500


@pytest.fixture
def whole_desk(full_desk: Path, tmp_path: Path) -> Path:
    """A desk with everything that one can have in its folder."""
    (tmp_path / "photo.jpg").write_bytes(PHOTO)
    done("attach", "P20261122-0001", str(tmp_path / "photo.jpg"), "--as", "C1")
    (full_desk / "notify.yaml").write_text("version: 1\nurls: []\n")
    for folder in ("templates", "mappings"):
        (full_desk / folder).mkdir()
        (full_desk / folder / "自家.txt").write_text(folder)
    return full_desk


def files(folder: Path) -> dict[str, bytes]:
    """What lies in a desk, without the ledger and the note of its last backup."""
    found = (
        path for path in folder.rglob("*") if path.is_file() and path.name not in ("ledger.db", ".last-backup.json")
    )
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


def litter(folder: Path) -> list[str]:
    return [path.name for path in folder.rglob("*.half")]


# -- backup and restore


@pytest.mark.rule("REC-1")
def test_a_desk_comes_back_as_it_was(whole_desk: Path, tmp_path: Path) -> None:
    before = done("verify")
    made = done("backup", str(tmp_path / "away.tar"))
    assert (made["entries"], made["head"]) == (before["entries"], before["head"])
    assert made["verified"]
    assert made["bytes"] == (tmp_path / "away.tar").stat().st_size
    assert made["at"] == "2026-11-24T09:00:00+08:00"
    assert done("verify")["head"] == before["head"], "a backup is no entry"
    shown = done("show", "P20261122-0001")
    shutil.rmtree(whole_desk)
    back = done("restore", str(tmp_path / "away.tar"), "--home", str(tmp_path / "new"))
    assert (back["entries"], back["head"], back["at"]) == (made["entries"], made["head"], made["at"])
    assert done("verify", "--home", str(tmp_path / "new"))["head"] == before["head"]
    assert done("show", "P20261122-0001", "--home", str(tmp_path / "new")) == shown
    assert {"templates/自家.txt", "mappings/自家.txt", "notify.yaml"} < set(files(tmp_path / "new"))
    assert PHOTO in files(tmp_path / "new").values()


def test_the_restored_desk_goes_on(full_desk: Path, tmp_path: Path) -> None:
    done("backup", str(tmp_path / "away.tar"))
    home = ("--home", str(tmp_path / "new"))
    done("restore", str(tmp_path / "away.tar"), *home)
    done("intake", *PUBLIC, "--new", "--as", "C1", *home)
    assert done("verify", *home)["ok"]
    assert entries(tmp_path / "new" / "ledger.db") == entries(full_desk / "ledger.db") + 1


def test_every_file_of_the_desk_is_in_it_and_no_stray(whole_desk: Path, tmp_path: Path) -> None:
    (whole_desk / "attachments" / "P20261122-0001" / "stray.jpg").write_bytes(PHOTO)
    (whole_desk / "mine.xlsx").write_bytes(b"of somebody's own")
    done("backup", str(tmp_path / "away.tar"))
    with tarfile.open(tmp_path / "away.tar") as tar:
        names = set(tar.getnames()) - {"ledger.db", "repairdesk-backup.json", "SHA256SUMS"}
    strays = {"attachments/P20261122-0001/stray.jpg", "mine.xlsx"}
    assert names == set(files(whole_desk)) - strays


@pytest.mark.sqlite
def test_only_the_owner_reads_a_backup_and_a_restored_desk_is_nobody_elses(full_desk: Path, tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        done("backup", str(tmp_path / "away.tar"))
        done("restore", str(tmp_path / "away.tar"), "--home", str(tmp_path / "new"))
    finally:
        os.umask(old)
    assert stat.S_IMODE((tmp_path / "away.tar").stat().st_mode) == 0o600
    for path in (tmp_path / "new", *(tmp_path / "new").rglob("*")):
        assert path.stat().st_mode & 0o007 == 0, path
    assert stat.S_IMODE((tmp_path / "new" / "ledger.db").stat().st_mode) == 0o660


def test_an_empty_folder_that_was_made_for_the_desk_keeps_its_mode(full_desk: Path, tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    (tmp_path / "new").chmod(0o2770)
    done("backup", str(tmp_path / "away.tar"))
    done("restore", str(tmp_path / "away.tar"), "--home", str(tmp_path / "new"))
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o2770


def test_a_ledger_elsewhere_is_backed_up_from_there(desk: Path, tmp_path: Path) -> None:
    (tmp_path / "far").mkdir()
    shutil.move(desk / "ledger.db", tmp_path / "far" / "book.db")
    made = done("backup", str(tmp_path / "away.tar"), "--ledger", str(tmp_path / "far" / "book.db"))
    back = done("restore", str(tmp_path / "away.tar"), "--home", str(tmp_path / "new"))
    assert back["head"] == made["head"]
    refused(2, "restore", str(tmp_path / "away.tar"), "--home", str(tmp_path / "n2"), "--ledger", "x.db")


def test_nothing_is_overwritten(full_desk: Path, tmp_path: Path) -> None:
    away = tmp_path / "away.tar"
    away.write_text("of others")
    refused(10, "backup", str(away))
    assert away.read_text() == "of others"
    away.unlink()
    done("backup", str(away))
    for taken in (full_desk, away):
        refused(10, "restore", str(away), "--home", str(taken))
    with nothing_written(full_desk / "ledger.db"):
        refused(10, "restore", str(away), "--home", str(full_desk))
    assert litter(tmp_path) == []


@pytest.mark.sqlite
@pytest.mark.parametrize("name", ["ledger.db", "policies.yaml", "attachments/x.tar", "templates/x.tar"])
def test_a_backup_is_no_file_of_the_desk(full_desk: Path, name: str) -> None:
    (full_desk / "attachments").mkdir(exist_ok=True)
    (full_desk / "templates").mkdir(exist_ok=True)
    refused(2, "backup", name)


def test_a_backup_in_the_desk_itself_is_made_and_said_to_be_in_the_same_boat(full_desk: Path) -> None:
    (said,) = done("backup", "away.tar")["warnings"]
    assert "own folder" in said


def test_what_is_not_there_is_said(desk: Path, tmp_path: Path) -> None:
    refused(11, "backup", str(tmp_path / "none" / "away.tar"))
    refused(11, "restore", str(tmp_path / "none.tar"), "--home", str(tmp_path / "new"))
    assert "home" in refused(2, "restore", str(tmp_path / "none.tar"))["missing"]
    assert refused(2, "backup")["missing"] == ["file"]
    (desk / "ledger.db").unlink()
    refused(11, "backup", str(tmp_path / "away.tar"))


def test_dated_files_are_kept_as_many_as_were_asked_for(desk: Path, tmp_path: Path, clock: Clock) -> None:
    folder = tmp_path / "away"
    folder.mkdir()
    others = [folder / "repairdesk-00000000-20200101T000000Z.tar", folder / "mine.tar"]
    for other in others:
        other.write_text("not of this desk")
    made = []
    for _ in range(4):
        clock.on(days=1)
        made.append(done("backup", str(folder), "--keep", "2"))
    assert [len(one["removed"]) for one in made] == [0, 0, 1, 1]
    assert made[3]["removed"] == [made[1]["file"]]
    assert {path.name for path in folder.iterdir()} == {Path(one["file"]).name for one in made[2:]} | {
        other.name for other in others
    }
    assert re.fullmatch(r"repairdesk-[0-9a-f]{8}-20261128T010000Z\.tar", Path(made[3]["file"]).name)
    refused(2, "backup", str(tmp_path / "one.tar"), "--keep", "2")


def test_a_backup_is_never_the_one_that_goes_even_where_others_are_dated_later(
    desk: Path, tmp_path: Path, clock: Clock
) -> None:
    """The clock of the machine was ahead for a while."""
    folder = tmp_path / "away"
    folder.mkdir()
    clock.on(days=900)
    ahead = done("backup", str(folder), "--keep", "1")["file"]
    clock.on(days=-899)
    made = done("backup", str(folder), "--keep", "1")
    assert Path(made["file"]).exists()
    assert made["removed"] == [ahead]
    clock.on(days=900)
    ahead = done("backup", str(folder), "--keep", "2")["file"]
    clock.on(days=-890)
    made = done("backup", str(folder), "--keep", "2")
    assert Path(made["file"]).exists()
    assert any(ahead in one for one in made["warnings"]), "it is said that the others are dated later"


def test_rotation_counts_and_removes_nothing_but_good_backups_of_this_desk(
    desk: Path, tmp_path: Path, clock: Clock
) -> None:
    """Whatever is named like one: a folder, a link, a text, another desk's, a copy of a damaged record."""
    folder = tmp_path / "away"
    folder.mkdir()
    series = f"repairdesk-{done('checkpoint')['origin'][11:19]}-2020010"
    strange = [folder / f"{series}{day}T000000Z.tar" for day in range(1, 5)]
    strange[0].mkdir()
    strange[1].write_text("mine")
    whole = Path(done("backup", str(tmp_path / "one.tar"))["file"])
    strange[2].symlink_to(whole)
    foreign = whole.read_bytes()
    origin = done("checkpoint")["origin"].encode()
    strange[3].write_bytes(foreign.replace(origin, b"repairdesk/" + b"0" * 16))
    first = done("backup", str(folder), "--keep", "1")
    clock.on(days=1)
    assert done("backup", str(folder), "--keep", "1")["removed"] == [first["file"]]
    assert all(one.exists() for one in strange)


def test_a_link_that_waits_for_the_desk_is_followed_and_a_plain_file_is_said_to_be_one(
    desk: Path, tmp_path: Path
) -> None:
    done("backup", str(tmp_path / "away.tar"))
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    done("restore", str(tmp_path / "away.tar"), "--home", str(tmp_path / "link"))
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real" / "ledger.db").exists()
    (tmp_path / "plain").write_text("mine")
    said = refused(10, "restore", str(tmp_path / "away.tar"), "--home", str(tmp_path / "plain"))
    assert "not empty" not in said["message"]


def test_a_file_is_taken_out_with_nothing_for_others(desk: Path, tmp_path: Path) -> None:
    """Whatever mode whoever made the file gave it."""
    (desk / "notify.yaml").write_text("version: 1\nurls: []\n")
    done("backup", str(tmp_path / "away.tar"))
    with packing.opened(tmp_path / "away.tar") as packed:
        assert all(member.mode & 0o7007 == 0 for member in packed.members)
    raw = (tmp_path / "away.tar").read_bytes()
    with tarfile.open(tmp_path / "away.tar") as tar:
        listed = tar.getmember("ledger.db")
    head = bytearray(raw[listed.offset : listed.offset + 512])
    head[100:108] = b"0004777\0"
    head[148:156] = b" " * 8
    head[148:156] = b"%06o\0 " % sum(head)
    wild = bytearray(raw)
    wild[listed.offset : listed.offset + 512] = head
    with tarfile.open(tmp_path / "away.tar") as tar:
        sums = tar.getmember("SHA256SUMS")
    first = f"# {hashlib.sha256(bytes(wild[: sums.offset])).hexdigest()}"
    wild[sums.offset_data : sums.offset_data + len(first)] = first.encode()
    (tmp_path / "wild.tar").write_bytes(wild)
    with packing.opened(tmp_path / "wild.tar") as packed:
        assert [oct(one.mode) for one in packed.members if one.name == "ledger.db"] == ["0o770"]


def test_doctor_asks_whether_the_last_backup_is_still_there(desk: Path, tmp_path: Path) -> None:
    away = tmp_path / "disk" / "away.tar"
    away.parent.mkdir()
    done("backup", str(away))
    assert backed_up()[0]
    away.rename(tmp_path / "elsewhere.tar")
    ok, said = backed_up()
    assert not ok
    assert str(away) in said
    away.parent.rmdir()
    assert backed_up()[0], "a disk that is not there now may hold it"


# -- what is damaged


def spoil(ledger: Path) -> None:
    """Change a word of an entry, past the triggers."""
    whole = ledger.read_bytes()
    assert whole.count("门灯不亮".encode()) > 1
    ledger.write_bytes(whole.replace("门灯不亮".encode(), "门灯很亮".encode(), 1))


@pytest.mark.sqlite
@pytest.mark.rule("REC-1")
def test_an_altered_record_is_backed_up_only_when_that_is_asked_for(full_desk: Path, tmp_path: Path) -> None:
    spoil(full_desk / "ledger.db")
    folder = tmp_path / "away"
    folder.mkdir()
    refused(16, "backup", str(folder), "--keep", "1")
    assert list(folder.iterdir()) == []
    good = folder / f"repairdesk-{done('checkpoint')['origin'][11:19]}-20200101T000000Z.tar"
    good.write_text("a good one of other days")
    made = done("backup", str(folder), "--keep", "1", "--anyway")
    assert not made["verified"]
    assert made["removed"] == []
    assert good.exists(), "what is damaged takes no good backup's place"
    refused(16, "restore", made["file"], "--home", str(tmp_path / "new"))
    assert not (tmp_path / "new").exists()
    assert not done("restore", made["file"], "--home", str(tmp_path / "new"), "--anyway")["verified"]
    assert run("verify", "--home", str(tmp_path / "new")).exit_code == 16


@pytest.mark.rule("REC-1")
def test_what_is_restored_anyway_is_called_whole_only_if_it_is(whole_desk: Path, tmp_path: Path) -> None:
    """A backup that says of itself that it was proved, made anew around a photo that was not."""
    file = tmp_path / "away.tar"
    (kept,) = (path for path in (whole_desk / "attachments").rglob("*.jpg"))
    kept.write_bytes(PHOTO[:-1] + b"?")
    done("backup", str(file), "--anyway")
    home = tmp_path / "new"
    with packing.opened(file) as packed:
        about = {**packed.about, "verified": True}
        made = packing.Pack(tmp_path / "lies.tar", about, 0)
        for member in packed.members:
            packed.extract(member, tmp_path / "piece")
            made.add(member.name, tmp_path / "piece")
            (tmp_path / "piece").unlink()
    made.finish()
    made.close()
    refused(16, "restore", str(tmp_path / "lies.tar"), "--home", str(home))
    said = done("restore", str(tmp_path / "lies.tar"), "--home", str(home), "--anyway")
    assert said["verified"] is False
    assert len(said["warnings"]) == 1


@pytest.mark.rule("REC-1")
def test_an_attachment_that_was_altered_or_is_gone_stops_a_backup(whole_desk: Path, tmp_path: Path) -> None:
    (kept,) = (path for path in (whole_desk / "attachments").rglob("*.jpg"))
    kept.write_bytes(PHOTO[:-1] + b"?")
    refused(16, "backup", str(tmp_path / "away.tar"))
    kept.unlink()
    refused(16, "backup", str(tmp_path / "away.tar"))
    assert not (tmp_path / "away.tar").exists()
    done("backup", str(tmp_path / "away.tar"), "--anyway")


@pytest.mark.rule("REC-1")
def test_a_backup_with_a_flipped_bit_makes_no_desk(full_desk: Path, tmp_path: Path) -> None:
    away = tmp_path / "away.tar"
    done("backup", str(away))
    whole = away.read_bytes()
    for place in range(100, len(whole) - 12_000, len(whole) // 12):
        torn = bytearray(whole)
        torn[place] ^= 4
        away.write_bytes(torn)
        refused(16, "restore", str(away), "--home", str(tmp_path / "new"))
        assert not (tmp_path / "new").exists()
    away.write_bytes(whole)
    done("restore", str(away), "--home", str(tmp_path / "new"))


@pytest.mark.rule("REC-1")
def test_a_backup_that_somebody_made_anew_around_another_ledger_is_refused(full_desk: Path, tmp_path: Path) -> None:
    """The digests fit, but what the file says it holds is not what it holds."""
    from repairdesk.ledger import backup

    made = done("backup", str(tmp_path / "away.tar"))
    done("intake", *PUBLIC, "--new", "--as", "C1")
    about = {"origin": "x", "entries": made["entries"], "head": made["head"], "verified": True}
    forged = backup.Pack(tmp_path / "forged.tar", {**about, "at": "2026-11-24T01:00:00Z"}, 0)
    forged.add("ledger.db", full_desk / "ledger.db")
    forged.finish()
    forged.close()
    refused(16, "restore", str(tmp_path / "forged.tar"), "--home", str(tmp_path / "new"))
    assert litter(tmp_path) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
def test_a_folder_that_cannot_be_written_is_said(desk: Path, tmp_path: Path) -> None:
    (tmp_path / "shut").mkdir(0o500)
    refused(17, "backup", str(tmp_path / "shut" / "away.tar"))


def test_a_full_disk_leaves_nothing_and_is_said(desk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from repairdesk.ledger import backup

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(backup.Pack, "finish", full)
    (tmp_path / "away").mkdir()
    assert "full" in refused(17, "backup", str(tmp_path / "away" / "a.tar"))["message"]
    assert list((tmp_path / "away").iterdir()) == []
    monkeypatch.undo()


# -- doctor


def backed_up(*argv: str) -> tuple[bool, str]:
    (check,) = (one for one in done("doctor", *argv)["checks"] if one["name"] == "backup")
    return check["ok"], check["what"]


def test_doctor_says_when_no_backup_was_made_or_the_last_one_is_old(desk: Path, tmp_path: Path, clock: Clock) -> None:
    assert backed_up() == (False, "no backup was ever made: put backup into cron"), "made two days ago"
    clock.on(days=6)
    done("backup", str(tmp_path / "away.tar"))
    assert backed_up() == (True, "the last backup was made on 2026-11-30 09:00, 0 entries ago")
    clock.on(days=8)
    assert backed_up()[0], "nothing was written since"
    done("intake", *PUBLIC, "--new", "--as", "C1")
    ok, said = backed_up()
    assert not ok
    assert "2026-11-30 09:00, 1 entries ago" in said
    home = ("--home", str(tmp_path / "new"))
    done("restore", str(tmp_path / "away.tar"), *home)
    assert backed_up(*home) == (True, "the last backup was made on 2026-11-30 09:00, 0 entries ago")


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59Z", "9999-12-31T23:59:59-12:00"])
def test_times_at_the_ends_of_the_calendar_are_no_traceback(desk: Path, tmp_path: Path, at: str) -> None:
    note = tmp_path / "note"
    text = done("checkpoint")["note"].splitlines()
    note.write_text("\n".join([*text[:3], f"time {at}", ""]))
    refused(14, "verify", "--against", str(note))
    file = packing.Pack(tmp_path / "a.tar", {"entries": 1, "head": "0", "verified": True, "at": at}, 0)
    file.add("ledger.db", desk / "ledger.db")
    file.finish()
    file.close()
    refused(16, "restore", str(tmp_path / "a.tar"), "--home", str(tmp_path / "new"))
    (desk / ".last-backup.json").write_text(json.dumps({"at": at, "file": "x", "entries": 1, "head": "0"}))
    backed_up()


@pytest.mark.sqlite
@pytest.mark.rule("REC-1")
def test_doctor_notices_that_the_ledger_is_not_the_one_that_was_backed_up(full_desk: Path, tmp_path: Path) -> None:
    done("backup", str(tmp_path / "away.tar"))
    forge(full_desk / "ledger.db", 20, lambda said: said.update(forged="yes"))
    ok, said = backed_up()
    assert not ok
    assert "away.tar" in said


def test_a_note_of_the_last_backup_that_is_garbage_is_as_good_as_none(desk: Path, clock: Clock) -> None:
    clock.on(days=9)
    for garbage in GARBAGE:
        (desk / ".last-backup.json").write_bytes(garbage)
        assert not backed_up()[0]


# -- checkpoints


@pytest.fixture
def noted(full_desk: Path, tmp_path: Path) -> Path:
    """A checkpoint of a while ago, kept elsewhere."""
    note = tmp_path / "noted"
    done("checkpoint", "--out", str(note))
    done("intake", *PUBLIC, "--new", "--as", "C1")
    return note


@pytest.mark.rule("REC-1")
def test_a_checkpoint_and_a_code_of_before_fit_the_ledger_that_grew(full_desk: Path, noted: Path) -> None:
    code = done("checkpoint")["code"]
    found = done("verify", "--against", str(noted), "--code", code)
    assert found["ok"]
    assert found["against"][0]["entries"] == found["entries"] - 1
    assert found["codes"] == [{"code": code, "seq": found["entries"], "ok": True}]
    said = run("verify", "--against", str(noted), "--code", code)
    assert said.splitlines()[1:] == [
        f"{noted}: it has the {found['entries'] - 1} entries of 2026-11-24 09:00",
        f"{code}: it is the code of entry {found['entries']}",
    ]


@pytest.mark.sqlite
@pytest.mark.rule("REC-1")
@pytest.mark.parametrize("seq", [1, 2, 12, 40])
def test_a_ledger_forged_from_an_entry_on_proves_itself_and_is_found_by_what_was_kept_elsewhere(
    full_desk: Path, noted: Path, seq: int
) -> None:
    code = done("checkpoint")["code"]
    forge(full_desk / "ledger.db", seq, lambda said: said.update(forged="yes"))
    assert done("verify")["ok"]
    for held in (("--against", str(noted)), ("--code", code)):
        result = run("verify", *held, "--json")
        assert result.exit_code == 16
        (problem,) = result.json["problems"]
        assert "forged" in problem["what"]
        assert result.error["kind"] == "damaged"


@pytest.mark.sqlite
@pytest.mark.rule("REC-1")
def test_entries_cut_off_the_end_are_found_by_what_was_kept_elsewhere(full_desk: Path, noted: Path) -> None:
    held, code = done("verify", "--against", str(noted))["against"][0], done("checkpoint")["code"]
    cut(full_desk / "ledger.db", held["entries"])
    assert done("verify", "--against", str(noted))["ok"], "what came after the checkpoint it cannot know"
    assert run("verify", "--code", code).exit_code == 16
    cut(full_desk / "ledger.db", held["entries"] - 1)
    assert done("verify")["ok"]
    result = run("verify", "--against", str(noted))
    assert result.exit_code == 16
    assert f"the ledger had {held['entries']} entries, and now has {held['entries'] - 1}" in result


def test_the_checkpoint_of_another_desk_is_not_taken_for_this_ones(
    full_desk: Path, noted: Path, tmp_path: Path
) -> None:
    done("init", "--home", str(tmp_path / "other"))
    assert run("verify", "--against", str(noted), "--home", str(tmp_path / "other")).exit_code == 16


def test_a_code_that_was_mistyped_is_no_accusation(full_desk: Path) -> None:
    code = done("checkpoint")["code"]
    wrong = code[:-1] + ("7" if code[-1] != "7" else "8")
    assert "mistyped" in refused(2, "verify", "--code", wrong)["message"]


def test_what_is_no_checkpoint_is_said_before_the_ledger_is_read_through(full_desk: Path, tmp_path: Path) -> None:
    (tmp_path / "no-note").write_text("hello\n")
    refused(14, "verify", "--against", str(tmp_path / "no-note"))
    refused(11, "verify", "--against", str(tmp_path / "none"))
    refused(11, "verify", "--against", str(tmp_path))
    refused(2, "verify", "--public-key", str(tmp_path / "no-note"))


@pytest.mark.sqlite
@SIGNED
@pytest.mark.rule("REC-1")
def test_a_signed_checkpoint_is_proved_by_the_public_key(full_desk: Path, tmp_path: Path) -> None:
    key, note = tmp_path / "key", tmp_path / "note"
    made = done("checkpoint", "--new-key", str(key))
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    told = done("checkpoint", "--key", str(key), "--out", str(note))
    assert told["signed_by"] == made["name"] == told["origin"]
    assert note.read_text() == told["note"]
    proved = ("--public-key", made["public_key"])
    assert done("verify", "--against", str(note), *proved)["against"][0]["signed"] is True
    (remark,) = done("verify", "--against", str(note))["warnings"]
    assert "--public-key" in remark
    # Forged together with the ledger: the numbers fit, the signature does not.
    forge(full_desk / "ledger.db", 3, lambda said: said.update(forged="yes"))
    unsigned = done("checkpoint")["note"]
    note.write_text(unsigned + "\n" + told["note"].splitlines()[-1] + "\n")
    assert done("verify", "--against", str(note))["ok"]
    result = run("verify", "--against", str(note), *proved)
    assert result.exit_code == 16
    assert "did not sign" in result
    note.write_text(unsigned)
    assert run("verify", "--against", str(note), *proved).exit_code == 16


@SIGNED
def test_the_key_never_lies_in_the_desk(full_desk: Path, tmp_path: Path) -> None:
    for inside in ("key", "templates/key", str(full_desk / "key")):
        assert "in the desk" in refused(2, "checkpoint", "--new-key", inside)["message"]
    done("checkpoint", "--new-key", str(tmp_path / "key"))
    shutil.copy(tmp_path / "key", full_desk / "key")
    refused(2, "checkpoint", "--key", "key")
    os.symlink(full_desk / "key", tmp_path / "link")
    refused(2, "checkpoint", "--key", str(tmp_path / "link"))
    refused(10, "checkpoint", "--new-key", str(tmp_path / "key"))
    refused(14, "checkpoint", "--key", str(tmp_path / "key.pub"))
    (tmp_path / "key").chmod(0o644)
    assert "chmod 600" in done("checkpoint", "--key", str(tmp_path / "key"))["warnings"][0]


@pytest.mark.sqlite
@pytest.mark.rule("REC-1")
def test_the_key_does_not_lie_beside_a_ledger_that_lies_elsewhere(desk: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (desk / "ledger.db").rename(elsewhere / "ledger.db")
    refused(2, "checkpoint", "--new-key", str(elsewhere / "key"), "--ledger", str(elsewhere / "ledger.db"))


def test_without_the_library_an_unsigned_checkpoint_is_made_and_the_extra_is_named(
    full_desk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "cryptography.hazmat.primitives.asymmetric", None)
    done("checkpoint", "--out", str(tmp_path / "note"))
    assert done("verify", "--against", str(tmp_path / "note"))["ok"]
    assert "repairdesk[sign]" in refused(11, "checkpoint", "--new-key", str(tmp_path / "key"))["message"]
    assert not (tmp_path / "key").exists()


# -- a part of the ledger


def alter(ledger: Path, text: str, *values: Any) -> None:
    """Change the file by SQL, past the triggers, which are there again afterwards."""
    with closing(sqlite3.connect(ledger, isolation_level=None)) as db:
        triggers = db.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            db.execute(f"DROP TRIGGER {name}")
        assert db.execute(text, values).rowcount == 1
        for _, made in triggers:
            db.execute(made)


def last_of(ledger: Path, number: str) -> int:
    with closing(sqlite3.connect(ledger)) as db:
        (seq,) = db.execute("SELECT max(seq) FROM entries WHERE number = ?", (number,)).fetchone()
    return int(seq)


MINE, OTHER = "P20261122-0001", "P20261122-0012"


def test_one_order_is_proved_by_its_entries_alone(whole_desk: Path) -> None:
    found = done("verify", "--order", MINE)
    shown = done("show", MINE, "--entries")["entries"]
    assert (found["ok"], found["entries"], found["part"]) == (True, len(shown), {"number": MINE})
    assert found["head"] == done("verify")["head"]
    assert f"only the entries of {MINE} were looked at" in run("verify", "--order", MINE)
    refused(11, "verify", "--order", "9999")
    refused(2, "verify", "--order", MINE, "--since", "3")


@pytest.mark.sqlite
@pytest.mark.rule("REC-1")
@pytest.mark.parametrize(
    "text",
    ["UPDATE bodies SET body = body || ' ' WHERE seq = ?", "UPDATE entries SET actor = 'M1' WHERE seq = ?",
     "UPDATE bodies SET salt = randomblob(32) WHERE seq = ?", "DELETE FROM bodies WHERE seq = ?",
     "UPDATE entries SET prev = hash WHERE seq = ?", "DELETE FROM entries WHERE seq = ?",
     "UPDATE orders SET place = place || ? WHERE number = 'P20261122-0001'"],
)  # fmt: skip
def test_what_was_altered_of_an_order_is_found_where_that_order_is_looked_at(whole_desk: Path, text: str) -> None:
    ledger = whole_desk / "ledger.db"
    seq = last_of(ledger, MINE)
    alter(ledger, text, seq)
    assert run("verify", "--order", MINE, "--json").exit_code == 16
    assert run("verify", "--since", str(seq - 1)).exit_code == 16
    if "DELETE FROM entries" not in text:  # after which it is no order whose end is known, nor the next one's before
        assert run("verify", "--order", OTHER).exit_code == 0


@pytest.mark.sqlite
@pytest.mark.rule("REC-1")
def test_what_was_written_before_is_taken_as_it_is(full_desk: Path) -> None:
    ledger = full_desk / "ledger.db"
    seq, end = last_of(ledger, MINE), entries(ledger)
    alter(ledger, "UPDATE bodies SET salt = randomblob(32) WHERE seq = ?", seq)
    assert run("verify", "--since", str(seq - 1)).exit_code == 16
    found = done("verify", "--since", str(seq))
    assert (found["ok"], found["entries"], found["part"]) == (True, end - seq, {"since": seq})
    assert done("verify", "--since", str(end))["entries"] == 0
    assert done("verify", "--since", "2026-11-24T08:00")["entries"] == 0
    assert run("verify", "--since", "2026-11-22").exit_code == 16
    refused(2, "verify", "--since", str(end + 1))
    refused(2, "verify", "--since", "yesterday")


@pytest.mark.rule("REC-1")
def test_an_attachment_belongs_to_the_part_that_its_entry_is_in(whole_desk: Path) -> None:
    (kept,) = (whole_desk / "attachments").rglob("*.jpg")
    kept.unlink()
    assert run("verify", "--order", MINE).exit_code == 16
    assert run("verify", "--order", OTHER).exit_code == 0
    end = entries(whole_desk / "ledger.db")
    assert run("verify", "--since", str(end - 1)).exit_code == 16
    assert run("verify", "--since", str(end)).exit_code == 0


@pytest.mark.sqlite
@pytest.mark.rule("REC-1")
@pytest.mark.parametrize("table", ["staff", "rules"])
def test_people_and_rules_that_were_written_since_are_compared(desk: Path, table: str) -> None:
    column = {"staff": "os_user", "rules": "version"}[table]
    alter(desk / "ledger.db", f"UPDATE {table} SET {column} = 'x' WHERE rowid = 1")
    assert run("verify", "--since", "0").exit_code == 16
    assert run("verify", "--since", str(entries(desk / "ledger.db"))).exit_code == 0


# -- codes on paper


@pytest.mark.rule("REC-1")
def test_every_paper_and_page_carries_a_code_that_verify_knows(full_desk: Path, tmp_path: Path) -> None:
    head = done("checkpoint")["code"]
    papers = [("P20261122-0001", "--form", "slip"), ("P20261122-0001", "--form", "callback"), ("X20261122-0001",),
              ("--form", "handover")]  # fmt: skip
    texts = [run("print", *paper, "--format", form, "--as", "C1") for paper in papers for form in ("text", "html")]
    texts += [run("report", name, "--month", "2026-11", "--format", "html") for name in ("month", "finance", "staff")]
    for text in texts:
        assert head in text, text.err
    for argv in (("handover",), ("report", "month"), ("report", "finance", "--month", "2026-11")):
        assert done(*argv)["head"] == {"seq": int(head.partition("-")[0]), "code": head}
    assert done("print", "P20261122-0001", "--as", "C1")["head"]["code"] == head
    assert done("verify", "--code", head)["ok"]
