"""A command that lacks something, talked over and done."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from repairdesk.cli import render
from repairdesk.cli.common import Call
from repairdesk.cli.talk.intake import IntakeTalk
from repairdesk.cli.talk.questions import Said
from repairdesk.cli.talk.terminal import carry
from repairdesk.cli.talk.work import AssignTalk, FinishTalk, SignTalk, _OnOrder
from repairdesk.desk import Answer
from repairdesk.domain.intake import Report
from repairdesk.domain.shape import Doc
from repairdesk.errors import N_, UsageError
from repairdesk.locale import tr


def intake(call: Call, report: Report, *, join: str | None, new: bool) -> None:
    """A call."""
    if join and new:
        raise UsageError(N_("--join and --new exclude each other"), rule="REC-6")
    desk, by = call.desk, call.by
    talk = IntakeTalk(desk, by, _common(call))
    given = talk.given(report)
    if join:
        given["join"] = desk.show(by, join).doc["number"]
    if new:
        given["new"] = True

    def do(said: Said) -> Answer:
        return desk.intake(talk.by, talk.report(said), join=said.get("join") or None, new=talk.is_new(said))

    taken = carry(call, talk, given, do)
    call.answer(taken)
    call.tell(desk, talk.by, taken)
    _agree(taken.doc)


def _agree(doc: Doc) -> None:
    """A fee that was named has to be agreed to before the work begins (QUO-1), best on the telephone."""
    if doc["quote"] is not None and doc["consent"] is None and doc["state"] in ("reported", "quoted", "assigned"):
        said = tr(N_("→ The resident agrees to {fee}: repairdesk consent {number}"))
        render.note(said.format(fee=doc["quote"], number=doc["number"]))


def assign(call: Call, number: str | None, staff: str | None) -> None:
    """Who goes."""
    desk, by = call.desk, call.by
    talk = AssignTalk(desk, by, _common(call))

    def do(said: Said) -> Answer:
        return desk.assign(by, said["number"], said["staff"], reason=said.get("reason"), force=talk.forced(said))

    call.answer(carry(call, talk, _given(talk, {"number": number, "staff": staff}), do))


def finish(call: Call, given: Mapping[str, Any]) -> None:
    """What was done."""
    desk, by = call.desk, call.by
    talk = FinishTalk(desk, by, _common(call))
    call.answer(carry(call, talk, _given(talk, given), lambda said: desk.finish(by, said["number"], talk.work(said))))


def sign(call: Call, given: Mapping[str, Any]) -> None:
    """What the resident says of it."""
    desk, by = call.desk, call.by
    talk = SignTalk(desk, by, _common(call))

    def do(said: Said) -> Answer:
        return desk.sign(by, said["number"], signer=said["by"], rating=said["rating"], invoice=said.get("invoice"))

    call.answer(carry(call, talk, _given(talk, given), do))


def _given(talk: _OnOrder, said: Mapping[str, Any]) -> Said:
    """What the command line said already; an ending of a number is the number."""
    given: Said = {name: value for name, value in said.items() if value}
    if "number" in given:
        given["number"] = talk.desk.show(talk.by, given["number"]).doc["number"]
    return given


def _common(call: Call) -> list[str]:
    """The common options that were typed, as far as the next command needs them again."""
    said = {"--as": call.as_, "--at": call.at, "--home": call.home, "--ledger": call.ledger}
    from_outside = {"--as": "REPAIRDESK_AS", "--home": "REPAIRDESK_HOME", "--ledger": "REPAIRDESK_LEDGER"}
    return [
        word
        for option, value in said.items()
        if value and os.environ.get(from_outside.get(option, "")) != str(value)
        for word in (option, str(value))
    ]
