"""Two languages: English is written in the code, Chinese comes from the gettext catalogue beside this file."""

from __future__ import annotations

import gettext
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

LANGUAGES = ("zh", "en")
DOMAIN = "repairdesk"
_FOLDER = Path(__file__).parent
_catalogue: gettext.NullTranslations = gettext.NullTranslations()
_language = "en"


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
    _catalogue = gettext.NullTranslations()
    # Opened by its name: gettext.translation would import the machine's table of locales to look for it.
    compiled = _FOLDER / language / "LC_MESSAGES" / f"{DOMAIN}.mo"
    if language != "en" and compiled.exists():
        with compiled.open("rb") as stream:
            _catalogue = gettext.GNUTranslations(stream)


def language() -> str:
    """The language that is spoken now."""
    return _language


def tr(message: str, context: str = "") -> str:
    """A message in the language that is spoken now.

    ``context`` tells apart what is one word in English and two in Chinese: ``event`` (an entry of the ledger),
    ``reason`` (why a clock stands still).
    """
    if not message:
        return message
    return _catalogue.pgettext(context, message) if context else _catalogue.gettext(message)
