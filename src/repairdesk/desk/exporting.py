"""Feeds of orders and entries for other systems.

A feed is a span of entries, from the one after ``since`` to the last one there is when it begins. Entries never change,
so a feed of entries is exact. Of orders it has each that the span speaks of once, as it stands when its turn comes:
what is written meanwhile may show already, and is in the next feed in any case. So nothing is lost between two feeds
of which the second begins where the first one ended.

The ledger is read a stretch at a time: whoever writes waits for no longer than that.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from repairdesk.desk.base import Base
from repairdesk.desk.leaving import without_phones
from repairdesk.desk.turn import By, Turn, stamp, told
from repairdesk.domain import lifecycle
from repairdesk.domain.record import NamedTuple
from repairdesk.domain.shape import Doc, shown, shown_entry
from repairdesk.domain.times import fold
from repairdesk.errors import N_, UsageError

STRETCH = 500
"""Entries or orders that are read at once."""
_SEQ_DIGITS = 18


class Span(NamedTuple):
    """What a feed is about: the entries after ``since`` and up to ``upto``, looked at ``at``."""

    since: int
    upto: int
    whole: bool
    at: datetime
    zone: ZoneInfo
    reveal: bool


class Exporting(Base):
    """What is taken away to other systems."""

    def export_span(
        self, by: By, what: str, *, since: str | None = None, until: str | None = None, reveal: bool = False,
        reason: str | None = None,
    ) -> Span:  # fmt: skip
        """The span of a feed: all there is, or what was written since and until then.

        Args:
            since: the last entry of the feed before, or a time: written then or later.
            until: a time or day: written by then.
            reveal: with phone numbers, which needs a role and a ``reason`` and is itself an entry.

        Raises:
            UsageError: ``since`` is an entry that this ledger does not have, or after ``until``; one of them is empty.
            NotPermitted: who asks may not reveal.
        """
        for name, said in (("--since", since), ("--until", until)):
            if said is not None and not said.strip():
                raise UsageError(N_("{option} is empty"), option=name)
        if reveal:
            told(reason=reason)
            # Whatever can be refused is, before anything is put on record.
            self._span(by, since, until, reveal=True)
            with self.turn(by) as turn:
                lifecycle.check_reveal(None, turn.attempt("reveal", {}))
                turn.append("desk", "reveal", {"export": what, "since": since, "until": until, "reason": reason})
        return self._span(by, since, until, reveal=reveal)

    def _span(self, by: By, since: str | None, until: str | None, *, reveal: bool) -> Span:
        with self.look(by) as turn:
            head, _ = turn.ledger.head()
            first, begins = _first(turn, since, head)
            upto = head
            if until is not None:
                ends = _after(turn, until)
                upto = _last_before(turn, ends, head)
                if upto < first or (begins is not None and begins >= ends):
                    raise UsageError(N_("--since {since} is after --until {until}"), since=since, until=until)
            return Span(first, upto, first == 0 and upto == head, turn.at, turn.rules.zone, reveal)

    def export_orders(self, span: Span, only: Collection[str] | None = None) -> Iterator[Doc]:
        """The orders of a feed in the shape of the contract: all by number, else by the entry that brings them in.

        ``only`` are the keys of the document that somebody looks at; None: all.
        """
        for docs in self._whole() if span.whole else self._changed(span):
            for doc in docs:
                wanted = doc if only is None else {name: value for name, value in doc.items() if name in only}
                order = shown(wanted, span.at, span.zone, reveal=span.reveal)
                yield order if span.reveal else without_phones(order)

    def export_entries(self, span: Span) -> Iterator[Doc]:
        """The entries of a feed, oldest first."""
        for after, upto in _stretches(span):
            with self.ledger.read() as reader:
                entries = reader.entries_between(after, upto)
            for entry in entries:
                doc = shown_entry(entry, span.zone, reveal=span.reveal)
                yield doc if span.reveal else without_phones(doc)

    def _whole(self) -> Iterator[list[Doc]]:
        number = ""
        while True:
            with self.ledger.read() as reader:
                docs = reader.docs_after(number, STRETCH)
            if not docs:
                return
            yield docs
            number = docs[-1]["number"]

    def _changed(self, span: Span) -> Iterator[list[Doc]]:
        for after, upto in _stretches(span):
            with self.ledger.read() as reader:
                docs = reader.changed_between(span.since, after, upto)
            yield docs


def _stretches(span: Span) -> Iterator[tuple[int, int]]:
    for after in range(span.since, span.upto, STRETCH):
        yield after, min(after + STRETCH, span.upto)


def since_of(turn: Turn, said: str | None, head: int) -> int:
    """The entry that a feed begins after."""
    return _first(turn, said, head)[0]


def _first(turn: Turn, said: str | None, head: int) -> tuple[int, datetime | None]:
    """The entry that a feed begins after, and the time that was said, if it was one."""
    text = fold("0" if said is None else said).strip()
    if text.isascii() and text.isdigit():
        seq = int(text) if len(text) <= _SEQ_DIGITS else head + 1
        if seq > head:
            raise UsageError(N_("this ledger has no entry {seq}; its last one is {head}"), seq=text, head=head)
        return seq, None
    begins = turn.since(text)
    return _last_before(turn, begins, head), begins


def _after(turn: Turn, said: str) -> datetime:
    """The first second after a time, or after a day."""
    return turn.since(said, end=True) + timedelta(seconds=1)


def _last_before(turn: Turn, at: datetime, head: int) -> int:
    """The last entry before the first one that was written since then: a clock that was put back loses nothing."""
    first = turn.ledger.first_written_since(stamp(at))
    return head if first is None else first - 1
