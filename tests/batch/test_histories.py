"""``import --what histories``: an order a row, with what became of it; rejected by name, or kept as it was found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from repairdesk.batch import headers
from repairdesk.batch.fields import HISTORIES
from repairdesk.batch.importing import Plan, run
from repairdesk.batch.outcome import Imported, plain
from repairdesk.cli import common
from repairdesk.cli.__main__ import main
from repairdesk.desk import By, Desk
from repairdesk.errors import Exit, NotFound, UsageError

Doc = dict[str, Any]
KEYBOARD = By(None, "pc")
HIS = Plan(what="histories", kind="in_home")
FOUND = Plan(what="histories", kind="in_home", as_found=True)
WHOLE: Mapping[str, str] = {
    "external_id": "A1", "place": "3-2-501", "caller": "Li", "phone": "13800138000", "fault": "tap drips",
    "reported_at": "2024-01-05T08:03", "clerk": "C1", "staff": "W1", "assigned_at": "2024-01-05T08:05",
    "accepted_at": "2024-01-05T08:06", "arrived_at": "2024-01-05T08:20", "started_at": "2024-01-05T08:25",
    "finished_at": "2024-01-05T09:00", "found": "worn washer", "result": "new washer", "fee": "50.00",
    "agreed_fee": "50.00", "rating": "satisfied", "signed_by": "Li", "signed_at": "2024-01-05T09:05",
    "checked_by": "L1", "closed_at": "2024-01-06T10:00", "archived_at": "2024-01-07T10:00", "status": "archived",
}  # fmt: skip
CALLED_OFF = {**dict.fromkeys(WHOLE, ""), "external_id": "A1", "place": "3-2-501", "caller": "Li",
              "phone": "13800138000", "fault": "tap drips", "reported_at": "2024-01-05T08:03"}  # fmt: skip


def file(tmp_path: Path, *rows: Mapping[str, str]) -> Path:
    """A file of such rows; every one of them is the whole history but for what is said otherwise."""
    whole = [{**WHOLE, **row} for row in rows]
    columns = list(dict.fromkeys(name for row in whole for name in row))
    lines = [",".join(columns), *(",".join(row.get(name, "") for name in columns) for row in whole)]
    path = tmp_path / "old.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def staffed(desk: Desk) -> Desk:
    """The desk with a leader and a second technician."""
    desk.staff_add(KEYBOARD, "L1", name="Luo", role="leader")
    desk.staff_add(KEYBOARD, "W2", name="Sun", role="technician")
    return desk


def only_order(desk: Desk) -> Doc:
    docs, total = desk.list_orders(KEYBOARD, {}, limit=None)
    assert total == 1
    doc: Doc = desk.show(KEYBOARD, docs[0]["number"]).doc
    return doc


def events(desk: Desk, number: str) -> list[tuple[str, str, str]]:
    return [(one["event"], one["actor"], one["occurred_at"][:16]) for one in desk.entries(KEYBOARD, number)]


def refused(result: Imported) -> tuple[str | None, str | None, str | None]:
    """Column, value and rule of the only reject."""
    (one,) = result.doc(plain)["rejects"]
    return one["column"], one["value"], one["rule"]


def said(result: Imported) -> str:
    return "\n".join(plain(one.message, one.values) for one in result.remarks)


def owing(doc: Doc) -> list[str]:
    return [one["name"] for one in doc["obligations"] if one["state"] in ("open", "paused")]


# --- what is taken


@pytest.mark.rule("REC-2")
def test_a_history_becomes_entries_of_their_own_times_by_the_people_named(
    staffed: Desk, clerk: By, tmp_path: Path
) -> None:
    result = run(staffed, clerk, file(tmp_path, {}), HIS)
    assert (result.accepted, result.committed) == (1, True)
    doc = only_order(staffed)
    assert events(staffed, doc["number"]) == [
        ("intake", "C1", "2024-01-05T08:03"),
        ("assign", "C1", "2024-01-05T08:05"),
        ("accept", "W1", "2024-01-05T08:06"),
        ("consent", "W1", "2024-01-05T08:20"),
        ("arrive", "W1", "2024-01-05T08:20"),
        ("start", "W1", "2024-01-05T08:25"),
        ("finish", "W1", "2024-01-05T09:00"),
        ("sign", "W1", "2024-01-05T09:05"),
        ("close", "L1", "2024-01-06T10:00"),
        ("archive", "C1", "2024-01-07T10:00"),
    ]
    assert (doc["state"], doc["imported"], doc["as_found"], doc["rating"]) == ("archived", True, False, "satisfied")
    assert doc["handling_seconds"] == 35 * 60
    entries = staffed.entries(KEYBOARD, doc["number"])
    assert all(one["data"]["imported"] and one["late"] for one in entries)
    assert {one["recorded_at"] for one in entries} == {"2026-11-22T14:00:00+08:00"}
    assert staffed.verify()["problems"] == []


def test_chinese_columns_and_words_are_known(staffed: Desk, clerk: By, tmp_path: Path) -> None:
    path = tmp_path / "old.csv"
    path.write_text(
        "工单号,报修类型,类型,房号,报修人,电话,故障描述,报修时间,维修人员,派工时间,到场时间,完成时间,故障原因,维修结果,费用,同意金额,满意度,签字人,审核人,关闭时间,状态\n"
        "G1,plumbing,户内,3-2-501,李,13800138000,漏水,2024年1月5日 8时3分,赵,2024/1/5 8:05,2024/1/5 8:20,2024/1/5 9:00,"
        "老化,已换,￥50元,50,基本满意,李,Luo,2024/1/6 10:00,已办结\n".replace("赵", "Zhao"),
        encoding="gb18030",
    )
    result = run(staffed, clerk, path, Plan(what="histories"))
    assert result.doc(plain)["rejects"] == []
    doc = only_order(staffed)
    assert (doc["state"], doc["rating"], doc["bill"]["total"], doc["assignee"]) == ("closed", "fair", "50.00", "W1")


@pytest.mark.rule("VIS-1")
def test_what_the_life_of_an_order_can_do_without_may_be_missing(staffed: Desk, clerk: By, tmp_path: Path) -> None:
    path = file(tmp_path, {"accepted_at": "", "started_at": "", "signed_at": "", "clerk": ""})
    assert run(staffed, clerk, path, HIS).doc(plain)["rejects"] == []
    doc = only_order(staffed)
    names = [name for name, _, _ in events(staffed, doc["number"])]
    # An arrival is the start where nobody said when that was; what was signed at no time was signed when it was done.
    assert names == ["intake", "assign", "consent", "start", "finish", "sign", "close", "archive"]
    assert doc["visits"][0]["started_at"] == doc["visits"][0]["arrived_at"] == "2024-01-05T08:20:00+08:00"
    assert doc["signed_at"] == "2024-01-05T09:00:00+08:00"


@pytest.mark.rule("FIN-3")
def test_what_nobody_signed_says_why_and_who_checked_it(staffed: Desk, clerk: By, tmp_path: Path) -> None:
    path = file(tmp_path, {"rating": "", "signed_by": "", "reason": "moved out"})
    assert run(staffed, clerk, path, HIS).doc(plain)["rejects"] == []
    doc = only_order(staffed)
    assert (doc["unsigned_reason"], doc["rating"], doc["state"]) == ("moved out", None, "archived")
    assert ("sign", "L1", "2024-01-05T09:05") in events(staffed, doc["number"])


def test_what_was_called_off_ends_with_its_reason(staffed: Desk, clerk: By, tmp_path: Path) -> None:
    row = {**CALLED_OFF, "cancelled_at": "2024-01-05T09:00", "reason": "mended it himself", "status": "作废"}
    assert run(staffed, clerk, file(tmp_path, row), HIS).doc(plain)["rejects"] == []
    doc = only_order(staffed)
    assert (doc["state"], doc["ended_reason"], owing(doc)) == ("cancelled", "mended it himself", [])


def test_who_has_left_since_was_there_then(staffed: Desk, clerk: By, tmp_path: Path) -> None:
    staffed.staff_retire(KEYBOARD, "W1")
    assert run(staffed, clerk, file(tmp_path, {}), HIS).accepted == 1


# --- fees


@pytest.mark.rule("FEE-7", "QUO-2")
def test_what_another_system_billed_is_one_line_that_is_shown_and_nowhere_owed(
    staffed: Desk, clerk: By, tmp_path: Path
) -> None:
    staffed.staff_add(KEYBOARD, "F1", name="Fang", role="finance")
    run(staffed, clerk, file(tmp_path, {}), HIS)
    doc = only_order(staffed)
    assert [(line["name"], line["amount"], line["rule"]) for line in doc["bill"]["lines"]] == [
        ("tap drips", "50.00", "QUO-2")
    ]
    assert (doc["paid"], doc["open_amount"], doc["postings"], doc["billed_in"]) == (True, "0.00", [], None)
    assert staffed.arrears(By("F1", "pc")).doc["arrears"] == []
    bill = next(one["data"]["bill"] for one in staffed.entries(KEYBOARD, doc["number"]) if one["event"] == "finish")
    assert (bill["imported"], bill["basis"]["imported"]) == (True, True)
    assert bill["lines"][0]["why"]["text"] == "the sum that another system billed: {fee}"


def test_work_that_cost_nothing_was_free(staffed: Desk, clerk: By, tmp_path: Path) -> None:
    run(staffed, clerk, file(tmp_path, {"fee": "免费", "agreed_fee": ""}), HIS)
    assert (only_order(staffed)["paid"], only_order(staffed)["bill"]["total"]) == (False, "0.00")


def test_a_history_without_a_fee_has_no_bill(staffed: Desk, clerk: By, tmp_path: Path) -> None:
    run(staffed, clerk, file(tmp_path, {"fee": "", "agreed_fee": ""}), HIS)
    assert (only_order(staffed)["paid"], only_order(staffed)["bill"]) == (False, None)


# --- what is rejected: row, column, value and rule

_NO_WORK = dict.fromkeys(
    "accepted_at arrived_at started_at finished_at found result fee rating signed_by signed_at checked_by closed_at "
    "archived_at status".split(), ""
)  # fmt: skip
BROKEN = {
    "closed before reported": ({"closed_at": "2024-01-04T08:00", "archived_at": ""}, "closed_at", "REC-2"),
    "finished before arrival": ({"finished_at": "2024-01-05T08:10", "signed_at": ""}, "finished_at", "REC-2"),
    "fee without consent": ({"agreed_fee": ""}, "fee", "QUO-4"),
    "fee above consent": ({"agreed_fee": "49.99"}, "fee", "QUO-4"),
    "unknown person": ({"staff": "W77"}, "staff", None),
    "nobody was sent": ({"staff": ""}, "assigned_at", "ASG-3"),
    "nobody says when": ({"assigned_at": ""}, "accepted_at", "ASG-3"),
    "never there": ({"arrived_at": "", "started_at": ""}, "finished_at", "VIS-1"),
    "no result": ({"result": ""}, "finished_at", "FIN-1"),
    "no rating": ({"rating": ""}, "signed_at", "FIN-3"),
    "not signed": ({"rating": "", "signed_by": ""}, "signed_at", "FIN-3"),
    "filed and not closed": ({"closed_at": ""}, "archived_at", "FIN-5"),
    "checked by who did it": ({"checked_by": "W1"}, "closed_at", None),
    "dissatisfied and filed": ({"rating": "不满意"}, "archived_at", "FIN-4"),
    "finished but open": ({"status": "待处理"}, "status", "REC-5"),
    "finished but called off": ({"status": "已取消"}, "status", "REC-5"),
    "finished and called off": ({"cancelled_at": "2024-01-08T08:00", "status": ""}, "cancelled_at", "INT-1"),
    "behind its times": ({"status": "assigned"}, "status", "REC-5"),
    "finished, it says, and no more": ({"status": "finished"}, "status", "REC-5"),
    "a fee and no work": ({**_NO_WORK, "fee": "50.00"}, "fee", "FIN-1"),
    "a result and no work": ({**_NO_WORK, "result": "new washer"}, "result", "FIN-1"),
    "a rating and no work": ({**_NO_WORK, "rating": "satisfied"}, "rating", "FIN-3"),
    "a reason for nothing": ({**_NO_WORK, "reason": "moved out"}, "reason", "INT-1"),
    "a clerk is sent": ({"staff": "C1"}, "staff", "ASG-1"),
    "a technician takes it in": ({"clerk": "W2"}, "clerk", None),
    "no phone": ({"phone": ""}, "phone", "INT-1"),
}


@pytest.mark.parametrize("broken", BROKEN)
def test_what_the_rules_would_refuse_is_rejected_by_name(staffed: Desk, clerk: By, tmp_path: Path, broken: str) -> None:
    otherwise, column, rule = BROKEN[broken]
    result = run(staffed, clerk, file(tmp_path, otherwise), HIS)
    assert (result.exit, result.committed) == (Exit.BAD_INPUT, False)
    value = {**WHOLE, **otherwise}.get(column) or None
    told = refused(result)
    assert (told[0], told[2]) == (column, rule)
    assert told[1] == value
    assert staffed.list_orders(KEYBOARD, {})[1] == 0


@pytest.mark.parametrize("broken", BROKEN)
def test_the_same_is_kept_as_it_was_found_if_asked_for(staffed: Desk, clerk: By, tmp_path: Path, broken: str) -> None:
    otherwise, column, rule = BROKEN[broken]
    result = run(staffed, clerk, file(tmp_path, otherwise), FOUND)
    assert result.doc(plain)["rejects"] == []
    assert "1 histories were kept as they were found" in said(result)
    doc = only_order(staffed)
    assert [name for name, _, _ in events(staffed, doc["number"])] == ["as-found"]
    assert (doc["as_found"], doc["imported"], doc["obligations"], doc["assignee"]) == (True, True, [], None)
    assert doc["old"]["fault"] == "tap drips"
    (entry,) = staffed.entries(KEYBOARD, doc["number"])
    assert entry["data"]["refused"] == {"field": column, "rule": rule}
    assert staffed.verify()["problems"] == []


def test_a_refused_row_leaves_nothing_between_those_that_are_taken(staffed: Desk, clerk: By, tmp_path: Path) -> None:
    rows = [{"external_id": "A1"}, {"external_id": "A2", "agreed_fee": ""}, {"external_id": "A3"}]
    result = run(staffed, clerk, file(tmp_path, *rows), Plan(what="histories", kind="in_home", partial=True))
    assert (result.accepted, len(result.rejects), result.exit) == (2, 1, Exit.PARTIAL)
    docs, _ = staffed.list_orders(KEYBOARD, {}, limit=None)
    assert sorted((doc["number"], doc["external_id"]) for doc in docs) == [
        ("P20240105-0001", "A1"), ("P20240105-0002", "A3"),
    ]  # fmt: skip
    assert staffed.verify()["problems"] == []


@pytest.mark.parametrize(
    ("otherwise", "column"),
    [
        ({"finished_at": "yesterday"}, "finished_at"),
        ({"fee": "about 50"}, "fee"),
        ({"rating": "5 stars"}, "rating"),
        ({"status": "archvied"}, "status"),
        ({"external_id": ""}, "external_id"),
        ({"reported_at": ""}, "reported_at"),
        ({"place": ""}, "place"),
        ({"archived_at": "2027-01-07T10:00"}, "archived_at"),
    ],
)
def test_what_cannot_be_read_or_is_still_to_come_is_not_even_kept_as_found(
    staffed: Desk, clerk: By, tmp_path: Path, otherwise: dict[str, str], column: str
) -> None:
    result = run(staffed, clerk, file(tmp_path, otherwise), FOUND)
    assert [one["column"] for one in result.doc(plain)["rejects"]] == [column]


def test_two_people_of_one_name_are_no_name(staffed: Desk, clerk: By, tmp_path: Path) -> None:
    staffed.staff_add(KEYBOARD, "W3", name="Sun", role="technician")
    assert refused(run(staffed, clerk, file(tmp_path, {"staff": "sun"}), HIS))[0] == "staff"
    staffed.staff_add(KEYBOARD, "W4", name="Qian", role="technician")
    assert run(staffed, clerk, file(tmp_path, {"staff": "qian"}), HIS).accepted == 1
    assert only_order(staffed)["assignee"] == "W4"


# --- taken once


def test_a_repeated_file_adds_nothing_and_a_changed_row_is_a_difference(
    staffed: Desk, clerk: By, tmp_path: Path
) -> None:
    run(staffed, clerk, file(tmp_path, {}), HIS)
    before = staffed.verify()["entries"]
    again = run(staffed, clerk, file(tmp_path, {"finished_at": "2024/1/5 9:00"}), HIS)
    assert (again.accepted, again.already_there) == (0, 1)
    changed = run(staffed, clerk, file(tmp_path, {"fee": "60", "agreed_fee": "60", "result": "new tap"}), HIS)
    (one,) = changed.doc(plain)["differences"]
    assert one["fields"] == {
        "fee": ["50.00", "60.00"], "agreed_fee": ["50.00", "60.00"], "result": ["new washer", "new tap"],
    }  # fmt: skip
    assert staffed.verify()["entries"] == before


def test_what_was_kept_as_found_is_taken_once_as_well(staffed: Desk, clerk: By, tmp_path: Path) -> None:
    run(staffed, clerk, file(tmp_path, {"agreed_fee": ""}), FOUND)
    again = run(staffed, clerk, file(tmp_path, {"agreed_fee": ""}), FOUND)
    mended = run(staffed, clerk, file(tmp_path, {}), FOUND)
    assert (again.already_there, len(mended.differences)) == (1, 1)


@pytest.mark.parametrize("otherwise", [{"place": "３－２－５０１"}, {"staff": "Zhao"}, {"checked_by": "luo"}])
def test_the_same_place_or_person_in_another_spelling_is_no_difference(
    staffed: Desk, clerk: By, tmp_path: Path, otherwise: Mapping[str, str]
) -> None:
    run(staffed, clerk, file(tmp_path, {}), HIS)
    again = run(staffed, clerk, file(tmp_path, otherwise), HIS)
    assert (again.already_there, len(again.differences)) == (1, 0)


def test_another_place_or_person_is_a_difference(staffed: Desk, clerk: By, tmp_path: Path) -> None:
    run(staffed, clerk, file(tmp_path, {}), HIS)
    again = run(staffed, clerk, file(tmp_path, {"place": "3-2-502", "staff": "W2"}), HIS)
    (one,) = again.doc(plain)["differences"]
    assert one["fields"] == {"place": ["3-2-501", "3-2-502"], "staff": ["W1", "W2"]}


def test_the_times_of_a_refusal_are_those_of_the_desk(staffed: Desk, clerk: By, tmp_path: Path) -> None:
    result = run(staffed, clerk, file(tmp_path, {"finished_at": "2024-01-05T08:10", "signed_at": ""}), HIS)
    (one,) = result.doc(plain)["rejects"]
    assert "2024-01-05 08:10" in one["why"]
    assert "00:10" not in one["why"]


def test_what_is_missing_is_named_as_a_column_and_nothing_refused_is_said_to_be_open(
    staffed: Desk, clerk: By, tmp_path: Path
) -> None:
    result = run(staffed, clerk, file(tmp_path, {**_NO_WORK, "staff": "", "assigned_at": "", "phone": ""}), HIS)
    (one,) = result.rejects
    why = one.error.values["why"]
    assert (why.values["fields"], why.extra, one.column) == (["phone"], {}, "phone")
    assert "still open" not in said(result)


@pytest.mark.parametrize("staff_id", ["system", "System"])
def test_nobody_of_the_staff_is_the_program(staffed: Desk, clerk: By, tmp_path: Path, staff_id: str) -> None:
    with pytest.raises(UsageError, match="entries of the program itself"):
        staffed.staff_add(KEYBOARD, staff_id, name="Xi", role="leader")
    path = tmp_path / "staff.csv"
    path.write_text(f"id,name,role\n{staff_id},Xi,leader\n", encoding="utf-8")
    assert refused(run(staffed, clerk, path, Plan(what="staff"))) == ("id", staff_id, None)


def test_an_order_that_came_as_a_report_is_not_overwritten(staffed: Desk, clerk: By, tmp_path: Path) -> None:
    path = file(tmp_path, {})
    run(staffed, clerk, path, Plan(kind="in_home"))
    result = run(staffed, clerk, path, HIS)
    (one,) = result.doc(plain)["differences"]
    assert one["fields"]["finished_at"] == [None, "2024-01-05T09:00:00+08:00"]
    assert only_order(staffed)["state"] == "reported"


def test_a_dry_run_says_the_same_and_keeps_nothing(staffed: Desk, clerk: By, tmp_path: Path) -> None:
    path = file(tmp_path, {}, {"external_id": "A2", "agreed_fee": ""})
    dry = run(staffed, clerk, path, Plan(what="histories", kind="in_home", dry_run=True))
    wet = run(staffed, clerk, path, Plan(what="histories", kind="in_home", partial=True))
    assert (dry.accepted, refused(dry), dry.committed) == (wet.accepted, refused(wet), False)


def test_rejects_can_be_mended_and_fed_in_again(staffed: Desk, clerk: By, tmp_path: Path) -> None:
    bad = tmp_path / "bad.csv"
    run(staffed, clerk, file(tmp_path, {"agreed_fee": ""}), Plan(what="histories", kind="in_home", rejects=bad))
    text = bad.read_text(encoding="utf-8-sig")
    assert "(QUO-4)" in text
    bad.write_text(text.replace("50.00,,satisfied", "50.00,50.00,satisfied"), encoding="utf-8")
    assert run(staffed, clerk, bad, HIS).accepted == 1


# --- what is said of the file


def test_reports_that_tell_what_became_of_them_are_remarked_on(staffed: Desk, clerk: By, tmp_path: Path) -> None:
    assert "--what histories" in said(run(staffed, clerk, file(tmp_path, {}), Plan(kind="in_home", dry_run=True)))
    plain_file = tmp_path / "reports.csv"
    plain_file.write_text("place,fault,colour\nlobby,lamp,red\n")
    assert "--what histories" not in said(run(staffed, clerk, plain_file, Plan(kind="public_area", dry_run=True)))


def test_as_found_is_for_histories_and_a_kind_of_file_has_a_name(staffed: Desk, clerk: By, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--as-found"):
        run(staffed, clerk, file(tmp_path, {}), Plan(kind="in_home", as_found=True))
    with pytest.raises(UsageError, match="histories"):
        run(staffed, clerk, file(tmp_path, {}), Plan(what="orders"))


def test_no_column_of_a_history_could_be_two_fields() -> None:
    tables = (headers.REPORTS, headers.HISTORIES)
    words = [word for table in tables for names in table.values() for word in names.split()]
    assert sorted(word for word in set(words) if words.count(word) > 1) == []
    assert {name: HISTORIES.field_of(name) for name in HISTORIES.names} == {name: name for name in HISTORIES.names}


def test_the_sample_shows_how_the_times_were_read(staffed: Desk, clerk: By, tmp_path: Path) -> None:
    result = run(staffed, clerk, file(tmp_path, {}), HIS)
    assert result.sample is not None
    (row,) = result.sample.doc(plain)["rows"]
    assert (row["fields"]["finished_at"], row["fields"]["fee"]) == ("2024-01-05T09:00:00+08:00", "50.00")
    assert row["fields"]["phone"] == "138****8000"


@pytest.mark.slow
def test_a_thousand_rows_are_taken_and_verified(staffed: Desk, clerk: By, tmp_path: Path) -> None:
    rows = [{"external_id": f"A{n}", "agreed_fee": "" if n % 4 == 0 else "50"} for n in range(1000)]
    assert run(staffed, clerk, file(tmp_path, *rows), FOUND).accepted == 1000
    assert staffed.verify()["problems"] == []


# --- as it is typed


def test_what_was_kept_as_found_is_marked_where_it_is_listed_and_shown(
    staffed: Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REPAIRDESK_LANG", "en")
    monkeypatch.setattr(common, "clock", staffed.now)
    home = ("--home", str(staffed.home))
    path = str(file(tmp_path, {"staff": "Old Zhou"}))
    options = ("--what", "histories", "--kind", "in_home", "--as", "C1")
    assert main(["import", path, *options, *home]) == 14
    assert "Old Zhou" in capsys.readouterr().out
    assert main(["import", path, *options, "--as-found", "--save-mapping", "old", *home]) == 0
    assert "histories" in (staffed.home / "mappings" / "old.yaml").read_text(encoding="utf-8")
    capsys.readouterr()
    assert main(["list", *home]) == 0
    assert "archived (as found)" in capsys.readouterr().out
    assert main(["show", "P20240105-0001", *home]) == 0
    shown = capsys.readouterr().out
    assert "archived (as found)" in shown
    assert "staff: Old Zhou" in shown
    assert "138****8000" in shown
    assert "13800138000" not in shown
    assert main(["import", path, "--mapping", "old", "--as", "C1", *home]) == 0
    assert "already_there: 1" in capsys.readouterr().out


REAL = Path(__file__).resolve().parents[3] / "shared" / "data"


@pytest.mark.slow
def test_a_citys_hotline_tells_of_ends_without_what_lies_between(staffed: Desk, clerk: By) -> None:
    """10,000 requests: 195 are open, 9,486 closed with nothing in between, 309 have no address, 10 a strange status."""
    path = REAL / "requests-baltimore-311.csv"
    if not path.exists():
        pytest.skip(f"NO REAL FILES: {REAL} is not there")
    columns = {"SRType": "fault", "ServiceRequestNum": "external_id", "SRRecordID": ""}
    words = {"status": {"Closed (Transferred)": "closed", "Closed (Duplicate)": "closed"}}
    plan = Plan(columns, "public_area", "mdy", what="histories", words=words, partial=True)
    strict = run(staffed, clerk, path, plan)
    assert (strict.rows, strict.accepted, strict.already_there) == (10000, 195, 0)
    rules = {rule: sum(one.error.rule == rule for one in strict.rejects) for rule in ("FIN-3", None)}
    assert rules == {"FIN-3": 9486, None: 319}
    found = run(staffed, clerk, path, replace(plan, as_found=True))
    assert (found.accepted, found.already_there, len(found.rejects)) == (9486, 195, 319)
    assert staffed.escalate(KEYBOARD).doc["told"] == []


# --- printed, found, corrected, left alone


def test_what_was_kept_as_found_is_found_printed_and_corrected_and_nothing_else(
    staffed: Desk, clerk: By, tmp_path: Path
) -> None:
    run(staffed, clerk, file(tmp_path, {"staff": "Old Zhou"}), FOUND)
    (doc,), total = staffed.list_orders(KEYBOARD, {"find": "old zhou"})
    assert total == 1
    number = doc["number"]
    staffed.correct(clerk, number, {"fault": "the tap drips"}, reason="misspelled")
    with pytest.raises(Exception, match="a report of its own"):
        staffed.cancel(clerk, number, reason="a mistake")
    assert only_order(staffed)["fault"] == "the tap drips"
    with pytest.raises(NotFound):
        staffed.show(KEYBOARD, "P20240105-0002")


def test_an_open_order_that_was_kept_as_found_is_on_no_list_of_work(staffed: Desk, clerk: By, tmp_path: Path) -> None:
    row = {**CALLED_OFF, "staff": "Old Zhou", "assigned_at": "2024-01-05T08:05", "status": "已派单"}
    run(staffed, clerk, file(tmp_path, row), FOUND)
    doc = only_order(staffed)
    assert doc["state"] == "assigned"
    assert staffed.list_orders(KEYBOARD, {"open": 1})[1] == 0
    later = Desk(staffed.home, lambda: staffed.now() + timedelta(days=9))
    assert later.escalate(KEYBOARD).doc["told"] == []
