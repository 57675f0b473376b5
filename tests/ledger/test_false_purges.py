"""What takes bodies by ordinary means, and is no purge that a desk would make, is found (RET-2, RET-3).

Each of these is written as the program writes: no trigger is dropped, nothing is hashed anew. What a purge leaves is
the one thing in the ledger that stands for something which nobody can look up any more.
"""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable
from typing import Any, NamedTuple

import ledger_sample as sample
import pytest

from repairdesk.domain import effects, purge_proof, retention
from repairdesk.domain.times import iso_utc
from repairdesk.ledger import purging, verify_part
from repairdesk.ledger.journal import Ledger, Writer
from repairdesk.ledger.verify import rebuild, verify

pytestmark = pytest.mark.rule("REC-1", "RET-3")
Doc = dict[str, Any]
OLD, BY = sample.FORGOTTEN, f"{retention.STREAM}000001"


class Purge(NamedTuple):
    """A purge as somebody may write it; as it is, it is one that a desk makes."""

    who: str = "M1"
    number: str = BY
    minutes: int = sample.LATER
    orders: tuple[str, ...] = (OLD,)
    beside: tuple[str, ...] = ()
    said: Doc = {"with": "L1", "export": sample.EXPORT, "orders": [OLD], "classes": {"free": 1}, "places": 1}  # noqa: RUF012
    left: Callable[[dict[str, Doc]], object] = dict


def old(writer: Writer, *more: tuple[str, int, Doc], **data: Any) -> None:
    """An order that was called off long ago, unless more is told of it."""
    told = more or (("cancel", 3, {"reason": "called off"}),)
    sample.tell(writer, OLD, ("intake", 0, sample.intake("3-2-502", **data)), *told)


def staff(writer: Writer) -> None:
    for who, role in (("M1", "manager"), ("L1", "leader"), ("L2", "leader")):
        sample.person(writer, who, role=role)
    sample.add(writer, "staff:L2", "staff-retire", 1)
    found = sample.staff.fold(writer.entries("staff:L2"))
    assert found is not None
    writer.store_person(found)


HONEST = Purge()


def purge(writer: Writer, one: Purge = HONEST) -> None:
    """Write a purge entry, and take what it names."""
    mark = {"at": iso_utc(sample.at(one.minutes)), "by": one.who, "with": one.said["with"], "entry": one.number}
    remains: dict[str, Doc] = {}
    for number in (*one.orders, *one.beside):
        for entry in writer.entries(number):
            kept = retention.remains(entry.event, entry.data, lambda _: "*1")
            marked = entry.version == 1 and number in one.orders
            remains[str(entry.seq)] = copy.deepcopy(kept | {"purged": mark} if marked else kept)
    one.left(remains)
    made = sample.add(writer, one.number, retention.EVENT, one.minutes, one.who, **one.said, remains=remains)
    purging.take(writer, made)
    for number in one.orders:
        folded = effects.fold(writer.entries(number))
        assert folded is not None
        writer.store_order(folded)


def told(ledger: Ledger, number: str = OLD) -> tuple[set[str], set[str]]:
    """What is told of the whole ledger, and of one number."""
    whole, part = verify(ledger.store), verify_part.of(ledger.store, number)
    return {str(one["what"]) for one in whole["problems"]}, {str(one["what"]) for one in part["problems"]}


def test_a_purge_that_a_desk_makes_is_no_problem(ledger: Ledger) -> None:
    with ledger.write() as writer:
        staff(writer)
        old(writer)
        purge(writer)
    assert told(ledger) == (set(), set())


def _first(change: Doc) -> Callable[[dict[str, Doc]], object]:
    return lambda remains: remains[min(remains, key=int)].update(change)


def _last(change: Doc) -> Callable[[dict[str, Doc]], object]:
    return lambda remains: remains[max(remains, key=int)].update(change)


def _said(**change: Any) -> Doc:
    return {**Purge().said, **change}


FALSE: dict[str, tuple[Purge, str]] = {
    "a technician purged": (Purge(who="W1"), "W1 was nobody then who may purge"),
    "somebody purged whom nobody knows": (Purge(who="os:root"), "os:root was nobody then who may purge"),
    "the second is the first": (Purge(said=_said(**{"with": "M1"})), "M1 was no second person then"),
    "the second is a technician": (Purge(said=_said(**{"with": "W1"})), "W1 was no second person then"),
    "the second had left": (Purge(said=_said(**{"with": "L2"})), "L2 was no second person then"),
    "nothing was written out": (Purge(said=_said(export=None)), "does not say what was written out before"),
    "the export has no digest": (Purge(said=_said(export={"lines": 2})), "does not say what was written out before"),
    "it names no order": (Purge(said=_said(orders=[])), "orders in it is not what it took"),
    "it names another class": (Purge(said=_said(classes={"paid": 1})), "classes in it is not what it took"),
    "it gave more stand-ins": (Purge(said=_said(places=0)), "places in it is not what it took"),
    "its number is none": (Purge(number="purge:x"), "does not follow the one before it"),
    "its number is another": (Purge(number="purge:000003"), "does not follow the one before it"),
    "a year was not over": (Purge(minutes=500_000), f"{OLD} was not kept as long as it is to be kept"),
    "a name was left": (Purge(left=_first({"caller": "王女士"})), "is not what a purge leaves"),
    "a phone was put in": (Purge(left=_first({"memo": "13800138000"})), "is not what a purge leaves"),
    "a name is what something is called": (Purge(left=_first({"王女士": None})), "is not what a purge leaves"),
    "a place was left": (Purge(left=_first({"place": "3-2-502"})), "is not what a purge leaves"),
    "a reason was left": (Purge(left=_last({"reason": "called off"})), "is not what a purge leaves"),
    "it is of another shape": (Purge(left=_first({"affects": "*17"})), "is not what a purge leaves"),
    "it does not say by whom": (Purge(left=_first({"purged": None})), "does not say rightly when and by whom"),
    "it says another": (
        Purge(left=_first({"purged": {"at": iso_utc(sample.at(sample.LATER)), "by": "M2", "with": "L1", "entry": BY}})),
        "does not say rightly when and by whom",
    ),
    "only a part went": (
        Purge(left=lambda remains: remains.pop(max(remains, key=int))), f"{OLD} was not taken as a whole",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FALSE)
def test_a_false_purge_is_found_by_the_whole_and_by_its_order(name: str, ledger: Ledger) -> None:
    made, expected = FALSE[name]
    with ledger.write() as writer:
        staff(writer)
        old(writer)
        purge(writer, made)
    whole, part = told(ledger)
    assert any(expected in one for one in whole), whole
    # What the entry counts of all that it took is for the whole to say.
    assert "not what it took" in expected or any(expected in one for one in part), part
    rebuild(ledger.store)
    assert any(expected in one for one in told(ledger)[0]), "made anew, it is as false as before"


OWED: dict[str, tuple[tuple[tuple[str, int, Doc], ...], Doc, str]] = {
    "it is open": ((("assign", 3, {"assignee": "W1"}),), {}, "was open then"),
    "somebody owes something": (
        (("cancel", 3, {"reason": "r"}),), {"obligations": [sample.opens("respond", 0, 60)]},
        "somebody still owed something",
    ),
    "it names an order that is there": ((("cancel", 3, {"reason": "r"}),), {"follows": sample.FIRST},
                                        f"is linked to {sample.FIRST}, which is there"),
}  # fmt: skip


@pytest.mark.parametrize("name", OWED)
def test_what_could_not_go_and_is_gone_is_found(name: str, ledger: Ledger) -> None:
    more, data, expected = OWED[name]
    with ledger.write() as writer:
        staff(writer)
        old(writer, *more, **data)
        purge(writer)
    whole, part = told(ledger)
    assert any(expected in one for one in whole), whole
    assert any(expected in one for one in part), part


PAID = _said(orders=[sample.FIRST], classes={"paid": 1})
TWO_YEARS = 2 * sample.LATER


def _cheaper(remains: dict[str, Doc]) -> None:
    """The bill of a month that finance signed for was another, and so was what was paid."""
    for left in remains.values():
        if "bill" in left and "month" not in left:
            left["bill"]["total"] = 2400
            left["bill"]["lines"][0] |= {"amount": 2400, "unit_price": 2400}


def test_a_bill_that_was_another_does_not_come_to_what_finance_signed_for(ledger: Ledger) -> None:
    with ledger.write() as writer:
        staff(writer)
        hand_over = ("month:2026-12", "2026-12", 46 * 1440)
        sample.tell(writer, sample.FIRST, ("pay", 15020, sample.paid(-200, "R20261202-0002")))
        sample.hand_over(writer, hand_over[1], hand_over[2], 1, -500)
        purge(writer, Purge(orders=(sample.FIRST,), minutes=TWO_YEARS, said=PAID, left=_cheaper))
    whole, part = told(ledger, sample.FIRST)
    expected = "2026-11 was handed over with 2500 fen, and 2400 are posted to it"
    assert expected in whole
    assert expected in part


@pytest.mark.sqlite
def test_a_purge_in_no_stream_of_purges_is_found(ledger: Ledger) -> None:
    """It satisfies every trigger of the file; a server refuses it by itself."""
    with ledger.write() as writer:
        staff(writer)
        old(writer)
        purge(writer, Purge(number="x:1"))
    whole, part = told(ledger)
    assert any("(x:1) is none that is known: purge" in one for one in whole)
    assert any("no entry says that" in one for one in whole)
    assert any("is in no entry" in one for one in part)


BESIDE: dict[str, tuple[str, str, Doc, int, bool]] = {
    "a note of last week": ("desk", "reveal", {"number": None, "reason": "13800138000"}, 599_000, False),
    "a note of years ago": ("desk", "reveal", {"number": None, "reason": "13800138000"}, 1, True),
    "what was decided of the staff": ("staff:W9", "staff-retire", {}, 1, False),
    "who lives there now": (
        "household:000009", "household",
        {"id": "000009", "place": "9-9-909", "place_said": "9-9-909", "names": ["王"], "phones": [], "since": None},
        1, False,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BESIDE)
def test_beside_the_orders_goes_only_what_may(name: str, ledger: Ledger) -> None:
    number, event, data, minutes, may = BESIDE[name]
    with ledger.write() as writer:
        sample.adopt(writer, "policies", "2026-12", "cc33")
        staff(writer)
        when = sample.at(minutes)
        seq = writer.append(number, event, actor="C1", keyboard="os:desk", occurred_at=when, recorded_at=when,
                            late=False, data=data).seq  # fmt: skip
        left = {str(seq): retention.remains(event, data, lambda _: "*1")}
        said = _said(orders=[], classes={}, remains=left)
        purging.take(writer, sample.add(writer, BY, retention.EVENT, sample.LATER, "M1", **said))
    found = {one for one in told(ledger, number)[0] if one.startswith("purge")}
    assert (not found) == may, found


def test_a_record_of_one_person_in_the_stream_of_another_is_found(ledger: Ledger) -> None:
    """Else whoever may purge could be made so where nobody looks: their own entries say nothing of it."""
    with ledger.write() as writer:
        for who, role in (("M1", "technician"), ("L1", "leader")):
            sample.person(writer, who, role=role)
        record = {"id": "M1", "name": "N", "role": "manager", "trades": [], "os_user": None}
        when = sample.at(0)
        writer.append("staff:ZZ", "staff-add", actor="os:root", keyboard="os:root", occurred_at=when, recorded_at=when,
                      late=False, data=record)  # fmt: skip
        other = sample.staff.fold(writer.entries("staff:ZZ"))
        assert other is not None
        writer.store_person(other)
        old(writer)
        purge(writer)
    whole, part = told(ledger)
    assert "staff: staff:ZZ has a record of M1" in whole
    assert any("M1 was nobody then who may purge" in one for one in whole & part)
    assert "staff: staff:ZZ has a record of M1" in told(ledger, "staff:ZZ")[1]


def test_what_a_purge_leaves_of_anything_is_what_it_leaves_of_that() -> None:
    """Else an honest one would be taken for false: of every event, with every key that is known of it."""
    for event, taken in retention.TAKEN.items():
        data = {name: _any(rule) for name, rule in {**retention.COMMON, **taken}.items()}
        left = retention.remains(event, data, retention.StandIns({}, 0))
        assert retention.is_left(event, left, retention.Given()), event
        personal = {name for name in data if data[name] != left[name]}
        assert not personal or not retention.is_left(event, data, retention.Given()), event


def _any(rule: Any) -> Any:
    if isinstance(rule, str):
        return "3-2-501"
    return [_any(rule[0])] if isinstance(rule, list) else {name: _any(one) for name, one in rule.items()}


def test_every_reason_that_keeps_an_order_is_asked_for() -> None:
    """Whoever adds a reason to ``purge --dry-run`` decides here, too, whether ``verify`` can know it."""
    from repairdesk.desk import purge_plan

    source = inspect.getsource(purge_proof)
    asked = {"open": "was open then", "owed": "still owed", "unpaid": "was not paid", "disputed": "never settled",
             "month": "handed over to finance then", "linked": "def linked"}  # fmt: skip
    assert set(asked) | {"callbacks"} == set(purge_plan.REASONS), (
        "callbacks: by the plan of a month, which no entry has"
    )
    assert all(text in source for text in asked.values())
