"""What an entry does to the obligations of its order: opens, meets, voids, stops, moves them, as data that it keeps.

The policies declare the obligations (``policy.ObligationRule``). ``changes`` answers for one entry, from the order and
the declarations alone; what it answers is folded back by ``obligations.apply``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from repairdesk.domain import periods
from repairdesk.domain.clocks import Clocks
from repairdesk.domain.obligations import Change, Obligation, applied, resume
from repairdesk.domain.policy import ObligationRule, Policies
from repairdesk.domain.subject import Subject, fits, fits_any_reason
from repairdesk.domain.times import iso_utc
from repairdesk.domain.vocabulary import LOW_RATINGS

_CHECKED = "check-{role}"


def amounts_to(event: str, data: Mapping[str, Any], state: str | None) -> tuple[str, ...]:
    """What an entry is for the obligations: its own name first, then what else it amounts to.

    ``state`` is the order's before it. From the entry alone, so that the clocks can be judged again at any time.
    """
    more: list[str] = []
    if event == "intake":
        more = ["register", *(name for name in ("advised", "coordinated") if data.get(name))]
        more += ["routed"] if data.get("department") else []
    elif event == "infeasible":
        more = ["quote", "cancel"]
    elif event == "assign" and state == "advised":
        more = ["taken-up", *(["coordinated"] if data.get("coordinated") else [])]
    elif event == "check":
        more = [_CHECKED.format(role=data["role"])]
    elif event == "finish":
        # The shorter of the two first: both are one call (FIN-2).
        more = sorted(data.get("follow_up") or (), reverse=True)
    elif event == "reschedule" and data.get("role") in EXPLAINERS:
        # Who agrees another time gives the reason and the time: from the supervisor that is the explanation (VIS-10).
        more = ["explain"]
    elif event == "sign":
        more = _rated(data.get("rating"))
    elif event == "hear":
        more = [f"hear-{data['role']}"]
    elif event == "callback" and data["outcome"] == "unreached":
        return ("unreached",)
    elif event == "callback" and data.get("letter"):
        # A letter answers a complaint; that somebody is spoken to, or by whom, it does not stand for (CAL-6).
        return ("letter",)
    elif event == "callback" and data.get("role"):
        # What was owed is met first: a next call that is agreed in the same one is owed anew (CAL-5).
        more = [f"callback-{data['role']}", *([f"call-again-{data['role']}"] if data["next"] else [])]
    return (event, *more)


def _rated(rating: str | None) -> list[str]:
    """What a rating obliges to, from a low one on (FIN-4)."""
    return [*(["low-rating"] if rating in LOW_RATINGS else []), *(["dissatisfied"] if rating == "dissatisfied" else [])]


EXPLAINERS = ("supervisor", "manager")
"""Who tells a resident why work waits (VIS-10)."""
AIMING = frozenset(("priority", "category", "channel", "severity", "department"))
"""The fields after whose correction open deadlines are counted anew."""


class Keeping:
    """The obligations of an order while one entry changes them: what is noted is at once held."""

    def __init__(self, order: Subject, at: datetime, policies: Policies, clocks: Clocks) -> None:
        self.order, self.at, self.policies, self.clocks = order, at, policies, clocks
        self._by_id = clocks.declared(policies.obligations).by_id
        self._held = {(o.name, o.cycle): o for o in order.obligations}
        self._noted: list[Change] = []

    def held(self) -> list[Obligation]:
        """All of them, as they are now."""
        return list(self._held.values())

    def running(self) -> list[tuple[Obligation, ObligationRule]]:
        """What is still owed and declared, with its declaration."""
        return [(o, self._by_id[o.id]) for o in self._held.values() if o.running and o.id in self._by_id]

    def note(self, change: Change) -> None:
        """One more change."""
        self._noted.append(change)
        key = (change["name"], change["cycle"])
        self._held[key] = applied(self._held.get(key), change)

    def latest(self, name: str) -> Obligation:
        """The last cycle of what is owed by that name."""
        return max((o for o in self._held.values() if o.name == name), key=lambda o: o.cycle)

    def catch_up(self) -> None:
        """What is owed each week or month is owed for every one that has begun, whenever anybody looks (COO-3)."""
        for obligation, rule in self.running():
            last = obligation
            while rule.each and last == self.latest(last.name) and last.due_at < self.at:
                last = self.renew(last, rule)

    def renew(self, last: Obligation, rule: ObligationRule) -> Obligation:
        """The next period of what is owed in each; answers with it."""
        assert rule.each is not None
        self.note(_opening_of(rule, self.held(), *periods.following(rule.each, last.due_at, self.clocks.zone)))
        if last.running:
            self.note({"op": "pass", "name": last.name, "cycle": last.cycle})
        return self.latest(last.name)

    def changes(self) -> list[Change]:
        """What was noted; each obligation's last change says when the nightly run has to do with it next."""
        last = {(change["name"], change["cycle"]): change for change in self._noted}
        for key, change in last.items():
            obligation = self._held[key]
            rule = self._by_id.get(obligation.id)
            if not obligation.running or rule is None:
                continue
            wanted = self._next(obligation, rule)
            if wanted != obligation.next_at:
                change["next_at"] = iso_utc(wanted) if wanted else None
            covered = self.clocks.covers(rule, obligation.starts_at, obligation.due_at)
            if not covered and not obligation.provisional:
                change["provisional"] = True  # What was moved may have been moved beyond the known days (SLA-2).
        return self._noted

    def _next(self, obligation: Obligation, rule: ObligationRule) -> datetime | None:
        stop = obligation.stops[-1] if obligation.stops else None
        if stop is not None and stop.until is None and stop.since <= obligation.due_at:
            return None
        steps = self.policies.ladders.get(rule.ladder or "", ())
        moments = [self.clocks.step(rule, obligation.due_at, s.after) for s in steps[obligation.level :][:1]]
        # Strictly after the deadline there is a period to open, or an order to convert.
        if rule.overdue == "convert" or (rule.each and obligation == self.latest(obligation.name)):
            moments.append(obligation.due_at)
        return min(moments, default=None)


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
        events: what the entry amounts to (``amounts_to``).
        at: when it happened.
        reason: the reason that the entry gives: of a pause, say.
        recorded_at: when it was written down, which is what meets ``register`` (INT-4).
    """
    keeping = Keeping(order, at, policies, clocks)
    keeping.catch_up()
    for event in events:
        _end(keeping, event, recorded_at if event == "register" and recorded_at else at)
        if event == "reschedule":
            for change in list(_re_appointed(order, at, policies, clocks, keeping.held())):
                keeping.note(change)
        starting = clocks.declared(policies.obligations).by_start.get(event)
        for rule in _opening(starting, order, event, reason, keeping.held()) if starting else ():
            keeping.note(_opened(rule, order, at, clocks, keeping.held()))
    for obligation, rule in keeping.running():
        for change in _stops(obligation, rule, events[0], at, reason, order, clocks):
            keeping.note(change)
    return keeping.changes()


def _end(keeping: Keeping, event: str, at: datetime) -> None:
    """What this event meets, excuses or voids; of what is owed in each period the next one is opened."""
    renewed: list[tuple[str, ObligationRule]] = []
    running = keeping.running()
    begun = {o.name for o in keeping.held() if o.starts_at <= at}
    for obligation, rule in running:
        if event == "void":
            keeping.note({"op": "void", "name": obligation.name, "cycle": obligation.cycle, "at": iso_utc(at)})
            continue
        if rule.each and event not in rule.voids and not _its_period(obligation, event in rule.skips, at, begun):
            continue
        ended = list(_ended(obligation, rule, event, at, keeping))
        for change in ended:
            keeping.note(change)
        if ended and rule.each and event not in rule.voids:
            renewed.append((obligation.name, rule))
    for name, rule in renewed:
        last = keeping.latest(name)
        if not last.running:
            keeping.renew(last, rule)


def _ended(
    obligation: Obligation, rule: ObligationRule, event: str, at: datetime, keeping: Keeping
) -> Iterator[Change]:
    """Met or voided by this event, if either; a clock that stood still is judged by the deadline that the stop gave."""
    op = "meet" if event in rule.meets else "void" if event in rule.voids or event in rule.skips else None
    if op is None:
        return
    key = {"name": obligation.name, "cycle": obligation.cycle}
    if op == "meet" and obligation.done + 1 < obligation.times and at <= obligation.due_at:
        yield {"op": "count", **key}
        return
    if obligation.stopped_at(at):
        yield _resumed(obligation, rule, at, keeping.clocks)
    yield {"op": op, **key, "at": iso_utc(at)}


def _its_period(obligation: Obligation, excused: bool, at: datetime, begun: Collection[str]) -> bool:
    """Whether this period has begun; where none has ever, an excuse is for the one that comes first."""
    return obligation.starts_at <= at or (excused and obligation.name not in begun)


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
    """The declarations that this event opens: of each name the first that fits, and none that is owed already.

    ``rules`` are those that it could open.
    """
    owed = {o.name for o in held if o.running}
    ever = {o.name for o in held}
    seen: set[str] = set()
    for rule in rules:
        if rule.name in seen or not fits(rule, order, reason):
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
    opened = _opening_of(rule, held, starts, due)
    return opened if clocks.covers(rule, starts, due) else {**opened, "provisional": True}


def _opening_of(rule: ObligationRule, held: Iterable[Obligation], starts: datetime, due: datetime) -> Change:
    often = {"times": rule.times} if rule.times > 1 else {}
    return {
        "op": "open",
        "id": rule.id,
        "name": rule.name,
        "cycle": 1 + sum(o.name == rule.name for o in held),
        "rule": rule.rule,
        "owner": rule.owner,
        "starts_at": iso_utc(starts),
        "due_at": iso_utc(due),
        **often,
    }


def _re_appointed(
    order: Subject, at: datetime, policies: Policies, clocks: Clocks, held: Sequence[Obligation]
) -> Iterator[Change]:
    """A new appointment: what is owed ahead of one follows it, also what had been owed without one (VIS-4).

    A visit that was missed already stays missed; the new one is owed anew.
    """
    for obligation in held:
        rule = next((r for r in policies.obligations if r.name == obligation.name and fits_any_reason(r, order)), None)
        if not obligation.running or rule is None or rule.anchor not in ("appointment", "day"):
            continue
        key = {"name": obligation.name, "cycle": obligation.cycle}
        due = iso_utc(clocks.due(rule, order, at)[1])
        if rule.anchor == "day":
            # What was not finished on its day stays so, whatever is agreed afterwards (COO-1).
            if obligation.state(at) != "missed" and due != iso_utc(obligation.due_at):
                yield {"op": "move", **key, "id": rule.id, "due_at": due}
            continue
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
        obligation, stop = resume(obligation, going), None
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


def re_aimed(order: Subject, before: Subject, at: datetime, policies: Policies, clocks: Clocks) -> list[Change]:
    """The deadlines that follow from a corrected priority, category or kind; anchors and stops are kept.

    A clock that no declaration gives the order any more becomes void; what was due before stays missed (SLA-3). What
    the correction leaves as it was (``before``) is not counted anew, whatever table of holidays holds by now (REC-4).
    """
    keeping = Keeping(order, at, policies, clocks)
    for obligation in order.obligations:
        if not obligation.running or obligation.state(at) == "missed":
            continue
        key = {"name": obligation.name, "cycle": obligation.cycle}
        rule = _successor(obligation, policies, order)
        if rule is None:
            keeping.note({"op": "void", **key, "at": iso_utc(at)})
            continue
        if obligation.stopped_at(at) and obligation.stops[-1].reason not in rule.pauses:
            # What holds the clock up is no reason by this declaration: it goes on, as if it had never stood still.
            keeping.note({"op": "resume", **key, "at": iso_utc(at), "due_at": iso_utc(obligation.due_at)})
        same = rule.id == obligation.id and _from_anchor(rule, obligation, before, clocks) == _from_anchor(
            rule, obligation, order, clocks
        )
        due = obligation.due_at if rule.each or same else _from_anchor(rule, obligation, order, clocks)
        if due != obligation.due_at or rule.id != obligation.id:
            # What is counted anew is counted by all the days that are known by now.
            known = {"provisional": False} if obligation.provisional else {}
            # Graver than was thought, it is another's to do (CAL-3).
            another = {"owner": rule.owner} if rule.owner != obligation.owner else {}
            keeping.note({"op": "move", **key, "id": rule.id, "due_at": iso_utc(due), **another, **known})
    return keeping.changes()


def settled_days(order: Subject, at: datetime, policies: Policies, clocks: Clocks) -> list[Change]:
    """The provisional deadlines that the table of public holidays reaches by now, counted by it (SLA-2)."""
    keeping = Keeping(order, at, policies, clocks)
    for obligation, rule in keeping.running():
        if not obligation.provisional or obligation.state(at) == "missed":
            continue
        due = _from_anchor(rule, obligation, order, clocks)
        if clocks.covers(rule, obligation.starts_at, due):
            key = {"name": obligation.name, "cycle": obligation.cycle}
            keeping.note({"op": "move", **key, "due_at": iso_utc(due), "provisional": False})
    return keeping.changes()


def let_go(order: Subject, at: datetime, policies: Policies, clocks: Clocks) -> list[Change]:
    """What is still owed of an order whose history ended in another system is owed no more: it was missed or it was
    not, and nobody is told of it (SLA-4)."""
    keeping = Keeping(order, at, policies, clocks)
    for obligation, rule in keeping.running():
        if obligation.stopped_at(at):
            keeping.note(_resumed(obligation, rule, at, clocks))
        keeping.note({"op": "void", "name": obligation.name, "cycle": obligation.cycle, "at": iso_utc(at)})
    return keeping.changes()


def taken_over(order: Subject, at: datetime, policies: Policies, clocks: Clocks) -> list[Change]:
    """What was overdue in another system was missed there; from now on the same is owed here, as if it began now.

    Nothing of it, nor of what was still ahead there, is due before the desk has had a day for it, and nothing converts
    before two: so neither of the next nights has hundreds of messages to send.
    """
    keeping = Keeping(order, at, policies, clocks)
    keeping.catch_up()
    for obligation, rule in keeping.running():
        # What stands still with no end in sight is not overdue, nor will it be of itself.
        if rule.each or _stands_still(obligation, at):
            continue
        key = {"name": obligation.name, "cycle": obligation.cycle}
        first = at + (_CONVERTED if rule.overdue == "convert" else _GRACE)
        if obligation.state(at) != "missed":
            if obligation.due_at < first:
                keeping.note({"op": "move", **key, "due_at": iso_utc(first)})
            continue
        keeping.note({"op": "void", **key, "at": iso_utc(at)})
        _, due = clocks.due(rule, order, at)
        if due <= at:
            # Counted from the report, or from a day that is over: so long from now on.
            due = at + (obligation.due_at - obligation.starts_at)
        keeping.note(_opening_of(rule, keeping.held(), at, max(due, first)))
    return keeping.changes()


def _stands_still(obligation: Obligation, at: datetime) -> bool:
    return obligation.state(at) == "paused" and obligation.stops[-1].until is None


_GRACE, _CONVERTED = timedelta(days=1), timedelta(days=2)
"""What is taken over is due, and what converts an order is, no sooner than this."""


def restored(
    order: Subject, before: Sequence[Obligation], at: datetime, policies: Policies, clocks: Clocks
) -> list[Change]:
    """The obligations as they were before a conversion that is taken back (REC-2); a level that was told stays told."""
    keeping = Keeping(order, at, policies, clocks)
    was = {(o.name, o.cycle): o for o in before}
    for now in order.obligations:
        key = {"name": now.name, "cycle": now.cycle}
        old = was.get((now.name, now.cycle))
        if old is None and now.running:
            keeping.note({"op": "void", **key, "at": iso_utc(at)})
        elif old is not None and (old.void_at, old.stops) != (now.void_at, now.stops):
            stops = [
                {"reason": s.reason, "since": iso_utc(s.since), "until": iso_utc(s.until) if s.until else None}
                for s in old.stops
            ]
            # A deadline that was corrected since stays so; only what the conversion moved goes back.
            due = old.due_at if old.stops != now.stops and old.id == now.id else now.due_at
            keeping.note({"op": "restore", **key, "due_at": iso_utc(due), "stops": stops})
    return keeping.changes()


def _successor(obligation: Obligation, policies: Policies, order: Subject) -> ObligationRule | None:
    """The declaration that an open obligation goes by now: the first that fits of those that open by the same entry."""
    declared = next((r for r in policies.obligations if r.id == obligation.id), None)
    starts = set(declared.starts) if declared else set()
    named = (r for r in policies.obligations if r.name == obligation.name and starts & set(r.starts))
    return next((r for r in named if fits_any_reason(r, order)), None)


def _from_anchor(rule: ObligationRule, obligation: Obligation, order: Subject, clocks: Clocks) -> datetime:
    """The deadline counted anew from where the clock started, every stop laid over it again."""
    _, due = clocks.due(rule, order, obligation.starts_at)
    for stop in obligation.stops:
        if stop.until is not None and stop.reason in rule.pauses:
            due = clocks.moved(rule, due, stop.since, stop.until)
    return due
