"""Every figure of a report is opened, whole or by one of its groups; what came again is proposed (RPT-1 to RPT-5)."""

from __future__ import annotations

from typing import Any

import pytest
from practice import Practice

from repairdesk.desk import By
from repairdesk.errors import UsageError

Doc = dict[str, Any]
NOISE = {
    "kind": "complaint", "place": "3-2-501", "caller": "李女士", "phone": "13800001234", "fault": "noise at night",
}  # fmt: skip
PUMP = {"kind": "public_area", "place": "水泵房", "fault": "the pump leaks", "category": "plumbing"}


def told(desk: Practice, name: str, figure: str | None = None) -> Doc:
    return desk.desk.report(By(os_user="tester"), name, "2026-11", figure=figure).doc


def behind(desk: Practice, name: str, figure: str) -> list[str]:
    numbers: list[str] = told(desk, name, figure)["orders_behind"]
    assert numbers == sorted(set(numbers))
    return numbers


def lamp(desk: Practice, place: str, category: str | None = "electrical") -> str:
    return desk.reported(
        {"kind": "public_area", "place": place, "fault": "the lamp is out", "category": category}, new=True
    )


@pytest.fixture
def spotted(desk: Practice) -> dict[str, list[str]]:
    """Two lamps and a pipe at B1, a lamp at B2, two things of no class, a pump before the month and in it."""
    desk.at("2026-10-20T09:00")
    made = {"before": [desk.reported(PUMP, new=True) for _ in range(2)]}
    desk.reported(PUMP | {"place": "B9"}, new=True)
    desk.at("2026-11-22T09:00")
    made |= {"b1": [lamp(desk, "B1") for _ in range(3)], "pipe": [lamp(desk, "B1", "plumbing")]}
    made |= {"b2": [lamp(desk, "B2")], "classless": [lamp(desk, "B1", None), lamp(desk, "B1", None)]}
    made["pump"] = [desk.reported(PUMP, new=True)]
    return made


# --- faults


@pytest.mark.rule("RPT-4")
def test_the_repeats_of_the_month_of_a_class_of_a_place_and_of_both_are_opened(
    desk: Practice, spotted: dict[str, list[str]]
) -> None:
    doc = told(desk, "faults")
    again = spotted["b1"][1:]
    assert behind(desk, "faults", "repeats") == again
    assert len(again) == doc["repeats"] == 2
    for group in ("electrical", "B1", "electrical@B1", "category=electrical", "place=B1"):
        assert behind(desk, "faults", f"repeats@{group}") == again
    assert behind(desk, "faults", "repeats@plumbing") == []
    for part, keys in (("categories", ["category"]), ("places", ["place"]), ("spots", ["category", "place"])):
        for row in doc[part]:
            group = "@".join(row[key] or "–" for key in keys)
            assert len(behind(desk, "faults", f"repeats@{group}")) == row["repeats"], group
            assert len(behind(desk, "faults", f"orders@{group}")) == row["orders"], group


@pytest.mark.rule("RPT-4")
def test_the_time_before_is_opened_for_a_fault_at_a_place(desk: Practice, spotted: dict[str, list[str]]) -> None:
    assert behind(desk, "faults", "before@plumbing@水泵房") == spotted["before"]
    assert behind(desk, "faults", "before") == spotted["before"]
    assert behind(desk, "faults", "before@electrical@B1") == []
    for row in told(desk, "faults")["spots"]:
        group = f"{row['category'] or '–'}@{row['place']}"
        assert len(behind(desk, "faults", f"before@{group}")) == row["before"], group


@pytest.mark.rule("RPT-4")
def test_what_is_of_no_class_is_opened_by_the_dash_that_stands_for_it(
    desk: Practice, spotted: dict[str, list[str]]
) -> None:
    assert behind(desk, "faults", "orders@–") == spotted["classless"]
    assert behind(desk, "faults", "orders@–@B1") == spotted["classless"]
    assert behind(desk, "month", "orders@category=–") == spotted["classless"]


@pytest.mark.rule("RPT-4")
def test_what_came_again_most_often_is_proposed_though_others_top_the_month(desk: Practice) -> None:
    """More places than the report lists have as many orders in the month; the pump alone had them before, too."""
    desk.at("2026-10-20T09:00")
    for _ in range(5):
        desk.reported(PUMP, new=True)
    desk.at("2026-11-22T09:00")
    for n in range(24):
        lamp(desk, f"B{n + 1}")
    lamp(desk, "B1")
    number = desk.reported(PUMP, new=True)
    doc = told(desk, "faults")
    first, second = doc["proposals"]
    kept = "why category place orders repeats before".split()
    assert [first[name] for name in kept] == ["again", "plumbing", "水泵房", 1, 0, 5]
    assert [second[name] for name in kept] == ["again", "electrical", "B1", 2, 1, 0]
    assert len(doc["spots"]) == 20
    # Of those with one order each it stands first.
    assert [row["place"] for row in doc["spots"][:2]] == ["B1", "水泵房"]
    assert behind(desk, "faults", "orders@plumbing@水泵房") == [number]


@pytest.mark.rule("RPT-4")
def test_what_came_again_is_proposed_though_it_is_not_among_those_that_are_listed(desk: Practice) -> None:
    desk.at("2026-10-20T09:00")
    for _ in range(3):
        desk.reported(PUMP, new=True)
    desk.at("2026-11-22T09:00")
    for n in range(20):
        for _ in range(2):
            lamp(desk, f"B{n + 1}")
    desk.reported(PUMP, new=True)
    doc = told(desk, "faults")
    assert "水泵房" not in {row["place"] for row in doc["spots"]}
    assert len(doc["spots"]) == 20
    assert (doc["proposals"][0]["place"], doc["proposals"][0]["before"]) == ("水泵房", 3)


# --- the other reports


@pytest.mark.rule("CAL-7")
def test_calls_are_opened_by_outcome_and_by_method_under_the_names_in_the_document(desk: Practice) -> None:
    first, second = desk.done(new=True), desk.done(new=True)
    desk.do("callback", "C1", first, outcome="satisfied", method="phone")
    desk.do("callback", "C2", second, outcome="unreached", method="visit")
    doc = told(desk, "callbacks")
    for part in ("outcomes", "methods"):
        for name, count in doc[part].items():
            assert len(behind(desk, "callbacks", f"{part}.{name}")) == count, name
    assert behind(desk, "callbacks", "methods.visit@C2") == [second]
    assert behind(desk, "callbacks", "methods.visit@C1") == []
    assert behind(desk, "callbacks", "satisfied") == behind(desk, "callbacks", "outcomes.satisfied") == [first]


@pytest.mark.rule("RPT-1", "RPT-3")
def test_groups_without_a_value_are_opened_and_where_there_are_two_it_is_said_which(desk: Practice) -> None:
    nobodys = desk.reported(new=True)
    mine = desk.at_work(new=True)
    plumbing = desk.at_work(new=True, category="plumbing")
    with desk.refuses(2) as refused:
        behind(desk, "month", "orders@–")
    assert refused[0].values["known"] == ["category=–", "technician=–"]
    assert behind(desk, "month", "orders@category=–") == [nobodys, mine]
    assert behind(desk, "month", "orders@technician=–") == [nobodys]
    assert behind(desk, "month", "orders@technician=W1") == [mine, plumbing]
    grumble = desk.reported(NOISE, new=True, category="general")
    assert behind(desk, "complaints", "orders@department=–") == [grumble]
    assert behind(desk, "help", "orders@other") == []


@pytest.mark.rule("RPT-1")
@pytest.mark.parametrize(
    ("name", "figure"),
    [
        ("month", "orders@T9"), ("staff", "jobs@T9"), ("clocks", "missed@nothing"), ("callbacks", "calls@T9"),
        ("callbacks", "callback.drawn@nix"), ("month", "callback.done@nix"), ("help", "orders@nothing"),
        ("complaints", "orders@grave"), ("faults", "orders@Mars"), ("faults", "orders@electrical@Mars"),
        ("faults", "before@magic@B1"), ("month", "orders@"), ("month", "orders@kind=W1"),
        ("faults", "orders@place=Mars"),
    ],
)  # fmt: skip
def test_a_group_that_nothing_has_is_refused_and_no_empty_list(
    desk: Practice, spotted: dict[str, list[str]], name: str, figure: str
) -> None:
    with pytest.raises(UsageError) as refused:
        behind(desk, name, figure)
    assert refused.value.values["value"] == figure.split("@", 1)[1]


@pytest.mark.rule("RPT-1")
def test_the_groups_that_there_are_are_said_where_they_are_few(desk: Practice) -> None:
    desk.at_work(new=True)
    with desk.refuses(2) as refused:
        behind(desk, "staff", "jobs@T9")
    assert refused[0].values["known"] == ["W1"]
    for n in range(13):
        lamp(desk, f"B{n}")
    with desk.refuses(2) as refused:
        behind(desk, "faults", "orders@Mars")
    assert "known" not in refused[0].values


@pytest.mark.rule("RPT-1")
def test_somebody_without_an_order_in_the_month_is_no_mistake(desk: Practice) -> None:
    desk.at_work(new=True)
    assert behind(desk, "staff", "jobs@W2") == []
    assert behind(desk, "month", "orders@masonry") == []
    assert behind(desk, "callbacks", "callback.drawn@events") == []
    assert behind(desk, "clocks", "missed@weekly-entry") == []
