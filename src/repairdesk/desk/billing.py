"""The slip becomes a bill: when work is finished, and again when the bill is corrected (FEE-*, QUO-4, QUO-6).

Imported where a bill is made and not before: most commands never look at a price.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
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
from repairdesk.domain import intake
from repairdesk.domain.asked import parse_card_price, parse_material, parse_supplied
from repairdesk.domain.basis import Basis, Claim
from repairdesk.domain.bill import Asked, Bill, Reduction, Used, listed_service
from repairdesk.domain.fees import UNLISTED, FeeTable
from repairdesk.domain.money import fen, yuan
from repairdesk.domain.order import Order
from repairdesk.domain.policy import Policies
from repairdesk.domain.staff import Person
from repairdesk.domain.times import fold, from_iso
from repairdesk.errors import N_, DeskError, NotAllowed, NotFound, UsageError
from repairdesk.ledger.journal import Reader
from repairdesk.rules import hydrate

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
    for used in _supplied(slip):
        if used.grade != "qualified" and not slip.warning:
            raise UsageError(N_("{name} is not qualified: say with --warning what the resident was told"), rule="QUO-6",
                             name=used.name)  # fmt: skip
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
    with _asked_first(turn, "finish", slip):
        return _at_finish(turn, order, slip)


def _at_finish(turn: Turn, order: Order, slip: Slip) -> Made:
    rules = turn.rules_of(order)
    visit = order.running_visit
    start = (visit.started_at if visit else None) or turn.at
    said = slip.services or pricing.of_order(order)
    fresh = Basis(
        services=_services(said, order, rules, start, turn.at),
        materials=_materials(slip, rules.fees),
        start=start,
        claim=_claim(order, start.astimezone(rules.zone).date(), slip),
        reviewed=order.agreed_review,
        card_prices=_card_prices(slip),
        reduction=_reduction(slip),
    )
    return _priced(turn, rules, _with_work(fresh, order, rules, named=bool(slip.services)), slip)


def anew(turn: Turn, order: Order, slip: Slip) -> Made:
    """The bill that takes the place of the frozen one: what is named now is new, the rest stays as it was (FEE-8).

    Raises:
        NotFound, NotAllowed, UsageError: as ``at_finish``.
    """
    with _asked_first(turn, "rebill", slip):
        return _anew(turn, order, slip)


def _anew(turn: Turn, order: Order, slip: Slip) -> Made:
    rules = turn.rules_of(order)
    # What another system billed is corrected there.
    if order.bill is None or order.billed is None or order.finished_at is None:
        _look_up(slip, turn, rules)
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
    if changed.work is not None:
        changed = replace(changed, work=order.fault or UNLISTED, category=order.category)
    if slip.services:
        services = _services(slip.services, order, rules, before.start, order.finished_at)
        changed = _with_work(replace(changed, services=services, work=None), order, rules, named=True)
    if not slip.card_prices:
        changed = replace(changed, card_prices=_still_there(changed, rules.fees))
    return _priced(turn, rules, changed, slip)


def _look_up(slip: Slip, turn: Turn, rules: Rules) -> None:
    """What is not on the fee table is told before what cannot be done (11 before 12 and 10)."""
    for asked in pricing.understood(slip.services, turn.at.date(), rules.zone):
        if asked.code != UNLISTED:
            listed_service(asked.code, rules.fees)
    for text in slip.materials:
        parse_material(text, rules.fees)


def _still_there(basis: Basis, fees: FeeTable) -> Mapping[str, int]:
    """The card prices that were said before, of what is still on the bill; not of one of several reviewed works."""
    reviewed = [one for one in basis.services if one.code == UNLISTED or pricing.needs_review([one], fees)]
    together = {asked.code for asked in reviewed} if len(reviewed) > 1 else set()
    there = {fold(asked.code) for asked in basis.services if asked.code not in together}
    there |= {fold(used.code or used.name) for used in basis.materials}
    return {name: fen for name, fen in (basis.card_prices or {}).items() if fold(name) in there}


@contextmanager
def _asked_first(turn: Turn, event: str, slip: Slip) -> Iterator[None]:
    """Who may not do it, or not now, is told that before what the bill lacks (12 before 10)."""
    try:
        yield
    except NotAllowed:
        reduction = fen(slip.reduce) if slip.reduce is not None else None
        turn.permit(event, approver=_approver(turn, slip), reduction=reduction)
        raise


def _kept(said: tuple[Used, ...], before: tuple[Used, ...], drop: bool) -> tuple[Used, ...]:
    return said or (() if drop else before)


def _priced(turn: Turn, rules: Rules, basis: Basis, slip: Slip) -> Made:
    reviewed = turn.order.reviewed
    if basis.reviewed is None and reviewed is not None and pricing.needs_review(basis.services, rules.fees):
        raise NotAllowed(N_("the reviewed fee of {fee} is not agreed to yet (consent)"), rule="QUO-2",
                         fee=yuan(reviewed), possible=("consent",))  # fmt: skip
    priced = bases.price(basis, rules.fees, rules.policies.warranty)
    return Made(priced, basis, _approver(turn, slip))


def _approver(turn: Turn, slip: Slip) -> Person | None:
    """Who approves a reduction that is new; one that a bill had before was approved then."""
    return turn.person(slip.approver) if slip.reduce is not None and slip.approver else None


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


def _materials(slip: Slip, fees: FeeTable) -> tuple[Used, ...]:
    return (*(parse_material(text, fees) for text in slip.materials), *_supplied(slip))


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


def quoted(rules: Rules, order: Order, fee: int) -> int:
    """What intake's services come to in fen with the reviewed fee, all asked for at once (QUO-1, QUO-2)."""
    services = tuple(pricing.understood(pricing.of_order(order), None, rules.zone))
    asked_for = Basis(services, (), order.reported_at, Claim(order.reported_at.astimezone(rules.zone).date()), fee)
    basis = _with_work(asked_for, order, rules, named=False)
    return bases.price(basis, rules.fees, rules.policies.warranty).total


def priced(slip: Slip, fees: FeeTable, policies: Policies, at: datetime, fee: str | None) -> dict[str, Any]:
    """What a slip would cost, without an order (``fees price``), as an entry would keep it.

    Raises:
        NotFound, NotAllowed, UsageError: as ``bill.price``.
    """
    check(slip)
    zone = ZoneInfo(policies.zone)
    day = at.astimezone(zone).date()
    purchased = date.fromisoformat(intake.day(slip.purchased)) if slip.purchased is not None else None
    services = tuple(pricing.understood(slip.services, day, zone))
    times = [asked.at for asked in services if asked.at is not None]
    basis = Basis(
        services=services,
        materials=_materials(slip, fees),
        # On the phone nobody has arrived: what has no time is asked for with the first that has one.
        start=min(times, default=at),
        claim=Claim(day, slip.warranty, slip.user_damage, purchased, None),
        reviewed=fen(fee) if fee is not None else None,
        card_prices=_card_prices(slip),
    )
    if fee is not None and not pricing.needs_review(basis.services, fees):
        raise UsageError(N_("--fee is for work without a fixed price; the table prices all of this"), rule="QUO-2")
    made = Made(bases.price(basis, fees, policies.warranty), basis, None)
    _check_range(basis, fees)
    return {**made.as_json, "fees_version": fees.version}


def _check_range(basis: Basis, fees: FeeTable) -> None:
    """A fee is tried out within the table's range, as a review would have to keep to it (QUO-2)."""
    bounds = pricing.bounds(basis.services, fees)
    if bounds is not None and basis.reviewed is not None and not bounds[0] <= basis.reviewed <= bounds[1]:
        raise NotAllowed(
            "Where the fee table gives a range, the quote lies within it. For what was asked for that is "
            "{low} to {high}.",
            rule="QUO-2", low=yuan(bounds[0]), high=yuan(bounds[1]),
        )  # fmt: skip


def quotes_that_differ(reader: Reader, fees: FeeTable) -> Iterator[dict[str, Any]]:
    """The open orders that this fee table would quote otherwise: number, place, the quote, and what it would be.

    Reviewed fees are the supervisor's; they follow no table. Where it has no code or no fixed price any more,
    ``would_be`` is None and ``why`` the refusal.
    """
    tables: dict[str, FeeTable] = {}
    for doc in reader.scan({"open": 1}):
        version = doc["fees_version"]
        if doc["quote"] is None or doc["reviewed"] or not doc["services"] or version == fees.version:
            continue
        if version not in tables:
            kept = reader.rules("fees", version)
            tables[version] = hydrate.build_fees(kept["rules"]) if kept else fees
        asked = [Asked(one["code"], Decimal(one["quantity"]), None) for one in doc["services"]]
        at = from_iso(doc["reported_at"])
        # By its own table, not what was agreed to since: on site that may be another sum, for other reasons.
        before, (now, why) = _quoted(asked, tables[version], at)[0], _quoted(asked, fees, at)
        if now != before:
            said = {"number": doc["number"], "place": doc["place"], "fees_version": version}
            yield {**said, "quote": before, "would_be": now, "why": why}


def _quoted(asked: list[Asked], fees: FeeTable, at: datetime) -> tuple[str | None, DeskError | None]:
    try:
        return yuan(pricing.quote(asked, fees, at)), None
    except DeskError as refusal:
        return None, refusal


def bears_review(made: Made, rules: Rules) -> bool:
    """Whether the reviewed work is on the bill, charged or not."""
    codes = [asked.code for asked in made.basis.services]
    return UNLISTED in codes or pricing.needs_review(made.basis.services, rules.fees)


def warranty_runs(order: Order, slip: Slip, at: datetime, rules: Rules) -> bool:
    """Whether the order says that a warranty runs of which nobody spoke."""
    until = _known(order.warranty_until)
    return bool(until and at.astimezone(rules.zone).date() <= until and not slip.warranty and not slip.user_damage)


def same(order: Order, made: Made) -> bool:
    """Whether a corrected bill says what the frozen one says."""
    if order.bill is None:
        return False
    now = made.as_json
    return bool(now["total"] == order.bill["total"]) and _unordered(now["lines"]) == _unordered(order.bill["lines"])


def _unordered(lines: Sequence[Mapping[str, Any]]) -> list[str]:
    """Lines as they compare: in which order they were typed makes no other bill."""
    return sorted(json.dumps(line, sort_keys=True) for line in lines)
