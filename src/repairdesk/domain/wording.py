"""What the words of a caller propose: class of fault, priority, items of the fee table (INT-3). It proposes, no more.

The words are the policies' (``proposals``). Chinese has no blanks between its words, so theirs may stand anywhere; a
word in letters is heard as a whole word, as “tap” is none of “tape”.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from repairdesk.domain.policy import WordRule
from repairdesk.domain.record import NamedTuple
from repairdesk.domain.vocabulary import PRIORITIES


class Heard(NamedTuple):
    """What was made of somebody's words.

    Attributes:
        kind, category, priority: what they propose, None where nothing speaks for any.
        services: codes as the policies name them; whether the fee table has them is not asked here.
        because: the words that were heard, as the policies write them, those that weigh most first.
    """

    kind: str | None = None
    category: str | None = None
    priority: str | None = None
    services: tuple[str, ...] = ()
    because: tuple[str, ...] = ()


def propose(rules: Sequence[WordRule], said: str) -> Heard:
    """What the rules propose for these words.

    Of several rules the one of which most was said comes first, then the first of the policies. The gravest priority
    counts; services are those of the class of fault that is proposed.
    """
    text = _plain(said)
    found = [(rule, tuple(word for word in rule.words if _stands_in(_plain(word), text))) for rule in rules]
    ranked = sorted((one for one in found if one[1]), key=lambda one: -max(map(len, one[1])))
    heard = [rule for rule, _ in ranked]
    category = next((rule.category for rule in heard if rule.category), None)
    said_priorities = [rule.priority for rule in heard if rule.priority]
    services = next(
        (rule.services for rule in heard if rule.services and (rule.category or category) == category), ()
    )  # fmt: skip
    return Heard(
        next((rule.kind for rule in heard if rule.kind), None),
        category,
        min(said_priorities, key=PRIORITIES.index, default=None),
        services,
        _told(tuple(dict.fromkeys(word for _, words in ranked for word in words))),
    )


def _told(words: tuple[str, ...]) -> tuple[str, ...]:
    """Without what is part of another: who reads 漏水 need not read 漏."""
    return tuple(word for word in words if not any(word != other and word in other for other in words))


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _stands_in(word: str, text: str) -> bool:
    if not word.isascii():
        return word in text
    return re.search(rf"(?<![a-z0-9]){re.escape(word)}(?![a-z0-9])", text) is not None
