"""What is appended is chained and found again; nothing that is written goes away."""

from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import ledger_sample as sample
import pytest
from ledger_sample import FIRST, SECOND, THIRD, TRACKED, at

from repairdesk.domain.times import iso_utc
from repairdesk.errors import BadInput, Busy, Damaged
from repairdesk.ledger import chain, sqlite_sql
from repairdesk.ledger.journal import Ledger
from repairdesk.ledger.verify import verify


@contextmanager
def plain(path: Path) -> Iterator[sqlite3.Connection]:
    """Ordinary SQL against the file, with none of the settings that our own connections have."""
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        yield db


def dump(path: Path) -> list[str]:
    with plain(path) as db:
        return list(db.iterdump())


# -- the pen


PEN = [
    "UPDATE entries SET actor = 'W2' WHERE seq = 3",
    "UPDATE entries SET seq = 999 WHERE seq = 3",
    "DELETE FROM entries WHERE seq = 3",
    "DELETE FROM entries",
    "UPDATE bodies SET body = '{}' WHERE seq = 3",
    "UPDATE bodies SET salt = zeroblob(32)",
    "DELETE FROM bodies WHERE seq = 3",
    "INSERT OR REPLACE INTO entries SELECT * FROM entries WHERE seq = 3",
    "REPLACE INTO bodies SELECT seq, salt, '{}' FROM bodies WHERE seq = 3",
    "INSERT OR REPLACE INTO bodies SELECT max(seq), zeroblob(32), '{}' FROM entries",
    # Everything right but the hash, which is another entry's: REPLACE would take that one out.
    "INSERT OR REPLACE INTO entries SELECT seq + 1, 'new', 1, event, actor, keyboard, occurred_at, recorded_at, late, "
    "body_digest, hash, prev FROM entries ORDER BY seq DESC LIMIT 1",
    "INSERT OR REPLACE INTO entries SELECT seq + 1, 'new', 1, event, actor, keyboard, occurred_at, recorded_at, late, "
    "body_digest, hash, (SELECT hash FROM entries WHERE seq = 3) FROM entries ORDER BY seq DESC LIMIT 1",
    # A forged entry: a gap, a wrong link, a wrong version.
    "INSERT INTO entries SELECT seq + 2, 'new', 1, event, actor, keyboard, occurred_at, recorded_at, late, "
    "body_digest, hash, 'f' FROM entries ORDER BY seq DESC LIMIT 1",
    "INSERT INTO entries SELECT seq + 1, 'new', 1, event, actor, keyboard, occurred_at, recorded_at, late, "
    "body_digest, prev, 'f' FROM entries ORDER BY seq DESC LIMIT 1",
    "INSERT INTO entries SELECT seq + 1, 'new', 2, event, actor, keyboard, occurred_at, recorded_at, late, "
    "body_digest, hash, 'f' FROM entries ORDER BY seq DESC LIMIT 1",
    "INSERT INTO bodies SELECT max(seq) + 1, zeroblob(32), '{}' FROM entries",
    "UPDATE OR REPLACE entries SET seq = 2 WHERE seq = 3",
]


@pytest.mark.rule("REC-1")
@pytest.mark.parametrize("recursive", ["ON", "OFF"])
@pytest.mark.parametrize("statement", PEN)
def test_ordinary_sql_cannot_change_remove_or_forge_an_entry(path: Path, statement: str, recursive: str) -> None:
    before = dump(path)
    with plain(path) as db:
        db.execute(f"PRAGMA recursive_triggers={recursive}")
        with pytest.raises(sqlite3.IntegrityError):
            db.execute(statement)
    assert dump(path) == before


def test_an_entry_is_read_as_it_was_appended(ledger: Ledger) -> None:
    said = {"b": [1, {"c": None}], "a": "漏水 \"'\n\x00 😀", "sum": 10**15}
    with ledger.write() as writer:
        entry = writer.append(
            "desk",
            "init",
            actor="W1",
            keyboard="os:x",
            occurred_at=at(3) + timedelta(microseconds=7),
            recorded_at=at(90),
            late=True,
            data={**said, "pair": ("x", "y")},
        )
    with ledger.read() as reader:
        again = reader.entries("desk")[-1]
    assert entry == again
    assert again.data == {**said, "pair": ["x", "y"]}
    assert (again.occurred_at, again.recorded_at, again.late, again.version) == (at(3), at(90), True, 2)


def test_each_entry_links_to_the_one_before_and_the_first_to_zeros(path: Path) -> None:
    with plain(path) as db:
        links = db.execute("SELECT prev, hash FROM entries ORDER BY seq").fetchall()
    assert links[0][0] == "0" * 64
    assert [prev for prev, _ in links[1:]] == [mine for _, mine in links[:-1]]


def test_equal_bodies_have_different_digests(ledger: Ledger, path: Path) -> None:
    with ledger.write() as writer:
        for _ in range(2):
            sample.add(writer, "desk", "note", 5, said="the same")
    with plain(path) as db:
        first, second = db.execute("SELECT body_digest FROM entries ORDER BY seq DESC LIMIT 2").fetchall()
    assert first != second


def test_a_float_is_not_kept(ledger: Ledger) -> None:
    with ledger.write() as writer, pytest.raises(ValueError, match="float"):
        sample.add(writer, "desk", "note", 5, sums=[{"amount": 1.5}])


def test_text_that_is_no_unicode_is_bad_input_and_writes_nothing(ledger: Ledger, path: Path) -> None:
    before = dump(path)
    with pytest.raises(BadInput), ledger.write() as writer:
        sample.add(writer, "desk", "note", 5, said="\udcff")
    assert dump(path) == before


def test_the_canonical_form_sorts_keys_and_keeps_chinese() -> None:
    assert chain.canonical({"b": "漏", "a": [True, None, 1]}) == '{"a":[true,null,1],"b":"漏"}'


# -- transactions


def test_whatever_raises_inside_leaves_the_ledger_as_it_was(ledger: Ledger, path: Path) -> None:
    before = dump(path)

    def work() -> None:
        with ledger.write() as writer:
            sample.tell(writer, "P20261122-0009", ("intake", 200, sample.intake("9-9-9")))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        work()
    assert dump(path) == before


def test_a_refused_row_of_a_batch_takes_only_itself_away(ledger: Ledger, path: Path) -> None:
    with ledger.write() as writer:
        for serial in range(10, 16):
            try:
                with writer.savepoint():
                    sample.tell(writer, f"P20261122-{serial:04}", ("intake", 200, sample.intake("9-9-9")))
                    if serial % 2:
                        raise KeyError("refused")
            except KeyError:
                pass
        assert writer.next_serial("P20261122") == 15
    assert verify(path)["problems"] == []
    with ledger.read() as reader:
        assert [doc["number"][-2:] for doc in reader.orders({"place": "9-9-9"})[0]] == ["14", "12", "10"]


def test_a_reader_sees_one_moment(path: Path) -> None:
    reading = Ledger(path)
    with reading.read() as reader:
        seen = reader.head()
        impatient = Ledger(path, wait_seconds=0)
        with pytest.raises(Busy), impatient.write() as writer:
            sample.add(writer, "desk", "note", 5)
        assert reader.head() == seen
    with reading.write() as writer:
        sample.add(writer, "desk", "note", 5)
    with reading.read() as reader:
        assert reader.head()[0] == seen[0] + 1


def test_a_second_writer_waits_and_then_gives_up(ledger: Ledger) -> None:
    with ledger.write() as writer:
        sample.add(writer, "desk", "note", 5)
        with pytest.raises(Busy), ledger.write():
            pass


def test_threads_that_write_at_once_make_one_chain(path: Path) -> None:
    def work() -> None:
        for _ in range(10):
            with Ledger(path).write() as writer:
                sample.add(writer, "desk", "note", 5)

    threads = [Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with Ledger(path).read() as reader:
        assert len(reader.entries("desk")) == 41
    assert verify(path)["problems"] == []


WORK = """
import sys
sys.path[:0] = sys.argv[2:]
import ledger_sample as sample
from repairdesk.ledger.journal import Ledger
for number in range(15):
    with Ledger(sys.argv[1]).write() as writer:
        serial = writer.next_serial("P20261123")
        sample.tell(writer, f"P20261123-{serial:04}", ("intake", 300, sample.intake("8-8-8")))
"""


def test_processes_that_write_at_once_give_no_number_twice(path: Path) -> None:
    folders = [str(Path(__file__).parent), str(Path(chain.__file__).parents[2])]
    running = [subprocess.Popen([sys.executable, "-c", WORK, str(path), *folders]) for _ in range(2)]
    assert [process.wait() for process in running] == [0, 0]
    with Ledger(path).read() as reader:
        docs, total = reader.orders({"place": "8-8-8"})
    assert sorted(doc["number"] for doc in docs) == [f"P20261123-{serial:04}" for serial in range(1, 31)]
    assert total == 30
    assert verify(path)["problems"] == []


def test_a_checkpoint_tells_a_ledger_whose_end_was_cut_off(path: Path, ledger: Ledger) -> None:
    """The chain alone cannot: what is left is whole. The head is what one keeps elsewhere."""
    with ledger.read() as reader:
        seq, head = reader.head()
    found = verify(path)
    assert (found["entries"], found["head"]) == (seq, head)


# -- looking up


def test_a_number_may_be_shortened_to_its_ending(ledger: Ledger) -> None:
    with ledger.read() as reader:
        assert reader.numbers_ending("0002") == [SECOND]
        assert set(reader.numbers_ending("0001")) == {FIRST, TRACKED}
        assert len(reader.numbers_ending("0001", limit=1)) == 1
        assert reader.numbers_ending(FIRST) == [FIRST]
        assert reader.numbers_ending("9999") == []
        assert reader.numbers_ending("") == []
        assert reader.numbers_ending("%") == []


def test_a_full_number_means_that_order_alone_though_others_end_so(ledger: Ledger) -> None:
    with ledger.write() as writer:
        sample.tell(writer, "A" + FIRST, ("intake", 200, sample.intake("9-9-9")))
        assert writer.numbers_ending(FIRST) == [FIRST]


FILTERED = [
    ({}, [THIRD, TRACKED, SECOND, FIRST]),
    ({"states": ["quoted", "archived"]}, [THIRD, FIRST]),
    ({"states": []}, []),
    ({"open": True}, [THIRD, TRACKED]),
    ({"open": False}, [SECOND, FIRST]),
    ({"kind": "in_home", "place": "3-2-502"}, [TRACKED, SECOND]),
    ({"kind": "help"}, []),
    ({"priority": "low"}, []),
    ({"category": "plumbing", "priority": "regular"}, [THIRD, TRACKED, SECOND, FIRST]),
    ({"department": "security"}, [THIRD]),
    ({"staff": "W1"}, [TRACKED, SECOND, FIRST]),
    ({"staff": "W1", "states": ["tracking", "archived"]}, [TRACKED, FIRST]),
    ({"staff": "W1", "states": []}, []),
    ({"staff": "W1", "kind": "public_area"}, []),
    ({"staff": "W1", "since": iso_utc(at(120))}, [TRACKED, SECOND]),
    ({"assignee": "W1"}, [SECOND, FIRST]),
    ({"tracker": "W1"}, [TRACKED]),
    ({"state": "quoted"}, [THIRD]),
    ({"kind": "in_home", "states": ["archived", "archived", "converted", "tracking"]}, [TRACKED, SECOND, FIRST]),
    ({"kind": "in_home", "until": iso_utc(at(120))}, [SECOND, FIRST]),
    ({"open": True, "states": ["tracking", "archived"]}, [TRACKED]),
    ({"find": "王女士", "states": ["quoted", "tracking"]}, [THIRD, TRACKED]),
    ({"find": "王女士"}, [THIRD, TRACKED, SECOND, FIRST]),
    ({"find": "王女士", "staff": "W1", "kind": "in_home"}, [TRACKED, SECOND, FIRST]),
    ({"find": "女士 3-2-502"}, [TRACKED, SECOND]),
    ({"find": " \u3000 "}, [THIRD, TRACKED, SECOND, FIRST]),
    ({"find": "垫圈"}, [FIRST]),
    ({"find": "p20261122-0003"}, [THIRD]),
    ({"find": "１-１-１０１"}, [THIRD]),
    ({"find": "%"}, []),
    ({"since": iso_utc(at(130))}, [THIRD, TRACKED]),
    ({"until": iso_utc(at(120))}, [SECOND, FIRST]),
    ({"archived_since": iso_utc(at(110))}, [FIRST]),
    ({"archived_before": iso_utc(at(110))}, []),
    ({"external_id": "OLD-8"}, [SECOND]),
    ({"coordination": TRACKED}, [SECOND]),
    ({"converted_from": SECOND}, [TRACKED]),
    ({"follows": FIRST}, [SECOND]),
    ({"overdue_at": iso_utc(at(200))}, [SECOND]),
    ({"overdue_at": iso_utc(at(201))}, [THIRD, SECOND]),
    ({"overdue_at": iso_utc(at(5000)), "staff": "W1"}, [SECOND, FIRST]),
    ({"kind": None, "place": "1-1-101"}, [THIRD]),
]


@pytest.mark.parametrize(("filters", "numbers"), FILTERED)
def test_orders_are_listed_newest_first_by_what_is_asked(
    ledger: Ledger, filters: dict[str, object], numbers: list[str]
) -> None:
    with ledger.read() as reader:
        docs, total = reader.orders(filters)
        assert [doc["number"] for doc in docs] == numbers
        assert total == len(numbers)
        assert [doc["number"] for doc in reader.scan(filters)] == numbers
        some, of = reader.orders(filters, limit=1)
        assert [doc["number"] for doc in some] == numbers[:1]
        assert of == total


def test_every_filter_is_tried() -> None:
    asked = {name for filters, _ in FILTERED for name in filters}
    assert set(sqlite_sql.FILTERS) == asked - {"find"} | {"id", "tail", "beyond"}, "what words find comes as ids"


@pytest.mark.rule("REC-6")
def test_open_orders_at_a_place_match_by_category_and_no_category_matches_nothing(ledger: Ledger) -> None:
    with ledger.read() as reader:
        assert [doc["number"] for doc in reader.open_at("3-2-502", "plumbing")] == [TRACKED]
        assert reader.open_at("3-2-501", "plumbing") == []
        assert reader.open_at("3-2-502", None) == []
        assert reader.open_at("3-2-502", "electrical") == []


def test_orders_are_found_by_their_links_and_holders(ledger: Ledger) -> None:
    with ledger.read() as reader:
        assert reader.number_of_external("OLD-7") == FIRST
        assert reader.number_of_external("OLD-9") is None
        assert [doc["number"] for doc in reader.followers(FIRST)] == [SECOND]
        assert reader.held_by("W1") == [TRACKED]
        assert reader.held_by("W2") == []
        assert reader.order_doc(SECOND)["coordination"] == TRACKED  # type: ignore[index]
        assert reader.order_doc("nothing") is None
        assert reader.counts() == {"archived": 1, "converted": 1, "quoted": 1, "tracking": 1}


def test_expected_visits_are_those_agreed_and_not_over(ledger: Ledger) -> None:
    window = {"start": iso_utc(at(400)), "end": iso_utc(at(500))}
    with ledger.write() as writer:
        sample.tell(
            writer,
            "P20261122-0010",
            ("intake", 200, sample.intake("9-9-9", appointment=window)),
            ("assign", 201, {"assignee": "W1"}),
        )
        assert writer.expected("W1") == [("P20261122-0010", iso_utc(at(400)), iso_utc(at(500)))]
        assert writer.held_by("W1") == ["P20261122-0010", TRACKED]
        assert writer.expected("W2") == []


def test_serials_go_on_from_the_highest_ever_given(ledger: Ledger) -> None:
    with ledger.write() as writer:
        assert writer.next_serial("P20261122") == 4
        assert writer.next_serial("X20261122") == 2
        assert writer.next_serial("P20261123") == 1
        sample.tell(writer, "P20261122-12345", ("intake", 200, sample.intake("9-9-9")))
        assert writer.next_serial("P20261122") == 12346


def test_what_is_owed_comes_by_its_deadline_and_says_whether_its_clock_stands_still(ledger: Ledger) -> None:
    with ledger.read() as reader:
        due = reader.due()
        assert [(row["number"], row["name"], row["paused"]) for row in due] == [
            (SECOND, "respond", 0),
            (THIRD, "respond", 0),
            (SECOND, "resolve", 0),
            (FIRST, "resolve", 0),
            (THIRD, "resolve", 1),
        ]
        assert (due[0]["place"], due[0]["kind"], due[0]["assignee"]) == ("3-2-502", "in_home", "W1")
        assert [row["name"] for row in reader.due(iso_utc(at(200)))] == ["respond", "respond"]
        assert reader.due(iso_utc(at(199)), 1) == due[:1]


@pytest.mark.rule("SLA-3")
def test_a_stop_after_the_deadline_leaves_it_overdue(ledger: Ledger) -> None:
    stop = {"op": "stop", "name": "respond", "cycle": 1, "reason": "consent", "at": iso_utc(at(300))}
    with ledger.write() as writer:
        sample.tell(
            writer,
            "P20261122-0010",
            ("intake", 200, sample.intake("9-9-9", obligations=[sample.opens("respond", 200, 260)])),
            ("support", 300, {"obligations": [stop]}),
        )
        assert [doc["number"] for doc in writer.orders({"overdue_at": iso_utc(at(301)), "place": "9-9-9"})[0]]


def test_people_are_found_by_id_and_by_os_user(ledger: Ledger) -> None:
    with ledger.read() as reader:
        assert reader.roster_is_kept()
        assert [doc["id"] for doc in reader.staff()] == ["W1", "W2"]
        assert reader.person_by_os_user("wang")["id"] == "W1"  # type: ignore[index]
        assert reader.person_by_os_user("li") is None
        assert reader.person_doc("W2")["retired"] is True  # type: ignore[index]
        assert reader.person_doc("W9") is None


def test_without_any_duty_no_roster_is_kept(tmp_path: Path) -> None:
    fresh = Ledger.create(tmp_path / "fresh.db")
    with fresh.write() as writer:
        sample.person(writer, "W1")
        assert not writer.roster_is_kept()


@pytest.mark.rule("REC-4")
def test_rules_are_found_by_version_and_by_file_and_the_first_adoption_counts(ledger: Ledger, path: Path) -> None:
    with ledger.write() as writer:
        sample.adopt(writer, "policies", "2026-11", "aa12")
        sample.adopt(writer, "policies", "2026-12", "aa11")
    with ledger.read() as reader:
        assert reader.rules("policies", "2026-11")["file_digest"] == "aa11"  # type: ignore[index]
        assert reader.rules_by_file("policies", "aa12")["version"] == "2026-11"  # type: ignore[index]
        assert reader.rules_by_file("policies", "aa11")["version"] == "2026-11"  # type: ignore[index]
        assert reader.rules("fees", "2026-12") is None
        assert reader.rules_by_file("fees", "aa11") is None
    assert verify(path)["problems"] == []


def test_the_journal_tells_everything_in_order(ledger: Ledger) -> None:
    with ledger.read() as reader:
        entries = list(reader.journal())
        assert [entry.seq for entry in entries] == list(range(1, reader.head()[0] + 1))


# -- finance

LATER = "P20261122-0010"


def archived(total: int, month: str, minutes: int) -> list[tuple[str, int, dict[str, Any]]]:
    """An order from its intake to its archive, with a bill."""
    return [
        ("intake", 200, sample.intake("3-2-501")),
        ("finish", 210, {"result": "已换", "bill": sample.billed(total)}),
        ("archive", minutes, {"month": month}),
    ]


@pytest.mark.rule("FEE-7")
@pytest.mark.rule("FEE-8")
def test_a_month_holds_what_was_posted_to_it(ledger: Ledger) -> None:
    with ledger.read() as reader:
        assert reader.posted_months() == ["2026-11", "2026-12"]
        (bill,) = reader.postings("2026-11")
        assert bill == {
            "number": FIRST, "n": 1, "month": "2026-11", "kind": "bill", "place": "3-2-501", "amount": 2500,
            "chargeable": 1, "at": iso_utc(at(110)), "of": "2026-11", "reason": None,
        }  # fmt: skip
        corrected = [(row["n"], row["kind"], row["amount"], row["of"]) for row in reader.postings("2026-12")]
        assert corrected == [(2, "reversal", -2500, "2026-11"), (3, "replacement", 2000, "2026-11")]
        assert list(reader.postings("2027-01")) == []


def test_postings_come_by_place_number_and_turn(ledger: Ledger) -> None:
    with ledger.write() as writer:
        sample.tell(writer, LATER, *archived(100, "2026-12", 220))
        sample.tell(
            writer,
            "P20261122-0011",
            ("intake", 200, sample.intake("1-1-101")),
            ("finish", 210, {"result": "已换", "bill": sample.billed(100)}),
            ("archive", 220, {"month": "2026-12"}),
        )
        found = [(row["place"], row["number"], row["n"]) for row in writer.postings("2026-12")]
    assert found == [
        ("1-1-101", "P20261122-0011", 1),
        ("3-2-501", FIRST, 2),
        ("3-2-501", FIRST, 3),
        ("3-2-501", LATER, 1),
    ]


@pytest.mark.rule("FEE-7")
def test_the_last_month_handed_over_is_the_latest_and_not_the_last_written(ledger: Ledger) -> None:
    with ledger.write() as writer:
        assert writer.last_handed_over() == "2026-11"
        sample.hand_over(writer, "2026-12", 60000, 0, 0)
        sample.hand_over(writer, "2026-10", 60001, 0, 0)
        assert writer.last_handed_over() == "2026-12"


def test_before_anything_is_posted_or_handed_over_there_is_nothing(tmp_path: Path) -> None:
    fresh = Ledger.create(tmp_path / "fresh.db")
    with fresh.read() as reader:
        assert reader.last_handed_over() is None
        assert [reader.posted_months(), reader.arrears(), reader.households()] == [[]] * 3
        assert (reader.next_receipt("R20261122"), reader.next_household()) == (1, 1)


def test_arrears_are_what_was_paid_too_little_or_too_much_of_archived_bills(ledger: Ledger) -> None:
    with ledger.write() as writer:
        sample.tell(writer, LATER, *archived(100, "2026-12", 220))
        sample.tell(writer, "P20261122-0011", *archived(0, "2026-12", 220))
        sample.tell(writer, "P20261122-0012", *archived(100, "2026-12", 220)[:-1])
        found = writer.arrears()
        assert [(row["number"], row["total"], row["received"]) for row in found] == [
            (FIRST, 2000, 2200),
            (LATER, 100, 0),
        ]
        assert found[0] == {
            "number": FIRST, "place": "3-2-501", "archived_at": iso_utc(at(110)), "total": 2000, "received": 2200,
            "invoice": "FP-77",
        }  # fmt: skip
        assert writer.arrears("3-2-501") == found
        assert writer.arrears("1-1-101") == []
        sample.tell(writer, LATER, ("pay", 230, sample.paid(100, "R20261122-0002")))
        assert [row["number"] for row in writer.arrears()] == [FIRST]


@pytest.mark.rule("RPT-6")
def test_whatever_may_have_posted_to_a_month_is_found_in_the_journal_also_where_the_tables_say_nothing(
    ledger: Ledger, path: Path
) -> None:
    month = ("2026-11", iso_utc(at(110)), iso_utc(at(221)))
    with ledger.write() as writer:
        sample.tell(writer, LATER, *archived(0, "2026-11", 220))
        assert writer.posting_entries(*month) >= {FIRST, LATER}
        assert writer.posting_entries("2026-11", iso_utc(at(111)), iso_utc(at(221))) == {LATER}
        assert writer.posting_entries("2026-11", iso_utc(at(110)), iso_utc(at(220))) == {FIRST}
        # What was corrected after a hand-over stands in the next month, whenever it happened.
        assert FIRST in writer.posting_entries("2026-12", iso_utc(at(90000)), iso_utc(at(90001)))
    with plain(path) as db:
        db.execute("PRAGMA foreign_keys=OFF")
        for table in ("postings", "orders"):
            db.execute(f"DELETE FROM {table}")
    with ledger.read() as reader:
        assert reader.posting_entries(*month) >= {FIRST, LATER}
        assert reader.last_handed_over() == "2026-11", "a lock that could be deleted would be none"


def test_receipts_are_numbered_within_their_series(ledger: Ledger) -> None:
    with ledger.write() as writer:
        assert writer.next_receipt("R20261122") == 2
        assert writer.next_receipt("R20261202") == 2
        assert writer.next_receipt("R20270101") == 1
        assert writer.next_receipt("P20261122") == 1
        sample.tell(writer, LATER, *archived(100, "2026-12", 220), ("pay", 230, sample.paid(100, "R20261122-12345")))
        assert writer.next_receipt("R20261122") == 12346


@pytest.mark.sqlite
def test_storing_an_order_without_postings_and_payments_executes_nothing_for_them(ledger: Ledger) -> None:
    said: list[str] = []
    with ledger.write() as writer:
        writer._db.set_trace_callback(said.append)
        sample.tell(writer, LATER, ("intake", 200, sample.intake("9-9-9")))
        assert any("INSERT INTO orders" in text for text in said)
        assert not any("INSERT INTO postings" in text or "INSERT INTO receipts" in text for text in said)
        sample.tell(writer, LATER, *archived(100, "2026-12", 220)[1:], ("pay", 230, sample.paid(1, "R20261122-0002")))
        assert any("INSERT INTO postings" in text for text in said)
        assert any("INSERT INTO receipts" in text for text in said)


def test_an_order_whose_document_is_no_json_is_damage_and_no_traceback(ledger: Ledger, path: Path) -> None:
    with plain(path) as db:
        db.execute("UPDATE orders SET doc = '{' WHERE number = ?", (FIRST,))
    with pytest.raises(Damaged, match="restore a backup"), ledger.read() as reader:
        reader.arrears()


# -- households


def test_a_household_is_found_by_its_place_as_its_last_entry_has_it(ledger: Ledger) -> None:
    with ledger.read() as reader:
        assert reader.household_at("3-2-501") == {
            "id": "000001", "place": "3-2-501", "names": ["王女士", "赵先生"], "phones": ["13800138000"],
            "since": "2019-08-15",
        }  # fmt: skip
        assert reader.household_at("9-9-9") is None


@pytest.mark.parametrize(
    ("find", "places"),
    [
        (None, ["1-1-101", "3-2-501"]),
        ("", ["1-1-101", "3-2-501"]),
        ("LI ＬＥＩ", ["1-1-101"]),
        ("韩", ["1-1-101"]),
        ("8001380", ["3-2-501"]),
        ("2-501", ["3-2-501"]),
        ("%", []),
    ],
)
def test_households_are_listed_by_place_and_searched_by_name_phone_and_place(
    ledger: Ledger, find: str | None, places: list[str]
) -> None:
    with ledger.read() as reader:
        assert [doc["place"] for doc in reader.households(find)] == places
        assert reader.households(find, 1) == reader.households(find)[:1]
        assert reader.household_count(find) == len(places)


def test_households_are_numbered_by_the_highest_number_ever_given(ledger: Ledger, path: Path) -> None:
    with ledger.write() as writer:
        assert writer.next_household() == 3
        sample.lives(writer, "1000000", 0, "9-9-9", "李四")
        assert writer.next_household() == 1000001
    assert verify(path)["problems"] == []


def test_two_households_never_live_at_one_place(ledger: Ledger, path: Path) -> None:
    before = dump(path)
    with pytest.raises(sqlite3.IntegrityError), ledger.write() as writer:
        sample.lives(writer, "000003", 0, "1-1-101", "李四")
    assert dump(path) == before


# -- messages


def test_messages_that_are_due_are_found_longest_due_first_and_those_that_are_over_never(ledger: Ledger) -> None:
    with ledger.read() as reader:
        assert reader.messages_due(iso_utc(at(199)), 9) == []
        assert reader.messages_due(iso_utc(at(200)), 9) == [4]
        assert reader.messages_due(iso_utc(at(260)), 9) == [4, 2]
        assert reader.messages_due(iso_utc(at(90000)), 9) == [4, 2]
        assert reader.messages_due(iso_utc(at(90000)), 1) == [4]


def test_what_did_not_arrive_is_counted_by_state_and_by_when_it_was_queued(ledger: Ledger) -> None:
    with ledger.read() as reader:
        assert reader.messages_unsent() == {"failed": 1, "given-up": 1, "waiting": 1}
        assert reader.messages_unsent(iso_utc(at(200))) == {"failed": 1, "given-up": 1, "waiting": 1}
        assert reader.messages_unsent(iso_utc(at(201))) == {}


def test_messages_are_numbered_by_the_highest_number_ever_given(ledger: Ledger) -> None:
    with ledger.write() as writer:
        assert writer.next_message() == 5
        sample.tells(writer, 1000, "W1")
        assert writer.next_message() == 1001


def test_a_ledger_is_told_from_any_other_by_its_first_entry(ledger: Ledger, path: Path, tmp_path: Path) -> None:
    with ledger.read() as reader, plain(path) as db:
        assert (reader.first_hash(),) == db.execute("SELECT hash FROM entries WHERE seq = 1").fetchone()
    with Ledger.create(tmp_path / "empty.db").read() as reader:
        assert (reader.first_hash(), reader.next_message()) == ("0" * 64, 1)


# -- indexes

SERVED = [
    ("OPEN_AT", "orders_open_at"),
    ("NUMBERS_ENDING", "orders_tail"),
    ("NUMBER_OF_EXTERNAL", "orders_external"),
    ("LAST_SERIAL", "orders_serial"),
    ("EXPECTED", "orders_assignee"),
    ("HELD_BY", "orders_tracker"),
    ("FOLLOWERS", "orders_follows"),
    ("SLIPS_HELD", "orders_state"),
    ("SLIPS_LEFT", "entries_slips"),
    ("NOT_RECHECKED", "orders_finished"),
    ("CALLED_SINCE", "entries_calls"),
    ("LETTERS", "sqlite_autoindex_streams_1"),
    ("WRITTEN_AFTER", "INTEGER PRIMARY KEY"),
    ("DUE", "obligations_due"),
    ("ENTRIES_OF", "sqlite_autoindex_entries_1"),
    ("LAST_VERSION", "sqlite_autoindex_entries_1"),
    ("STREAMS", "sqlite_autoindex_entries_1"),
    ("RULES_OF_VERSION", "rules_version"),
    ("POSTINGS", "postings_month"),
    ("POSTED_AFTER", "postings_month"),
    ("POSTING_ROWS", "sqlite_autoindex_postings_1"),
    ("RECEIPT_ROWS", "sqlite_autoindex_receipts_1"),
    ("ARREARS", "orders_arrears"),
    ("ARREARS_AT", "orders_arrears"),
    ("FIRST_POSTING", "entries_posting"),
    ("POSTING_IN", "entries_posting"),
    ("POSTING_BETWEEN", "INTEGER PRIMARY KEY"),
    ("HANDED_OVER_SEQ", "sqlite_autoindex_entries_1"),
    ("LAST_RECEIPT", "receipts_serial"),
    ("LAST_HANDED_OVER", "sqlite_autoindex_entries_1"),
    ("HOUSEHOLD_AT", "households_place"),
    ("HOUSEHOLDS", "households_place"),
    ("LAST_HOUSEHOLD", "households_serial"),
    ("MESSAGES_DUE", "messages_due"),
    ("MESSAGES_UNSENT", "messages_unsent"),
    ("OLDEST_UNSENT", "messages_unsent"),
    ("FIRST_REPORTED", "orders_reported"),
    ("LAST_MESSAGE", "messages"),
    ("FIRST_HASH", "INTEGER PRIMARY KEY"),
    ("CALLABLE", "COVERING INDEX orders_archived"),
    ("LOTS", "COVERING INDEX orders_archived"),
    ("CALLED", "COVERING INDEX orders_archived"),
    ("FIRST_WRITTEN_SINCE", "COVERING INDEX entries_written"),
    ("HASH_OF", "INTEGER PRIMARY KEY"),
]


@pytest.mark.parametrize(("name", "index"), SERVED)
def test_an_index_serves_each_look_up(path: Path, name: str, index: str) -> None:
    text = getattr(sqlite_sql, name)
    with plain(path) as db:
        plan = " ".join(row[3] for row in db.execute(f"EXPLAIN QUERY PLAN {text}", parameters(text)))
    assert index in plan
    assert "TEMP B-TREE" not in plan or name in {"OPEN_AT", "EXPECTED", "HELD_BY", "FOLLOWERS", "DUE", "NOT_RECHECKED"}


SEARCHED = (
    "POSTINGS POSTED_AFTER POSTING_ROWS RECEIPT_ROWS ARREARS_AT POSTING_IN POSTING_BETWEEN LAST_RECEIPT HOUSEHOLD_AT"
).split()


@pytest.mark.parametrize("name", SEARCHED)
def test_nothing_that_grows_is_gone_through_for_finance(path: Path, name: str) -> None:
    text = getattr(sqlite_sql, name)
    with plain(path) as db:
        plan = [row[3] for row in db.execute(f"EXPLAIN QUERY PLAN {text}", parameters(text))]
    assert plan
    assert all(step.startswith("SEARCH") for step in plan), plan


def test_all_arrears_are_gone_through_and_nothing_else(path: Path) -> None:
    with plain(path) as db:
        plan = [row[3] for row in db.execute(f"EXPLAIN QUERY PLAN {sqlite_sql.ARREARS}")]
    assert plan == ["SCAN orders USING INDEX orders_arrears"]


@pytest.mark.parametrize("name", [n for n in sqlite_sql.FILTERS if n not in {"open", "kind", "priority", "category",
                                                                           "find", "converted_from"}])  # fmt: skip
def test_an_index_serves_each_filter_that_narrows(path: Path, name: str) -> None:
    text = f"{sqlite_sql.ORDER_COUNT} WHERE ({sqlite_sql.FILTERS[name]})"
    with plain(path) as db:
        plan = " ".join(row[3] for row in db.execute(f"EXPLAIN QUERY PLAN {text}", parameters(text)))
    assert "SEARCH orders" in plan, plan


def parameters(text: str) -> dict[str, object]:
    return {name: "[]" if name == "states" else "1" for name in re.findall(r":(\w+)", text)}
