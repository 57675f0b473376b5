"""The orders that a desk remembers of a month, each told once, by name and with its day.

A story says what happens and in which order; the month fills in who is free. ``STORIES`` is the order in which a small
month takes them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from repairdesk.demo import bills, matters, tail
from repairdesk.demo.month import Home, Month, Tale, minutes, on
from repairdesk.demo.stock import Fault
from repairdesk.demo.visits import ARRIVING, LEAVING, dispatched, visit, wrap_up

TWO_HOURS = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Story:
    """A name, how many reports it takes in, and how it goes; ``tell`` gets a name for each of its orders."""

    name: str
    orders: int
    tell: Callable[[Month, tuple[str, ...]], None]


def reported(
    month: Month, key: str, at: datetime, home: Home | None, category: str | None, fault: str, **more: Any
) -> Tale:
    """A report is taken in and written down within two minutes; of a household unless a place is given."""
    tale = Tale(month, key)
    said: dict[str, Any] = {"kind": "in_home", "channel": "phone", "category": category, "fault": fault}
    if home is not None:
        said |= {"place": home.said, "caller": home.caller, "phone": home.phone}
    tale.do("intake", month.clerk(at), at, delay=1.2, **(said | more))
    return tale


def burst_pipe(month: Month, keys: tuple[str, ...]) -> None:
    """A pipe bursts on a Saturday evening: work starts before a fee is agreed to, and two floors below call too."""
    upstairs, below, lowest = (
        Home(place, place, month.story_home().caller, phone)
        for place, phone in (("3-2-501", "13800000501"), ("3-2-401", "13800000401"), ("3-2-301", "13800000301"))
    )
    tale = reported(
        month, keys[0], on(3, "19:12"), upstairs, "plumbing", "厨房水管爆裂，水已经漫到客厅，关不住！",
        priority="emergency", services=("angle-valve", "hose"), affects=(below.place, lowest.place),
    )  # fmt: skip
    who, _ = month.crew.take("plumbing", on(3, "19:15"), 100, any_hour=True)
    tale.do("assign", "C2", tale.typed_at + minutes(0.5), staff=who)
    tale.do("accept", who, tale.typed_at + minutes(0.6))
    for home, said in ((below, "厨房天花板在滴水"), (lowest, "吊顶鼓包，有水渗下来")):
        tale.do("intake", "C2", tale.typed_at + minutes(0.8), join=keys[0], kind="in_home", place=home.said,
                caller=home.caller, phone=home.phone, fault=said, category="plumbing")  # fmt: skip
    tale.do("arrive", who, on(3, "19:21"))
    tale.do("start", who, on(3, "19:22"), found="厨房角阀断裂，连接软管老化", reason="先关总阀止水，费用随后与业主确认",
            disturbs=("water",), agreed_by=upstairs.caller, checks=ARRIVING[:2])  # fmt: skip
    services, materials = ("angle-valve", "hose"), ("铜角阀:2:18.50", "hose-40cm", "ppr-20:1.5")
    tale.do("consent", who, on(3, "19:48"), fee=month.total(services, materials))
    tale.do("finish", who, on(3, "20:41"), found="厨房角阀断裂，连接软管老化", materials=materials, checks=LEAVING,
            result="更换角阀、软管、PPR 管 1.5 米，试压 20 分钟无渗漏")  # fmt: skip
    wrap_up(tale, who, upstairs.caller, rating="very-satisfied")
    tale.do("attach", "C2", tale.typed_at + minutes(7), delay=0.5, name="签单 3-2-501.pdf", note="业主签字联，已扫描")


def not_home_twice(month: Month, keys: tuple[str, ...]) -> None:
    """Twice nobody opens; cards are left, new times agreed, and on the third visit it is done."""
    home = month.story_home()
    fault = Fault("plumbing", (), "淋浴间地漏毛发淤堵", "疏通并清洗存水弯，排水正常", ("floor-drain",), (), (25, 35))
    who, start = month.crew.take("plumbing", on(7, "10:00"), 120, grid=30)
    tale = reported(month, keys[0], on(6, "16:34"), home, "plumbing", "淋浴间下水很慢，洗澡积水", channel="wechat",
                    services=fault.services, appointment=(start, start + TWO_HOURS))  # fmt: skip
    tale.do("consent", "C2", tale.typed_at + minutes(0.5))
    tale.do("assign", "C2", tale.typed_at + minutes(0.5), staff=who)
    tale.do("accept", who, tale.typed_at + minutes(6))
    for day, clock, reason in ((8, "19:30", "业主临时外出，改约明晚"), (10, "09:30", "业主加班未归，改约周六上午")):
        tale.do("arrive", who, start - minutes(6), nobody_home=True)
        _, start = month.crew.take("plumbing", on(day, clock), 120, grid=30, who=who)
        tale.do("reschedule", month.clerk(tale.typed_at), tale.typed_at + minutes(47), reason=reason,
                appointment=(start, start + TWO_HOURS), agreed_by=home.caller)  # fmt: skip
    visit(tale, fault, who, start - minutes(7), home.caller, agreed="42.00", name_services=False, smooth=True)
    wrap_up(tale, who, home.caller, rating="satisfied")


def parts_for_a_week(month: Month, keys: tuple[str, ...]) -> None:
    """A water heater waits a week for its board: parts, a loaner, three visits, and the supervisor who explains."""
    home = month.story_home()
    tale = reported(month, keys[0], on(8, "10:17"), home, "appliance", "热水器打不着火，显示 E1", model="JSQ24-12E",
                    purchased="2021-05-16", services=("inspect",))  # fmt: skip
    who, start = month.crew.take("appliance", on(8, "10:24"), 60)
    tale.do("assign", "C2", tale.typed_at + minutes(1), staff=who)
    tale.do("accept", who, max(start - minutes(6), tale.typed_at))
    at = tale.do("start", who, start, found="控制主板烧蚀，需返厂检测", checks=ARRIVING)
    at = tale.do("pause", who, at + minutes(31), reason="parts", next_at=on(10, "09:00"), note="联系厂家确认配件")
    _, again = month.crew.take("appliance", on(10, "09:00"), 120, grid=30, who=who)
    tale.do("reschedule", "S1", at + minutes(22), appointment=(again, again + TWO_HOURS), agreed_by=home.caller,
            reason="主管已向业主说明：厂家要先看主板，周六上门拆取")  # fmt: skip
    tale.do("exempt", month.leader(at), on(8, "18:20"), reason="等厂家配件，主管已说明，不转协调单")
    at = tale.do("start", who, again - minutes(5.5), checks=ARRIVING)
    tale.do("pause", who, at + minutes(24), reason="taken-away", next_at=on(15, "14:00"), note="主板送厂检测",
            taken=("热水器控制主板",), loaner="电热水壶一把", checks=LEAVING)  # fmt: skip
    _, last = month.crew.take("appliance", on(15, "14:00"), 120, grid=30, who=who)
    tale.do("reschedule", "S1", on(10, "11:40"), appointment=(last, last + TWO_HOURS), agreed_by=home.caller,
            reason="厂家答复一周内修复，主管已告知业主预计日期")  # fmt: skip
    tale.do("arrive", who, last - minutes(6))
    tale.do("returned", who, last - minutes(4), items=("热水器控制主板",))
    materials = ("主板维修件:1:165.00",)
    tale.do("consent", who, last - minutes(2), fee=month.total(("inspect",), materials))
    tale.do("start", who, last, checks=ARRIVING)
    tale.do("finish", who, last + minutes(52), found="控制主板烧蚀", result="装回修复的主板，点火、恒温正常",
            materials=materials, checks=LEAVING)  # fmt: skip
    wrap_up(tale, who, home.caller, rating="satisfied")


def dissatisfied(month: Month, keys: tuple[str, ...]) -> None:
    """A toilet is blocked again the next day: rework by someone else, free, and then both slips can be filed."""
    home = month.story_home()
    fault = Fault("plumbing", (), "排污口异物堵塞", "机械疏通，冲水正常", ("toilet",), (), (20, 30))
    tale = reported(month, keys[0], on(12, "18:21"), home, "plumbing", "马桶堵了，水下不去", services=("toilet",))
    tale.do("consent", "C1", tale.typed_at + minutes(0.6))
    who, start = dispatched(tale, fault, tale.typed_at)
    visit(tale, fault, who, start, home.caller, agreed="50.00", name_services=False, smooth=True)
    tale.do("sign", who, tale.done_at + minutes(4), signer=home.caller, rating="dissatisfied")
    first = tale
    for chief, hour in (("S1", "08:50"), ("M1", "09:10")):
        first.do("hear", chief, on(13, hour), said="只做了机械疏通，没有拆移马桶检查存水弯")
    first.do("callback", "M1", on(13, "09:20"), outcome="dissatisfied", method="phone", next_at=on(14, "18:00"),
             note="业主担心没有通彻底，约好次日再联系")  # fmt: skip
    again = reported(month, keys[1], on(13, "18:02"), home, "plumbing", "昨天刚通的马桶又堵了，没修好",
                     follows=keys[0], services=("inspect",))  # fmt: skip
    other = "T3" if who == "T2" else "T2"
    _, back = month.crew.take("plumbing", on(13, "18:12"), 70, who=other)
    again.do("assign", "C2", again.typed_at + minutes(1.5), staff=other)
    again.do("accept", other, max(back - minutes(7), again.typed_at))
    at = again.do("start", other, back, found="存水弯内卡有玩具积木", checks=ARRIVING)
    again.do("finish", other, at + minutes(46), found="存水弯内卡有玩具积木", checks=LEAVING,
             result="拆移马桶取出异物，重装密封，连续冲水十次正常；返修不收费")  # fmt: skip
    again.do("sign", other, again.done_at + minutes(3), signer=home.caller, rating="satisfied")
    for one, minute in ((first, "16:18"), (again, "16:21")):
        one.do("close", "L1", on(14, minute))
    first.do("settle", "M1", on(14, "16:50"), reason="换人返修后当面确认，业主认可，结案")
    for one, minute in ((again, "17:16"), (first, "17:18")):
        one.do("archive", "C1", max(on(14, minute), again.typed_at))


def coordination(month: Month, keys: tuple[str, ...]) -> None:
    """A leaking hydrant main cannot be mended in three days: tracked week by week, checked, and settled."""
    tale = reported(
        month,
        keys[0],
        on(2, "09:25"),
        None,
        "plumbing",
        "地下车库消火栓主管渗水，需分区停水",
        kind="public_area",
        place="地下车库B1层",
        caller="秩序部 高明",
        channel="patrol",
    )
    who, start = month.crew.take("plumbing", on(2, "09:40"), 70)
    tale.do("assign", "C1", tale.typed_at + minutes(4), staff=who)
    tale.do("accept", who, max(start - minutes(9), tale.typed_at))
    at = tale.do("start", who, start, found="主管法兰锈蚀，渗水约每分钟 60 滴")
    tale.do(
        "pause", who, at + minutes(48), reason="supplier", next_at=on(5, "09:00"), note="需消防维保单位停水更换法兰"
    )
    tale.do("convert", "L1", on(5, "09:10"), tracker="C1", reason="消防维保单位节后才能排期，三天内无法完成")
    line = Tale(month, f"{keys[0]}/coordination", tale.typed_at)
    for day, clock, contact, content, opinions, plan in (
        (6, "10:05", "维保单位 罗工", "说明渗水情况并发送照片", "同意节后首周勘察，态度配合", "10 月 13 日现场勘察"),
        (13, "15:20", "维保单位 罗工", "现场勘察，确认更换两片法兰", "需提前 3 天报停水", "10 月 20 日前报价并排期"),
        (20, "11:12", "维保单位 罗工", "报价与停水方案收到", "建议夜间施工，影响小", "公示后 10 月 27 日夜间施工"),
        (28, "09:02", "秩序部 高明", "夜间施工完成，观察一晚无渗漏", "认可，要求一周后复看", "收尾、请使用部门签字"),
    ):
        line.do("log", "C1", on(day, clock), place="地下车库B1层", contact=contact, phone="13800000088",
                content=content, opinions=opinions, plan=plan)  # fmt: skip
        if day in (13, 20):
            line.do(
                "check", month.leader(on(day, clock)), on(day + 1, "16:40"), support="已与秩序部协调停水时段与现场围挡"
            )
        if day == 20:
            line.do("check", "S1", on(22, "10:30"), support="同意费用由公共维修项支出，已报经理")
    line.do("finish", "C1", on(28, "10:15"), found="主管法兰锈蚀", result="更换法兰两片，保压 8 小时无压降")
    line.do("sign", "C1", on(28, "14:30"), signer="秩序维护部 韩磊", rating="satisfied")
    line.do("close", "L2", on(29, "16:12"))
    line.do("archive", "L2", on(29, "16:20"))


def tracking(month: Month, keys: tuple[str, ...]) -> None:
    """Water comes through an outside wall: still tracked when the month ends."""
    home = month.story_home()
    tale = reported(month, keys[0], on(20, "14:41"), home, "masonry", "下雨后主卧外墙渗水，墙皮起泡")
    who, start = month.crew.take("masonry", on(20, "14:50"), 60)
    tale.do("assign", "C1", tale.typed_at + minutes(1.4), staff=who)
    tale.do("accept", who, max(start - minutes(8), tale.typed_at))
    at = tale.do("start", who, start, found="外墙伸缩缝密封胶开裂", checks=ARRIVING)
    tale.do("pause", who, at + minutes(35), reason="supplier", next_at=on(28, "09:00"), note="高空作业需外墙单位")
    tale.do("convert", "L2", on(20, "20:10"), tracker="C2", reason="需外墙单位高空作业，当日无法完成")
    line = Tale(month, f"{keys[0]}/coordination", tale.typed_at)
    for day, clock, contact, content, opinions, plan in (
        (21, "10:22", home.caller, "告知外墙单位排期与室内保护办法", "着急，希望月底前处理", "约外墙单位本周勘察"),
        (28, "16:08", "外墙单位 谢工", "勘察完成，等连续晴天施工", "预计 11 月 4 日起两天", "施工前一天再告知业主"),
    ):
        line.do("log", "C2", on(day, clock), place=home.place, contact=contact, phone=home.phone,
                content=content, opinions=opinions, plan=plan)  # fmt: skip
    line.do("check", "L1", on(30, "16:35"), support="已协调吊篮进场路线，并在单元张贴告示")


def lift(month: Month, keys: tuple[str, ...]) -> None:
    """A lift stands still: the contractor comes, waits for a part over night, and the department signs."""
    tale = reported(month, keys[0], on(10, "18:42"), None, "general", "5栋1单元电梯停在7层不动，轿厢内无人",
                    kind="public_area", place="5栋1单元电梯", priority="emergency", caller="秩序部 韩磊")  # fmt: skip
    month.crew.take("lift", on(10, "18:45"), 160, any_hour=True)
    tale.do("assign", "C2", tale.typed_at + minutes(0.7), staff="W1")
    tale.do("accept", "W1", tale.typed_at + minutes(2))
    tale.do("arrive", "W1", on(10, "18:57"))
    tale.do("start", "W1", on(10, "18:59"), found="门机变频器故障")
    tale.do(
        "pause", "W1", on(10, "20:03"), reason="supplier", next_at=on(11, "09:30"), note="调拨变频器，现场已挂停梯牌"
    )
    tale.do("start", "W1", on(11, "09:26"))
    tale.do(
        "finish", "W1", on(11, "11:08"), found="门机变频器故障", result="更换门机变频器，空载、满载试运行各 10 次正常"
    )
    wrap_up(tale, "W1", "秩序维护部 韩磊", rating="satisfied")


def anonymous(month: Month, keys: tuple[str, ...]) -> None:
    """A letter without a name: nobody can sign, so the leader goes and looks."""
    tale = reported(month, keys[0], on(9, "09:40"), None, "electrical", "车库B2照明长期昏暗，反映多次无人管",
                    kind="complaint", place="地下车库B2层", channel="letter", anonymous=True)  # fmt: skip
    fault = Fault(
        "electrical", (), "感应灯延时过短，三盏灯驱动老化", "调整延时并更换驱动 3 只（库存领用）", (), (), (40, 60)
    )
    who, start = dispatched(tale, fault, tale.typed_at)
    tale.do("start", who, start, found=fault.found)
    tale.do("finish", who, start + minutes(51), found=fault.found, result=fault.result)
    wrap_up(tale, who, "", unsigned="匿名来信，无人签字；班长现场核实照明正常，已张贴答复")


def important(month: Month, keys: tuple[str, ...]) -> None:
    """A complaint that the manager hears of: two repairs did not stop a leak."""
    home = month.story_home()
    tale = reported(
        month,
        keys[0],
        on(14, "19:35"),
        home,
        "plumbing",
        "楼上漏水报过两次都没修好，客厅吊顶又泡坏了，要求给说法",
        kind="complaint",
        severity="important",
        channel="walk-in",
    )
    fault = Fault(
        "plumbing", (), "楼上地漏与楼板接缝防水失效", "与楼上业主达成一致重做接缝，吊顶由责任方修复", (), (), (60, 80)
    )
    who, start = dispatched(tale, fault, tale.typed_at)
    tale.do("start", who, start, found=fault.found)
    tale.do("finish", who, start + minutes(74), found=fault.found, result=fault.result)
    wrap_up(tale, who, home.caller, rating="satisfied")


def help_requests(month: Month, keys: tuple[str, ...]) -> None:
    """Help is answered at once: a fall, a child behind a locked door, a question."""
    for key, at, words, trade, found, result, help_class in (
        (keys[0], on(5, "20:14"), "家中老人摔倒起不来，请帮忙", "general", "老人意识清楚，腿部疼痛",
         "协助拨打 120，护送至单元门口，通知家属", "medical"),
        (keys[1], on(17, "17:38"), "孩子把自己反锁在卧室里哭", "locks", "室内门反锁，钥匙在内",
         "无损开锁，孩子平安，家长在场", "security"),
    ):  # fmt: skip
        home = month.story_home()
        tale = reported(month, key, at, home, None, words, kind="help", help_class=help_class)
        fault = Fault(trade, (), found, result, (), (), (15, 25))
        who, start = month.crew.take(fault.category, tale.typed_at + minutes(3), 40, any_hour=True)
        tale.do("assign", month.clerk(at), tale.typed_at + minutes(0.5), staff=who)
        tale.do("accept", who, tale.typed_at + minutes(0.5))
        begun = tale.do("start", who, max(start, tale.typed_at) + minutes(2), found=found)
        tale.do("finish", who, begun + minutes(19), found=found, result=result)
        wrap_up(tale, who, home.caller, rating="very-satisfied")
    reported(
        month,
        keys[2],
        on(31, "19:56"),
        month.story_home(),
        None,
        "装修垃圾放哪里？明天能清运吗？（已告知地点与时间）",
        kind="help",
        help_class="enquiry",
        advised=True,
    )


def advised_first(month: Month, keys: tuple[str, ...]) -> None:
    """Told on the phone how to switch the breaker on; it fell again, so someone goes."""
    home = month.story_home()
    tale = reported(
        month, keys[0], on(11, "19:03"), home, "electrical", "突然没电了（电话指导先拔大功率电器再合闸）", advised=True
    )
    fault = Fault(
        "electrical",
        (),
        "电热水器漏电导致跳闸",
        "断开热水器回路后送电正常，已告知联系厂家",
        ("trip-reset",),
        (),
        (15, 25),
    )
    who, start = month.crew.take("electrical", on(11, "19:52"), 45)
    tale.do("assign", "C2", on(11, "19:44"), staff=who, reason="回电跟踪：合闸后又跳，转上门")
    tale.do("accept", who, max(start - minutes(6), tale.typed_at))
    visit(tale, fault, who, start, home.caller, smooth=True)
    wrap_up(tale, who, home.caller, rating="satisfied")


def declined_quote(month: Month, keys: tuple[str, ...]) -> None:
    """A new door costs more than the resident wants to spend; clerk and supervisor put it on record together."""
    tale = reported(month, keys[0], on(16, "18:47"), month.story_home(), "carpentry", "卫生间门泡烂了，想整扇换掉",
                    services=("door-refit",))  # fmt: skip
    tale.do("quote", "S1", on(16, "18:58"), fee="860")
    tale.do("decline", "C2", on(16, "19:25"), reason="业主认为报价偏高，自行联系门厂", second="S1")


def unlisted_job(month: Month, keys: tuple[str, ...]) -> None:
    """Waterproofing is on no fee table: reviewed within a quarter of an hour, agreed to, done on a weekday."""
    home = month.story_home()
    fault = Fault(
        "masonry",
        (),
        "卫生间门槛石处防水层破损",
        "重做 1.5 平方米防水，闭水试验 24 小时合格",
        ("waterproofing:1.5",),
        (),
        (140, 165),
        ("noise", "water"),
    )
    tale = reported(month, keys[0], on(19, "09:33"), home, "masonry", "楼下说我家卫生间漏水，想做防水",
                    services=fault.services)  # fmt: skip
    tale.do("quote", "S1", on(19, "09:46"), fee="680")
    tale.do("consent", "C1", on(19, "10:21"))
    who, start = month.crew.take("masonry", on(20, "09:00"), 180, grid=30)
    tale.do("reschedule", "C1", tale.typed_at + minutes(1), appointment=(start, start + timedelta(hours=3)),
            reason="业主同意报价后约定施工时段")  # fmt: skip
    dispatched(tale, fault, tale.typed_at, (who, start))
    visit(
        tale, fault, who, start - minutes(8), home.caller,
        agreed="680.00", reviewed=680, name_services=False, smooth=True,
    )  # fmt: skip
    wrap_up(tale, who, home.caller, rating="very-satisfied")


def unsigned_slip(month: Month, keys: tuple[str, ...]) -> None:
    """The resident has gone to the airport; the leader looks at the lock and says why nobody signed."""
    home = month.story_home()
    fault = Fault(
        "locks", (), "锁芯卡滞", "更换 C 级锁芯，五把钥匙试开正常", ("lock-core",), ("lock-core-c",), (18, 28)
    )
    tale = reported(month, keys[0], on(18, "10:12"), home, "locks", "入户门钥匙拧不动，下午要赶飞机")
    who, start = dispatched(tale, fault, tale.typed_at)
    visit(tale, fault, who, start, home.caller, smooth=True)
    wrap_up(tale, who, home.caller, unsigned="业主已赴机场，电话确认满意；班长现场核实锁具正常")


def correction(month: Month, keys: tuple[str, ...]) -> None:
    """The clerk wrote down the wrong door: the old one stays readable beside the right one."""
    home = month.story_home()
    fault = Fault(
        "electrical", (), "插座簧片烧蚀", "更换五孔插座，测电压正常", ("socket",), ("socket-5-hole",), (15, 25)
    )
    tale = reported(month, keys[0], on(15, "13:22"), Home("2-1-1102", "2栋1单元1102", home.caller, home.phone),
                    "electrical", "厨房插座插上去冒火花")  # fmt: skip
    tale.do("correct", "C1", tale.typed_at + minutes(1.5), fields={"place": "2栋1单元1202", "phone": "13800001202"},
            reason="听错门牌，回电核实")  # fmt: skip
    who, start = dispatched(tale, fault, tale.typed_at)
    visit(tale, fault, who, start, home.caller, smooth=True)
    wrap_up(tale, who, home.caller, rating="satisfied")


def cancelled(month: Month, keys: tuple[str, ...]) -> None:
    """It has mended itself before anybody left."""
    home = month.story_home()
    tale = reported(month, keys[0], on(21, "20:02"), home, "electrical", "客厅灯不亮")
    tale.do("cancel", "C2", on(21, "20:09"), reason="业主来电：开关没按到位，灯已亮")


def late_slip(month: Month, keys: tuple[str, ...]) -> None:
    """Finished in the late evening and keyed in next morning, when the night has converted it: the slip voids that."""
    home = month.story_home()
    tale = reported(
        month, keys[0], on(22, "20:56"), home, "plumbing", "洗脸盆下面的软管漏水，接了一盆水", services=("hose",)
    )
    tale.do("consent", "C2", tale.typed_at + minutes(0.5))
    who, start = month.crew.take("plumbing", on(22, "21:09"), 45)
    tale.do("assign", "C2", tale.typed_at + minutes(1), staff=who)
    tale.do("accept", who, max(start - minutes(7), tale.typed_at))
    tale.do("arrive", who, start)
    services, materials = ("hose",), ("hose-40cm",)
    late: dict[str, Any] = {"typed": on(23, "08:31"), "keyboard": "C2"}
    tale.do("consent", who, start + minutes(2), fee=month.total(services, materials), **late)
    tale.do("start", who, start + minutes(3), found="编织软管锈蚀", checks=ARRIVING, **late)
    tale.do("finish", who, start + minutes(21), found="编织软管锈蚀", result="更换软管，试水正常",
            materials=materials, checks=LEAVING, **late)  # fmt: skip
    tale.do("sign", who, start + minutes(24), signer=home.caller, rating="satisfied", **late)
    wrap_up(tale, who, home.caller)


def left_overnight(month: Month, keys: tuple[str, ...]) -> None:
    """A pane must be made to measure and nobody gives it another day: the night converts it, and one week is missed.

    The clerk who took the report tracks it; the pane is put in on a work order that follows the coordination order.
    """
    home = month.story_home()
    tale = reported(month, keys[0], on(8, "16:48"), home, "carpentry", "阳台推拉门玻璃自爆，碎了一地")
    who, start = month.crew.take("carpentry", on(8, "17:02"), 60)
    tracker = month.clerk(on(8, "16:48"))
    tale.do("assign", tracker, tale.typed_at + minutes(1.4), staff=who)
    tale.do("accept", who, max(start - minutes(8), tale.typed_at))
    at = tale.do("start", who, start, found="钢化玻璃自爆，需按尺寸定制", checks=ARRIVING)
    tale.do("pause", who, at + minutes(34), reason="parts", next_at=on(15, "09:00"), checks=LEAVING,
            note="已清理并封板；玻璃定制约一周")  # fmt: skip
    line = Tale(month, f"{keys[0]}/coordination", on(9, "00:10"))

    def log(day: int, clock: str, contact: str, content: str, opinions: str, plan: str) -> None:
        line.do("log", tracker, on(day, clock), place=home.place, contact=contact, phone="13800000077",
                content=content, opinions=opinions, plan=plan)  # fmt: skip

    log(9, "10:12", home.caller, "致歉并说明玻璃要定制，先封板", "理解，要求两周内装好", "玻璃厂上门量尺")
    line.do("check", month.leader(on(14, "15:40")), on(14, "15:40"), support="已请采购与玻璃厂签加急单")
    # The week of the 12th goes by without an entry: on Monday the night tells the tracker, on Tuesday the leader.
    log(20, "09:25", "玻璃厂 沙工", "催货：上周漏跟；玻璃已钢化，周五出厂", "致歉，承诺周六前到", "周六上午安装")
    line.do("check", month.leader(on(21, "10:20")), on(21, "10:20"), support="提醒每周跟踪；已确认送货时间")
    line.do("check", "S1", on(22, "11:05"), support="同意玻璃按入库价加管理费收取，已与业主说明")
    _pane(month, keys, home, tracker)
    log(24, "14:30", home.caller, "玻璃已装好，业主试用", "满意", "请业主签字")
    line.do("finish", tracker, on(24, "14:40"), found="钢化玻璃自爆", result="定制玻璃已安装，推拉顺畅")
    line.do("sign", tracker, on(24, "15:05"), signer=home.caller, rating="satisfied")
    line.do("close", "L1", on(24, "16:25"))
    line.do("archive", "L1", on(24, "16:31"))


def _pane(month: Month, keys: tuple[str, ...], home: Home, tracker: str) -> None:
    """The visit of a coordination order: a work order of its own, with its own bill."""
    materials = ("定制钢化玻璃:1:210.00",)
    who, start = month.crew.take("carpentry", on(24, "09:30"), 120, grid=30)
    tale = reported(month, keys[1], on(23, "16:20"), home, "carpentry", "推拉门玻璃到货，上门安装",
                    follows=f"{keys[0]}/coordination", services=("inspect",),
                    appointment=(start, start + TWO_HOURS))  # fmt: skip
    tale.do("assign", tracker, tale.typed_at + minutes(1), staff=who)
    tale.do("accept", who, tale.typed_at + minutes(6))
    tale.do("arrive", who, start - minutes(8))
    tale.do("consent", who, start - minutes(5), fee=month.total(("inspect",), materials))
    tale.do("start", who, start - minutes(3), found="旧框完好", checks=ARRIVING)
    tale.do("finish", who, start + minutes(51), found="旧框完好", result="安装定制玻璃，推拉顺畅", materials=materials,
            checks=LEAVING)  # fmt: skip
    wrap_up(tale, who, home.caller, rating="satisfied")


def forgotten_call(month: Month, keys: tuple[str, ...]) -> None:
    """What could not be tested is to be called back within two hours; nobody does until the manager hears of it."""
    home = month.story_home()
    tale = reported(month, keys[0], on(27, "15:12"), home, "plumbing", "楼上停水检修后，马桶水箱不上水")
    who, start = month.crew.take("plumbing", on(27, "15:25"), 50)
    tale.do("assign", "C2", tale.typed_at + minutes(1.2), staff=who)
    tale.do("accept", who, max(start - minutes(7), tale.typed_at))
    tale.do("arrive", who, start)
    tale.do("consent", who, start + minutes(2), fee=month.total(("cistern",), ("cistern-kit",)))
    tale.do("start", who, start + minutes(3), found="进水阀卡滞", checks=ARRIVING)
    tale.do("finish", who, start + minutes(29), found="进水阀卡滞", services=("cistern",), materials=("cistern-kit",),
            result="更换水箱配件；停水未能试水", untested=True, checks=LEAVING)  # fmt: skip
    tale.do("sign", who, tale.done_at + minutes(3), signer=home.caller, rating="satisfied")
    tale.do("close", month.leader(on(27, "16:44")), on(27, "16:44"))
    tale.do("callback", month.clerk(on(28, "08:41")), on(28, "08:41"), outcome="satisfied", method="phone",
            note="业主：昨晚来水后正常；致歉回电迟了")  # fmt: skip
    tale.do("archive", month.clerk(on(28, "17:12")), on(28, "17:12"))


def handed_on(month: Month, keys: tuple[str, ...]) -> None:
    """A technician asks for support; the order goes to a colleague with the right tools, with the reason."""
    home = month.story_home()
    tale = reported(month, keys[0], on(24, "15:08"), home, "plumbing", "马桶返水，多次疏通无效")
    first, start = month.crew.take("plumbing", on(24, "15:20"), 40, who="T2")
    second, later = month.crew.take("plumbing", start + minutes(75), 75, who="T3")
    tale.do("assign", "C2", tale.typed_at + minutes(1.5), staff=first)
    tale.do("accept", first, max(start - minutes(8), tale.typed_at))
    tale.do("start", first, start, found="主排污支管堵塞，手动疏通机够不到", checks=ARRIVING)
    tale.do("support", first, start + minutes(18), reason="需电动疏通机和一名帮手")
    tale.do("pause", first, start + minutes(26), reason="support", next_at=later, note="等电动疏通机")
    tale.do("assign", "L2", tale.typed_at + minutes(4), staff=second, reason="转有电动疏通机的同事")
    tale.do("accept", second, max(later - minutes(8), tale.typed_at))
    tale.do("arrive", second, later)
    tale.do("consent", second, later + minutes(2), fee=month.total(("toilet",), ()))
    tale.do("start", second, later + minutes(3), checks=ARRIVING)
    tale.do("finish", second, later + minutes(41), found="主排污支管堵塞", services=("toilet",), checks=LEAVING,
            result="电动疏通机疏通 6 米，连续冲水正常")  # fmt: skip
    wrap_up(tale, second, home.caller, rating="very-satisfied")


STORIES: tuple[Story, ...] = (
    Story("burst-pipe", 1, burst_pipe),
    Story("not-home-twice", 1, not_home_twice),
    Story("parts-for-a-week", 1, parts_for_a_week),
    Story("dissatisfied", 2, dissatisfied),
    Story("coordination", 1, coordination),
    Story("tracking", 1, tracking),
    Story("lift", 1, lift),
    Story("anonymous-complaint", 1, anonymous),
    Story("important-complaint", 1, important),
    Story("help", 3, help_requests),
    Story("advised-first", 1, advised_first),
    Story("declined-quote", 1, declined_quote),
    Story("unlisted-job", 1, unlisted_job),
    Story("unsigned-slip", 1, unsigned_slip),
    Story("correction", 1, correction),
    Story("cancelled", 1, cancelled),
    Story("late-slip", 1, late_slip),
    Story("left-overnight", 2, left_overnight),
    Story("forgotten-call", 1, forgotten_call),
    Story("handed-on", 1, handed_on),
    Story("miscounted", 1, bills.miscounted),
    Story("lowered", 1, bills.lowered),
    Story("under-warranty", 1, bills.under_warranty),
    Story("one-letter", 2, matters.one_letter),
    Story("explained", 1, matters.explained),
    Story("remarked", 1, matters.remarked),
    *(Story(f"open-{name}", 1, tell) for name, tell in tail.LEFT_OPEN.items()),
)
"""What every month of enough orders has; a smaller one has the first of them."""
