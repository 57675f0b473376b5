"""What is on record, judged by other rules: which deadlines would have been others (REC-4, SLA-6).

An order's entries are gone through once more. What people did stays as it is; what that did to the obligations is
counted anew. History is not rewritten: an order that was converted stays so, and that it would not have been, or would
have been where it was not, is a difference of its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from repairdesk.domain import effects, ladder, lifecycle, obligations
from repairdesk.domain.clocks import Clocks
from repairdesk.domain.entry import Entry
from repairdesk.domain.judging import Judge, judged
from repairdesk.domain.keeping import Keeping, restored
from repairdesk.domain.obligations import Change, Obligation
from repairdesk.domain.order import Order
from repairdesk.domain.policy import Policies
from repairdesk.domain.record import NamedTuple

Held = tuple[Obligation, ...]
_NO_TIME = frozenset(("escalate", "void"))
"""What the program writes of itself: a slip that is keyed in later may tell of a time before it (REC-2)."""


class Side(NamedTuple):
    """An order as one set of rules has it.

    Attributes:
        held: the obligations, those of the periods that have begun included.
        converts: when the order would have been due to be converted by the night; None: never (COO-1).
    """

    held: Held
    converts: datetime | None


class Rehearsed(NamedTuple):
    """An order as it is on record, and both sides of it: as recorded, and as the other rules have it."""

    order: Order
    before: Side
    after: Side


class Verdict(NamedTuple):
    """By when something is owed, and how that stands: ``open``, ``paused``, ``met``, ``missed`` or ``void``."""

    due_at: datetime
    state: str


class Difference(NamedTuple):
    """An obligation that the other rules have otherwise; None is a side that does not have it at all."""

    name: str
    cycle: int
    rule: str
    owner: str
    before: Verdict | None
    after: Verdict | None


def rehearse(entries: Iterable[Entry], own: Judge, other: Judge, at: datetime) -> Rehearsed | None:
    """An order, gone through once as it is on record and once by other rules; None where there is no entry.

    Args:
        entries: of one order, oldest first.
        own: the rules that it was judged by. Only periods that nobody has looked at yet are counted by them.
        other: the rules to be rehearsed.
        at: the moment at which both are looked at.
    """
    order: Order | None = None
    recorded, counted = _Replay(own), _Replay(other)
    for entry in entries:
        before, order = order, effects.apply(order, entry)
        recorded.write(before, order, entry)
        counted.judge(before, order, entry)
    if order is None:
        return None
    return Rehearsed(order, recorded.side(order, at), counted.side(order, at))


class _Replay:
    """The obligations of one side while the entries go by; of the order itself the recorded one is taken."""

    def __init__(self, rules: Judge) -> None:
        self._rules = rules
        self._held: Held = ()
        self._unconverted: Held = ()
        self._converts: datetime | None = None

    def write(self, before: Order | None, after: Order, entry: Entry) -> None:
        """An entry with what it was recorded to do."""
        self._look(before, entry)
        self._held = after.obligations

    def judge(self, before: Order | None, after: Order, entry: Entry) -> None:
        """An entry with what these rules have it do."""
        self._look(before, entry)
        if entry.event == "escalate":
            # Days that were not known when a deadline was set are known now: there is nothing to count anew.
            self._climb(after, entry.occurred_at)
            return
        if entry.event == "revert":
            assert before is not None, "what is taken back was converted"
            here = self._as_here(before)
            self._hold(restored(here, self._unconverted, entry.occurred_at, *self._rules_here), entry)
            return
        if entry.event == "convert":
            self._unconverted = self._held
        self._hold(judged(before, self._as_here(after), entry, self._rules), entry)

    def side(self, order: Order, at: datetime) -> Side:
        """How this side stands in the end: with the periods that have begun, and a conversion that is due."""
        self._note_conversion(order, at)
        keeping = Keeping(self._as_here(order), at, *self._rules_here)
        keeping.catch_up()
        return Side(obligations.apply(self._held, keeping.changes()), self._converts)

    @property
    def _rules_here(self) -> tuple[Policies, Clocks]:
        return self._rules.policies, self._rules.clocks

    def _as_here(self, order: Order) -> Order:
        return order._replace(obligations=self._held)

    def _hold(self, owing: list[Change], entry: Entry) -> None:
        self._held = obligations.apply(self._held, owing)

    def _climb(self, order: Order, at: datetime) -> None:
        here = self._as_here(order)
        ends = ladder.conversion_due(here, at, self._rules.policies)
        owing, _ = ladder.climb(here, at, *self._rules_here, ends=ends)
        self._held = obligations.apply(self._held, owing)

    def _look(self, before: Order | None, entry: Entry) -> None:
        """Whether the night would have converted the order before this was done.

        A slip that was keyed in late takes that back, as it takes back the conversion (REC-2).
        """
        if entry.event == "revert":
            self._converts = None
        elif before is not None and entry.event not in _NO_TIME and not entry.data.get("imported"):
            self._note_conversion(before, entry.occurred_at)

    def _note_conversion(self, order: Order, at: datetime) -> None:
        if self._converts is not None:
            return
        due = ladder.conversion_due(self._as_here(order), at, self._rules.policies)
        if due is not None and lifecycle.leads_on("convert", order.state):
            self._converts = due


def differences(rehearsed: Rehearsed, at: datetime) -> Iterator[Difference]:
    """What the other rules have otherwise at ``at``, in the order in which it was first owed."""
    before, after = _by_key(rehearsed.before.held), _by_key(rehearsed.after.held)
    for key in dict.fromkeys((*before, *after)):
        was, now = before.get(key), after.get(key)
        old, new = _verdict(was, at), _verdict(now, at)
        one = now or was
        if old != new and one is not None:
            yield Difference(one.name, one.cycle, one.rule, one.owner, old, new)


def _by_key(held: Held) -> dict[tuple[str, int], Obligation]:
    return {(one.name, one.cycle): one for one in held}


def _verdict(obligation: Obligation | None, at: datetime) -> Verdict | None:
    return Verdict(obligation.due_at, obligation.state(at)) if obligation is not None else None


OUTCOMES = ("met", "missed", "void", "open")
"""How what was owed stands; a clock that stands still is open."""


class Tally:
    """How many of each obligation stand how, on both sides."""

    def __init__(self) -> None:
        self._before: Counter[tuple[str, str]] = Counter()
        self._after: Counter[tuple[str, str]] = Counter()

    def add(self, rehearsed: Rehearsed, at: datetime) -> None:
        """One more order."""
        for counter, side in ((self._before, rehearsed.before), (self._after, rehearsed.after)):
            for one in side.held:
                state = one.state(at)
                counter[one.name, "open" if state == "paused" else state] += 1

    def names(self) -> list[str]:
        """What was ever owed on either side, by name."""
        return sorted({name for name, _ in (*self._before, *self._after)})

    def before(self, name: str) -> Mapping[str, int]:
        """How many stand how, as recorded."""
        return {outcome: self._before[name, outcome] for outcome in OUTCOMES}

    def after(self, name: str) -> Mapping[str, int]:
        """How many stand how by the other rules."""
        return {outcome: self._after[name, outcome] for outcome in OUTCOMES}
