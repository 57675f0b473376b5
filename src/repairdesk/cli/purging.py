"""``purge``: what was kept long enough goes from the desk."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from repairdesk.cli.common import Call, PinFile, command, required
from repairdesk.errors import N_, UsageError

if TYPE_CHECKING:
    from repairdesk.desk import Answer

chapter = typer.Typer()
FILES = N_("Files")
_NAMED = 10
"""So many numbers are told for each reason; --json has all of them."""


@command(chapter, "purge", FILES)
def purge(
    call: Call,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help=N_("Only say what would go, and what stays and why."))
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help=N_("Take it: it cannot be undone."))] = False,
    with_: Annotated[
        str | None, typer.Option("--with", metavar="STAFF", help=N_("The second person, a leader or above."))
    ] = None,
    until: Annotated[str | None, typer.Option(metavar="D", help=N_("Only what ended by then."))] = None,
    export: Annotated[
        Path | None,
        typer.Option("--export", "--out", metavar="FILE", readable=False,
                     help=N_("Where it is written out to first; by default beside the desk's folder.")),
    ] = None,
    pin_file: PinFile = None,
) -> None:  # fmt: skip
    """Take what was kept long enough from the desk; first it is written out to a file."""
    if dry_run:
        _check_dry(with_=with_, export=export, yes=yes)
        _tell(call, call.desk.purge_plan(call.by, until=until))
        return
    if not yes:
        raise UsageError(N_("what is purged is gone for good: see what would go with --dry-run, and say --yes"),
                         rule="RET-2")  # fmt: skip
    required(**{"with": with_})
    _tell(call, call.desk.purge(call.second("purge", with_, pin_file), second=with_ or "", out=export, until=until))


def _check_dry(*, with_: str | None, export: Path | None, yes: bool) -> None:
    for given, option in ((with_, "--with"), (export, "--export"), (yes, "--yes")):
        if given:
            raise UsageError(N_("{one} and {other} exclude each other"), one="--dry-run", other=option)


def _tell(call: Call, said: Answer) -> None:
    from repairdesk.cli import render

    if call.json_:
        render.document(call, said)
        return
    doc = said.doc
    render.remarks(call, said.remarks)
    if not doc["orders"] and not any(doc["beside"].values()):
        render.put(render.say(N_("nothing was kept long enough yet"), {}))
    else:
        _went(doc)
    _stay(doc["stay"])
    render.put(render.say(N_("{count} orders wait for their time, or are kept for good"), {"count": doc["kept"]}))


def _went(doc: Mapping[str, Any]) -> None:
    from repairdesk.cli import render
    from repairdesk.cli.render import tables

    if doc["orders"]:
        rows = [(render.word(one["class"]), one["month"], one["orders"]) for one in doc["classes"]]
        tables.table(["class", "month", "orders"], rows)
    about = {"orders": len(doc["orders"]), **doc["beside"]}
    if doc["dry_run"]:
        said = N_("would go: {orders} orders, {messages} messages, {households} earlier residents, {notes} notes")
    else:
        said = N_("purged: {orders} orders, {messages} messages, {households} earlier residents, {notes} notes")
    render.put(render.say(said, about))
    if doc["beside"]["given_up"]:
        render.put(render.say(N_("of the messages {given_up} were still to be sent, and are not"), doc["beside"]))
    if not doc["dry_run"] and doc["export"]:
        render.put(render.say(N_("written out to {file}"), {"file": doc["export"]["file"]}))
        if doc["export"]["attachments"]:
            render.put(render.say(N_("{files} attached files written out to {file}"), doc["export"]["attachments"]))


def _stay(stay: Sequence[Mapping[str, Any]]) -> None:
    """What stays though its time is over, by reason, the first numbers of each."""
    from repairdesk.cli import render

    for why in dict.fromkeys(one["why"] for one in stay):
        those = [one for one in stay if one["why"] == why]
        values = {"count": len(those), "numbers": list(_numbers(those)), "more": max(0, len(those) - _NAMED)}
        said = _WHY[why] if len(those) <= _NAMED else _WHY_MORE[why]
        render.put(render.say(said, values))


def _numbers(those: Sequence[Mapping[str, Any]]) -> Iterable[str]:
    for one in those[:_NAMED]:
        yield f"{one['number']} ({one['linked_to']})" if one["linked_to"] else one["number"]


_WHY = {
    "open": N_("stays, as it was never closed and filed: {numbers}"),
    "owed": N_("stays, as somebody still owes something on it: {numbers}"),
    "unpaid": N_("stays, as it is not paid, or paid too much: {numbers}"),
    "disputed": N_("stays, as a remark of the resident was never settled: {numbers}"),
    "month": N_("stays, as its month was not handed over to finance: {numbers}"),
    "callbacks": N_("stays, as the callbacks of its month are not settled: {numbers}"),
    "linked": N_("stays, as it is linked to one that stays: {numbers}"),
}
_WHY_MORE = {
    "open": N_("stays, as it was never closed and filed: {numbers} and {more} more"),
    "owed": N_("stays, as somebody still owes something on it: {numbers} and {more} more"),
    "unpaid": N_("stays, as it is not paid, or paid too much: {numbers} and {more} more"),
    "disputed": N_("stays, as a remark of the resident was never settled: {numbers} and {more} more"),
    "month": N_("stays, as its month was not handed over to finance: {numbers} and {more} more"),
    "callbacks": N_("stays, as the callbacks of its month are not settled: {numbers} and {more} more"),
    "linked": N_("stays, as it is linked to one that stays: {numbers} and {more} more"),
}
