"""Pages of help in Chinese and English: nothing of them is cut off, however narrow the terminal is."""

from __future__ import annotations

import re

import pytest
from desk_cli import run

from repairdesk.locale.width import width


@pytest.mark.parametrize("columns", [60, 80])
def test_no_sentence_of_a_chinese_page_is_cut_off(monkeypatch: pytest.MonkeyPatch, columns: int) -> None:
    monkeypatch.setenv("REPAIRDESK_LANG", "zh")
    for command in ("print", "finish", "report", "backup", "import"):
        monkeypatch.setenv("COLUMNS", "400")
        whole = _words(run(command, "--help"))
        monkeypatch.setenv("COLUMNS", str(columns))
        page = run(command, "--help")
        assert max(map(width, page.splitlines())) <= columns
        assert page.count("…") == whole.count("…"), command


def _words(page: str) -> str:
    return re.sub(r"[│╭╮╰╯─\s]", "", page)


def test_a_page_says_nothing_of_types(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REPAIRDESK_LANG", "zh")
    for command in ("show", "list", "report", "import", "board"):
        page = run(command, "--help")
        assert not re.search(r"<\w+>|x>=|<=x", page), command


def test_what_can_be_said_of_a_channel_stands_in_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    assert "handover-inspection" in run("intake", "--help")


def test_the_end_of_the_day_is_one_chapter(monkeypatch: pytest.MonkeyPatch) -> None:
    page = run("--help")
    assert page.lower().count("day's end") == 1
    assert page.index("handover") < page.index("escalate") < page.index("doctor")
