"""The ledger's file made anew, without the room that was given up in it: as small as what it holds.

SQLite copies all that there is into a file of its own and from there back, behind a journal as big as the ledger: who
comes after a kill finds it as it was. The file stays the same one, so its mode and its links do, and nobody goes on
writing into one that is not the ledger any more.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from repairdesk.errors import N_, Damaged, StorageError
from repairdesk.ledger import connection
from repairdesk.ledger import sqlite_sql as sql
from repairdesk.ledger.database import WAIT_SECONDS, Sizes


def vacuum(path: Path, wait_seconds: float = WAIT_SECONDS) -> Sizes:
    """Make the file anew; nobody else may be at the ledger meanwhile, not even to read.

    Raises:
        Busy: somebody is, for longer than ``wait_seconds``. StorageError: there is too little room for it.
        Damaged: it is no whole ledger, before or afterwards. NotFound: there is none.
    """
    with (
        connection.translated(path, wait_seconds),
        closing(connection.lasting(path, wait_seconds, write=True)) as db,
    ):
        before = path.stat().st_size
        _room(path, before)
        _alone(db)
        was = _seen(db, path)
        db.execute("VACUUM")
        if _seen(db, path) != was:
            raise Damaged(N_("{path} is not what it was before it was made anew; restore a backup of it"),
                          path=str(path))  # fmt: skip
    return Sizes(before, path.stat().st_size)


def _alone(db: connection.Patient) -> None:
    """From here on nobody else reads or writes: the lock of the first transaction stays until the end."""
    db.execute("PRAGMA locking_mode=EXCLUSIVE")
    db.patiently("BEGIN EXCLUSIVE")
    db.execute("COMMIT")


def _seen(db: sqlite3.Connection, path: Path) -> tuple[Any, ...]:
    """What must be the same afterwards; it is looked at only where SQLite finds its own structures sound."""
    (said,) = db.execute("PRAGMA quick_check(1)").fetchone()
    if said != "ok":
        raise Damaged("{path} is damaged: {detail}; restore a backup of it", path=str(path), detail=said)
    marks = [db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version", "journal_mode")]
    objects = db.execute("SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name").fetchall()
    return marks, objects, db.execute(sql.HEAD).fetchone(), path.stat().st_mode


def _room(path: Path, size: int) -> None:
    """Whether the copy and the journal have room, each where SQLite makes it."""
    wanted = {path.parent: size, _scratch(): size}
    folders = list(wanted)
    if folders[0].stat().st_dev == folders[-1].stat().st_dev:
        wanted = {path.parent: 2 * size}
    for folder, needed in wanted.items():
        free = shutil.disk_usage(folder).free
        if free < needed:
            raise StorageError(
                N_("{folder} has {free} MB free, and {needed} MB are needed to make the ledger anew"),
                folder=str(folder), free=free // 1_000_000, needed=-(-needed // 1_000_000),
            )  # fmt: skip


def _scratch() -> Path:
    """Where SQLite puts what it keeps for a while."""
    return next(folder for folder in _scratches() if os.access(folder, os.W_OK | os.X_OK) and folder.is_dir())


def _scratches() -> Iterator[Path]:
    yield from (Path(os.environ[name]) for name in ("SQLITE_TMPDIR", "TMPDIR") if os.environ.get(name))
    yield from map(Path, ("/var/tmp", "/usr/tmp", "/tmp", "."))
