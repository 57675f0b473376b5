"""Completion: how long a press of Tab takes on a large ledger, as a fresh process of the installed program.

In each round the floor runs (bare Python with what reads a ledger: ``sqlite3, json``) and each kind of completion, in
turn. The aim is wall time, as somebody waits: below 150 ms, the median of the rounds. ``--shell`` adds what bash itself
makes of it: a bash that loads the function and completes once, less one that only loads it.

    python bench/completion.py [--orders 100000] [--rounds N] [--quick] [--shell] [--json FILE] [--cache DIR]
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from functools import partial
from pathlib import Path
from statistics import median

import ledgers
from cold_start import Installation
from pairs import Cost, process, row, turns

FLOOR = "import sqlite3, json"
AIM_MS = 150.0
TYPED = {
    "commands": [""],
    "options": ["intake", "--"],
    "orders, in their states": ["assign", ""],
    "orders, any": ["show", ""],
    "orders by ending": ["show", "0007"],
    "orders by beginning": ["show", "P2024"],
    "people": ["assign", "0001", ""],
    "fee codes": ["intake", "--service", ""],
    "checklist": ["start", "0001", "--check", ""],
    "places": ["intake", "--place", "12-"],
    "months": ["report", "month", "--month", ""],
}
"""What is completed, and the words before the cursor."""


def ask(program: Installation, home: Path, words: list[str]) -> Cost:
    """One press of Tab, as zsh asks it."""
    env = {**program.env, "REPAIRDESK_HOME": str(home), "_REPAIRDESK_COMPLETE": "zsh 120"}
    return process([program.program, *words], env=env, cwd=program.cwd)


def floor(program: Installation) -> Cost:
    """Bare Python with what reads a ledger."""
    return process([program.python, "-c", FLOOR], env=program.env, cwd=program.cwd)


def in_bash(program: Installation, home: Path, line: str) -> Cost:
    """A bash that loads the function and, if there is a line, completes it."""
    script = f"source <({program.program} completion bash)\n"
    if line:
        script += f"COMP_LINE='{line}' COMP_POINT={len(line)} _repairdesk_complete {program.program} '' ''\n"
    env = {**program.env, "REPAIRDESK_HOME": str(home)}
    return process(["bash", "--norc", "-c", script], env=env, cwd=program.cwd)


def main() -> int:
    """Measure and report; 1 if the aim was not met."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--orders", type=int, default=100_000)
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--quick", action="store_true", help="5 rounds instead of 21")
    parser.add_argument("--shell", action="store_true", help="and bash itself")
    parser.add_argument("--cache", type=Path, metavar="DIR")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    asked = parser.parse_args()
    rounds = asked.rounds or (5 if asked.quick else 21)
    kept = ledgers.ledger(asked.orders, asked.cache)
    with tempfile.TemporaryDirectory(prefix="repairdesk-bench-") as folder:
        program = Installation(Path(folder))
        print("building and installing ...", file=sys.stderr)
        program.install()
        home = ledgers.copied(kept, Path(folder) / "desk")
        runs = {"floor": partial(floor, program)}
        runs |= {name: partial(ask, program, home, words) for name, words in TYPED.items()}
        if asked.shell:
            runs["bash, loading"] = partial(in_bash, program, home, "")
            runs["bash, orders"] = partial(in_bash, program, home, "repairdesk assign ")
        print(f"{rounds} rounds, {asked.orders:,} orders, Python {sys.version.split()[0]} ...", file=sys.stderr)
        found = turns(runs, rounds, warm=2)
    rows = [row(name, costs, found["floor"], None) for name, costs in found.items() if name != "floor"]
    for one in rows:
        one["met"] = None if one["name"].startswith("bash") else one["ours_ms"] <= AIM_MS
    print(f"{'':<26}{'ours':>9}{'floor':>9}{'cpu':>9}{'floor':>9}   ratio (min, median, max)")
    for one in rows:
        mark = "" if one["met"] in (True, None) else f"   above {AIM_MS:.0f} ms"
        print(
            f"{one['name']:<26}{one['ours_ms']:>6.0f} ms{one['floor_ms']:>6.0f} ms{one['ours_cpu_ms']:>6.0f} ms"
            f"{one['floor_cpu_ms']:>6.0f} ms   {' '.join(f'{ratio:.2f}' for ratio in one['ratio'])}{mark}"
        )
    if asked.shell:
        spent = [b.wall - a.wall for a, b in zip(found["bash, loading"], found["bash, orders"], strict=True)]
        print(f"bash: completing alone {median(spent) * 1000:.0f} ms")
    if asked.json:
        asked.json.write_text(json.dumps({"rows": rows}, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return int(any(one["met"] is False for one in rows))


if __name__ == "__main__":
    sys.exit(main())
