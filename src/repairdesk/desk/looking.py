"""Looking: list, show, board. Nothing here writes, but a revealed phone is put on record."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from repairdesk.desk.base import Base
from repairdesk.desk.households import household_of
from repairdesk.desk.turn import Answer, By, When, fetch, present, resolve, stamp, told
from repairdesk.domain import lifecycle
from repairdesk.domain.intake import canonical_place
from repairdesk.domain.shape import Doc, shown, shown_entry
from repairdesk.domain.times import from_iso, local_iso


class Looking(Base):
    """What anyone at the keyboard may ask."""

    def show(self, by: By, number: str, *, as_of: When = None) -> Answer:
        """An order, now or as it stood at a time by when things happened."""
        with self.look(by) as turn:
            until = turn.time(as_of)
            order = fetch(turn.ledger, number, until)
            doc = present(order, turn.rules, until or turn.at)
            return Answer({**doc, "household": household_of(turn, order.place)}, turn.remarks)

    def reveal(self, by: By, number: str, *, reason: str, as_of: When = None) -> Answer:
        """``show`` with the phone numbers, which needs a role and a reason and is itself an entry."""
        told(reason=reason)
        with self.turn(by) as turn:
            until = turn.time(as_of)
            order = turn.load(number)
            lifecycle.check_role("reveal", order, turn.attempt("reveal", {}))
            turn.append("desk", "reveal", {"number": order.number, "reason": reason})
            seen = fetch(turn.ledger, order.number, until)
            doc = present(seen, turn.rules, until or turn.at, reveal=True)
            return Answer({**doc, "household": household_of(turn, seen.place, reveal=True)}, turn.remarks)

    def entries(self, by: By, number: str, *, as_of: When = None, reveal: bool = False) -> list[Doc]:
        """The entries of an order, oldest first (``show --entries``)."""
        with self.look(by) as turn:
            until = turn.time(as_of)
            entries = turn.ledger.entries(resolve(turn.ledger, number))
            return [
                shown_entry(e, turn.rules.zone, reveal=reveal)
                for e in entries
                if until is None or e.occurred_at <= until
            ]

    def list_orders(self, by: By, filters: Mapping[str, Any], *, limit: int | None = 50) -> tuple[list[Doc], int]:
        """Orders, newest first, and how many there are in all; the filters are those of ``Reader.orders``."""
        with self.look(by) as turn:
            wanted = {name: value for name, value in filters.items() if value not in (None, (), [], False)}
            if "place" in wanted:
                wanted["place"] = canonical_place(wanted["place"], turn.rules.policies)
            for name in ("since", "until"):
                if name in wanted:
                    wanted[name] = stamp(turn.since(wanted[name], end=name == "until"))
            if wanted.pop("overdue", False):
                wanted["overdue_at"] = stamp(turn.at)
            docs, total = turn.ledger.orders(wanted, limit)
            return [shown(doc, turn.at, turn.rules.zone) for doc in docs], total

    def printed(self, by: By, number: str) -> Doc:
        """Everything that a slip shows: the order, the names of its people, the rules it was judged by."""
        with self.look(by) as turn:
            order = fetch(turn.ledger, number)
            lifecycle.check_role("print", order, turn.attempt("print", {}))
            rules = turn.rules_of(order)
            names = {doc["id"]: doc["name"] for doc in turn.ledger.staff()}
            wanted = rules.policies.checklists.get(order.kind, ())
            ticked = {code for visit in order.visits for code in visit.checks}
            return {
                "order": present(order, rules, turn.at),
                "names": names,
                "checklist": [{"name": item.name, "ticked": item.code in ticked} for item in wanted],
                "head": turn.ledger.head()[1],
            }

    def verify(self) -> Doc:
        """Whether the ledger is what its entries say, to the last column (REC-1, REC-5)."""
        from repairdesk.ledger.verify import verify

        return verify(self.ledger.path, wait_seconds=self.ledger.wait_seconds)

    def board(self, by: By, *, limit: int = 20) -> Doc:
        """What is open, what is due next, who has it (RPT-7)."""
        # Not above: who looks at one order need not wait for these.
        from repairdesk.desk.escalating import nightly
        from repairdesk.desk.health import troubles
        from repairdesk.desk.reckoning import hand_over_due

        with self.look(by) as turn:
            owed = turn.ledger.due(None, limit)
            zone = turn.rules.zone
            return {
                "at": local_iso(turn.at, zone),
                "open": {s: n for s, n in turn.ledger.counts().items() if s in lifecycle.OPEN},
                "due": [_due_line(row, turn.at, zone) for row in owed],
                "months": hand_over_due(turn),
                "nightly": nightly(turn),
                "troubles": troubles(turn, self.home),
            }


def _due_line(row: Mapping[str, Any], now: datetime, zone: Any) -> Doc:
    due = from_iso(row["due_at"])
    kept = "number name rule owner kind place assignee priority level".split()
    return {
        **{name: row[name] for name in kept},
        "due_at": local_iso(due, zone),
        "provisional": bool(row["provisional"]),
        "state": "paused" if row["paused"] else "missed" if due < now else "open",
        "seconds_left": int((due - now).total_seconds()),
    }
