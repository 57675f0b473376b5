"""What stands in the price cell of a price list: an amount, a range, free, on quote, or several by condition.

A cell is read only where it can mean one thing. ``50元起``, ``约50`` and ``8/10`` are no prices: they are refused, with
the reason, and nobody guesses.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from repairdesk.domain.fees import Price
from repairdesk.domain.record import NamedTuple
from repairdesk.errors import N_, BadInput
from repairdesk.rules import units
from repairdesk.rules.problems import Mistake


class Said(NamedTuple):
    """One price of a cell: under which condition, and for one of what, where the cell says so."""

    price: Price
    unit: str | None = None
    condition: str | None = None


FREE = ("免费", "免收", "不收费", "无偿", "free")
ON_QUOTE = (
    *("市价", "按市价", "面议", "面谈", "另议", "议价", "协商", "按实", "按实际", "按实结算", "现场报价", "询价"),
    *("on-quote", "on quote"),
)
# Not NFKC, which would also read 10² as 102 and ½ as 1⁄2.
_NARROW = {**{code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}, 0x3000: 0x20, 0xA0: 0x20, 0xFFE5: 0xA5}
_AMOUNT = r"(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?"
_YUAN = r"(?:元|圆|yuan|rmb|cny)"
_LETTER = r"(?:[^\W\d_]|[㎡㎥]|(?<=m)[23])"
_UNIT = rf"{_LETTER}(?:[/·]?{_LETTER})*(?:\([^()]*\))?"
_TO = r"(?:-{1,2}|[‐‑‒–―−~〜]|—{1,2}|至|到|to)"
_END = rf"\s*(?P<yuan>{_YUAN})?(?:\s*(?:/|(?<=[元圆])每)\s*(?P<unit>{_UNIT}))?"
_SINGLE = rf"(?P<sign>¥\s*)?(?P<low>{_AMOUNT}){_END}"
_RANGE = (
    rf"(?P<sign>¥\s*)?(?P<low>{_AMOUNT})\s*(?P<yuan1>{_YUAN})?(?:\s*/\s*(?P<unit1>{_UNIT}))?\s*{_TO}\s*¥?\s*"
    rf"(?P<high>{_AMOUNT}){_END}"
)
_PLAIN = tuple(re.compile(pattern, re.IGNORECASE) for pattern in (_RANGE, _SINGLE))
_BEHIND = tuple(
    re.compile(rf"(?P<condition>.*?[^\s:])(?P<gap>\s*:?\s*){pattern}", re.IGNORECASE) for pattern in (_RANGE, _SINGLE)
)
# A comma before three digits parts thousands, where digits stand before it.
_PART = re.compile(r"[;、\n]|(?<![0-9]),|,(?![0-9]{3}(?![0-9]))")
_OPEN = re.compile(
    r"起|以上|以下|左右|上下|约|不等|至少|最低|最高|最少|最多|不低于|不少于|不高于|不超过|[≥≤＞＜><+±]"
    r"|\b(?:from|about|approx|over|under|min|max)\b",
    re.IGNORECASE,
)
# 单元 (a part of a building) is none of the money's 元.
_NO_UNIT = re.compile(r"起|以上|以下|左右|上下|约|不|含|另|加|内|外|折|优惠|最|价|减|赠|(?<!单)元|至|到")
# Money, numbers and nothing at all are no units; 块 by itself is a pane or a tile, 块/次 would be money again.
_NO_UNIT_EITHER = re.compile(
    r"(?:圆整?|[角分毛万千百十亿]|人民币|港币|钱|块钱|yuan|rmb|cny|usd|hkd|jiao|fen)(?:/.*)?|块/.*"
    r"|(?:无|暂无|没有).*|空|未知|未定|待定|不详|同上|略|none|nil|null|n/a|na|no|tbd|free|免费|面议",
    re.IGNORECASE,
)
_NO_CONDITION = re.compile(
    r"^(?:人工|材料|辅料|主材|配件|运)|价|折|约|起|另|每|共|减|优惠|押金|定金|左右|增加|加收|超出|元|¥|[0-9]\s*/\s*[0-9]"
    r"|至少|最低|最高|最少|最多"
    r"|(?:至|到|不低于|不少于|不高于|不超过|低于|高于|少于|多于|大于|小于|超过|不|加|收|费|免|[^\w)\]）】”」\"'²³])$"
    r"|\b(?:from|about|approx|over|under|min|max|to|fee|plus)$",
    re.IGNORECASE,
)
# These say that money comes back, or who pays less: 返20元 is no charge of 20. 往返 and 卡扣 are words of the trade.
_NO_CHARGE = re.compile(
    r"补贴|津贴|贴补|返(?:现|还|利|点|款|券)|退(?:款|还|费)|立减|抵(?:扣|用|现|券|价)|扣(?:除|减|款|费)|赠|券|红包|积分"
    r"|奖(?:励|金)|罚(?:款|金)|[送返退][您你客用业住顾会]|满\s*(?:[0-9]|$|足|额)"
    r"|(?<!往)返$|(?<![卡搭锁纽皮])扣$|(?:^|\W)补$|[送退抵奖罚省赔]$"
    r"|\b(?:refund|rebate|cashback|discount|deposit|credit|voucher|less|minus|save)$",
    re.IGNORECASE,
)
# 长度2-30元 may be 30 yuan for a length of 2.
_SIZE = re.compile(r"(?:径|[长宽高厚深]度?|面积|体积|容量|功率|重量|尺寸|规格|型号|距离|间距|跨度|周长|楼层|数量)$")
_LONGEST = 500


def narrow(text: str) -> str:
    """``text`` with full-width forms as plain ones, and nothing else changed."""
    return text.translate(_NARROW).strip()


def is_unit(text: str) -> bool:
    """Whether a price can be for one of this; ``text`` is narrow."""
    whole = re.fullmatch(_UNIT, text, re.IGNORECASE)
    return bool(whole and not _NO_UNIT.search(text) and not _OPEN.search(text) and not _NO_UNIT_EITHER.fullmatch(text))


def read(text: str) -> list[Said]:
    """The prices that a cell gives; more than one only where each has a condition.

    Raises:
        BadInput: it gives none, or none for certain; says why.
    """
    plain = re.sub(r"[ \t]+", " ", narrow(text))
    if len(plain) > _LONGEST:
        raise BadInput(_NO_PRICE, text=f"{plain[:40]}…")
    word = plain.casefold()
    if word in FREE:
        return [Said(Price("free", 0, 0))]
    if word in ON_QUOTE:
        return [Said(Price("on-quote", None, None))]
    found = _plain(plain)
    if found is not None:
        return [found]
    said = [_by_condition(part) for part in _parts(plain)]
    if not said or None in said:
        raise _why(plain)
    whole = [one for one in said if one is not None]
    if len({one.condition for one in whole}) < len(whole):
        raise BadInput(N_("“{text}” gives two prices under one condition"), text=plain)
    return whole


def _plain(text: str) -> Said | None:
    """An amount or a range, with the unit behind it."""
    return next((_said(match) for match in (pattern.fullmatch(text) for pattern in _PLAIN) if match), None)


def _said(match: re.Match[str]) -> Said:
    groups = match.groupdict()
    unit, first = groups["unit"], groups.get("unit1")
    for one in (unit, first):
        if one and not is_unit(one):
            raise BadInput(N_("“{text}” is no unit: what follows the amount changes it"), text=one)
    if unit and first and unit != first:
        raise BadInput(N_("the range is from a price for one {first} to one for a {second}"), first=first, second=unit)
    low = _fen(groups["low"])
    if "high" not in groups:
        # Nothing to pay is free, however it is written.
        return Said(Price("fixed" if low else "free", low, low), unit)
    high = _fen(groups["high"])
    if low > high:
        raise BadInput(N_("the range ends below where it begins"))
    return Said(Price("range", low, high), unit or first)


def _fen(text: str) -> int:
    try:
        return units.amount(text.replace(",", ""))
    except Mistake as mistake:
        raise BadInput(mistake.template, **mistake.values) from None


def _parts(text: str) -> Iterator[str]:
    """The parts of a cell that gives several prices; what is in brackets is not parted."""
    begin = 0
    for mark in _PART.finditer(text):
        before = text[: mark.start()]
        if before.count("(") <= before.count(")"):
            yield from filter(None, [text[begin : mark.start()].strip()])
            begin = mark.end()
    yield from filter(None, [text[begin:].strip()])


def _by_condition(text: str) -> Said | None:
    """A price behind its condition, ``500mm内160元/盏``; it has to say that it is money."""
    for pattern in _BEHIND:
        match = pattern.fullmatch(text)
        if match is None or not (match["sign"] or match["yuan"] or match.groupdict().get("yuan1")):
            continue
        condition = match["condition"]
        # DN2015元 could be 15 yuan for DN20: digits behind a Latin letter want a gap.
        glued = not match["gap"] and not match["sign"] and re.search(r"[A-Za-z0-9.]$", condition)
        inner = condition[1:-1] if re.fullmatch(r"\([^()]*\)|\[[^][]*\]", condition) else condition
        if pattern is _BEHIND[0] and _SIZE.search(condition) and not (match["gap"] or match["sign"] or match["yuan1"]):
            raise BadInput(N_("“{text}” could be a size or a price: put a space or a colon before the price"),
                           text=text)  # fmt: skip
        # What the separators did not part is not taken for one condition.
        whole = not re.search(r"[(),;、]", re.sub(r"\([^()]*\)", "", condition))
        refused = _NO_CONDITION.search(inner) or _NO_CHARGE.search(inner)
        if not glued and whole and re.search(r"[^\W_]", inner) and not refused:
            return _said(match)._replace(condition=" ".join(inner.split()))
    return None


_NO_PRICE = N_(
    "“{text}” is not a price: an amount, a range such as 100-500, 免费, 面议, or a condition and an amount with 元"
)


def _why(text: str) -> BadInput:
    """Why a cell is no price, as precisely as it can be said."""
    if re.match(r"[-−–]\s*¥?\s*[0-9]", text):
        return BadInput(N_("“{text}” is negative; a price is 0 or more"), text=text)
    numbers = re.findall(_AMOUNT, text)
    open_ = _OPEN.search(text)
    if numbers and open_:
        return BadInput(N_("“{text}” leaves the price open (“{word}”); write an amount or a range"),
                        text=text, word=open_[0])  # fmt: skip
    if len(numbers) > 1 and not re.search(r"[^\W\d_]", re.sub(_YUAN, "", text, flags=re.IGNORECASE)):
        message = N_("“{text}” holds several numbers; a range is written 100-500, several prices each with a condition")
        return BadInput(message, text=text)
    return BadInput(_NO_PRICE, text=text)
