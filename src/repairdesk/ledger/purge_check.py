"""What took bodies was a purge (RET-2, RET-3): ``verify`` asks the ledger what ``domain.purge_proof`` judges by.

One purge entry at a time, and of what it took one stream at a time.
"""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from repairdesk.domain import effects, purge_proof, retention, staff
from repairdesk.domain.entry import Entry
from repairdesk.domain.purge_proof import Then, Took
from repairdesk.domain.staff import Person
from repairdesk.errors import N_, Sentence
from repairdesk.ledger import projection
from repairdesk.ledger.database import Database
from repairdesk.ledger.journal import entry_of

Problem = tuple[int | None, Sentence]


class Check:
    """One purge entry, held against everything that was there before it."""

    def __init__(self, db: Database, purge: Entry) -> None:
        self._db, self._purge = db, purge
        self._taken = {int(seq) for seq in purge.data["remains"]}
        (month,) = db.execute(db.sql.HANDED_OVER_BEFORE, {"seq": purge.seq}).fetchone()
        self._then = Then(list(self._terms()), month.removeprefix("month:") if month else None)
        self._took = Took()
        self._went: dict[str, bool] = {}
        self._with_orders: bool | None = None

    def all(self) -> Iterator[Problem]:
        """Everything that is wrong with it."""
        yield from self.entry()
        for (number,) in self._db.execute(self._db.sql.PURGED_NUMBERS, {"entry": self._purge.seq}).fetchall():
            yield from self.of(number)
        yield from ((self._purge.seq, what) for what in purge_proof.named(self._purge, self._took))

    def entry(self) -> Iterator[Problem]:
        """What is wrong with the entry itself: who, with whom, how."""
        actor, second = self._person(self._purge.actor), self._person(self._purge.data.get("with"))
        for what in purge_proof.signed(self._purge, actor, second, self._then.terms):
            yield self._purge.seq, what
        if not purge_proof.is_next(self._purge, self._before(self._purge)):
            said = N_("purge {seq} does not follow the one before it")
            yield self._purge.seq, Sentence(said, {"seq": self._purge.seq})

    def of(self, number: str) -> Iterator[Problem]:
        """What is wrong with what it took of one number."""
        entries = [entry for entry in self._entries(number) if entry.seq < self._purge.seq]
        taken = (entry for entry in entries if entry.seq in self._taken)
        is_order = projection.is_order(number)
        yield from purge_proof.left(taken, self._took.places, marked=is_order)
        if is_order:
            yield from self._order(number, entries)
        else:
            yield from purge_proof.beside(self._purge, entries, self._taken, self._then, self._goes)

    def _order(self, number: str, entries: list[Entry]) -> Iterator[Problem]:
        seq, folded = entries[-1].seq, effects.fold(entries)
        for what in purge_proof.order(self._purge, entries, folded, self._taken, self._then):
            yield seq, what
        if folded is None:
            return
        self._took.order(number, purge_proof.class_of(folded))
        for other in purge_proof.linked(folded):
            if not self._is_gone(other):
                said = N_("purged: {number} is linked to {other}, which is there")
                yield seq, Sentence(said, {"number": number, "other": other})

    def _goes(self, entry: Entry) -> bool:
        """Whether this goes before its time: it speaks of what went, or orders went with it whose people it names."""
        return purge_proof.speaks_of(entry, self._is_gone) or self._took_orders()

    def _is_gone(self, number: str) -> bool:
        """Whether this order was purged, now or ever."""
        if number not in self._went:
            self._went[number] = self._db.execute(self._db.sql.PURGED_OF, {"number": number}).fetchone() is not None
        return self._went[number]

    def _took_orders(self) -> bool:
        """Whether orders went in the same run, by this entry or one before it: they have one export."""
        if self._with_orders is None:
            self._with_orders = any(entry.data["orders"] for entry in self._run())
        return self._with_orders

    def _run(self) -> Iterator[Entry]:
        """This entry and those before it of the same run, the last first."""
        entry: Entry | None = self._purge
        while entry is not None and entry.data.get("export") == self._purge.data.get("export"):
            yield entry
            entry = self._before(entry)

    def _before(self, purge: Entry) -> Entry | None:
        """The purge entry before this one."""
        number = purge.number.removeprefix(retention.STREAM)
        found = self._entries(f"{retention.STREAM}{int(number) - 1:06}") if number.isdecimal() else iter(())
        return next(found, None)

    def _terms(self) -> Iterator[purge_proof.Terms]:
        for row in self._db.execute(self._db.sql.POLICIES_BEFORE, {"seq": self._purge.seq}):
            rules = entry_of(row).data.get("rules", {})
            if "zone" in rules:
                yield purge_proof.terms_of(rules, ZoneInfo(rules["zone"]))

    def _person(self, staff_id: object) -> Person | None:
        """Somebody as their record had them before the purge."""
        found = staff.fold(entry for entry in self._entries(f"staff:{staff_id}") if entry.seq < self._purge.seq)
        return found if found is not None and found.id == staff_id else None

    def _entries(self, number: str) -> Iterator[Entry]:
        return map(entry_of, self._db.each(self._db.sql.ENTRIES_OF, {"number": number}))
