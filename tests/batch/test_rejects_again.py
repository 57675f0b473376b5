"""Rejected rows that are mended and come again by the same command; and what else the answer of an import promises."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
import threading
import tracemalloc
import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter  # type: ignore[import-untyped]

from repairdesk.batch import reading, spilling, workbook
from repairdesk.batch.importing import Plan, run
from repairdesk.batch.outcome import Imported, plain
from repairdesk.cli import common
from repairdesk.cli.__main__ import main
from repairdesk.desk import By, Desk
from repairdesk.errors import BadInput, Exit, UsageError

Write = Callable[[str | bytes], Path]
HEAD = "单号,房号,故障描述,报修时间,购买日期\n"
WHY = "repairdesk: why"


def texts(result: Imported) -> str:
    return "\n".join(plain(one.message, one.values) for one in result.remarks)


def cells(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.reader(stream))


def mended(path: Path, old: str, new: str) -> Path:
    text = path.read_bytes()
    assert old.encode() in text
    path.write_bytes(text.replace(old.encode(), new.encode()))
    return path


def orders(desk: Desk) -> dict[str, dict[str, Any]]:
    with desk.ledger.read() as reader:
        docs, _ = reader.orders({}, None)
    return {doc["external_id"]: dict(doc) for doc in docs}


def book(path: Path, rows: list[list[Any]]) -> Path:
    with xlsxwriter.Workbook(path) as made:
        page = made.add_worksheet("报修")
        when = made.add_format({"num_format": "yyyy/m/d h:mm"})
        for i, row in enumerate(rows):
            for j, cell in enumerate(row):
                if isinstance(cell, datetime):
                    page.write_datetime(i, j, cell, when)
                elif cell is not None:
                    page.write(i, j, cell)
    return path


@pytest.mark.parametrize("encoding", ["gb18030", "utf-16", "utf-16-le"])
def test_mended_rejects_are_read_whatever_encoding_the_command_says(
    desk: Desk, clerk: By, write: Write, tmp_path: Path, encoding: str
) -> None:
    out = tmp_path / "rejects.csv"
    plan = Plan(kind="public_area", partial=True, rejects=out, encoding=encoding)
    assert run(desk, clerk, write("单号,房号,故障描述\nA1,东门,\nA2,东门,灯\n".encode(encoding)), plan).accepted == 1
    again = run(desk, clerk, mended(out, "东门,,", "东门,灯坏,"), Plan(kind="public_area", encoding=encoding))
    assert (again.accepted, orders(desk)["A1"]["fault"]) == (1, "灯坏")
    assert f"--encoding {encoding}" in texts(again)
    assert WHY not in texts(again)


@pytest.mark.parametrize("saved", [False, True])
def test_mended_rejects_of_a_workbook_are_read_by_the_same_command(
    desk: Desk, clerk: By, tmp_path: Path, saved: bool
) -> None:
    out = tmp_path / "rejects.csv"
    when = 46027.3354166667
    file = book(tmp_path / "x.xlsx", [
        ["报修登记表"], ["单号", "房号", "故障描述", "报修时间", "购买日期"], ["A1", "门", None, when, 45000],
        ["A2", "门", "灯", when, 45000], ["A3", "门", None, datetime(2026, 1, 5, 8, 3), None]])  # fmt: skip
    way = {"named": "office"} if saved else {"sheet": "报修", "header": 2, "kind": "public_area"}
    save = {"sheet": "报修", "header": 2, "kind": "public_area", "save": "office"} if saved else way
    assert run(desk, clerk, file, Plan(partial=True, rejects=out, **save)).accepted == 1  # type: ignore[arg-type]
    assert cells(out)[2][3:5] == ["2026-01-05 08:03:00", "2023-03-15"]
    again = run(desk, clerk, mended(out, "门,,", "门,灯坏,"), Plan(**way))  # type: ignore[arg-type]
    assert again.accepted == 2
    kept = ("reported_at", "purchased")
    assert {tuple(orders(desk)[own][name] for name in kept) for own in ("A1", "A2")} == {
        ("2026-01-05T00:03:00Z", "2023-03-15")}  # fmt: skip
    assert "--sheet 报修" in texts(again)
    assert "--header 2" in texts(again)


def test_a_text_that_is_no_file_of_rejects_has_no_sheet_still(desk: Desk, clerk: By, write: Write) -> None:
    with pytest.raises(UsageError, match="--sheet"):
        run(desk, clerk, write("房号,故障描述,why\n门,灯,x\n"), Plan(kind="public_area", sheet="报修"))


@pytest.mark.parametrize(("header", "kept", "own"), [
    ("place,fault,why", ["place", "fault", "why"], WHY),
    (f"{WHY},place,fault", [WHY, "place", "fault"], f"{WHY} 2"),
    (f"place,fault,{WHY}", ["place", "fault"], WHY),
    (f"place,{WHY},fault,{WHY} 2", ["place", WHY, "fault"], f"{WHY} 2"),
])  # fmt: skip
def test_a_column_of_the_file_is_never_lost_for_that_of_the_reasons(
    desk: Desk, clerk: By, write: Write, tmp_path: Path, header: str, kept: list[str], own: str
) -> None:
    out = tmp_path / "rejects.csv"
    values = [{"place": "lobby", "fault": ""}.get(name, "said") for name in header.split(",")]
    plan = Plan(kind="public_area", rejects=out)
    assert len(run(desk, clerk, write(f"{header}\n{','.join(values)}\n"), plan).rejects) == 1
    names, row = cells(out)
    assert names == [*kept, own]
    assert row == [*values[: len(kept)], "missing: fault"]


@pytest.mark.rule("INT-7")
def test_an_emergency_of_a_file_is_told_at_once_after_it_was_kept(
    desk: Desk, clerk: By, write: Write, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    policies = desk.home / "policies.yaml"
    text = policies.read_text(encoding="utf-8")
    assert "  roles: []" in text
    text = text.replace("  roles: []", "  roles: [leader]", 1).replace("standard-2026-11", "own-1", 1)
    policies.write_text(text, encoding="utf-8")
    desk.staff_add(By(None, "pc"), "L1", name="Bao", role="leader")
    told: list[tuple[int, ...]] = []
    monkeypatch.setattr("repairdesk.cli.notices.at_once", lambda desk, by, queued: told.append(tuple(queued)))
    monkeypatch.setattr(common, "clock", desk.now)
    path = str(write("external_id,place,fault,priority\nA1,lobby,gas,emergency\nA2,lobby,,\n"))
    common_ = ("--kind", "public_area", "--as", "C1", "--home", str(desk.home))
    assert main(["import", path, *common_]) == Exit.BAD_INPUT
    assert main(["import", path, *common_, "--dry-run", "--partial"]) == Exit.PARTIAL
    assert told == []
    assert main(["import", path, *common_, "--partial"]) == Exit.PARTIAL
    assert [len(numbers) for numbers in told] == [1]
    assert main(["import", path, *common_, "--partial"]) == Exit.PARTIAL
    assert len(told) == 1
    capfd.readouterr()


def test_a_column_that_the_file_does_not_have_is_no_difference(desk: Desk, clerk: By, write: Write) -> None:
    plan = Plan(kind="public_area")
    run(desk, clerk, write("external_id,place,fault,category,channel\nA1,lobby,lamp,electrical,app\n"), plan)
    less = run(desk, clerk, write("external_id,place,fault,channel\nA1,lobby,lamp,app\n"), plan)
    assert (less.already_there, len(less.differences)) == (1, 0)
    blank = run(desk, clerk, write("external_id,place,fault,category\nA1,lobby,lamp,\n"), plan)
    assert [one["fields"] for one in blank.doc(plain)["differences"]] == [{"category": ["electrical", None]}]


@pytest.mark.parametrize("rows", [
    # rejected, and the same id with another content
    ["A1,lobby,", "A1,lobby,lamp"],
    # different from what is there, and then as it is there
    ["B1,lobby,door", "B1,lobby,lamp"],
])  # fmt: skip
def test_two_rows_of_an_id_that_contradict_each_other_are_rejected_whatever_is_there(
    desk: Desk, clerk: By, write: Write, rows: list[str]
) -> None:
    head = "external_id,place,fault\n"
    run(desk, clerk, write(f"{head}B1,lobby,lamp\n"), Plan(kind="public_area"))
    result = run(desk, clerk, write(head + "\n".join(rows) + "\n"), Plan(kind="public_area", partial=True))
    assert "row 2 has the same id" in result.doc(plain)["rejects"][-1]["why"]
    assert result.accepted == 0


# --- the answer


@pytest.fixture
def typed(desk: Desk, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    monkeypatch.setenv("REPAIRDESK_LANG", "en")
    monkeypatch.setattr(common, "clock", desk.now)

    def typing(*argv: str) -> tuple[int, str, str]:
        code = main(["import", *argv, "--kind", "public_area", "--as", "C1", "--home", str(desk.home)])
        return code, *capfd.readouterr()

    return typing


def test_a_file_that_cannot_be_read_is_answered_with_a_document_that_says_where(
    typed: Callable[..., Any], write: Write
) -> None:
    code, out, err = typed(str(write('place,fault\nlobby,lamp\nlobby,"lamp\n')), "--json")
    doc, error = json.loads(out), json.loads(err)["error"]
    assert (code, doc["rows"], doc["rejects"], doc["committed"], error["row"]) == (14, 0, [], False, 3)
    code, out, err = typed(str(write(b"place,fault\nlobby,\xff\xff\n")), "--json")
    assert (code, json.loads(out)["committed"], json.loads(err)["error"]["row"]) == (14, False, 2)


def test_a_dry_run_says_what_would_be(typed: Callable[..., Any], write: Write) -> None:
    path = str(write("place,fault\nlobby,lamp\nlobby,\n"))
    assert "nothing would be taken" in typed(path, "--dry-run")[2]
    assert "the others would be taken" in typed(path, "--dry-run", "--partial")[2]
    assert "nothing was taken" in typed(path)[2]
    assert "the others were taken" in typed(path, "--partial")[2]


def test_a_dry_run_writes_rejects_only_under_a_new_name(
    typed: Callable[..., Any], write: Write, tmp_path: Path
) -> None:
    path, out = str(write("place,fault\nlobby,\n")), tmp_path / "rejects.csv"
    assert typed(path, "--dry-run", "--rejects", str(out))[0] == 14
    assert len(cells(out)) == 2
    before = out.read_bytes()
    code, _, err = typed(path, "--dry-run", "--rejects", str(out))
    assert (code, "--dry-run replaces nothing" in err, out.read_bytes()) == (2, True, before)


def test_the_text_names_what_differs_by_field_with_phones_masked(typed: Callable[..., Any], write: Write) -> None:
    head = "external_id,place,fault,caller,phone,reported_at\n"
    typed(str(write(f"{head}A1,lobby,lamp,Li,13800138000,2026-11-20 08:00\n")))
    _, out, _ = typed(str(write(f"{head}A1,lobby,door,Li,13900139000,2026-11-20 08:01\n")))
    row = next(line for line in out.splitlines() if line.startswith("2\t"))
    assert row.split("\t")[1] == "A1"
    assert "fault: lamp → door" in row
    assert "138****8000 → 139****9000" in row
    assert "2026-11-20T08:00:00+08:00 → 2026-11-20T08:01:00+08:00" in row


def test_phones_of_rejected_rows_are_masked_in_the_answer_and_whole_in_the_file(
    typed: Callable[..., Any], write: Write, tmp_path: Path
) -> None:
    out = tmp_path / "rejects.csv"
    path = str(write("place,fault,phone\nlobby,lamp,13800138000/13900139000\n"))
    for more in ((), ("--json",)):
        code, answer, err = typed(path, "--rejects", str(out), *more)
        assert (code, "13800138000" in answer + err) == (14, False)
    assert cells(out)[1][2] == "13800138000/13900139000"


def test_rejects_beyond_the_first_wait_on_disk_and_are_answered_in_their_order(
    desk: Desk, typed: Callable[..., Any], write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spilling, "IN_MEMORY", 3)
    path = write("external_id,place,fault\n" + "".join(f"A{i},lobby,{'x' * (i % 2)}\n" for i in range(20)))
    assert typed(str(path), "--partial")[0] == 18
    path.write_text(path.read_text().replace(",x\n", ",y\n"))
    code, out, _ = typed(str(path), "--partial", "--json")
    doc = json.loads(out)
    assert (code, [one["row"] for one in doc["rejects"]]) == (18, list(range(2, 22, 2)))
    assert [one["row"] for one in doc["differences"]] == list(range(3, 22, 2))
    assert {one["why"] for one in doc["rejects"]} == {"missing: fault"}


def test_the_memory_does_not_grow_with_the_rejects() -> None:
    tracemalloc.start()
    try:
        kept: spilling.Spilled[tuple[int, str]] = spilling.Spilled()
        for i in range(30_000):
            kept.append((i, "x" * 100))
        assert tracemalloc.get_traced_memory()[1] < 1_500_000
        assert sum(i for i, _ in kept) == sum(range(30_000))
    finally:
        tracemalloc.stop()


# --- what is no file of rows


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/urandom", "/dev/null"])
def test_a_device_is_no_file_of_rows(device: str) -> None:
    with pytest.raises(UsageError, match="is no file"), reading.opened(Path(device)):
        pass


def test_a_pipe_that_does_not_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "_MOST_PIPED", 1 << 20)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)

    def fill() -> None:
        with pipe.open("wb", buffering=0) as stream:
            try:
                while True:
                    stream.write(b"lobby,lamp\n" * 1000)
            except BrokenPipeError:
                pass

    filler = threading.Thread(target=fill)
    filler.start()
    with pytest.raises(BadInput, match="does not end"), reading.opened(pipe):
        pass
    filler.join()


def test_a_hyphen_is_the_standard_input(desk: Desk) -> None:
    env = {**os.environ, "REPAIRDESK_LANG": "en"}
    command = [sys.executable, "-m", "repairdesk.cli", "import", "-", "--kind", "public_area", "--dry-run", "--json",
               "--as", "C1", "--home", str(desk.home)]  # fmt: skip
    done = subprocess.run(command, input=b"place,fault\nlobby,lamp\n", capture_output=True, env=env, check=False)
    assert (done.returncode, json.loads(done.stdout)["accepted"]) == (0, 1), done.stderr


def test_a_workbook_that_unpacks_to_far_more_than_it_is_is_refused_before_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbook, "_SMALL", 1 << 20)
    path = tmp_path / "x.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b"0" * (4 << 20))
    monkeypatch.setattr(workbook, "_extent", lambda xml: pytest.fail("it was read"))
    with pytest.raises(BadInput, match="too large"), reading.opened(path):
        pass


def test_a_sheet_of_one_word_is_no_such_workbook(desk: Desk, clerk: By, tmp_path: Path) -> None:
    rows: list[list[Any]] = [["房号", "故障描述"], *([["门", "灯"]] * 3000)]
    path = book(tmp_path / "x.xlsx", rows)
    with zipfile.ZipFile(path) as packed:
        parts = packed.infolist()
    ratio = sum(one.file_size for one in parts) / sum(one.compress_size for one in parts)
    assert 3 * ratio < workbook._PACKED
    with reading.opened(path) as source:
        assert sum(1 for _ in source.rows) == 3001


def test_text_that_was_read_is_what_csv_would_read() -> None:
    """The marks that are dropped stand at the beginning of lines alone."""
    text = "a,b\n\ufeff1,2\n3,\ufeff4\n"
    lines = reading._lines(reading._Cut(io.BytesIO(text.encode()), None), reading.Characters("utf-8"))
    assert list(csv.reader(lines)) == [["a", "b"], ["1", "2"], ["3", "\ufeff4"]]
