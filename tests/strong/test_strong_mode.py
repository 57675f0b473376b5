"""Strong mode as its page tells it: what the clerk, the technician and a stranger can and cannot do, done by each."""

from __future__ import annotations

import json
import os
import pwd
import re
import signal
import stat
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import strong_machine
from strong_machine import Machine

from repairdesk import lent
from tools_needed import needs, needs_module

LINES = strong_machine.table("en")
WHO = ("li", "zhang", "mo")
OURS = re.compile(r"(?:\w+=\S+ )*(?:/opt/repairdesk/bin/)?repairdesk ")
INTAKE = (
    'repairdesk intake --kind in_home --place 3-2-{home} --caller Lin --phone 13912345678 --fault "the tap drips" '
    "--category plumbing --new --json"
)


def came(line: str, code: int) -> str:
    """How the page writes what came of a line: the system has no exit codes that mean anything to the desk."""
    return "✓" if code == 0 else str(code) if OURS.match(line) and code != 1 else "✗"


def done(machine: Machine, who: str, line: str, **more: Any) -> str:
    """What came out of a line that is done."""
    ran = machine.types(who, line, **more)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def taken_in(machine: Machine, home: str) -> str:
    """An order that the clerk took in: its number."""
    number: str = json.loads(done(machine, "li", INTAKE.format(home=home)))["number"]
    return number


def checks(machine: Machine) -> list[tuple[str, bool, str]]:
    """What doctor says of strong mode at root's account."""
    doc = json.loads(machine.root("repairdesk doctor --json"))
    return [(one["name"], one["ok"], one["what"]) for one in doc["checks"] if one["name"].startswith("strong")]


def told(machine: Machine, words: str) -> bool:
    """Whether doctor says so, as something that is not well."""
    return any(words in what for _, ok, what in checks(machine) if not ok)


@contextmanager
def in_the_middle(machine: Machine, who: str) -> Iterator[int]:
    """A command with the desk's rights that waits for its stdin: its process."""
    command = machine.command(who, str(machine.program), "import", "-")
    with subprocess.Popen(
        command,
        cwd=machine.home(who),
        env=machine.environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as ran:
        try:
            yield _waiting(str(pwd.getpwnam(machine.account).pw_uid))
        finally:
            assert ran.stdin is not None
            ran.stdin.close()
            ran.wait()


def _waiting(account: str) -> int:
    """The process of the desk's account that waits to read; by its effective user."""
    for _ in range(600):
        for status in Path("/proc").glob("[0-9]*/status"):
            try:
                users = re.search(r"(?m)^Uid:\s+\d+\s+(\d+)", status.read_text())
                if users and users[1] == account and "pipe" in (status.parent / "wchan").read_text():
                    return int(status.parent.name)
            except OSError:
                continue
        time.sleep(0.05)
    raise AssertionError("no process of the desk's account waits")


# --- who can do what


def test_the_page_says_what_each_of_the_three_can_and_cannot_do(machine: Machine) -> None:
    found = []
    with ThreadPoolExecutor(len(WHO)) as at_once:
        for line, *_ in LINES:
            # Each line is for one of them alone to do, or for all: which of them types first is no matter.
            ran = at_once.map(machine.types, WHO, [line] * len(WHO))
            found.append((line, *(came(line, one.returncode) for one in ran)))
    assert found == LINES


def test_both_languages_tell_the_same_commands_and_the_same_of_each() -> None:
    assert strong_machine.blocks("zh") == strong_machine.blocks("en")
    assert strong_machine.table("zh") == LINES
    assert len(LINES) > 30


def test_the_page_types_the_texts_that_doctor_holds_against_what_is_there() -> None:
    page = "\n".join(strong_machine.blocks("en"))
    program = "/usr/local/bin/repairdesk"
    assert lent.launcher("/opt/repairdesk/bin/python", "repairs", "/var/lib/repairs/desk") in page
    assert lent.rule(program, "repairs", "duty") in page


# --- who did it


def test_the_record_has_who_called_by_the_kernel_whatever_the_variables_say(machine: Machine) -> None:
    number = taken_in(machine, "101")
    lies = "SUDO_USER=zhou SUDO_UID=0 USER=zhou LOGNAME=zhou REPAIRDESK_AS=M1"
    done(machine, "li", f"{lies} repairdesk assign {number} W1")
    done(machine, "zhang", f"{lies} repairdesk accept {number}")
    entries = json.loads(done(machine, "zhang", f"repairdesk show {number} --entries --json"))["entries"]
    assert [(one["event"], one["actor"], one["keyboard"]) for one in entries] == [
        ("intake", "C1", "C1"),
        ("assign", "C1", "C1"),
        ("accept", "W1", "W1"),
    ]


def test_nobody_acts_for_another_in_lines_or_rows_either(machine: Machine) -> None:
    number = taken_in(machine, "102")
    line = json.dumps({"do": "assign", "number": number, "staff": "W1", "as": "M1"})
    ran = machine.types("li", "repairdesk batch -", given=line + "\n")
    assert json.loads(ran.stdout)["error"]["code"] == 12
    rows = "external_id,kind,place,fault,category,reported_at,assigned_at,staff,status\n"
    rows += "X1,in_home,3-2-103,tap,plumbing,2026-01-05 09:00,2026-01-05 09:10,W1,assigned\n"
    rows += "X2,in_home,3-2-104,tap,plumbing,2026-01-05 09:00,2026-01-05 09:10,W1,finished\n"
    ran = machine.types("li", "repairdesk import - --what histories --as M1", given=rows)
    assert ran.returncode == 12
    entries = done(machine, "li", "repairdesk export entries --format jsonl")
    assert not [
        one
        for one in map(json.loads, entries.splitlines())
        if one["actor"] != one["keyboard"] and one["actor"] != "system"
    ]


def test_a_manager_keeps_the_staff_and_the_clerk_does_not(machine: Machine) -> None:
    add = 'repairdesk staff add W9 --name "Wu" --role technician --os-user wu'
    assert machine.types("li", add).returncode == 12
    rows = "id,name,role,os_user\nM9,Li Na,manager,li9\n"
    assert machine.types("li", "repairdesk import - --what staff", given=rows).returncode in (12, 14)
    assert "M9" not in done(machine, "li", "repairdesk staff list")
    done(machine, "zhou", add)
    assert "W9" in done(machine, "li", "repairdesk staff list")


def test_the_desks_own_account_works_by_the_same_program_and_root_is_on_record_as_root(machine: Machine) -> None:
    as_account = f"runuser -u {machine.account} -- repairdesk"
    machine.root(f"{as_account} escalate --dry-run")
    machine.root(f"{as_account} backup {machine.folder}/lib/copy.tar")
    machine.root("repairdesk staff duty W1 --from 2031-01-01T08:00 --to 2031-01-01T20:00")
    last = machine.root("repairdesk export entries --format jsonl").splitlines()[-1]
    assert json.loads(last)["keyboard"] == "os:root"
    # Past what starts it root would leave files that the desk's account cannot write.
    with pytest.raises(RuntimeError, match="strong mode"):
        machine.root(f"{machine.installed}/bin/repairdesk list --home {machine.desk}")


def test_a_rule_that_does_not_leave_who_called_lets_nobody_in(machine: Machine) -> None:
    rule = machine.sudoers.read_text()
    try:
        machine.sudoers.write_text(rule.replace("stay_setuid, ", ""))
        for who in ("li", "zhang", "zhou"):
            ran = machine.types(who, "repairdesk list")
            assert ran.returncode == 12
            assert "stay_setuid" in ran.stderr
    finally:
        machine.sudoers.write_text(rule)


# --- whose files


def test_answers_are_the_callers_files_and_theirs_alone(machine: Machine) -> None:
    taken_in(machine, "105")
    done(machine, "li", "repairdesk export --out out.csv && repairdesk report month --out out.xlsx --format xlsx")
    for name in ("out.csv", "out.xlsx"):
        had = (machine.home("li") / name).stat()
        assert had.st_uid == pwd.getpwnam(machine.people["li"]).pw_uid
        assert stat.S_IMODE(had.st_mode) == 0o600
    assert "3-2-105" in (machine.home("li") / "out.csv").read_text()
    assert "3-2-105" in done(machine, "li", "repairdesk export --out /dev/stdout")
    left = [name for name in os.listdir("/tmp") if name.endswith(".half")]
    assert not [name for name in left if Path("/tmp", name).stat().st_uid == pwd.getpwnam(machine.account).pw_uid]


def test_a_file_that_the_caller_alone_can_read_is_read(machine: Machine) -> None:
    number = taken_in(machine, "106")
    done(
        machine, "li", "umask 077; printf 'kind,place,fault,category\\npublic_area,gate,lamp,electrical\\n' > rows.csv"
    )
    assert "1" in done(machine, "li", "repairdesk import rows.csv")
    done(machine, "li", "umask 077; printf '\\211PNG\\r\\n\\032\\n1234567890' > a.png")
    assert "a.png" in done(machine, "li", f"repairdesk attach {number} a.png --what photo --json")


def test_links_lead_nowhere_that_the_caller_could_not_go(machine: Machine) -> None:
    number = taken_in(machine, "107")
    before = (machine.desk / "fees.yaml").read_bytes()
    done(machine, "li", "ln -s /var/lib/repairs/desk/fees.yaml link.csv; ln -s /var/lib/repairs/new.csv new.csv")
    for line in (
        "repairdesk export --out link.csv --format csv",
        "repairdesk export --out new.csv",
        f"repairdesk attach {number} link.csv",
        "repairdesk import link.csv",
        "repairdesk batch link.csv",
        "repairdesk import /dev/null --rejects new.csv",
        "repairdesk verify --against link.csv",
        "repairdesk staff pin C1 --new-pin-file link.csv",
    ):
        ran = machine.types("li", line)
        assert ran.returncode in (2, 11, 14, 17), line
        assert "bulb" not in ran.stdout + ran.stderr, line
    assert (machine.desk / "fees.yaml").read_bytes() == before
    assert not (machine.desk.parent / "new.csv").exists()


OPENED = """
import os
from repairdesk import lent
ledger = os.open({ledger!r}, os.O_RDONLY)
for name in (f"/dev/fd/{{ledger}}", f"/proc/thread-self/fd/{{ledger}}", {way!r}):
    if name == {way!r}:
        with lent.as_caller():
            os.symlink(f"/proc/self/fd/{{ledger}}", name)
    with lent.as_caller():
        os.close(os.open(name, os.O_RDONLY))  # that way leads past every folder
    try:
        open(name, "rb", opener=lent.opened)
        print("opened")
    except PermissionError:
        print("refused")
print(open({own!r}, "rb", opener=lent.opened).read().decode())
"""


def test_what_the_program_itself_has_open_is_not_the_callers(machine: Machine) -> None:
    own = machine.home("li") / "own.txt"
    done(machine, "li", "umask 077; printf mine > own.txt")
    script = OPENED.format(ledger=str(machine.desk / "ledger.db"), way=str(machine.home("li") / "way"), own=str(own))
    users = ["--ruid", machine.people["li"], "--euid", machine.account, "--regid", machine.group, "--clear-groups"]
    command = ["setpriv", *users, str(machine.installed / "bin" / "python"), "-I", "-c", script]
    ran = subprocess.run(command, cwd="/", capture_output=True, text=True, check=False)
    assert ran.stdout.split() == ["refused"] * 3 + ["mine"], ran.stderr


def test_an_answer_goes_into_nothing_that_the_program_itself_has_open(machine: Machine) -> None:
    before = json.loads(done(machine, "li", "repairdesk verify --json"))
    done(machine, "li", "ln -s /proc/self/fd/4 way4")
    for name in ("/dev/fd/3", "/dev/fd/4", "/proc/self/fd/5", "way4"):
        ran = machine.types("li", f"repairdesk import - --partial --rejects {name}", given="kind,place\nx,y\n")
        assert ran.returncode in (2, 11, 17), ran.stderr
    after = json.loads(done(machine, "li", "repairdesk verify --json"))
    assert (after["ok"], after["head"]) == (True, before["head"])


# --- what the caller could steer it by


def test_nothing_of_the_callers_environment_or_folder_is_run_with_the_desks_rights(machine: Machine) -> None:
    home = machine.home("zhang")
    evil = f"import os; open('{home}/ran-'+str(os.geteuid()), 'w').close()\n"
    (home / "repairdesk").mkdir()
    for name in ("sitecustomize.py", "usercustomize.py", "typer.py", "repairdesk/__init__.py", "start.py"):
        (home / name).write_text(evil)
    for name in ("sudo", "less", "more", "sh", "python", "git"):
        (home / name).write_text(f"#!/bin/sh\n: > {home}/ran-$(/usr/bin/id -u)\n")
        (home / name).chmod(0o755)
    here = str(home)
    env = {
        "PYTHONPATH": here,
        "PYTHONSTARTUP": f"{here}/start.py",
        "PYTHONUSERBASE": here,
        "PATH": f"{here}:{machine.folder}/bin",
        "REPAIRDESK_PAGER": f"{here}/less",
        "PAGER": f"{here}/less",
        "EDITOR": f"{here}/sh",
        "HOME": here,
        "TMPDIR": here,
        "PYTHONWARNINGS": "always::typer.X",
        "TEXTUAL_DRIVER": "typer:X",
        "XDG_CONFIG_HOME": here,
        "BROWSER": f"{here}/sh",
        "REPAIRDESK_HOME": here,
        "REPAIRDESK_LEDGER": f"{here}/ledger.db",
        "REPAIRDESK_CLOCK": "right",
    }
    ran = subprocess.run(
        machine.command("zhang", str(machine.program), "list"), cwd=home, env=env, capture_output=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    assert not list(home.glob("ran-*"))


def test_of_the_callers_environment_only_language_and_terminal_come_through(machine: Machine) -> None:
    allowed = {*lent.KEPT, "PATH", "HOME", "USER", "LOGNAME", "SHELL", "MAIL"}
    with in_the_middle(machine, "li") as process:
        came_through = Path(f"/proc/{process}/environ").read_bytes().decode().split("\0")
    names = {one.partition("=")[0] for one in came_through if one}
    assert {name for name in names - allowed if not name.startswith("SUDO_")} == set()
    assert "REPAIRDESK_LANG" in names


def test_what_a_slack_rule_of_sudo_lets_through_is_forgotten(machine: Machine) -> None:
    rule = machine.sudoers.read_text()
    try:
        machine.sudoers.write_text(f'{rule}Defaults!{machine.program} env_keep += "REPAIRDESK_AS REPAIRDESK_HOME"\n')
        assert machine.types("li", "REPAIRDESK_AS=M1 REPAIRDESK_HOME=/nowhere repairdesk list").returncode == 0
        assert machine.types("li", "repairdesk list --as M1").returncode == 12
    finally:
        machine.sudoers.write_text(rule)


def test_the_caller_cannot_look_into_the_program_that_runs_for_them(machine: Machine) -> None:
    with in_the_middle(machine, "li") as process:
        folder = Path(f"/proc/{process}")
        users = re.search(r"(?m)^Uid:\s+(\d+)\s+(\d+)\s+(\d+)", (folder / "status").read_text())
        li, account = (pwd.getpwnam(name).pw_uid for name in (machine.people["li"], machine.account))
        assert users is not None
        assert tuple(map(int, users.groups())) == (li, account, account)
        for name in ("environ", "mem", "maps", "fd/0", "cwd/x", "root/x"):
            assert machine.types("li", f"cat /proc/{process}/{name}").returncode != 0, name
        # To end it is the caller's right: it runs for them.
        assert machine.types("zhang", f"kill -TERM {process}").returncode != 0
        assert machine.types("li", f"kill -{signal.SIGTERM.value} {process}").returncode == 0


def test_the_pager_runs_as_who_called(machine: Machine) -> None:
    needs("less")
    import pexpect

    for i in range(6):
        taken_in(machine, f"20{i}")
    env = {**machine.environment(), "TERM": "xterm"}
    first, *rest = machine.command("li", str(machine.program), "list")
    child = pexpect.spawn(
        first, rest, cwd=str(machine.home("li")), env=env, dimensions=(5, 80), encoding="utf-8", timeout=60
    )
    try:
        child.expect(r":|\(END\)|more")
        child.send(f"!id -u > {machine.home('li')}/pager; cat /proc/$PPID/status > {machine.home('li')}/less\n")
        child.expect("done|RETURN")
        child.send("\nq")
        child.expect(pexpect.EOF)
    finally:
        child.close(force=True)
    li = str(pwd.getpwnam(machine.people["li"]).pw_uid)
    assert (machine.home("li") / "pager").read_text().strip() == li
    uids = re.search(r"(?m)^Uid:\s+(.*)$", (machine.home("li") / "less").read_text())
    assert uids is not None
    assert set(uids[1].split()) == {li}


def test_completion_answers_who_works_here_and_nobody_else(machine: Machine) -> None:
    number = taken_in(machine, "301")
    asked = {"_REPAIRDESK_COMPLETE": "zsh 80"}
    line = "repairdesk show ''"
    assert number in done(machine, "zhang", line, env=asked)
    assert number not in machine.types("mo", line, env=asked).stdout
    assert "3-2-301" not in machine.types("zhang", "repairdesk show --home . ''", env=asked).stderr


def test_sudo_keeps_no_phone_in_its_log(machine: Machine) -> None:
    log = machine.folder / "sudo.log"
    rule = machine.sudoers.read_text()
    try:
        machine.sudoers.write_text(f'Defaults logfile="{log}", log_year\n{rule}')
        taken_in(machine, "401")
        machine.types("li", "sudo -n -u repairs sh -c true")
    finally:
        machine.sudoers.write_text(rule)
    written = log.read_text()
    assert "13912345678" not in written
    assert machine.people["li"] in written  # what is refused is logged


def test_the_full_screen_comes_and_goes(machine: Machine) -> None:
    needs_module("textual")
    import pexpect

    taken_in(machine, "501")
    first, *rest = machine.command("li", str(machine.program), "desk")
    env = {**machine.environment(), "TERM": "xterm-256color"}
    child = pexpect.spawn(
        first, rest, cwd=str(machine.home("li")), env=env, dimensions=(30, 100), encoding="utf-8", timeout=120
    )
    try:
        child.expect("3-2-501")
        child.send("\x11")
        child.expect(pexpect.EOF)
    finally:
        child.close(force=True)
    assert child.exitstatus == 0


# --- whether it holds


def test_doctor_at_roots_account_finds_that_it_holds(machine: Machine) -> None:
    found = {(name, ok) for name, ok, _ in checks(machine)}
    assert found == {
        ("strong", True),
        ("strong-program", True),
        ("strong-rule", True),
        ("strong-caller", True),
        ("strong-second", False),
    }


@pytest.mark.parametrize(
    ("breaks", "mends", "words"),
    [
        ("chmod 750 {desk}", "chmod 700 {desk}", "chmod 700"),
        ("chmod 777 {folder}", "chmod 755 {folder}", "in the desk's place"),
        (
            "chmod g+w {program}; chgrp {group} {program}",
            "chmod g-w {program}; chgrp root {program}",
            "others than root can change",
        ),
        ("echo 'import os' >> {program}", "sed -i '$d' {program}", "and nothing else; it should read"),
        ("chmod o+w {module}", "chmod o-w {module}", "others than root can change what runs here"),
        ("chown {account} {module}", "chown root {module}", "others than root can change what runs here"),
        ("sed -i s/NOSETENV/SETENV/ {sudoers}", "sed -i s/SETENV/NOSETENV/ {sudoers}", "sudo has no rule"),
        ("echo '{li} ALL=({account}) NOPASSWD: ALL' >> {sudoers}", "sed -i '$d' {sudoers}", "reach around it: {li}"),
        ("echo '{zhang} ALL=(ALL) ALL' >> {sudoers}", "sed -i '$d' {sudoers}", "reach around it: {zhang}"),
        ("echo > {desk}/strong", "echo {program} > {desk}/strong", "does not say by what"),
    ],
)
def test_doctor_tells_what_does_not_hold(machine: Machine, breaks: str, mends: str, words: str) -> None:
    names = {
        "desk": machine.desk,
        "account": machine.account,
        "group": machine.group,
        "folder": machine.folder,
        "program": machine.program,
        "sudoers": machine.sudoers,
        **machine.people,
        "module": next(machine.installed.glob("lib/*/site-packages/typer/main.py")),
    }
    machine.root(breaks.format(**names))
    try:
        assert told(machine, words.format(**names))
    finally:
        machine.root(mends.format(**names))
    assert not told(machine, words.format(**names))
