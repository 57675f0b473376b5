"""Typer's help panels without Markdown.

Typer's help page imports Rich's Markdown, its syntax colouring and its tracebacks, half of what the page costs, and
uses none of them for texts like ours. Whoever asks for them afterwards gets the real ones.
"""

from __future__ import annotations

import sys
from types import ModuleType

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
