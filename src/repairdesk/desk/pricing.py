"""What the fee table says of services before anything is done: whether a review is needed, and the quote (QUO-1, 2).

Imported where a price is wanted and not before: most commands never look at the fee table.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, tzinfo

from repairdesk.domain import bill, money
from repairdesk.domain.asked import parse_service
from repairdesk.domain.bill import Asked
from repairdesk.domain.fees import FeeTable
from repairdesk.domain.order import Order


def understood(texts: Sequence[str], day: date | None, zone: tzinfo) -> list[Asked]:
    """Services as typed, ``CODE[:QTY][@HH:MM]``; whether the fee table has them is not asked yet."""
    return [parse_service(text, day, zone) for text in texts]


def of_order(order: Order) -> tuple[str, ...]:
    """The services that intake named, as they would be typed."""
    return tuple(f"{asked['code']}:{asked['quantity']}" for asked in order.services)


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


def bounds(services: Sequence[Asked], fees: FeeTable) -> tuple[int, int] | None:
    """What a reviewed fee lies between, in fen, if ranges of the table are all that was reviewed (QUO-2)."""
    unpriced = [(asked, bill.listed_service(asked.code, fees).price) for asked in services]
    ranges = [(asked.quantity, price) for asked, price in unpriced if price.kind == "range"]
    if not ranges or any(price.kind == "on-quote" for _, price in unpriced):
        return None
    low = sum(money.times(price.low or 0, quantity) for quantity, price in ranges)
    high = sum(money.times(price.high or 0, quantity) for quantity, price in ranges)
    return low, high
