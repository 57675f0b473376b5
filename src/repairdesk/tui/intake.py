"""Taking in a report while somebody is on the telephone: the place first, and what is known of it beside the form.

What is known of a place, what the words of a fault propose and what a window means, the Desk says; proposals are
written into fields that are still empty, where they are seen and can be changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from repairdesk.cli.render import plain, word
from repairdesk.cli.render.orders import household_line, one_line
from repairdesk.cli.render.refusals import refusal_lines
from repairdesk.domain.intake import Report
from repairdesk.domain.vocabulary import CHANNELS, HELP_CLASSES, KINDS, PRIORITIES, SEVERITIES
from repairdesk.errors import N_, DeskError
from repairdesk.locale import tr
from repairdesk.tui.forms import KEEP_SECONDS, Choose, Fields, Leaving, Values, put
from repairdesk.tui.kept import GIVEN, Begun, Kept
from repairdesk.tui.lines import Doc
from repairdesk.tui.verbs import Field
from repairdesk.tui.widgets import Marks, Picker

if TYPE_CHECKING:
    from repairdesk.desk import Answer
    from repairdesk.tui.main import Main
    from repairdesk.tui.room import Opened

FIELDS = (
    Field("place", "place", required=True),
    Field("fault", "fault", required=True),
    Field("caller", "caller", "people"),
    Field("phone", "phone"),
    Field("kind", "kind", "choice", True, KINDS),
    Field("category", "category", "categories"),
    Field("priority", "priority", "choice", choices=PRIORITIES),
    Field("services", "services", "list"),
    Field("appointment", "appointment"),
    Field("channel", N_("channel"), "choice", choices=CHANNELS),
    Field("advised", N_("on the phone"), "flag"),
    Field("unlisted", N_("not on the fee table"), "flag"),
    Field("severity", "severity", "choice", choices=SEVERITIES),
    Field("department", "department"),
    Field("anonymous", "anonymous", "flag"),
    Field("letter_only", N_("a letter alone"), "flag"),
    Field("help_class", N_("class of help"), "choice", choices=HELP_CLASSES),
    Field("model", "model"),
    Field("purchased", "purchased"),
    Field("warranty_until", N_("warranty until")),
    Field("affects", N_("affects too"), "list"),
    Field("follows", "follows"),
    Field("found_on", N_("found on")),
    Field("external_id", N_("id elsewhere")),
)
"""In the order in which a call goes; what is rare stands behind."""
CUT_OFF_SECONDS = 60.0
"""A report that was left for so long came when it was begun, and not when it is taken in."""


class Intake(Fields, Leaving[None]):
    """The form of a report."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", show=False),
        Binding("ctrl+s,f10", "save", show=False, priority=True),
        Binding("f6", "services", show=False),
        Binding("f4", "empty", show=False),
    ]
    fields = FIELDS

    def __init__(self, main: Main) -> None:
        super().__init__()
        self._main = main
        self._draft: Values = {**GIVEN, **main.report_draft}
        self._kept: Kept | None = None
        self._written: Values = {}
        self._began: datetime | None = None
        self._came: datetime | None = None
        """When a call came that was cut off."""
        self._reads = True
        self._asks: set[str] = set()
        self._chooses = False
        self._asked_of: dict[str, str] = {}
        self._known: Doc | None = None
        self._proposed: Doc | None = None
        self._busy = False
        self._troubled = False
        """Whether what stands below the fields is why a place could not be asked about."""

    def compose(self) -> ComposeResult:
        yield Static(id="head", markup=False)
        office = self._main.seen.office if self._main.seen is not None else {"categories": {}}
        offered = {
            "people": (),
            "categories": list(office["categories"].items()),
        }
        with Container(id="halves"):
            with VerticalScroll(id="asked", can_focus=False):
                yield from self.laid_out(offered, self._draft)
            with VerticalScroll(id="known", can_focus=False):
                yield Static(id="known-text", markup=False)
        yield Static("", classes="said", id="said", markup=False)
        yield Static(id="foot", markup=False)

    def on_mount(self) -> None:
        self.query_one("#head", Static).update(Content(tr(N_("Take in a report"))).stylize("bold"))
        hint = tr(N_("Enter: next   Ctrl+S: take it in   F6: services   F4: empty   Esc: back, kept"))
        self.query_one("#foot", Static).update(Content(hint))
        self.query_one("#known").border_title = tr(N_("Known of the place"))
        self.focus_field("place")
        self.resume()
        self.set_interval(KEEP_SECONDS, self.keep)

    # --- what was begun is kept

    @work(exclusive=True, group="draft")
    async def resume(self) -> None:
        """What was begun before stands there again, wherever that was."""
        opening = self._main.opening
        try:
            self._kept = await self._main.looking.ask(lambda opened: Kept(opened.desk.home, opening.by))
            begun = self._kept.read(opening.now())
            if begun is not None:
                self._go_on(begun)
            elif self._draft.get("place"):
                self.ask("place", str(self._draft["place"]))
                self.say([tr(N_("a draft: what was typed before"))], calm=True)
        except DeskError as refusal:
            self.say(list(refusal_lines(refusal)))
        finally:
            self._reads = False

    def _go_on(self, begun: Begun) -> None:
        for field in self.fields:
            if begun.values.get(field.name):
                put(field, self.widget(field.name), begun.values[field.name])
        self._began = self._came = begun.at
        self._written = self.values()
        seen = self._main.seen
        zone = datetime.fromisoformat(seen.board["at"]).tzinfo if seen is not None else None
        text = tr(N_("A draft of {at}: that is when the call came. F4 empties the form."))
        self.say([text.format(at=f"{begun.at.astimezone(zone):%H:%M}")], calm=True)
        for name in ("place", "fault"):
            if begun.values.get(name):
                self.ask(name, str(begun.values[name]))

    def keep(self) -> None:
        """Keep what stands there, if it is another than before; what of it would do, the desk says."""
        values = self.values()
        if self._kept is None or self._reads or self._busy or values == self._written:
            return
        self._begin(values)
        self._write(self._kept, values)

    @work(exclusive=True, group="draft")
    async def _write(self, kept: Kept, values: Values) -> None:
        began, by, turn = self._began or self._main.opening.now(), self._main.opening.by, kept.turn()
        try:
            await self._main.looking.ask(lambda opened: kept.keep(began, values, opened.desk, by, turn=turn))
            self._written = values
        except DeskError:
            return  # the ledger is busy; the next time comes soon

    def keep_now(self) -> None:
        """Keep it before one goes, whatever the ledger does meanwhile."""
        values = self.values()
        self._main.report_draft = values
        if self._kept is not None and not self._reads and not self._busy:
            self._begin(values)
            self._kept.keep(self._began or self._main.opening.now(), values)

    def _begin(self, values: Values) -> None:
        told = any(value and GIVEN.get(name) != value for name, value in values.items())
        if not told:
            self._began = self._came = None
        elif self._began is None:
            self._began = self._main.opening.now()

    def action_empty(self) -> None:
        """Nothing of it is wanted: another report."""
        for field in self.fields:
            put(field, self.widget(field.name), GIVEN.get(field.name))
        self._known = self._proposed = None
        self._asked_of.clear()
        self.show_known()
        self.say([])
        self._main.report_draft = {}
        self.keep()
        self.focus_field("place")

    def holds(self, event: events.Event) -> bool:
        """Keys wait while a report is written, and behind place and fault until what they propose stands there."""
        if self._busy or self._reads or self._chooses:
            return True
        at = self.field_of(self.focused)
        return bool(self._asks) and (at is None or self.fields[at].name not in ("place", "fault"))

    def say(self, lines: Sequence[str], *, calm: bool = False) -> None:
        """What there is to say, below the fields."""
        there = self.query_one("#said", Static)
        there.set_class(calm, "-calm")
        there.update(Content(plain("\n".join(lines))))

    # --- from field to field

    @on(events.DescendantBlur)
    def away(self, event: events.DescendantBlur) -> None:
        """A field was left, by whatever way."""
        at = self.field_of(event.widget)
        if at is not None and self.is_mounted:
            self.left(self.fields[at])

    def left(self, field: Field) -> None:
        """The desk is asked about a place and the words of a fault; a caller that it knows has a number."""
        super().left(field)
        value = self.values()[field.name]
        if field.name in ("place", "fault") and value:
            self.ask(field.name, value)
        elif field.name == "caller" and value:
            self._phone_of(value)

    def ask(self, name: str, value: str) -> None:
        """Ask the desk about a place or the words of a fault, once."""
        if self._asked_of.get(name) == value:
            return
        self._asked_of[name] = value
        self._asks.add(name)
        if name == "place":
            self._know(value)
        else:
            self._hear(value)

    @work(exclusive=True, group="place")
    async def _know(self, place: str) -> None:
        by = self._main.opening.by
        try:
            known = await self._main.looking.ask(lambda opened: opened.desk.known_place(by, place))
        except DeskError as refusal:
            self.say(list(refusal_lines(refusal)))
            self._not_answered("place", place)
            self._troubled = True
        else:
            if self._troubled:
                self._troubled = False
                self.say([])
            self._known = known
            caller = self.widget("caller")
            assert isinstance(caller, Picker)
            caller.offer([(name, f"{name}  {phone or ''}".rstrip()) for name, phone in self._people()])
            self.fill("kind", known["kind"])
            self.show_known()
        finally:
            self._over("place", place)

    def _people(self) -> list[tuple[str, str | None]]:
        """Who could be calling, by name and masked phone."""
        people = self._known["people"] if self._known is not None else ()
        return [(one["name"], one["phone"]) for one in people if one["name"]]

    @work(exclusive=True, group="fault")
    async def _hear(self, fault: str) -> None:
        by = self._main.opening.by
        try:
            heard = await self._main.looking.ask(lambda opened: opened.desk.proposed(by, fault))
        except DeskError:
            self._not_answered("fault", fault)
        else:
            self._proposed = heard
            self.fill("category", heard["category"])
            self.fill("priority", heard["priority"])
            self.show_known()
        finally:
            self._over("fault", fault)

    def _over(self, name: str, value: str) -> None:
        """The desk has answered what it was asked last."""
        if self._asked_of.get(name) == value:
            self._asks.discard(name)

    def _not_answered(self, name: str, value: str) -> None:
        """The desk could not say: it is asked again the next time that one goes on from there."""
        self._over(name, value)
        if self._asked_of.get(name) == value:
            del self._asked_of[name]

    def step(self) -> None:
        """On to the next field; who calls is whoever lives there, if nobody else is named."""
        at = self.field_of(self.focused)
        if at is not None and self.fields[at].name == "caller" and not self.values()["anonymous"]:
            for name, _ in self._people()[:1]:
                self.fill("caller", name)
        super().step()

    def fill(self, name: str, value: str | None) -> None:
        """Write a proposal into a field that is still empty."""
        field = next(one for one in self.fields if one.name == name)
        if value and not self.values()[name]:
            put(field, self.widget(name), value)

    def _phone_of(self, caller: str) -> None:
        """The number by which the desk knows whoever calls."""
        people = self._known["people"] if self._known is not None else ()
        ref = next((one["ref"] for one in people if one["name"] == caller and one["ref"]), None)
        self.fill("phone", ref)

    def show_known(self) -> None:
        """What is known of the place, and what the words propose."""
        self.query_one("#known-text", Static).update(Content(plain("\n".join(self._lines()))))

    def _lines(self) -> Iterator[str]:
        heard, known = self._proposed, self._known
        if heard is not None and heard["services"]:
            services = tr(N_(", ")).join(f"{one['code']} {one['name']}" for one in heard["services"])
            yield tr(N_("services proposed (F6): {services}")).format(services=services)
        if known is None:
            return
        if meant := known["meant"] or known["near"]:
            yield tr(N_("not known; meant is perhaps: {places}")).format(places=tr(N_(", ")).join(meant))
        elif not known["known"]:
            yield tr(N_("nothing is known of {place}")).format(place=known["place"])
        if known["household"]:
            yield f"{word('household')}: {household_line(known['household'])}"
        for title, docs in ((N_("open there:"), known["open"]), (N_("lately there:"), known["recent"])):
            if docs:
                yield tr(title)
                yield from (f"  {one_line(doc)}" for doc in docs)

    # --- done, or left

    def action_services(self) -> None:
        """Take the services that the words propose."""
        if self._proposed is not None and self._proposed["services"]:
            self.fill("services", "、".join(one["code"] for one in self._proposed["services"]))

    def action_leave(self) -> None:
        """Away; what was typed stands there the next time."""
        if self._busy:
            return
        self.keep_now()
        self.leave(None)

    def save(self) -> None:
        """Take it in."""
        if self._busy:
            return
        for field in self.fields:
            widget = self.widget(field.name)
            if isinstance(widget, Picker):
                widget.settle()
        caller, phone = (self.values()[name] for name in ("caller", "phone"))
        if caller and not phone:
            self._phone_of(caller)
        values = self.whole()
        if values is None:
            return
        self.keep_now()
        self._busy = True
        self.say([tr(N_("being written …"))], calm=True)
        self._take(values)

    @work(exclusive=True, group="save")
    async def _take(self, values: Values, join: str | None = None, new: bool = False) -> None:
        try:
            answer = await self._intake(values, join, new)
        except DeskError as refusal:
            self._busy = False
            self._refused(values, refusal)
            return
        self._main.report_draft = {}
        if self._kept is not None:
            self._kept.forget()
        self._main.verbs.done(answer)
        self.leave(None)

    async def _intake(self, values: Values, join: str | None, new: bool) -> Answer:
        by = self._main.opening.by
        if values["appointment"]:
            said = values["appointment"]
            window = await self._main.looking.ask(lambda opened: opened.desk.window_meant(by, said))
            values = {**values, "appointment": window}
        report, came, now = Report(**values), self._came, self._main.opening.now()

        def take(opened: Opened) -> Answer:
            # A call that was cut off came when it came, and not when it is written down (REC-2).
            at = by.at
            if came is not None and at is None and (now - came).total_seconds() >= CUT_OFF_SECONDS:
                at = came.astimezone(opened.desk.local(by, now).tzinfo)
            return opened.desk.intake(by._replace(at=at), report, join=join, new=new)

        return await self._main.doing.ask(take)

    def _refused(self, values: Values, refusal: DeskError) -> None:
        candidates = [one for one in refusal.extra.get("candidates", ()) if isinstance(one, dict)]
        if not candidates:
            self.refused(refusal)
            return
        self.say([])
        self._chooses = True
        self._choose(values, refusal, candidates)

    @work(exclusive=True, group="choose")
    async def _choose(self, values: Values, refusal: DeskError, candidates: list[dict[str, Any]]) -> None:
        """An open order of the same kind is there: one more caller of it, or an order of its own (REC-6)."""
        joined = tr(N_("join {order}"))
        choices = [(one["number"], joined.format(order=one_line(one))) for one in candidates]
        choices.append(("", tr(N_("a new order all the same"))))
        head = next(refusal_lines(refusal))
        try:
            chosen = await self.app.push_screen_wait(Choose(tr(N_("Open there already")), [head], choices))
        finally:
            self._chooses = False
        if chosen is not None:
            self._busy = True
            self._take(values, chosen or None, not chosen)

    @on(Marks.Marked)
    def marked(self, event: Marks.Marked) -> None:
        """A choice of one is made: on to the next field."""
        at = self.field_of(event.marks)
        if at is not None and self.fields[at].kind == "choice" and event.marks.value and event.marks.has_focus:
            self.step()
