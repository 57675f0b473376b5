"""The desk as a full screen: whether this terminal can show it, and the library that draws it."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import typer

from repairdesk.cli import common
from repairdesk.cli.common import Call, command, wait_seconds
from repairdesk.cli.looking import LOOKING
from repairdesk.errors import N_, UsageError

if TYPE_CHECKING:
    from repairdesk.desk import Answer, By, Desk
    from repairdesk.tui.room import Opened

chapter = typer.Typer()

LIBRARY = "textual"
DUMB = ("", "dumb", "unknown")
"""What a terminal calls itself that can move no cursor."""


@command(chapter, "desk", LOOKING)
def desk(call: Call) -> None:
    """The desk as a full screen: what is due, the orders, a key for each verb."""
    if call.json_ or call.at is not None:
        other = "--json" if call.json_ else "--at"
        raise UsageError(N_("{one} and {other} exclude each other"), one="desk", other=other)
    check_terminal()
    check_library()
    # What is wrong with the desk is said here, where it can be read and has its code.
    by = call.by
    call.desk.office(by)
    from repairdesk.tui import app
    from repairdesk.tui.room import Opening

    name = call.folder().resolve().name
    app.run(Opening(lambda wait: opened(call, wait), by, lambda: common.clock(), told, name))


def opened(call: Call, wait: float | None) -> Opened:
    """A desk that keeps its connection to the ledger."""
    from repairdesk.desk import Desk
    from repairdesk.ledger.session import Session
    from repairdesk.tui.room import Opened

    session = Session(call.store(), wait_seconds=wait_seconds() if wait is None else wait)
    return Opened(Desk(call.folder(), lambda: common.clock(), session), session)


def check_terminal() -> None:
    """Whether there is a terminal that can show the screen.

    Raises:
        UsageError: there is none, it can move no cursor, or its locale has no Chinese.
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError(N_("the full screen needs a terminal; board, list and show do without"))
    kind = os.environ.get("TERM", "")
    if kind in DUMB:
        raise UsageError(N_("this terminal (TERM={kind}) can show no full screen; board, list and show do without"),
                         kind=kind)  # fmt: skip
    if not _unicode():
        raise UsageError(N_("the locale ({locale}) has no Chinese: set LC_ALL=C.UTF-8 or zh_CN.UTF-8"),
                         locale=_locale())  # fmt: skip


def check_library() -> None:
    """Whether the library is installed that draws the screen.

    Raises:
        UsageError: it is not; says how it comes.
    """
    from importlib.util import find_spec

    if find_spec(LIBRARY) is None:
        raise UsageError(N_("the full screen needs a library that is not installed: pip install 'repairdesk[tui]'"))


def _unicode() -> bool:
    # Python makes UTF-8 of the locale C for itself (PEP 538); what the terminal shows the locale alone tells.
    said = _locale().upper().replace("-", "")
    return "UTF8" in said


def _locale() -> str:
    """The locale by which the terminal's characters are read: of its variables the first that is set (POSIX)."""
    coerced = os.environ.get("LC_CTYPE") in ("C.UTF-8", "C.utf8", "UTF-8") and not os.environ.get("LC_ALL")
    names = ("LC_ALL", "LANG") if coerced else ("LC_ALL", "LC_CTYPE", "LANG")
    return next((os.environ[name] for name in names if os.environ.get(name)), "C")


def told(desk: Desk, by: By, done: Answer) -> None:
    """Send what is to be told at once; what takes longer, or fails, the night tries again (INT-7)."""
    from repairdesk.cli import notices

    notices.at_once(desk, by, done.queued)
