"""The price of an order: services in groups, materials, reductions, and the reason of every line (QUO-6, FEE-1 … 10).

All amounts are whole fen, all quantities exact decimals. A line says why it costs what it costs as a template and raw
values, which are put into words only when somebody reads them: pricing a month again reads none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from operator import itemgetter
from types import MappingProxyType

from repairdesk.domain import money, warranty
from repairdesk.domain.fees import UNLISTED as UNLISTED
from repairdesk.domain.fees import FeeTable, Service
from repairdesk.domain.groups import Priced, grouped
from repairdesk.domain.lines import ONE, Line, Value, Why, new
from repairdesk.domain.lines import Asked as Asked
from repairdesk.domain.lines import Bill as Bill
from repairdesk.domain.lines import Reduction as Reduction
from repairdesk.domain.lines import Used as Used
from repairdesk.domain.listed import listed_material as listed_material
from repairdesk.domain.listed import listed_service as listed_service
from repairdesk.domain.times import fold
from repairdesk.domain.warranty import Cover as Cover
from repairdesk.errors import N_, NotAllowed, UsageError

_NO_CARD: Mapping[str, int] = MappingProxyType({})
_WHEN = itemgetter(0)
_NEVER = datetime.min.replace(tzinfo=UTC)

_BY_TABLE = N_("{price} × {quantity} by fee table {version}")
_FREE = N_("free by fee table {version}")
_INCLUDED = N_("included in the reviewed fee")
_REVIEWED = N_("fee reviewed by the supervisor: {fee}")
_MARKED_UP = N_("not on fee table {version}: stock cost {cost} × {factor} = {exact}, rounded to {price}; × {quantity}")
_BY_CARD = N_("{card} × {quantity} by the warranty card, lower than {price} by fee table {version}")
_COST_BY_CARD = N_("{card} × {quantity} by the warranty card, lower than {price} by stock cost {cost} × {factor}")
_FEE_BY_CARD = N_("{card} × {quantity} by the warranty card, lower than the reviewed fee of {fee}")
_CARD_NOT_LOWER = {
    _BY_TABLE: N_("{price} × {quantity} by fee table {version}; the warranty card's {card} is not lower"),
    _REVIEWED: N_("fee reviewed by the supervisor: {fee}; the warranty card's {card} × {quantity} is not lower"),
    _MARKED_UP: N_(
        "not on fee table {version}: stock cost {cost} × {factor} = {exact}, rounded to {price}; × {quantity}; "
        "the warranty card's {card} is not lower"
    ),
}
_BY_THE_USER = {
    _BY_TABLE: N_("{price} × {quantity} by fee table {version}; no warranty, since the damage is the user's"),
    _REVIEWED: N_("fee reviewed by the supervisor: {fee}; no warranty, since the damage is the user's"),
    _MARKED_UP: N_(
        "not on fee table {version}: stock cost {cost} × {factor} = {exact}, rounded to {price}; × {quantity}; "
        "no warranty, since the damage is the user's"
    ),
    _BY_CARD: N_(
        "{card} × {quantity} by the warranty card, lower than {price} by fee table {version}; "
        "not free, since the damage is the user's"
    ),
    _COST_BY_CARD: N_(
        "{card} × {quantity} by the warranty card, lower than {price} by stock cost {cost} × {factor}; "
        "not free, since the damage is the user's"
    ),
    _FEE_BY_CARD: N_(
        "{card} × {quantity} by the warranty card, lower than the reviewed fee of {fee}; "
        "not free, since the damage is the user's"
    ),
}
_TOO_OLD = {
    _BY_TABLE: N_(
        "{price} × {quantity} by fee table {version}; software bought on {purchased} is charged after {end}, "
        "and the work is of {day}"
    ),
    _REVIEWED: N_(
        "fee reviewed by the supervisor: {fee}; software bought on {purchased} is charged after {end}, "
        "and the work is of {day}"
    ),
    _BY_CARD: N_(
        "{card} × {quantity} by the warranty card, lower than {price} by fee table {version}; "
        "software bought on {purchased} is charged after {end}, and the work is of {day}"
    ),
    _FEE_BY_CARD: N_(
        "{card} × {quantity} by the warranty card, lower than the reviewed fee of {fee}; "
        "software bought on {purchased} is charged after {end}, and the work is of {day}"
    ),
}
_PLAIN = {not_lower: plain for plain, not_lower in _CARD_NOT_LOWER.items()}
_REMARKS: Mapping[warranty.Reason, Mapping[str, str]] = {"by-the-user": _BY_THE_USER, "too-old": _TOO_OLD}
_OWN = {
    "qualified": N_("the resident's own material, verified as qualified: not billed"),
    "unqualified": N_(
        "the resident's own material, verified as unqualified: the resident was warned ({warning}) and chose it; "
        "not billed"
    ),
    "poor": N_(
        "the resident's own material, verified as poor: the resident was warned ({warning}) and chose it; not billed"
    ),
}


def price(
    services: Sequence[Asked],
    materials: Sequence[Used],
    fees: FeeTable,
    *,
    start: datetime | None,
    reviewed: int | None = None,
    card_prices: Mapping[str, int] = _NO_CARD,
    cover: Cover | None = None,
    reduction: Reduction | None = None,
) -> Bill:
    """The bill of an order: services by the time they were asked for, materials as given, the reduction last.

    Args:
        start: what a service without a time counts as asked for at; None means with the earliest of the others.
        reviewed: the supervisor's fee in fen for all the services together that the table cannot price (QUO-2).
        card_prices: fen for one unit by the warranty card, by code, or by name for what is not on the table (FEE-4).
        cover: how the order stands towards the warranty (FEE-5); None: there is none.

    Raises:
        NotFound: a code is not on the fee table (FEE-1).
        NotAllowed: a service has a range or is priced on quote, and no fee was reviewed (QUO-2); a warranty that does
            not hold (FEE-5); a reduction of nothing or of more than there is (FEE-6).
        UsageError: a material neither listed nor with a stock cost (FEE-2); one of the resident's own that is not
            qualified, without a warning (QUO-6); a card price for what is not on the bill (FEE-4); a bill above
            ``money.MAX_FEN`` (FEE-10).
    """
    prepared = _prepared(fees)
    # Materials first: an unknown code is told before a fee that is still to be reviewed.
    used = _used(materials, prepared) if materials else []
    priced = _priced(services, prepared, start, reviewed)
    if card_prices:
        priced, used = _by_card(priced, used, card_prices)
    if cover is not None and (cover.claimed or cover.purchased is not None):
        priced, used = _covered(priced, used, cover)
    lines = [priced[0][2]] if len(priced) == 1 else grouped(priced, prepared.window)
    if used:
        lines += used
    total = 0
    for line in lines:
        total += line.amount
    if total > money.MAX_FEN:
        raise UsageError(
            "a bill of {total} is above {most}, the highest that can be kept",
            rule="FEE-10",
            total=money.yuan(total),
            most=money.yuan(money.MAX_FEN),
        )
    paid = total > 0  # no line is below 0 yet
    if reduction is not None:
        lines.append(_reduced(reduction, total))
        total -= reduction.amount
    return new(Bill, (tuple(lines), total, paid, fees.version))


# A line of one unit is made once for a fee table and shared by every bill that has it.


class _Services(dict[str, tuple[Service, Line, bool]]):
    """The services of a fee table as they are asked for: each with its line of one unit, and whether only a review
    can price it."""

    def __init__(self, fees: FeeTable) -> None:
        self._fees = fees

    def __missing__(self, code: str) -> tuple[Service, Line, bool]:
        service = listed_service(code, self._fees)
        line = _one(service, self._fees.version)
        self[code] = service, line, line.rule == "QUO-2"
        return self[code]


class _Materials(dict[str, Line]):
    """The materials of a fee table as they are used: the line of one unit of each."""

    def __init__(self, fees: FeeTable) -> None:
        self._fees = fees

    def __missing__(self, code: str) -> Line:
        listed = listed_material(code, self._fees)
        unit_price = listed.price
        why = _by_table(unit_price, self._fees.version)
        line = Line("material", code, listed.name, listed.unit or None, ONE, unit_price, unit_price, "FEE-1", why)
        self[code] = line
        return line


class _Prepared:
    """A fee table as pricing needs it: the window, the markup as a fraction, and the lines of one unit."""

    __slots__ = ("denominator", "factor", "fees", "materials", "numerator", "services", "step", "window")

    def __init__(self, fees: FeeTable) -> None:
        self.fees = fees
        self.window = timedelta(seconds=fees.grouping_seconds)
        factor = 1 + fees.markup_rate
        self.factor = f"{factor:f}"
        self.numerator, self.denominator = factor.as_integer_ratio()
        self.step = fees.markup_step
        self.services = _Services(fees)
        self.materials = _Materials(fees)


_latest: _Prepared | None = None


def _prepared(fees: FeeTable) -> _Prepared:
    """What was prepared for this very table the last time, or anew."""
    global _latest
    prepared = _latest
    if prepared is None or prepared.fees is not fees:
        _latest = prepared = _Prepared(fees)
    return prepared


def _one(service: Service, version: str) -> Line:
    """The line of one unit of a service, as if no other had been asked for."""
    unit_price, rule = 0, "FEE-1"
    if service.price.kind == "fixed" and service.price.low is not None:
        unit_price = service.price.low
        why = _by_table(unit_price, version)
    elif service.price.kind == "free":
        why = Why(_FREE, {"version": version})
    else:
        rule, why = "QUO-2", Why(_INCLUDED, {})
    return Line("service", service.code, service.name, service.unit or None, ONE, unit_price, unit_price, rule, why)


def _by_table(unit_price: int, version: str) -> Why:
    return Why(_BY_TABLE, {"price": unit_price, "quantity": ONE, "version": version})


def _times(line: Line, quantity: Decimal) -> Line:
    """The line of ``quantity`` units, from that of one."""
    type_, code, name, unit, _, unit_price, _, rule, why = line
    if why.text == _BY_TABLE:
        why = new(Why, (_BY_TABLE, {"price": unit_price, "quantity": quantity, "version": why.values["version"]}))
    amount = money.times(unit_price, quantity)
    return new(Line, (type_, code, name, unit, quantity, unit_price, amount, rule, why))


def _priced(
    services: Sequence[Asked], prepared: _Prepared, start: datetime | None, reviewed: int | None
) -> list[Priced]:
    """The services in the order in which they were asked for, each priced by itself."""
    first = start if start is not None and start.tzinfo is UTC else _first(services, start)
    known = prepared.services
    on_review = False
    priced: list[Priced] = []
    for code, quantity, at in services:
        service, line, by_review = known[code]
        if quantity != ONE:
            line = _times(line, quantity)
        if by_review:
            on_review = True
        # In UTC, since two times of one zone subtract by the wall clock.
        when = first if at is None else at if at.tzinfo is UTC else at.astimezone(UTC)
        priced.append((when, service, line))
    if len(priced) > 1:
        priced.sort(key=_WHEN)
    return _carrying(priced, reviewed) if on_review else priced


def _first(services: Sequence[Asked], start: datetime | None) -> datetime:
    """When what has no time was asked for: at the start of the visit, or else with the earliest of the others."""
    if start is None:
        start = min([asked.at for asked in services if asked.at is not None], default=_NEVER)
    return start if start.tzinfo is UTC else start.astimezone(UTC)


def _carrying(priced: list[Priced], reviewed: int | None) -> list[Priced]:
    """``priced`` with the reviewed fee on the first service that only a review can price (QUO-2)."""
    waiting = [item for item in priced if item[2].rule == "QUO-2"]
    carrier = min(waiting, key=lambda item: (item[0], item[1].code, item[2].quantity)) if waiting[1:] else waiting[0]
    at, service, (type_, code, name, unit, quantity, _, _, rule, _) = carrier
    if reviewed is None:
        raise NotAllowed(
            "{name} ({code}) has no fixed price on the fee table: the supervisor reviews its fee first",
            rule="QUO-2",
            name=name,
            code=service.code,
        )
    why = Why(_REVIEWED, {"fee": reviewed})
    fee = new(Line, (type_, code, name, unit, quantity, reviewed, reviewed, rule, why))
    return [(at, service, fee) if item is carrier else item for item in priced]


def _used(materials: Sequence[Used], prepared: _Prepared) -> list[Line]:
    """Materials at their listed price, or at stock cost with the markup (FEE-2); never grouped (FEE-3)."""
    known = prepared.materials
    lines: list[Line] = []
    for used in materials:
        code, _, quantity, _, grade, _ = used
        if grade is not None:
            line = _own(used, grade)
        elif code is None:
            line = _marked_up(used, prepared)
        else:
            line = known[code]
            if quantity != ONE:
                line = _times(line, quantity)
        lines.append(line)
    return lines


def _marked_up(used: Used, prepared: _Prepared) -> Line:
    """A material that is not on the table: its unit price is stock cost and markup, half up to the jiao (FEE-2)."""
    _, name, quantity, cost, _, _ = used
    if cost is None:
        raise UsageError(
            "{name} is not on the fee table: its stock cost is needed", rule="FEE-2", name=money.quoted(name)
        )
    parts, step = cost * prepared.numerator, prepared.denominator * prepared.step
    unit_price = (2 * parts + step) // (2 * step) * prepared.step
    fen, beyond = divmod(parts, prepared.denominator)
    values = {
        "version": prepared.fees.version,
        "cost": cost,
        "factor": prepared.factor,
        # Fractions of a fen do not read as money.
        "exact": Decimal(parts) / prepared.denominator / 100 if beyond else fen,
        "price": unit_price,
        "quantity": quantity,
    }
    amount = unit_price if quantity == ONE else money.times(unit_price, quantity)
    why = new(Why, (_MARKED_UP, values))
    return new(Line, ("material", None, name, None, quantity, unit_price, amount, "FEE-2", why))


def _own(used: Used, grade: str) -> Line:
    """A material that the resident supplied: on the bill at 0, with what it was verified as (QUO-6)."""
    values: dict[str, Value] = {}
    if grade != "qualified":
        if not used.warning:
            raise UsageError(
                "{name} is not qualified: say with --warning what the resident was told",
                rule="QUO-6",
                name=money.quoted(used.name),
            )
        values["warning"] = used.warning
    return Line("material", used.code, used.name, None, used.quantity, 0, 0, "QUO-6", Why(_OWN[grade], values))


def _by_card(
    priced: Sequence[Priced], used: Sequence[Line], card_prices: Mapping[str, int]
) -> tuple[list[Priced], list[Line]]:
    """The lines at the lower of two standards, before anything is grouped (FEE-4)."""
    cards = {fold(name): card for name, card in card_prices.items()}
    reviewed = [_on_card(line) for _, _, line in priced if line.rule == "QUO-2"]
    if len(reviewed) > 1 and (named := [name for name in reviewed if name in cards]):
        raise UsageError(
            "the reviewed fee is for {work} together: a card price of one of them cannot be compared with it",
            rule="FEE-4",
            work=", ".join(reviewed),
            code=named[0],
        )
    there = dict.fromkeys([_on_card(line) for _, _, line in priced] + [_on_card(line) for line in used])
    for name in cards:
        if name not in there:
            raise UsageError(
                "there is a card price for {code}, which is not on this bill; it has: {there}",
                rule="FEE-4",
                code=money.quoted(name),
                there=", ".join(there) or "-",
            )
    return (
        [(at, service, _lower(line, cards.get(_on_card(line)))) for at, service, line in priced],
        [_lower(line, cards.get(_on_card(line))) for line in used],
    )


def _on_card(line: Line) -> str:
    return line.code or fold(line.name)


def _lower(line: Line, card: int | None) -> Line:
    """The line at the card's price if that is lower; what is free stays free."""
    if card is None or not line.amount:
        return line
    text, values = line.why
    values = {**values, "card": card, "quantity": line.quantity}
    amount = money.times(card, line.quantity)
    fee = text == _REVIEWED  # for the work as a whole, so that the sums are compared
    if (amount >= line.amount) if fee else (card >= line.unit_price):
        return line._replace(why=Why(_CARD_NOT_LOWER[text], values))
    why = Why(_FEE_BY_CARD if fee else _COST_BY_CARD if text == _MARKED_UP else _BY_CARD, values)
    return line._replace(unit_price=card, amount=amount, rule="FEE-4", why=why)


def _covered(priced: Sequence[Priced], used: Sequence[Line], cover: Cover) -> tuple[list[Priced], list[Line]]:
    """The lines once the warranty has been looked at (FEE-5); what is free already asks nothing of it."""
    warranty.check(cover)
    return (
        [
            (at, service, _ruled(line, warranty.labour(cover, service.category)) if line.amount else line)
            for at, service, line in priced
        ],
        [_ruled(line, warranty.parts(cover)) if line.amount else line for line in used],
    )


def _ruled(line: Line, ruling: warranty.Free | warranty.Charged | None) -> Line:
    """The line at 0 where the warranty makes it free, or with what is to be said of its being charged."""
    if ruling is None:
        return line
    if isinstance(ruling, warranty.Free):
        return line._replace(amount=0, rule="FEE-5", why=Why(ruling.text, ruling.values))
    # A card price that was not lower gives way to the more important remark.
    text = _REMARKS[ruling.reason][_PLAIN.get(line.why.text, line.why.text)]
    return line._replace(why=Why(text, {**line.why.values, **ruling.values}))


def _reduced(reduction: Reduction, total: int) -> Line:
    """The line that takes a reduction off ``total`` (FEE-6)."""
    amount = reduction.amount
    if amount <= 0:
        raise NotAllowed("a reduction takes something off: {amount} does not", rule="FEE-6", amount=money.yuan(amount))
    if amount > total:
        raise NotAllowed(
            "a reduction of {amount} is more than the bill of {total}",
            rule="FEE-6",
            amount=money.yuan(amount),
            total=money.yuan(total),
        )
    why = Why(
        N_("reduced by {amount}, approved by {approver}: {reason}"),
        {"amount": amount, "approver": reduction.approver, "reason": reduction.reason},
    )
    return Line("reduction", None, N_("reduction"), None, ONE, -amount, -amount, "FEE-6", why)
