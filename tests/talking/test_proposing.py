"""What the desk says of a place before anything is said, and whether a report would do: by the verb's own checks."""

from __future__ import annotations

import pytest
from talker import CLOCK, Talker, done

from repairdesk.desk import By, Desk
from repairdesk.desk.visiting import Work
from repairdesk.domain.intake import Report
from repairdesk.errors import DeskError, NotFound, NotPermitted, UsageError

C1, W1 = By("C1", "keyboard"), By("W1", "keyboard")


@pytest.fixture
def desk(talker: Talker) -> Desk:
    return Desk(talker.home, CLOCK)


def test_a_place_is_known_by_any_of_its_spellings(desk: Desk) -> None:
    for said in ("3-2-501", "3栋2单元501", "３－２－５０１"):
        known = desk.known_place(C1, said)
        assert (known["place"], known["known"], known["kind"]) == ("3-2-501", True, "in_home")
        assert known["household"]["names"] == ["张伟"]


def test_who_could_be_calling_comes_with_masked_phones_and_what_stands_for_them(desk: Desk) -> None:
    people = desk.known_place(C1, "3-2-502")["people"]
    assert [(one["name"], one["phone"], one["ref"]) for one in people] == [
        ("李兰", "139****9000", "@1"), ("王芳", "137****7000", "@2"),
    ]  # fmt: skip
    (only,) = desk.known_place(C1, "5-1-101")["people"]
    assert only["ref"] == "@" + done("list", "--place", "5-1-101")["orders"][0]["number"]


def test_open_orders_and_late_ones_are_told_apart(desk: Desk) -> None:
    known = desk.known_place(C1, "5-1-102")
    assert [doc["state"] for doc in known["open"]] == ["on_site"]
    assert {doc["state"] for doc in known["recent"]} == {"finished"}


@pytest.mark.parametrize(("said", "meant"), [("32501", ["3-2-501"]), ("501", ["3-2-501"]), ("-101", ["5-1-101"]),
                                             ("9-9-999", []), ("9", [])])  # fmt: skip
def test_an_unknown_place_is_held_against_the_register(desk: Desk, said: str, meant: list[str]) -> None:
    known = desk.known_place(C1, said)
    assert (known["known"], known["meant"]) == (False, meant)


@pytest.mark.parametrize(("said", "near"), [
    ("3-2-510", ["3-2-501"]), ("3栋2单元503", ["3-2-501", "3-2-502"]), ("3-2-601", ["3-2-501"]), ("3-2-501", []),
    ("3-3-601", []), ("东门510", []),
])  # fmt: skip
def test_of_a_home_that_the_register_lacks_those_a_slip_away_are_named(desk: Desk, said: str, near: list[str]) -> None:
    assert desk.known_place(C1, said)["near"] == near


def test_the_phone_of_another_place_cannot_be_taken_over(desk: Desk) -> None:
    number = done("list", "--place", "5-1-102")["orders"][0]["number"]
    for ref in ("@1", "@3", f"@{number}", "@P19990101-0001"):
        with pytest.raises(NotFound):
            desk.report_checked(C1, Report("in_home", "5-1-101", "周平", ref, "漏水"))
    taken = done("intake", "--kind", "in_home", "--place", "5-1-102", "--caller", "周平", "--phone", f"@{number}",
                 "--fault", "漏水", "--as", "C1")["number"]  # fmt: skip
    assert done("show", taken, "--reveal", "--reason", "试", "--as", "C1")["phone"] == "13600136000"


def test_a_reference_is_no_phone_where_nothing_stands_for_it(talker: Talker) -> None:
    """A file of another office brings no ``@1`` of ours."""
    rows = talker.home / "rows.csv"
    rows.write_text("kind,place,caller,phone,fault\nin_home,3-2-501,张伟,@1,漏水\n", encoding="utf-8")
    from talker import run

    assert run("import", str(rows), "--as", "C1", "--json")[0] == 14


@pytest.mark.parametrize(("report", "kind"), [
    (Report(kind="house"), UsageError), (Report(phone="12ab"), UsageError), (Report(services=("zzz",)), NotFound),
    (Report(purchased="gestern"), UsageError), (Report(kind="in_home", severity="major"), UsageError),
    (Report(appointment="2020-01-01T09:00/10:00"), DeskError), (Report(follows="9999"), NotFound),
])  # fmt: skip
def test_a_value_is_refused_before_the_rest_is_known(desk: Desk, report: Report, kind: type[DeskError]) -> None:
    with pytest.raises(kind):
        desk.report_checked(C1, report)


def test_what_is_missing_is_named_and_no_reason_to_refuse(desk: Desk) -> None:
    assert desk.report_checked(C1, Report(kind="in_home", place="3-2-501"))["missing"] == ["caller", "phone", "fault"]
    with pytest.raises(NotPermitted):
        desk.report_checked(W1, Report())


def test_what_is_tried_answers_like_the_verb_and_nothing_of_it_is_kept(talker: Talker, desk: Desk) -> None:
    before = talker.entries
    report = Report("in_home", "3-2-501", "张伟", "@1", "爆管", priority="emergency")
    answer = desk.tried(C1, "intake", report, new=True)
    assert (answer.doc["state"], talker.entries) == ("reported", before)
    assert answer.remarks
    number = talker.one_that_is("on_site")
    assert desk.tried(W1, "finish", number, Work("好了", found="灯")).doc["state"] == "finished"
    assert talker.order(number)["state"] == "on_site"
    assert desk.intake(C1, report, new=True).doc["number"] == answer.doc["number"]


def test_technicians_come_by_trade_then_by_duty_then_by_what_they_have_in_hand(talker: Talker, desk: Desk) -> None:
    number = talker.one_that_is("reported")
    hands = desk.technicians(C1, number)
    assert [(one["id"], one["fits"]) for one in hands] == [("W1", True), ("W2", False)]
    assert hands[0]["held"] > hands[1]["held"] == 0
