"""Files of many rows."""

from __future__ import annotations

from contextlib import suppress
from functools import partial as partial_
from pathlib import Path
from typing import Annotated, BinaryIO

import typer

from repairdesk import lent
from repairdesk.cli.common import Call, command, required
from repairdesk.errors import N_, BadInput

chapter = typer.Typer()
BATCH = N_("Files")


@command(chapter, "import", BATCH, words=("what", "kind"))
def import_(
    call: Call,
    file: Annotated[
        Path | None,
        typer.Argument(metavar="FILE", readable=False, help=N_("A file of rows: CSV or xlsx; - for standard input.")),
    ] = None,
    what: Annotated[
        str | None,
        typer.Option(metavar="reports|histories|staff|callbacks", help=N_("What its rows are; by default reports.")),
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
    as_found: Annotated[
        bool, typer.Option("--as-found", help=N_("Keep histories that the rules refuse as they were, out of rates."))
    ] = False,
    rejects: Annotated[
        Path | None, typer.Option(metavar="FILE", readable=False, help=N_("Write the rejected rows here."))
    ] = None,
) -> None:
    """Take in reports, histories, staff or callbacks from a file: CSV in any encoding, or a workbook."""
    from repairdesk.batch.importing import Plan, run
    from repairdesk.cli import render, samples
    from repairdesk.cli.render import imports, progress
    from repairdesk.desk import Answer

    required(file=file)
    assert file is not None
    plan = Plan(
        samples.columns(map_ or ()), kind, dates, encoding=encoding, sheet=sheet, header=header,
        words=samples.words(value or ()), named=mapping, save=save_mapping,
        dry_run=dry_run, partial=partial, rejects=rejects, what=what, as_found=as_found,
    )  # fmt: skip
    desk, by, show = call.desk, call.by, samples.shown(call, file, dry_run=dry_run)
    with progress.shown(file.name) as tell:
        of = _lines(file) if tell else None
        told = (lambda done: tell(done, of)) if tell else None
        try:
            result = run(desk, by, file, plan, say=render.say, progress=told, show=show)
        except BadInput:
            if call.json_:
                imports.not_imported()
            raise
    try:
        imports.imported(call, result)
    finally:
        call.tell(desk, by, Answer({}, queued=result.queued))


def _plain(file: Path) -> BinaryIO:
    if not file.is_file():
        raise FileNotFoundError  # a pipe that is read here would be read
    return open(file, "rb", opener=lent.opened)


def _lines(file: Path) -> int | None:
    """About how many rows a file has, if that is quickly said; to say how long it takes, nothing depends on it."""
    with suppress(OSError), lent.as_caller(), _plain(file) as stream:
        if stream.read(1) not in (b"P", b"\xd0"):  # what workbooks begin with
            return sum(block.count(b"\n") for block in iter(partial_(stream.read, 1 << 20), b"")) or None
    return None
