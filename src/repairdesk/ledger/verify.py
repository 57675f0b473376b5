"""Is the ledger what was written? ``verify`` recomputes the chain and every projection; ``rebuild`` makes them anew.

Nothing here trusts what it reads: garbage becomes a problem with its place, never a traceback. Both stream, so that
memory holds one order at a time however long the ledger is.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

from repairdesk.domain import finance, household, message, opinions, staff
from repairdesk.domain import order as orders
from repairdesk.domain.entry import Entry
from repairdesk.errors import N_, Damaged, Sentence
from repairdesk.ledger import chain, connection, projection
from repairdesk.ledger import sqlite_sql as sql
from repairdesk.ledger.journal import Writer, entry_of, rows

Row = Mapping[str, Any]
Raw = Sequence[Any]

_RULES = ("policies:", "fees:", "calendar:")
_STAFF_EVENTS = ("staff-add", "staff-retire", "staff-duty")
_MONTH = "month:"
_MOST = 1000  # problems told one by one: a file shot to pieces must not fill the memory with them


class _Kept(NamedTuple):
    """A table that has one row for each stream of its kind, found by what the stream's name ends with."""

    prefix: str
    events: Sequence[str]
    table: str
    key: str
    row: str
    stray: str
    fold: Callable[[Iterable[Entry]], Any]
    row_of: Callable[[Any], dict[str, Any]]
    store: Callable[[Writer, Any], None]


_KEPT = (
    _Kept(
        household.STREAM, ("household",), "households", "id", sql.HOUSEHOLD_ROW, sql.STRAY_HOUSEHOLDS, household.fold,
        projection.household_row, Writer.store_household,
    ),
    _Kept(
        message.STREAM, message.EVENTS, "messages", "id", sql.MESSAGE_ROW, sql.STRAY_MESSAGES, message.fold,
        projection.message_row, Writer.store_message,
    ),
)  # fmt: skip


class _Problems:
    """What was found, up to ``_MOST``, and how much more there is."""

    def __init__(self) -> None:
        self._told: list[dict[str, Any]] = []
        self._more = 0

    def add(self, seq: int | None, what: Sentence) -> None:
        if len(self._told) < _MOST:
            self._told.append({"seq": seq, "what": what})
        else:
            self._more += 1

    def all(self) -> list[dict[str, Any]]:
        more = [{"seq": None, "what": Sentence(N_("and {count} more"), {"count": self._more})}] if self._more else []
        return self._told + more


def verify(path: str | Path, *, wait_seconds: float = connection.WAIT_SECONDS) -> dict[str, Any]:
    """Whether the ledger is whole (REC-1, REC-5): ``ok``, ``entries``, ``head`` and ``problems``, each with its seq.

    Raises:
        Damaged: the file cannot be opened as a ledger at all.
        Busy, NotFound, StorageError: as every opening.
    """
    problems = _Problems()
    seen = [0, chain.ZEROS]
    with connection.reading(Path(path), wait_seconds) as db:
        # Bytes that are no text must not stop the reading: they go through and make every comparison fail.
        db.text_factory = partial(str, encoding="utf-8", errors="surrogateescape")
        for check in (_file, partial(_chain, seen=seen), _ends, _projections):
            try:
                check(db, problems)
            except sqlite3.DatabaseError as error:
                problems.add(None, Sentence(N_("the file is torn: {error}"), {"error": str(error)}))
    found = problems.all()
    return {"ok": not found, "entries": seen[0], "head": seen[1], "problems": found}


# -- the file


def _file(db: sqlite3.Connection, problems: _Problems) -> None:
    """Tables, indexes and triggers are those that were made, and SQLite finds its own structures sound."""
    with closing(sqlite3.connect(":memory:")) as fresh:
        for statement in sql.SCHEMA:
            fresh.execute(statement)
        wanted, found = _objects(fresh), _objects(db)
    for kind, name in sorted(wanted.keys() | found.keys()):
        if (kind, name) not in found:
            problems.add(None, Sentence(N_("the {kind} {name} is missing"), {"kind": kind, "name": name}))
        elif (kind, name) not in wanted:
            problems.add(None, Sentence(N_("the {kind} {name} does not belong here"), {"kind": kind, "name": name}))
        elif wanted[kind, name] != found[kind, name]:
            problems.add(None, Sentence(N_("the {kind} {name} is not as it was made"), {"kind": kind, "name": name}))
    for (said,) in db.execute("PRAGMA integrity_check"):
        if said != "ok":
            problems.add(None, Sentence(N_("the file is torn: {said}"), {"said": said}))


def _objects(db: sqlite3.Connection) -> dict[tuple[str, str], Raw]:
    found = db.execute("SELECT type, name, tbl_name, sql FROM sqlite_schema").fetchall()
    return {(kind, name): rest for kind, name, *rest in found}


# -- the chain


def _chain(db: sqlite3.Connection, problems: _Problems, *, seen: list[Any]) -> None:
    """Every entry follows the one before, and header and body are those that were hashed."""
    last, prev = 0, chain.ZEROS
    for row in rows(db.execute(sql.CHAIN)):
        if row["seq"] != last + 1:
            problems.add(
                row["seq"],
                Sentence(
                    N_("entries: after {last} comes {seq}, something between them is gone"),
                    {"last": last, "seq": row["seq"]},
                ),
            )
        if row["prev"] != prev:
            problems.add(
                row["seq"],
                Sentence(N_("entries.prev of {seq} is not the hash of the entry before it"), {"seq": row["seq"]}),
            )
        for what in _entry(row):
            problems.add(row["seq"], what)
        last, prev = row["seq"], row["hash"]
        seen[:] = seen[0] + 1, prev
    for (seq,) in db.execute(sql.STRAY_BODIES):
        problems.add(seq, Sentence(N_("bodies: {seq} belongs to no entry"), {"seq": seq}))


def _entry(row: Row) -> Iterator[Sentence]:
    """What is wrong with one entry by itself."""
    seq, salt, body = row["seq"], row["salt"], row["body"]
    if not _holds(lambda: chain.header_hash(row) == row["hash"]):
        yield Sentence(
            N_("entries: the header of {seq} ({number}) is not the one that was hashed"),
            {"seq": seq, "number": row["number"]},
        )
    if body is None:
        yield Sentence(N_("bodies: the body of entry {seq} ({number}) is gone"), {"seq": seq, "number": row["number"]})
        return
    if not _holds(lambda: len(salt) == chain.SALT_BYTES and chain.body_digest(salt, body) == row["body_digest"]):
        yield Sentence(
            N_("bodies: salt or body of {seq} ({number}) is not the one that entries.body_digest was made of"),
            {"seq": seq, "number": row["number"]},
        )
    if not _holds(lambda: chain.is_canonical(body)):
        yield Sentence(
            N_("bodies.body of {seq} ({number}) is not canonical JSON"), {"seq": seq, "number": row["number"]}
        )


def _holds(claim: Callable[[], bool]) -> bool:
    """Whether it is true; what cannot even be computed is not."""
    try:
        return claim()
    except Exception:
        return False


# -- the projections


def _ends(db: sqlite3.Connection, problems: _Problems) -> None:
    """Each number ends where it is said to end: an entry cut off the end leaves no gap, and no other trace."""
    amiss = [row[0] for text in (sql.STREAMS_AMISS, sql.STREAMS_BEYOND) for row in db.execute(text)]
    for number in dict.fromkeys(amiss):
        problems.add(None, Sentence(N_("streams: {number} does not end where it should"), {"number": number}))


def _projections(db: sqlite3.Connection, problems: _Problems) -> None:
    """Every projection is what the entries fold to, and holds nothing else."""
    people: dict[Any, dict[str, Any]] = {}
    adopted: list[Entry] = []
    for number, raw in _streams(db):
        try:
            entries = _readable(number, raw, problems)
            if projection.is_order(number):
                _order(db, number, entries, problems)
            elif number.startswith(_MONTH):
                finance.fold(entries)
            elif number.startswith(opinions.STREAM):
                opinions.fold(entries)
            elif kept := _kept(number):
                _one(db, kept, number, entries, problems)
            elif number.startswith("staff:"):
                people |= {row["id"]: row for row in _people(entries)}
            elif number.startswith(_RULES):
                adopted += entries
        except sqlite3.DatabaseError:
            raise
        except Exception as error:
            problems.add(
                raw[-1][0],
                Sentence(
                    N_("the entries of {number} cannot be folded: {kind} {error}"),
                    # In words: the error itself holds on to the file by its traceback.
                    {"number": number, "kind": type(error).__name__, "error": str(error)},
                ),
            )
    for table, number in _strangers(db):
        problems.add(None, Sentence(N_("{table}: no entry ever spoke of {number}"), {"table": table, "number": number}))
    _compare("staff", ("id",), people.values(), rows(db.execute(sql.STAFF_ROWS)), None, problems)
    first = _first_adoptions(adopted)
    _compare("rules", ("kind", "file_digest"), first, rows(db.execute(sql.RULES_ROWS)), None, problems)


_OF_ORDERS = (
    ("orders", sql.ORDER_NUMBERS),
    ("obligations", sql.OBLIGATION_NUMBERS),
    ("postings", sql.POSTING_NUMBERS),
    ("receipts", sql.RECEIPT_NUMBERS),
)


def _strangers(db: sqlite3.Connection) -> Iterator[tuple[str, str]]:
    """Table and key of projected rows that belong to nothing in the journal."""
    for table, text in _OF_ORDERS:
        for number, known in db.execute(text):
            if not known or not projection.is_order(number):
                yield table, number
    for kept in _KEPT:
        for (key,) in db.execute(kept.stray):
            yield kept.table, key


def _kept(number: str) -> _Kept | None:
    return next((kept for kept in _KEPT if number.startswith(kept.prefix)), None)


def _streams(db: sqlite3.Connection) -> Iterator[tuple[str, list[Raw]]]:
    """The rows of ``entry_of``, number by number, each in the order of its versions."""
    for number, group in groupby(db.execute(sql.STREAMS), key=lambda row: row[1]):
        yield number, list(group)


def _readable(number: str, raw: list[Raw], problems: _Problems) -> list[Entry]:
    """The entries of one number; what is wrong with their sequence is told."""
    known = _events(number)
    entries = []
    for place, row in enumerate(raw, start=1):
        seq, version, event = row[0], row[2], row[3]
        if version != place:
            problems.add(
                seq,
                Sentence(
                    N_("entries.version of {seq} ({number}) is {version}, it should be {place}"),
                    {"seq": seq, "number": number, "version": version, "place": place},
                ),
            )
        if known is not None and event not in known:
            problems.add(
                seq,
                Sentence(
                    N_("entries.event of {seq} ({number}) is none that is known: {event}"),
                    {"seq": seq, "number": number, "event": event},
                ),
            )
        try:
            entries.append(entry_of(row))
        except Damaged:
            problems.add(seq, Sentence(N_("entry {seq} of {number} cannot be read"), {"seq": seq, "number": number}))
    return entries


def _events(number: str) -> Sequence[str] | None:
    """The events that a stream can have; None: whatever the desk writes there."""
    if projection.is_order(number):
        return orders.EVENTS
    if number.startswith("staff:"):
        return _STAFF_EVENTS
    if number.startswith(_MONTH):
        return ("hand-over", "escalate")
    if number.startswith(opinions.STREAM):
        return opinions.EVENTS
    if kept := _kept(number):
        return kept.events
    return ("adopt",) if number.startswith(_RULES) else None


def _order(db: sqlite3.Connection, number: str, entries: list[Entry], problems: _Problems) -> None:
    order = orders.fold(entries)
    if order is None:
        return
    row, owed = projection.rows_of(order)
    seq, key = entries[-1].seq, {"number": number}
    _compare("orders", ("number",), [row], rows(db.execute(sql.ORDER_ROW, key)), seq, problems)
    stored = rows(db.execute(sql.OBLIGATION_ROWS, key))
    _compare("obligations", ("number", "name", "cycle"), owed, stored, seq, problems)
    for table, wanted, text in (
        ("postings", projection.posting_rows(order), sql.POSTING_ROWS),
        ("receipts", projection.receipt_rows(order), sql.RECEIPT_ROWS),
    ):
        _compare(table, ("number", "n"), wanted, rows(db.execute(text, key)), seq, problems)


def _one(db: sqlite3.Connection, kept: _Kept, number: str, entries: list[Entry], problems: _Problems) -> None:
    folded = kept.fold(entries)
    wanted = [] if folded is None else [kept.row_of(folded)]
    stored = rows(db.execute(kept.row, {kept.key: number.removeprefix(kept.prefix)}))
    seq = entries[-1].seq if entries else None
    _compare(kept.table, (kept.key,), wanted, stored, seq, problems)


def _people(entries: list[Entry]) -> list[dict[str, Any]]:
    person = staff.fold(entries)
    return [projection.person_row(person)] if person else []


def _first_adoptions(entries: Iterable[Entry]) -> list[dict[str, Any]]:
    """The rows of adopted rules: of a file that was adopted again the first time counts."""
    found: dict[Any, dict[str, Any]] = {}
    for row in map(projection.rules_row, sorted(entries, key=lambda entry: entry.seq)):
        found.setdefault((row["kind"], row["file_digest"]), row)
    return list(found.values())


def _compare(
    table: str, key: Sequence[str], wanted: Iterable[Row], stored: Iterable[Row], seq: int | None, problems: _Problems
) -> None:
    """Both ways: rows that are missing, rows that are too many, and every column of the others."""
    there = {tuple(row[name] for name in key): row for row in stored}
    for row in wanted:
        at = tuple(row[name] for name in key)
        name = " ".join(map(str, at))
        found = there.pop(at, None)
        if found is None:
            problems.add(seq, Sentence(N_("{table}: {name} is missing"), {"table": table, "name": name}))
            continue
        if found == row:
            continue
        for column in sorted(found.keys() | row.keys()):
            if column not in found or column not in row or found[column] != row[column]:
                problems.add(
                    seq,
                    Sentence(
                        N_("{table}.{column} of {name} is not what the entries say"),
                        {"table": table, "column": column, "name": name},
                    ),
                )
    for at in there:
        problems.add(
            seq, Sentence(N_("{table}: {row} is in no entry"), {"table": table, "row": " ".join(map(str, at))})
        )


# -- rebuilding

_CLEAR = (
    *(sql.CLEAR_OBLIGATIONS, sql.CLEAR_POSTINGS, sql.CLEAR_RECEIPTS, sql.CLEAR_ORDERS),
    *(sql.CLEAR_HOUSEHOLDS, sql.CLEAR_MESSAGES, sql.CLEAR_STAFF, sql.CLEAR_RULES, sql.CLEAR_STREAMS),
)


def rebuild(path: str | Path, *, wait_seconds: float = connection.WAIT_SECONDS) -> dict[str, int]:
    """Make every projection anew from the entries, in one transaction (REC-5); how many ``orders`` and ``staff``.

    Raises:
        Damaged: the entries cannot be folded; nothing is changed then.
    """
    with connection.writing(Path(path), wait_seconds) as db:
        for text in _CLEAR:
            db.execute(text)
        for row in db.execute(sql.STREAMS_ENDED).fetchall():
            db.execute(sql.STORE_STREAM, dict(zip(("number", "version", "seq"), row, strict=True)))
        writer = Writer(db)
        made = {"orders": 0, "staff": 0}
        adopted: list[Entry] = []
        for number, raw in _streams(db):
            try:
                entries = [entry_of(row) for row in raw]
                made["orders"] += _restore_order(writer, number, entries)
                made["staff"] += _restore_person(writer, number, entries)
                _restore_kept(writer, number, entries)
            except (LookupError, TypeError, ValueError, AttributeError) as error:
                raise Damaged("the entries of {number} cannot be folded: run verify", number=number) from error
            adopted += entries if number.startswith(_RULES) else []
        for entry in sorted(adopted, key=lambda entry: entry.seq):
            writer.store_rules(entry)
    return made


def _restore_order(writer: Writer, number: str, entries: list[Entry]) -> int:
    order = orders.fold(entries) if projection.is_order(number) else None
    if order is None:
        return 0
    writer.store_order(order)
    return 1


def _restore_person(writer: Writer, number: str, entries: list[Entry]) -> int:
    person = staff.fold(entries) if number.startswith("staff:") else None
    if person is None:
        return 0
    writer.store_person(person)
    return 1


def _restore_kept(writer: Writer, number: str, entries: list[Entry]) -> None:
    kept = _kept(number)
    folded = kept.fold(entries) if kept else None
    if kept is not None and folded is not None:
        kept.store(writer, folded)
