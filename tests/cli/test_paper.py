"""``print``: what is typed, what comes out on which stream, and what is refused before anything is written."""

from __future__ import annotations

import re
import sys
import types
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from desk_cli import Clock, done, nothing_written, refused, run

from repairdesk.desk import Remark
from repairdesk.documents import sandbox
from repairdesk.locale.width import width

SLIP, TRACKED = "P20261122-0001", "X20261122-0001"
BY = ("--as", "C1")
FORMS = (
    (SLIP,), (TRACKED,), (SLIP, "--form", "callback"), (SLIP, "--form", "receipt"), ("--form", "handover"),
    ("--form", "statement", "--place", "3-2-501"),
)  # fmt: skip


class Rendered(NamedTuple):
    pdf: bytes
    remarks: tuple[Remark, ...] = ()


@pytest.fixture
def pdf(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """In the place of the library that makes PDFs: what it was given, and one remark."""
    given: list[str] = []

    def render(html: str) -> Rendered:
        given.append(html)
        return Rendered(b"%PDF-1.7 made", (Remark("{what}", {"what": "no font for x"}),))

    module = types.ModuleType("repairdesk.documents.pdf")
    module.render = render  # type: ignore[attr-defined]
    import repairdesk.documents

    monkeypatch.setitem(sys.modules, "repairdesk.documents.pdf", module)
    monkeypatch.setattr(repairdesk.documents, "pdf", module, raising=False)
    return given


# --- what comes out


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("argv", FORMS, ids=" ".join)
def test_every_form_is_printed_in_both_languages_as_text_and_as_html(
    argv: tuple[str, ...], lang: str, full_desk: Path
) -> None:
    with nothing_written(full_desk / "ledger.db"):
        text = run("print", *argv, *BY, "--lang", lang)
        page = run("print", *argv, *BY, "--lang", lang, "--format", "html")
    assert (text.exit_code, text.err, page.exit_code, page.err) == (0, "", 0, "")
    assert max(width(line) for line in re.split("[\n\f]", text)) == 64
    assert page.startswith("<!doctype html>")
    assert page.rstrip().endswith("</html>")
    assert f'<html lang="{"zh-CN" if lang == "zh" else "en"}">' in page
    said = ("住户签字", "交班") if lang == "zh" else ("resident's signature", "Outgoing")
    assert any(one in text for one in said)
    assert "13800138000" not in text + page


@pytest.mark.rule("FIN-5")
def test_a_slip_goes_to_a_pipe_with_a_page_break_between_its_copies(full_desk: Path) -> None:
    assert len(run("print", SLIP, *BY).split("\f")) == 4
    assert "\f" not in run("print", SLIP, *BY, "--copy", "desk")


def test_a_reader_at_a_terminal_sees_a_line_between_two_pages(full_desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from repairdesk.cli import paper

    monkeypatch.setattr(paper, "_at_a_terminal", lambda: True)
    text = run("print", SLIP, *BY)
    assert "\f" not in text
    assert text.count("\n" + ("- " * 32) + "\n") == 3


def test_a_wide_sheet_is_asked_for(full_desk: Path) -> None:
    assert max(map(width, run("print", TRACKED, *BY, "--width", "80").split("\n"))) == 80


def test_to_a_file_it_says_which_form_and_copies_it_was(full_desk: Path, tmp_path: Path) -> None:
    out = tmp_path / "slip.html"
    document = done("print", SLIP, *BY, "--format", "html", "--out", str(out))
    assert document == {
        "file": str(out), "form": "slip", "copies": ["resident", "engineering", "stores", "desk"],
        "head": done("handover")["head"], "warnings": [],
    }  # fmt: skip
    assert out.read_text(encoding="utf-8") == run("print", SLIP, *BY, "--format", "html")
    assert run("print", SLIP, *BY, "--out", str(out)) == f"file: {out}\n"
    assert out.read_text(encoding="utf-8") == run("print", SLIP, *BY)


def test_in_one_document_the_paper_is_named_by_its_format(full_desk: Path) -> None:
    text, page = done("print", SLIP, *BY), done("print", TRACKED, *BY, "--format", "html")
    about = ["form", "copies", "head", "warnings"]
    assert (list(text), list(page)) == (["text", *about], ["html", *about])
    assert (page["form"], page["copies"]) == ("coordination", [])
    assert SLIP in text["text"]


def test_a_pdf_is_made_of_the_same_page_and_its_remarks_are_told(
    full_desk: Path, tmp_path: Path, pdf: list[str]
) -> None:
    out = tmp_path / "slip.pdf"
    document = done("print", SLIP, *BY, "--format", "pdf", "--out", str(out))
    assert out.read_bytes() == b"%PDF-1.7 made"
    assert pdf == [run("print", SLIP, *BY, "--format", "html")]
    assert document["warnings"] == ["no font for x"]
    assert "no font for x" in run("print", SLIP, *BY, "--format", "pdf", "--out", str(out)).err


def test_a_shifts_slips_come_in_one_document(full_desk: Path, tmp_path: Path) -> None:
    at = ("--at", "2026-11-22T20:00")
    pages = run("print", "--today", *BY, *at).split("\f")
    assert len({re.search(r"P20261122-\d+", page)[0] for page in pages}) == 3  # type: ignore[index]
    assert len(run("print", "--today", "--staff", "W2", "--copy", "desk", *BY, *at).split("\f")) == 1
    assert run("print", "--today", "--format", "html", *BY, *at).count('<table class="paper slip">') == len(pages)


def test_where_no_slip_is_to_be_printed_nothing_is_and_that_is_no_failure(desk: Path, tmp_path: Path) -> None:
    out = tmp_path / "today.txt"
    result = run("print", "--today", *BY, "--out", str(out))
    assert (result.exit_code, str(result), out.exists()) == (0, "", False)
    assert "No slip" in result.err
    assert done("print", "--today", *BY) == {
        "file": None, "form": "slip", "copies": [], "head": None, "warnings": [],
    }  # fmt: skip


# --- what is refused


@pytest.mark.parametrize(
    ("code", "argv"),
    [
        (2, ()),
        (2, (SLIP, "--format", "docx")),
        (2, (SLIP, "--format", "pdf")),
        (2, (SLIP, "--form", "poster")),
        (2, (SLIP, "--copy", "garden")),
        (2, (SLIP, "--form", "callback", "--copy", "desk")),
        (2, (TRACKED, "--copy", "desk")),
        (2, (SLIP, "--width", "70")),
        (2, (SLIP, "--width", "80", "--format", "html")),
        (2, (SLIP, "0002")),
        (2, (SLIP, "--today")),
        (2, (SLIP, "--staff", "W1")),
        (2, (SLIP, "--place", "3-2-501")),
        (2, (SLIP, "--form", "handover")),
        (2, ("--form", "statement")),
        (2, ("--form", "statement", "--place", "3-2-501", "--month", "11")),
        (2, ("--form", "statement", "--place", " ")),
        (2, ("--today", "--form", "receipt")),
        (2, ("--template-init", "--today")),
        (2, ("0001",)),
        (11, ("9999",)),
        (11, ("--today", "--staff", "X9")),
        (11, ("--form", "statement", "--place", "9-9-909")),
        (11, ("--template-init", "poster")),
        (10, ("P20261122-0002", "--form", "receipt")),
    ],
)
def test_what_cannot_be_printed_is_refused(code: int, argv: tuple[str, ...], full_desk: Path) -> None:
    refused(code, "print", *argv, *BY)


def test_only_who_may_print_prints(full_desk: Path) -> None:
    for argv in FORMS:
        refused(12, "print", *argv, "--as", "F1")
    refused(12, "print", "--today", "--as", "W1")
    # What cannot be understood comes before who asks.
    refused(2, "print", TRACKED, "--copy", "desk", "--as", "F1")


def test_where_it_cannot_be_put_is_said_before_it_is_made(full_desk: Path, tmp_path: Path, pdf: list[str]) -> None:
    for format_ in ("text", "html", "pdf"):
        by = ("print", SLIP, *BY, "--format", format_, "--out")
        refused(11, *by, str(tmp_path / "nowhere" / "slip"))
        refused(2, *by, str(tmp_path))
        assert refused(2, *by, "policies.yaml")["rule"] == "REC-1"
    assert pdf == []


# --- the desk's own templates


def test_the_templates_are_copied_and_from_then_on_used(full_desk: Path) -> None:
    before = run("print", SLIP, *BY)
    files = done("print", "--template-init", "slip.txt", *BY)["files"]
    assert [Path(file).name for file in files] == ["slip.txt.j2"]
    assert run("print", SLIP, *BY) == before
    file = full_desk / "templates" / "slip.txt.j2"
    file.write_text("OUR SLIP {{ order.number }}", encoding="utf-8")
    assert run("print", SLIP, *BY, "--copy", "desk").startswith(f"OUR SLIP {SLIP}\n")
    # The others are still the packaged ones.
    assert "Coordination order" in run("print", TRACKED, *BY)
    assert refused(10, "print", "--template-init", *BY)["message"].count("slip.txt.j2") == 1
    assert run("print", "--template-init", "foot.txt", *BY).strip().endswith("foot.txt.j2")


def test_a_broken_template_is_thirteen_with_its_file_its_line_and_why(full_desk: Path) -> None:
    done("print", "--template-init", *BY)
    file = full_desk / "templates" / "slip.html.j2"
    file.write_text(file.read_text(encoding="utf-8").replace("order.place", "order.plaice", 1), encoding="utf-8")
    line = file.read_text(encoding="utf-8").split("order.plaice")[0].count("\n") + 1
    refusal = refused(13, "print", SLIP, *BY, "--format", "html")
    (problem,) = refusal["problems"]
    assert (problem["file"], problem["line"]) == ("templates/slip.html.j2", line)
    assert "plaice" in problem["message"]
    assert run("print", SLIP, *BY).exit_code == 0, "the text is made by another template"


@pytest.mark.rule("INT-8")
def test_a_broken_template_puts_no_handover_on_record(full_desk: Path) -> None:
    done("print", "--template-init", "handover.txt", *BY)
    (full_desk / "templates" / "handover.txt.j2").write_text("{{ nothing }}", encoding="utf-8")
    with nothing_written(full_desk / "ledger.db"):
        refused(13, "handover", "--to", "C2", "--as", "C1", "--out", "sheet.txt")


# --- the handover sheet


@pytest.mark.rule("INT-8")
def test_the_handover_sheet_is_a_page_too(full_desk: Path, tmp_path: Path, pdf: list[str], clock: Clock) -> None:
    page, sheet = run("handover", "--format", "html", *BY), tmp_path / "sheet.pdf"
    assert page.startswith("<!doctype html>")
    assert "C1 NC1" in page
    document = done("handover", "--to", "C2", *BY, "--format", "pdf", "--out", str(sheet))
    assert (document["file"], document["handed_over"]["to"]) == (str(sheet), "C2")
    assert document["warnings"][-1] == "no font for x"
    assert sheet.read_bytes() == b"%PDF-1.7 made"
    assert "C2 NC2" in pdf[-1]
    refused(2, "handover", "--format", "html", *BY)


def heads(text: str) -> list[Any]:
    return re.findall(r"(?m)^=+$", text)


def test_the_sheet_that_print_makes_is_the_one_of_handover_with_its_stamp(full_desk: Path) -> None:
    plain, stamped = run("handover", *BY), run("print", "--form", "handover", "--width", "80", *BY)
    assert stamped.startswith(plain.rstrip("\n"))
    assert "by C1 NC1" in stamped.removeprefix(plain)
    assert len(heads(plain)) == 3


def test_every_colon_and_bracket_of_a_template_is_said_in_the_language_of_its_words() -> None:
    bare = re.compile(r'}}: |}}:$|}} \(|~ "(?:: |; |, | \()"(?!\|)', re.MULTILINE)
    papers = [path for path in sandbox.PACKAGED.glob("*.j2") if not path.name.startswith(("report_", "style"))]
    assert papers
    assert bare.search('{{ "state"|tr }}: {{ order.state }}')
    assert {path.name: bare.findall(path.read_text(encoding="utf-8")) for path in papers} == {
        path.name: [] for path in papers
    }
