"""The statements with which each database asks its index of words (``finding.py``, ``postgres_finding.py``)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Integer, bindparam, column, insert, literal_column, select, table, text
from sqlalchemy.sql import ClauseElement

from repairdesk.ledger.statements import orders

# A word written to the column that is called as the table is a command.
_finding = table("finding", column("finding"), column("rowid", Integer), column("pieces"))
_row: dict[str, Any] = {"rowid": bindparam("id"), "pieces": bindparam("pieces")}


def _command(name: str, **row: Any) -> ClauseElement:
    return insert(_finding).values(finding=literal_column(f"'{name}'"), **row)


SQLITE: dict[str, ClauseElement] = {
    "FIND": select(_finding.c.rowid).where(_finding.c.finding.op("MATCH")(bindparam("find"))),
    "FIND_ADD": insert(_finding).values(**_row),
    "FIND_TAKE": _command("delete", **_row),
    "FIND_MERGE": _command("optimize"),
    "FIND_CLEAR": _command("delete-all"),
    "SEARCH_OF": select(orders.c.search).where(orders.c.id == bindparam("id")),
}
POSTGRES: dict[str, ClauseElement] = {
    # What the index finds is looked at: it knows which pieces a text has, and not where.
    "FIND": text(
        "SELECT id FROM orders WHERE found_by(search) @@ (:find)::tsquery "
        "AND (SELECT bool_and(strpos(search, word) > 0) FROM unnest((:words)::text[]) AS word)"
    ),
}
