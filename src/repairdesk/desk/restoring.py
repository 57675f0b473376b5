"""A new desk made of a backup: proved as a whole before it takes its place, or not there at all."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from repairdesk.desk.backing import LEDGER, Progress, noted
from repairdesk.desk.base import MAPPINGS, TEMPLATES, Base
from repairdesk.desk.rulebooks import FILES
from repairdesk.desk.trusting import zone_of
from repairdesk.desk.turn import By
from repairdesk.domain.attachment import FOLDER
from repairdesk.domain.message import ADDRESSES
from repairdesk.domain.times import from_iso, local_iso
from repairdesk.errors import N_, Damaged, NotAllowed, NotFound, StorageError
from repairdesk.ledger import backup as packing
from repairdesk.ledger.connection import version_of
from repairdesk.ledger.journal import Ledger
from repairdesk.ledger.versions import CURRENT

Doc = dict[str, Any]
_FILES = (LEDGER, *FILES.values(), ADDRESSES)
_FOLDERS = (FOLDER, TEMPLATES, MAPPINGS)
_MODE = 0o770


def restore(
    by: By, file: Path, home: Path, *, anyway: bool = False, progress: Progress | None = None
) -> Doc:  # fmt: skip
    """Make a desk of a backup, in a folder that is empty or not there yet.

    Args:
        anyway: of a backup that was made of a damaged ledger, too, as it is.
        progress: as of ``Desk.backup``.

    Raises:
        NotFound: no such file. NotAllowed: there is something in the folder. Damaged: it is no whole backup, or what is
        in it does not verify. StorageError: it cannot be read, the desk cannot be written.
    """
    home = Path(os.path.realpath(home))  # a link that waits for the desk stays one
    if not file.is_file():
        raise NotFound(N_("there is no file {file}"), file=str(file))
    _is_free(home)
    with packing.opened(file) as packed:
        about = packed.about
        if not about["verified"] and not anyway:
            said = N_("{file} was made of an altered record; restore --anyway makes a desk of it as it is")
            raise Damaged(said, rule="REC-1", file=str(file))
        try:
            home.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise _unwritable(home, error) from None
        with packing.workshop(home.parent) as shop:
            made = shop / "desk"
            _unpack(packed, made, file)
            sound = _prove(packed, made, file, anyway=anyway, progress=progress)
            noted(made, file, about, from_iso(about["at"]))
            _take_place(made, home)
    zone = zone_of(_desk(home), by)
    return {
        "home": str(home), "ledger": str(home / LEDGER), "entries": about["entries"], "head": about["head"],
        "files": len(packed.members), "at": local_iso(from_iso(about["at"]), zone),
        "verified": about["verified"] and sound,
    }  # fmt: skip


def _desk(home: Path) -> Base:
    return Base(home, lambda: datetime.max.replace(tzinfo=UTC), Ledger(home / LEDGER))


def _is_free(home: Path) -> None:
    try:
        if os.path.lexists(home) and not home.is_dir():
            raise NotAllowed(N_("{path} is there already and is not overwritten"), path=str(home))
        taken = home.is_dir() and any(home.iterdir())
    except OSError as error:
        raise StorageError(N_("{file} cannot be read: {why}"), file=str(home), why=error.strerror or "") from None
    if taken:
        raise NotAllowed(
            N_("{folder} is not empty, and nothing is restored over it: move it away, or name another with --home"),
            folder=str(home),
        )


def _unpack(packed: packing.Packed, made: Path, file: Path) -> None:
    made.mkdir(_MODE)
    for member in packed.members:
        folder, below, _ = member.name.partition("/")
        if (folder not in _FOLDERS) if below else (member.name not in _FILES):
            raise Damaged(N_("{file} holds {name}, which is nothing of a desk"), file=str(file), name=member.name)
        target = made / member.name
        target.parent.mkdir(_MODE, parents=True, exist_ok=True)
        packed.extract(member, target)
    for place in _folders(made):
        place.chmod(made.stat().st_mode & 0o777)
        packing.reach_the_disk(place)


def _folders(made: Path) -> Iterator[Path]:
    return (Path(name) for name, _, _ in os.walk(made))


def _prove(
    packed: packing.Packed, made: Path, file: Path, *, anyway: bool, progress: Progress | None
) -> bool:  # fmt: skip
    """The desk has as many entries as the backup says, to the same head, and verifies; else, ``anyway``: False."""
    from repairdesk.desk import attaching
    from repairdesk.desk.looking import MOST_TOLD
    from repairdesk.ledger.verify import verify

    if version_of(made / LEDGER) != CURRENT:
        # Nobody else has this copy yet: where it cannot be upgraded, nothing is restored.
        from repairdesk.ledger.upgrading import upgraded

        upgraded(made / LEDGER)
    found = verify(made / LEDGER, progress=progress)
    problems = [*found["problems"], *attaching.problems(_desk(made), most=MOST_TOLD)]
    about = (packed.about["entries"], packed.about["head"])
    if about != (found["entries"], found["head"]) or (problems and not anyway):
        said = N_("what {file} holds was altered, problems: {count}; nothing was restored: take another backup")
        raise Damaged(said, rule="REC-1", file=str(file), count=len(problems) or 1)
    return not problems


def _take_place(made: Path, home: Path) -> None:
    """Under its name at once; an empty folder that was there gives its mode and its group."""
    try:
        if home.is_dir():
            seen = home.stat()
            for path in (made, *made.rglob("*")):
                with suppress(OSError):  # a group that one does not belong to cannot be given
                    os.chown(path, -1, seen.st_gid)
                if path.is_dir():
                    path.chmod(stat.S_IMODE(seen.st_mode))
        os.rename(made, home)
    except FileExistsError:
        _is_free(home)
        raise
    except OSError as error:
        _is_free(home)
        raise _unwritable(home, error) from None
    packing.confirm(home)


def _unwritable(path: Path, error: OSError) -> StorageError:
    return StorageError(N_("{file} cannot be written: {why}"), file=str(path), why=error.strerror or str(error))
