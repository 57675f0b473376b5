"""Write the declared tables and statements down as plain SQL: ``python -m repairdesk.ledger.compile [--check]``.

A command executes the text and never imports the libraries that made it, which would cost it most of its start.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from pathlib import Path

from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateIndex, CreateTable
from sqlalchemy.sql import ClauseElement

from repairdesk.ledger import report_statements, schema, statements

TARGET = Path(__file__).with_name("sqlite_sql.py")
_HEAD = '''\
"""The tables and statements of the ledger for SQLite. Generated from what ledger/ declares: `make sql`."""

from __future__ import annotations
'''


def _text(statement: ClauseElement) -> str:
    """One line of SQL with ``:named`` parameters.

    Values that the declaration fixes are written in: a partial index serves a condition only if it says the very
    number that the index was declared with, never a parameter.
    """
    compiled = statement.compile(dialect=sqlite.dialect(paramstyle="named"))
    text = " ".join(str(compiled).split())
    for name, value in (compiled.params or {}).items():
        if value is not None:
            text = re.sub(rf":{name}\b", repr(value), text)
    return text


def _ddl() -> list[str]:
    out = []
    for table in statements.TABLES:
        out.append(_text(CreateTable(table)))
        out += [_text(CreateIndex(index)) for index in sorted(table.indexes, key=lambda index: str(index.name))]
    return [*out, *schema.TRIGGERS, *schema.TALLYING]


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def compiled() -> str:
    """The text of the generated module."""
    lines = [_HEAD, "SCHEMA = (", *(f"    {_quoted(text)}," for text in _ddl()), ")", ""]
    lines += [f"{name} = {_quoted(_text(statement))}" for name, statement in statements.STATEMENTS.items()]
    lines += ["", "FILTERS = {"]
    lines += [f'    "{name}": {_quoted(_text(condition))},' for name, condition in statements.FILTERS.items()]
    lines += ["}", "", f"NEWEST_FIRST = {_quoted(', '.join(_text(column) for column in statements.NEWEST_FIRST))}", ""]
    lines += ["REPORTS = {", *_entries(report_statements.REPORTS, "    "), "}", "", "BEHIND = {"]
    for report, figures in report_statements.BEHIND.items():
        lines += [f'    "{report}": {{', *_entries(figures, "        "), "    },"]
    return "\n".join([*lines, "}", ""])


def _entries(of: Mapping[str, ClauseElement], indent: str) -> list[str]:
    return [f'{indent}"{name}": {_quoted(_text(statement))},' for name, statement in of.items()]


def main(arguments: list[str]) -> int:
    """Write the module; with ``--check`` only say whether it is stale (1)."""
    text = compiled()
    if "--check" in arguments:
        fresh = TARGET.exists() and TARGET.read_text(encoding="utf-8") == text
        if not fresh:
            print(f"{TARGET.name} is stale: make sql", file=sys.stderr)
        return 0 if fresh else 1
    TARGET.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
