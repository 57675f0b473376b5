"""Corners of quote and bill that were got wrong once: what the resident is told, dates, blanks, cards, tables."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest
from practice import Practice

from repairdesk.desk import By


@pytest.mark.rule("QUO-1")
def test_what_is_quoted_is_what_everything_comes_to_and_not_the_reviewed_fee_alone(desk: Practice) -> None:
    number = desk.reported(services=("toilet", "pipe-run"))
    assert desk.quoted(number, "40")["quote"] == "50.00", "the toilet is dearer, and within 30 min only it is charged"
    with desk.refuses(10, "QUO-2"):
        desk.agreed(number, "40")
    assert desk.agreed(number)["consent"]["fee"] == "50.00"
    desk.assigned(number)
    desk.started(number)
    assert desk.finished(number)["bill"]["total"] == "50.00"


@pytest.mark.rule("QUO-2")
@pytest.mark.parametrize("service", ["trip-reset", "bulb:3"])
def test_a_fee_for_more_than_what_was_asked_for_is_quoted_agreed_and_billed(desk: Practice, service: str) -> None:
    number = desk.reported(services=(service,))
    desk.assigned(number)
    assert desk.quoted(number, "80")["quote"] == "80.00"
    with desk.refuses(10, "QUO-1"):
        desk.started(number)
    desk.agreed(number)
    desk.started(number)
    bill = desk.finished(number)["bill"]
    assert bill["total"] == "80.00"
    assert [line["code"] for line in bill["lines"]] == [service.partition(":")[0], "unlisted"]


@pytest.mark.rule("QUO-4")
def test_a_new_fee_on_site_is_quoted_with_what_stands_beside_it_too(desk: Practice) -> None:
    number = desk.reported(services=("bulb:3",), unlisted=True)
    assert desk.quoted(number, "20")["quote"] == "30.00"
    desk.agreed(number)
    desk.assigned(number)
    desk.arrived(number)
    assert desk.quoted(number, "25")["quote"] == "30.00"
    assert desk.quoted(number, "100")["quote"] == "100.00"
    with desk.refuses(10, "QUO-1"):
        desk.started(number)
    desk.agreed(number)
    desk.started(number)
    assert desk.finished(number)["bill"]["total"] == "100.00"


@pytest.mark.rule("QUO-2")
def test_unlisted_work_beside_listed_work_is_quoted_together(desk: Practice) -> None:
    number = desk.reported(services=("toilet:3",), unlisted=True)
    assert desk.quoted(number, "100")["quote"] == "150.00"
    desk.agreed(number)
    desk.assigned(number)
    desk.started(number)
    assert desk.finished(number)["bill"]["total"] == "150.00"


@pytest.mark.rule("INT-5")
@pytest.mark.parametrize("said", ["２０２６－０１－０１", " 2026-01-01 "])
def test_a_date_is_kept_in_one_form_however_it_was_typed_and_the_bill_can_read_it(desk: Practice, said: str) -> None:
    number = desk.at_work(services=("inspect",), purchased=said, warranty_until=said)
    assert desk.show(number)["purchased"] == "2026-01-01"
    assert desk.finished(number)["bill"]["total"] == "0.00"


@pytest.mark.rule("FEE-4")
def test_a_card_price_of_one_of_several_reviewed_works_does_not_wipe_out_the_fee_for_all(desk: Practice) -> None:
    number = desk.reported(services=("door-refit", "waterproofing"))
    desk.quoted(number, "3000")
    desk.agreed(number)
    desk.assigned(number)
    desk.started(number)
    for code in ("door-refit", "waterproofing"):
        with desk.refuses(2, "FEE-4"):
            desk.finished(number, card_prices=(f"{code}=50",))
    assert desk.finished(number)["bill"]["total"] == "3000.00"


@pytest.mark.rule("QUO-1")
def test_a_blank_reason_does_not_start_an_emergency_nor_a_blank_name_allow_noise(desk: Practice) -> None:
    number = desk.reported(priority="emergency", services=("tap",))
    desk.assigned(number)
    with desk.refuses(10, "QUO-1"):
        desk.started(number, reason="  ")
    with desk.refuses(10, "VIS-9"):
        desk.started(number, reason="water", disturbs=("noise",), agreed_by=" ")
    desk.started(number, reason="water")
    with desk.refuses(2, "FIN-1"):
        desk.finished(number, found="  ")


@pytest.mark.rule("FEE-8")
def test_a_corrected_category_takes_effect_on_reviewed_work_as_a_corrected_date_does(desk: Practice) -> None:
    number = desk.reported(unlisted=True, category="general", purchased="2026-11-01")
    desk.quoted(number, "40")
    desk.agreed(number)
    desk.assigned(number)
    desk.started(number)
    desk.finished(number)
    desk.corrected(number, category="software")
    (line,) = desk.rebilled(number)["bill"]["lines"]
    assert (line["amount"], line["rule"]) == ("0.00", "FEE-5")


@pytest.mark.rule("QUO-4")
def test_grouped_reviewed_work_is_not_said_to_be_missing_from_the_bill(desk: Practice) -> None:
    number = desk.reported(services=("pipe-run",))
    desk.quoted(number, "40")
    desk.agreed(number, "100")
    desk.assigned(number)
    desk.started(number)
    desk.finished(number, services=("toilet", "pipe-run"))
    assert not [remark for remark in desk.remarks if "stand in its place" in remark]


@pytest.mark.rule("QUO-2")
def test_a_review_that_nobody_agreed_to_is_said_to_want_consent(desk: Practice) -> None:
    number = desk.at_work(services=("inspect",))
    desk.quoted(number, "40")
    with desk.refuses(10, "QUO-2") as told:
        desk.finished(number, services=("pipe-run",))
    assert "not agreed to" in str(told[0])
    assert "consent" in told[0].possible


@pytest.mark.rule("FEE-6")
def test_nobody_without_the_right_approves_even_nothing(desk: Practice) -> None:
    number = desk.at_work(services=("inspect",))
    with desk.refuses(12, "FEE-6"):
        desk.finished(number, reduce="0", reason="r", approver="C1")


@pytest.mark.rule("FEE-9")
def test_an_order_that_ends_without_a_bill_is_not_paid_work(desk: Practice) -> None:
    declined = desk.reported(services=("tap",))
    assert desk.show(declined)["paid"] is True
    assert desk.do("decline", "C1", declined, reason="too dear", second="S1")["paid"] is False
    cancelled = desk.reported(services=("tap",), new=True)
    assert desk.do("cancel", "C1", cancelled, reason="mended itself")["paid"] is False


# --- the month is the journal's, whatever the tables say


FORGERIES: dict[str, str] = {
    "an amount": "UPDATE postings SET amount = 999900",
    "a place": "UPDATE postings SET place = '9-9-909'",
    "the month": "UPDATE postings SET month = '2026-12' WHERE n = 1",
    "what it is": "UPDATE postings SET chargeable = 0",
    "nothing left": "DELETE FROM postings",
    "one more": "INSERT INTO postings SELECT number, 9, month, 'replacement', place, 99900, 1, at, of, 'x' "
    "FROM postings",
}


def tampered(desk: Practice, statement: str) -> None:
    with closing(sqlite3.connect(desk.home / "ledger.db", isolation_level=None)) as db:
        db.execute(statement)


@pytest.fixture
def filed(desk: Practice) -> Practice:
    """A desk with one filed bill of 30 yuan in November; it is December."""
    number = desk.reported(services=("socket",))
    desk.agreed(number)
    desk.assigned(number, to="W2")
    desk.started(number, "W2")
    desk.finished(number, "W2")
    desk.signed(number, who="W2")
    desk.closed(number)
    desk.archived(number)
    desk.at("2026-12-02T09:00")
    return desk


@pytest.mark.sqlite
@pytest.mark.rule("RPT-6")
@pytest.mark.rule("FEE-10")
@pytest.mark.parametrize("what", FORGERIES)
def test_nobody_signs_for_a_sum_that_was_written_into_a_table(filed: Practice, what: str) -> None:
    honest = (filed.home / "ledger.db").read_bytes()
    tampered(filed, FORGERIES[what])
    asked: list[Callable[[], Any]] = [
        lambda: filed.desk.finance_month(By(os_user="tester"), "2026-11"),
        lambda: filed.desk.hand_over(By("F1", "tester"), "2026-11"),
    ]
    for ask in asked:
        with filed.refuses(16, "FEE-10"):
            ask()
    (filed.home / "ledger.db").write_bytes(honest)
    assert filed.desk.hand_over(By("F1", "tester"), "2026-11").doc["total"] == "30.00"


@pytest.mark.sqlite
@pytest.mark.rule("FEE-7")
def test_a_lock_does_not_go_with_the_rows_that_tell_of_it(filed: Practice) -> None:
    filed.desk.hand_over(By("F1", "tester"), "2026-11")
    honest = (filed.home / "ledger.db").read_bytes()
    tampered(filed, "DELETE FROM streams WHERE number LIKE 'month:%'")
    with filed.refuses(10, "FEE-7"):
        filed.desk.hand_over(By("F1", "tester"), "2026-11")
    (filed.home / "ledger.db").write_bytes(honest)


@pytest.mark.sqlite
@pytest.mark.rule("FEE-7")
def test_a_month_is_not_passed_over_because_its_rows_are_gone(filed: Practice) -> None:
    filed.at("2027-01-05T09:00")
    honest = (filed.home / "ledger.db").read_bytes()
    tampered(filed, "DELETE FROM postings")
    with filed.refuses(10, "FEE-7") as told:
        filed.desk.hand_over(By("F1", "tester"), "2026-12")
    assert "2026-11" in str(told[0])
    (filed.home / "ledger.db").write_bytes(honest)


@pytest.mark.rule("FEE-7")
def test_a_month_that_is_handed_over_names_who_lived_there_then_and_keeps_its_bills(filed: Practice) -> None:
    from repairdesk.desk.households import Told, household_store

    def register(name: str) -> None:
        with filed.desk.turn(By("C1", "tester")) as turn:
            household_store(turn, Told("3-2-501", "3-2-501", (name,)))

    register("张三")
    filed.desk.hand_over(By("F1", "tester"), "2026-11")
    filed.wait(hours=24)
    register("新人")
    (number,) = [one["number"] for one in filed.desk.list_orders(By(os_user="tester"), {})[0]]
    filed.paid(number, amount="10")
    (home,) = filed.desk.finance_month(By(os_user="tester"), "2026-11").doc["households"]
    assert home["names"] == ["张三"]
    assert [order["bill"] for order in home["orders"]] == ["30.00"]


@pytest.mark.rule("FEE-7")
@pytest.mark.parametrize("month", ["", "  ", "2026-13", "november"])
def test_an_empty_month_is_no_month_to_sign_for(filed: Practice, month: str) -> None:
    with filed.refuses(2):
        filed.desk.hand_over(By("F1", "tester"), month)
    with filed.refuses(2):
        filed.desk.arrears(By("F1", "tester"), "")
