"""A ledger from which something was purged still verifies; one from which something was only taken does not (RET-3)."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import ledger_sample as sample
import pytest

from repairdesk.domain import effects, retention
from repairdesk.ledger import purging, verify_part
from repairdesk.ledger import sqlite_sql as sql
from repairdesk.ledger.journal import Ledger
from repairdesk.ledger.verify import rebuild, verify

SECRETS = ("王女士", "13800138000", "水龙头漏水", "3栋2单元501", "called off by Ms Wang")


@pytest.fixture
def purged(tmp_path: Path) -> Path:
    """The sample, in which one order was purged and nothing else says whose it was."""
    path = tmp_path / "purged.db"
    with Ledger.create(path).write() as writer:
        sample.adopt(writer, "policies", "2026-11", "aa11")
        sample.forget(writer)
    return path


def what(path: Path) -> str:
    return "\n".join(str(problem["what"]) for problem in verify(path)["problems"])


@pytest.mark.rule("RET-3")
def test_a_purged_order_still_folds_and_the_record_verifies(purged: Path) -> None:
    found = verify(purged)
    assert found["problems"] == []
    with Ledger(purged).read() as reader:
        entries = reader.entries(sample.FORGOTTEN)
        order = effects.fold(entries)
    assert order is not None
    assert (order.state, order.kind, order.category, order.place) == ("cancelled", "in_home", "plumbing", "*1")
    assert (order.caller, order.phone, order.fault, order.ended_reason) == ("***", "***", "***", "***")
    assert order.purged is not None


@pytest.mark.rule("RET-3")
def test_no_byte_of_the_file_says_whose_it_was(purged: Path) -> None:
    bytes_ = purged.read_bytes()
    for secret in SECRETS:
        assert secret.encode() not in bytes_, secret


def test_the_salt_of_what_was_purged_is_gone_too(purged: Path) -> None:
    """With it, whoever has a few likely phone numbers could try which of them the digest was made of."""
    with closing(sqlite3.connect(purged)) as db:
        gone = [row[0] for row in db.execute("SELECT seq FROM purged")]
        assert gone
        assert not db.execute("SELECT 1 FROM bodies WHERE seq IN (SELECT seq FROM purged)").fetchall()


@pytest.mark.rule("REC-1")
def test_a_body_cannot_be_deleted_before_an_entry_says_so(purged: Path) -> None:
    with closing(sqlite3.connect(purged)) as db, pytest.raises(sqlite3.IntegrityError, match="written in pen"):
        db.execute("DELETE FROM bodies WHERE seq = 1")


@pytest.mark.rule("REC-1")
def test_nothing_is_purged_by_an_entry_that_is_no_purge(purged: Path) -> None:
    with closing(sqlite3.connect(purged)) as db, pytest.raises(sqlite3.IntegrityError, match="by a later entry"):
        db.execute("INSERT INTO purged VALUES (1, 2, '{}')")


@pytest.mark.rule("REC-1")
def test_ordinary_sql_that_takes_a_body_in_the_name_of_a_real_purge_is_found(path: Path) -> None:
    """Both triggers are satisfied: the entry is a purge. But it names no such body."""
    with Ledger(path).write() as writer:
        sample.forget(writer)
        by, _ = writer.head()
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        (seq,) = db.execute("SELECT seq FROM entries WHERE number = ? AND version = 2", (sample.FIRST,)).fetchone()
        db.execute('INSERT INTO purged VALUES (?, ?, \'{"assignee":"W1"}\')', (seq, by))
        db.execute("DELETE FROM bodies WHERE seq = ?", (seq,))
    assert f"purged: {seq} is in no entry" in what(path)


@pytest.mark.rule("REC-1", "RET-3")
def test_a_part_of_the_ledger_tells_remains_that_no_purge_speaks_of(path: Path) -> None:
    """By ordinary SQL, in the name of a purge that there was: not even a folded row tells it."""
    with Ledger(path).write() as writer:
        sample.forget(writer)
        by, _ = writer.head()
    assert verify_part.of(path, sample.FORGOTTEN)["ok"], "a purge that was one is no problem"
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        seq, body = db.execute(
            "SELECT seq, body FROM entries JOIN bodies USING (seq) WHERE number = ? AND version = 1", (sample.FIRST,)
        ).fetchone()
        db.execute("INSERT INTO purged VALUES (?, ?, ?)", (seq, by, body))
        db.execute("DELETE FROM bodies WHERE seq = ?", (seq,))
    for found in (verify_part.of(path, sample.FIRST), verify_part.since(path, seq - 1)):
        assert f"purged: {seq} is in no entry" in [str(one["what"]) for one in found["problems"]]


@pytest.mark.rule("REC-1", "RET-3")
def test_a_part_of_the_ledger_tells_a_purge_entry_that_was_forged(purged: Path) -> None:
    """Remains and purge entry are altered alike, and agree: but the entry is not the one that was hashed."""
    with closing(sqlite3.connect(purged, isolation_level=None)) as db:
        for trigger in ("bodies_no_update", "purged_no_update"):
            db.execute(f"DROP TRIGGER IF EXISTS {trigger}")
        db.execute("UPDATE purged SET remains = replace(remains, 'plumbing', 'power')")
        db.execute(
            "UPDATE bodies SET body = replace(body, 'plumbing', 'power') WHERE seq IN (SELECT entry FROM purged)"
        )
        (by,) = db.execute("SELECT max(entry) FROM purged").fetchone()
        first, doc = db.execute("SELECT seq, remains FROM purged ORDER BY seq").fetchone()
        assert "power" in doc
    problems = verify_part.of(purged, sample.FORGOTTEN)["problems"]
    assert {by, first} <= {one["seq"] for one in problems}


def test_a_missing_body_that_no_purge_names_is_found(path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("DROP TRIGGER bodies_no_delete")
        db.execute("DELETE FROM bodies WHERE seq = 9")
        db.execute(next(one for one in sql.SCHEMA if "bodies_no_delete" in one))
    assert "the body of entry 9" in what(path)


def test_a_purged_body_that_somebody_puts_back_is_found(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        (last,) = db.execute("SELECT max(seq) FROM bodies").fetchone()
    with Ledger(path).write() as writer:
        sample.forget(writer)
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("DROP TRIGGER bodies_link")
        (seq,) = db.execute("SELECT min(seq) FROM purged").fetchone()
        db.execute("INSERT INTO bodies SELECT ?, salt, body FROM bodies WHERE seq = ?", (seq, last))
        db.execute(next(one for one in sql.SCHEMA if "TRIGGER bodies_link" in one))
    assert f"the body of entry {seq} ({sample.FORGOTTEN}) was purged, and is there all the same" in what(path)


def test_projections_of_purged_orders_are_rebuilt_from_what_remains(purged: Path) -> None:
    with closing(sqlite3.connect(purged, isolation_level=None)) as db:
        tables = ("purged", "places", "orders")
        before = {table: db.execute(f"SELECT * FROM {table} ORDER BY 1").fetchall() for table in tables}
        for table in tables:
            db.execute(f"DELETE FROM {table}")
    assert not verify(purged)["ok"]
    rebuild(purged)
    assert verify(purged)["problems"] == []
    with closing(sqlite3.connect(purged)) as db:
        assert before == {table: db.execute(f"SELECT * FROM {table} ORDER BY 1").fetchall() for table in tables}


def test_a_purge_that_does_not_come_to_its_end_takes_nothing(path: Path) -> None:
    whole = path.read_bytes()

    def killed() -> None:
        with Ledger(path).write() as writer:
            sample.forget(writer)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        killed()
    assert path.read_bytes() == whole


def test_a_purge_entry_is_never_purged_itself(purged: Path) -> None:
    with Ledger(purged).write() as writer:
        entry = writer.last("purge:000001")
        assert entry is not None
        more = {"with": "L1", "orders": [], "places": 2, "remains": {str(entry.seq): {}}}
        purging.take(writer, sample.add(writer, "purge:000002", retention.EVENT, 17000, **more))
    assert "purged: entries purge are never purged" in what(purged)


def test_the_numbers_of_purges_go_on(purged: Path) -> None:
    with Ledger(purged).read() as reader:
        last = purging.Purges(reader).last_purge()
    assert purging.next_number(last) == "purge:000002"
    assert purging.next_number(None) == "purge:000001"


def test_what_is_written_out_before_a_purge_proves_itself_against_the_headers(path: Path) -> None:
    """Whoever has the export can show that it is what was hashed: salt and body are in it."""
    from repairdesk.ledger import chain

    with Ledger(path).read() as reader:
        told = purging.Purges(reader).whole(sample.FIRST)
    assert told
    for entry in told:
        body = chain.canonical(entry["body"])
        assert chain.body_digest(bytes.fromhex(entry["salt"]), body) == entry["body_digest"]
        assert chain.header_hash(entry) == entry["hash"]
    json.dumps(told)
