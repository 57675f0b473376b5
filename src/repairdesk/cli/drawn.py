"""How callbacks are shown: who is due, the draw of a month, and a past one compared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from repairdesk.cli import render
from repairdesk.cli.render import moment, word
from repairdesk.desk import Answer
from repairdesk.errors import N_
from repairdesk.locale import tr

Doc = Mapping[str, Any]


def due(call: render.Asking, said: Answer) -> None:
    """Who is to be called, soonest first."""
    if call.json_:
        render.document(call, said)
        return
    rows = said.doc["callbacks"]
    if not rows:
        render.put(tr(N_("Nobody is to be called.")))
        return
    heads = [N_("number"), N_("why"), N_("owner"), N_("due_at"), N_("tries"), N_("place"), N_("caller"), N_("phone")]
    render.table(heads, [_due_row(row) for row in rows])


def _due_row(row: Doc) -> list[Any]:
    why = word(row["why"]) + (tr(N_(", visit")) if row["visit"] else "")
    until = moment(row["due_at"]) + (" !" if row["overdue"] else "")
    return [row["number"], why, word(row["owner"]), until, row["tries"], row["place"], row["caller"], row["phone"]]


def plan(call: render.Asking, said: Answer) -> None:
    """The draw of a month by stratum."""
    if call.json_:
        render.document(call, said)
        return
    doc = said.doc
    render.put(_title(N_("Draw of {month}, seed {seed}"), doc))
    for stratum in doc["strata"]:
        render.put(_counted(stratum))
        if stratum["callbacks"]:
            heads = [N_("number"), N_("why"), N_("rank"), N_("drawn_at"), N_("due_at"), N_("state"), N_("instead_of")]
            render.table(heads, [_planned(row) for row in stratum["callbacks"]])


def _planned(row: Doc) -> list[Any]:
    at, until = moment(row["drawn_at"]), moment(row["due_at"])
    state = {"given-up": "unreached", "missing": "missed"}.get(row["state"], row["state"])
    return [row["number"], word(row["why"]), row["rank"][:12], at, until, word(state), row["instead_of"]]


def audit(call: render.Asking, said: Answer) -> None:
    """A past draw beside the calls that were made."""
    if call.json_:
        render.document(call, said)
        return
    doc = said.doc
    render.put(_title(N_("Draw of {month} repeated, seed {seed}"), doc))
    for stratum in doc["strata"]:
        render.put(_counted(stratum))
        for line in _compared(stratum):
            render.put(f"  {line}")
    verdict = N_("Everybody who was drawn was called.") if doc["ok"] else N_("Not everybody who was drawn was called.")
    render.put(tr(verdict))


def _compared(stratum: Doc) -> list[str]:
    lists = {
        N_("drawn and not called: {numbers}"): stratum["missing"],
        N_("not called yet, still in time: {numbers}"): stratum["open"],
        N_("called beside the draw: {numbers}"): stratum["besides"],
    }
    lines = [tr(text).format(numbers=tr(N_(", ")).join(numbers)) for text, numbers in lists.items() if numbers]
    return lines + [
        tr(N_("not reached: {number}, in its place {other}")).format(
            number=one["number"], other=one["replaced_by"] or "–"
        )
        for one in stratum["given_up"]
    ]


def _title(template: str, doc: Doc) -> str:
    return tr(template).format(month=doc["month"], seed=(doc["seed"] or "–")[:16])


def _counted(stratum: Doc) -> str:
    template = N_("{stratum}: archived {orders}, quota {quota}, drawn {drawn}, reached {done}")
    counts = {name: stratum[name] for name in ("orders", "quota", "drawn", "done")}
    return tr(template).format(stratum=word(stratum["stratum"]), **counts)


def recorded(call: render.Asking, said: Answer) -> None:
    """A callback, and the order that was taken in from it."""
    doc = said.doc
    for name in ("order", "rework"):
        if name in doc:
            doc[name] = render.spoken(doc[name])
    if call.json_:
        render.document(call, said)
        return
    made = doc["callback"]
    render.remarks(call, said.remarks)
    words = (word(made["method"]), word(made["outcome"]), made["note"] or "")
    render.put(f"{doc['order']['number']}  {'  '.join(words)}".rstrip())
    if "rework" in doc:
        render.put(tr(N_("Rework: {order}")).format(order=render.one_line(doc["rework"])))


TERMS = (N_("quota"), N_("dissatisfied"), N_("unsure"), N_("untested"), N_("advised"), N_("repairs"), N_("complaints"),
         N_("events"), N_("done"), N_("open"), N_("hear-supervisor"), N_("hear-manager"),
         N_("call-back"), N_("callback-again"))  # fmt: skip
"""Words that are said by their name."""
