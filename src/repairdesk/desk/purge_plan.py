"""What may go, what stays, and why: whose time is over, and who holds it back (RET-1, RET-2)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from repairdesk.desk.drawing import unsettled_since
from repairdesk.desk.turn import Turn
from repairdesk.domain import retention
from repairdesk.domain.entry import Entry
from repairdesk.domain.message import STREAM
from repairdesk.domain.order import open_remarks
from repairdesk.domain.policy import Period
from repairdesk.domain.record import NamedTuple
from repairdesk.domain.retention import Words, plain, spaced
from repairdesk.domain.times import from_iso, iso_utc
from repairdesk.ledger.purging import Purges

Doc = dict[str, Any]

OPEN, OWED, UNPAID, DISPUTED, MONTH, CALLBACKS, LINKED = REASONS = (
    "open", "owed", "unpaid", "disputed", "month", "callbacks", "linked",
)  # fmt: skip
"""Why an order stays whose time is over.

It is not closed and filed; somebody owes something on it; it is not paid to the fen; a remark of the resident was never
settled; its month was not handed over yet; its month's callbacks are not settled; it is linked to one that stays.
"""
_DONE = ("sent", "given-up")


class Old(NamedTuple):
    """An order whose time is over: its class, from when that counted, and why it stays all the same (None: it goes).

    ``home``: whether its place may be where somebody lives.
    """

    number: str
    of: str
    since: datetime
    why: str | None
    home: bool


class Plan(NamedTuple):
    """What a purge does.

    Attributes:
        orders: those that go, by number.
        held: those that stay though their time is over, by number; with ``linked``, the one that they are linked to.
        purged: how many were purged before.
        beside: what goes beside the orders: messages, earlier residents, notes.
        unsent: the messages among them that were still to be sent, and are given up.
    """

    orders: Mapping[str, Old]
    held: Mapping[str, tuple[Old, str | None]]
    purged: int
    beside: tuple[Entry, ...]
    unsent: tuple[int, ...]


def plan(turn: Turn, until: datetime | None) -> Plan:
    """What would go now; with ``until`` only what ended, or was written, by then."""
    ask = Purges(turn.ledger)
    purged = ask.orders_purged()
    old = {one.number: one for one in _old(turn, ask, until)}
    freed, held = _together(old, ask.linking(), purged)
    beside = tuple(_beside(turn, ask, until, freed, purged))
    unsent = tuple(int(one.number.removeprefix(STREAM)) for one in beside if _waits(turn, one))
    return Plan(freed, held, len(purged), beside, unsent)


# --- orders


def _old(turn: Turn, ask: Purges, until: datetime | None) -> Iterator[Old]:
    """The orders whose time is over; of what was never closed, the time since the report."""
    periods = turn.rules.policies.retention
    kept = [period for of in retention.ORDERS if (period := periods.get(of)) is not None]
    if not kept:
        return
    holds = _holds(turn, ask)
    # Whatever the calendar makes of it, nothing younger is over; what is older is looked at.
    shortest = min(timedelta(days=365 * period.years + period.days - 1) for period in kept)
    for doc in ask.reported_before(iso_utc(turn.at - shortest)):
        of, ended = retention.class_of(doc), retention.counted_from(doc)
        since = ended or from_iso(doc["reported_at"])
        if doc["purged"] is None and _over(periods.get(of), since, turn) and (until is None or since <= until):
            why = holds.why(doc, since) if ended else OPEN
            yield Old(doc["number"], of, since, why, home=doc["kind"] != "public_area")


def _over(period: Period | None, since: datetime, turn: Turn) -> bool:
    return period is not None and period.ends(since, turn.rules.zone) <= turn.at


class _Holds:
    """Who holds an order back."""

    def __init__(self, owing: set[str], posted: set[str], unsettled: datetime) -> None:
        self._owing, self._posted, self._unsettled = owing, posted, unsettled

    def why(self, doc: Doc, since: datetime) -> str | None:
        """Why an order stays whose time is over."""
        if doc["number"] in self._owing:
            return OWED
        if doc["open_amount"] != "0.00":
            return UNPAID
        if open_remarks(doc["callbacks"], doc["remarks_settled"], doc["settled"]):
            return DISPUTED
        if doc["number"] in self._posted:
            return MONTH
        return CALLBACKS if doc["archived_at"] and since >= self._unsettled else None


def _holds(turn: Turn, ask: Purges) -> _Holds:
    last = turn.ledger.last_handed_over()
    # A desk that hands no month over does not wait for it for ever.
    return _Holds(ask.owing(), ask.posted_since(last) if last else set(), unsettled_since(turn))


def _together(
    old: Mapping[str, Old], linking: Iterable[Doc], purged: set[str]
) -> tuple[dict[str, Old], dict[str, tuple[Old, str | None]]]:
    """Those that go, and those that stay: what is linked goes together or stays together (RET-2)."""
    links: dict[str, set[str]] = {}
    for doc in linking:
        for other in retention.linked(doc):
            if not {doc["number"], other} & purged:
                links.setdefault(doc["number"], set()).add(other)
                links.setdefault(other, set()).add(doc["number"])
    kept_by: dict[str, str] = {}
    holding = [number for number in links if number not in old or old[number].why is not None]
    for holder in holding:
        todo = [holder]
        while todo:
            for other in links[todo.pop()]:
                if other not in kept_by and other != holder:
                    kept_by[other] = holder
                    todo.append(other)
    freed = {number: one for number, one in old.items() if one.why is None and number not in kept_by}
    held: dict[str, tuple[Old, str | None]] = {}
    for number, one in old.items():
        if number not in freed:
            held[number] = (one, None) if one.why else (one._replace(why=LINKED), kept_by[number])
    return freed, held


# --- beside the orders


def _beside(
    turn: Turn, ask: Purges, until: datetime | None, freed: Mapping[str, Old], purged: set[str]
) -> Iterator[Entry]:
    """The entries of other streams that go: by their own time, or with the orders or the people that they speak of."""
    periods, gone = turn.rules.policies.retention, freed.keys() | purged
    people = _People(turn, ask, freed)
    for entry in ask.bodies_of(list(retention.BESIDE)):
        since = entry.recorded_at
        if entry.event == "household":
            superseded = ask.written_at(entry.number, entry.version + 1)
            if superseded is None:
                continue
            since = from_iso(superseded)
        over = _over(periods.get(retention.BESIDE[entry.event]), since, turn) and (until is None or since <= until)
        # A message about what goes is not sent any more; any other one that waits is.
        if _speaks_of(entry, gone) or ((over or people.named_in(entry)) and not _waits(turn, entry)):
            yield entry


class _People:
    """Who is forgotten with the orders that go: phones, full names and places that nothing which stays has, too."""

    def __init__(self, turn: Turn, ask: Purges, freed: Mapping[str, Old]) -> None:
        self._turn, self._ask, self._freed = turn, ask, freed
        self._words: Words | None = None
        self._known: frozenset[str] | None = None

    def named_in(self, entry: Entry) -> bool:
        """Whether somebody's words in it name one of them."""
        if entry.event == "household" or not self._freed:
            return False
        if self._words is None:
            self._words = self._forgotten()
        found = self._words.in_(entry.data)
        return bool(found) and bool(found - self._staying())

    def _forgotten(self) -> Words:
        """Everybody whom the orders that go ever told of, and where they live."""
        people: list[str] = []
        places: list[tuple[str, str]] = []
        for number in self._freed:
            for entry in self._ask.entries(number):
                people += retention.people_in(entry)
                if self._freed[number].home:
                    places += retention.places_in(entry)
        return Words(people, places)

    def _staying(self) -> frozenset[str]:
        """Who is known by what stays; asked only where somebody was found."""
        if self._known is None:
            people, places = [one["name"] for one in self._turn.ledger.staff()], list[str]()
            for doc in self._ask.reported_before("9999"):
                if doc["number"] not in self._freed:
                    people += retention.people_of(doc)
                    places += retention.places_of(doc)
            for home in self._turn.ledger.households("", None):
                people += (*home["names"], *home["phones"])
                places.append(home["place"])
            self._known = frozenset((*map(plain, people), *map(spaced, places)))
        return self._known


def _speaks_of(entry: Entry, gone: set[str]) -> bool:
    """Whether it tells of orders that go, and of a letter: of no other."""
    data = entry.data
    if entry.event == "queue":
        return any(line["number"] in gone for line in data["lines"])
    if entry.event == "reveal":
        return data.get("number") in gone
    return entry.event == "letter" and gone.issuperset(data["numbers"])


def _waits(turn: Turn, entry: Entry) -> bool:
    """Whether it is a message that is still to be sent."""
    last = turn.ledger.last(entry.number) if entry.event == "queue" else None
    return last is not None and last.event not in _DONE


def told(turn: Turn, made: Plan) -> Doc:
    """The plan as it is answered: class, month and number of what goes, and why the rest stays."""
    zone, periods = turn.rules.zone, turn.rules.policies.retention
    classes: dict[tuple[str, str], int] = {}
    for one in made.orders.values():
        month = one.since.astimezone(zone).strftime("%Y-%m")
        classes[one.of, month] = classes.get((one.of, month), 0) + 1
    beside = [retention.BESIDE[entry.event] for entry in made.beside]
    return {
        "orders": [
            {"number": one.number, "class": one.of, "since": _local(one.since, zone),
             "until": _local(_ends(periods, one, zone), zone)}
            for one in made.orders.values()
        ],
        "classes": [{"class": of, "month": month, "orders": n} for (of, month), n in sorted(classes.items())],
        "beside": {name: beside.count(name) for name in ("messages", "households", "notes")}
        | {"given_up": len(made.unsent)},
        "stay": [
            {"number": one.number, "class": one.of, "since": _local(one.since, zone), "why": one.why, "linked_to": by}
            for one, by in made.held.values()
        ],
        # What waits for its time, or is kept for good.
        "kept": sum(turn.ledger.counts().values()) - len(made.orders) - len(made.held) - made.purged,
        "purged_before": made.purged,
    }  # fmt: skip


def _ends(periods: Mapping[str, Period | None], one: Old, zone: Any) -> datetime:
    period = periods[one.of]
    assert period is not None
    return period.ends(one.since, zone)


def _local(moment: datetime, zone: Any) -> str:
    return moment.astimezone(zone).isoformat()
