"""Reports laid out: as a table for people, as JSON, as CSV, as a workbook or as a page."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from repairdesk.cli import render
from repairdesk.cli.render import orders
from repairdesk.domain.rates import UNKNOWN
from repairdesk.errors import N_, UsageError
from repairdesk.locale import tr
from repairdesk.locale.width import pad

if TYPE_CHECKING:
    from repairdesk.cli.common import Call
    from repairdesk.desk import Answer

Doc = Mapping[str, Any]
Cell = str | int | Decimal | datetime | timedelta | None
Cells = Iterable[Sequence[Cell]]


@dataclass(frozen=True, slots=True)
class Shape:
    """In which form a report is asked for, and where it goes; None is stdout."""

    format: str
    out: Path | None = None

    def check(self, *, as_json: bool) -> None:
        """Whether it can be put where it is to go.

        Raises:
            UsageError: the form does not fit stdout, or what is there can take no such answer.
            NotFound: there is no such folder. StorageError: nothing can be written there.
        """
        if self.out is None:
            if self.format == "xlsx":
                raise UsageError(N_("a workbook goes to a file: say --out FILE"))
            if as_json and self.format != "json":
                raise UsageError(
                    N_("{one} and {other} exclude each other"), one="--json", other=f"--format {self.format}"
                )
        else:
            from repairdesk.batch import whole

            whole.check_place(self.out)
            whole.check(self.out, text=self.format != "xlsx")


def month(call: Call, said: Answer, shape: Shape) -> None:
    """The month for finance."""
    put_report(call, said, shape, month_sheet(said.doc), month_lines, _month_page)


def arrears(call: Call, said: Answer, shape: Shape) -> None:
    """What is not paid yet."""
    heads = "place household number archived_at bill received open_amount invoice".split()
    sheet = Sheet(tr(N_("arrears")), heads, _arrears_cells(said.doc))
    put_report(call, said, shape, sheet, _arrears_table, _arrears_page)


def receipt(call: Call, said: Answer) -> None:
    """One receipt for several orders."""
    if call.json_:
        render.document(call, said)
        return
    render.remarks(call, said.remarks)
    doc = said.doc
    put = render.put
    put(f"{doc['receipt']}  {doc['amount']} {tr('yuan')}  {render.word(doc['method'])}")
    for order in doc["orders"]:
        put("  " + orders.one_line(order))


@dataclass(frozen=True, slots=True)
class Sheet:
    """A report as rows: what CSV and workbook have in common."""

    name: str
    heads: Sequence[str]
    rows: Cells


def put_report(
    call: Call,
    said: Answer,
    shape: Shape,
    sheet: Sheet,
    table: Callable[[Doc, bool], Iterable[str]],
    page: Callable[[Doc], str],
    more: Iterable[Sheet] = (),
) -> None:
    """A report in the form and to the place that were asked for.

    Args:
        table: makes the lines that people read; told whether tabs part its columns, as they do down a pipe.
        page: makes the page.
        more: what a workbook has besides, on sheets of its own.
    """
    if shape.format == "xlsx":
        _workbook(call, said, shape, [sheet, *more])
        return
    if shape.out is None and (shape.format == "json" or (shape.format == "table" and call.json_)):
        render.document(call, said)
        return
    if shape.format == "json":
        text = render.as_json(said)
    elif shape.format == "csv":
        from repairdesk.batch.spread import write_csv

        text = write_csv([tr(head) for head in sheet.heads], sheet.rows, bom=shape.out is not None)
    elif shape.format == "html":
        text = page(said.doc)
    else:
        text = "\n".join(table(said.doc, shape.out is None and not sys.stdout.isatty())) + "\n"
    if shape.format != "json":
        render.remarks(call, said.remarks)
    if shape.out is None:
        # Only what people read is folded to a terminal's width: a line of CSV is a row.
        (render.put if shape.format == "table" else render.write)(text.rstrip("\n"))
        return
    from repairdesk.cli.common import write_whole

    write_whole(shape.out, text)
    _written(call, shape.out)


def _workbook(call: Call, said: Answer, shape: Shape, sheets: Iterable[Sheet]) -> None:
    from repairdesk.batch.spread import write_book

    assert shape.out is not None
    write_book([(sheet.name, [tr(head) for head in sheet.heads], sheet.rows) for sheet in sheets], shape.out)
    render.remarks(call, said.remarks)
    _written(call, shape.out)


def _written(call: Call, out: Path) -> None:
    render.fields(call, {"file": str(out)})


# --- the month


def month_sheet(doc: Doc) -> Sheet:
    """The month for finance, a row for each posting."""
    heads = "month place household number kind of amount archived_at bill received invoice".split()
    return Sheet(doc["month"], heads, _month_cells(doc))


def _month_cells(doc: Doc) -> Iterator[Sequence[Cell]]:
    for household in doc["households"]:
        names = _names(household)
        for order in household["orders"]:
            for posting in order["postings"]:
                yield (
                    doc["month"], household["place"], names, order["number"], render.word(posting["kind"]),
                    posting["of"], Decimal(posting["amount"]), _instant(order["archived_at"]), Decimal(order["bill"]),
                    Decimal(order["received"]), order["invoice"],
                )  # fmt: skip


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _names(doc: Doc) -> str:
    return tr(", ").join(doc["names"])


def _month_rows(doc: Doc) -> Iterator[list[str]]:
    """The orders of each household, and their sum where there are several."""
    for household in doc["households"]:
        names, orders = _names(household), household["orders"]
        for order in orders:
            yield [household["place"] or UNKNOWN, names, order["number"], _kinds(doc, order), order["total"]]
        if len(orders) > 1:
            yield [household["place"] or UNKNOWN, names, tr(N_("all")), "", household["total"]]


def _month_page(doc: Doc) -> str:
    from repairdesk.documents.report_page import Laid, Table, page

    rows = list(_month_rows(doc))
    heads = ["place", "household", "number", "kind", "amount"]
    table = Table("finance", tr(N_("By household")), [tr(head) for head in heads], [False] * 4 + [True], rows)
    title = tr(N_("The month {month} for finance")).format(month=doc["month"])
    laid = Laid([line.strip() for line in summed(doc)], [table] if rows else [])
    return page(title, _signed(doc), laid, doc["head"]["code"])


def month_lines(doc: Doc, tabs: bool) -> Iterator[str]:
    """The month for finance as text; ``tabs`` part its columns down a pipe."""
    yield f"{doc['month']}  {_signed(doc)}".rstrip()
    if tabs:
        yield from ("\t".join(row) for row in _month_rows(doc))
    for household in doc["households"] if not tabs else ():
        yield f"{pad(household['place'] or '–', 16)} {pad(_names(household), 20)} {household['total']:>12}"
        for order in household["orders"]:
            yield f"  {order['number']}  {_kinds(doc, order):<24} {order['total']:>12}".rstrip()
    yield from summed(doc)


def summed(doc: Doc) -> Iterator[str]:
    """What the month comes to, that it is reconciled, and what was corrected in it."""
    template = N_("Orders: {orders}, households: {households}, {total} yuan; filed free besides: {free}")
    billed = sum(one["total"] != "0.00" for one in doc["households"])
    yield tr(template).format(orders=doc["orders"], households=billed, total=doc["total"], free=doc["free"])
    checked = doc["reconciled"]
    template = N_("Reconciled: {bills} bills with {lines} lines; orders filed in the month: {filed}")
    yield tr(template).format(**checked)
    if checked["from_earlier"] or checked["to_later"]:
        template = N_("filed late: {from_earlier} of an earlier month stand here, {to_later} of this one in a later")
        yield tr(template).format(**checked)
    yield from _corrected(doc)


def _signed(doc: Doc) -> str:
    signed = doc["handed_over"]
    if signed is None:
        return tr(N_("not handed over yet"))
    template = (
        N_("handed over by {by} on {at}, in time") if signed["in_time"] else N_("handed over by {by} on {at}, late")
    )
    late = render.aside(tr("late")) if signed["late"] else ""
    return tr(template).format(by=signed["by"], at=render.moment(signed["at"])) + late


def _kinds(doc: Doc, order: Doc) -> str:
    """What the postings of an order are, where they are not simply its bill."""
    told = [f"{render.word(one['kind'])} {one['amount']}" for one in order["postings"] if len(order["postings"]) > 1]
    return "  ".join(told)


def _corrected(doc: Doc) -> Iterator[str]:
    if doc["corrections"]:
        yield tr(N_("Corrected"))
    for one in doc["corrections"]:
        kind = pad(render.word(one["kind"]), 12)
        told = f"{one['place'] or ''}  {one['reason'] or ''}"
        yield f"  {one['number']}  {one['of']}  {kind} {one['amount']:>10}  {told}".rstrip()


# --- arrears


def _arrears_cells(doc: Doc) -> Iterator[Sequence[Cell]]:
    for one in doc["arrears"]:
        amounts = [Decimal(one[name]) for name in ("total", "received", "open")]
        yield (one["place"], _names(one), one["number"], _instant(one["archived_at"]), *amounts, one["invoice"])


def _arrears_page(doc: Doc) -> str:
    from repairdesk.documents.report_page import Laid, Table, page

    rows = [
        [one["place"] or UNKNOWN, _names(one), one["number"], one["archived_at"][:10], one["total"], one["received"],
         one["open"], one["invoice"] or ""]
        for one in doc["arrears"]
    ]  # fmt: skip
    heads = "place household number archived_at bill received open_amount invoice".split()
    numeric = [False] * 4 + [True] * 3 + [False]
    title = tr(N_("What is not paid yet"))
    table = Table("arrears", title, [tr(head) for head in heads], numeric, rows)
    return page(title, "", Laid([_arrears_sum(doc)], [table] if rows else []))


def _arrears_sum(doc: Doc) -> str:
    if not doc["arrears"]:
        return tr(N_("Nothing is open."))
    return tr(N_("Orders: {count}, open: {total} yuan")).format(count=len(doc["arrears"]), total=doc["total"])


def _arrears_table(doc: Doc, tabs: bool) -> Iterator[str]:
    for one in doc["arrears"]:
        day, amounts = one["archived_at"][:10], (one["total"], one["received"], one["open"])
        if tabs:
            yield "\t".join((one["place"] or UNKNOWN, _names(one), one["number"], day, *amounts))
            continue
        yield (
            # 80 columns, as a terminal has them at least.
            f"{pad(one['place'] or '–', 11)} {pad(_names(one), 12)} {one['number']} {day} "
            f"{one['total']:>9} {one['received']:>9} {one['open']:>9}"
        )
    yield _arrears_sum(doc)
