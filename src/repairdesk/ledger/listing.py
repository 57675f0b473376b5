"""A page of a list: the newest orders of any choice, found by an index that has them in that order already.

Somebody who asks for fifty orders waits for fifty, however many there are: where no one index has what was chosen, the
newest of several are merged, as those of two states are. So it does not depend on what SQLite guesses of how the
orders are spread; it keeps no statistics here.
"""

from __future__ import annotations

import heapq
import json
import sqlite3
from collections.abc import Iterator, Mapping
from itertools import islice, product
from operator import itemgetter
from typing import Any

from repairdesk.domain.lifecycle import OPEN, STATES
from repairdesk.domain.vocabulary import KINDS
from repairdesk.ledger import projection
from repairdesk.ledger import sqlite_sql as sql

Asked = dict[str, Any]
_ALL = -1
_FEW = frozenset(
    "place department external_id coordination converted_from follows overdue_at archived_since archived_before".split()
)
"""Filters with an index of their own that leaves few orders to choose from, or has them in order."""
_UNSORTED = _FEW - {"place", "department"}
_SORTED = ", ".join(f"+{column}" for column in sql.NEWEST_FIRST.split(", "))
"""The sign keeps SQLite from going through all orders because they lie in this order."""
_BY_TALLY = frozenset(("states", "kind"))


def newest(db: sqlite3.Connection, filters: Mapping[str, Any], limit: int | None) -> Iterator[str]:
    """The numbers, newest report first, at most ``limit`` of them."""
    bound = _ALL if limit is None else limit
    lines = [_line(db, asked, bound) for asked in _choices(_asked(filters))]
    merged = heapq.merge(*lines, reverse=True) if len(lines) > 1 else iter(lines[0])
    return map(itemgetter(1), islice(_once(merged), limit))


def total(db: sqlite3.Connection, filters: Mapping[str, Any]) -> int:
    """How many there are in all."""
    asked = _asked(filters)
    if asked.keys() <= _BY_TALLY:
        states, kind = asked.get("states"), asked.get("kind")
        return sum(
            n
            for state, of, _, n in db.execute(sql.TALLIES)
            if (states is None or state in states) and (kind is None or of == kind)
        )
    *lines, last = _choices(asked)
    found = _count(db, last) + sum(_count(db, line) for line in lines)
    if "tracker" in last and "staff" in asked:
        found -= _count(db, {**last, "assignee": asked["staff"]})  # Whoever is both has the order once.
    return found


def _asked(filters: Mapping[str, Any]) -> Asked:
    asked = {name: value for name, value in filters.items() if value is not None}
    if asked.get("open"):
        asked["states"] = [state for state in asked.get("states", OPEN) if state in OPEN]
    if "find" in asked:
        asked["find"] = projection.folded(asked["find"])
    return asked


def _choices(asked: Asked) -> list[Asked]:
    """What was asked, as choices each of which an index has in the order of the list."""
    if asked.keys() & _FEW or not asked.keys() & {"states", "kind", "staff"}:
        return [asked]
    states = [state for state in dict.fromkeys(asked.get("states", STATES)) if state in STATES]
    rest = {name: value for name, value in asked.items() if name not in ("states", "staff")}
    if "staff" in asked:
        theirs = [{**rest, "assignee": asked["staff"], "state": state} for state in states]
        tracked = {**rest, "tracker": asked["staff"]}
        return [*theirs, tracked | ({"states": asked["states"]} if "states" in asked else {})]
    kinds = [asked["kind"]] if "kind" in asked else KINDS
    return [{**rest, "state": state, "kind": kind} for state, kind in product(states, kinds)] or [asked]


def _line(db: sqlite3.Connection, asked: Asked, bound: int) -> Iterator[tuple[str, str]]:
    """Report and number of the orders of one choice, newest first."""
    where, values = _where(asked)
    order = _SORTED if asked.keys() & _UNSORTED else sql.NEWEST_FIRST
    text = f"{sql.LISTED}{where} ORDER BY {order} LIMIT :limit"
    return map(itemgetter(1, 0), db.execute(text, {**values, "limit": bound}))


def _count(db: sqlite3.Connection, asked: Asked) -> int:
    where, values = _where(asked)
    found: int = db.execute(f"{sql.ORDER_COUNT}{where}", values).fetchone()[0]
    return found


def _where(asked: Asked) -> tuple[str, Asked]:
    where = " AND ".join(f"({sql.FILTERS[name]})" for name in asked)
    values = {**asked, "states": json.dumps(list(asked["states"]))} if "states" in asked else asked
    return (f" WHERE {where}" if where else ""), values


def _once(found: Iterator[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Without what stands there twice, one after the other."""
    last = None
    for one in found:
        if one != last:
            yield one
        last = one
