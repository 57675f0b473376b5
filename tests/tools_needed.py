"""Programs and libraries that some tests look through: a browser, a reader of PDF pages.

On a laptop without them the test is skipped and says what to install; where `CI=true` it fails, so that the one place
that must have them cannot lose them unnoticed.
"""

from __future__ import annotations

import importlib.util
import os
import shutil

import pytest

# What to install, where the package is not named like the program (Debian and Ubuntu).
_PACKAGES = {"pdftoppm": "poppler-utils", "pdftotext": "poppler-utils", "fc-list": "fontconfig"}


def needs(*programs: str) -> None:
    """Go on only if every one of ``programs`` is on the path."""
    missing = [name for name in programs if shutil.which(name) is None]
    if missing:
        packages = " ".join(sorted({_PACKAGES.get(name, name) for name in missing}))
        _without(f"not installed: {', '.join(missing)} (apt install {packages})")


def needs_module(name: str) -> None:
    """Go on only if the Python library ``name`` can be imported."""
    if importlib.util.find_spec(name) is None:
        _without(f"not installed: the library {name} (pip install -e '.[dev]')")


def _without(reason: str) -> None:
    if os.environ.get("CI", "").lower() == "true":
        pytest.fail(reason)
    pytest.skip(reason)
