"""The row that is lit, the order that is shown and the order that a key acts on are one."""

from __future__ import annotations

from pathlib import Path

from full_screen import Sitting, sit

from repairdesk.desk import By, Desk
from repairdesk.tui.forms import Form, Told
from repairdesk.tui.main import Main
from repairdesk.tui.widgets import Rows

P = "P20261122-"


def lit(sitting: Sitting) -> str | None:
    """What the list of orders says is meant."""
    return sitting.main.query_one("#orders", Rows).chosen


async def settled(sitting: Sitting) -> None:
    main = sitting.main
    await sitting.until(lambda: main._asked == main._answered and main.number in (None, main._looked))
    assert main.number is None or main.glance is not None


def test_after_a_search_for_an_order_of_another_list_the_lit_row_is_meant_again(home: Path) -> None:
    async def play(sitting: Sitting) -> None:
        await sitting.mean(f"{P}0004")
        await sitting.press("slash", '"20261122-0008', "enter")
        await settled(sitting)
        assert lit(sitting) == sitting.main.number == f"{P}0008"
        assert "Orders: all" in str(sitting.main.query_one("#orders").border_title)
        await sitting.press("escape")
        await settled(sitting)
        assert lit(sitting) == sitting.main.number == f"{P}0004"
        assert f"{P}0004" in sitting.said("#order-text")

    sit(home, play, who="L1")


def test_an_order_that_left_the_list_by_what_was_done_leaves_no_other_row_lit(home: Path) -> None:
    async def play(sitting: Sitting) -> None:
        await sitting.mean(f"{P}0003")
        rows = [doc["number"] for doc in sitting.main.seen.orders]  # type: ignore[union-attr]
        after = rows[rows.index(f"{P}0003") + 1]
        await sitting.press("x", '"重复', "enter")
        await sitting.until(lambda: isinstance(sitting.app.screen, Main))
        await settled(sitting)
        await sitting.until(lambda: f"{P}0003" not in [doc["number"] for doc in sitting.main.seen.orders])  # type: ignore[union-attr]
        assert lit(sitting) is None
        assert sitting.main.number == f"{P}0003"
        assert "not in the list" in str(sitting.main.query_one("#order").border_title)
        await sitting.press("down")
        await settled(sitting)
        assert lit(sitting) == sitting.main.number == after

    sit(home, play)


def test_a_list_without_orders_leaves_no_order_to_act_on(home: Path) -> None:
    async def play(sitting: Sitting) -> None:
        await sitting.press("slash", '"zzzz', "enter")
        await settled(sitting)
        assert (lit(sitting), sitting.main.number) == (None, None)
        await sitting.press("x")
        assert isinstance(sitting.app.screen, Main)
        assert "No order" in sitting.text()
        await sitting.press("escape")
        await settled(sitting)
        assert lit(sitting) == sitting.main.number is not None

    sit(home, play)


def test_in_the_list_of_what_is_due_what_somebody_else_does_lights_no_other_row(home: Path) -> None:
    async def play(sitting: Sitting) -> None:
        due = sitting.main.query_one("#due", Rows)
        due.focus()
        await sitting.press("home")
        await settled(sitting)
        number = str(sitting.main.number)
        assert str(due.chosen).startswith(number)
        assert lit(sitting) in (number, None)
        Desk(home, lambda: sitting.main.opening.now()).cancel(By("S1", "k"), number, reason="重复")
        await sitting.until(lambda: number not in [doc["number"] for doc in sitting.main.seen.orders])  # type: ignore[union-attr]
        await settled(sitting)
        assert (due.chosen, sitting.main.number) == (None, number)
        await sitting.press("down")
        await settled(sitting)
        assert str(due.chosen).startswith(str(sitting.main.number))
        assert sitting.main.number != number

    sit(home, play)


def test_a_correction_shows_what_stands_there_now(home: Path) -> None:
    async def play(sitting: Sitting) -> None:
        await sitting.mean(f"{P}0001")
        await sitting.press("e", '"fault', "enter")
        assert "fault now: 厨房水龙头漏水" in sitting.said("#said")

    sit(home, play)


def test_how_one_called_is_not_how_one_pays(home: Path) -> None:
    from repairdesk import locale

    async def play(sitting: Sitting) -> None:
        await sitting.mean(f"{P}0006")
        locale.use("zh")
        await sitting.press("k")
        await sitting.until(lambda: isinstance(sitting.app.screen, Form))
        assert "回访方式" in sitting.text()
        assert "付款方式" not in sitting.text()

    sit(home, play)


def test_on_a_small_terminal_orders_are_seen_though_the_account_is_open_and_the_notes_in_full(home: Path) -> None:
    async def play(sitting: Sitting) -> None:
        await sitting.press("i")
        await settled(sitting)
        assert any("1122-00" in line for line in sitting.lines()[6:12]), sitting.text()
        assert "overdue" in sitting.lines()[0]
        await sitting.press("exclamation_mark")
        assert isinstance(sitting.app.screen, Told)

    sit(home, play, size=(60, 20))
