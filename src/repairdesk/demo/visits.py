"""Somebody is sent, does the work, and the slip goes its way: what every order of the month has in common."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from repairdesk.demo import stock
from repairdesk.demo.month import SHIFT, Month, Tale, minutes
from repairdesk.demo.stock import Fault

ARRIVING = ("badge", "shoe-covers", "mat")
LEAVING = ("cloth", "whole-unit-check")
"""The checklist of an in-home visit: what is ticked at the door, and what on leaving (VIS-3)."""

_VISIT_MARGIN = 12  # minutes between the ways of two visits


def dispatched(
    tale: Tale, fault: Fault, taken: datetime, window: tuple[str, datetime] | None = None, *, any_hour: bool = False,
    resident: str | None = None,
) -> tuple[str, datetime]:  # fmt: skip
    """Assigned within minutes, accepted by whoever goes; answers with who arrives, and when (ASG-1, ASG-2).

    Args:
        window: who comes and when, where that is agreed already.
        any_hour: also outside the hours in which technicians go out.
        resident: who agrees to the next day where nobody can come on this one; only in-home work has such a day.
    """
    month = tale.month
    wait = month.between(6, 22) if month.chance(0.07) else month.between(0.3, 1.2)
    assigned = max(taken, tale.typed_at) + wait
    length = fault.minutes[1] + _VISIT_MARGIN
    if window or (resident and not month.crew.comes_that_day(fault.category, assigned + minutes(6), length)):
        next_day = (assigned + timedelta(days=1)).replace(hour=SHIFT[0], minute=0, second=0)
        who, start = window or month.crew.take(fault.category, next_day, 120, grid=30)
        tale.do("assign", month.clerk(assigned), assigned, staff=who)
        if window is None:
            tale.do("reschedule", month.clerk(assigned), tale.typed_at + month.between(0.5, 3), agreed_by=resident,
                    appointment=(start, start + timedelta(hours=2)), reason="当天排满，与业主约好次日上门")  # fmt: skip
        tale.do("accept", who, tale.typed_at + month.between(1, 12))
        return who, start - month.between(5.5, 12) if month.in_time(who) else start + month.between(2, 24)
    who, start = month.crew.take(fault.category, assigned + minutes(6), length, any_hour=any_hour)
    tale.do("assign", month.clerk(assigned), assigned, staff=who)
    way = month.between(4, 9.5) if month.chance(0.88) else month.between(11, 17)
    accepted = tale.do("accept", who, max(start - way, tale.typed_at))
    return who, max(start, accepted + minutes(2))


def visit(
    tale: Tale, fault: Fault, who: str, arrival: datetime, resident: str, *, agreed: str = "0.00",
    name_services: bool = True, reviewed: int | None = None, smooth: bool = False,
) -> str | None:  # fmt: skip
    """On site: the price is told and agreed to before work starts, then the work is done and written down.

    Answers with why the resident is called back, if so: ``unsure`` or ``untested`` (FIN-2).

    Args:
        agreed: yuan that the resident agreed to before.
        name_services: whether the technician names the services, since nobody did at intake.
        reviewed: the supervisor's fee in yuan.
        smooth: nothing is left to chance that would change the course of the visit.
    """
    month = tale.month
    services, materials = fault.services, fault.materials
    total = month.total(services, materials, reviewed)
    at = tale.do("arrive", who, arrival)
    # A technician whose hands were full tells the desk next morning; the slip then has its own times, marked late.
    typed = _next_morning(month, at) if not smooth and arrival.hour >= 19 and month.chance(0.04) else None
    clerk: dict[str, Any] = {"typed": typed, "keyboard": month.clerk(typed)} if typed else {}
    if Decimal(total) > Decimal(agreed):
        at = tale.do("consent", who, at + month.between(1, 4), fee=total, **clerk)
    at = tale.do("start", who, at + month.between(0.5, 2), **opening(month, fault, resident), **clerk)
    at += month.between(*fault.minutes) * 0.9
    if materials and not typed and not smooth and month.chance(0.05):
        back = at + month.between(25, 50)
        tale.do("pause", who, at, reason="parts", next_at=back, note="回库房取配件")
        at = tale.do("start", who, back, checks=ticked(month, ARRIVING)) + month.between(6, 15)
    done: dict[str, Any] = {"found": fault.found, "result": fault.result, "materials": materials}
    if name_services:
        done["services"] = services
    # Late in the evening nobody is called back; what is uncertain then is tested until it is not.
    uncertain = not typed and not smooth and at.hour < 19 and month.chance(0.06)
    call = month.rng.choice(("unsure", "untested")) if uncertain else None
    if call:
        done |= {call: True, "result": fault.result + stock.UNCERTAIN[call]}
    tale.do("finish", who, at, checks=ticked(month, LEAVING), **done, **clerk)
    if typed:
        tale.do("sign", who, at + month.between(1, 4), signer=resident, rating="satisfied", **clerk)
    return call


def opening(month: Month, fault: Fault, resident: str) -> dict[str, Any]:
    """What is said when work starts: what was found, the checklist, and the agreement to noise or a cut (VIS-9)."""
    said: dict[str, Any] = {"found": fault.found, "checks": ticked(month, ARRIVING)}
    if fault.disturbs:
        said |= {"disturbs": fault.disturbs, "agreed_by": resident}
    return said


def ticked(month: Month, items: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(item for item in items if not month.chance(0.03))


def _next_morning(month: Month, at: datetime) -> datetime:
    return (at + timedelta(days=1)).replace(hour=8, minute=20, second=0) + month.between(0, 30)


def wrap_up(
    tale: Tale, who: str, signer: str, *, rating: str | None = None, unsigned: str | None = None,
    call: str | None = None,
) -> None:  # fmt: skip
    """From the signature to the file.

    Args:
        unsigned: why there is no signature; the leader then verifies (FIN-3).
        call: why the resident is called back, if so (FIN-2).
    """
    month = tale.month
    drawn = month.rating(who)
    if month.steps[-1].verb != "sign":
        if unsigned or (rating is None and not call and month.chance(0.03)):
            at = month.slip_check(tale.typed_at) - minutes(20)
            reason = unsigned or month.rng.choice(stock.REMARKS_UNSIGNED)
            tale.do("sign_unsigned", month.leader(at), max(at, tale.typed_at), reason=reason)
        else:
            tale.do("sign", who, tale.done_at + month.between(1.5, 5), signer=signer, rating=rating or drawn)
            month.rated(tale, rating or drawn)
    if call:
        _called_back(tale)
    checked = month.slip_check(tale.typed_at)
    tale.do("close", month.leader(checked), checked)
    filed = month.filing(tale.typed_at)
    tale.do("archive", month.clerk(filed), filed)


def _called_back(tale: Tale) -> None:
    """The desk calls; now and then it has to try twice (CAL-5)."""
    month = tale.month
    at = tale.typed_at + month.between(25, 60)
    if month.chance(0.2):
        tale.do("callback", month.clerk(at), at, outcome="unreached", method="phone", note="无人接听")
        at = tale.typed_at + month.between(15, 30)
    tale.do("callback", month.clerk(at), at, outcome="satisfied", method="phone", note=month.rng.choice(stock.CALLED))
