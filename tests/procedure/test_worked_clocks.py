"""SLA, COO-1, FIN-5: clocks worked out with a pencil: at midnight, over holidays, through pauses and zones."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from nights import BY_THE_OFFICE, NEXT_TABLE, founded, night, told
from practice import LAMP, TAP, Practice, when

from repairdesk.desk import By, Desk
from repairdesk.domain.intake import Report

LONDON = ZoneInfo("Europe/London")


@pytest.fixture(scope="module")
def _old(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return founded(tmp_path_factory.mktemp("old") / "desk")


@pytest.fixture
def year(_old: Path, tmp_path: Path) -> Iterator[Practice]:
    """A desk that has been there all the year 2026."""
    shutil.copytree(_old, tmp_path / "year")
    made = Practice(tmp_path / "year")
    yield made
    assert made.problems() == []


@pytest.fixture
def office(year: Practice) -> Practice:
    """The same, where resolving takes fourteen hours of the office."""
    year.edits("policies.yaml", *BY_THE_OFFICE)
    return year


def due(desk: Practice, number: str, *names: str) -> list[str]:
    return [desk.owed(number, name)["due_at"] for name in names]


# --- around midnight


@pytest.mark.rule("COO-1", "INT-4", "SLA-1")
def test_a_report_of_ten_to_midnight_has_ten_minutes_of_its_day_left(desk: Practice) -> None:
    desk.at("2026-11-22T23:50")
    number = desk.reported()
    assert due(desk, number, "register", "tell", "respond", "resolve", "complete") == [
        when("23:52"), when("23:55"), when("2026-11-23T00:50"), when("2026-11-24T23:50"), when("2026-11-23T00:00"),
    ]  # fmt: skip
    assert night(desk, "2026-11-23T00:00")["converted"] == []
    assert [one["number"] for one in night(desk, "2026-11-23T00:00:01")["converted"]] == [number]


@pytest.mark.rule("COO-1", "INT-4", "SLA-1")
def test_a_report_of_five_past_midnight_has_the_whole_day_before_it(desk: Practice) -> None:
    desk.at("2026-11-23T00:05")
    number = desk.reported()
    assert number.startswith("P20261123-")
    assert due(desk, number, "register", "tell", "respond", "resolve", "complete") == [
        when("2026-11-23T00:07"), when("2026-11-23T00:10"), when("2026-11-23T01:05"), when("2026-11-25T00:05"),
        when("2026-11-24T00:00"),
    ]  # fmt: skip
    assert night(desk, "2026-11-23T00:10")["converted"] == []
    assert night(desk, "2026-11-23T23:59:59")["converted"] == []
    assert len(night(desk, "2026-11-24T00:10")["converted"]) == 1


# --- appointments


@pytest.fixture
def tomorrow(desk: Practice) -> str:
    """Reported at nine, agreed for the next afternoon, accepted at half past nine."""
    number = desk.reported(appointment="2026-11-23T14:00/16:00")
    desk.wait(minutes=30)
    desk.assigned(number)
    desk.accepted(number)
    return number


@pytest.mark.rule("ASG-2", "COO-1", "SLA-3")
def test_with_an_appointment_tomorrow_its_day_is_tomorrow(desk: Practice, tomorrow: str) -> None:
    assert due(desk, tomorrow, "respond", "arrive", "resolve", "complete") == [
        when("10:00"), when("2026-11-23T13:55"), when("2026-11-25T14:00"), when("2026-11-24T00:00"),
    ]  # fmt: skip
    assert night(desk, "2026-11-23T00:10")["converted"] == []
    assert len(night(desk, "2026-11-24T00:10")["converted"]) == 1


@pytest.mark.rule("ASG-2", "COO-1", "SLA-3")
def test_moved_to_a_later_day_it_has_that_day(desk: Practice, tomorrow: str) -> None:
    desk.at("2026-11-22T12:00")
    desk.do("reschedule", "C1", tomorrow, "2026-11-25T10:00/11:00", reason="the resident is away")
    assert due(desk, tomorrow, "arrive", "resolve", "complete") == [
        when("2026-11-25T09:55"), when("2026-11-27T10:00"), when("2026-11-26T00:00"),
    ]  # fmt: skip
    assert night(desk, "2026-11-24T00:10")["converted"] == []
    assert len(night(desk, "2026-11-26T00:10")["converted"]) == 1


@pytest.mark.rule("ASG-2", "COO-1", "SLA-3")
def test_moved_to_an_earlier_time_it_has_the_day_of_the_report(desk: Practice, tomorrow: str) -> None:
    desk.at("2026-11-22T12:00")
    desk.do("reschedule", "C1", tomorrow, "2026-11-22T15:00/16:00", reason="the resident is back")
    assert due(desk, tomorrow, "arrive", "resolve", "complete") == [
        when("14:55"), when("2026-11-24T15:00"), when("2026-11-23T00:00"),
    ]  # fmt: skip
    assert len(night(desk, "2026-11-23T00:10")["converted"]) == 1


@pytest.mark.rule("COO-1", "SLA-3")
def test_an_appointment_that_is_made_after_the_day_is_over_brings_the_day_not_back(
    desk: Practice, tomorrow: str
) -> None:
    desk.at("2026-11-24T00:05")
    desk.do("reschedule", "C1", tomorrow, "2026-11-25T10:00/11:00", reason="nobody came")
    complete = desk.owed(tomorrow, "complete")
    assert (complete["state"], complete["due_at"]) == ("missed", when("2026-11-24T00:00"))
    assert [o["state"] for o in desk.show(tomorrow)["obligations"] if o["name"] == "arrive"] == ["missed", "open"]
    assert len(night(desk, "2026-11-24T00:10")["converted"]) == 1


@pytest.mark.rule("COO-1", "INT-6")
def test_what_advice_did_not_solve_has_the_day_on_which_somebody_is_sent(desk: Practice) -> None:
    home, lamp = desk.reported(advised=True), desk.reported(LAMP, advised=True)
    desk.at("2026-11-24T10:00")
    for number in (home, lamp):
        desk.assigned(number)
    assert due(desk, home, "complete") == [when("2026-11-25T00:00")]
    assert due(desk, lamp, "complete") == [when("2026-11-27T10:00")]
    assert desk.owed(home, "complete")["state"] == "open"
    (account,) = [one["account"] for one in desk.why(home, "complete")["obligations"][-1:]]
    assert (account["anchor"]["at"], account["agrees"]) == (when("2026-11-24T10:00"), True)
    desk.at("2026-11-24T12:00")
    desk.do("reschedule", "C1", home, "2026-11-26T10:00/11:00", reason="the resident is away")
    assert due(desk, home, "complete") == [when("2026-11-27T00:00")]
    desk.do("reschedule", "C1", home, "2026-11-24T15:00/16:00", reason="the resident is back")
    assert due(desk, home, "complete") == [when("2026-11-25T00:00")]


# --- in working hours: 14 hours of Monday to Friday 08:30-12:00 and 14:00-17:30, Saturday 09:00-12:00


@pytest.mark.rule("SLA-2")
@pytest.mark.parametrize(
    ("reported", "resolved"),
    [
        # Fr 1.5, Sa 3, Mo 7, Tu 2.5
        pytest.param("2026-11-27T16:00", "2026-12-01T11:00", id="over a weekend"),
        # Mo 7, Tu 7: to the last second
        pytest.param("2026-11-22T09:00", "2026-11-24T17:30", id="reported on a Sunday"),
        # We 1.5, then the holiday from Thursday 1 to Wednesday 7, Th 7, Fr 5.5
        pytest.param("2026-09-30T16:00", "2026-10-09T16:00", id="over 1 October"),
        # Th 3.5, Fr 7, the make-up Saturday 3, Mo 0.5
        pytest.param("2026-10-08T14:00", "2026-10-12T09:00", id="over the make-up Saturday"),
        # Fr 1.5, Sa 3, the make-up Sunday as a Monday 7, Mo 2.5
        pytest.param("2026-09-18T16:00", "2026-09-21T11:00", id="over the make-up Sunday"),
        # On the holiday itself: Th 7, Fr 7
        pytest.param("2026-10-03T10:00", "2026-10-09T17:30", id="reported on the holiday"),
    ],
)
def test_a_public_area_order_is_resolved_in_hours_of_the_office(office: Practice, reported: str, resolved: str) -> None:
    office.at(reported)
    number = office.reported(LAMP)
    assert office.owed(number, "resolve")["due_at"] == when(resolved)
    account = office.why(number, "resolve")["obligations"][0]["account"]
    assert account["agrees"]
    assert sum(row["seconds"] for row in account["rows"] if row["kind"] == "counted") == 14 * 3600


ANOTHER_TABLE = (
    ("version: cn-2026", "version: cn-2026-b"),
    ('["2026-10-01..2026-10-07"]\n', '["2026-10-01..2026-10-07"]\n      停电: ["2026-11-25"]\n'),
)
"""The same days and one more, on a Wednesday."""


def accounted(desk: Practice, number: str, at: str | None = None) -> tuple[list[str], dict[str, Any]]:
    """The account of ``resolve``: its intervals that counted, and all of it."""
    doc = desk.desk.why(By(os_user="tester", at=at), number, "resolve")
    account = doc["obligations"][0]["account"]
    counted = [row for row in account["rows"] if row["kind"] == "counted"]
    return [f"{row['from'][8:16]}-{row['to'][11:16]}" for row in counted], account


IN_FIVE_PARTS = ["24T14:00-17:30", "25T08:30-12:00", "25T14:00-17:30", "26T08:30-12:00"]


@pytest.mark.rule("SLA-6", "REC-4")
def test_a_deadline_is_accounted_for_by_the_days_that_held_when_it_was_set(office: Practice) -> None:
    office.at("2026-11-24T14:00")
    number = office.reported(LAMP)
    before = accounted(office, number)
    assert before[0] == IN_FIVE_PARTS
    assert before[1]["days"] == {"version": "cn-2026", "now": "cn-2026", "same": True}
    office.edits("calendar.yaml", *ANOTHER_TABLE)
    for _ in ("only looked at", "adopted"):
        rows, account = accounted(office, number)
        assert (rows, account["agrees"]) == (IN_FIVE_PARTS, True)
        assert account["days"] == {"version": "cn-2026", "now": "cn-2026-b", "same": False}
        later = office.reported(LAMP, place="西门")
    rows, account = accounted(office, later)
    assert rows == ["24T14:00-17:30", "26T08:30-12:00", "26T14:00-17:30", "27T08:30-12:00"]
    assert account["days"]["same"]


@pytest.mark.rule("SLA-6", "REC-4")
def test_what_was_counted_anew_is_accounted_for_by_the_days_of_that_moment(office: Practice) -> None:
    office.at("2026-11-24T14:00")
    number = office.reported(priority="low")
    office.edits("calendar.yaml", *ANOTHER_TABLE)
    office.do("correct", "C1", number, {"priority": "regular"}, reason="r")
    office.edits("calendar.yaml", ("version: cn-2026-b", "version: cn-2026-c"), ('      停电: ["2026-11-25"]\n', ""))
    office.reported(LAMP)
    rows, account = accounted(office, number)
    assert rows == ["24T14:00-17:30", "26T08:30-12:00", "26T14:00-17:30", "27T08:30-12:00"]
    assert (account["agrees"], account["days"]["version"]) == (True, "cn-2026-b")


@pytest.mark.rule("SLA-6", "REC-4")
def test_a_table_that_the_desk_went_back_to_is_found_though_it_is_not_adopted_anew(office: Practice) -> None:
    old = (office.home / "calendar.yaml").read_text(encoding="utf-8")
    office.edits("calendar.yaml", *ANOTHER_TABLE)
    office.at("2026-11-23T14:00")
    office.reported(LAMP)
    (office.home / "calendar.yaml").write_text(old, encoding="utf-8")
    office.at("2026-11-24T14:00")
    number = office.reported(LAMP, place="西门")
    (office.home / "calendar.yaml").unlink()
    rows, account = accounted(office, number)
    assert (rows, account["agrees"]) == (IN_FIVE_PARTS, True)
    # The days make no difference here, so that it was the first table is as true.
    assert account["days"]["same"]


@pytest.mark.rule("SLA-3", "SLA-6", "REC-4")
def test_a_day_that_becomes_a_holiday_during_a_stop_brings_no_deadline_forward(office: Practice) -> None:
    office.at("2026-11-24T08:30")
    number = office.reported()
    office.assigned(number)
    office.at("2026-11-24T12:00")
    office.nobody_home(number)
    before = office.owed(number, "resolve")["due_at"]
    office.edits("calendar.yaml", *ANOTHER_TABLE)
    office.at("2026-11-24T13:00")
    office.arrived(number)
    # Until Wednesday, which is no workday any more, less is left than by the table that had set it.
    assert office.owed(number, "resolve")["due_at"] >= before


@pytest.mark.rule("SLA-6", "REC-2")
def test_a_look_back_accounts_for_a_deadline_as_it_stood_then(office: Practice) -> None:
    office.at("2026-11-24T09:00")
    number = office.reported()
    office.assigned(number)
    office.at("2026-11-24T10:00")
    then = office.why(number, "resolve")
    office.at("2026-11-24T10:00:01")
    office.nobody_home(number)
    office.at("2026-11-25T10:00")
    office.arrived(number)
    office.do("correct", "C1", number, {"priority": "emergency"}, reason="r")
    night(office, "2026-11-27T10:00")
    assert accounted(office, number)[1]["told"]
    looked = office.desk.why(By(os_user="tester", at="2026-11-24T10:00"), number, "resolve")
    assert looked == then
    (owed,) = office.desk.why(By(os_user="tester", at="2026-11-24T11:00"), number, "resolve")["obligations"]
    assert (owed["state"], owed["account"]["rows"][-1]["to"], owed["account"]["told"]) == ("paused", None, [])
    with office.refuses(11):
        office.desk.why(By(os_user="tester", at="2026-11-24T08:59"), number)


@pytest.mark.rule("SLA-6", "INT-4")
def test_what_was_met_by_being_written_down_was_owed_until_then(office: Practice) -> None:
    office.at("2026-11-24T09:10")
    number = office.reported(at="2026-11-24T09:00")
    (owed,) = office.desk.why(By(os_user="tester", at="2026-11-24T09:05"), number, "register")["obligations"]
    assert (owed["state"], owed["met_at"], owed["account"]["done"]) == ("missed", None, [])
    assert owed["account"]["overdue_seconds"] == 180


@pytest.mark.rule("SLA-3")
def test_a_pause_over_a_holiday_moves_the_deadline_by_its_hours_of_the_office(office: Practice) -> None:
    office.at("2026-09-30T09:00")
    number = office.reported()
    office.assigned(number)
    assert due(office, number, "resolve") == [when("2026-10-09T09:00")]  # We 6.5, Th 7, Fr 0.5
    office.at("2026-09-30T10:00")
    office.nobody_home(number)
    office.at("2026-10-08T15:00")
    office.arrived(number)
    # Stopped were We 2 + 3.5 and Th 3.5 + 1; from Friday 09:00 these ten hours are Fr 6.5, Sa 3 (made up), Mo 0.5.
    assert due(office, number, "resolve") == [when("2026-10-12T09:00")]
    account = office.why(number, "resolve")["obligations"][0]["account"]
    assert [row["seconds"] for row in account["rows"] if row["kind"] == "stopped"] == [10 * 3600]
    assert account["agrees"]


@pytest.mark.rule("SLA-3")
def test_a_pause_that_lies_wholly_outside_the_hours_moves_nothing(office: Practice) -> None:
    office.at("2026-09-30T09:00")
    number = office.reported()
    office.assigned(number)
    office.at("2026-09-30T17:30")
    office.nobody_home(number)
    office.at("2026-10-08T08:30")
    office.arrived(number)
    assert due(office, number, "resolve") == [when("2026-10-09T09:00")]


@pytest.mark.rule("SLA-2", "SLA-3")
def test_what_a_pause_moves_into_a_year_without_a_table_is_provisional_until_it_has_one(office: Practice) -> None:
    office.at("2026-12-29T09:00")
    number = office.reported()
    office.assigned(number)
    resolve = office.owed(number, "resolve")
    assert (resolve["due_at"], resolve["provisional"]) == (when("2026-12-31T09:00"), False)  # Tu 6.5, We 7, Th 0.5
    office.nobody_home(number)
    office.at("2026-12-31T08:30")
    office.arrived(number)
    resolve = office.owed(number, "resolve")
    # Fourteen hours from here: Th 7, and Friday the 1st, as far as anybody knows.
    assert (resolve["due_at"], resolve["provisional"]) == (when("2027-01-01T17:30"), True)
    office.edits("calendar.yaml", *NEXT_TABLE)
    night(office)
    resolve = office.owed(number, "resolve")
    assert (resolve["due_at"], resolve["provisional"]) == (when("2027-01-04T17:30"), False)


@pytest.mark.rule("SLA-2")
def test_a_priority_that_aims_beyond_the_table_makes_the_deadline_provisional_and_back(office: Practice) -> None:
    office.at("2026-12-30T14:00")
    number = office.reported(priority="emergency")
    assert office.owed(number, "resolve")["provisional"] is False
    office.corrected(number, priority="regular")
    resolve = office.owed(number, "resolve")
    assert (resolve["due_at"], resolve["provisional"]) == (when("2027-01-01T12:00"), True)
    office.corrected(number, priority="emergency")
    assert office.owed(number, "resolve")["provisional"] is False


# --- pauses


@pytest.fixture
def sent(desk: Practice) -> str:
    """Reported and assigned at nine; resolved it should be on the 24th at nine."""
    number = desk.reported()
    desk.assigned(number)
    return number


@pytest.mark.rule("SLA-3")
def test_two_pauses_add_up(desk: Practice, sent: str) -> None:
    desk.at("2026-11-22T10:00")
    desk.nobody_home(sent)
    desk.at("2026-11-22T12:00")
    desk.started(sent)
    desk.at("2026-11-22T12:30")
    desk.paused(sent, "absent", "2026-11-22T14:00")
    desk.at("2026-11-22T15:00")
    desk.arrived(sent)
    resolve = desk.owed(sent, "resolve")
    assert resolve["due_at"] == when("2026-11-24T13:30")  # 2 h and 2.5 h
    assert [(stop["since"], stop["until"]) for stop in resolve["stops"]] == [
        (when("10:00"), when("12:00")), (when("12:30"), when("15:00")),
    ]  # fmt: skip


@pytest.mark.rule("SLA-3", "SLA-4")
def test_a_pause_that_is_still_open_keeps_the_clock_where_it_is_and_the_night_silent(desk: Practice) -> None:
    number = desk.reported(LAMP)
    desk.assigned(number)
    desk.at("2026-11-22T10:00")
    desk.nobody_home(number)
    assert told(desk, "2026-11-25T08:00", "resolve") == []
    resolve = desk.owed(number, "resolve")
    assert (resolve["state"], resolve["due_at"], resolve["level"]) == ("paused", when("2026-11-24T09:00"), 0)
    assert resolve["stops"] == [{"reason": "absent", "since": when("10:00"), "until": None}]
    desk.arrived(number)
    # Stopped for 2 days and 22 hours.
    assert due(desk, number, "resolve") == [when("2026-11-27T07:00")]


@pytest.mark.rule("SLA-3", "SLA-4")
def test_a_pause_that_begins_after_the_miss_changes_nothing_and_it_climbs_on(desk: Practice) -> None:
    number = desk.reported(priority="emergency")
    desk.assigned(number)
    desk.at("2026-11-22T11:30")
    desk.nobody_home(number)
    resolve = desk.owed(number, "resolve")
    assert (resolve["state"], resolve["due_at"]) == ("missed", when("11:00"))
    assert told(desk, None, "resolve") == [("resolve", 1, "technician", ["W1"])]
    assert told(desk, "2026-11-22T12:00:01", "resolve") == [("resolve", 2, "leader", ["L1"])]
    assert told(desk, "2026-11-22T15:01", "resolve") == [("resolve", 3, "supervisor", ["S1"])]
    desk.arrived(number)
    assert due(desk, number, "resolve") == [when("11:00")]
    assert told(desk, "2026-11-23T11:01", "resolve") == [("resolve", 4, "manager", ["M1"])]


@pytest.mark.rule("SLA-3")
def test_a_stop_in_the_very_second_of_the_deadline_is_in_time(desk: Practice) -> None:
    number = desk.reported(priority="emergency")
    desk.assigned(number)
    desk.at("2026-11-22T11:00")
    desk.nobody_home(number)
    desk.at("2026-11-22T16:00")
    assert desk.owed(number, "resolve")["state"] == "paused"
    desk.arrived(number)
    resolve = desk.owed(number, "resolve")
    assert (resolve["state"], resolve["due_at"]) == ("open", when("16:00"))


@pytest.mark.rule("SLA-3")
def test_a_priority_raised_during_a_pause_keeps_the_anchor_and_the_pause(desk: Practice, sent: str) -> None:
    desk.at("2026-11-22T10:00")
    desk.nobody_home(sent)
    desk.at("2026-11-22T12:00")
    desk.corrected(sent, priority="emergency")
    resolve = desk.owed(sent, "resolve")
    assert (resolve["state"], resolve["due_at"]) == ("paused", when("11:00"))  # one of two hours is left
    desk.at("2026-11-22T15:00")
    desk.arrived(sent)
    assert due(desk, sent, "resolve") == [when("16:00")]
    assert desk.owed(sent, "resolve")["state"] == "open"


@pytest.mark.rule("SLA-3")
def test_raised_and_lowered_again_during_a_pause_it_is_as_if_nothing_had_been_said(desk: Practice, sent: str) -> None:
    desk.at("2026-11-22T10:00")
    desk.nobody_home(sent)
    desk.at("2026-11-22T12:00")
    desk.corrected(sent, priority="emergency")
    desk.at("2026-11-22T13:00")
    desk.corrected(sent, priority="regular")
    desk.at("2026-11-22T15:00")
    desk.arrived(sent)
    assert due(desk, sent, "resolve") == [when("2026-11-24T14:00")]
    assert desk.why(sent, "resolve")["obligations"][0]["account"]["agrees"]


@pytest.mark.rule("SLA-3")
def test_a_priority_raised_after_two_hours_has_missed_the_two_hours_and_keeps_that(desk: Practice, sent: str) -> None:
    desk.at("2026-11-22T12:00")
    desk.corrected(sent, priority="emergency")
    desk.at("2026-11-22T12:10")
    desk.corrected(sent, priority="regular")
    resolve = desk.owed(sent, "resolve")
    assert (resolve["state"], resolve["due_at"]) == ("missed", when("11:00"))


# --- zones


PROGRAM = """
import io, json, sys
from contextlib import redirect_stdout
from repairdesk.cli.__main__ import main
def say(*argv):
    out = io.StringIO()
    with redirect_stdout(out):
        code = main([*argv, "--home", sys.argv[1], "--json"])
    assert not code, (argv, code)
    return json.loads(out.getvalue())
say("init"); say("staff", "add", "C1", "--name", "C", "--role", "clerk")
order = say("intake", "--kind", "public_area", "--place", "gate", "--fault", "dark", "--as", "C1",
            "--at", "2024-02-09T23:50", "--channel", "patrol")
night = say("escalate", "--dry-run", "--at", "2024-02-12T23:50:01")
print(json.dumps([order["number"], order["reported_at"], {o["name"]: o["due_at"] for o in order["obligations"]},
                  night["at"], [c["due_at"] for c in night["converted"]]]))
"""


@pytest.mark.rule("SLA-2")
@pytest.mark.parametrize("zone", ["America/New_York", "Pacific/Kiritimati"])
def test_a_machine_in_another_zone_counts_as_the_desk_does(zone: str, tmp_path: Path) -> None:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("REPAIRDESK_")}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path / "desk")],
        env={**kept, "TZ": zone, "REPAIRDESK_LANG": "en"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    number, reported, owed, at, converted = json.loads(done.stdout)
    assert (number, reported) == ("P20240209-0001", "2024-02-09T23:50:00+08:00")
    assert owed == {
        "tell": "2024-02-10T01:50:00+08:00", "respond": "2024-02-10T00:50:00+08:00",
        "resolve": "2024-02-11T23:50:00+08:00", "complete": "2024-02-12T23:50:00+08:00",
    }  # fmt: skip
    assert (at, converted) == ("2024-02-12T23:50:01+08:00", ["2024-02-12T23:50:00+08:00"])


@pytest.mark.rule("SLA-2")
def test_a_clock_that_answers_in_another_zone_is_the_same_clock(desk: Practice) -> None:
    far = ZoneInfo("America/New_York")
    desk.at("2026-11-23T00:05")  # still the 22nd in New York
    elsewhere = Desk(desk.home, lambda: desk.moment.astimezone(far))
    order = elsewhere.intake(By("C1", "tester"), Report(**TAP)).doc
    assert (order["number"], order["reported_at"]) == ("P20261123-0001", when("2026-11-23T00:05"))
    assert due(desk, order["number"], "respond", "complete") == [when("2026-11-23T01:05"), when("2026-11-24T00:00")]
    desk.at("2026-11-24T00:00:01")
    assert elsewhere.escalate(By(None, "tester")).doc["converted"][0]["coordination"] == "X20261124-0001"


@pytest.fixture
def london(year: Practice) -> Practice:
    """A desk whose clocks change: forward on 29 March 2026 at 01:00, back on 25 October at 02:00."""
    year.edits("policies.yaml", ("version: standard-2026-11", "version: london-1"),
               ("zone: Asia/Shanghai", "zone: Europe/London"))  # fmt: skip
    return year


def bst(local: str, fold: int = 0) -> str:
    return datetime.fromisoformat(local).replace(tzinfo=LONDON, fold=fold).isoformat()


def at_london(desk: Practice, local: str) -> None:
    desk.moment = datetime.fromisoformat(local).replace(tzinfo=LONDON)


@pytest.mark.rule("SLA-2")
def test_where_the_clocks_go_forward_the_day_is_shorter_and_hours_stay_hours(london: Practice) -> None:
    at_london(london, "2026-03-28T18:00")
    finished = london.done()
    assert due(london, finished, "slip") == [bst("2026-03-29T17:00")]
    at_london(london, "2026-03-29T00:30")
    number = london.reported(place="3-2-502")
    assert due(london, number, "respond", "resolve", "complete") == [
        "2026-03-29T02:30:00+01:00", "2026-03-31T01:30:00+01:00", "2026-03-30T00:00:00+01:00",
    ]  # fmt: skip
    at_london(london, "2026-03-29T00:40")
    coordination = london.converted(number)
    week = london.owed(coordination, "weekly-entry")
    assert (week["starts_at"], week["due_at"]) == (bst("2026-03-30T00:00"), bst("2026-04-05T23:59:59"))


@pytest.mark.rule("SLA-2")
def test_where_the_clocks_go_back_the_day_is_longer_and_hours_stay_hours(london: Practice) -> None:
    at_london(london, "2026-10-23T12:00")
    coordination = london.converted(london.reported())
    assert london.owed(coordination, "weekly-entry")["starts_at"] == "2026-10-26T00:00:00+00:00"
    at_london(london, "2026-10-24T18:00")
    finished = london.done(place="3-2-502")
    assert due(london, finished, "slip") == ["2026-10-25T17:00:00+00:00"]
    at_london(london, "2026-10-25T00:30")
    home = london.reported(place="3-2-503", priority="low")
    lamp = london.reported(LAMP)
    # 00:30 summer time is 23:30 UTC of the 24th.
    assert due(london, home, "respond", "complete") == ["2026-10-25T03:30:00+00:00", "2026-10-26T00:00:00+00:00"]
    assert due(london, lamp, "respond", "complete") == ["2026-10-25T01:30:00+01:00", "2026-10-27T23:30:00+00:00"]
    london.moment = datetime(2026, 10, 25, 1, 30, tzinfo=LONDON, fold=1)  # the second half past one
    assert london.owed(lamp, "respond")["state"] == "missed"


# --- borders are half-open


@pytest.mark.rule("FIN-5")
@pytest.mark.parametrize(
    ("finished", "back"),
    [("16:59:59", "17:00"), ("17:00:00", "2026-11-23T17:00"), ("17:00:01", "2026-11-23T17:00")],
)
def test_a_slip_of_five_sharp_is_the_next_days(desk: Practice, finished: str, back: str) -> None:
    number = desk.at_work()
    desk.at(f"2026-11-22T{finished}")
    desk.finished(number)
    assert due(desk, number, "slip") == [when(back)]


@pytest.mark.rule("FIN-5", "SLA-4")
def test_a_slip_that_is_back_at_five_sharp_is_back_in_time(desk: Practice) -> None:
    one, other = desk.done(), desk.done(place="3-2-502")
    for number in (one, other):
        desk.signed(number)
    desk.at("2026-11-22T17:00:00")
    desk.closed(one)
    assert told(desk, None, "slip") == []
    assert told(desk, "2026-11-22T17:00:01", "slip") == [("slip", 1, "technician", ["W1"])]
    desk.closed(other)
    assert [desk.owed(number, "slip")["state"] for number in (one, other)] == ["met", "missed"]


@pytest.mark.rule("COO-1")
@pytest.mark.parametrize(
    ("report", "end"), [(TAP, "2026-11-23T00:00:00"), (LAMP, "2026-11-25T09:00:00")], ids=["24:00", "the 72nd hour"]
)
def test_what_is_finished_in_the_last_second_of_its_time_is_not_converted(
    desk: Practice, report: dict[str, str], end: str
) -> None:
    one, other = desk.at_work(report), desk.at_work({**report, "place": "3-2-509"})
    desk.at(end)
    assert night(desk)["converted"] == []
    desk.finished(one)
    desk.wait(seconds=1)
    assert [c["number"] for c in night(desk)["converted"]] == [other]
    assert desk.owed(one, "complete")["state"] == "met"
    assert desk.owed(other, "complete")["state"] == "missed"
