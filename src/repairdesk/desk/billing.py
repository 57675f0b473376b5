"""The slip becomes a bill: when work is finished, and again when the bill is corrected (FEE-*, QUO-4, QUO-6).

Imported where a bill is made and not before: most commands never look at a price.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from repairdesk.desk import pricing
from repairdesk.desk.rulebooks import Rules
from repairdesk.desk.slip import PARTS, Slip
from repairdesk.desk.turn import Turn
from repairdesk.domain import basis as bases
from repairdesk.domain.asked import parse_card_price, parse_material, parse_supplied
from repairdesk.domain.basis import Basis, Claim
from repairdesk.domain.bill import Asked, Bill, Reduction, Used
from repairdesk.domain.fees import UNLISTED, FeeTable
from repairdesk.domain.money import fen, yuan
from repairdesk.domain.order import Order
from repairdesk.domain.policy import Policies
from repairdesk.domain.staff import Person
from repairdesk.domain.times import from_iso
from repairdesk.errors import N_, DeskError, NotAllowed, NotFound, UsageError
from repairdesk.ledger.journal import Reader

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Made:
    """A bill, what it was made of, and who approved a reduction of it."""

    bill: Bill
    basis: Basis
    approver: Person | None

    @property
    def as_json(self) -> dict[str, Any]:
        """The bill as its entry keeps it: whole fen, quantities as text."""
        lines = [
            {
                **line._asdict(),
                "quantity": str(line.quantity),
                "why": {"text": line.why.text, "values": line.why.spoken()},
            }
            for line in self.bill.lines
        ]
        return {
            "lines": lines, "total": self.bill.total, "paid": self.bill.paid, "basis": bases.to_json(self.basis),
        }  # fmt: skip

    @property
    def attempt(self) -> dict[str, Any]:
        """What the guards look at."""
        reduction = self.basis.reduction
        return {"bill": self.bill, "approver": self.approver, "reduction": reduction.amount if reduction else None}


def understand(turn: Turn, slip: Slip) -> None:
    """Whether everything on a slip can be read; what the fee table says of it is asked once the order is known.

    Raises:
        UsageError: something cannot be, or belongs to something that was not said.
    """
    pricing.understood(slip.services, turn.at.date(), turn.rules.zone)
    for text in slip.materials:
        with suppress(NotFound, NotAllowed):
            parse_material(text, turn.rules.fees)
    check(slip)


def check(slip: Slip) -> None:
    """What needs no fee table to be read.

    Raises:
        UsageError: something cannot be, or belongs to something that was not said.
    """
    _supplied(slip)
    _card_prices(slip)
    if slip.warning and not slip.supplied:
        raise UsageError(N_("a warning belongs to a material that the resident supplies (--supplied)"), rule="QUO-6")
    if slip.reduce is None and slip.approver is not None:
        raise UsageError(N_("{option} belongs to {other}"), rule="FEE-6", option="--approver", other="--reduce")
    if slip.reduce is not None:
        fen(slip.reduce)
        gaps = [name for name, said in (("reason", slip.reason), ("approver", slip.approver)) if not said]
        if gaps:
            raise UsageError(N_("missing: {fields}"), rule="FEE-6", fields=gaps, extra={"missing": gaps})
    for part in slip.without:
        if part not in PARTS:
            raise UsageError(N_("“{value}” is no {field}; choose: {known}"), rule="FEE-8", value=part,
                             field="--without", known=list(PARTS))  # fmt: skip


def at_finish(turn: Turn, order: Order, slip: Slip) -> Made:
    """The bill of work that is done now; services named here replace what intake named.

    Raises:
        NotFound, NotAllowed, UsageError: as ``bill.price``; the role and the state were asked before a NotAllowed.
    """
    rules = turn.rules_of(order)
    visit = order.running_visit
    start = (visit.started_at if visit else None) or turn.at
    said = slip.services or tuple(f"{asked['code']}:{asked['quantity']}" for asked in order.services)
    fresh = Basis(
        services=_services(said, order, rules, start, turn.at),
        materials=_materials(slip, rules),
        start=start,
        claim=_claim(order, start.astimezone(rules.zone).date(), slip),
        reviewed=order.agreed_review,
        card_prices=_card_prices(slip),
        reduction=_reduction(slip),
    )
    return _priced(turn, order, rules, _with_work(fresh, order, rules, named=bool(slip.services)), "finish")


def anew(turn: Turn, order: Order, slip: Slip) -> Made:
    """The bill that takes the place of the frozen one: what is named now is new, the rest stays as it was (FEE-8).

    Raises:
        NotFound, NotAllowed, UsageError: as ``at_finish``.
    """
    rules = turn.rules_of(order)
    if order.bill is None or order.finished_at is None:
        turn.permit("rebill")
        raise NotAllowed(N_("{number} has no bill"), rule="FEE-8", number=order.number)
    before = bases.from_json(order.bill["basis"])
    without = set(slip.without)
    own = tuple(used for used in before.materials if used.grade is None)
    theirs = tuple(used for used in before.materials if used.grade is not None)
    changed = replace(
        before,
        services=() if "services" in without else before.services,
        materials=(
            *_kept(tuple(parse_material(text, rules.fees) for text in slip.materials), own, "materials" in without),
            *_kept(_supplied(slip), theirs, "supplied" in without),
        ),
        claim=_claim_anew(before.claim, order, slip, drop="warranty" in without),
        reviewed=order.agreed_review,
        card_prices=_card_prices(slip) or ({} if "card-prices" in without else before.card_prices),
        reduction=_reduction(slip) or (None if "reduction" in without else before.reduction),
    )
    if slip.services:
        services = _services(slip.services, order, rules, before.start, order.finished_at)
        changed = _with_work(replace(changed, services=services, work=None), order, rules, named=True)
    return _priced(turn, order, rules, changed, "rebill")


def _kept(said: tuple[Used, ...], before: tuple[Used, ...], drop: bool) -> tuple[Used, ...]:
    return said or (() if drop else before)


def _priced(turn: Turn, order: Order, rules: Rules, basis: Basis, event: str) -> Made:
    approver = turn.person(basis.reduction.approver) if basis.reduction else None
    try:
        priced = bases.price(basis, rules.fees, rules.policies.warranty)
    except NotAllowed:
        # Who may not do it, or not now, is told that first (12 before 10); only then what the bill lacks.
        reduction = basis.reduction.amount if basis.reduction else None
        turn.permit(event, approver=approver, reduction=reduction)
        raise
    return Made(priced, basis, approver)


def _services(said: tuple[str, ...], order: Order, rules: Rules, start: datetime, end: datetime) -> tuple[Asked, ...]:
    asked = pricing.understood(said, start.astimezone(rules.zone).date(), rules.zone)
    return tuple(_within_a_visit(one, order, start, end) for one in asked)


def _with_work(basis: Basis, order: Order, rules: Rules, *, named: bool) -> Basis:
    """Reviewed work that the table has no code for is a line of the bill, under the words that it was reported in.

    Services that are named at the end stand in its place, unless it is named among them (``unlisted``).
    """
    codes = [asked.code for asked in basis.services]
    if UNLISTED in codes:
        if basis.reviewed is None:
            raise NotAllowed(N_("no fee was reviewed and agreed to that “unlisted” could stand for"), rule="QUO-2")
        return replace(basis, work=order.fault or UNLISTED, category=order.category)
    if basis.reviewed is None or named or pricing.needs_review(basis.services, rules.fees):
        return basis
    work = Asked(UNLISTED, Decimal(1), None)
    return replace(
        basis, work=order.fault or UNLISTED, category=order.category, services=(*basis.services, work)
    )  # fmt: skip


def _within_a_visit(asked: Asked, order: Order, start: datetime, end: datetime) -> Asked:
    """A time of day is of the day of the visit; of the next one where the visit went past midnight, and of an earlier
    visit's where it would lie after the work is done.

    Raises:
        NotAllowed: it lies after the work is done whatever the day (REC-2).
    """
    if asked.at is None:
        return asked
    if asked.at < start and asked.at + _DAY <= end:
        return asked._replace(at=asked.at + _DAY)
    at, first = asked.at, order.visits[0].arrived_at if order.visits else start
    while at > end and at - _DAY >= first:
        at -= _DAY
    if at > end:
        raise NotAllowed(N_("{code} cannot have been asked for at {at}: the work was done at {end}"), rule="REC-2",
                         code=asked.code, at=asked.at, end=end)  # fmt: skip
    return asked._replace(at=at)


def _materials(slip: Slip, rules: Rules) -> tuple[Used, ...]:
    return (*(parse_material(text, rules.fees) for text in slip.materials), *_supplied(slip))


def _supplied(slip: Slip) -> tuple[Used, ...]:
    return tuple(parse_supplied(text, slip.warning) for text in slip.supplied)


def _card_prices(slip: Slip) -> Mapping[str, int]:
    prices: dict[str, int] = {}
    for code, price in map(parse_card_price, slip.card_prices):
        if prices.setdefault(code, price) != price:
            raise UsageError(N_("the warranty card gives two prices of {code}"), rule="FEE-4", code=code)
    return prices


def _reduction(slip: Slip) -> Reduction | None:
    return Reduction(fen(slip.reduce), slip.reason or "", slip.approver or "") if slip.reduce is not None else None


def _claim(order: Order, day: date, slip: Slip) -> Claim:
    return Claim(day, slip.warranty, slip.user_damage, _known(order.purchased), _known(order.warranty_until))


def _claim_anew(before: Claim, order: Order, slip: Slip, *, drop: bool) -> Claim:
    """What was claimed, and what the order knows now: a corrected purchase date may be the very reason."""
    fresh = _claim(order, before.day, slip)
    if drop or slip.warranty or slip.user_damage:
        return replace(fresh, claimed=slip.warranty or (slip.user_damage and before.claimed and not drop))
    return replace(fresh, claimed=before.claimed, user_damage=before.user_damage)


def _known(day: str | None) -> date | None:
    return date.fromisoformat(day) if day else None


def priced(slip: Slip, fees: FeeTable, policies: Policies, at: datetime, fee: str | None) -> dict[str, Any]:
    """What a slip would cost, without an order (``fees price``), as an entry would keep it.

    Raises:
        NotFound, NotAllowed, UsageError: as ``bill.price``.
    """
    check(slip)
    zone = ZoneInfo(policies.zone)
    day = at.astimezone(zone).date()
    times = [asked.at for asked in pricing.understood(slip.services, day, zone) if asked.at is not None]
    basis = Basis(
        services=tuple(pricing.understood(slip.services, day, zone)),
        materials=(*(parse_material(text, fees) for text in slip.materials), *_supplied(slip)),
        # On the phone nobody has arrived: what has no time is asked for with the first that has one.
        start=min(times, default=at),
        claim=Claim(day, slip.warranty, slip.user_damage, _known(slip.purchased), None),
        reviewed=fen(fee) if fee is not None else None,
        card_prices=_card_prices(slip),
    )
    made = Made(bases.price(basis, fees, policies.warranty), basis, None)
    return {**made.as_json, "fees_version": fees.version}


def quotes_that_differ(reader: Reader, fees: FeeTable) -> Iterator[dict[str, Any]]:
    """The open orders that this fee table would quote otherwise: number, place, the quote, and what it would be.

    Reviewed fees are the supervisor's; they follow no table. Where it has no code or no fixed price any more,
    ``would_be`` is None and ``why`` the refusal.
    """
    for doc in reader.scan({"open": 1}):
        if doc["quote"] is None or doc["reviewed"] or not doc["services"] or doc["fees_version"] == fees.version:
            continue
        asked = [Asked(one["code"], Decimal(one["quantity"]), None) for one in doc["services"]]
        now, why = _quoted(asked, fees, from_iso(doc["reported_at"]))
        if now != doc["quote"]:
            kept = {"number": doc["number"], "place": doc["place"], "fees_version": doc["fees_version"]}
            yield {**kept, "quote": doc["quote"], "would_be": now, "why": why}


def _quoted(asked: list[Asked], fees: FeeTable, at: datetime) -> tuple[str | None, DeskError | None]:
    try:
        return yuan(pricing.quote(asked, fees, at)), None
    except DeskError as refusal:
        return None, refusal


def warranty_runs(order: Order, slip: Slip, at: datetime, rules: Rules) -> bool:
    """Whether the order says that a warranty runs of which nobody spoke."""
    until = _known(order.warranty_until)
    return bool(until and at.astimezone(rules.zone).date() <= until and not slip.warranty and not slip.user_damage)


def same(order: Order, made: Made) -> bool:
    """Whether a corrected bill says what the frozen one says."""
    if order.bill is None:
        return False
    now = made.as_json
    return all(now[name] == order.bill[name] for name in ("lines", "total"))
