"""The chain: canonical bytes, digests, and the hash that ties each entry to the one before (REC-1). Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from repairdesk.domain.digests import sha256

ZEROS = "0" * 64
"""What the first entry links to."""

SALT_BYTES = 32
BODY_TAG = b"repairdesk-body-1\0"
"""What every body is hashed with, so that its digest is that of nothing else."""
# A subset of RFC 8785: without floats, and with keys sorted by code point, both write the same bytes.
# What holds itself is no data of ours, and would end in a RecursionError: to look for it is a tenth of the work.
_ENCODE = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False, check_circular=False
).encode
_EXACT = frozenset((str, int, bool, type(None)))

HEADER = "seq number version event actor keyboard occurred_at recorded_at late body_digest prev".split()
"""What the hash of an entry covers; everything else that an entry says is in its body, by the digest."""


def canonical(data: Any) -> str:
    """The one way to write down JSON that is known to hold no float."""
    return _ENCODE(data)


def kept(data: Mapping[str, Any]) -> str:
    """What an entry says, in its canonical form.

    Raises:
        ValueError: there is a float in it, which has more than one way to be written.
    """
    _no_floats(data)
    return _ENCODE(data)


def is_canonical(body: str) -> bool:
    """Whether this is JSON, written in the one way.

    Raises:
        ValueError: it is no JSON, or holds a float.
    """
    return _ENCODE(_DECODE(body)) == body


def _no_floats(data: Any) -> None:
    if isinstance(data, dict):
        for value in data.values():
            # Asked here: a call for each of them took half as long as to write it all down.
            if type(value) not in _EXACT:
                _no_floats(value)
    elif isinstance(data, (list, tuple)):
        for value in data:
            if type(value) not in _EXACT:
                _no_floats(value)
    elif isinstance(data, float):
        _refuse(data)


def _refuse(number: object) -> None:
    raise ValueError(f"a float cannot be kept: {number}")


# Made once: json.loads would make one for each entry.
_DECODE = json.JSONDecoder(parse_float=_refuse, parse_constant=_refuse).decode


def body_digest(salt: bytes, body: str) -> str:
    """The salted digest of a body, in hex: it says nothing about a body that was purged (RET-3)."""
    # Bytes that are no text come out of a damaged file only; they have a digest too, and it differs.
    return sha256(BODY_TAG + salt + body.encode(errors="surrogateescape")).hexdigest()


def header_hash(header: Mapping[str, Any]) -> str:
    """The hash of an entry, in hex, over its header as it is stored; further keys are not looked at."""
    text = _ENCODE({name: header[name] for name in HEADER})
    return sha256(text.encode(errors="surrogateescape")).hexdigest()
