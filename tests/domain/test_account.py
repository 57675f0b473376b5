"""The account of a deadline: every interval, stop and day behind it, in rows that add up (SLA-6)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any, NamedTuple, cast
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from repairdesk.desk.rulebooks import Rules
from repairdesk.desk.turn import judged
from repairdesk.domain import account as accounts
from repairdesk.domain import effects, keeping, obligations
from repairdesk.domain.account import COUNTED, Account, Pause, Row, reckon
from repairdesk.domain.clock import Calendar
from repairdesk.domain.clocks import Clocks
from repairdesk.domain.entry import Entry
from repairdesk.domain.order import Order
from repairdesk.domain.policy import NO_DAYS, CalendarRule, ObligationRule, Policies, PublicDays
from repairdesk.domain.times import iso_utc
from repairdesk.rules.hydrate import build_policies
from repairdesk.rules.load import read_policies
from repairdesk.rules.preset import preset_text

pytestmark = pytest.mark.rule("SLA-6")

SHANGHAI = ZoneInfo("Asia/Shanghai")
HOUR = 3600
OFFICE = CalendarRule(
    "office", (((8 * HOUR, 12 * HOUR), (14 * HOUR, 18 * HOUR)),) * 5 + ((), ()), frozenset(), frozenset()
)
NATIONAL_DAY = PublicDays(
    "2026", frozenset({2026}), {f"2026-10-0{day}": "国庆节" for day in range(1, 8)}, frozenset({"2026-10-10"})
)
STANDARD: Policies = build_policies(read_policies(preset_text("standard")[0], "policies.yaml").data)
REPORT = {"kind": "in_home", "priority": "regular", "policies_version": "p", "fees_version": "f", "fault": "it drips"}


def declared(name: str, **to: Any) -> ObligationRule:
    """A declaration of the standard preset, by its id, with what is said otherwise."""
    return next(rule for rule in STANDARD.obligations if rule.id == name)._replace(**to)


class Judging(NamedTuple):
    """What an order is judged by."""

    policies: Policies
    clocks: Clocks


def moment(text: str) -> datetime:
    """A local time of 2026: ``11-20 17:00`` or ``11-20 17:00:09``."""
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=SHANGHAI).astimezone(UTC)


class Story:
    """An order on which things happen, judged by one declaration."""

    def __init__(self, *rules: ObligationRule, days: PublicDays = NO_DAYS) -> None:
        policies = STANDARD._replace(obligations=rules, calendars={"office": OFFICE}, ladders={})
        self.rules = Judging(policies, Clocks(policies, SHANGHAI, days))
        self.entries: list[Entry] = []
        self.order: Order | None = None

    def on(self, at: str, event: str, /, *, actor: str = "W1", **data: Any) -> Story:
        """One more entry."""
        time, n = moment(at), len(self.entries) + 1
        kept = {**REPORT, **data} if event == "intake" else data
        entry = Entry(n, "P1", n, event, actor, actor, time, time, False, kept)
        after = effects.apply(self.order, entry)
        owing = judged(self.order, after, entry, cast(Rules, self.rules))
        return self.write(entry, owing)

    def write(self, entry: Entry, owing: list[obligations.Change]) -> Story:
        """An entry whose changes are known."""
        self.entries.append(entry._replace(data={**entry.data, "obligations": owing}))
        self.order = effects.apply(self.order, self.entries[-1])
        return self

    def account(self, at: str = "12-31 23:59", cycle: int = -1, clocks: Clocks | None = None) -> Account:
        """The account of what is owed, of the latest if there are several."""
        assert self.order is not None
        owed = self.order.obligations[cycle]
        key = (owed.name, owed.cycle)
        rules = {rule.id: rule for rule in self.rules.policies.obligations}
        found = accounts.account(
            owed, accounts.histories(self.entries)[key], accounts.told(self.entries, key), rules,
            clocks or self.rules.clocks, moment(at),
        )  # fmt: skip
        assert found is not None
        return found

    def due(self) -> str:
        assert self.order is not None
        return local(self.order.obligations[-1].due_at)


def local(time: datetime | None) -> str:
    if time is None:
        return "…"
    here = time.astimezone(SHANGHAI)
    return f"{here:%m-%d %H:%M:%S}" if here.second else f"{here:%m-%d %H:%M}"


def lines(account: Account) -> list[str]:
    """The rows as one would write them down: kind, from, to, minutes, total, why, name, note."""
    return [
        " ".join(
            filter(
                None,
                [
                    f"{row.kind} {local(row.since)} – {local(row.until)} {row.seconds // 60} {row.total // 60}",
                    *(row.why, row.name, row.note),
                ],
            )
        )
        for row in account.rows
    ]


RESOLVE = declared("resolve")
IN_THE_OFFICE = declared("resolve", calendar="office", within={"*": 2 * HOUR})


# --- within


@pytest.mark.parametrize(("reported", "until"), [("11-22 23:50", "11-24 23:50"), ("11-23 00:05", "11-25 00:05")])
def test_a_clock_that_runs_all_day_is_one_interval_from_the_report(reported: str, until: str) -> None:
    account = Story(RESOLVE).on(reported, "intake").account()
    assert lines(account) == [f"counted {reported} – {until} 2880 2880"]
    assert (account.kind, account.allowed, account.priority) == ("within", 48 * HOUR, "regular")
    assert account.anchor == ("report", moment(reported), 1, "intake")
    assert account.agrees


@pytest.mark.parametrize(("reported", "until"), [("11-22 23:50", "11-23 00:00"), ("11-23 00:05", "11-24 00:00")])
def test_what_is_due_by_the_end_of_its_day_ends_with_the_day_of_the_report(reported: str, until: str) -> None:
    story = Story(declared("slip", starts=("intake",), by=24 * HOUR, anchor="day")).on(reported, "intake")
    account = story.account()
    assert (story.due(), account.kind, account.by, account.rows) == (until, "by", 24 * HOUR, ())
    assert (account.anchor.what, account.agrees) == ("report", True)


def test_nights_and_weekends_are_named_where_office_hours_skip_them() -> None:
    account = Story(IN_THE_OFFICE).on("11-20 17:00", "intake").account()
    assert lines(account) == [
        "counted 11-20 17:00 – 11-20 18:00 60 60",
        "skipped 11-20 18:00 – 11-21 00:00 0 60 hours",
        "skipped 11-21 00:00 – 11-22 00:00 0 60 closed",
        "skipped 11-22 00:00 – 11-23 00:00 0 60 closed",
        "skipped 11-23 00:00 – 11-23 08:00 0 60 hours",
        "counted 11-23 08:00 – 11-23 09:00 60 120",
    ]


def test_a_night_between_two_working_days_is_one_row() -> None:
    account = Story(IN_THE_OFFICE).on("11-19 17:00", "intake").account()
    assert lines(account)[1] == "skipped 11-19 18:00 – 11-20 08:00 0 60 hours"


@pytest.mark.rule("SLA-2")
def test_each_holiday_is_named_and_a_make_up_workday_says_that_it_is_one() -> None:
    rule = declared("resolve", calendar="office", within={"*": 18 * HOUR})
    story = Story(rule, days=NATIONAL_DAY).on("09-30 17:00", "intake")
    found = lines(story.account())
    assert [line for line in found if "holiday" in line] == [
        f"skipped 10-0{day} 00:00 – 10-0{day + 1} 00:00 0 60 holiday 国庆节" for day in range(1, 8)
    ]
    assert found[-2:] == [
        "skipped 10-09 18:00 – 10-10 08:00 0 1020 hours",
        "counted 10-10 08:00 – 10-10 09:00 60 1080 workday",
    ]
    assert story.due() == "10-10 09:00"


# --- stops


@pytest.mark.rule("SLA-3")
def test_two_stops_stand_between_the_intervals_and_what_counts_adds_up() -> None:
    story = Story(RESOLVE).on("11-22 09:00", "intake").on("11-22 10:00", "absent").on("11-22 15:07:09", "arrive")
    story.on("11-22 16:00", "quote", fee=30000).on("11-23 16:00", "consent", fee=30000)
    account = story.account()
    assert [(row.kind, row.why, row.seconds) for row in account.rows] == [
        ("counted", None, HOUR),
        ("stopped", "absent", 5 * HOUR + 7 * 60 + 9),
        ("counted", None, 52 * 60 + 51),
        ("stopped", "consent", 24 * HOUR),
        ("counted", None, 48 * HOUR - HOUR - 52 * 60 - 51),
    ]
    assert account.rows[-1].total == account.allowed
    assert story.due() == local(account.rows[-1].until) == "11-25 14:07:09"
    assert [change.op for change in account.changed] == ["resume", "resume"]
    assert account.agrees


@pytest.mark.rule("SLA-3")
def test_a_stop_takes_only_the_working_time_that_it_lies_over() -> None:
    story = Story(IN_THE_OFFICE, days=NATIONAL_DAY).on("09-30 17:00", "intake").on("09-30 17:30", "absent")
    account = story.on("10-08 08:15", "arrive").account()
    assert lines(account) == [
        "counted 09-30 17:00 – 09-30 17:30 30 30",
        "stopped 09-30 17:30 – 10-08 08:15 45 30 absent",
        "counted 10-08 08:15 – 10-08 09:45 90 120",
    ]


@pytest.mark.rule("SLA-3")
def test_a_stop_that_is_still_open_leaves_the_rest_to_be_counted() -> None:
    story = Story(RESOLVE).on("11-22 09:00", "intake").on("11-22 10:00", "absent")
    account = story.account(at="11-22 12:30")
    assert lines(account) == [
        "counted 11-22 09:00 – 11-22 10:00 60 60",
        "stopped 11-22 10:00 – … 150 60 absent",
    ]
    assert (account.left, account.overdue, account.agrees) == (47 * HOUR, None, True)


@pytest.mark.rule("SLA-3")
def test_a_stop_that_begins_after_the_miss_is_told_and_moves_nothing() -> None:
    rule = declared("resolve", within={"*": HOUR})
    story = Story(rule).on("11-22 09:00", "intake").on("11-22 11:00", "absent")
    still = story.account(at="11-22 12:00")
    assert lines(still) == [
        "counted 11-22 09:00 – 11-22 10:00 60 60",
        "stopped 11-22 11:00 – … 0 60 absent overdue",
    ]
    assert (still.left, still.overdue, still.agrees) == (None, 2 * HOUR, True)
    over = story.on("11-22 12:00", "arrive").account()
    assert lines(over)[1] == "stopped 11-22 11:00 – 11-22 12:00 0 60 absent overdue"
    assert (story.due(), over.agrees) == ("11-22 10:00", True)


@pytest.mark.rule("SLA-3")
def test_an_appointment_ahead_stops_the_clock_from_the_report_on() -> None:
    window = {"start": iso_utc(moment("11-25 14:00")), "end": iso_utc(moment("11-25 16:00"))}
    account = Story(RESOLVE).on("11-22 09:00", "intake", appointment=window).account(at="11-22 09:00")
    assert lines(account) == [
        "stopped 11-22 09:00 – 11-25 14:00 4620 0 appointment",
        "counted 11-25 14:00 – 11-27 14:00 2880 2880",
    ]


# --- counted anew


def corrected(field: str, old: str, new: str) -> dict[str, Any]:
    return {"fields": {field: {"old": old, "new": new}, "phone": {"old": "13800001111", "new": "13800002222"}}}


@pytest.mark.rule("SLA-3")
def test_a_priority_that_is_raised_during_a_stop_keeps_anchor_and_stop() -> None:
    story = Story(RESOLVE).on("11-22 09:00", "intake").on("11-22 10:00", "absent")
    story.on("11-22 11:00", "correct", actor="C1", **corrected("priority", "regular", "emergency"))
    account = story.on("11-22 13:00", "arrive").account()
    assert lines(account) == [
        "counted 11-22 09:00 – 11-22 10:00 60 60",
        "stopped 11-22 10:00 – 11-22 13:00 180 60 absent",
        "counted 11-22 13:00 – 11-22 14:00 60 120",
    ]
    assert (account.allowed, account.priority, account.agrees) == (2 * HOUR, "emergency", True)
    moved = account.changed[0]
    assert (moved.seq, moved.event, moved.op, moved.by) == (3, "correct", "move", "C1")
    assert (local(moved.was), local(moved.now)) == ("11-24 09:00", "11-22 11:00")
    assert moved.fields == {"priority": {"old": "regular", "new": "emergency"}}, "a phone number has no business here"


@pytest.mark.rule("SLA-3")
def test_a_stop_that_the_new_declaration_does_not_name_moves_nothing_any_more() -> None:
    stops = declared("resolve", priorities=("regular",))
    runs = declared("resolve", id="urgent", priorities=("emergency",), within={"*": 2 * HOUR}, pauses=())
    story = Story(stops, runs).on("11-22 09:00", "intake").on("11-22 09:30", "absent").on("11-22 10:00", "arrive")
    story.on("11-22 10:10", "correct", **corrected("priority", "regular", "emergency"))
    account = story.account()
    assert lines(account) == [
        "counted 11-22 09:00 – 11-22 11:00 120 120",
        "stopped 11-22 09:30 – 11-22 10:00 0 120 absent not-named",
    ]
    assert (account.priority, account.agrees) == (None, True)


@pytest.mark.rule("SLA-2")
def test_a_calendar_that_has_changed_since_is_owned_up_to() -> None:
    story = Story(IN_THE_OFFICE).on("09-30 17:00", "intake")
    later = Clocks(story.rules.policies, SHANGHAI, NATIONAL_DAY)
    assert story.account().agrees
    account = story.account(clocks=later)
    assert not account.agrees
    assert account.rows[-1].total == HOUR, "the rows are those of the calendar that there is"


def test_what_the_policies_do_not_declare_has_no_account() -> None:
    story = Story(RESOLVE).on("11-22 09:00", "intake")
    assert story.order is not None
    (owed,) = story.order.obligations
    histories = accounts.histories(story.entries)
    assert accounts.account(owed, histories["resolve", 1], (), {}, story.rules.clocks, moment("11-22 10:00")) is None


# --- the other forms


def window(start: str, end: str) -> Mapping[str, Any]:
    return {"appointment": {"start": iso_utc(moment(start)), "end": iso_utc(moment(end))}}


@pytest.mark.rule("ASG-2")
def test_what_is_owed_ahead_of_an_appointment_follows_the_latest_and_says_which_entry_set_it() -> None:
    story = Story(declared("arrive-appointment")).on("11-22 09:00", "intake", **window("11-22 14:00", "11-22 16:00"))
    story.on("11-22 09:05", "assign", assignee="W1").on("11-22 09:10", "accept")
    first = story.account()
    assert (first.kind, first.lead, first.anchor) == ("lead", 300, ("appointment", moment("11-22 14:00"), 1, "intake"))
    assert (story.due(), first.rows, first.agrees) == ("11-22 13:55", (), True)
    story.on("11-22 10:00", "reschedule", **window("11-23 09:00", "11-23 10:00"))
    again = story.account()
    assert again.anchor == ("appointment", moment("11-23 09:00"), 4, "reschedule")
    assert (story.due(), again.agrees) == ("11-23 08:55", True)
    assert [(c.seq, local(c.was), local(c.now)) for c in again.changed] == [(4, "11-22 13:55", "11-23 08:55")]


@pytest.mark.rule("VIS-4")
def test_a_new_appointment_takes_the_place_of_the_wait_for_the_old_one() -> None:
    story = Story(declared("arrive-appointment")).on("11-22 09:00", "intake", **window("11-22 14:00", "11-22 16:00"))
    story.on("11-22 09:05", "assign", assignee="W1").on("11-22 09:10", "accept").on("11-22 13:50", "absent")
    account = story.on("11-22 14:30", "reschedule", **window("11-23 09:00", "11-23 10:00")).account()
    assert lines(account) == ["stopped 11-22 13:50 – 11-22 14:30 0 0 absent replaced"]
    assert (story.due(), account.agrees) == ("11-23 08:55", True)


@pytest.mark.rule("FIN-5")
def test_what_is_due_by_an_hour_is_due_by_the_next_one_after_its_entry() -> None:
    story = Story(declared("slip")).on("11-22 09:00", "intake").on("11-22 17:30", "finish", result="done")
    account = story.account()
    assert (account.kind, account.by, account.allowed) == ("by", 17 * HOUR, None)
    assert account.anchor == ("entry", moment("11-22 17:30"), 2, "finish")
    assert (story.due(), account.agrees) == ("11-23 17:00", True)


@pytest.mark.rule("VIS-5")
def test_what_a_pause_promises_is_due_then() -> None:
    story = Story(declared("explain", by=None, anchor="next", kinds=(), reasons=()))
    story.on("11-22 09:00", "intake")
    story.on("11-22 10:00", "pause", at="x", reason="parts", next=iso_utc(moment("11-25 09:00")))
    account = story.account()
    assert (account.kind, account.anchor) == ("next", ("next", moment("11-25 09:00"), 2, "pause"))
    assert (story.due(), account.agrees) == ("11-25 09:00", True)


@pytest.mark.rule("COO-4")
@pytest.mark.parametrize(
    ("each", "starts", "due"),
    [("week", "11-23 00:00", "11-29 23:59:59"), ("month", "12-01 00:00", "12-31 23:59:59")],
)
def test_what_is_owed_in_each_period_counts_what_was_done_in_it(each: str, starts: str, due: str) -> None:
    rule = declared("slip", starts=("intake",), meets=("log",), by=None, each=each, times=2, kinds=())
    story = Story(rule).on("11-20 09:00", "intake")
    said = dict.fromkeys(("at", "place", "contact", "phone", "content", "opinions", "plan"), "x")
    month, day = starts[:2], int(starts[3:5])
    story.on(f"{month}-{day:02} 10:00", "log", actor="L1", **said)
    story.on(f"{month}-{day + 1:02} 10:00", "log", actor="L2", **said)
    account = story.account(cycle=0)
    assert story.order is not None
    assert (local(story.order.obligations[0].starts_at), local(story.order.obligations[0].due_at)) == (starts, due)
    assert (account.kind, account.rows, account.agrees) == (each, (), True)
    assert [(one.op, one.by, one.seq) for one in account.done] == [("count", "L1", 2), ("meet", "L2", 3)]


# --- what came of it


def test_what_met_it_is_said_with_how_early_or_late_it_was() -> None:
    rule = declared("resolve", within={"*": 2 * HOUR})
    early = Story(rule).on("11-22 09:00", "intake").on("11-22 10:30", "finish", actor="W2", result="done").account()
    assert [(one.op, one.by, one.seq, one.early) for one in early.done] == [("meet", "W2", 2, 1800)]
    assert early.overdue is None
    late = Story(rule).on("11-22 09:00", "intake").on("11-22 11:30", "finish", result="done").account()
    assert [(one.op, one.early) for one in late.done] == [("meet", -1800)]


def test_what_happened_after_the_moment_of_asking_is_not_told_yet() -> None:
    story = Story(declared("resolve", within={"*": 2 * HOUR})).on("11-22 09:00", "intake")
    assert story.on("11-22 10:30", "finish", result="done").account(at="11-22 10:00").done == ()


@pytest.mark.rule("REC-2")
def test_what_is_taken_back_leaves_the_stops_that_there_were() -> None:
    story = Story(RESOLVE).on("11-22 09:00", "intake").on("11-22 10:00", "absent").on("11-22 11:00", "arrive")
    assert story.order is not None
    before = story.order.obligations
    story.on("11-22 12:00", "cancel", reason="r")
    assert [one.op for one in story.account().done] == ["void"]
    owing = keeping.restored(story.order, before, moment("11-22 13:00"), *story.rules)
    time = moment("11-22 13:00")
    story.write(Entry(5, "P1", 5, "support", "system", "W1", time, time, False, {}), owing)
    account = story.account()
    assert (account.done, account.agrees, account.rows[-1].total) == ((), True, 48 * HOUR)


@pytest.mark.rule("SLA-3")
def test_of_what_ended_while_its_clock_stood_still_it_is_said_until_when_it_stood() -> None:
    story = Story(RESOLVE).on("11-22 09:00", "intake").on("11-22 10:00", "absent")
    assert story.account().rows[-1].until is None
    story.on("11-22 12:30", "void", reason="late-slip")
    account = story.account()
    assert lines(account)[-1] == "stopped 11-22 10:00 – 11-22 12:30 150 60 absent"
    assert (account.left, account.agrees) == (47 * HOUR, True)


def test_a_wait_that_what_is_due_by_an_hour_ended_in_ends_with_it() -> None:
    rule = declared("resolve", by=18 * HOUR, within={}, anchor="day")
    story = Story(rule).on("11-22 09:00", "intake").on("11-22 10:00", "absent").on("11-22 12:30", "void", reason="r")
    assert lines(story.account()) == ["stopped 11-22 10:00 – 11-22 12:30 150 0 absent"]


@pytest.mark.rule("SLA-4")
def test_every_step_of_the_ladder_is_there_and_only_the_highest_of_a_run_was_told() -> None:
    steps = [{"level": n, "at": iso_utc(moment(f"11-24 1{n}:30")), "role": role}
             for n, role in ((1, "assignee"), (2, "leader"))]  # fmt: skip
    missed = {"name": "resolve", "cycle": 1, "rule": "SLA-1", "due_at": "x", "steps": steps,
              "told": {"level": 2, "role": "leader", "staff": None, "people": ["L1", "L2"]}}  # fmt: skip
    other = {**missed, "cycle": 2}
    at = moment("11-24 13:00")
    run = Entry(7, "P1", 7, "escalate", "system", "os", at, at, False, {"missed": [missed, other]})
    first, second = accounts.told([run], ("resolve", 1))
    assert (first.level, first.role, first.told_at, first.people) == (1, "assignee", None, ())
    assert (second.level, second.told_at, second.people, second.seq) == (2, at, ("L1", "L2"), 7)
    assert accounts.told([run], ("respond", 1)) == ()


# --- the rows of any deadline add up


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    """Day and night, or random hours with holidays and make-up workdays around 2026-11-20."""
    zone = ZoneInfo(draw(st.sampled_from(["Asia/Shanghai", "Europe/London", "America/New_York"])))
    if draw(st.integers(0, 5)) == 0:
        return Calendar.always(zone)
    halves = st.lists(st.integers(0, 48), max_size=6, unique=True).map(sorted)
    hours = halves.map(lambda n: tuple((a * 1800, b * 1800) for a, b in zip(n[::2], n[1::2], strict=False)))
    week = draw(st.tuples(*[hours] * 7).filter(any))
    days = st.frozensets(st.integers(-2, 12).map(lambda n: f"2026-11-{18 + n:02}" if 0 < n < 12 else "2026-10-25"))
    return Calendar.of(CalendarRule("random", week, draw(days), draw(days)), zone)


@st.composite
def courses(draw: st.DrawFn) -> tuple[Calendar, datetime, int, list[tuple[datetime, datetime]]]:
    """A calendar, an anchor, a time, and stops one after the other."""
    at = draw(st.sampled_from([datetime(2026, 11, 20, tzinfo=UTC), datetime(2026, 10, 24, tzinfo=UTC)]))
    start = at = at + timedelta(seconds=draw(st.integers(0, 86_400)))
    stops = []
    for wait, length in draw(st.lists(st.tuples(st.integers(0, 30 * HOUR), st.integers(1, 50 * HOUR)), max_size=4)):
        since = at + timedelta(seconds=wait)
        stops.append((since, at := since + timedelta(seconds=length)))
    return draw(calendars()), start, draw(st.integers(1, 60 * HOUR)), stops


@given(courses())
@settings(max_examples=150, deadline=None)
def test_what_counted_adds_up_to_the_time_allowed_and_no_second_is_left_out_or_told_twice(
    given_: tuple[Calendar, datetime, int, list[tuple[datetime, datetime]]],
) -> None:
    calendar, start, allowed, spans = given_
    zone = calendar._zone
    due = calendar.add_work(start, allowed)
    stops = []
    for since, until in spans:
        overdue = due <= since
        stops.append(Pause("absent", since, until, "overdue" if overdue else None))
        if not overdue:
            due = calendar.add_work(until, calendar.work_between(since, due))
    rows = reckon(calendar, zone, start, due, stops, due)
    assert sum(row.seconds for row in rows if row.kind == COUNTED) == allowed
    assert rows == tuple(sorted(rows, key=lambda row: row.since))
    told = [row for row in rows if row.note is None]
    assert told[-1].kind == COUNTED, "a deadline is the end of an interval"
    assert (told[0].since, told[-1].until, told[-1].total) == (start, due, allowed)
    assert all(row.until == after.since for row, after in pairwise(told))
    assert all(row.until is not None and row.since < row.until for row in rows)
    assert running_totals(rows) == [row.total for row in rows]


def running_totals(rows: tuple[Row, ...]) -> list[int]:
    total, found = 0, []
    for row in rows:
        total += row.seconds if row.kind == COUNTED else 0
        found.append(total)
    return found
