"""A ledger of an earlier version goes on with this one: tried on a copy, put away, and only then changed.

From the copy to the end nobody else writes. Why so, and what a step may do: docs/decisions/0031-migrations.md.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from repairdesk.desk import attaching
from repairdesk.desk.backing import LEDGER, Backing, Progress, noted
from repairdesk.desk.looking import MOST_TOLD
from repairdesk.desk.rulebooks import Adopted
from repairdesk.desk.turn import Answer, By, Remark, Turn
from repairdesk.domain.times import iso_utc, local_iso
from repairdesk.errors import N_, NotAllowed, UsageError
from repairdesk.ledger import backup as packing
from repairdesk.ledger import migrations, upgrading
from repairdesk.ledger.checkpoints import origin_of
from repairdesk.ledger.connection import version_of
from repairdesk.ledger.journal import Ledger
from repairdesk.ledger.upgrading import Standing
from repairdesk.ledger.versions import CURRENT

Doc = dict[str, Any]
_TRIED = "tried.db"
_HALF = "upgrade.tar"


class Upgrading(Backing):
    """A desk whose ledger no command can open yet."""

    def upgrade(
        self, by: By, backup: Path | None = None, *, dry_run: bool = False, progress: Progress | None = None
    ) -> Answer:
        """Bring the ledger to the version of this program; ``backup`` is where it is put away as it was.

        Args:
            dry_run: on a copy alone.
            progress: told now and then how much of the copy is proved, and how much there is.

        Raises:
            UsageError: no backup is named. NotAllowed: there is a file of that name.
            Damaged: it was altered, or has no version that can be brought to this one. NotFound: there is none, or
            nobody of the caller's id. StorageError: the disk is full, something cannot be read or written.
            Busy: others hold it.
        """
        (book, *_), wait, at = self.ledger.store.files(), self.ledger.wait_seconds, self.now()
        found = version_of(book, wait)
        doc: Doc = {"ledger": str(book), "from": found, "to": CURRENT, "dry_run": dry_run}
        doc["steps"] = [step._asdict() for step in migrations.steps(found)]
        if found == CURRENT:
            return Answer({**doc, "upgraded": False, "entries": None, "head": None, "backup": None, "at": None})
        file = None if dry_run else self._named(backup, found, at)
        shop_of = packing.workshop((file or book).parent, file)
        with upgrading.held(book, wait) as ledger, shop_of as shop:
            packing.copy(book, shop / LEDGER, wait, older=True)
            shutil.copyfile(shop / LEDGER, shop / _TRIED)
            stood = upgrading.upgraded(shop / _TRIED, progress=progress)
            tried = Backing(self.home, self._now, Ledger(shop / _TRIED))
            with tried.ledger.read() as reader:
                turn = Turn(reader, Adopted(self.home), by, at)
                doc["at"], _ = local_iso(at, turn.rules.zone), turn.actor
            problems = attaching.problems(tried, most=MOST_TOLD)
            if file is not None:
                self._put_away(tried, shop, stood, at, sound=not problems)
                packing.place(shop / _HALF, file)
                ledger.climb()
        doc |= {"upgraded": not dry_run, "entries": stood.entries, "head": stood.head}
        doc["backup"] = str(file) if file else None
        return Answer(doc, [*_remarks(problems), *(noted(self.home, file, doc, at) if file else ())])

    def _named(self, backup: Path | None, found: int, at: datetime) -> Path:
        """Where it is put away; a folder gives a name by version and date.

        Raises:
            UsageError: nowhere is named, or a file of the desk is. NotAllowed: there is one.
        """
        if backup is None:
            raise UsageError(N_("missing: {fields}"), fields=["backup"], extra={"missing": ["backup"]})
        file = backup / f"repairdesk-version-{found}-{at:%Y%m%dT%H%M%SZ}.tar" if backup.is_dir() else backup
        self.spare(file)
        if os.path.lexists(file):
            raise NotAllowed(N_("{path} is there already and is not overwritten"), path=str(file))
        return file

    def _put_away(self, tried: Backing, shop: Path, stood: Standing, at: datetime, *, sound: bool) -> None:
        """The desk as it was, in one file in the workshop, read back; ``restore`` takes it, whatever its version."""
        with tried.ledger.read() as reader:
            origin = origin_of(reader.first_hash())
        about = {
            "origin": origin, "entries": stood.entries, "head": stood.head, "verified": sound, "at": iso_utc(at),
            "version": stood.version,
        }  # fmt: skip
        pack = packing.Pack(shop / _HALF, about, at.timestamp())
        try:
            pack.add(LEDGER, shop / LEDGER)
            for name in self._files(tried):
                self._add(pack, name)
            pack.finish()
        finally:
            pack.close()
        with packing.opened(shop / _HALF):
            pass


def _remarks(problems: Sequence[Any]) -> list[Remark]:
    if not problems:
        return []
    said = N_("attachments are missing or were altered, problems: {count} (see verify); the ledger is whole")
    return [Remark(said, {"count": len(problems)})]
