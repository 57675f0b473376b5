"""A row of a file and the same report at the desk leave the same behind: entry by entry, column by column."""

from __future__ import annotations

import csv
import random
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from conftest import NOW
from repairdesk.batch.importing import Plan, run
from repairdesk.desk import By, Desk
from repairdesk.domain.intake import Report

FIELDS = "kind place caller phone fault category priority channel class external_id reported_at".split()
TABLES = "entries bodies orders obligations postings receipts streams".split()
APART = {"salt", "hash", "prev", "body_digest"}
"""What differs by chance, and what follows from that."""


def reports(dice: random.Random, rows: int) -> Iterator[dict[str, str]]:
    for n in range(rows):
        # No complaints: of them people are told at the desk; a batch tells only of what was reported just now.
        kind = dice.choice(["in_home", "public_area", "help"])
        yield {
            "kind": kind,
            "place": dice.choice(["3-2-501", "３栋2单元501", "大堂", "B2 car park", "12-1-1203"]),
            "caller": dice.choice(["李兰", "O'Neil", "=王"]),
            "phone": dice.choice(["13800138000", "0571-8888 6666"]),
            "fault": dice.choice(["漏水", 'he said "now"', "a\nb", "😀 灯坏了"]),
            "category": dice.choice(["", "plumbing", "electrical", "no such"]),
            "priority": dice.choice(["", "emergency", "regular", "low"]),
            "channel": dice.choice(["", "phone", "wechat"]),
            "class": dice.choice(["", "medical", "other"]) if kind == "help" else "",
            "external_id": f"A{n}" if dice.random() < 0.7 else "",
            "reported_at": f"2026-{dice.randint(1, 10):02}-{dice.randint(1, 28):02}T{dice.randint(0, 23):02}:05",
        }


def kept(home: Path) -> dict[str, list[dict[str, Any]]]:
    with closing(sqlite3.connect(home / "ledger.db")) as db:
        db.row_factory = sqlite3.Row
        rows = {table: [dict(row) for row in db.execute(f"SELECT * FROM {table} ORDER BY 1, 2, 3")] for table in TABLES}
    return {table: [{k: v for k, v in row.items() if k not in APART} for row in found] for table, found in rows.items()}


@pytest.mark.sqlite
@pytest.mark.parametrize("seed", range(3))
def test_a_row_and_a_call_leave_the_same_behind(founded: Path, tmp_path: Path, seed: int) -> None:
    made = list(reports(random.Random(seed), 40))
    file = tmp_path / "reports.csv"
    with file.open("w", encoding="utf-8", newline="") as stream:
        out = csv.DictWriter(stream, FIELDS)
        out.writeheader()
        out.writerows(made)
    one, two = tmp_path / "file", tmp_path / "calls"
    shutil.copytree(founded, one)
    shutil.copytree(founded, two)
    result = run(Desk(one, lambda: NOW), By("C1", "pc"), file, Plan())
    assert result.accepted == len(made)
    desk = Desk(two, lambda: NOW)
    for row in made:
        said = {("help_class" if name == "class" else name): text for name, text in row.items() if text}
        at = said.pop("reported_at")
        desk.intake(By("C1", "pc", at), Report(**said), new=True)  # type: ignore[arg-type]
    ours, theirs = kept(one), kept(two)
    assert len(ours["orders"]) == len(made)
    for table in TABLES:
        assert ours[table] == theirs[table], table
    for home in (one, two):
        assert Desk(home, lambda: NOW).verify()["problems"] == []
