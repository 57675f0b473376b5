"""What cannot be finished on its day for want of a part: excused, given another day, or left to the night (COO-1)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from repairdesk.demo import stock, visits
from repairdesk.demo.month import Home, Month, Tale, minutes
from repairdesk.demo.stock import Fault

_HOURS = (9, 10, 14, 16)
_WEEKDAYS = "一二三四五六日"


def for_a_part(
    tale: Tale, fault: Fault, who: str, arrival: datetime, home: Home, *, agreed: str, name_services: bool
) -> None:
    """The technician has to leave it. The supervisor agrees another day with the resident the same evening, and
    the leader excuses it; every other one both forget, and the night converts it.
    """
    month, wait = tale.month, stock.WAITS[fault.category]
    at = tale.do("arrive", who, arrival)
    at = tale.do("start", who, at + month.between(0.5, 2), **visits.opening(month, fault, home.caller))
    forgotten = month.every(2, "left to the night")
    day, hour = arrival + timedelta(days=month.rng.randint(2, 5)), month.rng.choice(_HOURS)
    back = day.replace(hour=hour, minute=0, second=0)
    if not forgotten:
        _, back = month.crew.take(fault.category, back, 120, grid=30, who=who)
    named = f"周{_WEEKDAYS[back.weekday()]}"
    at = tale.do("pause", who, at + month.between(12, 25), reason="parts", next_at=back, checks=visits.LEAVING,
                 note=f"库房无{wait.part}，{named}到货")  # fmt: skip
    if forgotten:
        settled = tracked(tale, fault, at, home)
    else:
        tale.do("reschedule", "S1", at + month.between(8, 25), appointment=(back, back + timedelta(hours=2)),
                agreed_by=home.caller, reason=f"主管已向业主说明缺{wait.part}，{named}到货即上门")  # fmt: skip
        if month.chance(0.6):
            reason = f"{wait.part}{named}到货，已与业主约好，不转协调单"
            tale.do("exempt", month.leader(at), tale.typed_at + month.between(4, 15), reason=reason)
        visits.visit(tale, fault, who, back - month.between(5.5, 12), home.caller, agreed=agreed,
                    name_services=name_services, smooth=True)  # fmt: skip
        settled = tale.typed_at
        visits.wrap_up(tale, who, home.caller)
    month.settled(home.place, fault.category, settled)


def tracked(tale: Tale, fault: Fault, left: datetime, home: Home) -> datetime:
    """The clerk who took the report tracks it, from the morning after the night that converted it until it is settled.

    Answers with when that is; it may lie after the month's end.
    """
    month, wait = tale.month, stock.WAITS[fault.category]
    taken = next(step for step in month.steps if step.order == tale.key)
    opened = left.replace(hour=0, minute=10, second=0) + timedelta(days=1)
    ended = _at(month, opened + timedelta(days=month.rng.choice((3, 4, 6, 9, 12, 16, 19, 24))), 10, 15)
    line = Tale(month, f"{tale.key}/coordination", opened)
    said: dict[str, Any] = {"place": home.place, "phone": home.phone}
    first = {"contact": home.caller, "content": f"致歉；说明缺{wait.part}，要等到货",
             "opinions": month.rng.choice(stock.PATIENCE), "plan": f"向{wait.supplier}催货"}  # fmt: skip
    doings = [(_at(month, opened, 9, 11), "log", taken.actor, said | first)]
    doings += [(at, "log", taken.actor, said | _chased(month, wait)) for at in _weekly(month, opened, ended)]
    for days, checker in ((5, None), (8, "S1"), (11, None)):
        at = _at(month, opened + timedelta(days=days), 14, 16)
        support = {"support": month.rng.choice(stock.SUPPORT)}
        doings.append((at, "check", checker or month.leader(at), support))
    for at, verb, actor, args in sorted((one for one in doings if one[0] < ended), key=lambda one: one[0]):
        line.do(verb, actor, at, **args)
    _settled(line, fault, taken.actor, ended, home)
    return line.typed_at


def _settled(line: Tale, fault: Fault, tracker: str, ended: datetime, home: Home) -> None:
    """The part is there: result, both signatures, the leader's check, the file (COO-5)."""
    month = line.month
    line.do("log", tracker, ended, place=home.place, phone=home.phone, contact=home.caller,
            content="到货，厂家保内免费更换，业主试用正常", opinions="满意", plan="请业主签字")  # fmt: skip
    line.do("finish", tracker, ended + minutes(8), found=fault.found, result=fault.result)
    line.do("sign", tracker, ended + month.between(15, 50), signer=home.caller, rating="satisfied")
    checked = month.slip_check(line.typed_at)
    line.do("close", month.leader(checked), checked)
    line.do("archive", month.leader(checked), line.typed_at + month.between(5, 30))


def _weekly(month: Month, opened: datetime, ended: datetime) -> list[datetime]:
    """A working day of each week, from the Monday after the night on (COO-3)."""
    monday = opened - timedelta(days=opened.weekday() - 7)
    weeks = range(max(0, (ended - monday).days // 7 + 1))
    days = (monday + timedelta(weeks=week, days=month.rng.randint(1, 3)) for week in weeks)
    return [_at(month, day, 9, 16) for day in days]


def _chased(month: Month, wait: stock.Wait) -> dict[str, str]:
    content, opinions, plan = month.rng.choice(stock.CHASED)
    return {"contact": wait.supplier, "content": content, "opinions": opinions, "plan": plan}


def _at(month: Month, day: datetime, first: int, last: int) -> datetime:
    """Some time of the day between two hours."""
    return day.replace(hour=month.rng.randint(first, last), minute=month.rng.randrange(60), second=0)
