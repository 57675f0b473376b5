"""``REPAIRDESK_DEBUG=time``: what a command spends its time on."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from repairdesk.cli import phases as measuring
from repairdesk.cli.phases import NAMES, Phases

SOURCE = Path(__file__).resolve().parents[2] / "src"
PERSONAL = ("张三", "13800138000", "3-2-501")


def run(home: Path, *arguments: str, debug: str | None = "time", lang: str = "en") -> subprocess.CompletedProcess[str]:
    env = {k: v for k, v in os.environ.items() if not k.startswith("REPAIRDESK_")}
    env |= {"PYTHONPATH": str(SOURCE), "REPAIRDESK_HOME": str(home), "REPAIRDESK_LANG": lang}
    if debug is not None:
        env["REPAIRDESK_DEBUG"] = debug
    command = [sys.executable, "-m", "repairdesk.cli", *arguments]
    command[2:3] = ["repairdesk.cli.__main__"]
    return subprocess.run(command, env=env, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("phases") / "desk"
    assert run(made, "init", "--home", str(made), debug=None).returncode == 0
    assert run(made, "staff", "add", "C1", "--name", "李客服", "--role", "clerk", debug=None).returncode == 0
    return made


def test_each_phase_is_told_on_stderr_and_none_of_what_was_said(home: Path) -> None:
    ran = run(home, "intake", "--kind", "in_home", "--place", "3-2-501", "--caller", "张三", "--phone", "13800138000",
              "--fault", "漏水", "--as", "C1", "--json")  # fmt: skip
    assert ran.returncode == 0
    assert ran.stdout.startswith("{")
    (line,) = ran.stderr.splitlines()
    parts = re.split("[,;] ", line.removeprefix("time (ms): "))
    told = {name: float(spent) for name, _, spent in (part.rpartition(" ") for part in parts)}
    whole = told.pop("in all")
    assert list(told) == list(NAMES.values())
    assert all(told[name] > 0 for name in ("interpreter", "imports", "ledger opened", "rules read", "verb"))
    assert abs(sum(told.values()) - whole) < 1
    assert not [word for word in PERSONAL if word in ran.stderr]


def test_a_refusal_is_measured_too_and_shows_no_traceback(home: Path) -> None:
    ran = run(home, "show", "P1", "--json")
    assert ran.returncode == 11
    assert "time (ms): " in ran.stderr.splitlines()[-1]
    assert "Traceback" not in ran.stderr


@pytest.mark.parametrize("debug", [None, "", "1"])
def test_nobody_who_did_not_ask_is_told(home: Path, debug: str | None) -> None:
    assert run(home, "list", debug=debug).stderr == ""


def test_what_interrupts_a_phase_is_taken_off_it(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([0.0, 1.0, 3.0, 7.0, 8.0])
    monkeypatch.setattr(measuring, "perf_counter", lambda: next(clock))
    monkeypatch.setattr(measuring, "process_time", lambda: 0.5)
    phases = Phases()
    phases.turn("verb")
    with phases.inside("rules"):
        pass
    phases.turn("answer")
    assert phases._spent == {"start": 0.5, "imports": 0.0, "parsing": 1.0, "rules": 4.0, "ledger": 0.0, "verb": 3.0,
                             "answer": 0.0}  # fmt: skip
