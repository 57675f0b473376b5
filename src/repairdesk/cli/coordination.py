"""Coordination orders: what is not done in time is tracked by one person."""

from __future__ import annotations

from typing import Annotated

import typer

from repairdesk.cli.common import Call, Number, Reason, command, required
from repairdesk.errors import N_

chapter = typer.Typer()
COORDINATION = N_("Coordination orders")


@command(chapter, "convert", COORDINATION)
def convert(
    call: Call,
    number: Number = None,
    tracker: Annotated[str | None, typer.Option(metavar="STAFF", help=N_("The one person who tracks it."))] = None,
    reason: Reason = None,
) -> None:
    """Hand an order to a coordination order."""
    required(number=number, tracker=tracker, reason=reason)
    call.answer(call.desk.convert(call.by, number or "", tracker=tracker or "", reason=reason or ""))


@command(chapter, "log", COORDINATION)
def log(
    call: Call,
    number: Number = None,
    place: Annotated[str | None, typer.Option(metavar="P", help=N_("Where."))] = None,
    contact: Annotated[str | None, typer.Option(metavar="C", help=N_("Who was spoken to."))] = None,
    phone: Annotated[str | None, typer.Option(metavar="T", help=N_("The contact's number."))] = None,
    content: Annotated[str | None, typer.Option(metavar="X", help=N_("What was said."))] = None,
    opinions: Annotated[str | None, typer.Option(metavar="O", help=N_("Opinions and attitude."))] = None,
    plan: Annotated[str | None, typer.Option(metavar="N", help=N_("What comes next."))] = None,
) -> None:
    """The tracker writes an entry."""
    from repairdesk.desk.coordinating import LogEntry

    required(
        number=number, place=place, contact=contact, phone=phone, content=content, opinions=opinions, plan=plan
    )  # fmt: skip
    entry = LogEntry(place or "", contact or "", phone or "", content or "", opinions or "", plan or "")
    call.answer(call.desk.log(call.by, number or "", entry))


@command(chapter, "check", COORDINATION)
def check(
    call: Call,
    number: Number = None,
    support: Annotated[str | None, typer.Option(metavar="S", help=N_("The support that was given."))] = None,
) -> None:
    """A leader's or supervisor's signed inspection."""
    required(number=number, support=support)
    call.answer(call.desk.check(call.by, number or "", support=support or ""))


@command(chapter, "exempt", COORDINATION)
def exempt(call: Call, number: Number = None, reason: Reason = None) -> None:
    """Exempt an order from conversion, or a coordination order from its weekly entry."""
    required(number=number, reason=reason)
    call.answer(call.desk.exempt(call.by, number or "", reason=reason or ""))
