"""What one look at the desk brings: all of it, and which edition of the ledger it was."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from repairdesk.desk import By
from repairdesk.domain.lifecycle import OPEN
from repairdesk.domain.record import NamedTuple
from repairdesk.errors import N_
from repairdesk.tui.room import Opened

MOST = 100
"""Orders of a list; who wants others looks for them."""
MOST_DUE = 50

VIEWS: dict[str, tuple[str, dict[str, Any]]] = {
    "open": (N_("open"), {"states": list(OPEN)}),
    "filing": (N_("to be filed"), {"states": ["finished", "signed", "closed"]}),
    "all": (N_("all"), {}),
    "overdue": (N_("overdue"), {"overdue": True}),
}
"""The lists that there are, by their keys 1 to 4."""


class Seen(NamedTuple):
    """What one look brought."""

    edition: tuple[int, ...]
    board: dict[str, Any]
    orders: list[dict[str, Any]]
    total: int
    hands: list[dict[str, Any]]
    office: dict[str, Any]


def edition(opened: Opened) -> tuple[int, ...]:
    """Which edition of the ledger there is now."""
    return opened.session.edition()


def look(by: By, view: str, find: str, staff: str | None, before: Seen | None) -> Callable[[Opened], Seen]:
    """A look for this list: one of ``VIEWS``, or what was found; and perhaps only what somebody has.

    What was seen ``before`` stays but for the list, as long as nobody wrote.
    """
    filters: dict[str, Any] = {"find": find} if find else dict(VIEWS[view][1])
    filters |= {"staff": staff} if staff else {}

    def looked(opened: Opened) -> Seen:
        # First, so that what is written meanwhile is seen by the next look.
        now = edition(opened)
        desk = opened.desk
        orders, total = desk.list_orders(by, filters, limit=MOST)
        if before is not None and before.edition == now:
            return before._replace(orders=orders, total=total)
        return Seen(now, desk.board(by, limit=MOST_DUE), orders, total, desk.hands(by), desk.office(by))

    return looked
