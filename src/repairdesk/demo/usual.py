"""The everyday order: reported, assigned, visited, paid for or free, signed, checked, filed; chance fills it in."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from repairdesk.demo import stock
from repairdesk.demo.month import Home, Month, Tale, minutes
from repairdesk.demo.stock import Fault

ARRIVING = ("badge", "shoe-covers", "mat")
LEAVING = ("cloth", "whole-unit-check")
"""The checklist of an in-home visit: what is ticked at the door, and what on leaving (VIS-3)."""

CHANNELS = ("phone", "wechat", "app", "walk-in")
RATINGS = ("very-satisfied", "satisfied", "fair")
_SLOTS = (9, 10, 14, 16, 19)
_VISIT_MARGIN = 12  # minutes between the ways of two visits


def in_home(month: Month, key: str, at: datetime) -> None:
    """A household reports a fault of the fee table."""
    fault = month.rng.choices(stock.FAULTS, [f.weight for f in stock.FAULTS])[0]
    home = month.home_for(fault.category, at)
    tale = Tale(month, key)
    named = bool(fault.services) and month.chance(0.55)
    window = _appointment(month, fault, at)
    report = _report(month, home, fault)
    if named:
        report["services"] = fault.services
    if window:
        report["appointment"] = (window[1], window[1] + timedelta(hours=2))
    taken = _taken_in(tale, at, report)
    if _ends_early(tale, taken):
        return
    if named and month.total(fault.services, ()) != "0.00":
        tale.do("consent", month.clerk(at), taken + month.between(0.5, 1.2))
    who, start = dispatched(tale, fault, taken, window)
    agreed = month.total(fault.services, ()) if named else "0.00"
    visit(tale, fault, who, start, home.caller, agreed=agreed, name_services=not named)
    month.settled(home.place, fault.category, tale.typed_at)
    wrap_up(tale, who, home.caller)


def _report(month: Month, home: Home, fault: Fault) -> dict[str, Any]:
    return {
        "kind": "in_home", "place": home.said, "caller": home.caller, "phone": home.phone, "category": fault.category,
        "fault": month.rng.choice(fault.said), "channel": month.rng.choices(CHANNELS, (6, 2, 1, 1))[0],
    }  # fmt: skip


def _taken_in(tale: Tale, at: datetime, report: dict[str, Any]) -> datetime:
    """The report is written down within two minutes as a rule; on a busy evening a slip waits (INT-4)."""
    slow = tale.month.chance(0.05)
    delay = tale.month.rng.uniform(17, 30) if slow else tale.month.rng.uniform(0.4, 1.9)
    # ``new``: the month picks homes with nothing of the kind open; in a crowded month it may run out of them.
    tale.do("intake", tale.month.clerk(at), at, delay=delay, new=True, **report)
    return tale.typed_at


def _ends_early(tale: Tale, taken: datetime) -> bool:
    """Now and then the resident calls again: it has settled itself."""
    month = tale.month
    if not month.chance(0.02):
        return False
    tale.do("cancel", month.clerk(taken), taken + month.between(10, 50), reason=month.rng.choice(stock.CANCELLED))
    return True


def _appointment(month: Month, fault: Fault, at: datetime) -> tuple[str, datetime] | None:
    """Late in the evening, and for a good part of the rest, a window of two hours is agreed: who comes, and when."""
    if at.hour < 20 and not month.chance(0.2):
        return None
    days = 1 if at.hour < 20 or month.chance(0.8) else 2
    day = (at + timedelta(days=days)).replace(hour=month.rng.choice(_SLOTS), minute=0, second=0)
    return month.crew.take(fault.category, day, 120, grid=30)


def dispatched(
    tale: Tale, fault: Fault, taken: datetime, window: tuple[str, datetime] | None = None, *, any_hour: bool = False
) -> tuple[str, datetime]:
    """Assigned within minutes, accepted by whoever goes; answers with who arrives, and when (ASG-1, ASG-2)."""
    month = tale.month
    wait = month.between(6, 22) if month.chance(0.07) else month.between(0.3, 1.2)
    assigned = max(taken, tale.typed_at) + wait
    if window:
        who, start = window
        tale.do("assign", month.clerk(assigned), assigned, staff=who)
        tale.do("accept", who, tale.typed_at + month.between(1, 12))
        return who, start - month.between(5.5, 12) if month.chance(0.85) else start + month.between(2, 24)
    length = fault.minutes[1] + _VISIT_MARGIN
    who, start = month.crew.take(fault.category, assigned + minutes(6), length, any_hour=any_hour)
    tale.do("assign", month.clerk(assigned), assigned, staff=who)
    way = month.between(4, 9.5) if month.chance(0.88) else month.between(11, 17)
    accepted = tale.do("accept", who, max(start - way, tale.typed_at))
    return who, max(start, accepted + minutes(2))


def visit(
    tale: Tale, fault: Fault, who: str, arrival: datetime, resident: str, *, agreed: str = "0.00",
    name_services: bool = True, reviewed: int | None = None, smooth: bool = False,
) -> None:  # fmt: skip
    """On site: the price is told and agreed to before work starts, then the work is done and written down.

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
    typed = _next_morning(month, at) if not smooth and arrival.hour >= 19 and month.chance(0.12) else None
    clerk: dict[str, Any] = {"typed": typed, "keyboard": month.clerk(typed)} if typed else {}
    if Decimal(total) > Decimal(agreed):
        at = tale.do("consent", who, at + month.between(1, 4), fee=total, **clerk)
    opening: dict[str, Any] = {"found": fault.found, "checks": _ticked(month, ARRIVING)}
    if fault.disturbs:
        opening |= {"disturbs": fault.disturbs, "agreed_by": resident}
    at = tale.do("start", who, at + month.between(0.5, 2), **opening, **clerk)
    at += month.between(*fault.minutes) * 0.9
    if materials and not typed and not smooth and month.chance(0.05):
        back = at + month.between(25, 50)
        tale.do("pause", who, at, reason="parts", next_at=back, note="回库房取配件")
        at = tale.do("start", who, back, checks=_ticked(month, ARRIVING)) + month.between(6, 15)
    done: dict[str, Any] = {"found": fault.found, "result": fault.result, "materials": materials}
    if name_services:
        done["services"] = services
    tale.do("finish", who, at, checks=_ticked(month, LEAVING), **done, **clerk)
    if typed:
        tale.do("sign", who, at + month.between(1, 4), signer=resident, rating="satisfied", **clerk)


def _ticked(month: Month, items: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(item for item in items if not month.chance(0.03))


def _next_morning(month: Month, at: datetime) -> datetime:
    return (at + timedelta(days=1)).replace(hour=8, minute=20, second=0) + month.between(0, 30)


def wrap_up(tale: Tale, who: str, signer: str, *, rating: str | None = None, unsigned: str | None = None) -> None:
    """From the signature to the file. ``unsigned`` is why there is none; the leader then verifies (FIN-3)."""
    month = tale.month
    drawn = month.rng.choices(RATINGS, (45, 50, 5))[0]
    if month.steps[-1].verb != "sign":
        if unsigned or (rating is None and month.chance(0.03)):
            at = month.slip_check(tale.typed_at) - minutes(20)
            reason = unsigned or month.rng.choice(stock.REMARKS_UNSIGNED)
            tale.do("sign_unsigned", month.leader(at), max(at, tale.typed_at), reason=reason)
        else:
            tale.do("sign", who, tale.done_at + month.between(1.5, 5), signer=signer, rating=rating or drawn)
    checked = month.slip_check(tale.typed_at)
    tale.do("close", month.leader(checked), checked)
    filed = month.filing(tale.typed_at)
    tale.do("archive", month.clerk(filed), filed)


def unlisted(month: Month, key: str, at: datetime) -> None:
    """Work that the fee table cannot price: reviewed, agreed to, then done by appointment (QUO-2)."""
    fault = month.rng.choice(stock.UNLISTED)
    assert fault.fee is not None
    home = month.home_for(fault.category, at)
    tale = Tale(month, key)
    report = _report(month, home, fault) | {"services": fault.services}
    taken = _taken_in(tale, at, report)
    fee = month.rng.randrange(fault.fee[0], fault.fee[1], 10)
    tale.do("quote", "S1", taken + month.between(3, 11), fee=str(fee))
    told = tale.typed_at + month.between(4, 55)
    if month.chance(0.2):
        tale.do("decline", month.clerk(told), told, reason="业主嫌费用高，自行联系商家", second="S1")
        return
    tale.do("consent", month.clerk(told), told)
    day = (told + timedelta(days=1)).replace(hour=month.rng.choice((9, 14)), minute=0, second=0)
    who, start = month.crew.take(fault.category, day, 180, grid=30)
    at = tale.do("reschedule", month.clerk(told), told + minutes(2), appointment=(start, start + timedelta(hours=3)),
                 reason="业主同意报价后约定上门时间")  # fmt: skip
    who, start = dispatched(tale, fault, tale.typed_at, (who, start))
    visit(tale, fault, who, start, home.caller, agreed=f"{fee}.00", reviewed=fee)
    month.settled(home.place, fault.category, tale.typed_at)
    wrap_up(tale, who, home.caller)


def public_area(month: Month, key: str, at: datetime) -> None:
    """Something in the public area, found on patrol or told by a resident; the department concerned signs (FIN-7)."""
    weights = [fault.weight for _, fault in stock.PUBLIC]
    for _ in range(50):
        pattern, fault = month.rng.choices(stock.PUBLIC, weights)[0]
        draw = month.rng.randint
        floor = draw(2, 18)
        place = pattern.format(b=draw(1, 9), u=draw(1, 2), l=draw(1, 2), f=floor)
        if month.free_at(place, fault.category, at):
            break
    tale = Tale(month, key)
    patrol = month.chance(0.5)
    report = {
        "kind": "public_area", "place": place, "category": fault.category,
        "fault": month.rng.choice(fault.said).format(f=floor), "priority": "low" if month.chance(0.15) else None,
        "channel": "patrol" if patrol else "phone",
        "caller": month.rng.choice(stock.FINDERS) if patrol else month.rng.choice(month.homes).caller,
    }  # fmt: skip
    taken = _taken_in(tale, at, report)
    who, start = dispatched(tale, fault, taken)
    _simple_visit(tale, fault, who, start)
    month.settled(place, fault.category, tale.typed_at)
    wrap_up(tale, who, month.rng.choice(stock.DEPARTMENTS))


def complaint(month: Month, key: str, at: datetime) -> None:
    """A general complaint, looked into and answered."""
    fault = month.rng.choice(stock.COMPLAINTS)
    home = month.home_for(fault.category, at)
    tale = Tale(month, key)
    report = _report(month, home, fault) | {"kind": "complaint", "severity": "general"}
    taken = _taken_in(tale, at, report)
    who, start = dispatched(tale, fault, taken)
    _simple_visit(tale, fault, who, start)
    month.settled(home.place, fault.category, tale.typed_at)
    wrap_up(tale, who, home.caller)


def _simple_visit(tale: Tale, fault: Fault, who: str, start: datetime) -> None:
    month = tale.month
    at = tale.do("arrive", who, start)
    at = tale.do("start", who, at + month.between(0.5, 3), found=fault.found)
    tale.do("finish", who, at + month.between(*fault.minutes) * 0.9, found=fault.found, result=fault.result)
