"""What is waited for, said to whoever waits: which commands of whom have the ledger just now."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from repairdesk.cli import render
from repairdesk.errors import N_


def tell(who: Callable[[], Sequence[object]], seconds: float) -> None:
    """On stderr, in the user's language."""
    by = [str(one) for one in who()]
    if by:
        said = N_("waiting for {who} to let go of the ledger; giving up after {seconds} s")
    else:
        said = N_("waiting for others to let go of the ledger; giving up after {seconds} s")
    render.note(render.say(said, {"who": by, "seconds": f"{seconds:g}"}))
