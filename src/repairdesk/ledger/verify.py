"""Is the ledger what was written? ``verify`` recomputes the chain and every projection; ``rebuild`` makes them anew.

Nothing here trusts what it reads: garbage becomes a problem with its place, never a traceback. Both stream, so that
memory holds one order at a time however long the ledger is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Any

from repairdesk.domain import effects, finance, household, message, opinions, retention, staff
from repairdesk.domain import order as orders
from repairdesk.domain.entry import Entry
from repairdesk.domain.record import NamedTuple
from repairdesk.errors import N_, Damaged, Sentence
from repairdesk.ledger import beside, chain, projection, purge_check, purging, streams
from repairdesk.ledger.database import WAIT_SECONDS, Database, Store
from repairdesk.ledger.journal import Ledger, Writer, entry_of, rows

Row = Mapping[str, Any]
Raw = Sequence[Any]

LONG = 20_000
"""Entries. A ledger of so many is looked at by two processes; of fewer, to begin a second one costs what it saves."""
_TOLD_EVERY = 500
Progress = Callable[[int, int], None]
_MOST = 1000  # problems told one by one: a file shot to pieces must not fill the memory with them


class _Kept(NamedTuple):
    """A table that has one row for each stream of its kind, found by what the stream's name ends with."""

    prefix: str
    events: Sequence[str]
    table: str
    key: str
    row: str
    """The name of the statement that finds it; ``stray`` of the one that finds those without a stream."""
    stray: str
    fold: Callable[[Iterable[Entry]], Any]
    row_of: Callable[[Any], dict[str, Any]]
    store: Callable[[Writer, Any], None]


_KEPT = (
    _Kept(
        household.STREAM, ("household",), "households", "id", "HOUSEHOLD_ROW", "STRAY_HOUSEHOLDS", household.fold,
        projection.household_row, Writer.store_household,
    ),
    _Kept(
        message.STREAM, message.EVENTS, "messages", "id", "MESSAGE_ROW", "STRAY_MESSAGES", message.fold,
        projection.message_row, Writer.store_message,
    ),
    _Kept(
        retention.PLACES, (retention.PLACE_EVENT,), "places", "id", "PLACE_ROW", "STRAY_PLACES",
        retention.place_of, projection.place_row, Writer.store_place,
    ),
)  # fmt: skip


class _Problems:
    """What was found, up to ``_MOST``, and how much more there is."""

    def __init__(self) -> None:
        self.told: list[tuple[int | None, str, dict[str, Any]]] = []
        self.more = 0

    def add(self, seq: int | None, what: Sentence) -> None:
        self.take([(seq, what.template, what.values)], 0)

    def take(self, told: Iterable[tuple[int | None, str, dict[str, Any]]], more: int) -> None:
        """What was found elsewhere."""
        for one in told:
            if len(self.told) < _MOST:
                self.told.append(one)
            else:
                self.more += 1
        self.more += more

    def all(self) -> list[dict[str, Any]]:
        """Each as a sentence, with the entry that it is about."""
        more = [(None, N_("and {count} more"), {"count": self.more})] if self.more else []
        return [{"seq": seq, "what": Sentence(template, values)} for seq, template, values in [*self.told, *more]]


class _Span(NamedTuple):
    """What is looked at in one go: entries after one up to another, and numbers from one on up to another."""

    after: int = -(2**62)
    prev: str = chain.ZEROS
    first: str = ""
    upto: int | None = None
    beyond: str | None = None

    @property
    def is_first(self) -> bool:
        """Whether the journal begins in it."""
        return not self.first

    @property
    def is_last(self) -> bool:
        """Whether the journal ends in it."""
        return self.beyond is None


def verify(
    where: str | Path | Store, *, wait_seconds: float = WAIT_SECONDS, progress: Progress | None = None
) -> dict[str, Any]:
    """Whether the ledger is whole (REC-1, REC-5): ``ok``, ``entries``, ``head`` and ``problems``, each with its seq.

    A long ledger is looked at by two processes, half of it each, where there are two processors.

    Args:
        progress: told now and then how much is done, and how much there is to do.

    Raises:
        Damaged: the file cannot be opened as a ledger at all.
        Busy, NotFound, StorageError: as every opening.
    """
    store = Ledger(where).store
    halves = _halves(store, wait_seconds)
    parts = _side_by_side(store, wait_seconds, *halves, progress) if halves else None
    if parts is None:
        parts = [_part(store, wait_seconds, _Span(), progress)]
    problems = _Problems()
    for part in parts:
        problems.take(part["problems"], part["more"])
    people = {row["id"]: row for part in parts for row in part["people"]}
    _compare("staff", ("id",), people.values(), parts[-1]["staff"], None, problems)
    first = _first_adoptions(row for part in parts for row in part["adopted"])
    _compare("rules", ("kind", "file_digest"), first, parts[-1]["rules"], None, problems)
    found = problems.all()
    entries = sum(part["entries"] for part in parts)
    return {"ok": not found, "entries": entries, "head": parts[-1]["hash"], "problems": found}


def _halves(store: Store, wait_seconds: float) -> tuple[_Span, _Span] | None:
    """Where a long ledger is parted; None: it is short, torn where it would be parted, or there is one processor."""
    if not beside.is_possible():
        return None
    with store.reading(wait_seconds) as db:
        try:
            (seq, _) = db.execute(db.sql.HEAD).fetchone() or (0, "")
            if seq < LONG:
                return None
            (hash_,) = db.execute(db.sql.HASH_AT, {"seq": seq // 2}).fetchone()
            (count,) = db.execute(db.sql.STREAM_COUNT).fetchone()
            (number,) = db.execute(db.sql.STREAM_AT, {"at": count // 2}).fetchone()
        except (db.DatabaseError, TypeError):
            return None
    if not number:
        return None
    return _Span(upto=seq // 2, beyond=number), _Span(seq // 2, hash_, number)


def _side_by_side(
    store: Store, wait_seconds: float, one: _Span, other: _Span, progress: Progress | None
) -> list[dict[str, Any]] | None:
    """Both halves at once; None where they did not see the same ledger, as somebody wrote in between."""
    twice = (lambda done, of: progress(2 * done, 2 * of)) if progress else None
    with beside.doing(lambda: _part(store, wait_seconds, one, None)) as result:
        mine = _part(store, wait_seconds, other, twice)
        theirs = result()
    return [theirs, mine] if theirs is not None and theirs["head"] == mine["head"] else None


def _part(store: Store, wait_seconds: float, span: _Span, progress: Progress | None) -> dict[str, Any]:
    """What was found in a span, as plain JSON; the last one also has what concerns all of the ledger."""
    problems = _Problems()
    found: dict[str, Any] = {"entries": 0, "hash": span.prev, "people": [], "adopted": [], "staff": [], "rules": []}
    with store.reading(wait_seconds) as db:
        db.forgive_text()
        db.expect_much()
        tick = _Tick(db, span, progress)
        last = (_strangers, _words, partial(_tables, found=found)) if span.is_last else ()
        for check in (
            *((_file,) if span.is_first else ()),
            partial(_chain, span=span, found=found, tick=tick),
            *((_ends,) if span.is_last else ()),
            partial(_projections, span=span, found=found, tick=tick),
            *last,
        ):
            try:
                check(db, problems)
            except db.DatabaseError as error:
                problems.add(None, Sentence(N_("the file is torn: {error}"), {"error": str(error)}))
        found["head"] = tick.head
        tick.ended()
    return found | {"problems": problems.told, "more": problems.more}


class _Tick:
    """Says how far it is, now and then: an entry counts twice, once in the chain and once in its order."""

    def __init__(self, db: Database, span: _Span, progress: Progress | None) -> None:
        try:
            found = db.execute(db.sql.HEAD).fetchone() or (0, chain.ZEROS)
        except db.DatabaseError:
            found = (0, chain.ZEROS)
        self.head = list(found)
        upto = span.upto if span.upto is not None else found[0]
        self._of, self._done, self._progress = 2 * max(upto - max(span.after, 0), 1), 0, progress

    def __call__(self, entries: int = 1) -> None:
        before, self._done = self._done, self._done + entries
        if self._progress and self._done // _TOLD_EVERY > before // _TOLD_EVERY:
            self._progress(min(self._done, self._of), self._of)

    def ended(self) -> None:
        """That was all."""
        if self._progress:
            self._progress(self._of, self._of)


# -- the file


def _file(db: Database, problems: _Problems) -> None:
    """Tables, indexes and triggers are those that were made, and the database finds its own structures sound."""
    for what in db.amiss():
        problems.add(None, what)


# -- the chain


def _chain(
    db: Database, problems: _Problems, *, span: _Span, found: dict[str, Any], tick: _Tick
) -> None:  # fmt: skip
    """Every entry follows the one before, and header and body are those that were hashed."""
    last, prev = max(span.after, 0), span.prev
    for row in rows(db.each(db.sql.CHAIN, {"after": span.after})):
        if span.upto is not None and row["seq"] > span.upto:
            break
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
        if not _holds(lambda: _is_sound(row)):  # noqa: B023
            for what in _entry(row):
                problems.add(row["seq"], what)
        last, prev = row["seq"], row["hash"]
        found["entries"] += 1
        found["hash"] = prev
        tick()
    if not span.is_last:
        return
    for (seq,) in db.execute(db.sql.STRAY_BODIES):
        problems.add(seq, Sentence(N_("bodies: {seq} belongs to no entry"), {"seq": seq}))


def _is_sound(row: Row) -> bool:
    """Whether nothing is wrong with one entry by itself; else ``_entry`` says what."""
    salt, body = row["salt"], row["body"]
    return (
        row["purged_by"] is None
        and body is not None
        and chain.header_hash(row) == row["hash"]
        and len(salt) == chain.SALT_BYTES
        and chain.body_digest(salt, body) == row["body_digest"]
        and chain.is_canonical(body)
    )


def _entry(row: Row) -> Iterator[Sentence]:
    """What is wrong with one entry by itself."""
    seq, salt, body = row["seq"], row["salt"], row["body"]
    if not _holds(lambda: chain.header_hash(row) == row["hash"]):
        yield Sentence(
            N_("entries: the header of {seq} ({number}) is not the one that was hashed"),
            {"seq": seq, "number": row["number"]},
        )
    if body is None and row["purged_by"] is not None:
        return  # by an entry that names it: _purged
    if body is None:
        yield Sentence(N_("bodies: the body of entry {seq} ({number}) is gone"), {"seq": seq, "number": row["number"]})
        return
    if row["purged_by"] is not None:
        yield Sentence(
            N_("bodies: the body of entry {seq} ({number}) was purged, and is there all the same"),
            {"seq": seq, "number": row["number"]},
        )
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


def _ends(db: Database, problems: _Problems) -> None:
    """Each number ends where it is said to end: an entry cut off the end leaves no gap, and no other trace."""
    amiss = [row[0] for text in (db.sql.STREAMS_AMISS, db.sql.STREAMS_BEYOND) for row in db.execute(text)]
    for number in dict.fromkeys(amiss):
        problems.add(None, Sentence(N_("streams: {number} does not end where it should"), {"number": number}))


def _projections(
    db: Database, problems: _Problems, *, span: _Span, found: dict[str, Any], tick: _Tick
) -> None:  # fmt: skip
    """Every projection is what the entries fold to."""
    beyond = None if span.beyond is None else _bytes(span.beyond)
    for number, raw in _streams(db, span.first):
        if beyond is not None and _bytes(number) >= beyond:
            return
        tick(len(raw))
        try:
            entries = _readable(number, raw, problems)
            if projection.is_order(number):
                _order(db, number, entries, problems)
            elif number.startswith(streams.MONTH):
                _month(db, entries, problems)
            elif number.startswith(opinions.STREAM):
                opinions.fold(entries)
            elif number.startswith(retention.STREAM):
                _purged(db, entries, problems)
            elif kept := _kept(number):
                _one(db, kept, number, entries, problems)
            elif number.startswith("staff:"):
                found["people"] += _people(number, entries, problems)
            elif number.startswith(streams.RULES):
                found["adopted"] += map(projection.rules_row, entries)
        except db.DatabaseError:
            raise
        except Exception as error:
            problems.add(raw[-1][0], _unfolded(number, error))


def _unfolded(number: str, error: Exception) -> Sentence:
    """In words: the error itself holds on to the file by its traceback."""
    if isinstance(error, Damaged) and isinstance(error.__cause__, Exception):
        error = error.__cause__
    said = N_("the entries of {number} cannot be folded: {kind} {error}")
    return Sentence(said, {"number": number, "kind": type(error).__name__, "error": str(error)})


def _bytes(number: str) -> bytes:
    """As SQLite sorts it."""
    return number.encode(errors="surrogateescape")


def _strangers(db: Database, problems: _Problems) -> None:
    """No table holds what no entry speaks of."""
    for (seq,) in db.execute(db.sql.STRAY_PURGED):
        problems.add(seq, Sentence(N_("purged: no entry says that {seq} was purged"), {"seq": seq}))
    for (event,) in db.execute(db.sql.PURGED_EVENTS):
        if event not in retention.TAKEN:
            problems.add(None, Sentence(N_("purged: entries {event} are never purged"), {"event": event}))
    for table, number in _strange(db):
        problems.add(None, Sentence(N_("{table}: no entry ever spoke of {number}"), {"table": table, "number": number}))
    counted = rows(db.execute(db.sql.TALLIED_ANEW))
    _compare("tallies", ("state", "kind", "elsewhere"), counted, rows(db.execute(db.sql.TALLIES)), None, problems)


def _words(db: Database, problems: _Problems) -> None:
    """The index of words has those of the orders, and no others."""
    for what in db.finding.amiss(db):
        problems.add(None, what)


def _tables(db: Database, problems: _Problems, *, found: dict[str, Any]) -> None:
    """The tables that are compared as a whole."""
    found["staff"] = list(rows(db.execute(db.sql.STAFF_ROWS)))
    found["rules"] = list(rows(db.execute(db.sql.RULES_ROWS)))


_OF_ORDERS = {
    "orders": "ORDER_NUMBERS", "obligations": "OBLIGATION_NUMBERS", "postings": "POSTING_NUMBERS",
    "receipts": "RECEIPT_NUMBERS",
}  # fmt: skip


def _strange(db: Database) -> Iterator[tuple[str, str]]:
    """Table and key of projected rows that belong to nothing in the journal."""
    for table, name in _OF_ORDERS.items():
        for number, known in db.each(getattr(db.sql, name)):
            if not known or not projection.is_order(number):
                yield table, number
    for kept in _KEPT:
        for (key,) in db.execute(getattr(db.sql, kept.stray)):
            yield kept.table, key


def _kept(number: str) -> _Kept | None:
    return next((kept for kept in _KEPT if number.startswith(kept.prefix)), None)


def _streams(db: Database, first: str = "") -> Iterator[tuple[str, list[Raw]]]:
    """The rows of ``entry_of``, number by number, each in the order of its versions."""
    for number, group in groupby(db.each(db.sql.STREAMS, {"first": first}), key=lambda row: row[1]):
        yield number, list(group)


def _readable(number: str, raw: list[Raw], problems: _Problems) -> list[Entry]:
    """The entries of one number; what is wrong with their sequence is told."""
    known = streams.events_of(number)
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
        if event not in known if known is not None else event == streams.NOWHERE_ELSE:
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


def _order(db: Database, number: str, entries: list[Entry], problems: _Problems) -> None:
    order = effects.fold(entries)
    if order is None:
        return
    row, owed = projection.rows_of(order)
    seq, key = entries[-1].seq, {"number": number}
    if _holds(lambda: _is_kept(db, order, row, owed, key)):
        return
    _compare("orders", ("number",), [row], rows(db.execute(db.sql.ORDER_ROW, key)), seq, problems)
    stored = rows(db.execute(db.sql.OBLIGATION_ROWS, key))
    _compare("obligations", ("number", "name", "cycle"), owed, stored, seq, problems)
    for table, wanted, text in (
        ("postings", projection.posting_rows(order), db.sql.POSTING_ROWS),
        ("receipts", projection.receipt_rows(order), db.sql.RECEIPT_ROWS),
    ):
        _compare(table, ("number", "n"), wanted, rows(db.execute(text, key)), seq, problems)


def _is_kept(db: Database, order: orders.Order, row: Row, owed: Sequence[Row], key: Mapping[str, Any]) -> bool:
    """Whether all is as it should be, by the rows as they come; else each is compared by its columns."""
    wanted: tuple[Sequence[Row], ...] = ([row], owed, projection.posting_rows(order), projection.receipt_rows(order))
    for name, made in zip(_OF_ONE, wanted, strict=True):
        cursor = db.execute(getattr(db.sql, name), key)
        there = cursor.fetchall()
        if len(there) != len(made):
            return False
        names = [column[0] for column in cursor.description] if made else []
        if any(len(one) != len(names) for one in made):
            return False
        if sorted(tuple([one[name] for name in names]) for one in made) != sorted(there):
            return False
    return True


_OF_ONE = ("ORDER_ROW", "OBLIGATION_ROWS", "POSTING_ROWS", "RECEIPT_ROWS")


def _one(db: Database, kept: _Kept, number: str, entries: list[Entry], problems: _Problems) -> None:
    folded = kept.fold(entries)
    wanted = [] if folded is None else [kept.row_of(folded)]
    stored = rows(db.execute(getattr(db.sql, kept.row), {kept.key: number.removeprefix(kept.prefix)}))
    seq = entries[-1].seq if entries else None
    _compare(kept.table, (kept.key,), wanted, stored, seq, problems)


def _purged(db: Database, entries: list[Entry], problems: _Problems) -> None:
    """What purge entries name is purged, with the remains that they keep of it, and nothing else; and it could go."""
    for entry in entries:
        stored = rows(db.execute(db.sql.PURGED_ROWS, {"entry": entry.seq}))
        _compare("purged", ("seq",), purging.rows_of(entry), stored, entry.seq, problems)
        for seq, what in purge_check.Check(db, entry).all():
            problems.add(seq, what)


def _month(db: Database, entries: list[Entry], problems: _Problems) -> None:
    """What is posted to a month that was handed over comes to what was signed for (FEE-7)."""
    month = finance.fold(entries)
    if month is None:
        return
    (posted,) = db.execute(db.sql.MONTH_TOTAL, {"month": month.month}).fetchone()
    if posted != month.total:
        said = N_("{month} was handed over with {total} fen, and {posted} are posted to it")
        values = {"month": month.month, "total": month.total, "posted": int(posted)}
        problems.add(entries[-1].seq, Sentence(said, values))


def _people(number: str, entries: list[Entry], problems: _Problems) -> list[dict[str, Any]]:
    person = staff.fold(entries)
    if person is None:
        return []
    # Else what is written of one would be the record of another, whose own entries nobody contradicts.
    if number != f"staff:{person.id}":
        said = N_("staff: {number} has a record of {id}")
        problems.add(entries[-1].seq, Sentence(said, {"number": number, "id": person.id}))
    return [projection.person_row(person)]


def _first_adoptions(adopted: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows of adopted rules: of a file that was adopted again the first time counts."""
    found: dict[Any, dict[str, Any]] = {}
    for row in sorted(adopted, key=lambda row: row["seq"]):
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


# -- what cannot be made anew


def evidence(db: Database) -> dict[str, Any]:
    """As ``verify``, of what nothing follows from: the tables, the chain, and where each stream ends.

    In a transaction that is open, for who makes everything else anew and would hide by it what was altered.
    """
    problems, span = _Problems(), _Span()
    found: dict[str, Any] = {"entries": 0, "hash": span.prev}
    for check in (_file, partial(_chain, span=span, found=found, tick=_Tick(db, span, None)), _ends):
        try:
            check(db, problems)
        except db.DatabaseError as error:
            problems.add(None, Sentence(N_("the file is torn: {error}"), {"error": str(error)}))
    told = problems.all()
    return {"ok": not told, "entries": found["entries"], "head": found["hash"], "problems": told}


# -- rebuilding

_CLEAR = (
    "CLEAR_OBLIGATIONS CLEAR_POSTINGS CLEAR_RECEIPTS CLEAR_ORDERS CLEAR_TALLIES CLEAR_HOUSEHOLDS CLEAR_MESSAGES "
    "CLEAR_STAFF CLEAR_RULES CLEAR_STREAMS CLEAR_PLACES CLEAR_PURGED"
).split()


def rebuild(where: str | Path | Store, *, wait_seconds: float = WAIT_SECONDS) -> dict[str, int]:
    """Make every projection anew from the entries, in one transaction (REC-5); how many ``orders`` and ``staff``.

    Raises:
        Damaged: the entries cannot be folded; nothing is changed then.
    """
    with Ledger(where).store.writing(wait_seconds) as db:
        return rebuilt(db)


def rebuilt(db: Database) -> dict[str, int]:
    """The same in a transaction that is open; whoever began it keeps or undoes it."""
    for name in _CLEAR:
        db.execute(getattr(db.sql, name))
    db.finding.clear(db)
    for row in db.execute(db.sql.STREAMS_ENDED).fetchall():
        db.later(db.sql.STORE_STREAM, dict(zip(("number", "version", "seq"), row, strict=True)))
    writer = Writer(db)
    # First of all: what is left of purged entries is what the others are folded from.
    for (number,) in db.execute(db.sql.PURGE_NUMBERS).fetchall():
        for entry in writer.entries(number):
            purging.take(writer, entry)
    writer.store_anew()
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
        adopted += entries if number.startswith(streams.RULES) else []
    for entry in sorted(adopted, key=lambda entry: entry.seq):
        writer.store_rules(entry)
    writer.words.settle()
    return made


def _restore_order(writer: Writer, number: str, entries: list[Entry]) -> int:
    order = effects.fold(entries) if projection.is_order(number) else None
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
