"""What the declarations of obligations look at, and whether one is meant for an order."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from repairdesk.domain.obligations import Obligation
from repairdesk.domain.policy import ObligationRule


class Subject(Protocol):
    """What the declarations look at: an order, or what is about to become one."""

    @property
    def kind(self) -> str: ...
    @property
    def priority(self) -> str | None: ...
    @property
    def channel(self) -> str | None: ...
    @property
    def category(self) -> str | None: ...
    @property
    def severity(self) -> str | None: ...
    @property
    def department(self) -> str | None: ...
    @property
    def unlisted(self) -> bool: ...
    @property
    def reported_at(self) -> datetime: ...
    @property
    def appointment_start(self) -> datetime | None: ...
    @property
    def promised_at(self) -> datetime | None: ...
    @property
    def call_again_at(self) -> datetime | None: ...
    @property
    def assignee(self) -> str | None: ...
    @property
    def awaits_consent(self) -> bool: ...
    @property
    def obligations(self) -> tuple[Obligation, ...]: ...


def fits(rule: ObligationRule, order: Subject, reason: str | None = None) -> bool:
    """Whether a declaration is meant for this order; an empty list in it means all."""
    # Written out: it is asked of ten declarations for each new order, and a call for each list took most of it.
    return (
        (not rule.kinds or order.kind in rule.kinds)
        and (not rule.priorities or order.priority in rule.priorities)
        and (not rule.channels or order.channel in rule.channels)
        and (not rule.categories or order.category in rule.categories)
        and (not rule.severities or order.severity in rule.severities)
        and (not rule.departments or order.department in rule.departments)
        and (not rule.reasons or reason in rule.reasons)
        and (rule.appointment is None or rule.appointment == (order.appointment_start is not None))
        and (rule.unlisted is None or rule.unlisted == order.unlisted)
    )


def fits_any_reason(rule: ObligationRule, order: Subject) -> bool:
    """``fits`` for an obligation that is open already, whose opening reason is history."""
    return fits(rule._replace(reasons=()), order)
