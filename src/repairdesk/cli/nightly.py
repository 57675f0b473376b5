"""What comes by itself: the nightly run, and the desk's own health."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from repairdesk.cli.common import Call, command
from repairdesk.errors import N_, DeskError, Partial

if TYPE_CHECKING:
    from repairdesk.desk import By, Desk, Remark
    from repairdesk.desk.outbox import Send

chapter = typer.Typer()
NIGHT = N_("The day's end")
Doc = Mapping[str, Any]


@command(chapter, "escalate", NIGHT)
def escalate(
    call: Call,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help=N_("Say what would be done, and write and send nothing."))
    ] = False,
) -> None:
    """Tell the next person up what was not done in time, and convert what was not finished."""
    from repairdesk.cli import notices

    desk, by = call.desk, call.by
    found = desk.escalate(by, dry_run=dry_run)
    way, said = (None, []) if dry_run else notices.ready(desk, by)
    with _answered(call, found.doc, [*found.remarks, *said]):
        given_up = _sent(call, desk, by, way) if way else 0
    if found.doc["failed"] or given_up:
        raise Partial(
            N_("{orders} orders failed and {messages} messages were given up; the rest is done"), rule="SLA-5",
            orders=len(found.doc["failed"]), messages=given_up,
        )  # fmt: skip


@contextmanager
def _answered(call: Call, doc: Doc, remarks: list[Remark]) -> Iterator[None]:
    """The whole answer is out before anything is sent, which may take long, or never end.

    What cannot be put out is no reason not to send: that is said afterwards.
    """
    lost: OSError | None = None
    try:
        _answer(call, doc, remarks)
        sys.stdout.flush()
    except OSError as error:
        lost = error
    yield
    if lost is not None:
        raise lost


def _sent(call: Call, desk: Desk, by: By, way: Send) -> int:
    """Send what is due; how many messages were given up.

    Raises:
        Partial: the ledger cannot be written any more; the messages wait.
    """
    from repairdesk.cli import notices, render

    try:
        done, remarks = notices.send(desk, by, way)
    except DeskError as lack:
        raise Partial(N_("the messages could not all be sent: {why}; the rest is done"), rule="SLA-5",
                      why=lack) from lack  # fmt: skip
    if not call.json_:  # The one document is out; board and doctor say it to scripts.
        render.remarks(call, remarks)
    return int(done["given_up"])


def _answer(call: Call, doc: Doc, remarks: list[Remark]) -> None:
    """A line for each thing that was done; nothing where there was nothing to do (SLA-5)."""
    from repairdesk.cli import render
    from repairdesk.desk import Answer

    failed = [{"number": one["number"], "why": render.error_text(one["why"])} for one in doc["failed"]]
    if call.json_:
        render.document(call, Answer({**doc, "failed": failed}, remarks))
        return
    for line in (*map(_told, doc["told"]), *map(_converted, doc["converted"]), *map(_proposed, doc["proposed"])):
        render.put(line)
    render.remarks(call, remarks)
    for one in failed:
        render.note(f"{one['number']}: {one['why']}")


def _told(row: Doc) -> str:
    from repairdesk.cli.render import moment, word
    from repairdesk.locale import tr

    template = N_("{number}  {what} was due {due} ({owner})  → {who} [{rule}, step {level}]")
    who = " ".join((word(row["role"]), tr(N_(", ")).join(row["people"]))).rstrip()
    return tr(template).format(
        number=row["number"], what=word(row["obligation"]), due=moment(row["due_at"]), owner=word(row["owner"]),
        who=who, rule=row["rule"], level=row["level"],
    )  # fmt: skip


def _converted(row: Doc) -> str:
    from repairdesk.locale import tr

    template = N_("{number}  converted: coordination order {coordination}, tracked by {tracker}")
    return tr(template).format(**{name: row[name] for name in ("number", "coordination", "tracker")})


def _proposed(row: Doc) -> str:
    from repairdesk.locale import tr

    return tr(N_("{number}  was not finished in its time: convert it, or exempt it")).format(number=row["number"])


@command(chapter, "doctor", NIGHT)
def doctor(
    call: Call,
    vacuum: Annotated[
        bool, typer.Option("--vacuum", help=N_("Make the ledger's file anew, as small as what it holds."))
    ] = False,
) -> None:
    """Whether the desk is well: rules, ledger, nightly run, messages, holidays, staff."""
    from repairdesk.cli import render
    from repairdesk.desk import Answer

    if vacuum:
        _vacuum(call)
        return
    home = str(call.folder())
    found = call.desk.doctor(call.by)
    checks = [
        {"name": check.name, "ok": check.ok, "what": render.say(check.said.message, check.said.values),
         "mend": None if check.ok and not check.is_to_come else _mend(check.said, home)}
        for check in found
    ]  # fmt: skip
    if call.json_:
        render.document(call, Answer({"ok": all(check["ok"] for check in checks), "checks": checks}))
        return
    for check, (_, ok, _, is_to_come) in zip(checks, found, strict=True):
        mark, style = ("to do", "waits") if is_to_come else ("well", "good") if ok else ("attention", "late")
        render.put(f"{render.word(mark)}  {render.named(str(check['name']), check['what'])}", style)
        if check["mend"]:
            render.write(f"    → {check['mend']}")


def _mend(said: Remark, home: str) -> str | None:
    """What to type against it."""
    from repairdesk.cli import remedies, render

    found = remedies.mend(said.message)
    if not found:
        return None
    # A command for each, as it is typed, in no language.
    roles = [str(role) for role in said.values.get("roles", ())] or [""]
    return "; ".join(render.say(found, {**said.values, "home": home, "role": role}) for role in roles)


def _vacuum(call: Call) -> None:
    from repairdesk.cli import render
    from repairdesk.desk import Answer

    sizes = call.desk.vacuum(call.by)
    if call.json_:
        render.document(call, Answer({"ok": True, "vacuum": sizes._asdict()}))
        return
    before, after = (f"{size / 1_000_000:.1f}" for size in sizes)
    render.put(render.say(N_("the ledger took {before} MB and takes {after} MB now"),
                          {"before": before, "after": after}))  # fmt: skip


TERMS = (N_("well"), N_("attention"), N_("rules"), N_("ledger"), N_("nightly"), N_("messages"), N_("calendar"),
         N_("staff"), N_("finance"), N_("track"), N_("emergency"), N_("backup"), N_("callbacks"),
         N_("to do"))  # fmt: skip
"""Words that are said by their name."""
