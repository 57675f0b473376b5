"""The rows of a file are taken in: all of them or none, or with ``partial`` those that can be taken.

What a row becomes is its taker's (``taking``). Whatever can be refused about a row is refused before anything of it is
written, so the rows share one transaction and none needs undoing by itself. Rows are read, decided and written singly:
memory stays flat for files of any length.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from pathlib import Path
from typing import Any

from repairdesk import lent
from repairdesk.batch import dates, headers, mappings, reading, rejecting, sampling, seen, taking, values
from repairdesk.batch.fields import Fields
from repairdesk.batch.mappings import Way
from repairdesk.batch.outcome import Difference, Imported, Reject, Say, plain, told
from repairdesk.batch.sampling import Sample
from repairdesk.batch.taking import Taker, What, Wish
from repairdesk.batch.values import CellError, Columns, Habits
from repairdesk.batch.whole import is_stream
from repairdesk.desk import By, Desk, Remark
from repairdesk.desk.turn import Turn
from repairdesk.domain import lifecycle
from repairdesk.errors import N_, BadInput, Exit, UsageError

__all__ = ["Difference", "Imported", "Plan", "Reject", "run"]

Progress = Callable[[int], None]
Show = Callable[[Sample], None]

_PROGRESS_EVERY = 500
_REMARKS = 20
"""So many rows that differ are named; of further ones there is a count."""
_AHEAD = 500
"""So many rows are looked at together, where each question to the ledger is a journey."""


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
        what: the kind of file, a name of ``taking.KNOWN``; by default reports.
        as_found: what the rules refuse of a history is kept as another system said it.
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
    what: str | None = field(default=None, kw_only=True)
    as_found: bool = field(default=False, kw_only=True)

    @property
    def way(self) -> Way:
        """How the file is read, as far as the plan says it."""
        return Way(self.kind, self.dates, self.encoding, self.sheet, self.header, self.mapping, self.words, self.what)

    def by(self, way: Way) -> Plan:
        """The same plan with a file that is read in this way."""
        return replace(self, what=way.what, mapping=way.columns, kind=way.kind, dates=way.dates,
                       encoding=way.encoding, sheet=way.sheet, header=way.header, words=way.values)  # fmt: skip


_TIMES = frozenset({"at", "next", "purchased", "appointment"})
"""Fields that are times or days, beside those whose name says so."""
_REJECTED = "rejected"
_TOTAL = re.compile(
    r"(?:合\s*计|总\s*计|小\s*计|共\s*计|(?:grand |sub)?total)\s*[:：]?\s*[0-9.,]*\s*[条件户元份单项]?"
    r"|(?:制表|填表|制单|审核|打印|导出|统计)(?:人|人员|日期|时间)?\s*[:：].*",
    re.IGNORECASE,
)
_BEGINNINGS = frozenset("合总小共制填审打导统gGsStT ")
_LONGEST_NAME = 24


def _is_value(cell: str) -> bool:
    """Whether a cell is no name of a column: those are short and have no digits."""
    return len(cell) > _LONGEST_NAME or any(map(str.isdigit, cell))


class _Undone(Exception):
    """Leaves the transaction without keeping it."""


def run(
    desk: Desk, by: By, file: Path, plan: Plan, *, say: Say = plain, progress: Progress | None = None,
    show: Show | None = None,
) -> Imported:  # fmt: skip
    """Take in the rows of a file.

    A row whose id is in the ledger is there already, or differs and is listed; it is never taken twice.

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
    kind = _checked(plan, file)
    if plan.named is not None or plan.save is not None:
        plan = _merged(desk, plan)
        kind = _checked(plan, file)
    if plan.rejects:
        desk.spare(plan.rejects)
    fields, given = kind.fields, {"kind": plan.kind} if plan.kind else {}
    needed = [name for name in fields.needed if name not in given]
    mapped = {column: fields.named(name) for column, name in plan.mapping.items()}
    with reading.opened(file, encoding=plan.encoding, sheet=plan.sheet) as source, seen.noting() as ids:
        if source.rejects:
            head, above, rows = _of_rejects(source)
        else:
            head, above, rows = headers.found(source.name, source.rows, fields.field_of, needed, mapped, plan.header)
        columns = values.columns(headers.header(head), fields, mapped, given)
        with (
            rejecting.writing(plan.rejects, head, above) as rejects,
            suppress(_Undone),
            desk.turn(by) as turn,
        ):
            if kind.verb:
                lifecycle.check_role(kind.verb, None, turn.attempt(kind.verb, {}))
            lifecycle.check_time(None, turn.attempt("import", {}))
            turn.writer.expect_much()
            wish = Wish(plan.as_found, tuple(columns.unread), {*columns.index, *given})
            taker = kind.taker(turn, _habits(turn, plan, source), wish)
            first = list(islice(rows, sampling.ROWS))
            sample = sampling.taken(
                source, head.row, columns, first, given, taker, turn.rules.zone, plan.what or "reports"
            )
            if show:
                show(sample)
            loop = _Loop(taker, Imported(turn.rules.zone), columns, fields, head, given, plan, ids, rejects, say)
            loop.result.sample = sample
            loop.remark_on_file(source)
            coming = chain(first, rows)
            for raw in loop.looked_ahead(coming) if turn.writer.foresees else coming:
                loop.take(raw)
                if progress and loop.result.rows % _PROGRESS_EVERY == 0:
                    progress(loop.result.rows)
            result = loop.ended()
            if progress:
                progress(result.rows)
            if rejects:
                rejects.place()
            if not result.committed:
                raise _Undone
            result.queued = tuple(turn.queued)
            if plan.save:
                mappings.save(desk.home, plan.save, plan.way)
    return result


def _of_rejects(source: reading.Source) -> tuple[reading.Raw, list[reading.Raw], Iterator[reading.Raw]]:
    """The header of rejected rows that come again, the rows above it, and those below."""
    above: list[reading.Raw] = []
    for raw in source.rows:
        if reading.why_in(raw.cells) is not None:
            return raw, above, source.rows
        above.append(raw)
    raise BadInput(N_("{file} is empty: it needs a row with the names of the columns"), file=source.name)


def _merged(desk: Desk, plan: Plan) -> Plan:
    """The plan with what the mapping that it names says beside it."""
    if plan.save is not None and plan.dry_run:
        raise UsageError(N_("{one} and {other} exclude each other"), one="--save-mapping", other="--dry-run")
    if plan.named is not None:
        plan = plan.by(plan.way.over(mappings.read(desk.home, plan.named, plan.what)))
    if plan.save is not None:
        mappings.check_free(desk.home, plan.save, plan.way, known=plan.named)
    return plan


def _habits(turn: Turn, plan: Plan, source: reading.Source) -> Habits:
    known = turn.rules.policies.categories
    # A name that two categories have is taken as said.
    names = [headers.folded(category.name) for category in known.values()]
    categories = {headers.folded(one.name): code for code, one in known.items()
                  if names.count(headers.folded(one.name)) == 1}  # fmt: skip
    words = {field: {headers.folded(word): code for word, code in said.items()} for field, said in plan.words.items()}
    return Habits(turn.rules.zone, plan.dates, source.serials, words, categories)


def _checked(plan: Plan, file: Path) -> What:
    """The kind of file, once what the plan says can be said of it."""
    kind = taking.what(plan.what or "reports")
    fields = kind.fields
    for option, said, fits in (("--kind", plan.kind, "kind" in fields.names), ("--as-found", plan.as_found,
                               kind.as_found)):  # fmt: skip
        if said and not fits:
            raise UsageError(N_("{option} says nothing of {what}"), option=option, what=plan.what or "reports")
    if plan.kind is not None and "kind" in fields.names:
        fields.choice("kind", plan.kind)
    for name in plan.mapping.values():
        fields.named(name)
    for name, words in plan.words.items():
        for code in words.values():
            fields.check_word(name, code)
    if plan.dates is not None and plan.dates not in dates.ORDERS:
        raise UsageError(
            N_("“{value}” is no {field}; choose: {known}"), value=plan.dates, field="--dates", known=dates.ORDERS
        )
    with lent.as_caller():
        there = plan.rejects is not None and plan.rejects.exists()
        same = plan.rejects is not None and there and file.exists() and plan.rejects.samefile(file)
    if same:
        raise UsageError(N_("the rejects would replace the file itself: give --rejects another name"))
    if plan.dry_run and plan.rejects and there and not is_stream(plan.rejects):
        message = N_("{file} is there already, and --dry-run replaces nothing: give --rejects another name")
        raise UsageError(message, file=str(plan.rejects))
    return kind


class _Loop:
    """The run over one file."""

    def __init__(
        self,
        taker: Taker,
        result: Imported,
        columns: Columns,
        fields: Fields,
        head: reading.Raw,
        given: Mapping[str, str],
        plan: Plan,
        ids: seen.Seen,
        rejects: rejecting.RejectsFile | None,
        say: Say,
    ) -> None:
        self._taker = taker
        self.result = result
        self._columns = columns
        self._identity = fields.identity
        self._fields = fields
        self._names = [(i, headers.folded(columns.header[i])) for places in columns.index.values() for i in places]
        self._heads = fields.known | {name.casefold() for name in columns.header if name}
        self._times = [name for name in columns.index if name in _TIMES or name.endswith("_at")]
        self._order: tuple[str, int, str] | None = None
        self._given = given
        self._plan = plan
        self._ids = ids
        self._rejects = rejects
        self._say = say

    def remark_on_file(self, source: reading.Source) -> None:
        """What is worth saying of how the file was read."""
        remarks = self.result.remarks
        self._serials, self._file = source.serials, source.name
        overruled = list(source.overruled)
        if source.rejects and self._plan.header:
            overruled.append(f"--header {self._plan.header}")
        if overruled and source.rejects:
            message = N_("the file has rows that were rejected before, so this was not heeded: {options}")
            remarks.append(Remark(message, {"options": overruled}))
        elif overruled:
            message = N_("the file begins with the mark of {encoding}, so this was not heeded: {options}")
            remarks.append(Remark(message, {"encoding": (source.encoding or "").upper(), "options": overruled}))
        if source.guessed:
            message = N_("the file was read as {encoding}; --encoding says otherwise")
            remarks.append(Remark(message, {"encoding": (source.encoding or "").upper()}))
        if source.others:
            message = N_("sheets that are not read: {sheets}; --sheet names one")
            remarks.append(Remark(message, {"sheets": list(source.others)}))
        if source.merged:
            remarks.append(Remark(N_("the sheet has merged cells: only the first of each has a content")))

    def looked_ahead(self, rows: Iterator[reading.Raw]) -> Iterator[reading.Raw]:
        """The rows, some of them known to the taker before the first of them comes."""
        failed: Exception | None = None
        while failed is None:
            several: list[reading.Raw] = []
            try:
                several.extend(islice(rows, _AHEAD))
            except Exception as error:  # told in its turn, after the rows before
                failed = error
            if not several:
                break
            self._taker.foresee([self._columns.said(raw.cells) for raw in several])
            yield from several
        if failed is not None:
            raise failed

    def take(self, raw: reading.Raw) -> None:
        """One row: taken, there already, different or rejected."""
        self.result.rows += 1
        said: dict[str, str] = {}
        try:
            self._check_names(raw)
            self._check_width(raw)
            self._check_total(raw)
            said = self._columns.said(raw.cells)
            self._check_order(raw.row, said)
            self._columns.check(raw.cells)
            self._count(self._taken(raw.row, said))
        except CellError as refusal:
            value = refusal.value or said.get(refusal.field or "")
            reject = Reject(raw.row, self._columns.name(refusal.field), value, refusal.error, refusal.field)
            self.result.rejects.append(reject)
            if self._rejects:
                self._rejects.add(self._kept(raw.cells), told(refusal.error, self._say, self.result.zone))

    def ended(self) -> Imported:
        """What became of the file as a whole."""
        result, bad = self.result, len(self.result.rejects)
        result.dry_run = self._plan.dry_run
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

    def _check_names(self, raw: reading.Raw) -> None:
        """Pages that were put one below the other have a header each; and a table of its own may begin further down.

        Raises:
            CellError: the row is the header again. BadInput: it is another one.
        """
        # Hardly any row has a cell that could be a name: the rest is for those.
        first = raw.cells[0]
        named = first and not _is_value(first) and headers.folded(first) in self._heads
        if not named and self._heads.isdisjoint(map(str.casefold, raw.cells)):
            return
        if all(i < len(raw.cells) and headers.folded(raw.cells[i]) == name for i, name in self._names):
            raise CellError(None, BadInput(N_("the row says the names of the columns again")), raw.cells[0])
        names = [cell for cell in raw.cells if cell.strip()]
        fields = {field for name in names if (field := self._fields.field_of(name))}
        if len(fields) < 2 or 2 * len(fields) < len(names) or any(map(_is_value, names)):
            return
        # 电话 is a way to report, too.
        if not any(self._fields.meant(field, text) != text for field, text in self._columns.said(raw.cells).items()):
            message = N_("{file}, row {row}: another table begins here, of {columns}: give it a file of its own")
            raise BadInput(message, file=self._file, row=raw.row, columns=names, extra={"row": raw.row})

    def _check_total(self, raw: reading.Raw) -> None:
        """Below a table there are sums, and who made it."""
        first = next((cell for cell in raw.cells if cell.strip()), "")
        if first[:1] in _BEGINNINGS and _TOTAL.fullmatch(" ".join(first.split())):
            raise CellError(None, BadInput(N_("the row is a sum or a note below the table")), first)

    def _check_order(self, row: int, said: Mapping[str, str]) -> None:
        """Where some dates begin with the day and others with the month, nobody can say it of the rest.

        Raises:
            BadInput: it is such a file.
        """
        if self._plan.dates:
            return
        for name in self._times:
            order = dates.order_in(said[name]) if name in said else None
            if order and self._order is None:
                self._order = order, row, said[name]
            elif order and self._order and order != self._order[0]:
                _, first, one = self._order
                message = N_("{file}: row {first} has {one}, row {row} has {other}: say --dates dmy or --dates mdy")
                at = {"row": row, "column": self._columns.name(name), "value": said[name]}
                raise BadInput(message, file=self._file, first=first, one=one, row=row, other=said[name], extra=at)

    def _taken(self, row: int, said: Mapping[str, str]) -> taking.Became:
        """What becomes of the row; one of an id that a row had before must say the same, however it is spelled."""
        own, whole = said.get(self._identity), {**self._given, **said}
        if own is None:
            return self._taker.take(row, whole)
        first, same, before = self._ids.first(own, row, said)
        if not same and before == _REJECTED:
            raise self._another(first)
        try:
            became = self._taker.take(row, whole)
        except CellError:
            if first == row:
                self._ids.note(own, _REJECTED)
            raise
        now = repr(became.fields) if isinstance(became, Difference) else ""
        if first == row and now:
            self._ids.note(own, now)
        elif not same and now != before:
            raise self._another(first)
        return became

    def _another(self, first: int) -> CellError:
        return CellError(self._identity, BadInput(N_("row {row} has the same id with another content"), row=first))

    def _kept(self, cells: Sequence[str]) -> Sequence[str]:
        """The cells of a rejected row as a text can say them: a number, or a date, is one only in a workbook."""
        if not self._serials:
            return cells
        kept = list(cells)
        for name, places in self._columns.index.items():
            for i in places:
                if i < len(kept) and name in self._times:
                    kept[i] = dates.kept(kept[i], whole=name == "purchased")
                elif i < len(kept) and isinstance(kept[i], reading.Dated):
                    kept[i] = f"{kept[i][:10]} 00:00:00"
        return kept

    def _count(self, became: taking.Became) -> None:
        if isinstance(became, Difference):
            self.result.differences.append(became)
        elif became == "accepted":
            self.result.accepted += 1
        else:
            self.result.already_there += 1

    def _remark_on_the_whole(self) -> None:
        remarks, columns = self.result.remarks, self._columns
        remarks.extend(self._taker.remarks())
        if self.result.differences:
            message = N_("{count} rows say something else than when they were taken in, and were not taken: {rows}")
            count = len(self.result.differences)
            shown: list[Any] = [one.row for one in islice(self.result.differences, _REMARKS)]
            remarks.append(Remark(message, {"count": count, "rows": [*shown, "…"] if count > _REMARKS else shown}))
        if columns.shadowed:
            message = N_("not read, as other columns are mapped to these fields: {columns}")
            remarks.append(Remark(message, {"columns": list(columns.shadowed)}))
        why = reading.why_in(columns.header)
        own = () if why is None else (columns.header[why],)
        unread = [name for name in columns.unread if name not in columns.shadowed and name not in own]
        if unread:
            remarks.append(Remark(N_("columns that are not read: {columns}"), {"columns": unread}))
        if self.result.accepted and self._identity == "external_id" and self._identity not in columns.index:
            remarks.append(Remark(N_("no column is an id of the rows: the same file again would be taken again")))
