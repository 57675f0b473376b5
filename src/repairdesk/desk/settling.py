"""After the bill: it is corrected, paid, and paid back (FEE-7, FEE-8)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from repairdesk.desk.base import Base
from repairdesk.desk.reporting import correction_month
from repairdesk.desk.slip import Slip
from repairdesk.desk.turn import Answer, By, Turn, resolve, told
from repairdesk.domain import lifecycle
from repairdesk.domain.money import fen, yuan
from repairdesk.domain.order import Order
from repairdesk.domain.record import NamedTuple
from repairdesk.errors import N_, NotAllowed, UsageError


class Paying(NamedTuple):
    """What finance records of money, as typed; without an ``amount`` everything that is open."""

    amount: str | None = None
    method: str | None = None
    invoice: str | None = None
    refund: bool = False
    reason: str | None = None


class Settling(Base):
    """What becomes of a bill."""

    def rebill(self, by: By, number: str, slip: Slip, *, reason: str) -> Answer:
        """Reverse a frozen bill and put another in its place; both stay on record (FEE-8).

        Raises:
            NotFound, UsageError: as ``finish``. NotPermitted: the role, or who approves a reduction, may not (FEE-6).
            NotAllowed: there is no bill, it would say the same, or exceeds the consent (QUO-4).
        """
        told(reason=reason)
        from repairdesk.desk import billing

        with self.turn(by) as turn:
            billing.understand(turn, slip)
            order = turn.load(number)
            if order.bill is not None and order.bill.get("imported"):
                lifecycle.check_role("rebill", order, turn.attempt("rebill", {}))
                message = N_("the bill of {number} is another system's: it is corrected there")
                raise NotAllowed(message, rule="FEE-8", number=order.number)
            made = billing.anew(turn, order, slip)
            turn.permit("rebill", same=billing.same(order, made), **made.attempt)
            if made.approver is not None:
                turn.agreed("reduce", made.approver)
            month = {"month": correction_month(turn, order)} if order.postings else {}
            turn.record("rebill", {"bill": made.as_json, "reason": reason, **month})
            _remark_correction(turn, order)
            return turn.answer()

    def pay(self, by: By, numbers: Sequence[str], paying: Paying) -> Answer:
        """Record what was received, all of it or in part; one receipt for all the orders (FEE-7).

        Of one order the answer is the order; of several the receipt, the amount and the orders.

        Raises:
            UsageError: the amount or the method cannot be read. NotFound: no such order; then nothing is recorded.
            NotPermitted: who does not collect. NotAllowed: there is no bill, or more than is open.
        """
        amount = fen(paying.amount) if paying.amount is not None else None
        if paying.refund:
            told(amount=paying.amount, reason=paying.reason)
            if len(numbers) > 1:
                raise UsageError(N_("money is paid back for one order at a time"), rule="FEE-7")
        with self.turn(by) as turn:
            _check_method(turn, paying.method)
            # All are found before anything is asked about any of them (11 before 12 and 10).
            numbers = [resolve(turn.ledger, number) for number in numbers]
            receipt = _receipt(turn)
            invoice = (paying.invoice or "").strip() or None
            said = {"receipt": receipt, "reason": paying.reason, "invoice": invoice}
            answers, paid = [], 0
            for share in _shares(turn, numbers, amount):
                event = "refund" if paying.refund else "pay"
                turn.permit(event, amount=share)
                method = paying.method or _usual_method(turn, refund=paying.refund)
                turn.record(event, {"amount": share, "method": method, **said})
                paid += share
                answers.append(turn.answer())
            if len(answers) == 1:
                return Answer(answers[0].doc, turn.remarks)
            docs = [answer.doc for answer in answers]
            return Answer({"receipt": receipt, "amount": yuan(paid), "method": method, "orders": docs}, turn.remarks)


def _usual_method(turn: Turn, *, refund: bool) -> str:
    """Where nobody says how: the policy's first way, and back the way it came."""
    payments = turn.order.payments
    return payments[-1].method if refund and payments else turn.rules.policies.finance.methods[0]


def _check_method(turn: Turn, said: str | None) -> None:
    known = turn.rules.policies.finance.methods
    if said is not None and said not in known:
        raise UsageError(
            N_("“{value}” is no {field}; choose: {known}"), rule="FEE-7", value=said, field="--method",
            known=list(known),
        )  # fmt: skip


def _receipt(turn: Turn) -> str:
    """The next number of the day on which it was received: ``R20261122-0001``."""
    letter, day = turn.rules.policies.numbering["receipt"], turn.at.astimezone(turn.rules.zone)
    prefix = f"{turn.ledger.prefix}{letter}{day:%Y%m%d}"
    return f"{prefix}-{turn.ledger.next_receipt(prefix):04}"


def _shares(turn: Turn, numbers: Sequence[str], amount: int | None) -> Iterator[int]:
    """The share of each order in the amount: in the order named, each up to what is open on it; loads the order.

    Raises:
        NotAllowed: the amount covers only some of the orders.
    """
    left = amount
    for place, number in enumerate(numbers, 1):
        order = turn.load(number)
        if left is None:
            yield order.open_amount
            continue
        if place > 1 and left == 0:
            raise NotAllowed(N_("nothing of the amount is left for {number}"), rule="FEE-7", number=order.number)
        # The last one takes what is left: too much is refused there.
        share = left if place == len(numbers) else min(left, max(order.open_amount, 0))
        left -= share
        yield share


def _remark_correction(turn: Turn, before: Order) -> None:
    after = turn.order
    if after.postings and after.postings[-1].month != after.postings[0].month:
        turn.remark(
            N_("{month} is handed over: the correction stands in {later} as reversal and replacement"),
            month=after.postings[0].month, later=after.postings[-1].month,
        )  # fmt: skip
    if after.open_amount < 0:
        turn.remark(N_("{amount} more was received than the bill comes to now (pay --refund)"),
                    amount=yuan(-after.open_amount))  # fmt: skip
    if before.state in ("signed", "closed", "archived"):
        turn.remark(N_("the resident signed for {before}; the bill is {after} now"),
                    before=yuan(before.bill["total"] if before.bill else 0),
                    after=yuan(after.bill["total"] if after.bill else 0))  # fmt: skip
