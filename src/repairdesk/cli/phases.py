"""What a command spends its time on: ``REPAIRDESK_DEBUG=time``. Loaded only then, and said on stderr without a name."""

from __future__ import annotations

import builtins
import importlib
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import perf_counter, process_time
from typing import Any

from repairdesk.errors import N_
from repairdesk.locale import tr

NAMES = {
    "start": N_("interpreter"),
    "imports": N_("imports"),
    "parsing": N_("command line"),
    "rules": N_("rules read"),
    "ledger": N_("ledger opened"),
    "verb": N_("verb"),
    "answer": N_("answer given"),
}


class Phases:
    """How long each phase took, in seconds; what has no end yet counts until now.

    The phases do not overlap: what was imported, opened or read within another one is taken off that one.
    """

    def __init__(self) -> None:
        # The processor's time: when the interpreter itself began is not known.
        self._spent = dict.fromkeys(NAMES, 0.0) | {"start": process_time()}
        self._begun = self._last = perf_counter()
        self._now = "parsing"
        self._within: list[str] = []

    def turn(self, name: str) -> None:
        """What was running until now is over; from here on time goes to this phase."""
        now = perf_counter()
        self._spent[self._now] += now - self._last
        self._last, self._now = now, name

    @contextmanager
    def inside(self, name: str) -> Iterator[None]:
        """This phase, and then on with what it interrupted."""
        before = self._now
        self.turn(name)
        try:
            yield
        finally:
            self.turn(before)

    def tell(self) -> None:
        """Say it, in milliseconds."""
        self.turn(self._now)
        parts = [f"{tr(NAMES[name])} {spent * 1000:.1f}" for name, spent in self._spent.items()]
        whole = (self._spent["start"] + self._last - self._begun) * 1000
        said = tr(N_("time (ms): {phases}; in all {whole}"))
        print(said.format(phases=tr(N_(", ")).join(parts), whole=f"{whole:.1f}"), file=sys.stderr)


def watch() -> Phases:
    """Measure from now on: puts itself around importing, opening the ledger and reading the rules."""
    phases = Phases()
    builtins.__import__ = _within(phases, "imports", builtins.__import__)
    importlib.import_module = _within(phases, "imports", importlib.import_module)
    from repairdesk.cli import common

    common.opened = lambda: _desk(phases)
    return phases


def _within(phases: Phases, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    def timed(*args: Any, **options: Any) -> Any:
        if phases._now == name:
            return function(*args, **options)
        with phases.inside(name):
            return function(*args, **options)

    return timed


def _desk(phases: Phases) -> None:
    """A command has its desk: from here on it is about its verb, and after the last look at the ledger its answer."""
    from repairdesk.desk.rulebooks import Rulebooks
    from repairdesk.ledger import connection

    phases.turn("verb")
    connection._connect = _within(phases, "ledger", connection._connect)
    Rulebooks.current = _within(phases, "rules", Rulebooks.current)  # type: ignore[method-assign]
    for name in ("reading", "writing"):
        setattr(connection, name, _until(phases, getattr(connection, name)))


def _until(phases: Phases, opening: Callable[..., Any]) -> Callable[..., Any]:
    @contextmanager
    def timed(*args: Any, **options: Any) -> Iterator[Any]:
        phases.turn("verb")
        with opening(*args, **options) as opened:
            yield opened
        phases.turn("answer")

    return timed
