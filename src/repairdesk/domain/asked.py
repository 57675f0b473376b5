"""Services and materials as they are typed: ``CODE[:QTY][@HH:MM]``, ``CODE[:QTY]``, ``NAME:QTY:STOCKCOST``."""

from __future__ import annotations

import re
from datetime import date, tzinfo
from decimal import Decimal

from repairdesk.domain import money
from repairdesk.domain.bill import Asked, Used, listed_material
from repairdesk.domain.fees import FeeTable
from repairdesk.domain.times import at_local, fold, time_of_day
from repairdesk.errors import NotAllowed, UsageError

# Split as typed, each part then folded by its own reader: folding all at once would turn ² into a digit, and would
# change names that are to stay as they were said.
_COLON = re.compile("[:：]")
_AT_SIGN = re.compile("[@＠]")
_ONE = Decimal(1)


def parse_service(text: str, day: date | None, zone: tzinfo) -> Asked:
    """The service that ``CODE[:QTY][@HH:MM]`` asks for; the time is of the local ``day`` (the visit's).

    Raises:
        UsageError: it cannot be read, its quantity is out of bounds (FEE-10), or it has a time and there is no day.
    """
    what, *times = _AT_SIGN.split(text)
    code, *quantities = _COLON.split(what)
    seconds = time_of_day(times[0]) if times else None
    if not fold(code) or len(quantities) > 1 or len(times) > 1 or (times and seconds is None):
        raise UsageError(
            "“{text}” is not a service: write CODE, CODE:QTY, CODE@HH:MM or CODE:QTY@HH:MM", rule="FEE-1", text=text
        )
    if seconds is not None and day is None:
        raise UsageError("“{text}” gives a time of day, but no visit says which day is meant", rule="FEE-3", text=text)
    at = at_local(day, seconds, zone) if day is not None and seconds is not None else None
    return Asked(fold(code), money.quantity(quantities[0]) if quantities else _ONE, at)


def parse_material(text: str, fees: FeeTable) -> Used:
    """The material that ``CODE[:QTY]``, or ``NAME:QTY:STOCKCOST`` where the fee table lacks it, says was used.

    Raises:
        UsageError: it cannot be read, or a quantity or cost is out of bounds (FEE-10).
        NotFound: the code is not on the fee table (FEE-1).
        NotAllowed: a stock cost is given for a material that is on the fee table (FEE-2).
    """
    first, *rest = _COLON.split(text)
    if len(rest) >= 2:
        *more, quantity, cost = rest
        return _unlisted(":".join([first, *more]).strip(), quantity, cost, text, fees)
    if not fold(first):
        raise _unreadable(text)
    quantity = money.quantity(rest[0]) if rest else _ONE
    listed = listed_material(fold(first), fees)
    return Used(listed.code, listed.name, quantity, None)


def _unlisted(name: str, quantity: str, cost: str, text: str, fees: FeeTable) -> Used:
    if not name:
        raise _unreadable(text)
    for listed in fees.materials.values():
        if fold(name) in (listed.code, fold(listed.name)):
            raise NotAllowed(
                "{name} is on the fee table: give it as {code}, without a stock cost",
                rule="FEE-2",
                name=name,
                code=listed.code,
            )
    return Used(None, name, money.quantity(quantity), money.fen(cost))


def _unreadable(text: str) -> UsageError:
    return UsageError(
        "“{text}” is not a material: write CODE, CODE:QTY, or NAME:QTY:STOCKCOST for one that is not on the fee table",
        rule="FEE-1",
        text=text,
    )
