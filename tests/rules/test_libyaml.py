"""A rules file says the same with libyaml, where PyYAML has it, and without: each value, its place, each mistake."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from repairdesk.errors import BadRules
from repairdesk.rules import marks

ROOT = Path(__file__).resolve().parents[2]
FILES = [
    *(ROOT / name for name in ("policies.yaml", "fees.yaml", "calendar.yaml")),
    *(ROOT / "src/repairdesk/rules/presets").glob("*.yaml"),
]
PIECES = (
    *(
        "a: 1\n",
        "b:\n  - x\n  - {c: é}\n",
        "# 说明\n",
        "'q': \"\\u4e2d\"\n",
        "t: |\n  one\n  two\n",
        "n:\n",
        "a: &x 1\n",
    ),
    *("  bad\n", "[", "}", "\t", "k: *x\n", "价: 免费\n", "---\n", "!tag y: 2\n", '"open', "\ufeff", "z: >-\n  u\n"),
)


def composed(text: str, loader: Any) -> object:
    """What ``compose`` makes of a text with this loader: the tree and its problems, or the refusal."""
    before, marks._FAST = marks._FAST, loader
    try:
        root, problems = marks.compose(text, "policies.yaml")
        return root, problems
    except BadRules as refusal:
        return refusal.extra["problems"]
    finally:
        marks._FAST = before


pytestmark = pytest.mark.skipif(not hasattr(yaml, "CBaseLoader"), reason="this PyYAML was built without libyaml")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_file_of_ours_reads_the_same_with_either(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert composed(text, yaml.CBaseLoader) == composed(text, yaml.BaseLoader)


@given(st.lists(st.sampled_from(PIECES), max_size=8).map("".join))
def test_whatever_is_put_together_reads_the_same_or_is_refused_with_the_same_words(text: str) -> None:
    assert composed(text, yaml.CBaseLoader) == composed(text, yaml.BaseLoader)
