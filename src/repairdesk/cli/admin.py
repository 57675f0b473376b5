"""Setting up and keeping a desk."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from repairdesk.cli import common
from repairdesk.cli.common import Call, Id, Reason, command, pairs, required
from repairdesk.cli.flow import CardPrices, Materials, Supplied, UserDamage, Warned, Warranty
from repairdesk.errors import N_, UsageError
from repairdesk.locale import tr

chapter = typer.Typer()
DESK = N_("The desk")


FIRST_STEPS = {
    "staff add C1 --name NAME --role clerk": N_("who works here; once for each person"),
    "intake --as C1": N_("the first report: it asks for what is missing"),
    "doctor": N_("what the desk still lacks, and what mends it"),
}
"""What somebody types who has just made a desk, and what for."""


@command(chapter, "init", DESK)
def init(
    call: Call,
    preset: Annotated[
        str,
        typer.Option(
            metavar="NAME", help="standard, longfor, sales-centre, lvjing, liyuan, customer-repair, appliance."
        ),
    ] = "standard",
) -> None:
    """Make a desk: policies.yaml, fees.yaml, calendar.yaml and an empty ledger."""
    from repairdesk.cli import render
    from repairdesk.desk.founding import found

    folder = call.home or Path.cwd()
    ledger = call.store() if call.ledger else None
    made = found(folder, preset, call.by, common.clock(), ledger)
    if call.json_:
        render.fields(call, {**made, "next": list(FIRST_STEPS)})
        return
    render.fields(call, made)
    render.note(tr(N_("Next:")))
    for step, what in FIRST_STEPS.items():
        render.note(f"  repairdesk {step}  # {tr(what)}")


@command(chapter, "demo", DESK)
def demo(
    call: Call,
    orders: Annotated[int, typer.Option(metavar="N", min=1, max=100_000, help=N_("How many orders."))] = 240,
    seed: Annotated[int, typer.Option(metavar="S", help=N_("Same seed, same month."))] = 1,
    months: Annotated[
        int, typer.Option(metavar="M", min=1, max=12, help=N_("How many months, the last one with the stories."))
    ] = 1,
    keep: Annotated[
        Path | None, typer.Option(metavar="DIR", readable=False, help=N_("Keep the desk in this folder."))
    ] = None,
) -> None:
    """A desk with a lifelike month, to look at and to try things on."""
    from repairdesk.cli import demo as show

    show.run(call, orders, seed, keep, months)


staff = typer.Typer(help=N_("The people of the desk."), no_args_is_help=True)
chapter.add_typer(staff, name="staff", rich_help_panel=DESK)


_TRADE = N_("A trade: electrical, plumbing, carpentry, masonry, locks, appliance, or what policies.yaml calls it.")


@command(staff, "add", DESK, words=("role",))
def staff_add(
    call: Call,
    staff_id: Id = None,
    name: Annotated[str | None, typer.Option(metavar="N", help=N_("The name."))] = None,
    role: Annotated[
        str | None,
        typer.Option(metavar="R", help="clerk, technician, contractor, leader, supervisor, manager, finance."),
    ] = None,
    trade: Annotated[list[str] | None, typer.Option(metavar="T", help=_TRADE)] = None,
    os_user: Annotated[str | None, typer.Option(metavar="U", help=N_("The account at the keyboard."))] = None,
) -> None:
    """Add a person, or change a record."""
    from repairdesk.cli.render import people

    required(id=staff_id, name=name, role=role)
    answer = call.desk.staff_add(
        call.by, staff_id or "", name=name or "", role=role or "", trades=trade or (), os_user=os_user
    )  # fmt: skip
    people.person(call, answer, _trades(call))


@command(staff, "list", DESK, pages=True)
def staff_list(call: Call) -> None:
    """List everyone."""
    from repairdesk.cli.render import people

    people.people(call, call.desk.staff_list(call.by), _trades(call))


def _trades(call: Call) -> Mapping[str, str]:
    """What the rules call the trades; scripts read their codes."""
    from repairdesk.cli import telling

    return {} if call.json_ else telling.readable(call.desk.names(call.by))["trades"]


@command(staff, "retire", DESK)
def staff_retire(call: Call, staff_id: Id = None, reason: Reason = None) -> None:
    """Someone leaves."""
    from repairdesk.cli.render import people

    required(id=staff_id)
    people.person(call, call.desk.staff_retire(call.by, staff_id or "", reason=reason), _trades(call))


@command(staff, "duty", DESK)
def staff_duty(
    call: Call,
    staff_id: Id = None,
    from_: Annotated[str | None, typer.Option("--from", metavar="T", help=N_("Duty begins."))] = None,
    to: Annotated[str | None, typer.Option("--to", metavar="T", help=N_("Duty ends."))] = None,
) -> None:
    """Put a span on the duty roster."""
    from repairdesk.cli.render import people

    required(id=staff_id, from_=from_, to=to)
    people.person(call, call.desk.staff_duty(call.by, staff_id or "", start=from_, end=to), _trades(call))


@command(staff, "pin", DESK)
def staff_pin(
    call: Call,
    staff_id: Id = None,
    pin_file: Annotated[
        Path | None,
        typer.Option(metavar="FILE", readable=False, help=N_("The PIN is the first line of this file.")),
    ] = None,
    new_pin_file: Annotated[
        Path | None,
        typer.Option(metavar="FILE", readable=False, help=N_("The new PIN is the first line of this file.")),
    ] = None,
    reset: Annotated[
        bool, typer.Option("--reset", help=N_("Take back another's forgotten PIN, with your own and a reason."))
    ] = False,
    reason: Reason = None,
) -> None:
    """Set your PIN, or another one: by it you agree as the second person. It shows that somebody was there who knows
    it; from who can read the ledger's file it is not safe."""
    from repairdesk.cli import render, second

    if reset:
        if new_pin_file is not None:
            raise UsageError(N_("{one} and {other} exclude each other"), one="--reset", other="--new-pin-file")
        required(id=staff_id, reason=reason)
        render.fields(call, second.taken_back(call, staff_id or "", reason or "", pin_file))
        return
    if reason is not None:
        raise UsageError(N_("{option} belongs to {other}"), option="--reason", other="--reset")
    required(id=staff_id)
    render.fields(call, second.chosen(call, staff_id or "", pin_file, new_pin_file))


fees = typer.Typer(help=N_("The fee table."), no_args_is_help=True)
chapter.add_typer(fees, name="fees", rich_help_panel=DESK)
policies = typer.Typer(help=N_("The policies."), no_args_is_help=True)
chapter.add_typer(policies, name="policies", rich_help_panel=DESK)


@command(fees, "list", DESK, pages=True)
def fees_list(call: Call) -> None:
    """List services and materials with their prices."""
    from repairdesk.cli.render import rulebook
    from repairdesk.desk import rulefiles

    rulebook.fee_table(call, rulefiles.fees(call.folder()))


@command(fees, "check", DESK)
def fees_check(call: Call) -> None:
    """Check fees.yaml: every mistake with its line."""
    from repairdesk.cli.render import rulebook
    from repairdesk.desk import rulefiles

    rulebook.checked_fees(call, rulefiles.check(call.folder(), "fees", call.desk.ledger))


@command(fees, "price", DESK)
def fees_price(
    call: Call,
    services: Annotated[
        list[str] | None, typer.Argument(metavar="CODE[:QTY][@HH:MM]…", help=N_("The services asked for."))
    ] = None,
    material: Materials = None,
    supplied: Supplied = None,
    warning: Warned = None,
    card_price: CardPrices = None,
    warranty: Warranty = False,
    user_damage: UserDamage = False,
    purchased: Annotated[str | None, typer.Option(metavar="D", help=N_("When the thing was bought."))] = None,
    fee: Annotated[
        str | None, typer.Option(metavar="AMOUNT", help=N_("The fee of work without a fixed price, as reviewed."))
    ] = None,
) -> None:
    """What work would cost, without an order: for the clerk on the phone."""
    from repairdesk.cli.render import bills
    from repairdesk.desk import rulefiles
    from repairdesk.desk.slip import Slip

    slip = Slip(
        services=tuple(services or ()), materials=tuple(material or ()), supplied=tuple(supplied or ()),
        warning=warning, card_prices=tuple(card_price or ()), warranty=warranty, user_damage=user_damage,
        purchased=purchased,
    )  # fmt: skip
    required(code=[*slip.services, *slip.materials, *slip.supplied])
    bills.priced(call, rulefiles.priced(call.folder(), slip, call.moment(), fee=fee))


@command(fees, "import", DESK)
def fees_import(
    call: Call,
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE", readable=False, help=N_("A price list: CSV or a workbook."))
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", readable=False, help=N_("Write the fee table here, not to stdout."))
    ] = None,
    map_: Annotated[
        list[str] | None, typer.Option("--map", metavar="COLUMN=FIELD", help="class, name, price, unit, note.")
    ] = None,
    category: Annotated[
        list[str] | None, typer.Option(metavar="CLASS=CODE", help=N_("Which category a class of the list is."))
    ] = None,
    encoding: Annotated[str | None, typer.Option(metavar="E", help=N_("Of a CSV file; else it is found out."))] = None,
    sheet: Annotated[str | None, typer.Option(metavar="NAME", help=N_("Of a workbook; else the first."))] = None,
    version: Annotated[str | None, typer.Option(metavar="V", help=N_("Of the fee table; else after the day."))] = None,
) -> None:
    """Make a fee table of a price list as offices keep it."""
    from repairdesk.cli import prices

    required(file=file)
    assert file is not None
    options = {"mapping": pairs(map_ or (), "COLUMN=FIELD"), "encoding": encoding, "sheet": sheet,
               "categories": pairs(category or (), "CLASS=CODE"), "version": version, "out": out}  # fmt: skip
    prices.run(call, file, options)


@command(policies, "show", DESK, pages=True)
def policies_show(call: Call) -> None:
    """Show the policies as they are understood."""
    from repairdesk.cli.render import rulebook
    from repairdesk.desk import rulefiles

    rulebook.policies(call, rulefiles.policies(call.folder()))


@command(policies, "check", DESK)
def policies_check(call: Call) -> None:
    """Check policies.yaml: every mistake with its line."""
    from repairdesk.cli import render
    from repairdesk.desk import rulefiles

    found, said = rulefiles.check(call.folder(), "policies", call.desk.ledger), rulefiles.unpriced(call.folder())
    if call.json_:
        from repairdesk.desk import Answer

        render.document(call, Answer(found, said))
        return
    render.remarks(call, said)
    render.fields(call, found)


@command(policies, "schema", DESK)
def policies_schema(
    call: Call,
    file: Annotated[str, typer.Argument(metavar="policies|fees|calendar", help=N_("Of which file."))] = "policies",
) -> None:
    """The JSON Schema of a rules file: editors propose its keys by it, and mark mistakes."""
    from repairdesk.cli import render
    from repairdesk.rules import schemas

    if file not in schemas.KINDS:
        raise UsageError(N_("“{value}” is no {field}; choose: {known}"), value=file, field="schema",
                         known=list(schemas.KINDS))  # fmt: skip
    # Nothing for a terminal to fold: a file is made of it.
    render.write(schemas.text(file).rstrip("\n"))


@command(policies, "rehearse", DESK, pages=True)
def policies_rehearse(
    call: Call,
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE", readable=False, help=N_("Another policies.yaml or fees.yaml."))
    ] = None,
    since: Annotated[
        str | None, typer.Option(metavar="D", help=N_("From this day or time on; else last month."))
    ] = None,
    until: Annotated[str | None, typer.Option(metavar="D", help=N_("Up to this day or time; else up to now."))] = None,
    limit: Annotated[int, typer.Option(metavar="N", min=1, help=N_("At most so many of each."))] = 50,
) -> None:
    """Last month, judged by another policies.yaml or fees.yaml: what would differ. Writes nothing."""
    from repairdesk.cli import rehearsals

    required(file=file)
    assert file is not None
    rehearsals.rehearsed(call, call.desk.rehearse(call.by, file, since=since, until=until), limit)
