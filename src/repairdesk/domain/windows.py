"""Visit windows as they are said on the phone, put into the form in which they are kept (INT-5)."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

from repairdesk.domain.times import fold

_DAYS = {
    "今天": 0, "今": 0, "today": 0, "明天": 1, "明": 1, "tomorrow": 1, "后天": 2, "后": 2,
}  # fmt: skip
_WEEK = {**{name: n for n, name in enumerate("一二三四五六日")}, "天": 6}
_DAYS_EN = {name: n for n, name in enumerate(("mon", "tue", "wed", "thu", "fri", "sat", "sun"))}
_HOUR = r"([0-9]{1,2})(?:[:点]([0-9]{2})?)?"
_HALF = {"上午": 0, "早上": 0, "am": 0, "下午": 12, "晚上": 12, "晚": 12, "pm": 12}
_HOURS = re.compile(rf"({'|'.join(_HALF)})?\s*{_HOUR}\s*(?:[-~–—/到至]|\s+to\s+)\s*({'|'.join(_HALF)})?\s*{_HOUR}$")


def meant(said: str, now: datetime) -> str:
    """``明天 9-11``, ``14-16`` or ``11-25 9:30-11`` as ``START/END``; anything else as it was said.

    Without a day it is today, or tomorrow where that is over. Whether it can be a window is asked of what comes out.

    Args:
        said: as it was typed.
        now: the present moment in the desk's zone.
    """
    text = " ".join(fold(said).casefold().split())
    found = _HOURS.search(text)
    if found is None:
        return said
    start, end = _clocks(found)
    if start is None or end is None:
        return said
    named = text[: found.start()].strip()
    day = _day(named, now.date())
    if day is None:
        return said
    if not named and start <= f"{now:%H:%M}":
        day += timedelta(days=1)
    return f"{day.isoformat()}T{start}/{end}"


def _clocks(found: re.Match[str]) -> tuple[str | None, str | None]:
    """Both ends as ``HH:MM``; 下午 said once holds for both."""
    half, hour, minute, other, until, last = found.groups()
    return _clock(half, hour, minute), _clock(other or half, until, last)


def _clock(half: str | None, hour: str, minute: str | None) -> str | None:
    number = int(hour) + (_HALF[half] if half and int(hour) < 12 else 0)
    return f"{number:02}:{minute or '00'}" if number < 24 and int(minute or 0) < 60 else None


def _day(named: str, today: date) -> date | None:
    """The day that is meant, the next of its name; None: none is."""
    if not named:
        return today
    if named in _DAYS:
        return today + timedelta(days=_DAYS[named])
    week = re.fullmatch(r"(?:周|星期|礼拜)([一二三四五六日天])", named)
    wanted = _WEEK[week[1]] if week else _DAYS_EN.get(named[:3] if named.isalpha() and named.isascii() else "")
    if wanted is not None:
        return today + timedelta(days=(wanted - today.weekday()) % 7)
    numbers = re.fullmatch(r"(?:([0-9]{1,2})[-/.月])?([0-9]{1,2})[日号]?", named)
    if numbers is None:
        return _iso(named)
    return _next(today, int(numbers[1]) if numbers[1] else None, int(numbers[2]))


def _iso(named: str) -> date | None:
    try:
        return date.fromisoformat(named.removesuffix("t"))
    except ValueError:
        return None


def _next(today: date, month: int | None, day: int) -> date | None:
    """The next such day, from today on."""
    for ahead in range(366):
        one = today + timedelta(days=ahead)
        if one.day == day and month in (None, one.month):
            return one
    return None
