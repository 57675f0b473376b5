"""A ledger brought to today's version, in one transaction; of a file a copy first, to see whether it can be.

Entries and bodies stay as they are; everything that follows from them is folded from them again. Before that they are
proved: to make anew what follows from a chain that somebody cut would hide the cut.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from repairdesk.domain.record import NamedTuple
from repairdesk.errors import N_, Damaged
from repairdesk.ledger import connection, migrations, versions
from repairdesk.ledger.database import WAIT_SECONDS, Database
from repairdesk.ledger.verify import evidence, rebuilt, verify

if TYPE_CHECKING:
    from repairdesk.ledger.postgres import Server

Progress = Callable[[int, int], None]


class Standing(NamedTuple):
    """A ledger: its version, how many entries it has, the hash of the last one."""

    version: int
    entries: int
    head: str


class Held:
    """A ledger of whichever version, in a transaction of ours; ``asked`` answers with its version."""

    def __init__(self, db: Database, lent: Any, asked: Callable[[], int]) -> None:
        self._db, self._lent, self._asked = db, lent, asked
        self.version = asked()

    def climb(self, place: Path = migrations.HERE) -> Standing:
        """Bring it to the last version; how it stood.

        Raises:
            Damaged: what cannot be made anew was altered; nothing is to be kept then.
        """
        self._db.expect_much()
        migrations.climb(self._lent, self.version, place)
        seen = evidence(self._db)
        if not seen["ok"]:
            raise _altered(seen["problems"])
        rebuilt(self._db)
        assert self._asked() == migrations.last(place), "the last step leads to the last version"
        return Standing(self.version, seen["entries"], seen["head"])


# -- a file


@contextmanager
def held(path: Path, wait_seconds: float = WAIT_SECONDS) -> Iterator[Held]:
    """A ledger in a file, in which nobody else writes meanwhile; undone on any exception."""
    with (
        connection.translated(path, wait_seconds),
        closing(connection.lasting(path, wait_seconds, write=True, older=True)) as db,
        migrations.lent(db, "sqlite://") as lent,
        connection.kept(db),
    ):
        yield Held(db, lent, partial(connection.version, db))


def upgraded(path: Path, wait_seconds: float = WAIT_SECONDS, progress: Progress | None = None) -> Standing:
    """Bring a ledger that is nobody else's, a copy, to today's version and prove it; how it stood.

    Raises:
        Damaged: it was altered, or is not what it should be afterwards.
    """
    with held(path, wait_seconds) as ledger:
        stood = ledger.climb()
    found = verify(path, progress=progress)
    if not found["ok"] or (found["entries"], found["head"]) != (stood.entries, stood.head):
        raise _altered(found["problems"])
    return stood


# -- a server


class _Undone(Exception):
    """It was only tried."""


def version_on(server: Server) -> int:
    """The version of a ledger on a server, whichever it is.

    Raises:
        NotFound, NotPermitted, Damaged, StorageError: as every opening.
    """
    with closing(server.opened(older=True)) as db:
        return _asked(db)


def upgraded_on(
    server: Server, wait_seconds: float = WAIT_SECONDS, *, dry_run: bool = False, place: Path = migrations.HERE
) -> Standing:
    """Bring a ledger on a server to the last version; how it stood. ``dry_run``: and undo it.

    Raises:
        Damaged: it was altered. Busy: others write for longer than the wait. StorageError, NotPermitted: the server
        does not do it, as who calls is not who owns the tables.
    """
    with closing(server.opened(older=True)) as db:
        try:
            with migrations.lent(db.driver, "postgresql+psycopg://") as lent, server.kept(db, wait_seconds):
                stood = Held(db, lent, partial(_asked, db)).climb(place)
                if dry_run:
                    raise _Undone
        except _Undone:
            pass
    return stood


def _asked(db: Any) -> int:
    (found,) = db.execute(versions.POSTGRES_ASK).fetchone()
    return int(found)


def _altered(problems: list[dict[str, Any]]) -> Damaged:
    said = N_("the record was altered, problems: {count}; it stays as it is: verify of the repairdesk that wrote it "
              "tells more, then restore a backup")  # fmt: skip
    told = [{"seq": one["seq"], "message": one["what"]} for one in problems]
    return Damaged(said, rule="REC-1", count=len(problems), extra={"problems": told})
