"""The JSON Schemas of the rules files, for editors; made by tools/schemas.py from the models that read the files."""

from __future__ import annotations

from pathlib import Path

KINDS = ("policies", "fees", "calendar")


def text(kind: str) -> str:
    """The schema of ``policies``, ``fees`` or ``calendar``, as JSON."""
    return Path(__file__).with_name(f"{kind}.json").read_text(encoding="utf-8")
