"""Feeds as files: CSV, JSON Lines, a workbook. Rows go out as they come; nothing is held but the one at hand.

The columns of a table keep their names, meanings and order; further ones may come at the end. JSON Lines has orders and
entries in the shape of the contract, and of obligations and bills the columns of the table.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from repairdesk.batch import spread, workbook
from repairdesk.batch.spread import Cell, SupportsWrite
from repairdesk.domain.record import NamedTuple
from repairdesk.errors import N_, StorageError

Doc = Mapping[str, Any]
Row = dict[str, Any]
FORMATS = ("csv", "jsonl", "xlsx")


class Table(NamedTuple):
    """What can be exported: of orders or of entries, into which columns, each with its kind."""

    of: str
    columns: Mapping[str, str]
    rows: Callable[[Doc], Iterator[Row]]
    whole: bool
    """Whether JSON Lines has the document itself."""
    keys: frozenset[str] = frozenset()
    """What the columns are made of, in the document of an order."""


def _columns(**kinds: str) -> dict[str, str]:
    """Columns by kind, in the order in which they are told."""
    return {name: kind for kind, names in kinds.items() for name in names.split()}


def _ordered(names: str, **kinds: str) -> dict[str, str]:
    found = _columns(**kinds)
    return {name: found.get(name, "text") for name in names.split()}


_ORDER = _ordered(
    "number kind state priority severity department category class channel place place_said caller phone anonymous "
    "fault found result reported_at appointment_start appointment_end assignee tracker accepted_at arrived_at "
    "finished_at signed_at archived_at ended_at visits handling_seconds quote consent_fee consent_at total received "
    "open_amount paid rating signed_by invoice model purchased warranty_until follows coordination converted_from "
    "external_id policies_version fees_version version imported as_found",
    time="reported_at appointment_start appointment_end accepted_at arrived_at finished_at signed_at archived_at "
    "ended_at consent_at",
    money="quote consent_fee total received open_amount",
    count="visits version",
    flag="anonymous paid imported as_found",
    span="handling_seconds",
)
_ENTRY = _ordered(
    "seq number event actor keyboard occurred_at recorded_at late data",
    time="occurred_at recorded_at",
    count="seq",
    flag="late",
    json="data",
)
_OBLIGATION = _ordered(
    "number name cycle rule owner starts_at due_at met_at void_at state level provisional kind place priority assignee",
    time="starts_at due_at met_at void_at",
    count="cycle level",
    flag="provisional",
)
_BILL = _ordered(
    "number kind place bill line type code name quantity unit_price amount rule why bill_total frozen_at reversed_at "
    "reversed_by reason billed_in paid",
    time="frozen_at reversed_at",
    money="unit_price amount bill_total",
    count="bill line",
    quantity="quantity",
    flag="paid",
)


def _order_rows(order: Doc) -> Iterator[Row]:
    window, agreed, bill = order["appointment"], order["consent"], order["bill"]
    made = {
        "visits": len(order["visits"]),
        "appointment_start": window and window["start"],
        "appointment_end": window and window["end"],
        "consent_fee": agreed and agreed["fee"],
        "consent_at": agreed and agreed["at"],
        "total": bill and bill["total"],
    }
    yield {name: made[name] if name in made else order.get(name) for name in _ORDER}


def _entry_rows(entry: Doc) -> Iterator[Row]:
    yield dict(entry)


def _obligation_rows(order: Doc) -> Iterator[Row]:
    for owed in order["obligations"]:
        yield {name: owed[name] if name in owed else order[name] for name in _OBLIGATION}


def _bill_rows(order: Doc) -> Iterator[Row]:
    """Every line of every bill, reversed ones too; what counts are those without ``reversed_at``."""
    bills = [*order["reversed_bills"], *([order["bill"]] if order["bill"] else [])]
    for n, bill in enumerate(bills, 1):
        for at, line in enumerate(bill["lines"], 1):
            about = {
                "bill": n, "line": at, "bill_total": bill["total"], "frozen_at": bill["frozen_at"],
                **{name: bill.get(name) for name in ("reversed_at", "reversed_by", "reason")},
                **{name: order[name] for name in ("number", "kind", "place", "billed_in", "paid")},
            }  # fmt: skip
            yield {name: about[name] if name in about else line[name] for name in _BILL}


TABLES = {
    "orders": Table("orders", _ORDER, _order_rows, True, frozenset(_ORDER) | {"appointment", "consent", "bill"}),
    "entries": Table("entries", _ENTRY, _entry_rows, True),
    "obligations": Table("orders", _OBLIGATION, _obligation_rows, False, frozenset(_OBLIGATION) | {"obligations"}),
    "bills": Table("orders", _BILL, _bill_rows, False, frozenset(_BILL) | {"bill", "reversed_bills", "billed_in"}),
}


class Count:
    """How much went out: rows, and cells that a workbook could not hold whole."""

    def __init__(self) -> None:
        self.rows = self.cut = 0


def documents(table: Table, docs: Iterable[Doc], count: Count) -> Iterator[Doc]:
    """What JSON has a line of each."""
    for doc in docs:
        for row in (doc,) if table.whole else table.rows(doc):
            count.rows += 1
            yield row


def jsonl(table: Table, docs: Iterable[Doc], out: SupportsWrite, count: Count, *, ascii_only: bool = False) -> None:
    """JSON Lines."""
    encode = json.JSONEncoder(ensure_ascii=ascii_only, check_circular=False).encode
    for doc in documents(table, docs, count):
        out.write(encode(doc) + "\n")


def csv(table: Table, docs: Iterable[Doc], out: SupportsWrite, count: Count) -> None:
    """CSV: times in ISO 8601, durations in seconds, amounts with two decimals, flags as 0 and 1; no cell a formula."""
    spread.stream_csv(list(table.columns), _cells(table, docs, count, typed=False), out)


def xlsx(table: Table, name: str, docs: Iterable[Doc], path: Path, count: Count, *, mine: bool = False) -> None:
    """A workbook at ``path``, whole or not there; amounts, counts, times and durations are such in it.

    ``mine``: nobody but its owner reads it.

    Raises:
        StorageError: it cannot be written, or has more rows than a workbook holds.
    """
    spread.write_xlsx(name, list(table.columns), _cells(table, docs, count, typed=True), path, mine=mine)


def _cells(table: Table, docs: Iterable[Doc], count: Count, *, typed: bool) -> Iterator[list[Cell]]:
    kinds = [(name, _CELLS[kind]) for name, kind in table.columns.items()]
    for doc in docs:
        for row in table.rows(doc):
            count.rows += 1
            if typed and count.rows >= workbook.MOST_ROWS:
                raise StorageError(N_("a workbook holds {most} rows; export as csv or jsonl, or a shorter span"),
                                   most=workbook.MOST_ROWS - 1)  # fmt: skip
            cells = [None if (value := row[name]) is None else cell(value, typed) for name, cell in kinds]
            yield [_fitting(cell, count) for cell in cells] if typed else cells


def _fitting(cell: Cell, count: Count) -> Cell:
    """A workbook holds so much in a cell and no more."""
    if not isinstance(cell, str) or len(cell) <= workbook.LONGEST_CELL:
        return cell
    count.cut += 1
    return cell[: workbook.LONGEST_CELL - 1] + "…"


def _text(value: Any, typed: bool) -> Cell:
    return None if value is None else str(value)


def _time(value: Any, typed: bool) -> Cell:
    return datetime.fromisoformat(value) if typed and value else value


def _money(value: Any, typed: bool) -> Cell:
    return None if value is None else Decimal(value)


def _quantity(value: Any, typed: bool) -> Cell:
    if value is None:
        return None
    # A count of pieces stays one: 2 is not 2.00.
    return int(value) if re.fullmatch(r"-?\d+", str(value)) else Decimal(value).quantize(Decimal("0.001"))


def _count(value: Any, typed: bool) -> Cell:
    return None if value is None else int(value)


def _span(value: Any, typed: bool) -> Cell:
    if value is None:
        return None
    return timedelta(seconds=value) if typed else int(value)


def _json(value: Any, typed: bool) -> Cell:
    return None if value is None else json.dumps(value, ensure_ascii=False)


_CELLS: Mapping[str, Callable[[Any, bool], Cell]] = {
    "text": _text, "time": _time, "money": _money, "quantity": _quantity, "count": _count, "flag": _count,
    "span": _span, "json": _json,
}  # fmt: skip
