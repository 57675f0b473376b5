"""The reports of a month laid out: the lines that people read, and the rows of CSV and workbook.

What a column holds is said once. People read a rate as a percentage and ``–`` where there is nothing to count; a sheet
that is taken away has the number, or an empty cell, and the counts in columns of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from repairdesk.cli import render
from repairdesk.domain.rates import UNKNOWN, Rate, percent, share
from repairdesk.errors import N_
from repairdesk.locale import tr
from repairdesk.locale.width import pad, width

Doc = Mapping[str, Any]
Cell = str | int | Decimal | None
_NUMBERS = ("count", "rate", "money", "seconds")


class Column(NamedTuple):
    """A column of a report.

    Attributes:
        head: its heading.
        kind: ``text``, ``word`` (a term of the field), ``count``, ``rate`` (part and whole), ``money``, ``seconds``.
        get: its value in a row's document.
        wide: it stands in sheets alone: a terminal has no room for it.
    """

    head: str
    kind: str
    get: Callable[[Doc], Any]
    wide: bool = False


def _at(path: str) -> Callable[[Doc], Any]:
    def get(doc: Doc) -> Any:
        value: Any = doc
        for name in path.split("/"):
            value = value[name]
        return value

    return get


def _of(name: str, good: str, bad: str) -> Callable[[Doc], tuple[int, int]]:
    """The part and the whole of a rate that stands as two counts."""
    return lambda doc: (doc[name][good], doc[name][good] + doc[name][bad])


def _rating(doc: Doc) -> tuple[int, int]:
    ratings = doc["ratings"]
    return ratings["very-satisfied"] + ratings["satisfied"], sum(ratings.values())


def _who(key: str) -> Callable[[Doc], str | None]:
    return lambda doc: " ".join(filter(None, (doc[key], doc["name"]))) or None


_ON_TIME = (
    Column(N_("met in time"), "count", _at("on_time/met"), wide=True),
    Column(N_("missed"), "count", _at("on_time/missed"), wide=True),
    Column(N_("on time"), "rate", _of("on_time", "met", "missed")),
)
_SATISFIED = (
    Column(N_("satisfied or better"), "count", _at("satisfaction/satisfied"), wide=True),
    Column(N_("below satisfied"), "count", _at("satisfaction/below"), wide=True),
    Column(N_("satisfied"), "rate", _of("satisfaction", "satisfied", "below")),
)
_FIXED = (
    Column(N_("fixed at once"), "count", _at("first_time_fix/fixed"), wide=True),
    Column(N_("reworked"), "count", _at("first_time_fix/reworked"), wide=True),
    Column(N_("first-time fix"), "rate", _of("first_time_fix", "fixed", "reworked")),
)
_ANSWERED = (
    Column(N_("answered in time"), "count", _at("answered/met"), wide=True),
    Column(N_("answered late"), "count", _at("answered/missed"), wide=True),
    Column(N_("answered"), "rate", _of("answered", "met", "missed")),
)
_ORDERS = (Column(N_("orders"), "count", _at("orders")), Column(N_("finished"), "count", _at("finished")))
_GROUP = (Column(N_("by"), "word", _at("by")), Column(N_("group"), "text", _at("group")))
_PARETO = (
    Column(N_("orders"), "count", _at("orders")),
    Column(N_("share"), "rate", lambda doc: (doc["orders"], doc["whole"])),
    Column(N_("cumulated"), "rate", lambda doc: (doc["cumulated"], doc["whole"])),
    Column(N_("cost"), "money", _at("cost")),
    Column(N_("time at work"), "seconds", _at("handling_seconds")),
    Column(N_("repeats"), "count", _at("repeats")),
    Column(N_("in the time before"), "count", lambda doc: doc.get("before"), wide=True),
)

COLUMNS: Mapping[str, Sequence[Column]] = {
    "month": (*_GROUP, *_ORDERS, *_ON_TIME, *_SATISFIED, *_FIXED),
    "staff": (
        Column(N_("technician"), "text", _who("staff")),
        Column(N_("jobs"), "count", _at("jobs")),
        Column(N_("visits"), "count", _at("visits"), wide=True),
        Column(N_("time at work"), "seconds", _at("handling_seconds")),
        Column(N_("late"), "count", _at("late/below")),
        Column(N_("late apart"), "count", _at("late/apart")),
        Column(N_("lateness"), "seconds", _at("late_seconds"), wide=True),
        *_ON_TIME,
        *_FIXED,
        *(
            Column(name, "count", _at(f"ratings/{name}"), wide=True)
            for name in (N_("very-satisfied"), N_("satisfied"), N_("fair"), N_("dissatisfied"))
        ),
        Column(N_("satisfied"), "rate", _rating),
        Column(N_("not ticked"), "count", _at("checklist_missed")),
    ),
    "faults": (*_GROUP, *_PARETO),
    "callbacks": (
        Column(N_("who called"), "text", _who("staff")),
        Column(N_("calls"), "count", _at("calls")),
        *(
            Column(name, "count", _at(f"outcomes/{name}"))
            for name in (N_("satisfied"), N_("dissatisfied"), N_("unreached"))
        ),
    ),
    "complaints": (
        Column(N_("severity"), "word", lambda doc: doc.get("severity")),
        *_ORDERS,
        Column(N_("anonymous"), "count", _at("anonymous")),
        *_ANSWERED,
        *_ON_TIME,
        *_SATISFIED,
    ),
    "help": (
        Column(N_("class"), "word", lambda doc: doc.get("class")),
        *_ORDERS,
        Column(N_("advised"), "count", _at("advised")),
        *_ANSWERED,
    ),
    "clocks": (
        Column(N_("clock"), "word", _at("name")),
        *(Column(name, "count", _at(name)) for name in (N_("met"), N_("missed"), N_("open"), N_("void"))),
        Column(N_("on time"), "rate", lambda doc: (doc["met"], doc["met"] + doc["missed"])),
        Column(N_("late in the middle"), "seconds", _at("median_late_seconds")),
        Column(N_("late at worst"), "seconds", _at("worst_late_seconds")),
    ),
}


def rows(name: str, doc: Doc) -> list[Doc]:
    """What stands in the lines of a report, the sum of all first where there is one."""
    if name == "month":
        return [{**doc, "by": N_("month"), "group": tr(N_("all"))}, *_groups(doc)]
    if name == "faults":
        return [
            {**one, "whole": doc["orders"], "by": by, "group": _spot(one)}
            for part, by in (("categories", N_("category")), ("places", N_("place")), ("spots", N_("fault at a place")))
            for one in doc[part]
        ]
    listed: Mapping[str, str] = {"staff": "technicians", "callbacks": "callers", "complaints": "by_severity",
                                 "help": "by_class", "clocks": "clocks"}  # fmt: skip
    return list(doc[listed[name]])


def _groups(doc: Doc) -> Iterator[Doc]:
    for key in ("kind", "category", "technician"):
        for one in doc[f"by_{key}"]:
            group = render.word(one[key]) if key == "kind" else _who(key)(one)
            yield {**one, "by": key, "group": group or UNKNOWN}


def _spot(one: Doc) -> str:
    """A class of fault, a place, or both."""
    named = [_fault(one)] if "category" in one else []
    return "  ".join([*named, *([one["place"] or UNKNOWN] if "place" in one else [])])


def _fault(one: Doc) -> str:
    return " ".join(filter(None, (one["category"], one["category_name"]))) or UNKNOWN


# --- sheets


def heads(name: str) -> list[str]:
    """The headings of a sheet; the catalogue has them."""
    return ["month", *(column.head for column in COLUMNS[name])]


def cells(name: str, doc: Doc) -> Iterator[Sequence[Cell]]:
    """The rows of a sheet: numbers are numbers, and what cannot be computed is empty."""
    for one in rows(name, doc):
        yield (doc["month"], *(_cell(column, one) for column in COLUMNS[name]))


def _cell(column: Column, row: Doc) -> Cell:
    value = column.get(row)
    if value is None:
        return None
    if column.kind == "rate":
        return share(*value)
    if column.kind == "money":
        return Decimal(value)
    if column.kind == "word":
        return render.word(value)
    cell: Cell = value
    return cell


# --- what people read


def lines(name: str, doc: Doc) -> Iterator[str]:
    """The report as text."""
    yield tr(N_("{month}, as of {at}")).format(month=doc["month"], at=render.moment(doc["at"]))
    yield from _HEADS.get(name, _no_head)(doc)
    columns = [column for column in COLUMNS[name] if not column.wide]
    found = rows(name, doc)
    if any(one.get("orders", 1) for one in found):
        # What happened once at a place is chance: people read of what came again, sheets hold all that is listed.
        table = [[_shown(column, row) for column in columns] for row in found if not _once(row)]
        yield from _drawn([tr(column.head) for column in columns], [c.kind in _NUMBERS for c in columns], table)
    else:
        yield tr(N_("Nothing to count."))
    if name == "faults":
        yield from _proposed(doc)


def _once(row: Doc) -> bool:
    return "place" in row and row.get("orders") == 1


def _shown(column: Column, row: Doc) -> str:
    value = column.get(row)
    if value is None:
        return UNKNOWN
    if column.kind == "rate":
        return percent(*value)
    if column.kind == "seconds":
        return render.duration(value)
    return render.word(value) if column.kind == "word" else str(value)


def _drawn(heads: Sequence[str], right: Sequence[bool], table: Iterable[Sequence[str]]) -> Iterator[str]:
    every = [heads, *table]
    widths = [max(width(line[i]) for line in every) for i in range(len(heads))]
    for line in every:
        set_ = [
            " " * (columns - width(cell)) + cell if numbers else pad(cell, columns)
            for cell, columns, numbers in zip(line, widths, right, strict=True)
        ]
        yield "  ".join(set_).rstrip()


def _no_head(doc: Doc) -> Iterator[str]:
    return iter(())


def _month_head(doc: Doc) -> Iterator[str]:
    yield tr(N_("Orders: {orders}, finished: {finished}")).format(orders=doc["orders"], finished=doc["finished"])
    for label, name, good, bad in (
        (N_("on time"), "on_time", "met", "missed"),
        (N_("satisfied"), "satisfaction", "satisfied", "below"),
        (N_("first-time fix"), "first_time_fix", "fixed", "reworked"),
    ):
        part, whole = _of(name, good, bad)(doc)
        yield _against(tr(label), part, whole, doc["targets"][_RATES[name]])
    yield from _quotas(doc)


_RATES = {"on_time": "on_time_rate", "satisfaction": "satisfaction_rate", "first_time_fix": "first_time_fix_rate"}


def _against(label: str, part: int, whole: int, target: float | None) -> str:
    """A rate with its counts and its target, and whether that was reached."""
    told = tr(N_("{label}: {rate} ({part} of {whole})")).format(
        label=label, rate=percent(part, whole), part=part, whole=whole
    )
    if target is None:
        return told
    exact = str(target)
    reached = Rate(part, whole).reaches(exact)
    words = {None: N_("target {target}"), True: N_("target {target}: reached"), False: N_("target {target}: missed")}
    hundredths = Decimal(exact).scaleb(2).normalize()
    return f"{told}, {tr(words[reached]).format(target=f'{hundredths:f} %')}"


def _quotas(doc: Doc) -> Iterator[str]:
    """How many of those that were drawn were called back (CAL-1)."""
    template = N_("called back, {stratum}: {done} of {quota} that the quota asks for")
    for name, one in doc["callback"].items():
        yield tr(template).format(stratum=tr(_STRATA.get(name, name)), **one)


_STRATA = {"repairs": N_("repairs"), "complaints": N_("complaints"), "events": N_("events")}


def _callbacks_head(doc: Doc) -> Iterator[str]:
    told = [f"{render.word(name)} {count}" for name, count in (*doc["outcomes"].items(), *doc["methods"].items())]
    yield tr(N_("Calls: {calls} ({told})")).format(calls=doc["calls"], told=tr(", ").join(told))
    yield from _quotas(doc)


def _counted_head(doc: Doc) -> Iterator[str]:
    yield tr(N_("Orders: {orders}, finished: {finished}")).format(orders=doc["orders"], finished=doc["finished"])
    part, whole = _of("answered", "met", "missed")(doc)
    yield _against(tr(N_("answered in time")), part, whole, None)


def _complaints_head(doc: Doc) -> Iterator[str]:
    yield from _counted_head(doc)
    yield tr(N_("Without a name: {count}")).format(count=doc["anonymous"])


def _faults_head(doc: Doc) -> Iterator[str]:
    template = N_("Orders: {orders}, {cost} yuan, {time} at work; repeats: {repeats}")
    yield tr(template).format(
        orders=doc["orders"], cost=doc["cost"], time=render.duration(doc["handling_seconds"]), repeats=doc["repeats"]
    )


_HEADS: Mapping[str, Callable[[Doc], Iterator[str]]] = {
    "month": _month_head,
    "callbacks": _callbacks_head,
    "complaints": _complaints_head,
    "help": _counted_head,
    "faults": _faults_head,
}


def _proposed(doc: Doc) -> Iterator[str]:
    """What preventive maintenance should look at first, and why (RPT-4)."""
    if doc["proposals"]:
        yield tr(N_("To be looked at first:"))
    templates = {
        "again": N_("{place}, {category}: {orders} times in the month, {before} times in the time before; {cost} yuan"),
        "often": N_("{category}: nothing came again at one place; reported most, {orders} times; {cost} yuan"),
    }
    for one in doc["proposals"]:
        named = {name: one[name] for name in ("place", "orders", "before", "cost")}
        yield "  " + tr(templates[one["why"]]).format(category=_fault(one), **named)


# --- the orders behind a figure


def behind(doc: Doc) -> Iterator[str]:
    """The numbers behind a figure, one a line."""
    yield from doc["orders_behind"]
    if not doc["orders_behind"]:
        yield tr(N_("No order is behind {figure}.")).format(figure=doc["figure"])
