"""Who may what, for every command by every role, against a table that was written by hand from the rulebook.

``who_may.csv`` has a call in each line and the roles that may do it with the standard policies (``*``: anyone at the
keyboard). Everybody else is refused with 12 before anything else is looked at, and nothing is written. What an order's
own assignee and tracker may do is in ``tests/domain/matrix.csv``, with every state.
"""

from __future__ import annotations

import csv
import os
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import roster
from desk_cli import IN_HOME, Clock, done, entries, nothing_written, refused, run

from repairdesk.cli import common
from repairdesk.desk import By, Desk, people
from repairdesk.domain.vocabulary import VERBS
from repairdesk.rules.hydrate import build_policies
from repairdesk.rules.load import read_policies
from repairdesk.rules.preset import preset_text

# Nobody here is an assignee or a tracker in the desk that is tried on.
PEOPLE = {
    "clerk": "C1", "technician": "W3", "contractor": "K1", "leader": "L1", "supervisor": "S1", "manager": "M1",
    "finance": "F1",
}  # fmt: skip
NOBODY, LEFT = "nobody", "left"


class Line(NamedTuple):
    """A line of the table."""

    call: str
    may: frozenset[str]
    rule: str
    says: str


def lines() -> Iterator[Line]:
    with (Path(__file__).parent / "who_may.csv").open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            yield Line(row["call"], frozenset(row["may"].split()), row["rule"], row["says"])


LINES = tuple(lines())
ANYONE = frozenset("*")


@pytest.fixture
def tried(full_desk: Path, tmp_path: Path) -> Path:
    """The desk with an order in every state, somebody who left, and the files that are read."""
    done("staff", "add", "W3", "--name", "N", "--role", "technician")
    done("staff", "add", "M9", "--name", "N", "--role", "manager")
    done("staff", "retire", "M9")
    out = tmp_path / "out"
    out.mkdir()
    (out / "photo.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(64))
    texts = {
        "reports.csv": "类型,地点,故障\n公共,5-1,坏\n",
        "histories.csv": "place,fault,reported_at,external_id,status\n5-1,坏,2026-10-01T09:00,A1,reported\n",
        "calls.csv": "单号,回访时间,结果,方式\nP20261122-0004,2026-11-23 10:00,满意,电话\n",
        "households.csv": "房号,姓名\n9-9-901,孙七\n",
        "staff.csv": "id,name,role\nZ8,冯二,clerk\n",
    }
    for name, text in texts.items():
        (out / name).write_text(text, encoding="utf-8")
    return out


def answer(line: Line, who: str, folder: Path) -> int:
    """The exit code of a call by somebody of that role."""
    argv = shlex.split(line.call.format(tmp=folder, **{"as": who}))
    said = () if who == NOBODY else ("--as", "M9" if who == LEFT else PEOPLE[who])
    return run(*argv, *said, "--json").exit_code


LIMITED = tuple(line for line in LINES if line.may != ANYONE)


def test_whoever_the_rulebook_does_not_name_is_refused_and_nothing_is_written(tried: Path) -> None:
    _with_pins(tried)
    wrong: list[tuple[str, str, int]] = []
    with nothing_written(tried.parent / "desk" / "ledger.db"):
        for line in LIMITED:
            others = [who for who in (*PEOPLE, NOBODY, LEFT) if who not in line.may]
            wrong += [(line.call, who, code) for who in others if (code := answer(line, who, tried)) != 12]
    assert not wrong


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(line, id=line.call[:40], marks=[pytest.mark.rule(line.rule)] if line.rule else [])
        for line in LIMITED
        if line.may
    ],
)
def test_whoever_it_names_may(line: Line, tried: Path) -> None:
    if "--reset" in line.call:
        _with_pins(tried)
    codes = [answer(line, who, tried) for who in PEOPLE if who in line.may]
    assert 12 not in codes
    assert codes[0] == (10 if "refused" in line.says else 0)


def test_what_the_rulebook_leaves_to_anyone_at_the_keyboard_nobody_is_refused(tried: Path) -> None:
    free = [line for line in LINES if line.may == ANYONE]
    codes = {line.call: [answer(line, who, tried) for who in (NOBODY, "technician")] for line in free}
    assert {call: those[0] for call, those in codes.items()} == dict.fromkeys(codes, 0)
    assert not [call for call, those in codes.items() if 12 in those]


def test_every_command_has_a_line() -> None:
    tried = {roster.called(tuple(shlex.split(line.call))) for line in LINES}
    # A run of lines does what each of them does, and so does the full screen; a demo is a desk of its own.
    itself = set("batch|desk|completion|demo|restore|fees import|returned|callback audit|calendar show".split("|"))
    assert roster.commands() - tried == itself | roster.ON_SERVERS


CUSTOMER = "clerk leader supervisor manager"
RULEBOOK = {
    **dict.fromkeys("intake import correct cancel reschedule archive print callback".split(), CUSTOMER),
    "assign": "clerk leader supervisor",
    **dict.fromkeys(("quote", "reduce"), "supervisor manager"),
    **dict.fromkeys("accept arrive start pause support".split(), "assignee"),
    "consent": "assignee clerk",
    **dict.fromkeys(("finish", "sign"), "assignee tracker"),
    "log": "tracker",
    **dict.fromkeys("close check exempt convert archive-coordination".split(), "leader supervisor"),
    **dict.fromkeys(("pay", "hand-over"), "finance"),
    "purge": "manager",
}
"""The rulebook's Who may, by the policies' verbs."""
OURS = frozenset(
    "join decline returned sign-unsigned hear settle settle-remark opinion recheck explain attach rebill household "
    "refund handover reveal pin-reset".split()
)
"""Verbs of which the rulebook's table says nothing."""


def test_the_standard_policies_say_what_the_rulebook_says() -> None:
    may = build_policies(read_policies(preset_text("standard")[0], "policies.yaml").data).may
    assert {verb: " ".join(roles) for verb, roles in may.items() if verb not in OURS} == RULEBOOK
    assert set(may) == set(VERBS) == set(RULEBOOK) | OURS


def _with_pins(folder: Path) -> None:
    for role in ("clerk", "supervisor", "manager"):
        file = folder / f"pin-{role}"
        file.write_text("271828\n")
        file.chmod(0o600)
        done("staff", "pin", PEOPLE[role], "--pin-file", str(file))
    done("staff", "pin", "L2", "--pin-file", str(file))


# --- separation of duties


@pytest.mark.rule("FIN-5", "COO-4", "FEE-6", "QUO-3", "RET-2")
def test_nobody_is_the_second_person_of_what_they_did_themselves(full_desk: Path, clock: Clock) -> None:
    worked, closing, tracked = "P20261122-0001", "P20261122-0014", "X20261122-0001"
    # Promoted, the technician still does not check that work, nor approve a reduction of it.
    done("staff", "add", "W1", "--name", "N", "--role", "supervisor")
    done("staff", "add", "C2", "--name", "N", "--role", "leader")
    with nothing_written(full_desk / "ledger.db"):
        assert refused(12, "close", closing, "--as", "W1")["rule"] == "FIN-5"
        assert refused(12, "check", tracked, "--support", "S", "--as", "C2")["rule"] == "COO-4"
        assert refused(12, "recheck", worked, "--result", "ok", "--as", "W1")["rule"] == "CAL-8"
        rebilled = ("rebill", worked, "--reason", "R", "--reduce", "5", "--as", "C1")
        assert refused(12, *rebilled, "--approver", "W1")["rule"] == "FEE-6"
        assert refused(12, *rebilled, "--approver", "C2")["rule"] == "FEE-6"
        said = ("consent", "P20261122-0002", "--declined", "--reason", "R")
        assert refused(12, *said, "--as", "C1", "--with", "C1")["rule"] == "QUO-3"
        purge = ("purge", "--yes", "--as", "M1", "--at", "2026-11-24T09:00")
        assert refused(12, *purge, "--with", "M1")["rule"] == "RET-2"
        assert refused(12, *purge, "--with", "C1")["rule"] == "RET-2"
        assert refused(11, *purge, "--with", "Q1")["code"] == 11


@pytest.mark.rule("FIN-5")
def test_who_is_retired_is_nobodys_second_person_either(full_desk: Path) -> None:
    for who in ("S1", "L2"):
        done("staff", "retire", who, "--reason", "R")
    with nothing_written(full_desk / "ledger.db"):
        refused(12, "consent", "P20261122-0002", "--declined", "--reason", "R", "--as", "C1", "--with", "S1")
        refused(12, "rebill", "P20261122-0001", "--reason", "R", "--reduce", "5", "--approver", "S1", "--as", "C1")
        refused(12, "purge", "--yes", "--as", "M1", "--with", "L2")


# --- who did it, and who sat there


@pytest.mark.rule("REC-2")
def test_every_entry_says_who_did_it_and_who_sat_at_the_keyboard(tried: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done("staff", "add", "C2", "--name", "N", "--role", "clerk", "--os-user", "lin")
    first = entries(tried.parent / "desk" / "ledger.db")
    monkeypatch.setattr(common, "os_user", lambda: "lin")
    for line in LINES:
        who = next((role for role in PEOPLE if role in line.may), None)
        if who and not line.call.startswith("staff pin"):
            answer(line, who, tried)
    done("staff", "duty", "C1", "--from", "2026-11-24T08:00", "--to", "2026-11-24T20:00")
    with Desk(tried.parent / "desk", common.clock).ledger.read() as reader:
        written = [one for one in reader.journal() if one.seq > first]
    assert len(written) > 30
    assert {one.keyboard for one in written} == {"C2"}
    assert {one.actor for one in written} <= {*PEOPLE.values(), "C2", "system"}
    assert {"C1", "F1", "M1", "S1", "L1"} <= {one.actor for one in written}
    # Without --as it is the one whose account it is.
    assert written[-1].actor == "C2"


# --- inside the transaction


@pytest.mark.parametrize(
    ("event", "data"),
    [
        ("staff-retire", {"reason": None, "held": []}),
        ("staff-add", {"id": "L1", "name": "N", "role": "technician", "trades": [], "os_user": None}),
    ],
    ids=["retired", "another-role"],
)
def test_who_loses_the_right_while_the_command_waits_for_the_ledger_is_refused(
    event: str, data: dict[str, Any], full_desk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = done("intake", *IN_HOME, "--new", "--as", "C1")["number"]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "REPAIRDESK_WAIT": "60"}
    argv = ["exempt", number, "--reason", "R", "--as", "L1", "--at", "2026-11-24T09:00", "--json"]
    with Desk(full_desk, common.clock).turn(By(None, "keyboard")) as turn:
        process = subprocess.Popen(
            [sys.executable, "-c", "from repairdesk.cli.__main__ import run; run()", *argv],
            cwd=full_desk, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        _wait_until_it_has_opened(process, full_desk / "ledger.db")
        people._write(turn, "L1", event, data)
        assert process.poll() is None, "it waits for its turn"
    out, err = process.communicate(timeout=120)
    assert (process.returncode, out) == (12, b""), err


def _wait_until_it_has_opened(process: subprocess.Popen[bytes], ledger: Path) -> None:
    """Until the other process has the ledger's file open, which it has while it waits."""
    held = Path(f"/proc/{process.pid}/fd")
    if not held.is_dir():
        pytest.skip("no /proc here says which files a process has open")
    for _ in range(600):
        with suppress(OSError):
            if any(os.path.samefile(one, ledger) for one in held.iterdir() if one.exists()):
                return
        time.sleep(0.05)
    raise AssertionError("the other process never opened the ledger")
