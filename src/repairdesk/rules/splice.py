"""Differences written into a YAML text, so that what they do not touch keeps its comments and its layout.

The result holds the same data as ``overlay`` of the two: mappings are merged key by key, anything else replaces what
was there, ``key: null`` takes the key out. A replaced line takes the comment of the difference with it: a number never
stands beside the source of another.
"""

from __future__ import annotations

import json
import re
from typing import Any

from repairdesk.rules.marks import Entry, Node, Scalar, Table, compose, plain_data

_PLAIN = re.compile(r"[^\W\d_][\w.-]*(?: [\w.-]+)*|[0-9]+[smhd]")
_RESERVED = frozenset(["null", "true", "false", "yes", "no", "on", "off", "y", "n"])
Edit = tuple[int, int, str]
"""What stands from one character to before another gives way to a text."""


def overlay(base: Any, differences: Table) -> Any:
    """The data of ``base`` with the differences laid over it: what ``splice`` does to the text."""
    out = dict(base) if isinstance(base, dict) else {}
    for name, entry in differences.entries.items():
        value = entry.value
        if isinstance(value, Scalar) and value.is_null:
            out.pop(name, None)
        elif isinstance(value, Table):
            out[name] = overlay(out.get(name), value)
        else:
            out[name] = plain_data(value)
    return out


def splice(base: str, differences: str) -> str:
    """``base`` with ``differences`` written into it; their header comment comes to stand before the one of ``base``.

    Raises:
        BadRules: one of the two cannot be read as strict YAML.
    """
    base = base if base.endswith("\n") else base + "\n"
    base_root, problems = compose(base, "base")
    diff_root, more = compose(differences, "differences")
    assert not problems, problems
    assert not more, more
    if base_root.flow:
        return _header(differences) + _flow(overlay(plain_data(base_root), diff_root)) + "\n"
    splicer = _Splicer(base, differences)
    splicer.table(base_root, diff_root)
    for start, end, text in sorted(splicer.edits, key=lambda edit: edit[0], reverse=True):
        base = base[:start] + text + base[end:]
    return _header(differences) + base


def _header(text: str) -> str:
    """The comment lines at the top of a file up to and with the blank line that ends them."""
    found = re.match(r"(?:#[^\n]*\n)+\n+", text)
    return found[0] if found else ""


class _Splicer:
    def __init__(self, base: str, diff: str) -> None:
        self.base = base
        self.diff = diff
        self.edits: list[Edit] = []

    def table(self, mine: Table, theirs: Table) -> None:
        """Edits for a block mapping: changed and removed entries where they stand, new ones after its last."""
        added = []
        for name, entry in theirs.entries.items():
            old = mine.entries.get(name)
            if old is None:
                if not _is_null(entry.value):
                    added.append(self._entry(entry, theirs, _indent(mine)))
            elif _is_null(entry.value):
                self._remove(old)
            elif isinstance(entry.value, Table) and isinstance(old.value, Table):
                self._merge(old, old.value, entry, entry.value, theirs)
            else:
                self._replace(old, self._entry(entry, theirs, _indent(mine)))
        if added:
            end = _line_end(self.base, mine.end)
            pad = " " * _indent(mine)
            self.edits.insert(0, (end, end, "".join(f"\n{pad}{text}" for text in added)))

    def _merge(self, old: Entry, mine: Table, new: Entry, theirs: Table, around: Table) -> None:
        merged = overlay(plain_data(mine), theirs)
        if merged and not mine.flow:
            comment = self._comment_above(new, around, " " * (old.key.column - 1))
            if comment:
                self.edits.append((old.key.start, old.key.start, comment))
            self.table(mine, theirs)
            return
        remark = self._remark(new, around) or self.base[old.value.end : _line_end(self.base, old.value.end)]
        self._replace(old, f"{_flow(old.key.text)}: {_flow(merged)}{remark}")

    def _replace(self, old: Entry, text: str) -> None:
        self.edits.append((old.key.start, _line_end(self.base, old.value.end), text))

    def _remove(self, old: Entry) -> None:
        start = _line_start(self.base, old.key.start)
        # The comment lines right above a key speak of it.
        while (above := _line_above(self.base, start)) is not None:
            start = above
        self.edits.append((start, _line_end(self.base, old.value.end) + 1, ""))

    def _entry(self, entry: Entry, around: Table, indent: int) -> str:
        """An entry of the differences, with its comments, as it is written at ``indent``."""
        if around.flow or _holds_null(entry.value):
            # Braces have no lines of their own; and what is taken out of nothing is not written.
            value = overlay(None, entry.value) if isinstance(entry.value, Table) else plain_data(entry.value)
            return f"{_flow(entry.key.text)}: {_flow(value)}{self._remark(entry, around)}"
        first, *rest = self.diff[entry.key.start : _line_end(self.diff, entry.value.end)].split("\n")
        shift = indent - (entry.key.column - 1)
        text = "\n".join([first.rstrip(), *(_shifted(line, shift) for line in rest)])
        return self._comment_above(entry, around, " " * indent) + text

    def _comment_above(self, entry: Entry, around: Table, pad: str) -> str:
        """The comment lines right above an entry of the differences; the first without its indent."""
        if around.flow:
            return ""
        start = end = _line_start(self.diff, entry.key.start)
        while (above := _line_above(self.diff, start)) is not None:
            start = above
        return "".join(f"{line.strip()}\n{pad}" for line in self.diff[start:end].splitlines())

    def _remark(self, entry: Entry, around: Table) -> str:
        """The comment that ends the line of an entry, with the blanks before it."""
        return "" if around.flow else self.diff[entry.value.end : _line_end(self.diff, entry.value.end)].rstrip()


def _is_null(node: Node) -> bool:
    return isinstance(node, Scalar) and node.is_null


def _holds_null(node: Node) -> bool:
    if isinstance(node, Table):
        return any(_is_null(entry.value) or _holds_null(entry.value) for entry in node.entries.values())
    return False


def _indent(table: Table) -> int:
    return next(iter(table.entries.values())).key.column - 1 if table.entries else table.column - 1


def _shifted(line: str, shift: int) -> str:
    """A line moved to the right, or to the left as far as there are blanks."""
    if not line.strip():
        return line
    blanks = len(line) - len(line.lstrip(" "))
    return " " * max(0, blanks + shift) + line[blanks:]


def _line_end(text: str, index: int) -> int:
    end = text.find("\n", index)
    return len(text) if end < 0 else end


def _line_start(text: str, index: int) -> int:
    return text.rfind("\n", 0, index) + 1


def _line_above(text: str, start: int) -> int | None:
    """Where the line above begins, if it holds nothing but a comment."""
    if start == 0:
        return None
    above = _line_start(text, start - 1)
    return above if text[above:start].lstrip().startswith("#") else None


def _flow(data: Any) -> str:
    """Data on one line, in braces and brackets."""
    if isinstance(data, dict):
        return "{" + ", ".join(f"{_flow(key)}: {_flow(value)}" for key, value in data.items()) + "}"
    if isinstance(data, list):
        return "[" + ", ".join(map(_flow, data)) + "]"
    plain = _PLAIN.fullmatch(data) and data.lower() not in _RESERVED
    return data if plain else json.dumps(data, ensure_ascii=False)
