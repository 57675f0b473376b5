"""The month as a page, and reports as pages: everything is said, nothing that somebody wrote is obeyed."""

from __future__ import annotations

import io
import json
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import redirect_stderr, redirect_stdout
from datetime import datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from repairdesk.cli import common
from repairdesk.cli.__main__ import main
from repairdesk.documents import report_page
from repairdesk.documents.report_page import Laid, Table
from repairdesk.locale import language, use

HOSTILE = "<script>alert(1)</script>\"'&\u202e 😀"
NAMES = ("month", "staff", "faults", "callbacks", "complaints", "help", "clocks", "finance")
AT = "2026-11-24T09:00"


class Parts(HTMLParser):
    """The tags of a page, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    """Whatever was spoken before."""
    before = language()
    use("en")
    yield
    use(before)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A desk with a technician and a place that are called like an attack."""
    folder = tmp_path / "desk"
    monkeypatch.setenv("REPAIRDESK_HOME", str(folder))
    monkeypatch.setattr(common, "clock", lambda: datetime.fromisoformat("2026-12-01T08:00:00+08:00"))
    for argv in (
        ("init", "--at", "2026-11-01T08:00"),
        ("staff", "add", "C1", "--name", "C", "--role", "clerk", "--at", "2026-11-01T08:01"),
        ("staff", "add", "W1", "--name", HOSTILE, "--role", "technician", "--at", "2026-11-01T08:02"),
    ):
        assert typed(*argv)[0] == 0
    for minute in ("00", "10"):
        asked = ("--place", f"A{HOSTILE}", "--fault", HOSTILE, "--category", "electrical", "--new", "--as", "C1")
        code, said, err = typed("intake", "--kind", "public_area", *asked, "--at", f"2026-11-23T09:{minute}")
        assert code == 0, err
        number = re.search(r"P\d{8}-\d{4}", said)
        assert number is not None
        assert typed("assign", number[0], "W1", "--as", "C1", "--at", f"2026-11-23T09:{minute}:30")[0] == 0
    return folder


def typed(*argv: str) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = main([*argv, *(() if "--at" in argv else ("--at", AT)), *(() if "--lang" in argv else ("--lang", "en"))])
    return int(code), out.getvalue(), err.getvalue()


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize("name", NAMES)
def test_what_people_wrote_is_shown_and_never_obeyed(name: str) -> None:
    code, page, err = typed("report", name, "--month", "2026-11", "--format", "html")
    assert (code, err) == (0, "")
    assert "script" not in Parts(page).tags
    assert "\u202e" not in page
    if name in ("month", "faults"):
        assert "A<script>alert(1)</script>" in Parts(page).text


@pytest.mark.usefixtures("home")
def test_a_page_goes_to_a_file_or_to_stdout_and_is_the_same(tmp_path: Path) -> None:
    out = tmp_path / "month.html"
    code, page, _ = typed("report", "month", "--format", "html")
    assert (code, page[:15]) == (0, "<!DOCTYPE html>")
    assert typed("report", "month", "--format", "html", "--out", str(out))[0] == 0
    assert out.read_text(encoding="utf-8").rstrip("\n") == page.rstrip("\n")


@pytest.mark.usefixtures("home")
def test_a_page_is_in_the_language_that_was_asked_for() -> None:
    _, page, _ = typed("report", "month", "--format", "html", "--lang", "zh")
    assert '<html lang="zh-Hans">' in page
    _, page, _ = typed("report", "month", "--format", "html")
    assert '<html lang="en">' in page


@pytest.mark.usefixtures("home")
def test_without_the_library_the_page_has_its_tables_and_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    code, page, err = typed("report", "month", "--format", "html")
    assert code == 0
    assert "<svg" not in page
    assert page.count("<table") > 4
    assert "pip install vl-convert-python" in page
    assert "pip install vl-convert-python" in err


@pytest.mark.usefixtures("home")
def test_what_is_overdue_is_listed_and_what_has_time_is_not() -> None:
    def listed(at: str) -> str:
        _, page, _ = typed("report", "month", "--month", "2026-11", "--format", "html", "--at", at)
        return page[page.index('<h2 id="overdue">') : page.index('<h2 id="complaints">')]

    assert "none is overdue" in listed("2026-11-23T09:20")
    assert listed("2026-11-30T09:20").count("P20261123-") == 2


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize("argv", [("faults", "--orders", "orders"), ("finance", "--arrears")])
def test_the_orders_behind_a_figure_and_the_arrears_are_pages_too(argv: tuple[str, ...]) -> None:
    code, page, err = typed("report", *argv, "--format", "html")
    assert (code, err) == (0, "")
    assert Parts(page).tags.count("h1") == 1
    assert ("P20261123-0001" in page) == (argv[0] == "faults")


@pytest.mark.usefixtures("home")
def test_json_of_the_month_has_nothing_of_the_page() -> None:
    _, said, _ = typed("report", "month", "--json")
    doc: Mapping[str, Any] = json.loads(said)
    assert not {"trend", "hours", "overdue", "faults"} & set(doc)


def test_a_table_with_many_columns_is_printed_across() -> None:
    def page(columns: int) -> str:
        heads = [f"c{i}" for i in range(columns)]
        return report_page.page("t", "", Laid([], [Table("x", "cap", heads, [False] * columns, [heads])]))

    assert "landscape" not in page(10)
    assert "landscape" in page(11)
