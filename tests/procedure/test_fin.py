"""FIN: finish, sign, close, file."""

from __future__ import annotations

import pytest
from practice import LAMP, Practice, when


@pytest.mark.rule("FIN-1")
def test_finishing_records_fault_result_technician_and_times(desk: Practice) -> None:
    number = desk.at_work()
    desk.wait(minutes=25)
    order = desk.finished(number, found="the washer is worn", result="a new washer, tested")
    assert (order["state"], order["found"], order["result"]) == (
        "finished", "the washer is worn", "a new washer, tested",
    )  # fmt: skip
    visit = order["visits"][0]
    assert (visit["technician"], visit["started_at"], visit["ended_at"]) == ("W1", when("09:00"), when("09:25"))
    assert order["finished_at"] == when("09:25")


@pytest.mark.rule("FIN-1")
def test_without_the_found_fault_nothing_is_finished(desk: Practice) -> None:
    number = desk.at_work()
    with desk.refuses(2, "FIN-1"):
        desk.finished(number, found=None)
    named = desk.reported(place="3-2-502")
    desk.assigned(named, to="W2")
    desk.started(named, who="W2", found="the seat is cracked")
    assert desk.finished(named, who="W2", found=None)["found"] == "the seat is cracked"


@pytest.mark.rule("FIN-1")
def test_only_the_assignee_finishes_and_only_on_site(desk: Practice) -> None:
    number = desk.at_work()
    with desk.refuses(12):
        desk.finished(number, who="W2")
    desk.paused(number, "parts", "2026-11-22T14:00")
    with desk.refuses(10):
        desk.finished(number)


@pytest.mark.rule("FIN-3")
def test_the_resident_rates_and_signs(desk: Practice) -> None:
    number = desk.done()
    order = desk.signed(number, "very-satisfied")
    assert (order["state"], order["rating"], order["signed_by"]) == ("signed", "very-satisfied", "李女士")
    with desk.refuses(10):
        desk.signed(number)


@pytest.mark.rule("FIN-3")
def test_a_rating_is_one_of_four(desk: Practice) -> None:
    number = desk.done()
    with desk.refuses(2, "FIN-3"):
        desk.signed(number, "excellent")


@pytest.mark.rule("FIN-3")
def test_without_a_signature_the_leader_verifies_and_records_why(desk: Practice) -> None:
    number = desk.done()
    with desk.refuses(12):
        desk.do("sign_unsigned", "W1", number, reason="left for work")
    order = desk.do("sign_unsigned", "L1", number, reason="left for work")
    assert (order["state"], order["rating"], order["signed_by"]) == ("signed", None, None)
    assert order["unsigned_reason"] == "left for work"


@pytest.mark.rule("FIN-4")
def test_a_dissatisfied_residents_order_is_filed_once_rework_satisfied_them(desk: Practice) -> None:
    number = desk.done()
    desk.signed(number, "dissatisfied")
    assert any("hear the technician" in remark for remark in desk.remarks)
    desk.closed(number)
    with desk.refuses(10, "FIN-4"):
        desk.archived(number)
    rework = desk.at_work(follows=number)
    desk.finished(rework)
    with desk.refuses(10, "FIN-4"):
        desk.archived(number)
    desk.signed(rework, "satisfied")
    assert desk.archived(number)["state"] == "archived"


@pytest.mark.rule("FIN-5")
@pytest.mark.parametrize(
    ("done", "due"), [("16:59", "17:00"), ("17:00", "2026-11-23T17:00"), ("17:01", "2026-11-23T17:00")]
)
def test_the_slip_is_owed_back_by_five_and_closing_brings_it(desk: Practice, done: str, due: str) -> None:
    number = desk.at_work()
    desk.at(f"2026-11-22T{done}")
    desk.finished(number)
    slip = desk.owed(number, "slip")
    assert (slip["due_at"], slip["owner"], slip["state"]) == (when(due), "W1", "open")
    desk.signed(number)
    assert desk.owed(number, "slip")["state"] == "open"
    desk.closed(number)
    assert desk.owed(number, "slip")["state"] == "met"


@pytest.mark.rule("FIN-5")
def test_the_slip_that_comes_back_in_the_evening_was_missed(desk: Practice) -> None:
    number = desk.done()
    desk.signed(number)
    desk.at("2026-11-22T17:00:01")
    assert desk.owed(number, "slip")["state"] == "missed"
    desk.closed(number)
    assert desk.owed(number, "slip")["state"] == "missed"


@pytest.mark.rule("FIN-5")
def test_the_one_who_checks_is_not_the_one_who_did_the_work(desk: Practice) -> None:
    number = desk.done()
    desk.signed(number)
    desk.do("staff_add", None, "W1", name="promoted", role="leader")
    with desk.refuses(12, "FIN-5"):
        desk.closed(number, who="W1")
    with desk.refuses(12):
        desk.closed(number, who="C1")
    assert desk.closed(number, who="S1")["closed_by"] == "S1"


@pytest.mark.rule("FIN-5")
def test_whoever_made_one_visit_of_several_did_the_work_too(desk: Practice) -> None:
    number = desk.at_work()
    desk.paused(number, "support", "2026-11-22T10:00")
    desk.assigned(number, to="W2", reason="has the ladder")
    desk.started(number, who="W2")
    desk.finished(number, who="W2")
    desk.signed(number, who="W2")
    desk.do("staff_add", None, "W1", name="promoted", role="leader")
    with desk.refuses(12, "FIN-5"):
        desk.closed(number, who="W1")


@pytest.mark.rule("FIN-5")
def test_the_customer_centre_files_what_is_closed(desk: Practice) -> None:
    number = desk.done()
    desk.signed(number)
    with desk.refuses(10):
        desk.archived(number)
    desk.closed(number)
    with desk.refuses(12):
        desk.archived(number, who="W1")
    order = desk.archived(number)
    assert (order["state"], order["archived_at"]) == ("archived", when("09:00"))
    with desk.refuses(10):
        desk.archived(number)


@pytest.mark.rule("FIN-7")
def test_work_in_a_public_area_is_accepted_by_the_department_concerned(desk: Practice) -> None:
    number = desk.done(LAMP, who="W2")
    assert desk.signed(number, by="环境部", who="W2")["signed_by"] == "环境部"
