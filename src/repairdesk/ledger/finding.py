"""Orders by what somebody remembers of them: part of a number, a place, a phone, a name, words of the fault.

How SQLite does it, and the only place that knows: an FTS5 index of pieces of three letters, one for each letter of a
text, so that a phrase of pieces is any part of it, and the beginning of a piece a part of one letter or two, as most
words of Chinese are (docs/decisions/0022-finding.md). Another database has its own way to ``ids`` and needs no more.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from repairdesk.errors import N_, Damaged, Sentence
from repairdesk.ledger import projection
from repairdesk.ledger import sqlite_sql as sql

LONG = 3
"""Letters of a piece; shorter ones stand at the end of a word."""
MOST = 64
"""So many words are looked for in the index, and so many pieces of each; the rest is looked for in what that finds."""
AT_ONCE = 1000
"""Texts that wait to be indexed together: SQLite begins a new part of its index whenever an earlier id comes."""
_SIGNS = {code: 0xE000 + code for code in range(1, 128) if not (chr(code).isalnum() or chr(code).isspace())}
"""What the index would part words at has letters that stand for it there, which no language has."""


def words(text: str) -> list[str]:
    """What is looked for, as it is compared."""
    return list(dict.fromkeys(projection.folded(text).split()))


def pieces(search: str) -> str:
    """What is indexed of a folded text: for each letter the piece that begins with it, parted by spaces."""
    parts = search.translate(_SIGNS).split()
    return " ".join([part[n : n + LONG] for part in parts for n in range(len(part))])


def ids(db: sqlite3.Connection, text: str) -> set[int] | None:
    """The orders that have every word of a text somewhere; None: there is no word in it, so that all have."""
    wanted = words(text)
    if not wanted:
        return None
    found = {found for (found,) in db.execute(sql.FIND, {"find": " ".join(map(_asked, wanted[:MOST]))})}
    if len(wanted) > MOST or any(len(word) >= MOST + LONG for word in wanted):
        texts = ((one, db.execute(sql.SEARCH_OF, {"id": one}).fetchone()) for one in found)
        found = {one for one, row in texts if row and all(word in row[0] for word in wanted)}
    return found


def _asked(word: str) -> str:
    """A word as FTS5 is asked for it: several of them must all be there."""
    signs = word.translate(_SIGNS)
    if len(signs) < LONG:
        return f'"{signs}" *'
    return '"' + " ".join([signs[n : n + LONG] for n in range(min(len(signs) - LONG + 1, MOST))]) + '"'


def clear(db: sqlite3.Connection) -> None:
    """Forget all of it, before every order is stored anew."""
    db.execute(sql.FIND_CLEAR)


def amiss(db: sqlite3.Connection) -> Iterator[Sentence]:
    """Where the index is not what the orders are."""
    from repairdesk.ledger import finding_check

    return finding_check.amiss(db)


class Kept:
    """Keeps the index as the orders are, in the transaction that changes them.

    What changed waits and is written together, by id: one by one, each order would be a part of the index by itself.
    """

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._layers: list[dict[int, tuple[str | None, str]]] = [{}]
        self.forgets = False
        """Whether something is purged, so that nothing of what went may stay."""

    def added(self, stored: sqlite3.Cursor, text: str) -> None:
        """An order was stored that was not there, with this text."""
        assert stored.lastrowid is not None
        self.note(stored.lastrowid, None, text)

    def note(self, id_: int, before: str | None, now: str) -> None:
        """The text of an order was this (None: there was no such order) and is that now."""
        waiting = self._layers[-1]
        waiting[id_] = (waiting[id_][0] if id_ in waiting else before, now)
        if len(self._layers) == 1 and len(waiting) >= AT_ONCE:
            self.write()

    def begin(self) -> list[dict[int, tuple[str | None, str]]]:
        """A part begins that may be undone by itself; ``undo`` takes the answer."""
        before = list(self._layers)
        self._layers = [*before, {}]
        return before

    def undo(self, before: list[dict[int, tuple[str | None, str]]]) -> None:
        """It was undone."""
        self._layers = before

    def end(self) -> None:
        """It was kept."""
        for id_, (before, now) in self._layers.pop().items():
            self.note(id_, before, now)

    def write(self) -> None:
        """Write what waits.

        Raises:
            Damaged: the index is not as SQLite left it.
        """
        waiting: dict[int, tuple[str | None, str]] = {}
        for layer in self._layers:
            waiting |= {id_: (waiting.get(id_, change)[0], change[1]) for id_, change in layer.items()}
        # Not emptied: what is undone must find them as they were.
        self._layers = [{} for _ in self._layers]
        try:
            for id_, (before, now) in sorted(waiting.items()):
                if before is not None:
                    self._db.execute(sql.FIND_TAKE, {"id": id_, "pieces": pieces(before)})
                self._db.execute(sql.FIND_ADD, {"id": id_, "pieces": pieces(now)})
        except sqlite3.IntegrityError as error:
            raise Damaged(N_("the ledger's index of words is torn: run verify")) from error

    def settle(self) -> None:
        """The end of the transaction: all is written, and after a purge nothing is left of what went.

        FTS5 marks what is taken out and keeps it until parts of the index are merged; with all of them in one, none of
        it is left, and ``secure_delete`` overwrites the pages that they had.
        """
        self.write()
        if self.forgets:
            self._db.execute(sql.FIND_MERGE)
