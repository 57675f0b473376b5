"""Calling residents back."""

from __future__ import annotations

from typing import Annotated

import typer

from repairdesk.cli.common import Call, Number, command, required
from repairdesk.errors import N_

chapter = typer.Typer()
CALLBACKS = N_("Callbacks")

callback = typer.Typer(help=N_("Callbacks to residents."), no_args_is_help=True)
chapter.add_typer(callback, name="callback", rich_help_panel=CALLBACKS)


@command(callback, "record", CALLBACKS)
def callback_record(
    call: Call,
    number: Number = None,
    outcome: Annotated[str | None, typer.Option(metavar="O", help="satisfied, dissatisfied, unreached.")] = None,
    method: Annotated[str | None, typer.Option(metavar="M", help="phone, visit, letter.")] = None,
    signed_by: Annotated[str | None, typer.Option(metavar="N", help=N_("Who signed at the visit."))] = None,
    note: Annotated[str | None, typer.Option(metavar="N", help=N_("What was said."))] = None,
    next_: Annotated[str | None, typer.Option("--next", metavar="T", help=N_("When it is called again."))] = None,
) -> None:
    """Record a callback and what came of it."""
    from repairdesk.cli import render

    required(number=number, outcome=outcome, method=method)
    said = call.desk.callback(
        call.by, number or "", outcome=outcome or "", method=method or "", signed_by=signed_by, note=note, next_at=next_
    )
    if call.json_:
        said.doc["order"] = render.spoken(said.doc["order"])
        render.document(call, said)
        return
    made = said.doc["callback"]
    render.remarks(call, said.remarks)
    words = (render.word(made["method"]), render.word(made["outcome"]), made["note"] or "")
    render.put(f"{said.doc['order']['number']}  {'  '.join(words)}".rstrip())
