"""A report at the screen: the place first, what is known of it beside, a draft that is not lost."""

from __future__ import annotations

from pathlib import Path

import pytest
from full_screen import NOW, Sitting, sit
from textual.widgets import Input

from repairdesk.desk import By, Desk
from repairdesk.tui.forms import Choose
from repairdesk.tui.intake import Intake
from repairdesk.tui.main import Main


def orders(home: Path, place: str) -> list[dict[str, object]]:
    found, _ = Desk(home, lambda: NOW).list_orders(By("C1", "keyboard"), {"place": place})
    return found


async def begun(sitting: Sitting, place: str) -> Intake:
    """A report is begun with its place."""
    await sitting.press("n")
    await sitting.until(lambda: isinstance(sitting.app.screen, Intake))
    await sitting.press(f'"{place}', "enter")
    screen = sitting.app.screen
    assert isinstance(screen, Intake)
    return screen


def test_a_report_of_a_known_place_takes_its_fault_and_few_keys(home: Path) -> None:
    async def play(sitting: Sitting) -> None:
        form = await begun(sitting, "3-2-501")
        await sitting.until(lambda: "open there:" in sitting.said("#known-text"))
        assert "厨房水龙头漏水" in sitting.said("#known-text")
        await sitting.press('"马桶堵了', "enter")
        await sitting.until(lambda: form.values()["kind"] == "in_home")
        await sitting.press("down", "ctrl+s")
        await sitting.until(lambda: isinstance(sitting.app.screen, (Main, Choose)))
        if isinstance(sitting.app.screen, Choose):
            await sitting.press("3")
        await sitting.until(lambda: "马桶堵了" in sitting.text())

    before = len(orders(home, "3-2-501"))
    sit(home, play)
    after = orders(home, "3-2-501")
    assert len(after) == before + 1
    assert (after[0]["caller"], after[0]["phone"]) == ("李兰", "138****8000")
    assert len(["n", *"3-2-501", "enter", "enter", "down", "ctrl+s"]) <= 12


@pytest.mark.slow
def test_where_an_order_is_open_already_the_caller_is_joined_or_a_new_one_is_made(home: Path) -> None:
    Desk(home, lambda: NOW).correct(By("C1", "k"), "P20261122-0001", {"category": "plumbing"}, reason="补")

    async def play(sitting: Sitting) -> None:
        form = await begun(sitting, "3-2-501")
        await sitting.press('"水龙头漏水', "enter")
        await sitting.until(lambda: form.values()["category"] == "plumbing")
        await sitting.press("down", "enter", "ctrl+s")
        await sitting.until(lambda: isinstance(sitting.app.screen, Choose))
        assert "join P20261122-0001" in sitting.text()
        await sitting.press("1")
        await sitting.until(lambda: isinstance(sitting.app.screen_stack[-1], Main) or len(sitting.app.screen_stack) < 3)

    before = len(orders(home, "3-2-501"))
    sit(home, play)
    assert len(orders(home, "3-2-501")) == before
    events = [one["event"] for one in Desk(home, lambda: NOW).entries(By("C1", "k"), "P20261122-0001")]
    assert events[-1] == "join"


def test_what_was_typed_is_there_again_after_escape(home: Path) -> None:
    async def play(sitting: Sitting) -> None:
        await begun(sitting, "5-1-303")
        await sitting.press('"门锁坏了', "escape")
        assert isinstance(sitting.app.screen, Main)
        await sitting.press("n")
        await sitting.until(lambda: isinstance(sitting.app.screen, Intake))
        form = sitting.app.screen
        assert isinstance(form, Intake)
        assert (form.values()["place"], form.values()["fault"]) == ("5-1-303", "门锁坏了")

    sit(home, play)


@pytest.mark.slow
def test_what_the_desk_refuses_of_a_report_is_said_with_its_rule(home: Path) -> None:
    async def play(sitting: Sitting) -> None:
        form = await begun(sitting, "东门")
        await sitting.press('"灯不亮', "enter")
        await sitting.until(lambda: form.values()["kind"] == "public_area")
        form.focus_field("phone")
        await sitting.press('"1x', "ctrl+s")
        await sitting.until(lambda: "[INT-1]" in sitting.said("#said"))
        assert "“1x” is not a phone number" in sitting.said("#said")

    sit(home, play)


@pytest.mark.slow
def test_orders_are_found_while_one_types_and_escape_goes_back(home: Path) -> None:
    async def play(sitting: Sitting) -> None:
        await sitting.press("slash", '"东门')
        await sitting.until(lambda: "“东门”" in str(sitting.main.query_one("#orders").border_title))
        await sitting.until(lambda: all(doc["place"] == "东门" for doc in (sitting.main.seen or ()).orders))  # type: ignore[union-attr]
        await sitting.press("enter")
        assert sitting.app.focused is not None
        assert sitting.app.focused.id == "orders"
        await sitting.press("escape")
        await sitting.until(lambda: sitting.main.find == "")
        assert sitting.main.query_one("#find", Input).value == ""

    sit(home, play)


def test_the_arrows_choose_the_order_that_is_meant_in_either_list(home: Path) -> None:
    async def play(sitting: Sitting) -> None:
        first = sitting.main.number
        await sitting.press("down", "down")
        await sitting.until(lambda: sitting.main.number != first)
        meant = sitting.main.number
        await sitting.until(lambda: str(meant) in sitting.said("#order-text"))
        sitting.main.query_one("#due").focus()
        await sitting.press("end")
        await sitting.until(lambda: sitting.main.number != meant)
        await sitting.until(lambda: str(sitting.main.number) in sitting.said("#order-text"))

    sit(home, play)


@pytest.mark.slow
def test_enter_on_a_technician_lists_what_they_have(home: Path) -> None:
    async def play(sitting: Sitting) -> None:
        sitting.main.query_one("#hands").focus()
        await sitting.press("home", "enter")
        await sitting.until(lambda: "W1" in str(sitting.main.query_one("#orders").border_title))
        assert sitting.main.seen is not None
        await sitting.until(lambda: {doc["assignee"] for doc in sitting.main.seen.orders} == {"W1"})  # type: ignore[union-attr]

    sit(home, play)
