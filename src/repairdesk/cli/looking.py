"""Looking: what is open, what happened, and why."""

from __future__ import annotations

import sys
from time import sleep
from typing import Annotated

import typer

from repairdesk.cli.common import Call, Number, Reason, command, required
from repairdesk.errors import N_, NotFound, UsageError

chapter = typer.Typer()
LOOKING = N_("Looking")
MOST = 10_000_000
"""More rows than any desk has, and no more than SQLite can count to."""

WATCH_SECONDS = 5
"""Between two looks of ``board --watch``."""


@command(chapter, "list", LOOKING, pages=True, words=("state", "kind"))
def list_(
    call: Call,
    find: Annotated[str | None, typer.Option(metavar="TEXT", help=N_("Number, place, phone, name or words."))] = None,
    state: Annotated[list[str] | None, typer.Option(metavar="S", help=N_("Only in this state."))] = None,
    kind: Annotated[str | None, typer.Option(metavar="K", help="in_home, public_area, complaint, help.")] = None,
    place: Annotated[str | None, typer.Option(metavar="P", help=N_("Only at this place."))] = None,
    department: Annotated[str | None, typer.Option(metavar="D", help=N_("Only complaints of this one's."))] = None,
    staff: Annotated[str | None, typer.Option(metavar="ID", help=N_("Only with this technician."))] = None,
    overdue: Annotated[bool, typer.Option("--overdue", help=N_("Only with something overdue."))] = False,
    since: Annotated[str | None, typer.Option(metavar="D", help=N_("Reported on or after this day."))] = None,
    until: Annotated[str | None, typer.Option(metavar="D", help=N_("Reported on or before this day."))] = None,
    limit: Annotated[int, typer.Option(metavar="N", min=1, help=N_("At most so many."))] = 50,
) -> None:
    """List orders, the newest first."""
    from repairdesk.cli.render import listing
    from repairdesk.domain.lifecycle import STATES
    from repairdesk.domain.vocabulary import KINDS

    for name, value, known in (("kind", kind, KINDS), *(("state", one, STATES) for one in state or ())):
        if value is not None and value not in known:
            raise UsageError(
                N_("“{value}” is no {field}; choose: {known}"), value=value, field=name, known=list(known)
            )  # fmt: skip
    filters = {
        "find": find, "states": state or [], "kind": kind, "place": place, "department": department, "staff": staff,
        "overdue": overdue, "since": since, "until": until,
    }  # fmt: skip
    desk = call.desk
    docs, total = desk.list_orders(call.by, filters, limit=min(limit, MOST))
    near = desk.near_places(call.by, place) if place and not docs else []
    listing.order_list(call, docs, total, near, asked=any(filters.values()))


@command(chapter, "show", LOOKING, pages=True)
def show(
    call: Call,
    number: Number = None,
    as_of: Annotated[str | None, typer.Option(metavar="T", help=N_("As it stood at this time."))] = None,
    entries: Annotated[bool, typer.Option("--entries", help=N_("Its entries in the ledger."))] = False,
    reveal: Annotated[bool, typer.Option("--reveal", help=N_("With phone numbers; goes on record."))] = False,
    reason: Reason = None,
) -> None:
    """Show one order."""
    from repairdesk.cli import telling
    from repairdesk.cli.render import whole

    required(number=number, **({"reason": reason} if reveal else {}))
    desk, by = call.desk, call.by
    if reveal:
        answer = desk.reveal(by, number or "", reason=reason or "", as_of=as_of)
    else:
        answer = desk.show(by, number or "", as_of=as_of)
    if entries:
        answer.doc["entries"] = desk.entries(by, number or "", as_of=as_of, reveal=reveal)
    whole.show(call, answer, telling.readable(desk.names(by)) if entries and not call.json_ else {})


@command(chapter, "why", LOOKING, pages=True)
def why(
    call: Call,
    number: Number = None,
    what: Annotated[str | None, typer.Argument(metavar="bill|OBLIGATION", help=N_("Which one; all."))] = None,
) -> None:
    """Explain a deadline or a bill."""
    from repairdesk.cli import accounts

    required(number=number)
    desk, by = call.desk, call.by
    try:
        doc = desk.why(by, number or "", what)
    except NotFound as refusal:
        from repairdesk.cli import coding

        # What an order owes goes by the policies: only the desk knows the codes that the word could stand for.
        named = refusal.values.get("known") and coding.meant(what or "", refusal.values["known"])
        if not named:
            raise
        what = str(named)
        doc = desk.why(by, number or "", what)
    accounts.why(call, doc, whole=what is not None, what=what)


@command(chapter, "board", LOOKING)
def board(
    call: Call,
    limit: Annotated[int, typer.Option(metavar="N", min=1, help=N_("At most so many."))] = 20,
    watch: Annotated[bool, typer.Option("--watch", help=N_("Look again every few seconds, until Ctrl-C."))] = False,
) -> None:
    """What is open, what is due next, who has it."""
    from repairdesk.cli import render
    from repairdesk.cli.render.board import board

    desk, by = call.desk, call.by
    if not watch:
        board(call, desk.board(by, limit=min(limit, MOST)))
        return
    if call.json_:
        raise UsageError(N_("{one} and {other} exclude each other"), one="--watch", other="--json")
    if not sys.stdout.isatty():
        raise UsageError(N_("--watch needs a terminal"))
    while True:
        render.clear()
        board(call, desk.board(by, limit=min(limit, MOST)))
        sleep(WATCH_SECONDS)
