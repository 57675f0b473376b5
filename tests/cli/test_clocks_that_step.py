"""A machine whose clock is set back, and two whose zones differ: the record's times stay what they are (REC-2)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from desk_cli import PUBLIC, Clock, done, entries, nothing_written, refused, run

import repairdesk

SOURCE = str(Path(repairdesk.__file__).parents[1])
AFTER = ("--new", "--as", "C1")


@pytest.mark.rule("REC-2")
def test_a_clock_that_was_set_back_is_told_and_nothing_is_written_until_it_is_right(desk: Path, clock: Clock) -> None:
    number = done("intake", *PUBLIC, *AFTER)["number"]
    clock.on(hours=-8)
    file = desk / "in.csv"
    file.write_text("kind,place,fault\npublic_area,东门,灯\n", encoding="utf-8")
    with nothing_written(desk / "ledger.db"):
        for argv in (
            ("intake", *PUBLIC, *AFTER), ("assign", number, "W1", "--as", "C1"), ("import", str(file), "--as", "C1"),
            ("staff", "add", "W9", "--name", "N", "--role", "technician"), ("escalate",),
            ("intake", *PUBLIC, *AFTER, "--at", "2026-11-24T00:30"),
        ):  # fmt: skip
            refusal = refused(10, *argv)
            assert refusal["rule"] == "REC-2", argv
        assert "2026-11-24 01:00" in refusal["message"], "in the desk's zone"
        assert "2026-11-24 09:00" in refusal["message"]
        assert "set the clock right" in refusal["message"]
    assert (done("list")["total"], done("verify")["ok"]) == (1, True), "looking goes on"
    clock.on(hours=8)
    done("intake", *PUBLIC, *AFTER)


@pytest.mark.rule("REC-2")
def test_what_is_wrong_besides_is_told_before_the_clock(desk: Path, clock: Clock) -> None:
    done("intake", *PUBLIC, *AFTER)
    clock.on(hours=-8)
    refused(2, "intake", *PUBLIC, *AFTER, "--phone", "x")
    refused(11, "assign", "GHOST", "W1", "--as", "C1")
    refused(12, "intake", *PUBLIC, "--new", "--as", "W1")


@pytest.mark.rule("REC-2")
def test_a_clock_that_was_ahead_and_is_right_again_is_said_to_be_once(
    desk: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock.on(days=30)
    done("intake", *PUBLIC, *AFTER)
    clock.on(days=-30)
    refused(10, "intake", *PUBLIC, *AFTER)
    monkeypatch.setenv("REPAIRDESK_CLOCK", "right")
    done("intake", *PUBLIC, *AFTER)
    monkeypatch.delenv("REPAIRDESK_CLOCK")
    done("intake", *PUBLIC, *AFTER)
    assert done("verify")["ok"]


def test_a_step_of_the_network_s_time_stops_no_desk(desk: Path, clock: Clock) -> None:
    done("intake", *PUBLIC, *AFTER)
    clock.on(minutes=-5)
    done("intake", *PUBLIC, *AFTER)
    clock.on(minutes=-6)
    refused(10, "intake", *PUBLIC, *AFTER)


def test_doctor_says_that_the_clock_was_set_back(desk: Path, clock: Clock) -> None:
    done("intake", *PUBLIC, *AFTER)
    said = "the clock of this machine says"
    assert said not in run("doctor")
    clock.on(hours=-8)
    told = [line for line in run("doctor").splitlines() if said in line]
    assert len(told) == 1
    assert "09:00" in told[0]


@pytest.mark.rule("REC-2")
def test_two_machines_zones_make_one_record(desk: Path) -> None:
    """The desk has a zone; that of whoever types has no part in it."""
    seen = []
    for zone in ("America/Los_Angeles", "Asia/Tokyo"):
        env = {**os.environ, "TZ": zone, "PYTHONPATH": SOURCE, "REPAIRDESK_HOME": str(desk)}
        ran = subprocess.run(
            [sys.executable, "-m", "repairdesk.cli", "intake", *PUBLIC, *AFTER, "--at", "2026-11-22T08:00", "--json"],
            env=env, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert ran.returncode == 0, ran.stderr
        seen.append(json.loads(ran.stdout))
    assert [one["reported_at"] for one in seen] == ["2026-11-22T08:00:00+08:00"] * 2
    assert [one["number"] for one in seen] == ["P20261122-0001", "P20261122-0002"]
    written = [done("show", one["number"], "--entries")["entries"][0]["recorded_at"] for one in seen]
    assert [text[-6:] for text in written] == ["+08:00"] * 2
    assert written[0] <= written[1]
    assert entries(desk / "ledger.db") > 0
