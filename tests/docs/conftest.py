"""The tools that make the docs are no part of the package; they lie in tools/."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

TOOLS = Path(__file__).resolve().parents[2] / "tools"


@pytest.fixture(scope="module")
def tools() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(TOOLS))
        yield


@pytest.fixture
def website(tools: None) -> ModuleType:
    return import_module("website")


@pytest.fixture(scope="module")
def reference(tools: None) -> ModuleType:
    return import_module("reference")
