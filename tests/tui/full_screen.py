"""The full screen under test: a desk with an order in every state, and somebody who presses its keys."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from textual.events import Key
from textual.pilot import Pilot
from textual.widgets import Static

from repairdesk.desk import Answer, By, Desk
from repairdesk.desk.coordinating import LogEntry
from repairdesk.desk.founding import found
from repairdesk.desk.settling import Paying
from repairdesk.desk.visiting import Work
from repairdesk.domain.intake import Report
from repairdesk.ledger.session import Session
from repairdesk.tui.app import DeskApp
from repairdesk.tui.main import Main
from repairdesk.tui.room import Opened, Opening

SHANGHAI = ZoneInfo("Asia/Shanghai")
STAFF = (
    ("C1", "clerk"), ("C2", "clerk"), ("W1", "technician"), ("W2", "technician"), ("L1", "leader"),
    ("S1", "supervisor"), ("M1", "manager"), ("F1", "finance"),
)  # fmt: skip
TAP = Report("in_home", "3-2-501", "李兰", "13800138000", "厨房水龙头漏水，关不紧")
LAMP = Report("public_area", "东门", None, None, "门灯不亮")
P = "P20261122-"
NOW = datetime(2026, 11, 24, 9, 0, tzinfo=SHANGHAI)
"""When somebody sits down before the screen."""


class Story:
    """A desk with an order of every kind and in every state, told by those who would do it."""

    def __init__(self, home: Path) -> None:
        self.at = datetime(2026, 11, 22, 8, 0, tzinfo=SHANGHAI)
        self.desk = Desk(home, lambda: self.at)

    def tell(self, who: str, verb: str, *args: Any, **said: Any) -> dict[str, Any]:
        """Somebody does something, a minute after what was before."""
        self.at += timedelta(minutes=1)
        doc: dict[str, Any] = getattr(self.desk, verb)(By(who or None, "keyboard"), *args, **said).doc
        return doc

    def taken(self, report: Report) -> str:
        """A report, and its number."""
        return str(self.tell("C1", "intake", report, new=True)["number"])

    def at_work(self, report: Report = LAMP, fee: str | None = None, **start: Any) -> str:
        """An order that W1 has begun."""
        number = self.taken(report)
        if fee is not None:
            self.tell("C1", "consent", number, fee=fee)
        self.tell("C1", "assign", number, "W1")
        self.tell("W1", "accept", number)
        self.tell("W1", "arrive", number, found="坏")
        self.tell("W1", "start", number, **start)
        return number

    def signed(self, report: Report = LAMP, rating: str = "dissatisfied") -> str:
        """An order that was done, rated and signed."""
        number = self.at_work(report)
        self.tell("W1", "finish", number, Work("修好"))
        self.tell("W1", "sign", number, signer="李兰", rating=rating)
        return number

    def fill(self) -> None:
        """Everything."""
        for person, role in STAFF:
            self.tell("", "staff_add", person, name=f"N{person}", role=role)
        # 0001 reported, 0002 quoted, 0003 assigned, 0004 at work, 0005 paused with something taken away
        self.taken(TAP)
        quoted = self.taken(TAP._replace(unlisted=True))
        self.tell("S1", "quote", quoted, fee="80")
        self.tell("C1", "assign", self.taken(LAMP), "W1")
        self.at_work()
        paused = self.at_work()
        later = self.at + timedelta(days=3)
        self.tell("W1", "pause", paused, reason="taken-away", next_at=later, taken=["水泵"])
        # 0006 finished, 0007 signed and dissatisfied, 0008 closed, 0009 archived and paid for, 0010 unlisted
        self.tell("W1", "finish", self.at_work(), Work("修好"))
        self.signed()
        self.tell("L1", "close", self.signed(rating="satisfied"))
        paid = self.at_work(TAP._replace(services=("tap",)), "50", agreed_by="李兰")
        self.tell("W1", "finish", paid, Work("换好", services=("tap",)))
        self.tell("W1", "sign", paid, signer="李兰", rating="satisfied")
        self.tell("L1", "close", paid)
        self.tell("C1", "archive", paid)
        self.tell("F1", "pay", [paid], Paying("10"))
        self.tell(
            "C1",
            "callback",
            paid,
            outcome="dissatisfied",
            method="phone",
            note="漏一点",
            next_at=self.at + timedelta(days=1),
        )
        self.taken(TAP._replace(unlisted=True))
        # X…-0001 tracked, X…-0002 closed
        for _ in range(2):
            number = self.at_work()
            self.tell("L1", "convert", number, tracker="C2", reason="缺件")
        entry = LogEntry("电话", "李兰", "13900002222", "等件", "理解", "周五到货")
        self.tell("C2", "log", "X20261122-0001", entry)
        self.tell("C2", "finish", "X20261122-0002", Work("修好"))


def made(home: Path) -> None:
    """A desk with everything, in this folder."""
    found(home, "standard", By(None, "keyboard"), datetime(2026, 11, 22, tzinfo=UTC))
    Story(home).fill()


Told = Callable[[Desk, By, Answer], None]


def opening(
    home: Path, who: str = "C1", now: Callable[[], datetime] = lambda: NOW, told: Told = lambda *_: None
) -> Opening:
    """The desk in this folder, for somebody."""

    def opened(wait: float | None) -> Opened:
        session = Session(home / "ledger.db", wait_seconds=2.0 if wait is None else wait)
        return Opened(Desk(home, now, session), session)

    return Opening(opened, By(who, "keyboard"), now, told, "desk")


class Sitting:
    """Somebody sits before the screen."""

    def __init__(self, app: DeskApp, pilot: Pilot[None]) -> None:
        self.app = app
        self.pilot = pilot

    @property
    def main(self) -> Main:
        """The screen that lives all day."""
        found = self.app.screen_stack[0]
        assert isinstance(found, Main)
        return found

    async def press(self, *keys: str) -> None:
        """Keys, one after the other; several signs in quotes are typed."""
        for key in keys:
            for one in key[1:] if key.startswith('"') else (key,):
                await self.pilot.press({" ": "space"}.get(one, one))
        await self.until(lambda: self.app.ahead.idle)
        await self.pilot.pause()

    async def burst(self, *keys: str) -> None:
        """Keys that come all at once, as over a slow line: nothing is waited for between them."""
        named = {"/": "slash", "-": "minus", " ": "space"}
        for key in keys:
            for one in key[1:] if key.startswith('"') else (key,):
                character = one if len(one) == 1 else {"enter": "\r", "escape": "\x1b"}.get(one)
                self.app.post_message(Key(named.get(one, one), character))
        await self.pilot.pause()
        await self.until(lambda: self.app.ahead.idle)
        await self.pilot.pause()

    async def until(self, holds: Callable[[], Any]) -> None:
        """Wait for something to be so; a slow machine is given its time."""
        for _ in range(400):
            if holds():
                return
            await self.pilot.pause(0.02)
        raise AssertionError(f"it never came\n{self.text()}")

    async def mean(self, number: str) -> None:
        """An order is chosen, and read."""
        self.main.mean(number)
        await self.until(lambda: self.main.glance is not None and self.main.glance.answer.doc["number"] == number)

    def lines(self) -> list[str]:
        """What stands on the screen."""
        strips = self.app.screen._compositor.render_strips()
        return ["".join(segment.text for segment in strip) for strip in strips]

    def text(self) -> str:
        """The same, as one text."""
        return "\n".join(self.lines())

    def said(self, widget: str) -> str:
        """What stands in a part of the screen that is on top."""
        return str(self.app.screen.query_one(widget, Static).render())


def sit(
    home: Path, play: Callable[[Sitting], Awaitable[None]], *, who: str = "C1", size: tuple[int, int] = (80, 24),
    now: Callable[[], datetime] = lambda: NOW, told: Told = lambda *_: None,
) -> None:  # fmt: skip
    """Sit down, wait until the screen has followed, and play."""

    async def run() -> None:
        app = DeskApp(opening(home, who, now, told))
        async with app.run_test(size=size) as pilot:
            sitting = Sitting(app, pilot)
            await sitting.until(lambda: sitting.main.glance is not None)
            await play(sitting)

    asyncio.run(run())
