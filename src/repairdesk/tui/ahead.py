"""Keys that come faster than what they do: each is handed on when what the one before it did has come.

Over a slow line, from an input method or from quick fingers keys come in bundles. A key goes to whatever has the focus
when it is read, and what moves the focus takes its time: without this, letters of a search would be verbs.
"""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING

from textual import events
from textual.app import ScreenStackError
from textual.widgets import Input

if TYPE_CHECKING:
    from textual.dom import DOMNode
    from textual.message_pump import MessagePump
    from textual.screen import Screen

    from repairdesk.tui.app import DeskApp

HELD_SECONDS = 20.0
"""So long keys wait for what they depend on; then they are let go of, for nobody remembers what they were meant for."""
LEAVES = "ctrl+q"
_STEP = 0.01
_DRAINED = 2.0
_ROUNDS = 8


class Ahead:
    """What was typed and not yet handed on, in its order."""

    def __init__(self, app: DeskApp) -> None:
        self._app = app
        self._typed: deque[events.Key | events.Paste] = deque()
        self._hands_on = False
        self.target: DOMNode | None = None
        """Who had the focus when the last key was handed on."""

    @property
    def idle(self) -> bool:
        """Whether everything that was typed has come to where it belongs."""
        return not self._hands_on

    def take(self, event: events.Key | events.Paste) -> None:
        """A key, or a text that was put in at once."""
        self._typed.append(event)
        if not self._hands_on:
            self._hands_on = True
            self._app.run_worker(self._hand_on(), group="ahead")

    async def _hand_on(self) -> None:
        try:
            with suppress(ScreenStackError):  # the program is going, and the screens before it
                while self._typed and self._app.is_running:
                    if not await self._free():
                        continue
                    event = self._typed.popleft()
                    self._app.call_later(self._app.pass_on, event)
                    # Letters in a line of text move nothing: what follows them there need not wait for each.
                    line = isinstance(self._app.screen.focused, Input)
                    if not (line and _is_text(event) and self._typed and _is_text(self._typed[0])):
                        await self._settled()
        finally:
            self._hands_on = False

    async def _free(self) -> bool:
        """Wait until nothing is under way that the next key depends on; False: the keys were let go of."""
        loop = asyncio.get_running_loop()
        since, app = loop.time(), self._app
        while _holds(app.screen, self._typed[0]):
            leaves = next((one for one in self._typed if isinstance(one, events.Key) and one.key == LEAVES), None)
            late = loop.time() - since > HELD_SECONDS
            if leaves is not None or late:
                self._typed.clear()
                if leaves is not None:
                    app.call_later(app.pass_on, leaves)
                else:
                    app.let_go()
                return False
            await asyncio.sleep(_STEP)
        return True

    async def _settled(self) -> None:
        """Wait until the last key has been heard by all whom it concerns, and what it opened stands there."""
        app = self._app
        await _drained(app)
        at: tuple[Screen[object], DOMNode | None] | None = None
        first = self.target
        for _ in range(_ROUNDS):
            screen = app.screen
            while not screen.is_mounted and app.is_running:
                await asyncio.sleep(_STEP / 2)
                screen = app.screen
            where = (screen, screen.focused)
            if where == at:
                return
            for node in (first if at is None and first is not None else screen.focused or screen).ancestors_with_self:
                # Once for the key itself, once for what it made the node say.
                await _drained(node)
                await _drained(node)
            at = where


def _is_text(event: events.Key | events.Paste) -> bool:
    return isinstance(event, events.Paste) or event.is_printable


def _holds(screen: Screen[object], event: events.Key | events.Paste) -> bool:
    """Whether what this key would do depends on something that is still under way."""
    holds = getattr(screen, "holds", None)
    return bool(holds is not None and holds(event))


async def _drained(node: MessagePump) -> None:
    """Wait until a node has heard everything that was said to it so far."""
    done = asyncio.Event()
    if node.call_later(done.set):
        try:
            await asyncio.wait_for(done.wait(), _DRAINED)
        except TimeoutError:
            return  # it is gone, and with it whoever could hear
