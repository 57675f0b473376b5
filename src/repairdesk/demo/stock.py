"""What the month is made of: the people of a property company, its residents, and what breaks in their homes.

Data only. The texts are what clerks and technicians would write, so they are Chinese whatever the language of the
screen. Nobody in here exists, and the phone numbers (1380000xxxx) are well-formed but made up.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault as it is reported, what it turns out to be, and what mending it takes.

    ``minutes`` is the least and the most time on site; ``fee`` is the supervisor's in yuan, the least and the most,
    for work that the fee table cannot price (QUO-2).
    """

    category: str
    said: tuple[str, ...]
    found: str
    result: str
    services: tuple[str, ...] = ()
    materials: tuple[str, ...] = ()
    minutes: tuple[int, int] = (15, 45)
    disturbs: tuple[str, ...] = ()
    weight: int = 3
    fee: tuple[int, int] | None = None


STAFF: tuple[tuple[str, str, str, tuple[str, ...], str], ...] = (
    ("M1", "周建国", "manager", (), "zhoujg"),
    ("S1", "陈志远", "supervisor", (), "chenzy"),
    ("L1", "郭海涛", "leader", (), "guoht"),
    ("L2", "宋丽华", "leader", (), "songlh"),
    ("C1", "林晓燕", "clerk", (), "linxy"),
    ("C2", "许佳怡", "clerk", (), "xujy"),
    ("F1", "沈国芳", "finance", (), "shengf"),
    ("W1", "邓立群", "contractor", ("lift",), "denglq"),
    ("T1", "王大勇", "technician", ("electrical", "appliance"), "wangdy"),
    ("T2", "李永强", "technician", ("plumbing", "masonry"), "liyq"),
    ("T3", "张春生", "technician", ("plumbing", "carpentry"), "zhangcs"),
    ("T4", "赵文斌", "technician", ("carpentry", "locks", "masonry"), "zhaowb"),
    ("T5", "孙志伟", "technician", ("electrical", "locks", "appliance"), "sunzw"),
)
"""Id, name, role, trades, account. The manager comes first: who sets up the desk puts the others on record."""

SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾萧田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆"
)
GIVEN = (
    "伟 芳 娜 敏 静 丽 强 磊 军 洋 勇 艳 杰 娟 涛 明 超 秀英 桂兰 建华 国强 玉梅 志刚 晓东 海燕 春梅 文静 立新 思远 "
    "雨桐 子涵 俊杰 雪梅 丽娟 德明 永康 佳琪 淑珍 凤英 卫东 建军 小红 一鸣 欣怡 浩然 梓轩 美玲 振宇 婷婷 国栋"
).split()

FAULTS: tuple[Fault, ...] = (
    # 电气
    Fault(
        "electrical",
        ("客厅顶灯不亮", "厨房灯突然不亮了", "卫生间灯坏了，晚上没法用"),
        "灯泡烧坏",
        "更换灯泡，试灯正常",
        ("bulb",),
        ("led-9w",),
        (8, 20),
        weight=6,
    ),
    Fault(
        "electrical",
        ("厨房灯管一闪一闪的", "书房灯管两头发黑，不亮了"),
        "灯管老化",
        "更换灯管，亮度正常",
        ("lamp-tube",),
        ("led-tube-18w",),
        (10, 25),
        weight=4,
    ),
    Fault(
        "electrical",
        ("灯管一直嗡嗡响，起辉慢",),
        "镇流器损坏",
        "更换镇流器，无异响",
        ("ballast",),
        ("镇流器:1:21.00",),
        weight=2,
    ),
    Fault(
        "electrical",
        ("想把客厅的灯换成吸顶灯", "卧室吸顶灯整个不亮，想换一盏"),
        "原灯具驱动损坏",
        "安装新吸顶灯，测试正常",
        ("ceiling-lamp",),
        ("ceiling-lamp-24w",),
        (25, 50),
        weight=3,
    ),
    Fault(
        "electrical",
        ("床头插座没电", "厨房插座插上去冒火花", "插座松动，插头插不紧"),
        "插座簧片烧蚀",
        "更换五孔插座，测电压正常",
        ("socket",),
        ("socket-5-hole",),
        (15, 30),
        weight=5,
    ),
    Fault(
        "electrical",
        ("门厅开关按下去没反应", "卫生间开关时好时坏"),
        "开关触点氧化",
        "更换单联开关，试用正常",
        ("switch",),
        ("switch-1-gang",),
        (12, 25),
        weight=4,
    ),
    Fault(
        "electrical",
        ("空调一开就跳闸", "总闸推上去马上又跳"),
        "空气开关老化，容量下降",
        "更换 32A 空气开关，带载运行正常",
        ("breaker",),
        ("breaker-32a", "wire-2.5:1.5"),
        (25, 50),
        ("power",),
        weight=3,
    ),
    Fault(
        "electrical",
        ("家里突然停电，隔壁有电", "半个家没电了"),
        "用电过载跳闸，线路无异常",
        "复位后送电正常，已提醒错峰使用大功率电器",
        ("trip-reset",),
        (),
        (6, 15),
        weight=5,
    ),
    # 给排水
    Fault(
        "plumbing",
        ("厨房水龙头关不紧，一直滴水", "面盆龙头漏水", "洗手间龙头出水口开裂"),
        "龙头阀芯磨损",
        "更换面盆水龙头，无渗漏",
        ("tap",),
        ("tap-basin",),
        (15, 35),
        ("water",),
        weight=6,
    ),
    Fault(
        "plumbing",
        ("马桶下面的角阀渗水", "厨房角阀关不死"),
        "角阀密封失效",
        "更换角阀，试压无渗漏",
        ("angle-valve",),
        ("铜角阀:1:18.50",),
        (15, 30),
        ("water",),
        weight=4,
    ),
    Fault(
        "plumbing",
        ("洗脸盆下面的软管漏水", "马桶进水软管鼓包，怕爆"),
        "编织软管锈蚀",
        "更换 40 cm 软管，试水正常",
        ("hose",),
        ("hose-40cm",),
        (12, 25),
        weight=4,
    ),
    Fault(
        "plumbing",
        ("马桶堵了，水下不去", "马桶返水，味道很大", "小孩把玩具掉马桶里堵住了"),
        "排污口异物堵塞",
        "机械疏通，连续冲水三次正常",
        ("toilet",),
        (),
        (20, 50),
        weight=6,
    ),
    Fault(
        "plumbing",
        ("阳台地漏排水很慢", "淋浴间地漏返味、下水慢"),
        "地漏毛发淤堵",
        "疏通并清洗存水弯，排水正常",
        ("floor-drain",),
        (),
        (20, 40),
        weight=5,
    ),
    Fault(
        "plumbing",
        ("厨房水槽下水堵了", "面盆下水慢，要等很久"),
        "下水管油垢淤积",
        "疏通下水，排水通畅",
        ("basin-drain",),
        (),
        (20, 45),
        weight=5,
    ),
    Fault(
        "plumbing",
        ("马桶水箱一直流水", "马桶按钮按下去弹不起来", "水箱不上水"),
        "水箱进水阀失灵",
        "更换水箱配件，上水、冲水正常",
        ("cistern",),
        ("cistern-kit",),
        (20, 40),
        weight=4,
    ),
    # 木工门窗
    Fault(
        "carpentry",
        ("橱柜门掉下来了", "衣柜门合页断了"),
        "合页螺丝滑丝、断裂",
        "更换不锈钢合页，开合顺畅",
        ("hinge:2",),
        ("hinge-steel:2",),
        (20, 40),
        weight=4,
    ),
    Fault(
        "carpentry",
        ("卧室门关不上，卡地板", "卫生间门下沉，关不严"),
        "门扇下沉",
        "调整合页并修边，关闭正常",
        ("door-adjust",),
        (),
        (20, 45),
        ("noise",),
        weight=3,
    ),
    Fault(
        "carpentry",
        ("窗户把手断了，关不上窗", "阳台窗执手松动"),
        "执手断裂",
        "更换铝合金执手，锁闭严密",
        ("window-handle",),
        ("window-handle-alu",),
        (15, 30),
        weight=4,
    ),
    Fault(
        "carpentry",
        ("窗帘杆掉下来了，要重新装",),
        "膨胀螺栓松脱",
        "换孔重装窗帘杆，承重正常",
        ("curtain-rail:2.4",),
        ("膨胀螺栓:4:0.80",),
        (25, 45),
        ("noise",),
        weight=2,
    ),
    # 泥瓦
    Fault(
        "masonry",
        ("卫生间墙砖掉了两块", "厨房地砖翘起来了"),
        "瓷砖空鼓脱落",
        "重新铺贴，24 小时内勿踩踏",
        ("tile:2",),
        ("瓷砖胶:1:26.00",),
        (45, 90),
        ("noise",),
        weight=2,
    ),
    Fault(
        "masonry",
        ("淋浴房边上的胶发霉了", "台盆边打胶开裂渗水"),
        "防霉胶老化开裂",
        "铲除旧胶重新打胶，24 小时内勿沾水",
        ("sealant:3.5",),
        ("sealant-tube",),
        (25, 45),
        weight=3,
    ),
    # 门锁
    Fault(
        "locks",
        ("入户门钥匙拧不动", "钥匙断在锁里了", "租客搬走了，想换锁芯"),
        "锁芯卡滞",
        "更换 C 级锁芯，五把钥匙试开正常",
        ("lock-core",),
        ("lock-core-c",),
        (15, 35),
        weight=4,
    ),
    Fault(
        "locks",
        ("卧室门锁坏了，门打不开",),
        "锁舌断裂",
        "更换门锁，试用正常",
        ("lock-set",),
        ("室内门锁:1:62.00",),
        (20, 40),
        weight=2,
    ),
    # 家电
    Fault(
        "appliance",
        ("新买的洗衣机要接水", "洗衣机排水管接不上"),
        "需改接进排水",
        "洗衣机安装到位，试机无漏水",
        ("washer-install",),
        ("洗衣机龙头:1:24.50",),
        (25, 50),
        weight=2,
    ),
    Fault(
        "appliance",
        ("抽油烟机到货了，约师傅安装",),
        "旧机已拆，孔位可用",
        "油烟机安装完成，排烟正常",
        ("hood-install",),
        ("止逆阀:1:19.00",),
        (40, 75),
        ("noise",),
        weight=2,
    ),
    # 综合
    Fault(
        "general",
        ("卧室墙角有水印，请来看看", "听到墙里有滴水声"),
        "空调冷凝水管包扎破损，非结构渗漏",
        "重新包扎，观察无渗漏",
        ("inspect",),
        (),
        (15, 30),
        weight=2,
    ),
    Fault(
        "general",
        ("对讲机没声音", "可视对讲看不到画面"),
        "室内分机接线松动",
        "重新压接，通话正常",
        ("inspect",),
        (),
        (10, 25),
        weight=3,
    ),
)


@dataclass(frozen=True, slots=True)
class Wait:
    """What the storeroom lacks for faults of a class, and who delivers it."""

    part: str
    supplier: str


WAITS: Mapping[str, Wait] = {
    "electrical": Wait("同规格成套配件", "电料供应商 何工"),
    "plumbing": Wait("同型号洁具配件", "洁具售后 冯工"),
    "carpentry": Wait("同款五金件", "门窗厂 史工"),
    "masonry": Wait("同批次面砖和辅料", "建材商 邱工"),
    "locks": Wait("同型号锁具", "锁具厂家 龚工"),
    "appliance": Wait("原厂配件", "厂家售后 段工"),
}
"""What a visit can lack (VIS-5); of other classes everything is in stock."""

PATIENCE = ("表示理解，希望尽快", "有些着急，要求到货当天上门", "可以等，周末在家")
CHASED = (
    ("催货：已出库，在途", "答应到货先通知", "到货当天约上门"),
    ("催货：厂家排产，预计下周", "态度配合", "下周再催，并告知业主"),
    ("告知业主进度，业主同意再等", "态度平和", "到货后约上门"),
)
"""What was said, opinions, plan: the weekly entries of a coordination order (COO-2)."""
SUPPORT = ("已联系采购加急", "已协调厂家优先发货", "已上门看望业主并说明进度")
"""What leader and supervisor did for it when they checked it (COO-4)."""

ADVISED: tuple[tuple[str, str, str], ...] = (
    ("electrical", "家里突然停电（电话指导拔掉大功率电器后合闸）", "业主：合闸后一直正常"),
    ("plumbing", "整屋水很小（电话指导把表后阀全部打开）", "业主：水压恢复正常"),
    ("appliance", "热水器不出热水（电话指导更换打火电池）", "业主：换电池后能打着火"),
    ("locks", "智能锁没反应（电话指导用应急电源开门）", "业主：已换电池，开锁正常"),
)
"""Category, what was told on the phone, what the resident said when called back (INT-6)."""

CALLED = ("业主：使用正常", "业主：一切正常，谢谢师傅", "业主：试了几次都没问题")
UNCERTAIN = {"unsure": "；原因还需观察", "untested": "；当时不便试用"}
"""What a technician adds to the result where a callback is owed (FIN-2)."""

UNLISTED: tuple[Fault, ...] = (
    Fault(
        "electrical",
        ("插座一用就跳闸，怀疑哪里短路",),
        "吊顶内接线盒进水短路",
        "处理短路点并更换接线盒，绝缘测试合格",
        ("short-circuit",),
        (),
        (60, 110),
        ("power",),
        fee=(80, 180),
    ),
    Fault(
        "plumbing",
        ("洗衣机要换到阳台，水管要改过去",),
        "需明敷水管",
        "改管完成，试压 30 分钟无渗漏",
        ("pipe-run:3",),
        (),
        (90, 150),
        ("water", "noise"),
        fee=(120, 240),
    ),
    Fault(
        "masonry",
        ("客厅墙面鼓包掉皮，想修补一下",),
        "墙面返潮空鼓",
        "铲除、批灰、补漆两遍",
        ("wall-patch:2",),
        (),
        (90, 170),
        fee=(90, 170),
    ),
    Fault(
        "carpentry",
        ("卫生间门泡烂了，想整扇换掉",),
        "门扇门套受潮变形",
        "换门完成，开合正常",
        ("door-refit",),
        (),
        (100, 160),
        ("noise",),
        fee=(780, 1260),
    ),
)
"""Work that waits for the supervisor's review (QUO-2)."""

PUBLIC: tuple[tuple[str, Fault], ...] = (
    (
        "{b}栋{u}单元楼道",
        Fault("electrical", ("{f}楼声控灯不亮",), "声控开关失灵", "更换声控开关 1 只（库存领用），试灯正常", weight=6),
    ),
    (
        "地下车库B{l}层",
        Fault("electrical", ("车道照明灯灭了三盏",), "驱动电源损坏", "更换驱动 3 只（库存领用），照明恢复", weight=3),
    ),
    (
        "{b}栋{u}单元大堂",
        Fault("locks", ("单元门禁刷卡不开",), "电磁锁接线松动", "重新接线，刷卡、对讲开门正常", weight=4),
    ),
    (
        "{b}栋{u}单元大堂",
        Fault("carpentry", ("单元门闭门器漏油，关门砰砰响",), "闭门器失效", "更换闭门器 1 只（库存领用）", weight=3),
    ),
    (
        "地下车库B{l}层",
        Fault("plumbing", ("集水井水位偏高，水泵不启动",), "浮球开关卡住", "清理浮球，手动、自动启泵正常", weight=3),
    ),
    (
        "中心花园",
        Fault("plumbing", ("绿化取水口漏水",), "取水阀冻裂旧伤渗水", "更换取水阀（库存领用），无渗漏", weight=2),
    ),
    (
        "儿童游乐区",
        Fault("general", ("秋千链条磨损，已拉警示带",), "链条连接环磨损", "更换连接环 2 只，载荷试验合格", weight=2),
    ),
    ("小区东门", Fault("general", ("车辆道闸抬杆不落",), "地感线圈接头氧化", "重新焊接接头，起落正常", weight=3)),
    (
        "{b}栋{u}单元楼道",
        Fault(
            "masonry", ("{f}楼墙砖松动，有脱落风险",), "墙砖空鼓", "拆除空鼓砖并重新铺贴", minutes=(50, 90), weight=2
        ),
    ),
)
"""Where and what, in public areas; finders are the company's own people as often as residents."""

COMPLAINTS: tuple[Fault, ...] = (
    Fault(
        "general",
        ("报修师傅迟到半个多小时，也没有提前来电",),
        "当班人手紧，改派未通知业主",
        "已致歉并说明，改派先电话告知",
        weight=1,
    ),
    Fault("general", ("楼上装修周末还在电钻施工",), "装修户违反施工时段", "现场制止并重申施工时段，业主认可", weight=1),
    Fault(
        "general", ("水泵房夜里噪音很大，睡不着",), "减振垫老化", "更换减振垫，夜间测声达标", minutes=(40, 80), weight=1
    ),
)

FINDERS = ("秩序部 韩磊", "秩序部 高明", "保洁部 曹桂兰", "绿化部 田德明")
DEPARTMENTS = ("秩序维护部 韩磊", "环境部 曹桂兰", "客户服务中心 林晓燕")
"""Who accepts work in public areas (FIN-7)."""

REMARKS_UNSIGNED = (
    "业主出差，电话确认已修好",
    "业主急着出门，未及签字，现场核实正常",
    "家中只有老人，不便签字，已现场核实",
)
HEARD = ("当时赶下一单，收尾不细", "配件等得久，下次先说明", "没有试用给业主看，已批评", "迟到没有提前打电话")
"""What a technician says about a low rating (FIN-4)."""
OPINIONS = (
    "回访意见集中在上门时间，安排错峰派工并提前电话",
    "满意度稳定；对不满意的住户已逐户落实整改",
    "返修多为管件老化，建议列入预防检修",
)
"""What the supervisor writes of a month's callbacks (CAL-7)."""
CANCELLED = ("业主来电：已自行修好", "业主来电：是邻居家的问题，撤销", "重复登记，业主确认只需一单")
