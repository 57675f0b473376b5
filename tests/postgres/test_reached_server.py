"""How a server is reached: what a URL says, who does not answer, what only lets read; no password is ever told."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic
from typing import Any

import desk_cli
import pytest

from repairdesk.errors import NotFound, StorageError
from repairdesk.ledger import postgres
from repairdesk.ledger.journal import Ledger
from repairdesk.ledger.postgres import Server

psycopg = pytest.importorskip("psycopg")
SCHEME = "postgresql+psycopg://"


@pytest.mark.parametrize(
    "said",
    ["li:ge heim@db.example/repairs", "li:geheim%zz@db.example/repairs", "li:geheim@im@db.example/repairs",
     "li:geheim/im@db.example/repairs", "li:geheim@db.example/repairs?sslmod=require", "li:geheim@[::1/repairs",
     "li:geheim@db.example:54x2/repairs", "li:geheim@db.example", "li:geheim@/", "", "?host=/nowhere",
     "li:geheim@h1,im@h2/repairs", "us@er:geheim@db.example/repairs"],
)  # fmt: skip
@pytest.mark.parametrize("options", [(), ("--json",)])
def test_a_url_that_cannot_be_read_is_refused_without_repeating_it(
    said: str, options: tuple[str, ...], tmp_path: Path
) -> None:
    for words in (("list",), ("ledger", "sites"), ("ledger", "copy", "--to", SCHEME + said), ("doctor",)):
        ledger = () if "copy" in words else ("--ledger", SCHEME + said)
        done = desk_cli.run(*words, *ledger, "--home", str(tmp_path), *options)
        assert done.exit_code == 2, done.err
        assert not [part for part in ("geheim", "heim", "im@", "%zz") if part in done + done.err]


@pytest.mark.parametrize(
    ("said", "name"),
    [("li:geheim@db.example/repairs", "db.example/repairs"), ("li:ge%40heim@db.example/repairs", "db.example/repairs"),
     ("li:ge%2Fh@h1,h2:5433/r?sslmode=require", "h1,h2/r"), ("/r?host=/tmp", "localhost/r"), ("[::1]:5433/r", "::1/r"),
     ("li:ge#heim@db.example/r", "db.example/r"), ("li:ge?heim@db.example/r", "db.example/r")],
)  # fmt: skip
def test_a_ledger_is_told_by_host_and_database_and_never_with_a_password(said: str, name: str) -> None:
    assert str(Server(SCHEME + said)) == name


def test_a_database_that_is_not_there_is_told_as_such(database: Callable[[], str]) -> None:
    url = database()
    gone = url.replace("/made_", "/nodb_")
    with pytest.raises(NotFound, match="no database"):
        Server(gone).exists()


def test_a_server_that_only_lets_read_is_told_as_such(database: Callable[..., str], two_sites: str) -> None:
    url = database(two_sites)
    name = url.partition("?")[0].rpartition("/")[2]
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute(f"ALTER DATABASE {name} SET default_transaction_read_only TO on".encode())
    ledger = Ledger(Server(url, "east"))
    with ledger.read() as reader:
        before = reader.head()
    from datetime import UTC, datetime

    now = datetime.now(UTC)
    said: dict[str, Any] = {"occurred_at": now, "recorded_at": now, "late": False, "data": {}}
    with pytest.raises(StorageError, match="only lets read"), ledger.write() as writer:
        writer.append("note:1", "note", actor="os:postgres", keyboard="os:postgres", **said)
    with ledger.read() as reader:
        assert reader.head() == before


@pytest.fixture
def silent() -> Iterator[int]:
    """The port of somebody who lets anybody in and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]


def test_who_does_not_answer_is_not_waited_for_long(silent: int, monkeypatch: pytest.MonkeyPatch) -> None:
    assert postgres._PATIENCE["connect_timeout"] <= 15
    monkeypatch.setitem(postgres._PATIENCE, "connect_timeout", 2)
    begun = monotonic()
    with pytest.raises(StorageError, match="cannot be reached"):
        Server(f"{SCHEME}li@127.0.0.1:{silent}/repairs").exists()
    assert monotonic() - begun < 30


def test_what_the_url_says_of_waiting_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: dict[str, Any] = {}

    def connect(url: str, **said: Any) -> Any:
        asked.update(said)
        raise psycopg.OperationalError("nobody there")

    monkeypatch.setattr(psycopg, "connect", connect)
    for query, left in (("", True), ("?connect_timeout=3&tcp_user_timeout=1", False)):
        asked.clear()
        with pytest.raises(StorageError):
            Server(f"{SCHEME}li@db.example/repairs{query}").exists()
        assert ("connect_timeout" in asked, "tcp_user_timeout" in asked) == (left, left)
        assert "keepalives_idle" in asked


def test_a_path_that_was_meant_as_a_url_is_told_without_repeating_it(tmp_path: Path) -> None:
    done = desk_cli.run("list", "--ledger", "postgresql+psycopg:/li:geheim@db.example/repairs", "--home", str(tmp_path))
    assert done.exit_code == 2
    assert "geheim" not in done + done.err
