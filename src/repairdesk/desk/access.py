"""Whom the modes of the desk's files let in, and what lies in the folder that belongs elsewhere: for ``doctor``.

The program asks who may what; the file system alone decides who can read the ledger, or alter it by other means.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from repairdesk.desk.base import MAPPINGS, TEMPLATES
from repairdesk.desk.rulebooks import FILES
from repairdesk.desk.turn import Remark
from repairdesk.domain.attachment import FOLDER
from repairdesk.domain.message import ADDRESSES
from repairdesk.domain.record import NamedTuple
from repairdesk.errors import N_

_ACL = "system.posix_acl_access"
_RULES = tuple(FILES.values())
_OWN = frozenset((*_RULES, ADDRESSES, FOLDER, TEMPLATES, MAPPINGS, "ledger.db", "ledger.db-journal"))
_KEY, _BACKUP, _PURGED, _LEDGER = b"PRIVATE KEY", b"repairdesk-backup.json", b'{"purge": ', b"SQLite format 3\0"
_SIGNING = b"PRIVATE+KEY"
_TAKEN_OUT = (".csv", ".xlsx", ".jsonl", ".db", ".sqlite", ".bak", ".tar", ".gz", ".zip", ".zst")
_NAMED = 5


class Seen(NamedTuple):
    """Something that was looked at: under which name it is told, whether it is well, and what there is to say."""

    name: str
    ok: bool
    said: Remark


class _Modes(NamedTuple):
    """Of one file: whose it is, and what the members of its group and everybody else can do (``r``, ``w``, ``x``)."""

    owner: str
    group: str
    members: str
    others: str
    setgid: bool
    listed: bool


def seen(home: Path, ledger: Path) -> Iterator[Seen]:
    """What the modes protect and what not; keys, backups and exports that lie in the desk.

    Raises:
        OSError: the folder or the ledger cannot be looked at.
    """
    book, folder = _modes(ledger), _modes(ledger.parent)
    yield from _ledger(book, folder, ledger)
    yield from _rules(home)
    yield from _addresses(home / ADDRESSES)
    yield from _left(home, ledger)


def _ledger(book: _Modes, folder: _Modes, ledger: Path) -> Iterator[Seen]:
    about: dict[str, Any] = {"owner": book.owner, "group": book.group, "file": str(ledger)}
    reached = "x" in folder.others
    if "w" in folder.others or (reached and "w" in book.others):
        said = N_("everybody on this machine can alter the ledger: chmod o-rwx {folder} {file}")
        yield Seen("access", False, Remark(said, {**about, "folder": str(ledger.parent)}))
    elif reached and "r" in book.others:
        said = N_("everybody on this machine can read the ledger, with every phone and name in it: chmod o-rwx {file}")
        yield Seen("access", False, Remark(said, about))
    elif book.listed or folder.listed:
        said = N_("an access list (getfacl) says who else can read and alter the ledger of {owner}")
        yield Seen("access", True, Remark(said, about))
    elif "w" in folder.members and not folder.setgid:
        said = N_("the folder is for the group {group}, but what is made in it is not: chmod g+s {folder}")
        yield Seen("access", False, Remark(said, {"group": folder.group, "folder": str(ledger.parent)}))
    else:
        yield Seen("access", True, Remark(_let_in(book, folder), about))


def _let_in(book: _Modes, folder: _Modes) -> str:
    """In words: who gets at the ledger, and what of that the program cannot prevent."""
    members = book.members if "x" in folder.members else ""
    if "w" in members or "w" in folder.members:
        return N_(
            "{owner} and the group {group} can read the ledger with every phone and name in it, and alter it by other "
            "programs; verify shows that, or a checkpoint that is kept elsewhere. Nobody else but root gets at it"
        )
    if "r" in members:
        return N_(
            "{owner} alone can alter the ledger by other programs, which verify shows, or a checkpoint that is kept "
            "elsewhere; the group {group} can read every phone and name in it. Nobody else but root gets at it"
        )
    return N_(
        "{owner} alone can read the ledger with every phone and name in it, and alter it by other programs; verify "
        "shows that, or a checkpoint that is kept elsewhere"
    )


def _rules(home: Path) -> Iterator[Seen]:
    """Who can change who may what."""
    folder, there = _modes(home), [home / name for name in _RULES if (home / name).exists()]
    modes = {path.name: _modes(path) for path in there}
    about = {"files": sorted(modes), "owner": folder.owner, "group": folder.group}
    if "w" in folder.others or any("w" in one.others and "x" in folder.others for one in modes.values()):
        said = N_("everybody on this machine can change who may what ({files}): chmod o-w")
        yield Seen("access-rules", False, Remark(said, about))
    elif "w" in folder.members or any("w" in one.members and "x" in folder.members for one in modes.values()):
        said = N_("the group {group} can change who may what ({files}); what is changed goes on record when it is used")
        yield Seen("access-rules", True, Remark(said, about))
    else:
        said = N_("{owner} alone can change who may what ({files}); what is changed goes on record when it is used")
        yield Seen("access-rules", True, Remark(said, about))


def _addresses(path: Path) -> Iterator[Seen]:
    if path.exists() and "r" in _modes(path).others:
        said = N_("everybody on this machine can read {file}, with the keys to what sends messages: chmod o-rwx {file}")
        yield Seen("access-addresses", False, Remark(said, {"file": path.name}))


# --- what lies in the folder


def _left(home: Path, ledger: Path) -> Iterator[Seen]:
    found: dict[str, list[str]] = {"keys": [], "copies": []}
    places = [(home, ""), *((home / name, f"{name}/") for name in (TEMPLATES, MAPPINGS))]
    for folder, before in places:
        for path in sorted(_files(folder)):
            if not before and (path.name in _OWN or path.name.startswith(".") or path == ledger):
                continue
            if kind := _kind(path, inside=bool(before)):
                found[kind].append(before + path.name)
    if found["keys"]:
        said = N_("a key lies in the desk ({files}): whoever alters the ledger could sign for it; keep it elsewhere")
        yield Seen("keys", False, Remark(said, {"files": _few(found["keys"])}))
    if found["copies"]:
        said = N_(
            "backups, exports or copies lie in the desk ({files}): lost with it, and no purge takes a name out of "
            "them; keep them elsewhere"
        )
        yield Seen("copies", False, Remark(said, {"files": _few(found["copies"])}))


def _files(folder: Path) -> Iterator[Path]:
    with suppress(OSError):
        yield from (path for path in folder.iterdir() if path.is_file() and not path.is_symlink())


def _kind(path: Path, *, inside: bool) -> str | None:
    """``keys`` or ``copies``, by what a file begins with, or how its name ends."""
    try:
        with path.open("rb") as stream:
            head = stream.read(512)
    except OSError:
        head = b""
    if _KEY in head or _SIGNING in head:
        return "keys"
    if head.startswith((_LEDGER, _PURGED, _BACKUP)) or (not inside and path.suffix.lower() in _TAKEN_OUT):
        return "copies"
    return None


def _few(names: list[str]) -> list[str]:
    return [*names[:_NAMED], "…"] if len(names) > _NAMED else names


def _modes(path: Path) -> _Modes:
    import grp
    import pwd

    had = path.stat()
    try:
        owner = pwd.getpwuid(had.st_uid).pw_name
    except KeyError:
        owner = str(had.st_uid)
    try:
        group = grp.getgrgid(had.st_gid).gr_name
    except KeyError:
        group = str(had.st_gid)
    text = stat.filemode(had.st_mode)
    lists = getattr(os, "listxattr", None)
    listed = False
    if lists is not None:
        with suppress(OSError):
            listed = _ACL in lists(path)
    # A set-group bit with x is shown as s.
    return _Modes(owner, group, text[4:7].replace("s", "x"), text[7:10].replace("t", "x"),
                  bool(had.st_mode & stat.S_ISGID), listed)  # fmt: skip
