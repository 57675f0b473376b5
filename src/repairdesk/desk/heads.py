"""The head of the ledger that something was made from, with the code that paper shows of it (REC-1)."""

from __future__ import annotations

from typing import Any

from repairdesk.desk.turn import Turn
from repairdesk.ledger.codes import code_of


def head_of(turn: Turn) -> dict[str, Any]:
    """Its seq, and the code by which ``verify --code`` finds it."""
    seq, head = turn.ledger.head()
    return {"seq": seq, "code": code_of(seq, head)}
