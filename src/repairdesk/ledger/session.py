"""A ledger that stays open: for a process that runs a thousand commands one after the other.

Each command is a transaction of its own, durable when it answers, and others write in between. Only opening the ledger,
its settings and the reading of its schema are done once. With ``whole`` everything inside is one transaction.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from repairdesk.ledger.database import WAIT_SECONDS, Store
from repairdesk.ledger.journal import Ledger, Reader, Writer


class Session(Ledger):
    """The ledger of a desk, with its connections kept; ``close`` it at the end. Arguments as for ``Ledger``."""

    def __init__(self, where: str | Path | Store, *, wait_seconds: float = WAIT_SECONDS) -> None:
        super().__init__(where, wait_seconds=wait_seconds)
        self._lasting = self.store.lasting(wait_seconds)
        self._within: Writer | None = None

    def close(self) -> None:
        """Let go of the ledger; asked again, it is opened again."""
        self._lasting.close()

    def edition(self) -> tuple[int, ...]:
        """What is another as soon as somebody else wrote to the ledger, or put another in its place.

        Nothing is held afterwards.

        Raises:
            Busy: somebody is writing just now, for longer than the wait.
        """
        return self._lasting.edition()

    @contextmanager
    def read(self) -> Iterator[Reader]:
        """As ``Ledger.read``; within ``whole`` what was written there is seen, too."""
        if self._within is not None:
            yield self._within
            return
        with self._lasting.reading() as opened:
            yield Reader(opened)

    @contextmanager
    def write(self) -> Iterator[Writer]:
        """As ``Ledger.write``; within ``whole`` what is refused is undone by itself, and kept with the rest or not."""
        if self._within is not None:
            with self._within.savepoint():
                yield self._within
            return
        with self._lasting.writing() as opened:
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
