"""Every statement and table of the ledger, as PostgreSQL takes them."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from postgres_server import Server
from repairdesk.ledger import chain, postgres_grants, sqlite_sql, statements
from repairdesk.ledger import postgres_sql as sql

psycopg = pytest.importorskip("psycopg")

WHOLE = {name: getattr(sql, name) for name in statements.STATEMENTS}
LISTED = {f"LISTED by {name}": f"{sql.LISTED} WHERE {text}" for name, text in sql.FILTERS.items()}
COUNTED = {f"report {name}": text for name, text in sql.REPORTS.items()}
BEHIND = {f"{of} {name}": text for of, figures in sql.BEHIND.items() for name, text in figures.items()}
ZEROS, SALT = chain.ZEROS, b"s" * chain.SALT_BYTES
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")) | st.sampled_from(
    ["\x01\x1f\x7f\x80\u2028\u2029\ufeff", '\\ " / \b\f\n\r\t', "李兰 🙂", "{%s} %(x)s $$ '"]
)
DIGEST = chain.body_digest(SALT, "{}")
AT = "2026-11-22T08:00:00Z"


def add(
    connection: psycopg.Connection,
    seq: int,
    version: int,
    prev: str,
    what: tuple[str, str] = ("P20261122-0001", "intake"),
) -> str:
    """Write the header of an entry; its hash."""
    said = (seq, what[0], version, what[1], "C1", "C1", AT, AT, 0, DIGEST, prev)
    hash_ = chain.header_hash(dict(zip(chain.HEADER, said, strict=True)))
    connection.execute(b"INSERT INTO entries VALUES (" + b", ".join([b"%s"] * 12) + b")", (*said, hash_))
    return hash_


def add_body(connection: psycopg.Connection, seq: int) -> None:
    connection.execute("INSERT INTO bodies VALUES (%s, %s, '{}')", (seq, SALT))


def made(connection: psycopg.Connection, schema: str) -> None:
    """The tables of a ledger, and what is granted on them."""
    connection.execute(f"CREATE SCHEMA {schema}".encode())
    connection.execute(f"SET search_path = {schema}".encode())
    for statement in (*sql.SCHEMA, *postgres_grants.statements(schema)):
        connection.execute(statement.encode())


@pytest.fixture
def ledger(server: Server) -> Iterator[psycopg.Connection]:
    """A connection to an empty ledger, undone afterwards."""
    with psycopg.connect(server.url()) as connection:
        made(connection, "site")
        yield connection
        connection.rollback()


@pytest.fixture(scope="module")
def declared(server: Server) -> Iterator[psycopg.Connection]:
    """One empty ledger for all that only asks."""
    with psycopg.connect(server.url()) as connection:
        made(connection, "declared")
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
    add(ledger, 1, 1, ZEROS)
    add_body(ledger, 1)
    ledger.execute("SET CONSTRAINTS ALL IMMEDIATE")
    with pytest.raises(psycopg.errors.IntegrityConstraintViolation, match="written in pen"):
        ledger.execute(change)


@pytest.mark.rule("REC-1")
@pytest.mark.parametrize(
    ("seq", "version", "prev", "why"),
    [(3, 2, "", "next seq"), (2, 2, "h0", "last hash"), (2, 3, "", "next version"), (1, 2, "", "next seq")],
)
def test_an_entry_that_does_not_follow_the_last_one_is_refused(
    ledger: psycopg.Connection, seq: int, version: int, prev: str, why: str
) -> None:
    last = add(ledger, 1, 1, ZEROS)
    with ledger.transaction():
        ledger.execute("SAVEPOINT before")
        add(ledger, 2, 2, last)
        ledger.execute("ROLLBACK TO before")
    with pytest.raises(psycopg.errors.IntegrityConstraintViolation, match=why):
        add(ledger, seq, version, prev or last)


@pytest.mark.rule("REC-1")
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(number=TEXTS, actor=TEXTS, body=TEXTS)
def test_the_server_hashes_whatever_is_written_as_the_program_does(
    ledger: psycopg.Connection, number: str, actor: str, body: str
) -> None:
    text = chain.canonical({"said": body})
    header = dict(zip(chain.HEADER, (1, number, 1, "intake", actor, actor, AT, AT, 0, "", ZEROS), strict=True))
    header["body_digest"] = chain.body_digest(SALT, text)
    with ledger.transaction(force_rollback=True):
        ledger.execute(sql.ADD_ENTRY.encode(), header | {"hash": chain.header_hash(header)})
        ledger.execute(sql.ADD_BODY.encode(), {"seq": 1, "salt": SALT, "body": text})


@pytest.mark.rule("REC-1")
def test_an_entry_that_was_hashed_otherwise_is_refused(ledger: psycopg.Connection) -> None:
    header = dict(zip(chain.HEADER, (1, "n", 1, "intake", "C1", "C1", AT, AT, 0, DIGEST, ZEROS), strict=True))
    with ledger.transaction(force_rollback=True), pytest.raises(psycopg.errors.IntegrityConstraintViolation):
        ledger.execute(sql.ADD_ENTRY.encode(), header | {"hash": chain.header_hash(header | {"actor": "C2"})})
    add(ledger, 1, 1, ZEROS)
    with pytest.raises(psycopg.errors.IntegrityConstraintViolation, match="made of"):
        ledger.execute("INSERT INTO bodies VALUES (1, %s, '{\"said\":1}')", (SALT,))


@pytest.mark.rule("RET-3")
def test_a_body_goes_only_after_an_entry_that_says_so(ledger: psycopg.Connection) -> None:
    last = add(ledger, 1, 1, ZEROS)
    add_body(ledger, 1)
    add(ledger, 2, 1, last, ("purge:000001", "purge"))
    ledger.execute("INSERT INTO purged VALUES (1, 2, '{}')")
    ledger.execute("DELETE FROM bodies WHERE seq = 1")
    assert ledger.execute("SELECT count(*) FROM bodies").fetchone() == (0,)
