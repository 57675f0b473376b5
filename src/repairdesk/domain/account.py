"""How a deadline follows, line by line, so that a reader can check it with a pencil (SLA-6).

``histories`` takes an order's entries apart into what each did to each obligation; ``account`` lays out from that when
the clock ran, when it stood still and why, which days did not count, and what came of it in the end. Nothing is
reckoned from the present: the deadline is the one on record, to be accounted for by the calendars that held when it was
set (``set_by``), and where those that are given would make another one the account says so (``agrees``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta, tzinfo
from typing import Any

from repairdesk.domain import effects, periods
from repairdesk.domain.clock import Calendar, end_of_day
from repairdesk.domain.clocks import Clocks
from repairdesk.domain.entry import Entry
from repairdesk.domain.keeping import AIMING
from repairdesk.domain.obligations import Change, Obligation
from repairdesk.domain.order import Order
from repairdesk.domain.policy import ANY, ObligationRule
from repairdesk.domain.record import NamedTuple
from repairdesk.domain.times import from_iso

COUNTED, STOPPED, SKIPPED = "counted", "stopped", "skipped"
_SECOND = timedelta(seconds=1)


class Row(NamedTuple):
    """A stretch of time on the way to a deadline.

    Attributes:
        kind: ``counted``, ``stopped`` (SLA-3) or ``skipped`` (the calendar has no hours there).
        until: None while the clock still stands.
        seconds: of the calendar: what was counted, or what the stop took; 0 of what is skipped or moves nothing.
        total: what is counted up to here.
        why: the reason of a stop; of what is skipped ``hours`` (outside the hours of the day), ``closed`` (a weekday
            without any) or ``holiday``; ``workday`` of what counts on a make-up workday.
        name: of the holiday.
        note: why a stop moves nothing: ``overdue`` (it began when the time was up), ``not-named`` (the declaration
            that holds now does not stop for it), ``replaced`` (a new appointment set the time anew).
    """

    kind: str
    since: datetime
    until: datetime | None
    seconds: int
    total: int
    why: str | None = None
    name: str | None = None
    note: str | None = None


class Pause(NamedTuple):
    """A stop of the clock as it looks in the end; ``note`` as in ``Row``."""

    reason: str
    since: datetime
    until: datetime | None
    note: str | None = None


class Anchor(NamedTuple):
    """What a time is counted from: ``entry``, ``report``, ``appointment``, ``day`` or ``next``, and the entry."""

    what: str
    at: datetime
    seq: int
    event: str


class Changed(NamedTuple):
    """An entry that changed the deadline; ``fields``: what it corrected of the order, old and new."""

    seq: int
    event: str
    op: str
    at: datetime
    by: str
    was: datetime
    now: datetime
    fields: Mapping[str, Any]


class Told(NamedTuple):
    """A step of the ladder that was reached; ``told_at`` is None where only a higher one was told (SLA-4)."""

    level: int
    role: str
    at: datetime
    seq: int
    told_at: datetime | None
    people: tuple[str, ...]


class Done(NamedTuple):
    """An entry that counted for what is owed: one of several, the one that met it, or after which nobody owes it.

    ``early`` is in seconds before the deadline, below zero behind it.
    """

    op: str
    at: datetime
    seq: int
    event: str
    by: str
    early: int


class Account(NamedTuple):
    """How a deadline follows and what came of it.

    Attributes:
        kind: ``within``, ``by``, ``lead``, ``next``, ``week`` or ``month``: the form of the sentence.
        allowed: seconds of the calendar from the anchor to the deadline; None where no duration is declared.
        priority: the one that the duration was looked up by; None where it holds for all.
        by: seconds after midnight; lead: seconds ahead of the anchor.
        rows: in order of time; of ``within`` those that counted add up to ``allowed``.
        left: seconds that are left when a clock that stands still goes on, or were left when what was owed ended
            while it stood still; None where it does not.
        agrees: whether the deadline on record is the one that follows from the rows.
        provisional: the public days of that time are not published yet (SLA-2).
        done: the entries that counted for it; the last one ended it, if ``met`` or ``void``.
        overdue: seconds by which it is missed at the moment of asking, while it is still owed; else None.
    """

    kind: str
    anchor: Anchor
    allowed: int | None
    priority: str | None
    by: int | None
    lead: int
    rows: tuple[Row, ...]
    left: int | None
    agrees: bool
    provisional: bool
    changed: tuple[Changed, ...]
    done: tuple[Done, ...]
    told: tuple[Told, ...]
    overdue: int | None


class Happening(NamedTuple):
    """What one entry did to one obligation: the change, and the order as the entry left it.

    ``first`` is the order's first entry, ``appointed`` the latest one that set an appointment.
    """

    entry: Entry
    order: Order
    change: Change
    first: Entry
    appointed: Entry | None


Key = tuple[str, int]
"""Name and cycle of an obligation."""


def histories(entries: Sequence[Entry]) -> dict[Key, list[Happening]]:
    """What the entries of an order did to each of its obligations, oldest first."""
    found: dict[Key, list[Happening]] = {}
    order: Order | None = None
    appointed: Entry | None = None
    for entry in entries:
        order = effects.apply(order, entry)
        if entry.data.get("appointment"):
            appointed = entry
        for change in entry.data.get("obligations", ()):
            happening = Happening(entry, order, change, entries[0], appointed)
            found.setdefault((change["name"], change["cycle"]), []).append(happening)
    return found


def told(entries: Sequence[Entry], key: Key) -> tuple[Told, ...]:
    """The steps of the ladder that the nightly run reached for an obligation, and whom it told (SLA-4)."""
    found = []
    for entry in entries:
        for missed in entry.data.get("missed", ()) if entry.event == "escalate" else ():
            if (missed["name"], missed["cycle"]) != key:
                continue
            highest = missed.get("told") or {}
            for step in missed["steps"]:
                heard = step["level"] == highest.get("level")
                people = tuple(highest.get("people") or ()) if heard else ()
                found.append(Told(step["level"], step["role"], from_iso(step["at"]), entry.seq,
                                  entry.occurred_at if heard else None, people))  # fmt: skip
    return tuple(found)


def set_by(happenings: Sequence[Happening]) -> int:
    """The seq of the entry that set the deadline on record: the opening, or the last that moved it."""
    setting = [one.entry.seq for one in happenings if one.change.get("due_at")]
    return setting[-1]


def account(
    obligation: Obligation,
    happenings: Sequence[Happening],
    steps: tuple[Told, ...],
    rules: Mapping[str, ObligationRule],
    clocks: Clocks,
    now: datetime,
) -> Account | None:
    """How the deadline of an obligation follows; None if the policies do not declare it.

    Args:
        happenings: what the order's entries did to it (``histories``), the opening first.
        steps: what was told of it (``told``).
        rules: the declarations by their id.
        clocks: by which it is accounted for.
        now: the moment of asking, for clocks that stand still and for what is overdue.
    """
    rule = rules.get(obligation.id)
    if rule is None or not happenings:
        return None
    course = _Course(rules, clocks)
    for happening in happenings:
        course.take(happening)
    decided, calendar = course.decided, clocks.calendar(rule.calendar)
    kind, allowed, anchor = (
        _kind(rule),
        _allowed(rule, decided.order),
        _anchor(rule, course.opened, decided, obligation),
    )
    ended = obligation.met_at or obligation.void_at
    rows = (
        reckon(calendar, clocks.zone, anchor.at, obligation.due_at, course.stops, ended or now)
        if kind == "within"
        else tuple(_stopped(stop, calendar, 0, ended or now) for stop in course.stops)
    )
    if ended is not None:
        # Nothing stands still any more for what nobody owes.
        rows = tuple(row._replace(until=row.until or max(row.since, ended)) for row in rows)
    stands = any(stop.until is None and stop.note is None for stop in course.stops)
    left = calendar.work_between(course.stops[-1].since, obligation.due_at) if stands else 0
    counted = rows[-1].total if rows else 0
    late = obligation.running and obligation.state(now) == "missed"
    return Account(
        kind=kind,
        anchor=anchor,
        allowed=allowed,
        priority=decided.order.priority if allowed is not None and decided.order.priority in rule.within else None,
        by=rule.by,
        lead=rule.lead,
        rows=rows,
        left=left if stands else None,
        agrees=_agrees(kind, obligation, course, rule, clocks) and (allowed is None or counted + left == allowed),
        provisional=obligation.provisional,
        changed=tuple(course.changed),
        done=tuple(done for done in course.done if done.at <= now),
        told=tuple(step for step in steps if step.at <= now),
        overdue=(now - obligation.due_at) // _SECOND if late else None,
    )


def _kind(rule: ObligationRule) -> str:
    if rule.each is not None:
        return rule.each
    if rule.anchor in ("next", "call"):
        return "next"
    return "by" if rule.by is not None else "lead" if rule.lead else "within"


def _allowed(rule: ObligationRule, order: Order) -> int | None:
    if _kind(rule) != "within":
        return None
    return rule.within.get(order.priority or ANY, rule.within.get(ANY, 0))


def _anchor(rule: ObligationRule, opened: Happening, decided: Happening, obligation: Obligation) -> Anchor:
    """What the time is counted from: of an appointment the latest that the deadline follows, else the opening's."""
    order, first, appointed = decided.order, decided.first, decided.appointed
    start = order.appointment_start
    follows = rule.anchor == "appointment" or (
        rule.anchor == "day" and start is not None and start > obligation.starts_at
    )
    if follows and start is not None and appointed is not None:
        return Anchor("appointment", start, appointed.seq, appointed.event)
    if rule.anchor == "reported" or (rule.anchor == "day" and obligation.starts_at == order.reported_at):
        return Anchor("report", order.reported_at, first.seq, first.event)
    if rule.anchor == "call":
        return Anchor("next", opened.order.call_again_at or obligation.due_at, opened.entry.seq, opened.entry.event)
    if rule.anchor == "next":
        return Anchor("next", opened.order.promised_at or obligation.due_at, opened.entry.seq, opened.entry.event)
    return Anchor("entry", obligation.starts_at, opened.entry.seq, opened.entry.event)


class _Course:
    """An obligation as its entries made it, one after the other, to the stops and changes that count in the end."""

    def __init__(self, rules: Mapping[str, ObligationRule], clocks: Clocks) -> None:
        self._rules, self._clocks = rules, clocks
        self._id = ""
        self._starts: datetime | None = None
        self._due: datetime | None = None
        self.opened: Happening
        self.decided: Happening  # the entry that counted the deadline from its anchor: the opening, or a correction
        self.stops: list[Pause] = []
        self.changed: list[Changed] = []
        self.done: list[Done] = []

    def take(self, happening: Happening) -> None:
        """One more entry."""
        change, entry = happening.change, happening.entry
        was = self._due
        step = _STEPS.get(change["op"])
        if step is not None:
            step(self, happening)
        if change.get("due_at"):
            self._due = from_iso(change["due_at"])
            if was is not None and was != self._due:
                # Of what was corrected only what a deadline depends on: a phone number has no business here.
                fields = {name: new for name, new in entry.data.get("fields", {}).items() if name in AIMING}
                self.changed.append(Changed(entry.seq, entry.event, change["op"], entry.occurred_at, entry.actor,
                                            was, self._due, fields))  # fmt: skip

    def _open(self, happening: Happening) -> None:
        self.opened = self.decided = happening
        self._id, self._starts = happening.change["id"], from_iso(happening.change["starts_at"])

    def _stop(self, happening: Happening) -> None:
        change = happening.change
        since, until = from_iso(change["at"]), from_iso(change["until"]) if change.get("until") else None
        self.stops.append(self._judged(Pause(change["reason"], since, until), self._due))

    def _resume(self, happening: Happening) -> None:
        self.stops[-1] = self.stops[-1]._replace(until=from_iso(happening.change["at"]))

    def _judged(self, stop: Pause, due: datetime | None) -> Pause:
        """What was over when the clock stopped stays where it is (SLA-3)."""
        return stop._replace(note="overdue" if due is not None and due < stop.since else None)

    def _move(self, happening: Happening) -> None:
        self._id, self.decided = happening.change.get("id", self._id), happening
        if happening.entry.event == "reschedule":
            self.stops = [stop._replace(note=stop.note or "replaced") for stop in self.stops]
            return
        rule = self._rules.get(self._id)
        if rule is None or self._starts is None:
            return
        due = self._clocks.due(rule, happening.order, self._starts)[1]
        for index, stop in enumerate(self.stops):
            if stop.until is None:
                self.stops[index] = self._judged(stop, due)
            elif stop.reason not in rule.pauses:
                self.stops[index] = stop._replace(note="not-named")
            else:
                self.stops[index] = self._judged(stop, due)
                due = self._clocks.moved(rule, due, stop.since, stop.until)

    def _restore(self, happening: Happening) -> None:
        notes = {stop.since: stop.note for stop in self.stops}
        self.stops = [
            Pause(s["reason"], since := from_iso(s["since"]), from_iso(s["until"]) if s["until"] else None,
                  notes.get(since))
            for s in happening.change["stops"]
        ]  # fmt: skip
        self.done = [done for done in self.done if done.op != "void"]

    def _counts(self, happening: Happening) -> None:
        change, entry = happening.change, happening.entry
        at = from_iso(change["at"]) if "at" in change else entry.occurred_at
        early = (self._due - at) // _SECOND if self._due is not None else 0
        self.done.append(Done(change["op"], at, entry.seq, entry.event, entry.actor, early))


_STEPS: Mapping[str, Callable[[_Course, Happening], None]] = {
    "open": _Course._open,
    "stop": _Course._stop,
    "resume": _Course._resume,
    "move": _Course._move,
    "restore": _Course._restore,
    "count": _Course._counts,
    "meet": _Course._counts,
    "void": _Course._counts,
}


def _agrees(kind: str, obligation: Obligation, course: _Course, rule: ObligationRule, clocks: Clocks) -> bool:
    """Whether the deadline on record is what the declaration and the stops give by the calendars of now."""
    if kind in (periods.WEEK, periods.MONTH):
        return obligation.due_at == periods.period_of(kind, obligation.due_at, clocks.zone)[1]
    due = clocks.due(rule, course.decided.order, obligation.starts_at)[1]
    for stop in course.stops:
        if stop.until is not None and stop.note is None:
            due = clocks.moved(rule, due, stop.since, stop.until)
    return due == obligation.due_at


def reckon(
    calendar: Calendar, zone: tzinfo, start: datetime, due: datetime, stops: Sequence[Pause], now: datetime
) -> tuple[Row, ...]:
    """Everything from ``start`` to ``due`` in order of time: what counted, what stopped, what was skipped.

    A stop that has a note moves nothing, and stands beside the stretch that it lies in. A clock that still stands at
    ``now`` has no rows behind its stop.
    """
    rows: list[Row] = []
    at, total = start, 0
    for stop in (one for one in stops if one.note is None):
        rows += (passed := list(_passed(calendar, zone, at, stop.since, total)))
        total = passed[-1].total if passed else total
        rows.append(_stopped(stop, calendar, total, now))
        if stop.until is None:
            break
        at = max(at, stop.until)
    else:
        rows += _passed(calendar, zone, at, due, total)
    for stop in (one for one in stops if one.note is not None):
        place = sum(row.since <= stop.since for row in rows)
        rows.insert(place, _stopped(stop, calendar, rows[place - 1].total if place else 0, now))
    return tuple(rows)


def _stopped(stop: Pause, calendar: Calendar, total: int, now: datetime) -> Row:
    until = stop.until or max(stop.since, now)
    seconds = 0 if stop.note else calendar.work_between(stop.since, until)
    return Row(STOPPED, stop.since, stop.until, seconds, total, stop.reason, None, stop.note)


def _passed(calendar: Calendar, zone: tzinfo, a: datetime, b: datetime, total: int) -> Iterator[Row]:
    """A stretch in which the clock was not stopped: the intervals of the calendar, and what lies between them."""
    if b <= a:
        return
    at = a
    for opens, closes in calendar.spans(a, b):
        yield from _gap(calendar, zone, at, opens, total)
        seconds = (closes - opens) // _SECOND
        total += seconds
        why = calendar.day(opens.astimezone(zone).date()).why
        made_up = why is not None and why.kind == "workday"
        yield Row(COUNTED, opens, closes, seconds, total, "workday" if made_up else None)
        at = closes
    yield from _gap(calendar, zone, at, b, total)


def _gap(calendar: Calendar, zone: tzinfo, a: datetime, b: datetime, total: int) -> Iterator[Row]:
    """What the calendar leaves out from ``a`` to ``b``: each whole day of its own, hours of working days in one."""
    held: Row | None = None
    while a < b:
        until = min(b, end_of_day(a, zone))
        hours, why = calendar.day(a.astimezone(zone).date())
        row = Row(SKIPPED, a, until, 0, total, "hours" if hours or why is None else why.kind, why.name if why else None)
        if held is not None and held.why == row.why == "hours":
            held = held._replace(until=until)
        else:
            if held is not None:
                yield held
            held = row
        a = until
    if held is not None:
        yield held
