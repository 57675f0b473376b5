"""What offices call their columns and values, in Chinese and English, and which row of a file is its header.

The tables stand here and not in the policies: they say how other people's files are read, not how the desk works.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
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

RATINGS = {
    "very-satisfied": "很满意 非常满意 十分满意 verysatisfied excellent",
    "satisfied": "满意 较满意 satisfied good",
    "fair": "一般 基本满意 fair neutral",
    "dissatisfied": "不满意 很不满意 非常不满意 差 dissatisfied unsatisfied bad poor",
}
STATES = {
    "reported": "新建 待受理 待处理 未处理 待派单 待派工 已受理 已登记 reported new open received pending",
    "assigned": "已派单 已派工 待接单 已接单 待上门 assigned dispatched accepted",
    "on_site": "处理中 维修中 服务中 进行中 施工中 onsite inprogress",
    "finished": "已完成 完成 已完工 完工 已处理 已修复 待评价 待验收 finished completed done resolved",
    "signed": "已评价 已签字 已验收 signed",
    "closed": "已关闭 关闭 已结单 结单 已办结 办结 closed",
    "archived": "已归档 归档 已存档 archived filed",
    "cancelled": "已取消 取消 已作废 作废 已撤销 撤单 cancelled canceled void",
}
HISTORIES = {
    "clerk": "受理人 登记人 接单员 接报人 客服 clerk receivedby takenby",
    "staff": """维修人员 维修工 维修员 维修人 接单人 接单人员 派工人员 处理人 处理人员 服务人员 责任人 师傅 工程人员
        staff technician assignedto assignee worker handledby serviceby""",
    "assigned_at": "派工时间 派单时间 指派时间 分派时间 assigned assignedat assigneddate dateassigned dispatchedat",
    "accepted_at": "接单时间 受理时间 签收时间 accepted acceptedat accepteddate",
    "arrived_at": "到场时间 到达时间 到达现场时间 arrived arrivedat arrivaltime",
    "started_at": "开始时间 开工时间 服务开始时间 started startedat starttime",
    "finished_at": """完成时间 完工时间 修复时间 结束时间 处理完成时间 办结时间
        finished finishedat completed completedat completiondate datecompleted resolvedat resolveddate""",
    "found": "故障原因 现场情况 原因 检查结果 found cause diagnosis",
    "result": "维修结果 处理结果 处理情况 完成情况 维修情况 解决方案 result resolution outcome resolutiondescription",
    "fee": "费用 维修费用 金额 收费 收费金额 服务费 总费用 合计 fee cost charge amount total",
    "agreed_fee": "同意金额 业主同意金额 报价 确认金额 agreedfee quote quotedfee",
    "rating": "评价 满意度 业主评价 回访评价 服务评价 rating satisfaction",
    "signed_by": "签字人 签名 业主签字 签名人 签收人 signedby signature",
    "signed_at": "签字时间 签名时间 验收时间 signed signedat signeddate",
    "checked_by": "审核人 验单人 核单人 checkedby closedby",
    "closed_at": "关闭时间 关单时间 结单时间 closed closedat closeddate dateclosed closedate",
    "archived_at": "归档时间 存档时间 archived archivedat archiveddate",
    "cancelled_at": "取消时间 作废时间 cancelled cancelledat canceledat canceled",
    "reason": "取消原因 作废原因 关闭原因 未签原因 reason cancelreason closereason",
    "status": "状态 工单状态 处理状态 订单状态 status state srstatus",
}
"""What a column of histories can be beside what one of reports can."""

STAFF = {
    "id": "工号 员工编号 员工号 员工工号 人员编号 编号 id staffid staffno employeeid employeeno employeenumber",
    "name": "姓名 名字 员工姓名 人员姓名 name fullname staffname employeename",
    "role": "岗位 职务 职位 岗位名称 角色 role position jobtitle title",
    "trades": "工种 专业 专业工种 技能 trades trade skills skill",
    "os_user": "账号 系统账号 登录账号 登录名 用户名 帐号 osuser account username login loginname",
}
"""What a column of staff can be."""

CALLBACKS = {
    "number": """单号 报修单号 工单号 工单编号 派工单号 报事单号 维修单号 编号 外部编号 报修编号
        number orderno ordernumber externalid workorder workorderno requestid requestno ticketid ticketno""",
    "at": "回访时间 回访日期 时间 日期 at calledat callbackat callbacktime callbackdate calltime calldate date time",
    "outcome": "回访结果 结果 满意度 是否满意 outcome result satisfaction",
    "method": "回访方式 方式 method callbackmethod",
    "by": "回访人 回访人员 回访员 经办人 by calledby callbackby staff operator",
    "signed_by": "签字人 签名 签名人 业主签字 signedby signature",
    "note": """回访内容 回访记录 回访情况 业主意见 客户意见 意见 意见建议 备注 说明
        note notes remark remarks comment comments""",
    "next": "下次回访时间 再次回访时间 下次时间 next nextcall nextat callagain",
}
"""What a column of callbacks can be."""

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

ROLES = {
    "clerk": "前台 前台客服 客服 客服员 客服专员 客服人员 接待 接待员 调度 调度员 clerk receptionist dispatcher",
    "technician": """维修员 维修工 维修人员 维修师傅 维修技工 技工 技师 技术员 维修技术员 工程维修员 综合维修工
        technician repairman maintenance maintenanceworker serviceman""",
    "contractor": "外协 外协人员 外协单位 外包 外包人员 外包单位 外委 承包商 分包商 contractor subcontractor",
    "leader": "班长 组长 领班 维修班长 维修组长 工程班长 工程领班 leader foreman teamleader",
    "supervisor": "主管 工程主管 维修主管 客服主管 supervisor",
    "manager": "经理 项目经理 物业经理 manager propertymanager",
    "finance": "财务 财务人员 财务专员 会计 出纳 finance accountant cashier",
}
"""What offices call the roles of staff."""

TRADES = {
    "electrical": "电工 电气 电气维修 强电 electrician electric electrics",
    "plumbing": "水工 水暖 水暖工 管道 管道工 给排水 plumber",
    "carpentry": "木工 木工门窗 门窗 carpenter",
    "masonry": "泥瓦 泥瓦工 瓦工 泥工 mason",
    "locks": "门锁 锁匠 开锁 locksmith",
    "appliance": "家电 家电维修 电器维修 appliances",
    "plumbing,electrical": "水电 水电工 水电维修 水电维修工",
}
"""What offices call trades; there may be others. Some are two."""

CALLS = {
    "outcome": {
        "satisfied": "满意 非常满意 很满意 比较满意 satisfied verysatisfied",
        "dissatisfied": "不满意 不满 很不满意 非常不满意 dissatisfied unsatisfied notsatisfied verydissatisfied",
        "unreached": "未联系上 联系不上 未接通 未接 无人接听 无人应答 无法接通 打不通 关机 停机 unreached noanswer",
    },
    "method": {
        "phone": "电话 电话回访 phone telephone call phonecall",
        "visit": "上门 上门回访 走访 拜访 面访 入户 入户回访 当面 visit inperson",
        "letter": "信函 信件 书面 书面回访 letter mail",
    },
}
"""What offices call how somebody was called back, and what came of it."""

_WITHIN = 10
"""Rows that are not blank: so far down the header is looked for, below titles and notes."""
_BETWEEN = re.compile(r"[\s_\-*:#./'’]+")
_BRACKET = re.compile(r"[(\[【（].*[)\]】）]$")


@lru_cache(maxsize=4096)
def folded(name: str) -> str:
    """A name without what does not tell names apart: case, width, blanks, hyphens, the star of what is required."""
    return _BETWEEN.sub("", fold(bare(name)).casefold())


_UNSEEN = re.compile(
    "[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb]"
)  # fmt: skip
"""What nobody sees, and no two names differ by: marks of direction, of order, of where a word may break."""


def bare(text: str) -> str:
    """A name without what cannot be seen in it."""
    return text if text.isascii() else _UNSEEN.sub("", text)


def unbracketed(name: str) -> str:
    """A folded name without what stands in brackets at its end: 金额(元)."""
    # Each of a hundred thousand brackets would be looked at as the first one; no name of a column is so long.
    return _BRACKET.sub("", name) if len(name) <= 200 else name


def header(raw: Raw) -> list[str]:
    """The names of the columns, each in a line."""
    return [" ".join(bare(name).split()) for name in raw.cells]


def found(
    name: str,
    rows: Iterator[Raw],
    field_of: Callable[[str], str | None],
    needed: Iterable[str],
    mapped: Mapping[str, str],
    at: int | None,
) -> tuple[Raw, list[Raw], Iterator[Raw]]:
    """The header of a file of rows, the rows above it, and those below.

    The header is the first of ten rows that names all that is ``needed``, and every column that is ``mapped``. Where
    none does it is the one that names most, the first of several, and whoever reads it says what it lacks.

    Args:
        field_of: the field that a column is known to mean.
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
    known = [_known(raw, field_of, mapped) for raw in top]
    # A column that is named by its place may be in any row.
    placed = {field for column, field in mapped.items() if column.lstrip().startswith("#")}
    wanted = {*needed, *mapped.values()} - {"", *placed}
    i = next((i for i, fields in enumerate(known) if wanted <= fields), None)
    if i is None:
        i = max(range(len(top)), key=lambda one: (len(known[one]), -one))
    return top[i], top[:i], chain(top[i + 1 :], rows)


def _known(raw: Raw, field_of: Callable[[str], str | None], mapped: Mapping[str, str]) -> set[str]:
    """The fields that a row names."""
    own = {folded(column): field for column, field in mapped.items()}
    fields = (own.get(folded(cell), field_of(cell)) for cell in raw.cells if cell.strip())
    return {field for field in fields if field}


_MARK = re.compile(r"(栋|幢|座|号楼|楼|单元|室|号|房|层)$")


def joined(parts: Sequence[str]) -> str:
    """The place that several columns say together, without what each says of itself: 3栋, 2单元, 501."""
    return "-".join(_MARK.sub("", fold(text)).strip() or text for text in parts)
