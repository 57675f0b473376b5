"""Paper: what people sign, on the screen, in a file or for a printer."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from repairdesk.cli.common import Call, Reason, command, required, write_whole
from repairdesk.domain.record import NamedTuple
from repairdesk.errors import N_, StorageError, UsageError

if TYPE_CHECKING:
    from repairdesk.desk import Desk, Remark

chapter = typer.Typer()
LOOKING = N_("Looking")

FORMATS = ("text", "html", "pdf")
FORMS = ("slip", "callback", "receipt", "handover", "statement")
WIDTHS = (64, 80)


@command(chapter, "print", LOOKING, words=("form", "copy"))
def print_(
    call: Call,
    number: Annotated[
        list[str] | None,
        typer.Argument(metavar="NUMBER", help=N_("The order, or an ending of its number; names for --template-init.")),
    ] = None,
    form: Annotated[
        str | None, typer.Option(metavar="F", help=N_("slip, callback, receipt, handover, statement; slip."))
    ] = None,
    copy: Annotated[
        list[str] | None,
        typer.Option(metavar="C", help=N_("Only this copy: resident, engineering, stores, finance, desk.")),
    ] = None,
    today: Annotated[
        bool, typer.Option("--today", help=N_("Every slip of today's shift that is not finished."))
    ] = False,
    staff: Annotated[str | None, typer.Option(metavar="ID", help=N_("Of --today only this technician's."))] = None,
    place: Annotated[str | None, typer.Option(metavar="P", help=N_("Whose statement."))] = None,
    month: Annotated[
        str | None, typer.Option(metavar="YYYY-MM", help=N_("Of which month the statement is; this month."))
    ] = None,
    reveal: Annotated[bool, typer.Option("--reveal", help=N_("With phone numbers; goes on record."))] = False,
    reason: Reason = None,
    template_init: Annotated[
        bool, typer.Option("--template-init", help=N_("Copy the templates into the desk, to change them there."))
    ] = False,
    format_: Annotated[
        str | None, typer.Option("--format", metavar="F", help=N_("How: text, html, pdf; text."))
    ] = None,
    width: Annotated[
        int | None, typer.Option(metavar="64|80", help=N_("Columns of a text: an 80 mm printer, or A4; 64."))
    ] = None,
    out: Annotated[Path | None, typer.Option(metavar="FILE", readable=False, help=N_("Write it to this file."))] = None,
) -> None:
    """Print a slip, a coordination order, another form, or a shift's slips."""
    numbers = number or []
    if template_init:
        _only("--template-init", form=form, copy=copy, today=today, staff=staff, place=place, month=month, out=out,
              reveal=reveal, reason=reason, format=format_, width=width)  # fmt: skip
        _templates(call, numbers)
        return
    page = Page(format_ or "text", width, out)
    page.check()
    asked = Asked(form or "slip", numbers, tuple(copy or ()), today, staff, place, month, reveal, reason)
    asked.check()
    desk = call.desk
    page.can_be_written(desk)
    if reveal and (masked := asked._replace(reveal=False).papers(desk, call)):
        # Whether the paper can be made is asked before anything goes on record.
        make(desk, masked, page)
    papers = asked.papers(desk, call)
    _put(call, desk, papers, page, form=asked.form, mine=reveal)


class Asked(NamedTuple):
    """Which papers are wanted."""

    form: str
    numbers: Sequence[str]
    copies: tuple[str, ...]
    today: bool
    staff: str | None
    place: str | None
    month: str | None
    reveal: bool
    reason: str | None

    def check(self) -> None:
        """Whether one thing was asked for, and everything that it needs is there.

        Raises:
            UsageError: it was not.
        """
        _one_of("--form", self.form, FORMS)
        if self.reveal:
            required(reason=self.reason)
        else:
            _belong("--reveal", reason=self.reason)
        if self.form == "statement":
            _only("--form statement", today=self.today, staff=self.staff, copy=self.copies, number=self.numbers,
                  reveal=self.reveal)  # fmt: skip
            required(place=self.place)
            return
        _belong("--form statement", place=self.place, month=self.month)
        if self.form == "handover":
            _only("--form handover", today=self.today, staff=self.staff, copy=self.copies, number=self.numbers,
                  reveal=self.reveal)  # fmt: skip
            return
        if self.today:
            _only("--today", number=self.numbers, form=None if self.form == "slip" else self.form)
            return
        _belong("--today", staff=self.staff)
        required(number=self.numbers)
        if len(self.numbers) > 1:
            raise UsageError(N_("one order at a time; a whole shift's are printed by {option}"), option="--today")

    def papers(self, desk: Desk, call: Call) -> list[dict[str, Any]]:
        """The papers, as the desk answers them."""
        if self.form == "statement":
            return [desk.printed_statement(call.by, self.place or "", self.month)]
        if self.form == "handover":
            return [desk.printed_handover(call.by)]
        why = self.reason if self.reveal else None
        if self.today:
            return desk.printed_today(call.by, self.staff, copies=self.copies, reveal=why)
        return [desk.printed(call.by, self.numbers[0], self.form, copies=self.copies, reveal=why)]


class Page(NamedTuple):
    """In which form it is wanted, and where it goes; None is stdout."""

    format: str
    width: int | None
    out: Path | None

    def check(self) -> None:
        """Whether the options go together.

        Raises:
            UsageError: they do not.
        """
        _one_of("--format", self.format, FORMATS)
        if self.width is not None:
            _one_of("--width", self.width, WIDTHS)
            if self.format != "text":
                raise UsageError(N_("{option} belongs to {other}"), option="--width", other="--format text")
        if self.format == "pdf" and self.out is None:
            raise UsageError(N_("a PDF goes to a file: say --out FILE"))

    def can_be_written(self, desk: Desk) -> None:
        """Whether it can be put where it is to go.

        Raises:
            UsageError: what is there can take no such answer, or is the desk's own. NotFound: there is no such folder.
            StorageError: nothing can be written there.
        """
        if self.out is None:
            return
        from repairdesk.batch import whole

        desk.spare(self.out)
        whole.check_place(self.out)
        whole.check(self.out, text=self.format != "pdf")


class Made(NamedTuple):
    """A paper that is ready: text or a PDF, and what is to be said beside it."""

    content: str | bytes
    remarks: Sequence[Remark]


def make(desk: Desk, papers: Sequence[dict[str, Any]], page: Page) -> Made:
    """The papers in the form that was asked for.

    Raises:
        BadRules: a template of the desk cannot be used (13).
    """
    from repairdesk.documents import paper
    from repairdesk.documents.sandbox import Templates, too_deep

    templates = Templates(desk.home)
    if page.format == "text":
        return Made(paper.text(papers, page.width or WIDTHS[0], templates), ())
    html = paper.html(papers, templates)
    if page.format == "html":
        return Made(html, ())
    from repairdesk.documents import pdf

    try:
        rendered = pdf.render(html)
    except RecursionError:
        refusal = too_deep(templates)
        if refusal is None:
            raise
        raise refusal from None
    return Made(rendered.pdf, rendered.remarks)


def _put(call: Call, desk: Desk, papers: Sequence[dict[str, Any]], page: Page, *, form: str, mine: bool) -> None:
    """Make the papers and put them where they are to go; ``mine``: nobody but its owner reads the file."""
    from repairdesk.cli import render
    from repairdesk.locale import tr

    made = make(desk, papers, page) if papers else None
    forms = list(dict.fromkeys(one["form"] for one in papers))
    about = {"form": forms[0] if forms else form, "copies": _copies(papers),
             "head": papers[0]["stamp"]["head"] if papers else None}  # fmt: skip
    if made is None:
        # Nothing to do is no failure, and no empty sheet.
        if call.json_:
            render.put_json({"file": None, **about, "warnings": []})
        else:
            render.note(tr(N_("No slip is to be printed.")))
        return
    said = render.remarks(call, made.remarks)
    if page.out is not None:
        save(page.out, made.content, mine=mine)
        if call.json_:
            render.put_json({"file": str(page.out), **about, "warnings": said})
        else:
            render.fields(call, {"file": str(page.out)})
        return
    assert isinstance(made.content, str)
    if call.json_:
        render.put_json({page.format: made.content, **about, "warnings": said})
    else:
        _show(made.content)


def _copies(papers: Sequence[dict[str, Any]]) -> list[str]:
    return list(dict.fromkeys(copy["for"] for one in papers for copy in one["copies"]))


def _show(content: str) -> None:
    """A document on stdout: a printer behind a pipe takes the next page, a reader at a terminal sees a line."""
    from repairdesk.cli import render

    between = "- " * (WIDTHS[0] // 2) + "\n" if _at_a_terminal() else "\f"
    # All but the page breaks is taken for what somebody said, and steers nothing.
    sys.stdout.write(between.join(map(render.plain, content.split("\f"))))


def _at_a_terminal() -> bool:
    return sys.stdout.isatty()


def save(path: Path, content: str | bytes, *, mine: bool = False) -> None:
    """A document in a file that is whole or not there; ``mine``: nobody but its owner reads it.

    Raises:
        UsageError: what is there can take no such answer. NotAllowed: what is there is not to be replaced.
        StorageError: it cannot be written.
    """
    if isinstance(content, str):
        write_whole(path, content, mine=mine)
        return
    from repairdesk.batch import whole

    try:
        with whole.writing(path, mine=mine) as out:
            out.half.write_bytes(content)
            out.place()
    except BrokenPipeError:
        raise  # a reader that goes away is no failure
    except OSError as error:
        raise StorageError(N_("{file} cannot be written: {why}"), file=str(path), why=error.strerror or "") from None


def _templates(call: Call, wanted: Sequence[str]) -> None:
    from repairdesk.cli import render
    from repairdesk.documents import sandbox

    desk = call.desk
    desk.may_print(call.by)
    files = sandbox.init(desk.home, tuple(wanted))
    if call.json_:
        render.put_json({"files": files, "warnings": []})
        return
    for file in files:
        render.put(file)


def _one_of(name: str, value: object, known: Sequence[object]) -> None:
    """Whether an option has one of the values that it can have.

    Raises:
        UsageError: it has not.
    """
    if value not in known:
        raise UsageError(N_("“{value}” is no {field}; choose: {known}"), value=value, field=name,
                         known=[str(one) for one in known])  # fmt: skip


def _only(what: str, **others: Any) -> None:
    for name, value in others.items():
        if value:
            other = "NUMBER" if name == "number" else "--" + name
            raise UsageError(N_("{one} and {other} exclude each other"), one=what, other=other)


def _belong(what: str, **options: Any) -> None:
    for name, value in options.items():
        if value is not None:
            raise UsageError(N_("{option} belongs to {other}"), option="--" + name, other=what)
