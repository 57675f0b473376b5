"""A report a row: a new order each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from repairdesk.batch import fields, values
from repairdesk.batch.outcome import Difference
from repairdesk.batch.taking import Became, What, Wish
from repairdesk.batch.values import CellError, Habits
from repairdesk.desk import Remark
from repairdesk.desk.reporting import changed_since, enter, numbers_still_open, understood
from repairdesk.desk.roster import alarm
from repairdesk.desk.turn import Turn
from repairdesk.domain import intake
from repairdesk.domain.vocabulary import GRAVE
from repairdesk.errors import N_, NotAllowed, UsageError

_REMARKS = 20
"""So many duplicates are remarked on one by one; of further ones there is a count."""


class Reports:
    """The taker of reports."""

    def __init__(self, turn: Turn, habits: Habits, wish: Wish) -> None:
        self._turn, self._habits, self._wish = turn, habits, wish
        self._remarks: list[Remark] = []
        self._duplicates = self._untold = self._proposed = 0

    def understood(self, said: Mapping[str, str]) -> Mapping[str, Any]:
        """What the row is read as, by field."""
        report, at = values.report_of(said, self._habits)
        read = {values.outer(name): value for name, value in report._asdict().items() if value}
        if report.place:
            read["place"] = intake.canonical_place(report.place, self._turn.rules.policies)
        return read | ({"reported_at": at} if at else {})

    def foresee(self, several: Sequence[Mapping[str, str]]) -> None:
        """Which orders have the ids of the next rows already, and what is open where they were reported."""
        policies = self._turn.rules.policies
        self._turn.writer.foresee(
            [said["external_id"] for said in several if "external_id" in said],
            [intake.canonical_place(said["place"], policies) for said in several if "place" in said],
        )

    def take(self, row: int, said: Mapping[str, str]) -> Became:
        """A new order, unless its id is known."""
        turn, data = self._ready(said)
        external_id = data["external_id"]
        number = turn.ledger.number_of_external(external_id) if external_id else None
        if number is None:
            self._remark_on_open(turn, data)
            self._take_in(turn, data)
            return "accepted"
        changed = {values.outer(name): pair for name, pair in changed_since(turn, number, data).items()}
        # A file without such a column says nothing of the field.
        changed = {name: pair for name, pair in changed.items() if name in self._wish.given}
        return Difference(row, external_id, number, changed) if changed else "already_there"

    def _ready(self, said: Mapping[str, str]) -> tuple[Turn, dict[str, Any]]:
        """The row's own turn, at its own time, and what its entry would keep."""
        report, at = values.report_of(said, self._habits)
        turn = self._turn.again(at)
        try:
            return turn, understood(turn, report, "import")
        except NotAllowed as refusal:
            # Of a new order the rules refuse only the times: that of the report (REC-2) and that of the visit.
            raise CellError("appointment" if refusal.rule == "INT-5" else "reported_at", refusal) from None
        except UsageError as refusal:
            # All values were read; what only the policies know is whether there is such a department.
            if report.department is None:
                raise
            raise CellError("department", refusal) from None

    def _take_in(self, turn: Turn, data: dict[str, Any]) -> None:
        """A new order; what was reported just now is told at once, as at the desk (INT-7, LY 5·4.3)."""
        tells: list[str] = []
        if data["kind"] == "complaint":
            from repairdesk.desk import routing

            self._proposed += "routed_by" in data
            if turn.is_prompt:
                tells = routing.to_tell(turn, data["severity"], data["department"])
        order = enter(turn, data | {"told": tells} if tells else data)
        if tells:
            routing.tell(turn, tells)
        if order.priority == "emergency" and turn.is_prompt:
            alarm(turn)
        self._untold += not turn.is_prompt and (order.priority == "emergency" or data["severity"] in GRAVE)

    def _remark_on_open(self, turn: Turn, data: Mapping[str, Any]) -> None:
        """A batch never joins; what may be the same problem is remarked on (REC-6)."""
        found = numbers_still_open(turn, data)
        if not found:
            return
        self._duplicates += 1
        if self._duplicates <= _REMARKS:
            message = N_("{place} has open orders of the same category: {numbers}")
            self._remarks.append(Remark(message, {"place": data["place"], "numbers": found}))

    def remarks(self) -> Iterator[Remark]:
        """What became of the orders, beside that they are there."""
        yield from self._remarks
        if self._untold:
            message = N_("{count} emergencies and grave complaints were reported earlier: nobody was told of them")
            yield Remark(message, {"count": self._untold})
        if self._duplicates > _REMARKS:
            more = self._duplicates - _REMARKS
            yield Remark(N_("{count} further rows have open orders of the same category"), {"count": more})
        if self._proposed:
            message = N_("{count} complaints were given a department by their category or words: report complaints")
            yield Remark(message, {"count": self._proposed})
        told = [name for name in self._wish.unread if fields.HISTORIES.field_of(name) in fields.OF_HISTORIES]
        if told:
            message = N_("{columns} tell what became of the orders: --what histories takes that in, too")
            yield Remark(message, {"columns": told})


WHAT = What(fields.REPORTS, "import", Reports)
