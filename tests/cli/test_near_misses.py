"""What the desk says to a slip: what was perhaps meant, what helps, and what was before and after."""

from __future__ import annotations

from pathlib import Path

import pytest
from desk_cli import IN_HOME, PUBLIC, Clock, done, nothing_written, refused, run

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
    assert error["candidates"] == ["X20261122-0001", "P20261122-0001"], "what is still open comes first"
    assert "P20261122-0001 (3-2-501 漏水)" in error["message"]


def test_orders_of_one_ending_stand_in_lines_with_what_to_type(desk: Path, clock: Clock) -> None:
    for _ in range(7):
        clock.on(days=1)
        done("intake", *PUBLIC, "--new", "--as", "C1")
    first, *lines, arrow = run("show", "0001").err.splitlines()
    assert [line.split()[:2] for line in lines[:2]] == [["01-0001", "P20261201-0001"], ["30-0001", "P20261130-0001"]]
    assert len(lines) == 6, "five and that there are more"
    for line in lines[:5]:
        assert done("show", line.split()[0])["number"] == line.split()[1]
    assert (first, arrow[0]) == ("0001 could be any of: ", "→")


@pytest.mark.parametrize("typed", ["2026112-0011", "P2026112-0011", "P202611222-0011"])
def test_a_number_with_a_digit_too_few_or_too_many_is_repeated_as_it_was_typed(full_desk: Path, typed: str) -> None:
    assert refused(11, "show", typed)["message"].startswith(f"there is no order {typed}")


@pytest.mark.parametrize("typed", ["8888-6666", "7654321-0010", "13800138000", "010-8888666"])
def test_what_may_be_a_phone_is_not_repeated(full_desk: Path, typed: str) -> None:
    assert typed not in run("show", typed).err.partition(";")[0]


# --- who may


def test_an_account_that_is_nobody_s_is_told_how_to_say_who_did_it(full_desk: Path) -> None:
    refusal = refused(12, "assign", "0010", "W1")
    assert refusal["message"].startswith("os:keyboard (no role) may not do this")
    remedy = refusal["remedy"]
    assert remedy.startswith("say who did it, as in --as C1: C1 (NC1), C2 (NC2), L1 (NL1)")
    assert "staff add ID --name NAME --role ROLE --os-user keyboard" in remedy


def test_whoever_may_not_is_told_who_can(full_desk: Path) -> None:
    assert (
        refused(12, "accept", "0010", "--as", "C1")["remedy"]
        == "this is done by W2 (NW2); who did it is said by --as W2"
    )
    assert "S1 (NS1)" in refused(12, "check", "X20261122-0001", "--support", "x", "--as", "F1")["remedy"]


def test_where_nobody_has_the_role_it_is_said_how_to_add_one(desk: Path) -> None:
    done("staff", "retire", "M1", "--reason", "gone")
    refusal = refused(12, "purge", "--yes", "--with", "L1", "--as", "C1")
    assert refusal["remedy"] == "nobody here is that: staff add ID --name NAME --role manager"


# --- what is looked for


def test_a_list_that_finds_nothing_says_so(full_desk: Path) -> None:
    said = run("list", "--find", "zzzz")
    assert (said, said.err) == ("", "nothing found\n")
    assert done("list", "--find", "zzzz") == {"orders": [], "total": 0, "warnings": []}


def test_somebody_who_is_not_here_has_no_list(full_desk: Path) -> None:
    done("staff", "add", "W7", "--name", "王大勇", "--role", "technician")
    assert refused(11, "list", "--staff", "W07")["near"][0] == "W7"
    assert refused(11, "list", "--staff", "王军")["near"] == ["W7"]
    assert done("list", "--staff", "W7")["total"] == 0


@pytest.mark.parametrize(
    "said", ["3栋2单元501", "3 栋 2 单元 501", "3号楼2单元501室", "３－２－５０１", "3栋2单元501 漏水"]
)
def test_a_place_is_found_as_it_is_understood(full_desk: Path, said: str) -> None:
    done("intake", *PUBLIC[:2], "--place", "东门", "--fault", "3栋2单元501漏水到楼道", "--new", "--as", "C1")
    at_place = {doc["number"] for doc in done("list", "--place", "3-2-501")["orders"]}
    found = [doc["number"] for doc in done("list", "--find", said)["orders"]]
    assert at_place <= set(found)
    if "漏水" not in said:
        assert set(found[: len(at_place)]) == at_place, "whose place it is comes first"


def test_numbers_with_hyphens_are_no_places(desk: Path) -> None:
    done("intake", *IN_HOME[:2], "--place", "24-1", *IN_HOME[4:], "--new", "--as", "C1")
    assert done("list", "--find", "24-0001")["total"] == 1, "24-1 is another thing than the end of a number"


def test_whose_number_ends_so_comes_first(desk: Path, clock: Clock) -> None:
    first = done("intake", *PUBLIC, "--new", "--as", "C1")["number"]
    for fault in ("电话13800000001", "0001号灯不亮"):
        clock.on(minutes=5)
        done("intake", "--kind", "public_area", "--place", "南门", "--fault", fault, "--new", "--as", "C1")
    doc = done("list", "--find", "0001")
    assert doc["total"] == 3
    assert doc["orders"][0]["number"] == first
    assert done("list", "--find", "0001", "--limit", "1")["orders"][0]["number"] == first
    assert done("list", "--find", "0001", "--place", "南门")["orders"][0]["number"] != first


def test_what_is_near_nothing_is_told_how_to_look(full_desk: Path) -> None:
    error = refused(11, "show", "P19990101-9999")
    assert "near" not in error
    assert error["remedy"].startswith("list --find P19990101-9999")
    said = run("show", "P19990101-9999")
    assert said.err.splitlines()[1].startswith("→ list --find")


@pytest.mark.rule("QUO-1")
def test_a_remedy_has_the_number_that_was_typed_and_does_what_it_says(full_desk: Path) -> None:
    number = done("intake", *IN_HOME, "--service", "tap", "--new", "--as", "C1")["number"]
    done("assign", number, "W1", "--as", "C1")
    error = refused(10, "assign", number[1:], "W2", "--as", "C1")
    assert error["remedy"] == f"say why: assign {number[1:]} STAFF --reason R"
    done("accept", number, "--as", "W1")
    remedy = refused(10, "start", number[1:], "--as", "W1")["remedy"]
    done(*remedy[remedy.index("consent") :].split(), "--as", "C1")
    done("start", number, "--as", "W1")


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
    done("staff", "retire", "M1")
    (mend,) = (check["mend"] for check in done("doctor")["checks"] if check["name"] == "staff" and not check["ok"])
    assert mend.count("repairdesk staff add ID --name NAME --role ") == 2, "a command for each, to be typed"
    done("staff", "add", "M1", "--name", "x", "--role", "manager")
    lines = run("doctor").splitlines()
    assert "    → repairdesk staff add ID --name NAME --role finance" in lines


def test_doctor_says_that_nobody_takes_reports_and_whose_account_it_is(tmp_path: Path) -> None:
    home = ("--home", str(tmp_path / "new"))
    done("init", *home)
    said = run("doctor", *home)
    assert "nobody as clerk, technician" in said
    assert "--role clerk; repairdesk staff add ID --name NAME --role technician" in said
    assert "the account at the keyboard, keyboard, is nobody's here" in said
    done("staff", "add", "C1", "--name", "x", "--role", "clerk", "--os-user", "keyboard", *home)
    done("staff", "add", "K1", "--name", "x", "--role", "contractor", *home)
    said = run("doctor", *home)
    assert "nobody as clerk" not in said
    assert "account at the keyboard" not in said


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
