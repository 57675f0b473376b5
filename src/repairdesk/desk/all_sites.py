"""The reports of several sites side by side, and what is counted of all of them together. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from repairdesk.domain.rates import Rate
from repairdesk.errors import N_

Doc = Mapping[str, Any]
ALL = "all"
"""What is said in place of a site's name."""
TOGETHER = N_("all sites")
_COUNTS = ("orders", "finished", "on_time", "satisfaction", "first_time_fix", "complete", "recheck", "as_found")
_RATES = {
    "on_time_rate": ("on_time", "met", "missed"), "satisfaction_rate": ("satisfaction", "satisfied", "below"),
    "first_time_fix_rate": ("first_time_fix", "fixed", "reworked"), "complete_rate": ("complete", "whole", "lacking"),
}  # fmt: skip


def together(name: str, docs: Mapping[str, Doc]) -> dict[str, Any]:
    """Each site's report under its name; of ``month`` and ``finance`` also what all have together.

    Rates are those of the sums (RPT-1, RPT-2), money is summed to the fen (RPT-6).
    """
    first = next(iter(docs.values()))
    made: dict[str, Any] = {key: first[key] for key in ("month", "at") if key in first}
    made["sites"] = dict(docs)
    if name == "month":
        summed: dict[str, Any] = {key: _sum([doc[key] for doc in docs.values()]) for key in _COUNTS}
        for rate, (key, good, bad) in _RATES.items():
            counted = summed[key]
            summed[rate] = Rate(counted[good], counted[good] + counted[bad]).number
        made[ALL] = summed
    if name == "finance":
        made[ALL] = {key: sum(doc[key] for doc in docs.values()) for key in ("orders", "free")}
        made[ALL]["total"] = str(sum(Decimal(doc["total"]) for doc in docs.values()))
    return made


def _sum(counts: list[Any]) -> Any:
    if isinstance(counts[0], Mapping):
        return {name: sum(count[name] for count in counts) for name in counts[0]}
    return sum(counts)


def rows(doc: Doc) -> list[list[Any]]:
    """A row for each site and one for all: its name, orders, finished, and part and whole of each rate."""
    named = [*doc["sites"].items(), *([(ALL, doc[ALL])] if ALL in doc else [])]
    return [
        [
            name, one["orders"], one["finished"],
            *((one[key][good], one[key][good] + one[key][bad]) for key, good, bad in _RATES.values()),
        ]
        for name, one in named
    ]  # fmt: skip
