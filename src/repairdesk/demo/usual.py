"""The everyday order: reported, assigned, visited, paid for or free, signed, checked, filed; chance fills it in."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from repairdesk.demo import stock, waits
from repairdesk.demo.month import Home, Month, Tale, minutes
from repairdesk.demo.stock import Fault
from repairdesk.demo.visits import dispatched, visit, wrap_up

CHANNELS = ("phone", "wechat", "app", "walk-in")
_SLOTS = (9, 10, 14, 16, 19)


def in_home(month: Month, key: str, at: datetime) -> None:
    """A household reports a fault of the fee table."""
    fault = month.rng.choices(stock.FAULTS, [month.frequency(f, at) for f in stock.FAULTS])[0]
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
    who, start = dispatched(tale, fault, taken, window, resident=home.caller)
    agreed = month.total(fault.services, ()) if named else "0.00"
    if fault.materials and fault.category in stock.WAITS and month.lacks_a_part(who):
        waits.for_a_part(tale, fault, who, start, home, agreed=agreed, name_services=not named)
        return
    call = visit(tale, fault, who, start, home.caller, agreed=agreed, name_services=not named)
    month.settled(home.place, fault.category, tale.typed_at)
    wrap_up(tale, who, home.caller, call=call)


def advised(month: Month, key: str, at: datetime) -> None:
    """Solved on the phone; whether it lasts is asked within two hours (INT-6)."""
    category, said, answer = month.rng.choice(stock.ADVISED)
    home = month.home_for(category, at)
    tale = Tale(month, key)
    taken = _taken_in(tale, at, _said(home) | {"category": category, "fault": said, "advised": True})
    called = taken + month.between(25, 80)
    tale.do("callback", month.clerk(called), called, outcome="satisfied", method="phone", note=answer)
    month.settled(home.place, category, tale.typed_at)


def _report(month: Month, home: Home, fault: Fault) -> dict[str, Any]:
    fault_said, channel = month.rng.choice(fault.said), month.rng.choices(CHANNELS, (6, 2, 1, 1))[0]
    return _said(home) | {"category": fault.category, "fault": fault_said, "channel": channel}


def _said(home: Home) -> dict[str, Any]:
    return {"kind": "in_home", "channel": "phone", "place": home.said, "caller": home.caller, "phone": home.phone}


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


def unlisted(month: Month, key: str, at: datetime) -> None:
    """Work that the fee table cannot price: reviewed, agreed to, then done by appointment (QUO-2)."""
    if at.hour >= 22:
        in_home(month, key, at)  # Nobody asks for a quote so late.
        return
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
    call = visit(tale, fault, who, start, home.caller, agreed=f"{fee}.00", reviewed=fee)
    month.settled(home.place, fault.category, tale.typed_at)
    wrap_up(tale, who, home.caller, call=call)


def public_area(month: Month, key: str, at: datetime) -> None:
    """Something in the public area, found on patrol or told by a resident; the department concerned signs (FIN-7)."""
    weights = [month.frequency(fault, at) for _, fault in stock.PUBLIC]
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
