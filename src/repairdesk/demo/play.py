"""The planned month, played through the desk's own verbs: no step has a way into the ledger that a clerk has not."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from heapq import merge
from pathlib import Path
from typing import Any

from repairdesk.demo.month import OPENING, Step
from repairdesk.demo.plan import Plan, plan
from repairdesk.desk import Answer, By, Desk
from repairdesk.desk.coordinating import LogEntry
from repairdesk.desk.settling import Paying
from repairdesk.desk.slip import Slip
from repairdesk.desk.visiting import Work
from repairdesk.domain.intake import Report
from repairdesk.ledger.journal import Ledger, Reader, Writer


@dataclass(frozen=True, slots=True)
class Played:
    """A desk with its month.

    Attributes:
        desk: opened with a clock that stands at ``end``.
        stories: the number of each story's orders, coordination orders after the order they came from.
        orders: how many numbers there are, coordination orders included.
    """

    desk: Desk
    end: datetime
    stories: Mapping[str, tuple[str, ...]]
    orders: int


class OneSitting(Ledger):
    """The ledger, held open from the first step to the last: what is played may be lost whole in a power cut.

    Every verb stays all or nothing, by a savepoint; only the disk is not waited for a few thousand times.
    """

    _writer: Writer | None = None

    @contextmanager
    def sitting(self) -> Iterator[None]:
        """Everything written inside is kept together at the end."""
        with super().write() as self._writer:
            try:
                yield
            finally:
                self._writer = None

    @contextmanager
    def read(self) -> Iterator[Reader]:
        """As ever; in a sitting with what was written so far."""
        if self._writer is None:
            with super().read() as reader:
                yield reader
        else:
            yield self._writer

    @contextmanager
    def write(self) -> Iterator[Writer]:
        """As ever; in a sitting a part of it."""
        if self._writer is None:
            with super().write() as writer:
                yield writer
        else:
            with self._writer.savepoint():
                yield self._writer


class _Clock:
    """The desk's clock, put to the time at which the next step is typed."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at


def play(home: Path, orders: int, seed: int) -> Played:
    """Make a desk of the preset ``standard`` in this folder and play a month on it.

    Raises:
        NotAllowed: the folder has a desk already. StorageError: it cannot be written.
    """
    # These validate rules with pydantic, which no module may load by being imported.
    from repairdesk.desk import rulefiles
    from repairdesk.desk.founding import found

    opener = By(None, "zhoujg")
    found(home, "standard", opener, OPENING)
    month = plan(orders, seed, rulefiles.fees(home))
    clock = _Clock(month.opening)
    ledger = OneSitting(home / "ledger.db")
    desk = Desk(home, clock, ledger)
    numbers: dict[str, str] = {}
    with ledger.sitting():
        for staff_id, name, role, trades, account in month.staff:
            desk.staff_add(opener, staff_id, name=name, role=role, trades=trades, os_user=account)
        _register(desk, By("C1", month.staff[4][4]), month)
        for clock.at, step in _in_time(month):
            if step is None:
                _night(desk, numbers)
            else:
                _take(desk, step, numbers)
    clock.at = month.end
    return Played(desk, month.end, _told(month, numbers), len(numbers))


def _register(desk: Desk, by: By, month: Plan) -> None:
    """The register of households, as the estate office keeps it."""
    from repairdesk.desk.households import Told, household_store

    with desk.turn(by) as turn:
        for place, said, name, phone, since in month.households:
            household_store(turn, Told(place, said, (name,), (phone,), since))


def _in_time(month: Plan) -> Iterator[tuple[datetime, Step | None]]:
    """What is typed, and between it the nightly run: a time without a step."""
    steps: Iterator[tuple[datetime, Step | None]] = ((step.recorded_at, step) for step in month.steps)
    runs: Iterator[tuple[datetime, Step | None]] = ((at, None) for at in month.nights)
    return merge(steps, runs, key=lambda event: event[0])


def _night(desk: Desk, numbers: dict[str, str]) -> None:
    """The nightly run, as cron starts it; the coordination orders that it opens are kept under the plan's names."""
    found = desk.escalate(By(None, "cron")).doc
    if found["failed"]:
        raise found["failed"][0]["why"]
    for row in found["converted"]:
        key = next(key for key, number in numbers.items() if number == row["number"])
        numbers[f"{key}/coordination"] = row["coordination"]


def _take(desk: Desk, step: Step, numbers: dict[str, str]) -> None:
    """One step; the numbers that it makes are kept under the plan's names."""
    by = By(step.actor, step.keyboard, step.at)
    args = {name: numbers[value] if name in ("follows", "join") else value for name, value in step.args.items()}
    verb = _VERBS.get(step.verb)
    if verb is None:
        getattr(desk, step.verb)(by, numbers[step.order], **args)
        return
    answer = verb(desk, by, numbers.get(step.order, ""), args)
    numbers.setdefault(step.order, answer.doc["number"])
    if step.verb == "convert":
        numbers[f"{step.order}/coordination"] = answer.doc["coordination"]


def _intake(desk: Desk, by: By, _: str, args: dict[str, Any]) -> Answer:
    join, new = args.pop("join", None), args.pop("new", False)
    return desk.intake(by, Report(**args), join=join, new=new)


def _rebill(desk: Desk, by: By, number: str, args: dict[str, Any]) -> Answer:
    return desk.rebill(by, number, Slip(**args), reason=args["reason"])


_VERBS: Mapping[str, Callable[[Desk, By, str, dict[str, Any]], Answer]] = {
    "intake": _intake,
    "convert": lambda desk, by, number, args: desk.convert(by, number, **args),
    "finish": lambda desk, by, number, args: desk.finish(by, number, Work(**args)),
    "pay": lambda desk, by, number, args: desk.pay(by, [number], Paying(**args)),
    "rebill": _rebill,
    "log": lambda desk, by, number, args: desk.log(by, number, LogEntry(**args)),
}
"""The verbs that take more than a number and options; every other step is the method of its name."""


def _told(month: Plan, numbers: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    return {
        name: tuple(numbers[key] for one in keys for key in (one, f"{one}/coordination") if key in numbers)
        for name, keys in month.stories.items()
    }
