"""``print``: phone numbers that are shown, and what a desk's own templates may and may not do to a paper."""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import sys
import types
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from desk_cli import done, nothing_written, refused, run

from repairdesk.ledger.journal import Ledger

SLIP, TRACKED = "P20261122-0001", "X20261122-0001"
BY = ("--as", "C1")
PHONE = "13800138000"
SHOWN = ("--reveal", "--reason", "the technician rings first")


def revealed(home: Path) -> list[dict[str, Any]]:
    """What is on record of phone numbers that were shown."""
    with Ledger(home / "ledger.db").read() as reader:
        return [dict(entry.data) for entry in reader.entries("desk") if entry.event == "reveal"]


# --- the resident's phone


@pytest.mark.rule("INT-1", "COO-2")
@pytest.mark.parametrize(("number", "phone"), [(SLIP, PHONE), (TRACKED, PHONE), (TRACKED, "13900002222")])
@pytest.mark.parametrize("format_", ["text", "html"])
def test_a_phone_stands_on_paper_for_a_reason_that_goes_on_record(
    number: str, phone: str, format_: str, full_desk: Path
) -> None:
    by = ("print", number, "--format", format_, *BY)
    assert phone not in run(*by)
    assert revealed(full_desk) == []
    assert phone in run(*by, *SHOWN)
    assert revealed(full_desk) == [{"number": number, "reason": "the technician rings first"}]
    assert done("verify")["ok"]


@pytest.mark.rule("FIN-5")
def test_a_copy_that_has_no_phone_has_none_then_either(full_desk: Path) -> None:
    pages = run("print", SLIP, *BY, *SHOWN).split("\f")
    assert [PHONE in page for page in pages] == [True, True, False, True]


@pytest.mark.sqlite
def test_the_page_carries_the_head_of_the_ledger_that_knows_of_it(full_desk: Path) -> None:
    page = run("print", SLIP, *BY, "--copy", "desk", *SHOWN)
    with closing(sqlite3.connect(full_desk / "ledger.db")) as db:
        (seq,) = db.execute("SELECT max(seq) FROM entries").fetchone()
    assert re.search(r"Ledger code\s+(\d+)-", page)[1] == str(seq)  # type: ignore[index]


def test_a_shifts_slips_are_each_on_record(full_desk: Path) -> None:
    page = run("print", "--today", *BY, *SHOWN, "--at", "2026-11-22T20:00", "--json").json["text"]
    printed = sorted(set(re.findall(r"P20261122-\d+", page)))
    assert len(printed) == 3
    assert sorted(one["number"] for one in revealed(full_desk)) == printed
    assert run("print", "--today", "--staff", "K1", *BY, *SHOWN).exit_code == 0
    assert len(revealed(full_desk)) == 3, "where nothing is printed nothing was shown"


def test_a_shifts_slips_are_on_record_all_or_none(full_desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from repairdesk.desk import printing

    paper, made = printing._paper, list[str]()

    def fails(*args: Any, **said: Any) -> Any:
        made.append("")
        if said.get("whole") and len(made) > 5:
            raise RuntimeError("the last of them")
        return paper(*args, **said)

    monkeypatch.setattr(printing, "_paper", fails)
    with nothing_written(full_desk / "ledger.db"):
        assert run("print", "--today", *BY, *SHOWN, "--at", "2026-11-22T20:00").exit_code == 1
    assert len(made) == 6


@pytest.mark.parametrize(
    ("code", "argv"),
    [
        (2, (SLIP, "--reveal")),
        (2, (SLIP, "--reveal", "--reason", " ")),
        (2, (SLIP, "--reason", "why")),
        (2, ("--form", "handover", *SHOWN)),
        (2, ("--form", "statement", "--place", "3-2-501", *SHOWN)),
        (2, ("--template-init", *SHOWN)),
        (10, ("P20261122-0002", "--form", "receipt", *SHOWN)),
        (11, ("9999", *SHOWN)),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_what_is_not_printed_reveals_nothing(code: int, argv: tuple[str, ...], full_desk: Path) -> None:
    with nothing_written(full_desk / "ledger.db"):
        refused(code, "print", *argv, *BY)


def test_who_may_print_and_not_reveal_does_not_reveal(full_desk: Path) -> None:
    rules = full_desk / "policies.yaml"
    text = rules.read_text(encoding="utf-8").replace("version: standard-2026-11", "version: ours")
    rules.write_text(re.sub(r"  reveal: \[clerk, ", "  reveal: [", text), encoding="utf-8")
    assert PHONE not in run("print", SLIP, *BY)
    for argv in ((SLIP,), ("--today", "--at", "2026-11-22T20:00")):
        refused(12, "print", *argv, *SHOWN, *BY)
    assert revealed(full_desk) == []


def test_a_paper_that_cannot_be_made_reveals_nothing(
    full_desk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own("slip.txt.j2", "{{ nothing }}", full_desk)
    with nothing_written(full_desk / "ledger.db"):
        refused(13, "print", SLIP, *BY, *SHOWN)
        refused(11, "print", SLIP, *BY, *SHOWN, "--out", str(tmp_path / "nowhere" / "slip"))
        monkeypatch.setitem(sys.modules, "weasyprint", None)
        refused(11, "print", SLIP, *BY, *SHOWN, "--format", "pdf", "--out", str(tmp_path / "slip.pdf"))


# --- the desk's own templates


def own(name: str, text: str, home: Path) -> None:
    (home / "templates").mkdir(exist_ok=True)
    (home / "templates" / name).write_text(text, encoding="utf-8")


def test_a_page_that_is_nested_too_deeply_for_a_pdf_is_the_desks(
    full_desk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def render(html: str) -> None:
        raise RecursionError("maximum recursion depth exceeded")

    import repairdesk.documents

    module = types.ModuleType("repairdesk.documents.pdf")
    module.render = render  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "repairdesk.documents.pdf", module)
    monkeypatch.setattr(repairdesk.documents, "pdf", module, raising=False)
    by = ("print", SLIP, *BY, "--format", "pdf", "--out", str(tmp_path / "slip.pdf"))
    assert run(*by).exit_code == 1, "a packaged page that cannot be laid out is a mistake of the program"
    own("slip.html.j2", "<table><tr><td>" * 100, full_desk)
    (problem,) = refused(13, *by)["problems"]
    assert (problem["file"], problem["line"]) == ("templates/slip.html.j2", 1)
    assert problem["message"].endswith("nested too deeply")


@pytest.mark.rule("COO-6")
@pytest.mark.parametrize("name", ["continuation.txt.j2", "foot.txt.j2"])
def test_a_head_or_a_foot_that_fills_the_page_is_cut(name: str, full_desk: Path) -> None:
    own("coordination.txt.j2", "{% for n in range(200) %}\nline {{ n }}\n{{ block }}{% endfor %}", full_desk)
    own(name, "first\n" + "more\n" * 70 + "last", full_desk)
    pages = run("print", TRACKED, *BY).split("\f")
    assert all(len(page.splitlines()) <= 60 for page in pages)
    assert re.findall(r"(?m)^line \d+", "\n".join(pages)) == [f"line {n}" for n in range(200)]
    lines = pages[1].splitlines()
    edge = lines[:15] if name.startswith("c") else lines[-15:]
    assert (edge[0], edge[-2:]) == ("first", ["…", "last"])


@pytest.mark.rule("COO-6")
def test_a_place_as_long_as_a_page_still_leaves_room_for_the_matter(desk: Path) -> None:
    done("intake", "--kind", "public_area", "--place", "东门" * 950, "--fault", "灯不亮", "--new", *BY)
    done("convert", "0001", "--tracker", "C2", "--reason", "缺件", "--as", "L1")
    pages = run("print", "X20261124-0001", *BY).split("\f")
    assert 2 <= len(pages) <= 5
    assert all(len(page.splitlines()) <= 60 for page in pages)


def test_nothing_is_written_over_the_templates(full_desk: Path) -> None:
    own("slip.html.j2", "ours", full_desk)
    for name in ("slip.html.j2", "new.html"):
        assert refused(2, "print", SLIP, *BY, "--format", "html", "--out", f"templates/{name}")["rule"] == "REC-1"
    assert (full_desk / "templates" / "slip.html.j2").read_text(encoding="utf-8") == "ours"


@pytest.mark.parametrize(
    ("code", "argv"),
    [
        (2, ("--format", "xyz")), (2, ("--format", "text")), (2, ("--width", "70")), (2, ("--width", "64")),
        (12, ("--as", "W1")), (12, ("--as", "F1")), (11, ("--as", "NOB")), (12, ()),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)  # fmt: skip
def test_who_may_not_print_does_not_take_the_templates_over_and_what_they_cannot_have_is_said(
    code: int, argv: tuple[str, ...], full_desk: Path
) -> None:
    by = argv if "--as" in argv or not argv else (*argv, *BY)
    refused(code, "print", "--template-init", "slip.txt", *by)
    assert not (full_desk / "templates").exists()


# --- what comes out where


def test_a_slip_of_text_does_not_wait_for_the_library_that_draws_codes(full_desk: Path) -> None:
    program = (
        "import sys; from repairdesk.cli.__main__ import main; "
        f"code = main(['print', '{SLIP}', '--as', 'C1']); "
        "sys.exit(code or int('segno' in sys.modules))"
    )
    done_ = subprocess.run([sys.executable, "-c", program], cwd=full_desk, capture_output=True, check=False)
    assert (done_.returncode, done_.stderr) == (0, b"")


def test_a_pdf_for_stdout_is_not_called_a_workbook(full_desk: Path, tmp_path: Path) -> None:
    fifo = tmp_path / "pipe"
    os.mkfifo(fifo)
    told = refused(2, "print", SLIP, *BY, "--format", "pdf", "--out", str(fifo))["message"]
    assert "an answer of this kind goes to one" in told
