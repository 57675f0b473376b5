"""Whether the file of a ledger is as it was made: its tables, indexes and triggers, and SQLite's own structures."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import Any

from repairdesk.errors import N_, Sentence
from repairdesk.ledger import sqlite_sql as sql


def amiss(db: sqlite3.Connection) -> Iterator[Sentence]:
    """What is not as it was made."""
    with closing(sqlite3.connect(":memory:")) as fresh:
        for statement in sql.SCHEMA:
            fresh.execute(statement)
        yield from compared(_objects(fresh), _objects(db))
    for (said,) in db.execute("PRAGMA integrity_check"):
        if said != "ok":
            yield Sentence(N_("the file is torn: {said}"), {"said": said})


def compared(wanted: dict[tuple[str, str], Any], found: dict[tuple[str, str], Any]) -> Iterator[Sentence]:
    """How the objects of a database differ from those that were made, each by its kind and name."""
    for kind, name in sorted(wanted.keys() | found.keys()):
        if (kind, name) not in found:
            yield Sentence(N_("the {kind} {name} is missing"), {"kind": kind, "name": name})
        elif (kind, name) not in wanted:
            yield Sentence(N_("the {kind} {name} does not belong here"), {"kind": kind, "name": name})
        elif wanted[kind, name] != found[kind, name]:
            yield Sentence(N_("the {kind} {name} is not as it was made"), {"kind": kind, "name": name})


def _objects(db: sqlite3.Connection) -> dict[tuple[str, str], Sequence[Any]]:
    found = db.execute("SELECT type, name, tbl_name, sql FROM sqlite_schema").fetchall()
    # How an index of words declares what it keeps itself in is the affair of each version of SQLite.
    own = [name for _, name, *_ in found if name.startswith("finding_")]
    return {(kind, name): rest if name not in own else [rest[0], _rules(rest[1])] for kind, name, *rest in found}


def _rules(declared: str | None) -> list[str]:
    """What a table of an index of words never declares: rules by which it would refuse, or fill in."""
    return sorted({word.upper() for word in _RULES.findall(declared or "")})


_RULES = re.compile(r"\b(?:check|constraint|default|generated|references|unique|collate)\b", re.IGNORECASE)
