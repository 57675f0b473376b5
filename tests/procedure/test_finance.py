"""FEE-7 and RPT-6: the month, its hand-over, what is corrected afterwards, and what is paid."""

from __future__ import annotations

import shutil
import tempfile
from collections import defaultdict
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from practice import Doc, Practice

from repairdesk.desk import By
from repairdesk.desk.settling import Paying
from repairdesk.errors import DeskError, Exit

NEW_POLICIES = ("version: standard-2026-11", "version: ours-1")


def yuan(text: str) -> Decimal:
    return Decimal(text)


def sums(month: Doc) -> dict[str, str]:
    """What each place has in the month."""
    return {household["place"]: household["total"] for household in month["households"]}


def postings(desk: Practice, number: str) -> list[tuple[str, str, str, str]]:
    return [(p["month"], p["kind"], p["place"], p["amount"]) for p in desk.show(number)["postings"]]


def filed(desk: Practice, local: str, *, place: str = "3-2-501", services: tuple[str, ...] = ("tap",)) -> str:
    """An order that is billed and filed at that time."""
    desk.at(local)
    return desk.filed(desk.billed(place=place, services=services))


def of_the_ledger(desk: Practice) -> Decimal:
    """The bills in force of all that is filed."""
    listed, _ = desk.desk.list_orders(By(os_user="tester"), {"states": ["archived"]}, limit=None)
    return sum((yuan(doc["bill"]["total"]) for doc in listed if doc["bill"]), Decimal(0))


# --- the month


@pytest.mark.rule("RPT-6", "FEE-10")
def test_the_month_is_told_by_household_and_order_and_adds_up(desk: Practice) -> None:
    one = filed(desk, "2026-11-23T10:00", services=("tap",))
    two = filed(desk, "2026-11-24T10:00", services=("bulb",))
    three = filed(desk, "2026-11-25T10:00", place="1-1-101", services=("toilet",))
    free = filed(desk, "2026-11-26T10:00", place="1-1-101", services=("inspect",))
    desk.billed(place="9-9-901", services=("toilet",))  # not filed: of no month yet
    month = desk.month("2026-11")
    assert (month["month"], month["orders"], month["total"]) == ("2026-11", 3, "85.00")
    assert sums(month) == {"1-1-101": "50.00", "3-2-501": "35.00"}
    told = {h["place"]: [(o["number"], o["total"]) for o in h["orders"]] for h in month["households"]}
    assert told == {"1-1-101": [(three, "50.00")], "3-2-501": [(one, "25.00"), (two, "10.00")]}
    assert (month["billed"], month["free"], month["corrections"], month["handed_over"]) == (3, 1, [], None)
    assert {name: month["reconciled"][name] for name in ("bills", "lines", "filed")} == {
        "bills": 4, "lines": 4, "filed": 4,
    }  # fmt: skip
    assert desk.show(free)["billed_in"] == "2026-11"


@pytest.mark.rule("RPT-6")
def test_a_month_without_orders_is_empty_and_one_that_is_no_month_is_a_usage_error(desk: Practice) -> None:
    empty = desk.month("2026-10")
    assert (empty["orders"], empty["total"], empty["households"]) == (0, "0.00", [])
    for text in ("2026-13", "2026-1", "2026", "2026-00", "November", "2026-11-01", "1969-12"):
        with desk.refuses(2, "FEE-7"):
            desk.month(text)
    assert desk.month("２０２６-１０")["month"] == "2026-10"


@pytest.mark.rule("FEE-7", "SLA-2")
@pytest.mark.parametrize(
    ("local", "month"),
    [
        ("2026-11-30T23:59:59", "2026-11"),
        ("2026-12-01T00:00:00", "2026-12"),
        ("2026-12-01T07:59:59", "2026-12"),  # still November in UTC
        ("2026-12-31T23:59:59", "2026-12"),
        ("2027-01-01T00:00:00", "2027-01"),
    ],
)
def test_a_bill_belongs_to_the_month_of_the_desks_zone_in_which_its_order_is_filed(
    desk: Practice, local: str, month: str
) -> None:
    number = desk.billed(services=("tap",))
    desk.at(local)
    desk.filed(number)
    assert desk.show(number)["billed_in"] == month
    totals = {name: desk.month(name)["total"] for name in ("2026-11", "2026-12", "2027-01")}
    assert totals == {name: "25.00" if name == month else "0.00" for name in totals}


@pytest.mark.rule("FEE-7")
def test_a_bill_that_was_corrected_before_it_was_filed_stands_once(desk: Practice) -> None:
    number = desk.billed(services=("tap",))
    desk.rebilled(number, services=("bulb",))
    assert postings(desk, desk.filed(number)) == [("2026-11", "bill", "3-2-501", "10.00")]


@pytest.mark.rule("FEE-10")
def test_a_month_may_come_to_more_than_any_single_amount(desk: Practice) -> None:
    numbers = [
        desk.filed(desk.billed(place=place, at_end={"materials": ("lock-core-c:78124.999",)}))
        for place in ("1-1-101", "1-1-102")
    ]
    each = desk.show(numbers[0])["bill"]["total"]
    assert each == "9999999.87"
    month = desk.month("2026-11")
    assert (month["total"], sums(month)["1-1-101"]) == ("19999999.74", each)
    receipt = desk.paid(*numbers)
    assert receipt["amount"] == "19999999.74"
    desk.at("2026-12-01T00:00:00")
    assert desk.handed_over("2026-11")["handed_over"]["total"] == "19999999.74"
    assert desk.arrears() == {"arrears": [], "total": "0.00"}


# --- hand-over


@pytest.mark.rule("FEE-7")
def test_a_month_is_handed_over_once_when_it_is_over(desk: Practice) -> None:
    filed(desk, "2026-11-30T10:00")
    desk.at("2026-11-30T23:59:59")
    with desk.refuses(10, "FEE-7"):
        desk.handed_over("2026-11")
    with desk.refuses(10, "FEE-7"):
        desk.handed_over("2027-11")
    desk.at("2026-12-01T00:00:00")
    signed = desk.handed_over("2026-11")["handed_over"]
    assert (signed["by"], signed["at"], signed["in_time"]) == ("F1", "2026-12-01T00:00:00+08:00", True)
    assert (signed["due_at"], signed["orders"], signed["total"]) == ("2026-12-25T23:59:59+08:00", 1, "25.00")
    with desk.refuses(10, "FEE-7"):
        desk.handed_over("2026-11")
    with desk.refuses(10, "FEE-7"):  # what lies before a locked month is locked, too
        desk.handed_over("2026-10")


@pytest.mark.rule("FEE-7")
def test_the_earlier_months_are_handed_over_first(desk: Practice) -> None:
    filed(desk, "2026-11-30T10:00")
    filed(desk, "2026-12-10T10:00", place="3-2-502")
    desk.at("2027-02-01T09:00")
    for month in ("2026-12", "2027-01"):
        with desk.refuses(10, "FEE-7") as told:
            desk.handed_over(month)
        assert told[0].values["months"][0] == "2026-11"
    for month in ("2026-11", "2026-12", "2027-01"):
        assert desk.handed_over(month)["handed_over"]


@pytest.mark.rule("FEE-7")
@pytest.mark.parametrize("who", ["C1", "W1", "L1", "S1", "M1", None])
def test_only_finance_signs_for_a_month_and_only_finance_takes_money(desk: Practice, who: str | None) -> None:
    number = filed(desk, "2026-11-30T10:00")
    with desk.refuses(12):
        desk.paid(number, who=who)
    with desk.refuses(12):  # before it is asked whether the month is over
        desk.handed_over("2026-11", who=who)
    desk.at("2026-12-02T09:00")
    with desk.refuses(12):
        desk.handed_over("2026-11", who=who)
    desk.paid(number)
    with desk.refuses(12):
        desk.do("pay", who, [number], Paying("5", refund=True, reason="paid too much"))


@pytest.mark.rule("FEE-7")
@pytest.mark.parametrize(
    ("local", "in_time"),
    [("2026-12-25T23:59:59", True), ("2026-12-26T00:00:00", False), ("2027-03-01T09:00:00", False)],
)
def test_a_month_is_due_by_the_end_of_the_twenty_fifth_of_the_next(desk: Practice, local: str, in_time: bool) -> None:
    filed(desk, "2026-11-30T10:00")
    desk.at(local)
    (owed,) = desk.desk.board(By(os_user="tester"))["months"]
    assert (owed["month"], owed["owner"], owed["state"]) == ("2026-11", "finance", "open" if in_time else "missed")
    assert desk.handed_over("2026-11")["handed_over"]["in_time"] is in_time
    assert any(remark.startswith("2026-11 was due by") for remark in desk.remarks) is not in_time
    assert desk.desk.board(By(os_user="tester"))["months"] == []


@pytest.mark.rule("FEE-7")
def test_the_day_of_the_hand_over_is_policy(desk: Practice) -> None:
    desk.edits("policies.yaml", NEW_POLICIES, ("by_day: 25 ", "by_day: 5 "))
    filed(desk, "2026-11-30T10:00")
    desk.at("2026-12-06T00:00:00")
    signed = desk.handed_over("2026-11")["handed_over"]
    assert (signed["due_at"], signed["in_time"]) == ("2026-12-05T23:59:59+08:00", False)


@pytest.mark.rule("FEE-7")
def test_orders_that_are_checked_and_not_filed_are_remarked_on_at_the_hand_over(desk: Practice) -> None:
    number = desk.billed(services=("tap",))
    desk.signed(number)
    desk.closed(number)
    desk.at("2026-12-01T09:00")
    desk.handed_over("2026-11")
    assert any(remark.startswith("1 checked orders are not filed yet") for remark in desk.remarks)
    desk.archived(number)
    assert desk.show(number)["billed_in"] == "2026-12"


@pytest.mark.rule("FEE-7")
def test_a_coordination_order_brings_no_bill_into_a_later_month(desk: Practice) -> None:
    number = desk.converted(desk.reported())
    desk.finished(number, "C1")
    desk.signed(number, who="C1")
    desk.closed(number)
    desk.at("2026-12-01T09:00")
    desk.handed_over("2026-11")
    assert not [remark for remark in desk.remarks if "not filed yet" in remark]


@pytest.mark.rule("FEE-7", "REC-2")
def test_what_is_filed_late_for_a_month_that_is_handed_over_falls_into_the_next(desk: Practice) -> None:
    filed(desk, "2026-11-24T10:00")
    late = desk.billed(place="1-1-101", services=("toilet",))
    desk.signed(late)
    desk.closed(late)
    desk.at("2026-12-10T09:00")
    desk.handed_over("2026-11")
    desk.archived(late, at="2026-11-30T18:00")
    assert (desk.last_entry(late)["late"], desk.show(late)["billed_in"]) == (True, "2026-12")
    november, december = desk.month("2026-11"), desk.month("2026-12")
    assert (november["total"], november["reconciled"]["to_later"]) == ("25.00", 1)
    assert (december["total"], december["reconciled"]["from_earlier"]) == ("50.00", 1)
    assert yuan(november["total"]) + yuan(december["total"]) == of_the_ledger(desk)


@pytest.mark.rule("FEE-7", "REC-2")
def test_what_is_filed_late_for_a_month_that_is_open_belongs_to_it(desk: Practice) -> None:
    number = desk.billed(services=("tap",))
    desk.signed(number)
    desk.closed(number)
    desk.at("2026-12-10T09:00")
    desk.archived(number, at="2026-11-30T23:59:59")
    assert desk.show(number)["billed_in"] == "2026-11"


@pytest.mark.rule("FEE-7")
def test_where_several_months_are_handed_over_what_is_filed_late_goes_to_the_first_open_one(desk: Practice) -> None:
    number = desk.billed(services=("tap",))
    desk.signed(number)
    desk.closed(number)
    desk.at("2027-02-03T09:00")
    for month in ("2026-11", "2026-12", "2027-01"):
        desk.handed_over(month)
    desk.archived(number, at="2026-11-30T18:00")
    assert desk.show(number)["billed_in"] == "2027-02"


# --- corrected after it was filed


@pytest.mark.rule("FEE-7", "FEE-8")
def test_a_correction_before_the_hand_over_stays_in_its_month(desk: Practice) -> None:
    number = filed(desk, "2026-11-30T10:00")
    desk.at("2026-12-20T10:00")
    desk.rebilled(number, services=("bulb",))
    assert postings(desk, number) == [
        ("2026-11", "bill", "3-2-501", "25.00"),
        ("2026-11", "reversal", "3-2-501", "-25.00"),
        ("2026-11", "replacement", "3-2-501", "10.00"),
    ]
    november = desk.handed_over("2026-11")
    assert (november["total"], november["orders"]) == ("10.00", 1)
    assert desk.month("2026-12")["total"] == "0.00"


@pytest.mark.rule("FEE-7", "FEE-8", "RPT-6")
def test_a_correction_after_the_hand_over_is_a_reversal_and_a_replacement_in_the_next_month(desk: Practice) -> None:
    number = filed(desk, "2026-11-30T10:00")
    other = filed(desk, "2026-12-01T10:00", place="1-1-101", services=("socket",))
    desk.at("2026-12-05T09:00")
    signed = desk.handed_over("2026-11")
    desk.wait(hours=1)
    desk.rebilled(number, services=("bulb",), reason="it was a bulb")
    assert any("2026-11 is handed over: the correction stands in 2026-12" in remark for remark in desk.remarks)
    november, december = desk.month("2026-11"), desk.month("2026-12")
    untouched = ("orders", "total", "handed_over", "corrections", "billed", "free")
    assert {name: november[name] for name in untouched} == {name: signed[name] for name in untouched}
    assert sums(december) == {"3-2-501": "-15.00", "1-1-101": "30.00"}
    assert december["total"] == "15.00"
    assert [(c["number"], c["kind"], c["amount"], c["of"], c["reason"]) for c in december["corrections"]] == [
        (number, "reversal", "-25.00", "2026-11", "it was a bulb"),
        (number, "replacement", "10.00", "2026-11", "it was a bulb"),
    ]
    assert yuan(november["total"]) + yuan(december["total"]) == of_the_ledger(desk) == Decimal("40.00")
    desk.at("2027-01-02T09:00")
    assert desk.handed_over("2026-12")["handed_over"]["total"] == "15.00"
    assert desk.show(number)["billed_in"] == "2026-11"
    assert desk.show(other)["billed_in"] == "2026-12"


@pytest.mark.rule("FEE-7", "FEE-8")
def test_each_further_correction_stands_in_the_first_month_that_is_open_then(desk: Practice) -> None:
    number = filed(desk, "2026-11-30T10:00", services=("tap",))
    desk.at("2026-12-05T09:00")
    desk.handed_over("2026-11")
    desk.rebilled(number, services=("bulb",))
    desk.rebilled(number, services=("toilet",))
    desk.at("2027-03-05T09:00")
    desk.rebilled(number, services=("socket",))  # December is open still
    desk.handed_over("2026-12")
    desk.handed_over("2027-01")
    desk.rebilled(number, services=("tap",))
    assert {m: desk.month(m)["total"] for m in ("2026-11", "2026-12", "2027-01", "2027-02", "2027-03")} == {
        "2026-11": "25.00", "2026-12": "5.00", "2027-01": "0.00", "2027-02": "-5.00", "2027-03": "0.00",
    }  # fmt: skip
    assert of_the_ledger(desk) == Decimal("25.00")
    assert {c["of"] for c in desk.month("2027-02")["corrections"]} == {"2026-11"}


@pytest.mark.rule("FEE-7", "REC-3")
def test_whoever_was_billed_for_somebody_elses_work_gets_it_back(desk: Practice) -> None:
    number = filed(desk, "2026-11-30T10:00")
    desk.at("2026-12-05T09:00")
    desk.corrected(number, place="3-2-502", reason="next door")
    assert sums(desk.month("2026-11")) == {"3-2-501": "0.00", "3-2-502": "25.00"}
    desk.handed_over("2026-11")
    desk.corrected(number, place="9-9-901", reason="another house")
    assert desk.month("2026-11")["handed_over"]["total"] == desk.month("2026-11")["total"] == "25.00"
    december = desk.month("2026-12")
    assert (december["total"], sums(december)) == ("0.00", {"3-2-502": "-25.00", "9-9-901": "25.00"})
    assert {c["reason"] for c in december["corrections"]} == {"another house"}
    assert [one["place"] for one in desk.arrears()["arrears"]] == ["9-9-901"]


@pytest.mark.rule("FEE-7", "REC-3")
def test_only_a_correction_of_the_place_concerns_finance(desk: Practice) -> None:
    number = filed(desk, "2026-11-30T10:00")
    desk.corrected(number, caller="王先生", phone="13900009999", place="３号楼2单元501")
    assert postings(desk, number) == [("2026-11", "bill", "3-2-501", "25.00")]


@pytest.mark.rule("FEE-9", "FEE-7")
def test_a_free_order_that_turns_out_to_be_paid_work_is_listed_from_then_on_and_the_other_way_round(
    desk: Practice,
) -> None:
    free = filed(desk, "2026-11-30T10:00", services=("inspect",))
    paid = filed(desk, "2026-11-30T11:00", place="1-1-101", services=("tap",))
    assert sums(desk.month("2026-11")) == {"1-1-101": "25.00"}
    desk.at("2026-12-05T09:00")
    desk.handed_over("2026-11")
    assert desk.rebilled(free, services=("toilet",))["paid"] is True
    assert desk.rebilled(paid, services=("inspect",))["paid"] is False
    assert sums(desk.month("2026-12")) == {"3-2-501": "50.00", "1-1-101": "-25.00"}
    assert desk.month("2026-11")["total"] == "25.00"
    assert of_the_ledger(desk) == Decimal("50.00")


# --- money comes in


@pytest.mark.rule("FEE-7")
def test_a_bill_is_paid_in_parts_to_the_last_fen_and_not_beyond(desk: Practice) -> None:
    number = filed(desk, "2026-11-23T10:00")
    for amount, open_amount in (("10", "15.00"), ("14.99", "0.01")):
        assert desk.paid(number, amount=amount)["open_amount"] == open_amount
    with desk.refuses(10, "FEE-7") as told:
        desk.paid(number, amount="0.02")
    assert told[0].values["open"] == "0.01"
    with desk.refuses(10, "FEE-7"):
        desk.paid(number, amount="0")
    order = desk.paid(number)
    assert (order["received"], order["open_amount"]) == ("25.00", "0.00")
    assert [p["amount"] for p in order["payments"]] == ["10.00", "14.99", "0.01"]
    for too_much in (None, "0.01"):
        with desk.refuses(10, "FEE-7"):
            desk.paid(number, amount=too_much)


@pytest.mark.rule("FEE-7")
def test_each_payment_has_its_receipt_numbered_through_the_day_on_which_it_came_in(desk: Practice) -> None:
    number = filed(desk, "2026-11-23T10:00")
    desk.at("2026-11-24T09:00")
    desk.paid(number, amount="5")
    desk.at("2026-11-25T00:00")
    desk.paid(number, amount="5", method="cash")
    desk.paid(number, amount="5", method="wechat")
    receipts = [(p["receipt"], p["method"], p["by"]) for p in desk.show(number)["payments"]]
    assert receipts == [
        ("R20261124-0001", "management-fee", "F1"),
        ("R20261125-0001", "cash", "F1"),
        ("R20261125-0002", "wechat", "F1"),
    ]
    with desk.refuses(2, "FEE-7"):
        desk.paid(number, method="barter")


@pytest.mark.rule("FEE-7")
def test_one_receipt_serves_several_orders_in_the_order_in_which_they_are_named(desk: Practice) -> None:
    one = filed(desk, "2026-11-23T10:00", services=("tap",))
    two = filed(desk, "2026-11-23T11:00", services=("toilet",))
    three = filed(desk, "2026-11-23T12:00", services=("bulb",))
    receipt = desk.paid(two, one, amount="60")
    assert (receipt["receipt"], receipt["amount"]) == ("R20261123-0001", "60.00")
    assert [(o["number"], o["open_amount"]) for o in receipt["orders"]] == [(two, "0.00"), (one, "15.00")]
    assert {desk.show(number)["payments"][0]["receipt"] for number in (one, two)} == {"R20261123-0001"}
    with desk.refuses(10, "FEE-7"):  # too much, and then none of them is paid
        desk.paid(one, three, amount="25.01")
    with desk.refuses(10, "FEE-7"):  # nothing would be left for the third
        desk.paid(one, three, amount="15")
    with desk.refuses(10, "FEE-7"):  # one is paid already
        desk.paid(three, two)
    with desk.refuses(10, "FEE-7"):
        desk.paid(three, three)
    assert desk.paid(one, three)["amount"] == "25.00"


@pytest.mark.rule("FEE-7")
def test_nothing_is_paid_before_there_is_a_bill_and_nothing_of_a_free_one(desk: Practice) -> None:
    number = desk.at_work()
    with desk.refuses(10):
        desk.paid(number)
    desk.finished(number)
    with desk.refuses(10, "FEE-7"):
        desk.paid(number)
    paid = desk.billed(place="3-2-502", services=("tap",))
    assert desk.paid(paid)["open_amount"] == "0.00"  # before it is filed
    assert desk.month("2026-11")["total"] == "0.00"


@pytest.mark.rule("FEE-7", "FEE-8")
def test_a_bill_that_was_lowered_after_it_was_paid_is_owed_to_the_resident(desk: Practice) -> None:
    number = filed(desk, "2026-11-23T10:00")
    desk.paid(number)
    assert desk.arrears()["arrears"] == []
    order = desk.rebilled(number, services=("bulb",))
    assert order["open_amount"] == "-15.00"
    assert any(remark.startswith("15.00 more was received") for remark in desk.remarks)
    (owed,) = desk.arrears()["arrears"]
    assert (owed["number"], owed["total"], owed["received"], owed["open"]) == (number, "10.00", "25.00", "-15.00")
    assert desk.arrears()["total"] == "-15.00"
    with desk.refuses(10, "FEE-7"):
        desk.paid(number)
    with desk.refuses(10, "FEE-7"):
        desk.refunded(number, "25.01")
    with desk.refuses(10, "FEE-7"):
        desk.refunded(number, "0")
    order = desk.refunded(number, "15", reason="it was a bulb")
    assert (order["open_amount"], order["received"]) == ("0.00", "10.00")
    last = order["payments"][-1]
    assert (last["amount"], last["reason"], last["receipt"]) == ("-15.00", "it was a bulb", "R20261123-0002")
    assert desk.arrears()["arrears"] == []


@pytest.mark.rule("FEE-7")
def test_money_is_paid_back_with_amount_and_reason_and_only_what_was_received(desk: Practice) -> None:
    number = filed(desk, "2026-11-23T10:00")
    with desk.refuses(10, "FEE-7"):
        desk.refunded(number, "1")
    desk.paid(number, amount="5")
    with desk.refuses(2):
        desk.refunded(number, "1", reason=" ")
    assert desk.refunded(number, "5")["open_amount"] == "25.00"


@pytest.mark.rule("FEE-7")
def test_arrears_are_of_filed_orders_by_place(desk: Practice) -> None:
    one = filed(desk, "2026-11-23T10:00", services=("tap",))
    two = filed(desk, "2026-11-23T11:00", place="1-1-101", services=("toilet",))
    filed(desk, "2026-11-23T12:00", services=("inspect",))
    desk.billed(place="1-1-101", services=("tap",))
    desk.paid(two, amount="20")
    arrears = desk.arrears()
    assert [(a["place"], a["number"], a["open"]) for a in arrears["arrears"]] == [
        ("1-1-101", two, "30.00"), ("3-2-501", one, "25.00"),
    ]  # fmt: skip
    assert arrears["total"] == "55.00"
    assert [a["number"] for a in desk.arrears("3栋2单元501")["arrears"]] == [one]


@pytest.mark.rule("FEE-7")
def test_whether_the_resident_asked_for_an_invoice_is_known_where_it_is_billed(desk: Practice) -> None:
    number = desk.billed(services=("tap",))
    desk.signed(number, invoice="李女士")
    desk.closed(number)
    desk.archived(number)
    (household,) = desk.month("2026-11")["households"]
    assert household["orders"][0]["invoice"] == "李女士"
    assert desk.corrected(number, invoice="某某公司")["invoice"] == "某某公司"
    assert desk.paid(number, amount="5")["invoice"] == "某某公司"
    assert desk.paid(number, amount="5", invoice="个人")["invoice"] == "个人"
    assert desk.arrears()["arrears"][0]["invoice"] == "个人"


@pytest.mark.rule("FEE-7")
def test_an_invoice_in_no_name_is_none(desk: Practice) -> None:
    number = desk.billed(services=("tap",))
    desk.signed(number, invoice="李女士")
    assert desk.paid(number, amount="5", invoice="  ")["invoice"] == "李女士"


@pytest.mark.rule("FEE-7")
def test_where_technicians_collect_the_assignee_may_and_no_other(desk: Practice) -> None:
    number = desk.billed(services=("tap",))
    with desk.refuses(12):
        desk.paid(number, who="W1")
    desk.edits("policies.yaml", NEW_POLICIES, ("collection: finance ", "collection: technician "))
    other = desk.billed(place="3-2-502", who="W2", services=("tap",))
    for who in ("W2", "C1", "L1"):
        with desk.refuses(12):
            desk.paid(number, who=who)
    order = desk.paid(number, who="W1", amount="10", method="cash")
    assert [(p["by"], p["amount"]) for p in order["payments"]] == [("W1", "10.00")]
    with desk.refuses(12):  # one receipt, but one of the orders is not theirs
        desk.paid(number, other, who="W1")
    assert desk.paid(number, who="F1")["open_amount"] == "0.00"
    with desk.refuses(12):
        desk.handed_over("2026-10", who="W1")


# --- whatever happens, the months are the ledger's

SERVICES = st.sampled_from(["tap", "bulb", "toilet", "inspect", "socket"])
ORDERS = st.integers(0, 2)
STEPS = st.one_of(
    st.tuples(st.just("filed"), ORDERS, st.sampled_from([0, 0, 5, 40])),
    st.tuples(st.just("rebilled"), ORDERS, SERVICES),
    st.tuples(st.just("rebilled"), ORDERS, SERVICES),
    st.tuples(st.just("moved"), ORDERS, st.sampled_from(["3-2-501", "1-1-101", "1-1-102"])),
    st.tuples(st.just("paid"), ORDERS, st.sampled_from(["5", None])),
    st.tuples(st.just("days go by"), st.sampled_from([1, 9, 31]), st.none()),
    st.tuples(st.just("handed over"), st.none(), st.none()),
    st.tuples(st.just("handed over"), st.none(), st.none()),
)


class Finance:
    """What finance must have, reckoned beside the desk by FEE-7 alone: sums by month and place."""

    def __init__(self, desk: Practice, services: list[str]) -> None:
        self.desk = desk
        self.orders = [desk.billed(services=(service,)) for service in services]
        self.months: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
        self.signed: dict[str, str] = {}
        self.stands: dict[int, tuple[str, str, Decimal]] = {}

    def first_open(self, month: str) -> str:
        while self.signed and month <= max(self.signed):
            year, number = map(int, month.split("-"))
            month = f"{year + number // 12}-{number % 12 + 1:02}"
        return month

    def post(self, which: int, month: str, place: str, amount: Decimal) -> None:
        """What stands of an order is taken back, and the new amount stands in the month."""
        if which in self.stands:
            before, at_place, stood = self.stands[which]
            month = self.first_open(before)
            self.months[month][at_place] -= stood
        self.months[month][place] += amount
        self.stands[which] = (month, place, amount)

    def step(self, what: str, which: Any, said: Any) -> None:
        try:
            getattr(self, what.replace(" ", "_"))(which, said)
        except DeskError as refusal:
            if refusal.exit != Exit.NOT_ALLOWED:
                raise

    def filed(self, which: int, days_ago: int) -> None:
        """Filed today, or keyed in today and filed some days ago, though not before the slip was checked."""
        number = self.orders[which]
        if which in self.stands:
            return
        if self.desk.show(number)["state"] == "finished":
            self.desk.signed(number)
            self.desk.closed(number)
        order = self.desk.show(number)
        last = order["last_done_at"]
        then = max(_ago(self.desk, days_ago), last)
        self.desk.archived(number, at=then)
        self.post(which, self.first_open(then[:7]), order["place"], yuan(order["bill"]["total"]))

    def rebilled(self, which: int, service: str) -> None:
        order = self.desk.rebilled(self.orders[which], services=(service,))
        if which in self.stands:
            self.post(which, "", order["place"], yuan(order["bill"]["total"]))

    def moved(self, which: int, place: str) -> None:
        order = self.desk.corrected(self.orders[which], place=place)
        if which in self.stands:
            self.post(which, "", place, yuan(order["bill"]["total"]))

    def paid(self, which: int, amount: str | None) -> None:
        self.desk.paid(self.orders[which], amount=amount)

    def days_go_by(self, days: int, _: None) -> None:
        self.desk.wait(hours=24 * days)

    def handed_over(self, *_: None) -> None:
        """The oldest month that holds something, else the first; as soon as it is over."""
        month = min((m for m in self.months if m > max(self.signed, default="")), default="2026-11")
        if f"{self.desk.moment:%Y-%m}" == month:
            self.desk.wait(hours=24 * 31)
        self.signed[month] = self.desk.handed_over(month)["total"]

    def check(self) -> None:
        for month in (*self.months, *self.signed, "2026-11"):
            told = self.desk.month(month)
            wanted = {place: amount for place, amount in self.months[month].items() if amount}
            assert {p: yuan(t) for p, t in sums(told).items() if yuan(t)} == wanted
            assert yuan(told["total"]) == sum(wanted.values())
            if month in self.signed:
                assert told["total"] == self.signed[month] == told["handed_over"]["total"]
        assert sum(yuan(self.desk.month(m)["total"]) for m in self.months) == of_the_ledger(self.desk)
        assert self.desk.problems() == []


def _ago(desk: Practice, days: int) -> str:
    return (desk.moment - timedelta(days=days)).isoformat()


@pytest.mark.rule("FEE-7", "FEE-10", "RPT-6")
@settings(max_examples=max(12, settings().max_examples // 4), deadline=None,
          suppress_health_check=list(HealthCheck))  # fmt: skip
@given(services=st.lists(SERVICES, min_size=3, max_size=3), steps=st.lists(STEPS, min_size=10, max_size=30))
def test_whatever_is_corrected_moved_and_handed_over_the_months_come_to_the_ledger(
    desk_as_founded: Path, services: list[str], steps: list[tuple[str, Any, Any]]
) -> None:
    folder = Path(tempfile.mkdtemp(prefix="finance-"))
    try:
        shutil.copytree(desk_as_founded, folder / "desk")
        finance = Finance(Practice(folder / "desk"), services)
        for step in steps:
            finance.step(*step)
        finance.check()
    finally:
        shutil.rmtree(folder)
