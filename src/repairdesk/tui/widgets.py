"""What a form is made of besides lines of text: marks to choose by a digit, and people to pick by a part of a name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from repairdesk.cli.render import plain

Choices = Sequence[tuple[str, str]]
"""A value, and what it is called."""
Row = Callable[[int], Content]
"""A row that is made for as many columns as there are."""


class Rows(OptionList):
    """Rows that are laid out anew when the list grows or shrinks; it keeps its place when they change."""

    BINDINGS: ClassVar[list[BindingType]] = []

    def __init__(self, id: str) -> None:
        super().__init__(id=id, markup=False, compact=True)
        self._rows: list[tuple[str | None, Row]] = []
        self._plain: list[str] = []
        self._left_at = 0
        """Where the light stood last, for when none is lit."""

    def put(self, rows: Sequence[tuple[str | None, Row]]) -> None:
        """Show these rows, each with the id of what it is about; None: it is only to be read.

        What was lit is lit again; where it is gone nothing is, for another row is not what was meant.
        """
        before = [key for key, _ in self._rows]
        self._rows = list(rows)
        if [key for key, _ in self._rows] == before and before:
            self.again()
            return
        chosen = self.chosen_of(before)
        contents = self._laid_out()
        self._plain = [content.markup for content in contents]
        self._unlit()
        with self.prevent(OptionList.OptionHighlighted):
            self.set_options(
                Option(c, id=key, disabled=key is None) for (key, _), c in zip(rows, contents, strict=True)
            )
            found = (n for n, (key, _) in enumerate(rows) if key is not None and key == chosen)
            self.highlighted = next(found, None)

    def show(self, means: Callable[[str], bool]) -> bool:
        """Light the row of what is meant, the one that is lit already if it is of it; none, where there is none."""
        if self.chosen is not None and means(self.chosen):
            return True
        at = next((n for n, (key, _) in enumerate(self._rows) if key is not None and means(key)), None)
        self._unlit()
        with self.prevent(OptionList.OptionHighlighted):
            self.highlighted = at
        return at is not None

    def dark(self) -> None:
        """Light no row."""
        self._unlit()
        with self.prevent(OptionList.OptionHighlighted):
            self.highlighted = None

    def first(self) -> None:
        """Light the first row that can be meant."""
        self.dark()
        self._left_at = 0
        self.resume()

    def resume(self, step: int = 0) -> int | None:
        """Light a row where none is: the one that came into the place of what was lit last; says which is lit."""
        if self.highlighted is not None:
            return self.highlighted
        there = [n for n, (key, _) in enumerate(self._rows) if key is not None]
        before = [n for n in there if n < self._left_at]
        after = [n for n in there if n >= self._left_at]
        at = (before[-1] if before and (step < 0 or not after) else after[0]) if there else None
        with self.prevent(OptionList.OptionHighlighted):
            self.highlighted = at
        return at

    def _unlit(self) -> None:
        if self.highlighted is not None:
            self._left_at = self.highlighted

    def action_cursor_down(self) -> None:
        """To the next row; where none is lit, to the one that took its place."""
        self._step(1, super().action_cursor_down)

    def action_cursor_up(self) -> None:
        """To the row before."""
        self._step(-1, super().action_cursor_up)

    def _step(self, step: int, go: Callable[[], None]) -> None:
        if self.highlighted is not None:
            go()
            return
        if (at := self.resume(step)) is not None:
            self.post_message(self.OptionHighlighted(self, self.get_option_at_index(at), at))

    def again(self) -> None:
        """Lay the rows out again; only what is another than before is drawn."""
        for n, content in enumerate(self._laid_out()):
            if n < len(self._plain) and content.markup != self._plain[n]:
                self._plain[n] = content.markup
                self.replace_option_prompt_at_index(n, content)

    @property
    def chosen(self) -> str | None:
        """What the highlighted row is about."""
        return self.chosen_of([key for key, _ in self._rows])

    def chosen_of(self, keys: Sequence[str | None]) -> str | None:
        """What the highlighted row would be about, if the rows had these ids."""
        at = self.highlighted
        return keys[at] if at is not None and at < len(keys) else None

    def _laid_out(self) -> list[Content]:
        columns = max(20, self.scrollable_content_region.width)
        return [draw(columns) for _, draw in self._rows]

    def on_resize(self) -> None:
        """As many columns as there are now."""
        self.again()


class Marks(Static, can_focus=True):
    """A few choices in a line, marked by their digits; of several or of one."""

    value: reactive[tuple[str, ...]] = reactive(())
    at: reactive[int] = reactive(0)

    def __init__(self, choices: Choices, *, several: bool, value: Sequence[str] = (), id: str | None = None) -> None:
        super().__init__(id=id, markup=False)
        self._choices = list(choices)
        self._several = several
        self.set_reactive(Marks.value, tuple(value))

    def render(self) -> Content:
        """Every choice with its digit; a filled mark is chosen, brackets are where one stands."""
        parts = []
        for n, (value, title) in enumerate(self._choices):
            sign = "●" if value in self.value else "○"
            name = plain(title).replace(" ", "\u00a0")
            here = self.has_focus and n == self.at and len(self._choices) > 1
            text = f"{n + 1}{sign}{name}"
            parts.append(Content.styled(f"‹{text}›" if here else f" {text} ", "bold" if value in self.value else ""))
        return Content(" ").join(parts)

    def on_key(self, event: events.Key) -> None:
        """Digits choose; the arrows go along, and the space bar chooses where they stand."""
        if event.character is not None and event.character.isdigit() and 0 < int(event.character) <= len(self._choices):
            self.at = int(event.character) - 1
            self._mark()
        elif event.key in ("left", "right"):
            self.at = (self.at + (1 if event.key == "right" else -1)) % len(self._choices)
        elif event.key == "space":
            self._mark()
        else:
            return
        event.stop()
        event.prevent_default()

    def _mark(self) -> None:
        chosen = self._choices[self.at][0]
        if chosen in self.value:
            self.value = tuple(one for one in self.value if one != chosen)
        else:
            self.value = (*self.value, chosen) if self._several else (chosen,)
        self.post_message(self.Marked(self))

    def on_focus(self) -> None:
        """The brackets come."""
        self.refresh()

    def on_blur(self) -> None:
        """The brackets go."""
        self.refresh()

    class Marked(Message):
        """Something was chosen, or taken back."""

        def __init__(self, marks: Marks) -> None:
            super().__init__()
            self.marks = marks

        @property
        def control(self) -> Marks:
            """Where."""
            return self.marks


class Picker(Vertical):
    """One of many, by any part of what it is called: what is typed narrows the list, the arrows go along it."""

    def __init__(self, choices: Choices, *, value: str = "", named: bool = False, id: str | None = None) -> None:
        super().__init__(id=id)
        self._choices = list(choices)
        self._named = named
        self._first = self.shown(value)

    def compose(self) -> ComposeResult:
        yield Input(self._first, compact=True)
        rows = OptionList(markup=False, compact=True)
        rows.can_focus = False
        yield rows

    def on_mount(self) -> None:
        self._narrow(self._first)

    @property
    def value(self) -> str:
        """The value that is chosen; what was typed, where that is in no list."""
        rows, typed = self.query_one(OptionList), self.query_one(Input).value.strip()
        exact = next((value for value, title in self._choices if typed in self._names(value, title)), None)
        if exact is not None:
            return exact
        option = rows.highlighted_option
        return option.id if option is not None and option.id is not None else typed

    def offer(self, choices: Choices) -> None:
        """Other choices, once they are known."""
        self._choices = list(choices)
        self._narrow(self.query_one(Input).value)

    def on_input_changed(self, event: Input.Changed) -> None:
        """What still fits."""
        event.stop()
        self._narrow(event.value)

    def on_key(self, event: events.Key) -> None:
        """The arrows go along the list, however long one types."""
        rows = self.query_one(OptionList)
        if event.key not in ("down", "up") or not rows.option_count:
            return
        event.stop()
        event.prevent_default()
        (rows.action_cursor_down if event.key == "down" else rows.action_cursor_up)()

    def settle(self) -> None:
        """What is highlighted is what was meant: it is written out."""
        value = self.value
        typed = self.query_one(Input)
        if value and typed.value != self.shown(value):
            typed.value = self.shown(value)

    def shown(self, value: str) -> str:
        """As it is written out: by its name, where a code is nothing that people say."""
        return next((title for one, title in self._choices if one == value), value) if self._named else value

    def _names(self, value: str, title: str) -> tuple[str, ...]:
        return (value, title) if self._named else (value,)

    def _narrow(self, typed: str) -> None:
        rows, wanted = self.query_one(OptionList), typed.strip().casefold()
        fits = [(v, t) for v, t in self._choices if wanted in v.casefold() or wanted in t.casefold()]
        exact = [one for one in fits if wanted in (name.casefold() for name in self._names(*one))]
        rows.set_options(Option(Content(plain(title)), id=value) for value, title in (exact or fits))
        rows.highlighted = 0 if wanted and fits else None
        rows.display = bool(fits) and not exact
