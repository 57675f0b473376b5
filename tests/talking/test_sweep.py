"""Every command that talks or shows, on every kind of terminal: no traceback, no torn box, no line that is too wide.

One table; the quick tests take a few of its cells, the slow ones all.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import unicodedata
from itertools import product

import pytest
from screens import SOURCE, Screen
from talker import CTRL_C, ENTER, STOPPED, Talker, done

SIZES = ((80, 24), (200, 60))
TERMINALS: dict[str, dict[str, str]] = {
    "zh": {"LANG": "zh_CN.UTF-8"},
    "C": {"LANG": "C"},
    "dumb": {"LANG": "zh_CN.UTF-8", "TERM": "dumb"},
    "no colour": {"LANG": "en_US.UTF-8", "NO_COLOR": "1"},
}
SHOWN = (
    "board", "list", "list --find 漏水", "show {n}", "show {n} --entries", "why {n}", "report month", "report staff",
    "household list", "staff list", "fees list", "policies show", "callback due", "slips", "handover", "doctor",
    "--help", "intake --help", "finish --help", "rebill --help", "show nothing", "start {n}", "assign {n} W1", "verify",
)  # fmt: skip
"""What shows something, refusals too."""
ASKED: dict[str, tuple[str, ...]] = {
    "intake --as C1": ("3-2-501", "厨房漏水", "", "", ""),
    "intake --as L1": ("3-9-901", "异响", "", "陈生", "13900000000", "明天 9-11", ""),
    "assign --as C1": ("", "", ""),
    "finish --as W1": ("", "", "修好了", "", "", "", ""),
    "sign --as W1": ("", "", "1", ""),
    "staff pin C1 --as C1": ("739164", "739164"),
}
"""What asks something, and an answer to each of its prompts."""


READERS = ("head -1", "true", "cat")


def width(text: str) -> int:
    """Columns, counted in another way than the program does."""
    return sum(
        0 if unicodedata.combining(one) else 2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in text
    )


def stood(screen: Screen) -> list[str]:
    """The lines as they stood in the end, without what moves the cursor or colours them; progress is drawn over."""
    text = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", screen.raw.decode("utf-8", "replace"))
    return [line.rstrip("\r").rpartition("\r")[2] for line in text.split("\n")]


def whole(lines: list[str], columns: int) -> None:
    """No line is wider than the terminal, and every box is closed and of one width."""
    # A command that can be copied stays in one piece.
    wide = [line for line in lines if width(line) > columns and not re.match(r"\$ |\s*→ repairdesk |    → ", line)]
    assert wide == []
    framed = [line for line in lines if line[:1] in "╭│╰" and line.strip()]
    assert {width(line) for line in framed} <= {columns}
    assert all(line.endswith(("╮", "│", "╯")) for line in framed)
    for n, line in enumerate(lines):
        if line.strip() and set(line.strip()) == {"─"}:
            assert width(lines[n - 1].rstrip()) <= width(line), lines[n - 1]


def seldom(quick: set[tuple[object, ...]], *axes: object) -> list[object]:
    """Every cell of the table; those that are not quick are slow."""
    cells = product(*axes)  # type: ignore[call-overload]
    return [pytest.param(*cell, marks=() if cell in quick else pytest.mark.slow) for cell in cells]


@pytest.mark.parametrize(
    ("command", "terminal", "size"),
    seldom({("rebill --help", "zh", (80, 24)), ("start {n}", "zh", (80, 24)), ("board", "C", (200, 60))},
           SHOWN, TERMINALS, SIZES),
)  # fmt: skip
def test_what_is_shown_fits_every_terminal(talker: Talker, command: str, terminal: str, size: tuple[int, int]) -> None:
    number = talker.one_that_is("reported")
    words = command.format(n=number).split()
    at = () if words[-1] == "--help" else ("--as", "C1")
    screen = Screen(talker.home, *words, *at, columns=size[0], lines=size[1], PAGER="cat", **TERMINALS[terminal])
    assert screen.end() in (0, 2, 10, 11, 12)
    assert "Traceback" not in screen.text
    whole(stood(screen), size[0])
    if terminal == "dumb" and "--help" not in command:
        assert b"\x1b" not in screen.raw


def answered(screen: Screen, answers: tuple[str, ...]) -> None:
    """Each prompt gets its answer."""
    for answer in answers:
        screen.prompted()
        screen.type(answer + ENTER)
    screen.prompted()


PROMPTS = [(command, n) for command, answers in ASKED.items() for n in range(len(answers))]
QUICK = {("intake --as L1", 3, "zh"), ("finish --as W1", 6, "dumb"), ("staff pin C1 --as C1", 1, "zh")}


@pytest.mark.parametrize(
    ("command", "answers", "terminal"),
    [pytest.param(command, n, terminal, marks=() if (command, n, terminal) in QUICK else pytest.mark.slow)
     for (command, n), terminal in product(PROMPTS, ("zh", "dumb", "C"))],
)  # fmt: skip
def test_ctrl_c_at_every_prompt_leaves_without_a_word_of_the_program_and_writes_nothing(
    talker: Talker, command: str, answers: int, terminal: str
) -> None:
    before = talker.entries
    screen = Screen(talker.home, *command.split(), **TERMINALS[terminal])
    answered(screen, ASKED[command][:answers])
    screen.type(CTRL_C)
    assert screen.end() == STOPPED
    assert "Traceback" not in screen.text
    assert "KeyboardInterrupt" not in screen.text
    assert talker.entries == before


@pytest.mark.parametrize(("command", "terminal", "size"), seldom(
    {("finish --as W1", "zh", (80, 24))}, [one for one in ASKED if "pin" not in one], TERMINALS, SIZES
))  # fmt: skip
def test_what_is_asked_fits_every_terminal_and_is_done_in_the_end(
    talker: Talker, command: str, terminal: str, size: tuple[int, int]
) -> None:
    before = talker.entries
    screen = Screen(talker.home, *command.split(), columns=size[0], lines=size[1], **TERMINALS[terminal])
    *first, last = ASKED[command]
    answered(screen, tuple(first))
    screen.type(last + ENTER)
    assert screen.end() == 0, screen.text
    assert talker.entries > before
    assert "Traceback" not in screen.text
    whole(screen.rows, size[0])


@pytest.mark.parametrize(
    ("command", "reader"),
    seldom({("board", "head -1"), ("show {n}", "cat"), ("intake --help", "true")}, (*SHOWN, "desk"), READERS),
)
def test_a_pipe_is_plain_and_may_close(talker: Talker, command: str, reader: str) -> None:
    words = command.format(n=talker.one_that_is("reported")).split()
    at = [] if words[-1] == "--help" else ["--as", "C1"]
    env = {**os.environ, "PYTHONPATH": str(SOURCE), "REPAIRDESK_HOME": str(talker.home), "LANG": "zh_CN.UTF-8"}
    line = f'"$0" -m repairdesk.cli "$@" | {reader}; exit ${{PIPESTATUS[0]}}'
    ran = subprocess.run(
        ["bash", "-c", line, sys.executable, *words, *at], capture_output=True, text=True, env=env, check=False
    )
    assert ran.returncode in (0, 2, 10, 11, 12), ran.stderr
    assert "Traceback" not in ran.stdout + ran.stderr
    assert "\x1b" not in ran.stdout + ran.stderr


@pytest.mark.parametrize(("language", "size"), seldom(set(), ("zh", "en"), SIZES))
def test_the_full_screen_stands_whole_in_a_terminal_and_ctrl_c_breaks_nothing(
    talker: Talker, language: str, size: tuple[int, int]
) -> None:
    pytest.importorskip("textual")
    from shell import ENTER as RETURN
    from shell import Shell

    shell = Shell(talker.home, *size, REPAIRDESK_AS="C1", REPAIRDESK_LANG=language)
    shell.type(f"repairdesk desk{RETURN}").see(lambda: "C1员" in shell.display[0], "the desk")
    for key in ("", CTRL_C, "n", CTRL_C, "\x1b", "/", "漏水", "\x1b", "a", CTRL_C, "\x1b"):
        shell.process.send(key)
        shell.rest()
        assert {width(line.rstrip("\n")) for line in shell.display} == {size[0]}
        assert not any(word in line for line in shell.display for word in ("Traceback", "Error"))
    shell.type("\x11")
    assert shell.end(of_screen=True) == 0
    assert done("list", "--limit", "1")["total"] > 0
    shell.leave()
