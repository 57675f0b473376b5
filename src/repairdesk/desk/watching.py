"""Watching: what a screen that lives all day asks besides ``board``, ``list`` and ``why``. Nothing here writes."""

from __future__ import annotations

from repairdesk.desk.base import Base
from repairdesk.desk.households import household_of
from repairdesk.desk.looking import called
from repairdesk.desk.turn import Answer, By, fetch, present
from repairdesk.domain import offering
from repairdesk.domain.lifecycle import OPEN
from repairdesk.domain.offering import Offer
from repairdesk.domain.record import NamedTuple
from repairdesk.domain.shape import Doc, in_words
from repairdesk.errors import DeskError

AT_HAND = ("assigned", "on_site", "paused")
"""States in which an order is in the hands of whoever was sent."""
NAMED = 3
"""Places that are named of what somebody is at."""


class Glance(NamedTuple):
    """An order as ``show`` answers it; what can be done with it now; the points of its checklist, by their codes."""

    answer: Answer
    offers: list[Offer]
    checklist: dict[str, str]


class Watching(Base):
    """What a screen shows."""

    def glance(self, by: By, number: str) -> Glance:
        """An order, and what can be done with it now, each with why this person may not.

        Raises:
            NotFound: there is none. UsageError: the ending names several.
        """
        with self.look(by) as turn:
            order = fetch(turn.ledger, number)
            doc = present(order, turn.rules, turn.at)
            asked = order, turn.actor, turn.at, turn.rules.policies
            offers = [*offering.offers(*asked), offering.reveal(*asked)]
            for offer in offers:
                if offer.refusal is not None:
                    offer.refusal.zone = turn.rules.zone
            points = turn.rules_of(order).policies.checklists.get(order.kind, ())
            answer = Answer({**doc, "household": household_of(turn, order.place)} | called(turn, doc), turn.remarks)
            return Glance(answer, offers, {point.code: point.name for point in points})

    def why_not(self, by: By, number: str, verb: str) -> DeskError | None:
        """Why a verb (``Offer.verb``) cannot be done with an order now, by this person; None: it can be tried.

        Raises:
            NotFound: there is no such order. UsageError: the ending names several.
        """
        with self.look(by) as turn:
            order = fetch(turn.ledger, number)
            refusal = offering.why_not(verb, order, turn.actor, turn.at, turn.rules.policies)
            if refusal is not None:
                refusal.zone = turn.rules.zone
            return refusal

    def hands(self, by: By) -> list[Doc]:
        """What each technician and contractor has in hand: ``{id, name, role, trades, states, at}``.

        ``states`` counts orders by state; ``at`` are the places of what is being worked on.
        """
        with self.look(by) as turn:
            found = []
            for doc in turn.ledger.staff():
                if doc["retired"] or doc["role"] not in ("technician", "contractor"):
                    continue
                count, at = {}, []
                for state in AT_HAND:
                    asked = {"staff": doc["id"], "states": [state]}
                    docs, count[state] = turn.ledger.orders(asked, NAMED if state == "on_site" else 0)
                    at += [in_words(one["place"], "place") for one in docs]
                found.append({"id": doc["id"], "name": doc["name"], "role": doc["role"], "trades": list(doc["trades"]),
                              "states": count, "at": at})  # fmt: skip
            return found

    def office(self, by: By) -> Doc:
        """Who asks, who else is there, and the words of the policies that a form offers.

        ``{actor: {id, name, role}, staff: [{id, name, role}], categories: {code: name}, departments: {code: name},
        methods, open}``
        """
        with self.look(by) as turn:
            policies = turn.rules.policies
            actor = turn.actor
            counts = turn.ledger.counts_here()
            return {
                "actor": {"id": actor.id, "name": actor.name, "role": actor.role},
                "staff": [
                    {"id": one["id"], "name": one["name"], "role": one["role"]}
                    for one in turn.ledger.staff()
                    if not one["retired"]
                ],
                "categories": {one.code: one.name for one in policies.categories.values()},
                "departments": {code: one.name for code, one in policies.departments.items()},
                "methods": list(policies.finance.methods),
                "open": sum(counts.get(state, 0) for state in OPEN),
            }
