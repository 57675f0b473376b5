"""The transcripts once more, with the ledger of every desk in a PostgreSQL database of its own.

The same commands are typed, and the same text must come out. ``choose`` says which ledger a command is about: as the
folder of its desk is known, ``REPAIRDESK_LEDGER`` names the database of that. The clerk at the keyboard is a login of
the server that owns nothing, and was given the least that the manual needs: what the server does not let such a login
do would show.

What must differ stands in ``DIFFERENT``, and nothing else may. One refusal is lifted: where rules and ledger lie apart,
a manager's next entry takes new rules over, and in the manual, whose ledgers lie with their rules, anybody's does. As a
manager's would be one more entry, every number after it would be another.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import patch
from urllib.parse import urlsplit

LOBBY = "TRANSCRIPT_LOBBY"
"""The variable with the URL of a database, in the name of its owner, beside which those of the desks are made."""
PROVIDED = "TRANSCRIPT_PROVIDED"
"""The variable with the URLs of those that are ready, so that no command of a script looks again."""
ACCOUNT, STAFF = "li", "C1"


class Different(NamedTuple):
    """What comes out otherwise: on a page, below a command, each time that it is typed there."""

    page: str
    command: str
    why: str
    instead: Mapping[str, str | Callable[[re.Match[str]], str]]
    """Patterns and what stands there instead; a line of which nothing is left is left out."""


_NAMED = "where a ledger is kept is told by the names of the server and the database, not by that of a file"
_NO_FILE = "the folder of the desk has no file with the ledger"
_NO_ACCESS = "who may read and write a ledger is the server's to say, and no matter of the modes of a file"
_ACCESS = {
    r"^well  access: .*|^正常  文件权限：.*": lambda line: {
        "w": "well  logins: who writes: –; who may purge, too: li; who only reads: –. None of them can alter what is "
        "written; postgres can, and whoever runs the server: verify shows that, or a checkpoint that is kept elsewhere",
        "正": "正常  登录：能写的：–；还能清除的：li；只看的：–。写下的，他们谁也改不了；能改的是 postgres 和"
        "管服务器的人：verify 或存在别处的检查点看得出来",
    }[line[0][0]],
}

_MAPLE, _LONGFOR = ({rf"{home}/ledger\.db": f"localhost/{home.replace('-', '_')}"} for home in
                    ("maple-garden", "longfor-desk"))  # fmt: skip

DIFFERENT = (
    Different("01", "repairdesk init --home maple-garden", _NAMED, _MAPLE),
    Different("01", "repairdesk init --home longfor-desk --preset longfor", _NAMED, _LONGFOR),
    Different("01", "ls maple-garden", _NO_FILE, {r"^ledger\.db$": ""}),
    Different("06", "repairdesk doctor", _NO_ACCESS, _ACCESS),
    Different("11", "repairdesk doctor", _NO_ACCESS, _ACCESS),
    Different("policies", "ls", _NO_FILE, {r"^ledger\.db$": ""}),
    Different("scripts", "repairdesk init --home maple-garden --json", _NAMED, _MAPLE),
    Different("tour", "repairdesk init --home maple-garden", _NAMED, _MAPLE),
    Different("tour", "repairdesk doctor", _NO_ACCESS, _ACCESS),
)
OF_FILES = ("install", "strong")
"""Pages of the guide that are about a ledger in a file."""


def expected(page: Path, different: Sequence[Different] = DIFFERENT) -> str:
    """What a page shows, as it must come out with a ledger on a server."""
    lines = page.read_text(encoding="utf-8").split("\n")
    for one in different:
        if page.name.startswith(one.page):
            lines = list(_exchanged(lines, one))
    return "\n".join(lines)


def _exchanged(lines: Sequence[str], one: Different) -> Iterator[str]:
    typed, missing = "", set(one.instead)
    for line in lines:
        if line == "```" or line.startswith("$ "):
            typed = line.removeprefix("$ ")
        shown = line
        for pattern, instead in one.instead.items() if typed == one.command and line[:2] != "$ " else ():
            missing -= {pattern} if re.search(pattern, shown) else set()
            shown = re.sub(pattern, instead, shown)
        if shown or not line:
            yield shown
    assert not missing, f"{one.page}, {one.command}: {missing} is not shown any more"


# --- which ledger


def lie_together() -> AbstractContextManager[Any]:
    """Rules and ledger are taken for lying together, as those of the manual do."""
    from repairdesk.ledger.postgres import Connection

    return patch.object(Connection, "is_apart", False)


def choose(argv: Sequence[str]) -> list[str]:
    """Let the environment name the ledger that a command is about; what is to be typed for it."""
    lobby = os.environ.get(LOBBY)
    typed = list(argv)
    if lobby is None:
        return typed
    os.environ.pop("REPAIRDESK_LEDGER", None)
    if typed[:1] in (["demo"], ["restore"]):
        return typed  # They make a file; it is brought to the server when somebody asks for it.
    if "--ledger" in typed:
        place = typed.index("--ledger") + 1
        typed[place] = _url(lobby, Path(typed[place]), ACCOUNT)
        return typed
    home, begins = _home(typed), typed[:1] == ["init"]
    _provide(lobby, home, new=begins)
    os.environ["REPAIRDESK_LEDGER"] = _url(lobby, home, None if begins else ACCOUNT)
    return typed


def _home(typed: Sequence[str]) -> Path:
    from repairdesk.cli.whereabouts import nearest

    if "--home" in typed:
        return Path(typed[typed.index("--home") + 1])
    return Path.cwd() if typed[:1] == ["init"] else nearest()


def _name(lobby: str, place: Path) -> str:
    return f"{urlsplit(lobby).path[1:]}_" + re.sub(r"[^a-z0-9]+", "_", place.resolve().name.lower())


def _url(lobby: str, place: Path, user: str | None = None) -> str:
    parts = urlsplit(lobby)
    netloc = parts.netloc if user is None else user + "@" + parts.netloc.rpartition("@")[2]
    return parts._replace(scheme="postgresql+psycopg", netloc=netloc, path=f"/{_name(lobby, place)}").geturl()


def told(text: str) -> str:
    """What is told of a ledger, without what differs from one server to the next."""
    lobby = os.environ.get(LOBBY)
    return text if lobby is None else text.replace(f"{urlsplit(lobby).path[1:]}_", "")


def _provide(lobby: str, home: Path, *, new: bool) -> None:
    """The database of a desk: made for ``init``, or for the file that a command left; open to the clerk once it is."""
    import psycopg

    from repairdesk.ledger import postgres_grants
    from repairdesk.ledger.copying import copy
    from repairdesk.ledger.files import File
    from repairdesk.ledger.postgres import Server

    url, file = _url(lobby, home), home / "ledger.db"
    provided = os.environ.get(PROVIDED, "").split()
    if url in provided:
        return
    with psycopg.connect(lobby, autocommit=True) as db:
        found = db.execute("SELECT 1 FROM pg_database WHERE datname = %s", (_name(lobby, home),)).fetchone()
        if found is None and not new and not file.exists():
            return
        if found is None:
            db.execute(f"CREATE DATABASE {_name(lobby, home)}".encode())
            _at_its_own_time(db, _name(lobby, home))
    if file.exists():
        copy(File(file), Server(url))
        file.unlink()
    if not Server(url).exists():
        return
    postgres_grants.admit(Server(url), ACCOUNT, postgres_grants.PURGER, STAFF, others=True)
    os.environ[PROVIDED] = " ".join([*provided, url])


def _at_its_own_time(db: Any, name: str) -> None:
    """The manual has a clock of its own, which a server holds against a clerk unless it is told that it is practice."""
    from repairdesk.ledger.server_names import CLOCK

    db.execute(f"ALTER DATABASE {name} SET {' TO '.join(CLOCK)}".encode())


# --- what is done to a file, and to a database instead of it


def instead(command: str) -> bool:
    """Do to the database what a command does to the file that it stands for; whether it did."""
    lobby = os.environ.get(LOBBY)
    words = shlex.split(command)
    if lobby is None or "ledger.db" not in words:
        return False
    target = Path(words[-1])
    _like(lobby, Path.cwd(), target)
    if "sed" in words:
        old, new = words[words.index("sed") + 1].split("/")[1:3]
        _forge(lobby, target, old, new)
    return True


def _like(lobby: str, source: Path, target: Path) -> None:
    import psycopg

    with psycopg.connect(lobby, autocommit=True) as db:
        db.execute(f"CREATE DATABASE {_name(lobby, target)} TEMPLATE {_name(lobby, source)}".encode())
        _at_its_own_time(db, _name(lobby, target))


def _forge(lobby: str, target: Path, old: str, new: str) -> None:
    """Other words in everything that was recorded, by somebody to whom the server belongs."""
    import psycopg

    with psycopg.connect(_url(lobby, target).replace("+psycopg", ""), autocommit=True) as db:
        db.execute("SET session_replication_role TO replica")  # no trigger
        for table, column in (("bodies", "body"), ("orders", "doc"), ("orders", "search")):
            db.execute(f"UPDATE repairdesk.{table} SET {column} = replace({column}, %s, %s)".encode(), (old, new))
