"""What the benchmark of the reports measures against counts the same figures, on a ledger made as it makes its own."""

from __future__ import annotations

import importlib.util
import sqlite3
import sys
from collections import Counter
from contextlib import closing
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from repairdesk.demo.month import END
from repairdesk.demo.play import play
from repairdesk.desk import By, Desk

Doc = dict[str, Any]
BENCH = Path(__file__).parents[2] / "bench" / "reports.py"
COPIES = 3

pytestmark = pytest.mark.sqlite


@pytest.fixture(scope="module")
def bench() -> ModuleType:
    """bench/reports.py, which asks for the month of the demo instead of its own."""
    spec = importlib.util.spec_from_file_location("bench_reports", BENCH)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, bench: ModuleType) -> Path:
    """The demo month three times over."""
    folder = tmp_path_factory.mktemp("bench")
    play(folder / "year", 50, 1)
    made: Path = bench.desk(folder, folder / "year", COPIES)
    return made


@pytest.fixture(scope="module")
def told(home: Path, bench: ModuleType) -> dict[str, Doc]:
    desk = Desk(home, lambda: END)
    return {name: desk.report(By("C1", "linxy"), name, "2026-10").doc for name in bench.REPORTS}


@pytest.fixture(scope="module")
def bare(home: Path, bench: ModuleType) -> dict[str, list[list[tuple[Any, ...]]]]:
    span = bench.SPAN | {
        "since": "2026-09-30T16:00:00Z", "before": "2026-10-31T16:00:00Z", "look_back": "2026-07-02T16:00:00Z",
    }  # fmt: skip
    with closing(sqlite3.connect(home / "ledger.db")) as db:
        return {name: [db.execute(text, span).fetchall() for text in texts] for name, texts in bench.BARE.items()}


def summed(rows: list[tuple[Any, ...]], first: int) -> list[int]:
    """The columns from one on, each added up."""
    return [sum(value or 0 for value in column) for column in list(zip(*rows, strict=True))[first:]]


def test_the_copied_orders_are_so_many_times_those_that_were_played(home: Path, told: dict[str, Doc]) -> None:
    assert told["month"]["orders"] == COPIES * 50
    with closing(sqlite3.connect(home / "ledger.db")) as db:
        (orders,) = db.execute("SELECT count(*) FROM orders").fetchone()
        (workers,) = db.execute("SELECT count(DISTINCT worker) FROM orders").fetchone()
    assert orders > COPIES * 50
    assert workers > 5


def test_the_month_is_counted_alike(told: dict[str, Doc], bare: dict[str, Any]) -> None:
    month = told["month"]
    orders, finished, met, missed, running, good, below, repaired, reworked = summed(bare["month"][0], 3)[:9]
    assert (orders, finished) == (month["orders"], month["finished"])
    assert {"met": met, "missed": missed, "open": running} == month["on_time"]
    assert {"satisfied": good, "below": below} == month["satisfaction"]
    assert {"fixed": repaired - reworked, "reworked": reworked} == month["first_time_fix"]
    lacking, rechecked = summed(bare["month"][0], 3)[9:]
    assert (lacking, rechecked) == (month["complete"]["lacking"], month["recheck"]["done"])


def test_the_technicians_are_counted_alike(told: dict[str, Doc], bare: dict[str, Any]) -> None:
    rows = {row["staff"]: row for row in told["staff"]["technicians"]}
    for who, jobs, met, missed, repaired, reworked, *ratings, lacking in bare["staff"][0]:
        row = rows[who]
        assert (jobs, met, missed) == (row["jobs"], row["on_time"]["met"], row["on_time"]["missed"])
        assert {"fixed": repaired - reworked, "reworked": reworked} == row["first_time_fix"]
        assert (ratings, lacking) == (list(row["ratings"].values()), row["checklist_missed"])
    for who, visits, seconds, late, _, apart in bare["staff"][1]:
        row = rows[who]
        assert (visits, seconds, late, apart) == (
            row["visits"], row["handling_seconds"], row["late_seconds"], row["late"]["apart"],
        )  # fmt: skip


def test_the_faults_are_counted_alike(told: dict[str, Doc], bare: dict[str, Any]) -> None:
    faults = told["faults"]
    categories = {row["category"]: (row["orders"], row["handling_seconds"], row["repeats"])
                  for row in faults["categories"]}  # fmt: skip
    assert {category: (n, seconds, again) for category, n, _, seconds, again in bare["faults"][0]} == categories
    assert Counter(row[1] for row in bare["faults"][1]) == Counter(row["orders"] for row in faults["places"])
    assert len(bare["faults"][2]) == len(faults["spots"])


def test_calls_and_clocks_are_counted_alike(told: dict[str, Doc], bare: dict[str, Any]) -> None:
    calls = told["callbacks"]
    assert sum(row[3] for row in bare["callbacks"][0]) == calls["calls"] > 0
    assert summed(bare["callbacks"][0], 4) == [calls["remarks"]["made"], calls["remarks"]["settled"]]
    wanted = {row["name"]: (row["met"], row["missed"], row["open"], row["void"]) for row in told["clocks"]["clocks"]}
    assert {row[0]: row[1:5] for row in bare["clocks"][0]} == wanted
    late = {row["name"]: row["median_late_seconds"] for row in told["clocks"]["clocks"]}
    assert {row[0]: row[6] and int(row[6]) for row in bare["clocks"][0]} == late


@pytest.mark.parametrize("name", ["complaints", "help"])
def test_complaints_and_help_are_counted_alike(told: dict[str, Doc], bare: dict[str, Any], name: str) -> None:
    orders, finished, _, _, met, missed, running = summed(bare[name][0], 1)[:7]
    assert (orders, finished) == (told[name]["orders"], told[name]["finished"])
    assert {"met": met, "missed": missed, "open": running} == told[name]["answered"]
