"""QUO: quote and consent."""

from __future__ import annotations

from typing import Any

import pytest
from practice import Practice, when


@pytest.mark.rule("QUO-1")
def test_a_listed_service_is_quoted_at_intake(desk: Practice) -> None:
    assert desk.takes(services=("tap",))["quote"] == "25.00"
    assert desk.takes(place="3-2-502", services=("tap:2", "toilet"))["quote"] == "50.00"
    assert desk.takes(place="3-2-503")["quote"] is None


@pytest.mark.rule("QUO-1")
def test_paid_work_does_not_start_before_consent(desk: Practice) -> None:
    number = desk.reported(services=("tap",))
    desk.assigned(number)
    desk.accepted(number)
    with desk.refuses(10, "QUO-1"):
        desk.started(number)
    desk.arrived(number)
    with desk.refuses(10, "QUO-1"):
        desk.started(number)
    order = desk.agreed(number, who="W1")
    assert order["consent"] == {"fee": "25.00", "at": when("09:00")}
    assert desk.started(number)["state"] == "on_site"


@pytest.mark.rule("QUO-1")
def test_consent_takes_the_quote_unless_another_sum_is_said(desk: Practice) -> None:
    number = desk.reported(services=("tap",))
    assert desk.agreed(number)["consent"]["fee"] == "25.00"
    assert desk.agreed(number, "60.00")["consent"]["fee"] == "60.00"


@pytest.mark.rule("QUO-1")
def test_an_order_without_services_is_free_until_it_is_quoted(desk: Practice) -> None:
    number = desk.at_work()
    with desk.refuses(10, "QUO-1"):
        desk.agreed(number)
    order = desk.finished(number)
    assert (order["bill"]["total"], order["paid"]) == ("0.00", False)


@pytest.mark.rule("QUO-1")
def test_an_emergency_may_start_before_consent_with_a_reason_but_is_not_billed_without(desk: Practice) -> None:
    number = desk.reported(services=("tap",), priority="emergency")
    desk.assigned(number)
    desk.accepted(number)
    with desk.refuses(10, "QUO-1"):
        desk.started(number)
    desk.started(number, reason="water runs into the flat below")
    with desk.refuses(10, "QUO-4"):
        desk.finished(number)
    desk.agreed(number)
    assert desk.finished(number)["bill"]["total"] == "25.00"


@pytest.mark.rule("QUO-1")
def test_a_regular_order_does_not_start_before_consent_whatever_the_reason(desk: Practice) -> None:
    number = desk.reported(services=("tap",))
    desk.assigned(number)
    with desk.refuses(10, "QUO-1"):
        desk.started(number, reason="in a hurry")


@pytest.mark.rule("QUO-2")
@pytest.mark.parametrize("report", [{"unlisted": True}, {"services": ("door-refit",)}, {"services": ("pipe-run:5",)}])
def test_work_that_the_table_cannot_price_waits_for_the_review(desk: Practice, report: dict[str, Any]) -> None:
    number = desk.reported(**report)
    assert desk.owed(number, "review")["due_at"] == when("09:15")
    with desk.refuses(10, "QUO-2"):
        desk.assigned(number)
    with desk.refuses(10, "QUO-2"):
        desk.agreed(number, "300")
    desk.wait(minutes=15)
    assert desk.quoted(number, "300")["state"] == "quoted"
    assert desk.owed(number, "review")["state"] == "met"
    assert desk.owed(number, "respond")["state"] == "met"


@pytest.mark.rule("QUO-2")
def test_only_once_the_resident_agrees_the_dispatch_clocks_start(desk: Practice) -> None:
    number = desk.reported(unlisted=True)
    desk.quoted(number, "300")
    assert "tell" not in desk.owes(number)
    with desk.refuses(10):
        desk.assigned(number)
    desk.wait(hours=20)
    assert desk.agreed(number)["state"] == "reported"
    assert desk.owed(number, "tell")["due_at"] == when("2026-11-23T05:05")
    assert desk.assigned(number)["state"] == "assigned"
    assert desk.owed(number, "tell")["state"] == "met"


@pytest.mark.rule("QUO-2")
def test_what_is_not_feasible_ends_as_cancelled_with_the_reason(desk: Practice) -> None:
    number = desk.reported(unlisted=True)
    order = desk.do("quote", "S1", number, feasible=False, reason="a bearing wall")
    assert (order["state"], order["ended_reason"]) == ("cancelled", "a bearing wall")
    assert {o["state"] for o in order["obligations"]} <= {"met", "void"}


@pytest.mark.rule("QUO-2")
def test_a_quote_is_the_supervisors_and_above_zero(desk: Practice) -> None:
    number = desk.reported(unlisted=True)
    with desk.refuses(12):
        desk.quoted(number, "300", who="C1")
    with desk.refuses(10, "QUO-2"):
        desk.quoted(number, "0")
    with desk.refuses(2):
        desk.quoted(number, "three hundred")


@pytest.mark.rule("QUO-3")
def test_a_residents_no_before_assignment_is_recorded_by_clerk_and_supervisor(desk: Practice) -> None:
    number = desk.reported(unlisted=True)
    desk.quoted(number, "300")
    order = desk.do("decline", "C1", number, reason="too dear", second="S1")
    assert (order["state"], order["ended_reason"]) == ("declined", "too dear")
    assert desk.last_entry(number)["data"]["second"] == "S1"


@pytest.mark.rule("QUO-3")
def test_a_residents_no_on_site_is_recorded_by_technician_and_supervisor(desk: Practice) -> None:
    number = desk.at_work()
    desk.wait(minutes=12)
    order = desk.do("decline", "W1", number, reason="too dear", second="S1")
    assert order["state"] == "declined"
    assert order["visits"][0]["ended_at"] == when("09:12")


@pytest.mark.rule("QUO-3")
@pytest.mark.parametrize("second", ["W2", "C2", "L1", "W1"])
def test_a_no_without_the_supervisor_is_refused(desk: Practice, second: str) -> None:
    number = desk.at_work()
    with desk.refuses(12, "QUO-3"):
        desk.do("decline", "W1", number, reason="too dear", second=second)


@pytest.mark.rule("QUO-3")
def test_once_a_technician_has_it_the_clerk_stands_in_for_nobody(desk: Practice) -> None:
    number = desk.at_work()
    with desk.refuses(12, "QUO-3"):
        desk.do("decline", "C1", number, reason="too dear", second="S1")


@pytest.mark.rule("QUO-4")
def test_what_was_found_is_recorded_beside_what_was_reported(desk: Practice) -> None:
    number = desk.reported()
    desk.assigned(number)
    order = desk.arrived(number, found="the pipe has burst")
    assert (order["fault"], order["found"]) == ("the tap drips", "the pipe has burst")


@pytest.mark.rule("QUO-4")
def test_a_bill_above_the_consent_needs_a_new_one(desk: Practice) -> None:
    number = desk.reported(services=("tap",))
    desk.agreed(number)
    desk.assigned(number)
    desk.accepted(number)
    desk.started(number, found="the drain is blocked as well")
    with desk.refuses(10, "QUO-4") as told:
        desk.finished(number, services=("toilet",))
    assert {told[0].values[name] for name in ("total", "over", "agreed")} == {"50.00", "25.00"}
    desk.agreed(number, "49.99", who="W1")
    with desk.refuses(10, "QUO-4"):
        desk.finished(number, services=("toilet",))
    desk.agreed(number, "50.00", who="W1")
    assert desk.finished(number, services=("toilet",))["bill"]["total"] == "50.00"


@pytest.mark.rule("QUO-4")
def test_a_dearer_quote_on_site_needs_consent_before_work_goes_on(desk: Practice) -> None:
    number = desk.reported(services=("tap",))
    desk.agreed(number)
    desk.assigned(number)
    desk.arrived(number)
    assert desk.quoted(number, "80")["state"] == "on_site"
    with desk.refuses(10, "QUO-1"):
        desk.started(number)
    desk.agreed(number, who="W1")
    desk.started(number)
