"""What can be done with an order now, and by whom: the table of the life of an order, read for a screen."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from repairdesk.domain import guards as g
from repairdesk.domain import lifecycle
from repairdesk.domain.attempt import Attempt
from repairdesk.domain.lifecycle import Row
from repairdesk.domain.order import Order
from repairdesk.domain.policy import Policies
from repairdesk.domain.record import NamedTuple
from repairdesk.domain.staff import Person
from repairdesk.errors import NotAllowed, NotPermitted

BEGINNINGS = ("intake", "as-found", "join", "open")
"""Events that nobody does with an order that is there: a further caller is joined by a report of their own (REC-6)."""

OF_WHAT_IS_SAID = (g.two_people_decline,)
"""Guards about persons that look at what was said, too: of these nothing is known before it is said."""


Refusal = NotPermitted | NotAllowed
SECOND = "supervisor"
"""The role of a second person who would do, where it is only asked what else stands in the way (QUO-3)."""


class Offer(NamedTuple):
    """Something that the state and the order itself would accept now.

    Attributes:
        verb: what is done: the event's name; signing without a signature is ``sign-unsigned``.
        command: the command that does it.
        refusal: why this person may not, as the command itself would say it; None: they may.
    """

    verb: str
    command: str
    refusal: Refusal | None


def verb_of(row: Row) -> str:
    """What a row of the table is called where each has a name of its own."""
    return row.verb if row.event == "sign" else row.event


def offers(order: Order, actor: Person, now: datetime, policies: Policies) -> list[Offer]:
    """What can be done with the order now, in the table's order; corrections and the like, too."""
    if order.purged is not None:
        return []
    found: dict[str, Offer] = {}
    for row in _standing(order, policies):
        attempt = Attempt(row.event, actor, now, now, policies)
        found.setdefault(verb_of(row), Offer(verb_of(row), row.typed, _refused(row, order, attempt)))
    return list(found.values())


def why_not(verb: str, order: Order, actor: Person, now: datetime, policies: Policies) -> Refusal | None:
    """Why something cannot be done with the order, as the command would say it; None: it can be tried."""
    row = next((row for row in lifecycle.TABLE if verb_of(row) == verb and row.on == _on(order)), None)
    free = (offer.verb for offer in offers(order, actor, now, policies) if offer.refusal is None)
    if row is None or verb in free:
        return None
    said = {"unsigned": verb == "sign-unsigned", "second": Person("", "", SECOND)}
    try:
        lifecycle.permit(order, Attempt(row.event, actor, now, now, policies, said))
    except (NotPermitted, NotAllowed) as refusal:
        return refusal
    return None


def _on(order: Order) -> str:
    return lifecycle.COORDINATION if order.is_coordination else lifecycle.ORDER


def reveal(order: Order, actor: Person, now: datetime, policies: Policies) -> Offer:
    """Whether this person may see phone numbers whole."""
    try:
        lifecycle.check_reveal(order, Attempt("reveal", actor, now, now, policies))
    except NotPermitted as refusal:
        return Offer("reveal", "show", refusal)
    return Offer("reveal", "show", None)


def _standing(order: Order, policies: Policies) -> Iterator[Row]:
    """The rows that apply to the order as it stands, whoever does it."""
    probe = Attempt("", Person("", "", None), order.last_done_at, order.last_done_at, policies)
    for row in lifecycle.rows_of(order):
        stands = order.state in row.source and all(guard(order, probe) is None for guard in row.standing)
        if stands and row.event not in BEGINNINGS:
            yield row


def _refused(row: Row, order: Order, attempt: Attempt) -> Refusal | None:
    persons = tuple(guard for guard in row.persons if guard not in OF_WHAT_IS_SAID)
    try:
        lifecycle.check_person(row._replace(persons=persons), order, attempt)
    except (NotPermitted, NotAllowed) as refusal:
        return refusal
    return None
