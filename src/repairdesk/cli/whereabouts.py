"""Where a desk and its ledger are, by what was typed, the environment and the folder: for commands and for completion.

Light on purpose: completion asks it at every press of a key.
"""

from __future__ import annotations

import os
from pathlib import Path

from repairdesk.errors import N_, UsageError


def nearest() -> Path:
    """The nearest desk from the current folder upwards, else the user's data folder."""
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / "policies.yaml").is_file() and (folder / "fees.yaml").is_file():
            return folder
    data = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(data) / "repairdesk"


def ledger_path(said: str) -> Path:
    """The file that ``--ledger`` names: a path, or an SQLAlchemy URL of SQLite.

    Raises:
        UsageError: an engine that this version does not serve.
    """
    scheme, found, rest = said.partition("://")
    if not found:
        return Path(said)
    if scheme.partition("+")[0] == "sqlite" and rest.startswith("/"):
        return Path(rest[1:])
    raise UsageError(N_("“{url}” names an engine that this version does not serve; give a path"), url=said)
