"""A thousand ``assign`` through ``batch``, as a ratio to bare durable appends in the same run.

``repairdesk batch -`` runs beside this process and is given lines by a pipe, a hundred at a time; between two hundreds
this process appends as many entries to a ledger of its own: chained by SHA-256, header and body in the tables of the
desk's ledger but without its triggers, each a transaction with the desk's own settings (rollback journal, synchronous
EXTRA), on one open connection. Both write to the same folder.

    python bench/batch.py [--lines N] [--turn N] [--profile]
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
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import IO

from repairdesk.ledger import chain, connection
from repairdesk.ledger import sqlite_sql as sql

AIM = 3.0
PLACES = 400


def desk(home: Path) -> None:
    """A desk with its people."""
    run = [sys.executable, "-m", "repairdesk.cli"]
    subprocess.run([*run, "init", "--home", str(home)], check=True, capture_output=True)
    for who, role in (("C1", "clerk"), *((f"W{n}", "technician") for n in range(10))):
        subprocess.run([*run, "staff", "add", who, "--name", who, "--role", role, "--home", str(home)],
                       check=True, capture_output=True)  # fmt: skip


@contextmanager
def batch(home: Path) -> Iterator[tuple[IO[str], IO[str]]]:
    """A run of ``batch`` that takes lines as they come."""
    command = [sys.executable, "-m", "repairdesk.cli", "batch", "-", "--home", str(home), "--as", "C1"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        yield process.stdin, process.stdout
        process.stdin.close()
        if process.wait():
            raise SystemExit(f"batch ended with {process.returncode}")


def give(pipes: tuple[IO[str], IO[str]], lines: list[dict[str, object]]) -> tuple[float, list[str]]:
    """How many seconds lines take that are given at once, and the numbers that they are answered with."""
    text = "".join(json.dumps(line) + "\n" for line in lines)
    begun = perf_counter()
    pipes[0].write(text)
    pipes[0].flush()
    answers = [pipes[1].readline() for _ in lines]
    took = perf_counter() - begun
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

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()


def main() -> int:
    """Measure, and say so."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--lines", type=int, default=1000)
    parser.add_argument("--turn", type=int, default=100)
    parser.add_argument("--dir", default=None, help="where the two ledgers are made; the folder for temporary files")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=asked.dir) as folder:
        home = Path(folder) / "desk"
        desk(home)
        ours, bare = measure(home, asked.lines, asked.turn)
    ratios = sorted(a / b for a, b in zip(ours, bare, strict=True))
    print(f"assign through batch: {median(ours) * 1000:.2f} ms, a bare append: {median(bare) * 1000:.2f} ms")
    print(f"ratio: least {ratios[0]:.2f}, median {median(ratios):.2f}, greatest {ratios[-1]:.2f}; aim {AIM}")
    if median(ratios) > AIM:
        print("above the aim")
    return 0


def measure(home: Path, lines: int, turn: int) -> tuple[list[float], list[float]]:
    """Seconds for one, of each turn: ours and bare."""
    numbers: list[str] = []
    with batch(home) as pipes:
        for first in range(0, lines + turn, turn):
            numbers += give(pipes, [report(n) for n in range(first, first + turn)])[1]
    ours, bare = [], []
    with batch(home) as pipes, closing(Bare(home / "bare.db")) as raw:
        for first in range(0, lines + turn, turn):
            some = numbers[first : first + turn]
            said = [{"do": "assign", "number": one, "staff": f"W{n % 10}"} for n, one in enumerate(some)]
            ours.append(give(pipes, list(said))[0] / len(some))
            begun = perf_counter()
            for one in some:
                raw.append(one)
            bare.append((perf_counter() - begun) / len(some))
    # The first turn brings the rules and the chapters along.
    return ours[1:], bare[1:]


if __name__ == "__main__":
    os.environ["PYTHONDONTWRITEBYTECODE"] = ""
    sys.exit(main())
