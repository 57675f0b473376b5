"""Programs and libraries that some tests look through: a browser, a reader of PDF pages.

On a laptop without them the test is skipped and says what to install; where `CI=true` it fails, so that the one place
that must have them cannot lose them unnoticed.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess

import pytest

# What to install, where the package is not named like the program (Debian and Ubuntu).
_PACKAGES = {"pdftoppm": "poppler-utils", "pdftotext": "poppler-utils", "fc-list": "fontconfig"}


def needs(*programs: str) -> None:
    """Go on only if every one of ``programs`` is on the path."""
    missing = [name for name in programs if shutil.which(name) is None]
    if missing:
        packages = " ".join(sorted({_PACKAGES.get(name, name) for name in missing}))
        without(f"not installed: {', '.join(missing)} (apt install {packages})")


def can_trace() -> None:
    """Go on only if strace is there and may follow processes, which some containers do not allow."""
    needs("strace")
    tried = subprocess.run(["strace", "-f", "-o", "/dev/null", "true"], capture_output=True, text=True, check=False)
    if tried.returncode != 0:
        without(f"strace may not follow processes here (a container needs CAP_SYS_PTRACE): {tried.stderr.strip()}")


def needs_root(what: str) -> None:
    """Go on only as root, which alone can do ``what``."""
    if os.geteuid() != 0:
        pytest.skip(f"only root is allowed {what}")


def needs_module(name: str) -> None:
    """Go on only if the Python library ``name`` can be imported."""
    if importlib.util.find_spec(name) is None:
        without(f"not installed: the library {name} (pip install -e '.[dev]')")


def without(reason: str) -> None:
    """Say why a test cannot be run here: it is skipped, or fails in CI."""
    if os.environ.get("CI", "").lower() == "true":
        pytest.fail(reason)
    pytest.skip(reason)
