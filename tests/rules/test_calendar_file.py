"""calendar.yaml: every mistake with its line, column and key; and the table that is shipped is the published one."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import chinese_calendar  # type: ignore[import-untyped]
import pytest
from chinese_calendar import constants

from repairdesk.domain.policy import PublicDays
from repairdesk.errors import BadRules
from repairdesk.rules import preset
from repairdesk.rules.hydrate import build_days, digest
from repairdesk.rules.load import parse_days, read_days

pytestmark = pytest.mark.rule("SLA-2")

TEXT = preset.calendar_text()
TABLE = build_days(parse_days(TEXT, "calendar.yaml"))
PUBLISHED = sorted({day.year for day in constants.holidays})

# The shipped table with one mistake: its name, what gives way, to what, where the report points (at the caret), the
# key it names, and a piece of its sentence.
OFF, WORKED = "years.2026.holidays", "years.2026.workdays"
MISTAKES = [
    ("unknown key", "warn: 60d", "warn: 60d\nzone: x", "^zone: x", "zone", "version, warn, years"),
    ("unknown key in a year", "  2026:\n", "  2026:\n    makeup: []\n", "^makeup", "years.2026.makeup",
     "source, holidays, workdays"),
    ("no version", "version: cn-2026\n", "", "^warn: 60d", "version", "is missing"),
    ("no years", "years:\n", "yeers:\n", "^yeers", "yeers", "unknown key"),
    ("no source", "    source: 国务院办公厅关于2026年部分节假日安排的通知（国办发明电〔2025〕7号）\n", "", "^2026:\n",
     "years.2026.source", "is missing"),
    ("wrong unit", "warn: 60d", "warn: 60", "warn: ^60", "warn", "such as 15m or 48h"),
    ("no year", "  2026:\n", "  '26':\n", "^'26':", "years.26", "not a year"),
    ("a year that no time can have", "  2026:\n", "  3026:\n", "^3026:", "years.3026", "1970 to 2999"),
    ("no such day", '"2026-10-01..2026-10-07"', '"2026-09-31"', '^"2026-09-31"', f"{OFF}.国庆节[0]",
     "there is no day 2026-09-31"),
    ("no date", '"2026-10-01..2026-10-07"', '"1 October"', '^"1 October"', f"{OFF}.国庆节[0]", "YYYY-MM-DD"),
    ("half a stretch", '"2026-10-01..2026-10-07"', '"2026-10-01.."', '^"2026-10-01.."', f"{OFF}.国庆节[0]",
     "FROM..TO"),
    ("a stretch backwards", '"2026-10-01..2026-10-07"', '"2026-10-07..2026-10-01"', '^"2026-10-07..2026-10-01"',
     f"{OFF}.国庆节[0]", "ends before it begins"),
    ("a day outside its year", '"2026-01-01..2026-01-03"', '"2025-12-31..2026-01-03"', '^"2025-12-31..2026',
     f"{OFF}.元旦[0]", "2025-12-31 does not lie in 2026"),
    ("a stretch over the ages", '"2026-01-01..2026-01-03"', '"2026-01-01..9999-12-31"', '^"2026-01-01..9999',
     f"{OFF}.元旦[0]", "9999-12-31 does not lie in 2026"),
    ("a workday outside its year", '"2026-10-10"', '"2027-10-10"', '^"2027-10-10"', f"{WORKED}[5]",
     "2027-10-10 does not lie in 2026"),
    ("a stretch of workdays", '"2026-10-10"', '"2026-10-10..2026-10-11"', '^"2026-10-10..2026-10-11"', f"{WORKED}[5]",
     "not a date"),
    ("off and worked", '"2026-10-10"', '"2026-10-07"', '^"2026-10-07"', f"{WORKED}[5]", "a holiday and a workday"),
    ("worked twice", '"2026-10-10"', '"2026-09-20"', '^"2026-09-20"]', f"{WORKED}[5]", "listed twice"),
    ("off twice", '"2026-10-01..2026-10-07"', '"2026-09-27..2026-10-07"', '^"2026-09-27..', f"{OFF}.国庆节[0]",
     "2026-09-27 is a day off already, under “中秋节”"),
    ("off twice under one name", '"2026-10-01..2026-10-07"', '"2026-10-01..2026-10-07", "2026-10-05"',
     '^"2026-10-05"]', f"{OFF}.国庆节[1]", "already, under “国庆节”"),
    ("a name twice", "      国庆节: [\"2026", "      元旦: [\"2026", "^元旦: [\"2026-10", f"{OFF}.元旦",
     "it stands already in line"),
    ("a name without days", '国庆节: ["2026-10-01..2026-10-07"]', "国庆节: []", "国庆节: ^[]", f"{OFF}.国庆节",
     "empty list"),
    ("a text for a list", '["2026-10-01..2026-10-07"]', '"2026-10-01..2026-10-07"', '国庆节: ^"2026', f"{OFF}.国庆节",
     "expected a list"),
    ("a year ahead of its notice", "years:\n", "years:\n  2027: {source: x, holidays: {}}\n", "holidays: ^{}",
     "years.2027.holidays", "leave a year out"),
    ("a list for a year", "years:\n", "years:\n  2027: []\n", "2027: ^[]", "years.2027", "expected a mapping"),
]  # fmt: skip


def refused(text: str) -> list[dict[str, Any]]:
    with pytest.raises(BadRules) as refusal:
        parse_days(text, "calendar.yaml")
    return list(refusal.value.extra["problems"])


def broken(old: str, new: str) -> str:
    assert TEXT.count(old) == 1, f"{old!r} stands there {TEXT.count(old)} times"
    return TEXT.replace(old, new)


def place(text: str, marker: str) -> tuple[int, int]:
    """Line and column of the caret, wherever the text around it stands."""
    before, after = marker.split("^")
    upto = text[: text.index(before + after) + len(before)]
    return upto.count("\n") + 1, len(upto) - upto.rfind("\n")


@pytest.mark.parametrize(
    ("old", "new", "marker", "key", "says"), [pytest.param(*case[1:], id=case[0]) for case in MISTAKES]
)
def test_a_mistake_in_the_table_is_reported_with_its_place(
    old: str, new: str, marker: str, key: str, says: str
) -> None:
    text = broken(old, new)
    found = refused(text)
    problem = next(one for one in found if one["key"] == key)
    assert (problem["file"], problem["line"], problem["column"]) == ("calendar.yaml", *place(text, marker))
    assert says in problem["message"]
    assert len(found) == 1 + (key == "yeers"), "a misspelt key is missing as well"


def test_all_mistakes_of_the_table_are_reported_at_once_from_top_to_bottom() -> None:
    text = broken("warn: 60d", "warn: soon").replace('"2024-10-12"', '"2024-10-32"')
    text = text.replace('"2025-10-11"', '"2025-10-08"').replace('"2026-06-19..2026-06-21"', '"2026-06-21..2026-06-19"')
    keys = ["warn", "years.2024.workdays[7]", "years.2025.workdays[4]", "years.2026.holidays.端午节[0]"]
    assert [problem["key"] for problem in refused(text)] == keys


# --- what it says


def test_the_shipped_table_has_the_years_that_are_published() -> None:
    assert sorted(TABLE.years) == [2024, 2025, 2026]
    assert set(TABLE.years) <= set(PUBLISHED)


@pytest.mark.parametrize("year", sorted(TABLE.years & set(PUBLISHED)))
def test_every_day_of_the_shipped_table_is_what_was_published(year: int) -> None:
    """Day by day against a library that others keep: a slip of the hand in either shows."""
    days = [date(year, 1, 1) + timedelta(days=n) for n in range(366)]
    for day in (one for one in days if one.year == year):
        name, weekend = day.isoformat(), day.weekday() >= 5
        ours = (name not in TABLE.holidays) if not weekend else (name in TABLE.workdays)
        assert ours == chinese_calendar.is_workday(day), name
        assert (name in TABLE.workdays) == (day in constants.workdays), name


def test_a_holiday_knows_its_name_and_no_day_is_both() -> None:
    assert TABLE.holidays["2026-10-01"] == "国庆节"
    assert TABLE.holidays["2025-10-06"] == "国庆节、中秋节"
    assert not TABLE.workdays & set(TABLE.holidays)
    assert TABLE.warn == 60 * 86_400


@pytest.mark.rule("REC-4")
def test_what_the_ledger_keeps_as_json_gives_the_same_days() -> None:
    read = read_days(TEXT, "calendar.yaml")
    kept = json.loads(json.dumps(read.data))
    assert build_days(kept) == TABLE
    assert (read.kind, read.version, digest(kept)) == ("calendar", "cn-2026", read.digest)


@pytest.mark.rule("REC-4")
def test_comments_and_stretches_do_not_change_the_content_but_a_day_does() -> None:
    same = broken('"2026-10-01..2026-10-07"', '"2026-10-07", "2026-10-01..2026-10-06"  # the same days\n        ')
    other = broken('"2026-10-01..2026-10-07"', '"2026-10-01..2026-10-08"')
    contents = [read_days(text, "calendar.yaml").digest for text in (TEXT, same, other)]
    assert contents[0] == contents[1] != contents[2]


def test_a_table_may_be_empty() -> None:
    days = build_days(parse_days("version: none\nwarn: 30d\nyears: {}\n", "calendar.yaml"))
    assert days == PublicDays("none", frozenset(), {}, frozenset(), 30 * 86_400)


def test_the_packaged_table_is_taken_before_that_of_a_checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preset, "_PRESETS", tmp_path)
    assert preset.calendar_text() == TEXT
    (tmp_path / "calendar.yaml").write_text("version: packaged\n")
    assert preset.calendar_text() == "version: packaged\n"
    assert preset.preset_names() == ["standard"], "the table is no preset"
