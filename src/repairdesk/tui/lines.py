"""Rows of the screen: columns that stay in their place whatever is written in them, Chinese included."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from textual.content import Content

from repairdesk.cli.render import moment, plain, word
from repairdesk.cli.render.orders import standing
from repairdesk.domain.record import NamedTuple
from repairdesk.errors import N_
from repairdesk.locale import tr

Doc = Mapping[str, Any]


class Cell(NamedTuple):
    """A text, how many columns it has, and how it is set; no columns: all that are left."""

    text: str
    columns: int = 0
    style: str = ""


def row(cells: Sequence[Cell], columns: int) -> Content:
    """Cells side by side, a blank between them, in exactly so many columns."""
    fixed = sum(cell.columns + 1 for cell in cells if cell.columns)
    spare = max(4, columns - fixed)
    parts: list[Content] = []
    for cell in cells:
        wide = cell.columns or spare
        text = " ".join(plain(cell.text).split())
        parts.append(Content.styled(text, cell.style).truncate(wide, ellipsis=True, pad=True))
    return Content(" ").join(parts).truncate(max(columns, 1), pad=True)


def short(number: str, columns: int) -> str:
    """A number as there is room for it: without its letter and year where there is little."""
    if columns >= WIDE or len(number) < 10:
        return number
    series, _, serial = number.rpartition("-")
    return f"{series[-4:]}-{serial}"


WIDE = 90
"""Columns from which on a row says everything in full."""


def left(seconds: int, state: str) -> tuple[str, str]:
    """How long until it is due, and how that is set; never by colour alone."""
    if state == "paused":
        return tr(N_("stopped")), "$text-muted"
    time = span(abs(seconds))
    if seconds < 0:
        return tr(N_("!{time} over")).format(time=time), "bold $text-error"
    return tr(N_("{time} left")).format(time=time), "$text-warning" if seconds < 1800 else ""


def span(seconds: int) -> str:
    """A time in two units: days and hours, hours and minutes, minutes and seconds."""
    if seconds >= 86_400:
        template, first, second = N_("{n}d{m}h"), seconds // 86_400, seconds % 86_400 // 3600
    elif seconds >= 3600:
        template, first, second = N_("{n}h{m}m"), seconds // 3600, seconds % 3600 // 60
    else:
        template, first, second = N_("{n}m{m}s"), seconds // 60, seconds % 60
    return tr(template).format(n=first, m=f"{second:02}")


def due(doc: Doc, now: datetime, columns: int) -> Content:
    """What is due next, with its countdown."""
    text, style = left(int((datetime.fromisoformat(doc["due_at"]) - now).total_seconds()), doc["state"])
    wide = columns >= WIDE
    cells = [Cell(text, 12, style), Cell(short(doc["number"], columns), 14 if wide else 9)]
    cells.append(Cell(word(doc["name"]), 14 if wide else 10))
    if wide:
        cells.append(Cell(moment(doc["due_at"])[5:] + ("?" if doc["provisional"] else ""), 12))
    cells += [Cell(word(doc["owner"]), 8 if wide else 4), Cell(doc["place"] or "")]
    return row(cells, columns)


def order(doc: Doc, columns: int) -> Content:
    """An order of the list."""
    wide = columns >= WIDE
    urgent = doc["priority"] == "emergency"
    cells = [
        Cell(tr(N_("!!")) if urgent else "", 2, "bold $text-error"),
        Cell(short(doc["number"], columns), 14 if wide else 9),
        Cell(standing(doc), 8),
        Cell(doc["place"] or "", 14 if wide else 12),
        Cell(doc["fault"] or ""),
        Cell(doc.get("tracker") or doc["assignee"] or "", 6 if wide else 4),
    ]
    if wide:
        cells[2:2] = [Cell(word(doc["kind"]), 8)]
        cells.append(Cell(moment(doc["reported_at"])[5:], 11))
    return row(cells, columns)


def hand(doc: Doc, columns: int) -> Content:
    """What somebody has in hand: sent, at work, left unfinished; and where."""
    counts = "/".join(str(doc["states"][state]) for state in ("assigned", "on_site", "paused"))
    cells = [Cell(doc["id"], 4), Cell(doc["name"], 8), Cell(counts, 6), Cell(" ".join(doc["at"]))]
    return row(cells, columns)


def keys(pairs: Sequence[tuple[str, str, bool]], columns: int) -> Content:
    """Keys and what they do, in as many lines as it takes; what is not for this person stands in brackets."""
    rows: list[Content] = []
    line = Content("")
    for key, title, may in pairs:
        one = Content.assemble((key, "bold $text-accent"), f" {title}")
        if not may:
            one = Content.styled(f"({key} {title})", "$text-muted")
        if line.cell_length and line.cell_length + 2 + one.cell_length > columns:
            rows.append(line)
            line = Content("")
        line = line + "  " + one if line.cell_length else one
    return Content("\n").join([*rows, line])
