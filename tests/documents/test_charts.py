"""Charts as specifications and as pictures: what they say is true of their data, and they reach nothing outside."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

import pytest

from repairdesk.documents import charts, svg
from repairdesk.documents.charts import Chart
from repairdesk.locale import language, use
from repairdesk.locale.width import width

COUNTS = ("on_time", "met", "missed")
HOSTILE = "<script>alert(1)</script> \"&' 😀 {{x}} url(#a) https://example.org"
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    """Whatever was spoken before."""
    before = language()
    use("en")
    yield
    use(before)


def months(*counts: tuple[int, int]) -> list[dict[str, Any]]:
    """Months up to December with so many met and missed clocks."""
    first = 13 - len(counts)
    return [
        {"month": f"2026-{first + i:02}", "orders": met + missed, "on_time": {"met": met, "missed": missed, "open": 0}}
        for i, (met, missed) in enumerate(counts)
    ]


def technician(who: str, met: int, missed: int, name: str | None = None) -> dict[str, Any]:
    return {"technician": who, "name": name, "on_time": {"met": met, "missed": missed, "open": 3}}


def fault(name: str, orders: int, cumulated: int) -> dict[str, Any]:
    return {"category": name, "category_name": None, "orders": orders, "cumulated": cumulated}


def hours(**counts: int) -> list[list[int]]:
    """A week with so many orders at ``d<weekday>h<hour>``."""
    week = [[0] * 24 for _ in range(7)]
    for at, n in counts.items():
        day, hour = at[1:].split("h")
        week[int(day)][int(hour)] = n
    return week


def every() -> list[Chart]:
    return [
        charts.trend("trend", "On time", months((8, 2), (0, 0), (9, 1)), COUNTS, "0.9"),
        charts.orders(months((8, 2), (0, 0), (9, 1))),
        charts.heat_map(hours(d0h9=3, d6h23=5)),
        charts.pareto({"orders": 10, "categories": [fault(HOSTILE, 6, 6), fault("b", 4, 10)]}),
        charts.technicians([technician("W1", 3, 1, HOSTILE), technician("W2", 1, 0)], "0.9"),
        charts.quotas({"repairs": {"quota": 5, "done": 2}, "events": {"quota": 0, "done": 0}}),
    ]


def drawn(chart: Chart) -> str:
    assert chart.spec is not None
    return svg.draw(chart.spec, chart.name, chart.title, chart.finding)


@pytest.mark.rule("RPT-1")
def test_a_trend_says_the_last_month_the_best_and_the_worst() -> None:
    chart = charts.trend("t", "On time", months((8, 2), (5, 5), (9, 1)), COUNTS, None)
    assert chart.finding == (
        "2026-12: 90.0 % (9 of 10); highest in 2026-12: 90.0 %, lowest in 2026-11: 50.0 %."
    )  # fmt: skip


@pytest.mark.rule("RPT-1")
def test_a_month_without_anything_to_count_is_a_gap_and_no_zero() -> None:
    chart = charts.trend("t", "On time", months((8, 2), (0, 0), (9, 1)), COUNTS, None)
    assert chart.spec is not None
    assert [row["rate"] for row in chart.spec["data"]["values"]] == [0.8, None, 0.9]
    assert "2026-11" not in chart.finding


@pytest.mark.parametrize(
    ("met", "target", "floor"), [(94, "0.9", 0.8), (94, "0.7", 0.5), (94, None, 0.8), (10, "0.9", 0)]
)
def test_the_axis_of_a_rate_holds_every_month_and_the_target(met: int, target: str | None, floor: float) -> None:
    spec = charts.trend("t", "On time", months((96, 4), (met, 100 - met)), COUNTS, target).spec
    assert spec is not None
    line = next(layer for layer in spec["layer"] if layer["mark"]["type"] == "line")
    assert line["encoding"]["y"]["scale"]["domain"] == [floor, 1]


def test_where_nothing_can_be_counted_nothing_is_drawn() -> None:
    empty = [
        charts.trend("t", "On time", months((0, 0), (0, 0)), COUNTS, "0.9"),
        charts.orders(months((0, 0))),
        charts.heat_map(hours()),
        charts.pareto({"orders": 0, "categories": []}),
        charts.technicians([technician("W1", 0, 0)], "0.9"),
        charts.quotas({"repairs": {"quota": 0, "done": 0}}),
    ]
    assert [(chart.spec, chart.finding) for chart in empty] == [(None, "Nothing to count.")] * len(empty)


def test_the_heat_map_names_the_busiest_hour_the_earliest_of_equals() -> None:
    assert "on Mon from 9 to 10 o’clock: 5 of 13" in charts.heat_map(hours(d0h9=5, d3h8=5, d6h23=3)).finding


@pytest.mark.rule("RPT-4")
def test_the_pareto_says_how_many_classes_make_four_fifths() -> None:
    listed = [fault("a", 5, 5), fault("b", 3, 8), fault("c", 2, 10)]
    chart = charts.pareto({"orders": 10, "categories": listed})
    assert chart.finding == "a leads with 5 of 10; the first 2 of 3 classes are 80.0 % of all."


@pytest.mark.rule("RPT-1")
def test_a_technician_below_the_target_is_an_outline_and_not_only_a_colour() -> None:
    chart = charts.technicians([technician("W1", 9, 1), technician("W2", 1, 1)], "0.9")
    assert chart.spec is not None
    assert [row["filled"] for row in chart.spec["data"]["values"]] == [True, False]
    assert chart.finding.startswith("1 of 2 reached the target; lowest: W2, 50.0 % (1 of 2).")
    assert drawn(chart).count('fill="#ffffff" stroke="#1f5f99"') == 1


@pytest.mark.rule("CAL-1")
def test_the_quota_is_said_for_each_stratum_that_has_one() -> None:
    finding = every()[-1].finding
    assert finding.startswith("repairs: 2 of 5.")
    assert "events" not in finding


def test_many_technicians_are_not_all_drawn() -> None:
    chart = charts.technicians([technician(f"W{i}", 1, 0) for i in range(40)], None)
    assert chart.spec is not None
    assert len(chart.spec["data"]["values"]) == charts.MOST


@pytest.mark.parametrize("chart", every(), ids=lambda chart: chart.name)
def test_a_chart_is_an_image_with_a_name_and_its_finding(chart: Chart) -> None:
    root = ElementTree.fromstring(drawn(chart))
    assert (root.get("role"), root.get("width")) == ("img", None)
    said = {element.get("id"): element.text for element in root if element.tag in (f"{SVG}title", f"{SVG}desc")}
    assert [said[one] for one in str(root.get("aria-labelledby")).split()] == [chart.title, chart.finding]
    assert all(element.get("role") is None for element in root.iter() if element is not root)


@pytest.mark.parametrize("chart", every(), ids=lambda chart: chart.name)
def test_a_chart_is_the_same_every_time_and_reaches_nothing_outside(chart: Chart) -> None:
    text = drawn(chart)
    assert drawn(chart) == text
    tags = {element.tag.removeprefix(SVG) for element in ElementTree.fromstring(text).iter()}
    assert not tags & {"script", "image", "use", "a", "style", "foreignObject"}
    values = [(key, value) for element in ElementTree.fromstring(text).iter() for key, value in element.attrib.items()]
    assert [key for key, value in values if "//" in value or "href" in key or key == "src"] == []


def test_what_people_are_called_is_a_label_and_never_markup() -> None:
    text = drawn(charts.technicians([technician("W1", 3, 1, HOSTILE)], None))
    assert "<script" not in text
    assert "W1 &lt;script&gt;" in text


def test_ids_within_a_chart_begin_with_its_name() -> None:
    spec = {
        "data": {"values": [{"a": 1}, {"a": 2}]},
        "mark": {"type": "bar", "clip": True},
        "encoding": {"x": {"field": "a", "type": "quantitative"}, "color": {"field": "a", "type": "quantitative"}},
    }
    one, other = (svg.draw(spec, name, "t", "w") for name in ("one", "other"))
    ids = re.findall(r'\bid="([^"]+)"', one)
    assert len(ids) > 2
    assert all(name.startswith("one-") for name in ids)
    assert set(re.findall(r"url\(#([^)]+)\)", one)) <= set(ids)
    assert not set(ids) & set(re.findall(r'\bid="([^"]+)"', other))


@pytest.mark.parametrize(
    "text", ["short", "a name of twenty characters", "中文名字特别长的供应商单位", "a\x00b\x1bc\u0085d"]
)
def test_a_label_keeps_its_columns(text: str) -> None:
    chart = charts.pareto({"orders": 1, "categories": [fault(text, 1, 1)]})
    assert chart.spec is not None
    label = chart.spec["data"]["values"][0]["label"]
    assert width(label) <= 13
    assert label.isprintable()
