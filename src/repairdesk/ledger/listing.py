"""A page of a list: the newest orders of any choice, found by an index that has them in that order already.

Somebody who asks for fifty orders waits for fifty, however many there are: where no one index has what was chosen, the
newest of several are merged, as those of two states are. So it does not depend on what SQLite guesses of how the
orders are spread; it keeps no statistics here.

What words find comes as ids from an index of its own. A few of them are looked up; of many, those are kept that the
newest of a list have among them.
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
from repairdesk.ledger import finding
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
_MANY = 1000
"""More that words found than these are met soon where the newest are gone through; others are looked up one by one."""


def found(db: sqlite3.Connection, filters: Mapping[str, Any]) -> dict[str, Any]:
    """The filters with ``found`` in place of ``find``: the ids of the orders that have these words, found once."""
    asked = dict(filters)
    ids = finding.ids(db, text) if (text := asked.pop("find", None)) is not None else None
    return asked if ids is None else asked | {"found": ids}


def newest(db: sqlite3.Connection, filters: Mapping[str, Any], limit: int | None) -> Iterator[str]:
    """The numbers, newest report first, at most ``limit`` of them."""
    asked, among = _asked(db, filters)
    lines = _lines(db, asked, among, _ALL if limit is None else limit)
    merged = heapq.merge(*lines, reverse=True) if len(lines) > 1 else iter(lines[0])
    return map(itemgetter(1), islice(_once(merged), limit))


def total(db: sqlite3.Connection, filters: Mapping[str, Any]) -> int:
    """How many there are in all."""
    asked, among = _asked(db, filters)
    if among is not None:
        return _count_among(db, asked, among) if asked else len(among)
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


def _asked(db: sqlite3.Connection, filters: Mapping[str, Any]) -> tuple[Asked, set[int] | None]:
    """What was asked, and among which ids (None: all)."""
    asked = {name: value for name, value in found(db, filters).items() if value is not None}
    if asked.get("open"):
        asked["states"] = [state for state in asked.get("states", OPEN) if state in OPEN]
    among: set[int] | None = asked.pop("found", None)
    return asked, among


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


def _lines(
    db: sqlite3.Connection, asked: Asked, among: set[int] | None, bound: int
) -> list[Iterator[tuple[str, str]]]:  # fmt: skip
    """Report and number of the orders of each choice, newest first."""
    if among is not None and len(among) <= _MANY:
        return [iter(sorted((row for id_ in among for row in _line(db, {**asked, "id": id_}, None, 1)), reverse=True))]
    return [_line(db, choice, among, bound) for choice in _choices(asked)]


def _line(db: sqlite3.Connection, asked: Asked, among: set[int] | None, bound: int) -> Iterator[tuple[str, str]]:
    where, values = _where(asked)
    order = _SORTED if asked.keys() & _UNSORTED else sql.NEWEST_FIRST
    text = f"{sql.LISTED}{where} ORDER BY {order} LIMIT :limit"
    rows = db.execute(text, {**values, "limit": bound if among is None else _ALL})
    return ((at, number) for number, at, id_ in rows if among is None or id_ in among)


def _count(db: sqlite3.Connection, asked: Asked) -> int:
    where, values = _where(asked)
    found: int = db.execute(f"{sql.ORDER_COUNT}{where}", values).fetchone()[0]
    return found


def _count_among(db: sqlite3.Connection, asked: Asked, among: set[int]) -> int:
    if len(among) <= _MANY:
        return sum(_count(db, {**asked, "id": id_}) for id_ in among)
    counted: set[int] = set()
    for choice in _choices(asked):
        where, values = _where(choice)
        counted |= among.intersection(map(itemgetter(0), db.execute(f"{sql.ORDER_IDS}{where}", values)))
    return len(counted)


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
