"""The zoo: files as offices send them, each made here, with the orders that it becomes and the rows that it loses.

What is expected is written by hand. An animal is a name, what the file holds, and rows with rejects or a refusal.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import xlsxwriter  # type: ignore[import-untyped]

from repairdesk.batch.importing import Plan, run
from repairdesk.batch.outcome import plain
from repairdesk.desk import By, Desk
from repairdesk.errors import BadInput, DeskError, UsageError

Content = str | bytes | Callable[[Path], None]
Reject = tuple[int, str | None, str]


class Animal(NamedTuple):
    """A file, how it is read, and what comes of it: the orders' fields in the order of the rows, rejects, remarks."""

    name: str
    content: Content
    orders: Sequence[Mapping[str, Any]] = ()
    rejects: Sequence[Reject] = ()
    refusal: tuple[type[DeskError], str] | None = None
    remark: str = ""
    plan: Mapping[str, Any] = {}


HEAD = "报修时间,房号,报修人,联系电话,故障描述,类型\n"
LEAK = "2026/1/5 8:03,3栋2单元501,李兰,13800138000,厨房漏水,户内\n"
LAMP = "2026/1/6 20:15,东门,,,路灯不亮,公共区域\n"
TWO = HEAD + LEAK + LAMP
A = {
    "reported_at": "2026-01-05T00:03:00Z",
    "place": "3-2-501",
    "caller": "李兰",
    "phone": "13800138000",
    "fault": "厨房漏水",
    "kind": "in_home",
}
B = {
    "reported_at": "2026-01-06T12:15:00Z",
    "place": "东门",
    "caller": None,
    "phone": None,
    "fault": "路灯不亮",
    "kind": "public_area",
}
PUBLIC = {"kind": "public_area"}
LOBBY = {"place": "lobby", "fault": "lamp"}

ZOO: list[Animal] = []


def add(
    name: str,
    content: Content,
    orders: Sequence[Mapping[str, Any]] = (),
    rejects: Sequence[Reject] = (),
    remark: str = "",
    **plan: Any,
) -> None:
    ZOO.append(Animal(name, content, orders, rejects, None, remark, plan))


def refused(name: str, content: Content, error: type[DeskError], words: str, **plan: Any) -> None:
    ZOO.append(Animal(name, content, refusal=(error, words), plan=plan))


# --- encodings, separators, line ends

for encoding in ("utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"):
    for separator, said in ((",", "comma"), ("\t", "tab"), (";", "semicolon")):
        guessed = "was read as" if encoding in ("gb18030", "utf-16-le", "utf-16-be") else ""
        add(f"{encoding} {said}", TWO.replace(",", separator).encode(encoding), [A, B], remark=guessed)
for end, said in (("\r\n", "CRLF"), ("\r", "CR"), ("\n\n", "LF twice")):
    add(f"line ends {said}", TWO.replace("\n", end), [A, B])
add("utf-16 with a mark of the higher byte", codecs.BOM_UTF16_BE + TWO.encode("utf-16-be"), [A, B])
add("no line end at the end", TWO.rstrip("\n"), [A, B])
add(
    "㎡ and 啟 in what calls itself gb2312",
    (HEAD + LEAK.replace("厨房漏水", "㎡啟动")).encode("gb18030"),
    [A | {"fault": "㎡啟动"}],
    encoding="gb2312",
)
add(
    "a character of four bytes in GB18030",
    (HEAD + LEAK.replace("李兰", "李㛃")).encode("gb18030"),
    [A | {"caller": "李㛃"}],
    remark="GB18030",
)
# 漏水 alone can be UTF-8 in GBK, too; the whole file cannot.
add(
    "GBK bytes that could be UTF-8, and others below",
    ("place,fault\nlobby,漏水\nlobby,灯\n").encode("gbk"),
    [{"fault": "漏水"}, {"fault": "灯"}],
    remark="GB18030",
    **PUBLIC,
)
add(
    "an encoding that shows only in the last row",
    ("place,fault\n" + "lobby,lamp\n" * 3).encode() + "东门,灯\n".encode("gbk"),
    [LOBBY] * 3 + [{"place": "东门", "fault": "灯"}],
    remark="GB18030",
    **PUBLIC,
)
add(
    "Big5 that was said",
    "房號,故障描述\n東門,漏水\n".encode("big5"),
    [{"place": "東門", "fault": "漏水"}],
    encoding="big5",
    mapping={"房號": "place"},
    **PUBLIC,
)
add(
    "一 and 上 in UTF-16 without a mark",
    ("place,fault\n一楼上,一上一\n" * 1 + "上,一\n").encode("utf-16-le"),
    [{"place": "一楼上", "fault": "一上一"}, {"place": "上", "fault": "一"}],
    remark="UTF-16-LE",
    **PUBLIC,
)
ROWS_ = "".join(f"东门,灯{i}\n" for i in range(5))
refused(
    "UTF-8 with one bad row",
    ("place,fault\n" + ROWS_).encode() + b"x,\xb5\xc6\n" + ROWS_.encode(),
    BadInput,
    "row 7: the bytes b5 c6",
    **PUBLIC,
)
add(
    "GB18030 with one row of UTF-8 within",
    ("place,fault\n" + ROWS_).encode("gb18030") + "x,东门\n".encode(),
    [{"place": "东门"}] * 5 + [{"fault": "东门".encode().decode("gb18030")}],
    remark="GB18030",
    **PUBLIC,
)
refused("GB18030 with what no standard knows", b"place,fault\nlobby,\xaa\xa1\n", BadInput, "row 2: the bytes", **PUBLIC)
add(
    "GB18030 with what no standard knows, said",
    b"place,fault\nlobby,\xaa\xa1\n",
    [{"fault": "\ue000"}],
    encoding="gb18030",
    **PUBLIC,
)
add(
    "a mark of UTF-8, and another encoding was said",
    codecs.BOM_UTF8 + TWO.encode(),
    [A, B],
    remark="--encoding gb18030",
    encoding="gbk",
)
add(
    "a mark of UTF-16, and another was said", TWO.encode("utf-16"), [A, B], remark="mark of UTF-16-LE", encoding="utf-8"
)
refused("zeros and nothing else", b"\0" * 4096, BadInput, "row 1: it holds NUL", **PUBLIC)
refused("UTF-8 that was said and is not", TWO.encode("gb18030"), BadInput, "row 1: the bytes", encoding="utf-8")
refused("bytes of no encoding in row 3", (HEAD + LEAK).encode() + b"2026/1/6,\xff\xff\xff,,,x,\n", BadInput, "row 3")
refused("UTF-16 that breaks off within a character", TWO.encode("utf-16")[:-1], BadInput, "row 3: the bytes")
refused("NUL bytes in a text", TWO.replace("路灯", "路\0灯"), BadInput, "row 3: it holds NUL")
refused("a tail of zeros after a crash", TWO.encode() + b"\0" * 512, BadInput, "row 4: it holds NUL")
refused("one NUL of an even place", "place,fault\na,b\0,8,c\n", BadInput, "NUL", **PUBLIC)
refused("an encoding that does not exist", TWO, UsageError, "klingon", encoding="klingon")

# --- rows

add(
    "an address with commas in a file of semicolons",
    "place;fault\n1 Main St, Apt 2, City;lamp\n2 Main St, Apt 3, City;door\n",
    [{"place": "1 Main St, Apt 2, City"}, {"place": "2 Main St, Apt 3, City"}],
    **PUBLIC,
)
add(
    "semicolons within the cells of a file of commas",
    "place,fault\nlobby,a;b;c\nlobby,d;e;f\n",
    [{"fault": "a;b;c"}, {"fault": "d;e;f"}],
    **PUBLIC,
)
add(
    "cells of several lines, quoted",
    'place,fault\nlobby,"lamp\r\nis, ""out"""\nlobby,lamp\n',
    [{"fault": 'lamp\r\nis, "out"'}, LOBBY],
    **PUBLIC,
)
add("an inch sign in a bare cell", 'place,fault\nlobby,5" pipe\n', [{"fault": '5" pipe'}], **PUBLIC)
add(
    "blank rows here and there",
    "place,fault\n\n,\nlobby,lamp\n , \nlobby,\n",
    [LOBBY],
    [(6, "fault", "missing: fault")],
    **PUBLIC,
)
add("blank columns behind", "place,fault,,\nlobby,lamp,,\n", [LOBBY], **PUBLIC)
add("a cell in a column without a name", "place,fault,\nlobby,lamp,x\n", [LOBBY], **PUBLIC)
add("a row that is too wide", "place,fault\nlobby,lamp,x\nlobby,lamp\n", [LOBBY], [(2, None, "3 cells")], **PUBLIC)
add("a row that is short", "place,fault,型号\nlobby,lamp\n", [LOBBY], **PUBLIC)
add(
    "a stray quote that a later row closes",
    'fault,place,model\nlamp,lobby,\nx,"lobby,m\ndoor,stairs,"\n',
    [LOBBY],
    [(3, None, "a quote is missing")],
    **PUBLIC,
)
refused(
    "a quote that is never closed",
    'place,fault\nlobby,lamp\nlobby,"lamp\nlobby,door\n',
    BadInput,
    "row 3: a quoted",
    **PUBLIC,
)
refused("text behind a closing quote", 'place,fault\nlobby,"la"mp\n', BadInput, "row 2: text follows", **PUBLIC)
refused("a stray carriage return", "place,fault\nlobby,la\rmp\n", BadInput, "row 2: a line ends", **PUBLIC)
refused("a line without an end", "place,fault\nlobby," + "x" * 2_000_000, BadInput, "row 2: a cell is longer", **PUBLIC)
refused("nothing at all", "", BadInput, "is empty", **PUBLIC)
refused("a mark and nothing else", codecs.BOM_UTF8, BadInput, "is empty", **PUBLIC)
refused("blank rows alone", ",,\n\n,,\n", BadInput, "is empty", **PUBLIC)
add("a header alone", "place,fault\n", **PUBLIC)
add("one row", "place,fault\nlobby,lamp\n", [LOBBY], **PUBLIC)
refused("a web page that is called .xls", "<html><table><tr><td>房号</td></tr></table></html>", BadInput, "web page")
refused("XML that is called .xls", '<?xml version="1.0"?><Workbook></Workbook>', BadInput, "XML")

add(
    "rows below that are none",
    "place,fault\nlobby,lamp\n合计：1,\n",
    [LOBBY],
    [(3, None, "a sum or a note")],
    **PUBLIC,
)
add(
    "sums and signatures below, and places that only begin alike",
    "place,fault,category\nlobby,lamp,\n总计,共1件,\n小计：12 条,,\n制表人：李,审核：王,\n总计楼,lamp,\ntotal,3,\n",
    [LOBBY, {"place": "总计楼"}],
    [(row, None, "a sum or a note") for row in (3, 4, 5, 7)],
    **PUBLIC,
)
add(
    "files put one below the other, each with its mark",
    '\ufeffplace,fault\nlobby,lamp\n\ufeffplace,fault\nlobby,lamp\n\ufeff"lobby",lamp\n',
    [LOBBY] * 3,
    [(3, None, "names of the columns again")],
    **PUBLIC,
)
add(
    "a header again in other letters",
    "单号,房号,故障描述\nA1,门,灯\n*单号 ,房 号,故障描述：\n",
    [{"external_id": "A1"}],
    [(3, None, "names of the columns again")],
    **PUBLIC,
)
refused(
    "another table below", "place,fault\nlobby,lamp\n\n\n姓名,电话\nBob,1\n", BadInput, "row 5: another table", **PUBLIC
)
refused(
    "the same columns in another order", "place,fault\nlobby,lamp\nfault,place\n", BadInput, "row 3: another", **PUBLIC
)
add(
    "a row of words that columns are called, too",
    "类型,来源,报修人,房号,故障描述,电话\n投诉,电话,投诉人,位置,电话,8123\n公共,电话,,位置,内容,\n",
    [{"kind": "complaint", "channel": "phone"}, {"kind": "public_area", "place": "位置"}],
)
add(
    "what cannot be seen in names, ids and places",
    "单\u200b号,\ufeff房号,故障描述\nA\u200b1,门\u2060,灯\nA1\ufeff,门,灯\n\u202aA2\u202c,\ufeff门,灯\u200b灯\n",
    [{"external_id": "A1", "place": "门"}, {"external_id": "A2", "place": "门", "fault": "灯\u200b灯"}],
    **PUBLIC,
)
add(
    "pages with a header each",
    "place,fault\nlobby,lamp\nplace, fault\nlobby,lamp\n",
    [LOBBY, LOBBY],
    [(3, None, "names of the columns again")],
    **PUBLIC,
)
add("a first line that names the separator", "sep=;\nplace;fault\nlobby;lamp\n", [LOBBY], **PUBLIC)
add(
    "GBK bytes that are UTF-8 as well, said",
    b"place,fault\nlobby,\xc2\xa9\xcb\xae\n",
    [{"fault": "漏水"}],
    encoding="gbk",
    **PUBLIC,
)

# --- headers

add("titles above the header", "某小区报修登记表,,,,,\n制表：前台,,,,,\n\n" + TWO, [A, B])
add("a title with commas above a file of tabs", "表,2026年,一\n\n" + TWO.replace(",", "\t"), [A, B])
add("a header that is said", "place,fault\nplace,fault\nlobby,lamp\n", [LOBBY], header=2, **PUBLIC)
refused("a header that is said and is blank", "place,fault\n\nlobby,lamp\n", UsageError, "row 2", header=2, **PUBLIC)
refused("a header below the file's end", "place,fault\n", UsageError, "row 9", header=9, **PUBLIC)
add(
    "names with stars, brackets, blanks and line breaks",
    '*报修时间,房 号,报修人（必填）,"联系\n电话",故障描述：,类型(户内/公共)\n' + LEAK,
    [A],
)
add(
    "full-width names and cells", "ＰＬＡＣＥ，Ｆａｕｌｔ\n".replace("，", ",") + "ｌｏｂｂｙ,lamp\n", [LOBBY], **PUBLIC
)
add(
    "English names of a city's hotline",
    "SR #,Created Date,Address,Complaint,Status\nS-1,11/20/2025 06:35:53 PM,lobby,lamp,Open\n",
    [LOBBY | {"external_id": "S-1", "reported_at": "2025-11-20T10:35:53Z"}],
    remark="Status",
    **PUBLIC,
)
add(
    "names with underscores",
    "service_request_num,created_at,street_address,problem_description\nS1,2026-01-05 08:03,lobby,lamp\n",
    [LOBBY | {"external_id": "S1", "reported_at": "2026-01-05T00:03:00Z"}],
    **PUBLIC,
)
refused(
    "two columns that could be the place",
    "房号,地址,故障描述\n1,2,3\n",
    UsageError,
    "房号, 地址 could each be place",
    **PUBLIC,
)
add(
    "two of them, and one was named",
    "房号,地址,故障描述\nx,lobby,lamp\n",
    [LOBBY],
    remark="房号",
    mapping={"地址": "place"},
    **PUBLIC,
)
add("two of them, and one was left out", "房号,地址,故障描述\nx,lobby,lamp\n", [LOBBY], mapping={"房号": ""}, **PUBLIC)
refused("a name that stands twice", "房号,故障描述,房号\na,b,c\n", UsageError, "#1, #3", **PUBLIC)
add(
    "a name that stands twice, named by its place",
    "房号,故障描述,房号\nx,lamp,lobby\n",
    [LOBBY],
    mapping={"#3": "place"},
    **PUBLIC,
)
add("a name that stands twice and is not used", "note,房号,故障描述,note\nx,lobby,lamp,y\n", [LOBBY], **PUBLIC)
refused(
    "a room beside its building",
    "楼栋,房间号,故障描述\n3栋,101,x\n",
    UsageError,
    "--map 楼栋=place --map 房间号=place",
    **PUBLIC,
)
add(
    "a place of three columns",
    "楼栋,单元,房间号,故障描述\n3栋,2单元,501室,漏水\n3栋,,501,漏水\n",
    [{"place": "3-2-501"}],
    [(3, "楼栋", "missing: place")],
    mapping=dict.fromkeys(("楼栋", "单元", "房间号"), "place"),
    **PUBLIC,
)
refused("no column for the place", "电话,故障描述\n1,2\n", UsageError, "nothing in the file is place", **PUBLIC)
refused("no column for the kind", "房号,故障描述\n1,2\n", UsageError, "--kind")
refused(
    "a mapped column that is not there",
    "房号,故障描述\n1,2\n",
    UsageError,
    "no column 位置",
    mapping={"位置": "place"},
    **PUBLIC,
)
add(
    "a mapped column in other letters",
    "WHERE it is,fault\nlobby,lamp\n",
    [LOBBY],
    mapping={"Where It Is": "place"},
    **PUBLIC,
)

add(
    "a place of columns in the order in which they are named",
    "房间号,楼栋,单元,故障描述\n501室,3栋,2单元,漏水\n",
    [{"place": "3-2-501"}],
    mapping=dict.fromkeys(("楼栋", "单元", "房间号"), "place"),
    **PUBLIC,
)
refused(
    "a column mapped twice",
    "房号,故障描述\n1,2\n",
    UsageError,
    "房号 is mapped twice",
    mapping={"房号": "place", "#1": "fault"},
    **PUBLIC,
)

# --- words

add(
    "kinds in Chinese",
    "类型,房号,报修人,电话,故障描述\n入户,1-1-1,李,8123,a\n公共区域,门,,,b\n投诉,门,李,,c\n求助,门,,,d\n花园,门,,,e\n",
    [{"kind": kind} for kind in ("in_home", "public_area", "complaint", "help")],
    [(6, "类型", "is no kind")],
)
add(
    "priorities in Chinese",
    "房号,故障描述,紧急程度\n门,a,紧急\n门,b,一般\n门,c,不急\n门,d,普通\n门,e,\n门,f,马上\n",
    [{"priority": one} for one in ("emergency", "regular", "low", "regular", "regular")],
    [(7, "紧急程度", "is no priority")],
    **PUBLIC,
)
add(
    "channels in Chinese",
    "房号,故障描述,来源\n门,a,电话\n门,b,前台\n门,c,微信小程序\n门,d,巡检\n门,e,鸽子\n",
    [{"channel": one} for one in ("phone", "walk-in", "wechat", "patrol")],
    [(6, "来源", "is no channel")],
    **PUBLIC,
)
add(
    "words of an office that were told",
    "房号,故障描述,来源\n门,a,鸽子\n",
    [{"channel": "letter"}],
    words={"channel": {"鸽子": "letter"}},
    **PUBLIC,
)
add(
    "words in English with capitals and blanks",
    "place,fault,kind,priority,channel\nlobby,lamp,Public Area,NORMAL,Walk In\n",
    [LOBBY | {"kind": "public_area", "priority": "regular", "channel": "walk-in"}],
)

# --- dates

SPELT = {
    "2026/1/5 8:03": "00:03:00",
    "2026-01-05 08:03:30": "00:03:30",
    "2026-01-05T08:03+08:00": "00:03:00",
    "2026年1月5日 8时3分": "00:03:00",
    "2026年1月5日 8时3分30秒": "00:03:30",
    "2026年1月5日8点": "00:00:00",
    "2026/1/5 下午3:05": "07:05:00",
    "2026年1月5日 星期一 8:03": "00:03:00",
    "20260105 0803": "00:03:00",
    "20260105080330": "00:03:30",
    "２０２６／１／５　８：０３": "00:03:00",
    "5-Jan-2026 8:03": "00:03:00",
    "'2026/1/5 8:03": "00:03:00",
    '="2026/1/5 8:03"': "00:03:00",
    "2026.1.5 8:03\t": "00:03:00",
    "2026-01-05 08:03 AM": "00:03:00",
    "2026-01-05 03:05:00 PM": "07:05:00",
    "2026/1/5 8:03 +0800": "00:03:00",
    "2026-01-05 9:03 +0900": "00:03:00",
    "2026/1/5 8:03:30+08:00": "00:03:30",
}
add(
    "times in every spelling",
    "房号;故障描述;报修时间\n" + "".join(f"门;x;{text}\n" for text in SPELT),
    [{"reported_at": f"2026-01-05T{clock}Z"} for clock in SPELT.values()],
    **PUBLIC,
)
UNREAD = (
    "2026/1/5",
    "45296.3354",
    "2026年1月5日 星期二 8:03",
    "2026/2/30 8:03",
    "26/1/5 8:03",
    "晚上12:30",
    "昨天",
    "2026/1/5 晚上12:30",
    "2026/1/5 25:00",
    "1767571380",
)
add(
    "times that are none",
    "房号;故障描述;报修时间\n" + "".join(f"门;x;{text}\n" for text in UNREAD),
    [],
    [(row, "报修时间", text) for row, text in enumerate(UNREAD, 2)],
    **PUBLIC,
)
DAYS = "房号,故障描述,报修时间\n门,a,03/04/2019 06:35:53 PM\n门,b,13/04/2019 06:35:53 PM\n"
add(
    "days before months, nobody said so",
    DAYS,
    [{"reported_at": "2019-04-13T10:35:53Z"}],
    [(2, "报修时间", "--dates dmy")],
    **PUBLIC,
)
add(
    "days before months, said",
    DAYS,
    [{"reported_at": f"2019-04-{day}T10:35:53Z"} for day in ("03", "13")],
    dates="dmy",
    **PUBLIC,
)
add(
    "months before days, said",
    DAYS,
    [{"reported_at": "2019-03-04T10:35:53Z"}],
    [(3, "报修时间", "mdy")],
    dates="mdy",
    **PUBLIC,
)
BOTH = "房号,故障描述,报修时间\n门,a,13/04/2019 10:00\n门,b,04/13/2019 10:00\n"
refused("days before months, and months before days", BOTH, BadInput, "row 2 has 13/04/2019", **PUBLIC)
add(
    "days before months, and months before days, said",
    BOTH,
    [{"reported_at": "2019-04-13T02:00:00Z"}],
    [(3, "报修时间", "dmy")],
    dates="dmy",
    **PUBLIC,
)
WINDOWS = {
    "2026/1/6 2:00-4:00 PM": ("06", "08"),
    "2026-01-06 12:00-2:00 PM": ("04", "06"),
    "2026/1/6 2:00 PM-4:00": ("06", "08"),
    "2026/1/6 下午2:00-4:00": ("06", "08"),
    "2026年1月6日下午2点-4点": ("06", "08"),
    "2026年1月6日 14时-16时": ("06", "08"),
    "2026/1/6 上午9:00-下午1:00": ("01", "05"),
    "2026/1/6 9:00-11:00 AM": ("01", "03"),
}
add(
    "halves of the day in windows",
    "房号;故障描述;报修时间;预约时间\n" + "".join(f"门;x;2026/1/5 8:03;{text}\n" for text in WINDOWS),
    [
        {"appointment": {"start": f"2026-01-06T{a}:00:00Z", "end": f"2026-01-06T{b}:00:00Z"}}
        for a, b in WINDOWS.values()
    ],
    **PUBLIC,
)
LOST = ("2026/1/6 11:00-1:00 PM", "2026/1/6 8:00-4:00 PM", "2026/1/6 9:00 AM-5:00", "2026/1/6 上午10:00-2:00")
add(
    "halves of the day that cannot hold for both ends",
    "房号;故障描述;报修时间;预约时间\n" + "".join(f"门;x;2026/1/5 8:03;{text}\n" for text in LOST),
    [],
    [(row, "预约时间", "not after its start") for row, _ in enumerate(LOST, 2)],
    **PUBLIC,
)
add(
    "windows of a visit",
    "房号,故障描述,报修时间,预约时间\n门,a,2026/1/5 8:03,2026/1/6 14:00-16:00\n"
    "门,b,2026/1/5 8:03,2026年1月6日 14:00~16:00\n门,c,2026/1/5 8:03,下午\n",
    [{"appointment": {"start": "2026-01-06T06:00:00Z", "end": "2026-01-06T08:00:00Z"}}] * 2,
    [(4, "预约时间", "window")],
    **PUBLIC,
)

# --- phones

GOOD = (
    "13800138000\t",
    "'13800138000",
    '="13800138000"',
    "１３８００１３８０００",
    "138 0013 8000",
    "138-0013-8000",
    "+86 13800138000",
    "8613800138000",
    "13800138000.0",
    "1.3800138000E+10",
    "\u202a13800138000\u202c",
    "138—0013—8000",
    "13,800,138,000",
)
add(
    "phones of which nothing was lost",
    "房号;故障描述;电话\n" + "".join(f"门;x;{text}\n" for text in GOOD),
    [{"phone": "13800138000"}] * len(GOOD),
    **PUBLIC,
)
add(
    "phones that are lost or none",
    "房号;故障描述;电话\n门;x;1.38001E+10\n门;x;1.38E+10\n门;x;无\n门;x;0571-88886666\n",
    [{"phone": "0571-88886666"}],
    [(2, "电话", "has lost digits"), (3, "电话", "has lost digits"), (4, "电话", "is not a phone")],
    **PUBLIC,
)

TWICE = (
    "13800138000 13900139000",
    "13800138000/13900139000",
    "1380013800013900139000",
    "138 0013 8000 139-0013-9000",
    "0571-88886666、13800138000",
    "8888666,8888777",
)
add(
    "two phones in a cell",
    "房号;故障描述;电话\n门;x;0571 88886666\n" + "".join(f"门;x;{text}\n" for text in TWICE),
    [{"phone": "0571 88886666"}],
    [(row, "电话", "two phone numbers") for row, _ in enumerate(TWICE, 3)],
    **PUBLIC,
)

# --- ids

add(
    "ids and places that a spreadsheet rounded",
    "单号,房号,故障描述\n2.02611E+16,门,x\n2.0261105000123456E16,门,x\nA1,2.00E+10,x\n2E10,3E5,x\n",
    [{"external_id": "2E10", "place": "3E5"}],
    [(2, "单号", "lost digits"), (3, "单号", "lost digits"), (4, "房号", "lost digits")],
    **PUBLIC,
)
add(
    "an id twice, spelled otherwise",
    "单号,房号,故障描述,报修时间\nA1,3-2-501,灯,2026/1/5 8:03\n"
    "A1,3栋2单元501,灯,2026-01-05 08:03\nA1,门,灯,2026/1/5 8:03\n",
    [{"external_id": "A1", "place": "3-2-501"}],
    [(4, "单号", "row 2 has the same id")],
    **PUBLIC,
)
add(
    "ids that stand twice",
    '单号,房号,故障描述\nA1,lobby,lamp\nA1,lobby,lamp\nA1,lobby,door\n="0012",lobby,lamp\n',
    [LOBBY | {"external_id": "A1"}, LOBBY | {"external_id": "0012"}],
    [(4, "单号", "row 2 has the same id")],
    **PUBLIC,
)

# --- workbooks


def book(
    *sheets: tuple[str, Sequence[Sequence[Any]]],
    hidden: Sequence[str] = (),
    merge: Sequence[Any] = (),
    macintosh: bool = False,
) -> Callable[[Path], None]:
    """A workbook of these sheets: a ``datetime`` is a cell of that type, a pair a formula with its value."""

    def write(path: Path) -> None:
        options = {"date_1904": True} if macintosh else {}
        with xlsxwriter.Workbook(path, options) as made:
            when = made.add_format({"num_format": "yyyy/m/d h:mm"})
            for name, rows in sheets:
                page = made.add_worksheet(name)
                if name in hidden:
                    page.hide()
                else:
                    page.activate()
                for i, row in enumerate(rows):
                    for j, cell in enumerate(row):
                        if isinstance(cell, tuple):
                            page.write_formula(i, j, cell[0], None, cell[1])
                        elif isinstance(cell, datetime):
                            page.write_datetime(i, j, cell, when)
                        elif isinstance(cell, str):
                            page.write_string(i, j, cell)
                        elif cell is not None:
                            page.write_number(i, j, cell)
                if merge:
                    page.merge_range(*merge)

    return write


def cells(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text)))


NAMES = cells(HEAD)[0]
TYPED = [datetime(2026, 1, 5, 8, 3), "3栋2单元501", "李兰", 13800138000, "厨房漏水", "户内"]
add("a workbook of texts", book(("报修", cells(TWO))), [A, B])
add("a workbook of typed cells", book(("报修", [NAMES, TYPED])), [A])
add(
    "serials of days in a column of times",
    book(("报修", [NAMES, [46027.3354166667, *TYPED[1:]], [46028, *TYPED[1:]], [46027335, *TYPED[1:]]])),
    [A],
    [(3, "报修时间", "46028"), (4, "报修时间", "46027335")],
)
add(
    "serials where days are counted from 1904",
    book(("报修", [NAMES, [46027.3354166667, *TYPED[1:]], TYPED]), macintosh=True),
    [A],
    [(2, "报修时间", "46027.33")],
)
add("titles above, in a workbook", book(("报修", [["报修登记表"], [], [None, "2026年"], NAMES, TYPED])), [A])
add("cells that begin further right and below", book(("报修", [[], [], [None, *NAMES], [None, *TYPED]])), [A])
add(
    "merged cells",
    book(("报修", [NAMES, TYPED, [TYPED[0], None, *TYPED[2:]]]), merge=(1, 1, 2, 1, "3栋2单元501")),
    [A],
    [(3, "房号", "missing: place")],
    remark="merged",
)
add("formulas with their values", book(("报修", [NAMES, [*TYPED[:4], ('="厨房"&"漏水"', "厨房漏水"), TYPED[5]]])), [A])
add("further sheets with content", book(("报修", [NAMES, TYPED]), ("空", []), ("旧", [["x"]])), [A], remark="旧")
add("a hidden sheet first", book(("草稿", [["x"]]), ("报修", [NAMES, TYPED]), hidden=["草稿"]), [A])
add("a sheet that is named", book(("旧", [["x"]]), ("报修", [NAMES, TYPED])), [A], sheet="报修")
refused("a sheet that is not there", book(("报修", [NAMES, TYPED])), UsageError, "no sheet", sheet="报事")
refused("a sheet of a text", TWO, UsageError, "--sheet", sheet="报修")
refused("an encoding of a workbook", book(("报修", [NAMES])), UsageError, "--encoding", encoding="gbk")
refused("a workbook without content", book(("报修", [])), BadInput, "is empty")
refused(
    "a workbook of which half came",
    lambda path: (book(("报修", cells(TWO)))(path), path.write_bytes(path.read_bytes()[:1500]))[0],
    BadInput,
    "as a workbook",
)
refused("a zip file that is no workbook", b"PK\x03\x04" + b"x" * 100, BadInput, "as a workbook")
add(
    "numbers as texts and texts as numbers",
    book(
        (
            "报修",
            [["单号", "房号", "故障描述", "电话"], ["0012", 501, 7, "13800138000"], [12, "501", "x", 13800138000.0]],
        )
    ),
    [{"external_id": "0012", "place": "501", "fault": "7"}, {"external_id": "12", "phone": "13800138000"}],
    **PUBLIC,
)
LONG = ["单号", "房号", "故障描述"]
add(
    "ids of sixteen digits as numbers",
    book(
        ("报修", [LONG, [2026110500012345, "门", "x"], [202611050001234, "门", "x"], ["2026110500012345", "门", "x"]])
    ),
    [{"external_id": "202611050001234"}, {"external_id": "2026110500012345"}],
    [(2, "单号", "lost digits")],
    **PUBLIC,
)
add(
    "formulas that failed",
    book(
        (
            "报修",
            [LONG, ["A1", "门", ("=1/0", "#DIV/0!")], ["A2", ("=NA()", "#N/A"), "x"], [None, None, ("=A", "#REF!")]],
        )
    ),
    [],
    [(2, "故障描述", "#DIV/0!"), (3, "房号", "#N/A"), (4, "故障描述", "#REF!")],
    **PUBLIC,
)
add(
    "formulas that failed, in a text",
    "单号,房号,故障描述\nA1,#REF!,x\nA2,门,#NAME?\nA3,门,########\n#1,#2,#3 lamp\n",
    [{"external_id": "#1", "place": "#2", "fault": "#3 lamp"}],
    [(2, "房号", "#REF!"), (3, "故障描述", "#NAME?"), (4, "故障描述", "####")],
    **PUBLIC,
)
add(
    "a place of which the spreadsheet made a date",
    book(("报修", [LONG, ["A1", datetime(2026, 3, 1), "x"], ["A2", "3-1", "x"], ["A3", "2-Mar", "x"]])),
    [{"place": "3-1"}, {"place": "2-Mar"}],
    [(2, "房号", "made a date of")],
    **PUBLIC,
)
add(
    "a sheet that is named, with a row to be mended",
    book(("旧", [["x"]]), ("报修", [NAMES, [46027.3354166667, "门", None, None, "灯", "花园"]])),
    [],
    [(2, "类型", "is no kind")],
    sheet="报修",
)
add("one cell far to the right", book(("报修", [[*NAMES, *[None] * 200, "x"], TYPED])), [A])


# --- the zoo is opened


@pytest.mark.parametrize("animal", ZOO, ids=lambda animal: animal.name)
def test_every_animal_is_read_as_a_person_would_read_it_or_refused(
    desk: Desk, clerk: By, tmp_path: Path, animal: Animal
) -> None:
    path = made(tmp_path, animal)
    plan = Plan(partial=True, **animal.plan)
    before = head(desk)
    if animal.refusal:
        with pytest.raises(animal.refusal[0]) as caught:
            run(desk, clerk, path, plan)
        assert animal.refusal[1] in plain(caught.value.message, caught.value.values)
        assert head(desk) == before
        return
    result = run(desk, clerk, path, plan)
    doc = result.doc(plain)
    assert [(one["row"], one["column"]) for one in doc["rejects"]] == [one[:2] for one in animal.rejects]
    for found, (_, _, words) in zip(doc["rejects"], animal.rejects, strict=True):
        assert words.strip() in f"{found['why']} {found['value']}"
    taken = entered(desk, before)
    assert [{name: one.get(name) for name in wanted} for one, wanted in zip(taken, animal.orders, strict=False)] == [
        dict(wanted) for wanted in animal.orders
    ]
    assert len(taken) == len(animal.orders) == doc["accepted"]
    assert animal.remark in "\n".join(plain(one.message, one.values) for one in result.remarks)


DIFFER = {
    "ids that stand twice": {"fault": ["lamp", "door"]},
    "an id twice, spelled otherwise": {"place": ["3-2-501", "门"]},
}
"""Rows whose id is in the ledger by then: they differ from what is there."""


@pytest.mark.parametrize("animal", [one for one in ZOO if one.rejects], ids=lambda animal: animal.name)
def test_rejects_that_were_not_mended_are_rejected_again_for_the_same_reasons(
    desk: Desk, clerk: By, tmp_path: Path, animal: Animal
) -> None:
    out = tmp_path / "rejects.csv"
    first = run(desk, clerk, made(tmp_path, animal), Plan(partial=True, rejects=out, **animal.plan)).doc(plain)
    again = run(desk, clerk, out, Plan(partial=True, **animal.plan)).doc(plain)
    assert again["rows"] == len(animal.rejects)
    if animal.name in DIFFER:
        assert [one["fields"] for one in again["differences"]] == [DIFFER[animal.name]]
    elif "cells, the header" not in first["rejects"][0]["why"]:
        assert [one["why"] for one in again["rejects"]] == [one["why"] for one in first["rejects"]]
    assert again["accepted"] == 0


def test_there_are_sixty_animals_and_no_two_of_a_name() -> None:
    names = [animal.name for animal in ZOO]
    assert len(set(names)) == len(names) >= 60


def made(folder: Path, animal: Animal) -> Path:
    path = folder / "in.dat"
    if callable(animal.content):
        path = folder / "in.xlsx"
        animal.content(path)
    else:
        path.write_bytes(animal.content.encode() if isinstance(animal.content, str) else animal.content)
    return path


def head(desk: Desk) -> int:
    with desk.ledger.read() as reader:
        return reader.head()[0]


def entered(desk: Desk, before: int) -> list[dict[str, Any]]:
    """The new orders in the order in which they were taken in."""
    with desk.ledger.read() as reader:
        docs, _ = reader.orders({}, None)
        first = {doc["number"]: reader.entries(doc["number"])[0].seq for doc in docs}
    return sorted((doc for doc in docs if first[doc["number"]] > before), key=lambda doc: first[doc["number"]])
