"""A figure of a report opened: the orders that it counts, of the whole report or of one of its groups.

What is asked for is ``on_time.missed``, or ``on_time.missed@W1`` where one group is meant: by the name that stands in
the report, ``–`` for what has none. Where two groups have one name, ``technician=–`` says which. A fault at a place is
``plumbing@B1``. A name that nothing has is refused: an empty list would say that nothing happened.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from repairdesk.desk.turn import Turn
from repairdesk.domain.rates import UNKNOWN
from repairdesk.domain.vocabulary import HELP_CLASSES, KINDS, SEVERITIES, STRATA
from repairdesk.errors import N_, UsageError

Doc = Mapping[str, Any]
FEW = 12
"""So many names of groups are said to whoever named none of them."""
_DRAWN = ("callback.drawn", "callback.done")
_IN: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "month": {
        "kind": ("by_kind", "kind"), "category": ("by_category", "category"),
        "technician": ("by_technician", "technician"),
    },
    "staff": {"technician": ("technicians", "staff")},
    "faults": {"category": ("categories", "category"), "place": ("places", "place")},
    "callbacks": {"caller": ("callers", "staff")},
    "complaints": {"severity": ("by_severity", "severity"), "department": ("by_department", "department")},
    "help": {"class": ("by_class", "class")},
    "clocks": {"clock": ("clocks", "name")},
}  # fmt: skip
"""What the groups of each report are of, and where in its document they stand."""


def orders_behind(turn: Turn, name: str, figure: str, asked: Doc, doc: Doc) -> list[str]:
    """The numbers of the orders behind a figure of the report ``doc``.

    Raises:
        UsageError: there is no such figure, or no such group, or several.
    """
    what, named, group = figure.partition("@")
    drawn = _DRAWN if name in ("month", "callbacks") else ()
    known = [*turn.ledger.figures(name), *drawn]
    if what not in known:
        raise unknown("--orders", what, known)
    if what in drawn:
        if named and group not in STRATA:
            raise unknown("group", group, STRATA)
        return _drawn(turn, asked["month"], group, done=what == "callback.done")
    whose = _group(turn, name, group, doc) if named else {}
    return turn.ledger.behind(name, what, {**asked, "of": None, "by": None, "spot": None, **whose})


def _drawn(turn: Turn, month: str, stratum: str, *, done: bool) -> list[str]:
    """Who was drawn of a stratum, or of all, or who of them was reached (CAL-2)."""
    from repairdesk.desk.drawing import drawn_in

    draws = drawn_in(turn, month).draws
    found = (one.candidate for name, each in draws.items() if stratum in ("", name) for one in each.drawn)
    return sorted(one.number for one in found if one.reached or not done)


def _group(turn: Turn, name: str, said: str, doc: Doc) -> dict[str, str]:
    """Which group is meant, as the statements ask for it."""
    there = {by: [row[key] or UNKNOWN for row in doc[part]] for by, (part, key) in _IN[name].items()}
    category, between, place = said.partition("@")
    if name == "faults" and between and _is_one(turn, "category", category, there):
        if not _is_one(turn, "place", place, there):
            raise unknown("group", said, there["category"])
        return {"of": category, "by": "category", "spot": place}
    by, told, value = said.partition("=")
    if told and by in there:
        if not _is_one(turn, by, value, there):
            raise unknown("group", said, there[by])
        return {"of": value, "by": by}
    meant = [by for by in there if said in there[by]] or [by for by in there if _is_one(turn, by, said, there)]
    if not meant:
        raise unknown("group", said, [one for each in there.values() for one in each])
    if len(meant) > 1:
        raise UsageError(
            N_("“{value}” is a group of several kinds: say {known}"),
            value=said, known=[f"{by}={said}" for by in meant],
        )  # fmt: skip
    return {"of": said, "by": meant[0]}


def _is_one(turn: Turn, by: str, value: str, there: Mapping[str, Collection[str]]) -> bool:
    """Whether it stands in the report, or might have: who has no order in a month is somebody all the same."""
    return value in there[by] or value in _ALL[by](turn, value)


def _staff(turn: Turn, _: str) -> Iterable[str]:
    return [doc["id"] for doc in turn.ledger.staff()]


def _place(turn: Turn, value: str) -> Iterable[str]:
    return [value] if turn.ledger.orders({"place": value}, 1)[1] else []


def _clock(turn: Turn, _: str) -> Iterable[str]:
    return [name for rule in turn.rules.policies.obligations for name in (rule.name, rule.id)]


_ALL: Mapping[str, Callable[[Turn, str], Iterable[str]]] = {
    "kind": lambda turn, _: KINDS,
    "category": lambda turn, _: turn.rules.policies.categories,
    "technician": _staff,
    "caller": _staff,
    "place": _place,
    "severity": lambda turn, _: SEVERITIES,
    "department": lambda turn, _: turn.rules.policies.departments,
    "class": lambda turn, _: HELP_CLASSES,
    "clock": _clock,
}
"""The names that a group of each kind can have."""


def unknown(field: str, value: str, known: Collection[str]) -> UsageError:
    """What was named is none of these; they are said where they are few, or all that there can be."""
    if field == "group" and not 0 < len(known) <= FEW:
        return UsageError(N_("“{value}” is no group of this report"), value=value)
    return UsageError(N_("“{value}” is no {field}; choose: {known}"), value=value, field=field, known=[*known])
