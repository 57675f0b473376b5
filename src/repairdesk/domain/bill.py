"""The price of an order: services in groups, materials, and the reason of every line (FEE-1, 2, 3, 10).

All amounts are whole fen, all quantities exact decimals. A line says why it costs what it costs as a template and
values, so that the edge can translate it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Literal, TypeVar

from repairdesk.domain import money
from repairdesk.domain.fees import FeeTable, Material, Service
from repairdesk.errors import N_, NotAllowed, NotFound, UsageError

LineType = Literal["service", "material", "reduction"]
_Listed = TypeVar("_Listed", Service, Material)


@dataclass(frozen=True, slots=True)
class Asked:
    """A service that was asked for, and when (aware); None is the start of the visit, or with the others."""

    code: str
    quantity: Decimal
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Used:
    """A material that was used: by its code on the fee table, or by name with its stock cost in fen (FEE-2)."""

    code: str | None
    name: str
    quantity: Decimal
    stock_cost: int | None


@dataclass(frozen=True, slots=True)
class Why:
    """One sentence: an English template (the key of the catalogue) and the formatted values that go into it."""

    text: str
    values: Mapping[str, str]

    def __str__(self) -> str:
        return self.text.format(**self.values)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the slip, prices in fen.

    ``amount`` is ``unit_price`` × ``quantity`` unless the line stands at 0 with a reason (FEE-3), or carries a
    reviewed fee, which is for the work as a whole whatever the quantity (QUO-2).
    """

    type: LineType
    code: str | None
    name: str
    quantity: Decimal
    unit_price: int
    amount: int
    rule: str
    why: Why


@dataclass(frozen=True, slots=True)
class Bill:
    """What an order costs, in fen. ``paid``: it has a chargeable line before reductions (FEE-9)."""

    lines: tuple[Line, ...]
    total: int
    paid: bool
    fees_version: str


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A service with its price as if it were the only one."""

    at: datetime
    service: Service
    line: Line


def price(
    services: Sequence[Asked],
    materials: Sequence[Used],
    fees: FeeTable,
    *,
    start: datetime | None,
    reviewed: int | None = None,
) -> Bill:
    """The bill of an order: services by the time they were asked for, then materials as given.

    Args:
        start: what a service without a time counts as asked for at; None means with the earliest of the others.
        reviewed: the supervisor's fee in fen for all the services together that the table cannot price (QUO-2).

    Raises:
        NotFound: a code is not on the fee table (FEE-1).
        NotAllowed: a service has a range or is priced on quote, and no fee was reviewed (QUO-2).
        UsageError: a material neither listed nor with a stock cost (FEE-2); a bill above ``money.MAX_FEN`` (FEE-10).
    """
    # Materials first: an unknown code is told before a fee that is still to be reviewed.
    used = [_material(item, fees) for item in materials]
    groups = _groups(_wanted(services, fees, start, reviewed), fees.grouping_seconds)
    lines = [line for group in groups for line in _settle(group)] + used
    total = sum(line.amount for line in lines)
    if total > money.MAX_FEN:
        raise UsageError(
            "a bill of {total} is above {most}, the highest that can be kept",
            rule="FEE-10",
            total=money.yuan(total),
            most=money.yuan(money.MAX_FEN),
        )
    paid = any(line.amount > 0 for line in lines if line.type != "reduction")
    return Bill(tuple(lines), total, paid, fees.version)


def listed_service(code: str, fees: FeeTable) -> Service:
    """The service of that code.

    Raises:
        NotFound: it is not on the fee table; the message proposes codes that look like it (FEE-1).
    """
    near = _near(code, fees.services)
    if near is None:
        return fees.services[code]
    if near:
        raise NotFound(
            "{code} is not a service of fee table {version}: perhaps {near}",
            rule="FEE-1",
            code=code,
            version=fees.version,
            near=near,
        )
    raise NotFound("{code} is not a service of fee table {version}", rule="FEE-1", code=code, version=fees.version)


def listed_material(code: str, fees: FeeTable) -> Material:
    """The material of that code.

    Raises:
        NotFound: it is not on the fee table; the message proposes codes that look like it (FEE-1).
    """
    near = _near(code, fees.materials)
    if near is None:
        return fees.materials[code]
    if near:
        raise NotFound(
            "{code} is not a material of fee table {version}: perhaps {near}; what is not on the table is "
            "given as NAME:QTY:STOCKCOST",
            rule="FEE-1",
            code=code,
            version=fees.version,
            near=near,
        )
    raise NotFound(
        "{code} is not a material of fee table {version}; what is not on the table is given as NAME:QTY:STOCKCOST",
        rule="FEE-1",
        code=code,
        version=fees.version,
    )


def _near(code: str, listed: Mapping[str, _Listed]) -> str | None:
    """None if ``code`` is listed, else the listed codes that look like it, or whose names do, for a message."""
    if code in listed:
        return None
    from difflib import get_close_matches  # late: only a mistake needs it, and every command starts through here

    spellings = {key.casefold(): key for key in listed} | {item.name.casefold(): key for key, item in listed.items()}
    found = get_close_matches(code.casefold(), list(spellings), n=3)
    return ", ".join(dict.fromkeys(spellings[spelling] for spelling in found))


def _wanted(services: Sequence[Asked], fees: FeeTable, start: datetime | None, reviewed: int | None) -> list[_Wanted]:
    """The services in the order in which they were asked for, each priced by itself."""
    given = [asked.at for asked in services if asked.at is not None]
    first = start or min(given, default=datetime.min.replace(tzinfo=UTC))
    # In UTC, since two times of one zone subtract by the wall clock.
    timed = [((asked.at or first).astimezone(UTC), asked, listed_service(asked.code, fees)) for asked in services]
    timed.sort(key=lambda item: item[0])
    carrier = min(
        (
            (at, asked.code, asked.quantity)
            for at, asked, service in timed
            if service.price.kind in ("range", "on-quote")
        ),
        default=None,
    )
    wanted: list[_Wanted] = []
    for at, asked, service in timed:
        if (at, asked.code, asked.quantity) == carrier:
            line, carrier = _reviewed(asked, service, reviewed), None
        else:
            line = _alone(asked, service, fees)
        wanted.append(_Wanted(at, service, line))
    return wanted


def _reviewed(asked: Asked, service: Service, reviewed: int | None) -> Line:
    """The line that carries the reviewed fee of the order (QUO-2)."""
    if reviewed is None:
        raise NotAllowed(
            "{name} ({code}) has no fixed price on the fee table: the supervisor reviews its fee first",
            rule="QUO-2",
            name=service.name,
            code=service.code,
        )
    why = Why(N_("fee reviewed by the supervisor: {fee}"), {"fee": money.yuan(reviewed)})
    return Line("service", service.code, service.name, asked.quantity, reviewed, reviewed, "QUO-2", why)


def _alone(asked: Asked, service: Service, fees: FeeTable) -> Line:
    """The line of a service as if no other had been asked for; what the reviewed fee includes stands at 0."""
    unit, amount, rule = 0, 0, "FEE-1"
    if service.price.kind == "fixed" and service.price.low is not None:
        unit = service.price.low
        amount, why = money.times(unit, asked.quantity), _by_table(unit, asked.quantity, fees)
    elif service.price.kind == "free":
        why = Why(N_("free by fee table {version}"), {"version": fees.version})
    else:
        rule, why = "QUO-2", Why(N_("included in the reviewed fee"), {})
    return Line("service", service.code, service.name, asked.quantity, unit, amount, rule, why)


def _groups(wanted: Sequence[_Wanted], window: int) -> list[list[_Wanted]]:
    """The groups of FEE-3: opened by the first service, with every one up to and including ``window`` s after it."""
    groups: list[list[_Wanted]] = []
    for item in wanted:
        if window and groups and item.at - groups[-1][0].at <= timedelta(seconds=window):
            groups[-1].append(item)
        else:
            groups.append([item])
    return groups


def _settle(group: Sequence[_Wanted]) -> list[Line]:
    """The lines of a group once its standards have been compared: the highest sum is charged (FEE-3)."""
    sums: dict[str, int] = {}
    for item in group:
        sums[item.service.standard] = sums.get(item.service.standard, 0) + item.line.amount
    # Of equal sums the one asked for first; of those asked for at once the first by code, so that the order in which
    # the lines were typed decides nothing.
    ranked = sorted(group, key=lambda item: (-sums[item.service.standard], item.at, item.service.code))
    charged = ranked[0]
    return [
        item.line
        if item.service.standard == charged.service.standard or not item.line.amount
        else _grouped(item, charged, own=sums[item.service.standard], most=sums[charged.service.standard])
        for item in group
    ]


def _grouped(item: _Wanted, charged: _Wanted, *, own: int, most: int) -> Line:
    """The line of a service that stands at 0 because ``charged`` is charged in its place (FEE-3)."""
    apart = charged.at - item.at
    if own == most:
        text = (
            N_("grouped with {other} asked for {minutes} min earlier: of equal sums ({charged}) the first is charged")
            if apart
            else N_("grouped with {other} asked for at the same time: of equal sums ({charged}) one is charged")
        )
    elif apart > timedelta():
        text = N_(
            "grouped with {other} asked for {minutes} min later: the higher one is charged ({charged} over {own})"
        )
    elif apart:
        text = N_(
            "grouped with {other} asked for {minutes} min earlier: the higher one is charged ({charged} over {own})"
        )
    else:
        text = N_("grouped with {other} asked for at the same time: the higher one is charged ({charged} over {own})")
    values = {
        "other": charged.service.name,
        "minutes": _minutes(abs(apart)),
        "charged": money.yuan(most),
        "own": money.yuan(own),
    }
    line = item.line
    return Line(line.type, line.code, line.name, line.quantity, line.unit_price, 0, "FEE-3", Why(text, values))


def _material(used: Used, fees: FeeTable) -> Line:
    """A material at its listed price, or at stock cost with the markup (FEE-2); never grouped (FEE-3)."""
    if used.code is not None:
        listed = listed_material(used.code, fees)
        unit, name, rule = listed.price, listed.name, "FEE-1"
        why = _by_table(unit, used.quantity, fees)
    else:
        if used.stock_cost is None:
            raise UsageError("{name} is not on the fee table: its stock cost is needed", rule="FEE-2", name=used.name)
        factor = 1 + fees.markup_rate
        exact = used.stock_cost * factor
        unit, name, rule = money.half_up(exact, Decimal(fees.markup_step)), used.name, "FEE-2"
        why = Why(
            N_("not on fee table {version}: stock cost {cost} × {factor} = {exact}, rounded to {price}; × {quantity}"),
            {
                "version": fees.version,
                "cost": money.yuan(used.stock_cost),
                "factor": f"{factor:f}",
                "exact": _exact_yuan(exact),
                "price": money.yuan(unit),
                "quantity": _plain(used.quantity),
            },
        )
    return Line("material", used.code, name, used.quantity, unit, money.times(unit, used.quantity), rule, why)


def _by_table(unit_price: int, quantity: Decimal, fees: FeeTable) -> Why:
    values = {"price": money.yuan(unit_price), "quantity": _plain(quantity), "version": fees.version}
    return Why(N_("{price} × {quantity} by fee table {version}"), values)


def _plain(value: Decimal) -> str:
    """A decimal without the zeros that say nothing: ``1.500`` as ``1.5``."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _exact_yuan(value: Decimal) -> str:
    """An amount in fen that may have fractions, in yuan with at least two decimals."""
    whole, _, fraction = _plain(value / 100).partition(".")
    return f"{whole}.{fraction:0<2}"


def _minutes(apart: timedelta) -> str:
    """Minutes, with one decimal where seconds were given too."""
    tenths = money.half_up(Decimal(apart // timedelta(seconds=1)) / 6)
    return _plain(Decimal(tenths) / 10)
