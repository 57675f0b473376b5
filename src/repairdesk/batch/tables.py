"""A table as offices keep it, read as a whole: a workbook, or CSV in whatever encoding and with whatever separator.

Rows keep the number that a spreadsheet shows. For files of any length in clean UTF-8 there is ``reading``.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median_low

from repairdesk.batch import workbook
from repairdesk.batch.reading import Raw
from repairdesk.errors import N_, BadInput, NotFound, StorageError, UsageError

_LARGEST = 20_000_000
_BOMS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_CHINESE = "gb18030"
_NARROWER = ("gb2312", "gbk", "hz")
"""Python's codecs of these names refuse characters that offices write all the same (㎡, 啟); GB18030 contains both."""
_SEPARATORS = ",\t;"
_LOOKED_AT = 50


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of a file that are not blank, the header among them.

    Attributes:
        encoding: of a CSV file that is not in UTF-8 and did not say so; None otherwise.
        others: sheets with content that were not read.
    """

    rows: list[Raw]
    encoding: str | None = None
    others: Sequence[str] = ()


def read(file: Path, *, encoding: str | None = None, sheet: str | None = None) -> Table:
    """The table in a file: a workbook if it begins like one, else CSV.

    CSV is what its byte order mark says, else UTF-8 if all of it can be that, else GB18030; ``encoding`` overrules.

    Raises:
        UsageError: there is no such encoding or sheet, or the option does not fit the file.
        NotFound: there is no such file. StorageError: it cannot be read.
        BadInput: it is empty, too large, torn, or not in the encoding; says from which row on where there are rows.
    """
    if encoding is not None:
        _check_encoding(encoding)
    raw = _bytes(file)
    if raw.startswith(workbook.MARKS):
        if encoding is not None:
            raise UsageError(N_("{file} is a workbook, which has no encoding: leave --encoding out"), file=file.name)
        page = workbook.read(raw, file.name, sheet)
        return Table(_filled(file, [(row, cells) for row, cells in enumerate(page.rows, 1)]), others=page.others)
    if sheet is not None:
        raise UsageError(N_("{file} is no workbook, so it has no sheets: leave --sheet out"), file=file.name)
    text, guessed = _text(file, raw, encoding)
    return Table(_filled(file, _records(file, text)), guessed)


def _bytes(file: Path) -> bytes:
    try:
        with file.open("rb") as stream:
            raw = stream.read(_LARGEST + 1)
    except (FileNotFoundError, NotADirectoryError):
        raise NotFound(N_("there is no file {file}"), file=str(file)) from None
    except OSError as error:
        raise StorageError(
            N_("{file} cannot be read: {why}"), file=str(file), why=error.strerror or str(error)
        ) from None
    if len(raw) > _LARGEST:
        raise BadInput(N_("{file} is too large for a list of prices or reports"), file=file.name)
    return raw


def _filled(file: Path, rows: Sequence[tuple[int, list[str]]]) -> list[Raw]:
    found = [Raw(row, cells) for row, cells in rows if any(cell.strip() for cell in cells)]
    if not found:
        raise BadInput(N_("{file} is empty: it needs a row with the names of the columns"), file=file.name)
    return found


# --- characters


def _check_encoding(name: str) -> None:
    try:
        b"a".decode(name)
    except UnicodeDecodeError:
        return
    except (LookupError, ValueError):
        raise UsageError(N_("there is no encoding “{name}”; usual are utf-8, gb18030, utf-16"), name=name) from None


def _text(file: Path, raw: bytes, encoding: str | None) -> tuple[str, str | None]:
    """The characters of a file, and the encoding if it had to be guessed and is not UTF-8."""
    marked = next((name for bom, name in _BOMS.items() if raw.startswith(bom)), None)
    tried = [encoding or marked] if encoding or marked else ["utf-8", _CHINESE]
    refused: list[tuple[int, str]] = []
    for name in filter(None, tried):
        name = _CHINESE if name.lower().replace("-", "") in _NARROWER else name
        try:
            text = raw.decode(name).removeprefix("\ufeff")
        except UnicodeDecodeError as error:
            refused.append((error.start, name))
        except ValueError:
            refused.append((0, name))
        else:
            _check_text(file, text)
            return text.replace("\r\n", "\n").replace("\r", "\n"), None if len(tried) == 1 or name == "utf-8" else name
    # Where it gets further is what it more likely is.
    start, name = max(refused)
    raise BadInput(
        N_("{file}, row {row}: the bytes {bytes} are not {encoding}; --encoding says what the file is in"),
        file=file.name,
        row=_row_at(raw[:start].decode(name, "replace")),
        bytes=raw[start : start + 4].hex(" "),
        encoding=name.upper(),
    )


def _check_text(file: Path, text: str) -> None:
    if "\0" in text:
        row = _row_at(text[: text.index("\0")])
        raise BadInput(N_("{file}, row {row}: it holds NUL bytes, so it is no text"), file=file.name, row=row)


def _row_at(before: str) -> int:
    """The row in which a text that breaks off here has arrived."""
    rows, quoted = 1, False
    for character in before.replace("\r\n", "\n"):
        if character == '"':
            quoted = not quoted
        elif character in "\n\r" and not quoted:
            rows += 1
    return rows


# --- rows


def _records(file: Path, text: str) -> list[tuple[int, list[str]]]:
    """The rows, blank ones too, by the separator that gives most of them the most cells."""
    best: list[list[str]] | None = None
    failed: BadInput | None = None
    for separator in _SEPARATORS:
        try:
            rows = _split(file, text, separator)
        except BadInput as error:
            failed = failed or error
            continue
        if best is None or _cells(rows) > max(1, _cells(best)):
            best = rows
    # What only a separator that parts nothing can read was torn by a quote.
    if failed and _cells(best or ()) < 2:
        raise failed
    return list(enumerate(best or (), 1))


def _cells(rows: Sequence[Sequence[str]]) -> int:
    widths = [len(row) for row in rows if any(cell.strip() for cell in row)][:_LOOKED_AT]
    return median_low(widths) if widths else 0


def _split(file: Path, text: str, separator: str) -> list[list[str]]:
    reader = csv.reader(io.StringIO(text), delimiter=separator, strict=True)
    rows: list[list[str]] = []
    try:
        rows.extend(reader)
    except csv.Error as error:
        message = N_("{file}, row {row}: it cannot be read as CSV: {why}")
        raise BadInput(message, file=file.name, row=len(rows) + 1, why=str(error)) from None
    return rows
