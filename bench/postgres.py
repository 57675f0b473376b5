"""A ledger on a PostgreSQL server: cold commands, a desk copied there and back, and an import beside a bare COPY.

The server is one of its own, made in a temporary folder and reached by a socket, durable as it comes (fsync and
synchronous_commit on). Cold: ``show`` and ``intake`` as fresh processes beside ``python -c "import typer, psycopg"``.
Copy: a desk of N orders by ``ledger copy``, which proves both sides, and back; then reports and entries of the three
are compared. Import: a file of N reports (imports.py) by ``repairdesk import``; what it wrote is taken out by COPY, and
the floor is COPY of the very rows into the same tables with the same indexes, without triggers, which is no desk. What
an import costs to the processor is counted on both sides, that of the server as its system counts it.

    python bench/postgres.py [--orders N] [--rows N] [--rounds N] [--only cold,copy,import] [--run FOLDER]
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter, sleep
from typing import Any
from urllib.parse import parse_qs, urlsplit

import imports
import ledgers
import page
import pairs
import psycopg
import sizes
from pairs import Cost, Doc

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
import postgres_server as servers
from repairdesk.ledger import postgres_sql
from repairdesk.ledger.files import File
from repairdesk.ledger.journal import Ledger
from repairdesk.ledger.postgres import Server

COLD, IMPORT = 1.6, 4.0
"""What is aimed at."""
TABLES = "entries bodies orders obligations postings receipts households messages staff rules streams places".split()
MONTHS = [
    {"month": f"{y}", "since": f"{y}-01-01T00:00:00Z", "before": f"{y + 1}-01-01T00:00:00Z"} for y in range(2015, 2031)
]
"""What the page of months is asked for: here spans of a year, all that there are."""


@contextmanager
def served() -> Iterator[str]:
    """A server; what SQLAlchemy would call its database."""
    programs = servers.programs()
    if programs is None:
        sys.exit("PostgreSQL is not installed")
    with tempfile.TemporaryDirectory(prefix="rd-bench-pg-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        with servers.running(Path(folder), programs, synced=True) as server:
            yield server.url().replace("postgresql://", "postgresql+psycopg://")


def timed(command: Sequence[str], **env: str) -> float:
    """Seconds by the clock of a command that has to succeed."""
    return imports.child([*imports.PROGRAM, *command], **env).wall


def cold(url: str, rounds: int, folder: Path) -> list[Doc]:
    """The commands that a clerk waits for."""
    program = sizes.installed(folder)
    constraints = Path(__file__).parents[1] / "constraints.txt"
    program.call([str(program.python), "-m", "pip", "-q", "install", "-c", str(constraints), "psycopg[binary]"])
    program.env |= {"REPAIRDESK_LEDGER": url, "REPAIRDESK_SITE": "cold"}
    program.make_desk()
    for n in range(200):
        number = json.loads(program.desk(*intake(n), "--json"))["number"]
    turn = iter(range(1000, 10**6))
    floor = [program.python, "-c", "import typer, psycopg"]
    found = pairs.turns(
        {
            "floor": lambda: pairs.process(floor, env=program.env, cwd=folder),
            "show": lambda: pairs.process([program.program, "show", number], env=program.env, cwd=folder),
            "intake": lambda: pairs.process([program.program, *intake(next(turn))], env=program.env, cwd=folder),
        },
        rounds,
    )
    return [pairs.row(f"{name}, on a server", found[name], found["floor"], COLD) for name in ("show", "intake")]


def intake(n: int) -> list[str]:
    """A report at a place of its own."""
    said = (
        f"intake --kind in_home --place {n % 90 + 1}-1-{n // 90 + 101} --caller 李兰 --phone 13800138000 --fault 漏水"
    )
    return [*said.split(), "--category", "plumbing", "--as", "C1", "--new"]


def copied(url: str, orders: int, folder: Path, cache: Path) -> str:
    """There and back, and whether all is as it was."""
    home = ledgers.copied(ledgers.ledger(orders, cache), folder / "copied")
    back = folder / "back.db"
    env = {"REPAIRDESK_HOME": str(home)}
    there = timed(["ledger", "copy", "--to", url, "--to-site", "copied"], **env)
    here = timed(["ledger", "copy", "--ledger", url, "--site", "copied", "--to", str(back)], **env)
    first, moved, last = File(home / "ledger.db"), Server(url, "copied"), File(back)
    seen = [list(entries(where)) for where in (first, moved, last)]
    if not seen[0] == seen[1] == seen[2]:
        sys.exit("the entries are not those that were copied")
    compared = 0
    with Ledger(first).read() as one, Ledger(moved).read() as other:
        asked = {"since": "2000-01-01T00:00:00Z", "before": "2100-01-01T00:00:00Z", "at": "2099-01-01T00:00:00Z",
                 "of": None, "by": None, "spot": None, "top": 50, "look_back": "2000-01-01T00:00:00Z",
                 "proposed": 3, "months": json.dumps(MONTHS)}  # fmt: skip
        for name in postgres_sql.REPORTS:
            rows = [sorted(map(repr, reader.report(name, asked))) for reader in (one, other)]
            compared += len(rows[0])
            if rows[0] != rows[1]:
                sys.exit(f"{name} is another on the server")
    size = (home / "ledger.db").stat().st_size
    return (
        f"copy of {orders:,} orders ({len(seen[0]):,} entries, {size / 1e6:,.0f} MB): there {there:.0f} s, back "
        f"{here:.0f} s, each with the proof of both sides; every entry equal, {compared:,} rows of "
        f"{len(postgres_sql.REPORTS)} reports equal"
    )


def entries(where: File | Server) -> Iterator[tuple[Any, ...]]:
    """Every entry as it is read."""
    with Ledger(where).read() as reader:
        for entry in reader.journal():
            yield entry.seq, entry.number, entry.version, entry.event, repr(entry.data)


def imported(url: str, rows: int, folder: Path, rounds: int) -> Doc:
    """A file of reports, and what it wrote by COPY alone."""
    file = folder / "rows.csv"
    imports.write_file(file, rows)
    ours: list[Cost] = []
    bare: list[Cost] = []
    for n in range(rounds):
        home, site = folder / f"import{n}", f"import{n}"
        env = {"REPAIRDESK_HOME": str(home), "REPAIRDESK_LEDGER": url, "REPAIRDESK_SITE": site}
        for command in (["init"], ["staff", "add", "C1", "--name", "林晓燕", "--role", "clerk"]):
            timed(command, **env)
        begun = worked(url)
        run = imports.child([*imports.PROGRAM, "import", str(file), "--kind", "in_home", "--as", "C1", "--json"], **env)
        ours.append(Cost(run.wall, run.cpu + worked(url) - begun))
        server = Server(url, site)
        taken_out(server, folder)
        begun = worked(url)
        cost = pairs.here(lambda: by_copy(server.url, folder))  # noqa: B023 - called at once
        bare.append(Cost(cost.wall, cost.cpu + worked(url) - begun))
    return pairs.row(f"import of {rows:,} rows on a server", ours, bare, IMPORT)


def worked(url: str) -> float:
    """Seconds of the processor that those processes of the server had that are over."""
    sleep(0.5)  # until it has heard of the last one
    (folder,) = parse_qs(urlsplit(url).query)["host"]
    process = (Path(folder) / "data" / "postmaster.pid").read_text().split()[0]
    said = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(said[13]) + int(said[14])) / os.sysconf("SC_CLK_TCK")


def taken_out(server: Server, folder: Path) -> None:
    """The rows of a ledger out by COPY, and empty tables with their indexes for them."""
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute(f'SET search_path TO "{server.schema}"'.encode())
        for table in TABLES:
            with (
                (folder / table).open("wb") as out,
                connection.cursor().copy(f"COPY {table} TO STDOUT".encode()) as rows,
            ):
                for piece in rows:
                    out.write(piece)
        connection.execute(b"DROP SCHEMA IF EXISTS bare CASCADE")
        connection.execute(b"CREATE SCHEMA bare")
        connection.execute(b"SET search_path TO bare")
        for statement in postgres_sql.SCHEMA:
            if not statement.startswith(("CREATE TRIGGER", "CREATE CONSTRAINT TRIGGER")):
                connection.execute(statement.encode())


def by_copy(url: str, folder: Path) -> None:
    """The rows into those tables by COPY."""
    with psycopg.connect(url, options="-c search_path=bare") as connection:
        for table in TABLES:
            with (
                (folder / table).open("rb") as rows,
                connection.cursor().copy(f"COPY {table} FROM STDIN".encode()) as to,
            ):
                while piece := rows.read(1 << 16):
                    to.write(piece)


def main() -> int:
    """Measure, say so, and keep it."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--orders", type=int, default=100_000, help="how many are copied")
    parser.add_argument("--rows", type=int, default=100_000, help="how many are imported")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--only", default="cold,copy,import")
    parser.add_argument("--cache", type=Path, metavar="DIR", default=ledgers.default_cache())
    parser.add_argument("--run", type=Path, metavar="FOLDER", help="where the figures are kept")
    asked = parser.parse_args()
    asked.cache.mkdir(parents=True, exist_ok=True)
    parts, rows, notes = asked.only.split(","), [], []
    with served() as url, tempfile.TemporaryDirectory(prefix="rd-bench-", dir=asked.cache) as scratch:
        folder, begun = Path(scratch), perf_counter()
        if "cold" in parts:
            rows += cold(url, asked.rounds, folder)
        if "copy" in parts:
            notes.append(copied(url, asked.orders, folder, asked.cache))
        if "import" in parts:
            rows.append(imported(url, asked.rows, folder, 1))
        notes.append(
            f"PostgreSQL, all of it in {perf_counter() - begun:.0f} s; the processor's time is that of both sides"
        )
    print(page.table({"machine": page.machine(), "rows": rows, "notes": notes}))
    page.write(asked.run or asked.cache / "run", "postgres", rows, notes=notes)
    return 0


if __name__ == "__main__":
    sys.exit(main())
