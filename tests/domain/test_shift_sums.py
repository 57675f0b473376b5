"""The sums of a day and of a shift, without a desk: who has a slip, whose turn it is, what was written."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from repairdesk.domain import shift
from repairdesk.domain.entry import Entry
from repairdesk.domain.staff import SYSTEM, Person
from repairdesk.errors import NotPermitted

DAY = datetime(2026, 11, 22, tzinfo=UTC)
NUMBER = "P20261122-0001"
END = timedelta(hours=24) - timedelta(seconds=1)

INTAKE: Mapping[str, Any] = {"kind": "in_home", "policies_version": "p", "fees_version": "f", "place": "3-2-501"}
FINISH: Mapping[str, Any] = {"result": "new washer"}
SIGN: Mapping[str, Any] = {"by": "李女士", "rating": "satisfied"}
CLOSE: Mapping[str, Any] = {}
CONVERT: Mapping[str, Any] = {"coordination": "X20261122-0001"}
TOLD: Mapping[str, Mapping[str, Any]] = {
    "intake": INTAKE, "finish": FINISH, "sign": SIGN, "convert": CONVERT, "decline": {"reason": "too dear"},
    "cancel": {"reason": "by mistake"}, "revert": CONVERT,
}  # fmt: skip


def entries(*told: tuple[str, float] | tuple[str, float, str]) -> list[Entry]:
    """An order's entries: an event, the hour of the day, and who goes or who did it."""
    made = []
    for version, (event, hour, *who) in enumerate(told, start=1):
        at = DAY + timedelta(hours=hour)
        data = {"assignee": who[0]} if event == "assign" else TOLD.get(event, {})
        actor = who[0] if who and event != "assign" else "C1"
        made.append(Entry(version, NUMBER, version, event, actor, "os:desk", at, at, False, data))
    return made


def outcomes(told: list[Entry], day: int = 0, moment: timedelta = END) -> dict[str, tuple[str, str | None]]:
    begins = DAY + timedelta(days=day)
    return {slip.technician: (slip.outcome, slip.how) for slip in shift.out_on(told, begins, begins + moment)}


OUT = (("intake", 9), ("assign", 10, "W1"))


# --- slips


@pytest.mark.rule("FIN-6")
def test_a_slip_that_nobody_has_is_not_out() -> None:
    assert outcomes(entries(("intake", 9))) == {}
    assert outcomes([]) == {}


@pytest.mark.rule("FIN-6")
def test_a_slip_is_in_the_field_until_the_work_is_done_and_missing_from_then_on() -> None:
    told = entries(*OUT, ("start", 11), ("finish", 12), ("sign", 13))
    for hours, outcome in ((10, "in_field"), (11, "in_field"), (12, "missing"), (13, "missing"), (24, "missing")):
        assert outcomes(told, moment=timedelta(hours=hours)) == {"W1": (outcome, None)}, hours
    assert outcomes(told, moment=timedelta(hours=9.5)) == {}, "not assigned yet"


@pytest.mark.rule("FIN-6")
def test_closing_it_brings_it_back_and_the_next_day_it_is_not_out_any_more() -> None:
    told = entries(*OUT, ("start", 11), ("finish", 12), ("sign", 13), ("close", 14))
    assert outcomes(told) == {"W1": ("back", "closed")}
    assert outcomes(told, day=1) == {}


@pytest.mark.rule("FIN-6")
def test_a_slip_that_is_closed_next_morning_was_missing_that_day_and_is_back_on_the_next() -> None:
    told = entries(*OUT, ("start", 11), ("finish", 12), ("sign", 13), ("close", 32))
    assert outcomes(told) == {"W1": ("missing", None)}
    assert outcomes(told, day=1) == {"W1": ("back", "closed")}
    assert outcomes(told, day=1, moment=timedelta(hours=7)) == {"W1": ("missing", None)}


@pytest.mark.rule("FIN-6")
def test_what_ends_at_midnight_belongs_to_the_day_that_begins() -> None:
    told = entries(*OUT, ("convert", 24))
    assert outcomes(told) == {"W1": ("in_field", None)}
    assert outcomes(told, day=1) == {"W1": ("ended", "converted")}


@pytest.mark.rule("FIN-6")
@pytest.mark.parametrize(("event", "how"), [("convert", "converted"), ("decline", "declined"), ("cancel", "cancelled")])
def test_a_slip_that_ends_without_work_has_ended_otherwise(event: str, how: str) -> None:
    assert outcomes(entries(*OUT, (event, 12))) == {"W1": ("ended", how)}


@pytest.mark.rule("FIN-6", "ASG-4")
def test_a_reassigned_slip_was_out_with_both() -> None:
    told = entries(*OUT, ("assign", 12, "W2"))
    assert outcomes(told) == {"W1": ("ended", "reassigned"), "W2": ("in_field", None)}
    assert outcomes(told, day=1) == {"W2": ("in_field", None)}


@pytest.mark.rule("FIN-6", "ASG-4")
def test_a_slip_that_comes_back_to_the_same_technician_is_one_slip() -> None:
    told = entries(*OUT, ("assign", 12, "W2"), ("assign", 14, "W1"))
    assert outcomes(told) == {"W1": ("in_field", None), "W2": ("ended", "reassigned")}
    again = entries(*OUT, ("assign", 12, "W1"))
    (slip,) = shift.out_on(again, DAY, DAY + END)
    assert slip.since == DAY + timedelta(hours=10)


@pytest.mark.rule("FIN-6", "REC-2")
def test_a_conversion_by_night_that_was_taken_back_leaves_the_slip_where_it_was() -> None:
    told = entries(*OUT, ("start", 11), ("convert", 24.2, SYSTEM), ("revert", 21, SYSTEM), ("finish", 21))
    assert outcomes(told, moment=timedelta(hours=20)) == {"W1": ("in_field", None)}
    assert outcomes(told) == {"W1": ("missing", None)}
    assert outcomes(told, day=1) == {"W1": ("missing", None)}
    (slip,) = shift.out_on(told, DAY, DAY + END)
    assert slip.since == DAY + timedelta(hours=10)


@pytest.mark.rule("FIN-6")
def test_a_coordination_order_is_nobodys_slip() -> None:
    opened = {**INTAKE, "converted_from": NUMBER, "tracker": "W1"}
    told = Entry(1, "X20261122-0001", 1, "open", "L1", "os:desk", DAY, DAY, False, opened)
    assert shift.out_on([told], DAY, DAY + END) == []


events = st.sampled_from(("start", "pause", "finish", "sign", "close", "convert", "decline", "cancel", "assign"))
who = st.sampled_from(("W1", "W2", "W3"))
PAUSE: Mapping[str, Any] = {"at": "2026-11-22T10:00:00Z", "reason": "parts", "next": "2026-11-23T10:00:00Z"}


@pytest.mark.rule("FIN-6")
@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.tuples(events, who, st.floats(0, 60)), max_size=8), st.integers(0, 2), st.integers(0, 24)
)  # fmt: skip
def test_whatever_happens_a_slip_that_was_out_has_just_one_outcome(
    then: list[tuple[str, str, float]], day: int, hour: int
) -> None:
    told = entries(("intake", 0), ("assign", 0, "W1"), *sorted(then_told(then), key=lambda one: one[1]))
    told = [entry._replace(data=PAUSE) if entry.event == "pause" else entry for entry in told]
    begins = DAY + timedelta(days=day)
    slips = shift.out_on(told, begins, begins + timedelta(hours=hour))
    for one in shift.reconciled(slips):
        apart = [slip for outcome in shift.OUTCOMES for slip in one.of(outcome)]
        assert sorted(apart) == sorted(one.out)
        assert len({slip.number for slip in one.out}) == len(one.out)
    assert {slip.technician for slip in slips} <= {"W1", *(person for event, person, _ in then if event == "assign")}


def then_told(then: list[tuple[str, str, float]]) -> list[tuple[str, float] | tuple[str, float, str]]:
    return [(event, hour, person) if event == "assign" else (event, hour) for event, person, hour in then]


# --- the shift


def on_duty(who: str, *spans: tuple[float, float], retired: bool = False) -> Person:
    """Somebody with spans of duty, in hours after the beginning of the day."""
    duty = tuple((DAY + timedelta(hours=a), DAY + timedelta(hours=b)) for a, b in spans)
    return Person(who, who, "clerk", retired=retired, duty=duty)


def turn_over(people: list[Person], hour: float, last: float | None = None) -> tuple[list[str], list[str], float]:
    handed_over = None if last is None else DAY + timedelta(hours=last)
    change = shift.change(people, DAY + timedelta(hours=hour), handed_over)
    names = [[one.person.id for one in side] for side in (change.outgoing, change.incoming)]
    return names[0], names[1], (change.until - DAY) / timedelta(hours=1)


EIGHT = [on_duty("A", (0, 8), (24, 32)), on_duty("B", (8, 16)), on_duty("C", (16, 24))]


@pytest.mark.rule("INT-8")
def test_the_next_shift_is_the_one_that_begins_next_and_not_all_of_the_day() -> None:
    assert turn_over(EIGHT, 7.9) == (["A"], ["B"], 16)
    assert turn_over(EIGHT, 12) == (["B"], ["C"], 24)


@pytest.mark.rule("INT-8")
def test_shifts_of_a_day_go_over_midnight() -> None:
    people = [on_duty("A", (8, 32)), on_duty("B", (32, 56))]
    assert turn_over(people, 23) == (["A"], ["B"], 56)
    assert turn_over(people, 31.9) == (["A"], ["B"], 56)
    assert turn_over(people, 7)[1:] == (["A"], 32), "nobody is on duty yet, and B begins later than in a day"


@pytest.mark.rule("INT-8")
def test_whoever_begins_before_the_first_of_them_ends_comes_too() -> None:
    people = [on_duty("A", (0, 8)), on_duty("B", (8, 16)), on_duty("C", (9, 18)), on_duty("D", (16, 24))]
    assert turn_over(people, 7) == (["A"], ["B", "C"], 18)


@pytest.mark.rule("INT-8")
def test_a_sheet_printed_just_after_the_change_is_about_the_change_that_has_been() -> None:
    for hour in (8, 8.5):
        assert turn_over(EIGHT, hour) == (["A"], ["B"], 16), hour
    assert turn_over(EIGHT, 9.1) == (["B"], ["C"], 24)


@pytest.mark.rule("INT-8")
def test_once_it_was_handed_over_the_next_sheet_is_about_the_next_change() -> None:
    assert turn_over(EIGHT, 8.2, last=7.9) == (["B"], ["C"], 24)
    assert turn_over(EIGHT, 8, last=8) == (["B"], ["C"], 24)
    assert turn_over(EIGHT, 8.2, last=0.1) == (["A"], ["B"], 16)


@pytest.mark.rule("INT-8")
def test_without_a_roster_nobody_is_named_and_the_next_shift_lasts_a_day() -> None:
    assert turn_over([on_duty("A")], 9) == ([], [], 33)
    assert turn_over([], 9) == ([], [], 33)


@pytest.mark.rule("INT-8")
def test_who_has_left_is_on_no_roster() -> None:
    people = [on_duty("A", (0, 8)), on_duty("B", (8, 16), retired=True), on_duty("C", (10, 20))]
    assert turn_over(people, 7) == (["A"], ["C"], 20)


@pytest.mark.rule("INT-8")
def test_two_people_sign_who_are_both_of_the_desk() -> None:
    giver, taker = on_duty("A"), on_duty("B")
    shift.check_taker(giver, taker, ("clerk",))
    for wrong in (giver, taker._replace(retired=True), taker._replace(role="finance"), taker._replace(role=None)):
        with pytest.raises(NotPermitted):
            shift.check_taker(giver, wrong, ("clerk",))


def test_what_happened_is_counted_and_a_conversion_that_was_taken_back_is_none() -> None:
    written = [
        ("P1", "intake"), ("P1", "assign"), ("P2", "intake"), ("P1", "finish"), ("P2", "convert"), ("P3", "convert"),
        ("P3", "revert"), ("P3", "finish"),
    ]  # fmt: skip
    found = shift.happened(written)
    assert found.counts == {"intake": 2, "assign": 1, "finish": 2, "convert": 2, "revert": 1}
    assert (found.new, found.finished, found.converted) == (("P1", "P2"), ("P1", "P3"), ("P2",))
    assert shift.happened([]).counts == {}
