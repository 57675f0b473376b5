"""Who owes what by when: obligations are opened, met, stopped, resumed and voided by what happens on an order.

The policies declare them (``policy.ObligationRule``); ``changes`` says what one entry does to the obligations of an
order, as plain data that the entry keeps, and ``apply`` folds that data back. So a deadline is on record from the
moment it was set, and no later edit of the policies moves it (REC-4).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple, Protocol

from repairdesk.domain.clock import Calendar, next_time_of_day
from repairdesk.domain.policy import ANY, ObligationRule, Policies
from repairdesk.domain.times import from_iso, iso_utc

Change = dict[str, Any]
_SECOND = timedelta(seconds=1)


class Stop(NamedTuple):
    """A stretch in which a clock stood still, and why (SLA-3); ``until`` is None while it still does."""

    reason: str
    since: datetime
    until: datetime | None


class Obligation(NamedTuple):
    """Somebody owes something on an order by a time.

    ``cycle`` counts how often the same thing has been owed on the order (arrive again after a reassignment).
    ``id`` names the declaration in the policies that the order is judged by. ``level`` is the highest step of the
    ladder that has been told (SLA-4).
    """

    id: str
    name: str
    cycle: int
    rule: str
    owner: str
    starts_at: datetime
    due_at: datetime
    met_at: datetime | None = None
    void_at: datetime | None = None
    stops: tuple[Stop, ...] = ()
    level: int = 0

    @property
    def running(self) -> bool:
        """Still owed: neither met nor void, be it in time or not."""
        return self.met_at is None and self.void_at is None

    def stopped_at(self, now: datetime) -> bool:
        """Whether the clock stands still at ``now``."""
        return bool(self.stops) and self.stops[-1].since <= now and _ahead(self.stops[-1].until, now)

    def state(self, now: datetime) -> str:
        """``open``, ``paused``, ``met``, ``missed`` or ``void`` at ``now``. What was missed stays missed (SLA-3)."""
        if self.met_at is not None:
            return "met" if self.met_at <= self.due_at else "missed"
        if self.void_at is not None:
            return "void" if self.void_at <= self.due_at else "missed"
        if self.stopped_at(now) and self.stops[-1].since <= self.due_at:
            return "paused"
        return "open" if now <= self.due_at else "missed"


def _ahead(until: datetime | None, now: datetime) -> bool:
    return until is None or now < until


class Subject(Protocol):
    """What the declarations look at: an order, or what is about to become one."""

    @property
    def kind(self) -> str: ...
    @property
    def priority(self) -> str | None: ...
    @property
    def channel(self) -> str | None: ...
    @property
    def category(self) -> str | None: ...
    @property
    def severity(self) -> str | None: ...
    @property
    def unlisted(self) -> bool: ...
    @property
    def reported_at(self) -> datetime: ...
    @property
    def appointment_start(self) -> datetime | None: ...
    @property
    def assignee(self) -> str | None: ...
    @property
    def awaits_consent(self) -> bool: ...
    @property
    def obligations(self) -> tuple[Obligation, ...]: ...


def fits(rule: ObligationRule, order: Subject, reason: str | None = None) -> bool:
    """Whether a declaration is meant for this order; an empty list in it means all."""
    return (
        _among(order.kind, rule.kinds)
        and _among(order.priority, rule.priorities)
        and _among(order.channel, rule.channels)
        and _among(order.category, rule.categories)
        and _among(order.severity, rule.severities)
        and _among(reason, rule.reasons)
        and rule.appointment in (None, order.appointment_start is not None)
        and rule.unlisted in (None, order.unlisted)
    )


def _among(value: str | None, wanted: Sequence[str]) -> bool:
    return not wanted or value in wanted


class Clocks:
    """The calendars of one set of policies, by name, and the sums that obligations need of them."""

    def __init__(self, policies: Policies, zone: Any) -> None:
        self._policies = policies
        self._zone = zone
        self._calendars: dict[str, Calendar] = {}

    def calendar(self, name: str) -> Calendar:
        """The calendar of that name; ``always`` runs day and night (SLA-2)."""
        if name not in self._calendars:
            rule = self._policies.calendars.get(name)
            self._calendars[name] = Calendar.of(rule, self._zone) if rule else Calendar.always(self._zone)
        return self._calendars[name]

    def due(self, rule: ObligationRule, order: Subject, at: datetime) -> tuple[datetime, datetime]:
        """When the clock of an obligation starts and when it is due, opened by an entry at ``at``."""
        anchor = at
        if rule.anchor == "reported":
            anchor = order.reported_at
        elif rule.anchor == "appointment" and order.appointment_start is not None:
            anchor = order.appointment_start
        if rule.by is not None:
            # Strictly ahead: what is finished at 17:00 sharp is not owed in the same second.
            return at, next_time_of_day(anchor + _SECOND, rule.by, self._zone)
        seconds = rule.within.get(order.priority or ANY, rule.within.get(ANY, 0))
        if rule.lead:
            # Owed ahead of the anchor (ASG-2): to be there five minutes before the agreed time.
            return at, datetime.fromtimestamp(anchor.timestamp() + seconds - rule.lead, anchor.tzinfo)
        return anchor, self.calendar(rule.calendar).add_work(anchor, seconds)

    def moved(self, rule: ObligationRule, due: datetime, since: datetime, until: datetime) -> datetime:
        """``due`` after a stop: what was left to work at ``since`` is left at ``until``. A missed one stays put."""
        if due <= since:
            return due
        calendar = self.calendar(rule.calendar)
        return calendar.add_work(until, calendar.work_between(since, due))


def changes(
    order: Subject,
    events: Sequence[str],
    at: datetime,
    policies: Policies,
    clocks: Clocks,
    *,
    reason: str | None = None,
    recorded_at: datetime | None = None,
) -> list[Change]:
    """What an entry does to the obligations of its order, as data for the entry.

    Args:
        order: the order as it is after the entry, but with the obligations it had before.
        events: the entry's name, then what else it amounts to (``register``, ``advised``).
        at: when it happened.
        reason: the reason that the entry gives: of a pause, say.
        recorded_at: when it was written down, which is what meets ``register`` (INT-4).
    """
    by_id = {rule.id: rule for rule in policies.obligations}
    held = {(o.name, o.cycle): o for o in order.obligations}
    out: list[Change] = []

    def note(change: Change) -> None:
        out.append(change)
        key = (change["name"], change["cycle"])
        held[key] = _apply_one(held.get(key), change, at)

    for event in events:
        moment = recorded_at if event == "register" and recorded_at else at
        for obligation in [o for o in held.values() if o.running and o.id in by_id]:
            for change in _ended(obligation, by_id[obligation.id], event, moment, clocks):
                note(change)
        if event == "reschedule":
            for change in list(_re_appointed(order, at, policies, clocks, list(held.values()))):
                note(change)
        for rule in _opening(policies.obligations, order, event, reason, held.values()):
            note(_opened(rule, order, at, clocks, held.values()))
    for obligation in [o for o in held.values() if o.running and o.id in by_id]:
        for change in _stops(obligation, by_id[obligation.id], events[0], at, reason, order, clocks):
            note(change)
    return out


def _ended(obligation: Obligation, rule: ObligationRule, event: str, at: datetime, clocks: Clocks) -> Iterator[Change]:
    """Met or voided by this event, if either; a clock that stood still is judged by the deadline that the stop gave."""
    op = "meet" if event in rule.meets else "void" if event in rule.voids else None
    if op is None:
        return
    if obligation.stopped_at(at):
        yield _resumed(obligation, rule, at, clocks)
    yield {"op": op, "name": obligation.name, "cycle": obligation.cycle, "at": iso_utc(at)}


def _resumed(obligation: Obligation, rule: ObligationRule, at: datetime, clocks: Clocks) -> Change:
    """The clock goes on at ``at``, with the deadline that follows from its last stop."""
    stop = obligation.stops[-1]
    # A stop whose end was known has moved the deadline already; what was not needed of it is taken back.
    due = clocks.moved(rule, obligation.due_at, stop.until or stop.since, at)
    key = {"name": obligation.name, "cycle": obligation.cycle}
    return {"op": "resume", **key, "at": iso_utc(at), "due_at": iso_utc(due)}


def _opening(
    rules: Sequence[ObligationRule], order: Subject, event: str, reason: str | None, held: Iterable[Obligation]
) -> Iterator[ObligationRule]:
    """The declarations that this event opens: of each name the first that fits, and none that is owed already."""
    owed = {o.name for o in held if o.running}
    ever = {o.name for o in held}
    seen: set[str] = set()
    for rule in rules:
        if event not in rule.starts or rule.name in seen or not fits(rule, order, reason):
            continue
        seen.add(rule.name)
        # Consent may come again when the work grows (QUO-4); the dispatch clocks start at the first one (QUO-2).
        if rule.name in owed or (event == "consent" and rule.name in ever):
            continue
        # A new appointment is an arrival that somebody owes, once there is somebody.
        if event == "reschedule" and rule.owner == "assignee" and order.assignee is None:
            continue
        yield rule


def _opened(rule: ObligationRule, order: Subject, at: datetime, clocks: Clocks, held: Iterable[Obligation]) -> Change:
    starts, due = clocks.due(rule, order, at)
    return {
        "op": "open",
        "id": rule.id,
        "name": rule.name,
        "cycle": 1 + sum(o.name == rule.name for o in held),
        "rule": rule.rule,
        "owner": rule.owner,
        "starts_at": iso_utc(starts),
        "due_at": iso_utc(due),
    }


def _re_appointed(
    order: Subject, at: datetime, policies: Policies, clocks: Clocks, held: Sequence[Obligation]
) -> Iterator[Change]:
    """A new appointment: what is owed ahead of one follows it, also what had been owed without one (VIS-4).

    A visit that was missed already stays missed; the new one is owed anew.
    """
    for obligation in held:
        rule = next((r for r in policies.obligations if r.name == obligation.name and fits_any_reason(r, order)), None)
        if not obligation.running or rule is None or rule.anchor != "appointment":
            continue
        key = {"name": obligation.name, "cycle": obligation.cycle}
        due = iso_utc(clocks.due(rule, order, at)[1])
        if obligation.state(at) == "missed":
            yield {"op": "void", **key, "at": iso_utc(at)}
            yield _opened(rule, order, at, clocks, held)
            continue
        if obligation.stopped_at(at):
            yield {"op": "resume", **key, "at": iso_utc(at), "due_at": due}
        yield {"op": "move", **key, "id": rule.id, "due_at": due}


# What the resident holds up, and what sets the clock going again (SLA-3). An appointment ahead ends by itself.
_STOPS: Mapping[str, str] = {"absent": "absent", "quote": "consent"}
_RESUMES: Mapping[str, tuple[str, ...]] = {
    "absent": ("arrive", "start"),
    "consent": ("consent", "start"),
    "appointment": ("arrive", "start"),
}
_RESUMES_ALL = ("arrive", "start", "assign")


def _stops(
    obligation: Obligation,
    rule: ObligationRule,
    event: str,
    at: datetime,
    reason: str | None,
    order: Subject,
    clocks: Clocks,
) -> Iterator[Change]:
    """The clock stops, goes on, or is moved with an appointment; each names the deadline that follows from it."""
    key = {"name": obligation.name, "cycle": obligation.cycle}
    start = order.appointment_start
    ahead = start if start is not None and start > at and "appointment" in rule.pauses else None
    wanted = reason if event == "pause" else _STOPS.get(event)
    if event == "quote" and not order.awaits_consent:
        wanted = None
    stop = obligation.stops[-1].reason if obligation.stopped_at(at) else None
    if stop is not None and _goes_on(stop, event, appointed=start is not None, stops_anew=wanted in rule.pauses):
        yield (going := _resumed(obligation, rule, at, clocks))
        obligation, stop = _resume(obligation, going), None
    if stop is not None:
        return
    if wanted in rule.pauses:
        yield {"op": "stop", **key, "reason": wanted, "at": iso_utc(at)}
    elif ahead and event in ("intake", "reschedule", "consent"):
        due = clocks.moved(rule, obligation.due_at, at, ahead)
        yield {
            "op": "stop", **key, "reason": "appointment", "at": iso_utc(at), "until": iso_utc(ahead),
            "due_at": iso_utc(due),
        }  # fmt: skip


def _goes_on(stop: str, event: str, *, appointed: bool, stops_anew: bool) -> bool:
    """Whether a stop for this reason ends with this event; another stop may follow it at once."""
    if event == "reschedule" and appointed:
        # The new appointment takes the place of what the visit waited for, but for a fee nobody agreed to yet.
        return stop != "consent"
    # A conversion hands the matter over, and the clock runs on whatever stopped it (COO-1).
    return event == "convert" or event in _RESUMES.get(stop, _RESUMES_ALL) or (stop == "appointment" and stops_anew)


def re_aimed(order: Subject, at: datetime, policies: Policies, clocks: Clocks) -> list[Change]:
    """The deadlines that follow from a corrected priority, category or kind; anchors and stops are kept.

    A clock that no declaration gives the order any more becomes void; what was due before stays missed (SLA-3).
    """
    out: list[Change] = []
    for obligation in order.obligations:
        if not obligation.running or obligation.state(at) == "missed":
            continue
        key = {"name": obligation.name, "cycle": obligation.cycle}
        rule = _successor(obligation, policies, order)
        if rule is None:
            out.append({"op": "void", **key, "at": iso_utc(at)})
            continue
        due = _from_anchor(rule, obligation, order, clocks)
        if due != obligation.due_at or rule.id != obligation.id:
            out.append({"op": "move", **key, "id": rule.id, "due_at": iso_utc(due)})
    return out


def _successor(obligation: Obligation, policies: Policies, order: Subject) -> ObligationRule | None:
    """The declaration that an open obligation goes by now: the first that fits of those that open by the same entry."""
    declared = next((r for r in policies.obligations if r.id == obligation.id), None)
    starts = set(declared.starts) if declared else set()
    named = (r for r in policies.obligations if r.name == obligation.name and starts & set(r.starts))
    return next((r for r in named if fits_any_reason(r, order)), None)


def fits_any_reason(rule: ObligationRule, order: Subject) -> bool:
    """``fits`` for an obligation that is open already, whose opening reason is history."""
    return fits(rule._replace(reasons=()), order)


def _from_anchor(rule: ObligationRule, obligation: Obligation, order: Subject, clocks: Clocks) -> datetime:
    """The deadline counted anew from where the clock started, every stop laid over it again."""
    _, due = clocks.due(rule, order, obligation.starts_at)
    for stop in obligation.stops:
        if stop.until is not None and stop.reason in rule.pauses:
            due = clocks.moved(rule, due, stop.since, stop.until)
    return due


def apply(held: tuple[Obligation, ...], entry_changes: Iterable[Change], at: datetime) -> tuple[Obligation, ...]:
    """The obligations of an order after an entry's changes."""
    by_key = {(o.name, o.cycle): o for o in held}
    for change in entry_changes:
        key = (change["name"], change["cycle"])
        by_key[key] = _apply_one(by_key.get(key), change, at)
    return tuple(by_key.values())


def _open(_: Obligation | None, c: Change, at: datetime) -> Obligation:
    starts, due = from_iso(c["starts_at"]), from_iso(c["due_at"])
    return Obligation(c["id"], c["name"], c["cycle"], c["rule"], c["owner"], starts, due)


def _stop(o: Obligation, c: Change) -> Obligation:
    until = from_iso(c["until"]) if c.get("until") else None
    due = from_iso(c["due_at"]) if c.get("due_at") else o.due_at
    return o._replace(stops=(*o.stops, Stop(c["reason"], from_iso(c["at"]), until)), due_at=due)


def _resume(o: Obligation, c: Change) -> Obligation:
    last = o.stops[-1]._replace(until=from_iso(c["at"]))
    return o._replace(stops=(*o.stops[:-1], last), due_at=from_iso(c["due_at"]))


_APPLY: Mapping[str, Callable[[Obligation, Change], Obligation]] = {
    "meet": lambda o, c: o._replace(met_at=from_iso(c["at"])),
    "void": lambda o, c: o._replace(void_at=from_iso(c["at"])),
    "stop": _stop,
    "resume": _resume,
    "move": lambda o, c: o._replace(due_at=from_iso(c["due_at"]), id=c.get("id", o.id)),
}


def _apply_one(held: Obligation | None, change: Change, at: datetime) -> Obligation:
    if held is None or change["op"] == "open":
        return _open(held, change, at)
    return _APPLY[change["op"]](held, change)
