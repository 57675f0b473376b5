"""The sheet on which one shift hands the desk over to the next, for two signatures (INT-8)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from repairdesk.documents.words import aside, moment
from repairdesk.domain.record import NamedTuple
from repairdesk.errors import N_
from repairdesk.locale import tr
from repairdesk.locale.width import pad, width

if TYPE_CHECKING:
    from repairdesk.documents.sandbox import Templates

WIDTH = 80
"""Columns: a sheet of A4, upright."""

Doc = Mapping[str, Any]


def sheet(doc: Doc, templates: Templates | None = None) -> str:
    """The sheet as text; ``doc`` is what ``Desk.handover_sheet`` answers."""
    from repairdesk.documents import paper

    return paper.text([{**doc, "form": "handover", "copies": [], "stamp": None}], WIDTH, templates)


def filters(doc: Doc) -> dict[str, Callable[..., Any]]:
    """What its templates say rows with, besides what all templates have."""
    widths = _widths(doc)
    return {
        "short": _short, "who": lambda who: _who(doc, who), "side": lambda side: _side(doc, side),
        "open_row": lambda one: _open_row(doc, one),
        "owed_row": lambda one: _owed_row(doc, one, widths), "promise_row": lambda one: _promise_row(doc, one, widths),
        "missing_row": lambda one: _missing_row(doc, one, widths), "tally": _tally, "listed": _listed,
        "urgent": _urgent, "due": _due_of, "promised": _promised,
    }  # fmt: skip


def _short(text: str | None) -> str:
    """A time without its year, which the head of the sheet has."""
    return moment(text)[5:]


def _who(doc: Doc, who: str | None) -> str:
    """A person by id and name, a role by its word."""
    if not who:
        return "–"
    name = doc["names"].get(who)
    return f"{who} {name}" if name else tr(who)


def _duty(one: Doc) -> str:
    return f"{one['id']} {one['name']}{aside(tr(one['role']))}  {_short(one['from'])} - {_short(one['to'])}"


def _side(doc: Doc, side: str) -> list[str]:
    """Who goes or who comes: who signed for it, then the others whom the roster names."""
    handed_over = doc["handed_over"]
    if handed_over is None:
        return [_duty(one) for one in doc[side]] or [tr("the roster names nobody")]
    signed = handed_over["from" if side == "outgoing" else "to"]
    theirs = [_duty(one) for one in doc[side] if one["id"] == signed] or [_who(doc, signed)]
    others = [_duty(one) for one in doc[side] if one["id"] != signed]
    return [*theirs, *(tr(N_("by the roster: {who}")).format(who=one) for one in others)]


def _due(text: str, one: Doc) -> str:
    """A deadline; that of a day beyond the table of public holidays says so (SLA-2)."""
    return tr(N_("{due} (provisional)")).format(due=_short(text)) if one["provisional"] else _short(text)


def _place(one: Doc) -> str:
    return pad(one["place"] or "–", 12)


def _urgent(one: Doc) -> str:
    """Most are regular; what is not stands out."""
    return "" if one["priority"] in (None, "regular") else tr(one["priority"])


def _open_row(doc: Doc, one: Doc) -> str:
    told = f"{_who(doc, one['who'])}  {one['fault'] or ''}"
    urgent = f"[{_urgent(one)}] " if _urgent(one) else ""
    return f"{one['number']}  {_place(one)} {urgent}{' '.join(told.split())}".rstrip()


def _owed_row(doc: Doc, one: Doc, columns: _Widths) -> str:
    told = f"{pad(tr(one['name']), columns.owed)} {_who(doc, one['owner'])}"
    return f"{_due(one['due_at'], one)}  {one['number']}  {_place(one)} {told}"


def _due_of(one: Doc) -> str:
    return _due(one["at"] if "promise" in one else one["due_at"], one)


def _promise(one: Doc) -> str:
    """What was promised."""
    if one["promise"] == "next" and one["reason"]:
        return tr(N_("next: {reason}")).format(reason=tr(one["reason"], "reason"))
    kinds = {"appointment": tr("appointment"), "next": tr("next"), "due": tr(one["name"] or "")}
    what = kinds[one["promise"]]
    return tr(N_("{what} to {end}")).format(what=what, end=moment(one["end"])[11:]) if one["end"] else what


def _promised(one: Doc) -> str:
    """What was promised, and whether it is past."""
    return _promise(one) + (aside(_past(one)) if one["late"] else "")


def _past(one: Doc) -> str:
    return tr(N_("past")) if one["late"] else ""


class _Widths(NamedTuple):
    """How wide the columns of a sheet are, so that what follows them stands below each other."""

    owed: int
    due: int
    promise: int
    state: int
    who: int


def _widths(doc: Doc) -> _Widths:
    dues = (*(_due_of(one) for one in doc["promised"]), *(_due_back(one) for one in doc["missing"]))
    people = (*(one["who"] for one in doc["promised"]), *(one["staff"] for one in doc["missing"]))
    return _Widths(
        owed=max((width(tr(one["name"])) for one in (*doc["overdue"], *doc["coordination"])), default=0),
        due=max((width(due) for due in dues), default=0),
        promise=max((width(_promise(one)) for one in doc["promised"]), default=0),
        state=max((width(tr(one["state"])) for one in doc["missing"]), default=0),
        who=max((width(_who(doc, who)) for who in people), default=0),
    )


def _promise_row(doc: Doc, one: Doc, columns: _Widths) -> str:
    what, who = pad(_promise(one), columns.promise), pad(_who(doc, one["who"]), columns.who)
    return f"{pad(_due_of(one), columns.due)}  {one['number']}  {_place(one)} {what} {who}  {_past(one)}".rstrip()


def _due_back(one: Doc) -> str:
    """When a slip is due back at the desk, if it is."""
    return _short(one["due_at"]) if one["due_at"] else "–"


def _missing_row(doc: Doc, one: Doc, columns: _Widths) -> str:
    state, who = pad(tr(one["state"]), columns.state), pad(_who(doc, one["staff"]), columns.who)
    missed = tr(one["due"]) if one["due_at"] else ""
    return f"{pad(_due_back(one), columns.due)}  {one['number']}  {_place(one)} {state} {who}  {missed}".rstrip()


def _tally(counts: Mapping[str, int]) -> str:
    """How often each event was written."""
    return "  ".join(f"{tr(event, 'event')} {n}" for event, n in counts.items())


def _listed(numbers: Iterable[str]) -> str:
    return tr(", ").join(numbers)


def waiting(doc: Doc) -> str:
    """How many orders are in each state that is no end, those that wait for paper too."""
    return "  ".join(f"{tr(state)} {n}" for state, n in doc["counts"].items())
