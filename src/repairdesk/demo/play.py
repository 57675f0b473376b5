"""The planned months, played through the desk's own verbs: no step has a way into the ledger that a clerk has not."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from heapq import merge
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

from repairdesk.demo.month import Step
from repairdesk.demo.office import Office
from repairdesk.demo.plan import Plan, opening, plan
from repairdesk.demo.scan import signed_slip
from repairdesk.desk import Answer, By, Desk
from repairdesk.desk.coordinating import LogEntry
from repairdesk.desk.settling import Paying
from repairdesk.desk.slip import Slip
from repairdesk.desk.visiting import Work
from repairdesk.domain.intake import Report
from repairdesk.ledger.database import WAIT_SECONDS
from repairdesk.ledger.journal import Ledger, Reader, Writer


@dataclass(frozen=True, slots=True)
class Played:
    """A desk with its month, or months.

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

    Every verb stays all or nothing, by a savepoint; only the disk is not waited for a few thousand times. Nothing in it
    is anybody's secret, so its salts come from the seed: same seed, same hashes, and the same residents are drawn.
    """

    _writer: Writer | None = None

    def __init__(self, path: str | Path, *, wait_seconds: float = WAIT_SECONDS, seed: int = 0) -> None:
        super().__init__(path, wait_seconds=wait_seconds)
        self.salt = Random(f"{seed}/salt").randbytes

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


def play(home: Path, orders: int, seed: int, months: int = 1) -> Played:
    """Make a desk of the preset ``standard`` in this folder and play a month on it, or so many that end with it.

    Raises:
        NotAllowed: the folder has a desk already. StorageError: it cannot be written.
    """
    # These validate rules with pydantic, which no module may load by being imported.
    from repairdesk.desk import rulefiles
    from repairdesk.desk.founding import found

    opener = By(None, "zhoujg")
    found(home, "standard", opener, opening(months), kind=OneSitting)
    month = plan(orders, seed, rulefiles.fees(home), months)
    clock = _Clock(month.opening)
    ledger = OneSitting(home / "ledger.db", seed=seed)
    desk = Desk(home, clock, ledger)
    numbers: dict[str, str] = {}
    with ledger.sitting():
        for staff_id, name, role, trades, account in month.staff:
            desk.staff_add(opener, staff_id, name=name, role=role, trades=trades, os_user=account)
        _register(desk, By("C1", month.staff[4][4]), month)
        office = Office(desk, seed, {person[0]: person[4] for person in month.staff})
        for clock.at, event in _in_time(month):
            if isinstance(event, Step):
                _take(desk, event, numbers)
            elif event == "night":
                _night(desk, numbers)
            else:
                office.round(clock.at)
    clock.at = month.end
    return Played(desk, month.end, _told(month, numbers), len(numbers))


def _register(desk: Desk, by: By, month: Plan) -> None:
    """The register of households, as the estate office keeps it."""
    from repairdesk.desk.households import Told, household_store

    with desk.turn(by) as turn:
        for place, said, name, phone, since in month.households:
            household_store(turn, Told(place, said, (name,), (phone,), since))


def _in_time(month: Plan) -> Iterator[tuple[datetime, Step | str]]:
    """What is typed, and between it the nightly runs and the rounds of the office."""
    steps: Iterator[tuple[datetime, Step | str]] = ((step.recorded_at, step) for step in month.steps)
    runs: Iterator[tuple[datetime, Step | str]] = ((at, "night") for at in month.nights)
    rounds: Iterator[tuple[datetime, Step | str]] = ((at, "round") for at in month.rounds)
    return merge(steps, runs, rounds, key=lambda event: event[0])


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
    if "also" in args:
        args["also"] = tuple(numbers[key] for key in args["also"])
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


def _attach(desk: Desk, by: By, number: str, args: dict[str, Any]) -> Answer:
    """A scan of the signed slip, made where the scanner puts it."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / args["name"]
        file.write_bytes(signed_slip(number))
        return desk.attach(by, number, file, note=args["note"])


def _letter(desk: Desk, by: By, number: str, args: dict[str, Any]) -> Answer:
    """An open letter answers this order and those that the plan names beside it."""
    return Answer(desk.callback_letter(by, (number, *args.pop("also")), **args).doc["orders"][0])


_VERBS: Mapping[str, Callable[[Desk, By, str, dict[str, Any]], Answer]] = {
    "intake": _intake,
    "convert": lambda desk, by, number, args: desk.convert(by, number, **args),
    "finish": lambda desk, by, number, args: desk.finish(by, number, Work(**args)),
    "pay": lambda desk, by, number, args: desk.pay(by, [number], Paying(**args)),
    "rebill": _rebill,
    "attach": _attach,
    "callback_letter": _letter,
    "log": lambda desk, by, number, args: desk.log(by, number, LogEntry(**args)),
}
"""The verbs that take more than a number and options; every other step is the method of its name."""


def _told(month: Plan, numbers: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    return {
        name: tuple(numbers[key] for one in keys for key in (one, f"{one}/coordination") if key in numbers)
        for name, keys in month.stories.items()
    }
