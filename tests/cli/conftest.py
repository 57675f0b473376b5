"""A desk for each test: a copy of one that is made once, with its people, and of one with an order in every state."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from desk_cli import IN_HOME, PUBLIC, STAFF, Clock, done

from repairdesk.cli import common

MORNING = "2026-11-24T09:00:00"


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No variable and no folder of the machine decides, and nobody known sits at the keyboard."""
    for name in [name for name in os.environ if name.startswith(("REPAIRDESK_", "LC_", "LANG", "XDG_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("REPAIRDESK_LANG", "en")
    monkeypatch.setenv("HOME", str(tmp_path / "nowhere"))
    monkeypatch.setattr(common, "os_user", lambda: "keyboard")


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The only clock; it stands at nine in the morning of a Tuesday."""
    stands = Clock(MORNING)
    monkeypatch.setattr(common, "clock", stands)
    return stands


@pytest.fixture(scope="session")
def _templates(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Path]]:
    """The two desks that are copied."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(common, "os_user", lambda: "keyboard")
        stands = Clock("2026-11-22T08:00:00")
        patch.setattr(common, "clock", stands)
        patch.setenv("REPAIRDESK_LANG", "en")
        empty = tmp_path_factory.mktemp("empty") / "desk"
        patch.setenv("REPAIRDESK_HOME", str(empty))
        done("init")
        for person, role in STAFF.items():
            done("staff", "add", person, "--name", f"N{person}", "--role", role)
        full = tmp_path_factory.mktemp("full") / "desk"
        shutil.copytree(empty, full)
        patch.setenv("REPAIRDESK_HOME", str(full))
        fill(stands)
        yield empty, full


@pytest.fixture
def desk(_templates: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clock: Clock) -> Path:
    """A desk with its people and no orders; it is where commands are typed."""
    return _copy(_templates[0], tmp_path, monkeypatch)


@pytest.fixture
def full_desk(_templates: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clock: Clock) -> Path:
    """A desk with an order of every kind and in every state."""
    return _copy(_templates[1], tmp_path, monkeypatch)


def _copy(template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "desk"
    shutil.copytree(template, folder)
    monkeypatch.chdir(folder)
    return folder


def fill(clock: Clock) -> None:
    """An order of every kind and in every state, P20261122-0001 … in the order of this function."""

    def then(*argv: str) -> str:
        clock.on(minutes=1)
        return str(done(*argv)["number"])

    def out(number: str, *, disturbs: tuple[str, ...] = ()) -> str:
        then("assign", number, "W1", "--as", "C1")
        then("accept", number, "--as", "W1")
        then("arrive", number, "--as", "W1", "--found", "垫圈老化")
        return then("start", number, "--as", "W1", *disturbs)

    def intake(*argv: str) -> str:
        return then("intake", *argv, "--new", "--as", "C1")

    worked = intake(*IN_HOME, "--category", "plumbing", "--service", "tap", "--channel", "phone", "--model", "M-1")  # 1
    then("consent", worked, "--fee", "200", "--as", "C1")
    out(worked, disturbs=("--disturbs", "water", "--agreed-by", "李兰", "--check", "badge"))
    tomorrow = "2026-11-22T18:00"
    then("pause", worked, "--reason", "taken-away", "--item", "水泵", "--next", tomorrow, "--as", "W1")
    then("start", worked, "--as", "W1")
    then("returned", worked, "水泵", "--as", "W1")
    then("finish", worked, "--result", "换好", "--service", "tap:2", "--material", "led-9w", "--material",
         "角阀片:2:18.50", "--as", "W1")  # fmt: skip
    then("sign", worked, "--by", "李兰", "--rating", "satisfied", "--as", "W1")
    then("close", worked, "--as", "L1")
    then("archive", worked, "--as", "C1")
    intake(*PUBLIC)  # 2 reported
    intake("--kind", "complaint", "--place", "小区", "--fault", "太吵", "--anonymous", "--severity", "major")  # 3
    intake("--kind", "help", "--place", "4-1-101", "--fault", "求助", "--class", "enquiry", "--advised")  # 4 advised
    quoted = intake(*IN_HOME, "--unlisted")  # 5 quoted
    then("quote", quoted, "--fee", "80", "--as", "S1")
    declined = intake(*IN_HOME, "--service", "toilet")  # 6 declined
    then("consent", declined, "--declined", "--reason", "太贵", "--with", "S1", "--as", "C1")
    cancelled = intake(*PUBLIC)  # 7 cancelled
    then("cancel", cancelled, "--reason", "重复", "--as", "C1")
    tracked = out(intake(*IN_HOME, "--category", "electrical"))  # 8 converted, X-0001 tracking
    then("convert", tracked, "--tracker", "C2", "--reason", "缺件", "--as", "L1")
    then("log", "X20261122-0001", "--place", "电话", "--contact", "李兰", "--phone", "13900002222", "--content", "等件",
         "--opinions", "理解", "--plan", "周五到货", "--as", "C2")  # fmt: skip
    then("check", "X20261122-0001", "--support", "催供应商", "--as", "L1")
    filed = intake(*PUBLIC)  # 9 converted, X-0002 archived
    then("convert", filed, "--tracker", "C2", "--reason", "缺件", "--as", "L1")
    then("finish", "X20261122-0002", "--result", "修好", "--as", "C2")
    then("sign", "X20261122-0002", "--by", "物业部", "--rating", "fair", "--as", "C2")
    then("close", "X20261122-0002", "--as", "L1")
    then("archive", "X20261122-0002", "--as", "L1")
    then("assign", intake(*PUBLIC), "W2", "--as", "C1")  # 10 assigned
    out(intake(*PUBLIC))  # 11 on_site
    paused = out(intake(*PUBLIC))  # 12 paused
    then("pause", paused, "--reason", "parts", "--next", tomorrow, "--as", "W1")
    for last in ("finished", "signed", "closed"):  # 13, 14, 15
        number = out(intake(*PUBLIC))
        then("finish", number, "--result", "好了", "--as", "W1")
        if last != "finished":
            then("sign", number, "--by", "工程部", "--rating", "dissatisfied", "--as", "W1")
        if last == "closed":
            then("close", number, "--as", "L1")
