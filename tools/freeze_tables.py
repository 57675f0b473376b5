"""Keep the tables of this version as they are declared: `python tools/freeze_tables.py [--check]`.

They go into ledger/migrations/tables/, one file for each database; the steps of later versions begin from there. Of a
version that was released they never change again: whoever changes a table then raises the version and writes a step
(docs/decisions/0031-migrations.md).
"""

from __future__ import annotations

import sys

from repairdesk.ledger import postgres_sql, sqlite_sql, versions
from repairdesk.ledger.migrations import frozen

MADE = {"sqlite": sqlite_sql.SCHEMA, "postgresql": postgres_sql.SCHEMA}


def main(arguments: list[str]) -> int:
    """Write them; with ``--check`` only say whether they are others."""
    stale = 0
    for dialect, statements in MADE.items():
        file, text = frozen.file(dialect, versions.CURRENT), "".join(f"{one}\n" for one in statements)
        if file.exists() and file.read_text(encoding="utf-8") == text:
            continue
        if "--check" in arguments or versions.CURRENT in versions.RELEASED:
            print(f"{file.name} has other tables than those that are declared", file=sys.stderr)
            stale = 1
        else:
            file.write_text(text, encoding="utf-8")
    return stale


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
