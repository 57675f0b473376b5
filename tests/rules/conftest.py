"""The standard files as text, and a way to break them at one place."""

from __future__ import annotations

import pytest

from repairdesk.rules.preset import preset_text


@pytest.fixture(scope="session")
def policies_text() -> str:
    return preset_text("standard")[0]


@pytest.fixture(scope="session")
def fees_text() -> str:
    return preset_text("standard")[1]
