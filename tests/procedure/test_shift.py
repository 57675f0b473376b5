"""The day's end: slips reconciled by technician (FIN-6), the desk handed over to the next shift (INT-8)."""

from __future__ import annotations

from typing import Any

import pytest
from nights import BY_THE_OFFICE
from practice import LAMP, Practice, when

from repairdesk.desk import By
from repairdesk.documents import shifts
from repairdesk.ledger.codes import code_of

Doc = dict[str, Any]
TESTER = By(os_user="tester")
TOMORROW = "2026-11-23T"


def slips(desk: Practice, day: str | None = None) -> Doc:
    """The reconciliation; its sums are checked each time it is asked for."""
    doc = desk.desk.slips(TESTER, day).doc
    parts = ("back", "ended", "missing", "in_field")
    for one in doc["technicians"]:
        apart = [slip["number"] for part in parts for slip in one[part]]
        assert sorted(apart) == sorted(slip["number"] for slip in one["out"]), one["staff"]
    for part in ("out", *parts):
        assert doc["totals"][part] == sum(len(one[part]) for one in doc["technicians"])
    return doc


def of(doc: Doc, staff: str) -> dict[str, list[str]]:
    """What a technician's slips came to, by number; nothing for who had none."""
    (one,) = [one for one in doc["technicians"] if one["staff"] == staff] or [{}]
    return {
        part: [slip["number"] for slip in one[part]]
        for part in ("out", "back", "ended", "missing", "in_field")
        if one.get(part)
    }


def sheet(desk: Practice) -> Doc:
    return desk.do("handover_sheet", None)


def duty(desk: Practice, *spans: tuple[str, str, str]) -> None:
    for who, start, end in spans:
        desk.do("staff_duty", None, who, start=start, end=end)


def back(desk: Practice, number: str, who: str = "W1", **said: Any) -> None:
    desk.signed(number, who=who, **said)
    desk.closed(number, **said)


# --- slips


@pytest.mark.rule("FIN-6")
def test_a_day_on_which_nothing_went_out_has_nothing_to_reconcile(desk: Practice) -> None:
    desk.reported()
    doc = slips(desk)
    assert (doc["day"], doc["technicians"]) == ("2026-11-22", [])
    assert doc["totals"] == {"out": 0, "back": 0, "ended": 0, "missing": 0, "in_field": 0}


@pytest.mark.rule("FIN-6")
def test_at_five_each_technician_has_what_went_out_what_came_back_and_what_is_missing(desk: Practice) -> None:
    came_back, missing, signed = (desk.done(place=f"3-2-50{n}") for n in (1, 2, 3))
    declined = desk.reported(place="3-2-504", services=("toilet",))
    desk.assigned(declined)
    desk.do("decline", "W1", declined, reason="too dear", second="S1")
    field = desk.at_work(LAMP, "W2")
    desk.at("2026-11-22T16:30")
    back(desk, came_back)
    desk.signed(signed)
    desk.at("2026-11-22T17:00:01")
    doc = slips(desk)
    assert doc["at"] == when("17:00:01")
    assert of(doc, "W1") == {
        "out": [came_back, missing, signed, declined], "back": [came_back], "ended": [declined],
        "missing": [missing, signed],
    }  # fmt: skip
    assert of(doc, "W2") == {"out": [field], "in_field": [field]}
    assert doc["totals"] == {"out": 5, "back": 1, "ended": 1, "missing": 2, "in_field": 1}
    (first, second) = doc["technicians"][0]["missing"]
    assert first == {
        "number": missing, "kind": "in_home", "place": "3-2-502", "state": "finished", "state_at": when("09:00"),
        "since": when("09:00"),
        "finished_at": when("09:00"), "due_at": when("17:00"), "due": "missed", "how": None, "at": None,
    }  # fmt: skip
    assert (second["number"], second["state"]) == (signed, "signed")
    (gone,) = doc["technicians"][0]["back"]
    assert (gone["how"], gone["at"], gone["due"]) == ("closed", when("16:30"), None)


@pytest.mark.rule("FIN-6")
def test_a_slip_that_is_closed_next_morning_is_missing_for_its_day_for_ever(desk: Practice) -> None:
    number = desk.done()
    desk.at(TOMORROW + "08:30")
    assert of(slips(desk), "W1") == {"out": [number], "missing": [number]}
    back(desk, number)
    assert of(slips(desk), "W1") == {"out": [number], "back": [number]}
    desk.at("2026-11-25T09:00")
    assert slips(desk)["technicians"] == []
    past = slips(desk, "2026-11-22")
    assert past["at"] == when("23:59:59")
    assert of(past, "W1") == {"out": [number], "missing": [number]}
    assert past["technicians"][0]["missing"][0]["state"] == "finished", "as it stood then"
    assert of(slips(desk, "2026-11-23"), "W1") == {"out": [number], "back": [number]}
    assert slips(desk, "2026-11-24")["technicians"] == slips(desk, "2026-11-21")["technicians"] == []


@pytest.mark.rule("FIN-6", "REC-2")
def test_a_slip_that_is_keyed_in_late_counts_for_the_day_on_which_it_was_back(desk: Practice) -> None:
    number = desk.done(LAMP)
    desk.at(TOMORROW + "08:30")
    back(desk, number, at="2026-11-22T16:50")
    assert of(slips(desk, "2026-11-22"), "W1") == {"out": [number], "back": [number]}
    assert slips(desk)["technicians"] == []


@pytest.mark.rule("FIN-6", "ASG-4")
def test_a_reassigned_slip_counts_for_both(desk: Practice) -> None:
    number = desk.reported()
    desk.assigned(number, "W1")
    desk.wait(hours=1)
    desk.assigned(number, "W2", reason="W1 is ill")
    doc = slips(desk)
    assert of(doc, "W1") == {"out": [number], "ended": [number]}
    assert of(doc, "W2") == {"out": [number], "in_field": [number]}
    (ended,) = doc["technicians"][0]["ended"]
    assert (ended["how"], ended["at"]) == ("reassigned", when("10:00"))
    desk.started(number, who="W2")
    desk.finished(number, "W2")
    first, second = slips(desk)["technicians"]
    assert (first["ended"][0]["due"], second["missing"][0]["due"]) == (None, "open"), "W2 owes it now"
    desk.at(TOMORROW + "09:00")
    assert [one["staff"] for one in slips(desk)["technicians"]] == ["W2"]
    assert of(slips(desk, "2026-11-22"), "W1") == {"out": [number], "ended": [number]}


@pytest.mark.rule("FIN-6", "COO-1")
def test_a_converted_slip_has_ended_and_its_coordination_order_is_no_slip(desk: Practice) -> None:
    number = desk.at_work()
    coordination = desk.converted(number, tracker="C1")
    doc = slips(desk)
    assert of(doc, "W1") == {"out": [number], "ended": [number]}
    assert doc["technicians"][0]["ended"][0]["how"] == "converted"
    desk.finished(coordination, "C1")
    desk.at(TOMORROW + "17:00")
    assert slips(desk)["technicians"] == []


@pytest.mark.rule("FIN-6")
def test_a_slip_stays_out_day_after_day_until_it_is_back(desk: Practice) -> None:
    number = desk.at_work(LAMP)
    for day in (23, 24):
        desk.at(f"2026-11-{day}T17:00")
        assert of(slips(desk), "W1") == {"out": [number], "in_field": [number]}
    desk.finished(number)
    back(desk, number)
    assert of(slips(desk, "2026-11-23"), "W1") == {"out": [number], "in_field": [number]}
    assert of(slips(desk), "W1") == {"out": [number], "back": [number]}


@pytest.mark.rule("FIN-6")
def test_a_day_that_has_not_come_and_a_day_that_is_none_are_refused(desk: Practice) -> None:
    with desk.refuses(10, "FIN-6"):
        slips(desk, "2026-11-23")
    for text in ("yesterday", "2026-02-30", "2026-11-22T09:00", "20261122"):
        with desk.refuses(2):
            slips(desk, text)


# --- the handover


@pytest.mark.rule("INT-8")
def test_without_roster_and_without_orders_the_sheet_still_has_two_lines_to_sign(desk: Practice) -> None:
    before = desk.head()
    doc = sheet(desk)
    assert (doc["outgoing"], doc["incoming"], doc["handed_over"]) == ([], [], None)
    assert (doc["at"], doc["until"]) == (when("09:00"), when(TOMORROW + "09:00"))
    assert doc["counts"] == {}
    assert [group["orders"] for group in doc["open"]] == [[]] * len(doc["open"])
    assert doc["overdue"] == doc["promised"] == doc["coordination"] == doc["missing"] == []
    assert doc["since"] == {
        "from": when("2026-11-21T09:00"), "handed_over": None, "counts": {}, "new": [], "finished": [],
        "converted": [],
    }  # fmt: skip
    seq, head = before
    assert doc["head"] == {"seq": seq, "code": code_of(seq, head)}
    assert desk.head() == before, "to look is not to hand over"
    paper = shifts.sheet(doc)
    assert paper.count("________________") == 2
    assert paper.count("the roster names nobody") == 2
    assert f"Ledger code {code_of(seq, head)}" in paper


@pytest.mark.rule("INT-8")
def test_the_roster_says_who_goes_and_who_comes_also_over_midnight(desk: Practice) -> None:
    eight = ("2026-11-22T08:00", TOMORROW + "08:00", "2026-11-24T08:00")
    duty(desk, ("C1", eight[0], eight[1]), ("W1", eight[0], eight[1]), ("C2", eight[1], eight[2]))
    for moment in ("2026-11-22T23:30", TOMORROW + "00:30", TOMORROW + "07:55", TOMORROW + "08:10"):
        desk.at(moment)
        doc = sheet(desk)
        assert [one["id"] for one in doc["outgoing"]] == ["C1", "W1"], moment
        assert [one["id"] for one in doc["incoming"]] == ["C2"], moment
        assert doc["until"] == when("2026-11-24T08:00")
    assert doc["incoming"][0] == {
        "id": "C2", "name": "clerk C2", "role": "clerk", "from": when(TOMORROW + "08:00"),
        "to": when("2026-11-24T08:00"),
    }  # fmt: skip
    assert "C2 clerk C2" in shifts.sheet(doc)


@pytest.mark.rule("INT-8")
def test_open_orders_stand_by_state_with_who_has_them(desk: Practice) -> None:
    waiting, out = desk.reported(), desk.at_work(LAMP, "W2")
    coordination = desk.converted(desk.reported(place="7-1-101"), tracker="C2")
    done = desk.done(place="9-1-101")
    doc = sheet(desk)
    held = {group["state"]: {one["number"]: one["who"] for one in group["orders"]} for group in doc["open"]}
    assert {state: orders for state, orders in held.items() if orders} == {
        "reported": {waiting: None}, "on_site": {out: "W2"}, "tracking": {coordination: "C2"},
    }  # fmt: skip
    assert doc["counts"] == {"reported": 1, "on_site": 1, "tracking": 1, "finished": 1}
    assert [(one["number"], one["staff"]) for one in doc["missing"]] == [(done, "W1")]


@pytest.mark.rule("INT-8")
def test_what_is_overdue_and_what_falls_due_in_the_next_shift_stand_apart(desk: Practice) -> None:
    duty(desk, ("C1", "2026-11-22T08:00", "2026-11-22T20:00"), ("C2", "2026-11-22T20:00", TOMORROW + "08:00"))
    number = desk.reported(LAMP)
    desk.at("2026-11-22T09:30")
    doc = sheet(desk)
    (tell,) = [one for one in doc["overdue"] if one["number"] == number]
    assert (tell["name"], tell["owner"], tell["due_at"]) == ("tell", "C1", when("09:10"))
    promised = {one["name"]: one["at"] for one in doc["promised"] if one["promise"] == "due"}
    assert promised["respond"] == when("10:00")
    assert "resolve" not in promised, "in two days is not the next shift"
    desk.at("2026-11-22T10:00:01")
    doc = sheet(desk)
    assert {one["name"] for one in doc["overdue"]} == {"tell", "respond"}
    assert "respond" not in {one["name"] for one in doc["promised"]}


@pytest.mark.rule("INT-8", "SLA-3")
def test_a_clock_that_stands_still_is_neither_overdue_nor_promised(desk: Practice) -> None:
    number = desk.reported()
    desk.assigned(number)
    desk.accepted(number)
    desk.nobody_home(number)
    desk.wait(hours=3)
    told = [one["name"] for part in ("overdue", "promised") for one in sheet(desk)[part] if one["number"] == number]
    assert "arrive" not in told
    assert "re-appoint" in told


@pytest.mark.rule("INT-8", "VIS-5")
def test_appointments_and_next_times_are_promises_to_the_residents(desk: Practice) -> None:
    duty(desk, ("C1", "2026-11-22T08:00", "2026-11-22T20:00"), ("C2", "2026-11-22T20:00", TOMORROW + "08:00"))
    tonight = desk.reported(appointment="2026-11-22T20:30/21:30")
    desk.reported(place="4-1-101", appointment=TOMORROW + "09:00/10:00")
    left = desk.at_work(LAMP, "W2")
    desk.paused(left, "parts", "2026-11-22T21:00", who="W2")
    desk.at("2026-11-22T19:45")
    said = [one for one in sheet(desk)["promised"] if one["promise"] != "due"]
    assert [(one["promise"], one["number"], one["who"], one["at"], one["reason"]) for one in said] == [
        ("appointment", tonight, None, when("20:30"), None),
        ("next", left, "W2", when("21:00"), "parts"),
    ]
    assert (said[0]["end"], said[0]["late"]) == (when("21:30"), False)
    desk.at("2026-11-22T22:00")
    said = [one for one in sheet(desk)["promised"] if one["promise"] != "due"]
    assert [(one["number"], one["late"]) for one in said][:2] == [(tonight, True), (left, True)], "not kept yet"
    desk.started(left, who="W2")
    assert left not in [one["number"] for one in sheet(desk)["promised"] if one["promise"] == "next"]


@pytest.mark.rule("INT-8", "VIS-5")
def test_what_a_pause_named_and_the_policies_have_owed_stands_there_once(desk: Practice) -> None:
    left = desk.at_work(LAMP, "W2")
    desk.paused(left, "parts", "2026-11-22T21:00", who="W2")
    same = [one for one in sheet(desk)["promised"] if (one["number"], one["at"]) == (left, when("21:00"))]
    assert [one["promise"] for one in same] == ["next"]


@pytest.mark.rule("INT-8", "COO-3")
def test_the_weekly_entry_of_a_coordination_order_is_told_to_the_shift_in_which_it_is_due(desk: Practice) -> None:
    coordination = desk.converted(desk.reported(), tracker="C2")
    desk.at("2026-11-27T09:00")
    assert sheet(desk)["coordination"] == []
    desk.at("2026-11-29T09:00")
    doc = sheet(desk)
    (week,) = doc["coordination"]
    assert (week["number"], week["owner"], week["due_at"]) == (coordination, "C2", when("2026-11-29T23:59:59"))
    assert coordination not in [one["number"] for one in doc["promised"]]
    desk.logged(coordination, "C2")
    assert sheet(desk)["coordination"] == []


@pytest.mark.rule("INT-8")
def test_handing_over_goes_on_record_with_both_people_and_what_stood_open(desk: Practice) -> None:
    number = desk.done()
    desk.reported(LAMP)
    seq, head = desk.head()
    desk.wait(minutes=30)
    doc = desk.do("hand_over_shift", "C1", "C2", note=" the key is in the drawer ")
    assert doc["handed_over"] == {
        "from": "C1", "to": "C2", "at": when("09:30"), "note": "the key is in the drawer", "late": False,
    }  # fmt: skip
    paper = shifts.sheet(doc)
    for text in ("C1 clerk C1", "C2 clerk C2", "the key is in the drawer", f"Ledger code {code_of(seq, head)}"):
        assert text in paper
    with desk.desk.ledger.read() as reader:
        (entry,) = reader.entries("shift:handover")
    assert (entry.event, entry.actor, entry.seq) == ("handover", "C1", seq + 1)
    assert entry.data["head"] == {"seq": seq, "code": code_of(seq, head)}
    assert entry.data["counts"]["open"] == {"finished": 1, "reported": 1}
    assert entry.data["counts"]["missing"] == 1
    assert entry.data["counts"]["since"]["intake"] == 2
    assert number in doc["since"]["finished"]


@pytest.mark.rule("INT-8")
def test_the_next_sheet_tells_what_was_written_since_the_last_handover_and_nothing_else(desk: Practice) -> None:
    before = desk.done()
    desk.do("hand_over_shift", "C1", "C2", note="mind the dog")
    desk.wait(hours=2)
    new = desk.reported(LAMP)
    late = desk.reported(place="4-1-101", at="2026-11-22T09:00")
    desk.converted(new)
    duty(desk, ("C1", TOMORROW + "08:00", TOMORROW + "20:00"))
    since = sheet(desk)["since"]
    assert (since["from"], since["handed_over"]["note"]) == (when("09:00"), "mind the dog")
    assert (since["new"], since["finished"], since["converted"]) == ([new, late], [], [new])
    assert since["counts"] == {"intake": 2, "open": 1, "convert": 1}
    assert before not in since["new"]
    assert "mind the dog" in shifts.sheet(sheet(desk))


@pytest.mark.rule("INT-8")
def test_before_the_first_handover_the_last_day_is_told(desk: Practice) -> None:
    old = desk.reported()
    desk.wait(hours=25)
    new = desk.reported(LAMP)
    assert sheet(desk)["since"]["new"] == [new]
    assert old not in sheet(desk)["since"]["new"]


@pytest.mark.rule("INT-8")
def test_two_people_of_the_desk_sign(desk: Practice) -> None:
    with desk.refuses(11):
        desk.do("hand_over_shift", "C1", "C9")
    for giver in ("W1", "F1", None):
        with desk.refuses(12):
            desk.do("hand_over_shift", giver, "C2")
    with desk.refuses(12, "INT-8"):
        desk.do("hand_over_shift", "C1", "C1")
    desk.do("staff_retire", None, "C2")
    with desk.refuses(12, "INT-8"):
        desk.do("hand_over_shift", "C1", "C2")
    with desk.refuses(12):
        desk.do("hand_over_shift", "C2", "C1")
    with desk.refuses(2):
        desk.do("hand_over_shift", "C1", " ")
    for taker in ("W1", "F1", "K1"):
        with desk.refuses(12, "INT-8"):
            desk.do("hand_over_shift", "C1", taker)
    assert desk.do("hand_over_shift", "C1", "L1")["handed_over"]["to"] == "L1"


@pytest.mark.rule("INT-8", "REC-2")
def test_shifts_are_handed_over_one_after_the_other_and_none_in_the_future(desk: Practice) -> None:
    with desk.refuses(10, "REC-2"):
        desk.do("hand_over_shift", "C1", "C2", at="2026-11-22T09:01")
    desk.do("hand_over_shift", "C1", "C2")
    desk.wait(hours=1)
    with desk.refuses(10, "REC-2"):
        desk.do("hand_over_shift", "C2", "C1", at="2026-11-22T08:59")
    doc = desk.do("hand_over_shift", "C2", "C1", at="2026-11-22T09:30")
    assert doc["handed_over"]["late"], "keyed in half an hour later"
    assert doc["since"]["handed_over"]["to"] == "C2"


@pytest.mark.rule("INT-8")
def test_the_roster_warns_who_takes_over_without_being_on_it(desk: Practice) -> None:
    desk.do("hand_over_shift", "C1", "C2")
    assert desk.remarks == []
    duty(desk, ("C1", "2026-11-22T08:00", "2026-11-22T20:00"), ("C2", "2026-11-22T20:00", TOMORROW + "08:00"))
    desk.do("hand_over_shift", "C1", "C2")
    assert desk.remarks == []
    desk.do("hand_over_shift", "C1", "L1")
    assert len(desk.remarks) == 1
    assert "L1" in desk.remarks[0]


@pytest.mark.rule("INT-8")
def test_who_hands_over_without_being_on_duty_is_named_by_the_sheet_as_outgoing(desk: Practice) -> None:
    duty(desk, ("C1", "2026-11-22T08:00", "2026-11-22T20:00"), ("C2", "2026-11-22T20:00", TOMORROW + "08:00"))
    doc = desk.do("hand_over_shift", "L1", "S1")
    giver, taker = desk.remarks
    assert "L1" in giver
    assert "C1" in giver
    assert "S1" in taker
    assert "C2" in taker
    lines = shifts.sheet(doc).splitlines()
    outgoing, incoming = lines.index("Outgoing:"), lines.index("Incoming:")
    assert lines[outgoing + 1].strip() == "L1 leader L1"
    assert lines[outgoing + 2].strip().startswith("by the roster: C1 clerk C1")
    assert lines[incoming + 1].strip() == "S1 supervisor S1"
    assert lines[incoming + 2].strip().startswith("by the roster: C2 clerk C2")
    assert [line.split("  ")[0] for line in lines if line.endswith("____")] == [
        "Outgoing: L1 leader L1", "Incoming: S1 supervisor S1",
    ]  # fmt: skip


# --- a sheet of a time that is over


@pytest.mark.rule("INT-8", "REC-2")
def test_a_sheet_of_a_time_that_is_over_tells_everything_as_it_stood_then(desk: Practice) -> None:
    ended, moved, still = desk.reported(), desk.at_work(LAMP, "W2"), desk.reported(place="8-1-101")
    desk.at("2026-11-22T10:30")
    left = desk.reported(place="9-1-101", appointment="2026-11-22T20:30/21:30")
    desk.wait(minutes=5)
    then, paper = sheet(desk), "2026-11-22T10:35"
    desk.at("2026-11-22T12:00")
    desk.do("cancel", "C1", ended, reason="twice")
    desk.finished(moved, "W2")
    desk.do("cancel", "C1", left, reason="twice")
    desk.reported(place="4-1-101")
    desk.do("hand_over_shift", "C1", "C2", note="new")
    desk.at(TOMORROW + "12:00")
    again = desk.do("handover_sheet", None, at=paper)
    assert again["head"] != then["head"], "the sheet was made from what the ledger says today"
    assert {**again, "head": None} == {**then, "head": None}
    assert again["counts"] == {"on_site": 1, "reported": 3}
    assert {"tell", "respond"} <= {one["name"] for one in again["overdue"] if one["number"] == still}
    assert [one["number"] for one in again["promised"] if one["promise"] == "appointment"] == [left]
    assert again["since"]["handed_over"] is None
    assert again["since"]["finished"] == []


@pytest.mark.rule("INT-8", "REC-2")
def test_what_is_keyed_in_later_about_before_stands_on_the_sheet_of_then(desk: Practice) -> None:
    number = desk.at_work(LAMP, "W2")
    desk.at("2026-11-22T15:00")
    desk.finished(number, "W2", at="2026-11-22T10:00")
    for moment, counts in (("09:30", {"on_site": 1}), ("10:30", {"finished": 1})):
        assert desk.do("handover_sheet", None, at=f"2026-11-22T{moment}")["counts"] == counts
    assert desk.do("handover_sheet", None, at="2026-11-22T08:59")["counts"] == {}


@pytest.mark.rule("INT-8", "REC-2")
def test_a_handover_keyed_in_late_records_the_counts_of_its_own_time_and_loses_nothing(desk: Practice) -> None:
    first = desk.reported()
    desk.at("2026-11-22T12:00")
    after = desk.reported(LAMP)
    desk.do("hand_over_shift", "C1", "C2", at="2026-11-22T10:00")
    with desk.desk.ledger.read() as reader:
        (entry,) = reader.entries("shift:handover")
    assert entry.data["counts"]["open"] == {"reported": 1}
    assert entry.data["counts"]["since"] == {"intake": 1}
    since = sheet(desk)["since"]
    assert since["new"] == [after], "written before that handover, and happened after it"
    assert first not in since["new"]


@pytest.mark.rule("INT-8", "REC-2")
def test_the_roster_of_a_past_sheet_is_that_of_then(desk: Practice) -> None:
    duty(desk, ("C1", "2026-11-22T08:00", "2026-11-22T20:00"), ("C2", "2026-11-22T20:00", TOMORROW + "08:00"))
    desk.at("2026-11-22T12:00")
    desk.do("staff_retire", None, "C2")
    assert desk.do("handover_sheet", None, at="2026-11-22T11:00")["incoming"][0]["id"] == "C2"
    assert sheet(desk)["incoming"] == []


@pytest.mark.rule("SLA-2", "INT-8")
def test_a_provisional_deadline_says_so_on_the_sheet_and_on_the_board(desk: Practice) -> None:
    desk.edits("policies.yaml", *BY_THE_OFFICE)
    desk.at("2026-12-31T09:00")
    number = desk.reported(LAMP)
    desk.at("2027-01-01T10:00")
    owed = {one["name"]: one for one in sheet(desk)["promised"] if one["number"] == number}
    assert owed["resolve"]["provisional"] is True
    (line,) = [line for line in shifts.sheet(sheet(desk)).splitlines() if "resolve" in line]
    assert "01-02 09:30 (provisional)" in line
    rows = {row["name"]: row for row in desk.desk.board(TESTER)["due"]}
    assert rows["resolve"]["provisional"] is True
    assert rows["tell"]["provisional"] is False


@pytest.mark.rule("INT-8")
def test_a_sheet_masks_phones_as_messages_do(desk: Practice) -> None:
    from repairdesk.domain import message

    fault, place = "请打 138.0000.5678 或 0371/66668888，微信 12345", "门口 88886666"
    desk.reported(LAMP, place=place, fault=fault, appointment="2026-11-22T20:30/21:30")
    doc = sheet(desk)
    told = message.line({"place": place, "fault": fault})
    (row,) = [one for group in doc["open"] for one in group["orders"]]
    assert (row["place"], row["fault"]) == (told["place"], told["fault"])
    printed = str(doc) + shifts.sheet(doc)
    for part in ("138", "5678", "66668888", "12345", "88886666"):
        assert part not in printed.replace(doc["head"]["code"], "")


@pytest.mark.rule("INT-8")
def test_a_sheet_has_places_and_numbers_but_no_phone(desk: Practice) -> None:
    number = desk.reported(fault="漏水，请打 138-0000 5678 联系")
    coordination = desk.converted(desk.reported(place="7-1-101"))
    desk.logged(coordination)
    told = str(sheet(desk)) + shifts.sheet(sheet(desk))
    assert number in told
    assert "3-2-501" in told
    assert "漏水" in told
    for part in ("13800001234", "138-0000", "5678"):
        assert part not in told


def test_no_line_of_a_sheet_is_wider_than_the_paper(desk: Practice) -> None:
    from repairdesk.locale.width import width

    for n in range(12):
        desk.reported(place=f"地下车库第二层北侧 B{n}", kind="public_area", fault="灯不亮，" * 20)
    desk.at("2026-11-22T23:00")
    doc = desk.do("hand_over_shift", "C1", "C2", note="钥匙在抽屉里，" * 30)
    lines = shifts.sheet(doc).splitlines()
    assert len(lines) > 40
    assert [line for line in lines if width(line) > shifts.WIDTH] == []
