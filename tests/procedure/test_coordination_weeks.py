"""COO-3, COO-4: a coordination order's weeks and months, which the leader and the supervisor look into."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from nights import cycles, founded, night, told
from practice import LAMP, SHANGHAI, Practice, when

from repairdesk.desk import By

WEEK, LEADER, SUPERVISOR = "weekly-entry", "leader-check", "supervisor-check"


@pytest.fixture(scope="module")
def _old(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return founded(tmp_path_factory.mktemp("old") / "desk")


@pytest.fixture
def year(_old: Path, tmp_path: Path) -> Iterator[Practice]:
    """A desk that has been there all the year 2026."""
    shutil.copytree(_old, tmp_path / "year")
    made = Practice(tmp_path / "year")
    yield made
    assert made.problems() == []


@pytest.fixture
def tracked(desk: Practice) -> str:
    """Opened on Sunday 22 November 2026 at nine; its first week begins the next day."""
    return desk.converted(desk.reported())


def opened(desk: Practice, at: str, place: str = "3-2-501") -> str:
    desk.at(at)
    return desk.converted(desk.reported(place=place))


def logged(desk: Practice, number: str, *times: str, who: str = "C1") -> None:
    for at in times:
        desk.at(at)
        desk.logged(number, who)


def checked(desk: Practice, number: str, who: str, *times: str) -> None:
    for at in times:
        desk.at(at)
        desk.do("check", who, number, support="called the supplier")


# --- weeks


@pytest.mark.rule("COO-3")
def test_over_new_year_the_weeks_go_by_the_iso_calendar_which_has_53_of_them_in_2026(desk: Practice) -> None:
    assert date(2027, 1, 3).isocalendar()[:2] == (2026, 53)
    number = opened(desk, "2026-12-24T10:00")  # a Thursday, week 52
    assert cycles(desk, number, WEEK) == [("2026-12-28", "2027-01-03", "open")]
    logged(desk, number, "2026-12-25T10:00")  # still in the week in which it was opened: nothing is owed for that one
    assert cycles(desk, number, WEEK) == [("2026-12-28", "2027-01-03", "open")]
    logged(desk, number, "2027-01-03T23:59:59", "2027-01-04T00:00:00")
    assert cycles(desk, number, WEEK) == [
        ("2026-12-28", "2027-01-03", "met"), ("2027-01-04", "2027-01-10", "met"), ("2027-01-11", "2027-01-17", "open"),
    ]  # fmt: skip


@pytest.mark.rule("COO-3")
@pytest.mark.parametrize(
    ("at", "monday"),
    [
        ("2026-11-23T00:00:00", "2026-11-30"),
        ("2026-11-22T23:59:00", "2026-11-23"),
        ("2026-11-25T12:00:00", "2026-11-30"),
    ],
    ids=["on a Monday at 00:00", "on a Sunday at 23:59", "on a Wednesday"],
)
def test_the_week_in_which_it_opens_counts_from_the_following_monday(desk: Practice, at: str, monday: str) -> None:
    week = desk.owed(opened(desk, at), WEEK)
    assert week["starts_at"] == when(f"{monday}T00:00")
    assert (date.fromisoformat(week["due_at"][:10]) - date.fromisoformat(monday)).days == 6
    assert week["due_at"].endswith("T23:59:59+08:00")


@pytest.mark.rule("COO-3", "SLA-4")
def test_with_an_entry_in_each_week_nobody_hears_anything(desk: Practice, tracked: str) -> None:
    for day in ("2026-11-25", "2026-12-06", "2026-12-07"):
        logged(desk, tracked, f"{day}T10:00")
        assert told(desk, None, WEEK) == []
    assert told(desk, "2026-12-14T00:10", WEEK) == []
    assert cycles(desk, tracked, WEEK) == [
        ("2026-11-23", "2026-11-29", "met"), ("2026-11-30", "2026-12-06", "met"), ("2026-12-07", "2026-12-13", "met"),
        ("2026-12-14", "2026-12-20", "open"),
    ]  # fmt: skip


@pytest.mark.rule("COO-3", "SLA-4")
def test_a_week_without_an_entry_climbs_and_stays_missed_and_the_next_entry_ends_it(
    desk: Practice, tracked: str
) -> None:
    assert told(desk, "2026-11-29T23:59:59", WEEK) == []
    assert told(desk, "2026-11-30T00:10", WEEK) == [(WEEK, 1, "clerk", ["C1"])]
    assert told(desk, "2026-12-01T00:10", WEEK) == [(WEEK, 2, "leader", ["L1"])]
    logged(desk, tracked, "2026-12-02T10:00")
    assert cycles(desk, tracked, WEEK) == [
        ("2026-11-23", "2026-11-29", "missed"), ("2026-11-30", "2026-12-06", "met"),
        ("2026-12-07", "2026-12-13", "open"),
    ]  # fmt: skip
    assert told(desk, "2026-12-07T00:10", WEEK) == []


@pytest.mark.rule("COO-3")
def test_without_any_run_the_entry_finds_the_week_that_was_missed_all_the_same(desk: Practice, tracked: str) -> None:
    logged(desk, tracked, "2026-12-09T10:00")
    assert cycles(desk, tracked, WEEK) == [
        ("2026-11-23", "2026-11-29", "missed"), ("2026-11-30", "2026-12-06", "missed"),
        ("2026-12-07", "2026-12-13", "met"), ("2026-12-14", "2026-12-20", "open"),
    ]  # fmt: skip


@pytest.mark.rule("COO-3")
def test_two_entries_in_one_week_are_not_one_for_the_next(desk: Practice, tracked: str) -> None:
    logged(desk, tracked, "2026-11-24T10:00", "2026-11-26T10:00")
    assert told(desk, "2026-12-07T00:10", WEEK) == [(WEEK, 1, "clerk", ["C1"])]
    assert [state for *_, state in cycles(desk, tracked, WEEK)] == ["met", "missed", "open"]


@pytest.mark.rule("COO-3")
def test_a_week_that_a_leader_exempts_with_a_reason_is_not_owed(desk: Practice, tracked: str) -> None:
    with desk.refuses(2):
        desk.do("exempt", "L1", tracked, reason=" ")
    with desk.refuses(12):
        desk.do("exempt", "C1", tracked, reason="the resident is abroad")
    desk.at("2026-11-24T10:00")
    desk.do("exempt", "L1", tracked, reason="the resident is abroad")
    assert told(desk, "2026-12-07T00:10", WEEK) == [(WEEK, 1, "clerk", ["C1"])]  # of the week after
    assert [state for *_, state in cycles(desk, tracked, WEEK)] == ["void", "missed", "open"]


@pytest.mark.rule("COO-3")
def test_an_exemption_after_the_week_excuses_this_week_and_not_the_one_that_was_missed(
    desk: Practice, tracked: str
) -> None:
    desk.at("2026-12-01T10:00")
    desk.do("exempt", "L1", tracked, reason="the resident is abroad")
    assert [state for *_, state in cycles(desk, tracked, WEEK)] == ["missed", "void", "open"]


@pytest.mark.rule("COO-3", "REC-2")
def test_an_exemption_of_last_week_that_is_keyed_in_late_excuses_that_week_alone(desk: Practice, tracked: str) -> None:
    night(desk, "2026-11-30T00:10")
    desk.at("2026-11-30T09:00")
    desk.do("exempt", "L1", tracked, reason="the resident is abroad", at="2026-11-27T10:00")
    assert [state for *_, state in cycles(desk, tracked, WEEK)] == ["void", "open"]
    assert told(desk, "2026-12-07T00:10", WEEK) == [(WEEK, 1, "clerk", ["C1"])]


@pytest.mark.rule("COO-3", "REC-2")
def test_an_entry_of_last_week_that_is_keyed_in_late_counts_for_last_week_whatever_the_night_said(
    desk: Practice, tracked: str
) -> None:
    assert told(desk, "2026-11-30T00:10", WEEK) == [(WEEK, 1, "clerk", ["C1"])]
    desk.at("2026-11-30T09:00")
    desk.logged(tracked, at="2026-11-27T16:00")
    assert [state for *_, state in cycles(desk, tracked, WEEK)] == ["met", "open"]
    assert desk.show(tracked)["logs"][0]["at"] == when("2026-11-27T16:00")
    assert desk.last_entry(tracked)["late"] is True
    assert told(desk, "2026-12-06T23:00", WEEK) == []


@pytest.mark.rule("REC-2")
def test_a_look_back_between_the_week_and_its_late_end_shows_what_had_happened(desk: Practice, tracked: str) -> None:
    night(desk, "2026-11-30T00:10")  # opens the second week
    desk.at("2026-11-30T09:00")
    desk.finished(tracked, "C1", at="2026-11-28T10:00")
    back = desk.show(tracked, as_of="2026-11-29T12:00")
    assert back["state"] == "finished"
    assert [one["state"] for one in back["obligations"] if one["name"] == WEEK] == ["void"]
    assert [state for *_, state in cycles(desk, tracked, WEEK)] == ["void", "void"]


@pytest.mark.rule("COO-3", "SLA-4")
def test_after_three_weeks_without_a_run_every_missed_week_is_recorded_and_the_highest_step_told(
    desk: Practice, tracked: str
) -> None:
    assert told(desk, "2026-12-16T12:00", WEEK) == [
        (WEEK, 4, "manager", ["M1"]), (WEEK, 4, "manager", ["M1"]), (WEEK, 2, "leader", ["L1"]),
    ]  # fmt: skip
    assert [state for *_, state in cycles(desk, tracked, WEEK)] == ["missed", "missed", "missed", "open"]
    (entry,) = [one for one in desk.entries(tracked) if one["event"] == "escalate"]
    first, _, third = [one for one in entry["data"]["missed"] if one["name"] == WEEK]
    assert [(step["level"], step["at"], step["role"]) for step in first["steps"]] == [
        (1, when("2026-11-29T23:59:59"), "tracker"), (2, when("2026-11-30T23:59:59"), "leader"),
        (3, when("2026-12-02T23:59:59"), "supervisor"), (4, when("2026-12-06T23:59:59"), "manager"),
    ]  # fmt: skip
    assert first["told"]["level"] == 4
    assert [step["level"] for step in third["steps"]] == [1, 2]
    assert told(desk, "2026-12-16T12:01", WEEK) == []
    assert told(desk, "2026-12-17T00:00", WEEK) == [(WEEK, 3, "supervisor", ["S1"])]


@pytest.mark.rule("COO-3")
def test_what_the_system_writes_and_what_others_do_is_no_entry(desk: Practice, tracked: str) -> None:
    night(desk, "2026-11-30T00:10")
    night(desk, "2026-12-01T00:10")
    desk.at("2026-12-02T09:00")
    assert [one["event"] for one in desk.entries(tracked)] == ["open", "escalate", "escalate"]
    desk.do("check", "L1", tracked, support="called the supplier")
    desk.corrected(tracked, fault="the tap leaks")
    desk.do("intake", "C1", report_of_the_tap(), join=tracked)
    assert [state for *_, state in cycles(desk, tracked, WEEK)] == ["missed", "open"]
    assert (WEEK, 1, "clerk", ["C1"]) in told(desk, "2026-12-07T00:10", WEEK)


def report_of_the_tap() -> object:
    from repairdesk.domain.intake import Report

    return Report(kind="in_home", place="3-2-501", caller="王先生", phone="13800001235", fault="the tap drips")


# --- months


@pytest.mark.rule("COO-4")
def test_the_month_in_which_it_opens_counts_if_fifteen_days_of_it_are_left_that_day_included(year: Practice) -> None:
    due = {
        # February 2026 has 28 days, April 30, May 31.
        "2026-02-14T23:59:59": "2026-02-28", "2026-02-15T00:00:00": "2026-03-31", "2026-02-16T10:00": "2026-03-31",
        "2026-02-17T10:00": "2026-03-31", "2026-02-18T10:00": "2026-03-31",
        "2026-04-16T23:59:59": "2026-04-30", "2026-04-17T00:00:00": "2026-05-31", "2026-04-18T10:00": "2026-05-31",
        "2026-05-16T10:00": "2026-05-31", "2026-05-17T23:59:59": "2026-05-31", "2026-05-18T00:00:00": "2026-06-30",
    }  # fmt: skip
    found = {}
    for room, at in enumerate(due, start=1):
        number = opened(year, at, place=f"3-2-{room}")
        (leader,), (supervisor,) = cycles(year, number, LEADER), cycles(year, number, SUPERVISOR)
        assert leader == supervisor
        assert year.owed(number, LEADER)["due_at"].endswith("T23:59:59+08:00")
        assert leader[0] == (at[:10] if leader[1][:7] == at[:7] else f"{leader[1][:8]}01")
        found[at] = leader[1]
    assert found == due


@pytest.mark.rule("COO-4")
def test_the_leader_checks_it_twice_and_the_supervisor_once_a_month(desk: Practice, tracked: str) -> None:
    assert (desk.owed(tracked, LEADER)["times"], desk.owed(tracked, SUPERVISOR)["times"]) == (2, 1)
    checked(desk, tracked, "L1", "2026-12-03T10:00")
    assert (desk.owed(tracked, LEADER)["state"], desk.owed(tracked, LEADER)["done"]) == ("open", 1)
    checked(desk, tracked, "S1", "2026-12-04T10:00")
    checked(desk, tracked, "L1", "2026-12-31T23:59:59")
    for name in (LEADER, SUPERVISOR):
        assert cycles(desk, tracked, name) == [
            ("2026-12-01", "2026-12-31", "met"),
            ("2027-01-01", "2027-01-31", "open"),
        ]
    assert told(desk, "2027-01-01T00:10", LEADER, SUPERVISOR) == []


@pytest.mark.rule("COO-4")
def test_checks_before_the_first_month_that_counts_are_none_for_it(desk: Practice, tracked: str) -> None:
    checked(desk, tracked, "L1", "2026-11-23T10:00", "2026-11-30T23:59:59")
    assert desk.owed(tracked, LEADER)["done"] == 0
    assert cycles(desk, tracked, LEADER) == [("2026-12-01", "2026-12-31", "open")]


@pytest.mark.rule("COO-4", "SLA-4")
def test_a_month_with_one_of_two_checks_is_missed_and_the_next_check_ends_it(desk: Practice, tracked: str) -> None:
    checked(desk, tracked, "L1", "2026-12-10T10:00")
    assert told(desk, "2027-01-01T00:10", LEADER, SUPERVISOR) == [
        (LEADER, 1, "leader", ["L1"]), (SUPERVISOR, 1, "supervisor", ["S1"]),
    ]  # fmt: skip
    assert told(desk, "2027-01-02T00:10", LEADER, SUPERVISOR) == [
        (LEADER, 2, "supervisor", ["S1"]), (SUPERVISOR, 2, "manager", ["M1"]),
    ]  # fmt: skip
    checked(desk, tracked, "L1", "2027-01-05T10:00")
    assert cycles(desk, tracked, LEADER) == [
        ("2026-12-01", "2026-12-31", "missed"),
        ("2027-01-01", "2027-01-31", "open"),
    ]
    assert desk.owed(tracked, LEADER)["done"] == 1  # it is also the first of January
    assert told(desk, "2027-01-09T00:10", LEADER) == []
    checked(desk, tracked, "L1", "2027-01-20T10:00")
    assert cycles(desk, tracked, LEADER)[1:] == [
        ("2027-01-01", "2027-01-31", "met"),
        ("2027-02-01", "2027-02-28", "open"),
    ]


@pytest.mark.rule("COO-4", "REC-2")
def test_a_check_of_december_that_is_keyed_in_in_january_is_one_of_december(desk: Practice, tracked: str) -> None:
    checked(desk, tracked, "L1", "2026-12-10T10:00")
    night(desk, "2027-01-01T00:10")
    desk.do("check", "L1", tracked, support="on site", at="2026-12-31T16:00")
    assert cycles(desk, tracked, LEADER) == [("2026-12-01", "2026-12-31", "met"), ("2027-01-01", "2027-01-31", "open")]
    assert desk.owed(tracked, LEADER)["done"] == 0


# --- its end, its tracker, its work orders


@pytest.mark.rule("COO-5", "SLA-4")
def test_nothing_is_owed_of_it_once_it_is_finished_but_its_slip(desk: Practice, tracked: str) -> None:
    desk.at("2026-12-01T10:00")  # a week was missed
    desk.finished(tracked, "C1")
    assert [state for *_, state in cycles(desk, tracked, WEEK)] == ["missed", "void"]
    assert [state for *_, state in cycles(desk, tracked, LEADER)] == ["void"]
    assert told(desk, "2026-12-01T17:01") == [("slip", 1, "clerk", ["C1"])]
    desk.signed(tracked, who="C1")
    desk.closed(tracked)
    desk.archived(tracked, who="L1")
    assert night(desk, "2027-03-01T10:00")["told"] == []


@pytest.mark.rule("COO-1", "COO-3", "SLA-4")
def test_another_tracker_owes_the_week_and_hears_of_it(desk: Practice, tracked: str) -> None:
    desk.at("2026-11-26T10:00")
    with desk.refuses(10, "COO-1"):
        desk.assigned(tracked, "C2", who="L1")
    desk.assigned(tracked, "C2", who="L1", reason="C1 is on leave")
    assert desk.owed(tracked, WEEK)["owner"] == "C2"
    with desk.refuses(12):
        desk.logged(tracked, "C1")
    assert told(desk, "2026-11-30T00:10", WEEK) == [(WEEK, 1, "clerk", ["C2"])]
    desk.logged(tracked, "C2")
    assert [state for *_, state in cycles(desk, tracked, WEEK)] == ["missed", "met", "open"]


@pytest.mark.rule("COO-1")
def test_a_work_order_that_follows_it_has_no_day_of_its_own(desk: Practice, tracked: str) -> None:
    visits = [desk.reported(follows=tracked, place="3-2-501"), desk.reported(LAMP, follows=tracked)]
    assert [desk.owed(number, "complete")["state"] for number in visits] == ["void", "void"]
    assert desk.owed(visits[0], "resolve")["state"] == "open"
    assert night(desk, "2026-11-26T00:10")["converted"] == []


@pytest.mark.rule("COO-1")
def test_what_follows_a_coordination_order_that_is_finished_has_its_day_as_any_other(
    desk: Practice, tracked: str
) -> None:
    desk.finished(tracked, "C1")
    rework, other = desk.reported(follows=tracked), desk.reported(follows=desk.done(place="3-2-504"), place="3-2-504")
    assert desk.owed(rework, "complete")["due_at"] == when("2026-11-23T00:00")
    assert {one["number"] for one in night(desk, "2026-11-23T00:10")["converted"]} == {rework, other}


@pytest.mark.rule("COO-1")
def test_the_same_report_sent_again_is_the_order_that_it_made_though_nobody_tracks_the_matter_any_more(
    desk: Practice, tracked: str
) -> None:
    number = desk.reported(follows=tracked, external_id="E-1")
    desk.finished(tracked, "C1")
    assert desk.reported(follows=tracked, external_id="E-1") == number


@pytest.mark.rule("COO-1", "SLA-1")
def test_the_promise_of_the_order_runs_on_and_its_tracker_hears_of_it(desk: Practice, tracked: str) -> None:
    (order,) = [one["number"] for one in desk.desk.list_orders(By(None, "tester"), {"kind": "in_home"})[0]
                if one["coordination"] == tracked]  # fmt: skip
    assert told(desk, "2026-11-24T09:01", "resolve") == [("resolve", 1, "clerk", ["C1"])]
    desk.assigned(tracked, "C2", who="L1", reason="C1 is on leave")
    assert desk.moment.astimezone(SHANGHAI).hour == 9
    assert told(desk, "2026-11-24T13:01", "resolve") == [("resolve", 3, "supervisor", ["S1"])]
    desk.finished(tracked, "C2")
    assert desk.owed(order, "resolve")["state"] == "missed"
    assert told(desk, "2026-11-26T09:01", "resolve") == []
