"""What is open on the last evening, one order for each state, so that the board has something to say.

Each of them stops where it stands; what is due soon and what is overdue follows from when it was reported.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from repairdesk.demo.month import Home, Month, Tale, minutes, on
from repairdesk.demo.visits import ARRIVING, LEAVING

Tell = Callable[[Month, tuple[str, ...]], None]


def _called(month: Month, key: str, clock: str, category: str, fault: str, **more: Any) -> tuple[Tale, Home]:
    """A household calls on the last day (or on ``day``)."""
    home = month.story_home()
    at = on(more.pop("day", 31), clock)
    tale = Tale(month, key)
    said = {"kind": "in_home", "channel": "phone", "place": home.said, "caller": home.caller, "phone": home.phone}
    tale.do("intake", month.clerk(at), at, delay=1.3, category=category, fault=fault, **(said | more))
    return tale, home


def _sent(month: Month, tale: Tale, category: str, clock: str, length: float) -> tuple[str, Any]:
    """Assigned and accepted; answers with who is there, and when."""
    who, start = month.crew.take(category, on(31, clock), length, any_hour=True)
    tale.do("assign", month.clerk(tale.typed_at), tale.typed_at + minutes(1.2), staff=who)
    tale.do("accept", who, max(start - minutes(8), tale.typed_at))
    return who, start


def waiting(month: Month, keys: tuple[str, ...]) -> None:
    """Nobody was sent for over an hour: overdue."""
    _called(month, keys[0], "19:22", "electrical", "餐厅吊灯一直闪，怕短路", channel="app")


def review(month: Month, keys: tuple[str, ...]) -> None:
    """Reported ten minutes ago and on no fee table: the supervisor's quarter of an hour runs."""
    _called(month, keys[0], "20:29", "masonry", "客厅墙面大片鼓包，想铲了重做", services=("wall-patch:6",))


def quoted(month: Month, keys: tuple[str, ...]) -> None:
    """Reviewed, and the resident wants to think about it."""
    tale, _ = _called(month, keys[0], "17:41", "plumbing", "洗衣机移到北阳台，要接一路水", services=("pipe-run:4",))
    tale.do("quote", "S1", on(31, "17:53"), fee="220")


def tomorrow(month: Month, keys: tuple[str, ...]) -> None:
    """Assigned for tomorrow morning."""
    who, start = month.crew.take("carpentry", on(31, "09:00") + timedelta(days=1), 120, grid=30)
    tale, _ = _called(month, keys[0], "18:36", "carpentry", "阳台推拉门掉轨", services=("door-adjust",),
                      appointment=(start, start + timedelta(hours=2)))  # fmt: skip
    tale.do("consent", "C1", tale.typed_at + minutes(0.7))
    tale.do("assign", "C1", tale.typed_at + minutes(1), staff=who)
    tale.do("accept", who, tale.typed_at + minutes(5))


def at_work(month: Month, keys: tuple[str, ...]) -> None:
    """A technician is in the middle of it."""
    tale, home = _called(month, keys[0], "19:48", "plumbing", "厨房水槽下水堵死，水漫出来了", services=("basin-drain",))
    tale.do("consent", month.clerk(tale.typed_at), tale.typed_at + minutes(0.5))
    who, start = _sent(month, tale, "plumbing", "20:01", 60)
    tale.do("arrive", who, start)
    tale.do("start", who, start + minutes(2), found="下水管油垢淤积", agreed_by=home.caller, disturbs=("noise",),
            checks=ARRIVING)  # fmt: skip


def parts(month: Month, keys: tuple[str, ...]) -> None:
    """Left for want of a part; nobody has told the resident yet, and the day's last hour for that has passed."""
    tale, _ = _called(month, keys[0], "15:06", "appliance", "壁挂炉报警 F4，暖气不热")
    who, start = _sent(month, tale, "appliance", "15:20", 60)
    tale.do("start", who, start, found="风压开关损坏，库房无此型号", checks=ARRIVING)
    tale.do("pause", who, start + minutes(38), reason="parts", next_at=on(31, "15:00") + timedelta(days=2),
            note="厂家周一发货")  # fmt: skip


def overdue(month: Month, keys: tuple[str, ...]) -> None:
    """Looked at by appointment and still waiting for a supplier: the 48 hours, without those before it, are over."""
    who, start = month.crew.take("general", on(29, "14:00"), 120, grid=30)
    tale, _ = _called(month, keys[0], "08:12", "general", "大堂自动门感应失灵，开着关不上", day=29, kind="public_area",
                      place="3栋2单元大堂", phone=None, appointment=(start, start + timedelta(hours=2)))  # fmt: skip
    tale.do("assign", month.clerk(tale.typed_at), tale.typed_at + minutes(1.2), staff=who)
    tale.do("accept", who, tale.typed_at + minutes(7))
    at = tale.do("start", who, start - minutes(6), found="感应器烧坏，需门业厂家供货")
    tale.do("pause", who, at + minutes(41), reason="supplier", next_at=on(29, "09:00") + timedelta(days=4),
            note="厂家下周一到货；已改手动并张贴提示")  # fmt: skip


def finished(month: Month, keys: tuple[str, ...]) -> None:
    """Just finished; the resident has not signed yet."""
    tale, _ = _called(month, keys[0], "19:02", "electrical", "床头插座没电", services=("socket",))
    who, start = _sent(month, tale, "electrical", "19:16", 50)
    tale.do("arrive", who, start)
    tale.do("consent", who, start + minutes(2), fee=month.total(("socket",), ("socket-5-hole",)))
    tale.do("start", who, start + minutes(3), found="插座簧片烧蚀", checks=ARRIVING)
    tale.do("finish", who, start + minutes(26), found="插座簧片烧蚀", result="更换五孔插座，测电压正常",
            materials=("socket-5-hole",), checks=LEAVING)  # fmt: skip


def slip_out(month: Month, keys: tuple[str, ...]) -> None:
    """Signed at noon, but the slip has not come back by five."""
    _mended(month, keys[0], "10:44", "locks", "防盗门门铃不响，锁也松", closes=False)


def not_filed(month: Month, keys: tuple[str, ...]) -> None:
    """Checked this afternoon, to be filed tomorrow."""
    _mended(month, keys[0], "11:15", "general", "对讲机没声音", closes=True)


def _mended(month: Month, key: str, clock: str, category: str, fault: str, *, closes: bool) -> None:
    tale, home = _called(month, key, clock, category, fault)
    who, start = _sent(month, tale, category, clock, 40)
    tale.do("start", who, start + minutes(8), found="接线松动", checks=ARRIVING)
    tale.do("finish", who, start + minutes(27), found="接线松动", result="紧固并试用正常", services=("inspect",),
            checks=LEAVING)  # fmt: skip
    tale.do("sign", who, tale.done_at + minutes(3), signer=home.caller, rating="satisfied")
    if closes:
        tale.do("close", month.leader(tale.typed_at), on(31, "16:37"))


LEFT_OPEN: Mapping[str, Tell] = {
    "waiting": waiting,
    "review": review,
    "quoted": quoted,
    "assigned": tomorrow,
    "on-site": at_work,
    "parts": parts,
    "overdue": overdue,
    "finished": finished,
    "slip-out": slip_out,
    "not-filed": not_filed,
}
