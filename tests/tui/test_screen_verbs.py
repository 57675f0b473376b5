"""One key for each verb: every verb of the table is there, asks for what it needs, and is done by the Desk itself."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from threading import Event

import pytest
from full_screen import NOW, Sitting, sit
from textual.widgets import Input, Static

from repairdesk.desk import Answer, By, Desk
from repairdesk.domain import offering
from repairdesk.domain.lifecycle import COORDINATION, ORDER, STATES, TABLE
from repairdesk.domain.offering import BEGINNINGS, verb_of
from repairdesk.tui.forms import Form, Told
from repairdesk.tui.main import Main
from repairdesk.tui.verbs import BY_NAME, VERBS
from repairdesk.tui.widgets import Marks, Picker

P, X = "P20261122-", "X20261122-"
DONE: dict[str, tuple[str, str, dict[str, str]]] = {
    "quote": ("S1", f"{P}0010", {"fee": "120"}),
    "infeasible": ("S1", f"{P}0010", {"reason": "做不了"}),
    "consent": ("C1", f"{P}0002", {}),
    "decline": ("C1", f"{P}0001", {"reason": "太贵", "second": "S1"}),
    "assign": ("C1", f"{P}0001", {"staff": "W1"}),
    "retrack": ("L1", f"{X}0001", {"staff": "C1", "reason": "休假"}),
    "accept": ("W1", f"{P}0003", {}),
    "arrive": ("W1", f"{P}0003", {"found": "灯座坏"}),
    "absent": ("W1", f"{P}0003", {}),
    "start": ("W1", f"{P}0003", {"disturbs": "1", "agreed_by": "物业部"}),
    "pause": ("W1", f"{P}0004", {"reason": "1", "next": "18:00"}),
    "explain": ("S1", f"{P}0005", {"reason": "等件", "expected": "18:00"}),
    "reschedule": ("C1", f"{P}0001", {"appointment": "14:00/16:00", "reason": "住户改期"}),
    "support": ("W1", f"{P}0003", {"reason": "要两个人"}),
    "returned": ("C1", f"{P}0005", {}),
    "finish": ("W1", f"{P}0004", {"result": "换了灯"}),
    "rebill": ("C1", f"{P}0006", {"reason": "漏记", "services": "inspect"}),
    "pay": ("F1", f"{P}0009", {}),
    "refund": ("F1", f"{P}0009", {"amount": "1", "reason": "多收"}),
    "sign": ("W1", f"{P}0006", {"rating": "2", "signer": "李兰"}),
    "sign-unsigned": ("L1", f"{P}0006", {"reason": "住户出差"}),
    "close": ("L1", f"{P}0007", {}),
    "archive": ("C1", f"{P}0008", {}),
    "callback": ("C1", f"{P}0006", {"outcome": "1", "method": "1"}),
    "settle-remark": ("C1", f"{P}0009", {"note": "已去紧固"}),
    "recheck": ("C1", f"{P}0006", {"outcome": "1"}),
    "hear": ("S1", f"{P}0007", {"said": "零件缺货"}),
    "settle": ("M1", f"{P}0007", {"reason": "无法满足"}),
    "cancel": ("C1", f"{P}0001", {"reason": "重复"}),
    "correct": ("C1", f"{P}0001", {"field": "fault", "value": "水管漏水", "reason": "听错"}),
    "exempt": ("L1", f"{P}0001", {"reason": "住户出差"}),
    "convert": ("L1", f"{P}0001", {"tracker": "C2", "reason": "缺件"}),
    "log": ("C2", f"{X}0001", {"place": "电话", "contact": "李兰", "phone": "13900002222", "content": "到货",
                              "opinions": "理解", "plan": "周五"}),
    "check": ("L1", f"{X}0001", {"support": "催供应商"}),
    "attach": ("C1", f"{P}0001", {"file": "photo.png", "what": "2"}),
    "reveal": ("C1", f"{P}0001", {"reason": "回电话"}),
}  # fmt: skip
"""Who does it, with which order, and what is typed into which field; what has a beginning is typed on."""


def test_the_screen_has_a_key_for_every_verb_of_the_table_and_no_other() -> None:
    assert {verb_of(row) for row in TABLE if row.event not in BEGINNINGS} | {"reveal"} == set(BY_NAME) == set(DONE)


def test_no_key_stands_for_two_verbs_of_one_order() -> None:
    for on in (ORDER, COORDINATION):
        for state in STATES:
            keys = defaultdict(set)
            for row in TABLE:
                if row.on == on and state in row.source and verb_of(row) in BY_NAME:
                    keys[BY_NAME[verb_of(row)].key].add(verb_of(row))
            assert [names for names in keys.values() if len(names) > 1] == []


def test_no_verb_takes_a_key_of_the_screen() -> None:
    own = {key for binding in Main.BINDINGS for key in binding.key.split(",")}  # type: ignore[union-attr]
    assert not own & {verb.key for verb in VERBS}


async def typed(sitting: Sitting, name: str, text: str) -> None:
    """Something is typed into a field of the form."""
    form = sitting.app.screen
    assert isinstance(form, Form)
    widget = form.widget(name)
    form.focus_field(name)
    await sitting.pilot.pause()
    if isinstance(widget, Marks):
        await sitting.press(f'"{text}')
        assert widget.value
        return
    line = widget if isinstance(widget, Input) else widget.query_one(Input)
    line.insert(text, len(line.value))
    await sitting.pilot.pause()
    if isinstance(widget, Picker):
        assert widget.value == text


def entered(home: Path, number: str) -> str:
    """The last entry of an order."""
    return str(Desk(home, lambda: NOW).entries(By("C1", "keyboard"), number)[-1]["event"])


def by_key(home: Path, name: str) -> None:
    who, number, said = DONE[name]

    async def play(sitting: Sitting) -> None:
        await sitting.mean(number)
        assert BY_NAME[name].key in sitting.said("#verbs").split()
        await sitting.press(BY_NAME[name].key)
        await sitting.until(lambda: isinstance(sitting.app.screen, Form))
        for field, text in said.items():
            await typed(sitting, field, text)
        await sitting.press("ctrl+s")
        await sitting.until(lambda: not isinstance(sitting.app.screen, Form) or "[" in sitting.said("#said"))
        assert not isinstance(sitting.app.screen, Form), sitting.text()
        if isinstance(sitting.app.screen, Told):
            await sitting.press("escape")
        if name == "reveal":
            await sitting.until(lambda: "13800138000" in sitting.said("#order-text"))

    (home / "photo.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(64))
    sit(home, play, who=who)
    if name == "reveal":
        return
    row = next(row for row in TABLE if verb_of(row) == name)
    assert entered(home, number) == row.event


QUICK = ("assign", "reveal")


@pytest.mark.parametrize("name", QUICK)
def test_a_verb_is_done_by_its_key(home: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.chdir(home)
    by_key(home, name)


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in DONE if name not in QUICK])
def test_every_other_verb_is_done_by_its_key(home: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.chdir(home)
    by_key(home, name)


def test_what_is_offered_is_what_the_table_accepts_and_the_role_may(home: Path) -> None:
    desk = Desk(home, lambda: NOW)
    for _, (who, number, _) in DONE.items():
        for offer in desk.glance(By(who, "keyboard"), number).offers:
            if offer.verb != "reveal":
                refusal = desk.why_not(By(who, "keyboard"), number, offer.verb)
                assert (refusal is None) == (offer.refusal is None), (who, number, offer)


def test_of_whoever_is_asked_only_the_second_person_of_a_no_is_not_known_beforehand() -> None:
    assert [guard.__name__ for guard in offering.OF_WHAT_IS_SAID] == ["two_people_decline"]


def test_a_verb_that_the_role_may_not_do_stands_in_brackets_and_says_why(home: Path) -> None:
    async def play(sitting: Sitting) -> None:
        await sitting.mean(f"{P}0007")
        assert "(c close)" in sitting.said("#verbs")
        await sitting.press("c")
        await sitting.until(lambda: isinstance(sitting.app.screen, Told))
        assert "C1 (clerk) may not do this; it is for: leader, supervisor" in sitting.said("#told")
        await sitting.press("escape")
        assert isinstance(sitting.app.screen, Main)

    sit(home, play)


def test_a_verb_that_the_order_does_not_allow_says_why_with_its_rule(home: Path) -> None:
    async def play(sitting: Sitting) -> None:
        await sitting.mean(f"{P}0010")
        await sitting.press("a")
        await sitting.until(lambda: isinstance(sitting.app.screen, Told))
        said = " ".join(sitting.said("#told").split())
        assert "Work that is not on the fee table waits for the supervisor's review. [QUO-2]" in said
        assert "Possible now: O decline" in said

    sit(home, play)


def test_what_the_desk_refuses_stays_in_the_form_with_its_rule_and_is_there_the_next_time(home: Path) -> None:
    async def play(sitting: Sitting) -> None:
        await sitting.mean(f"{P}0003")
        await sitting.press("a", '"W2', "enter", "ctrl+s")
        await sitting.until(lambda: "[ASG-4]" in sitting.said("#said"))
        assert "Reassigning an order needs a reason" in sitting.said("#said")
        await sitting.press("escape", "a")
        await sitting.until(lambda: isinstance(sitting.app.screen, Form))
        assert sitting.app.screen.widget("staff").value == "W2"  # type: ignore[attr-defined]
        await typed(sitting, "reason", "病假")
        await sitting.press("ctrl+s")
        await sitting.until(lambda: isinstance(sitting.app.screen, (Main, Told)))

    sit(home, play)
    assert entered(home, f"{P}0003") == "assign"


@pytest.mark.slow
def test_where_the_policies_want_a_pin_it_is_asked_for_and_a_wrong_one_is_refused(home: Path) -> None:
    text = (home / "policies.yaml").read_text(encoding="utf-8")
    text = text.replace("pin: []", "pin: [decline]", 1).replace("version: ", "version: pin-", 1)
    assert "pin: [decline]" in text
    (home / "policies.yaml").write_text(text, encoding="utf-8")
    Desk(home, lambda: NOW).pin_set(By("S1", "keyboard"), "S1", new="739154")

    async def play(sitting: Sitting) -> None:
        await sitting.mean(f"{P}0001")
        await sitting.press("O")
        await sitting.until(lambda: isinstance(sitting.app.screen, Form))
        await typed(sitting, "reason", "太贵")
        await typed(sitting, "second", "S1")
        await sitting.press("ctrl+s")
        await sitting.until(lambda: "PIN of S1" in sitting.text())
        for pin, comes in (("739155", lambda: "tries left" in sitting.said("#said")), ("739154", lambda: True)):
            line = sitting.app.screen.query_one("#f-pin", Input)
            line.value = pin
            await sitting.pilot.pause()
            assert pin not in sitting.text()
            await sitting.press("enter")
            await sitting.until(comes)
        await sitting.until(lambda: isinstance(sitting.app.screen, (Main, Told)))

    sit(home, play)
    assert entered(home, f"{P}0001") == "decline"


def test_what_is_missing_is_named_before_the_desk_is_asked(home: Path) -> None:
    async def play(sitting: Sitting) -> None:
        await sitting.mean(f"{P}0001")
        await sitting.press("x", "enter")
        assert sitting.said("#said") == "missing: reason"

    sit(home, play)
    assert entered(home, f"{P}0001") == "intake"


@pytest.mark.slow
def test_what_is_told_at_once_is_sent_when_it_is_kept_and_holds_up_no_other_verb(home: Path) -> None:
    sent: list[Answer] = []
    over = Event()

    def told(desk: Desk, by: By, answer: Answer) -> None:
        sent.append(answer)
        over.wait(30)

    async def play(sitting: Sitting) -> None:
        await sitting.mean(f"{P}0003")
        assert sitting.main.glance is not None
        sitting.main.verbs.done(Answer(sitting.main.glance.answer.doc, [], (1,)))
        await sitting.until(lambda: bool(sent))
        await sitting.press("t", "enter")
        await sitting.until(lambda: "t accept" not in str(sitting.main.query_one("#verbs", Static).render()))
        assert not over.is_set()
        over.set()

    sit(home, play, who="W1", told=told)
    assert entered(home, f"{P}0003") == "accept"
    assert sent[0].queued
