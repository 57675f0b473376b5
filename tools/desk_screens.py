"""Draw what `repairdesk desk` shows: a demo desk in its last evening, in both languages and two sizes.

    python tools/desk_screens.py [FOLDER]

Textual's own export sets a whole run of signs at once, in which Chinese ones drift from their columns; here every run
of one width is set at the column where a terminal has it.
"""

from __future__ import annotations

import asyncio
import io
import os
import sys
import tempfile
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from datetime import datetime
from html import escape
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "src"))

from repairdesk import locale  # noqa: E402
from repairdesk.cli.__main__ import main  # noqa: E402
from repairdesk.desk import By, Desk  # noqa: E402
from repairdesk.ledger.session import Session  # noqa: E402
from repairdesk.locale.width import width  # noqa: E402
from repairdesk.tui.app import DeskApp  # noqa: E402
from repairdesk.tui.room import Opened, Opening  # noqa: E402

if TYPE_CHECKING:
    from textual.pilot import Pilot

IMAGES = ROOT / "docs" / "images"
EVENING = datetime(2026, 10, 31, 20, 40, tzinfo=ZoneInfo("Asia/Shanghai"))
"""The last evening of the demo's month."""
CELL, LINE, FONT, MARGIN = 8.4, 20, 14, 10
FAMILY = "'DejaVu Sans Mono', 'Noto Sans Mono CJK SC', Menlo, Consolas, monospace"
SCENES: tuple[tuple[str, tuple[int, int], tuple[str, ...]], ...] = (
    ("desk", (100, 30), ()),
    ("desk-small", (80, 24), ()),
    ("desk-wide", (200, 60), ()),
    ("desk-assign", (80, 24), ("down", "down", "a")),
    ("desk-intake", (100, 30), ("n", *"4-2-601", "enter", *"水龙头漏水", "enter")),
)
"""Name, size and keys of each picture."""


def drawn(app: DeskApp, title: str) -> str:
    """The screen as an SVG, every run of signs at its own column."""
    columns, rows = app.size
    wide, high = 2 * MARGIN + columns * CELL, 2 * MARGIN + rows * LINE
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide:.0f} {high}" width="{wide:.0f}" role="img">',
        f"<title>{escape(title)}</title>",
        f"<style>text {{ font: {FONT}px {FAMILY}; white-space: pre }}</style>",
        '<rect width="100%" height="100%" rx="8" fill="#121212"/>',
    ]
    for y, strip in enumerate(app.screen._compositor.render_strips()):
        column = 0
        for segment in strip:
            cells = width(segment.text)
            out += _run(segment.text, segment.style, column, y, cells)
            column += cells
    return "\n".join([*out, "</svg>"]) + "\n"


def _run(text: str, style: Any, column: int, row: int, cells: int) -> list[str]:
    fore, back, bold = "#e0e0e0", None, False
    if style is not None:
        fore = style.color.get_truecolor().hex if style.color is not None else fore
        back = style.bgcolor.get_truecolor().hex if style.bgcolor is not None else None
        if style.reverse:
            fore, back = back or "#121212", fore
        bold = bool(style.bold)
    x, y, out = MARGIN + column * CELL, MARGIN + row * LINE, []
    if back:
        place = f'x="{x:.1f}" y="{y}" width="{cells * CELL + 0.4:.1f}" height="{LINE + 0.4}"'
        out.append(f'<rect {place} fill="{back}"/>')
    for two, signs in groupby(text, key=lambda sign: width(sign) == 2):
        run = "".join(signs)
        wide = width(run)
        if run.strip():
            spread = ' lengthAdjust="spacingAndGlyphs"' if not two and set(run) <= set("─━│╭╮╰╯▔▁") else ""
            weight = ' font-weight="bold"' if bold else ""
            place = f'x="{x:.1f}" y="{y + FONT + 1}" textLength="{wide * CELL:.1f}"{spread}'
            out.append(f'<text {place} fill="{fore}"{weight}>{escape(run)}</text>')
        x += wide * CELL
    return out


def opening(home: Path) -> Opening:
    """The demo's desk, in the evening."""

    def opened(wait: float | None) -> Opened:
        session = Session(home / "ledger.db")
        return Opened(Desk(home, lambda: EVENING, session), session)

    return Opening(opened, By("C1", "demo"), lambda: EVENING, lambda *_: None, "repairdesk")


async def settled(app: DeskApp, pilot: Pilot[None], title: str) -> str:
    """What stands there once everything that was typed and asked is on the screen, however slow the machine is."""
    before = ""
    for _ in range(200):
        await pilot.pause(0.25)
        now = drawn(app, title)
        read = getattr(app.screen_stack[0], "glance", None) is not None
        if read and app.ahead.idle and now == before and "<text" in now:
            return now
        before = now
    sys.exit(f"{title}: the screen does not come to rest")


async def scene(home: Path, size: tuple[int, int], keys: Sequence[str], title: str) -> str:
    """What stands on the screen after these keys."""
    app = DeskApp(opening(home))
    async with app.run_test(size=size) as pilot:
        await settled(app, pilot, title)
        for key in keys:
            await pilot.press(key)
        return await settled(app, pilot, title)


def pictures(folder: Path) -> None:
    """Draw every picture."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as kept:
        home = Path(kept) / "desk"
        said = io.StringIO()
        with redirect_stdout(said), redirect_stderr(said):
            code = main(["demo", "--orders", "60", "--keep", str(home)])
        if code:
            sys.exit(f"demo: exit {code}\n{said.getvalue()}")
        for language, title in (("zh", "值班台"), ("en", "the desk")):
            locale.use(language)
            for name, size, keys in SCENES:
                svg = asyncio.run(scene(home, size, keys, title))
                (folder / f"{name}-{language}.svg").write_text(svg, encoding="utf-8")


if __name__ == "__main__":
    for name in [name for name in os.environ if name.startswith("REPAIRDESK_")]:
        del os.environ[name]
    pictures(Path(sys.argv[1]) if len(sys.argv) > 1 else IMAGES)
