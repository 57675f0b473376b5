"""The reports of a month: counted by the ledger, laid out here, and each figure opened (RPT-1 to RPT-5, CAL-7).

A report is of the orders that were reported in the month, so that all of them count the same ones; only ``callbacks``
is of the calls made in it. What is recorded counts as it stands, clocks and finished work as of the time asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from repairdesk.desk import opened, report_docs
from repairdesk.desk.base import Base
from repairdesk.desk.heads import head_of
from repairdesk.desk.turn import Answer, By, Turn, stamp
from repairdesk.domain import finance
from repairdesk.domain.times import local_iso

Doc = dict[str, Any]
TOP = 20
"""So many places, and so many faults of one place, stand in the report of faults."""
_SECOND = timedelta(seconds=1)


class Reports(Base):
    """What the manager asks of a month."""

    def report(self, by: By, name: str, month: str | None = None, *, figure: str | None = None) -> Answer:
        """A report of a month, by default this one; ``figure`` lists the orders behind one of its figures.

        ``figure`` is ``on_time.missed``, or ``on_time.missed@W1`` where only one group of the report is meant (see
        ``opened``): the document then has ``figure`` and ``orders_behind``, the numbers.

        Raises:
            UsageError: it is no month, or there is no such report, figure or group.
        """
        if name not in report_docs.REPORTS:
            raise opened.unknown("report", name, list(report_docs.REPORTS))
        named = finance.parse_month(month, "RPT-1") if month is not None else None
        with self.look(by) as turn:
            this = named or finance.month_of(turn.at, turn.rules.zone)
            asked = asked_of(turn, this)
            doc: Doc = {"month": this, "at": local_iso(turn.at, turn.rules.zone), "head": head_of(turn)}
            doc |= report_docs.REPORTS[name](turn, asked)
            if figure is not None:
                doc |= {"figure": figure, "orders_behind": opened.orders_behind(turn, name, figure, asked, doc)}
            return Answer(doc, turn.remarks)

    def month_page(self, by: By, month: str | None = None) -> Answer:
        """The report of a month with what its page shows beside it: ``trend``, ``hours``, ``faults``, ``complaints``,
        ``help`` and ``overdue``.

        Raises:
            UsageError: it is no month.
        """
        from repairdesk.desk import month_docs

        named = finance.parse_month(month, "RPT-1") if month is not None else None
        with self.look(by) as turn:
            this = named or finance.month_of(turn.at, turn.rules.zone)
            asked = asked_of(turn, this)
            doc: Doc = {"month": this, "at": local_iso(turn.at, turn.rules.zone), "head": head_of(turn)}
            doc |= report_docs.month(turn, asked) | month_docs.beside(turn, asked)
            return Answer(doc, turn.remarks)


def asked_of(turn: Turn, month: str) -> Mapping[str, Any]:
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
        "proposed": report_docs.PROPOSED,
    }
