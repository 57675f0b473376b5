"""Who hears of it: from the step of a ladder, or an emergency, to the people of the desk (SLA-4, INT-7)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from repairdesk.desk import outbox
from repairdesk.desk.turn import Turn, stamp
from repairdesk.domain.order import Order
from repairdesk.domain.record import NamedTuple
from repairdesk.domain.vocabulary import ROLES


class Told(NamedTuple):
    """Who hears of a step: one person where it is one, and all who do; a role alone where the desk has nobody."""

    role: str
    staff: str | None
    people: tuple[str, ...]


class Roster:
    """The staff at the time of the run: who a step of a ladder reaches."""

    def __init__(self, turn: Turn) -> None:
        self._turn = turn
        self._people = {doc["id"]: doc for doc in turn.ledger.staff() if not doc["retired"]}

    def serves(self, staff_id: str) -> bool:
        """Whether this is somebody of the staff who has not left."""
        return staff_id in self._people

    def hears(self, tell: str, order: Order | None) -> Told:
        """Who is told: the person that the order gives, else those of the role who are on duty, else all of them."""
        person = self._of_order(tell, order) if order is not None else None
        if person is not None:
            return Told(self._people[person]["role"], person, (person,))
        role = {"assignee": "clerk", "tracker": "leader"}.get(tell, tell)
        able = [one for one, doc in self._people.items() if doc["role"] == role]
        people = [one for one in able if self._on_duty(one)] or able
        return Told(role, people[0] if people else None, tuple(people))

    def _of_order(self, tell: str, order: Order) -> str | None:
        """The assignee, the tracker, or the clerk who took it; where nobody is sent yet, that clerk has it."""
        wanted: Mapping[str, Callable[[], tuple[str | None, ...]]] = {
            "assignee": lambda: (self._tracking(order), order.tracker, order.assignee, order.clerk),
            "tracker": lambda: (order.tracker,),
            "clerk": lambda: (order.clerk,),
        }
        named = wanted[tell]() if tell in wanted else ()
        return next((one for one in named if one in self._people), None)

    def _tracking(self, order: Order) -> str | None:
        """Of a converted order, whoever tracks it has it now (COO-1)."""
        doc = self._turn.ledger.order_doc(order.coordination) if order.coordination else None
        return doc["tracker"] if doc else None

    def _on_duty(self, person: str) -> bool:
        now = stamp(self._turn.at)
        return any(span["from"] <= now < span["to"] for span in self._people[person]["duty"])


def alarm(turn: Turn) -> list[str]:
    """An emergency is told at once (INT-7): who hears of it; a message to each is queued."""
    people = reached(turn, turn.rules.policies.alarm)
    tell_at_once(turn, people, "emergency", "INT-7")
    return people


def reached(turn: Turn, whom: Iterable[str]) -> list[str]:
    """Whom roles and staff ids reach now, each once: people, or the role where the desk has nobody of it.

    A staff id that is nobody's any more reaches nobody.
    """
    roster, people = Roster(turn), list[str]()
    for one in whom:
        if one in ROLES:
            people += roster.hears(one, None).people or (one,)
        elif roster.serves(one):
            people.append(one)
    return list(dict.fromkeys(people))


def tell_at_once(turn: Turn, people: Iterable[str], what: str, rule: str) -> None:
    """A message of the turn's order to each of these (``reached``); nothing of it is overdue yet."""
    order = turn.order
    line = {
        "number": order.number, "obligation": what, "rule": rule, "level": 0, "due_at": stamp(turn.at),
        "place": order.place, "fault": order.fault, "owner": order.clerk,
    }  # fmt: skip
    for one in people:
        person = turn.ledger.person_doc(one)
        role = str(person["role"]) if person else one
        outbox.queue(turn, one, role, [{**line, "role": role}])
