"""Departments, letters, opinions, the look on the day after and explanations, as a script and as a person see them."""

from __future__ import annotations

from pathlib import Path

import pytest
from desk_cli import IN_HOME, Clock, done, refused, run

from repairdesk.locale.width import folded

COMPLAINT = ("--kind", "complaint", "--place", "3-2-501", "--caller", "李兰", "--fault", "门岗保安态度不好")


def taken(*more: str) -> str:
    """A complaint; answers with its number."""
    return str(done("intake", *COMPLAINT, "--new", "--as", "C1", *more)["number"])


def signed(*report: str) -> str:
    """What was done and signed for."""
    number = str(done("intake", *report, "--new", "--as", "C1")["number"])
    done("assign", number, "W1", "--as", "C1")
    done("start", number, "--as", "W1")
    done("finish", number, "--found", "F", "--result", "R", "--as", "W1")
    done("sign", number, "--by", "N", "--rating", "satisfied", "--as", "W1")
    return number


# --- departments


@pytest.mark.rule("INT-3")
def test_what_is_proposed_is_said_beside_the_answer_and_to_a_script_among_its_warnings(desk: Path) -> None:
    said = run("intake", *COMPLAINT, "--new", "--as", "C1")
    number = done("list")["orders"][0]["number"]
    assert "proposed for 护管部 (security) by 保安, 门岗" in said.err
    assert f"correct {number} department=CODE --reason WHY (outside, engineering, " in said.err
    for columns in range(40, 120, 7):
        lines = folded(said.err, columns, "  ").split("\n")
        assert any(number in line for line in lines), "what is to be copied is in one piece"
    document = done("intake", *COMPLAINT, "--new", "--severity", "major", "--as", "C1")
    assert (document["department"], document["told"]) == ("security", ["S1", "M1"])
    assert any("complaint, major: tell S1, M1 now" in text for text in document["warnings"])


@pytest.mark.rule("INT-3")
def test_a_repair_has_the_key_and_nothing_in_it(desk: Path) -> None:
    document = done("intake", *IN_HOME, "--as", "C1")
    assert (document["department"], document["told"]) == (None, [])


@pytest.mark.rule("INT-3", "REC-3")
def test_a_department_is_corrected_listed_and_shown(desk: Path) -> None:
    number, other = taken(), taken()
    assert refused(2, "correct", number, "department=kitchen", "--reason", "R", "--as", "C1")["rule"] == "INT-3"
    done("correct", number, "department=environment", "--reason", "R", "--as", "C1")
    assert [one["number"] for one in done("list", "--department", "environment")["orders"]] == [number]
    assert done("list", "--department", "security")["orders"][0]["number"] == other
    assert any(line.split() == ["department", "environment"] for line in run("show", number).splitlines())


@pytest.mark.rule("RPT-3")
def test_the_complaints_stand_in_a_table_by_severity_and_by_department(desk: Path) -> None:
    taken("--severity", "important")
    taken("--department", "outside")
    rows = [line.split() for line in run("report", "complaints").splitlines()]
    assert ["severity", "important", "1", "0", "0"] in [row[:5] for row in rows]
    assert ["department", "outside", "外单位", "1", "0", "0"] in [row[:6] for row in rows]
    sheet = run("report", "complaints", "--format", "csv").splitlines()
    assert [line.split(",")[1:4] for line in sheet[1:]] == [
        ["month", "all", "2"], ["severity", "general", "1"], ["severity", "important", "1"],
        ["department", "outside 外单位", "1"], ["department", "security 护管部", "1"],
    ]  # fmt: skip


# --- letters


@pytest.mark.rule("CAL-6")
def test_a_letter_answers_with_itself_and_with_what_it_answered(desk: Path) -> None:
    numbers = [signed(*COMPLAINT), signed(*COMPLAINT)]
    document = done("callback", "letter", *numbers, "--text", "T", "--note", "on the board", "--as", "C1")
    assert list(document) == ["letter", "orders", "warnings"]
    assert list(document["letter"]) == ["id", "at", "by", "text"]
    assert [order["number"] for order in document["orders"]] == numbers
    assert {order["callbacks"][-1]["letter"] for order in document["orders"]} == {"1"}
    assert "letter 1  T  on the board" in run("show", numbers[0])
    assert "letter 2)" in run("report", "callbacks")


@pytest.mark.rule("CAL-6")
def test_a_letter_without_a_text_or_without_complaints_names_what_is_missing(desk: Path) -> None:
    assert refused(2, "callback", "letter", "--as", "C1")["missing"] == ["number", "text"]
    number = signed(*IN_HOME)
    assert refused(10, "callback", "letter", number, "--text", "T", "--as", "C1")["rule"] == "CAL-6"


# --- remarks and opinions


@pytest.mark.rule("CAL-7")
def test_a_month_is_counted_settled_and_written_of(desk: Path, clock: Clock) -> None:
    number = signed(*IN_HOME)
    done("callback", "record", number, "--outcome", "dissatisfied", "--method", "phone", "--next",
         "2026-11-26T09:00", "--note", "it drips", "--as", "C1")  # fmt: skip
    assert "remarks settled: 0.0 % (0 of 1), target 100 %: missed" in run("report", "callbacks")
    assert run("report", "callbacks", "--orders", "remarks.open") == f"{number}\n"
    clock.on(days=8)
    lines = run("report", "callbacks", "--month", "2026-11")
    assert "The supervisor has not written an opinion yet (callback opinion)." in lines
    assert "The callbacks of 2026-11 wait for the supervisor's opinion, by 2026-12-05 23:59 (open)" in run("board")
    assert "callbacks: the callbacks of 2026-11 wait" in run("doctor")
    done("callback", "settle", number, "--note", "the leader mended it", "--as", "C2")
    assert refused(2, "callback", "opinion", "--as", "S1")["missing"] == ["text"]
    assert refused(12, "callback", "opinion", "--text", "good", "--as", "M1")["code"] == 12
    document = done("callback", "opinion", "--text", "good", "--as", "S1")
    assert list(document) == ["month", "calls", "outcomes", "remarks", "opinions", "warnings"]
    lines = run("report", "callbacks", "--month", "2026-11")
    assert "remarks settled: 100.0 % (1 of 1), target 100 %: reached" in lines
    assert "Opinion of NS1, 2026-12-02 09:00: good" in lines


# --- the day after


@pytest.mark.rule("CAL-8")
def test_what_is_to_be_looked_at_is_listed_and_a_result_takes_it_off(desk: Path, clock: Clock) -> None:
    number = signed(*IN_HOME)
    assert run("recheck", "--due") == "Nothing of 2026-11-23 is left to be looked at again.\n"
    clock.on(days=1)
    document = done("recheck", "--due")
    assert list(document) == ["day", "orders", "warnings"]
    assert (document["day"], [one["number"] for one in document["orders"]]) == ("2026-11-24", [number])
    assert number in run("recheck", "--due")
    assert refused(2, "recheck")["missing"] == ["number", "result"]
    assert refused(2, "recheck", number, "--result", "again", "--as", "C1")["missing"] == ["note"]
    refused(2, "recheck", number, "--due")
    assert done("recheck", number, "--result", "ok", "--as", "C1")["rechecks"][0]["outcome"] == "ok"
    assert done("recheck", "--due")["orders"] == []
    assert "looked at again after the repair: 1 of 1" in run("report", "month")
    assert "complete records: 0.0 % (0 of 1), target 100 %: missed" in run("report", "month")


# --- what waits


@pytest.mark.rule("VIS-10")
def test_a_major_wait_is_brought_to_the_manager_and_the_supervisor_explains_it(desk: Path, clock: Clock) -> None:
    number = str(done("intake", *IN_HOME, "--as", "C1")["number"])
    done("assign", number, "W1", "--as", "C1")
    done("start", number, "--as", "W1")
    document = done("pause", number, "--reason", "parts", "--next", "2026-11-26T09:00", "--major", "--as", "W1")
    assert document["pauses"][0]["told"] == ["S1", "M1"]
    assert any("bring this to S1, M1" in text for text in document["warnings"])
    said = ("explain", number, "--reason", "the valve is on its way")
    assert refused(2, *said, "--as", "S1")["missing"] == ["expected"]
    refusal = refused(12, *said, "--expected", "2026-11-26T09:00", "--as", "C1")
    assert (refusal["rule"], "explain" in refusal["possible"]) == ("VIS-10", True)
    document = done(*said, "--expected", "2026-11-26T09:00", "--to", "王先生", "--as", "S1")
    assert document["explained"][0]["expected"] == "2026-11-26T09:00:00+08:00"
    assert "S1 to 王先生: the valve is on its way, expected 2026-11-26 09:00" in run("show", number)
