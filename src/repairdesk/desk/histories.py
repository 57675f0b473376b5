"""What became of an order in another system: entries with their own times, judged as they happened, or as it was found.

Each step asks the table and its guards like the verb that it is, at its own time and by who did it. Nobody is told of
anything.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, NoReturn

from repairdesk.desk.billing import Made
from repairdesk.desk.reporting import next_number, understood
from repairdesk.desk.turn import Turn, stamp
from repairdesk.desk.verdicts import is_settled
from repairdesk.desk.visiting import late_seconds
from repairdesk.domain import basis as bases
from repairdesk.domain import intake
from repairdesk.domain.basis import Basis, Claim
from repairdesk.domain.bill import Asked
from repairdesk.domain.fees import UNLISTED
from repairdesk.domain.intake import Report
from repairdesk.domain.order import Order
from repairdesk.domain.staff import Person
from repairdesk.errors import N_, DeskError, NotAllowed, UsageError, Word

STEPS = ("reported_at", "assigned_at", "accepted_at", "arrived_at", "started_at", "finished_at", "signed_at",
         "closed_at", "archived_at")  # fmt: skip
"""The times of a history, in the order in which they happen."""
STATES = ("reported", "assigned", "on_site", "finished", "signed", "closed", "archived", "cancelled")
"""What another system can say that became of an order."""
OVER = ("closed", "archived", "cancelled")
"""States of which nothing is owed any more in another system."""
_PHASES = (STATES[:3], STATES[3:7], STATES[7:])
"""Work is under way, done, or called off: within each a status can be ahead of the times, as nobody says when."""


BILLED_THERE = N_("the sum that another system billed: {fee}")
"""Why a line of such a bill is what it is."""


class Refused(Exception):
    """What the rules refuse of a history; ``field`` is the one to blame."""

    def __init__(self, name: str, error: DeskError) -> None:
        super().__init__(str(error))
        self.field, self.error = name, error


@dataclass(frozen=True, slots=True)
class History:
    """An order as another system has it.

    Attributes:
        report: how it began.
        old: everything that was said, by field, in the desk's forms: what the first entry keeps.
        times: by field of ``STEPS``, and ``cancelled_at``.
        clerk, staff, checked_by: who took it in, who was sent, who checked the slip; None: nobody is named.
        fee, agreed: what was billed and what the resident had agreed to, in fen.
        reason: why it was cancelled, or why nobody signed.
        status: one of ``STATES``.
    """

    report: Report
    old: Mapping[str, str]
    times: Mapping[str, datetime]
    clerk: Person | None = None
    staff: Person | None = None
    checked_by: Person | None = None
    found: str | None = None
    result: str | None = None
    fee: int | None = None
    agreed: int | None = None
    rating: str | None = None
    signed_by: str | None = None
    reason: str | None = None
    status: str | None = None

    @property
    def state(self) -> str:
        """The state that the row says, else the one that its furthest time does."""
        return self.status or self.told

    @property
    def told(self) -> str:
        """The state that the furthest time does."""
        if "cancelled_at" in self.times:
            return "cancelled"
        stages = {"archived_at": "archived", "closed_at": "closed", "signed_at": "signed", "finished_at": "finished",
                  "started_at": "on_site", "arrived_at": "on_site", "assigned_at": "assigned"}  # fmt: skip
        return next((state for name, state in stages.items() if name in self.times), "reported")

    @property
    def is_over(self) -> bool:
        """Whether nothing is left to be done."""
        return self.status in OVER or any(name in self.times for name in ("closed_at", "archived_at", "cancelled_at"))


@dataclass(frozen=True, slots=True)
class _Step:
    """One entry to come: when, by whom (None: who takes the file in), what the guards look at and what it keeps."""

    name: str
    event: str
    at: datetime
    by: Person | None
    args: Mapping[str, Any] = field(default_factory=dict)
    data: Mapping[str, Any] = field(default_factory=dict)


def check_past(turn: Turn, history: History) -> None:
    """Whether everything happened already.

    Raises:
        Refused: something is still to come; no history has that.
    """
    for name, at in history.times.items():
        if at > turn.now:
            message = N_("{at} is in the future; now it is {now}")
            raise Refused(name, NotAllowed(message, rule="REC-2", at=at, now=turn.now))


def enter(turn: Turn, history: History) -> Order:
    """Write a history, entry by entry; what is refused leaves nothing of it.

    Raises:
        Refused: the rules do not have it.
    """
    _check_order(history)
    _check_status(history)
    _check_placed(history)
    with turn.writer.savepoint():
        steps = list(_steps(history))
        order = _reported(turn, history, ends=history.is_over and not steps)
        for i, step in enumerate(steps):
            order = _taken(turn, order, step, ends=history.is_over and i == len(steps) - 1)
        if not history.is_over:
            here = turn.again(turn.now)
            here.resume(order)
            order = here.record("taken-over", {"imported": True}, system=True)
    return order


def _check_order(history: History) -> None:
    last, before = history.times["reported_at"], "reported_at"
    for name in (*STEPS[1:], "cancelled_at"):
        at = history.times.get(name)
        if at is None:
            continue
        if at < last:
            message = N_("{name} at {at} is before {other} at {last}")
            error = NotAllowed(message, rule="REC-2", name=Word(name), at=at, other=Word(before), last=last)
            raise Refused(name, error)
        last, before = at, name


def _check_status(history: History) -> None:
    """A state that the times contradict: they go further, or to another end."""
    said, told = history.status, history.told
    if said is None or said == told or {said, told} <= {"closed", "archived"}:
        return
    if not any(said in phase and told in phase for phase in _PHASES) or STATES.index(said) < STATES.index(told):
        message = N_("it is {said}, and by its times {state}")
        raise Refused("status", NotAllowed(message, rule="REC-5", said=Word(said), state=Word(told)))


def _check_placed(one: History) -> None:
    """Whether everything that was said becomes part of an entry: nothing is passed over."""
    if "finished_at" not in one.times:
        for name, part in (("fee", one.fee), ("result", one.result), ("rating", one.rating)):
            if part is not None:
                _lacks(name, "finished_at", "FIN-3" if name == "rating" else "FIN-1")
    if one.reason is not None and not any(name in one.times for name in ("cancelled_at", "closed_at", "signed_at")):
        _lacks("reason", "cancelled_at", "INT-1")


def _steps(one: History) -> Iterator[_Step]:
    """The entries after the report, in their order.

    Raises:
        Refused: something is missing that the life of an order does not go without.
    """
    times = one.times
    if "cancelled_at" in times and any(name in times for name in STEPS[3:]):
        message = N_("what was called off was neither visited nor finished")
        raise Refused("cancelled_at", NotAllowed(message, rule="INT-1"))
    if one.staff or "assigned_at" in times or any(name in times for name in STEPS[2:6]):
        at = _needed(one, "assigned_at", "ASG-3")
        staff = one.staff or _lacks("assigned_at", "staff", "ASG-3")
        yield _Step("staff", "assign", at, one.clerk, {"assignee": staff, "reason": None, "overlapping": []},
                    {"assignee": staff.id, "reason": None, "forced": False})  # fmt: skip
    if "accepted_at" in times:
        yield _Step("accepted_at", "accept", times["accepted_at"], one.staff)
    yield from _work(one)
    yield from _signed(one)
    if "closed_at" in times:
        yield _Step("closed_at", "close", times["closed_at"], one.checked_by, {"out": ()})
    if "archived_at" in times:
        _needed(one, "closed_at", "FIN-5", of="archived_at")
        yield _Step("archived_at", "archive", times["archived_at"], one.clerk)
    if "cancelled_at" in times:
        reason = one.reason or _lacks("cancelled_at", "reason", "INT-1")
        yield _Step("cancelled_at", "cancel", times["cancelled_at"], one.clerk, {}, {"reason": reason})


def _work(one: History) -> Iterator[_Step]:
    """Agreement, arrival, start and finish."""
    times = one.times
    arrived, started = times.get("arrived_at"), times.get("started_at")
    if one.agreed is not None:
        at = arrived or started or times.get("accepted_at") or times.get("assigned_at") or times["reported_at"]
        yield _Step("agreed_fee", "consent", at, one.staff or one.clerk, {"fee": one.agreed}, {"fee": one.agreed})
    if arrived and started:
        yield _Step("arrived_at", "arrive", arrived, one.staff, {}, {"found": one.found})
    # The start counts as arrival where there was none, and an arrival as the start where nobody said when that was.
    begun = started or arrived
    said: dict[str, Any] = {"found": one.found, "reason": None, "agreed_by": None, "disturbs": []}
    if begun:
        yield _Step("started_at" if started else "arrived_at", "start", begun, one.staff,
                    {"reason": None, "disturbs": [], "agreed_by": None}, {"checks": [], **said})  # fmt: skip
    if "finished_at" in times:
        if not begun:
            _lacks("finished_at", "arrived_at", "VIS-1")
        for name in ("found", "result"):
            if getattr(one, name) is None:
                _lacks("finished_at", name, "FIN-1")
        nothing: dict[str, Any] = {name: [] for name in ("refusals", "checks", "follow_up", "damages")}
        kept = {"found": one.found, "result": one.result, **nothing}
        yield _Step("finished_at", "finish", times["finished_at"], one.staff, {"fee": one.fee}, kept)


def _signed(one: History) -> Iterator[_Step]:
    """What is signed without a time of its own was signed when the work was finished."""
    times = one.times
    was_signed = bool(one.signed_by or one.rating or "signed_at" in times)
    if not was_signed and "closed_at" not in times:
        return
    name = "signed_at" if "signed_at" in times else "closed_at" if "closed_at" in times else "rating"
    finished = _needed(one, "finished_at", "FIN-3", of=name)
    at = times.get("signed_at", finished)
    if one.signed_by or one.rating:
        for part in ("signed_by", "rating"):
            if getattr(one, part) is None:
                _lacks(name, part, "FIN-3")
        said = {"by": one.signed_by, "rating": one.rating}
        yield _Step("signed_by", "sign", at, one.staff, said, {**said, "invoice": None})
    else:
        reason = one.reason or _lacks(name, "signed_by", "FIN-3")
        yield _Step("reason", "sign", at, one.checked_by, {"unsigned": True, "reason": reason},
                    {"unsigned_reason": reason})  # fmt: skip


def _needed(one: History, name: str, rule: str, *, of: str = "") -> datetime:
    if name not in one.times:
        _lacks(of or next((later for later in STEPS if later in one.times and later != "reported_at"), "staff"), name,
               rule)  # fmt: skip
    return one.times[name]


def _lacks(of: str, name: str, rule: str) -> NoReturn:
    message = N_("{of} without {missing}: the life of an order does not go without")
    raise Refused(of, NotAllowed(message, rule=rule, of=Word(of), missing=Word(name)))


def _reported(turn: Turn, one: History, *, ends: bool) -> Order:
    """The first entry: what was reported, and everything that the other system says."""
    step = turn.again(one.times["reported_at"], _then(one.clerk))
    try:
        intake.check(one.report)
        data = understood(step, one.report, "intake" if one.clerk else "import")
    except DeskError as refusal:
        missing = refusal.extra.get("missing")
        if missing:
            # A file has columns, and no options.
            refusal = UsageError(N_("missing: {fields}"), rule=refusal.rule, fields=list(missing))
        name = "appointment" if refusal.rule == "INT-5" else "clerk" if one.clerk else "reported_at"
        raise Refused(missing[0] if missing else name, refusal) from None
    return step.begin(next_number(step, "order"), "intake", {**data, **_mark(ends), "old": dict(one.old)})


def _mark(ends: bool) -> dict[str, Any]:
    return {"imported": True, "ends": True} if ends else {"imported": True}


def _then(person: Person | None) -> Person | None:
    """Whoever has left was there then."""
    return person._replace(retired=False) if person else None


def _taken(turn: Turn, order: Order, step: _Step, *, ends: bool) -> Order:
    """One entry, if the table has it."""
    here = turn.again(step.at, _then(step.by))
    here.resume(order)
    args, data = dict(step.args), dict(step.data)
    try:
        if step.event == "assign":
            args["assignee"] = _then(args["assignee"])
        elif step.event == "arrive" or (step.event == "start" and order.running_visit is None):
            late = late_seconds(order, step.at)
            data |= {"late_seconds": late, "late_apart": late >= here.rules_of(order).policies.late_visit}
        elif step.event == "finish":
            fee = args.pop("fee")
            made = billed(here, order.fault, order.category, fee) if fee is not None else None
            data["bill"], args["bill"] = (_kept(made), made.bill) if made else (None, None)
        elif step.event == "archive":
            args["settled"] = order.rating == "dissatisfied" and is_settled(here, order)
        here.permit(step.event, **args)
    except DeskError as refusal:
        raise Refused("fee" if refusal.rule == "QUO-4" and step.event == "finish" else step.name, refusal) from None
    return here.record(step.event, {**data, **_mark(ends)})


def billed(turn: Turn, fault: str | None, category: str | None, fee: int) -> Made:
    """What another system billed, in fen: one line under the words in which it was reported (QUO-2)."""
    day = turn.at.astimezone(turn.rules.zone).date()
    work = Asked(UNLISTED, Decimal(1), None)
    basis = Basis((work,), (), turn.at, Claim(day), reviewed=fee, work=fault or UNLISTED, category=category)
    return Made(bases.price(basis, turn.rules.fees, turn.rules.policies.warranty), basis, None)


def _kept(made: Made) -> dict[str, Any]:
    """A bill that this desk did not make: it is shown, and neither posted nor owed (FEE-7)."""
    bill = made.as_json
    lines = [{**line, "why": {"text": BILLED_THERE, "values": {"fee": line["why"]["values"]["fee"]}}}
             for line in bill["lines"]]  # fmt: skip
    return {**bill, "lines": lines, "imported": True, "basis": {**bill["basis"], "imported": True}}


_AS_THEY_STAND = ("accepted_at", "arrived_at", "finished_at", "signed_at", "archived_at")


def enter_as_found(turn: Turn, one: History, refusal: Refused) -> Order:
    """Write what another system says though the rules refuse it: one entry, in the state that it names.

    Raises:
        Refused: not even a report can be made of it.
    """
    here = turn.again(one.times["reported_at"], None)
    try:
        data = understood(here, one.report._replace(appointment=None), "import")
    except DeskError as why:
        raise Refused("department" if one.report.department else "reported_at", why) from None
    times = {name: stamp(one.times[name]) for name in _AS_THEY_STAND if name in one.times}
    # Nothing more happens to it: from the last that is known of it on it is kept as long as others (RET-1).
    times["ended_at"] = stamp(max(one.times.values()))
    bill = _kept(billed(here, one.report.fault, data["category"], one.fee)) if one.fee is not None else None
    said = {"found": one.found, "result": one.result, "rating": one.rating, "signed_by": one.signed_by}
    kept = {"state": one.state, "times": times, "bill": bill, **said, "ended_reason": one.reason, "old": dict(one.old)}
    refused = {"field": refusal.field, "rule": refusal.error.rule}
    return here.begin(next_number(here, "order"), "as-found", {**data, **kept, "refused": refused, "imported": True})
