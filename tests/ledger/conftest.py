"""The sample ledger: made once, copied for every test that asks for it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import ledger_sample as sample
import pytest

from repairdesk.ledger.files import File
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


@pytest.fixture(scope="session")
def sample_database(database: Callable[..., str], tmp_path_factory: pytest.TempPathFactory, sample_bytes: bytes) -> str:
    """The name of a database that holds the sample."""
    from repairdesk.ledger.copying import copy
    from repairdesk.ledger.postgres import Server

    file = tmp_path_factory.mktemp("copied") / "ledger.db"
    file.write_bytes(sample_bytes)
    url = database()
    copy(File(file), Server(url))
    return url.partition("?")[0].rpartition("/")[2]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """What asks the ledger alone, and not its file, is asked of both databases: the contract of the ledger."""
    names = metafunc.fixturenames
    if "ledger" in names and "path" not in names and metafunc.definition.get_closest_marker("sqlite") is None:
        metafunc.parametrize("ledger", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture
def ledger(request: pytest.FixtureRequest) -> Ledger:
    """The sample, to be read and written; nobody is waited for longer than a moment."""
    if getattr(request, "param", "sqlite") == "sqlite":
        return Ledger(request.getfixturevalue("path"), wait_seconds=0.05)
    from repairdesk.ledger.postgres import Server

    sample = request.getfixturevalue("sample_database")
    return Ledger(Server(request.getfixturevalue("database")(sample)), wait_seconds=0.05)
