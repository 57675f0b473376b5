"""What was begun and not done: kept in the same drafts as the dialogues keep theirs, to go on with in either.

What the desk would take as it stands counts as said; the rest is kept as it was typed, for the dialogue checks an
answer before it counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import Any

from repairdesk.desk import By, Desk
from repairdesk.desk.drafts import Draft
from repairdesk.domain.intake import Report
from repairdesk.domain.record import NamedTuple
from repairdesk.domain.times import from_iso
from repairdesk.errors import DeskError

CALLED = {"sign": {"signer": "by"}}
"""What the dialogue of a verb calls otherwise than the form."""
TYPED = ("appointment",)
"""What the form takes in other words than the dialogue: it is asked there anew, with what was typed."""
GIVEN = {"channel": "phone"}
"""What stands in an empty form: it is nothing that was said."""


class Begun(NamedTuple):
    """What was said of a report, and when it began."""

    values: dict[str, Any]
    at: datetime


class Kept:
    """The draft of whoever sits there.

    Args:
        home: the desk's folder.
        by: who takes the report.
    """

    def __init__(self, home: Path, by: By) -> None:
        self._draft = Draft(home, "intake", by.os_user, by.actor)
        self._sound: dict[str, Any] = {}
        self._turn = 0
        self._lock = Lock()

    def read(self, now: datetime) -> Begun | None:
        """What was begun, at the form or in the dialogue."""
        doc = self._draft.read(now)
        if doc is None:
            return None
        return Begun(_values(doc), from_iso(doc["at"]))

    def turn(self) -> int:
        """Comes before whatever is kept from now on, and behind whatever was: a slow one writes over no later one."""
        with self._lock:
            self._turn += 1
            return self._turn

    def keep(
        self, began: datetime, values: Mapping[str, Any], desk: Desk | None = None, by: By | None = None, *,
        turn: int | None = None,
    ) -> None:  # fmt: skip
        """Keep what stands in the form; ``desk`` says what of it could be taken, else what it said before counts."""
        turn = self.turn() if turn is None else turn
        told = {name: value for name, value in values.items() if value and GIVEN.get(name) != value}
        sound = _sound(desk, by, told) if told and desk is not None and by is not None else self._sound
        said = {name: value for name, value in told.items() if sound.get(name) == value}
        typed = {name: "、".join(value) if isinstance(value, tuple) else str(value)
                 for name, value in told.items() if name not in said and value is not True}  # fmt: skip
        with self._lock:
            if turn != self._turn:
                return
            self._sound = sound
            if not told:
                self._draft.forget()
                return
            with suppress(OSError):  # it stays in the form, at least as long as the screen lives
                self._draft.keep(began, said, typed=typed)

    def forget(self) -> None:
        """It was taken in, or is not wanted."""
        with self._lock:
            self._turn += 1
            self._draft.forget()


def _values(doc: Mapping[str, Any]) -> dict[str, Any]:
    """What a form can show of a draft."""
    found: dict[str, Any] = {}
    for name, value in {**(doc.get("typed") or {}), **doc["said"]}.items():
        if isinstance(value, list):
            found[name] = tuple(str(one) for one in value)
        elif isinstance(value, str) or value is True:
            found[name] = value
    return found


def _sound(desk: Desk, by: By, told: Mapping[str, Any]) -> dict[str, Any]:
    """What of it the desk would take, one after the other."""
    sound: dict[str, Any] = {}
    for name, value in told.items():
        if name in TYPED:
            continue
        try:
            desk.report_checked(by, Report(**{**sound, name: value}))
        except DeskError:
            continue
        sound[name] = value
    return sound


class KeptForm:
    """What was typed for a verb and an order: the last of each verb.

    Everything but what is marked counts as typed only, for the dialogue checks each answer.

    Args:
        home: the desk's folder.
        verb: what is to be done, ``number`` with which order.
        by: who is at it.
    """

    def __init__(self, home: Path, verb: str, number: str, by: By) -> None:
        self._draft = Draft(home, verb, by.os_user, by.actor)
        self._number = number
        self._called = CALLED.get(verb, {})

    def read(self, now: datetime) -> dict[str, Any]:
        """What was typed for this order, by the names of the form."""
        doc = self._draft.read(now)
        if doc is None or doc["said"].get("number") != self._number:
            return {}
        back = {theirs: ours for ours, theirs in self._called.items()}
        return {back.get(name, name): value for name, value in _values(doc).items() if name != "number"}

    def keep(self, now: datetime, values: Mapping[str, Any]) -> None:
        """Keep what stands there."""
        said = {"number": self._number, **{name: True for name, value in values.items() if value is True}}
        typed = {self._called.get(name, name): "、".join(value) if isinstance(value, tuple) else str(value)
                 for name, value in values.items() if value and value is not True}  # fmt: skip
        with suppress(OSError):
            self._draft.keep(now, said, typed=typed)

    def forget(self, now: datetime) -> None:
        """It is done; what was typed for another order stays."""
        doc = self._draft.read(now)
        if doc is not None and doc["said"].get("number") == self._number:
            self._draft.forget()
