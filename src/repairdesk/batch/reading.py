"""The one way to open a file of rows: a workbook, or text in whatever encoding and with whatever separator.

A row knows its number as a spreadsheet shows it: a cell of several lines belongs to one row. What cannot be told apart
into rows ends the reading: a file that is misread from somewhere on must not come in halfway. Text is read twice, first
for its encoding, which only the whole of it can say, then row by row; memory stays flat for files of any length.
"""

from __future__ import annotations

import csv
import io
import os
import re
import stat
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO, cast

from repairdesk import lent
from repairdesk.batch import characters
from repairdesk.batch.characters import Characters
from repairdesk.errors import N_, BadInput, UsageError, unreadable

WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
"""What a workbook begins with: ``.xlsx`` is a zip file, ``.xls`` one of Microsoft's compound files."""
SEPARATORS = ",\t;"
_LONGEST_LINE = 1 << 20
"""Characters. A file without line ends would be read into memory as a whole."""
_LOOKED_AT = 50
"""So many rows tell the separator."""
_SAMPLE = 1 << 18
_MOST_PIPED = 4_000_000_000
"""Bytes. What comes down a pipe is kept on disk meanwhile, and a pipe need not end."""
STDIN = Path("-")
WHY = "repairdesk: why"
"""The column that is added to rejected rows; ``repairdesk: why 2`` where they have one of that name."""
_WHY = re.compile(rf"{WHY}(?: [0-9]+)?", re.IGNORECASE)
_OURS = re.compile(rf"""(?:^|[,;\t])"?{WHY}(?: [0-9]+)?"?[,;\t]*\r?$""", re.MULTILINE)
"""A line that ends in that column, in the first bytes of a file; none of them is part of a character of GB18030."""


_MARK = "\ufeff"


class Dated(str):
    """The text of a cell that a workbook holds as a date: 3-1 is what somebody typed for 2026-03-01."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Raw:
    """A row as it stands in the file; ``row`` is its number in the spreadsheet."""

    row: int
    cells: list[str]


@dataclass(frozen=True, slots=True)
class Source:
    """A file of rows that is open.

    Attributes:
        name: the file's, for refusals.
        rows: those that are not blank, the header among them, read as they are taken.
        encoding: of a text; None of a workbook.
        guessed: the encoding is neither UTF-8, nor marked, nor said.
        separator: of a text.
        sheet: of a workbook.
        others: sheets with content that are not read.
        merged: the sheet has merged cells, of which all but the first are blank.
        serials: a number in a column of dates is the day that a spreadsheet counts from 1900.
        rejects: it is a file of rejected rows that an import wrote.
        overruled: what was said of the file and is not so, as an option with its value.
    """

    name: str
    rows: Iterator[Raw]
    encoding: str | None = None
    guessed: bool = False
    separator: str | None = None
    sheet: str | None = None
    others: Sequence[str] = ()
    merged: bool = False
    serials: bool = False
    rejects: bool = False
    overruled: Sequence[str] = ()


class _LineTooLong(Exception):
    pass


@contextmanager
def opened(file: Path, *, encoding: str | None = None, sheet: str | None = None) -> Iterator[Source]:
    """The rows of a file. Blank rows are skipped, but counted in the numbers of the others.

    Text is what its byte order mark says, else UTF-8 if all of it can be that, else UTF-16 if its zero bytes say so,
    else GB18030; its cells are parted by what parts its first rows best.

    Args:
        file: ``-`` is the standard input.
        encoding: overrules what the text looks like, but no byte order mark.
        sheet: of a workbook; None for the first that is visible and not empty. Neither is heeded for rejected rows
            that come again: they are text in UTF-8, whatever they came from.

    Raises:
        UsageError: there is no such encoding or sheet, or the option does not fit the file.
        NotFound: there is no such file. StorageError: it cannot be read.
        BadInput: it is empty, torn, or not in the encoding; says from which row on. Taking the rows may raise it too.
    """
    if encoding is not None:
        encoding = characters.known(encoding)
    with _stream(file) as stream:
        stream.seek(0)
        if stream.read(4).startswith(WORKBOOKS):
            yield _workbook(file, stream, encoding, sheet)
        else:
            ours, overruled = _is_ours(stream), []
            if ours and sheet is not None:
                overruled.append(f"--sheet {sheet}")
            elif sheet is not None:
                raise UsageError(N_("{file} is no workbook, so it has no sheets: leave --sheet out"), file=file.name)
            if ours and encoding is not None:
                overruled.append(f"--encoding {encoding}")
                encoding = None
            source = _text(file, stream, encoding)
            yield replace(source, rejects=ours, overruled=[*overruled, *source.overruled])


def _is_ours(stream: BinaryIO) -> bool:
    """Whether the file begins like one of rejected rows."""
    marked = characters.mark(stream)
    stream.seek(0)
    begin = stream.read(_SAMPLE).decode(marked or "utf-8", "replace")
    return _OURS.search(begin.replace("\r", "\n")) is not None


def why_in(cells: Sequence[str]) -> int | None:
    """The place of the column of reasons, the last of a header of rejected rows; None where there is none."""
    last = max((i for i, cell in enumerate(cells) if cell.strip()), default=None)
    return last if last is not None and _WHY.fullmatch(cells[last].strip()) else None


@contextmanager
def _stream(file: Path) -> Iterator[io.BufferedReader]:
    try:
        stream = _opened(file)
    except OSError as error:
        raise unreadable(file, error) from None
    with stream:
        if stream.seekable():
            yield stream
            return
        # What comes down a pipe can be read only once.
        import shutil
        import tempfile

        with tempfile.TemporaryFile() as kept:
            try:
                while block := stream.read(shutil.COPY_BUFSIZE):  # type: ignore[attr-defined]
                    if kept.tell() + len(block) > _MOST_PIPED:
                        message = N_("{file} does not end after {most} bytes: give the rows as a file")
                        raise BadInput(message, file=file.name, most=_MOST_PIPED)
                    kept.write(block)
            except OSError as error:
                raise unreadable(file, error) from None
            yield cast("io.BufferedReader", kept)


def _opened(file: Path) -> io.BufferedReader:
    """The bytes of a file, or of the standard input.

    Raises:
        UsageError: it is no file that would end: a device, or a terminal.
    """
    kept = file != STDIN
    if not kept and sys.stdin is None:
        raise UsageError(N_("stdin is closed: there are no rows to read"))
    # Whoever asks closes it.
    stream = open(file, "rb", opener=lent.opened) if kept else open(sys.stdin.fileno(), "rb", closefd=False)  # noqa: SIM115
    if stat.S_ISCHR(mode := os.fstat(stream.fileno()).st_mode) or stat.S_ISBLK(mode):
        stream.close()
        raise UsageError(N_("{file} is no file, and rows come from one, or down a pipe"), file=str(file))
    return stream


def _filled(file: Path, rows: Iterator[Raw]) -> Iterator[Raw]:
    """The rows that are not blank; there has to be one."""
    empty = True
    for raw in rows:
        if any(cell.strip() for cell in raw.cells):
            empty = False
            yield raw
    if empty:
        raise BadInput(N_("{file} is empty: it needs a row with the names of the columns"), file=file.name)


# --- workbooks


def _workbook(file: Path, stream: BinaryIO, encoding: str | None, sheet: str | None) -> Source:
    from repairdesk.batch import workbook

    if encoding is not None:
        raise UsageError(N_("{file} is a workbook, which has no encoding: leave --encoding out"), file=file.name)
    page = workbook.read(stream, file.name, sheet)
    rows = (Raw(row, cells) for row, cells in page.rows)
    return Source(
        file.name, _filled(file, rows), sheet=page.sheet, others=page.others, merged=page.merged, serials=page.serials
    )


# --- text


def _text(file: Path, stream: io.BufferedReader, encoding: str | None) -> Source:
    try:
        found = characters.find(stream, encoding)
        separator = _separator(_Cut(stream, None), found)
    except characters.Refused as refusal:
        row = _row_at(stream, refusal)
        raise BadInput(refusal.message, file=file.name, row=row, **refusal.values, extra={"row": row}) from None
    except OSError as error:
        raise unreadable(file, error) from None
    rows = _filled(file, _rows(file, _Cut(stream, None), found, separator))
    overruled = [f"--encoding {found.overruled}"] if found.overruled else []
    return Source(file.name, rows, found.name, found.guessed, separator, overruled=overruled)


def _row_at(stream: BinaryIO, refusal: characters.Refused) -> int:
    """The row that holds what is refused."""
    found = Characters(refusal.name, errors="replace")
    separator = _separator(_Cut(stream, refusal.at), found)
    before = _with_more(_lines(_Cut(stream, refusal.at), found))
    row = 0
    try:
        for _ in _parted(before, separator, strict=False):
            row += 1
    except (csv.Error, _LineTooLong):
        return row + 1
    return row


def _with_more(lines: Iterator[str]) -> Iterator[str]:
    """The lines of a text that breaks off, with what is refused behind them."""
    last = ""
    for line in lines:
        if last:
            yield last
        last = line
    if last.endswith(("\n", "\r")):
        yield last
        last = ""
    yield last + "?"


class _Cut:
    """The bytes of a stream from its beginning, up to one of them."""

    def __init__(self, stream: BinaryIO, end: int | None) -> None:
        stream.seek(0)
        self._stream, self._left = stream, end

    def read(self, size: int) -> bytes:
        if self._left is None:
            return self._stream.read(size)
        block = self._stream.read(min(size, self._left))
        self._left -= len(block)
        return block


def _lines(stream: _Cut, found: Characters) -> Iterator[str]:
    """The lines with their ends as they are; the last may have none."""
    decode, end = found.decoder(), found.line_end or "\n"
    rest, ended = "", False
    while not ended:
        block = stream.read(1 << 16)
        ended = not block
        text = rest + decode(block, ended)
        lines = text.split(end)
        rest = lines.pop()
        for line in lines:
            if len(line) >= _LONGEST_LINE:
                raise _LineTooLong("field larger")
            # Files that were put one below the other have a mark each.
            yield (line.lstrip(_MARK) if line[:1] == _MARK else line) + end
        if len(rest) >= _LONGEST_LINE:
            raise _LineTooLong("field larger")
    if rest := rest.lstrip(_MARK):
        yield rest


def _parted(lines: Iterator[str], separator: str, strict: bool = True) -> Iterator[list[str]]:
    return csv.reader(lines, delimiter=separator, strict=strict)


def _rows(file: Path, stream: _Cut, found: Characters, separator: str) -> Iterator[Raw]:
    reader = _parted(_lines(stream, found), separator)
    row = 0
    while True:
        row += 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except OSError as error:
            raise unreadable(file, error) from None
        except UnicodeError:
            # It was decoded as a whole before: somebody writes into it.
            message = N_("{file}, row {row}: the file changes while it is read")
            raise BadInput(message, file=file.name, row=row, extra={"row": row}) from None
        except (csv.Error, _LineTooLong) as error:
            raise _not_csv(file, row, str(error)) from None
        if row == 1:
            _refuse_markup(file, cells)
        yield Raw(row, cells)


def _refuse_markup(file: Path, cells: Sequence[str]) -> None:
    """Web pages and XML call themselves ``.xls``, and programs of offices save such."""
    begin = cells[0].lstrip()[:9].casefold() if cells else ""
    if begin.startswith(("<html", "<!doctype", "<table", "<?xml", "<meta", "<head")):
        message = N_("{file} is a web page or XML whatever its name says: open it in a spreadsheet, save it as xlsx")
        raise BadInput(message, file=file.name)


# --- what parts the cells


def _separator(stream: _Cut, found: Characters) -> str:
    """Of comma, tab and semicolon the one by which most of the first rows have the same number of cells, two or more.

    A row of titles above the header, or a few stray marks in cells, do not outvote the others.
    """
    lines = _first_lines(stream, found)
    best, most = SEPARATORS[0], (0, 0)
    for separator in SEPARATORS:
        votes = _votes(lines, separator)
        if votes > most:
            best, most = separator, votes
    return best


def _first_lines(stream: _Cut, found: Characters) -> list[str]:
    lines: list[str] = []
    size = 0
    try:
        for line in _lines(stream, found):
            lines.append(line)
            size += len(line)
            if size > _SAMPLE:
                break
    except (_LineTooLong, UnicodeError):
        pass  # reading says so with the row
    return lines


def _votes(lines: Sequence[str], separator: str) -> tuple[int, int]:
    """How many of the first rows have the most usual number of cells, and that number; none where a quote tears it."""
    widths: list[int] = []
    try:
        for cells in _parted(iter(lines), separator):
            if any(cell.strip() for cell in cells):
                widths.append(len(cells))
            if len(widths) == _LOOKED_AT:
                break
    except csv.Error as error:
        # The last line of the sample may end within a cell; and what is torn further down is to be told as such.
        if "unexpected end" not in str(error) and len(widths) < 2:
            return 0, 0
    usual = Counter(width for width in widths if width > 1)
    return max(((count, width) for width, count in usual.items()), default=(0, 0))


# --- what is no CSV


_WHAT_CSV_SAYS = {
    "unexpected end of data": N_("{file}, row {row}: a quoted cell begins here and never ends"),
    "expected after": N_("{file}, row {row}: text follows a closing quote; a quote is missing, or one is not doubled"),
    "field larger": N_("{file}, row {row}: a cell is longer than a cell can be; a quote or the line ends are missing"),
    "new-line character": N_("{file}, row {row}: a line ends in a mere carriage return; save it with usual line ends"),
}


def _not_csv(file: Path, row: int, said: str) -> BadInput:
    for words, message in _WHAT_CSV_SAYS.items():
        if words in said:
            return BadInput(message, file=file.name, row=row, extra={"row": row})
    message = N_("{file}, row {row}: it cannot be read as CSV: {why}")
    return BadInput(message, file=file.name, row=row, why=said, extra={"row": row})
