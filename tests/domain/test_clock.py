"""Calendars: working time added and measured, across nights, holidays and changes of the clocks (SLA-2)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from repairdesk.domain.clock import Calendar, end_of_day, next_time_of_day
from repairdesk.domain.policy import CalendarRule
from repairdesk.domain.times import at_local, iso_utc, parse_at

pytestmark = pytest.mark.rule("SLA-2")

SHANGHAI = ZoneInfo("Asia/Shanghai")
LONDON = ZoneInfo("Europe/London")
HOUR = 3600
Week = tuple[tuple[tuple[int, int], ...], ...]
OFFICE: tuple[tuple[int, int], ...] = ((8 * HOUR, 12 * HOUR), (14 * HOUR, 18 * HOUR))
WORKWEEK: Week = (OFFICE,) * 5 + ((), ())
ALL_DAY: Week = (((0, 24 * HOUR),),) * 7


def calendar(week: Week = WORKWEEK, zone: ZoneInfo = SHANGHAI, holidays: str = "", workdays: str = "") -> Calendar:
    return Calendar.of(CalendarRule("test", week, frozenset(holidays.split()), frozenset(workdays.split())), zone)


def at(text: str, zone: ZoneInfo = SHANGHAI) -> datetime:
    return parse_at(text, zone)


# 2026-11-20 is a Friday, 2026-11-23 a Monday.
@pytest.mark.parametrize(
    ("start", "hours", "due"),
    [
        ("2026-11-20T09:00", 1, "2026-11-20T10:00"),
        ("2026-11-20T11:00", 1, "2026-11-20T12:00"),
        ("2026-11-20T11:00", 2, "2026-11-20T15:00"),
        ("2026-11-20T12:00", 1, "2026-11-20T15:00"),
        ("2026-11-20T17:00", 1, "2026-11-20T18:00"),
        ("2026-11-20T17:00", 2, "2026-11-23T09:00"),
        ("2026-11-20T18:00", 8, "2026-11-23T18:00"),
        ("2026-11-21T10:00", 1, "2026-11-23T09:00"),
        ("2026-11-20T08:00", 40, "2026-11-26T18:00"),
        ("2026-11-21T10:00", 0, "2026-11-21T10:00"),
    ],
)
def test_work_is_added_over_the_intervals_of_each_day(start: str, hours: int, due: str) -> None:
    assert calendar().add_work(at(start), hours * HOUR) == at(due)


@pytest.mark.parametrize(
    ("a", "b", "seconds"),
    [
        ("2026-11-20T12:00", "2026-11-20T14:00", 0),
        ("2026-11-20T11:59:59", "2026-11-20T14:00:01", 2),
        ("2026-11-20T00:00", "2026-11-21T00:00", 8 * HOUR),
        ("2026-11-20T18:00", "2026-11-23T08:00", 0),
        ("2026-11-16T00:00", "2026-11-30T00:00", 80 * HOUR),
        ("2026-11-20T09:00", "2026-11-20T09:00", 0),
    ],
)
def test_only_working_time_is_measured_and_intervals_are_half_open(a: str, b: str, seconds: int) -> None:
    assert calendar().work_between(at(a), at(b)) == seconds


def test_an_interval_up_to_24_00_joins_the_next_day_without_a_gap() -> None:
    night = calendar((((22 * HOUR, 24 * HOUR),),) + (((0, 6 * HOUR),),) + ((),) * 5)
    assert night.add_work(at("2026-11-23T23:00"), 2 * HOUR) == at("2026-11-24T01:00")
    assert night.add_work(at("2026-11-23T23:00"), HOUR) == at("2026-11-24T00:00")
    assert night.work_between(at("2026-11-23T00:00"), at("2026-11-25T00:00")) == 8 * HOUR


def test_no_time_passes_on_a_holiday() -> None:
    closed = calendar(holidays="2026-11-23 2026-11-24")
    assert closed.add_work(at("2026-11-20T17:00"), 2 * HOUR) == at("2026-11-25T09:00")
    assert closed.work_between(at("2026-11-23T00:00"), at("2026-11-25T00:00")) == 0


def test_a_make_up_workday_without_hours_of_its_own_is_worked_as_a_monday() -> None:
    week: Week = (((9 * HOUR, 10 * HOUR),), OFFICE, OFFICE, OFFICE, OFFICE, (), ())
    assert calendar(week, workdays="2026-11-21").add_work(at("2026-11-20T18:00"), HOUR) == at("2026-11-21T10:00")


def test_a_make_up_workday_keeps_the_hours_of_its_own_weekday_and_beats_a_holiday() -> None:
    both = calendar(holidays="2026-11-24", workdays="2026-11-24")
    assert both.work_between(at("2026-11-24T00:00"), at("2026-11-25T00:00")) == 8 * HOUR


def test_a_make_up_workday_where_monday_is_free_is_worked_as_the_first_weekday_with_hours() -> None:
    week: Week = ((), OFFICE, (), (), (), (), ())
    assert calendar(week, workdays="2026-11-21").add_work(at("2026-11-20T00:00"), HOUR) == at("2026-11-21T09:00")


def test_the_calendar_is_of_the_desks_zone_whatever_zone_a_time_comes_in() -> None:
    start = at("2026-11-20T09:00").astimezone(ZoneInfo("America/New_York"))
    due = calendar().add_work(start, HOUR)
    assert iso_utc(due) == "2026-11-20T02:00:00Z"
    assert due.utcoffset() == timedelta()


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25), ("2026-11-22", 24)])
def test_a_whole_day_is_as_long_as_the_clocks_make_it(day: str, hours: int) -> None:
    a, b = (at_local(date.fromisoformat(day), seconds, LONDON) for seconds in (0, 86_400))
    assert calendar(ALL_DAY, LONDON).work_between(a, b) == hours * HOUR


def test_hours_that_lie_in_the_skipped_hour_are_not_worked() -> None:
    early = calendar((((HOUR, 2 * HOUR),),) * 7, LONDON)
    assert early.work_between(at("2026-03-29T00:00", LONDON), at("2026-03-30T00:00", LONDON)) == 0
    half = calendar((((HOUR + 1800, 3 * HOUR),),) * 7, LONDON)
    assert half.work_between(at("2026-03-29T00:00", LONDON), at("2026-03-30T00:00", LONDON)) == HOUR


def test_a_shift_through_the_repeated_hour_counts_it() -> None:
    night = calendar((((0, 6 * HOUR),),) * 7, LONDON)
    assert night.add_work(at("2026-10-25T00:00", LONDON), 7 * HOUR) == at("2026-10-25T06:00", LONDON)


def test_an_evening_shown_again_after_midnight_is_measured_to_its_end() -> None:
    # Newfoundland put its clocks back from 00:01 on the 7th to 23:01 on the 6th: its first midnight was 02:30 UTC.
    morning = calendar((((0, 4 * HOUR),),) * 7, ZoneInfo("America/St_Johns"))
    again = datetime(2010, 11, 7, 3, 0, tzinfo=UTC)
    assert morning.work_between(again - timedelta(hours=1), again) == 1800


def test_always_runs_through_nights_and_changes_of_the_clocks() -> None:
    always = Calendar.always(LONDON)
    a = at("2026-03-28T12:00", LONDON)
    assert always.add_work(a, 48 * HOUR) == a + timedelta(hours=48)
    assert always.work_between(a, at("2026-03-30T12:00", LONDON)) == 47 * HOUR


def test_always_looks_at_no_day_however_long_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    always = Calendar.always(SHANGHAI)
    monkeypatch.setattr(Calendar, "_from", lambda *_: pytest.fail("a day was looked at"))
    a = at("2026-11-20T09:00")
    assert always.work_between(a, always.add_work(a, 10**10)) == 10**10


def test_fractions_of_a_second_are_cut_off() -> None:
    a = at("2026-11-20T09:00").replace(microsecond=999_999)
    for one in (calendar(), Calendar.always(SHANGHAI)):
        assert one.add_work(a, 60) == at("2026-11-20T09:01")


@pytest.mark.parametrize("one", [calendar(), Calendar.always(SHANGHAI)])
def test_time_runs_forward_only(one: Calendar) -> None:
    a = at("2026-11-20T09:00")
    with pytest.raises(ValueError, match="before the start"):
        one.work_between(a, a - timedelta(seconds=1))
    with pytest.raises(ValueError, match="negative"):
        one.add_work(a, -1)


@pytest.mark.parametrize(
    "week",
    [
        ((),) * 7,
        (OFFICE,) * 5,
        (((9 * HOUR, 8 * HOUR),),) * 7,
        (((8 * HOUR, 8 * HOUR),),) * 7,
        (((8 * HOUR, 12 * HOUR), (11 * HOUR, 13 * HOUR)),) * 7,
        (((8 * HOUR, 25 * HOUR),),) * 7,
        (((-1, HOUR),),) * 7,
    ],
)
def test_hours_that_make_no_calendar_are_refused(week: Week) -> None:
    with pytest.raises(ValueError, match="calendar test"):
        calendar(week)


@pytest.mark.rule("SLA-6")
def test_the_spans_behind_a_deadline_are_the_working_intervals_cut_to_it() -> None:
    spans = calendar().spans(at("2026-11-20T11:00"), at("2026-11-23T09:00"))
    assert [(iso_utc(a), iso_utc(b)) for a, b in spans] == [
        ("2026-11-20T03:00:00Z", "2026-11-20T04:00:00Z"),
        ("2026-11-20T06:00:00Z", "2026-11-20T10:00:00Z"),
        ("2026-11-23T00:00:00Z", "2026-11-23T01:00:00Z"),
    ]
    assert not list(calendar().spans(at("2026-11-20T12:00"), at("2026-11-20T14:00")))
    a, b = at("2026-11-20T23:00"), at("2026-11-21T23:00")
    assert list(Calendar.always(SHANGHAI).spans(a, b)) == [(a, b)]


@pytest.mark.rule("COO-1")
def test_a_day_ends_at_the_local_midnight_after_it() -> None:
    assert end_of_day(at("2026-11-22T00:00"), SHANGHAI) == at("2026-11-23T00:00")
    assert end_of_day(at("2026-11-22T23:59:59"), SHANGHAI) == at("2026-11-23T00:00")
    # The night before Havana's clocks go from 00:00 to 01:00, and a day of 25 hours.
    havana = ZoneInfo("America/Havana")
    assert iso_utc(end_of_day(at("2026-03-07T12:00", havana), havana)) == "2026-03-08T05:00:00Z"
    assert end_of_day(at("2026-10-25T00:00", LONDON), LONDON) == at("2026-10-26T00:00", LONDON)


@pytest.mark.rule("FIN-5")
@pytest.mark.parametrize(
    ("now", "due"),
    [
        ("2026-11-22T09:00", "2026-11-22T17:00"),
        ("2026-11-22T17:00", "2026-11-22T17:00"),
        ("2026-11-22T17:00:01", "2026-11-23T17:00"),
        ("2026-11-22T00:00", "2026-11-22T17:00"),
    ],
)
def test_a_time_of_day_is_todays_until_it_is_past(now: str, due: str) -> None:
    assert next_time_of_day(at(now), 17 * HOUR, SHANGHAI) == at(due)


# Lord Howe shifts by half an hour, Havana and Sao Paulo at midnight; Samoa left out a day, Newfoundland put its
# clocks back from 00:01 into the day before.
ZONES = ["Asia/Shanghai", "Europe/London", "America/New_York", "Australia/Lord_Howe", "America/Havana",
         "America/Sao_Paulo", "America/St_Johns", "Pacific/Apia"]  # fmt: skip
CHANGES = ["2026-03-07", "2026-03-28", "2026-10-24", "2026-11-01", "2026-04-04", "2011-12-29", "2018-02-17",
           "2018-11-03", "2010-11-06", "2026-11-20"]  # fmt: skip


@st.composite
def hours(draw: st.DrawFn) -> tuple[tuple[int, int], ...]:
    quarters = draw(st.lists(st.integers(0, 96), max_size=6, unique=True).map(sorted))
    return tuple((a * 900, b * 900) for a, b in zip(quarters[::2], quarters[1::2], strict=False))


@st.composite
def calendars(draw: st.DrawFn) -> tuple[Calendar, datetime]:
    zone = ZoneInfo(draw(st.sampled_from(ZONES)))
    first = date.fromisoformat(draw(st.sampled_from(CHANGES)))
    nearby = st.frozensets(st.integers(-3, 10).map(lambda n: (first + timedelta(days=n)).isoformat()), max_size=4)
    week = draw(st.tuples(*[hours()] * 7).filter(any))
    start = datetime(first.year, first.month, first.day, tzinfo=UTC) + timedelta(
        seconds=draw(st.integers(-86_400, 3 * 86_400))
    )
    if draw(st.integers(0, 9)) == 0:
        return Calendar.always(zone), start
    return Calendar.of(CalendarRule("random", week, draw(nearby), draw(nearby)), zone), start


SECONDS = st.integers(0, 40 * HOUR)


@given(calendars(), SECONDS)
@settings(max_examples=120, deadline=None)
def test_measuring_what_was_added_gives_it_back(given_: tuple[Calendar, datetime], seconds: int) -> None:
    one, a = given_
    assert one.work_between(a, one.add_work(a, seconds)) == seconds


@given(calendars(), SECONDS, SECONDS)
@settings(max_examples=60, deadline=None)
def test_adding_twice_is_adding_the_sum(given_: tuple[Calendar, datetime], some: int, more: int) -> None:
    one, a = given_
    # From 1 s on: adding nothing leaves a time where it is, also outside working hours.
    assert one.add_work(one.add_work(a, some), more + 1) == one.add_work(a, some + more + 1)


@given(calendars(), SECONDS, SECONDS)
@settings(max_examples=60, deadline=None)
def test_working_time_of_adjoining_stretches_adds_up_and_never_exceeds_the_time_elapsed(
    given_: tuple[Calendar, datetime], some: int, more: int
) -> None:
    one, a = given_
    b = a + timedelta(seconds=some)
    c = b + timedelta(seconds=more)
    assert one.work_between(a, b) + one.work_between(b, c) == one.work_between(a, c) <= some + more


@given(calendars(), st.integers(1, 40 * HOUR))
@settings(max_examples=60, deadline=None)
def test_a_deadline_is_the_earliest_time_by_which_the_work_has_passed(
    given_: tuple[Calendar, datetime], seconds: int
) -> None:
    one, a = given_
    due = one.add_work(a, seconds)
    assert one.work_between(a, due - timedelta(seconds=1)) == seconds - 1
