"""The desk's chapters are imported when they are asked for, and are all there."""

from __future__ import annotations

import ast
import inspect
import os
import subprocess
import sys
from collections import Counter
from importlib import import_module
from pathlib import Path

import pytest

import repairdesk.desk
from repairdesk.desk import CHAPTERS, Desk, leaving
from repairdesk.desk.base import Base

SOURCE = Path(repairdesk.desk.__file__).parents[2]

ASKED = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from repairdesk.desk import Desk
desk = Desk(Path("nowhere"), lambda: datetime.now(UTC))
before = set(sys.modules)
desk.{verb}
print(*(name.removeprefix("repairdesk.desk.") for name in sys.modules if name.startswith("repairdesk.desk.")))
"""


def chapter(name: str) -> type[Base]:
    found: type[Base] = getattr(import_module(f"repairdesk.desk.{name}"), name.capitalize())
    return found


def test_the_table_has_every_verb_that_the_chapters_have_and_no_other() -> None:
    verbs = {name: {verb for verb in vars(chapter(name)) if not verb.startswith("_")} for name in CHAPTERS}
    assert {name: set(said.split()) for name, said in CHAPTERS.items()} == verbs


def test_every_file_with_a_chapter_is_in_the_table() -> None:
    files = Path(repairdesk.desk.__file__).parent.glob("*.py")
    assert {file.stem for file in files if "(Base):" in file.read_text() and file.stem != "__init__"} == set(CHAPTERS)


def test_what_is_checked_is_what_runs() -> None:
    """The class that the type checker sees is made of the very chapters of the table."""
    tree = ast.parse(Path(repairdesk.desk.__file__).read_text())
    first = next(node for node in ast.walk(tree) if isinstance(node, ast.ClassDef) and node.name == "Desk")
    bases = [base.id for base in first.bases if isinstance(base, ast.Name)]
    assert bases == [name.capitalize() for name in CHAPTERS]


def test_no_two_chapters_use_one_name_for_two_things() -> None:
    names = Counter(name for one in CHAPTERS for name in vars(chapter(one)) if not name.startswith("__"))
    assert [name for name, times in names.items() if times > 1] == []
    assert not set(names) & {name for name in vars(Base) if not name.startswith("__")}


@pytest.mark.parametrize("verb", [verb for verbs in CHAPTERS.values() for verb in verbs.split()])
def test_every_verb_is_found_on_the_desk(verb: str) -> None:
    name = next(name for name, verbs in CHAPTERS.items() if verb in verbs.split())
    assert inspect.unwrap(getattr(Desk, verb)) is vars(chapter(name))[verb]


def test_every_verb_leaves_by_the_door_that_masks_but_those_that_are_named() -> None:
    verbs = {verb for said in CHAPTERS.values() for verb in said.split()}
    assert {verb for verb in verbs if not hasattr(getattr(Desk, verb), "__wrapped__")} == leaving.IN_FULL


@pytest.mark.parametrize(("verb", "unasked"), [("intake", "escalating"), ("why", "rehearsing"), ("show", "health")])
def test_a_verb_brings_its_own_chapter_along_and_no_idle_one(verb: str, unasked: str) -> None:
    env = {**os.environ, "PYTHONPATH": str(SOURCE)}
    ran = subprocess.run(
        [sys.executable, "-c", ASKED.format(verb=verb)], env=env, capture_output=True, text=True, check=True
    )
    loaded = set(ran.stdout.split())
    assert next(name for name, verbs in CHAPTERS.items() if verb in verbs.split()) in loaded
    assert unasked not in loaded
