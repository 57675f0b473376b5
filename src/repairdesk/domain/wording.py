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

    Of several rules the one of which most was said comes first, then the first of the policies. A word that is a part
    of a longer one is not heard there: whoever cannot light a stove (打不着火) has no fire (着火). The gravest
    priority counts; services are those of the class of fault that is proposed.
    """
    text = _plain(said)
    stands = {word: _where(_plain(word), text) for rule in rules for word in rule.words}
    spans = {span for where in stands.values() for span in where}
    own = {word for word, where in stands.items() if any(not _within_another(span, spans) for span in where)}
    found = [(rule, tuple(word for word in rule.words if word in own)) for rule in rules]
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


def _where(word: str, text: str) -> list[tuple[int, int]]:
    """Where it stands in the text; nothing is none."""
    pattern = re.escape(word)
    if word.isascii():
        pattern = rf"(?<![a-z0-9]){pattern}(?![a-z0-9])"
    return [found.span() for found in re.finditer(pattern, text)] if word else []


def _within_another(span: tuple[int, int], spans: set[tuple[int, int]]) -> bool:
    start, end = span
    return any(first <= start and end <= last and (first, last) != span for first, last in spans)
