"""The pricing engine against the rulebook's worked examples, its boundaries and what must hold for every bill."""

from __future__ import annotations

import ast
import csv
import importlib
import inspect
import pkgutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args, get_type_hints
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import repairdesk.domain
from repairdesk.domain import bill as engine
from repairdesk.domain import fees as fee_tables
from repairdesk.domain import money, warranty
from repairdesk.domain.asked import parse_card_price, parse_material, parse_service, parse_supplied
from repairdesk.domain.bill import UNLISTED, Asked, Bill, Cover, Line, Reduction, Used, Why, price
from repairdesk.domain.fees import FeeTable, Material, Price, Service
from repairdesk.domain.policy import WarrantyTerms
from repairdesk.errors import DeskError, Exit, NotAllowed, NotFound, UsageError

ZONE = ZoneInfo("Asia/Shanghai")
DAY = date(2026, 11, 22)
NINE = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)
"""09:00 in the desk's zone."""
CASES = list(csv.DictReader(Path(__file__).with_name("bill_cases.csv").read_text(encoding="utf-8").splitlines()))


def fixed(code: str, yuan: str, name: str = "", standard: str = "") -> Service:
    fen = money.fen(yuan)
    return Service(code, name or code, "general", "次", Price("fixed", fen, fen), standard or code)


SERVICES = [
    fixed("bulb", "10.00", "更换灯泡"),
    fixed("tap", "25.00"),
    fixed("toilet", "50.00", "疏通马桶"),
    fixed("socket", "30.00"),
    fixed("socket-20", "20.00"),
    fixed("valve", "10.00"),
    fixed("lamp-a", "10.00", standard="lamps"),
    fixed("lamp-b", "14.00", standard="lamps"),
    Service("inspect", "上门检查", "general", "次", Price("free", 0, 0), "inspect"),
    Service("pipe-run", "改水管", "plumbing", "米", Price("range", 3000, 8000), "pipe-run"),
    Service("door-refit", "换门", "carpentry", "扇", Price("on-quote", None, None), "door-refit"),
    Service("setup", "机顶盒调试", "software", "次", Price("fixed", 3000, 3000), "setup"),
    # What the desk puts beside the table where a fee was reviewed for work that it has no code for.
    Service(UNLISTED, "鱼缸漏水", "plumbing", "", Price("on-quote", None, None), UNLISTED),
]
MATERIALS = [
    Material("led-9w", "LED 灯泡 9W", "只", 1500),
    Material("pipe-m", "水管", "米", 333),
    Material("gold", "金龙头", "只", money.MAX_FEN),
]
FEES = FeeTable(
    "2026-11",
    "CNY",
    Decimal("0.30"),
    10,
    30 * 60,
    {service.code: service for service in SERVICES},
    {material.code: material for material in MATERIALS},
)


def asked(text: str) -> list[Asked]:
    return [parse_service(word, DAY, ZONE) for word in text.split()]


def used(text: str) -> list[Used]:
    return [parse_material(word, FEES) for word in text.split()]


def bill(services: str, materials: str = "", fees: FeeTable = FEES, reviewed: int | None = None) -> Bill:
    return price(asked(services), used(materials), fees, start=NINE, reviewed=reviewed)


TERMS = WarrantyTerms(("labour", "parts"), None, ("software",), 1, 3, "free")
WARNING = "不防水，会漏电"


def with_options(services: str, materials: str, options: str) -> Bill:
    """The bill of a case: words such as ``reviewed=120.00``, ``card=bulb:8.00``, ``warranty``, ``until=2026-11-22``."""
    words = [word.partition("=")[::2] for word in options.split()]
    said = dict(words)
    warned = WARNING if "warned" in said else None
    own = [parse_supplied(value, warned) for name, value in words if name == "own"]
    cards = dict(parse_card_price(value.replace(":", "=")) for name, value in words if name == "card")
    return price(
        asked(services),
        [*used(materials), *own],
        replace(FEES, grouping_seconds=0) if "apart" in said else FEES,
        start=NINE,
        reviewed=money.fen(said["reviewed"]) if "reviewed" in said else None,
        card_prices=cards,
        cover=covered(said),
        reduction=Reduction(money.fen(said["reduce"]), "老人独居", "G003") if "reduce" in said else None,
    )


def covered(said: Mapping[str, str]) -> Cover:
    return Cover(
        TERMS._replace(
            free=(said["free"],) if "free" in said else TERMS.free,
            months=int(said["months"]) if "months" in said else None,
            software_between=said.get("between", "free"),
        ),
        DAY,
        claimed="warranty" in said,
        user_damage="damage" in said,
        purchased=date.fromisoformat(said["purchased"]) if "purchased" in said else None,
        until=date.fromisoformat(said["until"]) if "until" in said else None,
    )


def amounts(priced: Bill) -> list[str]:
    return [money.yuan(line.amount) for line in priced.lines]


@pytest.mark.parametrize(
    "case", [pytest.param(case, id=case["case"], marks=pytest.mark.rule(case["rule"])) for case in CASES]
)
def test_a_bill_is_what_the_table_of_cases_says(case: dict[str, str]) -> None:
    priced = with_options(case["services"], case["materials"], case["options"])
    # The amounts of the table stand in the order of the bill: by the time asked for, then as typed.
    assert amounts(priced) == case["amounts"].split()
    assert money.yuan(priced.total) == case["total"]


@pytest.mark.rule("FEE-3")
def test_lines_stand_in_the_order_in_which_services_were_asked_for_then_materials() -> None:
    priced = bill("toilet@09:20 bulb@09:00 tap", "led-9w")
    assert [line.code for line in priced.lines] == ["bulb", "tap", "toilet", "led-9w"]
    assert amounts(priced) == ["0.00", "0.00", "50.00", "15.00"]


@pytest.mark.rule("FEE-3")
@pytest.mark.parametrize("services", ["valve bulb", "bulb valve"])
def test_of_equal_sums_asked_for_at_once_the_first_code_is_charged_however_they_were_typed(services: str) -> None:
    assert {line.code: line.amount for line in bill(services).lines} == {"bulb": 1000, "valve": 0}


@pytest.mark.rule("FEE-3")
def test_a_second_more_than_the_window_opens_another_group() -> None:
    def total(seconds: int) -> int:
        services = [Asked("bulb", Decimal(1), NINE), Asked("tap", Decimal(1), NINE + timedelta(seconds=seconds))]
        return price(services, [], FEES, start=None).total

    assert (total(1800), total(1801)) == (2500, 3500)


@pytest.mark.rule("FEE-3")
def test_a_window_of_zero_switches_grouping_off_even_for_services_asked_for_at_once() -> None:
    assert bill("bulb@09:00 toilet@09:00", fees=replace(FEES, grouping_seconds=0)).total == 6000


@pytest.mark.rule("FEE-3")
def test_the_window_is_the_fee_tables() -> None:
    assert bill("bulb@09:00 toilet@09:31", fees=replace(FEES, grouping_seconds=31 * 60)).total == 5000


@pytest.mark.rule("FEE-3")
def test_without_a_start_what_has_no_time_is_asked_for_with_the_earliest() -> None:
    priced = price(asked("bulb toilet@09:41 tap@09:10"), [], FEES, start=None)
    assert {line.code: line.amount for line in priced.lines} == {"bulb": 0, "tap": 2500, "toilet": 5000}


@pytest.mark.rule("FEE-3")
def test_groups_are_measured_in_elapsed_time_when_the_clocks_change() -> None:
    # 01:50 and 02:10 on the wall are 80 min apart in London on the night the hour is repeated.
    london = ZoneInfo("Europe/London")
    night = datetime(2026, 10, 25, 1, 50, tzinfo=london)
    services = [Asked("bulb", Decimal(1), night), Asked("tap", Decimal(1), night.replace(hour=2, minute=10))]
    assert price(services, [], FEES, start=None).total == 3500


@pytest.mark.rule("FEE-8")
@pytest.mark.parametrize(
    ("services", "code", "sentence"),
    [
        (
            "bulb@09:00 toilet@09:20",
            "bulb",
            "grouped with 疏通马桶 asked for 20 min later: the higher one is charged (50.00 over 10.00)",
        ),
        (
            "toilet@09:00 bulb:2@09:05",
            "bulb",
            "grouped with 疏通马桶 asked for 5 min earlier: the higher one is charged (50.00 over 20.00)",
        ),
        (
            "toilet bulb",
            "bulb",
            "grouped with 疏通马桶 asked for at the same time: the higher one is charged (50.00 over 10.00)",
        ),
        (
            "bulb@09:00 valve@09:10",
            "valve",
            "grouped with 更换灯泡 asked for 10 min earlier: of equal sums (10.00) the first is charged",
        ),
        (
            "bulb valve",
            "valve",
            "grouped with 更换灯泡 asked for at the same time: of equal sums (10.00) one is charged",
        ),
        ("bulb:2", "bulb", "10.00 × 2 by fee table 2026-11"),
        ("inspect", "inspect", "free by fee table 2026-11"),
    ],
)
def test_a_service_line_says_why_it_costs_what_it_costs(services: str, code: str, sentence: str) -> None:
    assert [str(line.why) for line in bill(services).lines if line.code == code] == [sentence]


@pytest.mark.rule("FEE-8")
def test_a_free_service_beside_a_charged_one_is_free_and_not_grouped_away() -> None:
    free = bill("inspect bulb@09:10").lines[0]
    assert (free.rule, str(free.why)) == ("FEE-1", "free by fee table 2026-11")


@pytest.mark.rule("FEE-8")
def test_a_material_line_shows_cost_markup_and_rounding() -> None:
    listed, unlisted = bill("", "pipe-m:1.500 角阀:2:18.50").lines
    assert str(listed.why) == "3.33 × 1.5 by fee table 2026-11"
    assert (unlisted.rule, unlisted.code, unlisted.name, unlisted.unit_price) == ("FEE-2", None, "角阀", 2410)
    assert str(unlisted.why) == ("not on fee table 2026-11: stock cost 18.50 × 1.30 = 24.05, rounded to 24.10; × 2")


@pytest.mark.rule("FEE-8")
def test_seconds_between_two_services_show_as_a_tenth_of_a_minute() -> None:
    services = [Asked("bulb", Decimal(1), NINE), Asked("tap", Decimal(1), NINE + timedelta(seconds=90))]
    assert price(services, [], FEES, start=None).lines[0].why.spoken()["minutes"] == "1.5"


@pytest.mark.rule("FEE-3")
def test_a_line_at_zero_keeps_its_unit_price_and_names_its_rule() -> None:
    grouped, charged = bill("bulb toilet@09:20").lines
    assert (grouped.unit_price, grouped.amount, grouped.rule) == (1000, 0, "FEE-3")
    assert (charged.unit_price, charged.amount, charged.rule) == (5000, 5000, "FEE-1")


@pytest.mark.rule("QUO-2")
@pytest.mark.parametrize(("code", "name"), [("pipe-run", "改水管"), ("door-refit", "换门")])
def test_a_service_without_a_fixed_price_is_refused_until_its_fee_is_reviewed(code: str, name: str) -> None:
    with pytest.raises(NotAllowed, match=name) as caught:
        bill(f"bulb {code}")
    assert caught.value.rule == "QUO-2"


@pytest.mark.rule("QUO-2")
def test_the_first_service_without_a_fixed_price_carries_the_reviewed_fee_and_the_others_stand_at_nothing() -> None:
    priced = bill("door-refit@11:00 pipe-run:3@10:00 bulb@09:00", reviewed=12345)
    assert [(line.code, line.amount) for line in priced.lines] == [
        ("bulb", 1000),
        ("pipe-run", 12345),
        ("door-refit", 0),
    ]
    assert str(priced.lines[1].why) == "fee reviewed by the supervisor: 123.45"
    assert str(priced.lines[2].why) == "included in the reviewed fee"
    assert {line.rule for line in priced.lines[1:]} == {"QUO-2"}


@pytest.mark.rule("FEE-3")
@pytest.mark.parametrize(("reviewed", "total"), [(6000, 6000), (600, 1000)])
def test_a_reviewed_fee_is_compared_within_its_group_like_any_other_price(reviewed: int, total: int) -> None:
    assert bill("bulb pipe-run", reviewed=reviewed).total == total


@pytest.mark.rule("FEE-1")
def test_an_unknown_service_is_not_found_and_near_codes_are_proposed() -> None:
    with pytest.raises(NotFound) as caught:
        bill("bulp")
    assert caught.value.rule == "FEE-1"
    assert str(caught.value) == "bulp is not a service of fee table 2026-11: perhaps bulb"


@pytest.mark.rule("FEE-1")
def test_a_service_called_by_its_name_or_in_capitals_gets_its_code_proposed() -> None:
    for text, code in [("更换灯泡", "bulb"), ("TOILET", "toilet")]:
        with pytest.raises(NotFound, match=f"perhaps {code}"):
            bill(text)


@pytest.mark.rule("FEE-1")
def test_an_unknown_code_that_resembles_nothing_proposes_nothing() -> None:
    with pytest.raises(NotFound, match=r"^zzzz is not a service of fee table 2026-11$"):
        bill("zzzz")


@pytest.mark.rule("FEE-1")
def test_an_unknown_material_is_told_before_a_fee_that_wants_review() -> None:
    with pytest.raises(NotFound, match=r"led-9 is not a material.*perhaps led-9w.*NAME:QTY:STOCKCOST"):
        price(asked("door-refit"), [Used("led-9", "", Decimal(1), None)], FEES, start=NINE)


@pytest.mark.rule("FEE-2")
def test_a_material_neither_listed_nor_with_a_cost_is_refused() -> None:
    with pytest.raises(UsageError, match="角阀") as caught:
        price([], [Used(None, "角阀", Decimal(1), None)], FEES, start=NINE)
    assert caught.value.rule == "FEE-2"


@pytest.mark.rule("FEE-10")
def test_a_fen_more_than_the_highest_sum_is_refused() -> None:
    with pytest.raises(UsageError, match=r"10000000\.00 is above 9999999\.99") as caught:
        price([], [*used("gold"), Used(None, "垫圈", Decimal("0.001"), 800)], FEES, start=NINE)
    assert caught.value.rule == "FEE-10"


@pytest.mark.rule("FEE-9")
@pytest.mark.parametrize(
    ("services", "materials", "paid"),
    [("bulb", "", True), ("inspect", "", False), ("inspect", "led-9w", True), ("", "", False)],
)
def test_an_order_is_paid_if_a_line_is_charged(services: str, materials: str, paid: bool) -> None:
    assert bill(services, materials).paid is paid


@pytest.mark.rule("REC-4")
def test_a_bill_names_the_version_of_its_fee_table() -> None:
    assert bill("bulb").fees_version == "2026-11"


@pytest.mark.rule("FEE-1")
def test_a_line_has_the_unit_of_the_fee_table_and_none_where_it_is_not_on_it() -> None:
    priced = with_options("bulb unlisted", "pipe-m 角阀:1:18.50", "reviewed=1.00 reduce=1.00")
    assert [line.unit for line in priced.lines] == ["次", None, "米", None, None]


@pytest.mark.rule("REC-4")
def test_two_fee_tables_with_the_same_codes_keep_their_own_prices() -> None:
    dearer = replace(
        FEES,
        version="2027-01",
        services={"bulb": fixed("bulb", "12.00")},
        materials={"led-9w": Material("led-9w", "LED", "只", 1600)},
    )
    for _ in range(2):
        assert amounts(bill("bulb", "led-9w")) == ["10.00", "15.00"]
        priced = bill("bulb:2", "led-9w", fees=dearer)
        assert amounts(priced) == ["24.00", "16.00"]
        assert priced.fees_version == "2027-01"
        assert str(priced.lines[0].why) == "12.00 × 2 by fee table 2027-01"


# The lower of two standards, the warranty, reductions, and what the resident brought.

TABLE = "2026-11"
LONG_COST = f"not on fee table {TABLE}: stock cost 18.50 × 1.30 = 24.05, rounded to 24.10; × 1"


@pytest.mark.parametrize(
    ("services", "materials", "options", "rule", "sentence"),
    [
        ("bulb:3", "", "card=bulb:8.00", "FEE-4",
         "8.00 × 3 by the warranty card, lower than 10.00 by fee table 2026-11"),
        ("bulb:3", "", "card=bulb:10.00", "FEE-1",
         "10.00 × 3 by fee table 2026-11; the warranty card's 10.00 is not lower"),
        ("", "角阀:1:18.50", "card=角阀:24.10", "FEE-2", f"{LONG_COST}; the warranty card's 24.10 is not lower"),
        ("pipe-run:3", "", "reviewed=120.00 card=pipe-run:30.00", "FEE-4",
         "30.00 × 3 by the warranty card, lower than the reviewed fee of 120.00"),
        ("pipe-run:3", "", "reviewed=120.00 card=pipe-run:40.00", "QUO-2",
         "fee reviewed by the supervisor: 120.00; the warranty card's 40.00 × 3 is not lower"),
        ("toilet", "", "warranty until=2026-12-01", "FEE-5",
         "labour is free under warranty, up to and including 2026-12-01; the work is of 2026-11-22"),
        ("", "led-9w", "warranty months=12 purchased=2026-01-31", "FEE-5",
         "parts are free under warranty, up to and including 2027-01-31; the work is of 2026-11-22"),
        ("toilet", "", "warranty", "FEE-5", "labour is free under warranty; the work is of 2026-11-22"),
        ("", "led-9w", "warranty", "FEE-5", "parts are free under warranty; the work is of 2026-11-22"),
        ("toilet", "", "warranty damage", "FEE-1",
         "50.00 × 1 by fee table 2026-11; no warranty, since the damage is the user's"),
        ("", "角阀:1:18.50", "warranty damage", "FEE-2", f"{LONG_COST}; no warranty, since the damage is the user's"),
        ("pipe-run", "", "warranty damage reviewed=9.00", "QUO-2",
         "fee reviewed by the supervisor: 9.00; no warranty, since the damage is the user's"),
        ("toilet", "", "warranty damage card=toilet:40.00", "FEE-4",
         "40.00 × 1 by the warranty card, lower than 50.00 by fee table 2026-11; "
         "not free, since the damage is the user's"),
        ("toilet", "", "warranty damage card=toilet:60.00", "FEE-1",
         "50.00 × 1 by fee table 2026-11; no warranty, since the damage is the user's"),
        ("inspect", "", "warranty", "FEE-1", "free by fee table 2026-11"),
        ("setup", "", "purchased=2026-10-22", "FEE-5",
         "software bought on 2026-10-22 is free up to and including 2027-01-22; the work is of 2026-11-22"),
        ("setup", "", "purchased=2026-10-22 between=charged", "FEE-5",
         "software bought on 2026-10-22 is free up to and including 2026-11-22; the work is of 2026-11-22"),
        ("setup", "", "purchased=2026-08-21 warranty", "FEE-1",
         "30.00 × 1 by fee table 2026-11; software bought on 2026-08-21 is charged after 2026-11-21, "
         "and the work is of 2026-11-22"),
        ("", "", "own=灯泡:qualified", "QUO-6", "the resident's own material, verified as qualified: not billed"),
        ("", "", "own=灯泡:2:unqualified warned", "QUO-6",
         f"the resident's own material, verified as unqualified: the resident was warned ({WARNING}) and chose it; "
         "not billed"),
        ("", "", "own=灯泡:劣质 warned", "QUO-6",
         f"the resident's own material, verified as poor: the resident was warned ({WARNING}) and chose it; "
         "not billed"),
    ],
)  # fmt: skip
@pytest.mark.rule("FEE-8")
def test_a_line_names_its_rule_and_says_which_standard_warranty_or_material_it_goes_by(
    services: str, materials: str, options: str, rule: str, sentence: str
) -> None:
    (line,) = with_options(services, materials, options).lines
    assert (line.rule, str(line.why)) == (rule, sentence)


def templates() -> list[Mapping[str, str]]:
    return [engine._CARD_NOT_LOWER, *engine._REMARKS.values()]


@pytest.mark.rule("FEE-8")
def test_every_remark_on_a_line_keeps_the_numbers_of_the_sentence_that_it_is_added_to() -> None:
    for table in templates():
        for plain, remarked in table.items():
            names = {word.split("}")[0] for word in plain.split("{")[1:]}
            assert names <= {word.split("}")[0] for word in remarked.split("{")[1:]}, remarked


@pytest.mark.rule("FEE-5")
@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2026, 8, 31), 3, date(2026, 11, 30)),
        (date(2026, 11, 22), 0, date(2026, 11, 22)),
        (date(2026, 11, 22), 1, date(2026, 12, 22)),
        (date(2026, 12, 31), 2, date(2027, 2, 28)),
        (date(2026, 12, 15), 12, date(2027, 12, 15)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2026, 11, 22), 120_000, date.max),
    ],
)
def test_months_are_calendar_months_with_the_day_clamped(day: date, months: int, later: date) -> None:
    assert warranty.months_after(day, months) == later


@pytest.mark.rule("FEE-6")
def test_a_reduction_is_a_line_of_its_own_with_reason_and_approver() -> None:
    priced = with_options("toilet", "", "reduce=5.00")
    last = priced.lines[-1]
    assert (last.type, last.code, last.name, last.quantity) == ("reduction", None, "reduction", Decimal(1))
    assert (last.unit_price, last.amount, last.rule) == (-500, -500, "FEE-6")
    assert str(last.why) == "reduced by 5.00, approved by G003: 老人独居"


@pytest.mark.rule("FEE-9")
def test_a_bill_that_was_waived_altogether_is_still_paid() -> None:
    waived = with_options("toilet", "", "reduce=50.00")
    assert (waived.total, waived.paid) == (0, True)
    assert with_options("toilet", "", "warranty").paid is False


THOUSAND = "9" * 1000


@pytest.mark.parametrize(
    ("services", "materials", "options", "code", "rule", "words"),
    [
        ("bulp", "", "", Exit.NOT_FOUND, "FEE-1", "perhaps bulb"),
        (THOUSAND, "", "", Exit.NOT_FOUND, "FEE-1", "is not a service of fee table"),
        ("", "led-9", "", Exit.NOT_FOUND, "FEE-1", "perhaps led-9w"),
        ("", THOUSAND, "", Exit.NOT_FOUND, "FEE-1", "is not a material of fee table"),
        ("bulb:0", "", "", Exit.USAGE, "FEE-10", "“0” is not a quantity"),
        ("bulb:0.000", "", "", Exit.USAGE, "FEE-10", "“0.000” is not a quantity"),
        ("bulb:-1", "", "", Exit.USAGE, "FEE-10", "“-1” is not a quantity"),
        ("bulb:1e3", "", "", Exit.USAGE, "FEE-10", "“1e3” is not a quantity"),
        ("bulb:1.0001", "", "", Exit.USAGE, "FEE-10", "at most three decimals"),
        (f"bulb:{THOUSAND}", "", "", Exit.USAGE, "FEE-10", "is not a quantity"),
        (f"bulb:1:{THOUSAND}", "", "", Exit.USAGE, "FEE-1", "is not a service"),
        (f"bulb@{THOUSAND}", "", "", Exit.USAGE, "FEE-1", "is not a service"),
        ("", f"led-9w:{THOUSAND}", "", Exit.USAGE, "FEE-10", "is not a quantity"),
        ("", "角阀:1:-5", "", Exit.USAGE, "FEE-10", "“-5” is not an amount"),
        ("", f"角阀:1:{THOUSAND}", "", Exit.USAGE, "FEE-10", "is not an amount"),
        ("", f":{THOUSAND}", "", Exit.USAGE, "FEE-1", "is not a material"),
        ("", "led-9w:1:3.00", "", Exit.NOT_ALLOWED, "FEE-2", "give it as led-9w"),
        ("", "gold:2", "", Exit.USAGE, "FEE-10", "19999999.98 is above 9999999.99"),
        ("", "gold:2", "reduce=9999999.99", Exit.USAGE, "FEE-10", "is above 9999999.99"),
        ("pipe-run", "", "", Exit.NOT_ALLOWED, "QUO-2", "the supervisor reviews its fee first"),
        ("door-refit", "", "warranty", Exit.NOT_ALLOWED, "QUO-2", "the supervisor reviews its fee first"),
        (
            "bulb",
            "角阀:1:5",
            "card=tap:8.00",
            Exit.USAGE,
            "FEE-4",
            "tap, which is not on this bill; it has: bulb, 角阀",
        ),
        ("", "", "card=tap:8.00", Exit.USAGE, "FEE-4", "tap, which is not on this bill"),
        ("bulb", "", "card=bulb:-8.00", Exit.USAGE, "FEE-10", "is not an amount"),
        ("bulb", "", f"card=bulb:{THOUSAND}", Exit.USAGE, "FEE-10", "is not an amount"),
        ("bulb", "", "card=bulb", Exit.USAGE, "FEE-4", "write CODE=PRICE"),
        ("bulb", "", "card==8", Exit.USAGE, "FEE-4", "write CODE=PRICE"),
        ("bulb", "", "warranty until=2026-11-21", Exit.NOT_ALLOWED, "FEE-5", "ended on 2026-11-21"),
        ("bulb", "", "warranty damage until=2026-11-21", Exit.NOT_ALLOWED, "FEE-5", "ended on 2026-11-21"),
        ("bulb", "", "warranty months=12 purchased=2025-11-21", Exit.NOT_ALLOWED, "FEE-5", "ended on 2026-11-21"),
        ("setup", "", "warranty", Exit.NOT_ALLOWED, "FEE-5", "say when it was purchased"),
        ("bulb", "", "warranty purchased=2026-11-23", Exit.NOT_ALLOWED, "FEE-5", "bought on 2026-11-23"),
        ("setup", "", "purchased=2026-11-23", Exit.NOT_ALLOWED, "FEE-5", "bought on 2026-11-23"),
        ("bulb", "", "reduce=0", Exit.NOT_ALLOWED, "FEE-6", "0.00 does not"),
        ("bulb", "", "reduce=10.01", Exit.NOT_ALLOWED, "FEE-6", "10.01 is more than the bill of 10.00"),
        ("bulb", "", "warranty reduce=0.01", Exit.NOT_ALLOWED, "FEE-6", "0.01 is more than the bill of 0.00"),
        ("bulb", "", "reduce=-5", Exit.USAGE, "FEE-10", "is not an amount"),
        ("", "", "own=灯泡:poor", Exit.USAGE, "QUO-6", "--warning"),
        ("", "", "own=灯泡:unqualified", Exit.USAGE, "QUO-6", "--warning"),
        ("", "", "own=灯泡:fine", Exit.USAGE, "QUO-6", "NAME:QTY:GRADE"),
        ("", "", "own=灯泡", Exit.USAGE, "QUO-6", "NAME:QTY:GRADE"),
        ("", "", "own=:poor", Exit.USAGE, "QUO-6", "NAME:QTY:GRADE"),
        ("", "", f"own={THOUSAND}", Exit.USAGE, "QUO-6", "NAME:QTY:GRADE"),
        ("", "", "own=灯泡:0:poor", Exit.USAGE, "FEE-10", "is not a quantity"),
    ],
)
@pytest.mark.rule("FEE-10")
def test_what_cannot_be_billed_is_refused_by_its_rule_in_a_sentence_of_readable_length(
    services: str, materials: str, options: str, code: Exit, rule: str, words: str
) -> None:
    with pytest.raises(DeskError) as caught:
        with_options(services, materials, options)
    assert (caught.value.exit, caught.value.rule) == (code, rule)
    assert words in str(caught.value)
    assert len(str(caught.value)) < 250


def test_a_reduction_below_nothing_is_refused_wherever_it_comes_from() -> None:
    with pytest.raises(NotAllowed, match=r"-0\.01 does not"):
        price(asked("bulb"), [], FEES, start=NINE, reduction=Reduction(-1, "", ""))


def test_one_is_shown_as_one_however_it_was_typed() -> None:
    assert [str(line.quantity) for line in bill("bulb:1.000 tap:2.000").lines] == ["1", "2"]
    assert bill("", "led-9w:１.0").lines[0].why.spoken()["quantity"] == "1"


# What is typed.


def test_a_service_may_have_a_quantity_and_a_time_of_the_visits_day() -> None:
    assert parse_service("bulb", None, ZONE) == Asked("bulb", Decimal(1), None)
    assert parse_service("bulb:2.5", None, ZONE) == Asked("bulb", Decimal("2.5"), None)
    assert parse_service(" bulb : 2 @ 9:05 ", DAY, ZONE) == Asked("bulb", Decimal(2), NINE + timedelta(minutes=5))
    assert parse_service("bulb@09:00", DAY, ZONE) == Asked("bulb", Decimal(1), NINE)


def test_full_width_characters_of_a_service_are_taken_as_their_plain_ones() -> None:
    assert parse_service("ｂｕｌｂ：２＠０９：００", DAY, ZONE) == Asked("bulb", Decimal(2), NINE)


@pytest.mark.parametrize("text", ["", ":2", "@09:00", "bulb:1:2", "bulb@24:00", "bulb@09:60", "bulb@", "bulb@9@9"])
def test_a_service_that_cannot_be_read_is_a_usage_error_that_shows_the_form(text: str) -> None:
    with pytest.raises(UsageError, match="CODE:QTY@HH:MM"):
        parse_service(text, DAY, ZONE)


@pytest.mark.rule("FEE-10")
@pytest.mark.parametrize("quantity", ["", "0", "-1", "1e3", "2²", "1.0001", "100000"])
def test_a_quantity_out_of_bounds_is_a_usage_error(quantity: str) -> None:
    with pytest.raises(UsageError, match="is not a quantity"):
        parse_service(f"bulb:{quantity}", DAY, ZONE)
    with pytest.raises(UsageError, match="is not a quantity"):
        parse_material(f"led-9w:{quantity}", FEES)


def test_a_time_of_day_needs_a_day() -> None:
    with pytest.raises(UsageError, match="which day"):
        parse_service("bulb@09:00", None, ZONE)


def test_a_listed_material_takes_its_name_from_the_table_and_an_unlisted_one_keeps_its_own() -> None:
    assert parse_material("led-9w", FEES) == Used("led-9w", "LED 灯泡 9W", Decimal(1), None)
    assert parse_material("ｌｅｄ－９ｗ：２", FEES) == Used("led-9w", "LED 灯泡 9W", Decimal(2), None)
    assert parse_material("铜管 ½″:1.5:18.50", FEES) == Used(None, "铜管 ½″", Decimal("1.5"), 1850)
    assert parse_material("比例 1:2 阀:2:0", FEES) == Used(None, "比例 1:2 阀", Decimal(2), 0)


@pytest.mark.parametrize("text", ["", ":2", ":1:2.00"])
def test_a_material_that_cannot_be_read_is_a_usage_error_that_shows_the_form(text: str) -> None:
    with pytest.raises(UsageError, match="NAME:QTY:STOCKCOST"):
        parse_material(text, FEES)


def test_a_stock_cost_that_is_no_amount_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="is not an amount"):
        parse_material("角阀:1:18.505", FEES)


@pytest.mark.rule("FEE-1")
def test_a_material_that_is_not_listed_and_has_no_cost_is_not_found() -> None:
    with pytest.raises(NotFound, match="角阀"):
        parse_material("角阀:2", FEES)


@pytest.mark.rule("FEE-2")
@pytest.mark.parametrize("name", ["led-9w", "LED 灯泡 9W", "ＬＥＤ 灯泡 9W"])
def test_the_markup_cannot_be_put_on_a_material_that_is_on_the_table(name: str) -> None:
    with pytest.raises(NotAllowed, match="give it as led-9w") as caught:
        parse_material(f"{name}:1:3.00", FEES)
    assert caught.value.rule == "FEE-2"


@pytest.mark.rule("QUO-6")
def test_the_residents_own_material_is_read_with_its_grade_in_either_language() -> None:
    assert parse_supplied("龙头:qualified", None) == Used(None, "龙头", Decimal(1), None, "qualified", None)
    assert parse_supplied("龙头：２：不合格", " 漏水 ") == Used(None, "龙头", Decimal(2), None, "unqualified", "漏水")
    assert parse_supplied("管 ½″ 1:2:1.5:Poor", "") == Used(None, "管 ½″ 1:2", Decimal("1.5"), None, "poor", None)


@pytest.mark.rule("FEE-4")
def test_a_price_of_the_warranty_card_is_read_by_code_or_by_name() -> None:
    assert parse_card_price("bulb=8") == ("bulb", 800)
    assert parse_card_price("ｂｕｌｂ ＝ ８.50") == ("bulb", 850)
    assert parse_card_price("比=角阀=24.00") == ("比=角阀", 2400)


@pytest.mark.rule("FEE-4")
def test_a_name_on_the_card_is_found_however_wide_it_was_typed() -> None:
    for name in ("PPR阀", "ＰＰＲ阀"):
        items = [Used(None, name, Decimal(1), 1000)]
        assert price([], items, FEES, start=NINE, card_prices={"ＰＰＲ阀": 500}).total == 500


# What holds for every bill.

QUANTITIES = st.integers(1, 20_000).map(lambda n: Decimal(n) / 1000)
ASKED = st.builds(
    Asked,
    st.sampled_from([service.code for service in SERVICES]),
    QUANTITIES,
    st.none() | st.integers(0, 120).map(lambda minutes: NINE + timedelta(minutes=minutes)),
)
NOTHING = st.none()
USED = (
    st.builds(Used, NOTHING, st.just("垫圈"), QUANTITIES, st.integers(0, 100_000), NOTHING, NOTHING)
    | st.builds(Used, st.sampled_from(["led-9w", "pipe-m"]), st.just(""), QUANTITIES, NOTHING, NOTHING, NOTHING)
    | st.builds(
        Used, NOTHING, st.just("灯座"), QUANTITIES, NOTHING, st.sampled_from(["qualified", "poor"]), st.just("x")
    )
)
DAYS = st.integers(0, 200).map(lambda days: DAY - timedelta(days=days))
COVER = st.builds(
    Cover,
    st.builds(
        WarrantyTerms,
        st.sampled_from([(), ("labour",), ("parts",), ("labour", "parts")]),
        NOTHING,
        st.sampled_from([(), ("software",), ("general",)]),
        st.integers(0, 2),
        st.integers(2, 4),
        st.sampled_from(["free", "charged"]),
    ),
    st.just(DAY),
    st.booleans(),
    st.booleans(),
    DAYS,
    NOTHING,
)
REVIEWED = st.integers(0, 100_000)


def as_a_bag(lines: Sequence[Line]) -> list[str]:
    return sorted(repr(line) for line in lines)


@pytest.mark.rule("FEE-10")
@given(st.lists(ASKED, max_size=8), st.lists(USED, max_size=4), REVIEWED)
@settings(max_examples=100, deadline=None)
def test_the_total_is_the_sum_of_the_lines_and_each_line_has_one(
    services: list[Asked], materials: list[Used], reviewed: int
) -> None:
    priced = price(services, materials, FEES, start=NINE, reviewed=reviewed)
    assert priced.total == sum(line.amount for line in priced.lines)
    assert len(priced.lines) == len(services) + len(materials)


@pytest.mark.rule("FEE-3")
@given(st.lists(ASKED, max_size=7).flatmap(lambda given: st.tuples(st.just(given), st.permutations(given))), REVIEWED)
@settings(max_examples=100, deadline=None)
def test_the_order_in_which_lines_are_typed_changes_no_amount(
    orders: tuple[list[Asked], list[Asked]], reviewed: int
) -> None:
    one, other = (price(services, [], FEES, start=NINE, reviewed=reviewed) for services in orders)
    assert as_a_bag(one.lines) == as_a_bag(other.lines)


@pytest.mark.rule("FEE-3")
@given(st.lists(ASKED, min_size=1, max_size=8), REVIEWED)
@settings(max_examples=100, deadline=None)
def test_a_group_costs_its_dearest_standard_and_no_more_than_its_lines_apart(
    services: list[Asked], reviewed: int
) -> None:
    together = [item._replace(at=NINE) for item in services]
    grouped = price(together, [], FEES, start=NINE, reviewed=reviewed)
    apart = price(together, [], replace(FEES, grouping_seconds=0), start=NINE, reviewed=reviewed)
    standards: dict[str, int] = {}
    for line in apart.lines:
        standard = FEES.services[str(line.code)].standard
        standards[standard] = standards.get(standard, 0) + line.amount
    assert grouped.total == max(standards.values())
    assert grouped.total <= apart.total


@pytest.mark.rule("FEE-3")
@given(st.lists(ASKED, max_size=8), REVIEWED)
@settings(max_examples=100, deadline=None)
def test_grouping_never_makes_a_bill_dearer_nor_free(services: list[Asked], reviewed: int) -> None:
    grouped = price(services, [], FEES, start=NINE, reviewed=reviewed)
    apart = price(services, [], replace(FEES, grouping_seconds=0), start=NINE, reviewed=reviewed)
    assert grouped.total <= apart.total
    assert grouped.paid == apart.paid


@pytest.mark.rule("FEE-3")
@given(st.lists(ASKED, max_size=6), st.lists(USED, max_size=4))
def test_without_grouping_a_bill_is_the_sum_of_its_lines_apart(services: list[Asked], materials: list[Used]) -> None:
    listed = [item for item in services if FEES.services[item.code].price.kind != "on-quote"]
    listed = [item for item in listed if FEES.services[item.code].price.kind != "range"]
    ungrouped = replace(FEES, grouping_seconds=0)
    whole = price(listed, materials, ungrouped, start=NINE).total
    apart = [price([item], [], FEES, start=NINE).total for item in listed]
    apart += [price([], [item], FEES, start=NINE).total for item in materials]
    assert whole == sum(apart)


@pytest.mark.rule("FEE-10")
@given(
    st.lists(ASKED, max_size=6).flatmap(lambda some: st.tuples(st.just(some), st.permutations(some))),
    st.lists(USED, max_size=4).flatmap(lambda some: st.tuples(st.just(some), st.permutations(some))),
    REVIEWED,
    COVER,
)
def test_the_order_changes_neither_amounts_nor_total_under_a_warranty_either(
    services: tuple[list[Asked], list[Asked]], materials: tuple[list[Used], list[Used]], reviewed: int, cover: Cover
) -> None:
    one, other = (
        price(asked_for, given_out, FEES, start=NINE, reviewed=reviewed, cover=cover)
        for asked_for, given_out in zip(services, materials, strict=True)
    )
    assert sorted((line.code or line.name, line.amount) for line in one.lines) == sorted(
        (line.code or line.name, line.amount) for line in other.lines
    )
    assert one.total == other.total == sum(line.amount for line in one.lines)


@pytest.mark.rule("FEE-5")
@given(st.lists(ASKED, max_size=6), st.lists(USED, max_size=4), REVIEWED)
def test_what_is_claimed_without_damage_and_all_free_costs_nothing(
    services: list[Asked], materials: list[Used], reviewed: int
) -> None:
    cover = Cover(TERMS, DAY, True, False, DAY, None)
    free = price(services, materials, FEES, start=NINE, reviewed=reviewed, cover=cover)
    assert (free.total, free.paid) == (0, False)


@pytest.mark.rule("FEE-5")
@given(st.lists(ASKED, max_size=6), st.lists(USED, max_size=4), REVIEWED)
def test_what_the_user_damaged_costs_what_it_costs_without_a_warranty(
    services: list[Asked], materials: list[Used], reviewed: int
) -> None:
    cover = Cover(TERMS._replace(software=()), DAY, True, True, DAY, DAY)
    damaged = price(services, materials, FEES, start=NINE, reviewed=reviewed, cover=cover)
    plain = price(services, materials, FEES, start=NINE, reviewed=reviewed)
    assert [line.amount for line in damaged.lines] == [line.amount for line in plain.lines]


@pytest.mark.rule("FEE-4")
@given(st.lists(ASKED, min_size=1, max_size=6), REVIEWED, st.integers(0, 10_000))
def test_a_card_price_never_makes_a_bill_dearer(services: list[Asked], reviewed: int, card: int) -> None:
    plain = price(services, [], FEES, start=NINE, reviewed=reviewed)
    code = services[0].code
    together = [one for one in services if FEES.services[one.code].price.kind in ("range", "on-quote")]
    if len(together) > 1 and code in [one.code for one in together]:
        # One fee for several works: what a card says of one of them cannot be compared with it.
        with pytest.raises(UsageError, match="together"):
            price(services, [], FEES, start=NINE, reviewed=reviewed, card_prices={code: card})
        return
    with_card = price(services, [], FEES, start=NINE, reviewed=reviewed, card_prices={code: card})
    assert with_card.total <= plain.total


@pytest.mark.rule("FEE-6")
@given(st.lists(ASKED, min_size=1, max_size=6), st.lists(USED, max_size=3), REVIEWED, st.data())
def test_a_reduction_lowers_the_total_by_exactly_its_amount_and_changes_no_other_line(
    services: list[Asked], materials: list[Used], reviewed: int, data: st.DataObject
) -> None:
    full = price(services, materials, FEES, start=NINE, reviewed=reviewed)
    if full.total == 0:
        return
    off = data.draw(st.integers(1, full.total))
    less = price(services, materials, FEES, start=NINE, reviewed=reviewed, reduction=Reduction(off, "reason", "G003"))
    assert (less.total, less.paid) == (full.total - off, full.paid)
    assert less.lines[:-1] == full.lines


@pytest.mark.rule("FEE-8")
@given(st.lists(ASKED, max_size=5), st.lists(ASKED, max_size=5), REVIEWED)
def test_what_was_asked_for_written_down_and_read_again_gives_the_same_bill_and_a_correction_the_difference(
    before: list[Asked], after: list[Asked], reviewed: int
) -> None:
    def written(item: Asked) -> str:
        time = "" if item.at is None else f"@{item.at.astimezone(ZONE):%H:%M}"
        return f"{item.code}:{item.quantity:f}{time}"

    old, new = (price(services, [], FEES, start=NINE, reviewed=reviewed) for services in (before, after))
    again = [parse_service(written(item), DAY, ZONE) for item in before]
    assert price(again, [], FEES, start=NINE, reviewed=reviewed) == old
    reversal, replacement = [-line.amount for line in old.lines], [line.amount for line in new.lines]
    assert sum(reversal + replacement) == new.total - old.total


# No float anywhere.


def inside(value: object) -> list[object]:
    """``value`` and everything in it."""
    if is_dataclass(value):
        return [value, *(part for field in fields(value) for part in inside(getattr(value, field.name)))]
    if isinstance(value, Mapping):
        return [value, *(part for item in value.items() for part in inside(item))]
    if isinstance(value, tuple):
        return [value, *(part for item in value for part in inside(item))]
    return [value]


@pytest.mark.rule("FEE-10")
@given(st.lists(ASKED, max_size=4), st.lists(USED, max_size=4), REVIEWED, COVER, st.integers(0, 5000))
def test_no_float_is_anywhere_in_a_bill(
    services: list[Asked], materials: list[Used], reviewed: int, cover: Cover, card: int
) -> None:
    services = [Asked("toilet", Decimal(1), None), *services]
    priced = price(services, materials, FEES, start=NINE, reviewed=reviewed, card_prices={"toilet": card}, cover=cover)
    assert not [part for part in inside(priced) if isinstance(part, float)]
    assert all(type(line.amount) is int and type(line.unit_price) is int for line in priced.lines)
    # A reason keeps plain values only, and every one of its sentences can be filled from them.
    assert all(str(line.why) and "{" not in str(line.why) for line in priced.lines)
    assert all(isinstance(line.why, Why) for line in priced.lines)


def domain_modules() -> list[Any]:
    names = [module.name for module in pkgutil.iter_modules(repairdesk.domain.__path__)]
    return [importlib.import_module(f"repairdesk.domain.{name}") for name in names]


def annotated(module: Any) -> Iterator[tuple[str, object]]:
    """The name and the annotations of every class, method and function that a module defines itself."""
    for name, found in vars(module).items():
        if getattr(found, "__module__", None) != module.__name__ or not (
            inspect.isclass(found) or inspect.isfunction(found)
        ):
            continue
        yield name, found
        if inspect.isclass(found):
            yield from (
                (f"{name}.{method}", function)
                for method, function in vars(found).items()
                if inspect.isfunction(function)
            )


def mentioned(hint: object) -> Iterator[object]:
    """A type and, inside generics, unions and aliases, those that it is made of."""
    yield hint
    for part in get_args(hint):
        yield from mentioned(part)


@pytest.mark.rule("FEE-10")
def test_no_annotation_of_the_domain_says_float() -> None:
    seen = 0
    for module in domain_modules():
        for name, found in annotated(module):
            for hint in get_type_hints(found).values():
                seen += 1
                assert float not in mentioned(hint), f"{module.__name__}.{name}"
    assert seen > 200


@pytest.mark.rule("FEE-10")
def test_the_walk_through_annotations_sees_a_float_inside_a_generic() -> None:
    assert float in mentioned(Mapping[str, list[float] | None])
    assert float not in mentioned(Mapping[str, list[int] | None])


DIVISIONS = {
    "value / step",
    "Decimal(parts) / prepared.denominator",
    "Decimal(parts) / prepared.denominator / 100",
    "Decimal(abs(apart) // timedelta(seconds=1)) / 6",
    "Decimal(money.half_up(Decimal(abs(apart) // timedelta(seconds=1)) / 6)) / 10",
}
"""Every true division in the code that computes money, read one by one: a Decimal stands on its left."""


@pytest.mark.rule("FEE-10")
@pytest.mark.parametrize("module", [money, engine, fee_tables, warranty])
def test_no_source_that_computes_money_writes_a_float_or_divides_into_one(module: Any) -> None:
    # What it checks: literals, the name ``float``, and that no true division is new. It follows no types.
    for node in ast.walk(ast.parse(inspect.getsource(module))):
        assert not (isinstance(node, ast.Constant) and isinstance(node.value, float))
        assert not (isinstance(node, ast.Name) and node.id == "float")
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
            assert ast.unparse(node) in DIVISIONS
