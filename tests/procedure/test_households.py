"""Who lives where: kept as entries, shown with masked phones, and remarked on where a stranger calls."""

from __future__ import annotations

from typing import Any

import pytest
from practice import Practice

from repairdesk.desk import By
from repairdesk.desk.households import NEW, SAME, Told, household_of, household_store, remark_stranger
from repairdesk.domain.intake import Report

LI = Told("3-2-501", "3栋2单元501", ("李兰", "王强"), ("13800001234", "0571-88886666"), "2019-03-01")


def keep(desk: Practice, said: Told = LI, *, at: str | None = None, **changes: Any) -> str:
    """What ``household_store`` made of it."""
    told = said._replace(**changes)
    with desk.desk.turn(By("C1", "tester", at)) as turn:
        return household_store(turn, told)


def kept(desk: Practice, place: str = "3-2-501") -> dict[str, Any] | None:
    """What the ledger has of a place, phones in full."""
    with desk.desk.ledger.read() as reader:
        return reader.household_at(place)


def remarks(desk: Practice, place: str = "3-2-501", **said: Any) -> list[str]:
    with desk.desk.look(By("C1", "tester")) as turn:
        remark_stranger(turn, household_of(turn, place), Report(**said))
        return [remark.message.format(**remark.values) for remark in turn.remarks]


# --- entries like all else


def test_a_household_is_an_entry_whose_head_tells_no_place_and_no_name(desk: Practice) -> None:
    assert keep(desk) == NEW
    with desk.desk.ledger.read() as reader:
        (entry,) = reader.entries("household:000001")
    assert (entry.event, entry.actor, entry.keyboard, entry.late) == ("household", "C1", "os:tester", False)
    assert entry.data == {
        "id": "000001", "place": "3-2-501", "place_said": "3栋2单元501", "names": ["李兰", "王强"],
        "phones": ["13800001234", "0571-88886666"], "since": "2019-03-01",
    }  # fmt: skip


def test_the_same_again_is_no_entry_whatever_the_order_and_the_hyphens(desk: Practice) -> None:
    keep(desk)
    before = desk.head()
    assert keep(desk) == SAME
    assert keep(desk, names=("王强", " 李 兰"), phones=("057188886666", "138-0000-1234")) == SAME
    assert desk.head() == before


@pytest.mark.rule("REC-3")
def test_a_change_is_one_more_entry_and_the_old_household_stays_readable(desk: Practice) -> None:
    keep(desk)
    assert keep(desk, phones=("13900009999",)) == "changed"
    with desk.desk.ledger.read() as reader:
        first, second = reader.entries("household:000001")
    assert (first.data["phones"][0], second.data["phones"]) == ("13800001234", ["13900009999"])
    assert desk.desk.household_list(By(os_user="tester"))[1] == 1


@pytest.mark.rule("REC-2")
def test_what_is_written_down_later_is_late_and_nothing_is_dated_before_the_last_entry(desk: Practice) -> None:
    keep(desk, at="2026-11-22T08:00")
    with desk.desk.ledger.read() as reader:
        assert reader.entries("household:000001")[0].late is True
    with desk.refuses(10, "REC-2"):
        keep(desk, at="2026-11-22T07:59", since=None)


def test_what_the_teller_knows_nothing_of_stays_while_the_same_people_live_there(desk: Practice) -> None:
    keep(desk)
    nothing_of = frozenset({"phones", "since"})
    assert keep(desk, names=("李兰", "王小明"), phones=(), since=None, unsaid=nothing_of) == "changed"
    household = kept(desk)
    assert household is not None
    assert (household["names"], household["phones"][0], household["since"]) == (
        ["李兰", "王小明"], "13800001234", "2019-03-01",
    )  # fmt: skip


def test_nothing_of_people_who_left_is_handed_on_to_those_who_came(desk: Practice) -> None:
    keep(desk)
    keep(desk, names=("赵云",), phones=(), since=None, unsaid=frozenset({"phones", "since"}))
    household = kept(desk)
    assert household is not None
    assert (household["names"], household["phones"], household["since"]) == (["赵云"], [], None)


def test_a_list_of_phones_alone_leaves_the_names(desk: Practice) -> None:
    keep(desk)
    keep(desk, names=(), phones=("13900009999",), since=None, unsaid=frozenset({"names", "since"}))
    household = kept(desk)
    assert household is not None
    assert (household["names"], household["phones"]) == (["李兰", "王强"], ["13900009999"])


def test_households_without_names_are_the_same_by_a_phone(desk: Practice) -> None:
    keep(desk, names=())
    keep(desk, names=("赵云",), phones=("13800001234",), since=None, unsaid=frozenset({"since"}))
    household = kept(desk)
    assert household is not None
    assert household["since"] == "2019-03-01"


# --- list


def test_the_list_is_by_place_with_masked_phones(desk: Practice) -> None:
    keep(desk)
    keep(desk, place="1-1-101", names=("Müller",), phones=(), since=None)
    docs, total = desk.desk.household_list(By(os_user="tester"))
    assert [doc["place"] for doc in docs] == ["1-1-101", "3-2-501"]
    assert docs[1] == {
        "id": "000001", "place": "3-2-501", "names": ["李兰", "王强"], "phones": ["138****1234", "057****6666"],
        "since": "2019-03-01",
    }  # fmt: skip
    assert total == 2
    docs, total = desk.desk.household_list(By(os_user="tester"), limit=1)
    assert (len(docs), total) == (1, 2)


@pytest.mark.parametrize("find", ["李兰", "3-2", "3栋2单元501", " 00001234 ", "李"])
def test_a_household_is_found_by_place_in_any_spelling_by_name_and_by_phone(desk: Practice, find: str) -> None:
    keep(desk)
    keep(desk, place="1-1-101", names=("Müller",), phones=(), since=None)
    docs, total = desk.desk.household_list(By(os_user="tester"), find=find)
    assert ([doc["id"] for doc in docs], total) == (["000001"], 1)


def test_nothing_is_found_where_nobody_is(desk: Practice) -> None:
    keep(desk)
    assert desk.desk.household_list(By(os_user="tester"), find="nobody") == ([], 0)


def test_phones_in_full_take_a_role_and_a_reason_and_are_an_entry(desk: Practice) -> None:
    keep(desk)
    keep(desk, place="1-1-101", names=("Müller",))
    with desk.refuses(12):
        desk.desk.household_reveal(By("W1", "tester"), reason="to call")
    with desk.refuses(2):
        desk.desk.household_reveal(By("C1", "tester"), reason=" ")
    docs, _ = desk.desk.household_reveal(By("C1", "tester"), reason="pipe burst", find="李兰")
    assert docs[0]["phones"] == ["13800001234", "0571-88886666"]
    with desk.desk.ledger.read() as reader:
        entry = reader.entries("desk")[-1]
    assert (entry.event, entry.actor) == ("reveal", "C1")
    assert entry.data == {"households": ["000001"], "find": "李兰", "reason": "pipe burst"}


# --- intake


def test_the_household_of_a_place_is_what_the_list_shows(desk: Practice) -> None:
    keep(desk)
    with desk.desk.look(By("C1", "tester")) as turn:
        assert household_of(turn, "3-2-501") == desk.desk.household_list(By(os_user="tester"))[0][0]
        assert household_of(turn, "3-2-502") is None
        assert household_of(turn, None) is None


@pytest.mark.parametrize(
    ("caller", "phone"),
    [
        ("李兰", "13711112222"),
        ("李 兰", None),
        ("李女士", None),
        ("王先生", "13711112222"),
        ("赵云", "138 0000 1234"),
        ("赵云", "０５７１－８８８８６６６６"),
        (None, None),
    ],
)
def test_whoever_is_of_the_household_by_name_or_by_phone_is_no_stranger(
    desk: Practice, caller: str | None, phone: str | None
) -> None:
    keep(desk)
    assert remarks(desk, caller=caller, phone=phone) == []


@pytest.mark.parametrize(
    ("caller", "phone"),
    [("赵云", "13711112222"), ("赵女士", None), (None, "13711112222"), ("李", None), ("女士", None)],
)
def test_a_stranger_is_remarked_on(desk: Practice, caller: str | None, phone: str | None) -> None:
    keep(desk)
    assert remarks(desk, caller=caller, phone=phone) == [
        "the caller is not of the household at 3-2-501: ['李兰', '王强']"
    ]


def test_nobody_is_a_stranger_where_nobody_is_known_or_nothing_can_be_compared(desk: Practice) -> None:
    keep(desk, phones=())
    assert remarks(desk, "9-9-909", caller="赵云") == []
    assert remarks(desk, phone="13711112222") == []


def test_a_household_of_phones_alone_is_told_by_them(desk: Practice) -> None:
    keep(desk, names=())
    assert remarks(desk, caller="赵云") == []
    assert remarks(desk, caller="赵云", phone="13711112222") == [
        "the caller is not of the household at 3-2-501: ['138****1234', '057****6666']"
    ]


def test_intake_and_show_tell_the_household(desk: Practice) -> None:
    keep(desk)
    doc = desk.takes(caller="赵云", phone="13711112222")
    assert doc["household"]["names"] == ["李兰", "王强"]
    assert any("not of the household" in remark for remark in desk.remarks)
    assert desk.show(doc["number"])["household"]["phones"] == ["138****1234", "057****6666"]
