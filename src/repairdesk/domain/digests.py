"""SHA-256 that is there at once, and quick where there is much of it.

``hashlib`` loads OpenSSL, which takes a command longer than all the digests that it makes. The interpreter's own
SHA-256 loads in no time and takes twice as long for an entry: it makes the first ones. Both make the same digests.
"""

from __future__ import annotations

from importlib import import_module
from typing import Protocol

FEW = 200
"""So many digests are made before OpenSSL is worth loading; no command for a single order makes more."""


class Digest(Protocol):
    """An object of ``hashlib``."""

    def update(self, data: bytes, /) -> None: ...

    def digest(self) -> bytes: ...

    def hexdigest(self) -> str: ...


class _Makes(Protocol):
    def __call__(self, data: bytes, /) -> Digest: ...


def _small() -> _Makes:
    """The interpreter's own, which has another name in each version; a build without it has ``hashlib``."""
    for module in ("_sha256", "_sha2"):  # 3.11; from 3.12 on
        try:
            made: _Makes = import_module(module).sha256
        except ImportError:
            continue
        return made
    from hashlib import sha256

    return sha256


_make = _small()
_made = 0


def sha256(data: bytes) -> Digest:
    """The SHA-256 of these bytes."""
    global _make, _made
    _made += 1
    if _made == FEW:
        from hashlib import sha256 as quick

        _make = quick
    return _make(data)
