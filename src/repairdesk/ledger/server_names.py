"""What a ledger on a server is called there: light, as completion asks it, too."""

from __future__ import annotations

SCHEMA = "repairdesk"
"""The schema of a ledger without a site; that of a site has its name behind it."""

CLOCK = ("repairdesk.clock", "caller")
"""What who runs the server sets for a database where people practise with a clock of their own; nobody else can."""
APART = "RD001"
"""What the server says where the clock of who writes differs from its own."""


def schema(site: str | None) -> str:
    """The schema of a site."""
    return f"{SCHEMA}_{site}" if site else SCHEMA


def libpq(url: str) -> str:
    """A URL as SQLAlchemy writes it, ``postgresql+psycopg://user@host/database``, as what connects understands it."""
    return f"postgresql://{url.partition('://')[2]}"
