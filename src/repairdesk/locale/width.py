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


# What ends something begins no line, and what begins something ends none: the rule of every Chinese compositor. A bar
# of two signs (…… ——) is one.
_CLOSING = frozenset("，。、；：？！）〕】》」』”’％…—～·,.;:?!)]}%")
_OPENING = frozenset("（〔【《「『“‘￥¥([{")


def folded(text: str, columns: int, indent: str = "") -> str:
    """A text in lines of at most so many columns, the further ones indented.

    A word is torn only where it is longer than a line. A line ends at a blank where that leaves no third of it empty,
    else between two Chinese characters; but it begins with nothing that ends something (，。）) and ends with nothing
    that begins something (（《).
    """
    return "\n".join(line for part in text.split("\n") for line in _lines(part, columns, indent))


def breaks(text: str, columns: int) -> list[int]:
    """Where each further line of a text begins, folded in the same way; for whoever keeps colours with its parts."""
    found: list[int] = []
    start = 0
    while (end := _filled(text, start, columns)) < len(text):
        start = _cut(text, start + 1, max(end, start + 1), columns)
        while start < len(text) and text[start].isspace():
            start += 1
        if start < len(text):
            found.append(start)
    return found


def _lines(text: str, columns: int, indent: str) -> Iterator[str]:
    start, lead = 0, ""
    body = len(text) - len(text.lstrip())
    if width(text[:body]) + 2 > columns:
        start, lead = body, indent  # indented so far that nothing finds room: it is a further line
    while True:
        room = columns - width(lead)
        end = _filled(text, start, room)
        if end == len(text):
            yield lead + text[start:]
            return
        # A line of nothing but its indent says nothing, however narrow it is.
        first = max(start, body) + 1
        cut = _cut(text, first, max(end, first), columns - width(indent))
        yield (lead + text[start:cut]).rstrip()
        start, lead = cut, indent
        while start < len(text) and text[start].isspace():
            start += 1
        if start == len(text):
            return


def _filled(text: str, start: int, room: int) -> int:
    """How far so many columns reach."""
    end = start
    while end < len(text) and (room := room - _columns(text[end])) >= 0:
        end += 1
    return end


def _reached(text: str, first: int, end: int, room: int) -> int:
    """How far back so many columns reach."""
    at = end
    while at > first and (room := room - _columns(text[at - 1])) >= 0:
        at -= 1
    return at


def _cut(text: str, first: int, end: int, room: int) -> int:
    """Where a line ends that can reach to ``end``; the next one has so many columns."""
    may = [at for at in range(end, first - 1, -1) if _parts(text, at)]
    near = _reached(text, first, end, room // 3)
    # Items of a row are two blanks apart, and what is one blank apart belongs together (转协调单 2  立协调单 3); but no
    # blank is worth a third of the line.
    best = (at for gap in ("  ", " ") for at in may if at >= near and text.startswith(gap, at))
    cut = next(best, may[0] if may else end)
    word = cut
    while word < end and text[word].isspace():
        word += 1
    reach = _filled(text, word, room)
    fits = reach == len(text) or any(_parts(text, at) for at in range(word + 1, reach + 1))
    # What fits into no line is torn at once, and not begun on a line of its own.
    return cut if fits else end


def _parts(text: str, at: int) -> bool:
    """Whether a line may end before this character."""
    before, behind = text[at - 1], text[at]
    if behind == " ":
        # The blanks are left out at the end of the line, and what follows them begins the next one.
        while at < len(text) and text[at] == " ":
            at += 1
        return at == len(text) or text[at] not in _CLOSING
    if behind in _CLOSING or before in _OPENING or not _columns(behind):
        return False
    return before == " " or _columns(before) == 2 or _columns(behind) == 2
