"""What the page of a month shows beside its report: months, hours and overdue orders, counted by hand."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest
from practice import LAMP, Practice

from repairdesk.desk import By, month_docs
from repairdesk.desk.turn import Turn

Doc = dict[str, Any]


def page(desk: Practice, month: str | None = None, at: str | None = None) -> Doc:
    return desk.desk.month_page(By(os_user="tester", at=at), month).doc


def counted(zone: str, *reported: str) -> list[tuple[int, int, int]]:
    """Weekday, hour and number of orders reported at these times (UTC), in a zone."""
    quarters: Iterable[Doc] = [
        {"quarter": int(datetime.fromisoformat(at).replace(tzinfo=UTC).timestamp()) // 900, "orders": 1}
        for at in reported
    ]
    rules, ledger = SimpleNamespace(zone=ZoneInfo(zone)), SimpleNamespace(report=lambda name, asked: quarters)
    week = month_docs.hours(cast(Turn, SimpleNamespace(rules=rules, ledger=ledger)), {})
    return [(day, hour, n) for day, row in enumerate(week) for hour, n in enumerate(row) if n]


@pytest.mark.rule("RPT-1")
def test_a_month_begins_at_the_desks_own_midnight(desk: Practice) -> None:
    # Half past eleven in the evening of 30 November is still the old month, in UTC both are.
    desk.moment = desk.moment.replace(month=11, day=30, hour=23, minute=30)
    desk.reported(place="1-1-101")
    desk.wait(hours=1)
    desk.reported(place="1-1-102")
    desk.reported(LAMP)
    trend = page(desk)["trend"]
    assert [one["month"] for one in trend][::11] == ["2026-01", "2026-12"]
    assert [one["orders"] for one in trend[-3:]] == [0, 1, 2]


@pytest.mark.rule("RPT-1", "RPT-2")
def test_the_last_month_of_the_trend_is_the_month_of_the_report(desk: Practice) -> None:
    number = desk.at_work(category="plumbing")
    desk.wait(minutes=30)
    desk.finished(number)
    desk.signed(number)
    desk.reported(LAMP)
    doc = page(desk)
    last = doc["trend"][-1]
    assert last["orders"] == 2
    assert {name: doc[name] for name in last} == last


def test_what_is_reported_later_than_the_time_asked_is_not_there_yet(desk: Practice) -> None:
    desk.reported()
    before = desk.moment
    desk.wait(days=1)
    desk.reported(LAMP)
    doc = page(desk, at=before.isoformat())
    assert doc["trend"][-1]["orders"] == doc["orders"] == sum(map(sum, doc["hours"])) == 1


def test_hours_are_those_on_the_desks_clock(desk: Practice) -> None:
    desk.reported()
    desk.wait(hours=15)
    desk.reported(LAMP)
    hours = page(desk)["hours"]
    assert (hours[6][9], hours[0][0]) == (1, 1)
    assert sum(map(sum, hours)) == 2


def test_hours_keep_to_the_clock_when_it_is_put_back() -> None:
    # Berlin, Sunday 25 October 2026: two o'clock comes twice.
    assert counted("Europe/Berlin", "2026-10-25T00:30", "2026-10-25T01:30", "2026-10-25T02:30") == [
        (6, 2, 2),
        (6, 3, 1),
    ]


def test_hours_are_right_where_the_zone_is_a_quarter_off() -> None:
    # A quarter before midnight on Sunday, and midnight.
    assert counted("Asia/Kathmandu", "2026-11-01T18:00", "2026-11-01T18:15") == [(0, 0, 1), (6, 23, 1)]


@pytest.mark.rule("RPT-1")
def test_what_waits_longest_beyond_its_time_comes_first(desk: Practice) -> None:
    first = desk.at_work(place="1-1-101", category="plumbing")
    desk.wait(hours=1)
    second = desk.at_work(place="1-1-102", category="plumbing")
    desk.wait(days=4)
    fresh = desk.reported(place="1-1-103")
    found = page(desk)["overdue"]
    assert [one["number"] for one in found["listed"]] == [first, second]
    assert found["orders"] == 2
    assert fresh not in str(found)
    assert found["listed"][0]["assignee"] == "W1"


def test_a_month_before_the_ledger_began_is_empty(desk: Practice) -> None:
    doc = page(desk, "2019-03")
    assert [one["orders"] for one in doc["trend"]] == [0] * 12
    assert doc["trend"][0]["month"] == "2018-04"
    assert doc["overdue"] == {"orders": 0, "listed": []}
    assert doc["trend"][-1]["on_time_rate"] is None
