"""The month as a list of steps: the stories first, ordinary days around them. Same number, same seed, same month.

A year is eleven ordinary months before that one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from repairdesk.demo import stories, usual
from repairdesk.demo.month import END, FIRST, OPENING, Month, Step, on
from repairdesk.demo.year import Year, begins
from repairdesk.domain.fees import FeeTable

_HOURS = {7: 0.3, 8: 1, 9: 1.4, 10: 1.3, 11: 1, 12: 0.7, 13: 0.6, 14: 0.8, 15: 0.8, 16: 0.9, 17: 1.3, 18: 2.6, 19: 3,
          20: 2.5, 21: 1.1, 22: 0.3}  # fmt: skip
"""How many call in an hour, against another: people report what they find when they come home."""
_WEEKEND, _HOLIDAY, _WORKED = 1.7, 1.25, (10,)
_KINDS: tuple[tuple[Callable[[Month, str, datetime], None], int], ...] = (
    (usual.in_home, 73),
    (usual.public_area, 17),
    (usual.unlisted, 4),
    (usual.complaint, 4),
    (usual.advised, 2),
)


@dataclass(frozen=True, slots=True)
class Plan:
    """A month to be played.

    Attributes:
        staff: id, name, role, trades, account; whoever comes first sets up the desk.
        households: place, how it is said, name, phone, and since when they live there.
        steps: in the order in which they are typed; nothing later than ``end``.
        nights: when ``escalate`` runs.
        rounds: when the office works off what the desk says is due; a month by itself has none.
        stories: the name of each story, and the plan's names of its orders.
    """

    opening: datetime
    end: datetime
    staff: tuple[tuple[str, str, str, tuple[str, ...], str], ...]
    households: tuple[tuple[str, str, str, str, str], ...]
    steps: tuple[Step, ...]
    nights: tuple[datetime, ...]
    rounds: tuple[datetime, ...]
    stories: Mapping[str, tuple[str, ...]]


def plan(orders: int, seed: int, fees: FeeTable, months: int = 1) -> Plan:
    """October 2026 with so many reports, priced by this fee table (the preset's), or so many months that end with it.

    Coordination orders come on top of ``orders``. A month too small for all stories has the first ones only.
    """
    month = Month(orders, seed, fees) if months == 1 else Year(orders, seed, fees, months)
    told: dict[str, tuple[str, ...]] = {}
    left = orders
    for story in stories.STORIES:
        keys = tuple(f"{story.name}/{number}" for number in range(1, story.orders + 1))
        if story.orders <= left:
            story.tell(month, keys)
            told[story.name] = keys
            left -= story.orders
    if isinstance(month, Year):
        month.tell(left)
    else:
        _ordinary(month, left)
    # What would be typed after the month's end is what the board shows as open.
    steps = sorted((step for step in month.steps if step.recorded_at <= END), key=lambda step: step.recorded_at)
    rounds = month.rounds() if isinstance(month, Year) else ()
    nights = _nights(month.opening)
    return Plan(month.opening, END, tuple(month.staff), _households(month), tuple(steps), nights, rounds, told)


def opening(months: int) -> datetime:
    """When the desk of so many months is set up: on the evening before the first of them."""
    return OPENING if months == 1 else begins(months) - timedelta(hours=24 - OPENING.hour)


def _ordinary(month: Month, orders: int) -> None:
    kinds, shares = [tell for tell, _ in _KINDS], [share for _, share in _KINDS]
    for number, at in enumerate(_moments(orders, month.rng), 1):
        month.rng.choices(kinds, shares)[0](month, f"usual/{number}", at)


def _nights(opening: datetime) -> tuple[datetime, ...]:
    """Ten past midnight; on the last day every hour, too, so that the board is as a desk with a busy cron has it."""
    first = opening.replace(hour=0, minute=10) + timedelta(days=1)
    midnights = (first + timedelta(days=day) for day in range((END - first).days + 1))
    hours = (on(END.day, f"{hour}:00") for hour in range(7, 23))
    return tuple(at for at in (*midnights, *hours) if at <= END)


def _households(month: Month) -> tuple[tuple[str, str, str, str, str], ...]:
    """Who lives where; of a home whose number ends on the same digit they moved in in the same year."""
    return tuple(
        (
            home.place,
            home.said,
            home.caller,
            home.phone,
            f"20{10 + int(home.place[-1]):02}-{int(home.place[-2]) + 1:02}-01",
        )
        for home in month.all_homes
    )


def _moments(number: int, rng: Random) -> list[datetime]:
    """When the ordinary reports come in: busy evenings, weekends and holidays."""
    slots = [FIRST + timedelta(hours=hour) for hour in range(31 * 24)]
    weights = [_day_weight(at) * _HOURS.get(at.hour, 0.02) if at < END else 0.0 for at in slots]
    drawn = rng.choices(slots, weights, k=number)
    return sorted(min(at + timedelta(seconds=rng.randrange(3600)), END - timedelta(minutes=3)) for at in drawn)


def _day_weight(at: datetime) -> float:
    """The National Day holiday is 1 to 7 October; the Saturday after it is worked in return."""
    if at.day <= 7:
        return _HOLIDAY
    return _WEEKEND if at.weekday() >= 5 and at.day not in _WORKED else 1.0
