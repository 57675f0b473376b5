"""REC: the record."""

from __future__ import annotations

import re
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from practice import Practice, when

from repairdesk.desk import By, Desk
from repairdesk.errors import NotAllowed
from repairdesk.ledger.verify import rebuild, verify

# --- REC-1: in pen


@pytest.mark.sqlite
@pytest.mark.rule("REC-1")
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE entries SET actor = 'M1'",
        "DELETE FROM entries WHERE seq = (SELECT max(seq) FROM entries)",
        "UPDATE bodies SET body = '{}'",
        "DELETE FROM bodies",
    ],
)
def test_ordinary_sql_can_neither_change_nor_remove_an_entry(desk: Practice, statement: str) -> None:
    desk.reported()
    with sqlite3.connect(desk.home / "ledger.db") as db, pytest.raises(sqlite3.IntegrityError):
        db.execute(statement)
    db.close()


@pytest.mark.sqlite
@pytest.mark.rule("REC-1")
def test_verify_finds_an_entry_that_was_changed_behind_the_triggers(desk: Practice, tmp_path: Path) -> None:
    number = desk.reported()
    copy = tmp_path / "forged.db"
    shutil.copy(desk.home / "ledger.db", copy)
    with sqlite3.connect(copy) as db:
        for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
            db.execute(f"DROP TRIGGER {name}")
        db.execute("UPDATE entries SET actor = 'C2' WHERE number = ?", (number,))
    db.close()
    assert not verify(copy)["ok"]


# --- REC-2: who, when, and in which order


@pytest.mark.rule("REC-2")
def test_an_entry_keeps_who_did_it_who_typed_it_when_it_happened_and_when_it_was_written(desk: Practice) -> None:
    desk.do("staff_add", None, "C2", name="clerk C2", role="clerk", os_user="tester")
    number = desk.reported(who="C1", at="2026-11-22T08:50")
    entry = desk.last_entry(number)
    assert (entry["actor"], entry["keyboard"]) == ("C1", "C2")
    assert (entry["occurred_at"], entry["recorded_at"]) == (when("08:50"), when("09:00"))


@pytest.mark.rule("REC-2")
@pytest.mark.parametrize(("at", "late"), [("2026-11-22T08:45", False), ("2026-11-22T08:44:59", True)])
def test_an_entry_that_is_written_more_than_a_quarter_of_an_hour_after_is_marked_late(
    desk: Practice, at: str, late: bool
) -> None:
    assert desk.last_entry(desk.reported(at=at))["late"] is late


@pytest.mark.rule("REC-2")
def test_nothing_happens_in_the_future(desk: Practice) -> None:
    with desk.refuses(10, "REC-2"):
        desk.takes(at="2026-11-22T09:00:01")
    number = desk.reported()
    with desk.refuses(10, "REC-2"):
        desk.assigned(number, at="2026-11-22T09:00:01")


@pytest.mark.rule("REC-2")
def test_nothing_happens_before_the_last_thing_that_a_person_did_on_the_order(desk: Practice) -> None:
    number = desk.reported()
    desk.wait(minutes=10)
    desk.assigned(number)
    desk.wait(minutes=10)
    with desk.refuses(10, "REC-2"):
        desk.accepted(number, at="2026-11-22T09:09:59")
    desk.accepted(number, at="2026-11-22T09:10")
    assert desk.show(number)["accepted_at"] == when("09:10")


@pytest.mark.rule("REC-2")
def test_the_order_of_time_binds_each_order_by_itself(desk: Practice) -> None:
    desk.reported()
    earlier = desk.reported(place="3-2-502", at="2026-11-22T08:00")
    assert desk.show(earlier)["reported_at"] == when("08:00")


@pytest.mark.rule("REC-2")
def test_what_the_system_wrote_does_not_bind_the_order_of_time(desk: Practice) -> None:
    number = desk.reported()
    desk.wait(hours=10)
    coordination = desk.converted(number)
    desk.wait(hours=10)
    desk.finished(coordination, "C1")
    assert desk.last_entry(number)["event"] == "settled"
    assert desk.last_entry(number)["actor"] == "system"
    desk.wait(hours=1)
    desk.corrected(number, fault="the tap runs", at="2026-11-22T20:00")
    assert desk.last_entry(number)["occurred_at"] == when("20:00")


# --- REC-3: corrections


@pytest.mark.rule("REC-3")
def test_a_correction_keeps_the_old_value_the_new_one_the_reason_and_the_person(desk: Practice) -> None:
    number = desk.reported()
    desk.wait(minutes=3)
    assert desk.corrected(number, who="C2", reason="misheard", fault="the tap runs")["fault"] == "the tap runs"
    entry = desk.last_entry(number)
    assert entry["actor"] == "C2"
    assert entry["data"]["reason"] == "misheard"
    assert entry["data"]["fields"] == {"fault": {"old": "the tap drips", "new": "the tap runs"}}
    assert desk.entries(number)[0]["data"]["fault"] == "the tap drips"


@pytest.mark.rule("REC-3")
def test_a_correction_that_corrects_nothing_is_refused(desk: Practice) -> None:
    number = desk.reported()
    with desk.refuses(10, "REC-3"):
        desk.corrected(number, fault="the tap drips")


@pytest.mark.rule("REC-3")
@pytest.mark.parametrize("field", ["state", "assignee", "handling_seconds", "reported_at", "nothing"])
def test_what_is_made_of_entries_is_not_corrected(desk: Practice, field: str) -> None:
    number = desk.reported()
    with desk.refuses(2, "REC-3"):
        desk.corrected(number, **{field: "x"})


@pytest.mark.rule("REC-3")
def test_a_corrected_value_takes_the_form_that_intake_gives_it(desk: Practice) -> None:
    number = desk.reported()
    desk.corrected(number, place="３栋２单元５０２")
    assert desk.show(number)["place"] == "3-2-502"
    with desk.refuses(2):
        desk.corrected(number, priority="asap")
    with desk.refuses(2):
        desk.corrected(number, phone="no idea")


# --- REC-4: versions


def rewrite(desk: Practice, old: str, new: str, name: str = "policies.yaml") -> None:
    path = desk.home / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    desk.desk = Desk(desk.home, lambda: desk.moment)


@pytest.mark.rule("REC-4")
def test_an_order_says_which_versions_it_was_judged_by(desk: Practice) -> None:
    order = desk.takes()
    assert (order["policies_version"], order["fees_version"]) == ("standard-2026-11", "2026-11")


@pytest.mark.rule("REC-4")
@pytest.mark.parametrize(
    ("name", "old", "new"),
    [("policies.yaml", "late_after: 15m", "late_after: 20m"), ("fees.yaml", 'price: "25.00"', 'price: "26.00"')],
)
def test_a_version_whose_content_changed_is_refused_until_it_has_a_new_name(
    desk: Practice, name: str, old: str, new: str
) -> None:
    rewrite(desk, old, new, name)
    with desk.refuses(13, "REC-4") as told:
        desk.takes()
    assert name in str(told[0])
    rewrite(desk, "2026-11", "2026-12", name)
    assert "2026-12" in "".join(desk.takes()[f"{kind}_version"] for kind in ("policies", "fees"))


@pytest.mark.rule("REC-4")
def test_a_comment_is_no_new_content(desk: Practice) -> None:
    rewrite(desk, "late_after: 15m", "late_after: 15m  # as always")
    assert desk.takes()["policies_version"] == "standard-2026-11"


@pytest.mark.rule("REC-4")
def test_an_order_keeps_the_rules_by_which_it_was_taken_in(desk: Practice) -> None:
    old = desk.reported()
    rewrite(desk, "standard-2026-11", "standard-2026-12")
    rewrite(desk, "within: 10m                       # ASG-2", "within: 20m                       # ASG-2")
    new = desk.reported(place="3-2-502")
    for number in (old, new):
        desk.assigned(number)
        desk.accepted(number)
    assert desk.show(old)["policies_version"] == "standard-2026-11"
    assert desk.owed(old, "arrive")["due_at"] == when("09:10")
    assert desk.show(new)["policies_version"] == "standard-2026-12"
    assert desk.owed(new, "arrive")["due_at"] == when("09:20")


@pytest.mark.rule("REC-4")
def test_a_bill_is_made_by_the_fee_table_of_the_intake(desk: Practice) -> None:
    number = desk.reported(services=("tap",))
    rewrite(desk, 'version: "2026-11"', 'version: "2026-12"', "fees.yaml")
    rewrite(desk, 'price: "25.00"', 'price: "99.00"', "fees.yaml")
    desk.assigned(number)
    desk.agreed(number)
    desk.started(number)
    assert desk.finished(number)["bill"]["total"] == "25.00"
    assert desk.takes(place="3-2-502", services=("tap",))["quote"] == "99.00"


# --- REC-5: the entries tell all


@pytest.mark.sqlite
@pytest.mark.rule("REC-5")
def test_what_is_stored_can_be_built_again_from_the_entries_alone(desk: Practice, tmp_path: Path) -> None:
    number = desk.done(services=())
    desk.signed(number)
    coordination = desk.converted(desk.reported(place="3-2-502"))
    desk.logged(coordination)
    copy = tmp_path / "again.db"
    shutil.copy(desk.home / "ledger.db", copy)
    with sqlite3.connect(copy) as db:
        db.executescript("DELETE FROM obligations; DELETE FROM orders; DELETE FROM staff;")
    db.close()
    assert not verify(copy)["ok"]
    rebuild(copy)
    assert verify(copy)["ok"]


# --- REC-6: one problem, one order


@pytest.mark.rule("REC-6")
def test_a_further_caller_is_offered_the_open_order_of_place_and_category(desk: Practice) -> None:
    number = desk.reported(category="plumbing")
    with desk.refuses(10, "REC-6") as told:
        desk.takes(caller="王先生", category="plumbing")
    assert [c["number"] for c in told[0].extra["candidates"]] == [number]


@pytest.mark.rule("REC-6")
@pytest.mark.parametrize("spelling", ["3栋2单元501", "3-2-501", "３－２－５０１", "3号楼2单元501室"])
def test_a_place_is_the_same_however_it_is_spelled(desk: Practice, spelling: str) -> None:
    desk.reported(category="plumbing")
    with desk.refuses(10, "REC-6"):
        desk.takes(place=spelling, category="plumbing")
    order = desk.takes(place=spelling, category="plumbing", new=True)
    assert (order["place"], order["place_said"]) == ("3-2-501", spelling)


@pytest.mark.rule("REC-6")
def test_who_joins_is_added_to_the_order_and_makes_no_other(desk: Practice) -> None:
    number = desk.reported(category="plumbing")
    desk.wait(minutes=20)
    order = desk.takes(caller="王先生", phone="13900005678", category="plumbing", join=number)
    assert order["number"] == number
    assert order["callers"] == [{"name": "王先生", "phone": "139****5678", "at": when("09:20"), "external_id": None}]
    assert order["caller"] == "李女士"
    assert desk.desk.list_orders(By(), {})[1] == 1


@pytest.mark.rule("REC-6")
@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"category": "plumbing"}, {"category": "locks"}),
        ({"category": None}, {"category": None}),
        ({"category": "plumbing"}, {"category": None}),
        ({"category": "plumbing"}, {"category": "plumbing", "place": "3-2-502"}),
    ],
)
def test_another_category_or_place_or_none_matches_nothing(
    desk: Practice, first: dict[str, Any], second: dict[str, Any]
) -> None:
    number = desk.reported(**first)
    assert desk.reported(**second) != number


@pytest.mark.rule("REC-6")
def test_what_is_said_to_be_new_is_a_new_order(desk: Practice) -> None:
    number = desk.reported(category="plumbing")
    assert desk.reported(category="plumbing", new=True) != number
    with desk.refuses(2, "REC-6"):
        desk.takes(category="plumbing", new=True, join=number)


@pytest.mark.rule("REC-6")
def test_what_is_finished_is_not_offered_and_rework_of_it_follows(desk: Practice) -> None:
    number = desk.done(category="plumbing")
    assert desk.takes(category="plumbing", follows=number)["follows"] == number


@pytest.mark.rule("REC-6")
def test_a_coordination_order_is_offered_too_and_can_be_joined(desk: Practice) -> None:
    coordination = desk.converted(desk.reported(category="plumbing"))
    with desk.refuses(10, "REC-6") as told:
        desk.takes(category="plumbing")
    assert [c["number"] for c in told[0].extra["candidates"]] == [coordination]
    assert len(desk.takes(category="plumbing", join=coordination)["callers"]) == 1


@pytest.mark.rule("REC-6")
def test_nobody_joins_what_is_over(desk: Practice) -> None:
    number = desk.done()
    with desk.refuses(10, "REC-6"):
        desk.takes(join=number)


# --- the same report of another system, once more


def test_the_same_report_of_another_system_sent_again_is_the_order_that_it_made(desk: Practice) -> None:
    number = desk.reported(external_id="APP-1")
    head = desk.head()
    desk.wait(hours=1)
    assert desk.takes(external_id="APP-1")["number"] == number
    assert desk.remarks
    assert desk.head() == head


def test_another_report_under_the_same_external_id_is_refused(desk: Practice) -> None:
    number = desk.reported(external_id="APP-1")
    with desk.refuses(10) as told:
        desk.takes(external_id="APP-1", fault="the tap is gone")
    assert number in str(told[0])


@pytest.mark.rule("REC-6")
def test_a_report_that_joined_an_order_is_known_when_it_is_sent_again(desk: Practice) -> None:
    number = desk.reported(category="plumbing")
    desk.takes(caller="王先生", category="plumbing", join=number, external_id="APP-2")
    head = desk.head()
    assert desk.takes(caller="王先生", category="plumbing", new=True, external_id="APP-2")["number"] == number
    assert desk.head() == head


# --- as it stood


def test_an_order_is_shown_as_it_stood_by_the_times_at_which_things_happened(desk: Practice) -> None:
    number = desk.reported()
    desk.wait(hours=2)
    desk.assigned(number, at="2026-11-22T09:05")
    desk.accepted(number, at="2026-11-22T10:00")
    assert desk.show(number, as_of="2026-11-22T09:04")["state"] == "reported"
    seen = desk.show(number, as_of="2026-11-22T09:30")
    assert (seen["state"], seen["accepted_at"]) == ("assigned", None)
    assert desk.show(number, as_of="2026-11-22T10:00")["accepted_at"] == when("10:00")
    with desk.refuses(11):
        desk.show(number, as_of="2026-11-22T08:59")


def test_an_obligation_is_shown_as_it_stood_too(desk: Practice) -> None:
    number = desk.reported()
    desk.wait(hours=3)
    desk.assigned(number)

    def respond(as_of: str | None) -> str:
        return next(str(o["state"]) for o in desk.show(number, as_of)["obligations"] if o["name"] == "respond")

    assert respond("2026-11-22T09:30") == "open"
    assert respond("2026-11-22T10:30") == "missed"
    assert respond(None) == "missed"


# --- numbers, and who is who


def test_numbers_are_of_the_day_of_the_report_in_the_desks_zone(desk: Practice) -> None:
    desk.at("2026-11-23T00:20")
    assert desk.reported(at="2026-11-22T23:59") == "P20261122-0001"
    assert desk.reported(place="3-2-502") == "P20261123-0001"
    assert desk.reported(place="3-2-503") == "P20261123-0002"


def test_an_unambiguous_ending_of_a_number_will_do(desk: Practice) -> None:
    number = desk.reported()
    assert desk.show("0001")["number"] == number
    desk.at("2026-11-23T09:00")
    desk.reported(place="3-2-502")
    with desk.refuses(2):
        desk.show("0001")
    assert desk.show("1122-0001")["number"] == number
    with desk.refuses(11):
        desk.show("0009")


def test_phones_are_masked(desk: Practice) -> None:
    assert desk.takes()["phone"] == "138****1234"
    assert not re.search("13800001234", str(desk.entries("0001")))


def test_who_has_no_staff_record_does_nothing_that_needs_a_role(desk: Practice) -> None:
    with desk.refuses(12):
        desk.takes(who=None)
    with desk.refuses(11):
        desk.takes(who="C7")


@pytest.mark.rule("ASG-4")
def test_who_holds_open_orders_does_not_retire_unseen(desk: Practice) -> None:
    number = desk.reported()
    desk.assigned(number)
    with desk.refuses(10, "ASG-4") as told:
        desk.do("staff_retire", None, "W1")
    assert isinstance(told[0], NotAllowed)
    assert told[0].extra["orders"] == [number]
    desk.do("staff_retire", None, "W1", reason="moved away")
    assert any(number in remark for remark in desk.remarks)
    with desk.refuses(12):
        desk.accepted(number)
    other = desk.reported(place="3-2-502")
    with desk.refuses(10, "ASG-1"):
        desk.assigned(other)


@pytest.mark.rule("ASG-4")
def test_a_tracker_does_not_retire_unseen_either(desk: Practice) -> None:
    coordination = desk.converted(desk.reported(), tracker="C2")
    with desk.refuses(10, "ASG-4") as told:
        desk.do("staff_retire", None, "C2")
    assert told[0].extra["orders"] == [coordination]


def test_a_clerk_without_orders_retires_and_does_nothing_any_more(desk: Practice) -> None:
    desk.do("staff_retire", None, "C2")
    with desk.refuses(12):
        desk.takes(who="C2")
