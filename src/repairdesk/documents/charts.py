"""The charts of the month's page, as specifications of Vega-Lite: data in, plain dicts out; nothing is drawn here.

Each chart says its main finding in a sentence, which is also its text alternative. Everything is as wide as a phone.
Room for labels is given in fixed pixels and long labels are cut by columns, so that a picture comes out the same on a
machine without a Chinese font. Colour never stands alone: what missed its target is an outline, what is a quota too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from repairdesk.domain.rates import UNKNOWN, Rate, percent
from repairdesk.domain.record import NamedTuple
from repairdesk.errors import N_
from repairdesk.locale import tr
from repairdesk.locale.width import width

Doc = Mapping[str, Any]
Spec = dict[str, Any]
WEEKDAYS = (N_("Mon"), N_("Tue"), N_("Wed"), N_("Thu"), N_("Fri"), N_("Sat"), N_("Sun"))
MOST = 12
"""So many bars stand in a chart; the table behind it has all."""
_BAR, _LINE, _INK, _MUTED, _GRID, _PAPER = "#1f5f99", "#9a4a00", "#1b1f24", "#57606a", "#d8dee4", "#ffffff"
_WIDE = 340
_STEP = 24
_LABEL = 96
_GAP, _LEAST = 8, 80
_MONTHS = "slice(datum.label, 5)"
_FLOORS = (0.8, 0.5, 0.0)
"""Where the axis of a rate may begin: a line needs no zero, and between 94 and 97 % one sees nothing on all of it."""


class Chart(NamedTuple):
    """A chart.

    Attributes:
        name: the beginning of its ids in the page.
        finding: what there is to see, in words.
        spec: what draws it; None where there is nothing to count.
    """

    name: str
    title: str
    finding: str
    spec: Spec | None


def trend(name: str, title: str, months: Sequence[Doc], counts: tuple[str, str, str], target: str | None) -> Chart:
    """A rate over the months; ``counts`` names the figure and its good and bad part."""
    rates = [(one["month"], rate_of(one, counts)) for one in months]
    known = [(month, rate) for month, rate in rates if rate.whole]
    if not known:
        return Chart(name, title, tr(N_("Nothing to count.")), None)
    rows = [{"month": month, "rate": rate.number, "text": percent(*rate)} for month, rate in rates]
    least = min([rate.number or 0.0 for _, rate in known] + ([float(target)] if target else []))
    y = {
        "field": "rate", "type": "quantitative", "title": None,
        "scale": {"domain": [next(floor for floor in _FLOORS if least >= floor), 1]},
        "axis": {"format": ".0%", "tickCount": 3},
    }  # fmt: skip
    line = {"mark": {"type": "line", "color": _BAR, "strokeWidth": 2}, "encoding": {"x": _month_axis(), "y": y}}
    points = {
        "transform": [{"filter": "isValid(datum.rate)"}],
        "mark": {"type": "point", "filled": True, "size": 36, "color": _BAR, "opacity": 1},
        "encoding": {"x": _month_axis(), "y": y},
    }
    layers = [*_target_line(target, y), line, points, _last_label(rows)]
    spec = _view(rows, layers, _WIDE - 60, 96, {"left": 44, "right": 16, "top": 20, "bottom": 24})
    return Chart(name, title, _trend_finding(known, rates[-1]), spec)


def orders(months: Sequence[Doc]) -> Chart:
    """How many orders were reported in each of the months."""
    title = tr(N_("Orders reported"))
    rows = [{"month": one["month"], "rate": one["orders"], "text": str(one["orders"])} for one in months]
    most = max(months, key=lambda one: one["orders"])
    if not most["orders"]:
        return Chart("orders", title, tr(N_("Nothing to count.")), None)
    y = {
        "field": "rate", "type": "quantitative", "title": None,
        "axis": {"format": "d", "tickCount": min(3, most["orders"])},
    }  # fmt: skip
    bars = {"mark": {"type": "bar", "color": _BAR}, "encoding": {"x": _month_axis(), "y": y}}
    spec = _view(rows, [bars, _last_label(rows)], _WIDE - 60, 96, {"left": 44, "right": 16, "top": 20, "bottom": 24})
    told = tr(N_("{month}: {orders} orders; most in {most}: {highest}."))
    last = months[-1]
    finding = told.format(month=last["month"], orders=last["orders"], most=most["month"], highest=most["orders"])
    return Chart("orders", title, finding, spec)


def heat_map(hours: Sequence[Sequence[int]]) -> Chart:
    """The reports by weekday and hour."""
    title = tr(N_("When reports come in: weekday and hour"))
    most, day, hour = max((n, -day, -hour) for day, row in enumerate(hours) for hour, n in enumerate(row))
    if not most:
        return Chart("hours", title, tr(N_("Nothing to count.")), None)
    rows = [
        {"day": tr(WEEKDAYS[day]), "at": day, "hour": hour, "n": n}
        for day, row in enumerate(hours)
        for hour, n in enumerate(row)
    ]
    x = {
        "field": "hour", "type": "ordinal", "title": None, "scale": {"paddingInner": 0.06, "paddingOuter": 0},
        "axis": {"values": list(range(0, 24, 3)), "labelAngle": 0, "ticks": False, "domain": False},
    }  # fmt: skip
    y = {"field": "at", "type": "ordinal", "axis": None, "scale": {"paddingInner": 0.06, "paddingOuter": 0}}
    color = {"field": "n", "type": "quantitative", "legend": None, "scale": {"range": ["#c9ddf0", "#0b3a66"]}}
    cells = {"mark": {"type": "rect"}, "encoding": {"x": x, "y": y, "color": color}, "transform": _some("datum.n > 0")}
    none = {
        "mark": {"type": "rect", "color": _PAPER, "stroke": _GRID},
        "encoding": {"x": x, "y": y},
        "transform": _some("datum.n == 0"),
    }
    told = {
        "mark": {"type": "text", "fontSize": 9, "fontWeight": "bold", "color": _PAPER},
        "encoding": {"x": x, "y": y, "text": {"field": "n"}},
        "transform": _some(f"datum.n == {most} && datum.n < 100"),
    }
    days = _labels(y, "day", "datum.hour == 0")
    spec = _view(rows, [none, cells, told, days], 24 * 12, 7 * 20, {"left": 44, "right": 8, "top": 4, "bottom": 24})
    sentence = N_("Most reports came on {day} from {hour} to {next} o’clock: {most} of {orders}. Darker is more.")
    return Chart("hours", title, tr(sentence).format(
        day=tr(WEEKDAYS[-day]), hour=-hour, next=-hour + 1, most=most, orders=sum(map(sum, hours))
    ), spec)  # fmt: skip


def pareto(faults: Doc) -> Chart:
    """The classes of faults, those reported most first, and the share of all down to each."""
    title, whole = tr(N_("Faults by class, with their cumulated share")), faults["orders"]
    if not whole:
        return Chart("faults", title, tr(N_("Nothing to count.")), None)
    listed = faults["categories"]
    rows = [
        {"i": i, "label": _cut(class_of(one)), "orders": one["orders"], "down": one["cumulated"] / whole,
         "text": f"{one['orders']} · {percent(one['cumulated'], whole)}"}
        for i, one in enumerate(listed[:MOST])
    ]  # fmt: skip
    y = _rows()
    # Bars and line share one scale, all orders together: the line then ends where everything is counted.
    x = {
        "field": "orders", "type": "quantitative", "title": None, "scale": {"domain": [0, whole], "nice": False},
        "axis": {"tickCount": 3, "format": "d"},
    }  # fmt: skip
    down = {"field": "down", "type": "quantitative", "title": None, "scale": {"domain": [0, 1]}}
    percents = {
        **down,
        "axis": {"orient": "top", "format": ".0%", "values": [0, 0.5, 1], "grid": False, "labelColor": _LINE},
    }
    line: Spec = {
        "layer": [
            {"mark": {"type": "line", "color": _LINE, "strokeWidth": 1.5}, "encoding": {"x": percents, "y": y}},
            {
                "mark": {"type": "point", "filled": True, "shape": "diamond", "size": 44, "color": _LINE, "opacity": 1},
                "encoding": {"x": percents, "y": y},
            },
        ]
    }
    bars: Spec = {
        "layer": [
            {"mark": {"type": "bar", "color": _BAR, "height": {"band": 0.6}}, "encoding": {"x": x, "y": y}},
            _labels(y),
            _ends(y),
        ]
    }
    spec = _lying(rows, [bars, line], _STEP, top=24)
    spec["resolve"] = {"scale": {"x": "independent"}}
    first = next(i for i, one in enumerate(listed, 1) if one["cumulated"] * 10 >= whole * 8)
    sentence = N_("{name} leads with {orders} of {whole}; the first {first} of {classes} classes are {share} of all.")
    return Chart("faults", title, tr(sentence).format(
        name=class_of(listed[0]), orders=listed[0]["orders"], whole=whole, first=first, classes=len(listed),
        share=percent(listed[first - 1]["cumulated"], whole),
    ), spec)  # fmt: skip


def technicians(listed: Sequence[Doc], target: str | None) -> Chart:
    """The on-time rate of each technician whose clocks are over."""
    title = tr(N_("On time by technician"))
    counts = ("on_time", "met", "missed")
    judged = [one for one in listed if one["technician"] and rate_of(one, counts).whole]
    if not judged:
        return Chart("technicians", title, tr(N_("Nothing to count.")), None)
    rows = []
    for i, one in enumerate(judged[:MOST]):
        rate = rate_of(one, counts)
        rows.append({"i": i, "label": _cut(person(one["technician"], one["name"])), "rate": rate.number,
                     "text": f"{percent(*rate)} ({rate.part}/{rate.whole})",
                     "filled": rate.reaches(target) is not False})  # fmt: skip
    y = _rows()
    x = {
        "field": "rate", "type": "quantitative", "title": None, "scale": {"domain": [0, 1]},
        "axis": {"format": ".0%", "tickCount": 3},
    }  # fmt: skip
    layers = [_bars(True, x, y), _bars(False, x, y), *_upright(target), _labels(y), _ends(y)]
    spec = _lying(rows, layers, _STEP, top=16)
    return Chart("technicians", title, _technicians_finding(judged, counts, target), spec)


def quotas(callback: Mapping[str, Mapping[str, int]]) -> Chart:
    """How many were called back of those that the quota asks for, by stratum (CAL-1)."""
    title = tr(N_("Called back, against the quota"))
    asked = [(tr(name), one) for name, one in callback.items() if one["quota"] or one["done"]]
    if not asked:
        return Chart("quotas", title, tr(N_("Nothing to count.")), None)
    rows = [
        {"i": i, "label": _cut(name), "quota": one["quota"], "done": one["done"],
         "text": f"{one['done']}/{one['quota']}"}
        for i, (name, one) in enumerate(asked)
    ]  # fmt: skip
    most = max(max(one["quota"], one["done"]) for _, one in asked)
    y = _rows()

    def x(field: str) -> Spec:
        return {
            "field": field, "type": "quantitative", "title": None, "scale": {"domain": [0, most]},
            "axis": {"format": "d", "tickCount": min(4, most)},
        }  # fmt: skip

    frame = {"type": "bar", "height": {"band": 0.8}, "fill": _PAPER, "stroke": _INK, "strokeWidth": 1}
    done = {"type": "bar", "height": {"band": 0.45}, "color": _BAR}
    layers = [
        {"mark": frame, "encoding": {"x": x("quota"), "y": y}},
        {"mark": done, "encoding": {"x": x("done"), "y": y}},
        _labels(y),
        _ends(y),
    ]
    spec = _lying(rows, layers, 32, top=6)
    one_each = tr(N_("{name}: {done} of {quota}"))
    told = tr(N_("; ")).join(one_each.format(name=name, **one) for name, one in asked)
    frame_is = N_("{told}. The frame is the quota, the filled bar what was done.")
    return Chart("quotas", title, tr(frame_is).format(told=told), spec)


# --- in words


def person(who: str, name: str | None) -> str:
    """A person by id and name."""
    return f"{who} {name}" if name else who


def class_of(one: Doc) -> str:
    """A class of fault as the policies name it, else its key."""
    return str(one["category_name"] or one["category"] or UNKNOWN)


def rate_of(one: Doc, counts: tuple[str, str, str]) -> Rate:
    """A rate that stands as two counts; ``counts`` names the figure and its good and bad part."""
    name, good, bad = counts
    return Rate(one[name][good], one[name][good] + one[name][bad])


def _trend_finding(known: Sequence[tuple[str, Rate]], last: tuple[str, Rate]) -> str:
    month, rate = last
    told = tr(N_("{month}: {rate} ({part} of {whole})")).format(
        month=month, rate=percent(*rate), part=rate.part, whole=rate.whole
    )
    if len(known) == 1:
        return tr(N_("{told}.")).format(told=told)
    # Of equals the newest is named.
    best = max(known, key=lambda one: (one[1].number or 0.0, one[0]))
    worst = min(reversed(known), key=lambda one: one[1].number or 0.0)
    sentence = N_("{told}; highest in {best}: {highest}, lowest in {worst}: {lowest}.")
    return tr(sentence).format(
        told=told, best=best[0], highest=percent(*best[1]), worst=worst[0], lowest=percent(*worst[1])
    )


def _technicians_finding(judged: Sequence[Doc], counts: tuple[str, str, str], target: str | None) -> str:
    lowest = min(judged, key=lambda one: (rate_of(one, counts).number or 0.0, one["technician"]))
    rate = rate_of(lowest, counts)
    values = {
        "who": person(lowest["technician"], lowest["name"]), "rate": percent(*rate), "part": rate.part,
        "whole": rate.whole, "all": len(judged),
    }  # fmt: skip
    if target is None:
        return tr(N_("Lowest of {all}: {who}, {rate} ({part} of {whole}).")).format(**values)
    reached = sum(rate_of(one, counts).reaches(target) is True for one in judged)
    sentence = N_(
        "{reached} of {all} reached the target; lowest: {who}, {rate} ({part} of {whole}). "
        "An outlined bar is below the target."
    )
    return tr(sentence).format(reached=reached, **values)


def hundredths(share: str) -> str:
    """A share from 0 to 1 as it was set, for people: ``90 %``, ``92.5 %``."""
    return f"{Decimal(share).scaleb(2).normalize():f} %"


def _target_text(target: str) -> str:
    return tr(N_("target {target}")).format(target=hundredths(target))


# --- parts of specifications


def _view(rows: Sequence[Doc], layers: Iterable[Spec], wide: int, high: int, padding: Mapping[str, int]) -> Spec:
    """A chart of that many pixels inside its padding."""
    axis = {
        "labelColor": _INK, "labelFontSize": 12, "labelFontWeight": "normal", "gridColor": _GRID,
        "domainColor": "#8c959f", "tickColor": "#8c959f", "labelBound": False, "labelOverlap": False,
    }  # fmt: skip
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        # Nothing is measured: where the font of a machine differs, no axis moves.
        "autosize": "none",
        "padding": dict(padding),
        "width": wide,
        "height": high,
        "background": _PAPER,
        "config": {"aria": False, "font": "sans-serif", "view": {"stroke": None}, "axis": axis},
        "data": {"values": list(rows)},
        "layer": list(layers),
    }


def _lying(rows: Sequence[Doc], layers: Iterable[Spec], step: int, *, top: int) -> Spec:
    """Lying bars with labels before them and figures behind, which have the room that the longest of them needs."""
    right = _GAP + max(_pixels(one["text"]) for one in rows)
    wide = max(_LEAST, _WIDE - _LABEL - right)
    return _view(rows, layers, wide, step * len(rows), {"left": _LABEL, "right": right, "top": top, "bottom": 24})


def _some(condition: str) -> list[Spec]:
    return [{"filter": condition}]


def _month_axis() -> Spec:
    return {
        "field": "month", "type": "ordinal", "title": None,
        "axis": {"labelExpr": _MONTHS, "labelAngle": 0, "grid": False, "ticks": False},
    }  # fmt: skip


def _last_label(rows: Sequence[Doc]) -> Spec:
    """The value of the last month, above all marks."""
    return {
        "transform": [{"filter": f"datum.month == '{rows[-1]['month']}' && isValid(datum.rate)"}],
        "mark": {"type": "text", "align": "right", "dx": 14, "fontSize": 12, "fontWeight": "bold", "color": _INK},
        "encoding": {"x": _month_axis(), "y": {"value": -9}, "text": {"field": "text"}},
    }  # fmt: skip


def _target_line(target: str | None, y: Spec) -> list[Spec]:
    if target is None:
        return []
    datum = {**{name: value for name, value in y.items() if name not in ("field",)}, "datum": float(target)}
    text = {"value": _target_text(target)}
    return [
        {"mark": {"type": "rule", "strokeDash": [5, 3], "color": _LINE}, "encoding": {"y": datum}},
        {
            "data": {"values": [{}]},
            "mark": {"type": "text", "align": "left", "fontSize": 11, "color": _LINE},
            "encoding": {"x": {"value": 2}, "y": {"value": -9}, "text": text},
        },
    ]


def _upright(target: str | None) -> list[Spec]:
    """The target as a line across bars that lie."""
    if target is None:
        return []
    datum = {"datum": float(target), "type": "quantitative"}
    text = {"value": _target_text(target)}
    return [
        {"data": {"values": [{}]}, "mark": {"type": "rule", "strokeDash": [5, 3], "color": _LINE},
         "encoding": {"x": datum}},
        {
            "data": {"values": [{}]},
            "mark": {"type": "text", "align": "right", "baseline": "bottom", "fontSize": 11, "color": _LINE},
            "encoding": {"x": datum, "y": {"value": -2}, "text": text},
        },
    ]  # fmt: skip


def _rows() -> Spec:
    """Lying bars, one below the other in the order of their rows."""
    return {"field": "i", "type": "ordinal", "axis": None}


def _bars(filled: bool, x: Spec, y: Spec) -> Spec:
    """Bars that are filled, or outlines."""
    condition = "datum.filled" if filled else "!datum.filled"
    mark: Spec = {"type": "bar", "height": {"band": 0.6}, "color": _BAR}
    if not filled:
        mark = {"type": "bar", "height": {"band": 0.6}, "fill": _PAPER, "stroke": _BAR, "strokeWidth": 2}
    return {"transform": _some(condition), "mark": mark, "encoding": {"x": x, "y": y}}


def _labels(y: Spec, field: str = "label", condition: str | None = None) -> Spec:
    """What stands before a row. Texts are data and never part of an expression."""
    layer: Spec = {
        "mark": {"type": "text", "align": "right", "fontSize": 12, "color": _INK},
        "encoding": {"x": {"value": -6}, "y": y, "text": {"field": field}},
    }
    return layer | ({"transform": _some(condition)} if condition else {})


def _ends(y: Spec) -> Spec:
    """What stands behind the rows, in a column of its own: no bar runs into it."""
    return {
        "mark": {"type": "text", "align": "left", "fontSize": 12, "color": _INK},
        "encoding": {"x": {"value": {"expr": "width + 8"}}, "y": y, "text": {"field": "text"}},
    }


_CONTROLS = dict.fromkeys((*range(32), *range(127, 160)), " ")


def _cut(text: str) -> str:
    """A label that fits before its row; the table behind the chart has it whole."""
    said = text.translate(_CONTROLS)
    if _pixels(said) <= _LABEL - _GAP:
        return said
    while _pixels(said) > _LABEL - _GAP - 12:
        said = said[:-1]
    return said.rstrip() + "…"


def _pixels(text: str) -> int:
    """How wide a text of 12 pixels is at most, in the wider ones of the usual fonts."""
    wide = {"W": 12, "M": 12, "%": 12, "@": 12, **dict.fromkeys(" .,:·()/", 5)}
    return sum(12 if width(one) > 1 else wide.get(one, 9 if one.isupper() else 8) for one in text)
