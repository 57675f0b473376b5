"""How far it is, drawn on a terminal while somebody waits."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any

from repairdesk.cli.render.channels import plain

Tell = Callable[[int, int | None], None]
"""Told how much is done, and how much there is; None: nobody knows."""


@contextmanager
def shown(what: str) -> Iterator[Tell | None]:
    """On a terminal's stderr: how far it is, how fast, and how long it still takes; elsewhere nobody is told."""
    if not sys.stderr.isatty():
        yield None
        return
    bar = _Bar(what)
    try:
        yield bar.tell
    finally:
        bar.stop()


class _Bar:
    """A line that is drawn anew; it begins with the first that is told, and leaves nothing behind."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._drawn = 0.0
        self._bar: Any = None

    def tell(self, done: int, of: int | None) -> None:
        """So much is done."""
        now = monotonic()
        if self._bar is None:
            self._begin(of)
        elif now - self._drawn < _DRAWN_EVERY and done != of:
            return
        self._drawn = now
        self._bar.update(self._task, completed=done, total=of, refresh=True)

    def stop(self) -> None:
        """Take it away."""
        if self._bar is not None:
            self._bar.stop()

    def _begin(self, of: int | None) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
        from rich.text import Text

        class Rate(ProgressColumn):
            """So many a second."""

            def render(self, task: Task) -> Text:
                return Text(f"{task.finished_speed or task.speed or 0:,.0f}/s")

        # No thread of its own: verify makes a copy of the process.
        self._bar = Progress(
            TextColumn("{task.description}", markup=False), BarColumn(), TextColumn("{task.completed:,}"), Rate(),
            TimeRemainingColumn(), console=Console(stderr=True), transient=True, auto_refresh=False,
            redirect_stdout=False, redirect_stderr=False,
        )  # fmt: skip
        self._task = self._bar.add_task(plain(self._what), total=of)
        self._bar.start()


_DRAWN_EVERY = 0.1
"""Seconds."""
