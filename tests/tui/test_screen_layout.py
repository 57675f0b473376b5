"""Every box is whole, in 80 by 24 and in 200 by 60, with Chinese in it; and nothing is told by colour alone."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from full_screen import Sitting, sit
from hypothesis import given
from hypothesis import strategies as st
from textual.content import Content

from repairdesk import locale
from repairdesk.locale.width import width
from repairdesk.tui import lines
from repairdesk.tui.forms import Form, Told
from repairdesk.tui.help import Help
from repairdesk.tui.intake import Intake

P = "P20261122-"
SEEN = [(size, language) for size in ((80, 24), (100, 30), (200, 60)) for language in ("zh", "en")]


def cells(line: str) -> list[str]:
    """A line of the screen by its columns; a Chinese sign has two, the second of which is empty."""
    return [one for sign in line for one in (sign, *[""] * (width(sign) - 1))]


def whole(screen: list[str], columns: int) -> None:
    """Every line is as wide as the screen, and every box is closed."""
    rows = [cells(line) for line in screen]
    assert {len(row) for row in rows} == {columns}, [line for line in screen if len(cells(line)) != columns]
    corners = [(y, x) for y, row in enumerate(rows) for x, sign in enumerate(row) if sign == "╭"]
    for top, left in corners:
        right = rows[top].index("╮", left)
        bottom = next(y for y in range(top, len(rows)) if rows[y][left] == "╰")
        assert rows[bottom][right] == "╯"
        for y in range(top + 1, bottom):
            assert (rows[y][left], rows[y][right]) == ("│", "│"), screen[y]
    assert sum(line.count("╭") for line in screen) == sum(line.count("╯") for line in screen)


@pytest.mark.parametrize(
    ("size", "language"),
    [
        pytest.param(size, one, marks=[] if (size, one) == ((80, 24), "zh") else [pytest.mark.slow])
        for size, one in SEEN
    ],
)
def test_the_screen_and_everything_over_it_is_whole(home: Path, size: tuple[int, int], language: str) -> None:
    locale.use(language)

    async def play(sitting: Sitting) -> None:
        whole(sitting.lines(), size[0])
        await sitting.mean(f"{P}0001")
        steps = [("a", Form), ("f1", Help), ("c", Told), ("n", Intake), ("e", Form)]
        for key, screen in steps:
            await sitting.press(key)
            await sitting.until(lambda screen=screen: isinstance(sitting.app.screen, screen))
            await sitting.pilot.pause(0.05)
            whole(sitting.lines(), size[0])
            await sitting.press("escape")
        await sitting.press("enter")
        whole(sitting.lines(), size[0])

    sit(home, play, size=size)


@pytest.mark.slow
def test_a_form_with_more_fields_than_lines_scrolls_and_keeps_what_it_says_in_sight(home: Path) -> None:
    async def play(sitting: Sitting) -> None:
        await sitting.mean(f"{P}0004")
        await sitting.press("f")
        await sitting.until(lambda: isinstance(sitting.app.screen, Form))
        whole(sitting.lines(), 80)
        await sitting.press("ctrl+s")
        assert "missing: result" in sitting.text()
        whole(sitting.lines(), 80)

    sit(home, play, who="W1")


def test_in_80_by_24_everything_that_counts_is_in_sight(home: Path) -> None:
    async def play(sitting: Sitting) -> None:
        await sitting.mean(f"{P}0001")
        text = sitting.text()
        for part in ("Due next", "Sent/at work/paused", "Orders: open", f"{P}0001", "a assign", "n report", "F1"):
            assert part in text, part
        assert "C1 NC1 clerk" in text

    sit(home, play)


@pytest.mark.slow
def test_on_a_wide_screen_the_account_stands_beside_the_order(home: Path) -> None:
    async def play(sitting: Sitting) -> None:
        await sitting.mean(f"{P}0001")
        await sitting.until(lambda: "SLA-1" in sitting.said("#why-text"))
        assert "from the report of" in sitting.text()

    sit(home, play, size=(200, 60))


@pytest.mark.slow
def test_on_a_small_screen_a_key_puts_the_account_in_the_place_of_the_order(home: Path) -> None:
    async def play(sitting: Sitting) -> None:
        await sitting.mean(f"{P}0001")
        assert "from the report of" not in sitting.text()
        await sitting.press("i")
        await sitting.until(lambda: "from the report of" in sitting.text())

    sit(home, play)


def test_a_phone_is_masked_until_it_is_asked_for_with_a_reason(home: Path) -> None:
    async def play(sitting: Sitting) -> None:
        await sitting.mean(f"{P}0001")
        assert "138****8000" in sitting.said("#order-text")
        assert "13800138000" not in sitting.text()

    sit(home, play, size=(200, 60))


TEXTS = st.text(max_size=30)


@given(TEXTS, TEXTS, st.integers(40, 200))
def test_a_row_takes_just_its_columns_whatever_is_written_in_it(place: str, fault: str, columns: int) -> None:
    doc = {
        "number": "P20261122-0001", "state": "reported", "as_found": False, "priority": "emergency", "place": place,
        "fault": fault, "assignee": None, "kind": "in_home", "reported_at": "2026-11-22T09:00:00+08:00",
    }  # fmt: skip
    assert lines.order(doc, columns).cell_length == columns


def test_what_is_overdue_says_so_in_words() -> None:
    now = datetime(2026, 11, 24, 1, tzinfo=UTC)
    doc = {"number": "P20261122-0001", "name": "response", "owner": "C1", "place": "3-2-501", "provisional": False}
    texts = [
        lines.due({**doc, "due_at": due, "state": state}, now, 80).plain.split("P")[0].split("1122")[0].strip()
        for due, state in (
            ("2026-11-24T08:00:00+08:00", "missed"),
            ("2026-11-24T09:12:00+08:00", "open"),
            ("2026-11-27T09:00:00+08:00", "open"),
            ("2026-11-27T09:00:00+08:00", "paused"),
        )
    ]
    assert texts == ["!1h00m over", "12m00s left", "3d00h left", "stopped"]


def test_keys_and_their_words_are_never_parted_at_the_end_of_a_line() -> None:
    pairs = [(key, f"派工 {key}", key != "c") for key in "abcdefghij"]
    laid_out = lines.keys(pairs, 30).plain.split("\n")
    assert max(width(line) for line in laid_out) <= 30
    assert "  ".join(laid_out) == "  ".join(f"{k} {t}" if may else f"({k} {t})" for k, t, may in pairs)


def test_what_residents_say_is_shown_and_never_obeyed() -> None:
    shown = lines.row([lines.Cell("\x1b[31m[bold]坏[/bold]")], 30)
    assert isinstance(shown, Content)
    assert "\x1b" not in shown.plain
    assert "[bold]" in shown.plain
