"""The page of the keys."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from repairdesk.errors import N_
from repairdesk.locale import tr
from repairdesk.locale.width import pad
from repairdesk.tui.forms import Leaving
from repairdesk.tui.verbs import VERBS

EVERYWHERE = (
    ("↑ ↓ PgUp PgDn", N_("along a list; the highlighted order is meant")),
    ("Tab", N_("to the next part of the screen")),
    ("Enter", N_("the order alone, and back; on a technician: their orders")),
    ("n", N_("take in a report")),
    ("/", N_("find: number, place, phone, name or words")),
    ("1 2 3 4", N_("open, to be filed, all, overdue")),
    ("i", N_("why: where its deadlines and its bill come from")),
    ("!", N_("what is worth attention, in full")),
    ("Esc", N_("back to the open orders")),
    ("F2", N_("the other language")),
    ("F5", N_("look again now")),
    ("F1 ?", N_("this page")),
    ("Ctrl+Q", N_("leave")),
)


class Help(ModalScreen[None], Leaving[None]):
    """Every key, and what it does."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,f1,question_mark,enter,q", "close", show=False)]

    def compose(self) -> ComposeResult:
        box = Vertical(classes="box")
        box.border_title = tr(N_("Keys"))
        with box:
            with VerticalScroll():
                yield Static(Content("\n".join(_lines())), markup=False)
            yield Static(Content(tr(N_("Esc: back"))), classes="hint", markup=False)


def _lines() -> Iterator[str]:
    for key, text in EVERYWHERE:
        yield f"{pad(key, 15)}{tr(text)}"
    yield ""
    yield tr(N_("With the order that is highlighted, as its state and your role allow:"))
    named = [f"{verb.key}  {verb.title}" for verb in VERBS]
    half = (len(named) + 1) // 2
    for n in range(half):
        yield f"  {pad(named[n], 32)}{named[n + half] if n + half < len(named) else ''}".rstrip()
