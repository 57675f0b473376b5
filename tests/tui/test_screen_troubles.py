"""What goes wrong while somebody sits there: others write, rules break, the window changes. Nothing typed is lost."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from full_screen import NOW, P, Sitting, sit
from test_screen_draft import draft
from test_screen_intake import begun, orders
from textual.events import Key

from repairdesk import locale
from repairdesk.desk import By, Desk
from repairdesk.desk.visiting import Work
from repairdesk.tui import kept
from repairdesk.tui.forms import Form, put
from repairdesk.tui.main import Main

NARROW, BROAD = (60, 16), (140, 40)


def test_a_window_that_changes_while_a_form_is_open_keeps_what_was_typed(home: Path) -> None:
    async def play(sitting: Sitting) -> None:
        form = await begun(sitting, "3-2-501")
        await sitting.press('"马桶')
        for size in (NARROW, BROAD, (80, 24)):
            await sitting.pilot.resize_terminal(*size)
        await sitting.press('"堵了', "enter")
        assert (form.values()["place"], form.values()["fault"]) == ("3-2-501", "马桶堵了")
        await sitting.press("escape")
        await sitting.mean(f"{P}0003")
        await sitting.press("x", '"重')
        for size in (NARROW, BROAD, (80, 24)):
            await sitting.pilot.resize_terminal(*size)
        await sitting.press('"复')
        box = sitting.app.screen
        assert isinstance(box, Form)
        assert box.values()["reason"] == "重复"
        assert any("重复" in line for line in sitting.lines())

    sit(home, play)


def test_an_order_that_somebody_finishes_while_its_form_is_open_is_refused_and_the_words_stay(home: Path) -> None:
    async def play(sitting: Sitting) -> None:
        await sitting.mean(f"{P}0004")
        await sitting.press("f", '"换了灯')
        Desk(home, lambda: NOW).finish(By("W1", "k"), f"{P}0004", Work("灯修好"))
        await sitting.until(lambda: sitting.main.glance.answer.doc["state"] == "finished")  # type: ignore[union-attr]
        await sitting.press("ctrl+s")
        await sitting.until(lambda: sitting.said("#said") not in ("", "being written …"))
        form = sitting.app.screen
        assert isinstance(form, Form)
        assert f"{P}0004" in str(form.query_one(".box").border_title)
        assert "finished" in sitting.said("#said")
        assert form.values()["result"] == "换了灯"
        await sitting.press("escape")
        # What is meant is still the order of the form.
        assert sitting.main.number == f"{P}0004"

    sit(home, play, who="W1")


def test_a_verb_waits_for_whoever_holds_the_ledger_and_what_is_typed_meanwhile_waits_for_it(home: Path) -> None:
    async def play(sitting: Sitting) -> None:
        await sitting.mean(f"{P}0003")
        await sitting.press("t")
        await sitting.until(lambda: isinstance(sitting.app.screen, Form))
        with closing(sqlite3.connect(home / "ledger.db", isolation_level=None, timeout=5)) as other:
            other.execute("BEGIN IMMEDIATE")
            for name, character in (("enter", "\r"), ("v", "v"), ("x", "x")):
                sitting.app.post_message(Key(name, character))
            await sitting.until(lambda: "being written" in sitting.said("#said"))
            await sitting.pilot.pause(0.2)
            assert isinstance(sitting.app.screen, Form)
            assert not sitting.app.ahead.idle
            other.execute("ROLLBACK")
        # The form of the second key, of the same order; the third key is a letter in it.
        await sitting.until(lambda: sitting.app.ahead.idle)
        form = sitting.app.screen
        assert isinstance(form, Form)
        assert f"{P}0003" in str(form.query_one(".box").border_title)
        assert "x" in form.values().values()

    sit(home, play, who="W1")


def test_rules_that_are_broken_and_mended_meanwhile_cost_a_report_nothing(home: Path) -> None:
    policies = home / "policies.yaml"
    right = policies.read_text(encoding="utf-8")

    async def play(sitting: Sitting) -> None:
        policies.write_text("- [oops", encoding="utf-8")
        form = await begun(sitting, "3-2-501")
        await sitting.press('"马桶堵了', "enter")
        await sitting.until(lambda: "policies.yaml:1" in sitting.said("#said"))
        assert (form.values()["place"], form.values()["kind"]) == ("3-2-501", None)
        policies.write_text(right, encoding="utf-8")
        form.focus_field("place")
        await sitting.press("enter", "enter")
        await sitting.until(lambda: form.values()["kind"] == "in_home" and form.values()["category"] == "plumbing")
        assert "policies.yaml" not in sitting.said("#said")

    sit(home, play)


def test_a_window_for_another_visit_is_typed_as_it_is_said(home: Path) -> None:
    async def play(sitting: Sitting) -> None:
        await sitting.mean(f"{P}0001")
        await sitting.press("r")
        await sitting.until(lambda: isinstance(sitting.app.screen, Form))
        form = sitting.app.screen
        assert isinstance(form, Form)
        # One stands behind the day that is there already.
        await sitting.press('"25-17', "enter", '"住户改期', "enter", '"李兰', "ctrl+s")
        await sitting.until(lambda: "such as 15-17" in sitting.said("#said"))
        form.focus_field("appointment")
        await sitting.press(*["backspace"] * 5, '"15-17', "ctrl+s")
        await sitting.until(lambda: "2026-11-24 15:00 – 17:00" in sitting.main.query_one("#order-text").render().plain)  # type: ignore[union-attr]

    sit(home, play)


def test_the_order_names_its_class_of_fault_as_the_policies_do(home: Path) -> None:
    Desk(home, lambda: NOW).correct(By("C1", "k"), f"{P}0001", {"category": "plumbing"}, reason="补")

    async def play(sitting: Sitting) -> None:
        locale.use("zh")
        await sitting.mean(f"{P}0001")
        assert "给排水" in sitting.said("#order-text")
        assert "plumbing" not in sitting.said("#order-text")

    sit(home, play)


def test_a_draft_that_is_still_being_written_is_gone_once_the_report_is_taken_in(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sound, goes_on = kept._sound, threading.Event()

    def slow(*said: Any) -> dict[str, Any]:
        goes_on.wait(20)
        return sound(*said)

    async def play(sitting: Sitting) -> None:
        form = await begun(sitting, "东门外")
        await sitting.press('"门锁坏了', "enter")
        await sitting.until(lambda: form.values()["kind"] == "public_area")
        monkeypatch.setattr(kept, "_sound", slow)
        form.focus_field("fault")
        await sitting.press('"关不上')
        form.keep()
        await sitting.press("ctrl+s")
        await sitting.until(lambda: isinstance(sitting.app.screen, Main))
        goes_on.set()
        await sitting.main.looking.ask(lambda opened: None)

    sit(home, play)
    assert draft(home).read(NOW) is None
    assert orders(home, "东门外")[0]["fault"] == "门锁坏了关不上"


def test_what_was_kept_last_stays_though_one_before_it_takes_longer(home: Path) -> None:
    one = kept.Kept(home, By("C1", "keyboard"))
    turn = one.turn()
    one.keep(NOW, {"place": "3-2-501", "fault": "漏水，很急"})
    one.keep(NOW, {"place": "3-2-501", "fault": "漏"}, turn=turn)
    begun = one.read(NOW)
    assert begun is not None
    assert begun.values["fault"] == "漏水，很急"


def test_who_leaves_while_a_verb_is_being_written_finds_its_words_again(home: Path) -> None:
    async def leave(sitting: Sitting) -> None:
        await sitting.mean(f"{P}0003")
        await sitting.press("x")
        await sitting.until(lambda: isinstance(sitting.app.screen, Form))
        form = sitting.app.screen
        assert isinstance(form, Form)
        put(form.fields[0], form.widget("reason"), "住户自己修好了")

        async def never(_: object) -> None:
            await asyncio.sleep(60)

        form._do = never  # type: ignore[assignment]
        form.save()
        await sitting.press("ctrl+q")

    async def come(sitting: Sitting) -> None:
        await sitting.mean(f"{P}0003")
        await sitting.press("x")
        await sitting.until(lambda: isinstance(sitting.app.screen, Form))
        form = sitting.app.screen
        assert isinstance(form, Form)
        assert form.values()["reason"] == "住户自己修好了"

    sit(home, leave)
    sit(home, come)
