"""What finance reckons by: months, what a bill posts to them, what was paid (FEE-7, RPT-6).

A bill belongs to the month in which its order is archived. Handed over, a month is locked: what is corrected
afterwards stands in the next open one, as a reversal and what comes in its place. Months are ``YYYY-MM`` in the desk's
zone, so that they sort as text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, tzinfo

from repairdesk.domain.entry import Entry
from repairdesk.domain.record import NamedTuple
from repairdesk.domain.times import fold as folded
from repairdesk.domain.times import from_iso
from repairdesk.errors import N_, UsageError

_MONTH = r"(?:19[7-9]|20[0-9]|21[0-9])[0-9]-(?:0[1-9]|1[0-2])"
BILL, REVERSAL, REPLACEMENT = "bill", "reversal", "replacement"
"""What a posting is."""


class Posting(NamedTuple):
    """What an order adds to a month, in fen; a reversal is negative.

    Attributes:
        place: whom it is billed to: the order's place when it was posted.
        chargeable: whether the bill was a paid one (FEE-9); free ones are counted, not billed.
        of: the month that is corrected; for a bill its own.
        reason: why it was corrected; None of a bill.
    """

    month: str
    kind: str
    place: str | None
    amount: int
    chargeable: bool
    at: datetime
    of: str
    reason: str | None = None


class Payment(NamedTuple):
    """What was received for an order in fen, with its receipt; what was paid back is negative."""

    amount: int
    method: str
    receipt: str
    at: datetime
    by: str
    reason: str | None = None


class HandedOver(NamedTuple):
    """A month that finance signed for: what it held then, in fen, and whether that was in time.

    ``late``: it was written down later than it is said to have happened (REC-2).
    """

    month: str
    at: datetime
    by: str
    due_at: datetime
    orders: int
    total: int
    late: bool = False

    @property
    def in_time(self) -> bool:
        """Whether it was signed for by the day that the policy names (FEE-7)."""
        return self.at <= self.due_at


def parse_month(text: str, rule: str = "FEE-7") -> str:
    """A month as typed: ``2026-10``; ``rule`` is what it is asked for by.

    Raises:
        UsageError: it is none.
    """
    said = folded(text)
    if not re.fullmatch(_MONTH, said):
        raise UsageError(N_("“{text}” is not a month: write YYYY-MM"), rule=rule, text=text[:40])
    return said


def month_of(at: datetime, zone: tzinfo) -> str:
    """The month of an instant, in the desk's zone."""
    return f"{at.astimezone(zone):%Y-%m}"


def following(month: str) -> str:
    """The month after."""
    year, number = int(month[:4]), int(month[5:])
    return f"{year + number // 12:04}-{number % 12 + 1:02}"


def preceding(month: str) -> str:
    """The month before."""
    year, number = int(month[:4]), int(month[5:])
    return f"{year - (number == 1):04}-{(number - 2) % 12 + 1:02}"


def begins(month: str, zone: tzinfo) -> datetime:
    """The first instant of a month."""
    return datetime(int(month[:4]), int(month[5:]), 1, tzinfo=zone)


def due(month: str, day: int, zone: tzinfo) -> datetime:
    """By when a month is handed over: the end of that day of the next one (FEE-7)."""
    after = following(month)
    return datetime(int(after[:4]), int(after[5:]), day, 23, 59, 59, tzinfo=zone)


def open_month(month: str, last_handed_over: str | None) -> str:
    """The month in which something of ``month`` stands: itself, or the first that is not locked yet."""
    if last_handed_over is None or month > last_handed_over:
        return month
    return following(last_handed_over)


def replaced(
    postings: tuple[Posting, ...], month: str, place: str | None, amount: int, chargeable: bool, at: datetime,
    reason: str,
) -> tuple[Posting, ...]:  # fmt: skip
    """What stands of an order is reversed, and posted anew in ``month`` (FEE-8); both stay on record."""
    last = postings[-1]
    back = Posting(month, REVERSAL, last.place, -last.amount, last.chargeable, at, last.of, reason)
    return (*postings, back, Posting(month, REPLACEMENT, place, amount, chargeable, at, last.of, reason))


def level(entries: Iterable[Entry]) -> int:
    """The highest step of the ladder that was reached for a month that nobody handed over (SLA-4)."""
    return max((entry.data["told"]["level"] for entry in entries if entry.event == "escalate"), default=0)


def fold(entries: Iterable[Entry]) -> HandedOver | None:
    """A month as its own stream (``month:2026-10``) leaves it."""
    month: HandedOver | None = None
    for entry in entries:
        data = entry.data
        if entry.event == "hand-over":
            month = HandedOver(
                data["month"], entry.occurred_at, entry.actor, from_iso(data["due_at"]), data["orders"], data["total"],
                entry.late,
            )  # fmt: skip
    return month
