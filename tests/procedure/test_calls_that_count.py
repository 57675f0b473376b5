"""Which call is the callback, how long it is due and from whom, and what an audit may say of it (CAL-*, FIN-2)."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

import pytest
from practice import TAP, Doc, Practice, when

from repairdesk.desk import By
from repairdesk.errors import Damaged

ANY = By(os_user="tester")
NOISE = {
    "kind": "complaint", "place": "3-2-501", "caller": "李女士", "phone": "13800001234", "fault": "noise at night",
}  # fmt: skip
NAMELESS = NOISE | {"caller": None, "phone": None, "anonymous": True}
NEXT = "2026-11-24T10:00"


def due(desk: Practice) -> dict[str, Doc]:
    return {row["number"]: row for row in desk.desk.callback_due(ANY).doc["callbacks"]}


def states(desk: Practice, month: str | None = None, stratum: str = "repairs") -> dict[str, tuple[str, str]]:
    """Why each that was drawn is called, and how it stands."""
    strata = desk.desk.callback_plan(ANY, month).doc["strata"]
    return {row["number"]: (row["why"], row["state"]) for one in strata if one["stratum"] == stratum
            for row in one["callbacks"]}  # fmt: skip


def counted(desk: Practice) -> tuple[int, int]:
    """Quota and done of the repairs, as the report of the month has them."""
    one = desk.desk.report(ANY, "month").doc["callback"]["repairs"]
    return one["quota"], one["done"]


def audit(desk: Practice, month: str = "2026-11") -> Doc:
    return desk.desk.callback_audit(ANY, month).doc


def called(desk: Practice, number: str, outcome: str = "satisfied", who: str = "C1", **said: Any) -> Doc:
    return desk.do("callback", who, number, **{"outcome": outcome, "method": "phone", **said})


def filed(desk: Practice, report: Any = TAP, rating: str = "satisfied", **said: Any) -> str:
    number = desk.at_work(report, new=True, **said)
    desk.finished(number)
    return desk.filed(number, rating=rating)


def stored(desk: Practice, text: str, *values: Any) -> None:
    """Somebody wrote to the file of the ledger by hand."""
    with closing(sqlite3.connect(desk.home / "ledger.db")) as db, db:
        db.execute(text, values)


# --- which call counts


@pytest.mark.rule("CAL-2", "FIN-2")
def test_a_call_before_a_low_rating_is_not_the_call_that_the_rating_asks_for(desk: Practice) -> None:
    number = desk.at_work()
    desk.finished(number, unsure=True)
    called(desk, number)
    desk.filed(number, rating="fair")
    assert states(desk) == {number: ("dissatisfied", "open")}
    assert counted(desk) == (1, 0)
    assert number in due(desk)
    called(desk, number)
    assert states(desk) == {number: ("dissatisfied", "done")}
    assert counted(desk) == (1, 1)


@pytest.mark.rule("CAL-2", "FIN-2")
def test_a_call_about_uncertain_work_stays_one_when_the_resident_rates_it_well(desk: Practice) -> None:
    number = desk.at_work()
    desk.finished(number, untested=True)
    called(desk, number)
    desk.filed(number)
    assert states(desk) == {number: ("untested", "done")}


@pytest.mark.rule("CAL-2", "INT-6")
def test_a_call_about_advice_is_none_about_the_work_that_followed_it(desk: Practice) -> None:
    number = desk.reported(advised=True)
    called(desk, number)
    desk.assigned(number)
    desk.accepted(number)
    desk.started(number)
    desk.finished(number, untested=True)
    desk.filed(number)
    assert states(desk) == {number: ("untested", "open")}
    assert number in due(desk)


@pytest.mark.rule("CAL-5", "INT-6")
def test_tries_in_vain_about_advice_give_up_nobody_who_was_dissatisfied_later(desk: Practice) -> None:
    number = desk.reported(advised=True)
    for _ in range(3):
        called(desk, number, "unreached")
    desk.assigned(number)
    desk.accepted(number)
    desk.started(number)
    desk.finished(number)
    desk.signed(number, "dissatisfied")
    desk.closed(number)
    desk.do("settle", "M1", number, reason="moved away")
    desk.archived(number)
    assert states(desk) == {number: ("dissatisfied", "open")}
    assert counted(desk) == (1, 0)


# --- how long


@pytest.mark.rule("CAL-5", "CAL-1")
def test_who_takes_the_place_of_another_stays_due_when_the_month_after_is_over(desk: Practice) -> None:
    for _ in range(3):
        filed(desk)
    (first,) = states(desk)
    desk.at("2026-12-20T09:00")
    for _ in range(3):
        called(desk, first, "unreached")
    (second,) = set(states(desk, "2026-11")) - {first}
    for day in ("2026-12-31T09:00", "2027-01-02T09:00", "2027-01-19T09:00"):
        desk.at(day)
        assert set(due(desk)) == {second}
        assert not due(desk)[second]["overdue"]
    called(desk, second)
    assert due(desk) == {}


@pytest.mark.rule("CAL-1")
def test_what_was_drawn_long_ago_is_found_past_months_with_nothing_left(desk: Practice) -> None:
    number = filed(desk)
    desk.at("2027-01-05T09:00")
    called(desk, filed(desk))
    desk.at("2027-03-01T09:00")
    assert set(due(desk)) == {number}


@pytest.mark.rule("CAL-1", "REC-2")
def test_nobody_is_drawn_before_their_own_order_was_filed(desk: Practice) -> None:
    """Filed later and keyed in late: what it happens to draw is not overdue for that."""
    desk.at("2026-11-10T09:00")
    late = desk.done(NAMELESS, new=True)
    desk.signed(late)
    desk.closed(late)
    desk.at("2026-11-20T10:00")
    here = [filed(desk, NOISE) for _ in range(2)]
    desk.wait(minutes=5)
    desk.archived(late, at="2026-11-11T09:00")
    strata = {one["stratum"]: one["callbacks"] for one in desk.desk.callback_plan(ANY).doc["strata"]}
    mine = {row["number"]: row["drawn_at"] for row in strata["complaints"] if row["number"] in here}
    assert mine == dict.fromkeys(here, when("2026-11-20T10:00"))
    assert not any(row["overdue"] for row in due(desk).values())


# --- by whom


@pytest.mark.rule("CAL-3")
@pytest.mark.parametrize(("severity", "owner"), [("general", "C1"), ("important", "S1"), ("major", "M1")])
@pytest.mark.parametrize("how", ["advised", "unsure", "untested"])
def test_a_grave_complaint_is_followed_up_by_whoever_may_call_about_it(
    desk: Practice, severity: str, owner: str, how: str
) -> None:
    if how == "advised":
        number = desk.reported(NOISE, severity=severity, advised=True)
    else:
        number = desk.at_work(NOISE, severity=severity)
        desk.finished(number, **{how: True})
    row = due(desk)[number]
    assert (row["owner"], row["why"]) == (owner, how)
    wanted = {"C1": "C1", "S1": "supervisor", "M1": "manager"}[owner]
    assert desk.owed(number, "follow-up")["owner"] == wanted
    called(desk, number, who=owner, **({"method": "visit", "signed_by": "李女士"} if severity == "major" else {}))
    assert desk.owed(number, "follow-up")["state"] == "met"


@pytest.mark.rule("CAL-3", "CAL-5", "REC-3")
def test_a_complaint_that_turns_out_graver_is_called_again_by_whoever_may(desk: Practice) -> None:
    number = filed(desk, NOISE)
    called(desk, number, "dissatisfied", next_at=NEXT)
    assert due(desk)[number]["owner"] == "C1"
    desk.corrected(number, severity="major")
    row = due(desk)[number]
    assert (row["owner"], row["visit"], row["due_at"]) == ("M1", True, when(NEXT))
    assert desk.owed(number, "callback-again")["owner"] == "manager"
    called(desk, number, who="M1", method="visit", signed_by="李女士")
    assert desk.owed(number, "callback-again")["state"] == "met"


@pytest.mark.rule("CAL-3", "REC-3")
def test_also_what_was_missed_before_it_turned_out_graver_is_for_whoever_may(desk: Practice) -> None:
    number = filed(desk, NOISE)
    called(desk, number, "dissatisfied", next_at=NEXT)
    desk.at("2026-11-24T11:00")
    desk.corrected(number, severity="important")
    assert due(desk)[number]["owner"] == "S1"


# --- the audit


@pytest.mark.rule("CAL-5")
def test_an_audit_is_not_content_where_nobody_was_reached_and_nobody_is_left(desk: Practice) -> None:
    number = filed(desk)
    for _ in range(3):
        called(desk, number, "unreached")
    desk.at("2027-02-01T09:00")
    doc = audit(desk)
    repairs = doc["strata"][0]
    assert (doc["ok"], repairs["lost"], repairs["short"]) == (False, [number], 1)


@pytest.mark.rule("CAL-5")
def test_an_audit_is_content_where_enough_others_were_called_without_a_replacement(desk: Practice) -> None:
    number = filed(desk)
    low = filed(desk, rating="fair")
    for _ in range(3):
        called(desk, number, "unreached")
    called(desk, low)
    desk.at("2027-02-01T09:00")
    doc = audit(desk)
    assert (doc["ok"], doc["strata"][0]["given_up"]) == (True, [{"number": number, "replaced_by": None}])


@pytest.mark.rule("CAL-5", "CAL-6")
def test_an_audit_is_content_where_another_was_called_and_where_nobody_else_can_be(desk: Practice) -> None:
    for _ in range(3):
        filed(desk)
        filed(desk, NAMELESS)
    (first,) = states(desk)
    for _ in range(3):
        called(desk, first, "unreached")
    (second,) = set(states(desk)) - {first}
    called(desk, second)
    desk.at("2027-02-01T09:00")
    doc = audit(desk)
    assert doc["ok"]
    assert [one["lost"] for one in doc["strata"]] == [[], [], []]
    assert [one["short"] for one in doc["strata"]] == [0, 2, 0]


@pytest.mark.sqlite
@pytest.mark.rule("CAL-2", "REC-5")
@pytest.mark.parametrize(
    "text",
    [
        "UPDATE orders SET archived_at = '2026-10-22T01:00:00Z' WHERE number = ?",
        "UPDATE orders SET kind = 'help' WHERE number = ?",
        "UPDATE orders SET policies_version = 'another' WHERE number = ?",
        "DELETE FROM orders WHERE number = ?",
    ],
)
def test_an_audit_takes_its_orders_from_the_entries_and_not_from_what_is_stored(desk: Practice, text: str) -> None:
    number = filed(desk)
    with closing(sqlite3.connect(desk.home / "ledger.db")) as db:
        kept = db.execute("SELECT * FROM orders WHERE number = ?", (number,)).fetchone()
        (tally,) = db.execute("SELECT * FROM tallies").fetchall()
    stored(desk, "PRAGMA foreign_keys = OFF")
    stored(desk, text, number)
    with pytest.raises(Damaged) as refused:
        audit(desk)
    assert refused.value.values["number"] == number
    stored(desk, "DELETE FROM orders WHERE number = ?", number)
    stored(desk, f"INSERT INTO orders VALUES ({', '.join('?' * len(kept))})", *kept)
    stored(desk, "DELETE FROM tallies")
    stored(desk, f"INSERT INTO tallies VALUES ({', '.join('?' * len(tally))})", *tally)
    assert audit(desk)["strata"][0]["drawn"] == 1


# --- settled, written, reworked


@pytest.mark.rule("CAL-5", "CAL-7")
@pytest.mark.parametrize("advised", [False, True])
def test_a_dissatisfied_answer_after_filing_or_advice_can_be_settled_without_a_call(
    desk: Practice, advised: bool
) -> None:
    number = desk.reported(advised=True) if advised else filed(desk)
    called(desk, number, "dissatisfied", next_at=NEXT)
    assert due(desk)[number]["cause"] == "promised"
    desk.do("settle_remark", "M1", number, note="the resident moved away")
    assert desk.owed(number, "callback-again")["state"] == "void"
    assert due(desk) == {}


@pytest.mark.rule("CAL-6")
def test_of_whom_only_a_letter_may_be_sent_the_list_says_so(desk: Practice) -> None:
    number = desk.done(NAMELESS, severity="major", new=True)
    desk.signed(number, "dissatisfied")
    row = due(desk)[number]
    assert (row["letter"], row["visit"], row["why"]) == (True, False, "dissatisfied")
    other = desk.done(NOISE, new=True)
    desk.signed(other, "dissatisfied")
    assert not due(desk)[other]["letter"]


@pytest.mark.rule("CAL-2")
def test_the_list_tells_fair_from_dissatisfied_and_from_a_call_that_was_promised(desk: Practice) -> None:
    fair = filed(desk, rating="fair")
    low = desk.done(new=True)
    desk.signed(low, "dissatisfied")
    again = desk.done(new=True)
    called(desk, again, next_at=NEXT)
    rows = due(desk)
    assert {number: rows[number]["cause"] for number in (fair, low, again)} == {
        fair: "fair", low: "dissatisfied", again: "promised",
    }  # fmt: skip
    assert {rows[number]["why"] for number in (fair, low, again)} == {"dissatisfied"}


@pytest.mark.rule("CAL-5")
def test_nobody_who_was_not_reached_is_promised_a_call(desk: Practice) -> None:
    number = filed(desk)
    with desk.refuses(2, "CAL-5"):
        called(desk, number, "unreached", next_at=NEXT)
    assert desk.show(number)["callbacks"] == []


@pytest.mark.rule("CAL-5", "CAL-6")
@pytest.mark.parametrize("said", [NAMELESS, NOISE | {"letter_only": True}])
def test_rework_of_a_complaint_without_a_name_has_none_either(desk: Practice, said: Doc) -> None:
    number = filed(desk, said)
    made = called(desk, number, "dissatisfied", method="letter", next_at=NEXT, rework=True)
    rework = made["rework"]
    assert (rework["follows"], rework["caller"]) == (number, said["caller"])
    assert (rework["anonymous"], rework["letter_only"]) == (bool(said.get("anonymous")), bool(said.get("letter_only")))


@pytest.mark.rule("CAL-1", "REC-4")
def test_what_is_owed_goes_by_the_policies_that_an_order_was_judged_by(desk: Practice) -> None:
    number = desk.at_work()
    desk.finished(number, unsure=True)
    another = ("version: standard-2026-11", "version: another")
    desk.edits("policies.yaml", ("  follow-up-unsure:\n", "  follow-up-doubtful:\n"), another)
    assert (due(desk)[number]["why"], due(desk)[number]["obligation"]) == ("unsure", "follow-up")


@pytest.mark.parametrize(
    ("verb", "rule"), [("callback_plan", "CAL-1"), ("callback_audit", "CAL-1"), ("report", "RPT-1")]
)
def test_what_is_no_month_is_refused_by_the_rule_of_what_was_asked(desk: Practice, verb: str, rule: str) -> None:
    with desk.refuses(2, rule):
        getattr(desk.desk, verb)(ANY, *(("month",) if verb == "report" else ()), "2026-13")
