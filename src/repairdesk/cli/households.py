"""Who lives where."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from repairdesk.cli.common import Call, Reason, command, pairs, required
from repairdesk.errors import N_, BadInput, Exit, Partial

if TYPE_CHECKING:
    from repairdesk.batch.households import Registered
    from repairdesk.domain.shape import Doc

chapter = typer.Typer()
DESK = N_("The desk")
MOST = 10_000_000
"""More rows than any desk has, and no more than SQLite can count to."""

household = typer.Typer(help=N_("Who lives where."), no_args_is_help=True)
chapter.add_typer(household, name="household", rich_help_panel=DESK)


@command(household, "import", DESK)
def household_import(
    call: Call,
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE", readable=False, help=N_("A list of households: CSV or xlsx."))
    ] = None,
    map_: Annotated[
        list[str] | None,
        typer.Option("--map", metavar="COLUMN=FIELD", help=N_("Which column is place, names, phones or since.")),
    ] = None,
    dates: Annotated[str | None, typer.Option(metavar="dmy|mdy|ymd", help=N_("Where dates are ambiguous."))] = None,
    encoding: Annotated[str | None, typer.Option(metavar="E", help=N_("Of a CSV file; else it is found out."))] = None,
    sheet: Annotated[str | None, typer.Option(metavar="NAME", help=N_("Of a workbook; else the first."))] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help=N_("Say what would happen, write nothing."))] = False,
    partial: Annotated[bool, typer.Option("--partial", help=N_("Take the good rows, though others are bad."))] = False,
) -> None:
    """Take in who lives where from a file."""
    from repairdesk.batch.households import Plan, run

    required(file=file)
    assert file is not None
    plan = Plan(pairs(map_ or (), "COLUMN=FIELD"), dates, encoding, sheet, dry_run=dry_run, partial=partial)
    _registered(call, run(call.desk, call.by, file, plan))


@command(household, "list", DESK, pages=True)
def household_list(
    call: Call,
    find: Annotated[str | None, typer.Option(metavar="TEXT", help=N_("Part of a place, a name or a phone."))] = None,
    limit: Annotated[int, typer.Option(metavar="N", min=1, help=N_("At most so many."))] = 50,
    reveal: Annotated[bool, typer.Option("--reveal", help=N_("With phone numbers; goes on record."))] = False,
    reason: Reason = None,
) -> None:
    """List households by place."""
    most = min(limit, MOST)
    if reveal:
        required(reason=reason)
        docs, total = call.desk.household_reveal(call.by, reason=reason or "", find=find, limit=most)
    else:
        docs, total = call.desk.household_list(call.by, find=find, limit=most)
    _listed(call, docs, total)


def _registered(call: Call, result: Registered) -> None:
    """The report is on stdout, whatever the outcome."""
    from repairdesk.cli import render

    texts = render.remarks(call, result.remarks)
    doc = result.doc(render.say)
    if call.json_:
        render.put_json({**doc, "warnings": texts})
    else:
        counts = (N_("rows"), N_("accepted"), N_("changed"), N_("already_there"), N_("rejected"))
        said = [render.named(name, doc[name]) for name in counts]
        said.append(render.named(N_("committed"), render.word("yes" if doc["committed"] else "no")))
        render.put("  ".join(said))
        for reject in doc["rejects"]:
            render.put(f"{reject['row']}\t{reject['column'] or ''}\t{reject['value'] or ''}\t{reject['why']}")
    rows = {"rejected": doc["rejected"], "rows": doc["rows"]}
    if result.exit == Exit.BAD_INPUT:
        raise BadInput(N_("{rejected} of {rows} rows are rejected; nothing was taken"), **rows)
    if result.exit == Exit.PARTIAL:
        raise Partial(N_("{rejected} of {rows} rows are rejected; the others were taken"), **rows)


def _listed(call: Call, docs: list[Doc], total: int) -> None:
    from repairdesk.cli import render
    from repairdesk.cli.render import tables
    from repairdesk.locale import tr

    if call.json_:
        render.put_json({"households": docs, "total": total, "warnings": []})
        return
    if not docs:
        return
    heads = (N_("id"), N_("place"), N_("names"), N_("phones"), N_("since"))
    rows = [[doc["id"], doc["place"], *(tr(", ").join(doc[name]) for name in heads[2:4]), doc["since"]] for doc in docs]
    tables.table(heads, rows)
    if total > len(docs):
        render.note(tr(N_("{shown} of {total}; --limit shows more")).format(shown=len(docs), total=total))
