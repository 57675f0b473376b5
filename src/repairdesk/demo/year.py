"""What a month is too short for: seasons, people who differ, pipes that burst again, work that has to be done twice.

The last month of a year is the demo's own, with its stories; those before it are ordinary.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from repairdesk.demo import stock, usual
from repairdesk.demo.month import END, FIRST, OPENING, Home, Month, Tale, minutes
from repairdesk.demo.stock import Fault
from repairdesk.demo.visits import dispatched, visit, wrap_up
from repairdesk.domain.fees import FeeTable

_HOURS = {7: 0.3, 8: 1, 9: 1.4, 10: 1.3, 11: 1, 12: 0.7, 13: 0.6, 14: 0.8, 15: 0.8, 16: 0.9, 17: 1.3, 18: 2.6, 19: 3,
          20: 2.5, 21: 1.1, 22: 0.3}  # fmt: skip
_BUSY = {11: 1.0, 12: 1.1, 1: 1.15, 2: 0.75, 3: 0.9, 4: 0.85, 5: 0.95, 6: 1.2, 7: 1.35, 8: 1.2, 9: 0.95, 10: 0.9}
"""How much each month brings, against another: the frost, the rain from June on, an empty estate in spring."""
_WEEKEND = 1.5
_SEASONS: Mapping[str, Mapping[int, float]] = {
    "plumbing": {12: 1.4, 1: 1.9, 2: 1.5, 6: 1.2, 7: 1.3},
    "appliance": {11: 2.2, 12: 1.8, 1: 1.6, 6: 1.5, 7: 2.0, 8: 1.8},
    "masonry": {6: 2.2, 7: 3.0, 8: 2.2},
    "electrical": {6: 1.2, 7: 1.7, 8: 1.6},
    "carpentry": {3: 1.3, 7: 1.3},
}
"""What each season breaks: pipes freeze, heaters are lit for the first time, rain comes through walls, fuses blow."""
_PUNCTUAL = (0.95, 0.84, 0.6, 0.9, 0.76)
_LACKING = (0.06, 0.14, 0.34, 0.1, 0.22)
_FAIR = (2, 6, 15, 4, 9)
"""How the technicians differ, one after the other: how often they come in time, lack a part, are rated fair."""
_WEAK_SPOTS = 14
_WEAK = 0.12
_TWICE = 0.025
_ROUNDS = (10, 15)
_HELP: tuple[tuple[str, str, str, str], ...] = (
    ("medical", "老人在家摔倒，请帮忙", "老人意识清楚，腿部疼痛", "协助拨打 120 并通知家属"),
    ("security", "门外有陌生人一直敲门", "推销人员走错楼层", "劝离并调看监控"),
    ("security", "孩子反锁在房间里", "室内门反锁", "无损开锁，家长在场"),
    ("enquiry", "快递柜打不开，东西取不出来", "柜门卡住", "联系快递公司远程开柜"),
    ("disaster", "地下车库进水了", "暴雨倒灌，水深约 5 厘米", "堆沙袋，启动潜水泵排水"),
    ("other", "钥匙掉进电梯井里了", "钥匙在底坑", "联系维保单位取出钥匙"),
)
_AGAIN = ("上次修过的地方又坏了", "修好没几天又是老毛病", "又漏了，上次没修好")


def begins(months: int) -> datetime:
    """The first moment of so many months that end with the demo's own."""
    first = FIRST
    for _ in range(months - 1):
        first = (first - timedelta(days=1)).replace(day=1)
    return first


class Year(Month):
    """So many months that end with the demo's own; ``orders`` is the number of all their reports."""

    def __init__(self, orders: int, seed: int, fees: FeeTable, months: int) -> None:
        self.first = begins(months)
        opening = self.first - timedelta(hours=24 - OPENING.hour)
        super().__init__(orders // months, seed, fees, homes=max(60, orders // 4), opening=opening)
        self._technicians = [one[0] for one in self.staff if one[2] == "technician"]
        faults = self.rng.choices(stock.FAULTS, [fault.weight for fault in stock.FAULTS], k=_WEAK_SPOTS)
        self._weak: dict[str, list[Home]] = {}
        for home, fault in zip(self.rng.sample(self.homes, _WEAK_SPOTS), faults, strict=True):
            self._weak.setdefault(fault.category, []).append(home)

    def tell(self, orders: int) -> None:
        """The ordinary reports of all months; what is done twice is two reports."""
        twice = round(orders * _TWICE)
        moments = self._moments(orders - twice)
        again = set(self.rng.sample(range(len(moments)), twice))
        kinds, shares = [tell for tell, _ in _KINDS], [share for _, share in _KINDS]
        for number, at in enumerate(moments):
            tell = done_twice if number in again else self.rng.choices(kinds, shares)[0]
            tell(self, f"usual/{number + 1}", at)

    def rounds(self) -> tuple[datetime, ...]:
        """When the office works off what is due: twice on a day that is no Sunday."""
        days = (self.first + timedelta(days=day) for day in range((END - self.first).days + 1))
        return tuple(day.replace(hour=hour, minute=30) for day in days if day.weekday() < 6 for hour in _ROUNDS)

    def frequency(self, fault: Fault, at: datetime) -> float:
        return fault.weight * _SEASONS.get(fault.category, {}).get(at.month, 1)

    def in_time(self, who: str) -> bool:
        return self.chance(self._of(who, _PUNCTUAL))

    def lacks_a_part(self, who: str) -> bool:
        return self.chance(self._of(who, _LACKING))

    def rating(self, who: str) -> str:
        fair = self._of(who, _FAIR)
        return self.rng.choices(("very-satisfied", "satisfied", "fair"), (50 - fair, 50, fair))[0]

    def rated(self, tale: Tale, rating: str) -> None:
        """Supervisor and manager hear the technician about it next morning; now and then they put it off (FIN-4)."""
        if rating in ("fair", "dissatisfied"):
            heard = Tale(self, tale.key, tale.typed_at)
            for chief in ("S1", "M1"):
                day = tale.typed_at + timedelta(days=1 if self.chance(0.9) else 3)
                heard.do("hear", chief, day.replace(hour=9, minute=10), said=self.rng.choice(stock.HEARD))

    def filing(self, closed: datetime) -> datetime:
        """Next morning's slips are filed before somebody is heard about one of them."""
        at = super().filing(closed)
        heard = at.replace(hour=9, minute=10)
        return min(at, heard - minutes(2)) if at < heard + minutes(5) else at

    def home_for(self, category: str, at: datetime) -> Home:
        """Some homes have the same trouble again and again."""
        weak = self._weak.get(category, [])
        if weak and self.chance(_WEAK):
            home = self.rng.choice(weak)
            if self.free_at(home.place, category, at):
                return home
        return super().home_for(category, at)

    def _of(self, who: str, values: tuple[float, ...]) -> float:
        """The value of a technician; of a contractor the first."""
        return values[self._technicians.index(who) % len(values) if who in self._technicians else 0]

    def _moments(self, number: int) -> list[datetime]:
        """When the reports come in: busy months, weekends and evenings; few of them in the last hours."""
        slots = [self.first + timedelta(hours=hour) for hour in range(int((END - self.first) / timedelta(hours=1)))]
        weights = [_BUSY[at.month] * (_WEEKEND if at.weekday() >= 5 else 1) * _HOURS.get(at.hour, 0.02) for at in slots]
        drawn = self.rng.choices(slots, weights, k=number)
        return sorted(at + timedelta(seconds=self.rng.randrange(3600)) for at in drawn)


def done_twice(month: Month, key: str, at: datetime) -> None:
    """Mended, and broken again within days: free rework by a colleague (FIN-4). Half are dissatisfied at once."""
    fault = month.rng.choices(stock.FAULTS, [month.frequency(one, at) for one in stock.FAULTS])[0]
    at = min(max(at, at.replace(hour=8, minute=5)), at.replace(hour=17, minute=40))
    home = month.home_for(fault.category, at)
    said: dict[str, Any] = {
        "kind": "in_home", "channel": "phone", "place": home.said, "caller": home.caller, "phone": home.phone,
        "category": fault.category,
    }  # fmt: skip
    tale = Tale(month, key)
    tale.do("intake", month.clerk(at), at, delay=1.1, new=True, fault=month.rng.choice(fault.said), **said)
    who, start = dispatched(tale, fault, tale.typed_at, resident=home.caller)
    visit(tale, fault, who, start, home.caller, smooth=True)
    unhappy = month.chance(0.5)
    if unhappy:
        tale.do("sign", who, tale.done_at + minutes(4), signer=home.caller, rating="dissatisfied")
        month.rated(tale, "dissatisfied")
        morning = (tale.typed_at + timedelta(days=1)).replace(hour=9, minute=month.rng.randint(15, 55))
        Tale(month, key, tale.typed_at).do(
            "callback", "M1", morning, outcome="dissatisfied", method="phone", next_at=morning + timedelta(days=4),
            note="业主不满意，已安排换人返修",
        )  # fmt: skip
    else:
        wrap_up(tale, who, home.caller, rating="satisfied")
    broken = tale.typed_at + timedelta(days=1 if unhappy else month.rng.randint(2, 9))
    broken = broken.replace(hour=month.rng.randint(9, 16), minute=month.rng.randrange(60))
    again = Tale(month, f"{key}/again")
    again.do("intake", month.clerk(broken), broken, delay=1.3, new=True, follows=key,
             fault=month.rng.choice(_AGAIN), **said)  # fmt: skip
    other, back = dispatched(again, fault, again.typed_at, resident=home.caller)
    begun = again.do("start", other, back, found=fault.found, checks=("badge", "shoe-covers", "mat"))
    again.do("finish", other, begun + month.between(*fault.minutes), found=fault.found,
             result=f"返修：{fault.result}；不收费", checks=("cloth", "whole-unit-check"))  # fmt: skip
    wrap_up(again, other, home.caller, rating="satisfied")
    if unhappy:
        call = Tale(month, key, again.typed_at)
        morning = (again.typed_at + timedelta(days=1)).replace(hour=10, minute=5)
        call.do("callback", "M1", morning, outcome="satisfied", method="phone", note="返修后业主认可")
        checked = month.slip_check(again.typed_at)
        tale.do("close", month.leader(checked), checked)
        filed = max(tale.typed_at, call.typed_at) + month.between(20, 60)
        tale.do("archive", month.clerk(filed), filed)
    month.settled(home.place, fault.category, max(tale.typed_at, again.typed_at))


def helped(month: Month, key: str, at: datetime) -> None:
    """Somebody asks for help and gets it at once; on a busy evening it takes longer than it may (SLA-1)."""
    help_class, words, found, result = month.rng.choice(_HELP)
    home = month.rng.choice(month.homes)
    tale = Tale(month, key)
    tale.do("intake", month.clerk(at), at, delay=0.6, new=True, kind="help", channel="phone", place=home.said,
            caller=home.caller, phone=home.phone, fault=words, help_class=help_class)  # fmt: skip
    answered = tale.typed_at + (month.between(11, 25) if month.chance(0.08) else month.between(0.5, 6))
    who, start = month.crew.take("general", answered + minutes(2), 40, any_hour=True)
    tale.do("assign", month.clerk(at), answered, staff=who)
    tale.do("accept", who, tale.typed_at + minutes(0.5))
    begun = tale.do("start", who, max(start, tale.typed_at) + minutes(2), found=found)
    tale.do("finish", who, begun + month.between(8, 25), found=found, result=result)
    wrap_up(tale, who, home.caller)


def grave(month: Month, key: str, at: datetime) -> None:
    """A complaint that the manager hears of."""
    fault = month.rng.choice(stock.COMPLAINTS)
    home = month.home_for(fault.category, at)
    tale = Tale(month, key)
    tale.do("intake", month.clerk(at), at, delay=1.2, new=True, kind="complaint", severity="important",
            channel="walk-in", place=home.said, caller=home.caller, phone=home.phone, category=fault.category,
            fault=month.rng.choice(fault.said) + "，已多次反映")  # fmt: skip
    who, start = dispatched(tale, fault, tale.typed_at)
    tale.do("start", who, start, found=fault.found)
    tale.do("finish", who, start + month.between(*fault.minutes), found=fault.found, result=fault.result)
    month.settled(home.place, fault.category, tale.typed_at)
    wrap_up(tale, who, home.caller)


_KINDS: tuple[tuple[Callable[[Month, str, datetime], None], int], ...] = (
    (usual.in_home, 69),
    (usual.public_area, 16),
    (usual.unlisted, 4),
    (usual.complaint, 5),
    (usual.advised, 2),
    (helped, 3),
    (grave, 1),
)
