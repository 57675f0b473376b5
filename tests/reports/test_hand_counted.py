"""Each rate of each report against a month that is counted by hand; the counting stands in the test."""

from __future__ import annotations

from typing import Any

import pytest
from practice import LAMP, Practice

from repairdesk.desk import By

Doc = dict[str, Any]
BY = By(os_user="tester")
NOISE = {"kind": "complaint", "place": "B1", "fault": "noise", "caller": "李女士", "phone": "13800001234"}
HELP = {"kind": "help", "place": "3-2-501", "fault": "locked out", "caller": "李女士", "phone": "13800001234"}


def report(desk: Practice, name: str) -> Doc:
    return desk.desk.report(BY, name, "2026-11").doc


def behind(desk: Practice, name: str, figure: str) -> list[str]:
    found: list[str] = desk.desk.report(BY, name, "2026-11", figure=figure).doc["orders_behind"]
    return found


def rows(doc: Doc, part: str, key: str) -> dict[str, Doc]:
    return {row[key]: row for row in doc[part]}


def repaired(desk: Practice, place: str, who: str = "W1", minutes: int = 30, **more: Any) -> str:
    """An in-home repair that takes so long; answers with its number."""
    number = desk.at_work(who=who, place=place, new=True, **more)
    desk.wait(minutes=minutes)
    desk.finished(number, who)
    return number


@pytest.mark.rule("RPT-1", "RPT-2")
def test_on_time_by_kind_category_and_technician(desk: Practice) -> None:
    """Six repairs, 48 hours each, looked at three days later:

        order  kind         class       who  done after  on time
        1      in_home      plumbing    W1   1 h         yes
        2      in_home      plumbing    W1   47 h        yes
        3      in_home      electrical  W2   49 h        no
        4      public_area  electrical  W2   1 h         yes
        5      in_home      plumbing    W1   never       no, its time is over
        6      in_home      plumbing    -    called off  does not count

    All: 3 of 5. in_home 2 of 4, public_area 1 of 1; plumbing 2 of 3, electrical 1 of 2; W1 2 of 3, W2 1 of 2, nobody –.
    """
    first = desk.at_work(place="1-1-101", category="plumbing")
    second = desk.at_work(place="1-1-102", category="plumbing")
    third = desk.at_work(place="1-1-103", category="electrical", who="W2")
    fourth = desk.at_work(LAMP, "W2", category="electrical")
    desk.at_work(place="1-1-105", category="plumbing")
    sixth = desk.reported(place="1-1-106", category="plumbing")
    desk.do("cancel", "C1", sixth, reason="a mistake")
    desk.wait(hours=1)
    desk.finished(first)
    desk.finished(fourth, "W2")
    desk.wait(hours=46)
    desk.finished(second)
    desk.wait(hours=2)
    desk.finished(third, "W2")
    desk.wait(hours=23)
    month = report(desk, "month")
    assert (month["orders"], month["finished"], month["on_time"]) == (6, 4, {"met": 3, "missed": 2, "open": 0})
    assert month["on_time_rate"] == 3 / 5
    assert {key: row["on_time_rate"] for key, row in rows(month, "by_kind", "kind").items()} == {
        "in_home": 2 / 4, "public_area": 1.0,
    }  # fmt: skip
    assert {key: row["on_time_rate"] for key, row in rows(month, "by_category", "category").items()} == {
        "plumbing": 2 / 3, "electrical": 1 / 2,
    }  # fmt: skip
    by_technician = {key: row["on_time_rate"] for key, row in rows(month, "by_technician", "technician").items()}
    assert by_technician == {"W1": 2 / 3, "W2": 1 / 2, None: None}
    staff = rows(report(desk, "staff"), "technicians", "staff")
    assert {who: row["on_time_rate"] for who, row in staff.items()} == {"W1": 2 / 3, "W2": 1 / 2}


@pytest.mark.rule("RPT-1", "RPT-5")
def test_what_a_technician_has_open_is_counted_as_open(desk: Practice) -> None:
    """Three are assigned to W1, one is finished at once: 1 met, none missed, 2 open; the rate is 1 of 1."""
    desk.done(place="1-1-101")
    for place in ("1-1-102", "1-1-103"):
        desk.assigned(desk.reported(place=place))
    (row,) = report(desk, "staff")["technicians"]
    assert (row["on_time"], row["on_time_rate"]) == ({"met": 1, "missed": 0, "open": 2}, 1.0)
    assert len(behind(desk, "staff", "on_time.open@W1")) == 2


@pytest.mark.rule("RPT-2")
def test_satisfaction_by_technician(desk: Practice) -> None:
    """W1: very satisfied, satisfied, fair, and one not signed: 2 of 3. W2: dissatisfied: 0 of 1. All: 2 of 4."""
    for place, rating in (("1-1-101", "very-satisfied"), ("1-1-102", "satisfied"), ("1-1-103", "fair")):
        desk.signed(repaired(desk, place), rating)
    repaired(desk, "1-1-104")
    desk.signed(repaired(desk, "1-1-105", "W2"), "dissatisfied", who="W2")
    month = report(desk, "month")
    assert (month["satisfaction"], month["satisfaction_rate"]) == ({"satisfied": 2, "below": 2}, 2 / 4)
    staff = rows(report(desk, "staff"), "technicians", "staff")
    assert {who: row["satisfaction_rate"] for who, row in staff.items()} == {"W1": 2 / 3, "W2": 0.0}
    assert staff["W1"]["ratings"] == {"very-satisfied": 1, "satisfied": 1, "fair": 1, "dissatisfied": 0}


@pytest.mark.rule("FIN-4", "RPT-2", "RPT-5")
def test_first_time_fix_goes_to_who_did_the_first_work(desk: Practice) -> None:
    """W1 repairs three; one breaks again and W2 mends it, twice. Finished repairs: 3 by W1, 2 by W2.

    Reworked: the first by W1; and the rework itself was followed by more, which is no second fault of W1's but one of
    W2's. So W1 2 of 3, W2 1 of 2, all 3 of 5.
    """
    first = repaired(desk, "1-1-101")
    repaired(desk, "1-1-102")
    repaired(desk, "1-1-103")
    second = repaired(desk, "1-1-101", "W2", follows=first)
    repaired(desk, "1-1-101", "W2", follows=second)
    month = report(desk, "month")
    assert (month["first_time_fix"], month["first_time_fix_rate"]) == ({"fixed": 3, "reworked": 2}, 3 / 5)
    staff = rows(report(desk, "staff"), "technicians", "staff")
    assert {who: row["first_time_fix_rate"] for who, row in staff.items()} == {"W1": 2 / 3, "W2": 1 / 2}
    assert behind(desk, "month", "first_time_fix.reworked") == [first, second]


@pytest.mark.rule("VIS-1", "RPT-5")
def test_hours_are_added_up_unrounded_over_visits(desk: Practice) -> None:
    """W1: 10 min 1 s, after a break 20 min 2 s, another order 29 s: 601 + 1202 + 29 = 1832 s, 3 visits, 2 jobs."""
    number = desk.at_work(place="1-1-101", category="plumbing")
    desk.wait(minutes=10, seconds=1)
    desk.paused(number, "parts", "2026-11-22T12:00")
    desk.wait(hours=1)
    desk.started(number)
    desk.wait(minutes=20, seconds=2)
    desk.finished(number)
    other = desk.at_work(place="1-1-102", category="plumbing")
    desk.wait(seconds=29)
    desk.finished(other)
    (row,) = report(desk, "staff")["technicians"]
    assert (row["handling_seconds"], row["visits"], row["jobs"]) == (1832, 3, 2)
    assert report(desk, "faults")["handling_seconds"] == 1832


@pytest.mark.rule("RPT-4")
def test_shares_costs_and_repeats_of_faults(desk: Practice) -> None:
    """Five repairs:

        place    class       cost
        1-1-101  plumbing    10.00   (a bulb, whatever the class)
        1-1-101  plumbing    10.00   a repeat
        1-1-101  electrical  20.00
        1-1-102  plumbing    -
        B1       none        -

    Plumbing 3 of 5 (60 %), electrical 1 (80 % with it), no class 1 (100 %). 1-1-101 has 3 of 5 and 40 yuan. One repeat;
    proposed: plumbing at 1-1-101, 2 orders. A complaint is no fault.
    """
    for category, bulbs in (("plumbing", 1), ("plumbing", 1), ("electrical", 2)):
        desk.billed(place="1-1-101", category=category, new=True, at_end={"services": (f"bulb:{bulbs}",)})
    desk.reported(place="1-1-102", category="plumbing")
    desk.reported(LAMP)
    desk.reported(NOISE)
    faults = report(desk, "faults")
    assert (faults["orders"], faults["cost"], faults["repeats"]) == (5, "40.00", 1)
    assert [(row["category"], row["share"], row["cumulated_share"], row["cost"]) for row in faults["categories"]] == [
        ("plumbing", 3 / 5, 3 / 5, "20.00"), ("electrical", 1 / 5, 4 / 5, "20.00"), (None, 1 / 5, 1.0, "0.00"),
    ]  # fmt: skip
    place = rows(faults, "places", "place")["1-1-101"]
    assert (place["orders"], place["share"], place["cost"], place["repeats"]) == (3, 3 / 5, "40.00", 1)
    assert [(one["category"], one["place"], one["orders"]) for one in faults["proposals"]] == [
        ("plumbing", "1-1-101", 2)
    ]


@pytest.mark.rule("CAL-1", "CAL-2", "CAL-7")
def test_quota_and_done_of_the_callbacks(desk: Practice) -> None:
    """Four repairs are filed: 0.3 × 4 = 1.2, so two are to be called; one fair rating is called in any case and counts.

    Nobody answers at the one that was drawn, the fair one is reached: 1 of 2. Three calls: 1 satisfied, 2 unreached.
    """
    filed = [desk.filed(repaired(desk, f"1-1-10{n}"), rating="fair" if n == 4 else "satisfied") for n in range(1, 5)]
    drawn = behind(desk, "callbacks", "callback.drawn@repairs")
    assert len(drawn) == 2
    assert filed[3] in drawn
    other = next(number for number in drawn if number != filed[3])
    for number, who, outcome in ((other, "C2", "unreached"), (other, "C1", "unreached"), (filed[3], "C2", "satisfied")):
        desk.wait(minutes=5)
        desk.do("callback", who, number, outcome=outcome, method="phone")
    calls = report(desk, "callbacks")
    assert calls["callback"] == {
        "repairs": {"quota": 2, "done": 1}, "complaints": {"quota": 0, "done": 0}, "events": {"quota": 0, "done": 0},
    }  # fmt: skip
    assert (calls["calls"], calls["outcomes"]) == (3, {"satisfied": 1, "dissatisfied": 0, "unreached": 2})
    assert {who: row["calls"] for who, row in rows(calls, "callers", "staff").items()} == {"C1": 1, "C2": 2}
    assert report(desk, "month")["callback"] == calls["callback"]


@pytest.mark.rule("RPT-3", "SLA-1")
def test_complaints_by_severity(desk: Practice) -> None:
    """Answered within the hour: 1 general of 2, and the important one: 2 of 3 in all. Handled in time: all that are.

    Signed: one satisfied (general), one fair (important): 1 of 2 in all, 1 of 1 and 0 of 1.
    """
    made = {}
    for name, severity, wait in (("prompt", "general", 10), ("slow", "general", 61), ("grave", "important", 20)):
        made[name] = desk.reported(NOISE, severity=severity, new=True)
        desk.wait(minutes=wait)
        desk.assigned(made[name])
    for name, rating in (("prompt", "satisfied"), ("grave", "fair")):
        desk.started(made[name])
        desk.finished(made[name])
        desk.signed(made[name], rating)
    doc = report(desk, "complaints")
    assert (doc["orders"], doc["finished"], doc["answered_rate"]) == (3, 2, 2 / 3)
    assert (doc["on_time"], doc["on_time_rate"], doc["satisfaction_rate"]) == (
        {"met": 2, "missed": 0, "open": 1}, 1.0, 1 / 2,
    )  # fmt: skip
    by = rows(doc, "by_severity", "severity")
    assert {key: (row["orders"], row["answered_rate"], row["satisfaction_rate"]) for key, row in by.items()} == {
        "general": (2, 1 / 2, 1.0), "important": (1, 1.0, 0.0),
    }  # fmt: skip
    assert behind(desk, "complaints", "answered.missed@general") == [made["slow"]]


@pytest.mark.rule("RPT-3", "SLA-1")
def test_help_by_class(desk: Practice) -> None:
    """Within ten minutes: security 1 of 2, medical 0 of 1, the question answered on the phone 1 of 1: 2 of 4."""
    late = []
    for help_class, wait in (("security", 9), ("security", 11), ("medical", 12)):
        number = desk.reported(HELP, help_class=help_class, new=True)
        desk.wait(minutes=wait)
        desk.assigned(number)
        late += [number] if wait > 10 else []
    desk.reported(HELP, help_class="enquiry", new=True, advised=True)
    doc = report(desk, "help")
    assert (doc["orders"], doc["advised"], doc["answered_rate"]) == (4, 1, 2 / 4)
    rates = {key: row["answered_rate"] for key, row in rows(doc, "by_class", "class").items()}
    assert rates == {"security": 1 / 2, "medical": 0.0, "enquiry": 1.0}
    assert behind(desk, "help", "answered.missed") == late


@pytest.mark.rule("RPT-2")
@pytest.mark.parametrize(
    ("waits", "middle", "worst"),
    [([61], 60, 60), ([61, 63], 120, 180), ([70, 61, 65], 300, 600), ([60, 61, 62, 70, 90], 360, 1800)],
)
def test_the_middle_lateness_of_a_clock(desk: Practice, waits: list[int], middle: int, worst: int) -> None:
    """Somebody is to be sent within 60 minutes. Of late ones 60, 120, 600 and 1800 s after the time the middle two are
    120 and 600, so 360; of three it is the second, of two the mean; what was in time (60 sharp) has no lateness."""
    for n, minutes in enumerate(waits):
        number = desk.reported(place=f"1-1-10{n}")
        desk.wait(minutes=minutes)
        desk.assigned(number)
    clock = rows(report(desk, "clocks"), "clocks", "name")["respond"]
    late = [minutes for minutes in waits if minutes > 60]
    assert (clock["met"], clock["missed"]) == (len(waits) - len(late), len(late))
    assert clock["rate"] == (len(waits) - len(late)) / len(waits)
    assert (clock["median_late_seconds"], clock["worst_late_seconds"]) == (middle, worst)
