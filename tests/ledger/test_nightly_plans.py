"""What the nightly run asks the ledger is found by an index: it costs what is due, not what there is."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from repairdesk.ledger import sqlite_sql

PLANS = {
    "DUE_NEXT": ("SEARCH obligations USING", "obligations_next (next_at>? AND next_at<?)"),
    "PROVISIONAL": ("obligations USING", "obligations_provisional"),
    "LAST_OF": ("SEARCH entries USING INDEX", "sqlite_autoindex_entries_1 (number=?)"),
}
"""The index that serves each, and how: a search goes to its rows; the index of what is provisional holds no others."""


def plan(path: Path, text: str) -> list[str]:
    with closing(sqlite3.connect(path)) as db:
        return [row[3] for row in db.execute(f"EXPLAIN QUERY PLAN {text}", {"at": "1", "number": "1"})]


@pytest.mark.parametrize("name", PLANS)
def test_the_nightly_run_finds_what_it_has_to_do_with_by_an_index(path: Path, name: str) -> None:
    how, index = PLANS[name]
    step = plan(path, getattr(sqlite_sql, name))[0]
    assert how in step
    assert index in step


def test_the_latest_entry_of_a_number_is_not_looked_for_among_all_of_its_entries(path: Path) -> None:
    assert not [step for step in plan(path, sqlite_sql.LAST_OF) if "TEMP B-TREE" in step]


@pytest.mark.parametrize("name", ["DUE_NEXT", "PROVISIONAL"])
def test_without_its_index_everything_would_be_gone_through(path: Path, name: str) -> None:
    """So the steps that are compared above do tell one from the other."""
    how, index = PLANS[name]
    with closing(sqlite3.connect(path)) as db:
        db.execute(f"DROP INDEX {index.split()[0]}")
        db.commit()
    steps = plan(path, getattr(sqlite_sql, name))
    assert not [step for step in steps if how in step and index in step]
    assert steps[0].startswith("SCAN obligations")
