"""slips and handover as a script and as a person see them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from desk_cli import IN_HOME, PUBLIC, Clock, done, entries, nothing_written, refused, run

SLIP = "number kind place state state_at since finished_at due_at due how at".split()
PARTS = ("back", "ended", "missing", "in_field")
SHEET = (
    "at until head outgoing incoming counts open overdue promised coordination since missing names handed_over warnings"
).split()


def told(document: Any) -> set[str]:
    """Every key of a document, however deep."""
    if isinstance(document, dict):
        return set(document).union(*map(told, document.values()))
    return set().union(*map(told, document)) if isinstance(document, list) else set()


@pytest.mark.rule("FIN-6")
def test_slips_add_up_for_every_technician_with_every_key(full_desk: Path) -> None:
    document = done("slips", "--day", "2026-11-22")
    assert list(document) == ["day", "at", "technicians", "totals", "warnings"]
    assert {one["staff"] for one in document["technicians"]} == {"W1", "W2"}
    for one in document["technicians"]:
        apart = [slip for part in PARTS for slip in one[part]]
        assert len(one["out"]) == len(apart) > 0
        assert all(list(slip) == SLIP for slip in (*one["out"], *apart))
    assert document["totals"] == {"out": 8, "back": 2, "ended": 1, "missing": 2, "in_field": 3}
    assert document["totals"]["out"] == sum(document["totals"][part] for part in PARTS)


@pytest.mark.rule("FIN-6")
def test_today_is_what_is_asked_for_when_nothing_is_said(full_desk: Path, clock: Clock) -> None:
    document = done("slips")
    assert (document["day"], document["at"]) == ("2026-11-24", "2026-11-24T09:00:00+08:00")
    assert document["totals"] == {"out": 5, "back": 0, "ended": 0, "missing": 2, "in_field": 3}
    assert done("slips", "--at", "2026-11-22T23:00")["totals"]["out"] == 8


@pytest.mark.rule("FIN-6")
def test_people_read_the_missing_first_and_the_sums(full_desk: Path) -> None:
    lines = run("slips", "--day", "2026-11-22").splitlines()
    assert lines[0] == "Slips of 2026-11-22, as of 2026-11-22 23:59"
    head = "W1 NW1  out 7 = back 2 + ended otherwise 1 + in the field 2 + not back 2"
    assert head in lines
    (first, *_) = lines[lines.index(head) + 1 :]
    assert first.split()[:3] == ["not", "back", "P20261122-0013"]
    assert lines[-1] == "In all: out 8 = back 2 + ended otherwise 1 + in the field 3 + not back 2"


@pytest.mark.rule("FIN-6")
def test_a_signed_slip_that_is_missing_stands_there_with_the_time_of_the_signature(desk: Path, clock: Clock) -> None:
    number = done("intake", *PUBLIC, "--as", "C1")["number"]
    done("assign", number, "W2", "--as", "C1")
    done("start", number, "--as", "W2")
    clock.on(hours=1)
    done("finish", number, "--result", "lit", "--found", "worn", "--as", "W2")
    clock.on(minutes=10)
    done("sign", number, "--by", "李", "--rating", "satisfied", "--as", "W2")
    (line,) = [line for line in run("slips").splitlines() if number in line]
    assert "signed 11-24 10:10" in line
    ((slip,),) = [one["missing"] for one in done("slips")["technicians"]]
    assert (slip["state_at"][11:16], slip["finished_at"][11:16]) == ("10:10", "10:00")


@pytest.mark.rule("FIN-6")
def test_a_day_without_slips_says_so_and_in_json_is_empty(desk: Path) -> None:
    assert "No slip was out." in run("slips")
    assert done("slips")["technicians"] == []


@pytest.mark.rule("FIN-6")
def test_a_day_that_is_none_and_one_that_has_not_come(desk: Path) -> None:
    assert refused(2, "slips", "--day", "tomorrow")["kind"] == "usage"
    assert refused(10, "slips", "--day", "2026-11-25")["rule"] == "FIN-6"
    assert "2026-11-25" in refused(10, "slips", "--day", "2026-11-25")["message"]


@pytest.mark.rule("INT-8")
def test_handover_prints_and_writes_nothing(full_desk: Path) -> None:
    with nothing_written(full_desk / "ledger.db"):
        document = done("handover")
        printed = run("handover")
    assert list(document) == SHEET
    assert document["handed_over"] is None
    assert printed.exit_code == 0
    assert printed.startswith("=" * 80)
    assert printed.rstrip().endswith("__________")


@pytest.mark.rule("INT-8")
def test_a_sheet_has_no_phone_anywhere(full_desk: Path) -> None:
    document = done("handover")
    assert not told(document) & {"phone", "phones", "caller", "callers"}
    for phone in ("13800138000", "13900002222"):
        assert phone not in str(document)
        assert phone not in run("handover")


@pytest.mark.rule("INT-8")
def test_handing_over_is_one_entry(full_desk: Path) -> None:
    ledger = full_desk / "ledger.db"
    before = entries(ledger)
    document = done("handover", "--to", "C2", "--note", "钥匙在抽屉里", "--as", "C1")
    assert entries(ledger) == before + 1
    assert list(document) == SHEET
    assert document["handed_over"] == {
        "from": "C1", "to": "C2", "note": "钥匙在抽屉里", "at": "2026-11-24T09:00:00+08:00", "late": False,
    }  # fmt: skip
    assert done("handover")["since"]["handed_over"] == document["handed_over"]
    assert done("verify")["ok"]


@pytest.mark.rule("INT-8")
@pytest.mark.parametrize(
    ("code", "argv"),
    [
        (2, ("--note", "x")),
        (2, ("--format", "pdf")),
        (2, ("--to", "", "--as", "C1")),
        (11, ("--to", "X9", "--as", "C1")),
        (11, ("--to", "C2", "--as", "X9")),
        (12, ("--to", "C2")),
        (12, ("--to", "C2", "--as", "W1")),
        (12, ("--to", "C1", "--as", "C1")),
        (12, ("--to", "W1", "--as", "C1")),
        (10, ("--to", "C2", "--as", "C1", "--at", "2026-11-24T09:01")),
    ],
)
def test_what_is_refused_goes_on_no_record(code: int, argv: tuple[str, ...], desk: Path) -> None:
    with nothing_written(desk / "ledger.db"):
        refused(code, "handover", *argv)


@pytest.mark.rule("INT-8")
def test_the_sheet_goes_to_a_file(full_desk: Path, tmp_path: Path) -> None:
    out = tmp_path / "sheet.txt"
    result = run("handover", "--out", str(out))
    assert (result.exit_code, str(result).strip()) == (0, f"file: {out}")
    assert out.read_text(encoding="utf-8").rstrip() == str(run("handover")).rstrip()
    assert done("handover", "--out", str(out))["file"] == str(out)


@pytest.mark.sqlite
@pytest.mark.rule("INT-8")
def test_where_the_sheet_cannot_be_written_nothing_goes_on_record(desk: Path, tmp_path: Path) -> None:
    by = ("handover", "--to", "C2", "--as", "C1", "--out")
    with nothing_written(desk / "ledger.db"):
        refused(11, *by, str(tmp_path / "nowhere" / "sheet.txt"))
        refused(2, *by, str(tmp_path))
        assert refused(2, *by, "ledger.db")["rule"] == "REC-1"


@pytest.mark.rule("INT-8")
def test_the_clerks_day_from_roster_to_signature(desk: Path, clock: Clock) -> None:
    done("staff", "duty", "C1", "--from", "2026-11-24T08:00", "--to", "2026-11-24T20:00")
    done("staff", "duty", "C2", "--from", "2026-11-24T20:00", "--to", "2026-11-25T08:00")
    number = done("intake", *IN_HOME, "--appointment", "2026-11-24T20:30/21:30", "--as", "C1")["number"]
    done("intake", *PUBLIC, "--as", "C1")
    clock.on(hours=10.9)
    sheet = str(run("handover"))
    outgoing, incoming = sheet.index("C1 NC1"), sheet.index("C2 NC2")
    assert outgoing < incoming
    assert "Promised until 2026-11-25 08:00" in sheet
    assert f"11-24 20:30  {number}  3-2-501      appointment to 21:30" in sheet
    result = run("handover", "--to", "C2", "--as", "C1")
    assert "Handed over: 2026-11-24 19:54" in result
    assert result.err == ""
