"""Every kind of refusal writes nothing, not one byte; and the lowest of 2 and 11 comes before 12, and 12 before 10."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import pytest
from practice import Practice

from repairdesk.desk import By

REFUSED: dict[str, tuple[int, dict[str, Any]]] = {
    "a missing field": (2, {"phone": None}),
    "a word of no list": (2, {"priority": "asap"}),
    "a phone that is none": (2, {"phone": "ask her"}),
    "a window that ends before it begins": (2, {"appointment": "2026-11-23T16:00/14:00"}),
    "a day that is none": (2, {"purchased": "2025-02-30"}),
    "a quantity that is none": (2, {"services": ("tap:0",)}),
    "joined and new at once": (2, {"join": "0001", "new": True}),
    "a service that is not on the table": (11, {"services": ("tap", "tapp")}),
    "an order that it cannot follow": (11, {"follows": "P20261122-0099"}),
    "an order to join that is not there": (11, {"join": "P20261122-0099"}),
    "nobody by that id": (11, {"who": "C9"}),
    "a technician at the desk": (12, {"who": "W1"}),
    "no staff record": (12, {"who": None}),
    "the future": (10, {"at": "2026-11-22T09:00:01"}),
    "an open order at the same place": (10, {"category": "plumbing"}),
    "another report of the same id": (10, {"external_id": "APP-1", "fault": "something else"}),
}


def footprint(desk: Practice) -> str:
    store = desk.desk.ledger.store
    if files := store.files():
        return sha256(files[0].read_bytes()).hexdigest()
    digest = sha256()
    with store.reading(30) as db:
        tables = db.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'repairdesk' ORDER BY 1").fetchall()
        for (table,) in tables:
            for row in db.execute(f'SELECT one::text FROM "{table}" one ORDER BY 1').fetchall():
                digest.update(row[0].encode())
    return digest.hexdigest()


@pytest.fixture
def busy(desk: Practice) -> Practice:
    """A desk with one open order."""
    desk.reported(category="plumbing", external_id="APP-1")
    return desk


@pytest.mark.rule("INT-1")
@pytest.mark.parametrize(("code", "said"), REFUSED.values(), ids=REFUSED.keys())
def test_a_refused_intake_writes_nothing(busy: Practice, desk: Practice, code: int, said: dict[str, Any]) -> None:
    before = footprint(desk)
    with desk.refuses(code):
        desk.takes(**said)
    assert footprint(desk) == before


@pytest.mark.rule("REC-4")
def test_an_intake_by_broken_rules_writes_nothing(busy: Practice, desk: Practice) -> None:
    before = footprint(desk)
    (desk.home / "fees.yaml").write_text("version: 1\n", encoding="utf-8")
    with desk.refuses(13):
        desk.takes()
    assert footprint(desk) == before


def test_a_change_that_is_refused_at_its_second_order_undoes_the_first(desk: Practice) -> None:
    filed, unfiled = desk.done(), desk.done(place="3-2-502")
    desk.signed(filed)
    desk.closed(filed)
    with desk.refuses(10):
        desk.desk.archive_many(By("C1", "tester"), [filed, unfiled])
    assert desk.show(filed)["state"] == "closed"
    answers = desk.desk.archive_many(By("C1", "tester"), everything=True)
    assert [answer.doc["number"] for answer in answers] == [filed]


PRECEDENCE: dict[str, tuple[int, str, str, dict[str, Any]]] = {
    "a value before the order": (2, "sign", "W1", {"number": "0099", "signer": "N", "rating": "good"}),
    "the order before the person": (11, "close", "F1", {"number": "0099"}),
    "whether there is a second person before what the first may do": (
        11, "decline", "F1", {"number": "0001", "reason": "R", "second": "S9"},
    ),
    "the person before the state": (12, "close", "C1", {"number": "0001"}),
    "the person before the order of time": (
        12, "cancel", "W1", {"number": "0001", "reason": "R", "at": "2026-01-01T00:00"},
    ),
    "the state before the guards": (10, "archive", "C1", {"number": "0001"}),
}  # fmt: skip


@pytest.mark.parametrize(("code", "verb", "who", "said"), PRECEDENCE.values(), ids=PRECEDENCE.keys())
def test_of_several_refusals_the_contract_says_which_is_told(
    busy: Practice, desk: Practice, code: int, verb: str, who: str, said: dict[str, Any]
) -> None:
    with desk.refuses(code):
        desk.do(verb, who, said["number"], **{name: value for name, value in said.items() if name != "number"})


@pytest.mark.rule("QUO-3")
def test_the_role_of_the_second_person_comes_before_the_state(desk: Practice) -> None:
    number = desk.done()
    with desk.refuses(12):
        desk.do("decline", "W1", number, reason="too dear", second="W2")


def test_a_refusal_says_what_is_possible_now(desk: Practice) -> None:
    number = desk.done()
    with desk.refuses(10) as told:
        desk.closed(number)
    assert told[0].possible == ("sign",)
    desk.signed(number)
    with desk.refuses(10) as told:
        desk.signed(number)
    assert told[0].possible == ("close",)


BLANK: dict[str, tuple[str, str, dict[str, Any]]] = {
    "cancel": ("reported", "C1", {"reason": "  "}),
    "convert": ("reported", "L1", {"reason": " ", "tracker": "C1"}),
    "exempt": ("reported", "L1", {"reason": "\u3000"}),
    "sign": ("done", "W1", {"signer": " ", "rating": "satisfied"}),
    "sign_unsigned": ("done", "L1", {"reason": " "}),
}


@pytest.mark.parametrize(("verb", "state", "who", "said"), [(v, *rest) for v, rest in BLANK.items()], ids=BLANK.keys())
def test_blanks_are_no_reason_and_no_name(
    desk: Practice, verb: str, state: str, who: str, said: dict[str, Any]
) -> None:
    number: str = getattr(desk, state)()
    with desk.refuses(2):
        desk.do(verb, who, number, **said)
