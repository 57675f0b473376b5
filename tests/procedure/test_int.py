"""INT: taking reports in."""

from __future__ import annotations

from typing import Any

import pytest
from practice import LAMP, TAP, Practice, when

from repairdesk.domain.vocabulary import CHANNELS, HELP_CLASSES, PRIORITIES, SEVERITIES

COMPLAINT = {"kind": "complaint", "place": "3-2-501", "caller": "李女士", "fault": "noise at night"}
HELP = {"kind": "help", "place": "3-2-501", "fault": "locked out"}


@pytest.mark.rule("INT-1")
def test_what_an_in_home_report_lacks_is_named_all_of_it_at_once(desk: Practice) -> None:
    with desk.refuses(2, "INT-1") as told:
        desk.takes({"kind": "in_home", "caller": "李女士"})
    assert told[0].extra["missing"] == ["place", "phone", "fault"]
    with desk.refuses(2, "INT-1") as told:
        desk.takes({"kind": "public_area"})
    assert told[0].extra["missing"] == ["place", "fault"]


@pytest.mark.rule("INT-1")
def test_blanks_are_missing_too(desk: Practice) -> None:
    with desk.refuses(2, "INT-1") as told:
        desk.takes(caller="  ", fault="")
    assert told[0].extra["missing"] == ["caller", "fault"]


@pytest.mark.rule("INT-1")
def test_a_public_area_needs_neither_caller_nor_phone(desk: Practice) -> None:
    order = desk.takes(LAMP)
    assert (order["state"], order["caller"], order["phone"]) == ("reported", None, None)


@pytest.mark.rule("INT-1")
def test_an_anonymous_complaint_is_taken_and_marked(desk: Practice) -> None:
    with desk.refuses(2, "INT-1"):
        desk.takes(COMPLAINT, caller=None)
    assert desk.takes(COMPLAINT, caller=None, anonymous=True)["anonymous"] is True
    with desk.refuses(2, "INT-1"):
        desk.takes(TAP, caller=None, anonymous=True)


@pytest.mark.rule("INT-2")
@pytest.mark.parametrize("channel", CHANNELS)
def test_every_channel_is_taken(desk: Practice, channel: str) -> None:
    assert desk.takes(channel=channel)["channel"] == channel


@pytest.mark.rule("INT-2")
def test_the_source_names_nine_channels() -> None:
    assert len(set(CHANNELS)) == 9


@pytest.mark.rule("INT-3")
@pytest.mark.parametrize("priority", PRIORITIES)
def test_priorities_are_emergency_regular_and_low(desk: Practice, priority: str) -> None:
    assert desk.takes(priority=priority)["priority"] == priority
    assert set(PRIORITIES) == {"emergency", "regular", "low"}


@pytest.mark.rule("INT-3")
def test_a_report_without_a_priority_is_regular(desk: Practice) -> None:
    assert desk.takes()["priority"] == "regular"


@pytest.mark.rule("INT-3")
@pytest.mark.parametrize("severity", SEVERITIES)
def test_a_complaint_carries_its_severity(desk: Practice, severity: str) -> None:
    assert desk.takes(COMPLAINT, severity=severity)["severity"] == severity


@pytest.mark.rule("INT-3")
@pytest.mark.parametrize("help_class", HELP_CLASSES)
def test_a_help_request_carries_its_class(desk: Practice, help_class: str) -> None:
    assert desk.takes(HELP, help_class=help_class)["class"] == help_class


@pytest.mark.rule("INT-3")
@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "repair"},
        {"priority": "asap"},
        {"channel": "fax"},
        {"severity": "major"},
        {"help_class": "medical"},
    ],
)
def test_a_word_that_is_not_of_its_list_or_kind_is_a_usage_error(desk: Practice, wrong: dict[str, Any]) -> None:
    with desk.refuses(2):
        desk.takes(**wrong)


@pytest.mark.rule("REC-6")
def test_a_category_that_the_policies_do_not_have_is_taken_with_a_remark(desk: Practice) -> None:
    assert desk.takes(category="plumming")["category"] == "plumming"
    assert any("category" in remark for remark in desk.remarks)


@pytest.mark.rule("INT-4")
def test_the_slip_is_registered_within_two_minutes_and_engineering_told_within_three_more(desk: Practice) -> None:
    number = desk.reported()
    assert desk.owed(number, "register")["due_at"] == when("09:02")
    assert desk.owed(number, "register")["state"] == "met"
    assert desk.owed(number, "tell")["due_at"] == when("09:05")
    desk.wait(minutes=5)
    desk.assigned(number)
    assert desk.owed(number, "tell")["state"] == "met"


@pytest.mark.rule("INT-4")
@pytest.mark.parametrize(("called", "state"), [("08:58", "met"), ("08:57:59", "missed")])
def test_a_report_that_is_written_down_later_than_that_was_registered_late(
    desk: Practice, called: str, state: str
) -> None:
    assert desk.owed(desk.reported(at=f"2026-11-22T{called}"), "register")["state"] == state


@pytest.mark.rule("INT-4")
@pytest.mark.parametrize(
    ("report", "due"),
    [
        ({}, "09:10"),
        ({"channel": "patrol"}, "11:00"),
        ({"channel": "patrol", "category": "locks"}, "10:00"),
        ({"category": "locks"}, "09:10"),
    ],
)
def test_engineering_is_told_of_public_areas_and_patrol_findings_in_their_own_time(
    desk: Practice, report: dict[str, Any], due: str
) -> None:
    number = desk.reported(LAMP, **report)
    assert desk.owed(number, "tell")["due_at"] == when(due)
    assert "register" not in desk.owes(number)


@pytest.mark.rule("INT-5")
def test_the_order_records_appointment_model_purchase_and_warranty(desk: Practice) -> None:
    order = desk.takes(
        appointment="2026-11-23T14:00/16:00", model="KFR-35", purchased="2025-06-18", warranty_until="2031-06-18"
    )
    assert order["appointment"] == {"start": when("2026-11-23T14:00"), "end": when("2026-11-23T16:00")}
    assert (order["model"], order["purchased"], order["warranty_until"]) == ("KFR-35", "2025-06-18", "2031-06-18")


@pytest.mark.rule("INT-5")
@pytest.mark.parametrize(
    "wrong", [{"appointment": "2026-11-23T16:00/14:00"}, {"appointment": "tomorrow"}, {"purchased": "18.6.2025"}]
)
def test_a_window_or_day_that_is_none_is_a_usage_error(desk: Practice, wrong: dict[str, Any]) -> None:
    with desk.refuses(2, "INT-5" if "purchased" in wrong else None):
        desk.takes(**wrong)


@pytest.mark.rule("INT-6")
def test_what_is_solved_on_the_phone_owes_a_call_within_two_hours_and_no_visit(desk: Practice) -> None:
    order = desk.takes(advised=True)
    assert order["state"] == "advised"
    assert {o["name"]: o["state"] for o in order["obligations"]} == {
        "register": "met", "tell": "void", "respond": "met", "resolve": "void", "complete": "void", "follow-up": "open",
    }  # fmt: skip
    assert desk.owed(order["number"], "follow-up")["due_at"] == when("11:00")


@pytest.mark.rule("INT-6")
def test_if_the_advice_did_not_hold_the_visit_starts_from_there(desk: Practice) -> None:
    number = desk.reported(advised=True)
    desk.wait(hours=1)
    order = desk.assigned(number)
    assert (order["state"], order["ended_at"]) == ("assigned", None)
    assert desk.owed(number, "follow-up")["state"] == "met"
    resolve = desk.owed(number, "resolve")
    assert (resolve["state"], resolve["due_at"]) == ("open", when("2026-11-24T10:00"))
    desk.accepted(number)
    desk.started(number)
    assert desk.finished(number)["state"] == "finished"


@pytest.mark.rule("INT-7")
def test_an_emergency_tells_leader_and_supervisor_at_once(desk: Practice) -> None:
    desk.takes(priority="emergency")
    assert any("L1" in remark and "S1" in remark for remark in desk.remarks)
    desk.takes(place="3-2-502")
    assert not desk.remarks


@pytest.mark.rule("INT-7")
def test_the_places_affected_are_listed_in_their_canonical_form(desk: Practice) -> None:
    order = desk.takes(priority="emergency", affects=("3栋2单元401", "３－２－３０１"))
    assert order["affects"] == ["3-2-401", "3-2-301"]


@pytest.mark.rule("INT-8")
def test_a_report_is_taken_on_a_holiday_as_on_any_day(desk: Practice) -> None:
    desk.at("2027-01-01T03:00")
    number = desk.reported(who="C2")
    assert desk.owed(number, "respond")["due_at"] == when("2027-01-01T04:00")


@pytest.mark.rule("INT-8")
def test_who_is_off_duty_can_be_sent_but_the_desk_is_warned(desk: Practice) -> None:
    desk.do("staff_duty", None, "W1", start="2026-11-22T12:00", end="2026-11-22T18:00")
    number = desk.reported()
    desk.assigned(number, to="W1")
    assert any("not on duty" in remark for remark in desk.remarks)
    desk.at("2026-11-22T12:00")
    desk.assigned(number, to="W1", reason="again")
    assert not desk.remarks
