"""Who waits for the ledger is told what for; who only looks, or is asked something, keeps nobody waiting."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep

import pytest
from desk_cli import PUBLIC, done, refused, run

import repairdesk
from repairdesk.batch.importing import Plan
from repairdesk.batch.importing import run as imported
from repairdesk.desk import By, Desk
from repairdesk.ledger import connection, database, holders
from repairdesk.ledger.session import Session

pytestmark = pytest.mark.sqlite
"""Of who holds a server's, ``tests/postgres`` tells."""
SOURCE = str(Path(repairdesk.__file__).parents[1])
HOLDS = """
import sqlite3, sys
held = sqlite3.connect(sys.argv[1], isolation_level=None)
held.execute(sys.argv[2])
held.execute("SELECT count(*) FROM sqlite_schema").fetchone()
print("held", flush=True)
sys.stdin.read()
held.close()
"""
PROGRAM = [sys.executable, "-m", "repairdesk.cli"]
MANY = 700
FULL = 30_000
"""Bytes that a pipe of 64 KiB holds at least when it is full: each piece has pages of its own."""


@contextmanager
def held(ledger: Path, how: str = "BEGIN EXCLUSIVE", *words: str) -> Iterator[subprocess.Popen[str]]:
    """Another process has the ledger; ``words`` are what else stands on its command line."""
    command = [sys.executable, "-c", HOLDS, str(ledger), how, *words]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        try:
            yield other
        finally:
            other.communicate()


def environment(home: Path, **more: str) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": SOURCE, "REPAIRDESK_HOME": str(home), "REPAIRDESK_LANG": "en", **more}


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two seconds pass in a twentieth of one."""
    monkeypatch.setattr(connection, "TELL_SECONDS", 0.05)
    monkeypatch.setenv("REPAIRDESK_WAIT", "0.6")


def test_two_seconds_are_what_it_takes_and_thirty_the_limit() -> None:
    assert (connection.TELL_SECONDS, connection.WAIT_SECONDS) == (2.0, 30.0)


@pytest.mark.parametrize("how", ["BEGIN EXCLUSIVE", "BEGIN IMMEDIATE", "BEGIN"])
def test_who_waits_is_told_once_what_for_and_after_the_limit_it_is_fifteen(
    desk: Path, soon: None, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    """A writer waits for others that write, and to keep what it wrote for others that read."""
    monkeypatch.setattr(connection, "_GLANCE_SECONDS", 0.05)
    with held(desk / "ledger.db", how) as other:
        result = run("intake", *PUBLIC, "--as", "C1")
    assert (result.exit_code, str(result)) == (15, "")
    told, refusal = result.err.splitlines()
    assert re.fullmatch(rf"waiting for \S+ \(\S+, {other.pid}\) to let go of the ledger; giving up after 0.6 s", told)
    assert refusal.endswith("gave up after 0.6 s: try again, or wait longer (REPAIRDESK_WAIT)")
    assert f"{other.pid})" in refusal
    assert done("list")["total"] == 0, "what could not be kept is not there"


def test_who_looks_waits_for_a_writer_and_is_told_too(desk: Path, soon: None) -> None:
    with held(desk / "ledger.db"):
        assert run("list").err.startswith("waiting for ")
        assert run("verify").err.count("waiting for ") == 1


def test_who_waits_is_told_in_the_own_language(desk: Path, soon: None) -> None:
    with held(desk / "ledger.db"):
        told = run("list", "--lang", "zh").err.splitlines()[0]
    assert "0.6" in told
    assert not re.search(r"waiting|ledger", told)


def test_a_script_that_asks_for_documents_reads_the_refusal_alone(desk: Path, soon: None) -> None:
    with held(desk / "ledger.db") as other:
        refusal = refused(15, "intake", *PUBLIC, "--as", "C1")
    assert [one["process"] for one in refusal["held_by"]] == [other.pid]


def test_what_is_got_in_time_is_answered_as_ever_beside_what_was_told(
    desk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "TELL_SECONDS", 0.05)
    with held(desk / "ledger.db") as other:
        monkeypatch.setattr(database, "waiting", None)  # a command puts its own there

        def lets_go(path: Path, seconds: float) -> None:
            other.communicate()

        monkeypatch.setattr("repairdesk.cli.waiting.tell", lets_go)
        result = run("intake", *PUBLIC, "--as", "C1")
    assert result.exit_code == 0, result.err
    assert done("list")["total"] == 1


def test_a_command_is_told_by_its_verb_and_never_by_what_was_typed_besides(desk: Path, soon: None) -> None:
    with held(desk / "ledger.db", "BEGIN EXCLUSIVE", "/usr/bin/repairdesk", "--home", "/x", "intake", "--phone",
              "13800138000"):  # fmt: skip
        said = run("list").err
    assert "repairdesk intake (" in said
    assert "13800138000" not in said


def test_where_nobody_can_tell_who_has_it_they_are_others(
    desk: Path, soon: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(holders, "LOCKS", tmp_path / "nowhere")
    with held(desk / "ledger.db"):
        assert run("list").err.startswith("waiting for others to let go")
        assert refused(15, "list")["held_by"] == []


def test_ctrl_c_ends_a_wait_at_once(desk: Path) -> None:
    with (
        held(desk / "ledger.db"),
        subprocess.Popen([*PROGRAM, "list"], env=environment(desk), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                         text=True) as waits,
    ):  # fmt: skip
        assert waits.stderr is not None
        assert waits.stderr.readline().startswith("waiting for ")
        begun = monotonic()
        waits.send_signal(signal.SIGINT)
        assert waits.wait(25) == 130, "long before the limit of 30 s"
        assert monotonic() - begun < 25


def test_a_line_of_a_batch_waits_no_longer_than_a_command(desk: Path) -> None:
    """A kept connection that is refused was opened anew, and waited for a second time."""
    session = Session(desk / "ledger.db", wait_seconds=0.5)
    told: list[float] = []
    with session.read() as reader:
        reader.head()
    with held(desk / "ledger.db"), pytest.MonkeyPatch.context() as patch:
        patch.setattr(connection, "TELL_SECONDS", 0.1)
        patch.setattr(database, "waiting", lambda who, seconds: told.append(seconds))
        with pytest.raises(connection.Busy), session.read():
            pass
    assert told == [0.5]
    session.close()


# --- nobody is kept waiting by somebody who reads an answer, or is asked something


@pytest.fixture
def busy_desk(desk: Path) -> Path:
    """A desk with more orders than a pipe holds."""
    file = desk.parent / "many.csv"
    rows = "".join(f"public_area,大堂{n},灯不亮 {'又坏了' * 20}\n" for n in range(MANY))
    file.write_text("kind,place,fault\n" + rows, encoding="utf-8")
    from repairdesk.cli import common

    assert imported(Desk(desk, common.clock), By("C1", "keyboard"), file, Plan()).accepted == MANY
    return desk


LONG = {
    "list": ["list", "--limit", "9999"],
    "list in one document": ["list", "--limit", "9999", "--json"],
    "board": ["board", "--limit", "9999"],
    "export": ["export", "--format", "jsonl"],
    "export of entries": ["export", "entries"],
}


def in_pipe(stream: int) -> int:
    """How many bytes wait in a pipe."""
    return int(struct.unpack("i", fcntl.ioctl(stream, termios.FIONREAD, b"\0" * 4))[0])


@pytest.mark.parametrize("name", LONG)
def test_an_answer_that_nobody_reads_keeps_no_writer_waiting(
    busy_desk: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in a pager that stands open over lunch: the pipe is full, and the command still runs."""
    monkeypatch.setenv("REPAIRDESK_WAIT", "1")
    with subprocess.Popen([*PROGRAM, *LONG[name]], env=environment(busy_desk), stdout=subprocess.PIPE) as reads:
        assert reads.stdout is not None
        full = reads.stdout.fileno()
        seen = [0]
        while reads.poll() is None and not (len(seen) > 6 and len({*seen[-6:]}) == 1 and seen[-1] > FULL):
            sleep(0.1)
            seen.append(in_pipe(full))
        assert reads.poll() is None
        done("intake", *PUBLIC, "--new", "--as", "C1")
        assert len(reads.stdout.read()) > 0
        assert reads.wait(60) == 0


@contextmanager
def at_a_terminal(argv: list[str], home: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A command on a terminal, once it has said something and waits."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [*PROGRAM, *argv], env=environment(home, TERM="xterm"), stdin=theirs, stdout=theirs, stderr=theirs,
        start_new_session=True, preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
    )  # fmt: skip
    os.close(theirs)
    said = b""
    try:
        # It has had its say once nothing comes any more.
        while select.select([ours], [], [], 0.5 if said else 60)[0]:
            try:
                said += os.read(ours, 4096)
            except OSError:  # the other end was closed
                break
        assert process.poll() is None, said.decode(errors="replace")
        yield process
    finally:
        process.kill()
        process.wait()
        os.close(ours)


STANDING = {
    "a PIN": ["staff", "pin", "L1", "--as", "L1"],
    "a board that stands there": ["board", "--watch"],
    "a talk about a report": ["intake", "--as", "C1"],
    "a talk about whom to send": ["assign", "--as", "C1"],
}


@pytest.mark.parametrize("name", STANDING)
def test_what_waits_for_somebody_at_a_terminal_keeps_no_writer_waiting(
    desk: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    done("intake", *PUBLIC, "--new", "--as", "C1", "--at", "2026-11-22T08:30")
    monkeypatch.setenv("REPAIRDESK_WAIT", "1")
    with at_a_terminal(STANDING[name], desk) as process:
        done("intake", *PUBLIC, "--new", "--as", "C1")
        assert process.poll() is None


def test_the_limit_is_the_variable_of_the_manual(desk: Path) -> None:
    """Cron that is told nothing of a short wait, and fifteen of a long one, with one document."""
    with held(desk / "ledger.db"):
        ran = subprocess.run(
            [*PROGRAM, "escalate", "--json"], env=environment(desk, REPAIRDESK_WAIT="0.2"), capture_output=True,
            text=True, check=False,
        )  # fmt: skip
    assert (ran.returncode, ran.stdout) == (15, "")
    assert json.loads(ran.stderr)["error"]["kind"] == "busy"
