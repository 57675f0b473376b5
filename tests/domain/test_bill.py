"""The pricing engine against the rulebook's worked examples, its boundaries and what must hold for every bill."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from repairdesk.domain import money
from repairdesk.domain.asked import parse_material, parse_service
from repairdesk.domain.bill import Asked, Bill, Line, Used, price
from repairdesk.domain.fees import FeeTable, Material, Price, Service
from repairdesk.errors import NotAllowed, NotFound, UsageError

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


def amounts(priced: Bill) -> list[str]:
    return [money.yuan(line.amount) for line in priced.lines]


@pytest.mark.parametrize(
    "case", [pytest.param(case, id=case["case"], marks=pytest.mark.rule(case["rule"])) for case in CASES]
)
def test_a_bill_is_what_the_table_of_cases_says(case: dict[str, str]) -> None:
    priced = bill(case["services"], case["materials"])
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
    assert price(services, [], FEES, start=None).lines[0].why.values["minutes"] == "1.5"


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


# What holds for every bill.

QUANTITIES = st.integers(1, 20_000).map(lambda n: Decimal(n) / 1000)
ASKED = st.builds(
    Asked,
    st.sampled_from([service.code for service in SERVICES]),
    QUANTITIES,
    st.none() | st.integers(0, 120).map(lambda minutes: NINE + timedelta(minutes=minutes)),
)
USED = st.builds(Used, st.none(), st.just("垫圈"), QUANTITIES, st.integers(0, 100_000)) | st.builds(
    Used, st.sampled_from(["led-9w", "pipe-m"]), st.just(""), QUANTITIES, st.none()
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
    together = [replace(item, at=NINE) for item in services]
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


def inside(value: object) -> list[object]:
    """``value`` and everything in it."""
    if is_dataclass(value):
        return [value, *(part for field in fields(value) for part in inside(getattr(value, field.name)))]
    if isinstance(value, tuple):
        return [value, *(part for item in value for part in inside(item))]
    return [value]


@pytest.mark.rule("FEE-10")
@given(st.lists(ASKED, max_size=4), st.lists(USED, max_size=4), REVIEWED)
@settings(max_examples=50, deadline=None)
def test_no_float_is_anywhere_in_a_bill(services: list[Asked], materials: list[Used], reviewed: int) -> None:
    priced = price(services, materials, FEES, start=NINE, reviewed=reviewed)
    assert not [part for part in inside(priced) if isinstance(part, float)]
    assert all(type(line.amount) is int and type(line.unit_price) is int for line in priced.lines)
    assert all(str(line.why) for line in priced.lines)
