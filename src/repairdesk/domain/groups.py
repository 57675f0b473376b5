"""Services that were asked for within half an hour of each other are charged once, at the highest (FEE-3)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TypeAlias

from repairdesk.domain.fees import Service
from repairdesk.domain.lines import Line, Why, new
from repairdesk.errors import N_

Priced: TypeAlias = tuple[datetime, Service, Line]
"""When a service was asked for, the service, and its line as if it were the only one."""


def grouped(priced: Sequence[Priced], window: timedelta) -> list[Line]:
    """The lines once the groups of FEE-3 are settled: each is opened by the first service asked for, and takes every
    one up to and including ``window`` after it."""
    if len(priced) < 2 or not window:
        return [line for _, _, line in priced]
    closes = priced[0][0] + window
    if priced[-1][0] <= closes:
        return _settled(priced)
    lines: list[Line] = []
    group: list[Priced] = []
    for item in priced:
        if item[0] > closes:
            lines += _settled(group)
            group, closes = [], item[0] + window
        group.append(item)
    return lines + _settled(group)


def _settled(group: Sequence[Priced]) -> list[Line]:
    """The lines of a group once its standards have been compared: the highest sum is charged (FEE-3)."""
    if len(group) == 1:
        return [group[0][2]]
    sums: dict[str, int] = {}
    for _, service, line in group:
        standard = service.standard
        sums[standard] = sums.get(standard, 0) + line.amount
    if len(sums) == 1:
        return [line for _, _, line in group]
    most, charged = -1, group[0]
    for item in group:
        own = sums[item[1].standard]
        # Of equal sums the one asked for first; of those asked for at once the first by code, so that the order in
        # which the lines were typed decides nothing.
        if own > most or (own == most and (item[0], item[1].code) < (charged[0], charged[1].code)):
            most, charged = own, item
    standard = charged[1].standard
    lines: list[Line] = []
    for at, service, line in group:
        if line.amount and service.standard != standard:
            line = _instead(charged, at, line, own=sums[service.standard], most=most)
        lines.append(line)
    return lines


_EQUAL_EARLIER = N_(
    "grouped with {other} asked for {minutes} min earlier: of equal sums ({charged}) the first is charged"
)
_EQUAL_AT_ONCE = N_("grouped with {other} asked for at the same time: of equal sums ({charged}) one is charged")
_HIGHER_LATER = N_(
    "grouped with {other} asked for {minutes} min later: the higher one is charged ({charged} over {own})"
)
_HIGHER_EARLIER = N_(
    "grouped with {other} asked for {minutes} min earlier: the higher one is charged ({charged} over {own})"
)
_HIGHER_AT_ONCE = N_(
    "grouped with {other} asked for at the same time: the higher one is charged ({charged} over {own})"
)


def _instead(charged: Priced, at: datetime, line: Line, *, own: int, most: int) -> Line:
    """``line``, asked for ``at``, standing at 0 because ``charged`` is charged in its place (FEE-3)."""
    then, other, _ = charged
    if own == most:
        text = _EQUAL_AT_ONCE if then == at else _EQUAL_EARLIER
    elif then == at:
        text = _HIGHER_AT_ONCE
    else:
        text = _HIGHER_LATER if then > at else _HIGHER_EARLIER
    why = new(Why, (text, {"other": other.name, "minutes": then - at, "charged": most, "own": own}))
    type_, code, name, unit, quantity, unit_price, _, _, _ = line
    return new(Line, (type_, code, name, unit, quantity, unit_price, 0, "FEE-3", why))
