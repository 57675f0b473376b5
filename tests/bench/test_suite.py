"""The benchmark in its smallest sizes: there are figures, and the floors do the work that they stand for."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from repairdesk.desk import By, Desk
from repairdesk.domain.intake import Report
from repairdesk.ledger.verify import verify

if TYPE_CHECKING:
    from conftest import Parts

NOW = datetime(2026, 4, 1, 2, tzinfo=UTC)
CLERK = By("C1", "bench")
REPORT = Report("in_home", "3-2-501", "张三", "13800138000", "漏水")


class Here:
    """The program as this environment has it."""

    def __init__(self, cwd: Path) -> None:
        self.python = Path(sys.executable)
        self.program = self.python.with_name("repairdesk")
        self.env = {**os.environ, "REPAIRDESK_LANG": "zh"}
        self.cwd = cwd


def floor(bench: Parts, home: Path, name: str) -> Any:
    """What a floor answers, in a process of its own as in the benchmark."""
    command = [sys.executable, bench.sizes.FLOORS, name, home / "ledger.db"]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def sums(home: Path) -> list[int]:
    """How many rows and characters there are of what an intake writes."""
    asked = (
        "count(*) FROM entries", "sum(length(body)) FROM bodies", "count(*) FROM orders",
        "sum(length(doc)) FROM orders", "count(*) FROM obligations", "count(*) FROM streams",
    )  # fmt: skip
    with closing(sqlite3.connect(home / "ledger.db")) as db:
        return [db.execute(f"SELECT {what}").fetchone()[0] for what in asked]


# --- ledgers


def test_a_ledger_made_in_bulk_has_so_many_orders_and_is_clean(bench: Parts, home: Path) -> None:
    found = verify(home / "ledger.db")
    assert found["problems"] == []
    assert sums(home)[2] == 120
    with closing(sqlite3.connect(home / "ledger.db")) as db:
        states = dict(db.execute("SELECT state, count(*) FROM orders GROUP BY 1").fetchall())
        (filed,) = db.execute("SELECT count(DISTINCT filed_seq) FROM orders").fetchone()
    # A fifth is open in so small a one; of the rest one in ten was filed, each by an entry of its own.
    assert states["reported"] + states["assigned"] == 24
    assert filed == states["archived"] >= 9


def test_the_desk_goes_on_in_a_ledger_made_in_bulk(home: Path) -> None:
    desk = Desk(home, lambda: NOW)
    number = desk.intake(CLERK, REPORT, new=True).doc["number"]
    desk.assign(CLERK, number, "W1")
    assert verify(home / "ledger.db")["problems"] == []


def test_a_kept_ledger_is_used_again(bench: Parts, cache: Path) -> None:
    first = bench.ledgers.ledger(120, cache)
    made = (first / "ledger.db").stat()
    assert bench.ledgers.ledger(120, cache) == first
    assert (first / "ledger.db").stat().st_mtime_ns == made.st_mtime_ns


# --- floors


def test_the_floor_of_list_answers_with_the_same_first_page(bench: Parts, home: Path) -> None:
    with Desk(home, lambda: NOW).ledger.read() as reader:
        docs, total = reader.orders({}, bench.floors.PAGE)
    found = floor(bench, home, "list")
    assert [one["number"] for one in found["orders"]] == [one["number"] for one in docs]
    assert found["total"] == total == 120


def test_the_floor_of_board_answers_with_every_open_order_and_what_it_owes(bench: Parts, home: Path) -> None:
    with Desk(home, lambda: NOW).ledger.read() as reader:
        docs, _ = reader.orders({"open": True})
    found = {number: owed for number, *_, owed in floor(bench, home, "board")["open"]}
    assert found.keys() == {one["number"] for one in docs}
    assert all(found.values())


def test_the_floor_of_escalate_finds_what_is_due_and_nothing_after_a_run(bench: Parts, home: Path) -> None:
    assert floor(bench, home, "escalate")["due"]
    Desk(home, lambda: datetime.now(UTC)).escalate(CLERK)
    assert floor(bench, home, "escalate")["due"] == []


def test_the_floor_of_the_month_counts_the_orders_of_the_report(
    bench: Parts, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The smallest ledger was lived through in the first of its months alone.
    monkeypatch.setattr(bench.floors, "SINCE", "2023-05-31T16:00:00Z")
    monkeypatch.setattr(bench.floors, "BEFORE", "2023-06-30T16:00:00Z")
    with closing(sqlite3.connect(home / "ledger.db")) as db:
        found = bench.floors.month(db)
    doc = Desk(home, lambda: NOW).report(CLERK, "month", "2023-06").doc
    assert sum(row[3] for row in found["counts"]) == doc["orders"] > 90
    assert found["filed"] == sum(row[4] for row in found["counts"]) == doc["finished"] >= 9


def test_the_floor_of_verify_finds_the_head_that_verify_finds(bench: Parts, home: Path) -> None:
    proof = verify(home / "ledger.db")
    found = floor(bench, home, "verify")
    assert found == {"ok": True, "entries": proof["entries"], "head": proof["head"]}
    with closing(sqlite3.connect(home / "ledger.db")) as db, db:
        db.execute("DROP TRIGGER bodies_no_update")
        changed = "UPDATE bodies SET body = replace(body, '李女士', '王女士') WHERE seq = (SELECT max(seq) FROM bodies "
        assert db.execute(changed + "WHERE body LIKE '%李女士%')").rowcount == 1
    assert floor(bench, home, "verify")["ok"] is False


def test_the_floor_of_intake_writes_what_an_intake_writes(bench: Parts, home: Path) -> None:
    desk = Desk(home, lambda: NOW)
    desk.intake(CLERK, REPORT, new=True)
    before = sums(home)
    desk.intake(CLERK, REPORT, new=True)
    ours = sums(home)
    floor(bench, home, "intake")
    bare = sums(home)
    assert [b - a for a, b in zip(before, ours, strict=True)] == [b - a for a, b in zip(ours, bare, strict=True)]
    # So well that the ledger stays one.
    assert verify(home / "ledger.db")["problems"] == []


# --- figures


def test_every_size_has_its_figures(bench: Parts, home: Path, cache: Path, tmp_path: Path) -> None:
    homes = {60: bench.ledgers.copied(bench.ledgers.ledger(60, cache), tmp_path / "small"), 120: home}
    asked = [one for one in bench.sizes.COMMANDS if one.name in ("list", "verify")]
    found = bench.sizes.measure(Here(tmp_path), homes, 1, asked, warm=0)
    assert [one["name"] for one in found.cold] == ["list, 60", "list, 120"]
    assert [one["name"] for one in found.work] == ["list, 60", "list, 120", "verify, 60", "verify, 120"]
    assert [one["name"] for one in found.growth] == ["list, 120 beside 60"]
    for one in (*found.cold, *found.work, *found.growth):
        assert one["ours_ms"] > 0
        assert one["floor_ms"] > 0
        assert one["rounds"] == 1


def test_a_command_that_fails_ends_the_benchmark(bench: Parts, tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="exit 3"):
        bench.pairs.process([sys.executable, "-c", "raise SystemExit(3)"], cwd=tmp_path)


def test_batch_is_measured_beside_durable_appends_that_are_chained(bench: Parts, tmp_path: Path) -> None:
    home = tmp_path / "desk"
    bench.batch.desk(home)
    figure = bench.batch.measure(home, 4, 2)
    assert figure["rounds"] == 2
    assert figure["aim"] == bench.batch.AIM
    with closing(sqlite3.connect(home / "ledger.db")) as db:
        assert db.execute("SELECT count(*) FROM entries WHERE event = 'assign'").fetchone() == (6,)
    assert floor(bench, home, "verify")["ok"]
    with closing(sqlite3.connect(home / "bare.db")) as db:
        chain = db.execute("SELECT hash, prev FROM entries ORDER BY seq").fetchall()
    assert len(chain) == 6
    assert [prev for _, prev in chain[1:]] == [made for made, _ in chain[:-1]]


def test_who_begins_a_round_moves_on(bench: Parts) -> None:
    order: list[str] = []

    def run(name: str) -> Any:
        order.append(name)
        return bench.pairs.Cost(1, 1)

    found = bench.pairs.turns({name: lambda name=name: run(name) for name in "abc"}, 3, warm=0)
    assert "".join(order) == "abcbcacab"
    assert {name: len(costs) for name, costs in found.items()} == {"a": 3, "b": 3, "c": 3}


def test_a_ratio_is_of_the_rounds_and_turned_round_where_faster_is_meant(bench: Parts) -> None:
    ours, other = [bench.pairs.Cost(2, 1), bench.pairs.Cost(4, 1)], [bench.pairs.Cost(1, 1), bench.pairs.Cost(8, 2)]
    slower = bench.pairs.row("one", ours, other, 1.5)
    assert slower["ratio"] == [0.5, 1.25, 2]
    assert slower["met"] is True
    faster = bench.pairs.row("one", ours, other, 1.5, faster=True)
    assert faster["ratio"] == [0.5, 1.25, 2]
    assert faster["met"] is False


# --- peers


def test_a_peer_that_cannot_be_had_is_left_out_and_named(bench: Parts, tmp_path: Path, capfd: Any) -> None:
    class Nowhere(bench.peers.Tables):  # type: ignore[misc, name-defined]
        name, package = "nowhere", "nowhere"

        def install(self, to: Path) -> None:
            raise bench.peers.Missing("no such package")

    bench.peers.PEERS = (Nowhere,)
    found, left_out = bench.peers.ready(tmp_path, 10)
    assert found == []
    assert left_out == ["nowhere is left out: no such package"]
    assert "nowhere is left out" in capfd.readouterr().err


def test_every_peer_has_the_three_commands(bench: Parts, tmp_path: Path) -> None:
    kinds = (bench.peers.Tasks, bench.peers.Helpdesk, bench.peers.Roundup, bench.peers.Tables)
    for kind in kinds:
        peer = kind(tmp_path, 500)
        commands = [tuple(map(str, asked())) for asked in (peer.create, peer.show, peer.list)]
        assert len(set(commands)) == 3
        assert all(command[0].startswith(str(tmp_path)) for command in commands)


# --- the page


def test_an_aim_that_is_missed_is_marked_and_other_tables_stay(bench: Parts, tmp_path: Path) -> None:
    cost = bench.pairs.Cost
    rows = [
        bench.pairs.row("slow", [cost(3, 3)], [cost(1, 1)], 2.0),
        bench.pairs.row("quick", [cost(1, 1)], [cost(1, 1)], 2.0),
    ]
    bench.page.write(tmp_path / "run", "cold", rows)
    file = tmp_path / "README.md"
    file.write_text("a\n<!-- cold -->\nlast year\n<!-- end of cold -->\nb\n<!-- work -->\nkept\n<!-- end of work -->\n")
    assert bench.page.bring(tmp_path / "run", file) == ["cold"]
    text = file.read_text()
    (slow,) = [line for line in text.splitlines() if line.startswith("| slow")]
    (quick,) = [line for line in text.splitlines() if line.startswith("| quick")]
    assert "**3.00**" in slow
    assert "missed" in slow
    assert "missed" not in quick
    assert "last year" not in text
    assert "kept" in text


def test_the_page_has_a_place_for_every_table_of_the_suite(bench: Parts) -> None:
    text = bench.page.PAGE.read_text(encoding="utf-8")
    for part in (*bench.sizes.Found._fields, "batch", "imports", "peers"):
        assert text.count(f"<!-- {part} -->") == text.count(f"<!-- end of {part} -->") == 1


def test_an_import_is_a_figure_like_the_others(bench: Parts) -> None:
    run = {
        "rows": 10, "pairs": 1, "wall": 2.0, "cpu": 1.5, "rows_per_second": 5.0, "mib": 40.0, "floor_wall": 1.0,
        "floor_cpu": 0.5, "ratio": {"least": 3.0, "median": 3.5, "greatest": 4.0}, "ratio_wall": 2.0,
        "verify_wall": 1.0, "verify_cpu": 1.0, "verify_mib": 30.0,
    }  # fmt: skip
    figure = bench.suite.imported(run)
    assert figure["met"] is (bench.imports.AIM >= 3.5)
    assert "| **3.50** |" in bench.page.table({"machine": bench.page.machine(), "rows": [figure]})
    assert "5 a second" in bench.suite.told(run)
