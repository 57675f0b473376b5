"""The month for finance: what each household owes, reconciled with the ledger, and handed over (FEE-7, RPT-6)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from itertools import groupby
from typing import Any

from repairdesk.desk.base import Base
from repairdesk.desk.turn import Answer, By, Turn, stamp
from repairdesk.domain import finance, lifecycle
from repairdesk.domain.finance import BILL, HandedOver
from repairdesk.domain.money import yuan
from repairdesk.domain.times import from_iso, local_iso
from repairdesk.errors import N_, Damaged, NotAllowed
from repairdesk.ledger.journal import Reader

Doc = dict[str, Any]


class Reckoning(Base):
    """What finance asks of the desk."""

    def finance_month(self, by: By, month: str | None = None) -> Answer:
        """The month per household and order, reconciled with the ledger to the fen; by default this month.

        Raises:
            UsageError: it is no month. Damaged: the ledger does not agree with itself.
        """
        named = finance.parse_month(month) if month else None
        with self.look(by) as turn:
            return Answer(_month(turn, named or finance.month_of(turn.at, turn.rules.zone)), turn.remarks)

    def hand_over(self, by: By, month: str | None = None) -> Answer:
        """Finance signs for a month, by default the first that is due; from then on it is locked (FEE-7).

        Raises:
            NotPermitted: who is not finance. NotAllowed: the month runs, is handed over already, or an earlier one
            is not.
        """
        said = finance.parse_month(month) if month else None
        with self.turn(by) as turn:
            attempt = turn.attempt("hand-over", {})
            lifecycle.check_role("hand-over", None, attempt)
            lifecycle.check_time(None, attempt)
            named = said or _first_due(turn)
            _can_be_handed_over(turn, named)
            _lock(turn, named, _month(turn, named))
            closed = turn.ledger.counts().get("closed", 0)
            if closed:
                turn.remark(
                    N_("{count} checked orders are not filed yet (archive --all): their bills fall into a later month"),
                    count=closed,
                )
            return Answer(_month(turn, named), turn.remarks)

    def arrears(self, by: By, place: str | None = None) -> Answer:
        """The bills of filed orders that are not paid, or of which more was received than they come to."""
        from repairdesk.domain.intake import canonical_place

        with self.look(by) as turn:
            zone = turn.rules.zone
            wanted = canonical_place(place, turn.rules.policies) if place else None
            owing = [
                {
                    "number": row["number"],
                    "place": row["place"],
                    "names": names_at(turn.ledger, row["place"]),
                    "archived_at": local_iso(from_iso(row["archived_at"]), zone),
                    "total": yuan(row["total"]),
                    "received": yuan(row["received"]),
                    "open": yuan(row["total"] - row["received"]),
                    "invoice": row["invoice"],
                }
                for row in turn.ledger.arrears(wanted)
            ]
            return Answer({"arrears": owing, "total": _sum(one["open"] for one in owing)}, turn.remarks)


def hand_over_due(turn: Turn) -> list[Doc]:
    """The months that are over and not handed over yet, each an obligation of finance with its time (FEE-7)."""
    zone, ledger = turn.rules.zone, turn.ledger
    last, this = ledger.last_handed_over() or "", finance.month_of(turn.at, zone)
    days = turn.rules.policies.finance.hand_over_day
    owed = []
    for month in ledger.posted_months():
        if last < month < this:
            due = finance.due(month, days, zone)
            state = "open" if turn.at <= due else "missed"
            owed.append({"month": month, "name": "hand-over", "rule": "FEE-7", "owner": "finance",
                         "due_at": local_iso(due, zone), "state": state})  # fmt: skip
    return owed


def _first_due(turn: Turn) -> str:
    """The month that is to be handed over next.

    Raises:
        NotAllowed: none is.
    """
    owed = hand_over_due(turn)
    if not owed:
        raise NotAllowed(N_("no month waits to be handed over"), rule="FEE-7")
    return str(owed[0]["month"])


def names_at(ledger: Reader, place: str | None) -> list[str]:
    """Who lives at a place, where the register knows."""
    household = ledger.household_at(place) if place else None
    return list(household["names"]) if household else []


def _can_be_handed_over(turn: Turn, month: str) -> None:
    zone, last = turn.rules.zone, turn.ledger.last_handed_over()
    if turn.at < finance.begins(finance.following(month), zone):
        raise NotAllowed(N_("{month} is not over yet: orders are still filed in it"), rule="FEE-7", month=month)
    if last is not None and month <= last:
        raise NotAllowed(N_("{month} is handed over already"), rule="FEE-7", month=month)
    earlier = [one for one in turn.ledger.posted_months() if (last or "") < one < month]
    if earlier:
        raise NotAllowed(N_("hand the earlier months over first: {months}"), rule="FEE-7", months=earlier)


def _lock(turn: Turn, month: str, doc: Mapping[str, Any]) -> None:
    due = finance.due(month, turn.rules.policies.finance.hand_over_day, turn.rules.zone)
    data = {"month": month, "due_at": stamp(due), "orders": doc["orders"], "total": fen_of(doc["total"])}
    turn.books.adopt(turn.writer, turn.actor.id, turn.keyboard, turn.now)
    number = f"month:{month}"
    late = turn.now - turn.at > timedelta(seconds=turn.rules.policies.late_after)
    turn.writer.append(
        number, "hand-over", actor=turn.actor.id, keyboard=turn.keyboard, occurred_at=turn.at, recorded_at=turn.now,
        late=late, data=data,
    )  # fmt: skip
    signed = finance.fold(turn.writer.entries(number))
    assert signed is not None
    turn.writer.store_month(signed)
    if not signed.in_time:
        turn.remark(N_("{month} was due by {due}"), month=month, due=signed.due_at)


def fen_of(text: str) -> int:
    """The fen of an amount as documents write it: always two decimals, negative too, and a month may be any sum."""
    return int(text.replace(".", ""))


def _month(turn: Turn, month: str) -> Doc:
    postings = list(turn.ledger.postings(month))
    households = [
        _household(turn, place, list(rows)) for place, rows in groupby(postings, key=lambda row: row["place"])
    ]
    households = [one for one in households if one["orders"]]
    total = sum(row["amount"] for row in postings)
    bills = [row for row in postings if row["kind"] == BILL]
    billed = sum(row["chargeable"] for row in bills)
    doc = {
        "month": month,
        "orders": len({order["number"] for one in households for order in one["orders"]}),
        "total": yuan(total),
        "households": households,
        "billed": billed,
        "free": len(bills) - billed,
        "corrections": _corrections(turn, postings),
        "handed_over": _handed_over(turn, month),
    }
    return {**doc, "reconciled": _reconciled(turn, month, doc, postings)}


def _household(turn: Turn, place: str | None, rows: Sequence[Mapping[str, Any]]) -> Doc:
    """What one household has in the month; free orders are counted, not listed."""
    orders = [_order(turn, number, list(of)) for number, of in groupby(rows, key=lambda row: row["number"])]
    listed = [order for order in orders if order.pop("listed")]
    return {
        "place": place, "names": names_at(turn.ledger, place), "orders": listed,
        "total": _sum(order["total"] for order in listed),
    }  # fmt: skip


def _order(turn: Turn, number: str, rows: Sequence[Mapping[str, Any]]) -> Doc:
    last = rows[-1]
    return {
        "number": number,
        "total": yuan(sum(row["amount"] for row in rows)),
        "archived_at": local_iso(from_iso(last["archived_at"]), turn.rules.zone),
        "postings": [{"kind": row["kind"], "amount": yuan(row["amount"]), "of": row["of"]} for row in rows],
        "bill": yuan(last["total"]),
        "received": yuan(last["received"]),
        "invoice": last["invoice"],
        "listed": any(row["chargeable"] or row["amount"] for row in rows),
    }


def _corrections(turn: Turn, postings: Iterable[Mapping[str, Any]]) -> list[Doc]:
    """What a reader has to know: which bill of which month was corrected here, and why."""
    return [
        {
            "number": row["number"], "place": row["place"], "kind": row["kind"], "amount": yuan(row["amount"]),
            "of": row["of"], "at": local_iso(from_iso(row["at"]), turn.rules.zone), "reason": row["reason"],
        }
        for row in postings
        if row["kind"] != BILL
    ]  # fmt: skip


def _handed_over(turn: Turn, month: str) -> Doc | None:
    row = next((one for one in turn.ledger.months() if one["month"] == month), None)
    if row is None:
        return None
    at, due = from_iso(row["at"]), from_iso(row["due_at"])
    signed = HandedOver(month, at, row["by"], due, row["orders"], row["total"])
    zone = turn.rules.zone
    return {
        "at": local_iso(at, zone), "by": signed.by, "due_at": local_iso(due, zone), "in_time": signed.in_time,
        "orders": signed.orders, "total": yuan(signed.total),
    }  # fmt: skip


def _reconciled(turn: Turn, month: str, doc: Mapping[str, Any], postings: Sequence[Mapping[str, Any]]) -> Doc:
    """The month, added up by other ways than it was made; what differs is damage, not a remark (FEE-10).

    Sum of the lines = bill, sum of an order's postings = bill, sum of the households = month = what was signed for,
    and as many bills as orders were filed.

    Raises:
        Damaged: a sum or a count differs.
    """
    zone, ledger = turn.rules.zone, turn.ledger
    numbers = sorted({row["number"] for row in postings})
    lines = sum(_check_bill(ledger, number) for number in numbers)
    summed = sum(fen_of(one["total"]) for one in doc["households"])
    if summed != fen_of(doc["total"]):
        raise _differs(month, yuan(summed), doc["total"])
    signed = doc["handed_over"]
    if signed and (signed["total"], signed["orders"]) != (doc["total"], doc["orders"]):
        raise _differs(month, doc["total"], signed["total"])
    since, before = (stamp(finance.begins(one, zone)) for one in (month, finance.following(month)))
    filed, posted = ledger.archived_in(since, before), ledger.bills_posted(since, before)
    if filed != posted:
        raise _differs(month, str(posted), str(filed))
    inside = sum(since <= row["at"] < before for row in postings if row["kind"] == BILL)
    bills = doc["billed"] + doc["free"]
    return {
        "bills": len(numbers), "lines": lines, "filed": filed, "from_earlier": bills - inside,
        "to_later": filed - inside,
    }  # fmt: skip


def _check_bill(ledger: Reader, number: str) -> int:
    """How many lines the bills of an order have; each bill is their sum, and the postings come to the last one."""
    doc = ledger.order_doc(number)
    assert doc is not None
    for bill in (*doc["reversed_bills"], doc["bill"]):
        amounts = sum(fen_of(line["amount"]) for line in bill["lines"])
        if amounts != fen_of(bill["total"]):
            raise _differs(number, yuan(amounts), bill["total"])
    posted = sum(fen_of(posting["amount"]) for posting in doc["postings"])
    if posted != fen_of(doc["bill"]["total"]):
        raise _differs(number, yuan(posted), doc["bill"]["total"])
    return len(doc["bill"]["lines"])


def _differs(what: str, one: str, other: str) -> Damaged:
    return Damaged(N_("{what} does not add up: {one} against {other}; run verify"), rule="FEE-10", what=what, one=one,
                   other=other)  # fmt: skip


def _sum(amounts: Iterable[str]) -> str:
    return yuan(sum(fen_of(amount) for amount in amounts))
