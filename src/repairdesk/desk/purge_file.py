"""What is purged is written out first: a file outside the desk, whole and on the disk before anything goes (RET-2)."""

from __future__ import annotations

import fcntl
import hashlib
import io
import json
import os
import secrets
import stat
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from repairdesk.domain.attachment import FOLDER
from repairdesk.errors import N_, NotAllowed, NotFound, StorageError, UsageError

if TYPE_CHECKING:
    import tarfile

_LEFT = ".repairdesk-purge-"
_MODE = 0o600  # what it holds is what the desk must not hold any longer: for who made it alone


class Export:
    """The file on its way; each line is a JSON document."""

    def __init__(self, stream: TextIO) -> None:
        self.lines = 0
        self._stream = stream
        self._digest = hashlib.sha256()

    @property
    def sha256(self) -> str:
        """The digest of what was written so far, which the purge entry keeps."""
        return self._digest.hexdigest()

    def write(self, doc: Mapping[str, Any]) -> None:
        """One more line."""
        line = json.dumps(doc, ensure_ascii=False, sort_keys=True) + "\n"
        self._digest.update(line.encode())
        self._stream.write(line)
        self.lines += 1


def files_of(target: Path) -> Path:
    """Where the files that hang on what goes are written to, beside the rest."""
    return target.with_name(target.name + ".files.tar")


def check(home: Path, ledger: Iterable[Path], target: Path) -> None:
    """Whether the file may be there: outside the desk, in a folder that there is.

    ``ledger`` are the files of the ledger, if it has any.

    Raises:
        UsageError: it is in the desk's folder, or is no file at all. NotFound: there is no such folder.
    """
    if target.name in ("", "-"):
        raise UsageError(N_("“{file}” is no name of a file: what goes is written out to one"), rule="RET-2",
                         file=str(target))  # fmt: skip
    beside = {Path(os.path.realpath(file)).parent for file in ledger}
    real = Path(os.path.realpath(target))
    if Path(os.path.realpath(home)) in real.parents or real.parent in beside:
        raise UsageError(N_("{file} is in the desk: what goes from it goes to a file elsewhere"), rule="RET-2",
                         file=str(target))  # fmt: skip
    if not real.parent.is_dir():
        raise NotFound(N_("there is no folder {folder}"), folder=str(real.parent))


def check_free(target: Path) -> None:
    """Nothing is there yet.

    Raises:
        NotAllowed: something is.
    """
    for file in (target, files_of(target)):
        if os.path.lexists(file):
            raise NotAllowed(N_("{path} is there already and is not overwritten"), path=str(file))


@contextmanager
def exported(target: Path) -> Iterator[Export]:
    """A file that is whole and on the disk under its name once the block ends well; else there is nothing of it.

    Raises:
        StorageError: it cannot be written. NotAllowed: something is there by now.
    """
    with _whole(target) as stream:
        text = io.TextIOWrapper(stream, encoding="utf-8")
        yield Export(text)
        text.flush()
        text.detach()


def packed(target: Path, home: Path, numbers: Iterable[str]) -> dict[str, Any] | None:
    """The files that hang on these orders in a tar beside the rest, on the disk; None: there are none.

    Answers with its name, how many are in it, and its digest.

    Raises:
        StorageError: one cannot be read, or it cannot be written. NotAllowed: something is there by now.
    """
    import tarfile

    names = [name for number in numbers for name in _kept(home, number)]
    if not names:
        return None
    file = files_of(target)
    with _whole(file) as stream:
        with tarfile.open(fileobj=stream, mode="w", format=tarfile.PAX_FORMAT) as tar:
            for name in names:
                _add(tar, home, name)
        stream.seek(0)
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return {"file": str(file), "files": len(names), "sha256": digest}


def _kept(home: Path, number: str) -> list[str]:
    """The plain files in an order's folder, by the names that entries have for them."""
    folder = home / FOLDER / number
    if folder.is_symlink() or not folder.is_dir():
        return []
    there = sorted(one.name for one in folder.iterdir() if stat.S_ISREG(one.lstat().st_mode))
    return [f"{FOLDER}/{number}/{name}" for name in there]


def _add(tar: tarfile.TarFile, home: Path, name: str) -> None:
    import tarfile

    try:
        stream = open(os.open(home / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC), "rb")  # noqa: SIM115
    except OSError as error:
        raise StorageError(
            N_("{file} cannot be read: {why}"), file=str(home / name), why=error.strerror or ""
        ) from None
    with stream:
        seen, member = os.fstat(stream.fileno()), tarfile.TarInfo(name)
        member.size, member.mode, member.mtime = seen.st_size, _MODE, int(seen.st_mtime)
        tar.addfile(member, stream)


@contextmanager
def _whole(target: Path) -> Iterator[io.BufferedRandom]:
    """A file that takes its name once it is whole and on the disk; what killed runs left behind goes."""
    half = target.with_name(f"{_LEFT}{secrets.token_hex(6)}.half")
    try:
        _sweep(target.parent)
        try:
            with open(os.open(half, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, _MODE), "w+b") as stream:
                # A lock that ends with its process tells what is written from what was left.
                with suppress(OSError):
                    fcntl.flock(stream.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
                yield stream
                stream.flush()
                os.fsync(stream.fileno())
            os.link(half, target)  # never over another file
        finally:
            half.unlink(missing_ok=True)
        try:
            _reach_the_disk(target.parent)
        except OSError:
            target.unlink()  # nothing is purged, and nothing of it stays
            raise
    except FileExistsError:
        raise NotAllowed(N_("{path} is there already and is not overwritten"), path=str(target)) from None
    except OSError as error:
        raise StorageError(N_("{file} cannot be written: {why}"), file=str(target), why=error.strerror or "") from None


def _sweep(folder: Path) -> None:
    """Take away what killed purges left half written in this folder: it is full of what was to go."""
    for left in folder.glob(f"{_LEFT}*.half"):
        with suppress(OSError):
            held = os.open(left, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                left.unlink()
            finally:
                os.close(held)


def _reach_the_disk(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
