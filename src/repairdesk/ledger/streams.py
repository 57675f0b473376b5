"""Which events each stream of the journal can have: what ``verify`` holds entries against, and a server does, too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from repairdesk.domain import effects, household, message, opinions, pin, retention
from repairdesk.ledger import projection

RULES = ("policies:", "fees:", "calendar:")
MONTH = "month:"
STAFF_EVENTS = ("staff-add", "staff-retire", "staff-duty")
ORDERS = effects.EVENTS
BY_PREFIX: Mapping[str, Sequence[str]] = {
    "staff:": STAFF_EVENTS,
    MONTH: ("hand-over", "escalate"),
    opinions.STREAM: opinions.EVENTS,
    pin.STREAM: pin.EVENTS,
    retention.STREAM: (retention.EVENT,),
    household.STREAM: ("household",),
    message.STREAM: message.EVENTS,
    retention.PLACES: (retention.PLACE_EVENT,),
    **dict.fromkeys(RULES, ("adopt",)),
}
NOWHERE_ELSE = retention.EVENT
"""What takes bodies has a stream of its own, which all other streams leave it to."""


def events_of(number: str) -> Sequence[str] | None:
    """The events that a stream can have; None: whatever the desk writes there."""
    if projection.is_order(number):
        return ORDERS
    return next((events for prefix, events in BY_PREFIX.items() if number.startswith(prefix)), None)
