"""A desk with a clerk and a technician, made once and copied for every test; and files to import into it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from repairdesk.desk import By, Desk
from repairdesk.desk.founding import found

NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
Write = Callable[[str | bytes], Path]


@pytest.fixture(scope="session")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("founded") / "desk"
    keyboard = By(None, "pc")
    found(home, "standard", keyboard, NOW)
    desk = Desk(home, lambda: NOW)
    desk.staff_add(keyboard, "C1", name="Lin", role="clerk")
    desk.staff_add(keyboard, "W1", name="Zhao", role="technician")
    return home


@pytest.fixture
def desk(founded: Path, tmp_path: Path) -> Desk:
    """A desk at 14:00 on 2026-11-22, Shanghai."""
    home = tmp_path / "desk"
    shutil.copytree(founded, home)
    return Desk(home, lambda: NOW)


@pytest.fixture
def clerk() -> By:
    return By("C1", "pc")


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a file to import: text in UTF-8, or bytes as they are."""

    def file(content: str | bytes) -> Path:
        path = tmp_path / "reports.csv"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return file
