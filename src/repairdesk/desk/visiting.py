"""On site: arrive, start, pause, support, returned, finish (VIS-*, FIN-1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from repairdesk.desk.base import Base
from repairdesk.desk.slip import Slip
from repairdesk.desk.turn import Answer, By, Turn, When, fetch, stamp, told
from repairdesk.domain.money import fen, yuan
from repairdesk.domain.order import Order
from repairdesk.domain.times import from_iso
from repairdesk.domain.vocabulary import DISTURBANCES, PAUSE_REASONS
from repairdesk.errors import N_, UsageError, Word

if TYPE_CHECKING:
    from repairdesk.desk.billing import Made

HELD_UP = ("parts", "supplier")
"""Why work waits that is brought to the supervisor (VIS-10)."""


@dataclass(frozen=True, slots=True)
class Work(Slip):
    """What the technician reports at the end (FIN-1), as typed, with the slip that the bill is made of.

    ``refused`` is a needed replacement that the resident did not want; what was ``explained`` about it and what was
    ``made_safe`` go on record with it (QUO-5).
    """

    result: str
    found: str | None = None
    checks: tuple[str, ...] = ()
    unsure: bool = False
    untested: bool = False
    damage: str | None = None
    compensation: str | None = None
    refused: str | None = None
    explained: str | None = None
    made_safe: str | None = None


class Visiting(Base):
    """The technician's half of an order."""

    def arrive(self, by: By, number: str, *, found: str | None = None, nobody_home: bool = False) -> Answer:
        """The technician is there (ASG-2, VIS-2), or finds nobody home and leaves a card (VIS-4)."""
        with self.turn(by) as turn:
            order = turn.load(number)
            if nobody_home:
                turn.permit("absent")
                turn.record("absent", {"card": True})
            else:
                turn.permit("arrive")
                turn.record("arrive", {"found": _said(found), **_lateness(turn, order)})
            return turn.answer()

    def start(
        self, by: By, number: str, *, found: str | None = None, checks: Sequence[str] = (),
        reason: str | None = None, agreed_by: str | None = None, disturbs: Sequence[str] = (),
    ) -> Answer:  # fmt: skip
        """Service begins; handling time runs from here (VIS-1). It counts as arrival where there was none."""
        for one in disturbs:
            _among(one, DISTURBANCES, "disturbs", "VIS-9")
        found, reason, agreed_by = _said(found), _said(reason), _said(agreed_by)
        with self.turn(by) as turn:
            order = turn.load(number)
            _check_items(turn, order, checks)
            brings = list(dict.fromkeys((*_disturbances(turn, order), *disturbs)))
            turn.permit("start", reason=reason, disturbs=brings, agreed_by=agreed_by)
            late = _lateness(turn, order) if order.running_visit is None else {}
            said = {"found": found, "reason": reason, "agreed_by": agreed_by, "disturbs": brings}
            turn.record("start", {**late, "checks": list(checks), **said})
            return turn.answer()

    def pause(
        self, by: By, number: str, *, reason: str, next_at: When, note: str | None = None,
        taken: Sequence[str] = (), loaner: str | None = None, checks: Sequence[str] = (),
        damage: str | None = None, compensation: str | None = None, major: bool = False,
    ) -> Answer:  # fmt: skip
        """Work is left unfinished: why, who is responsible, and when it goes on (VIS-5, VIS-6, VIS-10).

        What lacks parts or waits for a supplier is brought to whom the policies name; a ``major`` matter higher up.
        """
        _among(reason, PAUSE_REASONS, "reason", "VIS-5")
        with self.turn(by) as turn:
            next_time = turn.time(next_at)
            assert next_time is not None
            if reason == "taken-away" and not taken and note:
                taken = (note,)
            if (reason == "taken-away") != bool(taken):
                raise UsageError(N_("what is taken away is listed (--item), with the reason taken-away"), rule="VIS-6")
            damages = _damages(damage, compensation)
            order = turn.load(number)
            _check_items(turn, order, checks)
            turn.permit("pause", next=next_time)
            data = {
                "at": stamp(turn.at),
                "reason": reason,
                "next": stamp(next_time),
                "note": note,
                "taken": [{"item": item, "loaner": loaner} for item in taken],
                "checks": list(checks),
                "damages": damages,
            }
            if major or reason in HELD_UP:
                _bring(turn, data, major)
            else:
                turn.record("pause", data)
            return turn.answer()

    def support(self, by: By, number: str, *, reason: str) -> Answer:
        """The technician asks for support; the leader is told (ASG-4)."""
        told(reason=reason)
        with self.turn(by) as turn:
            turn.load(number)
            turn.permit("support")
            turn.record("support", {"reason": reason})
            people = [d["id"] for d in turn.ledger.staff() if d["role"] == "leader" and not d["retired"]]
            turn.remark(N_("tell {people} that support is asked for"), people=people or [Word("leader")])
            return turn.answer()

    def returned(self, by: By, number: str, items: Sequence[str]) -> Answer:
        """What was taken away is back (VIS-6)."""
        with self.turn(by) as turn:
            turn.load(number)
            turn.permit("returned", items=list(items))
            turn.record("returned", {"items": list(items)})
            return turn.answer()

    def finish(self, by: By, number: str, work: Work) -> Answer:
        """Work is done: the bill is made and frozen (FIN-1, FEE-8); of a coordination order, its result (COO-5)."""
        told(result=work.result)
        from repairdesk.desk import billing

        refusals = _refusals(work)
        if work.reason is not None and work.reduce is None:
            raise UsageError(N_("{option} belongs to {other}"), rule="FEE-6", option="--reason", other="--reduce")
        with self.turn(by) as turn:
            billing.understand(turn, work)
            damages = _damages(work.damage, work.compensation)
            order = turn.load(number)
            if order.is_coordination:
                return self._finish_coordination(turn, order, work)
            if not (_said(work.found) or order.found):
                raise UsageError(N_("missing: {fields}"), rule="FIN-1", fields=["found"], extra={"missing": ["found"]})
            _check_items(turn, order, work.checks)
            made = billing.at_finish(turn, order, work)
            turn.permit("finish", **made.attempt)
            if made.approver is not None:
                turn.agreed("reduce", made.approver)
            follow_up = [name for name, said in (("unsure", work.unsure), ("untested", work.untested)) if said]
            data = {
                "found": _said(work.found),
                "result": work.result,
                "bill": made.as_json,
                "refusals": refusals,
                "checks": list(work.checks),
                "follow_up": follow_up,
                "damages": damages,
            }
            turn.record("finish", data)
            _remark_missed_checks(turn)
            _remark_bill(turn, order, work, made)
            return turn.answer()

    def _finish_coordination(self, turn: Turn, order: Order, work: Work) -> Answer:
        if replace(work, result="", found=None) != Work(result=""):
            raise UsageError(
                N_(
                    "a coordination order keeps found and result alone; visits and bills are work orders that follow it"
                ),
                rule="COO-1",
            )
        turn.permit("finish")
        turn.record("finish", {"found": work.found, "result": work.result})
        assert order.converted_from is not None
        converted = fetch(turn.ledger, order.converted_from)
        turn.record_on(converted, "settled", {"coordination": order.number}, system=True)
        return turn.answer()


def _bring(turn: Turn, data: dict[str, Any], major: bool) -> None:
    """Record the pause with who is told of it at once, and queue that (VIS-10)."""
    from repairdesk.desk import roster

    whom = turn.rules.policies.held_up
    people = roster.reached(turn, whom.major if major else whom.told)
    turn.record("pause", {**data, "major": major, "told": people})
    roster.tell_at_once(turn, people, "held-up", "VIS-10")
    if people:
        named = [Word(one) for one in people]
        said = N_("bring this to {people}")
        if data["reason"] in HELD_UP:
            said = N_("bring this to {people}: the resident is told why and until when (explain)")
        turn.remark(said, people=named)


def _said(text: str | None) -> str | None:
    """What was said; blanks are nothing."""
    return (text or "").strip() or None


def _refusals(work: Work) -> list[dict[str, Any]]:
    """A needed replacement that the resident refused: the explanation, and what was made safe (QUO-5).

    Raises:
        UsageError: one of the three is said without the others; names what is missing.
    """
    said = {"refused": work.refused, "explained": work.explained, "made_safe": work.made_safe}
    gaps = [name for name, text in said.items() if not (text or "").strip()]
    if len(gaps) == len(said):
        return []
    if gaps:
        raise UsageError(N_("missing: {fields}"), rule="QUO-5", fields=gaps, extra={"missing": gaps})
    return [said]


def _remark_bill(turn: Turn, order: Order, work: Work, made: Made) -> None:
    """What a reader of the bill would ask about."""
    from repairdesk.desk import billing

    reviewed = order.agreed_review
    if work.services and reviewed is not None and not billing.bears_review(made, turn.rules_of(order)):
        turn.remark(
            N_("the reviewed fee of {fee} is not on the bill: the services named here stand in its place"),
            fee=yuan(reviewed),
        )
    if billing.warranty_runs(order, work, turn.at, turn.rules_of(order)):
        turn.remark(
            N_("the order says that a warranty runs until {until}: --warranty, or --user-damage, says how it is meant"),
            until=order.warranty_until,
        )


def _lateness(turn: Turn, order: Order) -> dict[str, Any]:
    """How late this arrival is, and whether that counts apart (VIS-2)."""
    late = late_seconds(order, turn.at)
    return {"late_seconds": late, "late_apart": late >= turn.rules_of(order).policies.late_visit}


def late_seconds(order: Order, at: datetime) -> int:
    """How late an arrival is: after the agreed start, else after the time that the policies give (VIS-2)."""
    left = order.pauses[-1] if order.state == "paused" else None
    appointed = order.appointment_start
    if left and (appointed is None or appointed <= from_iso(left["at"])):
        # A further visit is measured against the time that was named when the work was left (VIS-5).
        promised = from_iso(left["next"])
    elif appointed is not None:
        promised = appointed
    else:
        owed = [o for o in order.obligations if o.name == "arrive" and o.running]
        if not owed:
            return 0
        promised = owed[-1].due_at
        stop = owed[-1].stops[-1] if owed[-1].stops else None
        if stop is not None and stop.until is None and stop.since <= promised:
            promised += at - stop.since  # Whoever was not at home held the clock up (VIS-4).
    return max(0, int((at - promised).total_seconds()))


def _among(value: str, known: Sequence[str], field: str, rule: str) -> None:
    if value not in known:
        raise UsageError(
            N_("“{value}” is no {field}; choose: {known}"), rule=rule, value=value, field=field, known=list(known)
        )


def _check_items(turn: Turn, order: Order, checks: Sequence[str]) -> None:
    known = [item.code for item in turn.rules_of(order).policies.checklists.get(order.kind, ())]
    for code in checks:
        _among(code, known, "check", "VIS-3")


def _remark_missed_checks(turn: Turn) -> None:
    """What the checklist asks for and no visit ticked counts in the technician's report (VIS-3)."""
    order = turn.order
    ticked = {code for visit in order.visits for code in visit.checks}
    wanted = turn.rules_of(order).policies.checklists.get(order.kind, ())
    missed = [item.name for item in wanted if item.code not in ticked]
    if missed:
        turn.remark(N_("the checklist lacks: {items}"), items=missed)


def _disturbances(turn: Turn, order: Order) -> tuple[str, ...]:
    """What work of this category brings with it, by policy (VIS-9)."""
    category = turn.rules_of(order).policies.categories.get(order.category or "")
    return category.disturbs if category and order.kind == "in_home" else ()


def _damages(damage: str | None, compensation: str | None) -> list[dict[str, Any]]:
    """Damage done, with its compensation in fen (VIS-7)."""
    if not damage:
        if compensation:
            raise UsageError(N_("a compensation belongs to a damage (--damage)"), rule="VIS-7")
        return []
    return [{"what": damage, "compensation": fen(compensation) if compensation else None}]
