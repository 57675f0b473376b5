"""After a low rating: the technician is heard, and what cannot be mended is settled by the manager (FIN-4)."""

from __future__ import annotations

from repairdesk.desk.base import Base
from repairdesk.desk.turn import Answer, By, stamp, told


class Hearing(Base):
    """What supervisor and manager owe when a resident was not satisfied."""

    def hear(self, by: By, number: str, *, said: str) -> Answer:
        """What the technician says about a rating below satisfied: an entry of the supervisor, one of the manager."""
        told(said=said)
        with self.turn(by) as turn:
            turn.load(number)
            turn.permit("hear")
            turn.record("hear", {"at": stamp(turn.at), "role": turn.actor.role, "said": said.strip()})
            return turn.answer()

    def settle(self, by: By, number: str, *, reason: str) -> Answer:
        """The manager records why an order ends though the resident is dissatisfied; it can be filed then."""
        told(reason=reason)
        with self.turn(by) as turn:
            turn.load(number)
            turn.permit("settle")
            turn.record("settle", {"at": stamp(turn.at), "reason": reason.strip()})
            return turn.answer()
