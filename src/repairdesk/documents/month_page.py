"""The month as a page: its figures against their targets, charts with the tables behind them, and what needs a look."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from markupsafe import Markup

from repairdesk.documents import charts, report_page, svg
from repairdesk.documents.charts import WEEKDAYS, Chart
from repairdesk.documents.report_page import Laid, Table
from repairdesk.documents.words import clean, moment
from repairdesk.domain.rates import UNKNOWN, Rate, percent
from repairdesk.domain.record import NamedTuple
from repairdesk.errors import N_
from repairdesk.locale import tr

Doc = Mapping[str, Any]


class Figure(NamedTuple):
    """A rate of the page's head; ``part_is`` and ``whole_is`` name its counts, ``how`` says how its target stands."""

    name: str
    label: str
    rate: str
    part: int
    part_is: str
    whole: int
    whole_is: str
    target: str
    how: str


class Drawn(NamedTuple):
    """A chart as it stands in the page; ``svg`` is empty where nothing can be drawn."""

    title: str
    finding: str
    svg: Markup


class Part(NamedTuple):
    """A section: sentences, a list, charts with the table behind them, and further tables.

    ``half``: two of them stand side by side where there is room.
    """

    name: str
    title: str
    lines: Sequence[str] = ()
    listed: Sequence[str] = ()
    charts: Sequence[Drawn] = ()
    behind: Table | None = None
    tables: Sequence[Table] = ()
    half: bool = False


_RATES = (
    ("on_time_rate", N_("on time"), ("on_time", "met", "missed")),
    ("satisfaction_rate", N_("satisfied"), ("satisfaction", "satisfied", "below")),
    ("first_time_fix_rate", N_("first-time fix"), ("first_time_fix", "fixed", "reworked")),
    ("complete_rate", N_("complete records"), ("complete", "whole", "lacking")),
)


def page(doc: Doc, laid: Mapping[str, Laid]) -> str:
    """The page.

    Args:
        doc: what ``Desk.month_page`` answers.
        laid: the reports ``month``, ``faults``, ``complaints`` and ``help`` laid out, by name.
    """
    drawn = svg.available()
    doc, laid = clean(doc), {name: report_page.cleaned(one) for name, one in laid.items()}
    return report_page.render(
        "report_month.html.j2",
        title=tr(N_("The month {month}")).format(month=doc["month"]),
        as_of=tr(N_("As of {at}")).format(at=moment(doc["at"])),
        code=doc["head"]["code"],
        drawn=drawn,
        wide=False,
        note="" if drawn else tr(svg.MISSING),
        counts=[
            {"name": name, "label": tr(label), "value": doc[name]}
            for name, label in (("orders", N_("orders")), ("finished", N_("finished")))
        ],
        rates=list(_figures(doc)),
        parts=list(_parts(doc, laid, drawn)),
    )


def _figures(doc: Doc) -> Iterator[Figure]:
    for name, label, counts in _RATES:
        group, good, _ = counts
        rate, target = charts.rate_of(doc, counts), _target(doc, name)
        yield Figure(
            name, tr(label), percent(*rate), rate.part, f"{group}.{good}", rate.whole, f"{group}.all",
            *_against(rate, target),
        )  # fmt: skip
    for stratum, one in doc["callback"].items():
        label = tr(N_("called back, {stratum}")).format(stratum=tr(stratum))
        name = f"callback.{stratum}"
        yield Figure(
            name, label, percent(one["done"], one["quota"]), one["done"], f"{name}.done", one["quota"],
            f"{name}.quota", "", "",
        )  # fmt: skip


def _target(doc: Doc, name: str) -> str | None:
    said = doc["targets"][name]
    return None if said is None else str(said)


def _against(rate: Rate, target: str | None) -> tuple[str, str]:
    """The target in words, and whether it was reached: said, and not only coloured."""
    if target is None:
        return "", ""
    reached = rate.reaches(target)
    words = {None: N_("target {target}"), True: N_("target {target}: reached"), False: N_("target {target}: missed")}
    return tr(words[reached]).format(target=charts.hundredths(target)), "missed" if reached is False else ""


def _parts(doc: Doc, laid: Mapping[str, Laid], drawn: bool) -> Iterator[Part]:
    tables = {table.name: table for one in laid.values() for table in one.tables}

    def pictures(*those: Chart) -> list[Drawn]:
        return [_draw(one, drawn) for one in those]

    trends = [charts.trend(name, tr(label), doc["trend"], counts, _target(doc, name)) for name, label, counts in _RATES]
    yield Part("trend", tr(N_("Twelve months")), charts=pictures(*trends, charts.orders(doc["trend"])),
               behind=_trend_table(doc["trend"]))  # fmt: skip
    yield Part("hours", tr(N_("Weekdays and hours")), charts=pictures(charts.heat_map(doc["hours"])),
               behind=_hours_table(doc["hours"]) if doc["orders"] else None, half=True)  # fmt: skip
    yield Part("callbacks", tr(N_("Callbacks")), charts=pictures(charts.quotas(doc["callback"])),
               behind=_quota_table(doc), half=True)  # fmt: skip
    yield Part("faults", tr(N_("Faults")), laid["faults"].lines, charts=pictures(charts.pareto(doc["faults"])),
               behind=tables.get("faults-category"), half=True)  # fmt: skip
    staff = charts.technicians(doc["by_technician"], _target(doc, "on_time_rate"))
    yield Part("technicians", tr(N_("Technicians")), charts=pictures(staff), behind=tables.get("month-technician"),
               half=True)  # fmt: skip
    yield Part(
        "proposals", tr(N_("What preventive maintenance should look at first")),
        () if laid["faults"].listed else (tr(N_("Nothing came again.")),), laid["faults"].listed,
        tables=_found(tables, "faults-spot", "faults-place"),
    )  # fmt: skip
    yield _overdue(doc["overdue"])
    for name, title in (("complaints", N_("Complaints")), ("help", N_("Requests for help"))):
        yield Part(name, tr(title), laid[name].lines, tables=laid[name].tables)
    groups = _found(tables, "month-kind", "month-category")
    nothing = () if groups else (tr(N_("Nothing to count.")),)
    yield Part("groups", tr(N_("By kind and category")), nothing, tables=groups)


def _found(tables: Mapping[str, Table], *names: str) -> list[Table]:
    return [tables[name] for name in names if name in tables]


def _draw(chart: Chart, drawn: bool) -> Drawn:
    made = svg.draw(chart.spec, f"chart-{chart.name}", chart.title, chart.finding) if drawn and chart.spec else ""
    # The library escaped what stands in it, and what it made was read as XML since.
    return Drawn(chart.title, chart.finding, Markup(made))


def _trend_table(months: Sequence[Doc]) -> Table:
    heads, rows = [N_("month"), N_("orders"), N_("finished")], []
    for _, label, _counts in _RATES:
        heads += [label, N_("counts")]
    for one in months:
        row = [one["month"], str(one["orders"]), str(one["finished"])]
        for _, _label, counts in _RATES:
            rate = charts.rate_of(one, counts)
            row += [percent(*rate), f"{rate.part}/{rate.whole}" if rate.whole else UNKNOWN]
        rows.append(row)
    return Table(
        "trend-table", tr(N_("Twelve months")), [tr(head) for head in heads], [False, *[True] * (len(heads) - 1)], rows
    )


def _hours_table(hours: Sequence[Sequence[int]]) -> Table:
    """An hour a row: seven columns fit a phone, twenty-four do not."""
    rows = [
        [f"{hour}–{hour + 1}", *(str(day[hour]) for day in hours), str(sum(day[hour] for day in hours))]
        for hour in range(24)
    ]
    sums = [tr(N_("all")), *(str(sum(day)) for day in hours), str(sum(map(sum, hours)))]
    heads = [tr(N_("hour")), *(tr(day) for day in WEEKDAYS), tr(N_("all"))]
    return Table("hours-table", tr(N_("Orders reported, by hour and weekday")), heads, [True] * 9, [*rows, sums])


def _quota_table(doc: Doc) -> Table:
    rows = [
        [tr(name), charts.hundredths(str(doc["targets"]["callback"][name])), str(one["quota"]), str(one["done"]),
         percent(one["done"], one["quota"])]
        for name, one in doc["callback"].items()
    ]  # fmt: skip
    heads = [N_("stratum"), N_("rate asked for"), N_("quota"), N_("done"), N_("share")]
    return Table("quota-table", tr(N_("Called back, against the quota")), [tr(head) for head in heads],
                 [False, True, True, True, True], rows)  # fmt: skip


def _overdue(doc: Doc) -> Part:
    listed = doc["listed"]
    title = tr(N_("Overdue"))
    if not listed:
        return Part("overdue", title, [tr(N_("Of the orders of the month none is overdue."))])
    line = tr(N_("Of the orders of the month {orders} wait beyond their time; the longest wait first."))
    lines = [line.format(orders=doc["orders"])]
    if doc["orders"] > len(listed):
        lines.append(tr(N_("The first {count} are listed.")).format(count=len(listed)))
    rows = [
        [one["number"], one["place"] or UNKNOWN, charts.class_of(one), tr(one["state"]), one["assignee"] or UNKNOWN,
         moment(one["due_at"])]
        for one in listed
    ]  # fmt: skip
    heads = [N_("number"), N_("place"), N_("category"), N_("state"), N_("assignee"), N_("due")]
    return Part("overdue", title, lines, tables=[
        Table("overdue-table", title, [tr(head) for head in heads], [False] * len(heads), rows)
    ])  # fmt: skip
