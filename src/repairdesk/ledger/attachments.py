"""Files that belong to orders: beside the ledger, which keeps their digests.

A file is copied under a name that nobody looks for, reaches the disk, and then takes its place, before its entry is
written: a ledger never speaks of a file that is not there whole. What an interruption leaves behind is a file without
an entry, which ``doctor`` names.
"""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import BufferedReader
from pathlib import Path

from repairdesk import lent
from repairdesk.domain.attachment import FOLDER, HEAD
from repairdesk.errors import N_, BadInput, StorageError, UsageError, unreadable

_PIECE = 1 << 20
_FILE = 0o660  # as the ledger: a shared desk's group reads and writes it, and nobody else
_FOLDER = 0o770


class Source:
    """A file that is to be attached, opened.

    Attributes:
        file: its path as given.
        head: its first bytes.
        bytes: its size.
    """

    def __init__(self, file: Path, stream: BufferedReader, size: int) -> None:
        self.file, self.stream, self.bytes = file, stream, size
        self.head = stream.read(HEAD)


@contextmanager
def opened(file: Path) -> Iterator[Source]:
    """A file to attach; a link is followed to what it points to.

    Raises:
        NotFound: there is none. UsageError: it is a folder, a device, a pipe. BadInput: it is empty.
        StorageError: it cannot be read.
    """
    try:
        with lent.as_caller():
            stream = _stream(file)
        if stream is not None:
            lent.check(stream.fileno())
    except (OSError, ValueError) as error:
        raise unreadable(file, error) from None
    if stream is None:
        raise UsageError(N_("{file} is no file that could be attached"), file=str(file))
    with stream:
        try:
            source = Source(file, stream, os.fstat(stream.fileno()).st_size)
        except OSError as error:
            raise unreadable(file, error) from None
        if not source.head:
            raise BadInput(N_("{file} is empty"), file=str(file))
        yield source


def _stream(file: Path, follow: int = 0) -> BufferedReader | None:
    """A file, opened to be read; None where it is a folder, a pipe, a device."""
    # A pipe that nobody writes to would be waited for, a terminal would become ours.
    descriptor = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC | follow)
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return os.fdopen(descriptor, "rb")
    os.close(descriptor)
    return None


class Staged:
    """A file on its way into the desk: copied, on the disk, and not under its name yet.

    Attributes:
        bytes, sha256: of what was copied.
    """

    def __init__(self, home: Path, half: Path, size: int, sha256: str) -> None:
        self.bytes, self.sha256 = size, sha256
        self._home, self._half = home, half
        self._placed: Path | None = None

    def place(self, name: str) -> bool:
        """Put it under its name (``attachments/NUMBER/…``); the same file that is there already stays: False.

        Raises:
            StorageError: it cannot be put there.
        """
        target = self._home / name
        try:
            _make(target.parent)
            if digest_of(target) == self.sha256:
                return False
            os.replace(self._half, target)
            self._placed = target
            _reach_the_disk(target.parent)
            return True
        except OSError as error:
            raise _unwritable(target, error) from None

    def take_back(self) -> None:
        """What came to nothing is not left behind; what was there before is."""
        if self._placed is not None:
            with suppress(OSError):  # the folder has others
                self._placed.unlink()
                self._placed.parent.rmdir()


@contextmanager
def staged(home: Path, source: Source, most: int) -> Iterator[Staged]:
    """A copy of a file in the desk's folder; of one that is larger than ``most`` bytes only the beginning.

    Whatever goes wrong inside, nothing is left of it.

    Raises:
        StorageError: the disk is full, the folder cannot be written, the file cannot be read.
    """
    folder = home / FOLDER
    half = folder / f".{secrets.token_hex(8)}.half"
    try:
        try:
            _make(folder)
            copy = Staged(home, half, *_copied(source, half, most))
        except OSError as error:
            raise _unwritable(folder, error) from None
        try:
            yield copy
        except BaseException:
            copy.take_back()
            raise
    finally:
        with suppress(OSError):  # mostly it has taken its place
            half.unlink()


def _copied(source: Source, half: Path, most: int) -> tuple[int, str]:
    """Bytes and digest of the copy, which has reached the disk."""
    size, digest = 0, hashlib.sha256()
    with open(os.open(half, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, _FILE), "wb") as copy:
        os.fchmod(copy.fileno(), _FILE)
        piece = source.head
        while piece:
            size += len(piece)
            digest.update(piece)
            copy.write(piece)
            piece = _next(source) if size <= most else b""
        copy.flush()
        os.fsync(copy.fileno())
    return size, digest.hexdigest()


def _next(source: Source) -> bytes:
    try:
        return source.stream.read(_PIECE)
    except OSError as error:
        raise unreadable(source.file, error) from None


def _make(folder: Path) -> None:
    """The folder, with those above it, for the group of a shared desk; one that is there stays as it is."""
    try:
        folder.mkdir()
    except FileExistsError:
        return
    folder.chmod(_FOLDER | stat.S_IMODE(folder.stat().st_mode) & stat.S_ISGID)
    _reach_the_disk(folder.parent)


def _reach_the_disk(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _unwritable(path: Path, error: OSError) -> StorageError:
    return StorageError(N_("{file} cannot be written: {why}"), file=str(path), why=error.strerror or str(error))


def digest_of(file: Path) -> str | None:
    """The digest of a file, read piece by piece; None where there is none, or no file but something else.

    Raises:
        OSError: it cannot be read.
    """
    try:
        stream = _stream(file, os.O_NOFOLLOW)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENXIO):  # a link, a socket
            return None
        raise
    if stream is None:
        return None
    with stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def kept(home: Path) -> Iterator[str]:
    """The names of all files in the folder, as entries write them."""
    for folder, _, names in os.walk(home / FOLDER):
        for name in names:
            yield (Path(folder) / name).relative_to(home).as_posix()
