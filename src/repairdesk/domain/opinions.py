"""The supervisor's opinion on a month's callbacks: a stream of its own for each month (CAL-7).

Like the months of finance: what is owed of a month is no obligation of an order, so it climbs its ladder by itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, tzinfo

from repairdesk.domain import finance
from repairdesk.domain.entry import Entry
from repairdesk.domain.record import NamedTuple

STREAM = "callbacks:"
"""What the name of a month's stream begins with."""
EVENTS = ("opinion", "escalate")


class Opinion(NamedTuple):
    """What a supervisor wrote of a month, when, and whether that was keyed in late (REC-2)."""

    month: str
    at: datetime
    by: str
    text: str
    late: bool


def fold(entries: Iterable[Entry]) -> tuple[Opinion, ...]:
    """What was written of a month, the first one first."""
    return tuple(
        Opinion(entry.data["month"], entry.occurred_at, entry.actor, entry.data["text"], entry.late)
        for entry in entries
        if entry.event == "opinion"
    )


def due(month: str, day: int, zone: tzinfo) -> datetime:
    """By when it is written: the end of that day of the next month."""
    return finance.due(month, day, zone)
