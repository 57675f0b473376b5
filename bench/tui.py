"""How long from a key to the screen: the full screen in a terminal of 80 by 24, on a copy of a large ledger.

The program runs as it is typed, in a pseudo-terminal. A key is written to it, and the time is taken until what it asks
for has come out: the order that is now highlighted with all its details, the form of a verb, the first orders that
are found. Last, another process's report: from its commit until it stands on the screen.

    python bench/tui.py [ORDERS] [--home DESK] [--times N] [--cache DIR]
"""

from __future__ import annotations

import argparse
import fcntl
import os
import pty
import re
import select
import shutil
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter, sleep

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "src"), str(ROOT / "bench")]

import ledgers  # noqa: E402

from repairdesk.desk import By, Desk  # noqa: E402
from repairdesk.domain.intake import Report  # noqa: E402
from repairdesk.domain.lifecycle import OPEN  # noqa: E402

SIZE = (80, 24)
CLERK = By("C1", "bench")
GIVEN_UP = 60.0
"""Seconds after which something counts as never come."""
QUIET = 0.4
"""Seconds without output after which a screen stands still."""
_ESCAPE = re.compile(rb"\x1b\[[0-9;?<>=]*[ -/]*[@-~]|\x1b[()][A-Z0-9]|\x1b[=>]")


Took = tuple[float, float]
"""Seconds by the clock on the wall, and of the processor."""


class Screen:
    """The program in its terminal."""

    def __init__(self, descriptor: int, process: int) -> None:
        self._descriptor = descriptor
        self._process = process
        self._out = b""
        self._begun = 0.0, 0.0

    def key(self, keys: bytes) -> None:
        """Press."""
        self._out = b""
        self._begun = perf_counter(), self._worked()
        os.write(self._descriptor, keys)

    def _worked(self) -> float:
        """Seconds of the processor that the program took so far."""
        said = Path(f"/proc/{self._process}/stat").read_text().rpartition(")")[2].split()
        return (int(said[11]) + int(said[12])) / os.sysconf("SC_CLK_TCK")

    def until(self, text: str) -> Took:
        """Read until this has come out since the last key; answers with how long that took.

        Raises:
            TimeoutError: it does not come.
        """
        end = perf_counter() + GIVEN_UP
        while perf_counter() < end:
            if self._read(0.05) and text in _ESCAPE.sub(b"", self._out).decode("utf-8", "ignore"):
                return perf_counter() - self._begun[0], self._worked() - self._begun[1]
        raise TimeoutError(f"{text!r} never came; the last was {self._out[-500:]!r}")

    def still(self) -> None:
        """Read until nothing comes any more but what the clock changes."""
        end = perf_counter() + 3
        while perf_counter() < end and self._read(QUIET):
            pass

    def _read(self, seconds: float) -> bool:
        ready, _, _ = select.select([self._descriptor], [], [], seconds)
        if ready:
            self._out += os.read(self._descriptor, 65_536)
        return bool(ready)


@contextmanager
def shown(home: Path) -> Iterator[tuple[Screen, Took]]:
    """The program, once it shows the desk; and how long that took."""
    own, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", SIZE[1], SIZE[0], 0, 0))
    env = {name: value for name, value in os.environ.items() if not name.startswith(("REPAIRDESK_", "LC_"))}
    env |= {"PYTHONPATH": str(ROOT / "src"), "TERM": "xterm-256color", "LANG": "C.UTF-8", "REPAIRDESK_LANG": "en"}
    env |= {"REPAIRDESK_HOME": str(home), "REPAIRDESK_AS": "C1"}
    command = [sys.executable, "-m", "repairdesk.cli", "desk"]
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=env, start_new_session=True) as it:
        os.close(theirs)
        screen = Screen(own, it.pid)
        screen.key(b"")
        try:
            took = screen.until("in step")
            screen.still()
            yield screen, took
        finally:
            os.write(own, b"\x11")
            sleep(0.5)
            it.terminate()
            os.close(own)


def measured(home: Path, times: int) -> Iterator[tuple[str, list[Took]]]:
    """What is measured, and the seconds that it took."""
    desk = Desk(home, lambda: datetime.now(UTC))
    docs, _ = desk.list_orders(CLERK, {"states": list(OPEN)}, limit=200)
    numbers = [doc["number"] for doc in docs]
    with shown(home) as (screen, took):
        yield "the program is typed: the desk is shown", [took]
        yield "↓: the next order with all its details", [*_downs(screen, numbers, times)]
        yield "x: the form of a verb", [*_forms(screen, times)]
        yield "the second digit of a search: what is found", [*_found(screen, times)]
        yield "another terminal's report: on the screen", [*_followed(screen, desk, max(3, times // 5))]


def _downs(screen: Screen, numbers: Sequence[str], times: int) -> Iterator[Took]:
    rows = min(times, len(numbers) - 1)
    for at in range(1, rows + 1):
        screen.key(b"\x1b[B")
        # The list has the number without its letter and year; in full it stands above the details, which come last.
        yield screen.until(f"{numbers[at]}  ")
        screen.still()


def _forms(screen: Screen, times: int) -> Iterator[Took]:
    for _ in range(times):
        screen.key(b"x")
        yield screen.until("Esc: back")
        screen.key(b"\x1b")
        screen.still()


def _found(screen: Screen, times: int) -> Iterator[Took]:
    screen.key(b"/")
    screen.still()
    for n in range(times):
        text = f"{n % 10}{n * 7 % 10}"
        screen.key(text[:1].encode())
        screen.still()
        screen.key(text[1:].encode())
        yield screen.until(f"“{text}”")
        screen.still()
        screen.key(b"\x7f\x7f")
        screen.still()
    screen.key(b"\x1b")
    screen.still()
    screen.key(b"\x1b")
    screen.still()


def _followed(screen: Screen, desk: Desk, times: int) -> Iterator[Took]:
    for n in range(times):
        screen.key(b"\x1b[H")  # to the newest, above which it comes
        screen.still()
        place = f"Z{n}-{os.getpid() % 10_000}"
        desk.intake(CLERK, Report("public_area", place, None, None, "门灯不亮"), new=True)
        screen.key(b"")
        yield screen.until(place)
        sleep(0.1 * n)


def told(name: str, took: Sequence[Took], write: Callable[[str], object]) -> None:
    """A line: how often, median, 95 %, most, and the median of the processor, in milliseconds."""
    ordered = sorted(wall for wall, _ in took)
    worked = statistics.median(one for _, one in took)
    high = ordered[min(len(ordered) - 1, round(0.95 * len(ordered)))]
    row = (f"{one * 1000:,.0f} ms" for one in (statistics.median(ordered), high, ordered[-1], worked))
    write(f"| {name} | {len(ordered)} | {' | '.join(row)} |\n")


def main() -> None:
    """See the module."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("orders", nargs="?", type=int, default=100_000)
    parser.add_argument("--home", type=Path, help="a desk that is there; it is copied, too")
    parser.add_argument("--times", type=int, default=40)
    parser.add_argument("--cache", type=Path)
    asked = parser.parse_args()
    source = asked.home or ledgers.ledger(asked.orders, asked.cache)
    with tempfile.TemporaryDirectory(prefix="repairdesk-bench-") as folder:
        home = Path(folder) / "desk"
        shutil.copytree(source, home)
        sys.stdout.write("| | times | median | 95 % | most | of the processor |\n|---|---|---|---|---|---|\n")
        for name, took in measured(home, asked.times):
            told(name, took, sys.stdout.write)
            sys.stdout.flush()


if __name__ == "__main__":
    main()
