"""Readers that go away, streams that are closed, and rule files looked at beside a ledger in use."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from desk_cli import refused, run


def shell(line: str, desk: Path) -> subprocess.CompletedProcess[str]:
    """A line of bash in which ``$R`` is the program on this desk."""
    program = f"{sys.executable} -c 'from repairdesk.cli.__main__ import run; run()'"
    return subprocess.run(
        ["bash", "-c", f'R() {{ {program} "$@" --home {desk}; }}; {line}'], capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("line", ["R fees list | true; exit ${PIPESTATUS[0]}", "R fees list >&-", "R fees list 2>&-"])
def test_a_reader_that_goes_away_makes_no_failure(desk: Path, line: str) -> None:
    done = shell(line, desk)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr


def test_a_refusal_keeps_its_code_where_nobody_hears_it(desk: Path) -> None:
    assert shell("R show nope 2>&-", desk).returncode == 11


@pytest.mark.rule("REC-4")
def test_check_refuses_a_changed_version_as_every_command_does(desk: Path) -> None:
    path = desk / "policies.yaml"
    path.write_text(path.read_text().replace("late_after: 15m", "late_after: 16m"))
    for argv in (("policies", "check"), ("list",)):
        (problem,) = refused(13, *argv)["problems"]
        assert (problem["file"], problem["key"]) == ("policies.yaml", "version")
        assert path.read_text().splitlines()[problem["line"] - 1].startswith("version:")


def test_the_mistakes_of_both_rule_files_are_told_at_once(desk: Path) -> None:
    policies, fees = desk / "policies.yaml", desk / "fees.yaml"
    policies.write_text(policies.read_text().replace("late_after: 15m", "late_after: 15mm"))
    fees.write_text(fees.read_text().replace("currency: CNY", "currency: CNY\nmoney: none"))
    assert {problem["file"] for problem in refused(13, "list")["problems"]} == {"policies.yaml", "fees.yaml"}


def test_a_look_waits_no_longer_than_it_is_told(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REPAIRDESK_WAIT", "0")
    lock = subprocess.Popen(
        [sys.executable, "-c", "import sqlite3, sys; d = sqlite3.connect(sys.argv[1], isolation_level=None); "
         "d.execute('BEGIN EXCLUSIVE'); print(1, flush=True); sys.stdin.read(); d.close()", str(desk / "ledger.db")],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    assert lock.stdout is not None
    lock.stdout.readline()
    try:
        assert run("verify").exit_code == 15
    finally:
        lock.communicate()
