"""What one entry does to the obligations of its order, by one set of policies: as it is written, or rehearsed later."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Protocol

from repairdesk.domain import keeping, obligations
from repairdesk.domain.clocks import Clocks
from repairdesk.domain.entry import Entry
from repairdesk.domain.obligations import Change
from repairdesk.domain.order import Order
from repairdesk.domain.policy import Policies
from repairdesk.domain.times import from_iso


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
        changed = keeping.re_aimed(after, before or after, entry.occurred_at, rules.policies, rules.clocks)
        if "department" not in entry.data["fields"]:
            return changed
        # What the new department owes is owed from now on.
        held = after._replace(obligations=obligations.apply(after.obligations, changed))
        return changed + keeping.changes(held, ("routed",), entry.occurred_at, rules.policies, rules.clocks)
    if entry.event == "taken-over":
        return keeping.taken_over(after, entry.occurred_at, rules.policies, rules.clocks)
    events = keeping.amounts_to(entry.event, entry.data, before.state if before else None)
    imported = entry.data.get("imported")
    changed = keeping.changes(
        after, events, _moment(before, entry), rules.policies, rules.clocks,
        # What another system wrote down was written down there.
        reason=entry.data.get("reason"), recorded_at=entry.occurred_at if imported else entry.recorded_at,
    )  # fmt: skip
    if imported and entry.data.get("ends"):
        held = after._replace(obligations=obligations.apply(after.obligations, changed))
        changed += keeping.let_go(held, entry.occurred_at, rules.policies, rules.clocks)
    return changed


def _moment(before: Order | None, entry: Entry) -> datetime:
    """When an entry happened for the clocks: a conversion by the night ends them when the order's time was over.

    So it does not matter how late the run came (SLA-4); but nothing is ended before what somebody did since. The second
    after: the last one of its time was still the order's.
    """
    due = entry.data.get("due_at") if entry.event == "convert" else None
    if due is None or before is None:
        return entry.occurred_at
    return max(from_iso(due) + timedelta(seconds=1), before.last_done_at)
