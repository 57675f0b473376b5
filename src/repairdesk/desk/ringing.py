"""Calling residents back: what was said goes on record, and meets what was owed (FIN-2, INT-6)."""

from __future__ import annotations

from datetime import datetime

from repairdesk.desk.base import Base
from repairdesk.desk.reporting import take_in
from repairdesk.desk.turn import Answer, By, Turn, When, present, stamp, told
from repairdesk.domain.intake import Report, check
from repairdesk.domain.order import Order
from repairdesk.domain.record import NamedTuple
from repairdesk.domain.vocabulary import CALL_METHODS, CALL_OUTCOMES
from repairdesk.errors import N_, NotAllowed, UsageError


class Said(NamedTuple):
    """What came of a call: the words are trimmed, and None where there are none; ``next_at`` is as typed, or a time."""

    outcome: str
    method: str
    signed_by: str | None = None
    note: str | None = None
    next_at: When = None


class Ringing(Base):
    """The desk's calls to those whose repair is uncertain."""

    def callback(
        self, by: By, number: str, *, outcome: str, method: str, signed_by: str | None = None, note: str | None = None,
        next_at: When = None, rework: bool = False,
    ) -> Answer:  # fmt: skip
        """Record a call, a visit or a letter. Answers with ``callback`` and ``order``, and ``rework`` where asked for.

        A visit carries the resident's signature (CAL-4); after a dissatisfied answer the next call has a time, and is
        owed (CAL-5). Who could not be reached has not been called. ``rework`` takes in an order that follows, by the
        same person and in the same transaction.
        """
        said = Said(outcome, method, (signed_by or "").strip() or None, (note or "").strip() or None, next_at)
        check_said(said)
        if rework and outcome == "unreached":
            raise UsageError(N_("nobody was reached who could ask for rework"), rule="CAL-5")
        with self.turn(by) as turn:
            said = said._replace(next_at=turn.time(next_at))
            turn.load(number)
            order = call(turn, said)
            doc = present(order, turn.rules, turn.now)
            answer = Answer({"callback": doc["callbacks"][-1], "order": doc}, turn.remarks)
            if rework:
                taken = _rework(turn, order, said)
                answer.doc["rework"] = taken.doc
                answer.remarks += taken.remarks
            return answer

    def settle_remark(self, by: By, number: str, *, note: str) -> Answer:
        """How what a resident remarked on in a callback was settled without another call (CAL-7)."""
        told(note=note)
        with self.turn(by) as turn:
            turn.load(number)
            turn.permit("settle-remark")
            turn.record("settle-remark", {"at": stamp(turn.at), "note": note.strip()})
            return turn.answer()


def check_said(said: Said) -> None:
    """Whether what was said of a call fits together.

    Raises:
        UsageError: there is no such outcome or method, a visit was not signed for (CAL-4), or another call was promised
            to somebody who was not reached (CAL-5).
    """
    for name, value, known in (("outcome", said.outcome, CALL_OUTCOMES), ("method", said.method, CALL_METHODS)):
        if value not in known:
            raise UsageError(
                N_("“{value}” is no {field}; choose: {known}"), rule="CAL-5", value=value, field=name, known=list(known)
            )
    if said.method == "visit" and said.outcome != "unreached" and said.signed_by is None:
        raise UsageError(N_("a visit carries the resident's signature: say --signed-by"), rule="CAL-4")
    if said.next_at is not None and said.outcome == "unreached":
        raise UsageError(
            N_("nobody was reached to whom another call could be promised; the call stays due"), rule="CAL-5"
        )


def call(turn: Turn, said: Said) -> Order:
    """Write a call that ``check_said`` found in order, on the order of the turn; ``next_at`` is a time by now.

    Raises:
        NotPermitted, NotAllowed: as the table says. UsageError: a dissatisfied resident is to be called again (CAL-5).
    """
    again = turn.time(said.next_at)
    turn.permit("callback", method=said.method)
    _check_next(said.outcome, again, turn.at)
    return turn.record("callback", {
        "at": stamp(turn.at), "outcome": said.outcome, "method": said.method, "signed_by": said.signed_by,
        "note": said.note, "next": stamp(again) if again else None, "role": turn.actor.role,
    })  # fmt: skip


def _rework(turn: Turn, order: Order, said: Said) -> Answer:
    """The order that follows this one: the same matter at the same place, in the words of the call (CAL-5)."""
    report = Report(
        kind=order.kind, place=order.place_said or order.place, caller=order.caller, phone=order.phone,
        fault=said.note or order.fault, category=order.category, priority=order.priority, severity=order.severity,
        help_class=order.help_class, department=order.department, follows=order.number,
        channel="phone" if said.method == "phone" else None, model=order.model, purchased=order.purchased,
        warranty_until=order.warranty_until, anonymous=order.anonymous, letter_only=order.letter_only,
    )  # fmt: skip
    check(report)
    return take_in(turn.again(turn.at), report, new=True)


def _check_next(outcome: str, again: datetime | None, at: datetime) -> None:
    """After a dissatisfied answer there is a next call, and it lies ahead (CAL-5).

    Raises:
        UsageError: no time is named. NotAllowed: it is past.
    """
    if outcome == "dissatisfied" and again is None:
        raise UsageError(N_("a dissatisfied resident is called again: say when with --next"), rule="CAL-5")
    if again is not None and again <= at:
        raise NotAllowed(N_("the next call lies ahead"), rule="CAL-5")
