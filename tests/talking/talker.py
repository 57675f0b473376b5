"""Somebody at a terminal, in this process: keys go through a pipe to the library that edits lines."""

from __future__ import annotations

import io
import json
import re
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing, redirect_stderr, redirect_stdout
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput

from repairdesk.cli import common
from repairdesk.cli.__main__ import main
from repairdesk.cli.talk import terminal
from repairdesk.cli.talk.lineedit import LineEdit
from repairdesk.cli.talk.questions import Stopped

ZONE = ZoneInfo("Asia/Shanghai")
MORNING = datetime(2026, 11, 17, 9, 0, tzinfo=ZONE)
"""A Tuesday that lies behind the clock of every machine: some of these tests start the program itself."""
ENTER, ESC, CTRL_C, CTRL_D, CTRL_U, UP, TAB = "\r", "\x1b", "\x03", "\x04", "\x15", "\x1b[A", "\t"
STOPPED = 130
HOUSEHOLDS = "房号,姓名,电话\n3-2-501,张伟,13800138000\n3-2-502,李兰、王芳,13900139000、13700137000\n5-1-101,周平,\n"


class Clock:
    """Stands still until it is told to go on."""

    def __init__(self) -> None:
        self.now = MORNING

    def __call__(self) -> datetime:
        return self.now

    def reset(self) -> None:
        self.now = MORNING

    def on(self, **span: float) -> None:
        self.now += timedelta(**span)


CLOCK = Clock()


def run(*argv: str) -> tuple[int, str, str]:
    """A command that nobody is asked by."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = main(argv)
    return int(code), out.getvalue(), err.getvalue()


def done(*argv: str) -> Any:
    """The document of a command that has to succeed."""
    code, out, err = run(*argv, "--json")
    assert code == 0, (argv, err)
    return json.loads(out)


def found(home: Path) -> None:
    """The desk: its people, its households, an order in each state that is talked about."""
    at = ("--home", str(home))
    done("init", *at)
    people = {"C1": "clerk", "L1": "leader", "S1": "supervisor", "M1": "manager", "W2": "technician"}
    for staff, role in people.items():
        done("staff", "add", staff, "--name", f"{staff}员", "--role", role, *at)
    done("staff", "add", "W1", "--name", "赵师傅", "--role", "technician", "--trade", "plumbing", *at)
    (home / "list.csv").write_text(HOUSEHOLDS, encoding="utf-8")
    done("household", "import", str(home / "list.csv"), "--as", "C1", *at)
    (home / "list.csv").unlink()

    def taken(fault: str, place: str, *more: str) -> str:
        said = ["--kind", "in_home", "--place", place, "--caller", "周平", "--phone", "13600136000", "--fault", fault]
        number: str = done("intake", *said, *more, "--as", "C1", *at)["number"]
        return number

    # Taken in and left; started; finished; and one that was over a while ago.
    taken("卫生间漏水", "5-1-101", "--category", "plumbing")
    for fault, steps in (("灯不亮", 3), ("水龙头滴水", 4), ("马桶堵", 4)):
        number = taken(fault, "5-1-102", "--category", "general", "--new")
        verbs: list[list[str]] = [["assign", number, "W1", "--as", "C1"], ["accept", number, "--as", "W1"],
                                  ["start", number, "--as", "W1"],
                                  ["finish", number, "--found", fault, "--result", "修好了", "--as", "W1"]]  # fmt: skip
        for verb in verbs[:steps]:
            done(*verb, *at)


class Talker:
    """Types keys at commands that ask."""

    def __init__(self, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.home = home
        self._patch = monkeypatch
        self.seen = ""
        self.err = ""

    def keys(self, argv: Sequence[str], *typed: str) -> int:
        """A command, with these keys waiting; what was shown is ``seen``. Whoever types too little stops by it."""
        out, err = io.StringIO(), io.StringIO()
        with create_pipe_input() as source:
            edit = _Typing(source, re.findall(_PROMPT, "".join(typed)))
            self._patch.setattr(terminal, "asker", lambda: edit)
            self._patch.setattr(common.Call, "talks", property(lambda call: not call.json_))
            with redirect_stdout(out), redirect_stderr(err):
                code = main(argv)
        self.seen, self.err = out.getvalue(), err.getvalue()
        return int(code)

    def say(self, argv: Sequence[str], *answers: str) -> int:
        """A command, answered line by line without a terminal; an answer too few leaves it."""
        out, err = io.StringIO(), io.StringIO()
        self.asker = Scripted(answers)
        self._patch.setattr(terminal, "asker", lambda: self.asker)
        self._patch.setattr(common.Call, "talks", property(lambda call: not call.json_))
        with redirect_stdout(out), redirect_stderr(err):
            code = main(argv)
        self.seen, self.err = self.asker.told + out.getvalue(), err.getvalue()
        return int(code)

    @property
    def entries(self) -> int:
        with closing(sqlite3.connect(self.home / "ledger.db")) as db:
            return int(db.execute("SELECT count(*) FROM entries").fetchone()[0])

    @property
    def drafts(self) -> list[Path]:
        return sorted((self.home / "drafts").glob("*")) if (self.home / "drafts").exists() else []

    def newest(self) -> Any:
        """The order that was taken in last."""
        return done("list", "--limit", "1")["orders"][0]

    def order(self, number: str) -> Any:
        return done("show", number)

    def one_that_is(self, state: str, fault: str = "") -> str:
        """The number of an order in that state."""
        docs = done("list", "--state", state)["orders"]
        return str(next(doc["number"] for doc in docs if fault in doc["fault"]))


_PROMPT = r"[^\r\x03\x04\x1b]*(?:[\r\x03\x04]|\x1b(?:\[[A-Z])?)"
"""The keys that one prompt gets: up to Enter, or to what leaves it."""


class _Typing(LineEdit):
    """Types at each prompt what is meant for it: a key that came before its prompt would be another test."""

    def __init__(self, source: Any, keys: list[str]) -> None:
        super().__init__(terminal.tell, source=source, output=DummyOutput())
        self._source, self._keys_left = source, keys

    def ask(self, prompt: str, **more: Any) -> str:
        self._source.send_text(self._keys_left.pop(0) if self._keys_left else CTRL_C)
        return super().ask(prompt, **more)


class Scripted:
    """Answers that were written down beforehand; a Stopped or Back among them is raised."""

    edits = True

    def __init__(self, answers: Iterable[str | Exception]) -> None:
        self._answers = list(answers)
        self.told = ""
        self.prompts: list[str] = []
        self.given: list[str] = []

    def tell(self, lines: Iterable[str]) -> None:
        self.told += "".join(f"{line}\n" for line in lines)

    def ask(self, prompt: str, *, given: str = "", complete: Any = None) -> str:
        self.prompts.append(prompt)
        self.given.append(given)
        self.told += prompt + "\n"
        if not self._answers:
            raise Stopped(given)
        answer = self._answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer
