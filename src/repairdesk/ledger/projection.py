"""What the projections hold: from folded domain values to rows. Pure, so that ``verify`` can make each row again."""

from __future__ import annotations

import unicodedata
from datetime import datetime
from functools import lru_cache
from operator import attrgetter, itemgetter
from typing import Any

from repairdesk.domain import completeness, draw, household, message, shape, staff
from repairdesk.domain.entry import Entry
from repairdesk.domain.household import Household
from repairdesk.domain.lifecycle import ENDS, OPEN
from repairdesk.domain.message import Message
from repairdesk.domain.obligations import Obligation
from repairdesk.domain.order import Order
from repairdesk.domain.staff import Person
from repairdesk.domain.times import iso_utc
from repairdesk.ledger.chain import canonical

Row = dict[str, Any]

_SEARCHED = attrgetter(*"number place place_said caller phone fault found".split())
_SAME = (
    "number kind state priority category place assignee tracker follows external_id coordination converted_from rating "
    "received version severity department help_class policies_version handling_seconds"
).split()
_SAME_OF = attrgetter(*_SAME)
_OWED = "name cycle id rule owner starts_at due_at met_at void_at level next_at".split()
_OWED_OF = itemgetter(*_OWED)
_SERIAL_DIGITS = 18  # what a 64-bit integer holds for certain


def rows_of(order: Order, doc: Row | None = None) -> tuple[Row, list[Row]]:
    """The row of an order and those of its obligations; ``doc`` is its document, where that is made already."""
    if doc is None:
        doc = shape.to_doc(order)
    owed = [_obligation_row(order.number, o, d) for o, d in zip(order.obligations, doc["obligations"], strict=True)]
    return _order_row(order, canonical(_in_order(doc))), owed


def _in_order(doc: Row) -> Row:
    """The document with its keys as they will be written: to sort so many each time is half of the writing."""
    owed = [{name: one[name] for name in _sorted(tuple(one))} for one in doc["obligations"]]
    return {name: owed if name == "obligations" else doc[name] for name in _sorted(tuple(doc))}


@lru_cache(maxsize=64)
def _sorted(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(names))


def _order_row(order: Order, doc: str) -> Row:
    series, serial = series_of(order.number)
    window = order.appointment or (None, None)
    return {
        **dict(zip(_SAME, _SAME_OF(order), strict=True)),
        "tail": order.number[::-1],
        "series": series,
        "serial": serial,
        "is_open": int(order.state in OPEN and not order.ended_there),
        "elsewhere": int(order.ended_there and order.state not in ENDS),
        "reported_at": iso_utc(order.reported_at),
        "finished_at": _utc(order.finished_at),
        "archived_at": _utc(order.archived_at),
        "appointment_start": _utc(window[0]),
        "appointment_end": _utc(window[1]),
        "total": order.billed,
        "as_found": int(order.as_found),
        **_counted(order),
        **_drawn_from(order),
        "search": folded("\n".join([text or "" for text in (*_SEARCHED(order), *(order.old or {}).values())])),
        "doc": doc,
    }


def _drawn_from(order: Order) -> Row:
    """What the draw of callbacks knows of an order (CAL-2)."""
    note = draw.noted(order)
    if note is None:
        return dict.fromkeys(("filed_seq", "must", "callable", "calls"))
    called = canonical(note["calls"]) if note["calls"] else None
    return {"filed_seq": note["seq"], "must": note["must"], "callable": int(note["callable"]), "calls": called}


def _counted(order: Order) -> Row:
    """What the reports count (RPT-1 to RPT-5)."""
    clock = _resolving(order)
    return {
        "anonymous": int(order.anonymous),
        "worker": order.visits[-1].technician if order.visits else order.assignee,
        "lacks": len(completeness.lacking(order)),
        "rechecked_at": order.rechecks[0]["at"] if order.rechecks else None,
        "finished_there": int(order.finished_there),
        "ticked": len({code for visit in order.visits for code in visit.checks}),
        "resolve_due_at": iso_utc(clock.due_at) if clock else None,
        "resolve_met_at": _utc(clock.met_at) if clock else None,
        "resolve_void_at": _utc(clock.void_at) if clock else None,
        "resolve_paused": int(_is_paused(clock)) if clock else None,
    }


def _resolving(order: Order) -> Obligation | None:
    """The clock that the on-time rate goes by (RPT-1): the latest, unless an earlier one was missed, which stays so."""
    clocks = [one for one in order.obligations if one.name == "resolve"]
    late = [one for one in clocks if (end := one.met_at or one.void_at) is not None and end > one.due_at]
    return next(iter([*late, *reversed(clocks)]), None)


def posting_rows(order: Order) -> list[Row]:
    """The rows of what an order added to the months of finance (FEE-7)."""
    same = "month kind place amount of reason".split()
    return [
        {
            "number": order.number,
            "n": n,
            **{name: getattr(posting, name) for name in same},
            "chargeable": int(posting.chargeable),
            "at": iso_utc(posting.at),
        }
        for n, posting in enumerate(order.postings, start=1)
    ]


def receipt_rows(order: Order) -> list[Row]:
    """The rows of what was paid for an order."""
    made = []
    for n, payment in enumerate(order.payments, start=1):
        series, serial = series_of(payment.receipt)
        row = {name: getattr(payment, name) for name in "receipt amount method by".split()}
        made.append(
            {"number": order.number, "n": n, "series": series, "serial": serial, "at": iso_utc(payment.at)} | row
        )
    return made


def household_row(one: Household) -> Row:
    """The row of a household.

    Raises:
        ValueError: its id is no number.
    """
    return {
        "id": one.id,
        "serial": int(one.id),
        "place": one.place,
        "since": one.since,
        "search": "\n".join(map(folded, (*one.names, *one.phones, one.place))),
        "doc": canonical(household.to_doc(one)),
    }


def place_row(one: tuple[int, str, str]) -> Row:
    """The row of a stand-in and its place (RET-3)."""
    return dict(zip(("id", "stand_in", "place"), one, strict=True))


def message_row(one: Message) -> Row:
    """The row of a message."""
    return {
        "id": one.id,
        "recipient": one.to,
        "state": one.state,
        "tries": one.tries,
        "next_at": _utc(one.next_at),
        "queued_at": iso_utc(one.queued_at),
        "doc": canonical(message.to_doc(one)),
    }


def _obligation_row(number: str, obligation: Obligation, doc: Row) -> Row:
    return {
        "number": number,
        **dict(zip(_OWED, _OWED_OF(doc), strict=True)),
        "paused": int(_is_paused(obligation)),
        "running": int(obligation.running),
        "provisional": int(obligation.provisional and obligation.running),
    }


def _is_paused(obligation: Obligation) -> bool:
    """Whether it cannot become overdue until something happens: what was missed before the stop stays so (SLA-3)."""
    stop = obligation.stops[-1] if obligation.stops else None
    return obligation.running and stop is not None and stop.until is None and stop.since <= obligation.due_at


def person_row(person: Person) -> Row:
    """The row of a person."""
    return {
        "id": person.id,
        "name": person.name,
        "role": person.role,
        "os_user": person.os_user,
        "retired": int(person.retired),
        "doc": canonical(staff.to_doc(person)),
    }


def rules_row(entry: Entry) -> Row:
    """The row of an adopted rules file, from its ``adopt`` entry."""
    return {**{name: entry.data[name] for name in "kind file_digest version digest".split()}, "seq": entry.seq}


def is_order(number: str) -> bool:
    """Whether a number is an order's: the desk's own streams are ``desk`` and names with a colon (``staff:W1``)."""
    return number != "desk" and ":" not in number


def series_of(number: str) -> tuple[str, int]:
    """``P20261122-0007`` is the 7th of the series ``P20261122``; a number without a serial is a series by itself."""
    series, _, digits = number.rpartition("-")
    if series and digits.isascii() and digits.isdigit() and len(digits) <= _SERIAL_DIGITS:
        return series, int(digits)
    return number, 0


def folded(text: str) -> str:
    """Text as it is searched: upper and lower case, full and half width are one."""
    return unicodedata.normalize("NFKC", text).casefold()


def _utc(moment: datetime | None) -> str | None:
    return iso_utc(moment) if moment else None
