"""What nobody does with rights that are lent (strong mode): keep the desk itself, or name a file that is not theirs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from repairdesk.errors import N_, NotPermitted

ACCOUNT_ALONE = {
    "init": (), "demo": (), "backup": (), "restore": (), "completion": (), "fees_import": (),
    "upgrade": (), "create": (), "copy": (), "admit": (), "dismiss": (), "sites": (),
    "print_": ("template_init",), "import_": ("save_mapping",),
}  # fmt: skip
"""What the desk's own account does alone: a command, or of one these options."""

AS_CALLER = {
    "import_": ("file", "rejects"), "household_import": ("file",), "batch": ("file",), "attach": ("file",),
    "verify": ("against", "public_key"), "report": ("out",), "print_": ("out",), "handover": ("out",),
    "export": ("out",), "consent": ("pin_file",), "finish": ("pin_file",), "rebill": ("pin_file",),
    "purge": ("pin_file",), "staff_pin": ("pin_file", "new_pin_file"),
}  # fmt: skip
"""Files that are opened with the rights of who called (``lent.as_caller``). Any other is refused: none is forgotten."""


def check(command: str, values: Mapping[str, Any]) -> None:
    """Whether a command may be done with rights that are lent.

    Raises:
        NotPermitted: the desk's own account does it alone, or names that file alone.
    """
    if command in ACCOUNT_ALONE:
        options = ACCOUNT_ALONE[command]
        if not options or any(values.get(name) for name in options):
            raise NotPermitted(N_("let the desk's own account do that, and nobody else (strong mode)"))
    for name, value in values.items():
        paths = [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, Path)]
        if name not in AS_CALLER.get(command, ()) and any(str(one) != "-" for one in paths):
            said = N_("leave out {option}: with a file it is for the desk's own account alone (strong mode)")
            raise NotPermitted(said, option=name.replace("_", "-"))
