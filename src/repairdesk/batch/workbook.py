"""Workbooks, read and written; the only place that knows the libraries for it, and they are loaded when one is at hand.

What is read becomes text as a spreadsheet shows it; what is written keeps numbers numbers and text text.
"""

from __future__ import annotations

import io
import re
import stat
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

from repairdesk.batch import whole
from repairdesk.errors import N_, BadInput, NotFound, StorageError, UsageError
from repairdesk.locale.width import width

MARKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
"""What a workbook begins with: ``.xlsx`` is a zip file, ``.xls`` one of Microsoft's compound files."""
_UNPACKED = 100_000_000
_CELLS = 2_000_000
_CELL = re.compile(rb"""<(?:\w+:)?c\s(?:[^<>]*\s)?r\s*=\s*["']([A-Z]{1,3})([0-9]{1,7})["']""")
_ROW = re.compile(rb"""<(?:\w+:)?row\s(?:[^<>]*\s)?r\s*=\s*["']([0-9]{1,7})["']""")
_LONGEST_CELL = 32_767
_MOST_ROWS = 1_048_576


@dataclass(frozen=True, slots=True)
class Page:
    """A sheet of a workbook: its cells as text, from the first row and column on, and the other sheets with content."""

    sheet: str
    rows: list[list[str]]
    others: list[str]


def read(raw: bytes, file: str, sheet: str | None = None) -> Page:
    """One sheet of a workbook: the one that is named, else the first that is visible and not empty.

    Args:
        file: the name that the refusal gives it.

    Raises:
        BadInput: it is damaged, locked with a password, too large, or has nothing in it.
        UsageError: it has no sheet of that name.
    """
    from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    _check_size(raw, file)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(raw))
        found = [one for one in book.sheets_metadata if one.typ == SheetTypeEnum.WorkSheet]
        shown = [one.name for one in found if one.visible == SheetVisibleEnum.Visible]
        if sheet is not None and sheet not in (one.name for one in found):
            message = N_("{file} has no sheet “{name}”; it has: {known}")
            raise UsageError(message, file=file, name=sheet, known=[one.name for one in found])
        pages = {name: book.get_sheet_by_name(name) for name in ([sheet] if sheet else shown)}
        filled = [name for name, page in pages.items() if page.start is not None]
        if not filled:
            raise BadInput(N_("{file} is empty: it needs a row with the names of the columns"), file=file)
        rows = pages[filled[0]].to_python(skip_empty_area=False)
    except (BadInput, UsageError):
        raise
    except Exception as error:
        raise _damaged(file, error) from None
    except BaseException as error:
        # The library is written in Rust, whose panics are no Exception.
        if type(error).__name__ != "PanicException":
            raise
        raise _damaged(file, error) from None
    return Page(filled[0], [[_text(cell) for cell in row] for row in rows], filled[1:])


def _damaged(file: str, error: BaseException) -> BadInput:
    return BadInput(N_("{file} cannot be read as a workbook: {why}"), file=file, why=str(error))


def _check_size(raw: bytes, file: str) -> None:
    """The library lays a sheet out as a full rectangle: a stray cell far out would end the program for want of memory.

    Raises:
        BadInput: it unpacks to too much, or a sheet reaches too far.
    """
    if not raw.startswith(MARKS[0]):
        return
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as packed:
            parts = packed.infolist()
            if sum(part.file_size for part in parts) > _UNPACKED:
                raise BadInput(N_("{file} is too large for a list of prices or reports"), file=file)
            # Any part may be a sheet: the workbook says which, in other parts.
            cells = [_extent(packed.read(part)) for part in parts]
    except BadInput:
        raise
    except Exception as error:  # a torn file makes zipfile and zlib raise a dozen kinds
        raise _damaged(file, error) from None
    if max(cells, default=0) > _CELLS:
        raise BadInput(N_("{file} has a sheet with a cell far away from the others; delete it first"), file=file)


def _extent(xml: bytes) -> int:
    """How many cells the rectangle around all cells of a sheet has."""
    rows, columns = max(map(int, _ROW.findall(xml)), default=0), 1
    for letters, number in _CELL.findall(xml):
        column = 0
        for letter in letters:
            column = column * 26 + letter - 64
        rows, columns = max(rows, int(number)), max(columns, column)
    return rows * columns


def _text(cell: object) -> str:
    """A cell as a spreadsheet shows it: numbers to fifteen digits, as a spreadsheet keeps no more."""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, (int, float)):
        number = Decimal(format(cell, ".15g"))
        return format(number.normalize(), "f") if number else "0"
    if isinstance(cell, datetime):
        return cell.isoformat(" ")
    if isinstance(cell, (date, time)):
        return cell.isoformat()
    return str(cell)


Cell = str | int | Decimal | None


@dataclass(frozen=True, slots=True)
class Styled:
    """A text that a spreadsheet must not take for a formula when someone edits the cell."""

    text: str


def write(sheet: str, heads: Sequence[str], rows: Iterable[Sequence[Cell | Styled]], path: Path) -> None:
    """A workbook of one sheet at ``path``: whole or not there; one that was there is replaced.

    A device is written to; of a link the target is replaced.

    Raises:
        UsageError: ``path`` is a pipe or an open stream, whose other words would spoil it.
        NotFound: there is no such folder. StorageError: it cannot be written, or a workbook cannot hold so much.
    """
    try:
        with whole.writing(path) as out:
            if out.kind is not None and not stat.S_ISCHR(out.kind):
                raise UsageError(N_("{file} is no file: a workbook goes to one"), file=str(path))
            _fill(sheet, heads, rows, out.half)
            out.place()
    except BrokenPipeError:
        raise  # a reader that goes away is no failure
    except FileNotFoundError:
        raise NotFound(N_("there is no folder {folder}"), folder=str(path.parent)) from None
    except OSError as error:
        raise StorageError(
            N_("{file} cannot be written: {why}"), file=str(path), why=error.strerror or str(error)
        ) from None


def _fill(sheet: str, heads: Sequence[str], rows: Iterable[Sequence[Cell | Styled]], path: Path) -> None:
    import xlsxwriter  # type: ignore[import-untyped]
    from xlsxwriter.exceptions import XlsxWriterException  # type: ignore[import-untyped]

    book = xlsxwriter.Workbook(path, {"constant_memory": True})  # rows go to the disk as they come
    try:
        # Excel knows neither these characters nor longer names.
        page = _Page(book, re.sub(r"[\[\]:*?/\\]", " ", sheet).strip("' ")[:31])
        page.row([Styled(head) for head in heads], bold=True)
        for row in rows:
            page.row(row)
    finally:
        try:
            book.close()
        except XlsxWriterException as error:
            raise OSError(str(error)) from None


class _Page:
    """The sheet that is being written, row after row."""

    def __init__(self, book: Any, name: str) -> None:
        self._page = book.add_worksheet(name or None)
        self._page.freeze_panes(1, 0)
        self._head = book.add_format({"bold": True, "quote_prefix": True})
        self._text = book.add_format({"quote_prefix": True})
        self._money = book.add_format({"num_format": "0.00"})
        self._exact = book.add_format({"num_format": "0.000"})
        self._rows = 0
        self._widths: dict[int, int] = {}

    def row(self, cells: Sequence[Cell | Styled], *, bold: bool = False) -> None:
        """One more row.

        Raises:
            OSError: it is one too many, or a text is too long: the library would drop them without a word.
        """
        if self._rows == _MOST_ROWS:
            raise OSError(f"a workbook holds {_MOST_ROWS} rows")
        for column, cell in enumerate(cells):
            self._put(column, cell, bold)
        self._rows += 1

    def _put(self, column: int, cell: Cell | Styled, bold: bool) -> None:
        if cell is None:
            return
        if isinstance(cell, (int, Decimal)):
            fine = isinstance(cell, Decimal) and places(cell) > 2
            style = None if isinstance(cell, int) else self._exact if fine else self._money
            # The library writes sixteen digits: every amount and quantity of the desk stands there as it is.
            self._page.write_number(self._rows, column, cell, style)
            return
        text = cell.text if isinstance(cell, Styled) else cell
        if len(text) > _LONGEST_CELL:
            raise OSError(f"a cell of a workbook holds {_LONGEST_CELL} characters")
        style = self._head if bold else self._text if isinstance(cell, Styled) else None
        # Never write(), which would make a formula of "=…" and a link of "http…".
        self._page.write_string(self._rows, column, text, style)
        wide = min(60, max(map(width, text.split("\n"))) + 2)
        if wide > self._widths.get(column, 8):
            self._widths[column] = wide
            self._page.set_column(column, column, wide)


def places(number: Decimal) -> int:
    """How many decimals a number is written with."""
    exponent = number.as_tuple().exponent
    return -exponent if isinstance(exponent, int) else 0
