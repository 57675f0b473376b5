"""A desk for each test of the screen: a copy of one that is made once."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from full_screen import made

from repairdesk import locale


@pytest.fixture(scope="session")
def _made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("screen") / "desk"
    made(home)
    return home


@pytest.fixture
def home(_made: Path, tmp_path: Path) -> Path:
    """A desk with an order in every state."""
    folder = tmp_path / "desk"
    shutil.copytree(_made, folder)
    return folder


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    locale.use("en")
    yield
    locale.use("en")
