"""The journal: entries are appended and chained, projections are stored beside them and looked up.

A ``Ledger`` names the file; every ``read`` and ``write`` is a connection and a transaction of its own. A ``Writer``
also reads, and sees what it has written.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from repairdesk.domain import shape
from repairdesk.domain.counting import counted
from repairdesk.domain.draw import Lot
from repairdesk.domain.entry import Entry
from repairdesk.domain.finance import preceding
from repairdesk.domain.household import Household
from repairdesk.domain.message import Message
from repairdesk.domain.order import Order
from repairdesk.domain.record import NamedTuple
from repairdesk.domain.staff import Person
from repairdesk.domain.times import from_iso, iso_utc
from repairdesk.errors import BadInput, Damaged
from repairdesk.ledger import chain, listing, projection
from repairdesk.ledger.database import WAIT_SECONDS, Database, Rows, Store

if TYPE_CHECKING:
    from repairdesk.ledger.foreseen import Foreseen

Doc = dict[str, Any]
_BEYOND = "\U0010ffff"  # sorts after everything that a number can hold
_EVER = "9999-12-31T23:59:59Z"
_ALL = -1


class Ledger:
    """The ledger of a desk.

    Args:
        where: the database file, or another place where a ledger is kept.
        wait_seconds: how long to wait for others before ``Busy``.

    Every method raises ``Busy``, ``Damaged``, ``StorageError``, or ``NotFound`` where there is none.
    """

    salt: Callable[[int], bytes] = staticmethod(os.urandom)
    """Makes so many bytes that nobody can guess; what is played and must come out the same each time has its own."""

    def __init__(self, where: str | Path | Store, *, wait_seconds: float = WAIT_SECONDS) -> None:
        self.store = where if isinstance(where, Store) else _file(where)
        self.wait_seconds = wait_seconds

    @classmethod
    def create(cls, where: str | Path | Store, *, wait_seconds: float = WAIT_SECONDS) -> Ledger:
        """Make an empty ledger.

        Raises:
            NotAllowed: there is one already.
        """
        made = cls(where, wait_seconds=wait_seconds)
        made.store.create()
        return made

    @contextmanager
    def read(self) -> Iterator[Reader]:
        """The ledger as it is now, unmoved by what others write meanwhile."""
        with self.store.reading(self.wait_seconds) as opened:
            yield Reader(opened)

    def give_way(self) -> None:
        """Let others write who wait for it; between two of many transactions, none of which is in a hurry."""
        self.store.give_way()

    @contextmanager
    def write(self) -> Iterator[Writer]:
        """The ledger for oneself: all that is written inside is kept together, or none of it."""
        with self.store.writing(self.wait_seconds) as opened:
            writer = Writer(opened, self.salt)
            yield writer
            writer.words.settle()


def _file(path: str | Path) -> Store:
    from repairdesk.ledger.files import File

    return File(Path(path))


class Written(NamedTuple):
    """What stands at the head of an entry: of which number, which event, when it happened and was written (UTC)."""

    seq: int
    number: str
    event: str
    occurred_at: str
    recorded_at: str


def _written(row: Sequence[Any]) -> Written:
    found = Written._make(row)
    try:
        from_iso(found.occurred_at), from_iso(found.recorded_at)
    except (ValueError, TypeError) as error:
        raise Damaged("entry {seq} of {number} cannot be read", seq=found.seq, number=found.number) from error
    return found


class Reader:
    """What can be asked of the ledger. A *doc* is an order as ``shape.to_doc`` has it, in UTC."""

    def __init__(self, opened: Database) -> None:
        self._db, self._sql = opened, opened.sql

    @property
    def is_apart(self) -> bool:
        """Whether the rules are in folders elsewhere, of which there may be several, as with a server."""
        return self._db.is_apart

    @property
    def prefix(self) -> str:
        """What every number of this ledger begins with, as those of a site do; nothing where it is the only one."""
        site = self._db.site
        return f"{site.upper()}-" if site else ""

    # -- the journal

    def entries(self, number: str) -> list[Entry]:
        """The entries of a number, oldest first."""
        return [entry_of(row) for row in self._db.execute(self._sql.ENTRIES_OF, {"number": number})]

    def journal(self) -> Iterator[Entry]:
        """Every entry there is, oldest first, one at a time."""
        return map(entry_of, self._db.each(self._sql.JOURNAL))

    def head(self) -> tuple[int, str]:
        """The seq and hash of the last entry; 0 and zeros before the first."""
        row = self._db.execute(self._sql.HEAD).fetchone()
        return (row[0], row[1]) if row else (0, chain.ZEROS)

    def entries_named(self, event: str) -> Iterator[Entry]:
        """Every entry of one event, of whatever number, oldest first, one at a time; it reads through the journal."""
        return map(entry_of, self._db.each(self._sql.ENTRIES_NAMED, {"event": event}))

    def written_after(self, seq: int) -> Iterator[Written]:
        """What was written after an entry, newest first, one at a time."""
        return map(_written, self._db.each(self._sql.WRITTEN_AFTER, {"after": seq}))

    def last_written(self) -> str | None:
        """When the last entry was written (UTC); None before there is one."""
        last = next(self.written_after(self.head()[0] - 1), None)
        return last.recorded_at if last else None

    # -- feeds: a stretch at a time, as nobody can write while somebody reads

    def first_written_since(self, at: str) -> int | None:
        """The first entry that was written since then (UTC); None: there is none."""
        found: int | None = self._db.execute(self._sql.FIRST_WRITTEN_SINCE, {"since": at}).fetchone()[0]
        return found

    def entries_between(self, after: int, upto: int) -> list[Entry]:
        """The entries after one and up to another, oldest first; what one said that was purged is None."""
        found = self._db.execute(self._sql.ENTRIES_BETWEEN, {"after": after, "upto": upto})
        return [entry_of((*row[:-1], "null") if row[-1] is None else row) for row in found]

    def changed_between(self, since: int, after: int, upto: int) -> list[Doc]:
        """The orders whose first entry after ``since`` is one after ``after`` and up to ``upto``, by that entry."""
        return list(self._docs(self._sql.CHANGED_BETWEEN, {"since": since, "after": after, "upto": upto}))

    def docs_after(self, number: str, limit: int) -> list[Doc]:
        """The next orders after a number, by number."""
        found = self._db.execute(self._sql.DOCS_AFTER, {"number": number, "limit": limit})
        return [_loaded(text) for _, text in found]

    # -- orders

    def numbers_ending(self, ending: str, limit: int = 11) -> list[str]:
        """The orders whose number ends so, at most ``limit``; a full number means that order alone."""
        if self._db.execute(self._sql.ORDER_EXISTS, {"number": ending}).fetchone():
            return [ending]
        tail = ending[::-1]
        found = {"tail": tail, "beyond": tail + _BEYOND, "limit": limit}
        return [row[0] for row in self._db.execute(self._sql.NUMBERS_ENDING, found)] if ending else []

    def order_doc(self, number: str) -> Doc | None:
        """The order of that number."""
        return self._doc(self._sql.ORDER_DOC, {"number": number})

    def orders(self, filters: Mapping[str, Any], limit: int | None = None) -> tuple[list[Doc], int]:
        """Orders, newest report first, at most ``limit`` of them, and how many there are in all.

        ``filters`` (None means not asked): ``states`` a list; ``open`` a bool; ``kind``, ``priority``, ``category``,
        ``department``,
        ``place``, ``external_id``, ``coordination``, ``converted_from``, ``follows`` the very value; ``staff`` the
        assignee or tracker; ``find`` words, each of them a part of number, place, caller, phone, fault or what was
        found (several texts: several ways to say the same); ``since`` and ``until`` bound
        the report, both included; ``archived_since`` is included, ``archived_before`` is not; ``overdue_at``: owes
        something that was due before then and whose clock is not stopped. Times are UTC as ``iso_utc`` writes them.
        """
        filters = self._found(filters)
        return list(self._newest(filters, limit)), listing.total(self._db, filters)

    def scan(self, filters: Mapping[str, Any]) -> Iterator[Doc]:
        """``orders`` without a limit, one at a time: for exports, which do not fit into memory."""
        return self._newest(self._found(filters), None)

    def _found(self, filters: Mapping[str, Any]) -> Mapping[str, Any]:
        """The filters, with what their words find."""
        return listing.found(self._db, filters)

    def _newest(self, filters: Mapping[str, Any], limit: int | None) -> Iterator[Doc]:
        # Numbers alone are sorted, often within an index; sorting whole documents took five times as long.
        for number in listing.newest(self._db, filters, limit):
            yield from self._docs(self._sql.ORDER_DOC, {"number": number})

    def open_at(self, place: str | None, category: str | None) -> list[Doc]:
        """The open orders at a place with a category, oldest first; no category matches nothing (REC-6)."""
        return list(self._docs(self._sql.OPEN_AT, {"place": place, "category": category}))

    def open_numbers_at(self, place: str, category: str) -> list[str]:
        """The numbers alone of ``open_at``: an index answers that, without the orders."""
        asked = {"place": place, "category": category}
        return [row[0] for row in self._db.execute(self._sql.OPEN_NUMBERS_AT, asked)]

    def number_of_external(self, external_id: str) -> str | None:
        """The order that came in under this id of another system."""
        row = self._db.execute(self._sql.NUMBER_OF_EXTERNAL, {"external_id": external_id}).fetchone()
        return row[0] if row else None

    def places_from(self, begin: str, limit: int) -> list[str]:
        """Places that begin so, where anything was reported, in their order, at most ``limit``; a look-up for each."""
        found: list[str] = []
        asked = {"place": begin, "beyond": begin + _BEYOND}
        while len(found) < limit:
            (place,) = self._db.execute(self._sql.PLACE_AFTER, asked).fetchone()
            if place is None:
                break
            found.append(place)
            asked["place"] = place
        return found

    def next_serial(self, series: str) -> int:
        """One more than the highest serial ever given in a series such as ``P20261122``."""
        (last,) = self._db.execute(self._sql.LAST_SERIAL, {"series": series}).fetchone()
        return (last or 0) + 1

    def expected(self, technician: str) -> list[tuple[str, str, str]]:
        """Number, start and end of the agreed visits that a technician has not made yet."""
        return self._db.execute(self._sql.EXPECTED, {"staff": technician}).fetchall()

    def held_by(self, staff_id: str) -> list[str]:
        """The open orders that this person is assignee or tracker of."""
        return sorted({row[0] for row in self._db.execute(self._sql.HELD_BY, {"staff": staff_id})})

    def slips(self, since: str, until: str) -> set[str]:
        """The orders whose slip can have been out between two times, UTC (FIN-6): all that were are among them.

        Found are those that a technician has now, and those that left one's hands since then; it costs the more the
        longer ago that was.
        """
        asked = {"since": since, "until": until}
        found = (*self._db.execute(self._sql.SLIPS_HELD, asked), *self._db.execute(self._sql.SLIPS_LEFT, asked))
        return {number for (number,) in found}

    def followers(self, number: str) -> list[Doc]:
        """The orders that follow this one, oldest first."""
        return list(self._docs(self._sql.FOLLOWERS, {"follows": number}))

    def due(self, until: str | None = None, limit: int | None = None) -> list[Doc]:
        """The running obligations due by ``until`` (None: ever), soonest first, those with a stopped clock too.

        A row has the obligation's columns and its order's ``kind``, ``state``, ``place``, ``assignee``, ``priority``,
        ``tracker`` and ``policies_version``.
        """
        cursor = self._db.execute(self._sql.DUE, {"until": until or _EVER, "limit": _ALL if limit is None else limit})
        return list(rows(cursor))

    def due_next(self, at: str) -> list[str]:
        """The orders with which the nightly run has something to do before ``at`` (UTC), longest due first."""
        return [row[0] for row in self._db.execute(self._sql.DUE_NEXT, {"at": at})]

    def provisional(self) -> list[str]:
        """The orders with a deadline on a day that no table of public holidays reached when it was set (SLA-2)."""
        return [row[0] for row in self._db.execute(self._sql.PROVISIONAL)]

    def last(self, number: str) -> Entry | None:
        """The latest entry of a number."""
        row = self._db.execute(self._sql.LAST_OF, {"number": number}).fetchone()
        return entry_of(row) if row else None

    def first_reported_at(self) -> str | None:
        """When the oldest order was reported (UTC)."""
        found: str | None = self._db.execute(self._sql.FIRST_REPORTED).fetchone()[0]
        return found

    def counts(self) -> dict[str, int]:
        """How many orders are in each state."""
        return dict(self._db.execute(self._sql.COUNTS).fetchall())

    def counts_here(self) -> dict[str, int]:
        """How many orders are in each state, without those that were over in another system."""
        return dict(self._db.execute(self._sql.COUNTS_HERE).fetchall())

    # -- reports

    def report(self, name: str, asked: Mapping[str, Any]) -> list[Doc]:
        """The counts of a report, a row for each of its groups: one pass, made by SQL (RPT-1 to RPT-5).

        ``asked``: ``since`` and ``before`` bound the month (UTC, the second is not included), ``at`` is the time asked.
        """
        return list(rows(self._db.execute(self._sql.REPORTS[name], asked)))

    def figures(self, report: str) -> list[str]:
        """The figures of a report that can be opened."""
        return list(self._sql.BEHIND[report])

    def behind(self, report: str, figure: str, asked: Mapping[str, Any]) -> list[str]:
        """The orders behind a figure of a report; ``of`` in ``asked`` is one of its groups, or None."""
        return [row[0] for row in self._db.execute(self._sql.BEHIND[report][figure], asked)]

    # -- callbacks

    def archived_between(self, since: str, before: str) -> list[Doc]:
        """What the draw knows of the orders archived from ``since`` until before ``before`` (UTC), in no order.

        A row has ``number``, ``kind``, ``policies_version``, ``archived_at``, and ``note`` as ``draw.noted`` has it.
        """
        found = self._db.execute(self._sql.CALLABLE, {"since": since, "before": before})
        return [
            {
                "number": number, "kind": kind, "policies_version": version, "archived_at": archived_at,
                "note": {"seq": seq, "must": must, "callable": bool(can), "calls": json.loads(calls) if calls else []},
            }
            for seq, must, can, number, kind, version, calls, archived_at in found
        ]  # fmt: skip

    def filed_between(self, since: str, before: str) -> list[str]:
        """The orders that were archived in that time as the entries say, as they were written."""
        return [row[0] for row in self._db.execute(self._sql.FILED_BETWEEN, {"since": since, "before": before})]

    def judged_between(self, since: str, before: str) -> list[tuple[str, str]]:
        """Of which kinds the orders archived in that time are, and which versions of the policies judged them."""
        return self._db.execute(self._sql.JUDGED, {"since": since, "before": before}).fetchall()

    def lots_between(self, since: str, before: str, kind: str, version: str, share: int) -> list[Lot]:
        """Those of a kind and version whom nobody called, as ``draw.tally`` takes them; their share is ``share``."""
        asked = {"since": since, "before": before, "kind": kind, "policies_version": version, "share": share}
        return self._db.execute(self._sql.LOTS, asked).fetchall()

    def called_between(self, since: str, before: str) -> list[tuple[str, str, list[Doc], int, str, str | None, int]]:
        """Those whom somebody called: kind, version of the policies, the calls as ``draw.noted`` has them, the entry
        that archived them, number, why they must be called, and whether they can be (1)."""
        found = self._db.execute(self._sql.CALLED, {"since": since, "before": before}).fetchall()
        # Parsed at once: for thousands of them that is several times as fast as one by one.
        calls = json.loads(f"[{','.join(row[2] for row in found)}]")
        return [(*row[:2], made, *row[3:]) for row, made in zip(found, calls, strict=True)]

    def hash_before(self, at: str) -> str | None:
        """The hash of the last entry before the first one written since then (UTC), or of the very first entry.

        None: nothing was written since.
        """
        (first,) = self._db.execute(self._sql.FIRST_WRITTEN_SINCE, {"since": at}).fetchone()
        if first is None:
            return None
        found: str = self._db.execute(self._sql.HASH_OF, {"seq": max(first - 1, 1)}).fetchone()[0]
        return found

    def called_since(self, at: str) -> str | None:
        """When somebody was called back first since then (UTC); None: nobody was."""
        found: str | None = self._db.execute(self._sql.CALLED_SINCE, {"since": at}).fetchone()[0]
        return found

    def not_rechecked(self, since: str, before: str) -> list[Doc]:
        """The repairs that were finished from ``since`` until before ``before`` (UTC) and not looked at again since."""
        return list(self._docs(self._sql.NOT_RECHECKED, {"since": since, "before": before}))

    def next_letter(self) -> int:
        """One more than the number of open letters that were ever written."""
        (count,) = self._db.execute(self._sql.LETTERS).fetchone()
        return int(count) + 1

    # -- finance: amounts in fen

    def last_handed_over(self) -> str | None:
        """The latest month that was handed over, ``YYYY-MM``: it and all before it are locked (FEE-7)."""
        (number,) = self._db.execute(self._sql.LAST_HANDED_OVER).fetchone()
        return number.removeprefix("month:") if number else None

    def posted_months(self) -> list[str]:
        """The months in which anything was posted, oldest first."""
        found: list[str] = []
        # A look-up for each month: DISTINCT would go through every posting there ever was.
        while month := self._db.execute(self._sql.POSTED_AFTER, {"month": found[-1] if found else ""}).fetchone()[0]:
            found.append(month)
        return found

    def postings(self, month: str) -> Iterator[Doc]:
        """What stands in a month by the table of postings, by place, number and ``n``, one at a time."""
        return rows(self._db.each(self._sql.POSTINGS, {"month": month}))

    def first_posting(self) -> str | None:
        """When the first entry happened that may have posted to a month (UTC), whatever the tables say."""
        found: str | None = self._db.execute(self._sql.FIRST_POSTING).fetchone()[0]
        return found

    def posting_entries(self, month: str, since: str, before: str) -> set[str]:
        """The orders of which the journal has entries that may post to a month, whatever the tables say.

        Those that happened in the month (from ``since`` until before ``before``, UTC), and those that were written
        between the hand-over of the month before it and its own: what came late, and corrections of earlier months.
        """
        last = self._handed_over(preceding(month))
        within = {"after": last or 0, "upto": self._handed_over(month) or self.head()[0]}
        found = self._db.execute(self._sql.POSTING_IN, {"since": since, "before": before}).fetchall()
        late = self._db.execute(self._sql.POSTING_BETWEEN, within).fetchall() if last else []
        return {number for (number,) in (*found, *late)}

    def _handed_over(self, month: str) -> int | None:
        """The seq of a month's hand-over."""
        seq: int | None = self._db.execute(self._sql.HANDED_OVER_SEQ, {"number": f"month:{month}"}).fetchone()[0]
        return seq

    def arrears(self, place: str | None = None) -> list[Doc]:
        """The archived orders that were paid less or more than their bill, at a place (None: anywhere).

        A row has ``number``, ``place``, ``archived_at``, ``total``, ``received``, ``invoice``; by place and number.
        """
        text, values = (self._sql.ARREARS, {}) if place is None else (self._sql.ARREARS_AT, {"place": place})
        return list(rows(self._db.execute(text, values)))

    def next_receipt(self, series: str) -> int:
        """One more than the highest serial of a receipt in this series."""
        (last,) = self._db.execute(self._sql.LAST_RECEIPT, {"series": series}).fetchone()
        return (last or 0) + 1

    def place_of(self, stand_in: str | None) -> str | None:
        """The place that this stands for, where anything that is kept still names it (RET-3)."""
        row = self._db.execute(self._sql.STAND_IN_OF, {"stand_in": stand_in}).fetchone()
        return row[0] if row else None

    def household_at(self, place: str) -> Doc | None:
        """Who lives at a place."""
        return self._doc(self._sql.HOUSEHOLD_AT, {"place": place})

    def households(self, find: str | None = None, limit: int | None = None) -> list[Doc]:
        """The households with this text in a name, a phone or the place (None: all), by place, at most ``limit``."""
        asked = {"find": projection.folded(find or ""), "limit": _ALL if limit is None else limit}
        return list(self._docs(self._sql.HOUSEHOLDS, asked))

    def household_count(self, find: str | None = None) -> int:
        """How many ``households`` finds without a limit."""
        (count,) = self._db.execute(self._sql.HOUSEHOLD_COUNT, {"find": projection.folded(find or "")}).fetchone()
        return int(count)

    def next_household(self) -> int:
        """One more than the highest number ever given to a household."""
        (last,) = self._db.execute(self._sql.LAST_HOUSEHOLD).fetchone()
        return (last or 0) + 1

    # -- messages

    def messages_due(self, until: str, limit: int) -> list[int]:
        """The messages to be tried by ``until`` (UTC, included), longest due first, at most ``limit``."""
        return [row[0] for row in self._db.execute(self._sql.MESSAGES_DUE, {"until": until, "limit": limit})]

    def messages_unsent(self, since: str = "") -> dict[str, int]:
        """How many messages queued since then (UTC; anything: ever) did not arrive, by state."""
        return dict(self._db.execute(self._sql.MESSAGES_UNSENT, {"since": since}).fetchall())

    def oldest_unsent(self) -> str | None:
        """When the message was queued that has waited longest (UTC), of those that are not given up."""
        found: str | None = self._db.execute(self._sql.OLDEST_UNSENT).fetchone()[0]
        return found

    def next_message(self) -> int:
        """One more than the highest number ever given to a message."""
        (last,) = self._db.execute(self._sql.LAST_MESSAGE).fetchone()
        return (last or 0) + 1

    def first_hash(self) -> str:
        """The hash of the first entry, which no other ledger has; zeros before there is one."""
        row = self._db.execute(self._sql.FIRST_HASH).fetchone()
        return row[0] if row else chain.ZEROS

    def first_written(self) -> str | None:
        """When the first entry was written (UTC); None before there is one."""
        row = self._db.execute(self._sql.FIRST_WRITTEN).fetchone()
        return row[0] if row else None

    def hash_at(self, seq: int) -> str | None:
        """The hash of an entry; zeros before the first one, None after the last."""
        row = self._db.execute(self._sql.HASH_AT, {"seq": seq}).fetchone()
        return row[0] if row else None if seq else chain.ZEROS

    # -- people and rules

    def person_doc(self, staff_id: str) -> Doc | None:
        """The person of that id, retired or not."""
        return self._doc(self._sql.PERSON_DOC, {"id": staff_id})

    def person_by_os_user(self, user: str) -> Doc | None:
        """Who that user of the machine is: before anyone retired, who is not."""
        return self._doc(self._sql.PERSON_BY_OS_USER, {"os_user": user})

    def staff(self) -> list[Doc]:
        """Everybody, by id."""
        return sorted(self._docs(self._sql.STAFF_DOCS, {}), key=lambda doc: counted(doc["id"]))

    def roster_is_kept(self) -> bool:
        """Whether anybody was ever put on duty: without a roster nobody can be off duty (INT-8)."""
        return self._db.execute(self._sql.ROSTER).fetchone() is not None

    def rules(self, kind: str, version: str) -> Doc | None:
        """What the first entry that adopted this version says (REC-4); ``kind``: ``policies``, ``fees``,
        ``calendar``."""
        return self._rules(self._sql.RULES_OF_VERSION, {"kind": kind, "version": version})

    def latest_rules(self, kind: str) -> Doc | None:
        """The same of the version that was adopted last."""
        return self._rules(self._sql.RULES_LATEST, {"kind": kind})

    def rules_by_file(self, kind: str, file_digest: str) -> Doc | None:
        """The same by the digest of the file, however its version is called."""
        return self._rules(self._sql.RULES_OF_FILE, {"kind": kind, "file_digest": file_digest})

    def adopted(self, kind: str) -> list[tuple[int, str]]:
        """Every file of a kind that was adopted, the latest first: the seq of its entry, and its version."""
        return self._db.execute(self._sql.ADOPTED, {"kind": kind}).fetchall()

    def _rules(self, text: str, values: Mapping[str, Any]) -> Doc | None:
        row = self._db.execute(text, values).fetchone()
        if row is None:
            return None
        doc: Any = _loaded(row[1])
        # Where somebody altered the ledger, what the table of rules points at need not be an adoption.
        if not isinstance(doc, dict) or not isinstance(doc.get("rules"), dict) or doc.get("kind") != values["kind"]:
            raise Damaged("the ledger holds a record that cannot be read: run verify")
        found: Doc = doc
        return found

    def _doc(self, text: str, values: Mapping[str, Any]) -> Doc | None:
        return next(self._docs(text, values), None)

    def _docs(self, text: str, values: Mapping[str, Any]) -> Iterator[Doc]:
        return (_loaded(row[0]) for row in self._db.execute(text, values))


class Writer(Reader):
    """A reader that appends. It has the ledger for itself, so what it knows of the last entry stays true."""

    def __init__(self, opened: Database, salt: Callable[[int], bytes] = os.urandom) -> None:
        super().__init__(opened)
        self._salt = salt
        self._head = super().head()
        self._serials: dict[str, int] = {}
        self._stored: set[str] = set()
        self._begun: str | None = None
        self._written_at: str | None = None
        self._anew = False
        self._parts = 0
        self._foreseen: Foreseen | None = None
        self.words = opened.finding.Kept(opened)
        """The index of words; ``settle`` it before the transaction ends."""

    def _found(self, filters: Mapping[str, Any]) -> Mapping[str, Any]:
        if filters.get("find") is not None:
            self.words.write()
        return super()._found(filters)

    def expect_much(self) -> None:
        """A long file comes: it may take more memory than a command does."""
        self._db.expect_much()

    def head(self) -> tuple[int, str]:
        """The seq and hash of the last entry, this writer's own included."""
        return self._head

    def next_serial(self, series: str) -> int:
        """As a reader says it, remembered: a day of a long file is asked about once."""
        if series not in self._serials:
            if self._foreseen and series not in self._stored:
                self._ask_for_serials_like(series)
            else:
                self._serials[series] = super().next_serial(series) - 1
        return self._serials[series] + 1

    def _ask_for_serials_like(self, series: str) -> None:
        """Those of a month together, for a long file; of a series of which nothing was stored nothing waits, either."""
        begin = series[:-2]
        found = self._db.aside(self._sql.LAST_SERIALS, {"begin": begin, "beyond": begin + _BEYOND}).fetchall()
        days = (f"{begin}{day:02}" for day in range(1, 32))
        last = {**dict.fromkeys((*days, series), 0), **dict(found)}
        self._serials |= {one: n for one, n in last.items() if one not in self._stored and one not in self._serials}

    def last_written(self) -> str | None:
        """As a reader says it; its own entries need not be asked for."""
        return self._written_at or super().last_written()

    def store_anew(self) -> None:
        """Nothing is stored: what comes has not to be looked for."""
        self._anew = self._db.is_far

    # -- a long file, of which each row is about another order

    @property
    def foresees(self) -> bool:
        """Whether it is worth the while to say what will be asked for."""
        return self._db.is_far

    def foresee(self, external_ids: Iterable[str], places: Iterable[str]) -> None:
        """Ask once for what ``number_of_external`` and ``open_numbers_at`` will be asked for with each of many rows.

        What is stored meanwhile is taken into account, so that the answers are the same.
        """
        ids, spots = {"ids": list(set(external_ids))}, {"places": list(set(places))}
        known = self._db.execute(self._sql.NUMBERS_OF_EXTERNALS, ids).fetchall() if ids["ids"] else ()
        still_open = self._db.execute(self._sql.OPEN_AT_PLACES, spots).fetchall() if spots["places"] else ()
        from repairdesk.ledger.foreseen import Foreseen  # hardly any command has a long file

        self._foreseen = Foreseen(ids["ids"], known, spots["places"], still_open)

    def number_of_external(self, external_id: str) -> str | None:
        """As a reader says it."""
        known = self._foreseen.numbers if self._foreseen else {}
        return known[external_id] if external_id in known else super().number_of_external(external_id)

    def open_numbers_at(self, place: str, category: str) -> list[str]:
        """As a reader says it."""
        found = self._foreseen.open_at(place, category) if self._foreseen else None
        return super().open_numbers_at(place, category) if found is None else found

    def append(
        self,
        number: str,
        event: str,
        *,
        actor: str,
        keyboard: str,
        occurred_at: datetime,
        recorded_at: datetime,
        late: bool,
        data: Mapping[str, Any],
    ) -> Entry:
        """Write one more entry of this number and chain it; answers with the entry as it will be read.

        Raises:
            BadInput: a text holds what is no Unicode.
        """
        header, body = self.write(
            number, event, actor=actor, keyboard=keyboard, occurred_at=occurred_at, recorded_at=recorded_at, late=late,
            data=data,
        )  # fmt: skip
        return entry_of([*(header[name] for name in _ENTRY), body])

    def write(
        self,
        number: str,
        event: str,
        *,
        actor: str,
        keyboard: str,
        occurred_at: datetime,
        recorded_at: datetime,
        late: bool,
        data: Mapping[str, Any],
        version: int | None = None,
    ) -> tuple[Doc, str]:
        """As ``append``; answers with header and body as they stand there, for who need not read them again.

        ``version`` is given by who knows it; a wrong one is refused by the ledger itself.
        """
        seq, prev = self._head[0] + 1, self._head[1]
        if version is None:
            (last,) = self._db.execute(self._sql.LAST_VERSION, {"number": number}).fetchone()
            version = (last or 0) + 1
        salt = self._salt(chain.SALT_BYTES)
        header: dict[str, Any] = {
            "seq": seq,
            "number": number,
            "version": version,
            "event": event,
            "actor": actor,
            "keyboard": keyboard,
            "occurred_at": iso_utc(occurred_at),
            "recorded_at": iso_utc(recorded_at),
            "late": int(late),
            "prev": prev,
        }
        try:
            body = chain.kept(dict(data))
            header["body_digest"] = chain.body_digest(salt, body)
            header["hash"] = chain.header_hash(header)
            # A server takes bodies behind several entries of one transaction, and a part of one is none to it.
            add = self._db.execute if self._parts else self._db.later
            add(self._sql.ADD_ENTRY, header)
            add(self._sql.ADD_BODY, {"seq": seq, "salt": salt, "body": body})
            self._db.later(self._sql.STORE_STREAM, header)
        except UnicodeEncodeError as error:
            raise BadInput("a text cannot be kept: it holds bytes that are no characters") from error
        self._head, self._written_at = (seq, header["hash"]), header["recorded_at"]
        self._begun = number if version == 1 else None
        return header, body

    def store_order(self, order: Order) -> Doc:
        """Bring the projection of an order up to date; answers with the order's document."""
        doc = shape.to_doc(order)
        row, owed = projection.rows_of(order, doc)
        if order.version == 1 and row["series"] in self._serials:
            self._serials[row["series"]] = max(row["serial"], self._serials[row["series"]])
        self._stored.add(row["series"])
        stored = None if self._is_new(order) else self._db.execute(self._sql.INDEXED, row).fetchone()
        if stored is None:
            self.words.added(self._db.later(self._sql.STORE_ORDER, row), row["search"])
            self._db.executemany(self._sql.STORE_OBLIGATION, owed)
            if self._foreseen:
                self._foreseen.stored(row)
        else:
            self._foreseen = None
            self._bring("orders", ("number",), [row], self._sql.ORDER_ROW, self._sql.STORE_ORDER)
            id_, search = stored
            if search != row["search"]:
                self.words.note(id_, search, row["search"])
            self._bring(
                "obligations", ("number", "name", "cycle"), owed, self._sql.OBLIGATION_ROWS, self._sql.STORE_OBLIGATION
            )
        if order.postings:
            self._db.executemany(self._sql.STORE_POSTING, projection.posting_rows(order))
        if order.payments:
            self._db.executemany(self._sql.STORE_RECEIPT, projection.receipt_rows(order))
        return doc

    def _is_new(self, order: Order) -> bool:
        """Whether nothing can be stored of the order: where asking is no journey, it is asked all the same."""
        begun, self._begun = self._begun, None
        return self._anew or (self._db.is_far and order.number == begun)

    def _bring(self, table: str, key: Sequence[str], new: Sequence[Mapping[str, Any]], ask: str, add: str) -> None:
        """Write what differs from what is stored, and nothing else.

        SQLite writes every index of which a column is named, changed or not: of the twenty pages that a plain update of
        an order wrote, each of them twice and to the disk, ten stay as they are.
        """
        if not new:
            return
        found = rows(self._db.execute(ask, {"number": new[0]["number"]}))
        stored = {tuple(row[name] for name in key): row for row in found}
        said = self._sql.PARAMETER.format
        where = " AND ".join(f"{name} = {said(name)}" for name in key)
        for row in new:
            before = stored.get(tuple(row[name] for name in key))
            if before is None:
                self._db.execute(add, row)
                continue
            changed = ", ".join(f"{name} = {said(name)}" for name, value in row.items() if before[name] != value)
            if changed:
                self._db.execute(f"UPDATE {table} SET {changed} WHERE {where}", row)

    def store_household(self, household: Household) -> None:
        """Bring the projection of a household up to date."""
        self._db.later(self._sql.STORE_HOUSEHOLD, projection.household_row(household))

    def store_place(self, place: tuple[int, str, str]) -> None:
        """Keep which place a stand-in stands for (RET-3)."""
        self._db.later(self._sql.STORE_PLACE, projection.place_row(place))

    def store_message(self, message: Message) -> None:
        """Bring the projection of a message up to date."""
        self._db.later(self._sql.STORE_MESSAGE, projection.message_row(message))

    def store_person(self, person: Person) -> None:
        """Bring the projection of a person up to date."""
        self._db.later(self._sql.STORE_PERSON, projection.person_row(person))

    def store_rules(self, entry: Entry) -> None:
        """Keep where a rules file was adopted, by its ``adopt`` entry; adopted again, the first one counts."""
        self._db.execute(self._sql.STORE_RULES, projection.rules_row(entry))

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Undo what is written inside if it raises, and nothing else: for a row of a batch that is refused."""
        head, written_at, waiting = self._head, self._written_at, self.words.begin()
        self._db.execute("SAVEPOINT part")
        self._parts += 1
        try:
            yield
            # Here, as what was left for later may be refused only now.
            self._db.execute("RELEASE part")
        except BaseException:
            self._head, self._written_at, self._begun = head, written_at, None
            self._foreseen = None
            self._serials.clear()
            self.words.undo(waiting)
            # A full disk has undone the whole transaction by itself.
            if self._db.in_transaction:
                self._db.execute("ROLLBACK TO part")
                self._db.execute("RELEASE part")
            raise
        finally:
            self._parts -= 1
        self.words.end()


_ENTRY = "seq number version event actor keyboard occurred_at recorded_at late".split()


def entry_of(row: Iterable[Any]) -> Entry:
    """The entry that a row of ``_ENTRY`` and a body says.

    Raises:
        Damaged: it says nothing that could be read.
    """
    seq, number, version, event, actor, keyboard, occurred_at, recorded_at, late, body = row
    try:
        times = from_iso(occurred_at), from_iso(recorded_at)
        return Entry(seq, number, version, event, actor, keyboard, *times, bool(late), json.loads(body))
    except (ValueError, TypeError) as error:
        raise Damaged("entry {seq} of {number} cannot be read", seq=seq, number=number) from error


def _loaded(text: str) -> Doc:
    try:
        doc: Doc = json.loads(text)
    except ValueError as error:
        raise Damaged("the ledger holds a record that cannot be read: run verify") from error
    return doc


def rows(cursor: Rows) -> Iterator[dict[str, Any]]:
    """Rows by their columns' names."""
    names = [column[0] for column in cursor.description]
    return (dict(zip(names, row, strict=True)) for row in cursor)
