"""That the record can be trusted: proved, noted elsewhere, put away and brought back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from repairdesk.cli.common import Call, command, required
from repairdesk.errors import N_, UsageError

if TYPE_CHECKING:
    from repairdesk.desk import Remark

chapter = typer.Typer()
TRUST = N_("Proof and backup")
Doc = Mapping[str, Any]


@command(chapter, "verify", TRUST)
def verify(
    call: Call,
    since: Annotated[
        str | None,
        typer.Option(metavar="SEQ|TIME", help=N_("Only what was written after this entry, or since this time.")),
    ] = None,
    order: Annotated[str | None, typer.Option(metavar="NUMBER", help=N_("Only the entries of this order."))] = None,
    against: Annotated[
        list[Path] | None,
        typer.Option("--against", metavar="FILE", readable=False, help=N_("A checkpoint that was kept elsewhere.")),
    ] = None,
    public_key: Annotated[
        Path | None,
        typer.Option("--public-key", metavar="FILE", readable=False, help=N_("The key that must have signed it.")),
    ] = None,
    code: Annotated[
        list[str] | None, typer.Option("--code", metavar="CODE", help=N_("The code at the foot of a paper."))
    ] = None,
) -> None:
    """Prove that nothing in the ledger was changed."""
    from repairdesk.cli import render
    from repairdesk.cli.render import progress

    if public_key is not None and not against:
        raise UsageError(N_("{option} belongs to {other}"), option="--public-key", other="--against")
    if since is not None and order is not None:
        raise UsageError(N_("{one} and {other} exclude each other"), one="--since", other="--order")
    # What cannot be read is said before the ledger is read through.
    desk = call.desk
    doc: Doc = {"problems": []}
    remarks: Sequence[Remark] = ()
    if against or code:
        doc, remarks = desk.held_against(call.by, against or (), public_key, code or ())
    part = since is not None or order is not None
    with progress.shown(str(call.store()).rpartition("/")[2]) as tell:
        found = desk.verify_part(call.by, since=since, number=order) if part else desk.verify(tell)
    problems = [*found["problems"], *doc["problems"]]
    answer = {**found, "ok": not problems, "problems": problems}
    _proved(call, answer | {name: value for name, value in doc.items() if name not in answer}, remarks)
    if not call.json_:
        for line in _held({**doc, **found}):
            render.put(line)


def _proved(call: Call, doc: Doc, said: Sequence[Remark]) -> None:
    """Clean, or every problem."""
    from repairdesk.cli import render
    from repairdesk.errors import Damaged
    from repairdesk.locale import tr

    texts = render.remarks(call, said)
    if not doc["ok"]:
        if call.json_:
            render.put_json({**doc, "warnings": texts})
        else:
            for problem in doc["problems"]:
                render.put(f"{problem['seq'] or '–'}  {render.sentence(problem['what'])}")
        raise Damaged(N_("the record was altered; problems: {count}"), rule="REC-1", count=len(doc["problems"]))
    if call.json_:
        render.put_json({**doc, "warnings": texts})
    else:
        template = N_("{entries} entries, unaltered; head {head}")
        render.put(tr(template).format(entries=doc["entries"], head=doc["head"][:16]))


def _held(doc: Doc) -> Iterator[str]:
    """What part of the ledger was looked at, and what it was held against and agrees with."""
    from repairdesk.cli.render import moment
    from repairdesk.locale import tr

    part = doc.get("part", {})
    if "number" in part:
        yield tr(N_("only the entries of {number} were looked at")).format(**part)
    elif part:
        yield tr(N_("only what was written after entry {since} was looked at")).format(**part)
    for one in doc.get("against", ()):
        yield tr(N_("{file}: it has the {entries} entries of {at}")).format(
            file=one["file"], entries=one["entries"], at=moment(one["at"]) or "–"
        )  # fmt: skip
    for one in doc.get("codes", ()):
        yield tr(N_("{code}: it is the code of entry {seq}")).format(**one)


@command(chapter, "backup", TRUST)
def backup(
    call: Call,
    file: Annotated[
        Path | None,
        typer.Argument(metavar="FILE|DIR", readable=False, help=N_("A new file; in a folder it gets a name by date.")),
    ] = None,
    keep: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, max=100_000, help=N_("Of the dated files only so many stay, the newest.")),
    ] = None,
    anyway: Annotated[bool, typer.Option("--anyway", help=N_("Also of a record that was altered, as it is."))] = False,
) -> None:
    """Put the whole desk away in one file, while others write."""
    from repairdesk.cli import render
    from repairdesk.cli.render import progress

    required(file=file)
    assert file is not None
    with progress.shown(file.name) as tell:
        said = call.desk.backup(call.by, file, keep=keep, anyway=anyway, progress=tell)
    if call.json_:
        render.document(call, said)
        return
    render.remarks(call, said.remarks)
    _line(N_("{file}: {entries} entries, {files} files, {bytes} bytes; head {head}"), said.doc)
    for gone in said.doc["removed"]:
        render.put("- " + gone)


@command(chapter, "restore", TRUST)
def restore(
    call: Call,
    file: Annotated[Path | None, typer.Argument(metavar="FILE", readable=False, help=N_("A backup."))] = None,
    anyway: Annotated[
        bool, typer.Option("--anyway", help=N_("Also one that was made of an altered record, as it is."))
    ] = False,
) -> None:
    """Make a new desk of a backup, in the folder that --home names."""
    from repairdesk.cli import render
    from repairdesk.cli.render import progress
    from repairdesk.desk import Answer, Remark
    from repairdesk.desk.restoring import restore as restored

    required(file=file, home=call.home)
    assert file is not None
    assert call.home is not None
    if call.ledger:
        raise UsageError(N_("the ledger is restored into the desk's folder: leave out {option}"),
                         option="--ledger, REPAIRDESK_LEDGER")  # fmt: skip
    with progress.shown(file.name) as tell:
        doc = restored(call.by, file, call.home, anyway=anyway, progress=tell)
    altered = N_("the record of {home} was altered: it is a copy of it as it was (see verify)")
    said = Answer(doc, [] if doc["verified"] else [Remark(altered, {"home": doc["home"]})])
    if call.json_:
        render.document(call, said)
        return
    render.remarks(call, said.remarks)
    _line(N_("{home}: {entries} entries, {files} files, as of {at}; head {head}"),
          {**doc, "at": render.moment(doc["at"])})  # fmt: skip


def _line(template: str, doc: Doc) -> None:
    from repairdesk.cli import render
    from repairdesk.locale import tr

    render.put(tr(template).format(**{**doc, "head": doc["head"][:16]}))


@command(chapter, "checkpoint", TRUST)
def checkpoint(
    call: Call,
    key: Annotated[
        Path | None, typer.Option("--key", metavar="FILE", readable=False, help=N_("Sign it with this key."))
    ] = None,
    out: Annotated[Path | None, typer.Option(metavar="FILE", readable=False, help=N_("Write it to this file."))] = None,
    new_key: Annotated[
        Path | None,
        typer.Option("--new-key", metavar="FILE", readable=False, help=N_("Make a key to sign with, and FILE.pub.")),
    ] = None,
) -> None:
    """Note how far the ledger has come and what its head is, to be kept elsewhere."""
    from repairdesk.cli import render
    from repairdesk.cli.common import write_whole
    from repairdesk.desk import Answer
    from repairdesk.ledger import keepsakes
    from repairdesk.locale import tr

    desk = call.desk
    if new_key is not None:
        if key is not None or out is not None:
            raise UsageError(N_("{one} and {other} exclude each other"), one="--new-key", other="--key, --out")
        made = desk.checkpoint_key(new_key)
        if call.json_:
            render.document(call, Answer(made))
            return
        render.put(tr(N_("{key} signs; keep it where the desk is not")).format(**made))
        render.put(tr(N_("{public_key} proves: {public}")).format(**made))
        return
    out = None if out == Path("-") else out
    if out is not None:
        desk.spare(out)
    doc, remarks = desk.checkpoint(call.by, key, out)
    if out is not None:
        write_whole(out, doc["note"], over=keepsakes.CHECKPOINT)
    if call.json_:
        render.document(call, Answer({**doc, "file": str(out) if out else None}, list(remarks)))
        return
    render.remarks(call, remarks)
    if out is None:
        render.put(doc["note"].rstrip("\n"))
    else:
        render.note(tr(N_("{file}: {entries} entries")).format(file=out, entries=doc["entries"]))
