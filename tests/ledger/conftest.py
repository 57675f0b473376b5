"""The sample ledger: made once, copied for every test that asks for it."""

from __future__ import annotations

from pathlib import Path

import ledger_sample as sample
import pytest

from repairdesk.ledger.journal import Ledger


@pytest.fixture(scope="session")
def sample_bytes(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("sample") / "ledger.db"
    sample.build(path)
    return path.read_bytes()


@pytest.fixture
def path(tmp_path: Path, sample_bytes: bytes) -> Path:
    """A file that holds the sample."""
    made = tmp_path / "ledger.db"
    made.write_bytes(sample_bytes)
    return made


@pytest.fixture
def ledger(path: Path) -> Ledger:
    """The sample, to be read and written; nobody is waited for longer than a moment."""
    return Ledger(path, wait_seconds=0.05)
