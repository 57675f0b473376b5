"""How the files of one office are read, kept in the desk under a name: ``mappings/NAME.yaml``."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from functools import partial
from pathlib import Path
from typing import Any

from repairdesk.batch import characters, dates, headers, taking, whole
from repairdesk.batch.fields import Fields
from repairdesk.desk.base import MAPPINGS as FOLDER
from repairdesk.errors import N_, NotAllowed, NotFound, Sentence, StorageError, UsageError
from repairdesk.rules import load, marks
from repairdesk.rules.problems import Problem, refusal, spell

_NAME = re.compile(r"\w[\w.-]{0,63}")


@dataclass(frozen=True, slots=True)
class Way:
    """A way to read a file; what is None is found out, or was not said.

    Attributes:
        kind: of rows that do not say theirs.
        dates: the order of day, month and year where it is ambiguous.
        encoding: of a text.
        sheet: of a workbook.
        header: the row that has the names of the columns.
        columns: field by column; an empty one leaves the column out.
        values: the desk's words for those of the office, by field.
        what: the kind of file, a name of ``taking.KNOWN``; None for reports.
    """

    kind: str | None = None
    dates: str | None = None
    encoding: str | None = None
    sheet: str | None = None
    header: int | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    what: str | None = None

    def over(self, other: Way) -> Way:
        """This way, and the other one's where this one says nothing: of a column, and of a field."""
        both = {one.name: getattr(self, one.name) or getattr(other, one.name) for one in fields(self)}
        named = {**other.values, **self.values}
        columns = {headers.folded(column) for column in self.columns}
        taken = {field for field in self.columns.values() if field}
        kept = {column: field for column, field in other.columns.items()
                if headers.folded(column) not in columns and field not in taken}  # fmt: skip
        both["columns"] = {**self.columns, **kept}
        both["values"] = {name: {**other.values.get(name, {}), **self.values.get(name, {})} for name in named}
        return Way(**both)


def path(desk: Path, name: str) -> Path:
    """Where the way of that name is kept.

    Raises:
        UsageError: it is no name for a file.
    """
    if not _NAME.fullmatch(name):
        raise UsageError(N_("“{name}” is no name for a mapping: letters, digits, hyphens and dots"), name=name)
    return desk / FOLDER / f"{name}.yaml"


def names(desk: Path) -> list[str]:
    """The names under which there are ways."""
    return sorted(one.stem for one in (desk / FOLDER).glob("*.yaml"))


def read(desk: Path, name: str, what: str | None = None) -> Way:
    """The way of that name.

    Args:
        what: the kind of file that is read, where the way does not say its own.

    Raises:
        UsageError: it is no name for a file. NotFound: there is none; says which there are.
        BadRules: it cannot be used: each mistake with its line.
    """
    file = path(desk, name)
    if not file.is_file():
        raise NotFound(N_("there is no mapping “{name}”; there are: {known}"), name=name, known=names(desk))
    shown = f"{FOLDER}/{file.name}"
    root, problems = marks.compose(load.text_of(file), shown)
    problems = [*problems, *_problems(root, shown)] or [*_strange(root, shown, what or "reports")]
    if problems:
        raise refusal(problems)
    said = marks.plain_data(root)
    header = said.pop("header", None)
    return Way(**said, header=int(header) if header else None)


def _problems(root: marks.Table, file: str) -> Iterator[Problem]:
    known = [one.name for one in fields(Way)]
    for key, entry in root.entries.items():
        if key not in known:
            yield _problem(file, entry.key, (key,), N_("is not known here; there are: {known}"), known=", ".join(known))
        elif key == "columns":
            yield from _texts(entry.value, file, (key,))
        elif key == "values":
            yield from _tables(entry.value, file, (key,))
        elif not isinstance(entry.value, marks.Scalar) or not entry.value.text.strip():
            yield _problem(file, entry.value, (key,), N_("is a text"))
        elif key == "header" and not re.fullmatch(r"[1-9][0-9]{0,6}", entry.value.text):
            yield _problem(file, entry.value, (key,), N_("is the number of a row"))


def _strange(root: marks.Table, file: str, what: str) -> Iterator[Problem]:
    """What has its form and says nothing that is known here; ``what`` is the kind of file where the way says none."""
    said = {key: entry.value for key, entry in root.entries.items()}
    own = said.get("what")
    if isinstance(own, marks.Scalar):
        if own.text not in taking.KNOWN:
            yield _problem(file, own, ("what",), _CHOOSE, value=own.text, known=", ".join(taking.KNOWN))
            return
        what = own.text
    known = taking.what(what).fields
    for key, check in (("kind", partial(_check_kind, known)), ("dates", _check_dates), ("encoding", characters.known)):
        if isinstance(node := said.get(key), marks.Scalar):
            yield from _refused(file, node, (key,), partial(check, node.text))
    if isinstance(columns := said.get("columns"), marks.Table):
        seen: dict[str, str] = {}
        for column, entry in columns.entries.items():
            assert isinstance(entry.value, marks.Scalar)
            yield from _refused(file, entry.value, ("columns", column), partial(known.named, entry.value.text))
            if seen.setdefault(headers.folded(column), column) != column:
                first = seen[headers.folded(column)]
                yield _problem(file, entry.key, ("columns", column), N_("is the column “{first}” again"), first=first)
    if isinstance(values := said.get("values"), marks.Table):
        for name, entry in values.entries.items():
            assert isinstance(entry.value, marks.Table)
            if name not in known.names:
                choices = ", ".join(known.names)
                yield _problem(file, entry.key, ("values", name), _CHOOSE, value=name, known=choices)
                continue
            for word, code in entry.value.entries.items():
                assert isinstance(code.value, marks.Scalar)
                check = partial(known.check_word, name, code.value.text)
                yield from _refused(file, code.value, ("values", name, word), check)


_CHOOSE = N_("“{value}” is not known; choose: {known}")


def _refused(file: str, node: marks.Node, at: tuple[str, ...], check: Callable[[], object]) -> Iterator[Problem]:
    try:
        check()
    except UsageError as refusal:
        said = {name: ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else value
                for name, value in refusal.values.items()}  # fmt: skip
        yield _problem(file, node, at, refusal.message, **said)


def _check_kind(known: Fields, text: str) -> None:
    known.choice("kind", text) if "kind" in known.names else known.named("kind")


def _check_dates(text: str) -> None:
    if text not in dates.ORDERS:
        raise UsageError(_CHOOSE, value=text, known=dates.ORDERS)


def _texts(node: marks.Node, file: str, at: tuple[str, ...]) -> Iterator[Problem]:
    if not isinstance(node, marks.Table):
        yield _problem(file, node, at, N_("is a mapping of keys and values"))
        return
    for key, entry in node.entries.items():
        if not isinstance(entry.value, marks.Scalar):
            yield _problem(file, entry.value, (*at, key), N_("is a text"))


def _tables(node: marks.Node, file: str, at: tuple[str, ...]) -> Iterator[Problem]:
    if not isinstance(node, marks.Table):
        yield _problem(file, node, at, N_("is a mapping of keys and values"))
        return
    for key, entry in node.entries.items():
        yield from _texts(entry.value, file, (*at, key))


def _problem(file: str, node: marks.Node, at: tuple[str, ...], template: str, **values: Any) -> Problem:
    return Problem(file, node.line, node.column, spell(at), Sentence(template, values))


def check_free(desk: Path, name: str, way: Way, *, known: str | None) -> None:
    """Whether the way can be kept under this name.

    Args:
        known: the name of the way that the file was read by; that one may be replaced.

    Raises:
        UsageError: it is no name for a file. NotAllowed: another one has it already.
    """
    if path(desk, name).exists() and name != known and _text(way) != load.text_of(path(desk, name)):
        message = N_("there is a mapping “{name}” already: say --mapping {name} as well to replace it")
        raise NotAllowed(message, name=name)


def save(desk: Path, name: str, way: Way) -> None:
    """Keep a way under a name, whole or not at all; one that had it is replaced.

    Raises:
        StorageError: it cannot be written.
    """
    file = path(desk, name)
    try:
        file.parent.mkdir(mode=0o2770, exist_ok=True)
        with whole.writing(file) as out:
            out.half.write_text(_text(way), encoding="utf-8", newline="\n")
            out.place()
    except OSError as error:
        raise StorageError(N_("{file} cannot be written: {why}"), file=str(file), why=error.strerror or "") from None


def _text(way: Way) -> str:
    lines = ["# How a file is read: repairdesk import FILE --mapping NAME"]
    plain = ("what", "kind", "dates", "encoding", "sheet")
    lines += [f"{name}: {_quoted(getattr(way, name))}" for name in plain if getattr(way, name)]
    if way.header:
        lines.append(f"header: {way.header}")
    lines.append("columns:" if way.columns else "columns: {}")
    lines += [f"  {_quoted(column)}: {_quoted(one)}" for column, one in way.columns.items()]
    if way.values:
        lines.append("values:")
        for name, words in way.values.items():
            lines += [f"  {name}:", *(f"    {_quoted(word)}: {_quoted(code)}" for word, code in words.items())]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    # A text of JSON is one of YAML; what cannot be printed YAML takes only escaped.
    return json.dumps(text, ensure_ascii=not text.isprintable())
