"""QUO and FEE: from the quote to the frozen bill, and its correction."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import Any

import pytest
from practice import Doc, Practice

NEW_TABLE = ('version: "2026-11"', 'version: "2026-12"')
CORE = "lock-core-c"  # 128.00


def amounts(order: Doc) -> dict[str, str]:
    """The amounts of a bill by code, or by name where a line has none."""
    return {line["code"] or line["name"]: line["amount"] for line in order["bill"]["lines"]}


def sentence(line: Doc) -> str:
    """Why a line costs what it costs."""
    why: Doc = line["why"]
    text: str = why["text"].format(**why["values"])
    return text


def line_of(order: Doc, name: str) -> Doc:
    (line,) = [line for line in order["bill"]["lines"] if name in (line["code"], line["name"])]
    found: Doc = line
    return found


def at_the_tap(desk: Practice, agreed: str | None = "1000", **report: Any) -> str:
    """Work for an hour, agreed to, not finished yet."""
    number = desk.reported(**report)
    if agreed:
        desk.agreed(number, agreed)
    desk.assigned(number)
    desk.accepted(number)
    desk.started(number)
    desk.wait(hours=1)
    return number


# --- consent, work, bill


@pytest.mark.rule("FEE-3", "QUO-4", "FEE-10")
def test_the_worked_example_is_agreed_to_worked_and_billed_to_the_fen(desk: Practice) -> None:
    number = desk.takes(services=("bulb", "toilet"))["number"]
    desk.agreed(number)
    desk.assigned(number)
    desk.accepted(number)
    desk.started(number)
    desk.wait(minutes=40)
    slip: dict[str, Any] = {"services": ("bulb@09:00", "toilet@09:20"), "materials": ("led-9w",)}
    with desk.refuses(10, "QUO-4") as told:
        desk.finished(number, **slip)
    assert {name: told[0].values[name] for name in ("total", "over", "agreed")} == {
        "total": "65.00", "over": "15.00", "agreed": "50.00",
    }  # fmt: skip
    desk.agreed(number, "64.99", who="W1")
    with desk.refuses(10, "QUO-4"):
        desk.finished(number, **slip)
    desk.agreed(number, "65.00", who="W1")
    order = desk.finished(number, **slip)
    assert amounts(order) == {"bulb": "0.00", "toilet": "50.00", "led-9w": "15.00"}
    assert (order["bill"]["total"], order["paid"]) == ("65.00", True)
    assert sentence(line_of(order, "bulb")) == (
        "grouped with 疏通马桶 asked for 20 min later: the higher one is charged (50.00 over 10.00)"
    )


@pytest.mark.rule("FEE-3")
def test_what_is_of_one_charge_standard_is_added_up_before_standards_are_compared(desk: Practice) -> None:
    desk.edits(
        "fees.yaml", NEW_TABLE,
        ('unit: 只, price: "10.00"}', 'unit: 只, price: "10.00", standard: lamps}'),
        ('unit: 支, price: "14.00"}\n  - {code: ballast', 'unit: 支, price: "14.00", standard: lamps}\n'
         "  - {code: ballast"),
    )  # fmt: skip
    number = at_the_tap(desk)
    order = desk.finished(number, services=("bulb@09:00", "lamp-tube@09:10", "tap@09:20"))
    assert amounts(order) == {"bulb": "0.00", "lamp-tube": "0.00", "tap": "25.00"}
    assert "(25.00 over 24.00)" in sentence(line_of(order, "lamp-tube"))


@pytest.mark.rule("QUO-1", "QUO-4")
def test_an_emergency_that_nobody_agreed_to_is_not_billed_until_somebody_does(desk: Practice) -> None:
    number = desk.reported(services=("tap",), priority="emergency")
    desk.assigned(number)
    desk.started(number, reason="water runs into the flat below")
    assert desk.last_entry(number)["data"]["reason"] == "water runs into the flat below"
    desk.wait(hours=1)
    with desk.refuses(10, "QUO-4") as told:
        desk.finished(number, materials=("hose-40cm",))
    assert {name: told[0].values[name] for name in ("total", "over", "agreed")} == {
        "total": "39.00", "over": "39.00", "agreed": "0.00",
    }  # fmt: skip
    assert desk.show(number)["state"] == "on_site"
    desk.agreed(number, "39", who="W1")
    assert desk.finished(number, materials=("hose-40cm",))["bill"]["total"] == "39.00"


@pytest.mark.rule("QUO-1")
def test_an_emergency_that_costs_nothing_needs_no_consent(desk: Practice) -> None:
    number = desk.reported(services=("tap",), priority="emergency")
    desk.assigned(number)
    desk.started(number, reason="water runs into the flat below")
    assert desk.finished(number, services=("inspect",))["bill"]["total"] == "0.00"


@pytest.mark.rule("QUO-4")
def test_the_last_consent_counts_though_an_earlier_one_was_higher(desk: Practice) -> None:
    number = desk.reported()
    desk.agreed(number, "100")
    desk.agreed(number, "40")
    desk.assigned(number)
    desk.started(number)
    with desk.refuses(10, "QUO-4") as told:
        desk.finished(number, services=("toilet",))
    assert told[0].values["over"] == "10.00"


@pytest.mark.rule("QUO-2")
@pytest.mark.parametrize(("fee", "ok"), [("149.99", False), ("150.00", True), ("400.00", True), ("400.01", False)])
def test_before_a_visit_a_reviewed_fee_lies_in_the_range_of_the_table(desk: Practice, fee: str, ok: bool) -> None:
    number = desk.reported(services=("pipe-run:5",))  # 30.00 to 80.00 a metre
    if ok:
        assert desk.quoted(number, fee)["quote"] == fee
        return
    with desk.refuses(10, "QUO-2") as told:
        desk.quoted(number, fee)
    assert (told[0].values["low"], told[0].values["high"]) == ("150.00", "400.00")


@pytest.mark.rule("QUO-4")
def test_on_site_a_reviewed_fee_may_lie_beyond_the_range(desk: Practice) -> None:
    number = desk.reported(services=("pipe-run:5",))
    desk.quoted(number, "200")
    desk.agreed(number)
    desk.assigned(number)
    desk.started(number)
    desk.quoted(number, "401")
    with desk.refuses(10, "QUO-2"):  # an agreed review is needed, and less is no consent
        desk.agreed(number, "400", who="W1")
    desk.agreed(number, who="W1")
    assert amounts(desk.finished(number)) == {"pipe-run": "401.00"}


@pytest.mark.rule("QUO-2", "FEE-3")
@pytest.mark.parametrize(
    ("times", "expected"),
    [
        (("09:00", "09:30"), {"tap": "0.00", "unlisted": "80.00"}),
        (("09:00", "09:31"), {"tap": "25.00", "unlisted": "80.00"}),
        (("09:31", "09:00"), {"tap": "25.00", "unlisted": "80.00"}),
    ],
)
def test_reviewed_work_without_a_code_is_named_with_its_time_beside_a_listed_service(
    desk: Practice, times: tuple[str, str], expected: dict[str, str]
) -> None:
    number = desk.reported(unlisted=True, fault="the wall behind the tap is wet")
    desk.quoted(number, "80")
    desk.agreed(number, "105")
    desk.assigned(number)
    desk.started(number)
    desk.wait(hours=1)
    order = desk.finished(number, services=(f"tap@{times[0]}", f"unlisted@{times[1]}"))
    assert amounts(order) == expected
    assert line_of(order, "unlisted")["name"] == "the wall behind the tap is wet"


@pytest.mark.rule("QUO-2")
def test_unlisted_work_that_nobody_reviewed_is_not_billed(desk: Practice) -> None:
    number = at_the_tap(desk)
    with desk.refuses(10, "QUO-2"):
        desk.finished(number, services=("unlisted",))
    desk.quoted(number, "80")
    with desk.refuses(10, "QUO-2"):  # reviewed, but nobody agreed to it since
        desk.finished(number, services=("unlisted",))
    desk.agreed(number, "80", who="W1")
    assert desk.finished(number, services=("unlisted",))["bill"]["total"] == "80.00"


@pytest.mark.rule("QUO-2")
def test_services_named_at_the_end_in_place_of_a_reviewed_fee_are_remarked_on(desk: Practice) -> None:
    number = desk.reported(unlisted=True)
    desk.quoted(number, "80")
    desk.agreed(number)
    desk.assigned(number)
    desk.started(number)
    assert amounts(desk.finished(number, services=("tap",))) == {"tap": "25.00"}
    assert any(remark.startswith("the reviewed fee of 80.00 is not on the bill") for remark in desk.remarks)


# --- a needed replacement refused, materials of the resident's own

_THREE = {"refused": "a new valve", "explained": "it will burst", "made_safe": "the main is shut"}


@pytest.mark.rule("QUO-5")
@pytest.mark.parametrize("said", [c for n in (1, 2) for c in itertools.combinations(_THREE, n)], ids="+".join)
def test_a_refused_replacement_is_recorded_whole_or_not_at_all(desk: Practice, said: tuple[str, ...]) -> None:
    number = at_the_tap(desk)
    with desk.refuses(2, "QUO-5") as told:
        desk.finished(number, **{name: _THREE[name] for name in said})
    assert told[0].extra["missing"] == [name for name in _THREE if name not in said]
    with desk.refuses(2, "QUO-5"):
        desk.finished(number, **{**_THREE, said[0]: "  "})


@pytest.mark.rule("QUO-5")
def test_a_refused_replacement_stays_on_record_with_what_was_explained_and_made_safe(desk: Practice) -> None:
    number = at_the_tap(desk)
    assert desk.finished(number, **_THREE)["refusals"] == [_THREE]
    assert desk.last_entry(number)["data"]["refusals"] == [_THREE]
    other = at_the_tap(desk, place="3-2-502")
    assert desk.finished(other)["refusals"] == []


@pytest.mark.rule("QUO-6")
def test_a_qualified_material_of_the_residents_own_costs_nothing_and_needs_no_warning(desk: Practice) -> None:
    number = at_the_tap(desk)
    order = desk.finished(number, services=("tap",), supplied=("their own tap:2:qualified",))
    line = line_of(order, "their own tap")
    assert (line["amount"], line["unit_price"], line["quantity"], line["rule"]) == ("0.00", "0.00", "2", "QUO-6")
    assert order["bill"]["total"] == "25.00"


@pytest.mark.rule("QUO-6")
@pytest.mark.parametrize("grade", ["unqualified", "poor"])
def test_a_bad_material_of_the_residents_own_is_used_only_with_the_warning_on_record(
    desk: Practice, grade: str
) -> None:
    number = at_the_tap(desk)
    for warning in (None, "", "  "):
        with desk.refuses(2, "QUO-6"):
            desk.finished(number, services=("tap",), supplied=(f"cheap tap:{grade}",), warning=warning)
    order = desk.finished(number, services=("tap",), supplied=(f"cheap tap:{grade}",), warning="it will not last")
    assert order["bill"]["total"] == "25.00"
    assert "it will not last" in sentence(line_of(order, "cheap tap"))
    (used,) = desk.last_entry(number)["data"]["bill"]["basis"]["materials"]
    assert (used["grade"], used["warning"]) == (grade, "it will not last")


@pytest.mark.rule("QUO-6")
def test_a_warning_without_a_material_of_the_residents_own_is_a_usage_error(desk: Practice) -> None:
    number = at_the_tap(desk)
    with desk.refuses(2, "QUO-6"):
        desk.finished(number, services=("tap",), warning="it will not last")


# --- the warranty, and its card


@pytest.mark.rule("FEE-5")
@pytest.mark.parametrize(("until", "total"), [("2026-11-22", "0.00"), ("2026-11-21", None)])
def test_a_warranty_is_claimed_up_to_its_last_day(desk: Practice, until: str, total: str | None) -> None:
    number = at_the_tap(desk, warranty_until=until)
    slip: dict[str, Any] = {"services": ("tap",), "materials": ("tap-basin",), "warranty": True}
    if total is not None:
        order = desk.finished(number, **slip)
        assert (order["bill"]["total"], order["paid"]) == (total, False)
        return
    with desk.refuses(10, "FEE-5") as told:
        desk.finished(number, **slip)
    assert told[0].values["end"] == "2026-11-21"
    # A mistaken end is corrected, then it holds.
    desk.corrected(number, warranty_until="2027-11-21")
    assert desk.finished(number, **slip)["bill"]["total"] == "0.00"


@pytest.mark.rule("FEE-5")
def test_damage_by_the_user_is_charged_under_warranty_too(desk: Practice) -> None:
    number = at_the_tap(desk, warranty_until="2027-11-21")
    order = desk.finished(number, services=("tap",), warranty=True, user_damage=True)
    assert order["bill"]["total"] == "25.00"


@pytest.mark.rule("FEE-5")
def test_a_warranty_that_runs_and_of_which_nobody_spoke_is_remarked_on(desk: Practice) -> None:
    number = at_the_tap(desk, warranty_until="2026-11-22")
    desk.finished(number, services=("tap",))
    assert any("a warranty runs until 2026-11-22" in remark for remark in desk.remarks)
    other = at_the_tap(desk, warranty_until="2026-11-21", place="3-2-502")
    desk.finished(other, services=("tap",))
    assert not any("a warranty runs" in remark for remark in desk.remarks)


@pytest.mark.rule("FEE-4")
@pytest.mark.parametrize(("card", "total"), [("24.99", "24.99"), ("25.00", "25.00"), ("25.01", "25.00"), ("0", "0.00")])
def test_of_fee_table_and_warranty_card_the_lower_is_charged(desk: Practice, card: str, total: str) -> None:
    number = at_the_tap(desk)
    assert desk.finished(number, services=("tap",), card_prices=(f"tap={card}",))["bill"]["total"] == total


@pytest.mark.rule("FEE-4")
def test_a_card_price_is_refused_for_what_is_not_on_the_bill_and_where_two_are_said(desk: Practice) -> None:
    number = at_the_tap(desk)
    with desk.refuses(2, "FEE-4") as told:
        desk.finished(number, services=("tap",), card_prices=("toilet=20",))
    assert "tap" in str(told[0])
    with desk.refuses(2, "FEE-4"):
        desk.finished(number, services=("tap",), card_prices=("tap=20", "tap=19"))


# --- reductions


@pytest.mark.rule("FEE-6", "FEE-9")
def test_a_reduction_is_a_line_with_its_reason_and_approver_and_a_waived_bill_is_still_paid_work(
    desk: Practice,
) -> None:
    number = at_the_tap(desk)
    order = desk.finished(number, services=("tap",), reduce="25", reason="we came late", approver="S1")
    line = order["bill"]["lines"][-1]
    assert (line["type"], line["amount"], line["rule"]) == ("reduction", "-25.00", "FEE-6")
    assert sentence(line) == "reduced by 25.00, approved by S1: we came late"
    assert (order["bill"]["total"], order["paid"]) == ("0.00", True)


@pytest.mark.rule("FEE-6")
@pytest.mark.parametrize(
    ("approver", "amount", "code"),
    [
        ("W1", "0.01", 12),  # did the work
        ("W2", "0.01", 12),
        ("C1", "0.01", 12),
        ("L1", "0.01", 12),
        ("F1", "0.01", 12),
        ("GHOST", "0.01", 11),
        ("S1", "200.00", 0),
        ("S1", "200.01", 12),
        ("M1", "200.01", 0),
        ("M1", "256.00", 0),
        ("M1", "256.01", 10),
        ("M1", "0", 10),
    ],
)
def test_who_approves_a_reduction_depends_on_its_amount(desk: Practice, approver: str, amount: str, code: int) -> None:
    number = at_the_tap(desk)
    slip: dict[str, Any] = {"materials": (f"{CORE}:2",), "reduce": amount, "reason": "goodwill", "approver": approver}
    if not code:
        before = desk.finished(number, **slip)
        assert before["bill"]["lines"][-1]["amount"] == f"-{amount}"
        return
    with desk.refuses(code) as told:
        desk.finished(number, **slip)
    if code != 11:
        assert told[0].rule == "FEE-6"
    # A bill is corrected by the same rule.
    desk.finished(number, materials=slip["materials"])
    with desk.refuses(code):
        desk.rebilled(number, reduce=amount, approver=approver)


@pytest.mark.rule("FEE-6")
def test_whoever_did_the_work_or_was_to_do_it_takes_nothing_off_whatever_the_policies_say(desk: Practice) -> None:
    desk.edits(
        "policies.yaml", ("version: standard-2026-11", "version: ours-1"),
        ("reduce: [supervisor, manager]  ", "reduce: [supervisor, manager, technician, contractor]  "),
        ("  manager: any   ", "  technician: any\n  contractor: any\n  manager: any   "),
    )  # fmt: skip
    number = desk.reported()
    desk.agreed(number, "100")
    desk.assigned(number, to="K1")
    desk.assigned(number, to="W1", reason="K1 is ill")
    desk.started(number)
    for hand in ("W1", "K1"):
        with desk.refuses(12, "FEE-6"):
            desk.finished(number, services=("tap",), reduce="5", reason="goodwill", approver=hand)
    assert desk.finished(number, services=("tap",), reduce="5", reason="goodwill", approver="W2")["bill"]["total"] == (
        "20.00"
    )
    with desk.refuses(12, "FEE-6"):
        desk.rebilled(number, reduce="6", approver="K1")


@pytest.mark.rule("FEE-6")
def test_who_has_left_the_desk_approves_nothing(desk: Practice) -> None:
    number = at_the_tap(desk)
    desk.do("staff_retire", "M1", "S1")
    with desk.refuses(12, "FEE-6"):
        desk.finished(number, services=("tap",), reduce="5", reason="goodwill", approver="S1")


@pytest.mark.rule("FEE-6")
@pytest.mark.parametrize(
    ("said", "missing"),
    [
        ({"reduce": "5"}, ["reason", "approver"]),
        ({"reduce": "5", "reason": "goodwill"}, ["approver"]),
        ({"reduce": "5", "approver": "S1"}, ["reason"]),
    ],
)
def test_a_reduction_without_reason_or_approver_is_a_usage_error_that_names_them(
    desk: Practice, said: dict[str, str], missing: list[str]
) -> None:
    number = at_the_tap(desk)
    with desk.refuses(2, "FEE-6") as told:
        desk.finished(number, services=("tap",), **said)
    assert told[0].extra["missing"] == missing
    with desk.refuses(2, "FEE-6"):
        desk.finished(number, services=("tap",), approver="S1")


# --- the fee table is edited


@pytest.mark.rule("FEE-8", "REC-4")
def test_an_edited_fee_table_changes_no_frozen_bill_and_no_price_of_an_order_that_is_open(desk: Practice) -> None:
    frozen = desk.billed(services=("tap",), at_end={"materials": ("hose-40cm",)})
    before = desk.show(frozen)
    waiting = at_the_tap(desk, services=("tap",), place="3-2-502")
    desk.edits("fees.yaml", NEW_TABLE, ('unit: 个, price: "25.00"', 'unit: 个, price: "99.00"'),
               ('unit: 根, price: "14.00"', 'unit: 根, price: "88.00"'))  # fmt: skip
    fresh = desk.takes(place="3-2-503", services=("tap",))
    assert (fresh["quote"], fresh["fees_version"]) == ("99.00", "2026-12")
    assert desk.show(frozen)["bill"] == before["bill"]
    done = desk.finished(waiting, materials=("hose-40cm",))
    assert (done["bill"]["total"], done["fees_version"]) == ("39.00", "2026-11")
    assert sentence(line_of(done, "tap")) == "25.00 × 1 by fee table 2026-11"
    # A correction is made by the table that the order was judged by, too.
    again = desk.rebilled(frozen, materials=("hose-40cm:2",))
    assert amounts(again) == {"tap": "25.00", "hose-40cm": "28.00"}


@pytest.mark.rule("REC-4", "FEE-8")
def test_the_same_version_of_the_fee_table_with_another_content_is_refused(desk: Practice) -> None:
    number = desk.billed(services=("tap",))
    desk.edits("fees.yaml", ('unit: 个, price: "25.00"', 'unit: 个, price: "99.00"'))
    with desk.refuses(13, "REC-4"):
        desk.takes(place="3-2-503", services=("tap",))
    with desk.refuses(13, "REC-4"):
        desk.rebilled(number, services=("bulb",))


# --- a bill is corrected

FULL: dict[str, Any] = {
    "services": ("tap@09:00", "bulb@09:10"),
    "materials": ("hose-40cm:2", "angle valve:1:18.50"),
    "supplied": ("sealing tape:poor",),
    "warning": "it will not last",
    "card_prices": ("hose-40cm=13",),
    "reduce": "5",
    "reason": "we came late",
    "approver": "S1",
}
"""25.00 and a bulb grouped away, 26.00 by the card and 24.10, less 5.00: 70.10."""


def full_bill(desk: Practice, **more: Any) -> str:
    number = at_the_tap(desk)
    order = desk.finished(number, **{**FULL, **more})
    assert more or order["bill"]["total"] == "70.10"
    return number


@pytest.mark.rule("FEE-8")
def test_what_a_correction_does_not_name_stays_as_it_was(desk: Practice) -> None:
    number = full_bill(desk)
    before = desk.show(number)["bill"]["lines"]
    order = desk.rebilled(number, materials=("hose-40cm:3", "angle valve:1:18.50"))
    assert order["bill"]["total"] == "83.10"
    changed = [one for one, other in zip(before, order["bill"]["lines"], strict=True) if one != other]
    assert [line["code"] for line in changed] == ["hose-40cm"]


@pytest.mark.rule("FEE-8")
@pytest.mark.parametrize(
    ("part", "total", "gone"),
    [
        ("services", "45.10", {"tap", "bulb"}),
        ("materials", "20.00", {"hose-40cm", "angle valve"}),
        ("supplied", "70.10", {"sealing tape"}),
        ("card-prices", "72.10", set()),
        ("reduction", "75.10", {"reduction"}),
    ],
)
def test_a_correction_leaves_out_what_it_says_and_nothing_else(
    desk: Practice, part: str, total: str, gone: set[str]
) -> None:
    number = full_bill(desk)
    before = amounts(desk.show(number))
    # The card's price was of a material: it goes with it.
    order = desk.rebilled(number, without=(part,))
    assert order["bill"]["total"] == total
    assert set(before) - set(amounts(order)) == gone
    with desk.refuses(2, "FEE-8"):
        desk.rebilled(number, without=("everything",))


@pytest.mark.rule("FEE-8", "FEE-5")
def test_a_warranty_is_claimed_and_given_up_again_by_a_correction(desk: Practice) -> None:
    number = at_the_tap(desk, warranty_until="2026-11-22")
    desk.finished(number, services=("tap",))
    desk.wait(hours=24 * 40)
    # What counts is the day of the work, not that of the correction.
    assert desk.rebilled(number, warranty=True)["bill"]["total"] == "0.00"
    assert desk.rebilled(number, user_damage=True)["bill"]["total"] == "25.00"
    assert desk.rebilled(number, warranty=True)["bill"]["total"] == "0.00"
    order = desk.rebilled(number, without=("warranty",))
    assert (order["bill"]["total"], order["paid"]) == ("25.00", True)
    assert [bill["total"] for bill in order["reversed_bills"]] == ["25.00", "0.00", "25.00", "0.00"]


@pytest.mark.rule("FEE-8")
@pytest.mark.parametrize(
    "slip",
    [
        {},
        {"services": ("tap@09:00", "bulb@09:10")},
        {"materials": ("hose-40cm:2", "angle valve:1:18.50")},
        {"supplied": ("sealing tape:poor",), "warning": "it will not last"},
        {"card_prices": ("hose-40cm=13.00",)},
        {"without": ("reduction",), "reduce": "5.00", "approver": "S1", "reason": "we came late"},
    ],
    ids=str,
)
def test_a_correction_that_changes_nothing_is_refused(desk: Practice, slip: dict[str, Any]) -> None:
    number = full_bill(desk)
    with desk.refuses(10, "FEE-8"):
        desk.rebilled(number, **slip)


@pytest.mark.rule("FEE-8")
@pytest.mark.parametrize("typed", ["2.0", "2.000"])
def test_a_quantity_typed_otherwise_is_the_same_bill(desk: Practice, typed: str) -> None:
    number = full_bill(desk)
    with desk.refuses(10, "FEE-8"):
        desk.rebilled(number, materials=(f"hose-40cm:{typed}", "angle valve:1:18.50"))


@pytest.mark.rule("FEE-8", "QUO-4")
@pytest.mark.parametrize("state", ["finished", "signed", "closed", "archived"])
def test_a_dearer_correction_waits_for_the_residents_new_consent_in_every_state(desk: Practice, state: str) -> None:
    number = desk.billed(services=("tap",), agreed="25")
    for step, name in ((desk.signed, "signed"), (desk.closed, "closed"), (desk.archived, "archived")):
        if desk.show(number)["state"] == state:
            break
        assert step(number)["state"] == name
    desk.wait(hours=2)
    with desk.refuses(10, "QUO-4") as told:
        desk.rebilled(number, services=("toilet",))
    assert told[0].values["over"] == "25.00"
    with desk.refuses(10, "QUO-4"):
        desk.agreed(number, "24.99")  # not less than the bill that stands
    assert desk.agreed(number, "49.99")["consent"]["fee"] == "49.99"
    with desk.refuses(10, "QUO-4") as told:
        desk.rebilled(number, services=("toilet",))
    assert told[0].values["over"] == "0.01"
    desk.agreed(number, "50")
    order = desk.rebilled(number, services=("toilet",))
    assert (order["state"], order["bill"]["total"]) == (state, "50.00")
    assert ("the resident signed for 25.00; the bill is 50.00 now" in desk.remarks) == (state != "finished")


@pytest.mark.rule("FEE-8", "REC-3")
def test_both_bills_stay_on_record_with_who_when_and_why(desk: Practice) -> None:
    number = desk.billed(services=("tap",))
    first = desk.show(number)["bill"]
    desk.wait(hours=1)
    between = desk.moment.isoformat()
    desk.wait(hours=1)
    order = desk.rebilled(number, services=("bulb:2",), who="L1", reason="it was two bulbs")
    now = desk.moment.isoformat()
    (before,) = order["reversed_bills"]
    assert {name: before[name] for name in first} == first
    assert (before["reversed_at"], before["reversed_by"], before["reason"]) == (now, "L1", "it was two bulbs")
    assert (order["bill"]["total"], order["bill"]["frozen_at"]) == ("20.00", now)
    entry = desk.last_entry(number)
    assert (entry["event"], entry["actor"], entry["data"]["reason"]) == ("rebill", "L1", "it was two bulbs")
    assert entry["data"]["bill"]["total"] == "20.00"
    finish = next(one for one in desk.entries(number) if one["event"] == "finish")
    assert finish["data"]["bill"]["total"] == "25.00"
    why = desk.why(number, "bill")
    assert why["bill"] == order["bill"]
    assert why["reversed_bills"] == order["reversed_bills"]
    then = desk.show(number, as_of=between)
    assert (then["bill"], then["reversed_bills"]) == (first, [])


@pytest.mark.rule("FEE-8")
def test_a_correction_changes_the_bill_and_nothing_else_of_the_order(desk: Practice) -> None:
    number = desk.filed(desk.billed(services=("tap",)), rating="fair")
    before = desk.show(number)
    order = desk.rebilled(number, services=("bulb",))
    touched = {name for name in order if order[name] != before.get(name)}
    assert touched == {"bill", "reversed_bills", "postings", "open_amount", "version"}


@pytest.mark.rule("FEE-8")
def test_a_bill_is_corrected_by_the_desk_and_not_by_the_technician(desk: Practice) -> None:
    number = desk.billed(services=("tap",))
    for who in ("W1", "W2", "K1", "F1", None):
        with desk.refuses(12):
            desk.rebilled(number, who=who, services=("bulb",))
    for who, services in (("C2", "bulb"), ("L1", "bulb:2"), ("S1", "tap"), ("M1", "bulb")):
        assert desk.rebilled(number, who=who, services=(services,))["bill"]


@pytest.mark.rule("FEE-8")
def test_a_bill_that_is_not_there_yet_is_not_corrected(desk: Practice) -> None:
    number = at_the_tap(desk)
    with desk.refuses(10, "FEE-8"):
        desk.rebilled(number, services=("bulb",))
    with desk.refuses(12):
        desk.rebilled(number, who="W1", services=("bulb",))
    with desk.refuses(2):
        desk.rebilled(number, reason="  ", services=("bulb",))
    coordination = desk.converted(desk.reported(place="3-2-502"))
    with desk.refuses(10):
        desk.rebilled(coordination, services=("bulb",))


@pytest.mark.rule("FEE-8", "REC-2")
def test_a_correction_is_bound_by_the_order_of_time_and_marked_when_late(desk: Practice) -> None:
    number = desk.billed(services=("tap",))
    frozen = desk.moment
    desk.wait(hours=3)
    with desk.refuses(10, "REC-2"):
        desk.rebilled(number, services=("bulb",), at=(frozen - timedelta(seconds=1)).isoformat())
    with desk.refuses(10, "REC-2"):
        desk.rebilled(number, services=("bulb",), at=(desk.moment + timedelta(seconds=1)).isoformat())
    desk.rebilled(number, services=("bulb",), at=(frozen + timedelta(minutes=1)).isoformat())
    assert desk.last_entry(number)["late"] is True


@pytest.mark.rule("FEE-8", "FEE-3")
def test_a_correction_counts_the_half_hours_from_the_visit_and_not_from_the_office(desk: Practice) -> None:
    number = at_the_tap(desk)  # started at nine
    desk.finished(number, services=("tap",))
    desk.wait(hours=30)
    assert amounts(desk.rebilled(number, services=("tap", "toilet@09:30"))) == {"tap": "0.00", "toilet": "50.00"}
    assert amounts(desk.rebilled(number, services=("tap", "toilet@09:31"))) == {"tap": "25.00", "toilet": "50.00"}
    with desk.refuses(10, "REC-2"):
        desk.rebilled(number, services=("tap", "toilet@10:01"))


@pytest.mark.rule("FEE-8", "QUO-2")
def test_a_correction_keeps_the_reviewed_fee_that_was_agreed_to(desk: Practice) -> None:
    number = desk.reported(unlisted=True, fault="the wall is wet")
    desk.quoted(number, "80")
    desk.agreed(number, "500")
    desk.assigned(number)
    desk.started(number)
    desk.finished(number)
    order = desk.rebilled(number, materials=("hose-40cm",))
    assert amounts(order) == {"unlisted": "80.00", "hose-40cm": "14.00"}
    # A consent after the work makes room for a correction; the review stays what it was.
    desk.agreed(number, "600")
    assert amounts(desk.rebilled(number, materials=("hose-40cm:2",)))["unlisted"] == "80.00"


@pytest.mark.rule("FEE-8", "FEE-6")
def test_a_reduction_that_stays_was_approved_when_it_was_made(desk: Practice) -> None:
    number = full_bill(desk)
    desk.do("staff_retire", "M1", "S1")
    assert desk.rebilled(number, services=("tap@09:00",))["bill"]["total"] == "70.10"


@pytest.mark.rule("FEE-8", "FEE-6")
def test_a_reduction_that_would_be_more_than_the_corrected_bill_has_to_go(desk: Practice) -> None:
    number = at_the_tap(desk)
    desk.finished(number, services=("tap",), reduce="20", reason="we came late", approver="S1")
    with desk.refuses(10, "FEE-6"):
        desk.rebilled(number, services=("bulb",))
    assert desk.rebilled(number, services=("bulb",), without=("reduction",))["bill"]["total"] == "10.00"


@pytest.mark.rule("FEE-9")
def test_a_correction_decides_anew_whether_an_order_is_paid_work(desk: Practice) -> None:
    number = desk.billed(services=("tap",))
    assert desk.rebilled(number, services=("inspect",))["paid"] is False
    assert desk.rebilled(number, services=("tap",))["paid"] is True
