"""A message to one person or role: what it says, how often it was tried, whether it arrived (SLA-4).

A message is a stream of its own, ``message:17``: queued in the transaction that found something to tell, claimed before
it is sent, and its outcome put on record after. It holds no personal data: what it quotes of a report is masked first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from repairdesk.domain import masking
from repairdesk.domain.entry import Entry
from repairdesk.domain.record import NamedTuple
from repairdesk.domain.times import from_iso, iso_utc

STREAM = "message:"
"""What the number of a message's entries begins with: ``message:17``."""

ADDRESSES = "notify.yaml"
"""The file in the desk's folder that says where people can be reached; it never goes into the ledger."""

EVENTS = ("queue", "try", "sent", "failed", "given-up")
WAITING, TRYING, SENT, FAILED, GIVEN_UP = STATES = ("waiting", "trying", "sent", "failed", "given-up")
"""Never tried; claimed by somebody who sends it; arrived everywhere; to be tried again; never again."""

CLAIM = timedelta(minutes=10)
"""How long a claimed message is left alone: twice as long as sending one may take (``notify``).

Whoever claimed it and said nothing for so long is gone, and nobody knows what the receiver got: it is sent again under
the same key.
"""

NO_ADDRESS, NO_ANSWER, UNREACHABLE = "no-address", "no-answer", "unreachable"
NOT_TAKEN, BROKEN, UNKNOWN, PURGED = "not-taken", "broken", "unknown", "purged"
"""Why a try failed, beside ``http-500`` and ``code-93000`` (what a receiver answered).

``not-taken``: the service said no more than that; ``broken``: the library failed; ``unknown``: who sent it is gone;
``purged``: what it told of was purged.
"""

_LINE = "number obligation rule level due_at place fault owner role".split()


class Message(NamedTuple):
    """A message as its entries leave it.

    Attributes:
        to: a staff id, or a role where nobody particular is known; ``role``: the recipient's.
        at: the time of the run that tells; ``queued_at``: when it was written down.
        key: goes out with it, the same at every try, so that a receiver can see that it had it already.
        lines: one for each thing told: number, obligation, rule, level, due_at, place, fault, owner, role.
        tries: how often it was claimed; ``next_at``: when it is due for the next time, None once it is over.
        accepted: the services that took it, each by a salted digest of its address.
        why: what was in the way at the last try, by ``service`` and ``reason`` (see ``NO_ADDRESS``).
    """

    id: int
    to: str
    role: str
    at: datetime
    key: str
    lines: tuple[Mapping[str, Any], ...]
    queued_at: datetime
    state: str = WAITING
    tries: int = 0
    next_at: datetime | None = None
    accepted: tuple[str, ...] = ()
    why: tuple[Mapping[str, str], ...] = ()


class Outcome(NamedTuple):
    """What became of one try: the services that took it (digests), and those that did not, by name and reason."""

    accepted: frozenset[str] = frozenset()
    failed: tuple[tuple[str, str], ...] = ()


def line(told: Mapping[str, Any]) -> dict[str, Any]:
    """What a message may say of one thing: nothing but the known keys, digits that may be a phone masked."""
    kept = {name: told.get(name) for name in _LINE}
    return {**kept, "place": masking.in_place(kept["place"]), "fault": masking.in_words(kept["fault"])}


def again_at(tries: int, waits: Sequence[int], now: datetime) -> datetime | None:
    """When to try again after so many tries; None when it is given up. ``waits`` are in seconds."""
    return now + timedelta(seconds=waits[tries - 1]) if tries <= len(waits) else None


def fold(entries: Iterable[Entry]) -> Message | None:
    """A message as its entries leave it.

    Raises:
        ValueError: the number of its stream is none.
    """
    message: Message | None = None
    for entry in entries:
        message = _queued(entry) if entry.event == "queue" else message and _after(message, entry)
    return message


def _queued(entry: Entry) -> Message:
    data, number = entry.data, int(entry.number.removeprefix(STREAM))
    lines = tuple(data["lines"])
    return Message(number, data["to"], data["role"], from_iso(data["at"]), data["key"], lines, entry.recorded_at,
                   next_at=entry.recorded_at)  # fmt: skip


def _after(message: Message, entry: Entry) -> Message:
    data = entry.data
    if entry.event == "try":
        return message._replace(state=TRYING, tries=data["n"], next_at=from_iso(data["until"]))
    if entry.event == "sent":
        return message._replace(state=SENT, next_at=None, accepted=tuple(data["services"]), why=())
    message = message._replace(accepted=tuple(sorted({*message.accepted, *data["accepted"]})), why=tuple(data["why"]))
    if entry.event == "given-up":
        return message._replace(state=GIVEN_UP, next_at=None)
    # Who was slow may tell of a try when somebody else has begun the next: that one decides.
    late = data["n"] != message.tries or message.state != TRYING
    return message if late else message._replace(state=FAILED, next_at=from_iso(data["next_at"]))


def to_doc(message: Message) -> dict[str, Any]:
    """A message as the projection keeps it, in UTC."""
    times = {name: iso_utc(getattr(message, name)) for name in ("at", "queued_at")}
    next_at = iso_utc(message.next_at) if message.next_at else None
    lists = {name: list(getattr(message, name)) for name in ("lines", "accepted", "why")}
    return {**message._asdict(), **times, **lists, "next_at": next_at}
