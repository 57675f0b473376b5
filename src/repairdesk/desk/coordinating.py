"""Coordination orders (协调单): convert, log, check, exempt; finish, sign, close and archive are shared (COO-*)."""

from __future__ import annotations

from datetime import datetime

from repairdesk.desk.base import Base
from repairdesk.desk.reporting import next_number
from repairdesk.desk.turn import Answer, By, Turn, fetch, stamp, told
from repairdesk.domain.intake import no_stand_in, phone
from repairdesk.domain.order import Order
from repairdesk.domain.record import NamedTuple
from repairdesk.domain.staff import Person


class LogEntry(NamedTuple):
    """What one contact brought (COO-2); its time and the tracker are the entry's own."""

    place: str
    contact: str
    phone: str
    content: str
    opinions: str
    plan: str


class Coordinating(Base):
    """What is not done in time is tracked by one person."""

    def convert(self, by: By, number: str, *, tracker: str, reason: str) -> Answer:
        """Hand the matter to a coordination order with one person who tracks it (COO-1). Answers with the order."""
        told(reason=reason)
        with self.turn(by) as turn:
            turn.load(number)
            person = turn.person(tracker)
            turn.permit("convert", tracker=person, reason=reason)
            converted = hand_to_tracker(turn, person, reason)
            turn.load(converted.number)
            return turn.answer()

    def log(self, by: By, number: str, entry: LogEntry) -> Answer:
        """An entry of the tracker, with all that the record asks for (COO-2)."""
        told(**entry._asdict())
        with self.turn(by) as turn:
            no_stand_in(entry.place)
            said = entry._asdict() | {"phone": phone(entry.phone)}
            turn.load(number)
            turn.permit("log")
            turn.record("log", {"at": stamp(turn.at), **said})
            return turn.answer()

    def check(self, by: By, number: str, *, support: str) -> Answer:
        """A leader's or supervisor's signed inspection, with the support that was given (COO-4)."""
        told(support=support)
        with self.turn(by) as turn:
            turn.load(number)
            turn.permit("check")
            turn.record("check", {"at": stamp(turn.at), "role": turn.actor.role, "support": support})
            return turn.answer()

    def exempt(self, by: By, number: str, *, reason: str) -> Answer:
        """A leader exempts an order from conversion, or a coordination order from its weekly entry (COO-1, COO-3)."""
        told(reason=reason)
        with self.turn(by) as turn:
            turn.load(number)
            turn.permit("exempt")
            turn.record("exempt", {"reason": reason})
            return turn.answer()


def hand_to_tracker(turn: Turn, tracker: Person, reason: str, *, due: datetime | None = None) -> Order:
    """Write what converts the turn's order and opens its coordination order; answers with the converted order.

    One that was opened before and only waited for what else would be keyed in is gone on with (REC-2). ``due`` is when
    the order should have been finished, where the program converts it.
    """
    order, system = turn.order, due is not None
    coordination = order.suspended or next_number(turn, "coordination")
    said = {"coordination": coordination, "tracker": tracker.id, "reason": reason}
    converted = turn.record("convert", {**said, "due_at": stamp(due)} if due else said, system=system)
    if order.suspended:
        opened = fetch(turn.ledger, coordination)
        if opened.tracker != tracker.id and not system:
            turn.record_on(opened, "retrack", {"tracker": tracker.id, "reason": reason})
        return converted
    inherited = "kind priority severity category place place_said caller phone fault".split()
    data = {name: getattr(order, name) for name in inherited} | {
        "converted_from": order.number,
        "tracker": tracker.id,
        "reason": reason,
        "policies_version": order.policies_version,
        "fees_version": order.fees_version,
    }
    turn.begin(coordination, "open", data, system=system)
    return converted
