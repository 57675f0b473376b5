"""An order as it stands: what its entries have made of it, and what can be asked of it.

Work orders and coordination orders are one class, as they go through the same verbs; ``kind`` and ``converted_from``
tell them apart. How an order comes about is in ``effects``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from repairdesk.domain.finance import Payment, Posting
from repairdesk.domain.obligations import Obligation
from repairdesk.domain.record import NamedTuple
from repairdesk.domain.times import from_iso

Json = Mapping[str, Any]


class Visit(NamedTuple):
    """One stay of a technician; handling time runs from ``started_at`` to ``ended_at``, never rounded (VIS-1).

    ``late_seconds`` is how late it began; ``late_apart`` that it was so late as to count apart (VIS-2, by policy).
    """

    technician: str
    arrived_at: datetime
    started_at: datetime | None = None
    ended_at: datetime | None = None
    late_seconds: int | None = None
    late_apart: bool = False
    checks: tuple[str, ...] = ()
    agreed_by: str | None = None


class Consent(NamedTuple):
    """The sum in fen that the resident agreed to, materials included; a bill never exceeds it (QUO-4)."""

    fee: int
    at: datetime


class Taken(NamedTuple):
    """A thing taken away for repair, the loaner left for it, and when it came back (VIS-6)."""

    item: str
    loaner: str | None
    taken_at: datetime
    returned_at: datetime | None = None


class Caller(NamedTuple):
    """A further person who reported the same problem (REC-6); ``external_id`` is the report's in another system."""

    name: str | None
    phone: str | None
    at: datetime
    external_id: str | None = None


class Before(NamedTuple):
    """What the nightly run's conversion changed on an order: what a slip keyed in late brings back (REC-2)."""

    state: str
    visits: tuple[Visit, ...]
    ended_at: datetime | None
    obligations: tuple[Obligation, ...]


class Order(NamedTuple):
    """An order as its entries leave it. Unknown is None or empty; money is whole fen; times are aware UTC.

    ``unlisted``: it waits for a review; ``beyond_table``: there is work in it that the fee table does not have at all.
    ``reviewed`` is the supervisor's latest fee, ``agreed_review`` the one that the last consent covered and that the
    bill goes by (QUO-2, QUO-4). ``bill`` is the frozen one with ``frozen_at``, ``reversed_bills`` those that stood
    before it (FEE-8); ``postings`` are what it came to in the months of finance (FEE-7). ``tracker``, ``logs`` and
    ``checks`` belong to coordination orders. ``before`` is what a conversion by the nightly run found, ``voided`` the
    coordination orders that were opened too early (REC-2); ``suspended`` is one that waits for what else is keyed in.
    ``last_done_at`` is the last thing that a person did beside attaching a file; it binds the order of time (REC-2).
    ``department`` is whose matter a complaint is, ``told`` who was told of it at once. ``explained`` is why work waits
    and until when, as the resident was told (VIS-10); ``rechecks`` are the looks at finished work afterwards (CAL-8),
    ``remarks_settled`` what became of remarks without another call (CAL-7). ``attachments`` are the files that the desk
    keeps for it, each with its digest (REC-1).
    ``called_before`` counts the callbacks that came before the work was finished, or before a low rating: they say
    nothing of the work, or nothing of the rating (CAL-2, FIN-4). ``heard`` is what the technician said about a low one,
    ``settled`` why a dissatisfied resident's order ends all the same (FIN-4). ``archived_seq`` is the entry that filed
    it, by which callbacks are drawn; of ``letter_only`` complaints nobody is called (CAL-2, CAL-6).
    ``imported``: it came from another system with what became of it there; ``as_found``: so that the rules refuse it,
    and ``old`` is what that system said of it, by field. ``purged`` says when and by whom what was personal was taken
    from it (RET-3).
    """

    number: str
    kind: str
    state: str
    version: int
    reported_at: datetime
    last_done_at: datetime
    clerk: str
    policies_version: str
    fees_version: str
    priority: str | None = None
    severity: str | None = None
    department: str | None = None
    told: tuple[str, ...] = ()
    help_class: str | None = None
    category: str | None = None
    channel: str | None = None
    place: str | None = None
    place_said: str | None = None
    caller: str | None = None
    phone: str | None = None
    callers: tuple[Caller, ...] = ()
    anonymous: bool = False
    letter_only: bool = False
    fault: str | None = None
    found: str | None = None
    result: str | None = None
    appointment: tuple[datetime, datetime] | None = None
    model: str | None = None
    purchased: str | None = None
    warranty_until: str | None = None
    affects: tuple[str, ...] = ()
    unlisted: bool = False
    beyond_table: bool = False
    follows: str | None = None
    found_on: str | None = None
    external_id: str | None = None
    services: tuple[Json, ...] = ()
    quote: int | None = None
    reviewed: int | None = None
    agreed_review: int | None = None
    consent: Consent | None = None
    assignee: str | None = None
    assignees: tuple[str, ...] = ()
    accepted_at: datetime | None = None
    arrived_at: datetime | None = None
    visits: tuple[Visit, ...] = ()
    attempts: tuple[datetime, ...] = ()
    pauses: tuple[Json, ...] = ()
    taken: tuple[Taken, ...] = ()
    damages: tuple[Json, ...] = ()
    finished_at: datetime | None = None
    bill: Json | None = None
    reversed_bills: tuple[Json, ...] = ()
    refusals: tuple[Json, ...] = ()
    postings: tuple[Posting, ...] = ()
    payments: tuple[Payment, ...] = ()
    invoice: str | None = None
    follow_up: tuple[str, ...] = ()
    rating: str | None = None
    signed_by: str | None = None
    unsigned_reason: str | None = None
    closed_by: str | None = None
    archived_at: datetime | None = None
    archived_seq: int | None = None
    ended_reason: str | None = None
    ended_at: datetime | None = None
    exempt: str | None = None
    coordination: str | None = None
    converted_from: str | None = None
    tracker: str | None = None
    trackers: tuple[str, ...] = ()
    logs: tuple[Json, ...] = ()
    checks: tuple[Json, ...] = ()
    callbacks: tuple[Json, ...] = ()
    heard: tuple[Json, ...] = ()
    signed_at: datetime | None = None
    called_before: int = 0
    settled: Json | None = None
    explained: tuple[Json, ...] = ()
    rechecks: tuple[Json, ...] = ()
    remarks_settled: tuple[Json, ...] = ()
    attachments: tuple[Json, ...] = ()
    before: Before | None = None
    voided: tuple[str, ...] = ()
    suspended: str | None = None
    purged: Json | None = None
    imported: bool = False
    as_found: bool = False
    ended_there: bool = False
    finished_there: bool = False
    old: Json | None = None
    obligations: tuple[Obligation, ...] = ()

    @property
    def is_coordination(self) -> bool:
        """Whether this is a coordination order (协调单)."""
        return self.converted_from is not None

    @property
    def appointment_start(self) -> datetime | None:
        """When the agreed visit window begins."""
        return self.appointment[0] if self.appointment else None

    @property
    def promised_at(self) -> datetime | None:
        """The next time that the latest pause named (VIS-5)."""
        return from_iso(self.pauses[-1]["next"]) if self.pauses else None

    @property
    def call_again_at(self) -> datetime | None:
        """When the resident is called again, as the latest callback says (CAL-5)."""
        again = self.callbacks[-1]["next"] if self.callbacks else None
        return from_iso(again) if again else None

    @property
    def open_remarks(self) -> tuple[Json, ...]:
        """The callbacks in which the resident remarked on something that no later one, nor anybody, settled (CAL-7)."""
        return open_remarks(self.callbacks, self.remarks_settled, self.settled)

    @property
    def awaits_consent(self) -> bool:
        """Whether a fee was quoted that the resident has not agreed to yet."""
        return bool(self.quote) and (self.consent is None or self.consent.fee < (self.quote or 0))

    @property
    def running_visit(self) -> Visit | None:
        """The visit that is not over yet, be it started or only arrived."""
        return self.visits[-1] if self.visits and self.visits[-1].ended_at is None else None

    @property
    def handling_seconds(self) -> int:
        """The time of all visits that are over, added up and never rounded (VIS-1)."""
        return sum(int((v.ended_at - v.started_at).total_seconds()) for v in self.visits if v.started_at and v.ended_at)

    @property
    def paid(self) -> bool:
        """有偿: the frozen bill has a chargeable line (FEE-9); before that, a fee was quoted or agreed to."""
        if self.bill is not None:
            return bool(self.bill["paid"])
        if self.state in ("declined", "cancelled"):
            return False
        return bool(self.quote or (self.consent and self.consent.fee))

    @property
    def received(self) -> int:
        """What was paid so far, in fen, less what was paid back."""
        return sum(payment.amount for payment in self.payments)

    @property
    def open_amount(self) -> int:
        """What is still to be paid of the bill, in fen; negative where more was received than it comes to now."""
        return (self.billed or 0) - self.received

    @property
    def billed(self) -> int | None:
        """What this desk billed, in fen; None where it did not: what another system billed is settled there."""
        return self.bill["total"] if self.bill is not None and not self.bill.get("imported") else None

    @property
    def out(self) -> tuple[str, ...]:
        """What was taken away and is not back yet (VIS-6)."""
        return tuple(t.item for t in self.taken if t.returned_at is None)

    @property
    def workers(self) -> frozenset[str]:
        """Everyone who did the work: whoever made a visit, and whoever tracked a coordination order (FIN-5)."""
        return frozenset([v.technician for v in self.visits] + list(self.trackers))

    @property
    def hands(self) -> frozenset[str]:
        """Everyone who did the work or was to do it: none of them takes anything off its bill (FEE-6)."""
        return self.workers | frozenset(self.assignees)


CORRECTABLE = (
    "place caller phone fault found result priority severity department help_class category channel model purchased "
    "warranty_until signed_by invoice"
).split()
"""The fields that ``correct`` may change; the bill is corrected by reversal, the rest is made of entries."""


def remarks(call: Json) -> bool:
    """Whether the resident remarked on something in a callback: dissatisfied, or with something that waits for the next
    one (CAL-5, CAL-7)."""
    return call["outcome"] == "dissatisfied" or (call["outcome"] == "satisfied" and call["next"] is not None)


def open_remarks(calls: Iterable[Json], settled: Iterable[Json], ended: Json | None) -> tuple[Json, ...]:
    """The callbacks with a remark that no later one settled, nor anybody (``settled``), nor the manager (``ended``)."""
    calls = tuple(calls)
    done = [one["seq"] for one in (*settled, *((ended,) if ended else ()), *filter(answers, calls))]
    return tuple(one for one in calls if remarks(one) and one["seq"] > max(done, default=0))


def answers(call: Json) -> bool:
    """Whether a callback leaves nothing open: satisfied with nothing left for another one, or a letter that answers."""
    return bool(call.get("letter")) or (call["outcome"] == "satisfied" and call["next"] is None)
