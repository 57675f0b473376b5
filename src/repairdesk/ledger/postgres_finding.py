"""Orders by what somebody remembers of them, as PostgreSQL finds them (``finding.py`` has SQLite's way).

The server keeps an index of the pieces of every order's text by itself: of three letters, one for each letter, and
shorter ones at the end of a word (``found_by`` in ``postgres_triggers``). Which pieces a text has, it knows, and not
where: what it finds is looked at again, and there the order has each word or not.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from repairdesk.errors import Sentence
from repairdesk.ledger import postgres_sql as sql
from repairdesk.ledger.finding import LONG, MOST, words

if TYPE_CHECKING:
    from repairdesk.ledger.postgres import Connection


def ids(db: Connection, text: str) -> set[int] | None:
    """The orders that have every word of a text somewhere; None: there is no word in it, so that all have."""
    wanted = words(text)
    if not wanted:
        return None
    asked = " & ".join(map(_asked, wanted[:MOST]))
    return {found for (found,) in db.execute(sql.FIND, {"find": asked, "words": wanted})}


def _asked(word: str) -> str:
    """A word as the index is asked for it: all of its pieces, or a beginning."""
    if len(word) < LONG:
        return f"{_quoted(word)}:*"
    return " & ".join(_quoted(word[n : n + LONG]) for n in range(min(len(word) - LONG + 1, MOST)))


def _quoted(piece: str) -> str:
    return "'" + piece.replace("\\", "\\\\").replace("'", "''") + "'"


def clear(db: Connection) -> None:
    """Nothing is kept beside the orders themselves."""


def amiss(db: Connection) -> Iterator[Sentence]:
    """The server answers for its indexes."""
    return iter(())


class Kept:
    """Nothing to do: the index follows the orders."""

    forgets = False

    def __init__(self, db: Connection) -> None:
        pass

    def added(self, stored: None, text: str) -> None:
        """An order was stored that was not there."""

    def note(self, id_: int, before: str | None, now: str) -> None:
        """The text of an order is another."""

    def begin(self) -> None:
        """A part begins that may be undone by itself."""

    def undo(self, before: None) -> None:
        """It was undone."""

    def end(self) -> None:
        """It was kept."""

    def write(self) -> None:
        """Write what waits."""

    def settle(self) -> None:
        """The end of the transaction."""
