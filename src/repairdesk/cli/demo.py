"""``demo``: a month is played (repairdesk.demo), and this shows what became of it and what to type next."""

from __future__ import annotations

import shlex
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from shutil import which
from typing import TYPE_CHECKING, Any

from repairdesk.errors import N_, UsageError
from repairdesk.locale import tr
from repairdesk.locale.width import width

if TYPE_CHECKING:
    from repairdesk.cli.common import Call
    from repairdesk.demo.play import Played
    from repairdesk.desk import By

_SLIPS = ("burst-pipe",)
_BILLS = ("miscounted",)
_ACCOUNTS = (("open-overdue", "resolve"), ("not-home-twice", "resolve"), ("burst-pipe", "resolve"))
_HISTORIES = ("not-home-twice", "burst-pipe")
"""The first of these that the month has is shown: a small one has only the first stories."""


def run(call: Call, orders: int, seed: int, keep: Path | None, months: int = 1) -> None:
    """Play a month and show its board, where a deadline comes from, a slip, one order's history, what to type next.

    Without ``keep`` the desk lies in a temporary folder that stays until the system clears it, so that what is to be
    typed next works.
    """
    from repairdesk.cli import render
    from repairdesk.demo.play import play

    if call.ledger:
        raise UsageError(N_("the demo makes a ledger of its own: leave --ledger and REPAIRDESK_LEDGER out"))
    home = (keep or Path(tempfile.mkdtemp(prefix="repairdesk-demo-"))).absolute()
    if sys.stderr.isatty() and not call.json_:
        render.note(_announced(orders, months))
    played = play(home, orders, seed, months)
    document = {**_document(call, played, home), "months": months}
    if call.json_:
        bill = document["bill"] and render.spoken(document["bill"])
        board = document["board"]
        troubles = [render.say(trouble.message, trouble.values) for trouble in board["troubles"]]
        render.fields(call, {**document, "bill": bill, "board": {**board, "troubles": troubles}})
    else:
        _show(call, document)


def _announced(orders: int, months: int) -> str:
    if months == 1:
        return tr(N_("Playing a month with {orders} orders …")).format(orders=orders)
    text = N_("Playing {months} months with {orders} orders; that takes minutes …")
    return tr(text).format(months=months, orders=orders)


def _document(call: Call, played: Played, home: Path) -> dict[str, Any]:
    """Everything that the demo says, as the desk itself answers it."""
    from repairdesk.desk import By
    from repairdesk.documents import paper

    by = By("C1", "linxy", played.end)
    desk, stories = played.desk, played.stories
    told = _first(stories, _HISTORIES)
    checked = desk.verify()
    return {
        "home": str(home),
        "orders": played.orders,
        "entries": checked["entries"],
        "verified": checked["ok"],
        "states": _states(played, by),
        "board": desk.board(by, limit=16),
        "why": desk.why(by, *_deadline(stories)),
        "slip": paper.text([desk.printed(by, _first(stories, _SLIPS), copies=["desk"])]),
        "bill": desk.why(by, _first(stories, _BILLS), "bill") if _BILLS[0] in stories else None,
        "month": desk.finance_month(by).doc,
        "history": desk.entries(by, told),
        "stories": {name: list(numbers) for name, numbers in stories.items()},
        "next": list(_next(home, played, told)),
    }


def _first(stories: Mapping[str, Sequence[str]], names: Sequence[str]) -> str:
    return next(stories[name][0] for name in names if name in stories)


def _deadline(stories: Mapping[str, Sequence[str]]) -> tuple[str, str]:
    """The order and the obligation whose deadline is explained."""
    return next((stories[name][0], owed) for name, owed in _ACCOUNTS if name in stories)


def _states(played: Played, by: By) -> dict[str, int]:
    """How many orders stand in each state, in the order of an order's life."""
    from repairdesk.domain.lifecycle import STATES

    totals = ((state, played.desk.list_orders(by, {"states": [state]}, limit=1)[1]) for state in STATES)
    return {state: total for state, total in totals if total}


def _next(home: Path, played: Played, told: str) -> Iterator[str]:
    """What is worth typing on this desk, at its own time."""
    at = f"--at {played.end:%Y-%m-%dT%H:%M}"
    program = Path(sys.argv[0])
    if program.name == "repairdesk" and which("repairdesk") is None:
        # Run from an environment that nobody activated, as make demo does.
        yield f'export PATH={shlex.quote(str(program.absolute().parent))}:"$PATH"'
    yield f"export REPAIRDESK_HOME={shlex.quote(str(home))}"
    yield f"repairdesk board {at}"
    yield f"repairdesk list --overdue {at}"
    yield f"repairdesk show {told} --entries"
    yield f"repairdesk why {' '.join(_deadline(played.stories))} {at}"
    if "left-overnight" in played.stories:
        yield f"repairdesk show {played.stories['left-overnight'][0]} --entries"
    if "open-waiting" in played.stories:
        yield f"repairdesk assign {played.stories['open-waiting'][0]} T1 --as C1 {at}"
    yield f"repairdesk report finance {at}"
    yield f"repairdesk report month --month {played.end:%Y-%m} --format html --out month.html {at}"
    yield "repairdesk fees price bulb:3@09:00 toilet@09:20"
    yield "repairdesk verify"


def _show(call: Call, document: Mapping[str, Any]) -> None:
    from repairdesk.cli import accounts, figures, render
    from repairdesk.cli.render import whole
    from repairdesk.cli.render.board import board

    put = render.put
    ended = {state: total for state, total in document["states"].items() if state not in document["board"]["open"]}
    states = "  ".join(f"{render.word(state)} {total}" for state, total in ended.items())
    put(_headline(document))
    put(tr(N_("No longer open: {states}")).format(states=states))
    put(tr(N_("The desk lies in {folder}")).format(folder=document["home"]))
    _head(tr(N_("The board on {at}")).format(at=render.moment(document["board"]["at"])))
    board(call, document["board"])
    _head(tr(N_("Where a deadline comes from, to be checked with a pencil")))
    accounts.why(call, document["why"], whole=True)
    _head(tr(N_("A slip")))
    put(document["slip"].rstrip("\n"))
    if document["bill"]:
        _head(tr(N_("A bill that was corrected, each fen with its reason")))
        accounts.why(call, document["bill"], whole=False)
        _head(tr(N_("The month for finance")))
        for line in figures.summed(document["month"]):
            put(line)
    _head(tr(N_("One order’s history, entry by entry: {number}")).format(number=document["history"][0]["number"]))
    for entry in document["history"]:
        put(_clipped(whole.entry_line(entry)))
    _head(tr(N_("What to type next")))
    for line in document["next"]:
        put(f"  {line}")


def _headline(document: Mapping[str, Any]) -> str:
    text = N_("October 2026 at a property company’s repairs desk: {orders} orders, {entries} entries in the ledger")
    if document["months"] > 1:
        text = N_(
            "{months} months up to October 2026 at a property company’s repairs desk: {orders} orders, {entries} "
            "entries in the ledger"
        )
    return tr(text).format(**{name: document[name] for name in ("months", "orders", "entries")})


def _head(text: str) -> None:
    from repairdesk.cli import render

    render.put(f"\n── {text} ──")


def _clipped(line: str) -> str:
    """A line that fits the terminal; in a pipe nothing is cut."""

    if not sys.stdout.isatty():
        return line
    columns = shutil.get_terminal_size().columns
    if width(line) < columns:
        return line
    kept = line[: columns - 2]
    while width(kept) > columns - 2:
        kept = kept[:-1]
    return f"{kept}…"
