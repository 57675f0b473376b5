"""On a terminal a long command says how far it is; anywhere else nobody is told, and answers stay what they are."""

from __future__ import annotations

import csv
import os
import pty
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

ROWS = 1200


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("progress") / "desk"
    for line in (["init"], ["staff", "add", "C1", "--name", "甲", "--role", "clerk"]):
        assert command(home, *line).returncode == 0
    with (home.parent / "reports.csv").open("w", encoding="utf-8", newline="") as stream:
        out = csv.writer(stream)
        out.writerow(["kind", "place", "fault"])
        out.writerows(["public_area", f"大堂{n}", "灯不亮"] for n in range(ROWS))
    return home


def command(home: Path, *argv: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "REPAIRDESK_HOME": str(home), "REPAIRDESK_LANG": "en"}
    return subprocess.run(
        [sys.executable, "-m", "repairdesk.cli", *argv], capture_output=True, text=True, check=False, env=env
    )


def seen(home: Path, *argv: str) -> tuple[str, str]:
    """What a command says on a terminal that has its stderr alone, and on stdout."""
    ours, theirs = pty.openpty()
    env = {**os.environ, "REPAIRDESK_HOME": str(home), "REPAIRDESK_LANG": "en", "TERM": "xterm", "COLUMNS": "120"}
    # Rows in a file: down a pipe that nobody reads meanwhile they would wait for ever.
    with (
        tempfile.TemporaryFile() as rows,
        subprocess.Popen(
            [sys.executable, "-m", "repairdesk.cli", *argv], stdout=rows, stderr=theirs, env=env
        ) as process,
    ):
        os.close(theirs)
        said = b""
        while True:
            try:
                block = os.read(ours, 1 << 16)
            except OSError:  # Linux says so when the other end is closed
                break
            if not block:
                break
            said += block
        assert process.wait() == 0, said.decode()
        rows.seek(0)
        answer = rows.read().decode()
    os.close(ours)
    return said.decode(), answer


COMMANDS = {
    "import": ["import", "{folder}/reports.csv", "--as", "C1", "--dry-run", "--json"],
    "verify": ["verify", "--json"],
    "export": ["export", "entries", "--format", "jsonl"],
}


@pytest.mark.parametrize("name", COMMANDS)
def test_a_terminal_is_told_how_far_it_is_how_fast_and_how_long_it_still_takes(desk: Path, name: str) -> None:
    if name != "import":
        assert command(desk, "import", str(desk.parent / "reports.csv"), "--as", "C1").returncode == 0
    argv = [word.format(folder=desk.parent) for word in COMMANDS[name]]
    told, answer = seen(desk, *argv)
    assert "/s" in told
    assert "0:00:00" in told or "-:--:--" in told
    assert told.endswith("\x1b[2K") or "\x1b[?25h" in told, "the cursor comes back"
    assert answer
    assert "/s" not in answer.replace("public_area/s", "")


@pytest.mark.parametrize("name", COMMANDS)
def test_nobody_is_told_where_there_is_no_terminal(desk: Path, name: str) -> None:
    argv = [word.format(folder=desk.parent) for word in COMMANDS[name]]
    done = command(desk, *argv)
    assert done.returncode == 0
    assert "\x1b" not in done.stderr
    assert "/s" not in done.stderr
