"""The life of an order, from the call to the filed slip."""

from __future__ import annotations

from typing import Annotated

import typer

from repairdesk.cli.common import Call, Checks, Number, PinFile, Reason, command, required
from repairdesk.errors import N_, UsageError

chapter = typer.Typer()
FLOW = N_("Orders")


@command(chapter, "intake", FLOW, words=("kind", "priority", "channel", "severity", "help_class"))
def intake(
    call: Call,
    kind: Annotated[str | None, typer.Option(metavar="K", help="in_home, public_area, complaint, help.")] = None,
    place: Annotated[str | None, typer.Option(metavar="P", help=N_("Where: 3-2-501, or in words."))] = None,
    caller: Annotated[str | None, typer.Option(metavar="N", help=N_("Who reports it."))] = None,
    phone: Annotated[
        str | None, typer.Option(metavar="T", help=N_("The caller's phone; @1: the household's first."))
    ] = None,
    fault: Annotated[str | None, typer.Option(metavar="F", help=N_("What is wrong."))] = None,
    category: Annotated[str | None, typer.Option(metavar="C", help=N_("Class of fault, by policy."))] = None,
    priority: Annotated[str | None, typer.Option(metavar="P", help="emergency, regular, low.")] = None,
    channel: Annotated[
        str | None,
        typer.Option(
            metavar="C",
            help=N_(
                "How it was reported: phone, walk-in, wechat, app, web, letter, patrol, handover-inspection, "
                "higher-office."
            ),
        ),
    ] = None,
    severity: Annotated[
        str | None, typer.Option(metavar="S", help=N_("Of a complaint: general, important, major."))
    ] = None,
    help_class: Annotated[str | None, typer.Option("--class", metavar="C", help=N_("Of a help request."))] = None,
    department: Annotated[
        str | None, typer.Option(metavar="D", help=N_("Whose matter a complaint is, by policy; else proposed."))
    ] = None,
    appointment: Annotated[str | None, typer.Option(metavar="START/END", help=N_("The agreed visit window."))] = None,
    service: Annotated[list[str] | None, typer.Option(metavar="CODE[:QTY]", help=N_("A service asked for."))] = None,
    model: Annotated[str | None, typer.Option(metavar="M", help=N_("Product model."))] = None,
    purchased: Annotated[str | None, typer.Option(metavar="D", help=N_("Day of purchase."))] = None,
    warranty_until: Annotated[str | None, typer.Option(metavar="D", help=N_("Last day of the warranty."))] = None,
    affects: Annotated[list[str] | None, typer.Option(metavar="P", help=N_("A place affected too."))] = None,
    follows: Annotated[str | None, typer.Option(metavar="NUMBER", help=N_("The order that this is rework of."))] = None,
    found_on: Annotated[str | None, typer.Option(metavar="NUMBER", help=N_("The order on which it was found."))] = None,
    external_id: Annotated[str | None, typer.Option(metavar="X", help=N_("Its id in another system."))] = None,
    unlisted: Annotated[bool, typer.Option("--unlisted", help=N_("Work that is not on the fee table."))] = False,
    advised: Annotated[bool, typer.Option("--advised", help=N_("Solved on the phone: no visit."))] = False,
    anonymous: Annotated[bool, typer.Option("--anonymous", help=N_("A complaint without a name."))] = False,
    letter_only: Annotated[bool, typer.Option("--letter-only", help=N_("Only a letter was asked for."))] = False,
    join: Annotated[str | None, typer.Option(metavar="NUMBER", help=N_("Add the caller to this open order."))] = None,
    new: Annotated[bool, typer.Option("--new", help=N_("A new order, though one is open there."))] = False,
) -> None:
    """Take in a report."""
    from repairdesk.domain.intake import Report, missing

    report = Report(
        kind, place, caller, phone, fault, category, priority, channel, severity, help_class, appointment,
        tuple(service or ()), model, purchased, warranty_until, tuple(affects or ()), follows, found_on, external_id,
        unlisted, advised, anonymous, letter_only, department,
    )  # fmt: skip
    if call.talks and missing(report):
        from repairdesk.cli.talk import begin

        begin.intake(call, report, join=join, new=new)
        return
    desk, by = call.desk, call.by
    taken = desk.intake(by, report, join=join, new=new)
    call.answer(taken)
    call.tell(desk, by, taken)


@command(chapter, "quote", FLOW)
def quote(
    call: Call,
    number: Number = None,
    fee: Annotated[str | None, typer.Option(metavar="AMOUNT", help=N_("What it will cost."))] = None,
    not_feasible: Annotated[bool, typer.Option("--not-feasible", help=N_("It cannot be done."))] = False,
    reason: Reason = None,
) -> None:
    """The supervisor's review of work that is not on the fee table."""
    if not_feasible and fee is not None:
        raise UsageError(N_("--fee and --not-feasible exclude each other"), rule="QUO-2")
    required(number=number, **({"reason": reason} if not_feasible else {"fee": fee}))
    call.answer(call.desk.quote(call.by, number or "", fee=fee, feasible=not not_feasible, reason=reason))


@command(chapter, "consent", FLOW)
def consent(
    call: Call,
    number: Number = None,
    fee: Annotated[
        str | None, typer.Option(metavar="AMOUNT", help=N_("The sum agreed to; by default the quote."))
    ] = None,
    declined: Annotated[bool, typer.Option("--declined", help=N_("The resident says no."))] = False,
    reason: Reason = None,
    with_: Annotated[str | None, typer.Option("--with", metavar="STAFF", help=N_("The second person."))] = None,
    pin_file: PinFile = None,
) -> None:
    """The resident agrees to the fee, or declines."""
    if declined:
        if fee is not None:
            raise UsageError(N_("{one} and {other} exclude each other"), one="--declined", other="--fee")
        required(number=number, reason=reason, with_=with_)
        by = call.second("decline", with_, pin_file)
        call.answer(call.desk.decline(by, number or "", reason=reason or "", second=with_ or ""))
        return
    if with_ is not None or reason is not None or pin_file is not None:
        raise UsageError(N_("--with and --reason belong to --declined"), rule="QUO-3")
    required(number=number)
    call.answer(call.desk.consent(call.by, number or "", fee=fee))


@command(chapter, "assign", FLOW)
def assign(
    call: Call,
    number: Number = None,
    staff: Annotated[str | None, typer.Argument(metavar="STAFF", help=N_("Who goes."))] = None,
    reason: Reason = None,
    force: Annotated[bool, typer.Option("--force", help=N_("Though visits overlap; with a reason."))] = False,
) -> None:
    """Send a technician."""
    if call.talks and not (number and staff) and not (reason or force):
        from repairdesk.cli.talk import begin

        begin.assign(call, number, staff)
        return
    required(number=number, staff=staff)
    call.answer(call.desk.assign(call.by, number or "", staff or "", reason=reason, force=force))


@command(chapter, "accept", FLOW)
def accept(call: Call, number: Number = None) -> None:
    """The technician takes the order."""
    required(number=number)
    call.answer(call.desk.accept(call.by, number or ""))


@command(chapter, "arrive", FLOW)
def arrive(
    call: Call,
    number: Number = None,
    found: Annotated[str | None, typer.Option(metavar="F", help=N_("What is really wrong."))] = None,
    nobody_home: Annotated[bool, typer.Option("--nobody-home", help=N_("Nobody opened; a card was left."))] = False,
) -> None:
    """The technician is there."""
    if nobody_home and found is not None:
        raise UsageError(N_("{one} and {other} exclude each other"), one="--nobody-home", other="--found")
    required(number=number)
    call.answer(call.desk.arrive(call.by, number or "", found=found, nobody_home=nobody_home))


@command(chapter, "start", FLOW, words=("disturbs",))
def start(
    call: Call,
    number: Number = None,
    found: Annotated[str | None, typer.Option(metavar="F", help=N_("What is really wrong."))] = None,
    check: Checks = None,
    reason: Reason = None,
    agreed_by: Annotated[str | None, typer.Option(metavar="N", help=N_("Who agreed to noise or a cut."))] = None,
    disturbs: Annotated[list[str] | None, typer.Option(metavar="D", help="noise, power, water.")] = None,
) -> None:
    """Service begins; the handling time runs."""
    required(number=number)
    call.answer(
        call.desk.start(
            call.by, number or "", found=found, checks=check or (), reason=reason, agreed_by=agreed_by,
            disturbs=disturbs or (),
        )
    )  # fmt: skip


Services = Annotated[
    list[str] | None, typer.Option(metavar="CODE[:QTY][@HH:MM]", help=N_("A service, and when it was asked for."))
]
Materials = Annotated[
    list[str] | None, typer.Option(metavar="CODE[:QTY]|NAME:QTY:COST", help=N_("A material that was used."))
]
Supplied = Annotated[
    list[str] | None,
    typer.Option(metavar="NAME[:QTY]:GRADE", help=N_("The resident's own material: qualified, unqualified, poor.")),
]
Warned = Annotated[str | None, typer.Option(metavar="W", help=N_("The warning given about that material."))]
CardPrices = Annotated[
    list[str] | None, typer.Option(metavar="CODE=PRICE", help=N_("What the warranty card says of one unit."))
]
Warranty = Annotated[bool, typer.Option("--warranty", help=N_("It is under warranty."))]
UserDamage = Annotated[bool, typer.Option("--user-damage", help=N_("The damage is the user's."))]
Reduce = Annotated[str | None, typer.Option(metavar="AMOUNT", help=N_("What is taken off the bill, with a reason."))]
Approver = Annotated[str | None, typer.Option(metavar="STAFF", help=N_("Who approved that."))]
Invoice = Annotated[str | None, typer.Option(metavar="TITLE", help=N_("An invoice is asked for, in this name."))]
Damage = Annotated[str | None, typer.Option(metavar="D", help=N_("What was damaged."))]
Compensation = Annotated[str | None, typer.Option(metavar="AMOUNT", help=N_("What is paid for the damage."))]


@command(chapter, "pause", FLOW, words=("reason",))
def pause(
    call: Call,
    number: Number = None,
    reason: Annotated[
        str | None, typer.Option(metavar="R", help="parts, absent, supplier, support, taken-away, consent, other.")
    ] = None,
    next_: Annotated[str | None, typer.Option("--next", metavar="TIME", help=N_("When it goes on."))] = None,
    note: Annotated[str | None, typer.Option(metavar="N", help=N_("A note."))] = None,
    item: Annotated[list[str] | None, typer.Option(metavar="ITEM", help=N_("A thing taken away for repair."))] = None,
    loaner: Annotated[str | None, typer.Option(metavar="L", help=N_("What was left in its place."))] = None,
    check: Checks = None,
    damage: Damage = None,
    compensation: Compensation = None,
    major: Annotated[bool, typer.Option("--major", help=N_("A major matter: the manager is told, too."))] = False,
) -> None:
    """Work is left unfinished."""
    required(number=number, reason=reason, next_=next_)
    desk, by = call.desk, call.by
    left = desk.pause(
        by, number or "", reason=reason or "", next_at=next_, note=note, taken=item or (), loaner=loaner,
        checks=check or (), damage=damage, compensation=compensation, major=major,
    )  # fmt: skip
    call.answer(left)
    call.tell(desk, by, left)


@command(chapter, "reschedule", FLOW)
def reschedule(
    call: Call,
    number: Number = None,
    appointment: Annotated[str | None, typer.Option(metavar="START/END", help=N_("The new visit window."))] = None,
    reason: Reason = None,
    agreed_by: Annotated[str | None, typer.Option(metavar="N", help=N_("Who agreed; by default the caller."))] = None,
    force: Annotated[bool, typer.Option("--force", help=N_("Though visits overlap; with a reason."))] = False,
) -> None:
    """Agree another time with the resident."""
    required(number=number, appointment=appointment, reason=reason)
    call.answer(
        call.desk.reschedule(
            call.by, number or "", appointment, reason=reason or "", agreed_by=agreed_by, force=force
        )
    )  # fmt: skip


@command(chapter, "support", FLOW)
def support(call: Call, number: Number = None, reason: Reason = None) -> None:
    """The technician asks for support."""
    required(number=number, reason=reason)
    call.answer(call.desk.support(call.by, number or "", reason=reason or ""))


@command(chapter, "returned", FLOW)
def returned(
    call: Call,
    number: Number = None,
    items: Annotated[list[str] | None, typer.Argument(metavar="ITEM…", help=N_("What came back."))] = None,
) -> None:
    """What was taken away is back."""
    required(number=number, item=items)
    call.answer(call.desk.returned(call.by, number or "", items or ()))


@command(chapter, "finish", FLOW)
def finish(
    call: Call,
    number: Number = None,
    found: Annotated[str | None, typer.Option(metavar="F", help=N_("The fault that was found."))] = None,
    result: Annotated[str | None, typer.Option(metavar="R", help=N_("What was done, and how it stands."))] = None,
    service: Services = None,
    material: Materials = None,
    supplied: Supplied = None,
    warning: Warned = None,
    card_price: CardPrices = None,
    warranty: Warranty = False,
    user_damage: UserDamage = False,
    reduce: Reduce = None,
    reason: Reason = None,
    approver: Approver = None,
    pin_file: PinFile = None,
    check: Checks = None,
    refused: Annotated[
        str | None, typer.Option(metavar="W", help=N_("A needed replacement that the resident refused."))
    ] = None,
    explained: Annotated[str | None, typer.Option(metavar="E", help=N_("What was explained about that."))] = None,
    made_safe: Annotated[str | None, typer.Option(metavar="S", help=N_("What was made safe instead."))] = None,
    unsure: Annotated[bool, typer.Option("--unsure", help=N_("The technician is not sure that it holds."))] = False,
    untested: Annotated[bool, typer.Option("--untested", help=N_("It could not be tested."))] = False,
    damage: Damage = None,
    compensation: Compensation = None,
) -> None:
    """Work is done; the bill is made and frozen."""
    from repairdesk.desk.visiting import Work

    said = {"number": number, "found": found, "result": result, "services": service, "materials": material,
            "checks": check}  # fmt: skip
    further = (supplied, warning, card_price, warranty, user_damage, reduce, reason, approver, refused, explained,
               made_safe, unsure, untested, damage, compensation)  # fmt: skip
    if call.talks and not (number and result) and not any(further):
        from repairdesk.cli.talk import begin

        begin.finish(call, said)
        return
    # Where the result is missing, so is the fault unless it was recorded on arrival: both are named at once (FIN-1).
    required(number=number, **({} if result else {"found": found}), result=result)
    work = Work(
        result or "", found, checks=tuple(check or ()), unsure=unsure, untested=untested, damage=damage,
        compensation=compensation, refused=refused, explained=explained, made_safe=made_safe,
        services=tuple(service or ()), materials=tuple(material or ()), supplied=tuple(supplied or ()),
        warning=warning, card_prices=tuple(card_price or ()), warranty=warranty, user_damage=user_damage,
        reduce=reduce, reason=reason, approver=approver,
    )  # fmt: skip
    by = call.second("reduce", approver if reduce else None, pin_file)
    call.answer(call.desk.finish(by, number or "", work))


@command(chapter, "sign", FLOW, words=("rating",))
def sign(
    call: Call,
    number: Number = None,
    by: Annotated[str | None, typer.Option(metavar="NAME", help=N_("Who signs."))] = None,
    rating: Annotated[
        str | None, typer.Option(metavar="R", help="very-satisfied, satisfied, fair, dissatisfied.")
    ] = None,
    invoice: Invoice = None,
    unsigned: Annotated[bool, typer.Option("--unsigned", help=N_("No signature; the leader verified it."))] = False,
    reason: Reason = None,
) -> None:
    """The resident accepts the work, rates it and signs."""
    if unsigned:
        if by is not None or rating is not None or invoice is not None:
            raise UsageError(
                N_("{one} and {other} exclude each other"), rule="FIN-3", one="--unsigned",
                other="--by, --rating, --invoice",
            )  # fmt: skip
        required(number=number, reason=reason)
        call.answer(call.desk.sign_unsigned(call.by, number or "", reason=reason or ""))
        return
    if reason is not None:
        raise UsageError(N_("--reason belongs to --unsigned"), rule="FIN-3")
    if call.talks and not (number and by and rating):
        from repairdesk.cli.talk import begin

        begin.sign(call, {"number": number, "by": by, "rating": rating, "invoice": invoice})
        return
    required(number=number, by=by, rating=rating)
    call.answer(call.desk.sign(call.by, number or "", signer=by or "", rating=rating or "", invoice=invoice))


@command(chapter, "close", FLOW)
def close(call: Call, number: Number = None) -> None:
    """The slip is back and right."""
    required(number=number)
    call.answer(call.desk.close(call.by, number or ""))


@command(chapter, "archive", FLOW)
def archive(
    call: Call,
    numbers: Annotated[list[str] | None, typer.Argument(metavar="NUMBER…", help=N_("The orders to file."))] = None,
    everything: Annotated[bool, typer.Option("--all", help=N_("Every order that is closed."))] = False,
) -> None:
    """File orders."""
    from repairdesk.cli.render import orders

    if everything and numbers:
        raise UsageError(N_("{one} and {other} exclude each other"), one="--all", other="NUMBER")
    if not everything:
        required(number=numbers)
    if numbers and len(numbers) == 1 and not everything:
        call.answer(call.desk.archive(call.by, numbers[0]))
        return
    orders.answers(call, call.desk.archive_many(call.by, numbers or (), everything=everything))


@command(chapter, "cancel", FLOW)
def cancel(call: Call, number: Number = None, reason: Reason = None) -> None:
    """End an order without work."""
    required(number=number, reason=reason)
    call.answer(call.desk.cancel(call.by, number or "", reason=reason or ""))


@command(chapter, "correct", FLOW)
def correct(
    call: Call,
    number: Number = None,
    fields: Annotated[list[str] | None, typer.Argument(metavar="FIELD=VALUE…", help=N_("What is right."))] = None,
    reason: Reason = None,
) -> None:
    """Correct a mistake; the old value stays readable."""
    required(number=number, field=fields, reason=reason)
    values: dict[str, str] = {}
    for text in fields or ():
        name, equals, value = text.partition("=")
        if not text.isascii():
            from repairdesk.cli import coding

            name = coding.field(name)
            value = coding.field_value(name, value)
        if not equals or name in values:
            raise UsageError(N_("“{text}” is not FIELD=VALUE, or the field stands twice"), rule="REC-3", text=text)
        values[name] = value
    desk, by = call.desk, call.by
    corrected = desk.correct(by, number or "", values, reason=reason or "")
    change = corrected.doc["corrected"].get("category")
    if change and not call.json_:
        from repairdesk.cli import telling

        called = telling.readable(desk.names(by))["category"]
        corrected.doc["corrected"]["category"] = {one: called.get(code, code) for one, code in change.items()}
    call.answer(corrected)
    call.tell(desk, by, corrected)
