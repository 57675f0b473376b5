"""Weeks and months as obligations count them: ISO weeks, calendar months, in the desk's zone (COO-3, COO-4).

A period is its first and its last second: what happens in between is inside, and midnight is the next one's.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta, tzinfo

from repairdesk.domain.times import at_local

WEEK, MONTH = "week", "month"
_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)

Period = tuple[datetime, datetime]


def period_of(each: str, at: datetime, zone: tzinfo) -> Period:
    """The week or month in which ``at`` lies."""
    return _from(each, _first_day(each, at.astimezone(zone).date()), zone)


def following(each: str, last: datetime, zone: tzinfo) -> Period:
    """The period after the one that ends with ``last``."""
    return period_of(each, last + _SECOND, zone)


def counted_from(each: str, at: datetime, days_left: int | None, zone: tzinfo) -> Period:
    """The first period that counts for what begins at ``at``.

    Its own one if at least ``days_left`` days of it are left, that day included; then it begins at ``at``. With None
    the one that ``at`` lies in never counts (COO-3).
    """
    _, last = period_of(each, at, zone)
    left = (last.astimezone(zone).date() - at.astimezone(zone).date()).days + 1
    if days_left is not None and left >= days_left:
        return at, last
    return following(each, last, zone)


def _first_day(each: str, day: date) -> date:
    return day.replace(day=1) if each == MONTH else day - day.weekday() * _DAY


def _from(each: str, first: date, zone: tzinfo) -> Period:
    after = _first_day(MONTH, first + 31 * _DAY) if each == MONTH else first + 7 * _DAY
    return at_local(first, 0, zone), at_local(after, 0, zone) - _SECOND
