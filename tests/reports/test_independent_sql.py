"""Every figure of every report, compared with a recount of the entries that shares nothing with it (RPT-1 to RPT-5)."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
from recount import REPORTS, Recount, differences, figures_in, months

from repairdesk.demo.month import END
from repairdesk.demo.play import Played, play
from repairdesk.desk import By

Doc = dict[str, Any]
BY = By("C1", "linxy", END)


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    """Two months: the demo's own with its stories, and an ordinary one before it; the office calls and hands over."""
    return play(tmp_path_factory.mktemp("desk") / "months", 84, 2, 2)


@pytest.fixture(scope="module")
def recount(played: Played, tmp_path_factory: pytest.TempPathFactory) -> Recount:
    return recounted(played, tmp_path_factory.mktemp("recounted"))


def recounted(played: Played, folder: Path) -> Recount:
    """Counts in a file of SQLite, wherever the ledger is kept that the reports are asked of."""
    played.desk.ledger.store.copy(folder / "counted.db", 30)
    return Recount(folder / "counted.db", END)


def report(played: Played, name: str, month: str) -> Doc:
    return played.desk.report(BY, name, month).doc


@pytest.mark.rule("RPT-1", "RPT-2", "RPT-3", "RPT-4", "RPT-5", "CAL-7")
@pytest.mark.parametrize("name", REPORTS)
@pytest.mark.parametrize("month", ["2026-08", "2026-09", "2026-10", "2026-11"])
def test_each_figure_is_what_the_entries_say(played: Played, recount: Recount, name: str, month: str) -> None:
    """August is before the ledger began, November has not come."""
    mine = getattr(recount, name)(month)
    assert list(differences(mine, report(played, name, month))) == []


@pytest.mark.parametrize("name", REPORTS)
def test_a_figure_that_is_wrong_by_one_would_be_noticed(played: Played, recount: Recount, name: str) -> None:
    """So that the comparison above cannot pass by comparing nothing: each number of the report is put wrong in turn."""
    mine, told = getattr(recount, name)("2026-10"), report(played, name, "2026-10")
    compared = [path for path in numbers(told) if not unknown(path)]
    assert len(compared) > 5
    for path in compared:
        wrong = copy.deepcopy(told)
        *way, last = path
        spot: Any = wrong
        for step in way:
            spot = spot[step]
        spot[last] += 1
        assert list(differences(mine, wrong)), path


def numbers(doc: Any, *path: Any) -> list[tuple[Any, ...]]:
    """The way to each number of a document."""
    if isinstance(doc, dict | list):
        rows = doc.items() if isinstance(doc, dict) else enumerate(doc)
        return [found for key, value in rows for found in numbers(value, *path, key)]
    return [path] if isinstance(doc, int | float) and not isinstance(doc, bool) else []


NOT_COUNTED = {"targets", "proposals", "cumulated", "cumulated_share", "head"}
"""What follows from figures that are compared, and the code of the ledger, which is no figure."""
BESIDE = {"complete", "complete_rate", "recheck", "recheck_rate", "remarks", "remarks_rate", "by_department", "overdue"}
"""Counted by hand in tests of their own."""


def unknown(path: tuple[Any, ...]) -> bool:
    return bool((NOT_COUNTED | BESIDE) & set(path))


def test_so_many_figures_are_compared(recount: Recount) -> None:
    assert sum(figures_in(getattr(recount, name)(month)) for name in REPORTS for month in ("2026-09", "2026-10")) > 1500


def test_the_months_of_a_year_follow_each_other() -> None:
    assert list(months("2025-11", "2026-02")) == ["2025-11", "2025-12", "2026-01", "2026-02"]


@pytest.mark.slow
@pytest.mark.rule("RPT-1", "RPT-2", "RPT-3", "RPT-4", "RPT-5", "CAL-7")
def test_each_figure_of_each_month_of_a_year_is_what_the_entries_say(tmp_path: Path) -> None:
    year = play(tmp_path / "year", 1200, 3, 12)
    counted = recounted(year, tmp_path)
    wrong = [
        (month, name, line)
        for month in months("2025-11", "2026-10") for name in REPORTS
        for line in differences(getattr(counted, name)(month), report(year, name, month))
    ]  # fmt: skip
    assert wrong == []
