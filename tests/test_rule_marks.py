"""Every rule that a test claims to show is one that the rulebook has."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
# How many rules each chapter of the rulebook has.
CHAPTERS = {
    "REC": 6,
    "INT": 8,
    "QUO": 6,
    "ASG": 5,
    "VIS": 10,
    "FEE": 10,
    "FIN": 7,
    "COO": 6,
    "CAL": 8,
    "SLA": 6,
    "RET": 3,
    "RPT": 7,
}
RULES = {f"{chapter}-{n}" for chapter, last in CHAPTERS.items() for n in range(1, last + 1)}


def wrong_marks(source: str) -> Iterator[tuple[int, str]]:
    """Line and text of every argument of ``pytest.mark.rule`` that is written out and is not the id of a rule."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.rule":
            if not node.args:
                yield node.lineno, "no id"
            for argument in node.args:
                if isinstance(argument, ast.Constant) and argument.value not in RULES:
                    yield argument.lineno, ast.unparse(argument)


def test_every_rule_a_test_names_is_in_the_rulebook() -> None:
    wrong = [
        f"{path.relative_to(TESTS)}:{line}: {text}"
        for path in sorted(TESTS.rglob("*.py"))
        for line, text in wrong_marks(path.read_text(encoding="utf-8"))
    ]
    assert not wrong, "\n".join(wrong)


def test_every_rule_of_a_case_read_from_a_table_is_in_the_rulebook(request: pytest.FixtureRequest) -> None:
    marks = [(item.nodeid, mark.args) for item in request.session.items for mark in item.iter_markers("rule")]
    assert not [f"{test}: {ids}" for test, ids in marks if not (ids and RULES.issuperset(ids))]


def test_a_mark_that_names_no_rule_is_found() -> None:
    source = """
@pytest.mark.rule("FEE-3")
@pytest.mark.rule("FEE-11")
@pytest.mark.rule("fee-3", "REC-6")
@pytest.mark.rule(case["rule"])
@pytest.mark.rule()
def test_nothing(): ...
"""
    assert sorted(wrong_marks(source)) == [(3, "'FEE-11'"), (4, "'fee-3'"), (6, "no id")]
