"""Bills: how many are priced in a second, as a ratio to a loop that only multiplies and adds decimals.

Makes bills of a realistic shape with a fixed seed: one to four services, some with times that lie within the window of
another, some twice of one standard, and up to three materials, some of them not on the fee table. Then the engine and
the yardstick price them in one process, a few thousand bills each in turn, so that both see the same machine; a round
is all of them. The yardstick multiplies unit prices with quantities and adds them up per bill, for the very lines that
the engine makes; it looks nothing up, rounds nothing and explains nothing.

    python bench/bills.py [--bills N] [--rounds N]
"""

from __future__ import annotations

import argparse
import gc
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from statistics import median
from time import perf_counter
from typing import NamedTuple

from repairdesk.domain.bill import Asked, Bill, Used, price
from repairdesk.domain.fees import FeeTable, Material, Price, Service

AIM = 8
SEED = 20261122
TURN = 5000
NINE = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)
ONE = Decimal(1)


class Slip(NamedTuple):
    """What one bill is made of; ``reviewed`` in fen where a service has no price of its own."""

    services: Sequence[Asked]
    materials: Sequence[Used]
    reviewed: int | None


Plain = Sequence[tuple[Decimal, Decimal]]
"""The lines of a bill as the yardstick sees them: unit price in yuan, quantity."""


def fee_table() -> FeeTable:
    """Forty services, as many as a real desk has: every fifth shares a standard, two are free, two want a review."""
    services = [
        Service(
            f"service-{n}",
            f"服务 {n}",
            "general",
            "次",
            Price("fixed", 1000 + 150 * n, 1000 + 150 * n),
            "shared" if n % 5 == 0 else f"service-{n}",
        )
        for n in range(36)
    ]
    services += [Service(f"free-{n}", f"检查 {n}", "general", "次", Price("free", 0, 0), f"free-{n}") for n in (1, 2)]
    services += [
        Service(f"range-{n}", f"改管 {n}", "general", "米", Price("range", 3000, 8000), f"range-{n}") for n in (1, 2)
    ]
    materials = [Material(f"material-{n}", f"材料 {n}", "只", 333 + 170 * n) for n in range(30)]
    return FeeTable(
        "2026-11",
        "CNY",
        Decimal("0.30"),
        10,
        30 * 60,
        {service.code: service for service in services},
        {material.code: material for material in materials},
    )


def slips(fees: FeeTable, bills: int) -> list[Slip]:
    """Bills as a month brings them, the same ones every time."""
    rng = Random(SEED)
    codes, materials = list(fees.services), list(fees.materials)
    return [_slip(rng, codes, materials, fees) for _ in range(bills)]


def _slip(rng: Random, codes: Sequence[str], materials: Sequence[str], fees: FeeTable) -> Slip:
    asked: list[Asked] = []
    for _ in range(rng.choices((1, 2, 3, 4), (45, 30, 15, 10))[0]):
        # One in eight is the work just asked for, once more.
        code = asked[-1].code if asked and rng.random() < 0.125 else rng.choice(codes)
        at = None if rng.random() < 0.4 else NINE + timedelta(minutes=rng.randrange(90))
        asked.append(Asked(code, _quantity(rng), at))
    used = [_used(rng, materials) for _ in range(rng.choices((0, 1, 2, 3), (35, 35, 20, 10))[0])]
    on_review = any(fees.services[one.code].price.kind == "range" for one in asked)
    return Slip(asked, used, rng.randrange(3000, 40_000) if on_review else None)


def _used(rng: Random, materials: Sequence[str]) -> Used:
    if rng.random() < 0.2:
        return Used(None, "角阀", _quantity(rng), rng.randrange(50, 9000))
    return Used(rng.choice(materials), "", _quantity(rng), None)


def _quantity(rng: Random) -> Decimal:
    """Mostly one, seldom a fraction; each a value of its own, as what is read from a ledger is."""
    return Decimal(rng.choices(("1", "2", "3", "1.5", "0.333"), (70, 14, 6, 6, 4))[0])


def priced(given: Sequence[Slip], fees: FeeTable) -> int:
    """The engine, over all of them: what they come to, in fen."""
    total = 0
    for services, materials, reviewed in given:
        total += price(services, materials, fees, start=NINE, reviewed=reviewed).total
    return total


def added(given: Sequence[Plain]) -> Decimal:
    """The yardstick, over all of them: what they would come to, in yuan."""
    total = Decimal(0)
    for lines in given:
        bill = Decimal(0)
        for unit_price, quantity in lines:
            bill += unit_price * quantity
        total += bill
    return total


def plain(bill: Bill) -> Plain:
    return [(Decimal(line.unit_price) / 100, line.quantity) for line in bill.lines]


def one_round(given: Sequence[Slip], lines: Sequence[Plain], fees: FeeTable) -> tuple[float, float]:
    """Seconds of the engine and of the yardstick, in turns over all the bills."""
    gc.collect()
    engine = yardstick = 0.0
    for first in range(0, len(given), TURN):
        some, plain_lines = given[first : first + TURN], lines[first : first + TURN]
        begun = perf_counter()
        priced(some, fees)
        between = perf_counter()
        added(plain_lines)
        engine, yardstick = engine + between - begun, yardstick + perf_counter() - between
    return engine, yardstick


def main() -> None:
    """Time both in turn and say how they compare."""
    arguments = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    arguments.add_argument("--bills", type=int, default=100_000, metavar="N")
    arguments.add_argument("--rounds", type=int, default=7, metavar="N", help="how often both are timed (at least 7)")
    options = arguments.parse_args()
    if options.bills < 1 or options.rounds < 7:
        arguments.error("at least one bill and seven rounds")

    fees = fee_table()
    given = slips(fees, options.bills)
    made = [price(services, materials, fees, start=NINE, reviewed=reviewed) for services, materials, reviewed in given]
    lines = [plain(bill) for bill in made]
    count = sum(len(bill.lines) for bill in made)
    at_zero = sum(line.rule == "FEE-3" for bill in made for line in bill.lines)
    print(f"{options.bills:,} bills of {count:,} lines, {at_zero:,} of them at 0 in a group; {options.rounds} rounds")
    del made
    # What both are given stays: the collector need not walk it again and again on either's account.
    gc.freeze()

    pairs = [one_round(given, lines, fees) for _ in range(options.rounds)]
    engine, yardstick = median(ours for ours, _ in pairs), median(bare for _, bare in pairs)
    ratios = sorted(ours / bare for ours, bare in pairs)
    print(f"engine     {engine:8.3f} s  {options.bills / engine:12,.0f} bills/s")
    print(f"yardstick  {yardstick:8.3f} s  {options.bills / yardstick:12,.0f} bills/s")
    print(f"ratio of the medians {engine / yardstick:.2f}, median of the ratios {median(ratios):.2f}")
    print(f"       (from {ratios[0]:.2f} to {ratios[-1]:.2f}; aim: at most {AIM})")


if __name__ == "__main__":
    main()
