"""Paper as PDF: HTML in, pages out. The only file that knows weasyprint (extra ``pdf``).

A page never fetches anything, and never shows a box in place of a character. A machine without a Chinese font is
told which one to install; of the few characters that no font has (an emoji, a rare character of a name) each becomes
the printer's 〓, and a remark names them.
"""

from __future__ import annotations

import io
import logging
import re
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from typing import Any
from unicodedata import category, east_asian_width

from repairdesk.desk.turn import Remark
from repairdesk.domain.record import NamedTuple
from repairdesk.errors import N_, NotFound

GETA = "〓"
"""What a compositor sets where there is no type for a character."""

_VARIANT = "pdf/ua-1"  # tagged, for those who have it read aloud; it costs a tenth of time and size
_JOINED = "\u200d\ufe0e\ufe0f\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff"
"""What makes one picture of several emoji, or changes how one looks."""


class Rendered(NamedTuple):
    """A PDF, and what is to be said about it."""

    pdf: bytes
    remarks: tuple[Remark, ...] = ()


def render(html: str) -> Rendered:
    """The pages of an HTML document, with its title and its language.

    The same HTML gives the same bytes on the same machine: a PDF has no date but the one that the HTML names.

    Raises:
        NotFound: weasyprint, Pango, or a font that has Chinese is not installed; says what to install.
    """
    weasyprint = _library()
    pdf, lacking, refused = _rendered(weasyprint, html)
    remarks = []
    if lacking:
        _needs_no_font(lacking)
        pdf, still, _ = _rendered(weasyprint, _replaced(html, lacking))
        if still:
            # A style sheet's own characters, or 〓 itself: there is nothing left to set instead.
            raise NotFound(_NO_GLYPH, characters=_named(still))
        said = N_("no font here has {characters}: printed as 〓")
        remarks.append(Remark(said, {"characters": _named(lacking)}))
    if refused:
        said = N_("a page fetches nothing, so these are left out: {addresses}")
        remarks.append(Remark(said, {"addresses": sorted(refused)}))
    return Rendered(pdf, tuple(remarks))


_NO_EXTRA = N_("the extra “pdf” is not installed: pip install 'repairdesk[pdf]'")
_NO_PANGO = N_("PDF needs the library Pango: apt install libpango-1.0-0 libpangoft2-1.0-0 (macOS: brew install pango)")
_NO_CHINESE = N_("no font here has Chinese: install one, apt install fonts-noto-cjk (or google-noto-sans-cjk-fonts)")
_NO_GLYPH = N_("no font here has {characters}, and nothing can be printed in their place")


def _library() -> Any:
    """The library, if it and what it stands on are there."""
    try:
        # Where Pango is missing it says so on stdout, which is for answers alone; and it warns of what is to come.
        with redirect_stdout(io.StringIO()), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import weasyprint  # type: ignore[import-untyped]
            from weasyprint.text import ffi  # type: ignore[import-untyped]
    except ImportError:
        raise NotFound(_NO_EXTRA) from None
    except OSError:
        raise NotFound(_NO_PANGO) from None
    # Without a single font Pango does not complain but falls over, and the whole process with it.
    config = ffi.ffi.gc(ffi.fontconfig.FcInitLoadConfigAndFonts(), ffi.fontconfig.FcConfigDestroy)
    if ffi.fontconfig.FcConfigGetFonts(config, ffi.fontconfig.FcSetSystem).nfont == 0:
        raise NotFound(_NO_CHINESE)
    return weasyprint


def _rendered(weasyprint: Any, html: str) -> tuple[bytes, set[str], set[str]]:
    """The PDF, the characters that no font has, and the addresses that were not fetched."""
    refused: set[str] = set()
    with _heard(weasyprint.LOGGER) as lacking:
        # What has no text (a lone surrogate) would stop the library; what stands for it may be a 〓 in the end.
        page = weasyprint.HTML(string=html.encode("utf-8", "replace").decode(), url_fetcher=_fetcher(refused))
        pdf = page.write_pdf(pdf_variant=_VARIANT)
    return pdf, lacking, refused


def _fetcher(refused: set[str]) -> Any:
    """Takes what a page carries itself (``data:``), and nothing from the network or the disk."""
    from weasyprint.urls import URLFetcher  # type: ignore[import-untyped]

    class Fetcher(URLFetcher):  # type: ignore[misc]
        def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> Any:
            if not url.lower().startswith("data:"):
                refused.add(url)
                raise ValueError(url)
            return super().fetch(url, headers)

    return Fetcher(allowed_protocols=("data",))


class _Ear(logging.Handler):
    """Hears of each character for which Pango found no font; that Pango itself says so makes it certain."""

    def __init__(self) -> None:
        super().__init__()
        self.lacking: set[str] = set()

    def emit(self, record: logging.LogRecord) -> None:
        if isinstance(record.msg, str) and record.msg.startswith(".notdef") and isinstance(record.args, tuple):
            self.lacking.add(str(record.args[0]))


@contextmanager
def _heard(logger: logging.Logger) -> Iterator[set[str]]:
    """The characters without a font, as they come up; the library's words go nowhere else."""
    ear, level, passed_on = _Ear(), logger.level, logger.propagate
    logger.addHandler(ear)
    logger.propagate = False
    logger.setLevel(logging.WARNING)
    try:
        yield ear.lacking
    finally:
        logger.removeHandler(ear)
        logger.propagate = passed_on
        logger.setLevel(level)


def _needs_no_font(lacking: set[str]) -> None:
    """Refuse where what is lacking is what every Chinese font has: a font is missing then, and not a character.

    Raises:
        NotFound: there is no Chinese font.
    """
    if GETA in lacking or any(map(_is_common, lacking)):
        raise NotFound(_NO_CHINESE)


def _is_common(character: str) -> bool:
    """Whether it is one of GB 2312: its 6,763 hanzi and the punctuation that goes with them."""
    if east_asian_width(character) not in ("W", "F"):
        return False
    try:
        character.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


def _replaced(html: str, lacking: set[str]) -> str:
    """The document with 〓 in their place, however they are written; a family of joined emoji is one."""
    written = [
        form for one in sorted(lacking) for form in (re.escape(one), f"&#0*{ord(one)};", f"(?i:&#x0*{ord(one):x};)")
    ]
    any_of = "|".join(written)
    joined = f"[{_JOINED}]"
    return re.sub(f"(?:{any_of})(?:{joined}+(?:{any_of})?)*", GETA, html)


def _named(characters: set[str]) -> list[str]:
    """Each with its code point, by which it can be found; what is no sign of its own by that alone."""
    return [
        f"U+{ord(one):04X}" if category(one).startswith(("C", "Z", "M")) else f"{one} (U+{ord(one):04X})"
        for one in sorted(characters)
    ]
