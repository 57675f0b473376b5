"""The pages made from the code: every rule with a command and a test, every key with its values."""

from __future__ import annotations

import importlib
import re
from pathlib import Path
from types import ModuleType

import pytest

import test_rule_marks

ROOT = Path(__file__).resolve().parents[2]
LANGUAGES = ("zh", "en")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_rule_is_on_the_page_with_a_command_and_a_test(language: str, reference: ModuleType) -> None:
    rows = dict(re.findall(r"^\| ([A-Z]{3}-\d+) \| (.*) \|$", reference.rules_page(language), re.MULTILINE))
    assert set(rows) == test_rule_marks.RULES
    for row in rows.values():
        said, commands, tests = row.split(" | ")
        assert said
        assert "`" in commands
        assert "`tests/" in tests


def test_a_rule_that_no_test_shows_is_told(reference: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = reference.tests()
    monkeypatch.setattr(reference, "tests", lambda: {rule: found for rule, found in shown.items() if rule != "FEE-3"})
    with pytest.raises(SystemExit, match=r"no test: \['FEE-3'\]"):
        reference.rules_page("zh")


def test_a_command_that_there_is_not_is_told(reference: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reference, "commands", lambda: {"verify"})
    with pytest.raises(SystemExit, match=r"no such command: .*'intake'"):
        reference.rules_page("en")


def test_a_rule_is_one_short_line_in_each_language(reference: ModuleType) -> None:
    lines = importlib.import_module("rule_lines").lines()
    assert [rule for rule, zh, en, _ in lines if len(zh) > 40 or len(en) > 100] == []


def test_a_preset_that_differs_stands_in_the_table_with_its_value(reference: ModuleType) -> None:
    page = reference.keys_page("en")
    row = next(line for line in page.splitlines() if line.startswith("| `obligations.arrive-appointment.lead`"))
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    head = next(line for line in page.splitlines() if line.startswith("| key | `standard`"))
    presets = [cell.strip(" `") for cell in head.strip("|").split("|")]
    assert cells[presets.index("standard")] == "`5m`"
    assert cells[presets.index("sales-centre")] == "`10m`"
    assert cells[presets.index("liyuan")] == ""


def test_only_the_tests_of_a_rule_are_run(pytestconfig: pytest.Config) -> None:
    conftest = pytestconfig.pluginmanager.get_plugin(str(ROOT / "tests" / "conftest.py"))
    assert conftest is not None

    class Item:
        def __init__(self, *rules: str) -> None:
            self.rules = rules

        def iter_markers(self, name: str) -> list[pytest.Mark]:
            return [pytest.Mark(name, self.rules, {}, _ispytest=True)] if self.rules else []

    class Config:
        hook = type("Hook", (), {"pytest_deselected": staticmethod(lambda items: None)})

        def getoption(self, name: str) -> list[str]:
            return ["FEE-3"]

    wanted = Item("REC-1", "FEE-3")
    items = [Item(), wanted, Item("FEE-4")]
    conftest.pytest_collection_modifyitems(Config(), items)
    assert items == [wanted]
