"""Who may do what with a ledger on a server: said by the server's own means, which no program can reach around.

Three roles for each site, which a login is given by ``ledger admit``: a *reader* sees; a *worker* appends to the
journal and keeps the projections, which ``verify`` can make anew of it; a *purger* may also take bodies (RET-2). None
of them may alter or delete an entry. What a worker writes carries the worker's own hand: ``logins`` says who each is,
and row-level security compares. Sites are schemas: who has no role in one cannot see into it. Roles belong to the whole
server, so their names carry the database, and one that is used in another database, too, is not taken for ours.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from repairdesk.domain.staff import SYSTEM
from repairdesk.errors import N_, NotFound, NotPermitted

if TYPE_CHECKING:
    from repairdesk.ledger.postgres import Connection, Server

READER, WORKER, PURGER = "reader", "worker", "purger"
ROLES = (READER, WORKER, PURGER)
BY_ITSELF = (
    *("convert", "open", "escalate", "run", "void", "join", "revert", "settled", "taken-over"),
    *("queue", "try", "sent", "failed", "given-up"),
)
"""What the program writes by itself beside what somebody did, or by night: at anybody's keyboard."""

_BY_ITSELF = ", ".join(f"'{event}'" for event in BY_ITSELF)
LOGINS = (
    'CREATE TABLE logins (login TEXT COLLATE "C" PRIMARY KEY, staff TEXT COLLATE "C", '
    "others BOOLEAN NOT NULL DEFAULT false)",
    # Whoever calls it may read the table of logins, and not write it.
    "CREATE FUNCTION own_hand(keyboard text, actor text, event text) RETURNS boolean LANGUAGE sql STABLE AS $$ SELECT "
    "EXISTS (SELECT 1 FROM logins WHERE login = session_user AND keyboard IN (staff, 'os:' || login) "
    f"AND (others OR actor = keyboard OR (actor = '{SYSTEM}' AND event IN ({_BY_ITSELF})))) "
    "AND (event <> 'purge' OR has_function_privilege(session_user, 'take_bodies(integer)', 'EXECUTE')) $$",
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

KEPT = "orders obligations postings receipts households messages staff rules streams places tallies".split()
"""Tables that a worker brings up to date with what is written."""
PINNED = (
    "written_in_pen() entries_link() entries_bodied() bodies_link() bodies_go() purged_link() orders_tallied() "
    "orders_moved() own_hand(text,text,text) take_bodies(integer) drop_place(integer)"
).split()
"""Functions that name tables: a table of the caller's own with the same name must not come first."""


def statements(schema: str) -> Iterator[str]:
    """What is said once the tables of a site are made, by their owner."""
    yield from (*LOGINS, *TAKING)
    for function in PINNED:
        yield f'ALTER FUNCTION {function} SET search_path TO "{schema}", pg_temp'
    for function in PINNED[-2:]:
        yield f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC"


def make_roles(opened: Connection, schema: str) -> None:
    """Make the roles of a site's ledger, whose tables the caller owns, and grant what they may."""
    (oid,) = opened.execute("SELECT oid::bigint FROM pg_database WHERE datname = current_database()").fetchone()
    base, n = f"_{oid}", 1
    suffix = base
    # One that is left of a site that is gone, or of a database that had this number elsewhere, may have members.
    while opened.execute(_KNOWN, {"login": _called(schema, READER, suffix)}).fetchone():
        n += 1
        suffix = f"{base}_{n}"
    reader, worker, purger = (_called(schema, name, suffix) for name in ROLES)
    (login, may) = opened.execute(_MAKES_ROLES).fetchone()
    if not may:
        raise NotPermitted(N_("{login} may not make the roles of a site: ALTER ROLE {login} CREATEROLE"), login=login)
    for name in (reader, worker, purger):
        opened.do(f'CREATE ROLE "{name}" NOLOGIN')
    opened.do(f'GRANT "{reader}" TO "{worker}"')
    opened.do(f'GRANT "{worker}" TO "{purger}"')
    opened.do(f'GRANT USAGE ON SCHEMA "{schema}" TO "{reader}"')
    opened.do(f'GRANT SELECT ON ALL TABLES IN SCHEMA "{schema}" TO "{reader}"')
    opened.do(f'GRANT INSERT ON entries, bodies TO "{worker}"')
    opened.do(f'GRANT INSERT, UPDATE ON {", ".join(KEPT)} TO "{worker}"')
    opened.do(f'GRANT DELETE ON tallies TO "{worker}"')
    opened.do(f'GRANT USAGE ON ALL SEQUENCES IN SCHEMA "{schema}" TO "{worker}"')
    for function in PINNED[-2:]:
        opened.do(f'GRANT EXECUTE ON FUNCTION {function} TO "{purger}"')


def roles(opened: Connection, schema: str) -> dict[str, str]:
    """What each role of a site is called on the server; nothing where the ledger has none that is its alone."""
    for name, alone in opened.execute(_READERS, {"schema": schema}).fetchall():
        if alone:
            suffix = name.removeprefix(f"{schema}_{READER}")
            return {role: _called(schema, role, suffix) for role in ROLES}
    return {}


def _own_roles(opened: Connection, schema: str) -> dict[str, str]:
    """The same, made where there are none: a copy of a database has the grants of the first one, and is not it."""
    found = roles(opened, schema)
    if found:
        return found
    for reader, _ in opened.execute(_READERS, {"schema": schema}).fetchall():
        suffix = reader.removeprefix(f"{schema}_{READER}")
        for role in ROLES:
            name = _name(_called(schema, role, suffix))
            for what in ("TABLES", "SEQUENCES", "FUNCTIONS"):
                opened.do(f'REVOKE ALL ON ALL {what} IN SCHEMA "{schema}" FROM {name}')
            opened.do(f'REVOKE ALL ON SCHEMA "{schema}" FROM {name}')
    make_roles(opened, schema)
    return roles(opened, schema)


def drop_roles(opened: Connection, schema: str) -> None:
    """Take back the roles that were just made; the tables go first of what they may."""
    found = roles(opened, schema)
    opened.do(f'DROP SCHEMA IF EXISTS "{schema}" CASCADE')
    for name in found.values():
        opened.do(f"DROP ROLE {_name(name)}")


_MAKES_ROLES = "SELECT rolname::text, rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user"


def _called(schema: str, role: str, suffix: str) -> str:
    return f"{schema}_{role}{suffix}"


# A role that has rights in another database, too, is that one's: who was given it there was not given it here.
_READERS = (
    "SELECT r.rolname::text, NOT EXISTS (SELECT 1 FROM pg_shdepend d WHERE d.refclassid = 'pg_authid'::regclass AND "
    "d.refobjid = r.oid AND d.dbid NOT IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))) "
    "FROM pg_namespace n CROSS JOIN aclexplode(n.nspacl) a JOIN pg_roles r ON r.oid = a.grantee "
    "WHERE n.nspname = %(schema)s AND a.privilege_type = 'USAGE' AND NOT r.rolcanlogin "
    "AND r.rolname ~ ('^' || %(schema)s::text || '_reader(_[0-9]+)*$') ORDER BY r.oid DESC"
)
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
        own = _revoke(opened, server, login)
        opened.do(f"GRANT {_name(own[name])} TO {_name(login)}")
        opened.execute(_ADMIT, {"login": login, "staff": staff, "others": others})


def dismiss(server: Server, login: str) -> None:
    """Take from a login what it was given; what it wrote stays.

    Raises:
        NotFound: there is no such login. NotPermitted: the caller does not own the ledger.
    """
    with _owned(server) as opened:
        _revoke(opened, server, login)
        opened.execute(_DISMISS, {"login": login})


def _revoke(opened: Connection, server: Server, login: str) -> dict[str, str]:
    """Take every role of the site from a login that there is; answers with what they are called."""
    if opened.execute(_KNOWN, {"login": login}).fetchone() is None:
        raise NotFound(N_("the server has no login {login}: CREATE ROLE {login} LOGIN"), login=login)
    own = _own_roles(opened, server.schema)
    for name in own.values():
        opened.do(f"REVOKE {_name(name)} FROM {_name(login)}")
    return own


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
