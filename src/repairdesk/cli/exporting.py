"""``export``: what the desk has, taken away to other systems."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from repairdesk.cli.common import Call, Reason, command, required
from repairdesk.errors import N_, StorageError, UsageError

if TYPE_CHECKING:
    from repairdesk.batch.exporting import Count, Table
    from repairdesk.desk import Desk
    from repairdesk.desk.exporting import Span

chapter = typer.Typer()
FILES = N_("Files")
WHAT = ("orders", "entries", "obligations", "bills")
FORMATS = ("csv", "jsonl", "xlsx")


@command(chapter, "export", FILES)
def export(
    call: Call,
    what: Annotated[
        str, typer.Argument(metavar="orders|entries|obligations|bills", help=N_("What is taken away."))
    ] = "orders",
    since: Annotated[
        str | None,
        typer.Option(metavar="SEQ|TIME", help=N_("Only what was written after this entry, or since this time.")),
    ] = None,
    until: Annotated[str | None, typer.Option(metavar="D", help=N_("Only what was written by then."))] = None,
    format_: Annotated[
        str | None, typer.Option("--format", metavar="csv|jsonl|xlsx", help=N_("How; by the name of the file, or CSV."))
    ] = None,
    out: Annotated[Path | None, typer.Option(metavar="FILE", readable=False, help=N_("Write it to this file."))] = None,
    reveal: Annotated[bool, typer.Option("--reveal", help=N_("With phone numbers; goes on record."))] = False,
    reason: Reason = None,
) -> None:
    """Orders, entries, obligations or bills as a table or as JSON Lines; all, or what is new."""
    form = _form(call, what, format_, out, reveal=reveal, reason=reason)
    if reveal:
        required(reason=reason)
    desk = _desk(call)
    if out is not None:
        from repairdesk.batch import whole

        desk.spare(out)
        # Asked before anything is put on record.
        whole.check(out, text=form != "xlsx")
    from repairdesk.batch.exporting import TABLES, Count

    span = desk.export_span(call.by, what, since=since, until=until, reveal=reveal, reason=reason)
    table, count = TABLES[what], Count()
    if out is not None:
        _to_file(table, what, _docs(desk, table, span), form, out, count)
    elif call.json_:
        _document(table, what, _docs(desk, table, span), span, count)
        return
    else:
        _to_stdout(table, _docs(desk, table, span), form, count)
    _say(call, what, span, count, out)


def _form(call: Call, what: str, said: str | None, out: Path | None, *, reveal: bool, reason: str | None) -> str:
    """How it is written.

    Raises:
        UsageError: there is no such thing to export or no such format, or they do not go together.
    """
    suffix = (out.suffix[1:].lower() if out else "") if said is None else said
    form = "csv" if said is None and suffix not in FORMATS else suffix
    for field, value, known in (("export", what, WHAT), ("--format", form, FORMATS)):
        if value not in known:
            raise UsageError(N_("“{value}” is no {field}; choose: {known}"), value=value, field=field,
                             known=list(known))  # fmt: skip
    if form == "xlsx" and out is None:
        raise UsageError(N_("a workbook goes to a file: --out FILE"))
    if call.json_ and said is not None and out is None:
        raise UsageError(N_("{one} and {other} exclude each other"), one="--json", other="--format")
    if reason is not None and not reveal:
        raise UsageError(N_("{option} belongs to {other}"), option="--reason", other="--reveal")
    return form


def _desk(call: Call) -> Desk:
    """The desk with its ledger kept open, which is read in many short looks."""
    from repairdesk.cli import common
    from repairdesk.desk import Desk
    from repairdesk.ledger.session import Session

    return Desk(call.folder(), lambda: common.clock(), Session(call.path(), wait_seconds=common.wait_seconds()))


def _docs(desk: Desk, table: Table, span: Span) -> Iterator[Mapping[str, Any]]:
    """What is exported, with the sentences of its bills in the user's language."""
    from repairdesk.cli import render

    if table.of == "entries":
        yield from desk.export_entries(span)
        return
    for order in desk.export_orders(span):
        yield render.spoken(order)


class _Shown:
    """Stdout: what steers a terminal is shown, never obeyed."""

    def write(self, text: str) -> None:
        from repairdesk.cli import render

        sys.stdout.write(render.plain(text))


def _ascii_only() -> bool:
    return "utf" not in (sys.stdout.encoding or "ascii").lower()


def _to_stdout(table: Table, docs: Iterator[Any], form: str, count: Count) -> None:
    from repairdesk.batch import exporting

    if form == "jsonl":
        exporting.jsonl(table, docs, _Shown(), count, ascii_only=_ascii_only())
    else:
        exporting.csv(table, docs, _Shown(), count)


def _to_file(table: Table, what: str, docs: Iterator[Any], form: str, out: Path, count: Count) -> None:
    from repairdesk.batch import exporting, spread, whole

    if form == "xlsx":
        exporting.xlsx(table, what, docs, out, count)
        return
    try:
        with whole.writing(out) as file:
            with file.half.open("w", encoding="utf-8", newline="\n") as text:
                if form == "csv":
                    text.write(spread.BOM)
                    exporting.csv(table, docs, text, count)
                else:
                    exporting.jsonl(table, docs, text, count)
            file.place()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise StorageError(N_("{file} cannot be written: {why}"), file=str(out), why=error.strerror or "") from None


def _document(table: Table, what: str, docs: Iterator[Any], span: Span, count: Count) -> None:
    """One JSON document, written as it comes."""
    from repairdesk.batch import exporting

    out = _Shown()
    before = "{" + json.dumps(what) + ": [\n"
    for row in exporting.documents(table, docs, count):
        out.write(before + json.dumps(row, ensure_ascii=_ascii_only()))
        before = ",\n"
    if not count.rows:
        out.write(before)
    about = {"rows": count.rows, "since": span.since, "next": span.upto, "warnings": []}
    out.write("], " + json.dumps(about)[1:] + "\n")


def _say(call: Call, what: str, span: Span, count: Count, out: Path | None) -> None:
    """How much it was, and where the next feed begins; beside rows that are on stdout, on stderr."""
    from repairdesk.cli import render
    from repairdesk.desk import Answer, Remark

    remarks = []
    if count.cut:
        remarks.append(Remark(N_("{cut} cells were cut: a cell of a workbook holds 32,767 characters"),
                              {"cut": count.cut}))  # fmt: skip
    if call.json_:
        about = {"export": what, "rows": count.rows, "file": str(out), "since": span.since, "next": span.upto}
        render.document(call, Answer(about, remarks))
        return
    render.remarks(call, remarks)
    text = render.say(N_("{rows} rows; what is new later: --since {next}"), {"rows": count.rows, "next": span.upto})
    (render.note if out is None else render.put)(text)
