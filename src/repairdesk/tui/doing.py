"""What becomes of a key: the form of its verb, the Desk's answer, and why not.

What a verb needs stands in ``verbs``; what may be, ``Desk`` says.
"""

from __future__ import annotations

from collections.abc import Coroutine, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from repairdesk.cli.render import say, word
from repairdesk.cli.render.orders import one_line
from repairdesk.cli.render.refusals import refusal_lines
from repairdesk.cli.talk.known import window
from repairdesk.domain.order import CORRECTABLE
from repairdesk.errors import N_, DeskError, UsageError
from repairdesk.locale import tr
from repairdesk.tui.forms import Form, Offered, Told, Values
from repairdesk.tui.kept import KeptForm
from repairdesk.tui.verbs import BY_NAME, Field, Verb

if TYPE_CHECKING:
    from repairdesk.desk import Answer, By
    from repairdesk.desk.watching import Glance
    from repairdesk.tui.main import Main

Doc = Mapping[str, Any]
CODED = ("kind", "priority", "channel", "severity", "help_class")
"""What an order says in codes that have a word."""


class Doing:
    """Asks for what verbs need and lets the Desk do them, for the screen that lives all day."""

    def __init__(self, main: Main) -> None:
        self._main = main
        self._remarks: tuple[str, list[str]] | None = None
        self._open = 0

    @property
    def going(self) -> bool:
        """Whether something is about to come over the screen, or has yet to be said."""
        return self._open > 0 or self._remarks is not None

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        async def through() -> None:
            try:
                await work
            finally:
                self._open -= 1

        self._open += 1
        self._main.run_worker(through(), group="form")

    def open(self, verb: Verb, glance: Glance) -> None:
        """The form of a verb that is possible."""
        self._begin(self.open_form(verb, glance))

    def why_not(self, verb: Verb, doc: Doc) -> None:
        """Why one is not."""
        self._begin(self.say_why_not(verb, doc))

    async def say_why_not(self, verb: Verb, doc: Doc) -> None:
        """Why a key does nothing with this order now, as the Desk says it; and what could be done."""
        by, number = self._main.opening.by, doc["number"]
        try:
            refusal = await self._main.looking.ask(lambda opened: opened.desk.why_not(by, number, verb.name))
        except DeskError as trouble:
            refusal = trouble
        if refusal is None:
            # Nothing of this kind of order; or it has just become possible, and the next key finds it so.
            text = tr(N_("{number} is {state}; that cannot be done now"))
            said = [text.format(number=number, state=word(doc["state"]))]
        else:
            refusal.possible = ()  # said below, by keys
            said = list(refusal_lines(refusal))
        keys = [
            f"{BY_NAME[one.verb].key} {BY_NAME[one.verb].title}" for one in self._main.offers if one.refusal is None
        ]
        if keys:
            said.append(tr(N_("Possible now: {commands}")).format(commands=tr(N_(", ")).join(keys)))
        await self._main.app.push_screen_wait(Told(f"{verb.title}  {number}", said))

    async def open_form(self, verb: Verb, glance: Glance) -> None:
        """Ask for what a verb needs, and let the Desk do it."""
        doc = glance.answer.doc
        number = doc["number"]
        offered = await self.offered(verb.fields, number, glance)
        day = _today(self._main.opening.now(), doc)
        values = {field.name: field.start(doc, day) for field in verb.fields if field.start is not None}
        opening = self._main.opening
        kept = await self._main.looking.ask(lambda opened: KeptForm(opened.desk.home, verb.name, number, opening.by))
        values |= kept.read(opening.now())
        values |= self._main.drafts.pop((verb.name, number), {})

        async def do(said: Values) -> DeskError | None:
            refusal = await self.do(verb, number, said)
            if refusal is None:
                kept.forget(opening.now())
            return refusal

        form = Form(f"{verb.title}  {number}  {doc['place'] or ''}", verb.fields, offered, values, do)
        if verb.name == "correct":
            form.present = {name: _present(doc, name) for name in CORRECTABLE}
        form.keeping = lambda said: kept.keep(opening.now(), said)
        form.leaving = lambda said: self._main.drafts.update({(verb.name, number): said})
        await self._main.app.push_screen_wait(form)
        self.say_remarks()

    def say_remarks(self) -> None:
        """What the Desk remarked on, once the form is gone: it is read before one goes on."""
        if self._remarks is not None:
            number, said = self._remarks
            self._remarks = None
            self._main.app.push_screen(Told(number, said))

    async def offered(self, fields: Sequence[Field], number: str, glance: Glance) -> Offered:
        """What the desk offers for the fields of a form."""
        office = self._main.seen.office if self._main.seen is not None else {"staff": (), "methods": ()}
        staff = [(one["id"], f"{one['id']}  {one['name']}  {word(one['role'])}") for one in office["staff"]]
        found: dict[str, Any] = {"staff": staff, "methods": [(one, word(one)) for one in office["methods"]]}
        found["points"] = list(glance.checklist.items())
        if any(field.kind == "goers" for field in fields):
            by = self._main.opening.by
            try:
                going = await self._main.looking.ask(lambda opened: opened.desk.technicians(by, number))
            except DeskError:
                going = []
            found["goers"] = [(one["id"], _goer(one)) for one in going] or staff
        return found

    async def do(self, verb: Verb, number: str, said: Values) -> DeskError | None:
        """Let the Desk do it; answers with what it refuses. Where the policies want a PIN, it is asked for."""
        try:
            by = await self.confirmed(verb, said)
            if by is None:
                return UsageError(N_("missing: {fields}"), fields=[tr(N_("PIN"))])
            answer = await self._main.doing.ask(lambda opened: verb.do(opened.desk, by, number, said))
        except DeskError as refusal:
            return refusal
        if verb.name == "reveal":
            self._main.revealed = dict(answer.doc)
        self.done(answer)
        return None

    async def confirmed(self, verb: Verb, said: Values) -> By | None:
        """Who does it, with the word of the second person."""
        by = self._main.opening.by
        if verb.second is None or not said[verb.second[1]] or (verb.second[0] == "reduce" and not said["reduce"]):
            return by
        what, who = verb.second[0], said[verb.second[1]]
        if not await self._main.doing.ask(lambda opened: opened.desk.pin_asked(by, what, who)):
            return by
        kept: list[By] = []

        async def tried(typed: Values) -> DeskError | None:
            try:
                kept.append(
                    await self._main.doing.ask(lambda opened: opened.desk.pin_confirmed(by, what, who, typed["pin"]))
                )
            except DeskError as refusal:
                return refusal
            return None

        title = tr(N_("PIN of {who}: ")).format(who=who)
        await self._main.app.push_screen_wait(Form(title, [Field("pin", N_("PIN"), "secret", True)], {}, {}, tried))
        return kept[0] if kept else None

    def done(self, answer: Answer) -> None:
        """Say what was done; send what is to be told at once; look again."""
        doc = answer.doc.get("order", answer.doc)
        self._main.done(doc["number"])
        self._main.tell(one_line(doc))
        if answer.remarks:
            self._remarks = doc["number"], [say(one.message, one.values) for one in answer.remarks]
        if answer.queued:
            self._main.run_worker(self._send(answer), group="telling")

    async def _send(self, answer: Answer) -> None:
        opening = self._main.opening
        await self._main.telling.ask(lambda opened: opening.told(opened.desk, opening.by, answer))


def _present(doc: Doc, name: str) -> str:
    """What an order says now, as it is read."""
    value = doc.get(f"{name}_name") or doc.get(name)
    if value is None or value == "" or value == []:
        return ""
    if isinstance(value, Mapping):
        return window(value) if "start" in value else ""
    if isinstance(value, (list, tuple)):
        return tr(N_(", ")).join(str(one) for one in value)
    if isinstance(value, bool):
        return word("yes" if value else "no")
    return word(value) if name in CODED else str(value)


def _today(now: datetime, doc: Doc) -> str:
    """Today in the desk's zone, which the times of every order have."""
    return now.astimezone(datetime.fromisoformat(doc["reported_at"]).tzinfo).date().isoformat()


def _goer(one: Doc) -> str:
    """Somebody who could be sent: whether the trade fits, on duty, expected elsewhere, how much in hand."""
    fits = "" if one["fits"] else tr(N_("another trade"))
    duty = "" if one["on_duty"] else tr(N_("off duty"))
    clash = tr(N_("visits overlap")) if one["clash"] else ""
    held = tr(N_("{count} in hand")).format(count=one["held"])
    return "  ".join(filter(None, (one["id"], one["name"], held, fits, duty, clash)))
