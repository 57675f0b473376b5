"""Who lives where: the register that finance bills by and that intake shows.

A household is kept under a number of its own, so that the head of no entry holds a place; place, names and phones are
in the body alone, which a purge can take (RET-3).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from repairdesk.domain.entry import Entry
from repairdesk.domain.record import NamedTuple

STREAM = "household:"
"""What the number of a household's entries begins with: ``household:000017``."""


class Household(NamedTuple):
    """The people of one place; ``since`` is the day (``YYYY-MM-DD``) from which they live there, None if unknown."""

    id: str
    place: str
    names: tuple[str, ...]
    phones: tuple[str, ...] = ()
    since: str | None = None


def fold(entries: Iterable[Entry]) -> Household | None:
    """A household as its entries leave it: the last one says all."""
    household: Household | None = None
    for entry in entries:
        data = entry.data
        if entry.event == "household":
            household = Household(data["id"], data["place"], tuple(data["names"]), tuple(data["phones"]), data["since"])
    return household


def to_doc(household: Household) -> Mapping[str, Any]:
    """A household as the projection keeps it."""
    return {
        "id": household.id,
        "place": household.place,
        "names": list(household.names),
        "phones": list(household.phones),
        "since": household.since,
    }
