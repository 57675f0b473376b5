"""One open letter answers many complaints of the same matter; who gave no name is not called (CAL-6)."""

from __future__ import annotations

from typing import Any

import pytest
from practice import TAP, Doc, Practice, when

from repairdesk.desk import By

ANY = By(os_user="tester")
LIFT = {"kind": "complaint", "place": "3-2-501", "caller": "李女士", "phone": "13800001234", "fault": "the lift again"}
TEXT = "The lift is renewed in March."


def complained(desk: Practice, **more: Any) -> str:
    """A complaint on which something was done and signed for."""
    number = desk.at_work(LIFT, new=True, **more)
    desk.finished(number)
    desk.signed(number)
    return number


def letter(desk: Practice, *numbers: str, who: str = "C1", **said: Any) -> Doc:
    return desk.do("callback_letter", who, numbers, **{"text": TEXT, **said})


def filed(desk: Practice, number: str) -> None:
    desk.closed(number)
    desk.archived(number)


@pytest.mark.rule("CAL-6")
def test_one_letter_is_on_record_once_and_with_each_complaint_that_it_answers(desk: Practice) -> None:
    numbers = [complained(desk), complained(desk), complained(desk, caller=None, anonymous=True)]
    doc = letter(desk, *numbers, note="on the board of building 3")
    assert doc["letter"] == {"id": "1", "at": when("09:00"), "by": "C1", "text": TEXT}
    for number in numbers:
        (call,) = desk.show(number)["callbacks"]
        assert (call["method"], call["outcome"], call["letter"]) == ("letter", None, "1")
        assert (call["text"], call["note"]) == (TEXT, "on the board of building 3")
    with desk.desk.ledger.read() as reader:
        (kept,) = reader.entries("letter:1")
    assert (kept.data["text"], kept.data["numbers"]) == (TEXT, numbers)
    assert letter(desk, numbers[0])["letter"]["id"] == "2"


@pytest.mark.rule("CAL-6")
def test_one_that_cannot_be_answered_leaves_all_of_them_unanswered(desk: Practice) -> None:
    done, repair, running = complained(desk), desk.done(TAP), desk.at_work(LIFT, new=True)
    with desk.refuses(10, "CAL-6"):
        letter(desk, done, repair)
    with desk.refuses(10):
        letter(desk, done, running)
    with desk.refuses(11):
        letter(desk, done, "P20261122-0999")
    with desk.refuses(2):
        letter(desk, done, text=" ")
    assert desk.show(done)["callbacks"] == []


@pytest.mark.rule("CAL-6")
def test_a_number_that_is_named_twice_is_answered_once(desk: Practice) -> None:
    number = complained(desk)
    letter(desk, number, number[-4:])
    assert len(desk.show(number)["callbacks"]) == 1


@pytest.mark.rule("CAL-3", "CAL-4")
def test_who_may_write_goes_by_severity_and_a_major_one_with_a_name_is_visited(desk: Practice) -> None:
    important, major = complained(desk, severity="important"), complained(desk, severity="major")
    with desk.refuses(12, "CAL-3"):
        letter(desk, important)
    letter(desk, important, who="S1")
    with desk.refuses(10, "CAL-4"):
        letter(desk, major, who="M1")


@pytest.mark.rule("CAL-1", "CAL-6")
def test_a_drawn_complaint_that_a_letter_answered_counts_as_done(desk: Practice) -> None:
    number = complained(desk)
    filed(desk, number)
    assert [row["number"] for row in desk.desk.callback_due(ANY).doc["callbacks"]] == [number]
    letter(desk, number)
    assert desk.desk.callback_due(ANY).doc["callbacks"] == []
    assert desk.desk.report(ANY, "month").doc["callback"]["complaints"] == {"quota": 1, "done": 1}


@pytest.mark.rule("CAL-2", "FIN-4")
def test_a_letter_is_no_call_to_who_was_not_satisfied(desk: Practice) -> None:
    number = desk.at_work(LIFT)
    desk.finished(number)
    desk.signed(number, "dissatisfied")
    letter(desk, number)
    assert desk.owed(number, "call-back")["state"] == "open"
    desk.closed(number)
    with desk.refuses(10, "FIN-4"):
        desk.archived(number)


@pytest.mark.rule("CAL-5", "CAL-6")
def test_a_letter_answers_what_a_call_left_for_another_time(desk: Practice) -> None:
    number = complained(desk)
    desk.do("callback", "C1", number, outcome="dissatisfied", method="phone", note="still", next_at="2026-11-25T09:00")
    desk.wait(days=0, hours=5)
    letter(desk, number)
    assert desk.owed(number, "callback-again")["state"] == "met"
    assert desk.show(number)["obligations"][-1]["met_at"] == when("14:00")


@pytest.mark.rule("CAL-6", "CAL-7")
def test_a_letter_counts_among_the_calls_of_the_month_and_can_be_opened(desk: Practice) -> None:
    number = complained(desk)
    letter(desk, number)
    doc = desk.desk.report(ANY, "callbacks").doc
    (caller,) = doc["callers"]
    assert caller["calls"] == sum(caller["outcomes"].values()) + caller["open_letters"]
    assert doc["open_letters"] == caller["open_letters"] == 1
    assert (doc["calls"], doc["methods"]) == (1, {"phone": 0, "visit": 0, "letter": 1})
    assert sum(doc["outcomes"].values()) == 0
    for figure in ("calls", "letter"):
        assert desk.desk.report(ANY, "callbacks", figure=figure).doc["orders_behind"] == [number]


@pytest.mark.rule("CAL-6")
def test_who_gave_no_name_is_not_called_and_the_letter_goes_on_record(desk: Practice) -> None:
    for number in (complained(desk, caller=None, phone=None, anonymous=True), complained(desk, letter_only=True)):
        with desk.refuses(10, "CAL-6"):
            desk.do("callback", "C1", number, outcome="satisfied", method="phone")
        desk.do("callback", "C1", number, outcome="satisfied", method="letter", note="sent")
        assert desk.show(number)["callbacks"][-1]["letter"] is None
