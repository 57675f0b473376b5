"""Two languages: English is written in the code, Chinese comes from the gettext catalogue beside this file."""

from __future__ import annotations

import os
import struct
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

LANGUAGES = ("zh", "en")
DOMAIN = "repairdesk"
_FOLDER = Path(__file__).parent
_language = "en"


class Catalogue(Protocol):
    """What translates; those of ``gettext`` do."""

    def gettext(self, message: str) -> str: ...

    def pgettext(self, context: str, message: str) -> str: ...


class English:
    """What is written in the code, as it stands there."""

    def gettext(self, message: str) -> str:
        """The message."""
        return message

    def pgettext(self, context: str, message: str) -> str:
        """The message, whatever it is about."""
        return message


_MAGIC = 0x950412DE
"""What a compiled catalogue begins with, written on a machine with the usual order of bytes; Babel writes no other."""


class Compiled:
    """A compiled catalogue (.mo) that is looked things up in.

    ``gettext`` decodes all of its messages when it is opened, for the dozen that a command says.
    """

    def __init__(self, data: bytes) -> None:
        magic, _, count, keys, texts = struct.unpack_from("<5I", data)
        if magic != _MAGIC:
            raise ValueError("this is no compiled catalogue")
        ids = struct.unpack_from(f"<{2 * count}I", data, keys)
        self._data = data
        self._texts = struct.unpack_from(f"<{2 * count}I", data, texts)
        # They do not lie there in the order of their bytes, as those with a context are sorted without it.
        self._places = {data[at : at + size]: n for n, (size, at) in enumerate(zip(ids[::2], ids[1::2], strict=True))}

    def gettext(self, message: str) -> str:
        """The message, translated if it is known."""
        return self._look_up(message) or message

    def pgettext(self, context: str, message: str) -> str:
        """The message, as it is said of this."""
        return self._look_up(f"{context}\x04{message}") or message

    def _look_up(self, key: str) -> str | None:
        place = self._places.get(key.encode("utf-8", "surrogateescape"))
        if place is None:
            return None
        size, at = self._texts[2 * place : 2 * place + 2]
        return self._data[at : at + size].decode()


_catalogue: Catalogue = English()


def choose(argv: Sequence[str], environ: Mapping[str, str] = os.environ) -> str:
    """The language asked for: ``--lang``, else REPAIRDESK_LANG, else the locale's, else Chinese."""
    asked = None
    for here, following in zip(argv, [*argv[1:], ""], strict=False):
        if here == "--lang":
            asked = following
        elif here.startswith("--lang="):
            asked = here.removeprefix("--lang=")
    names = [asked, environ.get("REPAIRDESK_LANG")]
    # Of the locale's variables the first that is set decides (POSIX), be its language ours or not.
    names.append(next((environ[n] for n in ("LC_ALL", "LC_MESSAGES", "LANG") if environ.get(n)), None))
    return next((name[:2] for name in names if name and name[:2] in LANGUAGES), "zh")


def use(language: str) -> None:
    """Speak this language from now on."""
    global _catalogue, _language
    _language = language
    _catalogue = catalogue(language)


def catalogue(language: str) -> Catalogue:
    """What translates into this language, whichever is spoken."""
    compiled = _FOLDER / language / "LC_MESSAGES" / f"{DOMAIN}.mo"
    if language != "en" and compiled.exists():
        return Compiled(compiled.read_bytes())
    return English()


def language() -> str:
    """The language that is spoken now."""
    return _language


def is_read(name: str) -> bool:
    """Whether who reads the language that is spoken reads a name of the rules, which is in the office's own."""
    return _language != "en" or name.isascii()


def tr(message: str, context: str = "") -> str:
    """A message in the language that is spoken now.

    ``context`` tells apart what is one word in English and two in Chinese: ``event`` (an entry of the ledger),
    ``reason`` (why a clock stands still).
    """
    if not message:
        return message
    return _catalogue.pgettext(context, message) if context else _catalogue.gettext(message)
