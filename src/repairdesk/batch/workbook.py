"""Workbooks, read and written; the only place that knows the libraries for it, and they are loaded when one is at hand.

What is read becomes text as a spreadsheet shows it; what is written keeps numbers numbers and text text.
"""

from __future__ import annotations

import re
import stat
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import IO, Any, BinaryIO

from repairdesk.batch import whole
from repairdesk.batch.reading import Dated
from repairdesk.domain.rates import Share
from repairdesk.domain.record import NamedTuple
from repairdesk.errors import N_, BadInput, DeskError, NotFound, StorageError, UsageError
from repairdesk.locale.width import width

_UNPACKED = 2_000_000_000
_SMALL, _PACKED = 100_000_000, 300
"""Bytes that may unpack from anything, and how many times what is packed more may be; sheets of one word reach 100."""
_CELLS = 24_000_000
"""Of the rectangle around all cells of a sheet: it is laid out in memory as a whole."""
_BLOCK = 1 << 20
_LONGEST_TAG = 1 << 10
_PLACE = re.compile(rb"""\br\s*=\s*["']([A-Z]{0,3})([0-9]{1,7})["']""")
"""Of a cell, or of a row without letters. What else is called ``r`` only makes a sheet look larger than it is."""
_CELL = re.compile(rb"""<(?:\w+:)?c\b([^<>]*\bt\s*=\s*["']e["'][^<>]*)>""")
_ERROR = re.compile(rb"<(?:\w+:)?v>(#[^<]{1,16})<")
_MACINTOSH = re.compile(rb"""date1904\s*=\s*["'](?:1|true)["']""")
_ROUNDED = 10**15
LONGEST_CELL = 32_767
MOST_ROWS = 1_048_576


@dataclass(frozen=True, slots=True)
class Page:
    """A sheet of a workbook.

    Attributes:
        rows: all of them, blank ones too, with their numbers: cells as text, from the first column on.
        others: further sheets with content, as far as they are visible.
        merged: some cells are merged; all but the first of each are blank.
        serials: days are counted from 1900, as a number in a column of dates is read.
    """

    sheet: str
    rows: Iterator[tuple[int, list[str]]]
    others: list[str]
    merged: bool = False
    serials: bool = True


def read(stream: BinaryIO, file: str, sheet: str | None = None) -> Page:
    """One sheet of a workbook: the one that is named, else the first that is visible and not empty.

    Args:
        file: the name that the refusal gives it.

    Raises:
        BadInput: it is damaged, locked with a password, too large, or has nothing in it.
        UsageError: it has no sheet of that name.
    """
    from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    serials, errors = _check_size(stream, file)
    stream.seek(0)
    with _whole(file):
        book = CalamineWorkbook.from_filelike(stream)
        found = [one for one in book.sheets_metadata if one.typ == SheetTypeEnum.WorkSheet]
        shown = [one.name for one in found if one.visible == SheetVisibleEnum.Visible]
        if sheet is not None and sheet not in (one.name for one in found):
            message = N_("{file} has no sheet “{name}”; it has: {known}")
            raise UsageError(message, file=file, name=sheet, known=[one.name for one in found])
        page, others = None, []
        for name in [sheet] if sheet else shown:
            one = book.get_sheet_by_name(name)
            if page is None and one.start is not None:
                page = one
            elif one.start is not None:
                others.append(name)
        if page is None:
            raise BadInput(N_("{file} is empty: it needs a row with the names of the columns"), file=file)
    failed = errors.get(_part_of(stream, page.name), {}) if errors else {}
    return Page(page.name, _rows(page, file, failed), others, bool(page.merged_cell_ranges), serials)


def _rows(page: Any, file: str, errors: Mapping[int, Mapping[int, str]]) -> Iterator[tuple[int, list[str]]]:
    with _whole(file):
        blank = [""] * page.start[1]  # the library begins with the first column that has anything
        for row, cells in enumerate(page.iter_rows(), 1):
            texts = blank + [_text(cell) for cell in cells]
            for column, error in errors.get(row, {}).items():
                # The library leaves such cells blank, and a blank one says something else.
                texts += [""] * (column - len(texts))
                texts[column - 1] = error
            yield row, texts


def _part_of(stream: BinaryIO, sheet: str) -> str:
    """The part that a sheet is; empty where the workbook does not say so as usual."""
    from xml.etree import ElementTree

    with zipfile.ZipFile(stream) as packed:
        try:
            book = ElementTree.fromstring(packed.read("xl/workbook.xml"))
            links = ElementTree.fromstring(packed.read("xl/_rels/workbook.xml.rels"))
        except (KeyError, ElementTree.ParseError):
            return ""
    targets = {link.get("Id"): link.get("Target", "") for link in links}
    for one in book.iter():
        if one.tag.endswith("}sheet") and one.get("name") == sheet:
            link = next((value for key, value in one.items() if key.endswith("}id")), None)
            target = targets.get(link, "")
            return target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    return ""


@contextmanager
def _whole(file: str) -> Iterator[None]:
    try:
        yield
    except (DeskError, GeneratorExit, KeyboardInterrupt):
        raise
    except Exception as error:
        raise _damaged(file, error) from None
    except BaseException as error:
        # The library is written in Rust, whose panics are no Exception.
        if type(error).__name__ != "PanicException":
            raise
        raise _damaged(file, error) from None


def _damaged(file: str, error: BaseException) -> BadInput:
    return BadInput(N_("{file} cannot be read as a workbook: {why}"), file=file, why=str(error))


_Errors = dict[int, dict[int, str]]
"""What went wrong in cells that should compute something, by row and column from 1."""


def _check_size(stream: BinaryIO, file: str) -> tuple[bool, dict[str, _Errors]]:
    """The library lays a sheet out as a full rectangle: a stray cell far out would end the program for want of memory.

    Returns:
        Whether days are counted from 1900; and the cells that show an error, by part.

    Raises:
        BadInput: it unpacks to too much, or a sheet reaches too far.
    """
    stream.seek(0)
    if stream.read(2) != b"PK":
        return True, {}
    cells, serials = 0, True
    failed: dict[str, _Errors] = {}
    try:
        with zipfile.ZipFile(stream) as packed:
            parts = packed.infolist()
            unpacked = sum(part.file_size for part in parts)
            small = max(_SMALL, _PACKED * sum(part.compress_size for part in parts))
            if unpacked > min(_UNPACKED, small):
                raise BadInput(N_("{file} is too large: save its rows as CSV"), file=file)
            # Any part may be a sheet: the workbook says which, in other parts.
            for part in parts:
                with packed.open(part) as xml:
                    extent, macintosh, errors = _extent(xml)
                if errors:
                    failed[part.filename] = errors
                cells, serials = max(cells, extent), serials and not macintosh
    except BadInput:
        raise
    except Exception as error:  # a torn file makes zipfile and zlib raise a dozen kinds
        raise _damaged(file, error) from None
    if cells > _CELLS:
        raise BadInput(N_("{file} has a sheet with a cell far away from the others; delete it first"), file=file)
    return serials, failed


def _extent(xml: IO[bytes]) -> tuple[int, bool, _Errors]:
    """How many cells the rectangle around all cells of a sheet has; whether the part says 1904; cells with errors."""
    rows, columns, macintosh, rest = 0, 1, False, b""
    errors: _Errors = {}
    while block := xml.read(_BLOCK):
        block = rest + block
        # Few letters and few numbers are met in a block, each of them many times.
        found = _PLACE.findall(block)
        rows = max(rows, *map(int, {number for _, number in found}), 0)
        columns = max(columns, *map(_column, {letters for letters, _ in found}), 1)
        macintosh = macintosh or bool(_MACINTOSH.search(block))
        for row, column, error in _errors(block):
            # What a block broke off in is whole in the next one.
            errors.setdefault(row, {})[column] = error
        rest = block[-_LONGEST_TAG:]
    return rows * columns, macintosh, errors


def _errors(block: bytes) -> Iterator[tuple[int, int, str]]:
    """The cells that show an error, each with what it shows."""
    for cell in _CELL.finditer(block):
        place = _PLACE.search(cell[1])
        shown = _ERROR.search(block, cell.end(), cell.end() + _LONGEST_TAG)
        if place and place[1]:
            yield int(place[2]), _column(place[1]), shown[1].decode("ascii", "replace") if shown else "#ERROR!"


def _column(letters: bytes) -> int:
    column = 0
    for letter in letters:
        column = column * 26 + letter - 64
    return column


def _text(cell: object) -> str:
    """A cell as a spreadsheet shows it: numbers to fifteen digits, as a spreadsheet keeps no more.

    A longer number shows that it was rounded: its last digits are gone, and zeros would pass for them.
    """
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, (int, float)):
        number = Decimal(format(cell, ".15g"))
        if abs(number) >= _ROUNDED:
            return format(number.normalize(), "E")
        return format(number.normalize(), "f") if number else "0"
    if isinstance(cell, datetime):
        return Dated(cell.isoformat(" "))
    if isinstance(cell, (date, time)):
        return Dated(cell.isoformat())
    return str(cell)


Cell = str | int | Decimal | datetime | timedelta | None


class Styled(NamedTuple):
    """A text that a spreadsheet must not take for a formula when someone edits the cell."""

    text: str


class Sheet(NamedTuple):
    """A sheet to be written: its name, the heads of its columns, and the rows under them."""

    name: str
    heads: Sequence[str]
    rows: Iterable[Sequence[Cell | Styled]]


def write(sheets: Iterable[Sheet], path: Path, *, mine: bool = False) -> None:
    """A workbook of these sheets at ``path``: whole or not there; one that was there is replaced.

    A device is written to; of a link the target is replaced. ``mine``: nobody but its owner reads it.

    Raises:
        UsageError: ``path`` is a pipe or an open stream, whose other words would spoil it.
        NotFound: there is no such folder. StorageError: it cannot be written, or a workbook cannot hold so much.
    """
    try:
        with whole.writing(path, mine=mine) as out:
            if out.kind is not None and not stat.S_ISCHR(out.kind):
                raise UsageError(N_("{file} is no file: a workbook goes to one"), file=str(path))
            _fill(sheets, out.half)
            out.place()
    except BrokenPipeError:
        raise  # a reader that goes away is no failure
    except FileNotFoundError:
        raise NotFound(N_("there is no folder {folder}"), folder=str(path.parent)) from None
    except OSError as error:
        raise StorageError(
            N_("{file} cannot be written: {why}"), file=str(path), why=error.strerror or str(error)
        ) from None


def _fill(sheets: Iterable[Sheet], path: Path) -> None:
    import xlsxwriter  # type: ignore[import-untyped]
    from xlsxwriter.exceptions import XlsxWriterException  # type: ignore[import-untyped]

    book = xlsxwriter.Workbook(path, {"constant_memory": True})  # rows go to the disk as they come
    try:
        for sheet in sheets:
            # Excel knows neither these characters nor longer names.
            page = _Page(book, re.sub(r"[\[\]:*?/\\]", " ", sheet.name).strip("' ")[:31])
            page.head(sheet.heads)
            for row in sheet.rows:
                page.row(row)
            page.finish()
    finally:
        try:
            book.close()
        except XlsxWriterException as error:
            raise OSError(str(error)) from None


_FORMATS = {"count": "0", "money": "0.00", "exact": "0.000", "rate": "0.0%", "span": "[h]:mm:ss",
            "instant": "yyyy-mm-dd hh:mm"}  # fmt: skip
_FILTER = 3
"""Columns that the button of a filter covers at the end of a head."""
_A4 = 9
"""The number that the format has for this paper."""


class _Page:
    """The sheet that is being written, row after row: its head stays, filters, and is repeated on each printed page."""

    def __init__(self, book: Any, name: str) -> None:
        self._page = book.add_worksheet(name or None)
        self._page.freeze_panes(1, 0)
        self._page.set_landscape()
        self._page.set_paper(_A4)
        self._page.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
        self._page.fit_to_pages(1, 0)
        self._page.repeat_rows(0)
        self._page.set_footer("&L&A&R&P / &N")
        self._head = book.add_format({"bold": True, "quote_prefix": True, "bottom": 1, "text_wrap": True,
                                      "valign": "top"})  # fmt: skip
        self._text = book.add_format({"quote_prefix": True})
        self._styles = {name: book.add_format({"num_format": code}) for name, code in _FORMATS.items()}
        self._rows = self._columns = 0
        self._widths: dict[int, int] = {}

    def head(self, heads: Sequence[str]) -> None:
        """The first row."""
        self._columns = len(heads)
        for column, text in enumerate(heads):
            self._page.write_string(0, column, text, self._head)
            self._widen(column, text, _FILTER)
        self._rows = 1

    def row(self, cells: Sequence[Cell | Styled]) -> None:
        """One more row.

        Raises:
            OSError: it is one too many, or a text is too long: the library would drop them without a word.
        """
        if self._rows == MOST_ROWS:
            raise OSError(f"a workbook holds {MOST_ROWS} rows")
        for column, cell in enumerate(cells):
            if cell is not None:
                self._put(column, cell)
        self._rows += 1

    def finish(self) -> None:
        """Filters for all rows; without one there is nothing to filter."""
        if self._rows > 1:
            self._page.autofilter(0, 0, self._rows - 1, self._columns - 1)

    def _put(self, column: int, cell: str | int | Decimal | datetime | timedelta | Styled) -> None:
        if isinstance(cell, (int, Decimal)):
            # The library writes sixteen digits: every amount and quantity of the desk stands there as it is.
            self._page.write_number(self._rows, column, cell, self._styles[_kind(cell)])
            self._widen(column, str(cell), 1)
        elif isinstance(cell, timedelta):
            self._page.write_datetime(self._rows, column, cell, self._styles["span"])
            self._widen(column, f"{int(cell.total_seconds()) // 3600}:00:00")
        elif isinstance(cell, datetime):
            # A workbook knows no zones: the time is the one that the desk's clock showed.
            self._page.write_datetime(self._rows, column, cell.replace(tzinfo=None), self._styles["instant"])
            self._widen(column, _FORMATS["instant"])
        else:
            text = cell.text if isinstance(cell, Styled) else cell
            if len(text) > LONGEST_CELL:
                raise OSError(f"a cell of a workbook holds {LONGEST_CELL} characters")
            # Never write(), which would make a formula of "=…" and a link of "http…".
            self._page.write_string(self._rows, column, text, self._text if isinstance(cell, Styled) else None)
            self._widen(column, text)

    def _widen(self, column: int, text: str, more: int = 0) -> None:
        """A column shows its longest text; a Chinese character is as wide as two others."""
        wide = min(60, max(map(width, text.split("\n"))) + 2 + more)
        if wide > self._widths.get(column, 8):
            self._widths[column] = wide
            self._page.set_column(column, column, wide)


def _kind(number: int | Decimal) -> str:
    if isinstance(number, int):
        return "count"
    if isinstance(number, Share):
        return "rate"
    return "exact" if places(number) > 2 else "money"


def places(number: Decimal) -> int:
    """How many decimals a number is written with."""
    exponent = number.as_tuple().exponent
    return -exponent if isinstance(exponent, int) else 0
