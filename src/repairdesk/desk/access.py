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
from repairdesk.ledger import keepsakes
from repairdesk.lent import DECLARED

_ACL = "system.posix_acl_access"
_RULES = tuple(FILES.values())
_OWN = frozenset((*_RULES, ADDRESSES, FOLDER, TEMPLATES, MAPPINGS, "ledger.db", "ledger.db-journal", DECLARED))
_OWN_FOLDERS = (FOLDER, TEMPLATES, MAPPINGS)
_KEYS = (b"PRIVATE KEY", b"PRIVATE+KEY", b"AGE-SECRET-KEY")
_COPIES = (keepsakes.BACKUP, keepsakes.PURGED, keepsakes.LEDGER)
_UNDER_WAY = ".half"
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


def seen(home: Path, ledger: Path | None = None) -> Iterator[Seen]:
    """What the modes protect and what not; keys, backups and exports that lie in the desk.

    ``ledger`` is its file, where it has one.

    Raises:
        OSError: the folder or the ledger cannot be looked at.
    """
    if ledger is not None:
        yield from _ledger(_modes(ledger), _modes(ledger.parent), ledger)
    yield from _rules(home)
    yield from _addresses(home / ADDRESSES)
    yield from _folders(home)
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


def _folders(home: Path) -> Iterator[Seen]:
    """The desk's own folders, of which everybody can see or change what is in them."""
    if "x" not in _modes(home).others:
        return  # Nobody else comes so far.
    modes = {name: _modes(home / name).others for name in _OWN_FOLDERS if (home / name).is_dir()}
    if changed := [name for name, others in modes.items() if "w" in others]:
        said = N_("everybody on this machine can put files into {folders}, or take them away: chmod o-rwx")
        yield Seen("access-folders", False, Remark(said, {"folders": changed}))
    elif FOLDER in modes and "x" in modes[FOLDER] and "r" in modes[FOLDER]:
        said = N_("everybody on this machine can see what lies in {folders}: chmod o-rwx")
        yield Seen("access-folders", False, Remark(said, {"folders": [FOLDER]}))


# --- what lies in the folder


def _left(home: Path, ledger: Path | None) -> Iterator[Seen]:
    found: dict[str, list[str]] = {"keys": [], "copies": []}
    for path, name in _files(home, ledger):
        # What a template or a mapping is called says nothing of what is in it.
        if kind := _kind(path, inside=name.startswith((f"{TEMPLATES}/", f"{MAPPINGS}/", "."))):
            found[kind].append(name)
    if found["keys"]:
        said = N_("a key lies in the desk ({files}): whoever alters the ledger could sign for it; keep it elsewhere")
        yield Seen("keys", False, Remark(said, {"files": _few(found["keys"])}))
    if found["copies"]:
        said = N_(
            "backups, exports or copies lie in the desk ({files}): lost with it, and no purge takes a name out of "
            "them; keep them elsewhere"
        )
        yield Seen("copies", False, Remark(said, {"files": _few(found["copies"])}))


def _files(home: Path, ledger: Path | None) -> Iterator[tuple[Path, str]]:
    """Every file that is none of the desk's own, hidden ones, too, with its path within the desk."""
    for folder, folders, names in os.walk(home):
        top = Path(folder) == home
        # Of what is attached doctor names each file that no entry speaks of; what is half made goes by itself.
        folders[:] = sorted(one for one in folders if not (top and one == FOLDER) and not one.endswith(_UNDER_WAY))
        for name in sorted(names):
            path = Path(folder) / name
            if not ((top and name in _OWN) or path == ledger or name.endswith(_UNDER_WAY)) and _is_plain(path):
                yield path, path.relative_to(home).as_posix()


def _is_plain(path: Path) -> bool:
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except OSError:
        return False


def _kind(path: Path, *, inside: bool) -> str | None:
    """``keys`` or ``copies``, by what a file begins with, or, not ``inside`` the desk's own, how its name ends."""
    try:
        head = keepsakes.beginning(path)
    except OSError:
        head = b""
    if any(one in head for one in _KEYS):
        return "keys"
    if keepsakes.kind_of(head) in _COPIES or (not inside and path.suffix.lower() in _TAKEN_OUT):
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
