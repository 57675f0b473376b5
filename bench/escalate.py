"""The nightly run: does its time grow with what is due, or with the ledger (SLA-5)?

Makes, once, a desk of 10,000 orders and one of 100,000, and keeps them in a folder of its own; in each, exactly the
same 1,000 orders are due at one moment, and the others are done with or have time left. Then ``escalate`` runs as a
command, in a fresh process and on a fresh copy each time, on the one desk and the other in turn, so that both see the
same machine; a run right after it finds nothing more to do. Last comes the first run ever of a desk of 20,000 orders
that are all due, with the longest time for which others had to wait for the ledger.

    python bench/escalate.py [--quick] [--pairs N] [--cache DIR] [--json FILE]
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from ledgers import Bulk

from repairdesk.desk import By
from repairdesk.desk.founding import found
from repairdesk.desk.visiting import Work
from repairdesk.domain.intake import Report
from repairdesk.ledger import sqlite_sql

ROOT = Path(__file__).resolve().parent.parent
AIM = 1.25
DUE = 1000
NIGHT = datetime(2026, 3, 3, 0, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
"""The moment of the run: at midnight the day's visits became due, and what was reported at 23:50 ten minutes ago."""

MADE = "1"
"""Which history the kept desks have: another number for another one."""

STAFF = (
    ("C1", "clerk"), ("C2", "clerk"), ("W1", "technician"), ("W2", "technician"), ("W3", "technician"),
    ("L1", "leader"), ("S1", "supervisor"), ("M1", "manager"), ("F1", "finance"),
)  # fmt: skip
ROLES = sorted({role for _, role in STAFF})
USER = By(os_user="bench")

# The program, which says on stderr for how many seconds at most it had the ledger for itself, and its memory in KiB.
WATCHED = """
import sys
from contextlib import contextmanager
from time import perf_counter
from repairdesk.ledger import connection
held = []
writing = connection.writing

@contextmanager
def timed(*given):
    with writing(*given) as opened:
        begun = perf_counter()
        yield opened
    # To the end of COMMIT: until then nobody else can write.
    held.append(perf_counter() - begun)

connection.writing = timed
from repairdesk.cli.__main__ import main
code = main(sys.argv[1:])
sys.stdout.flush()
# Of this program alone: what a parent tells of its child's memory begins with the parent's own.
(memory,) = (line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM"))
print("WATCHED", max(held, default=0), memory, file=sys.stderr)
sys.exit(code)
"""


class Run(NamedTuple):
    """One ``escalate`` in a process of its own: seconds, greatest memory in MiB, and what it did."""

    seconds: float
    memory: float
    told: int
    converted: int
    held: float
    """The longest time for which it had the ledger for itself, in seconds."""


# --- the desks, made once


class History:
    """Writes orders as they come about: each verb a few minutes after the one before."""

    def __init__(self, home: Path) -> None:
        self.moment = NIGHT - timedelta(days=40)
        found(home, "standard", USER, self.moment)
        policies = home / "policies.yaml"
        # Everybody is sent messages: the most that a night can have to do.
        text = policies.read_text(encoding="utf-8").replace("version: standard-", "version: bench-")
        policies.write_text(text.replace("  roles: []", f"  roles: [{', '.join(ROLES)}]"), encoding="utf-8")
        self.desk = Bulk(home, lambda: self.moment)
        with self.desk.one_transaction():
            for staff, role in STAFF:
                self.desk.staff_add(USER, staff, name=f"{role} {staff}", role=role)

    def reported(self, n: int, kind: str, at: datetime) -> str:
        self.moment = at
        report = Report(kind, f"{n % 40 + 1}-{n % 4 + 1}-{n % 20 + 1}01", "李女士", "13800001234", "水龙头滴水")
        number: str = self.desk.intake(By("C1", "bench"), report, new=True).doc["number"]
        return number

    def sent(self, n: int, number: str) -> str:
        """Five minutes later a technician has it."""
        who = f"W{n % 3 + 1}"
        self.moment += timedelta(minutes=4)
        self.desk.assign(By("C1", "bench"), number, who)
        self.moment += timedelta(minutes=1)
        self.desk.accept(By(who, "bench"), number)
        return who

    def past(self, n: int, at: datetime) -> None:
        """Nothing is left to do: one of ten went all the way to the file, the others were called off."""
        number = self.reported(n, ("in_home", "public_area")[n % 2], at)
        if n % 10:
            self.moment += timedelta(minutes=3)
            self.desk.cancel(By("C1", "bench"), number, reason="水自己停了")
            return
        self.desk.consent(By("C1", "bench"), number, fee="100")
        who = self.sent(n, number)
        self.desk.start(By(who, "bench"), number)
        self.moment += timedelta(minutes=30)
        self.desk.finish(By(who, "bench"), number, Work(result="换了垫圈, 不漏了", found="垫圈老化"))
        self.desk.sign(By(who, "bench"), number, signer="李女士", rating="satisfied")
        self.desk.close(By("L1", "bench"), number)
        self.desk.archive(By("C1", "bench"), number)

    def in_time(self, n: int) -> None:
        """An open order of a lamp, with a technician: three days to go."""
        number = self.reported(n, "public_area", NIGHT - timedelta(minutes=40))
        self.moment += timedelta(minutes=5)
        self.desk.assign(By("C1", "bench"), number, f"W{n % 3 + 1}")

    def due(self, n: int) -> None:
        """Two of three have nobody yet; the third was to be done before midnight, and is converted."""
        if n % 3:
            self.reported(n, "public_area", NIGHT - timedelta(minutes=40))
        else:
            self.sent(n, self.reported(n, "in_home", NIGHT - timedelta(hours=8)))


def make(home: Path, past: int, in_time: int, due: int) -> None:
    """A desk with so many orders of each sort; a thousand to a transaction.

    All of them are of one month, for which finance need not sign before the 25th: what is due is due by the orders.
    """
    history = History(home)
    begun = datetime(2026, 2, 1, 9, tzinfo=NIGHT.tzinfo)
    for first in range(0, past + in_time + due, 1000):
        with history.desk.one_transaction():
            for n in range(first, min(first + 1000, past + in_time + due)):
                if n < past:
                    history.past(n, begun + n * timedelta(days=27) / past)
                elif n < past + in_time:
                    history.in_time(n)
                else:
                    history.due(n)


def desk_of(cache: Path, past: int, in_time: int, due: int) -> Path:
    """The desk of that size: the one in the cache, unless what it was made by has changed since."""
    made_by = [MADE, (ROOT / "policies.yaml").read_text(encoding="utf-8"), *sqlite_sql.SCHEMA]
    digest = hashlib.sha256("\0".join(made_by).encode()).hexdigest()[:12]
    home = cache / f"{past}-{in_time}-{due}-{digest}"
    if not home.exists():
        print(f"making a desk of {past + in_time + due:,} orders in {home} ...", file=sys.stderr)
        half = Path(tempfile.mkdtemp(prefix="half-", dir=cache))
        make(half / "desk", past, in_time, due)
        (half / "desk").rename(home)
        half.rmdir()
    return home


# --- running


def copied(home: Path, to: Path) -> Path:
    """A fresh copy, on the disk for good before anything is timed."""
    shutil.rmtree(to, ignore_errors=True)
    shutil.copytree(home, to)
    # In a process of its own: closing a database file here would drop SQLite's locks.
    subprocess.run(["sync", "-f", str(to)], check=True)
    return to


def escalate(home: Path, at: datetime = NIGHT) -> Run:
    """One run as a command."""
    env = {k: v for k, v in os.environ.items() if not k.startswith(("REPAIRDESK_", "PYTHON"))}
    env |= {"PYTHONUTF8": "1", "PYTHONPATH": str(ROOT / "src")}
    command = [sys.executable, "-c", WATCHED, "escalate", "--at", at.isoformat()[:16], "--home", str(home), "--json"]
    begun = perf_counter()
    ran = subprocess.run(
        command, cwd=home, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    seconds = perf_counter() - begun
    if ran.returncode:
        sys.exit(f"escalate: exit {ran.returncode}\n{ran.stdout[-2000:]}\n{ran.stderr}")
    doc = json.loads(ran.stdout)
    held, memory = next(line.split()[1:] for line in ran.stderr.splitlines() if line.startswith("WATCHED"))
    return Run(seconds, int(memory) / 1024, len(doc["told"]), len(doc["converted"]), float(held))


class Pair(NamedTuple):
    """Both desks: the run that has 1,000 orders to do with, and the idle one right after."""

    busy: tuple[Run, Run]
    idle: tuple[Run, Run]


def one_pair(small: Path, large: Path, scratch: Path, *, large_first: bool) -> Pair:
    homes = [copied(home, scratch / name) for home, name in ((small, "small"), (large, "large"))]
    order = (1, 0) if large_first else (0, 1)
    busy = {n: escalate(homes[n]) for n in order}
    idle = {n: escalate(homes[n]) for n in order}
    return Pair((busy[0], busy[1]), (idle[0], idle[1]))


def compared(name: str, runs: Sequence[tuple[Run, Run]]) -> Mapping[str, Any]:
    """The figures of one row: medians, and the ratios of the pairs."""
    ratios = [large.seconds / small.seconds for small, large in runs]
    return {
        "run": name,
        "small_ms": median(small.seconds for small, _ in runs) * 1000,
        "large_ms": median(large.seconds for _, large in runs) * 1000,
        "ratio": (min(ratios), median(ratios), max(ratios)),
        "small_mib": median(small.memory for small, _ in runs),
        "large_mib": median(large.memory for _, large in runs),
        "held_ms": [median(pair[n].held for pair in runs) * 1000 for n in (0, 1)],
        "told": runs[0][0].told,
        "converted": runs[0][0].converted,
    }


def show(rows: Sequence[Mapping[str, Any]], first: Run) -> None:
    """The tables of the figures."""
    print(f"{'run':<14} {'10,000':>9} {'100,000':>9}   {'ratio: min':>10} {'median':>7} {'max':>7}   {'MiB':>9}")
    for row in rows:
        least, middle, most = row["ratio"]
        print(
            f"{row['run']:<14} {row['small_ms']:>6.0f} ms {row['large_ms']:>6.0f} ms   "
            f"{least:>10.2f} {middle:>7.2f} {most:>7.2f}   {row['small_mib']:>4.0f} {row['large_mib']:>4.0f}"
            f"{'' if middle <= AIM else f'   above {AIM}'}"
        )
    print(f"told {rows[0]['told']}, converted {rows[0]['converted']}; "
          f"longest hold of the ledger {rows[0]['held_ms'][0]:.0f} and {rows[0]['held_ms'][1]:.0f} ms")  # fmt: skip
    print(f"first run, {first.told + first.converted:,} things to tell: {first.seconds:.1f} s, {first.memory:.0f} MiB, "
          f"longest hold {first.held * 1000:.0f} ms")  # fmt: skip


def main() -> None:
    """Make what is missing, measure, report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="3 pairs instead of 11")
    parser.add_argument("--pairs", type=int, metavar="N")
    parser.add_argument("--cache", type=Path, metavar="DIR", help="where the desks are kept")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    options = parser.parse_args()
    if datetime.now(UTC) < NIGHT:
        sys.exit(f"the machine's clock is before {NIGHT}")
    cache = options.cache or Path(tempfile.gettempdir()) / "repairdesk-bench-escalate"
    cache.mkdir(parents=True, exist_ok=True)
    # What is open grows with the desk, as it would; what is due does not.
    small = desk_of(cache, 8_500, 500, DUE)
    large = desk_of(cache, 94_000, 5_000, DUE)
    flooded = desk_of(cache, 1, 0, 20_000)

    pairs = options.pairs or (3 if options.quick else 11)
    with tempfile.TemporaryDirectory(prefix="repairdesk-bench-", dir=cache) as scratch:
        measured = [one_pair(small, large, Path(scratch), large_first=bool(n % 2)) for n in range(-1, pairs)][1:]
        first = escalate(copied(flooded, Path(scratch) / "flooded"))
    rows = [compared("1,000 due", [pair.busy for pair in measured]), compared("idle", [pair.idle for pair in measured])]
    show(rows, first)
    if options.json:
        figures = {"pairs": pairs, "rows": rows, "first": first._asdict()}
        options.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
