"""Tables that are taken away: CSV as text, or a workbook. No cell of them is ever a formula.

What residents and technicians wrote goes into these files, and a spreadsheet obeys a cell that begins like a formula.
In CSV such a text gets an apostrophe in front; in a workbook it is stored as text and marked so. A number is one in
both: an ``int`` as it is (a count), a ``Decimal`` as yuan, with two decimals or, where it has them, three. A rate is a
percentage, a span of time hours, minutes and seconds and an instant a date in a workbook; CSV has the bare number, the
seconds and ISO 8601.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Protocol

from repairdesk.batch import workbook


class SupportsWrite(Protocol):
    """What a table is written to."""

    def write(self, text: str, /) -> object: ...


Cell = workbook.Cell
"""None is an empty cell. There is no float: money is exact (FEE-10)."""
BOM = "\ufeff"
"""What Excel needs in front of a CSV **file** to read it as UTF-8; ``encoding="utf-8-sig"`` writes it too."""
_OBEYED = frozenset("=+-@\t\r\n＝＋－＠")
_BLANKS = " \u00a0\u3000"


def write_csv(heads: Sequence[str], rows: Iterable[Sequence[Cell]], *, bom: bool = False) -> str:
    """A table as CSV: commas, quotes where they are needed, LF at the end of each line.

    LF and not CRLF: Excel, WPS and LibreOffice read both, and the same text can go down a pipe or through
    ``render.put``, which shows a carriage return as what it is on a terminal. Line breaks within a cell are LF too.

    Args:
        bom: put the byte order mark in front; for files, not for stdout.
    """
    text = io.StringIO()
    stream_csv(heads, rows, text)
    return (BOM if bom else "") + text.getvalue()


def stream_csv(heads: Sequence[str], rows: Iterable[Sequence[Cell]], out: SupportsWrite) -> None:
    """The same into an open file, row after row as they come: for what does not fit into memory."""
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([_plain(head) for head in heads])
    writer.writerows([_plain(cell) for cell in row] for row in rows)


def write_xlsx(
    sheet: str, heads: Sequence[str], rows: Iterable[Sequence[Cell]], path: Path, *, mine: bool = False
) -> None:
    """A table as a workbook of one sheet at ``path``, whole or not there; one that was there is replaced.

    ``mine``: nobody but its owner reads it.

    Raises:
        NotFound: there is no such folder. StorageError: it cannot be written, or is more than a workbook can hold.
    """
    write_book([(sheet, heads, rows)], path, mine=mine)


def write_book(
    sheets: Iterable[tuple[str, Sequence[str], Iterable[Sequence[Cell]]]], path: Path, *, mine: bool = False
) -> None:
    """Several tables as the sheets of one workbook, each with its name; as ``write_xlsx``."""
    pages = (
        workbook.Sheet(name, heads, ([_marked(cell) for cell in row] for row in rows)) for name, heads, rows in sheets
    )
    workbook.write(pages, path, mine=mine)


def _plain(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, Decimal):
        return format(cell, "f") if workbook.places(cell) > 2 else format(cell, ".2f")
    if isinstance(cell, int):
        return str(cell)
    if isinstance(cell, timedelta):
        return str(int(cell.total_seconds()))
    if isinstance(cell, datetime):
        return cell.isoformat()
    text = cell.replace("\r\n", "\n").replace("\r", "\n")
    return f"'{text}" if _obeyed(cell) else text


def _marked(cell: Cell) -> Cell | workbook.Styled:
    return workbook.Styled(cell) if isinstance(cell, str) and _obeyed(cell) else cell


def _obeyed(text: str) -> bool:
    """Whether some spreadsheet takes the text for a formula; blanks in front do not keep all of them from it."""
    return text.lstrip(_BLANKS)[:1] in _OBEYED if text.strip(_BLANKS) else False
