"""How wide a text stands: Chinese characters take two columns of a terminal or a printer."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator


def width(text: str) -> int:
    """How many columns a text takes."""
    return sum(map(_columns, text))


def _columns(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def pad(text: str, columns: int) -> str:
    """A text filled up to so many columns."""
    return text + " " * max(0, columns - width(text))


def folded(text: str, columns: int, indent: str = "") -> str:
    """A text in lines of at most so many columns, the further ones indented; breaks at a blank where there is one."""
    return "\n".join(line for part in text.split("\n") for line in _lines(part, columns, indent))


def _lines(text: str, columns: int, indent: str) -> Iterator[str]:
    while width(text) > columns:
        taken = end = 0
        while taken + _columns(text[end]) <= columns:
            taken += _columns(text[end])
            end += 1
        blank = text.rfind(" ", len(indent) + 1, end + 1)
        cut = blank if blank > 0 else max(end, len(indent) + 1)
        yield text[:cut].rstrip()
        text = indent + text[cut:].lstrip()
    yield text
