"""COO: coordination orders."""

from __future__ import annotations

import pytest
from nights import cycles
from practice import Practice, when


@pytest.mark.rule("COO-1")
def test_an_order_hands_its_matter_to_a_coordination_order_with_one_tracker(desk: Practice) -> None:
    number = desk.at_work(category="plumbing", priority="emergency")
    desk.wait(hours=1)
    coordination = desk.converted(number, tracker="C2")
    order, opened = desk.show(number), desk.show(coordination)
    assert (order["state"], order["coordination"]) == ("converted", coordination)
    assert order["visits"][0]["ended_at"] == when("10:00")
    assert (opened["state"], opened["converted_from"], opened["tracker"]) == ("tracking", number, "C2")
    inherited = ("kind", "place", "caller", "fault", "category", "priority", "policies_version", "fees_version")
    assert {name: opened[name] for name in inherited} == {name: order[name] for name in inherited}
    assert coordination == "X20261122-0001"


@pytest.mark.rule("COO-1")
def test_the_resolve_clock_runs_on_and_the_end_of_the_coordination_order_meets_it(desk: Practice) -> None:
    number = desk.reported()
    coordination = desk.converted(number)
    assert desk.owed(number, "resolve")["state"] == "open"
    desk.wait(hours=48)
    desk.finished(coordination, "C1")
    assert desk.owed(number, "resolve")["state"] == "met"
    other = desk.reported(place="3-2-502")
    coordination = desk.converted(other)
    desk.wait(hours=49)
    desk.finished(coordination, "C1")
    assert desk.owed(other, "resolve")["state"] == "missed"


@pytest.mark.rule("COO-1")
def test_an_exemption_is_the_leaders_and_has_a_reason(desk: Practice) -> None:
    number = desk.reported()
    with desk.refuses(12):
        desk.do("exempt", "C1", number, reason="the resident asked for Monday")
    assert desk.do("exempt", "L1", number, reason="the resident asked for Monday")["exempt"]


@pytest.mark.rule("COO-1")
def test_who_has_left_tracks_nothing(desk: Practice) -> None:
    number = desk.reported()
    desk.do("staff_retire", None, "C2")
    with desk.refuses(10, "COO-1"):
        desk.converted(number, tracker="C2")
    with desk.refuses(11):
        desk.converted(number, tracker="C9")


@pytest.mark.rule("COO-1")
def test_a_coordination_order_carries_no_bill(desk: Practice) -> None:
    coordination = desk.converted(desk.reported())
    with desk.refuses(2, "COO-1"):
        desk.finished(coordination, "C1", services=("tap",))
    assert desk.finished(coordination, "C1")["bill"] is None


@pytest.mark.rule("COO-1")
def test_paid_work_after_a_conversion_is_a_work_order_that_follows(desk: Practice) -> None:
    coordination = desk.converted(desk.reported())
    order = desk.takes(services=("tap",), follows=coordination)
    assert (order["follows"], order["state"]) == (coordination, "reported")


@pytest.mark.rule("COO-2")
def test_a_log_entry_has_time_tracker_place_contact_number_content_opinions_and_plan(desk: Practice) -> None:
    coordination = desk.converted(desk.reported())
    desk.wait(days=1)
    order = desk.logged(coordination)
    assert order["logs"] == [
        {
            "at": when("2026-11-23T09:00"), "tracker": "C1", "place": "3-2-501", "contact": "李女士",
            "phone": "138****1234", "content": "parts come on Friday", "opinions": "content to wait",
            "plan": "call on Friday",
        }
    ]  # fmt: skip


@pytest.mark.rule("COO-2")
def test_only_the_tracker_writes_it(desk: Practice) -> None:
    coordination = desk.converted(desk.reported(), tracker="C1")
    for who in ("C2", "W1", "L1", "M1"):
        with desk.refuses(12):
            desk.logged(coordination, who)


@pytest.mark.rule("COO-4")
def test_leader_and_supervisor_check_and_sign_but_not_the_tracker(desk: Practice) -> None:
    coordination = desk.converted(desk.reported(), tracker="S1", who="L1")
    order = desk.do("check", "L1", coordination, support="called the supplier")
    assert order["checks"] == [
        {"at": when("09:00"), "by": "L1", "role": "leader", "support": "called the supplier"}
    ]  # fmt: skip
    with desk.refuses(12, "COO-4"):
        desk.do("check", "S1", coordination, support="none")
    with desk.refuses(12):
        desk.do("check", "M1", coordination, support="none")


@pytest.mark.rule("COO-5")
def test_it_ends_with_tracker_customer_leader_and_file(desk: Practice) -> None:
    coordination = desk.converted(desk.reported())
    with desk.refuses(10):
        desk.signed(coordination, who="C1")
    with desk.refuses(12):
        desk.finished(coordination, "W1")
    assert desk.finished(coordination, "C1")["result"]
    with desk.refuses(10):
        desk.logged(coordination)
    with desk.refuses(12):
        desk.signed(coordination, who="L1")
    assert desk.signed(coordination, who="C1")["state"] == "signed"
    with desk.refuses(12):
        desk.closed(coordination, who="C1")
    assert desk.closed(coordination)["state"] == "closed"
    with desk.refuses(12):
        desk.archived(coordination, who="C1")
    assert desk.archived(coordination, who="L1")["state"] == "archived"


@pytest.mark.rule("COO-5")
def test_a_leader_who_tracked_it_does_not_check_the_slip(desk: Practice) -> None:
    coordination = desk.converted(desk.reported(), tracker="L1", who="S1")
    desk.finished(coordination, "L1")
    desk.signed(coordination, who="L1")
    with desk.refuses(12, "FIN-5"):
        desk.closed(coordination, who="L1")
    assert desk.closed(coordination, who="S1")["state"] == "closed"


@pytest.mark.rule("COO-3")
def test_a_second_exemption_of_the_same_week_excuses_no_other(desk: Practice) -> None:
    coordination = desk.converted(desk.reported())
    desk.at("2026-12-01T09:00")
    desk.do("exempt", "L1", coordination, reason="the supplier is closed")
    desk.do("exempt", "S1", coordination, reason="the supplier is closed")
    assert [state for _, _, state in cycles(desk, coordination, "weekly-entry")] == ["missed", "void", "open"]


@pytest.mark.rule("FIN-5", "COO-4")
def test_who_tracked_it_once_neither_checks_nor_closes_it(desk: Practice) -> None:
    coordination = desk.converted(desk.reported(), tracker="L1", who="S1")
    with desk.refuses(10, "COO-1"):
        desk.do("assign", "S1", coordination, "L1", reason="again")
    desk.do("assign", "S1", coordination, "C1", reason="on leave")
    with desk.refuses(12, "COO-4"):
        desk.do("check", "L1", coordination, support="called the supplier")
    desk.finished(coordination, who="C1")
    desk.signed(coordination, who="C1")
    with desk.refuses(12, "FIN-5"):
        desk.closed(coordination)


@pytest.mark.rule("FIN-4", "COO-5")
def test_a_dissatisfied_coordination_order_is_not_filed(desk: Practice) -> None:
    coordination = desk.converted(desk.reported())
    desk.finished(coordination, who="C1")
    desk.signed(coordination, "dissatisfied", who="C1")
    desk.closed(coordination)
    with desk.refuses(10, "FIN-4"):
        desk.archived(coordination, who="L1")


@pytest.mark.rule("COO-1", "INT-6")
def test_a_visit_for_a_tracked_matter_has_no_day_of_its_own_after_advice_either(desk: Practice) -> None:
    coordination = desk.converted(desk.reported())
    visit = desk.reported(follows=coordination, advised=True)
    desk.assigned(visit)
    assert {o["state"] for o in desk.show(visit)["obligations"] if o["name"] == "complete"} == {"void"}
