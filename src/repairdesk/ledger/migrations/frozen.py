"""The tables as each version had them, kept in `tables/`: a step of the past must not change with today's schema.

Each file has one statement in each line, in the order in which an empty ledger is made.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from alembic import op
from sqlalchemy import text

TABLES = Path(__file__).parent / "tables"


def file(dialect: str, version: int) -> Path:
    """Where the tables of a version are kept."""
    return TABLES / f"{dialect}_{version}.sql"


def statements(dialect: str, version: int) -> list[str]:
    """What made an empty ledger of that version."""
    return file(dialect, version).read_text(encoding="utf-8").splitlines()


def of(tables: Iterable[str], found: Iterable[str]) -> list[str]:
    """Those of some tables: the tables, their indexes, their triggers."""
    names = "|".join(tables)
    mine = re.compile(rf"CREATE (?:VIRTUAL )?TABLE (?:{names})\b|CREATE (?:UNIQUE )?INDEX \w+ ON (?:{names})\b"
                      rf"|CREATE TRIGGER \w+ (?:BEFORE|AFTER) [^;]*? ON (?:{names})\b")  # fmt: skip
    return [statement for statement in found if mine.match(statement)]


def execute(found: Iterable[str]) -> None:
    """Run statements as they stand there."""
    for statement in found:
        # Else a colon would begin the name of a parameter.
        op.execute(text(statement.replace(":", r"\:")))
