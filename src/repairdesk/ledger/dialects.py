"""What the databases say in different words, declared once: each is spelled when a statement is compiled.

A document is JSON as text in a column, whatever the database has beside that; a path leads into it by names, and by
numbers where there is a list.
"""

from __future__ import annotations

from collections.abc import Sequence
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


class _Extreme(_Word):
    """The greater or the lesser of two."""

    name = "extreme"
    greater = True


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


def apart(column: ColumnElement[Any]) -> Any:
    """The column, kept from an index: a planner that has no statistics would go through all rows by it."""
    word = _Apart(column)
    word.type = column.type
    return word


# --- SQLite


def _arguments(element: _Word, compiler: SQLCompiler, **options: Any) -> list[str]:
    return [compiler.process(clause, **options) for clause in element.clauses]


def _dotted(path: Path) -> str:
    return "'$" + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path) + "'"


@compiles(_InDocument, SQLITE)
def _(element: _InDocument, compiler: SQLCompiler, **options: Any) -> str:
    return f"json_extract({_arguments(element, compiler, **options)[0]}, {_dotted(element.path)})"


@compiles(_Each, SQLITE)
def _(element: _Each, compiler: SQLCompiler, **options: Any) -> str:
    path = f", {_dotted(element.path)}" if element.path else ""
    return f"json_each({_arguments(element, compiler, **options)[0]}{path})"


@compiles(_HowMany, SQLITE)
def _(element: _HowMany, compiler: SQLCompiler, **options: Any) -> str:
    return f"json_array_length({_arguments(element, compiler, **options)[0]})"


@compiles(_Place, SQLITE)
def _(element: _Place, compiler: SQLCompiler, **options: Any) -> str:
    return f"instr({', '.join(_arguments(element, compiler, **options))})"


@compiles(_Epoch, SQLITE)
def _(element: _Epoch, compiler: SQLCompiler, **options: Any) -> str:
    return f"CAST(strftime('%s', {_arguments(element, compiler, **options)[0]}) AS INTEGER)"


@compiles(_Extreme, SQLITE)
def _(element: _Extreme, compiler: SQLCompiler, **options: Any) -> str:
    return f"{'max' if element.greater else 'min'}({', '.join(_arguments(element, compiler, **options))})"


@compiles(_Apart, SQLITE)
def _(element: _Apart, compiler: SQLCompiler, **options: Any) -> str:
    return f"+{_arguments(element, compiler, **options)[0]}"


# --- PostgreSQL


def _within(element: _Word, compiler: SQLCompiler, how: str, **options: Any) -> str:
    document = f"({_arguments(element, compiler, **options)[0]})::jsonb"
    return f"({document} {how} '{{{','.join(map(str, element.path))}}}')" if element.path else document


@compiles(_InDocument, POSTGRESQL)
def _(element: _InDocument, compiler: SQLCompiler, **options: Any) -> str:
    text = _within(element, compiler, "#>>", **options)
    if isinstance(element.type, Boolean):
        return f"{text}::boolean::integer"
    return f"{text}::integer" if isinstance(element.type, Integer) else text


@compiles(_Each, POSTGRESQL)
def _(element: _Each, compiler: SQLCompiler, **options: Any) -> str:
    # A list that is given by itself is one of texts, and compared with texts.
    listed = "jsonb_array_elements" if element.path else "jsonb_array_elements_text"
    return f"{'jsonb_each' if element.named else listed}({_within(element, compiler, '#>', **options)})"


@compiles(_HowMany, POSTGRESQL)
def _(element: _HowMany, compiler: SQLCompiler, **options: Any) -> str:
    return f"jsonb_array_length({_arguments(element, compiler, **options)[0]})"


@compiles(_Place, POSTGRESQL)
def _(element: _Place, compiler: SQLCompiler, **options: Any) -> str:
    return f"strpos({', '.join(_arguments(element, compiler, **options))})"


@compiles(_Epoch, POSTGRESQL)
def _(element: _Epoch, compiler: SQLCompiler, **options: Any) -> str:
    return f"extract(epoch FROM ({_arguments(element, compiler, **options)[0]})::timestamptz)::bigint"


@compiles(_Extreme, POSTGRESQL)
def _(element: _Extreme, compiler: SQLCompiler, **options: Any) -> str:
    return f"{'greatest' if element.greater else 'least'}({', '.join(_arguments(element, compiler, **options))})"


@compiles(_Apart, POSTGRESQL)
def _(element: _Apart, compiler: SQLCompiler, **options: Any) -> str:
    return _arguments(element, compiler, **options)[0]
