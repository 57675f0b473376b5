"""Where a desk and its ledger are, by what was typed, the environment and the folder: for commands and for completion.

Light on purpose: completion asks it at every press of a key.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from repairdesk import lent
from repairdesk.errors import N_, NotPermitted, UsageError

if TYPE_CHECKING:
    from repairdesk.ledger.postgres import Server


def desk_folder(said: Path | None, ledger: str | None = None) -> Path:
    """The folder that was said, else the nearest; where one desk is served, that one.

    Raises:
        NotPermitted: another one was said than the one that is served, or a ledger elsewhere; or this one is in strong
            mode, and reached past what starts it.
    """
    only = lent.home()
    if only is not None:
        if ledger or (said is not None and os.path.abspath(said) != os.path.abspath(only)):
            raise NotPermitted(N_("{home} is the one desk that is served here: leave out {options}"), home=str(only),
                               options="--home, --ledger")  # fmt: skip
        return only
    home = said or nearest()
    if os.path.exists(home / lent.DECLARED) and ("SUDO_UID" in os.environ or home.stat().st_uid != lent.account()):
        # Others would make files that its account cannot write; and by sudo nobody would know who it is.
        program = (home / lent.DECLARED).read_text(encoding="utf-8", errors="replace").strip()
        raise NotPermitted(N_("the desk {home} is in strong mode: run {program}"), home=str(home),
                           program=program)  # fmt: skip
    return home


def nearest() -> Path:
    """The nearest desk from the current folder upwards, else the user's data folder."""
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / "policies.yaml").is_file() and (folder / "fees.yaml").is_file():
            return folder
    data = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(data) / "repairdesk"


def ledger_path(said: str) -> Path | None:
    """The file that ``--ledger`` names: a path, or an SQLAlchemy URL of SQLite. None: it is on a server.

    Raises:
        UsageError: an engine that this version does not serve.
    """
    scheme, found, rest = said.partition("://")
    if not found:
        if _MEANT.match(said):
            # Not repeated: a password may be in it.
            raise UsageError(N_("--ledger is a path, or a URL with “://” behind postgresql+psycopg"))
        return Path(said)
    engine = scheme.partition("+")[0]
    if engine == "sqlite" and rest.startswith("/"):
        return Path(rest[1:])
    if engine == "postgresql":
        return None
    raise UsageError(N_("“{url}” names an engine that this version does not serve; give a path, or "
                        "postgresql+psycopg://…"), url=scheme + "://")  # fmt: skip


def on_server(url: str, site: str | None) -> Server:
    """The ledger of a site on a server.

    Raises:
        UsageError: the site's name is none, or what talks to servers is not installed.
    """
    if site is not None and not is_site(site):
        raise UsageError(N_("“{site}” is no name of a site: letters a to z, digits and _, at most 30"), site=site)
    if site == ALL_SITES:
        raise UsageError(N_("--site all is for reports; name one site"))
    try:
        from repairdesk.ledger.postgres import Server
    except ImportError:
        raise UsageError(N_("a ledger on a server needs psycopg: pip install 'repairdesk[postgres]'")) from None
    return Server(url, site)


def is_site(name: str) -> bool:
    """Whether a site can be called so."""
    return _SITE.fullmatch(name) is not None


ALL_SITES = "all"
_MEANT = re.compile(r"(postgres|postgresql|sqlite)(\+\w*)?:")
_SITE = re.compile(r"[a-z][a-z0-9_]{0,29}")
