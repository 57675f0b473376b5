"""An order a row, with what became of it in another system: entries with their own times, or kept as it was found."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from repairdesk.batch import dates, fields, pricecell, values
from repairdesk.batch.outcome import Difference
from repairdesk.batch.taking import Became, What, Wish
from repairdesk.batch.values import CellError, Habits
from repairdesk.desk import Remark
from repairdesk.desk.histories import STEPS, History, Refused, check_past, enter, enter_as_found
from repairdesk.desk.reporting import changed_since, understood
from repairdesk.desk.turn import Turn, stamp
from repairdesk.domain.intake import Report, canonical_place
from repairdesk.domain.money import fen, yuan
from repairdesk.domain.retention import GONE
from repairdesk.domain.staff import Person
from repairdesk.domain.times import fold
from repairdesk.errors import N_, DeskError, NotFound, UsageError

FIELDS = fields.HISTORIES
_TIMES = (*STEPS[1:], "cancelled_at")
_PEOPLE = ("clerk", "staff", "checked_by")
_SUMS = {"fee": "fee", "agreed_fee": "agreed"}
_PLAIN = ("found", "result", "signed_by", "reason")
_WORDS = ("rating", "status")
_MONEY = re.compile(r"^[¥$]|(?:元|圆|yuan|rmb|cny)$|(?<=[0-9]),(?=[0-9]{3}(?![0-9]))", re.IGNORECASE)


class Histories:
    """The taker of histories."""

    def __init__(self, turn: Turn, habits: Habits, wish: Wish) -> None:
        self._turn, self._habits, self._wish = turn, habits, wish
        self._found = self._open = 0
        self._people: Mapping[str, Sequence[Person]] | None = None

    def understood(self, said: Mapping[str, str]) -> Mapping[str, Any]:
        """What the row is read as, by field."""
        return _shown(*self._read(said))

    def _read(self, said: Mapping[str, str]) -> tuple[Report, datetime | None, Mapping[str, Any]]:
        """The report, when that was, and what became of it, by field."""
        report, at = values.report_read(_of_report(said), self._habits)
        return report, at, values.read_by(_READ, _rest(said), self._habits)

    def foresee(self, several: Sequence[Mapping[str, str]]) -> None:
        """Nothing is asked for ahead."""

    def take(self, row: int, said: Mapping[str, str]) -> Became:
        """A new order with its entries, unless its id is known."""
        lacking = [name for name in FIELDS.needed if name not in said]
        if lacking:
            missing = {"missing": lacking}
            raise CellError(lacking[0], UsageError(N_("missing: {fields}"), fields=lacking, extra=missing))
        number = self._turn.ledger.number_of_external(said["external_id"])
        if number is not None:
            return self._compared(row, number, said)
        strange: list[Refused] = []
        history = self._history(said, strange)
        try:
            check_past(self._turn, history)
            try:
                if strange:
                    raise strange[0]
                enter(self._turn, history)
                self._open += not history.is_over
            except Refused as refusal:
                if not self._wish.as_found:
                    raise
                enter_as_found(self._turn, history, refusal)
                self._found += 1
        except Refused as refusal:
            raise CellError(values.outer(refusal.field), _ruled(refusal.error)) from None
        return "accepted"

    def _history(self, said: Mapping[str, str], strange: list[Refused]) -> History:
        """What the row tells; whom nobody here knows is noted."""
        report, at, rest = self._read(said)
        assert at is not None, "it is needed"
        people: dict[str, Any] = {}
        for name in _PEOPLE:
            if name in rest:
                try:
                    people[name] = self._person(rest[name])
                except DeskError as error:
                    strange.append(Refused(name, error))
        return History(
            report,
            _old(said, _shown(report, at, rest)),
            {"reported_at": at, **{name: rest[name] for name in _TIMES if name in rest}},
            **people,
            **{inner: rest[name] for name, inner in _SUMS.items() if name in rest},
            **{name: rest[name] for name in (*_PLAIN, *_WORDS) if name in rest},
        )

    def _person(self, said: str) -> Person:
        """Whoever has that id or, if one person alone has it, that name.

        Raises:
            NotFound: nobody has. UsageError: several have that name.
        """
        if self._people is None:
            known: dict[str, list[Person]] = {}
            for doc in self._turn.ledger.staff():
                person = self._turn.person(doc["id"])
                for name in dict.fromkeys((f"#{person.id}", fold(person.name).casefold())):
                    known.setdefault(name, []).append(person)
            self._people = known
        found = self._people.get(f"#{fold(said)}") or self._people.get(fold(said).casefold(), ())
        if not found:
            raise NotFound(N_("nobody at this desk has the id or the name {name} (staff list)"), name=said)
        if len(found) > 1:
            ids = [person.id for person in found]
            raise UsageError(N_("{name} could be any of: {numbers}"), name=said, numbers=ids)
        return found[0]

    def _same(self, name: str, before: str | None, now: str | None) -> bool:
        """Whether both mean one thing: a place, or a person, can be written in several ways."""
        if before == now or before is None or now is None:
            return before == now
        policies = self._turn.rules.policies
        try:
            if name == "place":
                return canonical_place(before, policies) == canonical_place(now, policies)
            return name in _PEOPLE and self._person(before).id == self._person(now).id
        except DeskError:
            return False

    def _compared(self, row: int, number: str, said: Mapping[str, str]) -> Became:
        """What the row says otherwise than the one that made this order did."""
        first = self._turn.ledger.entries(number)[0]
        report, at, rest = self._read(said)
        before, now = first.data.get("old"), _old(said, _shown(report, at, rest))
        changed: dict[str, tuple[Any, Any]]
        if before is not None and first.data.get("external_id") == said["external_id"]:
            names = dict.fromkeys((*before, *now))
            pairs = {name: (before.get(name), now.get(name)) for name in names}
            # What was purged says nothing any more that could differ (RET-3).
            changed = {name: pair for name, pair in pairs.items() if pair[0] != GONE and not self._same(name, *pair)}
        else:
            # It came as a report: what became of it since is this desk's to say.
            turn = self._turn.again(at)
            differs = changed_since(turn, number, understood(turn, report, "import"))
            changed = {values.outer(name): pair for name, pair in differs.items()}
            changed |= {name: (None, text) for name, text in now.items() if name in fields.OF_HISTORIES}
        # A file without such a column says nothing of the field.
        changed = {name: pair for name, pair in changed.items() if name in self._wish.given}
        return Difference(row, said["external_id"], number, changed) if changed else "already_there"

    def remarks(self) -> Iterator[Remark]:
        """What was kept as it was found, and what is still to be done."""
        if self._found:
            message = N_("{count} histories were kept as they were found: nothing is owed on them, no rate counts them")
            yield Remark(message, {"count": self._found})
        if self._open:
            message = N_("{count} histories are still open: what is owed on them is owed here from now on")
            yield Remark(message, {"count": self._open})


def _shown(report: Report, at: datetime | None, rest: Mapping[str, Any]) -> dict[str, Any]:
    """What was read, by field, with sums as they are written."""
    read = {values.outer(name): value for name, value in report._asdict().items() if value}
    sums = {name: yuan(value) for name, value in rest.items() if name in _SUMS}
    return {**read, **({"reported_at": at} if at else {}), **rest, **sums}


def _old(said: Mapping[str, str], read: Mapping[str, Any]) -> dict[str, str]:
    """Everything that a row says, in the desk's forms, as the entry keeps it."""
    kept: dict[str, str] = {}
    for name, value in read.items():
        if isinstance(value, datetime):
            kept[name] = stamp(value)
        elif isinstance(value, tuple):
            kept[name] = "/".join(map(stamp, value))
        elif name in said:
            kept[name] = str(value)
    return kept


def _of_report(said: Mapping[str, str]) -> dict[str, str]:
    return {name: text for name, text in said.items() if name in fields.REPORTS.names}


def _rest(said: Mapping[str, str]) -> dict[str, str]:
    return {name: text for name, text in said.items() if name in fields.OF_HISTORIES}


def _ruled(error: DeskError) -> DeskError:
    """The refusal with the rule that it rests on."""
    if error.rule is None:
        return error
    return type(error)(N_("{why} ({on})"), rule=error.rule, why=error, on=error.rule, extra=error.extra)


def _sum(text: str) -> int:
    """Whole fen of a sum as offices write it: ``¥1,200.50``, ``120元``; nothing was charged: 免费, 无."""
    plain = _MONEY.sub("", pricecell.narrow(text).strip()).strip()
    return 0 if plain in ("免费", "无", "-", "—", "free") else fen(plain)


_READ = {
    **{name: (lambda text, habits: dates.moment(text, habits.order, habits.zone, serials=habits.serials))
       for name in _TIMES},
    **dict.fromkeys(_SUMS, lambda text, habits: _sum(text)),
    "rating": lambda text, habits: FIELDS.choice("rating", text),
    "status": lambda text, habits: FIELDS.choice("status", text),
}  # fmt: skip

WHAT = What(FIELDS, "import", Histories, as_found=True)
