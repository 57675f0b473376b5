"""Rows of a file, one at a time: a clean CSV file in UTF-8, with or without a byte order mark.

A row knows its number as a spreadsheet shows it: the header is row 1 and the first row of data row 2; a cell of several
lines belongs to one row. What cannot be told apart into rows ends the reading: a file that is misread from somewhere on
must not come in halfway.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from repairdesk.errors import N_, BadInput, NotFound, StorageError

_BOM = b"\xef\xbb\xbf"
_WORKBOOK = b"PK\x03\x04"
_LONGEST_LINE = 1 << 20
"""Bytes. A file without line ends would be read into memory as a whole."""


@dataclass(frozen=True, slots=True)
class Raw:
    """A row as it stands in the file; ``row`` is its number in the spreadsheet."""

    row: int
    cells: list[str]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file of rows: the names of its columns, trimmed, and the rows below them, which are read as they are taken."""

    header: list[str]
    rows: Iterator[Raw]


class _LineTooLong(Exception):
    pass


@contextmanager
def opened(file: Path) -> Iterator[Sheet]:
    """The rows of a file. Blank rows are skipped, but counted in the numbers of the others.

    Raises:
        NotFound: there is no such file. StorageError: it cannot be read.
        BadInput: it is empty, no CSV file, or not in UTF-8; says from which row on. Taking the rows may raise it too.
    """
    try:
        stream = file.open("rb")
    except (FileNotFoundError, NotADirectoryError):
        raise NotFound(N_("there is no file {file}"), file=str(file)) from None
    except OSError as error:
        raise _unreadable(file, error) from None
    with stream:
        rows = _rows(file, stream)
        header = next(rows, None)
        if header is None:
            raise BadInput(N_("{file} is empty: it needs a row with the names of the columns"), file=file.name)
        yield Sheet([name.strip() for name in header.cells], rows)


def _unreadable(file: Path, error: OSError) -> StorageError:
    return StorageError(N_("{file} cannot be read: {why}"), file=str(file), why=error.strerror or str(error))


def _rows(file: Path, stream: BinaryIO) -> Iterator[Raw]:
    reader = csv.reader(_lines(stream), strict=True)
    row = 0
    while True:
        row += 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except OSError as error:
            raise _unreadable(file, error) from None
        except UnicodeDecodeError as error:
            raise _not_utf8(file, row, error) from None
        except (csv.Error, _LineTooLong) as error:
            raise _not_csv(file, row, str(error)) from None
        if any("\0" in cell for cell in cells):
            raise BadInput(N_("{file}, row {row}: it holds NUL bytes, so it is no text"), file=file.name, row=row)
        if any(cell.strip() for cell in cells):
            yield Raw(row, cells)


def _lines(stream: BinaryIO) -> Iterator[str]:
    """The lines with their ends, decoded one by one, so that what cannot be decoded has a row."""
    first = True
    while line := stream.readline(_LONGEST_LINE):
        if first:
            if line.startswith(_WORKBOOK):
                raise csv.Error("workbook")
            line = line.removeprefix(_BOM)
            first = False
        if len(line) == _LONGEST_LINE:
            raise _LineTooLong("field larger")
        yield line.decode("utf-8")


def _not_utf8(file: Path, row: int, error: UnicodeDecodeError) -> BadInput:
    return BadInput(
        N_(
            "{file}, row {row}: the bytes {bytes} are not UTF-8, the only encoding that is read so far; convert the "
            "file first (from GB18030, say: iconv -f GB18030 -t UTF-8)"
        ),
        file=file.name,
        row=row,
        bytes=error.object[error.start : error.start + 4].hex(" "),
    )


_WHAT_CSV_SAYS = {
    "unexpected end of data": N_("{file}, row {row}: a quoted cell begins here and never ends"),
    "expected after": N_("{file}, row {row}: text follows a closing quote; a quote is missing, or one is not doubled"),
    "field larger": N_("{file}, row {row}: a cell is longer than a cell can be; a quote or the line ends are missing"),
    "new-line character": N_("{file}, row {row}: a line ends in a mere carriage return; save it with usual line ends"),
    "workbook": N_("{file} is a workbook; this version reads CSV in UTF-8: save it as that"),
}


def _not_csv(file: Path, row: int, said: str) -> BadInput:
    for words, message in _WHAT_CSV_SAYS.items():
        if words in said:
            return BadInput(message, file=file.name, row=row)
    return BadInput(N_("{file}, row {row}: it cannot be read as CSV: {why}"), file=file.name, row=row, why=said)
