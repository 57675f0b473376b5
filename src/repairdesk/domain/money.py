"""Money as whole fen, quantities and rates as exact decimals (FEE-10). No float enters or leaves.

Amounts are plain decimals up to 9,999,999.99, quantities up to 99,999.999 with three places; full-width digits are
taken as digits, exponents are not taken at all.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from repairdesk.errors import UsageError

MAX_FEN = 999_999_999
MAX_QUANTITY = Decimal("99999.999")
_DIGITS = frozenset("0123456789.")
# Not NFKC, which would also read ² and ① as digits: 10² is no 102.
_NARROW = str.maketrans("０１２３４５６７８９．", "0123456789.")
_QUOTED = 40


def _plain(text: str, places: int) -> Decimal | None:
    """The decimal that ``text`` spells with digits and at most one point, or None."""
    text = text.strip().translate(_NARROW)
    whole, _, fraction = text.partition(".")
    if not text or len(text) > 20 or not set(text) <= _DIGITS or "." in fraction or not whole:
        return None
    if len(fraction) > places or (text.endswith(".")):
        return None
    return Decimal(text)


def fen(text: str) -> int:
    """Whole fen of an amount in yuan such as ``"23.40"``.

    Raises:
        UsageError: not a plain decimal with at most two places, or above 9,999,999.99 (FEE-10).
    """
    value = _plain(text, 2)
    if value is None or value * 100 > MAX_FEN:
        raise UsageError(
            "“{text}” is not an amount: yuan with at most two decimals, up to 9999999.99",
            rule="FEE-10",
            text=quoted(text),
        )
    return int(value * 100)


def quantity(text: str) -> Decimal:
    """An exact quantity above zero with at most three places.

    Raises:
        UsageError: not a plain decimal, zero, or above 99,999.999 (FEE-10).
    """
    value = _plain(text, 3)
    if value is None or not 0 < value <= MAX_QUANTITY:
        raise UsageError(
            "“{text}” is not a quantity: above 0, at most three decimals, up to 99999.999",
            rule="FEE-10",
            text=quoted(text),
        )
    # 2.0 is 2, wherever it is compared or printed.
    plain = f"{value:f}"
    return Decimal(plain.rstrip("0").rstrip(".")) if "." in plain else value


def quoted(text: str) -> str:
    """``text`` as a refusal repeats it: a thousand digits would bury the sentence."""
    return text if len(text) <= _QUOTED else f"{text[:_QUOTED]}…"


def yuan(amount: int) -> str:
    """``2340`` fen as ``"23.40"``; a reduction is negative: ``"-5.00"``."""
    sign, amount = ("-", -amount) if amount < 0 else ("", amount)
    return f"{sign}{amount // 100}.{amount % 100:02}"


def half_up(value: Decimal, step: Decimal = Decimal(1)) -> int:
    """``value`` rounded half up to a multiple of ``step``, both in fen (FEE-2: the jiao is a step of 10)."""
    return int((value / step).quantize(Decimal(1), ROUND_HALF_UP) * step)


def times(unit_price: int, amount: Decimal) -> int:
    """Unit price in fen × quantity, to the fen, half up (FEE-2)."""
    # In whole numbers: exact whatever the sizes, and for a quantity without a fraction there is nothing to round.
    parts, of = amount.as_integer_ratio()
    return unit_price * parts if of == 1 else (2 * unit_price * parts + of) // (2 * of)
