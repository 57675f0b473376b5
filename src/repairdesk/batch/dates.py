"""Times as spreadsheets write them: ISO, in Chinese, or as ``--dates`` says; never guessed where two readings fit.

A spelling is first put into plain digits (``2024年1月5日 下午3时5分`` is ``2024/1/5 15:05``); what a date means is then
decided in one place.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, tzinfo
from decimal import Decimal

from repairdesk.domain import times
from repairdesk.errors import N_, UsageError

ORDERS = ("dmy", "mdy", "ymd")
"""What ``--dates`` may say."""

_DAY = r"(?P<a>[0-9]{1,4})(?P<mark>[/.-])(?P<b>[0-9]{1,2})(?P=mark)(?P<c>[0-9]{1,4})"
_DATE = re.compile(_DAY)
_CLOCK = (
    r"(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:[.,][0-9]+)?)?"
    r"\s*(?P<half>[AaPp])?(?(half)\.?[Mm]\.?)"
)
_TIME = re.compile(rf"{_DAY}(?:[Tt]|,?\s)\s*{_CLOCK}")
_ALONE = re.compile(_CLOCK)
_OFFSET = re.compile(r"(.*[0-9Mm.])\s*([+-][0-9]{2}):?([0-9]{2})")
_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}.*")

_CHINESE_DAY = re.compile(r"([0-9]{4})\s*年\s*([0-9]{1,2})\s*月\s*([0-9]{1,2})\s*[日号]\s*")
_CHINESE_CLOCK = re.compile(r"([0-9]{1,2})\s*[时点]\s*(?:([0-9]{1,2})\s*分?)?\s*(?:(?<=分)\s*([0-9]{1,2})\s*秒)?")
_HALF = re.compile(r"(凌晨|清晨|早上|早晨|上午|中午|下午|傍晚|晚上|夜里)\s*([0-9]{1,2})(:.*)")
_HALVES = {
    **dict.fromkeys(("凌晨", "清晨", "早上", "早晨", "上午"), (0, 11)),
    "中午": (11, 14), "下午": (12, 23), "傍晚": (16, 23), "晚上": (17, 23), "夜里": (20, 23),
}  # fmt: skip
"""The hours that each part of a day may have: 晚上12:30 is no evening of its date, and 夜里2:00 may be of the next."""
_HALF_SAID = re.compile("|".join(_HALVES))
_WEEKDAY = re.compile(r"\s*[(]?(?:星期|周|礼拜)([一二三四五六日天])[)]?\s*")
_DAYS = "一二三四五六日"
_DIGITS = re.compile(
    r"((?:19|20)[0-9]{2})([01][0-9])([0-3][0-9])(?:[ T]?([0-2][0-9]):?([0-5][0-9])(?::?([0-5][0-9]))?)?"
)
_NAMES = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_NAMED = re.compile(
    rf"(?:(?P<day>[0-9]{{1,2}})[ -](?P<name>{'|'.join(_NAMES)})[a-z]*[ ,-]+"
    rf"|(?P<first>{'|'.join(_NAMES)})[a-z]*\.? (?P<second>[0-9]{{1,2}}),? )(?P<year>[0-9]{{4}})\b,?",
    re.IGNORECASE,
)
_SERIAL = re.compile(r"[0-9]{5}(?:\.[0-9]+)?")
_SERIALS = range(32_874, 73_051)
"""Days since 1899-12-30 in which a number in a column of dates can be meant: 1990 to 2099."""
_BEGIN = date(1899, 12, 30)


def moment(text: str, order: str | None, zone: tzinfo, *, serials: bool = False) -> datetime:
    """The instant of a time of the desk's ``zone``: ``2018-04-12T11:11`` (with or without offset), ``2018/4/12 8:03``.

    Where the year does not stand first, ``order`` says how to read ``04/12/2018 11:11:26 AM``.

    Args:
        serials: a mere number counts days as a spreadsheet does, such as 45296.3354.

    Raises:
        UsageError: it is not a time, or is one in two ways and nobody said which (``--dates``).
    """
    # Most times need no more than this.
    plain = text if _TIME.fullmatch(text) else _plain(text, serials)
    is_iso = _ISO.fullmatch(plain) and plain[-1] not in "Mm."
    found = None if is_iso else _TIME.fullmatch(plain)
    offset = ""
    if not is_iso and found is None and (behind := _OFFSET.fullmatch(plain)):
        found, offset = _TIME.fullmatch(behind[1]), f"{behind[2]}:{behind[3]}"
    try:
        if found is None:
            return times.parse_at(plain, zone)
        day = _day(found, order, text)
        return times.parse_at(f"{day.isoformat()}T{_clock(found)}{offset}", zone)
    except UsageError as error:
        if "text" in error.values:
            error.values["text"] = text
        raise


def day(text: str, order: str | None, *, serials: bool = False) -> str:
    """A date as ``YYYY-MM-DD``, read as in ``moment``; the midnight with which a workbook shows it says nothing.

    Raises:
        UsageError: as there.
    """
    plain = _MIDNIGHT.sub("", _plain(text, serials))
    found = None if _ISO.fullmatch(plain) else _DATE.fullmatch(plain)
    if found is not None:
        return _day(found, order, text).isoformat()
    try:
        return date.fromisoformat(plain if _ISO.fullmatch(plain) else "").isoformat()
    except ValueError:
        raise UsageError(N_("“{text}” is not a date: write YYYY-MM-DD"), rule="INT-5", text=text) from None


_LONGEST = 200
"""Characters: what is longer is no time, and some of the spellings would be looked for in it for minutes."""
_MIDNIGHT = re.compile(r"[T ]0?0:00(:00)?(\.0+)?$")
_TO = re.compile(
    r"\s*(?:--+|[~～—–至到]+)\s*"
    r"|(?<=[0-9Mm时点分])\s*-\s*(?=(?:[上下]午\s*)?[0-9]{1,2}[:时点]|[0-9]{4}[-/.年])"
)


def window(text: str, order: str | None, zone: tzinfo, *, serials: bool = False) -> tuple[datetime, datetime]:
    """The visit window (INT-5): ``START/END`` as at the desk, or ``2024/1/5 14:00-16:00`` and its like.

    Raises:
        UsageError: either end cannot be read, or the end is not after the start.
    """
    plain = " ".join(times.fold(text).split())  # of a thousand blanks in a row each would be looked at a thousand times
    # Only a hyphen behind the time of day parts the ends: those before it are of the date.
    parts = [part.strip() for part in _TO.split(plain)]
    if len(parts) > 2 and _ISO.match(plain):
        parts = [plain]
    if len(parts) != 2 or not all(parts):
        return times.parse_window(text, zone)
    start = moment(parts[0], order, zone, serials=serials)
    alone = _ALONE.fullmatch(_plain(parts[1], False))
    if alone:
        start, end = _of_one_day(parts[0], start, alone, zone)
    else:
        end = moment(parts[1], order, zone, serials=serials)
    if end <= start:
        raise UsageError(N_("the window “{text}” ends at {end}, which is not after its start"), rule="INT-5", text=text,
                         end=parts[1])  # fmt: skip
    return start, end


def _of_one_day(first: str, start: datetime, last: re.Match[str], zone: tzinfo) -> tuple[datetime, datetime]:
    """The ends of a window whose second one is a mere time of day.

    Where one end alone says the half of the day, it is that of both: 2:00-4:00 PM, 下午2:00-4:00. Of the second end
    that holds where it would else be before the first.
    """
    begin = start.astimezone(zone)
    halved = _ALONE.search(_clock_in(first))
    is_late = begin.hour >= 12
    if last["half"] and halved and not halved["half"] and not _HALF_SAID.search(first) and begin.hour <= 12:
        half = last["half"].upper()
        hour = begin.hour % 12 + (12 if half == "P" else 0)
        start = times.parse_at(f"{begin:%Y-%m-%d}T{hour:02}:{begin:%M:%S}", zone)
    end = times.parse_at(f"{begin:%Y-%m-%d}T{_clock(last)}", zone)
    said = _HALF_SAID.search(first) or (halved and halved["half"])
    if end <= start and said and is_late and not last["half"] and int(last["hour"]) < 12:
        end = times.parse_at(f"{begin:%Y-%m-%d}T{int(last['hour']) + 12:02}:{_clock(last)[3:]}", zone)
    return start, end


def _clock_in(text: str) -> str:
    """The time of day behind a date, as far as it is one in digits."""
    return " ".join(_plain(text, False).split()[1:])


def kept(text: str, *, whole: bool) -> str:
    """A number that counts days as a spreadsheet does, as a day and a time that every reader knows.

    Args:
        whole: whether a day without a time is meant, too; else that stays as it is.
    """
    if not _SERIAL.fullmatch(text) or int(text[:5]) not in _SERIALS or not (whole or Decimal(text) % 1):
        return text
    return _of_serial(Decimal(text)).replace("/", "-")


_MEANT = re.compile(r"\s*([0-9]{1,2})([/.-])([0-9]{1,2})\2[0-9]{4}(?![0-9])")


def order_in(text: str) -> str | None:
    """The order that a date can only have by itself: 13/04/2019 begins with the day; None where it says none."""
    found = _MEANT.match(text)
    if found is None:
        return None
    first, second = int(found[1]) > 12, int(found[3]) > 12
    return None if first == second else "dmy" if first else "mdy"


# --- spellings


def _plain(text: str, serials: bool) -> str:
    """A time in plain digits; what is no known spelling stays as it is, and is refused as that."""
    plain = times.fold(text).lstrip("'").strip()
    if len(plain) > _LONGEST or (_ISO.fullmatch(plain) and plain.isascii()):
        return plain
    if serials and _SERIAL.fullmatch(plain) and int(plain[:5]) in _SERIALS:
        return _of_serial(Decimal(plain))
    plain = _CHINESE_DAY.sub(r"\1/\2/\3 ", plain)
    plain = _CHINESE_CLOCK.sub(lambda found: ":".join(f"{int(part or 0):02}" for part in found.groups()), plain)
    plain = _without_weekday(plain)
    plain = _HALF.sub(_half, plain)
    if compact := _DIGITS.fullmatch(plain):
        clock = f" {compact[4]}:{compact[5]}:{compact[6] or '00'}" if compact[4] else ""
        return f"{compact[1]}/{compact[2]}/{compact[3]}{clock}"
    if named := _NAMED.match(plain):
        month = _NAMES.index((named["name"] or named["first"]).casefold()[:3]) + 1
        plain = f"{named['year']}/{month}/{named['day'] or named['second']}{plain[named.end() :]}"
    return " ".join(plain.split())


def _of_serial(days: Decimal) -> str:
    # To the second, as a fraction of a day is a float there; a whole number is a day, of which nobody said the time.
    seconds = int((days * 86_400).to_integral_value())
    instant = datetime(_BEGIN.year, _BEGIN.month, _BEGIN.day) + timedelta(seconds=seconds)
    return f"{instant:%Y/%m/%d %H:%M:%S}" if days % 1 else f"{instant:%Y/%m/%d}"


def _without_weekday(plain: str) -> str:
    """Without a day of the week, if it is the right one; a wrong one stays, and with it the text is no time."""
    said, digits = _WEEKDAY.search(plain), _DATE.match(plain)
    if said is None or digits is None:
        return plain
    own = _calendar((digits["a"], digits["b"], digits["c"]), "ymd")
    if own is None or _DAYS[own.weekday()] != said[1].replace("天", "日"):
        return plain
    return _WEEKDAY.sub(" ", plain, count=1)


def _half(found: re.Match[str]) -> str:
    """下午3:05 is 15:05; an hour that no such half of the day has stays what it is, and is refused."""
    hour, half = int(found[2]), found[1]
    first, last = _HALVES[half]
    if hour == 12 and half == "凌晨":
        hour = 0
    elif hour < 12 and first <= hour + 12 <= last:
        hour += 12
    elif not first <= hour <= last:
        hour = 99
    return f" {hour:02}{found[3]}"


# --- what a date means


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
    return f"{hour:02}:{int(found['minute']):02}:{int(found['second'] or 0):02}"
