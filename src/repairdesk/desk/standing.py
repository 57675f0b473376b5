"""The desk as it stood at a time that is over: by when things happened, whenever they were written down (REC-2)."""

from __future__ import annotations

from collections import Counter
from itertools import takewhile
from typing import Any

from repairdesk.desk.turn import Turn, stamp
from repairdesk.domain import effects, lifecycle, shift, staff
from repairdesk.domain.entry import Entry
from repairdesk.domain.order import Order
from repairdesk.domain.shape import Doc, to_doc
from repairdesk.domain.staff import Person

_STAFF = "staff:"


def is_order(number: str) -> bool:
    """Whether a stream is an order's and none of the desk's own."""
    return number != "desk" and ":" not in number


class Standing:
    """What stood at the moment of a turn.

    What has not been written on since then stands as it did, and is read from the tables; the rest is folded anew. So
    it costs what was written since, which for the present moment is nothing.
    """

    def __init__(self, turn: Turn) -> None:
        self._turn = turn
        moment = stamp(turn.at)
        # Nothing happens after it was written down: what happened later was written later.
        later = takewhile(lambda one: one.recorded_at > moment, turn.ledger.written_after(0))
        self._touched = {one.number for one in later}
        folded = (self._folded(number) for number in sorted(self._touched) if is_order(number))
        self._orders = {one.number: one for one in folded if one is not None}

    def _folded(self, number: str) -> Order | None:
        return effects.fold(self._turn.ledger.entries(number), self._turn.at)

    def staff(self) -> list[Person]:
        """Everybody who was at the desk or had left it, by id."""
        return [one for doc in self._turn.ledger.staff() if (one := self._person(doc["id"])) is not None]

    def _person(self, staff_id: str) -> Person | None:
        stream = _STAFF + staff_id
        if stream not in self._touched:
            return self._turn.person(staff_id)
        entries = self._turn.ledger.entries(stream)
        return staff.fold(entry for entry in entries if entry.occurred_at <= self._turn.at)

    def open_orders(self) -> list[Doc]:
        """The documents of the orders that were open, the oldest report first."""
        docs, _ = self._turn.ledger.orders({"states": lifecycle.OPEN, "open": True}, None)
        same = [doc for doc in docs if doc["number"] not in self._touched]
        then = [to_doc(one) for one in self._orders.values() if one.state in lifecycle.OPEN and not one.ended_there]
        return sorted([*same, *then], key=lambda doc: (doc["reported_at"], doc["number"]))

    def counts(self) -> dict[str, int]:
        """How many orders were in each state that is no end."""
        found = Counter(self._turn.ledger.counts_here())
        now = (effects.fold(self._turn.ledger.entries(number)) for number in self._touched if is_order(number))
        found.subtract(Counter(one.state for one in now if one is not None and not one.ended_there))
        found.update(order.state for order in self._orders.values() if not order.ended_there)
        return {state: found[state] for state in sorted(found) if found[state] and state not in lifecycle.ENDS}

    def due(self, until: str) -> list[dict[str, Any]]:
        """What was owed then and due by ``until`` (UTC), soonest first; the rows of ``Reader.due`` as far as asked."""
        same = [row for row in self._turn.ledger.due(until) if row["number"] not in self._touched]
        then = [row for order in self._orders.values() for row in shift.owing(order, self._turn.at)]
        rows = [*same, *(row for row in then if row["due_at"] <= until)]
        return sorted(rows, key=lambda row: (row["due_at"], row["number"], row["name"], row["cycle"]))

    def last(self, stream: str) -> Entry | None:
        """The latest entry of a stream of the desk that had happened by then."""
        last = self._turn.ledger.last(stream)
        if last is None or last.occurred_at <= self._turn.at:
            return last
        before = [entry for entry in self._turn.ledger.entries(stream) if entry.occurred_at <= self._turn.at]
        return before[-1] if before else None
