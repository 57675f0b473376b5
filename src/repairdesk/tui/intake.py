"""Taking in a report while somebody is on the telephone: the place first, and what is known of it beside the form.

What is known of a place, what the words of a fault propose and what a window means, the Desk says; proposals are
written into fields that are still empty, where they are seen and can be changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from repairdesk.cli.render import household_line, one_line, plain, refusal_lines, word
from repairdesk.domain.intake import Report
from repairdesk.domain.vocabulary import CHANNELS, HELP_CLASSES, KINDS, PRIORITIES, SEVERITIES
from repairdesk.errors import N_, DeskError
from repairdesk.locale import tr
from repairdesk.tui.forms import Choose, Fields, Values, put
from repairdesk.tui.lines import Doc
from repairdesk.tui.verbs import Field
from repairdesk.tui.widgets import Marks, Picker

if TYPE_CHECKING:
    from repairdesk.desk import Answer
    from repairdesk.tui.main import Main

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
_LISTS = ("services", "affects")


class Intake(Fields, Screen[None]):
    """The form of a report."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", show=False),
        Binding("ctrl+s,f10", "save", show=False, priority=True),
        Binding("f6", "services", show=False),
    ]
    fields = FIELDS

    def __init__(self, main: Main) -> None:
        super().__init__()
        self._main = main
        self._draft = main.report_draft
        self._asked_of: dict[str, str] = {}
        self._known: Doc | None = None
        self._proposed: Doc | None = None
        self._busy = False

    def compose(self) -> ComposeResult:
        yield Static(id="head", markup=False)
        office = self._main.seen.office if self._main.seen is not None else {"categories": {}}
        offered = {
            "people": (),
            "categories": [(code, f"{code}  {name}") for code, name in office["categories"].items()],
        }
        with Container(id="halves"):
            with VerticalScroll(id="asked", can_focus=False):
                yield from self.laid_out(offered, self._draft)
                yield Static("", classes="said", id="said", markup=False)
            with VerticalScroll(id="known", can_focus=False):
                yield Static(id="known-text", markup=False)
        yield Static(id="foot", markup=False)

    def on_mount(self) -> None:
        self.query_one("#head", Static).update(Content(tr(N_("Take in a report"))).stylize("bold"))
        hint = tr(N_("Enter: next   Ctrl+S: take it in   F6: services   Esc: back, kept"))
        self.query_one("#foot", Static).update(Content(hint))
        self.query_one("#known").border_title = tr(N_("Known of the place"))
        self.focus_field("place")
        if self._draft.get("place"):
            self.ask("place", str(self._draft["place"]))
            self.say([tr(N_("a draft: what was typed before"))], calm=True)

    def say(self, lines: Sequence[str], *, calm: bool = False) -> None:
        """What there is to say, below the fields."""
        there = self.query_one("#said", Static)
        there.set_class(calm, "-calm")
        there.update(Content(plain("\n".join(lines))))
        if not calm:
            there.scroll_visible(animate=False)

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
        if name == "place":
            self._know(value)
        else:
            self._hear(value)

    @work(exclusive=True, group="place")
    async def _know(self, place: str) -> None:
        by = self._main.opening.by
        try:
            self._known = await self._main.looking.ask(lambda opened: opened.desk.known_place(by, place))
        except DeskError as refusal:
            self.say(list(refusal_lines(refusal)))
            return
        people = self._known["people"]
        caller = self.widget("caller")
        assert isinstance(caller, Picker)
        caller.offer([(one["name"], f"{one['name']}  {one['phone'] or ''}".rstrip()) for one in people if one["name"]])
        self.fill("kind", self._known["kind"])
        self.show_known()

    @work(exclusive=True, group="fault")
    async def _hear(self, fault: str) -> None:
        by = self._main.opening.by
        try:
            self._proposed = await self._main.looking.ask(lambda opened: opened.desk.proposed(by, fault))
        except DeskError:
            return
        self.fill("category", self._proposed["category"])
        self.fill("priority", self._proposed["priority"])
        self.show_known()

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
        if known["meant"]:
            yield tr(N_("not known; meant is perhaps: {places}")).format(places=tr(N_(", ")).join(known["meant"]))
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
        self._main.report_draft = self.values()
        self.dismiss(None)

    def action_save(self) -> None:
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
        self._main.verbs.done(answer)
        self.dismiss(None)

    async def _intake(self, values: Values, join: str | None, new: bool) -> Answer:
        by = self._main.opening.by
        if values["appointment"]:
            said = values["appointment"]
            window = await self._main.looking.ask(lambda opened: opened.desk.window_meant(by, said))
            values = {**values, "appointment": window}
        report = Report(**values)
        return await self._main.doing.ask(lambda opened: opened.desk.intake(by, report, join=join, new=new))

    def _refused(self, values: Values, refusal: DeskError) -> None:
        candidates = [one for one in refusal.extra.get("candidates", ()) if isinstance(one, dict)]
        if not candidates:
            self.say(list(refusal_lines(refusal)))
            for field in self.fields:
                lacks = field.name in refusal.extra.get("missing", ())
                self.query_one(f"#l-{field.name}").set_class(lacks, "-lacking")
                if lacks:
                    self.focus_field(field.name)
            return
        self.say([])
        self._choose(values, refusal, candidates)

    @work(exclusive=True, group="choose")
    async def _choose(self, values: Values, refusal: DeskError, candidates: list[dict[str, Any]]) -> None:
        """An open order of the same kind is there: one more caller of it, or an order of its own (REC-6)."""
        joined = tr(N_("join {order}"))
        choices = [(one["number"], joined.format(order=one_line(one))) for one in candidates]
        choices.append(("", tr(N_("a new order all the same"))))
        head = next(refusal_lines(refusal))
        chosen = await self.app.push_screen_wait(Choose(tr(N_("Open there already")), [head], choices))
        if chosen is not None:
            self._busy = True
            self._take(values, chosen or None, not chosen)

    @on(Marks.Marked)
    def marked(self, event: Marks.Marked) -> None:
        """A choice of one is made: on to the next field."""
        at = self.field_of(event.marks)
        if at is not None and self.fields[at].kind == "choice" and event.marks.value and event.marks.has_focus:
            self.step()
