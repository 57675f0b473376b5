"""FEE: what finishing an order charges."""

from __future__ import annotations

from typing import Any

import pytest
from practice import Doc, Practice


def finished(desk: Practice, **work: Any) -> Doc:
    """An order on which the resident has agreed to anything, finished an hour after nine."""
    number = desk.reported()
    desk.agreed(number, "9999")
    desk.assigned(number)
    desk.accepted(number)
    desk.started(number)
    desk.wait(hours=1)
    return desk.finished(number, **work)


def amounts(order: Doc) -> list[str]:
    return [line["amount"] for line in order["bill"]["lines"]]


@pytest.mark.rule("FEE-1")
def test_services_and_materials_are_priced_by_the_fee_table(desk: Practice) -> None:
    order = finished(desk, services=("tap",), materials=("hose-40cm:2", "ppr-20:1.5"))
    assert amounts(order) == ["25.00", "28.00", "5.00"]
    assert (order["bill"]["total"], order["paid"]) == ("58.00", True)


@pytest.mark.rule("FEE-1")
def test_what_is_not_on_the_fee_table_is_not_found(desk: Practice) -> None:
    number = desk.at_work()
    with desk.refuses(11, "FEE-1"):
        desk.finished(number, services=("tapp",))
    with desk.refuses(11, "FEE-1"):
        desk.finished(number, materials=("hose",))
    with desk.refuses(11, "FEE-1"):
        desk.takes(place="3-2-502", services=("tapp",))


@pytest.mark.rule("FEE-2")
def test_a_material_that_is_not_listed_is_sold_at_stock_cost_and_thirty_per_cent(desk: Practice) -> None:
    order = finished(desk, materials=("角阀:2:18.50",))
    (line,) = order["bill"]["lines"]
    assert (line["unit_price"], line["amount"], line["rule"]) == ("24.10", "48.20", "FEE-2")


@pytest.mark.rule("FEE-3")
@pytest.mark.parametrize(
    ("services", "expected"),
    [
        (("bulb@09:00", "toilet@09:30"), ["0.00", "50.00"]),
        (("bulb@09:00", "toilet@09:31"), ["10.00", "50.00"]),
        (("bulb@09:00", "toilet@09:25", "socket@09:40"), ["0.00", "50.00", "30.00"]),
        (("bulb:3@09:00", "tap@09:10"), ["30.00", "0.00"]),
        (("bulb", "toilet@09:20"), ["0.00", "50.00"]),
    ],
)
def test_services_of_different_standards_within_half_an_hour_are_charged_once(
    desk: Practice, services: tuple[str, ...], expected: list[str]
) -> None:
    assert amounts(finished(desk, services=services)) == expected


@pytest.mark.rule("FEE-3")
def test_services_named_at_intake_count_from_the_start_of_the_visit_and_materials_in_full(desk: Practice) -> None:
    number = desk.reported(services=("bulb", "toilet"))
    desk.agreed(number, "65")
    desk.assigned(number)
    desk.wait(hours=2)
    desk.started(number)
    order = desk.finished(number, materials=("led-9w",))
    assert amounts(order) == ["0.00", "50.00", "15.00"]
    assert order["bill"]["total"] == "65.00"


@pytest.mark.rule("FEE-3")
def test_services_named_at_the_end_replace_those_of_the_intake(desk: Practice) -> None:
    number = desk.reported(services=("toilet",))
    desk.agreed(number)
    desk.assigned(number)
    desk.started(number)
    assert amounts(desk.finished(number, services=("tap",))) == ["25.00"]


@pytest.mark.rule("FEE-3")
def test_the_time_of_a_service_is_of_the_day_of_the_visit(desk: Practice) -> None:
    number = desk.reported()
    desk.agreed(number, "100")
    desk.assigned(number)
    desk.at("2026-11-22T23:30")
    desk.started(number)
    desk.at("2026-11-23T00:20")
    assert amounts(desk.finished(number, services=("bulb@23:40", "toilet@23:55"))) == ["0.00", "50.00"]


@pytest.mark.rule("FEE-8")
def test_the_bill_is_frozen_when_work_is_finished_and_its_lines_add_up(desk: Practice) -> None:
    order = finished(desk, services=("bulb", "toilet"), materials=("led-9w:3",))
    assert order["bill"]["frozen_at"] == order["finished_at"] == desk.moment.isoformat()
    assert order["bill"]["total"] == "95.00"
    assert [line["rule"] for line in order["bill"]["lines"]] == ["FEE-3", "FEE-1", "FEE-1"]


@pytest.mark.rule("FEE-9")
def test_an_order_without_a_chargeable_line_is_free(desk: Practice) -> None:
    assert finished(desk, services=("inspect",))["paid"] is False
    assert finished(desk, materials=("led-9w",))["paid"] is True


@pytest.mark.rule("FEE-10")
@pytest.mark.parametrize("material", ["led-9w:-1", "led-9w:0", "led-9w:1e3", "垫片:1:1.005", "垫片:1:99999999"])
def test_quantities_and_amounts_that_are_none_are_a_usage_error(desk: Practice, material: str) -> None:
    number = desk.at_work()
    with desk.refuses(2, "FEE-10"):
        desk.finished(number, materials=(material,))
