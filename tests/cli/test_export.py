"""``export``: feeds of orders, entries, obligations and bills, as a script takes them away."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
from contextlib import closing, redirect_stdout
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from desk_cli import IN_HOME, PUBLIC, ZONE, Clock, done, entries, nothing_written, refused, run

from repairdesk.batch import exporting as tables
from repairdesk.cli.__main__ import main
from repairdesk.desk import Desk, exporting
from repairdesk.desk.turn import By
from repairdesk.ledger import sqlite_sql as sql
from repairdesk.ledger.journal import Ledger

COLUMNS = {
    "orders": "number kind state priority severity department category class channel place place_said caller phone "
    "anonymous fault found result reported_at appointment_start appointment_end assignee tracker accepted_at "
    "arrived_at finished_at signed_at archived_at ended_at visits handling_seconds quote consent_fee consent_at total "
    "received open_amount paid rating signed_by invoice model purchased warranty_until follows coordination "
    "converted_from external_id policies_version fees_version version imported as_found",
    "entries": "seq number event actor keyboard occurred_at recorded_at late data",
    "obligations": "number name cycle rule owner starts_at due_at met_at void_at state level provisional kind place "
    "priority assignee",
    "bills": "number kind place bill line type code name quantity unit_price amount rule why bill_total frozen_at "
    "reversed_at reversed_by reason billed_in paid",
}


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def feed(what: str, *options: str) -> tuple[list[dict[str, Any]], int]:
    """A feed as a script takes it: its rows, and where the next one begins."""
    document = done("export", what, *options)
    assert document["rows"] == len(document[what])
    return document[what], document["next"]


def take_in(place: str) -> str:
    return str(
        done("intake", "--kind", "public_area", "--place", place, "--fault", "坏", "--new", "--as", "C1")["number"]
    )


# --- what is in it


@pytest.mark.parametrize("what", COLUMNS)
def test_the_columns_keep_their_names_and_their_order(what: str, full_desk: Path) -> None:
    found = run("export", what)
    assert found.exit_code == 0
    assert next(csv.reader(io.StringIO(found))) == COLUMNS[what].split()
    assert rows(found), "the desk has some of each"
    if what in ("obligations", "bills"):
        assert list(lines(run("export", what, "--format", "jsonl"))[0]) == COLUMNS[what].split()


def test_json_lines_have_the_orders_and_entries_of_the_contract(full_desk: Path) -> None:
    listed = {one["number"]: one for one in done("list", "--limit", "100")["orders"]}
    orders = lines(run("export", "--format", "jsonl"))
    assert {one["number"]: one for one in orders} == listed
    assert [one["number"] for one in orders] == sorted(listed)
    mine = [one for one in lines(run("export", "entries", "--format", "jsonl")) if one["number"] == "P20261122-0002"]
    assert mine == done("show", "P20261122-0002", "--entries")["entries"]
    assert len(lines(run("export", "entries", "--format", "jsonl"))) == entries(full_desk / "ledger.db")


def test_the_tables_say_what_the_orders_say(full_desk: Path) -> None:
    listed = {one["number"]: one for one in done("list", "--limit", "100")["orders"]}
    for row in rows(run("export")):
        order = listed[row["number"]]
        assert row["state"] == order["state"]
        assert row["reported_at"] == order["reported_at"]
        assert row["total"] == (order["bill"]["total"] if order["bill"] else "")
        assert row["handling_seconds"] == str(order["handling_seconds"])
        assert row["anonymous"] == str(int(order["anonymous"]))
    owed = lines(run("export", "obligations", "--format", "jsonl"))
    assert len(owed) == sum(len(one["obligations"]) for one in listed.values())
    first = listed["P20261122-0001"]["obligations"]
    mine = [one for one in owed if one["number"] == "P20261122-0001"]
    assert [(one["name"], one["due_at"], one["state"]) for one in mine] == [
        (one["name"], one["due_at"], one["state"]) for one in first
    ]


def test_the_lines_of_a_bill_come_to_its_total_and_a_reversed_one_is_told_apart(full_desk: Path) -> None:
    number = "P20261122-0001"
    done("rebill", number, "--service", "tap", "--reason", "只换一只", "--as", "L1")
    found = [row for row in rows(run("export", "bills")) if row["number"] == number]
    total = done("show", number)["bill"]["total"]
    holds = [row for row in found if not row["reversed_at"]]
    assert sum(Decimal(row["amount"]) for row in holds) == Decimal(total)
    assert {row["bill_total"] for row in holds} == {total}
    reversed_ = [row for row in found if row["reversed_at"]]
    assert {(row["bill"], row["reason"]) for row in reversed_} == {("1", "只换一只")}
    assert {row["bill"] for row in holds} == {"2"}


# --- feeds


@pytest.fixture
def stretch(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every feed is read in many looks."""
    monkeypatch.setattr(exporting, "STRETCH", 3)


def test_nothing_is_lost_between_two_feeds_while_others_write(full_desk: Path, clock: Clock, stretch: None) -> None:
    desk = Desk(full_desk, clock)
    by = By(None, "keyboard")
    seqs: list[int] = []
    known: dict[str, int] = {}
    since, written = "0", 0
    for _ in range(4):
        span = desk.export_span(by, "orders", since=since)
        for n, entry in enumerate(desk.export_entries(span)):
            seqs.append(entry["seq"])
            if n % 5 == 0 and written < 12:
                take_in(f"东门 {written}")
                written += 1
        numbers = []
        for n, order in enumerate(desk.export_orders(span)):
            numbers.append(order["number"])
            known[order["number"]] = order["version"]
            if n % 4 == 0 and written < 30:
                fresh = take_in(f"西门 {written}")
                done("assign", fresh, "W2", "--as", "C1")
                done("correct", order["number"], f"caller=甲{written}", "--reason", "x", "--as", "C1")
                written += 1
        assert len(numbers) == len(set(numbers)), "an order stands in a feed once"
        since = str(span.upto)
    last = desk.export_span(by, "orders", since=since)
    for order in desk.export_orders(last):
        known[order["number"]] = order["version"]
    seqs += [entry["seq"] for entry in desk.export_entries(last)]
    assert written == 30
    assert seqs == list(range(1, entries(full_desk / "ledger.db") + 1)), "each entry in one feed, in order"
    listed = {one["number"]: one["version"] for one in done("list", "--limit", "200")["orders"]}
    assert known == listed, "the feeds together know every order as it stands now"


def test_a_feed_has_what_was_written_since_and_no_more(full_desk: Path, clock: Clock) -> None:
    everything, head = feed("orders")
    assert len(everything) == done("list")["total"]
    assert head == entries(full_desk / "ledger.db")
    assert feed("orders", "--since", str(head)) == ([], head)
    clock.on(minutes=10)
    done("accept", "P20261122-0010", "--as", "W2")
    later, new_head = feed("orders", "--since", str(head))
    assert [one["number"] for one in later] == ["P20261122-0010"]
    assert feed("entries", "--since", str(head))[0][0]["event"] == "accept"
    assert new_head == head + 1
    by_time, _ = feed("orders", "--since", "2026-11-24T09:10")
    assert [one["number"] for one in by_time] == ["P20261122-0010"]
    assert feed("orders", "--since", "2026-11-24T09:10:01")[0] == []
    before, next_ = feed("orders", "--until", "2026-11-23")
    assert next_ == head
    assert len(before) == len(everything)
    assert [one["number"] for one in feed("orders", "--since", str(next_))[0]] == ["P20261122-0010"]


def test_what_happened_earlier_and_was_written_late_is_in_the_next_feed(full_desk: Path, clock: Clock) -> None:
    _, head = feed("entries")
    clock.on(hours=2)
    done("accept", "P20261122-0010", "--as", "W2", "--at", "2026-11-23T08:00")
    (entry,), _ = feed("entries", "--since", str(head))
    assert entry["late"]
    (entry,), _ = feed("entries", "--since", "2026-11-24T10:00")
    assert entry["occurred_at"].startswith("2026-11-23")


def test_a_feed_of_another_ledger_is_refused(desk: Path) -> None:
    error = refused(2, "export", "--since", "4711")
    assert "4711" in error["message"]
    refused(2, "export", "--since", "9" * 30)
    refused(2, "export", "--since", "lately")


def test_whoever_writes_does_not_wait_for_a_feed(full_desk: Path, clock: Clock, stretch: None) -> None:
    desk = Desk(full_desk, clock, Ledger(full_desk / "ledger.db", wait_seconds=0))
    span = desk.export_span(By(None, "keyboard"), "orders")
    feeds = [desk.export_orders(span), desk.export_entries(span), desk.export_orders(span._replace(whole=False))]
    for one in feeds:
        for _ in range(4):
            next(one)
            with desk.ledger.write() as writer:
                writer.append("desk", "run", actor="system", keyboard="C1", occurred_at=clock.now,
                              recorded_at=clock.now, late=False, data={})  # fmt: skip


@pytest.mark.sqlite
@pytest.mark.parametrize(("name", "values"), [
    ("ENTRIES_BETWEEN", {"after": 1, "upto": 2}),
    ("CHANGED_BETWEEN", {"since": 1, "after": 1, "upto": 2}),
    ("DOCS_AFTER", {"number": "P", "limit": 5}),
])  # fmt: skip
def test_a_stretch_costs_what_is_in_it_and_not_what_there_is(name: str, values: dict[str, Any], desk: Path) -> None:
    with closing(sqlite3.connect(desk / "ledger.db")) as db:
        plan = [row[3] for row in db.execute(f"EXPLAIN QUERY PLAN {getattr(sql, name)}", values)]
    assert plan
    assert not [step for step in plan if step.startswith("SCAN") or "TEMP B-TREE" in step], plan


# --- who may see what


def test_phones_are_masked_in_columns_words_and_entries(desk: Path) -> None:
    number = done("intake", *IN_HOME[:-2], "--fault", "漏水，打 138 0013 8000", "--as", "C1", "--channel", "phone")[
        "number"
    ]
    done("correct", number, "phone=13911112222", "--reason", "打 13911112222", "--as", "C1")
    tracked = done("convert", number, "--tracker", "C2", "--reason", "缺件", "--as", "L1")["coordination"]
    done("log", tracked, "--place", "电话", "--contact", "李", "--phone", "13700001111", "--content",
         "回电 13700001111", "--opinions", "o", "--plan", "p", "--as", "C2")  # fmt: skip
    for what in COLUMNS:
        for form in ("csv", "jsonl"):
            text = run("export", what, "--format", form)
            for phone in ("13800138000", "138 0013 8000", "13911112222", "13700001111"):
                assert phone not in text, (what, form)
    assert [row["phone"] for row in rows(run("export"))] == ["139****2222", "139****2222"]


def test_the_rules_that_were_adopted_stand_in_a_feed_as_they_are(full_desk: Path) -> None:
    adopted = [one for one in feed("entries")[0] if one["event"] == "adopt"]
    assert {one["number"].split(":")[0] for one in adopted} >= {"policies", "fees", "calendar"}
    assert "****" not in json.dumps(adopted)


def test_revealing_wants_a_role_and_a_reason_and_is_on_record(full_desk: Path) -> None:
    with nothing_written(full_desk / "ledger.db"):
        refused(2, "export", "--reveal", "--as", "L1")
        refused(2, "export", "--reason", "x", "--as", "L1")
        refused(12, "export", "--reveal", "--reason", "查", "--as", "W1")
    orders, head = feed("orders", "--reveal", "--reason", "报给总部", "--as", "L1")
    assert "13800138000" in {one["phone"] for one in orders}
    (entry,), _ = feed("entries", "--since", str(head - 1))
    assert (entry["event"], entry["actor"], entry["data"]["reason"]) == ("reveal", "L1", "报给总部")
    assert entry["data"]["export"] == "orders"
    assert done("verify")["ok"]


@pytest.mark.sqlite
def test_what_was_purged_is_null(full_desk: Path) -> None:
    with closing(sqlite3.connect(full_desk / "ledger.db")) as db:
        db.execute("DROP TRIGGER bodies_no_delete")
        db.execute("DELETE FROM bodies WHERE seq = 12")
        db.commit()
    found = lines(run("export", "entries", "--format", "jsonl"))
    assert [one["seq"] for one in found if one["data"] is None] == [12]
    assert next(row for row in rows(run("export", "entries")) if row["seq"] == "12")["data"] == ""


# --- how it is written


def test_no_cell_is_a_formula(desk: Path, tmp_path: Path) -> None:
    done("intake", *PUBLIC[:-1], '=HYPERLINK("http://x")', "--place", "@东门", "--as", "C1")
    (row,) = rows(run("export"))
    assert row["fault"] == '\'=HYPERLINK("http://x")'
    assert row["place"] == "'@东门"
    assert json.loads(run("export", "--format", "jsonl"))["fault"].startswith("=")
    out = tmp_path / "orders.xlsx"
    done("export", "--out", str(out))
    assert cells(out)[1][14] == '=HYPERLINK("http://x")', "text, and marked as such"


def cells(path: Path) -> list[list[Any]]:
    from python_calamine import CalamineWorkbook

    return CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()


def test_a_workbook_has_numbers_times_and_durations_as_such(full_desk: Path, tmp_path: Path) -> None:
    out = tmp_path / "orders.xlsx"
    about = done("export", "--out", str(out))
    assert (about["export"], about["rows"], about["file"]) == ("orders", 17, str(out))
    heads, *found = cells(out)
    first = dict(zip(heads, found[0], strict=True))
    order = done("show", "P20261122-0001")
    assert first["total"] == float(order["bill"]["total"])
    told = datetime.fromisoformat(order["reported_at"]).astimezone(ZONE).replace(tzinfo=None)
    assert first["reported_at"] == told
    assert first["handling_seconds"] == timedelta(seconds=order["handling_seconds"])
    assert first["visits"] == len(order["visits"])
    assert first["phone"] == "138****8000"


def test_what_a_cell_of_a_workbook_cannot_hold_is_cut_and_said(desk: Path, tmp_path: Path) -> None:
    about = done("export", "entries", "--out", str(tmp_path / "e.xlsx"))
    assert about["rows"] == entries(desk / "ledger.db")
    assert any("cut" in text for text in about["warnings"]), "the rules that were adopted are longer"
    assert max(len(str(cell)) for row in cells(tmp_path / "e.xlsx") for cell in row) == 32_767


def test_a_workbook_that_cannot_hold_the_rows_is_not_written(
    full_desk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables.workbook, "MOST_ROWS", 5)
    refused(17, "export", "--out", str(tmp_path / "o.xlsx"))
    assert list(tmp_path.glob("*.xlsx")) == []


@pytest.mark.parametrize("form", tables.FORMATS)
def test_a_file_is_whole_or_as_it_was(
    form: str, full_desk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out" / f"feed.{form}"
    out.parent.mkdir()
    out.write_text("before")
    real = Desk.export_orders

    def breaks(desk: Desk, span: Any, only: Any) -> Any:
        yield from list(real(desk, span, only))[:3]
        raise OSError(28, "no space", str(out))

    monkeypatch.setattr(Desk, "export_orders", breaks)
    assert run("export", "--out", str(out)).exit_code == 17
    assert out.read_text() == "before"
    assert list(out.parent.iterdir()) == [out]


def test_a_file_says_what_is_in_it_and_where_the_next_one_begins(full_desk: Path, tmp_path: Path) -> None:
    for form in ("csv", "jsonl"):
        out = tmp_path / f"feed.{form}"
        result = run("export", "obligations", "--out", str(out))
        assert result.exit_code == 0
        assert str(entries(full_desk / "ledger.db")) in result
        assert result.err == ""
    text = (tmp_path / "feed.csv").read_text(encoding="utf-8")
    assert text.startswith("\ufeffnumber,"), "as a spreadsheet wants it"
    assert len(rows(text[1:])) == len(lines((tmp_path / "feed.jsonl").read_text(encoding="utf-8")))


def test_rows_alone_are_on_stdout(full_desk: Path) -> None:
    result = run("export", "--format", "jsonl")
    assert len(lines(result)) == 17
    assert f"--since {entries(full_desk / 'ledger.db')}" in result.err


def test_what_does_not_go_together_is_refused(full_desk: Path, tmp_path: Path) -> None:
    refused(2, "export", "money")
    refused(2, "export", "--format", "pdf")
    refused(2, "export", "--format", "csv")
    assert run("export", "--format", "xlsx").exit_code == 2
    assert done("verify")["ok"]


@pytest.mark.sqlite
def test_nothing_is_written_over_the_ledger(full_desk: Path) -> None:
    assert run("export", "--out", str(full_desk / "ledger.db"), "--format", "csv").exit_code == 2
    assert done("verify")["ok"]


def test_a_desk_without_orders_has_a_head_and_no_rows(desk: Path) -> None:
    assert run("export").splitlines() == [",".join(COLUMNS["orders"].split())]
    assert done("export")["orders"] == []


# --- what is refused, and when


@pytest.mark.parametrize(
    "asked",
    [
        ("--since", "nonsense"),
        ("--since", "999999"),
        ("--until", "nonsense"),
        ("--since", "2026-11-25", "--until", "2026-11-23"),
        ("--out", "{folder}"),
        ("--out", "{folder}/nowhere/feed.csv"),
        ("--out", "{folder}/feed.txt"),
        ("--at", "2999-01-01T00:00"),
    ],
)
def test_what_is_refused_anyway_does_not_go_on_record(asked: tuple[str, ...], full_desk: Path, tmp_path: Path) -> None:
    argv = [one.format(folder=tmp_path) for one in asked]
    with nothing_written(full_desk / "ledger.db"):
        result = run("export", "--reveal", "--reason", "查", "--as", "L1", *argv)
    assert result.exit_code in (2, 10, 11, 17), result.err
    assert result == ""


def test_a_span_that_says_nothing_or_ends_before_it_begins_is_refused(full_desk: Path) -> None:
    for option in ("--since", "--until"):
        for said in ("", " "):
            refused(2, "export", option, said)
    refused(2, "export", "--since", "2026-11-23", "--until", "2026-11-22")
    refused(2, "export", "--since", str(entries(full_desk / "ledger.db")), "--until", "2020-01-01")
    assert done("export", "entries", "--since", str(entries(full_desk / "ledger.db")))["rows"] == 0


def test_the_name_of_a_file_says_how_it_is_written_or_the_option_does(full_desk: Path, tmp_path: Path) -> None:
    for name in ("feed", "feed.txt", "feed.json", "feed.xls"):
        message = refused(2, "export", "--out", str(tmp_path / name))["message"]
        assert all(form in message for form in tables.FORMATS)
    assert run("export", "--out", str(tmp_path / "feed.txt"), "--format", "csv").exit_code == 0
    assert run("export", "--out", "-") == run("export")
    assert done("export", "--out", "-") == done("export")
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["feed.txt"]


class Terminal(io.StringIO):
    """A stdout with somebody in front of it."""

    def isatty(self) -> bool:
        return True


def test_what_would_steer_a_terminal_is_kept_down_a_pipe(desk: Path) -> None:
    done("intake", "--kind", "public_area", "--place", "门", "--fault", "a\x9b31mb", "--as", "C1")
    assert "a\x9b31mb" in run("export")
    seen = Terminal()
    with redirect_stdout(seen):
        assert main(["export"]) == 0
    assert "a\ufffd31mb" in seen.getvalue()


def test_no_number_is_shown_whole_for_a_time_that_has_not_come(full_desk: Path) -> None:
    asked = ("--reveal", "--reason", "查", "--as", "L1", "--at", "2999-01-01T00:00")
    with nothing_written(full_desk / "ledger.db"):
        for argv in (("export",), ("show", "P20261122-0001"), ("household", "list"), ("print", "P20261122-0001")):
            assert refused(10, *argv, *asked)["rule"] == "REC-2"
