"""VIS: on site."""

from __future__ import annotations

import pytest
from practice import LAMP, Practice, when

MAT = ("badge", "shoe-covers", "mat", "cloth", "whole-unit-check")


@pytest.mark.rule("VIS-1")
def test_three_visits_of_17_min_20_s_3_min_5_s_and_41_s_are_1266_seconds(desk: Practice) -> None:
    number = desk.at_work()
    desk.wait(minutes=17, seconds=20)
    desk.paused(number, "parts", "2026-11-22T14:00")
    desk.at("2026-11-22T14:00")
    desk.arrived(number)
    desk.wait(minutes=6)  # what the resident tells at the door is not service
    desk.started(number)
    desk.wait(minutes=3, seconds=5)
    desk.paused(number, "support", "2026-11-23T09:00")
    desk.at("2026-11-23T09:00")
    desk.started(number)
    desk.wait(seconds=41)
    order = desk.finished(number)
    assert order["handling_seconds"] == 1266 == 17 * 60 + 20 + 3 * 60 + 5 + 41
    assert len(order["visits"]) == 3


@pytest.mark.rule("VIS-1")
def test_a_visit_that_was_never_started_has_no_handling_time(desk: Practice) -> None:
    number = desk.reported()
    desk.assigned(number)
    desk.arrived(number)
    desk.wait(minutes=20)
    with desk.refuses(10, "VIS-1"):
        desk.finished(number)
    assert desk.paused(number, "parts", "2026-11-22T14:00")["handling_seconds"] == 0


@pytest.mark.rule("VIS-1")
def test_a_service_is_not_started_twice(desk: Practice) -> None:
    number = desk.at_work()
    with desk.refuses(10, "VIS-1"):
        desk.started(number)


@pytest.mark.rule("VIS-2")
@pytest.mark.parametrize(("arrived", "late"), [("14:00", 0), ("14:14:59", 899), ("14:15", 900), ("13:50", 0)])
def test_lateness_is_recorded_to_the_second_against_the_agreed_time(desk: Practice, arrived: str, late: int) -> None:
    number = desk.reported(appointment="2026-11-22T14:00/16:00")
    desk.assigned(number)
    desk.accepted(number)
    desk.at(f"2026-11-22T{arrived}")
    assert desk.arrived(number)["visits"][0]["late_seconds"] == late


@pytest.mark.rule("VIS-2")
def test_without_an_appointment_lateness_counts_from_what_was_owed(desk: Practice) -> None:
    number = desk.reported()
    desk.assigned(number)
    desk.accepted(number)
    desk.wait(minutes=12)
    assert desk.started(number)["visits"][0]["late_seconds"] == 120


@pytest.mark.rule("VIS-2")
def test_a_further_visit_at_the_time_that_was_named_for_it_is_not_late(desk: Practice) -> None:
    number = desk.reported(appointment="2026-11-22T14:00/16:00")
    desk.assigned(number)
    desk.accepted(number)
    desk.at("2026-11-22T14:00")
    desk.started(number)
    desk.paused(number, "parts", "2026-11-24T10:00")
    desk.at("2026-11-24T10:00")
    assert [visit["late_seconds"] for visit in desk.arrived(number)["visits"]] == [0, 0]


@pytest.mark.rule("VIS-3")
def test_a_visit_carries_its_checklist_and_what_was_missed_is_said(desk: Practice) -> None:
    number = desk.reported()
    desk.assigned(number)
    desk.started(number, checks=("badge", "mat"))
    order = desk.finished(number, checks=("cloth",))
    assert order["visits"][0]["checks"] == ["badge", "mat", "cloth"]
    assert any("穿上一副鞋套" in remark and "提供一站式通检服务" in remark for remark in desk.remarks)
    complete = desk.at_work(place="3-2-502")
    desk.finished(complete, checks=MAT)
    assert not desk.remarks


@pytest.mark.rule("VIS-3")
def test_a_point_that_is_not_on_the_list_is_a_usage_error(desk: Practice) -> None:
    number = desk.reported()
    desk.assigned(number)
    with desk.refuses(2, "VIS-3"):
        desk.started(number, checks=("smile",))


@pytest.mark.rule("VIS-4")
def test_nobody_home_is_recorded_and_a_new_appointment_is_due(desk: Practice) -> None:
    number = desk.reported()
    desk.assigned(number)
    desk.accepted(number)
    desk.wait(minutes=8)
    order = desk.nobody_home(number)
    assert (order["state"], order["attempts"]) == ("assigned", [when("09:08")])
    assert desk.last_entry(number)["data"]["card"] is True
    assert desk.owed(number, "re-appoint")["state"] == "open"
    assert desk.owed(number, "arrive")["state"] == desk.owed(number, "resolve")["state"] == "paused"
    desk.do("reschedule", "C1", number, "2026-11-22T18:00/19:00", reason="nobody was home")
    assert desk.owed(number, "re-appoint")["state"] == "met"


@pytest.mark.rule("VIS-4")
def test_an_arrival_in_time_after_nobody_was_home_is_in_time(desk: Practice) -> None:
    number = desk.reported()
    desk.assigned(number)
    desk.accepted(number)
    desk.wait(minutes=8)
    desk.nobody_home(number)
    desk.wait(hours=1)
    desk.arrived(number)
    arrive = desk.owed(number, "arrive")
    assert (arrive["due_at"], arrive["state"]) == (when("10:10"), "met")


@pytest.mark.rule("VIS-5")
def test_leaving_unfinished_names_the_reason_the_person_and_the_next_time(desk: Practice) -> None:
    number = desk.at_work()
    order = desk.paused(number, "support", "2026-11-22T14:00", note="the ladder is too short")
    assert order["state"] == "paused"
    assert order["pauses"] == [
        {"at": when("09:00"), "reason": "support", "next": when("14:00"), "note": "the ladder is too short", "by": "W1",
         "major": False, "told": []}
    ]  # fmt: skip


@pytest.mark.rule("VIS-5")
def test_the_reason_is_one_of_the_list_and_the_next_time_lies_ahead(desk: Practice) -> None:
    number = desk.at_work()
    with desk.refuses(2, "VIS-5"):
        desk.paused(number, "tired", "2026-11-22T14:00")
    with desk.refuses(10, "VIS-5"):
        desk.paused(number, "parts", "2026-11-22T09:00")


@pytest.mark.rule("VIS-6")
def test_what_is_taken_away_is_listed_and_holds_the_order_open_until_it_is_back(desk: Practice) -> None:
    number = desk.at_work()
    with desk.refuses(2, "VIS-6"):
        desk.paused(number, "taken-away", "2026-11-24T14:00")
    order = desk.paused(number, "taken-away", "2026-11-24T14:00", taken=("pump", "hose"), loaner="spare pump")
    assert [(t["item"], t["loaner"], t["returned_at"]) for t in order["taken"]] == [
        ("pump", "spare pump", None), ("hose", "spare pump", None),
    ]  # fmt: skip
    with desk.refuses(10, "VIS-6"):
        desk.do("cancel", "C1", number, reason="no")
    desk.started(number)
    desk.finished(number)
    desk.signed(number)
    with desk.refuses(10, "VIS-6") as told:
        desk.closed(number)
    assert told[0].values["items"] == ["pump", "hose"]
    with desk.refuses(10, "VIS-6"):
        desk.do("returned", "W1", number, ["lamp"])
    desk.do("returned", "W1", number, ["pump"])
    with desk.refuses(10, "VIS-6"):
        desk.closed(number)
    desk.do("returned", "C1", number, ["hose"])
    assert desk.closed(number)["state"] == "closed"


@pytest.mark.rule("VIS-6")
@pytest.mark.parametrize("ending", ["decline", "convert"])
def test_an_order_does_not_end_with_something_out_that_can_never_come_back(desk: Practice, ending: str) -> None:
    number = desk.at_work()
    desk.paused(number, "taken-away", "2026-11-24T14:00", taken=("pump",))
    if ending == "decline":
        desk.do("decline", "W1", number, reason="too dear", second="S1")
    else:
        desk.converted(number)
    desk.do("returned", "C1", number, ["pump"])


@pytest.mark.rule("VIS-7")
def test_damage_is_recorded_with_its_compensation(desk: Practice) -> None:
    number = desk.at_work()
    with desk.refuses(2, "VIS-7"):
        desk.finished(number, compensation="30")
    order = desk.finished(number, damage="a tile is cracked", compensation="30.50")
    assert order["damages"] == [{"what": "a tile is cracked", "compensation": "30.50"}]


@pytest.mark.rule("VIS-8")
def test_a_further_fault_becomes_an_order_of_its_own_that_is_linked(desk: Practice) -> None:
    number = desk.at_work(category="plumbing")
    order = desk.takes(category="electrical", fault="the socket is loose", found_on=number)
    assert (order["found_on"], order["state"]) == (number, "reported")
    with desk.refuses(11):
        desk.takes(category="locks", found_on="P20261122-0009")


@pytest.mark.rule("VIS-9")
@pytest.mark.parametrize("disturbance", ["noise", "power", "water"])
def test_what_disturbs_needs_the_residents_agreement_beforehand(desk: Practice, disturbance: str) -> None:
    number = desk.reported()
    desk.assigned(number)
    with desk.refuses(10, "VIS-9"):
        desk.started(number, disturbs=(disturbance,))
    order = desk.started(number, disturbs=(disturbance,), agreed_by="李女士")
    assert order["visits"][0]["agreed_by"] == "李女士"
    assert desk.last_entry(number)["data"]["disturbs"] == [disturbance]


@pytest.mark.rule("VIS-9")
def test_a_disturbance_is_one_of_three(desk: Practice) -> None:
    number = desk.reported()
    desk.assigned(number)
    with desk.refuses(2, "VIS-9"):
        desk.started(number, disturbs=("dust",))


@pytest.mark.rule("VIS-10")
@pytest.mark.parametrize(("left", "due"), [("09:30", "18:00"), ("18:30", "2026-11-23T18:00")])
def test_what_waits_for_parts_is_brought_to_the_supervisor_who_explains_it(desk: Practice, left: str, due: str) -> None:
    number = desk.at_work()
    desk.at(f"2026-11-22T{left}")
    desk.paused(number, "parts", "2026-11-25T09:00")
    explain = desk.owed(number, "explain")
    assert (explain["due_at"], explain["owner"]) == (when(due), "supervisor")
    assert any("S1" in remark and "explain" in remark for remark in desk.remarks)
    assert desk.show(number)["pauses"][-1]["told"] == ["S1"]
    public = desk.at_work(LAMP, who="W2")
    desk.paused(public, "support", "2026-11-25T09:00", who="W2")
    assert "explain" not in desk.owes(public)


@pytest.mark.rule("VIS-2", "VIS-4")
def test_who_was_not_at_home_makes_no_visit_late(desk: Practice) -> None:
    number = desk.reported()
    desk.assigned(number)
    desk.accepted(number)
    desk.wait(minutes=7)
    desk.nobody_home(number)
    desk.wait(hours=5, minutes=4)
    visit = desk.arrived(number)["visits"][-1]
    assert (visit["late_seconds"], visit["late_apart"]) == (0, False)


@pytest.mark.rule("INT-7")
def test_an_order_that_is_over_raises_no_alarm(desk: Practice) -> None:
    number = desk.reported()
    desk.do("cancel", "C1", number, reason="by mistake")
    desk.corrected(number, priority="emergency")
    assert desk.remarks == []
