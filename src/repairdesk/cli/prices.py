"""``fees import``: the report on a price list, and the fee table that it became."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from repairdesk.cli import common, render
from repairdesk.errors import N_, BadInput, Partial

if TYPE_CHECKING:
    from repairdesk.batch.feetable import Made
    from repairdesk.cli.common import Call


def run(call: Call, file: Path, options: dict[str, Any]) -> None:
    """Make the fee table, write it where ``out`` says, and report.

    Args:
        options: those of ``batch.feetable.Plan``.

    Raises:
        BadInput: nothing could be read (14). Partial: some rows could not (18). Others as ``batch.feetable.make``.
    """
    from repairdesk.batch.feetable import Plan, make

    plan = Plan(**options)
    made = make(file, plan, desk=call.folder(), now=common.clock())
    if made.text is not None and plan.out is not None:
        common.write_whole(plan.out, made.text)
    _report(call, made, plan.out)
    counts: dict[str, Any] = {"rejected": len(made.draft.rejects), "rows": made.draft.rows}
    if made.text is None:
        raise BadInput(N_("{rejected} of {rows} rows are rejected; nothing was taken"), **counts)
    if made.draft.rejects:
        raise Partial(N_("{rejected} of {rows} rows are rejected; the others were taken"), **counts)


def _report(call: Call, made: Made, out: Path | None) -> None:
    """The report is the answer; without a file to write, the fee table is, and the report goes beside it."""
    texts = render.remarks(call, made.draft.remarks)
    doc = made.doc(render.say)
    if call.json_:
        written = str(out) if out and made.text is not None else None
        yaml = made.text if out is None else None
        render.put_json({**doc, "out": written, "yaml": yaml, "warnings": texts})
        return
    put = render.note if out is None and made.text is not None else render.put
    put(render.say(N_("{rows} rows: {taken} taken as {services} services, {rejected} rejected"), doc))
    kinds = {kind.replace("-", "_"): count for kind, count in doc["kinds"].items()}
    put(render.say(N_("prices: {fixed} fixed, {free} free, {range} ranges, {on_quote} on quote"), kinds))
    for reject in doc["rejects"]:
        put("\t".join(_cell(reject[key]) for key in ("row", "column", "value", "why")))
    if out is None and made.text is not None:
        render.put(made.text.rstrip("\n"))
    elif out is not None and made.text is not None:
        put(render.say(N_("{file} written, version {version}"), {"file": out, "version": made.version}))


def _cell(value: Any) -> str:
    return " ".join(str(value or "").split())
