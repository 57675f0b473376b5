"""Who is called back: the draw of a month, from what the ledger says and nothing else (CAL-1, CAL-2, CAL-5, CAL-6).

Orders come into the draw as they are archived. After each of them the quota is the share of all so far, rounded up;
whoever must be called is in at once, and where the quota asks for more, whoever has the lowest rank is drawn. So what
is drawn stays drawn while the month fills. A rank is the hash of the order's number and of a seed that nobody chose:
the hash of the last entry before the month. So nobody can pick, and anybody can draw again.
"""

from __future__ import annotations

import hashlib
import heapq
from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import ROUND_CEILING, Decimal
from typing import Any, NamedTuple

from repairdesk.domain.order import Order
from repairdesk.domain.times import from_iso
from repairdesk.domain.vocabulary import LOW_RATINGS

QUOTA = "quota"
"""Why an order is called that nothing but the quota asks for."""


class Call(NamedTuple):
    """A call or visit, by the entry that says so; ``reached``: somebody was spoken to."""

    seq: int
    at: datetime
    reached: bool


class Candidate(NamedTuple):
    """An archived order in the draw.

    Attributes:
        seq: the entry that archived it.
        must: why it is called whatever the quota says: ``dissatisfied``, ``untested``, ``unsure``; None: no matter.
        callable: whether there is anybody to be called (CAL-6).
        rate: the share of its stratum, by the policies that it was judged by (REC-4).
        tries: how often it may be tried in vain before another is drawn.
    """

    number: str
    seq: int
    archived_at: datetime
    must: str | None
    callable: bool
    calls: tuple[Call, ...]
    rate: Decimal
    tries: int

    @property
    def reached(self) -> bool:
        """Whether somebody was spoken to: who was not reached was not called (CAL-5)."""
        return any(call.reached for call in self.calls)

    @property
    def given_up(self) -> Call | None:
        """The call with which it was tried in vain often enough; None: it was not, or somebody was reached before."""
        first = self.calls[: self.tries]
        return first[-1] if len(first) == self.tries and not any(call.reached for call in first) else None


class Drawn(NamedTuple):
    """An order that is called: why, since when, and in whose place where that one was not reached."""

    candidate: Candidate
    why: str
    rank: str
    at: datetime
    instead_of: str | None = None


class Draw(NamedTuple):
    """The draw of a stratum: how many orders there were, how many are to be called, and who is, as they were drawn."""

    orders: int
    quota: int
    drawn: tuple[Drawn, ...]

    @property
    def done(self) -> int:
        """How many of those that were drawn were reached."""
        return sum(one.candidate.reached for one in self.drawn)


def rank(seed: str, number: str) -> str:
    """Where an order stands in the draw: SHA-256 of seed and number, lowest first."""
    return hashlib.sha256(f"{seed}\n{number}".encode()).hexdigest()


def draw(candidates: Iterable[Candidate], seed: str) -> Draw:
    """The draw of one stratum in one month.

    Args:
        candidates: the orders that were archived in it, in any order; by entry they come one after the other.
        seed: the hash of the last entry before the month.
    """
    return _Drawing(seed).of(sorted(candidates, key=lambda one: one.seq))


class _Drawing:
    """A draw while the month goes by."""

    def __init__(self, seed: str) -> None:
        self._seed = seed
        self._share = Decimal(0)
        self._waiting: list[tuple[str, int, Candidate]] = []
        self._drawn: dict[str, Drawn] = {}
        self._in_vain = 0

    def of(self, candidates: list[Candidate]) -> Draw:
        """Everything in the order in which it was written down."""
        events = [(one.seq, 0, one) for one in candidates]
        # Given up before it was archived is given up as soon as it is in the draw.
        events += [(max(one.seq, one.given_up.seq), 1, one) for one in candidates if one.given_up]
        for _, kind, one in sorted(events, key=lambda event: event[:2]):
            if kind == 0:
                self._archived(one)
            elif one.number in self._drawn:
                self._missed(one)
        return Draw(len(candidates), self._quota, tuple(self._drawn.values()))

    @property
    def _quota(self) -> int:
        return int(self._share.to_integral_value(ROUND_CEILING))

    def _archived(self, one: Candidate) -> None:
        self._share += one.rate
        if one.must is not None and one.callable:
            self._take(one, one.must, one.archived_at)
        elif one.callable:
            heapq.heappush(self._waiting, (rank(self._seed, one.number), one.seq, one))
        self._fill(one.archived_at, one.seq)

    def _missed(self, one: Candidate) -> None:
        assert one.given_up is not None
        self._in_vain += 1
        self._fill(max(one.given_up.at, one.archived_at), max(one.seq, one.given_up.seq), instead_of=one.number)

    def _fill(self, at: datetime, seq: int, instead_of: str | None = None) -> None:
        """Draw until the quota is full with those that were not given up."""
        while self._waiting and len(self._drawn) - self._in_vain < self._quota:
            _, _, one = heapq.heappop(self._waiting)
            self._take(one, QUOTA, at, instead_of)
            instead_of = None
            if one.given_up is not None and one.given_up.seq <= seq:
                self._in_vain += 1
                instead_of = one.number

    def _take(self, one: Candidate, why: str, at: datetime, instead_of: str | None = None) -> None:
        self._drawn[one.number] = Drawn(one, why, rank(self._seed, one.number), at, instead_of)


# --- from an order to a candidate and back


def must(order: Order) -> str | None:
    """Why an order is called back whatever the quota says (CAL-2): a low rating, or what is uncertain (FIN-2)."""
    if order.rating in LOW_RATINGS:
        return "dissatisfied"
    return next((why for why in ("untested", "unsure") if why in order.follow_up), None)


def noted(order: Order) -> dict[str, Any] | None:
    """What the draw has to know of an order, as plain JSON; None before it is archived."""
    if order.archived_seq is None:
        return None
    return {
        "seq": order.archived_seq,
        "must": must(order),
        "callable": not (order.anonymous or order.letter_only),
        # A letter is on record, but nobody was spoken to (CAL-6).
        "calls": [
            {"seq": call["seq"], "at": call["at"], "reached": call["outcome"] != "unreached"}
            for call in order.callbacks
            if call["method"] != "letter"
        ],
    }


def candidate(number: str, archived_at: datetime, note: Mapping[str, Any], rate: Decimal, tries: int) -> Candidate:
    """A candidate from what ``noted`` wrote, and the terms of the policies that the order was judged by."""
    calls = tuple(Call(call["seq"], from_iso(call["at"]), call["reached"]) for call in note["calls"])
    return Candidate(number, note["seq"], archived_at, note["must"], note["callable"], calls, rate, tries)
