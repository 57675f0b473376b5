"""What a bill is made of and what it says: what was asked for and used, lines, and the reason of each.

Tuples, since years of bills are priced again: they cost half of what other objects cost.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Literal, TypeAlias

from repairdesk.domain import money
from repairdesk.domain.record import NamedTuple

LineType = Literal["service", "material", "reduction"]
Value: TypeAlias = int | Decimal | str | timedelta
"""What a sentence is about: fen, a plain number, a text as it stands, or minutes."""

ONE = Decimal(1)


class Asked(NamedTuple):
    """A service that was asked for, and when (aware); None is the start of the visit, or with the others."""

    code: str
    quantity: Decimal
    at: datetime | None


class Used(NamedTuple):
    """A material that was used: by its code on the fee table, or by name with its stock cost in fen (FEE-2).

    One with a ``grade`` (``qualified``, ``unqualified``, ``poor``) is the resident's own (QUO-6); ``warning`` is what
    the resident was told of it.
    """

    code: str | None
    name: str
    quantity: Decimal
    stock_cost: int | None
    grade: str | None = None
    warning: str | None = None


class Why(NamedTuple):
    """One sentence: an English template (the key of the catalogue) and the raw values that go into it."""

    text: str
    values: Mapping[str, Value]

    def spoken(self) -> dict[str, str]:
        """The values as they are read: fen in yuan, decimals without idle zeros, times apart in minutes."""
        return {name: _spoken(value) for name, value in self.values.items()}

    def __str__(self) -> str:
        return self.text.format(**self.spoken())


class Line(NamedTuple):
    """A line of the slip, prices in fen; ``unit`` is the fee table's, None for what is not on it.

    ``amount`` is ``unit_price`` × ``quantity`` unless the line stands at 0 with a reason (FEE-3, FEE-5), or carries a
    reviewed fee, which is for the work as a whole whatever the quantity (QUO-2). A reduction is negative (FEE-6).
    """

    type: LineType
    code: str | None
    name: str
    unit: str | None
    quantity: Decimal
    unit_price: int
    amount: int
    rule: str
    why: Why


class Bill(NamedTuple):
    """What an order costs, in fen. ``paid``: it has a chargeable line before reductions (FEE-9)."""

    lines: tuple[Line, ...]
    total: int
    paid: bool
    fees_version: str


class Reduction(NamedTuple):
    """Fen taken off a bill, why, and the id of the staff who approved it (FEE-6)."""

    amount: int
    reason: str
    approver: str


# Makes a line, a reason or a bill from its fields in order: twice as fast as calling the class, which counts when years
# of bills are priced again.
new = tuple.__new__


def _spoken(value: Value) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, int):
        return money.yuan(value)
    return _plain(value if isinstance(value, Decimal) else _minutes(value))


def _plain(value: Decimal) -> str:
    """A decimal without the zeros that say nothing: ``1.500`` as ``1.5``."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _minutes(apart: timedelta) -> Decimal:
    """Minutes, to a tenth where seconds were given too."""
    return Decimal(money.half_up(Decimal(abs(apart) // timedelta(seconds=1)) / 6)) / 10
