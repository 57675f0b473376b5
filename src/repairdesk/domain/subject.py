"""What the declarations of obligations look at, and whether one is meant for an order."""

from __future__ import annotations

from collections.abc import Sequence
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
    return (
        _among(order.kind, rule.kinds)
        and _among(order.priority, rule.priorities)
        and _among(order.channel, rule.channels)
        and _among(order.category, rule.categories)
        and _among(order.severity, rule.severities)
        and _among(order.department, rule.departments)
        and _among(reason, rule.reasons)
        and rule.appointment in (None, order.appointment_start is not None)
        and rule.unlisted in (None, order.unlisted)
    )


def _among(value: str | None, wanted: Sequence[str]) -> bool:
    return not wanted or value in wanted


def fits_any_reason(rule: ObligationRule, order: Subject) -> bool:
    """``fits`` for an obligation that is open already, whose opening reason is history."""
    return fits(rule._replace(reasons=()), order)
