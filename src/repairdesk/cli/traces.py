"""Where a mistake of the program was made, told without what it was made with."""

from __future__ import annotations

import sys


def show(error: BaseException) -> None:
    """The traceback, on standard error; what it says of values is masked like any other text."""
    import traceback

    from repairdesk.domain import masking

    for block in traceback.format_exception(error):
        sys.stderr.write(block if block.startswith("  File ") else masking.in_typed(block))
