"""A ledger that stays open: for a process that runs a thousand commands one after the other.

Each command is a transaction of its own, durable when it answers, and others write in between. Only opening the file,
its settings and the reading of its schema are done once. With ``whole`` everything inside is one transaction.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from repairdesk.ledger import connection
from repairdesk.ledger.journal import Ledger, Reader, Writer


class Session(Ledger):
    """The ledger of a desk, with its connections kept; ``close`` it at the end. Arguments as for ``Ledger``."""

    def __init__(self, path: str | Path, *, wait_seconds: float = connection.WAIT_SECONDS) -> None:
        super().__init__(path, wait_seconds=wait_seconds)
        self._kept: dict[bool, tuple[connection.Patient, tuple[int, int]]] = {}
        self._within: Writer | None = None
        self._openings = 0

    def close(self) -> None:
        """Let go of the file; asked again, it is opened again."""
        for opened, _ in self._kept.values():
            opened.close()
        self._kept.clear()

    def edition(self) -> tuple[int, ...]:
        """What is another as soon as somebody else wrote to the ledger, or put another file in its place.

        One page is looked at, and nothing is held afterwards.

        Raises:
            Busy: somebody is writing just now, for longer than the wait.
        """
        with connection.translated(self.path, self.wait_seconds):
            opened = self._opened(write=False)
            (version,) = opened.execute("PRAGMA data_version").fetchone()
        return (*self._kept[False][1], self._openings, version)

    @contextmanager
    def read(self) -> Iterator[Reader]:
        """As ``Ledger.read``; within ``whole`` what was written there is seen, too."""
        if self._within is not None:
            yield self._within
            return
        with connection.translated(self.path, self.wait_seconds):
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
                yield Reader(opened)
            finally:
                connection.rollback(opened)

    @contextmanager
    def write(self) -> Iterator[Writer]:
        """As ``Ledger.write``; within ``whole`` what is refused is undone by itself, and kept with the rest or not."""
        if self._within is not None:
            with self._within.savepoint():
                yield self._within
            return
        with connection.translated(self.path, self.wait_seconds), connection.kept(self._opened(write=True)) as opened:
            writer = Writer(opened, self.salt)
            yield writer
            writer.words.settle()

    @contextmanager
    def whole(self) -> Iterator[None]:
        """One transaction: all that is written inside is kept together, or none of it; nobody else writes meanwhile."""
        with self.write() as writer:
            self._within = writer
            try:
                yield
            finally:
                self._within = None

    def _opened(self, *, write: bool) -> connection.Patient:
        """The kept connection, as long as the file under this name is the one that was opened."""
        if write in self._kept:
            opened, file = self._kept[write]
            if file == self._file():
                return opened
            self.close()
        file = self._file()
        opened = connection.lasting(self.path, self.wait_seconds, write=write)
        self._kept[write] = opened, file
        self._openings += 1
        return opened

    def _file(self) -> tuple[int, int]:
        try:
            seen = os.stat(self.path)
        except OSError:
            return (0, 0)  # opening it says what is wrong
        return seen.st_dev, seen.st_ino
