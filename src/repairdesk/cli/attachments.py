"""Photos and scans that belong to an order."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from repairdesk.cli.common import Call, Number, command, required
from repairdesk.errors import N_

chapter = typer.Typer()
ORDERS = N_("Orders")


@command(chapter, "attach", ORDERS, words=("what",))
def attach(
    call: Call,
    number: Number = None,
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE", readable=False, help=N_("A photo, or a scan of the signed slip."))
    ] = None,
    what: Annotated[str, typer.Option(metavar="W", help="slip, photo, other.")] = "slip",
    note: Annotated[str | None, typer.Option(metavar="N", help=N_("What it shows."))] = None,
) -> None:
    """Keep a photo or a scan of the signed slip with an order."""
    required(number=number, file=file)
    assert file is not None
    call.answer(call.desk.attach(call.by, number or "", file, what=what, note=note))
