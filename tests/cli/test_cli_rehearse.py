"""``policies rehearse``: the sums first, then what would differ, as a script and as a person reads it."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest
from desk_cli import IN_HOME, Clock, done, refused, run

pytestmark = pytest.mark.rule("REC-4")

SINCE = ("--since", "2026-11-01")
KEYS = {
    "file", "kind", "version", "since", "until", "at", "orders", "coordination_orders", "deadlines", "obligations",
    "on_time", "conversions", "bills", "unpriced", "totals", "warnings",
}  # fmt: skip


def other(desk: Path, file: str, *changes: tuple[str, str]) -> str:
    """The desk's file with changes, elsewhere; answers with its name."""
    text = (desk / file).read_text(encoding="utf-8")
    text = re.sub(r"(?m)^version: .*$", "version: tried-1", text)
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path = desk.parent / f"other-{file}"
    path.write_text(text, encoding="utf-8")
    return str(path)


def contents(desk: Path) -> dict[str, str]:
    """Every file of the desk's folder by its bytes."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in desk.iterdir()}


@pytest.fixture
def worked(desk: Path, clock: Clock) -> list[str]:
    """Three orders: each accepted, reached after twelve minutes, billed with a new tap."""
    numbers = []
    for room in ("501", "502", "503"):
        place = [*IN_HOME[:3], f"3-2-{room}", *IN_HOME[4:]]
        number = done("intake", *place, "--service", "tap", "--as", "C1")["number"]
        done("consent", number, "--fee", "26.00", "--as", "C1")
        done("assign", number, "W1", "--as", "C1")
        done("accept", number, "--as", "W1")
        clock.on(minutes=12)
        done("start", number, "--as", "W1")
        done("finish", number, "--found", "f", "--result", "r", "--as", "W1")
        numbers.append(number)
    return numbers


def test_the_document_has_every_key_and_the_desk_is_left_as_it_was(desk: Path, worked: list[str]) -> None:
    file = other(desk, "policies.yaml", ("within: 10m  ", "within: 15m  "))
    before = contents(desk)
    said = done("policies", "rehearse", file, *SINCE)
    assert contents(desk) == before
    assert set(said) == KEYS
    assert (said["file"], said["kind"], said["version"], said["orders"]) == (file, "policies", "tried-1", 3)
    assert said["since"] == "2026-11-01T00:00:00+08:00"
    assert sorted(one["number"] for one in said["deadlines"]) == worked
    for one in said["deadlines"]:
        assert set(one) == {"number", "name", "cycle", "rule", "owner", "before", "after"}
        assert (one["before"]["state"], one["after"]["state"]) == ("missed", "met")
        assert one["after"]["due_at"].endswith("+08:00")
    assert set(said["totals"]) >= {"before", "after", "difference"}


def test_bills_are_priced_again_and_money_is_text(desk: Path, worked: list[str]) -> None:
    said = done("policies", "rehearse", other(desk, "fees.yaml", ('unit: 个, price: "25.00"', 'unit: 个, price: "28"')),
                *SINCE)  # fmt: skip
    assert said["kind"] == "fees"
    assert said["bills"][0] == {
        "number": worked[-1], "before": "25.00", "after": "28.00", "difference": "3.00", "exceeds_consent": True,
    }  # fmt: skip
    assert [said["totals"][name] for name in ("before", "after", "difference")] == ["75.00", "84.00", "9.00"]


def test_what_cannot_be_priced_says_why_in_the_language_that_is_spoken(desk: Path, worked: list[str]) -> None:
    file = other(desk, "fees.yaml", ("{code: tap,", "{code: mixer,"))
    said = done("policies", "rehearse", file, *SINCE)
    assert [one["number"] for one in said["unpriced"]] == worked[::-1]
    assert all("tap" in one["why"] for one in said["unpriced"])
    text = run("policies", "rehearse", file, *SINCE)
    assert all(f"{one['number']}  25.00  {one['why']}" in text for one in said["unpriced"])


def test_a_person_reads_the_sums_first_and_then_what_differs(desk: Path, worked: list[str]) -> None:
    lines = run("policies", "rehearse", other(desk, "policies.yaml", ("within: 10m  ", "within: 15m  ")), *SINCE)
    rows = lines.splitlines()
    assert "version tried-1: 3 orders reported from 2026-11-01 00:00 to " in rows[0]
    assert rows[1] == "Solved in time: 100.0 % (3 of 3) → 100.0 % (3 of 3)"
    assert rows[2] == "3 bills: 75.00 → 75.00 yuan (+0.00); 0 rise, 0 fall"
    assert "arrive\t0 → 3\t3 → 0\t0\t0" in rows
    title = rows.index("Deadlines that would differ: 3")
    assert rows[title + 1].split("\t") == ["number", "obligation", "cycle", "before", "after"]
    first = rows[title + 2].split("\t")
    assert first[:3] == [worked[-1], "arrive", "1"]
    assert (first[3].split()[-1], first[4].split()[-1]) == ("missed", "met")
    assert "Bills that would differ" not in lines


def test_of_many_differences_only_so_many_are_shown_and_the_rest_is_counted(desk: Path, worked: list[str]) -> None:
    file = other(desk, "policies.yaml", ("within: 10m  ", "within: 15m  "))
    text = run("policies", "rehearse", file, *SINCE, "--limit", "1")
    assert [number in text for number in worked] == [False, False, True]
    assert "and 2 more (--limit)" in text
    assert len(done("policies", "rehearse", file, *SINCE, "--limit", "1")["deadlines"]) == 3
    assert "more (--limit)" not in run("policies", "rehearse", file, *SINCE, "--limit", "3")


def test_a_conversion_that_would_come_or_not_is_shown(desk: Path, worked: list[str], clock: Clock) -> None:
    number = done("intake", *IN_HOME, "--new", "--as", "C1")["number"]
    clock.on(hours=20)
    done("escalate")
    file = other(desk, "policies.yaml", ("overdue: convert  ", "ladder: work\n    overdue: propose  "))
    text = run("policies", "rehearse", file, *SINCE)
    coordination = done("show", number)["coordination"]
    assert f"{number}\t{coordination}\t2026-11-25 00:00\tnot converted" in text
    assert "4 orders reported from " in text.splitlines()[0]
    assert text.splitlines()[1] == "coordination orders opened beside them: 1"


def test_where_nothing_differs_it_is_said(desk: Path, worked: list[str]) -> None:
    for file in ("policies.yaml", "fees.yaml"):
        assert run("policies", "rehearse", file, *SINCE).splitlines()[-1] == "Nothing would differ."


def test_the_same_version_with_another_content_is_a_warning(desk: Path, worked: list[str]) -> None:
    path = desk.parent / "edited.yaml"
    path.write_text((desk / "fees.yaml").read_text(encoding="utf-8").replace('"25.00"', '"26.00"'), encoding="utf-8")
    (warning,) = done("policies", "rehearse", str(path), *SINCE)["warnings"]
    assert "2026-11" in warning
    assert warning in run("policies", "rehearse", str(path), *SINCE).err


def test_a_bad_file_is_refused_with_the_place_of_each_mistake(desk: Path) -> None:
    file = other(desk, "policies.yaml", ("within: 10m  ", "within: soon  "))
    refusal = refused(13, "policies", "rehearse", file)
    assert all({"file", "line", "column", "key", "message"} <= set(one) for one in refusal["problems"])
    assert re.search(r"(?m)^  other-policies\.yaml:\d+:\d+: obligations", run("policies", "rehearse", file).err)


def test_other_refusals_have_their_codes(desk: Path) -> None:
    assert refused(2, "policies", "rehearse")["missing"] == ["file"]
    refused(2, "policies", "rehearse", "policies.yaml", "--until", "2026-11-30")
    refused(2, "policies", "rehearse", "policies.yaml", "--since", "2026-11-30", "--until", "2026-11-01")
    refused(2, "policies", "rehearse", "policies.yaml", "--limit", "0")
    refused(11, "policies", "rehearse", "none.yaml")
    refused(13, "policies", "rehearse", "calendar.yaml")
