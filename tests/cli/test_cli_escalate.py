"""``escalate`` as cron sees it: its answer is out before anything is sent, and whatever happens then it is not lost."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from desk_cli import PUBLIC, Clock, done, run

from repairdesk.cli import notices
from repairdesk.desk import Desk
from repairdesk.domain.message import Outcome
from repairdesk.errors import Busy

MESSAGES = {"waiting", "given_up"}


@pytest.fixture
def overdue(desk: Path, clock: Clock) -> Path:
    """A desk that sends messages, with an order that nobody was sent to."""
    policies = desk / "policies.yaml"
    text = policies.read_text(encoding="utf-8").replace("version: standard-2026-11", "version: telling")
    assert "  roles: []" in text
    policies.write_text(text.replace("  roles: []", "  roles: [technician, leader, supervisor, manager, clerk]"),
                        encoding="utf-8")  # fmt: skip
    done("intake", *PUBLIC, "--new", "--as", "C1")
    clock.on(hours=3)
    return desk


def sends(monkeypatch: pytest.MonkeyPatch, send: Callable[..., Any]) -> None:
    """Messages go this way, whatever addresses there are."""
    monkeypatch.setattr(notices, "ready", lambda desk, by: (send, []))


FAILED = Outcome(failed=(("JSON", "http-500"),))


def test_the_document_says_what_waits_and_is_the_same_for_a_dry_run(overdue: Path) -> None:
    would = done("escalate", "--dry-run")
    did = done("escalate")
    assert len(did["told"]) >= 1
    assert set(did["messages"]) == MESSAGES
    assert did["messages"]["waiting"] >= 1
    assert {**would, "warnings": []} == {**did, "warnings": []}
    assert did["warnings"] == ["messages wait to be sent: there is no notify.yaml"]


def test_with_a_control_character_in_notify_yaml_the_run_is_done_and_messages_wait(overdue: Path) -> None:
    (overdue / "notify.yaml").write_text("urls: []\n# \u0007\n", encoding="utf-8")
    (warning,) = done("escalate")["warnings"]
    assert warning == "messages wait to be sent: notify.yaml cannot be read as YAML: see line 2"


def test_an_emergency_is_taken_in_with_a_control_character_in_notify_yaml(overdue: Path) -> None:
    (overdue / "notify.yaml").write_text("# \u0007\n", encoding="utf-8")
    assert done("intake", *PUBLIC, "--new", "--priority", "emergency", "--as", "C1")["priority"] == "emergency"


@pytest.mark.parametrize("form", [(), ("--json",)])
def test_the_answer_is_out_before_anything_is_sent(
    overdue: Path, monkeypatch: pytest.MonkeyPatch, form: tuple[str, ...]
) -> None:
    out: list[str] = []

    def send(*_: object) -> Outcome:
        out.append(sys.stdout.getvalue())  # type: ignore[union-attr]
        return Outcome()

    sends(monkeypatch, send)
    said = run("escalate", *form)
    assert said.exit_code == 0, said.err
    assert out
    assert out[0] == str(said) != ""


SLOW = """
import sys
from repairdesk.cli import common, notices
from repairdesk.cli.__main__ import main
from datetime import datetime
common.clock = lambda: datetime.fromisoformat(sys.argv[1])
def hang(*_):
    print("sending", file=sys.stderr, flush=True)
    time.sleep(60)
notices.ready = lambda desk, by: (hang, [])
main(sys.argv[2:])
"""


@pytest.mark.sqlite
def test_who_is_killed_while_sending_has_answered(overdue: Path, clock: Clock) -> None:
    argv = [sys.executable, "-c", SLOW, clock.now.isoformat(), "escalate", "--json"]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=os.environ, text=True) as program:
        assert program.stderr is not None
        assert program.stderr.readline() == "sending\n"
        program.send_signal(signal.SIGTERM)
        out, _ = program.communicate(timeout=30)
    assert set(json.loads(out)["messages"]) == MESSAGES
    assert program.returncode == -signal.SIGTERM


@pytest.mark.parametrize("form", [(), ("--json",)])
def test_a_ledger_that_is_busy_while_sending_is_eighteen_and_costs_no_answer(
    overdue: Path, monkeypatch: pytest.MonkeyPatch, form: tuple[str, ...]
) -> None:
    def busy(*_: object, **__: object) -> None:
        raise Busy("others hold the ledger")

    sends(monkeypatch, lambda *_: Outcome())
    monkeypatch.setattr(Desk, "deliver", busy)
    said = run("escalate", *form)
    assert said.exit_code == 18
    assert "P20261124-0001" in said
    assert "the messages could not all be sent: others hold the ledger" in said.err
    if form:
        assert len(said.json["told"]) >= 1
        assert (said.error["code"], said.error["rule"]) == (18, "SLA-5")


def test_what_does_not_arrive_is_said_to_people_and_with_json_to_nobody(
    overdue: Path, monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    sends(monkeypatch, lambda *_: FAILED)
    said = run("escalate", "--json")
    assert (said.exit_code, said.err) == (0, "")
    assert said.json["messages"]["given_up"] == 0
    clock.on(minutes=1)
    said = run("escalate")
    assert said.exit_code == 0
    assert "did not arrive (JSON http-500); it is tried again" in said.err


def test_a_run_that_gives_a_message_up_is_eighteen(
    overdue: Path, monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    sends(monkeypatch, lambda *_: FAILED)
    codes = []
    for _ in range(6):
        codes.append(run("escalate", "--json").exit_code)
        clock.on(hours=13)
    assert 18 in codes
    said = run("escalate", "--json")
    assert said.json["messages"]["given_up"] >= 1


def test_what_cannot_be_put_out_is_sent_all_the_same(overdue: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[object] = []

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    def send(*_: object) -> Outcome:
        tried.append(1)
        return Outcome()

    sends(monkeypatch, send)
    with monkeypatch.context() as broken:
        broken.setattr("repairdesk.cli.render.put", full)
        said = run("escalate")
    assert tried
    assert said.exit_code == 17
    assert "No space left on device" in said.err
