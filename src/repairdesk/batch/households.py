"""The list of households as offices keep it becomes the register: all of it, or with ``partial`` what can be taken.

A household is the people of one place, and a file may give each of them a row. So all rows are read before anything is
written, and the rows of one place stand or fall together: half a household would take the other half off the register.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import tzinfo
from pathlib import Path
from typing import Any

from repairdesk.batch import dates, household_rows, tables
from repairdesk.batch.household_rows import FIELDS, Columns, Home
from repairdesk.batch.outcome import Reject, Say, told
from repairdesk.desk import By, Desk, Remark
from repairdesk.desk.households import CHANGED, NEW, SAME, Told, household_store
from repairdesk.desk.turn import Turn
from repairdesk.domain import lifecycle
from repairdesk.domain.masking import in_cell
from repairdesk.errors import N_, Exit, UsageError


@dataclass(frozen=True, slots=True)
class Plan:
    """How a list of households is taken in.

    Attributes:
        mapping: field by column, for columns whose names are not known. Several columns may be names, phones or the
            parts of a place.
        dates: the order of day, month and year where it is ambiguous: ``dmy``, ``mdy`` or ``ymd``.
        encoding: of a CSV file, where it is not what it looks like.
        sheet: of a workbook; by default the first that has anything.
        dry_run: say what would happen, keep nothing.
        partial: take the households that can be taken though rows of others are rejected.
    """

    mapping: Mapping[str, str] = field(default_factory=dict)
    dates: str | None = None
    encoding: str | None = None
    sheet: str | None = None
    dry_run: bool = field(default=False, kw_only=True)
    partial: bool = field(default=False, kw_only=True)


@dataclass(slots=True)
class Registered:
    """What became of a list. ``rows`` and ``rejects`` count rows, the others households.

    Where nothing was ``committed``, ``accepted`` and ``changed`` count what would have been taken.
    """

    zone: tzinfo
    rows: int = 0
    accepted: int = 0
    changed: int = 0
    already_there: int = 0
    rejects: list[Reject] = field(default_factory=list)
    committed: bool = False
    remarks: list[Remark] = field(default_factory=list)
    exit: Exit = Exit.DONE

    def doc(self, say: Say) -> dict[str, Any]:
        """The answer in the shape of the contract; ``say`` puts the reasons into the user's language."""
        return {
            "rows": self.rows,
            "accepted": self.accepted,
            "changed": self.changed,
            "already_there": self.already_there,
            "rejected": len(self.rejects),
            "rejects": [
                {"row": one.row, "column": one.column, "value": one.shown,
                 "why": in_cell(told(one.error, say, self.zone))}
                for one in self.rejects
            ],
            "committed": self.committed,
        }  # fmt: skip


class _Undone(Exception):
    """Leaves the transaction without keeping it."""


def run(desk: Desk, by: By, file: Path, plan: Plan) -> Registered:
    """Take in the households of a file.

    A place that is on the register already is changed, where the file says something new, or left alone; the same file
    a second time adds nothing.

    Raises:
        UsageError: the plan does not fit the file. NotFound: there is no such file, or nobody of that id.
        NotPermitted: this person may not keep households. NotAllowed: ``by.at`` is in the future, or before the last
            entry on a household that would be changed.
        BadInput: the file cannot be read; nothing is kept then, ``partial`` or not.
        StorageError: file or ledger cannot be read or written.
    """
    if plan.dates and plan.dates not in dates.ORDERS:
        raise UsageError(
            N_("“{value}” is no {field}; choose: {known}"), value=plan.dates, field="--dates", known=dates.ORDERS
        )
    table = tables.read(file, encoding=plan.encoding, sheet=plan.sheet)
    columns, rows = household_rows.recognised(table.rows, plan.mapping)
    with suppress(_Undone), desk.turn(by) as turn:
        lifecycle.check_role("household", None, turn.attempt("household", {}))
        lifecycle.check_time(None, turn.attempt("household", {}))
        homes, rejects = household_rows.gathered(rows, columns, turn.rules.policies, plan.dates)
        result = Registered(turn.rules.zone, len(rows), rejects=rejects, remarks=_remarks(table, columns))
        _store(turn, columns, homes, result)
        if rejects:
            result.exit = Exit.PARTIAL if plan.partial and len(rejects) < len(rows) else Exit.BAD_INPUT
        result.committed = not plan.dry_run and result.exit != Exit.BAD_INPUT
        if not result.committed:
            raise _Undone
    return result


def _store(turn: Turn, columns: Columns, homes: Sequence[Home], result: Registered) -> None:
    unsaid = frozenset(FIELDS) - frozenset(columns.index)
    for home in homes:
        said = Told(home.place, home.said, tuple(home.names.values()), tuple(home.phones.values()), home.since, unsaid)
        done = household_store(turn, said)
        result.accepted += done == NEW
        result.changed += done == CHANGED
        result.already_there += done == SAME


def _remarks(table: tables.Table, columns: Columns) -> list[Remark]:
    """What is worth saying about the file as a whole."""
    remarks = []
    if table.encoding:
        message = N_("the file was read as {encoding}; --encoding says otherwise")
        remarks.append(Remark(message, {"encoding": table.encoding.upper()}))
    if table.others:
        remarks.append(
            Remark(N_("sheets that are not read: {sheets}; --sheet names one"), {"sheets": list(table.others)})
        )
    if columns.shadowed:
        message = N_("not read, as other columns are mapped to these fields: {columns}")
        remarks.append(Remark(message, {"columns": list(columns.shadowed)}))
    unread = [name for name in columns.unread if name not in columns.shadowed]
    if unread:
        remarks.append(Remark(N_("columns that are not read: {columns}"), {"columns": unread}))
    return remarks
