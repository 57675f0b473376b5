"""YAML read as text with marks: every value stays the text that was typed, and knows where it stands.

Nothing is guessed from a value's looks (``no``, ``010`` and ``8:30`` stay text). What YAML offers beyond plain
mappings, lists and text is refused, because a reader of the file could not see what holds: a key given twice, anchors
and aliases, tags, keys that are not text.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from repairdesk.errors import N_, Sentence
from repairdesk.rules.problems import Path, Problem, refusal, spell

MAX_BYTES = 1_000_000
MAX_DEPTH = 20
_EXPLAINED = 200_000
"""Characters: five times what any preset has."""


@dataclass(frozen=True, slots=True)
class Node:
    """A piece of the file: characters ``start`` to ``end``, beginning at ``line`` and ``column`` (from 1)."""

    start: int
    end: int
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Scalar(Node):
    """A text; ``plain`` when it was written without quotes."""

    text: str
    plain: bool

    @property
    def is_null(self) -> bool:
        """Whether it stands for nothing (only the differences of a preset give that a meaning)."""
        return self.plain and self.text in ("", "~", "null")


@dataclass(frozen=True, slots=True)
class Items(Node):
    """A list; ``flow`` when it was written in brackets."""

    items: tuple[Node, ...]
    flow: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """A key and its value."""

    key: Scalar
    value: Node


@dataclass(frozen=True, slots=True)
class Table(Node):
    """A mapping; ``flow`` when it was written in braces."""

    entries: dict[str, Entry]
    flow: bool


def plain_data(node: Node) -> Any:
    """The dicts, lists and texts under ``node``, without marks."""
    if isinstance(node, Table):
        return {name: plain_data(entry.value) for name, entry in node.entries.items()}
    if isinstance(node, Items):
        return [plain_data(item) for item in node.items]
    assert isinstance(node, Scalar)
    return node.text


def known(root: Node, path: Path) -> Path:
    """``path`` without the steps that the file does not have."""
    node, steps = root, []
    for step in path:
        inner = _step(node, step)
        if inner is not None:
            node = inner[1]
            steps.append(step)
    return tuple(steps)


def find(root: Node, path: Path, *, key: bool = False) -> Node:
    """The value at ``path``, as far down as the file goes; with ``key``, and of a block of lines, its key."""
    node = place = root
    for step in path:
        inner = _step(node, step)
        if inner is None:
            break
        place, node = inner
    block = isinstance(node, (Table, Items)) and not node.flow
    return place if key or block else node


def _step(node: Node, step: str | int) -> tuple[Node, Node] | None:
    """The key and the value under ``node``; an item of a list is its own key."""
    if isinstance(node, Table) and step in node.entries:
        entry = node.entries[str(step)]
        return entry.key, entry.value
    if isinstance(node, Items) and isinstance(step, int) and step < len(node.items):
        return node.items[step], node.items[step]
    return None


def compose(text: str, file: str) -> tuple[Table, list[Problem]]:
    """The mapping that ``text`` holds, and what is wrong with it as YAML but does not stop the reading.

    Raises:
        BadRules: too large, nested too deeply, empty, not YAML, or not a mapping.
    """
    if len(text) > MAX_BYTES:
        raise refusal([_problem(file, 1, 1, N_("the file is larger than {limit} bytes"), limit=MAX_BYTES)])
    # A byte order mark in the middle is nothing to libyaml, and a mistake to PyYAML.
    composer = _Composer(text, file, yaml.BaseLoader if "\ufeff" in text else _FAST)
    try:
        try:
            root = composer.document()
        except (yaml.YAMLError, ValueError, OverflowError) as error:
            if len(text) > _EXPLAINED and isinstance(error, yaml.MarkedYAMLError):
                raise
            # libyaml is ten times as fast and says the same of what is right; what is wrong PyYAML explains itself,
            # unless it takes half a minute for that.
            composer = _Composer(text, file, yaml.BaseLoader)
            root = composer.document()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        raise refusal([_problem(file, line, column, N_("is not YAML: {what}"), what=error.problem or "")]) from None
    except yaml.reader.ReaderError as error:
        line, column = place_of(text, error.position)
        what = N_("the character U+{code} may not stand in YAML")
        raise refusal([_problem(file, line, column, what, code=f"{ord(text[error.position]):04X}")]) from None
    except (ValueError, OverflowError) as error:  # the scanner lets chr() fail on an escape such as "\UFFFFFFFF"
        if isinstance(error, _Refused):
            raise refusal([error.problem]) from None
        line, column = composer.position()
        raise refusal([_problem(file, line, column, N_("is not YAML: {what}"), what=str(error))]) from None
    return root, composer.problems


def place_of(text: str, index: int) -> tuple[int, int]:
    """Line and column, from 1, of the character at ``index``."""
    return text.count("\n", 0, index) + 1, index - text.rfind("\n", 0, index)


def _problem(file: str, line: int, column: int, template: str, /, path: Path = (), **values: Any) -> Problem:
    return Problem(file, line, column, spell(path), Sentence(template, values))


class _Refused(ValueError):
    """The reading stops here."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


_FAST: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
"""With libyaml where PyYAML was built with it."""


class _Composer:
    """Builds nodes out of PyYAML's events; the events, unlike its nodes, still show anchors, aliases and tags."""

    def __init__(self, text: str, file: str, loader: Any) -> None:
        self.text = text
        self.file = file
        self.problems: list[Problem] = []
        self._last: yaml.Event | None = None
        self._depth = 0
        self._events: Iterator[yaml.Event] = iter(yaml.parse(text, Loader=loader))

    def position(self) -> tuple[int, int]:
        """Where the last whole event ended."""
        return place_of(self.text, _end(self._last)) if self._last else (1, 1)

    def document(self) -> Table:
        self._next()
        if isinstance(self._next(), yaml.StreamEndEvent):
            raise _Refused(_problem(self.file, 1, 1, N_("the file is empty")))
        root = self._node(self._next(), ())
        self._next()
        after = self._next()
        if not isinstance(after, yaml.StreamEndEvent):
            raise _Refused(self._at(after, N_("a second document begins here; a file holds one"), ()))
        if not isinstance(root, Table):
            what = N_("the file is empty") if isinstance(root, Scalar) and root.is_null else _NO_MAPPING
            raise _Refused(_problem(self.file, root.line, root.column, what))
        return root

    def _next(self) -> yaml.Event:
        self._last = next(self._events)
        return self._last

    def _at(self, event: yaml.Event, template: str, path: Path, **values: Any) -> Problem:
        _, line, column = _start(event)
        return _problem(self.file, line, column, template, path=path, **values)

    def _node(self, event: yaml.Event, path: Path) -> Node:
        # Counted apart from the path, which does not grow where a key is itself a mapping.
        self._depth += 1
        if self._depth > MAX_DEPTH + 1:
            raise _Refused(self._at(event, N_("is nested deeper than {limit} levels"), path, limit=MAX_DEPTH))
        node = self._read(event, path)
        self._depth -= 1
        return node

    def _read(self, event: yaml.Event, path: Path) -> Node:
        if isinstance(event, yaml.AliasEvent):
            self.problems.append(self._at(event, N_("aliases (*name) are not taken: write the value out"), path))
        elif getattr(event, "anchor", None) is not None:
            self.problems.append(self._at(event, N_("anchors (&name) are not taken: write each value out"), path))
        elif getattr(event, "tag", None) is not None:
            self.problems.append(self._at(event, N_("tags (!name) are not taken: every value is text"), path))
        if isinstance(event, yaml.MappingStartEvent):
            return self._table(event, path)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._items(event, path)
        return self._scalar(event)

    def _scalar(self, event: yaml.Event) -> Scalar:
        start, line, column = _start(event)
        # A block text (| or >) ends for PyYAML where the next line begins.
        end = start + len(self.text[start : _end(event)].rstrip())
        text = event.value if isinstance(event, yaml.ScalarEvent) else ""
        return Scalar(start, end, line, column, text, not getattr(event, "style", None))

    def _items(self, event: yaml.SequenceStartEvent, path: Path) -> Items:
        items: list[Node] = []
        while not isinstance(inner := self._next(), yaml.SequenceEndEvent):
            items.append(self._node(inner, (*path, len(items))))
        # A block list or mapping ends for PyYAML after the comments that follow it.
        end = _end(inner) if event.flow_style or not items else items[-1].end
        start, line, column = _start(event)
        return Items(start, end, line, column, tuple(items), bool(event.flow_style))

    def _table(self, event: yaml.MappingStartEvent, path: Path) -> Table:
        entries: dict[str, Entry] = {}
        start, line, column = _start(event)
        end = start
        while not isinstance(inner := self._next(), yaml.MappingEndEvent):
            key = self._node(inner, path)
            name = key.text if isinstance(key, Scalar) else ""
            value = self._node(self._next(), (*path, name))
            end = value.end
            if not isinstance(key, Scalar):
                self.problems.append(self._at(inner, N_("a key is text, not a list or a mapping"), path))
            elif name in entries:
                first = entries[name].key.line
                what = N_("is given twice: it stands already in line {first}")
                self.problems.append(self._at(inner, what, (*path, name), first=first))
            else:
                entries[name] = Entry(key, value)
        if event.flow_style:
            end = _end(inner)
        return Table(start, end, line, column, entries, bool(event.flow_style))


def _start(event: yaml.Event) -> tuple[int, int, int]:
    mark = event.start_mark
    assert mark is not None
    return mark.index, mark.line + 1, mark.column + 1


def _end(event: yaml.Event) -> int:
    assert event.end_mark is not None
    return event.end_mark.index


_NO_MAPPING = N_("the file is a mapping of keys and values, such as “version: 2026-11”")
