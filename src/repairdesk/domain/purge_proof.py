"""Whether a purge was one: what must be true of its entry, and of what it took, by all that is still there. Pure.

A body that is gone proves nothing any more. What is left are the headers, which are chained, what the purge entry says,
and what the rules and the records of the staff were then. A purge that the desk would not have made does not agree with
them. What a bill came to is not in them: finance's months are asked for that (docs/decisions/0019-purging.md).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Any

from repairdesk.domain import retention, shape
from repairdesk.domain.entry import Entry
from repairdesk.domain.finance import Posting
from repairdesk.domain.message import GIVEN_UP, SENT
from repairdesk.domain.order import Order, open_remarks
from repairdesk.domain.policy import Period
from repairdesk.domain.record import NamedTuple
from repairdesk.domain.staff import Person
from repairdesk.domain.times import iso_utc
from repairdesk.errors import N_, Sentence

Json = Mapping[str, Any]

_NUMBER = re.compile(re.escape(retention.STREAM) + "[0-9]{6,}")
_DIGEST = re.compile("[0-9a-f]{64}")
_MANAGER = ("manager",)


class Terms(NamedTuple):
    """What one version of the policies says of purging: how long what is kept, in which zone, and who may purge."""

    periods: Mapping[str, Period | None]
    zone: tzinfo
    may: tuple[str, ...]


class Then(NamedTuple):
    """How it stood when a purge was made.

    Attributes:
        terms: every version of the policies that was adopted by then: a desk may go back to one, which no entry says.
        month: the last month that finance was handed over, ``YYYY-MM``; None: none ever was.
    """

    terms: Sequence[Terms]
    month: str | None


def terms_of(rules: Json, zone: tzinfo) -> Terms:
    """What policies say of it, as they were adopted; those of before there was a purge say nothing."""
    periods = {of: Period(**kept) if kept else None for of, kept in rules.get("retention", {}).items()}
    return Terms(periods, zone, tuple(rules.get("may", {}).get(retention.EVENT, _MANAGER)))


def over(of: str, since: datetime, at: datetime, terms: Iterable[Terms]) -> bool:
    """Whether what is of this class was kept long enough by then, by any of these policies (RET-1)."""
    return any((kept := one.periods.get(of)) is not None and kept.ends(since, one.zone) <= at for one in terms)


# --- the entry itself


def signed(entry: Entry, actor: Person | None, second: Person | None, terms: Sequence[Terms]) -> Iterator[Sentence]:
    """What is wrong with who purged, with whom, and how; ``actor`` and ``second`` as their records had them then."""
    may = {role for one in terms for role in one.may} or {*_MANAGER}
    if actor is None or actor.retired or actor.role not in may:
        yield Sentence(N_("purge {seq}: {who} was nobody then who may purge"), {"seq": entry.seq, "who": entry.actor})
    if second is None or second.id == entry.actor or second.retired or second.role not in retention.SECONDS:
        said = N_("purge {seq}: {who} was no second person then: another one, a leader or above")
        yield Sentence(said, {"seq": entry.seq, "who": str(entry.data.get("with"))})
    if not _is_written_out(entry.data.get("export")):
        yield Sentence(N_("purge {seq} does not say what was written out before"), {"seq": entry.seq})


def is_next(entry: Entry, before: Entry | None) -> bool:
    """Whether its number is the next one after that of the purge before it, which was written before it."""
    if not _NUMBER.fullmatch(entry.number) or entry.version != 1:
        return False
    return before.seq < entry.seq if before else int(entry.number.removeprefix(retention.STREAM)) == 1


def _is_written_out(export: Any) -> bool:
    """Whether this says what an export says of itself."""
    if not isinstance(export, Mapping):
        return False
    lines, digest = export.get("lines"), export.get("sha256")
    return isinstance(lines, int) and lines > 0 and isinstance(digest, str) and bool(_DIGEST.fullmatch(digest))


def named(entry: Entry, took: Took) -> Iterator[Sentence]:
    """Where an entry does not say rightly what it took."""
    data = entry.data
    if sorted(data.get("orders", ())) != sorted(took.orders):
        yield _misnamed(entry, "orders")
    if data.get("classes") != took.classes:
        yield _misnamed(entry, "classes")
    if not isinstance(data.get("places"), int) or data["places"] < took.places.last:
        yield _misnamed(entry, "places")


def _misnamed(entry: Entry, what: str) -> Sentence:
    return Sentence(N_("purge {seq}: {what} in it is not what it took"), {"seq": entry.seq, "what": what})


class Took:
    """What a purge entry took: orders, how many of each class, and the stand-ins of places that it gave."""

    def __init__(self) -> None:
        self.orders: list[str] = []
        self.classes: dict[str, int] = {}
        self.places = retention.Given()

    def order(self, number: str, of: str) -> None:
        """One more order of a class."""
        self.orders.append(number)
        self.classes[of] = self.classes.get(of, 0) + 1


# --- what is left


def left(taken: Iterable[Entry], places: Callable[[str], str], *, marked: bool) -> Iterator[tuple[int, Sentence]]:
    """The entries of which something else is left than a purge leaves; ``marked``: the first one says by whom."""
    for entry in taken:
        hides = marked and entry.version == 1
        data = {name: value for name, value in entry.data.items() if name != "purged"} if hides else entry.data
        if not retention.is_left(entry.event, data, places):
            said = N_("purged: what is left of {seq} ({number}) is not what a purge leaves")
            yield entry.seq, Sentence(said, {"seq": entry.seq, "number": entry.number})


# --- orders


def order(
    purge: Entry, entries: Sequence[Entry], folded: Order | None, taken: Container[int], then: Then
) -> Iterator[Sentence]:
    """Why an order could not be purged; ``entries`` are those that it had by then, ``taken`` of which a body went."""
    about = {"number": entries[0].number}
    if folded is None or any(entry.seq not in taken for entry in entries):
        yield Sentence(N_("purged: {number} was not taken as a whole"), about)
        return
    if not _is_marked(folded.purged, purge):
        yield Sentence(N_("purged: {number} does not say rightly when and by whom"), about)
    doc = shape.to_doc(folded)
    since = retention.counted_from(doc)
    if since is None:
        yield Sentence(N_("purged: {number} was open then"), about)
    elif not over(retention.class_of(doc), since, purge.occurred_at, then.terms):
        yield Sentence(N_("purged: {number} was not kept as long as it is to be kept"), about)
    if any(one.running for one in folded.obligations):
        yield Sentence(N_("purged: somebody still owed something on {number}"), about)
    if doc["open_amount"] != "0.00":
        yield Sentence(N_("purged: {number} was not paid, or paid too much"), about)
    if open_remarks(doc["callbacks"], doc["remarks_settled"], doc["settled"]):
        yield Sentence(N_("purged: a remark of the resident on {number} was never settled"), about)
    if then.month is not None and any(_counts_after(one, then.month) for one in folded.postings):
        yield Sentence(N_("purged: the month of {number} was not handed over to finance then"), about)


def _is_marked(mark: Json | None, purge: Entry) -> bool:
    """Whether what is left of an order says of its purge what the purge entry says of itself."""
    said = {"by": purge.actor, "with": purge.data.get("with"), "entry": purge.number, "at": iso_utc(purge.occurred_at)}
    return mark == said


def _counts_after(posting: Posting, month: str) -> bool:
    return posting.month > month and (posting.chargeable or posting.amount != 0)


def class_of(folded: Order) -> str:
    """The class by which it was kept (RET-1)."""
    return retention.class_of(shape.to_doc(folded))


def linked(folded: Order) -> tuple[str, ...]:
    """The orders that must have gone, too (RET-2)."""
    return retention.linked(shape.to_doc(folded))


# --- beside the orders


def beside(
    purge: Entry, entries: Sequence[Entry], taken: Container[int], then: Then, goes: Callable[[Entry], bool]
) -> Iterator[tuple[int, Sentence]]:
    """Why entries of another stream could not be purged; ``entries`` are those that it had by then.

    ``goes`` says whether one may go before its time: it speaks of what went, or of whose orders went with it.
    """
    for at, entry in enumerate(entries):
        if entry.seq not in taken:
            continue
        about = {"seq": entry.seq, "number": entry.number}
        after = entries[at + 1] if at + 1 < len(entries) else None
        kept = entry.event == "household" and after is None
        waits = entry.event == "queue" and entries[-1].event not in (SENT, GIVEN_UP)
        of = retention.BESIDE.get(entry.event)
        if entry.event == retention.PLACE_EVENT:
            continue
        if of is None or kept or waits:
            yield entry.seq, Sentence(N_("purged: entry {seq} ({number}) is none that goes"), about)
            continue
        since = after.recorded_at if entry.event == "household" and after else entry.recorded_at
        if not over(of, since, purge.occurred_at, then.terms) and not goes(entry):
            said = N_("purged: entry {seq} ({number}) was not kept as long as it is to be kept")
            yield entry.seq, Sentence(said, about)


def speaks_of(entry: Entry, went: Callable[[str], bool]) -> bool:
    """Whether what is left of it tells of an order that went; of a letter, whether all did that it answered."""
    data = entry.data
    if entry.event == "queue":
        return any(went(line["number"]) for line in data["lines"])
    if entry.event == "reveal":
        return bool(data.get("number")) and went(data["number"])
    return entry.event == "letter" and all(map(went, data["numbers"]))
