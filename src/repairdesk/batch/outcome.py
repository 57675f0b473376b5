"""What became of a file: the answer of ``import``, and its refusals as sentences."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from functools import partial
from typing import TYPE_CHECKING, Any

from repairdesk.batch.spilling import Spilled, Streamed
from repairdesk.desk import Remark
from repairdesk.domain import masking
from repairdesk.domain.masking import in_cell
from repairdesk.domain.shape import WORDLESS
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
    named: str | None = None

    @property
    def shown(self) -> str | None:
        """The value as it is answered, without phone numbers; ``named`` is the field that it was read as."""
        return seen(self.named, self.value) if self.value else self.value


@dataclass(frozen=True, slots=True)
class Difference:
    """A row of an earlier file that says something else now: the old and the new value by field. It is not taken.

    ``about`` is what else tells what it differs from: whose record, or of what time.
    """

    row: int
    external_id: str | None
    number: str | None
    fields: Mapping[str, tuple[Any, Any]]
    about: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Imported:
    """What became of a file: every row is accepted, already there, rejected or different.

    Where nothing was ``committed``, ``accepted`` counts what would have been taken.

    Attributes:
        dry_run: nothing was meant to be committed.
        queued: the messages that are to be sent at once (INT-7).
    """

    zone: tzinfo
    rows: int = 0
    accepted: int = 0
    already_there: int = 0
    rejects: Spilled[Reject] = field(default_factory=Spilled)
    differences: Spilled[Difference] = field(default_factory=Spilled)
    committed: bool = False
    remarks: list[Remark] = field(default_factory=list)
    exit: Exit = Exit.DONE
    sample: Sample | None = None
    dry_run: bool = False
    queued: tuple[int, ...] = ()

    def doc(self, say: Say, *, streamed: bool = False) -> dict[str, Any]:
        """The answer in the shape of the contract; ``say`` puts the reasons into the user's language.

        Args:
            streamed: rejects and differences are made while they are written: there may be as many as rows.
        """
        rejects, differences = partial(self._rejects, say), self._differences
        return {
            "rows": self.rows,
            "accepted": self.accepted,
            "already_there": self.already_there,
            "rejected": len(self.rejects),
            "rejects": Streamed(len(self.rejects), rejects) if streamed else list(rejects()),
            "differences": Streamed(len(self.differences), differences) if streamed else list(differences()),
            "committed": self.committed,
        }

    def _rejects(self, say: Say) -> Iterator[dict[str, Any]]:
        for one in self.rejects:
            # Row and column say which one it is; the file of rejects has it in full.
            why = in_cell(told(one.error, say, self.zone))
            yield {"row": one.row, "column": one.column, "value": one.shown, "why": why, "rule": one.error.rule}

    def _differences(self) -> Iterator[dict[str, Any]]:
        for one in self.differences:
            fields = {name: [_shown(name, v, self.zone) for v in pair] for name, pair in one.fields.items()}
            own = seen("external_id", one.external_id) if one.external_id else one.external_id
            yield {"row": one.row, "external_id": own, "number": one.number, **one.about, "fields": fields}


PHONES = frozenset({"phone", "phones"})
"""Fields that are shown masked (PRI-1)."""


def told(error: DeskError, say: Say, zone: tzinfo) -> str:
    """Why, with times in the desk's zone."""
    return say(error.message, {name: _local(value, zone) for name, value in error.values.items()})


def _local(value: Any, zone: tzinfo) -> Any:
    """A value with its times in the desk's zone, be it a refusal within a refusal."""
    if isinstance(value, datetime):
        return value.astimezone(zone)
    if isinstance(value, DeskError):
        inner = {name: _local(one, zone) for name, one in value.values.items()}
        return type(value)(value.message, rule=value.rule, extra=value.extra, **inner)
    return value


def _shown(name: str, value: Any, zone: tzinfo) -> Any:
    """A value of a report as the contract shows it: times with the desk's offset, phones masked."""
    if name.endswith("_at") and value:
        return local_iso(from_iso(value), zone)
    if name == "appointment" and isinstance(value, Mapping):
        return {end: local_iso(from_iso(text), zone) for end, text in value.items()}
    if isinstance(value, (list, tuple)):
        return [_shown(name, one, zone) for one in value]
    return seen(name, value) if isinstance(value, str) else value


def seen(name: str | None, text: str) -> str:
    """What stood in a column, as it may be seen; ``name`` is the field that it is, None where that is not known.

    Whoever has the file knows a number by its first and last digits. Days, numbers and sums have to be compared with
    it: of these only what is a phone number by itself is masked.
    """
    cell = in_cell(text)
    if name in PHONES:
        # What a spreadsheet made of a number is none any more, and has to be seen: 1.38001E+10.
        return cell if "E+" in cell else masking.in_words(cell) or cell
    return cell if name is None or name in _COMPARED or name in WORDLESS else masking.in_typed(cell)


_COMPARED = frozenset(("appointment", "external_id"))


def plain(message: str, said: Mapping[str, Any]) -> str:
    """English, for callers without a catalogue."""
    return message.format(**{k: ", ".join(map(str, v)) if isinstance(v, (list, tuple)) else v for k, v in said.items()})
