"""Commands on ledgers of 10,000, 100,000 and 1,000,000 orders: cold, beside their floors, and how they grow.

Every figure is a fresh process of the installed program, from start to exit, on a copy of a kept ledger (ledgers.py).
A round runs the floor and the command on each size, in turn. Three tables come of it:

* cold: what a clerk waits for, beside bare imports (``typer, sqlite3, decimal, zoneinfo``; ``--help``: ``typer``);
* work: the same and what reads or writes more, beside bare Python with plain sqlite3 on the very ledger (floors.py);
* growth: the larger ledgers beside the smallest, in the same rounds.

    python bench/sizes.py [--sizes 10000,100000] [--rounds N] [--cache DIR] [--run FOLDER]
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import ledgers
import page
from cold_start import BARE_DESK, BARE_HELP, Installation
from pairs import Cost, process, row, turns

FLOORS = Path(__file__).with_name("floors.py")
COLD_AIM, FLAT_AIM = 1.6, 1.1
LONG = 20_000
"""From so many orders on, what reads the whole ledger is run once or twice only."""

AGAINST = {"growth": "smallest"}
"""What stands in the place of the floor in a table."""

Doc = dict[str, Any]


class Program(Protocol):
    """A repairdesk that can be run."""

    python: Path
    program: Path
    env: dict[str, str]
    cwd: Path


class Command(NamedTuple):
    """A command that is measured; ``arguments`` are made anew each time, outside the measured time.

    Attributes:
        floor: the name of its floor in floors.py, if it has one besides bare imports.
        cold: whether a clerk waits for it.
        whole: it reads the whole ledger.
    """

    name: str
    arguments: Callable[[Program, Path], Sequence[str]]
    floor: str | None = None
    cold: bool = True
    whole: bool = False
    flat: bool = True


def taken(_: Program, __: Path) -> Sequence[str]:
    """The arguments of one intake that opens a new order."""
    what = ["--kind", "in_home", "--place", "3-2-501", "--caller", "张三", "--phone", "13800138000", "--fault", "漏水"]
    return ["intake", *what, "--new", "--as", "C1", "--json"]


def reported(program: Program, home: Path) -> str:
    """The number of an order that was taken in just now."""
    return str(answer(program, home, *taken(program, home))["number"])


def assigned(program: Program, home: Path) -> Sequence[str]:
    return ["assign", reported(program, home), "W1", "--as", "C1", "--json"]


def looked_at(name: str) -> Callable[[Program, Path], Sequence[str]]:
    return lambda program, home: [name, _some(program, home), "--json"]


def plain(*arguments: str) -> Callable[[Program, Path], Sequence[str]]:
    return lambda _program, _home: arguments


_shown: dict[Path, str] = {}


def _some(program: Program, home: Path) -> str:
    """An order that was archived."""
    if home not in _shown:
        found = answer(program, home, "list", "--state", "archived", "--limit", "1", "--json")["orders"]
        _shown[home] = str(found[0]["number"])
    return _shown[home]


_MONTH = "report month --month 2026-02 --format json".split()
COMMANDS = (
    Command("--help", plain("--help")),
    Command("intake", taken, "intake"),
    Command("show", looked_at("show")),
    Command("list", plain("list", "--json"), "list"),
    Command("assign", assigned),
    Command("why", looked_at("why")),
    Command("board", plain("board", "--json"), "board"),
    Command("escalate, nothing due", plain("escalate", "--json"), "escalate", cold=False),
    Command(
        "report month",
        plain("report", "month", "--month", "2026-02", "--format", "json"),
        "month",
        cold=False,
        flat=False,
    ),
    Command("verify", plain("verify", "--json"), "verify", cold=False, whole=True, flat=False),
)


def answer(program: Program, home: Path, *arguments: str) -> Doc:
    """What a command says."""
    import subprocess

    command = [str(program.program), *arguments, "--home", str(home)]
    ran = subprocess.run(command, cwd=program.cwd, env=program.env, capture_output=True, text=True, check=False)
    if ran.returncode:
        sys.exit(f"{' '.join(command)}: exit {ran.returncode}\n{ran.stdout}{ran.stderr}")
    doc: Doc = json.loads(ran.stdout)
    return doc


def ours(program: Program, home: Path, command: Command) -> Cost:
    """One run of a command."""
    arguments = command.arguments(program, home)
    return process([program.program, *arguments, "--home", str(home)] if arguments[0] != "--help" else
                   [program.program, *arguments], env=program.env, cwd=program.cwd)  # fmt: skip


def floor(program: Program, home: Path, name: str) -> Cost:
    """One run of a floor."""
    return process([program.python, FLOORS, name, home / "ledger.db"], env=program.env, cwd=program.cwd)


class Found(NamedTuple):
    """The rows of the three tables."""

    cold: list[Doc]
    work: list[Doc]
    growth: list[Doc]


def measure(
    program: Program,
    homes: dict[int, Path],
    rounds: int,
    commands: Sequence[Command] = COMMANDS,
    *,
    warm: int = 1,
    keep: Callable[[Found], None] = lambda found: None,
) -> Found:
    """Every command on every ledger; ``warm`` rounds are not counted.

    ``keep`` is given what was found so far after each command: the last ones take as long as all the others.
    """
    found = Found([], [], [])
    for command in commands:
        print(f"{command.name} ...", file=sys.stderr, flush=True)
        if command.whole:
            for size, home in homes.items():
                often = 1 if size >= LONG else min(rounds, 3)
                _gather(found, program, command, {size: home}, often, warm if size < LONG else 0)
        else:
            _gather(found, program, command, homes, rounds, warm)
        keep(found)
    return found


def _gather(found: Found, program: Program, command: Command, homes: dict[int, Path], rounds: int, warm: int) -> None:
    runs: dict[str, Callable[[], Cost]] = {}
    if command.cold:
        bare = BARE_HELP if command.name == "--help" else BARE_DESK
        runs["bare"] = partial(process, [program.python, "-c", bare], env=program.env, cwd=program.cwd)
    for size, home in homes.items():
        runs[f"ours {size}"] = partial(ours, program, home, command)
        if command.floor:
            runs[f"floor {size}"] = partial(floor, program, home, command.floor)
        if command.name == "--help":
            break
    costs = turns(runs, rounds, warm=warm)
    small, *larger = [size for size in homes if f"ours {size}" in costs]
    for size in (small, *larger):
        name = command.name if command.name == "--help" else f"{command.name}, {size:,}"
        mine = costs[f"ours {size}"]
        if command.cold:
            found.cold.append(row(name, mine, costs["bare"], COLD_AIM))
        if command.floor:
            found.work.append(row(name, mine, costs[f"floor {size}"], None))
        if size != small:
            aim = FLAT_AIM if command.flat else None
            found.growth.append(row(f"{command.name}, {size:,} beside {small:,}", mine, costs[f"ours {small}"], aim))


def heavy(program: Installation, home: Path) -> dict[str, list[str]]:
    """Which heavy libraries each command that a clerk waits for has loaded when it ends; none is right."""
    found = {}
    for command in COMMANDS:
        if command.cold and command.name != "--help":
            found[command.name] = program.loaded([*command.arguments(program, home), "--home", str(home)])
    return found


def copies(sizes: Sequence[int], cache: Path, scratch: Path) -> dict[int, Path]:
    """A copy of each kept ledger."""
    return {size: ledgers.copied(ledgers.ledger(size, cache), scratch / str(size)) for size in sizes}


def rested(program: Program, homes: dict[int, Path]) -> None:
    """What was due in the open orders is told, so that nothing is due any more; and one order is of today."""
    for home in homes.values():
        answer(program, home, "escalate", "--json")
        reported(program, home)


def installed(folder: Path) -> Installation:
    """The program as its users have it."""
    print("building and installing ...", file=sys.stderr, flush=True)
    program = Installation(folder)
    program.install()
    return program


def options(parser: argparse.ArgumentParser) -> None:
    """What every part can be told."""
    parser.add_argument("--sizes", default="10000,100000")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--cache", type=Path, metavar="DIR", default=ledgers.default_cache())
    parser.add_argument("--run", type=Path, metavar="FOLDER", help="where the figures are kept as JSON")


def main() -> int:
    """Measure and keep the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options(parser)
    parser.add_argument("--commands", default="", metavar="NAME,...", help="of them alone")
    asked = parser.parse_args()
    named = [one for one in COMMANDS if not asked.commands or one.name.split(",")[0] in asked.commands.split(",")]
    sizes = [int(size) for size in asked.sizes.split(",")]
    asked.cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="repairdesk-bench-", dir=asked.cache) as folder:
        program = installed(Path(folder))
        homes = copies(sizes, asked.cache, Path(folder) / "desks")
        rested(program, homes)
        found = measure(program, homes, asked.rounds, named)
    for part, rows in found._asdict().items():
        if rows and asked.run:
            page.write(asked.run, part, rows, against=AGAINST.get(part, "floor"))
        shown = {"machine": page.machine(), "rows": rows, "against": AGAINST.get(part, "floor")}
        print(f"\n{part}\n{page.table(shown)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
