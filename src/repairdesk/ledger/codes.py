"""The short code of a ledger's head, which paper carries: an entry's seq and fifty bits of its hash (REC-1). Pure.

``1234-7K3QF-9M2TAC``: the seq, ten digits of Crockford's base 32, which has no letter that looks like another, and a
check digit, by which a code that was misread is told from a record that was altered.
"""

from __future__ import annotations

import unicodedata

from repairdesk.domain.record import NamedTuple
from repairdesk.errors import N_, Damaged, UsageError

_DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_ALIKE = str.maketrans("OIL", "011")
_HYPHENS = str.maketrans(dict.fromkeys("–—/ ", "-"))
_LENGTH = 10
_BITS = 5 * _LENGTH
_MOST = 2**63  # no entry of SQLite's is further


class Code(NamedTuple):
    """What a code says: of which entry, and the first bits of its hash as digits."""

    seq: int
    digits: str

    def fits(self, hash_: str) -> bool:
        """Whether this is the code of that hash (hex)."""
        return self.digits == _digits_of(hash_)


def code_of(seq: int, hash_: str) -> str:
    """The code of an entry."""
    digits = _digits_of(hash_)
    return f"{seq}-{digits[:5]}-{digits[5:]}{_check(f'{seq}{digits}')}"


def parsed(text: str) -> Code:
    """A code as somebody typed it: small letters, letters for digits and any hyphens are understood.

    Raises:
        UsageError: it is no code, or the check digit tells that it was misread.
    """
    groups = [part for part in unicodedata.normalize("NFKC", text).upper().translate(_HYPHENS).split("-") if part]
    plain = "".join(groups).translate(_ALIKE)
    seq, digits, check = plain[: -_LENGTH - 1], plain[-_LENGTH - 1 : -1], plain[-1:]
    whole = seq.isascii() and seq.isdigit() and 0 < int(seq) < _MOST if len(seq) < 20 else False
    # Written in groups it is written in these; where one slipped, another entry would be accused.
    whole = whole and (len(groups) < 2 or list(map(len, groups)) == [len(seq), 5, 6])
    if not whole or any(one not in _DIGITS for one in digits + check):
        raise UsageError(N_("“{text}” is no code of a ledger: it looks like 1234-7K3QF-9M2TAC"), text=text)
    if check != _check(seq + digits):
        if len(groups) > 1:  # It is seen, to be compared with the paper, be it as long as a phone number.
            raise UsageError(N_("“{code}” was misread or mistyped: its check digit does not fit"), code=text)
        raise UsageError(N_("“{text}” was misread or mistyped: its check digit does not fit"), text=text)
    return Code(int(seq), digits)


def _digits_of(hash_: str) -> str:
    try:
        bits = int(hash_, 16) >> (4 * len(hash_) - _BITS)
    except ValueError:
        raise Damaged(N_("the ledger holds a record that cannot be read: run verify")) from None
    return "".join(_DIGITS[bits >> shift & 31] for shift in range(_BITS - 5, -1, -5))


def _check(digits: str) -> str:
    """Damm's scheme over the field of 32: any wrong digit, and any two that changed places, are told."""
    state = 0
    for one in digits:
        state = _doubled(state ^ _DIGITS.index(one))
    return _DIGITS[state]


def _doubled(value: int) -> int:
    return value << 1 ^ (0b100101 if value & 16 else 0)
