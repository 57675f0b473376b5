"""Runs in turn: what is compared takes turns in one run, so that both see the same machine.

In each round everything runs once; who begins moves on from round to round, so that none gains by its place. Ratios are
those of the rounds, never of medians that were taken at different times. Two clocks are read: the wall's, which a busy
machine stretches, and the processor's (user and system, of the process and what it waited for), which it hardly does.
"""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any, NamedTuple

Doc = dict[str, Any]


class Cost(NamedTuple):
    """What a run took, in seconds."""

    wall: float
    cpu: float


Run = Callable[[], Cost]


def turns(runs: Mapping[str, Run], rounds: int, *, warm: int = 1) -> dict[str, list[Cost]]:
    """Each of them once a round; the first ``warm`` rounds are not counted."""
    names = list(runs)
    found: dict[str, list[Cost]] = {name: [] for name in names}
    for n in range(-warm, rounds):
        begin = n % len(names)
        for name in (*names[begin:], *names[:begin]):
            cost = runs[name]()
            if n >= 0:
                found[name].append(cost)
    return found


def process(
    command: Sequence[str | Path], *, env: Mapping[str, str] | None = None, cwd: Path | None = None, given: str = ""
) -> Cost:
    """A fresh process, from start to exit; what it cost to the processor is the kernel's count of it and its children.

    Raises:
        SystemExit: it failed; what it said is shown.
    """
    with tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as read:
        read.write(given.encode())
        read.seek(0)
        begun = perf_counter()
        child = subprocess.Popen(command, env=env, cwd=cwd, stdin=read, stdout=said, stderr=subprocess.STDOUT)
        _, status, used = os.wait4(child.pid, 0)
        took = perf_counter() - begun
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode:
            said.seek(0)
            told = said.read().decode(errors="replace")
            sys.exit(f"{' '.join(map(str, command))[:500]}: exit {child.returncode}\n{told[-2000:]}")
    return Cost(took, used.ru_utime + used.ru_stime)


def here(do: Callable[[], object]) -> Cost:
    """Something in this process; the collector has nothing left over from before."""
    gc.collect()
    begun, used = perf_counter(), process_time()
    do()
    return Cost(perf_counter() - begun, process_time() - used)


def row(name: str, ours: Sequence[Cost], floor: Sequence[Cost], aim: float | None, *, faster: bool = False) -> Doc:
    """A figure as the page shows it: milliseconds, and ratios of the rounds.

    Args:
        aim: how many times the floor it may take; ``faster``: how many times faster than the other it should be, and
            the ratio is turned round.
    """
    wall = [_ratio(a.wall, b.wall, faster) for a, b in zip(ours, floor, strict=True)]
    cpu = [_ratio(a.cpu, b.cpu, faster) for a, b in zip(ours, floor, strict=True)]
    middle = median(wall)
    return {
        "name": name,
        "ours_ms": round(median(one.wall for one in ours) * 1000, 2),
        "floor_ms": round(median(one.wall for one in floor) * 1000, 2),
        "ours_cpu_ms": round(median(one.cpu for one in ours) * 1000, 2),
        "floor_cpu_ms": round(median(one.cpu for one in floor) * 1000, 2),
        "ratio": [round(one, 2) for one in (min(wall), middle, max(wall))],
        "cpu_ratio": round(median(cpu), 2),
        "rounds": len(wall),
        "aim": aim,
        "met": None if aim is None else (middle >= aim if faster else middle <= aim),
    }


def _ratio(ours: float, other: float, faster: bool) -> float:
    # A process that did next to nothing may have used no whole tick of the processor's clock.
    ours, other = max(ours, 1e-4), max(other, 1e-4)
    return other / ours if faster else ours / other
