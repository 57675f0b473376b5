"""What was perhaps meant: orders, people and places that are near what was typed. Asked only once it was refused.

Every question is a look-up in an index, a few dozen of them at most, however large the ledger.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from itertools import pairwise
from typing import Any

from repairdesk.domain.lifecycle import ENDS
from repairdesk.domain.shape import Doc, in_words
from repairdesk.domain.times import fold
from repairdesk.ledger.journal import Reader

MOST = 3
"""So many are proposed."""
FEW = 40
"""So many endings are looked at, of which the latest are taken."""
_SHORTEST, _LONGEST = 10, 16
"""Characters of what is looked at as a full number."""
_SERIAL = 4
"""Digits that a serial is filled up to."""


def orders(ledger: Reader, typed: str) -> list[str]:
    """Numbers near this one: a digit wrong, two of them exchanged, the day or the letter wrong, no zeros before it."""
    said = fold(typed).upper().strip()
    found = [number for number in _slips(said) if ledger.numbers_ending(number, 2) == [number]]
    if len(found) < MOST:
        found += _by_serial(ledger, said)
    return list(dict.fromkeys(found))[:MOST]


def _slips(said: str) -> Iterator[str]:
    """What a full number could have been before one slip of the finger."""
    if "-" not in said or not _SHORTEST <= len(said) <= _LONGEST:
        return
    for at, c in enumerate(said):
        if c.isdigit():
            yield from (f"{said[:at]}{other}{said[at + 1 :]}" for other in "0123456789" if other != c)
    for at, (one, other) in enumerate(pairwise(said)):
        if one != other and one.isalnum() and other.isalnum():
            yield f"{said[:at]}{other}{one}{said[at + 2 :]}"
    if said[0].isalpha():
        yield from (f"{letter}{said[1:]}" for letter in ("P", "X") if letter != said[0])


def _by_serial(ledger: Reader, said: str) -> list[str]:
    """The latest whose serial that is, whatever the day."""
    digits = "".join(c for c in said.rpartition("-")[2] if c.isdigit())
    if not digits or len(digits) > 2 * _SERIAL:
        return []
    for ending in dict.fromkeys((digits, digits.lstrip("0"), digits.zfill(_SERIAL), digits[-_SERIAL:])):
        numbers = ledger.numbers_ending(f"-{ending.zfill(_SERIAL)}", FEW) if ending else []
        if numbers:
            # The day is in the number, behind the letter of its series.
            return sorted(numbers, key=_day_and_serial, reverse=True)
    return []


def _day_and_serial(number: str) -> tuple[str, str]:
    series, _, serial = number.rpartition("-")
    return series.rpartition("-")[2][1:], serial


def several(ledger: Reader, ending: str) -> tuple[list[str], list[str]]:
    """Orders whose number ends so, the open and then the latest first; and the first few of them in words.

    In front of each stands the shortest ending that is its own, to be typed.
    """
    latest = sorted(ledger.numbers_ending(ending, FEW), key=_day_and_serial, reverse=True)[:_CANDIDATES]
    over = {number for number in latest[:_LOOKED_AT] if (ledger.order_doc(number) or {}).get("state") in ENDS}
    first = sorted(latest[:_LOOKED_AT], key=lambda number: number in over) + latest[_LOOKED_AT:]
    told = [f"{_shortest(ledger, number)}  {seen(ledger, number)}" for number in first[:_SHOWN]]
    return first, told + (["…"] if len(first) > _SHOWN else [])


_CANDIDATES, _LOOKED_AT, _SHOWN = 11, 11, 5


def _shortest(ledger: Reader, number: str) -> str:
    """The shortest part of a number, from the day on, that no other ends with."""
    serial = len(number) - number.rfind("-") - 1
    ends = (number[-size:] for size in (serial, serial + 3, serial + 5, serial + 9))
    return next((end for end in ends if ledger.numbers_ending(end, 2) == [number]), number)


def able(docs: list[Doc], roles: Sequence[str], given: Sequence[str | None]) -> list[str]:
    """Who may do it: those whom the order names, else those of the roles; each with the name."""
    here = {doc["id"]: doc for doc in docs if not doc["retired"]}
    named = [here[one] for one in given if one in here]
    return [_told(doc) for doc in named or [doc for doc in here.values() if doc["role"] in roles][:MOST]]


def seen(ledger: Reader, number: str) -> str:
    """A number with place and fault, masked, to be known by."""
    doc = ledger.order_doc(number) or {}
    told = (in_words(doc.get("place") or "", "place"), in_words(" ".join((doc.get("fault") or "").split())[:20]))
    what = " ".join(filter(None, told))
    return f"{number} ({what})" if what else number


def people(docs: list[Doc], typed: str) -> list[str]:
    """Those whose id or name is near what was typed, each with the name."""
    said = fold(typed).strip().casefold()
    here = [doc for doc in docs if not doc["retired"]]
    ids = {doc["id"].casefold(): doc for doc in here}
    names = {doc["name"].casefold(): doc for doc in here}
    exactly = [doc for key, doc in ids.items() if _plain(key) == _plain(said)]
    exactly = exactly or [doc for doc in here if doc["name"].casefold() == said]
    if len(exactly) == 1:
        return [_told(exactly[0])]
    found = [doc for name, doc in names.items() if said and (said in name or name in said)]
    # Of two signs a slip in one leaves little that is near; most people are called by such a name.
    found += [doc for name, doc in names.items() if len(said) > 1 and said[0] == name[:1] and not said.isascii()]
    found += [ids[key] for key in get_close_matches(said, ids, MOST, 0.5)]
    found += [names[key] for key in get_close_matches(said, names, MOST, 0.5)]
    return list(dict.fromkeys(map(_told, found)))[:MOST]


def _told(doc: Doc) -> str:
    return f"{doc['id']} ({in_words(doc['name'])})"


def _plain(text: str) -> str:
    """Without the zeros and signs that a person leaves out: ``W-01`` is ``W1``."""
    letters = "".join(c for c in text if c.isalpha())
    return letters + "".join(c for c in text if c.isdigit()).lstrip("0")


def category(known: Mapping[str, Any], said: str) -> str:
    """The code of a class of fault that was said by the name that the policies give it; anything else as it is."""
    wanted = fold(said).strip().casefold()
    codes = [code for code, one in known.items() if wanted in (code.casefold(), fold(one.name).strip().casefold())]
    return codes[0] if len(codes) == 1 else said


def categories(known: Mapping[str, Any], said: str) -> list[str]:
    """The codes that are near to a class of fault that the policies do not have."""
    names = {one.name.casefold(): code for code, one in known.items()} | {code: code for code in known}
    return list(dict.fromkeys(names[name] for name in get_close_matches(fold(said).casefold(), names, MOST, 0.6)))


def places(ledger: Reader, typed: str) -> list[str]:
    """Places where something was reported or somebody lives, near the canonical form of what was typed."""
    stem = typed
    while stem and stem[-1].isalnum() and stem[-1].isascii():
        stem = stem[:-1]
    for begin in dict.fromkeys((stem, typed[: len(typed) // 2])):
        known = ledger.places_from(begin, FEW) if begin else []
        near = [place for place in known if in_words(place, "place") == place and not place.startswith("*")]
        if found := get_close_matches(typed, near, MOST, 0.6):
            return found
    return []
