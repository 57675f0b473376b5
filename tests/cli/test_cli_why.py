"""``why``: a reader with a pencil adds up what is printed and comes to the same deadline (SLA-6)."""

from __future__ import annotations

import itertools
import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from desk_cli import IN_HOME, ZONE, Clock, done, run

from repairdesk.locale.width import width

pytestmark = pytest.mark.rule("SLA-6")

FRIDAY = "2026-11-20T16:50:00"
TIME = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"
ROW = re.compile(
    rf"  (?P<kind>counted|stopped|skipped)  (?P<since>{TIME})–(?P<until>(?:\d{{4}}-\d\d-\d\d )?[\d:]*)(?P<rest>.*)"
)
DURATION = re.compile(r"(?:(\d+)h)? ?(?:(\d+)min)? ?(?:(\d+)s)?")


class Line(NamedTuple):
    """A printed row, read with the eyes."""

    kind: str
    since: datetime
    until: datetime | None
    rest: str


def read(text: str) -> list[Line]:
    """The rows of an account."""
    found = []
    for row in filter(None, map(ROW.match, text.splitlines())):
        until = row["until"].strip()
        whole = f"{row['since'][:10]} {until}" if len(until) == len("17:30:00") else until
        end = datetime.fromisoformat(whole) if until else None
        found.append(Line(row["kind"], datetime.fromisoformat(row["since"]), end, row["rest"].strip()))
    return found


def durations(text: str) -> list[timedelta]:
    """The times written in a line: ``7min 9s      2h 37min 8s``."""
    return [
        timedelta(hours=int(h or 0), minutes=int(m or 0), seconds=int(s or 0))
        for h, m, s in DURATION.findall(text)
        if h or m or s
    ]


@pytest.fixture
def office(desk: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A desk whose orders are resolved within ten hours of the office, on a Friday afternoon."""
    monkeypatch.setenv("REPAIRDESK_CLOCK", "right")  # its people were hired on the Sunday after
    clock.now = datetime.fromisoformat(FRIDAY).replace(tzinfo=ZONE)
    file = desk / "policies.yaml"
    text = file.read_text(encoding="utf-8").replace("version: standard-2026-11", "version: office-1")
    head, resolve = text.split("  resolve:\n", 1)
    allowed = resolve.replace("regular: 48h", "regular: 10h", 1).replace("emergency: 2h", "emergency: 7h", 1)
    file.write_text(head + "  resolve:\n    calendar: office\n" + allowed, encoding="utf-8")
    return desk


@pytest.fixture
def number(office: Path, clock: Clock) -> str:
    """An order whose resident was away over the weekend, and which is at work again on Tuesday."""
    number = str(done("intake", *IN_HOME, "--as", "C1")["number"])
    clock.on(minutes=7, seconds=9)
    done("assign", number, "W1", "--as", "C1")
    done("accept", number, "--as", "W1")
    done("arrive", number, "--nobody-home", "--as", "W1")
    clock.now = datetime.fromisoformat("2026-11-24T09:30:01").replace(tzinfo=ZONE)
    done("arrive", number, "--as", "W1")
    done("start", number, "--as", "W1")
    return number


def test_the_printed_intervals_add_up_to_the_time_allowed_and_end_at_the_deadline(number: str) -> None:
    text = run("why", number, "resolve")
    rows = read(text)
    total = timedelta()
    for row in rows:
        if row.kind != "counted":
            continue
        assert row.until is not None
        total += row.until - row.since
        assert durations(row.rest) == [row.until - row.since, total], row
    assert total == timedelta(hours=10)
    (last,) = [row for row in rows if row.since == max(row.since for row in rows)]
    assert f"= 10h: due {last.until}" in text
    assert done("why", number, "resolve")["obligations"][0]["due_at"][:19] == f"{last.until:%Y-%m-%dT%H:%M:%S}"


def test_no_moment_is_left_out_between_the_report_and_the_deadline(number: str) -> None:
    rows = read(run("why", number, "resolve"))
    assert rows[0].since == datetime.fromisoformat(FRIDAY)
    assert all(row.until == after.since for row, after in itertools.pairwise(rows))
    stop = next(row for row in rows if row.kind == "stopped")
    assert stop.rest.endswith("absent")
    # Of Friday 32:51, of Saturday 3 hours, of Monday 7, of Tuesday 1:00:01.
    assert durations(stop.rest) == [timedelta(hours=11, minutes=32, seconds=52)]


def test_a_weekend_is_skipped_day_by_day_with_its_reason(office: Path, clock: Clock) -> None:
    number = done("intake", *IN_HOME, "--as", "C1")["number"]
    skipped = [(row.since.day, row.rest) for row in read(run("why", number, "resolve")) if row.kind == "skipped"]
    assert (22, "Sunday: no hours") in skipped
    assert (21, "outside the hours") in skipped, "Saturday has hours in the morning"


def test_the_rule_its_source_the_anchor_and_what_met_it_are_said(number: str, clock: Clock) -> None:
    clock.on(minutes=10)
    done("finish", number, "--result", "r", "--found", "f", "--as", "W1")
    text = " ".join(run("why", number, "resolve").split())
    assert "SLA-1: LY 标准" in text
    assert "10h (regular) from the report of 2026-11-20 16:50:00 (entry " in text
    assert "by the calendar “office”" in text
    assert re.search(r"met 2026-11-24 09:40:01 by W1, “finish” \(entry \d+\): \d+h \d+min \d+s early", text)


def test_a_clock_that_stands_still_says_so_and_what_is_left(office: Path, clock: Clock) -> None:
    number = done("intake", *IN_HOME, "--as", "C1")["number"]
    clock.on(minutes=10)
    done("assign", number, "W1", "--as", "C1")
    done("arrive", number, "--nobody-home", "--as", "W1")
    clock.on(minutes=5)
    text = run("why", number, "resolve")
    assert read(text)[-1].until is None
    assert "still stands" in text
    assert "9h 50min are left when the clock goes on" in text
    (account,) = [one["account"] for one in done("why", number, "resolve")["obligations"]]
    assert (account["left_seconds"], account["rows"][-1]["to"]) == (9 * 3600 + 50 * 60, None)


def test_a_corrected_priority_says_which_entry_changed_the_deadline_and_what_it_was(number: str, clock: Clock) -> None:
    was = done("why", number, "resolve")["obligations"][0]["due_at"]
    done("correct", number, "priority=emergency", "phone=13911112222", "--reason", "r", "--as", "C1")
    document = done("why", number, "resolve")
    (change,) = [one for one in document["obligations"][0]["account"]["changed"] if one["op"] == "move"]
    assert (change["was"], change["now"]) == (was, document["obligations"][0]["due_at"])
    assert change["fields"] == {"priority": {"old": "regular", "new": "emergency"}}
    text = run("why", number, "resolve")
    assert f"(entry {change['seq']})" in " ".join(text.split())
    assert "priority regular → emergency" in " ".join(text.split())
    assert "13911112222" not in text + str(document)


def test_without_a_name_each_deadline_takes_two_lines_or_three(number: str) -> None:
    text = run("why", number)
    owed = done("why", number)["obligations"]
    assert len(owed) > 4
    assert not read(text)
    assert len(text.splitlines()) <= 1 + 3 * len(owed)
    for one in owed:
        assert f"  {one['name']}: {one['owner']}, by " in text


def test_every_cycle_of_what_is_owed_again_has_its_account(number: str, clock: Clock) -> None:
    done("pause", number, "--reason", "parts", "--next", "2026-11-25T09:00", "--as", "W1")
    done("assign", number, "W2", "--reason", "r", "--as", "C1")
    done("accept", number, "--as", "W2")
    cycles = done("why", number, "arrive")["obligations"]
    assert [one["cycle"] for one in cycles] == [1, 2]
    assert [one["account"]["anchor"]["event"] for one in cycles] == ["accept", "accept"]
    text = run("why", number, "arrive")
    assert [text.count(f"(entry {one['account']['anchor']['seq']})") >= 1 for one in cycles] == [True, True]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_no_line_is_wider_than_a_page(number: str, clock: Clock, language: str) -> None:
    done("quote", number, "--fee", "300", "--as", "S1")
    clock.on(hours=150, minutes=13, seconds=17)
    for what in ((), ("resolve",), ("arrive",), ("complete",)):
        lines = run("why", number, *what, "--lang", language).splitlines()
        assert [line for line in lines[1:] if width(line) > 80] == []


def test_the_document_keeps_what_it_had_and_has_the_account_in_local_times(number: str) -> None:
    document = done("why", number)
    assert {"number", "bill", "reversed_bills", "consent", "quote", "policies_version", "fees_version"} <= set(document)
    for one in document["obligations"]:
        assert {"name", "rule", "source", "declared", "calendar", "starts_at", "due_at", "stops", "state"} <= set(one)
        account = one["account"]
        assert {"kind", "anchor", "allowed_seconds", "rows", "changed", "told"} <= set(account)
        assert account["agrees"]
        times = [account["anchor"]["at"], *(row[key] for row in account["rows"] for key in ("from", "to"))]
        assert all(time.endswith("+08:00") for time in times)
        counted: list[Any] = [row["seconds"] for row in account["rows"] if row["kind"] == "counted"]
        assert account["allowed_seconds"] in (None, sum(counted))


def test_a_missed_deadline_says_since_when(number: str, clock: Clock) -> None:
    clock.now = datetime.fromisoformat("2026-12-20T09:00:00").replace(tzinfo=ZONE)
    due = datetime.fromisoformat(done("why", number, "resolve")["obligations"][0]["due_at"])
    text = run("why", number, "resolve")
    (line,) = [line for line in text.splitlines() if "missed: by now for" in line]
    assert durations(line.partition("for")[2]) == [clock.now - due]


@pytest.mark.rule("SLA-4")
def test_each_step_of_the_ladder_is_told_with_its_time_and_who_heard_of_it(desk: Path, clock: Clock) -> None:
    number = done("intake", *IN_HOME, "--as", "C1")["number"]
    clock.on(hours=30)
    done("escalate")
    (owed,) = done("why", number, "respond")["obligations"]
    steps = owed["account"]["told"]
    assert [one["level"] for one in steps] == [1, 2, 3]
    assert [one["told_at"] for one in steps] == [None, None, clock.now.isoformat()], "only the highest is told"
    assert [one["people"] for one in steps] == [[], [], ["M1"]]
    text = " ".join(run("why", number, "respond").split())
    for one in steps:
        at = one["at"][:19].replace("T", " ")
        assert f"step {one['level']}, {one['role']}: reached {at}; " in text
    assert f"told {clock.now:%Y-%m-%d %H:%M:%S} to M1 (entry {steps[-1]['seq']})" in text
    assert text.count("only a higher step was told") == 2


def test_what_was_never_owed_says_so(number: str, clock: Clock) -> None:
    text = run("why", number, "review")
    assert text.splitlines()[1:] == [f"  review was never owed up to {clock.now:%Y-%m-%d %H:%M:%S}"]
    assert done("why", number, "review")["obligations"] == []
    assert "there is no bill yet" in run("why", number, "bill")


def test_a_deadline_of_an_older_table_says_which_and_adds_up_by_it(office: Path, clock: Clock) -> None:
    number = done("intake", *IN_HOME, "--as", "C1")["number"]
    before = run("why", number, "resolve")
    file = office / "calendar.yaml"
    text = file.read_text(encoding="utf-8").replace("version: cn-2026", "version: cn-2026-b")
    days = '["2026-10-01..2026-10-07"]\n'
    file.write_text(text.replace(days, days + '      停电: ["2026-11-23"]\n'), encoding="utf-8")
    after = run("why", number, "resolve")
    assert read(before)
    assert read(after) == read(before)
    (more,) = set(after.splitlines()) - set(before.splitlines())
    assert more == "    counted by the holidays cn-2026, which held then; it stays"
    assert run("why", number, "resolve", "--at", clock.now.strftime("%Y-%m-%dT%H:%M:%S")) == after


def test_an_earlier_time_shows_what_was_known_then(number: str, clock: Clock) -> None:
    text = run("why", number, "resolve", "--at", "2026-11-20T17:10")
    assert "still stands" in text
    assert "are left when the clock goes on" in text
    assert "2026-11-24" not in text
    assert "still stands" not in run("why", number, "resolve")


@pytest.mark.rule("COO-4")
def test_a_duty_of_each_week_or_month_names_its_period_and_who_did_it(full_desk: Path, clock: Clock) -> None:
    clock.now = datetime.fromisoformat("2026-12-02T09:00:00").replace(tzinfo=ZONE)
    done("check", "X20261122-0001", "--support", "the supplier was called", "--as", "L1")
    weekly = " ".join(run("why", "X20261122-0001", "weekly-entry").split())
    assert "in week 48, 2026-11-23 00:00:00 – 2026-11-29 23:59:59" in weekly
    monthly = " ".join(run("why", "X20261122-0001", "leader-check").split())
    assert "in the month 2026-12, 2026-12-01 00:00:00 – 2026-12-31 23:59:59" in monthly
    assert "1 of 2: 2026-12-02 09:00:00 by L1, “check” (entry " in monthly
