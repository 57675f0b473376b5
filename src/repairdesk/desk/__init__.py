"""The desk: a method for each verb. Load, decide, append, in one transaction.

Nothing here decides: the domain does. Nothing here knows a screen or an option. Each file is a chapter of the manual,
and is imported when one of its verbs is first asked for: a clerk waits for every command, and most need one chapter.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from repairdesk.desk import leaving
from repairdesk.desk.base import Base
from repairdesk.desk.turn import Answer, By, Remark

__all__ = ["Answer", "By", "Desk", "Remark"]

CHAPTERS = {
    "reporting": "intake quote consent decline assign accept reschedule cancel correct",
    "visiting": "arrive start pause support returned finish",
    "closing": "sign sign_unsigned close archive archive_many",
    "settling": "rebill pay",
    "reckoning": "finance_month hand_over arrears",
    "reports": "report month_page",
    "coordinating": "convert log check exempt",
    "people": "staff_add staff_retire staff_duty staff_list",
    "households": "household_list household_reveal",
    "shifts": "slips handover_sheet hand_over_shift",
    "outbox": "undelivered deliver",
    "looking": "show reveal entries names list_orders near_places verify board",
    "watching": "glance why_not hands office",
    "proposing": "known_place proposed window_meant local report_checked tried in_hand technicians materials",
    "printing": "may_print printed printed_today printed_handover handover_paper printed_statement",
    "explaining": "why",
    "ringing": "callback settle_remark",
    "letters": "callback_letter",
    "opinions": "callback_opinion",
    "caring": "explain recheck recheck_due",
    "attaching": "attach",
    "drawing": "callback_due callback_plan callback_audit",
    "hearing": "hear settle",
    "escalating": "escalate",
    "rehearsing": "rehearse",
    "health": "doctor vacuum",
    "exporting": "export_span export_orders export_entries",
    "purging": "purge_plan purge",
    "trusting": "checkpoint checkpoint_key keep_out held_against verify_part",
    "backing": "backup",
    "seconding": "pin_resetter pin_asked pin_is_set pin_confirmed pin_set pin_reset",
}
"""Which chapter has which verbs."""

if TYPE_CHECKING:
    from repairdesk.desk.attaching import Attaching
    from repairdesk.desk.backing import Backing
    from repairdesk.desk.caring import Caring
    from repairdesk.desk.closing import Closing
    from repairdesk.desk.coordinating import Coordinating
    from repairdesk.desk.drawing import Drawing
    from repairdesk.desk.escalating import Escalating
    from repairdesk.desk.explaining import Explaining
    from repairdesk.desk.exporting import Exporting
    from repairdesk.desk.health import Health
    from repairdesk.desk.hearing import Hearing
    from repairdesk.desk.households import Households
    from repairdesk.desk.letters import Letters
    from repairdesk.desk.looking import Looking
    from repairdesk.desk.opinions import Opinions
    from repairdesk.desk.outbox import Outbox
    from repairdesk.desk.people import People
    from repairdesk.desk.printing import Printing
    from repairdesk.desk.proposing import Proposing
    from repairdesk.desk.purging import Purging
    from repairdesk.desk.reckoning import Reckoning
    from repairdesk.desk.rehearsing import Rehearsing
    from repairdesk.desk.reporting import Reporting
    from repairdesk.desk.reports import Reports
    from repairdesk.desk.ringing import Ringing
    from repairdesk.desk.seconding import Seconding
    from repairdesk.desk.settling import Settling
    from repairdesk.desk.shifts import Shifts
    from repairdesk.desk.trusting import Trusting
    from repairdesk.desk.visiting import Visiting
    from repairdesk.desk.watching import Watching

    class Desk(
        Reporting,
        Visiting,
        Closing,
        Settling,
        Reckoning,
        Reports,
        Coordinating,
        People,
        Households,
        Shifts,
        Outbox,
        Looking,
        Watching,
        Proposing,
        Printing,
        Explaining,
        Ringing,
        Letters,
        Opinions,
        Caring,
        Attaching,
        Drawing,
        Hearing,
        Escalating,
        Rehearsing,
        Health,
        Exporting,
        Purging,
        Trusting,
        Backing,
        Seconding,
    ):
        """A desk, ready for every verb."""

else:

    class Desk(Base):
        """A desk, ready for every verb."""

    class _Unread:
        """Stands for a verb until somebody asks for it; then its chapter takes its place on the desk."""

        def __init__(self, chapter: str, verb: str) -> None:
            self._chapter = chapter
            self._verb = verb

        def __get__(self, desk: Desk | None, kind: type[Desk]) -> Any:
            _read(self._chapter)
            return getattr(kind if desk is None else desk, self._verb)

    def _read(chapter: str) -> None:
        """Put what a chapter defines on the desk, its verbs and what they are helped by."""
        written = vars(getattr(import_module(f"repairdesk.desk.{chapter}"), chapter.capitalize()))
        verbs = CHAPTERS[chapter].split()
        for name, value in written.items():
            if not name.startswith("__"):
                setattr(Desk, name, leaving.masking(name, value) if name in verbs else value)

    for _chapter, _verbs in CHAPTERS.items():
        for _verb in _verbs.split():
            setattr(Desk, _verb, _Unread(_chapter, _verb))
