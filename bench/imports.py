"""Reports from a file: what ``import`` costs beside plain sqlite3 doing the same durable work, and ``verify`` then.

A file of N reports is made, as an old system's export has them: with ids, places (20,000 of them), people, phones,
faults, categories and times over three years. It is taken in by a fresh process of ``repairdesk import`` on a fresh
desk, and in turn by the floor, a fresh process too: csv.reader and sqlite3 alone, into the same tables with the same
indexes and triggers and by the same settings, in one transaction. For each row it writes an entry, chained by SHA-256,
a salted body, an order with its document, its obligations and the stream: texts of the same length as ours, filled into
forms that are made of one report of ours. It decides nothing, looks nothing up and keeps no index of ids by itself.
That both write as many rows and characters is asserted after each pair. Then ``verify`` proves ours.

    python bench/imports.py [--sizes 10000,100000,1000000] [--pairs N] [--dir DIR] [--json FILE]
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import islice
from pathlib import Path
from secrets import token_bytes
from statistics import median
from time import perf_counter
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from repairdesk.ledger import connection

AIM = 3.0
PLACES = 20_000
BEGIN, DAYS = datetime(2023, 1, 1), 3 * 365
HEADER = "单号 报修时间 房号 报修人 联系电话 故障描述 类别".split()
PEOPLE = "李兰 王建国 陈小燕 欧阳静 张伟 刘芳 赵敏 孙立平".split()
FAULTS = (
    ("plumbing", "厨房水龙头漏水，已关总阀，请尽快上门"),
    ("plumbing", "卫生间下水道堵塞，地漏返水"),
    ("electrical", "客厅跳闸，合上以后又跳"),
    ("electrical", "入户灯不亮，换过灯泡"),
    ("doors", "入户门锁打不开，钥匙转不动"),
    ("general", "阳台外墙渗水，下雨后墙皮脱落，去年修过一次"),
)
CHUNK = 500
PROGRAM = [sys.executable, "-m", "repairdesk.cli"]


def write_file(path: Path, rows: int) -> None:
    """A file of so many reports, the same each time."""
    dice = random.Random(rows)
    with path.open("w", encoding="utf-8", newline="") as stream:
        out = csv.writer(stream)
        out.writerow(HEADER)
        for n in range(rows):
            at = BEGIN + timedelta(minutes=n * DAYS * 1440 // rows)
            place = dice.randrange(PLACES)
            flat = f"{place // 400 + 1}-{place % 400 // 200 + 1}-{place % 200 // 10 + 1}{place % 10 + 1:02}"
            category, fault = dice.choice(FAULTS)
            phone = f"138{dice.randrange(10**8):08}"
            out.writerow([f"OLD-{n:08}", f"{at:%Y/%m/%d %H:%M}", flat, dice.choice(PEOPLE), phone, fault, category])


# --- the floor, in a process of its own


class Form(NamedTuple):
    """A row as it is filled in for each report: what stays, which keys say what, and which are how long after it."""

    stays: dict[str, Any]
    told: list[tuple[str, str]]
    times: list[tuple[str, int]]


SAID = {"external_id": "OLD-FORM", "place": "99-1-2305", "caller": "表格甲", "phone": "13912345678",
        "fault": "表格里的故障", "category": "plumbing"}  # fmt: skip
"""The report of which the forms are made."""


def forms(desk: Path, folder: Path) -> Path:
    """What one report became, taken in by ours, as a file for the floor."""
    home, file, path = folder / "form", folder / "form.csv", folder / "form.json"
    if path.exists():
        return path
    shutil.copytree(desk, home)
    with file.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([HEADER, [SAID["external_id"], "2023/01/02 08:00", *list(SAID.values())[1:]]])
    child([*PROGRAM, "import", str(file), "--kind", "in_home", "--as", "C1"], REPAIRDESK_HOME=str(home))
    with closing(sqlite3.connect(home / "ledger.db")) as db:
        db.row_factory = sqlite3.Row
        (order,) = map(dict, db.execute("SELECT * FROM orders").fetchall())
        del order["id"]
        (entry,) = db.execute("SELECT * FROM entries WHERE number = ?", (order["number"],)).fetchall()
        (body,) = db.execute("SELECT body FROM bodies WHERE seq = ?", (entry["seq"],)).fetchone()
        owed = db.execute("SELECT * FROM obligations ORDER BY rowid").fetchall()
    made = {"entry": dict(entry), "body": json.loads(body), "order": order, "owed": [dict(row) for row in owed]}
    path.write_text(json.dumps(made), encoding="utf-8")
    shutil.rmtree(home)
    return path


def form(row: dict[str, Any], begun: datetime) -> Form:
    """The form of which this row is the first use."""
    words = {text: name for name, text in SAID.items()}
    told = [(key, words[text]) for key, text in row.items() if isinstance(text, str) and text in words]
    told += [(key, key) for key in ("number", "series", "serial", "tail", "search", "doc") if key in row]
    times = [(key, int((at - begun).total_seconds())) for key, at in _moments(row)]
    left = {key for key, _ in (*told, *times)}
    return Form({key: value for key, value in row.items() if key not in left}, told, times)


def _moments(row: dict[str, Any]) -> Iterator[tuple[str, datetime]]:
    for key, text in row.items():
        if isinstance(text, str) and len(text) == 20 and text.endswith("Z"):
            yield key, datetime.fromisoformat(text)


def filled(one: Form, told: dict[str, Any], at: dict[int, str]) -> dict[str, Any]:
    """A row of it."""
    row = dict(one.stays)
    for key, name in one.told:
        row[key] = told[name]
    for key, after in one.times:
        row[key] = at[after]
    return row


_ENCODE = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode


def floor(file: Path, ledger: Path, form_file: Path) -> None:
    """Take in the file with nothing but csv, hashlib, json and sqlite3."""
    with closing(sqlite3.connect(ledger, isolation_level=None)) as db, file.open(encoding="utf-8", newline="") as text:
        for setting in ("foreign_keys=ON", "journal_mode=DELETE", "synchronous=EXTRA", "recursive_triggers=ON",
                        "secure_delete=ON"):  # fmt: skip
            db.execute(f"PRAGMA {setting}")
        add = {table: _insert(db, table) for table in "entries bodies orders obligations streams".split()}
        rows = csv.reader(text)
        next(rows)
        db.execute("BEGIN IMMEDIATE")
        made = _made(rows, json.loads(form_file.read_text(encoding="utf-8")))
        while chunk := list(islice(made, CHUNK)):
            for one in chunk:  # A body must belong to the last entry: the triggers want them in turn.
                db.execute(add["entries"], one.entry)
                db.execute(add["bodies"], one.body)
            ids = [db.execute(add["orders"], one.order).lastrowid for one in chunk]
            words = [(id_, _pieces(one.order["search"])) for id_, one in zip(ids, chunk, strict=True)]
            db.executemany("INSERT INTO finding (rowid, pieces) VALUES (?, ?)", words)
            db.executemany(add["obligations"], [row for one in chunk for row in one.owed])
            db.executemany(add["streams"], [one.stream for one in chunk])
        db.execute("COMMIT")


def _insert(db: sqlite3.Connection, table: str) -> str:
    names = [row[1] for row in db.execute(f"PRAGMA table_info({table})") if (table, row[1]) != ("orders", "id")]
    quoted = ", ".join(f'"{name}"' for name in names)
    return f"INSERT INTO {table} ({quoted}) VALUES ({', '.join(f':{name}' for name in names)})"


_SIGNS = {code: 0xE000 + code for code in range(1, 128) if not (chr(code).isalnum() or chr(code).isspace())}


def _pieces(search: str) -> str:
    return " ".join([part[n : n + 3] for part in search.translate(_SIGNS).split() for n in range(len(part))])


class Made(NamedTuple):
    """What a report becomes."""

    entry: dict[str, Any]
    body: dict[str, Any]
    order: dict[str, Any]
    owed: list[dict[str, Any]]
    stream: dict[str, Any]


def _made(rows: Iterator[list[str]], one: dict[str, Any]) -> Iterator[Made]:
    zone, begun = ZoneInfo("Asia/Shanghai"), datetime.fromisoformat(one["order"]["reported_at"])
    late = int((datetime.fromisoformat(one["entry"]["recorded_at"]) - begun).total_seconds())
    document = json.loads(one["order"]["doc"])
    entry, body, doc, order = (form(row, begun) for row in (one["entry"], one["body"], document, one["order"]))
    ops, owed = ([form(row, begun) for row in found] for found in (one["body"]["obligations"], one["owed"]))
    shown = [form(row, begun) for row in document["obligations"]]
    after = {seconds for each in (entry, body, doc, order, *ops, *owed, *shown) for _, seconds in each.times}
    now = _iso(datetime.now(UTC).replace(microsecond=0))
    prev, day, serial = "0" * 64, "", 0
    for seq, (external_id, said, place, caller, phone, fault, category) in enumerate(rows, 1):
        start = datetime.fromisoformat(said.replace("/", "-")).replace(tzinfo=zone).astimezone(UTC)
        at = {seconds: now if seconds == late else _iso(start + timedelta(seconds=seconds)) for seconds in after}
        serial, day = serial + 1 if said[:10] == day else 1, said[:10]
        series = f"P{day.replace('/', '')}"
        number = f"{series}-{serial:04}"
        told: dict[str, Any] = {
            "external_id": external_id, "place": place, "caller": caller, "phone": phone, "fault": fault,
            "category": category, "number": number, "series": series, "serial": serial, "tail": number[::-1],
            "search": "\n".join((number, place, place, caller, phone, fault, "")).casefold(),
        }  # fmt: skip
        text = _ENCODE(filled(body, told, at) | {"obligations": [filled(op, told, at) for op in ops]})
        salt = token_bytes(32)
        header = filled(entry, told, at) | {"seq": seq, "prev": prev}
        del header["hash"]
        header["body_digest"] = sha256(b"repairdesk-body-1\0" + salt + text.encode()).hexdigest()
        header["hash"] = prev = sha256(_ENCODE(header).encode()).hexdigest()
        told["doc"] = _ENCODE(filled(doc, told, at) | {"obligations": [filled(row, told, at) for row in shown]})
        yield Made(header, {"seq": seq, "salt": salt, "body": text}, filled(order, told, at),
                   [filled(row, told, at) for row in owed], {"number": number, "version": 1, "seq": seq})  # fmt: skip


def _iso(at: datetime) -> str:
    return at.isoformat()[:-6] + "Z"


# --- the pairs


class Run(NamedTuple):
    """What a child took: seconds by the clock and of the processor, and at most so many MiB."""

    wall: float
    cpu: float
    mib: float


def child(command: list[str], **env: str) -> Run:
    """Run it to its end."""
    keep = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    begun = perf_counter()
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(command, stdout=said, stderr=said, env={**keep, "REPAIRDESK_LANG": "en", **env})
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        took = perf_counter() - begun
        if process.returncode:
            said.seek(0)
            raise SystemExit(f"{' '.join(command)}: exit {process.returncode}\n{said.read().decode()[-2000:]}")
    return Run(took, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def pair(folder: Path, desk: Path, file: Path, form_file: Path, turn: int) -> tuple[Run, Run, Run]:
    """One of ours, one of the floor, and the proof of ours; the first of each second pair is the floor."""
    home, raw = folder / "ours", folder / "floor.db"
    shutil.copytree(desk, home)
    connection.create(raw)
    ours = [*PROGRAM, "import", str(file), "--kind", "in_home", "--as", "C1", "--json"]
    bare = [sys.executable, __file__, "--floor", str(file), str(raw), str(form_file)]
    runs: dict[str, Run] = {}
    for name in ("ours", "floor")[:: -1 if turn % 2 else 1]:
        runs[name] = child(ours if name == "ours" else bare, REPAIRDESK_HOME=str(home))
    proof = child([*PROGRAM, "verify"], REPAIRDESK_HOME=str(home))
    same(home / "ledger.db", raw)
    shutil.rmtree(home)
    raw.unlink()
    return runs["ours"], runs["floor"], proof


SAME = (
    "SELECT count(*) FROM entries WHERE event = 'intake'",
    "SELECT sum(length(body)) FROM bodies JOIN entries USING (seq) WHERE event = 'intake'",
    "SELECT count(*) FROM orders",
    "SELECT sum(length(doc)) FROM orders",
    "SELECT sum(length(search)) FROM orders",
    "SELECT count(*) FROM obligations",
    "SELECT hex(block) FROM finding_data WHERE id = 1",
)


def same(ours: Path, raw: Path) -> None:
    """Both did the same work, to the character."""
    for question in SAME:
        found = []
        for path in (ours, raw):
            with closing(sqlite3.connect(path)) as db:
                found.append(db.execute(question).fetchone()[0])
        if found[0] != found[1]:
            raise SystemExit(f"the floor does other work: {question}: {found[0]} and {found[1]}")


def measure(rows: int, pairs: int, folder: Path) -> dict[str, Any]:
    """The figures of one size."""
    file, desk = folder / f"{rows}.csv", folder / "desk"
    write_file(file, rows)
    if not desk.exists():
        for command in (["init"], ["staff", "add", "C1", "--name", "林晓燕", "--role", "clerk"]):
            child([*PROGRAM, *command], REPAIRDESK_HOME=str(desk))
    form_file = forms(desk, folder)
    runs = [pair(folder, desk, file, form_file, turn) for turn in range(pairs)]
    file.unlink()
    ours, bare, proof = zip(*runs, strict=True)
    ratios = sorted(a.cpu / b.cpu for a, b, _ in runs)
    return {
        "rows": rows,
        "pairs": pairs,
        "wall": median(run.wall for run in ours),
        "cpu": median(run.cpu for run in ours),
        "rows_per_second": rows / median(run.wall for run in ours),
        "mib": max(run.mib for run in ours),
        "floor_wall": median(run.wall for run in bare),
        "floor_cpu": median(run.cpu for run in bare),
        "ratio": {"least": ratios[0], "median": median(ratios), "greatest": ratios[-1]},
        "ratio_wall": median(a.wall / b.wall for a, b, _ in runs),
        "verify_wall": median(run.wall for run in proof),
        "verify_cpu": median(run.cpu for run in proof),
        "verify_mib": max(run.mib for run in proof),
    }


def main() -> int:
    """Measure, and say so."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--sizes", default="10000")
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--dir", default=None, help="where it is made; a desk of 1,000,000 takes 10 GB, twice")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--floor", nargs=3, type=Path, metavar=("CSV", "LEDGER", "FORM"), help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.floor:
        floor(*asked.floor)
        return 0
    found = []
    with tempfile.TemporaryDirectory(dir=asked.dir) as folder:
        for rows in map(int, asked.sizes.split(",")):
            one = measure(rows, asked.pairs if rows < 500_000 else 1, Path(folder))
            found.append(one)
            ratio = one["ratio"]
            print(f"{rows:>9,} rows: {one['wall']:.1f} s, {one['rows_per_second']:,.0f} a second, "
                  f"{one['mib']:.0f} MiB; floor {one['floor_wall']:.1f} s; ratio of the processor {ratio['least']:.2f} "
                  f"{ratio['median']:.2f} {ratio['greatest']:.2f} (aim {AIM}), by the clock {one['ratio_wall']:.2f}; "
                  f"verify {one['verify_wall']:.1f} s, {one['verify_mib']:.0f} MiB", flush=True)  # fmt: skip
    if asked.json:
        asked.json.write_text(json.dumps({"aim": AIM, "runs": found}, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
