"""Open letters: one letter answers many complaints about the same thing (CAL-6)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from repairdesk.desk.base import Base
from repairdesk.desk.turn import Answer, By, present, resolve, stamp, told

STREAM = "letter:"
"""What the name of a letter's stream begins with; its number follows."""


class Letters(Base):
    """What the desk writes to more than one."""

    def callback_letter(self, by: By, numbers: Sequence[str], *, text: str, note: str | None = None) -> Answer:
        """Put an open letter on record, once, and with each complaint that it answers; all of them or none.

        The letter has a stream of its own (``letter:3``) with its text and the numbers; each order's callback names it.
        """
        told(text=text)
        with self.turn(by) as turn:
            named = list(dict.fromkeys(resolve(turn.ledger, number) for number in numbers))
            for number in named:
                turn.load(number)
                turn.permit("callback", method="letter", letter=True)
            letter = str(turn.ledger.next_letter())
            said: dict[str, Any] = {
                "at": stamp(turn.at), "outcome": None, "method": "letter", "signed_by": None,
                "note": (note or "").strip() or None, "next": None, "role": turn.actor.role, "letter": letter,
                "text": text.strip(),
            }  # fmt: skip
            turn.append(f"{STREAM}{letter}", "letter", {"id": letter, "text": text.strip(), "numbers": named}, turn.at)
            docs = []
            for number in named:
                turn.load(number)
                docs.append(present(turn.record("callback", said), turn.rules, turn.now))
            made = docs[0]["callbacks"][-1] if docs else {"at": None}
            doc = {"letter": {"id": letter, "at": made["at"], "by": turn.actor.id, "text": text.strip()}}
            return Answer({**doc, "orders": docs}, turn.remarks)
