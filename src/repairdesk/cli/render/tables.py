"""Tables: drawn on a terminal, as wide as it is; tab-separated in a pipe."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from repairdesk.cli.render.channels import plain, write
from repairdesk.locale import tr
from repairdesk.locale.width import pad, width

Marks = Sequence[Mapping[str, str]]
"""Of each row the columns that have a colour, by their heads, and what it means (``screen.STYLES``)."""


def table(heads: Sequence[str], rows: Iterable[Sequence[Any]], marks: Marks = ()) -> None:
    """Rows for people: a table on a terminal, tab-separated in a pipe, where columns are not to be guessed."""
    cells = [["" if cell is None else " ".join(plain(str(cell)).split()) for cell in row] for row in rows]
    spoken = [_head(head) for head in heads]
    if not sys.stdout.isatty():
        for line in [spoken, *cells]:
            write("\t".join(line))
        return
    from repairdesk.cli import screen

    room = screen.columns()
    heads, spoken, cells = _spared(heads, spoken, cells, room)
    if len(cells) > _MANY or screen.dumb():
        _plain(heads, spoken, cells, room)
    else:
        _drawn(heads, spoken, cells, marks)


def is_narrow() -> bool:
    """Whether this is a terminal that goes without the column of priorities."""
    if not sys.stdout.isatty():
        return False
    from repairdesk.cli import screen

    return screen.columns() < _ROOMY


def _head(name: str) -> str:
    """What stands above a column; before a colon, of what it is said (``staff:name``)."""
    context, _, said = name.rpartition(":")
    return tr(said, context)


_MANY = 200
"""Rows of a table that Rich does not draw, as it takes half a millisecond for each."""


def _spared(
    heads: Sequence[str], spoken: Sequence[str], cells: list[list[str]], room: int
) -> tuple[list[str], list[str], list[list[str]]]:
    """A narrow terminal goes without what can be spared, so that the rest can be read."""
    spared = (*(_SPARED if room < _ROOMY else ()), *(_SPARED_TOO if room < 72 else ()))
    shown = [i for i in range(len(heads)) if heads[i] not in spared]
    if room < _ROOMY:
        cells = [[text[5:] if heads[i].endswith("_at") else text for i, text in enumerate(line)] for line in cells]
    return [heads[i] for i in shown], [spoken[i] for i in shown], [[line[i] for i in shown] for line in cells]


def _drawn(heads: Sequence[str], spoken: Sequence[str], cells: list[list[str]], marks: Marks) -> None:
    """A table for a terminal."""
    from rich.box import SIMPLE
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from repairdesk.cli import panels, screen

    panels.part_chinese()
    console = Console(width=screen.columns(), no_color=not screen.coloured(), highlight=False)
    gap, widths = _widths(heads, spoken, cells, console.width)
    drawn = Table(box=SIMPLE, show_edge=False, pad_edge=False, padding=(0, gap - 1, 0, 0))
    for said, (least, whole) in zip(spoken, widths, strict=True):
        drawn.add_column(said, overflow="fold", no_wrap=whole, min_width=least)
    for n, line in enumerate(cells):
        styles = marks[n] if marks and screen.coloured() else {}
        drawn.add_row(*(Text(text, _RICH[styles[head]]) if head in styles else text
                        for head, text in zip(heads, line, strict=True)))  # fmt: skip
    console.print(drawn, markup=False)


_RICH = {"bad": "bold red", "late": "red", "waits": "yellow", "good": "green", "dim": "dim"}
"""``screen.STYLES``, as Rich calls them."""
_FOLDED = ("place", "fault", "name", "staff:name", "duty:name", "source", "within", "trades")
"""Columns of free text, which may take several lines."""
_LEAST = 9
"""Columns that free text has at least: a place, a short word."""
_FEWEST = 6
"""And where there is no room for that."""
_SPARED_TOO = ("assignee", "reported_at")
"""What a terminal narrower than 72 goes without besides."""
_SPARED = ("kind", "priority")
_ROOMY = 100
"""Columns that a terminal narrower than this goes without, as it does without the year of a time."""


def _widths(
    heads: Sequence[str], spoken: Sequence[str], cells: Sequence[Sequence[str]], room: int
) -> tuple[int, list[tuple[int, bool]]]:
    """How far columns stand apart, how wide each is at least, and whether its cells stay whole.

    Free text folds: half a number or half a time would be none. Only where that does not make room, everything does.
    """
    most = [max(width(text) for text in (said, *(line[i] for line in cells))) for i, said in enumerate(spoken)]
    free = [head in _FOLDED for head in heads]
    for gap, few in ((2, _LEAST), (1, _LEAST), (1, _FEWEST)):
        least = [min(few, one) if folds else one for folds, one in zip(free, most, strict=True)]
        if sum(least) + gap * (len(least) - 1) <= room:
            return gap, [(one, not folds) for folds, one in zip(free, least, strict=True)]
    return 1, [(min(one, 2), False) for one in most]


def _plain(heads: Sequence[str], spoken: Sequence[str], cells: Sequence[Sequence[str]], room: int) -> None:
    """A table without lines and without Rich; what is too long for the terminal is cut, and said to be."""
    widths = [max(width(line[i]) for line in [spoken, *cells]) for i in range(len(spoken))]
    over = sum(widths) + 2 * (len(widths) - 1) - room
    for i in sorted(range(len(widths)), key=lambda i: (heads[i] not in _FOLDED, -widths[i])):
        give = min(max(over, 0), max(widths[i] - _LEAST, 0))
        widths[i] -= give
        over -= give
    for line in [spoken, *cells]:
        row = (pad(_cut(cell, columns), columns) for cell, columns in zip(line, widths, strict=True))
        write("  ".join(row).rstrip())


def _cut(text: str, columns: int) -> str:
    """A text in so many columns."""
    if width(text) <= columns:
        return text
    while width(text) > columns - 1:
        text = text[:-1]
    return f"{text}…"
