"""Finance and its months: asked for, handed over, and what is not paid yet (FEE-7, RPT-6)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from repairdesk.desk import statement
from repairdesk.desk.base import Base
from repairdesk.desk.heads import head_of
from repairdesk.desk.turn import Answer, By, Turn, stamp, told
from repairdesk.domain import finance, lifecycle
from repairdesk.domain.finance import HandedOver
from repairdesk.domain.money import yuan
from repairdesk.domain.times import from_iso, local_iso
from repairdesk.errors import N_, Damaged, NotAllowed

Doc = dict[str, Any]


class Reckoning(Base):
    """What finance asks of the desk."""

    def finance_month(self, by: By, month: str | None = None) -> Answer:
        """The month per household and order, reconciled with the ledger to the fen; by default this month.

        Raises:
            UsageError: it is no month. Damaged: the ledger does not agree with itself.
        """
        named = finance.parse_month(month) if month is not None else None
        with self.look(by) as turn, sound():
            doc = statement.of(turn, named or finance.month_of(turn.at, turn.rules.zone))
            return Answer({**doc, "head": head_of(turn)}, turn.remarks)

    def hand_over(self, by: By, month: str | None = None) -> Answer:
        """Finance signs for a month, by default the first that is due; from then on it is locked (FEE-7).

        Raises:
            NotPermitted: who is not finance. NotAllowed: the month runs, is handed over already, or an earlier one
            is not.
        """
        said = finance.parse_month(month) if month is not None else None
        with self.turn(by) as turn:
            attempt = turn.attempt("hand-over", {})
            lifecycle.check_role("hand-over", None, attempt)
            lifecycle.check_time(None, attempt)
            with sound():
                named = said or _first_due(turn)
                _can_be_handed_over(turn, named)
                doc = statement.of(turn, named, signing=turn.at)
            signed = _lock(turn, named, doc)
            docs, _ = turn.ledger.orders({"states": ["closed"]}, None)
            closed = sum(doc["bill"] is not None and not doc["bill"].get("imported") for doc in docs)
            if closed:
                turn.remark(
                    N_("{count} checked orders are not filed yet (archive --all): their bills fall into a later month"),
                    count=closed,
                )
            kept = {"handed_over": statement.handed_over(signed, turn.rules.zone), "head": head_of(turn)}
            return Answer({**doc, **kept}, turn.remarks)

    def arrears(self, by: By, place: str | None = None) -> Answer:
        """The bills of filed orders that are not paid, or of which more was received than they come to."""
        from repairdesk.domain.intake import canonical_place

        if place is not None:
            told(place=place)
        with self.look(by) as turn, sound():
            zone = turn.rules.zone
            wanted = canonical_place(place, turn.rules.policies) if place is not None else None
            owing = [
                {
                    "number": row["number"],
                    "place": row["place"],
                    "names": statement.names_at(turn.ledger, row["place"]),
                    "archived_at": local_iso(from_iso(row["archived_at"]), zone),
                    "total": yuan(row["total"]),
                    "received": yuan(row["received"]),
                    "open": yuan(row["total"] - row["received"]),
                    "invoice": row["invoice"],
                }
                for row in turn.ledger.arrears(wanted)
            ]
            return Answer({"arrears": owing, "total": statement.summed(one["open"] for one in owing)}, turn.remarks)


def hand_over_due(turn: Turn) -> list[Doc]:
    """The months that are over and not handed over yet, each an obligation of finance with its time (FEE-7)."""
    zone, ledger = turn.rules.zone, turn.ledger
    last, this = ledger.last_handed_over() or "", finance.month_of(turn.at, zone)
    days = turn.rules.policies.finance.hand_over_day
    owed = []
    for month in ledger.posted_months():
        if last < month < this:
            with sound():
                due = finance.due(month, days, zone)
            state = "open" if turn.at <= due else "missed"
            owed.append({"month": month, "name": "hand-over", "rule": "FEE-7", "owner": "finance",
                         "due_at": local_iso(due, zone), "state": state})  # fmt: skip
    return owed


@contextmanager
def sound() -> Iterator[None]:
    """What was stored was whole when it was: a value that cannot be one is damage, not a mistake of the program.

    Raises:
        Damaged: something stored cannot be understood.
    """
    try:
        yield
    except (LookupError, TypeError, ValueError, AttributeError, AssertionError) as error:
        raise Damaged(N_("the ledger holds a record that cannot be read: run verify")) from error


def _first_due(turn: Turn) -> str:
    """The month that is to be handed over next.

    Raises:
        NotAllowed: none is.
    """
    owed = hand_over_due(turn)
    if not owed:
        raise NotAllowed(N_("no month waits to be handed over"), rule="FEE-7")
    return str(owed[0]["month"])


def _before(turn: Turn, month: str, last: str | None) -> Iterator[str]:
    """The months before this one that hold something and were not handed over, by the table or by the journal."""
    zone, first = turn.rules.zone, turn.ledger.first_posting()
    if first is None:
        return
    told = set(turn.ledger.posted_months())
    one = finance.following(last) if last else finance.month_of(from_iso(first), zone)
    while one < month:
        if one in told or statement.holds(turn, one):
            yield one
        one = finance.following(one)


def _can_be_handed_over(turn: Turn, month: str) -> None:
    zone, last = turn.rules.zone, turn.ledger.last_handed_over()
    if turn.at < finance.begins(finance.following(month), zone):
        raise NotAllowed(N_("{month} is not over yet: orders are still filed in it"), rule="FEE-7", month=month)
    if last is not None and month <= last:
        raise NotAllowed(N_("{month} is handed over already"), rule="FEE-7", month=month)
    earlier = list(_before(turn, month, last))
    if earlier:
        raise NotAllowed(N_("hand the earlier months over first: {months}"), rule="FEE-7", months=earlier)


def _lock(turn: Turn, month: str, doc: Mapping[str, Any]) -> HandedOver:
    due = finance.due(month, turn.rules.policies.finance.hand_over_day, turn.rules.zone)
    data = {"month": month, "due_at": stamp(due), "orders": doc["orders"], "total": statement.fen_of(doc["total"])}
    number = f"month:{month}"
    turn.append(number, "hand-over", data, turn.at)
    signed = finance.fold(turn.writer.entries(number))
    assert signed is not None
    if not signed.in_time:
        turn.remark(N_("{month} was due by {due}"), month=month, due=signed.due_at)
    return signed
