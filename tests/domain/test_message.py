"""A message by itself: what it may say, how its entries add up, when it is tried again."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repairdesk.domain import masking
from repairdesk.domain import message as messages
from repairdesk.domain.entry import Entry
from repairdesk.domain.times import iso_utc

T0 = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
QUEUE = ("queue", {"to": "L1", "role": "leader", "at": iso_utc(T0), "key": "rd-1-17", "lines": [{"number": "P-1"}]})
TRY = ("try", {"n": 1, "until": iso_utc(T0 + timedelta(minutes=10))})
AGAIN = ("try", {"n": 2, "until": iso_utc(T0 + timedelta(minutes=30))})
WHY = [{"service": "JSON", "reason": "http-500"}]
FAILED = ("failed", {"n": 1, "why": WHY, "accepted": ["b"], "next_at": iso_utc(T0 + timedelta(minutes=1))})
GIVEN_UP = ("given-up", {"n": 1, "why": WHY, "accepted": []})
SENT = ("sent", {"services": ["a", "b"]})


def fold(*told: tuple[str, dict[str, Any]]) -> messages.Message | None:
    return messages.fold(
        Entry(n, "message:17", n, event, "system", "os:x", T0, T0 + timedelta(seconds=n), False, data)
        for n, (event, data) in enumerate(told, start=1)
    )


CASES: list[tuple[tuple[Any, ...], str, int, int | None]] = [
    # entries, state, tries, seconds from T0 to the next try
    ((QUEUE,), "waiting", 0, 1),
    ((QUEUE, TRY), "trying", 1, 600),
    ((QUEUE, TRY, FAILED), "failed", 1, 60),
    ((QUEUE, TRY, SENT), "sent", 1, None),
    ((QUEUE, TRY, GIVEN_UP), "given-up", 1, None),
    ((QUEUE, TRY, AGAIN, FAILED), "trying", 2, 1800),
    ((QUEUE, TRY, AGAIN, SENT), "sent", 2, None),
    ((QUEUE, TRY, GIVEN_UP, FAILED), "given-up", 1, None),
    ((QUEUE, TRY, GIVEN_UP, SENT), "sent", 1, None),
]


@pytest.mark.parametrize(("told", "state", "tries", "seconds"), CASES)
def test_a_message_is_what_its_entries_say(told: tuple[Any, ...], state: str, tries: int, seconds: int | None) -> None:
    message = fold(*told)
    assert message is not None
    next_at = None if seconds is None else T0 + timedelta(seconds=seconds)
    assert (message.id, message.state, message.tries, message.next_at) == (17, state, tries, next_at)


def test_what_a_late_answer_accepted_is_kept_though_another_try_is_under_way() -> None:
    message = fold(QUEUE, TRY, AGAIN, FAILED)
    assert message is not None
    assert (message.accepted, message.why) == (("b",), tuple(WHY))


def test_there_is_no_message_without_its_first_entry() -> None:
    assert fold() is None
    assert fold(TRY, SENT) is None


def test_a_stream_that_is_no_number_is_no_message() -> None:
    entry = Entry(1, "message:x", 1, "queue", "system", "os:x", T0, T0, False, QUEUE[1])
    with pytest.raises(ValueError, match="x"):
        messages.fold([entry])


@pytest.mark.rule("SLA-4")
def test_the_waits_between_the_tries_are_those_of_the_policy_and_then_it_is_given_up() -> None:
    waits = (60, 300)
    assert [messages.again_at(n, waits, T0) for n in (1, 2, 3, 4)] == [
        T0 + timedelta(seconds=60), T0 + timedelta(seconds=300), None, None,
    ]  # fmt: skip
    assert messages.again_at(1, (), T0) is None


MASKED = [
    ("漏水 13800138000", "漏水 ****"),
    ("tel 138-0013-8000, ring twice", "tel ****, ring twice"),
    ("１３８ ００１３ ８０００", "****"),
    ("(010) 8888-6666", "(****"),
    ("0371/6666 8888转12", "****转12"),
    ("3 taps drip, 24 V, 1.5 m", "3 taps drip, 24 V, 1.5 m"),
    ("1234 is no phone", "1234 is no phone"),
    ("12345 may be one", "**** may be one"),
]


@pytest.mark.parametrize(("fault", "said"), MASKED)
def test_digits_that_may_be_a_phone_number_are_masked_in_what_was_reported(fault: str, said: str) -> None:
    assert messages.line({"fault": fault})["fault"] == said


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("3-2-501", "3-2-501"),
        ("12-2-2501", "12-2-2501"),
        ("地下车库 B1", "地下车库 B1"),
        ("3-2-501 13800138000", "****"),
        ("门口 88886666", "门口 ****"),
        ("138 0013 8000", "****"),
        (None, None),
    ],
)
def test_a_place_stays_legible_unless_a_phone_number_stands_in_it(place: str | None, said: str | None) -> None:
    assert messages.line({"place": place})["place"] == said


def test_a_line_holds_nothing_but_the_keys_of_a_message() -> None:
    kept = messages.line({"number": "P-1", "caller": "李女士", "phone": "13800138000", "signed_by": "x"})
    assert kept["number"] == "P-1"
    assert set(kept) == {"number", "obligation", "rule", "level", "due_at", "place", "fault", "owner", "role"}


@given(st.text(alphabet="0123456789０１２３ -－.()漏", max_size=40))
def test_no_run_of_five_digits_is_left_however_it_is_written(fault: str) -> None:
    said = messages.line({"fault": fault})["fault"]
    assert re.search(masking.DIGITS, said) is None
