"""A call from its first word to the order: what is asked, what is proposed, what is corrected at once."""

from __future__ import annotations

import json

import pytest
from talker import CLOCK, CTRL_C, CTRL_D, CTRL_U, ENTER, ESC, STOPPED, TAB, UP, Talker, done

INTAKE = ("intake", "--as", "C1")


def test_a_call_from_a_known_place_takes_at_most_twelve_keys_besides_the_words_of_the_fault(talker: Talker) -> None:
    keys = ["3-2-501", ENTER, "厨房水管漏水", ENTER, ENTER, ENTER, ENTER]
    besides = sum(map(len, keys)) - len("厨房水管漏水")
    assert talker.keys(INTAKE, *keys) == 0
    order = talker.newest()
    assert (order["place"], order["fault"], order["kind"]) == ("3-2-501", "厨房水管漏水", "in_home")
    assert (order["caller"], order["phone"], order["category"]) == ("张伟", "138****8000", "plumbing")
    assert (order["channel"], order["priority"], order["appointment"]) == ("phone", "regular", None)
    assert besides <= 12


def test_an_emergency_is_proposed_by_the_words_and_wants_no_appointment(talker: Talker) -> None:
    assert talker.keys(INTAKE, "3-2-501", ENTER, "厨房爆管喷水", ENTER, ENTER, ENTER) == 0
    assert talker.newest()["priority"] == "emergency"
    assert "预约" not in talker.seen.partition("$ repairdesk")[0].replace("预约      –", "")


def test_the_phone_that_is_taken_over_is_the_one_of_the_register_and_is_never_shown(talker: Talker) -> None:
    assert talker.keys(INTAKE, "3-2-502", ENTER, "漏水", ENTER, "2", ENTER, ENTER, ENTER) == 0
    order = talker.newest()
    assert (order["caller"], order["phone"]) == ("王芳", "137****7000")
    assert "13700137000" not in talker.seen + talker.err
    whole = done("show", order["number"], "--reveal", "--reason", "试", "--as", "C1")
    assert whole["phone"] == "13700137000"


def test_who_lives_there_what_is_open_and_what_was_lately_is_shown_before_the_fault_is_asked(talker: Talker) -> None:
    assert talker.say(INTAKE, "5-1-101") == STOPPED
    assert "周平" in talker.seen
    assert "卫生间漏水" in talker.seen
    assert talker.seen.index("卫生间漏水") < talker.seen.index("并入哪张单" if "并入哪张单" in talker.seen else "join")


def test_an_open_order_is_joined_by_its_number_in_the_list(talker: Talker) -> None:
    number = talker.one_that_is("reported", "卫生间漏水")
    before = len(done("list", "--limit", "99")["orders"])
    assert talker.keys(INTAKE, "5-1-101", ENTER, "1", ENTER, "还在漏", ENTER, ENTER, ENTER, ENTER) == 0
    assert len(done("list", "--limit", "99")["orders"]) == before
    entries = done("show", number, "--entries")["entries"]
    assert [entry["event"] for entry in entries][-1] == "join"
    assert entries[-1]["data"]["said"] == "还在漏"


def test_who_passes_over_the_open_order_makes_a_new_one_though_it_is_of_the_same_class(talker: Talker) -> None:
    assert talker.keys(INTAKE, "5-1-101", ENTER, ENTER, "阳台漏水", ENTER, ENTER, ENTER, ENTER) == 0
    assert talker.newest()["fault"] == "阳台漏水"
    assert "--new" in talker.seen


def test_a_wrong_answer_is_refused_at_once_and_stands_there_to_be_mended(talker: Talker) -> None:
    code = talker.say(INTAKE, "3-9-901", "漏水", "陈生", "12ab", "13900000000", "昨天", "今天 8-9", "明天 9-11", "")
    assert code == 0
    refusals = [line for line in talker.seen.splitlines() if line.startswith("  ") and "[" in line]
    assert len([line for line in refusals if "12ab" in line]) == 1
    assert "昨天" in talker.asker.given
    assert "今天 8-9" in talker.asker.given
    assert talker.newest()["appointment"]["start"] == "2026-11-18T09:00:00+08:00"


def test_a_place_that_nobody_knows_is_taken_when_it_is_typed_once_more(talker: Talker) -> None:
    assert talker.say(INTAKE, "501", "501", "灯不亮", "", "陈生", "13900000000", "", "") == 0
    assert talker.newest()["place"] == "501"
    assert "3-2-501" in talker.seen


def test_an_ending_of_a_place_becomes_the_place_with_one_more_enter(talker: Talker) -> None:
    assert talker.keys(INTAKE, "501", ENTER, ENTER, "漏水", ENTER, ENTER, ENTER, ENTER) == 0
    assert talker.newest()["place"] == "3-2-501"


def test_a_line_of_the_summary_is_changed_by_its_number(talker: Talker) -> None:
    assert talker.say(INTAKE, "3-2-501", "漏水", "", "", "5", "紧急", "") == 0
    assert talker.newest()["priority"] == "emergency"


def test_what_is_changed_at_the_end_stands_there_to_be_mended(talker: Talker) -> None:
    said = ["3-2-501", ENTER, "漏水", ENTER, "陈生", ENTER, "13900000012", ENTER, ENTER]
    assert talker.keys(INTAKE, *said, "8", ENTER, "\x7f3", ENTER, "2", ENTER, "了", ENTER, ENTER) == 0
    number = talker.newest()["number"]
    whole = done("show", number, "--reveal", "--reason", "试", "--as", "C1")
    assert (whole["phone"], whole["fault"]) == ("13900000013", "漏水了")


def test_of_a_home_that_is_not_in_the_register_what_is_near_is_said(talker: Talker) -> None:
    assert talker.keys(INTAKE, "3-2-510", ENTER, UP, CTRL_U, "3-2-501", ENTER, "漏水", ENTER, ENTER, ENTER, ENTER) == 0
    assert talker.newest()["place"] == "3-2-501"
    assert "3-2-501" in talker.seen.partition("张伟")[0]


def test_a_fee_that_was_named_comes_with_the_command_by_which_it_is_agreed_to(talker: Talker) -> None:
    assert talker.say(INTAKE, "3-2-501", "软管漏水", "", "", "") == 0
    number = talker.newest()["number"]
    line = next(line for line in talker.err.splitlines() if line.startswith("→"))
    assert "16.00" in line
    done(*line[line.index("consent") :].split(), "--as", "C1")
    assert talker.say((*INTAKE, "--join", number), "3-2-501", "还漏", "", "") == 0
    assert "→" not in talker.err


def test_what_words_propose_is_taken_back_with_a_dash(talker: Talker) -> None:
    assert talker.say(INTAKE, "3-2-501", "软管漏水", "", "", "6", "-", "") == 0
    assert done("show", talker.newest()["number"])["consent"] is None
    assert "--service" not in talker.seen.rsplit("$ repairdesk", 1)[1]


def test_a_service_that_is_proposed_comes_with_its_price_and_is_asked_for(talker: Talker) -> None:
    assert talker.say(INTAKE, "3-2-501", "软管漏水", "", "", "") == 0
    assert "16.00" in talker.seen
    assert "--service hose" in talker.seen


def test_a_complaint_is_heard_as_one_and_may_be_without_a_name(talker: Talker) -> None:
    assert talker.say(INTAKE, "3-2-501", "投诉楼上太吵", "2", "-", "") == 0
    order = talker.newest()
    assert (order["kind"], order["severity"], order["caller"]) == ("complaint", "important", None)


def test_a_public_place_wants_neither_caller_nor_appointment(talker: Talker) -> None:
    assert talker.say(INTAKE, "东门岗亭", "路灯不亮", "", "") == 0
    order = talker.newest()
    assert (order["kind"], order["place"], order["caller"]) == ("public_area", "东门岗亭", None)


def test_what_the_command_line_said_is_not_asked_again(talker: Talker) -> None:
    assert talker.say((*INTAKE, "--place", "3-2-501", "--caller", "张伟", "--priority", "low"), "灯不亮", "", "") == 0
    order = talker.newest()
    assert (order["caller"], order["priority"]) == ("张伟", "low")
    assert not any(prompt.startswith(("地点", "报事人")) for prompt in talker.asker.prompts)


def test_who_may_not_take_calls_is_refused_before_anything_is_asked(talker: Talker) -> None:
    assert talker.say(("intake", "--as", "W1")) == 12
    assert talker.asker.prompts == []


def test_the_command_line_that_is_shown_does_the_same(talker: Talker) -> None:
    import shlex

    assert talker.say(INTAKE, "3-2-501", "厨房 漏水", "", "明天 9-11", "") == 0
    first = talker.newest()
    shown = next(line for line in talker.seen.splitlines() if line.startswith("$ "))
    done(*shlex.split(shown[2:])[1:], "--new")
    second = talker.newest()
    assert first["number"] != second["number"]
    same = "kind place caller phone fault category priority channel appointment".split()
    assert {name: first[name] for name in same} == {name: second[name] for name in same}


def test_an_arrow_up_asks_the_question_before_with_its_answer_standing_there(talker: Talker) -> None:
    assert talker.keys(INTAKE, "3-2-501", ENTER, "漏", ENTER, UP, "水了", ENTER, ENTER, ENTER, ENTER) == 0
    assert talker.newest()["fault"] == "漏水了"


WAYS = {"Esc": ESC, "Ctrl-C": CTRL_C, "Ctrl-D": CTRL_D}
ANSWERS = ["5-1-101", "", "漏水", "陈生", "13900000000", "明天 9-11"]


PROMPTS = [
    pytest.param(way, said, marks=() if way == "Esc" or said == 3 else pytest.mark.slow)
    for way in WAYS for said in range(len(ANSWERS) + 1)
]  # fmt: skip


@pytest.mark.parametrize(("way", "said"), PROMPTS)
def test_leaving_at_any_prompt_writes_nothing_and_keeps_what_was_said(talker: Talker, way: str, said: int) -> None:
    before = talker.entries
    assert talker.keys(INTAKE, *(f"{one}{ENTER}" for one in ANSWERS[:said]), WAYS[way]) == STOPPED
    assert talker.entries == before
    if not said:
        assert talker.drafts == []
        return
    (draft,) = talker.drafts
    assert draft.stat().st_mode & 0o777 == 0o600
    names = ("place", "join", "fault", "caller", "phone", "appointment")
    kept = json.loads(draft.read_text())["said"]
    assert [name for name in names if name in kept] == list(names[:said])
    # Taken up again it goes on where it stood, and ends in the order.
    assert talker.keys(INTAKE, ENTER, *(f"{one}{ENTER}" for one in ANSWERS[said:]), ENTER) == 0
    order = talker.newest()
    assert (order["place"], order["fault"], order["caller"]) == ("5-1-101", "漏水", "陈生")
    assert talker.drafts == []


def test_a_half_typed_place_becomes_the_one_that_is_known_by_tab(talker: Talker) -> None:
    assert talker.keys(INTAKE, "3-2-501", TAB, ENTER, "漏水", ENTER, ENTER, ENTER, ENTER) == 0
    assert talker.keys(INTAKE, "5-1", TAB, ENTER, ENTER, "漏水", ENTER, ENTER, ENTER, ENTER) == 0
    assert talker.newest()["place"] == "5-1-101"


def test_what_was_half_typed_is_not_lost_either(talker: Talker) -> None:
    assert talker.keys(INTAKE, "3-2-501", ENTER, "厨房漏", ESC) == STOPPED
    assert talker.keys(INTAKE, ENTER, "水", ENTER, ENTER, ENTER, ENTER) == 0
    assert talker.newest()["fault"] == "厨房漏水"


def test_a_draft_that_is_not_wanted_is_gone(talker: Talker) -> None:
    talker.keys(INTAKE, "3-2-501", ENTER, ESC)
    assert talker.keys(INTAKE, "n", ENTER, ESC) == STOPPED
    assert talker.drafts == []


def test_a_call_that_was_cut_off_came_when_it_came(talker: Talker) -> None:
    talker.keys(INTAKE, "3-2-501", ENTER, "漏水", ENTER, ESC)
    CLOCK.on(minutes=7)
    talker.keys(INTAKE, ENTER, ENTER, ESC)
    CLOCK.on(minutes=30)
    assert talker.say(INTAKE, "", "", "") == 0
    assert talker.newest()["reported_at"] == "2026-11-17T09:00:00+08:00"
    assert "--at 2026-11-17T09:00:00" in talker.seen


def test_another_person_at_the_same_keyboard_is_not_offered_the_draft(talker: Talker) -> None:
    talker.keys(INTAKE, "3-2-501", ENTER, ESC)
    assert talker.say(("intake", "--as", "L1")) == STOPPED
    assert len(talker.asker.prompts) == 1
    assert talker.asker.prompts[0].startswith("地点")


def test_an_order_that_was_opened_meanwhile_is_offered_and_nothing_is_lost(talker: Talker) -> None:
    """Between the first question and the last somebody else took a call from there."""
    from repairdesk.desk import Desk

    taken = Desk.intake
    first = []

    def others_first(desk: Desk, by: object, report: object, **more: object) -> object:
        if not first and not more.get("new"):
            first.append(1)
            said = ["--kind", "in_home", "--place", "3-2-501", "--caller", "张伟", "--phone", "@1", "--fault", "漏水"]
            done("intake", *said, "--category", "plumbing", "--as", "L1")
        return taken(desk, by, report, **more)  # type: ignore[arg-type]

    talker._patch.setattr(Desk, "intake", others_first)
    assert talker.say(INTAKE, "3-2-501", "漏水", "", "", "", "1", "") == 0
    assert len(talker.newest()["number"]) > 0
    entries = done("show", talker.newest()["number"], "--entries")["entries"]
    assert entries[-1]["event"] == "join"
