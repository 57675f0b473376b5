"""An order in a line or a few: what a verb answers, and what else is told of orders in passing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from repairdesk.cli.render.channels import Asking, put, put_json, remarks, spoken
from repairdesk.cli.render.sentences import say
from repairdesk.cli.render.words import in_a_line, moment, named, word
from repairdesk.errors import N_
from repairdesk.locale import tr

if TYPE_CHECKING:
    from repairdesk.desk import Answer

Doc = Mapping[str, Any]

OVER = ("archived", "declined", "cancelled", "advised", "converted")
"""``lifecycle.ENDS``, which a list need not load."""


def one_line(doc: Doc) -> str:
    """An order in a line."""
    what = " ".join((doc["fault"] or "").split())
    return f"{doc['number']}  {standing(doc)}  {doc['place'] or ''}  {what}".rstrip()


def standing(doc: Doc) -> str:
    """The state of an order; one that was kept as another system had it says so."""
    state = word(doc["state"])
    return tr(N_("{state} (as found)")).format(state=state) if doc["as_found"] else state


def answer(call: Asking, said: Answer) -> None:
    """What a verb made of an order: a line, who has it, and what is owed next."""
    texts = remarks(call, said.remarks)
    if call.json_:
        put_json({**spoken(said.doc), "warnings": texts})
        return
    doc = said.doc
    put(one_line(doc))
    for name, change in doc.get("corrected", {}).items():
        if name == "place_said":
            continue  # how somebody once wrote it: the place itself stands above
        was, now = (in_a_line(old_value(name, change[one])) for one in ("old", "new"))
        put("  " + named(name, f"{was} → {now}"))
    if doc.get("tracker"):
        put("  " + named("tracker", doc["tracker"]))
    elif doc["assignee"] and doc["state"] in ("assigned", "on_site", "paused"):
        put("  " + named("assignee", doc["assignee"]))
    if doc["state"] == "converted" and doc.get("coordination"):
        put("  " + named("coordination", doc["coordination"]))
    if doc["bill"]:
        put("  " + named("bill", f"{doc['bill']['total']} {tr(N_('yuan'))}"))
    if doc["payments"]:
        put("  " + named("received", paid_line(doc)))
    if doc.get("household"):
        put("  " + named("household", household_line(doc["household"])))
    for owed in _next_owed(doc):
        put(f"  {owed_line(owed)}", "late" if is_late(owed) else "")


def is_late(owed: Doc) -> bool:
    """Whether an obligation was missed and is still owed."""
    return owed["state"] == "missed" and owed["met_at"] is None and owed["void_at"] is None


def _next_owed(doc: Doc) -> list[Doc]:
    running = [
        owed
        for owed in doc["obligations"]
        if owed["met_at"] is None and owed["void_at"] is None and owed["state"] in ("open", "missed")
    ]
    return sorted(running, key=lambda owed: owed["due_at"])[:3]


def owed_line(owed: Doc) -> str:
    """An obligation in a line."""
    template = N_("{name}: {owner}, by {due} ({state})")
    if owed.get("provisional"):
        template = N_("{name}: {owner}, by {due} provisionally ({state}; calendar.yaml ends before)")
    return tr(template).format(
        name=word(owed["name"]), owner=word(owed["owner"]), due=moment(owed["due_at"]), state=word(owed["state"])
    )


def answers(call: Asking, answers: Sequence[Answer]) -> None:
    """Several orders that a verb changed."""
    said = [text for one in answers for text in remarks(call, one.remarks)]
    docs = [one.doc for one in answers if one.doc]
    if call.json_:
        put_json({"orders": [spoken(doc) for doc in docs], "warnings": said})
        return
    for doc in docs:
        put(one_line(doc))


def old_value(name: str, value: Any) -> Any:
    """What stood in a field before, in words."""
    return word(value) if value and name in _WORDS_OF_OLD else value


_WORDS_OF_OLD = ("kind", "priority", "channel", "severity", "class", "help_class", "rating", "status")


def purged_line(purged: Doc) -> str:
    """When and by whom what was personal was taken (RET-3)."""
    return say(N_("{at} by {by} and {second}: what is left says nothing of a person"),
               {"at": moment(purged["at"]), "by": purged["by"], "second": purged["with"]})  # fmt: skip


def paid_line(doc: Doc) -> str:
    """What was received, under which receipts, and what is still open."""
    receipts = tr(", ").join(payment["receipt"] for payment in doc["payments"])
    still = "" if doc["open_amount"] == "0.00" else f"  {word('open', 'money')} {doc['open_amount']}"
    return f"{doc['received']}  {receipts}{still}"


def household_line(household: Doc | None) -> str:
    """Who lives there, as the register has it."""
    if household is None:
        return ""
    told = [tr(", ").join(household["names"]), tr(", ").join(household["phones"])]
    return "  ".join([*told, tr(N_("since {day}")).format(day=household["since"])] if household["since"] else told)
