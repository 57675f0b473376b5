"""Phone numbers in what was written as text: masked before it leaves the ledger, on paper and in messages alike."""

from __future__ import annotations

import re
from collections.abc import Callable

MASK = "****"
MOBILE_DIGITS = 11
"""Of so many digits the first three and the last four may be seen: four at least are not."""

_BETWEEN = r"[\s\-‐-―－ー_.．·•,，/／()（）]{0,3}"
_ANYTHING = r"(?:[^\w*]|(?<!\*)\*(?!\*)){0,3}"
"""What else people put between the digits of a number: whatever is no letter. A mask joins nothing."""
# Texts, compiled when they are needed: most commands mask nothing.
_BEGINS = r"(?<!\d)(?![0-2]\d[:：][0-5]\d(?!\d))"
"""Not within digits, and not with a time of day."""
_MOBILE = rf"1{_ANYTHING}[3-9](?:{_ANYTHING}\d){{9}}(?!\d)"
WHOLE = rf"{_BEGINS}(?:{_MOBILE}|0\d{{2,3}}(?:{_ANYTHING}\d){{7,8}}(?!\d))"
"""A mobile number, or one with its area code, from its first digit to its last."""
DIGITS = rf"{WHOLE}|\d(?:{_BETWEEN}\d){{4,}}"
"""What may be a phone number in words that somebody said."""
# A place is full of digits itself (3-2-501): only what is as long as a phone number is none.
PHONE = rf"{WHOLE}|\d{{7,}}|\d(?:{_BETWEEN}\d){{9,}}"
"""What may be a phone number in a place."""

_TWO_GROUPS = r"(?<!\d)\d{3,4}[\s\-‐-―－]{1,3}\d{4}(?!\d)"
_DAY = r"(?:19|20)\d\d[-/.年]\d{1,2}[-/.月]\d{1,2}(?!\d)日?(?:[ T]+[0-2]?\d:[0-5]\d(?!\d)(?::[0-5]\d(?!\d))?)?"
_DAY_FIRST = (
    r"(?:0?[1-9]|[12]\d|3[01])[/.\-](?:0?[1-9]|[12]\d|3[01])[/.\-](?:19|20)\d\d(?!\d)"
    r"(?:[ T]+[0-2]?\d:[0-5]\d(?!\d)(?::[0-5]\d(?!\d))?)?"
)
"""A day as other countries write it, month or day first."""
_ORDER = r"[A-Z](?:19|20)\d\d(?:0\d|1[0-2])[0-3]\d-\d{4,6}(?!\d)"
_HASH = r"[0-9a-f]{64}(?![0-9A-Za-z])"
_SUM = r"\d{5,}\.\d\d(?!\d)"
_KEPT = rf"{_DAY}|{_DAY_FIRST}|{_ORDER}|{_HASH}|{_SUM}"
"""What has as many digits as a phone number and is none: a day with its time, the number of an order, a hash, a sum."""
TEXT = rf"(?P<kept>(?<![0-9A-Za-z])(?:{_KEPT}))|{PHONE}|{_TWO_GROUPS}"
"""What may be a phone number in words of a document, where rooms, days and sums have to be read."""

_CLOSE = r"(?:19\d\d|20[0-3]\d)[01]\d\d\d(?:\d{4}(?:\d\d)?|-\d{1,6})?(?!\d)"
_SLIP = r"[A-Z]?20[23]\d[01]\d{1,5}-\d{1,6}(?!\d)"
"""A number of an order with a digit too few or too many; no other digit begins the month of one."""
TYPED = rf"(?P<kept>(?<![0-9A-Za-z])(?:{_KEPT}|{_CLOSE}|{_SLIP}))|{PHONE}|{_TWO_GROUPS}"
"""What may be a phone number in what a refusal repeats: whoever typed a day, a sum or half a number has to see it."""

# In a cell that could not be read, a date or an id of as many digits has to be seen.
NUMBER = rf"(?<!\d)(?:1[3-9](?:{_BETWEEN}\d){{9}}|0\d{{2,3}}{_BETWEEN}\d{{7,8}})"
"""What is a phone number, mobile or with an area code, wherever it stands."""
_LOCAL = r"(?<![\d\-])(?!(?:19|20)\d\d)\d{3,4}[\s\-‐-―－]{1,3}\d{4}(?!\d)"
CELL = rf"(?P<kept>(?<![0-9A-Za-z])(?:{_DAY}|{_DAY_FIRST}))|{NUMBER}|{WHOLE}|{_LOCAL}"
NAMED = rf"{_BEGINS}(?:{_MOBILE}|0\d{{2,3}}[^\w*]{{1,3}}\d{{7,8}}(?!\d))"
"""What is one in the number that another system or an office gave to something: nothing that merely is as long."""


def in_cell(text: str) -> str:
    """What stood in a cell of somebody's file, phone numbers masked: who has the file knows them again."""

    def shown(found: re.Match[str]) -> str:
        return found["kept"] or (f"{found[0][:3]}{MASK}{found[0][-4:]}" if _long(found[0]) else MASK)

    return _replaced(CELL, text, shown)


def in_words(text: str | None) -> str | None:
    """What was said, without the digits that may be a phone number; nothing stays nothing."""
    return _replaced(DIGITS, text, _hidden) if text else text


def in_place(text: str | None) -> str | None:
    """A place, without a phone number that was written with it; nothing stays nothing."""
    return _replaced(PHONE, text, _hidden) if text else text


def in_text(text: str) -> str:
    """What was said, as a document has it: without phone numbers, also local ones in two groups (8888-6666)."""
    return _replaced(TEXT, text, _kept_or_hidden)


def in_typed(text: str) -> str:
    """What a refusal repeats of what was typed, without phone numbers; days, sums and numbers of orders stay."""
    return _replaced(TYPED, text, _kept_or_hidden)


def in_name(text: str) -> str:
    """The number of a thing, as another system or an office gave it, without a phone number that is in it."""
    return _replaced(NAMED, text, _hidden)


def _hidden(_: re.Match[str]) -> str:
    return MASK


def _kept_or_hidden(found: re.Match[str]) -> str:
    return found["kept"] or MASK


def _long(text: str) -> bool:
    return digits(text) >= MOBILE_DIGITS


def digits(text: str) -> int:
    """How many digits of any form are in a text."""
    return sum(map(str.isdigit, text))


def _replaced(pattern: str, text: str, told: Callable[[re.Match[str]], str]) -> str:
    """The text with something else in place of what the pattern finds, also where the digits are of another form."""
    where = None if text.isascii() else _odd(text)
    if where is None:
        return re.sub(pattern, told, text)
    folded, origin = where
    parts: list[str] = []
    last = 0
    for found in re.finditer(pattern, folded):
        said = told(found)
        if said != found[0]:
            parts += text[last : origin[found.start()]], said
            last = origin[found.end() - 1] + 1
    return "".join(parts) + text[last:]


def _odd(text: str) -> tuple[str, list[int]] | None:
    """The text with ① and １ as 1 and without what nobody sees, and where its characters stood; None: it is plain."""
    import unicodedata

    hidden = [unicodedata.category(c) == "Cf" for c in text]
    if not any(hidden) and not any(c.isdigit() and not c.isascii() for c in text):
        return None
    folded: list[str] = []
    origin: list[int] = []
    for at, c in enumerate(text):
        if not hidden[at]:
            said = str(unicodedata.digit(c)) if c.isdigit() else c
            folded.append(said)
            origin.append(at)
    return "".join(folded), origin
