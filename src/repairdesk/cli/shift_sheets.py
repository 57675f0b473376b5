"""The reconciliation of slips and the handover sheet, laid out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from repairdesk.cli import render
from repairdesk.errors import N_
from repairdesk.locale import tr
from repairdesk.locale.width import pad

if TYPE_CHECKING:
    from repairdesk.cli.common import Call
    from repairdesk.cli.paper import Made, Page
    from repairdesk.desk import Answer, Desk

Doc = Mapping[str, Any]
_LABELS = {
    "missing": N_("not back"),
    "in_field": N_("in the field"),
    "ended": N_("ended otherwise"),
    "back": N_("back"),
}
"""The outcomes, what has to be looked after first."""


def slips(call: Call, said: Answer) -> None:
    """``slips``."""
    if call.json_:
        render.document(call, said)
        return
    render.remarks(call, said.remarks)
    for line in _reconciled(said.doc):
        render.put(line)


def _reconciled(doc: Doc) -> Iterator[str]:
    yield tr(N_("Slips of {day}, as of {at}")).format(day=doc["day"], at=render.moment(doc["at"]))
    if not doc["technicians"]:
        yield tr(N_("No slip was out."))
        return
    for one in doc["technicians"]:
        yield f"{one['staff']} {one['name'] or ''}  {_sums({name: len(one[name]) for name in ('out', *_LABELS)})}"
        for outcome, label in _LABELS.items():
            for slip in one[outcome]:
                head = f"  {pad(tr(label), 15)} {slip['number']}  {pad(slip['place'] or '–', 12)}"
                yield f"{head} {_what(outcome, slip)}".rstrip()
    yield tr(N_("In all: {sums}")).format(sums=_sums(doc["totals"]))


def _sums(sums: Mapping[str, int]) -> str:
    template = N_("out {out} = back {back} + ended otherwise {ended} + in the field {in_field} + not back {missing}")
    return tr(template).format(**sums)


def _what(outcome: str, slip: Doc) -> str:
    if outcome == "back":
        return _short(slip["at"])
    if outcome == "ended":
        how = tr(N_("reassigned")) if slip["how"] == "reassigned" else render.word(slip["how"])
        return f"{how} {_short(slip['at'])}"
    state = render.word(slip["state"])
    if outcome == "in_field":
        return tr(N_("{state}, out since {since}")).format(state=state, since=_short(slip["since"]))
    state = f"{state} {_short(slip['state_at'])}"
    if slip["due_at"] is None:
        return state
    template = N_("{finished}, due {due} ({state})")
    return tr(template).format(finished=state, due=_short(slip["due_at"]), state=render.word(slip["due"]))


def _short(text: str | None) -> str:
    return render.moment(text)[5:] if text else ""


def made(call: Call, desk: Desk, said: Answer, page: Page) -> Made:
    """The handover sheet in the form that was asked for; as text it is the sheet alone."""
    from repairdesk.cli import paper

    if page.format == "text":
        from repairdesk.documents import shifts
        from repairdesk.documents.sandbox import Templates

        return paper.Made(shifts.sheet(said.doc, Templates(desk.home)), ())
    return paper.make(desk, [desk.handover_paper(call.by, said.doc)], page)


def handover(call: Call, desk: Desk, said: Answer, page: Page) -> None:
    """``handover``: the sheet, on stdout or in a file."""
    if call.json_ and page.out is None:
        render.document(call, said)
        return
    sheet = made(call, desk, said, page)
    said.remarks += sheet.remarks
    if page.out is not None:
        from repairdesk.cli.paper import save

        save(page.out, sheet.content)
        said.doc["file"] = str(page.out)
    if call.json_:
        render.document(call, said)
        return
    render.remarks(call, said.remarks)
    if page.out is not None:
        render.fields(call, {"file": str(page.out)})
        return
    assert isinstance(sheet.content, str)
    render.put(sheet.content.rstrip("\n"))
