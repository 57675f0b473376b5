"""What goes on a bill as it is typed: services ``CODE[:QTY][@HH:MM]``, materials ``CODE[:QTY]`` or
``NAME:QTY:STOCKCOST``, the resident's own ``NAME[:QTY]:GRADE``, and the warranty card's ``CODE=PRICE``.
"""

from __future__ import annotations

import re
from datetime import date, tzinfo
from decimal import Decimal

from repairdesk.domain import money
from repairdesk.domain.bill import Asked, Used, listed_material
from repairdesk.domain.fees import FeeTable
from repairdesk.domain.times import at_local, fold, time_of_day
from repairdesk.domain.vocabulary import GRADES
from repairdesk.errors import NotAllowed, UsageError

# Split as typed, each part then folded by its own reader: folding all at once would turn ² into a digit, and would
# change names that are to stay as they were said.
_COLON = re.compile("[:：]")
_AT_SIGN = re.compile("[@＠]")
_EQUALS = re.compile("[=＝]")
# Each as the command line says it, and as the technician's slip does.
_GRADES = {grade: grade for grade in GRADES} | {"合格": "qualified", "不合格": "unqualified", "劣质": "poor"}
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
            "“{text}” is not a service: write CODE, CODE:QTY, CODE@HH:MM or CODE:QTY@HH:MM",
            rule="FEE-1",
            text=money.quoted(text),
        )
    if seconds is not None and day is None:
        raise UsageError(
            "“{text}” gives a time of day, but no visit says which day is meant",
            rule="FEE-3",
            text=money.quoted(text),
        )
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


def parse_supplied(text: str, warning: str | None) -> Used:
    """The material of the resident's own that ``NAME[:QTY]:GRADE`` names, and the warning given about it (QUO-6).

    Raises:
        UsageError: it cannot be read, or the quantity is out of bounds (FEE-10). Whether a warning is needed is asked
            when it is priced.
    """
    *rest, last = _COLON.split(text)
    grade = _GRADES.get(fold(last).casefold())
    quantity = rest.pop() if len(rest) > 1 else None
    name = ":".join(rest).strip()
    if grade is None or not name:
        raise UsageError(
            "“{text}” is no material of the resident's own: write NAME:GRADE or NAME:QTY:GRADE, where GRADE is one of "
            "{names}",
            rule="QUO-6",
            text=money.quoted(text),
            names=", ".join(GRADES),
        )
    many = _ONE if quantity is None else money.quantity(quantity)
    return Used(None, name, many, None, grade, (warning or "").strip() or None)


def parse_card_price(text: str) -> tuple[str, int]:
    """The code (or the name of a material that is not on the table) and the fen that ``CODE=PRICE`` says (FEE-4).

    Raises:
        UsageError: it cannot be read, or the price is out of bounds (FEE-10).
    """
    *names, price = _EQUALS.split(text)
    code = fold("=".join(names))
    if not code:
        raise UsageError(
            "“{text}” is not a price of the warranty card: write CODE=PRICE", rule="FEE-4", text=money.quoted(text)
        )
    return code, money.fen(price)


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
        text=money.quoted(text),
    )
