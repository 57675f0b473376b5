"""The desk put away in one file, while others write; proved before the file takes its name.

What goes into it: the ledger, the rules, the addresses, the desk's own templates and mappings, and the attachments that
the copied ledger speaks of. Why, and why a backup is no entry: docs/decisions/0018-checkpoints-and-backups.md.
"""

from __future__ import annotations

import json
import os
import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from repairdesk.desk.base import MAPPINGS, TEMPLATES, Base
from repairdesk.desk.rulebooks import FILES
from repairdesk.desk.trusting import zone_of
from repairdesk.desk.turn import Answer, By, Remark
from repairdesk.domain.attachment import FOLDER
from repairdesk.domain.message import ADDRESSES
from repairdesk.domain.times import from_outside, iso_utc, local_iso
from repairdesk.errors import N_, Damaged, DeskError, NotAllowed, StorageError, UsageError
from repairdesk.ledger import backup as packing
from repairdesk.ledger.checkpoints import origin_of
from repairdesk.ledger.journal import Ledger

Doc = dict[str, Any]
Progress = Callable[[int, int], None]
LEDGER = "ledger.db"
NOTED = ".last-backup.json"
"""Where the desk notes its last backup, for ``doctor``: a memory, and no part of the record."""
_HALF = "backup.tar"
_MODE = 0o660


class Backing(Base):
    """How a desk outlives its machine."""

    def backup(
        self, by: By, target: Path, *, keep: int | None = None, anyway: bool = False, progress: Progress | None = None
    ) -> Answer:
        """The whole desk in one file; ``target`` is the file, or a folder, in which it gets a name by date.

        Args:
            keep: so many of this desk's dated files stay in the folder, this one included.
            anyway: of a damaged ledger, too; such a file says so, and takes no other one's place.
            progress: told now and then how much of the copy is proved, and how much there is.

        Raises:
            NotAllowed: there is a file already. Damaged: the ledger or an attachment is not what was written.
            UsageError: ``keep`` goes with a folder; the target is a file of the desk.
            NotFound: no such folder, no ledger. StorageError: the disk is full, something cannot be read or written.
        """
        if str(target) == "-":  # elsewhere that is stdout
            raise UsageError(N_("“{file}” is no name of a file: a backup is read back before it takes its name"),
                             file="-")  # fmt: skip
        at = self.now()
        with self.ledger.read() as reader:
            first = reader.first_hash()
        if keep is not None and not target.is_dir():
            raise UsageError(N_("{option} goes with a folder, in which the files get names by date"), option="--keep")
        file = target / f"{_series(first)}{at:%Y%m%dT%H%M%SZ}.tar" if target.is_dir() else target
        self.spare(file)
        if os.path.lexists(file):
            raise NotAllowed(N_("{path} is there already and is not overwritten"), path=str(file))
        with packing.workshop(file.parent, file) as shop:
            made = self._packed(shop, origin_of(first), at, anyway=anyway, progress=progress)
            packing.place(shop / _HALF, file)
        kept = keep if made["verified"] else None
        gone, later, torn = _rotated(file, first, kept) if kept is not None else ([], [], [])
        doc = {"file": str(file), **made, "at": local_iso(at, zone_of(self, by)), "removed": gone}
        said = [*_remarks(self.home, file, made), *_ahead(later), *_not_whole(torn)]
        return Answer(doc, [*said, *noted(self.home, file, made, at)])

    def _packed(self, shop: Path, origin: str, at: datetime, *, anyway: bool, progress: Progress | None) -> Doc:
        """The file in the workshop, read back; what it holds."""
        from repairdesk.desk import attaching
        from repairdesk.desk.looking import MOST_TOLD
        from repairdesk.ledger.verify import verify

        book = shop / LEDGER
        self.ledger.store.copy(book, self.ledger.wait_seconds)
        found = verify(book, progress=progress)
        # As the copied ledger has them: what is attached meanwhile is in the next one.
        copied = Base(self.home, self._now, Ledger(book))
        problems = [*found["problems"], *attaching.problems(copied, most=MOST_TOLD)]
        if problems and not anyway:
            said = N_("the record was altered, problems: {count} (see verify); backup --anyway keeps it as it is")
            raise Damaged(said, rule="REC-1", count=len(problems))
        made = {"entries": found["entries"], "head": found["head"], "verified": not problems}
        pack = packing.Pack(shop / _HALF, {"origin": origin, **made, "at": iso_utc(at)}, at.timestamp())
        try:
            pack.add(LEDGER, book)
            for name in self._files(copied):
                self._add(pack, name)
            size = pack.finish()
        finally:
            pack.close()
        with packing.opened(shop / _HALF) as packed:
            return {**made, "files": len(packed.members), "bytes": size}

    def _files(self, copied: Base) -> Iterator[str]:
        """The names of all that belongs to the desk beside its ledger, and is there."""
        for name in (*FILES.values(), ADDRESSES):
            if (self.home / name).is_file():
                yield name
        for folder in (TEMPLATES, MAPPINGS):
            found = sorted(path for path in (self.home / folder).rglob("*") if path.is_file())
            yield from (path.relative_to(self.home).as_posix() for path in found if not path.name.startswith("."))
        with suppress(DeskError), copied.ledger.read() as reader:  # what cannot be read was a problem before
            told = {str(entry.data.get("file")) for entry in reader.entries_named("attach")}
            yield from sorted(name for name in told if _is_attachment(self.home, name))

    def _add(self, pack: packing.Pack, name: str) -> None:
        try:
            pack.add(name, self.home / name)
        except (FileNotFoundError, PermissionError) as error:
            raise StorageError(N_("{file} cannot be read: {why}"), file=str(self.home / name),
                               why=error.strerror or str(error)) from None  # fmt: skip


def _is_attachment(home: Path, name: str) -> bool:
    """A file in the folder of the attachments, and no way out of it."""
    parts = name.split("/")
    return len(parts) == 3 and parts[0] == FOLDER and ".." not in parts and (home / name).is_file()


def _remarks(home: Path, file: Path, made: Doc) -> Iterator[Remark]:
    if not made["verified"]:
        yield Remark(N_("the record was altered: {file} is a copy of it as it is, and no good backup"),
                     {"file": str(file)})  # fmt: skip
    if os.path.realpath(file).startswith(os.path.realpath(home) + os.sep):
        yield Remark(N_("{file} lies in the desk's own folder: what befalls the one befalls the other"),
                     {"file": str(file)})  # fmt: skip


# -- files by date


def _series(first: str) -> str:
    """What the dated files of a desk begin with: two desks may share a folder."""
    return f"repairdesk-{first[:8]}-"


def _rotated(made: Path, first: str, keep: int) -> tuple[list[str], list[str], list[str]]:
    """Take away what is older than the newest so many, never the one just made; what went, what is dated later, and
    what is not whole.

    Only good backups of this desk count: a name alone can be anybody's, what was kept as evidence is no backup, and one
    that ends in the middle would push a good one out. It stays, and is named: somebody has to look at that disk.
    """
    folder, dated = made.parent, re.compile(re.escape(_series(first)) + r"[0-9]{8}T[0-9]{6}Z\.tar")
    others = [path for path in folder.iterdir() if dated.fullmatch(path.name) and path.name != made.name]
    mine = sorted((path for path in others if _is_of(path, origin_of(first))), reverse=True)
    torn = [path for path in mine if not packing.is_complete(path)]
    mine = [path for path in mine if path not in torn]
    old = mine[keep - 1 :]
    for path in old:
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise StorageError(N_("{file} is written, but {old} cannot be removed: {why}"), file=str(folder),
                               old=str(path), why=error.strerror or str(error)) from None  # fmt: skip
    later = [str(path) for path in mine if path.name > made.name]
    return [str(path) for path in old], later, [str(path) for path in torn]


def _is_of(file: Path, origin: str) -> bool:
    """Whether it is a good backup of the ledger of this name."""
    about = packing.about(file)
    return about.get("origin") == origin and about.get("verified") is True


def _ahead(later: list[str]) -> Iterator[Remark]:
    if later:
        yield Remark(N_("backups that are dated later than this one: {files}; was the clock of this machine ahead?"),
                     {"files": later})  # fmt: skip


def _not_whole(torn: list[str]) -> Iterator[Remark]:
    if torn:
        said = N_("backups that are not whole, and count for nothing: {files}; see to the disk, then delete them")
        yield Remark(said, {"files": torn})


# -- the note for doctor


def noted(home: Path, file: Path, made: Doc, at: datetime) -> list[Remark]:
    """Note that there is a backup; what there is to say where that cannot be noted."""
    kept = {"at": iso_utc(at), "file": os.path.abspath(file), "entries": made["entries"], "head": made["head"]}
    half = home / f"{NOTED}.{secrets.token_hex(4)}.half"
    try:
        try:
            with open(os.open(half, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, _MODE), "wb") as out:
                out.write(json.dumps(kept, ensure_ascii=False).encode())
                os.fchmod(out.fileno(), _MODE)
            os.replace(half, home / NOTED)
        finally:
            half.unlink(missing_ok=True)
    except OSError as error:
        said = N_("doctor will not know of this backup: {file} cannot be written: {why}")
        return [Remark(said, {"file": str(home / NOTED), "why": error.strerror or str(error)})]
    return []


def last(home: Path) -> Doc | None:
    """The last backup as it was noted: ``at``, ``file``, ``entries``, ``head``; None: nobody knows of any."""
    try:
        found = json.loads((home / NOTED).read_bytes())
        entries = int(found["entries"])
        at = iso_utc(from_outside(found["at"]))
    except (OSError, ValueError, LookupError, TypeError, OverflowError, RecursionError):
        return None
    if not 0 <= entries < packing.MOST:
        return None
    return {"at": at, "file": str(found.get("file")), "entries": entries, "head": str(found.get("head"))}
