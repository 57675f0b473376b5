"""An entry of the journal: what happened, on what, by whom, when, and when it was written down (REC-2)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from repairdesk.domain.record import NamedTuple


class Entry(NamedTuple):
    """One line of the ledger, in pen (REC-1).

    ``number`` is what it belongs to: an order, or a stream of the desk such as ``staff:W1``; ``version`` counts the
    entries of that number from 1. ``actor`` did it, ``keyboard`` typed it. ``late`` is fixed when it is written:
    more than the policy's 15 minutes after it happened. ``data`` is plain JSON: times as ISO 8601 in UTC, money as
    whole fen, quantities as strings.
    """

    seq: int
    number: str
    version: int
    event: str
    actor: str
    keyboard: str
    occurred_at: datetime
    recorded_at: datetime
    late: bool
    data: Mapping[str, Any]
