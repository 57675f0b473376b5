"""Part of the ledger proved: what was written since an entry, or the entries of one number (REC-1, REC-5).

What is proved is proved as ``verify`` does it, by the same functions. What lies before is taken as it is: that it was
not forged is for the whole, or for a checkpoint, to say.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Any

from repairdesk.domain import retention
from repairdesk.errors import N_, Sentence
from repairdesk.ledger import chain, purge_check, purging, streams, verify
from repairdesk.ledger.database import WAIT_SECONDS, Database, Store
from repairdesk.ledger.journal import Ledger, entry_of, rows


def since(where: str | Path | Store, after: int, wait_seconds: float = WAIT_SECONDS) -> dict[str, Any]:
    """Every entry after this one, with all that its number folds to; ``seqs`` are the entries that were looked at.

    Raises:
        Damaged, Busy, NotFound, StorageError: as every opening.
    """
    with Ledger(where).store.reading(wait_seconds) as db:
        part = _Part(db)
        part.tried(partial(part.chain, after))
        part.tried(verify._ends)
        numbers = {number for _, number, *_ in part.asked("WRITTEN_AFTER", {"after": after})}
        part.fold(sorted(numbers))
        return part.told(after)


def of(where: str | Path | Store, number: str, wait_seconds: float = WAIT_SECONDS) -> dict[str, Any]:
    """Every entry of a number, each tied to the one before it, and all that they fold to; else as ``since``.

    Raises:
        Damaged, Busy, NotFound, StorageError: as every opening.
    """
    with Ledger(where).store.reading(wait_seconds) as db:
        part = _Part(db)
        for seq, *_ in part.asked("ENTRIES_OF", {"number": number}):
            part.tried(partial(part.entry, seq))
        part.tried(partial(part.ends, number))
        part.fold([number])
        return part.told()


class _Purge:
    """A purge entry: what it left, by seq, and whether it could take that."""

    def __init__(self, left: dict[int, Any], check: purge_check.Check | None = None) -> None:
        self.left, self._check = left, check

    def hold(self, number: str, db: Database, problems: verify._Problems) -> None:
        """What it took of a number could go."""
        try:
            for seq, what in self._check.of(number) if self._check else ():
                problems.add(seq, what)
        except db.DatabaseError:
            raise
        except Exception as error:
            problems.add(None, verify._unfolded(number, error))


class _Part:
    """What was found so far, on one view of the ledger."""

    def __init__(self, db: Database) -> None:
        db.forgive_text()
        self._db = db
        self._problems = verify._Problems()
        self._found: dict[str, Any] = {"entries": 0, "hash": chain.ZEROS, "people": [], "adopted": []}
        self._seqs: list[int] = []
        self._purges: dict[int, _Purge] = {}

    def asked(self, name: str, values: dict[str, Any]) -> list[Any]:
        """Rows that a statement of this name finds; a torn file has as many as could be read."""
        found: list[Any] = []
        self.tried(lambda db, _: found.extend(db.execute(getattr(db.sql, name), values)))
        return found

    def tried(self, check: Any) -> None:
        """One check; where the file is torn, that is the problem."""
        try:
            check(self._db, self._problems)
        except self._db.DatabaseError as error:
            self._problems.add(None, Sentence(N_("the file is torn: {error}"), {"error": str(error)}))

    def chain(self, after: int, db: Database, problems: verify._Problems) -> None:
        """The chain from an entry on."""
        before = db.execute(db.sql.HASH_AT, {"seq": after}).fetchone()
        span = verify._Span(after, before[0] if before else chain.ZEROS)
        verify._chain(db, problems, span=span, found=self._found, tick=verify._Tick(db, span, None))

    def entry(self, seq: int, db: Database, problems: verify._Problems) -> None:
        """One entry by itself, and that it follows the one before."""
        row = next(rows(db.each(db.sql.CHAIN, {"after": seq - 1})))
        before = db.execute(db.sql.HASH_AT, {"seq": seq - 1}).fetchone()
        if row["prev"] != (before[0] if before else chain.ZEROS if seq == 1 else None):
            said = N_("entries.prev of {seq} is not the hash of the entry before it")
            problems.add(seq, Sentence(said, {"seq": seq}))
        for what in verify._entry(row):
            problems.add(seq, what)
        self._found["entries"] += 1
        self._seqs.append(seq)

    def ends(self, number: str, db: Database, problems: verify._Problems) -> None:
        """The number ends where it is said to end."""
        amiss = [row for text in (db.sql.STREAMS_AMISS, db.sql.STREAMS_BEYOND) for row in db.execute(text)]
        if number in {row[0] for row in amiss}:
            said = N_("streams: {number} does not end where it should")
            problems.add(None, Sentence(said, {"number": number}))

    def purged(self, number: str, db: Database, problems: verify._Problems) -> None:
        """What is left of a number's entries is what a later purge entry says, which is sound itself (RET-3)."""
        held = set[int]()
        for row in rows(db.execute(db.sql.PURGED_OF, {"number": number})):
            seq, by = row["seq"], row["entry"]
            if by not in self._purges:
                self._purges.clear()  # one holds what is left of a thousand orders, and one order goes with one
                self._purges[by] = self._purge(by, db, problems)
            if by not in held:
                held.add(by)
                self._purges[by].hold(number, db, problems)
            if by <= seq or self._purges[by].left.get(seq) != row:
                said = N_("{table}: {row} is in no entry")
                problems.add(seq, Sentence(said, {"table": "purged", "row": seq}))
        months = (row["month"] for row in rows(db.execute(db.sql.POSTING_ROWS, {"number": number})))
        for month in sorted(set(months)) if held else ():
            self._folded(streams.MONTH + month)

    def _purge(self, by: int, db: Database, problems: verify._Problems) -> _Purge:
        """The rows of ``purged`` that an entry makes; none where it is no purge, or not as it was written."""
        row = next(rows(db.each(db.sql.CHAIN, {"after": by - 1})), None)
        if row is None or row["seq"] != by or row["event"] != retention.EVENT:
            return _Purge({})
        said = list(verify._entry(row))
        for what in said:
            problems.add(by, what)
        if said or row["body"] is None or not row["number"].startswith(retention.STREAM):
            return _Purge({})
        try:
            (entry,) = [
                entry_of(one) for one in db.execute(db.sql.ENTRIES_OF, {"number": row["number"]}) if one[0] == by
            ]
            check = purge_check.Check(db, entry)
            for seq, what in check.entry():
                problems.add(seq, what)
            return _Purge({one["seq"]: one for one in purging.rows_of(entry)}, check)
        except Exception:
            return _Purge({})

    def fold(self, numbers: Iterable[str]) -> None:
        """What the entries of these numbers fold to is what is stored."""
        for number in numbers:
            self._folded(number)
            self.tried(partial(self.purged, number))
        people = {row["id"]: row for row in self._found["people"]}
        adopted = verify._first_adoptions(self._found["adopted"])
        for table, key, wanted, name in (
            ("staff", ("id",), list(people.values()), "STAFF_ROWS"),
            ("rules", ("kind", "file_digest"), adopted, "RULES_ROWS"),
        ):
            self.tried(partial(_these, table=table, key=key, wanted=wanted, name=name))

    def _folded(self, number: str) -> None:
        """What the entries of one number fold to."""
        # Nothing sorts between a number and the same one with a NUL.
        span = verify._Span(first=number, beyond=number + "\0")
        tick = verify._Tick(self._db, span, None)
        self.tried(partial(verify._projections, span=span, found=self._found, tick=tick))

    def told(self, after: int | None = None) -> dict[str, Any]:
        """The document of ``verify``, for the part; ``head`` is the ledger's."""
        problems = self._problems.all()
        seq, head = (self.asked("HEAD", {}) or [(0, chain.ZEROS)])[0]
        seqs = self._seqs if after is None else range(after + 1, seq + 1)
        return {"ok": not problems, "entries": self._found["entries"], "head": head, "problems": problems, "seqs": seqs}


def _these(
    db: Database, problems: verify._Problems, *,
    table: str, key: tuple[str, ...], wanted: list[Any], name: str,
) -> None:  # fmt: skip
    """Rows that were folded are stored so; what others there are is not asked."""
    keys = {tuple(row[name] for name in key) for row in wanted}
    stored = (row for row in rows(db.execute(getattr(db.sql, name))) if tuple(row[one] for one in key) in keys)
    verify._compare(table, key, wanted, stored, None, problems)
