"""What a message says in the language of the run, and its way to the addresses of notify.yaml."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, Any

from repairdesk.errors import N_, DeskError, Word
from repairdesk.locale import tr

if TYPE_CHECKING:
    from repairdesk.desk import By, Desk, Remark
    from repairdesk.desk.outbox import Send
    from repairdesk.domain.message import Outcome
    from repairdesk.notify.sender import Sender

Doc = dict[str, Any]

_FITS = 1800  # bytes of title and text: WeCom's robot refuses more than 2,048, and nobody reads more on a telephone
_AT_ONCE = 10.0  # seconds that an emergency's messages may take, all together
_FAULT = 40  # characters of what was reported


def ready(desk: Desk, by: By) -> tuple[Send | None, list[Remark]]:
    """How to send what is due, and what is worth saying about the addresses; None where nothing can be or need be.

    Where there are no addresses, or no library to send with, the messages wait; that is a remark, no failure.
    """
    from repairdesk.desk import Remark

    try:
        if not desk.undelivered(by):
            return None, []
        sender = _sender(desk)
    except DeskError as lack:
        return None, [Remark(N_("messages wait to be sent: {why}"), {"why": lack})]
    return _send(sender), _remarks(sender)


def send(desk: Desk, by: By, way: Send) -> tuple[Doc, list[Remark]]:
    """Send what is due (see ``Outbox.deliver``), and what did not arrive.

    Raises:
        DeskError: the ledger cannot be written.
    """
    done = desk.deliver(by, way)
    return done, [_failed(one) for one in done["failed"]]


def at_once(desk: Desk, by: By, queued: Collection[int]) -> None:
    """Send what an emergency has just queued, after the answer was given (INT-7), and nothing that waited before.

    Whoever took the report is on the telephone: what takes longer, or fails, is tried again by the night.
    """
    if not queued:
        return
    with suppress(DeskError):
        sender = _sender(desk, within=_AT_ONCE)
        desk.deliver(by, _send(sender), only=queued, go_on=lambda: sender.has_time)


def _sender(desk: Desk, within: float | None = None) -> Sender:
    """The addresses of this desk.

    Raises:
        DeskError: they cannot be used (see ``Sender.of``).
    """
    from repairdesk.notify.sender import FILE, Sender

    return Sender.of(desk.home / FILE, within=within)


def _send(sender: Sender) -> Send:
    def way(message: Doc, skip: frozenset[str]) -> Outcome:
        title, body = texts(message)
        return sender.send(message["to"], message["role"], title, body, message["key"], skip)

    return way


def _remarks(sender: Sender) -> list[Remark]:
    """What is wrong with the addresses."""
    from repairdesk.desk import Remark
    from repairdesk.notify.sender import FILE

    remarks = [Remark(*lack) for lack in sender.problems]
    if sender.untagged:
        said = N_("{file}: an address has no tag and is nobody's")
        if sender.untagged > 1:
            said = N_("{file}: {count} addresses have no tag and are nobody's")
        remarks.append(Remark(said, {"file": FILE, "count": sender.untagged}))
    if sender.exposed:
        remarks.append(Remark(N_("{file} holds passwords and others can read it: chmod 600"), {"file": FILE}))
    return remarks


def _failed(one: Mapping[str, Any]) -> Remark:
    """A message that did not arrive, in a sentence."""
    from repairdesk.desk import Remark

    why = tr(N_(", ")).join(" ".join(filter(None, (w["service"], reason(w["reason"])))) for w in one["why"])
    said = N_("message {id} to {to} did not arrive ({why}); it is tried again")
    if one["next_at"] is None:
        said = N_("message {id} to {to} is given up: {why}")
    return Remark(said, {"id": one["id"], "to": Word(one["to"]), "why": why})


_REASONS = {
    "no-address": N_("notify.yaml has no address with this tag"),
    "no-answer": N_("no answer in time"),
    "unreachable": N_("no connection"),
    "not-taken": N_("not accepted"),
    "broken": N_("the sending failed"),
    "unknown": N_("whether it arrived is not known"),
    "purged": N_("what it told of was purged"),
}


def reason(code: str) -> str:
    """Why a try failed, in words; what a receiver answered stays as it is (``http-500``)."""
    return tr(_REASONS[code]) if code in _REASONS else code


# --- the text


def texts(message: Mapping[str, Any]) -> tuple[str, str]:
    """Title and text of a message, whose times are the desk's.

    The key stands in the title: a receiver that sees it again has had the message already.
    """
    lines = message["lines"]
    overdue = sum(bool(line["level"]) for line in lines)
    said = [tr(N_("{count} to see to at once")).format(count=len(lines) - overdue)] if overdue < len(lines) else []
    said += [tr(N_("{count} overdue")).format(count=overdue)] if overdue else []
    title = tr(N_("[Repairs] {what} [{key}]")).format(what=tr(N_(", ")).join(said), key=message["key"])
    return title, _body([_line(line) for line in lines], _FITS - len(title.encode()))


def _body(lines: list[str], room: int) -> str:
    """As many lines as there is room for, in bytes; what is left out is counted."""
    shown = len(lines)
    while True:
        more = [tr(N_("and {count} more: repairdesk board")).format(count=len(lines) - shown)]
        text = "\n".join(lines[:shown] + (more if shown < len(lines) else []))
        if shown <= 1 or len(text.encode()) <= room:
            return text
        shown -= 1


def _line(line: Mapping[str, Any]) -> str:
    template = N_("{number} {place}: {what}, due {due} ({owner}; {rule}) {fault}")
    if not line["level"]:  # told at once: nothing is overdue yet
        template = N_("{number} {place}: {what}, since {due} ({owner}; {rule}) {fault}")
    if not line["due_at"]:
        template = N_("{number} {place}: {what} ({owner}; {rule}) {fault}")
    due = line["due_at"] and f"{datetime.fromisoformat(line['due_at']):%m-%d %H:%M}"
    plain = {name: _plain(line[name]) for name in ("number", "place", "rule", "fault")}
    fault = plain.pop("fault")
    fault = fault if len(fault) <= _FAULT else fault[: _FAULT - 1] + "…"
    owner = tr(line["owner"] or "")
    return tr(template).format(**plain, what=tr(line["obligation"] or ""), due=due, owner=owner, fault=fault).rstrip()


def _plain(text: str | None) -> str:
    """On one line, and without what only a terminal or a printer would understand."""
    return "".join(c for c in " ".join((text or "").split()) if c.isprintable())
