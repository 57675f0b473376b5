"""Every statement and table of the ledger, as PostgreSQL takes them."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from postgres_server import Server

from repairdesk.ledger import postgres_sql as sql
from repairdesk.ledger import sqlite_sql, statements

psycopg = pytest.importorskip("psycopg")

WHOLE = {name: getattr(sql, name) for name in statements.STATEMENTS}
LISTED = {f"LISTED by {name}": f"{sql.LISTED} WHERE {text}" for name, text in sql.FILTERS.items()}
COUNTED = {f"report {name}": text for name, text in sql.REPORTS.items()}
BEHIND = {f"{of} {name}": text for of, figures in sql.BEHIND.items() for name, text in figures.items()}
NEXT = "INSERT INTO entries VALUES (%s, 'P20261122-0001', %s, 'intake', 'C1', 'C1', 'a', 'a', 0, 'd', %s, %s)"


@pytest.fixture
def ledger(server: Server) -> Iterator[psycopg.Connection]:
    """A connection to an empty ledger, undone afterwards."""
    with psycopg.connect(server.url()) as connection:
        connection.execute("CREATE SCHEMA site")
        connection.execute("SET search_path = site")
        for statement in sql.SCHEMA:
            connection.execute(statement)
        yield connection
        connection.rollback()


@pytest.fixture(scope="module")
def declared(server: Server) -> Iterator[psycopg.Connection]:
    """One empty ledger for all that only asks."""
    with psycopg.connect(server.url()) as connection:
        connection.execute("CREATE SCHEMA declared")
        connection.execute("SET search_path = declared")
        for statement in sql.SCHEMA:
            connection.execute(statement)
        yield connection
        connection.rollback()


def test_both_databases_have_the_same_statements() -> None:
    assert sql.FILTERS.keys() == sqlite_sql.FILTERS.keys()
    assert sql.REPORTS.keys() == sqlite_sql.REPORTS.keys()
    assert {name: set(of) for name, of in sql.BEHIND.items()} == {n: set(of) for n, of in sqlite_sql.BEHIND.items()}


@pytest.mark.parametrize("name", [*WHOLE, *LISTED, *COUNTED, *BEHIND])
def test_a_statement_is_understood(declared: psycopg.Connection, name: str) -> None:
    text = {**WHOLE, **LISTED, **COUNTED, **BEHIND}[name]
    numbered: dict[str, int] = {}
    prepared = re.sub(r"%\((\w+)\)s", lambda m: f"${numbered.setdefault(m[1], len(numbered) + 1)}", text)
    with declared.transaction(force_rollback=True):
        declared.execute(f"PREPARE tried AS {prepared.replace(chr(37) * 2, chr(37))}".encode())
        declared.execute("DEALLOCATE tried")  # Undoing a transaction does not.


@pytest.mark.rule("REC-1")
@pytest.mark.parametrize(
    "change",
    ["UPDATE entries SET actor = 'X'", "DELETE FROM entries", "TRUNCATE entries CASCADE",
     "UPDATE bodies SET body = 'x'", "DELETE FROM bodies", "TRUNCATE bodies"],
)  # fmt: skip
def test_what_is_written_in_pen_stays(ledger: psycopg.Connection, change: str) -> None:
    ledger.execute(NEXT, (1, 1, "0" * 64, "h1"))
    ledger.execute("INSERT INTO bodies VALUES (1, 'salt', '{}')")
    with pytest.raises(psycopg.errors.IntegrityConstraintViolation, match="written in pen"):
        ledger.execute(change)


@pytest.mark.rule("REC-1")
@pytest.mark.parametrize(
    ("seq", "version", "prev", "why"),
    [(3, 2, "h1", "next seq"), (2, 2, "h0", "last hash"), (2, 3, "h1", "next version"), (1, 2, "h1", "next seq")],
)
def test_an_entry_that_does_not_follow_the_last_one_is_refused(
    ledger: psycopg.Connection, seq: int, version: int, prev: str, why: str
) -> None:
    ledger.execute(NEXT, (1, 1, "0" * 64, "h1"))
    with ledger.transaction():
        ledger.execute("SAVEPOINT before")
        ledger.execute(NEXT, (2, 2, "h1", "h2"))
        ledger.execute("ROLLBACK TO before")
    with pytest.raises(psycopg.errors.IntegrityConstraintViolation, match=why):
        ledger.execute(NEXT, (seq, version, prev, "h2"))


@pytest.mark.rule("RET-3")
def test_a_body_goes_only_after_an_entry_that_says_so(ledger: psycopg.Connection) -> None:
    ledger.execute(NEXT, (1, 1, "0" * 64, "h1"))
    ledger.execute("INSERT INTO bodies VALUES (1, 'salt', '{}')")
    ledger.execute(NEXT.replace("'intake'", "'purge'"), (2, 2, "h1", "h2"))
    ledger.execute("INSERT INTO purged VALUES (1, 2, '{}')")
    ledger.execute("DELETE FROM bodies WHERE seq = 1")
    assert ledger.execute("SELECT count(*) FROM bodies").fetchone() == (0,)
