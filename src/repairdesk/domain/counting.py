"""The order in which people count what is numbered: W2 before W10."""

from __future__ import annotations

import re


def counted(text: str) -> list[str | int]:
    """What to sort by: the words as they are, the numbers among them by their value."""
    return [int(part) if at % 2 else part for at, part in enumerate(re.split(r"([0-9]+)", text))]
