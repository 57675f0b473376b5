"""Whether a desk in strong mode is one: whose it is, what starts it, and who else could get at it; for ``doctor``.

Each thing that the mode rests on is looked at by itself (docs/decisions/0030). What only root can read is looked at
where root asks, with root's own rights.
"""

from __future__ import annotations

import grp
import os
import pwd
import re
import stat
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from repairdesk import lent
from repairdesk.desk.access import Seen
from repairdesk.desk.turn import Remark
from repairdesk.errors import N_

NAME = "strong"
_SUDO = "/usr/bin/sudo"
_SUDOERS = Path("/etc/sudoers")
_MORE_SUDOERS = Path("/etc/sudoers.d")
_ACL = "system.posix_acl_access"
_NAMED = 5
_FIRST_LINE = re.compile(r"#!(/[^\s]+) -I\n")


def seen(home: Path, accounts: Iterable[str], ledger: Path | None = None, *, by_pin: bool) -> Iterator[Seen]:
    """What there is to say of each thing that strong mode rests on.

    Args:
        accounts: the OS users of those who work here. by_pin: whether the policies ask second persons for a PIN.

    Raises:
        OSError: the folder or the ledger cannot be looked at.
    """
    home, owner = Path(os.path.abspath(home)), home.stat().st_uid
    yield _folder(home, ledger, owner)
    program = _program(home)
    if program is None:
        said = N_("{file} does not say by what the desk is started: one line, the path of that program")
        yield Seen(NAME, False, Remark(said, {"file": str(home / lent.DECLARED)}))
        return
    yield from _launcher(program, home, owner)
    yield _installed()
    yield from _rule(program, owner, accounts)
    if lent.is_lent():
        yield _caller()
    if not by_pin:
        said = N_("who is named as the second person (--with, --approver) is not asked: second_person in policies.yaml")
        yield Seen("strong-second", False, Remark(said))


# --- the folder


def _folder(home: Path, ledger: Path | None, owner: int) -> Seen:
    about = {"folder": str(home), "account": _account(owner)}
    others = ledger is not None and ledger.stat().st_uid != owner
    if owner == 0 or others:
        said = N_("the desk is not an account's own: chown -R {account} {folder}, and of no person and not of root")
        return Seen(NAME, False, Remark(said, about))
    if home.stat().st_mode & 0o077 or _has_list(home):
        said = N_("others than {account} get into the desk: chmod 700 {folder}, and no access list (setfacl -b)")
        return Seen(NAME, False, Remark(said, about))
    if loose := _loose_above(home, owner):
        said = N_("others can put another folder in the desk's place, by {folders}: chmod go-w, chown root")
        return Seen(NAME, False, Remark(said, {"folders": loose}))
    said = N_("nobody but {account} and root gets at {folder}: not with sqlite3, and not with an editor")
    return Seen(NAME, True, Remark(said, about))


def _has_list(path: Path) -> bool:
    if not hasattr(os, "listxattr"):
        return False
    with suppress(OSError):
        return _ACL in os.listxattr(path)
    return False


def _loose_above(path: Path, owner: int) -> list[str]:
    """The folders above it in which somebody else could exchange what leads to it."""
    return [str(folder) for folder in path.parents if _is_loose(folder, (0, owner), sticky=True)]


def _is_loose(path: Path, owners: tuple[int, ...], *, sticky: bool = False) -> bool:
    """Whether somebody else than these can change it; in a folder with the sticky bit nobody exchanges another's."""
    had = path.lstat()
    if stat.S_ISLNK(had.st_mode):
        return had.st_uid not in owners
    if sticky and had.st_mode & stat.S_ISVTX and had.st_uid in owners:
        return False
    group = had.st_mode & stat.S_IWGRP and had.st_gid != 0
    return had.st_uid not in owners or bool(group or had.st_mode & stat.S_IWOTH)


# --- what starts it, and what runs then


def _program(home: Path) -> Path | None:
    """The program that the desk says it is started by."""
    try:
        text = (home / lent.DECLARED).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return None
    return Path(text) if text.startswith("/") and "\n" not in text else None


def _launcher(program: Path, home: Path, owner: int) -> Iterator[Seen]:
    about = {"file": str(program)}
    try:
        text, loose = program.read_text(encoding="utf-8"), _is_loose(program, (0,)) or _loose_above(program, 0)
    except (OSError, UnicodeDecodeError):
        yield Seen(
            "strong-program", False, Remark(N_("there is no program {file}, by which the desk is started"), about)
        )
        return
    first = _FIRST_LINE.match(text)
    wanted = lent.launcher(first[1] if first else "PYTHON", _account(owner), str(home))
    if text != wanted:
        said = N_("{file} is not what starts this desk and nothing else; it should read: {text}")
        yield Seen("strong-program", False, Remark(said, {**about, "text": wanted}))
    elif loose:
        said = N_("others than root can change {file}, by which the desk is started: chown root, chmod go-w")
        yield Seen("strong-program", False, Remark(said, about))
    else:
        yield Seen("strong-program", True, Remark(N_("{file} starts this desk, and root alone can change it"), about))


def _installed() -> Seen:
    """Whether root alone can change what runs with the rights of the desk's account."""
    package, libraries = Path(__file__).resolve().parents[1], Path(sysconfig.get_path("purelib"))
    tops = {package, libraries, Path(sysconfig.get_path("stdlib")), Path(sys.executable), Path(sys.prefix) / "bin"}
    tops |= {Path(os.path.realpath(sys.executable)), Path(sys.prefix) / "pyvenv.cfg"}
    loose: list[str] = []
    for top in sorted(tops):
        with suppress(OSError):
            loose += _loose_above(top, 0)
            loose += (str(path) for path in _all(top) if _is_loose(path, (0,)))
    if loose := sorted(set(loose)):
        said = N_("others than root can change what runs here ({files}): install it as root, chmod go-w")
        return Seen(
            "strong-program", False, Remark(said, {"files": [*loose[:_NAMED], *("…",) * (len(loose) > _NAMED)]})
        )
    return Seen("strong-program", True, Remark(N_("root alone can change what runs here ({folder})"),
                                               {"folder": sys.prefix}))  # fmt: skip


def _few(names: list[str]) -> list[str]:
    return [*names[:_NAMED], "…"] if len(names) > _NAMED else names


def _all(top: Path) -> Iterator[Path]:
    yield top
    if top.is_dir():
        for folder, folders, names in os.walk(top):
            yield from (Path(folder) / name for name in (*folders, *names))


# --- the rule of sudo


def _rule(program: Path, owner: int, accounts: Iterable[str]) -> Iterator[Seen]:
    if lent.caller() != 0:
        yield Seen(
            "strong-rule", True, Remark(N_("the rule of sudo is root's to read: doctor says more at root's account"))
        )
        return
    account = _account(owner)
    wanted = lent.rule(str(program), account, _group(pwd.getpwuid(owner).pw_gid))
    with lent.as_caller():
        there = _sudoers()
        more = sorted({who for who in accounts if _can_more(who, account, str(program))})
    lacking = [line for line in wanted.splitlines() if line not in there]
    if lacking:
        said = N_("sudo has no rule that starts this desk and nothing else; in {folder}: {text}")
        yield Seen("strong-rule", False, Remark(said, {"folder": str(_MORE_SUDOERS), "text": wanted}))
    if more:
        said = N_("by sudo these can do more than start the program, and reach around it: {accounts}")
        yield Seen("strong-rule", False, Remark(said, {"accounts": more}))
    if not lacking and not more:
        said = N_("sudo starts {file} as {account} for who works here, and nothing else")
        yield Seen("strong-rule", True, Remark(said, {"file": str(program), "account": account}))


def _sudoers() -> set[str]:
    """The lines of all rules; what ends with a backslash goes on in the next."""
    found: set[str] = set()
    with suppress(OSError):
        # sudo itself reads no name with a point, and none that ends with a tilde.
        names = sorted(name for name in os.listdir(_MORE_SUDOERS) if "." not in name and not name.endswith("~"))
        for file in (_SUDOERS, *(_MORE_SUDOERS / name for name in names)):
            with suppress(OSError):
                found.update(file.read_text(encoding="utf-8", errors="replace").replace("\\\n", "").splitlines())
    return found


def _can_more(who: str, account: str, program: str) -> bool:
    """Whether sudo lets somebody do something else as the desk's account, or as root."""
    import subprocess

    command = [_SUDO, "-n", "-ll", "-U", who]
    said = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False, user=0,
                          env={"LC_ALL": "C", "PATH": lent.PATH}).stdout  # fmt: skip
    for entry in re.split(r"(?m)^Sudoers entry.*$", said)[1:]:
        runs = re.search(r"RunAsUsers:(.*)", entry)
        names = {name.strip() for name in (runs[1] if runs else "root").split(",")}
        commands = [line.strip() for line in entry.partition("Commands:")[2].splitlines() if line.strip()]
        if names & {"ALL", "root", account} and commands != [program]:
            return True
    return False


def _caller() -> Seen:
    """Who called, as the kernel has it, with what groups."""
    who = _account(lent.caller())
    theirs = {*os.getgrouplist(who, pwd.getpwnam(who).pw_gid)} if lent.caller() else set()
    beyond = {os.getegid(), *os.getgroups()} - theirs
    if lent.caller() and beyond:
        said = N_("{who} was lent groups, too ({groups}), and opens files by them: sudo's rule lacks preserve_groups")
        return Seen("strong-caller", False, Remark(said, {"who": who, "groups": [_group(one) for one in beyond]}))
    said = N_("the kernel says who calls: {who}")
    return Seen("strong-caller", True, Remark(said, {"who": who}))


def _account(number: int) -> str:
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return str(number)


def _group(number: int) -> str:
    try:
        return grp.getgrgid(number).gr_name
    except KeyError:
        return str(number)
