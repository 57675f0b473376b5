"""What a PostgreSQL server complains about, as errors that a user can act on; and who has the lock of a site."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import psycopg

from repairdesk.errors import N_, BadInput, Busy, Damaged, DeskError, NotAllowed, NotFound, NotPermitted, StorageError
from repairdesk.ledger.holders import Holder, busy
from repairdesk.ledger.server_names import APART

if TYPE_CHECKING:
    from repairdesk.ledger.postgres import Connection, Server

# What says why it does not let anybody in carries no state.
_NO_DATABASE = re.compile(r'database "[^"]*" does not exist')
_READ_ONLY = "25006"
"""A server that stands by for another one, or whose owner had it only read."""
_BUSY = ("55P03", "40P01", "57014")
_BROKEN = (psycopg.InternalError, psycopg.InterfaceError)
_PEN = "23000"
"""What the triggers of the ledger raise (``postgres_triggers``)."""


@contextmanager
def translated(server: Server, wait_seconds: float) -> Iterator[None]:
    """Whatever the server complains about inside, as an error that a user can act on.

    Raises:
        Busy: others hold the ledger of the site for longer than ``wait_seconds``.
        NotPermitted: the login may not do that. NotFound: there is no such database.
        Damaged: the tables are not those of a ledger. StorageError: the server cannot be reached, or its disk is full.
    """
    try:
        yield
    except psycopg.Error as error:
        known = _known(error, server, wait_seconds)
        if known is None:
            raise
        raise known from error


def _known(error: psycopg.Error, server: Server, wait_seconds: float) -> DeskError | None:
    state, where = error.sqlstate or "", str(server)
    detail = (str(error).strip().splitlines() or [""])[0]
    if state in _BUSY:
        return _busy(server, wait_seconds)
    if state == "42501" and error.diag.source_function == "ExecWithCheckOptions":
        return NotPermitted(N_("the database does not let this login write for others: ledger admit says whose hand "
                               "it is"))  # fmt: skip
    if state == "42501":
        return NotPermitted(N_("the database does not let this login do that: {detail}"), detail=detail)
    if state == _PEN:
        return NotAllowed(N_("the database refuses it: {detail}"), rule="REC-1", detail=detail)
    if state == APART:
        return NotAllowed(N_("the clock of this machine differs from that of the server by more than five minutes: "
                             "set it right"), rule="REC-2")  # fmt: skip
    if state == _READ_ONLY:
        return StorageError(N_("the server of {path} only lets read now: nothing was written; ask who runs it"),
                            path=where)  # fmt: skip
    if state in ("42P01", "42703", "42883", "XX001", "XX002"):
        return Damaged(N_("{path} is damaged: {detail}; restore a backup of it"), path=where, detail=detail)
    if state == "3D000" or (not state and _NO_DATABASE.search(str(error))):
        return NotFound(N_("there is no database at {path}: {detail}"), path=where, detail=detail)
    if state in ("53100", "53200"):
        return StorageError(N_("the server of {path} has no room left: nothing was written; make room, then do it "
                               "again"), path=where)  # fmt: skip
    if state == "54000":
        # An index holds some 2,700 bytes of what it finds by.
        said = N_("a place, a name or a number is longer than the server can look for: {detail}")
        return BadInput(said, detail=detail)
    if isinstance(error, psycopg.DataError) and "NUL" in detail:
        return BadInput(N_("a text cannot be kept: it holds bytes that are no characters"))
    # What says no more than that an answer did not come, or was none: the connection broke in the middle of it.
    broken = not state and (isinstance(error, _BROKEN) or type(error) is psycopg.DatabaseError)
    if broken or isinstance(error, psycopg.OperationalError) or state.startswith(("08", "57P", "58", "28")):
        return StorageError(N_("{path} cannot be reached: {detail}"), path=where, detail=detail)
    return None


def _busy(server: Server, wait_seconds: float) -> Busy:
    by: list[Holder] = []
    with suppress(DeskError, psycopg.Error):
        opened = server.connect()
        try:
            by = holders(server, opened)
        finally:
            opened.close()
    return busy(by, wait_seconds)


def holders(server: Server, opened: Connection) -> list[Holder]:
    """The logins that have the lock of the site; where none has, those that locked rows or tables of it by hand."""
    one, other = server.lock
    asked = {"one": one, "other": other % (1 << 32), "schema": server.schema}
    with suppress(psycopg.Error):
        for which in (_SITE, _TABLES):
            text = _HOLDERS.format(which=which)
            if found := [Holder(*row) for row in opened.execute(text, asked).fetchall()]:
                return found
    return []


# What cleans up behind everybody has no user.
_HOLDERS = (
    "SELECT DISTINCT a.pid, a.usename::text, a.application_name FROM pg_locks l JOIN pg_stat_activity a USING (pid) "
    "WHERE l.granted AND a.pid <> pg_backend_pid() AND a.usename IS NOT NULL AND {which} ORDER BY a.pid"
)
_SITE = (
    "l.locktype = 'advisory' AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()) "
    "AND l.classid::bigint = %(one)s AND l.objid::bigint = %(other)s"
)
_TABLES = (
    "l.locktype = 'relation' AND l.mode <> 'AccessShareLock' AND l.relation IN (SELECT c.oid FROM pg_class c JOIN "
    "pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = %(schema)s)"
)
