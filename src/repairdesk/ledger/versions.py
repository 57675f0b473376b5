"""Which versions a ledger can have, and where it says so: light, as every command asks it.

The version is that of the tables. There is one place for it in each database, and nothing beside that says another:
in SQLite the header of the file (``PRAGMA user_version``), which costs no statement to read; in PostgreSQL Alembic's
own table, in the schema of the ledger. Why: docs/decisions/0031-migrations.md.
"""

from __future__ import annotations

CURRENT = 6
"""The version of the tables that this program reads and writes."""
OLDER = (5,)
"""What ``ledger upgrade`` brings to it."""
ON_SERVERS = 6
"""The first version that a ledger in PostgreSQL had."""
UNRELEASED = (1, 2, 3, 4)
"""Versions that no release ever made, and that nothing reads any more."""
RELEASED: tuple[int, ...] = ()
"""Versions whose tables never change any more: put here with the release that made them."""

TABLE = "alembic_version"
POSTGRES_MAKE = (
    f"CREATE TABLE {TABLE} (version_num VARCHAR(32) NOT NULL, CONSTRAINT {TABLE}_pkc PRIMARY KEY (version_num))",
    f"INSERT INTO {TABLE} (version_num) VALUES ('{CURRENT}')",
)
"""How a new ledger in PostgreSQL says it, after its tables are made."""
POSTGRES_ASK = f"SELECT version_num FROM {TABLE}"
"""A text; one row."""
