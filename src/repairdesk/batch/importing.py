"""Reports from a file become orders: all of them or none, or with ``partial`` those that can be taken.

Whatever can be refused about a row is refused before anything of it is written, so the rows share one transaction and
none needs undoing by itself. Rows are read, decided and written singly: memory stays flat for files of any length.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from pathlib import Path
from typing import Any

from repairdesk.batch import dates, headers, mappings, reading, rejecting, sampling, seen, values
from repairdesk.batch.mappings import Way
from repairdesk.batch.outcome import Difference, Imported, Reject, Say, plain, told
from repairdesk.batch.sampling import Sample
from repairdesk.batch.values import CellError, Columns, Habits
from repairdesk.desk import By, Desk, Remark
from repairdesk.desk.reporting import changed_since, enter, still_open, understood
from repairdesk.desk.roster import alarm
from repairdesk.desk.turn import Turn
from repairdesk.domain import lifecycle
from repairdesk.domain.vocabulary import GRAVE
from repairdesk.errors import N_, BadInput, Exit, NotAllowed, UsageError

__all__ = ["Difference", "Imported", "Plan", "Reject", "run"]

Progress = Callable[[int], None]
Show = Callable[[Sample], None]

_PROGRESS_EVERY = 500
_REMARKS = 20
"""So many duplicates are remarked on one by one; of further ones there is a count."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How a file is taken in.

    Attributes:
        mapping: field by column, an empty one to leave it out; a column whose name is known needs none.
        kind: the kind of rows that do not say theirs.
        dates: the order of day, month and year where it is ambiguous: ``dmy``, ``mdy`` or ``ymd``.
        encoding: of a text; else it is found out.
        sheet: of a workbook; else the first that has anything.
        header: the row of the names of the columns; else it is looked for.
        words: the desk's words for those of the office, by field.
        named: the mapping of the desk that holds where the plan says nothing.
        save: the name under which the mapping is kept.
        dry_run: say what would happen, keep nothing.
        partial: take the good rows though others are rejected.
        rejects: where the rejected rows are written, with the reason.
    """

    mapping: Mapping[str, str] = field(default_factory=dict)
    kind: str | None = None
    dates: str | None = None
    encoding: str | None = field(default=None, kw_only=True)
    sheet: str | None = field(default=None, kw_only=True)
    header: int | None = field(default=None, kw_only=True)
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict, kw_only=True)
    named: str | None = field(default=None, kw_only=True)
    save: str | None = field(default=None, kw_only=True)
    dry_run: bool = field(default=False, kw_only=True)
    partial: bool = field(default=False, kw_only=True)
    rejects: Path | None = field(default=None, kw_only=True)

    @property
    def way(self) -> Way:
        """How the file is read, as far as the plan says it."""
        return Way(self.kind, self.dates, self.encoding, self.sheet, self.header, self.mapping, self.words)

    def by(self, way: Way) -> Plan:
        """The same plan with a file that is read in this way."""
        return replace(self, mapping=way.columns, kind=way.kind, dates=way.dates, encoding=way.encoding,
                       sheet=way.sheet, header=way.header, words=way.values)  # fmt: skip


class _Undone(Exception):
    """Leaves the transaction without keeping it."""


def run(
    desk: Desk, by: By, file: Path, plan: Plan, *, say: Say = plain, progress: Progress | None = None,
    show: Show | None = None,
) -> Imported:  # fmt: skip
    """Take in the reports of a file.

    A row with an ``external_id`` that is in the ledger is there already, or differs and is listed; it is never taken
    twice. A possible duplicate without one is taken and remarked on (REC-6).

    Args:
        by: who takes it in, and when what has no ``reported_at`` was reported.
        say: the language of the file of rejects.
        progress: told the number of rows so far, now and then.
        show: told how the first rows were understood, before any is taken.

    Raises:
        UsageError: the plan does not fit the file. NotFound: there is no such file or mapping, or nobody of that id.
        NotPermitted: this person may not import. NotAllowed: ``by.at`` is in the future, or the name is another
            mapping's. BadRules: the mapping cannot be used.
        BadInput: from some row on the file cannot be read; nothing is kept then, ``partial`` or not.
        StorageError: file, rejects or ledger cannot be read or written.
    """
    _check(plan, file)
    if plan.named or plan.save:
        plan = _merged(desk, plan)
        _check(plan, file)
    if plan.rejects:
        desk.spare(plan.rejects)
    mapped = {column: values.field_named(name) for column, name in plan.mapping.items()}
    with reading.opened(file, encoding=plan.encoding, sheet=plan.sheet) as source, seen.noting() as ids:
        head, above, rows = headers.found(source.name, source.rows, _needed(plan), mapped, plan.header)
        columns = values.columns(headers.header(head), mapped, plan.kind)
        with (
            rejecting.writing(plan.rejects, head, above) as rejects,
            suppress(_Undone),
            desk.turn(by) as turn,
        ):
            lifecycle.check_role("import", None, turn.attempt("import", {}))
            lifecycle.check_time(None, turn.attempt("import", {}))
            habits = _habits(turn, plan, source)
            first = list(islice(rows, sampling.ROWS))
            sample = sampling.taken(source, head.row, columns, first, plan.kind, habits, turn.rules.policies)
            if show:
                show(sample)
            taking = _Taking(turn, columns, head, plan, habits, ids, rejects, say)
            taking.result.sample = sample
            taking.remark_on_file(source)
            for raw in chain(first, rows):
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
            if plan.save:
                mappings.save(desk.home, plan.save, plan.way)
    return result


def _merged(desk: Desk, plan: Plan) -> Plan:
    """The plan with what the mapping that it names says beside it."""
    if plan.save and plan.dry_run:
        raise UsageError(N_("{one} and {other} exclude each other"), one="--save-mapping", other="--dry-run")
    if plan.named:
        plan = plan.by(plan.way.over(mappings.read(desk.home, plan.named)))
    if plan.save:
        mappings.check_free(desk.home, plan.save, plan.way, known=plan.named)
    return plan


def _needed(plan: Plan) -> list[str]:
    return [name for name in values.NEEDED if not (name == "kind" and plan.kind)]


def _habits(turn: Turn, plan: Plan, source: reading.Source) -> Habits:
    known = turn.rules.policies.categories
    # A name that two categories have is taken as said.
    names = [headers.folded(category.name) for category in known.values()]
    categories = {headers.folded(one.name): code for code, one in known.items()
                  if names.count(headers.folded(one.name)) == 1}  # fmt: skip
    words = {field: {headers.folded(word): code for word, code in said.items()} for field, said in plan.words.items()}
    return Habits(turn.rules.zone, plan.dates, source.serials, words, categories)


def _check(plan: Plan, file: Path) -> None:
    if plan.kind:
        values.choice("kind", plan.kind)
    for said in plan.mapping.values():
        values.field_named(said)
    for name, words in plan.words.items():
        for code in words.values():
            values.check_word(name, code)
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
        head: reading.Raw,
        plan: Plan,
        habits: Habits,
        ids: seen.Seen,
        rejects: rejecting.RejectsFile | None,
        say: Say,
    ) -> None:
        self._turn = turn
        self._columns = columns
        self._plan = plan
        self._habits = habits
        self._names = [(i, head.cells[i].strip()) for places in columns.index.values() for i in places]
        self._ids = ids
        self._rejects = rejects
        self._say = say
        self._duplicates = self._untold = 0
        self._proposed = 0
        self.result = Imported(turn.rules.zone)

    def remark_on_file(self, source: reading.Source) -> None:
        """What is worth saying of how the file was read."""
        remarks = self.result.remarks
        if source.guessed:
            message = N_("the file was read as {encoding}; --encoding says otherwise")
            remarks.append(Remark(message, {"encoding": (source.encoding or "").upper()}))
        if source.others:
            message = N_("sheets that are not read: {sheets}; --sheet names one")
            remarks.append(Remark(message, {"sheets": list(source.others)}))
        if source.merged:
            remarks.append(Remark(N_("the sheet has merged cells: only the first of each has a content")))

    def take(self, raw: reading.Raw) -> None:
        """One row: taken, there already, different or rejected."""
        self.result.rows += 1
        said: dict[str, str] = {}
        try:
            self._check_width(raw)
            self._check_repeated(raw)
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

    def _check_repeated(self, raw: reading.Raw) -> None:
        """Pages that were put one below the other have a header each."""
        if all(i < len(raw.cells) and raw.cells[i].strip() == name for i, name in self._names):
            raise CellError(None, BadInput(N_("the row says the names of the columns again")), raw.cells[0])

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
        report, at = values.report_of({**kind, **said}, self._habits)
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

    def _decide(self, row: int, ready: tuple[Turn, dict[str, Any]]) -> None:
        turn, data = ready
        external_id = data["external_id"]
        number = turn.ledger.number_of_external(external_id) if external_id else None
        if number is None:
            self._remark_on_open(turn, data)
            self._take_in(turn, data)
            self.result.accepted += 1
            return
        changed = changed_since(turn, number, data)
        if changed:
            fields = {values.outer(name): pair for name, pair in changed.items()}
            self.result.differences.append(Difference(row, external_id, number, fields))
        else:
            self.result.already_there += 1

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
        found = [doc["number"] for doc in still_open(turn, data)]
        if not found:
            return
        self._duplicates += 1
        if self._duplicates <= _REMARKS:
            message = N_("{place} has open orders of the same category: {numbers}")
            self.result.remarks.append(Remark(message, {"place": data["place"], "numbers": found}))

    def _remark_on_the_whole(self) -> None:
        remarks, columns = self.result.remarks, self._columns
        if self._untold:
            message = N_("{count} emergencies and grave complaints were reported earlier: nobody was told of them")
            remarks.append(Remark(message, {"count": self._untold}))
        if self._duplicates > _REMARKS:
            more = self._duplicates - _REMARKS
            remarks.append(Remark(N_("{count} further rows have open orders of the same category"), {"count": more}))
        if self._proposed:
            message = N_("{count} complaints were given a department by their category or words: report complaints")
            remarks.append(Remark(message, {"count": self._proposed}))
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
