"""The table of public holidays and make-up workdays."""

from __future__ import annotations

from typing import Annotated

import typer

from repairdesk.cli.common import Call, command
from repairdesk.errors import N_

chapter = typer.Typer()
DESK = N_("The desk")
HEADS = (N_("day"), N_("kind"), N_("name"))
NAMES = (N_("years"), N_("last_day"), N_("warning"), N_("holiday"), N_("workday"), N_("calendar"))
"""What ``calendar check`` tells of the table, the kinds of its days, and of what it is a version."""

calendar = typer.Typer(help=N_("The public holidays and make-up workdays."), no_args_is_help=True)
chapter.add_typer(calendar, name="calendar", rich_help_panel=DESK)


@command(calendar, "check", DESK)
def calendar_check(call: Call) -> None:
    """Check calendar.yaml: every mistake with its line, and whether it runs out."""
    from repairdesk.cli import render
    from repairdesk.desk import Answer, rulefiles

    found, runs_out = rulefiles.check_days(call.folder(), call.desk.ledger, call.moment())
    said = [runs_out] if runs_out else []
    if call.json_:
        found["warning"] = render.say(runs_out.message, runs_out.values) if runs_out else None
        render.document(call, Answer(found, said))
        return
    render.remarks(call, said)
    render.fields(call, {**found, "years": ", ".join(map(str, found["years"]))})


@command(calendar, "show", DESK, pages=True)
def calendar_show(
    call: Call,
    year: Annotated[int | None, typer.Option(metavar="Y", help=N_("Only this year."))] = None,
) -> None:
    """List the days off with their names, and the make-up workdays."""
    from repairdesk.cli import render
    from repairdesk.cli.render import tables
    from repairdesk.desk import Answer, rulefiles

    found = rulefiles.listed_days(call.folder(), year)
    if call.json_:
        render.document(call, Answer(found, []))
        return
    tables.table(HEADS, [[day["day"], render.word(day["kind"]), day["name"] or ""] for day in found["days"]])
