"""What comes by itself: the nightly run, and the desk's own health."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from repairdesk.cli.common import Call, command
from repairdesk.errors import N_, Partial

if TYPE_CHECKING:
    from repairdesk.desk import Remark

chapter = typer.Typer()
NIGHT = N_("Day's end and night")
Doc = Mapping[str, Any]


@command(chapter, "escalate", NIGHT)
def escalate(
    call: Call,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help=N_("Say what would be done, and write and send nothing."))
    ] = False,
) -> None:
    """Tell the next person up what was not done in time, and convert what was not finished."""
    desk, by = call.desk, call.by
    found = desk.escalate(by, dry_run=dry_run)
    sent, remarks = None, list(found.remarks)
    if not dry_run:
        from repairdesk.cli import notices

        sent, more = notices.deliver(desk, by)
        remarks += more
    _answer(call, found.doc, sent, remarks)
    given_up = sent["given_up"] if sent else 0
    if found.doc["failed"] or given_up:
        raise Partial(
            N_("{orders} orders failed and {messages} messages were given up; the rest is done"), rule="SLA-5",
            orders=len(found.doc["failed"]), messages=given_up,
        )  # fmt: skip


def _answer(call: Call, doc: Doc, sent: Doc | None, remarks: list[Remark]) -> None:
    """A line for each thing that was done; nothing where there was nothing to do (SLA-5)."""
    from repairdesk.cli import render
    from repairdesk.desk import Answer

    failed = [{"number": one["number"], "why": render.error_text(one["why"])} for one in doc["failed"]]
    if call.json_:
        render.document(call, Answer({**doc, "failed": failed, "messages": sent}, remarks))
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
def doctor(call: Call) -> None:
    """Whether the desk is well: rules, ledger, nightly run, messages, holidays, staff."""
    from repairdesk.cli import render
    from repairdesk.desk import Answer

    checks = [
        {"name": check.name, "ok": check.ok, "what": render.say(check.said.message, check.said.values)}
        for check in call.desk.doctor(call.by)
    ]
    if call.json_:
        render.document(call, Answer({"ok": all(check["ok"] for check in checks), "checks": checks}))
        return
    for check in checks:
        mark = render.word("well" if check["ok"] else "attention")
        render.put(f"{mark}  {render.named(str(check['name']), check['what'])}")


TERMS = (N_("well"), N_("attention"), N_("rules"), N_("ledger"), N_("nightly"), N_("messages"), N_("calendar"),
         N_("staff"), N_("finance"), N_("track"), N_("emergency"))  # fmt: skip
"""Words that are said by their name."""
