"""What offices call their columns and values, in Chinese and English, and which row of a file is its header.

The tables stand here and not in the policies: they say how other people's files are read, not how the desk works.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain, islice

from repairdesk.batch.reading import Raw
from repairdesk.domain.times import fold
from repairdesk.errors import N_, BadInput, UsageError

REPORTS = {
    "kind": "类型 报修性质 kind",
    "place": """房号 房间号 房间 房屋 地址 报修地址 报事地址 维修地址 服务地址 位置 报修位置 维修位置 地点 报修地点
        维修地点 寝室 place address location unit room serviceaddress incidentaddress streetaddress""",
    "caller": """报修人 报事人 姓名 联系人 报修人姓名 业主 业主姓名 住户 住户姓名 客户姓名 来电人
        caller callername name contact contactname reportedby requester customer customername resident""",
    "phone": """联系电话 电话 手机 手机号 手机号码 电话号码 联系方式 报修电话 报修人电话 来电号码 业主电话
        phone phonenumber phoneno telephone tel mobile mobilephone cellphone contactphone callerphone""",
    "fault": """故障描述 故障 故障现象 故障内容 报修内容 报修说明 报修描述 报修故障 报事内容 问题描述 问题 维修内容
        事项描述 描述 内容 fault description complaint problem problemdescription issue details requestdescription""",
    "category": "类别 报修类型 报修类别 故障类型 故障类别 维修类别 维修类型 服务类别 category",
    "priority": "紧急程度 优先级 缓急程度 缓急 priority urgency",
    "channel": "来源 报修来源 报修方式 报事方式 受理方式 报修渠道 渠道 channel",
    "severity": "严重程度 投诉等级 投诉级别 severity",
    "class": "求助类别 求助类型 class",
    "department": "责任部门 department",
    "model": "型号 设备型号 model",
    "purchased": "购买日期 购机日期 购买时间 purchased purchasedate purchasedon",
    "external_id": """单号 报修单号 工单号 工单编号 派工单号 报事单号 编号 报修编号 externalid
        id sr srid srno srnumber servicerequestnum servicerequestnumber servicerequestno srrecordid
        requestid requestno ticket ticketid ticketno ticketnumber caseid caseno casenumber workorder workorderno""",
    "reported_at": """报修时间 报修日期 报事时间 登记时间 登记日期 接报时间 来电时间 提交时间 创建时间
        reported reportedat reportedon reporteddate datereported createddate created createdat createdon createdtime
        creationdate datecreated opened openedat openeddate opendate dateopened requestdate requesteddate""",
    "appointment": "预约时间 预约服务时间 预约上门时间 约定时间 接修约定时间 上门时间 appointment appointmenttime",
}
"""What a column of reports can be, and the names under which each is known."""

HOUSEHOLDS: Mapping[str, Sequence[str]] = {
    "place": ("place", "unit", "房号", "房间号", "地址"),
    "names": ("names", "name", "业主", "住户", "姓名", "户主"),
    "phones": ("phones", "phone", "电话", "手机", "联系电话"),
    "since": ("since", "入住日期", "入伙日期", "交房日期"),
}
"""The same of households."""

PRICES = {
    "class": "类别 分类 类型 工种 项目类别 服务类别 维修类别 category class",
    "name": "服务项目 项目 项目名称 服务名称 维修项目 收费项目 名称 item name service",
    "price": "单价 价格 收费标准 收费 金额 price",
    "unit": "单位 计量单位 计价单位 unit",
    "note": "备注 说明 条件 note notes remark remarks",
}
"""The same of prices."""

PARTS = frozenset(
    "楼栋 栋 栋号 栋座 座 楼号 楼 楼宇 幢 幢号 单元 单元号 宿舍楼栋 楼层 building block tower floor".split()
)
"""Columns that say half a place: beside them 房号 is a number that every building has."""

WORDS: Mapping[str, Mapping[str, str]] = {
    "kind": {
        "in_home": "户内 入户 室内 户内维修 入户维修 户内报修 个人 居家 家庭 inhome home indoor",
        "public_area": "公共 公区 公共区域 公共部位 公共部分 公共维修 公区维修 公共设施 publicarea public commonarea",
        "complaint": "投诉 投诉类 complaint",
        "help": "求助 求救 帮助 help",
    },
    "priority": {
        "emergency": "紧急 急 特急 加急 紧急维修 非常紧急 emergency",
        "regular": "一般 普通 常规 正常 计划性 regular normal standard routine",
        "low": "不急 不紧急 非紧急 低 low",
    },
    "channel": {
        "phone": "电话 来电 电话报修 热线 客服电话 phone telephone call phonecall",
        "walk-in": "前台 来访 现场 当面 到访 来人 上门报修 前台报修 walkin frontdesk counter inperson",
        "wechat": "微信 公众号 微信公众号 小程序 微信小程序 企业微信 微信群 业主群 wechat",
        "app": "手机app 应用 客户端 app mobileapp",
        "web": "网站 网络 网上 网页 官网 web website online internet",
        "letter": "信函 来信 信件 书面 letter mail",
        "patrol": "巡检 巡查 巡逻 巡视 日常巡查 patrol inspection",
        "handover-inspection": "验房 交房验收 收楼 收楼验房 交付验收 入伙验收 handoverinspection",
        "higher-office": "上级 上级部门 上级转办 转办 公司转办 集团 higheroffice",
    },
    "severity": {
        "general": "一般 一般投诉 普通 general",
        "important": "重要 重要投诉 较重 important",
        "major": "重大 重大投诉 严重 major",
    },
    "class": {
        "medical": "医疗 急救 救护 medical",
        "repair": "报修 维修 repair",
        "complaint": "投诉 complaint",
        "enquiry": "咨询 问询 查询 enquiry inquiry",
        "security": "治安 安全 保安 安保 security",
        "disaster": "灾害 火灾 水灾 自然灾害 disaster",
        "other": "其他 其它 other",
    },
}
"""What stands in such columns for the desk's own words."""

_MEANT = {field: {word: code for code, words in table.items() for word in words.split()} for field, table in
          WORDS.items()}  # fmt: skip
_FIELD_OF = {word: field for field, words in REPORTS.items() for word in words.split()}
_WITHIN = 10
"""Rows that are not blank: so far down the header is looked for, below titles and notes."""
_BETWEEN = re.compile(r"[\s_\-*:#./'’]+")
_BRACKET = re.compile(r"[(\[【（].*[)\]】）]$")


@lru_cache(maxsize=4096)
def folded(name: str) -> str:
    """A name without what does not tell names apart: case, width, blanks, hyphens, the star of what is required."""
    return _BETWEEN.sub("", fold(name).casefold())


def field_of(name: str) -> str | None:
    """The field of reports that a column of this name is; None where nothing is known of it."""
    plain = folded(name)
    return _FIELD_OF.get(plain) or _FIELD_OF.get(_BRACKET.sub("", plain))


def meant(field: str, text: str) -> str:
    """The desk's own word for a value of a column, or the text as it is where none is known."""
    return _MEANT.get(field, {}).get(folded(text), text)


def header(raw: Raw) -> list[str]:
    """The names of the columns, each in a line."""
    return [" ".join(name.split()) for name in raw.cells]


def found(
    name: str, rows: Iterator[Raw], needed: Iterable[str], mapped: Mapping[str, str], at: int | None
) -> tuple[Raw, list[Raw], Iterator[Raw]]:
    """The header of a file of reports, the rows above it, and those below.

    The header is the first of ten rows that names all that is ``needed``, and every column that is ``mapped``. Where
    none does it is the one that names most, the first of several, and whoever reads it says what it lacks.

    Args:
        mapped: field by column, both as in ``values.columns``; the fields by their own names.
        at: the row of the header, where somebody said it.

    Raises:
        UsageError: there is nothing in the row that was said. BadInput: the file has no rows.
    """
    if at is not None:
        above: list[Raw] = []
        for raw in rows:
            if raw.row == at:
                return raw, above, rows
            above.append(raw)
            if raw.row > at:
                break
        raise UsageError(N_("row {row} of {file} is blank: it has no names of columns"), row=at, file=name)
    top = list(islice(rows, _WITHIN))
    if not top:
        raise BadInput(N_("{file} is empty: it needs a row with the names of the columns"), file=name)
    known = [_known(raw, mapped) for raw in top]
    # A column that is named by its place may be in any row.
    placed = {field for column, field in mapped.items() if column.lstrip().startswith("#")}
    wanted = {*needed, *mapped.values()} - {"", *placed}
    i = next((i for i, fields in enumerate(known) if wanted <= fields), None)
    if i is None:
        i = max(range(len(top)), key=lambda one: (len(known[one]), -one))
    return top[i], top[:i], chain(top[i + 1 :], rows)


def _known(raw: Raw, mapped: Mapping[str, str]) -> set[str]:
    """The fields that a row names."""
    own = {folded(column): field for column, field in mapped.items()}
    fields = (own.get(folded(cell), field_of(cell)) for cell in raw.cells if cell.strip())
    return {field for field in fields if field}


_MARK = re.compile(r"(栋|幢|座|号楼|楼|单元|室|号|房|层)$")


def joined(parts: Sequence[str]) -> str:
    """The place that several columns say together, without what each says of itself: 3栋, 2单元, 501."""
    return "-".join(_MARK.sub("", fold(text)).strip() or text for text in parts)
