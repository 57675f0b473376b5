"""Which PINs are refused as the first that anyone would try, and that few others are."""

from __future__ import annotations

import random

import pytest

from repairdesk.domain import pin
from repairdesk.errors import UsageError


@pytest.mark.parametrize(
    "text",
    [
        "000001", "123321", "112233", "246810", "135790", "159357", "147258", "258147", "321654", "741852", "998877",
        "12341234", "1234554321", "111112", "5201314",
        # Days, as anybody writes a birthday or today.
        "19900101", "20261122", "261122", "221126", "112226", "01011990", "12311990",
    ],
)  # fmt: skip
def test_patterns_and_days_are_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(UsageError, match="first that anyone would try") as caught:
        pin.checked(text)
    assert text not in str(caught.value)


@pytest.mark.parametrize("text", ["739154", "480937", "19901391", "914637", "4815162342"])
def test_what_is_neither_is_taken(text: str) -> None:
    assert pin.checked(text) == text


def test_of_pins_at_random_nine_in_ten_are_taken() -> None:
    """What is refused to everybody is not what makes the others easy to try."""
    some, refused = random.Random(7), 0
    for _ in range(5_000):
        try:
            pin.checked(f"{some.randrange(10**6):06}")
        except UsageError:
            refused += 1
    assert refused < 600
