"""Pages opened in the system's Chromium: what a manager sees, without a network."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from repairdesk.cli import common
from repairdesk.cli.__main__ import main
from repairdesk.demo.play import play
from tools_needed import needs, needs_module

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ORDERS = 60
MONTH = "2026-10"
EMPTY = "2020-01"
AT = "2026-10-31T20:40"


@dataclass
class Opened:
    """A page that is open, with what its browser was told and what it asked for."""

    page: Page
    url: str
    messages: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)


Report = Callable[..., str]
Open = Callable[..., Opened]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The browser; it is installed with the system, nothing is downloaded.

    Not for all tests of the run: as long as it is open an event loop runs in this process, and no other can begin.
    """
    needs("chromium")
    needs_module("playwright")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as player:
        chromium = player.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def demo_desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A desk with a small month."""
    home = tmp_path_factory.mktemp("browsed") / "desk"
    play(home, ORDERS, 1)
    return home


@pytest.fixture(scope="session")
def report(demo_desk: Path) -> Report:
    """``report NAME`` as it is typed at that desk: its text, or with ``--format json`` its document as text."""

    def asked(name: str, *argv: str, lang: str = "en") -> str:
        out, err = io.StringIO(), io.StringIO()
        ledger = str(demo_desk / "ledger.db")
        with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
            patch.setattr(common, "clock", lambda: datetime.fromisoformat(f"{AT}:00+08:00"))
            code = main(["report", name, *argv, "--at", AT, "--lang", lang, "--ledger", ledger])
        assert code == 0, err.getvalue()
        return out.getvalue()

    return asked


@pytest.fixture(scope="session")
def document(report: Report) -> Callable[[str, str], dict[str, Any]]:
    """A report as JSON."""

    def asked(name: str, month: str = MONTH) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(report(name, "--month", month, "--format", "json"))
        return found

    return asked


@pytest.fixture(scope="session")
def files(report: Report, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, str, str], Path]:
    """The page of a report, made once."""
    folder = tmp_path_factory.mktemp("pages")

    def made(name: str, month: str, lang: str) -> Path:
        path = folder / f"{name}-{month}-{lang}.html"
        if not path.exists():
            path.write_text(report(name, "--month", month, "--format", "html", lang=lang), encoding="utf-8")
        return path

    return made


@pytest.fixture
def opened(browser: Browser, files: Callable[[str, str, str], Path]) -> Iterator[Open]:
    """A page, opened in a window of its own."""
    windows = []

    def go(name: str = "month", month: str = MONTH, lang: str = "en", width: int = 1280) -> Opened:
        window = browser.new_context(viewport={"width": width, "height": 900})
        windows.append(window)
        page = window.new_page()
        one = Opened(page, files(name, month, lang).as_uri())
        page.on("console", lambda message: one.messages.append(message.text))
        page.on("pageerror", lambda error: one.messages.append(str(error)))
        page.on("request", lambda request: one.requests.append(request.url))
        page.goto(one.url)
        return one

    yield go
    for window in windows:
        window.close()
