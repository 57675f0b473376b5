"""What the desk says to a slip: what was perhaps meant, what helps, and what was before and after."""

from __future__ import annotations

from pathlib import Path

import pytest
from desk_cli import IN_HOME, PUBLIC, done, nothing_written, refused, run

from repairdesk.desk import near


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("P20261122-0021", "P20261122-0011"),  # a digit wrong
        ("P20261122-0101", "P20261122-0011"),  # two changed places
        ("X20261122-0003", "P20261122-0003"),  # the letter
        ("P20261121-0007", "P20261122-0007"),  # the day
        ("20251122-0007", "P20261122-0007"),
        ("P7", "P20261122-0007"),  # no zeros
        ("p20261122-7", "P20261122-0007"),
    ],
)
def test_a_number_that_is_not_there_is_answered_with_the_nearest(full_desk: Path, typed: str, meant: str) -> None:
    error = refused(11, "show", typed)
    assert meant in error["near"]
    assert f"did you mean {error['near'][0]}" in error["message"]


def test_a_near_number_says_where_and_what_without_a_phone(desk: Path) -> None:
    done("intake", *IN_HOME[:-1], "漏水13800138000", "--new", "--as", "C1")
    message = refused(11, "show", "P20261123-0001")["message"]
    assert "3-2-501 漏水" in message
    assert "13800138000" not in message


def test_an_ending_of_several_says_where_and_what_each_is(full_desk: Path) -> None:
    error = refused(2, "show", "0001")
    assert error["candidates"] == ["P20261122-0001", "X20261122-0001"]
    assert "P20261122-0001 (3-2-501 漏水)" in error["message"]


def test_what_is_near_nothing_is_told_how_to_look(full_desk: Path) -> None:
    error = refused(11, "show", "P19990101-9999")
    assert "near" not in error
    assert error["remedy"].startswith("list --find P19990101-9999")
    said = run("show", "P19990101-9999")
    assert said.err.splitlines()[1].startswith("→ list --find")


def test_people_are_proposed_by_id_and_by_name(full_desk: Path) -> None:
    number = done("intake", *PUBLIC, "--new", "--as", "C1")["number"]
    with nothing_written(full_desk / "ledger.db"):
        for typed, meant in (("w1", ["W1"]), ("W01", ["W1"]), ("NW2", ["W2"]), ("W-1", ["W1"])):
            assert refused(11, "assign", number, typed, "--as", "C1")["near"] == meant, typed
        assert "near" not in refused(11, "assign", number, "zzzz", "--as", "C1")
        assert refused(11, "show", number, "--as", "c1")["near"] == ["C1"]


def test_somebody_who_left_is_not_proposed(full_desk: Path) -> None:
    done("staff", "retire", "W2", "--reason", "gone")
    assert "W2" not in refused(11, "show", "P20261122-0001", "--as", "W02").get("near", [])


def test_an_obligation_is_chosen_from_those_of_the_policies(full_desk: Path) -> None:
    assert "resolve" in refused(11, "why", "0008", "resolv")["message"]


def test_a_place_where_nothing_was_reported_is_answered_with_those_near(full_desk: Path) -> None:
    assert done("list", "--place", "3-2-502")["warnings"] == ["nothing was reported there; did you mean 3-2-501?"]
    assert run("list", "--place", "3-2-502").err == "nothing was reported there; did you mean 3-2-501?\n"
    assert done("list", "--place", "3-2-501", "--state", "paused")["warnings"] == []
    assert done("list", "--place", "9-9-999")["warnings"] == []


def test_commands_and_options_are_proposed_the_nearest_first(full_desk: Path) -> None:
    assert "did you mean list?" in refused(2, "staff", "lst")["message"]
    assert "did you mean --state" in refused(2, "list", "--stte", "x")["message"]
    assert "did you mean assign" in refused(2, "asign")["message"]


def test_a_correction_shows_what_was_and_what_is(full_desk: Path) -> None:
    said = (
        "correct",
        "P20261122-0001",
        "priority=emergency",
        "phone=13911112222",
        "--reason",
        "misheard",
        "--as",
        "C1",
    )
    doc = done(*said)
    assert doc["corrected"] == {
        "priority": {"old": "regular", "new": "emergency"},
        "phone": {"old": "138****8000", "new": "139****2222"},
    }
    lines = run("correct", "P20261122-0001", "priority=low", "--reason", "no", "--as", "C1").splitlines()
    assert "  priority: emergency → low" in lines
    assert "corrected" not in done("show", "P20261122-0001")


def test_init_ends_with_what_to_type_next(tmp_path: Path) -> None:
    home = str(tmp_path / "new")
    said = run("init", "--home", home)
    steps = [line.split("  # ")[0].strip() for line in said.err.splitlines()[1:]]
    assert len(steps) == 3
    assert all(step.startswith("repairdesk ") for step in steps)
    assert done("init", "--home", str(tmp_path / "other"))["next"] == [
        step.removeprefix("repairdesk ") for step in steps
    ]
    # They work as they stand there.
    assert run(*steps[0].split()[1:], "--home", home).exit_code == 0
    assert run("doctor", "--home", home).exit_code == 0


def test_doctor_says_what_mends_what_is_not_well(desk: Path) -> None:
    done("staff", "retire", "F1")
    checks = done("doctor")["checks"]
    ill = {check["name"]: check["mend"] for check in checks if not check["ok"]}
    assert ill["staff"] == "repairdesk staff add ID --name NAME --role finance"
    assert {check["mend"] for check in checks if check["ok"]} == {None}
    lines = run("doctor").splitlines()
    assert "    → repairdesk staff add ID --name NAME --role finance" in lines


# --- what is looked at, however large the ledger


class Counting:
    """A ledger without orders that counts what it is asked."""

    def __init__(self) -> None:
        self.asked = 0

    def numbers_ending(self, ending: str, limit: int) -> list[str]:
        self.asked += 1
        return []

    def places_from(self, begin: str, limit: int) -> list[str]:
        self.asked += limit
        return []


@pytest.mark.parametrize("typed", ["P20261122-0007", "P20261122-00077", "x", "1" * 200, "-", "P" * 100 + "-1"])
def test_what_is_near_is_found_with_few_look_ups(typed: str) -> None:
    ledger = Counting()
    assert near.orders(ledger, typed) == []  # type: ignore[arg-type]
    assert ledger.asked < 200
    assert near.places(ledger, typed) == []  # type: ignore[arg-type]
    assert ledger.asked < 300
