"""What was begun and not done is kept as the dialogues keep it: either goes on with what the other began."""

from __future__ import annotations

import os
import signal
from datetime import timedelta
from pathlib import Path

from full_screen import NOW, Sitting, sit
from test_screen_intake import begun, orders
from textual.widgets import Input

from repairdesk.cli.talk.intake import IntakeTalk
from repairdesk.desk import By, Desk
from repairdesk.desk.drafts import Draft
from repairdesk.tui.forms import Form
from repairdesk.tui.intake import Intake
from repairdesk.tui.main import Main

ME = By("C1", "keyboard")


def draft(home: Path) -> Draft:
    return Draft(home, "intake", ME.os_user, ME.actor)


async def opened(sitting: Sitting) -> Intake:
    await sitting.press("n")
    await sitting.until(lambda: isinstance(sitting.app.screen, Intake) and not sitting.app.screen._reads)
    form = sitting.app.screen
    assert isinstance(form, Intake)
    return form


def test_a_report_that_was_begun_survives_leaving_and_is_there_the_next_day_at_work(home: Path) -> None:
    async def leave(sitting: Sitting) -> None:
        await begun(sitting, "5-1-303")
        await sitting.press('"门锁坏了', "ctrl+q")

    async def come(sitting: Sitting) -> None:
        form = await opened(sitting)
        assert (form.values()["place"], form.values()["fault"]) == ("5-1-303", "门锁坏了")
        assert "A draft of 09:00" in sitting.said("#said")
        await sitting.press("f4")
        assert not form.values()["place"]
        await sitting.press("escape")

    sit(home, leave)
    kept = draft(home).read(NOW)
    assert kept is not None
    assert {**kept["typed"], **kept["said"]} == {"place": "5-1-303", "fault": "门锁坏了", "kind": "in_home"} | {
        name: value for name, value in {**kept["typed"], **kept["said"]}.items() if name in ("category", "priority")
    }
    sit(home, come, now=lambda: NOW + timedelta(minutes=5))
    assert draft(home).read(NOW) is None


def test_a_closed_terminal_leaves_the_draft(home: Path) -> None:
    async def play(sitting: Sitting) -> None:
        await begun(sitting, "5-1-303")
        await sitting.press('"门锁坏了')
        sitting.app.cut_off("SIGTERM")

    sit(home, play)
    kept = draft(home).read(NOW)
    assert kept is not None
    assert "门锁坏了" in {**kept["typed"], **kept["said"]}.values()


def test_what_was_typed_is_kept_while_one_types(home: Path) -> None:
    async def play(sitting: Sitting) -> None:
        await begun(sitting, "3-2-501")
        await sitting.press('"水龙头漏水', "enter")
        await sitting.until(lambda: "caller" not in (draft(home).read(NOW) or {"said": {}})["said"])
        await sitting.until(lambda: (draft(home).read(NOW) or {"said": {}})["said"].get("fault") == "水龙头漏水")

    sit(home, play)
    kept = draft(home).read(NOW)
    assert kept is not None
    # The dialogue goes on with it.
    talk = IntakeTalk(Desk(home, lambda: NOW), ME)
    talk.check(kept["said"])
    assert talk.report(kept["said"]).place == "3-2-501"


def test_what_the_dialogue_kept_stands_in_the_form_and_is_gone_once_it_is_taken_in(home: Path) -> None:
    said = {"place": "3-2-501", "fault": "马桶堵了", "caller": "李兰", "new": True}
    draft(home).keep(NOW - timedelta(minutes=20), said, typed={"appointment": "明天 15-17"})

    async def play(sitting: Sitting) -> None:
        form = await opened(sitting)
        assert (form.values()["caller"], form.values()["appointment"]) == ("李兰", "明天 15-17")
        await sitting.until(lambda: form.values()["kind"] == "in_home")
        await sitting.press("ctrl+s")
        if not isinstance(sitting.app.screen, Main):
            await sitting.press("3")
        await sitting.until(lambda: "马桶堵了" in sitting.main.query_one("#order-text").render().plain)  # type: ignore[union-attr]

    sit(home, play)
    assert draft(home).read(NOW) is None
    taken = orders(home, "3-2-501")[0]
    assert str(taken["reported_at"])[:16] == "2026-11-24T08:40"


def test_a_form_in_which_nothing_was_typed_leaves_no_draft(home: Path) -> None:
    async def play(sitting: Sitting) -> None:
        await opened(sitting)
        await sitting.press("escape", "ctrl+q")

    sit(home, play)
    assert draft(home).read(NOW) is None


def test_enter_at_the_caller_takes_who_lives_there_and_the_channel_is_the_telephone(home: Path) -> None:
    async def play(sitting: Sitting) -> None:
        form = await begun(sitting, "3-2-501")
        await sitting.press('"马桶堵了', "enter", "enter")
        said = form.values()
        assert (said["caller"], said["channel"]) == ("李兰", "phone")
        assert said["phone"]
        assert form.query_one("#f-category Input", Input).value != "plumbing"

    sit(home, play)


def test_what_is_missing_is_named_as_on_the_form_and_has_the_focus(home: Path) -> None:
    async def play(sitting: Sitting) -> None:
        form = await begun(sitting, "9-9-901")
        await sitting.press('"水龙头漏水', "enter")
        form.focus_field("external_id")
        await sitting.press("ctrl+s")
        await sitting.until(lambda: "missing" in sitting.said("#said"))
        assert "missing: caller, phone [INT-1]" in sitting.said("#said")
        assert "repairdesk" not in sitting.said("#said")
        at = form.field_of(sitting.app.focused)
        assert at is not None
        assert form.fields[at].name == "caller"
        await sitting.until(lambda: form.focused is not None and form.can_view_entire(form.focused))
        assert any("missing: caller" in line for line in sitting.lines())

    sit(home, play)


def test_a_hung_up_line_ends_the_program_after_the_draft(home: Path) -> None:
    ended: list[int] = []

    async def play(sitting: Sitting) -> None:
        await begun(sitting, "5-1-303")
        was, kill = signal.getsignal(signal.SIGHUP), os.kill
        os.kill = lambda _, number: ended.append(number)  # type: ignore[assignment]
        try:
            sitting.app.cut_off("SIGHUP")
        finally:
            os.kill = kill
            signal.signal(signal.SIGHUP, was)

    sit(home, play)
    assert ended == [signal.SIGHUP]
    assert draft(home).read(NOW) is not None


def test_what_was_typed_for_a_verb_survives_leaving_and_the_dialogue_goes_on_with_it(home: Path) -> None:
    number = "P20261122-0004"

    async def leave(sitting: Sitting) -> None:
        await sitting.mean(number)
        await sitting.press("f", '"换了灯', "ctrl+q")

    async def come(sitting: Sitting) -> None:
        await sitting.mean(number)
        await sitting.press("f")
        await sitting.until(lambda: isinstance(sitting.app.screen, Form))
        assert sitting.app.screen.values()["result"] == "换了灯，亮了"
        await sitting.press("ctrl+s")
        await sitting.until(lambda: not isinstance(sitting.app.screen, Form))

    worker = By("W1", "keyboard")
    of_finish = Draft(home, "finish", worker.os_user, worker.actor)
    sit(home, leave, who="W1")
    kept = of_finish.read(NOW)
    assert kept is not None
    assert (kept["said"], kept["typed"]["result"]) == ({"number": number}, "换了灯")
    of_finish.keep(NOW, {"number": number, "result": "换了灯，亮了"}, typed={})
    sit(home, come, who="W1")
    assert of_finish.read(NOW) is None
