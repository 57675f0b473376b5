"""The last door: whatever a verb of the desk answers goes through here, and leaves without phone numbers.

One place and not one for each chapter: a document that is new has no leak of its own. What is revealed with a role and
a reason, and the papers on which the policies want a number, are asked for by verbs of their own (``IN_FULL``).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Any

from repairdesk.desk.turn import Answer
from repairdesk.domain.masking import digits, in_name
from repairdesk.domain.shape import WORDLESS, in_words, masked

IN_FULL = frozenset("reveal entries household_reveal printed printed_today export_span export_orders".split()) | {
    "export_entries", "materials", "checkpoint", "checkpoint_key", "held_against", "backup",
}  # fmt: skip
"""Verbs that answer for themselves: what is revealed, and entries with it; feeds, which are masked document by document
as they are long; the fee table, signed notes and names of backups, in which nobody writes words."""
_WITHOUT = ("obligations", "head")
"""The first is most of what an order's document has; nothing in them is anybody's words."""
_SHORTEST = 7
"""Characters that a phone number has at least."""
_HOLDS = (str, dict, list, tuple)


def masking(verb: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """A verb of the desk, as everybody outside calls it."""
    if verb in IN_FULL:
        return function

    @wraps(function)
    def leaves(*args: Any, **more: Any) -> Any:
        return _left(function(*args, **more))

    return leaves


def _left(said: Any) -> Any:
    if type(said) is Answer:
        said.doc = without_phones(said.doc)
    elif type(said) is dict:
        return without_phones(said)
    elif type(said) in (list, tuple):
        return type(said)(map(_left, said))
    elif isinstance(said, tuple):
        for one in said:  # a glance has an answer among its parts
            _left(one)
    return said


def without_phones(value: Any, key: str = "") -> Any:
    """A document without the phone numbers of households, and without those that people write into words.

    A text may hold one wherever words can be written: what cannot is on a list (``WORDLESS``), everything else is
    looked through. The rules that an entry adopted are no words of residents, and the days of a calendar would pass for
    phones.
    """
    if type(value) is dict:
        if value.get("event") == "adopt":
            return value
        # What is too short, or cannot hold one, stays as it is: a call for each is most of the time.
        return {
            name if len(name) < _SHORTEST else _named(name): one
            if not one
            or type(one) not in _HOLDS
            or (type(one) is str and name not in _PHONE and (len(one) < _SHORTEST or name in WORDLESS))
            else _inside(one, name, key)
            for name, one in value.items()
        }
    if type(value) is list:
        return [without_phones(one, key) for one in value]
    if type(value) is tuple:
        return tuple(without_phones(one, key) for one in value)
    return _text(value, key) if type(value) is str else value


_PHONE = ("phone", "phones")
_LEAST = 5
"""Digits of what is masked as a number of its own: what is counted by "phone", the channel, is no phone."""


def _inside(value: Any, name: str, around: str) -> Any:
    if type(value) is str:
        # What a field was and became (correct) is of the kind of the field.
        return _text(value, around if name in ("old", "new") and around else name)
    return value if name in _WITHOUT else without_phones(value, name)


def _text(text: str, key: str) -> str:
    if key in _PHONE:
        return masked(text) if digits(text) >= _LEAST else text
    return text if key in WORDLESS else in_words(text, key)


@lru_cache(maxsize=2048)
def _named(name: str) -> str:
    """A key: most are the contract's, but some name a person or what somebody counted by."""
    return in_name(name)
