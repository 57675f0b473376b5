"""Cells become a report: which column is which field, and what a value means."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from functools import lru_cache
from typing import Any

from repairdesk.batch import dates, headers, phones
from repairdesk.batch.fields import REPORTS, Fields
from repairdesk.batch.reading import Dated
from repairdesk.domain import intake
from repairdesk.domain.intake import Report
from repairdesk.domain.times import fold
from repairdesk.errors import N_, BadInput, DeskError, UsageError

_INNER = {"class": "help_class"}
_OUTER = {inner: outer for outer, inner in _INNER.items()}


class CellError(Exception):
    """A cell, or a row, that cannot be taken; ``field`` is the one to blame, None where the whole row is."""

    def __init__(self, field: str | None, error: DeskError, value: str | None = None) -> None:
        super().__init__(str(error))
        self.field = field
        self.error = error
        self.value = value


@dataclass(frozen=True, slots=True)
class Columns:
    """Which column of a file is which field.

    Attributes:
        header: the names of all columns.
        index: the places of its columns, by field; only a place may have several, which are its parts in the order in
            which somebody named them.
        shadowed: columns that are named like a field which another column is.
    """

    header: Sequence[str]
    index: Mapping[str, Sequence[int]]
    shadowed: tuple[str, ...] = ()

    @property
    def unread(self) -> list[str]:
        """The columns that nothing is taken from."""
        taken = {i for places in self.index.values() for i in places}
        return [name for i, name in enumerate(self.header) if i not in taken and name]

    @property
    def read(self) -> list[tuple[str, str]]:
        """The columns that something is taken from, in the order of the file, each with its field."""
        taken = {i: field for field, places in self.index.items() for i in places}
        return [(self.header[i], taken[i]) for i in sorted(taken)]

    def name(self, field: str | None) -> str | None:
        """The column of a field, as the file calls it; None where it has none."""
        return self.header[self.index[field][0]] if field is not None and field in self.index else None

    def said(self, cells: Sequence[str]) -> dict[str, str]:
        """What a row says, by field, trimmed; a blank cell says nothing."""
        said: dict[str, str] = {}
        for name, places in self.index.items():
            if len(places) == 1:
                i = places[0]
                text = _bare(cells[i]) if i < len(cells) else ""
                if name in _NAMES:
                    text = headers.bare(text)
            else:
                texts = [_bare(cells[i]) if i < len(cells) else "" for i in places]
                # Half a place is another place.
                text = headers.bare(headers.joined(texts)) if all(texts) else ""
            if text:
                said[name] = text
        return said

    def check(self, cells: Sequence[str]) -> None:
        """Whether the cells still hold what somebody typed.

        Raises:
            CellError: a formula failed, or the spreadsheet made a date or a rounded number of a name.
        """
        for name, places in self.index.items():
            for i in places:
                if i >= len(cells):
                    continue
                cell = cells[i]
                if "#" in cell[:2] and _FAILED.fullmatch(cell.strip()):
                    raise CellError(name, BadInput(_FAILS, text=cell.strip()), cell)
                if name in _NAMES:
                    _check_name(name, cell)


_NAMES = frozenset({"place", "external_id", "number", "id"})
"""Fields of which each character counts."""
_FAILED = re.compile(
    r"#(?:REF!|VALUE!|DIV/0!|NULL!|NUM!|SPILL!|CALC!|FIELD!|BLOCKED!|CONNECT!|UNKNOWN!|ERROR!|NAME\?|N/A|"
    r"GETTING_DATA|##+)"
)
_ROUNDED = re.compile(r"'?[+-]?[0-9](?:[.][0-9]+[Ee][+-]?[0-9]{1,3}|[Ee][+-][0-9]{2,3})")
_MADE_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2} 00:00:00")
"""A date of a workbook as text, such as rejected rows have it."""
_FAILS = N_("“{text}” is what a spreadsheet shows where it has no value: mend the cell, or widen the column")
_IS_ROUNDED = N_("the spreadsheet has lost digits of “{text}”: format the column as text, and fill it in again")
_IS_DATE = N_("the spreadsheet has made a date of this cell ({text}): format the column as text, and fill it in again")


def _check_name(name: str, cell: str) -> None:
    if isinstance(cell, Dated) or _MADE_DATE.fullmatch(cell):
        raise CellError(name, BadInput(_IS_DATE, text=cell[:10]), cell)
    if ("E" in cell or "e" in cell) and _ROUNDED.fullmatch(cell.strip()):
        raise CellError(name, BadInput(_IS_ROUNDED, text=cell.strip()), cell)


_KEPT = re.compile(r"^'(?=[0-9+=@-])")


def _bare(cell: str) -> str:
    """A cell without what only keeps a spreadsheet from reading it: ``="0138…"``, ``'138…``."""
    text = cell.strip()
    if text[:1] == "\ufeff":
        text = text.lstrip("\ufeff").strip()
    if text[:1] not in ("=", "'"):
        return text
    if text.startswith('="') and text.endswith('"') and len(text) > 2:
        text = text[2:-1].replace('""', '"').strip()
    return _KEPT.sub("", text, count=1)


def columns(header: Sequence[str], fields: Fields, mapping: Mapping[str, str], given: Collection[str] = ()) -> Columns:
    """Which column is which: as mapped, and for the rest a column that is named like a field is that field.

    A column that has the very name of a field goes before others that are merely known to mean it.

    Args:
        given: fields that need no column, as they were said once for all rows.
        mapping: field by column, the names however they are spelled, or ``#3`` for the third one; an empty field
            leaves a column out.

    Raises:
        UsageError: a mapped field or column does not exist, a name that is used stands twice, two columns could be one
            field, or nothing is what is needed; the message says what there is.
    """
    named = _named(header, fields, mapping)
    index: dict[str, list[int]] = {}
    for i, name in named.items():
        index.setdefault(name, []).append(i)
    index.pop("", None)
    _refuse([name for name, places in index.items() if len(places) > 1 and name != "place"], _TWO_COLUMNS)
    shadowed: list[str] = []
    for name, places in _known(header, fields, named).items():
        exact = [i for i in places if header[i] == name]
        taken = [] if name in index else exact or places
        shadowed += [header[i] for i in places if i not in taken]
        if len(taken) > 1:
            _refuse_two(header, name, taken)
        if taken:
            index[name] = taken
    _refuse_half_a_place(header, index, named)
    missing = [name for name in fields.needed if name not in index and name not in given]
    _refuse(missing, _NOTHING_SAYS_KIND if "kind" in missing else _NOT_MAPPED, known=[name for name in header if name])
    return Columns(header, index, tuple(shadowed))


def _named(header: Sequence[str], fields: Fields, mapping: Mapping[str, str]) -> dict[int, str]:
    """The field of each column that somebody named."""
    said = {column: fields.named(name) for column, name in mapping.items()}
    places = {column: _place(header, column) for column in said}
    _refuse([column for column, i in places.items() if i is None], _NO_COLUMN, known=[name for name in header if name])
    named: dict[int, str] = {}
    for column, i in places.items():
        if i is not None and named.setdefault(i, said[column]) != said[column]:
            raise UsageError(_ONE_COLUMN, column=header[i] or column)
    return named


def _place(header: Sequence[str], column: str) -> int | None:
    """Where the column stands that somebody means; None where there is none."""
    name = " ".join(column.split())
    found = [i for i, own in enumerate(header) if own == name]
    found = found or [i for i, own in enumerate(header) if own and headers.folded(own) == headers.folded(name)]
    if len(found) > 1:
        raise UsageError(_TWICE_IN_HEADER, names=[name], which=[f"#{i + 1}" for i in found])
    numbered = re.fullmatch(r"#([0-9]{1,5})", name)
    if not found and numbered and 0 < int(numbered[1]) <= len(header):
        return int(numbered[1]) - 1
    return found[0] if found else None


def _known(header: Sequence[str], fields: Fields, named: Mapping[int, str]) -> dict[str, list[int]]:
    """The other columns by the field that their names mean."""
    known: dict[str, list[int]] = {}
    for i, name in enumerate(header):
        field = fields.field_of(name) if name and i not in named else None
        if field:
            known.setdefault(field, []).append(i)
    return known


def _refuse_two(header: Sequence[str], field: str, places: Sequence[int]) -> None:
    names = [header[i] for i in places]
    if len(set(names)) < len(names):
        raise UsageError(_TWICE_IN_HEADER, names=list(dict.fromkeys(names)), which=[f"#{i + 1}" for i in places])
    raise UsageError(_TWO_FIT, names=names, field=field)


_ROOMS = frozenset("房号 房间号 房间 寝室 room unit".split())


def _refuse_half_a_place(header: Sequence[str], index: Mapping[str, Sequence[int]], named: Collection[int]) -> None:
    """A room beside a column for the building is a number that every building has."""
    own = index.get("place", ())
    if len(own) != 1 or own[0] in named or headers.folded(header[own[0]]) not in _ROOMS:
        return
    parts = [name for i, name in enumerate(header) if i not in named and headers.folded(name) in headers.PARTS]
    if parts:
        raise UsageError(
            N_("{names} stand beside {column}: say which of them make up the place, such as {example}"),
            names=parts, column=header[own[0]],
            example=" ".join(f"--map {name}=place" for name in (*parts, header[own[0]])),
        )  # fmt: skip


_NO_COLUMN = N_("the file has no column {names}; it has: {known}")
_TWO_COLUMNS = N_("two columns are mapped to {names}")
_ONE_COLUMN = N_("{column} is mapped twice, to different fields")
_TWO_FIT = N_("{names} could each be {field}: say --map COLUMN=FIELD for one of them")
_TWICE_IN_HEADER = N_("the file has two columns of the name {names}: name the one that is meant by its place ({which})")
_NOTHING_SAYS_KIND = N_("nothing in the file is {names}: say --map COLUMN=FIELD (or --kind K); its columns: {known}")
_NOT_MAPPED = N_("nothing in the file is {names}: say --map COLUMN=FIELD; its columns: {known}")


def _refuse(names: Sequence[str], message: str, **values: Any) -> None:
    if names:
        raise UsageError(message, names=list(dict.fromkeys(names)), **values)


@dataclass(frozen=True, slots=True)
class Habits:
    """How the office that made a file writes.

    Attributes:
        zone: the desk's.
        order: what ``--dates`` said.
        serials: numbers in columns of dates are days that a spreadsheet counts.
        words: the desk's words for the office's, by field; they go before what is known of everybody.
        categories: the codes of the policies' categories by their names.
    """

    zone: tzinfo
    order: str | None = None
    serials: bool = False
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    categories: Mapping[str, str] = field(default_factory=dict)


_Read = Callable[[str, Habits], Any]


def report_of(said: Mapping[str, str], habits: Habits) -> tuple[Report, datetime | None]:
    """The report that a row makes, and when it was reported, if it says so.

    Args:
        said: the text of each field that is not blank.

    Raises:
        CellError: a value cannot be read, or something required is missing.
    """
    report, at = report_read(said, habits)
    try:
        intake.check(report)
    except UsageError as error:
        raise CellError(to_blame(error, report), error) from None
    return report, at


def report_read(said: Mapping[str, str], habits: Habits) -> tuple[Report, datetime | None]:
    """The report that a row makes as ``report_of`` has it, whether or not it says everything that is required.

    Raises:
        CellError: a value cannot be read.
    """
    read = {_INNER.get(name, name): value for name, value in read_by(_READ, said, habits).items()}
    at = read.pop("reported_at", None)
    return Report(**read), at


def read_by(reads: Mapping[str, _Read], said: Mapping[str, str], habits: Habits) -> dict[str, Any]:
    """What the cells of a row mean, by field; what nobody reads is what it says.

    Raises:
        CellError: a value cannot be read.
    """
    read: dict[str, Any] = {}
    for name, text in said.items():
        try:
            own = habits.words[name].get(headers.folded(text), text) if name in habits.words else text
            read[name] = reads[name](own, habits) if name in reads else own
        except DeskError as error:
            raise CellError(name, error) from None
    return read


def to_blame(error: UsageError, report: Report) -> str:
    """The field that ``intake.check`` refuses when every value can be read by itself."""
    missing = error.extra.get("missing")
    if missing:
        return outer(missing[0])
    of_complaints = next((name for name in ("severity", "department") if getattr(report, name)), None)
    return of_complaints if of_complaints and report.kind != "complaint" else "class"


def outer(name: str) -> str:
    """The contract's name of a field of the ledger."""
    return _OUTER.get(name, name)


@lru_cache(maxsize=1024)  # a million rows have a few words
def choice(field: str, text: str) -> str:
    """One of the words that ``field`` may be, however it is capitalized, or what offices call it.

    Raises:
        UsageError: it is none of them.
    """
    try:
        return intake.choice(_INNER.get(field, field), REPORTS.meant(field, fold(text).casefold()))
    except UsageError as error:
        error.values |= {"value": text, "field": field}
        raise


def _chosen(field: str) -> _Read:
    return lambda text, habits: choice(field, text)


_READ: Mapping[str, _Read] = {
    **{field: _chosen(field) for field in ("kind", "priority", "channel", "severity", "class")},
    "phone": lambda text, habits: phones.phone(text),
    "category": lambda text, habits: habits.categories.get(headers.folded(text), text),
    "purchased": lambda text, habits: dates.day(text, habits.order, serials=habits.serials),
    "reported_at": lambda text, habits: dates.moment(text, habits.order, habits.zone, serials=habits.serials),
    "appointment": lambda text, habits: dates.window(text, habits.order, habits.zone, serials=habits.serials),
}
