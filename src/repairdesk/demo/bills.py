"""What happens to bills in a month: one is corrected and paid back, one is lowered, one is under warranty.

These are stories like those of ``stories``; they end at finance's counter and not in the file.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from repairdesk.demo.month import Home, Month, Tale, minutes, on
from repairdesk.demo.visits import ARRIVING, LEAVING, wrap_up


def _on_site(
    month: Month, key: str, day: int, clock: str, category: str, fault: str, found: str, fee: str | None, **more: Any
) -> tuple[Tale, Home, str]:
    """A household calls, somebody comes, the price is told and work starts; answers with the tale, who calls, who goes.

    Args:
        fee: the sum agreed to on site; None where nothing is to be paid.
    """
    home, at = month.story_home(), on(day, clock)
    tale = Tale(month, key)
    said = {"kind": "in_home", "channel": "phone", "place": home.said, "caller": home.caller, "phone": home.phone}
    tale.do("intake", month.clerk(at), at, delay=1.2, category=category, fault=fault, **(said | more))
    who, start = month.crew.take(category, at + minutes(9), 70)
    tale.do("assign", month.clerk(at), tale.typed_at + minutes(0.6), staff=who)
    tale.do("accept", who, max(start - minutes(8), tale.typed_at))
    tale.do("arrive", who, start)
    if fee:
        tale.do("consent", who, start + minutes(2), fee=fee)
    tale.do("start", who, start + minutes(3), found=found, checks=ARRIVING)
    return tale, home, who


def miscounted(month: Month, keys: tuple[str, ...]) -> None:
    """Three lamps are billed and paid where two were changed: the bill is reversed, the difference paid back."""
    services, materials = ("bulb:3",), ("led-9w:3",)
    tale, home, who = _on_site(
        month, keys[0], 9, "10:06", "electrical", "客厅吊灯有几个灯泡不亮", "灯泡烧毁", month.total(services, materials)
    )
    tale.do("finish", who, tale.done_at + minutes(22), found="灯泡烧毁", result="更换灯泡，全部点亮", services=services,
            materials=materials, checks=LEAVING)  # fmt: skip
    wrap_up(tale, who, home.caller, rating="satisfied")
    tale.do("pay", "F1", on(12, "10:24"), method="wechat", invoice=home.caller)
    tale.do("rebill", "C1", on(13, "11:02"), services=("bulb:2",), materials=("led-9w:2",),
            reason="业主来电：只换了两只灯泡，维修员核实属实")  # fmt: skip
    tale.do("pay", "F1", on(13, "14:35"), method="wechat", refund=True, amount="25.00", reason="多收一只灯泡")


def lowered(month: Month, keys: tuple[str, ...]) -> None:
    """The resident waited for two hours, refuses to have the old valve changed, and the manager takes ten yuan off."""
    services, materials = ("tap",), ("tap-basin",)
    tale, home, who = _on_site(
        month, keys[0], 16, "09:14", "plumbing", "洗脸盆龙头关不紧，一直滴水", "阀芯磨损，角阀锈蚀",
        month.total(services, materials),
    )  # fmt: skip
    tale.do("finish", who, tale.done_at + minutes(31), found="阀芯磨损，角阀锈蚀", result="更换龙头，角阀未换",
            services=services, materials=materials, supplied=("生料带:1:qualified",), checks=LEAVING,
            reduce="10.00", reason="师傅迟到，业主等候两小时", approver="M1", refused="更换锈蚀角阀",
            explained="角阀锈蚀有断裂漏水风险", made_safe="已关紧角阀并教业主关总阀")  # fmt: skip
    wrap_up(tale, who, home.caller, rating="satisfied")


def under_warranty(month: Month, keys: tuple[str, ...]) -> None:
    """A hood that was bought in spring: labour and the part are free."""
    bought: Mapping[str, Any] = {"model": "CXW-260", "purchased": "2026-03-18", "warranty_until": "2027-03-17"}
    tale, home, who = _on_site(
        month, keys[0], 17, "10:37", "appliance", "抽油烟机不转，有嗡嗡声", "启动电容失效", None, **bought
    )
    tale.do("finish", who, tale.done_at + minutes(34), found="启动电容失效", result="更换电容，三档运转正常",
            services=("hood-install",), materials=("启动电容:1:9.60",), warranty=True, checks=LEAVING)  # fmt: skip
    wrap_up(tale, who, home.caller, rating="very-satisfied")
