"""Complaints, what residents remark on, and what has to wait: stories of what the office sees to beside the work."""

from __future__ import annotations

from typing import Any

from repairdesk.demo.month import Home, Month, Tale, minutes, on
from repairdesk.demo.stock import Fault
from repairdesk.demo.visits import ARRIVING, LEAVING, dispatched, wrap_up


def _reported(month: Month, key: str, day: int, clock: str, home: Home, fault: str, **more: Any) -> Tale:
    tale = Tale(month, key)
    said: dict[str, Any] = {
        "kind": "in_home",
        "channel": "phone",
        "place": home.said,
        "caller": home.caller,
        "phone": home.phone,
    }
    tale.do("intake", month.clerk(on(day, clock)), on(day, clock), delay=1.2, **(said | {"fault": fault} | more))
    return tale


def one_letter(month: Month, keys: tuple[str, ...]) -> None:
    """Two households complain about the same refuse room; one open letter answers both."""
    said = ("垃圾房异味重，夏天不敢开窗", "一楼垃圾房清运太晚，苍蝇多")
    for key, clock, words in zip(keys, ("10:12", "11:35"), said, strict=True):
        home = month.story_home()
        tale = _reported(month, key, 19, clock, home, words, kind="complaint", category="general", new=True)
        fault = Fault("general", (), "清运时间晚于作业计划", "与保洁调整为早晚各清运一次并消杀", (), (), (15, 25))
        who, start = dispatched(tale, fault, tale.typed_at)
        tale.do("start", who, start, found=fault.found)
        tale.do("finish", who, start + minutes(20), found=fault.found, result=fault.result)
        wrap_up(tale, who, home.caller, rating="satisfied")
    tale.do("callback_letter", "C1", max(on(22, "10:00"), tale.typed_at), also=(keys[0],), note="张贴于各单元公告栏",
            text="关于垃圾房清运：自 10 月 20 日起早晚各清运一次，每周消杀两次。")  # fmt: skip


def explained(month: Month, keys: tuple[str, ...]) -> None:
    """A main valve must be ordered: a major matter, the supervisor tells the resident why; next day it is looked at."""
    home = month.story_home()
    tale = _reported(month, keys[0], 20, "08:47", home, "入户总阀关不严，水表一直走", category="plumbing")
    who, start = month.crew.take("plumbing", on(20, "09:00"), 60)
    tale.do("assign", "C1", tale.typed_at + minutes(1.3), staff=who)
    tale.do("accept", who, max(start - minutes(8), tale.typed_at))
    at = tale.do("start", who, start, found="入户总阀阀芯磨损，型号停产", checks=ARRIVING)
    _, again = month.crew.take("plumbing", on(22, "09:30"), 90, who=who)
    at = tale.do("pause", who, at + minutes(25), reason="parts", next_at=again, note="替代型号需厂家发货", major=True)
    tale.do("explain", "S1", at + minutes(40), reason="原型号停产，替代阀后天到货；其间可关楼层分阀", expected=again)
    tale.do("exempt", month.leader(at), tale.typed_at + minutes(6), reason="配件后天到货，主管已说明，不转协调单")
    tale.do("start", who, again, checks=ARRIVING)
    tale.do("finish", who, again + minutes(46), found="入户总阀阀芯磨损", checks=LEAVING,
            result="更换入户总阀，关闭后水表停走；公司承担")  # fmt: skip
    wrap_up(tale, who, home.caller, rating="satisfied")
    tale.do("recheck", "C2", on(23, "15:20"), outcome="ok", note="回看无渗漏，水表不走")


def remarked(month: Month, keys: tuple[str, ...]) -> None:
    """The repair holds, but in the callback the resident asks for more; that is settled without another call."""
    home = month.story_home()
    fault = Fault("carpentry", (), "铰链螺丝松脱", "加固铰链，开合顺畅", (), (), (15, 20))
    tale = _reported(month, keys[0], 21, "09:05", home, "橱柜门掉下来了", category="carpentry")
    who, start = month.crew.take("carpentry", on(21, "09:20"), 40)
    tale.do("assign", "C1", tale.typed_at + minutes(1.1), staff=who)
    tale.do("accept", who, max(start - minutes(7), tale.typed_at))
    tale.do("start", who, start, found=fault.found, checks=ARRIVING)
    tale.do("finish", who, start + minutes(18), found=fault.found, result=fault.result, checks=LEAVING)
    wrap_up(tale, who, home.caller, rating="satisfied")
    at = tale.do("callback", "C2", max(on(24, "16:10"), tale.typed_at), outcome="satisfied", method="phone",
                 note="修得好；希望楼道也装扶手，想知道能不能装", next_at=on(27, "16:00"))  # fmt: skip
    tale.do("settle_remark", "C1", at.replace(day=26, hour=10), note="已列入 11 月公共部位改造计划，书面告知业主")
