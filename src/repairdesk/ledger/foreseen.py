"""Answers that were asked for together, where each question to the ledger is a journey."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any


class Foreseen:
    """What was asked for once for many rows, as it is with what was stored since.

    Args:
        ids: the ids of other systems that were asked for, and ``known``, with their numbers, those that are there.
        places: where was asked for open orders, and ``still_open`` the place, category, report and number of each.
    """

    def __init__(
        self, ids: Iterable[str] = (), known: Iterable[tuple[str, str]] = (),
        places: Iterable[str] = (), still_open: Iterable[tuple[str, str, str, str]] = (),
    ) -> None:  # fmt: skip
        self.numbers: dict[str, str | None] = {**dict.fromkeys(ids), **dict(known)}
        self._open: dict[str, dict[str, list[tuple[str, str]]]] = {place: {} for place in places}
        for place, category, reported_at, number in still_open:
            self._open[place].setdefault(category, []).append((reported_at, number))

    def open_at(self, place: str, category: str) -> list[str] | None:
        """The open orders at a place with a category, oldest first; None: that was not asked for."""
        found = self._open.get(place)
        return None if found is None else [number for _, number in sorted(found.get(category, ()))]

    def stored(self, row: Mapping[str, Any]) -> None:
        """An order is stored that was not there."""
        if row["external_id"] in self.numbers:
            self.numbers[row["external_id"]] = row["number"]
        if row["is_open"] and row["category"] and row["place"] in self._open:
            self._open[row["place"]].setdefault(row["category"], []).append((row["reported_at"], row["number"]))
