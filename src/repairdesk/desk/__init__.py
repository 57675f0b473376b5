"""The desk: a method for each verb. Load, decide, append, in one transaction.

Nothing here decides: the domain does. Nothing here knows a screen or an option. Each file is a chapter of the manual.
"""

from __future__ import annotations

from repairdesk.desk.closing import Closing
from repairdesk.desk.coordinating import Coordinating
from repairdesk.desk.households import Households
from repairdesk.desk.looking import Looking
from repairdesk.desk.people import People
from repairdesk.desk.reckoning import Reckoning
from repairdesk.desk.reporting import Reporting
from repairdesk.desk.settling import Settling
from repairdesk.desk.turn import Answer, By, Remark
from repairdesk.desk.visiting import Visiting

__all__ = ["Answer", "By", "Desk", "Remark"]


class Desk(Reporting, Visiting, Closing, Settling, Reckoning, Coordinating, People, Households, Looking):
    """A desk, ready for every verb."""
