"""Money: a bill is corrected, and paid."""

from __future__ import annotations

from typing import Annotated

import typer

from repairdesk.cli.common import Call, Number, PinFile, Reason, command, required
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


@command(chapter, "rebill", MONEY, words=("without",))
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
    pin_file: PinFile = None,
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
    by = call.second("reduce", approver if reduce else None, pin_file)
    call.answer(call.desk.rebill(by, number or "", slip, reason=reason or ""))


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
