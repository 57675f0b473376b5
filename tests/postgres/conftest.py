"""The tests that need a PostgreSQL: skipped where none is installed, failing in CI."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import postgres_server as servers
import pytest

from tools_needed import needs_module, without


@pytest.fixture(scope="session")
def server() -> Iterator[servers.Server]:
    """A server for all tests of this run."""
    needs_module("psycopg")
    programs = servers.programs()
    if programs is None:
        without("PostgreSQL is not installed: initdb, pg_ctl (apt install postgresql)")
        raise AssertionError("unreachable")
    # Not pytest's own folder: the path of a socket has room for some hundred characters, and only root may enter that.
    with tempfile.TemporaryDirectory(prefix="rd-pg-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        with servers.running(Path(folder), programs) as started:
            yield started
