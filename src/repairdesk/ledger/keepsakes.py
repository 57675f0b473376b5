"""Files that nobody writes an answer over by mistake, told by what they begin with.

A name says nothing of a file. What is lost when one of these is replaced cannot be made again, or proves something.
"""

from __future__ import annotations

import re
from pathlib import Path

from repairdesk.errors import N_

LOOKED_AT = 512
"""Bytes of a file by which it is told what it is."""
KEY, BACKUP, PURGED, LEDGER, CHECKPOINT = "key", "backup", "purged", "ledger", "checkpoint"
NAMES = {
    KEY: N_("a key"),
    BACKUP: N_("a backup"),
    PURGED: N_("what a purge wrote out"),
    LEDGER: N_("a ledger"),
    CHECKPOINT: N_("a checkpoint"),
}

_KEYS = rb"(?m)^(?:-----BEGIN [A-Z0-9 ]*PRIVATE KEY|PRIVATE\+KEY\+|AGE-SECRET-KEY-)"
_OWN = rb"repairdesk/[0-9a-f]{16}"
_KINDS = (
    (KEY, rb"%s|\A%s\+[0-9a-f]{8}\+" % (_KEYS, _OWN)),
    (BACKUP, rb"\Arepairdesk-backup\.json\0"),
    (PURGED, rb'\A\{"(?:at": "[^"]*", "by": "[^"]*", "head": "[^"]*", "ledger": "[^"]*", ")?purge": '),
    (LEDGER, rb"\ASQLite format 3\0"),
    (CHECKPOINT, rb"\A%s\n[0-9]+\n" % _OWN),
)


def kind_of(head: bytes) -> str | None:
    """Which of them a file is that begins with this; None: none of them."""
    return next((kind for kind, begins in _KINDS if re.search(begins, head)), None)


def beginning(path: Path) -> bytes:
    """What a file begins with.

    Raises:
        OSError: it is not there, or cannot be read.
    """
    with path.open("rb") as stream:
        return stream.read(LOOKED_AT)
