"""A ledger in a file of SQLite: the place, and connections that stay open."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from repairdesk.ledger import connection
from repairdesk.ledger.database import Database, Lasting, Sizes, Store


class File(Store):
    """A ledger in a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __str__(self) -> str:
        return str(self.path)

    def create(self) -> None:
        """Make an empty ledger."""
        connection.create(self.path)

    def unmake(self) -> None:
        """Take back what was just made."""
        self.path.unlink()

    def exists(self) -> bool:
        """Whether there is anything of that name."""
        return self.path.exists()

    def reading(self, wait_seconds: float) -> AbstractContextManager[Database]:
        """A connection that sees the ledger as it is at one moment and cannot change it."""
        return connection.reading(self.path, wait_seconds)

    def writing(self, wait_seconds: float) -> AbstractContextManager[Database]:
        """A connection that has the ledger for itself: kept on success, undone on any exception."""
        return connection.writing(self.path, wait_seconds)

    def lasting(self, wait_seconds: float) -> Lasting:
        """Connections for many transactions."""
        return LastingFile(self.path, wait_seconds)

    def give_way(self) -> None:
        """Leave the file alone until everybody who waits for it has looked once."""
        connection.give_way()

    def copy(self, target: Path, wait_seconds: float) -> None:
        """A copy of the file, page by page, while others write."""
        from repairdesk.ledger import backup

        backup.copy(self.path, target, wait_seconds)

    def vacuum(self, wait_seconds: float) -> Sizes:
        """The file made anew."""
        from repairdesk.ledger.vacuum import vacuum

        return vacuum(self.path, wait_seconds)

    def files(self) -> list[Path]:
        """The file, and the one that SQLite writes beside it."""
        return [self.path, self.path.with_name(f"{self.path.name}-journal")]


class LastingFile(Lasting):
    """The connections of one process to a file, one that reads and one that writes."""

    def __init__(self, path: Path, wait_seconds: float) -> None:
        self._path, self._wait_seconds = path, wait_seconds
        self._kept: dict[bool, tuple[connection.Patient, tuple[int, int]]] = {}

    def close(self) -> None:
        """Let go of the file; asked again, it is opened again."""
        for opened, _ in self._kept.values():
            opened.close()
        self._kept.clear()

    def edition(self) -> tuple[int, ...]:
        """What is another as soon as somebody else wrote; one page is looked at, and nothing is held afterwards.

        Raises:
            Busy: somebody is writing just now, for longer than the wait.
        """
        with connection.translated(self._path, self._wait_seconds):
            opened = self._opened(write=False)
            (version,) = opened.execute("PRAGMA data_version").fetchone()
        return (*self._kept[False][1], self.openings, version)

    @contextmanager
    def reading(self) -> Iterator[Database]:
        """A connection that sees the ledger as it is now."""
        with connection.translated(self._path, self._wait_seconds):
            opened = self._opened(write=False)
            try:
                connection.look_from_now(opened)
            except sqlite3.OperationalError as error:
                if connection.is_busy(error):
                    raise
                # A writer was killed meanwhile and left its journal: opened anew, that is put back or said.
                self.close()
                opened = self._opened(write=False)
                connection.look_from_now(opened)
            try:
                connection.look_again(opened)
                yield opened
            finally:
                connection.rollback(opened)

    @contextmanager
    def writing(self) -> Iterator[Database]:
        """A connection that has the ledger for itself."""
        with (
            connection.translated(self._path, self._wait_seconds),
            connection.kept(self._opened(write=True)) as opened,
        ):
            connection.look_again(opened)
            yield opened

    def _opened(self, *, write: bool) -> connection.Patient:
        """The kept connection, as long as the file under this name is the one that was opened."""
        if write in self._kept:
            opened, file = self._kept[write]
            if file == self._file():
                return opened
            self.close()
        file = self._file()
        opened = connection.lasting(self._path, self._wait_seconds, write=write)
        self._kept[write] = opened, file
        self.openings += 1
        return opened

    def _file(self) -> tuple[int, int]:
        try:
            seen = os.stat(self._path)
        except OSError:
            return (0, 0)  # opening it says what is wrong
        return seen.st_dev, seen.st_ino
