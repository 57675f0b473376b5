"""Backups: a copy of a ledger that others write meanwhile, and the one file in which a desk is put away.

The file is a plain tar, so that nothing but ``tar`` and ``sha256sum`` is needed to look into it. Its first member says
what it is; its last one, ``SHA256SUMS``, has the digest of every other and of all the bytes before, and is only there
when everything else is.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import io
import json
import os
import secrets
import shutil
import sqlite3
import stat
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

from repairdesk.domain.record import NamedTuple
from repairdesk.domain.times import from_outside
from repairdesk.errors import N_, Damaged, NotAllowed, NotFound, StorageError, UsageError, unreadable
from repairdesk.ledger import connection
from repairdesk.ledger.database import WAIT_SECONDS

ABOUT, SUMS = "repairdesk-backup.json", "SHA256SUMS"
FORMAT = 1
MOST = 2**63
"""No ledger has so many entries: SQLite cannot count them."""
_PIECE = 1 << 20
_MINE = 0o600  # it holds what the desk masks
_MODES = 0o770  # of what is taken out: nothing for others, and nobody's rights but one's own
_FEW = 1 << 16  # bytes of what the first member says
_NO_LINKS = (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EMLINK, errno.ENOSYS, errno.EXDEV)


# -- the ledger


def copy(source: Path, target: Path, wait_seconds: float = WAIT_SECONDS, *, older: bool = False) -> None:
    """A ledger as it is at one moment, page by page, while others write; ``target`` lies where nobody else looks.

    In one step: writers wait as long as it takes to read the file once, a second for a million entries. In several
    steps SQLite begins anew whenever somebody wrote in between, and beside a busy desk it never ends; ``VACUUM INTO``
    holds writers up for twice as long, and stumbles over a page that a damaged ledger's copy should have.

    ``older``: also of a ledger of an earlier version.

    Raises:
        Busy, Damaged, NotFound: as every opening. StorageError: it cannot be read. OSError: it cannot be written.
    """
    try:
        with (
            connection.reading(source, wait_seconds, older=older) as db,
            _written(target),
            closing(sqlite3.connect(target, isolation_level=None)) as out,
        ):
            # It is nobody's yet, and reaches the disk once it is whole.
            out.execute("PRAGMA synchronous=OFF")
            db.backup(out)
        target.chmod(stat.S_IMODE(source.stat().st_mode))
    except sqlite3.Error as error:
        raise Damaged(N_("{file} cannot be copied: {why}"), file=str(source), why=str(error)) from None


@contextmanager
def _written(target: Path) -> Iterator[None]:
    """What cannot be written into a copy, as the system says it: of that file nobody has heard.

    Raises:
        OSError: the disk is full, or cannot be written.
    """
    try:
        with connection.translated(target):
            yield
    except StorageError as error:
        code = getattr(error.__cause__, "sqlite_errorcode", 0) & 0xFF
        number = errno.ENOSPC if code == sqlite3.SQLITE_FULL else errno.EIO
        raise OSError(number, os.strerror(number), str(target)) from error


# -- a place to work in


@contextmanager
def workshop(folder: Path, target: Path | None = None) -> Iterator[Path]:
    """A folder of one's own in another one, gone afterwards; those that killed runs left behind go, too.

    ``target`` is what is made in it, for the refusal.

    Raises:
        NotFound: there is no such folder. StorageError: nothing can be written in it.
    """
    place = folder / f".repairdesk-{secrets.token_hex(6)}.half"
    try:
        _sweep(folder)
        place.mkdir(0o700)
    except (FileNotFoundError, NotADirectoryError):
        raise NotFound(N_("there is no folder {folder}"), folder=str(folder)) from None
    except OSError as error:
        raise _unwritable(folder, error) from None
    held = os.open(place, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        # A lock that ends with its process tells those that are worked in from those that were left.
        with suppress(OSError):
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield place
    except OSError as error:
        raise _unwritable(target or folder, error) from None
    finally:
        shutil.rmtree(place, ignore_errors=True)
        os.close(held)


def _sweep(folder: Path) -> None:
    for left in folder.glob(".repairdesk-*.half"):
        with suppress(OSError):
            held = os.open(left, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(left, ignore_errors=True)
            finally:
                os.close(held)


def _unwritable(path: Path, error: OSError) -> StorageError:
    if error.errno == errno.ENOSPC:
        return StorageError(N_("the disk is full: nothing was left at {file}"), file=str(path))
    return StorageError(N_("{file} cannot be written: {why}"), file=str(path), why=error.strerror or str(error))


# -- packing


class Pack:
    """A backup in the making: ``add`` what goes into it, then ``finish``."""

    def __init__(self, half: Path, about: Mapping[str, Any], at: float) -> None:
        self._file = open(os.open(half, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, _MINE), "w+b")  # noqa: SIM115
        self._tar = tarfile.open(fileobj=self._file, mode="w", format=tarfile.PAX_FORMAT)  # noqa: SIM115
        self._sums: list[str] = []
        self._at = at
        text = json.dumps({"format": FORMAT, **about}, ensure_ascii=False, indent=1)
        self._put(ABOUT, io.BytesIO(text.encode()), len(text.encode()), 0o640, at)

    def add(self, name: str, file: Path) -> str:
        """A file, under its name in the desk; answers with its digest.

        Raises:
            OSError: it cannot be read, or changed its length meanwhile. UsageError: its name is none for a list.
        """
        if not name.isprintable() or "\\" in name:
            raise UsageError(N_("{file} has a name that no list of files can hold: rename it"), file=repr(name))
        with file.open("rb") as stream:
            seen = os.fstat(stream.fileno())
            return self._put(name, stream, seen.st_size, stat.S_IMODE(seen.st_mode) & 0o770, seen.st_mtime)

    def _put(self, name: str, stream: BinaryIO, size: int, mode: int, at: float) -> str:
        member = tarfile.TarInfo(name)
        member.size, member.mode, member.mtime = size, mode, int(at)
        watched = _Watched(stream)
        self._tar.addfile(member, watched)
        self._sums.append(f"{watched.digest.hexdigest()}  {name}\n")
        return watched.digest.hexdigest()

    def finish(self) -> int:
        """That was all: the list of digests, and everything on the disk; how many bytes."""
        self._file.flush()
        before = _digest_upto(self._file, self._tar.offset)
        self._file.seek(self._tar.offset)
        text = "".join([f"# {before}  {self._tar.offset} bytes before this list\n", *self._sums]).encode()
        self._put(SUMS, io.BytesIO(text), len(text), 0o640, self._at)
        self._tar.close()
        self._file.flush()
        os.fsync(self._file.fileno())
        return os.fstat(self._file.fileno()).st_size

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()


class _Watched(io.RawIOBase):
    """A stream whose digest is made while it is read."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.digest = hashlib.sha256()

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        piece = self._stream.read(size)
        self.digest.update(piece)
        return piece


def _digest_upto(stream: BinaryIO, end: int) -> str:
    stream.seek(0)
    digest = hashlib.sha256()
    while end > 0 and (piece := stream.read(min(_PIECE, end))):
        digest.update(piece)
        end -= len(piece)
    return digest.hexdigest()


def place(half: Path, target: Path) -> None:
    """Put a whole file under its name, never over another one.

    Raises:
        NotAllowed: there is something of that name. OSError: it cannot be put there.
    """
    try:
        try:
            os.link(half, target)
        except OSError as error:
            # A stick or a share that knows no links: the name is looked for, then taken.
            if error.errno not in _NO_LINKS:
                raise
            if os.path.lexists(target):
                raise FileExistsError from None
            os.rename(half, target)
    except FileExistsError:
        raise NotAllowed(N_("{path} is there already and is not overwritten"), path=str(target)) from None
    confirm(target)


def confirm(placed: Path) -> None:
    """What has just taken its name outlives a power cut.

    Raises:
        StorageError: nobody knows; it stands there whole.
    """
    try:
        reach_the_disk(placed.parent)
    except OSError as error:
        said = N_(
            "{file} is whole, but the disk did not confirm that it stays: {why}; see to the disk, then look at it"
        )
        raise StorageError(said, file=str(placed), why=error.strerror or str(error)) from None


def reach_the_disk(folder: Path) -> None:
    """What was made or renamed in a folder outlives a power cut."""
    held = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(held)
    finally:
        os.close(held)


# -- unpacking


class Member(NamedTuple):
    """A file of a backup: its name in the desk, its digest, its mode."""

    name: str
    sha256: str
    mode: int


class Packed:
    """A backup that was found whole: ``about`` is what its first member says, ``members`` all the others."""

    def __init__(self, tar: tarfile.TarFile, file: Path) -> None:
        self._tar, self._file = tar, file
        found = tar.getmembers()
        if [found[0].name, found[-1].name] != [ABOUT, SUMS] or found[0].size > _FEW or not all(map(_plain, found)):
            raise _torn(file)
        self.about: dict[str, Any] = self._said(found[0])
        sums = self._sums(found[-1])
        if [one.name for one in found[:-1]] != list(sums):
            raise _torn(file)
        self.members = [Member(one.name, sums[one.name], one.mode & _MODES | stat.S_IRUSR) for one in found[1:-1]]

    def _bytes(self, member: tarfile.TarInfo) -> bytes:
        stream = self._tar.extractfile(member)
        assert stream is not None
        return stream.read()

    def _said(self, member: tarfile.TarInfo) -> dict[str, Any]:
        about = json.loads(self._bytes(member))
        if about["format"] > FORMAT:
            raise Damaged(N_("{file} was made by a newer repairdesk, in a form that this one does not know"),
                          file=str(self._file))  # fmt: skip
        from_outside(about["at"])
        if not 0 <= about["entries"] < MOST or not isinstance(about["verified"], bool):
            raise ValueError("nothing that a backup says of itself")
        return {**about, "head": str(about["head"])}

    def _sums(self, member: tarfile.TarInfo) -> dict[str, str]:
        """The digests of the list, once its first line has told that all before it is as it was written."""
        first, *lines = self._bytes(member).decode().removesuffix("\n").split("\n")
        with self._file.open("rb") as stream:
            if first != f"# {_digest_upto(stream, member.offset)}  {member.offset} bytes before this list":
                raise _torn(self._file)
        return {name: digest for digest, name in (line.split("  ", 1) for line in lines)}

    def extract(self, member: Member, target: Path) -> None:
        """One file, on the disk.

        Raises:
            Damaged: it is not what its digest was made of. OSError: it cannot be written.
        """
        stream = self._tar.extractfile(member.name)
        assert stream is not None
        digest = hashlib.sha256()
        with open(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, _MINE), "wb") as out:
            while piece := stream.read(_PIECE):
                digest.update(piece)
                out.write(piece)
            out.flush()
            os.fchmod(out.fileno(), member.mode)
            os.fsync(out.fileno())
        if digest.hexdigest() != member.sha256:
            raise _torn(self._file)


def _plain(member: tarfile.TarInfo) -> bool:
    """A file with a name inside the folder that it is put in."""
    path = PurePosixPath(member.name)
    return member.isreg() and member.name.isprintable() and not path.is_absolute() and ".." not in path.parts


def _torn(file: Path) -> Damaged:
    return Damaged(N_("{file} is not a backup of repairdesk, or not a whole one: take another"), file=str(file))


@contextmanager
def opened(file: Path) -> Iterator[Packed]:
    """A backup, looked at from end to end.

    Raises:
        NotFound: there is no such file. Damaged: it is no backup, or not as it was written.
        StorageError: it cannot be read.
    """
    if not file.is_file():
        raise NotFound(N_("there is no file {file}"), file=str(file))
    try:
        tar = tarfile.open(file, "r:")  # noqa: SIM115 - closed below; what it says when it opens is told apart
    except tarfile.TarError:
        raise _torn(file) from None
    except OSError as error:
        raise unreadable(file, error) from None
    with tar:
        try:
            packed = Packed(tar, file)
        except (tarfile.TarError, ValueError, LookupError, TypeError, EOFError, RecursionError):
            raise _torn(file) from None
        except OSError as error:
            raise unreadable(file, error) from None
        yield packed


def about(file: Path) -> dict[str, Any]:
    """What a backup says of itself, by its beginning alone; nothing where it is none, or no file at all."""
    try:
        if not stat.S_ISREG(file.lstat().st_mode):
            return {}
        with tarfile.open(file, "r:") as tar:
            member = tar.next()
            if member is None or member.name != ABOUT or not member.isreg() or member.size > _FEW:
                return {}
            stream = tar.extractfile(member)
            said = json.loads(stream.read()) if stream else {}
    except (OSError, tarfile.TarError, ValueError, EOFError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def is_complete(file: Path) -> bool:
    """Whether a backup is there to its end, by its members' headers alone: nothing of what is in them is read."""
    try:
        with tarfile.open(file, "r:") as tar:
            found = tar.getmembers()
            last = found[-1]
            return last.name == SUMS and last.offset_data + last.size <= file.stat().st_size
    except (OSError, tarfile.TarError, ValueError, LookupError, EOFError):
        return False
