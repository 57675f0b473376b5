"""Expressions for places that could hold the desk up are refused when the policies are read, and others are not."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from repairdesk.domain.intake import canonical_place
from repairdesk.domain.spelling import LONGEST
from repairdesk.rules import patterns, units
from repairdesk.rules.hydrate import build_policies
from repairdesk.rules.load import parse_policies
from repairdesk.rules.preset import preset_text
from repairdesk.rules.problems import Mistake

pytestmark = pytest.mark.rule("INT-4")

HOSTILE = [
    "(a+)+b", "(a|a)*b", "(a|b|ab)*c", "(.*)*", "(a?)*b", "([0-9]+)*栋", "(?i)(x+x+)+y", r"(\s*\d+\s*)+室",
    ".*.*.*.*.*.*栋", "a?" * 30 + "a" * 30, "(?:a?){30}b", "(?:ab?|a)" * 40, "(a{1,60}){1,60}", "(?:[一-龥]+.?)+号",
    r"(?>a+)+b", r"(?:\w\w?)*栋",
]  # fmt: skip
FINE = [
    "(.+)栋(.+)单元(.+)", "(.*)-(.*)-(.*)", r"([A-Z0-9]+)-(\d+)(?:-(\d+))?", r"(?:\d+-)*\d+", ".*",
    r"\s*第?\s*([0-9]{1,3})\s*(?:栋|幢|号楼)\s*([0-9]{1,4})\s*室?\s*", "(?i)([a-z]+)([0-9]+)", "^东门$", "()", "",
    "(?:3|[0-9])*", "(?s:.{0,100})", "[^-]+-[^-]+-[^-]+-[^-]+", r"(\w|\d)+栋", "a{5000}",
]  # fmt: skip


@pytest.mark.parametrize("expression", HOSTILE)
def test_an_expression_that_could_take_for_ever_is_refused(expression: str) -> None:
    with pytest.raises(Mistake, match="for ever"):
        units.pattern(expression)


@pytest.mark.parametrize("expression", FINE)
def test_an_expression_that_an_office_would_write_is_taken(expression: str) -> None:
    assert patterns.steps(expression, LONGEST) <= patterns.STEPS


@pytest.mark.parametrize(
    ("expression", "what"), [("(?=a)a", "(?="), ("(?!a)b", "(?!"), (r"(a)\1", r"\1"), ("(?a:a)", "(?a")]
)
def test_what_cannot_be_counted_is_named(expression: str, what: str) -> None:
    with pytest.raises(Mistake) as refusal:
        units.pattern(expression)
    assert refusal.value.values == {"what": what}


@pytest.mark.parametrize("expression", ["(", "[z-a]", "(?P<1>x)", "*"])
def test_what_is_no_expression_is_said_to_be_none(expression: str) -> None:
    with pytest.raises(Mistake, match="is not a regular expression"):
        units.pattern(expression)


def test_nothing_longer_than_any_place_is_held_against_a_pattern() -> None:
    policies = build_policies(parse_policies(preset_text("standard")[0], "policies.yaml"))
    fits = "3栋2单元501"
    assert canonical_place(f"{'0' * (LONGEST - len(fits))}{fits}", policies) == "3-2-501"
    longer = f"{'0' * (LONGEST + 1 - len(fits))}{fits}"
    assert canonical_place(longer, policies) == longer


def tried(items: Any, text: str, at: int, seen: list[int]) -> Iterator[int]:
    """Every way to read the items from a place of the text on, as a matcher that goes back tries them one by one."""
    if not items:
        yield at
        return
    (op, value), rest = items[0], items[1:]
    for end in one(str(op), value, text, at, seen):
        yield from tried(rest, text, end, seen)


def one(op: str, value: Any, text: str, at: int, seen: list[int]) -> Iterator[int]:
    if op == "SUBPATTERN":
        yield from tried(list(value[3]), text, at, seen)
    elif op == "BRANCH":
        for inner in value[1]:
            yield from tried(list(inner), text, at, seen)
    elif op.endswith("REPEAT"):
        least, most, inner = value
        yield from again(int(least), int(most), list(inner), text, at, seen)
    elif at < len(text):
        codes = [what for _, what in value] if op == "IN" else [value]
        if op == "ANY" or ord(text[at]) in codes:
            seen[0] += 1
            yield at + 1


def again(least: int, most: int, inner: Any, text: str, at: int, seen: list[int]) -> Iterator[int]:
    if most:
        for end in tried(inner, text, at, seen):
            yield from again(max(least - 1, 0), most - 1, inner, text, end, seen)
    if not least:
        yield at


def joined(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.lists(inner, min_size=1, max_size=3).map("".join),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: f"(?:{'|'.join(parts)})"),
        st.tuples(inner, st.sampled_from(["*", "+", "?", "{2}", "{0,2}", "{1,3}", "*?", "??"])).map(
            lambda it: f"({it[0]}){it[1]}"
        ),
    )


@given(st.recursive(st.sampled_from(["a", "b", "[ab]", "."]), joined, max_leaves=7))
@example("a*a*a*")
@example("(?:a|aa)*")
@example("(?:(a)?){2}")
def test_no_text_takes_more_steps_than_were_counted(expression: str) -> None:
    length = 6
    try:
        most = patterns.steps(expression, length)
    except patterns.Endless:
        return
    tree = list(import_module("re._parser").parse(expression))
    for size in range(length + 1):
        for text in map("".join, itertools.product("ab", repeat=size)):
            seen = [0]
            for _ in tried(tree, text, 0, seen):
                pass
            assert seen[0] <= most, (expression, text)
