"""The PIN by which a second person says for themselves that they agree: what it is, and what its entries say. Pure.

It says that somebody was there who knows it. It hides nothing from who can read the ledger's file: six digits can be
tried out in hours, however they are kept (docs/decisions/0021-second-person.md).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import pairwise

from repairdesk.domain.entry import Entry
from repairdesk.domain.record import NamedTuple
from repairdesk.domain.times import fold as narrow
from repairdesk.errors import N_, UsageError

STREAM = "pin:"
"""What the name of a person's stream begins with: ``pin:L1``."""
SET, RESET, RIGHT, WRONG = EVENTS = ("pin-set", "pin-reset", "pin-right", "pin-wrong")
LEAST, MOST = 6, 12
SALT = 16
"""Bytes of salt."""
_COST = {"n": 2**14, "r": 8, "p": 1}
"""What one try costs: 16 MiB and some 50 ms (RFC 7914)."""


def checked(text: str) -> str:
    """A new PIN as it is kept from then on; full-width digits are digits.

    Raises:
        UsageError: it is none, or the first that anyone would try. The refusal does not repeat it.
    """
    pin = read(text)
    steps = {(int(later) - int(one)) % 10 for one, later in pairwise(pin)}
    repeats = any(len(pin) % size == 0 and pin == pin[:size] * (len(pin) // size) for size in (1, 2, 3))
    if repeats or (len(steps) == 1 and steps <= {1, 9}):
        raise UsageError(N_("that PIN is among the first that anyone would try: choose another"))
    return pin


def read(text: str) -> str:
    """A PIN as it was typed.

    Raises:
        UsageError: it is none.
    """
    pin = narrow(text).strip()
    if not (pin.isascii() and pin.isdigit() and LEAST <= len(pin) <= MOST):
        raise UsageError(N_("a PIN is {least} to {most} digits"), least=LEAST, most=MOST)
    return pin


def derived(pin: str, salt: bytes) -> str:
    """What is kept of a PIN, as hexadecimal text."""
    from hashlib import scrypt  # OpenSSL: only where a PIN is asked for

    return scrypt(pin.encode(), salt=salt, dklen=32, **_COST).hex()


class State(NamedTuple):
    """How it stands with somebody's PIN.

    Attributes:
        seq: the entry that set it, or took it back; 0 before the first.
        salt, key: what is kept of it, as hexadecimal text; empty: there is none.
        at: when it was set or taken back (UTC); ``actor`` and ``keyboard``: by whom, and where that was typed.
        wrong: wrong tries since the last right one, oldest first: when, and at whose keyboard.
        right: the entries of right tries, with what each was for.
    """

    seq: int = 0
    salt: str = ""
    key: str = ""
    at: datetime | None = None
    actor: str = ""
    keyboard: str = ""
    wrong: tuple[tuple[datetime, str], ...] = ()
    right: tuple[tuple[int, str], ...] = ()

    def locked_until(self, now: datetime, tries: int, locked: int) -> datetime | None:
        """Until when nobody can try, after so many wrong ``tries`` within ``locked`` seconds; None: now one can."""
        span = timedelta(seconds=locked)
        last = self.wrong[-tries:]
        if len(last) < tries or last[-1][0] - last[0][0] > span:
            return None
        # A clock that was set back opens nothing.
        until = max(at for at, _ in last) + span
        return until if now < until else None

    def left(self, now: datetime, tries: int, locked: int) -> int:
        """How many wrong tries are left before it is locked."""
        since = now - timedelta(seconds=locked)
        return max(0, tries - sum(at > since for at, _ in self.wrong))


def fold(entries: Iterable[Entry]) -> State:
    """What the entries of a person's stream leave."""
    state = State()
    for entry in entries:
        if entry.event in (SET, RESET):
            data = entry.data
            state = State(entry.seq, data.get("salt", ""), data.get("key", ""), entry.recorded_at, entry.actor,
                          entry.keyboard)  # fmt: skip
        elif entry.event == RIGHT:
            state = state._replace(wrong=(), right=(*state.right, (entry.seq, entry.data["for"])))
        elif entry.event == WRONG:
            state = state._replace(wrong=(*state.wrong, (entry.recorded_at, entry.keyboard)))
    return state
