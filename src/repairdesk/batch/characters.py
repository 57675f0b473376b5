"""Which encoding a text is in. Only the whole of it can say: what is not UTF-8 may show it in its last row."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, BinaryIO

from repairdesk.errors import N_, UsageError

_CHINESE = "gb18030"
_NARROWER = ("gb2312", "gbk", "hz", "cp936", "936", "ms936", "euccn", "chinese")
"""Python's codecs of these names refuse characters that offices write all the same (㎡, 啟); GB18030 contains both."""
_UTF8, _SIXTEEN = "utf-8", ("utf-16-le", "utf-16-be")
_BOMS = {
    codecs.BOM_UTF8: _UTF8,
    codecs.BOM_UTF32_LE: "utf-32-le",  # begins like the next one
    codecs.BOM_UTF16_LE: _SIXTEEN[0],
    codecs.BOM_UTF16_BE: _SIXTEEN[1],
}
_BLOCK = 1 << 20
_FEWEST_ZEROS = 50
"""Of so many characters of a table at least one is a digit, a separator or a line end: in UTF-16 it has a zero byte."""
_FEWEST_OF_LATIN = 4
"""The same of a text whose bytes can be UTF-8 as well: what is not Latin hardly ever can."""
_EMPTY = b"\0" * 4
"""No character of UTF-16 is made of zeros alone: where so many stand at the beginning, it is no text."""
_PRIVATE = re.compile("[\ue000-\uf8ff\U000f0000-\U0010ffff]")
"""What no standard gives a meaning: where GB18030 would have such, it hardly ever is GB18030."""
_NUL = N_("{file}, row {row}: it holds NUL bytes, so it is no text")
_BYTES = N_("{file}, row {row}: the bytes {bytes} are not {encoding}; --encoding says what the file is in")


@dataclass(frozen=True, slots=True)
class Characters:
    """The encoding of a text, whether it is a guess, and what its lines end with.

    ``overruled`` is another encoding that was said: a byte order mark knows better.
    """

    name: str
    guessed: bool = False
    line_end: str | None = "\n"
    errors: str = "strict"
    overruled: str | None = None

    def decoder(self) -> Callable[[bytes, bool], str]:
        """A decoder of the text, block by block; the last one is told so."""
        return codecs.getincrementaldecoder(self.name)(self.errors).decode


@dataclass(slots=True)
class Refused(Exception):
    """Bytes that cannot be read in an encoding: where they stand, and what is said of them."""

    at: int
    name: str
    message: str = _NUL
    values: dict[str, Any] = field(default_factory=dict)


def known(name: str) -> str:
    """The encoding of that name; the narrower ones of Chinese become GB18030, which contains them.

    Raises:
        UsageError: there is none.
    """
    try:
        b"a \n".decode(name)
        codec = codecs.lookup(name)
    except UnicodeDecodeError:
        codec = codecs.lookup(name)  # of two bytes or more for each character
    except (LookupError, ValueError):
        raise UsageError(N_("there is no encoding “{name}”; usual are utf-8, gb18030, utf-16"), name=name) from None
    plain = codec.name.replace("_", "-")
    if plain.replace("-", "") in _NARROWER:
        return _CHINESE
    return {"utf-8-sig": _UTF8}.get(plain, plain)


def find(stream: BinaryIO, said: str | None) -> Characters:
    """The encoding of a text: by its byte order mark, else as ``said``, else by all of its bytes.

    Raises:
        Refused: it is in none of them; of several, the one that got furthest.
    """
    marked = mark(stream)
    if marked:
        found = _scanned(stream, marked)
        return found if said is None or marked.startswith(said) else replace(found, overruled=said)
    if said in ("utf-16", "utf-32"):
        # Without a mark the zero bytes say which of the two it is.
        said = _sixteen(stream) or _SIXTEEN[0] if said == "utf-16" else "utf-32-le"
    if said:
        return _scanned(stream, said)
    stream.seek(0)
    zeros = stream.read(_BLOCK).find(_EMPTY)
    if zeros >= 0:
        raise Refused(zeros, _UTF8)
    refusals: list[Refused] = []
    for name in (_UTF8, None, _CHINESE):
        name = name or _sixteen(stream)
        if name == _CHINESE and _is_rather_utf8(stream):
            raise refusals[0]
        try:
            if name is not None:
                found = _scanned(stream, name, private=name != _CHINESE)
                return found if name == _UTF8 else Characters(name, True, found.line_end)
        except Refused as refusal:
            if name not in _SIXTEEN:
                refusals.append(refusal)
    raise max(refusals, key=lambda one: one.at)


def mark(stream: BinaryIO) -> str | None:
    """The encoding that the byte order mark says; None where there is none."""
    stream.seek(0)
    head = stream.read(4)
    return next((name for bom, name in _BOMS.items() if head.startswith(bom)), None)


def _is_rather_utf8(stream: BinaryIO) -> bool:
    """Whether of the lines with other characters than those of ASCII most are UTF-8: then a few are damaged."""
    stream.seek(0)
    good = bad = 0
    while line := stream.readline(_BLOCK):
        if not line.isascii():
            try:
                line.decode(_UTF8)
                good += 1
            except UnicodeDecodeError:
                bad += 1
    return good > bad


def _scanned(stream: BinaryIO, name: str, *, nul: bool = False, private: bool = True) -> Characters:
    """What the text is like in this encoding; ``line_end`` is None where it has a single line.

    Args:
        nul: whether it may have NULs.
        private: whether it may have characters for private use.

    Raises:
        Refused: it is not in it, has a NUL, or such a character.
    """
    try:
        decoder = codecs.getincrementaldecoder(name)("strict")
    except LookupError:
        raise UsageError(N_("there is no encoding “{name}”; usual are utf-8, gb18030, utf-16"), name=name) from None
    stream.seek(0)
    at, ends, ended = 0, set[str](), False
    while not ended:
        block = stream.read(_BLOCK)
        ended = not block
        try:
            pending = len(decoder.getstate()[0])
            text = decoder.decode(block, ended)
        except UnicodeDecodeError as error:
            # What it complains of begins with the bytes that the block before left undecided.
            where = at - (len(error.object) - len(block)) + error.start
            shown = error.object[error.start : error.start + 4].hex(" ")
            raise Refused(where, name, _BYTES, {"bytes": shown, "encoding": name.upper()}) from None
        except ValueError:
            raise Refused(at, name, _BYTES, {"bytes": block[:4].hex(" "), "encoding": name.upper()}) from None
        if "\0" in text and not nul:
            raise Refused(at - pending + len(text[: text.index("\0")].encode(name)), name)
        if not private and (strange := _PRIVATE.search(text)):
            private_bytes = strange[0].encode(name)
            where = at - pending + len(text[: strange.start()].encode(name))
            raise Refused(where, name, _BYTES, {"bytes": private_bytes.hex(" "), "encoding": name.upper()})
        ends |= {end for end in "\n\r" if end in text}
        at += len(block)
    return Characters(name, line_end="\n" if "\n" in ends else "\r" if ends else None)


def _sixteen(stream: BinaryIO) -> str | None:
    """Which UTF-16 a text without a mark can be by its zero bytes; None where it has too few, or is none."""
    stream.seek(0)
    zeros, total = [0, 0], 0
    while block := stream.read(_BLOCK):
        if _EMPTY in block:
            return None
        for i in (0, 1):
            zeros[i] += block[(total + i) % 2 :: 2].count(0)
        total += len(block)
    # A character of the Latin alphabet has its zero behind it in the one that begins with the lower byte.
    name, most = (_SIXTEEN[0], zeros[1]) if zeros[1] > zeros[0] else (_SIXTEEN[1], zeros[0])
    fewest = _FEWEST_OF_LATIN if _can_be(stream, _UTF8, nul=True) else _FEWEST_ZEROS
    if total % 2 or zeros[0] == zeros[1] or most * fewest < total // 2:
        return None
    found = _can_be(stream, name)
    return name if found and (found.line_end or most * 4 > total) else None


def _can_be(stream: BinaryIO, name: str, *, nul: bool = False) -> Characters | None:
    try:
        return _scanned(stream, name, nul=nul)
    except Refused:
        return None
