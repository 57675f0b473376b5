"""Purging: bodies go, and an entry says which, and what remains of each (RET-2, RET-3).

A purge entry holds the remains of what it purges, so that they are chained like everything else; the table ``purged``
has them ready beside the headers they belong to. ``verify`` compares the two, and finds any other body that is gone.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from repairdesk.domain.entry import Entry
from repairdesk.domain.retention import STREAM
from repairdesk.domain.times import from_iso
from repairdesk.ledger import chain
from repairdesk.ledger.journal import Reader, Writer, entry_of, rows

Doc = dict[str, Any]


class Purges(Reader):
    """What a purge asks the ledger for; ``purges(reader)`` makes one of any reader."""

    def __init__(self, reader: Reader) -> None:
        super().__init__(reader._db)

    def reported_before(self, at: str) -> Iterator[Doc]:
        """The orders reported before then (UTC), by number, one at a time."""
        for (doc,) in self._db.each(self._sql.REPORTED_BEFORE, {"before": at}):
            yield json.loads(doc)

    def linking(self) -> Iterator[Doc]:
        """The orders that name another one."""
        for _, doc in self._db.each(self._sql.LINKS):
            yield json.loads(doc)

    def owing(self) -> set[str]:
        """The orders on which somebody still owes something."""
        return {number for (number,) in self._db.execute(self._sql.OWING)}

    def posted_since(self, month: str) -> set[str]:
        """The orders with something to pay, or paid back, in a month after this one (``YYYY-MM``)."""
        return {number for (number,) in self._db.execute(self._sql.POSTED_SINCE, {"month": month})}

    def spans_at(self, place: str) -> list[tuple[str, datetime, datetime]]:
        """The orders at a place: number, report, and the last that finance heard of it."""
        found = self._db.execute(self._sql.SPANS_AT, {"place": place})
        return [(number, from_iso(since), from_iso(until)) for number, since, until in found]

    def orders_purged(self) -> set[str]:
        """The orders that were purged before."""
        return {number for (number,) in self._db.execute(self._sql.ORDERS_PURGED)}

    def stand_ins(self) -> dict[str, str]:
        """What stands for places that something kept still names, by place."""
        return dict(self._db.execute(self._sql.STAND_INS).fetchall())

    def last_purge(self) -> Entry | None:
        """The latest purge entry."""
        (number,) = self._db.execute(self._sql.LAST_PURGE).fetchone()
        return self.last(number) if number else None

    def runs_since(self, moment: datetime) -> Iterator[tuple[Entry, int]]:
        """The purges written since then, the latest first: the last entry of each run, and how many orders went."""
        run, orders = None, 0
        for (number,) in reversed(self._db.execute(self._sql.PURGE_NUMBERS).fetchall()):
            entry = self.entries(number)[-1]
            if entry.recorded_at <= moment:
                break
            if run is not None and entry.data.get("export") != run.data.get("export"):
                yield run, orders
                run, orders = None, 0
            run, orders = run or entry, orders + len(entry.data.get("orders", ()))
        if run is not None:
            yield run, orders

    def bodies_of(self, events: list[str]) -> Iterator[Entry]:
        """The entries of these events whose body is still there, oldest first, one at a time."""
        return map(entry_of, self._db.each(self._sql.BODIES_OF, {"events": json.dumps(events)}))

    def written_at(self, number: str, version: int) -> str | None:
        """When that entry was written (UTC); None: there is none."""
        row = self._db.execute(self._sql.SUPERSEDED_AT, {"number": number, "next": version}).fetchone()
        return row[0] if row else None

    def whole(self, number: str) -> list[Doc]:
        """The entries of a number with everything that their hashes were made of: for the export before a purge."""
        found = list(rows(self._db.execute(self._sql.BODY_WITH_SALT, {"number": number})))
        return [{**row, "salt": row["salt"].hex(), "body": json.loads(row["body"])} for row in found]


def drop_place(writer: Writer, number: int) -> None:
    """Nothing that is kept names this place any more: what stands for it stands for nothing."""
    writer._db.execute(writer._sql.DROP_PLACE, {"id": number})


def next_number(last: Entry | None) -> str:
    """The number of the next purge entry: each has a stream of its own, so that no reader has to hold them all."""
    return f"{STREAM}{int(last.number.removeprefix(STREAM)) + 1 if last else 1:06}"


def rows_of(entry: Entry) -> list[Doc]:
    """The rows of ``purged`` that a purge entry makes.

    Raises:
        ValueError: it names what is no entry.
    """
    kept = entry.data["remains"].items()
    return [{"seq": int(seq), "entry": entry.seq, "remains": chain.canonical(left)} for seq, left in kept]


def take(writer: Writer, entry: Entry) -> None:
    """Take the bodies that a purge entry names (``remains``, by seq), in the transaction that wrote it."""
    writer.words.forgets = True
    if at_once := getattr(writer._sql, "TAKE_BODIES", None):
        writer._db.execute(at_once, {"entry": entry.seq})
        return
    for row in rows_of(entry):
        writer._db.execute(writer._sql.STORE_PURGED, row)
        writer._db.execute(writer._sql.DROP_BODY, row)
