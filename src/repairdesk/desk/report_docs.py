"""The documents of the reports, from what the ledger counted (RPT-1 to RPT-5).

The ledger answers with a row for each group; what is added up and divided here are groups, never orders. Every rate
stands beside its counts, and is null where there is nothing to count.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from repairdesk.desk.turn import Turn
from repairdesk.domain import finance
from repairdesk.domain.counting import counted
from repairdesk.domain.money import yuan
from repairdesk.domain.rates import Rate

Doc = dict[str, Any]
Row = Mapping[str, Any]
Asked = Mapping[str, Any]
PROPOSED = 3
"""So many places are proposed to preventive maintenance."""
_RATINGS = ("very-satisfied", "satisfied", "fair", "dissatisfied")


def month(turn: Turn, asked: Asked) -> Doc:
    """The month at a glance: its rates against their targets, and by kind, category and technician (RPT-1, RPT-2)."""
    rows = turn.ledger.report("month", asked)
    names = _names(turn)
    calls = callback_quotas(turn, asked)
    by_technician = [{**one, "name": names.get(one["technician"])} for one in _by(rows, "worker", "technician")]
    return {
        **figures(rows),
        "as_found": turn.ledger.report("as_found", asked)[0]["as_found"],
        "callback": calls,
        "targets": _targets(turn),
        "by_kind": _by(rows, "kind"),
        "by_category": [{**one, "name": class_name(turn, one["category"])} for one in _by(rows, "category")],
        "by_technician": by_technician,
    }


def _targets(turn: Turn) -> Doc:
    """What the rates are held against, as numbers like theirs."""
    said = turn.rules.policies.targets
    named = {"on_time_rate": said.on_time, "satisfaction_rate": said.satisfaction,
             "first_time_fix_rate": said.first_time_fix, "complete_rate": said.complete}  # fmt: skip
    strata = turn.rules.policies.callbacks.strata
    callback = {name: float(stratum.rate) for name, stratum in strata.items()}
    return {**{name: float(text) if text is not None else None for name, text in named.items()}, "callback": callback}


def figures(rows: Iterable[Row]) -> Doc:
    """The figures of a month or of one of its groups: counts, and the rates that they make."""
    sums = _summed(rows)
    fixed = sums["repaired"] - sums["first_time_fix.reworked"]
    whole = sums["repaired"] - sums["complete.lacking"]
    doc = {
        "orders": sums["orders"],
        "finished": sums["finished"],
        **_on_time(sums),
        "satisfaction": _nested(sums, "satisfaction"),
        "first_time_fix": {"fixed": fixed, "reworked": sums["first_time_fix.reworked"]},
        "complete": {"whole": whole, "lacking": sums["complete.lacking"]},
        "recheck": {"done": sums["recheck.done"], "left": sums["recheck.left"]},
    }
    return {
        **doc,
        "satisfaction_rate": _rate(sums, "satisfaction.satisfied", "satisfaction.below"),
        "first_time_fix_rate": Rate(fixed, sums["repaired"]).number,
        "complete_rate": Rate(whole, sums["repaired"]).number,
    }


def _on_time(sums: Row) -> Doc:
    return {"on_time": _nested(sums, "on_time"), "on_time_rate": _rate(sums, "on_time.met", "on_time.missed")}


def _by(rows: Sequence[Row], column: str, name: str = "") -> list[Doc]:
    """The same figures for each value of a column, those with most orders first; what has no value comes last."""
    groups: dict[str | None, list[Row]] = {}
    for row in rows:
        groups.setdefault(row[column], []).append(row)
    made = [{name or column: value, **figures(those)} for value, those in groups.items()]
    return sorted(made, key=lambda one: _order(one, name or column))


def _order(one: Doc, key: str) -> tuple[bool, int, list[str | int]]:
    many: int = one["jobs"] if "jobs" in one else one["orders"]
    return one[key] is None, -many, counted(one[key] or "")


def staff(turn: Turn, asked: Asked) -> Doc:
    """The technicians: jobs, time at work to the second, lateness, rework, ratings, what was not ticked (RPT-5)."""
    names = _names(turn)
    groups: dict[str, list[Row]] = {}
    for row in turn.ledger.report("staff", asked):
        groups.setdefault(row["technician"], []).append(row)
    made = [_technician(who, names.get(who), _summed(rows)) for who, rows in groups.items()]
    return {"technicians": sorted(made, key=lambda one: _order(one, "staff"))}


def _technician(who: str, name: str | None, sums: Row) -> Doc:
    fixed = sums["repaired"] - sums["first_time_fix.reworked"]
    ratings = _nested(sums, "ratings")
    good = ratings["very-satisfied"] + ratings["satisfied"]
    return {
        "staff": who,
        "name": name,
        "jobs": sums["jobs"],
        "visits": sums["visits"],
        "handling_seconds": sums["seconds"],
        "late": _nested(sums, "late"),
        "late_seconds": sums["late_seconds"],
        **_on_time(sums),
        "first_time_fix": {"fixed": fixed, "reworked": sums["first_time_fix.reworked"]},
        "first_time_fix_rate": Rate(fixed, sums["repaired"]).number,
        "ratings": ratings,
        "satisfaction_rate": Rate(good, sum(ratings.values())).number,
        "checklist_missed": sums["checklist_missed"],
    }


def faults(turn: Turn, asked: Asked) -> Doc:
    """What fails where, how often, and what it costs; and what to look at first (RPT-4)."""
    rows = turn.ledger.report("faults", asked)
    parts = {name: [row for row in rows if row["by"] == name] for name in ("category", "place", "spot")}
    whole = sum(row["orders"] for row in parts["category"])
    for row in rows:
        row["category_name"] = class_name(turn, row["category"])
    categories = _pareto(parts["category"], whole, ("category", "category_name"))
    spots = _pareto(parts["spot"], whole, ("category", "category_name", "place"))
    return {
        "orders": whole,
        "cost": yuan(sum(row["cost"] for row in parts["category"])),
        "handling_seconds": sum(row["seconds"] for row in parts["category"]),
        "repeats": sum(row["repeats"] for row in parts["category"]),
        "categories": categories,
        "places": _pareto(parts["place"], whole, ("place",)),
        # Behind those with most orders stand those where the same came most often, which need not be among them.
        "spots": spots[: asked["top"]],
        "proposals": _proposals(categories, spots),
    }


def _pareto(rows: Iterable[Row], whole: int, keys: Sequence[str]) -> list[Doc]:
    """What happened most often first, with its share, and the share of all down to it."""
    made, so_far = [], 0
    for row in sorted(rows, key=lambda row: row["rank"]):
        so_far += row["orders"]
        earlier = {"before": row["before"]} if len(keys) > 2 else {}
        made.append({
            **{key: row[key] for key in keys},
            "orders": row["orders"],
            "share": Rate(row["orders"], whole).number,
            "cumulated": so_far,
            "cumulated_share": Rate(so_far, whole).number,
            "cost": yuan(row["cost"]),
            "handling_seconds": row["seconds"],
            "repeats": row["repeats"],
            **earlier,
        })  # fmt: skip
    return made


def _proposals(categories: Iterable[Doc], spots: Iterable[Doc]) -> list[Doc]:
    """Where the same thing failed again, in the month or after the time before it: most often first (``again``).

    One fault of a place is chance; a second one says that the first repair, or the thing itself, does not last. Where
    nothing came again it is the class of fault that was reported most (``often``), if that is more than chance.
    """
    again = [one for one in spots if one["category"] and one["place"] and one["repeats"] + one["before"] > 0]
    again.sort(key=lambda one: (-(one["repeats"] + one["before"]), -one["orders"], -one["handling_seconds"]))
    kept = "category category_name place orders repeats before cost handling_seconds".split()
    if again:
        return [{"why": "again", **{name: one[name] for name in kept}} for one in again[:PROPOSED]]
    often = [one for one in categories if one["category"] and one["orders"] > 1][:1]
    return [{"why": "often", **{name: one.get(name) for name in kept}} for one in often]


def callbacks(turn: Turn, asked: Asked) -> Doc:
    """The calls that were made in the month, by outcome and caller; the quotas of its archived orders; what residents
    remarked and how much of it is settled; the supervisor's opinion (CAL-7)."""
    rows = turn.ledger.report("calls", asked)
    names = _names(turn)
    callers: dict[str, list[Row]] = {}
    for row in rows:
        callers.setdefault(row["actor"], []).append(row)
    outcomes = ("satisfied", "dissatisfied", "unreached")
    sums = _summed(rows)
    remarks = {"made": sums["remarks.made"], "settled": sums["remarks.settled"]}
    target = turn.rules.policies.targets.remarks
    made = [
        {"staff": who, "name": names.get(who), "calls": sum(row["calls"] for row in those),
         "outcomes": _tally(those, "outcome", outcomes), "open_letters": _open_letters(those)}
        for who, those in callers.items()
    ]  # fmt: skip
    return {
        "calls": sum(row["calls"] for row in rows),
        "outcomes": _tally(rows, "outcome", outcomes),
        "methods": _tally(rows, "method", ("phone", "visit", "letter")),
        "open_letters": _open_letters(rows),
        "callers": sorted(made, key=lambda one: (-one["calls"], counted(one["staff"]))),
        "callback": callback_quotas(turn, asked),
        "remarks": {**remarks, "open": remarks["made"] - remarks["settled"]},
        "remarks_rate": Rate(remarks["settled"], remarks["made"]).number,
        "targets": {"remarks_rate": float(target) if target is not None else None},
        **_opinion(turn, asked["month"], sum(row["calls"] for row in rows)),
    }


def _open_letters(rows: Iterable[Row]) -> int:
    """Letters that answered many: nobody was asked, so they have no outcome (CAL-6)."""
    return sum(row["calls"] for row in rows if row["outcome"] is None)


def _opinion(turn: Turn, month: str, calls: int) -> Doc:
    """What the supervisor wrote of the month; ``opinion_missing``: it is over, there were calls, and nobody wrote."""
    from repairdesk.desk import opinions

    said = opinions.written(turn, month)
    over = month < finance.month_of(turn.at, turn.rules.zone)
    return {"opinions": said, "opinion_missing": over and calls > 0 and not said}


def _tally(rows: Iterable[Row], column: str, values: Sequence[str]) -> dict[str, int]:
    those = list(rows)
    return {value: sum(row["calls"] for row in those if row[column] == value) for value in values}


def callback_quotas(turn: Turn, asked: Asked) -> Doc:
    """Of each stratum: how many were to be called of the orders archived in the month, and how many of those that were
    drawn were reached (CAL-1, CAL-2)."""
    from repairdesk.desk.drawing import quotas

    return dict(quotas(turn, asked["month"]))


def complaints(turn: Turn, asked: Asked) -> Doc:
    """The complaints by severity and by department: how soon they were answered, how they ended, how many gave no
    name (RPT-3)."""
    rows = turn.ledger.report("complaints", asked)

    def told(those: Iterable[Row]) -> Doc:
        sums = _summed(those)
        return {
            **{name: sums[name] for name in ("orders", "finished", "anonymous")},
            **_answered(sums),
            **_on_time(sums),
            "satisfaction": _nested(sums, "satisfaction"),
            "satisfaction_rate": _rate(sums, "satisfaction.satisfied", "satisfaction.below"),
        }

    departments = turn.rules.policies.departments
    by_department = [
        {**one, "name": departments[one["department"]].name if one["department"] in departments else None}
        for one in _each(rows, "department", "department", told)
    ]
    return {**told(rows), "by_severity": _each(rows, "severity", "severity", told), "by_department": by_department}


def help_(turn: Turn, asked: Asked) -> Doc:
    """The help requests by class, and how many were answered within their time (RPT-3, SLA-1)."""
    rows = turn.ledger.report("help", asked)

    def told(those: Iterable[Row]) -> Doc:
        sums = _summed(those)
        return {**{name: sums[name] for name in ("orders", "finished", "advised")}, **_answered(sums)}

    return {**told(rows), "by_class": _each(rows, "help_class", "class", told)}


def _answered(sums: Row) -> Doc:
    rate = _rate(sums, "answered.met", "answered.missed")
    return {"answered": _nested(sums, "answered"), "answered_rate": rate}


def _each(rows: Iterable[Row], column: str, name: str, told: Callable[[Iterable[Row]], Doc]) -> list[Doc]:
    groups: dict[str | None, list[Row]] = {}
    for row in rows:
        groups.setdefault(row[column], []).append(row)
    made = [{name: value, **told(those)} for value, those in groups.items()]
    return sorted(made, key=lambda one: _order(one, name))


def clocks(turn: Turn, asked: Asked) -> Doc:
    """How every clock was kept: met, missed, still open, void; how late what was missed is (RPT-2)."""
    kept = "met missed open void".split()
    made = [
        {
            "name": row["name"],
            **{name: row[name] for name in kept},
            "rate": _rate(row, "met", "missed"),
            "median_late_seconds": row["median_late_seconds"],
            "worst_late_seconds": row["worst_late_seconds"],
        }
        for row in turn.ledger.report("clocks", asked)
    ]
    return {"clocks": made}


def _rate(sums: Row, good: str, bad: str) -> float | None:
    return Rate(sums[good], sums[good] + sums[bad]).number


def _summed(rows: Iterable[Row]) -> dict[str, int]:
    """The counts of several groups, added up; of none, 0 for whatever is asked."""
    sums = _Counts()
    for row in rows:
        for name, value in row.items():
            if isinstance(value, int):
                sums[name] += value
    return sums


class _Counts(dict[str, int]):
    def __missing__(self, name: str) -> int:
        return 0


_PARTS = {
    "on_time": ("met", "missed", "open"),
    "answered": ("met", "missed", "open"),
    "satisfaction": ("satisfied", "below"),
    "late": ("below", "apart"),
    "ratings": _RATINGS,
}


def _nested(sums: Row, name: str) -> dict[str, int]:
    return {part: sums[f"{name}.{part}"] for part in _PARTS[name]}


def class_name(turn: Turn, category: str | None) -> str | None:
    """What the policies call a class of fault; None: they do not have it."""
    known = turn.rules.policies.categories.get(category or "")
    return known.name if known else None


def _names(turn: Turn) -> dict[str, str]:
    return {doc["id"]: doc["name"] for doc in turn.ledger.staff()}


REPORTS: dict[str, Callable[[Turn, Asked], Doc]] = {
    "month": month,
    "staff": staff,
    "faults": faults,
    "callbacks": callbacks,
    "complaints": complaints,
    "help": help_,
    "clocks": clocks,
}
"""What can be asked for, besides the month for finance."""
