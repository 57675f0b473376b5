"""How answers may be typed, and that whoever is refused one is told how; what stands in the summary stays by Enter."""

from __future__ import annotations

import pytest
from talker import CTRL_U, ENTER, STOPPED, Talker, done

from repairdesk.cli.talk.questions import Choice, chosen, several
from repairdesk.errors import UsageError

INTAKE, ASSIGN, FINISH, SIGN = (("intake", "--as", "C1"), ("assign", "--as", "C1"), ("finish", "--as", "W1"),
                                ("sign", "--as", "W1"))  # fmt: skip
POINTS = [Choice(code, name) for code, name in (("a", "防尘"), ("b", "清场"), ("c", "试水"), ("d", "交底"))]


@pytest.mark.rule("INT-5")
def test_a_window_is_asked_for_and_refused_in_the_words_in_which_it_is_typed(talker: Talker) -> None:
    assert talker.say(INTAKE, "3-2-501", "厨房漏水", "", "明天下午3点", "明天 15-17", "") == 0
    assert talker.seen.count("15-17") >= 3
    assert "START/END" not in talker.seen
    assert talker.newest()["appointment"]["start"] == "2026-11-18T15:00:00+08:00"
    assert "2026-11-18 15:00–17:00" in talker.seen


def test_the_priority_of_the_summary_stays_by_enter(talker: Talker) -> None:
    assert talker.say(INTAKE, "3-2-501", "厨房漏水", "", "", "5", "", "5", "低", "5", "", "") == 0
    assert talker.newest()["priority"] == "low"
    asked = [one for one in talker.asker.prompts if one.startswith("优先级")]
    assert asked == ["优先级 [常规]: ", "优先级 [常规]: ", "优先级 [低]: "]


def test_who_goes_on_with_the_fault_where_an_order_could_be_joined_makes_a_new_one(talker: Talker) -> None:
    before = len(done("list", "--limit", "99")["orders"])
    assert (
        talker.keys(INTAKE, "5-1-101", ENTER, "阳台推拉门关不上", ENTER, "了", ENTER, ENTER, ENTER, ENTER, ENTER) == 0
    )
    assert len(done("list", "--limit", "99")["orders"]) == before + 1
    assert talker.newest()["fault"] == "阳台推拉门关不上了"
    assert talker.say(INTAKE, "5-1-101", "9") == STOPPED
    assert "9" in talker.asker.given[-1]


def test_place_and_phone_stand_in_the_summary_as_they_are_written_down(talker: Talker) -> None:
    assert talker.say(INTAKE, "３－２－５０１", "厨房漏水", "陈生", "１３９００００００１２", "", "") == 0
    assert "--phone 13900000012" in talker.seen
    assert "--place 3-2-501" in talker.seen
    assert "１３９" not in talker.seen.rsplit("报修内容", 1)[1]


def test_whose_matter_a_complaint_is_stands_in_the_summary_and_can_be_changed_there(talker: Talker) -> None:
    assert talker.say(INTAKE, "3-2-501", "投诉楼道垃圾没人扫", "", "", "5", "security", "") == 0
    assert "责任部门" in talker.seen
    assert "--department security" in talker.seen.rsplit("$ repairdesk", 1)[1]
    assert talker.newest()["department"] == "security"
    first = talker.seen.split("$ repairdesk")[0]
    assert "environment" in first.split("责任部门")[1].splitlines()[0]


def test_who_was_chosen_stays_chosen_by_enter(talker: Talker) -> None:
    number = talker.one_that_is("reported")
    assert talker.say(ASSIGN, number, "W2", "2", "", "") == 0
    assert talker.asker.prompts[-2] == "人员 [W2 W2员]: "
    assert talker.order(number)["assignee"] == "W2"


def test_the_trades_of_whoever_could_go_are_told_by_their_names(talker: Talker) -> None:
    assert talker.say(ASSIGN, talker.one_that_is("reported")) == STOPPED
    assert "给排水" in talker.seen
    assert "plumbing" not in talker.seen


def test_a_checklist_of_which_nothing_was_ticked_can_be_opened_again(talker: Talker) -> None:
    number = talker.one_that_is("on_site")
    code = talker.say(FINISH, number, "", "换了灯泡", "", "", "", "6", "1-2", "6", "", "")
    assert code == 0, talker.seen
    assert "检查清单  0/" in talker.seen
    assert "检查清单  2/" in talker.seen
    assert talker.seen.rsplit("$ repairdesk", 1)[1].count("--check") == 2


def test_the_summary_names_what_was_ticked_where_that_is_not_all(talker: Talker) -> None:
    number = talker.one_that_is("on_site")
    assert talker.say(FINISH, number, "", "换了灯泡", "", "", "1") == STOPPED
    row = next(line for line in talker.seen.splitlines() if "检查清单" in line and "1/" in line)
    assert row.split("1/")[1][1:].strip()


@pytest.mark.rule("FEE-2")
def test_how_a_material_that_no_table_has_is_typed_is_told_and_so_is_a_quantity(talker: Talker) -> None:
    number = talker.one_that_is("on_site")
    assert talker.say(FINISH, number, "", "换了灯泡", "3", "-", "乙炔罐") == STOPPED
    assert ":2" in talker.seen
    assert talker.seen.count("12.50") == 1
    assert any("乙炔罐" in line and ("COST" in line or "入库价" in line) for line in talker.seen.splitlines())
    # A bare number is no line of a table that nobody sees.
    assert "没有“3”" in talker.seen


def test_a_wrong_rating_is_refused_with_the_numbers_that_stand_above(talker: Talker) -> None:
    assert talker.say(SIGN, talker.one_that_is("finished", "马桶堵"), "", "5") == STOPPED
    refusal = next(line for line in talker.seen.splitlines() if "没有“5”" in line)
    assert "2 满意" in refusal
    assert "satisfied" not in refusal


def test_what_was_typed_wrong_at_a_line_of_the_summary_may_be_wiped(talker: Talker) -> None:
    said = ["3-2-501", ENTER, "厨房漏水", ENTER, ENTER, ENTER]
    assert talker.keys(INTAKE, *said, "5", ENTER, "zz", ENTER, CTRL_U, ENTER, ENTER) == 0
    assert talker.newest()["priority"] == "regular"


def test_several_points_are_named_one_by_one_from_one_to_another_or_by_name() -> None:
    assert several("1-3", POINTS) == ["a", "b", "c"]
    assert several("4、2～3 1", POINTS) == ["d", "b", "c", "a"]
    assert several("防尘，交底", POINTS) == ["a", "d"]
    with pytest.raises(UsageError):
        several("3-5", POINTS)


def test_numbers_choose_where_they_stand_and_nowhere_else() -> None:
    assert chosen("2", POINTS, numbered=True) == "b"
    with pytest.raises(UsageError):
        chosen("2", POINTS)
