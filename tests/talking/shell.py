"""A clerk's terminal: a shell in it, in which everything is typed, and what stands on its screen.

Keys are counted as they are typed, so that what a call costs is measured where it is paid.
"""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pexpect
import pyte

SOURCE = Path(__file__).resolve().parents[2] / "src"
PATIENCE = 30
"""Seconds after which a screen is not what it should be; nothing else depends on time."""
PROMPT = "值班室$"
ENTER, ESC, CTRL_C, CTRL_S, UP, DOWN, TAB = "\r", "\x1b", "\x03", "\x13", "\x1b[A", "\x1b[B", "\t"
_STARTED = f"""PS1='\\[\\e]2;$?\\a\\]{PROMPT} '; HISTFILE=; bind 'set enable-bracketed-paste off'; stty -ixon
repairdesk() {{ "{sys.executable}" -c 'from repairdesk.cli.__main__ import run; run()' "$@"; }}; clear
"""
_UNKNOWN = re.compile(rb"\x1b\[(?:[<>=?][0-9;]*[$a-zA-Z]*[up]|[>=<][0-9;]*[a-zA-Z])|\x1bP.*?\x1b\\", re.DOTALL)
"""What a screen of today is asked and pyte would print."""
_WHOLE = re.compile(rb"\x1b(?:\[[0-9;:<=>?$]*[a-zA-Z]|\].*(?:\x07|\x1b\\)|P.*\x1b\\|[^\[\]P])", re.DOTALL)
Row = list[pyte.screens.Char]


class _Screen(pyte.Screen):
    """A screen that remembers what went out at its top; pyte's own does so at three times the cost."""

    def __init__(self, columns: int, lines: int) -> None:
        self.gone: list[str] = []
        super().__init__(columns, lines)

    def index(self) -> None:
        if self.cursor.y == self.lines - 1 and not self.margins:
            self.gone.append(_text(self, 0))
        super().index()


class Shell:
    """A shell behind a terminal of so many columns and lines, on the desk in ``home``."""

    def __init__(self, home: Path, columns: int = 80, lines: int = 24, **env: str) -> None:
        self._screen = _Screen(columns, lines)
        self._stream = pyte.ByteStream(self._screen)
        self._half = b""
        self.home = home
        self.keys = 0
        """Pressed so far; a Chinese character is one."""
        kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ}
        # The shell edits Chinese lines though the machine may know no Chinese locale; the program goes by LANG.
        said = {"LANG": "zh_CN.UTF-8", "LC_CTYPE": "C.UTF-8", "TERM": "xterm-256color", "REPAIRDESK_HOME": str(home),
                "HOME": str(home.parent), "PYTHONPATH": str(SOURCE), "PYTHONDONTWRITEBYTECODE": "1",
                "BASH_SILENCE_DEPRECATION_WARNING": "1", "COLORTERM": "truecolor", **env}  # fmt: skip
        self.process = pexpect.spawn(
            "bash", ["--norc", "--noprofile"], dimensions=(lines, columns), env=kept | said, timeout=PATIENCE
        )
        self.process.delaybeforesend = None
        self.process.send(_STARTED)
        self.until(PROMPT, lambda: self._screen.title == "0" and not self._screen.cursor.y)
        self._since = self.line

    def type(self, text: str) -> Shell:
        """Keys, all at once."""
        self.keys += 1 if text.startswith("\x1b") else len(text)
        self._since = self.line
        self.process.send(text)
        return self

    def until(self, text: str, also: Callable[[], bool] = lambda: True) -> Shell:
        """Read until the text stands in the line of the cursor."""
        return self.see(lambda: text in self.at_cursor and also(), text)

    def next(self, text: str, below: int = 1) -> Shell:
        """The same, in a line so far below the one in which something was typed last."""
        return self.until(text, lambda: self.line >= self._since + below)

    def see(self, holds: Callable[[], bool], what: str) -> Shell:
        """Read until something is so.

        Raises:
            AssertionError: it never was; with what is there.
        """
        ends = time.monotonic() + PATIENCE
        while not holds():
            assert time.monotonic() < ends, f"{what!r} never came\n{self.text}"
            self.read(0.2)
        return self

    def read(self, seconds: float) -> bool:
        """Read what comes within so many seconds; whether anything came."""
        try:
            data = self._half + self.process.read_nonblocking(65536, seconds)
        except pexpect.TIMEOUT:
            return False
        except (pexpect.EOF, OSError):
            raise AssertionError(f"the shell is gone\n{self.text}") from None
        # A sequence that is not whole yet waits for its end.
        cut = data.rfind(b"\x1b", max(0, len(data) - 32))
        whole = cut < 0 or _WHOLE.match(data, cut)
        self._half = b"" if whole else data[cut:]
        # pyte has one screen alone: whoever leaves the other one finds an empty one.
        known = _UNKNOWN.sub(b"", data if whole else data[:cut])
        self._stream.feed(known.replace(b"\x1b[?1049l", b"\x1b[2J\x1b[H"))
        return True

    def rest(self) -> Shell:
        """Read until nothing comes any more."""
        while self.read(0.3):
            pass
        return self

    def run(self, line: str) -> int:
        """A command to its end; its exit code."""
        self.type(line + ENTER)
        return self.end()

    def end(self, *, of_screen: bool = False) -> int:
        """Wait until the shell asks for the next command; the exit code of the one before.

        ``of_screen``: it filled the screen, which is empty afterwards, so that the shell may ask where the cursor was.
        """
        self.see(lambda: (of_screen or self.line != self._since) and self._at(0).strip() == PROMPT, "the end")
        return int(self._screen.title)

    def clear(self) -> None:
        """An empty screen, as somebody likes it before something else begins."""
        self.process.send("\x0c")
        self.see(lambda: self._screen.cursor.y == 0, "an empty screen")
        self._since = self.line

    def leave(self) -> None:
        """Close the terminal."""
        self.process.close(force=True)

    @property
    def at_cursor(self) -> str:
        """The line of the cursor, and the one above, which it may go on from."""
        return self._at(-1) + self._at(0)

    def _at(self, off: int) -> str:
        y = self._screen.cursor.y + off
        return _text(self._screen, y) if y >= 0 else ""

    @property
    def rows(self) -> list[Row]:
        """The cells of the screen; the second of a broad sign is empty."""
        return [
            [self._screen.buffer[y][x] for x in range(self._screen.columns)] for y in range(self._screen.lines)
        ]  # fmt: skip

    @property
    def display(self) -> list[str]:
        """The lines of the screen."""
        return [_text(self._screen, y) for y in range(self._screen.lines)]

    @property
    def text(self) -> str:
        """Everything that stood on the screen since the shell began, and stands there."""
        return self.since(0)

    @property
    def line(self) -> int:
        """The line of the cursor, counted from the first that ever was."""
        return len(self._screen.gone) + int(self._screen.cursor.y)

    def since(self, line: int) -> str:
        """What stands in that line and below it."""
        rows = (*self._screen.gone[line:], *self.display[max(0, line - len(self._screen.gone)) :])
        return "\n".join(row.rstrip() for row in rows)


def _text(screen: pyte.Screen, y: int) -> str:
    return "".join(screen.buffer[y][x].data for x in range(screen.columns))
