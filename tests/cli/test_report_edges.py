"""Months with nothing, with one order, with a change of rules: every report says so in every form and stands."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from typing import Any

import pytest
from desk_cli import IN_HOME, PUBLIC, Clock, done, nothing_written, run

REPORTS = ("month", "finance", "staff", "faults", "callbacks", "complaints", "help", "clocks")
COUNTED = tuple(name for name in REPORTS if name != "finance")
EMPTY = {"before the ledger began": "2020-01", "without an order": "2026-10", "to come": "2031-07"}
FORMS = ("table", "json", "csv", "xlsx", "html")


def said(name: str, form: str, month: str | None, tmp_path: Path) -> str:
    """The report in this form, as text; a workbook as nothing."""
    argv = ["report", name, "--format", form]
    argv += ["--month", month] if month else []
    if form == "xlsx":
        out = tmp_path / f"{name}.xlsx"
        result = run(*argv, "--out", str(out))
        assert out.stat().st_size > 1000
    else:
        result = run(*argv)
    assert result.exit_code == 0, (argv, result.err)
    return str(result)


def numbers(doc: Any) -> list[float]:
    """Every number of a document that is counted, not asked for, nor the ledger's own."""
    if isinstance(doc, dict):
        return [found for key, value in doc.items() if key not in ("targets", "head") for found in numbers(value)]
    if isinstance(doc, list):
        return [found for value in doc for found in numbers(value)]
    return [doc] if isinstance(doc, int | float) and not isinstance(doc, bool) else []


def rates(doc: Any) -> list[Any]:
    """Every rate of a document."""
    if isinstance(doc, list):
        return [found for value in doc for found in rates(value)]
    if not isinstance(doc, dict):
        return []
    mine = [value for key, value in doc.items() if key.endswith("rate") and not isinstance(value, dict)]
    return mine + [found for key, value in doc.items() if key != "targets" for found in rates(value)]


@pytest.mark.rule("RPT-1", "RPT-2")
@pytest.mark.parametrize("month", EMPTY.values(), ids=EMPTY)
@pytest.mark.parametrize("form", FORMS)
def test_an_empty_month_is_empty_in_every_form(full_desk: Path, tmp_path: Path, form: str, month: str) -> None:
    with nothing_written(full_desk / "ledger.db"):
        for name in REPORTS:
            text = said(name, form, month, tmp_path)
            assert not re.search(r"\b(None|nan|Traceback)\b", text), (name, text)
            if form == "csv":
                rows = list(csv.reader(io.StringIO(text)))
                assert len({len(row) for row in rows}) == 1, name
    if form == "table":
        assert "–" in said("month", form, month, tmp_path)


@pytest.mark.rule("RPT-2")
@pytest.mark.parametrize("month", EMPTY.values(), ids=EMPTY)
@pytest.mark.parametrize("name", COUNTED)
def test_nothing_is_counted_in_an_empty_month_and_no_rate_is_a_number(full_desk: Path, name: str, month: str) -> None:
    doc = done("report", name, "--month", month)
    assert doc["month"] == month
    assert [number for number in numbers(doc) if number] == []
    assert set(rates(doc)) <= {None}


@pytest.mark.rule("RPT-1", "RPT-2")
@pytest.mark.parametrize("form", FORMS)
def test_a_month_with_one_order_is_that_order_in_every_form(desk: Path, tmp_path: Path, form: str) -> None:
    number = done("intake", *IN_HOME, "--category", "plumbing", "--as", "C1")["number"]
    for name in REPORTS:
        assert "None" not in said(name, form, None, tmp_path)
    assert done("report", "month")["orders"] == 1
    assert done("report", "month", "--orders", "orders")["orders_behind"] == [number]
    assert done("report", "faults")["categories"][0]["cumulated_share"] == 1.0
    assert rates(done("report", "complaints")) == [None] * len(rates(done("report", "complaints")))


@pytest.mark.rule("RPT-1")
def test_the_running_month_counts_what_there_is_until_now_and_not_what_comes(desk: Path, clock: Clock) -> None:
    done("intake", *IN_HOME, "--as", "C1")
    now = clock.now.strftime("%Y-%m-%dT%H:%M")
    clock.on(hours=3)
    done("intake", *IN_HOME, "--new", "--as", "C1")
    assert [done("report", "month", "--at", at)["orders"] for at in (now, clock.on(minutes=1))] == [1, 2]
    assert done("report", "month")["on_time"] == {"met": 0, "missed": 0, "open": 2}
    clock.on(days=3)
    assert done("report", "month")["on_time"] == {"met": 0, "missed": 2, "open": 0}
    clock.on(days=30)
    assert done("report", "month")["orders"] == 0
    assert done("report", "month", "--month", "2026-11")["orders"] == 2


# --- the rules change in the middle of the month


def edit(path: Path, *changes: tuple[str, str]) -> None:
    text = path.read_text(encoding="utf-8")
    for old, new in changes:
        assert text.count(old) == 1, (old, text.count(old))
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")


@pytest.fixture
def changed(desk: Path, clock: Clock) -> Path:
    """One order by the old rules; from the 25th on the desk has office hours for its 48, and a holiday on the 26th."""
    done("intake", *IN_HOME, "--category", "plumbing", "--as", "C1")
    clock.on(days=1)
    resolve = "  resolve:\n    rule: SLA-1\n    source: LY 标准\n"
    edit(
        desk / "policies.yaml",
        ("version: standard-", "version: winter-"),
        (resolve, f"{resolve}    calendar: office\n"),
        ("    holidays: []  ", "    holidays: [\"2026-11-26\"]  "),
    )  # fmt: skip
    edit(
        desk / "calendar.yaml",
        ("version: cn-2026", "version: cn-2026b"),
        ('"2026-09-20", "2026-10-10"]', '"2026-09-20", "2026-10-10", "2026-11-28"]'),
    )
    done("intake", *IN_HOME, "--category", "plumbing", "--new", "--as", "C1")
    return desk


@pytest.mark.rule("RPT-1", "SLA-2", "REC-4")
def test_where_the_calendar_changed_each_order_is_late_by_the_rules_of_its_day(changed: Path, clock: Clock) -> None:
    """By noon of the 27th the first, 48 hours from Tuesday nine o'clock on, is over; the second has used up

    of Wednesday 3 + 3.5 hours, of Thursday none (a holiday), of Friday 3: it is late only in another week.
    """
    clock.on(days=2, hours=3)
    assert done("report", "month")["on_time"] == {"met": 0, "missed": 1, "open": 1}
    first, second = done("report", "month", "--orders", "orders")["orders_behind"]
    assert done("report", "month", "--orders", "on_time.missed")["orders_behind"] == [first]
    assert done("report", "clocks", "--orders", "open@resolve")["orders_behind"] == [second]
    clock.on(days=14)
    assert done("report", "month", "--month", "2026-11")["on_time"]["missed"] == 2


@pytest.mark.rule("RPT-2", "REC-4")
@pytest.mark.parametrize("form", FORMS)
def test_a_month_with_two_versions_of_the_rules_comes_in_every_form(changed: Path, tmp_path: Path, form: str) -> None:
    for name in REPORTS:
        assert "None" not in said(name, form, "2026-11", tmp_path)
    assert done("report", "month")["orders"] == 2


@pytest.mark.rule("CAL-1", "REC-4")
def test_a_quota_that_changed_counts_each_order_by_its_own(desk: Path, clock: Clock) -> None:
    """Two filed by the old 30 %, then one by 100 %: 0.3 + 0.3 + 1 = 1.6, so two are to be called."""

    def filed() -> None:
        number = done("intake", *PUBLIC, "--new", "--as", "C1")["number"]
        for argv in (("assign", number, "W1", "--as", "C1"), ("start", number, "--as", "W1"),
                     ("finish", number, "--found", "老化", "--result", "好", "--as", "W1"),
                     ("sign", number, "--by", "秩序部", "--rating", "satisfied", "--as", "W1"),
                     ("close", number, "--as", "L1"), ("archive", number, "--as", "C1")):  # fmt: skip
            clock.on(minutes=1)
            done(*argv)

    filed()
    filed()
    edit(desk / "policies.yaml", ("version: standard-", "version: keen-"), ('rate: "0.30" ', 'rate: "1.00" '))
    filed()
    assert done("report", "month")["callback"]["repairs"] == {"quota": 2, "done": 0}
    drawn = done("report", "month", "--orders", "callback.drawn@repairs")["orders_behind"]
    assert len(drawn) == 2
    done("callback", "record", drawn[0], "--outcome", "satisfied", "--method", "phone", "--as", "C2")
    assert done("report", "callbacks")["callback"]["repairs"] == {"quota": 2, "done": 1}
