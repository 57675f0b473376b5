"""Photos and scans of signed slips: kept in the desk, their digests in the ledger (REC-1)."""

from __future__ import annotations

from collections.abc import Container
from pathlib import Path

from repairdesk.desk.base import Base
from repairdesk.desk.turn import Answer, By, Turn, stamp
from repairdesk.domain import attachment
from repairdesk.domain.order import Json, Order
from repairdesk.domain.vocabulary import ATTACHED
from repairdesk.errors import N_, DeskError, Sentence, UsageError
from repairdesk.ledger import attachments as files


class Attaching(Base):
    """What hangs on an order beside its entries."""

    def attach(self, by: By, number: str, file: Path, *, what: str = "slip", note: str | None = None) -> Answer:
        """Keep a copy of a file: of the signed slip, of what was found or done.

        A file that the order has already is not kept twice, and no entry is written; but where the desk's copy is gone
        or was altered, it is put back.

        Raises:
            NotFound: no such order or file. UsageError: it is no file; ``what`` is none of ``vocabulary.ATTACHED``.
            NotAllowed: it is larger, or of another kind, than the policies say. BadInput: it is empty.
            StorageError: it cannot be read, or not be kept.
        """
        if what not in ATTACHED:
            raise UsageError(
                N_("“{value}” is no {field}; choose: {known}"), value=what, field="--what", known=list(ATTACHED)
            )
        with files.opened(file) as source:
            media = attachment.recognized(source.head)
            # Asked beforehand, as copying from a slow place must not hold up whoever else writes.
            with self.look(by) as turn:
                turn.load(number)
                turn.permit("attach", media=media, bytes=source.bytes)
                most = turn.rules.policies.attachments.most
            with files.staged(self.home, source, most) as copy, self.turn(by) as turn:
                turn.load(number)
                turn.permit("attach", media=media, bytes=max(copy.bytes, source.bytes))
                assert media is not None
                return _kept(turn, source.file, attachment.MEDIA[media], copy, what, (note or "").strip() or None)


def _kept(turn: Turn, file: Path, media: attachment.Media, copy: files.Staged, what: str, note: str | None) -> Answer:
    before = _same(turn.order, copy.sha256)
    if before is not None:
        if copy.place(before["file"]):
            said = N_("{file} is attached to {number} already, as {name}; the desk's own copy was put back")
        else:
            said = N_("{file} is attached to {number} already, as {name}: nothing was added")
        turn.remark(said, file=str(file), number=turn.order.number, name=before["name"])
        return turn.answer()
    place = f"{attachment.FOLDER}/{turn.order.number}/{copy.sha256[:16]}.{media.suffix}"
    copy.place(place)
    turn.record("attach", {
        "name": attachment.plain_name(file.name), "what": what, "media_type": media.media_type, "bytes": copy.bytes,
        "sha256": copy.sha256, "file": place, "note": note, "at": stamp(turn.at),
    })  # fmt: skip
    return turn.answer()


def _same(order: Order, sha256: str) -> Json | None:
    return next((one for one in order.attachments if one["sha256"] == sha256), None)


def altered(desk: Base, among: Container[int] | None = None) -> list[tuple[int, Sentence]]:
    """The entries whose file is not there, or is not the one that was attached; by seq; ``among``: only of these."""
    with desk.ledger.read() as reader:
        # Only the list is made from the ledger: reading the files takes long, and others want to write.
        # Of what was purged the file went, too (RET-3).
        entries = [entry for entry in reader.entries_named("attach") if entry.data.get("file") is not None]
        told = [(entry.seq, entry.number, entry.data) for entry in entries if among is None or entry.seq in among]
    return [(seq, what) for seq, number, data in told if (what := _ill(desk.home, number, data)) is not None]


def _ill(home: Path, number: str, data: Json) -> Sentence | None:
    name = str(data.get("file"))
    said = {"file": name, "number": number}
    if name != f"{attachment.FOLDER}/{number}/{Path(name).name}":
        return Sentence(N_("attachments: {file} is no place for a file of {number}"), said)
    try:
        found = files.digest_of(home / name)
    except OSError as error:
        return Sentence(N_("attachments: {file} of {number} cannot be read: {why}"),
                        {**said, "why": error.strerror or str(error)})  # fmt: skip
    if found is None:
        return Sentence(N_("attachments: {file} of {number} is gone"), said)
    if found != data.get("sha256"):
        return Sentence(N_("attachments: {file} of {number} is not the one that was attached"), said)
    return None


def strays(turn: Turn, home: Path) -> list[str]:
    """The files in the desk's folder that no entry names."""
    found = set(files.kept(home))
    return sorted(found - {entry.data.get("file") for entry in turn.ledger.entries_named("attach")}) if found else []


def problems(desk: Base, *, most: int, among: Container[int] | None = None) -> list[dict[str, object]]:
    """What ``verify`` says of the attachments, at most so many; of a ledger that cannot be read it says so itself."""
    try:
        found = altered(desk, among)
    except DeskError:
        return []
    return [{"seq": seq, "what": what} for seq, what in found[:most]]
