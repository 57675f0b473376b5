"""Times as people write them and as the ledger keeps them: aware, in UTC, to the whole second (SLA-2).

Every local time is of the desk's zone, which comes in as an argument; the machine's own zone is never asked.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache

from repairdesk.errors import N_, UsageError

_CLOCK = r"(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})"
_AT = re.compile(
    rf"(?P<day>[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}})[Tt ]{_CLOCK}(?::(?P<second>[0-9]{{2}})(?:[.,][0-9]+)?)?"
    r"\s*(?P<offset>[Zz]|[+-][0-9]{2}(?::?[0-9]{2})?)?"
)
_TIME_OF_DAY = re.compile(_CLOCK)
# Far enough from the ends of the calendar that no deadline computed from an accepted time can overflow.
_YEARS = range(1970, 3000)
_SECOND = timedelta(seconds=1)


def fold(text: str) -> str:
    """``text`` as it would be typed on a plain keyboard: full-width forms folded (NFKC), edges trimmed."""
    return unicodedata.normalize("NFKC", text).strip()


def at_local(day: date, seconds: int, zone: tzinfo) -> datetime:
    """The instant at which the clocks of ``zone`` show ``seconds`` after midnight of ``day`` (86,400 is 24:00).

    Later wall times never give earlier instants: a time that the clocks skip is the instant of the skip, a time
    that they show twice is its first showing.
    """
    wall = datetime.combine(day, time()) + timedelta(seconds=seconds)
    instant = wall.replace(tzinfo=zone).astimezone(UTC)
    return instant if _shows(instant, zone) == wall else _skip(wall, zone)


def _shows(instant: datetime, zone: tzinfo) -> datetime:
    return instant.astimezone(zone).replace(tzinfo=None)


def _skip(wall: datetime, zone: tzinfo) -> datetime:
    """The instant at which the clocks were put forward past ``wall``."""
    # Read with the offset after the skip the wall time lies before it, with the offset before the skip not.
    before = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    after = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    old = before.astimezone(zone).utcoffset()
    while after - before > _SECOND:
        middle = before + (after - before) // _SECOND // 2 * _SECOND
        if middle.astimezone(zone).utcoffset() == old:
            before = middle
        else:
            after = middle
    return after


def time_of_day(text: str) -> int | None:
    """Seconds after midnight of ``HH:MM`` (00:00 to 23:59), or None when ``text`` is something else."""
    found = _TIME_OF_DAY.fullmatch(fold(text))
    if found is None or int(found["hour"]) > 23 or int(found["minute"]) > 59:
        return None
    return int(found["hour"]) * 3600 + int(found["minute"]) * 60


def parse_at(text: str, zone: tzinfo) -> datetime:
    """The instant of a local ISO time, with or without seconds or offset; fractions of a second are cut off.

    Without an offset it is of the desk's ``zone``; of a time shown twice the first is meant (an offset says otherwise).

    Raises:
        UsageError: not such a time, outside the years 1970 to 2999, or skipped by the clocks of ``zone``.
    """
    return _instant(_match(text), text, zone)


def parse_since(text: str, zone: tzinfo, *, end: bool = False) -> datetime:
    """The instant of a local time as ``parse_at`` reads it; of a day its beginning, or with ``end`` its last second.

    Raises:
        UsageError: neither a day nor a time, or as ``parse_at``.
    """
    if _match(text) is not None:
        return parse_at(text, zone)
    try:
        day = _wall(_match(f"{fold(text)}T00:00")).date()
    except ValueError:
        raise UsageError(
            N_("“{text}” is neither a day nor a time: write it such as 2026-11-22 or 2026-11-22T14:05"), text=text
        ) from None
    return at_local(day, 86_399 if end else 0, zone)


def parse_window(text: str, zone: tzinfo) -> tuple[datetime, datetime]:
    """The visit window ``START/END`` (INT-5). ``END`` may be a mere ``HH:MM``: of the day and offset of ``START``.

    Raises:
        UsageError: either end cannot be read, or the end is not after the start.
    """
    start_text, slash, end_text = (part.strip() for part in fold(text).partition("/"))
    if not slash or "/" in end_text:
        raise UsageError(
            "“{text}” is not a window: write START/END, such as 2026-11-22T14:00/2026-11-22T16:00 or "
            "2026-11-22T14:00/16:00",
            rule="INT-5",
            text=text,
        )
    found = _match(start_text)
    start = _instant(found, start_text, zone)
    if found is not None and time_of_day(end_text) is not None:
        end_text = f"{found['day']}T{end_text}{found['offset'] or ''}"
    end = parse_at(end_text, zone)
    if end <= start:
        raise UsageError(
            "the window “{text}” ends at {end}, which is not after its start", rule="INT-5", text=text, end=end_text
        )
    return start, end


def _match(text: str) -> re.Match[str] | None:
    return _AT.fullmatch(fold(text))


def _instant(found: re.Match[str] | None, text: str, zone: tzinfo) -> datetime:
    try:
        wall = _wall(found)
        instant = wall.astimezone(UTC) if wall.tzinfo else wall.replace(tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):
        raise UsageError(
            "“{text}” is not a time: write the day and the time of day such as 2026-11-22T14:05, with or without "
            "seconds and offset (2026-11-22T14:05:00+08:00)",
            text=text,
        ) from None
    if wall.tzinfo is None and _shows(instant, zone) != wall:
        raise UsageError(
            "“{text}” does not exist in {zone}: the clocks were put forward past it", text=text, zone=str(zone)
        )
    return instant


def _wall(found: re.Match[str] | None) -> datetime:
    """The time as written, aware only if it had an offset; ValueError when there is no such time."""
    if found is None:
        raise ValueError("not in the form of a time")
    offset = (found["offset"] or "").upper()
    clock = f"{int(found['hour']):02}:{found['minute']}:{found['second'] or '00'}"
    wall = datetime.fromisoformat(f"{found['day']}T{clock}{offset}")
    if wall.year not in _YEARS:
        raise ValueError("outside the years that are taken")
    return wall


def iso_utc(t: datetime) -> str:
    """An aware time as the ledger keeps it: ``2026-11-22T06:05:00Z``."""
    # Of a zone whose clocks show an hour twice, both times would be one key.
    return _text(t) if t.tzinfo is UTC else _text(_whole(t).astimezone(UTC))


@lru_cache(maxsize=1024)
def _text(t: datetime) -> str:
    return _whole(t).isoformat()[:-6] + "Z"


@lru_cache(maxsize=1024)  # the same few times are read again and again: an order's, its entries', its obligations'
def from_iso(text: str) -> datetime:
    """What ``iso_utc`` or ``local_iso`` wrote, aware and in UTC.

    Raises:
        ValueError: not ISO 8601, without an offset, or at the very end of the calendar.
    """
    t = datetime.fromisoformat(text)
    if t.tzinfo is None:
        raise ValueError(f"a time without an offset: {text}")
    try:
        return _whole(t).astimezone(UTC)
    except OverflowError:
        raise ValueError(f"a time that UTC does not have: {text}") from None


def from_outside(text: str) -> datetime:
    """``from_iso`` of what did not come from the ledger: no zone has to show a year that there is not.

    Raises:
        ValueError: as ``from_iso``, or outside the years that are taken.
    """
    t = from_iso(text)
    if t.year not in _YEARS:
        raise ValueError(f"outside the years that are taken: {text}")
    return t


def local_iso(t: datetime, zone: tzinfo) -> str:
    """An aware time as JSON shows it, with the desk's offset: ``2026-11-22T14:05:00+08:00``."""
    return _whole(t).astimezone(zone).isoformat()


def _whole(t: datetime) -> datetime:
    if t.tzinfo is None:
        raise ValueError("a time without a zone")
    return t.replace(microsecond=0) if t.microsecond else t
