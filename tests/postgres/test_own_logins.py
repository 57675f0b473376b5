"""Everybody works with a login of their own, none of which writes down what others did: whole days of a desk."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import desk_cli
import pytest
from desk_cli import IN_HOME, PUBLIC, Clock

from repairdesk.cli import common
from repairdesk.ledger import postgres_grants
from repairdesk.ledger.journal import Ledger
from repairdesk.ledger.postgres import Server
from repairdesk.ledger.verify import verify

psycopg = pytest.importorskip("psycopg")
PEOPLE = {
    # Login: person and role at the desk.
    "own_c": ("C1", "clerk"), "own_w": ("W1", "technician"), "own_l": ("L1", "leader"), "own_s": ("S1", "supervisor"),
    "own_m": ("M1", "manager"), "own_night": (None, None),
}  # fmt: skip


class Site:
    """A site of a server, at which everybody is who logged in."""

    def __init__(self, url: str, home: Path, clock: Clock) -> None:
        self.url, self.home, self.clock = url, home, clock

    @property
    def store(self) -> Server:
        return Server(self.url, "east")

    def run(self, login: str, *words: str, code: int = 0) -> Any:
        """A command as a login types it: its document, or the refusal with that exit code."""
        where = ("--home", str(self.home), "--ledger", self.url.replace("postgres@", f"{login}@"), "--site", "east")
        done = desk_cli.run(*words, *where, "--json", "--lang", "en")
        assert done.exit_code == code, (login, words, done + done.err)
        return done.json if code == 0 else done.error

    def written(self) -> list[tuple[str, str, str]]:
        """Event, actor and keyboard of every entry."""
        with Ledger(self.store).read() as reader:
            return [(entry.event, entry.actor, entry.keyboard) for entry in reader.journal()]


@pytest.fixture
def site(database: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    clock = Clock("2026-11-24T09:00:00")
    monkeypatch.setattr(common, "clock", clock)
    made = Site(database(), tmp_path / "east", clock)
    made.run("postgres", "init")
    policies = made.home / "policies.yaml"
    text = policies.read_text(encoding="utf-8").replace("version: standard-2026-11", "version: told")
    assert "  roles: []" in text
    policies.write_text(text.replace("  roles: []", "  roles: [leader, supervisor, clerk]"), encoding="utf-8")
    for login, (staff, role) in PEOPLE.items():
        with psycopg.connect(made.url, autocommit=True) as owner:
            if owner.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (login,)).fetchone() is None:
                owner.execute(f"CREATE ROLE {login} LOGIN".encode())
        if staff:
            made.run("postgres", "staff", "add", staff, "--name", f"N{staff}", "--role", str(role), "--os-user", login)
        postgres_grants.admit(made.store, login, "purger" if staff == "M1" else "worker", staff, others=False)
    # The manager brings the rules by which people are told.
    made.run("own_m", "staff", "add", "W2", "--name", "NW2", "--role", "technician")
    return made


def work(site: Site, number: str, login: str = "own_w") -> None:
    """From the way there to the slip."""
    for words in (("accept",), ("arrive",), ("start",)):
        site.clock.on(minutes=5)
        site.run(login, *words[:1], number)
    site.clock.on(minutes=30)
    site.run(login, "finish", number, "--found", "worn", "--result", "replaced")


def test_an_order_a_coordination_order_and_the_night_are_written_by_who_did_it(site: Site) -> None:
    # One order, from the call to the file.
    number = site.run("own_c", "intake", *IN_HOME, "--category", "plumbing")["number"]
    site.run("own_l", "assign", number, "W1")
    work(site, number)
    site.run("own_w", "sign", number, "--by", "李兰", "--rating", "satisfied")
    site.run("own_l", "close", number)
    site.run("own_c", "archive", number)
    # One that somebody keeps track of: to the end of the coordination order, and of what it was converted from.
    later = site.run("own_c", "intake", *PUBLIC, "--category", "doors_windows")["number"]
    site.run("own_l", "convert", later, "--tracker", "L1", "--reason", "the maker delivers in December")
    (tracked,) = [one["number"] for one in site.run("own_l", "list", "--state", "tracking")["orders"]]
    site.clock.on(days=1)
    site.run("own_l", "log", tracked, "--place", "office", "--contact", "Mr Tang", "--phone", "13700001111",
             "--content", "in December", "--opinions", "agrees", "--plan", "a new door")  # fmt: skip
    site.run("own_s", "check", tracked, "--support", "called the maker")
    site.run("own_l", "finish", tracked, "--result", "a new door")
    # The night, at the keyboard of an account that nobody works at: what nobody did in time.
    site.run("own_c", "intake", *IN_HOME, "--place", "1-1-101", "--category", "electrical")
    site.clock.on(days=12)
    night = site.run("own_night", "escalate")
    assert night["told"]
    assert night["converted"]
    found = site.written()
    by_itself = {(event, keyboard) for event, actor, keyboard in found if actor == "system"}
    assert {("settled", "L1"), ("escalate", "os:own_night"), ("convert", "os:own_night"), ("open", "os:own_night"),
            ("queue", "os:own_night"), ("run", "os:own_night")} <= by_itself  # fmt: skip
    assert {event for event, actor, _ in found if actor == "system"} <= set(postgres_grants.BY_ITSELF)
    assert all(actor in (keyboard, "system") for _, actor, keyboard in found if keyboard != "os:postgres")
    assert verify(site.store)["ok"]


def test_what_is_keyed_in_late_takes_back_what_the_night_did(site: Site) -> None:
    number = site.run("own_c", "intake", *IN_HOME, "--category", "electrical")["number"]
    site.run("own_c", "assign", number, "W1")
    done_at = site.clock.on(hours=2)
    site.clock.on(days=12)
    assert site.run("own_night", "escalate")["converted"]
    site.run("own_w", "start", number, "--at", done_at)
    site.run("own_w", "finish", number, "--at", done_at, "--found", "worn", "--result", "replaced")
    assert {"revert", "void"} & {event for event, actor, keyboard in site.written()
                                 if (actor, keyboard) == ("system", "W1")}  # fmt: skip
    assert verify(site.store)["ok"]


def test_a_burst_pipe_is_told_at_once_by_the_clerk_who_takes_it_in(site: Site) -> None:
    for house in (1, 2):
        site.run("own_c", "intake", *IN_HOME, "--place", f"{house}-1-101", "--priority", "emergency",
                 "--category", "plumbing")  # fmt: skip
    queued = [keyboard for event, actor, keyboard in site.written() if (event, actor) == ("queue", "system")]
    assert queued
    assert set(queued) == {"C1"}
    assert verify(site.store)["ok"]


def test_nobody_writes_for_another_all_the_same(site: Site) -> None:
    site.run("own_c", "intake", *IN_HOME, "--as", "W1", code=12)
