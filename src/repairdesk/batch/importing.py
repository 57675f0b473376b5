"""Reports from a file become orders: all of them or none, or with ``partial`` those that can be taken.

Whatever can be refused about a row is refused before anything of it is written, so the rows share one transaction and
none needs undoing by itself. Rows are read, decided and written singly: memory stays flat for files of any length.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from repairdesk.batch import dates, reading, rejecting, seen, values
from repairdesk.batch.outcome import Difference, Imported, Reject, Say, plain, told
from repairdesk.batch.values import CellError, Columns
from repairdesk.desk import By, Desk, Remark
from repairdesk.desk.reporting import changed_since, enter, still_open, understood
from repairdesk.desk.roster import alarm
from repairdesk.desk.turn import Turn
from repairdesk.domain import lifecycle
from repairdesk.errors import N_, BadInput, Exit, NotAllowed, UsageError

__all__ = ["Difference", "Imported", "Plan", "Reject", "run"]

Progress = Callable[[int], None]

_PROGRESS_EVERY = 500
_REMARKS = 20
"""So many duplicates are remarked on one by one; of further ones there is a count."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How a file is taken in.

    Attributes:
        mapping: field by column; a column that is named like a field needs none.
        kind: the kind of rows that do not say theirs.
        dates: the order of day, month and year where it is ambiguous: ``dmy``, ``mdy`` or ``ymd``.
        dry_run: say what would happen, keep nothing.
        partial: take the good rows though others are rejected.
        rejects: where the rejected rows are written, with the reason.
    """

    mapping: Mapping[str, str] = field(default_factory=dict)
    kind: str | None = None
    dates: str | None = None
    dry_run: bool = field(default=False, kw_only=True)
    partial: bool = field(default=False, kw_only=True)
    rejects: Path | None = field(default=None, kw_only=True)


class _Undone(Exception):
    """Leaves the transaction without keeping it."""


def run(desk: Desk, by: By, file: Path, plan: Plan, *, say: Say = plain, progress: Progress | None = None) -> Imported:
    """Take in the reports of a file.

    A row with an ``external_id`` that is in the ledger is there already, or differs and is listed; it is never taken
    twice. A possible duplicate without one is taken and remarked on (REC-6).

    Args:
        by: who takes it in, and when what has no ``reported_at`` was reported.
        say: the language of the file of rejects.
        progress: told the number of rows so far, now and then.

    Raises:
        UsageError: the plan does not fit the file. NotFound: there is no such file, or nobody of that id.
        NotPermitted: this person may not import. NotAllowed: ``by.at`` is in the future.
        BadInput: from some row on the file cannot be read; nothing is kept then, ``partial`` or not.
        StorageError: file, rejects or ledger cannot be read or written.
    """
    _check(plan, file)
    if plan.rejects:
        desk.spare(plan.rejects)
    with reading.opened(file) as sheet, seen.noting() as ids:
        columns = values.columns(sheet.header, plan.mapping, plan.kind)
        with rejecting.writing(plan.rejects, sheet.header) as rejects, suppress(_Undone), desk.turn(by) as turn:
            lifecycle.check_role("import", None, turn.attempt("import", {}))
            lifecycle.check_time(None, turn.attempt("import", {}))
            taking = _Taking(turn, columns, plan, ids, rejects, say)
            for raw in sheet.rows:
                taking.take(raw)
                if progress and taking.result.rows % _PROGRESS_EVERY == 0:
                    progress(taking.result.rows)
            result = taking.ended()
            if progress:
                progress(result.rows)
            if rejects:
                rejects.place()
            if not result.committed:
                raise _Undone
    return result


def _check(plan: Plan, file: Path) -> None:
    if plan.kind:
        values.choice("kind", plan.kind)
    if plan.dates and plan.dates not in dates.ORDERS:
        raise UsageError(
            N_("“{value}” is no {field}; choose: {known}"), value=plan.dates, field="--dates", known=dates.ORDERS
        )
    if plan.rejects and plan.rejects.exists() and file.exists() and plan.rejects.samefile(file):
        raise UsageError(N_("the rejects would replace the file itself: give --rejects another name"))


class _Taking:
    """The run over one file."""

    def __init__(
        self,
        turn: Turn,
        columns: Columns,
        plan: Plan,
        ids: seen.Seen,
        rejects: rejecting.RejectsFile | None,
        say: Say,
    ) -> None:
        self._turn = turn
        self._columns = columns
        self._plan = plan
        self._ids = ids
        self._rejects = rejects
        self._say = say
        self._duplicates = 0
        self.result = Imported(turn.rules.zone)

    def take(self, raw: reading.Raw) -> None:
        """One row: taken, there already, different or rejected."""
        self.result.rows += 1
        said: dict[str, str] = {}
        try:
            self._check_width(raw)
            said = self._columns.said(raw.cells)
            self._check_id(raw.row, said)
            self._decide(raw.row, self._understood(said))
        except CellError as refusal:
            value = refusal.value or said.get(refusal.field or "")
            reject = Reject(raw.row, self._columns.name(refusal.field), value, refusal.error)
            self.result.rejects.append(reject)
            if self._rejects:
                self._rejects.add(raw.cells, told(refusal.error, self._say, self.result.zone))

    def ended(self) -> Imported:
        """What became of the file as a whole."""
        result, bad = self.result, len(self.result.rejects)
        if bad:
            taken = self._plan.partial and bad < result.rows
            result.exit = Exit.PARTIAL if taken else Exit.BAD_INPUT
        result.committed = not self._plan.dry_run and result.exit != Exit.BAD_INPUT
        self._remark_on_the_whole()
        return result

    def _check_width(self, raw: reading.Raw) -> None:
        columns = len(self._columns.header)
        if len(raw.cells) > columns:
            message = N_("the row has {cells} cells, the header {columns}")
            error = BadInput(message, cells=len(raw.cells), columns=columns)
            raise CellError(None, error, raw.cells[columns])
        torn = next((cell for cell in raw.cells if "\n" in cell), None)
        if len(raw.cells) < columns and torn is not None:
            # This is what a quote that is never closed looks like when a later row happens to close it.
            message = N_(
                "the row has {cells} cells, the header {columns}; one runs over several lines: a quote is missing"
            )
            error = BadInput(message, cells=len(raw.cells), columns=columns)
            raise CellError(None, error, torn)

    def _check_id(self, row: int, said: Mapping[str, str]) -> None:
        external_id = said.get("external_id")
        if external_id is None:
            return
        first, same = self._ids.first(external_id, row, said)
        if not same:
            error = BadInput(N_("row {row} has the same id with another content"), row=first)
            raise CellError("external_id", error)

    def _understood(self, said: Mapping[str, str]) -> tuple[Turn, dict[str, Any]]:
        """The row's own turn, at its own time, and what its entry would keep."""
        kind = {"kind": self._plan.kind} if self._plan.kind else {}
        report, at = values.report_of({**kind, **said}, self._plan.dates, self.result.zone)
        turn = self._turn.again(at)
        try:
            return turn, understood(turn, report, "import")
        except NotAllowed as refusal:
            # Of a new order the rules refuse only the times: that of the report (REC-2) and that of the visit.
            raise CellError("appointment" if refusal.rule == "INT-5" else "reported_at", refusal) from None

    def _decide(self, row: int, ready: tuple[Turn, dict[str, Any]]) -> None:
        turn, data = ready
        external_id = data["external_id"]
        number = turn.ledger.number_of_external(external_id) if external_id else None
        if number is None:
            self._remark_on_open(turn, data)
            order = enter(turn, data)
            if order.priority == "emergency" and turn.is_prompt:
                alarm(turn)
            self.result.accepted += 1
            return
        changed = changed_since(turn, number, data)
        if changed:
            fields = {values.outer(name): pair for name, pair in changed.items()}
            self.result.differences.append(Difference(row, external_id, number, fields))
        else:
            self.result.already_there += 1

    def _remark_on_open(self, turn: Turn, data: Mapping[str, Any]) -> None:
        """A batch never joins; what may be the same problem is remarked on (REC-6)."""
        found = [doc["number"] for doc in still_open(turn, data)]
        if not found:
            return
        self._duplicates += 1
        if self._duplicates <= _REMARKS:
            message = N_("{place} has open orders of the same category: {numbers}")
            self.result.remarks.append(Remark(message, {"place": data["place"], "numbers": found}))

    def _remark_on_the_whole(self) -> None:
        remarks, columns = self.result.remarks, self._columns
        if self._duplicates > _REMARKS:
            more = self._duplicates - _REMARKS
            remarks.append(Remark(N_("{count} further rows have open orders of the same category"), {"count": more}))
        if self.result.differences:
            message = N_("{count} rows say something else than when they were taken in, and were not taken: {rows}")
            rows = [one.row for one in self.result.differences]
            shown = [*rows[:_REMARKS], "…"] if len(rows) > _REMARKS else rows
            remarks.append(Remark(message, {"count": len(rows), "rows": shown}))
        if columns.shadowed:
            message = N_("not read, as other columns are mapped to these fields: {columns}")
            remarks.append(Remark(message, {"columns": list(columns.shadowed)}))
        unread = [name for name in columns.unread if name not in columns.shadowed]
        if unread:
            remarks.append(Remark(N_("columns that are not read: {columns}"), {"columns": unread}))
