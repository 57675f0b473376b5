"""The program of the full screen: its rooms, its one main screen, and how it ends."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, ClassVar

from textual.app import App
from textual.binding import Binding, BindingType
from textual.worker import WorkerFailed

from repairdesk.errors import N_
from repairdesk.locale import tr
from repairdesk.tui.look import CSS
from repairdesk.tui.main import Main
from repairdesk.tui.room import Opening, Room

if TYPE_CHECKING:
    from textual.screen import Screen

LOOKING_WAIT = 0.5
"""Seconds that a look waits for whoever writes; the next one comes soon."""


class DeskApp(App[None]):
    """The desk, for as long as somebody sits at it."""

    CSS = CSS
    ENABLE_COMMAND_PALETTE = False
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (120, "-wide")]  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+q", "quit", show=False, priority=True)]

    def __init__(self, opening: Opening) -> None:
        # Without colours nothing is set in grey either; what is highlighted is set in reverse (look.py).
        super().__init__(ansi_color=True if os.environ.get("NO_COLOR") else None)
        self.opening = opening
        self.looking = Room(opening, LOOKING_WAIT)
        self.doing = Room(opening, None)
        self.telling = Room(opening, None)

    def get_default_screen(self) -> Screen[None]:
        """The one that lives all day."""
        return Main(self.opening, self.looking, self.doing, self.telling)

    def action_help_quit(self) -> None:
        """Ctrl-C: nothing is lost by it, and nothing ends by it."""
        if isinstance(self.screen, Main):
            self.screen.tell(tr(N_("Ctrl+Q leaves")))

    def on_unmount(self) -> None:
        """Let go of the ledger."""
        for room in (self.looking, self.doing, self.telling):
            room.close()

    @property
    def broken(self) -> BaseException | None:
        """A mistake of the program that ended it."""
        return self._exception.error if isinstance(self._exception, WorkerFailed) else self._exception

    def _print_error_renderables(self) -> None:
        # Who started it says what went wrong, in its own words and with its own code.
        self._exit_renderables.clear()


def run(opening: Opening) -> None:
    """Show the desk until somebody leaves it."""
    app = DeskApp(opening)
    app.run()
    if app.broken is not None:
        raise app.broken
