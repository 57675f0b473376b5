"""The fee table as the domain sees it: frozen values, prices in fen (FEE-1 … FEE-4).

``rules`` reads and validates ``fees.yaml`` into these; nothing here knows YAML.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

UNLISTED = "unlisted"
"""The code under which a reviewed fee stands where the table has no code for the work (QUO-2); no service has it."""

PriceKind = Literal["fixed", "free", "range", "on-quote"]


@dataclass(frozen=True, slots=True)
class Price:
    """What one unit of a service costs, in fen: ``low`` = ``high`` when fixed, both 0 when free, None on quote."""

    kind: PriceKind
    low: int | None
    high: int | None


@dataclass(frozen=True, slots=True)
class Service:
    """A service of the fee table. ``standard`` is its charge standard (FEE-3); by default its own code."""

    code: str
    name: str
    category: str
    unit: str
    price: Price
    standard: str


@dataclass(frozen=True, slots=True)
class Material:
    """A material of the fee table, ``price`` in fen for one ``unit``."""

    code: str
    name: str
    unit: str
    price: int


@dataclass(frozen=True, slots=True)
class FeeTable:
    """One version of the fee table.

    ``markup_rate`` and ``markup_step`` price materials that are not on it (FEE-2): cost × (1 + rate), rounded half up
    to a multiple of ``markup_step`` fen. ``grouping_seconds`` is the window of FEE-3; 0 switches it off.
    """

    version: str
    currency: str
    markup_rate: Decimal
    markup_step: int
    grouping_seconds: int
    services: Mapping[str, Service]
    materials: Mapping[str, Material]
