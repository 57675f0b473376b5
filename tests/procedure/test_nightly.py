"""SLA-4, SLA-5, COO-1, INT-7: the nightly run: who hears of what, what it converts, and what it leaves alone."""

from __future__ import annotations

import io
import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, redirect_stdout
from pathlib import Path
from typing import Any

import pytest
from nights import BY_THE_OFFICE, NEXT_TABLE, cycles, founded, messages, night, runs, told, written_by_the_night
from practice import LAMP, Practice, when

from repairdesk.cli import common
from repairdesk.cli.__main__ import main
from repairdesk.desk import By

Doc = dict[str, Any]


@pytest.fixture(scope="module")
def _lvjing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return founded(tmp_path_factory.mktemp("lvjing") / "desk", "lvjing", "2026-11-21T09:00")


@pytest.fixture
def proposing(_lvjing: Path, tmp_path: Path) -> Iterator[Practice]:
    """A desk of the preset lvjing, where the supervisor explains what was not done the same day."""
    shutil.copytree(_lvjing, tmp_path / "lvjing")
    made = Practice(tmp_path / "lvjing")
    yield made
    assert made.problems() == []


@pytest.fixture
def sending(desk: Practice) -> Practice:
    """A desk whose policy sends messages to everybody but finance."""
    everybody = "technician, contractor, leader, supervisor, manager, clerk"
    desk.edits("policies.yaml", ("version: standard-2026-11", "version: sending-1"),
               ("  roles: [] ", f"  roles: [{everybody}] "))  # fmt: skip
    return desk


def hired(desk: Practice, staff: str, role: str) -> None:
    desk.desk.staff_add(By(os_user="tester"), staff, name=staff, role=role)


def left(desk: Practice, staff: str) -> None:
    desk.do("staff_retire", None, staff, reason="moved away")


def on_duty(desk: Practice, staff: str, start: str, end: str) -> None:
    desk.do("staff_duty", None, staff, start=start, end=end)


def typed(desk: Practice, monkeypatch: pytest.MonkeyPatch, *argv: str) -> tuple[int, str]:
    """A command at this desk, at its time: the exit code, and stdout."""
    monkeypatch.setattr(common, "clock", lambda: desk.moment)
    out = io.StringIO()
    with redirect_stdout(out):
        code = main([*argv, "--home", str(desk.home), "--lang", "en"])
    return code, out.getvalue()


# --- the ladder, step by step


@pytest.mark.rule("SLA-4")
def test_what_the_desk_owes_climbs_from_the_leader_to_the_manager_each_step_once(desk: Practice) -> None:
    desk.reported()  # told by 09:05, answered by 10:00
    assert [one for one in runs(desk, "2026-11-22T15:00", minutes=15) if one[1] in ("tell", "respond")] == [
        ("09:15", "tell", 1, "leader"),
        ("10:15", "tell", 2, "supervisor"),
        ("10:15", "respond", 1, "leader"),
        ("11:15", "respond", 2, "supervisor"),
        ("13:15", "tell", 3, "manager"),
        ("14:15", "respond", 3, "manager"),
    ]


@pytest.mark.rule("SLA-4", "ASG-2")
def test_who_should_be_there_hears_it_first_then_the_leader_the_supervisor_and_next_day_the_manager(
    desk: Practice,
) -> None:
    number = desk.reported(LAMP)
    desk.assigned(number)
    desk.accepted(number)  # there by 09:15
    assert told(desk, "2026-11-22T09:15:00") == []
    assert told(desk, "2026-11-22T09:15:01") == [("arrive", 1, "technician", ["W1"])]
    assert told(desk, "2026-11-22T09:30:00") == []
    assert told(desk, "2026-11-22T09:30:01") == [("arrive", 2, "leader", ["L1"])]
    assert told(desk, "2026-11-22T10:15:01") == [("arrive", 3, "supervisor", ["S1"])]
    assert told(desk, "2026-11-23T09:15:00") == []
    assert told(desk, "2026-11-23T09:15:01", "arrive") == [("arrive", 4, "manager", ["M1"])]
    assert told(desk, "2026-11-23T20:00", "arrive") == []
    assert desk.owed(number, "arrive")["level"] == 4
    desk.arrived(number)
    assert (desk.owed(number, "arrive")["state"], desk.owed(number, "arrive")["level"]) == ("missed", 4)


@pytest.mark.rule("SLA-4")
def test_however_often_it_runs_at_one_time_each_step_is_told_once(desk: Practice) -> None:
    desk.reported()
    assert told(desk, "2026-11-22T09:06") == [("tell", 1, "leader", ["L1"])]
    before = desk.head()
    for _ in range(3):
        assert told(desk) == []
    assert desk.head() == before


@pytest.mark.rule("SLA-4")
def test_after_an_outage_every_missed_step_is_on_record_and_only_the_highest_is_told(desk: Practice) -> None:
    number = desk.reported()
    assert told(desk, "2026-11-22T18:00", "tell", "respond") == [
        ("tell", 3, "manager", ["M1"]), ("respond", 3, "manager", ["M1"]),
    ]  # fmt: skip
    (entry,) = [one for one in desk.entries(number) if one["event"] == "escalate"]
    assert (entry["actor"], entry["occurred_at"]) == ("system", when("18:00"))
    tell = next(one for one in entry["data"]["missed"] if one["name"] == "tell")
    assert tell["steps"] == [
        {"level": 1, "at": when("09:05"), "role": "leader"}, {"level": 2, "at": when("10:05"), "role": "supervisor"},
        {"level": 3, "at": when("13:05"), "role": "manager"},
    ]  # fmt: skip
    assert tell["told"] == {"level": 3, "role": "manager", "staff": "M1", "people": ["M1"]}
    assert desk.owed(number, "tell")["level"] == 3


@pytest.mark.rule("SLA-4", "SLA-5")
def test_the_answer_has_the_keys_that_scripts_rely_on(desk: Practice) -> None:
    number = desk.reported()
    answer = night(desk, "2026-11-23T00:10")
    assert answer["at"] == when("2026-11-23T00:10")
    assert {"told", "converted", "failed"} <= answer.keys()
    row = next(one for one in answer["told"] if one["obligation"] == "tell")
    wanted = ("number", "obligation", "rule", "level", "role", "staff", "due_at")
    assert [row[name] for name in wanted] == [number, "tell", "INT-4", 3, "manager", "M1", when("09:05")]
    (converted,) = answer["converted"]
    assert (converted["number"], converted["coordination"]) == (number, "X20261123-0001")
    assert answer["failed"] == []


# --- who hears of it


@pytest.mark.rule("SLA-4", "INT-8")
def test_of_a_role_those_on_duty_hear_it_and_all_where_nobody_is(desk: Practice) -> None:
    hired(desk, "L2", "leader")
    on_duty(desk, "L2", "2026-11-22T09:00", "2026-11-22T10:00")
    on_duty(desk, "L1", "2026-11-22T18:00", "2026-11-22T23:00")
    for room in (1, 2):
        desk.at(f"2026-11-22T09:5{room}")
        desk.reported(place=f"3-2-{room}")  # told by 09:56 and 09:57
    assert told(desk, "2026-11-22T09:56:30") == [("tell", 1, "leader", ["L2"])]
    assert told(desk, "2026-11-22T10:00:00") == [("tell", 1, "leader", ["L1", "L2"])]  # duty ends at ten sharp
    desk.at("2026-11-22T18:00")
    desk.reported(place="3-2-3")
    assert ("tell", 1, "leader", ["L1"]) in told(desk, "2026-11-22T18:06")


@pytest.mark.rule("SLA-4")
def test_where_nobody_has_the_role_the_role_alone_is_told(desk: Practice) -> None:
    left(desk, "M1")
    desk.reported()
    row = next(one for one in night(desk, "2026-11-22T18:00")["told"] if one["obligation"] == "tell")
    assert (row["level"], row["role"], row["staff"], row["people"]) == (3, "manager", None, [])


@pytest.mark.rule("SLA-4")
def test_what_a_role_is_told_that_nobody_has_is_a_message_to_the_role(sending: Practice) -> None:
    left(sending, "M1")
    sending.reported()
    night(sending, "2026-11-22T18:00")
    assert [(one["to"], one["role"]) for one in messages(sending)] == [("manager", "manager")]


@pytest.mark.rule("SLA-4", "ASG-4")
def test_after_a_reassignment_the_new_one_hears_it_and_before_any_the_clerk_who_took_it(desk: Practice) -> None:
    nobodys = desk.reported(LAMP, who="C2", priority="emergency")
    number = desk.reported(LAMP, place="西门", priority="emergency")
    desk.assigned(number)
    desk.assigned(number, to="W2", reason="W1 is stuck")
    rows = [one for one in night(desk, "2026-11-22T11:01")["told"] if one["obligation"] == "resolve"]
    assert [(one["number"], one["staff"], one["owner"]) for one in rows] == [
        (nobodys, "C2", "technician"), (number, "W2", "W2"),
    ]  # fmt: skip


@pytest.mark.rule("SLA-4")
def test_of_an_assignee_who_has_left_the_clerk_hears_it(desk: Practice) -> None:
    number = desk.reported(LAMP, priority="emergency")
    desk.assigned(number)
    left(desk, "W1")
    assert told(desk, "2026-11-22T11:01", "resolve") == [("resolve", 1, "clerk", ["C1"])]
    left(desk, "C1")
    assert told(desk, "2026-11-22T12:01", "resolve") == [("resolve", 2, "leader", ["L1"])]


@pytest.mark.rule("SLA-4", "COO-3")
def test_of_a_tracker_who_has_left_the_leader_hears_it(desk: Practice) -> None:
    desk.converted(desk.reported(), tracker="C2")
    left(desk, "C2")
    assert told(desk, "2026-11-30T00:10", "weekly-entry") == [("weekly-entry", 1, "leader", ["L1"])]


@pytest.mark.rule("SLA-4", "COO-1")
def test_of_an_order_that_was_converted_the_tracker_hears_that_it_is_not_resolved(desk: Practice) -> None:
    number = desk.reported(who="C2")
    desk.assigned(number)
    night(desk, "2026-11-23T00:10")
    rows = [one for one in night(desk, "2026-11-24T09:00:01")["told"] if one["obligation"] == "resolve"]
    assert [(one["number"], one["level"], one["staff"]) for one in rows] == [(number, 1, "C2")]


# --- converting


@pytest.mark.rule("COO-1")
def test_at_the_end_of_its_day_an_order_gets_the_clerk_who_took_it_as_its_tracker(desk: Practice) -> None:
    number = desk.at_work()
    other = desk.reported(who="C2", place="3-2-502")
    answer = night(desk, "2026-11-23T00:10")
    assert {one["number"]: one["tracker"] for one in answer["converted"]} == {number: "C1", other: "C2"}
    order = desk.show(number)
    coordination = desk.show(order["coordination"])
    assert (order["state"], coordination["converted_from"]) == ("converted", number)
    assert order["visits"][0]["ended_at"] == when("2026-11-23T00:10")
    assert (coordination["state"], coordination["tracker"], coordination["reported_at"]) == (
        "tracking", "C1", when("2026-11-23T00:10"),
    )  # fmt: skip
    assert [one["actor"] for one in desk.entries(coordination["number"])] == ["system"]
    assert desk.owed(number, "complete")["state"] == "missed"
    assert night(desk, "2026-11-23T01:10")["converted"] == []


@pytest.mark.rule("COO-1", "SLA-4")
def test_who_is_made_the_tracker_is_sent_word_of_it(sending: Practice) -> None:
    sending.reported(who="C2")
    night(sending, "2026-11-23T00:10")
    (line,) = [line for one in messages(sending) if one["to"] == "C2" for line in one["lines"]]
    assert (line["number"], line["obligation"], line["rule"]) == ("X20261123-0001", "track", "COO-1")


@pytest.mark.rule("COO-1")
def test_the_tracker_is_the_one_that_the_policy_names(desk: Practice) -> None:
    desk.edits("policies.yaml", ("version: standard-2026-11", "version: own-1"), ("tracker: clerk ", "tracker: S1 "))
    number = desk.reported()
    assert [one["tracker"] for one in night(desk, "2026-11-23T00:10")["converted"]] == ["S1"]
    left(desk, "S1")
    desk.at("2026-11-23T09:00")
    desk.reported(place="3-2-502", who="C2")
    assert [one["tracker"] for one in night(desk, "2026-11-24T00:10")["converted"]] == ["C2"]
    assert desk.show(number)["policies_version"] == "own-1"


@pytest.mark.rule("SLA-5", "COO-1")
def test_an_order_that_nobody_can_track_is_named_and_does_not_stop_the_others(
    desk: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    orphan, other = desk.reported(who="C2"), desk.reported(place="3-2-502")
    left(desk, "C2")
    desk.at("2026-11-23T00:10")
    code, out = typed(desk, monkeypatch, "escalate", "--json")
    answer = json.loads(out)
    assert code == 18
    assert [one["number"] for one in answer["converted"]] == [other]
    assert [one["number"] for one in answer["failed"]] == [orphan]
    assert "track" in answer["failed"][0]["why"]
    assert {(one["number"], one["obligation"]) for one in answer["told"]} >= {(orphan, "tell"), (orphan, "respond")}
    assert desk.show(orphan)["state"] == "reported"
    code, out = typed(desk, monkeypatch, "escalate", "--json")
    assert (code, json.loads(out)["told"], json.loads(out)["converted"]) == (18, [], [])
    desk.edits("policies.yaml", ("version: standard-2026-11", "version: own-1"), ("tracker: clerk ", "tracker: C1 "))
    assert [one["number"] for one in night(desk, "2026-11-23T09:00")["converted"]] == [orphan]


@pytest.mark.rule("COO-1")
def test_what_a_leader_exempts_is_never_converted(desk: Practice) -> None:
    number = desk.reported()
    desk.do("exempt", "L1", number, reason="the resident asked for Monday")
    for day in (23, 24, 25):
        assert night(desk, f"2026-11-{day}T00:10")["converted"] == []
    assert desk.owed(number, "complete")["state"] == "void"
    assert desk.owed(number, "resolve")["level"] > 0, "its other clocks run on"


@pytest.mark.rule("COO-1", "VIS-10")
def test_where_policy_proposes_the_night_lists_the_order_and_climbs_and_converts_nothing(
    proposing: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = proposing
    number = desk.reported()
    other = desk.reported(place="3-2-502")
    desk.do("exempt", "L1", other, reason="the resident asked for Monday")
    answer = night(desk, "2026-11-23T00:10")
    assert (answer["converted"], [one["number"] for one in answer["proposed"]]) == ([], [number])
    rows = [one for one in answer["told"] if one["obligation"] == "complete"]
    assert [(one["number"], one["level"], one["role"]) for one in rows] == [(number, 1, "leader")]
    assert told(desk, "2026-11-23T01:10", "complete") == [("complete", 2, "supervisor", ["S1"])]
    desk.at("2026-11-23T04:10")
    code, out = typed(desk, monkeypatch, "escalate")
    assert (code, [line for line in out.splitlines() if "convert it" in line]) == (
        0, [f"{number}  was not finished in its time: convert it, or exempt it"],
    )  # fmt: skip
    assert desk.owed(number, "complete")["level"] == 3
    desk.converted(number)
    assert night(desk, "2026-11-24T00:10")["proposed"] == []


# --- emergencies


@pytest.mark.rule("INT-7")
def test_an_emergency_is_told_to_leader_and_supervisor_in_the_same_moment(sending: Practice) -> None:
    desk = sending
    number = desk.reported(priority="emergency")
    assert any("L1" in remark and "S1" in remark for remark in desk.remarks)
    assert [one["to"] for one in messages(desk)] == ["L1", "S1"]
    line = messages(desk)[0]["lines"][0]
    wanted = {"number": number, "obligation": "emergency", "rule": "INT-7", "place": "3-2-501"}
    assert {name: line[name] for name in wanted} == wanted


@pytest.mark.rule("INT-7")
def test_an_emergency_goes_to_those_on_duty(sending: Practice) -> None:
    desk = sending
    hired(desk, "L2", "leader")
    on_duty(desk, "L2", "2026-11-22T08:00", "2026-11-22T12:00")
    desk.reported(priority="emergency")
    assert [one["to"] for one in messages(desk)] == ["L2", "S1"]


@pytest.mark.rule("INT-7")
def test_what_turns_out_to_be_an_emergency_is_told_then(sending: Practice) -> None:
    desk = sending
    number = desk.reported()
    assert messages(desk) == []
    desk.corrected(number, priority="emergency")
    assert any("L1" in remark and "S1" in remark for remark in desk.remarks)
    assert [one["to"] for one in messages(desk)] == ["L1", "S1"]
    desk.corrected(number, fault="the tap runs")
    assert len(messages(desk)) == 2


@pytest.mark.rule("INT-7", "SLA-4")
def test_whom_the_policy_sends_nothing_gets_no_message_and_is_named_all_the_same(sending: Practice) -> None:
    desk = sending
    desk.edits("policies.yaml", ("version: sending-1", "version: sending-2"), ("contractor, leader, ", "contractor, "))
    desk.reported(priority="emergency")
    assert any("L1" in remark for remark in desk.remarks)
    assert [one["to"] for one in messages(desk)] == ["S1"]
    assert ("tell", 1, "leader", ["L1"]) in told(desk, "2026-11-22T09:06")
    assert len(messages(desk)) == 1


@pytest.mark.rule("SLA-4")
def test_what_a_run_tells_one_person_is_one_message(sending: Practice) -> None:
    for room in range(1, 5):
        sending.reported(place=f"3-2-{room}")
    night(sending, "2026-11-22T09:06")
    assert [(one["to"], len(one["lines"])) for one in messages(sending)] == [("L1", 4)]


# --- months of finance


@pytest.mark.rule("FEE-7", "SLA-4")
def test_a_month_that_finance_has_not_signed_for_by_the_25th_climbs_until_it_has(desk: Practice) -> None:
    desk.filed(desk.billed(services=("tap",)))
    assert told(desk, "2026-12-25T23:59:59", "hand-over") == []
    row = night(desk, "2026-12-26T00:10")["told"][0]
    wanted = ("number", "obligation", "rule", "level", "role", "staff", "due_at", "owner")
    assert [row[name] for name in wanted] == [
        "2026-11", "hand-over", "FEE-7", 1, "finance", "F1", when("2026-12-25T23:59:59"), "finance",
    ]  # fmt: skip
    assert told(desk, "2026-12-27T00:10") == []
    assert told(desk, "2026-12-29T00:10") == [("hand-over", 2, "manager", ["M1"])]
    assert told(desk, "2027-01-20T00:10") == []
    assert desk.handed_over("2026-11")["handed_over"]["in_time"] is False
    assert told(desk, "2027-02-20T00:10") == []


@pytest.mark.rule("FEE-7", "SLA-4")
def test_a_month_that_is_signed_for_in_time_is_never_heard_of(desk: Practice) -> None:
    desk.filed(desk.billed(services=("tap",)))
    desk.at("2026-12-25T23:59:59")
    assert desk.handed_over("2026-11")["handed_over"]["in_time"] is True
    assert told(desk, "2026-12-29T00:10") == []


# --- slips that are keyed in late


@pytest.fixture
def overtaken(desk: Practice) -> str:
    """Work is begun at nine on Sunday; the night converts the order; it is Monday at nine."""
    number = desk.at_work()
    night(desk, "2026-11-23T00:10")
    desk.at("2026-11-23T09:00")
    return number


COORDINATION = "X20261123-0001"


@pytest.mark.rule("REC-2", "COO-1")
def test_a_slip_of_nine_in_the_evening_voids_the_conversion_that_came_after_it_both_on_record(
    desk: Practice, overtaken: str
) -> None:
    order = desk.finished(overtaken, at="2026-11-22T21:00")
    assert (order["state"], order["coordination"], order["voided"]) == ("finished", None, [COORDINATION])
    assert order["visits"][0]["ended_at"] == when("21:00")
    assert order["handling_seconds"] == 12 * 3600
    assert desk.owed(overtaken, "resolve")["met_at"] == when("21:00")
    assert desk.owed(overtaken, "complete")["state"] == "met"
    assert [(one["event"], one["actor"], one["late"]) for one in desk.entries(overtaken)[-3:]] == [
        ("convert", "system", False), ("revert", "system", True), ("finish", "W1", True),
    ]  # fmt: skip
    voided = desk.show(COORDINATION)
    assert (voided["state"], voided["ended_reason"], voided["converted_from"]) == ("cancelled", "late-slip", overtaken)
    assert {one["state"] for one in voided["obligations"]} == {"void"}
    assert desk.last_entry(COORDINATION)["data"]["order"] == overtaken


@pytest.mark.rule("REC-2")
def test_after_that_the_order_goes_its_way_and_the_night_has_nothing_more_to_do_with_it(
    desk: Practice, overtaken: str
) -> None:
    desk.finished(overtaken, at="2026-11-22T21:00")
    desk.signed(overtaken)
    desk.closed(overtaken)
    assert desk.archived(overtaken)["state"] == "archived"
    answer = night(desk, "2026-12-08T00:10")
    assert (answer["told"], answer["converted"]) == ([], [])
    with desk.refuses(10):
        desk.logged(COORDINATION)
    assert [one["number"] for one in desk.desk.list_orders(By(None, "tester"), {"open": True})[0]] == []


@pytest.mark.rule("REC-2")
@pytest.mark.parametrize(
    ("then", "state", "coordination"),
    [
        ("2026-11-22T12:00", "on_site", None),
        ("2026-11-22T22:00", "finished", None),
        ("2026-11-23T00:10", "finished", "cancelled"),
        ("2026-11-23T09:00", "finished", "cancelled"),
    ],
)
def test_a_look_back_shows_what_had_happened_by_then(
    desk: Practice, overtaken: str, then: str, state: str, coordination: str | None
) -> None:
    desk.finished(overtaken, at="2026-11-22T21:00")
    assert desk.show(overtaken, as_of=then)["state"] == state
    if coordination is None:
        with desk.refuses(11):
            desk.show(COORDINATION, as_of=then)
    else:
        assert desk.show(COORDINATION, as_of=then)["state"] == coordination


@pytest.mark.rule("REC-2", "SLA-4")
def test_a_look_back_over_a_coordination_order_that_lived_for_weeks_before_it_was_void(
    desk: Practice, overtaken: str
) -> None:
    night(desk, "2026-12-08T00:10")  # a week was missed, and the next one opened
    assert len(cycles(desk, COORDINATION, "weekly-entry")) == 2
    desk.finished(overtaken, at="2026-11-22T21:00")
    assert desk.show(COORDINATION, as_of="2026-11-25T09:00")["state"] == "cancelled"
    assert desk.show(COORDINATION)["state"] == "cancelled"
    assert told(desk, "2026-12-20T00:10", "weekly-entry") == []


@pytest.mark.rule("REC-2")
def test_once_the_coordination_order_is_finished_a_late_slip_is_refused(desk: Practice, overtaken: str) -> None:
    desk.finished(COORDINATION, "C1")
    with desk.refuses(10):
        desk.finished(overtaken, at="2026-11-22T21:00")


@pytest.mark.rule("REC-2")
def test_a_slip_of_after_the_conversion_is_refused(desk: Practice, overtaken: str) -> None:
    for at in (None, "2026-11-23T00:10"):
        with desk.refuses(10):
            desk.finished(overtaken, at=at)


@pytest.mark.rule("REC-2")
def test_a_conversion_by_a_leader_is_not_voided_by_a_late_slip(desk: Practice) -> None:
    number = desk.at_work()
    desk.at("2026-11-22T22:00")
    desk.converted(number)
    with desk.refuses(10):
        desk.finished(number, at="2026-11-22T21:00")


@pytest.mark.rule("REC-2", "COO-1")
def test_an_arrival_alone_that_is_keyed_in_late_leaves_the_order_to_the_next_night(desk: Practice) -> None:
    number = desk.reported()
    desk.assigned(number)
    night(desk, "2026-11-23T00:10")
    desk.at("2026-11-23T09:00")
    order = desk.arrived(number, at="2026-11-22T20:00")
    assert (order["state"], order["coordination"], order["suspended"]) == ("on_site", None, COORDINATION)
    desk.logged(COORDINATION)
    (again,) = night(desk, "2026-11-24T00:10")["converted"]
    assert again["coordination"] == COORDINATION, "it was right to convert it: what was tracked is gone on with"
    order = desk.show(number)
    assert (order["state"], order["coordination"], order["suspended"]) == ("converted", COORDINATION, None)
    tracked = desk.show(COORDINATION)
    assert (tracked["state"], tracked["tracker"], len(tracked["logs"])) == ("tracking", "C1", 1)
    desk.at("2026-11-24T09:00")
    assert desk.started(number, at="2026-11-22T20:10")["voided"] == []
    order = desk.finished(number, at="2026-11-22T21:00")
    assert (order["state"], order["voided"], order["suspended"]) == ("finished", [COORDINATION], None)
    assert desk.show(COORDINATION)["state"] == "cancelled"


@pytest.mark.rule("REC-2", "COO-3", "SLA-3")
def test_a_trifle_keyed_in_weeks_late_wipes_out_nothing_that_was_tracked(desk: Practice) -> None:
    number = desk.reported()
    desk.assigned(number)
    night(desk, "2026-11-23T00:10")
    desk.at("2026-12-02T09:00")
    desk.logged(COORDINATION)
    night(desk, "2027-01-12T08:00")
    before = desk.show(COORDINATION)["obligations"]
    desk.accepted(number, at="2026-11-22T10:10")
    assert desk.show(COORDINATION)["obligations"] == before
    night(desk, "2027-01-12T08:10")
    assert desk.show(number)["coordination"] == COORDINATION
    assert desk.show(COORDINATION)["state"] == "tracking"


@pytest.mark.rule("REC-2", "REC-3", "SLA-3")
def test_a_correction_after_the_conversion_outlives_the_slip_that_takes_it_back(desk: Practice) -> None:
    number = desk.at_work()
    night(desk, "2026-11-23T00:10")
    desk.at("2026-11-23T08:00")
    desk.corrected(number, at="2026-11-22T20:00", priority="low")
    assert desk.owed(number, "resolve")["due_at"] == when("2026-11-29T09:00")
    desk.finished(number, at="2026-11-22T21:00")
    assert desk.owed(number, "resolve")["due_at"] == when("2026-11-29T09:00")


@pytest.mark.rule("REC-2", "REC-6")
def test_who_called_because_of_a_voided_coordination_order_is_a_caller_of_the_order(desk: Practice) -> None:
    number = desk.at_work()
    night(desk, "2026-11-23T00:10")
    desk.at("2026-11-23T08:00")
    desk.takes(join=COORDINATION, caller="王先生", phone="13900001234", external_id="APP-7")
    order = desk.finished(number, at="2026-11-22T21:00")
    assert [caller["name"] for caller in order["callers"]] == ["王先生"]


@pytest.mark.rule("SLA-4", "COO-1")
def test_what_cannot_be_converted_climbs_on_all_the_same(desk: Practice) -> None:
    number = desk.reported(at="2026-11-22T08:00")
    desk.desk.staff_retire(By(os_user="tester"), "C1")
    rows = night(desk, "2026-11-23T12:00")
    assert [one["number"] for one in rows["failed"]] == [number]
    late = {row["obligation"]: row["level"] for row in rows["told"]}
    assert late == {"tell": 3, "respond": 3}


@pytest.mark.rule("SLA-4", "COO-1")
@pytest.mark.parametrize("run", ["2026-11-23T00:10", "2026-11-23T09:00"])
def test_what_a_conversion_ends_ends_the_same_however_late_the_run_came(desk: Practice, run: str) -> None:
    desk.at("2026-11-22T23:58")
    number = desk.reported()
    night(desk, run)
    assert {name: desk.owed(number, name)["state"] for name in ("tell", "respond", "complete")} == {
        "tell": "void", "respond": "void", "complete": "missed",
    }  # fmt: skip


@pytest.mark.rule("REC-2", "COO-1")
def test_an_appointment_that_was_made_in_time_and_keyed_in_late_gives_the_order_its_new_day(desk: Practice) -> None:
    number = desk.reported()
    night(desk, "2026-11-23T00:10")
    desk.at("2026-11-23T08:00")
    desk.do("reschedule", "C1", number, "2026-11-23T14:00/16:00", reason="the resident is away",
            at="2026-11-22T20:00")  # fmt: skip
    assert desk.owed(number, "complete")["due_at"] == when("2026-11-24T00:00")
    assert night(desk, "2026-11-23T23:00")["converted"] == []
    assert len(night(desk, "2026-11-24T00:10")["converted"]) == 1


@pytest.mark.rule("REC-2", "COO-1")
def test_an_exemption_that_is_keyed_in_late_holds(desk: Practice) -> None:
    number = desk.reported()
    night(desk, "2026-11-23T00:10")
    desk.at("2026-11-23T08:00")
    desk.do("exempt", "L1", number, reason="the resident asked for Tuesday", at="2026-11-22T20:00")
    assert desk.show(number)["coordination"] is None
    assert night(desk, "2026-11-24T00:10")["converted"] == []


@pytest.mark.rule("REC-2", "REC-3")
def test_a_correction_that_is_keyed_in_late_leaves_the_conversion_alone(desk: Practice, overtaken: str) -> None:
    order = desk.corrected(overtaken, at="2026-11-22T21:00", fault="the tap leaks")
    assert (order["state"], order["coordination"], order["voided"]) == ("converted", COORDINATION, [])
    assert desk.show(COORDINATION)["state"] == "tracking"


@pytest.mark.rule("REC-2")
def test_a_late_slip_that_is_refused_leaves_the_conversion_as_it_is(desk: Practice, overtaken: str) -> None:
    with desk.refuses(10, "QUO-4"):
        desk.finished(overtaken, at="2026-11-22T21:00", services=("tap",))  # nobody agreed to pay
    assert desk.show(overtaken)["state"] == "converted"
    assert desk.show(COORDINATION)["state"] == "tracking"


@pytest.mark.rule("REC-2", "SLA-4")
def test_a_step_that_was_told_stays_told_though_the_late_slip_shows_that_it_was_in_time(desk: Practice) -> None:
    number = desk.reported(priority="emergency")
    desk.assigned(number)
    desk.accepted(number)
    desk.started(number)
    night(desk, "2026-11-23T00:10")
    desk.at("2026-11-23T09:00")
    desk.finished(number, at="2026-11-22T10:30")
    resolve = desk.owed(number, "resolve")
    assert (resolve["state"], resolve["level"]) == ("met", 3)


# --- dry runs, and other times than now


def bytes_of(desk: Practice) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(desk.home.iterdir())}


@pytest.mark.rule("SLA-5")
def test_a_dry_run_says_what_the_run_would_and_writes_not_a_byte(desk: Practice) -> None:
    desk.reported(priority="emergency")
    desk.at_work(place="3-2-502")
    desk.converted(desk.reported(place="3-2-503"))
    desk.filed(desk.billed(place="3-2-504", services=("tap",)))
    desk.at("2026-12-27T00:10")
    before = bytes_of(desk)
    said = night(desk, dry_run=True)
    assert bytes_of(desk) == before
    assert said["told"]
    assert len(said["converted"]) == 2
    assert said == night(desk)


@pytest.mark.rule("SLA-5", "REC-2")
def test_a_dry_run_may_ask_what_a_later_time_would_bring_and_a_run_may_not(desk: Practice) -> None:
    number = desk.reported()
    before = bytes_of(desk)
    later = night(desk, "2026-11-23T00:10", dry_run=True)
    assert (later["at"], [one["number"] for one in later["converted"]]) == (when("2026-11-23T00:10"), [number])
    assert bytes_of(desk) == before
    with desk.refuses(10, "REC-2"):
        desk.do("escalate", None, at="2026-11-22T09:00:01")
    assert night(desk, "2026-11-23T00:10") == later


@pytest.mark.rule("REC-2", "SLA-5")
def test_a_run_for_an_earlier_time_leaves_alone_what_was_done_since(desk: Practice) -> None:
    number, other = desk.reported(), desk.reported(place="3-2-502")
    desk.at("2026-11-23T08:00")
    desk.assigned(number)
    answer = desk.do("escalate", None, at="2026-11-23T00:05")
    assert [one["number"] for one in answer["converted"]] == [other]
    assert desk.last_entry(number)["event"] == "assign"
    assert [one["number"] for one in night(desk)["converted"]] == [number]


@pytest.mark.rule("REC-2", "SLA-5")
def test_a_run_for_an_earlier_time_takes_no_conversion_back(desk: Practice, overtaken: str) -> None:
    before = desk.entries(overtaken), desk.entries(COORDINATION)
    for at in ("2026-11-22T23:00", "2026-11-23T00:05"):
        assert desk.do("escalate", None, at=at)["converted"] == []
    assert (desk.entries(overtaken), desk.entries(COORDINATION)) == before


@pytest.mark.rule("REC-2", "SLA-2")
def test_a_run_for_an_earlier_time_settles_no_deadline_of_what_was_converted_since(desk: Practice) -> None:
    desk.edits("policies.yaml", *BY_THE_OFFICE)
    desk.at("2026-12-31T09:00")
    number = desk.reported()
    coordination = night(desk, "2027-01-01T00:10")["converted"][0]["coordination"]
    desk.edits("calendar.yaml", *NEXT_TABLE)
    desk.do("escalate", None, at="2026-12-31T23:00")
    assert (desk.show(number)["state"], desk.show(coordination)["state"]) == ("converted", "tracking")


@pytest.mark.rule("SLA-5")
def test_with_nothing_to_do_it_prints_nothing_and_as_json_empty_lists(
    desk: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.reported()
    assert typed(desk, monkeypatch, "escalate") == (0, "")
    code, out = typed(desk, monkeypatch, "escalate", "--json")
    answer = json.loads(out)
    assert (code, answer["told"], answer["converted"], answer["failed"]) == (0, [], [], [])


# --- word of the run


@pytest.mark.rule("SLA-5")
def test_a_run_leaves_word_when_it_did_something_and_seldom_when_it_did_not(desk: Practice) -> None:
    night(desk)  # the first ever
    assert [(one["told"], one["converted"], one["failed"]) for one in written_by_the_night(desk)] == [(0, 0, 0)]
    night(desk, "2026-11-22T15:29")
    assert len(written_by_the_night(desk)) == 1
    night(desk, "2026-11-22T15:30")  # a quarter of 26 hours
    assert len(written_by_the_night(desk)) == 2
    desk.reported()
    night(desk, "2026-11-22T15:36")
    night(desk, "2026-11-22T15:37")
    night(desk, "2026-11-23T00:10")
    seen = [(one["told"], one["converted"], one["failed"]) for one in written_by_the_night(desk)]
    assert seen[2:] == [(1, 0, 0), (2, 1, 0)]
    assert len(seen) == 4


@pytest.mark.rule("SLA-5")
def test_board_and_doctor_say_when_no_run_has_come_for_26_hours(desk: Practice) -> None:
    def missing() -> tuple[bool, bool, bool]:
        board = desk.desk.board(By(None, "tester"))
        said = any("escalate" in one.message for one in board["troubles"])
        (check,) = [one for one in desk.desk.doctor(By(None, "tester")) if one.name == "nightly"]
        return board["nightly"]["missing"], said, not check.ok

    # The desk is of nine in the morning of the day before; until there is an order that old, a run has nothing to do,
    # and the board is silent. But a desk at work wants one set up, which doctor says.
    desk.at("2026-11-23T09:00:00")
    assert missing() == (False, False, True)
    desk.at("2026-11-22T10:00:00")
    desk.reported(LAMP, at="2026-11-21T09:00:00")
    desk.at("2026-11-22T11:00:00")
    assert missing() == (False, False, True)
    desk.at("2026-11-22T11:00:01")
    assert missing() == (True, True, True)
    night(desk)
    assert missing() == (False, False, False)
    assert desk.desk.board(By(None, "tester"))["nightly"]["last"] == when("11:00:01")
    desk.at("2026-11-23T13:00:02")
    assert missing() == (True, True, True)


# --- days that are published later, records that are damaged


@pytest.mark.rule("SLA-2")
def test_a_provisional_deadline_is_settled_by_the_first_run_that_has_the_years_table(desk: Practice) -> None:
    desk.edits("policies.yaml", *BY_THE_OFFICE)
    desk.at("2026-12-31T09:00")
    number, short = desk.reported(LAMP), desk.reported(LAMP, place="西门", priority="emergency")
    resolve = desk.owed(number, "resolve")
    # Thursday 6.5 hours, and as far as anybody knows Friday 7 and Saturday half an hour.
    assert (resolve["due_at"], resolve["provisional"]) == (when("2027-01-02T09:30"), True)
    assert desk.owed(short, "resolve")["provisional"] is False
    night(desk)
    assert desk.owed(number, "resolve")["provisional"] is True
    desk.edits("calendar.yaml", *NEXT_TABLE)
    night(desk, "2026-12-31T10:00")
    resolve = desk.owed(number, "resolve")
    # Thursday 6.5 hours, the holiday until Sunday, Monday 7, Tuesday half an hour.
    assert (resolve["due_at"], resolve["provisional"]) == (when("2027-01-05T09:00"), False)
    assert desk.last_entry(number)["actor"] == "system"
    assert written_by_the_night(desk)[-1]["days"] == "cn-2027"
    assert told(desk, "2027-01-05T09:00:01", "resolve")[0][:2] == ("resolve", 1)


@pytest.mark.sqlite
@pytest.mark.rule("SLA-5", "REC-1")
def test_an_order_whose_record_is_damaged_fails_alone(desk_as_founded: Path, tmp_path: Path) -> None:
    shutil.copytree(desk_as_founded, tmp_path / "desk")
    desk = Practice(tmp_path / "desk")
    broken, whole = desk.reported(), desk.reported(place="3-2-502")
    with closing(sqlite3.connect(desk.home / "ledger.db", isolation_level=None)) as db:
        for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
            db.execute(f"DROP TRIGGER {name}")
        db.execute("UPDATE bodies SET body = '{}' WHERE seq IN (SELECT seq FROM entries WHERE number = ?)", (broken,))
    answer = night(desk, "2026-11-23T00:10")
    assert [one["number"] for one in answer["failed"]] == [broken]
    assert int(answer["failed"][0]["why"].exit) == 16
    assert [one["number"] for one in answer["converted"]] == [whole]
    assert {one["number"] for one in answer["told"]} == {whole}


@pytest.mark.rule("REC-6")
def test_a_further_caller_of_the_day_before_leaves_the_conversion_alone(desk: Practice) -> None:
    number = desk.reported()
    desk.at("2026-11-23T00:30")
    night(desk, "2026-11-23T00:30")
    desk.at("2026-11-23T08:00")
    with desk.refuses(10):
        desk.takes(join=number, at="2026-11-22T20:00", caller="王先生", phone="13900001234")
    assert desk.show(number)["state"] == "converted"
