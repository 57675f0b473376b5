"""The ids that a file has shown so far, on disk: a file of a million rows must not fill the memory."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager

from repairdesk.errors import N_, StorageError


class Seen:
    """Which row showed an id first, and what that row said."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._db = database

    def first(self, external_id: str, row: int, said: Mapping[str, str]) -> tuple[int, bool]:
        """The row that had this id first (this one, if none did), and whether it said the same.

        Raises:
            StorageError: the folder for temporary files is full or cannot be written.
        """
        digest = hashlib.sha256(json.dumps(said, sort_keys=True).encode()).digest()
        try:
            new = self._db.execute("INSERT OR IGNORE INTO seen VALUES (?, ?, ?)", (external_id, row, digest))
            if new.rowcount:
                return row, True
            shown = self._db.execute("SELECT line, digest FROM seen WHERE id = ?", (external_id,)).fetchone()
        except sqlite3.Error as error:
            raise StorageError(N_("the folder for temporary files fails: {why}"), why=str(error)) from error
        return shown[0], shown[1] == digest


@contextmanager
def noting() -> Iterator[Seen]:
    """A place for the ids of one file, gone afterwards."""
    # Without a name SQLite keeps it in memory while it is small and in an unnamed temporary file beyond that.
    with closing(sqlite3.connect("", isolation_level=None)) as database:
        for setting in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-16000"):
            database.execute(f"PRAGMA {setting}")
        database.execute("CREATE TABLE seen (id TEXT PRIMARY KEY, line INTEGER, digest BLOB) WITHOUT ROWID")
        database.execute("BEGIN")
        yield Seen(database)
