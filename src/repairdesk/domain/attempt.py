"""Somebody tries to do something on an order: what the table and its guards look at."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from repairdesk.domain.policy import Policies
from repairdesk.domain.record import NamedTuple
from repairdesk.domain.staff import Person


class Attempt(NamedTuple):
    """Somebody tries to do something on an order.

    ``at`` is when it happened, ``now`` when it is written down. ``args`` is what was said and what the desk looked up
    for the guards (the bill that would follow, visits that overlap, the second person).
    """

    event: str
    actor: Person
    at: datetime
    now: datetime
    policies: Policies
    args: Mapping[str, Any] = MappingProxyType({})
