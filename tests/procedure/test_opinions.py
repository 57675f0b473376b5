"""Each month's callbacks are counted and put to the supervisor, and every remark is settled (CAL-7)."""

from __future__ import annotations

from typing import Any

import pytest
from nights import messages, night, told
from practice import TAP, Doc, Practice, when

from repairdesk.desk import By

ANY = By(os_user="tester")


def called(desk: Practice, outcome: str = "satisfied", number: str | None = None, who: str = "C1", **said: Any) -> str:
    """A repair whose resident was called back; answers with its number."""
    one = number or desk.done(TAP, new=True)
    desk.do("callback", who, one, **{"outcome": outcome, "method": "phone", **said})
    return one


def dissatisfied(desk: Practice, number: str | None = None, **said: Any) -> str:
    return called(desk, "dissatisfied", number, next_at="2026-11-25T09:00", note="it drips again", **said)


def report(desk: Practice, month: str = "2026-11", **asked: Any) -> Doc:
    return desk.desk.report(ANY, "callbacks", month, **asked).doc


def remarks(desk: Practice) -> tuple[int, int, int]:
    doc = report(desk)["remarks"]
    return doc["made"], doc["settled"], doc["open"]


def opinion(desk: Practice, text: str = "call sooner", who: str | None = "S1", **said: Any) -> Doc:
    return desk.do("callback_opinion", who, text, **said)


# --- remarks


@pytest.mark.rule("CAL-7")
def test_a_satisfied_answer_is_no_remark_and_what_waits_for_the_next_call_is_one(desk: Practice) -> None:
    called(desk, note="very quick")
    called(desk, "unreached")
    assert remarks(desk) == (0, 0, 0)
    assert report(desk)["remarks_rate"] is None
    new = called(desk, note="the door squeaks, too", next_at="2026-11-24T09:00")
    bad = dissatisfied(desk)
    assert remarks(desk) == (2, 0, 2)
    assert report(desk, figure="remarks.open")["orders_behind"] == [new, bad]
    assert report(desk)["targets"] == {"remarks_rate": 1.0}


@pytest.mark.rule("CAL-5", "CAL-7")
def test_a_later_call_that_leaves_nothing_open_settles_it_and_no_other(desk: Practice) -> None:
    number, other = dissatisfied(desk), dissatisfied(desk)
    desk.wait(hours=1)
    called(desk, "unreached", number)
    assert remarks(desk) == (2, 0, 2)
    called(desk, "satisfied", number, next_at="2026-11-26T09:00")
    assert remarks(desk) == (3, 0, 3)
    called(desk, "satisfied", number)
    assert remarks(desk) == (3, 2, 1)
    assert report(desk)["remarks_rate"] == 2 / 3
    assert report(desk, figure="remarks.open")["orders_behind"] == [other]
    assert report(desk, figure="remarks.settled")["orders_behind"] == [number]


@pytest.mark.rule("CAL-7", "FIN-4")
def test_rework_that_satisfied_settles_it_and_rework_that_did_not_does_not(desk: Practice) -> None:
    number = dissatisfied(desk)
    for rating, settled in (("fair", 0), ("satisfied", 1)):
        desk.wait(hours=1)
        again = desk.done(TAP, new=True, follows=number)
        assert remarks(desk)[1] == 0
        desk.signed(again, rating)
        assert remarks(desk)[1] == settled


@pytest.mark.rule("CAL-7", "FIN-4")
def test_the_manager_settles_a_dissatisfied_order_and_its_remark(desk: Practice) -> None:
    number = desk.done(TAP)
    desk.signed(number, "dissatisfied")
    dissatisfied(desk, number, who="M1")
    desk.do("settle", "M1", number, reason="the pipe is the neighbour's")
    assert remarks(desk) == (1, 1, 0)


@pytest.mark.rule("CAL-7", "CAL-5")
def test_somebody_says_how_it_was_settled_and_the_next_call_is_owed_no_more(desk: Practice) -> None:
    number = dissatisfied(desk)
    assert desk.owed(number, "callback-again")["state"] == "open"
    desk.wait(hours=1)
    order = desk.do("settle_remark", "C1", number, note="the leader went there and showed how")
    assert order["remarks_settled"][0]["note"] == "the leader went there and showed how"
    assert (remarks(desk), desk.owed(number, "callback-again")["state"]) == ((1, 1, 0), "void")
    with desk.refuses(10, "CAL-7"):
        desk.do("settle_remark", "C1", number, note="twice")
    dissatisfied(desk, number)
    assert remarks(desk) == (2, 1, 1)


@pytest.mark.rule("CAL-3", "CAL-7")
def test_who_did_the_work_settles_no_remark_and_without_one_there_is_nothing_to_settle(desk: Practice) -> None:
    number, content = dissatisfied(desk), called(desk)
    with desk.refuses(12):
        desk.do("settle_remark", "W1", number, note="it is fine")
    with desk.refuses(2):
        desk.do("settle_remark", "C1", number, note=" ")
    with desk.refuses(10, "CAL-7"):
        desk.do("settle_remark", "C1", content, note="nothing")


@pytest.mark.rule("CAL-7")
def test_a_remark_belongs_to_the_month_of_the_call_whenever_it_is_settled(desk: Practice) -> None:
    number = dissatisfied(desk)
    desk.at("2026-12-02T09:00")
    assert remarks(desk) == (1, 0, 1)
    called(desk, "satisfied", number)
    assert remarks(desk) == (1, 1, 0)
    assert report(desk, "2026-12")["remarks"] == {"made": 0, "settled": 0, "open": 0}
    before = desk.desk.report(By(None, "tester", "2026-11-30T09:00"), "callbacks", "2026-11").doc
    assert before["remarks"] == {"made": 1, "settled": 0, "open": 1}


# --- the opinion


@pytest.mark.rule("CAL-7")
def test_the_supervisor_writes_of_a_month_that_is_over_and_its_counts_are_kept(desk: Practice) -> None:
    called(desk)
    dissatisfied(desk)
    with desk.refuses(10, "CAL-7"):
        opinion(desk, month="2026-11")
    desk.at("2026-12-03T09:00")
    assert report(desk)["opinion_missing"] is True
    doc = opinion(desk)
    assert (doc["month"], doc["calls"], doc["remarks"]) == ("2026-11", 2, {"made": 1, "settled": 0, "open": 1})
    assert report(desk)["opinions"] == [
        {"at": when("2026-12-03T09:00"), "by": "S1", "name": "supervisor S1", "text": "call sooner", "late": False}
    ]
    assert report(desk)["opinion_missing"] is False
    with desk.desk.ledger.read() as reader:
        (kept,) = reader.entries("callbacks:2026-11")
    assert (kept.event, kept.data["calls"], kept.data["remarks"]["open"]) == ("opinion", 2, 1)


@pytest.mark.rule("CAL-7")
def test_what_is_added_later_stands_beside_what_was_written(desk: Practice) -> None:
    called(desk)
    desk.at("2026-12-03T09:00")
    opinion(desk)
    opinion(desk, "and oftener", month="2026-11")
    assert [one["text"] for one in report(desk)["opinions"]] == ["call sooner", "and oftener"]
    with desk.refuses(10, "CAL-7"):
        opinion(desk)


@pytest.mark.rule("CAL-7")
@pytest.mark.parametrize("who", ["C1", "L1", "M1", "W1", "F1", None])
def test_nobody_but_the_supervisor_writes_it(desk: Practice, who: str | None) -> None:
    called(desk)
    desk.at("2026-12-03T09:00")
    with desk.refuses(12):
        opinion(desk, who=who)


@pytest.mark.rule("CAL-7")
def test_a_month_without_calls_wants_no_opinion(desk: Practice) -> None:
    desk.done(TAP)
    desk.at("2026-12-03T09:00")
    assert (report(desk)["opinion_missing"], desk.desk.board(ANY)["months"]) == (False, [])
    with desk.refuses(10, "CAL-7"):
        opinion(desk)
    with desk.refuses(10, "CAL-7"):
        opinion(desk, month="2026-11")


@pytest.mark.rule("CAL-7", "SLA-4")
def test_a_month_of_which_nobody_wrote_climbs_a_ladder_and_is_told_once(desk: Practice) -> None:
    called(desk)
    desk.at("2026-12-01T09:00")
    owed = {"month": "2026-11", "name": "opinion", "rule": "CAL-7", "owner": "supervisor",
            "due_at": when("2026-12-05T23:59:59"), "state": "open"}  # fmt: skip
    assert desk.desk.board(ANY)["months"] == [owed]
    assert told(desk, "2026-12-05T23:59", "opinion") == []
    assert told(desk, "2026-12-06T00:30", "opinion") == [("opinion", 1, "supervisor", ["S1"])]
    assert told(desk, "2026-12-06T00:40", "opinion") == []
    assert told(desk, "2026-12-06T02:00", "opinion") == [("opinion", 2, "manager", ["M1"])]
    assert desk.desk.board(ANY)["months"] == [owed | {"state": "missed"}]
    opinion(desk)
    assert told(desk, "2026-12-20T02:00", "opinion") == []
    assert desk.desk.board(ANY)["months"] == []


@pytest.mark.rule("CAL-7")
def test_every_month_wants_its_own_and_the_first_comes_first(desk: Practice) -> None:
    called(desk)
    desk.at("2027-01-10T09:00")
    called(desk)
    desk.at("2027-02-10T09:00")
    assert [one["month"] for one in desk.desk.board(ANY)["months"]] == ["2026-11", "2027-01"]
    assert opinion(desk)["month"] == "2026-11"
    assert opinion(desk)["month"] == "2027-01"


@pytest.mark.rule("CAL-7")
def test_policies_without_the_duty_ask_for_no_opinion_and_take_one_all_the_same(desk: Practice) -> None:
    text = (desk.home / "policies.yaml").read_text(encoding="utf-8")
    head, _, rest = text.partition("  # 回访小结")
    tail = rest[rest.index("# Who is called back.") :]
    edited = (head + tail).replace("version: standard-2026-11", "version: plain-1")
    (desk.home / "policies.yaml").write_text(edited, encoding="utf-8")
    called(desk)
    desk.at("2026-12-20T09:00")
    assert told(desk, None, "opinion") == []
    assert desk.desk.board(ANY)["months"] == []
    assert opinion(desk, month="2026-11")["month"] == "2026-11"


@pytest.mark.rule("CAL-7", "REC-2")
def test_an_opinion_that_is_keyed_in_late_says_so(desk: Practice) -> None:
    called(desk)
    desk.at("2026-12-03T12:00")
    opinion(desk, at="2026-12-03T09:00")
    assert report(desk)["opinions"][0]["late"] is True
    night(desk)
    assert messages(desk) == []
