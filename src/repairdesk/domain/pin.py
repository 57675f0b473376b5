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
_SHORT_DAYS, _LONG_DAYS = ("YYMMDD", "DDMMYY", "MMDDYY"), ("YYYYMMDD", "DDMMYYYY", "MMDDYYYY")
_LINE = 3
_ROWS = ("123", "456", "789", "147", "258", "369", "159", "357")
_LINES = frozenset((*_ROWS, *(row[::-1] for row in _ROWS)))
"""Three keys in a line of a telephone or a keyboard."""
_KNOWN = frozenset("246810 108642 135790 097531 024680 086420 5201314 1314520".split())
"""What is otherwise tried first: every other number, words in numbers."""
_COST = {"n": 2**14, "r": 8, "p": 1}
"""What one try costs: 16 MiB and some 50 ms (RFC 7914)."""


def checked(text: str) -> str:
    """A new PIN as it is kept from then on; full-width digits are digits.

    Raises:
        UsageError: it is none, or the first that anyone would try. The refusal does not repeat it.
    """
    pin = read(text)
    if _is_easy(pin) or _is_day(pin):
        raise UsageError(N_("that PIN is among the first that anyone would try: choose another"))
    return pin


def _is_easy(pin: str) -> bool:
    """Whether it is a pattern: repeated, there and back, in steps, of one or two digits, or along the keys."""
    steps = {(int(later) - int(one)) % 10 for one, later in pairwise(pin)}
    sizes = [size for size in range(1, len(pin) // 2 + 1) if len(pin) % size == 0]
    repeats = any(pin == pin[:size] * (len(pin) // size) for size in sizes)
    pairs = {pin[at : at + 2] for at in range(0, len(pin), 2)}
    doubled = all(len(set(pair)) == 1 for pair in pairs)
    # 147258: three keys in a line at a time, from the first one or the last one on.
    drawn = len(pin) % _LINE == 0 and all(pin[at : at + _LINE] in _LINES for at in range(0, len(pin), _LINE))
    return repeats or len(steps) == 1 or len(set(pin)) <= 2 or pin == pin[::-1] or doubled or drawn or pin in _KNOWN


def _is_day(pin: str) -> bool:
    """Whether it is written like a day: a birthday, today."""
    ways = {6: _SHORT_DAYS, 8: _LONG_DAYS}.get(len(pin), ())
    return any(_reads(pin, way) for way in ways)


def _reads(pin: str, way: str) -> bool:
    year, month, day = (int("".join(digit for digit, at in zip(pin, way, strict=True) if at == of)) for of in "YMD")
    if len(pin) == 8 and not 1900 <= year <= 2099:
        return False
    return 1 <= month <= 12 and 1 <= day <= 31


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
