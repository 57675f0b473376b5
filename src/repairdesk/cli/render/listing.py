"""Many orders, one below the other: ``list``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from repairdesk.cli.render.channels import Asking, note, put_json, spoken
from repairdesk.cli.render.orders import OVER, standing
from repairdesk.cli.render.sentences import say
from repairdesk.cli.render.words import moment, word
from repairdesk.errors import N_
from repairdesk.locale import tr

Doc = Mapping[str, Any]


COLUMNS = ("number", "kind", "state", "priority", "place", "fault", "assignee", "reported_at")


def order_list(call: Asking, docs: Sequence[Doc], total: int, near: Sequence[str] = (), *, asked: bool = False) -> None:
    """``list``; ``near`` are places that were perhaps meant, where nothing was found; ``asked``: not for all."""
    hint = [say(N_("nothing was reported there; did you mean {near}?"), {"near": list(near)})] if near else []
    if call.json_:
        put_json({"orders": [spoken(doc) for doc in docs], "total": total, "warnings": hint})
        return
    for text in hint:
        note(text)
    if not docs:
        if asked and not near:
            note(tr(N_("nothing found")))
        return
    from repairdesk.cli.render.tables import is_narrow, table

    narrow = is_narrow()
    rows = [[_cell(doc, name) for name in COLUMNS] for doc in docs]
    for row, doc in zip(rows, docs, strict=True):
        if narrow and doc["priority"] in _MARKED and doc["state"] not in OVER:
            row[COLUMNS.index("fault")] = tr(_MARKED[doc["priority"]]).format(fault=doc["fault"] or "")
    table(COLUMNS, rows, [_mark(doc) for doc in docs])
    if total > len(docs):
        note(tr(N_("{shown} of {total}; --limit shows more")).format(shown=len(docs), total=total))


_MARKED = {"emergency": N_("URGENT {fault}"), "low": N_("LOW {fault}")}
"""What is not regular, where there is no room for a column that says so."""


def _mark(doc: Doc) -> dict[str, str]:
    """What has a colour in a line of ``list``: what is urgent, overdue, stands still or is over."""
    state, over = doc["state"], doc["state"] in OVER
    late = not over and any(owed["state"] == "missed" and owed["met_at"] is None for owed in doc["obligations"])
    style = "dim" if over else "late" if late else "waits" if state in ("paused", "quoted") else ""
    marks = {"state": style} if style else {}
    return marks | ({"priority": "bad"} if doc["priority"] == "emergency" and not over else {})


def _cell(doc: Doc, name: str) -> str:
    if name == "state":
        return standing(doc)
    if name in ("kind", "priority"):
        return word(doc[name])
    if name == "reported_at":
        return moment(doc[name])
    return str(doc[name] or "")
