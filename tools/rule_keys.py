"""What each key of the three rules files says, in both languages, with the rules that it serves.

A line for every key that the models know: path | rules | Chinese | English. ``*`` stands for a name of the desk's own,
``[]`` for each of a list. ``meanings`` answers them; ``tools/schemas.py`` finds a key that is left out, or named twice.
"""

from __future__ import annotations

from typing import NamedTuple

POLICIES = """
version | REC-4 | 这一版规程的名字，内容改了就换新名字 | the name of this version; a new one whenever the content changes
preset | | 建立时用的规程模板 | the preset that the desk began with
zone | SLA-2 | 所有时刻和日期的时区，与电脑的设置无关 | the zone of all times and days, whatever the machine's
late_after | REC-2 | 事后多久才写下算补记 | written down so long after it happened, an entry is late
late_visit | VIS-2 | 迟到从多久起单独统计 | from here on a late arrival is counted apart
numbering | | 各类单号的字头 | what the numbers of each series begin with
numbering.* | | 一类单号的字头 | the prefix of one series
places | | 地点写法的统一：从上往下，第一个合的为准 | one place, one spelling: the first form that fits holds
places[].pattern | | 正则表达式，须合整个地点（全角先转半角） | a regular expression that fits the whole place, full-width forms folded
places[].canonical | | 统一成的写法，{1} 是第一组 | how it is written; {1} is what the first group matched
categories | ASG-5 | 故障分类，以代码为键 | the classes of fault, by their codes
categories.* | ASG-5 | 一个故障分类 | one class of fault
categories.*.name | | 名称 | its name
categories.*.trade | ASG-5 | 经办人应有的工种 | the trade that the assignee should have
categories.*.disturbs | VIS-9 | 这类活会扰民或停水停电，开工前须住户同意 | what work of this class disturbs: it needs the resident's agreement first
checklists | VIS-3 | 上门检查表，按单子的类型 | what a visit ticks off, by kind of order
checklists.* | VIS-3 | 一类单子的检查表 | the checklist of one kind of order
checklists.*.* | VIS-3 | 检查表的一项，以代码为键 | a point of the list, by its code
checklists.*.*.name | VIS-3 | 名称 | what it says
checklists.*.*.group | VIS-3 | 归在哪一组下 | the heading that it stands under
may | | 谁可以做什么；没列出的，坐在键盘前的人都可以 | who may do what; what is not listed is open to anyone at the keyboard
may.* | | 可以做此事的岗位，另有 assignee（经办人）和 tracker（跟踪人） | the roles that may; besides the staff's there are assignee and tracker
calendars | SLA-2 | 工作时间，以名称为键；always（全天）是内置的 | working hours, by name; always is built in
calendars.* | SLA-2 | 一种工作时间 | one calendar
calendars.*.week | SLA-2 | 一周里的工作时段；没写的日子不上班 | the windows of a week; a day left out has none
calendars.*.week.* | SLA-2 | 某天或某几天（mon、mon-fri）的时段 | the windows of a day or of a stretch of days (mon, mon-fri)
calendars.*.holidays | SLA-2 | 自己的放假日；法定的写在 calendar.yaml | days off of its own; the public ones stand in calendar.yaml
calendars.*.workdays | SLA-2 | 自己的补班日 | make-up workdays of its own
calendars.*.public | SLA-2 | 法定节假日是否也不算 | whether public holidays hold for it, too
ladders | SLA-4 | 上报梯次，以名称为键 | who hears of what was missed, by name
ladders.* | SLA-4 | 一套梯次，先后各级 | one ladder, step by step
ladders.*[].after | SLA-4 | 过期以后多久 | so long after the deadline
ladders.*[].tell | SLA-4 | 报给谁 | who is told
alarm | INT-7 | 紧急报修立即通知的岗位 | who is told of an emergency at once
complaint_alarm | | 投诉立即通知谁，按轻重 | who is told of a complaint at once, by severity
complaint_alarm.* | | 这一等投诉立即通知的岗位 | the roles that are told of one severity
departments | | 投诉归哪个部门，以代码为键 | whose matter a complaint is, by code
departments.* | | 一个部门 | one department
departments.*.name | | 名称 | its name
departments.*.categories | | 归它管的故障分类 | the classes of fault that are its own
departments.*.words | | 报事人说到这些词，就提议归它 | words that propose it
departments.*.tell | | 每件都立即通知的岗位或人员编号 | roles and staff ids who are told of each
held_up | VIS-10 | 缺料或等供应商的，立即报给谁 | who is told at once of what waits for parts or a supplier
held_up.told | VIS-10 | 一般的报给 | of each
held_up.major | VIS-10 | 重大的（pause --major）报给 | of a major one (pause --major)
tracker | COO-1 | 夜间转出的协调单由谁跟踪：人员编号，或 clerk（接报的人） | who tracks what the night converts: a staff id, or clerk, who took the report
obligations | | 谁欠什么、几点以前，以名称为键 | who owes what by when, by name
obligations.* | | 一项时限 | one obligation and its clock
obligations.*.name | | 显示和 why 用的名称，默认就是键；同名的几项，先合的为准 | what it is called; of several with one name the first that fits holds
obligations.*.rule | | 依据的规则编号 | the rule that it serves
obligations.*.source | | 出自哪份规程哪一条 | where it comes from
obligations.*.starts | | 从哪些事起算 | the events that open it
obligations.*.meets | | 哪些事算做到 | the events that meet it
obligations.*.voids | | 哪些事使它不再需要 | the events that end it unowed
obligations.*.skips | | 哪些事免去一期 | the events that excuse one period
obligations.*.within | SLA-1 | 起算以后多久内，可按优先级分写 | so long after the anchor, at once or for each priority
obligations.*.within.* | SLA-1 | 这一优先级的时长 | the time for one priority
obligations.*.by | | 当天几点以前；已过则次日 | by a time of the day, or of the next when it is past
obligations.*.by_day | FEE-7 | 次月几号以前 | by the end of that day of the next month
obligations.*.days_after | | 再宽几天（与 by 合用） | so many days later (with by)
obligations.*.each | COO-3 | 每周或每月都要 | owed anew in every week or month
obligations.*.times | COO-4 | 每期几次 | how often in a period
obligations.*.days_left | COO-4 | 开始的那一期还剩这么多天才算 | the first period counts if so many days of it are left
obligations.*.anchor | ASG-2 | 从何时算起：事情、报事、预约、当天、下次、回访 | what it is counted from: the event, the report, the appointment, the day, the next time, the call
obligations.*.lead | ASG-2 | 比预约提前多久 | a time before the appointment
obligations.*.owner | | 谁欠 | who owes it
obligations.*.kinds | | 只对这些类型 | only these kinds of order
obligations.*.priorities | | 只对这些优先级 | only these priorities
obligations.*.channels | | 只对这些报事渠道 | only these channels
obligations.*.categories | | 只对这些故障分类 | only these classes of fault
obligations.*.severities | | 只对这些轻重的投诉 | only complaints of these severities
obligations.*.departments | | 只对这些部门的投诉 | only complaints of these departments
obligations.*.reasons | | 只对因这些原因的暂停 | only pauses for these reasons
obligations.*.appointment | | 只对有（或没有）预约的 | only with, or without, an appointment
obligations.*.unlisted | QUO-2 | 只对价目表里没有（或都有）的 | only what the fee table lacks, or has
obligations.*.pauses | SLA-3 | 哪些原因停表 | the reasons that stop the clock
obligations.*.calendar | SLA-2 | 按哪种工作时间计，默认 always | the calendar that it is measured in; always if none
obligations.*.ladder | SLA-4 | 误了按哪套梯次上报 | who hears of it when it is missed
obligations.*.overdue | COO-1 | 误了夜里怎么办：转协调单，或只提议 | what the night does then: convert, or propose
warranty | FEE-5 | 保修内哪些免费 | what is free under warranty
warranty.free | FEE-5 | 免费的部分 | the parts of a bill that are free
warranty.months | FEE-5 | 从购买起几个月；不写就按单上的保修期 | months from the purchase; without it as long as the order says
warranty.software | FEE-5 | 软件只看买了多久 | software goes by the age of the thing alone
warranty.software.categories | FEE-5 | 哪些分类算软件 | the classes that are software
warranty.software.free_months | FEE-5 | 头几个月免费 | free for so many months
warranty.software.charged_after_months | FEE-5 | 几个月以后收费 | charged after so many
warranty.software.between | FEE-5 | 两者之间 | and between the two
reductions | FEE-6 | 各岗位最多可减多少 | how much of a bill each role may take off
reductions.* | FEE-6 | 这个岗位的限额，any 是不限 | the limit of one role; any is none
finance | FEE-7 | 钱怎么收 | how money comes in
finance.collection | FEE-7 | 只由财务收，还是维修员可代收 | whether finance alone collects, or the technician for the company
finance.methods | FEE-7 | 收款方式，第一种是默认 | the ways to pay; the first where nothing is said
targets | RPT-2 | 报表里各比率的目标；不写就没有目标 | what the reports hold their rates against; without a line there is none
targets.on_time | RPT-1 | 及时率 | the on-time rate
targets.satisfaction | RPT-2 | 满意率 | the satisfaction rate
targets.first_time_fix | RPT-2 | 一次修复率 | fixed at the first visit
targets.complete | RPT-2 | 记录完整率 | complete records
targets.remarks | CAL-7 | 回访意见处理率 | remarks from callbacks that were settled
repeat_within | RPT-4 | 同一处同类故障，多久内再来算重复 | a fault of the same class comes again within this time
notify | SLA-4 | 发消息 | messages
notify.roles | SLA-4 | 给哪些岗位发；[] 不发 | the roles that are sent messages; [] sends none
notify.retry | SLA-4 | 没送到，隔多久再试 | the waits between the tries
notify.missing_after | SLA-5 | 夜间巡检多久没来就提醒 | no nightly run for so long is said on the board
callbacks | CAL-1 | 回访谁、几成、谁打 | who is called back, how many, and by whom
callbacks.strata | CAL-1 | 从哪几类里抽 | what is drawn from
callbacks.strata.* | CAL-1 | 一类 | one of them
callbacks.strata.*.kinds | CAL-1 | 包括哪些类型的单子 | the kinds of order in it
callbacks.strata.*.rate | CAL-1 | 抽几成 | the share that is drawn
callbacks.strata.*.within | CAL-1 | 多久内打完 | called within
callbacks.tries | CAL-5 | 几次打不通就换抽 | a replacement is drawn after so many tries
callbacks.missed | CAL-5 | 打不通，隔多久再打 | the time until the next try
callbacks.callers | CAL-3 | 谁打，按投诉轻重 | who calls, by severity
callbacks.callers.* | CAL-3 | 这一等由谁打 | who calls about one severity
slips | FIN-5 | 派工单印几联 | the copies of slips
slips.copies | FIN-5 | 每联给谁，按类型 | for whom, by kind
slips.copies.* | FIN-5 | 这一类单子的各联 | the copies for one kind
attachments | REC-1 | 可附哪些文件 | which files can be attached
attachments.most | REC-1 | 每个文件最大多少 | the largest file
attachments.types | REC-1 | 哪些格式 | their formats
retention | RET-1 | 各样东西保存多久 | how long what is kept
retention.paid | RET-1 | 有偿派工单 | paid orders
retention.free | RET-1 | 无偿派工单 | free orders
retention.coordination | RET-1 | 协调单 | coordination orders
retention.converted | RET-1 | 转成协调单的原单 | the orders that they came from
retention.messages | RET-1 | 发过的消息 | messages
retention.households | RET-1 | 以前的住户 | who lived somewhere before
retention.notes | RET-1 | 交接、看全号的理由等 | notes for the shift, reasons for revealed phones
second_person | RET-2 | 第二个人的口令（PIN） | the PIN of a second person
second_person.pin | RET-2 | 哪些事要口令；[] 都不要 | what asks for one; [] nothing
second_person.tries | RET-2 | 输错几次就锁 | so many wrong ones …
second_person.locked | RET-2 | 锁多久 | … and it is locked for so long
proposals | INT-3 | 报事人说到某些词，就向前台提议分类、优先级、项目 | what the words of a caller propose to the clerk
proposals.* | INT-3 | 一组词 | one set of words
proposals.*.words | INT-3 | 哪些词，说到任何一个就算 | the words; any of them will do
proposals.*.kind | INT-3 | 提议的类型，与地点看出来的不同时才写 | the kind, where it is another than the place says
proposals.*.category | INT-3 | 提议的故障分类 | the class of fault
proposals.*.priority | INT-3 | 提议的优先级 | the priority
proposals.*.services | INT-3 | 提议的收费项目，fees.yaml 里的代码 | services of fees.yaml, by their codes
"""

FEES = """
version | REC-4 | 这一版价目的名字，内容改了就换新名字 | the name of this version; a new one whenever the content changes
currency | FEE-10 | 币种 | the currency
markup | FEE-2 | 没列出的材料怎么加价 | a material that is not listed
markup.rate | FEE-2 | 在入库价上加几成 | what is added to its stock cost
markup.round_to | FEE-2 | 单价取到多少的整倍数 | what its unit price is rounded to
grouping | FEE-3 | 不同收费标准合并收一次 | different standards charged once
grouping.minutes | FEE-3 | 多久内提出的算一组；0 是不合并 | asked for within so many minutes; 0 switches it off
services | FEE-1 | 服务项目 | the services
services[].code | FEE-1 | 代码，命令里就写它 | its code, which commands name
services[].name | FEE-1 | 名称 | its name
services[].category | FEE-1 | 故障分类，policies.yaml 里的 | its class of fault, as in policies.yaml
services[].unit | FEE-1 | 单位 | its unit
services[].price | FEE-1 | 单价：金额、free（免费）、on-quote（另报），或 {from: …, to: …} | an amount, free, on-quote, or a range {from: …, to: …}
services[].price.from | QUO-2 | 最低 | the lowest
services[].price.to | QUO-2 | 最高 | the highest
services[].standard | FEE-3 | 收费标准，默认就是代码；标准相同的加在一起 | its charge standard; its own code if none
materials | FEE-1 | 列出的材料 | the materials that are listed
materials[].code | FEE-1 | 代码 | its code
materials[].name | FEE-1 | 名称 | its name
materials[].unit | FEE-1 | 单位 | its unit
materials[].price | FEE-1 | 单价 | its price
"""

CALENDAR = """
version | REC-4 | 这一版节假日表的名字，内容改了就换新名字 | the name of this version; a new one whenever the content changes
warn | SLA-2 | 表快到头时，提前多久提醒 | how long before the table ends it is said
years | SLA-2 | 各年的安排；没公布的年份不写 | the years; one that is not published is left out
years.* | SLA-2 | 一年 | one year
years.*.source | SLA-2 | 出自哪个通知 | the notice that it was taken from
years.*.holidays | SLA-2 | 放假日，以节日名称为键 | the days off, by their names
years.*.holidays.* | SLA-2 | 哪几天：一天，或 起..止 | which days: one, or FROM..TO
years.*.workdays | SLA-2 | 补班的日子 | the days that are worked instead
"""


class Meaning(NamedTuple):
    """What a key says; ``rule`` is empty where it serves none of its own."""

    rule: str
    zh: str
    en: str


def meanings(text: str) -> dict[str, Meaning]:
    """What each key says, by its path.

    Raises:
        ValueError: a line has no four parts, or a path stands twice.
    """
    found: dict[str, Meaning] = {}
    for line in text.strip().splitlines():
        path, rule, zh, en = (part.strip() for part in line.split("|", 3))
        if path in found:
            raise ValueError(f"{path} stands twice")
        found[path] = Meaning(rule, zh, en)
    return found


FILES = {"policies": POLICIES, "fees": FEES, "calendar": CALENDAR}
