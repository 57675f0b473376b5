"""The page about the life of an order is what the table says now."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from repairdesk.domain import guards
from repairdesk.domain.lifecycle import STATES, TABLE

TOOL = Path(__file__).resolve().parents[2] / "tools" / "lifecycle_page.py"


@pytest.fixture
def tool(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The generator, which is no part of the package."""
    spec = importlib.util.spec_from_file_location("lifecycle_page", TOOL)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "lifecycle_page", module)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_what_the_table_says_now(tool: ModuleType) -> None:
    assert tool.PAGE.read_text(encoding="utf-8") == tool.page(), "make lifecycle"
    assert tool.main(["--check"]) == 0


def test_a_changed_table_makes_the_page_stale(
    tool: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(tool, "TABLE", (*TABLE[:-1], TABLE[-1]._replace(rule="REC-2")))
    assert tool.main(["--check"]) == 1
    assert "make lifecycle" in capsys.readouterr().err


def test_the_page_has_every_state_every_command_and_every_condition(tool: ModuleType) -> None:
    page = tool.page()
    drawn = page.split("```mermaid")[1] + page.split("```mermaid")[2]
    assert not [state for state in STATES if state not in drawn]
    assert not [row.typed for row in TABLE if f"`{row.typed}`" not in page]
    every = {guard for row in TABLE for guard in (*row.persons, *row.standing, *row.guards)}
    assert not [guard for guard in every if guards.sentences(guard)[0].replace("|", "\\|") not in page]


def test_writing_makes_the_page_that_is_checked(
    tool: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tool, "PAGE", tmp_path / "docs" / "lifecycle.md")
    assert tool.main(["--check"]) == 1
    assert tool.main([]) == 0
    assert tool.main(["--check"]) == 0
    assert tool.main(["--chekc"]) == 2
