"""The program in a terminal of its own, and what stands on its screen."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pexpect
import pyte

SOURCE = Path(__file__).resolve().parents[2] / "src"
PATIENCE = 30
"""Seconds after which a screen is not what it should be; nothing else depends on time."""


class Screen:
    """A process behind a terminal of so many columns and lines."""

    def __init__(self, home: Path, *argv: str, columns: int = 80, lines: int = 24, **env: str) -> None:
        self._screen = pyte.HistoryScreen(columns, lines, history=500)
        self._stream = pyte.ByteStream(self._screen)
        self.raw = b""
        self._asked = -1
        kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ}
        said = {"LANG": "zh_CN.UTF-8", "TERM": "xterm-256color", "REPAIRDESK_HOME": str(home), "HOME": str(home),
                "PYTHONPATH": str(SOURCE), "PYTHONDONTWRITEBYTECODE": "1", **env}  # fmt: skip
        self.process = pexpect.spawn(
            sys.executable, ["-m", "repairdesk.cli", *argv], dimensions=(lines, columns), env=kept | said, echo=True,
            timeout=PATIENCE,
        )  # fmt: skip

    def until(self, *texts: str) -> Screen:
        """Read until one of the texts stands in the lowest line that is written."""
        ends = time.monotonic() + PATIENCE
        while not any(text in self.last for text in texts):
            assert time.monotonic() < ends, (texts, self.text)
            if not self._read():
                raise AssertionError((texts, self.text))
        return self

    def prompted(self) -> Screen:
        """Read until something is asked, below what was asked before."""
        ends = time.monotonic() + PATIENCE
        while not (self.last.endswith((":", "：")) and self._bottom > self._asked):
            assert time.monotonic() < ends, self.text
            if not self._read():
                raise AssertionError(self.text)
        self._asked = self._bottom
        return self

    @property
    def _bottom(self) -> int:
        """The lowest line that is written, counted from the first that ever was."""
        rows = [y for y, row in enumerate(self._screen.display) if row.strip()]
        return len(self._screen.history.top) + max(rows, default=-1)

    def type(self, text: str) -> Screen:
        """Keys, all at once."""
        self.process.send(text)
        return self

    def end(self) -> int:
        """Read to the end; the exit code."""
        while self._read():
            pass
        self.process.close()
        return int(
            self.process.exitstatus if self.process.exitstatus is not None else -(self.process.signalstatus or 0)
        )

    def _read(self) -> bool:
        try:
            data = self.process.read_nonblocking(65536, PATIENCE)
        except (pexpect.EOF, OSError):
            return False
        self.raw += data
        self._stream.feed(data)
        return True

    @property
    def rows(self) -> list[str]:
        """What stands on the screen, and what went out at its top."""
        gone = ["".join(line[n].data for n in range(self._screen.columns)) for line in self._screen.history.top]
        return [row.rstrip() for row in (*gone, *self._screen.display)]

    @property
    def text(self) -> str:
        return "\n".join(row for row in self.rows if row)

    @property
    def last(self) -> str:
        return next((row for row in reversed(self._screen.display) if row.strip()), "").strip()
