"""A single value of a rules file: from the text that was typed to the normalized value, or a sentence why not.

Durations become whole seconds, times of day seconds after midnight, money fen, rates decimal text (FEE-10).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from repairdesk.domain import money
from repairdesk.domain.spelling import LONGEST
from repairdesk.domain.times import fold, time_of_day
from repairdesk.errors import N_, Sentence, UsageError
from repairdesk.rules import patterns
from repairdesk.rules.problems import Mistake

DAY = 86_400
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": DAY}
_DURATION = re.compile(r"([0-9]{1,6})\s?([smhd])")
# Long enough for anything that is kept (RET-1), short enough that no deadline leaves the calendar.
_LONGEST = 10 * 366 * DAY
_PERIOD = re.compile(r"([0-9]{1,5})\s?([yd])")
_KEPT_LONGEST = 100 * 366
_BYTES = {"kB": 1000, "KB": 1000, "MB": 1_000_000}
_SIZE = re.compile(r"([0-9]{1,7})\s?([kKM]B)")
_LARGEST = 1_000_000_000
_CODE = re.compile(r"[^\W_][\w.-]{0,39}")
_RULE = re.compile(r"[A-Z]{3}-[0-9]{1,2}")
_VERSION = re.compile(r"[\w][\w.+-]{0,59}")
_GROUP = re.compile(r"\{([^{}]*)\}")
MOST_PATTERNS = 50
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def line(value: object) -> str:
    """One line of text that can be printed, at most 500 characters."""
    if not isinstance(value, str):
        raise Mistake(N_("expected text, not a list or a mapping"))
    text = value.strip()
    if not text:
        raise Mistake(N_("is empty: write a value, or leave the key out"))
    if len(text) > 500 or not text.isprintable():
        raise Mistake(N_("expected one line of printable text, at most 500 characters"))
    return text


def _matching(pattern: re.Pattern[str], expected: str) -> Callable[[object], str]:
    def read(value: object) -> str:
        text = line(value)
        # What is looked up is typed folded (full-width letters, say), so a name that is not could never be found.
        if not pattern.fullmatch(text) or fold(text) != text:
            raise Mistake(expected, text=text)
        return text

    return read


code = _matching(_CODE, N_("“{text}” is not a code: letters, digits, “-”, “_” and “.”, at most 40"))
rule = _matching(_RULE, N_("“{text}” is not the id of a rule, such as INT-4"))
version = _matching(_VERSION, N_("“{text}” is not a version: letters, digits, “-”, “_”, “.” and “+”, at most 60"))
currency = _matching(re.compile("[A-Z]{3}"), N_("“{text}” is not a currency: three capitals, such as CNY"))
prefix = _matching(re.compile("[A-Z]{1,4}"), N_("“{text}” is not a prefix for numbers: one to four capitals"))


def one_of(names: Sequence[str], expected: str) -> Callable[[object], str]:
    """A reader that takes one of ``names``; ``expected`` is the sentence, with ``{text}`` and ``{names}``."""

    def read(value: object) -> str:
        text = line(value)
        if text not in names:
            raise Mistake(expected, text=text, names=", ".join(names))
        return text

    return read


def yes_or_no(value: object) -> bool:
    """``true`` or ``false``; YAML's other spellings are refused, since nobody agrees what they mean."""
    text = line(value)
    if text not in ("true", "false"):
        raise Mistake(N_("“{text}” is neither true nor false"), text=text)
    return text == "true"


def duration(value: object) -> int:
    """Seconds of ``90s``, ``15m``, ``48h`` or ``7d`` (a day is 24 hours of the calendar it is measured in)."""
    text = fold(line(value))
    found = _DURATION.fullmatch(text)
    if found is None:
        raise Mistake(N_("“{text}” is not a duration: a whole number and s, m, h or d, such as 15m or 48h"), text=text)
    seconds = int(found[1]) * _SECONDS[found[2]]
    if seconds > _LONGEST:
        raise Mistake(N_("“{text}” is longer than ten years"), text=text)
    return seconds


def period(value: object) -> dict[str, int] | None:
    """How long something is kept: ``2y`` or ``90d``, years and days of the calendar; ``forever`` is None."""
    text = fold(line(value))
    if text == "forever":
        return None
    found = _PERIOD.fullmatch(text)
    if found is None:
        raise Mistake(N_("“{text}” is no time to keep something: 2y, 90d, or forever"), text=text)
    number = int(found[1])
    if number * (366 if found[2] == "y" else 1) > _KEPT_LONGEST:
        raise Mistake(N_("“{text}” is longer than a hundred years: write forever"), text=text)
    return {"years": number, "days": 0} if found[2] == "y" else {"years": 0, "days": number}


def size(value: object) -> int:
    """Bytes of ``500 kB`` or ``20 MB``, a thousand or a million each, as shops and telephones count; up to 1000 MB."""
    text = fold(line(value))
    found = _SIZE.fullmatch(text)
    found_bytes = int(found[1]) * _BYTES[found[2]] if found else 0
    if not 1 <= found_bytes <= _LARGEST:
        raise Mistake(N_("“{text}” is no size of a file: a whole number and kB or MB, at most 1000 MB"), text=text)
    return found_bytes


def clock_time(value: object) -> int:
    """Seconds after midnight of ``17:00``; ``24:00`` is the end of the day."""
    text = fold(line(value))
    seconds = DAY if text == "24:00" else time_of_day(text)
    if seconds is None:
        raise Mistake(N_("“{text}” is not a time of day: HH:MM from 00:00 to 24:00"), text=text)
    return seconds


def window(value: object) -> tuple[int, int]:
    """The interval ``08:30-12:00`` of a day, in seconds after midnight."""
    text = fold(line(value))
    begin, dash, end = text.partition("-")
    if not dash:
        raise Mistake(N_("“{text}” is not a window: write FROM-TO, such as 08:30-12:00"), text=text)
    opens, closes = clock_time(begin), clock_time(end)
    if closes <= opens:
        raise Mistake(N_("“{text}” ends before it begins; split a window at midnight"), text=text)
    return opens, closes


def day(value: object) -> str:
    """A date ``2026-11-22`` that exists."""
    text = line(value)
    try:
        if re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
            return date.fromisoformat(text).isoformat()
    except ValueError:
        raise Mistake(N_("there is no day {text}"), text=text) from None
    raise Mistake(N_("“{text}” is not a date: YYYY-MM-DD"), text=text)


def weekdays(value: object) -> str:
    """A day of the week, ``sat``, or a stretch of them, ``mon-fri``."""
    text = line(value)
    first, dash, last = text.partition("-")
    if first not in WEEKDAYS or (dash and (last not in WEEKDAYS or WEEKDAYS.index(last) <= WEEKDAYS.index(first))):
        raise Mistake(N_("“{text}” is not a day of the week: {names}, or a stretch such as mon-fri"), text=text,
                      names=", ".join(WEEKDAYS))  # fmt: skip
    return text


def spread(days: str) -> range:
    """The weekdays (0 = Monday) that ``mon-fri`` or ``sat`` names, as ``weekdays`` has checked it."""
    first, _, last = days.partition("-")
    return range(WEEKDAYS.index(first), WEEKDAYS.index(last or first) + 1)


def amount(value: object) -> int:
    """Fen of an amount in yuan, ``12.50`` (FEE-10)."""
    text = fold(line(value))
    if re.fullmatch(r"-[0-9.]+", text):
        raise Mistake(N_("“{text}” is negative; a price is 0 or more"), text=text)
    if re.fullmatch(r"[0-9]+\.[0-9]{3,}", text):
        raise Mistake(N_("“{text}” is finer than a fen: at most two decimals"), text=text)
    try:
        return money.fen(text)
    except UsageError:
        raise Mistake(N_("“{text}” is not an amount in yuan, such as 12.50, up to 9999999.99"), text=text) from None


def step(value: object) -> int:
    """Fen that a price is rounded to a multiple of, ``0.1`` (FEE-2)."""
    fen = amount(value)
    if fen == 0:
        raise Mistake(N_("nothing can be rounded to a multiple of 0; write 0.01 for the fen"))
    return fen


def rate(value: object) -> str:
    """A share such as ``0.30`` as plain decimal text without trailing zeros (FEE-2)."""
    text = fold(line(value))
    if not re.fullmatch(r"[0-9]{1,2}(\.[0-9]{1,4})?", text):
        raise Mistake(N_("“{text}” is not a rate: a decimal such as 0.30 for 30 %, at most four decimals"), text=text)
    return format(Decimal(text).normalize(), "f")


def share(value: object) -> str:
    """A part of a whole, 0 to 1, as ``rate`` has it (CAL-1, RPT-2)."""
    text = rate(value)
    if Decimal(text) > 1:
        raise Mistake(N_("“{text}” is more than 1; write 0.90 for 90 %"), text=text)
    return text


def minutes(value: object) -> int:
    """Seconds of a whole number of minutes, 0 to 1440 (FEE-3)."""
    text = fold(line(value))
    if not re.fullmatch("[0-9]{1,4}", text) or int(text) > 1440:
        raise Mistake(N_("“{text}” is not a number of minutes: 0 to 1440"), text=text)
    return int(timedelta(minutes=int(text)).total_seconds())


def _whole(text: str, least: int, most: int) -> int | None:
    found = re.fullmatch("[0-9]{1,4}", text)
    return int(text) if found and least <= int(text) <= most else None


def months(value: object) -> int:
    """A whole number of calendar months, 0 to 120 (FEE-5)."""
    text = fold(line(value))
    number = _whole(text, 0, 120)
    if number is None:
        raise Mistake(N_("“{text}” is not a number of months: 0 to 120"), text=text)
    return number


def day_of_month(value: object) -> int:
    """A day that every month has (FEE-7)."""
    text = fold(line(value))
    number = _whole(text, 1, 28)
    if number is None:
        raise Mistake(N_("“{text}” is not a day that every month has: 1 to 28"), text=text)
    return number


def count(value: object) -> int:
    """How often, or how many days: 1 to 31 (COO-4)."""
    text = fold(line(value))
    number = _whole(text, 1, 31)
    if number is None:
        raise Mistake(N_("“{text}” is not a count: 1 to 31"), text=text)
    return number


def limit(value: object) -> int | None:
    """Fen of an amount in yuan, or None for ``any`` (FEE-6)."""
    return None if isinstance(value, str) and fold(value) == "any" else amount(value)


def zone(value: object) -> str:
    """The name of a time zone, ``Asia/Shanghai`` (SLA-2)."""
    text = line(value)
    try:
        return ZoneInfo(text).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Mistake(N_("“{text}” is not the name of a time zone, such as Asia/Shanghai"), text=text) from None


def pattern(value: object) -> str:
    """A regular expression that is soon done with whatever is held against it (INT-4)."""
    text = line(value)
    unfit = _unfit(text)
    if unfit:
        raise Mistake(unfit.template, **unfit.values)
    return text


@lru_cache(maxsize=64)
def _unfit(text: str) -> Sentence | None:
    """Why an expression is not taken; it is read twice, for its own sake and for the groups that it has."""
    try:
        re.compile(text)
        patterns.steps(text, LONGEST)
    except (re.error, OverflowError, RecursionError) as error:
        return Sentence(N_("is not a regular expression: {what}"), {"what": str(error)})
    except patterns.Untold as untold:
        said = N_("has “{what}” in it, of which nobody can say how long it takes: write it without")
        return Sentence(said, {"what": str(untold)})
    except patterns.Endless:
        return Sentence(N_(
            "could take for ever: too many of its repeats (* + ?) can take the same letters; name them, such as [0-9]+"
        ), {})  # fmt: skip
    return None


def groups_of(canonical: str) -> list[str]:
    """What stands in braces in a canonical form: ``{1}-{2}`` gives ``1`` and ``2``."""
    return _GROUP.findall(canonical)
