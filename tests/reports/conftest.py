"""The desk that scenarios practise on, here for months that are counted by hand."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parent.parent / "procedure"))

from practice import Practice


@pytest.fixture(scope="session")
def desk_as_founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a new desk with its staff; never written to again."""
    home = tmp_path_factory.mktemp("founded") / "desk"
    Practice.make(home)
    return home


@pytest.fixture
def desk(tmp_path: Path, desk_as_founded: Path) -> Practice:
    """A desk with its staff and no order yet."""
    home = tmp_path / "desk"
    shutil.copytree(desk_as_founded, home)
    return Practice(home)
