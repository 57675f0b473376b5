"""What a change of an order writes beside its entry: what differs from what is stored, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
from ledger_sample import FIRST, build

from repairdesk.domain import effects
from repairdesk.domain.order import Order
from repairdesk.ledger.journal import Ledger, Writer


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return build(tmp_path / "ledger.db")


def stored(writer: Writer, order: Order) -> list[str]:
    """The statements that storing an order takes, apart from questions."""
    said: list[str] = []
    writer._db.set_trace_callback(said.append)
    writer.store_order(order)
    writer._db.set_trace_callback(None)
    return [text for text in said if text.startswith(("UPDATE", "INSERT INTO orders", "INSERT INTO obligations"))]


def order(writer: Writer) -> Order:
    found = effects.fold(writer.entries(FIRST))
    assert found is not None
    assert found.version > 1
    return found


def test_what_did_not_change_is_not_written(ledger: Ledger) -> None:
    with ledger.write() as writer:
        assert stored(writer, order(writer)) == []


def test_only_the_columns_that_changed_are_written(ledger: Ledger) -> None:
    with ledger.write() as writer:
        (text,) = stored(writer, order(writer)._replace(priority="low"))
        columns = text.partition(" SET ")[2].partition(" WHERE ")[0]
        assert [one.partition(" = ")[0] for one in columns[: columns.index("doc = ")].split(", ")][:1] == ["priority"]
        assert "reported_at" not in columns.partition("doc = ")[0]
        (doc,) = [row for row in [writer.order_doc(FIRST)] if row]
        assert doc["priority"] == "low"


def test_what_was_altered_or_is_gone_is_put_right(ledger: Ledger) -> None:
    with ledger.write() as writer:
        before = writer.due()
        number = before[0]["number"]
        writer._db.execute("UPDATE obligations SET owner = 'nobody' WHERE number = ?", [number])
        writer._db.execute("DELETE FROM obligations WHERE number = ? AND name = ?", [number, before[0]["name"]])
        found = effects.fold(writer.entries(number))
        assert found is not None
        stored(writer, found._replace(version=9))
        assert writer.due() == before
