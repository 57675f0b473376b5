"""Is the index of words what the orders say? For ``verify``: the index by itself, and piece for piece."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator
from contextlib import closing
from itertools import repeat

from repairdesk.errors import N_, Sentence
from repairdesk.ledger import finding
from repairdesk.ledger import sqlite_sql as sql

_TABLES = ("finding_data", "finding_idx", "finding_docsize")
_CONFIG = "SELECT k, v FROM finding_config ORDER BY 1"
_COUNTS = "SELECT block FROM finding_data WHERE id = 1"
_PIECES = 'SELECT term, doc, "offset" FROM pieces'
_SIZES = "SELECT id, sz FROM finding_docsize"
_ORDERS = "SELECT id, search FROM orders"
_LOTS = 1024
"""Orders are summed up in so many lots; only where a lot differs, each of its orders is looked at by itself."""


def amiss(db: sqlite3.Connection) -> Iterator[Sentence]:
    """What is wrong with the index, a sentence each.

    Looked at on a copy: FTS5 looks at itself only where it may write, and the ledger is read.
    """
    with closing(sqlite3.connect("", isolation_level=None)) as copy:
        try:
            config = _copied(db, copy)
            if str(db.execute(_CONFIG).fetchall()) != config:
                raise sqlite3.DatabaseError("finding_config")
            copy.execute("INSERT INTO finding (finding) VALUES ('integrity-check')")
            yield from _compared(db, copy)
        except (sqlite3.DatabaseError, UnicodeError, TypeError, ValueError, LookupError) as error:
            yield Sentence(N_("the index of words is torn: {error}"), {"error": str(error)})


def _copied(db: sqlite3.Connection, copy: sqlite3.Connection) -> str:
    """The index as it is; answers with how it would be configured as it was made."""
    for setting in ("journal_mode=MEMORY", "synchronous=OFF"):
        copy.execute(f"PRAGMA {setting}").fetchone()
    copy.execute(next(text for text in sql.SCHEMA if text.startswith("CREATE VIRTUAL TABLE")))
    config = str(copy.execute(_CONFIG).fetchall())
    copy.execute("BEGIN")
    for table in _TABLES:
        copy.execute(f"DELETE FROM {table}")
        rows = db.execute(f"SELECT * FROM {table}")
        marks = ", ".join("?" * len(rows.description))
        copy.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)
    copy.execute("COMMIT")
    # It remembers how it was before the copy, until something of its own is undone.
    copy.execute("BEGIN")
    copy.execute(sql.FIND_ADD, {"id": 1, "pieces": "x"})
    copy.execute("ROLLBACK")
    copy.execute("CREATE VIRTUAL TABLE pieces USING fts5vocab('finding', 'instance')")
    copy.text_factory = bytes
    return config


def _compared(db: sqlite3.Connection, copy: sqlite3.Connection) -> Iterator[Sentence]:
    """By one sum over everything, as that is quick; only where it differs, by orders."""
    count = wanted = 0
    for _, of in _wanted(db):
        wanted += of
        count += 1
    sizes = [(id_, _length(size)) for id_, size in copy.execute(_SIZES)]
    there = sum(map(hash, copy.execute(_PIECES))) + sum(map(hash, sizes))
    if _varints(copy.execute(_COUNTS).fetchone()[0] or b"\0\0") != [count, sum(length for _, length in sizes)]:
        yield Sentence(N_("the index of words is torn: {error}"), {"error": "finding_data 1"})
    if wanted == there:
        return
    for id_ in _differing(db, copy):
        row = db.execute("SELECT number FROM orders WHERE id = ?", (id_,)).fetchone()
        if row is None:
            yield Sentence(N_("the index of words has words of no order: {id}"), {"id": id_})
        else:
            yield Sentence(N_("the index of words does not have the words of {number}"), {"number": row[0]})


def _differing(db: sqlite3.Connection, copy: sqlite3.Connection) -> list[int]:
    """The ids of which the index has something else than the orders: by lots first, as there may be a million."""
    sums = [0] * _LOTS
    for id_, of in _wanted(db):
        sums[id_ % _LOTS] += of
    for id_, of in _there(copy):
        sums[id_ % _LOTS] -= of
    lots = {lot for lot in range(_LOTS) if sums[lot]}
    single: dict[int, int] = {}
    for id_, of in _wanted(db, lots):
        single[id_] = single.get(id_, 0) + of
    for id_, of in _there(copy, lots):
        single[id_] = single.get(id_, 0) - of
    return sorted(id_ for id_, of in single.items() if of)


def _wanted(db: sqlite3.Connection, lots: Collection[int] | None = None) -> Iterator[tuple[int, int]]:
    """Each order, and the sum over what should be there of it.

    Every process hashes with a secret of its own, so that nobody can make another index of the same sums.
    """
    for id_, search in db.execute(_ORDERS):
        if lots is None or id_ % _LOTS in lots:
            # In a torn file it may be none any more; what the index has of it then is too much.
            text = search if isinstance(search, str) else ""
            parts = finding.pieces(text).encode(errors="surrogateescape").split()
            yield (
                id_,
                sum(map(hash, zip(parts, repeat(id_), range(len(parts)), strict=False))) + hash((id_, len(parts))),
            )


def _there(copy: sqlite3.Connection, lots: Collection[int] | None = None) -> Iterator[tuple[int, int]]:
    """The parts of such sums, as they are there."""
    for row in copy.execute(_PIECES):
        if lots is None or row[1] % _LOTS in lots:
            yield row[1], hash(row)
    for id_, size in copy.execute(_SIZES):
        if lots is None or id_ % _LOTS in lots:
            yield id_, hash((id_, _length(size)))


def _length(size: bytes) -> int:
    (length,) = _varints(size)
    return length


def _varints(raw: bytes) -> list[int]:
    """Numbers as SQLite writes them, seven bits a byte; none of these takes nine."""
    found, value = [], 0
    for byte in raw:
        value = value << 7 | byte & 127
        if byte < 128:
            found.append(value)
            value = 0
    return found
