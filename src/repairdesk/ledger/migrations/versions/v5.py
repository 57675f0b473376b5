"""The first tables that can be brought to later ones."""

from __future__ import annotations

from repairdesk.errors import N_
from repairdesk.ledger.migrations import frozen

WHAT = N_("the first tables that go on")
DATABASES = ("sqlite",)
revision = "5"
down_revision = None


def upgrade() -> None:
    """From nothing."""
    frozen.execute(frozen.statements("sqlite", 5))
