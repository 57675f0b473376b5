"""Money as a script sees it: rebill, pay, report finance in each form, fees price and fees check."""

from __future__ import annotations

import csv
import io
import os
import shutil
import socket
import zipfile
from contextlib import closing
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest
from desk_cli import IN_HOME, Clock, done, entries, nothing_written, refused, run
from python_calamine import CalamineWorkbook

FILED, OPEN, BUSY = "P20261122-0001", "P20261122-0002", "P20261122-0011"
"""Of the full desk: archived with a bill of 113.20, reported, and on site with W1 where nothing was agreed to."""
BILL = {"lines", "total", "frozen_at"}
LINE = {"type", "code", "name", "quantity", "unit_price", "amount", "rule", "why"}
FINISH = ("--found", "f", "--result", "r")


def at_work(*report: str) -> str:
    """An order with W1 on site and 500 agreed to; a category keeps it apart from others of the place."""
    number = str(done("intake", *IN_HOME, *report, "--new", "--as", "C1")["number"])
    done("consent", number, "--fee", "500", "--as", "C1")
    done("assign", number, "W1", "--as", "C1")
    done("start", number, "--as", "W1")
    return number


def filed(*slip: str, report: tuple[str, ...] = (), invoice: tuple[str, ...] = ()) -> str:
    number = at_work(*report)
    done("finish", number, *FINISH, *slip, "--as", "W1")
    done("sign", number, "--by", "李兰", "--rating", "satisfied", *invoice, "--as", "W1")
    done("close", number, "--as", "L1")
    done("archive", number, "--as", "C1")
    return number


def edit(path: Path, *changes: tuple[str, str]) -> None:
    text = path.read_text(encoding="utf-8")
    for old, new in changes:
        assert text.count(old) == 1, (old, text.count(old))
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")


# --- which code wins

REDUCED = ("--reduce", "5", "--reason", "r", "--approver")
VERBS = [
    # what the rules refuse to one who may, what they would accept from nobody, who may, who may not
    pytest.param(("finish", BUSY, *FINISH, "--service", "tap"), "W1", "C1", id="finish"),
    pytest.param(("finish", BUSY, *FINISH, "--service", "tap", *REDUCED, "S1"), "W1", "W2", id="finish --approver"),
    pytest.param(("rebill", FILED, "--reason", "r"), "C1", "W1", id="rebill"),
    pytest.param(("rebill", FILED, "--reason", "r", "--service", "lock-set:5"), "C1", "W1", id="rebill above consent"),
    pytest.param(("rebill", OPEN, "--service", "tap", "--reason", "r"), "C1", "F1", id="rebill without a bill"),
    pytest.param(("rebill", FILED, "--service", "tap", *REDUCED, "S1", "--at", "2026-11-22T08:00"), "C1", "W1",
                 id="rebill --approver"),
    pytest.param(("pay", FILED, "--amount", "9999999.99"), "F1", "C1", id="pay"),
    pytest.param(("pay", OPEN), "F1", "W1", id="pay without a bill"),
    pytest.param(("pay", FILED, "--refund", "--amount", "1", "--reason", "r"), "F1", "M1", id="pay --refund"),
]  # fmt: skip


@pytest.mark.parametrize(("argv", "who", "not_who"), VERBS)
def test_what_cannot_be_read_comes_before_what_is_not_there_that_before_who_and_who_before_the_rules(
    argv: tuple[str, ...], who: str, not_who: str, full_desk: Path
) -> None:
    verb, _, *rest = argv
    with nothing_written(full_desk / "ledger.db"):
        refused(10, *argv, "--as", who)
        refused(12, *argv, "--as", not_who)
        refused(12, *argv)
        refused(11, *argv, "--as", "GHOST")
        refused(11, verb, "GHOST", *rest, "--as", not_who)
        refused(2, verb, "GHOST", *rest, "--as", "GHOST", "--at", "soon")
        refused(2, verb, "GHOST", *rest, "--as", not_who, "--nosuch")


@pytest.mark.parametrize("verb", [("finish", BUSY, *FINISH), ("rebill", FILED)], ids=lambda argv: argv[0])
def test_an_approver_is_looked_for_before_anyone_is_looked_at_and_looked_at_before_the_rules(
    verb: tuple[str, ...], full_desk: Path
) -> None:
    who = "W1" if verb[0] == "finish" else "C1"
    dear = ("--service", "lock-set:5", "--reduce", "5", "--reason", "r", "--approver")
    with nothing_written(full_desk / "ledger.db"):
        refused(11, *verb, *dear, "GHOST", "--as", "F1")
        for approver in ("W1", "L1", "C1", "F1"):
            assert refused(12, *verb, *dear, approver, "--as", who)["rule"] == "FEE-6"
        assert refused(10, *verb, *dear, "S1", "--as", who)["rule"] == "QUO-4"
        refused(2, *verb, "--service", "tap", "--approver", "GHOST", "--reason", "r", "--as", "F1")
        missing = refused(2, *verb, "--service", "tap", "--reduce", "5", "--reason", "r", "--as", "F1")
        assert missing["missing"] == ["approver"]


@pytest.mark.parametrize(
    "argv",
    [
        ("finish", BUSY, *FINISH, "--material", "LED 灯泡 9W:1:5.00"),
        ("finish", BUSY, *FINISH, "--service", "unlisted"),
        ("finish", BUSY, *FINISH, "--service", "tap@12:01", "--at", "2026-11-22T12:00"),
        ("rebill", FILED, "--reason", "r", "--material", "LED 灯泡 9W:1:5.00"),
        ("rebill", FILED, "--reason", "r", "--service", "unlisted"),
        ("rebill", FILED, "--reason", "r", "--service", "tap@23:59"),
    ],
    ids=" ".join,
)
def test_who_may_not_do_it_is_told_so_before_what_is_wrong_with_the_bill(
    argv: tuple[str, ...], full_desk: Path
) -> None:
    refused(10, *argv, "--as", "W1" if argv[0] == "finish" else "C1")
    refused(12, *argv, "--as", "F1")


@pytest.mark.parametrize(
    "argv",
    [
        pytest.param(("finish", "GHOST", *FINISH, "--supplied", "valve:poor"), id="warning, order"),
        pytest.param(("rebill", "GHOST", "--reason", "r", "--supplied", "valve:poor"), id="warning, order (rebill)"),
        pytest.param(("finish", BUSY, *FINISH, "--card-price", "tap=3", *REDUCED, "GHOST"), id="card price, approver"),
    ],
)
def test_what_cannot_be_right_on_a_slip_comes_before_what_is_not_there(argv: tuple[str, ...], full_desk: Path) -> None:
    refused(2, *argv, "--as", "W1")


@pytest.mark.parametrize(
    ("verb", "who"), [("pay", "F1"), pytest.param("archive", "C1", id="archive")], ids=lambda case: case
)
def test_of_several_orders_one_that_is_not_there_is_told_first(verb: str, who: str, full_desk: Path) -> None:
    for first in (FILED, OPEN):
        for actor in ("W1", who):
            refused(11, verb, first, "GHOST", "--as", actor)


UNREADABLE = [
    ("pay", "GHOST", "--amount", "1e3"),
    ("pay", "GHOST", "--amount", "-1"),
    ("pay", "GHOST", "--amount", "10000000"),
    ("pay", "GHOST", "--amount", "1.005"),
    ("pay", "GHOST", "--method", "barter"),
    ("pay", "GHOST", "--reason", "r"),
    ("pay", "GHOST", "--refund", "--amount", "1"),
    ("pay", "GHOST", "--refund", "--reason", "r"),
    ("pay", "GHOST", "GHOST", "--refund", "--amount", "1", "--reason", "r"),
    ("pay",),
    ("rebill", "GHOST", "--service", "tap"),
    ("rebill", "GHOST", "--reason", " ", "--service", "tap"),
    ("rebill", "--reason", "r"),
    ("rebill", "GHOST", "--reason", "r", "--without", "everything"),
    ("rebill", "GHOST", "--reason", "r", "--service", "tap:0"),
    ("rebill", "GHOST", "--reason", "r", "--material", "led-9w:x"),
    ("rebill", "GHOST", "--reason", "r", "--supplied", "valve:good"),
    ("rebill", "GHOST", "--reason", "r", "--card-price", "tap"),
    ("rebill", "GHOST", "--reason", "r", "--card-price", "tap=x"),
    ("rebill", "GHOST", "--reason", "r", "--reduce", "x", "--approver", "S1"),
    ("rebill", "GHOST", "--reason", "r", "--warning", "w"),
    ("finish", "GHOST", *FINISH, "--refused", "a valve"),
    ("finish", "GHOST", *FINISH, "--reduce", "x", "--reason", "r", "--approver", "S1"),
    ("report",),
    ("report", "weather"),
    ("report", "finance", "--month", "2026-13"),
    ("report", "finance", "--format", "pdf"),
    ("report", "--hand-over"),
    ("report", "finance", "--hand-over", "--month", "november"),
    ("report", "finance", "--arrears", "--month", "2026-11"),
    ("report", "finance", "--arrears", "--hand-over", "--month", "2026-10"),
    ("report", "finance", "--place", "3-2-501"),
    ("report", "finance", "--format", "xlsx"),
]


@pytest.mark.parametrize("argv", UNREADABLE, ids=" ".join)
def test_a_value_that_cannot_be_read_is_two_whatever_else_is_wrong(argv: tuple[str, ...], full_desk: Path) -> None:
    with nothing_written(full_desk / "ledger.db"):
        refused(2, *argv, "--as", "F1")


def test_everything_that_is_missing_is_named_at_once(desk: Path) -> None:
    assert refused(2, "rebill")["missing"] == ["number", "reason"]
    assert refused(2, "pay", "--refund")["missing"] == ["number", "amount", "reason"]
    assert refused(2, "report", "--hand-over")["missing"] == ["report"]


@pytest.mark.rule("FEE-7")
def test_a_hand_over_is_refused_by_month_person_role_and_rules_in_that_order(full_desk: Path) -> None:
    running, over = ("--month", "2026-11"), ("--month", "2026-10")
    hand_over = ("report", "finance", "--hand-over")
    with nothing_written(full_desk / "ledger.db"):
        refused(2, *hand_over, "--month", "2026-13", "--as", "GHOST")
        refused(11, *hand_over, *running, "--as", "GHOST")
        for who in ("C1", "L1", "S1", "M1", "W1"):
            refused(12, *hand_over, *running, "--as", who)
        refused(12, *hand_over, *running)
        refused(10, *hand_over, *running, "--as", "F1")
        refused(10, *hand_over, *over, "--as", "F1", "--at", "2026-12-01T00:00")  # nothing happens in the future
    assert done(*hand_over, *over, "--as", "F1")["handed_over"]["by"] == "F1"


@pytest.mark.rule("FEE-7")
def test_without_a_month_the_oldest_that_waits_is_handed_over(full_desk: Path, clock: Clock) -> None:
    hand_over = ("report", "finance", "--hand-over")
    with nothing_written(full_desk / "ledger.db"):
        refused(11, *hand_over, "--as", "GHOST")
        refused(12, *hand_over, "--as", "C1")
        refused(10, *hand_over, "--as", "F1")  # November runs still, and nothing was before it
    turned(clock, "2026-12-02T09:00:00")
    filed("--service", "tap", report=("--place", "1-1-101"))
    turned(clock, "2027-01-02T09:00:00")
    for month in ("2026-11", "2026-12"):
        assert done(*hand_over, "--as", "F1")["month"] == month
    refused(10, *hand_over, "--as", "F1")


def turned(clock: Clock, local: str) -> None:
    """Turn the clock to a later time."""
    clock.now = datetime.fromisoformat(local).replace(tzinfo=clock.now.tzinfo)


# --- rebill, pay


@pytest.mark.rule("FEE-8")
def test_a_corrected_bill_is_answered_with_the_order_and_explained_with_the_one_before(full_desk: Path) -> None:
    order = done("rebill", FILED, "--service", "tap", "--reason", "one tap only", "--as", "C1")
    assert order["bill"]["total"] == "88.20"
    assert all(isinstance(line["why"], str) and set(line) >= LINE for line in order["bill"]["lines"])
    assert all(isinstance(line["why"], str) for line in order["reversed_bills"][0]["lines"])
    assert order["warnings"] == ["the resident signed for 113.20; the bill is 88.20 now"]
    why = done("why", FILED, "bill")
    assert (why["bill"], why["reversed_bills"]) == (order["bill"], order["reversed_bills"])
    read = run("why", FILED, "bill")
    for text in ("25.00 × 1 by fee table 2026-11", "25.00 × 2 by fee table 2026-11", "113.20", "88.20", "one tap only"):
        assert text in read, text
    entry = done("show", FILED, "--entries")["entries"][-1]
    assert (entry["event"], entry["data"]["bill"]["total"], entry["data"]["reason"]) == (
        "rebill", "88.20", "one tap only",
    )  # fmt: skip
    assert "one tap only" in run("show", FILED, "--entries")


@pytest.mark.rule("FEE-8", "FEE-6")
def test_a_reduction_in_a_correction_takes_the_reason_of_the_correction(full_desk: Path) -> None:
    order = done("rebill", FILED, "--reduce", "13.20", "--reason", "goodwill", "--approver", "S1", "--as", "C1")
    line = order["bill"]["lines"][-1]
    assert (line["type"], line["amount"], line["why"]) == (
        "reduction", "-13.20", "reduced by 13.20, approved by S1: goodwill",
    )  # fmt: skip
    again = done("rebill", FILED, "--without", "reduction", "--reason", "no goodwill", "--as", "C1")
    assert again["bill"]["total"] == "113.20"


@pytest.mark.rule("FEE-7")
def test_a_payment_answers_with_the_order_and_of_several_with_the_receipt(full_desk: Path) -> None:
    other = filed("--service", "toilet")
    order = done("pay", FILED, "--amount", "１３．２０", "--method", "cash", "--as", "F1")
    assert (order["number"], order["received"], order["open_amount"]) == (FILED, "13.20", "100.00")
    assert {name: order["payments"][0][name] for name in ("amount", "method", "receipt", "by")} == {
        "amount": "13.20", "method": "cash", "receipt": "R20261124-0001", "by": "F1",
    }  # fmt: skip
    receipt = done("pay", FILED, other, "--as", "F1")
    assert {name: receipt[name] for name in ("receipt", "amount", "method")} == {
        "receipt": "R20261124-0002", "amount": "150.00", "method": "management-fee",
    }  # fmt: skip
    assert [o["number"] for o in receipt["orders"]] == [FILED, other]
    assert all(isinstance(line["why"], str) for o in receipt["orders"] for line in o["bill"]["lines"])
    back = done("pay", other, "--refund", "--amount", "50", "--reason", "twice", "--as", "F1")
    assert (back["payments"][-1]["amount"], back["open_amount"]) == ("-50.00", "50.00")
    read = run("pay", other, FILED, "--amount", "50", "--as", "F1")
    assert (read.exit_code, read) == (10, "")  # nothing would be left for the second
    assert done("pay", other, "--as", "F1")["payments"][-1]["receipt"] == "R20261124-0004"


# --- report finance

MONTH = {"month", "orders", "total", "households"}


@pytest.mark.rule("RPT-6")
def test_the_month_has_the_shape_of_the_contract(full_desk: Path, clock: Clock) -> None:
    month = done("report", "finance", "--month", "2026-11")
    assert set(month) >= MONTH
    assert (month["month"], month["orders"], month["total"]) == ("2026-11", 1, "113.20")
    (household,) = month["households"]
    assert (household["place"], household["total"]) == ("3-2-501", "113.20")
    assert [(o["number"], o["total"]) for o in household["orders"]] == [(FILED, "113.20")]
    assert run("report", "finance", "--format", "json").json == month  # this month, by default
    read = run("report", "finance", "--month", "2026-11")
    assert read.exit_code == 0
    for text in ("2026-11  not handed over yet", "3-2-501", FILED, "113.20", "Reconciled: 1 bills with 3 lines"):
        assert text in read, text
    empty = done("report", "finance", "--month", "2026-10")
    assert (empty["orders"], empty["total"], empty["households"]) == (0, "0.00", [])
    assert run("report", "finance", "--month", "2026-10", "--format", "csv").splitlines()[1:] == []


@pytest.mark.rule("RPT-6", "FEE-7", "FEE-8")
def test_the_month_is_handed_over_and_a_later_correction_is_read_in_the_next(full_desk: Path, clock: Clock) -> None:
    turned(clock, "2026-12-02T09:00:00")
    signed = done("report", "finance", "--month", "2026-11", "--hand-over", "--as", "F1")
    assert (signed["handed_over"]["in_time"], signed["total"]) == (True, "113.20")
    done("rebill", FILED, "--service", "tap", "--reason", "one tap only", "--as", "C1")
    assert done("report", "finance", "--month", "2026-11")["total"] == "113.20"
    december = done("report", "finance", "--month", "2026-12")
    assert december["total"] == "-25.00"
    read = run("report", "finance", "--month", "2026-12")
    for text in ("Corrected", "2026-11", "reversal", "-113.20", "replacement", "88.20", "one tap only", "-25.00"):
        assert text in read, text
    assert "handed over by F1 on 2026-12-02" in run("report", "finance", "--month", "2026-11")


@pytest.mark.rule("RPT-6", "FEE-10")
def test_csv_and_workbook_say_the_same_as_the_document_and_add_up(
    full_desk: Path, clock: Clock, tmp_path: Path
) -> None:
    filed("--service", "bulb", "--material", "ppr-20:1.5")
    done("rebill", FILED, "--service", "tap", "--reason", "r", "--as", "C1")
    month = done("report", "finance", "--month", "2026-11")
    posted = [
        (order["number"], posting["amount"])
        for household in month["households"] for order in household["orders"] for posting in order["postings"]
    ]  # fmt: skip
    assert len(posted) == 4
    out = run("report", "finance", "--month", "2026-11", "--format", "csv")
    heads, *rows = list(csv.reader(io.StringIO(out)))
    assert len(set(heads)) == len(heads) == len(rows[0])
    number, amount = heads.index("number"), heads.index("amount")
    assert [(row[number], row[amount]) for row in rows] == posted
    file, book = tmp_path / "month.csv", tmp_path / "month.xlsx"
    said = done("report", "finance", "--month", "2026-11", "--format", "csv", "--out", str(file))
    assert said["file"] == str(file)
    assert file.read_bytes() == b"\xef\xbb\xbf" + str(out).encode()
    done("report", "finance", "--month", "2026-11", "--format", "xlsx", "--out", str(book))
    read = CalamineWorkbook.from_path(str(book))
    assert read.sheet_names == ["2026-11"]
    top, *cells = read.get_sheet_by_name("2026-11").to_python()
    assert top == heads
    assert [row[number] for row in cells] == [one for one, _ in posted]
    sums = [Decimal(str(row[amount])) for row in cells]
    assert [f"{one:.2f}" for one in sums] == [one for _, one in posted]
    assert sum(sums) == Decimal(month["total"])


@pytest.mark.rule("RPT-6")
@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", " =", "＝"])
def test_no_cell_of_a_report_is_a_formula(desk: Path, tmp_path: Path, start: str) -> None:
    evil = f"{start}HYPERLINK(1+1)"
    place = f"{start}1+1"
    filed("--service", "tap", report=("--place", place), invoice=("--invoice", evil))
    book = tmp_path / "month.xlsx"
    for what in ((), ("--arrears",)):
        for cells in csv.reader(io.StringIO(run("report", "finance", "--format", "csv", *what))):
            for cell in cells:
                assert not cell.lstrip(" \u3000").startswith(("=", "+", "@", "\t", "＝")), cells
                assert not cell.startswith("-") or cell[1:].replace(".", "").isdigit(), cells
        done("report", "finance", "--format", "xlsx", "--out", str(book), *what)
        with zipfile.ZipFile(book) as parts:
            sheet = parts.read("xl/worksheets/sheet1.xml").decode()
        assert "<f>" not in sheet
        assert "<f " not in sheet
        (name,) = CalamineWorkbook.from_path(str(book)).sheet_names
        heads, row = CalamineWorkbook.from_path(str(book)).get_sheet_by_name(name).to_python()
        assert str(row[heads.index("invoice")]).strip() == evil.strip()


@pytest.mark.rule("FEE-7")
def test_what_is_open_is_told_in_every_form(full_desk: Path, tmp_path: Path) -> None:
    done("pay", FILED, "--amount", "100", "--as", "F1")
    doc = done("report", "finance", "--arrears")
    assert doc["total"] == "13.20"
    assert {name: doc["arrears"][0][name] for name in ("number", "place", "total", "received", "open")} == {
        "number": FILED, "place": "3-2-501", "total": "113.20", "received": "100.00", "open": "13.20",
    }  # fmt: skip
    assert "Orders: 1, open: 13.20 yuan" in run("report", "finance", "--arrears")
    heads, row = list(csv.reader(io.StringIO(run("report", "finance", "--arrears", "--format", "csv"))))
    assert (row[heads.index("number")], row[heads.index("open_amount")]) == (FILED, "13.20")
    book = tmp_path / "arrears.xlsx"
    done("report", "finance", "--arrears", "--format", "xlsx", "--out", str(book))
    top, cells = CalamineWorkbook.from_path(str(book)).get_sheet_by_name("arrears").to_python()
    assert (top, cells[top.index("open_amount")]) == (heads, 13.2)
    assert done("report", "finance", "--arrears", "--place", "３栋2单元501")["arrears"] == doc["arrears"]
    assert done("report", "finance", "--arrears", "--place", "1-1-101")["arrears"] == []
    done("pay", FILED, "--as", "F1")
    assert "Nothing is open." in run("report", "finance", "--arrears")


@pytest.mark.sqlite
def test_a_report_goes_to_a_file_and_never_over_the_desks_own(full_desk: Path, tmp_path: Path) -> None:
    for form in ("table", "json", "csv", "xlsx"):
        file = tmp_path / f"report-{form}"
        file.write_text("before", encoding="utf-8")
        said = done("report", "finance", "--format", form, "--out", str(file))
        assert said["file"] == str(file)
        assert file.stat().st_size > 20
        assert file.read_bytes() != b"before"
        for own in ("ledger.db", "fees.yaml", "policies.yaml"):
            before = (full_desk / own).read_bytes()
            refused(2, "report", "finance", "--format", form, "--out", own)
            assert (full_desk / own).read_bytes() == before
    for form in ("csv", "xlsx"):
        gone = run("report", "finance", "--format", form, "--out", str(tmp_path / "nowhere" / "x"), "--json")
        assert gone.exit_code in (11, 17)


@pytest.mark.parametrize(
    "where",
    [
        pytest.param(("--format", "xlsx"), id="a workbook without a file"),
        pytest.param(("--format", "csv", "--out", "nowhere/x.csv"), id="a folder that is not there"),
        pytest.param(("--format", "xlsx", "--out", "nowhere/x.xlsx"), id="a folder that is not there (workbook)"),
        pytest.param(("--format", "csv", "--out", "."), id="a folder"),
        pytest.param(("--format", "csv", "--out", "a" * 300), id="a name that is too long"),
        pytest.param(("--format", "csv", "--out", "socket"), id="a socket"),
        pytest.param(("--format", "xlsx", "--out", "pipe"), id="a workbook down a pipe"),
    ],
)
def test_a_hand_over_whose_report_cannot_be_given_is_not_made(where: tuple[str, ...], full_desk: Path) -> None:
    here = Path.cwd()
    os.mkfifo(here / "pipe")
    with closing(socket.socket(socket.AF_UNIX)) as listening, nothing_written(full_desk / "ledger.db"):
        listening.bind("socket")
        result = run("report", "finance", "--month", "2026-10", "--hand-over", *where, "--as", "F1")
        assert result.exit_code in (2, 11, 17)
    assert done("report", "finance", "--month", "2026-10")["handed_over"] is None


def test_with_json_stdout_is_one_document_or_the_other_form_is_refused(full_desk: Path) -> None:
    result = run("report", "finance", "--format", "csv", "--json")
    assert result.exit_code == 2 or result.json["month"] == "2026-11"


# --- fees price


@pytest.fixture
def no_ledger(desk: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A folder with the two files of a desk and nothing else."""
    folder = tmp_path / "files"
    folder.mkdir()
    for name in ("fees.yaml", "policies.yaml"):
        shutil.copy(desk / name, folder / name)
    monkeypatch.chdir(folder)
    return folder


@pytest.mark.rule("FEE-2", "FEE-3")
def test_a_price_is_told_in_the_shape_of_a_bill_without_a_ledger(no_ledger: Path) -> None:
    bill = done("fees", "price", "bulb:3@09:00", "toilet@09:20", "--material", "角阀:2:18.50")
    assert set(bill) >= BILL
    assert all(set(line) >= LINE for line in bill["lines"])
    assert [(line["code"], line["amount"]) for line in bill["lines"]] == [
        ("bulb", "0.00"), ("toilet", "50.00"), (None, "48.20"),
    ]  # fmt: skip
    assert (bill["total"], bill["frozen_at"]) == ("98.20", None)
    assert all(isinstance(line["why"], str) for line in bill["lines"])
    read = run("fees", "price", "bulb:3@09:00", "toilet@09:20", "--material", "角阀:2:18.50")
    assert "(50.00 over 30.00)" in read
    assert "98.20" in read.splitlines()[-1]
    assert sorted(path.name for path in no_ledger.iterdir()) == ["fees.yaml", "policies.yaml"]


def test_a_price_is_told_though_the_ledger_is_no_ledger(desk: Path) -> None:
    (desk / "ledger.db").write_bytes(b"not a ledger")
    assert done("fees", "price", "tap")["total"] == "25.00"
    assert (desk / "ledger.db").read_bytes() == b"not a ledger"


@pytest.mark.rule("FEE-3")
@pytest.mark.parametrize(
    ("argv", "total"),
    [
        (("bulb@09:00", "toilet@09:30"), "50.00"),
        (("bulb@09:00", "toilet@09:31"), "60.00"),
        (("bulb", "toilet@09:31"), "50.00"),  # on the phone, what has no time is asked for with the first that has
        (("tap", "--warranty"), "0.00"),
        (("tap", "--warranty", "--user-damage"), "25.00"),
        (("tap", "--card-price", "tap=20"), "20.00"),
        (("tv-setup", "--purchased", "2026-10-01"), "0.00"),
        (("tv-setup", "--purchased", "2026-07-01"), "30.00"),
        (("tv-setup", "--purchased", "2026-07-01", "--at", "2026-09-30T09:00"), "0.00"),
        (("door-refit", "--fee", "300"), "300.00"),
        (("--material", "ppr-20:1.5"), "5.00"),
        (("tap", "--supplied", "valve:qualified"), "25.00"),
        (("tap:２",), "50.00"),
    ],
    ids=str,
)
def test_what_a_slip_would_cost(no_ledger: Path, argv: tuple[str, ...], total: str) -> None:
    assert done("fees", "price", *argv)["total"] == total


@pytest.mark.parametrize(
    ("code", "argv"),
    [
        (2, ()),
        (2, ("tap:0",)),
        (2, ("tap:-1",)),
        (2, ("tap:" + "9" * 1000,)),
        (2, ("tap@25:00",)),
        (2, ("--material", "x:1:1e3")),
        (2, ("door-refit", "--fee", "much")),
        (2, ("tap", "--at", "soon")),
        (2, ("tap", "--supplied", "valve:poor")),
        (2, ("tap", "--card-price", "toilet=1")),
        (2, ("lock-set:99999.999", "--material", "x:99999:999.99")),
        (11, ("tapp",)),
        (11, ("--material", "hose")),
        (10, ("door-refit",)),
        (10, ("pipe-run:2",)),
        (10, ("tv-setup", "--warranty")),
        (10, ("--material", "LED 灯泡 9W:1:5")),
    ],
    ids=lambda case: " ".join(case)[:40] if isinstance(case, tuple) else str(case),
)
def test_what_cannot_be_priced_is_refused_without_a_traceback(
    no_ledger: Path, code: int, argv: tuple[str, ...]
) -> None:
    refused(code, "fees", "price", *argv)


@pytest.mark.parametrize("day", ["soon", "2026-02-30", "2026-11-22T09:00"])
def test_a_day_of_purchase_that_is_none_is_a_usage_error(no_ledger: Path, day: str) -> None:
    refused(2, "fees", "price", "tv-setup", "--purchased", day)


def test_a_price_of_nothing_asks_for_what_can_be_typed(no_ledger: Path) -> None:
    assert refused(2, "fees", "price")["message"] == "missing: CODE"


@pytest.mark.rule("REC-4")
def test_a_price_needs_the_two_files_and_needs_them_right(no_ledger: Path) -> None:
    edit(no_ledger / "fees.yaml", ('unit: 只, price: "10.00"', "unit: 只, price: cheap"))
    refused(13, "fees", "price", "tap")
    (no_ledger / "fees.yaml").unlink()
    refused(11, "fees", "price", "tap", "--home", str(no_ledger))


# --- fees check

CHANGED = ('version: "2026-11"', 'version: "2026-12"')


@pytest.mark.rule("FEE-8", "REC-4")
def test_a_changed_table_says_which_open_quotes_it_would_make_otherwise(desk: Path) -> None:
    def quoted(*service: str) -> str:
        argv = [part for one in service for part in ("--service", one)]
        return str(done("intake", *IN_HOME, *argv, "--new", "--as", "C1")["number"])

    tap, bulb, gone, range_ = quoted("tap:2"), quoted("bulb"), quoted("socket"), quoted("hinge")
    declined = quoted("tap")
    done("consent", declined, "--declined", "--reason", "r", "--with", "S1", "--as", "C1")
    reviewed = done("intake", *IN_HOME, "--unlisted", "--new", "--as", "C1")["number"]
    done("quote", reviewed, "--fee", "80", "--as", "S1")
    assert done("fees", "check")["quotes"] == []
    edit(
        desk / "fees.yaml", CHANGED, ('unit: 个, price: "25.00"', 'unit: 个, price: "26.00"'),
        ("  - {code: socket, name: 更换插座, category: electrical, unit: 个, price: \"30.00\"}\n", ""),
        ('unit: 副, price: "18.00"', 'unit: 副, price: {from: "18.00", to: "20.00"}'),
    )  # fmt: skip
    before = entries(desk / "ledger.db")
    checked = done("fees", "check")
    assert (checked["ok"], checked["version"]) == (True, "2026-12")
    quotes = {one["number"]: one for one in checked["quotes"]}
    assert set(quotes) == {tap, gone, range_}
    assert {name: quotes[tap][name] for name in ("place", "quote", "would_be", "why", "fees_version")} == {
        "place": "3-2-501", "quote": "50.00", "would_be": "52.00", "why": None, "fees_version": "2026-11",
    }  # fmt: skip
    for number, code in ((gone, "socket"), (range_, "hinge")):
        assert quotes[number]["would_be"] is None
        assert code in quotes[number]["why"]
    read = run("fees", "check")
    assert f"{tap} 3-2-501: quoted 50.00, this table says 52.00; it keeps version 2026-11" in read
    assert bulb not in read
    assert entries(desk / "ledger.db") == before
    edit(desk / "fees.yaml", ('version: "2026-12"', 'version: "2026-11"'))
    refused(13, "fees", "check")


@pytest.mark.rule("FEE-8")
def test_a_table_that_changes_no_price_would_make_no_quote_otherwise(desk: Path) -> None:
    number = done("intake", *IN_HOME, "--service", "tap", "--new", "--as", "C1")["number"]
    done("assign", number, "W1", "--as", "C1")
    done("arrive", number, "--as", "W1")
    done("consent", number, "--fee", "60", "--as", "W1")
    edit(desk / "fees.yaml", CHANGED)
    assert done("fees", "check")["quotes"] == []
