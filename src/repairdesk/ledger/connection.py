"""The ledger's file: made, opened with the settings that keep it whole, and its failures said in words.

Nothing here ever opens the database file by itself: closing it would drop the locks that SQLite holds on it in this
process.
"""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from functools import partial
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from repairdesk.errors import N_, Busy, Damaged, DeskError, NotAllowed, NotFound, Sentence, StorageError
from repairdesk.ledger import database, versions
from repairdesk.ledger import sqlite_sql as sql
from repairdesk.ledger.database import TELL_SECONDS, WAIT_SECONDS, Finding

APPLICATION_ID = 0x5244534B
"""“RDSK”: what tells a ledger from any other SQLite file."""
SCHEMA_VERSION = versions.CURRENT
_GLANCE_SECONDS = 0.25
"""So long SQLite waits by itself; in between Ctrl-C is heard, and somebody can be told."""
_WAY_SECONDS = 0.12
"""Who waits looks every tenth of a second whether the ledger is free, and nobody queues: so long it must be."""
_MUCH_KIB = 131_072
_LEAST = 512  # bytes: the smallest page of SQLite, which takes what is shorter for a new database
_MODE = 0o660  # a shared desk: the folder's group writes too


_FOR_ALL = ("PRAGMA trusted_schema=OFF", "PRAGMA foreign_keys=ON")
_FOR_WRITERS = (
    # A rollback journal can be read from a read-only folder, and has no trouble with old libraries as WAL has.
    "PRAGMA journal_mode=DELETE",
    "PRAGMA synchronous=EXTRA",
    # Without it INSERT OR REPLACE deletes past the triggers.
    "PRAGMA recursive_triggers=ON",
    # Without it what is purged stays in the file.
    "PRAGMA secure_delete=ON",
)
_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
_TORN = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_FORMAT)
_DAMAGE = (
    *("no such table", "no such column", "malformed JSON", "unsupported file format", "vtable constructor failed"),
    "invalid fts5 file format",
)
_STORAGE = (
    *(sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH, sqlite3.SQLITE_IOERR),
    *(sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_NOLFS),
)


@contextmanager
def translated(path: Path, wait_seconds: float = WAIT_SECONDS) -> Iterator[None]:
    """Whatever SQLite complains about inside, as an error that a user can act on.

    Raises:
        Busy: others hold the ledger for longer than ``wait_seconds``.
        Damaged: the file is torn, or no ledger.
        StorageError: the disk is full, the file or folder cannot be written or read.
    """
    try:
        yield
    except sqlite3.Error as error:
        known = _known(error, path, wait_seconds)
        if known is None:
            raise
        raise known from error


def _known(error: sqlite3.Error, path: Path, wait_seconds: float) -> DeskError | None:
    code = getattr(error, "sqlite_errorcode", None)
    primary = None if code is None else code & 0xFF
    if primary in _BUSY:
        return _busy(path, wait_seconds)
    if primary == sqlite3.SQLITE_NOTADB:
        return _not_a_database(path)
    if primary in _TORN or _tells_damage(error, code):
        return Damaged(
            "{path} is damaged: {detail}; restore a backup of it", path=str(path), detail=str(error)
        )  # fmt: skip
    if primary == sqlite3.SQLITE_FULL:
        return StorageError(
            "the disk is full: {path} is as it was before; make room, then do it again", path=str(path)
        )  # fmt: skip
    if str(error) == "no such module: fts5":
        return StorageError(N_("this SQLite has no index of words (FTS5), without which nothing is written or found in "
                               "{path}: use a Python whose SQLite has it"), path=str(path))  # fmt: skip
    if primary in _STORAGE:
        return StorageError("{path} cannot be read or written: {detail}", path=str(path), detail=str(error))
    return None


def _busy(path: Path, wait_seconds: float) -> Busy:
    from repairdesk.ledger import holders

    return holders.busy(holders.of(path), wait_seconds)


def _not_a_database(path: Path) -> Damaged:
    return Damaged("{path} is not a ledger: its beginning is that of another kind of file", path=str(path))


def _tells_damage(error: sqlite3.Error, code: int | None) -> bool:
    """Text that is no UTF-8, a document that is no JSON, a table or column that is gone.

    No statement of ours asks for a table or column that never was.
    """
    if not isinstance(error, sqlite3.OperationalError):
        return False
    said = str(error)
    return (code is None and "UTF-8" in said) or (code == sqlite3.SQLITE_ERROR and said.startswith(_DAMAGE))


def create(path: Path) -> None:
    """Make an empty ledger: whole, or not at all.

    Raises:
        NotAllowed: there is something of that name already.
        NotFound: the folder is missing.
        StorageError: it cannot be written.
    """
    half = path.with_name(f".{path.name}.{os.urandom(4).hex()}")
    try:
        _refuse_network(path, path.parent.stat())
        os.close(os.open(half, os.O_CREAT | os.O_EXCL | os.O_WRONLY, _MODE))
        try:
            half.chmod(_MODE)
            with translated(path):
                _furnish(half)
            _into_place(half, path)
        finally:
            half.unlink(missing_ok=True)
    except FileExistsError as error:
        raise NotAllowed("{path} is there already and is not overwritten", path=str(path)) from error
    except FileNotFoundError as error:
        raise NotFound("there is no folder {path}", path=str(path.parent)) from error
    except OSError as error:
        raise StorageError(
            "{path} cannot be made: {detail}", path=str(path), detail=error.strerror or str(error)
        ) from error


def _furnish(path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for setting in (*_FOR_ALL, *_FOR_WRITERS):
            connection.execute(setting)
        connection.execute("BEGIN EXCLUSIVE")
        connection.execute(f"PRAGMA application_id={APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version={SCHEMA_VERSION}")
        for statement in sql.SCHEMA:
            connection.execute(statement)
        connection.execute("COMMIT")


def _into_place(half: Path, path: Path) -> None:
    """Under its name at once, and never over another file: a link refuses that where a rename would not."""
    os.link(half, path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def give_way() -> None:
    """Leave the ledger alone until everybody who waits for it has looked once."""
    sleep(_WAY_SECONDS)


@contextmanager
def reading(path: Path, wait_seconds: float = WAIT_SECONDS, *, older: bool = False) -> Iterator[Patient]:
    """A connection that sees the ledger as it is at one moment and cannot change it; ``older`` as of ``lasting``."""
    with translated(path, wait_seconds), closing(_connect_reader(path, wait_seconds, older)) as connection:
        try:
            yield connection
        finally:
            rollback(connection)


def version_of(path: Path, wait_seconds: float = WAIT_SECONDS) -> int:
    """The version of a ledger, today's or one that can be brought to it.

    Raises:
        Damaged: it is another, or no ledger.
    """
    with reading(path, wait_seconds, older=True) as connection:
        return version(connection)


def version(connection: sqlite3.Connection) -> int:
    """The version that an open ledger says it has."""
    (found,) = connection.execute("PRAGMA user_version").fetchone()
    return int(found)


@contextmanager
def writing(path: Path, wait_seconds: float = WAIT_SECONDS) -> Iterator[Patient]:
    """A connection that has the ledger for itself: kept on success, undone on any exception."""
    with (
        translated(path, wait_seconds),
        closing(_connect(path, wait_seconds, write=True)) as connection,
        kept(connection),
    ):
        yield connection


@contextmanager
def kept(connection: Patient) -> Iterator[Patient]:
    """A transaction that has the ledger for itself, on an open connection; undone on any exception."""
    # At once: a lock taken only with the first change lets two writers link to the same entry.
    connection.patiently("BEGIN IMMEDIATE")
    try:
        yield connection
        # Whoever reads just now is waited for; until then nothing is kept, and nothing is lost.
        connection.patiently("COMMIT")
    except BaseException:
        rollback(connection)
        raise


def lasting(path: Path, wait_seconds: float = WAIT_SECONDS, *, write: bool, older: bool = False) -> Patient:
    """A connection for many transactions, in none yet; whoever asks for it closes it.

    ``older``: also to a ledger of an earlier version, for who upgrades it.
    """
    connection = (
        _connect(path, wait_seconds, write=True, older=older) if write else _connect_reader(path, wait_seconds, older)
    )
    rollback(connection)
    return connection


def look_from_now(connection: Patient) -> None:
    """Begin a transaction on an open connection that sees the ledger as it is now."""
    connection.execute("BEGIN")
    connection.patiently("SELECT 1 FROM sqlite_schema LIMIT 1").fetchone()


def rollback(connection: sqlite3.Connection) -> None:
    """End a transaction, if there is one, without what it wrote."""
    # What fails here is undone by closing; the first error is the one to tell.
    with suppress(sqlite3.Error):
        if connection.in_transaction:
            connection.execute("ROLLBACK")


class Patient(sqlite3.Connection):
    """A connection that says what it waits for once that has lasted a while, and hears Ctrl-C meanwhile."""

    sql = sql
    site = None
    is_apart = is_far = False
    path: Path
    wait_seconds: float

    @property
    def finding(self) -> Finding:
        """An index of words of SQLite's own."""
        from repairdesk.ledger import finding

        return finding

    def each(self, text: str, values: Any = (), /) -> sqlite3.Cursor:
        """As ``execute``, of which the rows come one at a time."""
        return self.execute(text, values)

    # At once, as nothing is sent anywhere.
    later = aside = sqlite3.Connection.execute

    def expect_much(self) -> None:
        """Give the pages of a long transaction, or of a look at everything, room in memory: so much at most.

        Rows in no order touch every index everywhere; with the usual two megabytes each page is written out and read
        again.
        """
        self.execute(f"PRAGMA cache_size=-{_MUCH_KIB}")

    def forgive_text(self) -> None:
        """Bytes that are no text go through, to make a comparison fail, and do not stop the reading."""
        self.text_factory = partial(str, encoding="utf-8", errors="surrogateescape")

    def amiss(self) -> Iterator[Sentence]:
        """Tables, indexes and triggers that are not those that were made, and what SQLite finds torn."""
        from repairdesk.ledger import file_check

        return file_check.amiss(self)

    def patiently(self, statement: str) -> sqlite3.Cursor:
        """A statement that takes a lock, tried again until others let go of theirs, or the wait is over."""
        begun, told = monotonic(), False
        self._glance(min(_GLANCE_SECONDS, self.wait_seconds))
        try:
            while True:
                try:
                    return self.execute(statement)
                except sqlite3.OperationalError as error:
                    waited = monotonic() - begun
                    if not is_busy(error) or waited >= self.wait_seconds:
                        raise
                if waited >= TELL_SECONDS and not told:
                    database.waiting(self._holders, self.wait_seconds)
                    told = True
                sleep(0.01)
        finally:
            self._glance(self.wait_seconds)

    def _holders(self) -> Sequence[object]:
        from repairdesk.ledger import holders

        return holders.of(self.path)

    def _glance(self, seconds: float) -> None:
        self.execute(f"PRAGMA busy_timeout={round(seconds * 1000)}")


def is_busy(error: sqlite3.Error) -> bool:
    """Whether it is only that others have the ledger."""
    code = getattr(error, "sqlite_errorcode", None)
    return code is not None and code & 0xFF in _BUSY


def _connect_reader(path: Path, wait_seconds: float, older: bool = False) -> Patient:
    """A reader with its snapshot taken."""
    try:
        return _connect(path, wait_seconds, write=False, older=older)
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_READONLY_ROLLBACK:
            raise
    # A writer was killed in the middle. Only one that may write can put back what it left half done.
    _connect(path, wait_seconds, write=True, older=older).close()
    return _connect(path, wait_seconds, write=False, older=older)


def _connect(path: Path, wait_seconds: float, *, write: bool, older: bool = False) -> Patient:
    _look(path)
    uri = f"{path.absolute().as_uri()}?mode={'rw' if write else 'ro'}"
    connection = sqlite3.connect(uri, timeout=wait_seconds, isolation_level=None, uri=True, factory=Patient)
    connection.path, connection.wait_seconds = path, wait_seconds
    try:
        for setting in _FOR_ALL:
            connection.execute(setting)
        if not write:
            connection.execute("BEGIN")
        _recognize(connection, path, older=older)
        for setting in _FOR_WRITERS if write else ():
            connection.patiently(setting)
    except BaseException:
        connection.close()
        raise
    return connection


def _look(path: Path) -> None:
    """What can be told without opening the file."""
    try:
        seen = path.stat()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise NotFound("there is no ledger at {path}", path=str(path)) from error
    except OSError as error:
        raise StorageError(
            "{path} cannot be read or written: {detail}", path=str(path), detail=error.strerror or str(error)
        ) from error
    if not stat.S_ISREG(seen.st_mode):
        raise StorageError("{path} is not a file", path=str(path))
    if seen.st_size == 0:
        # SQLite would take it for a new database and every check for a whole one.
        raise Damaged("{path} is empty: this is no ledger any more", path=str(path))
    if seen.st_size < _LEAST:
        raise _not_a_database(path)
    _refuse_network(path, seen)


def _refuse_network(path: Path, seen: os.stat_result) -> None:
    """SQLite's locks are not kept between machines: two of them would write over each other."""
    if os.major(seen.st_dev):
        return  # A disk. What comes over a network has no number of a device, like a few that live in memory.
    from repairdesk.ledger import places

    kind = places.network(seen.st_dev)
    if kind is not None:
        raise StorageError(
            "{path} lies on a network file system ({kind}), where two machines could write over each other: keep the "
            "ledger on a disk of this machine (--ledger PATH)",
            path=str(path), kind=kind,
        )  # fmt: skip


def look_again(connection: Patient) -> None:
    """Whether a ledger that stays open still has this program's version: somebody may have upgraded it meanwhile.

    Raises:
        Damaged: it has another.
    """
    if version(connection) != SCHEMA_VERSION:
        _recognize(connection, connection.path, older=False)


def _recognize(connection: Patient, path: Path, *, older: bool) -> None:
    """Refuse what is not a ledger of ours, before any setting could change it."""
    # The first look into the file: a pragma alone would answer from nothing where the file cannot be read.
    connection.patiently("SELECT count(*) FROM sqlite_schema").fetchone()
    (application_id,) = connection.execute("PRAGMA application_id").fetchone()
    found = version(connection)
    if application_id != APPLICATION_ID:
        raise Damaged("{path} is a database, but not a ledger of repairdesk", path=str(path))
    if found > SCHEMA_VERSION:
        raise Damaged(
            "{path} was written by a newer repairdesk: its version is {found}, this one knows {known}",
            path=str(path),
            found=found,
            known=SCHEMA_VERSION,
        )
    if found in versions.OLDER and not older:
        said = N_("{path} was written by an earlier repairdesk: its version is {found}, this one works with {known}; "
                  "bring it there: ledger upgrade --backup FILE")  # fmt: skip
        raise Damaged(said, path=str(path), found=found, known=SCHEMA_VERSION)
    if found in versions.UNRELEASED:
        raise Damaged(
            "{path} was made by an earlier, unreleased repairdesk, whose tables this one does not have", path=str(path)
        )
    if found not in (*versions.OLDER, SCHEMA_VERSION):
        raise Damaged("{path} has no version that a ledger ever had: {found}", path=str(path), found=found)
