"""What is open, what is owed next and what is wrong, on one page: ``board``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from repairdesk.cli.render.channels import Asking, put, put_json
from repairdesk.cli.render.sentences import say
from repairdesk.cli.render.words import moment, word
from repairdesk.errors import N_
from repairdesk.locale import tr

Doc = Mapping[str, Any]


_OWED = {"missed": "late", "paused": "waits"}
"""The colours of what is owed, by how it stands."""
COLUMNS = ("due_at", "state", "name", "owner", "number", "kind", "place", "assignee")


def board(call: Asking, doc: Doc) -> None:
    """``board``."""
    troubles = [say(trouble.message, trouble.values) for trouble in doc["troubles"]]
    if call.json_:
        put_json({**doc, "troubles": troubles, "warnings": []})
        return
    from repairdesk.cli.render.tables import table

    put(tr(N_("Open: {states}")).format(states="  ".join(f"{word(s)} {n}" for s, n in doc["open"].items()) or "0"))
    rows = [[_due_cell(row, name) for name in COLUMNS] for row in doc["due"]]
    if rows:
        marks = [{"due_at": style, "state": style} if (style := _OWED.get(row["state"])) else {} for row in doc["due"]]
        table(["duty:name" if name == "name" else name for name in COLUMNS], rows, marks)
    for month in doc["months"]:
        template = N_("The bills of {month} are to be handed over by {due} ({state})")
        if month["rule"] == "CAL-7":
            template = N_("The callbacks of {month} wait for the supervisor's opinion, by {due} ({state})")
        put(tr(template).format(month=month["month"], due=moment(month["due_at"]), state=word(month["state"])))
    for trouble in troubles:
        put(tr(N_("Attention: {text}")).format(text=trouble), "late")


def _due_cell(row: Doc, name: str) -> str:
    if name == "due_at":
        due = moment(row[name])
        return tr(N_("{due} (provisional)")).format(due=due) if row["provisional"] else due
    return word(row[name]) if name in ("state", "name", "owner", "kind") else str(row[name] or "")
