"""Nothing that the desk asks the ledger goes through a table that grows where an index should serve.

SQLite is asked how it would do it, for every statement there is and for the lists that people ask for: without
statistics, as a ledger has none (``verify`` would not know the table they lie in), and with statistics that make every
index look good, or bad. What may be gone through all the same is named here, with the reason.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from itertools import combinations
from typing import Any

import pytest

from repairdesk.domain.lifecycle import OPEN
from repairdesk.ledger import listing
from repairdesk.ledger import sqlite_sql as sql
from repairdesk.ledger.connection import Patient

GROWS = (
    "orders", "tracked", "later", "earlier", "entries", "obligations", "answer", "bodies", "postings", "receipts",
    "messages", "streams", "households", "places", "purged",
)  # fmt: skip
"""The tables that grow, by the names that the statements give them."""

WHOLE = "it reads the whole ledger, as is asked"
SHORT = "its index holds only what is asked for"
ALLOWED = {
    "HEAD": "backwards, and it stops at the first",
    "JOURNAL": WHOLE,
    "STRAY_BODIES": WHOLE,
    "STREAMS_AMISS": WHOLE,
    "STREAMS_BEYOND": WHOLE,
    "STREAMS_ENDED": WHOLE,
    "ORDER_NUMBERS": WHOLE,
    "OBLIGATION_NUMBERS": WHOLE,
    "POSTING_NUMBERS": WHOLE,
    "RECEIPT_NUMBERS": WHOLE,
    "STRAY_HOUSEHOLDS": WHOLE,
    "STRAY_MESSAGES": WHOLE,
    "STRAY_PLACES": WHOLE,
    "STRAY_PURGED": WHOLE,
    "PURGED_EVENTS": WHOLE,
    "TALLIED_ANEW": WHOLE,
    "ENTRIES_NAMED": "checkpoints and the like, looked for through the journal by verify",
    "LISTED": "with its filters: below",
    "ORDER_COUNT": "with its filters: below",
    "ORDER_IDS": "with its filters: below",
    "PROVISIONAL": SHORT,
    "ARREARS": SHORT,
    "MESSAGES_UNSENT": SHORT,
    "OLDEST_UNSENT": SHORT,
    "OWING": SHORT,
    "HOUSEHOLDS": "a part of a name is in no index, and households do not pile up",
    "HOUSEHOLD_COUNT": "a part of a name is in no index, and households do not pile up",
    "STAND_INS": "places do not pile up",
    "REPORTED_BEFORE": "a purge looks at everything that is old",
    "STREAM_COUNT": WHOLE,
    "STREAM_AT": WHOLE,
    "LINKS": "a purge looks at everything that is old",
    "POSTED_SINCE": "a purge looks at everything that is old",
    "ORDERS_PURGED": "a purge looks at everything that is old",
    "BODIES_OF": "a purge looks at everything that is old",
}
"""Statements that may go through a table, and why."""


OF_FEW = ("obligations_due", "obligations_next", "obligations_provisional", "messages_due", "messages_unsent")
"""Indexes of what is open or waits: years pile up, open work does not."""


def shape(db: sqlite3.Connection, kind: str) -> None:
    """Statistics of a million rows in which the first column of an index tells twenty apart, or many."""
    db.execute("ANALYZE")
    indexes = db.execute(
        'SELECT i.name, s.tbl_name, i."unique" FROM sqlite_schema s JOIN pragma_index_list(s.tbl_name) i '
        "WHERE s.type = 'table'"
    ).fetchall()
    db.execute("DELETE FROM sqlite_stat1")
    for name, table, unique in indexes:
        columns = len(db.execute(f"PRAGMA index_info({name})").fetchall())
        rows = 1000 if name in OF_FEW else 10**6
        first = rows // 20 if kind == "bad" else 20
        spread = [max(1, first // 10**place) for place in range(columns)]
        spread[-1] = 1 if unique else spread[-1]
        db.execute("INSERT INTO sqlite_stat1 VALUES (?, ?, ?)", (table, name, " ".join(map(str, [rows, *spread]))))
    db.execute("ANALYZE sqlite_schema")


@pytest.fixture(scope="module", params=["none", "good", "bad"])
def db(request: pytest.FixtureRequest) -> Iterator[sqlite3.Connection]:
    """The tables, empty, with statistics or without."""
    with closing(sqlite3.connect(":memory:", isolation_level=None, factory=Patient)) as made:
        for statement in sql.SCHEMA:
            made.execute(statement)
        if request.param != "none":
            shape(made, request.param)
        yield made


def plan(db: sqlite3.Connection, text: str) -> list[str]:
    asked = dict.fromkeys(re.findall(r":(\w+)", text), "1")
    return [row[3] for row in db.execute(f"EXPLAIN QUERY PLAN {text}", asked)]


def scanned(steps: list[str]) -> list[str]:
    return [step for step in steps if re.match(rf"SCAN ({'|'.join(GROWS)})\b", step)]


STATEMENTS = {
    name: text
    for name, text in vars(sql).items()
    if name.isupper() and isinstance(text, str) and re.match(r"SELECT|WITH|UPDATE|DELETE", text)
    and not name.startswith("CLEAR_")
}  # fmt: skip
STATEMENTS |= {f"report {name}": text for name, text in sql.REPORTS.items()}
STATEMENTS |= {f"{name} {key}": text for name, behind in sql.BEHIND.items() for key, text in behind.items()}


@pytest.mark.parametrize("name", [name for name in STATEMENTS if name not in ALLOWED])
def test_no_statement_goes_through_a_table_that_grows(db: sqlite3.Connection, name: str) -> None:
    assert scanned(plan(db, STATEMENTS[name])) == []


def test_nothing_is_allowed_that_is_not_there_or_needs_no_leave() -> None:
    with closing(sqlite3.connect(":memory:")) as made:
        for statement in sql.SCHEMA:
            made.execute(statement)
        assert [name for name in ALLOWED if not scanned(plan(made, STATEMENTS[name]))] == ["OLDEST_UNSENT"]


# -- lists

ASKED: dict[str, Any] = {
    "states": ["reported"], "kind": "in_home", "place": "1-1-101", "department": "security", "staff": "W1",
    "overdue_at": "2026-11-22T06:00:00Z", "since": "2026-11-01T00:00:00Z", "until": "2026-11-22T00:00:00Z",
}  # fmt: skip
"""What ``list`` can be asked for, but for ``--find``, which has an index of its own."""
LISTS = [
    {name: ASKED[name] for name in names}
    for many in range(4)
    for names in combinations(ASKED, many)
]  # fmt: skip
OTHERS: list[dict[str, Any]] = [
    {"states": list(OPEN)}, {"states": list(OPEN), "kind": "help"}, {"states": ["closed", "archived"], "staff": "W1"},
    {"open": True}, {"external_id": "1"}, {"coordination": "1"}, {"follows": "1"},
    {"archived_since": "1", "archived_before": "2"},
]  # fmt: skip
FIND = {"find": "漏水"}


def run(db: sqlite3.Connection, filters: dict[str, Any]) -> tuple[list[str], list[str]]:
    """The statements with which a page is found, and those with which all are counted."""
    said: list[str] = []
    db.set_trace_callback(said.append)
    try:
        list(listing.newest(db, filters, 50))
        paged = len(said)
        listing.total(db, filters)
    finally:
        db.set_trace_callback(None)
    # What FTS5 itself asks its tables is a remark of the trace.
    return [text for text in said[:paged] if text[:2] != "--"], [text for text in said[paged:] if text[:2] != "--"]


@pytest.mark.parametrize("filters", [*LISTS, *OTHERS], ids=lambda filters: " ".join(filters) or "all")
def test_a_list_goes_through_no_table_that_grows(db: sqlite3.Connection, filters: dict[str, Any]) -> None:
    paged, counted = run(db, filters)
    assert paged
    assert counted
    for text in paged:
        steps = plan(db, text)
        in_order = "orders_reported" in steps[0] and not set(filters) - {"since", "until"}
        assert in_order or scanned(steps) == [], text
    for text in counted:
        assert scanned(plan(db, text)) == [], text


IN_ORDER = [
    filters for filters in LISTS if not filters.keys() & {"overdue_at", "department"} and len(filters) < 3
    and not ("place" in filters and len(filters.keys() - {"since", "until"}) > 1)
]  # fmt: skip


@pytest.mark.parametrize("filters", IN_ORDER, ids=lambda filters: " ".join(filters) or "all")
def test_a_page_is_not_sorted_out_of_all_that_was_chosen(filters: dict[str, Any]) -> None:
    with closing(sqlite3.connect(":memory:", isolation_level=None, factory=Patient)) as made:
        for statement in sql.SCHEMA:
            made.execute(statement)
        paged, _ = run(made, filters)
        assert [text for text in paged if any("TEMP B-TREE" in step for step in plan(made, text))] == []


def test_words_are_looked_for_in_their_index(db: sqlite3.Connection) -> None:
    (step,) = plan(db, sql.FIND)
    assert re.fullmatch(r"SCAN finding VIRTUAL TABLE INDEX \d+:M1", step), step
    for found in run(db, FIND):
        first, *nearest = found
        assert first.partition(" MATCH ")[0] == sql.FIND.partition(" MATCH ")[0]
        assert len(nearest) <= 1, "what is at a place that is called so"
        assert all(scanned(plan(db, text)) == [] for text in nearest)


def test_the_end_of_a_number_is_looked_up(db: sqlite3.Connection) -> None:
    paged, _ = run(db, {"find": "0001"})
    (step,) = (step for text in paged for step in plan(db, text) if "tail" in step)
    assert step.startswith("SEARCH orders USING INDEX"), step


@pytest.mark.parametrize("filters", [*LISTS, *OTHERS], ids=lambda filters: " ".join(filters) or "all")
def test_the_few_that_words_find_are_looked_up_whatever_else_is_asked(
    db: sqlite3.Connection, filters: dict[str, Any]
) -> None:
    paged, counted = run(db, {**filters, "found": {1}, "find": None})
    assert len(paged) == 1
    for text in (*paged, *counted):
        assert "SEARCH orders USING INTEGER PRIMARY KEY (rowid=?)" in plan(db, text)[0]


@pytest.mark.parametrize("filters", LISTS, ids=lambda filters: " ".join(filters) or "all")
def test_where_words_find_many_the_newest_of_a_list_are_gone_through(
    db: sqlite3.Connection, filters: dict[str, Any]
) -> None:
    many = set(range(listing._MANY + 1))
    paged, counted = run(db, {**filters, "found": many})
    plain, _ = run(db, filters)
    assert [text.partition(" LIMIT ")[0] for text in paged] == [text.partition(" LIMIT ")[0] for text in plain]
    assert bool(counted) == bool(filters)
    assert [text for text in counted if scanned(plan(db, text))] == []


@pytest.mark.parametrize("index", ["orders_state", "orders_assignee", "orders_place", "obligations_due"])
def test_without_its_index_a_scan_would_be_seen(index: str) -> None:
    with closing(sqlite3.connect(":memory:", isolation_level=None, factory=Patient)) as made:
        for statement in sql.SCHEMA:
            made.execute(statement)
        made.execute(f"DROP INDEX {index}")
        texts = [text for filters in LISTS for found in run(made, filters) for text in found]
        texts += [text for name, text in STATEMENTS.items() if name not in ALLOWED]
        bad = [text for text in texts if scanned(plan(made, text)) or "orders_reported" in plan(made, text)[0]]
        assert bad


# -- indexes

UNSEEN = {
    "sqlite_autoindex_entries_2": "no two entries have one hash",
    "sqlite_autoindex_orders_1": "the key",
    "orders_external": "no two orders have one id of another system",
    "sqlite_autoindex_finding_config_1": "FTS5's own",
    "sqlite_autoindex_finding_idx_1": "FTS5's own",
}


def test_every_index_is_used_by_a_statement() -> None:
    """Each costs whoever imports; what nobody asks by goes."""
    with closing(sqlite3.connect(":memory:", isolation_level=None, factory=Patient)) as made:
        for statement in sql.SCHEMA:
            made.execute(statement)
        texts = [
            *STATEMENTS.values(),
            *(text for asked in LISTS + OTHERS for part in run(made, asked) for text in part),
        ]
        used = {word for text in texts for step in plan(made, text) for word in step.split()}
        indexes = {name for (name,) in made.execute("SELECT name FROM sqlite_schema WHERE type = 'index'")}
        assert sorted(indexes - used - UNSEEN.keys()) == []
