"""The replay of entries: by the same rules it gives what is on record, by others what these would have given."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pytest

from repairdesk.demo.play import Played, play
from repairdesk.desk import By
from repairdesk.domain import rehearsal
from repairdesk.domain.clocks import Clocks
from repairdesk.domain.entry import Entry
from repairdesk.domain.policy import ANY, NO_DAYS, Policies
from repairdesk.domain.rehearsal import Rehearsed, Tally, Verdict
from repairdesk.rules import hydrate, load, preset

pytestmark = pytest.mark.rule("REC-4")

ZONE = ZoneInfo("Asia/Shanghai")
BY = By(os_user="tester")
NINE = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)
"""09:00 in the desk's zone."""
INTAKE = {"kind": "in_home", "priority": "regular", "policies_version": "1", "fees_version": "1"}


class Book(NamedTuple):
    policies: Policies
    clocks: Clocks


def book(**within: int) -> Book:
    """The standard policies, in which what goes by a single duration may be given another one in minutes."""
    policies = hydrate.build_policies(load.parse_policies(preset.preset_text("standard")[0], "policies.yaml"))
    changed = tuple(
        rule._replace(within={ANY: within[rule.id] * 60}) if rule.id in within else rule
        for rule in policies.obligations
    )
    policies = policies._replace(obligations=changed)
    return Book(policies, Clocks(policies, ZONE, NO_DAYS))


@pytest.fixture(scope="module")
def standard() -> Book:
    return book()


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    return play(tmp_path_factory.mktemp("desk") / "month", 80, 1)


def story(*told: tuple[int, str, dict[str, Any]]) -> list[Entry]:
    """Entries as a technician and a clerk write them, each so many minutes after nine; no clocks are on record."""
    entries = []
    for version, (minutes, event, data) in enumerate(told, 1):
        at = NINE + timedelta(minutes=minutes)
        kept = {**INTAKE, **data} if event == "intake" else data
        entries.append(Entry(version, "P1", version, event, "W1", "W1", at, at, False, kept))
    return entries


VISIT: tuple[tuple[int, str, dict[str, Any]], ...] = (
    (0, "intake", {}),
    (5, "assign", {"assignee": "W1"}),
    (6, "accept", {}),
    (19, "arrive", {}),
)


def verdicts(found: Rehearsed | None, name: str, at: datetime) -> list[tuple[Verdict | None, Verdict | None]]:
    assert found is not None
    return [(one.before, one.after) for one in rehearsal.differences(found, at) if one.name == name]


def test_a_month_by_its_own_policies_is_what_is_on_record_to_the_last_field(played: Played) -> None:
    listed, total = played.desk.list_orders(BY, {}, limit=None)
    assert total >= 80
    with played.desk.look(BY) as turn:
        for doc in listed:
            entries = turn.ledger.entries(doc["number"])
            found = rehearsal.rehearse(entries, turn.rules, turn.rules, played.end)
            assert found is not None
            assert found.after == found.before, doc["number"]
            opened = {(one.name, one.cycle): one for one in found.after.held}
            assert all(opened[one.name, one.cycle].met_at == one.met_at for one in found.order.obligations)
            assert not list(rehearsal.differences(found, played.end))


def test_every_story_of_that_month_has_something_on_record(played: Played) -> None:
    """What is compared above is not nothing."""
    with played.desk.look(BY) as turn:
        orders = [rehearsal.rehearse(turn.ledger.entries(n), turn.rules, turn.rules, played.end)
                  for numbers in played.stories.values() for n in numbers]  # fmt: skip
    assert all(found is not None and found.before.held for found in orders)


def test_what_is_not_on_record_is_counted_from_the_entries_alone(standard: Book) -> None:
    found = rehearsal.rehearse(story(*VISIT), standard, standard, NINE + timedelta(hours=1))
    arrive = Verdict(NINE + timedelta(minutes=16), "missed")
    assert verdicts(found, "arrive", NINE + timedelta(hours=1)) == [(None, arrive)]


@pytest.mark.parametrize(("minutes", "state"), [(12, "missed"), (13, "met"), (14, "met")])
def test_the_other_rules_decide_what_was_in_time(standard: Book, minutes: int, state: str) -> None:
    at = NINE + timedelta(hours=1)
    other = book(**{"arrive-in-home": minutes})
    found = rehearsal.rehearse(story(*VISIT), standard, other, at)
    assert verdicts(found, "arrive", at) == [(None, Verdict(NINE + timedelta(minutes=6 + minutes), state))]


def test_no_entry_is_no_order(standard: Book) -> None:
    assert rehearsal.rehearse([], standard, standard, NINE) is None


def test_the_day_that_was_over_before_the_next_thing_was_done_converts(standard: Book) -> None:
    midnight = NINE.replace(hour=16)
    for minutes, converts in ((899, None), (900, None), (901, midnight)):
        found = rehearsal.rehearse(
            story(*VISIT, (minutes, "start", {}), (minutes, "finish", {"result": "r"})), standard, standard,
            NINE + timedelta(days=3),
        )  # fmt: skip
        assert found is not None
        assert (found.before.converts, found.after.converts) == (None, converts), minutes


def test_a_run_of_the_night_alone_does_not_say_that_the_day_was_over(standard: Book) -> None:
    """A slip that is keyed in later may still tell that the work was done in time (REC-2)."""
    found = rehearsal.rehearse(
        story(*VISIT, (1000, "escalate", {"missed": []}), (60, "start", {}), (70, "finish", {"result": "r"})),
        standard, standard, NINE + timedelta(days=3),
    )  # fmt: skip
    assert found is not None
    assert found.after.converts is None


def test_the_run_of_the_night_climbs_the_ladder_of_the_other_rules(standard: Book) -> None:
    entries = story(*VISIT[:3], (40, "escalate", {"missed": []}))
    found = rehearsal.rehearse(entries, standard, standard, NINE + timedelta(hours=1))
    assert found is not None
    (arrive,) = [one for one in found.after.held if one.name == "arrive"]
    assert arrive.level == 2, "the assignee at once and the leader after fifteen minutes"
    assert arrive.next_at == arrive.due_at + timedelta(hours=1)


def test_a_tally_counts_every_outcome_and_a_stopped_clock_as_open(standard: Book) -> None:
    tally, at = Tally(), NINE + timedelta(hours=1)
    for entries in (story(*VISIT), story(*VISIT[:3]), story(*VISIT[:3], (8, "absent", {}))):
        found = rehearsal.rehearse(entries, standard, standard, at)
        assert found is not None
        tally.add(found, at)
    assert tally.after("arrive") == {"met": 0, "missed": 2, "void": 0, "open": 1}
    assert tally.before("arrive") == {"met": 0, "missed": 0, "void": 0, "open": 0}
    assert "resolve" in tally.names()
