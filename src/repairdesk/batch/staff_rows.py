"""A person a row: somebody of the staff, as ``staff add`` enters them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from repairdesk.batch import headers
from repairdesk.batch.fields import STAFF as FIELDS
from repairdesk.batch.outcome import Difference
from repairdesk.batch.taking import Became, What, Wish
from repairdesk.batch.values import CellError, Habits
from repairdesk.desk import Remark
from repairdesk.desk.people import check_free, enrol, record_of
from repairdesk.desk.turn import Turn
from repairdesk.domain.times import fold
from repairdesk.errors import N_, NotAllowed, UsageError

_PARTS = re.compile(r"[、,;/\n]")
_TRADES = {word: code for code, words in headers.TRADES.items() for word in words.split()}


class Staff:
    """The taker of staff. A blank cell says nothing: it is no difference from what is on record."""

    def __init__(self, turn: Turn, habits: Habits, wish: Wish) -> None:
        self._turn, self._habits = turn, habits
        asked = turn.rules.policies.categories.values()
        self._asked = {category.trade for category in asked if category.trade}
        named = {headers.folded(category.name): category.trade for category in asked if category.trade}
        # What the desk's own policies say of a word goes before what is known of everybody.
        self._trades = {**_TRADES, **named, **{headers.folded(trade): trade for trade in self._asked}}
        self._idle: dict[str, None] = {}

    def understood(self, said: Mapping[str, str]) -> Mapping[str, Any]:
        """What the row is read as, by field."""
        doc = self._record(said)
        read = {**doc, "trades": ", ".join(doc["trades"])}
        return {name: value for name, value in read.items() if value}

    def foresee(self, several: Sequence[Mapping[str, str]]) -> None:
        """Nothing is asked for ahead."""

    def take(self, row: int, said: Mapping[str, str]) -> Became:
        """A new person, unless the id is on record."""
        doc = self._record(said)
        there = self._turn.ledger.person_doc(doc["id"])
        if there is not None:
            changed = _changed(there, doc, said)
            return Difference(row, None, None, changed, {"staff": doc["id"]}) if changed else "already_there"
        turn = self._turn.again(None)
        try:
            check_free(turn, doc)
        except NotAllowed as refusal:
            raise CellError("os_user", refusal) from None
        enrol(turn, doc)
        self._idle |= dict.fromkeys(trade for trade in doc["trades"] if trade not in self._asked)
        return "accepted"

    def remarks(self) -> Iterator[Remark]:
        """Which trades send nobody anywhere (ASG-5)."""
        if self._idle:
            yield Remark(N_("no category of the policies asks for these trades: {trades}"), {"trades": [*self._idle]})

    def _record(self, said: Mapping[str, str]) -> dict[str, Any]:
        missing = [name for name in FIELDS.needed if name not in said]
        if missing:
            raise CellError(missing[0], UsageError(N_("missing: {fields}"), fields=missing))
        words = self._habits.words.get("role", {})
        try:
            role = FIELDS.choice("role", words.get(headers.folded(said["role"]), said["role"]))
        except UsageError as refusal:
            raise CellError("role", refusal) from None
        try:
            return dict(record_of(
                fold(said["id"]), name=said["name"], role=role, trades=self._trades_of(said.get("trades", "")),
                os_user=said.get("os_user"),
            ))  # fmt: skip
        except UsageError as refusal:
            # The name and the role are good: what is left is the id.
            raise CellError("id", refusal) from None

    def _trades_of(self, text: str) -> list[str]:
        """The trades of a cell, each once; what is known under no name is taken as said."""
        words = self._habits.words.get("trades", {})
        parts = (part.strip() for part in _PARTS.split(fold(text)))
        codes = (words.get(headers.folded(part)) or self._trades.get(headers.folded(part), part) for part in parts)
        return list(dict.fromkeys(code.strip() for one in codes for code in _PARTS.split(fold(one)) if code.strip()))


def _changed(there: Mapping[str, Any], doc: Mapping[str, Any], said: Mapping[str, str]) -> dict[str, tuple[Any, Any]]:
    """What the row says otherwise than the record: the old and the new value by field."""
    changed = {name: (there[name], doc[name]) for name in FIELDS.names if name in said and there[name] != doc[name]}
    if "trades" in changed and sorted(there["trades"]) == sorted(doc["trades"]):
        del changed["trades"]
    return changed | ({"retired": (True, False)} if there["retired"] else {})


WHAT = What(FIELDS, None, Staff)
