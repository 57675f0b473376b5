"""The terminal: how wide and how high it is, whether it knows colours, and what shows an answer that is longer."""

from __future__ import annotations

import io
import os
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress

from repairdesk import lent
from repairdesk.locale.width import folded, width

PAGER = "REPAIRDESK_PAGER"
"""Before ``PAGER``: what shows a long answer; ``cat`` or nothing: it is written out."""
_NONE = ("", "cat")
_USUAL = {"LESS": "FRX", "LESSCHARSET": "utf-8"}
"""How ``less`` shows it, where nobody says otherwise: as it is, and nothing of it is gone afterwards."""
_LEAST = 40
"""Columns; on a narrower terminal lines run over, as words in pieces say less."""

STYLES = {"bad": "1;31", "late": "31", "waits": "33", "good": "32", "dim": "2"}
"""What a colour means: something urgent, something overdue, a clock that stands still, all is well, nothing now.

Each says in words, too, what it means: nobody has to see it.
"""


def dumb(environ: Mapping[str, str] = os.environ) -> bool:
    """Whether the terminal can do nothing but write."""
    return environ.get("TERM", "").casefold() in ("dumb", "unknown")


def columns() -> int:
    """How wide it is: as ``COLUMNS`` says, else as it says itself."""
    return shutil.get_terminal_size().columns


def coloured(environ: Mapping[str, str] = os.environ) -> bool:
    """Whether anybody sees colours, and wants to (https://no-color.org)."""
    return sys.stdout.isatty() and not environ.get("NO_COLOR") and not dumb(environ)


def styled(text: str, style: str) -> str:
    """A text with what its colour means."""
    return f"\x1b[{STYLES[style]}m{text}\x1b[0m" if style and coloured() else text


def fitting(text: str) -> str:
    """A line as it fits the terminal: folded between words, what follows indented a little more."""
    room = columns()
    if room < _LEAST or width(text) <= room:
        return text
    indent = " " * min(len(text) - len(text.lstrip(" ")) + 2, room // 2)
    return folded(text, room, indent)


class _Held(io.StringIO):
    """What would have gone to the terminal, and the notes that are said once it stands there."""

    encoding = "utf-8"
    errors = "backslashreplace"

    def __init__(self) -> None:
        super().__init__()
        self.notes: list[str] = []

    def isatty(self) -> bool:
        return True


@contextmanager
def paged(*, off: bool = False) -> Iterator[None]:
    """Whatever is written inside is shown by a pager, if it is longer than the terminal and somebody sits there.

    It is gathered first: while somebody reads, the command is over and holds nothing.
    """
    command = [] if off or not _watched() else _pager()
    if not command:
        yield
        return
    terminal, held = sys.stdout, _Held()
    sys.stdout = held
    try:
        yield
    except BaseException:
        command = []
        raise
    finally:
        sys.stdout = terminal
        text = held.getvalue()
        if not command or _fits(text) or not _shown(text, command):
            terminal.write(text)
            terminal.flush()
        sys.stderr.write("".join(held.notes))


def said_later(text: str) -> bool:
    """Whether a note waits for the answer before it, which is still gathered."""
    if not isinstance(sys.stdout, _Held):
        return False
    sys.stdout.notes.append(text)
    return True


def _watched() -> bool:
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout)) and not dumb()


def _pager(environ: Mapping[str, str] = os.environ) -> list[str]:
    """The command that shows long answers; nothing: there is none."""
    said = next((environ[name].strip() for name in (PAGER, "PAGER") if name in environ), None)
    if said is not None:
        with suppress(ValueError):
            return [] if said in _NONE else shlex.split(said)
        return []
    return next(([name] for name in ("less", "more") if shutil.which(name)), [])


def _fits(text: str) -> bool:
    """Whether all of it is on the screen at once, with the line on which the shell asks for more."""
    room = shutil.get_terminal_size()
    lines = sum(max(1, -(-width(line) // max(room.columns, 1))) for line in text.splitlines())
    return lines < room.lines


def _shown(text: str, command: list[str]) -> bool:
    """Whether the pager took it."""
    env = {**os.environ, **{name: said for name, said in _USUAL.items() if name not in os.environ}}
    try:
        # A pager starts whatever it is asked to: as whoever called, and never with rights that are lent.
        pager = subprocess.Popen(command, stdin=subprocess.PIPE, env=env, text=True, encoding="utf-8",
                                 errors="backslashreplace", user=lent.caller() if lent.is_lent() else None)  # fmt: skip
    except OSError:
        return False
    # Ctrl-C is the pager's: it ends a search in it, and not the program above.
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        assert pager.stdin is not None
        with suppress(BrokenPipeError):  # left before its end
            pager.stdin.write(text)
        with suppress(BrokenPipeError):
            pager.stdin.close()
        pager.wait()
    finally:
        signal.signal(signal.SIGINT, before)
    return pager.returncode != 127  # a wrapper that does not find it
