"""How long a regular expression of the policies takes at worst: what could hold a desk up is refused when it is read.

Python's matcher tries one way after another to read a text, and of some expressions there are more ways than anybody
can wait for: ``(a+)+b``. Here these ways are counted beforehand, for the worst text of a length, so that no clock has
to watch over each match. An expression becomes its places (each eats one character) and how many ways lead from one to
the next; a set of places and a letter lead to another set, and for each set the most ways that any text has to it are
kept. The count is never too small; it is a little too large where several texts lead to one set by different ways.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from importlib import import_module
from typing import Any

from repairdesk.domain.record import NamedTuple

STEPS = 1_000_000
"""So many for one text, and no more: some hundredths of a second."""
_PLACES = 400
_WORK = 100_000
"""So much is counted and no more: a tenth of a second."""
Ways = Mapping[int, int]
Eats = Callable[["_Letter"], bool]


class Endless(Exception):
    """It can take too long, or nobody can say how long."""


class Untold(Exception):
    """It has something in it that is not counted here; the argument names it."""


class _Letter(NamedTuple):
    """A character, or all those between two that an expression names which are alike: by one of them."""

    code: int
    digit: bool
    space: bool
    word: bool


class _Piece(NamedTuple):
    """A part of an expression: how often it reads nothing, and the ways into it and out of it by its places."""

    nothing: int
    into: Ways
    out_of: Ways


_NOTHING = _Piece(1, {}, {})


@lru_cache(maxsize=64)
def steps(expression: str, longest: int) -> int:
    """How many steps the matcher may take at worst to fit ``expression`` to a whole text of up to ``longest``.

    Raises:
        Endless: more than ``STEPS``. Untold: what it has in it is not counted. re.error: it is no expression.
    """
    tree = import_module("re._parser").parse(expression)
    places = _Places(longest, bool(tree.state.flags & re.IGNORECASE))
    whole = places.sequence(tree)
    return _counted(places, whole, longest)


class _Places:
    """The places of an expression, and how many ways lead from each to each."""

    def __init__(self, longest: int, blind: bool) -> None:
        self._longest, self._blind = longest, blind
        self.eats: list[Eats] = []
        self.then: list[dict[int, int]] = []
        self.named: set[int] = set()
        """Characters and ends of ranges that the expression names."""

    def sequence(self, items: Iterable[tuple[Any, Any]]) -> _Piece:
        made = _NOTHING
        for op, value in items:
            made = self._joined(made, self._one(str(op), value))
        return made

    def _one(self, op: str, value: Any) -> _Piece:
        if op in ("LITERAL", "NOT_LITERAL", "ANY", "IN"):
            return self._place(self._eater(op, value))
        if op == "SUBPATTERN":
            _, added, taken, inner = value
            if (added | taken) & ~(re.IGNORECASE | re.DOTALL | re.MULTILINE | re.VERBOSE):
                raise Untold("(?a")
            # Whoever is blind to case reads more letters: counted so everywhere, the count can only be too large.
            self._blind = self._blind or bool(added & re.IGNORECASE)
            return self.sequence(inner)
        if op == "ATOMIC_GROUP":
            return self.sequence(value)
        if op == "BRANCH":
            return self._either([self.sequence(inner) for inner in value[1]])
        if op in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
            return self._repeated(*value)
        if op == "AT":
            return _NOTHING
        raise Untold({"ASSERT": "(?=", "ASSERT_NOT": "(?!", "GROUPREF": "\\1"}.get(op, op))

    def _place(self, eats: Eats) -> _Piece:
        if len(self.eats) >= _PLACES:
            raise Endless
        self.eats.append(eats)
        self.then.append(defaultdict(int))
        at = len(self.eats) - 1
        return _Piece(0, {at: 1}, {at: 1})

    def _joined(self, one: _Piece, other: _Piece) -> _Piece:
        self._lead(one.out_of, other.into)
        return _Piece(
            one.nothing * other.nothing,
            _sum(one.into, other.into, one.nothing),
            _sum(other.out_of, one.out_of, other.nothing),
        )

    def _lead(self, out_of: Ways, into: Ways) -> None:
        for before, ways in out_of.items():
            for after, more in into.items():
                self.then[before][after] += ways * more

    def _either(self, pieces: Sequence[_Piece]) -> _Piece:
        into: Ways = {}
        out_of: Ways = {}
        for piece in pieces:
            into, out_of = _sum(into, piece.into, 1), _sum(out_of, piece.out_of, 1)
        return _Piece(sum(piece.nothing for piece in pieces), into, out_of)

    def _repeated(self, least: int, most: int, inner: Any) -> _Piece:
        made, first = _NOTHING, self.sequence(inner)
        if not first.into or not most:
            return _NOTHING
        least, most = min(int(least), self._longest + 1), int(most)
        if most > self._longest:  # without end, as far as a text of that length goes
            if first.nothing:
                raise Endless  # a repeat of what may be nothing: as often as one likes
            for _ in range(least - 1):
                made, first = self._joined(made, first), self.sequence(inner)
            self._lead(first.out_of, first.into)
            return self._joined(made, first if least else first._replace(nothing=1))
        copies = [first, *(self.sequence(inner) for _ in range(most - 1))]
        for copy in reversed(copies[least:]):
            made = self._joined(copy, made)
            made = made._replace(nothing=made.nothing + 1)
        for copy in reversed(copies[:least]):
            made = self._joined(copy, made)
        return made

    def _eater(self, op: str, value: Any) -> Eats:
        if op == "ANY":
            return lambda letter: True
        items = [(str(kind), what) for kind, what in value] if op == "IN" else [("LITERAL", value)]
        refuses = op == "NOT_LITERAL" or items[0][0] == "NEGATE"
        kept = [(kind, what) for kind, what in items if kind != "NEGATE"]
        for kind, what in kept:
            if kind in ("LITERAL", "RANGE"):
                self.named.update((what, what) if kind == "LITERAL" else what)
        blind = self._blind

        def eats(letter: _Letter) -> bool:
            return any(
                any(_is(one, *item) for item in kept) != refuses for one in (_cases(letter) if blind else (letter,))
            )

        return eats

    def letters(self) -> list[frozenset[int]]:
        """The places that each letter is eaten by: letters that the same places eat are one."""
        groups = {frozenset(at for at, eats in enumerate(self.eats) if eats(letter)) for letter in self._letters()}
        return [group for group in groups if group]

    def _letters(self) -> Iterable[_Letter]:
        codes = {*range(128), *(code + more for code in self.named for more in (-1, 0, 1))}
        known = sorted(code for code in codes if 0 <= code < 0x110000)
        for code in known:
            yield _letter(code)
        for low, high in zip(known, [*known[1:], 0x110000], strict=True):
            if high - low > 1:
                # None of these is named; what kinds there are among so many is not asked for one by one.
                for kind in ((True, False, True), (False, True, False), (False, False, True), (False, False, False)):
                    yield _Letter(low + 1, *kind)


def _sum(one: Ways, other: Ways, times: int) -> Ways:
    made = dict(one)
    for at, ways in other.items() if times else ():
        made[at] = made.get(at, 0) + ways * times
    return made


def _letter(code: int) -> _Letter:
    char = chr(code)
    return _Letter(code, char.isdecimal(), char.isspace(), char.isalnum() or char == "_")


def _cases(letter: _Letter) -> list[_Letter]:
    char = chr(letter.code)
    return [letter, *(_letter(ord(one)) for one in (char.lower(), char.upper(), char.swapcase()) if len(one) == 1)]


def _is(letter: _Letter, kind: str, what: Any) -> bool:
    if kind == "LITERAL":
        return bool(letter.code == what)
    if kind == "RANGE":
        return bool(what[0] <= letter.code <= what[1])
    name = str(what).removeprefix("CATEGORY_").removeprefix("UNI_")
    is_one = {"DIGIT": letter.digit, "SPACE": letter.space, "WORD": letter.word}[name.removeprefix("NOT_")]
    return is_one != name.startswith("NOT_")


def _counted(places: _Places, whole: _Piece, longest: int) -> int:
    """The steps of the worst text, a letter at a time.

    Raises:
        Endless: there are more than ``STEPS``, or counting them takes too long itself.
    """
    letters = places.letters()
    each = [1 + sum(then.values()) + whole.out_of.get(at, 0) for at, then in enumerate(places.then)]
    total = whole.nothing + sum(whole.into.values())
    reached, work, now = _eaten(whole.into, letters, {}), 0, 0
    for read in range(longest):
        now = max((sum(ways * each[at] for at, ways in one.items()) for one in reached.values()), default=0)
        total += now
        onward: dict[frozenset[int], Ways] = {}
        for one in reached.values():
            ways = _led(places, one)
            work += len(ways) * len(letters)
            if total > STEPS or work > _WORK:
                raise Endless
            _eaten(ways, letters, onward)
        if onward == reached:  # from here on each letter costs the same
            total += now * (longest - read - 1)
            break
        reached = onward
    if total > STEPS:
        raise Endless
    return total


def _led(places: _Places, one: Ways) -> Ways:
    """The ways to every place that can be next."""
    made: dict[int, int] = defaultdict(int)
    for at, ways in one.items():
        for after, more in places.then[at].items():
            made[after] += ways * more
    return made


def _eaten(
    ways: Ways, letters: Iterable[frozenset[int]], found: dict[frozenset[int], Ways]
) -> dict[frozenset[int], Ways]:
    """Where each letter leads to; of two texts that lead to the same places the ways of both at most."""
    for letter in letters:
        met = {at: count for at, count in ways.items() if at in letter}
        key = frozenset(met)
        before = found.get(key, {})
        if met:
            found[key] = {at: max(count, before.get(at, 0)) for at, count in met.items()}
    return found
