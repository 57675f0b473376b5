"""Whose matter a complaint is, who hears of a grave one at once, and what help requests owe (LY 5, LY 7)."""

from __future__ import annotations

from typing import Any

import pytest
from nights import founded, messages, night, told
from practice import TAP, Doc, Practice, when

from repairdesk.desk import By
from repairdesk.domain.departments import propose
from repairdesk.domain.policy import Department
from repairdesk.domain.vocabulary import HELP_CLASSES

ANY = By(os_user="tester")
NOISE = {"kind": "complaint", "place": "3-2-501", "caller": "李女士", "phone": "13800001234", "fault": "noise at night"}
GUARD = NOISE | {"fault": "门岗保安态度不好"}
TOLD = (("version: standard-2026-11", "version: told-1"), ("  roles: []", "  roles: [leader, supervisor, manager]"))


def complaint(desk: Practice, **more: Any) -> Doc:
    return desk.takes(NOISE, new=True, **more)


# --- whose matter it is


def departments(**words: tuple[str, ...]) -> dict[str, Department]:
    return {code: Department(code, code, (), said, ()) for code, said in words.items()}


@pytest.mark.rule("INT-3")
def test_the_category_speaks_before_the_words() -> None:
    known = departments(security=("guard",)) | {"engineering": Department("engineering", "E", ("locks",), (), ())}
    found = propose(known, "locks", "the guard broke it")
    assert found is not None
    assert (found.department, found.by, found.because) == ("engineering", "category", ("locks",))


@pytest.mark.rule("INT-3")
def test_of_two_departments_more_words_speak_for_one_and_the_first_of_equals_is_taken() -> None:
    known = departments(security=("guard", "gate"), environment=("litter", "smell", "tree"))
    for said, department in (
        ("litter at the gate, and a smell", "environment"),
        ("litter at the gate", "security"),
        ("LITTER", "environment"),
    ):
        found = propose(known, None, said)
        assert found is not None
        assert found.department == department
    assert propose(known, None, "the lift") is None


@pytest.mark.rule("INT-3")
def test_what_was_proposed_is_said_with_what_speaks_for_it(desk: Practice) -> None:
    taken = desk.takes(GUARD, new=True)
    assert taken["department"] == "security"
    assert any("security" in remark and "门岗" in remark for remark in desk.remarks)
    kept = desk.last_entry(taken["number"])["data"]
    assert (kept["department"], kept["routed_by"], kept["because"]) == ("security", "words", ["保安", "门岗"])


@pytest.mark.rule("INT-3")
def test_what_nothing_speaks_for_is_nobodys_and_that_is_said(desk: Practice) -> None:
    assert complaint(desk)["department"] is None
    assert any("department=" in remark for remark in desk.remarks)


@pytest.mark.rule("INT-3")
def test_what_was_said_is_not_proposed(desk: Practice) -> None:
    taken = desk.takes(GUARD, new=True, department="environment")
    assert taken["department"] == "environment"
    assert "routed_by" not in desk.last_entry(taken["number"])["data"]
    assert desk.remarks == []


@pytest.mark.rule("INT-3")
def test_a_department_is_one_of_the_policies_and_belongs_to_complaints_alone(desk: Practice) -> None:
    with desk.refuses(2, "INT-3"):
        complaint(desk, department="kitchen")
    with desk.refuses(2, "INT-3"):
        desk.takes(TAP, department="security")
    number = complaint(desk)["number"]
    with desk.refuses(2, "INT-3"):
        desk.corrected(number, department="kitchen")
    repair = desk.reported(TAP)
    with desk.refuses(2, "INT-3"):
        desk.corrected(repair, department="security")
    assert desk.show(repair)["department"] is None


@pytest.mark.rule("INT-3", "REC-3")
def test_another_department_is_a_correction_and_both_stay_readable(desk: Practice) -> None:
    number = desk.takes(GUARD, new=True)["number"]
    assert desk.corrected(number, department="customer-service")["department"] == "customer-service"
    fields = desk.last_entry(number)["data"]["fields"]
    assert fields == {"department": {"old": "security", "new": "customer-service"}}


@pytest.mark.rule("REC-4")
def test_policies_that_propose_otherwise_make_no_other_report_of_one_that_was_taken_in_before(desk: Practice) -> None:
    number = desk.takes(GUARD, external_id="A-1")["number"]
    desk.edits("policies.yaml", ("version: standard-2026-11", "version: other-1"), ("保安, 护管, ", ""), (" 门岗,", ""))
    assert desk.takes(GUARD, external_id="A-1")["number"] == number


# --- who is told


@pytest.mark.rule("INT-3")
@pytest.mark.parametrize(
    ("severity", "department", "people"),
    [
        ("general", "security", []),
        ("general", "engineering", ["L1"]),
        ("important", "security", ["S1"]),
        ("major", "security", ["S1", "M1"]),
        ("major", "engineering", ["S1", "M1", "L1"]),
    ],
)
def test_who_is_told_at_once_goes_by_severity_and_department(
    desk: Practice, severity: str, department: str, people: list[str]
) -> None:
    taken = complaint(desk, severity=severity, department=department)
    assert taken["told"] == people
    assert bool(people) == any(": tell" in remark for remark in desk.remarks)


@pytest.mark.rule("INT-3", "SLA-4")
def test_everybody_who_is_told_of_a_major_complaint_is_sent_a_message_once(desk: Practice) -> None:
    desk.edits("policies.yaml", *TOLD)
    number = complaint(desk, severity="major", department="engineering")["number"]
    sent = messages(desk)
    assert [one["to"] for one in sent] == ["S1", "M1", "L1"]
    assert {(line["number"], line["obligation"], line["level"]) for one in sent for line in one["lines"]} == {
        (number, "complaint", 0)
    }
    night(desk)
    assert len(messages(desk)) == 3


@pytest.mark.rule("INT-3")
def test_a_complaint_that_turns_out_graver_is_told_to_those_who_do_not_know_of_it_yet(desk: Practice) -> None:
    number = complaint(desk, severity="important", department="security")["number"]
    assert desk.corrected(number, severity="major")["told"] == ["S1", "M1"]
    assert any("M1" in remark and "S1" not in remark for remark in desk.remarks)
    assert desk.corrected(number, department="engineering")["told"] == ["S1", "M1", "L1"]
    assert desk.corrected(number, severity="important")["told"] == ["S1", "M1", "L1"]
    assert desk.remarks == []


@pytest.mark.rule("INT-3")
def test_a_department_can_name_its_head_by_a_staff_id_and_who_has_left_is_not_told(desk: Practice) -> None:
    desk.edits(
        "policies.yaml", ("version: standard-2026-11", "version: heads-1"),
        ("鼠, 消杀]\n", "鼠, 消杀]\n    tell: [C2, W1, X9]\n"),
    )  # fmt: skip
    desk.do("staff_retire", None, "W1")
    assert complaint(desk, department="environment")["told"] == ["C2"]


# --- complaints about other companies (LY 5·4.4)


@pytest.mark.rule("VIS-10")
def test_of_another_company_the_complainant_is_told_why_it_takes_long(desk: Practice) -> None:
    number = desk.takes(NOISE | {"fault": "开发商不来修"}, new=True)["number"]
    owed = desk.owed(number, "explain")
    assert (owed["owner"], owed["due_at"]) == ("C1", when("2026-11-23T09:00"))
    desk.wait(hours=2)
    told_ = desk.do("explain", "C1", number, reason="the builder comes next week", expected="2026-11-30T09:00")
    assert told_["explained"] == [
        {"at": when("11:00"), "reason": "the builder comes next week", "expected": when("2026-11-30T09:00"),
         "to": "李女士", "by": "C1", "role": "clerk"}
    ]  # fmt: skip
    assert desk.owed(number, "explain")["state"] == "met"


@pytest.mark.rule("VIS-10")
def test_a_complaint_corrected_to_another_company_is_explained_from_then_on_and_corrected_back_no_more(
    desk: Practice,
) -> None:
    number = complaint(desk)["number"]
    assert "explain" not in desk.owes(number)
    desk.wait(hours=3)
    desk.corrected(number, department="outside")
    assert desk.owed(number, "explain")["due_at"] == when("2026-11-23T12:00")
    desk.corrected(number, department="security")
    assert desk.owed(number, "explain")["state"] == "void"


# --- one record (REC-6), and reports


@pytest.mark.rule("REC-6")
def test_told_to_several_departments_it_stays_one_record(desk: Practice) -> None:
    number = complaint(desk, department="security", category="general")["number"]
    with desk.refuses(10, "REC-6"):
        desk.takes(NOISE, department="environment", category="general")
    again = desk.takes(NOISE, join=number, department="environment")
    assert (again["number"], again["department"], len(again["callers"])) == (number, "security", 1)
    assert any("stays with" in remark for remark in desk.remarks)
    with desk.refuses(2, "INT-3"):
        desk.takes(NOISE, join=number, department="kitchen")


@pytest.mark.rule("REC-6")
def test_who_joins_without_a_name_is_counted_and_the_named_one_is_still_called(desk: Practice) -> None:
    number = complaint(desk)["number"]
    joined = desk.takes({**NOISE, "caller": None, "phone": None}, join=number, anonymous=True)
    assert [(one["name"], one["phone"]) for one in joined["callers"]] == [(None, None)]
    assert (joined["anonymous"], joined["caller"]) == (False, "李女士")


@pytest.mark.rule("RPT-3")
def test_the_complaints_are_counted_by_severity_and_by_department(desk: Practice) -> None:
    numbers = [
        complaint(desk, department=department, severity=severity)["number"]
        for department, severity in (("security", "general"), ("security", "major"), ("environment", "major"))
    ]
    numbers.append(complaint(desk)["number"])
    doc = desk.desk.report(ANY, "complaints").doc
    assert {one["department"]: one["orders"] for one in doc["by_department"]} == {
        "security": 2, "environment": 1, None: 1
    }  # fmt: skip
    assert {one["severity"]: one["orders"] for one in doc["by_severity"]} == {"general": 2, "major": 2}
    assert doc["by_department"][0]["name"] == "护管部"
    behind = desk.desk.report(ANY, "complaints", figure="orders@security").doc["orders_behind"]
    assert behind == sorted(numbers[:2])
    listed, total = desk.desk.list_orders(ANY, {"department": "security"})
    assert (total, {one["number"] for one in listed}) == (2, set(numbers[:2]))


# --- help requests (LY 7)


@pytest.mark.rule("SLA-1", "INT-3")
@pytest.mark.parametrize("name", HELP_CLASSES)
def test_a_help_request_of_any_class_is_answered_within_ten_minutes(desk: Practice, name: str) -> None:
    asked = {"kind": "help", "place": "3-2-501", "fault": "please come", "help_class": name}
    number = desk.reported(asked)
    owed = desk.owed(number, "answer")
    assert (owed["due_at"], owed["owner"]) == (when("09:10"), "C1")
    assert desk.owes(number) == {"answer"}
    desk.wait(minutes=10)
    desk.assigned(number)
    assert desk.owed(number, "answer")["state"] == "met"
    late = desk.reported(asked, new=True)
    desk.wait(minutes=11)
    assert desk.owed(late, "answer")["state"] == "missed"
    advised = desk.reported(asked, new=True, advised=True)
    assert desk.owed(advised, "answer")["state"] == "met"
    doc = desk.desk.report(ANY, "help").doc
    assert doc["by_class"] == [
        {"class": name, "orders": 3, "finished": 0, "advised": 1, "answered": {"met": 2, "missed": 1, "open": 0},
         "answered_rate": 2 / 3}
    ]  # fmt: skip


@pytest.mark.rule("SLA-1", "SLA-4")
def test_a_help_request_that_nobody_answers_climbs_from_its_tenth_minute(desk: Practice) -> None:
    desk.reported({"kind": "help", "place": "3-2-501", "fault": "please come", "help_class": "medical"})
    assert told(desk, "2026-11-22T09:10") == []
    assert told(desk, "2026-11-22T09:11") == [("answer", 1, "leader", ["L1"])]


@pytest.mark.rule("SLA-1", "CAL-1")
def test_a_help_request_goes_its_way_to_the_file(desk: Practice) -> None:
    number = desk.done({"kind": "help", "place": "3-2-501", "fault": "carry a sofa", "caller": "李女士"})
    desk.filed(number)
    assert desk.show(number)["state"] == "archived"


def test_the_preset_of_the_handbook_routes_like_the_standard(tmp_path: Any) -> None:
    desk = Practice(founded(tmp_path / "liyuan", "liyuan"))
    assert desk.takes(GUARD)["department"] == "security"


# --- a file of complaints


def imported(desk: Practice, tmp_path: Any, *rows: str) -> Any:
    from repairdesk.batch.importing import Plan, run

    file = tmp_path / "complaints.csv"
    file.write_text("\n".join(["place,caller,fault,severity,department", *rows]), encoding="utf-8")
    return run(desk.desk, By("C1", "tester"), file, Plan(kind="complaint"))


@pytest.mark.rule("INT-3")
def test_a_file_says_how_many_departments_were_proposed_and_tells_of_grave_ones(desk: Practice, tmp_path: Any) -> None:
    result = imported(
        desk, tmp_path, "1-1-101,Li,noise,general,security", "1-1-102,Li,保安不在,major,", "1-1-103,Li,noise,,"
    )
    assert result.accepted == 3
    assert any("1" in str(remark.values) and "department" in remark.message for remark in result.remarks)
    docs, _ = desk.desk.list_orders(ANY, {"department": "security"})
    assert {(doc["place"], tuple(doc["told"])) for doc in docs} == {("1-1-101", ()), ("1-1-102", ("S1", "M1"))}


@pytest.mark.rule("INT-3")
def test_a_row_with_an_unknown_department_is_rejected_with_its_column(desk: Practice, tmp_path: Any) -> None:
    result = imported(desk, tmp_path, "1-1-101,Li,noise,general,kitchen")
    assert [(reject.row, reject.column, reject.value) for reject in result.rejects] == [(2, "department", "kitchen")]


@pytest.mark.rule("REC-6", "INT-3")
def test_who_joins_a_complaint_and_calls_it_graver_is_answered_how_it_stands(desk: Practice) -> None:
    number = complaint(desk, severity="general")["number"]
    desk.takes(NOISE, severity="major", join=number)
    assert desk.show(number)["severity"] == "general"
    assert any("stays" in remark for remark in desk.remarks)
