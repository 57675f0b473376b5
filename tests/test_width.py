"""How lines of text are broken, in the two languages and where they meet."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repairdesk.locale.width import breaks, folded, width


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        # The label keeps what it says beside it.
        ("报修内容: 厨房水龙头漏水严重", ["报修内容: 厨房水龙头", "  漏水严重"]),
        ("fault: 厨房水龙头漏水严重呢", ["fault: 厨房水龙头漏", "  水严重呢"]),
        # No line begins with what ends something, and none ends with what begins something.
        ("一二三四五六七八九十，一二三四", ["一二三四五六七八九", "  十，一二三四"]),
        ("一二三四五六七八九（一二三四", ["一二三四五六七八九", "  （一二三四"]),
        ("一二三四五六七八九十。”一二", ["一二三四五六七八九", "  十。”一二"]),
        ("一二三四五六七八九十……一二", ["一二三四五六七八九", "  十……一二"]),
        ("一二三四五六七八九十 。一二", ["一二三四五六七八九", "  十 。一二"]),
        # Words stay whole, beside Chinese too.
        ("the quick brown fox jumps", ["the quick brown fox", "  jumps"]),
        ("the quick brown foxes jump", ["the quick brown", "  foxes jump"]),
        ("一二三四五六七 washer 一二", ["一二三四五六七", "  washer 一二"]),
        ("一二三四五六七八washer", ["一二三四五六七八", "  washer"]),
        # A blank near the end is better than a place between two characters, and one far from it is not.
        ("转协调单 12345  立协 3", ["转协调单 12345", "  立协 3"]),
        ("未遇 12  立协调单 3", ["未遇 12  立协调单 3"]),
        ("转协调单 12345 立协 三", ["转协调单 12345 立协", "  三"]),
        ("未遇  立协调单立协调单", ["未遇  立协调单立协调", "  单"]),
        # What fits into no line is torn at once.
        ("see abcdefghijklmnopqrstuvwxyz", ["see abcdefghijklmnop", "  qrstuvwxyz"]),
        ("abcdefghijklmnopqrstuvwxyz", ["abcdefghijklmnopqrst", "  uvwxyz"]),
        ("。" * 12, ["。" * 10, "  。。"]),
        # An indented text begins on its first line.
        ("    一二三四五六七八九十", ["    一二三四五六七八", "  九十"]),
        ("    abcdefghijklmnopqrstuvwxyz", ["    abcdefghijklmnop", "  qrstuvwxyz"]),
        (" " * 30 + "abc", ["  abc"]),
        ("一二三四五六七八九十   ", ["一二三四五六七八九十"]),
        ("", [""]),
        ("one\n\ntwo", ["one", "", "two"]),
    ],
)
def test_a_line_ends_where_a_compositor_would_end_it(text: str, lines: list[str]) -> None:
    assert folded(text, 20, "  ").split("\n") == lines


@given(
    st.text(alphabet="ab ，。（漏水1.😀e\u0301", max_size=80), st.integers(min_value=4, max_value=30),
    st.sampled_from(["", "  "]),
)  # fmt: skip
def test_no_line_is_wider_than_the_paper_and_nothing_is_lost(text: str, columns: int, indent: str) -> None:
    lines = folded(text, columns, indent).split("\n")
    assert all(width(line) <= columns for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())
    if text.strip() and width(text) > columns:
        assert all(line.strip() for line in lines)


def test_a_long_text_without_a_blank_takes_time_by_its_length_alone() -> None:
    assert len(folded("漏" * 200_000, 64, "  ").split("\n")) == 6_452


@given(st.text(st.sampled_from("ab c，。（）中文字 …"), max_size=60), st.integers(4, 30))
def test_parts_begin_where_the_lines_of_a_folded_text_do(text: str, columns: int) -> None:
    text = text.strip()
    ends = [0, *breaks(text, columns), len(text)]
    parts = [text[start:end].rstrip() for start, end in pairwise(ends)]
    assert parts == folded(text, columns).split("\n")
