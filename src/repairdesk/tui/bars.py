"""The first line and the last, and what is worth attention besides what is due."""

from __future__ import annotations

from datetime import datetime

from textual.content import Content

from repairdesk.cli.render import moment, say, word
from repairdesk.cli.render.refusals import refusal_lines
from repairdesk.errors import N_, Busy, DeskError
from repairdesk.locale import tr
from repairdesk.tui import lines
from repairdesk.tui.lines import Cell, Doc
from repairdesk.tui.room import Opening
from repairdesk.tui.seen import MOST_DUE, Seen
from repairdesk.tui.widgets import Row


def head(opening: Opening, seen: Seen | None, trouble: DeskError | None, columns: int) -> Content:
    """Which desk, who sits at it, how much is open and overdue, whether the screen follows, and the time."""
    who = state = ""
    if seen is not None:
        actor = seen.office["actor"]
        who = f"{actor['id']} {actor['name']} {word(actor['role'] or 'no role')}"
        count = sum(doc["state"] == "missed" for doc in seen.board["due"])
        over = f"{count}+" if count == MOST_DUE else str(count)
        state = tr(N_("open {count}, overdue {over}")).format(count=seen.office["open"], over=over)
    follows = tr(N_("in step")) if seen is not None else tr(N_("reading …"))
    if trouble is not None:
        follows = tr(N_("ledger busy …")) if isinstance(trouble, Busy) else next(refusal_lines(trouble))
    # What counts stays whole: where there is little room the desk's name goes first.
    name = [Cell(opening.name, 10, "bold")] if columns >= 70 else []
    cells = [*name, Cell(who, 20), Cell(state, 19)]
    cells.append(Cell(follows, 0, "bold $text-error" if trouble is not None else ""))
    return lines.row([*cells, Cell(_local(opening, seen), 8)], columns)


def foot(told: str, columns: int) -> Content:
    """What was told, or the keys that are always there."""
    if told:
        return lines.row([Cell(told, 0, "bold")], columns)
    keys = [
        ("n", tr(N_("report")), True), ("/", tr(N_("find")), True), ("1-4", tr(N_("lists")), True),
        ("i", tr(N_("why")), True), ("Tab", tr(N_("go on")), True), ("F1", tr(N_("help page")), True),
        ("^Q", tr(N_("leave")), True),
    ]  # fmt: skip
    return lines.keys(keys, columns).truncate(columns)


def notes(board: Doc) -> list[tuple[None, Row]]:
    """What is worth attention besides what is due: one line, however much there is; a key shows all of it."""
    texts = attention(board)
    more = f"(+{len(texts) - 1}) " if len(texts) > 1 else ""
    return [(None, _note(more + texts[0]))] if texts else []


def attention(board: Doc) -> list[str]:
    """What is worth attention besides what is due: months to be handed over, what is wrong with the desk."""
    texts = [say(trouble.message, trouble.values) for trouble in board["troubles"]]
    for month in board["months"]:
        template = N_("The bills of {month} are to be handed over by {due} ({state})")
        if month["rule"] == "CAL-7":
            template = N_("The callbacks of {month} wait for the supervisor's opinion, by {due} ({state})")
        said = {"month": month["month"], "due": moment(month["due_at"]), "state": word(month["state"])}
        texts.append(tr(template).format(**said))
    return texts


def _note(text: str) -> Row:
    return lambda columns: lines.row([Cell(tr(N_("Attention (!): {text}")).format(text=text))], columns)


def _local(opening: Opening, seen: Seen | None) -> str:
    """The time of day in the desk's zone."""
    zone = datetime.fromisoformat(seen.board["at"]).tzinfo if seen is not None else None
    return f"{opening.now().astimezone(zone):%H:%M:%S}" if zone is not None else ""
