"""Reports: a month at a glance, for finance, and by what is asked of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from repairdesk.cli.common import Call, command
from repairdesk.cli.whereabouts import ALL_SITES
from repairdesk.errors import N_, UsageError

if TYPE_CHECKING:
    from repairdesk.cli import figures

chapter = typer.Typer()
REPORTING = N_("Reports")
FINANCE = "finance"
NAMES = ("month", FINANCE, "staff", "faults", "callbacks", "complaints", "help", "clocks")
FORMATS = ("table", "json", "csv", "xlsx", "html")


@command(chapter, "report", REPORTING, pages=True, words=("name",))
def report(
    call: Call,
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="REPORT",
            help=N_("Which report: month, finance, staff, faults, callbacks, complaints, help, clocks."),
        ),
    ] = None,
    month: Annotated[
        str | None,
        typer.Option(metavar="YYYY-MM", help=N_("Of which month; this one, or the one to be handed over.")),
    ] = None,
    orders: Annotated[
        str | None,
        typer.Option(metavar="FIGURE", help=N_("List the orders behind a figure: on_time.missed, on_time.missed@W1.")),
    ] = None,
    hand_over: Annotated[
        bool, typer.Option("--hand-over", help=N_("Finance signs for the month; it is locked from then on."))
    ] = False,
    arrears: Annotated[bool, typer.Option("--arrears", help=N_("What is not paid yet."))] = False,
    place: Annotated[str | None, typer.Option(metavar="P", help=N_("Only at this place, with --arrears."))] = None,
    format_: Annotated[
        str | None, typer.Option("--format", metavar="table|json|csv|xlsx|html", help=N_("How; a table."))
    ] = None,
    out: Annotated[Path | None, typer.Option(metavar="FILE", readable=False, help=N_("Write it to this file."))] = None,
) -> None:
    """A month counted: at a glance, for finance, by technician, fault, call, complaint, help or clock."""
    from repairdesk.cli import figures

    if not (name or "").strip():
        raise UsageError(N_("missing: {fields}; choose: {known}"), fields=["report"], field="report", known=list(NAMES),
                         extra={"missing": ["report"]})  # fmt: skip
    _known("report", name or "", NAMES)
    out = None if out == Path("-") else out
    shape = figures.Shape(format_ or ("json" if call.json_ else "table"), out)
    _known("--format", shape.format, FORMATS)
    if name == FINANCE:
        _together(hand_over=hand_over, arrears=arrears, month=month, place=place)
        _belongs("--orders", orders is not None, "report month")
    else:
        for option, given in (("--hand-over", hand_over), ("--arrears", arrears), ("--place", place is not None)):
            _belongs(option, given, "report finance")
    if out is not None:
        (call._replace(site=None) if call.site == ALL_SITES else call).desk.spare(out)
    if call.site == ALL_SITES:
        from repairdesk.cli import over_sites

        for option, given in (("--orders", orders is not None), ("--hand-over", hand_over), ("--arrears", arrears)):
            if given:
                raise UsageError(N_("{option} is for one site: name it by --site"), option=option)
        over_sites.report(call, name or "", shape, month)
        return
    # Whether the answer can be given is asked before anything is signed for.
    shape.check(as_json=call.json_)
    if name == FINANCE:
        _for_finance(call, shape, month, hand_over=hand_over, arrears=arrears, place=place)
    else:
        _counted(call, shape, name or "", month, orders)


def _for_finance(
    call: Call, shape: figures.Shape, month: str | None, *, hand_over: bool, arrears: bool, place: str | None
) -> None:
    from repairdesk.cli import figures

    desk = call.desk
    if arrears:
        figures.arrears(call, desk.arrears(call.by, place), shape)
    elif hand_over:
        figures.month(call, desk.hand_over(call.by, month), shape)
    else:
        figures.month(call, desk.finance_month(call.by, month), shape)


def _counted(call: Call, shape: figures.Shape, name: str, month: str | None, figure: str | None) -> None:
    from repairdesk.cli import figures, report_tables

    paged = name == "month" and figure is None and shape.format == "html"
    said = call.desk.month_page(call.by, month) if paged else call.desk.report(call.by, name, month, figure=figure)
    doc = said.doc
    if figure is not None:
        sheet = figures.Sheet(doc["month"], ["number"], ((number,) for number in doc["orders_behind"]))
        figures.put_report(call, said, shape, sheet, report_tables.behind, report_tables.behind_page)
        return
    sheet = report_tables.sheet(name, doc)
    more = [report_tables.targets(doc)] if name == "month" else []
    figures.put_report(
        call, said, shape, sheet, lambda one, tabs: report_tables.lines(name, one, tabs),
        lambda one: report_tables.page(name, one), more,
    )  # fmt: skip
    if paged:
        _charts_missing(call)


def _charts_missing(call: Call) -> None:
    """A page without pictures says in the terminal, too, what it lacks."""
    from repairdesk.cli import render
    from repairdesk.documents import svg
    from repairdesk.locale import tr

    if not svg.available():
        render.note(tr(N_("Note: {text}")).format(text=tr(svg.MISSING)))


def _known(field: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        raise UsageError(N_("“{value}” is no {field}; choose: {known}"), value=value, field=field, known=list(known))


def _belongs(option: str, given: bool, other: str) -> None:
    if given:
        raise UsageError(N_("{option} belongs to {other}"), option=option, other=other)


def _together(*, hand_over: bool, arrears: bool, month: str | None, place: str | None) -> None:
    if arrears and (hand_over or month):
        raise UsageError(N_("{one} and {other} exclude each other"), one="--arrears", other="--hand-over, --month")
    if place is not None and not arrears:
        raise UsageError(N_("{option} belongs to {other}"), rule="FEE-7", option="--place", other="--arrears")
