"""``purge`` as a script and as a person see it."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from desk_cli import IN_HOME, Clock, done, entries, nothing_written, refused, run

pytestmark = pytest.mark.rule("RET-2")
DRY = ["dry_run", "at", "orders", "classes", "beside", "stay", "kept", "purged_before", "warnings"]


@pytest.fixture
def old(desk: Path, clock: Clock) -> str:
    """An order that was called off, and three years that went by."""
    number = str(done("intake", *IN_HOME, "--as", "C1")["number"])
    done("cancel", number, "--reason", "李兰来电撤销", "--as", "C1")
    clock.now = clock.now.replace(year=clock.now.year + 3)
    return number


def purge(*more: str) -> Any:
    return done("purge", "--yes", "--as", "M1", "--with", "L1", *more)


def test_a_dry_run_lists_what_would_go_and_writes_nothing(desk: Path, old: str) -> None:
    with nothing_written(desk / "ledger.db"):
        document = done("purge", "--dry-run")
    assert list(document) == DRY
    assert document["dry_run"] is True
    (one,) = document["orders"]
    assert list(one) == ["number", "class", "since", "until"]
    assert (one["number"], one["class"]) == (old, "free")
    assert document["classes"] == [{"class": "free", "month": one["since"][:7], "orders": 1}]
    assert (document["stay"], document["kept"]) == ([], 0)


def test_a_dry_run_with_nothing_to_purge_has_empty_lists(desk: Path) -> None:
    document = done("purge", "--dry-run")
    assert (document["orders"], document["stay"], document["classes"]) == ([], [], [])
    assert document["beside"] == {"messages": 0, "households": 0, "notes": 0, "given_up": 0}


def test_the_run_says_what_went_and_where_it_was_written_out_to(desk: Path, old: str, tmp_path: Path) -> None:
    file = tmp_path / "gone.jsonl"
    document = purge("--export", str(file))
    assert [one["number"] for one in document["orders"]] == [old]
    assert (document["dry_run"], document["by"], document["with"]) == (False, "M1", "L1")
    assert document["export"]["file"] == str(file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    told = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    assert told[1]["order"]["caller"] == "李兰"
    assert done("verify")["ok"]
    assert done("purge", "--dry-run")["orders"] == []


def test_without_a_file_named_it_is_written_out_beside_the_desk_and_never_into_it(desk: Path, old: str) -> None:
    file = Path(purge()["export"]["file"])
    assert file.parent == desk.parent
    assert file.name.startswith("desk-purged-")
    left = b"".join(one.read_bytes() for one in desk.rglob("*") if one.is_file())
    assert "李兰".encode() not in left
    assert "李兰".encode() in file.read_bytes()


def test_it_takes_a_word_and_a_second_person(desk: Path, old: str) -> None:
    with nothing_written(desk / "ledger.db"):
        assert "--yes" in refused(2, "purge", "--as", "M1", "--with", "L1")["message"]
        assert refused(2, "purge", "--yes", "--as", "M1")["missing"] == ["with"]
        refused(12, "purge", "--yes", "--as", "M1", "--with", "M1")
        refused(12, "purge", "--yes", "--as", "L1", "--with", "M1")
        refused(12, "purge", "--yes", "--as", "M1", "--with", "C1")
        refused(11, "purge", "--yes", "--as", "M1", "--with", "X1")
        refused(2, "purge", "--dry-run", "--with", "L1")
        refused(2, "purge", "--dry-run", "--yes")


def test_a_place_is_never_written_like_what_stands_for_a_purged_one(desk: Path, old: str, tmp_path: Path) -> None:
    """It would be counted with that one, by whoever types it; looking for one is another matter."""
    number = str(done("intake", *IN_HOME, "--as", "C1", "--new")["number"])
    rows = tmp_path / "rows.csv"
    rows.write_text("kind,place,caller,phone,fault\nin_home,*17,李兰,13800138000,漏水\n", encoding="utf-8")
    with nothing_written(desk / "ledger.db"):
        for place in ("*17", " ＊１７ "):
            said = [place if one == "3-2-501" else one for one in IN_HOME]
            assert refused(2, "intake", *said, "--as", "C1", "--new")["rule"] == "RET-3"
            refused(2, "intake", *IN_HOME, "--affects", place, "--as", "C1", "--new")
            refused(2, "correct", number, f"place={place}", "--reason", "r", "--as", "L1")
        said = run("import", str(rows), "--as", "C1", "--json")
        assert "*17" in said + said.err, (said.exit_code, said, said.err)
        assert done("list", "--place", "*17")["orders"] == []


def test_what_was_typed_wrongly_is_said_before_who_may_not(desk: Path, old: str, tmp_path: Path) -> None:
    with nothing_written(desk / "ledger.db"):
        refused(11, "purge", "--yes", "--as", "W1", "--with", "X1")
        for file in (desk / "out", Path("-")):
            refused(2, "purge", "--yes", "--as", "W1", "--with", "L1", "--export", str(file))
        refused(2, "purge", "--yes", "--as", "M1", "--with", "L1", "--export", "")
        refused(11, "purge", "--yes", "--as", "W1", "--with", "L1", "--export", str(tmp_path / "no" / "out"))


def test_the_backup_that_still_holds_what_was_purged_is_named(desk: Path, old: str, tmp_path: Path) -> None:
    done("backup", str(tmp_path / "away.tar"))
    said = purge("--export", str(tmp_path / "out"))["warnings"]
    assert any(str(tmp_path / "away.tar") in one for one in said)


def test_what_a_killed_purge_left_half_written_goes_with_the_next(desk: Path, old: str, tmp_path: Path) -> None:
    left, others = tmp_path / ".repairdesk-purge-0badc0de.half", tmp_path / ".mine.half"
    left.write_text("13800138000")
    others.write_text("somebody else's")
    with left.with_name(".repairdesk-purge-held.half").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        purge("--export", str(tmp_path / "out"))
        assert Path(held.name).exists(), "somebody writes it"
    assert not left.exists()
    assert others.exists()


def test_the_file_is_neither_in_the_desk_nor_over_another(desk: Path, old: str, tmp_path: Path) -> None:
    there = tmp_path / "there"
    there.write_text("mine", encoding="utf-8")
    (tmp_path / "way").symlink_to(desk)
    os.symlink(there, tmp_path / "link")
    with nothing_written(desk / "ledger.db"):
        for file in (desk / "out", tmp_path / "way" / "out"):
            refused(2, "purge", "--yes", "--as", "M1", "--with", "L1", "--export", str(file))
        for file in (there, tmp_path / "link"):
            refused(10, "purge", "--yes", "--as", "M1", "--with", "L1", "--export", str(file))
    assert there.read_text(encoding="utf-8") == "mine"


def test_people_read_what_goes_by_class_and_month_and_why_the_rest_stays(
    desk: Path, old: str, clock: Clock, tmp_path: Path
) -> None:
    other = str(done("intake", *IN_HOME, "--as", "C1", "--new")["number"])
    clock.now = clock.now.replace(year=clock.now.year + 2)
    said = run("purge", "--dry-run", "--lang", "en")
    assert "would go: 1 orders" in said
    assert f"never closed and filed: {other}" in said
    took = run("purge", "--yes", "--as", "M1", "--with", "L1", "--out", str(tmp_path / "o"), "--lang", "en")
    assert "purged: 1 orders" in took
    assert str(tmp_path / "o") in took
    assert "by M1 and L1" in run("show", old, "--lang", "en")
    assert "nothing was kept long enough yet" in run("purge", "--dry-run", "--lang", "en")


@pytest.mark.rule("RET-3")
def test_what_was_purged_is_listed_with_its_stand_ins_and_refused_in_words(desk: Path, old: str) -> None:
    purge()
    (one,) = done("list")["orders"]
    assert one["number"] == old
    assert one["place"].startswith("*")
    assert one["caller"] == "***"
    for argv in (("correct", old, "fault=x", "--reason", "r"), ("why", old), ("print", old)):
        error = refused(10, *argv, "--as", "C1")
        assert error["rule"] == "RET-3"
        assert old in error["message"]
    assert done("list", "--find", "李兰")["total"] == 0


@pytest.mark.rule("RET-3")
def test_entries_of_a_purged_order_are_shown_with_what_remains(desk: Path, old: str) -> None:
    purge()
    events = [entry["event"] for entry in done("show", old, "--entries")["entries"]]
    assert events == ["intake", "cancel"]
    said = done("export", "entries")["entries"]
    assert "李兰" not in json.dumps(said, ensure_ascii=False)


@pytest.mark.rule("RET-3")
def test_a_file_that_was_imported_before_a_purge_adds_nothing_after_it(
    desk: Path, clock: Clock, tmp_path: Path
) -> None:
    file = tmp_path / "in.csv"
    file.write_text("external_id,kind,place,fault\nA-1,public_area,东门,灯不亮\n", encoding="utf-8")
    done("import", str(file), "--as", "C1")
    number = done("list")["orders"][0]["number"]
    done("cancel", number, "--reason", "r", "--as", "C1")
    clock.now = clock.now.replace(year=clock.now.year + 3)
    purge()
    with nothing_written(desk / "ledger.db"):
        again = done("import", str(file), "--as", "C1")
    assert (again["accepted"], again["already_there"], again.get("differences", [])) == (0, 1, [])


KILLED = """
import os, signal
from datetime import datetime
from repairdesk.cli import common
from repairdesk.cli.__main__ import main
from repairdesk.desk import purging
common.clock = lambda: datetime.fromisoformat({now!r})
real, calls = {where}, []
def deadly(*args):
    if calls or not {late}:
        os.kill(os.getpid(), signal.SIGKILL)
    calls.append(1)
    return real(*args)
{where} = deadly
purging.AT_ONCE = 1
main(["purge", "--yes", "--as", "M1", "--with", "L1", "--export", {file!r}])
"""


@pytest.mark.rule("RET-3")
@pytest.mark.parametrize(
    ("where", "late"),
    [("purging.ledger.take", False), ("purging.ledger.take", True), ("purging._without_files", False)],
)
def test_a_purge_that_is_killed_took_all_or_nothing_and_the_next_one_ends_it(
    desk: Path, old: str, clock: Clock, tmp_path: Path, where: str, late: bool
) -> None:
    """Before the first body goes, between two purge entries, and after the ledger said that they are gone."""
    second = str(done("intake", *IN_HOME, "--as", "C1", "--new")["number"])
    done("cancel", second, "--reason", "r", "--as", "C1")
    clock.now = clock.now.replace(year=clock.now.year + 2)
    before = entries(desk / "ledger.db")
    code = KILLED.format(now=clock.now.isoformat(), where=where, late=late, file=str(tmp_path / "killed.jsonl"))
    assert subprocess.run([sys.executable, "-c", code], cwd=desk, check=False).returncode == -signal.SIGKILL
    assert done("verify")["ok"]
    through = where == "purging._without_files"
    assert (entries(desk / "ledger.db") > before) == through
    assert len(done("purge", "--dry-run")["orders"]) == (0 if through else 2)
    purge()
    assert done("verify")["ok"]
    assert {order["caller"] for order in done("list")["orders"]} == {"***"}


def _told(name: str) -> list[str]:
    return [check["what"] for check in done("doctor")["checks"] if check["name"] == name]


@pytest.mark.rule("REC-1")
def test_doctor_tells_for_a_week_what_was_purged_by_whom_and_with_whom(desk: Path, old: str, clock: Clock) -> None:
    assert _told("purges") == []
    purge()
    (told,) = _told("purges")
    assert told.startswith("1 orders were purged at ")
    assert "M1 with L1, at the keyboard os:keyboard" in told
    clock.on(days=8)
    assert _told("purges") == []


@pytest.mark.rule("REC-1")
def test_doctor_tells_for_a_week_who_came_that_may_agree_to_a_purge(desk: Path, clock: Clock) -> None:
    """Two records that anyone at the keyboard makes are a manager and a second person."""

    def told() -> list[str]:
        return [said for said in _told("staff") if "agrees or approves" in said]

    assert told() == [], "those with whom the desk began are told nobody"
    clock.on(days=2)
    done("staff", "add", "M9", "--name", "N", "--role", "manager")
    done("staff", "add", "L9", "--name", "N", "--role", "leader", "--as", "C1")
    done("staff", "add", "W9", "--name", "N", "--role", "technician")
    (said,) = told()
    assert "L9 (C1, os:keyboard), M9 (os:keyboard, os:keyboard)" in said
    assert "W9" not in said
    clock.on(days=8)
    assert told() == []
