"""``--engine postgresql``: the ledger that a test makes as a file is kept in a PostgreSQL instead.

What asks for the ledger of a path is given one on the server of this run. In place of the file there is a small one
that says which database it is, so that a desk that is copied with its folder is copied with its ledger; a real ledger,
which a test brought along or restored, is brought to the server when it is opened. Nothing of the tests has to know.

Left out is what is marked ``sqlite``. What a test starts as a process of its own knows nothing of this: it is skipped.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from typing import Any

import pytest

from repairdesk.ledger.database import Database, Lasting, Sizes, Store

_MARK = b"repairdesk, kept elsewhere: "
_SQLITE = b"SQLite format 3\0"
_HALF = ".half"


class Databases:
    """Those of this run, each with the path that it stands for."""

    def __init__(self, make: Callable[..., str]) -> None:
        self._make = make
        self._made: dict[str, Path] = {}

    def new(self, path: Path, like: str | None = None) -> str:
        """A database for a path: its URL."""
        url = self._make(like)
        path.write_bytes(_MARK + f"{url} {path.resolve()}".encode())
        self._made[url] = path.resolve()
        return url

    def of(self, path: Path) -> str | None:
        """The database that a path stands for; None: it is no such path."""
        with suppress(OSError):
            begin = path.read_bytes()[:1000]
            if begin.startswith(_SQLITE):
                # What is half made is to be a file: a copy of a ledger in a backup, or one that came out of it.
                return None if any(name.endswith(_HALF) for name in path.parts) else self._brought(path)
            if begin.startswith(_MARK):
                url, _, owner = begin.removeprefix(_MARK).decode().partition(" ")
                return url if owner == str(path.resolve()) else self.new(path, like=_name(url))
        return None

    def _brought(self, path: Path) -> str:
        from repairdesk.ledger.copying import copy
        from repairdesk.ledger.files import File
        from repairdesk.ledger.postgres import Server

        from_file = path.rename(path.with_name(f"{path.name}.brought"))
        try:
            url = self.new(path)
            copy(File(from_file), Server(url))
        finally:
            from_file.unlink()
        return url

    def drop(self, below: Path) -> None:
        """Those of paths in a folder, or that are gone."""
        import psycopg

        for url, path in list(self._made.items()):
            if path.exists() and below.resolve() not in path.parents:
                continue
            del self._made[url]
            with psycopg.connect(url.replace(f"/{_name(url)}?", "/postgres?"), autocommit=True) as db:
                db.execute(f"DROP DATABASE IF EXISTS {_name(url)} WITH (FORCE)".encode())


def _name(url: str) -> str:
    return url.partition("?")[0].rpartition("/")[2]


class Placed(Store):
    """A ledger that is told as a file, and is on the server."""

    def __init__(self, path: Path, databases: Databases) -> None:
        self.path, self._databases = path, databases

    def __str__(self) -> str:
        return str(self.path)

    def _at(self) -> Store:
        from repairdesk.ledger.files import File

        url = self._databases.of(self.path)
        return File(self.path) if url is None else self._server(url)

    def _server(self, url: str) -> Store:
        from repairdesk.ledger.postgres import Server

        server = Server(url)
        server._name = str(self.path)
        return server

    def create(self) -> None:
        if self.path.exists():
            self._at().create()
        self._server(self._databases.new(self.path)).create()

    def unmake(self) -> None:
        self._at().unmake()
        self.path.unlink(missing_ok=True)

    def exists(self) -> bool:
        return self.path.exists()

    def reading(self, wait_seconds: float) -> AbstractContextManager[Database]:
        return self._at().reading(wait_seconds)

    def writing(self, wait_seconds: float) -> AbstractContextManager[Database]:
        return self._at().writing(wait_seconds)

    def lasting(self, wait_seconds: float) -> Lasting:
        return self._at().lasting(wait_seconds)

    def give_way(self) -> None:
        self._at().give_way()

    def copy(self, target: Path, wait_seconds: float) -> None:
        self._at().copy(target, wait_seconds)

    def vacuum(self, wait_seconds: float) -> Sizes:
        return self._at().vacuum(wait_seconds)

    def files(self) -> Sequence[Path]:
        return self._at().files()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._at(), name)


class _Alone(subprocess.Popen[Any]):
    """A process of its own, which does not know that the ledger of a path is on a server."""

    def __init__(self, args: Any, *more: Any, **named: Any) -> None:
        if "repairdesk" in (args if isinstance(args, str) else " ".join(map(str, args))):
            pytest.skip("a process of its own finds its ledger in a file")
        super().__init__(args, *more, **named)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--engine", choices=("sqlite", "postgresql"), default="sqlite", help="where ledgers are kept")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--engine") == "sqlite":
        return
    left = [item for item in items if item.get_closest_marker("sqlite")]
    config.hook.pytest_deselected(items=left)
    items[:] = [item for item in items if item not in left]


@pytest.fixture(scope="session", autouse=True)
def _engine(request: pytest.FixtureRequest) -> Iterator[Databases | None]:
    """Whoever asks for the ledger of a path is given one on the server."""
    if request.config.getoption("--engine") == "sqlite":
        yield None
        return
    from repairdesk.cli import offers
    from repairdesk.cli.common import Call
    from repairdesk.desk import Answer
    from repairdesk.desk.upgrading import Upgrading
    from repairdesk.ledger import connection, glance, journal
    from repairdesk.ledger.files import File
    from repairdesk.ledger.postgres import Connection
    from repairdesk.ledger.versions import CURRENT

    databases = Databases(request.getfixturevalue("database"))
    store = Call.store

    def placed(call: Call) -> Store:
        found = store(call)
        return Placed(found.path, databases) if isinstance(found, File) else found

    old = connection.version_of

    def upgrade(*_: Any, **__: Any) -> Any:
        # One on a server is upgraded by another way than a file; none of these is old.
        return Answer({"ledger": "", "from": CURRENT, "to": CURRENT, "dry_run": False, "steps": [], "upgraded": False,
                       "backup": None, "at": None, "entries": None, "head": None})  # fmt: skip

    def glancing(path: Path) -> AbstractContextManager[glance.Glance]:
        url = databases.of(path)
        return glance.glancing(path) if url is None else glance.glancing_at_server(url, None)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(offers, "glancing", glancing)
        patch.setattr(Upgrading, "upgrade", upgrade)
        patch.setattr(connection, "version_of", lambda path, wait: CURRENT if databases.of(path) else old(path, wait))
        patch.setattr(subprocess, "Popen", _Alone)
        patch.setattr(journal, "_file", lambda path: Placed(Path(path), databases))
        patch.setattr(Call, "store", placed)
        # The small file lies with the rules, as the ledger would.
        patch.setattr(Connection, "is_apart", False)
        yield databases


@pytest.fixture(autouse=True)
def _dropped(request: pytest.FixtureRequest, _engine: Databases | None) -> Iterator[None]:
    """What a test left on the server goes with its folder."""
    if _engine is None:
        yield
        return
    folder = request.getfixturevalue("tmp_path")
    yield
    _engine.drop(folder)
