"""The screen follows what others write, holds nothing meanwhile, and says when the ledger cannot be had."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from full_screen import NOW, P, Sitting, sit

from repairdesk import locale
from repairdesk.cli import fullscreen
from repairdesk.cli.__main__ import main
from repairdesk.errors import UsageError
from repairdesk.tui.app import LOOKING_WAIT, DeskApp
from repairdesk.tui.help import Help
from repairdesk.tui.main import POLL_SECONDS

SOURCE = Path(__file__).resolve().parents[2] / "src"


def typed_elsewhere(home: Path, *argv: str) -> None:
    """A command at another terminal."""
    env = {**os.environ, "PYTHONPATH": str(SOURCE), "REPAIRDESK_HOME": str(home), "REPAIRDESK_LANG": "en"}
    ran = subprocess.run([sys.executable, "-m", "repairdesk.cli", *argv], env=env, capture_output=True, check=False)
    assert ran.returncode == 0, ran.stderr.decode()


def test_what_another_terminal_writes_is_on_the_screen_without_a_key(home: Path) -> None:
    async def play(sitting: Sitting) -> None:
        assert "9-1-101" not in sitting.text()
        report = ("--kind", "public_area", "--place", "9-1-101", "--fault", "楼道灯不亮", "--new")
        typed_elsewhere(home, "intake", *report, "--as", "C1")
        await sitting.until(lambda: "9-1-101" in sitting.text())
        assert "楼道灯不亮" in sitting.text()

    sit(home, play)


def test_a_look_and_what_it_waits_for_take_less_than_two_seconds() -> None:
    assert POLL_SECONDS + LOOKING_WAIT < 2


@pytest.mark.slow
def test_an_order_that_another_one_changes_shows_it_and_what_can_be_done_now(home: Path) -> None:
    async def play(sitting: Sitting) -> None:
        await sitting.mean(f"{P}0001")
        assert "a assign" in sitting.said("#verbs")
        typed_elsewhere(home, "cancel", f"{P}0001", "--reason", "重复", "--as", "C1")
        await sitting.until(lambda: "cancelled" in sitting.said("#order-text"))
        assert "a assign" not in sitting.said("#verbs")

    sit(home, play)


def test_nothing_is_held_while_nothing_is_asked(home: Path) -> None:
    async def play(sitting: Sitting) -> None:
        await sitting.until(lambda: "in step" in sitting.said("#head"))
        taken = 0
        with closing(sqlite3.connect(home / "ledger.db", timeout=0, isolation_level=None)) as other:
            for _ in range(20):
                try:
                    other.execute("BEGIN EXCLUSIVE")
                    other.execute("ROLLBACK")
                    taken += 1
                except sqlite3.OperationalError:
                    await sitting.pilot.pause(0.01)  # met a look, which takes a millisecond
        assert taken > 10

    sit(home, play)


def test_a_busy_ledger_is_told_and_keys_go_on(home: Path) -> None:
    async def play(sitting: Sitting) -> None:
        with closing(sqlite3.connect(home / "ledger.db", isolation_level=None)) as other:
            while True:
                try:
                    other.execute("BEGIN EXCLUSIVE")
                    break
                except sqlite3.OperationalError:
                    await sitting.pilot.pause(0.01)
            await sitting.until(lambda: "ledger busy" in sitting.said("#head"))
            await sitting.press("f1")
            assert isinstance(sitting.app.screen, Help)
            await sitting.press("escape", "down")
            other.execute("ROLLBACK")
        await sitting.until(lambda: "in step" in sitting.said("#head"))

    sit(home, play)


@pytest.mark.slow
def test_a_ledger_that_goes_away_is_said_in_the_first_line(home: Path) -> None:
    async def play(sitting: Sitting) -> None:
        (home / "ledger.db").rename(home / "elsewhere.db")
        await sitting.until(lambda: "no ledger" in sitting.said("#head"))
        (home / "elsewhere.db").rename(home / "ledger.db")
        await sitting.until(lambda: "in step" in sitting.said("#head"))

    sit(home, play, size=(120, 30))


def test_the_countdown_goes_on_by_itself(home: Path) -> None:
    moments = [NOW]

    async def play(sitting: Sitting) -> None:
        await sitting.until(lambda: "!2d00h over" in sitting.text())
        moments.append(NOW + timedelta(hours=30))
        await sitting.until(lambda: "!3d06h over" in sitting.text())

    def now() -> datetime:
        return moments[-1]

    sit(home, play, now=now)


# --- where it cannot be shown


class Terminal:
    """What says that somebody looks at it."""

    def __init__(self, there: bool) -> None:
        self._there = there

    def isatty(self) -> bool:
        return self._there


CANNOT = [
    (False, {"TERM": "xterm", "LANG": "zh_CN.UTF-8"}, "needs a terminal"),
    (True, {"TERM": "dumb", "LANG": "zh_CN.UTF-8"}, "TERM=dumb"),
    (True, {"LANG": "zh_CN.UTF-8"}, "TERM="),
    (True, {"TERM": "xterm", "LANG": "C"}, "the locale (C) has no Chinese"),
    (True, {"TERM": "xterm"}, "the locale (C) has no Chinese"),
    (True, {"TERM": "xterm", "LANG": "C", "LC_CTYPE": "C.UTF-8"}, "the locale (C) has no Chinese"),
    (True, {"TERM": "xterm", "LC_ALL": "POSIX", "LANG": "zh_CN.UTF-8"}, "the locale (POSIX) has no Chinese"),
    (True, {"TERM": "xterm", "LANG": "zh_CN.GB18030"}, "the locale (zh_CN.GB18030) has no Chinese"),
]
CAN = [
    {"TERM": "xterm", "LANG": "zh_CN.UTF-8"},
    {"TERM": "screen-256color", "LC_ALL": "C.UTF-8", "LANG": "C"},
    {"TERM": "linux", "LANG": "en_US.utf8"},
]


def terminal(monkeypatch: pytest.MonkeyPatch, there: bool, environ: dict[str, str]) -> None:
    for name in ("TERM", "LANG", "LC_ALL", "LC_CTYPE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    for stream in ("stdin", "stdout"):
        monkeypatch.setattr(sys, stream, Terminal(there))


@pytest.mark.parametrize(("there", "environ", "word"), CANNOT)
def test_where_it_cannot_be_shown_it_says_so(
    monkeypatch: pytest.MonkeyPatch, there: bool, environ: dict[str, str], word: str
) -> None:
    with monkeypatch.context() as patch:
        terminal(patch, there, environ)
        with pytest.raises(UsageError) as refused:
            fullscreen.check_terminal()
    assert word in str(refused.value)


@pytest.mark.parametrize("environ", CAN)
def test_where_it_can_be_shown_nothing_is_said(monkeypatch: pytest.MonkeyPatch, environ: dict[str, str]) -> None:
    with monkeypatch.context() as patch:
        terminal(patch, True, environ)
        fullscreen.check_terminal()


def test_without_its_library_the_command_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fullscreen, "LIBRARY", "no_such_library_anywhere")
    with pytest.raises(UsageError, match=r"pip install 'repairdesk\[tui\]'"):
        fullscreen.check_library()


def test_in_a_pipe_the_command_ends_with_the_code_of_usage(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["desk", "--home", str(home), "--lang", "en"]) == 2
    assert capsys.readouterr().err == "the full screen needs a terminal; board, list and show do without\n"


@pytest.mark.parametrize("option", [("--json",), ("--at", "2026-11-24T09:00")])
def test_a_screen_is_no_document_and_of_no_other_time(option: tuple[str, ...], home: Path) -> None:
    assert main(["desk", "--home", str(home), "--lang", "en", *option]) == 2


def test_a_mistake_of_the_program_ends_the_screen_and_reaches_whoever_started_it(home: Path) -> None:
    from full_screen import opening

    class Broken(DeskApp):
        def run(self, **_: object) -> None:
            super().run(headless=True, size=(80, 24))

    def now() -> datetime:
        raise ZeroDivisionError("what nobody thought of")

    app = Broken(opening(home, "C1", now))
    app.run()
    assert isinstance(app.broken, Exception)
    assert "ZeroDivisionError" in repr(app.broken) or isinstance(app.broken.__cause__, ZeroDivisionError)


@pytest.mark.slow
def test_the_language_of_the_screen_is_the_one_that_is_asked_for(home: Path) -> None:
    locale.use("zh")

    async def play(sitting: Sitting) -> None:
        await sitting.until(lambda: "前台客服" in sitting.text())
        await sitting.press("f2")
        await sitting.until(lambda: "clerk" in sitting.text())
        assert "Due next" in sitting.text()

    sit(home, play)
