"""Findings of a patrol and of a handover inspection, the look at repairs on the day after, and what waits for parts
(INT-4, CAL-8, VIS-10)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from nights import founded, messages, told
from practice import LAMP, TAP, Practice, when

from repairdesk.desk import By

ANY = By(os_user="tester")
TOLD = (("version: standard-2026-11", "version: told-1"), ("  roles: []", "  roles: [leader, supervisor, manager]"))


# --- the clocks of the channels


@pytest.mark.rule("INT-4")
@pytest.mark.parametrize("report", [TAP, LAMP])
@pytest.mark.parametrize(
    ("channel", "category", "due"),
    [
        ("patrol", "electrical", "11:00"),
        ("patrol", "locks", "10:00"),
        ("handover-inspection", "electrical", "11:00"),
        ("handover-inspection", "locks", "11:00"),
    ],
)
def test_what_was_found_on_a_round_has_a_clock_of_its_own(
    desk: Practice, report: Any, channel: str, category: str, due: str
) -> None:
    number = desk.reported(report, channel=channel, category=category)
    assert desk.owed(number, "tell")["due_at"] == when(due)
    desk.at(f"2026-11-22T{due}")
    desk.assigned(number)
    assert desk.owed(number, "tell")["state"] == "met"


@pytest.mark.rule("INT-4")
def test_a_channel_that_is_corrected_gives_the_clock_of_the_right_one(desk: Practice) -> None:
    number = desk.reported(LAMP, channel="phone")
    assert desk.owed(number, "tell")["due_at"] == when("09:10")
    desk.corrected(number, channel="handover-inspection")
    assert desk.owed(number, "tell")["due_at"] == when("11:00")


@pytest.mark.rule("INT-4")
def test_the_time_of_a_handover_inspection_is_the_policies(desk: Practice) -> None:
    desk.edits(
        "policies.yaml", ("version: standard-2026-11", "version: slow-1"),
        ("    within: 2h                        # INT-4, ours\n", "    within: 1d  # INT-4, ours\n"),
    )  # fmt: skip
    number = desk.reported(LAMP, channel="handover-inspection")
    assert desk.owed(number, "tell")["due_at"] == when("2026-11-23T09:00")


@pytest.mark.rule("INT-4", "RPT-2")
def test_the_report_of_the_clocks_opens_each_of_them(desk: Practice) -> None:
    patrol = desk.reported(LAMP, channel="patrol")
    inspection = desk.reported(LAMP, channel="handover-inspection", new=True)
    desk.reported(LAMP, new=True)
    clocks = {one["name"]: one["open"] for one in desk.desk.report(ANY, "clocks").doc["clocks"]}
    assert clocks["tell"] == 3
    for figure, number in (("open@tell-patrol", patrol), ("open@tell-handover-inspection", inspection)):
        assert desk.desk.report(ANY, "clocks", figure=figure).doc["orders_behind"] == [number]


# --- looked at again on the day after


def due(desk: Practice) -> list[str]:
    return [order["number"] for order in desk.desk.recheck_due(ANY).doc["orders"]]


@pytest.mark.rule("CAL-8")
def test_what_was_finished_yesterday_is_to_be_looked_at_and_nothing_else(desk: Practice) -> None:
    yesterday, lamp = desk.done(TAP), desk.done(LAMP, who="W2")
    desk.done({"kind": "help", "place": "3-2-501", "fault": "carry a sofa"}, new=True)
    assert due(desk) == []
    desk.at("2026-11-23T00:00")
    assert due(desk) == [yesterday, lamp]
    desk.at("2026-11-23T08:00")
    desk.done(TAP, new=True)
    assert due(desk) == [yesterday, lamp]
    desk.at("2026-11-24T00:00")
    assert yesterday not in due(desk)


@pytest.mark.rule("CAL-8")
def test_the_result_goes_on_record_and_the_repair_is_done_with(desk: Practice) -> None:
    number = desk.done(TAP)
    desk.at("2026-11-23T15:00")
    order = desk.do("recheck", "C1", number, outcome="ok", note="dry")
    assert order["rechecks"] == [{"at": when("2026-11-23T15:00"), "outcome": "ok", "note": "dry", "by": "C1"}]
    assert (order["state"], due(desk)) == ("finished", [])
    figures = desk.desk.report(ANY, "month").doc
    assert figures["recheck"] == {"done": 1, "left": 0}
    assert desk.desk.report(ANY, "month", figure="recheck.done").doc["orders_behind"] == [number]


@pytest.mark.rule("CAL-8", "RPT-2")
def test_what_was_not_looked_at_is_counted_too(desk: Practice) -> None:
    left = desk.done(TAP)
    assert desk.desk.report(ANY, "month").doc["recheck"] == {"done": 0, "left": 1}
    assert desk.desk.report(ANY, "month", figure="recheck.left").doc["orders_behind"] == [left]


@pytest.mark.rule("CAL-8")
def test_what_wants_work_again_says_what_and_an_order_can_follow(desk: Practice) -> None:
    number = desk.done(TAP)
    with desk.refuses(2):
        desk.do("recheck", "C1", number, outcome="again")
    desk.do("recheck", "C1", number, outcome="again", note="it drips")
    assert any("--follows" in remark for remark in desk.remarks)
    assert desk.reported(TAP, follows=number) != number


@pytest.mark.rule("CAL-8")
def test_who_did_the_work_does_not_look_at_it_and_only_repairs_are_looked_at(desk: Practice) -> None:
    number, running = desk.done(TAP), desk.reported(LAMP)
    with desk.refuses(12):
        desk.do("recheck", "W1", number, outcome="ok")
    with desk.refuses(2, "CAL-8"):
        desk.do("recheck", "C1", number, outcome="fine")
    with desk.refuses(10):
        desk.do("recheck", "C1", running, outcome="ok")
    moved = desk.done({"kind": "help", "place": "3-2-501", "fault": "carry a sofa"}, new=True)
    with desk.refuses(10, "CAL-8"):
        desk.do("recheck", "C1", moved, outcome="ok")


@pytest.mark.rule("CAL-8")
def test_what_was_finished_by_its_tracker_is_looked_at_too(desk: Practice) -> None:
    number = desk.at_work(TAP)
    coordination = desk.converted(number)
    desk.finished(coordination, "C1")
    desk.at("2026-11-23T09:00")
    assert due(desk) == [coordination]
    with desk.refuses(12, "CAL-8"):
        desk.do("recheck", "C1", coordination, outcome="ok")
    desk.do("recheck", "C2", coordination, outcome="ok")
    assert desk.desk.report(ANY, "month").doc["recheck"] == {"done": 1, "left": 0}


@pytest.mark.rule("CAL-8")
def test_the_handbook_owes_the_look_by_the_end_of_the_next_day_and_the_standard_only_lists_it(
    desk: Practice, tmp_path: Path
) -> None:
    assert "recheck" not in desk.owes(desk.done(TAP))
    liyuan = Practice(founded(tmp_path / "liyuan", "liyuan"))
    liyuan.at("2026-11-22T09:00")
    number = liyuan.done(TAP)
    owed = liyuan.owed(number, "recheck")
    assert (owed["due_at"], owed["owner"]) == (when("2026-11-24T00:00"), "C1")
    liyuan.at("2026-11-23T23:59")
    liyuan.do("recheck", "S1", number, outcome="ok")
    assert liyuan.owed(number, "recheck")["state"] == "met"


# --- what waits for parts or a supplier (VIS-10)


@pytest.mark.rule("VIS-10")
@pytest.mark.parametrize("reason", ["parts", "supplier"])
@pytest.mark.parametrize(("major", "people"), [(False, ["S1"]), (True, ["S1", "M1"])])
def test_what_waits_is_brought_to_the_supervisor_at_once_and_a_major_matter_to_the_manager(
    desk: Practice, reason: str, major: bool, people: list[str]
) -> None:
    desk.edits("policies.yaml", *TOLD)
    number = desk.at_work()
    desk.paused(number, reason, "2026-11-25T09:00", major=major)
    pause = desk.show(number)["pauses"][-1]
    assert (pause["major"], pause["told"]) == (major, people)
    assert [one["to"] for one in messages(desk)] == people
    assert {line["obligation"] for one in messages(desk) for line in one["lines"]} == {"held-up"}


@pytest.mark.rule("VIS-10")
def test_whatever_else_holds_the_work_up_is_brought_to_nobody_unless_it_is_major(desk: Practice) -> None:
    number = desk.at_work()
    desk.paused(number, "support", "2026-11-25T09:00")
    assert (desk.show(number)["pauses"][-1]["told"], desk.remarks) == ([], [])
    desk.started(number)
    desk.paused(number, "support", "2026-11-25T09:00", major=True)
    assert desk.show(number)["pauses"][-1]["told"] == ["S1", "M1"]
    assert not any("explain" in remark for remark in desk.remarks), "nobody owes the resident a date for it"


@pytest.mark.rule("VIS-10")
def test_the_supervisor_explains_by_saying_why_and_until_when(desk: Practice) -> None:
    number = desk.at_work()
    desk.paused(number, "parts", "2026-11-25T09:00")
    with desk.refuses(12, "VIS-10"):
        desk.do("explain", "C1", number, reason="the valve is on its way", expected="2026-11-25T09:00")
    with desk.refuses(10, "VIS-10"):
        desk.do("explain", "S1", number, reason="the valve is on its way", expected="2026-11-22T09:00")
    desk.do("explain", "S1", number, reason="the valve is on its way", expected="2026-11-25T09:00")
    assert desk.owed(number, "explain")["state"] == "met"
    assert desk.show(number)["state"] == "paused"


@pytest.mark.rule("VIS-10", "ASG-3")
@pytest.mark.parametrize(("who", "state"), [("S1", "met"), ("M1", "met"), ("C1", "open")])
def test_another_time_agreed_by_the_supervisor_explains_and_by_the_clerk_does_not(
    desk: Practice, who: str, state: str
) -> None:
    number = desk.at_work()
    desk.paused(number, "parts", "2026-11-25T09:00")
    desk.do("reschedule", who, number, "2026-11-25T09:00/2026-11-25T11:00", reason="the valve comes on Wednesday")
    assert desk.owed(number, "explain")["state"] == state


@pytest.mark.rule("VIS-10", "SLA-4")
def test_what_nobody_explained_by_the_evening_climbs_to_the_manager(desk: Practice) -> None:
    number = desk.at_work()
    desk.paused(number, "parts", "2026-11-22T21:00")
    assert told(desk, "2026-11-22T18:01", "explain") == [("explain", 1, "supervisor", ["S1"])]
    assert told(desk, "2026-11-22T19:01", "explain") == [("explain", 2, "manager", ["M1"])]
    desk.started(number)
    assert desk.owed(number, "explain")["state"] == "missed"
