"""The file itself: how it is made, with which settings it is opened, and what is said when it cannot be used."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import ledger_sample as sample
import pytest

from repairdesk.errors import Damaged, DeskError, NotAllowed, NotFound, StorageError
from repairdesk.ledger import compile as compiler
from repairdesk.ledger import connection, sqlite_sql
from repairdesk.ledger.journal import Ledger
from repairdesk.ledger.verify import rebuild, verify


@pytest.mark.parametrize("target", compiler.TARGETS, ids=lambda target: target.name)
def test_the_generated_sql_is_what_the_declarations_say(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, target: compiler.Target
) -> None:
    assert compiler.main(["--check"]) == 0
    monkeypatch.setattr(compiler, "HERE", tmp_path)
    assert compiler.main([]) == 0
    stale = tmp_path / target.module
    stale.write_text(stale.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert compiler.main(["--check"]) == 1
    assert compiler.main([]) == 0
    assert compiler.main(["--check"]) == 0


def test_a_new_ledger_is_empty_whole_and_writable_for_its_group_alone(tmp_path: Path) -> None:
    old = os.umask(0o077)
    try:
        made = Ledger.create(tmp_path / "ledger.db")
    finally:
        os.umask(old)
    assert stat.S_IMODE(made.store.path.stat().st_mode) == 0o660
    assert [file.name for file in tmp_path.iterdir()] == ["ledger.db"]
    with made.read() as reader:
        assert reader.head() == (0, "0" * 64)
    assert verify(made.store.path) == {"ok": True, "entries": 0, "head": "0" * 64, "problems": []}


def test_what_is_there_is_not_overwritten(path: Path, sample_bytes: bytes) -> None:
    with pytest.raises(NotAllowed):
        Ledger.create(path)
    assert path.read_bytes() == sample_bytes
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_a_ledger_that_cannot_be_made_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_sql, "SCHEMA", (*sqlite_sql.SCHEMA, "CREATE nonsense"))
    with pytest.raises(sqlite3.OperationalError):
        Ledger.create(tmp_path / "ledger.db")
    assert list(tmp_path.iterdir()) == []


def test_a_ledger_in_a_folder_that_is_missing_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        Ledger.create(tmp_path / "nowhere" / "ledger.db")


SETTINGS = {
    "synchronous": 3,
    "journal_mode": "delete",
    "foreign_keys": 1,
    "recursive_triggers": 1,
    "secure_delete": 1,
    "trusted_schema": 0,
    "busy_timeout": 30_000,
    "application_id": connection.APPLICATION_ID,
    "user_version": connection.SCHEMA_VERSION,
}


@pytest.mark.parametrize(("name", "value"), SETTINGS.items())
def test_writers_have_the_settings_that_keep_the_file_whole(path: Path, name: str, value: object) -> None:
    with connection.writing(path) as db:
        assert db.execute(f"PRAGMA {name}").fetchone() == (value,)


def test_a_reader_cannot_write(path: Path) -> None:
    with pytest.raises(StorageError), connection.reading(path) as db:
        db.execute("DELETE FROM orders")


def test_a_writer_has_the_ledger_from_its_first_moment(path: Path) -> None:
    with (
        connection.writing(path),
        closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as other,
        pytest.raises(sqlite3.OperationalError, match="locked"),
    ):
        other.execute("BEGIN IMMEDIATE")


# -- what cannot be used


def foreign(path: Path) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE t (a)")


def newer(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute(f"PRAGMA user_version = {connection.SCHEMA_VERSION + 1}")


def unreleased(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA user_version = 1")


def unversioned(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA user_version = 0")


def without_table(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute("DROP TABLE bodies")
        db.execute("DROP TABLE rules")
        db.execute("DROP TABLE entries")
        db.commit()


def directory(path: Path) -> None:
    path.unlink()
    path.mkdir()


BROKEN = {
    "empty": (lambda p: p.write_bytes(b""), Damaged, "empty"),
    "text": (lambda p: p.write_text("not a ledger at all\n" * 300), Damaged, "another kind"),
    "short text": (lambda p: p.write_text("x"), Damaged, "another kind"),
    "zeros": (lambda p: p.write_bytes(bytes(8192)), Damaged, "another kind"),
    "truncated": (lambda p: p.write_bytes(p.read_bytes()[: 3 * 4096]), Damaged, "damaged"),
    "cut short": (lambda p: p.write_bytes(p.read_bytes()[:700]), Damaged, "damaged"),
    "foreign": (foreign, Damaged, "not a ledger of repairdesk"),
    "newer": (newer, Damaged, "newer"),
    "unreleased": (unreleased, Damaged, "earlier, unreleased repairdesk, whose tables"),
    "unversioned": (unversioned, Damaged, "no version"),
    "without its tables": (without_table, Damaged, "no such table"),
    "missing": (lambda p: p.unlink(), NotFound, "no ledger"),
    "directory": (directory, StorageError, "not a file"),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_file_that_is_no_ledger_is_refused_in_its_own_words(path: Path, kind: str) -> None:
    breaks, error, words = BROKEN[kind]
    breaks(path)
    before = path.read_bytes() if path.is_file() else None
    for use in (_read, _write):
        with pytest.raises(DeskError, match=words) as refused:
            use(path)
        assert type(refused.value) is error
    assert (path.read_bytes() if path.is_file() else None) == before


def _read(path: Path) -> None:
    with Ledger(path, wait_seconds=0).read() as reader:
        reader.head()


def _write(path: Path) -> None:
    with Ledger(path, wait_seconds=0).write() as writer:
        sample.add(writer, "desk", "note", 0)


def test_the_words_differ_from_kind_to_kind() -> None:
    assert len({words for _, _, words in BROKEN.values()}) >= 9


def test_a_path_with_odd_characters_is_that_file_and_no_option_of_it(tmp_path: Path) -> None:
    odd = tmp_path / "房?mode=memory#%41 .db"
    sample.build(odd)
    assert verify(odd)["ok"]
    assert odd.stat().st_size


AS_NOBODY = """
import datetime, os, sys
sys.path[:0] = sys.argv[3:]
T = datetime.datetime(2026, 11, 22, tzinfo=datetime.UTC)
from repairdesk.errors import DeskError
from repairdesk.ledger.journal import Ledger
ledger = Ledger(sys.argv[1], wait_seconds=0)
os.setgroups([]); os.setgid(65534); os.setuid(65534)
try:
    if sys.argv[2] == "create":
        Ledger.create(sys.argv[1])
    else:
        with (ledger.read() if sys.argv[2] == "read" else ledger.write()) as opened:
            opened.append(
                "desk", "note", actor="W1", keyboard="os:x", occurred_at=T, recorded_at=T, late=False, data={}
            ) if sys.argv[2] == "write" else opened.head()
except DeskError as error:
    sys.exit(int(error.exit))
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
@pytest.mark.parametrize(
    ("mode", "folder", "action", "code"),
    [
        (0o600, 0o755, "read", 17),
        (0o600, 0o755, "write", 17),
        (0o644, 0o755, "read", 0),
        (0o644, 0o755, "write", 17),
        (0o666, 0o755, "read", 0),
        (0o666, 0o700, "read", 17),
        (0o666, 0o755, "create", 17),
    ],
)
def test_who_may_not_touch_the_file_is_told_so(
    tmp_path: Path, sample_bytes: bytes, mode: int, folder: int, action: str, code: int
) -> None:
    desk = tmp_path / "desk"
    desk.mkdir()
    path = desk / "ledger.db"
    if action != "create":
        path.write_bytes(sample_bytes)
        path.chmod(mode)
    desk.chmod(folder)
    open_to_all = [parent for parent in tmp_path.parents if parent.owner() == "root" and parent != Path("/")]
    before = {parent: parent.stat().st_mode for parent in [tmp_path, *open_to_all]}
    for parent in before:
        parent.chmod(before[parent] | 0o011)
    try:
        source = str(Path(connection.__file__).parents[2])
        ran = subprocess.run([sys.executable, "-c", AS_NOBODY, str(path), action, source], check=False, timeout=60)
    finally:
        for parent, was in before.items():
            parent.chmod(stat.S_IMODE(was))
    assert ran.returncode == code


# -- what happens in the middle


def half_written(path: Path, crashed: Path) -> None:
    """What a killed writer leaves: pages of an unfinished transaction, and the journal that takes them back."""
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("PRAGMA cache_size = 1")
        db.execute("PRAGMA cache_spill = 1")
        db.execute("BEGIN EXCLUSIVE")
        db.execute("UPDATE orders SET doc = doc || printf('%.*c', 9000, 'x')")
        shutil.copy(path, crashed)
        shutil.copy(f"{path}-journal", f"{crashed}-journal")
        db.execute("ROLLBACK")


def test_what_a_killed_writer_left_half_done_is_taken_back_by_the_next_reader(path: Path, tmp_path: Path) -> None:
    crashed = tmp_path / "crashed.db"
    half_written(path, crashed)
    assert crashed.read_bytes() != path.read_bytes()
    with Ledger(crashed).read() as reader:
        assert reader.counts() == {"archived": 1, "converted": 1, "quoted": 1, "tracking": 1}
    assert verify(crashed)["problems"] == []


def test_a_full_disk_leaves_the_ledger_as_it_was(path: Path, sample_bytes: bytes) -> None:
    def fill() -> None:
        with connection.writing(path) as db:
            (pages,) = db.execute("PRAGMA page_count").fetchone()
            db.execute(f"PRAGMA max_page_count = {pages}")
            db.execute("UPDATE orders SET doc = doc || printf('%.*c', 90000, 'x')")

    with pytest.raises(StorageError, match="full"):
        fill()
    assert path.read_bytes() == sample_bytes


def test_rebuilding_from_entries_that_cannot_be_folded_changes_nothing(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        for name in ("bodies_no_update", "entries_no_update"):
            db.execute(f"DROP TRIGGER {name}")
        db.execute("UPDATE bodies SET body = '{}' WHERE seq = 8")
        db.commit()
    before = path.read_bytes()
    with pytest.raises(Damaged):
        rebuild(path)
    assert path.read_bytes() == before
