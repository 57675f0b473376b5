"""Rates: so many of so many. What cannot be computed is unknown, and not 0 (RPT-1, RPT-2)."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from repairdesk.domain.record import NamedTuple

UNKNOWN = "–"
"""What people read where there is nothing to count."""
_TENTH = Decimal("0.1")
_HUNDRED = Decimal(100)


class Rate(NamedTuple):
    """``part`` of ``whole``, both counts. It is compared and shown exactly; only JSON gets a binary number."""

    part: int
    whole: int

    @property
    def number(self) -> float | None:
        """From 0 to 1 as JSON has it; None where there is nothing to count."""
        return self.part / self.whole if self.whole else None

    def reaches(self, target: str | None) -> bool | None:
        """Whether it is at least the target, decimal text from 0 to 1; None where one of them is missing (RPT-2)."""
        if target is None or not self.whole:
            return None
        return self.part >= Decimal(target) * self.whole


class Share(Decimal):
    """A rate as a number of a table: a sheet knows by it that a percentage is meant."""


def share(part: int, whole: int) -> Share | None:
    """A rate as a decimal to the thousandth, half up, for tables that are taken away; None: nothing to count."""
    return Share((Decimal(part) / Decimal(whole)).quantize(Decimal("0.001"), ROUND_HALF_UP)) if whole else None


def percent(part: int, whole: int) -> str:
    """A rate for people, to a tenth of a percent, half up: ``66.7 %``; ``–`` where there is nothing to count."""
    if not whole:
        return UNKNOWN
    return f"{(_HUNDRED * part / whole).quantize(_TENTH, ROUND_HALF_UP)} %"
