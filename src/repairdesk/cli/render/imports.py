"""What ``import`` took, and which rows it did not take."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from repairdesk.cli.render.channels import Asking, is_kept, put, put_json, put_streamed, remarks
from repairdesk.cli.render.sentences import say
from repairdesk.cli.render.words import in_a_line, named, word
from repairdesk.errors import N_

if TYPE_CHECKING:
    from repairdesk.batch.importing import Imported

Doc = Mapping[str, Any]


def imported(call: Asking, result: Imported) -> None:
    """``import``: the report is on stdout, whatever the outcome."""
    from repairdesk.errors import BadInput, Exit, Partial

    texts = remarks(call, result.remarks)
    doc = result.doc(say, streamed=not is_kept())
    if call.json_:
        put_streamed({**doc, "sample": result.sample.doc(say) if result.sample else None, "warnings": texts})
    else:
        told = ("rows", "accepted", "already_there", "rejected", "committed")
        put(
            "  ".join(
                named(name, word("yes" if doc[name] else "no") if name == "committed" else doc[name]) for name in told
            )
        )
        for reject in doc["rejects"]:
            rule = f" [{reject['rule']}]" if reject.get("rule") else ""
            put(f"{reject['row']}\t{reject['column'] or ''}\t{reject['value'] or ''}\t{reject['why']}{rule}")
        for difference in doc["differences"]:
            put(_differing(difference))
    counts = {"rejected": doc["rejected"], "rows": doc["rows"]}
    if result.exit == Exit.BAD_INPUT:
        message = (N_("{rejected} of {rows} rows are rejected; nothing would be taken") if result.dry_run
                   else N_("{rejected} of {rows} rows are rejected; nothing was taken"))  # fmt: skip
        raise BadInput(message, **counts)
    if result.exit == Exit.PARTIAL:
        message = (N_("{rejected} of {rows} rows are rejected; the others would be taken") if result.dry_run
                   else N_("{rejected} of {rows} rows are rejected; the others were taken"))  # fmt: skip
        raise Partial(message, **counts)


def not_imported() -> None:
    """``import`` of a file that cannot be read, with ``--json``: there is a document, whatever the outcome."""
    counts = {"rows": 0, "accepted": 0, "already_there": 0, "rejected": 0}
    put_json({**counts, "rejects": [], "differences": [], "committed": False, "sample": None, "warnings": []})


def _differing(difference: Doc) -> str:
    """A row that says something else than what is there, by field."""
    own = difference.get("external_id") or difference.get("staff") or ""
    told = (named(name, f"{in_a_line(old)} → {in_a_line(new)}") for name, (old, new) in difference["fields"].items())
    return f"{difference['row']}\t{own}\t{difference['number'] or ''}\t" + "  ".join(told)
