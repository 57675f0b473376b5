"""Files of many rows."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from repairdesk.cli.common import Call, command, pairs, required
from repairdesk.errors import N_

chapter = typer.Typer()
BATCH = N_("Files")


@command(chapter, "import", BATCH)
def import_(
    call: Call,
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE", readable=False, help=N_("A CSV file in UTF-8."))
    ] = None,
    map_: Annotated[
        list[str] | None, typer.Option("--map", metavar="COLUMN=FIELD", help=N_("Which column is which field."))
    ] = None,
    kind: Annotated[str | None, typer.Option(metavar="K", help=N_("For files without that column."))] = None,
    dates: Annotated[str | None, typer.Option(metavar="dmy|mdy|ymd", help=N_("Where dates are ambiguous."))] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help=N_("Say what would happen, write nothing."))] = False,
    partial: Annotated[bool, typer.Option("--partial", help=N_("Take the good rows, though others are bad."))] = False,
    rejects: Annotated[
        Path | None, typer.Option(metavar="FILE", readable=False, help=N_("Write the rejected rows here."))
    ] = None,
) -> None:
    """Take in reports from a CSV file."""
    from repairdesk.batch.importing import Plan, run
    from repairdesk.cli import render

    required(file=file)
    assert file is not None
    plan = Plan(pairs(map_ or (), "COLUMN=FIELD"), kind, dates, dry_run=dry_run, partial=partial, rejects=rejects)
    render.imported(call, run(call.desk, call.by, file, plan))
