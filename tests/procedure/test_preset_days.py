"""A desk of each preset at work: the whole way of an order, and the clocks that are the preset's own."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from practice import LAMP, STAFF, SUNDAY_MORNING, TAP, Practice, when

from repairdesk.desk import By
from repairdesk.desk.founding import found
from repairdesk.desk.rulebooks import Rulebooks

NAMES = ("standard", "longfor", "sales-centre", "lvjing", "liyuan", "customer-repair", "appliance")
CHECKER = {"lvjing": "S1", "liyuan": "S1"}
"""Who checks the slips, where it is not the shift leader."""
COLLECTING = ("customer-repair", "appliance")
"""Where the technician takes the money."""
WINDOW = "2026-11-22T14:00/16:00"


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The folder of a new desk of a preset, with its staff; made once."""
    made: dict[str, Path] = {}

    def of(name: str) -> Path:
        if name not in made:
            home = tmp_path_factory.mktemp(name) / "desk"
            eve, keyboard = SUNDAY_MORNING - timedelta(days=1), By(os_user="tester")
            found(home, name, keyboard, eve)
            desk = Practice(home)
            desk.moment = eve
            for staff, role, trades in STAFF:
                desk.desk.staff_add(keyboard, staff, name=f"{role} {staff}", role=role, trades=trades)
            made[name] = home
        return made[name]

    return of


@pytest.fixture
def desk(name: str, tmp_path: Path, founded: Callable[[str], Path]) -> Practice:
    """A desk of the preset ``name`` with its staff and no order yet."""
    home = tmp_path / "desk"
    shutil.copytree(founded(name), home)
    return Practice(home)


def states(desk: Practice, number: str) -> set[str]:
    """In which states everything is that was ever owed on the order."""
    return {owed["state"] for owed in desk.show(number)["obligations"]}


def checklist(desk: Practice) -> tuple[str, ...]:
    """The points that a visit at this desk ticks off."""
    with desk.desk.ledger.read() as reader:
        rules = Rulebooks(desk.home).current(reader)
    return tuple(item.code for item in rules.policies.checklists["in_home"])


def taken_out(desk: Practice, number: str) -> None:
    """Told, accepted and there: at once, as the strictest of the seven wants it."""
    desk.wait(minutes=1)
    desk.assigned(number)
    desk.wait(minutes=1)
    desk.accepted(number)
    desk.wait(minutes=8)
    desk.arrived(number)


def filed(desk: Practice, name: str, number: str) -> None:
    """The resident signs, whoever checks slips checks it, the clerk files it; looked at again where that is owed."""
    desk.signed(number)
    desk.closed(number, who=CHECKER.get(name, "L1"))
    assert desk.archived(number)["state"] == "archived"
    if "recheck" in desk.owes(number):
        desk.do("recheck", "C1", number, outcome="ok")


def a_listed_repair(desk: Practice, name: str) -> str:
    number = desk.reported(services=("tap",))
    desk.agreed(number)
    taken_out(desk, number)
    desk.started(number, checks=checklist(desk))
    desk.wait(minutes=30)
    assert desk.finished(number, services=("tap",))["bill"]["total"] == "25.00"
    assert not [remark for remark in desk.remarks if "checklist" in remark]
    filed(desk, name, number)
    return number


def a_reviewed_repair(desk: Practice, name: str) -> str:
    number = desk.reported(place="3-2-502", unlisted=True)
    desk.wait(minutes=15)
    desk.quoted(number, "300")
    desk.wait(minutes=40)
    desk.agreed(number)
    taken_out(desk, number)
    desk.started(number)
    assert desk.finished(number)["bill"]["total"] == "300.00"
    filed(desk, name, number)
    return number


def a_lamp_with_a_pause(desk: Practice, name: str) -> str:
    number = desk.reported(LAMP)
    taken_out(desk, number)
    desk.started(number)
    desk.paused(number, "parts", (desk.moment + timedelta(hours=1)).isoformat())
    desk.wait(hours=1)
    desk.arrived(number)
    desk.started(number)
    desk.wait(minutes=10)
    assert desk.finished(number)["paid"] is False
    filed(desk, name, number)
    return number


def a_matter_to_track(desk: Practice, name: str) -> str:
    number = desk.at_work(place="3-2-503")
    desk.wait(hours=1)
    coordination = desk.converted(number, tracker="C1")
    desk.wait(days=1)
    desk.logged(coordination)
    for who in ("L1", "S1"):
        desk.do("check", who, coordination, support="called the supplier")
    desk.finished(coordination, "C1")
    desk.signed(coordination, who="C1")
    desk.closed(coordination, who=CHECKER.get(name, "L1"))
    desk.archived(coordination, who="L1")
    assert desk.show(number)["state"] == "converted"
    return number


@pytest.mark.rule("FIN-5", "QUO-2", "VIS-5", "COO-5", "FEE-7", "RPT-6", "REC-5")
@pytest.mark.parametrize("name", NAMES)
def test_every_preset_carries_orders_from_the_report_to_the_month_that_is_handed_over(
    desk: Practice, name: str
) -> None:
    listed, reviewed = a_listed_repair(desk, name), a_reviewed_repair(desk, name)
    lamp, tracked = a_lamp_with_a_pause(desk, name), a_matter_to_track(desk, name)
    assert states(desk, listed) == states(desk, reviewed) == states(desk, lamp) == {"met"}
    assert "missed" not in states(desk, tracked)
    assert desk.show(listed)["policies_version"] == f"{name}-2026-11"
    for number in (listed, reviewed):
        desk.paid(number, who="W1" if name in COLLECTING else "F1")
    november = desk.month("2026-11")
    assert (november["orders"], november["free"], november["total"]) == (2, 1, "325.00")
    assert desk.arrears()["total"] == "0.00"
    desk.at("2026-12-01T00:00:00")
    assert desk.handed_over("2026-11")["handed_over"]["in_time"] is True
    assert desk.problems() == []


# When each thing is due on 22 November: of an in-home report of 09:00 that is accepted at 09:07, of a lamp in a public
# area, of an appointment at 14:00; and of a slip of work that is finished at 17:30. In the order of NAMES.
DUE = {
    "register": ("09:02", "09:02", "09:01", "09:01", "09:02", "09:02", "09:02"),
    "tell": ("09:05", "09:05", "09:02", "09:02", "09:05", "09:05", "09:05"),
    "arrive": ("09:17", "09:17", "09:17", "09:15", "09:17", "09:17", "09:17"),
    "tell a lamp": ("09:10",) * 7,
    "arrive at a lamp": ("09:22", "09:22", "09:37", "09:22", "09:22", "09:22", "09:22"),
    "arrive early": ("13:55", "13:55", "13:50", "13:55", "13:55", "13:55", "13:55"),
    "slip": (
        "2026-11-23T17:00", *["2026-11-23T00:00"] * 3, "2026-11-23T17:00", "2026-11-23T17:00", "2026-11-23T00:00",
    ),
}  # fmt: skip


@pytest.mark.rule("INT-4", "ASG-2", "FIN-5")
@pytest.mark.parametrize("name", NAMES)
def test_the_clocks_of_a_day_run_as_the_preset_says(desk: Practice, name: str) -> None:
    home, lamp = desk.reported(), desk.reported(LAMP)
    visit = desk.reported(place="3-2-502", appointment=WINDOW)
    for number, who in ((home, "W1"), (lamp, "W2"), (visit, "K1")):
        desk.assigned(number, to=who)
    desk.at("2026-11-22T09:07")
    for number, who in ((home, "W1"), (lamp, "W2"), (visit, "K1")):
        desk.accepted(number, who)
    desk.started(home)
    desk.at("2026-11-22T17:30")
    desk.finished(home)
    shown = {
        "register": desk.owed(home, "register"),
        "tell": desk.owed(home, "tell"),
        "arrive": desk.owed(home, "arrive"),
        "tell a lamp": desk.owed(lamp, "tell"),
        "arrive at a lamp": desk.owed(lamp, "arrive"),
        "arrive early": desk.owed(visit, "arrive"),
        "slip": desk.owed(home, "slip"),
    }
    wanted = {what: when(due[NAMES.index(name)]) for what, due in DUE.items()}
    assert {what: owed["due_at"] for what, owed in shown.items()} == wanted


@pytest.mark.rule("FIN-5")
@pytest.mark.parametrize(
    ("name", "others"),
    [("longfor", ("S1",)), ("lvjing", ("L1",)), ("liyuan", ("L1",)), ("customer-repair", ("S1",))],
)
def test_nobody_but_the_one_whom_the_source_names_checks_the_slip(
    desk: Practice, name: str, others: tuple[str, ...]
) -> None:
    number = desk.done()
    desk.signed(number)
    for who in others:
        with desk.refuses(12):
            desk.closed(number, who=who)
    assert desk.closed(number, who=CHECKER.get(name, "L1"))["state"] == "closed"


# --- sales-centre


@pytest.mark.rule("ASG-1")
@pytest.mark.parametrize("name", ["sales-centre"])
@pytest.mark.parametrize(("minutes", "state"), [(15, "met"), (15.5, "missed")])
@pytest.mark.parametrize("verb", ["arrived", "started", "nobody_home"])
def test_in_sales_centre_tools_are_ready_a_quarter_of_an_hour_after_accepting(
    desk: Practice, verb: str, minutes: float, state: str
) -> None:
    number = desk.reported()
    desk.assigned(number)
    assert "ready" not in desk.owes(number)
    desk.wait(minutes=1)
    desk.accepted(number)
    ready = desk.owed(number, "ready")
    assert (ready["due_at"], ready["owner"], ready["rule"]) == (when("09:16"), "W1", "ASG-1")
    desk.wait(minutes=minutes)
    getattr(desk, verb)(number)
    assert desk.owed(number, "ready")["state"] == state


@pytest.mark.rule("ASG-1")
@pytest.mark.parametrize("name", ["sales-centre"])
@pytest.mark.parametrize("report", [LAMP, {**TAP, "appointment": WINDOW}])
def test_in_sales_centre_the_time_for_tools_is_no_clock_where_arriving_would_not_show_it(
    desk: Practice, report: dict[str, Any]
) -> None:
    number = desk.reported(report)
    desk.assigned(number)
    desk.accepted(number)
    assert "ready" not in desk.owes(number)


@pytest.mark.rule("ASG-1")
@pytest.mark.parametrize("name", ["sales-centre"])
def test_in_sales_centre_whoever_takes_it_over_has_the_time_for_tools_anew(desk: Practice) -> None:
    number = desk.reported()
    desk.assigned(number)
    desk.accepted(number)
    desk.wait(minutes=10)
    desk.assigned(number, to="W2", reason="has the part")
    assert desk.owed(number, "ready")["state"] == "void"
    desk.accepted(number, "W2")
    ready = desk.owed(number, "ready")
    assert (ready["cycle"], ready["due_at"], ready["owner"]) == (2, when("09:25"), "W2")
    desk.do("reschedule", "C1", number, WINDOW, reason="the office is shut")
    assert desk.owed(number, "ready")["state"] == "void"
    assert desk.owed(number, "arrive")["due_at"] == when("13:50")


@pytest.mark.rule("INT-4")
@pytest.mark.parametrize(("name", "owed"), [("sales-centre", True), ("lvjing", False), ("standard", False)])
def test_in_sales_centre_the_report_of_a_public_area_is_registered_at_once_too(desk: Practice, owed: bool) -> None:
    number = desk.reported(LAMP)
    assert ("register" in desk.owes(number)) is owed


# --- lvjing


@pytest.mark.rule("ASG-2")
@pytest.mark.parametrize("name", ["lvjing"])
@pytest.mark.parametrize(("minutes", "state", "late"), [(15, "met", 0), (15.5, "missed", 30)])
def test_in_lvjing_arrival_counts_from_the_report_whenever_it_is_accepted(
    desk: Practice, minutes: float, state: str, late: int
) -> None:
    number = desk.reported(services=("tap",))
    assert desk.owed(number, "arrive")["due_at"] == when("09:15")
    desk.agreed(number)
    desk.wait(minutes=minutes)
    desk.assigned(number)
    desk.accepted(number)
    assert desk.arrived(number)["visits"][0]["late_seconds"] == late
    arrive = desk.owed(number, "arrive")
    assert (arrive["cycle"], arrive["due_at"], arrive["state"]) == (1, when("09:15"), state)


@pytest.mark.rule("ASG-2", "ASG-4")
@pytest.mark.parametrize("name", ["lvjing"])
def test_in_lvjing_giving_it_to_another_wins_no_time(desk: Practice) -> None:
    number = desk.reported()
    desk.assigned(number)
    desk.accepted(number)
    desk.wait(minutes=10)
    desk.assigned(number, to="W2", reason="has the part")
    desk.accepted(number, "W2")
    arrive = desk.owed(number, "arrive")
    assert (arrive["cycle"], arrive["due_at"], arrive["owner"]) == (1, when("09:15"), "W2")


@pytest.mark.rule("ASG-2", "QUO-2")
@pytest.mark.parametrize("name", ["lvjing"])
def test_in_lvjing_what_was_reviewed_first_counts_from_accepting_as_in_standard(desk: Practice) -> None:
    number = desk.reported(unlisted=True)
    assert "arrive" not in desk.owes(number)
    desk.quoted(number, "300")
    desk.wait(hours=2)
    desk.agreed(number)
    assert desk.owed(number, "tell")["due_at"] == when("11:05")
    desk.assigned(number)
    desk.wait(minutes=2)
    desk.accepted(number)
    assert desk.owed(number, "arrive")["due_at"] == when("11:12")


@pytest.mark.rule("ASG-2", "INT-6")
@pytest.mark.parametrize("name", ["lvjing"])
def test_in_lvjing_advice_owes_no_arrival_until_somebody_goes_after_all(desk: Practice) -> None:
    number = desk.reported(advised=True)
    assert desk.owed(number, "arrive")["state"] == "void"
    desk.wait(hours=2)
    desk.assigned(number)
    desk.accepted(number)
    assert desk.owed(number, "arrive")["due_at"] == when("11:10")


@pytest.mark.rule("ASG-2", "VIS-5")
@pytest.mark.parametrize("name", ["lvjing"])
def test_in_lvjing_another_technician_for_a_further_visit_comes_ten_minutes_after_accepting(desk: Practice) -> None:
    number = desk.at_work()
    desk.paused(number, "support", "2026-11-22T14:00")
    desk.at("2026-11-22T13:50")
    desk.assigned(number, to="W2", reason="has the trade")
    desk.accepted(number, "W2")
    arrive = desk.owed(number, "arrive")
    assert (arrive["cycle"], arrive["due_at"]) == (2, when("14:00"))


@pytest.mark.rule("ASG-2", "SLA-3")
@pytest.mark.parametrize("name", ["lvjing"])
def test_in_lvjing_the_time_until_the_resident_agrees_does_not_count(desk: Practice) -> None:
    number = desk.reported(services=("tap",))
    desk.wait(minutes=5)
    desk.quoted(number, "40")
    desk.wait(hours=3)
    assert desk.owed(number, "arrive")["state"] == "paused"
    desk.agreed(number, "40")
    assert desk.owed(number, "arrive")["due_at"] == when("12:15")


@pytest.mark.rule("ASG-2", "ASG-3")
@pytest.mark.parametrize("name", ["lvjing"])
def test_in_lvjing_an_appointment_takes_the_place_of_the_quarter_of_an_hour(desk: Practice) -> None:
    number = desk.reported(appointment=WINDOW)
    assert "arrive" not in desk.owes(number)
    desk.assigned(number)
    desk.accepted(number)
    assert desk.owed(number, "arrive")["due_at"] == when("13:55")
    other = desk.reported(place="3-2-502")
    desk.assigned(other, to="W2")
    desk.do("reschedule", "C1", other, WINDOW, reason="the office is shut")
    assert desk.owed(other, "arrive")["due_at"] == when("13:55")
    desk.accepted(other, "W2")
    desk.at("2026-11-22T13:55")
    desk.arrived(other, "W2")
    assert desk.owed(other, "arrive")["state"] == "met"


@pytest.mark.rule("VIS-10")
@pytest.mark.parametrize("name", ["lvjing", "standard"])
@pytest.mark.parametrize(
    ("reason", "everywhere"), [("parts", True), ("supplier", True), ("support", False), ("other", False)]
)
def test_in_lvjing_the_supervisor_explains_whatever_cannot_be_done_that_day(
    desk: Practice, name: str, reason: str, everywhere: bool
) -> None:
    number = desk.at_work()
    desk.paused(number, reason, "2026-11-24T09:00")
    explains = "explain" in desk.owes(number)
    assert explains is (everywhere or name == "lvjing")
    if explains:
        explain = desk.owed(number, "explain")
        assert (explain["due_at"], explain["owner"]) == (when("18:00"), "supervisor")


@pytest.mark.rule("VIS-10")
@pytest.mark.parametrize("name", ["lvjing"])
@pytest.mark.parametrize("reason", ["absent", "consent"])
def test_in_lvjing_what_the_resident_holds_up_need_not_be_explained(desk: Practice, reason: str) -> None:
    number = desk.at_work()
    desk.paused(number, reason, "2026-11-24T09:00")
    assert "explain" not in desk.owes(number)


# --- customer-repair and appliance


@pytest.mark.rule("FEE-7")
@pytest.mark.parametrize("name", COLLECTING)
def test_the_technician_who_did_the_work_takes_the_money_and_nobody_elses(desk: Practice) -> None:
    number = desk.billed(services=("tap",))
    for who in ("W2", "C1", "L1"):
        with desk.refuses(12):
            desk.paid(number, who=who)
    desk.paid(number, who="W1")
    (payment,) = desk.show(number)["payments"]
    assert (payment["amount"], payment["method"], payment["receipt"]) == ("25.00", "cash", "R20261122-0001")
    with desk.refuses(12):
        desk.handed_over("2026-11", who="W1")


@pytest.mark.rule("FEE-7")
@pytest.mark.parametrize("name", ["appliance"])
def test_in_appliance_there_is_no_management_fee_to_pay_with(desk: Practice) -> None:
    number = desk.billed(services=("tap",))
    with desk.refuses(2, "FEE-7"):
        desk.paid(number, who="W1", method="management-fee")


@pytest.mark.rule("VIS-3")
@pytest.mark.parametrize("name", ["appliance"])
def test_in_appliance_a_step_that_was_left_out_is_said(desk: Practice) -> None:
    number = desk.at_work()
    desk.finished(number, checks=[code for code in checklist(desk) if code != "tested"])
    assert any("试机通检" in remark and "征询意见" not in remark for remark in desk.remarks)
