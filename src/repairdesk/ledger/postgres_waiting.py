"""Rows that wait to be written: many of a table go to the server in one statement, each by itself being a journey.

What they may be and what they set off is checked for each of them as it is for one alone; a refusal is told when they
are sent, which is before anything is asked, and before anything is kept.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from operator import itemgetter
from typing import Any

from repairdesk.domain.record import NamedTuple

MOST = 8000
"""So many wait at most: some megabytes."""
_FIRST = ("entries", "bodies", "orders")
"""What others refer to; a body goes in behind its entry."""
_PARAMETER = re.compile(r"%\((\w+)\)s(?:::(\w+))?")
_KEY = re.compile(r"\(([\w, ]+)\) DO UPDATE ")


class Form(NamedTuple):
    """How rows of a statement are written together.

    ``key`` names the columns of which the last row counts, where the statement brings a row up to date.
    """

    rank: int
    text: str
    columns: tuple[tuple[str, str], ...]
    key: tuple[str, ...]


@cache
def form(text: str) -> Form:
    """The form of a statement that inserts one row."""
    head, _, rest = text.partition(" VALUES (")
    values, on, conflict = rest.partition(" ON CONFLICT ")
    columns = tuple((name, type_ or "BYTEA") for name, type_ in _PARAMETER.findall(values))
    arrays = ", ".join(f"%({name})s::{type_}[]" for name, type_ in columns)
    key = _KEY.match(conflict)
    table = head.split()[2]
    return Form(
        _FIRST.index(table) if table in _FIRST else len(_FIRST),
        f"{head} SELECT * FROM unnest({arrays}){on}{conflict}",
        columns,
        tuple(key[1].split(", ")) if key else (),
    )


class Waiting:
    """The rows of a connection that are not sent yet."""

    def __init__(self) -> None:
        self._rows: dict[str, dict[Any, Mapping[str, Any]]] = {}
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def add(self, text: str, row: Mapping[str, Any]) -> None:
        """One more; of two with the same key the later one counts, as if both had been written."""
        rows = self._rows.setdefault(text, {})
        key = form(text).key
        rows[itemgetter(*key)(row) if key else len(rows)] = row
        self._count += 1

    def clear(self) -> None:
        """Forget them."""
        self._rows.clear()
        self._count = 0

    def statements(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """What is to be sent, in turn."""
        for text, rows in sorted(self._rows.items(), key=lambda item: form(item[0]).rank):
            together = list(rows.values())
            yield (text, together[0]) if len(together) == 1 else (form(text).text, arrays(text, together))


def arrays(text: str, rows: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """The columns of rows, each as an array as the server reads it.

    Raises:
        psycopg.DataError: a text holds what no text of the server can.
    """
    columns = form(text).columns
    names = [name for name, _ in columns]
    values = zip(*map(itemgetter(*names), rows), strict=True)
    return {name: _WRITTEN[type_](list(column)) for (name, type_), column in zip(columns, values, strict=True)}


def _numbers(column: list[int | None]) -> str:
    return f"{{{','.join('NULL' if one is None else str(one) for one in column)}}}"


def _bytes(column: list[bytes]) -> str:
    return "{" + ",".join(f'"\\\\x{one.hex()}"' for one in column) + "}"


def _texts(column: list[str | None]) -> str:
    said = [one for one in column if one is not None]
    # All of them at once, as a call for each took twice as long; no text can hold what stands between them here.
    whole = "\0".join(said)
    if whole.count("\0") > max(len(said) - 1, 0):
        from psycopg import DataError  # what the driver raises where a text is sent by itself

        raise DataError("PostgreSQL text fields cannot contain NUL (0x00) bytes")
    quoted = whole.replace("\\", "\\\\").replace('"', '\\"')
    if len(said) == len(column):
        return '{"' + quoted.replace("\0", '","') + '"}'
    rest = iter(quoted.split("\0"))
    return "{" + ",".join("NULL" if one is None else f'"{next(rest)}"' for one in column) + "}"


_WRITTEN: Mapping[str, Callable[[list[Any]], str]] = {"INTEGER": _numbers, "BYTEA": _bytes, "VARCHAR": _texts}
