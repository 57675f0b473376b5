"""The whole of it behind a real terminal: Chinese keys, narrow and broad, plain ones, and those that go away."""

from __future__ import annotations

import io
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from screens import SOURCE, Screen
from talker import CTRL_C, ENTER, ESC, Talker, done

from repairdesk.locale import tr, use

INTAKE = ("intake", "--as", "C1")


@pytest.fixture(autouse=True)
def _chinese() -> None:
    use("zh")


def whole_call(screen: Screen, confirm: str) -> int:
    screen.until("地点:").type("3-2-501" + ENTER)
    screen.until("报修内容:").type("厨房水管漏水" + ENTER)
    screen.until("报事人 [张伟").type(ENTER)
    screen.until("预约 [").type(ENTER)
    screen.until(confirm).type(ENTER)
    return screen.end()


def confirmation() -> str:
    from repairdesk.cli.talk.questions import CONFIRM

    return tr(CONFIRM)[-6:]


@pytest.mark.parametrize(("columns", "lines"), [(80, 24), pytest.param(60, 24, marks=pytest.mark.slow),
                                                pytest.param(200, 60, marks=pytest.mark.slow)])  # fmt: skip
def test_a_call_in_chinese_from_the_first_key_to_the_order(talker: Talker, columns: int, lines: int) -> None:
    screen = Screen(talker.home, *INTAKE, columns=columns, lines=lines)
    assert whole_call(screen, confirmation()) == 0
    order = talker.newest()
    assert (order["place"], order["fault"], order["caller"]) == ("3-2-501", "厨房水管漏水", "张伟")
    assert order["number"] in screen.text
    assert "Traceback" not in screen.text
    # The command line is one line, however narrow the screen: copied, it can be typed again.
    shown = next(line for line in screen.raw.decode().splitlines() if line.startswith("$ repairdesk"))
    assert shlex.split(shown)[-2:] == ["--as", "C1"]


def test_colours_are_left_out_where_they_are_not_wanted(talker: Talker) -> None:
    screen = Screen(talker.home, *INTAKE, NO_COLOR="1")
    screen.until("地点:").type(ESC)
    assert screen.end() == 130
    assert b"\x1b[3" not in screen.raw.replace(b"\x1b[39m", b"").replace(b"\x1b[?", b"")


@pytest.mark.parametrize("env", [{"TERM": "dumb"}, {"LANG": "C"}, {"LC_ALL": "C", "TERM": "dumb"},
                                 {"PYTHONIOENCODING": "ascii"}],
                         ids=["dumb", "C", "C and dumb", "ascii"])  # fmt: skip
def test_a_plain_terminal_is_talked_to_in_plain_lines(talker: Talker, env: dict[str, str]) -> None:
    screen = Screen(talker.home, *INTAKE, **env)
    for answer in ("3-2-501", "gas leak", ""):
        screen.until(":").type(answer + ENTER)
        seen = screen.text
        while screen.text.count(":") <= seen.count(":"):
            assert screen._read()
    screen.until(":").type(ENTER)
    assert screen.end() == 0
    assert talker.newest()["fault"] == "gas leak"
    assert "Traceback" not in screen.text
    if env.get("TERM") == "dumb":
        assert b"\x1b" not in screen.raw


def test_without_the_library_it_is_talked_in_plain_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    from repairdesk.cli.talk import terminal

    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), encoding="utf-8"))
    assert type(terminal.asker()).__name__ == "LineEdit"
    monkeypatch.setitem(sys.modules, "repairdesk.cli.talk.lineedit", None)
    assert isinstance(terminal.asker(), terminal.Plain)


def test_ctrl_c_at_a_plain_terminal_keeps_a_draft_too(talker: Talker) -> None:
    before = talker.entries
    screen = Screen(talker.home, *INTAKE, TERM="dumb")
    screen.until("地点:").type("3-2-501" + ENTER).until("报修内容:").type(CTRL_C)
    assert screen.end() == 130
    assert (talker.entries, len(talker.drafts)) == (before, 1)
    assert "Traceback" not in screen.text


def test_a_terminal_that_goes_away_leaves_what_was_said(talker: Talker) -> None:
    before = talker.entries
    screen = Screen(talker.home, *INTAKE)
    screen.until("地点:").type("3-2-501" + ENTER).until("报修内容:").type("漏水" + ENTER).until("报事人")
    screen.process.close(force=True)
    assert (talker.entries, len(talker.drafts)) == (before, 1)
    again = Screen(talker.home, *INTAKE)
    again.until("n ").type(ENTER)
    again.until("报事人").type(ESC)
    assert again.end() == 130


def test_nobody_is_asked_where_input_or_output_is_no_terminal(talker: Talker) -> None:
    env = {**os.environ, "PYTHONPATH": str(SOURCE), "REPAIRDESK_HOME": str(talker.home), "LANG": "zh_CN.UTF-8"}
    ran = subprocess.run(
        [sys.executable, "-m", "repairdesk.cli", *INTAKE], input=b"3-2-501\n", capture_output=True, env=env, check=False
    )
    assert (ran.returncode, ran.stdout) == (2, b"")
    screen = Screen(talker.home, *INTAKE, "--json")
    assert screen.end() == 2
    assert talker.drafts == []


@pytest.mark.parametrize("closed", ["<&-", ">&-", "<&- >&-"])
def test_a_closed_stream_is_no_terminal(talker: Talker, closed: str) -> None:
    env = {**os.environ, "PYTHONPATH": str(SOURCE), "REPAIRDESK_HOME": str(talker.home)}
    command = f"{sys.executable} -m repairdesk.cli intake --as C1 {closed}"
    ran = subprocess.run(["sh", "-c", command], capture_output=True, env=env, check=False)
    assert ran.returncode == 2
    assert b"Traceback" not in ran.stderr


def test_what_is_left_of_a_key_sequence_is_no_character(talker: Talker) -> None:
    screen = Screen(talker.home, *INTAKE)
    screen.until("地点:").process.send(b"\xff\xfe" + ENTER.encode())
    screen.until("地点:").type(ESC)
    assert screen.end() == 130
    assert "Traceback" not in screen.text


def test_a_day_of_signing_behind_a_terminal(talker: Talker) -> None:
    number = talker.one_that_is("finished", "水龙头滴水")
    screen = Screen(talker.home, "sign", "--as", "W1")
    screen.until("单号 [").type(ENTER).until("签字人 [").type(ENTER).until("评价:").type("1" + ENTER)
    screen.until(confirmation()).type(ENTER)
    assert screen.end() == 0
    assert talker.order(number)["rating"] == "very-satisfied"


def test_the_library_that_edits_lines_is_loaded_by_nobody_who_says_everything(talker: Talker) -> None:
    program = "import sys; from repairdesk.cli.__main__ import main; main(sys.argv[1:]); print(*sys.modules)"
    said = ["--kind", "in_home", "--place", "3-2-501", "--caller", "张伟", "--phone", "@1", "--fault", "漏水"]
    env = {**os.environ, "PYTHONPATH": str(SOURCE), "REPAIRDESK_HOME": str(talker.home)}
    ran = subprocess.run(
        [sys.executable, "-c", program, *INTAKE, *said, "--json"], capture_output=True, env=env, check=True, text=True
    )
    loaded = ran.stdout.split()
    assert not [name for name in loaded if name.startswith(("prompt_toolkit", "repairdesk.cli.talk", "asyncio"))]
    assert done("list", "--limit", "1")["orders"][0]["fault"] == "漏水"
    assert Path(talker.home).is_dir()
