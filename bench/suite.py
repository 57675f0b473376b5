"""The benchmark: every part in one run, its figures as JSON in one folder, and the page that is made of them.

    make bench                                  # 10,000 and 100,000 orders
    make bench ARGS=--quick                     # 10,000 orders and few rounds: is it still about right?
    make bench ARGS=--million                   # 1,000,000 orders, too: 30 GB on the disk, and an hour
    make bench ARGS="--peers --page"            # with other programs beside it; README brought up to date
    python bench/suite.py --only batch,imports  # some parts

Parts: sizes (tables cold, work, growth), batch, imports, bills; peers when asked for. The nightly run and the reports
have longer measurements of their own, on desks that take a quarter of an hour to make: escalate and reports, by --only.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import imports
import ledgers
import page
import peers
import sizes
from cold_start import Installation
from pairs import Doc

import batch

HERE = Path(__file__).parent


class Scale(NamedTuple):
    """How much is measured."""

    sizes: tuple[int, ...]
    rounds: int
    lines: int
    imported: int
    """Pairs of imports."""


QUICK = Scale((10_000,), 3, 300, 1)
USUAL = Scale((10_000, 100_000), 9, 1000, 3)


class Bench:
    """One run: where it keeps things, and how much of everything."""

    def __init__(self, scale: Scale, cache: Path, folder: Path, scratch: Path) -> None:
        self.scale, self.cache, self.folder, self.scratch = scale, cache, folder, scratch
        self.heavy: dict[str, list[str]] = {}

    @cached_property
    def program(self) -> Installation:
        """Built and installed when it is first needed."""
        return sizes.installed(self.scratch)

    def keep(self, part: str, rows: Sequence[Doc], **more: Any) -> None:
        """Show the figures and keep them."""
        file = page.write(self.folder, part, rows, **more)
        print(f"\n{part}\n\n{page.table({'machine': page.machine(), 'rows': rows, **more})}\n{file}", flush=True)

    def _keep_all(self, found: sizes.Found) -> None:
        for part, rows in found._asdict().items():
            if rows:
                self.keep(part, rows, against=sizes.AGAINST.get(part, "floor"))

    def sizes(self) -> None:
        """The commands on every size."""
        homes = sizes.copies(self.scale.sizes, self.cache, self.scratch / "desks")
        sizes.rested(self.program, homes)
        sizes.measure(self.program, homes, self.scale.rounds, keep=self._keep_all)
        self.heavy = sizes.heavy(self.program, homes[self.scale.sizes[0]])
        for command, names in self.heavy.items():
            if names:
                print(f"*** {command} loads {', '.join(names)}", file=sys.stderr)
        shutil.rmtree(self.scratch / "desks")  # Imports need the room.

    def batch(self) -> None:
        """Commands as JSON Lines."""
        self.keep("batch", [batch.measured(self.scale.lines, 100, self.cache)])

    def imports(self) -> None:
        """Files of rows."""
        runs = []
        with tempfile.TemporaryDirectory(prefix="repairdesk-bench-", dir=self.cache) as folder:
            for rows in self.scale.sizes:
                pairs = 1 if rows > 100_000 else self.scale.imported
                print(f"import of {rows:,} rows ...", file=sys.stderr, flush=True)
                runs.append(imports.measure(rows, pairs, Path(folder)))
        self.keep("imports", [imported(one) for one in runs], notes=[told(one) for one in runs])

    def peers(self) -> None:
        """The others."""
        items = max(size for size in self.scale.sizes if size <= 100_000)
        rows, left_out = peers.measured(self.program, items, self.scale.rounds, self.cache)
        self.keep("peers", rows, faster=True, against="peer", notes=[f"{items:,} items each.", *left_out])

    def other(self, script: str) -> Callable[[], None]:
        """A script of its own, which shows its own table."""
        return lambda: self._run(script)

    def _run(self, script: str) -> None:
        subprocess.run([sys.executable, HERE / script], check=True)

    @property
    def parts(self) -> Mapping[str, Callable[[], None]]:
        """Every part by its name."""
        return {
            "sizes": self.sizes, "batch": self.batch, "imports": self.imports, "bills": self.other("bills.py"),
            "peers": self.peers, "escalate": self.other("escalate.py"), "reports": self.other("reports.py"),
            "postgres": self.other("postgres.py"),
        }  # fmt: skip


ALWAYS = "sizes batch imports bills".split()


def imported(one: Mapping[str, Any]) -> Doc:
    """A size of imports.py as a figure: its ratios are those of the processor."""
    ratio = one["ratio"]
    return {
        "name": f"import of {one['rows']:,} rows (ratios of the processor)",
        "ours_ms": one["wall"] * 1000, "floor_ms": one["floor_wall"] * 1000,
        "ours_cpu_ms": one["cpu"] * 1000, "floor_cpu_ms": one["floor_cpu"] * 1000,
        "ratio": [ratio["least"], ratio["median"], ratio["greatest"]], "cpu_ratio": ratio["median"],
        "rounds": one["pairs"], "aim": imports.AIM, "met": ratio["median"] <= imports.AIM,
    }  # fmt: skip


def told(one: Mapping[str, Any]) -> str:
    """What else is known of an import."""
    return (
        f"{one['rows']:,} rows: {one['rows_per_second']:,.0f} a second, by the clock {one['ratio_wall']:.2f} times the "
        f"floor, {one['mib']:.0f} MiB; verify afterwards {one['verify_wall']:.1f} s, {one['verify_mib']:.0f} MiB"
    )


def main() -> int:
    """Run the parts; 1 if a command that a clerk types loads a heavy library."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    much = parser.add_mutually_exclusive_group()
    much.add_argument("--quick", action="store_true", help="10,000 orders alone, few rounds")
    much.add_argument("--million", action="store_true", help="1,000,000 orders besides")
    parser.add_argument("--sizes", metavar="N,...", help="other sizes")
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--peers", action="store_true", help="install the peers and measure them, too")
    parser.add_argument("--only", default="", metavar="PART,...")
    parser.add_argument("--page", action="store_true", help="bring README.md up to date with what was measured")
    parser.add_argument("--cache", type=Path, metavar="DIR", default=ledgers.default_cache(), help="what is kept")
    parser.add_argument(
        "--run", type=Path, metavar="FOLDER", help="where the figures are kept; by default in the cache"
    )
    asked = parser.parse_args()

    scale = QUICK if asked.quick else USUAL
    if asked.million:
        scale = scale._replace(sizes=(*scale.sizes, 1_000_000))
    if asked.sizes:
        scale = scale._replace(sizes=tuple(int(size) for size in asked.sizes.split(",")))
    if asked.rounds:
        scale = scale._replace(rounds=asked.rounds)
    names = asked.only.split(",") if asked.only else [*ALWAYS, *(["peers"] if asked.peers else [])]
    asked.cache.mkdir(parents=True, exist_ok=True)
    folder = asked.run or asked.cache / "run"
    with tempfile.TemporaryDirectory(prefix="repairdesk-bench-", dir=asked.cache) as scratch:
        bench = Bench(scale, asked.cache, folder, Path(scratch))
        unknown = sorted(set(names) - set(bench.parts))
        if unknown:
            parser.error(f"no such part: {', '.join(unknown)}; there are {', '.join(bench.parts)}")
        for name in names:
            bench.parts[name]()
    if asked.page:
        page.bring(folder)
    return int(any(bench.heavy.values()))


if __name__ == "__main__":
    sys.exit(main())
