"""The ladder: which steps are reached, however often anybody looks, and what a stopped clock does to them (SLA-4)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from repairdesk.domain import effects, ladder, lifecycle
from repairdesk.domain.clock import Calendar
from repairdesk.domain.clocks import Clocks
from repairdesk.domain.entry import Entry
from repairdesk.domain.judging import judged
from repairdesk.domain.obligations import Obligation
from repairdesk.domain.order import Order
from repairdesk.domain.policy import CalendarRule, Policies
from repairdesk.domain.staff import SYSTEM
from repairdesk.domain.times import iso_utc, parse_at
from repairdesk.rules.hydrate import build_days, build_policies
from repairdesk.rules.load import read_days, read_policies
from repairdesk.rules.preset import calendar_text, preset_text

SHANGHAI = ZoneInfo("Asia/Shanghai")
HOUR = 3600
MINUTE = timedelta(minutes=1)
STANDARD = build_policies(read_policies(preset_text("standard")[0], "policies.yaml").data)
DAYS = build_days(read_days(calendar_text(), "calendar.yaml").data)


def at(text: str) -> datetime:
    return parse_at(text, SHANGHAI)


class Rules(NamedTuple):
    """A set of policies with its calendars."""

    policies: Policies
    clocks: Clocks


def changed(**to: Any) -> Rules:
    """The standard policies, with something else in the obligations of a name: ``complete={"overdue": None}``."""
    kept = tuple(one._replace(**to.get(one.name, {})) for one in STANDARD.obligations)
    policies = STANDARD._replace(obligations=kept)
    return Rules(policies, Clocks(policies, SHANGHAI, DAYS))


CONVERTING = changed()
PROPOSING = changed(complete={"overdue": "propose", "ladder": "desk"})
SILENT = changed(complete={"overdue": None})
IN_THE_OFFICE = changed(resolve={"calendar": "office"}, complete={"overdue": None})


class World:
    """One order, what happens to it, and what the runs record of it; nothing but domain values."""

    def __init__(self, rules: Rules, start: datetime, event: str = "intake", **said: Any) -> None:
        self.rules = rules
        self.order: Order | None = None
        self.recorded: list[tuple[str, int, int]] = []
        self.converted = False
        self.careful = True
        self.write(event, start, said)

    @classmethod
    def tracking(cls, rules: Rules, start: datetime) -> World:
        """A coordination order."""
        return cls(rules, start, "open", kind="in_home", converted_from="P1", tracker="C1", priority="regular")

    @property
    def now(self) -> Order:
        assert self.order is not None
        return self.order

    def write(self, event: str, when: datetime, data: dict[str, Any], owing: Sequence[Any] | None = None) -> None:
        """An entry, judged as the desk does it."""
        before = self.order
        actor = SYSTEM if owing is not None or event == "convert" else "C1"
        said = {"policies_version": "p", "fees_version": "f", **data}
        version = before.version + 1 if before else 1
        entry = Entry(0, "P1", version, event, actor, "k", when, when, False, said)
        if owing is None:
            owing = judged(before, effects.apply(before, entry), entry, self.rules)
        self.order = effects.apply(before, entry._replace(data={**said, "obligations": list(owing)}))

    def happens(self, event: str, when: datetime, data: dict[str, Any]) -> None:
        """What somebody does, if the state of the order has it."""
        if self.order is not None and lifecycle.leads_on(event, self.order.state) and self._sensible(event):
            self.write(event, when, data)

    def _sensible(self, event: str) -> bool:
        order = self.now
        rows = [row for row in lifecycle.rows_of(order) if row.event == event and order.state in row.source]
        if event == "start":
            return order.running_visit is None or order.running_visit.started_at is None
        return bool(rows) and not (event == "accept" and order.accepted_at is not None)

    def run(self, when: datetime) -> None:
        """The nightly run: it looks only where ``next_at`` says so, as the ledger does."""
        order, (policies, clocks) = self.now, self.rules
        due = any(one.next_at is not None and one.next_at < when for one in order.obligations)
        if not due and not self.careful:
            return
        ends = ladder.conversion_due(order, when, policies)
        owing, missed = ladder.climb(order, when, policies, clocks, ends=ends)
        assert due or (owing, missed, ends) == ([], [], None), "next_at has passed something over"
        for one in missed:
            self.recorded += [(one.obligation.name, one.obligation.cycle, step.level) for step in one.steps]
        if owing:
            self.write("escalate", when, {"missed": []}, owing)
        if ends is not None:
            self.converted = True
            self.write("convert", when, {"coordination": "X1", "tracker": "C1", "reason": "R"})

    def owed(self) -> dict[tuple[str, int], Obligation]:
        """What is still owed."""
        return {(one.name, one.cycle): one for one in self.now.obligations if one.running}

    def climbed(self) -> set[tuple[str, int, int]]:
        """What is recorded of that."""
        owed = self.owed()
        return {row for row in self.recorded if row[:2] in owed}


# --- step by step


def reached(world: World, when: str, name: str) -> list[tuple[int, str, str]]:
    """The steps of an obligation that a run at that time finds."""
    found = ladder.climb(world.now, at(when), *world.rules)[1]
    steps = [step for one in found if one.obligation.name == name for step in one.steps]
    return [(step.level, f"{step.at.astimezone(SHANGHAI):%d %H:%M}", step.tell) for step in steps]


@pytest.mark.rule("SLA-4")
def test_a_step_is_reached_when_its_time_is_over_and_not_in_that_very_second() -> None:
    world = World(SILENT, at("2026-11-22T09:00"), kind="in_home", priority="regular")
    assert reached(world, "2026-11-22T10:00:00", "respond") == []
    assert reached(world, "2026-11-22T10:00:01", "respond") == [(1, "22 10:00", "leader")]
    assert reached(world, "2026-11-22T11:00:00", "respond") == [(1, "22 10:00", "leader")]
    assert reached(world, "2026-11-22T14:00:01", "respond") == [
        (1, "22 10:00", "leader"), (2, "22 11:00", "supervisor"), (3, "22 14:00", "manager"),
    ]  # fmt: skip


@pytest.mark.rule("SLA-4")
def test_steps_are_measured_in_the_calendar_of_the_deadline() -> None:
    world = World(IN_THE_OFFICE, at("2026-11-27T15:30"), kind="public_area", priority="emergency")
    # Two hours of the office after Friday 15:30 is 17:30; then an hour is Saturday 10:00, four are Monday 09:30 (three
    # on Saturday, one on Monday), a day is 24 hours of the office: 3 + 7 + 7 + 7, Wednesday 17:30.
    assert reached(world, "2026-12-31T00:00", "resolve") == [
        (1, "27 17:30", "assignee"), (2, "28 10:00", "leader"), (3, "30 09:30", "supervisor"),
        (4, "02 17:30", "manager"),
    ]  # fmt: skip


@pytest.mark.rule("SLA-4")
def test_what_was_recorded_is_not_found_again() -> None:
    world = World(SILENT, at("2026-11-22T09:00"), kind="in_home", priority="regular")
    world.run(at("2026-11-22T11:30"))
    assert {row for row in world.recorded if row[0] == "respond"} == {("respond", 1, 1), ("respond", 1, 2)}
    assert reached(world, "2026-11-22T11:30", "respond") == []
    assert reached(world, "2026-11-22T15:00", "respond") == [(3, "22 14:00", "manager")]


@pytest.mark.rule("COO-1", "SLA-4")
def test_what_the_conversion_ends_climbs_no_further_than_the_end_of_the_day() -> None:
    world = World(CONVERTING, at("2026-11-22T21:30"), kind="in_home", priority="regular")
    assert ladder.conversion_due(world.now, at("2026-11-23T00:00:00"), STANDARD) is None
    assert ladder.conversion_due(world.now, at("2026-11-23T00:00:01"), STANDARD) == at("2026-11-23T00:00")
    world.run(at("2026-11-25T12:00"))
    # Answered by 22:30: the leader, an hour later the supervisor; the manager only at 02:30, when it was to be tracked.
    assert {row for row in world.recorded if row[0] == "respond"} == {("respond", 1, 1), ("respond", 1, 2)}
    # What is promised the resident runs on: due on the 24th at 21:30, one hour, four hours.
    assert {row for row in world.recorded if row[0] == "resolve"} == {("resolve", 1, n) for n in (1, 2, 3)}


@pytest.mark.rule("SLA-3", "SLA-4")
@pytest.mark.parametrize(
    ("away", "levels"), [("2026-11-22T10:59", 0), ("2026-11-22T11:00", 0), ("2026-11-22T11:01", 3)],
    ids=["before", "in the second of the deadline", "after"],
)  # fmt: skip
def test_a_stop_keeps_the_ladder_silent_unless_it_came_too_late(away: str, levels: int) -> None:
    world = World(SILENT, at("2026-11-22T09:00"), kind="in_home", priority="emergency")
    world.happens("assign", at("2026-11-22T09:00"), {"assignee": "W1"})
    world.happens("absent", at(away), {})
    assert len(reached(world, "2026-11-22T16:00", "resolve")) == levels


@pytest.mark.rule("COO-3", "COO-4")
def test_every_week_and_month_that_has_begun_is_opened_by_a_run_however_late() -> None:
    world = World.tracking(CONVERTING, at("2026-11-22T09:00"))
    world.run(at("2027-01-06T00:10"))
    owed = [(one.name, one.cycle) for one in world.now.obligations]
    # Weeks from 23 November to 10 January; December and January.
    assert sorted(owed) == sorted(
        [("weekly-entry", n) for n in range(1, 8)] + [(name, n) for name in ("leader-check", "supervisor-check")
                                                     for n in (1, 2)]
    )  # fmt: skip
    assert len(world.recorded) == 5 * 4 + 2 + 2 + 2  # five weeks to the manager, one to the leader; both checks: two


# --- however often it runs

START = at("2026-11-22T09:00")
EVENTS: dict[str, Any] = {
    "assign": {"assignee": "W1"}, "accept": {}, "arrive": {}, "absent": {}, "start": {}, "finish": {"result": "R"},
    "quote": {"fee": 100}, "consent": {"fee": 100}, "exempt": {"reason": "R"},
    "log": dict.fromkeys("place contact phone content opinions plan".split(), "x"), "retrack": {"tracker": "C2"},
}  # fmt: skip
Doing = tuple[int, str, Any]


def of(doing: Doing) -> tuple[str, datetime, dict[str, Any]]:
    """An entry, from the minute, the event and what is particular of it."""
    minute, event, more = doing
    when = START + minute * MINUTE
    stamp = iso_utc(when)
    if event == "pause":
        return event, when, {"at": stamp, "reason": more[0], "next": iso_utc(when + more[1] * MINUTE)}
    if event == "reschedule":
        begins = when + more * MINUTE
        return event, when, {"appointment": {"start": iso_utc(begins), "end": iso_utc(begins + 60 * MINUTE)}}
    if event == "correct":
        return event, when, {"fields": {"priority": {"old": None, "new": more}}, "reason": "R"}
    if event == "check":
        return event, when, {"at": stamp, "role": more, "support": "S"}
    return event, when, {**EVENTS[event], **({"at": stamp} if event == "log" else {})}


def doings(most: int) -> st.SearchStrategy[list[Doing]]:
    """Up to a dozen things that happen to an order, in order of time, minutes after it was reported."""
    minute = st.integers(0, most)
    often = "assign accept arrive absent start finish quote consent exempt assign accept absent start".split()
    plain = st.sampled_from(often)
    return st.lists(
        st.one_of(
            st.tuples(minute, plain, st.none()),
            st.tuples(minute, st.just("pause"), st.tuples(st.sampled_from(["absent", "parts"]), st.integers(1, 2000))),
            st.tuples(minute, st.just("reschedule"), st.integers(1, 3000)),
            st.tuples(minute, st.just("correct"), st.sampled_from(["emergency", "regular", "low"])),
        ),
        max_size=12,
    ).map(lambda some: sorted(some, key=lambda one: one[0]))


def trackings(most: int) -> st.SearchStrategy[list[Doing]]:
    """The same of a coordination order."""
    minute = st.integers(0, most)
    return st.lists(
        st.one_of(
            st.tuples(minute, st.sampled_from(["log", "log", "log", "exempt", "retrack", "finish"]), st.none()),
            st.tuples(minute, st.just("check"), st.sampled_from(["leader", "supervisor"])),
        ),
        max_size=10,
    ).map(lambda some: sorted(some, key=lambda one: one[0]))


def played(world: World, happening: Iterable[Doing], runs: Iterable[int]) -> World:
    """What happens and the runs, in order of time; in one minute people come first."""
    moments = [(doing[0], 0, n, doing) for n, doing in enumerate(happening)] + [(r, 1, 0, None) for r in set(runs)]
    for minute, _, _, doing in sorted(moments, key=lambda one: one[:3]):
        if doing is not None:
            world.happens(*of(doing))
        else:
            world.run(START + minute * MINUTE)
    return world


def hourly(world: World, happening: Iterable[Doing], end: int, start: int = 0) -> World:
    """The same with a run each hour, and one at the end."""
    world.careful = False
    return played(world, happening, [*range(start, end, 60), end])


def agree(often: World, seldom: World, end: int) -> None:
    """Both recorded each step once, the same of what is still owed, and what time and ladder give."""
    assert often.owed() == seldom.owed()
    assert often.climbed() == seldom.climbed()
    for world in (often, seldom):
        assert len(world.recorded) == len(set(world.recorded)), "told twice"
        for one in world.now.obligations:
            _right(world, one, START + end * MINUTE)


def _right(world: World, one: Obligation, now: datetime) -> None:
    """The level is what the deadline and the ladder give: exactly, while it is owed; at the most, once it is over."""
    declared = next(rule for rule in world.rules.policies.obligations if rule.id == one.id)
    steps = world.rules.policies.ladders.get(declared.ladder or "", ())
    over = one.met_at or one.void_at or now
    passed = sum(one.due_at + timedelta(seconds=step.after) < over for step in steps)
    if one.state(now) == "paused":
        assert one.level == 0
    else:
        assert one.level == passed if one.running else one.level <= passed


reports = st.fixed_dictionaries({
    "kind": st.sampled_from(["in_home", "public_area", "complaint"]),
    "priority": st.sampled_from(["emergency", "regular", "low"]), "unlisted": st.booleans(),
})  # fmt: skip


@pytest.mark.rule("SLA-4")
@given(st.booleans(), reports, doings(4000), st.lists(st.integers(0, 6000), max_size=6), st.integers(60, 6000))
@settings(max_examples=50)
@example(False, {"kind": "in_home", "priority": "emergency", "unlisted": False},
         [(0, "assign", None), (120, "absent", None), (300, "arrive", None)], [], 900)  # fmt: skip
def test_runs_at_any_times_record_of_what_is_owed_the_steps_that_hourly_runs_do(
    proposing: bool, report: dict[str, Any], happening: list[Doing], runs: list[int], end: int
) -> None:
    rules = PROPOSING if proposing else SILENT
    happening = [doing for doing in happening if doing[0] <= end]
    often = hourly(World(rules, START, **report), happening, end)
    agree(often, played(World(rules, START, **report), happening, [*(r for r in runs if r < end), end]), end)


@pytest.mark.rule("SLA-4", "COO-3", "COO-4")
@given(trackings(60 * 24 * 80), st.lists(st.integers(0, 60 * 24 * 90), max_size=6), st.integers(60, 60 * 24 * 90))
@settings(max_examples=30)
def test_of_a_coordination_order_too(happening: list[Doing], runs: list[int], end: int) -> None:
    happening = [doing for doing in happening if doing[0] <= end]
    often = hourly(World.tracking(CONVERTING, START), happening, end)
    agree(often, played(World.tracking(CONVERTING, START), happening, [*(r for r in runs if r < end), end]), end)


@pytest.mark.rule("SLA-4", "SLA-5")
@given(reports, doings(600), st.lists(st.integers(600, 6000), max_size=6), st.integers(700, 6000))
@settings(max_examples=40)
def test_while_nobody_does_anything_runs_at_any_times_record_the_same_to_the_last_step(
    report: dict[str, Any], happening: list[Doing], runs: list[int], end: int
) -> None:
    often = hourly(World(SILENT, START, **report), happening, end, start=600)
    seldom = played(World(SILENT, START, **report), happening, [*(r for r in runs if r < end), end])
    assert set(often.recorded) == set(seldom.recorded)
    agree(often, seldom, end)


@pytest.mark.rule("COO-1", "SLA-4")
@given(reports, doings(890), st.lists(st.integers(0, 7000), max_size=6), st.integers(901, 7000))
@settings(max_examples=50)
def test_the_same_orders_are_converted_however_often_it_runs_and_what_survives_climbs_alike(
    report: dict[str, Any], happening: list[Doing], runs: list[int], end: int
) -> None:
    # All that people do is done before the end of the first day, 15 hours after the report.
    happening = [doing for doing in happening if doing[0] <= end]
    often = hourly(World(CONVERTING, START, **report), happening, end)
    seldom = played(World(CONVERTING, START, **report), happening, [*(r for r in runs if r < end), end])
    assert often.converted == seldom.converted
    # A clock that stands still when the order is converted goes on with the conversion, and so from the run on.
    assume(not (often.converted and any(one.stops for one in often.owed().values())))
    agree(often, seldom, end)


# --- stopped time


@st.composite
def hours(draw: st.DrawFn) -> tuple[tuple[int, int], ...]:
    quarters = draw(st.lists(st.integers(0, 96), max_size=6, unique=True).map(sorted))
    return tuple((a * 900, b * 900) for a, b in zip(quarters[::2], quarters[1::2], strict=False))


@st.composite
def stopping(draw: st.DrawFn) -> tuple[Rules, Calendar]:
    """Policies whose promise to resolve is measured in a calendar of any hours, and that calendar."""
    week = draw(st.tuples(*[hours()] * 7).filter(any))
    rule = CalendarRule("random", week, frozenset(), frozenset(), draw(st.booleans()))
    kept = tuple(one._replace(calendar="random") if one.name == "resolve" else one for one in STANDARD.obligations)
    policies = STANDARD._replace(calendars={**STANDARD.calendars, "random": rule}, obligations=kept)
    return Rules(policies, Clocks(policies, SHANGHAI, DAYS)), Calendar.of(rule, SHANGHAI, DAYS)


@pytest.mark.rule("SLA-3")
@given(stopping(), st.integers(1, 20 * HOUR), st.integers(0, 10 * 24 * 60), st.integers(0, 10 * 24 * 60))
@settings(max_examples=80)
def test_stopped_time_never_shortens_a_deadline_and_is_all_that_it_is_moved_by(
    case: tuple[Rules, Calendar], allowed: int, since_minute: int, lasting: int
) -> None:
    (policies, clocks), calendar = case
    rule = next(one for one in policies.obligations if one.name == "resolve")
    due = calendar.add_work(START, allowed)
    since = START + since_minute * MINUTE
    until = since + lasting * MINUTE
    moved = clocks.moved(rule, due, since, until)
    if since > due:
        assert moved == due, "what was missed stays missed"
        return
    assert moved >= due
    assert calendar.work_between(START, moved) - calendar.work_between(since, until) == allowed


@pytest.mark.rule("SLA-3")
@given(stopping(), st.lists(st.integers(1, 3000), min_size=2, max_size=8), st.sampled_from(["emergency", "regular"]))
@settings(max_examples=60)
def test_with_any_pauses_the_deadline_lies_where_the_time_that_was_not_stopped_is_used_up(
    case: tuple[Rules, Calendar], gaps: list[int], priority: str
) -> None:
    rules, calendar = case
    world = World(rules, START, kind="in_home", priority=priority)
    world.happens("assign", START, {"assignee": "W1"})
    allowed = {"emergency": 2 * HOUR, "regular": 48 * HOUR}[priority]
    due, moment, worked = calendar.add_work(START, allowed), START, 0
    # Nobody is home; somebody comes, and leaves for want of a part; nobody is home again …
    for n, gap in enumerate(gaps[: len(gaps) // 2 * 2]):
        before, moment = moment, moment + gap * MINUTE
        if n % 2:
            world.happens("arrive", moment, {})
            world.happens("pause", moment, {"at": iso_utc(moment), "reason": "parts", "next": iso_utc(moment + MINUTE)})
            due = calendar.add_work(moment, allowed - worked) if worked <= allowed and before <= due else due
        else:
            world.happens("absent", moment, {})
            worked += calendar.work_between(before, moment)
    (resolve,) = [one for one in world.now.obligations if one.name == "resolve"]
    assert resolve.due_at == due >= calendar.add_work(START, allowed)
    assert len(resolve.stops) == len(gaps) // 2
