"""A preset's differences are written into the text of the standard file, which keeps its comments and layout."""

from __future__ import annotations

import difflib
from typing import Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from repairdesk.rules.splice import splice

BASE = """\
# The head of the file.

# what the clocks are
clocks:
  # how soon
  arrive:
    within: 10m   # the handbook
    owner: assignee
  resolve:
    within:
      emergency: 2h
      regular: 48h
# who may
may: {close: [leader], pay: [finance]}  # the table
list:
- a
- b

# the end
"""


def texts(data: str) -> Any:
    return yaml.load(data, Loader=yaml.BaseLoader)


def merged(base: Any, diff: Any) -> Any:
    """The deep merge of plain data: mappings by key, None takes out, anything else replaces."""
    if not isinstance(diff, dict):
        return diff
    out = dict(base) if isinstance(base, dict) else {}
    for key, value in diff.items():
        if value is None:
            out.pop(key, None)
        else:
            out[key] = merged(out.get(key), value)
    return out


@pytest.mark.parametrize(
    ("diff", "gone", "come"),
    [
        pytest.param("clocks: {arrive: {within: 15m}}", ["    within: 10m   # the handbook\n"], ["    within: 15m\n"],
                     id="a value is replaced, and its source goes with it"),
        pytest.param("clocks:\n  arrive:\n      within: 15m  # LJ 二\n", ["    within: 10m   # the handbook\n"],
                     ["    within: 15m  # LJ 二\n"], id="the difference brings its own comment"),
        pytest.param("clocks:\n    # once a week\n    log:\n        within: 7d\n        meets:\n        - log\n", [],
                     ["  # once a week\n", "  log:\n", "      within: 7d\n", "      meets:\n", "      - log\n"],
                     id="a new key comes after the last of its mapping, with its comment, moved to its indent"),
        pytest.param("clocks:\n  resolve:\n    within: 3h\n",
                     ["    within:\n", "      emergency: 2h\n", "      regular: 48h\n"], ["    within: 3h\n"],
                     id="a mapping gives way to a value"),
        pytest.param("clocks:\n  arrive:\n    within:\n      low: 1h\n", ["    within: 10m   # the handbook\n"],
                     ["    within:\n", "      low: 1h\n"], id="a value gives way to a mapping"),
        pytest.param("clocks: {arrive: null}",
                     ["  # how soon\n", "  arrive:\n", "    within: 10m   # the handbook\n", "    owner: assignee\n"],
                     [], id="null takes a key out, with the comment above it"),
        pytest.param("may: {pay: null, log: [tracker]}",
                     ["may: {close: [leader], pay: [finance]}  # the table\n"],
                     ["may: {close: [leader], log: [tracker]}  # the table\n"],
                     id="a mapping in braces stays in braces"),
        pytest.param("may:\n  pay: [manager]  # CR\n", ["may: {close: [leader], pay: [finance]}  # the table\n"],
                     ["may: {close: [leader], pay: [manager]}  # CR\n"], id="braces stay on one line"),
        pytest.param("list: [c]", ["list:\n", "- a\n", "- b\n"], ["list: [c]\n"], id="a list is replaced as a whole"),
        pytest.param("clocks: {resolve: {within: {emergency: null, regular: null}}}",
                     ["    within:\n", "      emergency: 2h\n", "      regular: 48h\n"], ["    within: {}\n"],
                     id="a mapping from which all is taken is empty"),
        pytest.param("may: null\nnew: 1\n",
                     ["# who may\n", "may: {close: [leader], pay: [finance]}  # the table\n"], ["new: 1\n"],
                     id="one goes, another comes"),
    ],
)  # fmt: skip
def test_only_the_lines_of_the_difference_change(diff: str, gone: list[str], come: list[str]) -> None:
    result = splice(BASE, diff)
    changes = list(difflib.ndiff(BASE.splitlines(keepends=True), result.splitlines(keepends=True)))
    assert [line[2:] for line in changes if line.startswith("- ")] == gone
    assert [line[2:] for line in changes if line.startswith("+ ")] == come


def test_the_head_of_the_differences_comes_to_stand_before_the_head_of_the_file() -> None:
    result = splice(BASE, "# The preset x.\n# More.\n\n# about the clocks\nclocks: {arrive: {owner: clerk}}\n")
    assert result.startswith("# The preset x.\n# More.\n\n# The head of the file.\n")


def test_a_file_without_a_last_line_end_is_spliced_too() -> None:
    assert texts(splice("a: 1\nb: 2", "b: null\nc: 3")) == {"a": "1", "c": "3"}
    assert texts(splice("a: 1", "b: |\n  x\n  y\n")) == {"a": "1", "b": "x\ny\n"}


keys = st.sampled_from(["a", "b", "c", "d e", "1", "null", "a: b", "é"])
values = st.sampled_from(["x", "1.50", "no", "15m", "", "null", "two words", "# none", "17:00", "[", "中 文", "a\nb"])
leaves = values | st.lists(values, max_size=2)
trees = st.dictionaries(
    keys, st.recursive(leaves, lambda inner: st.dictionaries(keys, inner, max_size=3), max_leaves=6), min_size=1,
    max_size=4,
)  # fmt: skip
differences = st.dictionaries(
    keys,
    st.recursive(leaves | st.none(), lambda inner: st.dictionaries(keys, inner, max_size=3), max_leaves=6),
    min_size=1,
    max_size=4,
)


def written(data: Any, style: bool | None, indent: int) -> str:
    text: str = yaml.safe_dump(data, default_flow_style=style, indent=indent, allow_unicode=True, sort_keys=False)
    return text if text.startswith("{") else "".join(f"{line}\n" for line in text.splitlines())


styles = st.sampled_from([False, None, True])


@given(trees, differences, styles, styles, st.sampled_from([2, 4]))
@example({"a": "x", "b": {"c": "x"}}, {"a": None, "b": {"c": None, "d e": "1.50"}}, False, False, 4)
def test_the_text_after_splicing_holds_the_deep_merge_of_the_data(
    base: dict[str, Any], diff: dict[str, Any], base_style: bool | None, diff_style: bool | None, indent: int
) -> None:
    result = splice(written(base, base_style, 2), written(diff, diff_style, indent))
    assert (texts(result) or {}) == merged(base, diff)
