"""A whole order, as a slip would tell it, and its entries in the ledger: ``show``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from repairdesk.cli import telling
from repairdesk.cli.render.bills import bill_lines, reversed_line
from repairdesk.cli.render.channels import Asking, put, put_json, remarks, spoken
from repairdesk.cli.render.orders import (
    OVER,
    household_line,
    is_late,
    old_value,
    owed_line,
    paid_line,
    purged_line,
    standing,
)
from repairdesk.cli.render.words import aside, duration, moment, named, pair, word
from repairdesk.errors import N_
from repairdesk.locale import is_read, tr
from repairdesk.locale.width import pad

if TYPE_CHECKING:
    from repairdesk.desk import Answer

Doc = Mapping[str, Any]


def show(call: Asking, said: Answer, names: telling.Names = telling.NONE) -> None:
    """``show``: the whole order, as a slip would tell it. ``names``: what the rules call the codes of its entries."""
    texts = remarks(call, said.remarks)
    doc = said.doc
    if call.json_:
        # A name goes by today's rules and is no part of the order: what has the shape of one has codes alone.
        put_json({**spoken({name: one for name, one in doc.items() if name != "category_name"}), "warnings": texts})
        return
    if "entries" in doc:
        for entry in doc["entries"]:
            put(entry_line(entry, names))
        return
    late = {f"  {owed_line(owed)}" for owed in doc["obligations"] if is_late(owed)}
    urgent = "bad" if doc["priority"] == "emergency" and doc["state"] not in OVER else ""
    for n, row in enumerate(show_lines(doc)):
        put(row, urgent if n == 0 else "late" if row in late else "")


def show_lines(doc: Doc) -> Iterator[str]:
    """The whole order, line by line."""
    yield f"{doc['number']}  {word(doc['kind'])} · {standing(doc)} · {word(doc['priority'])}"
    for name, value in _facts(doc):
        yield f"  {pad(tr(name), 16)}{value}"
    for name, rows in _sections(doc):
        if rows:
            yield tr(name)
            yield from (f"  {row}" for row in rows)


def _facts(doc: Doc) -> Iterable[tuple[str, str]]:
    """What an order says of itself, without what is unknown."""
    phone = f"  {doc['phone']}" if doc["phone"] else ""
    window = doc["appointment"]
    agreed = doc["consent"]
    facts = (
        ("place", doc["place"]),
        ("caller", (doc["caller"] or word("anonymous" if doc["anonymous"] else None)) + phone),
        ("household", household_line(doc.get("household"))),
        ("reported_at", f"{moment(doc['reported_at'])}  {word(doc['channel']) if doc['channel'] else ''}".rstrip()),
        ("fault", doc["fault"]),
        ("category", name if (name := doc.get("category_name")) and is_read(name) else doc["category"]),
        ("severity", doc["severity"] and word(doc["severity"])),
        ("department", doc["department"] and word(doc["department"], "department")),
        ("told", tr(N_(", ")).join(word(one) for one in doc["told"])),
        ("appointment", window and f"{moment(window['start'])} – {moment(window['end'])[11:]}"),
        ("quote", doc["quote"]),
        ("consent", agreed and f"{agreed['fee']}  {moment(agreed['at'])}"),
        ("assignee", doc["assignee"]),
        ("tracker", doc.get("tracker")),
        ("found", doc["found"]),
        ("result", doc["result"]),
        ("handling", doc["handling_seconds"] and duration(doc["handling_seconds"])),
        ("rating", doc["rating"] and f"{word(doc['rating'])}  {doc['signed_by'] or ''}"),
        ("received", doc["payments"] and paid_line(doc)),
        ("invoice", doc["invoice"]),
        (N_("why it ends"), doc["settled"] and f"{doc['settled']['reason']}  {doc['settled']['by']}"),
        ("follows", doc["follows"]),
        ("coordination", doc["coordination"]),
        ("converted_from", doc["converted_from"]),
        ("voided", tr(N_(", ")).join(doc["voided"])),
        ("ended_reason", doc["ended_reason"] and tr(doc["ended_reason"], "reason")),
        (N_("imported"), doc["imported"] and word("yes")),
        (N_("purged"), doc["purged"] and purged_line(doc["purged"])),
    )
    return ((name, str(value)) for name, value in facts if value)


def _old_line(name: str, text: str) -> str:
    return named(name, moment(text) if name.endswith("_at") else old_value(name, text))


def _sections(doc: Doc) -> Iterable[tuple[str, list[str]]]:
    yield (
        "visits",
        [
            f"{visit['technician']}  {moment(visit['started_at'])} – {moment(visit['ended_at'])[11:]}"
            for visit in doc["visits"]
        ],
    )
    yield "bill", bill_lines(doc["bill"]) if doc["bill"] else []
    yield N_("reversed bills"), [reversed_line(bill) for bill in doc["reversed_bills"]]
    yield "refusals", [pair(one["refused"], f"{one['explained']}; {one['made_safe']}") for one in doc["refusals"]]
    yield "logs", [f"{moment(log['at'])}  " + pair(log["contact"], log["content"]) for log in doc.get("logs", ())]
    yield "checks", [f"{moment(one['at'])}  " + pair(one["by"], one["support"]) for one in doc.get("checks", ())]
    yield N_("attachments"), [attached_line(one) for one in doc["attachments"]]
    yield N_("callbacks made"), [_call_line(one) for one in doc["callbacks"]]
    yield N_("heard about the rating"), [_heard_line(one) for one in doc["heard"]]
    yield N_("explained"), [_explained_line(one) for one in doc["explained"]]
    yield N_("looked at again"), [_recheck_line(one) for one in doc["rechecks"]]
    yield (
        N_("remarks settled"),
        [f"{moment(one['at'])}  " + pair(one["by"], one["note"]) for one in doc["remarks_settled"]],
    )
    yield N_("in the other system"), [_old_line(name, text) for name, text in doc.get("old", {}).items()]
    yield "obligations", [owed_line(owed) for owed in doc["obligations"]]


def attached_line(one: Doc) -> str:
    """A file that the desk keeps for an order: when, what, its name and size, by whom, and where it lies."""
    kilobytes = tr(N_("{count} kB")).format(count=-(-one["bytes"] // 1000))
    named = f"{word(one['what'], 'attached')} {one['name']}{aside(kilobytes)}"
    # Of a file that was purged only this line is left.
    lies = f"  {one['file']}" if one["file"] else ""
    by = pair(one["by"], one["note"]) if one["note"] else one["by"]
    return f"{moment(one['at'])}  {named}  {by}{lies}"


def _call_line(one: Doc) -> str:
    """A callback in a line; a letter that answers many names itself."""
    said = word(one["outcome"]) if one["outcome"] else tr(N_("letter {id}")).format(id=one["letter"])
    again = tr(N_("again {at}")).format(at=moment(one["next"])) if one["next"] else ""
    words = (moment(one["at"]), one["by"], word(one["method"]), said, one["text"] or "", one["note"] or "", again)
    return "  ".join(filter(None, words))


def _heard_line(one: Doc) -> str:
    """What the technician said about a low rating, and who heard it (FIN-4)."""
    return f"{moment(one['at'])}  " + pair(f"{one['by']}{aside(word(one['role']))}", one["said"])


def _explained_line(one: Doc) -> str:
    """What the resident was told of the delay."""
    said = {"by": one["by"], "to": one["to"] or "–", "reason": one["reason"]}
    template = N_("{at}  {by} to {to}: {reason}, expected {expected}")
    return tr(template).format(at=moment(one["at"]), expected=moment(one["expected"]), **said)


def _recheck_line(one: Doc) -> str:
    """How finished work looked on the day after."""
    return f"{moment(one['at'])}  {one['by']}  {word(one['outcome'], 'recheck')}  {one['note'] or ''}".rstrip()


def entry_line(entry: Doc, names: telling.Names = telling.NONE) -> str:
    """An entry of the ledger in a line; a late one is marked (REC-2)."""
    late = aside(tr(N_("late"))) if entry["late"] else ""
    by = entry["actor"] if entry["actor"] == entry["keyboard"] else f"{entry['actor']} ⌨ {entry['keyboard']}"
    data = telling.told(entry["data"], names)
    event = word(entry["event"], "event")
    return f"{entry['seq']:>5}  {moment(entry['occurred_at'])}{late}  {event}  {by}  {data}".rstrip()
