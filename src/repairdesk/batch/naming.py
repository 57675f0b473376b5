"""Codes and names for the items of a price list: stable, so that next year's list gives the same item the same code.

A code is made of the item's own words and of nothing else: no transliteration, whose dictionaries change, and no row
number, which changes with every edit.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from repairdesk.domain.record import NamedTuple
from repairdesk.domain.times import fold

LONGEST = 40
"""Characters of a code (``rules.units.code``)."""
_MARK = 6


@dataclass(frozen=True, slots=True)
class Words:
    """What tells an item from others, in the order in which it is called upon."""

    name: str
    class_: str | None
    note: str | None
    unit: str

    def told_apart(self, level: int) -> tuple[str, ...]:
        """What stands beside the name at a level: nothing, the class, then also the note, then also the unit."""
        return tuple(filter(None, (self.class_, self.note, self.unit)[:level]))


_LEVELS = range(4)


class Named(NamedTuple):
    """The code of an item, and the name that a clerk can tell apart on a bill.

    ``counted``: nothing but its place in the file tells it from another one.
    """

    code: str
    name: str
    counted: bool = False


def code_of(*words: str) -> str:
    """The code that words make, empty where they hold no letter and no digit.

    What is too long for a code keeps its beginning, and a mark of the whole: the code of one item must not depend on
    whether another one begins alike.
    """
    whole = fold("-".join(words))
    code = _trimmed(re.sub(r"(?:[^\w.-]|-)+", "-", whole))
    if len(code) <= LONGEST:
        return code
    mark = sha256(whole.encode()).hexdigest()[:_MARK]
    return f"{_trimmed(code[: LONGEST - _MARK - 1])}-{mark}"


def _trimmed(code: str) -> str:
    return code.strip("-_.")


def assign(items: Sequence[Words], taken: Collection[str] = ()) -> list[Named]:
    """A code and a name for each item; ``taken`` are codes that none may have.

    A name that stands once is its own code; where it repeats, class and name, then with the note, then with the unit.
    Only where all of these are alike does the order of the items decide, by a count.
    """
    given: dict[int, Named] = {}
    used = set(taken)
    for level in _LEVELS:
        codes = {i: _code(items[i], level) for i in range(len(items)) if i not in given}
        often = Counter(codes.values())
        free = {i: code for i, code in codes.items() if often[code] == 1 and code not in used}
        given |= {i: Named(code, _name(items[i], level)) for i, code in free.items()}
        used |= set(free.values())
    for i in range(len(items)):
        if i not in given:
            given[i] = _counted(items[i], used)
            used.add(given[i].code)
    return [given[i] for i in range(len(items))]


def _code(item: Words, level: int) -> str:
    class_, *others = (item.class_ or "", *item.told_apart(level)[bool(item.class_) :])
    before = (class_,) if class_ and level else ()
    return code_of(*before, item.name, *others)


def _name(item: Words, level: int, *more: str) -> str:
    beside = (*item.told_apart(level), *more)
    return f"{item.name}（{'，'.join(beside)}）" if beside else item.name


def _counted(item: Words, used: Collection[str]) -> Named:
    level = _LEVELS[-1]
    base, count = _code(item, level), 1
    code = base
    while code in used:
        count += 1
        end = f"-{count}"
        code = _trimmed(base[: LONGEST - len(end)]) + end
    return Named(code, _name(item, level, *([str(count)] if count > 1 else [])), counted=True)


def keep(given: Sequence[Named], items: Sequence[Words], kept: Mapping[int, str], taken: Collection[str]) -> list[str]:
    """The codes when some items keep those that they had: ``kept`` by the place of the item.

    A new item whose code is one of these is told apart further, as where names repeat.
    """
    used = {*taken, *kept.values()}
    codes = dict(kept)
    for i in range(len(items)):
        if i not in codes and given[i].code not in used:
            codes[i] = given[i].code
            used.add(given[i].code)
    for i in range(len(items)):
        if i not in codes:
            own = (_code(items[i], level) for level in _LEVELS)
            codes[i] = next((code for code in own if code not in used), None) or _counted(items[i], used).code
            used.add(codes[i])
    return [codes[i] for i in range(len(items))]
