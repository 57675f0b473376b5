"""The outbox of a desk: who claims, who is left alone, what is recorded, whatever it is sent with (SLA-4)."""

from __future__ import annotations

from threading import Barrier, Thread
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from outgoing import BY, LINE, Outgoing

from repairdesk.desk import Desk
from repairdesk.desk.outbox import queue
from repairdesk.domain.message import Outcome
from repairdesk.errors import NotAllowed

TOOK = Outcome(frozenset({"a"}))
FAILED = Outcome(failed=(("JSON", "http-500"),))


def test_a_role_that_the_policies_do_not_name_is_sent_nothing(desk: Outgoing) -> None:
    policies = desk.home / "policies.yaml"
    text = policies.read_text(encoding="utf-8").replace("version: everybody", "version: technicians")
    start = text.index("  roles: [technician, contractor, leader")
    policies.write_text(text[:start] + "  roles: [technician]" + text[text.index("]", start) + 1 :], encoding="utf-8")
    assert desk.queue("L1", "leader") is None
    assert desk.queue("leader", "leader") is None
    assert desk.queue("L1", "technician") is None, "the staff record says what somebody is"
    assert desk.queue("W1", "assignee") == 1
    assert desk.message().role == "technician"


def test_nothing_to_tell_is_no_message(desk: Outgoing) -> None:
    with desk.desk.turn(BY) as turn:
        assert queue(turn, "L1", "leader", []) is None
    assert desk.standing() == {"waiting": 0, "given_up": 0}


def test_messages_are_numbered_and_their_keys_name_desk_and_number(desk: Outgoing) -> None:
    assert [desk.queue(), desk.queue()] == [1, 2]
    with desk.desk.ledger.read() as reader:
        mark = reader.first_hash()[:8]
    assert [desk.message(n).key for n in (1, 2)] == [f"rd-{mark}-1", f"rd-{mark}-2"]


def test_a_message_that_is_undone_with_its_turn_is_never_sent(desk: Outgoing) -> None:
    def refused() -> None:
        with desk.desk.turn(BY) as turn:
            queue(turn, "L1", "leader", [LINE])
            raise NotAllowed("the rules refuse this now")

    with pytest.raises(NotAllowed):
        refused()
    assert desk.desk.undelivered(BY) == 0


def test_nothing_is_held_while_a_message_is_sent(desk: Outgoing) -> None:
    desk.queue()

    def send(doc: dict[str, Any], skip: frozenset[str]) -> Outcome:
        assert desk.queue() == 2, "the ledger can be written by others meanwhile"
        return TOOK

    done = desk.desk.deliver(BY, send, limit=1)
    assert (done["sent"], done["waiting"]) == (1, 1)


def test_two_that_deliver_at_once_tell_each_thing_once(desk: Outgoing) -> None:
    for _ in range(12):
        desk.queue()
    told: list[int] = []
    together = Barrier(2)

    def send(doc: dict[str, Any], skip: frozenset[str]) -> Outcome:
        told.append(doc["id"])
        return TOOK

    def deliver() -> None:
        own = Desk(desk.home, lambda: desk.moment)
        together.wait()
        own.deliver(BY, send)

    threads = [Thread(target=deliver) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told) == list(range(1, 13))
    assert desk.standing() == {"waiting": 0, "given_up": 0}


def test_who_is_slow_and_succeeds_has_the_last_word(desk: Outgoing) -> None:
    desk.queue()
    seen: list[str] = []

    def slow(doc: dict[str, Any], skip: frozenset[str]) -> Outcome:
        desk.wait(minutes=11)
        seen.append(desk.deliver(lambda *_: FAILED)["failed"][0]["why"][0]["reason"])
        return TOOK

    assert desk.deliver(slow)["sent"] == 1
    assert seen == ["http-500"]
    assert desk.events() == ["queue", "try", "try", "failed", "sent"]
    desk.wait(days=1)
    assert desk.desk.undelivered(BY) == 0


def test_who_is_slow_and_fails_does_not_undo_what_another_brought_about(desk: Outgoing) -> None:
    desk.queue()

    def slow(doc: dict[str, Any], skip: frozenset[str]) -> Outcome:
        desk.wait(minutes=11)
        desk.deliver(lambda *_: TOOK)
        return FAILED

    assert desk.deliver(slow) == {"sent": 1, "waiting": 0, "given_up": 0, "failed": []}
    assert desk.events() == ["queue", "try", "try", "sent"]


def test_what_a_slow_one_brought_to_one_service_is_remembered_while_another_tries(desk: Outgoing) -> None:
    desk.queue()
    skipped: list[frozenset[str]] = []

    def fast(doc: dict[str, Any], skip: frozenset[str]) -> Outcome:
        return Outcome(failed=(("JSON", "http-500"), ("XML", "http-500")))

    def slow(doc: dict[str, Any], skip: frozenset[str]) -> Outcome:
        desk.wait(minutes=11)
        desk.deliver(fast)
        return Outcome(frozenset({"a"}), (("XML", "http-500"),))

    def third(doc: dict[str, Any], skip: frozenset[str]) -> Outcome:
        skipped.append(skip)
        return Outcome(frozenset({"b"}))

    desk.deliver(slow)
    assert desk.message().state == "failed"
    desk.wait(minutes=5)
    desk.deliver(third)
    assert skipped == [frozenset({"a"})]
    assert (desk.message().state, desk.message().accepted) == ("sent", ("a", "b"))


def test_who_dies_at_every_try_leads_to_a_message_that_is_given_up(desk: Outgoing) -> None:
    desk.queue()

    def dies(doc: dict[str, Any], skip: frozenset[str]) -> Outcome:
        raise KeyboardInterrupt

    for _ in range(6):
        with pytest.raises(KeyboardInterrupt):
            desk.deliver(dies)
        desk.wait(minutes=10)
    (failed,) = desk.deliver(dies)["failed"]
    assert failed == {"id": 1, "to": "L1", "role": "leader", "why": [{"service": "", "reason": "unknown"}],
                      "next_at": None}  # fmt: skip
    assert desk.events() == ["queue", *["try"] * 6, "given-up"]


def test_a_failing_message_does_not_keep_the_others_waiting(desk: Outgoing) -> None:
    for _ in range(3):
        desk.queue()
    done = desk.deliver(lambda doc, _: FAILED if doc["id"] == 1 else TOOK)
    assert (done["sent"], done["waiting"], [one["id"] for one in done["failed"]]) == (2, 1, [1])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=15)
@given(st.lists(st.tuples(st.sampled_from(["took", "failed", "dies"]), st.integers(0, 50_000)), max_size=8))
def test_whatever_happens_a_message_is_on_its_way_or_over_and_nothing_is_lost(
    desk: Outgoing, story: list[tuple[str, int]]
) -> None:
    number = desk.queue()
    assert number is not None
    took = 0

    def send(doc: dict[str, Any], skip: frozenset[str]) -> Outcome:
        nonlocal took
        if what == "dies":
            raise KeyboardInterrupt
        took += what == "took" and doc["id"] == number
        return TOOK if what == "took" else FAILED

    for what, seconds in story:
        desk.wait(seconds=seconds)
        if what == "dies":
            try:
                desk.deliver(send)
            except KeyboardInterrupt:
                continue
        else:
            desk.deliver(send)
    message = desk.message(number)
    assert took <= 1
    assert (message.state == "sent") == (took == 1)
    assert (message.next_at is None) == (message.state in ("sent", "given-up"))
    assert message.tries <= 6
