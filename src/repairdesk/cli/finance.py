"""Money: a bill is corrected, paid, and handed to finance with its month."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from repairdesk.cli.common import Call, Number, Reason, command, required
from repairdesk.cli.flow import (
    Approver,
    CardPrices,
    Invoice,
    Materials,
    Reduce,
    Services,
    Supplied,
    UserDamage,
    Warned,
    Warranty,
)
from repairdesk.errors import N_, UsageError

chapter = typer.Typer()
MONEY = N_("Money")
REPORTS = ("finance",)
FORMATS = ("table", "json", "csv", "xlsx")


@command(chapter, "rebill", MONEY)
def rebill(
    call: Call,
    number: Number = None,
    service: Services = None,
    material: Materials = None,
    supplied: Supplied = None,
    warning: Warned = None,
    card_price: CardPrices = None,
    warranty: Warranty = False,
    user_damage: UserDamage = False,
    reduce: Reduce = None,
    approver: Approver = None,
    without: Annotated[
        list[str] | None,
        typer.Option(
            metavar="PART",
            help=N_("Leave out: services, materials, supplied, warranty, card-prices, reduction."),
        ),
    ] = None,
    reason: Reason = None,
) -> None:
    """Correct a bill: reverse it and put another in its place."""
    from repairdesk.desk.slip import Slip

    required(number=number, reason=reason)
    slip = Slip(
        services=tuple(service or ()), materials=tuple(material or ()), supplied=tuple(supplied or ()),
        warning=warning, card_prices=tuple(card_price or ()), warranty=warranty, user_damage=user_damage,
        reduce=reduce, reason=reason, approver=approver, without=tuple(without or ()),
    )  # fmt: skip
    call.answer(call.desk.rebill(call.by, number or "", slip, reason=reason or ""))


@command(chapter, "pay", MONEY)
def pay(
    call: Call,
    numbers: Annotated[list[str] | None, typer.Argument(metavar="NUMBER…", help=N_("The orders paid for."))] = None,
    amount: Annotated[
        str | None, typer.Option(metavar="A", help=N_("What was received; by default all that is open."))
    ] = None,
    method: Annotated[str | None, typer.Option(metavar="M", help=N_("How: one of the policy's methods."))] = None,
    invoice: Invoice = None,
    refund: Annotated[bool, typer.Option("--refund", help=N_("Paid back, with --amount and --reason."))] = False,
    reason: Reason = None,
) -> None:
    """Finance records a payment."""
    from repairdesk.cli import figures
    from repairdesk.desk.settling import Paying

    required(number=numbers, **({"amount": amount, "reason": reason} if refund else {}))
    if reason is not None and not refund:
        raise UsageError(N_("{option} belongs to {other}"), rule="FEE-7", option="--reason", other="--refund")
    answer = call.desk.pay(call.by, numbers or (), Paying(amount, method, invoice, refund, reason))
    if len(numbers or ()) == 1:
        call.answer(answer)
    else:
        figures.receipt(call, answer)


@command(chapter, "report", MONEY)
def report(
    call: Call,
    name: Annotated[str | None, typer.Argument(metavar="finance", help=N_("Which report."))] = None,
    month: Annotated[
        str | None,
        typer.Option(metavar="YYYY-MM", help=N_("Of which month; this one, or the one to be handed over.")),
    ] = None,
    hand_over: Annotated[
        bool, typer.Option("--hand-over", help=N_("Finance signs for the month; it is locked from then on."))
    ] = False,
    arrears: Annotated[bool, typer.Option("--arrears", help=N_("What is not paid yet."))] = False,
    place: Annotated[str | None, typer.Option(metavar="P", help=N_("Only at this place, with --arrears."))] = None,
    format_: Annotated[
        str | None, typer.Option("--format", metavar="table|json|csv|xlsx", help=N_("How; a table."))
    ] = None,
    out: Annotated[Path | None, typer.Option(metavar="FILE", readable=False, help=N_("Write it to this file."))] = None,
) -> None:
    """The month for finance, per household, reconciled with the ledger."""
    from repairdesk.cli import figures

    required(report=name)
    _known("report", name or "", REPORTS)
    shape = figures.Shape(format_ or ("json" if call.json_ else "table"), out)
    _known("--format", shape.format, FORMATS)
    _together(hand_over=hand_over, arrears=arrears, month=month, place=place)
    desk = call.desk
    if out is not None:
        desk.spare(out)
    # Whether the answer can be given is asked before anything is signed for.
    shape.check(as_json=call.json_)
    if arrears:
        figures.arrears(call, desk.arrears(call.by, place), shape)
    elif hand_over:
        figures.month(call, desk.hand_over(call.by, month), shape)
    else:
        figures.month(call, desk.finance_month(call.by, month), shape)


def _known(field: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        raise UsageError(N_("“{value}” is no {field}; choose: {known}"), value=value, field=field, known=list(known))


def _together(*, hand_over: bool, arrears: bool, month: str | None, place: str | None) -> None:
    if arrears and (hand_over or month):
        raise UsageError(N_("{one} and {other} exclude each other"), one="--arrears", other="--hand-over, --month")
    if place is not None and not arrears:
        raise UsageError(N_("{option} belongs to {other}"), rule="FEE-7", option="--place", other="--arrears")
