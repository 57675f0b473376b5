"""Public holidays and make-up workdays: the published table, over which working time is added and measured (SLA-2)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from repairdesk.domain.clock import Calendar
from repairdesk.domain.clocks import Clocks
from repairdesk.domain.policy import NO_DAYS, CalendarRule, PublicDays
from repairdesk.domain.times import parse_at
from repairdesk.rules.hydrate import build_days, build_policies
from repairdesk.rules.load import read_days, read_policies
from repairdesk.rules.preset import calendar_text, preset_text

pytestmark = pytest.mark.rule("SLA-2")

SHANGHAI = ZoneInfo("Asia/Shanghai")
LONDON = ZoneInfo("Europe/London")
HOUR = 3600
Hours = tuple[tuple[int, int], ...]
OFFICE: Hours = ((8 * HOUR, 12 * HOUR), (14 * HOUR, 18 * HOUR))
WORKWEEK: tuple[Hours, ...] = (OFFICE,) * 5 + ((), ())
PUBLISHED = build_days(read_days(calendar_text(), "calendar.yaml").data)


def calendar(
    week: tuple[Hours, ...] = WORKWEEK, holidays: str = "", workdays: str = "", *, public: bool = True
) -> Calendar:
    rule = CalendarRule("test", week, frozenset(holidays.split()), frozenset(workdays.split()), public)
    return Calendar.of(rule, SHANGHAI, PUBLISHED)


def at(text: str) -> datetime:
    return parse_at(text, SHANGHAI)


# In 2026 National Day is off from Thursday 1 to Wednesday 7 October; worked instead are Sunday 20 September and
# Saturday 10 October.
@pytest.mark.parametrize(
    ("start", "hours", "due"),
    [
        pytest.param("2026-09-30T16:00", 2, "2026-09-30T18:00", id="ends with the last hour before"),
        pytest.param("2026-09-30T17:00", 2, "2026-10-08T09:00", id="an hour before, an hour after"),
        pytest.param("2026-10-01T09:00", 1, "2026-10-08T09:00", id="begins on the holiday"),
        pytest.param("2026-10-07T23:59:59", 8, "2026-10-08T18:00", id="the first day after, whole"),
        pytest.param("2026-10-08T08:00", 17, "2026-10-10T09:00", id="into the make-up Saturday"),
        pytest.param("2026-10-09T18:00", 9, "2026-10-12T09:00", id="past the make-up Saturday, over the Sunday"),
        pytest.param(
            "2026-09-18T18:00", 9, "2026-09-21T09:00", id="the make-up Sunday, the Saturday before it is free"
        ),
        pytest.param("2026-09-24T17:00", 2, "2026-09-28T09:00", id="the Friday of the Mid-Autumn holiday"),
    ],
)
def test_work_over_national_day_stands_still_and_is_made_up(start: str, hours: int, due: str) -> None:
    one = calendar()
    assert one.add_work(at(start), hours * HOUR) == at(due)
    assert one.work_between(at(start), at(due)) == hours * HOUR


@pytest.mark.parametrize(
    ("a", "b", "seconds"),
    [
        ("2026-09-30T18:00", "2026-10-08T08:00", 0),
        ("2026-09-30T17:59:59", "2026-10-08T08:00:01", 2),
        ("2026-10-01T00:00", "2026-10-08T00:00", 0),
        ("2026-09-28T00:00", "2026-10-12T00:00", 6 * 8 * HOUR),
        ("2026-09-20T00:00", "2026-09-21T00:00", 8 * HOUR),
        ("2026-09-19T00:00", "2026-09-20T00:00", 0),
        ("2026-10-11T00:00", "2026-10-12T00:00", 0),
    ],
)
def test_working_time_around_national_day_is_half_open(a: str, b: str, seconds: int) -> None:
    assert calendar().work_between(at(a), at(b)) == seconds


def test_a_shift_up_to_24_00_ends_where_the_holiday_begins() -> None:
    evening = calendar((((20 * HOUR, 24 * HOUR),),) * 7)
    assert evening.add_work(at("2026-09-30T22:00"), 2 * HOUR) == at("2026-10-01T00:00")
    assert evening.add_work(at("2026-09-30T22:00"), 2 * HOUR + 1) == at("2026-10-08T20:00:01")


def test_a_night_shift_is_cut_at_the_midnight_before_a_holiday() -> None:
    night = calendar((((0, 6 * HOUR), (22 * HOUR, 24 * HOUR)),) * 7)
    assert night.work_between(at("2026-09-30T22:00"), at("2026-10-01T06:00")) == 2 * HOUR
    assert night.work_between(at("2026-10-07T22:00"), at("2026-10-08T06:00")) == 6 * HOUR


def test_a_calendar_that_is_not_public_takes_no_notice_of_the_table() -> None:
    own = calendar(public=False)
    assert own.work_between(at("2026-10-01T00:00"), at("2026-10-03T00:00")) == 16 * HOUR
    assert own.work_between(at("2026-10-10T00:00"), at("2026-10-11T00:00")) == 0


def test_what_a_calendar_says_itself_of_a_day_comes_before_the_table() -> None:
    own = calendar(holidays="2026-10-10", workdays="2026-10-03")
    assert own.work_between(at("2026-10-10T00:00"), at("2026-10-11T00:00")) == 0
    assert own.work_between(at("2026-10-03T00:00"), at("2026-10-04T00:00")) == 8 * HOUR


def test_the_table_is_of_the_desks_zone_whatever_zone_a_time_comes_in() -> None:
    # Already 1 October in Shanghai, still 30 September in London.
    start = at("2026-10-01T05:00").astimezone(LONDON)
    assert start.date() == date(2026, 9, 30)
    assert calendar().add_work(start, HOUR) == at("2026-10-08T09:00")


def test_the_clock_runs_as_ever_in_a_year_without_a_table() -> None:
    assert calendar().work_between(at("2027-10-01T00:00"), at("2027-10-02T00:00")) == 8 * HOUR


@pytest.mark.rule("SLA-6")
@pytest.mark.parametrize(
    ("day", "hours", "why"),
    [
        ("2026-09-30", OFFICE, None),
        ("2026-10-01", (), ("holiday", "国庆节")),
        ("2026-10-03", (), ("holiday", "国庆节")),
        ("2026-10-08", OFFICE, None),
        ("2026-10-10", OFFICE, ("workday", None)),
        ("2026-10-11", (), ("closed", None)),
        ("2026-10-12", (), ("holiday", None)),
        ("2026-10-17", OFFICE, ("workday", None)),
    ],
)
def test_every_day_says_why_it_is_not_as_usual(day: str, hours: Hours, why: tuple[str, str | None] | None) -> None:
    own = calendar(holidays="2026-10-12", workdays="2026-10-17")
    assert own.day(date.fromisoformat(day)) == (hours, why)


def test_the_calendar_that_never_stops_has_no_unusual_day() -> None:
    assert Calendar.always(SHANGHAI).day(date(2026, 10, 1)) == (((0, 24 * HOUR),), None)


# --- how far the table goes

GAP = PublicDays("gap", frozenset({2025, 2026, 2028}), {}, frozenset())


def test_a_stretch_is_covered_when_every_year_of_it_is() -> None:
    assert GAP.covers(date(2025, 1, 1), date(2026, 12, 31))
    assert not GAP.covers(date(2026, 12, 31), date(2027, 1, 1))
    assert not GAP.covers(date(2026, 1, 1), date(2028, 1, 1))
    assert not NO_DAYS.covers(date(2026, 1, 1), date(2026, 1, 1))


@pytest.mark.parametrize(
    ("today", "last"),
    [("2025-03-01", "2026-12-31"), ("2026-12-31", "2026-12-31"), ("2028-01-01", "2028-12-31"), ("2027-01-01", None)],
)
def test_the_table_reaches_to_the_end_of_the_last_year_without_a_gap(today: str, last: str | None) -> None:
    assert GAP.until(date.fromisoformat(today)) == (date.fromisoformat(last) if last else None)


def test_a_deadline_is_sure_while_it_ends_within_the_table_and_always_where_no_public_day_counts() -> None:
    policies = build_policies(read_policies(preset_text("standard")[0], "policies.yaml").data)
    office = policies.calendars["office"]
    own = {"office": office, "own": office._replace(name="own", public=False)}
    clocks = Clocks(policies._replace(calendars=own), SHANGHAI, PUBLISHED)
    rule = policies.obligations[0]._replace(calendar="office")
    start = at("2026-12-31T09:00")
    # Half-open: midnight belongs to the old year. In London it is still 2026, at the desk no longer.
    assert clocks.covers(rule, start, at("2027-01-01T00:00"))
    assert not clocks.covers(rule, start, at("2027-01-01T00:00:01").astimezone(LONDON))
    assert not clocks.covers(rule, at("2027-01-01T00:00"), at("2027-01-01T00:00"))
    assert not clocks.covers(rule, at("2023-12-31T23:00"), at("2024-01-02T00:00"))
    for sure in ("own", "always"):
        assert clocks.covers(rule._replace(calendar=sure), start, at("2030-01-01T00:00"))


def test_the_clocks_of_a_desk_stand_still_on_its_public_days() -> None:
    policies = build_policies(read_policies(preset_text("standard")[0], "policies.yaml").data)
    start = at("2026-09-30T17:00")
    with_table, without = (
        Clocks(policies, SHANGHAI, days).calendar("office").add_work(start, HOUR) for days in (PUBLISHED, NO_DAYS)
    )
    assert (with_table, without) == (at("2026-10-08T09:00"), at("2026-10-01T09:00"))


# --- the two sums are inverses, whatever the calendar and whatever the table

# Shanghai has no summer time; London and New York change their clocks in these weeks, Havana at midnight.
ZONES = ("Asia/Shanghai", "Europe/London", "America/New_York", "America/Havana")
FIRSTS = ("2026-09-28", "2026-03-27", "2026-10-23", "2026-03-06", "2026-10-30", "2026-12-29")


@st.composite
def hours(draw: st.DrawFn) -> Hours:
    quarters = draw(st.lists(st.integers(0, 96), max_size=6, unique=True).map(sorted))
    return tuple((a * 900, b * 900) for a, b in zip(quarters[::2], quarters[1::2], strict=False))


@st.composite
def cases(draw: st.DrawFn) -> tuple[Calendar, PublicDays, CalendarRule, datetime]:
    first = date.fromisoformat(draw(st.sampled_from(FIRSTS)))
    near = st.integers(-2, 12).map(lambda n: (first + timedelta(days=n)).isoformat())
    few = st.frozensets(near, max_size=3)
    table = PublicDays(
        "random", frozenset({first.year}), dict.fromkeys(draw(st.frozensets(near, max_size=9)), "X"), draw(few)
    )
    week = draw(st.tuples(*[hours()] * 7).filter(any))
    rule = CalendarRule("random", week, draw(few), draw(few), draw(st.booleans()))
    start = datetime(first.year, first.month, first.day, tzinfo=UTC) + timedelta(seconds=draw(st.integers(0, 259_200)))
    return Calendar.of(rule, ZoneInfo(draw(st.sampled_from(ZONES))), table), table, rule, start


@given(cases(), st.integers(1, 60 * HOUR))
@settings(max_examples=120, deadline=None)
@example((Calendar.of(CalendarRule("w", WORKWEEK, frozenset(), frozenset()), SHANGHAI, PUBLISHED), PUBLISHED,
          CalendarRule("w", WORKWEEK, frozenset(), frozenset()), at("2026-09-30T17:00")), 2 * HOUR)  # fmt: skip
def test_what_is_added_is_measured_back_and_not_a_second_earlier(
    case: tuple[Calendar, PublicDays, CalendarRule, datetime], seconds: int
) -> None:
    one, _, _, a = case
    due = one.add_work(a, seconds)
    assert one.work_between(a, due) == seconds
    assert one.work_between(a, due - timedelta(seconds=1)) == seconds - 1


@given(cases(), st.integers(0, 14))
@settings(max_examples=80, deadline=None)
def test_a_day_off_has_no_work_and_a_workday_has_some(
    case: tuple[Calendar, PublicDays, CalendarRule, datetime], days: int
) -> None:
    one, table, rule, a = case
    day = (a + timedelta(days=days)).date()
    name, (worked, why) = day.isoformat(), one.day(day)
    made_up = name in rule.workdays or (rule.public and name in table.workdays and name not in rule.holidays)
    off = name in rule.holidays or (rule.public and name in table.holidays)
    if made_up:
        assert worked
        assert why is not None
        assert why.kind == "workday"
    elif off:
        assert (worked, why and why.kind) == ((), "holiday")
    else:
        assert worked == rule.week[day.weekday()]
