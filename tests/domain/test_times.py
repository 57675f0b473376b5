"""Times as people write them: what is read, what is refused, and what the ledger keeps (SLA-2)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from repairdesk.domain.times import (
    at_local,
    from_iso,
    iso_utc,
    local_iso,
    parse_at,
    parse_since,
    parse_window,
    time_of_day,
)
from repairdesk.errors import UsageError

SHANGHAI = ZoneInfo("Asia/Shanghai")
LONDON = ZoneInfo("Europe/London")
NEW_YORK = ZoneInfo("America/New_York")
INSTANT = datetime(2026, 11, 22, 6, 5, tzinfo=UTC)


@pytest.mark.rule("SLA-2")
@pytest.mark.parametrize(
    "text",
    [
        "2026-11-22T14:05",
        "2026-11-22 14:05",
        "2026-11-22T14:05:00",
        "2026-11-22T14:05:00.999999",
        "2026-11-22T14:05:00,123456789+08:00",
        "2026-11-22T06:05Z",
        "2026-11-22t06:05z",
        "2026-11-22T07:05+01",
        "2026-11-22T07:05:00+0100",
        "2026-11-22T00:05-06:00",
        " ２０２６－１１－２２　１４：０５ ",
    ],
)
def test_a_time_is_read_in_the_desks_zone_unless_it_has_an_offset(text: str) -> None:
    assert parse_at(text, SHANGHAI) == INSTANT
    assert parse_at(text, SHANGHAI).utcoffset() == timedelta()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "now",
        "14:05",
        "2026-11-22",
        "2026-11-22T",
        "2026-11-22T24:00",
        "2026-11-22T14:60",
        "2026-11-22T14:05:60",
        "2026-02-29T14:05",
        "2026-13-01T14:05",
        "2026/11/22 14:05",
        "22-11-2026T14:05",
        "20261122T1405",
        "2026-11-22T14:05+25:00",
        "2026-11-22T14:05 Asia/Shanghai",
        "1969-12-31T14:05",
        "3000-01-01T00:00",
        "0001-01-01T00:00+08:00",
    ],
)
def test_what_is_no_time_is_a_usage_error_that_shows_how_to_write_one(text: str) -> None:
    with pytest.raises(UsageError, match="2026-11-22T14:05") as caught:
        parse_at(text, SHANGHAI)
    assert caught.value.values["text"] == text


def test_of_a_mere_day_the_beginning_or_the_end_is_meant() -> None:
    assert local_iso(parse_since(" ２０２６－１１－２２", SHANGHAI), SHANGHAI) == "2026-11-22T00:00:00+08:00"
    assert local_iso(parse_since("2026-11-22", SHANGHAI, end=True), SHANGHAI) == "2026-11-22T23:59:59+08:00"
    assert parse_since("2026-11-22T14:05", SHANGHAI, end=True) == INSTANT


@pytest.mark.parametrize("text", ["", "xx", "14:05", "2026-11", "20261122", "2026-W47-7", "2026-02-29", "3000-01-01"])
def test_what_is_neither_a_day_nor_a_time_is_named_as_it_was_typed(text: str) -> None:
    with pytest.raises(UsageError, match="neither a day nor a time") as caught:
        parse_since(text, SHANGHAI)
    assert caught.value.values["text"] == text


@pytest.mark.rule("SLA-2")
def test_a_time_that_the_clocks_skip_is_refused() -> None:
    with pytest.raises(UsageError, match=r"2026-03-29T01:30.*does not exist in Europe/London"):
        parse_at("2026-03-29T01:30", LONDON)
    assert parse_at("2026-03-29T01:30Z", LONDON) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


@pytest.mark.rule("SLA-2")
def test_of_a_time_shown_twice_the_first_is_meant_unless_the_offset_says_otherwise() -> None:
    assert iso_utc(parse_at("2026-10-25T01:30", LONDON)) == "2026-10-25T00:30:00Z"
    assert iso_utc(parse_at("2026-10-25T01:30+00:00", LONDON)) == "2026-10-25T01:30:00Z"


def test_times_are_written_to_the_second_in_utc_and_with_the_desks_offset() -> None:
    t = INSTANT.replace(microsecond=987_654)
    assert iso_utc(t) == "2026-11-22T06:05:00Z"
    assert iso_utc(t.astimezone(SHANGHAI)) == "2026-11-22T06:05:00Z"
    assert local_iso(t, SHANGHAI) == "2026-11-22T14:05:00+08:00"


def test_a_time_without_a_zone_is_never_written_nor_taken_from_the_ledger() -> None:
    naive = datetime(2026, 11, 22, 6, 5)
    for attempt in (
        lambda: iso_utc(naive),
        lambda: local_iso(naive, SHANGHAI),
        lambda: from_iso("2026-11-22T06:05:00"),
    ):
        with pytest.raises(ValueError, match="without"):
            attempt()


@given(st.datetimes(datetime(1970, 1, 2), datetime(2999, 12, 30), timezones=st.just(UTC)))
@settings(max_examples=100)
def test_what_was_written_is_read_back(t: datetime) -> None:
    t = t.replace(microsecond=0)
    for zone in (SHANGHAI, NEW_YORK):
        assert from_iso(local_iso(t, zone)) == parse_at(local_iso(t, zone), SHANGHAI) == t
    assert from_iso(iso_utc(t)) == parse_at(iso_utc(t), SHANGHAI) == t
    assert from_iso(iso_utc(t)).tzinfo is UTC


@pytest.mark.rule("INT-5")
@pytest.mark.parametrize(
    "text",
    [
        "2026-11-22T14:05/2026-11-22T16:00",
        "2026-11-22T14:05/16:00",
        "2026-11-22 14:05 / 16:00",
        "２０２６－１１－２２Ｔ１４：０５／１６：００",
        "2026-11-22T14:05+08:00/16:00",
        "2026-11-22T06:05Z/08:00",
        "2026-11-22T06:05Z/2026-11-22T16:00",
    ],
)
def test_a_window_may_end_with_a_time_of_the_day_and_offset_of_its_start(text: str) -> None:
    assert parse_window(text, SHANGHAI) == (INSTANT, datetime(2026, 11, 22, 8, 0, tzinfo=UTC))


@pytest.mark.rule("INT-5")
@pytest.mark.parametrize("text", ["", "2026-11-22T14:05", "2026-11-22T14:05/15:00/16:00"])
def test_what_has_not_two_ends_is_no_window(text: str) -> None:
    with pytest.raises(UsageError, match="START/END"):
        parse_window(text, SHANGHAI)


@pytest.mark.rule("INT-5")
@pytest.mark.parametrize("end", ["14:05", "14:04", "2026-11-22T14:05", "2026-11-21T16:00"])
def test_a_window_that_does_not_end_after_its_start_is_refused_and_its_end_named(end: str) -> None:
    with pytest.raises(UsageError, match="not after its start") as caught:
        parse_window(f"2026-11-22T14:05/{end}", SHANGHAI)
    assert end in str(caught.value)


@pytest.mark.parametrize(
    ("text", "part"), [("x/16:00", "x"), ("2026-11-22T14:05/25:00", "25:00"), ("2026-11-22T14:05/", "")]
)
def test_the_end_of_a_window_that_cannot_be_read_is_named(text: str, part: str) -> None:
    with pytest.raises(UsageError, match="is not a time") as caught:
        parse_window(text, SHANGHAI)
    assert caught.value.values["text"] == part


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("00:00", 0),
        ("9:05", 32_700),
        ("23:59", 86_340),
        ("０９：０５", 32_700),
        ("24:00", None),
        ("9:5", None),
        ("", None),
    ],
)
def test_a_time_of_day_is_hours_and_minutes(text: str, seconds: int | None) -> None:
    assert time_of_day(text) == seconds


@pytest.mark.rule("SLA-2")
@pytest.mark.parametrize(
    ("zone", "day", "seconds", "instant"),
    [
        (SHANGHAI, date(2026, 11, 22), 86_400, "2026-11-22T16:00:00Z"),
        (LONDON, date(2026, 3, 29), 3_600, "2026-03-29T01:00:00Z"),
        (LONDON, date(2026, 3, 29), 5_400, "2026-03-29T01:00:00Z"),
        (LONDON, date(2026, 3, 29), 7_200, "2026-03-29T01:00:00Z"),
        (LONDON, date(2026, 3, 29), 7_201, "2026-03-29T01:00:01Z"),
        (LONDON, date(2026, 10, 25), 5_400, "2026-10-25T00:30:00Z"),
        (LONDON, date(2026, 10, 25), 7_200, "2026-10-25T02:00:00Z"),
        (ZoneInfo("Pacific/Apia"), date(2011, 12, 30), 43_200, "2011-12-30T10:00:00Z"),  # a day that Samoa left out
        (ZoneInfo("America/Havana"), date(2026, 3, 8), 0, "2026-03-08T05:00:00Z"),  # a midnight left out
    ],
)
def test_a_wall_time_that_is_skipped_is_the_instant_of_the_skip(
    zone: ZoneInfo, day: date, seconds: int, instant: str
) -> None:
    assert iso_utc(at_local(day, seconds, zone)) == instant
