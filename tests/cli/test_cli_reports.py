"""The reports as a script and as a manager see them: JSON, tables, CSV and workbooks, and each figure opened."""

from __future__ import annotations

import csv
import io
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from desk_cli import IN_HOME, Clock, done, nothing_written, refused, run
from python_calamine import CalamineWorkbook

REPORTS = ("month", "staff", "faults", "callbacks", "complaints", "help", "clocks")
FORMULA = "=HYPERLINK(1)"


def sheet(path: Path) -> list[list[Any]]:
    with path.open("rb") as stream:
        book = CalamineWorkbook.from_filelike(stream)
        return book.get_sheet_by_index(0).to_python()


@pytest.mark.rule("RPT-1", "RPT-2")
def test_the_month_has_the_keys_of_the_contract(full_desk: Path) -> None:
    month = done("report", "month")
    promised = ["month", "orders", "finished", "on_time_rate", "satisfaction_rate", "first_time_fix_rate", "callback"]
    assert set(promised) | {"targets"} <= set(month)
    assert (month["month"], month["orders"]) == ("2026-11", 15)
    assert {"quota", "done"} <= set(month["callback"]["repairs"]) & set(month["callback"]["complaints"])
    rates = [month[name] for name in promised if name.endswith("rate")]
    assert all(0 <= rate <= 1 for rate in rates)
    assert month["targets"]["satisfaction_rate"] == 0.9
    assert "orders_behind" not in month


@pytest.mark.parametrize("name", REPORTS)
def test_each_report_comes_in_every_form_and_writes_nothing(full_desk: Path, name: str, tmp_path: Path) -> None:
    with nothing_written(full_desk / "ledger.db"):
        assert run("report", name, "--json").json == run("report", name, "--format", "json").json
        assert run("report", name).startswith("2026-11, as of 2026-11-24 09:00\n")
        table = list(csv.reader(io.StringIO(str(run("report", name, "--format", "csv")))))
        out = tmp_path / "out.xlsx"
        assert run("report", name, "--format", "xlsx", "--out", str(out)).exit_code == 0
    assert len({len(row) for row in table}) == 1
    assert [len(row) for row in sheet(out)] == [len(row) for row in table]
    assert all(row[0] == "2026-11" for row in table[1:])


@pytest.mark.parametrize("name", REPORTS)
def test_a_month_without_anything_can_be_printed_in_every_form(desk: Path, name: str, tmp_path: Path) -> None:
    assert "None" not in run("report", name, "--month", "2020-01")
    assert "–" in run("report", "month", "--month", "2020-01")
    assert run("report", name, "--month", "2020-01", "--format", "csv").count("\n") <= 2
    out = tmp_path / "out.xlsx"
    assert run("report", name, "--month", "2020-01", "--format", "xlsx", "--out", str(out)).exit_code == 0


@pytest.mark.parametrize("command", ["month", "staff", "faults", "finance", "finance --arrears"])
def test_down_a_pipe_tabs_part_the_columns_of_a_report_and_in_a_file_they_stand_below_each_other(
    full_desk: Path, tmp_path: Path, command: str
) -> None:
    piped = [line for line in run("report", *command.split()).splitlines() if "\t" in line]
    assert piped
    assert len({line.count("\t") for line in piped}) == 1
    out = tmp_path / "report.txt"
    assert run("report", *command.split(), "--out", str(out)).exit_code == 0
    assert "\t" not in out.read_text(encoding="utf-8")


@pytest.mark.rule("RPT-2")
def test_people_read_a_rate_with_its_counts_and_its_target(full_desk: Path) -> None:
    said = run("report", "month")
    assert "satisfied: 25.0 % (1 of 4), target 90 %: missed" in said
    assert run("report", "month", "--lang", "zh").exit_code == 0


def test_numbers_are_numbers_in_a_workbook_and_what_cannot_be_computed_is_empty(
    full_desk: Path, tmp_path: Path
) -> None:
    out = tmp_path / "month.xlsx"
    assert run("report", "month", "--format", "xlsx", "--out", str(out)).exit_code == 0
    rows = sheet(out)
    column = {name: index for index, name in enumerate(rows[0])}
    every = next(row for row in rows if row[column["group"]] == "all")
    month = done("report", "month")
    assert every[column["orders"]] == 15
    assert Decimal(str(every[column["on time"]])) == round(Decimal(month["on_time_rate"]), 3)
    asked = next(row for row in rows if row[column["group"]] == "help")
    assert asked[column["first-time fix"]] == ""


@pytest.mark.rule("RPT-4")
def test_no_cell_that_somebody_wrote_is_a_formula(desk: Path, tmp_path: Path) -> None:
    done("intake", *IN_HOME[:2], "--place", FORMULA, *IN_HOME[4:], "--as", "C1")
    said = run("report", "faults", "--format", "csv")
    assert f"'{FORMULA}" in said
    assert f",{FORMULA}" not in said
    out = tmp_path / "faults.xlsx"
    assert run("report", "faults", "--format", "xlsx", "--out", str(out)).exit_code == 0
    assert any(FORMULA in row for row in sheet(out))


def test_a_figure_is_opened_to_the_numbers_behind_it(full_desk: Path, tmp_path: Path) -> None:
    month = done("report", "month", "--orders", "satisfaction.below")
    assert month["figure"] == "satisfaction.below"
    assert len(month["orders_behind"]) == month["satisfaction"]["below"]
    assert run("report", "month", "--orders", "satisfaction.below").split() == month["orders_behind"]
    table = run("report", "month", "--orders", "satisfaction.below", "--format", "csv").split()
    assert table[1:] == month["orders_behind"]
    out = tmp_path / "behind.xlsx"
    assert run("report", "month", "--orders", "orders@W1", "--format", "xlsx", "--out", str(out)).exit_code == 0
    assert [row[0] for row in sheet(out)[1:]] == done("report", "month", "--orders", "orders@W1")["orders_behind"]
    assert "No order is behind" in run("report", "help", "--orders", "answered.missed")


def test_the_report_is_of_the_month_and_the_time_asked(full_desk: Path, clock: Clock) -> None:
    assert done("report", "month", "--month", "2026-12")["orders"] == 0
    assert done("report", "month", "--at", "2026-11-22T07:00")["orders"] == 0
    clock.on(days=30)
    assert done("report", "month")["month"] == "2026-12"


@pytest.mark.parametrize(
    ("argv", "names"),
    [
        (("year",), "faults"),
        (("month", "--month", "2026-13"), "2026-13"),
        (("month", "--orders", "on_time"), "on_time.missed"),
        (("month", "--hand-over"), "--hand-over"),
        (("staff", "--arrears"), "--arrears"),
        (("clocks", "--place", "3-2-501"), "--place"),
        (("finance", "--orders", "orders"), "--orders"),
        (("month", "--format", "xlsx"), "--out"),
        (("month", "--format", "pdf"), "csv"),
    ],
)
def test_what_cannot_be_asked_is_a_usage_error_that_says_what_can(
    full_desk: Path, argv: tuple[str, ...], names: str
) -> None:
    with nothing_written(full_desk / "ledger.db"):
        assert names in refused(2, "report", *argv)["message"]


@pytest.mark.sqlite
def test_a_report_is_not_written_over_the_ledger(full_desk: Path) -> None:
    with nothing_written(full_desk / "ledger.db"):
        refused(2, "report", "month", "--format", "csv", "--out", str(full_desk / "ledger.db"))
