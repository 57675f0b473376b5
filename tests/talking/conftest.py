"""A desk that knows its households and has orders in hand, made once and copied for each test."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from talker import CLOCK, Talker, found

from repairdesk.cli import common


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No variable and no folder of the machine decides, and nobody known sits at the keyboard."""
    for name in [name for name in os.environ if name.startswith(("REPAIRDESK_", "LC_", "LANG", "XDG_", "NO_COLOR"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("REPAIRDESK_LANG", "zh")
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("HOME", str(tmp_path / "nowhere"))
    monkeypatch.setattr(common, "os_user", lambda: "keyboard")
    monkeypatch.setattr(common, "clock", CLOCK)
    CLOCK.reset()


@pytest.fixture(scope="session")
def desk_as_it_was(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Never written to again."""
    home = tmp_path_factory.mktemp("talking") / "desk"
    CLOCK.reset()
    # It is made before what holds for each test does, and others leave their clock where it is for as long as they run.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(common, "os_user", lambda: "keyboard")
        patch.setattr(common, "clock", CLOCK)
        found(home)
    return home


@pytest.fixture
def talker(tmp_path: Path, desk_as_it_was: Path, monkeypatch: pytest.MonkeyPatch) -> Talker:
    """Somebody at a terminal of that desk."""
    home = tmp_path / "desk"
    shutil.copytree(desk_as_it_was, home)
    monkeypatch.setenv("REPAIRDESK_HOME", str(home))
    return Talker(home, monkeypatch)
