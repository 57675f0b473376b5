"""Draw the pictures of the README from what the program really puts out: docs/images/*.svg.

A demo desk is made in a temporary folder, so the pictures change when the program or its demo does, and then only.
"""

from __future__ import annotations

import io
import json
import os
import re
import sys
import tempfile
import unicodedata
from contextlib import redirect_stderr, redirect_stdout
from html import escape
from itertools import groupby
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "src"))

from repairdesk.cli.__main__ import main  # noqa: E402

IMAGES = ROOT / "docs" / "images"
COLUMNS = 104
EVENING = "2026-10-31T20:40"
"""The last evening of the demo's month."""

# Sizes in pixels: of a character cell, and of the frame around the text.
CELL, LINE, FONT, MARGIN, BAR = 8.4, 20, 14, 16, 34
FAMILY = "Menlo, Consolas, 'DejaVu Sans Mono', 'Noto Sans Mono CJK SC', monospace"


class Terminal(io.StringIO):
    """What takes both streams, and says that somebody looks at it."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


def typed(*argv: str) -> str:
    """What a command puts on the terminal."""
    terminal = Terminal()
    with redirect_stdout(terminal), redirect_stderr(terminal):
        code = main(argv)
    if code:
        sys.exit(f"{' '.join(argv)}: exit {code}\n{terminal.getvalue()}")
    return terminal.getvalue()


def width(character: str) -> int:
    """How many cells of a terminal a character takes."""
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def line_of(text: str, y: float, kind: str) -> list[str]:
    """A line of the terminal. Every word is set at its own column, so that it stays there in any font."""
    out, column = [], 0
    for word in re.findall(r" +|[^ ]+", text):
        for _, characters in groupby(word, key=lambda c: width(c) == 2):
            run = "".join(characters)
            cells = sum(width(c) for c in run)
            if run.strip():
                place = f'x="{MARGIN + column * CELL:.1f}" y="{y}" textLength="{cells * CELL:.1f}"'
                spread = ' lengthAdjust="spacingAndGlyphs"' if set(run) == {"─"} else ""
                out.append(f'<text class="{kind}" {place}{spread}>{escape(run)}</text>')
            column += cells
    return out


def draw(name: str, title: str, command: tuple[str, ...]) -> None:
    """Draw a command and its answer, without the options that only the drawing needs."""
    lines = ["$ repairdesk " + " ".join(command)]
    lines += [line.rstrip() for line in typed(*command, "--at", EVENING).strip("\n").split("\n")]
    wide = 2 * MARGIN + max(sum(map(width, line)) for line in lines) * CELL
    high = BAR + len(lines) * LINE + MARGIN
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide:.0f} {high}" width="{wide:.0f}" role="img">',
        f"<title>{escape(title)}</title>",
        f"<style>text {{ font: {FONT}px {FAMILY}; fill: #d8dade }} .typed {{ fill: #9ccc65 }}</style>",
        '<rect width="100%" height="100%" rx="8" fill="#20242b"/>',
    ]
    out += [f'<circle cx="{MARGIN + 4 + n * 18}" cy="16" r="5" fill="#5b626e"/>' for n in range(3)]
    for row, line in enumerate(lines):
        out += line_of(line, BAR + row * LINE + FONT, "typed" if row == 0 else "out")
    (IMAGES / f"{name}.svg").write_text("\n".join([*out, "</svg>"]) + "\n", encoding="utf-8")


def pictures() -> None:
    """Draw every picture."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"REPAIRDESK_HOME": f"{folder}/desk", "REPAIRDESK_LANG": "zh"}
        os.environ |= {"COLUMNS": str(COLUMNS), "LINES": "50", "TERM": "dumb"}
        typed("demo", "--orders", "60", "--keep", f"{folder}/desk")
        found = json.loads(typed("list", "--find", "爆裂", "--state", "archived", "--json"))
        burst = found["orders"][-1]["number"]
        for language, board, order in (("zh", "看板", "一张单"), ("en", "the board", "an order")):
            os.environ["REPAIRDESK_LANG"] = language
            draw(f"board-{language}", board, ("board", "--limit", "10"))
            draw(f"order-{language}", order, ("show", burst[5:]))


if __name__ == "__main__":
    for name in [name for name in os.environ if name.startswith("REPAIRDESK_")]:
        del os.environ[name]
    pictures()
