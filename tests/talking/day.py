"""A day in the life of a repair desk: forty calls, twelve technicians, and what goes wrong between them.

Everything is typed at a terminal, by somebody who makes mistakes and mends them. ``short`` is the part of it that the
quick tests play: six calls, and each way of being interrupted or corrected once.
"""

from __future__ import annotations

import re

from clerk import Clerk
from shell import CTRL_C, CTRL_S, DOWN, ENTER, ESC, UP

MINE = (("报事人", ""), ("预约", ""))
"""The one who is known there, and no appointment."""
ORDINARY = (
    ("1-1-101", "厨房水龙头滴水"), ("1-1-202", "客厅灯不亮"), ("1-2-301", "卫生间地漏返水"),
    ("1-2-402", "门锁钥匙拔不出"),
    ("2-1-101", "空调不制冷"), ("2-1-302", "马桶一直流水"), ("2-2-501", "卧室插座没电"),
    ("2-2-602", "厨房墙砖掉了一块"),
    ("3-1-201", "热水器打不着火"), ("3-1-402", "洗菜池堵了"), ("4-1-101", "纱窗掉了"),
    ("4-1-302", "卫生间灯一闪一闪"),
    ("4-2-401", "阳台软管漏水"), ("4-2-502", "防盗门关不上"), ("5-1-201", "角阀拧不动"), ("5-1-602", "电视没信号"),
    ("5-2-301", "跳闸，推不上去"),
)  # fmt: skip
"""Calls in which nothing happens but what always does."""


def short(clerk: Clerk) -> None:
    """Six calls: plain, misheard, joined, interrupted and taken up again, refused and done as the refusal says."""
    tap = plain_call(clerk)
    misheard_phone(clerk)
    once_more_from_there(clerk, tap)
    cut_off(clerk)
    wrong_place(clerk)
    emergency(clerk)
    clerk.assign()
    technician = wrong_technician(clerk)
    refused_and_done_as_it_says(clerk, tap, technician)
    slip_comes_back(clerk, tap, technician)


def whole(clerk: Clerk) -> None:
    """All forty."""
    short(clerk)
    tap = "0001"
    wrong_fee(clerk, tap)
    clerk.do(f"close {tap} --as L1")
    orders = [clerk.call(place, fault) for place, fault in ORDINARY[:9]]
    clerk.shell.clear()
    clerk.do("board --limit 12")
    clerk.keep("day-board", clerk.shell)
    sent = [clerk.assign() for _ in range(4)]
    on_the_screen(clerk)
    orders += [clerk.call(place, fault) for place, fault in ORDINARY[9:]]
    slips(clerk, sent)
    for _ in range(6):
        clerk.assign()
    afternoon(clerk)
    evening(clerk, orders, tap)


# --- calls


def plain_call(clerk: Clerk) -> str:
    """The place, the fault, and Enter for who lives there, for no appointment and for the whole."""
    tap = clerk.call("3-2-501", "厨房水龙头滴水")
    clerk.keep("day-intake", clerk.shell)
    return tap


def misheard_phone(clerk: Clerk) -> str:
    """A neighbour calls, whom nobody knows; the number was misheard and is corrected before it is written down."""
    said = (("报事人", "方姐"), ("电话", "13900001112"), ("预约", ""), ("Esc", "8"), ("电话", "\x7f\x7f22"))
    number = clerk.call("3-2-502", "楼上漏水到我家卫生间", *said, what="intake, phone corrected", words=2 + 11)
    seen = clerk.do(f"correct {number} phone=13900001123 --reason 听错末位")
    assert "139****1122 → 139****1123" in seen, seen
    return number


def once_more_from_there(clerk: Clerk, tap: str) -> None:
    """A second call of the same tap is joined to the order that is open, and makes none of its own."""
    seen = clerk.talk("join", "intake", ("地点", "3-2-501"), ("并入", "1"), ("报修内容", "漏得更大了"), ("报事人", ""),
                      ("Esc", ""), words=5)  # fmt: skip
    assert f"-{tap}  已" in seen
    clerk.keep("day-join", clerk.shell)
    clerk.calls += 1


def cut_off(clerk: Clerk) -> None:
    """The line goes dead in the middle of a word; the draft stands there when the caller rings again."""
    clerk.shell.clear()
    seen = clerk.talk("", "intake", ("地点", "1-1-702"), ("报修内容", f"厨房水管{ESC}"), code=130)
    assert "没有登记" in seen, seen
    seen = clerk.talk("draft", "intake", ("n ", ""), ("报修内容", "漏水"), *STRANGER, ("Esc", ""),
                      words=2 + 2 + 11)  # fmt: skip
    assert "厨房水管漏水" in seen
    clerk.keep("day-draft", clerk.shell)
    clerk.calls += 1


STRANGER = (("报事人", "小林"), ("电话", "13700001111"), ("预约", ""))


def wrong_place(clerk: Clerk) -> None:
    """Nobody lives in 2-2-310: what is near is said, and an arrow goes back to the place."""
    seen = clerk.talk("intake, place corrected", "intake", ("地点", "2-2-310"), ("报修内容", UP),
                      ("地点", "\x15" + "2-2-301"), ("报修内容", "卧室灯泡坏了"), *MINE, ("Esc", ""),
                      words=6)  # fmt: skip
    assert "2-2-301" in seen.split("报修内容")[0], seen
    clerk.calls += 1


def emergency(clerk: Clerk) -> str:
    """The words say that it is one: it wants no appointment, and the leader is told."""
    return clerk.call("6-1-301", "厨房爆管喷水", ("报事人", ""), what="intake, emergency")


# --- technicians


def wrong_technician(clerk: Clerk) -> str:
    """It was sent to one who is busy; another one takes it over, and why is asked for. Who has it now."""
    number, _ = clerk.assign("3")
    clerk.do(f"assign {number} W2", code=10)
    clerk.talk("reassign", f"assign {number}", ("人员", "W2"), ("原因", "在附近"), ("Esc", ""), words=3)
    return "W2"


def refused_and_done_as_it_says(clerk: Clerk, tap: str, technician: str) -> None:
    """Paid work is not begun before the resident agreed; the refusal says what to type, and that is typed."""
    clerk.do(f"accept {tap} --as {technician}")
    clerk.shell.clear()
    refusal = clerk.do(f"start {tap} --as {technician}", code=10)
    says = next(line for line in refusal.splitlines() if line.startswith("→"))
    clerk.do(says[says.index("consent") :].strip())
    clerk.do(f"start {tap} --as {technician}")
    clerk.keep("day-refusal", clerk.shell)


def slip_comes_back(clerk: Clerk, tap: str, technician: str) -> None:
    """What was done, the bill, the signature."""
    clerk.shell.clear()
    clerk.finish(tap, technician, "换了新龙头")
    clerk.keep("day-finish", clerk.shell)
    clerk.shell.clear()
    clerk.sign(tap, technician)
    clerk.keep("day-sign", clerk.shell)


def wrong_fee(clerk: Clerk, tap: str) -> None:
    """The angle valve was done, too, and stands nowhere on the bill: it is reversed, and another takes its place."""
    clerk.do(f"consent {tap} --fee 45.00")
    clerk.do(f"rebill {tap} --service tap --service angle-valve --reason 漏记角阀")
    clerk.keep("day-rebill", clerk.shell)


def slips(clerk: Clerk, sent: list[tuple[str, str]]) -> None:
    """The morning's slips come back: begun, finished, signed, checked by the leader, filed all at once."""
    for number, technician in sent:
        clerk.begin(number, technician)
        clerk.finish(number, technician, "修好了")
        clerk.sign(number, technician, "2")
        clerk.do(f"close {number} --as L1")
    clerk.do("archive --all")


# --- the rest of the day


def on_the_screen(clerk: Clerk) -> None:
    """An hour before the full screen: seven calls, and three of them are sent, without leaving it."""
    shell = clerk.shell
    shell.type(f"repairdesk desk{ENTER}").see(lambda: clerk.shows("n 报事") and clerk.shows("已同步"), "the desk")
    for place, fault in SCREEN:
        began = shell.keys
        shell.type("n").see(lambda: clerk.shows("报事登记"), "the form")
        shell.type(place).see(lambda place=place: clerk.shows(place), place)
        shell.type(ENTER).see(lambda: clerk.shows("住户:"), "who lives there")
        shell.type(fault).see(lambda fault=fault: clerk.shows(fault), fault)
        shell.type(ENTER).rest()
        if fault == SCREEN[0][1]:
            clerk.keep("day-desk-intake", shell.rest())
        shell.type(DOWN).rest()
        shell.type(CTRL_S).see(lambda fault=fault: clerk.shows(fault) and not clerk.shows("报事登记"), fault)
        clerk.cost("desk: intake", shell.keys - began, len(fault))
        clerk.calls += 1
    for _ in range(3):
        began = shell.keys
        shell.type("a").see(lambda: clerk.shows("维修员*"), "who goes").rest()
        shell.type(DOWN).rest()
        clerk.keep("day-desk-assign", shell)
        shell.type(CTRL_S).see(lambda: not clerk.shows("维修员*"), "the order again")
        clerk.cost("desk: assign", shell.keys - began)
        shell.rest().type(DOWN).rest()
    shell.rest()
    clerk.keep("day-desk", shell)
    shell.type("\x11")
    assert shell.end() == 0


SCREEN = (
    ("6-1-101", "厨房龙头关不紧"), ("6-1-202", "客厅灯泡坏了"), ("6-1-402", "马桶堵了"), ("6-2-101", "入户门锁坏了"),
    ("6-2-302", "卧室窗户关不严"), ("6-2-401", "空调漏水"), ("6-2-602", "插座没电"),
)  # fmt: skip


def afternoon(clerk: Clerk) -> None:
    """Ten calls of other kinds."""
    clerk.call("2-1-501", "投诉楼上半夜太吵", ("程度", ""), ("报事人", ""), what="intake, complaint")
    clerk.call("2-1-502", "老人晕倒了，叫救护车", ("类别", ""), ("报事人", ""), what="intake, help")
    clerk.call("东门岗亭", "路灯不亮", ("报事人", "-"), what="intake, public area")
    clerk.call("2-1-601", "洗衣机接口漏水", ("报事人", ""), ("预约", "昨天"), ("预约", "\x15明天 9-11"),
               what="intake, appointment")  # fmt: skip
    clerk.keep("day-appointment", clerk.shell)
    clerk.call("2-1-602", "阳台有异响", ("故障分类", "木工"), *MINE, what="intake, class asked")
    clerk.talk("", "intake", ("地点", "2-2-102"), ("报修内容", f"书房门{CTRL_C}"), code=130)
    seen = clerk.talk("draft", "intake", ("n ", ""), ("报修内容", "把手松了，不急"), *MINE, ("Esc", ""), words=7)
    assert "书房门把手松了，不急" in seen
    clerk.calls += 1
    clerk.talk("intake, by its ending", "intake", ("地点", "701"), ("地点", ""), ("报修内容", "厨房下水慢"),
               ("报事人", "2"), ("预约", ""), ("Esc", ""), words=5)  # fmt: skip
    clerk.calls += 1
    clerk.call("2栋2单元401", "卧室墙皮掉灰", what="intake, spelled out")
    clerk.talk("intake, one open there", "intake", ("地点", "5-1-602"), ("并入", ""), ("报修内容", "客厅插座打火"),
               ("报事人", ""), ("Esc", ""), words=6)  # fmt: skip
    clerk.calls += 1
    clerk.talk(
        "intake, without strokes", "intake", ("地点", "32602"), ("地点", ""), ("报修内容", "客厅吸顶灯不亮"), *MINE,
        ("Esc", ""), words=7)  # fmt: skip
    clerk.calls += 1


def evening(clerk: Clerk, orders: list[str], filed: str) -> None:
    """Called off, called back, made a coordination order; the next shift takes over what is open."""
    clerk.do(f"cancel {orders[-1]} --reason 住户自己修好了")
    clerk.do("callback due")
    clerk.do(f"callback record {filed} --outcome satisfied --method phone --note 满意")
    seen = clerk.do(f"convert {orders[-2]} --tracker C2 --reason 等配件 --as L1")
    matter = re.findall(r"X\d{8}-\d{4}", seen)[-1]
    clerk.do(f"log {matter} --place 现场 --contact 住户 --phone 13800001111 --content 等配件 --opinions 理解 "
             "--plan 周五到货 --as C2")  # fmt: skip
    clerk.do(f"check {matter} --support 已催供应商 --as L1")
    clerk.do("list --find 漏水")
    clerk.keep("day-find", clerk.shell)
    clerk.shell.clear()
    clerk.do(f"why {orders[0]}")
    clerk.keep("day-why", clerk.shell)
    clerk.do("handover --to C2 --note 东门路灯明早看")
    clerk.do("board --limit 12")
    clerk.keep("day-evening", clerk.shell)
