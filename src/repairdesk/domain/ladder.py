"""The ladder: who is told, step by step, of what was not done in time (SLA-4).

Which steps are reached follows from the deadline, the ladder and the moment alone. So it does not matter how often
anybody looks: looking once after an outage reaches just the steps that looking every hour would have.
"""

from __future__ import annotations

from datetime import datetime

from repairdesk.domain.clocks import Clocks
from repairdesk.domain.keeping import Keeping
from repairdesk.domain.obligations import Change, Obligation
from repairdesk.domain.policy import ObligationRule, Policies
from repairdesk.domain.record import NamedTuple
from repairdesk.domain.subject import Subject


class Reached(NamedTuple):
    """A step of the ladder that was passed: its level from 1, when, and the role that hears of it."""

    level: int
    at: datetime
    tell: str


class Missed(NamedTuple):
    """What was not done in time, and the steps that were reached since somebody last looked; at least one."""

    obligation: Obligation
    declared: ObligationRule
    steps: tuple[Reached, ...]


def climb(
    order: Subject, at: datetime, policies: Policies, clocks: Clocks, *, ends: datetime | None = None
) -> tuple[list[Change], list[Missed]]:
    """What the nightly run changes on an order at ``at``: periods that have begun, and steps that were reached.

    Args:
        ends: when the order should have become a coordination order (COO-1). What that ends climbs no further, so
            that a run that came late tells nothing more than one in time.
    """
    keeping = Keeping(order, at, policies, clocks)
    keeping.catch_up()
    found = []
    for obligation, rule in keeping.running():
        until = min(at, ends) if ends is not None and "convert" in rule.voids else at
        steps = _reached(obligation, rule, until, policies, clocks)
        if steps:
            key = {"name": obligation.name, "cycle": obligation.cycle}
            keeping.note({"op": "climb", **key, "level": steps[-1].level})
            found.append(Missed(obligation, rule, steps))
    return keeping.changes(), found


def _reached(
    obligation: Obligation, rule: ObligationRule, until: datetime, policies: Policies, clocks: Clocks
) -> tuple[Reached, ...]:
    stop = obligation.stops[-1] if obligation.stops else None
    if stop is not None and stop.until is None and stop.since <= obligation.due_at:
        return ()
    reached = []
    for level, step in enumerate(policies.ladders.get(rule.ladder or "", ()), start=1):
        moment = clocks.step(rule, obligation.due_at, step.after)
        if level > obligation.level and moment < until:
            reached.append(Reached(level, moment, step.tell))
    return tuple(reached)


def conversion_due(order: Subject, at: datetime, policies: Policies) -> datetime | None:
    """When the order should have been finished, if that is over and the policy has it converted then (COO-1)."""
    converting = {rule.id for rule in policies.obligations if rule.overdue == "convert"}
    late = (o.due_at for o in order.obligations if o.running and o.id in converting and o.due_at < at)
    return min(late, default=None)
