"""Answers that go to a file: whole or not there.

A link stays a link, and what is no file (a device, a pipe) is written to and never replaced.
"""

from __future__ import annotations

import errno
import fcntl
import os
import re
import secrets
import shutil
import stat
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from pathlib import Path

from repairdesk import lent
from repairdesk.desk.rulebooks import FILES
from repairdesk.errors import N_, NotAllowed, NotFound, StorageError, UsageError, Word
from repairdesk.ledger import keepsakes

_HALF = re.compile(r"\.[0-9a-f]{12}\.half")
_SHARED = 0o660  # in the desk's folder: its group reads and writes what its members made
_MINE = 0o600
_STREAMS = {"/dev/stdout": 1, "/dev/stderr": 2}
_DESCRIPTOR = re.compile(r"/(?:dev|proc/self)/fd/([0-9]{1,6})")


class Whole:
    """An answer on its way.

    Attributes:
        half: the file that is written meanwhile; it takes its place only once it is whole.
        kind: of what it goes to where that is no file: ``st_mode`` of a device, a pipe or an open stream; else None.
    """

    def __init__(
        self, path: Path, kind: int | None, half: Path, target: Path, *, mine: bool, handed: tuple[Path, int] | None
    ) -> None:
        self.half, self.kind = half, kind
        self._path, self._target, self._mine = path, target, mine
        self._handed = handed

    def place(self) -> None:
        """That was all: it stands under its name, with the mode of what it replaces, or goes down the pipe.

        Raises:
            OSError: it cannot be put there.
        """
        if self.kind is None:
            half = self.half if self._handed is None else self._hand_over(*self._handed)
            with lent.as_caller():
                os.chmod(half, _MINE if self._mine else _mode(self._target))
                os.replace(half, self._target)
            return
        with self.half.open("rb") as whole, open(_opened(self._path), "wb") as stream:
            shutil.copyfileobj(whole, stream)

    def _hand_over(self, half: Path, held: int) -> Path:
        """What was written with the desk's rights, in a file that the caller made in a folder of theirs."""
        with self.half.open("rb") as whole, open(held, "wb", closefd=False) as theirs:
            shutil.copyfileobj(whole, theirs)
        os.fsync(held)
        return half


@contextmanager
def writing(path: Path, *, mine: bool = False, over: str | None = None) -> Iterator[Whole]:
    """An answer that goes to ``path``; left without ``place``, nothing has happened to what is there.

    Args:
        mine: it has what the desk masks: nobody but its owner reads it, whoever could read what was there.
        over: what it may replace, of what is else never replaced (``keepsakes``).

    Raises:
        UsageError: what is there can take no answer. NotAllowed: what is there is not to be replaced.
        OSError: there is no such folder, or nothing can be written in it.
    """
    kind = _kind(path)
    if kind is not None and (stat.S_ISBLK(kind) or stat.S_ISSOCK(kind)):
        raise UsageError(N_("{file} is no file that an answer could be written to"), file=str(path))
    with ExitStack() as stack:
        handed, target = None, path
        if kind is None:
            with lent.as_caller():
                # A link keeps pointing: what it points to is what is replaced.
                target = Path(os.path.realpath(path))
                if target.is_dir():
                    raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
                _spare(path, target, over)
            half, held = stack.enter_context(_half(target.parent, theirs=True))
            handed = (half, held) if lent.is_lent() else None
        if kind is not None or handed:
            half, _ = stack.enter_context(_half(Path(tempfile.gettempdir()), theirs=False))
        yield Whole(path, kind, half, target, mine=mine, handed=handed)


@contextmanager
def _half(folder: Path, *, theirs: bool) -> Iterator[tuple[Path, int]]:
    """A file to write meanwhile, gone at the end unless it took its place; ``theirs``: with the caller's rights."""
    with lent.as_caller() if theirs else nullcontext():
        _sweep(folder)
        half, held = _begun(folder)
    try:
        yield half, held
    finally:
        with lent.as_caller() if theirs else nullcontext():
            half.unlink(missing_ok=True)
        os.close(held)


def _spare(path: Path, target: Path, over: str | None) -> None:
    """Refuse to replace a key, a backup, a ledger and the like (``keepsakes``), whatever its name."""
    try:
        kind = keepsakes.kind_of(keepsakes.beginning(target))
    except OSError:
        return  # There is nothing, or writing will say what is wrong.
    if kind is not None and kind != over:
        raise NotAllowed(N_("{file} is {what}, and is not overwritten: give another name"), file=str(path),
                         what=Word(keepsakes.NAMES[kind]))  # fmt: skip


def _begun(folder: Path) -> tuple[Path, int]:
    """A file to write meanwhile, held by a lock that ends with this process, however it ends."""
    while True:
        half = folder / f".{secrets.token_hex(6)}.half"  # a name as long as names may be leaves no room for more
        held = os.open(half, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600)
        with suppress(OSError):
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # Whoever sweeps may have come between the two.
        if half.exists():
            return half, held
        os.close(held)


def _sweep(folder: Path) -> None:
    """What runs that were killed left behind goes; what is held is somebody's who writes now."""
    with suppress(OSError):
        for name in filter(_HALF.fullmatch, os.listdir(folder)):
            with suppress(OSError):
                held = os.open(folder / name, os.O_WRONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
                try:
                    fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    os.unlink(folder / name)
                finally:
                    os.close(held)


def check_place(path: Path) -> None:
    """Whether ``path`` names a file in a folder that is there.

    Raises:
        UsageError: it is a folder. NotFound: there is no such folder.
    """
    with lent.as_caller():
        if path.is_dir():
            raise UsageError(N_("{file} is a folder: give the name of a file"), file=str(path))
        if not path.parent.is_dir():
            raise NotFound(N_("there is no folder {folder}"), folder=str(path.parent))


def check(path: Path, *, text: bool) -> None:
    """Whether an answer could go to ``path``; nothing is left there. For what cannot be taken back afterwards.

    Args:
        text: whether it is text; a workbook goes to a file or a device alone.

    Raises:
        UsageError: what is there can take no such answer. StorageError: nothing can be written there.
    """
    try:
        with writing(path) as out:
            if not text and out.kind is not None and not stat.S_ISCHR(out.kind):
                raise UsageError(N_("{file} is no file, and an answer of this kind goes to one"), file=str(path))
    except OSError as error:
        raise StorageError(N_("{file} cannot be written: {why}"), file=str(path), why=error.strerror or "") from None


def _kind(path: Path) -> int | None:
    """``st_mode`` of what is there and must not be replaced; None for a file, a folder, and where nothing is."""
    try:
        with lent.as_caller():
            mode = path.stat().st_mode
    except OSError:
        return None  # writing will say what is wrong
    # A stream that goes to a file is open there: the file under its name would be another one.
    file = stat.S_ISREG(mode) and _descriptor(path) is None
    return None if file or stat.S_ISDIR(mode) else mode


def is_stream(path: Path) -> bool:
    """Whether an answer to ``path`` replaces nothing: it goes into a device, a pipe or an open stream."""
    return _kind(path) is not None


def _descriptor(path: Path) -> int | None:
    name = os.path.abspath(path)
    found = _DESCRIPTOR.fullmatch(name)
    number = int(found[1]) if found else _STREAMS.get(name)
    # Of what is open where rights are lent only the first three are the caller's.
    return None if number is not None and number > 2 and lent.is_lent() else number


def _opened(path: Path) -> int:
    descriptor = _descriptor(path)
    if descriptor is None:
        return lent.opened(path, os.O_WRONLY | os.O_NOCTTY)
    for stream in (sys.stdout, sys.stderr):
        # What was said before comes before.
        if stream is not None:
            stream.flush()
    return os.dup(descriptor)  # opened anew it would begin at the start of the file that it goes to


def _mode(target: Path) -> int:
    """That of what is replaced; of a new file, the group's in a desk, and elsewhere as the umask has it."""
    try:
        return target.stat().st_mode & 0o777
    except FileNotFoundError:
        if any((folder / FILES["policies"]).exists() for folder in target.parents):
            return _SHARED
    mask = os.umask(0o077)  # it cannot be asked without being set
    os.umask(mask)
    return 0o666 & ~mask
