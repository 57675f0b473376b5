"""The only place that knows prompt_toolkit: a line that is edited at a terminal, with what it could become.

Loaded when somebody is talked to, and at no other time.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from prompt_toolkit import PromptSession
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.formatted_text import FormattedText
from prompt_toolkit.history import DummyHistory
from prompt_toolkit.input import Input
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.output import Output
from prompt_toolkit.output.defaults import create_output
from prompt_toolkit.shortcuts import CompleteStyle

from repairdesk.cli.talk.questions import Back, Choice, Stopped

_ESCAPE_SECONDS = 0.1
"""After so long Esc is Esc, and not the beginning of an arrow key that comes over a slow line."""


class _Becoming(Completer):
    """What a half-typed answer could become; each stands for the whole line."""

    def __init__(self, complete: Callable[[str], Sequence[Choice]]) -> None:
        self._complete = complete

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterator[Completion]:
        """Those that the question knows."""
        for choice in self._complete(document.text):
            yield Completion(choice.value, -len(document.text_before_cursor), display=choice.shown)


class LineEdit:
    """A terminal that can edit lines; ``where`` writes what is only to be read."""

    edits = True

    def __init__(
        self, tell: Callable[[Iterable[str]], None], *, source: Input | None = None, output: Output | None = None
    ) -> None:
        self.tell = tell
        self._session: PromptSession[str] = PromptSession(
            input=source, output=output or _output(), key_bindings=_keys(), history=DummyHistory(),
            complete_while_typing=False, complete_style=CompleteStyle.READLINE_LIKE, reserve_space_for_menu=0,
            enable_history_search=False, enable_suspend=True, mouse_support=False,
        )  # fmt: skip
        self._session.app.ttimeoutlen = _ESCAPE_SECONDS
        self._session.app.timeoutlen = _ESCAPE_SECONDS

    def ask(self, prompt: str, *, given: str = "", complete: Callable[[str], Sequence[Choice]] | None = None) -> str:
        """What is typed after the prompt.

        Raises:
            Stopped: Esc, Ctrl-C, Ctrl-D, or the terminal is gone. Back: an arrow up.
        """
        # Set on the session: handed to prompt() it would stay there for the next question.
        self._session.completer = _Becoming(complete) if complete else None
        try:
            return self._session.prompt(FormattedText([("bold", prompt)]), default=given)
        except (EOFError, OSError):
            raise Stopped from None
        except KeyboardInterrupt:
            raise Stopped(self._session.default_buffer.text) from None


def _output() -> Output:
    output = create_output(stdout=sys.stdout)
    # Nothing here needs to know where the cursor stands; a terminal that does not say is none the worse.
    setattr(output, "enable_cpr", False)  # noqa: B010 - not every output has it
    return output


def _keys() -> KeyBindings:
    keys = KeyBindings()

    def left(event: KeyPressEvent) -> None:
        event.app.exit(exception=Stopped(event.current_buffer.text), style="class:aborting")

    def back(event: KeyPressEvent) -> None:
        event.app.exit(exception=Back(), style="class:aborting")

    def ended(event: KeyPressEvent) -> None:
        if event.current_buffer.text:
            event.current_buffer.delete()
        else:
            left(event)

    bound: dict[str, Any] = {"escape": left, "c-c": left, "c-d": ended, "up": back, "s-tab": back}
    for key, handler in bound.items():
        keys.add(key, eager=True)(handler)
    return keys
