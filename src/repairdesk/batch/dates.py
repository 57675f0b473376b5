"""Times as spreadsheets write them, ISO or in the order that ``--dates`` names; never guessed where two fit."""

from __future__ import annotations

import re
from datetime import date, datetime, tzinfo

from repairdesk.domain import times
from repairdesk.errors import N_, UsageError

ORDERS = ("dmy", "mdy", "ymd")
"""What ``--dates`` may say."""

_DAY = r"(?P<a>[0-9]{1,4})(?P<mark>[/.-])(?P<b>[0-9]{1,2})(?P=mark)(?P<c>[0-9]{1,4})"
_DATE = re.compile(_DAY)
_TIME = re.compile(
    rf"{_DAY}[Tt, ]\s*(?P<hour>[0-9]{{1,2}}):(?P<minute>[0-9]{{2}})(?::(?P<second>[0-9]{{2}})(?:[.,][0-9]+)?)?"
    r"\s*(?P<half>[AaPp])?(?(half)\.?[Mm]\.?)"
)
_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}.*")


def moment(text: str, order: str | None, zone: tzinfo) -> datetime:
    """The instant of a time of the desk's ``zone``: ``2018-04-12T11:11`` (with or without offset), ``2018/4/12 8:03``.

    Where the year does not stand first, ``order`` says how to read ``04/12/2018 11:11:26 AM``.

    Raises:
        UsageError: it is not a time, or is one in two ways and nobody said which (``--dates``).
    """
    plain = times.fold(text)
    found = None if _ISO.fullmatch(plain) else _TIME.fullmatch(plain)
    try:
        if found is None:
            return times.parse_at(plain, zone)
        day = _day(found, order, text)
        return times.parse_at(f"{day.isoformat()}T{_clock(found)}", zone)
    except UsageError as error:
        if "text" in error.values:
            error.values["text"] = text
        raise


def day(text: str, order: str | None) -> str:
    """A date as ``YYYY-MM-DD``, read as in ``moment``.

    Raises:
        UsageError: as there.
    """
    plain = times.fold(text)
    found = None if _ISO.fullmatch(plain) else _DATE.fullmatch(plain)
    if found is not None:
        return _day(found, order, text).isoformat()
    try:
        return date.fromisoformat(plain if _ISO.fullmatch(plain) else "").isoformat()
    except ValueError:
        raise UsageError(N_("“{text}” is not a date: write YYYY-MM-DD"), rule="INT-5", text=text) from None


def _day(found: re.Match[str], order: str | None, text: str) -> date:
    parts = (found["a"], found["b"], found["c"])
    days = {one for one in (_calendar(parts, way) for way in _orders(parts[0], order)) if one}
    if len(days) > 1:
        raise UsageError(N_("“{text}” can be read in two ways: say --dates dmy or --dates mdy"), text=text)
    if not days:
        if order:
            raise UsageError(N_("“{text}” is not a date in the order {order} (--dates)"), text=text, order=order)
        raise UsageError(N_("“{text}” has no date that exists, with four digits for the year"), text=text)
    return days.pop()


def _orders(first: str, order: str | None) -> tuple[str, ...]:
    """The orders in which a date can be meant: a year that stands first says it by itself."""
    if len(first) == 4:
        return ("ymd",)
    return (order,) if order else ("dmy", "mdy")


def _calendar(parts: tuple[str, ...], order: str) -> date | None:
    year, month, day_ = (parts[order.index(part)] for part in "ymd")
    try:
        return date(int(year), int(month), int(day_)) if len(year) == 4 else None
    except ValueError:
        return None


def _clock(found: re.Match[str]) -> str:
    """The time of day on 24 hours; one that does not exist stays so, and is refused as a time."""
    hour = int(found["hour"])
    if found["half"]:
        if not 1 <= hour <= 12:
            return "99:99"
        hour = hour % 12 + (12 if found["half"] in "Pp" else 0)
    return f"{hour:02}:{found['minute']}:{found['second'] or '00'}"
