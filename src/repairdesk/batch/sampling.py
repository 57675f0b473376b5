"""The first rows of a file as they were understood, so that a person sees a misreading before it is in the ledger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from repairdesk.batch.outcome import Say, seen, told
from repairdesk.batch.reading import Raw, Source
from repairdesk.batch.taking import Taker
from repairdesk.batch.values import CellError, Columns
from repairdesk.domain.masking import in_cell
from repairdesk.domain.times import local_iso
from repairdesk.errors import DeskError

ROWS = 3


@dataclass(frozen=True, slots=True)
class Row:
    """A row: what was understood of it by field, or what it said where ``error`` is why it was not."""

    row: int
    fields: Mapping[str, Any]
    error: DeskError | None = None


@dataclass(frozen=True, slots=True)
class Sample:
    """How a file was read: its encoding, separator, header and columns as they were taken, and its first rows.

    ``what`` it was read as is a name of ``taking.KNOWN``.
    """

    source: Source
    header: int
    columns: Sequence[tuple[str, str]]
    rows: Sequence[Row]
    zone: tzinfo
    what: str

    def doc(self, say: Say) -> dict[str, Any]:
        """The sample as JSON has it; ``say`` puts the reasons into the user's language."""
        return {
            "encoding": self.source.encoding,
            "separator": self.source.separator,
            "sheet": self.source.sheet,
            "header": self.header,
            "columns": [{"column": column, "field": field} for column, field in self.columns],
            "rows": [
                {"row": one.row, "fields": dict(one.fields),
                 "why": in_cell(told(one.error, say, self.zone)) if one.error else None}
                for one in self.rows
            ],
        }  # fmt: skip


def taken(
    source: Source, header: int, columns: Columns, raws: Sequence[Raw], given: Mapping[str, str], taker: Taker,
    zone: tzinfo, what: str,
) -> Sample:  # fmt: skip
    """The sample of these rows; ``given`` is what was said once for all of them."""
    rows = [_row(raw, columns, given, taker, zone) for raw in raws]
    return Sample(source, header, columns.read, rows, zone, what)


def _row(raw: Raw, columns: Columns, given: Mapping[str, str], taker: Taker, zone: tzinfo) -> Row:
    said = columns.said(raw.cells)
    try:
        columns.check(raw.cells)
        understood = taker.understood({**given, **said})
    except CellError as refusal:
        return Row(raw.row, {name: seen(name, text) for name, text in said.items()}, refusal.error)
    read = {name: value for name, value in understood.items() if name in columns.index or name in given}
    # In the order of the file, so that it can be compared with it.
    order = [name for _, name in columns.read]
    names = sorted(read, key=lambda name: order.index(name) if name in order else -1)
    return Row(raw.row, {name: _shown(name, read[name], zone) for name in names})


def _shown(name: str, value: Any, zone: tzinfo) -> Any:
    if isinstance(value, datetime):
        return local_iso(value, zone)
    if isinstance(value, tuple) and len(value) == 2 and isinstance(value[0], datetime):
        return dict(zip(("start", "end"), (local_iso(one, zone) for one in value), strict=True))
    return seen(name, value) if isinstance(value, str) else value
