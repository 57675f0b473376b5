"""The walls of the house stand, and each of them can fail: a forbidden import planted in a copy is found.

import-linter reads the imports without running them, those inside functions too. What it cannot tell apart, an import
that runs at start from one that waits until it is needed, the last test shows with a fresh interpreter.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "repairdesk"
LINT = Path(sys.executable).with_name("lint-imports")
HEAVY = ("sqlalchemy", "sqlmodel", "pydantic", "jinja2", "apprise", "requests", "weasyprint", "vl_convert", "segno",
         "cryptography", "textual", "prompt_toolkit", "psycopg", "alembic", "mako")  # fmt: skip

# contract -> a module and what is planted in it; the module is made if it is not there yet
PLANTS = [
    ("rooms", "desk", "from repairdesk.cli import app"),
    ("rooms", "ledger/journal", "import repairdesk.desk"),
    ("rooms", "rules/load", "from repairdesk.ledger import journal"),
    ("rooms", "batch/reading", "from repairdesk.documents import paper"),
    ("domain-alone", "domain/money", "from repairdesk.ledger import journal"),
    ("domain-alone", "domain/money", "def late():\n    import repairdesk.rules.load"),
    ("domain-pure", "domain/money", "import sqlite3"),
    ("domain-pure", "domain/money", "from time import time"),
    ("domain-pure", "errors", "import os"),
    ("declared-database", "ledger/connection", "import sqlmodel"),
    ("declared-database", "desk", "def late():\n    from sqlalchemy import select"),
    ("migrations", "ledger/verify", "def late():\n    import alembic"),
    ("migrations-reached", "desk/health", "def late():\n    from repairdesk.ledger import migrations"),
    ("declared-rules", "rules/hydrate", "import pydantic"),
    ("declared-rules", "rules/load", "import yaml"),
    ("declared-reached", "ledger/journal", "from repairdesk.ledger import statements"),
    ("declared-reached", "rules/hydrate", "from repairdesk.rules.schema import Policies"),
    ("screen", "cli/app", "import rich"),
    ("screen", "cli/render/channels", "import rich"),
    ("screen", "desk", "import typer"),
    ("talking", "cli/flow", "def late():\n    import prompt_toolkit"),
    ("talking", "cli/talk/terminal", "import prompt_toolkit"),
    ("full-screen", "cli/fullscreen", "import textual"),
    ("full-screen", "desk", "def late():\n    from textual.app import App"),
    ("full-screen-reached", "cli/looking", "def late():\n    from repairdesk.tui import app"),
    ("rooms", "desk", "from repairdesk.tui import app"),
    ("workbooks", "batch/reading", "import python_calamine"),
    ("workbooks", "cli/render/tables", "import xlsxwriter"),
    ("messages", "desk", "import apprise"),
    ("messages", "cli/notices", "def late():\n    import requests"),
    ("messages", "domain/message", "import smtplib"),
    ("paper", "desk", "import jinja2"),
    ("signing", "ledger/codes", "import cryptography"),
    ("pages", "documents/paper", "import weasyprint"),
    ("pages", "documents/charts", "def late():\n    import vl_convert"),
    ("pages", "cli/paper", "import segno"),
]


def module_file(source: Path, name: str) -> Path:
    """The file of a module, whether it is a file or a package; made, with its packages, if it is not there."""
    package = source / name / "__init__.py"
    file = source / f"{name}.py"
    if package.parent.is_dir():
        file = package
    for folder in [file.parent, *file.parent.parents]:
        if folder == source.parent:
            break
        folder.mkdir(exist_ok=True)
        (folder / "__init__.py").touch()
    file.touch()
    return file


def plant(source: Path, name: str, text: str) -> None:
    """Add an import to a module. What it names is made too: an import of nothing would be no import."""
    path = module_file(source, name)
    path.write_text(path.read_text(encoding="utf-8") + f"\n\n{text}\n", encoding="utf-8")
    for target in ("cli/app", "desk", "documents/paper", "ledger/journal", "ledger/statements", "rules/load"):
        module_file(source, target)
    module_file(source, "rules/schema")


def lint(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """import-linter over the copy in this folder and over nothing else."""
    return subprocess.run(
        [LINT, "--no-logo", "--no-cache", "--config", str(folder / "pyproject.toml"), *options],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder / "src"), "NO_COLOR": "1", "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The project's contracts and a copy of its source."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    shutil.copytree(
        SOURCE, tmp_path / "src" / "repairdesk", ignore=shutil.ignore_patterns("__pycache__", "locale", "presets")
    )
    return tmp_path


def test_the_source_as_it_is_keeps_every_contract(copy: Path) -> None:
    ran = lint(copy)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert " kept, 0 broken" in ran.stdout


@pytest.mark.parametrize(("contract", "module", "text"), PLANTS)
def test_a_forbidden_import_breaks_its_contract(copy: Path, contract: str, module: str, text: str) -> None:
    plant(copy / "src" / "repairdesk", module, text)
    ran = lint(copy, "--contract", contract)
    assert ran.returncode == 1, ran.stdout + ran.stderr
    assert "0 kept, 1 broken" in ran.stdout, ran.stdout + ran.stderr
    assert f"repairdesk.{module.replace('/', '.')}" in ran.stdout


def test_every_contract_is_broken_by_some_plant() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert {contract["id"] for contract in project["tool"]["importlinter"]["contracts"]} == {row[0] for row in PLANTS}


def test_reading_the_clock_outside_the_edge_is_found(copy: Path) -> None:
    plant(copy / "src" / "repairdesk", "domain/money", "from datetime import datetime\n\nNOW = datetime.now()")
    ran = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--no-cache", "--select", "TID251", "."],
        cwd=copy,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 1, ran.stdout + ran.stderr
    assert "datetime.datetime.now" in ran.stdout


def hot_modules(source: Path) -> list[str]:
    """Every module that a command may import at its start: all but what is declared, printed or done in bulk."""
    told = "schema statements report_statements finding_statements dialects compile migrations"
    declared = tuple(f"ledger.{name}" for name in told.split())
    upgrades = ("ledger.upgrading", "desk.upgrading", "ledger.postgres", "ledger.postgres_errors")
    cold = (*declared, *upgrades, "rules", "documents", "batch", "notify", "tui", "cli.talk.lineedit")
    hot = {"rules", "rules.hydrate"}
    names = []
    for path in sorted(source.rglob("*.py")):
        parts = path.relative_to(source).with_suffix("").parts
        name = ".".join(part for part in parts if part != "__init__")
        if name and (name in hot or not any(name == room or name.startswith(f"{room}.") for room in cold)):
            names.append(f"repairdesk.{name}")
    return names


def import_all(source: Path) -> subprocess.CompletedProcess[str]:
    """Import every hot module in a fresh interpreter that stops at the first one after which a heavy library is in."""
    program = f"""
import importlib, sys
for name in {hot_modules(source)!r}:
    importlib.import_module(name)
    for heavy in {HEAVY!r}:
        if heavy in sys.modules:
            sys.exit(f"importing {{name}} loads {{heavy}}")
"""
    return subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": str(source.parent)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_nothing_that_a_command_imports_at_its_start_loads_a_heavy_library() -> None:
    ran = import_all(SOURCE)
    assert ran.returncode == 0, ran.stderr


def test_a_heavy_library_behind_a_module_of_ours_is_found_too(tmp_path: Path) -> None:
    source = tmp_path / "repairdesk"
    source.mkdir()
    module_file(source, "rules/load").write_text("import pydantic\n", encoding="utf-8")
    module_file(source, "rules/hydrate").write_text("import repairdesk.rules.load\n", encoding="utf-8")
    ran = import_all(source)
    assert ran.returncode == 1
    assert "importing repairdesk.rules.hydrate loads pydantic" in ran.stderr
