"""The reports cost what their month holds, not what the ledger does: an index finds the month, and each order once."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from repairdesk.ledger import sqlite_sql as sql

GROWS = ("orders", "tracked", "later", "earlier", "entries", "obligations", "answer", "bodies")
"""The tables that grow, by the names that the statements give them."""
BEHIND = [(report, figure) for report, figures in sql.BEHIND.items() for figure in figures]


def plan(path: Path, text: str) -> list[str]:
    asked = dict.fromkeys(re.findall(r":(\w+)", text), "2026-11-22T06:00:00Z")
    with closing(sqlite3.connect(path)) as db:
        return [row[3] for row in db.execute(f"EXPLAIN QUERY PLAN {text}", asked)]


def scanned(steps: list[str]) -> list[str]:
    return [step for step in steps if re.match(rf"SCAN ({'|'.join(GROWS)})\b", step)]


@pytest.mark.parametrize("name", sql.REPORTS)
def test_no_report_goes_through_a_table_that_grows(path: Path, name: str) -> None:
    steps = plan(path, sql.REPORTS[name])
    assert scanned(steps) == []
    index = "entries_calls" if name == "calls" else "orders_reported"
    assert any(index in step for step in steps), steps


@pytest.mark.parametrize(("report", "figure"), BEHIND)
def test_the_orders_behind_a_figure_are_found_by_the_month(path: Path, report: str, figure: str) -> None:
    steps = plan(path, sql.BEHIND[report][figure])
    assert scanned(steps) == []
    assert any("occurred_at>?" in step or "reported_at>?" in step for step in steps), steps
