"""The program of the full screen: its rooms, its one main screen, and how it ends."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import App
from textual.binding import Binding, BindingType
from textual.worker import WorkerFailed

from repairdesk.errors import N_
from repairdesk.locale import tr
from repairdesk.tui.ahead import Ahead
from repairdesk.tui.forms import Form
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
    VERTICAL_BREAKPOINTS = [(0, "-low"), (24, "-high")]  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+q", "quit", show=False, priority=True)]

    def __init__(self, opening: Opening) -> None:
        # Without colours nothing is set in grey either; what is highlighted is set in reverse (look.py).
        super().__init__(ansi_color=True if os.environ.get("NO_COLOR") else None)
        self.opening = opening
        self.looking = Room(opening, LOOKING_WAIT)
        self.doing = Room(opening, None)
        self.telling = Room(opening, None)
        self.ahead = Ahead(self)

    async def on_event(self, event: events.Event) -> None:
        """Keys wait for what the keys before them did; everything else comes as it comes."""
        if isinstance(event, (events.Key, events.Paste)) and not event.is_forwarded:
            self.ahead.take(event)
        else:
            await super().on_event(event)

    async def pass_on(self, event: events.Key | events.Paste) -> None:
        """A key whose turn it is."""
        self.ahead.target = self.screen.focused or self.screen
        await super().on_event(event)

    def let_go(self) -> None:
        """Keys waited too long for what they depended on."""
        main = self.screen_stack[0]
        if isinstance(main, Main):
            main.tell(tr(N_("what was typed meanwhile was let go of: nothing came for too long")))

    def get_default_screen(self) -> Screen[None]:
        """The one that lives all day."""
        return Main(self.opening, self.looking, self.doing, self.telling)

    def action_help_quit(self) -> None:
        """Ctrl-C: nothing is lost by it, and nothing ends by it."""
        if isinstance(self.screen, Main):
            self.screen.tell(tr(N_("Ctrl+Q leaves")))

    async def action_quit(self) -> None:
        """Leave; what stands in a form is kept."""
        self.keep()
        self.exit()

    def keep(self) -> None:
        """What stands in a form and is not done."""
        from repairdesk.tui.intake import Intake

        for screen in self.screen_stack:
            if isinstance(screen, (Form, Intake)) and screen.is_mounted:
                screen.keep_now()

    def on_mount(self) -> None:
        """A terminal that is closed takes nothing with it."""
        if threading.current_thread() is threading.main_thread():
            with suppress(NotImplementedError, ValueError, RuntimeError):
                for number in ("SIGHUP", "SIGTERM"):
                    if hasattr(signal, number):
                        asyncio.get_running_loop().add_signal_handler(getattr(signal, number), self.cut_off, number)

    def cut_off(self, number: str) -> None:
        """The line is gone, or somebody ends the program."""
        self.keep()
        if number == "SIGTERM":
            self.exit(return_code=128 + signal.SIGTERM)
            return
        # Nobody is there any more to whom the screen could be given back.
        signal.signal(getattr(signal, number), signal.SIG_DFL)
        os.kill(os.getpid(), getattr(signal, number))

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
