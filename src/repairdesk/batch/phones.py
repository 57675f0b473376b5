"""Phone numbers as spreadsheets leave them: repaired where nothing was lost, refused where digits are gone."""

from __future__ import annotations

import re
import unicodedata

from repairdesk.domain import intake
from repairdesk.domain.times import fold
from repairdesk.errors import N_, BadInput

_PLAIN = re.compile(r"1[3-9][0-9]{9}", re.ASCII)
_ROUNDED = re.compile(r"([0-9])(?:\.([0-9]+))?[Ee][+]?([0-9]{1,2})")
_FLOAT = re.compile(r"([0-9]{3,})\.0+")
_GROUPED = re.compile(r"[0-9]{1,3}(?:,[0-9]{3}){2,4}")
_MOBILES = re.compile(r"1[3-9][0-9][ -]?[0-9]{4}[ -]?[0-9]{4}(?=[^0-9]|$|1[3-9][0-9]{9}(?![0-9]))")
_BETWEEN = re.compile(r"[^0-9()+-]+")
_SHORTEST = 7
"""Digits of a number that is whole without those beside it."""
_MOBILE = re.compile(r"(?:(?:\+|00)?86)?(1[3-9][0-9]{9})")


def phone(said: str) -> str:
    """A phone number: a mobile one as its eleven digits, another as it was said.

    Raises:
        BadInput: the spreadsheet has rounded it. UsageError: it is no phone number.
    """
    if _PLAIN.fullmatch(said):
        return said
    # What cannot be seen comes along when numbers are copied out of messages.
    text = "".join(one for one in fold(said) if unicodedata.category(one) != "Cf").strip(" \t'‘’`")
    text = re.sub(r"[‐‑‒–—−]", "-", text)
    if _GROUPED.fullmatch(text):
        text = text.replace(",", "")
    if len(_MOBILES.findall(text)) > 1 or sum(map(_is_whole, _BETWEEN.split(text))) > 1:
        raise BadInput(N_("“{text}” are two phone numbers: leave one of them in the cell"), text=said)
    rounded = _ROUNDED.fullmatch(text)
    if rounded:
        text = _whole(said, rounded)
    elif whole := _FLOAT.fullmatch(text):
        text = whole[1]
    mobile = _MOBILE.fullmatch(re.sub(r"[ \-()]", "", text))
    return mobile[1] if mobile else intake.phone(text)


def _whole(said: str, rounded: re.Match[str]) -> str:
    """1.3800138000E+10 has all its digits, 1.38001E+10 has not."""
    digits, power = rounded[1] + (rounded[2] or ""), int(rounded[3])
    if len(digits) != power + 1:
        raise BadInput(
            N_("the spreadsheet has lost digits of the phone number “{text}”; format the column as text"), text=said
        )
    return digits


def _is_whole(part: str) -> bool:
    return sum(one.isdigit() for one in part) >= _SHORTEST
