"""The ids that a file has shown so far, on disk: a file of a million rows must not fill the memory."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager

from repairdesk.errors import N_, StorageError

_ENCODE = json.JSONEncoder(sort_keys=True, check_circular=False).encode  # json.dumps would make one for each row


class Seen:
    """Which row showed an id first, and what that row said."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._db = database

    def first(self, external_id: str, row: int, said: Mapping[str, str]) -> tuple[int, bool, str]:
        """The row that had this id first (this one, if none did), whether it said the same, and what became of it.

        Raises:
            StorageError: the folder for temporary files is full or cannot be written.
        """
        digest = hashlib.sha256(_ENCODE(said).encode()).digest()
        try:
            new = self._db.execute("INSERT OR IGNORE INTO seen VALUES (?, ?, ?, '')", (external_id, row, digest))
            if new.rowcount:
                return row, True, ""
            found = self._db.execute("SELECT line, digest, became FROM seen WHERE id = ?", (external_id,)).fetchone()
        except sqlite3.Error as error:
            raise _failed(error) from error
        return found[0], found[1] == digest, found[2]

    def note(self, external_id: str, became: str) -> None:
        """What became of the row that had this id first, where it was not simply taken, or there already.

        Raises:
            StorageError: as above.
        """
        try:
            self._db.execute("UPDATE seen SET became = ? WHERE id = ?", (became, external_id))
        except sqlite3.Error as error:
            raise _failed(error) from error


def _failed(error: sqlite3.Error) -> StorageError:
    return StorageError(N_("the folder for temporary files fails: {why}"), why=str(error))


@contextmanager
def noting() -> Iterator[Seen]:
    """A place for the ids of one file, gone afterwards."""
    # Without a name SQLite keeps it in memory while it is small and in an unnamed temporary file beyond that.
    with closing(sqlite3.connect("", isolation_level=None)) as database:
        for setting in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-16000"):
            database.execute(f"PRAGMA {setting}")
        columns = "id TEXT PRIMARY KEY, line INTEGER, digest BLOB, became TEXT"
        database.execute(f"CREATE TABLE seen ({columns}) WITHOUT ROWID")
        database.execute("BEGIN")
        yield Seen(database)
