"""The statement of a month for finance: per household and order, made from the journal itself (RPT-6, FEE-10).

The table of postings says where to look; what the month holds is folded from the entries, and a table that says
anything else is damage. So nobody signs for a sum that somebody wrote into a table.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, tzinfo
from itertools import groupby
from typing import Any

from repairdesk.desk.turn import Turn, stamp
from repairdesk.domain import effects, finance, household
from repairdesk.domain.finance import BILL, HandedOver, Posting
from repairdesk.domain.money import yuan
from repairdesk.domain.order import Order
from repairdesk.domain.record import NamedTuple
from repairdesk.domain.times import iso_utc, local_iso
from repairdesk.errors import N_, Damaged
from repairdesk.ledger.journal import Reader

Doc = dict[str, Any]


class _Posted(NamedTuple):
    """A posting, its place among those of its order (from 1), and the order."""

    order: Order
    n: int
    posting: Posting


def of(turn: Turn, month: str, signing: datetime | None = None) -> Doc:
    """The month as the contract has it, reconciled; ``signing`` is when finance is about to sign for it.

    Raises:
        Damaged: the tables, the bills or what was signed for do not agree with the journal.
    """
    signed = finance.fold(turn.ledger.entries(f"month:{month}"))
    found = _journal(turn, month)
    posted = sorted((one for one in found if one.posting.month == month), key=_by_place)
    _check_table(turn, month, posted)
    posted = sorted(_settled_in(turn, posted), key=_by_place)
    households = [
        _household(turn, place, list(those), signed.at if signed else signing)
        for place, those in groupby(posted, key=lambda one: one.posting.place)
    ]
    households = [one for one in households if one["orders"]]
    bills = [one for one in posted if one.posting.kind == BILL]
    billed = sum(one.posting.chargeable for one in bills)
    doc = {
        "month": month,
        "orders": len({order["number"] for one in households for order in one["orders"]}),
        "total": yuan(sum(one.posting.amount for one in posted)),
        "households": households,
        "billed": billed,
        "free": len(bills) - billed,
        "corrections": _corrections(turn, posted),
        "handed_over": handed_over(signed, turn.rules.zone) if signed else None,
    }
    return {**doc, "reconciled": _reconciled(turn, doc, found, posted)}


def holds(turn: Turn, month: str) -> bool:
    """Whether anything was posted to the month, by the journal alone."""
    return any(one.posting.month == month for one in _journal(turn, month))


def names_at(ledger: Reader, place: str | None, until: datetime | None = None) -> list[str]:
    """Who lives at a place, where the register knows; ``until``: as it knew then."""
    doc = ledger.household_at(place) if place else None
    if doc is None:
        return []
    entries = ledger.entries(household.STREAM + doc["id"]) if until else []
    then = household.fold(entry for entry in entries if until and entry.occurred_at <= until)
    return list(then.names if then else [] if until else doc["names"])


def fen_of(text: str) -> int:
    """The fen of an amount as documents write it: always two decimals, negative too, and a month may be any sum."""
    return int(text.replace(".", ""))


def summed(amounts: Iterable[str]) -> str:
    """Amounts as documents write them, added up."""
    return yuan(sum(fen_of(amount) for amount in amounts))


# --- from the journal


def _journal(turn: Turn, month: str) -> list[_Posted]:
    """Every posting of every order that the journal or the table connects with the month."""
    zone, ledger = turn.rules.zone, turn.ledger
    since, before = (stamp(finance.begins(one, zone)) for one in (month, finance.following(month)))
    numbers = {row["number"] for row in ledger.postings(month)} | ledger.posting_entries(month, since, before)
    folded = [effects.fold(ledger.entries(number)) for number in sorted(numbers)]
    return [
        _Posted(order, n, posting)
        for order in folded
        if order is not None
        for n, posting in enumerate(order.postings, 1)
    ]


def _by_place(one: _Posted) -> tuple[str, str, int]:
    return one.posting.place or "", one.order.number, one.n


_COLUMNS = ("number", "n", "month", "kind", "place", "amount", "chargeable", "at", "of", "reason")


def _check_table(turn: Turn, month: str, posted: Sequence[_Posted]) -> None:
    """The table of postings says the same of the month, row by row.

    Raises:
        Damaged: it does not.
    """
    stored = sorted(tuple(row[name] for name in _COLUMNS) for row in turn.ledger.postings(month))
    if stored != sorted(map(_row, posted)):
        raise Damaged(N_("{month}: what is posted is not what the entries say; run verify"), rule="FEE-10", month=month)


def _row(one: _Posted) -> tuple[Any, ...]:
    p = one.posting
    return (
        one.order.number, one.n, p.month, p.kind, p.place, p.amount, int(p.chargeable), iso_utc(p.at), p.of, p.reason
    )  # fmt: skip


def _settled_in(turn: Turn, posted: Iterable[_Posted]) -> Iterator[_Posted]:
    """With the place for what stands in for one, for as long as anything that is kept names it: a household's bills
    stay together when some of them were purged (RET-3)."""
    for one in posted:
        place = turn.ledger.place_of(one.posting.place) if one.order.purged else None
        yield one._replace(posting=one.posting._replace(place=place)) if place else one


# --- the document


def _household(turn: Turn, place: str | None, those: Sequence[_Posted], until: datetime | None) -> Doc:
    """What one household has in the month, named as it was known then; free orders are counted, not listed."""
    listed = list(filter(None, (_order(turn, list(of)) for _, of in groupby(those, key=lambda one: one.order.number))))
    return {
        "place": place,
        # Whoever moves in later owes nothing of it.
        "names": names_at(turn.ledger, place, until),
        "orders": listed,
        "total": summed(order["total"] for order in listed),
    }


def _order(turn: Turn, those: Sequence[_Posted]) -> Doc | None:
    """An order in the month; None where nothing of it was ever to be paid.

    ``bill`` is what it came to with this month and all before; ``received`` and ``invoice`` are as of now.
    """
    if not any(one.posting.chargeable or one.posting.amount for one in those):
        return None
    order, last = those[-1].order, those[-1]
    assert order.archived_at is not None
    return {
        "number": order.number,
        "total": yuan(sum(one.posting.amount for one in those)),
        "archived_at": local_iso(order.archived_at, turn.rules.zone),
        "postings": [
            {"kind": one.posting.kind, "amount": yuan(one.posting.amount), "of": one.posting.of} for one in those
        ],
        "bill": yuan(sum(posting.amount for posting in order.postings[: last.n])),
        "received": yuan(order.received),
        "invoice": order.invoice,
    }


def _corrections(turn: Turn, posted: Iterable[_Posted]) -> list[Doc]:
    """What a reader has to know: which bill of which month was corrected here, and why."""
    return [
        {
            "number": one.order.number, "place": one.posting.place, "kind": one.posting.kind,
            "amount": yuan(one.posting.amount), "of": one.posting.of,
            "at": local_iso(one.posting.at, turn.rules.zone), "reason": one.posting.reason,
        }
        for one in posted
        if one.posting.kind != BILL
    ]  # fmt: skip


def handed_over(signed: HandedOver, zone: tzinfo) -> Doc:
    """That finance signed for a month, in local times and yuan (FEE-7)."""
    return {
        "at": local_iso(signed.at, zone), "by": signed.by, "late": signed.late,
        "due_at": local_iso(signed.due_at, zone), "in_time": signed.in_time,
        "orders": signed.orders, "total": yuan(signed.total),
    }  # fmt: skip


# --- reconciled


def _reconciled(turn: Turn, doc: Mapping[str, Any], found: Iterable[_Posted], posted: Sequence[_Posted]) -> Doc:
    """The month, added up by other ways than it was made; what differs is damage, not a remark (FEE-10).

    Sum of the lines = bill, sum of an order's postings = bill, sum of the households = month = what was signed for,
    and as many bills as orders with one were filed.

    Raises:
        Damaged: a sum or a count differs.
    """
    month, zone = doc["month"], turn.rules.zone
    known = {one.order.number: one.order for one in found}
    here = sorted({one.order.number for one in posted})
    lines = sum(_check_bill(known[number]) for number in here)
    total = summed(one["total"] for one in doc["households"])
    if total != doc["total"]:
        raise _differs(month, total, doc["total"])
    signed = doc["handed_over"]
    if signed and (signed["total"], signed["orders"]) != (doc["total"], doc["orders"]):
        raise _differs(month, doc["total"], signed["total"])
    filed = sum(1 for order in known.values() if _filed_in(order, month, zone))
    inside = sum(1 for one in posted if one.posting.kind == BILL and _filed_in(one.order, month, zone))
    bills = doc["billed"] + doc["free"]
    return {
        "bills": len(here), "lines": lines, "filed": filed, "from_earlier": bills - inside, "to_later": filed - inside,
    }  # fmt: skip


def _filed_in(order: Order, month: str, zone: Any) -> bool:
    return order.archived_at is not None and finance.month_of(order.archived_at, zone) == month


def _check_bill(order: Order) -> int:
    """How many lines the bill has; each bill is the sum of its lines, and the postings come to the last one."""
    assert order.bill is not None
    for bill in (*order.reversed_bills, order.bill):
        amounts = sum(line["amount"] for line in bill["lines"])
        if amounts != bill["total"]:
            raise _differs(order.number, yuan(amounts), yuan(bill["total"]))
    posted = sum(posting.amount for posting in order.postings)
    if posted != order.bill["total"]:
        raise _differs(order.number, yuan(posted), yuan(order.bill["total"]))
    return len(order.bill["lines"])


def _differs(what: str, one: str, other: str) -> Damaged:
    return Damaged(N_("{what} does not add up: {one} against {other}; run verify"), rule="FEE-10", what=what, one=one,
                   other=other)  # fmt: skip
