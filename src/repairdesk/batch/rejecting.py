"""The rejected rows as a file of their own, to be mended and imported again."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import TextIO

from repairdesk.batch import whole
from repairdesk.batch.reading import WHY, Raw, why_in
from repairdesk.batch.whole import Whole
from repairdesk.errors import N_, NotFound, StorageError


class RejectsFile:
    """A CSV file that takes its name only once it is whole."""

    def __init__(self, stream: TextIO, out: Whole, path: Path, head: Raw, above: Sequence[Raw]) -> None:
        self._stream, self._out, self._path = stream, out, path
        header = head.cells
        self._columns = len(header)
        # What was mended and comes again has the column already.
        why = why_in(header)
        self._kept = self._columns if why is None else why
        self._writer = csv.writer(stream)
        # The header stays in its row, so that the file is read again by the same command.
        titles = {raw.row: raw.cells for raw in above}
        self._writer.writerows(titles.get(row, []) for row in range(1, head.row))
        names = {name.strip().casefold() for name in header[: self._kept]}
        further = (f"{WHY} {i}" for i in count(2))
        own = WHY if WHY not in names else next(name for name in further if name not in names)
        self._writer.writerow([*header[: self._kept], own])

    def add(self, cells: Sequence[str], why: str) -> None:
        """One more row, as it stood in the file, and why it was rejected."""
        torn = len(cells) < self._kept and any("\n" in cell for cell in cells)
        # A row that a stray quote tore stays short: filled up it would pass for a whole one.
        own = [*cells[: self._kept], *[""] * (0 if torn else self._kept - len(cells))]
        # Cells that the header has no name for stay behind the reason: mended, the row must not pass by accident.
        with _stored(self._path):
            self._writer.writerow([*own, why, *cells[self._columns :]])

    def place(self) -> None:
        """That was all: it stands under its name, in place of what had it before."""
        with _stored(self._path):
            self._stream.flush()
            os.fsync(self._stream.fileno())
            self._out.place()


@contextmanager
def writing(path: Path | None, head: Raw, above: Sequence[Raw] = ()) -> Iterator[RejectsFile | None]:
    """A file of rejects at ``path``, None where none is wanted; left without ``place`` there is none.

    Args:
        head: the header as it stands in the file.
        above: the rows above it that are not blank.

    Raises:
        UsageError: what is there can take no rows. NotFound: there is no such folder.
        StorageError: it cannot be written; so may both methods.
    """
    if path is None:
        yield None
        return
    with ExitStack() as stack:
        with _stored(path):
            out = stack.enter_context(whole.writing(path, mine=True))
            # The mark tells Excel that it is UTF-8; reading takes it off again.
            stream = out.half.open("w", encoding="utf-8-sig", newline="")
        try:
            yield RejectsFile(stream, out, path, head, above)
        finally:
            # What is left in it after a full disk cannot be written by closing either; the first error is to be told.
            with suppress(OSError):
                stream.close()


@contextmanager
def _stored(path: Path) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise NotFound(N_("there is no folder {folder}"), folder=str(path.parent)) from None
    except OSError as error:
        raise StorageError(N_("{file} cannot be written: {why}"), file=str(path), why=error.strerror or "") from None
