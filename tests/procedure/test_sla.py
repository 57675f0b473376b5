"""SLA: clocks that open, are met, missed, stopped and aimed anew."""

from __future__ import annotations

import pytest
from practice import Practice, when

from repairdesk.desk import By


@pytest.mark.rule("SLA-1")
@pytest.mark.parametrize(
    ("priority", "respond", "resolve"),
    [
        ("emergency", "09:30", "11:00"),
        ("regular", "10:00", "2026-11-24T09:00"),
        ("low", "13:00", "2026-11-29T09:00"),
    ],
)
def test_responding_and_resolving_are_owed_by_priority(
    desk: Practice, priority: str, respond: str, resolve: str
) -> None:
    number = desk.reported(priority=priority)
    assert desk.owed(number, "respond")["due_at"] == when(respond)
    assert desk.owed(number, "resolve")["due_at"] == when(resolve)


@pytest.mark.rule("SLA-1")
def test_a_help_request_is_answered_within_ten_minutes(desk: Practice) -> None:
    number = desk.reported({"kind": "help", "place": "3-2-501", "fault": "locked out"})
    assert desk.owed(number, "answer")["due_at"] == when("09:10")
    assert desk.owes(number) == {"answer"}
    desk.wait(minutes=10)
    desk.assigned(number)
    assert desk.owed(number, "answer")["state"] == "met"


@pytest.mark.rule("SLA-1")
@pytest.mark.parametrize(("minutes", "state"), [(60, "met"), (61, "missed")])
def test_assigning_is_the_response(desk: Practice, minutes: int, state: str) -> None:
    number = desk.reported()
    desk.wait(minutes=minutes)
    desk.assigned(number)
    assert desk.owed(number, "respond")["state"] == state


@pytest.mark.rule("SLA-1")
@pytest.mark.parametrize(("hours", "state"), [(48, "met"), (49, "missed")])
def test_finishing_is_the_resolution(desk: Practice, hours: int, state: str) -> None:
    number = desk.at_work()
    desk.wait(hours=hours)
    assert desk.owed(number, "resolve")["state"] == ("open" if state == "met" else "missed")
    desk.finished(number)
    resolve = desk.owed(number, "resolve")
    assert (resolve["state"], resolve["met_at"]) == (state, desk.moment.isoformat())


@pytest.mark.rule("SLA-1")
def test_a_corrected_priority_aims_the_open_clocks_anew_from_where_they_began(desk: Practice) -> None:
    number = desk.reported()
    desk.wait(minutes=10)
    desk.corrected(number, priority="emergency")
    assert desk.owed(number, "respond")["due_at"] == when("09:30")
    assert desk.owed(number, "resolve")["due_at"] == when("11:00")
    desk.wait(minutes=10)
    desk.corrected(number, priority="low")
    assert desk.owed(number, "respond")["due_at"] == when("13:00")
    assert desk.owed(number, "resolve")["due_at"] == when("2026-11-29T09:00")


@pytest.mark.rule("SLA-3")
def test_what_was_missed_stays_missed_whatever_is_corrected_or_done_later(desk: Practice) -> None:
    number = desk.reported(priority="emergency")
    desk.wait(minutes=31)
    desk.corrected(number, priority="low")
    assert desk.owed(number, "respond")["state"] == "missed"
    assert desk.owed(number, "respond")["due_at"] == when("09:30")
    desk.assigned(number)
    assert desk.owed(number, "respond")["state"] == "missed"
    assert desk.owed(number, "resolve")["due_at"] == when("2026-11-29T09:00")


@pytest.mark.rule("SLA-3")
def test_an_order_that_ends_after_its_deadline_has_missed_it(desk: Practice) -> None:
    number, other = desk.reported(), desk.reported(place="3-2-502")
    desk.wait(minutes=30)
    desk.do("cancel", "C1", other, reason="by mistake")
    desk.wait(minutes=31)
    desk.do("cancel", "C1", number, reason="by mistake")
    assert desk.owed(number, "respond")["state"] == "missed"
    assert desk.owed(other, "respond")["state"] == "void"


@pytest.mark.rule("SLA-3")
def test_a_clock_that_the_resident_holds_up_moves_by_just_the_stopped_time(desk: Practice) -> None:
    number = desk.reported()
    desk.assigned(number)
    desk.accepted(number)
    desk.wait(hours=1)
    desk.nobody_home(number)
    assert desk.owed(number, "resolve")["state"] == "paused"
    desk.wait(hours=5, minutes=7, seconds=9)
    assert desk.owed(number, "resolve")["state"] == "paused"
    desk.arrived(number)
    resolve = desk.owed(number, "resolve")
    assert (resolve["due_at"], resolve["state"]) == (when("2026-11-24T14:07:09"), "open")
    assert resolve["stops"] == [{"reason": "absent", "since": when("10:00"), "until": when("15:07:09")}]


@pytest.mark.rule("SLA-3")
def test_a_reason_that_the_policy_does_not_name_stops_nothing(desk: Practice) -> None:
    number = desk.at_work()
    desk.paused(number, "parts", "2026-11-25T09:00")
    desk.wait(hours=49)
    assert desk.owed(number, "resolve")["state"] == "missed"


@pytest.mark.rule("SLA-3")
def test_an_appointment_ahead_stops_the_resolve_clock_until_it_begins(desk: Practice) -> None:
    number = desk.reported(appointment="2026-11-25T14:00/16:00")
    assert desk.owed(number, "resolve")["due_at"] == when("2026-11-27T14:00")
    assert desk.owed(number, "resolve")["state"] == "paused"
    desk.at("2026-11-25T14:00")
    assert desk.owed(number, "resolve")["state"] == "open"


@pytest.mark.rule("SLA-3")
def test_who_comes_before_the_appointment_gives_back_the_rest_of_the_stop(desk: Practice) -> None:
    number = desk.reported(appointment="2026-11-25T14:00/16:00")
    desk.assigned(number)
    desk.at("2026-11-23T09:00")
    desk.arrived(number)
    assert desk.owed(number, "resolve")["due_at"] == when("2026-11-25T09:00")


@pytest.mark.rule("SLA-3")
def test_a_moved_appointment_moves_the_stop(desk: Practice) -> None:
    number = desk.reported(appointment="2026-11-23T09:00/10:00")
    desk.wait(hours=6)
    desk.do("reschedule", "C1", number, "2026-11-24T09:00/10:00", reason="resident is away")
    assert desk.owed(number, "resolve")["due_at"] == when("2026-11-26T09:00")


@pytest.mark.rule("SLA-3")
def test_waiting_for_consent_stops_the_resolve_clock(desk: Practice) -> None:
    number = desk.reported(unlisted=True)
    desk.wait(minutes=10)
    desk.quoted(number, "300")
    desk.wait(hours=72)
    assert desk.owed(number, "resolve")["state"] == "paused"
    desk.agreed(number)
    resolve = desk.owed(number, "resolve")
    assert (resolve["due_at"], resolve["state"]) == (when("2026-11-27T09:00"), "open")


@pytest.mark.rule("SLA-3")
def test_a_resident_who_declines_after_a_long_wait_leaves_no_missed_clock(desk: Practice) -> None:
    number = desk.reported(unlisted=True)
    desk.quoted(number, "300")
    desk.wait(hours=72)
    desk.do("decline", "C1", number, reason="too dear", second="S1")
    assert desk.owed(number, "resolve")["state"] == "void"


@pytest.mark.rule("SLA-3")
def test_work_that_is_finished_while_its_clock_stands_is_in_time(desk: Practice) -> None:
    number = desk.at_work()
    desk.wait(hours=40)
    desk.quoted(number, "300")  # for more than was asked; the resident thinks it over
    desk.wait(hours=20)
    desk.finished(number)  # and wants no more than what is done
    assert desk.owed(number, "resolve")["state"] == "met"


@pytest.mark.rule("SLA-3")
def test_a_clock_that_stands_still_is_aimed_anew_too(desk: Practice) -> None:
    number = desk.reported(priority="emergency")
    desk.assigned(number)
    desk.accepted(number)
    desk.wait(hours=1)
    desk.nobody_home(number)
    desk.wait(hours=3)
    desk.corrected(number, priority="regular")
    desk.arrived(number)
    assert desk.owed(number, "resolve")["due_at"] == when("2026-11-24T12:00")


@pytest.mark.rule("SLA-3")
def test_nobody_home_just_before_the_appointment_stops_the_clock_beyond_it(desk: Practice) -> None:
    number = desk.reported(appointment="2026-11-22T14:00/16:00")
    desk.assigned(number)
    desk.accepted(number)
    desk.at("2026-11-22T13:57")
    desk.nobody_home(number)
    desk.at("2026-11-22T20:00")
    assert desk.owed(number, "resolve")["state"] == "paused"
    desk.arrived(number)
    assert desk.owed(number, "resolve")["due_at"] == when("2026-11-24T20:00")


@pytest.mark.rule("SLA-3")
def test_waiting_for_consent_beyond_the_appointment_stops_the_clock_beyond_it(desk: Practice) -> None:
    number = desk.reported(unlisted=True, appointment="2026-11-22T14:00/16:00")
    desk.quoted(number, "300")
    desk.at("2026-11-22T20:00")
    assert desk.owed(number, "resolve")["state"] == "paused"
    desk.agreed(number)
    assert desk.owed(number, "resolve")["due_at"] == when("2026-11-24T20:00")


@pytest.mark.rule("SLA-3")
def test_consent_before_the_appointment_leaves_the_clock_stopped_until_it_begins(desk: Practice) -> None:
    number = desk.reported(unlisted=True, appointment="2026-11-22T14:00/16:00")
    desk.quoted(number, "300")
    desk.at("2026-11-22T10:00")
    desk.agreed(number)
    assert desk.owed(number, "resolve")["state"] == "paused"
    assert desk.owed(number, "resolve")["due_at"] == when("2026-11-24T14:00")


@pytest.mark.rule("SLA-6")
def test_why_shows_the_source_and_the_calendar_behind_a_deadline(desk: Practice) -> None:
    number = desk.reported()
    told = desk.desk.why(By(os_user="tester"), number, "resolve")
    (one,) = told["obligations"]
    assert (one["source"], one["calendar"], one["declared"]) == ("LY 标准", "always", "resolve")
    assert told["bill"] is None
