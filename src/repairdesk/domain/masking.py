"""Phone numbers in what was written as text: masked before it leaves the ledger, on paper and in messages alike."""

from __future__ import annotations

import re

MASK = "****"

_BETWEEN = r"[\s\-‐-―－ー_.．·•,，/／()（）]{0,3}"
# Texts, compiled when they are needed: most commands mask nothing.
DIGITS = rf"\d(?:{_BETWEEN}\d){{4,}}"
"""What may be a phone number in words that somebody said."""
# A place is full of digits itself (3-2-501): only what is as long as a phone number is none.
PHONE = rf"\d{{7,}}|\d(?:{_BETWEEN}\d){{9,}}"
"""What may be a phone number in a place."""


def in_words(text: str | None) -> str | None:
    """What was said, without the digits that may be a phone number; nothing stays nothing."""
    return re.sub(DIGITS, MASK, text) if text else text


def in_place(text: str | None) -> str | None:
    """A place, without a phone number that was written with it; nothing stays nothing."""
    return re.sub(PHONE, MASK, text) if text else text
