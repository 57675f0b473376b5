"""What was said and not yet written down: kept for a day, so that a call that is cut off is not asked for again.

A draft is no truth: the ledger knows nothing of it, and whoever deletes it loses only words. It holds names, phones and
faults as the ledger does, so nobody but the account that typed it can read it, and it goes by itself.
"""

from __future__ import annotations

import json
import os
import re
import stat
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from repairdesk.domain.digests import sha256
from repairdesk.domain.times import from_iso, iso_utc

FOLDER = "drafts"
"""Where they lie, in the desk's folder."""
KEPT = timedelta(days=1)
_MOST = 100_000


class Draft:
    """The draft of one verb, for one account and one person.

    Args:
        home: the desk's folder.
        verb: what was being said.
        account: who sits at the keyboard; ``actor``: as whom, where that was said.
    """

    def __init__(self, home: Path, verb: str, account: str, actor: str | None) -> None:
        name = ".".join(_plain(part) for part in (verb, account, actor or "") if part)
        self.path = home / FOLDER / f"{name}.json"

    def read(self, now: datetime) -> dict[str, Any] | None:
        """What was said, if that is not too long ago; None where nothing is kept, or nothing that can be read."""
        try:
            fd = os.open(self.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
            with open(fd, encoding="utf-8") as stream:
                status = os.fstat(fd)
                if not stat.S_ISREG(status.st_mode) or status.st_uid != os.geteuid():
                    return None  # nobody else's words are put into anybody's mouth
                doc = json.loads(stream.read(_MOST))
            age = now - from_iso(doc["at"])
            anything = doc["said"] or doc.get("typed")
            return doc if timedelta(0) <= age + timedelta(minutes=5) and age < KEPT and anything else None
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def keep(self, now: datetime, said: dict[str, Any], **more: Any) -> None:
        """Keep what was said so far; whole, or as it was before.

        Raises:
            OSError: it cannot be written.
        """
        _furnish(self.path.parent)
        half = self.path.with_name(f".{self.path.name}.{os.getpid()}")
        fd = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        try:
            with open(fd, "w", encoding="utf-8") as stream:
                json.dump({"at": iso_utc(now), "said": said, **more}, stream, ensure_ascii=False)
            # By the desk's clock, as everything: ``sweep`` goes by it and need not read what others said.
            os.utime(half, (now.timestamp(), now.timestamp()))
            half.replace(self.path)
        except BaseException:
            half.unlink(missing_ok=True)
            raise

    def forget(self) -> None:
        """It is written down, or not wanted any more."""
        with suppress(OSError):
            self.path.unlink(missing_ok=True)


def sweep(home: Path, now: datetime) -> int:
    """Delete the drafts of everybody that are too old to be offered; how many those were."""
    gone = 0
    try:
        there = list((home / FOLDER).iterdir())
    except OSError:
        return 0
    for path in there:
        with suppress(OSError):
            if now.timestamp() - path.lstat().st_mtime >= KEPT.total_seconds():
                path.unlink()
                gone += 1
    return gone


def _furnish(folder: Path) -> None:
    """The folder, open to whom the desk's folder is open to: every account puts its own there."""
    if folder.is_dir():
        return
    folder.mkdir(exist_ok=True)
    home = stat.S_IMODE(folder.parent.stat().st_mode)
    folder.chmod(0o700 | home & (stat.S_ISGID | 0o070))


def _plain(part: str) -> str:
    """A part of a file's name; what no name can have is told apart by its digest."""
    if re.fullmatch(r"[0-9A-Za-z_-]{1,40}", part):
        return part
    return f"{re.sub('[^0-9A-Za-z_-]', '', part)[:20]}~{sha256(part.encode('utf-8', 'replace')).hexdigest()[:8]}"
