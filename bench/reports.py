"""The reports of a month: what they cost beside the bare SQL of the same figures, and how that grows (RPT-1 to RPT-5).

Plays the demo year once, and makes of it two desks in a folder of its own: one of about 10,000 orders and one of ten
times as many, in the same twelve months. Their rows are those of the played year, copied straight into the tables under
other numbers, places and technicians, with their obligations and the entries of their callbacks; such a ledger no
longer verifies, but its rows are like real ones. Then each report is asked for as ``report … --format json`` asks for
it, in this process: the ledger opened, the rules read, the figures counted, the document written as JSON; and in turn
with it the yardstick: SQL written by hand for the same counts, over a plain connection.

The yardstick draws nobody: where a report counts callbacks it counts orders and calls, so the draw counts against us.

    python bench/reports.py [--quick] [--rounds N] [--cache DIR] [--json FILE]
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Mapping
from contextlib import closing
from datetime import datetime
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any

from repairdesk.demo.month import END
from repairdesk.demo.play import play
from repairdesk.desk import By, Desk, report_docs

AIM = 1.5
YEAR, SEED = 3200, 1
MADE = "1"
"""Which year the kept desks have: another number for another one."""
MONTH = "2026-08"
SPAN = {"since": "2026-07-31T16:00:00Z", "before": "2026-08-31T16:00:00Z", "at": "2026-10-31T12:40:00Z",
        "look_back": "2026-05-02T16:00:00Z"}  # fmt: skip
"""August 2026 in Shanghai; the times asked for are those of the demo's end."""
BY = By("C1", "linxy")
REPORTS = "month staff faults callbacks complaints help clocks".split()
UNDRAWN = {"month, no draw": "month", "calls, no draw": "callbacks"}
"""The two reports that draw, measured once more without the draw: what is left is what SQL can be compared with."""


# --- the desks, made once


def year(cache: Path, orders: int) -> Path:
    """The played year that all rows come from."""
    home = cache / f"year-{MADE}-{orders}"
    if not home.exists():
        with tempfile.TemporaryDirectory(dir=cache) as folder:
            play(Path(folder) / "desk", orders, SEED, 12)
            (Path(folder) / "desk").rename(home)
    return home


def desk(cache: Path, source: Path, copies: int) -> Path:
    """A desk with the year so many times over."""
    home = cache / f"{source.name}-{copies}"
    if not home.exists():
        with tempfile.TemporaryDirectory(dir=cache) as folder:
            made = Path(folder) / "desk"
            shutil.copytree(source, made)
            with closing(sqlite3.connect(made / "ledger.db")) as db, db:
                multiply(db, copies)
            with closing(sqlite3.connect(made / "ledger.db")) as db:
                db.execute("ANALYZE")
                db.execute("DROP TABLE sqlite_stat1")  # A desk has none; the plans are those that it would have.
            made.rename(home)
    return home


NUMBER = re.compile(r"([PX]\d{8}-)(\d{4})")
TECHNICIAN = re.compile(r'"T(\d+)"')


def multiply(db: sqlite3.Connection, copies: int) -> None:
    """Copy every order, its obligations and its callbacks; the times stay, so that a month has so many times more."""
    db.row_factory = sqlite3.Row
    for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        db.execute(f"DROP TRIGGER {name}")
    orders = [dict(row) for row in db.execute("SELECT * FROM orders")]
    for row in orders:
        del row["id"]  # Each copy gets one of its own.
    owed = [dict(row) for row in db.execute("SELECT * FROM obligations")]
    calls = [dict(row) for row in db.execute(
        "SELECT e.*, b.salt, b.body FROM entries e JOIN bodies b USING (seq) WHERE event = 'callback'")]  # fmt: skip
    (last,) = db.execute("SELECT max(seq) FROM entries").fetchone()
    for copy in range(1, copies):
        at, who = _numbering(copy), _team(copy)
        _insert(db, "orders", [_order(row, at, who, copy) for row in orders])
        _insert(db, "obligations", [{**row, "number": at(row["number"])} for row in owed])
        made = [{**row, "number": at(row["number"]), "seq": last + n, "hash": _digest(copy, row["hash"])}
                for n, row in enumerate(calls, start=1)]  # fmt: skip
        last += len(made)
        kept = [{name: row.pop(name) for name in ("salt", "body")} for row in made]
        _insert(db, "entries", made)
        _insert(db, "bodies", [{"seq": row["seq"], **body} for row, body in zip(made, kept, strict=True)])


def _digest(copy: int, of: str) -> str:
    return hashlib.sha256(f"{copy}/{of}".encode()).hexdigest()


def _numbering(copy: int) -> Callable[[str], str]:
    return lambda text: NUMBER.sub(lambda found: f"{found[1]}{copy * 1000 + int(found[2])}", text)


def _team(copy: int) -> Callable[[str], str]:
    """One of eight teams: a desk of so many orders has more technicians, but not one for each copy."""
    return lambda text: TECHNICIAN.sub(lambda found: f'"T{int(found[1]) + 20 * (copy % 8)}"', text)


def _order(row: Mapping[str, Any], at: Callable[[str], str], who: Callable[[str], str], copy: int) -> dict[str, Any]:
    made = dict(row)
    for name in ("number", "coordination", "converted_from", "follows"):
        made[name] = row[name] and at(row[name])
    for name in ("worker", "assignee"):
        made[name] = row[name] and who(f'"{row[name]}"').strip('"')
    series, _, serial = made["number"].rpartition("-")
    return {**made, "tail": made["number"][::-1], "series": series, "serial": int(serial), "external_id": None,
            "place": row["place"] and f"{copy}期{row['place']}", "doc": who(row["doc"])}  # fmt: skip


def _insert(db: sqlite3.Connection, table: str, rows: list[dict[str, Any]]) -> None:
    if rows:
        names = list(rows[0])
        marks = ", ".join(f":{name}" for name in names)
        db.executemany(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})", rows)


# --- the yardstick: the same figures in SQL as one would type it


FROM = "orders o LEFT JOIN orders t ON t.number = o.coordination"
REPORTED = "o.reported_at >= :since AND o.reported_at < :before AND o.converted_from IS NULL AND o.as_found = 0"
FINISHED = "coalesce(o.finished_at, t.finished_at) <= :at"
REPAIR = "o.kind IN ('in_home', 'public_area')"
RATING = "coalesce(o.rating, t.rating)"
GOOD = "('very-satisfied', 'satisfied')"


def _verdicts(due: str, met: str, void: str, paused: str) -> dict[str, str]:
    runs = f"({met} IS NULL OR {met} > :at) AND ({void} IS NULL OR {void} > :at)"
    return {
        "met": f"{met} <= :at AND {met} <= {due}",
        "missed": f"({met} <= :at AND {met} > {due}) OR ({void} <= :at AND {void} > {due}) "
        f"OR ({runs} AND {paused} = 0 AND {due} < :at)",
        "open": f"{runs} AND ({paused} = 1 OR {due} >= :at)",
        "void": f"{void} <= :at AND {void} <= {due}",
    }


def _sums(*conditions: str) -> str:
    return ", ".join(f"sum(CASE WHEN {condition} THEN 1 ELSE 0 END)" for condition in conditions)


RESOLVE = _verdicts("o.resolve_due_at", "o.resolve_met_at", "o.resolve_void_at", "o.resolve_paused")
CLOCK = _verdicts("c.due_at", "c.met_at", "c.void_at", "c.paused")
REWORKED = (
    f"{REPAIR} AND {FINISHED} AND EXISTS (SELECT 1 FROM orders l WHERE l.follows IN (o.number, o.coordination) "
    "AND l.reported_at >= coalesce(o.finished_at, t.finished_at) AND l.reported_at <= :at "
    "AND l.state NOT IN ('cancelled', 'declined') AND l.kind IN ('in_home', 'public_area'))"
)
DONE = (
    f"{FINISHED}", RESOLVE["met"], RESOLVE["missed"], RESOLVE["open"],
    f"{RATING} IN {GOOD}", f"{RATING} NOT IN {GOOD}",
)  # fmt: skip
MENDED = f"{REPAIR} AND {FINISHED}"
KEPT = (
    f"{MENDED} AND o.lacks + coalesce(t.lacks, 0) > 0",
    f"{MENDED} AND coalesce(o.rechecked_at, t.rechecked_at) <= :at",
)
REMARKED = (
    "(b.body ->> '$.outcome' = 'dissatisfied' "
    "OR (b.body ->> '$.outcome' = 'satisfied' AND b.body ->> '$.next' IS NOT NULL))"
)
SETTLED = (
    f"{REMARKED} AND (EXISTS (SELECT 1 FROM entries a JOIN bodies c ON c.seq = a.seq WHERE a.number = e.number "
    "AND a.version > e.version AND a.occurred_at <= :at AND (a.event IN ('settle', 'settle-remark') "
    "OR (a.event = 'callback' AND (c.body ->> '$.letter' IS NOT NULL "
    "OR (c.body ->> '$.outcome' = 'satisfied' AND c.body ->> '$.next' IS NULL))))) "
    "OR EXISTS (SELECT 1 FROM orders l WHERE l.follows = e.number AND l.reported_at >= e.occurred_at "
    f"AND l.finished_at <= :at AND l.rating IN {GOOD}))"
)
QUOTAS = (
    "SELECT kind, policies_version, count(*), sum(calls LIKE '%\"reached\":true%') FROM orders "
    "WHERE archived_at >= :since AND archived_at < :before AND filed_seq IS NOT NULL GROUP BY 1, 2"
)


def _faults(columns: str) -> str:
    return (
        f"SELECT {columns}, sum(n), sum(cost), sum(seconds), sum(again) FROM spots GROUP BY {columns} "
        "ORDER BY sum(n) DESC"
    )


SPOTS = (
    "WITH spots AS (SELECT o.category, o.place, count(*) n, coalesce(sum(o.total), 0) cost, "
    "sum(o.handling_seconds) seconds, "
    "CASE WHEN o.category IS NULL OR o.place IS NULL THEN 0 ELSE count(*) - 1 END again "
    f"FROM orders o WHERE {REPORTED} AND {REPAIR} GROUP BY 1, 2)"
)
PAST = (
    "past AS (SELECT category, place, count(*) n FROM orders o WHERE o.reported_at >= :look_back "
    f"AND o.reported_at < :since AND o.converted_from IS NULL AND o.as_found = 0 AND {REPAIR} GROUP BY 1, 2)"
)
TOPPED = (
    "SELECT s.category, s.place, s.n, s.cost, s.seconds, s.again, coalesce(past.n, 0) FROM spots s "
    "LEFT JOIN past ON past.category = s.category AND past.place = s.place ORDER BY"
)


def _answered(column: str, clock: str, kind: str) -> str:
    sums = _sums(
        f"{FINISHED}", "o.anonymous", "o.state = 'advised'", CLOCK["met"], CLOCK["missed"], CLOCK["open"], *DONE[1:]
    )
    joined = f"LEFT JOIN obligations c ON c.number = o.number AND c.name = '{clock}' AND c.cycle = 1"
    return f"SELECT {column}, count(*), {sums} FROM {FROM} {joined} WHERE {REPORTED} AND o.kind = '{kind}' GROUP BY 1"


BARE: dict[str, tuple[str, ...]] = {
    "month": (
        f"SELECT o.kind, o.category, o.worker, count(*), {_sums(*DONE, MENDED, REWORKED, *KEPT)} "
        f"FROM {FROM} WHERE {REPORTED} GROUP BY 1, 2, 3",
        QUOTAS,
    ),
    "staff": (
        f"SELECT o.worker, {_sums(*DONE[:3], MENDED, REWORKED)}, "
        + _sums(*(f"{RATING} = '{one}'" for one in ("very-satisfied", "satisfied", "fair", "dissatisfied")))
        + f", sum(CASE WHEN o.kind = 'in_home' AND {FINISHED} THEN max(5 - o.ticked, 0) ELSE 0 END) "
        f"FROM {FROM} WHERE {REPORTED} AND o.worker IS NOT NULL GROUP BY 1",
        "SELECT v.value ->> '$.technician', count(*), "
        "sum(strftime('%s', v.value ->> '$.ended_at') - strftime('%s', v.value ->> '$.started_at')), "
        "sum(v.value ->> '$.late_seconds'), sum(v.value ->> '$.late_seconds' > 0), sum(v.value ->> '$.late_apart') "
        "FROM orders o, json_each(o.doc, '$.visits') v "
        f"WHERE {REPORTED} AND v.value ->> '$.ended_at' <= :at GROUP BY 1",
    ),
    "faults": (
        f"{SPOTS} {_faults('category')}",
        f"{SPOTS} {_faults('place')} LIMIT 20",
        f"{SPOTS}, {PAST} {TOPPED} s.n DESC, s.again + coalesce(past.n, 0) DESC LIMIT 20",
        f"{SPOTS}, {PAST} {TOPPED} s.again + coalesce(past.n, 0) DESC LIMIT 3",
    ),
    "callbacks": (
        f"SELECT b.body ->> '$.outcome', b.body ->> '$.method', e.actor, count(*), {_sums(REMARKED, SETTLED)} "
        "FROM entries e JOIN bodies b USING (seq) "
        "WHERE e.event = 'callback' AND e.occurred_at >= :since AND e.occurred_at < :before GROUP BY 1, 2, 3",
        QUOTAS,
    ),
    "complaints": (_answered("o.severity", "respond", "complaint"),),
    "help": (_answered("o.help_class", "answer", "help"),),
    "clocks": (
        "WITH owed AS MATERIALIZED (SELECT c.name, "
        + "CASE " + " ".join(f"WHEN {condition} THEN '{name}'" for name, condition in CLOCK.items()) + " END verdict, "
        f"CASE WHEN {CLOCK['missed']} THEN strftime('%s', min(coalesce(c.met_at, c.void_at, :at), :at)) "
        "- strftime('%s', c.due_at) END late "
        "FROM orders o JOIN obligations c ON c.number = o.number "
        "WHERE o.reported_at >= :since AND o.reported_at < :before AND c.starts_at <= :at), "
        "line AS (SELECT name, late, row_number() OVER (PARTITION BY name ORDER BY late) n, "
        "count(*) OVER (PARTITION BY name) line FROM owed WHERE late IS NOT NULL), "
        "middle AS MATERIALIZED (SELECT name, avg(late) late FROM line WHERE n IN ((line + 1) / 2, (line + 2) / 2) "
        "GROUP BY name) "
        "SELECT owed.name, sum(verdict = 'met'), sum(verdict = 'missed'), sum(verdict = 'open'), "
        "sum(verdict = 'void'), "
        "max(owed.late), middle.late FROM owed LEFT JOIN middle ON middle.name = owed.name GROUP BY 1",
    ),
}  # fmt: skip


# --- measured


def ours(home: Path, name: str) -> int:
    """The report as the command answers it; how many characters that are."""
    draws = report_docs.callback_quotas
    try:
        if name in UNDRAWN:
            report_docs.callback_quotas = lambda *_: {}
        doc = Desk(home, lambda: END).report(BY, UNDRAWN.get(name, name), MONTH).doc
    finally:
        report_docs.callback_quotas = draws
    return len(json.dumps(doc, ensure_ascii=False))


def bare(home: Path, name: str) -> int:
    """The yardstick; how many rows it has."""
    texts = BARE[UNDRAWN.get(name, name)]
    with closing(sqlite3.connect(home / "ledger.db")) as db:
        return sum(len(db.execute(text, SPAN).fetchall()) for text in texts if name not in UNDRAWN or text != QUOTAS)


def timed(run: Callable[[Path, str], int], home: Path, name: str) -> float:
    """Milliseconds of the processor: nothing here waits, and on a busy machine the clock on the wall counts others."""
    begun = process_time()
    run(home, name)
    return (process_time() - begun) * 1000


def measured(home: Path, rounds: int) -> dict[str, dict[str, float]]:
    """Medians of each report and its yardstick, which take turns; the first round is not counted."""
    found = {}
    for name in (*REPORTS, *UNDRAWN):
        pairs = [(timed(ours, home, name), timed(bare, home, name)) for _ in range(rounds + 1)][1:]
        found[name] = {
            "ours": median(one for one, _ in pairs),
            "bare": median(one for _, one in pairs),
            "ratio": median(one / other for one, other in pairs),
        }
    return found


def main() -> int:
    """Make the desks and say what the reports cost on them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="3 rounds")
    parser.add_argument("--rounds", type=int, default=11)
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "repairdesk-bench-reports")
    parser.add_argument("--json", type=Path, metavar="FILE")
    asked = parser.parse_args()
    asked.cache.mkdir(parents=True, exist_ok=True)
    source = year(asked.cache, YEAR)
    made = {copies: desk(asked.cache, source, copies) for copies in (3, 30)}
    found = {copies: measured(home, 3 if asked.quick else asked.rounds) for copies, home in made.items()}
    counted = {copies: _counted(home) for copies, home in made.items()}
    small, large = found[3], found[30]
    print(f"{counted[3]:,} and {counted[30]:,} orders; {datetime.now():%Y-%m-%d}; milliseconds, medians")
    print(f"{'report':15}{'small':>9}{'bare':>9}{'ratio':>7}{'large':>10}{'bare':>9}{'ratio':>7}{'growth':>8}")
    for name in (*REPORTS, *UNDRAWN):
        one, ten = small[name], large[name]
        mark = "" if ten["ratio"] <= AIM else f"  above {AIM}"
        print(f"{name:15}{one['ours']:9.1f}{one['bare']:9.1f}{one['ratio']:7.2f}{ten['ours']:10.1f}{ten['bare']:9.1f}"
              f"{ten['ratio']:7.2f}{ten['ours'] / one['ours']:8.1f}{mark}")  # fmt: skip
    if asked.json:
        asked.json.write_text(json.dumps({"orders": counted, "reports": found}, indent=1), encoding="utf-8")
    return 0


def _counted(home: Path) -> int:
    with closing(sqlite3.connect(home / "ledger.db")) as db:
        return int(db.execute("SELECT count(*) FROM orders").fetchone()[0])


if __name__ == "__main__":
    sys.exit(main())
