"""What several keys of a file must agree on: names that are used exist, windows do not collide, clocks can run.

These checks look at the texts as they were typed, so that they still find their mistakes in a file in which other
values are wrong. They pass over what the schema refuses anyway.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from itertools import islice
from typing import Any

from repairdesk.domain import vocabulary as words
from repairdesk.domain.fees import UNLISTED
from repairdesk.domain.policy import ANY
from repairdesk.errors import N_
from repairdesk.rules import units
from repairdesk.rules.problems import KEY, Mistake, Path

Data = dict[str, Any]
Found = tuple[Path, Mistake]
ALWAYS = "always"
"""The calendar that needs no declaration: day and night (SLA-2)."""


def policies(data: Data) -> Iterator[Found]:
    """What does not agree in ``policies.yaml``, each with the path of the key it is said of."""
    yield from _places(data)
    yield from _numbering(data)
    yield from _verbs(data)
    yield from _reductions(data)
    yield from _software(data)
    yield from _callbacks(data)
    yield from _copies(data)
    yield from _complaints(data)
    yield from _proposals(data)
    for name, calendar in _tables(data, "calendars"):
        yield from _calendar(name, calendar)
    for name, steps in _mapping(data, "ladders").items():
        yield from _ladder(name, steps)
    for key, obligation in _tables(data, "obligations"):
        yield from _clock(("obligations", key), obligation)
        yield from _period(("obligations", key), obligation)
        yield from _names(("obligations", key), obligation, data)
    yield from _month(data)


def fees(data: Data, categories: Collection[str] | None) -> Iterator[Found]:
    """What does not agree in ``fees.yaml``; ``categories`` are the policies' own, None when they are not at hand."""
    for part in ("services", "materials"):
        seen: dict[str, int] = {}
        for index, item in _rows(data, part):
            code = _read(units.code, item.get("code"))
            if code is not None and seen.setdefault(code, index) != index:
                yield (part, index, "code"), Mistake(N_("“{text}” is the code of {first} already"), text=code,
                                                     first=f"{part}[{seen[code]}]")  # fmt: skip
    for index, service in _rows(data, "services"):
        if service.get("code") == UNLISTED:
            yield ("services", index, "code"), Mistake(N_("“unlisted” is the code of work that is not on the table"))
        category, price = service.get("category"), service.get("price")
        if categories is not None and isinstance(category, str) and category not in categories:
            yield ("services", index, "category"), _no_category(category, categories)
        if isinstance(price, dict):
            low, high = (_read(units.amount, price.get(end)) for end in ("from", "to"))
            if low is not None and high is not None and low > high:
                yield ("services", index, "price"), Mistake(N_("the range ends below where it begins"))


def _mapping(data: object, key: str) -> Data:
    value = data.get(key) if isinstance(data, dict) else None
    return value if isinstance(value, dict) else {}


def _tables(data: Data, key: str) -> Iterator[tuple[str, Data]]:
    return ((name, value) for name, value in _mapping(data, key).items() if isinstance(value, dict))


def _rows(data: Data, key: str) -> Iterator[tuple[int, Data]]:
    rows = data.get(key)
    return ((i, row) for i, row in enumerate(rows if isinstance(rows, list) else []) if isinstance(row, dict))


def _texts(data: Data, key: str) -> list[str]:
    value = data.get(key)
    return [text for text in value if isinstance(text, str)] if isinstance(value, list) else []


def _read(reader: Callable[[object], Any], value: object) -> Any:
    """What the reader makes of a value, None when it refuses: the schema says that better."""
    try:
        return reader(value)
    except Mistake:
        return None


def _places(data: Data) -> Iterator[Found]:
    for index, place in islice(_rows(data, "places"), units.MOST_PATTERNS):
        pattern, canonical = _read(units.pattern, place.get("pattern")), place.get("canonical")
        if pattern is None or not isinstance(canonical, str):
            continue
        count = re.compile(pattern).groups
        for group in units.groups_of(canonical):
            if not (group.isascii() and group.isdigit() and 1 <= int(group) <= count):
                yield (
                    ("places", index, "canonical"),
                    Mistake(
                        N_("“{group}” is no group of the pattern, which has {count}"), group=f"{{{group}}}", count=count
                    ),
                )


def _numbering(data: Data) -> Iterator[Found]:
    series = _mapping(data, "numbering")
    for name in words.SERIES:
        if "numbering" in data and name not in series:
            yield ("numbering", name), Mistake(_MISSING)
    if len(series) > len(set(map(str, series.values()))):
        yield ("numbering",), Mistake(N_("orders, coordination orders and receipts need different prefixes"))


def _verbs(data: Data) -> Iterator[Found]:
    if isinstance(data.get("may"), dict):
        for verb in words.VERBS:
            if verb not in data["may"]:
                yield ("may", verb), Mistake(_MISSING)


def _reductions(data: Data) -> Iterator[Found]:
    """Who may reduce a bill has a limit, and only they (FEE-6)."""
    limits, may = _mapping(data, "reductions"), _texts(_mapping(data, "may"), "reduce")
    if "reductions" in data:
        for role in may:
            if role not in limits:
                yield ("reductions", role), Mistake(_MISSING)
    for role in limits:
        if may and role not in may:
            yield ("reductions", role, KEY), Mistake(N_("may not reduce a bill (may.reduce), so has no limit"))


def _software(data: Data) -> Iterator[Found]:
    """Software is free before it is charged, and its categories exist (FEE-5)."""
    software, path = _mapping(_mapping(data, "warranty"), "software"), ("warranty", "software")
    free, charged = (_read(units.months, software.get(key)) for key in ("free_months", "charged_after_months"))
    if free is not None and charged is not None and charged < free:
        yield (*path, "charged_after_months"), Mistake(N_("software cannot be charged before it is no longer free"))
    declared = _mapping(data, "categories")
    for index, category in enumerate(_texts(software, "categories")):
        if category not in declared:
            yield (*path, "categories", index), _no_category(category, declared)


def _callbacks(data: Data) -> Iterator[Found]:
    """Every severity has its callers, who may call; a kind is drawn from once (CAL-1, CAL-3)."""
    terms, path = _mapping(data, "callbacks"), ("callbacks",)
    for part, names in (("strata", words.STRATA), ("callers", words.SEVERITIES)):
        for name in names:
            if part in terms and name not in _mapping(terms, part):
                yield (*path, part, name), Mistake(_MISSING)
    taken: dict[str, str] = {}
    for name, one in _tables(terms, "strata"):
        for index, kind in enumerate(_texts(one, "kinds")):
            if taken.setdefault(kind, name) != name:
                yield (
                    (*path, "strata", name, "kinds", index),
                    Mistake(N_("“{text}” is drawn from under “{first}” already"), text=kind, first=taken[kind]),
                )
    may = _texts(_mapping(data, "may"), "callback")
    for severity, roles in _mapping(terms, "callers").items():
        for index, role in enumerate(roles if isinstance(roles, list) else []):
            if may and role not in may:
                yield (*path, "callers", severity, index), Mistake(N_("may not call back (may.callback)"))


def _copies(data: Data) -> Iterator[Found]:
    """Every kind of order says in which copies its slip is printed."""
    slips = _mapping(data, "slips")
    for kind in words.KINDS:
        if "copies" in slips and kind not in _mapping(slips, "copies"):
            yield ("slips", "copies", kind), Mistake(_MISSING)


def _complaints(data: Data) -> Iterator[Found]:
    """Every severity says who hears of it; a class of fault is the matter of one department (LY 5·4.2, 4.3)."""
    for severity in words.SEVERITIES:
        if "complaint_alarm" in data and severity not in _mapping(data, "complaint_alarm"):
            yield ("complaint_alarm", severity), Mistake(_MISSING)
    declared, taken = _mapping(data, "categories"), dict[str, str]()
    for name, department in _tables(data, "departments"):
        for index, category in enumerate(_texts(department, "categories")):
            path: Path = ("departments", name, "categories", index)
            if category not in declared:
                yield path, _no_category(category, declared)
            elif taken.setdefault(category, name) != name:
                yield path, Mistake(N_("“{text}” is the matter of “{first}” already"), text=category,
                                    first=taken[category])  # fmt: skip


def _proposals(data: Data) -> Iterator[Found]:
    """What words propose is something, and the class of fault exists; what the fee table has is asked elsewhere."""
    declared = _mapping(data, "categories")
    for name, rule in _tables(data, "proposals"):
        category = rule.get("category")
        if isinstance(category, str) and category not in declared:
            yield ("proposals", name, "category"), _no_category(category, declared)
        if not any(rule.get(key) for key in ("kind", "category", "priority", "services")):
            yield ("proposals", name), Mistake(N_("proposes nothing: add kind, category, priority or services"))


def _calendar(name: str, calendar: Data) -> Iterator[Found]:
    path: Path = ("calendars", name)
    if name == ALWAYS:
        yield path, Mistake(N_("“always” is built in and runs day and night; give this calendar another name"))
    taken: dict[int, str] = {}
    for days in _mapping(calendar, "week"):
        for weekday in units.spread(days) if _read(units.weekdays, days) else ():
            if taken.setdefault(weekday, days) != days:
                day, other = units.WEEKDAYS[weekday], taken[weekday]
                yield (
                    (*path, "week", days, KEY),
                    Mistake(N_("{day} has its windows under “{other}” already"), day=day, other=other),
                )
    if isinstance(calendar.get("week"), dict) and not any(calendar["week"].values()):
        yield (*path, KEY), Mistake(N_("has no working time, a clock in it would never run: give its week hours"))
    for day in _texts(calendar, "workdays"):
        if day in _texts(calendar, "holidays"):
            yield (*path, "workdays"), Mistake(N_("{day} is a holiday and a workday"), day=day)


def _ladder(name: str, steps: object) -> Iterator[Found]:
    last = -1
    for index, step in enumerate(steps if isinstance(steps, list) else []):
        after = _read(units.duration, step.get("after")) if isinstance(step, dict) else None
        if after is not None:
            if after <= last:
                yield ("ladders", name, index, "after"), Mistake(N_("a step comes later than the one before it"))
            last = after


def _clock(path: Path, obligation: Data) -> Iterator[Found]:
    """The time of an obligation is said once, and can be counted."""
    said = [key for key in ("within", "by", "lead", "by_day", "each") if key in obligation]
    if not said and obligation.get("anchor") not in ("next", "call"):
        yield path, Mistake(N_("says no time: give one of within, by, lead, by_day and each"))
    elif len(said) > 1:
        yield (*path, said[1]), Mistake(N_("says the time twice: “{first}” stands there too"), first=said[0])
    if obligation.get("anchor") == "appointment":
        if obligation.get("appointment") != "true":
            yield (*path, "anchor"), Mistake(N_("only some orders have an appointment: add appointment: true"))
    elif "lead" in obligation and obligation.get("anchor", "event") in words.ANCHORS:
        yield (*path, "lead"), Mistake(N_("is the time before an appointment: add anchor: appointment"))
    by_priority = obligation.get("within")
    if isinstance(by_priority, dict) and ANY not in by_priority:
        for priority in _texts(obligation, "priorities") or words.PRIORITIES:
            if priority not in by_priority:
                yield (*path, "within", priority), Mistake(_MISSING)


def _period(path: Path, obligation: Data) -> Iterator[Found]:
    """What only some obligations can say: how often, from which day on, what the night does."""
    for key in ("times", "days_left", "skips"):
        if key in obligation and "each" not in obligation:
            yield (*path, key), Mistake(N_("only what is owed each week or month has this: add each"))
    anchor = obligation.get("anchor")
    if anchor == "day" and "by" not in obligation:
        yield (*path, "anchor"), Mistake(N_("of a day only a time of day can be counted: add by"))
    if "days_after" in obligation and "by" not in obligation:
        yield (*path, "days_after"), Mistake(N_("only a time of day can be some days later: add by"))
    if anchor == "call" and not all(one.startswith("call-again") for one in _texts(obligation, "starts")):
        yield (*path, "anchor"), Mistake(N_("only a callback names the next one: starts is one of call-again-…"))
    if anchor == "next" and _texts(obligation, "starts") != ["pause"]:
        yield (*path, "anchor"), Mistake(N_("only a pause names the next time: starts is [pause]"))
    if obligation.get("calendar", ALWAYS) != ALWAYS and "within" not in obligation:
        yield (*path, "calendar"), Mistake(N_("working hours measure a time that is allowed: only with within"))
    if obligation.get("overdue") == "propose" and "ladder" not in obligation:
        yield (*path, "overdue"), Mistake(N_("nobody would hear of it: add a ladder"))


def _month(data: Data) -> Iterator[Found]:
    """One obligation is that of the month for finance, and only it (FEE-7); one at most is that of its callbacks."""
    opened = {
        event: [key for key, one in _tables(data, "obligations") if event in _texts(one, "starts")]
        for event in ("month", "called-month")
    }
    months, called = opened["month"], opened["called-month"]
    if "obligations" in data and not months:
        yield ("obligations",), Mistake(N_("no obligation starts with month: the one to hand it over"))
    for keys in opened.values():
        for key in keys[1:]:
            yield ("obligations", key, "starts"), Mistake(N_("“{first}” is that of the month already"), first=keys[0])
    for key, one in _tables(data, "obligations"):
        if ("by_day" in one) != (key in (*months[:1], *called[:1])):
            yield ("obligations", key), Mistake(N_("by_day belongs to what starts with month, and to nothing else"))


def _names(path: Path, obligation: Data, data: Data) -> Iterator[Found]:
    """The calendar, the ladder and the categories that an obligation names are declared."""
    calendar, ladder = obligation.get("calendar", ALWAYS), obligation.get("ladder")
    calendars, ladders = _mapping(data, "calendars"), _mapping(data, "ladders")
    if isinstance(calendar, str) and calendar != ALWAYS and calendar not in calendars:
        names = ", ".join([ALWAYS, *calendars])
        yield (
            (*path, "calendar"),
            Mistake(N_("there is no calendar “{text}”; there are: {names}"), text=calendar, names=names),
        )
    if isinstance(ladder, str) and ladder not in ladders:
        yield (*path, "ladder"), Mistake(N_("there is no ladder “{text}”; there are: {names}"), text=ladder,
                                         names=", ".join(ladders) or "-")  # fmt: skip
    declared = _mapping(data, "categories")
    for index, category in enumerate(_texts(obligation, "categories")):
        if category not in declared:
            yield (*path, "categories", index), _no_category(category, declared)
    known = _mapping(data, "departments")
    for index, department in enumerate(_texts(obligation, "departments")):
        if department not in known:
            names = ", ".join(known) or "-"
            yield (
                (*path, "departments", index),
                Mistake(N_("there is no department “{text}”; there are: {names}"), text=department, names=names),
            )


def _no_category(text: str, declared: Collection[str]) -> Mistake:
    return Mistake(N_("there is no category “{text}”; there are: {names}"), text=text, names=", ".join(declared))


_MISSING = N_("is missing")
