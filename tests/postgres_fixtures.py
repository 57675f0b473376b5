"""The tests that need a PostgreSQL: skipped where none is installed, failing in CI."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

import postgres_server as servers
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


_numbers = count(1)


@pytest.fixture(scope="session")
def database(server: servers.Server) -> Callable[[], Any]:
    """Makes a new, empty database, or one like another that nobody is connected to; answers with its URL."""
    import psycopg

    def make(like: str | None = None) -> str:
        name = f"made_{next(_numbers)}"
        with psycopg.connect(server.url(), autocommit=True) as connection:
            text = f"CREATE DATABASE {name}" + (f" TEMPLATE {like}" if like else "")
            connection.execute(text.encode())
            # Tests have clocks of their own.
            connection.execute(f"ALTER DATABASE {name} SET repairdesk.clock TO caller".encode())
        return server.url(database=name)

    return make
