"""Typer's help panels without Markdown.

Typer's help page imports Rich's Markdown, its syntax colouring and its tracebacks, half of what the page costs, and
uses none of them for texts like ours. Whoever asks for them afterwards gets the real ones.
"""

from __future__ import annotations

import shutil
import sys
from types import ModuleType
from typing import Any

from repairdesk.locale.width import breaks, width

_UNUSED = {"rich.markdown": "Markdown", "rich.traceback": "Traceback"}


def load() -> None:
    """Import Typer's panels, with stand-ins for what they would not use."""
    if "typer.rich_utils" in sys.modules or any(name in sys.modules for name in _UNUSED):
        return
    for name, wanted in _UNUSED.items():
        stand_in = ModuleType(name)
        setattr(stand_in, wanted, type(wanted, (), {}))
        sys.modules[name] = stand_in
    try:
        import typer.rich_utils  # noqa: F401
    finally:
        for name in _UNUSED:
            del sys.modules[name]
    _as_wide_as_it_is()
    part_chinese()


def _as_wide_as_it_is() -> None:
    """A terminal that moves no cursor is as wide as it says; Rich takes each of them for 80 columns."""
    from repairdesk.cli import screen

    if sys.stdout is None or not sys.stdout.isatty() or not screen.dumb():
        return
    panels: Any = sys.modules["typer.rich_utils"]
    made = panels._get_rich_console

    def wide(stderr: bool = False) -> Any:
        console = made(stderr)
        console.size = shutil.get_terminal_size()
        return console

    panels._get_rich_console = wide


def part_chinese() -> None:
    """Let Rich, which was imported, part lines where a compositor would.

    It parts them at blanks alone, and tears or cuts off what is longer; Chinese has none.
    """
    rich_text = sys.modules["rich.text"]
    setattr(rich_text, "divide_line", _parted)  # noqa: B010 - Rich exports no such name
    rich_text.Text.rstrip_end = _stripped


def _stripped(text: Any, columns: int) -> None:
    """Take the blanks off the end of a line that reach beyond its columns; Rich counts characters here."""
    said = text.plain
    beyond = min(width(said) - columns, len(said) - len(said.rstrip()))
    if beyond > 0:
        text.right_crop(beyond)


def _parted(text: str, columns: int, fold: bool = True) -> list[int]:
    """Where further lines begin; ``fold`` is whether Rich would tear what is too long, or cut it off."""
    return breaks(text, columns)
