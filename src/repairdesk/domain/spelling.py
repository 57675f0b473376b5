"""The one form that a place is written in, by whatever patterns the policies have for it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

LONGEST = 100
"""Characters of a place that patterns are held against: up to here the rules know how long they take at worst."""


def spelled(said: str, forms: Iterable[tuple[str, str]]) -> str:
    """A place in the one form of it.

    Args:
        forms: patterns, each with the form of what it matches whole; the first that does counts.

    Returns: what no pattern knows, or is longer than any place, in its own words, plain characters and single spaces.
    """
    text = " ".join(unicodedata.normalize("NFKC", said).split())
    capitals = text.upper()
    for pattern, canonical in forms if len(capitals) <= LONGEST else ():
        found = re.fullmatch(pattern, capitals)
        if found:
            groups = ("", *(group or "" for group in found.groups()))
            return re.sub(r"\{\d+\}", lambda slot: groups[int(slot.group()[1:-1])], canonical)  # noqa: B023
    return text
