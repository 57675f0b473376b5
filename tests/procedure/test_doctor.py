"""Is the desk well? What ``doctor`` and the lines below the board say, and that they say it of an ill desk, too."""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path
from typing import Any

import pytest
from nights import BY_THE_OFFICE
from practice import LAMP, Practice

from repairdesk.cli.render import say
from repairdesk.desk import By
from repairdesk.domain.message import ADDRESSES
from repairdesk.errors import NotFound

TESTER = By(os_user="tester")


@pytest.fixture
def lost(tmp_path: Path, desk_as_founded: Path) -> Practice:
    """A desk whose ledger may come to harm: it is not verified in the end."""
    return Practice(Path(shutil.copytree(desk_as_founded, tmp_path / "lost")))


def checks(desk: Practice) -> dict[str, tuple[bool, str]]:
    """What each check came to, and its sentence."""
    return {one.name: (one.ok, say(one.said.message, one.said.values)) for one in desk.desk.doctor(TESTER)}


def troubles(desk: Practice) -> list[str]:
    return [say(one.message, one.values) for one in desk.desk.board(TESTER)["troubles"]]


def queued(desk: Practice) -> None:
    """An emergency, of which leader and supervisor are sent a message at once."""
    desk.edits("policies.yaml", ("version: standard-2026-11", "version: sending-1"),
               ("  roles: [] ", "  roles: [leader, supervisor] "))  # fmt: skip
    desk.reported(priority="emergency")


def addressed(desk: Practice) -> None:
    (desk.home / ADDRESSES).write_text("version: 1\nurls: []\n", encoding="utf-8")


# --- messages


@pytest.mark.rule("SLA-4")
def test_messages_that_no_address_file_can_take_are_told(desk: Practice) -> None:
    desk.reported(LAMP, priority="emergency")
    assert checks(desk)["messages"][0], "without messages nobody misses the file"
    queued(desk)
    ok, said = checks(desk)["messages"]
    assert not ok
    assert f"there is no {ADDRESSES}" in said
    assert said in troubles(desk)
    addressed(desk)
    assert checks(desk)["messages"][0]
    assert troubles(desk) == []


@pytest.mark.rule("SLA-4")
@pytest.mark.parametrize("library", ["apprise", "requests"])
def test_messages_that_nothing_is_installed_to_send_are_told(
    desk: Practice, monkeypatch: pytest.MonkeyPatch, library: str
) -> None:
    queued(desk)
    addressed(desk)
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == library else found(name))
    ok, said = checks(desk)["messages"]
    assert not ok
    assert "pip install 'repairdesk[notify]'" in said
    assert said in troubles(desk)


@pytest.mark.rule("SLA-4")
def test_a_message_that_has_waited_for_more_than_an_hour_is_told(desk: Practice) -> None:
    queued(desk)
    addressed(desk)
    desk.wait(hours=1)
    assert checks(desk)["messages"][0]
    desk.wait(seconds=1)
    ok, said = checks(desk)["messages"]
    assert not ok
    assert "since 2026-11-22 09:00" in said
    assert said in troubles(desk)


# --- the nightly run, the calendar


@pytest.mark.rule("SLA-5")
def test_what_cron_is_to_do_is_still_to_do_on_a_new_desk_and_missing_once_there_is_an_order(desk: Practice) -> None:
    began = {check.name for check in desk.desk.doctor(TESTER) if check.is_to_come}
    assert began == {"backup", "nightly"}
    assert checks(desk)["nightly"] == (True, "the nightly run (escalate) is not set up yet: put it into cron")
    assert checks(desk)["backup"] == (True, "no backups are set up yet: put backup into cron")
    desk.reported()
    assert checks(desk)["nightly"] == (False, "the nightly run (escalate) has never come: put it into cron")
    assert checks(desk)["backup"] == (False, "no backup was ever made: put backup into cron")
    assert troubles(desk) == [], "nobody at the board can see to it before it is missed"
    desk.wait(hours=27)
    assert troubles(desk) == ["the nightly run (escalate) has never come: put it into cron"]


def test_a_desk_of_more_than_a_day_is_not_well_without_what_cron_does(desk: Practice) -> None:
    assert checks(desk)["backup"][0], "the desk was made a day ago, to the second"
    desk.wait(seconds=1)
    assert not checks(desk)["backup"][0]
    assert not checks(desk)["nightly"][0]


@pytest.mark.rule("SLA-2")
def test_a_desk_without_a_clock_by_the_public_holidays_needs_no_calendar(desk: Practice) -> None:
    (desk.home / "calendar.yaml").unlink()
    assert checks(desk)["calendar"][0]
    desk.edits("policies.yaml", *BY_THE_OFFICE)
    assert not checks(desk)["calendar"][0]


# --- an ill desk


@pytest.mark.rule("REC-4")
def test_rules_that_cannot_be_used_are_told_with_every_mistake_and_every_other_check(desk: Practice) -> None:
    desk.reported()
    well = checks(desk)
    policies = desk.home / "policies.yaml"
    policies.write_text(policies.read_text(encoding="utf-8").replace("zone: Asia/", "zone: Asien/"), encoding="utf-8")
    found = checks(desk)
    ok, said = found.pop("rules")
    assert not ok
    assert "policies.yaml:" in said
    assert "zone" in said
    assert found == {name: check for name, check in well.items() if name != "rules"}
    policies.unlink()
    assert not checks(desk)["rules"][0]


@pytest.mark.rule("REC-1")
def test_a_ledger_that_is_none_is_told_beside_the_rules(lost: Practice) -> None:
    lost.desk.ledger.store.path.write_bytes(b"no ledger at all " * 100)
    found = checks(lost)
    assert found["rules"][0]
    assert found["rules"][1].startswith("policies standard-")
    assert not found["ledger"][0]
    (lost.home / "fees.yaml").write_text("version: [", encoding="utf-8")
    assert {name: ok for name, (ok, _) in checks(lost).items()} == {"rules": False, "ledger": False}
    lost.desk.ledger.store.path.unlink()
    assert not checks(lost)["ledger"][0]


def test_where_there_is_no_desk_there_is_nothing_to_look_at(lost: Practice) -> None:
    with pytest.raises(NotFound):
        lost.desk.doctor(By("X9", "tester"))
    for path in lost.home.iterdir():
        path.unlink()
    with pytest.raises(NotFound):
        lost.desk.doctor(TESTER)


def test_who_looks_writes_nothing(desk: Practice) -> None:
    before: Any = desk.head()
    checks(desk)
    assert desk.head() == before
