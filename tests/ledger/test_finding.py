"""Words are found by an index of their own: whatever is a part of a text, in whatever language, and nothing else."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import ledger_sample as sample
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from ledger_sample import FIRST, SECOND, THIRD, TRACKED

from repairdesk.domain import effects, retention
from repairdesk.errors import StorageError
from repairdesk.ledger import connection, finding, finding_check, purging
from repairdesk.ledger import sqlite_sql as sql
from repairdesk.ledger.connection import Patient
from repairdesk.ledger.journal import Ledger, Writer
from repairdesk.ledger.projection import folded
from repairdesk.ledger.verify import rebuild, verify

ALL = [THIRD, TRACKED, SECOND, FIRST]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.db"


@pytest.fixture
def ledger(path: Path) -> Ledger:
    return sample.build(path)


def numbers(ledger: Ledger, text: str, **filters: Any) -> list[str]:
    with ledger.read() as reader:
        docs, total = reader.orders({"find": text, **filters})
    assert total == len(docs)
    return [doc["number"] for doc in docs]


def report(writer: Writer, serial: int, fault: str = "漏水", **more: Any) -> str:
    number = f"P20261130-{serial:04}"
    sample.tell(writer, number, ("intake", 20000 + serial, sample.intake("8-8-808", fault=fault, **more)))
    return number


# -- what is found

FOUND = [
    ("漏水", [TRACKED, SECOND, FIRST, THIRD], "two letters, as most words of Chinese have"),
    ("漏", [TRACKED, SECOND, FIRST, THIRD], "one letter"),
    ("水龙头漏", [THIRD, TRACKED, SECOND, FIRST], "part of a longer word"),
    ("0003", [THIRD], "the end of a number"),
    ("20261122-0003", [THIRD], "a number without its letter"),
    ("8000", [THIRD, TRACKED, SECOND, FIRST], "the end of a phone"),
    ("13800138000", [THIRD, TRACKED, SECOND, FIRST], "a phone"),
    ("80001380", [], "a phone's end and the beginning of the same"),
    ("王", [THIRD, TRACKED, SECOND, FIRST], "a family name"),
    ("垫圈 王女士", [FIRST], "words of several fields"),
    ("垫圈 nobody", [], "all of the words must be there"),
    ("１－１－１０１", [THIRD], "full width"),
    ("P20261122-0003", [THIRD], "upper case"),
    ("p20261122-0003", [THIRD], "lower case"),
    ("%", [], "no sign stands for another"),
    ("_", [], "no sign stands for another"),
    ('"', [], "no sign is a command"),
    ("漏水*", [], "no sign is a command"),
    ("王女士 OR x", [], "no word is a command"),
    ("\u3000 ", [THIRD, TRACKED, SECOND, FIRST], "nothing was asked"),
]


@pytest.mark.parametrize(("text", "found", "why"), FOUND)
def test_what_is_a_part_of_a_number_a_place_a_phone_a_name_or_the_fault_is_found(
    ledger: Ledger, text: str, found: list[str], why: str
) -> None:
    assert sorted(numbers(ledger, text)) == sorted(found), why


def test_what_is_found_comes_newest_first_whether_it_is_much_or_little(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = [numbers(ledger, "女士", **filters) for filters in ({}, {"kind": "in_home"}, {"staff": "W1"})]
    assert few[0] == ALL
    monkeypatch.setattr("repairdesk.ledger.listing._MANY", 1)
    assert [numbers(ledger, "女士", **filters) for filters in ({}, {"kind": "in_home"}, {"staff": "W1"})] == few
    with ledger.read() as reader:
        docs, total = reader.orders({"find": "女士", "kind": "in_home"}, 2)
    assert ([doc["number"] for doc in docs], total) == (few[1][:2], len(few[1]))


LETTERS = st.text(
    st.sampled_from("漏水厨房王01- \nabAÅſß%_\"'*\x07\u2028é\u0301🚰ﬁ") | st.characters(codec="utf-8"), max_size=12
)


@settings(max_examples=150, deadline=None)
@given(st.lists(LETTERS, max_size=4), LETTERS)
@example(["a b", "ab"], "a")
@example(["-", "\ue02d"], "%")
def test_the_index_finds_what_going_through_all_texts_finds(texts: list[str], wanted: str) -> None:
    texts = [text.replace("\0", "") for text in texts]
    wanted = wanted.replace("\0", "")
    with index(texts) as db:
        words = folded(wanted).split()
        searches = dict(enumerate(map(folded, texts)))
        if any("\ue000" <= letter <= "\ue07f" for letter in "".join(searches.values()) + wanted):
            return  # these stand for signs in the index
        there = {n for n, search in searches.items() if all(word in search for word in words)}
        assert finding.ids(db, wanted) == (there if words else None)


@contextmanager
def index(texts: Sequence[str]) -> Iterator[sqlite3.Connection]:
    """An index of texts alone."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as db:
        db.execute("CREATE TABLE orders (id INTEGER PRIMARY KEY, search TEXT)")
        db.execute(sql.SCHEMA[-1])
        kept = finding.Kept(db)
        for n, text in enumerate(texts):
            db.execute("INSERT INTO orders VALUES (?, ?)", (n, folded(text)))
            kept.note(n, None, folded(text))
        kept.settle()
        yield db


@pytest.mark.parametrize("text", ["长" * 5000, "甲乙丙丁" * 1000, " ".join(f"w{n}" for n in range(500))])
def test_a_long_text_is_found_by_all_of_it(text: str) -> None:
    with index([text, text[: finding.MOST * 3], text[:-1] + "z", text[1:]]) as db:
        assert finding.ids(db, text) == {0}
        assert finding.ids(db, text + "x") == set()


# -- kept as the orders are


def test_what_a_command_wrote_is_found_before_it_ends_and_what_was_undone_is_not(ledger: Ledger, path: Path) -> None:
    with ledger.write() as writer:
        first = report(writer, 1, "阳台渗水")
        with suppress(KeyError), writer.savepoint():
            report(writer, 2, "屋顶渗水")
            assert len(writer.orders({"find": "渗水"})[0]) == 2
            raise KeyError
        with writer.savepoint():
            third = report(writer, 3, "墙面渗水")
            with suppress(KeyError), writer.savepoint():
                report(writer, 4, "地面渗水")
                raise KeyError
        assert [doc["number"] for doc in writer.orders({"find": "渗水"})[0]] == [third, first]
    assert numbers(ledger, "渗水") == [third, first]
    assert numbers(ledger, "屋顶") == []
    assert verify(path)["problems"] == []


def test_many_orders_of_one_transaction_are_found(ledger: Ledger, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding, "AT_ONCE", 3)
    with ledger.write() as writer:
        for serial in range(1, 9):
            with writer.savepoint():
                report(writer, serial, f"第{serial}处渗水")
    assert len(numbers(ledger, "渗水")) == 8
    assert len(numbers(ledger, "第7处")) == 1
    assert verify(path)["problems"] == []


def test_a_corrected_word_is_found_and_the_old_one_is_not(ledger: Ledger, path: Path) -> None:
    with ledger.write() as writer:
        order = effects.fold(writer.entries(FIRST))
        assert order is not None
        writer.store_order(order._replace(fault="马桶堵塞"))
    assert numbers(ledger, "马桶") == [FIRST]
    assert FIRST not in numbers(ledger, "水龙头")
    rebuild(path)
    assert numbers(ledger, "马桶") == []
    assert FIRST in numbers(ledger, "水龙头")
    assert verify(path)["problems"] == []


@pytest.mark.rule("REC-5")
def test_a_rebuilt_index_finds_the_same(ledger: Ledger, path: Path) -> None:
    before = [numbers(ledger, text) for text, *_ in FOUND]
    with closing(sqlite3.connect(path)) as db:
        db.execute(sql.FIND_CLEAR)
        db.commit()
    assert numbers(ledger, "漏水") == []
    assert not verify(path)["ok"]
    rebuild(path)
    assert [numbers(ledger, text) for text, *_ in FOUND] == before
    assert verify(path)["problems"] == []


def test_without_its_module_the_ledger_says_what_is_missing(path: Path) -> None:
    with pytest.raises(StorageError, match="FTS5"), connection.translated(path):
        raise sqlite3.OperationalError("no such module: fts5")


# -- purged

SECRET = {"caller": "龘先生", "phone": "13777777777", "fault": "灥漏"}


def forget(writer: Writer, number: str) -> None:
    entries = writer.entries(number)
    remains = {str(e.seq): retention.remains(e.event, e.data, {"8-8-808": "*1", "3栋2单元501": "*2"}.__getitem__)
               for e in entries}  # fmt: skip
    remains[min(remains, key=int)]["purged"] = {"at": "2028-01-01T00:00:00Z", "by": "M1", "with": "L1", "entry": "x"}
    data = {"with": "L1", "orders": [number], "places": 2, "remains": remains}
    purging.take(writer, sample.add(writer, f"{retention.STREAM}000001", retention.EVENT, 21000, **data))
    order = effects.fold(writer.entries(number))
    assert order is not None
    writer.store_order(order)


@pytest.mark.rule("RET-3")
def test_no_byte_of_the_index_says_who_was_purged(ledger: Ledger, path: Path) -> None:
    """SQLite's index keeps what was taken out until its parts are merged: the purge merges them."""
    for serial in range(1, 7):
        with ledger.write() as writer:
            report(writer, serial, **(SECRET if serial == 3 else {}))
    assert numbers(ledger, "龘先生") == ["P20261130-0003"]
    letters = [letter.encode() for letter in "龘灥"]
    assert all(letter in path.read_bytes() for letter in letters)
    with ledger.write() as writer:
        forget(writer, "P20261130-0003")
    assert not any(letter in path.read_bytes() for letter in letters)
    assert numbers(ledger, "龘") == numbers(ledger, "13777777777") == numbers(ledger, "7777") == []
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE VIRTUAL TABLE temp.pieces USING fts5vocab('main', 'finding', 'row')")
        assert db.execute("SELECT term FROM pieces WHERE term LIKE '%777%'").fetchall() == []
    # That no desk would purge an open order is told, and is not what is shown here.
    assert [one for one in verify(path)["problems"] if "purge" not in one["what"]] == []


@pytest.mark.rule("RET-3")
def test_without_the_merge_it_would_be_there(ledger: Ledger, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding.Kept, "settle", finding.Kept.write)
    with ledger.write() as writer:
        report(writer, 3, **SECRET)
    with ledger.write() as writer:
        forget(writer, "P20261130-0003")
    assert "龘".encode() in path.read_bytes()


# -- proved

SHADOWS = ("finding_data", "finding_idx", "finding_docsize", "finding_config")


def alterations(db: sqlite3.Connection) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """Each row of what the index is kept in, gone or with another value."""
    for table in SHADOWS:
        key, *others = [row[1] for row in db.execute(f"PRAGMA table_info({table})")]
        rows = db.execute(f"SELECT * FROM {table}").fetchall()
        for n, row in enumerate(rows):
            where = " AND ".join(f"{name} IS ?" for name in (key, *others))
            yield f"DELETE FROM {table} WHERE {where}", row
            for name, value in zip((key, *others), row, strict=True):
                for new in other(value):
                    yield f"UPDATE {table} SET {name} = ? WHERE {where}", (new, *row)
            if n > 2 and table == "finding_docsize":
                break


def other(value: Any) -> list[Any]:
    if isinstance(value, bytes):
        places = sorted({0, 2, 5, len(value) // 3, len(value) // 2, len(value) - 1} & set(range(len(value))))
        return [value[:at] + bytes([value[at] ^ 1]) + value[at + 1 :] for at in places] + [value + b"\x01"]
    return [value + 1, None] if isinstance(value, int) else [f"{value}x"]


def content(db: sqlite3.Connection) -> list[Any]:
    """What the index has; how often it was written stands there, too, and what was once deleted and is there again."""
    db.execute("CREATE VIRTUAL TABLE temp.pieces USING fts5vocab('main', 'finding', 'instance')")
    return db.execute("SELECT * FROM pieces ORDER BY term, doc, offset").fetchall()


@pytest.mark.rule("REC-5")
def test_whatever_is_changed_in_the_index_is_found(ledger: Ledger, path: Path) -> None:
    whole = path.read_bytes()
    with closing(sqlite3.connect(path)) as db:
        wanted, there = list(alterations(db)), content(db)
    tried = 0
    for text, values in wanted:
        path.write_bytes(whole)
        with closing(sqlite3.connect(path)) as db:
            try:
                db.execute(text, values)
            except sqlite3.DatabaseError:
                continue
            db.commit()
        if verify(path)["ok"]:
            with closing(sqlite3.connect(path)) as db:
                assert content(db) == there, f"{text} {values} went unnoticed"
        else:
            tried += 1
    assert tried > 30


FORGED = {
    "taken out": ("INSERT INTO finding (finding, rowid, pieces) VALUES ('delete', 1, :of)", FIRST),
    "twice": ("INSERT INTO finding (rowid, pieces) VALUES (1, :of)", "finding_data 1"),
    "of no order": ("INSERT INTO finding (rowid, pieces) VALUES (99, 'x')", "no order: 99"),
    "another id": ("UPDATE orders SET id = 77 WHERE id = 1", FIRST),
    "text": ("UPDATE orders SET search = search || 'x' WHERE id = 1", FIRST),
}


@pytest.mark.rule("REC-5")
@pytest.mark.parametrize("way", FORGED)
def test_an_index_that_is_not_of_the_orders_is_found_with_the_order(ledger: Ledger, path: Path, way: str) -> None:
    text, named = FORGED[way]
    with closing(sqlite3.connect(path)) as db:
        (search,) = db.execute("SELECT search FROM orders WHERE id = 1").fetchone()
        db.execute(text, {"of": finding.pieces(search)} if ":of" in text else {})
        db.commit()
    said = [str(one["what"]) for one in verify(path)["problems"]]
    assert any("index of words" in one and named in one for one in said), said
    rebuild(path)
    assert verify(path)["problems"] == []


def test_a_text_that_a_torn_file_has_lost_is_told_and_stops_nothing(ledger: Ledger, path: Path) -> None:
    with closing(sqlite3.connect(path, factory=Patient)) as db:
        # No statement can do that: the column takes nothing but text. A bit that fell over in its row's head can.
        db.execute("CREATE TEMP TABLE orders AS SELECT id, number, NULL AS search FROM main.orders")
        told = list(finding_check.amiss(db))
    assert told, "the index has words, and the orders none"
    assert {one.template for one in told} == {"the index of words does not have the words of {number}"}
