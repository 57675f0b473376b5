"""Whose matter a complaint is, and who is told of it at once (LY 5·4.2, 5·4.3)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from repairdesk.desk import roster
from repairdesk.desk.turn import Turn
from repairdesk.domain import departments
from repairdesk.domain.intake import Report
from repairdesk.domain.vocabulary import GRAVE
from repairdesk.errors import N_, UsageError, Word


def known_department(turn: Turn, code: str) -> str:
    """A department as typed.

    Raises:
        UsageError: the policies have none of that code.
    """
    known = list(turn.rules.policies.departments)
    if code not in known:
        raise UsageError(
            N_("“{value}” is no {field}; choose: {known}"), rule="INT-3", value=code, field="department", known=known
        )
    return code


def routed(turn: Turn, report: Report) -> dict[str, Any]:
    """What the entry of a report keeps of its department; ``routed_by`` is what proposed it: category or words."""
    if report.kind != "complaint":
        return {}
    if report.department:
        return {"department": known_department(turn, report.department)}
    proposed = departments.propose(turn.rules.policies.departments, report.category, report.fault or "")
    if proposed is None:
        return {"department": None}
    return {"department": proposed.department, "routed_by": proposed.by, "because": list(proposed.because)}


def remark(turn: Turn, data: Mapping[str, Any]) -> None:
    """What was proposed is said, as is that nothing could be."""
    if data["kind"] != "complaint":
        return
    if data["department"] is None:
        turn.remark(N_("whose matter it is nobody said: correct {number} department=CODE --reason WHY ({known})"),
                    number=turn.order.number, known=list(turn.rules.policies.departments))  # fmt: skip
    elif "routed_by" in data:
        turn.remark(
            N_("proposed for {department} by {because}; else: correct {number} department=CODE --reason WHY ({known})"),
            department=_name(turn, data["department"]), because=data["because"], number=turn.order.number,
            known=[code for code in turn.rules.policies.departments if code != data["department"]],
        )  # fmt: skip


def _name(turn: Turn, code: str) -> str:
    known = turn.rules.policies.departments.get(code)
    return f"{known.name} ({code})" if known else code


def to_tell(turn: Turn, severity: str | None, code: str | None, told: tuple[str, ...] = ()) -> list[str]:
    """Who hears of a complaint of that severity that goes to that department, but for those who were told already."""
    policies = turn.rules.policies
    whom = policies.complaint_alarm.get(severity or "general", ())
    department = policies.departments.get(code or "")
    heads = department.tell if department else ()
    return [one for one in roster.reached(turn, (*whom, *heads)) if one not in told]


def tell(turn: Turn, people: list[str]) -> None:
    """A message to each, and whom to tell is said."""
    if not people:
        return
    severity = turn.order.severity
    roster.tell_at_once(turn, people, "complaint", "INT-3")
    said = N_("a complaint: tell {people}")
    if severity in GRAVE:
        said = N_("complaint, {severity}: tell {people} now")
    turn.remark(said, severity=Word(severity or "general"), people=[Word(one) for one in people])
