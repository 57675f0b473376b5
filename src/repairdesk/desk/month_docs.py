"""What the page of a month shows beside its report: the months before it, the hours, the faults, what is overdue."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from repairdesk.desk import report_docs
from repairdesk.desk.turn import Turn, stamp
from repairdesk.domain import finance
from repairdesk.domain.times import from_iso, local_iso

Doc = dict[str, Any]
TREND = 12
"""So many months stand side by side, the last of them the one that was asked for."""
_QUARTER = 900
_SECOND = timedelta(seconds=1)


def beside(turn: Turn, asked: report_docs.Asked) -> Doc:
    """The parts of the page; ``asked`` is the month as the statements of the reports ask for it."""
    return {
        "trend": trend(turn, asked["month"]),
        "hours": hours(turn, asked),
        **{name: report_docs.REPORTS[name](turn, asked) for name in ("faults", "complaints", "help")},
        "overdue": overdue(turn, asked),
    }


def trend(turn: Turn, month: str) -> list[Doc]:
    """The figures of twelve months, the oldest first: each of the orders reported in it, as they stand now (RPT-1)."""
    spans = [{"month": one, **_span(turn, one)} for one in _months(month)]
    counted = {
        row["month"]: row for row in turn.ledger.report("trend", {"months": json.dumps(spans), "at": stamp(turn.at)})
    }
    found = ((one["month"], [counted[one["month"]]] if one["month"] in counted else []) for one in spans)
    return [{"month": name, **report_docs.figures(rows)} for name, rows in found]


def _months(last: str) -> list[str]:
    months = [last]
    while len(months) < TREND:
        months.insert(0, finance.preceding(months[0]))
    return months


def _span(turn: Turn, month: str) -> dict[str, str]:
    zone = turn.rules.zone
    since, ends = finance.begins(month, zone), finance.begins(finance.following(month), zone)
    return {"since": stamp(since), "before": stamp(min(ends, turn.at + _SECOND))}


def hours(turn: Turn, asked: report_docs.Asked) -> list[list[int]]:
    """How many orders were reported on each weekday, Monday first, in each hour of the desk's zone."""
    counts = [[0] * 24 for _ in range(7)]
    for at, orders in _quarters(turn, asked):
        local = at.astimezone(turn.rules.zone)
        counts[local.weekday()][local.hour] += orders
    return counts


def _quarters(turn: Turn, asked: report_docs.Asked) -> Iterator[tuple[datetime, int]]:
    for row in turn.ledger.report("hours", asked):
        yield datetime.fromtimestamp(row["quarter"] * _QUARTER, UTC), row["orders"]


def overdue(turn: Turn, asked: report_docs.Asked) -> Doc:
    """Orders of the month whose resolve clock ran out and runs on: how many, and those that wait longest."""
    rows = turn.ledger.report("overdue", asked)
    zone = turn.rules.zone
    listed = [
        {**{name: row[name] for name in ("number", "place", "kind", "category", "state", "assignee")},
         "category_name": report_docs.class_name(turn, row["category"]),
         "due_at": local_iso(from_iso(row["due_at"]), zone)}
        for row in rows
    ]  # fmt: skip
    return {"orders": rows[0]["orders"] if rows else 0, "listed": listed}
