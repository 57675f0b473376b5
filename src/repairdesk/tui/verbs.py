"""One key for each verb: what it asks for, and the method of Desk that does it.

Whether a verb is possible, and who may, the Desk says (``glance``); whether what was typed will do, it says, too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from repairdesk import lent
from repairdesk.cli.render import word
from repairdesk.domain.order import CORRECTABLE
from repairdesk.domain.record import NamedTuple
from repairdesk.domain.vocabulary import (
    ATTACHED,
    CALL_METHODS,
    CALL_OUTCOMES,
    DISTURBANCES,
    PAUSE_REASONS,
    RATINGS,
    RECHECKS,
)
from repairdesk.errors import N_
from repairdesk.locale import tr

if TYPE_CHECKING:
    from repairdesk.desk import Answer, By, Desk

Said = Mapping[str, Any]
"""What was typed: a text or None, a bool for a flag, a tuple for what may be several."""
Doc = Mapping[str, Any]


class Field(NamedTuple):
    """Something that a form asks for.

    Attributes:
        name: under which it is said.
        label: what it is called on the form, in English.
        kind: text, choice, flag, list, points (several of a few), staff, goers (who goes out), secret.
        required: whether nothing can be done without it.
        choices: of a choice, and of points that do not come from the order's checklist.
        context: what its choices are translated as.
        label_in: what its label is translated as.
        start: what stands there at first, made of the order and of the day (``2026-11-22``).
    """

    name: str
    label: str
    kind: str = "text"
    required: bool = False
    choices: tuple[str, ...] = ()
    context: str = ""
    start: Callable[[Doc, str], str] | None = None
    label_in: str = ""

    @property
    def title(self) -> str:
        """What it is called on the form, in the language that is spoken."""
        return word(self.label, self.label_in)


class Verb(NamedTuple):
    """Something that can be done with an order.

    ``second`` is what takes a second person, and the field that names them: they may have to type a PIN.
    """

    name: str
    key: str
    fields: tuple[Field, ...]
    do: Callable[[Desk, By, str, Said], Answer]
    second: tuple[str, str] | None = None

    @property
    def title(self) -> str:
        """What it is called, in the language that is spoken."""
        return tr(_TITLES[self.name]) if self.name in _TITLES else word(self.name, "event")


_TITLES = {"sign-unsigned": N_("sign: unsigned"), "reveal": N_("show phones")}


_PARTS = {
    "materials": N_("materials"), "supplied": N_("the resident's material"), "warranty": N_("under warranty"),
    "card-prices": N_("prices of the card"),
}  # fmt: skip


def called(choice: str, context: str = "") -> str:
    """What a choice is called, in the language that is spoken."""
    return tr(_PARTS[choice]) if choice in _PARTS else word(choice, context)


def _day(_: Doc, day: str) -> str:
    return f"{day}T"


REASON = Field("reason", "reason", required=True)
WHY = Field("reason", "reason")
FOUND = Field("found", "found")
POINTS = Field("checks", N_("checklist"), "points")
FORCE = Field("force", N_("though visits overlap"), "flag")
DAMAGE = (Field("damage", N_("damaged")), Field("compensation", N_("compensation")))
INVOICE = Field("invoice", "invoice")
SLIP = (
    Field("services", "services", "list"),
    Field("materials", N_("materials"), "list"),
    Field("warranty", N_("under warranty"), "flag"),
    Field("user_damage", N_("the user's damage"), "flag"),
    Field("reduce", N_("taken off")),
    Field("approver", N_("approved by"), "staff"),
    Field("card_prices", N_("prices of the card"), "list"),
    Field("supplied", N_("the resident's material"), "list"),
    Field("warning", N_("warning given")),
)


def _windowed(desk: Desk, by: By, said: Said) -> Said:
    """With the visit window as it is kept, however short it was typed."""
    return {**said, "appointment": desk.window_meant(by, said["appointment"] or "")}


def _finish(desk: Desk, by: By, number: str, said: Said) -> Answer:
    from repairdesk.desk.visiting import Work

    return desk.finish(by, number, Work(**{**said, "result": said["result"] or ""}))


def _rebill(desk: Desk, by: By, number: str, said: Said) -> Answer:
    from repairdesk.desk.slip import Slip

    return desk.rebill(by, number, Slip(**said), reason=said["reason"] or "")


def _pay(desk: Desk, by: By, number: str, said: Said) -> Answer:
    from repairdesk.desk.settling import Paying

    return desk.pay(by, [number], Paying(said["amount"], said["method"], said["invoice"], False, None))


def _refund(desk: Desk, by: By, number: str, said: Said) -> Answer:
    from repairdesk.desk.settling import Paying

    return desk.pay(by, [number], Paying(said["amount"], said["method"], None, True, said["reason"]))


def _log(desk: Desk, by: By, number: str, said: Said) -> Answer:
    from repairdesk.desk.coordinating import LogEntry

    return desk.log(by, number, LogEntry(**{name: value or "" for name, value in said.items()}))


def _pause(desk: Desk, by: By, number: str, said: Said) -> Answer:
    rest = {name: value for name, value in said.items() if name not in ("reason", "next")}
    return desk.pause(by, number, reason=said["reason"] or "", next_at=said["next"], **rest)


def _callback(desk: Desk, by: By, number: str, said: Said) -> Answer:
    rest = {name: said[name] for name in ("signed_by", "note", "rework")}
    asked = {"outcome": said["outcome"] or "", "method": said["method"] or "", "next_at": said["next"]}
    return desk.callback(by, number, **asked, **rest)


def _correct(desk: Desk, by: By, number: str, said: Said) -> Answer:
    return desk.correct(by, number, {said["field"]: said["value"] or ""}, reason=said["reason"] or "")


def _attach(desk: Desk, by: By, number: str, said: Said) -> Answer:
    return desk.attach(by, number, lent.expanded(said["file"] or ""), what=said["what"] or "slip", note=said["note"])


def _out(doc: Doc, _: str) -> str:
    return "、".join(one["item"] for one in doc["taken"] if one["returned_at"] is None)


VERBS: tuple[Verb, ...] = (
    Verb("quote", "u", (Field("fee", N_("fee"), required=True),),
         lambda desk, by, number, said: desk.quote(by, number, fee=said["fee"])),
    Verb("infeasible", "U", (REASON,),
         lambda desk, by, number, said: desk.quote(by, number, feasible=False, reason=said["reason"])),
    Verb("consent", "o", (Field("fee", N_("fee"), start=lambda doc, _: doc["quote"] or ""),),
         lambda desk, by, number, said: desk.consent(by, number, fee=said["fee"])),
    Verb("decline", "O", (REASON, Field("second", N_("the second person"), "staff", required=True)),
         lambda desk, by, number, said: desk.decline(by, number, **said), ("decline", "second")),
    Verb("assign", "a", (Field("staff", N_("technician"), "goers", required=True), WHY, FORCE),
         lambda desk, by, number, said: desk.assign(by, number, **said)),
    Verb("retrack", "a", (Field("staff", "tracker", "staff", required=True), REASON),
         lambda desk, by, number, said: desk.assign(by, number, **said)),
    Verb("accept", "t", (), lambda desk, by, number, said: desk.accept(by, number)),
    Verb("arrive", "v", (FOUND,), lambda desk, by, number, said: desk.arrive(by, number, **said)),
    Verb("absent", "V", (), lambda desk, by, number, said: desk.arrive(by, number, nobody_home=True)),
    Verb("start", "s", (FOUND, POINTS, Field("disturbs", N_("brings"), "points", choices=DISTURBANCES),
                        Field("agreed_by", N_("agreed by")), WHY),
         lambda desk, by, number, said: desk.start(by, number, **said)),
    Verb("pause", "p", (Field("reason", "reason", "choice", True, PAUSE_REASONS, "reason"),
                        Field("next", N_("goes on"), required=True, start=_day), Field("note", "note"),
                        Field("taken", N_("taken away"), "list"), Field("loaner", N_("left in its place")), POINTS,
                        Field("major", N_("a major matter"), "flag"), *DAMAGE), _pause),
    Verb("explain", "d", (REASON, Field("expected", N_("expected"), required=True, start=_day),
                          Field("to", N_("who was told"))),
         lambda desk, by, number, said: desk.explain(by, number, **said)),
    Verb("reschedule", "r", (Field("appointment", "appointment", required=True, start=_day), REASON,
                             Field("agreed_by", N_("agreed by")), FORCE),
         lambda desk, by, number, said: desk.reschedule(by, number, **_windowed(desk, by, said))),
    Verb("support", "h", (REASON,), lambda desk, by, number, said: desk.support(by, number, **said)),
    Verb("returned", "b", (Field("items", N_("what came back"), "list", True, start=_out),),
         lambda desk, by, number, said: desk.returned(by, number, said["items"])),
    Verb("finish", "f", (Field("result", "result", required=True), FOUND, *SLIP[:2], POINTS,
                         Field("unsure", N_("not sure that it holds"), "flag"),
                         Field("untested", N_("could not be tested"), "flag"), *SLIP[2:], WHY,
                         Field("refused", N_("refused replacement")), Field("explained", N_("explained about it")),
                         Field("made_safe", N_("made safe")), *DAMAGE),
         _finish, ("reduce", "approver")),
    Verb("rebill", "B", (REASON, *SLIP, Field("without", N_("leave out"), "points",
                         choices=("services", "materials", "supplied", "warranty", "card-prices", "reduction"))),
         _rebill, ("reduce", "approver")),
    Verb("pay", "j", (Field("amount", N_("amount"), start=lambda doc, _: doc["open_amount"]),
                      Field("method", "method", "methods"), INVOICE), _pay),
    Verb("refund", "J", (Field("amount", N_("amount"), required=True), REASON, Field("method", "method", "methods")),
         _refund),
    Verb("sign", "g", (Field("rating", "rating", "choice", True, RATINGS),
                       Field("signer", N_("who signs"), required=True, start=lambda doc, _: doc["caller"] or ""),
                       INVOICE),
         lambda desk, by, number, said: desk.sign(by, number, **said)),
    Verb("sign-unsigned", "G", (REASON,), lambda desk, by, number, said: desk.sign_unsigned(by, number, **said)),
    Verb("close", "c", (), lambda desk, by, number, said: desk.close(by, number)),
    Verb("archive", "z", (), lambda desk, by, number, said: desk.archive(by, number)),
    Verb("callback", "k", (Field("outcome", N_("outcome"), "choice", True, CALL_OUTCOMES),
                           Field("method", "method", "choice", True, CALL_METHODS, label_in="callbacks"),
                           Field("note", "note"),
                           Field("next", N_("call again"), start=None), Field("signed_by", N_("signed by")),
                           Field("rework", N_("rework"), "flag")), _callback),
    Verb("settle-remark", "K", (Field("note", "note", required=True),),
         lambda desk, by, number, said: desk.settle_remark(by, number, **said)),
    Verb("recheck", "R", (Field("outcome", "result", "choice", True, RECHECKS, "recheck"), Field("note", "note")),
         lambda desk, by, number, said: desk.recheck(by, number, **said)),
    Verb("hear", "y", (Field("said", N_("what was said"), required=True),),
         lambda desk, by, number, said: desk.hear(by, number, **said)),
    Verb("settle", "Y", (REASON,), lambda desk, by, number, said: desk.settle(by, number, **said)),
    Verb("cancel", "x", (REASON,), lambda desk, by, number, said: desk.cancel(by, number, **said)),
    Verb("correct", "e", (Field("field", N_("field"), "pick", True, tuple(CORRECTABLE)),
                          Field("value", N_("what is right")), REASON), _correct),
    Verb("exempt", "W", (REASON,), lambda desk, by, number, said: desk.exempt(by, number, **said)),
    Verb("convert", "w", (Field("tracker", "tracker", "staff", True), REASON),
         lambda desk, by, number, said: desk.convert(by, number, **said)),
    Verb("log", "l", tuple(Field(name, name, required=True)
                           for name in ("place", "contact", "phone", "content", "opinions", "plan")), _log),
    Verb("check", "m", (Field("support", "support", required=True),),
         lambda desk, by, number, said: desk.check(by, number, **said)),
    Verb("attach", "A", (Field("file", N_("file"), required=True),
                         Field("what", "what", "choice", False, ATTACHED, "attached"), Field("note", "note")),
         _attach),
    Verb("reveal", "P", (REASON,), lambda desk, by, number, said: desk.reveal(by, number, **said)),
)  # fmt: skip

BY_NAME = {verb.name: verb for verb in VERBS}
