"""A ledger that somebody changed, or that lost a bit: ``verify`` finds it, and a forged one any checkpoint before.

A few dozen of each here, and many hundred by ``make soak``. What was tried is drawn from a seed.
"""

from __future__ import annotations

import json
import random
import shutil
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from desk_cli import IN_HOME, Clock, done, run

from repairdesk.cli import common
from repairdesk.errors import DeskError
from repairdesk.ledger import chain
from repairdesk.ledger.verify import rebuild, verify

pytestmark = pytest.mark.rule("REC-1")
FOUND = 16
HEADER = 100
"""Bytes that a database file begins with."""


class Worn(NamedTuple):
    """A desk that was in use for years, and the checkpoint that somebody kept elsewhere."""

    ledger: bytes
    note: Path
    desk: Path


@pytest.fixture(scope="session")
def worn(_templates: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worn]:
    """Something in every table: households, messages, payments, purged orders; and pages that are free."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(common, "os_user", lambda: "keyboard")
        patch.setenv("REPAIRDESK_LANG", "en")
        clock = Clock("2026-11-24T09:00:00")
        patch.setattr(common, "clock", clock)
        desk = tmp_path_factory.mktemp("worn") / "desk"
        shutil.copytree(_templates[1], desk)
        patch.setenv("REPAIRDESK_HOME", str(desk))
        use(desk, clock)
        note = desk.parent / "note"
        done("checkpoint", "--out", str(note))
        yield Worn((desk / "ledger.db").read_bytes(), note, desk)


def use(desk: Path, clock: Clock) -> None:
    people = desk.parent / "people.csv"
    people.write_text("place,names,phones\n3-2-501,李兰,13800138000\n1-1-101,张三,13900139000\n", encoding="utf-8")
    done("household", "import", str(people), "--as", "C1")
    done("pay", "P20261122-0001", "--method", "cash", "--as", "F1")
    for n in range(8):
        number = done("intake", *IN_HOME, "--external-id", f"OLD-{n}", "--new", "--as", "C1")["number"]
        done("cancel", number, "--reason", "李兰来电撤销" * 40, "--as", "C1")
    done("escalate")
    clock.now = clock.now.replace(year=2029)
    done("purge", "--yes", "--as", "M1", "--with", "L1", "--export", str(desk.parent / "gone"))
    done("intake", *IN_HOME, "--new", "--as", "C1")


@pytest.fixture
def altered(worn: Worn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[bytes], Path]:
    """The ledger of that desk with other bytes, alone in its folder: what a torn one left beside it is gone."""
    monkeypatch.setenv("REPAIRDESK_HOME", str(worn.desk))

    def put(raw: bytes) -> Path:
        folder = tmp_path / "altered"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        path = folder / "ledger.db"
        path.write_bytes(raw)
        return path

    return put


def proved(path: Path, *more: str) -> int:
    """The exit code of ``verify``; whatever is wrong with the file, it is said in one document and without a trace."""
    result = run("verify", "--ledger", str(path), "--json", *more)
    assert "Traceback" not in result + result.err
    assert "mistake of the program" not in result + result.err
    assert isinstance(json.loads(result or result.err), dict)
    assert result.exit_code in (0, FOUND), (result.exit_code, result, result.err)
    return result.exit_code


# --- bits


def told(raw: bytes, path: Path) -> Any:
    """Everything that a file says to whoever reads it: every row of every table, and how they are declared."""
    path.write_bytes(raw)
    with closing(sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)) as db:
        objects = db.execute("SELECT type, name, tbl_name, sql FROM sqlite_schema").fetchall()
        names = [name for kind, name, *_ in objects if kind == "table" and not name.startswith("finding_")]
        rows = {name: db.execute(f"SELECT * FROM {name}").fetchall() for name in names}
        # An index of words says what it finds; beside that it has marks of which nothing follows.
        db.execute("CREATE VIRTUAL TABLE temp.pieces USING fts5vocab('main', 'finding', 'instance')")
        rows["pieces"] = db.execute("SELECT * FROM pieces").fetchall()
        said = [
            db.execute(f"PRAGMA {name}").fetchall() for name in ("integrity_check", "user_version", "application_id")
        ]
    return objects, rows, said


def flips(
    worn: Worn, altered: Callable[[bytes], Path], seed: int, count: int, within: int | None = None
) -> Counter[str]:
    """Single bits turned over: each is found, or carries nothing, and then every row is what it was."""
    drawn, seen = random.Random(seed), Counter[str]()
    whole = told(worn.ledger, altered(worn.ledger))
    for _ in range(count):
        raw, at = bytearray(worn.ledger), drawn.randrange(within or len(worn.ledger))
        bit = drawn.randrange(8)
        raw[at] ^= 1 << bit
        if proved(altered(bytes(raw))) == FOUND:
            seen["found"] += 1
            continue
        seen["carries nothing, header" if at < HEADER else "carries nothing, pages"] += 1
        assert told(bytes(raw), altered(bytes(raw))) == whole, f"bit {bit} of byte {at} went unnoticed"
    print(f"flips of seed {seed}: {dict(seen)}")
    return seen


@pytest.mark.sqlite
def test_a_bit_that_turned_over_is_found_or_carries_nothing(worn: Worn, altered: Callable[[bytes], Path]) -> None:
    seen = flips(worn, altered, 1, 30) + flips(worn, altered, 1, 10, HEADER)
    assert seen["found"] > 10


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 104))
def test_it_holds_for_hundreds_of_bits(seed: int, worn: Worn, altered: Callable[[bytes], Path]) -> None:
    seen = flips(worn, altered, seed, 250) + flips(worn, altered, seed, 50, HEADER)
    assert seen["found"] > 100


# --- rows


@contextmanager
def freely(path: Path) -> Iterator[sqlite3.Connection]:
    """The file in the hands of somebody who knows SQL: no trigger and no CHECK is in the way; all are there after."""
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        for pragma in ("ignore_check_constraints=ON", "synchronous=OFF", "foreign_keys=OFF"):
            db.execute(f"PRAGMA {pragma}")
        triggers = db.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
        db.execute("BEGIN IMMEDIATE")
        for name, _ in triggers:
            db.execute(f"DROP TRIGGER {name}")
        yield db
        for _, text in triggers:
            db.execute(text)
        db.execute("COMMIT")


def tables(db: sqlite3.Connection) -> list[str]:
    """Every table that has rows; what SQLite keeps for itself and for an index of words is told by what it indexes."""
    names = [
        name for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table' AND sql LIKE '%STRICT%'")
    ]
    return [name for name in names if db.execute(f"SELECT 1 FROM {name}").fetchone()]


def another(drawn: random.Random, value: Any, column: list[Any]) -> Any:
    """A value that could stand there as well: that of another row, or this one a little otherwise."""
    others = [one for one in column if one != value]
    if others and drawn.random() < 0.5:
        return drawn.choice(others)
    if isinstance(value, bytes):
        return bytes([value[0] ^ 1]) + value[1:]
    if isinstance(value, int):
        return value + drawn.choice((-1, 1, 1000))
    if value is None:
        return drawn.choice(others) if others else "x"
    at = drawn.randrange(len(value)) if value else 0
    return value[:at] + drawn.choice("0123456789x李") + value[at + 1 :]


def edit(drawn: random.Random, db: sqlite3.Connection) -> str | None:
    """One change by hand; None: it changed nothing, or the file refused it even so."""
    table = drawn.choice(tables(db))
    names = [row[1] for row in db.execute(f"PRAGMA table_info({table})")]
    rows = db.execute(f"SELECT rowid, * FROM {table}").fetchall()
    row, name = drawn.choice(rows), drawn.choice(names)
    at, way = names.index(name) + 1, drawn.choice(("change", "change", "delete", "insert", "swap"))
    column = [one[at] for one in rows]
    try:
        if way == "delete":
            db.execute(f"DELETE FROM {table} WHERE rowid = ?", (row[0],))
        elif way == "insert":
            key = [one[5] or one[1] == "seq" for one in db.execute(f"PRAGMA table_info({table})")]
            new = [another(drawn, v, [one[n + 1] for one in rows] if not key[n] else []) if key[n] else v
                   for n, v in enumerate(row[1:])]  # fmt: skip
            db.execute(f"INSERT INTO {table} VALUES ({','.join('?' * len(new))})", new)
        elif way == "swap":
            other = drawn.choice(rows)
            if other[at] == row[at]:
                return None
            db.execute(f"UPDATE {table} SET {name} = ? WHERE rowid = ?", (other[at], row[0]))
            db.execute(f"UPDATE {table} SET {name} = ? WHERE rowid = ?", (row[at], other[0]))
        else:
            new_value = another(drawn, row[at], column)
            if new_value == row[at]:
                return None
            db.execute(f"UPDATE {table} SET {name} = ? WHERE rowid = ?", (new_value, row[0]))
    except sqlite3.IntegrityError:
        return None  # a key cannot be given twice, and no number is a text, even by hand
    return f"{way} {table}.{name} of {row[:3]}"


def edits(worn: Worn, altered: Callable[[bytes], Path], seed: int, count: int) -> None:
    drawn, seen, tried = random.Random(seed), Counter[str](), 0
    while tried < count:
        path = altered(worn.ledger)
        with freely(path) as db:
            before = list(db.iterdump())
            what = edit(drawn, db)
            same = list(db.iterdump()) == before
        if what is None or same:
            continue
        tried += 1
        seen[" ".join(what.split()[:2]).partition(".")[0]] += 1
        assert proved(path) == FOUND, f"{what} went unnoticed (seed {seed})"
    print(f"edits of seed {seed}: {sorted(seen.items())}")
    assert len(seen) > count / 4, "the same again and again finds nothing"


@pytest.mark.sqlite
def test_whatever_is_changed_by_sql_is_found(worn: Worn, altered: Callable[[bytes], Path]) -> None:
    edits(worn, altered, 1, 24)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 104))
def test_it_holds_for_hundreds_of_edits(seed: int, worn: Worn, altered: Callable[[bytes], Path]) -> None:
    edits(worn, altered, seed, 100)


# --- forgeries


def read(db: sqlite3.Connection) -> list[dict[str, Any]]:
    db.row_factory = sqlite3.Row
    return [dict(row) for row in db.execute("SELECT * FROM entries LEFT JOIN bodies USING (seq) ORDER BY seq")]


def chained(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Numbered from one, each version and each hash as the program would have made it."""
    versions, prev, made = Counter[str](), chain.ZEROS, []
    for seq, row in enumerate(rows, start=1):
        versions[row["number"]] += 1
        row = row | {"seq": seq, "version": versions[row["number"]], "prev": prev}
        if row["body"] is not None:
            row["body_digest"] = chain.body_digest(row["salt"], row["body"])
        row["hash"] = prev = chain.header_hash(row)
        made.append(row)
    return made


def write(db: sqlite3.Connection, rows: list[dict[str, Any]]) -> None:
    """The whole journal anew."""
    db.execute("DELETE FROM bodies")
    db.execute("DELETE FROM entries")
    names = [*chain.HEADER, "hash"]
    text = f"INSERT INTO entries ({', '.join(names)}) VALUES ({', '.join(':' + name for name in names)})"
    for row in rows:
        db.execute(text, row)
        if row["body"] is not None:
            db.execute("INSERT INTO bodies (seq, salt, body) VALUES (:seq, :salt, :body)", row)


def forgery(drawn: random.Random, rows: list[dict[str, Any]]) -> str:
    """One change of what the journal says, anywhere in it."""
    at = drawn.randrange(len(rows) - 1)
    row, way = rows[at], drawn.choice(("body", "body", "body", "header", "header", "delete", "insert", "swap"))
    if way == "body" and row["body"] is not None:
        said = json.loads(row["body"])
        texts = [key for key, value in said.items() if isinstance(value, (str, int))]
        if texts:
            key = drawn.choice(texts)
            said[key] = (
                drawn.choice(("13911112222", "李四", "9-9-999")) if isinstance(said[key], str) else said[key] + 1
            )
            row["body"] = chain.canonical(said)
            return f"body.{key} of {at + 1}"
    if way == "delete":
        del rows[at]
    elif way == "insert":
        rows.insert(at, dict(row))
    elif way == "swap":
        rows[at], rows[at + 1] = rows[at + 1], rows[at]
    else:
        name = drawn.choice(("actor", "keyboard", "occurred_at", "recorded_at", "late"))
        row[name] = (
            1 - row[name] if name == "late" else rows[drawn.randrange(len(rows))][name] if "at" in name else "M9"
        )
        way = f"header.{name}"
    return f"{way} of {at + 1}"


def forgeries(worn: Worn, altered: Callable[[bytes], Path], seed: int, count: int) -> Counter[str]:
    """Each found by the checkpoint made before; most prove themselves, so that nothing else could find them."""
    drawn, seen, tried = random.Random(seed), Counter[str](), 0
    while tried < count:
        path = altered(worn.ledger)
        with freely(path) as db:
            rows = read(db)
            before = [row["hash"] for row in rows]
            what = forgery(drawn, rows)
            forged = chained(rows)
            if [row["hash"] for row in forged] == before:
                continue  # it says what it said
            write(db, forged)
        tried += 1
        try:
            rebuild(path)
            sound = bool(verify(path)["ok"])
        except DeskError:
            sound = False  # what cannot even be folded is found without a checkpoint
        seen["proves itself" if sound else "does not"] += 1
        assert proved(path, "--against", str(worn.note)) == FOUND, f"{what} went unnoticed (seed {seed})"
    print(f"forgeries of seed {seed}: {dict(seen)}")
    return seen


@pytest.mark.sqlite
def test_the_desk_proves_itself_before_anybody_altered_it(worn: Worn, altered: Callable[[bytes], Path]) -> None:
    path = altered(worn.ledger)
    assert proved(path, "--against", str(worn.note)) == 0
    with freely(path) as db:
        write(db, chained(read(db)))
    assert proved(path, "--against", str(worn.note)) == 0, "what is written anew as it was is no forgery"
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("PRAGMA freelist_count").fetchone()[0], "a flip in a free page would not be tried"
        assert len(tables(db)) > 12


@pytest.mark.sqlite
def test_a_forgery_from_any_entry_on_is_found_by_the_checkpoint(worn: Worn, altered: Callable[[bytes], Path]) -> None:
    assert forgeries(worn, altered, 1, 12)["proves itself"] > 3


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 104))
def test_it_holds_for_hundreds_of_forgeries(seed: int, worn: Worn, altered: Callable[[bytes], Path]) -> None:
    assert forgeries(worn, altered, seed, 60)["proves itself"] > 15


@pytest.mark.sqlite
@pytest.mark.parametrize("kind", ["policies", "calendar"])
@pytest.mark.parametrize("rules", [None, [], {}, {"version": "x"}, {"version": ["x"], "zone": 1}])
def test_rules_that_somebody_altered_in_the_ledger_are_damage_and_no_mistake_of_the_program(
    rules: object, kind: str, worn: Worn, altered: Callable[[bytes], Path]
) -> None:
    path = altered(worn.ledger)
    with freely(path) as db:
        journal = read(db)
        for row in journal:
            if row["event"] == "adopt" and row["number"].startswith(f"{kind}:"):
                row["body"] = chain.canonical({**json.loads(row["body"]), "rules": rules})
        write(db, chained(journal))
    assert proved(path, "--against", str(worn.note)) == FOUND
    for command in (("list",), ("intake", *IN_HOME, "--new", "--as", "C1"), ("doctor",)):
        result = run(*command, "--ledger", str(path), "--json")
        assert result.exit_code in (0, FOUND), (command, result.exit_code, result, result.err)
