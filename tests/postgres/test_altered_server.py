"""A ledger on a server that its owner altered, whom no trigger and no grant stops: ``verify`` finds it.

What is done is undone with its transaction, within which it is verified. What was tried is drawn from a seed.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from repairdesk.ledger.database import Database
from repairdesk.ledger.postgres import Connection, Server
from repairdesk.ledger.verify import verify

psycopg = pytest.importorskip("psycopg")
pytestmark = pytest.mark.rule("REC-1")

STRUCTURE = {
    "a trigger is dropped": "DROP TRIGGER entries_link ON entries",
    "a trigger is out of force": "ALTER TABLE entries DISABLE TRIGGER entries_in_pen",
    "a trigger is in force for copies alone": "ALTER TABLE bodies ENABLE REPLICA TRIGGER bodies_go",
    "a trigger does something else": "DROP TRIGGER bodies_in_pen ON bodies; CREATE TRIGGER bodies_in_pen BEFORE UPDATE "
    "ON bodies FOR EACH ROW EXECUTE FUNCTION bodies_link()",
    "a trigger does it less often": "DROP TRIGGER entries_in_pen ON entries; CREATE TRIGGER entries_in_pen BEFORE "
    "DELETE ON entries FOR EACH ROW EXECUTE FUNCTION written_in_pen()",
    "a trigger does it on a condition": "DROP TRIGGER entries_in_pen ON entries; CREATE TRIGGER entries_in_pen BEFORE "
    "DELETE OR UPDATE ON entries FOR EACH ROW WHEN (OLD.seq < 0) EXECUTE FUNCTION written_in_pen()",
    "one trigger more": "CREATE TRIGGER more BEFORE INSERT ON entries FOR EACH ROW EXECUTE FUNCTION written_in_pen()",
    "one of the same name elsewhere": "CREATE TRIGGER entries_link BEFORE INSERT ON orders FOR EACH ROW EXECUTE "
    "FUNCTION orders_tallied()",
    "keys are not looked after": "ALTER TABLE bodies DISABLE TRIGGER ALL",
    "a function is replaced": "CREATE OR REPLACE FUNCTION written_in_pen() RETURNS trigger LANGUAGE plpgsql AS "
    "'BEGIN RETURN NEW; END'",
    "whose hand it is is not asked": "CREATE OR REPLACE FUNCTION own_hand(keyboard text, actor text, event text) "
    "RETURNS boolean LANGUAGE sql STABLE AS 'SELECT true'",
    "a function looks where its caller says": "ALTER FUNCTION entries_link() RESET search_path",
    "a function does it for its owner": "ALTER FUNCTION entries_link() SECURITY DEFINER",
    "one function more": "CREATE FUNCTION more() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "one of the same name": "CREATE FUNCTION own_hand(text) RETURNS boolean LANGUAGE sql AS 'SELECT true'",
    "a policy is dropped": "DROP POLICY entries_own_hand ON entries",
    "a policy lets everybody": "ALTER POLICY entries_own_hand ON entries WITH CHECK (true)",
    "a policy is for somebody": "ALTER POLICY entries_own_hand ON entries TO postgres",
    "one policy more": "CREATE POLICY more ON entries FOR INSERT WITH CHECK (true)",
    "policies are out of force": "ALTER TABLE entries DISABLE ROW LEVEL SECURITY",
    "an index is dropped": "DROP INDEX orders_arrears",
    "an index is of something else": "DROP INDEX households_place; CREATE UNIQUE INDEX households_place ON households "
    "(since)",
    "an index lets the same in twice": "DROP INDEX households_place; CREATE INDEX households_place ON households "
    "(place)",
    "an index of everything": "DROP INDEX entries_calls; CREATE INDEX entries_calls ON entries (occurred_at, number)",
    "one index more": "CREATE INDEX more ON entries (actor)",
    "a key is dropped": "ALTER TABLE entries DROP CONSTRAINT entries_hash_key",
    "a key of something else": "ALTER TABLE entries DROP CONSTRAINT entries_number_version_key; ALTER TABLE entries "
    "ADD CONSTRAINT entries_number_version_key UNIQUE (number, version, hash)",
    "a body may belong to nothing": "ALTER TABLE bodies DROP CONSTRAINT bodies_seq_fkey",
    "one table more": "CREATE TABLE more (x int)",
    "a view": "CREATE VIEW more AS SELECT 1 AS x",
    "a table that adds to what is read": "CREATE TABLE public.kin () INHERITS (entries)",
    "a table that a crash empties": "ALTER TABLE tallies SET UNLOGGED",
    "a table is gone": "DROP TABLE receipts",
    "one column more": "ALTER TABLE orders ADD COLUMN more text",
    "a column of another type": "ALTER TABLE receipts ALTER COLUMN amount TYPE bigint",
    "a column sorts otherwise": 'ALTER TABLE messages ALTER COLUMN recipient TYPE text COLLATE "POSIX"',
    "a column may be empty": "ALTER TABLE entries ALTER COLUMN actor DROP NOT NULL",
    "whoever works may alter": "GRANT UPDATE ON entries TO pg_monitor",
    "a column may be altered": "GRANT UPDATE (actor) ON entries TO pg_monitor",
    "anybody may say whose hand it is": "GRANT INSERT ON logins TO PUBLIC",
    "anybody may take bodies": "GRANT EXECUTE ON FUNCTION take_bodies(integer) TO PUBLIC",
    "anybody may make tables": "GRANT CREATE ON SCHEMA repairdesk_east TO PUBLIC",
    "a rule": "CREATE RULE more AS ON INSERT TO places DO INSTEAD NOTHING",
}


class Within(Server):
    """A ledger as it is within one transaction, which is undone."""

    def __init__(self, url: str, site: str) -> None:
        super().__init__(url, site)
        self.connection: Connection = self.opened()

    @contextmanager
    def reading(self, wait_seconds: float) -> Iterator[Database]:
        yield self.connection

    @contextmanager
    def undone(self) -> Iterator[Connection]:
        self.connection.do("BEGIN")
        try:
            yield self.connection
        finally:
            self.connection.rollback()


@pytest.fixture(scope="module")
def within(two_sites: str, database: Callable[..., str]) -> Iterator[Within]:
    made = Within(database(two_sites), "east")
    yield made
    made.connection.close()


def test_nothing_is_found_where_nobody_altered_anything(within: Within) -> None:
    with within.undone():
        assert verify(within)["problems"] == []


@pytest.mark.parametrize("what", STRUCTURE)
def test_altered_structure_is_told(within: Within, what: str) -> None:
    with within.undone() as connection:
        connection.do(STRUCTURE[what])
        assert list(connection.amiss()), what
    assert not list(within.connection.amiss())


def test_it_is_told_by_name(within: Within) -> None:
    with within.undone() as connection:
        connection.do("DROP TRIGGER entries_link ON entries")
        connection.do("CREATE TABLE more (x int)")
        connection.do("ALTER FUNCTION own_hand(text, text, text) RESET search_path")
        said = {one["what"].template.format(**one["what"].values) for one in verify(within)["problems"]}
    assert said == {
        "the trigger entries.entries_link is missing", "the table more does not belong here",
        "the column more.x does not belong here",
        "the function own_hand(keyboard text, actor text, event text) is not as it was made",
    }  # fmt: skip


# --- rows

FREE = {("orders", "id")}
"""Of which nothing follows: what an index calls an order."""
UNPROVED = ("alembic_version", "logins")
"""What no entry speaks of: which version it is, and who may log in."""


def tables(connection: Connection) -> list[str]:
    """Every table that has rows which follow from the entries, or are them."""
    found = connection.execute("SELECT tablename::text FROM pg_tables WHERE schemaname = current_schema() ORDER BY 1")
    names = [name for (name,) in found.fetchall() if name not in UNPROVED]
    return [name for name in names if connection.execute(f"SELECT 1 FROM {name} LIMIT 1").fetchone()]


def another(drawn: random.Random, value: Any, column: list[Any]) -> Any:
    """A value that could stand there as well: that of another row, or this one a little otherwise."""
    others = [one for one in column if one != value]
    if others and drawn.random() < 0.5:
        return drawn.choice(others)
    if isinstance(value, bytes):
        return bytes([value[0] ^ 1]) + value[1:]
    if isinstance(value, int):
        return value + drawn.choice((-1, 1, 1000))
    if value is None:
        return drawn.choice(others) if others else "1"
    at = drawn.randrange(len(value)) if value else 0
    return value[:at] + drawn.choice("0123456789x李") + value[at + 1 :]


def edit(drawn: random.Random, connection: Connection) -> str | None:
    """One change by hand; None: it changed nothing, or the tables refused it even so."""
    table = drawn.choice(tables(connection))
    cursor = connection.execute(f"SELECT ctid::text, * FROM {table} ORDER BY 2")
    names = [column[0] for column in cursor.description][1:]
    rows = cursor.fetchall()
    row, at = drawn.choice(rows), drawn.randrange(len(names))
    name, way = names[at], drawn.choice(("change", "change", "delete", "insert", "swap"))
    column = [one[at + 1] for one in rows]
    if way != "delete" and (table, name) in FREE:
        return None
    update = f'UPDATE {table} SET "{name}" = %s WHERE ctid = %s::tid'
    connection.do("SAVEPOINT tried")
    try:
        if way == "delete":
            connection.execute(f"DELETE FROM {table} WHERE ctid = %s::tid", (row[0],))
        elif way == "insert":
            new = [another(drawn, value, [one[n + 1] for one in rows]) if n in (0, at) else value
                   for n, value in enumerate(row[1:])]  # fmt: skip
            connection.execute(f"INSERT INTO {table} VALUES ({','.join(['%s'] * len(new))})", new)
        elif way == "swap":
            other = drawn.choice(rows)
            if other[at + 1] == row[at + 1]:
                return None
            connection.execute(update, (other[at + 1], row[0]))
            connection.execute(update, (row[at + 1], other[0]))
        else:
            value = another(drawn, row[at + 1], column)
            if value == row[at + 1]:
                return None
            connection.execute(update, (value, row[0]))
    except (psycopg.IntegrityError, psycopg.DataError, psycopg.errors.DatatypeMismatch):
        return None  # A key cannot be given twice, and no number is a text, even by hand.
    return f"{way} {table}.{name} of {row[1:4]}"


def edits(within: Within, seed: int, count: int) -> None:
    drawn, seen, tried = random.Random(seed), Counter[str](), 0
    while tried < count:
        with within.undone() as connection:
            connection.do("SET LOCAL session_replication_role = replica")  # No trigger is in the way, and no key.
            what = edit(drawn, connection)
            if what is None:
                continue
            tried += 1
            seen[" ".join(what.split()[:2]).partition(".")[0]] += 1
            assert not verify(within)["ok"], f"{what} went unnoticed (seed {seed})"
    print(f"edits of seed {seed}: {tried} found, {sorted(seen.items())}")
    assert len(seen) > count / 4, "the same again and again finds nothing"


def test_whatever_the_owner_changes_by_sql_is_found(within: Within) -> None:
    edits(within, 1, 60)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 104))
def test_it_holds_for_hundreds_of_edits(within: Within, seed: int) -> None:
    edits(within, seed, 100)
