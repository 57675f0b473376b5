"""``doctor --vacuum``: the file shrinks, nothing in it changes, and nothing harms it on the way."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from time import sleep
from typing import NamedTuple

import pytest

from repairdesk.errors import Busy, Damaged, NotFound, StorageError
from repairdesk.ledger import vacuum as vacuuming
from repairdesk.ledger.connection import APPLICATION_ID, SCHEMA_VERSION
from repairdesk.ledger.journal import Ledger
from repairdesk.ledger.vacuum import vacuum
from repairdesk.ledger.verify import verify

WAIT = 0.2


def dump(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as db:
        return list(db.iterdump())


def swell(path: Path, rows: int = 2000) -> None:
    """Leave room in the file that nothing needs."""
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE ballast (text TEXT)")
        db.executemany("INSERT INTO ballast VALUES (?)", [("x" * 1000,)] * rows)
        db.execute("DROP TABLE ballast")
        db.commit()


def test_a_file_with_room_in_it_shrinks_and_holds_what_it_held(path: Path) -> None:
    swell(path)
    path.chmod(0o640)
    before, held = path.stat(), dump(path)
    sizes = vacuum(path, WAIT)
    after = path.stat()
    assert (sizes.before, sizes.after) == (before.st_size, after.st_size)
    assert sizes.after < sizes.before / 2
    assert dump(path) == held
    assert (after.st_mode, after.st_ino) == (before.st_mode, before.st_ino)
    assert verify(path)["problems"] == []
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)
        assert db.execute("PRAGMA user_version").fetchone() == (SCHEMA_VERSION,)
        with pytest.raises(sqlite3.IntegrityError, match="written in pen"):
            db.execute("DELETE FROM entries")
    assert sorted(file.name for file in path.parent.iterdir()) == [path.name]


@pytest.mark.parametrize("lock", ["BEGIN", "BEGIN IMMEDIATE"])
def test_whoever_is_at_the_ledger_is_waited_for_and_then_left_in_peace(path: Path, lock: str) -> None:
    before = path.read_bytes()
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute(lock)
        other.execute("SELECT count(*) FROM orders").fetchone()
        with pytest.raises(Busy):
            vacuum(path, WAIT)
    assert path.read_bytes() == before
    assert vacuum(path, WAIT).before == len(before)


class Usage(NamedTuple):
    total: int
    used: int
    free: int


def test_too_little_room_on_the_disk_is_said_before_anything_is_done(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = path.read_bytes()
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: Usage(10**9, 10**9, len(before) - 1))
    with pytest.raises(StorageError, match="MB are needed"):
        vacuum(path, WAIT)
    assert path.read_bytes() == before


def test_copy_and_journal_on_one_disk_need_room_for_two(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    size = path.stat().st_size
    monkeypatch.setenv("SQLITE_TMPDIR", str(path.parent))
    for free, fits in ((2 * size - 1, False), (2 * size, True)):
        monkeypatch.setattr(shutil, "disk_usage", lambda folder, free=free: Usage(10**9, 0, free))
        if fits:
            vacuum(path, WAIT)
        else:
            with pytest.raises(StorageError):
                vacuum(path, WAIT)


def test_a_file_that_is_torn_is_not_copied(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        (page,) = db.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'orders_place'").fetchone()
    whole = bytearray(path.read_bytes())
    whole[(page - 1) * 4096 : (page - 1) * 4096 + 400] = b"\xff" * 400
    path.write_bytes(whole)
    with pytest.raises(Damaged):
        vacuum(path, WAIT)
    assert path.read_bytes() == whole


def test_what_is_no_ledger_is_left_alone(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        vacuum(tmp_path / "none.db", WAIT)
    foreign = tmp_path / "foreign.db"
    with closing(sqlite3.connect(foreign)) as db:
        db.execute("CREATE TABLE t (a)")
    before = foreign.read_bytes()
    with pytest.raises(Damaged):
        vacuum(foreign, WAIT)
    assert foreign.read_bytes() == before


def test_a_change_of_what_the_file_is_would_be_told(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = iter(["before", "after"])
    monkeypatch.setattr(vacuuming, "_seen", lambda db, path: next(seen))
    with pytest.raises(Damaged, match="is not what it was"):
        vacuum(path, WAIT)


KILLED = """
import sys
from pathlib import Path
from repairdesk.ledger.vacuum import vacuum
print("go", flush=True)
while True:
    vacuum(Path(sys.argv[1]))
"""


@pytest.mark.parametrize("after", [0.001, 0.006, 0.013, 0.029])
def test_a_vacuum_that_was_killed_harms_nothing(path: Path, after: float) -> None:
    swell(path)
    held = dump(path)
    with subprocess.Popen(
        [sys.executable, "-c", KILLED, str(path)], stdout=subprocess.PIPE, env={**os.environ}, text=True
    ) as killed:
        assert killed.stdout is not None
        assert killed.stdout.readline() == "go\n"
        sleep(after)
        killed.send_signal(signal.SIGKILL)
    with Ledger(path, wait_seconds=WAIT).write() as writer:
        assert writer.head()[0] > 0
    assert dump(path) == held
    assert verify(path)["problems"] == []
