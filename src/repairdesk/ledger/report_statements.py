"""The statements of the reports over the tables of the ledger, declared; parameters are named (RPT-1 to RPT-5).

Each report is one statement that counts in SQL and answers with a row for each group. What a figure counts is declared
once, as a condition: the same condition lists the orders behind it. Every report but ``calls`` is of the orders that
were reported from ``since`` until before ``before``; clocks and what was finished go by ``at``, the time asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import (
    Boolean,
    Integer,
    Text,
    and_,
    bindparam,
    case,
    exists,
    false,
    func,
    literal_column,
    not_,
    null,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.sql import ClauseElement, ColumnElement, Select

from repairdesk.domain.rates import UNKNOWN
from repairdesk.ledger import dialects, schema
from repairdesk.ledger.statements import bodies, entries, obligations, orders, places, rules, said

Conditions = dict[str, ColumnElement[bool]]
_NONE: ColumnElement[int] = literal_column("0")

_since: ColumnElement[Any] = bindparam("since")
_before: ColumnElement[Any] = bindparam("before")
_at: ColumnElement[Any] = bindparam("at", type_=Text)
_of: ColumnElement[Any] = bindparam("of", type_=Text)
_by: ColumnElement[Any] = bindparam("by", type_=Text)
_tracked = orders.alias("tracked")
_later = orders.alias("later")
_earlier = orders.alias("earlier")
_o = orders.c


def _text(value: str) -> ColumnElement[str]:
    """A text that stands in the statement: partial indexes are found by it."""
    return literal_column(f"'{value}'")


def _repair(kind: ColumnElement[Any]) -> ColumnElement[bool]:
    return or_(kind == _text("in_home"), kind == _text("public_area"))


# What an order became may stand on its coordination order: when it was finished, how that was rated (COO-5).
_base = orders.outerjoin(_tracked, _tracked.c.number == _o.coordination)
# What was kept as it was found is in no figure but its own.
_judged_here = _o.as_found == 0
_month_of = and_(_o.reported_at >= _since, _o.reported_at < _before, _o.converted_from.is_(None))
_reported = and_(_month_of, _judged_here)
_finished_at = func.coalesce(_o.finished_at, _tracked.c.finished_at)
_rating = func.coalesce(_o.rating, _tracked.c.rating)
_finished = _finished_at <= _at
_repaired = and_(_repair(_o.kind), _finished)
# It followed the order, or what became of it, after the work was finished, and was not called off: however many and
# whoever did them, they count once (FIN-4).
_reworked = (
    exists(literal_column("1"))
    .where(
        or_(_later.c.follows == _o.number, _later.c.follows == _o.coordination),
        _later.c.reported_at >= _finished_at,
        _later.c.reported_at <= _at,
        _later.c.state != _text("cancelled"),
        _later.c.state != _text("declined"),
        _repair(_later.c.kind),
    )
    .correlate(orders, _tracked)
)


def _verdicts(due: Any, met: Any, void: Any, paused: Any) -> Conditions:
    """How a clock stands at the time asked, as ``Obligation.state`` has it; ``open`` ones may stand still."""
    running = and_(or_(met.is_(None), met > _at), or_(void.is_(None), void > _at))
    return {
        "met": and_(met <= _at, met <= due),
        "missed": or_(
            and_(met <= _at, met > due), and_(void <= _at, void > due), and_(running, paused == 0, due < _at)
        ),
        "open": and_(running, or_(paused == 1, due >= _at)),
        "void": and_(void <= _at, void <= due),
    }


_resolve = _verdicts(_o.resolve_due_at, _o.resolve_met_at, _o.resolve_void_at, _o.resolve_paused)
_ON_TIME: Conditions = {f"on_time.{name}": _resolve[name] for name in ("met", "missed", "open")}
_good = or_(_rating == _text("very-satisfied"), _rating == _text("satisfied"))
_SATISFACTION: Conditions = {
    "satisfaction.satisfied": _good,
    "satisfaction.below": and_(_rating.is_not(None), not_(_good)),
}
_ALL: Conditions = {"orders": _o.number.is_not(None), "finished": _finished}
_FIX: Conditions = {
    "first_time_fix.fixed": and_(_repaired, not_(_reworked)),
    "first_time_fix.reworked": and_(_repaired, _reworked),
}


# Of an order that was coordinated the coordination order tells the rest (COO-5).
_lacks = _o.lacks + func.coalesce(_tracked.c.lacks, 0)
# Whether what was finished in another system was looked at again there, and what was ticked, nobody knows.
_finished_here = _o.finished_there == 0
_rechecked = func.coalesce(_o.rechecked_at, _tracked.c.rechecked_at) <= _at
_KEPT: Conditions = {
    "complete.whole": and_(_repaired, _lacks == 0),
    "complete.lacking": and_(_repaired, _lacks > 0),
    "recheck.done": and_(_repaired, _rechecked),
    "recheck.left": and_(_repaired, _finished_here, not_(func.coalesce(_rechecked, false()))),
}


def _counted(figures: Mapping[str, ColumnElement[bool]]) -> list[ColumnElement[int]]:
    return [func.count().filter(condition).label(name) for name, condition in figures.items()]


# --- month

# ``fixed`` is what was repaired less what was reworked: the look for what follows is made once for each order.
_MONTH: Conditions = {
    **_ALL, **_ON_TIME, **_SATISFACTION,
    "repaired": _repaired, "first_time_fix.reworked": _FIX["first_time_fix.reworked"],
    **{name: _KEPT[name] for name in ("complete.lacking", "recheck.done", "recheck.left")},
}  # fmt: skip
_month = (
    select(_o.kind, _o.category, _o.worker, *_counted(_MONTH))
    .select_from(_base)
    .where(_reported)
    .group_by(_o.kind, _o.category, _o.worker)
)

# --- staff

_lists = dialects.each(bodies.c.body, "rules", "checklists", name="lists", keys=True)
# Which points a version of the policies asks for (VIS-3); a version that stands under two digests has one content.
_wanted = (
    select(
        rules.c.version.label("version"),
        _lists.c.key.label("kind"),
        func.max(dialects.how_many(_lists.c.value)).label("points"),
    )
    .select_from(rules.join(bodies, bodies.c.seq == rules.c.seq).join(_lists, true()))
    .where(rules.c.kind == _text("policies"))
    .group_by(rules.c.version, _lists.c.key)
    .cte("wanted")
)
_lacking = dialects.greater(func.coalesce(_wanted.c.points, 0) - _o.ticked, _NONE) * (1 - _o.finished_there)
_with_lists = _base.outerjoin(_wanted, and_(_wanted.c.version == _o.policies_version, _wanted.c.kind == _o.kind))
_RATED: Conditions = {
    f"ratings.{name}": _rating == _text(name) for name in ("very-satisfied", "satisfied", "fair", "dissatisfied")
}
_WORKED: Conditions = {
    "jobs": _finished, "repaired": _repaired, "first_time_fix.reworked": _FIX["first_time_fix.reworked"],
    **_ON_TIME, **_RATED,
}  # fmt: skip
_worked = and_(_reported, _o.worker.is_not(None))
_visits = dialects.each(_o.doc, "visits", name="visits")
_visit = {
    name: dialects.in_document(_visits.c.value, name, as_=as_)
    for name, as_ in {
        "technician": Text,
        "started_at": Text,
        "ended_at": Text,
        "late_seconds": Integer,
        "late_apart": Boolean,
    }.items()
}
_over = _visit["ended_at"] <= _at
_VISITED: Conditions = {
    "late.below": and_(_over, _visit["late_seconds"] > 0, _visit["late_apart"] == 0),
    "late.apart": and_(_over, _visit["late_apart"] == 1),
}


_seconds = func.coalesce(dialects.epoch(_visit["ended_at"]) - dialects.epoch(_visit["started_at"]), 0)
_staff = union_all(
    select(
        _o.worker.label("technician"),
        *_counted(_WORKED),
        func.coalesce(func.sum(_lacking).filter(_finished), 0).label("checklist_missed"),
        *(_NONE.label(name) for name in ("visits", "seconds", "late_seconds", *_VISITED)),
    )
    .select_from(_with_lists)
    .where(_worked)
    .group_by(_o.worker),
    # Several may have been there: the time and the lateness of a visit are of who made it.
    select(
        _visit["technician"],
        *(_NONE for _ in (*_WORKED, "checklist_missed")),
        func.count().filter(_over),
        func.coalesce(func.sum(_seconds).filter(_over), 0),
        func.coalesce(func.sum(_visit["late_seconds"]).filter(_over), 0),
        *(func.count().filter(condition) for condition in _VISITED.values()),
    )
    .select_from(orders.join(_visits, true()))
    .where(_reported)
    .group_by(_visit["technician"]),
)


def _by_visit(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """Orders with such a visit, by that technician where one is named."""
    return (
        exists(literal_column("1"))
        .select_from(_visits)
        .where(condition, or_(_of.is_(None), _visit["technician"] == _of))
        .correlate(orders)
    )


# --- faults

_top = bindparam("top", type_=Integer)
_spot_asked = bindparam("spot", type_=Text)
_placed = and_(_o.category.is_not(None), _o.place.is_not(None))


def _where(column: ColumnElement[Any], is_: ColumnElement[Any], stands_for: ColumnElement[Any]) -> ColumnElement[Any]:
    return select(column).where(is_ == stands_for).correlate_except(places).scalar_subquery()


# Of what was purged the place itself, for as long as anything that is kept names it: one spot stays one (RET-3).
_real = _where(places.c.place, places.c.stand_in, _o.place)
_spot = func.coalesce(_real, _o.place)
_spots = (
    select(
        _o.category, _spot.label("place"),
        func.count().label("orders"),
        func.coalesce(func.sum(_o.total), 0).label("cost"),
        func.sum(_o.handling_seconds).label("seconds"),
    )
    .where(_reported, _repair(_o.kind))
    .group_by(_o.category, _spot)
    .cte("spots")
)  # fmt: skip
_before_it = and_(
    _o.reported_at >= bindparam("look_back"), _o.reported_at < _since, _o.converted_from.is_(None), _repair(_o.kind),
    _judged_here,
)  # fmt: skip
# Once for all of them: what came most often may have come before, and only once in the month (RPT-4).
_past = (
    select(_o.category, _spot.label("place"), func.count().label("orders"))
    .where(_before_it, _placed)
    .group_by(_o.category, _spot)
    .cte("past")
)
_s = _spots.c
# The first of a place and a category is no repeat, each further one is; what is of no category repeats nothing (REC-6).
_again = case((and_(_s.category.is_not(None), _s.place.is_not(None)), _s.orders - 1), else_=0)


def _added_up(key: str) -> Select[Any]:
    """The spots, added up by this key, those with most first; ``rank`` counts from 1."""
    sums = {name: func.sum(_s[name]) for name in ("orders", "cost", "seconds")} | {"repeats": func.sum(_again)}
    order = [sums["orders"].desc(), sums["repeats"].desc(), sums["cost"].desc(), sums["seconds"].desc(), _s[key]]
    ranked = (
        select(
            _text(key).label("by"),
            *((_s[name] if name == key else null()).label(name) for name in ("category", "place")),
            *(value.label(name) for name, value in sums.items()),
            func.row_number().over(order_by=order).label("rank"),
        )
        .group_by(_s[key])
        .subquery(key)
    )
    within = true() if key == "category" else ranked.c.rank <= _top
    return select(*ranked.c, _NONE.label("before"), _NONE.label("again")).where(within)


def _spotted() -> Select[Any]:
    """The spots with most orders, and those where the same came most often, in the month or before it (``again``)."""
    before = func.coalesce(_past.c.orders, 0)
    often = (_again + before).desc()
    keys = (_s.category, _s.place)
    ranked = (
        select(
            _text("spot").label("by"),
            *(_s[name] for name in ("category", "place", "orders", "cost", "seconds")),
            _again.label("repeats"),
            func.row_number()
            .over(order_by=[_s.orders.desc(), often, _s.cost.desc(), _s.seconds.desc(), *keys])
            .label("rank"),
            before.label("before"),
            func.row_number().over(order_by=[often, _s.orders.desc(), _s.seconds.desc(), *keys]).label("again"),
        )
        .select_from(_spots.outerjoin(_past, and_(_past.c.category == _s.category, _past.c.place == _s.place)))
        .subquery("spot")
    )
    return select(*ranked.c).where(or_(ranked.c.rank <= _top, ranked.c.again <= bindparam("proposed", type_=Integer)))


_faults = union_all(_added_up("category"), _added_up("place"), _spotted()).order_by(
    literal_column("1"), literal_column("rank")
)

# --- complaints, help

_o_answer = obligations.alias("answer")
_answer = _verdicts(*(_o_answer.c[name] for name in ("due_at", "met_at", "void_at", "paused")))
_ANSWERED: Conditions = {f"answered.{name}": _answer[name] for name in ("met", "missed", "open")}
_COMPLAINTS: Conditions = {
    **_ALL, "anonymous": _o.anonymous == 1, **_ANSWERED, **_ON_TIME, **_SATISFACTION,
}  # fmt: skip
_HELP: Conditions = {**_ALL, "advised": _o.state == _text("advised"), **_ANSWERED}


def _answered_by(clock: str) -> Any:
    """The orders with the first clock of that name."""
    mine = and_(_o_answer.c.number == _o.number, _o_answer.c.name == _text(clock), _o_answer.c.cycle == 1)
    return _base.outerjoin(_o_answer, mine)


_of_kind = {kind: and_(_reported, _o.kind == _text(kind)) for kind in ("complaint", "help")}
_complaints = (
    select(_o.severity, _o.department, *_counted(_COMPLAINTS))
    .select_from(_answered_by("respond"))
    .where(_of_kind["complaint"])
    .group_by(_o.severity, _o.department)
)
_help = (
    select(_o.help_class, *_counted(_HELP))
    .select_from(_answered_by("answer"))
    .where(_of_kind["help"])
    .group_by(_o.help_class)
)

# --- clocks

_d = obligations.c
_clock = _verdicts(_d.due_at, _d.met_at, _d.void_at, _d.paused)
# The sign lets SQLite begin with the orders of the month alone, whatever it believes of the clocks.
_owed = orders.join(obligations, _d.number == dialects.apart(_o.number))
# Also what is owed on coordination orders; what was opened later than the time asked was not owed then.
_reported_all = and_(_o.reported_at >= _since, _o.reported_at < _before, _judged_here)
_owed_then = and_(_reported_all, _d.starts_at <= _at)
_ended = dialects.lesser(func.coalesce(_d.met_at, _d.void_at, _at), _at)
_judged = (
    select(
        _d.name.label("name"),
        case(*((condition, _text(name)) for name, condition in _clock.items())).label("verdict"),
        case((_clock["missed"], dialects.epoch(_ended) - dialects.epoch(_d.due_at))).label("late"),
        func.count().label("n"),
    )
    .select_from(_owed)
    .where(_owed_then)
    .group_by(literal_column("1"), literal_column("2"), literal_column("3"))
    .cte("judged")
)
_j = _judged.c
# So many clocks of a name were missed by as much or less, and so many in all: what was kept in time has no lateness.
_same = (_j.name, _j.verdict)
_in_line = select(
    *_j,
    func.sum(_j.n).over(partition_by=_same, order_by=_j.late, rows=(None, 0)).label("upto"),
    func.sum(_j.n).over(partition_by=_same).label("line"),
).cte("in_line")
_l = _in_line.c
_under = _l.upto - _l.n
# In the middle of a line of five is the third, of a line of six the third and the fourth: each counts half.
_middle = case((and_(2 * _l.upto >= _l.line, 2 * _under < _l.line), 1), else_=0) + case(
    (and_(2 * _l.upto > _l.line, 2 * _under <= _l.line), 1), else_=0
)
_clocks = (
    select(
        _l.name,
        *(func.coalesce(func.sum(_l.n).filter(_l.verdict == _text(name)), 0).label(name) for name in _clock),
        dialects.half(func.sum(_l.late * _middle)).label("median_late_seconds"),
        func.max(_l.late).label("worst_late_seconds"),
    )
    .group_by(_l.name)
    .order_by(_l.name)
)

# --- the month as a page: twelve months side by side, the hours of the reports, what is overdue

_months = dialects.each(bindparam("months"), name="months")
_span = {name: dialects.in_document(_months.c.value, name) for name in ("month", "since", "before")}
# The months of a desk begin at its own midnight: what bounds each comes as a parameter, and the index finds it.
_within = and_(
    _o.reported_at >= _span["since"], _o.reported_at < _span["before"], _o.converted_from.is_(None), _judged_here
)
_trend = (
    select(_span["month"].label("month"), *_counted(_MONTH))
    .select_from(_months.join(orders, _within).outerjoin(_tracked, _tracked.c.number == _o.coordination))
    .group_by(literal_column("1"))
)
# Every zone is whole quarters of an hour away from UTC: which hour of which day a quarter is there, the desk knows.
_quarter = (dialects.epoch(_o.reported_at).op("/")(literal_column("900"))).label("quarter")
_hours = select(_quarter, func.count().label("orders")).where(_reported).group_by(literal_column("1"))
_unresolved = and_(*(or_(ended.is_(None), ended > _at) for ended in (_o.resolve_met_at, _o.resolve_void_at)))
_overdue = (
    select(
        _o.number, _o.place, _o.kind, _o.category, _o.state, _o.assignee,
        _o.resolve_due_at.label("due_at"),
        func.count().over().label("orders"),
    )
    .where(_reported, _unresolved, _resolve["missed"])
    .order_by(_o.resolve_due_at, _o.number)
    .limit(_top)
)  # fmt: skip

# --- callbacks: the calls that were made in the month

_said = {name: dialects.in_document(said(), name) for name in ("outcome", "method")}
_called = entries.outerjoin(bodies, bodies.c.seq == entries.c.seq)
_in_month = and_(
    literal_column(schema.CALLS), entries.c.occurred_at >= _since, entries.c.occurred_at < _before
)  # fmt: skip
# A remark is settled by a later call that leaves nothing open, by a letter, by the manager or whoever says how (CAL-7),
# or by work that followed and satisfied.
_next = dialects.in_document(said(), "next")
_remarked = or_(
    _said["outcome"] == _text("dissatisfied"), and_(_said["outcome"] == _text("satisfied"), _next.is_not(None))
)
_after = entries.alias("after")
_after_body = bodies.alias("after_body")
_then = {
    name: dialects.in_document(said(_after, _after_body), name) for name in ("outcome", "next", "letter")
}  # fmt: skip
_answered_later = (
    exists(literal_column("1"))
    .select_from(_after.outerjoin(_after_body, _after_body.c.seq == _after.c.seq))
    .where(
        _after.c.number == entries.c.number,
        _after.c.version > entries.c.version,
        _after.c.occurred_at <= _at,
        or_(
            _after.c.event == _text("settle"),
            _after.c.event == _text("settle-remark"),
            and_(
                _after.c.event == _text("callback"),
                or_(
                    _then["letter"].is_not(None),
                    and_(_then["outcome"] == _text("satisfied"), _then["next"].is_(None)),
                ),
            ),
        ),
    )
    .correlate(entries)
)
_mended = (
    exists(literal_column("1"))
    .where(
        _later.c.follows == entries.c.number,
        _later.c.reported_at >= entries.c.occurred_at,
        _later.c.finished_at <= _at,
        or_(_later.c.rating == _text("very-satisfied"), _later.c.rating == _text("satisfied")),
    )
    .correlate(entries)
)
_settled = or_(_answered_later, _mended)
_REMARKS: Conditions = {
    "remarks.made": _remarked,
    "remarks.settled": and_(_remarked, _settled),
    "remarks.open": and_(_remarked, not_(_settled)),
}
_calls = (
    select(
        _said["outcome"].label("outcome"),
        _said["method"].label("method"),
        entries.c.actor,
        func.count().label("calls"),
        *_counted({name: _REMARKS[name] for name in ("remarks.made", "remarks.settled")}),
    )
    .select_from(_called)
    .where(_in_month)
    .group_by(_said["outcome"], _said["method"], entries.c.actor)
)
REPORTS: dict[str, ClauseElement] = {
    "month": _month,
    "staff": _staff,
    "faults": _faults,
    "complaints": _complaints,
    "help": _help,
    "clocks": _clocks,
    "calls": _calls,
    "trend": _trend,
    "hours": _hours,
    "overdue": _overdue,
    "as_found": select(func.count().label("as_found")).select_from(orders).where(_month_of, _o.as_found == 1),
}
"""The counts, by report."""


def _behind(source: Any, where: ColumnElement[bool], number: Any = None) -> Select[Any]:
    column = _o.number if number is None else number
    # The plus keeps SQLite from going through every order by its number, only to have them in their order.
    return select(column).select_from(source).where(where).order_by(dialects.apart(column))


def _named(**columns: Any) -> ColumnElement[bool]:
    """One of these is the group that was named, or that one of them which ``by`` says; none was named: all."""
    return or_(_of.is_(None), *(and_(_is(column), or_(_by.is_(None), _by == name)) for name, column in columns.items()))


def _is(column: Any, value: ColumnElement[Any] = _of) -> ColumnElement[bool]:
    """What has no value stands in the reports as a dash, and is asked for by it."""
    return func.coalesce(column, _text(UNKNOWN)) == value


def _lists_of(source: Any, where: ColumnElement[bool], figures: Conditions, **columns: Any) -> dict[str, ClauseElement]:
    return {name: _behind(source, and_(where, condition, _named(**columns))) for name, condition in figures.items()}


_groups = {"kind": _o.kind, "category": _o.category, "technician": _o.worker}
_jobs: Conditions = {name: condition for name, condition in _WORKED.items() if name not in ("repaired",)}
_same_spot = and_(
    _earlier.c.place.in_((_o.place, _real, _where(places.c.stand_in, places.c.place, _o.place))),
    _earlier.c.category == _o.category, _earlier.c.converted_from.is_(None),
    _repair(_earlier.c.kind), _earlier.c.as_found == 0,
)  # fmt: skip
_first_of_all = or_(
    _earlier.c.reported_at < _o.reported_at,
    and_(_earlier.c.reported_at == _o.reported_at, _earlier.c.number < _o.number),
)
_spotted_again = (
    exists(literal_column("1")).where(_same_spot, _earlier.c.reported_at >= _since, _first_of_all).correlate(orders)
)
_FAULTS: Conditions = {"orders": _ALL["orders"], "paid": _o.total > 0, "repeats": _spotted_again}
# What came before is before something of the month.
_then_again = (
    exists(literal_column("1"))
    .where(_same_spot, _earlier.c.reported_at >= _since, _earlier.c.reported_at < _before)
    .correlate(orders)
)
_at_spot = and_(_named(category=_o.category, place=_spot), or_(_spot_asked.is_(None), _is(_spot, _spot_asked)))
_methods = {name: _said["method"] == _text(name) for name in ("phone", "visit", "letter")}
_outcomes = {name: _said["outcome"] == _text(name) for name in ("satisfied", "dissatisfied", "unreached")}
_SPOKEN: Conditions = {
    "calls": _said["method"].is_not(None),
    **{f"outcomes.{name}": one for name, one in _outcomes.items()},
    **{f"methods.{name}": one for name, one in _methods.items()},
    **_REMARKS, **_outcomes, **_methods,
}  # fmt: skip

BEHIND: dict[str, dict[str, ClauseElement]] = {
    "month": {
        **_lists_of(_base, _reported, {**_ALL, **_ON_TIME, **_SATISFACTION, **_FIX, **_KEPT}, **_groups),
        **_lists_of(orders, _month_of, {"as_found": _o.as_found == 1}, **_groups),
    },
    "staff": {
        **_lists_of(
            _base, _worked, {**_jobs, "first_time_fix.fixed": _FIX["first_time_fix.fixed"]}, technician=_o.worker
        ),
        **_lists_of(_with_lists, _worked, {"checklist_missed": and_(_finished, _lacking > 0)}, technician=_o.worker),
        **{
            name: _behind(orders, and_(_reported, _by_visit(condition)))
            for name, condition in {"visits": _over, **_VISITED}.items()
        },
    },
    "faults": {
        **{
            name: _behind(orders, and_(_reported, _repair(_o.kind), condition, _at_spot))
            for name, condition in _FAULTS.items()
        },
        "before": _behind(orders, and_(_before_it, _placed, _then_again, _at_spot)),
    },
    "complaints": _lists_of(
        _answered_by("respond"), _of_kind["complaint"], _COMPLAINTS, severity=_o.severity, department=_o.department
    ),
    "help": _lists_of(_answered_by("answer"), _of_kind["help"], _HELP, **{"class": _o.help_class}),
    "clocks": {
        name: _behind(
            orders,
            and_(
                _reported_all,
                exists(literal_column("1"))
                .where(
                    _d.number == _o.number, _d.starts_at <= _at, condition, or_(_of.is_(None), _is(_d.name), _is(_d.id))
                )
                .correlate(orders),
            ),
        )
        for name, condition in _clock.items()
    },
    "callbacks": {
        name: _behind(_called, and_(_in_month, one, _named(caller=entries.c.actor)), entries.c.number).distinct()
        for name, one in _SPOKEN.items()
    },
}
"""The numbers of the orders behind each figure of a report; ``of`` narrows them to one of its groups, ``by`` says what
it is a group of, and ``spot`` names a place beside a class of fault; each may be null."""
