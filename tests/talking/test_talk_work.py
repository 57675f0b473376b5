"""Assigning, finishing and signing, talked over."""

from __future__ import annotations

import pytest
from talker import CTRL_C, CTRL_D, ENTER, ESC, STOPPED, Talker, done

ASSIGN, FINISH, SIGN = ("assign", "--as", "C1"), ("finish", "--as", "W1"), ("sign", "--as", "W1")


def test_assigning_takes_three_keys_and_sends_who_has_the_trade(talker: Talker) -> None:
    number = talker.one_that_is("reported")
    assert talker.keys(ASSIGN, ENTER, ENTER, ENTER) == 0
    assert talker.order(number)["assignee"] == "W1"


def test_an_emergency_is_offered_before_what_came_earlier(talker: Talker) -> None:
    said = ("--kind", "in_home", "--place", "3-2-501", "--caller", "张伟", "--phone", "@1", "--fault", "爆管")
    number = done("intake", *said, "--priority", "emergency", "--as", "C1")["number"]
    assert talker.say(ASSIGN, "", "", "") == 0
    assert talker.order(number)["state"] == "assigned"


def test_another_technician_is_sent_by_number_by_id_or_by_name(talker: Talker) -> None:
    number = talker.one_that_is("reported")
    assert talker.say(ASSIGN, "", "9", "nobody", "W2员", "") == 0
    assert talker.order(number)["assignee"] == "W2"


def test_who_is_expected_elsewhere_then_is_sent_with_a_reason_only(talker: Talker) -> None:
    window = ("--appointment", "2026-11-18T09:00/11:00")
    said = (
        "--kind",
        "in_home",
        "--caller",
        "张伟",
        "--phone",
        "13800138000",
        "--fault",
        "漏水",
        "--category",
        "plumbing",
    )
    first = done("intake", *said, "--place", "3-2-501", *window, "--as", "C1")["number"]
    second = done("intake", *said, "--place", "3-2-502", *window, "--as", "C1")["number"]
    done("assign", first, "W1", "--as", "C1")
    # Whoever is free then comes first, though without the trade: but the trade weighs more.
    assert talker.say(ASSIGN, second, "W1", "", "就隔一层楼", "") == 0
    assert talker.order(second)["assignee"] == "W1"
    assert "--force --reason" in talker.seen


def test_who_takes_an_order_over_from_another_is_sent_with_a_reason_and_forced_by_nothing(talker: Talker) -> None:
    number = talker.one_that_is("reported")
    done("assign", number, "W1", "--as", "C1")
    assert talker.say((*ASSIGN, number), "", "王师傅在别处", "") == 0
    assert talker.order(number)["assignee"] == "W2"
    assert "--reason" in talker.seen
    assert "--force" not in talker.seen


def test_signing_takes_five_keys_and_proposes_nobodys_opinion(talker: Talker) -> None:
    number = talker.one_that_is("finished", "水龙头滴水")
    assert talker.keys(SIGN, ENTER, ENTER, ENTER, CTRL_C) == STOPPED, "a rating has to be said"
    talker.keys(SIGN, "n", ENTER, CTRL_C)
    assert talker.keys(SIGN, ENTER, ENTER, "2", ENTER, ENTER) == 0
    signed = talker.order(number)
    assert (signed["signed_by"], signed["rating"]) == ("周平", "satisfied")


def test_a_rating_is_understood_by_its_name_and_a_mistyped_one_is_asked_again(talker: Talker) -> None:
    number = talker.one_that_is("finished", "马桶堵")
    assert talker.say(SIGN, "马桶", "周平的母亲", "意", "9", "不满意", "") == 0
    signed = talker.order(number)
    assert (signed["signed_by"], signed["rating"]) == ("周平的母亲", "dissatisfied")


def test_finishing_proposes_what_was_found_and_shows_the_bill_before_it_is_frozen(talker: Talker) -> None:
    number = talker.one_that_is("on_site")
    done("consent", number, "--fee", "60.00", "--as", "C1")
    code = talker.say(FINISH, "", "", "换了灯泡", "1", "led-9w:2", "全", "")
    assert code == 0, talker.err
    order = talker.order(number)
    assert (order["found"], order["result"]) == ("灯不亮", "换了灯泡")
    assert [(line["code"], line["quantity"]) for line in order["bill"]["lines"]] == [("bulb", "1"), ("led-9w", "2")]
    before = talker.seen.rsplit("$ repairdesk", 1)[0]
    assert f"{order['bill']['total']} 元" in before


def test_materials_and_services_are_named_by_words_and_the_nearest_are_told(talker: Talker) -> None:
    number = talker.one_that_is("on_site")
    done("consent", number, "--fee", "99.00", "--as", "C1")
    code = talker.say(FINISH, number[-4:], "-", "灯坏", "好了", "龙投", "更换灯泡", "灯泡 9W，生料带:1:2.00", "-", "")
    assert code == 0, talker.err
    assert "tap 更换水龙头" in talker.seen
    codes = [line["code"] for line in talker.order(number)["bill"]["lines"]]
    assert codes == ["bulb", "led-9w", None]


def test_what_the_resident_did_not_agree_to_is_refused_at_the_question_that_makes_it_dear(talker: Talker) -> None:
    number = talker.one_that_is("on_site")
    assert talker.say(FINISH, number, "", "换了灯泡", "bulb") == STOPPED
    assert "QUO-4" in talker.seen
    assert talker.asker.given[-1] == "bulb"
    assert talker.order(number)["state"] == "on_site"


def started(fault: str, *more: str) -> str:
    """An order of W1 on which the work has begun; ``more`` is said at the start."""
    said = ("--place", "3-2-501", "--caller", "张伟", "--phone", "@1", "--fault", fault)
    number: str = done("intake", "--kind", "in_home", *said, "--as", "C1")["number"]
    done("assign", number, "W1", "--as", "C1")
    done("accept", number, "--as", "W1")
    done("start", number, *more, "--as", "W1")
    return number


def test_what_was_masked_on_its_way_here_is_not_written_down_as_found(talker: Talker) -> None:
    number = started("漏水，急，打13912345678")
    assert talker.say(FINISH, number, "", "软管裂", "换了", "", "", "", "") == 0
    assert talker.order(number)["found"] == "软管裂"


def test_what_was_found_on_arrival_stays_as_it_is_on_record(talker: Talker) -> None:
    number = started("漏水", "--found", "角阀裂")
    assert talker.say(FINISH, number, "", "换了", "", "", "", "") == 0
    assert talker.order(number)["found"] == "角阀裂"
    assert "--found" not in talker.seen.rsplit("$ repairdesk", 1)[1]


def test_only_orders_of_ones_own_that_can_be_finished_are_offered(talker: Talker) -> None:
    started = talker.one_that_is("on_site")
    talker.say(FINISH)
    assert started in talker.seen
    assert talker.one_that_is("finished") not in talker.seen
    talker.say(("finish", "--as", "W2"))
    assert started not in talker.seen


@pytest.mark.parametrize("argv", [ASSIGN, FINISH, SIGN], ids=lambda argv: argv[0])
@pytest.mark.parametrize("way", [ESC, CTRL_C, CTRL_D], ids=["Esc", "Ctrl-C", "Ctrl-D"])
def test_leaving_writes_nothing_and_the_draft_goes_on(talker: Talker, argv: tuple[str, ...], way: str) -> None:
    before = talker.entries
    assert talker.keys(argv, ENTER, way) == STOPPED
    assert talker.entries == before
    assert len(talker.drafts) == 1
    talker.say(argv, "")
    assert not talker.asker.prompts[1].startswith("单号")


def test_what_was_said_of_one_order_is_never_put_on_another(talker: Talker) -> None:
    first, second = talker.one_that_is("finished", "水龙头滴水"), talker.one_that_is("finished", "马桶堵")
    assert talker.say(("sign", first, "--as", "W1"), "周平的母亲") == STOPPED
    assert talker.say(("sign", second, "--as", "W1"), "", "1", "") == 0
    assert first in talker.seen.splitlines()[0]
    assert talker.order(first)["signed_by"] == "周平的母亲"
    assert talker.order(second)["state"] == "finished"


def test_a_number_that_the_verb_does_not_take_is_refused_when_it_is_typed(talker: Talker) -> None:
    finished = talker.one_that_is("finished")
    assert talker.say(FINISH, finished, "9999") == STOPPED
    assert talker.seen.count("\n单号") == 3


def test_what_stands_on_the_command_line_is_not_asked_for(talker: Talker) -> None:
    number = talker.one_that_is("finished", "水龙头滴水")
    assert talker.say(("sign", number[-4:], "--rating", "fair", "--as", "W1"), "", "") == 0
    assert talker.order(number)["rating"] == "fair"


def test_a_script_is_told_what_is_missing_as_ever(talker: Talker) -> None:
    for argv in (("intake",), ("assign",), ("finish",), ("sign",)):
        assert talker.say((*argv, "--json", "--as", "C1"), "x") == 2
        assert talker.asker.prompts == []
