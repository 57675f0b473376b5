"""Checkpoints: how far a ledger had come and what its head was, as a note that is kept elsewhere (REC-1).

A chain that is forged anew from its first entry on proves itself; a checkpoint made before tells it all the same. The
form is that of C2SP's signed notes and checkpoints (tlog-checkpoint), signed with Ed25519: what differs is in
docs/decisions/0018-checkpoints-and-backups.md. The library that signs is an extra, and is imported by signing alone.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from repairdesk.domain.record import NamedTuple
from repairdesk.domain.times import from_outside, iso_utc
from repairdesk.errors import N_, BadInput, NotFound

_KIND = b"\x01"
"""Ed25519, among the kinds of signatures of a signed note."""
_SECRET = "PRIVATE+KEY"
_DASH = "— "
_TIME = "time "
_MOST = 64 * 1024  # bytes of a note with as many signatures as anybody puts below it
_SEED = 32
_ENTRIES = 2**63  # more than SQLite could count


class Signature(NamedTuple):
    """A line below a note: whose it says it is, the id of the key, and the bytes."""

    name: str
    key: bytes
    value: bytes


class Checkpoint(NamedTuple):
    """A note, read.

    Attributes:
        origin: of which ledger; ``entries`` it had and the ``head`` was the hash of the last one (hex).
        at: when it was made, as it says; None: it does not.
        text: what is signed.
    """

    origin: str
    entries: int
    head: str
    at: datetime | None
    text: str
    signatures: Sequence[Signature]


class Key(NamedTuple):
    """Half of a pair of keys: what signs, or what a signature is held against."""

    name: str
    bytes: bytes


def origin_of(first: str) -> str:
    """What a ledger is called in its checkpoints, by the hash of its first entry, which no other ledger has."""
    return f"repairdesk/{first[:16]}"


def written(origin: str, entries: int, head: str, at: datetime) -> str:
    """The text of a checkpoint, to be signed or kept as it is; ``head`` is hex."""
    root = base64.b64encode(bytes.fromhex(head)).decode()
    return f"{origin}\n{entries}\n{root}\n{_TIME}{iso_utc(at)}\n"


def parsed(note: bytes, name: str) -> Checkpoint:
    """A checkpoint, signed or not; ``name`` is the file's, for the refusal.

    Raises:
        BadInput: it is none.
    """
    try:
        if len(note) > _MOST:
            raise ValueError("too long")
        text, lines = _parted(note.decode())
        origin, entries, root, *more = text.removesuffix("\n").split("\n")
        if not origin or entries != str(int(entries)) or not 0 <= int(entries) < _ENTRIES:
            raise ValueError("no head")
        head = base64.b64decode(root, validate=True)
        if len(head) != hashlib.sha256().digest_size:
            raise ValueError("no hash")
        times = [from_outside(line.removeprefix(_TIME)) for line in more if line.startswith(_TIME)]
        signatures = [_signature(line) for line in lines]
    except ValueError:
        raise BadInput(N_("{file} is no checkpoint of a ledger"), file=name) from None
    return Checkpoint(origin, int(entries), head.hex(), times[0] if times else None, text, signatures)


def _parted(note: str) -> tuple[str, list[str]]:
    """Text and signature lines; the last empty line parts them, and a note that nobody signed has none."""
    if not note.endswith("\n") or any(one < " " and one != "\n" for one in note):
        raise ValueError("no note")
    text, parted, below = note.rpartition("\n\n")
    return (text + "\n", below.removesuffix("\n").split("\n")) if parted else (note, [])


def _signature(line: str) -> Signature:
    dash, name, value = line[:2], *line[2:].split(" ")
    if dash != _DASH or not name:
        raise ValueError("no signature")
    said = base64.b64decode(value, validate=True)
    return Signature(name, said[:4], said[4:])


# -- keys


def new_key(name: str) -> tuple[str, str]:
    """A new pair as texts, each a line: the one that signs, and the one that signatures are held against.

    Raises:
        NotFound: the library is not installed.
    """
    secret = _library().Ed25519PrivateKey.generate()
    seed, public = secret.private_bytes_raw(), secret.public_key().public_bytes_raw()
    known = f"{name}+{_id_of(name, public).hex()}"
    return f"{_SECRET}+{known}+{_coded(seed)}\n", f"{known}+{_coded(public)}\n"


def secret_key(text: bytes, file: str) -> Key:
    """The key that signs, of the text of its file.

    Raises:
        BadInput: it is none. NotFound: the library is not installed.
    """
    key = _read(text, _SECRET + "+", file)
    public = _library().Ed25519PrivateKey.from_private_bytes(key[2]).public_key().public_bytes_raw()
    if _id_of(key[0], public) != key[1]:
        raise BadInput(N_("{file} is no key for checkpoints"), file=file)
    return Key(key[0], key[2])


def public_key(text: bytes, file: str) -> Key:
    """The key that signatures are held against.

    Raises:
        BadInput: it is none.
    """
    name, known, public = _read(text, "", file)
    if _id_of(name, public) != known:
        raise BadInput(N_("{file} is no key for checkpoints"), file=file)
    return Key(name, public)


def _read(text: bytes, prefix: str, file: str) -> tuple[str, bytes, bytes]:
    """Name, id and bytes of a key's line."""
    try:
        line = text[:_MOST].decode().strip()
        if not line.startswith(prefix) or line.startswith(_SECRET) != bool(prefix):
            raise ValueError("another kind of key")
        name, known, coded = line.removeprefix(prefix).split("+", 2)
        said = base64.b64decode(coded, validate=True)
        if not name or said[:1] != _KIND or len(said) != 1 + _SEED:
            raise ValueError("another kind of key")
        return name, bytes.fromhex(known), said[1:]
    except ValueError:
        raise BadInput(N_("{file} is no key for checkpoints"), file=file) from None


def _coded(key: bytes) -> str:
    return base64.b64encode(_KIND + key).decode()


def _id_of(name: str, public: bytes) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + _KIND + public).digest()[:4]


def signed(text: str, key: Key) -> str:
    """The whole note, with the signature below.

    Raises:
        NotFound: the library is not installed.
    """
    secret = _library().Ed25519PrivateKey.from_private_bytes(key.bytes)
    known = _id_of(key.name, secret.public_key().public_bytes_raw())
    value = base64.b64encode(known + secret.sign(text.encode())).decode()
    return f"{text}\n{_DASH}{key.name} {value}\n"


def is_signed_by(checkpoint: Checkpoint, key: Key) -> bool:
    """Whether the owner of the key signed it; signatures of others are not looked at.

    Raises:
        NotFound: the library is not installed.
    """
    from_key = (key.name, _id_of(key.name, key.bytes))
    mine = [one.value for one in checkpoint.signatures if (one.name, one.key) == from_key]
    public = _library().Ed25519PublicKey.from_public_bytes(key.bytes)
    return bool(mine) and all(_verifies(public, value, checkpoint.text) for value in mine)


def _verifies(public: Any, value: bytes, text: str) -> bool:
    from cryptography.exceptions import InvalidSignature

    try:
        public.verify(value, text.encode())
    except InvalidSignature:
        return False
    return True


def _library() -> Any:
    try:
        from cryptography.hazmat.primitives.asymmetric import ed25519
    except ImportError:
        raise NotFound(N_("the extra “sign” is not installed: pip install 'repairdesk[sign]'")) from None
    return ed25519
