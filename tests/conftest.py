"""What holds for every test: no desk of the machine leaks in, and no test is judged by the clock on the wall."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

# Hypothesis's deadline is a timed assertion: on a busy machine it fails what is right.
settings.register_profile("desk", deadline=None, max_examples=50)
settings.register_profile("soak", deadline=None, max_examples=2000)
settings.load_profile("desk")

HERE = Path(__file__).parent

pytest_plugins = ["postgres_fixtures", "postgres_engine"]

for name in [name for name in os.environ if name.startswith("REPAIRDESK_")]:
    del os.environ[name]

# A shell that starts the tests in the background lets them ignore Ctrl-C, and whatever they start would do the same.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


PLUGGED = ("ledger", "trust", "bench", "migrations")
"""Folders whose tests are about what is on the disk when the power goes."""


@pytest.fixture(scope="module", autouse=True)
def _nobody_pulls_the_plug(request: pytest.FixtureRequest) -> Iterator[None]:
    """A test that lives and ends in one process asks nothing of the disk: to wait for it took a third of its time."""
    if request.path.relative_to(HERE).parts[0] in PLUGGED:
        yield
        return
    from repairdesk.ledger import connection

    with pytest.MonkeyPatch.context() as patched:
        settings = tuple(one.replace("synchronous=EXTRA", "synchronous=OFF") for one in connection._FOR_WRITERS)
        assert settings != connection._FOR_WRITERS
        patched.setattr(connection, "_FOR_WRITERS", settings)
        yield


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--rule", metavar="ID", action="append", help="only the tests that show this rule, such as FEE-3")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    wanted = set(config.getoption("--rule") or ())
    if not wanted:
        return
    shown = [item for item in items if any(wanted.intersection(mark.args) for mark in item.iter_markers("rule"))]
    config.hook.pytest_deselected(items=[item for item in items if item not in shown])
    items[:] = shown
