"""What one entry does to the obligations of its order, by one set of policies: as it is written, or rehearsed later."""

from __future__ import annotations

from typing import Protocol

from repairdesk.domain import keeping
from repairdesk.domain.clocks import Clocks
from repairdesk.domain.entry import Entry
from repairdesk.domain.obligations import Change
from repairdesk.domain.order import Order
from repairdesk.domain.policy import Policies


class Judge(Protocol):
    """What entries are judged by: the policies, and their calendars."""

    @property
    def policies(self) -> Policies: ...
    @property
    def clocks(self) -> Clocks: ...


def judged(before: Order | None, after: Order, entry: Entry, rules: Judge) -> list[Change]:
    """What an entry does to the obligations of its order by these rules (REC-4).

    ``after`` is the order after the entry, with the obligations that it had before.
    """
    if entry.event == "correct" and keeping.AIMING & set(entry.data["fields"]):
        return keeping.re_aimed(after, entry.occurred_at, rules.policies, rules.clocks)
    events = keeping.amounts_to(entry.event, entry.data, before.state if before else None)
    return keeping.changes(
        after, events, entry.occurred_at, rules.policies, rules.clocks,
        reason=entry.data.get("reason"), recorded_at=entry.recorded_at,
    )  # fmt: skip
