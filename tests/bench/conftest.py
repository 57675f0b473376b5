"""The parts of the benchmark, as its scripts see one another."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

import pytest

BENCH = Path(__file__).parents[2] / "bench"
MODULES = "pairs page ledgers floors cold_start sizes batch imports peers suite".split()


class Parts(NamedTuple):
    """The modules of the benchmark."""

    pairs: ModuleType
    page: ModuleType
    ledgers: ModuleType
    floors: ModuleType
    cold_start: ModuleType
    sizes: ModuleType
    batch: ModuleType
    imports: ModuleType
    peers: ModuleType
    suite: ModuleType


@pytest.fixture(scope="session")
def bench() -> Iterator[Parts]:
    """Every module of it; their names are common ones, and nobody else's afterwards."""
    sys.path.insert(0, str(BENCH))
    try:
        parts = Parts(*(importlib.import_module(name) for name in MODULES))
        # What is lived through is as long as it must be for one order to go to the file.
        parts.ledgers.LIVED = 22
        yield parts
    finally:
        sys.path.remove(str(BENCH))
        for name in MODULES:
            sys.modules.pop(name, None)


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("ledgers")


@pytest.fixture
def home(bench: Parts, cache: Path, tmp_path: Path) -> Path:
    """A copy of a ledger of 120 orders."""
    return Path(bench.ledgers.copied(bench.ledgers.ledger(120, cache), tmp_path / "desk"))
