"""``fees import``: what a price cell means, what is rejected and why, and that the codes of a list are stable."""

from __future__ import annotations

import json
import os
import random
import re
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from repairdesk.batch import feetable, naming, pricecell, pricelist, spread
from repairdesk.batch.feetable import Made, Plan
from repairdesk.batch.outcome import plain
from repairdesk.batch.reading import Raw
from repairdesk.batch.tables import Table
from repairdesk.cli import common
from repairdesk.cli.__main__ import main
from repairdesk.domain.fees import Price
from repairdesk.errors import BadInput, BadRules, NotAllowed, NotFound, UsageError
from repairdesk.rules import emit, load, preset, units

NOW = datetime(2026, 11, 22, 20, 0, tzinfo=UTC)  # the 23rd in Shanghai
HEAD = "类别,服务项目,单价（元）,单位,备注\n"


def fixed(fen: int) -> Price:
    return Price("fixed" if fen else "free", fen, fen)


def between(low: int, high: int) -> Price:
    return Price("range", low, high)


QUOTE = Price("on-quote", None, None)
Told = tuple[Price, str | None, str | None]

READ: list[tuple[str, list[Told]]] = [
    ("8", [(fixed(800), None, None)]),
    ("8.5", [(fixed(850), None, None)]),
    ("8.50", [(fixed(850), None, None)]),
    (" 8 ", [(fixed(800), None, None)]),
    ("¥8", [(fixed(800), None, None)]),
    ("￥ 8", [(fixed(800), None, None)]),
    ("8元", [(fixed(800), None, None)]),
    ("8 元/只", [(fixed(800), "只", None)]),
    ("8／只", [(fixed(800), "只", None)]),
    ("8元每只", [(fixed(800), "只", None)]),
    ("25元/半小时/人", [(fixed(2500), "半小时/人", None)]),
    ("8元/m2", [(fixed(800), "m2", None)]),
    ("8元/㎡", [(fixed(800), "㎡", None)]),
    ("8元/个（进风口）", [(fixed(800), "个(进风口)", None)]),
    ("８．５０", [(fixed(850), None, None)]),
    ("1,200", [(fixed(120_000), None, None)]),
    ("1，200元", [(fixed(120_000), None, None)]),
    ("9999999.99", [(fixed(999_999_999), None, None)]),
    ("8 yuan/pc", [(fixed(800), "pc", None)]),
    ("0", [(fixed(0), None, None)]),
    ("0.00元/次", [(fixed(0), "次", None)]),
    ("100-500", [(between(10_000, 50_000), None, None)]),
    ("100-500元/处", [(between(10_000, 50_000), "处", None)]),
    ("100~500", [(between(10_000, 50_000), None, None)]),
    ("100～500元", [(between(10_000, 50_000), None, None)]),
    ("100至500元", [(between(10_000, 50_000), None, None)]),
    ("100元到500元/处", [(between(10_000, 50_000), "处", None)]),
    ("100元/处至500元/处", [(between(10_000, 50_000), "处", None)]),
    ("100—500", [(between(10_000, 50_000), None, None)]),
    ("100——500", [(between(10_000, 50_000), None, None)]),
    ("1,000-2,500", [(between(100_000, 250_000), None, None)]),
    ("免费", [(fixed(0), None, None)]),
    ("Free", [(fixed(0), None, None)]),
    ("市价", [(QUOTE, None, None)]),
    ("面议", [(QUOTE, None, None)]),
    ("另议", [(QUOTE, None, None)]),
    ("议价", [(QUOTE, None, None)]),
    ("按实", [(QUOTE, None, None)]),
    ("现场报价", [(QUOTE, None, None)]),
    ("on-quote", [(QUOTE, None, None)]),
    ("500mm内160元/盏", [(fixed(16_000), "盏", "500mm内")]),
    ("窗式：50元", [(fixed(5_000), None, "窗式")]),
    ("（带支架）50元/台", [(fixed(5_000), "台", "带支架")]),
    ("（窗式、分体）50元", [(fixed(5_000), None, "窗式、分体")]),
    ("10米以上50元/米", [(fixed(5_000), "米", "10米以上")]),
    ("LED 20元", [(fixed(2_000), None, "LED")]),
    ("大件 50～80元/台", [(between(5_000, 8_000), "台", "大件")]),
    ("500mm内160元/盏；500mm外1,260元/盏", [(fixed(16_000), "盏", "500mm内"), (fixed(126_000), "盏", "500mm外")]),
    ("500mm内160元，500mm外260元", [(fixed(16_000), None, "500mm内"), (fixed(26_000), None, "500mm外")]),
    ("窗式50元、分体80元", [(fixed(5_000), None, "窗式"), (fixed(8_000), None, "分体")]),
    ("往返50元", [(fixed(5_000), None, "往返")]),
    ("扣板20元/块", [(fixed(2_000), "块", "扣板")]),
    ("卡扣20元", [(fixed(2_000), None, "卡扣")]),
    ("满刮腻子20元", [(fixed(2_000), None, "满刮腻子")]),
    ("送风口20元/个", [(fixed(2_000), "个", "送风口")]),
    ("修补20元", [(fixed(2_000), None, "修补")]),
    ("返修20元", [(fixed(2_000), None, "返修")]),
    ("直径15元", [(fixed(1_500), None, "直径")]),
    ("直径 15-25元", [(between(1_500, 2_500), None, "直径")]),
    ("直径：15-25元", [(between(1_500, 2_500), None, "直径")]),
    ("直径15元-25元", [(between(1_500, 2_500), None, "直径")]),
    ("直径¥15-25", [(between(1_500, 2_500), None, "直径")]),
    ("20元/单元", [(fixed(2_000), "单元", None)]),
    ("窗式¥50\n分体¥80;", [(fixed(5_000), None, "窗式"), (fixed(8_000), None, "分体")]),
]


@pytest.mark.parametrize(("cell", "prices"), READ)
def test_a_price_cell_is_read_as_what_it_says(cell: str, prices: list[Told]) -> None:
    assert [(one.price, one.unit, one.condition) for one in pricecell.read(cell)] == prices


REFUSED = [
    ("50元起", "“起”"),
    ("50起", "“起”"),
    ("50元/次起", "unit"),
    ("≥50", "“≥”"),
    ("50以上", "“以上”"),
    ("50元以上", "“以上”"),
    ("约50", "“约”"),
    ("约50元", "“约”"),
    ("50左右", "“左右”"),
    ("最低50元", "“最低”"),
    ("不低于50元", "“不低于”"),
    ("50元+材料费", "“+”"),
    ("半小时起25元", "“起”"),
    ("8/10", "several numbers"),
    ("8、10", "several numbers"),
    ("8 10", "several numbers"),
    ("8,10", "several numbers"),
    ("1-2-3", "several numbers"),
    ("2026-08-10", "several numbers"),
    ("50元；80元", "several numbers"),
    ("-5", "negative"),
    ("8.505", "finer than a fen"),
    ("10000000", "9999999.99"),
    ("9" * 400, "9999999.99"),
    ("1" * 1000, "not a price"),
    ("500-100", "ends below"),
    ("100元/处-500元/次", "处"),
    ("50元/次（不含材料）", "unit"),
    ("每只8元", "not a price"),
    ("DN2015元", "not a price"),
    ("原价100元，现价80元", "not a price"),
    ("上门费30元", "not a price"),
    ("人工50元，材料30元", "not a price"),
    ("A内160,500mm外200元", "not a price"),
    ("500mm内160", "not a price"),
    ("3米内免费", "not a price"),
    ("窗式50元、窗式60元", "one condition"),
    ("不免费", "not a price"),
    ("8块", "not a price"),
    ("8折", "not a price"),
    ("10²", "not a price"),
    ("½", "not a price"),
    ("八元", "not a price"),
    ("1e3", "not a price"),
    ("8.", "not a price"),
    (".5", "not a price"),
    ("$8", "not a price"),
    ("单价", "not a price"),
    ("—", "not a price"),
    *[
        (f"{word}20元", "not a price")
        for word in ("返", "返现", "扣", "抵扣", "补贴", "补", "满", "送", "赠送", "抵", "立减")
    ],
    ("满100元返20元", "not a price"),
    ("送您20元", "not a price"),
    ("返：20元", "not a price"),
    ("补贴（每户）20元", "not a price"),
    ("窗式50元；返20元", "not a price"),
    ("cashback 20 yuan", "not a price"),
    ("直径15-25元", "size or a price"),
    ("长度2-30元", "size or a price"),
    ("加厚、管径15~25元/米", "size or a price"),
    ("面积10至20元", "size or a price"),
    ("普通15元；宽2-30元", "size or a price"),
    ("DN20至25元", "not a price"),
    ("50元/角", "unit"),
    ("50元/次(最少3次)", "unit"),
    ("#REF!", "not a price"),
    ("（" * 250, "not a price"),
]


@pytest.mark.parametrize(("cell", "why"), REFUSED)
def test_what_can_mean_two_things_or_none_is_refused_with_the_reason(cell: str, why: str) -> None:
    with pytest.raises(BadInput) as caught:
        pricecell.read(cell)
    assert why in str(caught.value)


@settings(max_examples=200)
@given(st.text(st.sampled_from("0123456789.,，、;；-~至元/每只处mm内外 ()（）¥起约盏\n"), max_size=30))
def test_whatever_is_read_holds_its_numbers_in_the_cell(cell: str) -> None:
    try:
        prices = pricecell.read(cell)
    except BadInput:
        return
    digits = re.sub("[^0-9.]", "", pricecell.narrow(cell))
    for one in prices:
        for end in (one.price.low, one.price.high):
            assert end is not None
            assert re.sub(r"\.?0*$", "", str(Decimal(end) / 100)) in digits
        assert one.price.low is not None
        assert one.price.high is not None
        assert one.price.low <= one.price.high


# --- lists


def listed(
    tmp_path: Path, text: str | bytes, plan: Plan | None = None, *, head: str = HEAD, name: str = "p.csv"
) -> Made:
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else (head + text).encode())
    return feetable.make(path, plan or Plan(), desk=tmp_path, now=NOW)


def services(made: Made) -> dict[str, dict[str, Any]]:
    assert made.text is not None
    return {one["code"]: one for one in load.parse_fees(made.text, "fees.yaml")["services"]}


def names(made: Made) -> dict[str, str]:
    return {code: service["name"] for code, service in services(made).items()}


def rejects(made: Made) -> list[tuple[int, str | None, str | None]]:
    return [(one.row, one.column, one.value) for one in made.draft.rejects]


def whys(made: Made) -> list[str]:
    return [one["why"] for one in made.doc(plain)["rejects"]]


def remarks(made: Made) -> str:
    return "\n".join(plain(one.message, one.values) for one in made.draft.remarks)


def test_rows_become_services_in_their_order_with_the_note_as_a_comment(tmp_path: Path) -> None:
    made = listed(
        tmp_path, "强电类,换灯,8,只,不含材料\n给排水类,改管,30-80,米,\n其他,挂画,免费,幅,\n其他,换门,面议,扇,\n"
    )
    assert made.doc(plain) == {
        "rows": 4, "taken": 4, "services": 4, "kinds": {"fixed": 1, "free": 1, "range": 1, "on-quote": 1},
        "rejected": 0, "rejects": [], "version": "import-2026-11-23",
    }  # fmt: skip
    assert made.text is not None
    assert made.text[made.text.index("services:") :] == (
        "services:\n"
        "  # 强电类\n"
        '  - {code: 换灯, name: 换灯, category: electrical, unit: 只, price: "8.00"}  # 不含材料\n'
        "  # 给排水类\n"
        '  - {code: 改管, name: 改管, category: plumbing, unit: 米, price: {from: "30.00", to: "80.00"}}\n'
        "  # 其他\n"
        "  - {code: 挂画, name: 挂画, category: general, unit: 幅, price: free}\n"
        "  - {code: 换门, name: 换门, category: general, unit: 扇, price: on-quote}\n"
        "\n"
        "materials: []\n"
    )
    assert "其他" in remarks(made)


def test_a_reject_names_row_column_value_and_reason_and_takes_nothing_else_with_it(tmp_path: Path) -> None:
    made = listed(
        tmp_path,
        "\n强电类,换灯,50元起,只,\n强电类,换座,,只,\n强电类,,8,只,\n强电类,换头,8元/只,个,\n强电类,换线,8,,\n"
        "强电类,换钟,8,只,,多\n强电类,！！,8,只,\n强电类,好的,8,只,\n强电类,好的,8,只,\n",
    )
    price = "单价（元）"
    assert rejects(made) == [
        (3, price, "50元起"), (4, price, None), (5, "服务项目", None), (6, price, "8元/只"), (7, "单位", None),
        (8, None, "多"), (9, "服务项目", "！！"), (11, "服务项目", "好的"),
    ]  # fmt: skip
    assert whys(made)[1] == "is blank"
    assert whys(made)[-1] == "row 10 says the same already"
    assert list(services(made)) == ["好的"]
    assert (made.draft.rows, made.draft.taken) == (9, 1)


def test_a_cell_of_which_one_part_cannot_be_read_gives_nothing(tmp_path: Path) -> None:
    made = listed(tmp_path, "强电类,装灯,500mm内160元/盏；500mm外260元起,,\n")
    assert made.text is None
    assert rejects(made) == [(2, "单价（元）", "500mm内160元/盏；500mm外260元起")]


def test_several_conditions_become_several_items_of_one_row(tmp_path: Path) -> None:
    made = listed(tmp_path, '强电类,装灯,"500mm内160元/盏；500mm外260元/盏",,\n')
    assert names(made) == {"装灯-500mm内": "装灯（500mm内）", "装灯-500mm外": "装灯（500mm外）"}
    assert (made.draft.rows, made.draft.taken, len(made.draft.items)) == (1, 1, 2)


def test_a_blank_class_is_that_of_the_row_above_also_when_that_row_is_rejected(tmp_path: Path) -> None:
    made = listed(tmp_path, "给排水类,换管,8元起,根,\n,换阀,8,只,\n强电类,换灯,8,只,\n,换座,,只,\n,换头,9,只,\n")
    found = {code: service["category"] for code, service in services(made).items()}
    assert found == {"换阀": "plumbing", "换灯": "electrical", "换头": "electrical"}


def test_only_the_class_is_inherited(tmp_path: Path) -> None:
    made = listed(tmp_path, "强电类,换灯,8,只,\n,,9,只,\n,换座,,只,\n,换头,9,,\n")
    assert [column for _, column, _ in rejects(made)] == ["服务项目", "单价（元）", "单位"]


def test_a_row_with_a_class_alone_is_a_heading(tmp_path: Path) -> None:
    made = listed(tmp_path, "给排水类,,,,\n,换阀,8,只,\n")
    assert services(made)["换阀"]["category"] == "plumbing"
    assert made.draft.rows == 1
    assert "rows that only name a class: 2" in remarks(made)


def test_a_price_of_zero_is_free_and_remarked_on(tmp_path: Path) -> None:
    made = listed(tmp_path, "强电类,看,0,次,\n强电类,问,免费,次,\n")
    assert {service["price"]["kind"] for service in services(made).values()} == {"free"}
    assert "a price of 0 is taken as free: rows 2" in remarks(made)


def test_the_unit_of_the_price_fills_a_blank_and_yuan_before_a_unit_is_no_part_of_it(tmp_path: Path) -> None:
    made = listed(tmp_path, "强电类,换灯,8元/只,,\n强电类,换座,8元/只,只,\n强电类,换头,8,元/只,\n")
    assert {service["unit"] for service in services(made).values()} == {"只"}


UNITS = [
    ("元/次", "次"), ("圆／次", "次"), ("RMB/次", "次"), ("人民币/次", "次"), ("/次", "次"), ("每次", "次"),
    ("元每次", "次"), ("（元/次）", "次"), ("(次)", "次"), ("元/（次）", "次"), ("￥/次", "次"),
    ("个/次", "个/次"), ("块", "块"), ("半小时/人", "半小时/人"), ("个（进风口）", "个(进风口)"),
    ("台(1.5匹)", "台(1.5匹)"), ("m2", "m2"), ("㎡", "㎡"), ("m³", "m³"), ("ＰＣＳ", "PCS"), ("千瓦·时", "千瓦·时"),
    ("百米", "百米"), ("单元", "单元"), ("分钟", "分钟"),
]  # fmt: skip


@pytest.mark.parametrize(("said", "unit"), UNITS)
def test_a_unit_is_what_stands_in_its_column_without_what_stands_around_it(
    tmp_path: Path, said: str, unit: str
) -> None:
    assert services(listed(tmp_path, f"强电类,换灯,8,{said},\n"))["换灯"]["unit"] == unit


@pytest.mark.parametrize(
    "said",
    ["万元", "万元/次", "万/次", "千元", "元", "圆", "角", "分", "分/次", "块/次", "块钱", "人民币", "RMB", "USD/次",
     "元/次起", "次起", "起/次", "约1米", "100米", "每100米", "次以上", "次（不含材料）", "次(最少3次)", "次(50元)",
     "%", "-", "/", "—", "无", "暂无", "n/a", "1", "()", "元/", "米、个", "免费", "约米"],
)  # fmt: skip
def test_what_changes_the_price_or_names_nothing_is_no_unit(tmp_path: Path, said: str) -> None:
    made = listed(tmp_path, f"强电类,换灯,5,{said},\n强电类,换座,5,次,\n")
    assert rejects(made) == [(2, "单位", said)]
    assert "is no unit" in whys(made)[0]
    assert list(services(made)) == ["换座"]


@pytest.mark.parametrize(("cell", "said"), [("8元/次", "元/次"), ("8元/㎡", "每㎡"), ("8元/PCS", "（pcs）")])
def test_the_unit_of_the_price_is_compared_with_what_the_column_means(tmp_path: Path, cell: str, said: str) -> None:
    assert listed(tmp_path, f"强电类,换灯,{cell},{said},\n").draft.taken == 1


# --- codes


ALIKE = [
    ("安装类", "空调(窗式)", "有预留孔", "台", "50"),
    ("安装类", "空调(窗式)", "无预留孔", "台", "80"),
    ("维修类", "空调(窗式)", "不含材料", "台", "60"),
    ("维修类", "水管", "", "米", "20"),
    ("维修类", "水管", "", "根", "30"),
    ("维修类", "换灯泡", "不含材料", "个", "5"),
    ("维修类", "很长的名字" * 10 + "甲", "", "个", "5"),
    ("维修类", "很长的名字" * 10 + "乙", "", "个", "5"),
    ("维修类", "装(换)锁", "", "把", "5"),
    ("安装类", "装换锁", "", "把", "6"),
    ("安装类", "装-换-锁", "", "把", "7"),
]


def rows_of(items: list[tuple[str, ...]]) -> str:
    return "".join(f"{class_},{name},{price},{unit},{note}\n" for class_, name, note, unit, price in items)


def test_names_that_stand_once_are_their_own_codes_and_others_get_what_tells_them_apart(tmp_path: Path) -> None:
    found = names(listed(tmp_path, rows_of(ALIKE)))
    assert found["换灯泡"] == "换灯泡"
    assert found["安装类-空调-窗式-有预留孔"] == "空调(窗式)（安装类，有预留孔）"
    assert found["安装类-空调-窗式-无预留孔"] == "空调(窗式)（安装类，无预留孔）"
    assert found["维修类-空调-窗式"] == "空调(窗式)（维修类）"
    assert found["维修类-水管-米"] == "水管（维修类，米）"
    assert found["装换锁"] == "装换锁"
    assert found["维修类-装-换-锁"] == "装(换)锁（维修类）"
    assert len(found) == len(set(found.values())) == len(ALIKE)
    assert all(len(code) <= 40 for code in found)


def test_the_order_of_rows_changes_no_code(tmp_path: Path) -> None:
    whole = names(listed(tmp_path, rows_of(ALIKE)))
    for seed in range(10):
        mixed = random.Random(seed).sample(ALIKE, len(ALIKE))
        assert names(listed(tmp_path, rows_of(mixed))) == whole


def test_a_long_name_has_the_same_code_whether_another_begins_alike_or_not(tmp_path: Path) -> None:
    both = names(listed(tmp_path, rows_of(ALIKE[6:8])))
    one = names(listed(tmp_path, rows_of(ALIKE[7:8])))
    assert set(one) < set(both)


def test_what_only_the_price_tells_apart_is_counted_and_remarked_on(tmp_path: Path) -> None:
    made = listed(tmp_path, "维修类,水管,20,米,\n维修类,水管,30,米,\n")
    assert names(made) == {"维修类-水管-米": "水管（维修类，米）", "维修类-水管-米-2": "水管（维修类，米，2）"}
    assert "only the price tells these rows apart" in remarks(made)


def test_the_code_that_is_reserved_is_given_to_no_item(tmp_path: Path) -> None:
    assert list(services(listed(tmp_path, "其他,unlisted,8,次,\n"))) == ["其他-unlisted"]


@given(st.lists(st.text(max_size=60), min_size=1, max_size=3))
def test_whatever_words_make_is_a_code_or_nothing(words: list[str]) -> None:
    code = naming.code_of(*words)
    assert code == "" or units.code(code) == code


@settings(max_examples=60)
@given(st.data())
def test_codes_are_all_different_and_never_depend_on_the_order_unless_counted(data: st.DataObject) -> None:
    word = st.sampled_from(["灯", "水管", "a b", "a-b", "灯-类"])
    note = st.sampled_from([None, "类", "内"])
    items = data.draw(st.lists(st.builds(naming.Words, word, note, note, st.sampled_from(["个", "只"])), max_size=8))
    named = naming.assign(items)
    assert len({one.code for one in named}) == len(items)
    order = data.draw(st.permutations(range(len(items))))
    again = naming.assign([items[i] for i in order])
    if not any(one.counted for one in named):
        assert [again[order.index(i)].code for i in range(len(items))] == [one.code for one in named]


def test_an_item_that_the_fee_table_has_already_keeps_its_code_and_standard(tmp_path: Path) -> None:
    out = tmp_path / "fees.yaml"
    out.write_text(
        'version: "1"\ncurrency: CNY\nmarkup: {rate: "0.25", round_to: "1.00"}\ngrouping: {minutes: 0}\nservices:\n'
        '  - {code: bulb, name: 换灯, category: electrical, unit: 只, price: "1.00", standard: light}\n'
        '  - {code: 换座, name: 换头, category: electrical, unit: 只, price: "1.00"}\n'
        '  - {code: pipe, name: 改管, category: plumbing, unit: 根, price: "1.00"}\n'
        'materials:\n  - {code: no, name: "灯: 9W # x", unit: 只, price: "15.00"}\n'
    )
    made = listed(
        tmp_path, "强电类,换灯,8,只,\n强电类,换座,8,只,\n强电类,换头,8,只,\n给排水类,改管,8,米,\n", Plan(out=out)
    )
    assert names(made) == {"bulb": "换灯", "强电类-换座": "换座", "换座": "换头", "改管": "改管"}
    assert services(made)["bulb"]["standard"] == "light"
    assert made.text is not None
    data = load.parse_fees(made.text, "fees.yaml")
    assert (data["markup_rate"], data["markup_step"], data["grouping_seconds"]) == ("0.25", 100, 0)
    assert data["materials"] == [{"code": "no", "name": "灯: 9W # x", "unit": "只", "price": 1500}]


# --- the file as it is


TITLED = "某物业有偿服务价目表,,,,\n,,,,\n" + HEAD + "强电类,换灯,8,只,\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16"])
@pytest.mark.parametrize("separator", [",", "\t", ";"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_list_is_read_in_each_usual_encoding_and_layout(
    tmp_path: Path, encoding: str, separator: str, end: str
) -> None:
    made = listed(tmp_path, TITLED.replace(",", separator).replace("\n", end).encode(encoding))
    assert names(made) == {"换灯": "换灯"}
    assert ("GB18030" in remarks(made)) == encoding.startswith("gb")


def test_an_encoding_that_is_named_overrules(tmp_path: Path) -> None:
    raw = (HEAD + "强电类,㎡換燈,8,只,\n").encode("gb18030")
    assert list(names(listed(tmp_path, raw, Plan(encoding="gb2312")))) == ["m2換燈"]
    with pytest.raises(BadInput, match=r"row 1: .*UTF-8"):
        listed(tmp_path, raw, Plan(encoding="utf-8"))


@pytest.mark.parametrize("name", ["klingon", "base64", "", "\0", "undefined"])
def test_an_encoding_that_does_not_exist_is_a_usage_error(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="encoding"):
        listed(tmp_path, "强电类,换灯,8,只,\n", Plan(encoding=name))


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"", "empty"),
        (b" ,\n,\n", "empty"),
        (HEAD.encode() + '强电类,"换\n灯",8,只,\n强电类,换座,'.encode() + b"\xff\xff,x,\n", "row 3"),
        (HEAD.encode() + b"a,b\0,8,c,\n", "row 2"),
        (HEAD.encode() + '强电类,"换灯,8,只,\n'.encode(), "row 2"),
        (b"x" * 20_000_001, "too large"),
        ("名,价\n换灯,8\n".encode(), "--map"),
        (b"\x00\x01\x02", "NUL"),
    ],
)
def test_a_file_that_is_no_price_list_is_bad_input(tmp_path: Path, raw: bytes, why: str) -> None:
    with pytest.raises(BadInput) as caught:
        listed(tmp_path, raw)
    assert why in str(caught.value)


def test_the_header_is_looked_for_in_the_first_ten_rows_and_no_further(tmp_path: Path) -> None:
    assert listed(tmp_path, "标题,,\n" * 9 + "项目,价格,单位\n灯,8,只\n", head="").draft.taken == 1
    with pytest.raises(BadInput, match="row 10"):
        listed(tmp_path, "标题,,\n" * 10 + "项目,价格,单位\n灯,8,只\n", head="")


@pytest.mark.parametrize(
    "head",
    ["分类,项目,价格,单位,说明", "工种,维修项目,收费标准（元）,单位,条件", "Category,Item,Price,Unit,Note",
     "class, Name ,PRICE (yuan),unit,note", "类别,名称,单 价(元),单位,备注", "类别,项目名称,金额／元,单位,备注"],
)  # fmt: skip
def test_columns_are_known_by_their_usual_names(tmp_path: Path, head: str) -> None:
    made = listed(tmp_path, "给排水,换灯,8,只,\n", head=head + "\n")
    assert services(made)["换灯"]["category"] == "plumbing"


def test_other_columns_are_mapped_and_what_is_not_read_is_remarked_on(tmp_path: Path) -> None:
    head = "序号,类别,内容,业主价,单价,单位\n"
    plan = Plan(mapping={"内容": "name", "业主价": "price"})
    made = listed(tmp_path, "1,强电类,换灯,8,9,只\n", plan, head=head)
    assert services(made)["换灯"]["price"]["low"] == 800
    assert "columns that are not read: 序号, 单价" in remarks(made)


@pytest.mark.parametrize(
    ("head", "mapping", "why"),
    [
        (HEAD, {"没有": "name"}, "没有"),
        (HEAD, {"备注": "colour"}, "colour"),
        ("项目,服务项目,单价,单位\n", {}, "'项目', '服务项目'"),
        ("项目,单价,单位,项目,单价,单位\n", {}, "--map"),
        ("甲,乙,单位\n", {"丙": "name"}, "丙"),
    ],
)
def test_a_mapping_that_does_not_fit_and_two_columns_for_one_field_are_usage_errors(
    tmp_path: Path, head: str, mapping: dict[str, str], why: str
) -> None:
    with pytest.raises(UsageError, match=why):
        listed(tmp_path, "强电类,换灯,8,只,\n", Plan(mapping=mapping), head=head)


def test_a_workbook_with_title_merged_classes_and_numbers_is_read_like_the_csv(tmp_path: Path) -> None:
    import xlsxwriter

    path = tmp_path / "p.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("价目")
        sheet.merge_range("A1:E1", "某物业价目表")
        sheet.write_row(2, 0, ["类别", "服务项目", "单价(元)", "单位", "备注"])
        sheet.merge_range("A4:A5", "给排水类")
        sheet.write_row(3, 1, ["换管", 12.5, "根", ""])
        sheet.write_row(4, 1, ["换阀", 8, "只", ""])
        sheet.write_row(5, 1, ["换灯", "8元起", "只", ""])
        book.add_worksheet("旧").write_string(0, 0, "x")
    made = feetable.make(path, Plan(), desk=tmp_path, now=NOW)
    assert {code: one["price"]["low"] for code, one in services(made).items()} == {"换管": 1250, "换阀": 800}
    assert {one["category"] for one in services(made).values()} == {"plumbing"}
    assert rejects(made) == [(6, "单价(元)", "8元起")]
    assert "sheets that are not read: 旧" in remarks(made)
    with pytest.raises(UsageError, match="--encoding"):
        feetable.make(path, Plan(encoding="utf-8"), desk=tmp_path, now=NOW)


def test_what_spread_writes_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "p.xlsx"
    spread.write_xlsx("价目", ["项目", "单价", "单位"], [["换灯", Decimal("23.40"), "只"]], path)
    assert services(feetable.make(path, Plan(), desk=tmp_path, now=NOW))["换灯"]["price"]["low"] == 2340
    with pytest.raises(UsageError, match="no sheet"):
        feetable.make(path, Plan(sheet="x"), desk=tmp_path, now=NOW)


def test_a_sheet_of_a_csv_file_and_a_file_that_is_not_there_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--sheet"):
        listed(tmp_path, "强电类,换灯,8,只,\n", Plan(sheet="x"))
    with pytest.raises(NotFound):
        feetable.make(tmp_path / "none.csv", Plan(), desk=tmp_path, now=NOW)


# --- categories


@pytest.mark.parametrize(
    ("class_", "category"),
    [("强电类", "electrical"), ("弱电", "electrical"), ("电工照明", "electrical"), ("给排水类", "plumbing"),
     ("水暖", "plumbing"), ("管道疏通", "plumbing"), ("木工", "carpentry"), ("门窗类", "carpentry"),
     ("瓦工", "masonry"), ("土建", "masonry"), ("开锁", "locks"), ("门锁", "locks"), ("家电类", "appliance"),
     ("空调", "appliance"), ("综合", "general"), ("水电", "general"), ("防水", "general"), ("木锁", "general"),
     ("空调水管", "general"), ("Plumbing", "plumbing"), ("其他", "general"), ("", "general")],
)  # fmt: skip
def test_a_class_becomes_a_category_only_where_one_alone_fits(tmp_path: Path, class_: str, category: str) -> None:
    assert services(listed(tmp_path, f"{class_},换,8,只,\n"))["换"]["category"] == category


def test_what_the_user_says_of_a_class_comes_first(tmp_path: Path) -> None:
    made = listed(
        tmp_path, "强电类,换灯,8,只,\n其他,换锁,8,把,\n", Plan(categories={"其他": "locks", "强电类": "general"})
    )
    assert {code: one["category"] for code, one in services(made).items()} == {"换灯": "general", "换锁": "locks"}
    assert remarks(made) == ""


@pytest.mark.parametrize("categories", [{"强电类": "nonsense"}, {"没有": "locks"}])
def test_a_category_or_a_class_that_does_not_exist_is_a_usage_error(tmp_path: Path, categories: dict[str, str]) -> None:
    with pytest.raises(UsageError):
        listed(tmp_path, "强电类,换灯,8,只,\n", Plan(categories=categories))


def test_the_categories_are_those_of_the_desk_and_without_a_general_one_the_user_is_asked(tmp_path: Path) -> None:
    text, _ = preset.preset_text("standard")
    own = text.replace("  general: {name: 综合}\n", "  lifts: {name: 电梯}\n").replace("[general]", "[lifts]")
    own = own.replace("category: general", "category: lifts")
    assert own != text
    (tmp_path / "policies.yaml").write_text(own, encoding="utf-8")
    assert services(listed(tmp_path, "电梯类,换灯,8,只,\n"))["换灯"]["category"] == "lifts"
    with pytest.raises(UsageError, match="--category"):
        listed(tmp_path, "其他,换灯,8,只,\n")
    (tmp_path / "policies.yaml").write_text("nonsense", encoding="utf-8")
    with pytest.raises(BadRules):
        listed(tmp_path, "强电类,换灯,8,只,\n")


# --- what would break the file


HOSTILE = ["名" * 600, "换\x07灯", "换\u200b灯", "\u202e换灯", "()", "\ufffe灯"]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_that_cannot_stand_in_the_file_is_rejected(tmp_path: Path, name: str) -> None:
    made = listed(tmp_path, f"强电类,{name},8,只,\n强电类,换座,8,只,\n")
    assert [(row, column) for row, column, _ in rejects(made)] == [(2, "服务项目")]
    assert list(services(made)) == ["换座"]


ODD = ["no", "null", "~x", "8", "1e3", "2026-11-22", "a: b", "a #b", "#a", "- a", "[a]", "{a}", "*a", "&a", "!a", "|a",
       "%a", "@a", "`a`", "'a'", "a\\n", "a,b", "换灯😀", "=1+1", "a\u3000b", "é", "ａ", "a'b", "“灯”",
       "灯:", "a?", "-"]  # fmt: skip


@pytest.mark.parametrize("text", ODD)
def test_every_other_text_comes_out_of_the_file_as_it_went_in(tmp_path: Path, text: str) -> None:
    for row in (
        f'强电类,"灯 {text}",8,只,"{text}"\n',
        f'"{text}",灯,8,只,"{text}"\n',
        f'强电类,"{text} 灯",8,只,\n',
    ):
        made = listed(tmp_path, row)
        ((_, service),) = services(made).items()
        (item,) = made.draft.items
        assert service["name"] == item.words.name


@settings(max_examples=150)
@given(
    st.lists(
        st.tuples(st.text(max_size=8), st.text(max_size=8), st.sampled_from(["8", "免费", "x", "1-2元/个"]),
                  st.text(max_size=4) | st.sampled_from(["只", "元/次", "m2"]), st.text(max_size=8)),
        min_size=1, max_size=4,
    )
)  # fmt: skip
def test_no_rows_whatever_they_hold_make_a_file_that_cannot_be_used(rows: list[tuple[str, ...]]) -> None:
    head = Raw(1, ["类别", "项目", "单价", "单位", "备注"])
    draft = pricelist.read(Table([head, *(Raw(i, list(row)) for i, row in enumerate(rows, 2))]), {})
    named = naming.assign([item.words for item in draft.items])
    lines = [
        emit.Service(
            one.code, one.name, "general", item.words.unit, item.price, None, item.words.class_, item.words.note
        )
        for item, one in zip(draft.items, named, strict=True)
    ]
    text, read = emit.fee_table("1", lines, emit.Frame(), ["general"])
    assert [service["name"] for service in read.data["services"]] == [one.name for one in named]
    assert load.read_fees(load.decode(text.encode(), "fees.yaml"), "fees.yaml").digest == read.digest


def test_a_name_that_grows_too_long_by_what_tells_it_apart_is_rejected(tmp_path: Path) -> None:
    long = "长" * 490
    made = listed(tmp_path, f"{'甲' * 20},{long},8,只,\n{'乙' * 20},{long},9,只,\n强电类,换座,8,只,\n")
    assert [row for row, _, _ in rejects(made)] == [2, 3]
    assert list(services(made)) == ["换座"]


def test_a_list_that_is_too_long_for_a_fee_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="larger"):
        listed(tmp_path, "".join(f"强电类,换{'长' * 100}{i},8,只,\n" for i in range(3000)))


# --- the version, and the command


def test_the_version_is_named_after_the_day_and_counted_on_when_the_content_changes(tmp_path: Path) -> None:
    out = tmp_path / "fees.yaml"
    versions = []
    for price in (8, 8, 9, 9, 8):
        made = listed(tmp_path, f"强电类,换灯,{price},只,\n", Plan(out=out))
        assert made.text is not None
        out.write_text(made.text, encoding="utf-8")
        versions.append(made.version)
    day = "import-2026-11-23"
    assert versions == [day, day, f"{day}-2", f"{day}-2", f"{day}-3"]


def test_a_version_that_is_asked_for_is_counted_on_too_and_the_report_says_so(tmp_path: Path) -> None:
    out = tmp_path / "fees.yaml"
    first = listed(tmp_path, "强电类,换灯,8,只,\n", Plan(out=out, version="2027"))
    assert (first.version, remarks(first)) == ("2027", "")
    assert first.text is not None
    out.write_text(first.text, encoding="utf-8")
    second = listed(tmp_path, "强电类,换灯,9,只,\n", Plan(out=out, version="2027"))
    assert second.version == "2027-2"
    assert "REC-4" in remarks(second)
    with pytest.raises(UsageError, match="version"):
        listed(tmp_path, "强电类,换灯,9,只,\n", Plan(version="a b"))


@pytest.mark.parametrize("there", ["", "my shopping list", "version: 1\n", HEAD])
def test_what_is_there_and_is_no_fee_table_is_not_replaced(tmp_path: Path, there: str) -> None:
    out = tmp_path / "list.txt"
    out.write_text(there, encoding="utf-8")
    with pytest.raises(NotAllowed):
        listed(tmp_path, "强电类,换灯,8,只,\n", Plan(out=out))


@pytest.fixture
def typed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """The command on a list of these rows: exit code, stdout, stderr."""
    monkeypatch.setattr(common, "clock", lambda: NOW)
    monkeypatch.setenv("REPAIRDESK_LANG", "en")
    monkeypatch.setenv("REPAIRDESK_HOME", str(tmp_path))
    file = tmp_path / "list.csv"

    def run(text: str, *options: str) -> tuple[int, str, str]:
        file.write_text(HEAD + text, encoding="utf-8")
        code = main(["fees", "import", str(file), *options])
        return (code, *capsys.readouterr())

    return run


GOOD, BAD = "强电类,换灯,8,只,\n", "强电类,换座,8元起,只,\n"


def test_without_out_the_fee_table_is_the_answer_and_the_report_stands_beside_it(typed: Any) -> None:
    code, out, err = typed(GOOD + BAD)
    assert code == 18
    assert [service["code"] for service in load.parse_fees(out, "x")["services"]] == ["换灯"]
    assert "2 rows: 1 taken as 1 services, 1 rejected" in err
    assert "3\t单价（元）\t8元起\t" in err
    assert typed(GOOD)[0] == 0


def test_with_out_the_report_is_the_answer_and_the_file_is_written(typed: Any, tmp_path: Path) -> None:
    out = tmp_path / "fees.yaml"
    code, said, _ = typed(GOOD + BAD, "--out", str(out))
    assert code == 18
    assert "2 rows: 1 taken" in said
    assert "3\t单价（元）\t8元起\t" in said
    assert load.parse_fees(out.read_text(encoding="utf-8"), "x")["version"] == "import-2026-11-23"


def test_where_nothing_can_be_read_the_report_is_on_stdout_and_nothing_is_written(typed: Any, tmp_path: Path) -> None:
    out = tmp_path / "fees.yaml"
    for options in ((), ("--out", str(out))):
        code, said, err = typed(BAD, *options)
        assert code == 14
        assert "3" not in said.partition("\n")[0]
        assert "2\t单价（元）\t8元起\t" in said
        assert "nothing was taken" in err
    assert not out.exists()


def test_the_json_answer_is_one_document_with_the_report_and_the_text(typed: Any, tmp_path: Path) -> None:
    code, said, err = typed("其他,换灯,8,只,\n" + BAD, "--json")
    doc = json.loads(said)
    assert code == 18
    assert json.loads(err)["error"]["kind"] == "partial"
    assert load.parse_fees(doc.pop("yaml"), "x")["services"]
    assert len(doc.pop("warnings")) == 1
    (reject,) = doc.pop("rejects")
    assert {key: reject[key] for key in ("row", "column", "value")} == {
        "row": 3,
        "column": "单价（元）",
        "value": "8元起",
    }
    assert doc == {
        "rows": 2, "taken": 1, "services": 1, "kinds": {"fixed": 1, "free": 0, "range": 0, "on-quote": 0},
        "rejected": 1, "out": None, "version": "import-2026-11-23",
    }  # fmt: skip
    out = tmp_path / "new.yaml"
    doc = json.loads(typed(GOOD, "--json", "--out", str(out))[1])
    assert (doc["out"], doc["yaml"]) == (str(out), None)


@pytest.mark.parametrize(
    ("options", "code"),
    [(("--encoding", "klingon"), 2), (("--map", "x"), 2), (("--map", "x=name"), 2), (("--category", "强电类=x"), 2),
     (("--sheet", "x"), 2), (("--out", "/nowhere/fees.yaml"), 11), (("--version", "a b"), 2)],
)  # fmt: skip
def test_each_refusal_has_its_code(typed: Any, options: tuple[str, ...], code: int) -> None:
    assert typed(GOOD, *options)[0] == code


def test_the_list_itself_is_never_replaced(typed: Any, tmp_path: Path) -> None:
    code, _, _ = typed(GOOD, "--out", str(tmp_path / "list.csv"))
    assert code == 10
    assert (tmp_path / "list.csv").read_text(encoding="utf-8") == HEAD + GOOD


def test_an_open_stream_takes_the_fee_table_and_what_is_replaced_is_the_desks_own(typed: Any, tmp_path: Path) -> None:
    (tmp_path / "fees.yaml").write_text(typed(GOOD)[1].replace("code: 换灯", "code: bulb"), encoding="utf-8")
    path = tmp_path / "all.txt"
    path.write_text("# no fee table\n")
    stream = os.open(path, os.O_RDWR | os.O_APPEND)
    code, said, _ = typed(GOOD, "--out", f"/dev/fd/{stream}")
    os.close(stream)
    assert (code, "1 rows: 1 taken" in said) == (0, True)
    text = path.read_text(encoding="utf-8")
    assert text.startswith("# no fee table\n")
    assert [service["code"] for service in load.parse_fees(text, "x")["services"]] == ["bulb"]
