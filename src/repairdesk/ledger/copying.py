"""A ledger brought from one place to another with its chain as it is, entry by entry; what follows from it made anew.

The target may have begun already: a copy that was cut off goes on where the last stretch was kept, and one that is
done is brought up to date. What is there must be the beginning of what is copied; else nothing is written.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

from repairdesk.errors import N_, NotAllowed
from repairdesk.ledger import chain, verify
from repairdesk.ledger.database import WAIT_SECONDS, Database, Store
from repairdesk.ledger.journal import Ledger, rows

STRETCH = 5000
"""Entries that are kept together: so many a copy that is cut off does again at most."""
Progress = Callable[[int, int], None]


def copy(
    source: Store, target: Store, wait_seconds: float = WAIT_SECONDS, progress: Progress | None = None
) -> dict[str, Any]:
    """Copy what the target does not have yet: how many ``entries`` it has then, how many are ``new``, and the ``head``.

    Neither is proved here: ``verify`` does that, of both.

    Raises:
        NotAllowed: the target is another ledger, or has entries that the source has not.
        Busy, Damaged, NotFound, StorageError: as every opening.
    """
    if not target.exists():
        target.create()
    with source.reading(wait_seconds) as there, ExitStack() as until_end:
        (end, head) = there.execute(there.sql.HEAD).fetchone() or (0, chain.ZEROS)
        lasting = target.lasting(wait_seconds)
        until_end.callback(lasting.close)
        with lasting.reading() as here:
            begun = _begun(there, here, str(target))
        done = begun
        while done < end:
            with lasting.writing() as here:
                here.expect_much()
                done = _stretch(there, here, done, min(done + STRETCH, end))
            if progress:
                progress(done - begun, 2 * (end - begun))
        if begun < end or not _follows(target, wait_seconds):
            verify.rebuild(target, wait_seconds=wait_seconds)
        if progress:
            progress(1, 1)
    return {"entries": end, "new": end - begun, "head": head}


def _begun(there: Database, here: Database, name: str) -> int:
    """How many entries of the source the target has.

    Raises:
        NotAllowed: it has others.
    """
    seq, head = here.execute(here.sql.HEAD).fetchone() or (0, chain.ZEROS)
    if not seq:
        return 0
    row = there.execute(there.sql.HASH_AT, {"seq": seq}).fetchone()
    if row is None or row[0] != head:
        raise NotAllowed(N_("{path} is another ledger, or went on by itself: nothing is copied into it"), rule="REC-1",
                         path=name)  # fmt: skip
    return int(seq)


def _stretch(there: Database, here: Database, after: int, upto: int) -> int:
    """Entries and bodies after one and up to another, and what is left of those that were purged."""
    for row in rows(there.each(there.sql.COPIED, {"after": after, "upto": upto})):
        here.later(here.sql.ADD_ENTRY, row)
        # A body belongs to the last entry: it goes in before the next one comes.
        if row["body"] is not None:
            here.later(here.sql.ADD_BODY, {name: row[name] for name in ("seq", "salt", "body")})
    return upto


def _follows(target: Store, wait_seconds: float) -> bool:
    """Whether the projections were made up to the last entry: a copy may have been cut off before."""
    with Ledger(target, wait_seconds=wait_seconds).read() as reader:
        seq, _ = reader.head()
        db: Any = reader._db
        (streams,) = db.execute(db.sql.STREAM_END).fetchone()
    return not seq or streams == seq
