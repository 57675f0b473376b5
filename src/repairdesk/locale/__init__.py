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
    for here, following in zip(argv, [*argv[1:], ""], strict=True):
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
    if language == "en":
        _catalogue = gettext.NullTranslations()
    else:
        _catalogue = gettext.translation(DOMAIN, _FOLDER, [language], fallback=True)


def language() -> str:
    """The language that is spoken now."""
    return _language


def tr(message: str) -> str:
    """A message in the language that is spoken now."""
    return _catalogue.gettext(message) if message else message
