"""The day's end: which slips went out and which came back (FIN-6), and who hands the desk over to whom (INT-8)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from repairdesk.domain import effects
from repairdesk.domain.counting import counted
from repairdesk.domain.entry import Entry
from repairdesk.domain.obligations import Obligation
from repairdesk.domain.order import Order
from repairdesk.domain.record import NamedTuple
from repairdesk.domain.shape import owner
from repairdesk.domain.staff import Person
from repairdesk.domain.times import iso_utc
from repairdesk.errors import N_, NotPermitted, Word

IN_FIELD = ("assigned", "on_site", "paused")
"""States in which the technician is still at work with the slip."""
OWED_BACK = ("finished", "signed")
"""States in which the work is done and the slip should be back (FIN-5)."""
OUTCOMES = ("back", "ended", "missing", "in_field")
"""What can have become of a slip by the end of the day: one of these, and never two."""

DAY = timedelta(days=1)
GRACE = timedelta(hours=1)
"""Ours: a sheet that is printed so soon after the shifts changed is still about that change (INT-8)."""


# --- slips


class Stay(NamedTuple):
    """A slip in the hands of one technician: since when, until when, and how it left them.

    ``how`` is ``closed`` when it came back; else ``reassigned`` or the state that ended the order (``declined``,
    ``cancelled``, ``converted``). Both are None while the technician has it.
    """

    technician: str
    since: datetime
    until: datetime | None = None
    how: str | None = None


class Slip(NamedTuple):
    """What became of a slip that was out with a technician on a day (FIN-6).

    ``outcome`` is one of ``OUTCOMES``; ``how`` says how it left them, and ``at`` when. ``state`` is the order's, and
    ``state_at`` when it came into it.
    ``owed`` is what the order then owed of bringing the slip back; None: nothing, or not yet.
    """

    technician: str
    number: str
    kind: str
    place: str | None
    state: str
    state_at: datetime
    since: datetime
    outcome: str
    how: str | None
    at: datetime | None
    finished_at: datetime | None
    owed: Obligation | None


def out_on(entries: Iterable[Entry], begins: datetime, moment: datetime) -> list[Slip]:
    """The slips of one order that were out on the day that begins at ``begins``, as they stood at ``moment``.

    A reassigned one was out with both technicians; given out to the same one again it is one slip. The entries count
    by when things happened, so what was keyed in late counts for its own day (REC-2). A coordination order is nobody's
    slip.
    """
    told = [entry for entry in entries if entry.occurred_at <= moment]
    order, stays = _stays(told)
    if order is None or (order.ended_there and _holder(order) is not None):
        # What was over in another system before it was signed or checked is nobody's to bring back here.
        return []
    state_at = _in_state_since(told)
    last = {stay.technician: stay for stay in stays}
    return [_slip(order, stay, state_at) for stay in last.values() if stay.until is None or stay.until >= begins]


def _stays(entries: Iterable[Entry]) -> tuple[Order | None, list[Stay]]:
    """The order that the entries tell, and in whose hands its slip has been, oldest first."""
    order: Order | None = None
    stays: list[Stay] = []
    for entry in entries:
        if _too_early(order, entry):
            continue
        before, order = order, effects.apply(order, entry)
        held, holder = _holder(before), _holder(order)
        if holder == held:
            continue
        if held is not None:
            how = "reassigned" if holder else order.state
            stays[-1] = stays[-1]._replace(until=entry.occurred_at, how=how)
        if holder is None:
            continue
        if before is not None and before.state == "converted" and stays and stays[-1].technician == holder:
            # Nothing leaves that state but a conversion that was taken back: the slip had never left (REC-2).
            stays[-1] = stays[-1]._replace(until=None, how=None)
        else:
            stays.append(Stay(holder, entry.occurred_at))
    return order, stays


def _in_state_since(entries: Iterable[Entry]) -> datetime:
    """When the order that the entries tell came into its state."""
    order: Order | None = None
    since = None
    for entry in entries:
        if _too_early(order, entry):
            continue
        before, order = order, effects.apply(order, entry)
        if before is None or before.state != order.state:
            since = entry.occurred_at
    assert since is not None, "an order has entries"
    return since


def _too_early(order: Order | None, entry: Entry) -> bool:
    """Whether a conversion is taken back that has not come yet: it happened with what was keyed in late."""
    return entry.event == "revert" and (order is None or order.state != "converted")


def _holder(order: Order | None) -> str | None:
    """Who has the slip."""
    if order is None or order.is_coordination or order.state not in (*IN_FIELD, *OWED_BACK):
        return None
    return order.assignee


def _slip(order: Order, stay: Stay, state_at: datetime) -> Slip:
    owed = [one for one in order.obligations if one.name == "slip" and one.running] if stay.until is None else []
    if stay.until is None:
        outcome = "missing" if order.state in OWED_BACK else "in_field"
    else:
        outcome = "back" if stay.how == "closed" else "ended"
    return Slip(
        stay.technician, order.number, order.kind, order.place, order.state, state_at, stay.since, outcome, stay.how,
        stay.until, order.finished_at, owed[-1] if owed else None,
    )  # fmt: skip


class Reconciled(NamedTuple):
    """The slips of one technician on one day, each in ``out`` and under one of the outcomes."""

    technician: str
    out: tuple[Slip, ...]

    def of(self, outcome: str) -> tuple[Slip, ...]:
        """Those with this outcome."""
        return tuple(slip for slip in self.out if slip.outcome == outcome)


def reconciled(slips: Iterable[Slip]) -> list[Reconciled]:
    """The slips of a day by technician (FIN-6), each technician's in the order in which they went out."""
    by: dict[str, list[Slip]] = {}
    for slip in sorted(slips, key=lambda one: (counted(one.technician), one.since, one.number)):
        by.setdefault(slip.technician, []).append(slip)
    return [Reconciled(technician, tuple(theirs)) for technician, theirs in by.items()]


# --- the shift


class Duty(NamedTuple):
    """A span of the roster, half-open."""

    person: Person
    start: datetime
    end: datetime


class Change(NamedTuple):
    """Who goes, who comes, and until when what is promised is theirs to keep."""

    outgoing: tuple[Duty, ...]
    incoming: tuple[Duty, ...]
    until: datetime


def change(people: Iterable[Person], at: datetime, handed_over: datetime | None) -> Change:
    """The change of shifts that a sheet printed at ``at`` is about (INT-8).

    Outgoing is who is on duty; incoming the next to begin within a day, with all who begin before the first of them
    ends. Just after the change, as long as nobody handed over (``handed_over``: the last time anybody did), it is the
    change that has just been. Without a roster nobody is named, and the next shift lasts a day.
    """
    spans = sorted(_spans(people), key=lambda one: (one.start, one.end, counted(one.person.id)))
    about = _about(spans, at, handed_over)
    ahead = [one for one in spans if about < one.start <= about + DAY]
    incoming = tuple(one for one in ahead if one.start < ahead[0].end)
    ends = max((one.end for one in incoming), default=at)
    outgoing = tuple(one for one in spans if one.start <= about < one.end)
    return Change(outgoing, incoming, ends if ends > at else at + DAY)


def _spans(people: Iterable[Person]) -> Iterator[Duty]:
    return (Duty(one, start, end) for one in people if not one.retired for start, end in one.duty)


def _about(spans: Iterable[Duty], at: datetime, handed_over: datetime | None) -> datetime:
    """The moment whose shift is the outgoing one: now, or shortly before the change that has just been."""
    before = at - GRACE
    gone = any(before < one.end <= at for one in spans)
    come = any(before < one.start <= at for one in spans)
    return before if gone and come and (handed_over is None or handed_over <= before) else at


def owing(order: Order, moment: datetime) -> Iterator[dict[str, Any]]:
    """What an order owed at a moment, in the form of ``Reader.due``; the order as its entries until then leave it."""
    same = {name: getattr(order, name) for name in "number kind state place assignee priority tracker".split()}
    for one in order.obligations:
        # What is met by being written down (registering) may have been met later than what was written happened.
        if any(end is not None and end <= moment for end in (one.met_at, one.void_at)):
            continue
        stop = one.stops[-1] if one.stops else None
        yield {
            **same, "name": one.name, "cycle": one.cycle, "rule": one.rule, "owner": owner(one, order),
            "due_at": iso_utc(one.due_at), "level": one.level, "provisional": one.provisional,
            "paused": stop is not None and stop.until is None and stop.since <= one.due_at,
        }  # fmt: skip


def check_taker(giver: Person, taker: Person, roles: Sequence[str]) -> None:
    """Two people sign, and both are of the desk and have one of the roles that hand it over (INT-8).

    Raises:
        NotPermitted: they are one person, or the one who takes over has left or has another role.
    """
    if taker.id == giver.id:
        raise NotPermitted(N_("two people sign the handover: {who} cannot be both"), rule="INT-8", who=giver.id)
    if taker.retired:
        raise NotPermitted(N_("{who} has left the desk"), rule="INT-8", who=taker.id)
    if taker.role not in roles:
        raise NotPermitted(
            N_("{who} ({role}) may not take over; it is for: {roles}"), rule="INT-8", who=taker.id,
            role=Word(taker.role or "no role"), roles=[Word(role) for role in roles],
        )  # fmt: skip


class Happened(NamedTuple):
    """What was written on orders: how often each event, and which orders are new, finished and converted by it."""

    counts: dict[str, int]
    new: tuple[str, ...]
    finished: tuple[str, ...]
    converted: tuple[str, ...]


def happened(written: Iterable[tuple[str, str]]) -> Happened:
    """The sum of what was written, as (number, event), oldest first; a conversion that was taken back is none."""
    counts: dict[str, int] = {}
    told: dict[str, dict[str, None]] = {"intake": {}, "finish": {}, "convert": {}}
    for number, event in written:
        counts[event] = counts.get(event, 0) + 1
        if event in told:
            told[event][number] = None
        elif event == "revert":
            told["convert"].pop(number, None)
    new, finished, converted = (tuple(told[event]) for event in ("intake", "finish", "convert"))
    return Happened(counts, new, finished, converted)
