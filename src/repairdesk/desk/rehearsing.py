"""Rehearsing: last month, judged by another policies.yaml or priced by another fees.yaml. Nothing here writes.

One order at a time goes through; what is kept is the sums, and what would differ.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from repairdesk.desk.base import Base
from repairdesk.desk.rulebooks import Rules, refuse_changed
from repairdesk.desk.turn import Answer, By, Turn, stamp
from repairdesk.domain import effects, finance, rehearsal
from repairdesk.domain.clocks import Clocks
from repairdesk.domain.money import yuan
from repairdesk.domain.record import NamedTuple
from repairdesk.domain.rehearsal import Difference, Rehearsed, Tally, Verdict
from repairdesk.domain.times import local_iso
from repairdesk.errors import N_, BadRules, DeskError, Sentence, UsageError
from repairdesk.rules import hydrate

if TYPE_CHECKING:
    from repairdesk.domain.fees import FeeTable
    from repairdesk.domain.order import Order
    from repairdesk.domain.policy import Policies

Doc = dict[str, Any]
_SECOND = timedelta(seconds=1)


class Book(NamedTuple):
    """Policies with their calendars: what entries are judged by."""

    policies: Policies
    clocks: Clocks


class Tried(NamedTuple):
    """The file that is rehearsed; of ``book`` and ``fees`` it is one."""

    kind: str
    version: str
    book: Book | None
    fees: FeeTable | None


class Span(NamedTuple):
    """Which orders are rehearsed: from ``since`` to ``until``, both included."""

    since: datetime
    until: datetime


class Rehearsing(Base):
    """What anyone at the keyboard may ask before a rules file is put to use."""

    def rehearse(self, by: By, file: Path, *, since: str | None = None, until: str | None = None) -> Answer:
        """The orders of a span, judged by other policies or priced by another fee table (REC-4).

        Deadlines are those of the orders reported in the span, bills those of the orders finished in it. Times are
        typed ones or days; without any it is the month before this one, and without ``until`` all up to now. With
        ``By.at`` it is what was written by then.

        Raises:
            UsageError: no times, ahead, or the wrong way round. NotFound, StorageError, BadRules: of the file.
        """
        with self.look(by) as turn:
            span = _span(turn, since, until)
            tried = _read(turn, file)
            found = _Findings(turn, tried, span)
            for doc in turn.ledger.scan({"since": stamp(span.since), "until": stamp(span.until)}):
                found.reported(doc)
            for number in sorted(_earlier(turn, span)):
                found.finished(number)
            return Answer({"file": str(file), **found.doc()}, turn.remarks)


def _span(turn: Turn, since: str | None, until: str | None) -> Span:
    zone = turn.rules.zone
    if since is None:
        if until is not None:
            raise UsageError(N_("{option} belongs to {other}"), option="--until", other="--since")
        this = finance.month_of(turn.at, zone)
        last = finance.begins(finance.preceding(this), zone), finance.begins(this, zone) - _SECOND
        return Span(*last)
    first = turn.since(since)
    if first > turn.at:
        raise UsageError(N_("{option} {text} has not come yet"), option="--since", text=since.strip())
    last_one = turn.since(until, end=True) if until is not None else turn.at
    if last_one < first:
        raise UsageError(N_("--until lies before --since"))
    return Span(first, last_one)


def _read(turn: Turn, file: Path) -> Tried:
    """The file, whichever of the two it is: its keys tell.

    Raises:
        BadRules: with every mistake, or that it is neither.
    """
    from repairdesk.rules import load, marks  # pydantic and yaml: nothing else of this needs them

    text = load.text_of(file)
    keys = marks.compose(text, file.name)[0].entries.keys()
    if "services" in keys and "obligations" not in keys:
        fees = load.read_fees(text, file.name, turn.rules.policies.categories)
        _warn(turn, "fees", fees, text)
        return Tried("fees", fees.version, None, hydrate.build_fees(fees.data))
    if "obligations" not in keys:
        raise _neither(file.name)
    rules = load.read_policies(text, file.name)
    _warn(turn, "policies", rules, text)
    policies = hydrate.build_policies(rules.data)
    clocks = Clocks(policies, ZoneInfo(policies.zone), turn.rules.days)
    return Tried("policies", rules.version, Book(policies, clocks), None)


def _neither(name: str) -> BadRules:
    said = N_("has neither obligations nor services: it is no policies.yaml and no fees.yaml")
    problem = {"file": name, "line": 1, "column": 1, "key": "", "message": Sentence(said, {})}
    return BadRules(N_("{file} cannot be used:\n{problems}"), rule="REC-4", extra={"problems": [problem]}, file=name,
                    problems=f"{name}:1:1: {said}")  # fmt: skip


def _warn(turn: Turn, kind: str, rules: Any, text: str) -> None:
    """A rehearsal may keep the version's name; putting the file to use may not."""
    try:
        refuse_changed(turn.ledger, kind, rules.version, rules.digest, text)
    except BadRules:
        turn.remark(
            N_("version {version} was used with another content: give the file a new version before it is put to use"),
            version=rules.version,
        )


def _earlier(turn: Turn, span: Span) -> Iterator[str]:
    """The orders that were reported before the span and finished in it, by number.

    Whatever was finished since then is with the technician still, or has left that one's hands since, and a
    coordination order has no bill: so nothing older is looked at.
    """
    since = stamp(span.since)
    for number in turn.ledger.slips(since, stamp(span.since - _SECOND)):
        doc = turn.ledger.order_doc(number)
        if doc is not None and doc["bill"] is not None and doc["finished_at"] >= since:
            yield number


class _Findings:
    """The sums, and what would differ, while the orders go by."""

    def __init__(self, turn: Turn, tried: Tried, span: Span) -> None:
        self._turn, self._tried, self._span = turn, tried, span
        self._orders = self._coordination = 0
        self._tally = Tally()
        self._deadlines: list[Doc] = []
        self._conversions: list[Doc] = []
        self._bills = _Bills(span)

    def reported(self, doc: Mapping[str, Any]) -> None:
        """An order that was reported in the span, or a coordination order opened in it, which nobody reported."""
        if self._tried.book is None and doc["bill"] is None:
            self._count(doc)  # without a bill another fee table changes nothing
            return
        order = self._judged(doc["number"])
        if order is not None:
            self._count(doc)
            self._bills.add(order, self._turn.rules_of(order), self._tried)

    def _count(self, doc: Mapping[str, Any]) -> None:
        coordinates = doc["converted_from"] is not None
        self._coordination += coordinates
        self._orders += not coordinates

    def finished(self, number: str) -> None:
        """An order that was reported before, and may have been finished in the span."""
        order = effects.fold(self._entries(number))
        if order is not None:
            self._bills.add(order, self._turn.rules_of(order), self._tried)

    def _entries(self, number: str) -> Iterator[Any]:
        """What was written of an order by then."""
        return takewhile(lambda entry: entry.recorded_at <= self._turn.at, self._turn.ledger.entries(number))

    def _judged(self, number: str) -> Order | None:
        if self._tried.book is None:
            return effects.fold(self._entries(number))
        entries = list(self._entries(number))
        if not entries:
            return None
        first, at = entries[0].data, self._turn.at
        own = self._turn.books.of(self._turn.ledger, first["policies_version"], first["fees_version"])
        rehearsed = rehearsal.rehearse(entries, own, self._tried.book, at)
        assert rehearsed is not None
        self._compare(rehearsed, at)
        return rehearsed.order

    def _compare(self, rehearsed: Rehearsed, at: datetime) -> None:
        number = rehearsed.order.number
        self._tally.add(rehearsed, at)
        self._deadlines += [self._deadline(number, one) for one in rehearsal.differences(rehearsed, at)]
        before, after = rehearsed.before.converts, rehearsed.after.converts
        if before != after:
            self._conversions.append({
                "number": number, "coordination": rehearsed.order.coordination,
                "before": self._local(before), "after": self._local(after),
            })  # fmt: skip

    def _deadline(self, number: str, one: Difference) -> Doc:
        return {
            "number": number, "name": one.name, "cycle": one.cycle, "rule": one.rule, "owner": one.owner,
            "before": self._verdict(one.before), "after": self._verdict(one.after),
        }  # fmt: skip

    def _verdict(self, verdict: Verdict | None) -> Doc | None:
        return {"due_at": self._local(verdict.due_at), "state": verdict.state} if verdict else None

    def _local(self, moment: datetime | None) -> str | None:
        return local_iso(moment, self._turn.rules.zone) if moment else None

    def doc(self) -> Doc:
        """The document that is answered."""
        tally = self._tally
        on_time = {"before": _rate(tally.before(RESOLVE)), "after": _rate(tally.after(RESOLVE))}
        return {
            "kind": self._tried.kind, "version": self._tried.version,
            "since": self._local(self._span.since), "until": self._local(self._span.until),
            "at": self._local(self._turn.at),
            "orders": self._orders,
            "coordination_orders": self._coordination,
            "deadlines": self._deadlines,
            "obligations": {n: {"before": tally.before(n), "after": tally.after(n)} for n in tally.names()},
            "on_time": on_time if self._tried.book is not None else None,
            "conversions": self._conversions,
            **self._bills.doc(),
        }  # fmt: skip


RESOLVE = "resolve"
"""The obligation whose clock says what was handled in time (RPT-1)."""


def _rate(counts: Mapping[str, int]) -> Doc:
    """The on-time rate, from 0 to 1; what is not due yet does not count, and of nothing there is none (RPT-1)."""
    due = counts["met"] + counts["missed"]
    return {"met": counts["met"], "missed": counts["missed"], "rate": round(counts["met"] / due, 4) if due else None}


class _Bills:
    """The bills in force of the orders finished in a span, priced again; sums in fen.

    None comes here that was finished before the span: it would have been reported before, too (``_earlier``).
    """

    def __init__(self, span: Span) -> None:
        self._span = span
        self._count = self._before = self._after = self._rise = self._fall = self._exceed = 0
        self._differ: list[Doc] = []
        self._unpriced: list[Doc] = []

    def add(self, order: Order, rules: Rules, tried: Tried) -> None:
        """One more order; that it was not finished in the span, or has no bill, is seen here."""
        bill, done = order.bill, order.finished_at
        # Of what was purged nobody knows any more what its bill was made of (RET-3).
        if bill is None or done is None or done > self._span.until or order.purged:
            return
        from repairdesk.domain import basis  # most commands never look at a price

        fees, terms = tried.fees or rules.fees, (tried.book or rules).policies.warranty
        try:
            total = basis.price(basis.from_json(bill["basis"]), fees, terms).total
        except DeskError as refusal:
            self._unpriced.append({"number": order.number, "before": yuan(bill["total"]), "why": refusal})
            return
        self._count += 1
        self._before += bill["total"]
        self._after += total
        if total != bill["total"]:
            self._differs(order, bill["total"], total)

    def _differs(self, order: Order, before: int, after: int) -> None:
        agreed = order.consent.fee if order.consent else 0
        self._rise += after > before
        self._fall += after < before
        self._exceed += after > agreed
        self._differ.append({
            "number": order.number, "before": yuan(before), "after": yuan(after), "difference": yuan(after - before),
            "exceeds_consent": after > agreed,
        })  # fmt: skip

    def doc(self) -> Doc:
        """Their part of the document."""
        counts = {"bills": self._count, "rise": self._rise, "fall": self._fall, "exceed_consent": self._exceed}
        sums = {"before": self._before, "after": self._after, "difference": self._after - self._before}
        return {
            "bills": self._differ,
            "unpriced": self._unpriced,
            "totals": {**{name: yuan(fen) for name, fen in sums.items()}, **counts},
        }
