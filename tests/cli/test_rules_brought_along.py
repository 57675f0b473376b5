"""A desk's rules are those that its ledger lies with: who brings a folder of their own does no more than before."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from desk_cli import IN_HOME, done, nothing_written, refused

MINE = ("standard-2026-11", "mine-1")


@pytest.fixture
def mine(desk: Path, tmp_path: Path) -> Path:
    """A folder with other rules."""
    folder = tmp_path / "mine"
    folder.mkdir()
    for path in desk.glob("*.yaml"):
        shutil.copy(path, folder)
    policies = folder / "policies.yaml"
    policies.write_text(policies.read_text(encoding="utf-8").replace(*MINE, 1), encoding="utf-8")
    return folder


@pytest.mark.sqlite
@pytest.mark.rule("REC-4")
def test_a_ledger_is_not_written_by_other_rules_than_it_lies_with(desk: Path, mine: Path) -> None:
    link = mine / "ledger.db"
    link.symlink_to(desk / "ledger.db")
    intake = ("intake", *IN_HOME, "--as", "C1", "--home", str(mine))
    with nothing_written(desk / "ledger.db"):
        assert refused(10, *intake, "--ledger", str(desk / "ledger.db"))["rule"] == "REC-4"
        assert str(desk) in refused(10, *intake)["message"]
    done("list", "--home", str(mine))  # what is only looked at harms nothing
    assert done(*intake, "--home", str(desk))["number"] == "P20261124-0001"


def test_a_ledger_elsewhere_has_no_rules_beside_it(desk: Path, mine: Path, tmp_path: Path) -> None:
    far = tmp_path / "far"
    far.mkdir()
    (desk / "ledger.db").rename(far / "book.db")
    assert done("intake", *IN_HOME, "--as", "C1", "--ledger", str(far / "book.db"))["number"] == "P20261124-0001"


def test_doctor_tells_of_rules_that_the_ledger_took_over_and_this_folder_does_not_have(desk: Path, mine: Path) -> None:
    done("intake", *IN_HOME, "--as", "C1")
    ours = (desk / "policies.yaml").read_text(encoding="utf-8")
    shutil.copy(mine / "policies.yaml", desk / "policies.yaml")
    done("intake", *IN_HOME, "--as", "C2", "--new")
    checks = [check for check in done("doctor")["checks"] if "mine-1" in check["what"] and "C2" in check["what"]]
    assert [(check["name"], check["ok"]) for check in checks] == [("rules", True)]
    (desk / "policies.yaml").write_text(ours, encoding="utf-8")
    (check,) = [check for check in done("doctor")["checks"] if "mine-1" in check["what"]]
    assert (check["name"], check["ok"]) == ("rules", False)
    assert "not those of this folder" in check["what"]


def test_rules_that_were_replaced_by_newer_ones_are_told_and_no_illness(desk: Path, mine: Path) -> None:
    done("intake", *IN_HOME, "--as", "C1")
    policies = desk / "policies.yaml"
    for before, after in (MINE, ("mine-1", "mine-2")):
        policies.write_text(policies.read_text(encoding="utf-8").replace(before, after, 1), encoding="utf-8")
        done("intake", *IN_HOME, "--as", "C2", "--new")
    checks = [check for check in done("doctor")["checks"] if "mine-" in check["what"] and "C2" in check["what"]]
    assert [check["ok"] for check in checks] == [True, True]
