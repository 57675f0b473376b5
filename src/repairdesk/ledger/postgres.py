"""A ledger on a PostgreSQL server: one schema for each site, and connections that behave as those to a file do.

Whoever writes has the ledger of its site for itself by an advisory lock, which ends with the transaction. It is taken
at READ COMMITTED: with a snapshot from before the lock a writer would link to an entry that is not the last any more.
Whoever reads sees one moment of it (REPEATABLE READ) and holds nobody up.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from pathlib import Path
from types import ModuleType
from typing import Any, cast
from zlib import crc32

import psycopg
from psycopg import sql as words
from psycopg.pq import TransactionStatus

from repairdesk.errors import N_, Damaged, NotAllowed, NotFound, NotPermitted, Sentence, StorageError, UsageError
from repairdesk.ledger import database, postgres_errors, postgres_sql, server_names, versions
from repairdesk.ledger.database import Database, Finding, Lasting, Reach, Rows, Sizes, Store
from repairdesk.ledger.postgres_waiting import MOST, Waiting
from repairdesk.ledger.server_names import SCHEMA

LOCK = 0x5244534B
"""“RDSK”: the first half of the advisory lock's key; the other half tells the sites apart."""
_AT_ONCE = 2000  # rows of what does not fit into memory
_TELL_MS = round(database.TELL_SECONDS * 1000)
_PATIENCE = {
    "connect_timeout": 10, "keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 4,
    "tcp_user_timeout": 30_000,
}  # fmt: skip
"""So long a server that does not answer, or is not there any more, is waited for: seconds; the last, milliseconds."""
_UNSURE_SECONDS = 10
"""So long it is asked what became of a change whose answer was lost, as a server that was killed comes back."""

# It notes what it could not do with a connection that broke, which is told by the error; nobody else would hear of it.
logging.getLogger("psycopg").setLevel(logging.CRITICAL)


class Whole(psycopg.adapt.Loader):
    """A sum as PostgreSQL makes it of large numbers, of which each is whole."""

    def load(self, data: Any) -> int | float:
        """An int where it is whole."""
        text = bytes(data).decode()
        return float(text) if "." in text else int(text)


class Connection:
    """A connection, as ``database.Database`` asks for it."""

    sql: ModuleType = postgres_sql
    is_apart = is_far = True
    DatabaseError = psycopg.DatabaseError

    def __init__(self, opened: psycopg.Connection[Any], site: str | None = None) -> None:
        self._opened = opened
        self.site = site
        self._cursors = 0
        self._waiting = Waiting()
        opened.adapters.register_loader("numeric", Whole)

    @property
    def driver(self) -> psycopg.Connection[Any]:
        """The driver's own connection, for who upgrades."""
        return self._opened

    @property
    def finding(self) -> Finding:
        """An index of the pieces of words, which the server keeps by itself."""
        from repairdesk.ledger import postgres_finding

        return postgres_finding

    @property
    def in_transaction(self) -> bool:
        """Whether something is begun that is neither kept nor undone."""
        return self._opened.info.transaction_status in (TransactionStatus.INTRANS, TransactionStatus.INERROR)

    @property
    def is_gone(self) -> bool:
        """Whether the server went away."""
        return self._opened.broken

    def execute(self, text: str, values: Any = (), /) -> Rows:
        """Do one statement; what waits comes before it."""
        if self._waiting:
            self._catch_up(text)
        return self.aside(text, values)

    def aside(self, text: str, values: Any = (), /) -> Rows:
        """Do a statement that has nothing to do with what waits."""
        return self._opened.execute(cast(Any, text), values)

    def later(self, text: str, row: Any, /) -> None:
        """Insert a row before the next statement is done."""
        self._waiting.add(text, row)
        if len(self._waiting) >= MOST:
            self._catch_up()

    def executemany(self, text: str, rows: Iterable[Any], /) -> None:
        """Insert rows before the next statement is done."""
        for row in rows:
            self.later(text, row)

    def _catch_up(self, before: str = "") -> None:
        """Send what waits, unless what comes next undoes it."""
        sent = [] if before.startswith("ROLLBACK") else list(self._waiting.statements())
        self._waiting.clear()
        if not sent:
            return
        # One journey for all of them.
        with self._opened.pipeline() if len(sent) > 1 else nullcontext():
            for text, values in sent:
                self._opened.execute(cast(Any, text), values)

    def do(self, text: str) -> None:
        """Do what is written there as it is, without parameters."""
        self.execute(text, None)

    def each(self, text: str, values: Any = (), /) -> Rows:
        """The rows of a statement that may have more of them than fit into memory."""
        if self._waiting:
            self._catch_up()
        self._cursors += 1
        cursor = self._opened.cursor(name=f"each_{self._cursors}")
        cursor.itersize = _AT_ONCE
        try:
            return _Streamed(cursor.execute(cast(Any, text), values))
        except BaseException:
            cursor.close()
            raise

    def expect_much(self) -> None:
        """A server sees to its memory itself."""

    def forgive_text(self) -> None:
        """A server takes nothing for text that is none."""

    def amiss(self) -> Iterator[Sentence]:
        """Tables, indexes, triggers and functions that are not those that were made."""
        from repairdesk.ledger import postgres_check

        return postgres_check.amiss(self)

    def close(self) -> None:
        """End it."""
        self._opened.close()

    def rollback(self) -> None:
        """End a transaction, if there is one, without what it wrote."""
        self._waiting.clear()
        # What fails here is undone by the server; the first error is the one to tell.
        with suppress(psycopg.Error):
            if self.in_transaction:
                self._opened.execute("ROLLBACK")


class _Streamed:
    """Rows that come as they are asked for; the cursor is closed when the last one came."""

    def __init__(self, cursor: Any) -> None:
        self._cursor = cursor

    @property
    def description(self) -> Any:
        return self._cursor.description

    def fetchone(self) -> Any:
        return self._cursor.fetchone()

    def fetchall(self) -> list[Any]:
        with self._cursor:
            found: list[Any] = self._cursor.fetchall()
            return found

    def __iter__(self) -> Iterator[Any]:
        with self._cursor:
            yield from self._cursor


class Server(Store):
    """The ledger of a site on a server.

    Args:
        url: as SQLAlchemy writes it, ``postgresql+psycopg://user@host/database``; libpq understands the rest.
        site: which of several; None: the one without a name.

    Raises:
        UsageError: the URL names no database of a server.
    """

    def __init__(self, url: str, site: str | None = None) -> None:
        self.url = server_names.libpq(url)
        self._said = _read(self.url)
        self.site = site
        self.schema = server_names.schema(site)
        host = self._said.get("host") or "localhost"
        where = "localhost" if host[0] in "/@" else host
        # Without the password: it is told, and stands in the answers of scripts.
        self._name = f"{where}/{self._said['dbname']}" + (f" ({site})" if site else "")

    def __str__(self) -> str:
        return self._name

    @property
    def lock(self) -> tuple[int, int]:
        """The key of the site's lock: two numbers of 32 bits with a sign."""
        half = crc32(self.schema.encode())
        return LOCK, half - (1 << 32) if half >= 1 << 31 else half

    # -- opening

    def connect(self, *, name: str = "repairdesk") -> Connection:
        """A connection in no transaction yet, to the schema of the site, which need not be there.

        Raises:
            NotFound: there is no such database. StorageError: it cannot be reached, or does not let the login in.
        """
        with self.translated(0):
            patience = {key: value for key, value in _PATIENCE.items() if key not in self._said}
            if os.environ.get("PGCONNECT_TIMEOUT"):
                patience.pop("connect_timeout", None)
            begun = psycopg.connect(
                self.url, autocommit=True, client_encoding="utf-8", application_name=name, **cast(Any, patience)
            )
        made = Connection(begun, self.site)
        try:
            with self.translated(0):
                # Before anything of the user's own, in which a table of the same name could stand.
                path = words.SQL("SET search_path TO {}, pg_temp").format(words.Identifier(self.schema))
                made.do(path.as_string(begun))
                made.do("SET synchronous_commit TO on")
        except BaseException:
            made.close()
            raise
        return made

    def opened(self, *, older: bool = False) -> Connection:
        """A connection to the ledger of the site, in no transaction yet; ``older``: also of an earlier version.

        Raises:
            NotFound: there is none. Damaged: its tables are not those of this program.
        """
        made = self.connect()
        try:
            with self.translated(0):
                self._recognize(made, older=older)
        except BaseException:
            made.close()
            raise
        return made

    def _recognize(self, opened: Connection, *, older: bool) -> None:
        if not self._is_there(opened):
            raise NotFound(N_("there is no ledger of that site on this server: {path}"), path=str(self))
        asked = {"schema": self.schema}
        if not opened.execute("SELECT has_schema_privilege(%(schema)s, 'USAGE')", asked).fetchone()[0]:
            raise NotPermitted(N_("this login may not look into {path}: ledger admit, by who owns it"), path=str(self))
        try:
            (found,) = opened.execute(versions.POSTGRES_ASK).fetchone() or ("",)
        except psycopg.errors.UndefinedTable:
            raise Damaged(N_("{path} is a database, but not a ledger of repairdesk"), path=str(self)) from None
        _known(str(self), int(found) if str(found).isdigit() else 0, older=older)

    def _is_there(self, opened: Connection) -> bool:
        asked = {"schema": self.schema}
        return opened.execute("SELECT 1 FROM pg_namespace WHERE nspname = %(schema)s", asked).fetchone() is not None

    def exists(self) -> bool:
        """Whether the site has a schema."""
        opened = self.connect()
        try:
            with self.translated(0):
                return self._is_there(opened)
        finally:
            opened.close()

    def whom(self) -> tuple[str, bool]:
        """Whom the server takes the caller for, which nobody else can be, and whether that one acts for nobody else."""
        opened = self.connect()
        try:
            with self.translated(0):
                (user,) = opened.execute("SELECT session_user::text").fetchone()
                if opened.execute("SELECT to_regclass('logins') IS NULL").fetchone()[0]:
                    return user, False
                row = opened.execute("SELECT others FROM logins WHERE login = session_user").fetchone()
                return user, row is not None and not row[0]
        finally:
            opened.close()

    # -- transactions

    @contextmanager
    def reading(self, wait_seconds: float) -> Iterator[Database]:
        """A connection that sees the ledger as it is at one moment and cannot change it."""
        opened = self.opened()
        try:
            with self.looked(opened, wait_seconds):
                yield opened
        finally:
            opened.close()

    @contextmanager
    def writing(self, wait_seconds: float) -> Iterator[Database]:
        """A connection that has the ledger for itself: kept on success, undone on any exception."""
        opened = self.opened()
        try:
            with self.kept(opened, wait_seconds):
                yield opened
        finally:
            opened.close()

    @contextmanager
    def looked(self, opened: Connection, wait_seconds: float) -> Iterator[None]:
        """A transaction that only reads, on an open connection."""
        with self.translated(wait_seconds):
            # Nobody who works as one should holds readers up; who locks a table by hand is not waited for forever.
            opened.do(f"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; {_patience(round(wait_seconds * 1000))}")
            try:
                yield
            finally:
                opened.rollback()

    @contextmanager
    def kept(self, opened: Connection, wait_seconds: float) -> Iterator[None]:
        """A transaction that has the ledger for itself, on an open connection; undone on any exception."""
        with self.translated(wait_seconds):
            self._wait(opened, wait_seconds)
            try:
                yield
                last = opened.execute(postgres_sql.HEAD).fetchone()
            except BaseException as error:
                opened.rollback()
                if isinstance(error, psycopg.OperationalError) and opened.is_gone:
                    raise self._not_kept() from error
                raise
            try:
                opened.execute("COMMIT")
            except psycopg.OperationalError as lost:
                self._find_out(last, lost)
            except BaseException:
                opened.rollback()
                raise

    def _wait(self, opened: Connection, wait_seconds: float) -> None:
        """Begin, and have the lock; whoever waits for long is told once what for."""
        rest = round(wait_seconds * 1000)
        for told, patience in ((False, min(_TELL_MS, rest)), (True, rest - _TELL_MS)):
            opened.execute("BEGIN ISOLATION LEVEL READ COMMITTED")
            opened.execute(_patience(patience))
            try:
                opened.execute("SELECT pg_advisory_xact_lock(%s, %s)", self.lock)
                opened.execute(_patience(rest))  # Somebody may have locked a row or a table by hand.
                return
            except psycopg.errors.LockNotAvailable:
                opened.rollback()
                if told or rest <= _TELL_MS:
                    raise
                database.waiting(lambda: postgres_errors.holders(self, opened), wait_seconds)

    def _find_out(self, last: tuple[int, str] | None, lost: psycopg.OperationalError) -> None:
        """Whether what was being kept when the server went away is kept: by the last entry, once it is back.

        Raises:
            StorageError: it is not, or nobody knows.
        """
        from time import monotonic, sleep

        until = monotonic() + _UNSURE_SECONDS
        while monotonic() < until:
            try:
                with self.reading(0) as db:
                    found = db.execute(postgres_sql.HASH_AT, {"seq": last[0]}).fetchone() if last else None
            except (StorageError, psycopg.Error):
                sleep(0.2)
                continue
            if last and found and found[0] == last[1]:
                return
            raise self._not_kept() from lost
        said = N_("{path} went away while the change was being kept, and is not back: whether it was written is not "
                  "known; look with show before doing it again")  # fmt: skip
        raise StorageError(said, path=str(self)) from lost

    def _not_kept(self) -> StorageError:
        return StorageError(N_("{path} went away before the change was kept: nothing of it was written; do it again"),
                            path=str(self))  # fmt: skip

    def lasting(self, wait_seconds: float) -> Lasting:
        """Connections for many transactions."""
        return LastingServer(self, wait_seconds)

    def give_way(self) -> None:
        """Nothing to do: whoever waits for the lock has it next."""

    def translated(self, wait_seconds: float) -> AbstractContextManager[None]:
        """Whatever the server complains about inside, as an error that a user can act on."""
        return postgres_errors.translated(self, wait_seconds)

    # -- the whole

    def create(self) -> None:
        """Make an empty ledger for the site: whole, or not at all. Who may do what with it: ``postgres_grants``.

        Raises:
            NotAllowed: there is one already.
        """
        from repairdesk.ledger import postgres_grants

        opened = self.connect()
        try:
            with self.translated(0):
                # Whoever makes the same site at the same time is waited for, and found to have made it.
                self._wait(opened, database.WAIT_SECONDS)
                try:
                    if self._is_there(opened):
                        raise NotAllowed(N_("{path} is there already and is not overwritten"), path=str(self))
                    opened.execute(f'CREATE SCHEMA "{self.schema}"')
                    for statement in (*postgres_sql.SCHEMA, *versions.POSTGRES_MAKE):
                        opened.do(statement)
                    for statement in postgres_grants.statements(self.schema):
                        opened.do(statement)
                    postgres_grants.make_roles(opened, self.schema)
                    opened.execute("COMMIT")
                except BaseException:
                    opened.rollback()
                    raise
        finally:
            opened.close()

    def sites(self) -> list[Server]:
        """The sites of the database into which the caller may look, by name; the one without a name first."""
        opened = self.connect()
        try:
            with self.translated(0):
                text = (
                    "SELECT nspname::text FROM pg_namespace WHERE (nspname = %(one)s OR nspname LIKE %(others)s) "
                    "AND has_schema_privilege(oid, 'USAGE') ORDER BY nspname COLLATE \"C\""
                )
                found = opened.execute(text, {"one": SCHEMA, "others": SCHEMA.replace("_", "\\_") + "\\_%"}).fetchall()
        finally:
            opened.close()
        return [Server(self.url, name.removeprefix(SCHEMA).removeprefix("_") or None) for (name,) in found]

    def unmake(self) -> None:
        """Take back what was just made."""
        from repairdesk.ledger import postgres_grants

        opened = self.connect()
        try:
            with self.translated(0):
                opened.execute("BEGIN")
                try:
                    postgres_grants.drop_roles(opened, self.schema)
                    opened.execute("COMMIT")
                except BaseException:
                    opened.rollback()
                    raise
        finally:
            opened.close()

    def copy(self, target: Path, wait_seconds: float) -> None:
        """The ledger as a file of SQLite: every entry, and the projections made anew of them."""
        from repairdesk.ledger import copying
        from repairdesk.ledger.files import File

        copying.copy(self, File(target), wait_seconds)

    def vacuum(self, wait_seconds: float) -> Sizes:
        """Make the files of the tables anew, so that what was purged is in none of them; nobody else is at it then.

        Raises:
            NotPermitted: the caller does not own the tables. Busy: somebody is at them.
        """
        from repairdesk.ledger import postgres_vacuum

        opened = self.opened()
        try:
            with self.translated(wait_seconds):
                before = self._size(opened)
                postgres_vacuum.vacuum(opened, self.lock, wait_seconds)
                return Sizes(before, self._size(opened))
        finally:
            opened.close()

    def reach(self) -> Reach:
        """Every login that gets at it, and how the caller did."""
        from repairdesk.ledger import postgres_reach

        opened = self.opened()
        try:
            with self.translated(0):
                return postgres_reach.reach(opened)
        finally:
            opened.close()

    def _size(self, opened: Connection) -> int:
        text = (
            "SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0)::bigint FROM pg_class c "
            "JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = %(schema)s AND c.relkind = 'r'"
        )
        found: int = opened.execute(text, {"schema": self.schema}).fetchone()[0]
        return found


def _read(url: str) -> dict[str, Any]:
    """What a URL says, as what connects reads it.

    Raises:
        UsageError: it cannot be read, or not for what was meant. What it says is not repeated: a password may be in it.
    """
    try:
        said = psycopg.conninfo.conninfo_to_dict(url)
    except (psycopg.Error, ValueError):
        said = {}
    hosts, ports = (str(said.get(name) or "").split(",") for name in ("host", "port"))
    torn = any("@" in host[1:] for host in hosts) or any(port and not port.isdigit() for port in ports)
    if torn or "@" in str(said.get("dbname") or "@"):
        raise UsageError(
            N_("this is no URL of a database on a server: postgresql+psycopg://USER@HOST/DATABASE; in a password @ is "
               "written as %40, / as %2F, : as %3A, % as %25, a space as %20, or it stands in ~/.pgpass")
        ) from None  # fmt: skip
    return dict(said)


def _patience(milliseconds: int) -> str:
    """What has the server wait for any lock that long, until the transaction ends; never forever, which is its 0."""
    return f"SET LOCAL lock_timeout TO {max(milliseconds, 1)}"


def _known(where: str, found: int, *, older: bool) -> None:
    """Whether the tables are those of this program.

    Raises:
        Damaged: they are not.
    """
    if found > versions.CURRENT:
        raise Damaged(N_("{path} was written by a newer repairdesk: its version is {found}, this one knows {known}"),
                      path=where, found=found, known=versions.CURRENT)  # fmt: skip
    if versions.ON_SERVERS <= found < versions.CURRENT:
        if not older:
            raise Damaged(N_("{path} was written by an earlier repairdesk: its version is {found}, this one works with "
                             "{known}; bring it there: ledger upgrade"),
                          path=where, found=found, known=versions.CURRENT)  # fmt: skip
    elif found < versions.CURRENT:
        raise Damaged(N_("{path} has no version that a ledger ever had: {found}"), path=where, found=found)


class LastingServer(Lasting):
    """One connection of this process, for one transaction after the other."""

    def __init__(self, server: Server, wait_seconds: float) -> None:
        self._server, self._wait_seconds = server, wait_seconds
        self._kept: Connection | None = None

    def close(self) -> None:
        """End the connection; asked again, it is made again."""
        if self._kept is not None:
            self._kept.close()
            self._kept = None

    def __del__(self) -> None:
        """Whoever forgot to close it leaves no connection behind."""
        with suppress(Exception):
            self.close()

    def edition(self) -> tuple[int, ...]:
        """The last entry, as nothing is written without one, and how often it was connected."""
        with self.reading() as opened:
            (seq, hash_) = opened.execute(postgres_sql.HEAD).fetchone() or (0, "0")
        return self.openings, seq, int(hash_, 16)

    @contextmanager
    def reading(self) -> Iterator[Database]:
        """A connection that sees the ledger as it is now."""
        opened = self._connected()
        with self._server.looked(opened, self._wait_seconds):
            yield opened

    @contextmanager
    def writing(self) -> Iterator[Database]:
        """A connection that has the ledger for itself."""
        opened = self._connected()
        with self._server.kept(opened, self._wait_seconds):
            yield opened

    def _connected(self) -> Connection:
        if self._kept is not None and (self._kept._opened.closed or not _answers(self._kept)):
            self.close()
        if self._kept is None:
            self._kept = self._server.opened()
            self.openings += 1
        return self._kept


def _answers(opened: Connection) -> bool:
    """Whether the server is still there; it may have been started anew since the last transaction."""
    try:
        opened.execute("SELECT 1")
    except psycopg.Error:
        return False
    return True
