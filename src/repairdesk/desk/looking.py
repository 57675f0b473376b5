"""Looking: list, show, board. Nothing here writes, but a revealed phone is put on record."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from repairdesk.desk.base import Base
from repairdesk.desk.households import household_of
from repairdesk.desk.turn import Answer, By, Turn, When, fetch, present, resolve, stamp, told
from repairdesk.domain import lifecycle
from repairdesk.domain.intake import canonical_place
from repairdesk.domain.policy import Policies
from repairdesk.domain.shape import Doc, in_words, shown, shown_entry
from repairdesk.domain.times import from_iso, local_iso

MOST_TOLD = 1000
"""Attachments that ``verify`` names one by one."""


class Looking(Base):
    """What anyone at the keyboard may ask."""

    def show(self, by: By, number: str, *, as_of: When = None) -> Answer:
        """An order, now or as it stood at a time by when things happened."""
        with self.look(by) as turn:
            until = turn.time(as_of)
            order = fetch(turn.ledger, number, until)
            doc = present(order, turn.rules, until or turn.at)
            return Answer({**doc, **called(turn, doc), "household": household_of(turn, order.place)}, turn.remarks)

    def reveal(self, by: By, number: str, *, reason: str, as_of: When = None) -> Answer:
        """``show`` with the phone numbers, which needs a role and a reason and is itself an entry."""
        told(reason=reason)
        with self.turn(by) as turn:
            until = turn.time(as_of)
            order = turn.load(number)
            lifecycle.check_reveal(order, turn.attempt("reveal", {}))
            turn.append("desk", "reveal", {"number": order.number, "reason": reason})
            seen = fetch(turn.ledger, order.number, until)
            doc = present(seen, turn.rules, until or turn.at, reveal=True)
            household = household_of(turn, seen.place, reveal=True)
            return Answer({**doc, **called(turn, doc), "household": household}, turn.remarks)

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

    def names(self, by: By) -> dict[str, Mapping[str, str]]:
        """What the rules call the codes that entries keep: classes of fault, services, and trades by the first class
        that asks for each.
        """
        with self.look(by) as turn:
            rules = turn.rules
            return {
                "category": {code: one.name for code, one in rules.policies.categories.items()},
                "services": {code: one.name for code, one in rules.fees.services.items()},
                "trades": {one.trade: one.name for one in reversed([*rules.policies.categories.values()]) if one.trade},
            }

    def list_orders(self, by: By, filters: Mapping[str, Any], *, limit: int | None = 50) -> tuple[list[Doc], int]:
        """Orders, newest first, and how many there are in all; the filters are those of ``Reader.orders``.

        Raises:
            NotFound: nobody has the id of ``staff``, here or in an order.
        """
        with self.look(by) as turn:
            wanted = {name: value for name, value in filters.items() if value not in (None, (), [], False)}
            if "place" in wanted:
                wanted["place"] = canonical_place(wanted["place"], turn.rules.policies)
            if "find" in wanted:
                wanted["find"] = _readings(wanted["find"], turn.rules.policies)
            for name in ("since", "until"):
                if name in wanted:
                    wanted[name] = stamp(turn.since(wanted[name], end=name == "until"))
            if wanted.pop("overdue", False):
                wanted["overdue_at"] = stamp(turn.at)
            docs, total = turn.ledger.orders(wanted, limit)
            if not docs and "staff" in wanted:
                turn.person(wanted["staff"])  # Orders of another system can name somebody who was never here.
            return [shown(doc, turn.at, turn.rules.zone) for doc in docs], total

    def near_places(self, by: By, place: str) -> list[str]:
        """Places like this one where something was reported; none where this one is among them."""
        from repairdesk.desk import near

        with self.look(by) as turn:
            said = canonical_place(place, turn.rules.policies)
            return [] if said in turn.ledger.places_from(said[:-1], near.FEW) else near.places(turn.ledger, said)

    def verify(self, progress: Callable[[int, int], None] | None = None) -> Doc:
        """Whether the ledger is what its entries say, to the last column, and the attachments are those they name.

        ``progress`` is told now and then how much is done, and how much there is to do.
        """
        from repairdesk.desk import attaching
        from repairdesk.ledger.verify import verify

        found = verify(self.ledger.store, wait_seconds=self.ledger.wait_seconds, progress=progress)
        problems = [*found["problems"], *attaching.problems(self, most=MOST_TOLD)]
        return {**found, "ok": not problems, "problems": problems}

    def board(self, by: By, *, limit: int = 20) -> Doc:
        """What is open, what is due next, who has it (RPT-7)."""
        # Not above: who looks at one order need not wait for these.
        from repairdesk.desk.escalating import nightly
        from repairdesk.desk.health import troubles
        from repairdesk.desk.opinions import due as opinions_due
        from repairdesk.desk.reckoning import hand_over_due

        with self.look(by) as turn:
            owed = turn.ledger.due(None, limit)
            zone = turn.rules.zone
            return {
                "at": local_iso(turn.at, zone),
                "open": {s: n for s, n in turn.ledger.counts_here().items() if s in lifecycle.OPEN},
                "due": [_due_line(row, turn.at, zone) for row in owed],
                "months": [*hand_over_due(turn), *opinions_due(turn)],
                "nightly": nightly(turn),
                "troubles": troubles(turn, self.home),
            }


def called(turn: Turn, doc: Doc) -> Doc:
    """What the policies call the class of fault."""
    category = turn.rules.policies.categories.get(doc["category"] or "")
    return {"category_name": category.name if category else None}


def _readings(said: str, policies: Policies) -> list[str]:
    """What is looked for, and the same with its places in their one form (3栋2单元501 is 3-2-501)."""
    text = " ".join(unicodedata.normalize("NFKC", said).split())
    if text.isascii():
        return [said]  # Of a number and a date that are written with hyphens none would be left as it is.
    words = [canonical_place(word, policies) if any(map(str.isdigit, word)) else word for word in text.split()]
    return list(dict.fromkeys((said, canonical_place(text, policies), " ".join(words))))


def _due_line(row: Mapping[str, Any], now: datetime, zone: Any) -> Doc:
    due = from_iso(row["due_at"])
    kept = "number name rule owner kind place assignee priority level".split()
    return {
        **{name: row[name] for name in kept},
        "place": in_words(row["place"] or "", "place") or None,
        "due_at": local_iso(due, zone),
        "provisional": bool(row["provisional"]),
        "state": "paused" if row["paused"] else "missed" if due < now else "open",
        "seconds_left": int((due - now).total_seconds()),
    }
