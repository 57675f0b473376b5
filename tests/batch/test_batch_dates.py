"""Times as spreadsheets write them: read where there is one way to, refused where there are two."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repairdesk.batch import dates
from repairdesk.errors import UsageError

ZONE = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("text", "order", "local"),
    [
        ("2018-04-12T11:11", None, "2018-04-12T11:11:00"),
        ("2018-04-12 11:11:26", "mdy", "2018-04-12T11:11:26"),
        ("2018-04-12T03:11:26Z", "dmy", "2018-04-12T11:11:26"),
        ("04/12/2018 11:11:26 AM", "mdy", "2018-04-12T11:11:26"),
        ("04/12/2018 11:11:26 AM", "dmy", "2018-12-04T11:11:26"),
        ("4/12/2018 1:05 pm", "mdy", "2018-04-12T13:05:00"),
        ("04/12/2018 12:00:00 AM", "mdy", "2018-04-12T00:00:00"),
        ("04/12/2018 12:00 p.m.", "mdy", "2018-04-12T12:00:00"),
        ("12.04.2018 23:59", "dmy", "2018-04-12T23:59:00"),
        ("12-04-2018 8:03", "dmy", "2018-04-12T08:03:00"),
        ("2024/1/5 8:03", None, "2024-01-05T08:03:00"),
        ("2024/1/5 8:03", "dmy", "2024-01-05T08:03:00"),
        ("2024.1.5 8:03", "ymd", "2024-01-05T08:03:00"),
        ("０４/１２/２０１８ 11:11", "mdy", "2018-04-12T11:11:00"),
        # One way to read it, whatever was said.
        ("11/13/2018 01:06:56 PM", None, "2018-11-13T13:06:56"),
        ("13/11/2018 13:06", None, "2018-11-13T13:06:00"),
        ("05/05/2018 08:00", None, "2018-05-05T08:00:00"),
    ],
)
def test_a_time_is_read_in_the_order_that_was_said(text: str, order: str | None, local: str) -> None:
    assert dates.moment(text, order, ZONE) == datetime.fromisoformat(local).replace(tzinfo=ZONE)


def test_a_date_with_two_readings_asks_for_dates() -> None:
    with pytest.raises(UsageError, match="--dates"):
        dates.moment("04/12/2018 11:11:26 AM", None, ZONE)


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("13/11/2018 08:00", "mdy"),
        ("04/12/2018 08:00", "ymd"),
        ("31/02/2018 08:00", "dmy"),
        ("2018/13/01 08:00", None),
        ("04/12/18 08:00", "mdy"),
        ("04/12-2018 08:00", "mdy"),
        ("04/12/2018", "mdy"),
        ("04/12/2018 13:00 PM", "mdy"),
        ("04/12/2018 0:30 AM", "mdy"),
        ("04/12/2018 24:00", "mdy"),
        ("04/12/2018 10:60", "mdy"),
        ("04/12/1969 10:00", "mdy"),
        ("2018-13-04 08:00", "dmy"),
        ("yesterday", None),
    ],
)
def test_what_is_no_time_is_refused_in_its_own_words(text: str, order: str | None) -> None:
    with pytest.raises(UsageError) as caught:
        dates.moment(text, order, ZONE)
    assert caught.value.values["text"] == text


@given(
    st.datetimes(datetime(1970, 1, 2), datetime(2999, 12, 30)), st.sampled_from(["%d/%m/%Y", "%m/%d/%Y", "%Y/%m/%d"])
)
def test_a_time_that_was_written_in_an_order_is_read_back_in_it(local: datetime, style: str) -> None:
    local = local.replace(microsecond=0)
    order = "".join(c.lower() for c in style if c.isalpha())
    written = f"{local.strftime(style)} {(local.hour - 1) % 12 + 1}:{local:%M:%S} {'AM' if local.hour < 12 else 'PM'}"
    assert dates.moment(written, order, UTC).replace(tzinfo=None) == local


def test_a_purchase_date_is_read_in_the_same_order() -> None:
    assert (
        dates.day("04/12/2018", "mdy") == dates.day("2018-04-12", "mdy") == dates.day("2018/4/12", None) == "2018-04-12"
    )
    for text in ("04/12/2018", "2018041", "soon"):
        with pytest.raises(UsageError):
            dates.day(text, None)
