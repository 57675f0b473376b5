"""``calendar``: the table of public holidays is checked, warns before it runs out, and can be looked at."""

from __future__ import annotations

from pathlib import Path

import pytest
from desk_cli import PUBLIC, Clock, done, refused, run

from repairdesk.rules import load

pytestmark = pytest.mark.rule("SLA-2")


def rewrite(desk: Path, old: str, new: str, file: str = "calendar.yaml") -> None:
    path = desk / file
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{old!r} stands there {text.count(old)} times"
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_a_new_desk_has_the_table_and_knows_its_years(desk: Path) -> None:
    found = done("calendar", "check", "--at", "2026-03-01T09:00")
    assert (found["version"], found["years"], found["last_day"]) == ("cn-2026", [2024, 2025, 2026], "2026-12-31")
    assert (found["ok"], found["file"], found["warning"], found["warnings"]) == (True, "calendar.yaml", None, [])


@pytest.mark.parametrize(
    ("now", "says"),
    [
        ("2026-11-01T23:59:59", None),
        ("2026-11-02T00:00:00", "ends with 2026-12-31"),
        ("2026-12-31T23:59:59", "ends with 2026-12-31"),
        ("2027-01-01T00:00:00", "no table of 2027"),
        ("2023-12-31T23:59:59", "no table of 2023"),
    ],
)
def test_check_warns_sixty_days_before_the_table_runs_out_and_from_then_on(
    desk: Path, now: str, says: str | None
) -> None:
    found = done("calendar", "check", "--at", now)
    assert found["last_day"] == "2026-12-31"
    if says is None:
        assert (found["warning"], found["warnings"]) == (None, [])
    else:
        assert says in found["warning"]
        assert found["warnings"] == [found["warning"]]


def test_the_clock_of_the_desk_is_asked_where_no_time_is_given(desk: Path, clock: Clock) -> None:
    assert "2026-12-31" in done("calendar", "check")["warning"]
    clock.on(days=-200)
    assert done("calendar", "check")["warning"] is None


def test_the_days_are_those_of_the_desks_zone(desk: Path) -> None:
    last_evening = "2026-11-01T23:30:00+08:00"
    assert done("calendar", "check", "--at", last_evening)["warning"] is None
    rewrite(desk, "Asia/Shanghai", "Pacific/Auckland", "policies.yaml")
    rewrite(desk, "version: standard-2026-11", "version: own", "policies.yaml")
    assert done("calendar", "check", "--at", last_evening)["warning"]


def test_people_read_the_warning_on_stderr_and_the_table_in_lines(desk: Path) -> None:
    told = run("calendar", "check")
    assert (told.exit_code, "last_day: 2026-12-31" in told, "years: 2024, 2025, 2026" in told) == (0, True, True)
    assert "Note: calendar.yaml ends with 2026-12-31" in told.err
    rows = run("calendar", "show", "--year", "2026")
    assert rows.splitlines()[0] == "day\tkind\tname"
    assert "2026-10-01\tholiday\t国庆节" in rows.splitlines()
    assert "2026-10-10\tworkday\t" in rows.splitlines()


def test_the_warning_goes_away_with_the_next_table(desk: Path) -> None:
    rewrite(desk, "version: cn-2026", "version: cn-2027")
    rewrite(desk, "years:\n", 'years:\n  2027: {source: test, holidays: {元旦: ["2027-01-01..2027-01-03"]}}\n')
    found = done("calendar", "check")
    assert (found["last_day"], found["warning"]) == ("2027-12-31", None)
    assert done("calendar", "show", "--year", "2027")["days"] == [
        {"day": f"2027-01-0{n}", "kind": "holiday", "name": "元旦"} for n in (1, 2, 3)
    ]


def test_show_lists_every_day_in_order_or_those_of_one_year(desk: Path) -> None:
    every = done("calendar", "show")
    assert (every["version"], every["years"], every["warnings"]) == ("cn-2026", [2024, 2025, 2026], [])
    days = [day["day"] for day in every["days"]]
    assert days == sorted(days)
    of_2026 = done("calendar", "show", "--year", "2026")["days"]
    assert of_2026 == [day for day in every["days"] if day["day"].startswith("2026")]
    assert [sum(day["kind"] == kind for day in of_2026) for kind in ("holiday", "workday")] == [33, 6]


def test_a_year_that_the_table_has_not_is_not_found(desk: Path) -> None:
    assert "2024, 2025, 2026" in refused(11, "calendar", "show", "--year", "2027")["message"]
    assert run("calendar", "show", "--year", "next").exit_code == 2


def test_a_bad_table_is_refused_with_its_place_by_check_and_by_every_command(desk: Path) -> None:
    rewrite(desk, '"2026-10-10"', '"2026-10-07"')
    for argv in (("calendar", "check"), ("calendar", "show"), ("list",)):
        (problem,) = refused(13, *argv)["problems"]
        assert (problem["file"], problem["key"]) == ("calendar.yaml", "years.2026.workdays[5]")
        line = (desk / "calendar.yaml").read_text(encoding="utf-8").splitlines()[problem["line"] - 1]
        assert line[problem["column"] - 1 :].startswith('"2026-10-07"')


def test_the_mistakes_of_all_three_files_are_told_at_once(desk: Path) -> None:
    rewrite(desk, "late_after: 15m", "late_after: 15mm", "policies.yaml")
    rewrite(desk, "currency: CNY", "currency: CNY\nmoney: none", "fees.yaml")
    rewrite(desk, "warn: 60d", "warn: soon")
    problems = refused(13, "list")["problems"]
    assert [problem["file"] for problem in problems] == ["policies.yaml", "fees.yaml", "calendar.yaml"]
    rewrite(desk, "late_after: 15mm", "late_after: 15m", "policies.yaml")
    rewrite(desk, "currency: CNY\nmoney: none", "currency: CNY", "fees.yaml")
    assert [problem["file"] for problem in refused(13, "list")["problems"]] == ["calendar.yaml"]


@pytest.mark.rule("REC-4")
def test_check_refuses_a_changed_table_under_an_old_version_as_every_command_does(desk: Path) -> None:
    rewrite(desk, '"2026-10-10"', '"2026-10-11"')
    for argv in (("calendar", "check"), ("list",)):
        refusal = refused(13, *argv)
        assert refusal["rule"] == "REC-4"
        assert [(problem["file"], problem["key"]) for problem in refusal["problems"]] == [("calendar.yaml", "version")]


def test_a_desk_without_a_table_works_and_check_says_that_there_is_none(desk: Path) -> None:
    (desk / "calendar.yaml").unlink()
    assert done("intake", *PUBLIC, "--as", "C1")["number"]
    assert done("verify")["ok"]
    assert "calendar.yaml" in refused(11, "calendar", "check")["message"]


def test_a_known_table_is_not_read_again(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("read_policies", "read_fees", "read_days"):
        monkeypatch.setattr(load, name, lambda *_: pytest.fail("a file was validated again"))
    assert done("list")["orders"] == []


def test_init_writes_the_table_and_makes_no_desk_over_one(
    tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "new"
    folder.mkdir()
    (folder / "calendar.yaml").write_text("mine")
    assert "calendar.yaml" in refused(10, "init", "--home", str(folder))["message"]
    assert [path.name for path in folder.iterdir()] == ["calendar.yaml"]
    (folder / "calendar.yaml").unlink()
    done("init", "--home", str(folder))
    assert (folder / "calendar.yaml").read_text(encoding="utf-8").startswith("# calendar.yaml")
