"""Keys that come faster than what they do go where they would have gone slowly; and a box goes but once."""

from __future__ import annotations

from pathlib import Path

import pytest
from full_screen import Sitting, sit
from textual.widgets import Input

from repairdesk.tui.forms import Form, Told
from repairdesk.tui.help import Help
from repairdesk.tui.intake import Intake
from repairdesk.tui.main import Main

P = "P20261122-"


@pytest.mark.parametrize("keys", ['"qq', '"地漏堵', "enter enter"])
def test_several_keys_at_once_at_a_box_close_it_and_nothing_else(home: Path, keys: str) -> None:
    async def play(sitting: Sitting) -> None:
        await sitting.mean(f"{P}0001")
        await sitting.press("f")
        await sitting.until(lambda: isinstance(sitting.app.screen, Told))
        await sitting.burst(*([keys] if keys.startswith('"') else keys.split()))
        assert isinstance(sitting.app.screen_stack[0], Main)

    sit(home, play)


def test_a_box_that_is_closed_twice_at_once_leaves_the_screen_below_it(home: Path) -> None:
    async def play(sitting: Sitting) -> None:
        sitting.app.push_screen(Told("box", ["text"]))
        await sitting.pilot.pause()
        box = sitting.app.screen
        assert isinstance(box, Told)
        for _ in range(2):
            box.on_key(type("Key", (), {"stop": lambda _: None, "prevent_default": lambda _: None})())
        await sitting.pilot.pause()
        assert isinstance(sitting.app.screen, Main)
        sitting.app.push_screen(Help())
        await sitting.pilot.pause()
        page = sitting.app.screen
        assert isinstance(page, Help)
        for _ in range(2):
            page.action_close()
        await sitting.pilot.pause()
        assert isinstance(sitting.app.screen, Main)

    sit(home, play)


def test_what_follows_the_key_of_a_report_at_once_stands_in_its_fields(home: Path) -> None:
    async def play(sitting: Sitting) -> None:
        await sitting.burst("n", '"3-2-501', "enter", '"马桶堵了', "enter", "enter")
        form = sitting.app.screen
        assert isinstance(form, Intake)
        said = form.values()
        assert (said["place"], said["fault"]) == ("3-2-501", "马桶堵了")
        assert (said["caller"], said["kind"], said["category"]) == ("李兰", "in_home", "plumbing")
        assert said["phone"]

    sit(home, play)


def test_what_follows_the_key_of_the_search_at_once_is_looked_for_and_no_verb(home: Path) -> None:
    async def play(sitting: Sitting) -> None:
        await sitting.burst("/", '"xa0007')
        assert isinstance(sitting.app.screen, Main)
        assert sitting.main.query_one("#find", Input).value == "xa0007"

    sit(home, play)


def test_a_search_and_a_verb_at_once_act_on_what_was_found(home: Path) -> None:
    async def play(sitting: Sitting) -> None:
        await sitting.mean(f"{P}0004")
        await sitting.burst("/", '"0003', "enter", "a")
        assert isinstance(sitting.app.screen, Form)
        assert f"{P}0003" in str(sitting.app.screen.query_one(".box").border_title)

    sit(home, play)


def test_an_arrow_and_a_verb_at_once_act_on_the_row_that_is_lit(home: Path) -> None:
    async def play(sitting: Sitting) -> None:
        rows = [doc["number"] for doc in sitting.main.seen.orders]  # type: ignore[union-attr]
        at = rows.index(str(sitting.main.number))
        await sitting.burst("down", "down", "l")
        await sitting.until(lambda: isinstance(sitting.app.screen, (Told, Form)))
        assert rows[at + 2] in str(sitting.app.screen.query_one(".box").border_title)

    sit(home, play)


def test_what_is_typed_behind_a_verb_waits_until_it_is_done(home: Path) -> None:
    async def play(sitting: Sitting) -> None:
        await sitting.mean(f"{P}0003")
        await sitting.burst("t", "enter", "v", '"灯座坏', "enter")
        await sitting.until(lambda: isinstance(sitting.app.screen, Main))
        await sitting.until(lambda: sitting.main.glance.answer.doc["state"] == "on_site")  # type: ignore[union-attr]

    sit(home, play, who="W1")
