"""Who is called back: the draw of a month, from what the ledger says and nothing else (CAL-1, CAL-2, CAL-5, CAL-6).

Orders come into the draw as they are archived. After each of them the quota is the share of all so far, rounded up;
whoever must be called is in at once, and where the quota asks for more, whoever has the lowest rank is drawn. So what
is drawn stays drawn while the month fills. A rank is the hash of the order's number and of a seed that nobody chose:
the hash of the last entry before the month. So nobody can pick, and anybody can draw again.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Container, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from repairdesk.domain.digests import sha256
from repairdesk.domain.order import Order
from repairdesk.domain.record import NamedTuple
from repairdesk.domain.times import from_iso
from repairdesk.domain.vocabulary import LOW_RATINGS

QUOTA = "quota"
"""Why an order is called that nothing but the quota asks for."""


class Call(NamedTuple):
    """A call or visit, by the entry that says so; ``reached``: somebody was spoken to."""

    seq: int
    at: datetime
    reached: bool


def in_vain(calls: Sequence[Call], tries: int) -> Call | None:
    """The call with which somebody was tried in vain so often; None: not so often, or somebody was reached before."""
    first = calls[:tries]
    return first[-1] if len(first) == tries and not any(call.reached for call in first) else None


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
        return in_vain(self.calls, self.tries)


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
    return sha256(f"{seed}\n{number}".encode()).hexdigest()


def draw(candidates: Iterable[Candidate], seed: str) -> Draw:
    """The draw of one stratum in one month.

    Args:
        candidates: the orders that were archived in it, in any order; by entry they come one after the other.
        seed: the hash of the last entry before the month.
    """
    known = {one.number: one for one in candidates}
    whole = shared(one.rate for one in known.values())
    drawing = _Drawing(seed, whole)
    drawing.go_through(
        (one.seq, one.number, one.must, one.callable, int(one.rate * whole), one.given_up.seq if one.given_up else None)
        for one in known.values()
    )
    drawn = (
        Drawn(known[number], why, rank(seed, number), _since(known[number], known[event], in_vain), instead_of)
        for number, (why, event, in_vain, instead_of) in drawing.drawn.items()
    )
    return Draw(len(known), drawing.quota, tuple(drawn))


def tally(lots: Iterable[Lot], whole: int, seed: str, reached: Container[str]) -> tuple[int, int]:
    """The quota of a stratum, and how many of those that ``draw`` draws were reached: that and no more, for reports.

    Args:
        whole: what the shares of the lots are parts of.
        reached: the numbers of whom somebody was spoken to.
    """
    drawing = _Drawing(seed, whole)
    drawing.go_through(lots)
    return drawing.quota, sum(number in reached for number in drawing.drawn)


Lot = tuple[int, str, str | None, int, int, int | None]
"""What a draw has to know of an order, in a plain tuple since a month may have thousands: the entry that archived it,
its number, why it must be called, whether it can be (1), its share, and the entry with which it was given up."""


def shared(rates: Iterable[Decimal]) -> int:
    """A number of which every rate is a whole part: so the shares add up exactly, and integers do that fast."""
    return math.lcm(*(rate.as_integer_ratio()[1] for rate in set(rates)))


def _since(one: Candidate, event: Candidate, in_vain: bool) -> datetime:
    """When an order was drawn: as the one it was drawn by was archived, or given up, and never before its own time.

    What is keyed in late happened before what was written before it.
    """
    at = max(event.given_up.at, event.archived_at) if in_vain and event.given_up else event.archived_at
    return max(at, one.archived_at)


class _Drawing:
    """A draw while the month goes by.

    ``drawn`` says of each number why it is called, the order by whose entry it was drawn and whether that entry gave
    the order up, and in whose place it is called.
    """

    def __init__(self, seed: str, whole: int) -> None:
        from hashlib import sha256

        # The quick one: it is continued for thousands of orders.
        self._seeded = sha256(f"{seed}\n".encode())
        self._whole = whole
        self._waiting: list[tuple[bytes, Lot]] = []
        self._in_vain: set[str] = set()
        self.drawn: dict[str, tuple[str, str, bool, str | None]] = {}
        self.quota = 0

    def go_through(self, lots: Iterable[Lot]) -> None:
        """Everything in the order in which it was written down."""
        archived = sorted(lots)
        # Given up before it was archived is given up as soon as it is in the draw.
        given_up = sorted((max(lot[0], lot[5]), lot) for lot in archived if lot[5] is not None)
        given_up.reverse()
        # In one piece, and the seed hashed once for all of them: of a month of thousands this is what takes the time.
        drawn, waiting, seeded, add = self.drawn, self._waiting, self._seeded.copy, heapq.heappush
        shares, whole, quota = 0, self._whole, 0
        for lot in archived:
            seq, number, must, can_be_called, share, _ = lot
            while given_up and given_up[-1][0] < seq:
                self._missed(*given_up.pop())
            shares += share
            if shares > quota * whole:
                self.quota = quota = -(-shares // whole)
            if can_be_called:
                if must is not None:
                    drawn[number] = (must, number, False, None)
                else:
                    hashed = seeded()
                    hashed.update(number.encode())
                    add(waiting, (hashed.digest(), lot))
            if waiting and len(drawn) - len(self._in_vain) < quota:
                self._fill(seq, number)
        while given_up:
            self._missed(*given_up.pop())

    def _missed(self, seq: int, lot: Lot) -> None:
        number = lot[1]
        # Drawn when it had been given up already, it was replaced there and then.
        if number in self.drawn and number not in self._in_vain:
            self._in_vain.add(number)
            self._fill(seq, number, in_vain=True)

    def _fill(self, seq: int, event: str, *, in_vain: bool = False) -> None:
        """Draw until the quota is full with those that were not given up."""
        instead_of = event if in_vain else None
        while self._waiting and len(self.drawn) - len(self._in_vain) < self.quota:
            _, (_, number, _, _, _, given_up) = heapq.heappop(self._waiting)
            self.drawn[number] = (QUOTA, event, in_vain, instead_of)
            instead_of = None
            if given_up is not None and given_up <= seq:
                self._in_vain.add(number)
                instead_of = number


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
        # What was said before the work was done, or before a low rating, was not said of it (CAL-2).
        # A letter is on record, but nobody was spoken to; an open letter answers what no rule wants spoken of (CAL-6).
        "calls": [
            {"seq": call["seq"], "at": call["at"], "reached": call["outcome"] != "unreached"}
            for call in order.callbacks[order.called_before :]
            if call["method"] != "letter" or (call.get("letter") and must(order) is None)
        ],
    }


def candidate(number: str, archived_at: datetime, note: Mapping[str, Any], rate: Decimal, tries: int) -> Candidate:
    """A candidate from what ``noted`` wrote, and the terms of the policies that the order was judged by."""
    calls = made(note["calls"])
    return Candidate(number, note["seq"], archived_at, note["must"], note["callable"], calls, rate, tries)


def made(calls: Iterable[Mapping[str, Any]]) -> tuple[Call, ...]:
    """The calls that ``noted`` wrote."""
    return tuple(Call(call["seq"], from_iso(call["at"]), call["reached"]) for call in calls)
