"""A server with two sites that have something in every table; and what many processes of one program need."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from repairdesk import locale

# The sample of the ledger's tests, and the command line of those of the commands.
sys.path += [str(Path(__file__).parents[1] / name) for name in ("ledger", "cli")]


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    """Whatever language a command was asked to speak, the next test is English again."""
    locale.use("en")
    yield
    locale.use("en")


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    """A file that holds the sample ledger."""
    import ledger_sample

    path = tmp_path / "sample.db"
    ledger_sample.build(path)
    return path


@pytest.fixture(scope="session", autouse=True)
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Its source is compiled once for all of them, whatever the environment says."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("PYTHONPYCACHEPREFIX", str(tmp_path_factory.mktemp("bytecode")))
        yield


@pytest.fixture(scope="session")
def two_sites(database: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> str:
    """The name of a database whose sites ``east`` and ``west`` hold the sample ledger; it is copied by ``database``."""
    import ledger_sample

    from repairdesk.ledger.copying import copy
    from repairdesk.ledger.files import File
    from repairdesk.ledger.postgres import Server

    file, url = tmp_path_factory.mktemp("sample") / "ledger.db", database()
    with ledger_sample.build(file).write() as writer:
        ledger_sample.forget(writer)
    for site in ("east", "west"):
        copy(File(file), Server(url, site))
    return url.partition("?")[0].rpartition("/")[2]
