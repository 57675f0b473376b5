"""An import that is killed, at any moment: the same command again makes of the desk what it would have become at once.

The child dies as by ``kill -9``: of a timer whose signal nobody handles, after so much time of the processor or by the
clock. Its desk has a clock that stands still, so that all that may differ are salts and the hashes that follow.
"""

from __future__ import annotations

import csv
import os
import random
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import repairdesk
from conftest import NOW
from repairdesk.batch.importing import Plan, run
from repairdesk.desk import By, Desk

SOURCE = Path(repairdesk.__file__).parents[1]
CHILD = f"""
import signal, sys, time
from datetime import datetime
from pathlib import Path
from repairdesk.batch.importing import Plan, run
from repairdesk.desk import By, Desk
home, file, rejects, timer, seconds = sys.argv[1:]
plan = Plan(kind="public_area", partial=bool(rejects), rejects=Path(rejects) if rejects else None)
desk = Desk(Path(home), lambda: datetime.fromisoformat({NOW.isoformat()!r}))
signal.setitimer(getattr(signal, timer), float(seconds))
cpu, clock = time.process_time(), time.perf_counter()
run(desk, By("C1", "pc"), Path(file), plan)
print(time.process_time() - cpu, time.perf_counter() - clock)
"""
TIMERS = ("ITIMER_PROF", "ITIMER_REAL")
KILLED = {-signal.SIGPROF, -signal.SIGALRM}


class Case(NamedTuple):
    """A file, and whether some of its rows are bad."""

    file: Path
    partial: bool

    def rejects(self, folder: Path) -> Path | None:
        return folder / "out" / "bad.csv" if self.partial else None


def written(folder: Path, rows: int, *, partial: bool) -> Case:
    file = folder / "reports.csv"
    with file.open("w", encoding="utf-8", newline="") as stream:
        out = csv.writer(stream)
        out.writerow(["external_id", "place", "fault", "category", "reported_at"])
        for n in range(rows):
            place = "" if partial and n % 7 == 0 else f"大堂{n % 40}"
            out.writerow([f"A{n}", place, f"灯不亮 {n}", "electrical", f"2026-11-{n % 21 + 1:02} 08:{n % 60:02}"])
    return Case(file, partial)


def child(home: Path, case: Case, folder: Path, timer: str, seconds: float) -> subprocess.CompletedProcess[str]:
    given = [str(home), str(case.file), str(case.rejects(folder) or ""), timer, f"{seconds:.6f}"]
    env = {**os.environ, "PYTHONPATH": str(SOURCE), "PYTHONFAULTHANDLER": ""}
    return subprocess.run([sys.executable, "-c", CHILD, *given], env=env, capture_output=True, text=True, timeout=600)


def told(home: Path) -> list[tuple[Any, ...]]:
    """Every entry, but for its salt and the hashes."""
    with Desk(home, lambda: NOW).ledger.read() as reader:
        return [tuple(entry) for entry in reader.journal()]


def at_random_moments(founded: Path, folder: Path, case: Case, tries: int) -> tuple[int, int]:
    """Kill it so often, each on a fresh desk, and run it again; how often it was killed, and how often in a write."""
    began, undisturbed = told(founded), folder / "undisturbed"
    shutil.copytree(founded, undisturbed)
    (folder / "out").mkdir()
    whole = child(undisturbed, case, folder, TIMERS[0], 0)
    assert whole.returncode == 0, whole.stderr
    lasts = [float(text) for text in whole.stdout.split()]
    ends, bad = told(undisturbed), case.rejects(folder)
    listed = bad.read_bytes() if bad else b""
    dice = random.Random(tries)
    killed = midst = 0
    for n in range(tries):
        home = folder / f"desk-{n}"
        shutil.copytree(founded, home)
        if bad:
            bad.unlink()
        # A little beyond the end, too: the last moments are those in which it is kept.
        ran = child(home, case, folder, TIMERS[n % 2], dice.uniform(0.001, 1.05) * lasts[n % 2])
        assert ran.returncode in KILLED | {0}, ran.stderr
        killed += ran.returncode in KILLED
        if not ran.returncode:
            # It takes less than at first, on a machine that is less busy now.
            lasts = [min(before, float(text)) for before, text in zip(lasts, ran.stdout.split(), strict=True)]
        midst += (home / "ledger.db-journal").exists()
        assert told(home) in (began, ends), "all of it, or nothing"
        if bad and bad.exists():
            assert bad.read_bytes() == listed, "a file of rejects is whole or not there"
        done = run(Desk(home, lambda: NOW), By("C1", "pc"), case.file, Plan(kind="public_area",
                   partial=case.partial, rejects=bad))  # fmt: skip
        assert done.committed
        assert done.accepted + done.already_there + len(done.rejects) == done.rows
        assert told(home) == ends
        assert Desk(home, lambda: NOW).verify()["ok"]
        assert not (home / "ledger.db-journal").exists()
        if bad:
            assert bad.read_bytes() == listed
            assert [path.name for path in bad.parent.iterdir()] == [bad.name], "the next run clears what was left"
        shutil.rmtree(home)
    return killed, midst


@pytest.mark.parametrize("partial", [False, True], ids=["all", "partial"])
def test_a_killed_import_is_completed_by_the_same_command(founded: Path, tmp_path: Path, partial: bool) -> None:
    killed, _ = at_random_moments(founded, tmp_path, written(tmp_path, 150, partial=partial), 3)
    assert killed


@pytest.mark.slow
@pytest.mark.parametrize("partial", [False, True], ids=["all", "partial"])
def test_fifty_killed_imports_are_completed_by_the_same_command(founded: Path, tmp_path: Path, partial: bool) -> None:
    # Long enough that the page cache is full before it ends, and the file itself is written to meanwhile.
    killed, midst = at_random_moments(founded, tmp_path, written(tmp_path, 1500, partial=partial), 50)
    assert killed > 25
    assert midst, "some of them have to be put back from the journal"
