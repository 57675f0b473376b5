"""The reports of a month laid out: the lines that people read, and the rows of CSV and workbook.

What a column holds is said once. People read a rate as a percentage and ``–`` where there is nothing to count; a sheet
that is taken away has the number, or an empty cell, and the counts in columns of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from repairdesk.cli import render
from repairdesk.domain.rates import UNKNOWN, Rate, Share, percent, share
from repairdesk.domain.record import NamedTuple
from repairdesk.errors import N_
from repairdesk.locale import tr
from repairdesk.locale.width import pad, width

if TYPE_CHECKING:
    from repairdesk.cli.figures import Cell, Sheet
    from repairdesk.documents.report_page import Laid, Table

Doc = Mapping[str, Any]
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
    Column(N_("satisfaction rate"), "rate", _of("satisfaction", "satisfied", "below")),
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
_COMPLETE = (
    Column(N_("whole records"), "count", _at("complete/whole"), wide=True),
    Column(N_("records that lack something"), "count", _at("complete/lacking"), wide=True),
    Column(N_("complete records"), "rate", _of("complete", "whole", "lacking"), wide=True),
    Column(N_("looked at again"), "count", _at("recheck/done"), wide=True),
)
_ORDERS = (Column(N_("orders"), "count", _at("orders")), Column(N_("finished"), "count", _at("finished")))
_GROUP = (Column(N_("grouped by"), "word", _at("by")), Column(N_("group"), "text", _at("group")))
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
    "month": (*_GROUP, *_ORDERS, *_ON_TIME, *_SATISFIED, *_FIXED, *_COMPLETE),
    "staff": (
        Column(N_("technician"), "text", _who("staff")),
        Column(N_("jobs"), "count", _at("jobs")),
        Column(N_("visits"), "count", _at("visits"), wide=True),
        Column(N_("time at work"), "seconds", _at("handling_seconds")),
        Column(N_("came late"), "count", _at("late/below")),
        Column(N_("late apart"), "count", _at("late/apart")),
        Column(N_("lateness"), "seconds", _at("late_seconds"), wide=True),
        *_ON_TIME,
        *_FIXED,
        *(
            Column(name, "count", _at(f"ratings/{name}"), wide=True)
            for name in (N_("very-satisfied"), N_("satisfied"), N_("fair"), N_("dissatisfied"))
        ),
        Column(N_("satisfaction rate"), "rate", _rating),
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
        Column(N_("open letters"), "count", _at("open_letters")),
    ),
    "complaints": (
        *_GROUP,
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
    if name == "complaints":
        return [{**doc, "by": N_("month"), "group": tr(N_("all"))}, *_matters(doc)]
    listed: Mapping[str, str] = {"staff": "technicians", "callbacks": "callers", "help": "by_class",
                                 "clocks": "clocks"}  # fmt: skip
    return list(doc[listed[name]])


def _groups(doc: Doc) -> Iterator[Doc]:
    for key in ("kind", "category", "technician"):
        for one in doc[f"by_{key}"]:
            group = render.word(one[key]) if key == "kind" else _who(key)(one)
            yield {**one, "by": key, "group": group or UNKNOWN}


def _matters(doc: Doc) -> Iterator[Doc]:
    """The complaints by severity, and by department."""
    for one in doc["by_severity"]:
        yield {**one, "by": "severity", "group": render.word(one["severity"])}
    for one in doc["by_department"]:
        yield {**one, "by": N_("department"), "group": _who("department")(one) or UNKNOWN}


def _spot(one: Doc) -> str:
    """A class of fault, a place, or both."""
    named = [_fault(one)] if "category" in one else []
    return "  ".join([*named, *([one["place"] or UNKNOWN] if "place" in one else [])])


def _fault(one: Doc) -> str:
    return " ".join(filter(None, (one["category"], one["category_name"]))) or UNKNOWN


# --- sheets


def sheet(name: str, doc: Doc) -> Sheet:
    """The report as a sheet; the catalogue has its headings."""
    from repairdesk.cli.figures import Sheet

    return Sheet(doc["month"], ["month", *(column.head for column in COLUMNS[name])], cells(name, doc))


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
    if column.kind == "seconds":
        return timedelta(seconds=value)
    if column.kind == "word":
        return render.word(value)
    cell: Cell = value
    return cell


def targets(doc: Doc) -> Sheet:
    """The sheet of the month's rates with their counts and targets, and of the quotas of callbacks (RPT-2, CAL-1)."""
    from repairdesk.cli.figures import Sheet

    heads = [N_("figure"), N_("part"), N_("whole"), N_("share"), N_("target"), N_("reached")]
    return Sheet(tr(N_("targets")), heads, _target_cells(doc))


def _target_cells(doc: Doc) -> Iterator[Sequence[Cell]]:
    answers = {None: None, True: tr(N_("yes")), False: tr(N_("no"))}
    for label, name, good, bad in _MONTH_RATES:
        part, whole = _of(name, good, bad)(doc)
        target = doc["targets"][_RATES[name]]
        said = None if target is None else str(target)
        reached = Rate(part, whole).reaches(said)
        yield tr(label), part, whole, share(part, whole), Share(said) if said else None, answers[reached]
    for name, one in doc["callback"].items():
        label = tr(N_("called back, {stratum}")).format(stratum=tr(_STRATA.get(name, name)))
        done, quota = one["done"], one["quota"]
        yield label, done, quota, share(done, quota), None, answers[done >= quota if quota else None]


# --- a page

_TITLES = {
    "month": N_("The month {month}"),
    "staff": N_("Technicians, {month}"),
    "faults": N_("Faults, {month}"),
    "callbacks": N_("Callbacks, {month}"),
    "complaints": N_("Complaints, {month}"),
    "help": N_("Requests for help, {month}"),
    "clocks": N_("Deadlines, {month}"),
}
_CAPTIONS = {
    "kind": N_("By kind"),
    "category": N_("By category"),
    "technician": N_("By technician"),
    "place": N_("By place"),
    "fault at a place": N_("Faults that came again at a place"),
    "month": N_("All together"),
    "severity": N_("By severity"),
    "department": N_("By department"),
    "staff": N_("By technician"),
    "callbacks": N_("By caller"),
    "help": N_("By class"),
    "clocks": N_("By clock"),
}


def page(name: str, doc: Doc) -> str:
    """The report as a page."""
    from repairdesk.documents import month_page, report_page

    if name == "month":
        parts = ("faults", "complaints", "help")
        told = {part: laid(part, {**doc, **doc[part]}, brief=part != "faults") for part in parts}
        told["month"] = laid("month", doc, brief=True)
        return month_page.page(doc, told)
    title = tr(_TITLES[name]).format(month=doc["month"])
    return report_page.page(title, _as_of(doc), laid(name, doc), doc["head"]["code"])


def behind_page(doc: Doc) -> str:
    """The orders behind a figure as a page."""
    from repairdesk.documents.report_page import Laid, Table, page

    title = tr(N_("Orders behind {figure}, {month}")).format(figure=doc["figure"], month=doc["month"])
    rows = [[number] for number in doc["orders_behind"]]
    lines = [] if rows else list(behind(doc))
    tables = [Table("behind", title, [tr("number")], [False], rows)] if rows else []
    return page(title, _as_of(doc), Laid(lines, tables), doc["head"]["code"])


def laid(name: str, doc: Doc, *, brief: bool = False) -> Laid:
    """A report as the parts of a page: head lines, a table for each way in which it is grouped, what it proposes.

    ``brief``: counts stand beside their rates, and not in columns of their own.
    """
    from repairdesk.documents.report_page import Laid

    found = rows(name, doc)
    groups: dict[str, list[Doc]] = {}
    for row in found:
        if not _once(row):
            groups.setdefault(row.get("by", name), []).append(row)
    counted = any(one.get("orders", 1) for one in found)
    tables = [_table(name, by, those, brief) for by, those in groups.items()] if counted else []
    proposed = list(_proposals(doc)) if name == "faults" else []
    return Laid(list(_HEADS.get(name, _no_head)(doc)), tables, tr(_LOOK) if proposed else "", proposed)


def _table(name: str, by: str, found: Iterable[Doc], brief: bool) -> Table:
    from repairdesk.documents.report_page import Table

    those = list(found)
    # The caption says how they are grouped, and what no row of this table has is left out.
    kept = (column for column in COLUMNS[name] if column not in _GROUP[:1])
    if brief:
        kept = (column for column in kept if not column.wide or column.kind == "rate")
    columns = [column for column in kept if not column.wide or any(column.get(row) is not None for row in those)]
    return Table(
        f"{name}-{by.split()[0]}",
        tr(_CAPTIONS[by]),
        [tr(column.head) for column in columns],
        [column.kind in _NUMBERS for column in columns],
        [[_shown(column, row, counts=brief) for column in columns] for row in those],
    )


# --- what people read


def _as_of(doc: Doc) -> str:
    return tr(N_("{month}, as of {at}")).format(month=doc["month"], at=render.moment(doc["at"]))


def lines(name: str, doc: Doc, tabs: bool = False) -> Iterator[str]:
    """The report as text; ``tabs``: they part its columns, which are not to be guessed down a pipe."""
    yield _as_of(doc)
    yield from _HEADS.get(name, _no_head)(doc)
    columns = [column for column in COLUMNS[name] if not column.wide]
    found = rows(name, doc)
    if any(one.get("orders", 1) for one in found):
        # What happened once at a place is chance: people read of what came again, sheets hold all that is listed.
        table = [[_shown(column, row) for column in columns] for row in found if not _once(row)]
        heads = [tr(column.head) for column in columns]
        if tabs:
            yield from ("\t".join(line) for line in (heads, *table))
        else:
            yield from _drawn(heads, [column.kind in _NUMBERS for column in columns], table)
    else:
        yield tr(N_("Nothing to count."))
    if name == "faults":
        yield from _proposed(doc)


def _once(row: Doc) -> bool:
    return "place" in row and row.get("orders") == 1


def _shown(column: Column, row: Doc, *, counts: bool = False) -> str:
    value = column.get(row)
    if value is None:
        return UNKNOWN
    if column.kind == "rate":
        part, whole = value
        return f"{percent(part, whole)} ({part}/{whole})" if counts and whole else percent(part, whole)
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
    if doc["as_found"]:
        yield tr(N_("kept as they were found, in no figure: {count}")).format(count=doc["as_found"])
    for label, name, good, bad in _MONTH_RATES:
        part, whole = _of(name, good, bad)(doc)
        yield _against(tr(label), part, whole, doc["targets"][_RATES[name]])
    part, whole = _of("recheck", "done", "left")(doc)
    yield tr(N_("looked at again after the repair: {part} of {whole}")).format(part=part, whole=whole)
    yield from _quotas(doc)


_MONTH_RATES = (
    (N_("on time"), "on_time", "met", "missed"),
    (N_("satisfied"), "satisfaction", "satisfied", "below"),
    (N_("first-time fix"), "first_time_fix", "fixed", "reworked"),
    (N_("complete records"), "complete", "whole", "lacking"),
)
_RATES = {"on_time": "on_time_rate", "satisfaction": "satisfaction_rate", "first_time_fix": "first_time_fix_rate",
          "complete": "complete_rate"}  # fmt: skip


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
    against = tr(words[reached]).format(target=f"{hundredths:f} %")
    return tr(N_("{told}, {against}")).format(told=told, against=against)


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
    remarks = doc["remarks"]
    yield _against(tr(N_("remarks settled")), remarks["settled"], remarks["made"], doc["targets"]["remarks_rate"])
    if doc["opinion_missing"]:
        yield tr(N_("The supervisor has not written an opinion yet (callback opinion)."))
    for one in doc["opinions"]:
        late = render.aside(tr("late")) if one["late"] else ""
        template = N_("Opinion of {who}, {at}{late}: {text}")
        who, at = one["name"] or one["by"], render.moment(one["at"])
        yield tr(template).format(who=who, at=at, late=late, text=one["text"])


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
        yield tr(_LOOK)
    for told in _proposals(doc):
        yield "  " + told


_LOOK = N_("To be looked at first:")


def _proposals(doc: Doc) -> Iterator[str]:
    templates = {
        "again": N_("{place}, {category}: {orders} times in the month, {before} times in the time before; {cost} yuan"),
        "often": N_("{category}: nothing came again at one place; reported most, {orders} times; {cost} yuan"),
    }
    for one in doc["proposals"]:
        named = {name: one[name] for name in ("place", "orders", "before", "cost")}
        yield tr(templates[one["why"]]).format(category=_fault(one), **named)


# --- the orders behind a figure


def behind(doc: Doc, tabs: bool = False) -> Iterator[str]:
    """The numbers behind a figure, one a line: a column that nothing parts."""
    yield from doc["orders_behind"]
    if not doc["orders_behind"]:
        yield tr(N_("No order is behind {figure}.")).format(figure=doc["figure"])
