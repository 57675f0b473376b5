"""A list as offices keep it, read as a whole: of prices, of households."""

from __future__ import annotations

import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from repairdesk.batch import reading
from repairdesk.batch.reading import Raw
from repairdesk.errors import N_, BadInput

_LARGEST = 20_000_000
"""Bytes. A list of people or prices is short, and is held in memory; reports are read row by row."""


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
    """The table in a file; see ``reading.opened``.

    Raises:
        UsageError, NotFound, StorageError: as there. BadInput: as there, or the file is too large.
    """
    with reading.opened(file, encoding=encoding, sheet=sheet) as source:
        if _is_large(file):
            raise BadInput(N_("{file} is too large for a list of prices or reports"), file=file.name)
        return Table(list(source.rows), source.encoding if source.guessed else None, source.others)


def _is_large(file: Path) -> bool:
    try:
        status = file.stat()
    except OSError:
        return False
    return stat.S_ISREG(status.st_mode) and status.st_size > _LARGEST
