"""From what was asked for on an order to its quote and its bill.

Imported where a price is wanted and not before: most commands never look at the fee table.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, replace
from datetime import date, datetime, timedelta, tzinfo
from decimal import Decimal
from typing import Any

from repairdesk.desk.rulebooks import Rules
from repairdesk.domain import bill
from repairdesk.domain.asked import parse_material, parse_service
from repairdesk.domain.bill import Asked, Bill
from repairdesk.domain.fees import FeeTable, Price, Service
from repairdesk.domain.order import Order
from repairdesk.errors import N_, NotAllowed, NotFound

_UNLISTED = "unlisted"
_DAY = timedelta(days=1)


def understood(texts: Sequence[str], day: date | None, zone: tzinfo) -> list[Asked]:
    """Services as typed, ``CODE[:QTY][@HH:MM]``; whether the fee table has them is not asked yet."""
    return [parse_service(text, day, zone) for text in texts]


def read_materials(texts: Sequence[str], fees: FeeTable) -> None:
    """Whether materials as typed can be read; what the fee table says of them is asked once the order is known.

    Raises:
        UsageError: one cannot be, or a quantity or cost is out of bounds (FEE-10).
    """
    for text in texts:
        with suppress(NotFound, NotAllowed):
            parse_material(text, fees)


def needs_review(services: Sequence[Asked], fees: FeeTable) -> bool:
    """Whether one of the services has no fixed price on the fee table (QUO-2).

    Raises:
        NotFound: one is not on the table at all.
    """
    kinds = [bill.listed_service(asked.code, fees).price.kind for asked in services]
    return "range" in kinds or "on-quote" in kinds


def quote(services: Sequence[Asked], fees: FeeTable, at: datetime) -> int:
    """What the fee table says of services that were all named at once, in fen (QUO-1)."""
    return bill.price(services, (), fees, start=at).total


def bill_of(order: Order, services: Sequence[str], materials: Sequence[str], rules: Rules, at: datetime) -> Bill:
    """The bill by the fee table that the order is judged by; services named here replace what intake named."""
    visit = order.running_visit
    start = (visit.started_at if visit else None) or at
    said = services or [f"{asked['code']}:{asked['quantity']}" for asked in order.services]
    asked = understood(said, start.astimezone(rules.zone).date(), rules.zone)
    used = [parse_material(text, rules.fees) for text in materials]
    asked = [_within_a_visit(one, order, start, at) for one in asked]
    fees = rules.fees
    agreed = order.agreed_review
    if agreed is not None and not services and not needs_review(asked, fees):
        # Work that the table has no code for is still a line: under the words that it was reported in. Services that
        # are named at the end stand in its place.
        work = Service(_UNLISTED, order.fault or "", order.category or "", "", Price("on-quote", None, None), _UNLISTED)
        fees = replace(fees, services={**fees.services, _UNLISTED: work})
        asked.append(Asked(_UNLISTED, Decimal(1), None))
    return bill.price(asked, used, fees, start=start, reviewed=agreed)


def _within_a_visit(asked: Asked, order: Order, start: datetime, end: datetime) -> Asked:
    """A time of day is of the day of the visit; of the next one where the visit went past midnight, and of an earlier
    visit's where it would lie after the work is done.

    Raises:
        NotAllowed: it lies after the work is done whatever the day (REC-2).
    """
    if asked.at is None:
        return asked
    if asked.at < start and asked.at + _DAY <= end:
        return replace(asked, at=asked.at + _DAY)
    at, first = asked.at, order.visits[0].arrived_at if order.visits else start
    while at > end and at - _DAY >= first:
        at -= _DAY
    if at > end:
        raise NotAllowed(N_("{code} cannot have been asked for at {at}: the work was done at {end}"), rule="REC-2",
                         code=asked.code, at=asked.at, end=end)  # fmt: skip
    return replace(asked, at=at)


def as_json(made: Bill) -> Mapping[str, Any]:
    """The frozen bill as an entry keeps it: whole fen, quantities as strings."""
    lines = [
        {
            **asdict(line),
            "quantity": str(line.quantity),
            "why": {"text": line.why.text, "values": dict(line.why.values)},
        }
        for line in made.lines
    ]
    return {"lines": lines, "total": made.total, "paid": made.paid}
