"""How callbacks are shown: who is due, the draw of a month, and a past one compared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from repairdesk.cli import render
from repairdesk.cli.render import moment, orders, tables, word
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
    tables.table(heads, [_due_row(row) for row in rows])


def _due_row(row: Doc) -> list[Any]:
    # One of both at most: nobody is visited who may only be written to.
    how = N_(", visit") if row["visit"] else N_(", by letter only") if row["letter"] else None
    why = word(row["cause"]) + (tr(how) if how else "")
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
            tables.table(heads, [_planned(row) for row in stratum["callbacks"]])


def _planned(row: Doc) -> list[Any]:
    at, until = moment(row["drawn_at"]), moment(row["due_at"])
    state = {"given-up": "unreached", "missing": "missed"}.get(row["state"], row["state"])
    # Also who was not satisfied without being dissatisfied is called whatever the quota says.
    why = {"dissatisfied": "low-rating"}.get(row["why"], row["why"])
    return [row["number"], word(why), row["rank"][:12], at, until, word(state), row["instead_of"]]


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
    render.put(tr(_verdict(doc)))


def _verdict(doc: Doc) -> str:
    if not doc["ok"]:
        return N_("Not everybody who was drawn was called.")
    if any(stratum["open"] for stratum in doc["strata"]):
        return N_("Nobody who was drawn was missed so far; some are still to be called.")
    if any(stratum["given_up"] for stratum in doc["strata"]):
        return N_("Everybody who was drawn was called or, where nobody answered, somebody else.")
    return N_("Everybody who was drawn was called.")


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
        render.put(tr(N_("Rework: {order}")).format(order=orders.one_line(doc["rework"])))


def letter(call: render.Asking, said: Answer) -> None:
    """An open letter, and what it answers."""
    if call.json_:
        render.document(call, said)
        return
    doc = said.doc
    render.remarks(call, said.remarks)
    render.put(tr(N_("Letter {id}: {text}")).format(id=doc["letter"]["id"], text=doc["letter"]["text"]))
    for order in doc["orders"]:
        render.put("  " + orders.one_line(order))


def opinion(call: render.Asking, said: Answer) -> None:
    """What a supervisor wrote of a month, beside its counts."""
    if call.json_:
        render.document(call, said)
        return
    doc = said.doc
    template = N_("{month}: calls {calls}, remarks {made}, settled {settled}")
    remarks = doc["remarks"]
    render.put(tr(template).format(month=doc["month"], calls=doc["calls"], made=remarks["made"],
                                   settled=remarks["settled"]))  # fmt: skip
    for one in doc["opinions"]:
        render.put(f"  {moment(one['at'])}  {one['name'] or one['by']}: {one['text']}")


def rechecks(call: render.Asking, said: Answer) -> None:
    """What was finished yesterday and nobody has looked at since."""
    if call.json_:
        render.document(call, said)
        return
    doc = said.doc
    if not doc["orders"]:
        render.put(tr(N_("Nothing of {day} is left to be looked at again.")).format(day=doc["day"]))
        return
    heads = [N_("number"), N_("place"), N_("fault"), N_("result"), N_("assignee"), N_("finished_at")]
    tables.table(heads, [_recheck_row(order) for order in doc["orders"]])


def _recheck_row(order: Doc) -> list[Any]:
    worked = order["assignee"] or order.get("tracker")
    said = [order[name] for name in ("number", "place", "fault", "result")]
    return [*said, worked, moment(order["finished_at"])]


TERMS = (N_("quota"), N_("dissatisfied"), N_("unsure"), N_("untested"), N_("advised"), N_("repairs"), N_("complaints"),
         N_("events"), N_("done"), N_("open"), N_("hear-supervisor"), N_("hear-manager"),
         N_("call-back"), N_("callback-again"), N_("explain"), N_("recheck"), N_("opinion"), N_("held-up"),
         N_("complaint"), N_("fair"), N_("promised"), N_("low-rating"))  # fmt: skip
"""Words that are said by their name."""
