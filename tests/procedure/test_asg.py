"""ASG: who goes, and by when."""

from __future__ import annotations

from typing import Any

import pytest
from practice import LAMP, Practice, when

WINDOW = "2026-11-22T14:00/16:00"


@pytest.mark.rule("ASG-1")
def test_the_technician_signs_the_register_once(desk: Practice) -> None:
    number = desk.reported()
    desk.assigned(number)
    with desk.refuses(12):
        desk.accepted(number, who="W2")
    desk.wait(minutes=4)
    assert desk.accepted(number)["accepted_at"] == when("09:04")
    with desk.refuses(10, "ASG-1"):
        desk.accepted(number)


@pytest.mark.rule("ASG-1")
@pytest.mark.parametrize("who", ["C1", "L1", "S1", "M1", "F1"])
def test_only_technicians_and_contractors_are_sent(desk: Practice, who: str) -> None:
    number = desk.reported()
    with desk.refuses(10, "ASG-1"):
        desk.assigned(number, to=who)
    assert desk.assigned(number, to="K1")["assignee"] == "K1"


@pytest.mark.rule("ASG-2")
@pytest.mark.parametrize(
    ("report", "accepted", "due"),
    [
        ({}, "09:30", "09:40"),
        (LAMP, "09:30", "09:45"),
        ({"appointment": WINDOW}, "09:30", "13:55"),
        ({**LAMP, "appointment": WINDOW}, "09:30", "13:55"),
    ],
)
def test_arrival_is_owed_after_accepting_or_ahead_of_the_appointment(
    desk: Practice, report: dict[str, Any], accepted: str, due: str
) -> None:
    number = desk.reported(**report)
    desk.assigned(number)
    assert "arrive" not in desk.owes(number)
    desk.at(f"2026-11-22T{accepted}")
    desk.accepted(number)
    arrive = desk.owed(number, "arrive")
    assert (arrive["due_at"], arrive["owner"], arrive["rule"]) == (when(due), "W1", "ASG-2")


@pytest.mark.rule("ASG-2")
@pytest.mark.parametrize("verb", ["arrive", "start"])
@pytest.mark.parametrize(("minutes", "state"), [(10, "met"), (10.5, "missed")])
def test_arriving_meets_it_and_starting_counts_as_arrival(
    desk: Practice, verb: str, minutes: float, state: str
) -> None:
    number = desk.reported()
    desk.assigned(number)
    desk.accepted(number)
    desk.wait(minutes=minutes)
    order = desk.do(verb, "W1", number)
    assert desk.owed(number, "arrive")["state"] == state
    assert order["arrived_at"] == order["visits"][0]["arrived_at"] == desk.moment.isoformat()


@pytest.mark.rule("ASG-2")
def test_reassigned_the_arrival_is_owed_anew(desk: Practice) -> None:
    number = desk.reported()
    desk.assigned(number)
    desk.accepted(number)
    desk.wait(minutes=6)
    desk.assigned(number, to="W2", reason="has the part")
    assert desk.owed(number, "arrive")["state"] == "void"
    desk.accepted(number, who="W2")
    arrive = desk.owed(number, "arrive")
    assert (arrive["cycle"], arrive["due_at"], arrive["owner"]) == (2, when("09:16"), "W2")


@pytest.mark.rule("ASG-3")
def test_two_visits_of_one_technician_do_not_overlap_unless_forced_with_a_reason(desk: Practice) -> None:
    first = desk.reported(appointment=WINDOW)
    second = desk.reported(place="3-2-502", appointment="2026-11-22T15:00/17:00")
    desk.assigned(first)
    with desk.refuses(10, "ASG-3") as told:
        desk.assigned(second)
    assert told[0].values["numbers"] == [first]
    with desk.refuses(10, "ASG-3"):
        desk.assigned(second, force=True)
    with desk.refuses(10, "ASG-3"):
        desk.assigned(second, reason="next door")
    assert desk.assigned(second, to="W2")["assignee"] == "W2"
    assert desk.assigned(second, to="W1", force=True, reason="next door")["assignee"] == "W1"
    assert desk.last_entry(second)["data"]["forced"] is True


@pytest.mark.rule("ASG-3")
def test_visits_that_only_touch_do_not_overlap(desk: Practice) -> None:
    desk.assigned(desk.reported(appointment=WINDOW))
    after = desk.reported(place="3-2-502", appointment="2026-11-22T16:00/17:00")
    assert desk.assigned(after)["assignee"] == "W1"


@pytest.mark.rule("ASG-3")
def test_a_moved_appointment_records_the_residents_agreement(desk: Practice) -> None:
    number = desk.reported(appointment=WINDOW)
    order = desk.do("reschedule", "C1", number, "2026-11-23T10:00/11:00", reason="resident is away")
    assert order["appointment"]["start"] == when("2026-11-23T10:00")
    assert desk.last_entry(number)["data"]["agreed_by"] == "李女士"
    desk.do("reschedule", "C1", number, "2026-11-23T15:00/16:00", reason="resident is away", agreed_by="王先生")
    assert desk.last_entry(number)["data"]["agreed_by"] == "王先生"


@pytest.mark.rule("ASG-3")
def test_an_appointment_is_not_moved_onto_another_visit_nor_into_the_past(desk: Practice) -> None:
    first = desk.reported(appointment=WINDOW)
    second = desk.reported(place="3-2-502", appointment="2026-11-22T17:00/18:00")
    desk.assigned(first)
    desk.assigned(second)
    with desk.refuses(10, "ASG-3"):
        desk.do("reschedule", "C1", second, "2026-11-22T14:30/15:00", reason="earlier")
    with desk.refuses(10, "ASG-3"):
        desk.do("reschedule", "C1", second, "2026-11-22T07:00/08:00", reason="earlier")


@pytest.mark.rule("ASG-3")
def test_a_moved_appointment_moves_the_arrival_with_it(desk: Practice) -> None:
    number = desk.reported(appointment=WINDOW)
    desk.assigned(number)
    desk.accepted(number)
    desk.do("reschedule", "C1", number, "2026-11-23T10:00/11:00", reason="resident is away")
    assert desk.owed(number, "arrive")["due_at"] == when("2026-11-23T09:55")


@pytest.mark.rule("ASG-4")
def test_reassigning_needs_a_reason_and_keeps_every_earlier_assignee(desk: Practice) -> None:
    number = desk.reported()
    desk.assigned(number)
    with desk.refuses(10, "ASG-4"):
        desk.assigned(number, to="W2")
    order = desk.assigned(number, to="W2", reason="W1 is ill")
    assert (order["assignee"], order["assignees"]) == ("W2", ["W1", "W2"])
    with desk.refuses(12):
        desk.accepted(number, who="W1")


@pytest.mark.rule("ASG-4")
def test_a_technician_asks_for_support_and_the_leader_is_told(desk: Practice) -> None:
    number = desk.at_work()
    desk.do("support", "W1", number, reason="two are needed to lift it")
    assert any("L1" in remark for remark in desk.remarks)
    assert desk.last_entry(number)["data"]["reason"] == "two are needed to lift it"


@pytest.mark.rule("ASG-5")
def test_who_lacks_the_trade_can_be_sent_but_the_desk_is_warned(desk: Practice) -> None:
    number = desk.reported(category="electrical")
    assert desk.assigned(number, to="W1")["state"] == "assigned"
    assert any("electrical" in remark for remark in desk.remarks)
    desk.assigned(number, to="W2", reason="has the trade")
    assert not desk.remarks
