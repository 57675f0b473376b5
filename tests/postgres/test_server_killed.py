"""A server that is killed under load and comes back: nothing acknowledged is lost, and commands say what happened."""

from __future__ import annotations

import random
import tempfile
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest

import postgres_server as servers
from hands import UNREACHABLE, Hand, desk, lost, surplus, together, typed, whole
from repairdesk.errors import StorageError
from repairdesk.ledger import postgres
from repairdesk.ledger.journal import Ledger
from repairdesk.ledger.postgres import Server
from tools_needed import needs_module, without

FINE = {10, 11, 12, UNREACHABLE}
SITE = "east"
SAID = {
    "cannot be reached": "cannot be reached",
    "went away": "nothing of it was written",
    "unknown": "is not known",
}
"""What a command says of a server that is not there, by a piece of it."""
NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
WHO: Any = {
    "actor": "C1", "keyboard": "C1", "occurred_at": NOW, "recorded_at": NOW, "late": False, "data": {},
}  # fmt: skip


@pytest.fixture(scope="module")
def own_server() -> Iterator[servers.Server]:
    """A server of these tests alone, which may be killed, and keeps what it acknowledged as in earnest."""
    needs_module("psycopg")
    programs = servers.programs()
    if programs is None:
        without("PostgreSQL is not installed: initdb, pg_ctl (apt install postgresql)")
        raise AssertionError("unreachable")
    with tempfile.TemporaryDirectory(prefix="rd-pg-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        with servers.running(Path(folder), programs, synced=True) as started:
            yield started


@pytest.fixture
def url(own_server: servers.Server, request: pytest.FixtureRequest) -> str:
    import psycopg

    name = f"made_{abs(hash(request.node.name))}"
    with psycopg.connect(own_server.url(), autocommit=True) as connection:
        assert connection.execute("SHOW fsync").fetchone() == ("on",)
        connection.execute(f"CREATE DATABASE {name}".encode())
    return own_server.url(database=name)


def killed(server: servers.Server, url: str, folder: Path, hands: int, times: int) -> None:
    """So many kills, each as soon as some more was acknowledged than at the one before."""
    where = {"REPAIRDESK_LEDGER": url.replace("postgresql:", "postgresql+psycopg:"), "REPAIRDESK_SITE": SITE}
    home = desk(folder, hands, **where)
    people = [Hand(home, n, others=hands, where=where) for n in range(hands)]
    ended, dice, away = threading.Event(), random.Random(20261122), 0.0

    def acked() -> int:
        return sum(sum(hand.acked.values()) for hand in people)

    def work(hand: Hand) -> None:
        try:
            while not ended.is_set():
                refused = hand.refused[UNREACHABLE]
                hand.once(fresh=0.02)
                if hand.refused[UNREACHABLE] > refused:
                    sleep(0.05)  # Nobody types the same again and again as fast as a machine could.
            hand.ends()
        except BaseException:
            ended.set()
            raise

    def kill() -> None:
        nonlocal away
        try:
            for _ in range(times):
                enough = acked() + 2 * hands
                while acked() < enough and not ended.is_set():
                    sleep(0.01)
                sleep(dice.uniform(0, 0.2))
                gone = monotonic()
                server.stop("immediate")
                sleep(dice.uniform(0, 1))
                server.start()
                away += monotonic() - gone
            enough = acked() + hands
            while acked() < enough and not ended.is_set():
                sleep(0.01)
        finally:
            ended.set()

    together([kill, *(lambda hand=hand: work(hand) for hand in people)])  # type: ignore[misc]
    store = Server(url, SITE)
    found, gone = whole(store), lost(store, people)
    told = [text for hand in people for text in hand.away]
    said = {name: sum(piece in text for text in told) for name, piece in SAID.items()}
    refused: Counter[int] = sum((hand.refused for hand in people), Counter())
    print(
        f"{times} kills, {away:.1f} s away, {hands} writers, {acked()} acknowledged, lost {sum(gone.values())}, "
        f"{found['entries']} entries, refused {dict(refused)}, said {said}"
    )
    assert found["problems"] == []
    assert gone == Counter()
    assert list(surplus(store, people)) == []
    assert set(refused) <= FINE, [text for hand in people for text in hand.said if "mistake" in text or "出错" in text]
    assert sum(said.values()) == len(told), told[:3]
    assert not [text for text in told if "Traceback" in text]
    assert refused[UNREACHABLE], "nobody met a server that was not there"


@pytest.mark.rule("REC-1")
def test_a_killed_server_loses_nothing_that_was_acknowledged(
    own_server: servers.Server, url: str, tmp_path: Path
) -> None:
    killed(own_server, url, tmp_path, 2, 2)


@pytest.mark.slow
@pytest.mark.rule("REC-1")
def test_a_server_killed_twenty_times_loses_nothing_that_was_acknowledged(
    own_server: servers.Server, url: str, tmp_path: Path
) -> None:
    killed(own_server, url, tmp_path, 4, 20)


def test_a_command_that_begins_while_the_server_is_away_is_told_so(
    own_server: servers.Server, url: str, tmp_path: Path
) -> None:
    where = url.replace("postgresql:", "postgresql+psycopg:")
    own_server.stop("immediate")
    try:
        ran = typed(tmp_path, "list", "--ledger", where)
    finally:
        own_server.start()
    assert ran.returncode == UNREACHABLE
    assert "cannot be reached" in ran.stderr
    assert "Traceback" not in ran.stderr


# --- at the very moment of keeping


def append(ledger: Ledger, number: str) -> None:
    with ledger.write() as writer:
        writer.append(number, "note", **WHO)


@contextmanager
def at_commit(patch: pytest.MonkeyPatch, do: Callable[[Any, Callable[[], Any]], Any]) -> Iterator[None]:
    """Something else happens where a transaction is to be kept, once."""
    execute, done = postgres.Connection.execute, []

    def instead(self: Any, text: str, values: Any = (), /) -> Any:
        if text != "COMMIT" or done:
            return execute(self, text, values)
        done.append(text)
        return do(self, lambda: execute(self, text, values))

    patch.setattr(postgres.Connection, "execute", instead)
    yield
    assert done, "nothing was kept"


def count(url: str) -> int:
    with Ledger(Server(url)).read() as reader:
        return reader.head()[0]


@pytest.fixture
def ledger(url: str) -> Ledger:
    return Ledger.create(Server(url), wait_seconds=1)


def test_a_change_that_was_kept_before_the_answer_was_lost_is_a_success(
    ledger: Ledger, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import psycopg

    def answer_is_lost(connection: Any, keep: Callable[[], Any]) -> None:
        keep()
        connection.close()
        raise psycopg.OperationalError("server closed the connection unexpectedly")

    with at_commit(monkeypatch, answer_is_lost):
        append(ledger, "note:1")
    assert count(url) == 1


def test_a_change_that_was_not_kept_any_more_is_told_as_not_written(
    ledger: Ledger, url: str, own_server: servers.Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    def server_dies_first(_: Any, keep: Callable[[], Any]) -> Any:
        own_server.stop("immediate")
        own_server.start()
        return keep()

    with (
        at_commit(monkeypatch, server_dies_first),
        pytest.raises(StorageError, match="nothing of it was written"),
    ):
        append(ledger, "note:1")
    assert count(url) == 0
    append(ledger, "note:1")
    assert count(url) == 1


def test_a_change_in_the_middle_of_which_the_server_died_is_told_as_not_written(
    ledger: Ledger, url: str, own_server: servers.Server
) -> None:
    def append_twice() -> None:
        with ledger.write() as writer:
            writer.append("note:1", "note", **WHO)
            own_server.stop("immediate")
            own_server.start()
            writer.append("note:1", "note", **WHO)

    with pytest.raises(StorageError, match="nothing of it was written"):
        append_twice()
    assert count(url) == 0


def test_where_nobody_can_know_it_is_said_that_nobody_knows(
    ledger: Ledger, url: str, own_server: servers.Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "_UNSURE_SECONDS", 0.5)

    def server_stays_away(_: Any, keep: Callable[[], Any]) -> Any:
        own_server.stop("immediate")
        return keep()

    try:
        with at_commit(monkeypatch, server_stays_away), pytest.raises(StorageError, match="is not known"):
            append(ledger, "note:1")
    finally:
        own_server.start()
    assert count(url) == 0
