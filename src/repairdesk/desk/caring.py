"""What is done beside the work: why it waits is explained, and finished repairs are looked at again (VIS-10, CAL-8)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from repairdesk.desk.base import Base
from repairdesk.desk.turn import Answer, By, Turn, When, stamp, told
from repairdesk.domain.shape import shown
from repairdesk.domain.vocabulary import RECHECKS
from repairdesk.errors import N_, UsageError


class Caring(Base):
    """The supervisor's word to the resident, and the round on the day after."""

    def explain(self, by: By, number: str, *, reason: str, expected: When, to: str | None = None) -> Answer:
        """The resident is told why it waits or takes long, and when it is expected to go on (VIS-10, LY 5·4.4).

        ``to`` is who was told, by default the caller.
        """
        told(reason=reason)
        with self.turn(by) as turn:
            when = turn.time(expected)
            assert when is not None
            order = turn.load(number)
            turn.permit("explain", expected=when)
            said = {"at": stamp(turn.at), "reason": reason.strip(), "expected": stamp(when)}
            heard = (to or "").strip() or order.caller
            turn.record("explain", {**said, "to": heard, "role": turn.actor.role})
            return turn.answer()

    def recheck(self, by: By, number: str, *, outcome: str, note: str | None = None) -> Answer:
        """How a finished repair looks when somebody comes by again: ``ok``, or ``again`` with what is wrong (CAL-8)."""
        if outcome not in RECHECKS:
            raise UsageError(
                N_("“{value}” is no {field}; choose: {known}"),
                rule="CAL-8", value=outcome, field="result", known=list(RECHECKS),
            )  # fmt: skip
        if outcome == "again":
            told(note=note)
        with self.turn(by) as turn:
            turn.load(number)
            turn.permit("recheck")
            order = turn.record(
                "recheck", {"at": stamp(turn.at), "outcome": outcome, "note": (note or "").strip() or None}
            )
            if outcome == "again":
                turn.remark(N_("it wants work again: intake --follows {number}"), number=order.number)
            return turn.answer()

    def recheck_due(self, by: By) -> Answer:
        """The repairs that were finished yesterday and that nobody has looked at since, the first finished first."""
        with self.look(by) as turn:
            since, before = _yesterday(turn)
            docs = turn.ledger.not_rechecked(stamp(since), stamp(before))
            rows: list[dict[str, Any]] = [shown(doc, turn.at, turn.rules.zone) for doc in docs]
            day = since.astimezone(turn.rules.zone).date().isoformat()
            return Answer({"day": day, "orders": rows}, turn.remarks)


def _yesterday(turn: Turn) -> tuple[datetime, datetime]:
    """The day before, in the desk's zone: from its first instant until that of today."""
    today = turn.at.astimezone(turn.rules.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    return today - timedelta(days=1), today
