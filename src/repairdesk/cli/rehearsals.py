"""``policies rehearse``, laid out: the sums first, then what would differ."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from repairdesk.cli import render
from repairdesk.cli.render import tables
from repairdesk.errors import N_
from repairdesk.locale import tr

if TYPE_CHECKING:
    from repairdesk.cli.common import Call
    from repairdesk.desk import Answer

Doc = Mapping[str, Any]
_OUTCOMES = ("met", "missed", "void", "open")


def rehearsed(call: Call, said: Answer, limit: int) -> None:
    """The answer; for people at most ``limit`` of each kind of difference."""
    unpriced = [{**one, "why": render.error_text(one["why"])} for one in said.doc["unpriced"]]
    said.doc["unpriced"] = unpriced
    if call.json_:
        render.document(call, said)
        return
    render.remarks(call, said.remarks)
    doc = said.doc
    _sums(doc)
    _some(N_("Deadlines that would differ: {count}"), doc["deadlines"], limit, _deadlines)
    _some(N_("Conversions that would differ: {count}"), doc["conversions"], limit, _conversions)
    _some(N_("Bills that would differ: {count}"), doc["bills"], limit, _bills)
    _some(N_("Bills that this fee table cannot price: {count}"), unpriced, limit, _unpriced)
    if not any(doc[name] for name in ("deadlines", "conversions", "bills", "unpriced")):
        render.put(tr(N_("Nothing would differ.")))


def _sums(doc: Doc) -> None:
    head = N_("{file}, version {version}: {orders} orders reported from {since} to {until}")
    said = {"since": render.moment(doc["since"]), "until": render.moment(doc["until"])}
    render.put(render.say(head, {**doc, **said}))
    if doc["coordination_orders"]:
        render.put(render.say(N_("coordination orders opened beside them: {coordination_orders}"), doc))
    if doc["on_time"] is not None and any(one["rate"] is not None for one in doc["on_time"].values()):
        rates = {side: _rate(doc["on_time"][side]) for side in ("before", "after")}
        render.put(render.say(N_("Solved in time: {before} → {after}"), rates))
    totals = doc["totals"]
    if totals["bills"]:
        template = N_("{bills} bills: {before} → {after} yuan ({difference}); {rise} rise, {fall} fall")
        render.put(render.say(template, {**totals, "difference": _signed(totals["difference"])}))
    if totals["exceed_consent"]:
        more = N_("{count} bills would be above what was agreed to")
        render.put(render.say(more, {"count": totals["exceed_consent"]}))
    if doc["obligations"]:
        rows = [[render.word(name), *_counts(sides)] for name, sides in doc["obligations"].items()]
        tables.table(("name", *_OUTCOMES), rows)


def _rate(counts: Doc) -> str:
    if counts["rate"] is None:
        return "–"
    values = {"rate": f"{counts['rate'] * 100:.1f}", "met": counts["met"], "all": counts["met"] + counts["missed"]}
    return render.say(N_("{rate} % ({met} of {all})"), values)


def _counts(sides: Doc) -> list[str]:
    pairs = [(sides["before"][outcome], sides["after"][outcome]) for outcome in _OUTCOMES]
    return [str(before) if before == after else f"{before} → {after}" for before, after in pairs]


def _signed(amount: str) -> str:
    return amount if amount.startswith("-") else f"+{amount}"


def _some(title: str, found: Sequence[Doc], limit: int, table: Callable[[Sequence[Doc]], None]) -> None:
    if not found:
        return
    render.put("")
    render.put(render.say(title, {"count": len(found)}))
    table(found[:limit])
    if len(found) > limit:
        render.put(render.say(N_("and {count} more (--limit)"), {"count": len(found) - limit}))


def _deadlines(found: Sequence[Doc]) -> None:
    rows = [
        [one["number"], render.word(one["name"]), one["cycle"], _verdict(one["before"]), _verdict(one["after"])]
        for one in found
    ]
    tables.table(("number", "obligation", "cycle", "before", "after"), rows)


def _verdict(verdict: Doc | None) -> str:
    return f"{render.moment(verdict['due_at'])} {render.word(verdict['state'])}" if verdict else "–"


def _conversions(found: Sequence[Doc]) -> None:
    """When the night would convert: what is on record, and by the other policies."""
    rows = [
        [one["number"], one["coordination"] or "–", _converted(one["before"]), _converted(one["after"])]
        for one in found
    ]
    tables.table(("number", "coordination", "before", "after"), rows)


def _converted(at: str | None) -> str:
    return render.moment(at) if at else tr(N_("not converted"))


def _bills(found: Sequence[Doc]) -> None:
    note = tr(N_("above what was agreed to"))
    rows = [
        [one["number"], one["before"], one["after"], _signed(one["difference"]),
         note if one["exceeds_consent"] else ""]
        for one in found
    ]  # fmt: skip
    tables.table(("number", "before", "after", "difference", "note"), rows)


def _unpriced(found: Sequence[Doc]) -> None:
    for one in found:
        render.put(f"{one['number']}  {one['before']}  {one['why']}")


TERMS = (N_("before"), N_("after"), N_("difference"), N_("obligation"), N_("cycle"))
"""Words that are said by their name."""
