"""A thousand ``assign`` through ``batch``, as a ratio to bare durable appends in the same run.

``repairdesk batch -`` runs beside this process and is given lines by a pipe, a hundred at a time; between two hundreds
this process appends as many entries to a ledger of its own: chained by SHA-256, header and body in the tables of the
desk's ledger but without its triggers, each a transaction with the desk's own settings (rollback journal, synchronous
EXTRA), on one open connection. Both write to the same folder.

    python bench/batch.py [--lines N] [--turn N] [--dir DIR] [--run FOLDER]
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import IO, Any, NamedTuple

import page
from pairs import Cost, here, row

from repairdesk.ledger import chain, connection
from repairdesk.ledger import sqlite_sql as sql

AIM = 3.0
PLACES = 400


def desk(home: Path) -> None:
    """A desk with its people."""
    run = [sys.executable, "-m", "repairdesk.cli"]
    subprocess.run([*run, "init", "--home", str(home)], check=True, capture_output=True)
    people = (("C1", "clerk"), *((f"W{n}", "technician") for n in range(10)))
    lines = [json.dumps({"do": "staff add", "id": who, "name": who, "role": role}) for who, role in people]
    subprocess.run([*run, "batch", "-", "--home", str(home)], check=True, capture_output=True,
                   input="\n".join(lines).encode())  # fmt: skip


class Pipes(NamedTuple):
    """A run of ``batch``: what it is given, what it answers, and its process."""

    given: IO[str]
    said: IO[str]
    pid: int

    def used(self) -> float:
        """Seconds of the processor so far; where the kernel does not tell, those of the clock."""
        try:
            return int(Path(f"/proc/{self.pid}/schedstat").read_text().split()[0]) / 1e9
        except OSError:
            return perf_counter()


@contextmanager
def batch(home: Path) -> Iterator[Pipes]:
    """A run of ``batch`` that takes lines as they come."""
    command = [sys.executable, "-m", "repairdesk.cli", "batch", "-", "--home", str(home), "--as", "C1"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        yield Pipes(process.stdin, process.stdout, process.pid)
        process.stdin.close()
        if process.wait():
            raise SystemExit(f"batch ended with {process.returncode}")


def give(pipes: Pipes, lines: list[dict[str, object]]) -> tuple[Cost, list[str]]:
    """What lines take that are given at once, and the numbers that they are answered with."""
    text = "".join(json.dumps(line) + "\n" for line in lines)
    begun, used = perf_counter(), pipes.used()
    pipes.given.write(text)
    pipes.given.flush()
    answers = [pipes.said.readline() for _ in lines]
    took = Cost(perf_counter() - begun, pipes.used() - used)
    said = [json.loads(answer) for answer in answers]
    for one in said:
        if not one["ok"]:
            raise SystemExit(one["error"]["message"])
    return took, [one["answer"]["number"] for one in said]


def report(n: int) -> dict[str, object]:
    """A report as a clerk takes it in."""
    return {
        "do": "intake", "kind": "in_home", "place": f"{n % PLACES // 50 + 1}-1-{n % 50 + 101}", "caller": "李兰",
        "phone": "13800138000", "fault": "厨房水龙头漏水", "service": "tap", "new": True,
    }  # fmt: skip


def assignment(n: int, number: str) -> dict[str, object]:
    """An order goes to one of ten."""
    return {"do": "assign", "number": number, "staff": f"W{n % 10}"}


class Bare:
    """Entries appended by plain sqlite3, each of them durable and chained to the one before."""

    def __init__(self, path: Path) -> None:
        connection.create(path)
        self._db = sqlite3.connect(path, isolation_level=None)
        for setting in ("journal_mode=DELETE", "synchronous=EXTRA", "secure_delete=ON"):
            self._db.execute(f"PRAGMA {setting}")
        for (name,) in self._db.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
            self._db.execute(f"DROP TRIGGER {name}")
        self._seq, self._prev = 0, chain.ZEROS

    def append(self, number: str) -> None:
        """One entry, as an assignment writes it."""
        self._seq += 1
        at = "2026-11-22T06:00:00Z"
        salt = secrets.token_bytes(chain.SALT_BYTES)
        body = chain.kept({"assignee": "W1", "reason": None, "forced": False})
        header = {
            "seq": self._seq, "number": number, "version": 2, "event": "assign", "actor": "C1", "keyboard": "C1",
            "occurred_at": at, "recorded_at": at, "late": 0, "prev": self._prev,
        }  # fmt: skip
        header["body_digest"] = chain.body_digest(salt, body)
        header["hash"] = self._prev = chain.header_hash(header)
        self._db.execute("BEGIN IMMEDIATE")
        self._db.execute(sql.ADD_ENTRY, header)
        self._db.execute(sql.ADD_BODY, {"seq": self._seq, "salt": salt, "body": body})
        self._db.execute("COMMIT")

    def extend(self, numbers: list[str]) -> None:
        """One entry each, one after the other."""
        for number in numbers:
            self.append(number)

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()


def measure(home: Path, lines: int, turn: int) -> dict[str, Any]:
    """The figure: one command of ours beside one bare append, both medians of the turns."""
    numbers: list[str] = []
    with batch(home) as pipes:
        for first in range(0, lines + turn, turn):
            numbers += give(pipes, [report(n) for n in range(first, first + turn)])[1]
    ours, bare = [], []
    with batch(home) as pipes, closing(Bare(home / "bare.db")) as raw:
        for first in range(0, lines + turn, turn):
            some = numbers[first : first + turn]
            said: list[dict[str, object]] = [
                {"do": "assign", "number": one, "staff": f"W{n % 10}"} for n, one in enumerate(some)
            ]
            ours.append(_each(give(pipes, said)[0], len(some)))
            bare.append(_each(here(partial(raw.extend, some)), len(some)))
    # The first turn brings the rules and the chapters along.
    return row(f"assign through batch, {lines:,} of them", ours[1:], bare[1:], AIM)


def _each(cost: Cost, many: int) -> Cost:
    return Cost(cost.wall / many, cost.cpu / many)


def measured(lines: int, turn: int, folder: Path) -> dict[str, Any]:
    """The same, on a desk of its own."""
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        home = Path(scratch) / "desk"
        desk(home)
        return measure(home, lines, turn)


def main() -> int:
    """Measure, and say so."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lines", type=int, default=1000)
    parser.add_argument("--turn", type=int, default=100)
    parser.add_argument("--dir", type=Path, default=Path(tempfile.gettempdir()), help="where the two ledgers are made")
    parser.add_argument("--run", type=Path, metavar="FOLDER", help="where the figures are kept as JSON")
    asked = parser.parse_args()
    rows = [measured(asked.lines, asked.turn, asked.dir)]
    if asked.run:
        page.write(asked.run, "batch", rows)
    print(page.table({"machine": page.machine(), "rows": rows}))
    return 0


if __name__ == "__main__":
    os.environ["PYTHONDONTWRITEBYTECODE"] = ""
    sys.exit(main())
