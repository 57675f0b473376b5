"""``export``: what the desk has, taken away to other systems."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from repairdesk.cli.common import Call, Reason, command, required
from repairdesk.errors import N_, StorageError, UsageError

if TYPE_CHECKING:
    from repairdesk.batch.exporting import Count, Table
    from repairdesk.batch.spread import SupportsWrite
    from repairdesk.cli.render.progress import Tell
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
    out = None if out == Path("-") else out
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
    with _progress(what, out) as tell:
        docs = _told(_docs(desk, table, span, "json" if out is None and call.json_ else form), desk, table, span, tell)
        if out is not None:
            _to_file(table, what, docs, form, out, count, mine=reveal)
        elif call.json_:
            _document(table, what, docs, span, count)
            return
        else:
            _to_stdout(table, docs, form, count)
    _say(call, what, span, count, out)


def _form(call: Call, what: str, said: str | None, out: Path | None, *, reveal: bool, reason: str | None) -> str:
    """How it is written.

    Raises:
        UsageError: there is no such thing to export or no such format, or they do not go together.
    """
    form = _by_name(out) if said is None else said
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


def _by_name(out: Path | None) -> str:
    """The format that a name says; CSV on stdout and down a pipe, which have none.

    Raises:
        UsageError: it says none.
    """
    if out is None:
        return "csv"
    form = out.suffix[1:].lower()
    if form in FORMATS:
        return form
    from repairdesk.batch import whole

    if whole.is_stream(out):
        return "csv"
    raise UsageError(N_("the name {file} says no format; name it with one of these endings, or say --format: {known}"),
                     file=str(out), known=list(FORMATS))  # fmt: skip


def _desk(call: Call) -> Desk:
    """The desk with its ledger kept open, which is read in many short looks."""
    from repairdesk.cli import common
    from repairdesk.desk import Desk
    from repairdesk.ledger.session import Session

    return Desk(call.folder(), lambda: common.clock(), Session(call.store(), wait_seconds=call.patience))


def _docs(desk: Desk, table: Table, span: Span, form: str) -> Iterator[Mapping[str, Any]]:
    """What is exported, with the sentences of its bills in the user's language; of tables, what their columns need."""
    from repairdesk.cli import render

    if table.of == "entries":
        yield from desk.export_entries(span)
        return
    only = None if table.whole and form in ("json", "jsonl") else table.keys
    for order in desk.export_orders(span, only):
        yield render.spoken(order)


@contextmanager
def _progress(what: str, out: Path | None) -> Iterator[Tell | None]:
    """How far it is, unless the rows themselves go to the terminal."""
    from repairdesk.cli.render import progress

    if out is None and sys.stdout.isatty():
        yield None
        return
    with progress.shown(what) as tell:
        yield tell


def _told(
    docs: Iterator[Mapping[str, Any]], desk: Desk, table: Table, span: Span, tell: Tell | None
) -> Iterator[Mapping[str, Any]]:
    """The same, and now and then how many there were."""
    if tell is None:
        yield from docs
        return
    of = span.upto - span.since
    if table.of == "orders":
        with desk.ledger.read() as reader:
            of = sum(reader.counts().values()) if span.whole else 0
    for done, doc in enumerate(docs):
        if done % _TOLD_EVERY == 0:
            tell(done, of or None)
        yield doc


_TOLD_EVERY = 200


class _Shown:
    """Stdout as a terminal: what would steer it is shown, never obeyed."""

    def write(self, text: str) -> None:
        from repairdesk.cli import render

        sys.stdout.write(render.plain(text))


def _stdout() -> SupportsWrite:
    # Down a pipe, where nobody is steered, everything stays as it was said.
    return _Shown() if sys.stdout.isatty() else sys.stdout


def _ascii_only() -> bool:
    return "utf" not in (sys.stdout.encoding or "ascii").lower()


def _to_stdout(table: Table, docs: Iterator[Any], form: str, count: Count) -> None:
    from repairdesk.batch import exporting

    if form == "jsonl":
        exporting.jsonl(table, docs, _stdout(), count, ascii_only=_ascii_only())
    else:
        exporting.csv(table, docs, _stdout(), count)


def _to_file(table: Table, what: str, docs: Iterator[Any], form: str, out: Path, count: Count, *, mine: bool) -> None:
    from repairdesk.batch import exporting, spread, whole

    if form == "xlsx":
        exporting.xlsx(table, what, docs, out, count, mine=mine)
        return
    try:
        with whole.writing(out, mine=mine) as file:
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

    out = _stdout()
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
