"""Two nightly runs at once, one killed in the middle, one while clerks write: each thing is told once (SLA-4)."""

from __future__ import annotations

import json
import random
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic, sleep
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pytest

import repairdesk
from repairdesk.desk import By, Desk
from repairdesk.desk.founding import found
from repairdesk.domain.intake import Report
from repairdesk.ledger.journal import Ledger
from repairdesk.ledger.verify import verify

NINE = datetime(2026, 11, 22, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
NIGHT = "2026-11-23T00:30"
MADE = By(os_user="tester")
SOURCE = str(Path(repairdesk.__file__).parents[1])

# The program with a clock of its own and small transactions: it says when it is ready, and begins when it is told to.
PROGRAM = """
import contextlib, io, json, sys
from datetime import datetime, timedelta
sys.path.insert(0, sys.argv[1])
from zoneinfo import ZoneInfo
from repairdesk.cli import common
from repairdesk.cli.__main__ import main
from repairdesk.desk import escalating
escalating.CHUNK = 5
moment = datetime.fromisoformat(sys.argv[2]).replace(tzinfo=ZoneInfo("Asia/Shanghai"))
common.clock = lambda: moment
print("ready", flush=True)
sys.stdin.readline()
"""
RUN = PROGRAM + "sys.exit(main(['escalate', '--home', sys.argv[3], '--json']))"
CLERK = (
    PROGRAM
    + """
def do(*argv):
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        code = main([*argv, "--home", sys.argv[3], "--json"])
    assert code == 0, f"{argv}: exit {code}: {out.getvalue()}"
    return json.loads(out.getvalue())["number"]

for n in range(int(sys.argv[5])):
    place, who = f"9-{sys.argv[4]}-{n + 1}01", f"W{sys.argv[4]}"
    number = do("intake", "--kind", "public_area", "--place", place, "--fault", "the lamp is out", "--as", "C1")
    do("assign", number, who, "--as", "C1")
    do("start", number, "--as", who)
    do("finish", number, "--result", "a new lamp", "--found", "worn out", "--as", who)
    print(number)
"""
)


class Outcome(NamedTuple):
    """What the ledger says of a night, each thing as often as it is on record."""

    steps: Counter[tuple[str, str, int, int]]
    converted: Counter[str]
    opened: Counter[str]
    told: Counter[tuple[str, str, str, int]]

    def is_once_each(self) -> bool:
        """Nothing twice, and something of each sort."""
        return all(set(said.values()) == {1} for said in self)

    def things(self) -> list[set[Any]]:
        return [set(said) for said in self]


def outcome(home: Path) -> Outcome:
    """From the journal alone: steps (number, obligation, cycle, level), conversions, and the lines of messages."""
    seen = Outcome(Counter(), Counter(), Counter(), Counter())
    with Ledger(home / "ledger.db").read() as reader:
        for entry in reader.journal():
            data = entry.data
            if entry.event == "escalate":
                for missed in data["missed"]:
                    for step in missed["steps"]:
                        seen.steps[entry.number, missed["name"], missed["cycle"], step["level"]] += 1
            elif entry.event == "convert":
                seen.converted[entry.number] += 1
            elif entry.event == "open":
                seen.opened[data["converted_from"]] += 1
            elif entry.event == "queue":
                for line in data["lines"]:
                    seen.told[data["to"], line["number"], line["obligation"], line["level"]] += 1
    return seen


def is_sound(home: Path) -> bool:
    return not verify(home / "ledger.db")["problems"]


@pytest.fixture(scope="module", autouse=True)
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The source is compiled once for all the processes, whatever the caller's environment says."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("PYTHONPYCACHEPREFIX", str(tmp_path_factory.mktemp("compiled")))
        environment.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
        yield


def sends_to_everybody(policies: Path) -> None:
    text = policies.read_text(encoding="utf-8")
    for old, new in (
        ("version: standard-", "version: sends-"),
        ("  roles: []", "  roles: [clerk, technician, leader]"),
    ):
        assert text.count(old) == 1
        text = text.replace(old, new)
    policies.write_text(text, encoding="utf-8")


@pytest.fixture(scope="module")
def evening(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A desk with 24 orders of the day: a third are lamps that nobody was sent to, the others unfinished visits."""
    home = tmp_path_factory.mktemp("evening") / "desk"
    moment = NINE - timedelta(days=1)
    found(home, "standard", MADE, moment)
    sends_to_everybody(home / "policies.yaml")
    desk = Desk(home, lambda: moment)
    for staff, role in [("C1", "clerk"), ("L1", "leader"), ("S1", "supervisor"), ("M1", "manager"),
                        *((f"W{n}", "technician") for n in (1, 2, 3))]:  # fmt: skip
        desk.staff_add(MADE, staff, name=staff, role=role)
    for n in range(24):
        moment = NINE + timedelta(minutes=n)
        kind = "in_home" if n % 3 else "public_area"
        report = Report(kind, f"3-2-{n + 1}01", "李女士", "13800001234", "it is broken")
        number = desk.intake(By("C1"), report).doc["number"]
        if n % 3:
            desk.assign(By("C1"), number, f"W{n % 3}")
            desk.accept(By(f"W{n % 3}"), number)
    return home


@pytest.fixture(scope="module")
def undisturbed(evening: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Outcome, float]:
    """What one run by itself does, and how many seconds it takes once it has begun."""
    home = copied(evening, tmp_path_factory.mktemp("undisturbed"))
    process = ready(RUN, home)
    begun = monotonic()
    ended(process)
    took = monotonic() - begun
    seen = outcome(home)
    assert seen.is_once_each()
    assert (len(seen.converted), is_sound(home)) == (16, True)
    return seen, took


def copied(home: Path, to: Path) -> Path:
    return shutil.copytree(home, to / "desk")


def ready(program: str, home: Path, *arguments: str) -> subprocess.Popen[str]:
    """A process that has imported everything, and waits for a line."""
    command = [sys.executable, "-c", program, SOURCE, NIGHT, str(home), *arguments]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def go(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()


def ended(process: subprocess.Popen[str]) -> str:
    """What it answered; it must have succeeded."""
    said, aside = process.communicate("\n" if process.stdin and not process.stdin.closed else None, timeout=120)
    assert process.returncode == 0, aside
    return said


def race(evening: Path, to: Path) -> Outcome:
    """Two runs that begin in the same moment."""
    home = copied(evening, to)
    both = [ready(RUN, home) for _ in range(2)]
    for process in both:
        go(process)
    said = [json.loads(ended(process)) for process in both]
    assert is_sound(home)
    # Each says what it did itself: together that is everything, once.
    told = Counter((row["number"], row["obligation"], row["level"]) for doc in said for row in doc["told"])
    assert set(told.values()) == {1}
    assert sorted(row["number"] for doc in said for row in doc["converted"]) == sorted(outcome(home).converted)
    return outcome(home)


def killed(evening: Path, to: Path, after: float) -> tuple[Outcome, bool]:
    """A run that is killed so many seconds after it began, and the next one; whether the kill was in time."""
    home = copied(evening, to)
    process = ready(RUN, home)
    go(process)
    sleep(after)
    process.kill()
    process.communicate(timeout=60)
    ended(ready(RUN, home))
    assert is_sound(home)
    return outcome(home), process.returncode == -signal.SIGKILL


def check(times: int, evening: Path, undisturbed: tuple[Outcome, float], tmp_path: Path) -> None:
    expected, took = undisturbed
    rng = random.Random(20261123)
    in_time = 0
    for n in range(times):
        raced = race(evening, tmp_path / f"race-{n}")
        gone_on, was_in_time = killed(evening, tmp_path / f"kill-{n}", rng.uniform(0, took))
        in_time += was_in_time
        for seen in (raced, gone_on):
            assert seen.is_once_each()
            assert seen.things() == expected.things()
    assert in_time, "no kill came before the end"


@pytest.mark.rule("SLA-4")
def test_two_runs_at_once_and_one_that_is_killed_tell_each_thing_once(
    evening: Path, undisturbed: tuple[Outcome, float], tmp_path: Path
) -> None:
    check(5, evening, undisturbed, tmp_path)


@pytest.mark.slow
@pytest.mark.rule("SLA-4")
def test_fifty_times_two_runs_at_once_and_one_that_is_killed_tell_each_thing_once(
    evening: Path, undisturbed: tuple[Outcome, float], tmp_path: Path
) -> None:
    check(50, evening, undisturbed, tmp_path)


@pytest.mark.rule("SLA-4")
def test_clerks_go_on_writing_while_the_nightly_run_does_its_work(
    evening: Path, undisturbed: tuple[Outcome, float], tmp_path: Path
) -> None:
    home, orders = copied(evening, tmp_path), 5
    clerks = [ready(CLERK, home, str(n), str(orders)) for n in (1, 2, 3)]
    runs = [ready(RUN, home) for _ in range(3)]
    for process in (*clerks, runs[0]):
        go(process)
    for run in runs:
        ended(run)
    numbers = [number for clerk in clerks for number in ended(clerk).split()]
    assert len(set(numbers)) == 3 * orders
    with Ledger(home / "ledger.db").read() as reader:
        assert {(reader.order_doc(number) or {}).get("state") for number in numbers} == {"finished"}
    assert is_sound(home)
    seen, expected = outcome(home), undisturbed[0]
    assert seen.is_once_each()
    assert seen.things() == expected.things()
