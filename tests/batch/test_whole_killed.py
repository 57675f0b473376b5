"""What a run that was killed leaves behind where its answer was to stand."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

from repairdesk.batch import whole

_WRITES = """
import sys, time
from pathlib import Path
from repairdesk.batch import whole
with whole.writing(Path(sys.argv[1])) as out:
    out.half.write_text("13800138000")
    print(out.half, flush=True)
    time.sleep(60)
"""


def begun(target: Path) -> tuple[subprocess.Popen[str], Path]:
    """Somebody who writes, and the file that is not yet there under its name."""
    other = subprocess.Popen([sys.executable, "-c", _WRITES, str(target)], stdout=subprocess.PIPE, text=True)
    assert other.stdout is not None
    return other, Path(other.stdout.readline().strip())


def killed(other: subprocess.Popen[str]) -> None:
    os.kill(other.pid, signal.SIGKILL)
    other.wait()
    assert other.stdout is not None
    other.stdout.close()


def test_what_a_killed_run_left_is_its_users_alone_and_goes_with_the_next_run(tmp_path: Path) -> None:
    target = tmp_path / "feed.csv"
    other, half = begun(target)
    killed(other)
    assert stat.S_IMODE(half.stat().st_mode) == 0o600
    with whole.writing(target) as out:
        out.half.write_text("x")
        out.place()
    assert list(tmp_path.iterdir()) == [target]


def test_what_somebody_writes_now_is_left_alone(tmp_path: Path) -> None:
    other, half = begun(tmp_path / "feed.csv")
    try:
        with whole.writing(tmp_path / "feed.csv"):
            pass
        assert half.read_text() == "13800138000"
    finally:
        killed(other)
