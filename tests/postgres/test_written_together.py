"""Rows that go to a server together: the same is written, a refusal is told as ever, and nothing half-written stays."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from operator import methodcaller
from pathlib import Path
from typing import Any

import desk_cli
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from repairdesk.batch import importing
from repairdesk.cli import common
from repairdesk.domain.staff import Person
from repairdesk.errors import BadInput, NotAllowed, NotPermitted, StorageError
from repairdesk.ledger import chain, postgres, postgres_grants, postgres_sql, postgres_waiting
from repairdesk.ledger.journal import Ledger, Writer
from repairdesk.ledger.postgres import Server
from repairdesk.ledger.session import Session
from repairdesk.ledger.verify import verify

psycopg = pytest.importorskip("psycopg")
pytestmark = pytest.mark.rule("REC-1")
NOW = datetime.now(UTC).replace(microsecond=0)
SALT = b"s" * chain.SALT_BYTES
LOGIN = "together_bob"


@pytest.fixture
def url(database: Callable[[], str]) -> str:
    """A database with nothing in it."""
    return database()


@pytest.fixture
def ledger(url: str) -> Ledger:
    """An empty ledger."""
    return Ledger.create(Server(url))


def note(writer: Writer, n: int, version: int = 1, actor: str = "C1") -> None:
    """An entry that nothing has to be asked for, so that it waits with others."""
    writer.write(f"note:{n}", "note", actor=actor, keyboard="C1", occurred_at=NOW, recorded_at=NOW, late=False,
                 data={"n": n}, version=version)  # fmt: skip


def fill(ledger: Ledger, *steps: Callable[[Writer], object]) -> None:
    """One transaction."""
    with ledger.write() as writer:
        for step in steps:
            step(writer)


def notes(count: int, wrong: int = -1, **said: Any) -> list[Callable[[Writer], None]]:
    """Entries, of which one is something else."""
    return [partial(note, n=n, **(said if n == wrong else {})) for n in range(count)]


def part(writer: Writer, *steps: Callable[[Writer], object]) -> None:
    """What is undone by itself."""
    with writer.savepoint():
        for step in steps:
            step(writer)


def written(ledger: Ledger) -> list[int]:
    with ledger.read() as reader:
        return [entry.data["n"] for entry in reader.journal()]


# --- refused


def test_many_entries_are_one_chain(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "MOST", 10)
    with ledger.write() as writer:
        for n in range(25):
            note(writer, n)
        head = writer.head()
    assert written(ledger) == list(range(25))
    with ledger.read() as reader:
        assert reader.head() == head


@pytest.mark.parametrize("waiting", [10**6, 12])
def test_one_wrong_entry_among_many_is_refused_and_none_of_them_is_written(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch, waiting: int
) -> None:
    monkeypatch.setattr(postgres, "MOST", waiting)
    with pytest.raises(NotAllowed, match="next version") as refused:
        fill(ledger, *notes(9, wrong=5, version=7))
    assert refused.value.rule == "REC-1"
    assert written(ledger) == []


def test_an_entry_in_another_name_among_many_is_refused_and_none_of_them_is_written(url: str, ledger: Ledger) -> None:
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute(f"CREATE ROLE {LOGIN} LOGIN")
    postgres_grants.admit(Server(url), LOGIN, "worker", "C1", others=False)
    own = Ledger(Server(url.replace("postgres@", f"{LOGIN}@")))
    with pytest.raises(NotPermitted, match="does not let this login"):
        fill(own, *notes(9, wrong=5, actor="M1"))
    assert written(ledger) == []
    fill(own, *notes(3))
    assert written(ledger) == [0, 1, 2]


def test_what_no_text_can_hold_is_told_and_nothing_is_written(ledger: Ledger) -> None:
    people = [Person("C1", "a", "clerk"), Person("C2", "b\0c", "clerk")]
    with pytest.raises(BadInput, match="no characters"):
        fill(ledger, *notes(1), *(methodcaller("store_person", one) for one in people))
    assert written(ledger) == []


def test_a_part_that_is_refused_is_undone_by_itself(ledger: Ledger) -> None:
    with ledger.write() as writer:
        note(writer, 1)
        with pytest.raises(psycopg.errors.IntegrityConstraintViolation):
            part(writer, partial(note, n=2), partial(note, n=3, version=9))
        note(writer, 4)
        part(writer, partial(note, n=5), partial(note, n=6))
        note(writer, 7)
    assert written(ledger) == [1, 4, 5, 6, 7]


def test_what_waits_in_a_part_is_refused_with_that_part(ledger: Ledger) -> None:
    with ledger.write() as writer:
        note(writer, 1)
        writer.store_place((1, "*1", "1-1-101"))
        with pytest.raises(psycopg.errors.UniqueViolation):
            part(writer, partial(note, n=2), methodcaller("store_place", (2, "*1", "1-1-102")))
        assert writer.head()[0] == 1
        note(writer, 3)
        writer.store_place((2, "*2", "1-1-102"))
    assert written(ledger) == [1, 3]
    with ledger.read() as reader:
        assert [reader.place_of(f"*{n}") for n in (1, 2)] == ["1-1-101", "1-1-102"]


def test_what_an_error_left_waiting_is_not_written_by_the_next_transaction(ledger: Ledger) -> None:
    session = Session(ledger.store)
    with pytest.raises(ZeroDivisionError):
        fill(session, *notes(1), lambda _: 1 // 0)
    fill(session, partial(note, n=2))
    session.close()
    assert written(ledger) == [2]


def test_a_server_that_goes_away_while_rows_wait_has_written_none(
    url: str, ledger: Ledger, caplog: pytest.LogCaptureFixture
) -> None:
    def ended(_: Writer) -> None:
        with psycopg.connect(url, autocommit=True) as owner:
            text = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'repairdesk'"
            owner.execute(text)

    with caplog.at_level(logging.WARNING), pytest.raises(StorageError, match="nothing of it was written"):
        fill(ledger, *notes(9), ended)
    assert written(ledger) == []
    assert caplog.records == [], "nobody is told of it twice"


# --- a body behind its entry


def header(seq: int, prev: str) -> dict[str, Any]:
    digest = chain.body_digest(SALT, "{}")
    at = "2026-11-22T08:00:00Z"
    said = (seq, f"note:{seq}", 1, "note", "C1", "C1", at, at, 0, digest, prev)
    row = dict(zip(chain.HEADER, said, strict=True))
    return row | {"hash": chain.header_hash(row)}


def test_a_body_comes_with_its_entry_or_while_that_is_the_last(url: str, ledger: Ledger) -> None:
    rows, prev = [], chain.ZEROS
    for seq in range(1, 6):
        rows.append(header(seq, prev))
        prev = rows[-1]["hash"]

    def body(seq: int) -> tuple[str, dict[str, Any]]:
        return postgres_sql.ADD_BODY, {"seq": seq, "salt": SALT, "body": "{}"}

    with psycopg.connect(url, autocommit=True) as other:
        other.execute("SET search_path TO repairdesk")
        with other.transaction():
            for row in rows[:2]:
                other.execute(postgres_sql.ADD_ENTRY, row)
            other.execute(*body(2))
            other.execute(*body(1))
        for row in rows[2:4]:
            other.execute(postgres_sql.ADD_ENTRY, row)
        with pytest.raises(psycopg.errors.IntegrityConstraintViolation, match="last entry"):
            other.execute(*body(3))
        other.execute(*body(4))
        other.execute("BEGIN")
        other.execute(postgres_sql.ADD_ENTRY, rows[4])
        other.execute(*body(5))
        with pytest.raises(psycopg.errors.IntegrityConstraintViolation, match="last entry"):
            other.execute(*body(3))
        other.execute("ROLLBACK")
        with pytest.raises(psycopg.errors.IntegrityConstraintViolation, match="last entry"):
            other.execute(*body(9))


# --- the same as one by one


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    rows=st.lists(
        st.tuples(
            st.none() | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
            st.none() | st.sampled_from(["NULL", "{}", '\\"', "{a,b}", "", " ", '","', "\\x00"]),
            st.none() | st.integers(-(2**31), 2**31 - 1),
            st.binary(),
        ),
        min_size=1,
    )
)
def test_columns_arrive_as_they_are(own: psycopg.Connection, rows: list[tuple[Any, ...]]) -> None:
    text = "INSERT INTO t (a, b, c, d) VALUES (%(a)s::VARCHAR, %(b)s::VARCHAR, %(c)s::INTEGER, %(d)s)"
    sent = postgres_waiting.arrays(text, [dict(zip("abcd", row, strict=True)) for row in rows])
    wanted = postgres_waiting.form(text).text.partition("SELECT * ")[2]
    assert own.execute(f"SELECT * {wanted}".encode(), sent).fetchall() == rows


@pytest.fixture(scope="module")
def own(database: Callable[[], str]) -> Any:
    with psycopg.connect(database(), autocommit=True) as connection:
        yield connection


HEAD = "external_id,place,category,caller,phone,fault,reported_at\n"
ROWS = (
    *(f"A{n},1-1-10{n % 4 + 1},plumbing,王,13800138000,漏水 {n},2026-11-{n % 9 + 1:02}T08:00" for n in range(20)),
    "A3,1-1-104,plumbing,王,13800138000,漏水 3,2026-11-04T08:00",  # the same again
    "A5,1-1-104,plumbing,王,13800138000,another,2026-11-04T08:00",
    "B1,1-1-101,,王,13800138000,无,2026-11-04T08:00",
    'B2,1-1-101,electrical,王,13800138000,"{跳闸} \\ ,\',"" NULL",2026-11-04T08:00',
    "B3,１－１－１０１,plumbing,王,13800138000,漏,2026-11-04T08:00",
    "B4,1-1-101,plumbing,王,1,漏,2026-11-04T08:00",
    "B5,1-1-101,plumbing,王,13800138000,漏,2027-11-04T08:00",
)
AGAIN = (*ROWS[:8], ROWS[9].replace("漏水", "滴水"), "C1,1-1-101,plumbing,王,13800138000,漏,2026-11-05T08:00")


def test_a_file_becomes_the_same_on_both_engines(tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(common, "clock", desk_cli.Clock("2026-11-22T10:00"))
    monkeypatch.setattr(importing, "_AHEAD", 4)
    monkeypatch.setattr(postgres, "MOST", 30)
    for name, rows in (("first.csv", ROWS), ("again.csv", AGAIN)):
        (tmp_path / name).write_text(HEAD + "\n".join(rows) + "\n", encoding="utf-8")
    found = []
    for engine in ("file", "server"):
        named = ("--ledger", url.replace("postgresql:", "postgresql+psycopg:")) if engine == "server" else ()
        where = ("--home", str(tmp_path / engine), *named, "--json", "--lang", "en")

        def typed(*words: str, where: tuple[str, ...] = where) -> Any:
            done = desk_cli.run(*words, *where)
            return done.exit_code, str(done), done.err

        typed("init")
        typed("staff", "add", "C1", "--name", "林", "--role", "clerk")
        said = [
            typed("import", str(tmp_path / name), "--kind", "in_home", "--as", "C1", *more)
            for name, more in (("first.csv", ()), ("first.csv", ("--partial",)), ("again.csv", ()))
        ]
        store = Server(url) if engine == "server" else tmp_path / engine / "ledger.db"
        with Ledger(store).read() as reader:
            journal = [(entry.number, entry.version, entry.event, entry.data) for entry in reader.journal()]
            docs = reader.orders({})[0]
        assert verify(store)["ok"]
        found.append((said, journal, docs))
    assert [code for code, _, _ in found[0][0]] == [14, 18, 0]
    assert len(found[0][2]) > 20
    assert found[1] == found[0]
