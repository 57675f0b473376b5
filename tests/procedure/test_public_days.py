"""SLA-2: what the table of public holidays does to the clocks of a desk, and how the table goes on record."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from practice import LAMP, SHANGHAI, STAFF, Practice, when

from repairdesk.desk import By, Desk
from repairdesk.desk.founding import found
from repairdesk.errors import UsageError
from repairdesk.ledger.verify import rebuild

OWN = ("version: standard-2026-11", "version: own-1")
IN_OFFICE_HOURS = (
    "      emergency: 30m                  # SLA-1, LY 标准\n      regular: 1h ",
    "      emergency: 30m                  # SLA-1, LY 标准\n      regular: 6h ",
)
BY_THE_OFFICE = ("    meets: [assign, quote, advised]\n", "    meets: [assign, quote, advised]\n    calendar: office\n")
"""Responding takes six hours of the office: 08:30-12:00 and 14:00-17:30, on Saturdays until 12:00."""


def at_the_office(desk: Practice) -> None:
    desk.edits("policies.yaml", OWN, IN_OFFICE_HOURS, BY_THE_OFFICE)


@pytest.fixture
def autumn(tmp_path: Path) -> Iterator[Practice]:
    """A desk of the last week of September 2026, whose response is measured in office hours."""
    first = datetime(2026, 9, 26, 9, 0, tzinfo=SHANGHAI)
    found(tmp_path / "autumn", "standard", By(os_user="tester"), first)
    made = Practice(tmp_path / "autumn")
    made.moment = first
    for staff, role, trades in STAFF:
        made.desk.staff_add(By(os_user="tester"), staff, name=f"{role} {staff}", role=role, trades=trades)
    at_the_office(made)
    yield made
    assert made.problems() == []


def next_table(desk: Practice, year: int = 2027, days: str = '"2027-01-01..2027-01-03"') -> None:
    desk.edits(
        "calendar.yaml",
        ("version: cn-2026", f"version: cn-{year}"),
        ("years:\n", f"years:\n  {year}: {{source: test, holidays: {{元旦: [{days}]}}}}\n"),
    )


@pytest.mark.rule("SLA-2")
@pytest.mark.parametrize(
    ("reported", "due"),
    [
        pytest.param("2026-09-28T08:30", "2026-09-28T16:30", id="within the day"),
        pytest.param("2026-09-30T14:00", "2026-10-08T11:00", id="over National Day"),
        pytest.param("2026-10-03T10:00", "2026-10-08T16:30", id="on National Day"),
        pytest.param("2026-10-09T14:00", "2026-10-10T11:30", id="into the make-up Saturday, which ends at noon"),
        pytest.param("2026-10-10T09:30", "2026-10-12T12:00", id="from the make-up Saturday over the Sunday"),
    ],
)
def test_a_public_area_order_is_answered_in_office_hours_over_the_first_of_october(
    autumn: Practice, reported: str, due: str
) -> None:
    autumn.at(reported)
    assert autumn.owed(autumn.reported(LAMP), "respond")["due_at"] == when(due)


@pytest.mark.rule("SLA-2")
def test_a_make_up_sunday_is_worked_as_a_monday(autumn: Practice) -> None:
    # The table says so of 20 September, which is past for this desk; its own table makes another Sunday a workday.
    autumn.edits(
        "calendar.yaml", ("version: cn-2026", "version: mine"), ('"2026-10-10"]', '"2026-10-10", "2026-10-18"]')
    )
    autumn.at("2026-10-17T11:00")
    number = autumn.reported(LAMP)
    assert autumn.owed(number, "respond")["due_at"] == when("2026-10-18T15:30")


@pytest.mark.rule("SLA-3")
def test_a_stop_over_a_holiday_moves_the_deadline_by_working_time_alone(autumn: Practice) -> None:
    autumn.edits("policies.yaml", ("version: own-1", "version: own-2"),
                 ("    calendar: office\n", "    calendar: office\n    pauses: [appointment]\n"))  # fmt: skip
    autumn.at("2026-09-30T14:00")
    number = autumn.reported(LAMP, appointment="2026-10-08T09:30/10:30")
    # Six hours left at 14:00 on the 30th are six hours left at 09:30 on the 8th.
    assert autumn.owed(number, "respond")["due_at"] == when("2026-10-08T17:30")


@pytest.mark.rule("SLA-2")
def test_a_desk_without_a_table_counts_every_weekday(autumn: Practice) -> None:
    (autumn.home / "calendar.yaml").unlink()
    autumn.at("2026-09-30T14:00")
    assert autumn.owed(autumn.reported(LAMP), "respond")["due_at"] == when("2026-10-01T11:00")


@pytest.mark.rule("SLA-2")
def test_a_calendar_of_its_own_runs_on_public_holidays(autumn: Practice) -> None:
    autumn.edits("policies.yaml", ("version: own-1", "version: own-2"),
                 ("    workdays: []\n", "    workdays: []\n    public: false\n"))  # fmt: skip
    autumn.at("2026-09-30T14:00")
    assert autumn.owed(autumn.reported(LAMP), "respond")["due_at"] == when("2026-10-01T11:00")


# --- on record


@pytest.mark.rule("REC-4")
def test_the_table_goes_on_record_when_the_desk_is_made_and_each_new_one_when_it_is_first_used(desk: Practice) -> None:
    def adopted() -> list[tuple[str, str]]:
        with desk.desk.ledger.read() as reader:
            return [
                (entry.number, entry.data["rules"]["version"])
                for name in ("calendar:cn-2026", "calendar:cn-2027")
                for entry in reader.entries(name)
            ]

    assert adopted() == [("calendar:cn-2026", "cn-2026")]
    desk.reported()
    next_table(desk)
    desk.show("0001")
    assert len(adopted()) == 1, "who only looks writes nothing"
    desk.reported(place="3-2-502")
    desk.reported(place="3-2-503")
    assert adopted() == [("calendar:cn-2026", "cn-2026"), ("calendar:cn-2027", "cn-2027")]


@pytest.mark.rule("REC-4")
def test_a_table_whose_content_changed_is_refused_until_it_has_a_new_name(desk: Practice) -> None:
    desk.edits("calendar.yaml", ('"2026-10-10"]', '"2026-10-11"]'))
    with desk.refuses(13, "REC-4") as told:
        desk.takes()
    assert "calendar.yaml" in str(told[0])
    desk.edits("calendar.yaml", ("version: cn-2026", "version: cn-2026-b"))
    assert desk.takes()["number"]


@pytest.mark.rule("REC-4")
def test_a_comment_in_the_table_is_no_new_content(desk: Practice) -> None:
    desk.edits("calendar.yaml", ("warn: 60d ", "warn: 60d  # two months "))
    assert desk.takes()["number"]


@pytest.mark.rule("REC-4")
def test_the_table_survives_a_rebuild_of_what_is_made_of_the_entries(desk: Practice) -> None:
    next_table(desk)
    desk.reported()
    before = desk.head()
    rebuild(desk.home / "ledger.db")
    assert desk.problems() == []
    with desk.desk.ledger.read() as reader:
        assert all(reader.rules("calendar", version) for version in ("cn-2026", "cn-2027"))
    assert desk.head() == before


@pytest.mark.rule("SLA-2")
def test_a_deadline_that_is_decided_stays_and_the_next_one_goes_by_todays_table(desk: Practice) -> None:
    at_the_office(desk)
    desk.at("2026-12-31T14:00")
    early = desk.reported(LAMP)
    next_table(desk)
    late = desk.reported(LAMP, place="西门")
    # Both are judged by one version of the policies; 1 to 3 January are off by the second table alone, and 2027-01-01
    # is a Friday.
    assert desk.show(early)["policies_version"] == desk.show(late)["policies_version"] == "own-1"
    assert desk.owed(early, "respond")["due_at"] == when("2027-01-01T11:00")
    assert desk.owed(late, "respond")["due_at"] == when("2027-01-04T11:00")


@pytest.mark.rule("SLA-2")
def test_an_order_of_older_policies_goes_by_todays_table_too(desk: Practice) -> None:
    at_the_office(desk)
    desk.at("2026-12-31T09:00")
    number = desk.reported(LAMP)
    desk.edits("policies.yaml", ("version: own-1", "version: own-2"))
    next_table(desk)
    desk.reported(LAMP, place="西门")
    with desk.desk.look(By(os_user="tester")) as turn:
        order = turn.load(number)
        rules = turn.rules_of(order)
        assert (rules.policies.version, rules.days.version) == ("own-1", "cn-2027")
        rule = next(one for one in rules.policies.obligations if one.id == "respond")
        new_year = turn.at + timedelta(days=1)
        assert rules.clocks.covers(rule, turn.at, new_year)


@pytest.mark.rule("SLA-2")
def test_a_desk_that_stays_open_sees_a_table_that_is_replaced(desk: Practice) -> None:
    def seen() -> tuple[str, int]:
        with desk.desk.look(By(os_user="tester")) as turn:
            return turn.rules.days.version, max(turn.rules.days.years)

    assert seen() == ("cn-2026", 2026)
    next_table(desk)
    assert seen() == ("cn-2027", 2027)


@pytest.mark.rule("REC-1")
def test_no_answer_is_written_over_the_table(desk: Practice) -> None:
    with pytest.raises(UsageError):
        Desk(desk.home, lambda: desk.moment).spare(desk.home / "calendar.yaml")
