"""Whoever changes one value of the file by plain SQL is found, whatever the table and the column (REC-1, REC-5)."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import ledger_sample as sample
import pytest

from repairdesk.errors import Damaged
from repairdesk.ledger import sqlite_sql as sql
from repairdesk.ledger import verify as checking
from repairdesk.ledger.journal import Ledger
from repairdesk.ledger.verify import rebuild, verify


@pytest.fixture(scope="module")
def sample_bytes(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The sample, and something that was purged from it."""
    path = tmp_path_factory.mktemp("purged") / "ledger.db"
    with sample.build(path).write() as writer:
        sample.forget(writer)
    return path.read_bytes()


def columns() -> dict[str, list[str]]:
    """The columns of every table, as SQLite itself knows them; those of the index of words are in test_finding.py."""
    with closing(sqlite3.connect(":memory:")) as db:
        for statement in sql.SCHEMA:
            db.execute(statement)
        tables = [name for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE sql LIKE '%STRICT%'")]
        return {table: [row[1] for row in db.execute(f"PRAGMA table_info({table})")] for table in tables}


COLUMNS = columns()
TABLES = list(COLUMNS)


@contextmanager
def tampering(path: Path) -> Iterator[sqlite3.Connection]:
    """The file in the hands of somebody who knows SQL: the triggers are out of the way, and back in place after."""
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("PRAGMA ignore_check_constraints=ON")
        db.execute("PRAGMA synchronous=OFF")
        triggers = db.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            db.execute(f"DROP TRIGGER {name}")
        yield db
        for _, text in triggers:
            db.execute(text)


def other(value: Any, values: list[Any]) -> list[Any]:
    """Plausible values of the same type in place of this one."""
    if value is None:
        return [v for v in values if v is not None][:1]
    if isinstance(value, bytes):
        return [hashlib.sha256(value).digest()]
    if isinstance(value, int):
        return [value + 1 if value != 1 else 0, value + 1000]
    borrowed = [v for v in values if v not in (None, value)][:1]
    digit = next((i for i in reversed(range(len(value))) if value[i].isdigit()), None)
    slipped = value + "x" if digit is None else f"{value[:digit]}{(int(value[digit]) + 1) % 10}{value[digit + 1 :]}"
    return [*borrowed, slipped]


def changes(db: sqlite3.Connection, table: str, column: str) -> Iterator[tuple[int, Any, Any]]:
    """Every row of the table with another value in this column: rowid, old, new."""
    rows = db.execute(f"SELECT rowid, {column} FROM {table}").fetchall()
    values = [value for _, value in rows]
    nullable = not next(row[3] for row in db.execute(f"PRAGMA table_info({table})") if row[1] == column)
    for rowid, old in rows:
        for new in other(old, values):
            yield rowid, old, new
        if nullable and old is not None:
            yield rowid, old, None


def test_the_sample_is_whole_and_has_something_in_every_column(path: Path) -> None:
    found = verify(path)
    assert found["problems"] == []
    assert found["ok"]
    with closing(sqlite3.connect(path)) as db:
        for table, names in COLUMNS.items():
            for name in names:
                (filled,) = db.execute(f"SELECT count({name}) FROM {table}").fetchone()
                assert filled, f"{table}.{name} is empty everywhere: a change to it would not be tried"


@pytest.mark.rule("REC-1")
@pytest.mark.rule("REC-5")
@pytest.mark.parametrize(("table", "column"), [(table, name) for table in TABLES for name in COLUMNS[table]])
def test_a_changed_value_is_found(path: Path, sample_bytes: bytes, table: str, column: str) -> None:
    tried = 0
    with closing(sqlite3.connect(path)) as db:
        wanted = list(changes(db, table, column))
    for rowid, old, new in wanted[:: len(wanted) // 8 | 1]:
        path.write_bytes(sample_bytes)
        with tampering(path) as db:
            try:
                db.execute(f"UPDATE {table} SET {column} = ? WHERE rowid = ?", (new, rowid))
            except sqlite3.IntegrityError:
                continue  # a unique value cannot be given twice even by hand
        tried += 1
        assert not verify(path)["ok"], f"{table}.{column}: {old!r} became {new!r} unnoticed"
    assert tried


@pytest.mark.rule("REC-1")
@pytest.mark.parametrize("table", TABLES)
def test_a_row_that_is_gone_is_found(path: Path, sample_bytes: bytes, table: str) -> None:
    with closing(sqlite3.connect(path)) as db:
        rowids = [row[0] for row in db.execute(f"SELECT rowid FROM {table}")]
    for rowid in rowids:
        path.write_bytes(sample_bytes)
        with tampering(path) as db:
            db.execute(f"DELETE FROM {table} WHERE rowid = ?", (rowid,))
        assert not verify(path)["ok"], f"row {rowid} of {table} went unnoticed"


ADDED = {
    "entries": "INSERT INTO entries SELECT seq + 1, 'P1-1', 1, event, actor, keyboard, occurred_at, recorded_at, late, "
    "body_digest, hash, body_digest FROM entries ORDER BY seq DESC LIMIT 1",
    "bodies": "INSERT INTO bodies SELECT seq + 1, salt, body FROM bodies ORDER BY seq DESC LIMIT 1",
    "orders": "UPDATE o SET id = 99, number = 'P20261122-0009', external_id = NULL",
    "tallies": "UPDATE o SET kind = 'help'",
    "obligations": "UPDATE o SET name = 'forged'",
    "postings": "UPDATE o SET n = 9",
    "receipts": "UPDATE o SET n = 9",
    "households": "UPDATE o SET id = '000009', place = '9-9-9'",
    "messages": "UPDATE o SET id = 9",
    "staff": "UPDATE o SET id = 'W9'",
    "streams": "UPDATE o SET number = 'P20991231-0001'",
    "rules": "UPDATE o SET file_digest = 'cc33'",
    "places": "UPDATE o SET id = 9, stand_in = '*9', place = '9-9-9'",
    "purged": "UPDATE o SET seq = 2",
}


@pytest.mark.rule("REC-1")
@pytest.mark.parametrize("table", TABLES)
def test_a_row_too_many_is_found(path: Path, table: str) -> None:
    with tampering(path) as db:
        if ADDED[table].startswith("INSERT"):
            db.execute(ADDED[table])
        else:
            db.execute(f"CREATE TEMP TABLE o AS SELECT * FROM {table} LIMIT 1")
            db.execute(ADDED[table])
            db.execute(f"INSERT INTO {table} SELECT * FROM o")
    assert not verify(path)["ok"]


@pytest.mark.parametrize(
    "number", ["desk", "staff:W1", "policies:2026-11", "month:2026-11", "household:000001", "message:1"]
)
@pytest.mark.parametrize("table", ["orders", "obligations", "postings", "receipts"])
def test_a_projected_order_under_the_name_of_a_stream_that_is_none_is_found(
    path: Path, table: str, number: str
) -> None:
    with tampering(path) as db:
        db.execute(f"CREATE TEMP TABLE o AS SELECT * FROM {table} LIMIT 1")
        db.execute("UPDATE o SET number = ?", (number,))
        if table == "orders":
            db.execute("UPDATE o SET external_id = NULL, id = 99")
        db.execute(f"INSERT INTO {table} SELECT * FROM o")
    assert not verify(path)["ok"]


@pytest.mark.rule("REC-1")
def test_the_last_entry_cannot_be_cut_off_though_nothing_was_projected_from_it(path: Path) -> None:
    with Ledger(path).write() as writer:
        sample.add(writer, "desk", "reveal", 9, reason="asked by the resident")
        last = writer.head()[0]
    assert verify(path)["ok"]
    with tampering(path) as db:
        db.execute("DELETE FROM bodies WHERE seq = ?", (last,))
        db.execute("DELETE FROM entries WHERE seq = ?", (last,))
    assert not verify(path)["ok"]


@pytest.mark.rule("REC-1")
def test_two_neighbouring_entries_that_change_places_are_found(path: Path) -> None:
    with tampering(path) as db:
        db.execute("UPDATE entries SET seq = -1 WHERE seq = 4")
        db.execute("UPDATE entries SET seq = 4 WHERE seq = 5")
        db.execute("UPDATE entries SET seq = 5 WHERE seq = -1")
    assert not verify(path)["ok"]


@pytest.mark.parametrize(
    "body", ["{", "[]", "null", '{"a":1.5}', '{"a":NaN}', '{"b":1,"a":2}', '{"a": 1}', "[" * 5000, "\x00"]
)
def test_a_body_that_is_garbage_is_a_problem_with_its_place_and_no_traceback(path: Path, body: str) -> None:
    with tampering(path) as db:
        db.execute("UPDATE bodies SET body = ? WHERE seq = 8", (body,))
    found = verify(path)
    assert not found["ok"]
    assert 8 in [problem["seq"] for problem in found["problems"]]


def test_bytes_that_are_no_text_are_a_problem_and_do_not_stop_the_search(path: Path) -> None:
    with tampering(path) as db:
        db.execute("UPDATE bodies SET body = CAST(x'ff7b7d' AS TEXT) WHERE seq = 8")
        db.execute("UPDATE entries SET actor = CAST(x'fe' AS TEXT) WHERE seq = 9")
        db.execute("UPDATE orders SET place = CAST(x'fe' AS TEXT) WHERE number = ?", (sample.THIRD,))
    found = verify(path)["problems"]
    assert {8, 9} <= {problem["seq"] for problem in found}
    assert any(f"orders.place of {sample.THIRD}" in problem["what"] for problem in found)


def test_a_search_that_meets_what_it_cannot_fold_lets_go_of_the_file(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compare = checking._compare

    def stumble(table: str, *rest: Any) -> None:
        if table == "postings":
            raise LookupError("in the middle of a comparison")
        compare(table, *rest)

    monkeypatch.setattr(checking, "_is_kept", lambda *rest: False)  # so that each is compared by its columns
    monkeypatch.setattr(checking, "_compare", stumble)
    found = verify(path)
    assert "in the middle of a comparison" in " ".join(str(problem["what"]) for problem in found["problems"])
    with closing(sqlite3.connect(path, timeout=0)) as db:
        db.execute("BEGIN EXCLUSIVE")


@pytest.mark.parametrize("stream", ["month:2026-11", "household:000002", "message:4"])
def test_a_stream_whose_only_entry_cannot_be_read_is_told_without_a_traceback(path: Path, stream: str) -> None:
    with tampering(path) as db:
        (seq,) = db.execute("SELECT seq FROM entries WHERE number = ?", (stream,)).fetchone()
        db.execute("UPDATE bodies SET body = 'x' WHERE seq = ?", (seq,))
    said = [str(problem["what"]) for problem in verify(path)["problems"]]
    assert f"entry {seq} of {stream} cannot be read" in said
    # A month has no row of its own that could be left over.
    assert stream.startswith("month:") or any("is in no entry" in one for one in said)


FORGED: list[Callable[[sqlite3.Connection], object]] = [
    lambda db: db.execute("DROP TRIGGER entries_no_update"),
    lambda db: db.execute("CREATE TRIGGER extra AFTER INSERT ON entries BEGIN SELECT 1; END"),
    lambda db: db.execute("DROP INDEX orders_external"),
    lambda db: db.execute("CREATE TABLE notes (text)"),
    lambda db: db.execute("ALTER TABLE orders ADD COLUMN secret TEXT"),
    lambda db: db.execute("CREATE VIEW v AS SELECT 1"),
    lambda db: db.executescript(
        "PRAGMA writable_schema=ON; "
        "UPDATE sqlite_schema SET sql = replace(sql, 'BLOB', 'BLOB CHECK (id > 0)') WHERE name = 'finding_data'"
    ),
]


@pytest.mark.parametrize("forge", FORGED)
def test_tables_and_triggers_that_are_not_as_they_were_made_are_found(
    path: Path, forge: Callable[[sqlite3.Connection], object]
) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        forge(db)
    assert not verify(path)["ok"]


@pytest.mark.rule("REC-1")
@pytest.mark.parametrize("page", range(3, 30, 4))
def test_a_flipped_byte_in_the_middle_of_a_page_never_raises(path: Path, page: int) -> None:
    whole = verify(path)["entries"]
    torn = bytearray(path.read_bytes())
    spot = page * 4096 - 200
    torn[spot] ^= 0x10
    path.write_bytes(torn)
    if not declares_its_tables(path):
        with pytest.raises(Damaged):
            verify(path)
        return
    found = verify(path)
    assert found["entries"] <= whole
    assert found["ok"] == (not found["problems"])


def declares_its_tables(path: Path) -> bool:
    """Whether SQLite still understands what the tables are; where it does not, the file is no ledger any more."""
    try:
        with closing(sqlite3.connect(path)) as db:
            db.execute("SELECT count(*) FROM sqlite_schema")
    except sqlite3.DatabaseError:
        return False
    return True


def rows(db: sqlite3.Connection) -> dict[str, list[Any]]:
    """All there is, but for the ids by which the index of words knows orders."""
    names = {table: ", ".join(name for name in COLUMNS[table] if (table, name) != ("orders", "id")) for table in TABLES}
    return {table: db.execute(f"SELECT {of} FROM {table} ORDER BY 1, 2, 3").fetchall() for table, of in names.items()}


@pytest.mark.rule("REC-5")
def test_rebuilding_makes_projections_from_the_entries_alone(path: Path) -> None:
    with tampering(path) as db:
        before = rows(db)
        for table in TABLES:
            if table not in ("entries", "bodies"):
                db.execute(f"DELETE FROM {table}")
    assert not verify(path)["ok"]
    assert rebuild(path) == {"orders": 5, "staff": 4}
    assert verify(path)["problems"] == []
    with closing(sqlite3.connect(path)) as db:
        assert rows(db) == before
