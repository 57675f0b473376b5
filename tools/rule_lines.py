"""What each rule of the procedures asks for, in a line of each language, and the commands that serve it.

A line for every rule: id | Chinese | English | commands. Every command is one that the program has, every rule has a
test that carries its id: ``tools/reference.py`` refuses to write a page of which that is not true.
"""

from __future__ import annotations

CHAPTERS = {
    "REC": ("台账", "The record"),
    "INT": ("受理", "Intake"),
    "QUO": ("报价和同意", "Quote and consent"),
    "ASG": ("派工", "Assignment"),
    "VIS": ("上门", "On site"),
    "FEE": ("收费", "Fees"),
    "FIN": ("完工、签字、核对", "Finish, sign, close"),
    "COO": ("协调单", "Coordination orders"),
    "CAL": ("回访", "Callbacks"),
    "SLA": ("时限和上报", "Clocks and escalation"),
    "RET": ("保存和清除", "Retention"),
    "RPT": ("报表", "Reports"),
}

LINES = """
REC-1 | 台账只添不改，改动查得出来 | entries are only ever added; a change is found | verify, attach
REC-2 | 记下谁做的、何时发生、何时写下；补记标明；不许写在将来 | who, when it happened, when it was written; late is marked, the future refused | show
REC-3 | 错了用新的一条更正，新旧都看得到 | a mistake is corrected by an entry that names the old value and the new | correct
REC-4 | 每张单记着按哪一版规程和价目判定，规程一改不影响旧单 | an order keeps the version of the rules that it was judged by | policies check, policies rehearse, fees check
REC-5 | 现状可以单凭记录重建，并且核验得过 | the present state follows from the entries alone | verify
REC-6 | 同一件事多次报，并成一张单 | several reports of one problem are one order | intake
INT-1 | 该问的没问全，一次说全，什么也不写 | what is missing is named all at once, and nothing is written | intake
INT-2 | 报事渠道 | the channels of a report | intake
INT-3 | 优先级、投诉轻重、求助类别 | priority, severity of complaints, class of help | intake
INT-4 | 登记、通知工程的时限 | the times to register a report and to tell engineering | intake, assign
INT-5 | 预约、型号、购买日期、保修 | appointment, model, purchase, warranty | intake
INT-6 | 电话里解决的，要回访；没解决就上门 | solved on the phone: called back, and visited if it did not hold | intake, callback record
INT-7 | 紧急的立即报班长和主管 | an emergency tells leader and supervisor at once | intake, list
INT-8 | 值班表和交接班 | the duty roster, and handing the desk over | staff duty, handover
QUO-1 | 收费的活，先同意再动工 | consent to the price before paid work begins | consent, start
QUO-2 | 价目表里没有的，先评审再派工 | what is not on the fee table is reviewed before it is assigned | quote, assign
QUO-3 | 住户不同意，两个人记下原因 | a resident who declines: two people record why | consent
QUO-4 | 现场与所报不同要另记；账单不超过同意的金额 | what is found is recorded; a bill never exceeds the consent | finish, quote
QUO-5 | 该换的不让换，说明和处置要记下 | a refused replacement: what was explained and made safe | finish
QUO-6 | 住户自备的材料要验看 | materials of the resident's own are looked at | finish
ASG-1 | 接单；工具备好的时限 | accepting, and tools ready in time | accept
ASG-2 | 到场的时限，预约的提前到 | when to arrive; early for an appointment | arrive, start
ASG-3 | 同一个人的上门时间不能重叠；改约要住户同意 | visits of one technician do not overlap; a moved one is agreed | assign, reschedule
ASG-4 | 改派要原因；可以请求支援 | reassigning has a reason; support can be asked for | assign, support
ASG-5 | 工种对不对、当不当班，会提醒 | trade and duty of the assignee are looked at | assign
VIS-1 | 处理时间按秒累计，从不取整 | handling time adds up over visits and is never rounded | show
VIS-2 | 迟到记下来，十五分钟起单独统计 | late arrivals, those from 15 minutes apart | arrive, report
VIS-3 | 上门检查表 | the checklist of a visit | finish, report
VIS-4 | 没人在家：留卡、停表、再约 | nobody home: the card, the stopped clock, a new appointment | pause, reschedule
VIS-5 | 没做完就走，要有原因、负责人和下次时间 | leaving unfinished: the reason, who answers for it, when next | pause
VIS-6 | 带走修的开收条，还清才能核对 | a receipt for what is taken away; all is back before the close | pause, returned, print
VIS-7 | 损坏和赔偿 | damage and its compensation | finish
VIS-8 | 全屋检查发现的，另立一张相关的单 | a further fault becomes an order of its own | intake
VIS-9 | 扰民、停水停电的，先要住户同意 | noise and cuts need the resident's agreement first | start
VIS-10 | 缺料或等供应商的，报主管，向住户说明 | what waits for parts or a supplier is told and explained | pause, explain
FEE-1 | 按价目表收费 | prices by the fee table | fees price, fees list
FEE-2 | 表上没有的材料：入库价加三成，取到角 | an unlisted material: stock cost and markup, to the jiao | fees price, finish
FEE-3 | 三十分钟内不同标准只收最高的一次 | different standards within 30 minutes are charged once, at the highest | fees price, why
FEE-4 | 两个价格标准取低的 | of two price standards the lower | finish
FEE-5 | 保修内免费的部分 | what is free under warranty | finish
FEE-6 | 减免单列一行，有原因和批准人 | a reduction is a line of its own, with reason and approver | finish, rebill
FEE-7 | 财务收款、按月移交、移交即锁定 | finance collects; a month is handed over and locked | report finance, pay
FEE-8 | 账单完工即定，每行说得清；改了就冲销重开 | a bill is frozen and explains itself; a correction reverses it | why, rebill
FEE-9 | 有偿还是无偿 | paid or free | show
FEE-10 | 金额精确到分，行、单、月对得上 | exact amounts: lines, bills and month agree | report finance
FIN-1 | 完工要写明故障、结果、用料、时间 | finishing needs fault, result, materials and times | finish
FIN-2 | 拿不准、没法试的，限时回访 | unsure or untested: called back in time | finish, callback due
FIN-3 | 试用、评价、签字；没签的由班长核实 | tried, rated, signed; without a signature the leader verifies | sign
FIN-4 | 低于满意的要听取说明；不满意的没着落不能归档 | a low rating is heard; dissatisfied is not filed before it is settled | hear, settle
FIN-5 | 当天返单、核对、归档；核对的不是干活的 | back, checked and filed the same day, never by who did the work | close, archive
FIN-6 | 每天的派出和返回对账 | what went out and what came back | slips
FIN-7 | 公共区域由相关部门验收 | a department accepts public work | sign
COO-1 | 没按期完成的转协调单 | what is not finished in its time becomes a coordination order | escalate, convert, exempt
COO-2 | 跟踪记录写些什么 | what an entry of it has | log
COO-3 | 每周至少一条记录 | an entry every week | log, escalate
COO-4 | 班长每月查两次，主管一次 | the leader checks twice a month, the supervisor once | check
COO-5 | 怎样了结 | how it ends | finish, sign, close, archive
COO-6 | 首页和带页码的续页 | a first page and numbered continuation pages | print
CAL-1 | 回访的比例和期限 | how many are called, and by when | callback plan
CAL-2 | 由台账抽取，谁都能重抽核对 | drawn from the ledger; anybody can repeat it | callback plan, callback audit
CAL-3 | 谁打回访，绝不是干活的人 | who calls, and never who did the work | callback record
CAL-4 | 上门的要签字，重大投诉的回访要上门 | a visit is signed; after a major complaint it is a visit | callback record
CAL-5 | 不满意再约时间；打不通三次换抽 | dissatisfied: again at a time; unreached: replaced after three tries | callback record, callback due
CAL-6 | 匿名的、只要信的不打；一封公开信可答多件 | anonymous and letter-only are not called; one letter answers many | callback letter
CAL-7 | 每月统计，主管签意见，每条意见有着落 | counted each month, with an opinion; every remark settled | callback opinion, callback settle
CAL-8 | 第二天复查完工的 | finished repairs are looked at again the day after | recheck
SLA-1 | 响应和解决的时限 | the times to respond and to resolve | why, board
SLA-2 | 工作时间、节假日、时区 | working hours, holidays, the zone | calendar show, why
SLA-3 | 只因规定的原因停表，停多久推多久 | clocks stop for named reasons only, and move by just that | why
SLA-4 | 逐级上报，每级一次 | step by step up the ladder, each step told once | escalate
SLA-5 | cron 和手工同一条命令，没事不出声 | the same command in cron and by hand; nothing to do is silent | escalate
SLA-6 | 每个期限、每张账单都说得清由来 | every interval and rule behind a deadline or a bill | why
RET-1 | 保存多久 | how long what is kept | purge
RET-2 | 清除要经理和第二个人，先看、先导出 | a purge: shown and exported first, by a manager and a second person | purge
RET-3 | 清除以后个人信息没了，台账仍核验得过 | afterwards the person's data is gone, and the record verifies | purge, verify
RPT-1 | 及时率 | the on-time rate | report
RPT-2 | 满意、一次修复、回访、完整，对照目标 | satisfaction, first-time fix, quota, completeness against targets | report
RPT-3 | 维修月记录、投诉分析、求助和回访汇总 | the monthly record, complaints, help, callbacks | report
RPT-4 | 故障排行、重复故障 | which faults, where, how often; repeats | report
RPT-5 | 维修员的工作 | the technicians' work | report
RPT-6 | 财务月结，逐户，与台账逐分核对 | the month for finance, per household, to the fen | report finance
RPT-7 | 看板 | the board | board
"""


def lines() -> list[tuple[str, str, str, tuple[str, ...]]]:
    """Id, Chinese, English and commands of each rule, in the order of the chapters."""
    found = []
    for line in LINES.strip().splitlines():
        rule, zh, en, commands = (part.strip() for part in line.split("|"))
        found.append((rule, zh, en, tuple(commands.split(", "))))
    return found
