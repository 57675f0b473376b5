"""What a slip says that a bill is made of, as typed."""

from __future__ import annotations

from dataclasses import dataclass

PARTS = ("services", "materials", "supplied", "warranty", "card-prices", "reduction")
"""What a corrected bill can leave out (``rebill --without``)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slip:
    """What was done and used, and what else decides the price, as typed.

    Attributes:
        services: ``CODE[:QTY][@HH:MM]``; none: what intake named, or what the bill had.
        materials: ``CODE[:QTY]`` or ``NAME:QTY:STOCKCOST``.
        supplied: the resident's own materials, ``NAME[:QTY]:GRADE`` (QUO-6), and the ``warning`` given.
        card_prices: ``CODE=PRICE`` of the warranty card (FEE-4).
        warranty, user_damage: under warranty; the damage is the user's (FEE-5).
        reduce, reason, approver: what is taken off, why, and who approved it (FEE-6).
        purchased: when the thing was bought, where no order knows it (``fees price``).
        without: parts of the frozen bill that the corrected one does not have (FEE-8).
    """

    services: tuple[str, ...] = ()
    materials: tuple[str, ...] = ()
    supplied: tuple[str, ...] = ()
    warning: str | None = None
    card_prices: tuple[str, ...] = ()
    warranty: bool = False
    user_damage: bool = False
    reduce: str | None = None
    reason: str | None = None
    approver: str | None = None
    purchased: str | None = None
    without: tuple[str, ...] = ()
