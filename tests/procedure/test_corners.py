"""Corners where two rules meet: each was once decided wrongly."""

from __future__ import annotations

from pathlib import Path

import pytest
from practice import Practice, when

from repairdesk.desk import By
from repairdesk.errors import UsageError


@pytest.mark.rule("COO-1")
def test_a_clock_that_stands_still_runs_on_when_the_order_is_converted(desk: Practice) -> None:
    number = desk.assigned(desk.reported())["number"]
    desk.accepted(number)
    desk.wait(minutes=10)
    desk.nobody_home(number)
    desk.wait(minutes=50)
    coordination = desk.converted(number)
    desk.wait(hours=24 * 10)
    desk.finished(coordination, who="C1")
    owed = desk.owed(number, "resolve")
    assert (owed["state"], owed["due_at"]) == ("missed", when("2026-11-24T09:50"))


@pytest.mark.rule("QUO-4")
def test_reviewed_work_is_billed_at_the_fee_that_was_agreed_to_not_at_a_later_quote(desk: Practice) -> None:
    number = desk.reported(unlisted=True)
    desk.quoted(number, "100")
    desk.agreed(number)
    desk.assigned(number)
    desk.started(number)
    desk.quoted(number, "150")
    assert desk.finished(number)["bill"]["total"] == "100.00"


@pytest.mark.rule("QUO-2")
def test_less_than_the_reviewed_fee_is_no_consent(desk: Practice) -> None:
    number = desk.reported(unlisted=True)
    desk.quoted(number, "100")
    with desk.refuses(10, "QUO-2"):
        desk.agreed(number, "60")
    desk.agreed(number)
    assert desk.owed(number, "tell")["state"] == "open"


@pytest.mark.rule("QUO-2")
def test_listed_and_reviewed_work_together_are_billed_at_what_was_agreed(desk: Practice) -> None:
    number = desk.reported(services=("tap",), unlisted=True)
    desk.quoted(number, "80")
    desk.agreed(number)
    desk.assigned(number)
    desk.started(number)
    assert desk.finished(number)["bill"]["total"] == "80.00"


@pytest.mark.rule("INT-6")
def test_what_is_solved_on_the_phone_is_no_unlisted_work(desk: Practice) -> None:
    with desk.refuses(2):
        desk.takes(advised=True, unlisted=True)


@pytest.mark.rule("INT-6")
def test_a_correction_keeps_the_clock_that_started_after_failed_advice(desk: Practice) -> None:
    number = desk.reported(advised=True)
    desk.wait(hours=24 * 5)
    desk.assigned(number)
    due = desk.owed(number, "resolve")["due_at"]
    desk.corrected(number, category="plumbing")
    assert desk.owed(number, "resolve")["due_at"] == due


@pytest.mark.rule("SLA-3")
def test_starting_again_ends_the_wait_for_consent(desk: Practice) -> None:
    number = desk.at_work()
    desk.paused(number, "consent", "2026-11-22T12:00")
    desk.wait(hours=1)
    desk.started(number)
    desk.wait(hours=100)
    desk.finished(number)
    assert desk.owed(number, "resolve")["state"] == "missed"


@pytest.mark.rule("COO-5")
def test_a_tracker_who_leaves_hands_the_coordination_order_over(desk: Practice) -> None:
    coordination = desk.converted(desk.reported(), tracker="C1")
    with desk.refuses(10, "COO-1"):
        desk.assigned(coordination, "C2", who="L1")
    assert desk.assigned(coordination, "C2", who="L1", reason="C1 leaves")["tracker"] == "C2"
    with desk.refuses(12):
        desk.logged(coordination, who="C1")
    desk.logged(coordination, who="C2")
    assert "resolve" not in desk.owes(coordination), "that one is owed on the order it came from"


@pytest.mark.rule("VIS-6")
def test_a_coordination_order_is_not_closed_while_something_is_out(desk: Practice) -> None:
    number = desk.at_work()
    desk.paused(number, "taken-away", "2026-11-23T09:00", taken=("pump",))
    coordination = desk.converted(number)
    desk.finished(coordination, who="C1")
    desk.signed(coordination, who="C1")
    with desk.refuses(10, "VIS-6"):
        desk.closed(coordination)
    desk.do("returned", "W1", number, ["pump"])
    assert desk.closed(coordination)["state"] == "closed"


@pytest.mark.rule("INT-3")
def test_a_correction_takes_nothing_that_intake_refuses(desk: Practice) -> None:
    number = desk.reported()
    for wrong in ({"severity": "major"}, {"class": "medical"}):
        with desk.refuses(2, "INT-3"):
            desk.corrected(number, **wrong)


@pytest.mark.rule("FEE-3")
def test_a_visit_past_midnight_groups_by_the_times_that_were_meant(desk: Practice) -> None:
    number = desk.assigned(desk.reported())["number"]
    desk.agreed(number, "60", who="W1")
    desk.at("2026-11-22T23:50")
    desk.started(number)
    desk.at("2026-11-23T00:30")
    bill = desk.finished(number, services=("bulb@23:55", "toilet@00:10"))["bill"]
    assert bill["total"] == "50.00"


@pytest.mark.rule("REC-2")
def test_nothing_is_asked_for_after_the_work_is_done(desk: Practice) -> None:
    number = desk.at_work()
    desk.agreed(number, "60", who="W1")
    with desk.refuses(10, "REC-2"):
        desk.finished(number, services=("bulb@23:00",))


@pytest.mark.rule("ASG-2")
def test_a_further_visit_with_a_new_appointment_is_an_arrival_that_is_owed(desk: Practice) -> None:
    number = desk.at_work()
    desk.paused(number, "parts", "2026-11-23T09:00")
    desk.do("reschedule", "C1", number, "2026-11-23T09:00/11:00", reason="parts are in")
    assert desk.owed(number, "arrive")["due_at"] == when("2026-11-23T08:55")


@pytest.mark.parametrize("said", ["a栋2单元501b", "A−2−501B", "a‐2‐501b"])
def test_a_place_is_one_place_however_its_letters_and_dashes_are_typed(desk: Practice, said: str) -> None:
    assert desk.takes(place=said)["place"] == "A-2-501B"


@pytest.mark.rule("REC-1")
@pytest.mark.parametrize("folder", ["templates", "mappings"])
@pytest.mark.parametrize("name", ["slip.html.j2", "new.html", "deeper/new.html"])
def test_no_answer_is_written_among_what_a_desk_made_its_own(
    desk: Practice, tmp_path: Path, folder: str, name: str
) -> None:
    (desk.home / folder).mkdir()
    (tmp_path / "here").symlink_to(desk.home / folder)
    for target in (desk.home / folder / name, tmp_path / "here" / name):
        with pytest.raises(UsageError):
            desk.desk.spare(target)
    desk.desk.spare(desk.home / f"{folder}.txt")


@pytest.mark.sqlite
@pytest.mark.rule("REC-1")
def test_no_answer_is_written_over_the_ledger(desk: Practice, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.symlink_to(desk.home / "ledger.db")
    for target in (desk.home / "ledger.db", desk.home / "fees.yaml", other):
        with pytest.raises(UsageError):
            desk.desk.spare(target)
    desk.desk.spare(tmp_path / "new")
    assert desk.desk.list_orders(By(), {})[1] == 0


@pytest.mark.rule("QUO-1")
def test_a_consent_that_was_typed_wrongly_can_be_given_again(desk: Practice) -> None:
    number = desk.reported(services=("tap",))
    desk.agreed(number, "500")
    assert desk.agreed(number, "25")["consent"]["fee"] == "25.00"


@pytest.mark.rule("FEE-3")
def test_a_service_may_have_been_asked_for_on_an_earlier_visit(desk: Practice) -> None:
    number = desk.reported(services=("tap",))
    desk.agreed(number)
    desk.assigned(number)
    desk.at("2026-11-22T15:50")
    desk.started(number)
    desk.at("2026-11-22T16:30")
    desk.paused(number, "parts", "2026-11-23T10:00")
    desk.at("2026-11-23T10:00")
    desk.started(number)
    desk.wait(minutes=30)
    assert desk.finished(number, services=("tap@16:00",))["bill"]["total"] == "25.00"


@pytest.mark.rule("QUO-4")
def test_services_named_at_the_end_stand_in_place_of_a_reviewed_fee(desk: Practice) -> None:
    number = desk.reported(unlisted=True)
    desk.quoted(number, "120")
    desk.agreed(number)
    desk.assigned(number)
    desk.started(number)
    assert desk.finished(number, services=("tap",))["bill"]["total"] == "25.00"
    assert any("120.00" in remark for remark in desk.remarks)
