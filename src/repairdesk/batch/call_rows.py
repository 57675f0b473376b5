"""A callback a row: a call, a visit or a letter, as ``callback record`` enters it, at its own time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, tzinfo
from functools import cached_property
from typing import Any

from repairdesk.batch import dates, headers
from repairdesk.batch.fields import CALLBACKS as FIELDS
from repairdesk.batch.outcome import Difference
from repairdesk.batch.taking import Became, What, Wish
from repairdesk.batch.values import CellError, Habits
from repairdesk.desk import Remark
from repairdesk.desk.ringing import Said, call, check_said
from repairdesk.desk.turn import Turn, stamp
from repairdesk.domain.order import Order
from repairdesk.domain.staff import Person
from repairdesk.domain.times import fold, from_iso, local_iso
from repairdesk.errors import N_, BadInput, DeskError, NotAllowed, NotFound, NotPermitted, UsageError


class Calls:
    """The taker of callbacks.

    A call of the same order at the same time is there already, or differs. What a row does not say is not compared.
    """

    def __init__(self, turn: Turn, habits: Habits, wish: Wish) -> None:
        self._turn, self._habits = turn, habits
        self._before, _ = turn.ledger.head()

    def understood(self, said: Mapping[str, str]) -> Mapping[str, Any]:
        """What the row is read as, by field."""
        at, call = self._read(said)
        read = {"number": said["number"], "at": at, "by": said.get("by"), **call._asdict(), "next": call.next_at}
        return {name: value for name, value in read.items() if value is not None}

    def foresee(self, several: Sequence[Mapping[str, str]]) -> None:
        """Nothing is asked for ahead."""

    def take(self, row: int, said: Mapping[str, str]) -> Became:
        """An entry of the order, at the row's time and by the person whom it names."""
        at, heard = self._read(said)
        turn = self._turn.again(at, self._person(said["by"]) if "by" in said else None)
        order = self._order(turn, said["number"])
        mine = {"outcome": heard.outcome, "method": heard.method, "signed_by": heard.signed_by, "note": heard.note}
        mine |= {"by": turn.actor.id, "next": stamp(heard.next_at) if isinstance(heard.next_at, datetime) else None}
        there = [one for one in order.callbacks if one["at"] == stamp(at) and not one["letter"]]
        if there:
            return self._known(row, order, there, {name: mine[name] for name in mine if name in said})
        try:
            call(turn, heard)
        except DeskError as refusal:
            raise self._refused(turn, order, refusal) from None
        return "accepted"

    def remarks(self) -> Iterator[Remark]:
        """Nothing beside the counts."""
        return iter(())

    def _read(self, said: Mapping[str, str]) -> tuple[datetime, Said]:
        """When it was, and what came of it."""
        missing = [name for name in FIELDS.needed if name not in said]
        if missing:
            raise CellError(missing[0], UsageError(N_("missing: {fields}"), fields=missing))
        times = {name: self._moment(name, said[name]) for name in ("at", "next") if name in said}
        heard = Said(
            self._word("outcome", said["outcome"]), self._word("method", said["method"]), said.get("signed_by"),
            said.get("note"), times.get("next"),
        )  # fmt: skip
        try:
            check_said(heard)
        except UsageError as refusal:
            raise CellError("signed_by" if refusal.rule == "CAL-4" else "next", refusal) from None
        return times["at"], heard

    def _moment(self, name: str, text: str) -> datetime:
        habits = self._habits
        try:
            return dates.moment(text, habits.order, habits.zone, serials=habits.serials)
        except UsageError as refusal:
            raise CellError(name, refusal) from None

    def _word(self, name: str, text: str) -> str:
        try:
            return FIELDS.choice(name, self._habits.words.get(name, {}).get(headers.folded(text), text))
        except UsageError as refusal:
            raise CellError(name, refusal) from None

    def _order(self, turn: Turn, text: str) -> Order:
        """The order of that number, or of that id in another system; no mere ending of one."""
        number = fold(text).upper()
        other = turn.ledger.number_of_external(text)
        own = number if turn.ledger.order_doc(number) else None
        if own and other and own != other:
            refusal = UsageError(N_("{number} could be any of: {numbers}"), number=text, numbers=[own, other])
            raise CellError("number", refusal)
        found = own or other
        if found is None:
            raise CellError("number", NotFound(N_("there is no order {number}"), number=text))
        try:
            return turn.load(found)
        except UsageError as refusal:
            raise CellError("number", refusal) from None

    @cached_property
    def _named(self) -> Mapping[str, list[str]]:
        """The ids of everyone by name: no call makes anybody."""
        named: dict[str, list[str]] = {}
        for doc in self._turn.ledger.staff():
            named.setdefault(headers.folded(doc["name"]), []).append(doc["id"])
        return named

    def _person(self, text: str) -> Person:
        """Who called: a staff id, or the name of one person alone."""
        try:
            return self._turn.person(fold(text))
        except NotFound as refusal:
            ids = self._named.get(headers.folded(text), ())
            if len(ids) == 1:
                return self._turn.person(ids[0])
            several = UsageError(N_("{name} could be any of: {ids}"), name=text, ids=list(ids))
            raise CellError("by", several if ids else refusal) from None

    def _known(self, row: int, order: Order, there: list[Mapping[str, Any]], mine: Mapping[str, Any]) -> Became:
        """What is there of that time says the same, or something else."""
        changes = [{name: (one[name], mine[name]) for name in mine if one[name] != mine[name]} for one in there]
        if not all(changes):
            return "already_there"
        if any(one["seq"] > self._before for one in there):
            raise CellError("at", BadInput(N_("another row says something else of the same order at the same time")))
        least = min(changes, key=len)
        zone = self._habits.zone
        if "next" in least:
            least["next"] = _local(least["next"][0], zone), _local(least["next"][1], zone)
        return Difference(row, None, order.number, least, {"at": local_iso(from_iso(there[0]["at"]), zone)})

    def _refused(self, turn: Turn, order: Order, refusal: DeskError) -> CellError:
        """What the table or a guard refuses, every value being read; and whether it is the list's own order."""
        later = (one for one in order.callbacks if one["seq"] > self._before and one["at"] > stamp(turn.at))
        if refusal.rule == "REC-2" and any(later):
            message = N_("a row above is a later call about the same order: sort the list by time")
            return CellError("at", BadInput(message, rule="REC-2"))
        return CellError(_to_blame(refusal), refusal)


def _local(text: str | None, zone: tzinfo) -> str | None:
    return local_iso(from_iso(text), zone) if text else None


def _to_blame(refusal: DeskError) -> str:
    """The field of what is refused."""
    if isinstance(refusal, NotPermitted):
        return "by"
    if isinstance(refusal, UsageError) or (isinstance(refusal, NotAllowed) and refusal.rule == "CAL-5"):
        return "next"
    return {"REC-2": "at", "CAL-4": "method", "CAL-6": "method"}.get(refusal.rule or "", "number")


WHAT = What(FIELDS, "import", Calls)
