"""The ground that every story of the month stands on: hours, homes, who is free, and the steps that are written down.

A step is one verb of the desk, with the time at which it happened and the later time at which it is typed. Nothing here
touches a ledger; the only chance is the seeded generator.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from repairdesk.demo import stock
from repairdesk.domain import bill
from repairdesk.domain.asked import parse_material, parse_service
from repairdesk.domain.fees import FeeTable
from repairdesk.domain.money import yuan
from repairdesk.domain.times import fold

ZONE = ZoneInfo("Asia/Shanghai")
OPENING = datetime(2026, 9, 30, 17, 0, tzinfo=ZONE)
"""The desk is set up the evening before the National Day holiday."""
FIRST = datetime(2026, 10, 1, tzinfo=ZONE)
END = datetime(2026, 10, 31, 20, 40, tzinfo=ZONE)
"""The board is looked at on the last evening, a Saturday, while the desk is busy."""

SHIFT = (8, 22)
"""Hours in which technicians go out; emergencies are answered at any hour."""


STORY_HOMES = 40
"""Households kept for the stories, so that no ordinary report of theirs comes in between."""


def on(day: int, clock: str) -> datetime:
    """A time of day in the month: ``on(3, "19:12")``."""
    hour, minute = clock.split(":")
    return FIRST.replace(day=day, hour=int(hour), minute=int(minute))


def minutes(number: float) -> timedelta:
    """Minutes, to the whole second."""
    return timedelta(seconds=round(number * 60))


@dataclass(frozen=True, slots=True)
class Step:
    """Somebody does something on an order, and somebody types it.

    ``order`` is the plan's own name of the order; ``args`` are those of the verb. ``follows`` and ``join`` among them
    are such names too.
    """

    recorded_at: datetime
    at: datetime
    actor: str
    keyboard: str
    verb: str
    order: str
    args: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Home:
    """A household that calls."""

    place: str
    said: str
    caller: str
    phone: str


@dataclass(slots=True)
class Crew:
    """Who is out when: two visits of one technician never overlap."""

    trades: Mapping[str, tuple[str, ...]]
    rng: Random
    _busy: dict[str, list[tuple[datetime, datetime]]] = field(default_factory=dict)

    def take(
        self, trade: str, earliest: datetime, length: float, *, grid: int = 1, any_hour: bool = False, who: str = ""
    ) -> tuple[str, datetime]:
        """Reserve the first free stretch of ``length`` minutes: who goes, and when. ``who`` insists on one person."""
        able = [who] if who else [t for t, trades in self.trades.items() if trade in trades]
        able = able or [t for t in self.trades if t.startswith("T")]
        found = {t: self._free(t, earliest, minutes(length), grid, any_hour) for t in able}
        first = min(found.values())
        chosen = self.rng.choice([t for t in able if found[t] == first])
        insort(self._busy.setdefault(chosen, []), (first, first + minutes(length)))
        return chosen, first

    def comes_that_day(self, trade: str, earliest: datetime, length: float) -> bool:
        """Whether anybody of the trade has so many minutes left on that day."""
        able = [t for t, trades in self.trades.items() if trade in trades]
        able = able or [t for t in self.trades if t.startswith("T")]
        return min(self._free(t, earliest, minutes(length), 1, False) for t in able).date() == earliest.date()

    def _free(self, who: str, earliest: datetime, length: timedelta, grid: int, any_hour: bool) -> datetime:
        start = _shift(earliest, length, grid, any_hour)
        busy = self._busy.get(who, [])
        # What began before the last one that began by then is over: the visits of one technician never overlap.
        for begins, ends in islice(busy, max(0, bisect_left(busy, (start,)) - 1), None):
            if start < ends and begins < start + length:
                start = _shift(ends, length, grid, any_hour)
        return start


def _shift(at: datetime, length: timedelta, grid: int, any_hour: bool) -> datetime:
    """The first moment from here on, on the grid of minutes, at which a visit of this length fits into a shift."""
    over = at.minute % grid if grid > 1 else 0
    at = at.replace(second=0) + minutes(grid - over) if over else at
    if any_hour:
        return at
    opens, closes = at.replace(hour=SHIFT[0], minute=0, second=0), at.replace(hour=SHIFT[1], minute=0, second=0)
    if at < opens:
        return opens
    return at if at + length <= closes else opens + timedelta(days=1)


class Month:
    """One month in the making: draws from the seed, keeps who is free, collects the steps.

    Args:
        orders: how many reports a month has: so many technicians there are.
        homes: how many households call; by default so many as such a month needs.
        opening: when the desk is set up.
    """

    def __init__(
        self, orders: int, seed: int, fees: FeeTable, *, homes: int | None = None, opening: datetime = OPENING
    ) -> None:
        self.rng = Random(seed)
        self.fees = fees
        self.opening = opening
        self.staff = _staff(orders, self.rng)
        self.accounts = {person[0]: person[4] for person in self.staff}
        self.crew = Crew({p[0]: p[3] for p in self.staff if p[2] in ("technician", "contractor")}, self.rng)
        self.all_homes = _homes(STORY_HOMES + (homes or max(60, orders // 4)), self.rng)
        self._story_homes, self.homes = iter(self.all_homes[:STORY_HOMES]), self.all_homes[STORY_HOMES:]
        self.steps: list[Step] = []
        self._taken_until: dict[tuple[str, str], datetime] = {}
        self._counts: Counter[str] = Counter()

    def clerk(self, at: datetime) -> str:
        """Who sits at the desk: the two clerks change places at three, and every day."""
        return ("C1", "C2")[(at.hour >= 15) ^ (at.day % 2)]

    def leader(self, at: datetime) -> str:
        """The shift leader of the day."""
        return ("L1", "L2")[at.day % 2]

    def between(self, least: float, most: float) -> timedelta:
        """Some minutes."""
        return minutes(self.rng.uniform(least, most))

    def chance(self, share: float) -> bool:
        """True in so large a share of the cases."""
        return self.rng.random() < share

    def every(self, number: int, what: str) -> bool:
        """True each so-manieth time it is asked: a steady share, where chance would leave a month with too few."""
        self._counts[what] += 1
        return self._counts[what] % number == 0

    def total(self, services: Sequence[str], materials: Sequence[str], reviewed: int | None = None) -> str:
        """What the fee table makes of it, in yuan: what the technician tells the resident before starting."""
        asked = [parse_service(text, None, ZONE) for text in services]
        used = [parse_material(text, self.fees) for text in materials]
        fee = reviewed * 100 if reviewed is not None else None
        return yuan(bill.price(asked, used, self.fees, start=FIRST, reviewed=fee).total)

    def story_home(self) -> Home:
        """A household of which nothing else is told."""
        return next(self._story_homes)

    def home_for(self, category: str, at: datetime) -> Home:
        """A household that has nothing of this category open at that time (REC-6)."""
        for _ in range(200):
            home = self.rng.choice(self.homes)
            if self.free_at(home.place, category, at):
                return home
        return self.rng.choice(self.homes)

    def settled(self, place: str, category: str, at: datetime) -> None:
        """From then on the place may report this category anew."""
        self._taken_until[fold(place), category] = at

    def free_at(self, place: str, category: str, at: datetime) -> bool:
        """Whether nothing of this category is open at the place."""
        return self._taken_until.get((fold(place), category), self.opening) < at

    def frequency(self, fault: stock.Fault, at: datetime) -> float:
        """How often it is reported at that time, against others."""
        return fault.weight

    def in_time(self, who: str) -> bool:
        """Whether a technician comes when it was agreed."""
        return self.chance(0.85)

    def lacks_a_part(self, who: str) -> bool:
        """Whether a technician has to leave it for want of a part."""
        return self.every(5, "lacks a part")

    def rating(self, who: str) -> str:
        """What a resident says of a technician's work that needs nothing more."""
        return self.rng.choices(("very-satisfied", "satisfied", "fair"), (45, 50, 5))[0]

    def rated(self, tale: Tale, rating: str) -> None:
        """What comes of a rating besides the order's own way to the file."""

    def slip_check(self, after: datetime) -> datetime:
        """When the leader looks at a slip that is back by then: before five, the same day where that is possible."""
        if (after.hour, after.minute) < (16, 45):
            return max(after.replace(hour=16, minute=2, second=0) + self.between(0, 45), after + self.between(2, 10))
        opens = after.replace(hour=9, minute=30, second=0) + timedelta(days=1)
        return opens + self.between(0, 435)

    def filing(self, closed: datetime) -> datetime:
        """When the customer centre files it: that evening, or next morning."""
        if self.chance(0.7):
            return closed.replace(hour=17, minute=5, second=0) + self.between(0, 40)
        return closed.replace(hour=8, minute=30, second=0) + timedelta(days=1) + self.between(0, 40)


class Tale:
    """One order as it is told, step by step; each step is typed a little after it happened and after the one before."""

    def __init__(self, month: Month, key: str, since: datetime | None = None) -> None:
        self.month, self.key = month, key
        self.done_at = self.typed_at = since or month.opening

    def do(
        self, verb: str, actor: str, at: datetime, *, typed: datetime | None = None, delay: float | None = None,
        keyboard: str | None = None, **args: Any,
    ) -> datetime:  # fmt: skip
        """Tell a step and answer with the time at which it happened.

        Args:
            typed: when it is written down, where that is much later; it may then lie before what was typed earlier.
            delay: minutes until it is written down; by default some seconds.
            keyboard: whose account it is typed at, where not the actor's own.
        """
        at = max(at, self.done_at if typed else self.typed_at)
        wait = minutes(delay) if delay is not None else self.month.between(0.1, 1.4)
        self.typed_at = max(typed or at + wait, self.typed_at + timedelta(seconds=1))
        self.done_at = at
        account = self.month.accounts[keyboard or actor]
        self.month.steps.append(Step(self.typed_at, at, actor, account, verb, self.key, args))
        return at


def _staff(orders: int, rng: Random) -> list[tuple[str, str, str, tuple[str, ...], str]]:
    """The company's people; a bigger month has more technicians, of the same trades."""
    people = list(stock.STAFF)
    technicians = [person for person in people if person[2] == "technician"]
    for number in range(len(technicians) + 1, max(5, orders // 110) + 1):
        trades = technicians[number % len(technicians)][3]
        people.append((f"T{number}", _name(rng), "technician", trades, f"t{number}"))
    return people


def _name(rng: Random) -> str:
    return rng.choice(stock.SURNAMES) + rng.choice(stock.GIVEN)


def _homes(number: int, rng: Random) -> list[Home]:
    """Households at different places; the desk hears their addresses in more than one spelling."""
    homes: dict[str, Home] = {}
    buildings = max(9, number // 60)
    while len(homes) < number:
        building, unit = rng.randint(1, buildings), rng.randint(1, 2)
        door = f"{rng.randint(1, 18)}{rng.randint(1, 4):02}"
        place = f"{building}-{unit}-{door}"
        said = rng.choice((place, f"{building}栋{unit}单元{door}", f"{building}号楼{unit}单元{door}室"))
        phone = f"1380000{(1000 + 7 * len(homes)) % 10_000:04}"
        homes.setdefault(place, Home(place, said, _name(rng), phone))
    return list(homes.values())
