"""Files of many rows."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from repairdesk.cli.common import Call, command, required
from repairdesk.errors import N_

chapter = typer.Typer()
BATCH = N_("Files")


@command(chapter, "import", BATCH)
def import_(
    call: Call,
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE", readable=False, help=N_("A file of reports: CSV or xlsx."))
    ] = None,
    map_: Annotated[
        list[str] | None,
        typer.Option("--map", metavar="COLUMN=FIELD", help=N_("Which column is which field; without one: none.")),
    ] = None,
    value: Annotated[
        list[str] | None,
        typer.Option("--value", metavar="FIELD:WORD=CODE", help=N_("What a word of the file is called here.")),
    ] = None,
    mapping: Annotated[
        str | None, typer.Option(metavar="NAME", help=N_("Read it as files of this name are read."))
    ] = None,
    save_mapping: Annotated[
        str | None, typer.Option("--save-mapping", metavar="NAME", help=N_("Keep how it was read under this name."))
    ] = None,
    kind: Annotated[str | None, typer.Option(metavar="K", help=N_("For files without that column."))] = None,
    dates: Annotated[str | None, typer.Option(metavar="dmy|mdy|ymd", help=N_("Where dates are ambiguous."))] = None,
    encoding: Annotated[str | None, typer.Option(metavar="E", help=N_("Of a CSV file; else it is found out."))] = None,
    sheet: Annotated[str | None, typer.Option(metavar="NAME", help=N_("Of a workbook; else the first."))] = None,
    header: Annotated[
        int | None, typer.Option(metavar="N", min=1, help=N_("The row with the names of the columns."))
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help=N_("Say what would happen, write nothing."))] = False,
    partial: Annotated[bool, typer.Option("--partial", help=N_("Take the good rows, though others are bad."))] = False,
    rejects: Annotated[
        Path | None, typer.Option(metavar="FILE", readable=False, help=N_("Write the rejected rows here."))
    ] = None,
) -> None:
    """Take in reports from a file: CSV in any encoding, or a workbook."""
    from repairdesk.batch.importing import Plan, run
    from repairdesk.cli import render, samples

    required(file=file)
    assert file is not None
    plan = Plan(
        samples.columns(map_ or ()), kind, dates, encoding=encoding, sheet=sheet, header=header,
        words=samples.words(value or ()), named=mapping, save=save_mapping,
        dry_run=dry_run, partial=partial, rejects=rejects,
    )  # fmt: skip
    result = run(call.desk, call.by, file, plan, say=render.say, show=samples.shown(call, file, dry_run=dry_run))
    render.imported(call, result)
