"""Who waits for a ledger on a server is told for whom, and gives up with their names."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from hands import typed
from repairdesk.errors import Busy
from repairdesk.ledger import database as databases
from repairdesk.ledger import postgres, postgres_grants
from repairdesk.ledger.journal import Ledger
from repairdesk.ledger.postgres import Server

psycopg = pytest.importorskip("psycopg")
NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
BUSY = 15
LOGIN = "ida"


@pytest.fixture(scope="module")
def url(two_sites: str, database: Callable[..., str]) -> str:
    found = database(two_sites)
    with psycopg.connect(found, autocommit=True) as owner:
        owner.execute(f"CREATE ROLE {LOGIN} LOGIN")
    postgres_grants.admit(Server(found, "east"), LOGIN, "worker", "C7", others=True)
    return found


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[tuple[list[Any], float]]:
    """What whoever waits is told, and soon."""
    said: list[tuple[list[Any], float]] = []
    monkeypatch.setattr(databases, "waiting", lambda who, seconds: said.append((list(who()), seconds)))
    monkeypatch.setattr(postgres, "_TELL_MS", 100)
    return said


def lock(url: str, site: str) -> str:
    return "SELECT pg_advisory_xact_lock({}, {})".format(*Server(url, site).lock)


@contextmanager
def held(url: str, *statements: str) -> Iterator[int]:
    """Somebody else has the eastern site, or what else is said: the process is that of the server."""
    address = url.replace("postgres@", f"{LOGIN}@")
    with psycopg.connect(address, application_name="repairdesk import") as other:
        other.execute("SET search_path TO repairdesk_east")
        for text in statements or (lock(url, "east"),):
            other.execute(text)
        yield other.info.backend_pid
        other.rollback()


def append(ledger: Ledger) -> None:
    with ledger.write() as writer:
        writer.order_doc("P1")
        writer.append(
            "note:1", "note", actor="C1", keyboard="C1", occurred_at=NOW, recorded_at=NOW, late=False, data={}
        )


def holders(busy: pytest.ExceptionInfo[Busy]) -> Any:
    return busy.value.extra["held_by"]


def test_who_waits_is_told_once_for_whom_and_gives_up_with_their_names(url: str, told: list[Any]) -> None:
    with held(url) as process:
        with pytest.raises(Busy) as busy:
            append(Ledger(Server(url, "east"), wait_seconds=0.5))
        assert holders(busy) == [{"process": process, "user": LOGIN, "command": "repairdesk import"}]
        ((who, seconds),) = told
        assert [tuple(one) for one in who] == [(process, LOGIN, "repairdesk import")]
        assert seconds == 0.5


def test_who_waits_no_longer_than_that_is_not_told_before(url: str, told: list[Any]) -> None:
    with held(url), pytest.raises(Busy):
        append(Ledger(Server(url, "east"), wait_seconds=0.05))
    assert told == []


def test_the_other_site_waits_for_nobody_there(url: str, told: list[Any]) -> None:
    with held(url):
        append(Ledger(Server(url, "west"), wait_seconds=0.5))
        with Ledger(Server(url, "east"), wait_seconds=0.5).read() as reader:
            reader.head()
    assert told == []


def test_who_waits_has_it_as_soon_as_the_other_lets_go(url: str, told: list[Any], monkeypatch: Any) -> None:
    asked = threading.Event()
    monkeypatch.setattr(databases, "waiting", lambda who, seconds: asked.set())
    ledger, done = Ledger(Server(url, "east"), wait_seconds=60), threading.Event()
    with ledger.read() as reader:
        before = reader.head()[0]

    def wait() -> None:
        append(ledger)
        done.set()

    waiter = threading.Thread(target=wait)
    with held(url):
        waiter.start()
        assert asked.wait(60)
        assert not done.is_set()
    waiter.join()
    assert done.is_set()
    with ledger.read() as reader:
        assert reader.head()[0] == before + 1


@pytest.mark.parametrize(
    "by_hand",
    ["LOCK TABLE orders IN ACCESS EXCLUSIVE MODE", "UPDATE streams SET version = version WHERE number = 'note:1'"],
)
def test_who_locks_by_hand_is_named_and_not_waited_for_forever(url: str, told: list[Any], by_hand: str) -> None:
    append(Ledger(Server(url, "east")))
    with held(url, by_hand) as process:
        with pytest.raises(Busy) as busy:
            append(Ledger(Server(url, "east"), wait_seconds=0.3))
        assert holders(busy) == [{"process": process, "user": LOGIN, "command": "repairdesk import"}]


def test_readers_do_not_wait_forever_for_who_locks_a_table_by_hand(url: str) -> None:
    with held(url, "LOCK TABLE orders IN ACCESS EXCLUSIVE MODE") as process:
        with pytest.raises(Busy) as busy, Ledger(Server(url, "east"), wait_seconds=0.3).read() as reader:
            reader.order_doc("P1")
        assert holders(busy)[0]["process"] == process


def test_a_command_says_for_whom_it_waits_and_ends_with_15(url: str, tmp_path: Path) -> None:
    where = {"REPAIRDESK_LEDGER": url.replace("postgresql:", "postgresql+psycopg:"), "REPAIRDESK_SITE": "south"}
    assert typed(tmp_path, "init", **where).returncode == 0
    with held(url, lock(url, "south")) as process:
        ran = typed(tmp_path, "escalate", REPAIRDESK_WAIT="2.5", **where)
        said = typed(tmp_path, "escalate", "--json", REPAIRDESK_WAIT="0.1", **where)
    assert ran.returncode == BUSY, ran.stderr
    waits, gave_up = ran.stderr.splitlines()[0], ran.stderr.splitlines()[-1]
    for line in (waits, gave_up):
        assert LOGIN in line
        assert str(process) in line
    assert "gave up after 2.5 s" in ran.stderr
    assert said.returncode == BUSY
    assert json.loads(said.stderr)["error"]["held_by"][0]["user"] == LOGIN
