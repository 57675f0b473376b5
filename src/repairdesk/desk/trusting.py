"""Proofs that lie outside the desk: checkpoints that were kept elsewhere, codes that paper carries (REC-1).

The chain proves every entry against the last one. Whoever forges it anew from some entry on has a chain that proves
itself; what was noted elsewhere before tells.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, tzinfo
from pathlib import Path
from typing import Any

from repairdesk import lent
from repairdesk.desk.base import Base
from repairdesk.desk.turn import By, Remark
from repairdesk.domain.times import local_iso
from repairdesk.errors import (
    N_,
    BadInput,
    Damaged,
    DeskError,
    NotAllowed,
    NotFound,
    Sentence,
    StorageError,
    UsageError,
    unreadable,
)
from repairdesk.ledger import checkpoints, codes
from repairdesk.ledger.checkpoints import Checkpoint, Key
from repairdesk.ledger.journal import Reader

Doc = dict[str, Any]
_MOST = 1 << 20  # bytes of a note or a key: so much is read and no more


class Trusting(Base):
    """What is given away to be held against the desk one day, and holding it."""

    def checkpoint(self, by: By, key: Path | None = None, out: Path | None = None) -> tuple[Doc, list[Remark]]:
        """How far the ledger has come and what its head is, as a note; signed where there is a key.

        Args:
            out: where the note is to go. One that is there already is replaced only where the ledger goes on from it:
                else it is what proves that the ledger was altered.

        Raises:
            UsageError: the key lies in the desk. NotFound: no such key, the library is missing. BadInput: it is no key.
            NotAllowed: the ledger has no entry yet; what is at ``out`` is no checkpoint. Damaged: the head is none, or
                the ledger does not go on from the checkpoint at ``out``. StorageError: that cannot be read.
        """
        secret, remarks = self._secret(key) if key is not None else (None, [])
        remarks += _within(self.home, self.ledger.store.files(), out)
        before = _before(out)
        with self.ledger.read() as reader:
            (entries, head), origin = reader.head(), checkpoints.origin_of(reader.first_hash())
            for problem in _of_note(before[0], before[1], reader) if before else ():
                raise Damaged(N_("{problem}; that checkpoint proves it and stays as it is: keep it, and run verify"),
                              rule="REC-1", problem=problem["what"])  # fmt: skip
        if entries == 0:
            raise NotAllowed(N_("the ledger has no entry yet: there is nothing to note"))
        at = self.now()
        try:
            text = checkpoints.written(origin, entries, head, at)
        except ValueError:
            raise Damaged(N_("the ledger holds a record that cannot be read: run verify")) from None
        doc = {"origin": origin, "entries": entries, "head": head,
               "at": local_iso(at, zone_of(self, by)),
               "code": codes.code_of(entries, head), "signed_by": secret.name if secret else None,
               "note": checkpoints.signed(text, secret) if secret else text}  # fmt: skip
        return doc, remarks

    def _secret(self, file: Path) -> tuple[Key, list[Remark]]:
        self.keep_out(file)
        key = checkpoints.secret_key(_read(file), str(file))
        said = N_("others can read {file}, and sign with it: chmod 600")
        open_to_others = file.stat().st_mode & 0o077
        return key, [Remark(said, {"file": str(file)})] if open_to_others else []

    def checkpoint_key(self, file: Path) -> Doc:
        """A new pair of keys for this desk's checkpoints: the file, which signs, and beside it one that ends in .pub.

        Raises:
            UsageError: the file would lie in the desk. NotAllowed: it is there already. NotFound: no such folder, the
            library is missing. StorageError: it cannot be written.
        """
        public = file.with_name(file.name + ".pub")
        self.keep_out(file)
        with self.ledger.read() as reader:
            origin = checkpoints.origin_of(reader.first_hash())
        secret_text, public_text = checkpoints.new_key(origin)
        _write_new(file, secret_text, 0o600)
        try:
            _write_new(public, public_text, 0o644)
        except BaseException:
            file.unlink()
            raise
        return {"key": str(file), "public_key": str(public), "name": origin, "public": public_text.strip()}

    def keep_out(self, file: Path) -> None:
        """Refuse a key that lies in the desk: whoever can alter the ledger could sign what was altered.

        Raises:
            UsageError: it does.
        """
        folders = (self.home, *(Path(os.path.realpath(file)).parent for file in self.ledger.store.files()))
        if os.path.realpath(file).startswith(tuple(os.path.realpath(folder) + os.sep for folder in folders)):
            raise UsageError(N_("{file} lies in the desk: whoever alters the ledger could sign for it; keep the key "
                                "elsewhere"), rule="REC-1", file=str(file))  # fmt: skip

    def verify_part(self, by: By, *, since: str | None = None, number: str | None = None) -> Doc:
        """``verify`` of what was written since an entry or a time, or of one order; ``part`` says of what.

        Raises:
            UsageError: ``since`` is none, or an entry that this ledger does not have. NotFound: there is no such order.
        """
        from repairdesk.desk import attaching
        from repairdesk.desk.exporting import since_of
        from repairdesk.desk.looking import MOST_TOLD
        from repairdesk.desk.turn import resolve
        from repairdesk.ledger import verify_part as parts

        store, wait = self.ledger.store, self.ledger.wait_seconds
        with self.look(by) as turn:
            whole = resolve(turn.ledger, number) if number is not None else None
            after = since_of(turn, since, turn.ledger.head()[0])
        found = parts.since(store, after, wait) if whole is None else parts.of(store, whole, wait)
        problems = [*found["problems"], *attaching.problems(self, most=MOST_TOLD, among=found.pop("seqs"))]
        part = {"since": after} if whole is None else {"number": whole}
        return {**found, "ok": not problems, "problems": problems, "part": part}

    def held_against(
        self, by: By, notes: Sequence[Path] = (), public: Path | None = None, said: Sequence[str] = ()
    ) -> tuple[Doc, list[Remark]]:
        """Whether the ledger is the one that checkpoints and codes speak of.

        The document has ``problems`` as those of ``verify``, and beside them what was held against it: ``against`` and
        ``codes``, in the order in which they were given.

        Args:
            notes: files of checkpoints; ``public``: of the key that must have signed them.
            said: codes as typed.

        Raises:
            NotFound, StorageError, BadInput: a file is not there, cannot be read, is no checkpoint or key.
            UsageError: a code is none, or was mistyped.
        """
        wanted = [codes.parsed(text) for text in said]
        read = [(file, checkpoints.parsed(_read(file), str(file))) for file in notes]
        key = checkpoints.public_key(_read(public), str(public)) if public is not None else None
        doc: Doc = {"problems": [], "against": [], "codes": []}
        zone = zone_of(self, by) if notes else UTC
        with self.ledger.read() as reader:
            for file, note in read:
                signed = checkpoints.is_signed_by(note, key) if key else None
                problems = [*_signature(file, signed), *_of_note(file, note, reader)]
                doc["problems"] += problems
                doc["against"].append(_note_doc(file, note, signed, zone, ok=not problems))
            for text, code in zip(said, wanted, strict=True):
                problems = list(_of_code(text, code, reader))
                doc["problems"] += problems
                doc["codes"].append({"code": text, "seq": code.seq, "ok": not problems})
        return doc, list(_unproved(read)) if key is None else []


def _within(home: Path, ledger: Iterable[Path], out: Path | None) -> list[Remark]:
    """What there is to say of a note that lies with what it is to prove."""
    beside = (Path(os.path.realpath(file)).parent for file in ledger)
    folders = [os.path.realpath(folder) + os.sep for folder in (home, *beside)]
    if out is None or not os.path.realpath(out).startswith(tuple(folders)):
        return []
    said = N_("{file} lies in the desk: whoever alters the ledger can alter it, too, and it proves nothing; keep it "
              "elsewhere")  # fmt: skip
    return [Remark(said, {"file": str(out)})]


def _before(out: Path | None) -> tuple[Path, Checkpoint] | None:
    """The checkpoint that is there already; None: nothing is, or nothing that could be replaced.

    Raises:
        NotAllowed: a file is there that is none. StorageError: it cannot be read.
    """
    if out is None or not out.is_file():
        return None
    note = _read(out)
    try:
        return (out, checkpoints.parsed(note, str(out))) if note else None
    except BadInput:
        raise NotAllowed(N_("{file} is there already, is no checkpoint, and is not overwritten"),
                         file=str(out)) from None  # fmt: skip


def zone_of(desk: Base, by: By) -> tzinfo:
    """The desk's zone; UTC where its rules cannot be read, which is no reason not to prove or to back up a ledger."""
    try:
        with desk.look(by) as turn:
            return turn.rules.zone
    except DeskError:
        return UTC


def _signature(file: Path, signed: bool | None) -> Iterator[Doc]:
    if signed is False:
        said = N_("{file}: the owner of the key did not sign this checkpoint, or not as it stands now")
        yield {"seq": None, "what": Sentence(said, {"file": str(file)})}


def _of_note(file: Path, note: Checkpoint, reader: Reader) -> Iterator[Doc]:
    """What is wrong with the ledger, by a checkpoint."""
    mine = checkpoints.origin_of(reader.first_hash())
    said = {"file": str(file), "entries": note.entries, "origin": note.origin, "mine": mine}
    if note.origin != mine:
        yield _problem(1, N_("{file} is of {origin}, and this ledger is {mine}: it is another desk's, or this one was "
                             "forged from its first entry on"), said)  # fmt: skip
        return
    found, (last, _) = reader.hash_at(note.entries), reader.head()
    if found is None:
        yield _problem(last, N_("{file}: the ledger had {entries} entries, and now has {last}: some are cut off"),
                       {**said, "last": last})  # fmt: skip
    elif found != note.head:
        yield _problem(note.entries, N_("{file}: entry {entries} is not the one that was there: the ledger was forged, "
                                        "from it or an earlier one on"), said)  # fmt: skip


def _of_code(text: str, code: codes.Code, reader: Reader) -> Iterator[Doc]:
    """What is wrong with the ledger, by a code."""
    found, (last, _) = reader.hash_at(code.seq), reader.head()
    said = {"code": text, "seq": code.seq, "last": last}
    if found is None:
        yield _problem(last, N_("{code}: there is no entry {seq}, the last is {last}: some are cut off, or the code is "
                                "another desk's"), said)  # fmt: skip
    elif not code.fits(found):
        yield _problem(code.seq, N_("{code}: entry {seq} is not the one that was there: the ledger was forged, or the "
                                    "code is another desk's"), said)  # fmt: skip


def _problem(seq: int, template: str, values: Doc) -> Doc:
    return {"seq": seq, "what": Sentence(template, values)}


def _note_doc(file: Path, note: Checkpoint, signed: bool | None, zone: tzinfo, *, ok: bool) -> Doc:
    return {"file": str(file), "origin": note.origin, "entries": note.entries, "head": note.head,
            "at": local_iso(note.at, zone) if note.at else None, "signed": signed, "ok": ok}  # fmt: skip


def _unproved(read: Sequence[tuple[Path, Checkpoint]]) -> Iterator[Remark]:
    """Without the key a signature says nothing: the file is believed because of where it was kept."""
    for file, note in read:
        if note.signatures:
            yield Remark(N_("{file} is signed; whether by the right key is asked with --public-key"),
                         {"file": str(file)})  # fmt: skip


def _read(file: Path) -> bytes:
    try:
        with lent.as_caller():
            if not file.is_file():
                raise FileNotFoundError
            with open(file, "rb", opener=lent.opened) as stream:
                return stream.read(_MOST)
    except (OSError, ValueError) as error:
        raise unreadable(file, error) from None


def _write_new(file: Path, text: str, mode: int) -> None:
    try:
        with open(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, mode), "w") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
    except FileExistsError:
        raise NotAllowed(N_("{path} is there already and is not overwritten"), path=str(file)) from None
    except (FileNotFoundError, NotADirectoryError):
        raise NotFound(N_("there is no folder {folder}"), folder=str(file.parent)) from None
    except OSError as error:
        raise StorageError(N_("{file} cannot be written: {why}"), file=str(file), why=error.strerror or "") from None
