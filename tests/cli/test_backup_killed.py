"""A backup or a restore that is killed, at many moments: what has a name is whole, and the next run clears the rest.

The moments are what the interpreter says of itself (audit events): each file that is opened, linked, renamed or
removed, each folder made, each database opened. The child dies at the N-th of them, as by ``kill -9``.
"""

from __future__ import annotations

import os
import random
import resource
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from time import monotonic, sleep

import pytest
from desk_cli import PUBLIC, done, refused

import repairdesk

SOURCE = Path(repairdesk.__file__).parents[1]
CHILD = """
import os, signal, sys
from repairdesk.cli.__main__ import main
import repairdesk.cli.trust, repairdesk.desk.backing, repairdesk.desk.restoring, repairdesk.ledger.verify
left = int(sys.argv.pop(1))
EVENTS = ("open", "os.", "sqlite3.", "shutil.", "fcntl.", "tempfile.")
def watch(event, args):
    global left
    if event.startswith(EVENTS) and (event != "open" or not str(args[0]).endswith((".py", ".pyc"))):
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(watch)
code = main(sys.argv[1:])
if left < 0:
    print(-left, file=sys.stderr)
sys.exit(code)
"""


def child(moment: int, *argv: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "PYTHONPATH": str(SOURCE), "REPAIRDESK_LANG": "en"}
    return subprocess.run(
        [sys.executable, "-c", CHILD, str(moment), *argv], env=env, capture_output=True, text=True, timeout=120
    )


def moments(events: int, tries: int) -> list[int]:
    """So many moments, spread over all there are, and of the last ones, where names are taken, some more."""
    step, last = max(1, events // tries), max(2, tries // 5)
    return sorted({*range(1, events + 1, step), *range(max(1, events - last), events + 1)})


@pytest.fixture
def home(full_desk: Path, tmp_path: Path) -> Path:
    (tmp_path / "photo.jpg").write_bytes(b"\xff\xd8\xff\xe0" + b"photo" * 500)
    done("attach", "P20261122-0001", str(tmp_path / "photo.jpg"), "--as", "C1")
    return full_desk


def killed_backups(home: Path, tmp_path: Path, tries: int) -> int:
    folder = tmp_path / "away"
    folder.mkdir()
    killed = 0
    for moment in spread(("backup", str(tmp_path / "whole.tar"), "--home", str(home)), tries):
        target = folder / f"{moment}.tar"
        ran = child(moment, "backup", str(target), "--home", str(home))
        killed += ran.returncode == -signal.SIGKILL
        assert ran.returncode in (0, -signal.SIGKILL), ran.stderr
        if target.exists():
            done("restore", str(target), "--home", str(tmp_path / f"of-{moment}"))
            shutil.rmtree(tmp_path / f"of-{moment}")
        assert target.exists() or ran.returncode != 0
    done("backup", str(folder / "last.tar"), "--home", str(home))
    assert [path.name for path in folder.iterdir() if path.suffix != ".tar"] == [], "the next run clears what was left"
    assert done("verify", "--home", str(home))["ok"]
    return killed


def killed_restores(home: Path, tmp_path: Path, tries: int) -> int:
    away, folder = tmp_path / "away.tar", tmp_path / "desks"
    head = done("backup", str(away), "--home", str(home))["head"]
    folder.mkdir()
    killed = 0
    for moment in spread(("restore", str(away), "--home", str(tmp_path / "whole")), tries):
        target = folder / f"desk-{moment}"
        ran = child(moment, "restore", str(away), "--home", str(target))
        killed += ran.returncode == -signal.SIGKILL
        assert ran.returncode in (0, -signal.SIGKILL), ran.stderr
        if target.exists():
            assert done("verify", "--home", str(target))["head"] == head
            assert len(list((target / "attachments").rglob("*.jpg"))) == 1
    done("restore", str(away), "--home", str(folder / "last"))
    assert [path.name for path in folder.iterdir() if path.name.endswith(".half")] == []
    return killed


def spread(argv: tuple[str, ...], tries: int) -> list[int]:
    """Moments for such a command: it is run once without being killed, to learn how many there are."""
    ran = child(0, *argv)
    assert ran.returncode == 0, ran.stderr
    return moments(int(ran.stderr.split()[-1]), tries)


@pytest.mark.sqlite
@pytest.mark.rule("REC-1")
def test_a_backup_that_is_killed_leaves_nothing_under_its_name_or_a_whole_one(home: Path, tmp_path: Path) -> None:
    assert killed_backups(home, tmp_path, 3) >= 4


@pytest.mark.sqlite
@pytest.mark.rule("REC-1")
def test_a_restore_that_is_killed_leaves_no_desk_or_a_whole_one(home: Path, tmp_path: Path) -> None:
    assert killed_restores(home, tmp_path, 3) >= 4


@pytest.mark.sqlite
@pytest.mark.slow
def test_backups_killed_at_a_hundred_moments(home: Path, tmp_path: Path) -> None:
    assert killed_backups(home, tmp_path, 100) >= 40


@pytest.mark.sqlite
@pytest.mark.slow
def test_restores_killed_at_a_hundred_moments(home: Path, tmp_path: Path) -> None:
    assert killed_restores(home, tmp_path, 100) >= 60


@pytest.mark.sqlite
@pytest.mark.slow
def test_backups_killed_by_the_clock_while_somebody_writes(home: Path, tmp_path: Path) -> None:
    """In the middle of what the interpreter does not speak of: a copy of pages, a write, a digest."""
    folder = tmp_path / "away"
    folder.mkdir()
    begun = monotonic()
    assert child(0, "backup", str(folder / "first.tar"), "--home", str(home)).returncode == 0
    whole, killed = monotonic() - begun, 0
    for n in range(40):
        target = folder / f"{n}.tar"
        with subprocess.Popen(
            [sys.executable, "-c", CHILD, "0", "backup", str(target), "--home", str(home)],
            env={**os.environ, "PYTHONPATH": str(SOURCE)}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        ) as ran:  # fmt: skip
            done("intake", *PUBLIC, "--new", "--as", "C1", "--home", str(home))
            sleep(whole * random.Random(n).uniform(0.2, 1))
            ran.kill()
        killed += ran.returncode == -signal.SIGKILL
        if target.exists():
            done("restore", str(target), "--home", str(tmp_path / f"of-{n}"))
    assert killed >= 20
    assert done("verify", "--home", str(home))["ok"]
    done("backup", str(folder / "last.tar"), "--home", str(home))
    assert [path.name for path in folder.iterdir() if path.suffix != ".tar"] == []


@pytest.mark.parametrize("part", [0.1, 0.5, 0.9])
def test_a_file_that_cannot_grow_any_more_leaves_nothing(home: Path, tmp_path: Path, part: float) -> None:
    """At a tenth it is the copy of the ledger that fails, further on the file around it."""
    size = done("backup", str(tmp_path / "whole.tar"))["bytes"]
    (tmp_path / "away").mkdir()
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(size * part), before[1]))
    try:
        refused(17, "backup", str(tmp_path / "away" / "a.tar"))
        if part < 0.8:  # else the largest file of the desk fits
            refused(17, "restore", str(tmp_path / "whole.tar"), "--home", str(tmp_path / "away" / "new"))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)
    assert list((tmp_path / "away").iterdir()) == []
