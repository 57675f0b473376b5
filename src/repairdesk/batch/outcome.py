"""What became of a file: the answer of ``import``, and its refusals as sentences."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, Any

from repairdesk.desk import Remark
from repairdesk.domain.shape import masked
from repairdesk.domain.times import from_iso, local_iso
from repairdesk.errors import DeskError, Exit

if TYPE_CHECKING:
    from repairdesk.batch.sampling import Sample

Say = Callable[[str, Mapping[str, Any]], str]
"""A message and its values as a sentence in the user's language."""


@dataclass(frozen=True, slots=True)
class Reject:
    """A row that cannot be taken: its number in the spreadsheet, the column and value to blame, and why."""

    row: int
    column: str | None
    value: str | None
    error: DeskError


@dataclass(frozen=True, slots=True)
class Difference:
    """A row of an earlier file that says something else now: the old and the new value by field. It is not taken."""

    row: int
    external_id: str
    number: str
    fields: Mapping[str, tuple[Any, Any]]


@dataclass(slots=True)
class Imported:
    """What became of a file: every row is accepted, already there, rejected or different.

    Where nothing was ``committed``, ``accepted`` counts what would have been taken.
    """

    zone: tzinfo
    rows: int = 0
    accepted: int = 0
    already_there: int = 0
    rejects: list[Reject] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)
    committed: bool = False
    remarks: list[Remark] = field(default_factory=list)
    exit: Exit = Exit.DONE
    sample: Sample | None = None

    def doc(self, say: Say) -> dict[str, Any]:
        """The answer in the shape of the contract; ``say`` puts the reasons into the user's language."""
        return {
            "rows": self.rows,
            "accepted": self.accepted,
            "already_there": self.already_there,
            "rejected": len(self.rejects),
            "rejects": [
                {"row": one.row, "column": one.column, "value": one.value, "why": told(one.error, say, self.zone)}
                for one in self.rejects
            ],
            "differences": [
                {
                    "row": one.row,
                    "external_id": one.external_id,
                    "number": one.number,
                    "fields": {name: [_shown(name, v, self.zone) for v in pair] for name, pair in one.fields.items()},
                }
                for one in self.differences
            ],
            "committed": self.committed,
        }


def told(error: DeskError, say: Say, zone: tzinfo) -> str:
    """Why, with times in the desk's zone."""
    local = {k: v.astimezone(zone) if isinstance(v, datetime) else v for k, v in error.values.items()}
    return say(error.message, local)


def _shown(name: str, value: Any, zone: tzinfo) -> Any:
    """A value of a report as the contract shows it: times with the desk's offset, phones masked."""
    if name == "reported_at":
        return local_iso(from_iso(value), zone)
    if name == "appointment" and value:
        return {end: local_iso(from_iso(text), zone) for end, text in value.items()}
    return masked(value) if name == "phone" and value else value


def plain(message: str, said: Mapping[str, Any]) -> str:
    """English, for callers without a catalogue."""
    return message.format(**{k: ", ".join(map(str, v)) if isinstance(v, (list, tuple)) else v for k, v in said.items()})
