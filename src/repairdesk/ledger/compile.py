"""Write the declared tables and statements down as plain SQL: ``python -m repairdesk.ledger.compile [--check]``.

A command executes the text and never imports the libraries that made it, which would cost it most of its start. There
is one module for each database; both have the same names.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.schema import CreateIndex, CreateTable
from sqlalchemy.sql import ClauseElement

from repairdesk.ledger import finding_statements, postgres_triggers, report_statements, schema, statements

HERE = Path(__file__).parent
_HEAD = '''\
"""The tables and statements of the ledger for {name}. Generated from what ledger/ declares: `make sql`."""

from __future__ import annotations
'''


class Target(NamedTuple):
    """A database, and the module that is made for it."""

    name: str
    module: str
    dialect: Dialect
    parameter: str
    """How a parameter stands in the text; ``{}`` is its name."""
    triggers: Sequence[str]
    own: Mapping[str, ClauseElement] = {}
    """Statements that this one alone has, or says in its own way."""
    text: str = "TEXT"
    """The type of a text whose order is that of its bytes, as the program's is."""


# psycopg itself is not needed for it.
_POSTGRESQL: Callable[..., Dialect] = make_url("postgresql+psycopg://").get_dialect()
SQLITE = Target(
    "SQLite", "sqlite_sql.py", sqlite.dialect(paramstyle="named"), ":{}",
    (*schema.TRIGGERS, *schema.TALLYING, schema.FINDING), finding_statements.SQLITE,
)  # fmt: skip
POSTGRES = Target("PostgreSQL", "postgres_sql.py", _POSTGRESQL(paramstyle="pyformat"), "%({})s", postgres_triggers.ALL,
                  {**finding_statements.POSTGRES, **statements.TAKING, **statements.AT_ONCE},
                  'TEXT COLLATE "C"')  # fmt: skip
TARGETS = (SQLITE, POSTGRES)


class Written:
    """What is declared, written down for one database."""

    def __init__(self, target: Target) -> None:
        self.target = target

    def text(self, statement: ClauseElement) -> str:
        """One line of SQL with named parameters.

        Values that the declaration fixes are written in: a partial index serves a condition only if it says the very
        number that the index was declared with, never a parameter.
        """
        compiled = statement.compile(dialect=self.target.dialect)
        text = " ".join(str(compiled).split())
        for name, value in (compiled.params or {}).items():
            if value is not None:
                # With the type that the database was to be told of it, which what stands there says by itself.
                stands = re.escape(self.target.parameter.format(name))
                text = re.sub(rf"{stands}(::[A-Z]+)?(?!\w)", repr(value).replace("\\", r"\\"), text)
        return text

    def ddl(self) -> list[str]:
        """What makes an empty ledger, in turn."""
        out = []
        for table in statements.TABLES:
            out.append(re.sub(r"\bTEXT\b", self.target.text, self.text(CreateTable(table))))
            indexes = sorted(table.indexes, key=lambda index: str(index.name))
            out += [self.text(CreateIndex(index)) for index in indexes]
        return [*out, *self.target.triggers]

    def module(self) -> str:
        """The text of the generated module."""
        ends = {
            "PARAMETER": self.target.parameter, "LIMIT": f"LIMIT {self.text(statements.LIMIT)}",
            "NEWEST_FIRST": ", ".join(map(self.text, statements.NEWEST_FIRST)),
            "NEWEST_SORTED": ", ".join(map(self.text, statements.NEWEST_SORTED)),
        }  # fmt: skip
        named = {**statements.STATEMENTS, **self.target.own}
        lines = [_HEAD.format(name=self.target.name), "SCHEMA = (", *(f"    {_quoted(text)}," for text in self.ddl())]
        lines += [")", "", *(f"{name} = {_quoted(self.text(one))}" for name, one in named.items())]
        lines += ["", "FILTERS = {", *self._entries(statements.FILTERS, "    "), "}", ""]
        lines += [*(f"{name} = {_quoted(text)}" for name, text in ends.items()), ""]
        lines += ["REPORTS = {", *self._entries(report_statements.REPORTS, "    "), "}", "", "BEHIND = {"]
        for report, figures in report_statements.BEHIND.items():
            lines += [f'    "{report}": {{', *self._entries(figures, "        "), "    },"]
        return "\n".join([*lines, "}", ""])

    def _entries(self, of: Mapping[str, ClauseElement], indent: str) -> list[str]:
        return [f'{indent}"{name}": {_quoted(self.text(statement))},' for name, statement in of.items()]


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def main(arguments: list[str]) -> int:
    """Write the modules; with ``--check`` only say which of them is stale (1)."""
    stale = 0
    for target in TARGETS:
        path, text = HERE / target.module, Written(target).module()
        if "--check" not in arguments:
            path.write_text(text, encoding="utf-8")
        elif not path.exists() or path.read_text(encoding="utf-8") != text:
            print(f"{path.name} is stale: make sql", file=sys.stderr)
            stale = 1
    return stale


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
