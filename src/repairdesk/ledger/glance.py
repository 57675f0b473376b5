"""A look at the ledger in passing, for completion: it waits for nobody, mends nothing and leaves nothing behind.

Of a file nothing but SQLite's shared lock is taken, for the milliseconds of a look; a server is asked by what it is
reached with (``libpq.py``), without the driver. Whatever is in the way (a writer who is keeping something just now, a
journal that one left who was killed, another version, no ledger) is no answer.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from repairdesk.domain.record import NamedTuple
from repairdesk.ledger import server_names, versions

_WAIT_SECONDS = 0.05
BEYOND = "\U0010ffff"
"""Sorts after everything that a number or a place can hold."""
_LOOKED_AT = 300
"""So many of one kind and state are looked through for what was typed; more are nobody's to choose from."""
Ask = Callable[[str, Mapping[str, Any]], tuple[Sequence[str], list[Any]]]
"""A statement with its values, answered with the names of the columns and all the rows."""


class Seen(NamedTuple):
    """An order as it is seen in passing; the words are as they were said."""

    number: str
    state: str
    is_open: int
    elsewhere: int
    reported_at: str
    place: str | None
    fault: str | None


@contextmanager
def glancing(path: Path) -> Iterator[Glance]:
    """The ledger in a file, for a look.

    Raises:
        sqlite3.Error, OSError, LookupError: whatever is in the way.
    """
    import sqlite3

    from repairdesk.ledger import sqlite_sql
    from repairdesk.ledger.connection import APPLICATION_ID, SCHEMA_VERSION

    if not path.is_file():
        raise LookupError(path)
    uri = f"{path.absolute().as_uri()}?mode=ro"
    with closing(sqlite3.connect(uri, timeout=_WAIT_SECONDS, isolation_level=None, uri=True)) as db:
        db.execute("PRAGMA trusted_schema=OFF")
        db.execute("PRAGMA query_only=ON")
        (ours,) = db.execute("PRAGMA application_id").fetchone()
        (version,) = db.execute("PRAGMA user_version").fetchone()
        if (ours, version) != (APPLICATION_ID, SCHEMA_VERSION):
            raise LookupError(path)

        def ask(text: str, asked: Mapping[str, Any]) -> tuple[Sequence[str], list[Any]]:
            found = db.execute(text, asked)
            return [column[0] for column in found.description], found.fetchall()

        yield Glance(ask, sqlite_sql)


@contextmanager
def glancing_at_server(url: str, site: str | None) -> Iterator[Glance]:
    """The ledger of a site on a server, for a look.

    Raises:
        OSError, LookupError: whatever is in the way.
    """
    from repairdesk.ledger import libpq, postgres_sql

    with libpq.connected(server_names.libpq(url)) as ask:
        ask(_LOOKING.format(schema=server_names.schema(site)), {})
        if ask(versions.POSTGRES_ASK, {})[1] != [(str(versions.CURRENT),)]:
            raise LookupError(site)
        yield Glance(ask, postgres_sql)


_LOOKING = (
    'SET search_path TO "{schema}", pg_temp; SET statement_timeout TO 1000; '
    "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
)


def _begins(number: str, typed: str) -> bool:
    """Whether it was begun to type a number: at its letter, its year, its month or its day (``1031-00``)."""
    day = number.rfind("-") - _DAY
    return any(number.startswith(typed, at) for at in (0, day, day + 4, day + 6) if at >= 0)


_DAY = len("20261031")


class Glance:
    """What completion asks. Each answer is read to its end at once, so that no lock outlives it."""

    def __init__(self, ask: Ask, sql: ModuleType) -> None:
        self._ask, self._sql = ask, sql

    def _rows(self, text: str, **asked: Any) -> list[Any]:
        return self._ask(text, asked)[1]

    def orders(
        self, typed: str, states: Sequence[str], kinds: Sequence[str], pile_up: Collection[str], limit: int
    ) -> list[Seen]:
        """Orders in these states whose number begins or ends as typed: the open ones first, then the newest.

        Those that are still to be done also by their day (``1031-00``), as lists show it.

        Args:
            typed: in capitals; nothing means any.
            pile_up: the states in which orders gather over the years. They are looked up by what was typed.
        """
        gathered = [state for state in states if state in pile_up]
        found = self._newest([state for state in states if state not in pile_up], kinds, _LOOKED_AT)
        numbers = [number for number in found if number.endswith(typed) or _begins(number, typed)]
        if gathered:
            numbers += self._typed(typed) if typed else self._newest(gathered, kinds, limit)
        asked = json.dumps(list(dict.fromkeys(numbers[: _LOOKED_AT + 2 * limit])))
        seen = [Seen(*row) for row in self._rows(self._sql.GLANCE, numbers=asked)]
        here = [one for one in seen if one.state in states and not one.elsewhere]
        return sorted(here, key=lambda one: (one.is_open, one.reported_at, one.number), reverse=True)[:limit]

    def _newest(self, states: Sequence[str], kinds: Sequence[str], limit: int) -> list[str]:
        found: list[tuple[str, str]] = []
        for state in states:
            for kind in kinds:
                found += self._rows(self._sql.STANDING_IN, state=state, kind=kind, limit=limit)
        return [number for number, _ in sorted(found, key=lambda row: row[::-1], reverse=True)[:limit]]

    def _typed(self, typed: str) -> list[str]:
        ranges: tuple[tuple[str, dict[str, str]], ...] = (
            (self._sql.NUMBERS_FROM, {"first": typed, "beyond": typed + BEYOND}),
            (self._sql.NUMBERS_ENDING, {"tail": typed[::-1], "beyond": typed[::-1] + BEYOND}),
        )
        return [row[0] for text, asked in ranges for row in self._rows(text, **asked, limit=_LOOKED_AT // 2)]

    def ending(self, typed: str) -> str | None:
        """The one order whose number ends so."""
        if self._rows(self._sql.ORDER_EXISTS, number=typed):
            return typed
        tail = typed[::-1]
        found = self._rows(self._sql.NUMBERS_ENDING, tail=tail, beyond=tail + BEYOND, limit=2) if typed else []
        return found[0][0] if len(found) == 1 else None

    def owed(self, number: str) -> list[str]:
        """What an order owes or owed, by its names."""
        names, rows = self._ask(self._sql.OBLIGATION_ROWS, {"number": number})
        at = names.index("name")
        return list(dict.fromkeys(row[at] for row in rows))

    def taken(self, number: str) -> list[str]:
        """What was taken along and is not back."""
        rows = self._rows(self._sql.ORDER_DOC, number=number)
        return [one["item"] for one in json.loads(rows[0][0])["taken"] if one["returned_at"] is None]

    def people(self) -> list[Mapping[str, Any]]:
        """Everybody of the desk, by id."""
        return [json.loads(text) for (text,) in self._rows(self._sql.STAFF_DOCS)]

    def places(self, typed: str, limit: int) -> dict[str, list[str]]:
        """Where somebody lives or something was reported, and who lives there; those that begin as typed."""
        beyond = typed + BEYOND
        rows = self._rows(self._sql.HOUSEHOLDS_FROM, first=typed, beyond=beyond, limit=limit)
        found: dict[str, list[str]] = {place: json.loads(doc)["names"] for place, doc in rows}
        last = typed
        if typed and self._rows(self._sql.HOUSEHOLD_AT, place=typed):
            found.setdefault(typed, [])
        # A look-up for each: DISTINCT would go through every order that was ever reported there.
        for _ in range(limit):
            ((last,),) = self._rows(self._sql.PLACE_AFTER, place=last, beyond=beyond)
            if last is None:
                break
            found.setdefault(last, [])
        return dict(sorted(found.items())[:limit])

    def rules(self, kind: str, digest: Callable[[], str | None]) -> Mapping[str, Any]:
        """The rules of the desk's file, if they were adopted, else those that were adopted last."""
        file = digest()
        rows = self._rows(self._sql.RULES_OF_FILE, kind=kind, file_digest=file) if file else []
        rows = rows or self._rows(self._sql.RULES_LATEST, kind=kind)
        found: Mapping[str, Any] = json.loads(rows[0][1])["rules"] if rows else {}
        return found

    def first_reported_at(self) -> str | None:
        """When the oldest order was reported (UTC)."""
        found: str | None = self._rows(self._sql.FIRST_REPORTED)[0][0]
        return found
