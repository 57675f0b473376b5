"""A second person says so for themselves: who sets a PIN and where, what takes it, and when nobody can try any more."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from desk_cli import IN_HOME, Clock, done, entries, nothing_written, refused, run

from repairdesk.cli import common
from repairdesk.desk import By, Desk
from repairdesk.desk.slip import Slip
from repairdesk.domain import pin
from repairdesk.domain.pin import State
from repairdesk.errors import NotPermitted, UsageError

RIGHT, OTHER, WRONG = "271828", "314159", "141421"


def kept(folder: Path, text: str, name: str = "pin") -> str:
    """A file with a PIN that nobody else can read."""
    path = folder / name
    path.write_text(text + "\n", encoding="utf-8")
    path.chmod(0o600)
    return str(path)


@pytest.fixture
def pins(tmp_path: Path) -> Path:
    """Where files with PINs lie: not in the desk."""
    folder = tmp_path / "pins"
    folder.mkdir()
    return folder


def asks_for(desk: Path, *what: str) -> None:
    """The policies ask for the PIN of the second person."""
    path = desk / "policies.yaml"
    text = path.read_text(encoding="utf-8")
    assert "\n  pin: [] " in text
    text = text.replace("\n  pin: [] ", f"\n  pin: [{', '.join(what)}] ").replace("standard-2026-11", "with-pins", 1)
    path.write_text(text, encoding="utf-8")


def has_pin(pins: Path, who: str, text: str = RIGHT) -> str:
    """Sets somebody's PIN; answers with the file."""
    file = kept(pins, text, f"pin-{who}")
    assert done("staff", "pin", who, "--pin-file", file)["pin"] is True
    return file


def journal() -> list[dict[str, Any]]:
    return [json.loads(line) for line in run("export", "entries", "--format", "jsonl").splitlines()]


# --- what a PIN is


@pytest.mark.parametrize("text", ["271828", "００7131".replace("7", "７"), "123456789013", " 271828 "])
def test_six_to_twelve_digits_are_a_pin(text: str) -> None:
    assert pin.checked(text).isascii()


@pytest.mark.parametrize("text", ["", "12345", "1234567890123", "27182a", "2718 28", "一二三四五六", "²²²²²²"])
def test_anything_else_is_none_and_is_not_repeated(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        pin.checked(text)
    assert not text or text not in str(caught.value)


@pytest.mark.parametrize("text", ["000000", "123456", "987654", "890123", "121212", "123123", "88888888"])
def test_what_anyone_would_try_first_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="first that anyone would try"):
        pin.checked(text)


def test_what_is_kept_takes_time_and_memory_to_try(monkeypatch: pytest.MonkeyPatch) -> None:
    import hashlib

    asked: dict[str, Any] = {}
    monkeypatch.setattr(hashlib, "scrypt", lambda password, **cost: asked.update(cost) or b"k")
    pin.derived("271828", b"s" * 16)
    assert asked == {"salt": b"s" * 16, "dklen": 32, "n": 2**14, "r": 8, "p": 1}


# --- setting it


def test_two_people_with_one_pin_have_different_hashes_and_no_reader_shows_them(desk: Path, pins: Path) -> None:
    has_pin(pins, "L1")
    has_pin(pins, "M1")
    with Desk(desk, common.clock).ledger.read() as reader:
        one, other = (pin.fold(reader.entries(f"pin:{who}")) for who in ("L1", "M1"))
    assert one.key != other.key
    assert one.salt != other.salt
    assert RIGHT.encode() not in (desk / "ledger.db").read_bytes()
    done("export", "entries", "--format", "jsonl", "--out", str(pins / "all.jsonl"), "--reveal", "--reason", "R",
         "--as", "M1")  # fmt: skip
    shown = str(journal()) + (pins / "all.jsonl").read_text() + run("staff", "list", "--json") + run("doctor", "--json")
    assert "pin-set" in shown
    for secret in (one.key, one.salt, other.key, other.salt):
        assert secret not in shown
    assert {one["id"] for one in done("staff", "list")["staff"] if one["pin"]} == {"L1", "M1"}
    assert done("verify")["ok"]


def test_another_one_takes_the_one_before(desk: Path, pins: Path) -> None:
    first, new, wrong = has_pin(pins, "L1"), kept(pins, OTHER, "new"), kept(pins, WRONG, "wrong")
    assert "PIN of L1" in refused(12, "staff", "pin", "L1", "--pin-file", wrong, "--new-pin-file", new)["message"]
    with pytest.raises(NotPermitted, match="takes it"):
        Desk(desk, common.clock).pin_set(By("L1", "keyboard"), "L1", new=OTHER)
    assert done("staff", "pin", "L1", "--pin-file", first, "--new-pin-file", new)["id"] == "L1"
    refused(12, "staff", "pin", "L1", "--pin-file", first, "--new-pin-file", new)


def test_a_pin_is_set_by_its_owner_and_at_the_own_account_where_there_is_one(
    desk: Path, pins: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = kept(pins, RIGHT)
    with nothing_written(desk / "ledger.db"):
        refused(12, "staff", "pin", "L1", "--pin-file", file, "--as", "C1")
        refused(11, "staff", "pin", "Q9", "--pin-file", file)
    done("staff", "add", "L2", "--name", "N", "--role", "leader", "--os-user", "lin")
    assert "lin" in refused(12, "staff", "pin", "L2", "--pin-file", file)["message"]
    monkeypatch.setattr(common, "os_user", lambda: "lin")
    done("staff", "pin", "L2", "--pin-file", file)
    assert (journal()[-1]["number"], journal()[-1]["actor"], journal()[-1]["keyboard"]) == ("pin:L2", "L2", "L2")
    done("staff", "retire", "L2")
    refused(12, "staff", "pin", "L2", "--pin-file", file, "--new-pin-file", kept(pins, OTHER, "new"))


def test_a_forgotten_pin_is_taken_back_by_another_with_their_own(desk: Path, pins: Path) -> None:
    has_pin(pins, "L1")
    reset = ("staff", "pin", "L1", "--reset", "--reason", "forgotten")
    with nothing_written(desk / "ledger.db"):
        refused(12, *reset, "--as", "C1")
        assert "has no PIN yet" in refused(12, *reset, "--as", "M1")["message"]
        assert refused(2, "staff", "pin", "L1", "--reset", "--as", "M1")["missing"] == ["reason"]
    own = has_pin(pins, "M1", OTHER)
    refused(2, *reset, "--as", "M1")  # nobody types it
    refused(12, *reset, "--as", "M1", "--pin-file", kept(pins, WRONG, "wrong"))
    refused(12, "staff", "pin", "M1", "--reset", "--reason", "R", "--as", "M1", "--pin-file", own)
    assert done(*reset, "--as", "M1", "--pin-file", own)["pin"] is False
    assert [one["event"] for one in journal()[-2:]] == ["pin-right", "pin-reset"]
    assert journal()[-1]["data"] == {"reason": "forgotten"}
    has_pin(pins, "L1", OTHER)


def test_a_pin_comes_from_a_file_that_others_cannot_read_or_from_nowhere(desk: Path, pins: Path) -> None:
    file = kept(pins, RIGHT)
    os.chmod(file, 0o640)
    assert "chmod 600" in refused(2, "staff", "pin", "L1", "--pin-file", file)["message"]
    refused(11, "staff", "pin", "L1", "--pin-file", str(pins / "none"))
    assert refused(2, "staff", "pin", "L1")["missing"] == ["new-pin-file"]
    assert refused(2, "staff", "pin", "L1", "--pin-file", kept(pins, "12345"))["message"].startswith("a PIN is 6")


def typed(argv: Sequence[str], answers: Sequence[str], desk: Path) -> tuple[int, str]:
    """A command at a terminal, where somebody answers each prompt; the exit code and all that the terminal showed."""
    mine, its = pty.openpty()
    env = {**os.environ, "REPAIRDESK_LANG": "en", "PYTHONPATH": os.pathsep.join(sys.path)}
    # A terminal of its own: what is asked for without an echo is asked for there.
    code = "import os, sys; os.setsid() if os.getsid(0) != os.getpid() else 0; import fcntl, termios; " \
           "fcntl.ioctl(0, termios.TIOCSCTTY, 0); from repairdesk.cli.__main__ import run; run()"  # fmt: skip
    process = subprocess.Popen(
        [sys.executable, "-c", code, *argv],
        stdin=its,
        stdout=its,
        stderr=its,
        cwd=desk,
        env=env,
        start_new_session=True,
    )
    os.close(its)
    stop = threading.Timer(60, process.kill)
    stop.start()
    shown, rest = "", list(answers)
    while True:
        try:
            part = os.read(mine, 1000).decode("utf-8", "replace")
        except OSError:
            break
        if not part:
            break
        shown += part
        if rest and shown.endswith(": "):
            os.write(mine, rest.pop(0).encode() + b"\n")
    stop.cancel()
    os.close(mine)
    return process.wait(), shown


def test_at_a_terminal_it_is_asked_for_twice_and_never_shown(desk: Path, pins: Path) -> None:
    code, shown = typed(["staff", "pin", "L1"], [RIGHT, RIGHT], desk)
    assert code == 0, shown
    assert "Once more" in shown
    assert RIGHT not in shown
    code, shown = typed(["staff", "pin", "M1"], [RIGHT, OTHER], desk)
    assert code == 2, shown
    assert "not the same" in shown
    assert [one["id"] for one in done("staff", "list")["staff"] if one["pin"]] == ["L1"]


# --- asking for it


DECLINE = ("--declined", "--reason", "too dear", "--with", "S1", "--as", "C1")


def test_where_the_policies_ask_for_none_nobody_needs_one(desk: Path, pins: Path) -> None:
    has_pin(pins, "S1")
    number = done("intake", *IN_HOME, "--as", "C1")["number"]
    assert done("consent", number, *DECLINE)["state"] == "declined"


@pytest.mark.rule("QUO-3")
def test_where_they_ask_for_it_a_residents_no_takes_the_pin_of_the_second(desk: Path, pins: Path) -> None:
    asks_for(desk, "decline")
    number = done("intake", *IN_HOME, "--as", "C1")["number"]
    assert "staff pin S1" in refused(12, "consent", number, *DECLINE)["message"]
    file = has_pin(pins, "S1")
    assert refused(2, "consent", number, *DECLINE)["missing"] == ["pin-file"]
    other = has_pin(pins, "L1", OTHER)
    refused(12, "consent", number, *DECLINE, "--pin-file", other)
    assert done("consent", number, *DECLINE, "--pin-file", file)["state"] == "declined"
    right, decline = journal()[-2:]
    assert (right["number"], right["event"], right["data"]) == ("pin:S1", "pin-right", {"for": "decline"})
    assert decline["data"]["second"] == "S1"
    assert done("verify")["ok"]


@pytest.mark.rule("FEE-6")
def test_where_they_ask_for_it_a_reduction_takes_the_pin_of_the_approver(full_desk: Path, pins: Path) -> None:
    asks_for(full_desk, "reduce")
    file = has_pin(pins, "S1")
    argv = ("rebill", "P20261122-0001", "--reason", "R", "--as", "C1")
    reduced = ("--reduce", "5", "--approver", "S1")
    assert refused(2, *argv, *reduced)["missing"] == ["pin-file"]
    slip = Slip(reduce="5", reason="R", approver="S1")
    with pytest.raises(NotPermitted, match="PIN of S1"):
        Desk(full_desk, common.clock).rebill(By("C1", "keyboard"), "P20261122-0001", slip, reason="R")
    before = done("show", "P20261122-0001")["bill"]["total"]
    assert done(*argv, *reduced, "--pin-file", file)["bill"]["total"] != before
    # Without a reduction nobody approves one.
    done(*argv, "--without", "materials")


@pytest.mark.rule("RET-2")
def test_where_they_ask_for_it_a_purge_takes_the_pin_of_the_second(full_desk: Path, pins: Path, clock: Clock) -> None:
    asks_for(full_desk, "purge")
    file, wrong = has_pin(pins, "L1"), kept(pins, WRONG, "wrong")
    clock.on(days=1500)
    argv = ("purge", "--yes", "--with", "L1", "--as", "M1")
    assert refused(2, *argv)["missing"] == ["pin-file"]
    refused(12, *argv, "--pin-file", wrong)
    assert not list(full_desk.parent.glob("*purged*"))
    assert done(*argv, "--pin-file", file)["with"] == "L1"


def test_lines_carry_no_pin(desk: Path, pins: Path) -> None:
    asks_for(desk, "decline")
    file = has_pin(pins, "S1")
    number = done("intake", *IN_HOME, "--as", "C1")["number"]
    line = {"do": "consent", "number": number, "declined": True, "reason": "R", "with": "S1"}
    (pins / "lines").write_text("".join(json.dumps(one) + "\n" for one in (line, {**line, "pin_file": file})))
    before = entries(desk / "ledger.db")
    result = run("batch", str(pins / "lines"), "--as", "C1")
    assert [json.loads(one)["error"]["code"] for one in result.splitlines()] == [12, 14]
    assert entries(desk / "ledger.db") == before


def test_a_word_given_for_one_thing_or_by_another_pin_is_none_for_the_next(desk: Path, pins: Path) -> None:
    asks_for(desk, "decline", "reduce")
    file = has_pin(pins, "S1")
    number = done("intake", *IN_HOME, "--as", "C1")["number"]
    asked, by = Desk(desk, common.clock), By("C1", "keyboard")
    for what, who, text in (("reduce", "S1", RIGHT),):
        said = asked.pin_confirmed(by, what, who, text)
        with pytest.raises(NotPermitted, match="takes the PIN of S1"):
            asked.decline(said, number, reason="R", second="S1")
    said = asked.pin_confirmed(by, "decline", "S1", RIGHT)
    done("staff", "pin", "S1", "--pin-file", file, "--new-pin-file", kept(pins, OTHER, "new"))
    with pytest.raises(NotPermitted, match="takes the PIN of S1"):
        asked.decline(said, number, reason="R", second="S1")
    # Somebody else's entry is no word either.
    with pytest.raises(NotPermitted, match="takes the PIN of S1"):
        asked.decline(by._replace(confirmed=("decline", "S1", 1)), number, reason="R", second="S1")


# --- wrong tries


def test_after_five_wrong_tries_nobody_can_try_and_after_a_quarter_of_an_hour_again(
    desk: Path, pins: Path, clock: Clock
) -> None:
    asks_for(desk, "decline")
    file, wrong = has_pin(pins, "S1"), kept(pins, WRONG, "wrong")
    number = done("intake", *IN_HOME, "--as", "C1")["number"]
    tries = [refused(12, "consent", number, *DECLINE, "--pin-file", wrong)["message"] for _ in range(5)]
    assert [one[-2:] for one in tries[:4]] == [" 4", " 3", " 2", " 1"]
    assert "09:15" in tries[4]
    with nothing_written(desk / "ledger.db"):
        said = refused(12, "consent", number, *DECLINE, "--pin-file", file)
        refused(12, "staff", "pin", "S1", "--pin-file", file, "--new-pin-file", wrong)
    assert "09:15" in said["message"]
    ill = [one["what"] for one in done("doctor")["checks"] if one["name"] == "pins" and not one["ok"]]
    assert "os:keyboard" in ill[0]
    clock.on(minutes=14, seconds=59)
    refused(12, "consent", number, *DECLINE, "--pin-file", file)
    clock.on(seconds=1)
    assert done("consent", number, *DECLINE, "--pin-file", file)["state"] == "declined"


def test_a_try_counts_though_what_it_was_for_is_refused_and_a_typing_error_does_not(desk: Path, pins: Path) -> None:
    asks_for(desk, "decline")
    has_pin(pins, "S1")
    number = done("intake", *IN_HOME, "--as", "C1")["number"]
    with nothing_written(desk / "ledger.db"):
        refused(2, "consent", number, *DECLINE, "--pin-file", kept(pins, "27182", "short"))
    before = entries(desk / "ledger.db")
    refused(12, "consent", number, *DECLINE, "--pin-file", kept(pins, WRONG, "wrong"))
    assert entries(desk / "ledger.db") == before + 1
    assert journal()[-1]["event"] == "pin-wrong"


def test_a_right_one_makes_the_count_begin_anew(desk: Path, pins: Path) -> None:
    file, wrong = has_pin(pins, "S1"), kept(pins, WRONG, "wrong")
    for _ in range(3):
        for _ in range(4):
            refused(12, "staff", "pin", "S1", "--pin-file", wrong, "--new-pin-file", file)
        done("staff", "pin", "S1", "--pin-file", file, "--new-pin-file", file)


def test_tries_of_several_processes_are_counted_together(desk: Path, pins: Path) -> None:
    has_pin(pins, "S1")
    # The desk of the tests is ahead of the clock on the wall.
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "REPAIRDESK_CLOCK": "right"}
    program = [sys.executable, "-c", "from repairdesk.cli.__main__ import run; run()"]
    argv = ["staff", "pin", "S1", "--pin-file", kept(pins, WRONG, "wrong"), "--new-pin-file", kept(pins, OTHER, "new"),
            "--home", str(desk), "--json"]  # fmt: skip
    running = [subprocess.Popen(program + argv, env=env, stderr=subprocess.PIPE, cwd=pins) for _ in range(8)]
    told = [process.communicate(timeout=120)[1].decode() for process in running]
    assert {process.returncode for process in running} == {12}
    assert sum(one["event"] == "pin-wrong" for one in journal()) == 5
    assert sum("wrongly 5 times" in one for one in told) == 3


def test_a_clock_that_is_set_back_opens_nothing() -> None:
    from datetime import UTC, datetime, timedelta

    now = datetime(2026, 11, 22, 9, tzinfo=UTC)
    state = State(1, "00", "00", wrong=tuple((now, "os:x") for _ in range(5)))
    assert state.locked_until(now - timedelta(days=1), 5, 900) == now + timedelta(minutes=15)
    assert state.locked_until(now + timedelta(minutes=15), 5, 900) is None


# --- who stands beside whom, and where


def at(monkeypatch: pytest.MonkeyPatch, user: str) -> None:
    """Somebody sits at the account of that name."""
    monkeypatch.setattr(common, "os_user", lambda: user)


@pytest.mark.rule("QUO-3")
def test_nobody_is_the_second_person_at_their_own_account_for_another(
    desk: Path, pins: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asks_for(desk, "decline")
    number = done("intake", *IN_HOME, "--as", "C1")["number"]
    file = has_pin(pins, "S1")
    done("staff", "add", "S1", "--name", "S", "--role", "supervisor", "--os-user", "su")
    at(monkeypatch, "su")
    argv = ("consent", number, *DECLINE, "--pin-file", file)
    assert "takes two" in refused(12, *argv)["message"]
    at(monkeypatch, "keyboard")
    assert done(*argv)["state"] == "declined"


def test_an_account_is_taken_off_a_record_only_there_or_at_a_managers(
    desk: Path, pins: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asks_for(desk, "purge")
    add = ("staff", "add", "L1", "--name", "N", "--role")
    done(*add, "leader", "--os-user", "lin")
    with nothing_written(desk / "ledger.db"):
        assert "lin" in refused(12, *add, "leader", "--as", "M1")["message"]
        refused(12, *add, "clerk", "--os-user", "lin")
        refused(12, *add, "leader", "--os-user", "keyboard")
    done(*add[:3], "--name", "New", "--role", "leader", "--os-user", "lin")  # a name is no way in
    done("staff", "add", "M1", "--name", "M", "--role", "manager", "--os-user", "boss")
    at(monkeypatch, "boss")
    assert done(*add, "leader")["os_user"] is None
    done(*add, "leader", "--os-user", "lin")
    at(monkeypatch, "lin")
    assert done(*add, "leader")["os_user"] is None


def test_without_pins_anyone_keeps_the_records_of_the_staff(desk: Path) -> None:
    done("staff", "add", "L1", "--name", "N", "--role", "leader", "--os-user", "lin")
    assert done("staff", "add", "L1", "--name", "N", "--role", "leader")["os_user"] is None


def test_doctor_tells_for_a_week_which_pins_roles_and_accounts_changed(desk: Path, pins: Path, clock: Clock) -> None:
    def told() -> str:
        return "\n".join(check["what"] for check in done("doctor")["checks"] if "within a week" in check["what"])

    assert told() == ""
    has_pin(pins, "L1")
    own = has_pin(pins, "M1", OTHER)
    done("staff", "pin", "L1", "--reset", "--reason", "R", "--as", "M1", "--pin-file", own)
    done("staff", "add", "W1", "--name", "N", "--role", "manager", "--as", "C1")
    done("staff", "retire", "L2")
    assert "within a week: L1 (L1, os:keyboard), L1 (M1, os:keyboard), M1 (M1, os:keyboard)" in told()
    assert "or who left: L2 (os:keyboard, os:keyboard), W1 (C1, os:keyboard)" in told()
    clock.on(days=8)
    assert told() == ""


def test_who_may_not_purge_tries_nobodys_pin_by_it(desk: Path, pins: Path) -> None:
    asks_for(desk, "purge")
    has_pin(pins, "L1")
    wrong = kept(pins, WRONG, "wrong")
    before = len(journal())
    refused(12, "purge", "--yes", "--as", "C1", "--with", "L1", "--pin-file", wrong)
    assert [entry for entry in journal()[before:] if entry["event"].startswith("pin-")] == []
