"""The desk of every scenario: a copy of one that was made once, verified when the scenario is over."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
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


@pytest.fixture(autouse=True)
def _the_ledger_is_whole_in_the_end(request: pytest.FixtureRequest) -> Iterator[None]:
    """Whatever a scenario did, the entries tell just what is stored (REC-5)."""
    practised = request.getfixturevalue("desk") if "desk" in request.fixturenames else None
    yield
    if practised is not None:
        assert practised.problems() == []
