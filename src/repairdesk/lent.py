"""Rights that are lent: the program runs as the desk's own account, and somebody else called it (strong mode).

sudo leaves who called as the real user, and the kernel keeps it there: no variable says who that is. What the caller
names on the command line is opened with the caller's own rights, which the kernel checks; all else is the desk's.
Why: docs/decisions/0030-strong-mode.md.
"""

from __future__ import annotations

import errno
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

DECLARED = "strong"
"""A file of the desk that says so, with the path of what starts the program: nobody but its own account writes it."""

KEPT = ("LANG", "LANGUAGE", "LC_ALL", "LC_CTYPE", "LC_MESSAGES", "TERM", "COLORTERM", "COLUMNS", "LINES", "NO_COLOR",
        "REPAIRDESK_LANG", "_REPAIRDESK_COMPLETE")  # fmt: skip
"""What of the caller's environment the program sees: how to speak and how to draw."""
PATH = "/usr/bin:/bin"

_LAUNCHER = """\
#!{python} -I
from repairdesk.strong import run

run(account={account!r}, home={home!r})
"""
_RULE = """\
Defaults!{launcher} env_reset, !setenv, stay_setuid, preserve_groups, umask=0077, umask_override, !log_allowed
Defaults!{launcher} secure_path="{path}", env_keep="{kept}"
%{group} ALL=({account}) NOPASSWD: NOSETENV: {launcher}
"""

_caller, _own = os.getuid(), os.geteuid()
_home: Path | None = None
_one_at_a_time = threading.RLock()


def is_lent() -> bool:
    """Whether somebody else than the account that the program runs as called it."""
    return _caller != _own


def caller() -> int:
    """Who called, as the kernel has it."""
    return _caller


def account() -> int:
    """As whom it runs."""
    return _own


def is_declared(home: Path) -> bool:
    """Whether a desk says that it is in strong mode, or is reached so."""
    return is_lent() or os.path.lexists(home / DECLARED)


def bind(home: Path) -> None:
    """Serve this desk and no other, whatever is typed."""
    global _home
    _home = home


def home() -> Path | None:
    """The one desk that is served; None: whichever is named."""
    return _home


@contextmanager
def as_caller() -> Iterator[None]:
    """With the rights of who called, and none of the desk's: for every file that the caller names."""
    if not is_lent():
        yield
        return
    # The rights are the whole process's: no other thread may give them back meanwhile.
    with _one_at_a_time:
        if os.geteuid() == _caller:
            yield
            return
        os.seteuid(_caller)
        try:
            yield
        finally:
            os.seteuid(_own)


def expanded(said: str) -> Path:
    """A path as the caller means it: ``~`` is their home, and not the desk's account's."""
    if is_lent() and (said == "~" or said.startswith("~/")):
        import pwd

        return Path(pwd.getpwuid(_caller).pw_dir + said[1:])
    return Path(said).expanduser()


def opened(file: str | os.PathLike[str], flags: int) -> int:
    """A file that the caller names, opened with their rights; an ``opener`` for ``open``.

    Raises:
        OSError: it cannot be opened, or is not theirs to open.
    """
    with as_caller():
        descriptor = os.open(file, flags | os.O_CLOEXEC)
    try:
        check(descriptor)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def check(descriptor: int) -> None:
    """Whether what was opened for the caller is what they could have opened themselves.

    What this process holds has names in /proc (``/proc/self/fd/5``) that lead past every folder on the way to it.

    Raises:
        PermissionError: it is not.
    """
    if not is_lent() or any(os.path.sameopenfile(descriptor, stream) for stream in (0, 1, 2)):
        return
    name = os.readlink(f"/proc/self/fd/{descriptor}")
    with as_caller():
        try:
            theirs = name.startswith("/") and os.path.samestat(os.stat(name), os.fstat(descriptor))
        except OSError:
            theirs = False
    if not theirs:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), name)


def launcher(python: str, account: str, home: str) -> str:
    """The text of what starts the program."""
    return _LAUNCHER.format(python=python, account=account, home=home)


def rule(launcher: str, account: str, group: str) -> str:
    """The text of the rule by which sudo lets the group start that program as the account, and nothing else."""
    return _RULE.format(launcher=launcher, account=account, group=group, path=PATH, kept=" ".join(KEPT))
