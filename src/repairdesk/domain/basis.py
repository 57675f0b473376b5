"""What a bill is made of, as its entry keeps it: so that it can be priced again, by this fee table or another.

The bill itself is frozen (FEE-8). Its basis lets a correction change one thing and keep the rest, and a new fee table
be tried on what was done.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from repairdesk.domain import bill
from repairdesk.domain.bill import Asked, Bill, Cover, Reduction, Used
from repairdesk.domain.fees import UNLISTED, FeeTable, Price, Service
from repairdesk.domain.policy import WarrantyTerms
from repairdesk.domain.times import from_iso, iso_utc

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Claim:
    """What was said about the warranty, and what the order knew of it (FEE-5)."""

    day: date
    claimed: bool = False
    user_damage: bool = False
    purchased: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Basis:
    """What was asked for and used, and what else decides the price; sums in fen, times aware.

    Attributes:
        start: what a service without a time counts as asked for at (FEE-3).
        reviewed: the agreed fee of reviewed work (QUO-2).
        work, category: what the reviewed work is called on the bill where no code of the table stands for it, and what
            class of fault it is.
        card_prices: what the warranty card says of one unit, by code (FEE-4).
    """

    services: tuple[Asked, ...]
    materials: tuple[Used, ...]
    start: datetime
    claim: Claim
    reviewed: int | None = None
    work: str | None = None
    category: str | None = None
    card_prices: Mapping[str, int] | None = None
    reduction: Reduction | None = None


def price(basis: Basis, fees: FeeTable, terms: WarrantyTerms) -> Bill:
    """The bill of a basis by a fee table and the warranty's terms.

    Raises:
        NotFound, NotAllowed, UsageError: as ``bill.price``.
    """
    claim = basis.claim
    cover = Cover(terms, claim.day, claim.claimed, claim.user_damage, claim.purchased, claim.until)
    return bill.price(
        basis.services,
        basis.materials,
        _with_reviewed_work(fees, basis),
        start=basis.start,
        reviewed=basis.reviewed,
        card_prices=basis.card_prices or {},
        cover=cover,
        reduction=basis.reduction,
    )


def _with_reviewed_work(fees: FeeTable, basis: Basis) -> FeeTable:
    """The fee table and, where the order has one, the reviewed work under its own code (QUO-2)."""
    if basis.work is None or basis.reviewed is None:
        return fees
    work = Service(UNLISTED, basis.work, basis.category or "", "", Price("on-quote", None, None), UNLISTED)
    return replace(fees, services={**fees.services, UNLISTED: work})


def to_json(basis: Basis) -> dict[str, Any]:
    """The basis as an entry keeps it: whole fen, quantities as text, times in UTC."""
    claim, reduction = basis.claim, basis.reduction
    return {
        "services": [
            {"code": s.code, "quantity": str(s.quantity), "at": iso_utc(s.at) if s.at else None} for s in basis.services
        ],
        "materials": [{**m._asdict(), "quantity": str(m.quantity)} for m in basis.materials],
        "start": iso_utc(basis.start),
        "claim": {
            "day": claim.day.isoformat(),
            "claimed": claim.claimed,
            "user_damage": claim.user_damage,
            "purchased": claim.purchased.isoformat() if claim.purchased else None,
            "until": claim.until.isoformat() if claim.until else None,
        },
        "reviewed": basis.reviewed,
        "work": basis.work,
        "category": basis.category,
        "card_prices": [{"code": code, "card_price": fen} for code, fen in (basis.card_prices or {}).items()],
        "reduction": reduction._asdict() if reduction else None,
    }


def from_json(data: Json) -> Basis:
    """The basis that an entry keeps."""
    claim, reduction = data["claim"], data["reduction"]
    return Basis(
        services=tuple(
            Asked(s["code"], Decimal(s["quantity"]), from_iso(s["at"]) if s["at"] else None) for s in data["services"]
        ),
        materials=tuple(Used(**{**m, "quantity": Decimal(m["quantity"])}) for m in data["materials"]),
        start=from_iso(data["start"]),
        claim=Claim(
            date.fromisoformat(claim["day"]),
            claim["claimed"],
            claim["user_damage"],
            _day(claim["purchased"]),
            _day(claim["until"]),
        ),
        reviewed=data["reviewed"],
        work=data["work"],
        category=data["category"],
        card_prices={card["code"]: card["card_price"] for card in data["card_prices"]},
        reduction=Reduction(**reduction) if reduction else None,
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
