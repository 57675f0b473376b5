"""The rows of a price list become a draft of services; what cannot be read is rejected with row, column, value, why."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from repairdesk.batch import naming, pricecell
from repairdesk.batch.headers import PRICES
from repairdesk.batch.outcome import Reject
from repairdesk.batch.pricecell import narrow
from repairdesk.batch.reading import Raw
from repairdesk.batch.tables import Table
from repairdesk.batch.values import CellError
from repairdesk.desk import Remark
from repairdesk.domain.fees import Price
from repairdesk.errors import N_, BadInput, UsageError
from repairdesk.rules import units
from repairdesk.rules.problems import Mistake

FIELDS = ("class", "name", "price", "unit", "note")
"""What a column can be."""
_FIELD_OF = {name: field for field, names in PRICES.items() for name in names.split()}
_HEADER_WITHIN = 10
_MOST = 20
"""So many rows are named in a remark; further ones are only counted."""


@dataclass(frozen=True, slots=True)
class Item:
    """A service as the list has it: without a code, and under the name that it has there."""

    row: int
    words: naming.Words
    price: Price


@dataclass(slots=True)
class Draft:
    """What a price list holds.

    Attributes:
        rows: rows below the header that are not blank and not a mere heading; each is taken or rejected.
    """

    rows: int = 0
    items: list[Item] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)

    @property
    def taken(self) -> int:
        """How many rows gave at least one service."""
        return len({item.row for item in self.items})

    def kinds(self) -> dict[str, int]:
        """How many services of each kind of price there are."""
        kinds = ("fixed", "free", "range", "on-quote")
        return {kind: sum(item.price.kind == kind for item in self.items) for kind in kinds}


@dataclass(frozen=True, slots=True)
class Columns:
    """The header of a list, and which of its columns is which field."""

    header: Raw
    index: Mapping[str, int]

    def name(self, field: str | None) -> str | None:
        """The column of a field as the file calls it."""
        return _said(self.header.cells[self.index[field]]) if field is not None and field in self.index else None

    @property
    def unread(self) -> list[str]:
        """The columns that nothing is taken from."""
        taken = set(self.index.values())
        return [_said(name) for i, name in enumerate(self.header.cells) if i not in taken and name.strip()]


def _said(cell: str) -> str:
    return " ".join(cell.split())


# --- the header


def columns(rows: Sequence[Raw], mapping: Mapping[str, str]) -> Columns:
    """The first row in which a name and a price are found, and which column is which.

    Args:
        mapping: field by column; these overrule what a column is called.

    Raises:
        UsageError: a mapped column or field does not exist, or two columns could be the same field.
        BadInput: no row is such a header.
    """
    mapped = {_head(column): field.strip() for column, field in mapping.items()}
    unknown = [field for field in mapped.values() if field not in FIELDS]
    if unknown:
        raise UsageError(N_("there is no field {names}; choose: {known}"), names=unknown, known=FIELDS)
    top = [raw for raw in rows if raw.row <= _HEADER_WITHIN] or list(rows[:1])
    for raw in top:
        found = _fields(raw.cells, mapped)
        if "name" in found and "price" in found:
            _check(raw, found, mapping)
            return Columns(raw, {field: places[0] for field, places in found.items()})
    fullest = max(top, key=lambda raw: sum(bool(cell.strip()) for cell in raw.cells))
    known = [_said(cell) for cell in fullest.cells if cell.strip()]
    present = {_head(cell) for raw in top for cell in raw.cells}
    _refuse_absent([column for column in mapping if _head(column) not in present], known)
    message = N_(
        "row {row}: no row up to here names a column for the item and one for its price; say which they are with "
        "--map COLUMN=FIELD (fields: {fields}); the columns seem to be: {known}"
    )
    raise BadInput(message, row=top[-1].row, fields=FIELDS, known=known)


def _head(cell: str) -> str:
    """What a column is called, however it is spelled: ``单价（元）`` and ``单价 (元)`` are ``单价``."""
    plain = "".join(narrow(cell).casefold().split())
    return re.sub(r"(?:\((?:元|人民币|rmb|cny|yuan)\)|/元)$", "", plain)


def _fields(cells: Sequence[str], mapped: Mapping[str, str]) -> dict[str, list[int]]:
    """The columns of each field: the mapped ones, for other fields those that are known by their name."""
    found: dict[str, list[int]] = {}
    for i, cell in enumerate(cells):
        name = _head(cell)
        own = _FIELD_OF.get(name)
        field = mapped.get(name, own if own not in mapped.values() else None)
        if field is not None:
            found.setdefault(field, []).append(i)
    return found


def _check(raw: Raw, found: Mapping[str, Sequence[int]], mapping: Mapping[str, str]) -> None:
    present = [_head(cell) for cell in raw.cells]
    known = [_said(cell) for cell in raw.cells if cell.strip()]
    _refuse_absent([column for column in mapping if _head(column) not in present], known)
    for name, places in found.items():
        if len(places) > 1:
            names = [_said(raw.cells[i]) for i in places]
            raise UsageError(N_("several columns could be the {field}: {names}; say which with --map COLUMN=FIELD"),
                             field=name, names=names)  # fmt: skip


def _refuse_absent(names: Sequence[str], known: Sequence[str]) -> None:
    if names:
        raise UsageError(N_("the file has no column {names}; it has: {known}"), names=names, known=known)


# --- the rows


def read(table: Table, mapping: Mapping[str, str]) -> Draft:
    """The services of a list, in its order.

    Raises:
        UsageError, BadInput: as ``columns``.
    """
    reading = _Reading(columns(table.rows, mapping))
    for raw in table.rows:
        if raw.row > reading.columns.header.row:
            reading.take(raw)
    reading.remark(table)
    return reading.draft


class _Reading:
    """The run over the rows of one list."""

    def __init__(self, columns: Columns) -> None:
        self.columns = columns
        self.draft = Draft()
        self._class: str | None = None
        self._seen: dict[tuple[Any, ...], int] = {}
        self._headings: list[int] = []
        self._zeros: list[int] = []

    def take(self, raw: Raw) -> None:
        """One row: services, a heading, or a reject."""
        cells = {field: raw.cells[i].strip() for field, i in self.columns.index.items() if i < len(raw.cells)}
        said = {field: text for field, text in cells.items() if text}
        # A class that stands once for several rows is a merged cell; it holds although its own row may be rejected.
        self._class = _said(said["class"]) if "class" in said else self._class
        if set(said) == {"class"} and sum(bool(cell.strip()) for cell in raw.cells) == 1:
            self._headings.append(raw.row)
            return
        self.draft.rows += 1
        try:
            self._check_width(raw)
            items = self._items(raw.row, said)
        except CellError as refusal:
            value = refusal.value or said.get(refusal.field or "")
            self.draft.rejects.append(Reject(raw.row, self.columns.name(refusal.field), value, refusal.error))
            return
        self.draft.items += items
        if any(item.price.kind == "free" for item in items) and re.search(r"[0-9０-９]", said["price"]):
            self._zeros.append(raw.row)

    def _check_width(self, raw: Raw) -> None:
        header = len(self.columns.header.cells)
        beyond = [cell for cell in raw.cells[header:] if cell.strip()]
        if beyond:
            message = N_("the row has {cells} cells, the header {columns}")
            raise CellError(None, BadInput(message, cells=len(raw.cells), columns=header), beyond[0])

    def _items(self, row: int, said: Mapping[str, str]) -> list[Item]:
        for needed in ("name", "price"):
            if needed not in said:
                raise CellError(needed, BadInput(N_("is blank")))
        class_ = _line("class", self._class) if self._class else None
        name = _line("name", _said(said["name"]))
        note = _line("note", _bare(said["note"])) if "note" in said and _bare(said["note"]) else None
        if not naming.code_of(name):
            raise CellError("name", BadInput(N_("has no letter and no digit that a code could be made of")))
        try:
            prices = pricecell.read(said["price"])
        except BadInput as refusal:
            raise CellError("price", refusal) from None
        items = [
            Item(
                row,
                naming.Words(_with(name, one.condition), class_, note, _unit(said.get("unit"), one.unit)),
                one.price,
            )
            for one in prices
        ]
        self._refuse_repeated(items)
        return items

    def _refuse_repeated(self, items: Sequence[Item]) -> None:
        keys = [(item.words, item.price) for item in items]
        for key in keys:
            if key in self._seen:
                raise CellError("name", BadInput(N_("row {row} says the same already"), row=self._seen[key]))
        self._seen |= dict.fromkeys(keys, items[0].row)

    def remark(self, table: Table) -> None:
        """What a reader of the report should know beside the rejects."""
        remarks = self.draft.remarks
        if table.encoding:
            message = N_("the file was read as {encoding}; --encoding says otherwise")
            remarks.append(Remark(message, {"encoding": table.encoding.upper()}))
        if table.others:
            message = N_("sheets that are not read: {sheets}; --sheet names one")
            remarks.append(Remark(message, {"sheets": list(table.others)}))
        if self.columns.unread:
            message = N_("columns that are not read: {columns}")
            remarks.append(Remark(message, {"columns": self.columns.unread}))
        if self._headings:
            message = N_("rows that only name a class: {rows}")
            remarks.append(Remark(message, {"rows": some(self._headings)}))
        if self._zeros:
            message = N_("a price of 0 is taken as free: rows {rows}")
            remarks.append(Remark(message, {"rows": some(self._zeros)}))


def some(rows: Sequence[int]) -> list[Any]:
    """Rows for a remark, not more than a line of them."""
    return [*rows[:_MOST], "…"] if len(rows) > _MOST else list(rows)


def _line(field: str, text: str) -> str:
    try:
        return units.line(text)
    except Mistake as mistake:
        raise CellError(field, BadInput(mistake.template, **mistake.values)) from None


def _bare(note: str) -> str:
    """A note without the brackets around the whole of it."""
    text = _said(note)
    inner = re.fullmatch(r"[(（]([^()（）]*)[)）]", text)
    return inner[1].strip() if inner else text


def _with(name: str, condition: str | None) -> str:
    return f"{name}（{condition}）" if condition else name


_BEFORE_UNIT = re.compile(r"^(?:(?:元|圆|人民币|yuan|rmb|cny|¥)\s*[/每]|/|每)\s*", re.IGNORECASE)


def _unit(column: str | None, cell: str | None) -> str:
    """The unit, from its column or from the price; both have to say the same."""
    listed = _listed(column) if column else None
    if listed and cell and listed.casefold() != cell.casefold():
        message = N_("the price is for one {unit}, the column of units says {listed}")
        raise CellError("price", BadInput(message, unit=cell, listed=listed))
    unit = listed or cell
    if not unit:
        raise CellError("unit", BadInput(N_("says nowhere what the price is for one of: the unit is missing")))
    return _line("unit", unit)


def _listed(column: str) -> str:
    """What the column of units says, without what only stands around it: 元/次, 每次, （次） are all 次.

    Raises:
        CellError: it is no unit. 万元 or 次起 there would change the price, and nobody guesses.
    """
    text, before = narrow(_said(column)), ""
    while text != before:
        before = text
        inner = re.fullmatch(r"\(([^()]*)\)|\[([^][]*)\]", text)
        text = (inner[1] or inner[2] or "").strip() if inner else _BEFORE_UNIT.sub("", text)
    if not pricecell.is_unit(text):
        message = N_("“{text}” is no unit: say what the price is for one of, such as 次 or 米")
        raise CellError("unit", BadInput(message, text=_said(column)[:40]))
    return text
