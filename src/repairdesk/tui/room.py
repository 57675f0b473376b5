"""A desk in a thread of its own, so that no key ever waits for the disk.

There are three of them: one looks, one does, one sends what is to be told at once. Whoever writes may wait for others
who hold the ledger; what is looked at meanwhile still comes. All keep a connection and, while nothing is asked, no
transaction: nobody is kept from writing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

from repairdesk.domain.record import NamedTuple

if TYPE_CHECKING:
    from repairdesk.desk import Answer, By, Desk
    from repairdesk.ledger.session import Session

T = TypeVar("T")


class Opened(NamedTuple):
    """A desk, and the session that its ledger is."""

    desk: Desk
    session: Session


class Opening(NamedTuple):
    """What the screen is opened with.

    Attributes:
        opened: makes a desk whose ledger waits so many seconds for others; None: as long as commands do.
        by: who sits there.
        now: the present moment.
        told: sends what a verb queued to be told at once (INT-7).
        name: the desk's folder, for the headline.
    """

    opened: Callable[[float | None], Opened]
    by: By
    now: Callable[[], datetime]
    told: Callable[[Desk, By, Answer], None]
    name: str


class Room:
    """Runs what is asked one after the other, in a thread that has its own desk."""

    def __init__(self, opening: Opening, wait_seconds: float | None) -> None:
        self._opening = opening
        self._wait = wait_seconds
        self._thread = ThreadPoolExecutor(1, "desk")
        self._made: Opened | None = None

    async def ask(self, work: Callable[[Opened], T]) -> T:
        """What ``work`` makes of the desk. Who no longer waits for it takes it back, if it has not begun.

        Raises:
            DeskError: whatever the desk refuses.
        """
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._run, work)

    def close(self) -> None:
        """Let go of the ledger, once what was asked is done."""
        self._thread.submit(self._leave)
        self._thread.shutdown(wait=False)

    def _run(self, work: Callable[[Opened], T]) -> T:
        if self._made is None:
            self._made = self._opening.opened(self._wait)
        return work(self._made)

    def _leave(self) -> None:
        if self._made is not None:
            self._made.session.close()
