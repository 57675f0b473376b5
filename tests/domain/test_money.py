"""Amounts and quantities: what is read, what is refused, and how it is rounded (FEE-2, FEE-10)."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from repairdesk.domain import money
from repairdesk.errors import UsageError

pytestmark = pytest.mark.rule("FEE-10")


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        ("0", 0),
        ("0.01", 1),
        ("23.4", 2340),
        ("23.40", 2340),
        (" 10 ", 1000),
        ("007", 700),
        ("１２．５０", 1250),
        ("9999999.99", money.MAX_FEN),
    ],
)
def test_an_amount_is_read_as_whole_fen(text: str, fen: int) -> None:
    assert money.fen(text) == fen


@pytest.mark.parametrize(
    "text",
    ["", " ", ".", ".5", "5.", "1.2.3", "-1", "+1", "1e3", "1_000", "1,000", "0.001", "10000000", "nan", "¥5", "五"],
)
def test_what_is_no_plain_decimal_within_bounds_is_no_amount(text: str) -> None:
    with pytest.raises(UsageError, match="is not an amount") as caught:
        money.fen(text)
    assert (caught.value.rule, caught.value.values["text"]) == ("FEE-10", text)


@pytest.mark.parametrize("text", ["10²", "①", "1٣", "½", "⒈5", "𝟏𝟎", "12。5"])
def test_characters_that_merely_resemble_digits_are_not_read_as_digits(text: str) -> None:
    with pytest.raises(UsageError):
        money.fen(text)
    with pytest.raises(UsageError):
        money.quantity(text)


@pytest.mark.parametrize("read", [money.fen, money.quantity])
@pytest.mark.parametrize("digit", ["0", "9", "９"])
def test_an_endless_number_is_refused_and_not_repeated_in_full(read: Callable[[str], object], digit: str) -> None:
    with pytest.raises(UsageError) as caught:
        read(digit * 100_000)
    assert f"“{digit * 40}…”" in str(caught.value)
    assert len(str(caught.value)) < 150


def test_a_text_of_usual_length_is_quoted_as_it_is() -> None:
    assert money.quoted("9" * 40) == "9" * 40


@pytest.mark.parametrize(
    ("text", "value"), [("1", "1"), ("0.001", "0.001"), ("２．５", "2.5"), ("99999.999", "99999.999")]
)
def test_a_quantity_is_read_exactly(text: str, value: str) -> None:
    assert money.quantity(text) == Decimal(value)


@pytest.mark.parametrize("text", ["", "0", "0.000", "0.0001", "100000", "-1", "1e1", "２²"])
def test_a_quantity_is_above_zero_within_bounds_and_has_at_most_three_places(text: str) -> None:
    with pytest.raises(UsageError, match="is not a quantity") as caught:
        money.quantity(text)
    assert caught.value.rule == "FEE-10"


@pytest.mark.parametrize(
    ("fen", "text"), [(0, "0.00"), (5, "0.05"), (2340, "23.40"), (-500, "-5.00"), (-5, "-0.05"), (-2340, "-23.40")]
)
def test_yuan_are_written_with_two_decimals_and_a_reduction_with_its_sign(fen: int, text: str) -> None:
    assert money.yuan(fen) == text


@pytest.mark.rule("FEE-2")
@pytest.mark.parametrize(
    ("value", "step", "rounded"),
    [
        ("2404.999", "10", 2400),
        ("2405", "10", 2410),
        ("2414.9", "10", 2410),
        ("4.5", "1", 5),
        ("5.5", "1", 6),
        ("4.499", "1", 4),
        ("149", "100", 100),
        ("150", "100", 200),
    ],
)
def test_a_half_is_rounded_up_and_not_to_even(value: str, step: str, rounded: int) -> None:
    assert money.half_up(Decimal(value), Decimal(step)) == rounded


@pytest.mark.rule("FEE-2")
@pytest.mark.parametrize(
    ("price", "quantity", "amount"), [(333, "1.5", 500), (2410, "2", 4820), (333, "1.001", 333), (1, "0.4", 0)]
)
def test_unit_price_times_quantity_is_rounded_half_up_to_the_fen(price: int, quantity: str, amount: int) -> None:
    assert money.times(price, Decimal(quantity)) == amount


def test_the_dearest_price_times_the_largest_quantity_is_still_exact() -> None:
    assert money.times(money.MAX_FEN, money.MAX_QUANTITY) == (999_999_999 * 99_999_999 + 500) // 1000


@given(st.integers(0, money.MAX_FEN))
@settings(max_examples=100)
def test_what_is_written_is_read_back(fen: int) -> None:
    assert money.fen(money.yuan(fen)) == fen


@pytest.mark.rule("FEE-2")
@given(st.integers(0, money.MAX_FEN), st.integers(1, 99_999_999))
@settings(max_examples=100)
def test_an_amount_is_what_whole_numbers_say(price: int, thousandths: int) -> None:
    assert money.times(price, Decimal(thousandths) / 1000) == (price * thousandths + 500) // 1000
