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

_TWO_GROUPS = r"(?<!\d)\d{3,4}[\s\-‐-―－]{1,3}\d{4}(?!\d)"
_DAY = r"(?:19|20)\d\d[-/.年]\d{1,2}[-/.月]\d{1,2}(?!\d)日?(?:[ T]+[0-2]?\d:[0-5]\d(?!\d)(?::[0-5]\d(?!\d))?)?"
_ORDER = r"[A-Z](?:19|20)\d\d(?:0\d|1[0-2])[0-3]\d-\d{4,6}(?!\d)"
_HASH = r"[0-9a-f]{64}(?![0-9A-Za-z])"
_KEPT = rf"(?P<kept>(?<![0-9A-Za-z])(?:{_DAY}|{_ORDER}|{_HASH}))"
"""What has as many digits as a phone number and is none: a day with its time, the number of an order, a hash."""
TEXT = rf"{_KEPT}|{PHONE}|{_TWO_GROUPS}"
"""What may be a phone number in words of a document, where rooms, days and sums have to be read."""

# In a cell that could not be read, a date or an id of as many digits has to be seen.
NUMBER = rf"(?<!\d)(?:1[3-9](?:{_BETWEEN}\d){{9}}|0\d{{2,3}}{_BETWEEN}\d{{7,8}})"
"""What is a phone number, mobile or with an area code, wherever it stands."""


def in_cell(text: str) -> str:
    """What stood in a cell of somebody's file, phone numbers masked: who has the file knows them again."""
    return re.sub(NUMBER, lambda found: f"{found[0][:3]}{MASK}{found[0][-4:]}", text)


def in_words(text: str | None) -> str | None:
    """What was said, without the digits that may be a phone number; nothing stays nothing."""
    return re.sub(DIGITS, MASK, text) if text else text


def in_place(text: str | None) -> str | None:
    """A place, without a phone number that was written with it; nothing stays nothing."""
    return re.sub(PHONE, MASK, text) if text else text


def in_text(text: str) -> str:
    """What was said, as a document has it: without phone numbers, also local ones in two groups (8888-6666)."""
    return re.sub(TEXT, lambda found: found["kept"] or MASK, text)
