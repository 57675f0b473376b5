"""Draw the pictures of the README that are pages: the month, and a slip; docs/images/*.png.

A demo year is made in a temporary folder, its pages are opened in the system's Chromium, and what a screen shows of
them is kept. The fonts are the machine's, and Chinese ones have to be there. Who is drawn for a callback and the code
at the foot of a slip come from the ledger's hashes, so these differ each time.
"""

from __future__ import annotations

import io
import os
import shutil
import sys
import tempfile
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "src"))

from repairdesk.cli.__main__ import main  # noqa: E402

if TYPE_CHECKING:
    from playwright.sync_api import Browser

IMAGES = ROOT / "docs" / "images"
MONTHS, ORDERS = 12, 600
MONTH, EVENING = "2026-10", "2026-10-31T20:40"
"""The last month of the demo's year, and its last evening."""
SLIP = "P20261003-0002"
"""An order that the demo tells in full: a burst pipe, with parts, a bill and a rating."""

SCREEN = (1100, 1020)
SHEET = (860, 1000)
"""What a screen shows of the month and of a slip, in pixels."""
COLOURS = 64
"""Enough for what has few colours; a fifth of the bytes."""
MOST = 300_000
"""Bytes of a picture."""


def typed(*argv: str) -> None:
    """Let the program do something.

    Raises:
        SystemExit: it refused.
    """
    said = io.StringIO()
    with redirect_stdout(said), redirect_stderr(said):
        code = main(argv)
    if code:
        sys.exit(f"{' '.join(argv)}: exit {code}\n{said.getvalue()}")


def pages(home: Path, folder: Path, language: str) -> dict[str, Path]:
    """The pages of a language, by the name of their picture."""
    os.environ["REPAIRDESK_LANG"] = language
    month, slip = folder / f"month-{language}.html", folder / f"slip-{language}.html"
    desk = ("--format", "html", "--home", str(home), "--at", EVENING, "--as", "C1")
    typed("report", "month", "--month", MONTH, "--out", str(month), *desk)
    typed("print", SLIP, "--copy", "resident", "--out", str(slip), *desk)
    return {"month": month, "slip": slip}


def draw(browser: Browser, page: Path, size: tuple[int, int]) -> None:
    """What a screen of that size shows of a page, as a picture of few colours.

    Raises:
        SystemExit: the picture is too large.
    """
    picture = IMAGES / f"{page.stem}.png"
    window = browser.new_page(viewport={"width": size[0], "height": size[1]})
    window.goto(page.as_uri())
    # A sheet is shorter than the screen; what is below it is nothing to look at.
    high = min(size[1], int(window.evaluate("document.body.getBoundingClientRect().bottom")) + 12)
    window.screenshot(path=picture, clip={"x": 0, "y": 0, "width": size[0], "height": high})
    window.close()
    with Image.open(picture) as drawn:
        few = drawn.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    few.save(picture, optimize=True)
    if picture.stat().st_size > MOST:
        sys.exit(f"{picture}: {picture.stat().st_size} bytes")


def pictures() -> None:
    """Draw every picture."""
    chromium = shutil.which("chromium") or sys.exit("chromium is not installed")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as player:
        home = Path(folder) / "desk"
        typed("demo", "--months", str(MONTHS), "--orders", str(ORDERS), "--keep", str(home), "--json")
        browser = player.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for language in ("zh", "en"):
            made = pages(home, Path(folder), language)
            draw(browser, made["month"], SCREEN)
            draw(browser, made["slip"], SHEET)
        browser.close()


if __name__ == "__main__":
    for name in [name for name in os.environ if name.startswith("REPAIRDESK_")]:
        del os.environ[name]
    pictures()
