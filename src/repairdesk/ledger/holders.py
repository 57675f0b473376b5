"""Who has the ledger: by the locks that the kernel knows of. Asked only by who waits for it, or has waited in vain."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from repairdesk.domain.record import NamedTuple
from repairdesk.errors import N_, Busy

LOCKS = Path("/proc/locks")
_PROCESSES = Path("/proc")
_FIRST_BYTE = 0x40000000
"""Where SQLite puts its locks."""
_LOCK = re.compile(r"\d+: (?:POSIX|OFDLCK) +\S+ +(READ|WRITE) +(-?\d+) +[0-9a-f]+:[0-9a-f]+:(\d+) +(\d+)")
_OURS = ("repairdesk", "repairdesk.cli", "repairdesk/cli/__main__.py")
_VERB = re.compile(r"[a-z][a-z-]{1,30}")
_REAL_USER = re.compile(r"(?m)^Uid:\s+(\d+)")
_MOST = 3


class Holder(NamedTuple):
    """A process that has the ledger; ``command`` is its verb alone: what else was typed may name a resident."""

    process: int
    user: str
    command: str

    def __str__(self) -> str:
        return f"{self.command} ({self.user}, {self.process})"


def busy(by: Sequence[Holder], wait_seconds: float) -> Busy:
    """That these have the ledger, and for longer than somebody waited; none: nobody knows who."""
    held = [{"process": one.process, "user": one.user, "command": one.command} for one in by]
    values: dict[str, Any] = {"seconds": f"{wait_seconds:g}", "extra": {"held_by": held}}
    if by:
        said = N_("{who} has the ledger; gave up after {seconds} s: try again, or wait longer (REPAIRDESK_WAIT)")
        return Busy(said, who=[str(one) for one in by], **values)
    said = N_("others hold the ledger; gave up after {seconds} s: try again, or wait longer (REPAIRDESK_WAIT)")
    return Busy(said, **values)


def of(path: Path) -> list[Holder]:
    """The other processes that have the ledger, those that write before those that read; as far as that can be seen."""
    try:
        node, text = path.stat().st_ino, LOCKS.read_text(encoding="ascii", errors="replace")
    except OSError:
        return []  # another system, or a closed one
    found: dict[int, bool] = {}
    for how, process, inode, start in _LOCK.findall(text):
        if int(inode) == node and int(start) >= _FIRST_BYTE and int(process) not in (os.getpid(), 0, -1):
            found[int(process)] = found.get(int(process), False) or how == "WRITE"
    if any(found.values()):
        found = {process: True for process, writes in found.items() if writes}
    return list(_seen(sorted(found)))[:_MOST]


def _seen(processes: list[int]) -> Iterator[Holder]:
    for process in processes:
        with suppress(OSError):  # it has ended meanwhile
            folder = _PROCESSES / str(process)
            yield Holder(process, _user(_caller(folder)), _command(folder))


def _caller(folder: Path) -> int:
    """Who started it, by the real user: with rights that are lent, the file's owner would be root."""
    found = _REAL_USER.search((folder / "status").read_text(encoding="ascii", errors="replace"))
    return int(found[1]) if found else folder.stat().st_uid


def _user(number: int) -> str:
    import pwd

    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return str(number)


def _command(folder: Path) -> str:
    words = (folder / "cmdline").read_bytes().decode(errors="replace").split("\0")
    for place, word in enumerate(words):
        if word in _OURS or word.endswith(tuple(f"/{name}" for name in _OURS)):
            verb = next((one for one in words[place + 1 :] if _VERB.fullmatch(one)), "")
            return f"repairdesk {verb}".strip()
    return (folder / "comm").read_text(errors="replace").strip()
