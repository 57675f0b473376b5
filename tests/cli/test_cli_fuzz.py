"""Commands made of real options and all sorts of values: whatever is typed, the contract holds.

The commands, their options and their arguments are read from the program itself, so that new ones join by themselves.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from desk_cli import CODES, STAFF, Clock, done, entries, run
from fuzzing import bounded
from typer._click import Command, Context

from repairdesk.cli import app

LEFT_OUT = ("demo", "init")
"""What makes desks of its own."""
SELDOM = ("fees", "policies", "verify")
"""What takes long and asks for little."""
NEEDED = {
    "intake": "kind place caller phone fault", "quote": "fee", "reschedule": "appointment reason", "support": "reason",
    "pause": "reason next_", "finish": "found result", "sign": "by rating", "cancel": "reason", "correct": "reason",
    "convert": "tracker reason", "log": "place contact phone content opinions plan", "check": "support",
    "exempt": "reason", "add": "name role", "duty": "from_ to", "start": "agreed_by",
}  # fmt: skip
"""What a careful typist says of each command, besides its arguments and who it is."""

NASTY = [
    "", " ", "%", "_", "'", '"', "\\", "--", "-", "-1", "=", ":", "@", "/", "..", "*", "{}", "{0}", "%s", "\0",
    "\ud800", "\x1b[0m", "a\nb", "\t", "\u202e", "NaN", "inf", "1e9", "0", "00", "９９９", "1" * 400, "漏水", "🚰",
    "x" * 20_000, "None", "null", "true", "P20261122-0001", "2026-11-24", "--json", "--help",
]  # fmt: skip
NUMBERS = [f"P20261122-{n:04}" for n in range(1, 16)] + ["X20261122-0001", "X20261122-0002", "0013", "1", "GHOST"]
TIMES = ["2026-11-24T08:00", "2026-11-22T07:00", "2026-11-24T09:00:00+08:00", "2027-01-01T00:00", "2026-11-24T00:30Z"]
PLACES = ["3-2-501", "３栋2单元501", "东门"]
WORDS = (
    "parts other taken-away absent satisfied dissatisfied fair in_home public_area help complaint emergency low "
    "regular phone patrol major medical clerk leader"
).split()
LIKELY: dict[str, list[str]] = {
    "number": NUMBERS, "numbers": NUMBERS, "follows": NUMBERS, "found_on": NUMBERS, "join": NUMBERS,
    "staff": [*STAFF, "GHOST"], "staff_id": [*STAFF, "NEW"],
    "as_": [*STAFF, "C1", "C1", "C1", "L1", "S1", "W1", "W1", "GHOST"],
    "with_": [*STAFF], "tracker": [*STAFF], "at": TIMES, "as_of": TIMES, "next_": TIMES, "from_": TIMES, "to": TIMES,
    "since": TIMES, "until": TIMES, "appointment": ["2026-11-24T10:00/12:00", "2026-11-24T12:00/2026-11-24T10:00"],
    "fee": ["10", "80.00", "500", "9999999.99", "0", "10000000"], "compensation": ["5.00", "-5"],
    "service": ["tap", "bulb:2", "bulb@09:00", "pipe-run:2", "door-refit", "nosuch"],
    "material": ["led-9w", "led-9w:2", "阀:2:18.50", "阀:0:1", "nosuch"],
    "phone": ["13800138000", "13900139000", "0571-88886666", "abc"],
    "place": PLACES, "affects": PLACES, "category": ["plumbing", "electrical", "x"], "lang": ["zh", "en", "fr"],
    "fields": ["place=东门", "phone=13900139000", "fault=x", "class=other", "bogus=1", "found=="],
    "items": ["水泵"], "item": ["水泵"], "check": ["badge", "nosuch"], "disturbs": ["noise", "smell"],
    "limit": ["1", "0", "5"], "file": ["in.csv", "nosuch.csv", "."], "rejects": ["no.csv", "in.csv"],
    "map_": ["a=place", "b=fault", "a=x", "="], "ledger": ["ledger.db", "nosuch.db", "sqlite:///ledger.db", "x://y"],
    "home": [".", "nowhere"], "what": ["bill", "resolve", "nosuch"], "external_id": ["A-1", "A-2"],
    "kind": ["in_home", "in_home", "public_area", "complaint", "help"], "reason": [*WORDS[:4], "r"],
    "rating": WORDS[4:7],
}  # fmt: skip


def commands() -> Iterator[tuple[tuple[str, ...], Command]]:
    """Every command with the words that it is called by."""
    program = app.build()
    context = Context(program)
    for name in program.list_commands(context):
        command = program.get_command(context, name)
        assert command is not None
        inner = getattr(command, "commands", {})
        if name not in LEFT_OUT:
            if not inner:
                yield (name,), command
            for one in inner:
                yield (name, one), inner[one]


P = "P20261122-00"
FITS = {
    "intake": ("", "C1"), "assign": (P + "02", "C1"), "accept": (P + "10", "W2"), "arrive": (P + "10", "W2"),
    "start": (P + "10", "W2"), "support": (P + "11", "W1"), "pause": (P + "11", "W1"), "finish": (P + "11", "W1"),
    "sign": (P + "13", "W1"), "close": (P + "14", "L1"), "cancel": (P + "03", "C1"), "correct": (P + "04", "C1"),
    "convert": (P + "02", "L1"), "log": ("X20261122-0001", "C2"), "check": ("X20261122-0001", "L1"),
    "exempt": (P + "05", "L1"), "quote": (P + "05", "S1"), "consent": (P + "05", "C1"), "reschedule": (P + "02", "C1"),
}  # fmt: skip
"""An order on which the command may well be right, and who gives it."""


class Typist:
    """Types commands: mostly sensible ones, with something wrong in them here and there."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._commands = list(commands())
        self._careful = True
        self._fits: tuple[str, str] | None = None

    def _value(self, name: str) -> str:
        if self._fits and name in ("number", "as_"):
            return self._fits[name == "as_"]
        likely = LIKELY.get(name, WORDS)
        return self._random.choice(likely if self._careful or self._random.random() < 0.7 else NASTY)

    def _arguments(self, parameter: Any) -> list[str]:
        if parameter.param_type_name == "argument":
            return [self._value(parameter.name) for _ in range(1 if parameter.nargs == 1 else 2)]
        option = self._random.choice(parameter.opts)
        return [option] if parameter.is_flag else [option, self._value(parameter.name)]

    def _chance(self, command: str, parameter: Any) -> float:
        name = parameter.name or ""
        rare = {"home": 0.02, "ledger": 0.02, "lang": 0.03, "help": 0.01, "at": 0.03 if self._careful else 0.2}
        if name in rare:
            return rare[name]
        if name in ("as_", "json_"):
            return 0.95 if name == "as_" else 0.5
        if parameter.param_type_name == "argument" or name in NEEDED.get(command, "").split():
            return 1.0 if self._careful else 0.9
        return 0.03 if self._careful else 0.3

    def line(self) -> tuple[str, ...]:
        """One command line."""
        words, command = self._random.choice(self._commands)
        while words[0] in SELDOM and self._random.random() < 0.97:
            words, command = self._random.choice(self._commands)
        self._careful = self._random.random() < 0.6
        self._fits = FITS.get(words[-1]) if self._careful and self._random.random() < 0.7 else None
        parts = [
            self._arguments(parameter)
            for parameter in command.params
            if self._random.random() < self._chance(words[-1], parameter)
        ]
        if not self._careful:
            self._random.shuffle(parts)
        return (*words, *(text for part in parts for text in part))


def check(argv: tuple[str, ...], ledger: Path, before: int) -> int:
    """Run one line, and hold what the contract says of every line; answers with the number of entries after it."""
    lay = files(ledger.parent)
    with bounded(argv):
        result = run(*argv)
    assert result.exit_code in CODES, (argv, result.exit_code, result.err[-2000:])
    assert "Traceback" not in result.err, argv
    after = entries(ledger)
    if result.exit_code not in (0, 18):
        assert after == before, f"refused and written all the same: {argv}"
        assert files(ledger.parent) == lay, f"refused, and there are other files than before: {argv}"
        assert result.err or result.exit_code == 14, f"refused without a word: {argv}"
    if asks_for_json(argv) and "--help" not in argv:
        document = result if result.exit_code in (0, 14, 18) and result else result.err
        assert isinstance(json.loads(document), dict), argv
        if result.exit_code == 0:
            assert result.err == "", argv
    return after


def files(folder: Path) -> dict[str, int]:
    """What lies in the desk, and when it was last written."""
    return {str(one): one.stat().st_mtime_ns for one in folder.rglob("*") if one.is_file()}


def asks_for_json(argv: Sequence[str]) -> bool:
    """Whether ``--json`` stands there as itself, and not as the value of the option before it."""
    return any(
        word == "--json" and not before.startswith("--") for before, word in zip(("", *argv), argv, strict=False)
    )


@pytest.mark.parametrize("seed", range(4))
def test_whatever_is_typed_ends_in_a_code_of_the_contract_and_a_refusal_writes_nothing(
    seed: int, full_desk: Path, clock: Clock
) -> None:
    (full_desk / "in.csv").write_text("a,b,kind\n东门,灯,public_area\n西门,,public_area\n", encoding="utf-8")
    ledger = full_desk / "ledger.db"
    typist, count, begun = Typist(seed), entries(ledger), entries(ledger)
    for _ in range(400):
        count = check(typist.line(), ledger, count)
        clock.on(seconds=30)
    assert count > begun + 15, "a typist who gets nothing done finds nothing"
    assert done("verify")["ok"] is True


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 140))
def test_it_holds_for_many_more(seed: int, full_desk: Path, clock: Clock) -> None:
    test_whatever_is_typed_ends_in_a_code_of_the_contract_and_a_refusal_writes_nothing(seed, full_desk, clock)
