"""Small forms over the screen: what a verb needs and nothing else; and what the Desk refused, with what to do."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, ClassVar, TypeVar

from textual import events, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.css.query import NoMatches
from textual.screen import ModalScreen, Screen
from textual.widget import Widget
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from repairdesk.cli.render import plain, word
from repairdesk.cli.render.refusals import refusal_lines
from repairdesk.errors import N_, DeskError
from repairdesk.locale import tr
from repairdesk.tui.verbs import Field, called
from repairdesk.tui.widgets import Choices, Marks, Picker

Values = dict[str, Any]
Result = TypeVar("Result")
Offered = Mapping[str, Choices]
"""What the desk offers for fields: ``staff``, ``goers``, ``methods``, ``points`` (of this order's checklist)."""

KEEP_SECONDS = 1.0
"""Between two looks whether something was typed that is to be kept."""
_PARTS = re.compile(r"\s*[、,，;；]\s*")


def made(field: Field, offered: Offered, value: Any = None) -> Widget:
    """What a field is typed into."""
    name, value = f"f-{field.name}", _as_of(field, value)
    if field.kind == "flag":
        return Marks([("yes", word("yes"))], several=True, value=("yes",) if value else (), id=name)
    if field.kind == "choice":
        few = [(one, called(one, field.context)) for one in field.choices]
        return Marks(few, several=False, value=(value,) if value else (), id=name)
    if field.kind == "methods":
        return Marks(offered.get("methods", ()), several=False, value=(value,) if value else (), id=name)
    if field.kind == "points":
        points = [(one, called(one)) for one in field.choices] or offered.get("points", ())
        return Marks(points, several=True, value=value or (), id=name)
    if field.kind in ("staff", "goers", "pick", "people", "categories"):
        many = [(one, f"{one}  {word(one)}") for one in field.choices]
        choices = many or offered.get(field.kind, ())
        return Picker(choices, value=value or "", named=field.kind == "categories", id=name)
    text = "、".join(value) if isinstance(value, tuple) else value or ""
    return Input(text, compact=True, password=field.kind == "secret", select_on_focus=False, id=name)


def _is_begun(value: Any) -> bool:
    """Whether something is still to be typed: of a time that is asked for the day alone may stand there."""
    return not value or (isinstance(value, str) and re.fullmatch(r"[0-9-]{10}T", value) is not None)


def _as_of(field: Field, value: Any) -> Any:
    """A value as the field has it, though it was kept as a text."""
    if field.kind in ("list", "points") and isinstance(value, str):
        return tuple(part for part in _PARTS.split(value) if part)
    if field.kind == "choice" and value not in field.choices:
        return None
    return value


def said(field: Field, widget: Widget) -> Any:
    """What was typed, as the Desk takes it."""
    if isinstance(widget, Marks):
        if field.kind == "flag":
            return bool(widget.value)
        return widget.value if field.kind == "points" else next(iter(widget.value), None)
    assert isinstance(widget, (Input, Picker))
    text = widget.value.strip()
    if field.kind == "list":
        return tuple(part for part in _PARTS.split(text) if part)
    return text or None


def put(field: Field, widget: Widget, value: Any) -> None:
    """Write a value into a field that is there."""
    value = _as_of(field, value)
    if isinstance(widget, Marks):
        if field.kind == "flag":
            widget.value = ("yes",) if value else ()
        else:
            widget.value = tuple(value) if field.kind == "points" else (value,) if value else ()
        return
    text = "、".join(value) if isinstance(value, tuple) else value or ""
    target = widget.query_one(Input) if isinstance(widget, Picker) else widget
    assert isinstance(target, Input)
    target.value = widget.shown(text) if isinstance(widget, Picker) else text


class Leaving(Screen[Result]):
    """A screen that goes once: keys that came while it was going change nothing of it."""

    def leave(self, result: Result | None = None) -> None:
        """Away, if it is still there."""
        if self.is_current:
            self.dismiss(result)

    def action_close(self) -> None:
        """Away, with no answer."""
        self.leave(None)


class Fields:
    """The fields of a form: how they are laid out, how Enter goes on, what was typed.

    A screen mixes it in, says which ``fields`` there are, and what it is to ``save`` them.
    """

    fields: Sequence[Field]

    def action_save(self) -> None:
        """Do what the form is for, once everything stands there that was typed before this key."""
        # Over a slow line keys come in bundles, and a key of the screen overtakes those of the field before it.
        screen: Screen[Any] = self  # type: ignore[assignment]
        (screen.focused or screen).call_later(screen.call_later, self.save)

    def save(self) -> None:
        """Do it."""
        raise NotImplementedError

    def say(self, lines: Sequence[str], *, calm: bool = False) -> None:
        """What there is to say, below the fields."""
        raise NotImplementedError

    def on_key(self, event: events.Key) -> None:
        """Enter goes to the next field, and from the last one does it."""
        if event.key == "enter":
            event.stop()
            event.prevent_default()
            self.step()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.step()

    def step(self) -> None:
        """On to the next field; behind the last one, do it."""
        at = self.field_of(self.focused)  # type: ignore[attr-defined]
        if at is not None:
            self.left(self.fields[at])
            if at + 1 < len(self.fields):
                self.focus_field(self.fields[at + 1].name)
                return
        elif self.fields:
            return
        self.action_save()

    def left(self, field: Field) -> None:
        """What follows from what stands in a field, once one goes on from it."""
        widget = self.widget(field.name)
        if isinstance(widget, Picker):
            widget.settle()

    def whole(self) -> Values | None:
        """What stands in the fields; None where something that is needed lacks, which is said, and gets the focus."""
        values = self.values()
        gaps = self.lacking(values)
        if not gaps:
            return values
        names = tr(N_(", ")).join(field.title for field in gaps)
        self.say([tr(N_("missing: {fields}")).format(fields=names)])
        self.focus_field(gaps[0].name)
        return None

    def refused(self, refusal: DeskError) -> None:
        """What the desk refuses, in the words of the form; the first field that lacks has the focus."""
        lacking = refusal.extra.get("missing", ())
        gaps = [field for field in self.fields if field.name in lacking]
        for field in self.fields:
            self.query_one(f"#l-{field.name}").set_class(field in gaps, "-lacking")  # type: ignore[attr-defined]
        if gaps and len(gaps) == len(lacking):
            names = tr(N_(", ")).join(field.title for field in gaps)
            rule = f" [{refusal.rule}]" if refusal.rule else ""
            self.say([tr(N_("missing: {fields}")).format(fields=names) + rule])
        else:
            # How a command is typed helps nobody who has a form before him.
            self.say([line for line in refusal_lines(refusal) if "repairdesk " not in line or not line.startswith("→")])
        if gaps:
            self.focus_field(gaps[0].name)

    def laid_out(self, offered: Offered, values: Mapping[str, Any]) -> ComposeResult:
        """A line for each field."""
        for field in self.fields:
            mark = "*" if field.required else ""
            with Horizontal(classes="field"):
                label = Static(f"{field.title}{mark}", classes="label", markup=False, id=f"l-{field.name}")
                yield label
                yield made(field, offered, values.get(field.name))

    def widget(self, name: str) -> Widget:
        """Where a field is typed."""
        return self.query_one(f"#f-{name}")  # type: ignore[attr-defined,no-any-return]

    def values(self) -> Values:
        """What stands in the fields now."""
        return {field.name: said(field, self.widget(field.name)) for field in self.fields}

    def lacking(self, values: Mapping[str, Any]) -> list[Field]:
        """The fields without which nothing can be done, and in which nothing stands; they are marked."""
        gaps = [field for field in self.fields if field.required and not values[field.name]]
        for field in self.fields:
            self.query_one(f"#l-{field.name}").set_class(field in gaps, "-lacking")  # type: ignore[attr-defined]
        return gaps

    def focus_field(self, name: str) -> None:
        """Go to a field."""
        widget = self.widget(name)
        (widget.query_one(Input) if isinstance(widget, Picker) else widget).focus()
        # Once it is laid out: what was just said below the fields took room from them.
        widget.call_after_refresh(widget.scroll_visible, animate=False)

    def field_of(self, focused: Widget | None) -> int | None:
        """The place of the field that has the focus."""
        for n, field in enumerate(self.fields):
            widget = self.widget(field.name)
            if focused is not None and (focused is widget or widget in focused.ancestors):
                return n
        return None


class Form(Fields, ModalScreen[Values | None], Leaving[Values | None]):
    """What a verb needs; it stays until the Desk has done it, or Esc. What was typed is kept for the next time."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", show=False),
        Binding("ctrl+s,f10", "save", show=False, priority=True),
    ]

    def __init__(
        self, title: str, fields: Sequence[Field], offered: Offered, values: Mapping[str, Any],
        do: Callable[[Values], Awaitable[DeskError | None]],
    ) -> None:  # fmt: skip
        super().__init__()
        self.fields = [field for field in fields if field.kind != "points" or field.choices or offered.get("points")]
        self._left_out = {field.name: () for field in fields if field not in self.fields}
        self._titled = title
        self._offered = offered
        self._values = values
        self._do = do
        self._busy = False
        self.leaving: Callable[[Values], None] = lambda _: None
        """Told what was typed and not done; whoever opened the form may keep it."""
        self.keeping: Callable[[Values], None] = lambda _: None
        """Told what was typed each time that it is another than before."""
        self._written: Values | None = None
        self.present: Mapping[str, str] = {}
        """Of a correction: what stands there now, by the fields that can be corrected."""

    def compose(self) -> ComposeResult:
        box = Vertical(classes="box")
        box.border_title = plain(self._titled)
        with box:
            with VerticalScroll(classes="fields", can_focus=False):
                yield from self.laid_out(self._offered, self._values)
            yield Static("", classes="said", id="said", markup=False)
            yield Static(Content(self._hint()), classes="hint", markup=False)

    def left(self, field: Field) -> None:
        """Who corrects something sees what it is now."""
        super().left(field)
        if field.name == "field" and self.present:
            chosen = str(self.values()["field"] or "")
            now = self.present.get(chosen) or "–"
            value = self.widget("value")
            assert isinstance(value, Input)
            value.placeholder = plain(now)
            if chosen:
                self.say([tr(N_("{field} now: {value}")).format(field=word(chosen), value=now)], calm=True)

    def _hint(self) -> str:
        if not self.fields:
            return tr(N_("Enter: do it   Esc: back"))
        return tr(N_("Enter: next, at the end do it   Ctrl+S: do it   Esc: back"))

    def on_mount(self) -> None:
        self._written = self.values()
        self.set_interval(KEEP_SECONDS, self.keep_now)
        empty = next((f for f in self.fields if f.required and _is_begun(self._values.get(f.name))), None)
        first = empty or next(iter(self.fields), None)
        if first is not None:
            self.focus_field(first.name)

    def keep_now(self) -> None:
        """What was typed is kept, whatever becomes of the screen."""
        if self._written is None or self._busy:
            return
        values = self.values()
        if values != self._written:
            self._written = values
            self.keeping(values)

    def holds(self, event: events.Event) -> bool:
        """Keys wait while something is being written: what comes then, nobody knows yet."""
        return self._busy

    def action_leave(self) -> None:
        """Away; what was typed is the answer of nobody, but it is kept."""
        if not self._busy:
            self.keep_now()
            self.leaving(self.values())
            self.leave(None)

    def save(self) -> None:
        """Ask the Desk."""
        if self._busy:
            return
        for field in self.fields:
            self.left(field)
        values = self.whole()
        if values is None:
            return
        self.keep_now()
        self._busy = True
        self.say([tr(N_("being written …"))], calm=True)
        self._ask({**values, **self._left_out})

    @work(exclusive=True)
    async def _ask(self, values: Values) -> None:
        try:
            refusal = await self._do(values)
        finally:
            self._busy = False
        if refusal is None:
            self.leave(values)
            return
        self.refused(refusal)

    def say(self, lines: Sequence[str], *, calm: bool = False) -> None:
        """What there is to say, below the fields."""
        try:
            there = self.query_one("#said", Static)
        except NoMatches:
            return
        there.set_class(calm, "-calm")
        there.update(Content(plain("\n".join(lines))))


class Told(ModalScreen[None], Leaving[None]):
    """Something that is to be read before one goes on: why not, and what to do."""

    def __init__(self, title: str, lines: Sequence[str]) -> None:
        super().__init__()
        self._titled = title
        self._lines = lines

    def compose(self) -> ComposeResult:
        box = Vertical(classes="box")
        box.border_title = plain(self._titled)
        with box:
            yield Static(Content(plain("\n".join(self._lines))), markup=False, id="told")
            yield Static(Content(tr(N_("Esc: back"))), classes="hint", markup=False)

    def on_key(self, event: events.Key) -> None:
        """Any key goes on."""
        event.stop()
        event.prevent_default()
        self.leave(None)


class Choose(ModalScreen[str | None], Leaving[str | None]):
    """One of a few."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "close", show=False)]

    def __init__(self, title: str, lines: Sequence[str], choices: Choices) -> None:
        super().__init__()
        self._titled = title
        self._lines = lines
        self._choices = choices

    def compose(self) -> ComposeResult:
        box = Vertical(classes="box")
        box.border_title = plain(self._titled)
        with box:
            yield Static(Content(plain("\n".join(self._lines))), markup=False)
            rows = (
                Option(Content(plain(f"{n}  {title}")), id=value) for n, (value, title) in enumerate(self._choices, 1)
            )
            yield OptionList(*rows, markup=False, compact=True)
            yield Static(Content(tr(N_("Enter or a digit: this one   Esc: back"))), classes="hint", markup=False)

    def on_key(self, event: events.Key) -> None:
        """A digit chooses at once."""
        if event.character and event.character.isdigit() and 0 < int(event.character) <= len(self._choices):
            event.stop()
            self.leave(self._choices[int(event.character) - 1][0])

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        self.leave(event.option.id)
