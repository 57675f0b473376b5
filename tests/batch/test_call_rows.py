"""``import --what callbacks``: calls out of a list, as ``callback record`` enters them, each at its own time."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from repairdesk.batch.importing import Imported, Plan, run
from repairdesk.batch.outcome import plain
from repairdesk.cli import common
from repairdesk.cli.__main__ import main
from repairdesk.desk import By, Desk
from repairdesk.desk.visiting import Work
from repairdesk.domain.intake import Report
from repairdesk.errors import Exit, NotPermitted, UsageError

NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
Write = Callable[[str | bytes], Path]
CALLS = Plan(what="callbacks")
REPAIR = Report(kind="in_home", place="3-2-501", caller="李女士", phone="13800001234", fault="tap", external_id="A-1")
NOISE = REPAIR._replace(kind="complaint", fault="noise", severity="major", external_id="A-2")
HEAD = "单号,回访时间,回访结果,回访方式,回访人,签字人,回访内容,下次回访时间\n"


@pytest.fixture(scope="module")
def worked(founded: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, tuple[str, str]]:
    """A desk with a repair and a major complaint, both finished on the 20th at eleven by W1, and more staff."""
    home = tmp_path_factory.mktemp("worked") / "desk"
    shutil.copytree(founded, home)
    desk = Desk(home, lambda: NOW)
    for who, name, role in (("C2", "Qian", "clerk"), ("S1", "Sun", "supervisor"), ("M1", "Li", "manager"),
                            ("L1", "Wu", "leader"), ("L2", "Wu", "leader")):  # fmt: skip
        desk.staff_add(By(None, "pc"), who, name=name, role=role)
    return home, (finished(desk, REPAIR), finished(desk, NOISE))


@pytest.fixture
def desk(worked: tuple[Path, tuple[str, str]], tmp_path: Path) -> Desk:
    """The same desk at 14:00 on 2026-11-22, Shanghai."""
    shutil.copytree(worked[0], tmp_path / "desk")
    return Desk(tmp_path / "desk", lambda: NOW)


@pytest.fixture
def numbers(worked: tuple[Path, tuple[str, str]]) -> tuple[str, str]:
    """The numbers of the repair and of the complaint."""
    return worked[1]


def finished(desk: Desk, report: Report, **more: bool) -> str:
    number = str(desk.intake(By("C1", "pc", "2026-11-20T09:00"), report, new=True).doc["number"])
    desk.assign(By("C1", "pc", "2026-11-20T09:05"), number, "W1")
    desk.start(By("W1", "pc", "2026-11-20T10:00"), number)
    desk.finish(By("W1", "pc", "2026-11-20T11:00"), number, Work(found="worn", result="new, holds", **more))
    return number


def called(desk: Desk, number: str) -> list[dict[str, Any]]:
    with desk.ledger.read() as reader:
        doc = reader.order_doc(number)
    assert doc is not None
    return [dict(one) for one in doc["callbacks"]]


def rejects(result: Imported) -> list[tuple[Any, ...]]:
    return [tuple(one[key] for key in ("row", "column", "value", "rule")) for one in result.doc(plain)["rejects"]]


def why(result: Imported) -> str:
    return "\n".join(one["why"] for one in result.doc(plain)["rejects"])


def counts(result: Imported) -> tuple[int, int, int, int]:
    return result.accepted, result.already_there, len(result.differences), len(result.rejects)


def head(desk: Desk) -> tuple[int, str]:
    with desk.ledger.read() as reader:
        return reader.head()


def row(number: str, **said: str) -> str:
    """A row of the list: a satisfied call by C2 on the 21st at nine, or otherwise as said."""
    usual = {
        "at": "2026-11-21 09:00",
        "outcome": "满意",
        "method": "电话",
        "by": "C2",
        "signed": "",
        "note": "",
        "next": "",
    }
    return ",".join([number, *(usual | said).values()]) + "\n"


# --- what is taken


@pytest.mark.rule("CAL-4", "CAL-5")
def test_calls_of_a_list_in_chinese_are_on_record_at_their_own_times_by_those_who_made_them(
    desk: Desk, clerk: By, numbers: tuple[str, str], write: Write
) -> None:
    repair, complaint = numbers
    content = (
        HEAD + row(repair, outcome="无人接听", at="2026年11月20日 下午3点") + row(repair, note="很好")
        + row(complaint, outcome="不满意", method="上门", by="M1", signed="李女士", next="2026-11-25 10:00")
    )  # fmt: skip
    result = run(desk, clerk, write(content), CALLS)
    assert (counts(result), result.committed) == ((3, 0, 0, 0), True)
    first, second = called(desk, repair)
    assert (first["at"], first["outcome"], first["method"]) == ("2026-11-20T07:00:00Z", "unreached", "phone")
    assert (second["at"], second["by"], second["role"], second["outcome"], second["note"]) == (
        "2026-11-21T01:00:00Z", "C2", "clerk", "satisfied", "很好")  # fmt: skip
    (visit,) = called(desk, complaint)
    assert (visit["by"], visit["method"], visit["signed_by"], visit["next"]) == (
        "M1", "visit", "李女士", "2026-11-25T02:00:00Z")  # fmt: skip
    assert desk.verify()["problems"] == []


@pytest.mark.rule("REC-2")
def test_a_call_of_a_list_is_the_entry_that_callback_record_writes(
    desk: Desk, clerk: By, numbers: tuple[str, str], write: Write
) -> None:
    listed, _ = numbers
    typed = finished(desk, REPAIR._replace(external_id=None), unsure=True)
    desk.callback(By("C2", "pc", "2026-11-21T09:00"), typed, outcome="satisfied", method="phone", note="fine")
    run(desk, clerk, write(HEAD + row(listed, note="fine")), CALLS)
    with desk.ledger.read() as reader:
        one, other = reader.entries(listed)[-1], reader.entries(typed)[-1]
    said = [{key: entry.data[key] for key in entry.data if key != "obligations"} for entry in (one, other)]
    assert said[0] == said[1]
    assert (one.event, one.actor, one.keyboard, one.occurred_at, one.late) == (
        other.event, other.actor, other.keyboard, other.occurred_at, other.late)  # fmt: skip
    # The keyboard is that of whoever took the list in; who called is another.
    assert (one.actor, one.keyboard, one.late) == ("C2", "os:pc", True)


@pytest.mark.rule("CAL-5", "FIN-2")
def test_a_call_of_a_list_meets_what_was_owed_at_the_time_of_the_call(
    desk: Desk, clerk: By, write: Write, numbers: tuple[str, str]
) -> None:
    number = finished(desk, REPAIR._replace(external_id=None), unsure=True)

    def owed() -> list[tuple[str, str | None]]:
        doc = desk.show(clerk, number).doc
        return [(one["state"], one["met_at"]) for one in doc["obligations"] if one["rule"] == "FIN-2"]

    assert owed() == [("missed", None)]
    run(desk, clerk, write(HEAD + row(number, at="2026-11-20 12:00")), CALLS)
    assert owed() == [("met", "2026-11-20T12:00:00+08:00")]


@pytest.mark.parametrize("header", ["number,at,outcome,method", "Work order,Call-date,Satisfaction,Method",
                                    "工单号,日期,满意度,方式"])  # fmt: skip
def test_columns_are_known_under_the_names_of_offices(
    desk: Desk, clerk: By, numbers: tuple[str, str], write: Write, header: str
) -> None:
    path = write(f"{header}\n{numbers[0]},2026-11-21T09:00,Satisfied,Phone\n")
    assert counts(run(desk, clerk, path, CALLS)) == (1, 0, 0, 0)
    # Nobody was named: it was whoever takes the list in.
    assert called(desk, numbers[0])[0]["by"] == "C1"


def test_an_order_may_be_named_by_its_id_in_another_system(
    desk: Desk, clerk: By, numbers: tuple[str, str], write: Write
) -> None:
    assert counts(run(desk, clerk, write(HEAD + row("A-1")), CALLS)) == (1, 0, 0, 0)
    assert len(called(desk, numbers[0])) == 1


def test_a_text_that_is_one_orders_number_and_another_ones_id_names_neither(
    desk: Desk, clerk: By, numbers: tuple[str, str], write: Write
) -> None:
    desk.intake(By("C1", "pc", "2026-11-20T09:00"), REPAIR._replace(external_id=numbers[0]), new=True)
    result = run(desk, clerk, write(HEAD + row(numbers[0])), CALLS)
    assert rejects(result) == [(2, "单号", numbers[0], None)]
    assert "could be any of" in why(result)


@pytest.mark.parametrize("by", ["C2", "Qian", "QIAN", "Ｃ２"])
def test_who_called_is_named_by_id_or_by_a_name_that_one_person_has(
    desk: Desk, clerk: By, numbers: tuple[str, str], write: Write, by: str
) -> None:
    run(desk, clerk, write(HEAD + row(numbers[0], by=by)), CALLS)
    assert called(desk, numbers[0])[0]["by"] == "C2"


def test_words_of_an_office_hold_with_the_mapping(
    desk: Desk, clerk: By, numbers: tuple[str, str], write: Write
) -> None:
    content = "Ref,When,Verdict,回访方式\n" + f"{numbers[0]},21/11/2026 09:00,基本满意,微信语音\n"
    plan = Plan({"Ref": "number", "When": "at", "Verdict": "outcome"}, None, "dmy", what="callbacks", save="theirs",
                words={"outcome": {"基本满意": "satisfied"}, "method": {"微信语音": "phone"}})  # fmt: skip
    assert counts(run(desk, clerk, write(content), plan)) == (1, 0, 0, 0)
    assert counts(run(desk, clerk, write(content), Plan(named="theirs"))) == (0, 1, 0, 0)
    assert called(desk, numbers[0])[0]["at"] == "2026-11-21T01:00:00Z"


# --- a second time


def test_the_same_calls_again_add_nothing(desk: Desk, clerk: By, numbers: tuple[str, str], write: Write) -> None:
    content = HEAD + row(numbers[0], outcome="未接通", at="2026-11-20 15:00") + row(numbers[0], note="很好")
    run(desk, clerk, write(content), CALLS)
    before = head(desk)
    assert counts(run(desk, clerk, write(content), CALLS)) == (0, 2, 0, 0)
    # Named by the other system it is the same call, and so is one of which the list says less.
    assert counts(run(desk, clerk, write(HEAD + row("A-1", by="")), CALLS)) == (0, 1, 0, 0)
    assert head(desk) == before


def test_a_call_that_was_typed_is_there_when_the_list_comes(
    desk: Desk, clerk: By, numbers: tuple[str, str], write: Write
) -> None:
    desk.callback(By("C2", "pc", "2026-11-21T09:00"), numbers[0], outcome="satisfied", method="phone")
    assert counts(run(desk, clerk, write(HEAD + row(numbers[0])), CALLS)) == (0, 1, 0, 0)


@pytest.mark.parametrize(
    ("said", "fields"),
    [
        ({"outcome": "未接通"}, {"outcome": ["satisfied", "unreached"]}),
        ({"by": "S1", "note": "louder"}, {"by": ["C2", "S1"], "note": ["fine", "louder"]}),
        ({"next": "2026-11-30 10:00"}, {"next": [None, "2026-11-30T10:00:00+08:00"]}),
        ({"method": "上门", "signed": "Li"}, {"method": ["phone", "visit"], "signed_by": [None, "Li"]}),
    ],
)
def test_another_content_of_the_same_time_is_a_difference_and_the_call_stays(
    desk: Desk, clerk: By, numbers: tuple[str, str], write: Write, said: Mapping[str, str],
    fields: Mapping[str, list[str | None]],
) -> None:  # fmt: skip
    run(desk, clerk, write(HEAD + row(numbers[0], note="fine")), CALLS)
    before = head(desk)
    result = run(desk, clerk, write(HEAD + row(numbers[0], **said)), CALLS)
    assert (counts(result), result.exit) == ((0, 0, 1, 0), Exit.DONE)
    assert result.doc(plain)["differences"] == [
        {"row": 2, "external_id": None, "number": numbers[0], "at": "2026-11-21T09:00:00+08:00", "fields": fields}
    ]
    assert head(desk) == before


def test_two_rows_of_a_list_that_contradict_each_other_are_no_earlier_list(
    desk: Desk, clerk: By, numbers: tuple[str, str], write: Write
) -> None:
    content = HEAD + row(numbers[0]) + row(numbers[0]) + row(numbers[0], outcome="未接通")
    result = run(desk, clerk, write(content), CALLS)
    assert counts(result) == (1, 1, 0, 1)
    assert rejects(result) == [(4, "回访时间", "2026-11-21 09:00", None)]


@pytest.mark.rule("REC-2")
def test_a_list_that_begins_with_the_latest_call_is_to_be_sorted(
    desk: Desk, clerk: By, numbers: tuple[str, str], write: Write
) -> None:
    content = HEAD + row(numbers[0]) + row(numbers[0], outcome="未接通", at="2026-11-20 15:00")
    result = run(desk, clerk, write(content), CALLS)
    assert rejects(result) == [(3, "回访时间", "2026-11-20 15:00", "REC-2")]
    assert why(result) == "a row above is a later call about the same order: sort the list by time"


# --- what is rejected


@pytest.mark.parametrize(
    ("which", "said", "column", "value", "rule"),
    [
        (0, {"at": ""}, "回访时间", None, None),
        (0, {"outcome": ""}, "回访结果", None, None),
        (0, {"method": ""}, "回访方式", None, None),
        (0, {"outcome": "一般"}, "回访结果", "一般", None),
        (0, {"method": "短信"}, "回访方式", "短信", None),
        (0, {"at": "03/04/2026 10:00"}, "回访时间", "03/04/2026 10:00", None),
        (0, {"at": "2026-11-21"}, "回访时间", "2026-11-21", None),
        (0, {"by": "C9"}, "回访人", "C9", None),
        (0, {"by": "Wu"}, "回访人", "Wu", None),
        (0, {"method": "上门"}, "签字人", None, "CAL-4"),
        (0, {"outcome": "不满意"}, "下次回访时间", None, "CAL-5"),
        (0, {"outcome": "未接通", "next": "2026-11-25 10:00"}, "下次回访时间", "2026-11-25 10:00", "CAL-5"),
        (0, {"next": "2026-11-21 08:00"}, "下次回访时间", "2026-11-21 08:00", "CAL-5"),
        (0, {"at": "2026-11-20 10:30"}, "回访时间", "2026-11-20 10:30", "REC-2"),
        (0, {"at": "2026-11-23 09:00"}, "回访时间", "2026-11-23 09:00", "REC-2"),
        (0, {"by": "W1"}, "回访人", "W1", None),
        (1, {"by": "C2", "method": "上门", "signed": "Li"}, "回访人", "C2", "CAL-3"),
        (1, {"by": "M1"}, "回访方式", "电话", "CAL-4"),
        (0, {"method": "书面"}, "回访方式", "书面", "CAL-6"),
    ],
)
@pytest.mark.rule("CAL-3", "CAL-4", "CAL-5", "CAL-6", "REC-2")
def test_a_row_that_the_keyboard_would_refuse_is_rejected_by_row_column_value_and_rule(
    desk: Desk, clerk: By, numbers: tuple[str, str], write: Write, which: int, said: Mapping[str, str], column: str,
    value: str | None, rule: str | None,
) -> None:  # fmt: skip
    before = head(desk)
    content = HEAD + row(numbers[0], at="2026-11-20 15:00", outcome="未接通") + row(numbers[which], **said)
    result = run(desk, clerk, write(content), CALLS)
    assert rejects(result) == [(3, column, value, rule)]
    # One bad row, and the good one above it is not kept either.
    assert (result.exit, result.committed, head(desk)) == (Exit.BAD_INPUT, False, before)


@pytest.mark.parametrize("ending", ["0001", "A", "20261120-0001"])
def test_no_ending_of_a_number_is_taken_for_it(
    desk: Desk, clerk: By, numbers: tuple[str, str], write: Write, ending: str
) -> None:
    assert numbers[0] == "P20261120-0001"
    result = run(desk, clerk, write(HEAD + row(ending)), CALLS)
    assert rejects(result) == [(2, "单号", ending, None)]
    assert why(result) == f"there is no order {ending}"


def test_an_order_that_is_not_finished_is_not_called_about(
    desk: Desk, clerk: By, numbers: tuple[str, str], write: Write
) -> None:
    number = desk.intake(By("C1", "pc", "2026-11-20T09:00"), REPAIR._replace(external_id=None), new=True).doc["number"]
    result = run(desk, clerk, write(HEAD + row(number)), CALLS)
    assert [one[:3] for one in rejects(result)] == [(2, "单号", number)]


def test_somebody_who_left_the_desk_calls_nobody(desk: Desk, clerk: By, numbers: tuple[str, str], write: Write) -> None:
    desk.staff_retire(By(None, "pc"), "C2")
    result = run(desk, clerk, write(HEAD + row(numbers[0])), CALLS)
    assert [one[:3] for one in rejects(result)] == [(2, "回访人", "C2")]


def test_who_may_not_import_takes_in_no_calls(desk: Desk, numbers: tuple[str, str], write: Write) -> None:
    with pytest.raises(NotPermitted):
        run(desk, By("W1", "pc"), write(HEAD + row(numbers[0])), CALLS)


def test_what_a_list_of_calls_lacks_is_named(desk: Desk, clerk: By, write: Write) -> None:
    with pytest.raises(UsageError) as refused:
        run(desk, clerk, write("房号,回访时间,回访结果\n1,2,3\n"), CALLS)
    assert refused.value.values["names"] == ["number", "method"]


def test_rejected_calls_are_mended_and_fed_in_again(
    desk: Desk, clerk: By, numbers: tuple[str, str], write: Write, tmp_path: Path
) -> None:
    out = tmp_path / "rejects.csv"
    content = HEAD + row(numbers[0], outcome="一般", at="2026-11-21 08:00") + row(numbers[1], by="M1", method="上门",
                                                                                signed="Li")  # fmt: skip
    first = run(desk, clerk, write(content), Plan(what="callbacks", partial=True, rejects=out))
    assert (counts(first), first.exit) == ((1, 0, 0, 1), Exit.PARTIAL)
    with out.open(encoding="utf-8-sig", newline="") as stream:
        rows: Sequence[list[str]] = list(csv.reader(stream))
    assert (rows[0][-1], rows[1][0]) == ("repairdesk: why", numbers[0])
    rows[1][2] = "满意"
    with out.open("w", encoding="gb18030", newline="") as stream:
        csv.writer(stream, delimiter="\t").writerows(rows)
    assert counts(run(desk, clerk, out, CALLS)) == (1, 0, 0, 0)
    assert [one["outcome"] for one in called(desk, numbers[0])] == ["satisfied"]


def test_a_dry_run_says_the_same_and_keeps_nothing(
    desk: Desk, clerk: By, numbers: tuple[str, str], write: Write
) -> None:
    before, path = head(desk), write(HEAD + row(numbers[0]) + row(numbers[0]))
    dry = run(desk, clerk, path, Plan(what="callbacks", dry_run=True))
    assert head(desk) == before
    assert {**dry.doc(plain), "committed": True} == run(desk, clerk, path, CALLS).doc(plain)


def test_the_program_says_which_rule_refused_a_row(
    desk: Desk, numbers: tuple[str, str], write: Write, monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.setenv("REPAIRDESK_LANG", "en")
    monkeypatch.setattr(common, "clock", desk.now)
    argv = ["import", str(write(HEAD + row(numbers[0], method="上门"))), "--what", "callbacks", "--as", "C1"]
    argv += ["--home", str(desk.home)]
    assert main(argv) == 14
    out, told = capfd.readouterr()
    assert "[CAL-4]" in out
    assert main([*argv, "--json"]) == 14
    document = json.loads(capfd.readouterr().out)
    assert document["rejects"][0]["rule"] == "CAL-4"
    assert main([*argv, "--dry-run"]) == 14
    _, told = capfd.readouterr()
    assert "回访时间 → at" in told
