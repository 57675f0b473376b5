"""Calling residents back: what was said goes on record, and meets what was owed (FIN-2, INT-6)."""

from __future__ import annotations

from datetime import datetime

from repairdesk.desk.base import Base
from repairdesk.desk.turn import Answer, By, When, present, stamp
from repairdesk.domain.vocabulary import CALL_METHODS, CALL_OUTCOMES
from repairdesk.errors import N_, NotAllowed, UsageError


class Ringing(Base):
    """The desk's calls to those whose repair is uncertain."""

    def callback(
        self, by: By, number: str, *, outcome: str, method: str, signed_by: str | None = None, note: str | None = None,
        next_at: When = None,
    ) -> Answer:  # fmt: skip
        """Record a call, a visit or a letter. Answers with ``callback`` and ``order``.

        A visit carries the resident's signature (CAL-4); after a dissatisfied answer the next call has a time (CAL-5).
        Who could not be reached has not been called.
        """
        for name, value, known in (("outcome", outcome, CALL_OUTCOMES), ("method", method, CALL_METHODS)):
            if value not in known:
                raise UsageError(
                    N_("“{value}” is no {field}; choose: {known}"),
                    rule="CAL-5", value=value, field=name, known=list(known),
                )  # fmt: skip
        signer = (signed_by or "").strip() or None
        if method == "visit" and outcome != "unreached" and signer is None:
            raise UsageError(N_("a visit carries the resident's signature: say --signed-by"), rule="CAL-4")
        with self.turn(by) as turn:
            again = turn.time(next_at)
            order = turn.load(number)
            turn.permit("callback")
            _check_next(outcome, again, turn.at)
            said = {
                "at": stamp(turn.at), "outcome": outcome, "method": method, "signed_by": signer,
                "note": (note or "").strip() or None, "next": stamp(again) if again else None,
            }  # fmt: skip
            order = turn.record("callback", said)
            doc = present(order, turn.rules, turn.now)
            return Answer({"callback": doc["callbacks"][-1], "order": doc}, turn.remarks)


def _check_next(outcome: str, again: datetime | None, at: datetime) -> None:
    """After a dissatisfied answer there is a next call, and it lies ahead (CAL-5).

    Raises:
        UsageError: no time is named. NotAllowed: it is past.
    """
    if outcome == "dissatisfied" and again is None:
        raise UsageError(N_("a dissatisfied resident is called again: say when with --next"), rule="CAL-5")
    if again is not None and again <= at:
        raise NotAllowed(N_("the next call lies ahead"), rule="CAL-5")
