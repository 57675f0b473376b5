"""Where a PIN is typed: at the terminal, without showing it, or in a file; never on the command line.

What stands on a command line is seen by everybody on the machine (``ps``), and stays in the shell's history; an
environment variable goes on to every program that is started.
"""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from repairdesk import lent
from repairdesk.cli.common import Call, required
from repairdesk.errors import N_, UsageError, unreadable
from repairdesk.locale import tr

if TYPE_CHECKING:
    from repairdesk.desk import By

_LONGEST = 200


def confirmed(call: Call, what: str, staff_id: str | None, file: Path | None) -> By:
    """Who does it, with the second person's word for it where the policies ask for a PIN.

    Nothing is held while somebody types.

    Raises:
        UsageError: it is asked for, and there is neither a file nor a terminal. NotPermitted: it is wrong, or locked.
    """
    desk, by = call.desk, call.by
    if not staff_id or not desk.pin_asked(by, what, staff_id):
        return by
    return desk.pin_confirmed(by, what, staff_id, _typed(staff_id, file))


def chosen(call: Call, staff_id: str, old_file: Path | None, new_file: Path | None) -> dict[str, Any]:
    """Somebody chooses a PIN; who has one types that first. Of two files the first has the old one."""
    desk = call.desk
    held = desk.pin_is_set(call.by, staff_id)
    if not held and old_file is not None:
        if new_file is not None:
            raise UsageError(N_("{who} has no PIN yet: give the new one alone"), who=staff_id)
        old_file, new_file = None, old_file
    old = _typed(staff_id, old_file) if held else None
    return desk.pin_set(call.by, staff_id, new=_new(new_file), old=old)


def taken_back(call: Call, staff_id: str, reason: str, file: Path | None) -> dict[str, Any]:
    """Another's PIN is taken back, by whoever types their own."""
    desk, by = call.desk, call.by
    who = desk.pin_resetter(by, staff_id)
    if desk.pin_is_set(by, who):
        by = desk.pin_confirmed(by, "pin-reset", who, _typed(who, file))
    return desk.pin_reset(by, staff_id, reason=reason)


def _typed(staff_id: str, file: Path | None) -> str:
    """A PIN that somebody has."""
    return _first_line(file) if file is not None else _asked(N_("PIN of {who}: "), "pin-file", who=staff_id)


def _new(file: Path | None) -> str:
    """A new PIN; at a terminal it is typed twice, and looked at before that."""
    if file is not None:
        return _first_line(file)
    from repairdesk.domain.pin import checked

    first = checked(_asked(N_("The new PIN, {least} to {most} digits: "), "new-pin-file", least=6, most=12))
    again = _asked(N_("Once more: "), "new-pin-file")
    if checked(again) != first:
        raise UsageError(N_("the two are not the same: nothing was changed"))
    return first


def _asked(message: str, option: str, **values: Any) -> str:
    """What somebody types at the terminal, which does not show it.

    Raises:
        UsageError: there is nobody.
    """
    if sys.stdin is None or not sys.stdin.isatty():
        required(**{option: None})
    from getpass import getpass

    try:
        return getpass(tr(message).format(**values))
    except EOFError:
        raise UsageError(N_("missing: {fields}"), fields=[option], extra={"missing": [option]}) from None


def _first_line(file: Path) -> str:
    """What stands in the file, which nobody else may read; a pipe is read, too.

    Raises:
        NotFound: there is none. UsageError: others can read it. StorageError: it cannot be read.
    """
    try:
        with open(file, "rb", opener=lent.opened) as stream:
            mode = os.fstat(stream.fileno()).st_mode
            if stat.S_ISREG(mode) and mode & 0o077:
                raise UsageError(N_("others can read {file}: chmod 600"), file=str(file))
            line = stream.readline(_LONGEST)
    except (OSError, ValueError) as error:
        raise unreadable(file, error) from None
    return line.decode("utf-8", "replace").strip("\r\n\ufeff ")
