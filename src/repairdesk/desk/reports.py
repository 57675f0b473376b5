"""The reports of a month: counted by the ledger, laid out here, and each figure opened (RPT-1 to RPT-5, CAL-7).

A report is of the orders that were reported in the month, so that all of them count the same ones; only ``callbacks``
is of the calls made in it. What is recorded counts as it stands, clocks and finished work as of the time asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from repairdesk.desk import report_docs
from repairdesk.desk.base import Base
from repairdesk.desk.turn import Answer, By, Turn, stamp
from repairdesk.domain import finance
from repairdesk.domain.times import local_iso
from repairdesk.errors import N_, UsageError

Doc = dict[str, Any]
TOP = 20
"""So many places, and so many faults of one place, stand in the report of faults."""
_SECOND = timedelta(seconds=1)


class Reports(Base):
    """What the manager asks of a month."""

    def report(self, by: By, name: str, month: str | None = None, *, figure: str | None = None) -> Answer:
        """A report of a month, by default this one; ``figure`` lists the orders behind one of its figures.

        ``figure`` is ``on_time.missed``, or ``on_time.missed@W1`` where only one group of the report is meant: the
        document then has ``figure`` and ``orders_behind``, the numbers.

        Raises:
            UsageError: it is no month, or there is no such report or figure.
        """
        if name not in report_docs.REPORTS:
            raise _unknown("report", name, list(report_docs.REPORTS))
        named = finance.parse_month(month) if month is not None else None
        with self.look(by) as turn:
            this = named or finance.month_of(turn.at, turn.rules.zone)
            asked = _asked(turn, this)
            doc: Doc = {"month": this, "at": local_iso(turn.at, turn.rules.zone)}
            doc |= report_docs.REPORTS[name](turn, asked)
            if figure is not None:
                doc |= {"figure": figure, "orders_behind": _behind(turn, name, figure, asked)}
            return Answer(doc, turn.remarks)


def _asked(turn: Turn, month: str) -> Mapping[str, Any]:
    """The month as the statements ask for it: what was reported later than the time asked was not there yet."""
    zone = turn.rules.zone
    begins, ends = finance.begins(month, zone), finance.begins(finance.following(month), zone)
    back: datetime = begins - timedelta(seconds=turn.rules.policies.repeat_within)
    return {
        "month": month,
        "since": stamp(begins),
        "before": stamp(min(ends, turn.at + _SECOND)),
        "at": stamp(turn.at),
        "look_back": stamp(back),
        "top": TOP,
    }


def _behind(turn: Turn, name: str, figure: str, asked: Mapping[str, Any]) -> list[str]:
    what, _, group = figure.partition("@")
    drawn = ("callback.drawn", "callback.done") if name in ("month", "callbacks") else ()
    known = [*turn.ledger.figures(name), *drawn]
    if what not in known:
        raise _unknown("--orders", what, known)
    if what in drawn:
        return _drawn(turn, asked["month"], group, done=what == "callback.done")
    return turn.ledger.behind(name, what, {**asked, "of": group or None})


def _drawn(turn: Turn, month: str, stratum: str, *, done: bool) -> list[str]:
    """Who was drawn of a stratum, or of all, or who of them was reached (CAL-2)."""
    from repairdesk.desk.drawing import drawn_in

    draws = drawn_in(turn, month).draws
    found = (one.candidate for name, each in draws.items() if stratum in ("", name) for one in each.drawn)
    return sorted(one.number for one in found if one.reached or not done)


def _unknown(field: str, value: str, known: list[str]) -> UsageError:
    return UsageError(N_("“{value}” is no {field}; choose: {known}"), value=value, field=field, known=known)
