"""Play a day at the desk (tests/talking/day.py) and keep of it what the guide shows: screens, and what it cost in keys.

    python tools/day_page.py [--table]

``--table`` writes the table of docs/guide/*/day.md alone. The day is played by the machine's clock, so the times on the
screens differ each time; the keys do not.
"""

from __future__ import annotations

import re
import statistics
import sys
import tempfile
from collections.abc import Sequence
from html import escape
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "src"), str(ROOT / "tests" / "talking")]

from repairdesk.locale.width import width  # noqa: E402

if TYPE_CHECKING:
    from clerk import Cost
    from shell import Row, Shell

IMAGES = ROOT / "docs" / "images"
PAGES = {language: ROOT / "docs" / "guide" / language / "day.md" for language in ("zh", "en")}
KEPT = ("day-intake", "day-draft", "day-refusal", "day-finish", "day-board", "day-desk-assign")
"""The screens that are shown; the day has more."""
LINES = 36
BEGINS, ENDS = "<!-- keys: tools/day_page.py -->", "<!-- end of keys -->"
HEADS = {
    "zh": ("", "次数", "按键（不算话）", "其中的话", "合计"),
    "en": ("", "times", "keys besides words", "words", "together"),
}
SPOKEN = {
    "intake": ("接报事：登记过的住户", "a call from a known place"),
    "intake, without strokes": ("接报事：房号不打横杠（`32602`）", "a call, the place without its strokes (`32602`)"),
    "intake, by its ending": ("接报事：只打房号末几位", "a call, the place by its ending"),
    "intake, spelled out": ("接报事：房号写成 2栋2单元401", "a call, the place spelled 2栋2单元401"),
    "intake, emergency": ("接报事：紧急", "an emergency"),
    "intake, appointment": ("接报事：约时间，先打错一次", "a call with an appointment, mistyped once"),
    "intake, class asked": ("接报事：话里听不出分类", "a call whose words name no class of fault"),
    "intake, one open there": ("接报事：该处有未完的单，另开新单", "a call from where an order is open: a new one"),
    "intake, public area": ("接报事：公共区域", "a call about a public area"),
    "intake, complaint": ("投诉", "a complaint"),
    "intake, help": ("求助", "a call for help"),
    "join": ("并入未完的单", "joined to the order that is open"),
    "intake, phone corrected": ("生人来电，电话听错，登记前改正", "a stranger, the phone misheard and corrected"),
    "intake, place corrected": ("房号打错，↑ 回去改正", "the place mistyped, corrected by ↑"),
    "draft": ("断了的电话：草稿接着来", "a call that was cut off: its draft taken up"),
    "desk: intake": ("全屏：接报事", "on the full screen: a call"),
    "assign": ("派工：取第一个", "assign, the first that is proposed"),
    "assign, another": ("派工：换一个人", "assign, another one"),
    "reassign": ("改派，写明原因", "reassign, with a reason"),
    "desk: assign": ("全屏：派工", "on the full screen: assign"),
    "finish": ("完工：结果、收费、检查清单", "finish: the result, the bill, the checklist"),
    "sign": ("验收签字、评价", "sign, with a rating"),
}  # fmt: skip
"""What was done, in both languages, in the order of the table."""


# --- what it cost


def table(costs: Sequence[Cost], language: str) -> str:
    """A row for each kind of thing that was done: how often, and how many keys the middle one took."""
    rows = [HEADS[language], ("---",) + 4 * ("--:",)]
    for what, spoken in SPOKEN.items():
        found = [one for one in costs if one.what == what]
        if found:
            middle = sorted(found, key=lambda one: one.besides)[len(found) // 2]
            least, most = (extreme(one.besides for one in found) for extreme in (min, max))
            besides = str(least) if least == most else f"{least}–{most}"
            words = round(statistics.mean(one.words for one in found))
            rows.append((spoken[language == "en"], str(len(found)), besides, str(words), str(middle.keys)))
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def with_table(page: str, costs: Sequence[Cost], language: str) -> str:
    """The page with the table of this day in the place of the one before."""
    before, _, rest = page.partition(BEGINS)
    return f"{before}{BEGINS}\n\n{table(costs, language)}\n\n{ENDS}{rest.partition(ENDS)[2]}"


# --- screens

CELL, ROW_HIGH, FONT, MARGIN = 8.4, 20, 14, 12
FAMILY = "'DejaVu Sans Mono', 'Noto Sans Mono CJK SC', Menlo, Consolas, monospace"
GROUND, INK = "#20242b", "#d8dade"
COLOURS = {
    "red": "#ff7b72", "brown": "#e3b341", "yellow": "#e3b341", "green": "#7ee787", "blue": "#79c0ff",
    "magenta": "#d2a8ff", "cyan": "#76e3ea", "white": "#e6e8eb", "black": "#16181d",
}  # fmt: skip


def drawn(rows: Sequence[Row], title: str) -> str:
    """A screen as an SVG, every run of signs at the column where a terminal has it; without the empty end."""
    last = max((y for y, row in enumerate(rows) if any(cell.data.strip() for cell in row)), default=0)
    wide, high = 2 * MARGIN + len(rows[0]) * CELL, 2 * MARGIN + (last + 1) * ROW_HIGH
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide:.0f} {high}" width="{wide:.0f}" role="img">',
        f"<title>{escape(title)}</title>",
        f"<style>text {{ font: {FONT}px {FAMILY}; white-space: pre }}</style>",
        f'<rect width="100%" height="100%" rx="8" fill="{GROUND}"/>',
    ]
    for y, row in enumerate(rows[: last + 1]):
        cells = [(x, cell) for x, cell in enumerate(row) if cell.data]
        for (fore, back, bold, broad), run in groupby(cells, key=lambda one: look(one[1])):
            signs = list(run)
            out += _run("".join(cell.data for _, cell in signs), signs[0][0], y, fore, back, bold, broad)
    return "\n".join([*out, "</svg>"]) + "\n"


def look(cell: Any) -> tuple[str, str, bool, bool]:
    """How a cell looks: its colours, whether it is bold, whether its sign is broad."""
    fore, back = (_colour(said, usual) for said, usual in ((cell.fg, INK), (cell.bg, GROUND)))
    return (back, fore, cell.bold, width(cell.data) == 2) if cell.reverse else (
        fore, back, cell.bold, width(cell.data) == 2)  # fmt: skip


def _colour(said: str, usual: str) -> str:
    if said == "default":
        return usual
    return f"#{said}" if re.fullmatch("[0-9a-f]{6}", said) else COLOURS.get(said.removeprefix("bright"), usual)


def _run(text: str, x: int, y: int, fore: str, back: str, bold: bool, broad: bool) -> list[str]:
    left, top, wide = MARGIN + x * CELL, MARGIN + y * ROW_HIGH, width(text) * CELL
    out = []
    if back != GROUND:
        place = f'x="{left:.1f}" y="{top}" width="{wide + 0.4:.1f}" height="{ROW_HIGH + 0.4}"'
        out.append(f'<rect {place} fill="{back}"/>')
    for part in re.finditer(r"\S+(?: \S+)*", text):
        at, run = left + width(text[: part.start()]) * CELL, part[0]
        spread = ' lengthAdjust="spacingAndGlyphs"' if set(run) <= set("─━│╭╮╰╯▔▁") else ""
        weight = ' font-weight="bold"' if bold else ""
        # A broad sign is narrower than its two columns: each stands in its own, so that all gaps are alike.
        starts = " ".join(f"{at + (2 * n + 0.2) * CELL:.1f}" for n in range(len(run))) if broad else f"{at:.1f}"
        length = "" if broad else f' textLength="{width(run) * CELL:.1f}"{spread}'
        place = f'x="{starts}" y="{top + FONT + 1}"{length}'
        out.append(f'<text {place} fill="{fore}"{weight}>{escape(run)}</text>')
    return out


def seen(name: str, shell: Shell) -> dict[str, str]:
    """What stands on the screen now, where the guide shows it."""
    return {name: drawn(shell.rows, name)} if name in KEPT else {}


# --- the day


def played(folder: Path, lines: int = LINES) -> tuple[list[Cost], dict[str, str]]:
    """The whole day in a desk of its own: what it cost, and its screens."""
    from clerk import Clerk, furnished
    from day import whole
    from shell import Shell

    screens: dict[str, str] = {}
    home = folder / "desk"
    furnished(home)
    shell = Shell(home, lines=lines)
    clerk = Clerk(shell, lambda name, there: screens.update(seen(name, there)))
    try:
        whole(clerk)
    finally:
        shell.leave()
    return clerk.costs, screens


def main() -> None:
    """Write the table into the pages, and the screens beside the other pictures."""
    with tempfile.TemporaryDirectory() as folder:
        costs, screens = played(Path(folder))
    for language, page in PAGES.items():
        page.write_text(with_table(page.read_text(encoding="utf-8"), costs, language), encoding="utf-8")
    if "--table" not in sys.argv:
        for name in KEPT:
            (IMAGES / f"{name}.svg").write_text(screens[name], encoding="utf-8")


if __name__ == "__main__":
    main()
