"""Calling residents back, and what a low rating obliges to."""

from __future__ import annotations

from typing import Annotated

import typer

from repairdesk.cli.common import Call, Number, Reason, command, required
from repairdesk.errors import N_, UsageError

chapter = typer.Typer()
CALLBACKS = N_("Callbacks")

callback = typer.Typer(help=N_("Callbacks to residents."), no_args_is_help=True)
chapter.add_typer(callback, name="callback", rich_help_panel=CALLBACKS)

Month = Annotated[str | None, typer.Option("--month", metavar="YYYY-MM", help=N_("Of which month."))]


@command(callback, "due", CALLBACKS, pages=True)
def callback_due(call: Call) -> None:
    """Who is to be called now, by whom and until when."""
    from repairdesk.cli import drawn

    drawn.due(call, call.desk.callback_due(call.by))


@command(callback, "plan", CALLBACKS, pages=True)
def callback_plan(call: Call, month: Month = None) -> None:
    """The draw of a month: who was drawn, why, with what rank, and how it stands."""
    from repairdesk.cli import drawn

    drawn.plan(call, call.desk.callback_plan(call.by, month))


@command(callback, "audit", CALLBACKS, pages=True)
def callback_audit(call: Call, month: Month = None) -> None:
    """Draw a past month again from its entries, and compare with the calls that were made; the last one."""
    from repairdesk.cli import drawn

    drawn.audit(call, call.desk.callback_audit(call.by, month))


@command(callback, "record", CALLBACKS, words=("outcome", "method"))
def callback_record(
    call: Call,
    number: Number = None,
    outcome: Annotated[str | None, typer.Option(metavar="O", help="satisfied, dissatisfied, unreached.")] = None,
    method: Annotated[str | None, typer.Option(metavar="M", help="phone, visit, letter.")] = None,
    signed_by: Annotated[str | None, typer.Option(metavar="N", help=N_("Who signed at the visit."))] = None,
    note: Annotated[str | None, typer.Option(metavar="N", help=N_("What was said."))] = None,
    next_: Annotated[str | None, typer.Option("--next", metavar="T", help=N_("When it is called again."))] = None,
    rework: Annotated[bool, typer.Option("--rework", help=N_("Take in an order that follows, for rework."))] = False,
) -> None:
    """Record a callback and what came of it."""
    from repairdesk.cli import drawn

    required(number=number, outcome=outcome, method=method)
    said = call.desk.callback(
        call.by, number or "", outcome=outcome or "", method=method or "", signed_by=signed_by, note=note,
        next_at=next_, rework=rework,
    )  # fmt: skip
    drawn.recorded(call, said)


@command(callback, "letter", CALLBACKS)
def callback_letter(
    call: Call,
    numbers: Annotated[list[str] | None, typer.Argument(metavar="NUMBER…", help=N_("The complaints."))] = None,
    text: Annotated[str | None, typer.Option(metavar="TEXT", help=N_("What the letter says."))] = None,
    note: Annotated[str | None, typer.Option(metavar="N", help=N_("A note: where it hangs, who has it."))] = None,
) -> None:
    """One open letter answers many complaints of the same matter."""
    from repairdesk.cli import drawn

    required(number=numbers, text=text)
    drawn.letter(call, call.desk.callback_letter(call.by, numbers or (), text=text or "", note=note))


@command(callback, "opinion", CALLBACKS)
def callback_opinion(
    call: Call,
    month: Month = None,
    text: Annotated[str | None, typer.Option(metavar="TEXT", help=N_("The opinion."))] = None,
) -> None:
    """The supervisor's opinion on a month's callbacks; by default the first month that lacks one."""
    from repairdesk.cli import drawn

    required(text=text)
    drawn.opinion(call, call.desk.callback_opinion(call.by, text or "", month))


@command(callback, "settle", CALLBACKS)
def callback_settle(
    call: Call,
    number: Number = None,
    note: Annotated[str | None, typer.Option(metavar="N", help=N_("How it was settled."))] = None,
) -> None:
    """What the resident remarked on in a callback is settled without another one."""
    required(number=number, note=note)
    call.answer(call.desk.settle_remark(call.by, number or "", note=note or ""))


@command(chapter, "recheck", CALLBACKS, words=("result",))
def recheck(
    call: Call,
    number: Number = None,
    due: Annotated[bool, typer.Option("--due", help=N_("List what was finished yesterday."))] = False,
    result: Annotated[str | None, typer.Option(metavar="R", help=N_("ok, or again: it wants work again."))] = None,
    note: Annotated[str | None, typer.Option(metavar="N", help=N_("What was seen."))] = None,
) -> None:
    """Look at a finished repair again on the day after."""
    if due:
        if number is not None or result is not None or note is not None:
            raise UsageError(N_("{one} and {other} exclude each other"), one="--due", other="NUMBER, --result, --note")
        from repairdesk.cli import drawn

        drawn.rechecks(call, call.desk.recheck_due(call.by))
        return
    required(number=number, result=result, **({"note": note} if result == "again" else {}))
    call.answer(call.desk.recheck(call.by, number or "", outcome=result or "", note=note))


@command(chapter, "explain", CALLBACKS)
def explain(
    call: Call,
    number: Number = None,
    reason: Reason = None,
    expected: Annotated[str | None, typer.Option(metavar="TIME", help=N_("When it is expected to go on."))] = None,
    to: Annotated[str | None, typer.Option(metavar="N", help=N_("Who was told; by default the caller."))] = None,
) -> None:
    """The resident is told why it waits, and until when."""
    required(number=number, reason=reason, expected=expected)
    call.answer(call.desk.explain(call.by, number or "", reason=reason or "", expected=expected, to=to))


@command(chapter, "hear", CALLBACKS)
def hear(
    call: Call,
    number: Number = None,
    said: Annotated[str | None, typer.Option(metavar="TEXT", help=N_("What the technician says."))] = None,
) -> None:
    """Supervisor or manager hears the technician about a low rating."""
    required(number=number, said=said)
    call.answer(call.desk.hear(call.by, number or "", said=said or ""))


@command(chapter, "settle", CALLBACKS)
def settle(call: Call, number: Number = None, reason: Reason = None) -> None:
    """The manager records why an order ends though the resident is dissatisfied."""
    required(number=number, reason=reason)
    call.answer(call.desk.settle(call.by, number or "", reason=reason or ""))
