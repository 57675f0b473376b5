"""What a warranty makes free: labour, parts, and software by the age of the thing (FEE-5).

Nothing here knows a price: of a line it is asked whether it is free, and the answer brings its reason. The months are
calendar months; the day is clamped to the last of a shorter month, and the last day still counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Literal

from repairdesk.domain.policy import WarrantyTerms
from repairdesk.domain.record import NamedTuple
from repairdesk.errors import N_, NotAllowed

Reason = Literal["by-the-user", "too-old"]
_DAY = timedelta(days=1)


class Cover(NamedTuple):
    """How an order stands towards the warranty.

    Attributes:
        day: the local day of the work.
        claimed: the work is done under warranty (``--warranty``).
        user_damage: the damage is the user's; what is claimed is charged all the same.
        purchased, until: when the thing was bought, and until when (inclusive) it is said to be under warranty.
    """

    terms: WarrantyTerms
    day: date
    claimed: bool
    user_damage: bool
    purchased: date | None
    until: date | None


class Free(NamedTuple):
    """It costs nothing: an English template that says why, and its values."""

    text: str
    values: Mapping[str, str]


class Charged(NamedTuple):
    """It costs what it costs, although free was asked for: what is to be said of that."""

    reason: Reason
    values: Mapping[str, str]


def check(cover: Cover) -> None:
    """Whether what is claimed can be.

    Raises:
        NotAllowed: the warranty ended before the day of the work, or the thing was bought after it (FEE-5).
    """
    if not cover.claimed:
        return
    _bought_before(cover)
    for end in (cover.until, _age_ends(cover)):
        if end is not None and end < cover.day:
            raise NotAllowed(
                "the warranty ended on {end}, before the work of {day}",
                rule="FEE-5",
                end=end.isoformat(),
                day=cover.day.isoformat(),
            )


def labour(cover: Cover, category: str) -> Free | Charged | None:
    """What the warranty says of a service of that category; None: nothing, it is charged as ever.

    Raises:
        NotAllowed: software is claimed to be free, but nobody knows how old the thing is, or it was bought later.
    """
    if category in cover.terms.software:
        return _software(cover)
    return _hardware(cover, "labour")


def parts(cover: Cover) -> Free | Charged | None:
    """What the warranty says of a material; None: nothing, it is charged as ever."""
    return _hardware(cover, "parts")


def months_after(day: date, months: int) -> date:
    """The same day of a later month, or that month's last: 31 January and 1 month is 28 or 29 February."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    if year >= date.max.year:
        return date.max
    following = date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1)
    return date(year, month + 1, min(day.day, (following - _DAY).day))


def _bought_before(cover: Cover) -> None:
    """Refuse an age below nothing, which would make free whatever goes by it."""
    if cover.purchased is not None and cover.purchased > cover.day:
        raise NotAllowed(
            "bought on {purchased}, it cannot have been repaired on {day}",
            rule="FEE-5",
            purchased=cover.purchased.isoformat(),
            day=cover.day.isoformat(),
        )


def _age_ends(cover: Cover) -> date | None:
    """The last day of the warranty that the policy gives by age, if it does and the age is known."""
    if cover.terms.months is None or cover.purchased is None:
        return None
    return months_after(cover.purchased, cover.terms.months)


def _hardware(cover: Cover, part: Literal["labour", "parts"]) -> Free | Charged | None:
    if not cover.claimed or part not in cover.terms.free:
        return None
    if cover.user_damage:
        return Charged("by-the-user", {})
    end = min(filter(None, (cover.until, _age_ends(cover))), default=None)
    values = {"day": cover.day.isoformat()}
    if end is None:
        unlimited = {
            "labour": N_("labour is free under warranty; the work is of {day}"),
            "parts": N_("parts are free under warranty; the work is of {day}"),
        }
        return Free(unlimited[part], values)
    limited = {
        "labour": N_("labour is free under warranty, up to and including {end}; the work is of {day}"),
        "parts": N_("parts are free under warranty, up to and including {end}; the work is of {day}"),
    }
    return Free(limited[part], {**values, "end": end.isoformat()})


def _software(cover: Cover) -> Free | Charged | None:
    """Software goes by the age of the thing, claimed or not; whose the damage is does not matter."""
    terms, purchased = cover.terms, cover.purchased
    if purchased is None:
        if cover.claimed:
            raise NotAllowed("software is free by its age only: say when it was purchased", rule="FEE-5")
        return None
    _bought_before(cover)
    months = terms.software_free
    if terms.software_between == "free":
        months = max(months, terms.software_charged_after)
    end = months_after(purchased, months)
    values = {"purchased": purchased.isoformat(), "end": end.isoformat(), "day": cover.day.isoformat()}
    if cover.day > end:
        return Charged("too-old", values)
    return Free(
        N_("software bought on {purchased} is free up to and including {end}; the work is of {day}"),
        values,
    )
