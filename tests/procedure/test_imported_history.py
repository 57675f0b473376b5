"""What came from another system with what became of it: judged at its own times, told to nobody, counted or not."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from practice import Practice

from repairdesk.batch.importing import Plan, run
from repairdesk.batch.outcome import Imported
from repairdesk.desk import By
from repairdesk.desk.turn import stamp
from repairdesk.errors import NotAllowed

Doc = dict[str, Any]
BY = By("C1", "tester")
DONE: Mapping[str, str] = {
    "place": "3-2-501", "caller": "Li", "phone": "13800138000", "fault": "tap drips", "category": "plumbing",
    "reported_at": "2026-11-02T08:00", "staff": "W1", "assigned_at": "2026-11-02T08:02",
    "accepted_at": "2026-11-02T08:05", "arrived_at": "2026-11-02T08:10", "finished_at": "2026-11-02T09:00",
    "found": "worn", "result": "new", "fee": "50", "agreed_fee": "50", "rating": "satisfied", "signed_by": "Li",
    "checked_by": "L1", "closed_at": "2026-11-03T10:00", "archived_at": "2026-11-04T10:00",
}  # fmt: skip
OPEN: Mapping[str, str] = {**dict.fromkeys(DONE, ""), **{name: DONE[name] for name in list(DONE)[:6]}}


def takes_over(desk: Practice, *rows: Mapping[str, str], as_found: bool = False) -> Imported:
    """Import such rows, each with an id of its own."""
    columns = list(dict.fromkeys(("external_id", *(name for row in rows for name in row))))
    file = desk.home.parent / "old.csv"
    lines = [",".join(columns)]
    for n, row in enumerate(rows, start=1):
        lines.append(",".join({"external_id": f"A{n}", **row}.get(name, "") for name in columns))
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    result = run(desk.desk, BY, file, Plan(what="histories", kind="in_home", as_found=as_found))
    assert len(result.rejects) == 0
    return result


def number_of(desk: Practice, external_id: str = "A1") -> str:
    docs, _ = desk.desk.list_orders(BY, {"external_id": external_id})
    number: str = docs[0]["number"]
    return number


def clocks(desk: Practice, number: str) -> dict[tuple[str, int], str]:
    return {(one["name"], one["cycle"]): one["state"] for one in desk.show(number)["obligations"]}


def report(desk: Practice, name: str = "month") -> Doc:
    return desk.desk.report(BY, name, "2026-11").doc


# --- what is owed


@pytest.mark.rule("SLA-1", "REC-2")
def test_a_history_is_judged_as_it_happened_and_not_by_when_it_was_written_down(desk: Practice) -> None:
    takes_over(desk, DONE)
    held = clocks(desk, number_of(desk))
    assert {name: held[name, 1] for name in ("register", "tell", "respond", "arrive", "resolve", "complete")} == {
        "register": "met", "tell": "met", "respond": "met", "arrive": "met", "resolve": "met", "complete": "met",
    }  # fmt: skip


@pytest.mark.rule("SLA-3")
def test_what_was_late_in_the_other_system_was_late(desk: Practice) -> None:
    late = {"assigned_at": "2026-11-02T10:00", "accepted_at": "", "arrived_at": "2026-11-05T08:00",
            "finished_at": "2026-11-05T09:00", "closed_at": "2026-11-06T10:00", "archived_at": ""}  # fmt: skip
    takes_over(desk, {**DONE, **late})
    held = clocks(desk, number_of(desk))
    assert [held[name, 1] for name in ("tell", "respond", "resolve", "complete")] == ["missed"] * 4


@pytest.mark.rule("SLA-4")
def test_a_history_that_ended_owes_nothing_further(desk: Practice) -> None:
    takes_over(desk, DONE, {**DONE, "archived_at": ""}, {**OPEN, "cancelled_at": "2026-11-02T09:00", "reason": "none"})
    for external_id in ("A1", "A2", "A3"):
        assert not set(clocks(desk, number_of(desk, external_id)).values()) & {"open", "paused"}
    desk.wait(days=90)
    night = desk.do("escalate", None)
    assert (night["told"], night["converted"], night["failed"]) == ([], [], [])


@pytest.mark.rule("SLA-4", "COO-1")
def test_an_open_history_owes_from_now_on_what_it_was_overdue_with(desk: Practice) -> None:
    takes_over(desk, OPEN)
    number = number_of(desk)
    held = clocks(desk, number)
    assert held["respond", 1] == held["resolve", 1] == held["complete", 1] == "missed"
    assert held["respond", 2] == held["resolve", 2] == held["complete", 2] == "open"
    assert desk.owed(number, "resolve")["due_at"] == "2026-11-24T09:00:00+08:00"
    assert desk.do("escalate", None)["told"] == []
    made = [(one["event"], one["actor"]) for one in desk.entries(number)]
    assert made == [("intake", "C1"), ("taken-over", "system")]
    desk.wait(hours=49)
    assert {one["obligation"] for one in desk.do("escalate", None)["told"]} >= {"respond", "resolve"}


@pytest.mark.rule("SLA-4", "COO-1")
def test_the_first_night_after_many_were_taken_over_tells_nobody_and_the_second_converts_nothing(
    desk: Practice,
) -> None:
    """120 that are open: of four weeks, of yesterday, and of this very morning, which are not overdue yet."""
    rows = [{**OPEN, "place": f"5-1-{100 + n}", "reported_at": at} for n, at in enumerate(
        [f"2026-10-{1 + n % 28:02d}T09:00" for n in range(100)] + ["2026-11-21T20:00"] * 10
        + [stamp(desk.moment - timedelta(minutes=50))] * 10
    )]  # fmt: skip
    takes_over(desk, *rows)
    for _ in range(23):
        desk.wait(hours=1)
        night = desk.do("escalate", None)
        assert (night["told"], night["converted"]) == ([], [])
    desk.wait(hours=24)
    assert desk.do("escalate", None)["converted"] == []
    assert len({one["number"] for one in desk.do("escalate", None)["told"]}) == 0
    desk.wait(hours=2)
    assert len(desk.do("escalate", None)["converted"]) == 120


def test_an_open_history_goes_on_like_any_order(desk: Practice) -> None:
    takes_over(desk, {**OPEN, "staff": "W1", "assigned_at": "2026-11-02T08:02"})
    number = number_of(desk)
    desk.started(number)
    desk.wait(minutes=30)
    desk.finished(number)
    desk.signed(number)
    desk.closed(number)
    doc = desk.archived(number)
    assert (doc["state"], doc["imported"]) == ("archived", True)
    assert desk.show(number)["billed_in"] == "2026-11"


def test_a_bill_of_the_other_system_is_not_posted_when_the_order_is_filed_here(desk: Practice) -> None:
    takes_over(desk, {**DONE, "closed_at": "", "archived_at": "", "checked_by": ""})
    number = number_of(desk)
    desk.closed(number)
    assert desk.archived(number)["postings"] == []
    assert desk.month("2026-11")["orders"] == 0
    with desk.refuses(10, "FEE-8"):
        desk.rebilled(number, services=("unlisted",))


@pytest.mark.rule("SLA-4")
def test_many_histories_tell_nobody_anything(desk: Practice) -> None:
    broken = {"agreed_fee": ""}
    takes_over(desk, *[{**DONE, **(broken if n % 3 == 0 else {})} for n in range(30)], as_found=True)
    desk.wait(days=1)
    night = desk.do("escalate", None)
    assert (night["told"], night["converted"], night["failed"], night["messages"]["waiting"]) == ([], [], [], 0)


@pytest.mark.slow
@pytest.mark.rule("SLA-4")
def test_a_thousand_histories_tell_of_what_is_still_open_and_nothing_else(desk: Practice) -> None:
    """900 that ended, 50 that are broken, 50 that are open: the next night tells nobody, the third day of the 50."""
    rows = [DONE] * 900 + [{**DONE, "agreed_fee": ""}] * 50 + [OPEN] * 50
    takes_over(desk, *rows, as_found=True)
    assert desk.do("escalate", None)["told"] == []
    desk.wait(hours=49)
    told = {one["number"] for one in desk.do("escalate", None)["told"]}
    assert told == {number_of(desk, f"A{n}") for n in range(951, 1001)}


@pytest.mark.rule("CAL-2")
def test_what_was_filed_elsewhere_is_not_drawn_to_be_called_back(desk: Practice) -> None:
    takes_over(desk, *[{**DONE, "rating": "fair" if n < 2 else "satisfied"} for n in range(9)],
               {**DONE, "agreed_fee": ""}, as_found=True)  # fmt: skip
    callback = report(desk)["callback"]["repairs"]
    assert (callback["quota"], callback["done"]) == (0, 0)
    plan, audit = desk.desk.callback_plan(BY, "2026-11").doc, desk.desk.callback_audit(BY, "2026-11").doc
    assert [one for stratum in plan["strata"] for one in stratum["callbacks"]] == []
    assert audit["ok"]
    assert desk.desk.callback_due(BY).doc["callbacks"] == []


@pytest.mark.rule("INT-8")
def test_the_next_shift_hears_of_what_was_done_here_and_not_of_what_was_taken_over(desk: Practice) -> None:
    takes_over(desk, DONE, {**DONE, "agreed_fee": ""}, {**OPEN, "staff": "W1", "assigned_at": "2026-11-02T08:02"},
               as_found=True)  # fmt: skip
    assert desk.desk.handover_sheet(BY).doc["since"]["new"] == []
    desk.wait(minutes=5)
    desk.started(number_of(desk, "A3"))
    desk.wait(minutes=5)
    desk.finished(number_of(desk, "A3"))
    own = desk.reported(new=True)
    since = desk.desk.handover_sheet(BY).doc["since"]
    assert (since["new"], since["finished"]) == ([own], [number_of(desk, "A3")])


# --- what is counted


@pytest.mark.rule("RPT-1", "RPT-2")
def test_what_was_kept_as_found_is_in_no_rate(desk: Practice) -> None:
    """Of one month: two histories in time and satisfied, one late (72 h) and dissatisfied-but-open, two broken ones.

    On time 2 of 3, satisfied 2 of 3, and two as found; without --as-found they could not have been counted at all.
    """
    late = {"finished_at": "2026-11-05T08:00", "rating": "fair", "closed_at": "2026-11-06T10:00",
            "archived_at": "2026-11-07T10:00"}  # fmt: skip
    broken = {**DONE, "finished_at": "2026-11-02T07:00", "rating": "dissatisfied"}
    takes_over(desk, DONE, DONE, {**DONE, **late}, broken, {**broken, "agreed_fee": ""}, as_found=True)
    month = report(desk)
    assert (month["orders"], month["finished"], month["as_found"]) == (3, 3, 2)
    assert (month["on_time"]["met"], month["on_time"]["missed"]) == (2, 1)
    assert (month["satisfaction"]["satisfied"], month["satisfaction"]["below"]) == (2, 1)
    assert month["first_time_fix"] == {"fixed": 3, "reworked": 0}
    (w1,) = report(desk, "staff")["technicians"]
    assert (w1["jobs"], w1["visits"]) == (3, 3)
    faults = report(desk, "faults")
    assert (faults["orders"], faults["cost"]) == (3, "0.00")
    assert desk.desk.report(BY, "month", "2026-11", figure="as_found").doc["orders_behind"] == [
        number_of(desk, "A4"), number_of(desk, "A5"),
    ]  # fmt: skip
    resolve = next(one for one in report(desk, "clocks")["clocks"] if one["name"] == "resolve")
    assert (resolve["met"], resolve["missed"]) == (2, 1)


def test_the_entries_alone_say_the_same(desk: Practice, tmp_path: Path) -> None:
    sys.path.append(str(Path(__file__).parent.parent / "reports"))
    from recount import REPORTS, Recount, differences

    broken = {**DONE, "finished_at": "2026-11-02T07:00"}
    takes_over(desk, DONE, {**DONE, "rating": "fair"}, broken, OPEN, as_found=True)
    desk.filed(desk.done())
    counted = tmp_path / "counted.db"
    desk.desk.ledger.store.copy(counted, 30)
    recount = Recount(counted, desk.moment)
    for name in REPORTS:
        assert list(differences(getattr(recount, name)("2026-11"), report(desk, name))) == []


def test_an_order_that_was_kept_as_found_can_be_corrected_and_has_a_slip(desk: Practice) -> None:
    takes_over(desk, {**DONE, "finished_at": "2026-11-02T07:00"}, as_found=True)
    number = number_of(desk)
    desk.corrected(number, fault="the tap drips")
    assert desk.show(number)["fault"] == "the tap drips"
    with desk.refuses(10):
        desk.do("cancel", "C1", number, reason="a mistake")
    with desk.refuses(10):
        desk.do("callback", "C2", number, outcome="satisfied", method="phone")
    assert "the tap drips" in str(desk.desk.printed(BY, number))


@pytest.mark.rule("REC-4")
def test_other_rules_are_rehearsed_on_histories_as_they_were_judged(desk: Practice) -> None:
    takes_over(desk, DONE, OPEN, {**DONE, "finished_at": "2026-11-02T07:00"}, as_found=True)
    states = Counter(state for n in ("A1", "A2", "A3") for state in clocks(desk, number_of(desk, n)).values())
    assert states["met"] >= 6
    policies = desk.home / "policies.yaml"
    rehearsed = desk.desk.rehearse(BY, policies).doc
    assert (rehearsed["deadlines"], rehearsed["conversions"]) == ([], [])
    assert all(one["before"] == one["after"] for one in rehearsed["obligations"].values())


# --- what is no work of this desk


def over_by_status(status: str = "closed") -> Doc:
    """Finished and not signed, as far as the times tell; over, as the other system says."""
    return {**DONE, "signed_by": "", "rating": "", "checked_by": "", "closed_at": "", "archived_at": "",
            "status": status}  # fmt: skip


@pytest.mark.rule("RPT-7", "INT-8", "REC-5")
def test_what_was_kept_as_found_is_nowhere_counted_as_open(desk: Practice) -> None:
    takes_over(desk, {**OPEN, "staff": "nobody", "status": "on_site"}, as_found=True)
    own = desk.reported(new=True)
    assert desk.desk.board(BY)["open"] == {"reported": 1}
    sheet = desk.desk.handover_sheet(BY).doc
    assert sheet["counts"] == {"reported": 1}
    assert [one["number"] for group in sheet["open"] for one in group["orders"]] == [own]
    assert desk.desk.list_orders(BY, {})[1] == 2
    assert desk.desk.list_orders(BY, {"states": ["on_site"]})[1] == 1


@pytest.mark.rule("FIN-6", "ASG-4", "FEE-7")
def test_what_is_over_by_its_status_alone_is_nobodys_to_do(desk: Practice) -> None:
    takes_over(desk, over_by_status(), {**DONE, "archived_at": ""})
    found = number_of(desk)
    assert desk.show(found)["state"] == "finished"
    assert [one["out"] for one in desk.desk.slips(BY).doc["technicians"]] == []
    then = desk.desk.slips(BY, "2026-11-02").doc["technicians"][0]
    assert found not in [one["number"] for name in ("out", "missing") for one in then[name]]
    assert desk.desk.handover_sheet(BY).doc["missing"] == []
    assert desk.desk.handover_sheet(BY).doc["counts"] == {}
    assert desk.desk.archive_many(By("C1", "tester"), everything=True) == []
    assert desk.desk.staff_retire(BY, "W1").doc["retired"]


@pytest.mark.rule("RET-1")
def test_what_was_never_filed_elsewhere_is_kept_from_the_last_that_is_known_of_it(desk: Practice) -> None:
    takes_over(desk, over_by_status(), {**DONE, "archived_at": ""}, DONE, OPEN)
    from repairdesk.domain.retention import counted_from

    with desk.desk.look(BY) as turn:
        docs = [turn.ledger.order_doc(number_of(desk, f"A{n}")) for n in (1, 2, 3, 4)]
        since = [at and at.astimezone(turn.rules.zone).isoformat()[:16] for at in map(counted_from, docs)]
    assert since == ["2026-11-02T09:00", "2026-11-03T10:00", "2026-11-04T10:00", None]


@pytest.mark.rule("VIS-3", "CAL-8")
def test_what_was_ticked_or_looked_at_again_elsewhere_is_not_known_and_not_missed(desk: Practice) -> None:
    takes_over(desk, DONE, DONE)
    (w1,) = report(desk, "staff")["technicians"]
    assert (w1["jobs"], w1["checklist_missed"]) == (2, 0)
    assert report(desk)["recheck"] == {"done": 0, "left": 0}
    desk.filed(desk.done())
    (w1,) = report(desk, "staff")["technicians"]
    assert (w1["jobs"], w1["checklist_missed"] > 0) == (3, True)
    assert report(desk)["recheck"] == {"done": 0, "left": 1}


@pytest.mark.rule("CAL-8")
def test_what_was_finished_elsewhere_yesterday_is_not_to_be_looked_at_again(desk: Practice) -> None:
    yesterday = desk.moment - timedelta(days=1)
    begun = {name: stamp(yesterday - timedelta(minutes=30 - n))
             for n, name in enumerate(("reported_at", "assigned_at", "accepted_at", "arrived_at"))}  # fmt: skip
    takes_over(desk, {**over_by_status("finished"), **begun, "finished_at": stamp(yesterday)})
    own = desk.done()
    desk.wait(days=1)
    assert [one["number"] for one in desk.desk.recheck_due(BY).doc["orders"]] == [own]


@pytest.mark.rule("REC-5")
def test_a_look_back_does_not_make_up_how_an_order_stood_that_was_kept_as_found(desk: Practice) -> None:
    takes_over(desk, {**DONE, "agreed_fee": ""}, as_found=True)
    number = number_of(desk)
    with pytest.raises(NotAllowed, match="how it stood before, nothing tells"):
        desk.desk.show(BY, number, as_of="2026-11-03T09:00")
    assert desk.desk.show(BY, number, as_of="2026-11-04T10:00").doc["state"] == "archived"


@pytest.mark.rule("FEE-8")
def test_a_bill_of_another_system_is_corrected_there_whatever_it_would_say(desk: Practice) -> None:
    takes_over(desk, {**DONE, "archived_at": ""})
    with pytest.raises(NotAllowed, match="another system's: it is corrected there"):
        desk.rebilled(number_of(desk), services=("tap",))


def test_a_slip_says_where_the_order_came_from(desk: Practice) -> None:
    from repairdesk.documents import paper

    takes_over(desk, DONE, {**DONE, "agreed_fee": ""}, as_found=True)
    own = desk.reported(new=True)
    numbers = (number_of(desk, "A1"), number_of(desk, "A2"), own)
    for made in (paper.text, paper.html):
        one, other, mine = (made([desk.desk.printed(BY, number)]) for number in numbers)
        assert "taken over from another system" in one
        assert "as found in another system" in other
        assert "another system" not in mine
