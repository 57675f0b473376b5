"""The screen that lives all day: what is due next, who is at what, the orders, and what can be done with one of them.

It decides nothing. What it shows is what ``Desk`` answers; a key asks for a verb, and the Desk says whether it may be.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, ClassVar

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, VerticalScroll
from textual.content import Content
from textual.css.query import NoMatches
from textual.screen import Screen
from textual.widgets import Input, OptionList, Static

from repairdesk import locale
from repairdesk.cli import accounts
from repairdesk.cli.render import plain, say
from repairdesk.cli.render.refusals import refusal_lines
from repairdesk.cli.render.whole import show_lines
from repairdesk.desk.watching import Glance
from repairdesk.domain.offering import Offer
from repairdesk.errors import N_, Busy, DeskError, NotAllowed
from repairdesk.locale import tr
from repairdesk.tui import bars, lines
from repairdesk.tui.doing import Doing
from repairdesk.tui.forms import Told, Values
from repairdesk.tui.help import Help
from repairdesk.tui.lines import Doc
from repairdesk.tui.room import Opened, Opening, Room
from repairdesk.tui.seen import VIEWS, Seen, edition, look
from repairdesk.tui.verbs import BY_NAME, VERBS
from repairdesk.tui.widgets import Row, Rows

POLL_SECONDS = 0.75
"""Between two looks whether somebody else wrote: what was written is on the screen within two seconds."""
STALE_SECONDS = 30.0
"""So long what was read is believed where nothing was written: deadlines pass by themselves."""
TOLD_SECONDS = 10.0
"""So long what was done stands in the last line."""


class Main(Screen[None]):
    """See the module."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "intake", show=False),
        Binding("slash", "find", show=False),
        Binding("f1,question_mark", "help", show=False),
        Binding("f2", "language", show=False),
        Binding("f5", "again", show=False),
        Binding("i", "why", show=False),
        Binding("exclamation_mark", "attention", show=False),
        Binding("escape", "back", show=False),
        *(Binding(str(n), f"view('{name}')", show=False) for n, name in enumerate(VIEWS, 1)),
    ]

    def __init__(self, opening: Opening, looking: Room, doing: Room, telling: Room) -> None:
        super().__init__()
        self.opening = opening
        self.looking = looking
        self.doing = doing
        self.telling = telling
        self.view = "open"
        self.find = ""
        self.staff: str | None = None
        self.number: str | None = None
        self.seen: Seen | None = None
        self.glance: Glance | None = None
        self.why: dict[str, Any] | None = None
        self.drafts: dict[tuple[str, str], Values] = {}
        """What was typed and not done, by verb and number."""
        self.report_draft: Values = {}
        """A report that was begun."""
        self.revealed: dict[str, Any] | None = None
        """The order whose phones were asked for, until another one is meant."""
        self.verbs = Doing(self)
        self._at = "orders"
        """The list in which one stood last."""
        self._shown: tuple[str, str, str | None] = ("", "", None)
        """What the list shows: view, search and technician."""
        self._before_find: str | None = None
        self._looked: str | None = None
        """The order that was read last, whatever came of it."""
        self._asked = 1
        self._answered = 0
        """How often a look was asked for, and which of these has come."""
        self._wake = asyncio.Event()
        self._anew = False
        self._trouble: DeskError | None = None
        self._told = ("", 0.0)

    # --- how it is made

    def compose(self) -> ComposeResult:
        yield Static(id="head", markup=False)
        yield Input(id="find", compact=True)
        with Container(id="panes"):
            yield Rows("due")
            yield Rows("hands")
            yield Rows("orders")
            for name in ("order", "why"):
                with VerticalScroll(id=name, classes="pane"):
                    yield Static(id=f"{name}-text", markup=False)
        yield Static(id="verbs", markup=False)
        yield Static(id="foot", markup=False)

    def on_mount(self) -> None:
        self.query_one("#orders").focus()
        self.titles()
        self.set_interval(1.0, self.tick)
        self.follow()

    def titles(self) -> None:
        """What the parts are called, in the language that is spoken now."""
        self.query_one("#due").border_title = tr(N_("Due next"))
        self.query_one("#hands").border_title = tr(N_("Sent/at work/paused"))
        self.query_one("#why").border_title = tr(N_("Why (i)"))
        self.query_one("#find", Input).placeholder = tr(N_("number, place, phone, name or words; Esc ends"))
        self.name_lists()

    def name_lists(self) -> None:
        """What the list shows, and of how many."""
        parts = [tr(VIEWS["all" if self.find else self.view][0])]
        parts += [self.staff] if self.staff else []
        parts += [f"“{self.find}”"] if self.find else []
        if self.seen is not None:
            shown, total = len(self.seen.orders), self.seen.total
            parts.append(str(total) if shown == total else f"{shown}/{total}")
        self.query_one("#orders").border_title = plain(f"{tr(N_('Orders'))}: {' · '.join(parts)}")
        title = plain(self.number or tr(N_("No order")))
        if self.number is not None and self.seen is not None and self.query_one("#orders", Rows).chosen != self.number:
            title = tr(N_("{number} (not in the list)")).format(number=title)
        self.query_one("#order").border_title = title

    # --- following what is written, by whomever

    @work
    async def follow(self) -> None:
        """Look, again and again; nothing is held between two looks."""
        loop, looked = asyncio.get_running_loop(), 0.0
        while True:
            asked = self._asked
            forced = asked != self._answered
            self._wake.clear()
            stale = self.seen is None or loop.time() - looked > STALE_SECONDS
            try:
                if forced or stale or await self.looking.ask(edition) != self.seen_edition:
                    before, self._anew = None if stale or self._anew else self.seen, False
                    shows = (self.view, self.find, self.staff)
                    seen = await self.looking.ask(look(self.opening.by, *shows, before))
                    looked = looked if before is not None and seen.board is before.board else loop.time()
                    self.take(seen, shows)
                self._answered = asked
                self.mend(None)
            except DeskError as refusal:
                if not isinstance(refusal, Busy):
                    self._answered = asked  # it would be the same again
                self.mend(refusal)
            except NoMatches:
                return  # the screen is going
            try:
                await asyncio.wait_for(self._wake.wait(), POLL_SECONDS)
            except TimeoutError:
                continue

    @property
    def seen_edition(self) -> tuple[int, ...]:
        """Of what the last look was."""
        return self.seen.edition if self.seen is not None else ()

    def again(self) -> None:
        """Look at once."""
        self._asked += 1
        self._wake.set()

    def holds(self, event: events.Event) -> bool:
        """Whether what a key would do depends on what is still being read, written or opened."""
        if self.verbs.going:
            return True
        if isinstance(self.focused, Input):
            return False
        if self._asked != self._answered:
            return True
        verb = isinstance(event, events.Key) and any(one.key == event.character for one in VERBS)
        return verb and self.number is not None and self._looked != self.number

    def take(self, seen: Seen, shows: tuple[str, str, str | None]) -> None:
        """Show what a look brought: the row that is lit, and the order that is meant, are one."""
        self.seen = seen
        due = self.query_one("#due", Rows)
        due.put([*bars.notes(seen.board), *self._owed(seen.board["due"])])
        hands = self.query_one("#hands", Rows)
        hands.put([(doc["id"], _hand(doc)) for doc in seen.hands])
        hands.resume()
        orders = self.query_one("#orders", Rows)
        orders.put([(doc["number"], _order(doc)) for doc in seen.orders])
        before, self._shown = self._shown, shows
        if before != shows or self.number is None:
            self._choose_of(orders, searched=bool(shows[1]) and before[1] != shows[1])
        self.light()
        self.name_lists()
        self.tick()
        self.look_at()

    def _choose_of(self, orders: Rows, *, searched: bool) -> None:
        """Of another list: what was meant, if it is there; else what was before the search, else the first."""
        meant = () if searched else tuple(filter(None, (self.number, self._before_find)))
        if not any(orders.show(number.__eq__) for number in meant):
            orders.first()
        if not self._shown[1]:
            self._before_find = None
        if orders.chosen != self.number:
            self.number, self.revealed = orders.chosen, None

    def light(self) -> None:
        """Light the order that is meant in the list of orders, and in that of what is due for whoever stands there.

        Who meant an order goes on meaning it, though it has left the list by what was done with it: then no row is lit.
        """
        number = self.number or ""
        self.query_one("#orders", Rows).show(number.__eq__)
        due = self.query_one("#due", Rows)
        if self._at == "due":
            due.show(lambda key: key.partition("·")[0] == number)
        else:
            due.dark()  # what is due first stays in sight

    def _owed(self, due: Sequence[Doc]) -> list[tuple[str, Row]]:
        """What is due, each by its number, name and place among those of the same name (there may be one a week)."""
        rows: dict[str, Row] = {}
        for doc in due:
            key, n = f"{doc['number']}·{doc['name']}", 0
            while f"{key}·{n}" in rows:
                n += 1
            rows[f"{key}·{n}"] = self._due(doc)
        return list(rows.items())

    def _due(self, doc: Doc) -> Row:
        return lambda columns: lines.due(doc, self.opening.now(), columns)

    def mend(self, trouble: DeskError | None) -> None:
        """Say what keeps the screen from following, or that nothing does."""
        if type(trouble) is not type(self._trouble) or trouble is None:
            self._trouble = trouble
            self.tick()

    # --- the order that is meant

    def look_at(self) -> None:
        """Read the order that is highlighted; a newer wish takes the place of one that waits."""
        if self.number is not None:
            self._look_at(self.number)
        elif self.glance is not None:
            self.glance = self.why = None
            for name in ("order", "why", "verbs"):
                self.write(name, ())

    @work(exclusive=True, group="glance")
    async def _look_at(self, number: str) -> None:
        by, why = self.opening.by, self.shows_why

        def look(opened: Opened) -> tuple[Glance, dict[str, Any] | None]:
            glance, account = opened.desk.glance(by, number), None
            if why:
                with suppress(NotAllowed):  # nothing is left of what was purged that could be accounted for
                    account = opened.desk.why(by, number)
            return glance, account

        with suppress(NoMatches):  # the screen is going, and its parts before it
            while True:
                try:
                    glance, account = await self.looking.ask(look)
                except Busy as refusal:
                    self.mend(refusal)
                    self._forget_another(number)
                    await asyncio.sleep(POLL_SECONDS)
                    continue
                except DeskError as refusal:
                    self.glance = self.why = None
                    self.write("order", refusal_lines(refusal))
                    self.write("why", ())
                    self.write("verbs", ())
                else:
                    if number == self.number and self.is_attached:
                        self.glance, self.why = glance, account
                        self.show_order()
                self._looked = number
                return

    def _forget_another(self, number: str) -> None:
        """What is shown of another order than the one that is meant goes, if that one cannot be read yet."""
        if self.glance is not None and self.glance.answer.doc["number"] != number:
            self.glance = self.why = None
            for name in ("order", "why", "verbs"):
                self.write(name, ())

    @property
    def shows_why(self) -> bool:
        """Whether there is room for it, or it was asked for."""
        return self.has_class("-wide") or self.has_class("-why")

    def show_order(self) -> None:
        """The order, its account, and what can be done with it."""
        if self.glance is None:
            return
        doc = self.glance.answer.doc
        if self.revealed is not None and self.revealed["number"] == doc["number"]:
            doc = self.revealed
        remarks = [say(one.message, one.values) for one in self.glance.answer.remarks]
        self.write("order", [*show_lines(doc), *remarks])
        self.write("why", accounts.why_lines(self.why, whole=False) if self.why else ())
        pairs = [(BY_NAME[offer.verb].key, BY_NAME[offer.verb].title, offer.refusal is None) for offer in self.offers]
        self.query_one("#verbs", Static).update(lines.keys(pairs, max(40, self.size.width - 2)))

    @property
    def offers(self) -> list[Offer]:
        """What can be done with the order, those that this person may do first."""
        found = self.glance.offers if self.glance is not None else []
        return sorted(found, key=lambda offer: offer.refusal is not None)

    def write(self, name: str, rows: Any) -> None:
        """Lines into a pane."""
        there = self.query_one(f"#{name}-text" if name in ("order", "why") else f"#{name}", Static)
        there.update(Content(plain("\n".join(rows))))

    @on(OptionList.OptionHighlighted)
    def highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """The order that is highlighted is the one that is meant, in whichever list one stands."""
        rows = event.option_list
        if isinstance(rows, Rows) and rows.id != "hands" and self.focused is rows and rows.chosen is not None:
            self.mean(rows.chosen.partition("·")[0])

    @on(events.DescendantFocus)
    def came_to(self) -> None:
        """Who comes to a list from the other means what is highlighted there."""
        rows = self.focused
        if not isinstance(rows, Rows) or rows.id not in ("due", "orders") or rows.id == self._at:
            return
        self._at = str(rows.id)
        rows.resume()
        if rows.chosen is not None:
            self.mean(rows.chosen.partition("·")[0])

    def mean(self, number: str) -> None:
        """This order, from now on."""
        if number == self.number:
            return
        self.number, self.revealed = number, None
        self.light()
        self.name_lists()
        self.look_at()

    def done(self, number: str) -> None:
        """Something was done with this order: it is meant, and read anew."""
        if number != self.number:
            self.number, self.revealed = number, None
        self._looked = None
        self.light()
        self.look_at()
        self.again()

    @on(OptionList.OptionSelected)
    def entered(self, event: OptionList.OptionSelected) -> None:
        """Enter: the order alone; of a technician their orders."""
        if event.option_list.id == "hands":
            self.staff = None if self.staff == event.option.id else event.option.id
            self.query_one("#orders").focus()
            self.again()
            return
        self.add_class("-zoom")
        self.query_one("#why" if self.has_class("-why") else "#order").focus()

    # --- keys

    def on_key(self, event: events.Key) -> None:
        """A letter is a verb, wherever one stands but in a line of text."""
        if isinstance(self.focused, Input) or event.character is None:
            return
        if event.key == "enter" and self.focused is not None and self.focused.id in ("order", "why"):
            self.action_back()
            return
        verbs = [verb for verb in VERBS if verb.key == event.character]
        if not verbs:
            return
        event.stop()
        event.prevent_default()
        if self.glance is None or self.number is None:
            self.tell(tr(N_("No order")))
            return
        offers = {offer.verb: offer for offer in self.offers}
        verb = next((verb for verb in verbs if verb.name in offers), None)
        if verb is not None and offers[verb.name].refusal is None:
            self.verbs.open(verb, self.glance)
        else:
            self.verbs.why_not(verb or verbs[0], self.glance.answer.doc)

    def action_back(self) -> None:
        """Out of the order alone, then out of the search, then to the open orders."""
        if self.has_class("-zoom"):
            self.remove_class("-zoom")
        elif self.find or self.query_one("#find").has_class("-on"):
            self.find = ""
            self.query_one("#find", Input).value = ""
            self.query_one("#find").remove_class("-on")
        else:
            self.view, self.staff = "open", None
        self.query_one("#orders").focus()
        self.again()

    def action_view(self, name: str) -> None:
        """Another list."""
        self.view = name
        self.query_one("#orders").focus()
        self.again()

    def action_find(self) -> None:
        """A line to find by; every letter looks."""
        if not self.find:
            self._before_find = self.number
        self.query_one("#find").add_class("-on")
        self.query_one("#find", Input).focus()

    @on(Input.Changed, "#find")
    def wanted(self, event: Input.Changed) -> None:
        """Look for what stands there; a single letter or digit is in everything, and more is to come."""
        wanted = event.value.strip()
        if wanted != self.find and not (len(wanted) == 1 and wanted.isascii()):
            self.find = wanted
            self.again()

    @on(Input.Submitted, "#find")
    def found(self, event: Input.Submitted) -> None:
        """On to what was found, by a single letter, too."""
        if self.find != event.value.strip():
            self.find = event.value.strip()
            self.again()
        self.query_one("#orders").focus()

    def action_why(self) -> None:
        """Where it comes from, in the place of the order; on a wide screen it stands beside it."""
        if self.has_class("-wide"):
            self.query_one("#why").focus()
            return
        self.toggle_class("-why")
        if self.has_class("-zoom"):
            self.query_one("#why" if self.has_class("-why") else "#order").focus()
        self.look_at()

    def action_language(self) -> None:
        """The other language, at once."""
        locale.use("en" if locale.language() == "zh" else "zh")
        self.titles()
        for rows in self.query(Rows):
            rows.again()
        self.again()

    def action_again(self) -> None:
        """Look at everything now."""
        self._anew = True
        self.again()

    def action_help(self) -> None:
        """The page of the keys."""
        self.app.push_screen(Help())

    def action_attention(self) -> None:
        """All that the one line of it has no room for."""
        texts = bars.attention(self.seen.board) if self.seen is not None else []
        self.app.push_screen(Told(tr(N_("Attention")), texts or [tr(N_("nothing"))]))

    def action_intake(self) -> None:
        """Take in a report."""
        from repairdesk.tui.intake import Intake

        self.app.push_screen(Intake(self), lambda _: self.verbs.say_remarks())

    def on_resize(self) -> None:
        """There may be room for the account now."""
        self.tick()
        self.call_after_refresh(self.look_at)

    # --- the first line and the last

    def tell(self, text: str) -> None:
        """Something in the last line, for a while."""
        self._told = (text, asyncio.get_running_loop().time() + TOLD_SECONDS)
        self.tick()

    def tick(self) -> None:
        """The time goes on: the clock, the countdowns, what was told."""
        self.query_one("#due", Rows).again()
        columns = max(40, self.size.width - 2)
        self.query_one("#head", Static).update(bars.head(self.opening, self.seen, self._trouble, columns))
        text, until = self._told
        if self._trouble is not None and not isinstance(self._trouble, Busy):
            told = next(refusal_lines(self._trouble))
        else:
            told = text if asyncio.get_running_loop().time() < until else ""
        self.query_one("#foot", Static).update(bars.foot(told, columns))


def _order(doc: Doc) -> Row:
    return lambda columns: lines.order(doc, columns)


def _hand(doc: Doc) -> Row:
    return lambda columns: lines.hand(doc, columns)
