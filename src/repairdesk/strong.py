"""What a desk in strong mode is started by: one desk, as its own account, whoever calls (docs/decisions/0030).

A file of three lines that nobody but root can write (``lent.launcher``) names the account and the desk, and calls
``run``. Called by somebody, it asks sudo to start it as the account; started so, it serves whom the kernel says that it
was called by. Nothing here trusts a variable: one that says that sudo was there can only make the program refuse.

Whoever types a command waits for this twice, so that what only hands over to sudo imports next to nothing.
"""

from __future__ import annotations

import os
import pwd
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

    from repairdesk.errors import DeskError

SUDO = "/usr/bin/sudo"
_BY_THEMSELVES = ("completion", "--show-completion", "--install-completion")
"""What is about the caller's own shell, and wants nothing of the desk."""


def run(account: str, home: str) -> NoReturn:
    """Serve the desk ``home`` of ``account``."""
    os.umask(0o077)
    refusal = _refusal(account, home)
    from repairdesk.cli import __main__ as edge

    if refusal is not None:
        from repairdesk import locale

        locale.use(locale.choose(sys.argv[1:]))
        sys.exit(edge._refuse(refusal, sys.argv[1:]))
    edge.run()


def _refusal(account: str, home: str) -> DeskError | None:
    """Why nothing is served; None: all is well, and this process is the account's, or the caller's own affair."""
    try:
        own = pwd.getpwnam(account)
    except KeyError:
        return _no_account(account)
    if os.geteuid() != own.pw_uid:
        if sys.argv[1:2] and sys.argv[1].partition("=")[0] in _BY_THEMSELVES:
            return None  # With the caller's rights alone, and no desk.
        return _ask_sudo(own)
    from pathlib import Path

    from repairdesk import lent

    if lent.is_lent():
        _forget_environment(own, lent.KEPT, lent.PATH)
    elif "SUDO_UID" in os.environ:
        return _unknown_caller(account)
    lent.bind(Path(home))
    return None


def _ask_sudo(own: pwd.struct_passwd) -> DeskError:
    """Begin anew as the account; sudo decides, and what is asked here only says so in words and with a code."""
    if os.getuid() != 0:
        me = pwd.getpwuid(os.getuid())
        if own.pw_gid not in os.getgrouplist(me.pw_name, me.pw_gid):
            return _not_let_in(me.pw_name, own.pw_gid)
    program = os.path.abspath(sys.argv[0])
    try:
        os.execv(SUDO, ["sudo", "-n", "-u", own.pw_name, "--", program, *sys.argv[1:]])
    except OSError:
        from repairdesk.errors import N_, NotFound

        return NotFound(N_("there is no {file}, by which this desk is reached: install sudo"), file=SUDO)


def _forget_environment(own: pwd.struct_passwd, names: tuple[str, ...], path: str) -> None:
    """What of it steers a library, an interpreter or a program is not the caller's to say."""
    kept = {name: os.environ[name] for name in names if name in os.environ}
    os.environ.clear()
    os.environ.update(kept, PATH=path, HOME=own.pw_dir, USER=own.pw_name, LOGNAME=own.pw_name)


def _no_account(account: str) -> DeskError:
    from repairdesk.errors import N_, NotFound

    said = N_("this machine has no account {account}: name the one whose desk it is in {program}")
    return NotFound(said, account=account, program=sys.argv[0])


def _unknown_caller(account: str) -> DeskError:
    from repairdesk.errors import N_, NotPermitted

    said = N_(
        "sudo does not leave who calls: write stay_setuid into its rule for {program}; whoever looks after the "
        "desk works as {account} without it: runuser -u {account}"
    )
    return NotPermitted(said, program=sys.argv[0], account=account)


def _not_let_in(who: str, group: int) -> DeskError:
    import grp

    from repairdesk.errors import N_, NotPermitted

    said = N_("{who} is not let in here: let root put them into the group {group}, and log in anew")
    return NotPermitted(said, who=who, group=grp.getgrgid(group).gr_name)
