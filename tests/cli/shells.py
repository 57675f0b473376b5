"""Real shells on a pseudo-terminal: what stands on the line after Tab, and what was listed.

Nothing waits for a while: the shell is given the keys and Enter at once, and runs a ``repairdesk`` that answers
completion as the program does and otherwise prints its arguments.
"""

from __future__ import annotations

import os
import pty
import re
import select
import stat
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2] / "src"
PATIENCE = 60.0
"""Seconds until a shell is given up."""

STARTS = {
    "bash": ["bash", "--norc", "--noprofile", "-i"],
    "zsh": ["zsh", "-f", "-i"],
    "fish": ["fish", "--no-config", "-i"],
}
BEGINS = {
    "bash": "PS1='> '; bind 'set bell-style none'; bind 'set enable-bracketed-paste off'; source '{script}'",
    "zsh": "PS1='> '; unsetopt beep; autoload -Uz compinit; compinit -u -D; source '{script}'",
    "fish": "function fish_prompt; printf '> '; end; function fish_greeting; end; source '{script}'",
}

PROGRAM = """\
#!/bin/sh
if [ -n "$_REPAIRDESK_COMPLETE" ]; then
    exec {python} -c 'from repairdesk.cli.__main__ import run; run()' "$@"
fi
printf 'ARGS'
printf '[%s]' "$@"
printf 'END\\n'
"""


class Shell:
    """A shell that has the completion of repairdesk."""

    def __init__(self, name: str, folder: Path, home: Path, script: str, columns: int = 100) -> None:
        program = folder / "bin" / "repairdesk"
        program.parent.mkdir(exist_ok=True)
        program.write_text(PROGRAM.format(python=sys.executable), encoding="utf-8")
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        (folder / "script").write_text(script, encoding="utf-8")
        self.name = name
        env = {
            "PATH": f"{program.parent}:{os.environ['PATH']}", "HOME": str(folder), "TERM": "xterm", "LANG": "C.UTF-8",
            "LC_ALL": "C.UTF-8", "PYTHONPATH": str(SOURCE), "PYTHONDONTWRITEBYTECODE": "1",
            "REPAIRDESK_HOME": str(home), "REPAIRDESK_LANG": "zh", "COLUMNS": str(columns),
        }  # fmt: skip
        self._start(env, columns)
        self._send(BEGINS[name].format(script=folder / "script") + "\r" + "echo rea''dy\r")
        self._until(rb"(?<![\w'])ready")

    def _start(self, env: Mapping[str, str], columns: int) -> None:
        self._pid, self._tty = pty.fork()
        if self._pid == 0:  # the child
            os.execvpe(STARTS[self.name][0], STARTS[self.name], dict(env))
        import fcntl
        import struct
        import termios

        fcntl.ioctl(self._tty, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))

    def _send(self, text: str) -> None:
        os.write(self._tty, text.encode())

    def _until(self, mark: bytes) -> str:
        said = b""
        while not re.search(mark, said):
            ready, _, _ = select.select([self._tty], [], [], PATIENCE)
            if not ready:
                raise AssertionError(f"{self.name} says no more: {said[-2000:].decode(errors='replace')}")
            try:
                said += os.read(self._tty, 65536)
            except OSError:
                raise AssertionError(f"{self.name} ended: {said[-2000:].decode(errors='replace')}") from None
        return said.decode(errors="replace")

    def typed(self, keys: str) -> tuple[list[str], str]:
        """The arguments of the command that these keys and Enter make, and everything that was on the screen."""
        self._send(keys + "\r")
        said = self._until(rb"ARGS.*END\r?\n")
        (line,) = re.findall(r"ARGS(.*)END", said)
        return re.findall(r"\[(.*?)\]", line), re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", said)

    def close(self) -> None:
        """End it."""
        os.close(self._tty)
        os.waitpid(self._pid, 0)


@contextmanager
def shell(name: str, folder: Path, home: Path, script: str) -> Iterator[Shell]:
    """A shell, ended afterwards."""
    made = Shell(name, folder, home, script)
    try:
        yield made
    finally:
        made.close()
