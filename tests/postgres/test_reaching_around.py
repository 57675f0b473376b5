"""Who has a login and psql, and reaches around the program: what the server refuses, and what ``verify`` finds."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

import pytest

from repairdesk.domain.times import iso_utc
from repairdesk.errors import NotAllowed
from repairdesk.ledger import chain, postgres_grants
from repairdesk.ledger.journal import Ledger
from repairdesk.ledger.postgres import Server
from repairdesk.ledger.server_names import APART
from repairdesk.ledger.verify import verify

psycopg = pytest.importorskip("psycopg")
pytestmark = pytest.mark.rule("REC-1")

MAY_NOT, PEN, TAKEN, NOT_SO = "42501", "23000", "23505", "0A000"
EAST, WEST = "repairdesk_east", "repairdesk_west"
PEOPLE = {
    # Login: role, person, and whether that one writes down what others did.
    "amy": ("worker", "C1", True),
    "bob": ("worker", "W1", False),
    "kim": ("reader", None, False),
    "pam": ("purger", "M1", True),
}
SALT = b"s" * chain.SALT_BYTES


@pytest.fixture(scope="module")
def url(two_sites: str, database: Callable[..., str]) -> str:
    """A database with two sites, and people who have logins to the eastern one; ``zoe`` has one to the server alone."""
    found = database(two_sites)
    with psycopg.connect(found, autocommit=True) as owner:
        for name in (*PEOPLE, "zoe"):
            owner.execute(f"CREATE ROLE {name} LOGIN")
    admit(found)
    return found


def admit(url: str) -> None:
    for login, (role, staff, others) in PEOPLE.items():
        postgres_grants.admit(Server(url, "east"), login, role, staff, others=others)


@pytest.fixture
def own(url: str, two_sites: str, database: Callable[..., str]) -> str:
    """The same again, for a test that changes something."""
    found = database(two_sites)
    admit(found)
    return found


@contextmanager
def typing(url: str, login: str, path: str = f"{EAST}, pg_temp") -> Iterator[Any]:
    """What somebody types, statement by statement, each kept as it is done."""
    with psycopg.connect(url.replace("postgres@", f"{login}@"), autocommit=True) as connection:
        connection.execute(f"SET search_path TO {path}")
        yield connection


@lru_cache
def called(url: str) -> dict[str, str]:
    """What the roles of the eastern site are called in this database."""
    opened = Server(url, "east").opened()
    try:
        return postgres_grants.roles(opened, EAST)
    finally:
        opened.close()


def _as_called(url: str, text: str) -> str:
    return re.sub(rf"{EAST}_(reader|worker|purger)", lambda found: called(url)[found[1]], text)


def everything(url: str) -> Any:
    """Every row of both sites, and everything that is declared, in one digest for each."""
    with psycopg.connect(url) as owner:
        tables = owner.execute(
            "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname LIKE 'repairdesk%' "
            "OR schemaname = 'public' ORDER BY 1"
        ).fetchall()
        each = [f"SELECT '{t}', md5(string_agg(t::text, chr(10) ORDER BY t::text)) FROM {t} t" for (t,) in tables]
        rows = owner.execute(" UNION ALL ".join(each)).fetchall()
        declared = [
            owner.execute(f"SELECT md5(string_agg(t::text, chr(10) ORDER BY t::text)) FROM ({text}) t").fetchone()
            for text in (
                f"SELECT relname, relkind, relacl, relrowsecurity FROM pg_class WHERE relnamespace IN {_OURS}",
                f"SELECT proname, prosrc, proconfig, proacl, proowner FROM pg_proc WHERE pronamespace IN {_OURS}",
                "SELECT oid, tgenabled FROM pg_trigger", "SELECT oid, polname FROM pg_policy",
                f"SELECT roleid, member, admin_option FROM pg_auth_members WHERE roleid NOT IN ({_OTHERS})",
                "SELECT oid, nspname FROM pg_namespace WHERE nspname NOT LIKE 'pg_%'",
                f"SELECT rolname, rolsuper, rolpassword FROM pg_authid WHERE oid NOT IN ({_OTHERS})",
                f"SELECT setrole, setconfig FROM pg_db_role_setting WHERE setdatabase IN (0, {_HERE})",
            )
        ]  # fmt: skip
    return rows, declared


@lru_cache
def at_first(url: str) -> Any:
    """What it was before any of them; none of them changes it."""
    return everything(url)


_HERE = "(SELECT oid FROM pg_database WHERE datname = current_database())"
# Roles of sites in other databases, which other tests make.
_OTHERS = f"SELECT oid FROM pg_authid WHERE rolname LIKE 'repairdesk%' AND rolname NOT LIKE '%' || {_HERE}"
_OURS = "(SELECT oid FROM pg_namespace WHERE nspname LIKE 'repairdesk%' OR nspname = 'public')"


def refused(url: str, login: str, state: str, *statements: str, path: str = f"{EAST}, pg_temp") -> None:
    """The last of them is refused with this SQLSTATE, and nothing is left of all of them."""
    before = at_first(url)
    *first, last = (_as_called(url, text) for text in statements)
    with typing(url, login, path) as connection:
        for text in first:
            connection.execute(text)
        with pytest.raises(psycopg.Error) as caught:
            connection.execute(last)
    assert caught.value.sqlstate == state, caught.value
    assert everything(url) == before


# --- what is written stays


@pytest.mark.parametrize("login", ["amy", "bob", "pam", "kim"])
@pytest.mark.parametrize(
    "text",
    [
        "UPDATE entries SET actor = 'X'", "DELETE FROM entries", "TRUNCATE entries CASCADE",
        "UPDATE bodies SET body = '{}'", "DELETE FROM bodies", "TRUNCATE bodies",
        "SELECT * FROM entries FOR UPDATE", "DO 'BEGIN LOCK TABLE entries IN ACCESS EXCLUSIVE MODE; END'",
        "WITH gone AS (DELETE FROM bodies WHERE seq = 1 RETURNING *) SELECT * FROM gone",
        "MERGE INTO entries USING orders ON seq = orders.id WHEN MATCHED THEN UPDATE SET actor = 'X'",
        "DELETE FROM orders", "TRUNCATE orders", "DELETE FROM staff",
        "INSERT INTO purged VALUES (1, 2, '{}')", "UPDATE purged SET remains = '{}'", "DELETE FROM purged",
        "DELETE FROM places", "SELECT setval('entries_seq_seq', 1)",
        "INSERT INTO logins VALUES ('amy', 'M1', true) ON CONFLICT (login) DO UPDATE SET staff = 'M1', others = true",
        "UPDATE logins SET others = true", "DELETE FROM logins",
        "UPDATE alembic_version SET version_num = '7'", "INSERT INTO alembic_version VALUES ('7')",
    ],
)  # fmt: skip
def test_nobody_may_alter_or_take_what_is_written(url: str, login: str, text: str) -> None:
    refused(url, login, MAY_NOT, text)


@pytest.mark.parametrize(
    "text",
    [
        "ALTER TABLE entries DISABLE TRIGGER ALL", "ALTER TABLE entries DISABLE TRIGGER entries_link",
        "ALTER TABLE entries DISABLE ROW LEVEL SECURITY", "DROP TRIGGER entries_link ON entries",
        "DROP POLICY entries_own_hand ON entries", "CREATE POLICY mine ON entries FOR INSERT WITH CHECK (true)",
        "DROP TABLE bodies", "ALTER TABLE entries RENAME TO old", "DROP INDEX entries_calls",
        "SET session_replication_role = replica", "DROP SCHEMA repairdesk_east CASCADE",
        "CREATE TRIGGER mine BEFORE INSERT ON entries FOR EACH ROW EXECUTE FUNCTION written_in_pen()",
        "CREATE RULE mine AS ON INSERT TO entries DO INSTEAD NOTHING",
        "CREATE OR REPLACE FUNCTION own_hand(keyboard text, actor text, event text) RETURNS boolean LANGUAGE sql "
        "AS 'SELECT true'",
        "ALTER FUNCTION own_hand(text, text, text) RESET search_path", "DROP FUNCTION entries_link()",
        "ALTER FUNCTION entries_link() OWNER TO amy", "ALTER TABLE entries OWNER TO amy",
        "CREATE TABLE mine (x int)", "CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE VIEW mine AS SELECT 1", "CREATE SCHEMA mine", "CREATE TABLE public.mine (x int)",
        "CREATE TABLE kin () INHERITS (entries)", "CREATE TABLE public.kin () INHERITS (entries)",
        "CREATE INDEX mine ON entries (actor)", "CREATE EXTENSION dblink",
        "GRANT repairdesk_east_purger TO amy",
        "SET ROLE repairdesk_east_purger", "SET ROLE pam", "SET ROLE postgres",
        "SET SESSION AUTHORIZATION pam", "SET SESSION AUTHORIZATION postgres", "ALTER ROLE amy SUPERUSER",
        "ALTER ROLE pam PASSWORD 'x'", "CREATE ROLE other LOGIN", "ALTER DATABASE postgres SET search_path TO pg_temp",
        "ALTER ROLE pam SET search_path TO pg_temp", "ALTER ROLE amy SET repairdesk.clock TO caller",
        "ALTER DATABASE postgres SET repairdesk.clock TO caller",
        "COPY entries TO '/tmp/stolen'", "COPY entries TO PROGRAM 'cat'", "COPY logins FROM PROGRAM 'echo amy'",
        "SELECT pg_read_file('postgresql.conf')", "SELECT lo_import('/etc/passwd')",
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'postgres'",
    ],
)  # fmt: skip
def test_a_clerk_may_not_change_what_watches_over_it(url: str, text: str) -> None:
    if "pg_terminate_backend" in text:
        with psycopg.connect(url):  # Somebody must be there whom to throw out.
            refused(url, "amy", MAY_NOT, text)
        return
    refused(url, "amy", MAY_NOT, text)


@pytest.mark.parametrize(
    "text",
    [
        # The server only warns that nothing was granted; what is to hold by default holds for one's own tables alone.
        "GRANT UPDATE ON entries TO amy", "REVOKE ALL ON entries FROM pam", "VACUUM entries",
        "ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO bob", "SET ROLE repairdesk_east_reader",
        "ALTER ROLE amy PASSWORD NULL",
    ],
)  # fmt: skip
def test_what_is_not_refused_changes_nothing_either(url: str, text: str) -> None:
    before = everything(url)
    with typing(url, "amy") as amy:
        amy.execute(_as_called(url, text))
    assert everything(url) == before


@pytest.mark.parametrize("text", ["SELECT take_bodies(1)", "SELECT drop_place(1)"])
@pytest.mark.parametrize("login", ["amy", "bob", "kim"])
def test_who_may_not_purge_takes_nothing(url: str, login: str, text: str) -> None:
    refused(url, login, MAY_NOT, text)


# --- an entry is one's own, and follows the last


def entry(connection: Any, **changed: Any) -> dict[str, Any]:
    """The next entry of the desk as the program would write it, but for what is changed."""
    seq, prev = connection.execute(f"SELECT seq, hash FROM {EAST}.entries ORDER BY seq DESC LIMIT 1").fetchone()
    number = changed.get("number", "note:1")
    said = f"SELECT coalesce(max(version), 0) + 1 FROM {EAST}.entries WHERE number = %s"
    (version,) = connection.execute(said, (number,)).fetchone()
    made: dict[str, Any] = {
        "seq": seq + 1, "number": number, "version": version, "event": "note", "actor": "C1", "keyboard": "C1",
        "occurred_at": "2026-11-22T08:00:00Z", "recorded_at": "2026-11-22T08:00:00Z", "late": 0, "prev": prev,
        "body_digest": chain.body_digest(SALT, changed.get("body", "{}")),
    }  # fmt: skip
    made |= {name: value for name, value in changed.items() if name != "body"}
    return {"hash": chain.header_hash(made)} | made


def written(made: dict[str, Any], table: str = f"{EAST}.entries") -> str:
    names = [*chain.HEADER, "hash"]
    values = ", ".join(str(made[n]) if isinstance(made[n], int) else f"'{made[n]}'" for n in names)
    return f"INSERT INTO {table} ({', '.join(names)}) VALUES ({values})"


def forged(url: str, login: str, state: str, path: str = f"{EAST}, pg_temp", *first: str, **changed: Any) -> None:
    """An entry of the program's own form, but for what is changed, is refused."""
    with psycopg.connect(url) as owner:
        made = entry(owner, **changed)
    refused(url, login, state, *first, written(made), path=path)


BOB = {"actor": "W1", "keyboard": "W1"}


@pytest.mark.parametrize(
    ("login", "changed"),
    [
        ("bob", {"actor": "C1", "keyboard": "W1"}), ("bob", {"actor": "os:bob", "keyboard": "W1"}),
        ("bob", {"actor": "C1", "keyboard": "C1"}), ("amy", {"actor": "C1", "keyboard": "M1"}),
        ("amy", {"actor": "C1", "keyboard": "os:pam"}), ("amy", {"actor": "C1", "keyboard": "postgres"}),
        ("amy", {"actor": "C1", "keyboard": ""}), ("kim", {"actor": "os:kim", "keyboard": "os:kim"}),
        ("amy", {"event": "purge", "number": "purge:000009"}),
        ("bob", {**BOB, "event": "purge", "number": "purge:000009"}),
        ("bob", {"actor": "system", "keyboard": "C1", "event": "join"}),
        ("bob", {"actor": "system", "keyboard": "W1", "event": "assign", "number": "P20261122-0001"}),
    ],
)  # fmt: skip
def test_nobody_writes_with_the_hand_of_another(url: str, login: str, changed: dict[str, str]) -> None:
    forged(url, login, MAY_NOT, **changed)


def test_a_role_that_is_put_on_does_not_change_the_hand(url: str) -> None:
    forged(url, "amy", MAY_NOT, f"{EAST}, pg_temp", "SET ROLE repairdesk_east_worker", keyboard="M1")
    forged(url, "bob", MAY_NOT, f"{EAST}, pg_temp", "SET ROLE repairdesk_east_worker", actor="C1", keyboard="W1")


@pytest.mark.parametrize(
    "changed",
    [
        {"seq": 99_999}, {"seq": 1}, {"seq": 0}, {"prev": chain.ZEROS}, {"prev": "x"}, {"version": 7},
        {"number": "P20261122-0001", "version": 1}, {"hash": "f" * 64}, {"hash": ""},
    ],
)  # fmt: skip
def test_no_link_of_the_chain_is_skipped(url: str, changed: dict[str, Any]) -> None:
    forged(url, "amy", PEN, **changed)


def test_the_chain_cannot_be_gone_around_by_copy(url: str) -> None:
    refused(url, "amy", NOT_SO, "COPY entries FROM STDIN")


@pytest.mark.parametrize(
    ("values", "state"),
    [
        ("1, '\\x73', '{}'", PEN), ("(SELECT max(seq) FROM entries), '\\x73', '{}'", PEN),
        ("99999, '\\x73', '{}'", PEN),
        ("(SELECT max(seq) FROM entries), (SELECT salt FROM bodies ORDER BY seq DESC LIMIT 1), "
         "(SELECT body FROM bodies ORDER BY seq DESC LIMIT 1)", TAKEN),
    ],
)  # fmt: skip
def test_no_entry_gets_another_body(url: str, values: str, state: str) -> None:
    refused(url, "amy", state, f"INSERT INTO bodies VALUES ({values})")


def test_an_entry_says_what_it_was_made_of(url: str) -> None:
    """Also within the transaction that writes it."""
    before = everything(url)
    with typing(url, "amy") as amy:
        amy.execute("BEGIN")
        made = entry(amy)
        amy.execute(written(made))
        with pytest.raises(psycopg.errors.IntegrityConstraintViolation):
            amy.execute("INSERT INTO bodies VALUES (%s, %s, %s)", (made["seq"], SALT, '{"said":"other"}'))
        amy.execute("ROLLBACK")
    assert everything(url) == before


DECOYS = (
    "CREATE TEMP TABLE entries (LIKE repairdesk_east.entries)",
    "CREATE TEMP TABLE orders (LIKE repairdesk_east.orders)",
    "CREATE TEMP TABLE bodies (LIKE repairdesk_east.bodies)",
    "CREATE TEMP TABLE purged (LIKE repairdesk_east.purged)",
    "CREATE TEMP TABLE tallies (LIKE repairdesk_east.tallies)",
    "CREATE TEMP TABLE logins (LIKE repairdesk_east.logins)",
    "INSERT INTO pg_temp.logins VALUES ('amy', 'M1', true), ('bob', 'W1', true)",
    "CREATE FUNCTION pg_temp.own_hand(text, text, text) RETURNS boolean LANGUAGE sql AS 'SELECT true'",
)
FIRST = f"pg_temp, {EAST}"


def test_tables_of_ones_own_fool_neither_policies_nor_triggers(url: str) -> None:
    forged(url, "amy", MAY_NOT, FIRST, *DECOYS, keyboard="M1")
    forged(url, "bob", MAY_NOT, FIRST, *DECOYS, actor="C1", keyboard="W1")
    # As the first of an empty ledger, which the decoy is.
    forged(url, "amy", PEN, FIRST, *DECOYS, seq=1, prev=chain.ZEROS, version=1)
    refused(url, "amy", MAY_NOT, *DECOYS, "UPDATE repairdesk_east.entries SET actor = 'X'", path=FIRST)


def test_what_is_counted_is_counted_in_the_real_table(own: str) -> None:
    with typing(own, "amy", FIRST) as amy:
        for text in DECOYS:
            amy.execute(text)
        amy.execute(f"UPDATE {EAST}.orders SET state = 'cancelled' WHERE state = 'archived'")
        assert amy.execute("SELECT count(*) FROM pg_temp.tallies").fetchone() == (0,)
    with psycopg.connect(own) as owner:
        asked = f"SELECT coalesce(sum(n), 0) FROM {EAST}.tallies WHERE state = 'archived'"
        assert owner.execute(asked).fetchone() == (0,)


@pytest.mark.parametrize("setting", ["standard_conforming_strings = off", "check_function_bodies = off",
                                     "backslash_quote = on", "bytea_output = escape"])  # fmt: skip
def test_no_setting_of_ones_own_opens_it(url: str, setting: str) -> None:
    forged(url, "bob", MAY_NOT, f"{EAST}, pg_temp", f"SET {setting}", actor="C1", keyboard="W1")
    forged(url, "amy", PEN, f"{EAST}, pg_temp", f"SET {setting}", hash="f" * 64)


def test_who_asks_for_no_policies_is_refused_altogether(url: str) -> None:
    forged(url, "amy", MAY_NOT, f"{EAST}, pg_temp", "SET row_security = off")


def test_what_the_program_itself_would_write_is_taken(own: str) -> None:
    """Else nothing above would show anything."""
    for login, changed in (("amy", {}), ("amy", {"actor": "W1"}), ("bob", BOB),
                           ("bob", {"actor": "os:bob", "keyboard": "os:bob"}),
                           ("bob", {"actor": "system", "keyboard": "W1", "event": "run"})):  # fmt: skip
        with typing(own, login) as connection, connection.transaction():
            made = entry(connection, **changed)
            connection.execute(written(made))
            connection.execute("INSERT INTO bodies VALUES (%s, %s, '{}')", (made["seq"], SALT))
    found = verify(Server(own, "east"))
    assert [one["what"].template for one in found["problems"]] == ["streams: {number} does not end where it should"]


# --- other sites, and no site


@pytest.mark.parametrize("login", ["amy", "bob", "pam", "kim", "zoe"])
@pytest.mark.parametrize(
    "text",
    [f"SELECT * FROM {WEST}.entries", f"SELECT body FROM {WEST}.bodies", f"SELECT count(*) FROM {WEST}.orders",
     f"INSERT INTO {WEST}.bodies VALUES (1, '', '')", f"SELECT {WEST}.take_bodies(1)",
     f"SELECT '{WEST}.entries'::regclass"],
)  # fmt: skip
def test_who_has_no_role_at_a_site_cannot_look_into_it(url: str, login: str, text: str) -> None:
    refused(url, login, MAY_NOT, text)


def test_a_login_without_a_role_sees_nothing_at_all(url: str) -> None:
    refused(url, "zoe", MAY_NOT, f"SELECT * FROM {EAST}.entries")


# --- a purger takes bodies by a purge entry, and not otherwise


def test_a_purger_takes_nothing_without_an_entry_that_says_so(url: str) -> None:
    with typing(url, "pam") as pam:
        (ordinary,) = pam.execute("SELECT max(seq) FROM entries WHERE event = 'intake'").fetchone()
        before = everything(url)
        pam.execute("SELECT take_bodies(%s)", (ordinary,))
        pam.execute("SELECT take_bodies(99999)")
    assert everything(url) == before
    refused(url, "pam", MAY_NOT, "INSERT INTO purged VALUES (1, 2, '{}')")
    refused(url, "pam", MAY_NOT, "DELETE FROM bodies WHERE seq = 1")


def test_a_purger_cannot_name_more_than_a_purge_entry_does(url: str) -> None:
    with typing(url, "pam") as pam:
        (purge,) = pam.execute("SELECT max(seq) FROM entries WHERE event = 'purge'").fetchone()
        before = everything(url)
        pam.execute("SELECT take_bodies(%s)", (purge,))
    assert everything(url) == before, "what it names is gone already"


def purge(connection: Any, body: str) -> None:
    """A purge entry written by hand, and what it names taken."""
    with connection.transaction():
        made = entry(connection, number="purge:000009", event="purge", actor="M1", keyboard="M1", body=body)
        connection.execute(written(made))
        connection.execute("INSERT INTO bodies VALUES (%s, %s, %s)", (made["seq"], SALT, body))
        connection.execute("SELECT take_bodies(%s)", (made["seq"],))


def test_what_a_purger_takes_by_hand_stands_in_the_chain_with_that_hand(own: str) -> None:
    with typing(own, "pam") as pam:
        (seq,) = pam.execute("SELECT min(seq) FROM entries WHERE event = 'reveal'").fetchone()
        purge(pam, chain.canonical({"remains": {str(seq): {}}}))
        assert pam.execute("SELECT count(*) FROM bodies WHERE seq = %s", (seq,)).fetchone() == (0,)
        hand = pam.execute("SELECT keyboard FROM entries WHERE event = 'purge' ORDER BY seq DESC LIMIT 1").fetchone()
        assert hand == ("M1",)
    assert not verify(Server(own, "east"))["ok"]


def test_a_purge_entry_cannot_take_a_later_body(url: str) -> None:
    before = everything(url)
    with typing(url, "pam") as pam:
        (last,) = pam.execute("SELECT max(seq) FROM entries").fetchone()
        with pytest.raises(psycopg.errors.IntegrityConstraintViolation):
            purge(pam, chain.canonical({"remains": {str(last + 1): {}}}))
    assert everything(url) == before


# --- what is not refused, and is found


FOUND = {
    "an order": "UPDATE orders SET state = 'cancelled' WHERE number = 'P20261122-0001'",
    "what is owed": "UPDATE obligations SET due_at = '2036-01-01T00:00:00Z'",
    "a posting": "UPDATE postings SET amount = amount + 1",
    "a receipt": "UPDATE receipts SET amount = 1",
    "who somebody is": "UPDATE staff SET role = 'manager' WHERE id = 'W1'",
    "a person of one's own": "INSERT INTO staff SELECT 'M9', 'amy', 'manager', 'amy', 0, doc FROM staff LIMIT 1",
    "rules": "UPDATE rules SET version = '2036-01'",
    "a household": "UPDATE households SET place = '9-9-999' WHERE id = (SELECT min(id) FROM households)",
    "a message": "UPDATE messages SET state = 'sent', next_at = NULL, tries = tries + 1",
    "where a number ends": "UPDATE streams SET version = version + 1",
    "how many there are": "DELETE FROM tallies",
    "a place": "UPDATE places SET place = 'elsewhere'",
    "an order that nobody reported": "INSERT INTO streams VALUES ('P20991122-0001', 1, 1)",
}
"""A worker's login keeps what follows from the entries, and so can spoil it by hand; ``verify`` makes it anew."""


@pytest.mark.rule("REC-5")
def test_what_a_clerk_spoils_by_hand_is_found_each_by_itself(own: str) -> None:
    where = Server(own, "east")
    assert verify(where)["ok"]
    for what, text in FOUND.items():
        with psycopg.connect(own.replace("postgres@", "amy@")) as amy:
            amy.execute(f"SET search_path TO {EAST}")
            assert amy.execute(text).rowcount, what
            amy.commit()
        assert not verify(where)["ok"], what
        mended(own)
        assert verify(where)["ok"], what


def mended(url: str) -> None:
    from repairdesk.ledger.verify import rebuild

    rebuild(Server(url, "east"))


def test_an_entry_without_a_body_is_taken_back_and_what_it_says_is_an_object(url: str) -> None:
    """Neither could ever be mended, and no copy would be made of the site again."""
    before = everything(url)
    with typing(url, "amy") as amy:
        with pytest.raises(psycopg.errors.IntegrityConstraintViolation, match="has a body"):
            amy.execute(written(entry(amy)))
        for body, refusal in (("nonsense", psycopg.errors.InvalidTextRepresentation), ("", psycopg.DataError),
                              ("[]", psycopg.errors.IntegrityConstraintViolation)):  # fmt: skip
            with pytest.raises(refusal):
                whole(amy, body)
    assert everything(url) == before


def whole(connection: Any, body: str, **changed: Any) -> None:
    """An entry with its body, as somebody types it."""
    with connection.transaction():
        made = entry(connection, body=body, **changed)
        connection.execute(written(made))
        connection.execute("INSERT INTO bodies VALUES (%s, %s, %s)", (made["seq"], SALT, body))


@pytest.mark.parametrize("body", ["{}", '{"a":1.5}', '{"fields":[]}'])
def test_what_no_order_could_have_is_named_by_whoever_looks(own: str, body: str) -> None:
    """It cannot be refused, as the server does not know the rules; no command fails of it otherwise."""
    from repairdesk.desk.turn import fetch
    from repairdesk.errors import Damaged

    with typing(own, "amy") as amy:
        whole(amy, body, number="P20261122-0001", event="correct")
        (seq,) = amy.execute("SELECT max(seq) FROM entries").fetchone()
    with Ledger(Server(own, "east")).read() as reader, pytest.raises(Damaged) as caught:
        fetch(reader, "P20261122-0001")
    assert caught.value.values == {"seq": seq, "number": "P20261122-0001"}
    assert {one["seq"] for one in verify(Server(own, "east"))["problems"]} >= {seq}


@pytest.mark.rule("RET-3")
def test_a_purger_who_puts_other_words_in_the_place_of_an_order_is_found(own: str) -> None:
    with typing(own, "pam") as pam:
        asked = "SELECT b.seq, body FROM bodies b JOIN entries e ON e.seq = b.seq WHERE event = 'intake' ORDER BY b.seq"
        seq, body = pam.execute(f"{asked} LIMIT 1").fetchone()
        assert "fault" in json.loads(body)
        purge(pam, chain.canonical({"remains": {str(seq): json.loads(body) | {"fault": "nothing was wrong"}}}))
    assert not verify(Server(own, "east"))["ok"]


@pytest.mark.parametrize(
    "changed",
    [
        {"number": "P20261122-0001", "event": "staff"}, {"number": "S-ZZ", "event": "nonsense"},
        {"number": "staff:W1", "event": "assign"}, {"number": "message:1", "event": "run"},
        {"number": "policies:mine", "event": "note"}, {"number": "month:2026-10", "event": "intake"},
    ],
)  # fmt: skip
def test_an_event_that_its_number_cannot_have_is_refused(url: str, changed: dict[str, Any]) -> None:
    forged(url, "amy", PEN, **changed)


def at(minutes: float = 0) -> str:
    """So many minutes from now."""
    return iso_utc(datetime.now(UTC) + timedelta(minutes=minutes))


@pytest.mark.parametrize(
    ("occurred_at", "recorded_at"),
    [("zzz", "qqq"), ("2026-11-22", "2026-11-22T08:00:00Z"), ("2026-11-22T08:00:00+08:00", "2026-11-22T08:00:00Z"),
     ("2026-11-22T08:00:00Z", "2026-11-22T08:60:00Z"), ("2026-11-22T08:00:00Z", "")],
)  # fmt: skip
def test_times_are_times_at_whatever_clock(url: str, occurred_at: str, recorded_at: str) -> None:
    forged(url, "amy", PEN, occurred_at=occurred_at, recorded_at=recorded_at)
    forged(url, "postgres", PEN, occurred_at=occurred_at, recorded_at=recorded_at)


@pytest.fixture
def strict(url: str) -> Iterator[str]:
    """The database as it is where nobody practises: times are held against the server's clock."""
    name = url.partition("?")[0].rpartition("/")[2]
    at_first.cache_clear()
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute(f"ALTER DATABASE {name} RESET repairdesk.clock")
        yield url
        owner.execute(f"ALTER DATABASE {name} SET repairdesk.clock TO caller")
    at_first.cache_clear()


@pytest.mark.rule("REC-2")
@pytest.mark.parametrize("own", ["SELECT 1", "SET repairdesk.clock = 'caller'"])
@pytest.mark.parametrize(("occurred", "recorded"), [(-10, -10), (0, 10), (6, 3), (-60 * 24 * 365, -6), (0, 40_000_000)])
def test_nobody_writes_at_another_time_than_that_of_the_server(
    strict: str, occurred: float, recorded: float, own: str
) -> None:
    forged(strict, "amy", APART, f"{EAST}, pg_temp", own, occurred_at=at(occurred), recorded_at=at(recorded))


@pytest.mark.rule("REC-2")
def test_a_clock_that_is_nearly_right_will_do(strict: str, own: str) -> None:
    name = own.partition("?")[0].rpartition("/")[2]
    with psycopg.connect(own, autocommit=True) as owner:
        owner.execute(f"ALTER DATABASE {name} RESET repairdesk.clock")
    for occurred, recorded in ((-60 * 24 * 365, -4), (4, 4), (0, 0)):
        with typing(own, "bob") as bob, bob.transaction():
            made = entry(bob, **BOB, occurred_at=at(occurred), recorded_at=at(recorded))
            bob.execute(written(made))
            bob.execute("INSERT INTO bodies VALUES (%s, %s, '{}')", (made["seq"], SALT))


@pytest.mark.rule("REC-2")
def test_a_machine_whose_clock_is_wrong_is_told_so(strict: str) -> None:
    now = datetime.now(UTC) - timedelta(hours=1)
    said = {"occurred_at": now, "recorded_at": now, "late": False, "data": {}}
    ledger = Ledger(Server(strict.replace("postgres@", "bob@"), "east"))
    with pytest.raises(NotAllowed, match="clock of this machine"), ledger.write() as writer:
        writer.append("note:1", "note", actor="W1", keyboard="W1", **said)


def test_a_place_that_a_purger_drops_by_hand_is_found(own: str) -> None:
    with typing(own, "pam") as pam:
        (place,) = pam.execute("SELECT min(id) FROM places").fetchone()
        pam.execute("SELECT drop_place(%s)", (place,))
    assert not verify(Server(own, "east"))["ok"]


def test_who_only_reads_can_prove_it_all_the_same(url: str) -> None:
    assert verify(Server(url.replace("postgres@", "kim@"), "east"))["problems"] == []


# --- by the program, and by psql itself


def test_the_program_says_in_words_what_the_server_refused(url: str) -> None:
    from repairdesk.errors import NotPermitted

    now = datetime(2026, 11, 22, 8, tzinfo=UTC)
    at = {"occurred_at": now, "recorded_at": now, "late": False, "data": {}}
    ledger = Ledger(Server(url.replace("postgres@", "bob@"), "east"))
    before = everything(url)
    with pytest.raises(NotPermitted, match="does not let this login"), ledger.write() as writer:
        writer.append("note:1", "note", actor="C1", keyboard="W1", **at)
    with pytest.raises(NotPermitted), Ledger(Server(url.replace("postgres@", "bob@"), "west")).read():
        pass
    assert everything(url) == before


def test_psql_is_refused_the_same(url: str) -> None:
    psql = shutil.which("psql")
    if psql is None:
        pytest.skip("psql is not installed")
    before = everything(url)
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    for text in ("UPDATE entries SET actor = 'X'", "DELETE FROM bodies", "SET SESSION AUTHORIZATION pam",
                 f"SELECT * FROM {WEST}.orders", "\\copy entries from /dev/null"):  # fmt: skip
        ran = subprocess.run(
            [psql, "-X", "-v", "ON_ERROR_STOP=1", "-v", "VERBOSITY=verbose", "-d", url.replace("postgres@", "amy@")],
            input=f"SET search_path TO {EAST};\n{text}\n" + ("" if text.startswith("\\") else ";\n"),
            capture_output=True, text=True, check=False, env=clean,
        )  # fmt: skip
        assert ran.returncode == 3, ran.stderr
        assert any(state in ran.stderr for state in (MAY_NOT, NOT_SO)), ran.stderr
    assert everything(url) == before
