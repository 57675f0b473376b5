"""Orders are found by words, and an index calls them by an id. The first tables in PostgreSQL.

The key of ``orders`` is another, which no ALTER TABLE of SQLite can do: all that refers to it goes with it, and is
folded from the entries again.
"""

from __future__ import annotations

from alembic import op

from repairdesk.errors import N_
from repairdesk.ledger.migrations import frozen

WHAT = N_("orders are found by any word of them")
revision = "6"
down_revision = "5"


def upgrade() -> None:
    """From version 5; in PostgreSQL from nothing."""
    made = frozen.statements(op.get_context().dialect.name, 6)
    if op.get_context().dialect.name == "postgresql":
        frozen.execute(made)
        return
    for table in ("obligations", "postings", "receipts", "tallies"):
        op.execute(f"DELETE FROM {table}")
    op.execute("DROP TABLE orders")
    frozen.execute(frozen.of(("orders", "finding"), made))
