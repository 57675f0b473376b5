"""What a file is by its content: the kinds that can be attached to an order, each with its signature.

A list of its own and no library: there are six, all of them older than this program, and a guess is worse than a no.
"""

from __future__ import annotations

from repairdesk.domain.record import NamedTuple

FOLDER = "attachments"
"""Where the desk keeps them: a folder beside the rules, with one of its own for each order."""

HEAD = 256
"""So many bytes from the beginning tell what a file is."""

_HEIC = frozenset((b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"))
_ANY_HEIF = frozenset((b"mif1", b"msf1"))  # whatever is inside says one of the others besides


class Media(NamedTuple):
    """A kind of file: its media type, and what its name ends with."""

    media_type: str
    suffix: str


MEDIA = {
    "jpeg": Media("image/jpeg", "jpg"),
    "png": Media("image/png", "png"),
    "webp": Media("image/webp", "webp"),
    "heic": Media("image/heic", "heic"),
    "tiff": Media("image/tiff", "tif"),
    "pdf": Media("application/pdf", "pdf"),
}


def recognized(head: bytes) -> str | None:
    """The kind of a file that begins so (``HEAD`` bytes, or all there are); None: none of those that can be kept."""
    if head.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if head.startswith(b"%PDF-"):
        return "pdf"
    if head.startswith((b"II*\0", b"MM\0*")):
        return "tiff"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "webp"
    return "heic" if _is_heic(head) else None


def _is_heic(head: bytes) -> bool:
    """A box ``ftyp`` whose brands are those of HEVC pictures; films and AVIF begin with such a box, too."""
    if head[4:8] != b"ftyp":
        return False
    end = min(int.from_bytes(head[:4], "big"), len(head))
    major = head[8:12]
    others = {head[at : at + 4] for at in range(16, end - 3, 4)}
    return major in _HEIC or (major in _ANY_HEIF and bool(others & _HEIC))


def plain_name(name: str) -> str:
    """A file's name as it can be kept and shown: what cannot be printed is a question mark; at most 255 characters."""
    return "".join(one if one.isprintable() else "?" for one in name)[:255]
