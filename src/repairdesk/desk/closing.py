"""From the signature to the file: sign, close, archive (FIN-3 … FIN-7, COO-5)."""

from __future__ import annotations

from collections.abc import Sequence

from repairdesk.desk.base import Base
from repairdesk.desk.turn import Answer, By, Turn, fetch, resolve, told
from repairdesk.desk.verdicts import is_settled
from repairdesk.domain.finance import month_of, open_month
from repairdesk.domain.lifecycle import check_role
from repairdesk.domain.vocabulary import RATINGS, SATISFIED
from repairdesk.errors import N_, DeskError, NotPermitted, UsageError


class Closing(Base):
    """The resident, the shift leader and the customer centre."""

    def sign(self, by: By, number: str, *, signer: str, rating: str, invoice: str | None = None) -> Answer:
        """The resident (in public areas the department concerned, FIN-7) accepts the work, rates it and signs.

        ``invoice`` is whom an invoice is asked for (FEE-7).
        """
        told(by=signer)
        if rating not in RATINGS:
            raise UsageError(
                N_("“{value}” is no {field}; choose: {known}"),
                rule="FIN-3", value=rating, field="rating", known=list(RATINGS),
            )  # fmt: skip
        with self.turn(by) as turn:
            turn.load(number)
            turn.permit("sign", by=signer, rating=rating)
            turn.record("sign", {"by": signer, "rating": rating, "invoice": (invoice or "").strip() or None})
            if rating not in SATISFIED:
                turn.remark(N_("supervisor and manager hear the technician about this rating"))
            return turn.answer()

    def sign_unsigned(self, by: By, number: str, *, reason: str) -> Answer:
        """Nobody is forced to sign: the leader verifies the work and records why there is no signature (FIN-3)."""
        told(reason=reason)
        with self.turn(by) as turn:
            turn.load(number)
            turn.permit("sign", unsigned=True, reason=reason)
            turn.record("sign", {"unsigned_reason": reason})
            return turn.answer()

    def close(self, by: By, number: str) -> Answer:
        """The slip is back and right; checked by someone who did not do the work (FIN-5)."""
        with self.turn(by) as turn:
            order = turn.load(number)
            origin = fetch(turn.ledger, order.converted_from) if order.converted_from else None
            turn.permit("close", out=origin.out if origin else ())
            turn.record("close", {})
            return turn.answer()

    def archive(self, by: By, number: str) -> Answer:
        """File one order."""
        with self.turn(by) as turn:
            _file(turn, number)
            return turn.answer()

    def archive_many(self, by: By, numbers: Sequence[str] = (), *, everything: bool = False) -> list[Answer]:
        """File several orders, all of them or none; ``everything`` files what can be filed and remarks on the rest."""
        filed: list[Answer] = []
        with self.turn(by) as turn:
            if everything:
                _may_file(turn)
                docs, _ = turn.ledger.orders({"states": ["closed"]}, None)
                # What was over in another system was filed there; by its own number it can be filed here as well.
                numbers = [doc["number"] for doc in reversed(docs) if doc["ended_at"] is None]
            numbers = [resolve(turn.ledger, number) for number in numbers]
            for number in numbers:
                try:
                    _file(turn, number)
                except DeskError as refusal:
                    if not everything:
                        raise
                    turn.remark(N_("{number} stays: {why}"), number=number, why=refusal)
                    continue
                filed.append(Answer(turn.answer().doc, []))
            if filed:
                filed[0].remarks.extend(turn.remarks)
            elif turn.remarks:
                filed.append(Answer({}, turn.remarks))
        return filed


def _may_file(turn: Turn) -> None:
    """Whether this person may file at all; of what they may not file, ``--all`` only remarks.

    Raises:
        NotPermitted: neither orders nor coordination orders.
    """
    try:
        check_role("archive", None, turn.attempt("archive", {}))
    except NotPermitted:
        check_role("archive-coordination", None, turn.attempt("archive", {}))


def _file(turn: Turn, number: str) -> None:
    order = turn.load(number)
    turn.permit("archive", settled=order.rating == "dissatisfied" and is_settled(turn, order))
    data = {"month": billing_month(turn)} if order.billed is not None else {}
    turn.record("archive", data)


def billing_month(turn: Turn) -> str:
    """The month that what happens now belongs to: this one, or the first that is not handed over yet (FEE-7)."""
    return open_month(month_of(turn.at, turn.rules.zone), turn.ledger.last_handed_over())
