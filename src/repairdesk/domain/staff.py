"""The people of the desk: who they are, what they can do, and when they are on duty."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from repairdesk.domain.entry import Entry
from repairdesk.domain.record import NamedTuple
from repairdesk.domain.times import from_iso, iso_utc

SYSTEM = "system"
"""The actor of what the program does by itself; its entries do not bind the order of time (REC-2)."""

FIELD_ROLES = ("technician", "contractor")
"""The roles that go out; a contractor is a technician of another company."""


class Person(NamedTuple):
    """Somebody who does things. Without a staff record the id is ``os:<user>`` and the role None."""

    id: str
    name: str
    role: str | None
    trades: tuple[str, ...] = ()
    os_user: str | None = None
    retired: bool = False
    duty: tuple[tuple[datetime, datetime], ...] = ()

    @property
    def goes_out(self) -> bool:
        """Whether orders can be assigned to this person."""
        return self.role in FIELD_ROLES and not self.retired

    def on_duty(self, at: datetime) -> bool:
        """Whether the roster has this person on duty at ``at``; half-open spans (INT-8)."""
        return any(start <= at < end for start, end in self.duty)


def fold(entries: Iterable[Entry]) -> Person | None:
    """A person's record as the entries leave it."""
    person: Person | None = None
    for entry in entries:
        data = entry.data
        if entry.event == "staff-add":
            kept = person.duty if person else ()
            person = Person(data["id"], data["name"], data["role"], tuple(data["trades"]), data["os_user"], False, kept)
        elif person and entry.event == "staff-retire":
            person = person._replace(retired=True)
        elif person and entry.event == "staff-duty":
            span = (from_iso(data["from"]), from_iso(data["to"]))
            person = person._replace(duty=(*person.duty, span))
    return person


def to_doc(person: Person) -> Mapping[str, Any]:
    """The record as the projection and the answers have it."""
    return {
        "id": person.id,
        "name": person.name,
        "role": person.role,
        "trades": list(person.trades),
        "os_user": person.os_user,
        "retired": person.retired,
        "duty": [{"from": iso_utc(start), "to": iso_utc(end)} for start, end in person.duty],
    }
