"""The end of a day and of a shift: slips reconciled, the desk handed over."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from repairdesk.cli.common import Call, command
from repairdesk.errors import N_, UsageError

chapter = typer.Typer()
DAYS_END = N_("The day's end")


@command(chapter, "slips", DAYS_END, pages=True)
def slips(
    call: Call,
    day: Annotated[str | None, typer.Option(metavar="D", help=N_("Of which day; today."))] = None,
) -> None:
    """Which slips went out, came back and are missing, by technician."""
    from repairdesk.cli import shift_sheets

    shift_sheets.slips(call, call.desk.slips(call.by, day))


@command(chapter, "handover", DAYS_END)
def handover(
    call: Call,
    to: Annotated[str | None, typer.Option(metavar="STAFF", help=N_("Who takes over; it goes on record."))] = None,
    note: Annotated[str | None, typer.Option(metavar="N", help=N_("What else the next shift should know."))] = None,
    format_: Annotated[str, typer.Option("--format", metavar="F", help=N_("How: text, html, pdf."))] = "text",
    out: Annotated[Path | None, typer.Option(metavar="FILE", readable=False, help=N_("Write it to this file."))] = None,
) -> None:
    """What the next shift takes over, for two signatures."""
    from repairdesk.cli import shift_sheets
    from repairdesk.cli.paper import Page

    page = Page(format_, None, out)
    page.check()
    if call.json_ and out is None and format_ != "text":
        raise UsageError(N_("{one} and {other} exclude each other"), one="--json", other=f"--format {format_}")
    if note is not None and to is None:
        raise UsageError(N_("{option} belongs to {other}"), rule="INT-8", option="--note", other="--to")
    desk = call.desk
    # Whether the sheet can be made and written is asked before anything goes on record.
    page.can_be_written(desk)
    said = desk.handover_sheet(call.by)
    if to is not None:
        shift_sheets.made(call, desk, said, page)
        said = desk.hand_over_shift(call.by, to, note=note)
    shift_sheets.handover(call, desk, said, page)
