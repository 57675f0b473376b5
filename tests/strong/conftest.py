"""A machine with a desk in strong mode: made by root with sudo, skipped where that is not to be had, failing in CI."""

from __future__ import annotations

import os
import secrets
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import strong_machine

from tools_needed import needs, without


@pytest.fixture(scope="module")
def machine() -> Iterator[strong_machine.Machine]:
    """A desk in strong mode, and its people."""
    if os.geteuid() != 0:
        without("only root can make accounts and rules of sudo (run the tests as root in a container)")
    needs("sudo", "visudo", "useradd", "runuser", "setpriv")
    # Not pytest's own folder, which only root may enter.
    with tempfile.TemporaryDirectory(prefix="rd-strong-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)
        before = os.umask(0o022)
        try:
            python = strong_machine.interpreter(folder)
            with strong_machine.machine(folder, secrets.token_hex(3), python) as made:
                yield made
        finally:
            os.umask(before)
