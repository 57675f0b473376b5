"""Who is called back, by whom, and what follows when a resident is not satisfied (CAL-*, FIN-2, FIN-4, INT-6)."""

from __future__ import annotations

import math
import shutil
from pathlib import Path
from typing import Any

import pytest
from practice import LAMP, TAP, Doc, Practice, when

from repairdesk.desk import By

COMPLAINT = {
    "kind": "complaint",
    "place": "3-2-501",
    "caller": "李女士",
    "phone": "13800001234",
    "fault": "noise at night",
}
ANY = By(os_user="tester")


def due(desk: Practice) -> dict[str, Doc]:
    """Who is to be called, by number."""
    return {row["number"]: row for row in desk.desk.callback_due(ANY).doc["callbacks"]}


def plan(desk: Practice, stratum: str = "repairs", month: str | None = None) -> Doc:
    doc = desk.desk.callback_plan(ANY, month).doc
    one: Doc = next(one for one in doc["strata"] if one["stratum"] == stratum)
    return one


def audit(desk: Practice, stratum: str = "repairs", month: str | None = "2026-11") -> Doc:
    doc = desk.desk.callback_audit(ANY, month).doc
    one: Doc = next(one for one in doc["strata"] if one["stratum"] == stratum)
    return {**one, "ok": doc["ok"]}


def drawn(desk: Practice, stratum: str = "repairs") -> list[str]:
    return [one["number"] for one in plan(desk, stratum)["callbacks"]]


def filed(desk: Practice, report: Any = TAP, who: str = "W1", rating: str = "satisfied", **said: Any) -> str:
    """An order on its whole way; it is archived when this is over."""
    number = desk.at_work(report, who, new=True, **said)
    desk.finished(number, who)
    return desk.filed(number, who, rating=rating)


def called(desk: Practice, number: str, outcome: str = "satisfied", who: str = "C1", **said: Any) -> Doc:
    return desk.do("callback", who, number, **{"outcome": outcome, "method": "phone", **said})


def dissatisfied(desk: Practice, report: Any = TAP, rating: str = "dissatisfied") -> str:
    number = desk.done(report, new=True)
    desk.signed(number, rating)
    desk.closed(number)
    return number


# --- the draw


@pytest.mark.rule("CAL-1", "CAL-2")
def test_three_in_ten_of_a_month_are_drawn_and_due(desk: Practice) -> None:
    numbers = {filed(desk) for _ in range(10)}
    one = plan(desk)
    assert (one["orders"], one["quota"], one["drawn"], one["done"]) == (10, 3, 3, 0)
    assert set(due(desk)) == set(drawn(desk)) < numbers
    assert {row["why"] for row in due(desk).values()} == {"quota"}


@pytest.mark.rule("CAL-1")
def test_each_kind_of_matter_has_a_quota_of_its_own(desk: Practice) -> None:
    for _ in range(3):
        filed(desk, COMPLAINT)
    filed(desk, LAMP)
    filed(desk, {"kind": "help", "place": "3-2-501", "fault": "locked out"})
    counts = {
        name: (plan(desk, name)["orders"], plan(desk, name)["quota"]) for name in ("repairs", "complaints", "events")
    }
    assert counts == {"repairs": (1, 1), "complaints": (3, 2), "events": (1, 1)}


@pytest.mark.rule("CAL-1")
def test_a_repair_is_called_within_a_month_and_a_complaint_within_three_days_of_the_draw(desk: Practice) -> None:
    repair, complaint = filed(desk), filed(desk, COMPLAINT)
    rows = due(desk)
    assert rows[repair]["due_at"] == when("2026-12-22T09:00")
    assert rows[complaint]["due_at"] == when("2026-11-25T09:00")


@pytest.mark.rule("CAL-1")
def test_a_month_begins_in_the_zone_of_the_desk(desk: Practice) -> None:
    desk.at("2026-11-30T23:59")
    filed(desk)
    desk.at("2026-12-01T00:00")
    filed(desk)
    assert [plan(desk, month=month)["orders"] for month in ("2026-11", "2026-12")] == [1, 1]


@pytest.mark.rule("CAL-2")
def test_the_seed_is_the_last_entry_before_the_month_whatever_is_written_in_it(desk: Practice) -> None:
    filed(desk)
    desk.at("2026-11-30T20:00")
    desk.reported(new=True)
    last = desk.head()[1]
    desk.at("2026-12-01T08:00")
    assert desk.desk.callback_plan(ANY).doc["seed"] is None
    filed(desk)
    assert desk.desk.callback_plan(ANY).doc["seed"] == last
    filed(desk)
    assert desk.desk.callback_plan(ANY).doc["seed"] == last


@pytest.mark.rule("CAL-2")
def test_before_the_ledger_began_its_first_entry_is_the_seed_and_nothing_is_drawn(desk: Practice) -> None:
    with desk.desk.ledger.read() as reader:
        first = reader.first_hash()
    doc = desk.desk.callback_plan(ANY, "2020-01").doc
    assert doc["seed"] == first
    assert [(one["orders"], one["quota"], one["callbacks"]) for one in doc["strata"]] == [(0, 0, [])] * 3


@pytest.mark.rule("CAL-2")
def test_the_same_ledger_draws_the_same_on_another_machine(desk: Practice, tmp_path: Path) -> None:
    for _ in range(7):
        filed(desk)
    shutil.copytree(desk.home, tmp_path / "elsewhere")
    elsewhere = Practice(tmp_path / "elsewhere")
    elsewhere.moment = desk.moment
    assert plan(elsewhere) == plan(desk)
    assert audit(elsewhere)["quota"] == 3


@pytest.mark.rule("CAL-2", "REC-4")
def test_a_rate_that_is_changed_counts_for_the_orders_taken_in_by_it(desk: Practice) -> None:
    for _ in range(10):
        filed(desk)
    before = drawn(desk)
    changed = desk.home / "policies.yaml"
    text = changed.read_text(encoding="utf-8").replace('rate: "0.30"', 'rate: "1"')
    changed.write_text(text.replace("version: standard-2026-11", "version: all-called"), encoding="utf-8")
    assert drawn(desk) == before
    filed(desk)
    assert (plan(desk)["quota"], drawn(desk)[:3]) == (4, before)


@pytest.mark.rule("CAL-2", "FIN-2")
def test_an_uncertain_repair_is_owed_a_call_and_counts_in_the_draw_of_its_month(desk: Practice) -> None:
    number = desk.at_work()
    desk.finished(number, unsure=True)
    row = due(desk)[number]
    assert (row["why"], row["owner"], row["due_at"], row["tries"]) == ("unsure", "C1", when("12:00"), 0)
    called(desk, number)
    assert due(desk) == {}
    desk.filed(number)
    (one,) = plan(desk)["callbacks"]
    assert (one["why"], one["state"], plan(desk)["done"]) == ("unsure", "done", 1)


@pytest.mark.rule("CAL-2", "INT-6")
def test_advice_on_the_phone_is_called_back(desk: Practice) -> None:
    number = desk.reported(advised=True)
    row = due(desk)[number]
    assert (row["why"], row["owner"], row["due_at"]) == ("advised", "C1", when("11:00"))


@pytest.mark.rule("CAL-2")
@pytest.mark.parametrize("rating", ["fair", "dissatisfied"])
def test_a_low_rating_is_always_in_the_draw(desk: Practice, rating: str) -> None:
    for _ in range(4):
        filed(desk)
    number = dissatisfied(desk, rating=rating)
    if rating == "dissatisfied":
        desk.do("settle", "M1", number, reason="moved away")
    desk.archived(number)
    assert due(desk)[number]["why"] == "dissatisfied"


# --- who calls, and how


@pytest.mark.rule("CAL-3")
def test_whoever_took_the_report_calls_and_somebody_else_where_that_one_did_the_work(desk: Practice) -> None:
    assert due(desk) == {}
    number = filed(desk, who="W1")
    assert due(desk)[number]["owner"] == "C1"
    other = desk.reported(LAMP, who="L1")
    desk.assigned(other)
    desk.accepted(other)
    desk.started(other)
    desk.finished(other, unsure=True)
    assert due(desk)[other]["owner"] == "L1"


@pytest.mark.rule("CAL-3")
@pytest.mark.parametrize(
    ("severity", "owner", "barred"), [("general", "C1", "W1"), ("important", "S1", "L1"), ("major", "M1", "S1")]
)
def test_who_calls_depends_on_how_grave_the_matter_is(desk: Practice, severity: str, owner: str, barred: str) -> None:
    number = filed(desk, COMPLAINT, severity=severity)
    assert due(desk)[number]["owner"] == owner
    said = {"method": "visit", "signed_by": "李女士"}
    with desk.refuses(12):
        called(desk, number, who=barred, **said)
    called(desk, number, who=owner, **said)
    assert due(desk) == {}


@pytest.mark.rule("CAL-3")
def test_two_managers_are_a_role_to_whom_a_call_falls(desk: Practice) -> None:
    desk.do("staff_add", None, "M2", name="second", role="manager")
    number = filed(desk, COMPLAINT, severity="major")
    assert due(desk)[number]["owner"] == "manager"


@pytest.mark.rule("CAL-3")
def test_nobody_who_tracked_a_coordination_order_calls_about_it(desk: Practice) -> None:
    coordination = desk.converted(desk.at_work(), tracker="C1")
    desk.finished(coordination, "C1")
    desk.signed(coordination, who="C1")
    desk.closed(coordination)
    desk.archived(coordination, who="L1")
    assert due(desk)[coordination]["owner"] == "C2"
    with desk.refuses(12, "CAL-3"):
        called(desk, coordination, who="C1")
    called(desk, coordination, who="C2")


@pytest.mark.rule("CAL-4")
@pytest.mark.parametrize("method", ["phone", "letter"])
def test_after_a_major_complaint_the_callback_is_a_visit(desk: Practice, method: str) -> None:
    number = filed(desk, COMPLAINT, severity="major")
    assert due(desk)[number]["visit"]
    with desk.refuses(10, "CAL-4"):
        called(desk, number, who="M1", method=method)
    with desk.refuses(2, "CAL-4"):
        called(desk, number, who="M1", method="visit")
    called(desk, number, who="M1", method="visit", signed_by="李女士")


@pytest.mark.rule("CAL-6")
@pytest.mark.parametrize("said", [{"anonymous": True, "caller": None, "phone": None}, {"letter_only": True}])
def test_who_wants_a_letter_or_gave_no_name_is_not_called_and_the_letter_is_on_record(
    desk: Practice, said: Doc
) -> None:
    number = filed(desk, COMPLAINT, **said)
    assert (plan(desk, "complaints")["orders"], drawn(desk, "complaints"), due(desk)) == (1, [], {})
    with desk.refuses(10, "CAL-6"):
        called(desk, number)
    made = called(desk, number, method="letter", note="answered in writing")
    assert made["callback"]["method"] == "letter"
    assert plan(desk, "complaints")["done"] == 0


@pytest.mark.rule("CAL-6")
def test_only_of_a_complaint_a_letter_alone_is_asked_for(desk: Practice) -> None:
    with desk.refuses(2, "CAL-6"):
        desk.reported(TAP, letter_only=True)


# --- nobody answers


@pytest.mark.rule("CAL-5")
def test_after_three_tries_another_takes_the_place_and_both_are_on_record(desk: Practice) -> None:
    for _ in range(3):
        filed(desk)
    (first,) = drawn(desk)
    for tries in (1, 2):
        called(desk, first, "unreached")
        assert due(desk)[first]["tries"] == tries
    called(desk, first, "unreached")
    (row,) = due(desk).values()
    assert (row["instead_of"], row["number"] != first) == (first, True)
    assert [one["state"] for one in plan(desk)["callbacks"]] == ["given-up", "open"]
    assert audit(desk)["given_up"] == [{"number": first, "replaced_by": row["number"]}]


@pytest.mark.rule("CAL-5")
def test_who_was_not_reached_was_not_called(desk: Practice) -> None:
    number = filed(desk)
    called(desk, number, "unreached")
    assert plan(desk)["done"] == 0
    called(desk, number)
    assert (plan(desk)["done"], due(desk)) == (1, {})


# --- the audit


@pytest.mark.rule("CAL-2")
def test_an_audit_says_who_was_called_without_being_drawn_and_who_was_drawn_and_not_called(desk: Practice) -> None:
    numbers = {filed(desk) for _ in range(10)}
    chosen = drawn(desk)
    favourite = min(numbers - set(chosen))
    called(desk, chosen[0])
    called(desk, favourite)
    before = audit(desk)
    assert (before["ok"], before["open"], before["besides"]) == (True, sorted(chosen[1:]), [favourite])
    desk.at("2027-01-15T09:00")
    after = audit(desk)
    assert (after["ok"], after["missing"], after["done"], after["short"]) == (False, sorted(chosen[1:]), 1, 2)


@pytest.mark.rule("CAL-2")
def test_by_default_the_audit_is_of_the_last_month_and_the_plan_of_this_one(desk: Practice) -> None:
    desk.at("2026-12-03T09:00")
    assert desk.desk.callback_audit(ANY).doc["month"] == "2026-11"
    assert desk.desk.callback_plan(ANY).doc["month"] == "2026-12"


@pytest.mark.rule("CAL-1", "CAL-5")
def test_what_was_not_called_in_time_is_still_due_for_as_long_as_the_policies_say(desk: Practice) -> None:
    number = filed(desk)
    # Until 22 December it was in time, and 90 days later it is listed no more.
    for day in ("2026-12-28T09:00", "2027-01-03T09:00", "2027-03-22T09:00"):
        desk.at(day)
        assert due(desk)[number]["overdue"]
    desk.at("2027-03-22T09:01")
    assert due(desk) == {}
    assert audit(desk)["missing"] == [number]


# --- not satisfied


@pytest.mark.rule("CAL-5")
def test_a_dissatisfied_answer_sets_the_next_call_which_is_owed_until_it_is_made(desk: Practice) -> None:
    number = filed(desk)
    with desk.refuses(2, "CAL-5"):
        called(desk, number, "dissatisfied")
    called(desk, number, "dissatisfied", next_at="2026-11-24T10:00")
    row = due(desk)[number]
    assert (row["why"], row["owner"], row["due_at"]) == ("dissatisfied", "C1", when("2026-11-24T10:00"))
    assert desk.owed(number, "callback-again")["state"] == "open"
    desk.at("2026-11-24T09:30")
    called(desk, number, "unreached")
    assert due(desk)[number]["tries"] == 1
    called(desk, number, "dissatisfied", next_at="2026-11-25T10:00")
    assert [o["state"] for o in desk.show(number)["obligations"] if o["name"] == "callback-again"] == ["met", "open"]
    called(desk, number, note="it holds now")
    assert due(desk) == {}


@pytest.mark.rule("CAL-5")
def test_who_is_satisfied_but_has_something_new_to_say_is_called_again_too(desk: Practice) -> None:
    number = filed(desk)
    called(desk, number, next_at="2026-11-23T10:00", note="and the bell is silent")
    assert due(desk)[number]["due_at"] == when("2026-11-23T10:00")


@pytest.mark.rule("CAL-5")
def test_a_call_that_was_promised_by_the_supervisor_is_the_supervisors(desk: Practice) -> None:
    number = filed(desk, COMPLAINT, severity="important")
    called(desk, number, "dissatisfied", who="S1", next_at="2026-11-24T10:00")
    assert due(desk)[number]["owner"] == "S1"
    assert desk.why(number, "callback-again")


@pytest.mark.rule("CAL-5", "RPT-2")
def test_rework_is_opened_from_the_call_and_follows_the_order(desk: Practice) -> None:
    number = filed(desk)
    said = {"next_at": "2026-11-24T10:00", "note": "it drips again", "rework": True}
    made = called(desk, number, "dissatisfied", **said)
    rework = made["rework"]
    told = {name: rework[name] for name in ("follows", "place", "caller", "fault", "category", "kind", "channel")}
    assert told == {
        "follows": number, "place": "3-2-501", "caller": "李女士", "fault": "it drips again", "category": None,
        "kind": "in_home", "channel": "phone",
    }  # fmt: skip
    assert made["order"]["number"] == number
    assert desk.problems() == []


@pytest.mark.rule("CAL-5")
def test_nobody_who_was_not_reached_asks_for_rework(desk: Practice) -> None:
    number = filed(desk)
    with desk.refuses(2, "CAL-5"):
        called(desk, number, "unreached", rework=True)


@pytest.mark.rule("FIN-4")
@pytest.mark.parametrize("rating", ["fair", "dissatisfied"])
def test_about_a_low_rating_supervisor_and_manager_hear_the_technician_each_with_an_entry(
    desk: Practice, rating: str
) -> None:
    number = dissatisfied(desk, rating=rating)
    owed = {name: desk.owed(number, name)["owner"] for name in ("hear-supervisor", "hear-manager")}
    assert owed == {"hear-supervisor": "supervisor", "hear-manager": "manager"}
    desk.do("hear", "S1", number, said="the part was the wrong one")
    assert [desk.owed(number, name)["state"] for name in owed] == ["met", "open"]
    desk.do("hear", "M1", number, said="the part was the wrong one")
    assert [desk.owed(number, name)["state"] for name in owed] == ["met", "met"]
    assert [one["role"] for one in desk.show(number)["heard"]] == ["supervisor", "manager"]


@pytest.mark.rule("FIN-4")
def test_about_a_good_rating_there_is_nothing_to_hear_nor_to_settle(desk: Practice) -> None:
    number = desk.done()
    desk.signed(number)
    assert not {"hear-supervisor", "hear-manager", "call-back"} & desk.owes(number)
    with desk.refuses(10, "FIN-4"):
        desk.do("hear", "S1", number, said="all went well")
    with desk.refuses(10, "FIN-4"):
        desk.do("settle", "M1", number, reason="all went well")


@pytest.mark.rule("FIN-4")
def test_only_the_managers_call_meets_what_the_manager_owes_a_dissatisfied_resident(desk: Practice) -> None:
    number = dissatisfied(desk)
    assert due(desk)[number]["owner"] == "M1"
    called(desk, number)
    assert desk.owed(number, "call-back")["state"] == "open"
    with desk.refuses(10, "FIN-4"):
        desk.archived(number)
    called(desk, number, who="M1", note="the bill was explained")
    assert desk.owed(number, "call-back")["state"] == "met"
    assert desk.archived(number)["state"] == "archived"


@pytest.mark.rule("FIN-4")
def test_a_call_before_the_rating_settles_nothing(desk: Practice) -> None:
    number = desk.at_work()
    desk.finished(number, unsure=True)
    called(desk, number, who="M1")
    desk.signed(number, "dissatisfied")
    desk.closed(number)
    with desk.refuses(10, "FIN-4"):
        desk.archived(number)


@pytest.mark.rule("FIN-4")
def test_a_manager_who_is_told_of_dissatisfaction_again_has_settled_nothing(desk: Practice) -> None:
    number = dissatisfied(desk)
    called(desk, number, who="M1")
    called(desk, number, "dissatisfied", who="M1", next_at="2026-11-24T10:00")
    with desk.refuses(10, "FIN-4"):
        desk.archived(number)


@pytest.mark.rule("FIN-4")
def test_the_manager_records_why_it_ends_and_owes_no_call_any_more(desk: Practice) -> None:
    number = dissatisfied(desk)
    with desk.refuses(12):
        desk.do("settle", "S1", number, reason="moved away")
    desk.do("settle", "M1", number, reason="moved away")
    assert desk.owed(number, "call-back")["state"] == "void"
    assert desk.show(number)["settled"]["reason"] == "moved away"
    with desk.refuses(10, "FIN-4"):
        desk.do("settle", "M1", number, reason="once more")
    assert desk.archived(number)["state"] == "archived"
    assert desk.problems() == []


@pytest.mark.rule("FIN-4")
def test_rework_that_was_called_back_counts_by_what_was_said_last(desk: Practice) -> None:
    number = dissatisfied(desk)
    rework = desk.done(follows=number, new=True)
    desk.signed(rework)
    called(desk, rework, "dissatisfied", next_at="2026-11-24T10:00")
    with desk.refuses(10, "FIN-4"):
        desk.archived(number)
    called(desk, rework)
    assert desk.archived(number)["state"] == "archived"


@pytest.mark.rule("CAL-1")
def test_the_quota_of_a_busy_month_is_kept_by_calling_whom_the_desk_names(desk: Practice) -> None:
    for n in range(25):
        filed(desk, rating="fair" if n % 8 == 0 else "satisfied")
        while rows := [row for row in due(desk).values() if row["owner"] in ("C1", "M1")]:
            called(desk, rows[0]["number"], "unreached" if rows[0]["tries"] < n % 3 else "satisfied", who="C1")
    one = plan(desk)
    assert one["done"] >= one["quota"] == math.ceil(25 * 3 / 10)
    assert audit(desk)["ok"]
    assert desk.problems() == []


@pytest.mark.rule("FIN-4", "CAL-6")
def test_a_letter_asks_nobody_who_can_be_called_and_settles_nothing(desk: Practice) -> None:
    number = dissatisfied(desk)
    with desk.refuses(10, "CAL-6"):
        called(desk, number, who="M1", method="letter")
    assert desk.owed(number, "call-back")["state"] == "open"
    with desk.refuses(10, "FIN-4"):
        desk.archived(number)


@pytest.mark.rule("FIN-4")
def test_of_several_reworks_the_last_word_counts(desk: Practice) -> None:
    number = dissatisfied(desk)
    first = desk.done(follows=number, new=True)
    desk.signed(first)
    desk.wait(hours=1)
    second = desk.done(follows=number, new=True)
    desk.signed(second, "dissatisfied")
    with desk.refuses(10, "FIN-4"):
        desk.archived(number)


@pytest.mark.rule("FIN-4")
def test_rework_of_rework_that_satisfies_settles_the_whole_chain(desk: Practice) -> None:
    number = dissatisfied(desk)
    again = desk.done(follows=number, new=True)
    desk.signed(again, "dissatisfied")
    desk.wait(hours=1)
    desk.signed(desk.done(follows=again, new=True))
    assert desk.archived(number)["state"] == "archived"


@pytest.mark.rule("FIN-4")
def test_what_followed_before_the_rating_and_a_complaint_are_no_rework(desk: Practice) -> None:
    number = desk.done()
    before = desk.done(follows=number, new=True)
    desk.signed(before)
    desk.wait(hours=1)
    desk.signed(number, "dissatisfied")
    desk.closed(number)
    grumble = desk.done(kind="complaint", follows=number, new=True)
    desk.signed(grumble)
    with desk.refuses(10, "FIN-4"):
        desk.archived(number)


@pytest.mark.rule("FIN-4", "COO-1")
def test_rework_that_was_coordinated_has_the_rating_of_its_coordination_order(desk: Practice) -> None:
    number = dissatisfied(desk)
    tracked = desk.converted(desk.reported(follows=number, new=True))
    desk.finished(tracked, who="C1")
    desk.signed(tracked, who="C1")
    assert desk.archived(number)["state"] == "archived"


@pytest.mark.rule("FIN-4", "COO-5")
def test_rework_of_the_order_settles_what_became_of_it(desk: Practice) -> None:
    number = desk.reported(new=True)
    tracked = desk.converted(number)
    desk.finished(tracked, who="C1")
    desk.signed(tracked, "dissatisfied", who="C1")
    desk.closed(tracked)
    desk.signed(desk.done(follows=number, new=True))
    assert desk.archived(tracked, who="L1")["state"] == "archived"
