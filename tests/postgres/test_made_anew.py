"""What was purged is in no file of the server any more once the tables were made anew (RET-3)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path

import ledger_sample
import pytest

from postgres_server import Server as Running
from repairdesk.errors import Busy, NotPermitted
from repairdesk.ledger import postgres_grants
from repairdesk.ledger.journal import Ledger
from repairdesk.ledger.postgres import Server
from repairdesk.ledger.verify import verify

psycopg = pytest.importorskip("psycopg")
TOLD = "called off by Ms Wang"


@pytest.fixture
def east(database: Callable[[], str]) -> Server:
    """A site at which an order was purged, whose words nobody kept."""
    site = Server(database(), "east")
    with Ledger.create(site).write() as writer:
        ledger_sample.fill(writer)
        ledger_sample.forget(writer)
    return site


def files(server: Running, site: Server) -> Iterable[Path]:
    """What the server keeps of the database, once all of it is written."""
    with psycopg.connect(site.url, autocommit=True) as owner:
        owner.execute("CHECKPOINT")
        (oid,) = owner.execute("SELECT oid FROM pg_database WHERE datname = current_database()").fetchone()
    return (path for path in (server.folder / "data" / "base" / str(oid)).iterdir() if path.is_file())


def holding(server: Running, site: Server, said: str) -> list[str]:
    return [path.name for path in files(server, site) if said.encode() in path.read_bytes()]


@pytest.mark.rule("RET-3")
def test_what_was_purged_is_in_no_file_any_more(server: Running, east: Server) -> None:
    assert holding(server, east, TOLD), "else nothing would be shown"
    with psycopg.connect(east.url) as owner:
        owner.execute("SET search_path TO repairdesk_east")
        before = {
            table: owner.execute(f"SELECT t::text FROM {table} t ORDER BY 1".encode()).fetchall()
            for table in ("entries", "bodies", "orders", "places", "purged", "tallies")
        }
    east.vacuum(5)
    assert holding(server, east, TOLD) == []
    with psycopg.connect(east.url) as owner:
        owner.execute("SET search_path TO repairdesk_east")
        for table, rows in before.items():
            assert owner.execute(f"SELECT t::text FROM {table} t ORDER BY 1".encode()).fetchall() == rows
    assert verify(east)["ok"]


def test_who_is_at_it_is_waited_for_and_told(east: Server) -> None:
    with Ledger(east).read() as reader:
        reader.head()
        list(reader.orders({})[0])
        with pytest.raises(Busy):
            east.vacuum(0.2)
    with Ledger(east).write(), pytest.raises(Busy):
        east.vacuum(0.2)
    east.vacuum(5)
    now = datetime.now(UTC)
    said = {"occurred_at": now, "recorded_at": now, "late": False, "data": {}}
    with Ledger(east, wait_seconds=0.5).write() as writer:
        writer.append("note:1", "note", actor="M1", keyboard="os:desk", **said)


def test_who_does_not_own_the_tables_is_told_that_nothing_is_made_anew(server: Running, east: Server) -> None:
    with psycopg.connect(east.url, autocommit=True) as owner:
        if owner.execute("SELECT 1 FROM pg_roles WHERE rolname = 'anew_boss'").fetchone() is None:
            owner.execute("CREATE ROLE anew_boss LOGIN")
    postgres_grants.admit(east, "anew_boss", "purger", "M1", others=False)
    with pytest.raises(NotPermitted, match="owns the ledger"):
        Server(east.url.replace("postgres@", "anew_boss@"), "east").vacuum(1)
    assert holding(server, east, TOLD)
