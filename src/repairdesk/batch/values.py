"""Cells become a report: which column is which field, and what a value means."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from repairdesk.batch import dates
from repairdesk.domain import intake
from repairdesk.domain.intake import Report
from repairdesk.domain.times import fold, parse_window
from repairdesk.errors import N_, DeskError, UsageError

FIELDS = (
    *("kind", "place", "caller", "phone", "fault", "category", "priority", "channel", "severity", "class"),
    *("model", "purchased", "external_id", "reported_at", "appointment"),
)
"""What a column can be: the options of ``intake``, and when it was reported."""
NEEDED = ("kind", "place", "fault")
"""Without these every row would be rejected (INT-1)."""
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
        index: the place of its column, by field.
        shadowed: columns that are named like a field which another column was mapped to.
    """

    header: Sequence[str]
    index: Mapping[str, int]
    shadowed: tuple[str, ...] = ()

    @property
    def unread(self) -> list[str]:
        """The columns that nothing is taken from."""
        taken = set(self.index.values())
        return [name for i, name in enumerate(self.header) if i not in taken and name]

    def name(self, field: str | None) -> str | None:
        """The column of a field, as the file calls it; None where it has none."""
        return self.header[self.index[field]] if field is not None and field in self.index else None

    def said(self, cells: Sequence[str]) -> dict[str, str]:
        """What a row says, by field, trimmed; a blank cell says nothing."""
        texts = {field: cells[i].strip() for field, i in self.index.items() if i < len(cells)}
        return {field: text for field, text in texts.items() if text}


def columns(header: Sequence[str], mapping: Mapping[str, str], kind: str | None) -> Columns:
    """Which column is which: as mapped, and for the rest a column that is named like a field is that field.

    Raises:
        UsageError: a mapped field or column does not exist, a name that is used stands twice, or nothing says what
            kind, where and what; the message says what there is.
    """
    named = {column.strip(): field.strip() for column, field in mapping.items()}
    _refuse([field for field in named.values() if field not in FIELDS], _NO_FIELD, known=FIELDS)
    _refuse([column for column in named if column not in header], _NO_COLUMN, known=[name for name in header if name])
    _refuse(_twice(list(named.values())), _TWO_COLUMNS)
    own = {name: name for name in header if name in FIELDS and name not in named}
    shadowed = tuple(name for name in own if name in named.values())
    used = {column: field for column, field in (own | named).items() if column not in shadowed}
    _refuse([name for name in _twice(header) if name in used], _TWICE_IN_HEADER)
    index = {field: header.index(column) for column, field in used.items()}
    missing = [field for field in NEEDED if field not in index and not (field == "kind" and kind)]
    _refuse(missing, _NOT_MAPPED, known=[name for name in header if name])
    return Columns(header, index, shadowed)


_NO_FIELD = N_("there is no field {names}; choose: {known}")
_NO_COLUMN = N_("the file has no column {names}; it has: {known}")
_TWO_COLUMNS = N_("two columns are mapped to {names}")
_TWICE_IN_HEADER = N_("the file has two columns of the name {names}")
_NOT_MAPPED = N_("nothing in the file is {names}: say --map COLUMN=FIELD (or --kind K); its columns: {known}")


def _refuse(names: Sequence[str], message: str, **values: Any) -> None:
    if names:
        raise UsageError(message, names=list(dict.fromkeys(names)), **values)


def _twice(names: Sequence[str]) -> list[str]:
    return [name for i, name in enumerate(names) if name in names[:i]]


def report_of(said: Mapping[str, str], order: str | None, zone: tzinfo) -> tuple[Report, datetime | None]:
    """The report that a row makes, and when it was reported, if it says so.

    Args:
        said: the text of each field that is not blank.
        order: what ``--dates`` said.
        zone: the desk's.

    Raises:
        CellError: a value cannot be read, or something required is missing.
    """
    read: dict[str, Any] = {}
    for field, text in said.items():
        try:
            read[_INNER.get(field, field)] = _READ.get(field, _as_said)(text, order, zone)
        except UsageError as error:
            raise CellError(field, error) from None
    at = read.pop("reported_at", None)
    report = Report(**read)
    try:
        intake.check(report)
    except UsageError as error:
        raise CellError(_to_blame(error, report), error) from None
    return report, at


def _to_blame(error: UsageError, report: Report) -> str:
    """The field that ``intake.check`` refuses when every value can be read by itself."""
    missing = error.extra.get("missing")
    if missing:
        return outer(missing[0])
    return "severity" if report.severity and report.kind != "complaint" else "class"


def outer(name: str) -> str:
    """The contract's name of a field of the ledger."""
    return _OUTER.get(name, name)


def choice(field: str, text: str) -> str:
    """One of the words that ``field`` may be, however it is capitalized.

    Raises:
        UsageError: it is none of them.
    """
    try:
        return intake.choice(_INNER.get(field, field), fold(text).casefold())
    except UsageError as error:
        error.values |= {"value": text, "field": field}
        raise


_Read = Callable[[str, str | None, tzinfo], Any]


def _as_said(text: str, order: str | None, zone: tzinfo) -> str:
    return text


def _chosen(field: str) -> _Read:
    return lambda text, order, zone: choice(field, text)


_READ: Mapping[str, _Read] = {
    **{field: _chosen(field) for field in ("kind", "priority", "channel", "severity", "class")},
    "phone": lambda text, order, zone: intake.phone(text),
    "purchased": lambda text, order, zone: dates.day(text, order),
    "reported_at": dates.moment,
    "appointment": lambda text, order, zone: parse_window(text, zone),
}
