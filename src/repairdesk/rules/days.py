"""The shape of ``calendar.yaml``, the table of public holidays and make-up workdays (SLA-2), and what its days must
agree on: each stands once, in its own year.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field

from repairdesk.errors import N_
from repairdesk.rules import units
from repairdesk.rules.problems import Mistake, Path
from repairdesk.rules.schema import Data, Day, Duration, Form, Line, Some, Strict, Version

Found = tuple[Path, Mistake]
_DAY = timedelta(days=1)
_YEAR = re.compile("(19[789]|2[0-9]{2})[0-9]")


def _year(value: object) -> str:
    """A year that a time may lie in."""
    text = units.line(value)
    if not _YEAR.fullmatch(text):
        raise Mistake(N_("“{text}” is not a year: 1970 to 2999"), text=text)
    return text


def stretch(value: object) -> tuple[date, date]:
    """The first and the last day of ``2026-10-01..2026-10-07``, or of a single day."""
    text = units.line(value)
    first, dots, last = text.partition("..")
    if dots and not (first and last):
        raise Mistake(N_("“{text}” is no stretch of days: write FROM..TO, such as 2026-10-01..2026-10-07"), text=text)
    begins = units.day(first)
    ends = units.day(last) if dots else begins
    if ends < begins:
        raise Mistake(N_("“{text}” ends before it begins"), text=text)
    return date.fromisoformat(begins), date.fromisoformat(ends)


def _named(holidays: dict[str, Any]) -> dict[str, Any]:
    # A year that is there counts as known: an empty one would let every deadline in it look certain.
    if not holidays:
        raise Mistake(N_("names no day: leave a year out until its table is published"))
    return holidays


class YearForm(Strict):
    """The table of one year, and the notice that it was taken from."""

    source: Line
    holidays: Annotated[
        dict[Line, Annotated[list[Annotated[tuple[date, date], BeforeValidator(stretch)]], Some]],
        AfterValidator(_named),
    ]
    workdays: list[Day] = Field(default_factory=list)

    def normal(self) -> Data:
        """Every day off with its name, and the days that are worked instead."""
        off = {
            (first + n * _DAY).isoformat(): name
            for name, stretches in self.holidays.items()
            for first, last in stretches
            for n in range((last - first).days + 1)
        }
        return {"source": self.source, "holidays": dict(sorted(off.items())), "workdays": sorted(self.workdays)}


class CalendarFileForm(Form):
    """``calendar.yaml``."""

    version: Version
    warn: Duration
    years: dict[Annotated[str, BeforeValidator(_year)], YearForm]

    def normal(self) -> Data:
        """The table as JSON-able data: the keys of ``years`` are texts."""
        return {
            "version": self.version,
            "warn": self.warn,
            "years": {year: table.normal() for year, table in sorted(self.years.items())},
        }


def disagreements(data: Data) -> Iterator[Found]:
    """What does not agree in ``calendar.yaml``, each with the path of the day it is said of."""
    tables = ((year, table) for year, table in _tables(data.get("years")) if _YEAR.fullmatch(year))
    for year, table in tables:
        taken: dict[date, str] = {}
        for name, stretches in _tables(table.get("holidays"), list):
            for index, (first, last) in _stretches(stretches):
                path: Path = ("years", year, "holidays", name, index)
                yield from ((path, mistake) for mistake in _clashes(year, first, last, taken))
                if _outside(year, first, last) is None:
                    taken |= {first + n * _DAY: name for n in range((last - first).days + 1)}
        worked: set[date] = set()
        for index, (day, last) in _stretches(table.get("workdays")):
            path = ("years", year, "workdays", index)
            if day != last:
                continue  # a stretch, where a single day belongs: the schema says so
            if (outside := _outside(year, day, day)) is not None:
                yield path, outside
            elif day in taken:
                yield path, Mistake(N_("{day} is a holiday and a workday"), day=day.isoformat())
            elif day in worked:
                yield path, Mistake(N_("“{text}” is listed twice"), text=day.isoformat())
            worked.add(day)


def _clashes(year: str, first: date, last: date, taken: dict[date, str]) -> Iterator[Mistake]:
    """What is wrong with days off: the first thing found, as one slip of the hand makes many clashes."""
    outside = _outside(year, first, last)
    if outside is not None:
        yield outside
        return
    for n in range((last - first).days + 1):
        day = first + n * _DAY
        if day in taken:
            yield Mistake(N_("{day} is a day off already, under “{name}”"), day=day.isoformat(), name=taken[day])
            return


def _outside(year: str, first: date, last: date) -> Mistake | None:
    outside = N_("{day} does not lie in {year}: it belongs under its own year")
    strays = (day for day in (first, last) if f"{day.year:04}" != year)
    return next((Mistake(outside, day=day.isoformat(), year=year) for day in strays), None)


def _tables(value: object, kind: type = dict) -> Iterator[tuple[str, Any]]:
    """The entries of a mapping that are of the kind that is looked for; the schema refuses the others."""
    entries = value.items() if isinstance(value, dict) else ()
    return ((key, inner) for key, inner in entries if isinstance(inner, kind))


def _stretches(value: object) -> Iterator[tuple[int, tuple[date, date]]]:
    """The days of a list that can be read, each with its place in it."""
    for index, text in enumerate(value if isinstance(value, list) else []):
        try:
            yield index, stretch(text)
        except Mistake:
            continue
