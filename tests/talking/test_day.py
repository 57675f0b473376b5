"""A day at the desk, typed at a terminal: what it costs in keys, and that nothing that was said is lost."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from clerk import TECHNICIANS, Clerk, Cost, furnished
from day import SCREEN, short, whole
from shell import Shell
from talker import done

from tools_needed import needs, needs_module

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))
import day_page  # noqa: E402  (a tool of the repository, not of the package)

CALLS = 40
MOST = {"intake": 12, "intake, emergency": 12, "desk: intake": 12, "assign": 3, "desk: assign": 3, "sign": 5}
"""Keys besides the words: of a call from a place that is known, and of what is done most often after it."""


@pytest.fixture
def clerk(tmp_path: Path) -> Iterator[Clerk]:
    """Sits at a terminal of a desk that knows its people and its households."""
    needs("bash")
    home = tmp_path / "desk"
    furnished(home)
    shell = Shell(home)
    yield Clerk(shell)
    shell.leave()


def kept(costs: Sequence[Cost]) -> None:
    """Nothing takes more keys than it may."""
    for what, most in MOST.items():
        assert [one for one in costs if one.what == what and one.besides > most] == []


def test_six_calls_with_mistakes_interruptions_and_a_refusal(clerk: Clerk) -> None:
    short(clerk)
    assert clerk.calls == 6
    kept(clerk.costs)
    home = ("--home", str(clerk.shell.home))
    orders = done("list", "--limit", "99", *home)["orders"]
    assert len(orders) == 5, "one of the calls was joined to an open order"
    faults = {doc["place"]: doc["fault"] for doc in orders}
    assert faults["1-1-702"] == "厨房水管漏水", "half a word was kept when the line went dead"
    assert faults["2-2-301"] == "卧室灯泡坏了"
    tap = next(doc for doc in orders if doc["place"] == "3-2-501")
    assert (tap["state"], tap["assignee"], tap["rating"]) == ("signed", "W2", "very-satisfied")
    assert "Traceback" not in clerk.shell.text


@pytest.mark.slow
def test_forty_calls_cost_what_the_guide_says(clerk: Clerk) -> None:
    needs_module("textual")
    whole(clerk)
    assert clerk.calls == CALLS
    kept(clerk.costs)
    home = ("--home", str(clerk.shell.home))
    orders = done("list", "--limit", "99", *home)["orders"]
    assert len([doc for doc in orders if doc["number"].startswith("P")]) == CALLS - 1
    assert {doc["fault"] for doc in orders} >= {fault for _, fault in SCREEN}
    assert done("verify", *home)["ok"]
    assert "Traceback" not in clerk.shell.text
    for language, page in day_page.PAGES.items():
        text = page.read_text(encoding="utf-8")
        assert day_page.with_table(text, clerk.costs, language) == text, "tools/day_page.py --table"


def test_the_desk_of_that_day_has_twelve_technicians() -> None:
    assert len(TECHNICIANS) == 12


@pytest.mark.parametrize("language", day_page.PAGES)
def test_the_screens_of_the_guide_are_there_and_its_table_names_everything_that_was_done(language: str) -> None:
    text = day_page.PAGES[language].read_text(encoding="utf-8")
    for name in day_page.KEPT:
        assert f"images/{name}.svg" in text
        assert (day_page.IMAGES / f"{name}.svg").is_file()
    table = text.partition(day_page.BEGINS)[2].partition(day_page.ENDS)[0]
    assert all(f"| {spoken[language == 'en']} |" in table for spoken in day_page.SPOKEN.values())
