"""Cold start: how long a command takes, as a ratio to the bare imports it cannot do without.

Builds a wheel, installs it (not editable) into an environment of its own, makes a desk, and times fresh processes in
pairs, ours and the yardstick in turn, so that both see the same machine. Also names every heavy library that a command
has in ``sys.modules`` when it ends. See README.md beside this file.

    python bench/cold_start.py [--quick] [--pairs N] [--json FILE]
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from time import perf_counter

ROOT = Path(__file__).resolve().parent.parent
HEAVY = ("sqlalchemy", "sqlmodel", "pydantic", "yaml", "jinja2", "rich", "apprise")
AIM = 2.0
BARE_HELP = "import typer"
BARE_DESK = "import typer, sqlite3, decimal, zoneinfo"

# Runs the console script's own entry in this process and says on stderr what it left loaded.
LOADED = f"""
import sys
from repairdesk.cli.__main__ import run
sys.argv[0] = "repairdesk"
try:
    run()
finally:
    print("LOADED", *(name for name in {HEAVY!r} if name in sys.modules), file=sys.stderr)
"""


@dataclass(frozen=True)
class Result:
    """One command against its yardstick: medians in milliseconds, ratios of the pairs."""

    command: str
    yardstick: str
    pairs: int
    ours_ms: float
    bare_ms: float
    ratio_min: float
    ratio_median: float
    ratio_max: float


class Installation:
    """The program, installed from a wheel, and a desk with a clerk, a leader and a technician."""

    def __init__(self, folder: Path) -> None:
        self.python = folder / "venv" / "bin" / "python"
        self.program = folder / "venv" / "bin" / "repairdesk"
        self.home = folder / "desk"
        # Nothing of the caller's: neither its desk nor its source tree, nor a ban on writing compiled modules.
        self.env = {k: v for k, v in os.environ.items() if not k.startswith(("REPAIRDESK_", "PYTHON"))}
        self.env["REPAIRDESK_HOME"] = str(self.home)
        self.env["REPAIRDESK_LANG"] = "zh"
        self.env["PYTHONUTF8"] = "1"
        self.cwd = folder

    def install(self) -> None:
        """Build the wheel and install it, with the pinned versions, into a new environment."""
        wheels = self.cwd / "wheel"
        pip = ["-m", "pip", "-q", "--disable-pip-version-check"]
        self.call([sys.executable, *pip, "wheel", "--no-deps", "-w", str(wheels), str(ROOT)])
        self.call([sys.executable, "-m", "venv", str(self.cwd / "venv")])
        (wheel,) = wheels.glob("repairdesk-*.whl")
        self.call([str(self.python), *pip, "install", "-c", str(ROOT / "constraints.txt"), str(wheel)])

    def make_desk(self) -> None:
        """A desk as a clerk finds it in the morning: rules read once, staff known."""
        self.desk("init", "--home", str(self.home))
        self.desk("staff", "add", "L1", "--name", "王班长", "--role", "leader")
        self.desk("staff", "add", "C1", "--name", "李客服", "--role", "clerk")
        self.desk("staff", "add", "W1", "--name", "赵师傅", "--role", "technician", "--trade", "plumbing")

    def call(self, command: Sequence[str]) -> str:
        """Run to the end and return stdout; what went wrong is shown and ends the benchmark."""
        ran = subprocess.run(command, cwd=self.cwd, env=self.env, capture_output=True, text=True, check=False)
        if ran.returncode:
            sys.exit(f"{' '.join(command)}\nexit {ran.returncode}\n{ran.stdout}{ran.stderr}")
        return ran.stdout

    def desk(self, *arguments: str) -> str:
        """One command of the program."""
        return self.call([str(self.program), *arguments])

    def milliseconds(self, command: Sequence[str]) -> float:
        """The wall time of one fresh process that must succeed."""
        started = perf_counter()
        ran = subprocess.run(
            command, cwd=self.cwd, env=self.env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=False
        )
        took = (perf_counter() - started) * 1000
        if ran.returncode:
            sys.exit(f"{' '.join(command)}: exit {ran.returncode}")
        return took

    def loaded(self, arguments: Sequence[str]) -> list[str]:
        """Which of the heavy libraries this command has in ``sys.modules`` when it ends."""
        command = [str(self.python), "-c", LOADED, *arguments]
        ran = subprocess.run(command, cwd=self.cwd, env=self.env, capture_output=True, text=True, check=False)
        marks = [line for line in ran.stderr.splitlines() if line.startswith("LOADED")]
        if ran.returncode or not marks:
            sys.exit(f"{' '.join(arguments)}\nexit {ran.returncode}\n{ran.stdout}{ran.stderr}")
        return marks[-1].split()[1:]


def intake() -> list[str]:
    """The arguments of one intake that opens a new order."""
    what = ["--kind", "in_home", "--place", "3-2-501", "--caller", "张三", "--phone", "13800138000", "--fault", "漏水"]
    return ["intake", *what, "--new", "--as", "C1", "--json"]


def new_orders(program: Installation) -> Iterator[list[str]]:
    """The arguments of an assignment, each time of an order of its own, taken outside the measured time."""
    while True:
        number = json.loads(program.desk(*intake()))["number"]
        yield ["assign", number, "W1", "--as", "C1", "--json"]


def measure(
    program: Installation, name: str, arguments: Callable[[], list[str]], bare: str, pairs: int, warm: int = 3
) -> Result:
    """Time ours and the yardstick in turn; which one goes first alternates, so that neither gains by its place."""
    yardstick = [str(program.python), "-c", bare]
    ours: list[float] = []
    theirs: list[float] = []
    for n in range(-warm, pairs):
        command = [str(program.program), *arguments()]
        if n % 2:
            b, a = program.milliseconds(yardstick), program.milliseconds(command)
        else:
            a, b = program.milliseconds(command), program.milliseconds(yardstick)
        if n >= 0:
            ours.append(a)
            theirs.append(b)
    ratios = [a / b for a, b in zip(ours, theirs, strict=True)]
    figures = (median(ours), median(theirs), min(ratios), median(ratios), max(ratios))
    return Result(name, bare, pairs, *(round(figure, 2) for figure in figures))


def show(results: Sequence[Result]) -> None:
    """The table of the figures."""
    print(f"{'command':<10} {'ours':>9} {'bare':>9}   {'ratio: min':>10} {'median':>7} {'max':>7}")
    for r in results:
        print(
            f"{r.command:<10} {r.ours_ms:>6.0f} ms {r.bare_ms:>6.0f} ms   "
            f"{r.ratio_min:>10.2f} {r.ratio_median:>7.2f} {r.ratio_max:>7.2f}"
            f"{'' if r.ratio_median <= AIM else f'   above {AIM}'}"
        )


def main() -> int:
    """Measure and report; 1 if a heavy library was loaded by a command that a clerk types."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="5 pairs instead of 31")
    parser.add_argument("--pairs", type=int, help="how many pairs of each")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    options = parser.parse_args()
    pairs = options.pairs or (5 if options.quick else 31)

    with tempfile.TemporaryDirectory(prefix="repairdesk-bench-") as folder:
        program = Installation(Path(folder))
        print("building and installing ...", file=sys.stderr)
        program.install()
        program.make_desk()
        first = json.loads(program.desk(*intake()))["number"]
        assignments = new_orders(program)

        heavy = {
            "intake": program.loaded(intake()),
            "assign": program.loaded(next(assignments)),
            "show": program.loaded(["show", first, "--json"]),
            "board": program.loaded(["board", "--json"]),
            "why": program.loaded(["why", first, "--json"]),
        }
        print(f"{pairs} pairs each, fresh processes, Python {sys.version.split()[0]} ...", file=sys.stderr)
        results = [
            measure(program, "--help", lambda: ["--help"], BARE_HELP, pairs),
            measure(program, "intake", intake, BARE_DESK, pairs),
            measure(program, "assign", lambda: next(assignments), BARE_DESK, pairs),
            measure(program, "show", lambda: ["show", first, "--json"], BARE_DESK, pairs),
            measure(program, "board", lambda: ["board", "--json"], BARE_DESK, pairs),
            measure(program, "why", lambda: ["why", first, "--json"], BARE_DESK, pairs),
        ]

    show(results)
    for command, names in heavy.items():
        print(f"{command}: {'loads ' + ', '.join(names) if names else 'loads none of ' + ', '.join(HEAVY)}")
    if options.json:
        figures = {"results": [asdict(result) for result in results], "heavy": heavy}
        options.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    return 1 if any(heavy.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
