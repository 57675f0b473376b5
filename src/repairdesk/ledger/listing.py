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
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, islice, product
from operator import itemgetter
from typing import Any

from repairdesk.domain.lifecycle import OPEN, STATES
from repairdesk.domain.vocabulary import KINDS
from repairdesk.ledger.database import Database

Asked = dict[str, Any]
_ALL = -1
_FEW = frozenset(
    "place department external_id coordination converted_from follows overdue_at archived_since archived_before "
    "tail beyond".split()
)
"""Filters with an index of their own that leaves few orders to choose from, or has them in order."""
_UNSORTED = _FEW - {"place", "department"}
_BY_TALLY = frozenset(("states", "kind"))
_MANY = 1000
"""More that words found than these are met soon where the newest are gone through; others are looked up one by one."""


_ENDING = re.compile(r"[A-Z]?[0-9-]*[0-9]{3}")
"""What may be the end of a number, or all of it."""
_BEYOND = "\U0010ffff"
"""Sorts after everything that a number can hold."""


def found(db: Database, filters: Mapping[str, Any]) -> dict[str, Any]:
    """The filters with ``found`` in place of ``find``: the ids of the orders that have these words, found once.

    Several texts are several ways to say the same. ``said`` is kept beside it, for what is nearest to it.
    """
    asked = dict(filters)
    said = asked.pop("find", None)
    if said is None:
        return asked
    texts = [said] if isinstance(said, str) else list(said)
    ids = [db.finding.ids(db, text) for text in texts]
    every = set[int]().union(*(one for one in ids if one is not None))
    return asked if None in ids else asked | {"found": every, "said": texts}


def newest(db: Database, filters: Mapping[str, Any], limit: int | None) -> Iterator[str]:
    """The numbers, newest report first, at most ``limit`` of them.

    Of what words find, the orders whose number ends so come first, then those at that place.
    """
    asked, among, said = _asked(db, filters)
    lines = _lines(db, asked, among, _ALL if limit is None else limit)
    merged = heapq.merge(*lines, reverse=True) if len(lines) > 1 else iter(lines[0])
    nearest = [_few(db, {**asked, **one}, among) for one in _nearest(said) if not one.keys() & asked.keys()]
    if nearest:
        return islice(_unlike(map(itemgetter(1), chain(*nearest, merged))), limit)
    return map(itemgetter(1), islice(_once(merged), limit))


def _nearest(said: Sequence[str]) -> Iterator[Asked]:
    """The choices that are meant before any other by what was said."""
    plain = [" ".join(unicodedata.normalize("NFKC", text).split()) for text in said]
    for tail in (text.upper()[::-1] for text in plain if _ENDING.fullmatch(text.upper())):
        yield {"tail": tail, "beyond": tail + _BEYOND}
    yield from ({"place": text} for text in plain)


def _unlike(numbers: Iterator[str]) -> Iterator[str]:
    """Each number once, where it comes first."""
    before: set[str] = set()
    for number in numbers:
        if number not in before:
            before.add(number)
            yield number


def total(db: Database, filters: Mapping[str, Any]) -> int:
    """How many there are in all."""
    asked, among, _ = _asked(db, filters)
    if among is not None:
        return _count_among(db, asked, among) if asked else len(among)
    if asked.keys() <= _BY_TALLY:
        states, kind = asked.get("states"), asked.get("kind")
        return sum(
            n
            for state, of, _, n in db.execute(db.sql.TALLIES)
            if (states is None or state in states) and (kind is None or of == kind)
        )
    *lines, last = _choices(asked)
    found = _count(db, last) + sum(_count(db, line) for line in lines)
    if "tracker" in last and "staff" in asked:
        found -= _count(db, {**last, "assignee": asked["staff"]})  # Whoever is both has the order once.
    return found


def _asked(db: Database, filters: Mapping[str, Any]) -> tuple[Asked, set[int] | None, Sequence[str]]:
    """What was asked, among which ids (None: all), and the words that found them."""
    asked = {name: value for name, value in found(db, filters).items() if value is not None}
    if asked.get("open"):
        asked["states"] = [state for state in asked.get("states", OPEN) if state in OPEN]
    among: set[int] | None = asked.pop("found", None)
    return asked, among, asked.pop("said", ())


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
    db: Database, asked: Asked, among: set[int] | None, bound: int
) -> list[Iterator[tuple[str, str]]]:  # fmt: skip
    """Report and number of the orders of each choice, newest first."""
    if among is not None and len(among) <= _MANY:
        return [iter(sorted((row for id_ in among for row in _line(db, {**asked, "id": id_}, None, 1)), reverse=True))]
    return [_line(db, choice, among, bound) for choice in _choices(asked)]


def _line(db: Database, asked: Asked, among: set[int] | None, bound: int) -> Iterator[tuple[str, str]]:
    where, values = _where(db, asked)
    order = db.sql.NEWEST_SORTED if asked.keys() & _UNSORTED else db.sql.NEWEST_FIRST
    text = f"{db.sql.LISTED}{where} ORDER BY {order} {db.sql.LIMIT}"
    limit = bound if among is None else _ALL
    rows = (db.each if limit == _ALL else db.execute)(text, {**values, "limit": limit})
    return ((at, number) for number, at, id_ in rows if among is None or id_ in among)


def _few(db: Database, asked: Asked, among: set[int] | None) -> Iterator[tuple[str, str]]:
    """The same of so few that they are read at once."""
    where, values = _where(db, asked)
    text = f"{db.sql.LISTED}{where} ORDER BY {db.sql.NEWEST_SORTED} {db.sql.LIMIT}"
    rows = db.execute(text, {**values, "limit": _ALL}).fetchall()
    return ((at, number) for number, at, id_ in rows if among is None or id_ in among)


def _count(db: Database, asked: Asked) -> int:
    where, values = _where(db, asked)
    found: int = db.execute(f"{db.sql.ORDER_COUNT}{where}", values).fetchone()[0]
    return found


def _count_among(db: Database, asked: Asked, among: set[int]) -> int:
    if len(among) <= _MANY:
        return sum(_count(db, {**asked, "id": id_}) for id_ in among)
    counted: set[int] = set()
    for choice in _choices(asked):
        where, values = _where(db, choice)
        counted |= among.intersection(map(itemgetter(0), db.execute(f"{db.sql.ORDER_IDS}{where}", values)))
    return len(counted)


def _where(db: Database, asked: Asked) -> tuple[str, Asked]:
    where = " AND ".join(f"({db.sql.FILTERS[name]})" for name in asked)
    values = {**asked, "states": json.dumps(list(asked["states"]))} if "states" in asked else asked
    return (f" WHERE {where}" if where else ""), values


def _once(found: Iterator[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Without what stands there twice, one after the other."""
    last = None
    for one in found:
        if one != last:
            yield one
        last = one
