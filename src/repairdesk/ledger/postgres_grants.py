"""Who may do what with a ledger on a server: said by the server's own means, which no program can reach around.

Three roles for each site, which a login is given by ``ledger admit``: a *reader* sees; a *worker* appends to the
journal and keeps the projections, which ``verify`` can make anew of it; a *purger* may also take bodies (RET-2). None
of them may alter or delete an entry. What a worker writes carries the worker's own hand: ``logins`` says who each is,
and row-level security compares. Sites are schemas: who has no role in one cannot see into it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from repairdesk.errors import N_, NotFound

if TYPE_CHECKING:
    from repairdesk.ledger.postgres import Connection, Server

READER, WORKER, PURGER = "reader", "worker", "purger"
ROLES = (READER, WORKER, PURGER)

LOGINS = (
    'CREATE TABLE logins (login TEXT COLLATE "C" PRIMARY KEY, staff TEXT COLLATE "C", '
    "others BOOLEAN NOT NULL DEFAULT false)",
    # Whoever calls it may read the table of logins, and not write it.
    "CREATE FUNCTION own_hand(keyboard text, actor text, event text) RETURNS boolean LANGUAGE sql STABLE AS $$ SELECT "
    "EXISTS (SELECT 1 FROM logins WHERE login = session_user AND keyboard IN (staff, 'os:' || login) "
    "AND (others OR actor = keyboard)) "
    "AND (event <> 'purge' OR pg_has_role(session_user, (current_schema() || '_purger')::name, 'MEMBER')) $$",
    "ALTER TABLE entries ENABLE ROW LEVEL SECURITY",
    "CREATE POLICY entries_seen ON entries FOR SELECT USING (true)",
    "CREATE POLICY entries_own_hand ON entries FOR INSERT WITH CHECK (own_hand(keyboard, actor, event))",
)
TAKING = (
    # What is left of each comes from the entry itself, where it stands in its canonical form: nobody says another.
    "CREATE FUNCTION take_bodies(by integer) RETURNS void LANGUAGE sql SECURITY DEFINER AS $$ "
    "INSERT INTO purged (seq, entry, remains) SELECT key::integer, seq, value::text FROM bodies, "
    "json_each(body::json -> 'remains') WHERE seq = by AND key ~ '^[0-9]{1,9}$' ON CONFLICT DO NOTHING; "
    "DELETE FROM bodies USING purged WHERE purged.entry = by AND bodies.seq = purged.seq $$",
    "CREATE FUNCTION drop_place(dropped integer) RETURNS void LANGUAGE sql SECURITY DEFINER AS "
    "$$ DELETE FROM places WHERE id = dropped $$",
)
"""What a purge does, for whom it is granted to."""

_KEPT = "orders obligations postings receipts households messages staff rules streams places tallies".split()
PINNED = (
    "written_in_pen() entries_link() bodies_link() bodies_go() purged_link() orders_tallied() own_hand(text,text,text) "
    "take_bodies(integer) drop_place(integer)"
).split()
"""Functions that name tables: a table of the caller's own with the same name must not come first."""


def role(schema: str, name: str) -> str:
    """What a role of a site is called on the server."""
    return f"{schema}_{name}"


def statements(schema: str) -> Iterator[str]:
    """What is said once the tables of a site are made, by their owner."""
    yield from (*LOGINS, *TAKING)
    for function in PINNED:
        yield f'ALTER FUNCTION {function} SET search_path TO "{schema}", pg_temp'
    for function in PINNED[-2:]:
        yield f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC"
    reader, worker, purger = (role(schema, name) for name in ROLES)
    for name in (reader, worker, purger):
        yield f'DO $$ BEGIN CREATE ROLE "{name}" NOLOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$'
    yield f'GRANT "{reader}" TO "{worker}"'
    yield f'GRANT "{worker}" TO "{purger}"'
    yield f'GRANT USAGE ON SCHEMA "{schema}" TO "{reader}"'
    yield f'GRANT SELECT ON ALL TABLES IN SCHEMA "{schema}" TO "{reader}"'
    yield f'GRANT INSERT ON entries, bodies TO "{worker}"'
    yield f'GRANT INSERT, UPDATE ON {", ".join(_KEPT)} TO "{worker}"'
    yield f'GRANT DELETE ON tallies TO "{worker}"'
    yield f'GRANT USAGE ON ALL SEQUENCES IN SCHEMA "{schema}" TO "{worker}"'
    for function in PINNED[-2:]:
        yield f'GRANT EXECUTE ON FUNCTION {function} TO "{purger}"'


_ADMIT = (
    "INSERT INTO logins (login, staff, others) VALUES (%(login)s, %(staff)s, %(others)s) "
    "ON CONFLICT (login) DO UPDATE SET staff = excluded.staff, others = excluded.others"
)
_DISMISS = "DELETE FROM logins WHERE login = %(login)s"
_KNOWN = "SELECT 1 FROM pg_roles WHERE rolname = %(login)s"


def admit(server: Server, login: str, name: str, staff: str | None, *, others: bool) -> None:
    """Give a login of the server a role of the site, and say whose hand it is; said again, it is changed.

    Args:
        staff: the staff record whose account it is; what the login writes is theirs.
        others: it may also write what others did, as a counter does that people ring up.

    Raises:
        NotFound: there is no such login. NotPermitted: the caller does not own the ledger.
    """
    with _owned(server) as opened:
        _revoke(opened, server, login)
        opened.do(f"GRANT {_name(role(server.schema, name))} TO {_name(login)}")
        opened.execute(_ADMIT, {"login": login, "staff": staff, "others": others})


def dismiss(server: Server, login: str) -> None:
    """Take from a login what it was given; what it wrote stays.

    Raises:
        NotFound: there is no such login. NotPermitted: the caller does not own the ledger.
    """
    with _owned(server) as opened:
        _revoke(opened, server, login)
        opened.execute(_DISMISS, {"login": login})


def _revoke(opened: Connection, server: Server, login: str) -> None:
    """Take every role of the site from a login that there is."""
    if opened.execute(_KNOWN, {"login": login}).fetchone() is None:
        raise NotFound(N_("the server has no login {login}: CREATE ROLE {login} LOGIN"), login=login)
    for name in ROLES:
        opened.do(f"REVOKE {_name(role(server.schema, name))} FROM {_name(login)}")


def _name(text: str) -> str:
    """A name as it stands in a statement, whatever it is."""
    return '"' + text.replace('"', '""') + '"'


@contextmanager
def _owned(server: Server) -> Iterator[Connection]:
    """A transaction, all of which is done or nothing."""
    opened = server.opened()
    try:
        with server.translated(0):
            opened.do("BEGIN")
            try:
                yield opened
                opened.do("COMMIT")
            except BaseException:
                opened.rollback()
                raise
    finally:
        opened.close()
