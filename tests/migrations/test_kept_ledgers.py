"""A ledger of every version that was ever released opens, proves itself, says what it said, and goes on."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import kept
import pytest

from repairdesk.ledger import versions
from repairdesk.ledger.verify import verify

ON = (
    "intake --kind public_area --place 南门 --fault 道闸不动 --new --as C1",
    "assign P20261105-0001 W2 --as C1", "accept P20261105-0001 --as W2", "start P20261105-0001 --as W2",
    "finish P20261105-0001 --found 传感器脏 --result 已清洁 --as W2",
    "sign P20261105-0001 --by 保安队 --rating satisfied --as W2", "close P20261105-0001 --as L1",
    "archive P20261105-0001 --as C1", "pay P20261012-0001 --amount 5 --method cash --as F1",
    "correct P20261103-0001 caller=张三丰 --reason 记错 --as C1", "escalate",
)  # fmt: skip
"""What is typed at a desk that goes on."""


def test_there_is_a_ledger_of_every_version_that_can_be_met() -> None:
    assert set(kept.VERSIONS) >= {*versions.RELEASED, *versions.OLDER, versions.CURRENT}


def test_the_ledger_that_is_kept_of_this_version_has_the_tables_of_this_version(tmp_path: Path) -> None:
    home = kept.unpacked(versions.CURRENT, tmp_path)
    assert verify(home / "ledger.db")["problems"] == []


@pytest.mark.rule("REC-1")
@pytest.mark.rule("REC-5")
@pytest.mark.parametrize("version", kept.VERSIONS)
def test_a_desk_of_that_version_says_what_it_said_and_goes_on(tmp_path: Path, version: int) -> None:
    home = kept.unpacked(version, tmp_path / "desk")
    desk, before = kept.Desk(home), kept.written(home / "ledger.db")
    desk.type(kept.LAST, f"ledger upgrade --backup {tmp_path / 'before.tar'} --as M1")
    assert kept.number(home / "ledger.db") == versions.CURRENT
    assert kept.written(home / "ledger.db") == before
    assert kept.differing(kept.said(version), desk.said()) == []
    for line in ON:
        desk.type("2026-11-05T10:00", line)
    found = desk.answer("list --find 道闸")["orders"]
    assert [(one["number"], one["state"]) for one in found] == [("P20261105-0001", "archived")]
    assert desk.answer("list --find 张三丰")["total"] > 0
    proved = desk.answer("verify")
    assert proved["ok"] is True
    assert proved["entries"] > len(before) + len(ON)


@pytest.mark.parametrize("version", kept.VERSIONS)
def test_a_backup_of_that_version_is_restored_to_a_desk_of_this_one(tmp_path: Path, version: int) -> None:
    file = tmp_path / "away.tar"
    file.write_bytes(kept.packed(version))
    desk = kept.Desk(tmp_path / "new")
    desk.type(kept.LAST, f"restore {file}")
    said = kept.said(version)
    assert kept.differing(said["verify"], desk.answer("verify")) == []
    assert kept.differing(said["list --find 漏水"], desk.answer("list --find 漏水")) == []


REFUSED = (
    *(["list"], ["show", "P20261012-0001"], ["verify"], ["escalate"], ["board"]),
    "intake --kind public_area --place 东门 --fault 灯 --new".split(),
    ["backup", "new.tar"], ["checkpoint"], ["export"],
)  # fmt: skip
TYPED = """
import sys
from repairdesk.cli.__main__ import run
try:
    run()
finally:
    print("LOADED", *sys.modules, file=sys.stderr)
"""


@pytest.mark.parametrize("argv", REFUSED, ids=" ".join)
def test_until_then_every_command_names_the_one_that_upgrades_and_loads_nothing_for_it(
    old: Path, argv: list[str]
) -> None:
    before = (old / "ledger.db").read_bytes()
    command = [sys.executable, "-c", TYPED, *argv, "--home", str(old), "--lang", "en", "--json"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, cwd=old.parent)
    refusal, _, loaded = ran.stderr.partition("LOADED ")
    assert ran.returncode == 16, ran.stderr
    assert "ledger upgrade --backup FILE" in json.loads(refusal)["error"]["message"]
    assert {"alembic", "sqlalchemy", "mako"}.isdisjoint(loaded.split())
    assert (old / "ledger.db").read_bytes() == before


def test_doctor_says_which_version_a_ledger_has_before_and_afterwards(old: Path, tmp_path: Path) -> None:
    desk = kept.Desk(old)
    check = {one["name"]: one for one in desk.answer("doctor --lang en")["checks"]}["ledger"]
    assert check["ok"] is False
    assert "its version is 5, this one works with 6" in check["what"]
    desk.type(kept.LAST, f"ledger upgrade --backup {tmp_path / 'before.tar'}")
    check = {one["name"]: one for one in desk.answer("doctor")["checks"]}["ledger"]
    assert check["ok"] is True
    assert check["what"].startswith(f"version {versions.CURRENT}, ")
