"""Lists that may grow as long as a file: the first of them in memory, the others on disk."""

from __future__ import annotations

import pickle
import tempfile
from collections.abc import Callable, Iterator
from typing import IO, Generic, TypeVar

from repairdesk.errors import N_, StorageError

T = TypeVar("T")
IN_MEMORY = 1_000


class Spilled(Generic[T]):
    """A list to which things are added, and which is read in their order.

    Raises:
        StorageError: the folder for temporary files is full or cannot be written; so may adding and reading.
    """

    def __init__(self) -> None:
        self._first: list[T] = []
        self._count = 0
        self._rest: IO[bytes] | None = None

    def append(self, one: T) -> None:
        """One more."""
        self._count += 1
        if len(self._first) < IN_MEMORY:
            self._first.append(one)
            return
        try:
            if self._rest is None:
                self._rest = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the list
            pickle.dump(one, self._rest, pickle.HIGHEST_PROTOCOL)
        except OSError as error:
            raise _failed(error) from None

    def __len__(self) -> int:
        return self._count

    def __eq__(self, other: object) -> bool:
        return isinstance(other, (Spilled, list)) and list(self) == list(other)

    def __del__(self) -> None:
        if self._rest is not None:
            self._rest.close()

    def __iter__(self) -> Iterator[T]:
        yield from self._first
        if self._rest is None:
            return
        try:
            self._rest.seek(0)
            for _ in range(self._count - len(self._first)):
                # Nobody else can write there: the file has no name.
                yield pickle.load(self._rest)
        except OSError as error:
            raise _failed(error) from None


def _failed(error: OSError) -> StorageError:
    return StorageError(N_("the folder for temporary files fails: {why}"), why=error.strerror or str(error))


class Streamed(list[T]):
    """A list for an encoder of JSON, made one thing at a time while it is written."""

    def __init__(self, count: int, make: Callable[[], Iterator[T]]) -> None:
        super().__init__()
        self._count, self._make = count, make

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[T]:
        return self._make()
