"""Desks as every version left them."""

from __future__ import annotations

import os
from pathlib import Path

import kept
import pytest

from repairdesk.cli import common


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No variable of the machine decides, nobody known sits at the keyboard, and the clock is the stories'."""
    for name in [name for name in os.environ if name.startswith(("REPAIRDESK_", "LC_", "LANG", "XDG_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path / "nowhere"))
    # What is typed sets both; afterwards they are as they were.
    monkeypatch.setattr(common, "clock", common.clock)
    monkeypatch.setattr(common, "os_user", common.os_user)


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """The desk of the earliest version that can be upgraded."""
    return kept.unpacked(min(kept.VERSIONS), tmp_path / "old")
