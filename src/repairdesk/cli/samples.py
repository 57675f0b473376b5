"""How a file is read: what the options say of it, and its first rows as they were understood."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from repairdesk.errors import N_, UsageError

if TYPE_CHECKING:
    from repairdesk.batch.sampling import Sample
    from repairdesk.cli.common import Call

_SEPARATORS = {",": N_("comma"), "\t": N_("tab"), ";": N_("semicolon")}


def columns(texts: Sequence[str]) -> dict[str, str]:
    """Field by column of ``COLUMN=FIELD``; the last equals sign parts, and nothing behind it leaves the column out.

    Raises:
        UsageError: one has no such form, or two speak of one column.
    """
    found: dict[str, str] = {}
    for text in texts:
        column, equals, field = (part.strip() for part in text.rpartition("="))
        if not equals or not column:
            raise UsageError(N_("“{text}” is not {shape}"), text=text, shape="COLUMN=FIELD")
        if column in found:
            raise UsageError(N_("{column} is mapped twice"), column=column)
        found[column] = field
    return found


def words(texts: Sequence[str]) -> dict[str, dict[str, str]]:
    """The desk's words for those of an office, by field, of ``FIELD:WORD=CODE``.

    Raises:
        UsageError: one has no such form.
    """
    found: dict[str, dict[str, str]] = {}
    for text in texts:
        said, equals, code = (part.strip() for part in text.rpartition("="))
        field, colon, word = (part.strip() for part in said.partition(":"))
        if not (equals and colon and field and word and code):
            raise UsageError(N_("“{text}” is not {shape}"), text=text, shape="FIELD:WORD=CODE")
        found.setdefault(field, {})[word] = code
    return found


def shown(call: Call, file: Path, *, dry_run: bool) -> Callable[[Sample], None] | None:
    """What shows a person the first rows, on stderr: on a terminal, and when nothing is written; else None."""
    if call.json_ or not (dry_run or sys.stderr.isatty()):
        return None
    return lambda sample: _show(sample, file.name)


def _show(sample: Sample, name: str) -> None:
    from repairdesk.cli import render

    source, doc = sample.source, sample.doc(render.say)
    if source.sheet is not None:
        message, said = N_("{file}, sheet “{sheet}”: columns in row {row}"), {"sheet": source.sheet}
    else:
        separator = render.word(_SEPARATORS[source.separator or ","])
        message = N_("{file}: {encoding}, separator {separator}, columns in row {row}")
        said = {"encoding": (source.encoding or "").upper(), "separator": separator}
    render.note(render.say(message, {"file": name, "row": sample.header, **said}))
    columns = (column if column == field else f"{column} → {_label(field, sample.what)}"
               for column, field in sample.columns)  # fmt: skip
    render.note("  " + "  ".join(columns))
    for one in doc["rows"]:
        fields = "  ".join(_field(key, value, sample.what) for key, value in one["fields"].items())
        render.note(render.say(N_("  row {row}: {fields}"), {"row": one["row"], "fields": fields}))
        if one["why"]:
            render.note(f"    {one['why']}")


def _label(name: str, what: str) -> str:
    """What a field is called: the name of a person is another word than that of a service."""
    from repairdesk.cli import render

    return render.word(name, what if what in ("staff", "callbacks") else "")


def _field(name: str, value: Any, what: str) -> str:
    from repairdesk.cli import render

    if isinstance(value, dict):
        value = f"{render.moment(value['start'])}–{render.moment(value['end'])[11:]}"
    elif (name in ("at", "next") or name.endswith("_at")) and str(value)[10:11] == "T":  # not what could not be read
        value = render.moment(value)
    return render.pair(_label(name, what), " ".join(str(value).split()))
