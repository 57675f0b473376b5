"""Telling people: messages are queued with what they tell of, and sent afterwards, outside every transaction.

Nothing is lost: what was not confirmed is tried again, under a key by which a receiver sees that it had it already.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import timedelta
from typing import Any

from repairdesk.desk.base import Base
from repairdesk.desk.turn import By, Turn
from repairdesk.domain import message as messages
from repairdesk.domain.message import CLAIM, SENT, STREAM, TRYING, UNKNOWN, Message, Outcome
from repairdesk.domain.shape import Doc
from repairdesk.domain.staff import SYSTEM
from repairdesk.domain.times import from_iso, iso_utc, local_iso

Send = Callable[[Doc, frozenset[str]], Outcome]
"""Sends a message (its times in the desk's zone) to every service but those that took it at an earlier try."""

MOST = 200
"""How many messages one run sends at most: what is left over goes out with the next."""

_SHOWN = timedelta(days=7)
"""How long the board names what was given up: one that says the same for ever is not read any more."""


# --- queueing


def queue(turn: Turn, to: str, role: str, lines: Sequence[Mapping[str, Any]]) -> int | None:
    """Write down a message, in the turn that found what it tells; its number.

    Args:
        to: a staff id, or a role where nobody particular is known.
        role: the recipient's, where ``to`` has no staff record that says it.
        lines: what is told: ``number``, ``obligation``, ``rule``, ``level``, ``due_at`` (UTC), ``place``, ``fault``,
            ``owner``, ``role``. Other keys are not kept, and digits that may be a phone number are masked.

    Nothing is written (None) where there is nothing to tell, or the policies send that role no messages.
    """
    person = turn.ledger.person_doc(to)
    role = (person["role"] if person else None) or role
    if not lines or role not in turn.rules.policies.notify.roles:
        return None
    turn.books.adopt(turn.writer, turn.actor.id, turn.keyboard, turn.now)
    number = turn.ledger.next_message()
    told = [messages.line(line) for line in lines]
    key = f"rd-{turn.ledger.first_hash()[:8]}-{number}"
    _write(turn, number, "queue", {"to": to, "role": role, "at": iso_utc(turn.at), "lines": told, "key": key})
    turn.queued.append(number)
    return number


def give_up(turn: Turn, number: int) -> None:
    """A message that is still to be sent is not: what it tells of is gone (RET-2)."""
    told = messages.fold(turn.ledger.entries(f"{STREAM}{number}"))
    assert told is not None
    said = [{"service": "", "reason": messages.PURGED}]
    _write(turn, number, "given-up", {"n": told.tries, "why": said, "accepted": []})


def _write(turn: Turn, number: int, event: str, data: Mapping[str, Any]) -> Message:
    """An entry of a message, by the program itself, and the message that results."""
    stream = f"{STREAM}{number}"
    turn.writer.append(
        stream,
        event,
        actor=SYSTEM,
        keyboard=turn.keyboard,
        occurred_at=turn.now,
        recorded_at=turn.now,
        late=False,
        data=data,
    )
    message = messages.fold(turn.ledger.entries(stream))
    assert message is not None
    turn.writer.store_message(message)
    return message


def standing(turn: Turn) -> Doc:
    """What a board says of the outbox: how many messages are ``waiting``, how many were ``given_up`` these days."""
    ever, lately = turn.ledger.messages_unsent(), turn.ledger.messages_unsent(iso_utc(turn.now - _SHOWN))
    waiting = sum(count for state, count in ever.items() if state != messages.GIVEN_UP)
    return {"waiting": waiting, "given_up": lately.get(messages.GIVEN_UP, 0)}


# --- sending


class Outbox(Base):
    """Messages on their way."""

    def undelivered(self, by: By) -> int:
        """How many messages are due now: whether anything needs to be sent at all."""
        with self.look(by) as turn:
            return len(turn.ledger.messages_due(iso_utc(turn.now), MOST))

    def deliver(
        self,
        by: By,
        send: Send | None,
        *,
        limit: int = MOST,
        only: Collection[int] | None = None,
        go_on: Callable[[], bool] = lambda: True,
    ) -> Doc:
        """Try every message that is due; ``{"sent", "waiting", "given_up", "failed": [{id, to, role, why, next_at}]}``.

        Each is claimed in a short transaction of its own, sent outside any, and its outcome put on record in another:
        of two that deliver at once each takes what the other has not. ``waiting`` is what is still to be sent, now or
        later; ``failed`` is what did not arrive in this run, with ``next_at`` None where it is given up. Without
        ``send`` everything waits; so does what is not among ``only``, and what is left when ``go_on`` says no.
        """
        settled: list[Message] = []
        seen: set[int] = set()
        while send is not None and len(seen) < limit and go_on() and (claimed := self._claim(by, seen, only)):
            message, doc = claimed
            if message.state == TRYING:
                message = self._settle(by, message, send(doc, frozenset(message.accepted)))
            settled.append(message)
        with self.look(by) as turn:
            return {
                "sent": sum(message.state == SENT for message in settled),
                "waiting": standing(turn)["waiting"],
                "given_up": sum(message.state == messages.GIVEN_UP for message in settled),
                "failed": [_failure(message, turn) for message in settled if message.state != SENT],
            }

    def _claim(self, by: By, seen: set[int], only: Collection[int] | None) -> tuple[Message, Doc] | None:
        """The next message that this run has not seen, claimed; given up where all its tries were left unfinished."""
        with self.turn(by) as turn:
            due = _due(turn, only) if only is not None else turn.ledger.messages_due(iso_utc(turn.now), len(seen) + 1)
            number = next((one for one in due if one not in seen), None)
            if number is None:
                return None
            seen.add(number)
            message = messages.fold(turn.ledger.entries(f"{STREAM}{number}"))
            assert message is not None
            tries = message.tries + 1
            if tries > 1 + len(turn.rules.policies.notify.retry):
                why = message.why or [{"service": "", "reason": UNKNOWN}]
                said = {"n": message.tries, "why": list(why), "accepted": []}
                message = _write(turn, number, "given-up", said)
            else:
                message = _write(turn, number, "try", {"n": tries, "until": iso_utc(turn.now + CLAIM)})
            return message, _local(message, turn)

    def _settle(self, by: By, claimed: Message, outcome: Outcome) -> Message:
        """Put on record what became of a try; what somebody else brought about meanwhile stays."""
        with self.turn(by) as turn:
            message = messages.fold(turn.ledger.entries(f"{STREAM}{claimed.id}"))
            assert message is not None
            if message.state == SENT:
                return message
            accepted = sorted(outcome.accepted)
            if not outcome.failed:
                return _write(turn, message.id, "sent", {"services": sorted({*message.accepted, *accepted})})
            why = [{"service": service, "reason": reason} for service, reason in outcome.failed]
            said = {"n": claimed.tries, "why": why, "accepted": accepted}
            again = messages.again_at(claimed.tries, turn.rules.policies.notify.retry, turn.now)
            if again is None:
                return _write(turn, message.id, "given-up", said)
            return _write(turn, message.id, "failed", {**said, "next_at": iso_utc(again)})


def _due(turn: Turn, only: Collection[int]) -> list[int]:
    """Which of these are due still: a run that came in between may have taken them."""
    found = [messages.fold(turn.ledger.entries(f"{STREAM}{number}")) for number in sorted(only)]
    return [one.id for one in found if one is not None and one.next_at is not None and one.next_at <= turn.now]


def _local(message: Message, turn: Turn) -> Doc:
    """A message as it is sent: its times in the desk's zone."""
    zone = turn.rules.zone
    lines = [{**line, "due_at": line["due_at"] and local_iso(from_iso(line["due_at"]), zone)} for line in message.lines]
    return {**messages.to_doc(message), "at": local_iso(message.at, zone), "lines": lines}


def _failure(message: Message, turn: Turn) -> Doc:
    next_at = message.next_at and local_iso(message.next_at, turn.rules.zone)
    return {"id": message.id, "to": message.to, "role": message.role, "why": list(message.why), "next_at": next_at}
