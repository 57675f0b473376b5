"""With rights that are lent (strong mode) no file is named but such as are opened with the caller's own."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from desk_cli import IN_HOME, done, run

from repairdesk import lent
from repairdesk.cli import app, common, lending, whereabouts
from repairdesk.desk import By, Desk
from repairdesk.errors import DeskError, NotPermitted

SOURCE = Path(lent.__file__).parent


def commands() -> Iterator[tuple[str, typer.models.CommandInfo]]:
    """Every command, by the name of its function."""
    for name in app._HOME:
        info = app._info(name)
        inner = info.typer_instance.registered_commands if isinstance(info, typer.models.TyperInfo) else [info]
        for one in inner:
            yield one.callback.__name__, one


def files() -> Iterator[tuple[str, str]]:
    """Every parameter of every command that names a file, but for the desk's folder."""
    for name, info in commands():
        for parameter in app._built(info).params:
            if parameter.type.name == "path" and parameter.name != "home":
                yield name, str(parameter.name)


FILES = list(files())


def test_no_two_commands_have_one_name() -> None:
    names = [name for name, _ in commands()]
    assert len(names) == len(set(names)), names


FOR_ALL = frozenset(
    "intake quote consent assign accept arrive start pause reschedule support returned finish sign close archive "
    "cancel correct rebill pay report convert log check exempt callback_due callback_plan callback_audit "
    "callback_record callback_letter callback_opinion callback_settle hear settle explain recheck list_ show why "
    "board desk print_ attach slips handover escalate doctor import_ export batch purge household_import "
    "household_list calendar_check calendar_show staff_add staff_list staff_retire staff_duty staff_pin "
    "fees_list fees_check fees_price policies_show policies_check policies_schema policies_rehearse verify "
    "checkpoint".split()
)
"""What works with rights that are lent: it names no file, or one of the table's, and no place but the desk's."""


def test_of_every_command_it_is_said_whether_it_may_be_done_with_rights_that_are_lent() -> None:
    alone = {name for name, options in lending.ACCOUNT_ALONE.items() if not options}
    assert {name for name, _ in commands()} == FOR_ALL | alone
    assert not FOR_ALL & alone


def test_the_tables_name_commands_and_options_that_there_are() -> None:
    options = {name: {str(p.name) for p in app._built(info).params} for name, info in commands()}
    for table in (lending.ACCOUNT_ALONE, lending.AS_CALLER):
        for name, those in table.items():
            assert set(those) <= options[name], name
    assert {(name, one) for name, those in lending.AS_CALLER.items() for one in those} <= set(FILES)


@pytest.mark.parametrize(("command", "option"), FILES)
def test_a_file_is_the_callers_or_is_refused(command: str, option: str) -> None:
    theirs = option in lending.AS_CALLER.get(command, ())
    for value in (Path("/etc/shadow"), [Path("/etc/shadow")]):
        if theirs:
            lending.check(command, {option: value})
        else:
            with pytest.raises(NotPermitted):
                lending.check(command, {option: value})


def test_standard_input_and_output_are_the_callers_as_they_are() -> None:
    lending.check("checkpoint", {"out": Path("-")})
    with pytest.raises(NotPermitted):
        lending.check("checkpoint", {"out": Path("note")})


@pytest.mark.parametrize("command", sorted(name for name, options in lending.ACCOUNT_ALONE.items() if not options))
def test_what_keeps_the_desk_itself_is_its_own_accounts(command: str) -> None:
    with pytest.raises(NotPermitted):
        lending.check(command, {})


def test_every_program_that_is_started_is_started_as_the_caller() -> None:
    started = []
    for file in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and isinstance(node.func.value, ast.Name)
            ):
                name = f"{node.func.value.id}.{node.func.attr}"
                if node.func.value.id == "subprocess" or name in (
                    "os.system",
                    "os.popen",
                    "os.execv",
                    "os.posix_spawn",
                ):
                    user = any(keyword.arg == "user" for keyword in node.keywords)
                    started.append((file.relative_to(SOURCE).as_posix(), name, user))
    assert sorted(started) == [
        ("cli/screen.py", "subprocess.Popen", True),
        ("desk/fences.py", "subprocess.run", True),
        ("strong.py", "os.execv", False),  # before any rights are lent
    ]


# --- one desk, and whoever sits at it


@pytest.fixture
def served(desk: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A desk that is served alone, to somebody whom the kernel names; files are opened as ever."""
    monkeypatch.setattr(lent, "_home", desk)
    monkeypatch.setattr(lent, "is_lent", lambda: True)
    monkeypatch.setattr(lent, "_caller", lent._own)
    return desk


def refused(*argv: str) -> int:
    ran = run(*argv)
    assert ran.err
    return ran.exit_code


@pytest.mark.usefixtures("served")
def test_no_other_desk_is_served(tmp_path: Path) -> None:
    assert refused("list", "--home", str(tmp_path)) == 12
    assert refused("list", "--ledger", str(tmp_path / "ledger.db")) == 12


def test_the_desk_that_is_served_may_be_named(served: Path) -> None:
    assert run("list", "--home", str(served)).exit_code == 0


def test_who_has_a_record_acts_as_themselves_alone(served: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lent, "is_lent", lambda: False)
    for who, role in (("X1", "clerk"), ("X2", "technician")):
        done("staff", "add", who, "--name", who, "--role", role, "--os-user", f"u{who.lower()}")
    monkeypatch.setattr(lent, "is_lent", lambda: True)
    monkeypatch.setattr(common, "os_user", lambda: "ux1")
    assert refused("intake", *IN_HOME, "--new", "--as", "X2") == 12
    assert refused("intake", *IN_HOME, "--new", "--as", "os:ux1") == 12
    assert done("intake", *IN_HOME, "--new", "--as", "X1")["state"] == "reported"
    assert done("intake", *IN_HOME, "--new")["state"] == "reported"


def test_who_has_no_record_cannot_take_anothers_and_cannot_make_one(
    served: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(common, "os_user", lambda: "nobody-here")
    assert run("list").exit_code == 0
    assert refused("intake", *IN_HOME, "--new", "--as", "C1") == 12
    assert refused("staff", "add", "C1", "--name", "Me", "--role", "clerk", "--os-user", "nobody-here") == 12
    assert refused("staff", "retire", "M1", "--reason", "x") == 12
    assert refused("staff", "pin", "M1", "--new-pin-file", "/dev/null") in (2, 12)


def test_rights_that_something_else_lent_do_nothing(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lent, "is_lent", lambda: True)
    assert refused("list") == 12


def test_a_desk_that_says_so_is_reached_by_no_other_way(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (desk / lent.DECLARED).write_text("/usr/local/bin/repairdesk\n")
    assert run("list").exit_code == 0  # its own account
    monkeypatch.setenv("SUDO_UID", "1000")
    said = run("list")
    assert said.exit_code == 12
    assert "/usr/local/bin/repairdesk" in said.err
    monkeypatch.delenv("SUDO_UID")
    monkeypatch.setattr(lent, "_own", lent._own + 1)
    monkeypatch.setattr(lent, "is_lent", lambda: False)
    with pytest.raises(NotPermitted):
        whereabouts.desk_folder(desk)


def test_a_turn_of_another_person_is_refused_where_nobody_acts_for_another(desk: Path) -> None:
    own = Desk(desk, common.clock)
    with own.turn(By("C1", "somebody")) as turn:
        person = turn.person("W1")
        assert turn.again(None, person).actor.id == "W1"
    with pytest.raises(DeskError), own.turn(By(None, "somebody", bound=True)) as turn:
        turn.again(None, person)


def test_environment_and_rule_let_the_same_names_through() -> None:
    rule: Any = lent.rule("/bin/x", "a", "g")
    assert f'env_keep="{" ".join(lent.KEPT)}"' in rule
    assert not [name for name in lent.KEPT if name.startswith(("PYTHON", "LD_", "SUDO", "PATH", "HOME", "TMP"))]
