"""A desk for every test, verified when it is over; no proxy of the machine stands between it and the receivers."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from outgoing import Outgoing
from receivers import Letterbox, Webhook, letterbox, webhook

from repairdesk import locale


@pytest.fixture(scope="session")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("outbox") / "desk"
    Outgoing.make(home)
    return home


@pytest.fixture(autouse=True)
def _in_english() -> None:
    """Whatever language a test before was told in."""
    locale.use("en")


@pytest.fixture
def desk(tmp_path: Path, founded: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Outgoing]:
    """A desk without messages; in the end the entries tell just what is stored (REC-5)."""
    monkeypatch.setenv("NO_PROXY", "*")
    home = tmp_path / "desk"
    shutil.copytree(founded, home)
    made = Outgoing(home)
    yield made
    assert made.desk.verify()["problems"] == []


@pytest.fixture
def hook() -> Iterator[Webhook]:
    with webhook() as made:
        yield made


@pytest.fixture
def box() -> Iterator[Letterbox]:
    with letterbox() as made:
        yield made
