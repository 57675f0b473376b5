"""What stands on a terminal: widths from 60 to 200, both languages, colours, dumb terminals, pagers and pipes."""

from __future__ import annotations

import io
import json
import os
import re
import stat
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import pytest
from desk_cli import IN_HOME, PUBLIC, done, run

from repairdesk import locale
from repairdesk.cli import app, common, screen
from repairdesk.cli.__main__ import main
from repairdesk.cli.render import words
from repairdesk.locale.width import width
from tools_needed import needs_module

AT = ("--at", "2026-10-31T20:40")
TABLES = (
    "list --limit 500", "list --limit 10", "board", "staff list", "fees list", "policies show", "household list",
    "calendar show", "callback due", "callback plan --month 2026-10", "slips", "report month --month 2026-10",
    "report finance --month 2026-10", "report finance --arrears", "report staff --month 2026-10",
    "report faults --month 2026-10", "report callbacks --month 2026-10", "report complaints --month 2026-10",
    "report help --month 2026-10", "report clocks --month 2026-10",
)  # fmt: skip
TEXTS = ("show {n}", "show {n} --entries", "why {n}", "doctor", "show nothing", "policies check")


class Terminal(io.StringIO):
    """A stream that says that somebody sees it."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


@pytest.fixture(scope="module")
def month(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The demo's desk, and an order with a bill."""
    home = tmp_path_factory.mktemp("demo") / "desk"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("REPAIRDESK_LANG", "zh")
        assert run("demo", "--orders", "60", "--keep", str(home)).exit_code == 0
    listed = run("list", "--home", str(home), "--state", "archived", "--limit", "1", "--json").json
    return home, listed["orders"][0]["number"]


@pytest.fixture
def typed(month: tuple[Path, str], monkeypatch: pytest.MonkeyPatch) -> Any:
    """A command typed at a terminal of so many columns: what stands there, without colours and with them."""
    home, number = month
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)

    def typing(command: str, columns: int, language: str, **env: str) -> str:
        monkeypatch.setenv("COLUMNS", str(columns))
        monkeypatch.setenv("REPAIRDESK_LANG", language)
        for name, value in env.items():
            monkeypatch.setenv(name, value)
        out = Terminal()
        words = command.format(n=number).split()
        at = () if words[0] in ("fees", "policies", "household", "calendar") else AT
        with redirect_stdout(out), redirect_stderr(Terminal()):
            main([*words, "--home", str(home), *at])
        return out.getvalue()

    return typing


def bare(text: str) -> list[str]:
    """The lines, as they stand there."""
    return re.sub(r"\x1b\[[0-9;]*m", "", text).splitlines()


def below(lines: list[str], width_of: Any) -> list[tuple[str, int]]:
    """Of each table its head, and how many lines as wide as its stroke follow it: what is drawn fills each line."""
    found = []
    for n, line in enumerate(lines):
        if set(line.strip()) == {"─"}:
            rows = 0
            while n + rows + 1 < len(lines) and width_of(lines[n + rows + 1]) == width_of(line):
                rows += 1
            assert width_of(lines[n - 1]) == width_of(line), (lines[n - 1], line)
            found.append((lines[n - 1], rows))
    return found


ROWS = ("list --limit 10", "staff list", "fees list", "policies show", "household list")
"""Nothing but a table: it has at least as many lines as rows."""
WIDTHS = [
    (60, "zh"), (80, "en"),
    *(pytest.param(columns, language, marks=pytest.mark.slow) for columns, language in
      ((60, "en"), (80, "zh"), (120, "zh"), (120, "en"), (200, "zh"), (200, "en"))),
]  # fmt: skip


@pytest.mark.parametrize(("columns", "language"), WIDTHS)
def test_no_table_is_wider_than_the_terminal_and_its_lines_are_of_one_width(
    typed: Any, month: tuple[Path, str], columns: int, language: str
) -> None:
    needs_module("wcwidth")
    from wcwidth import wcswidth

    drawn = 0
    for command in TABLES:
        lines = bare(typed(command, columns, language))
        assert [line for line in lines if wcswidth(line) > columns] == [], command
        tables = below(lines, wcswidth)
        drawn += len(tables)
        if command in ROWS:
            rows = len(run(*command.split(), "--home", str(month[0])).splitlines()) - 1
            assert sum(count for _, count in tables) >= rows - (command == "policies show"), command
    assert drawn >= 8


@pytest.mark.parametrize(("columns", "language"), WIDTHS)
def test_no_line_of_an_answer_is_wider_than_the_terminal(typed: Any, columns: int, language: str) -> None:
    needs_module("wcwidth")
    from wcwidth import wcswidth

    for command in TEXTS:
        # A command that mends something stays in one piece, to be copied.
        lines = [line for line in bare(typed(command, columns, language)) if not line.startswith("    → repairdesk ")]
        assert [line for line in lines if wcswidth(line) > columns] == [], command


@pytest.mark.parametrize("language", ["zh", "en"])
def test_what_matters_stays_on_a_narrow_terminal(typed: Any, language: str) -> None:
    for columns in (60, 80, 120):
        board = "\n".join(bare(typed("board --limit 5", columns, language)))
        assert re.search(r"\d\d-\d\d \d\d:\d\d", board), "when it is due"
        assert re.search(r"[PX]2026\d{4}-\d{4}", board), "which order"
        listed = "\n".join(bare(typed("list --limit 5", columns, language)))
        assert len(re.findall(r"[PX]2026\d{4}-\d{4}", listed)) == 5


# --- colours


def test_a_colour_says_what_words_say_too(typed: Any) -> None:
    text = typed("board", 100, "en")
    assert "\x1b[31m" in text
    coloured = re.findall(r"\x1b\[31m([^\x1b]+)", text)
    assert {one.strip() for one in coloured if not re.match(r"\d", one)} <= {"missed"} | {
        one.strip() for one in coloured if one.startswith("Attention")
    }
    assert bare(text) == bare(typed("board", 100, "en", NO_COLOR="1"))


@pytest.mark.parametrize("command", ["board", "list", "show {n}", "doctor"])
def test_who_wants_no_colours_gets_none(typed: Any, command: str) -> None:
    assert not re.search(r"\x1b\[[0-9;]*3[0-9]", typed(command, 100, "en", NO_COLOR="1"))


@pytest.mark.parametrize("command", ["board", "list", "show {n}", "fees list", "report month --month 2026-10"])
def test_a_dumb_terminal_gets_plain_lines_that_fit(typed: Any, command: str) -> None:
    needs_module("wcwidth")
    from wcwidth import wcswidth

    text = typed(command, 80, "zh", TERM="dumb")
    assert "\x1b" not in text
    assert "─" not in text
    assert max(wcswidth(line) for line in text.splitlines()) <= 80


def test_a_pipe_gets_every_word_whole_and_no_lines(month: tuple[Path, str]) -> None:
    said = str(run("list", "--home", str(month[0]), "--limit", "500"))
    assert "\x1b" not in said
    assert "─" not in said
    assert "…" not in said
    assert {line.count("\t") for line in said.splitlines()} == {7}


# --- pagers


@pytest.fixture
def sitting(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Somebody at a terminal of ten lines, whose pager keeps what it is given."""
    kept = tmp_path / "kept"
    pager = tmp_path / "pager"
    pager.write_text(f'#!/bin/sh\ncat > {kept}\necho "$LESS $LESSCHARSET" > {kept}.how\n', encoding="utf-8")
    pager.chmod(pager.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setattr(sys, "stdin", Terminal())
    monkeypatch.setenv("PAGER", str(pager))
    monkeypatch.setenv("LINES", "10")
    monkeypatch.delenv("LESS", raising=False)
    monkeypatch.delenv(screen.PAGER, raising=False)
    return kept


def test_a_long_answer_is_paged_and_a_short_one_is_not(typed: Any, sitting: Path) -> None:
    assert typed("fees list", 100, "zh") == ""
    assert "更换灯泡" in sitting.read_text(encoding="utf-8")
    assert sitting.with_name("kept.how").read_text() == "FRX utf-8\n"
    sitting.unlink()
    assert len(bare(typed("list --limit 2", 100, "zh", LINES="40"))) >= 3
    assert not sitting.exists()


@pytest.mark.parametrize("env", [{"PAGER": "cat"}, {"PAGER": ""}, {screen.PAGER: "cat"}, {"TERM": "dumb"}])
def test_who_wants_no_pager_has_none(typed: Any, sitting: Path, env: dict[str, str]) -> None:
    assert "更换灯泡" in typed("fees list", 100, "zh", **env)
    assert not sitting.exists()


def test_an_option_leaves_the_pager_out_and_json_never_has_one(typed: Any, sitting: Path) -> None:
    assert "更换灯泡" in typed("fees list --no-pager", 100, "zh")
    assert "更换灯泡" in typed("fees list --json", 100, "zh")
    assert not sitting.exists()


def test_a_pager_that_is_not_there_loses_nothing(typed: Any, sitting: Path) -> None:
    assert "更换灯泡" in typed("fees list", 100, "zh", PAGER="/no/such/pager -x")
    assert "更换灯泡" in typed("fees list", 100, "zh", PAGER="'unclosed")


def test_a_pager_that_is_left_early_is_no_failure(typed: Any, sitting: Path, tmp_path: Path) -> None:
    assert typed("list --limit 500 --json", 100, "zh")
    assert typed("fees list", 100, "zh", PAGER="true") == ""


@pytest.mark.sqlite
def test_nothing_is_held_while_somebody_reads(
    month: tuple[Path, str], typed: Any, sitting: Path, tmp_path: Path
) -> None:
    """While the pager shows it another terminal writes."""
    ledger = month[0] / "ledger.db"
    writes = tmp_path / "writes"
    writes.write_text(
        f"#!{sys.executable}\nimport sqlite3, sys\nsys.stdin.read()\n"
        f"db = sqlite3.connect({str(ledger)!r}, timeout=0, isolation_level=None)\n"
        f"db.execute('BEGIN EXCLUSIVE')\nopen({str(sitting)!r}, 'w').write('free')\n",
        encoding="utf-8",
    )
    writes.chmod(0o755)
    typed("list --limit 500", 100, "zh", PAGER=str(writes))
    assert sitting.read_text() == "free"


def test_a_note_is_said_after_the_answer(
    month: tuple[Path, str], sitting: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("LINES", "40")
    monkeypatch.setenv("REPAIRDESK_LANG", "en")
    both = Terminal()
    with redirect_stdout(both), redirect_stderr(both):
        assert main(["list", "--limit", "2", "--home", str(month[0])]) == 0
    assert "--limit shows more" in both.getvalue().splitlines()[-1]


def test_a_refusal_after_a_part_of_the_answer_loses_nothing(sitting: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    out = Terminal()

    def failing() -> None:
        with screen.paged():
            sys.stdout.write("begun\n" * 50)
            raise ZeroDivisionError

    with redirect_stdout(out), pytest.raises(ZeroDivisionError):
        failing()
    assert out.getvalue() == "begun\n" * 50
    assert not sitting.exists()


def test_the_width_is_the_terminals_own_where_no_variable_says_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    monkeypatch.setattr(os, "get_terminal_size", lambda *_: os.terminal_size((77, 20)))
    assert screen.columns() == 77
    assert common.NO_PAGER is not None
    locale.use("en")


# --- help pages


def helped(words: str, columns: int, language: str, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The lines of a help page."""
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setenv("REPAIRDESK_LANG", language)
    monkeypatch.setenv("TERM", "xterm")
    out = Terminal()
    with redirect_stdout(out):
        assert main([*words.split(), "--help"]) == 0
    return bare(out.getvalue())


EVERY = [name for names in app.CHAPTERS.values() for name in names.split()]


@pytest.mark.parametrize(
    ("pages", "columns"),
    [
        (("", "intake", "staff"), 60), (("", "finish"), 200),
        *(pytest.param(tuple(EVERY), columns, marks=pytest.mark.slow) for columns in (60, 80, 120, 200)),
    ],
    ids=str,
)  # fmt: skip
@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_help_page_is_wider_than_the_terminal_nor_its_boxes_torn(
    pages: tuple[str, ...], columns: int, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    needs_module("wcwidth")
    from wcwidth import wcswidth

    for page in pages:
        lines = helped(page, columns, language, monkeypatch)
        assert [line for line in lines if wcswidth(line) > columns] == [], page
        framed = [line for line in lines if line[:1] in "╭│╰" and line.strip()]
        assert framed, page
        assert {wcswidth(line) for line in framed} == {columns}, page
        assert all(line.endswith(("╮", "│", "╯")) for line in framed), page
        assert [line for line in framed if re.search(r"[^…]… *│$", line)] == [], "nothing is cut off"


def test_a_narrow_list_says_what_is_urgent_and_begins_no_line_with_a_comma(typed: Any) -> None:
    lines = bare(typed("list --state reported --limit 100", 80, "zh")) + bare(typed("list --limit 100", 80, "zh"))
    cells = [cell for line in lines for cell in re.split(r"\s{2,}", line) if cell]
    assert not [cell for cell in cells if cell[0] in "，。；）"]
    wide = bare(typed("list --limit 100", 160, "zh"))
    assert "优先级" in " ".join(wide)
    assert "【急】" not in " ".join(wide)


def test_a_schema_is_written_out_as_it_is(typed: Any) -> None:
    assert json.loads(typed("policies schema", 60, "zh"))["properties"]


def test_a_list_without_people_says_so_to_whoever_sits_there(desk: Path, tmp_path: Path) -> None:
    run("init", "--home", str(tmp_path / "new"))
    said = run("staff", "list", "--home", str(tmp_path / "new"))
    assert (said, said.err) == ("", "nobody is registered yet: staff add ID --name NAME --role ROLE\n")


def test_people_are_listed_in_the_order_in_which_they_are_counted(desk: Path) -> None:
    run("staff", "add", "W10", "--name", "N", "--role", "technician", "--trade", "plumbing")
    ids = [one["id"] for one in done("staff", "list")["staff"]]
    assert ids.index("W2") < ids.index("W10")


def test_trades_are_called_by_their_names_where_a_person_is_answered(desk: Path) -> None:
    words = ("staff", "add", "W3", "--name", "赵", "--role", "technician", "--trade", "plumbing", "--trade", "locks")
    assert str(run(*words, "--lang", "zh")).endswith("给排水、门锁\n")
    assert done(*words)["trades"] == ["plumbing", "locks"]


def test_a_narrow_list_marks_an_emergency_and_what_can_wait(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done("intake", *IN_HOME, "--priority", "emergency", "--new", "--as", "C1")
    done("intake", *IN_HOME, "--priority", "low", "--new", "--as", "C1")
    done("intake", *PUBLIC, "--new", "--as", "C1")
    for columns, said in (("80", 1), ("160", 0)):
        monkeypatch.setenv("COLUMNS", columns)
        out = Terminal()
        with redirect_stdout(out):
            main(["list"])
        assert out.getvalue().count("URGENT") == out.getvalue().count("LOW") == said
    assert "URGENT" not in run("list")


def test_a_duty_on_the_board_is_no_name(typed: Any) -> None:
    assert "姓名" not in typed("board", 120, "zh")


def test_the_rows_of_a_handover_sheet_stand_below_each_other(typed: Any) -> None:
    sheet = typed("handover", 80, "en").split("-" * 80)
    for head in ("Overdue", "Promised until", "Slips not back"):
        title, *rows = next(part for part in sheet if part.strip().startswith(head)).strip("\n").split("\n")
        assert len(rows) == int(title.rpartition(" ")[2]) > 0
        people = [re.search(r" ([A-Z]\d .{2,3}|manager|supervisor|technician)(  |$)", row) for row in rows]
        assert len({width(row[: one.start()]) for row, one in zip(rows, people, strict=True) if one}) == 1, rows


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "0s"), (59, "59s"), (60, "1min"), (3_600, "1h"), (20_520, "5h 42min"), (90_061, "25h 1min 1s")],
)
def test_how_long_something_took_is_said_in_one_way(seconds: int, said: str) -> None:
    locale.use("en")
    assert words.duration(seconds) == said
