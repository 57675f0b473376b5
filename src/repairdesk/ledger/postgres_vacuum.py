"""The tables of a site made anew: a plain VACUUM lets what was purged stand in files until something is put over it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from repairdesk.errors import N_, NotPermitted

if TYPE_CHECKING:
    from repairdesk.ledger.postgres import Connection

_STAYS = ("entries",)
"""What no purge touches: it is large, and holds nothing that was told."""
_TABLES = (
    "SELECT c.oid::regclass::text, c.relname::text, pg_has_role(c.relowner, 'USAGE') FROM pg_class c JOIN "
    "pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = current_schema() AND c.relkind = 'r' ORDER BY 1"
)
_OWNS_DATABASE = "SELECT pg_has_role(datdba, 'USAGE') FROM pg_database WHERE datname = current_database()"


def vacuum(opened: Connection, lock: tuple[int, int], wait_seconds: float) -> None:
    """Make each of them anew, with what the planner goes by, while nobody writes; readers are waited for.

    Raises:
        NotPermitted: the caller does not own the tables, and the server would do nothing but warn.
    """
    tables = opened.execute(_TABLES).fetchall()
    if not all(owned for _, _, owned in tables):
        raise NotPermitted(N_("only who owns the ledger can make its tables anew"))
    opened.do(f"SET lock_timeout TO {max(round(wait_seconds * 1000), 1)}")
    # Of the session: no VACUUM is part of a transaction. It ends with the connection at the latest.
    opened.execute("SELECT pg_advisory_lock(%s, %s)", lock)
    try:
        for table, name, _ in tables:
            opened.do(f"VACUUM ({'' if name in _STAYS else 'FULL, '}ANALYZE) {table}")
        # Samples of what stood in the tables: ANALYZE just made them anew, and left the old ones in the file.
        if opened.execute(_OWNS_DATABASE).fetchone()[0]:
            opened.do("VACUUM (FULL) pg_catalog.pg_statistic")
    finally:
        opened.execute("SELECT pg_advisory_unlock(%s, %s)", lock)
