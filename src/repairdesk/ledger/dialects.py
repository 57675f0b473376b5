"""What the databases say in different words, declared once: each is spelled when a statement is compiled.

A document is JSON as text in a column, whatever the database has beside that; a path leads into it by names, and by
numbers where there is a list.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from sqlalchemy import Boolean, Integer, Text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql import ColumnElement
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.type_api import TypeEngine

SQLITE, POSTGRESQL = "sqlite", "postgresql"
Path = Sequence[str | int]


class _Word(FunctionElement[Any]):
    """Something that is spelled below."""

    inherit_cache = False  # What a word says beside its arguments is no part of a key; each is compiled once.
    path: Path = ()


class _InDocument(_Word):
    """A value in a document."""

    name = "in_document"


class _Each(_Word):
    """The values of a list or an object in a document, a row each."""

    name = "each"
    named = False


class _HowMany(_Word):
    """The length of a list."""

    name = "how_many"
    type = Integer()


class _Place(_Word):
    """Where a text stands in another, from 1; 0: nowhere."""

    name = "place_of"
    type = Integer()


class _Epoch(_Word):
    """The seconds of a time since 1970."""

    name = "epoch"
    type = Integer()


class _Half(_Word):
    """The half of a whole number, cut off to a whole one."""

    name = "half"
    type = Integer()


class _Extreme(_Word):
    """The greater or the lesser of two."""

    name = "extreme"
    greater = True


class _AtMost(_Word):
    """How many rows at most."""

    name = "at_most"
    type = Integer()


class _Apart(_Word):
    """A column that is not to be looked for by an index."""

    name = "apart"


def in_document(document: ColumnElement[Any], *path: str | int, as_: type[TypeEngine[Any]] = Text) -> Any:
    """A value in a document: a text, a whole number (``Integer``), or a yes or no as 1 or 0 (``Boolean``).

    None where there is nothing, or null.
    """
    word = _InDocument(document)
    word.path, word.type = path, as_()
    return word


def each(document: ColumnElement[Any], *path: str | int, name: str | None = None, keys: bool = False) -> Any:
    """The values of a list in a document as rows of ``value``, those of an object with their ``key`` before them."""
    word = _Each(document)
    word.path, word.named = path, keys
    return word.table_valued(*(("key", "value") if keys else ("value",)), name=name)


def how_many(values: ColumnElement[Any]) -> ColumnElement[int]:
    """The length of a list that ``each`` found."""
    return cast(ColumnElement[int], _HowMany(values))


def holds(text: ColumnElement[Any], part: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether a text holds another, letter for letter."""
    return cast(ColumnElement[int], _Place(text, part)) > 0


def epoch(moment: ColumnElement[Any]) -> ColumnElement[int]:
    """The whole seconds since 1970 of a time as ``iso_utc`` writes it."""
    return cast(ColumnElement[int], _Epoch(moment))


def half(number: ColumnElement[Any]) -> ColumnElement[int]:
    """The half of a whole number, or of a sum of them, cut off to a whole one."""
    return cast(ColumnElement[int], _Half(number))


def greater(one: ColumnElement[Any], other: ColumnElement[Any]) -> Any:
    """The greater of two; neither of them may be null, of which the databases think differently."""
    word = _Extreme(one, other)
    word.type = one.type
    return word


def lesser(one: ColumnElement[Any], other: ColumnElement[Any]) -> Any:
    """The lesser of two; neither may be null."""
    word = greater(one, other)
    word.greater = False
    return word


def at_most(number: ColumnElement[Any]) -> Any:
    """So many rows at most; of -1: all of them."""
    return _AtMost(number)


def apart(column: ColumnElement[Any]) -> Any:
    """The column, kept from an index: a planner that has no statistics would go through all rows by it."""
    word = _Apart(column)
    word.type = column.type
    return word


# --- how each is spelled


def _arguments(element: _Word, compiler: SQLCompiler, **options: Any) -> list[str]:
    return [compiler.process(clause, **options) for clause in element.clauses]


def _dotted(path: Path) -> str:
    return "'$" + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path) + "'"


def _within(document: str, how: str, path: Path) -> str:
    return f"(({document})::jsonb {how} '{{{','.join(map(str, path))}}}')" if path else f"({document})::jsonb"


def _text_of(element: _Word, document: str) -> str:
    text = _within(document, "#>>", element.path)
    if isinstance(element.type, Boolean):
        return f"{text}::boolean::integer"
    return f"{text}::integer" if isinstance(element.type, Integer) else text


def _values_of(element: _Each, document: str) -> str:
    # A list that is given by itself is one of texts, and compared with texts.
    listed = "jsonb_array_elements" if element.path else "jsonb_array_elements_text"
    return f"{'jsonb_each' if element.named else listed}({_within(document, '#>', element.path)})"


_SPELLED: Mapping[str, Mapping[type[_Word], Callable[..., str]]] = {
    SQLITE: {
        _InDocument: lambda element, document: f"json_extract({document}, {_dotted(element.path)})",
        _Each: lambda element, document: f"json_each({document}{f', {_dotted(element.path)}' if element.path else ''})",
        _HowMany: lambda _, values: f"json_array_length({values})",
        _Place: lambda _, text, part: f"instr({text}, {part})",
        _Epoch: lambda _, moment: f"CAST(strftime('%s', {moment}) AS INTEGER)",
        _Half: lambda _, number: f"({number}) / 2",
        _Extreme: lambda element, one, other: f"{'max' if element.greater else 'min'}({one}, {other})",
        _AtMost: lambda _, number: number,
        _Apart: lambda _, column: f"+{column}",
    },
    POSTGRESQL: {
        _InDocument: _text_of,
        _Each: _values_of,
        _HowMany: lambda _, values: f"jsonb_array_length({values})",
        _Place: lambda _, text, part: f"strpos({text}, {part})",
        _Epoch: lambda _, moment: f"extract(epoch FROM ({moment})::timestamptz)::bigint",
        # A sum of large numbers is one with decimals there, and so would its half be.
        _Half: lambda _, number: f"div({number}, 2)",
        _Extreme: lambda element, one, other: f"{'greatest' if element.greater else 'least'}({one}, {other})",
        _AtMost: lambda _, number: f"nullif({number}, -1)",
        _Apart: lambda _, column: column,
    },
}


def _spell(word: type[_Word], dialect: str, spelled: Callable[..., str]) -> None:
    @compiles(word, dialect)
    def said(element: _Word, compiler: SQLCompiler, **options: Any) -> str:
        return spelled(element, *_arguments(element, compiler, **options))


for _dialect, _words in _SPELLED.items():
    for _word, _spelled in _words.items():
        _spell(_word, _dialect, _spelled)
