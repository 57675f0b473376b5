"""Readers that go away, streams that are closed, and rule files looked at beside a ledger in use."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import threading
import tty
from pathlib import Path

import pytest
from desk_cli import IN_HOME, done, refused, run

from repairdesk.batch.whole import is_stream


def shell(line: str, desk: Path) -> subprocess.CompletedProcess[str]:
    """A line of bash in which ``$R`` is the program on this desk."""
    program = f"{sys.executable} -c 'from repairdesk.cli.__main__ import run; run()'"
    return subprocess.run(
        ["bash", "-c", f'R() {{ {program} "$@" --home {desk}; }}; {line}'], capture_output=True, text=True, check=False
    )


@pytest.mark.sqlite
@pytest.mark.parametrize("line", ["R fees list | true; exit ${PIPESTATUS[0]}", "R fees list >&-", "R fees list 2>&-"])
def test_a_reader_that_goes_away_makes_no_failure(desk: Path, line: str) -> None:
    done = shell(line, desk)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.sqlite
def test_a_refusal_keeps_its_code_where_nobody_hears_it(desk: Path) -> None:
    assert shell("R show nope 2>&-", desk).returncode == 11


@pytest.mark.sqlite
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device here is always full")
@pytest.mark.parametrize("line", ["R list --help", "R fees list", "R fees list --json", "R show nope"])
def test_an_answer_that_finds_no_room_is_refused_once(desk: Path, line: str) -> None:
    done = shell(f"{line} > /dev/full", desk)
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr
    assert done.returncode == (11 if "nope" in line else 17)
    assert done.stderr.count("cannot be written out") == (0 if "nope" in line else 1)


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


@pytest.mark.sqlite
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


NOW = ("--at", "2026-11-24T09:00")
"""A slip says when it was printed, and a process of its own has another clock."""


@pytest.fixture
def slip(desk: Path) -> tuple[str, str]:
    """An order, and its slip as it is printed."""
    number = done("intake", *IN_HOME, "--as", "C1")["number"]
    return number, str(run("print", number, "--as", "C1", *NOW)).rstrip("\n")


def test_a_file_for_out_goes_by_the_umask_and_one_that_is_replaced_keeps_its_mode(
    slip: tuple[str, str], tmp_path: Path
) -> None:
    path, mask = tmp_path / "slip.txt", os.umask(0o022)
    os.umask(mask)
    for mode in (0o666 & ~mask, 0o604):
        done("print", slip[0], "--as", "C1", *NOW, "--out", str(path))
        assert (stat.S_IMODE(path.stat().st_mode), path.read_text().rstrip("\n")) == (mode, slip[1])
        path.chmod(0o604)


def test_out_through_a_link_replaces_what_it_points_to(slip: tuple[str, str], tmp_path: Path) -> None:
    link, path = tmp_path / "link.txt", tmp_path / "slip.txt"
    link.symlink_to("slip.txt")
    for before in (None, "before"):
        if before:
            path.write_text(before)
        done("print", slip[0], "--as", "C1", *NOW, "--out", str(link))
        assert link.is_symlink()
        assert path.read_text().rstrip("\n") == slip[1]


@pytest.mark.sqlite
@pytest.mark.rule("REC-1")
def test_out_through_a_link_spares_the_ledger(slip: tuple[str, str], desk: Path, tmp_path: Path) -> None:
    (tmp_path / "link.txt").symlink_to(desk / "ledger.db")
    refused(2, "print", slip[0], "--as", "C1", *NOW, "--out", str(tmp_path / "link.txt"))
    assert run("verify").exit_code == 0


def test_out_to_a_pipe_goes_down_the_pipe(slip: tuple[str, str], tmp_path: Path) -> None:
    path, got = tmp_path / "pipe", []
    os.mkfifo(path)
    reader = threading.Thread(target=lambda: got.append(path.read_text()), daemon=True)
    reader.start()
    done("print", slip[0], "--as", "C1", *NOW, "--out", str(path))
    assert stat.S_ISFIFO(path.stat().st_mode)
    reader.join(10)
    assert got[0].rstrip("\n") == slip[1]


def test_out_to_a_device_is_written_and_the_device_stays(slip: tuple[str, str]) -> None:
    # A terminal of our own: nobody can replace anything in its folder, whatever goes wrong.
    ours, theirs = os.openpty()
    tty.setraw(theirs)
    try:
        path = Path(os.ttyname(theirs))
        done("print", slip[0], "--as", "C1", *NOW, "--out", str(path))
        assert stat.S_ISCHR(path.stat().st_mode)
        assert os.read(ours, 4096).decode("utf-8", "ignore")[:100] == slip[1][:100]
    finally:
        os.close(theirs)
        os.close(ours)


def test_stdout_is_written_to_by_any_name_also_where_it_goes_to_a_file() -> None:
    # Only asked: who runs the tests may be one who could replace what stands in /dev.
    assert all(is_stream(Path(name)) for name in ("/dev/stdout", "/dev/stderr", "/dev/fd/1", "/proc/self/fd/2"))


@pytest.mark.sqlite
@pytest.mark.parametrize("name", ["/proc/self/fd/1", "/dev/fd/1"])
@pytest.mark.parametrize("way", ["| cat", ">> {file}; cat {file}"])
def test_out_to_stdout_stands_between_what_else_goes_there(
    slip: tuple[str, str], desk: Path, tmp_path: Path, name: str, way: str
) -> None:
    file = tmp_path / "all.txt"
    file.write_text("before\n")
    said = shell(f"R print {slip[0]} --as C1 {' '.join(NOW)} --out {name} {way.format(file=file)}", desk).stdout
    assert slip[1] in said
    assert said.rstrip().endswith(name)
    assert said.startswith("before\n") == ("all" in way.format(file=file))


@pytest.mark.sqlite
def test_a_pipe_whose_reader_goes_away_makes_no_failure(slip: tuple[str, str], desk: Path) -> None:
    done_ = shell(f"R print {slip[0]} --as C1 {' '.join(NOW)} --out /dev/fd/1 | true; exit ${{PIPESTATUS[0]}}", desk)
    assert (done_.returncode, "Traceback" in done_.stderr) == (0, False)


def test_out_to_what_can_take_no_text_is_refused_and_left(slip: tuple[str, str], tmp_path: Path) -> None:
    path = tmp_path / "socket"
    os.mknod(path, stat.S_IFSOCK | 0o600)
    refused(2, "print", slip[0], "--as", "C1", *NOW, "--out", str(path))
    assert stat.S_ISSOCK(path.stat().st_mode)


@pytest.mark.sqlite
@pytest.mark.parametrize("line", ["batch -", "import -", "household import - --as C1", "fees import -", "staff pin C1"])
def test_a_stdin_that_is_closed_is_refused(line: str, desk: Path) -> None:
    ended = shell(f"R {line} <&-", desk)
    assert ended.returncode == 2, ended.stderr
    assert "Traceback" not in ended.stderr
    assert "REPAIRDESK_DEBUG" not in ended.stderr


@pytest.mark.sqlite
def test_a_batch_whose_reader_goes_away_with_lines_undone_says_so(desk: Path, tmp_path: Path) -> None:
    (tmp_path / "lines").write_text('{"do": "staff list"}\n' * 2000)
    ended = shell(f"R batch {tmp_path / 'lines'} | head -1 >/dev/null; exit ${{PIPESTATUS[0]}}", desk)
    assert ended.returncode == 18
    assert "Traceback" not in ended.stderr
    assert ended.stderr.strip()
