"""``household import``: which rows make which household, what is rejected, what is changed, and what is left alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter  # type: ignore[import-untyped]
from hypothesis import given
from hypothesis import strategies as st

from repairdesk.batch import household_rows
from repairdesk.batch.households import Plan, Registered, run
from repairdesk.batch.outcome import plain
from repairdesk.batch.reading import Raw
from repairdesk.cli import common
from repairdesk.cli.__main__ import main
from repairdesk.desk import By, Desk
from repairdesk.errors import BadInput, Exit, NotAllowed, NotFound, NotPermitted, UsageError
from repairdesk.rules.hydrate import build_policies
from repairdesk.rules.load import read_policies
from repairdesk.rules.preset import preset_text

Write = Callable[[str | bytes], Path]
HEAD = "房号,业主,电话,入住日期\n"
TWO = HEAD + "3栋2单元501,李兰、王强,13800001234,2019-03-01\n1-1-101,Müller,0571-88886666/13900009999,\n"


def households(desk: Desk) -> list[dict[str, Any]]:
    with desk.ledger.read() as reader:
        return reader.households()


def entries(desk: Desk) -> int:
    with desk.ledger.read() as reader:
        return reader.head()[0]


def counts(result: Registered) -> tuple[int, int, int, int, int]:
    return result.rows, result.accepted, result.changed, result.already_there, len(result.rejects)


def rejects(result: Registered) -> list[tuple[int, str | None, str | None, str]]:
    return [(one["row"], one["column"], one["value"], one["why"]) for one in result.doc(plain)["rejects"]]


def texts(result: Registered) -> str:
    return "\n".join(plain(remark.message, remark.values) for remark in result.remarks)


def taken(desk: Desk, clerk: By, path: Path, plan: Plan | None = None) -> list[dict[str, Any]]:
    """The households after an import of which nothing is rejected."""
    result = run(desk, clerk, path, plan or Plan())
    assert rejects(result) == []
    assert result.committed
    assert desk.verify()["problems"] == []
    return households(desk)


# --- what is taken


def test_each_place_becomes_a_household_in_the_desks_forms(desk: Desk, clerk: By, write: Write) -> None:
    result = run(desk, clerk, write(TWO), Plan())
    assert result.doc(plain) == {
        "rows": 2, "accepted": 2, "changed": 0, "already_there": 0, "rejected": 0, "rejects": [], "committed": True,
    }  # fmt: skip
    assert result.exit == Exit.DONE
    assert households(desk) == [
        {"id": "000002", "place": "1-1-101", "names": ["Müller"], "phones": ["0571-88886666", "13900009999"],
         "since": None},
        {"id": "000001", "place": "3-2-501", "names": ["李兰", "王强"], "phones": ["13800001234"],
         "since": "2019-03-01"},
    ]  # fmt: skip
    assert desk.verify()["problems"] == []


def test_rows_of_one_place_are_one_household_in_the_order_given(desk: Desk, clerk: By, write: Write) -> None:
    path = write(
        HEAD
        + "3-2-501,李兰,13800001234,\n1-1-101,Ann,,\n3栋2单元501,王强；李 兰,138-0000-1234,2019/3/1\n"
        + "３－２－５０１,,13700000000,2019-03-01\n"
    )
    doc = taken(desk, clerk, path)[1]
    assert (doc["names"], doc["phones"], doc["since"]) == (
        ["李兰", "王强"], ["13800001234", "13700000000"], "2019-03-01",
    )  # fmt: skip
    assert len(households(desk)) == 2


@pytest.mark.parametrize("mark", ["、", "，", ", ", ";", "；", "/", " / ", "\n", "\r\n", "、\n"])
def test_several_names_or_phones_stand_in_one_cell(desk: Desk, clerk: By, write: Write, mark: str) -> None:
    (doc,) = taken(desk, clerk, write(f'place,name,phone\nA,"Li Lan{mark}王强","13800001234{mark}8123"\n'))
    assert (doc["names"], doc["phones"]) == (["Li Lan", "王强"], ["13800001234", "8123"])


@pytest.mark.parametrize(
    ("place", "name", "phone", "since"),
    [
        *[(place, "业主", "电话", "入住日期") for place in ("房号", "房间号", "地址", "place", "unit", " PLACE ")],
        *[("房号", name, "电话", "入住日期") for name in ("住户", "姓名", "户主", "names", "Ｎａｍｅ", "姓 名")],
        *[("房号", "业主", phone, "入住日期") for phone in ("手机", "联系电话", "phone", "Phones")],
        *[("房号", "业主", "电话", since) for since in ("入伙日期", "交房日期", "since")],
    ],
)
def test_columns_are_known_by_their_usual_names(place: str, name: str, phone: str, since: str) -> None:
    columns, _ = household_rows.recognised([Raw(1, [since, phone, name, place])], {})
    assert columns.index == {"since": [0], "phones": [1], "names": [2], "place": [3]}


def test_other_columns_are_mapped_and_what_is_not_read_is_named(desk: Desk, clerk: By, write: Write) -> None:
    path = write("Where,业主,Contact,面积\n3-2-501,李兰,13800001234,89\n")
    result = run(desk, clerk, path, Plan({"Where": "place", "Contact": "phones"}))
    assert result.accepted == 1
    assert "面积" in texts(result)
    assert "Contact" not in texts(result)
    assert households(desk)[0]["phones"] == ["13800001234"]


def test_a_mapped_column_goes_before_one_with_a_known_name(desk: Desk, clerk: By, write: Write) -> None:
    path = write("房号,业主,租客\n3-2-501,李兰,赵云\n")
    result = run(desk, clerk, path, Plan({"租客": "names"}))
    assert households(desk)[0]["names"] == ["赵云"]
    assert "业主" in texts(result)


def test_names_and_phones_may_stand_in_several_columns(desk: Desk, clerk: By, write: Write) -> None:
    (doc,) = taken(desk, clerk, write("房号,业主,住户,手机,电话\nA,李兰,赵云,13800001234,8123\n"))
    assert (doc["names"], doc["phones"]) == (["李兰", "赵云"], ["13800001234", "8123"])


def test_a_place_may_stand_in_several_columns_that_are_mapped(desk: Desk, clerk: By, write: Write) -> None:
    path = write("楼栋,单元,房号,业主\n3栋,2单元,501室,李兰\n5,,301,赵云\n,1,101,Ann\n")
    parts = {"楼栋": "place", "单元": "place", "房号": "place"}
    result = run(desk, clerk, path, Plan(parts, partial=True))
    assert sorted(doc["place"] for doc in households(desk)) == ["3-2-501", "5-301"]
    assert rejects(result) == [(4, "楼栋", None, "missing: 楼栋")]


@pytest.mark.parametrize("part", ["楼栋", "单元", "Building"])
def test_half_a_place_is_never_taken_for_a_place(desk: Desk, clerk: By, write: Write, part: str) -> None:
    with pytest.raises(UsageError, match=f"--map {part}=place --map 房号=place"):
        run(desk, clerk, write(f"{part},房号,业主\n3,501,李兰\n4,501,赵云\n"), Plan())


@pytest.mark.parametrize(
    ("said", "order", "day"),
    [
        ("2019-03-01", None, "2019-03-01"),
        ("2019/3/1", None, "2019-03-01"),
        ("2019.3.1", None, "2019-03-01"),
        ("2019年3月1日", None, "2019-03-01"),
        ("２０１９年３月１日", None, "2019-03-01"),
        ("2019-03-01 00:00:00", None, "2019-03-01"),
        ("2019/3/1 0:00", None, "2019-03-01"),
        ("03/04/2019", "dmy", "2019-04-03"),
        ("03/04/2019", "mdy", "2019-03-04"),
    ],
)
def test_a_day_is_read_as_offices_write_it(
    desk: Desk, clerk: By, write: Write, said: str, order: str | None, day: str
) -> None:
    assert taken(desk, clerk, write(f"房号,业主,since\nA,李兰,{said}\n"), Plan(dates=order))[0]["since"] == day


def test_a_workbook_is_read_like_a_list_of_text(desk: Desk, clerk: By, tmp_path: Path) -> None:
    path = tmp_path / "list.xlsx"
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet("业主")
    sheet.write_row(0, 0, ["丽园业主名册"])
    sheet.write_row(1, 0, ["房号", "业主", "电话", "入住日期"])
    sheet.write_row(2, 0, ["3栋2单元501", "李兰\n王强"])
    sheet.write_number(2, 2, 13800001234)
    sheet.write_number(2, 3, 43525, book.add_format({"num_format": "yyyy-mm-dd"}))
    book.close()
    assert taken(desk, clerk, path) == [
        {"id": "000001", "place": "3-2-501", "names": ["李兰", "王强"], "phones": ["13800001234"],
         "since": "2019-03-01"},
    ]  # fmt: skip


def test_an_old_file_in_gb18030_with_semicolons_is_read_and_said(desk: Desk, clerk: By, write: Write) -> None:
    result = run(desk, clerk, write("房号;业主\n3-2-501;李㛃\n".encode("gb18030")), Plan())
    assert households(desk)[0]["names"] == ["李㛃"]
    assert "GB18030" in texts(result)


# --- again, and changed


def test_the_same_file_again_adds_nothing(desk: Desk, clerk: By, write: Write) -> None:
    run(desk, clerk, write(TWO), Plan())
    before = entries(desk)
    result = run(desk, clerk, write(TWO), Plan())
    assert counts(result) == (2, 0, 0, 2, 0)
    assert entries(desk) == before


def test_a_changed_household_is_one_more_entry_and_no_second_household(desk: Desk, clerk: By, write: Write) -> None:
    run(desk, clerk, write(TWO), Plan())
    before = entries(desk)
    result = run(desk, clerk, write(TWO.replace("13800001234", "13700000000")), Plan())
    assert counts(result) == (2, 0, 1, 1, 0)
    assert entries(desk) == before + 1
    assert [doc["phones"] for doc in households(desk)] == [["0571-88886666", "13900009999"], ["13700000000"]]
    assert desk.verify()["problems"] == []


def test_a_blank_cell_takes_away_and_a_column_that_is_not_there_takes_nothing(
    desk: Desk, clerk: By, write: Write
) -> None:
    run(desk, clerk, write(TWO), Plan())
    assert run(desk, clerk, write("房号,业主\n3-2-501,李兰、王强\n"), Plan()).already_there == 1
    assert run(desk, clerk, write("房号,业主,电话\n3-2-501,李兰、王强,\n"), Plan()).changed == 1
    assert households(desk)[1] == {
        "id": "000001", "place": "3-2-501", "names": ["李兰", "王强"], "phones": [], "since": "2019-03-01",
    }  # fmt: skip


def test_a_dry_run_says_what_would_happen_and_keeps_nothing(desk: Desk, clerk: By, write: Write) -> None:
    run(desk, clerk, write(TWO), Plan())
    before = entries(desk)
    path = write(TWO.replace("13800001234", "13700000000") + "9-9-909,Ann,,\n")
    result = run(desk, clerk, path, Plan(dry_run=True))
    assert counts(result) == (3, 1, 1, 1, 0)
    assert (result.committed, result.exit) == (False, Exit.DONE)
    assert entries(desk) == before


# --- what is rejected

BAD = [
    ("9-1-101,,,2019-03-01", "业主", None, "nobody"),
    ("9-1-101,、/,,", "业主", None, "nobody"),
    ("9-1-101,李兰,1.38001E+10,", "电话", "1.38001E+10", "format the column as text"),
    ("9-1-101,李兰,８.７E+１０,", "电话", "８.７E+１０", "format the column as text"),
    ("9-1-101,李兰,13800001234/call me,", "电话", "call me", "not a phone number"),
    ("9-1-101,李兰,-,", "电话", "-", "not a phone number"),
    ("9-1-101,13800001234,,", "业主", "138****1234", "not a name"),
    ("9-1-101,李兰/-,,", "业主", "-", "not a name"),
    ("9-1-101,李兰,,2019-02-30", "入住日期", "2019-02-30", "not a date"),
    ("9-1-101,李兰,,last year", "入住日期", "last year", "not a date"),
    ("9-1-101,李兰,,43525", "入住日期", "43525", "not a date"),
    ("9-1-101,李兰,,2019年2月30日", "入住日期", "2019年2月30日", "no date that exists"),
    ("9-1-101,李兰,,03/04/2019", "入住日期", "03/04/2019", "--dates"),
    ("9-1-101,李兰,,,extra", None, "extra", "cells"),
    ('9-1-101,"李兰\n9-1-102"', None, "李兰\n9-1-102", "a quote is missing"),
]


@pytest.mark.parametrize(("row", "column", "value", "words"), BAD)
def test_a_reject_names_row_column_value_and_reason_and_nothing_is_taken(
    desk: Desk, clerk: By, write: Write, row: str, column: str | None, value: str | None, words: str
) -> None:
    before = entries(desk)
    result = run(desk, clerk, write(f"{TWO}{row}\n"), Plan())
    (one,) = rejects(result)
    assert one[:3] == (4, column, value)
    assert words in one[3]
    assert (result.exit, result.committed, result.accepted) == (Exit.BAD_INPUT, False, 2)
    assert entries(desk) == before
    assert households(desk) == []


@pytest.mark.parametrize(("row", "column", "value", "words"), BAD)
def test_with_partial_the_other_households_are_taken(
    desk: Desk, clerk: By, write: Write, row: str, column: str | None, value: str | None, words: str
) -> None:
    result = run(desk, clerk, write(f"{TWO}{row}\n"), Plan(partial=True))
    assert counts(result) == (3, 2, 0, 0, 1)
    assert (result.exit, result.committed) == (Exit.PARTIAL, True)
    assert [doc["place"] for doc in households(desk)] == ["1-1-101", "3-2-501"]


def test_two_days_for_one_household_are_a_contradiction(desk: Desk, clerk: By, write: Write) -> None:
    path = write(HEAD + "A,李兰,,2019-03-01\nB,Ann,,\nA,王强,,2019-03-01\nA,赵云,,2019-03-02\n")
    result = run(desk, clerk, path, Plan(partial=True))
    assert rejects(result) == [
        (2, "房号", "A", "row 5 of the same place is rejected"),
        (4, "房号", "A", "row 5 of the same place is rejected"),
        (5, "入住日期", "2019-03-02", "row 2 of the same place says 2019-03-01"),
    ]
    assert [doc["place"] for doc in households(desk)] == ["B"]


def test_a_household_of_which_a_row_is_rejected_stays_as_it_was(desk: Desk, clerk: By, write: Write) -> None:
    run(desk, clerk, write(HEAD + "A,李兰、王强,,\n"), Plan())
    result = run(desk, clerk, write(HEAD + "A,李兰,,\nA,王强,1.38001E+10,\nB,Ann,,\n"), Plan(partial=True))
    assert counts(result) == (3, 1, 0, 0, 2)
    assert households(desk)[0]["names"] == ["李兰", "王强"]


def test_a_row_that_is_too_long_spoils_its_own_household_and_no_other(desk: Desk, clerk: By, write: Write) -> None:
    run(desk, clerk, write(HEAD + "3-2-501,张三、李四,,\n"), Plan())
    path = write(HEAD + "B,Ann,,\n3-2-501,张三,13800138000,2020-01-02\n3-2-501,李四,13900139000,,extra\nC,Bob,,\n")
    result = run(desk, clerk, path, Plan(partial=True))
    assert rejects(result) == [
        (3, "房号", "3-2-501", "row 4 of the same place is rejected"),
        (4, None, "extra", "the row has 5 cells, the header 4"),
    ]
    assert {doc["place"]: doc["names"] for doc in households(desk)} == {
        "3-2-501": ["张三", "李四"], "B": ["Ann"], "C": ["Bob"],
    }  # fmt: skip


@pytest.mark.parametrize("below", [",李四,139,,", ",李四,13900139000,,extra", ",赵云,,\n,李四,13900139000,"])
def test_a_row_without_a_place_spoils_the_household_above_it(desk: Desk, clerk: By, write: Write, below: str) -> None:
    result = run(desk, clerk, write(f"{HEAD}B,Ann,,\nA,张三,,\n{below}\nC,Bob,,\n"), Plan(partial=True))
    assert [one[:3] for one in rejects(result)][:2] == [(3, "房号", "A"), (4, "房号", None)]
    assert [doc["place"] for doc in households(desk)] == ["B", "C"]


def test_a_row_without_a_place_says_so_where_nothing_stands_above_it(desk: Desk, clerk: By, write: Write) -> None:
    result = run(desk, clerk, write(HEAD + ",李兰,,\nA,Ann,,\n"), Plan(partial=True))
    assert rejects(result) == [(2, "房号", None, "missing: 房号")]
    assert [doc["place"] for doc in households(desk)] == ["A"]


def test_half_a_place_spoils_the_households_that_end_like_it(desk: Desk, clerk: By, write: Write) -> None:
    parts = {"楼栋": "place", "房号": "place"}
    result = run(desk, clerk, write("楼栋,房号,业主\n5,101,张三\n,101,李四\n5,102,Ann\n"), Plan(parts, partial=True))
    assert [one[0] for one in rejects(result)] == [2, 3]
    assert [doc["place"] for doc in households(desk)] == ["5-102"]


def test_rows_that_a_missing_quote_swallowed_spoil_their_households(desk: Desk, clerk: By, write: Write) -> None:
    path = write(HEAD + 'A,Ann,,\nB,"李兰\nA,Bob,,"\nC,王强,,\n')
    result = run(desk, clerk, path, Plan(partial=True))
    assert [one[0] for one in rejects(result)] == [2, 3]
    assert [doc["place"] for doc in households(desk)] == ["C"]


def test_a_place_that_a_workbook_made_a_date_of_is_no_place(desk: Desk, clerk: By, tmp_path: Path) -> None:
    path = tmp_path / "list.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["房号", "业主"])
        sheet.write_number(1, 0, 46083, book.add_format({"num_format": "m-d"}))  # 2026-03-02
        sheet.write_string(1, 1, "李兰")
        sheet.write_row(2, 0, ["3-3", "王强"])
        sheet.write_row(3, 0, ["3-2", "赵云"])
    result = run(desk, clerk, path, Plan(partial=True))
    assert [one[:2] for one in rejects(result)] == [(2, "房号"), (4, "房号")]
    assert "made a date of the place “2026-03-02" in rejects(result)[0][3]
    assert "format the column as text" in rejects(result)[0][3]
    assert [doc["place"] for doc in households(desk)] == ["3-3"], "赵云 alone would take 李兰 off 3-2"


@pytest.mark.parametrize(
    "text",
    ["2026-03-02", "2026-03-02 00:00:00", "2026/3/2", "2026/3/2 0:00", "3月2日", "2026年3月2日", "2-Mar", "02-Mar-26",
     "Mar-02", "２０２６-０３-０２", "03:02:00"],
)  # fmt: skip
def test_a_date_in_the_column_of_places_is_refused(desk: Desk, clerk: By, write: Write, text: str) -> None:
    ((row, column, value, why),) = rejects(run(desk, clerk, write(f"房号,业主\n{text},李兰\n"), Plan()))
    assert (row, column, value) == (2, "房号", text)
    assert "made a date of the place" in why


def test_a_date_in_one_part_of_a_place_is_refused(desk: Desk, clerk: By, write: Write) -> None:
    path = write("楼栋,房号,业主\n5,3月2日,李兰\n5,3-2,张三\n6,3-2,Ann\n")
    result = run(desk, clerk, path, Plan({"楼栋": "place", "房号": "place"}, partial=True))
    assert [one[:2] for one in rejects(result)] == [(2, "房号"), (3, "楼栋")]
    assert len(households(desk)) == 1


@pytest.mark.parametrize("text", ["3-2", "3-2-501", "2001-1-2", "2026-3-102", "2026-0302", "3/2", "A-03", "DEC-1"])
def test_what_only_resembles_a_date_is_a_place(desk: Desk, clerk: By, write: Write, text: str) -> None:
    assert len(taken(desk, clerk, write(f"房号,业主\n{text},李兰\n"))) == 1


def test_where_every_row_is_rejected_partial_takes_nothing(desk: Desk, clerk: By, write: Write) -> None:
    result = run(desk, clerk, write(HEAD + "A,,,\n"), Plan(partial=True))
    assert (result.exit, result.committed) == (Exit.BAD_INPUT, False)


# --- what is refused as a whole


@pytest.mark.parametrize(
    ("header", "plan", "words"),
    [
        ("房号,电话2", Plan(), "names, phones"),
        ("业主,电话", Plan(), "place"),
        ("房号,地址,业主", Plan(), "房号, 地址 could each be place"),
        ("房号,业主,入住日期,交房日期", Plan(), "could each be since"),
        ("房号,业主", Plan({"Where": "place"}), "no column Where; it has: 房号, 业主"),
        ("房号,业主", Plan({"业主": "owner"}), "no field owner"),
        ("房号,业主", Plan(dates="dym"), "dym"),
        ("房号,业主", Plan(encoding="klingon"), "klingon"),
        ("房号,业主", Plan(sheet="1"), "sheet"),
    ],
)
def test_a_plan_that_does_not_fit_the_file_is_a_usage_error(
    desk: Desk, clerk: By, write: Write, header: str, plan: Plan, words: str
) -> None:
    with pytest.raises(UsageError) as caught:
        run(desk, clerk, write(f"{header}\nA,B,C,D\n"), plan)
    assert words in plain(caught.value.message, caught.value.values)


def test_nobody_keeps_households_without_the_role(desk: Desk, write: Write) -> None:
    before = entries(desk)
    for actor in ("W1", None):
        with pytest.raises(NotPermitted):
            run(desk, By(actor, "pc"), write(TWO), Plan())
    assert entries(desk) == before


def test_a_file_that_is_not_there_or_cannot_be_read_is_told_as_what_it_is(
    desk: Desk, clerk: By, write: Write, tmp_path: Path
) -> None:
    with pytest.raises(NotFound):
        run(desk, clerk, tmp_path / "none.csv", Plan())
    for content in ("", "PK\x03\x04 torn", b"\xff\xfe\x00"):
        with pytest.raises(BadInput):
            run(desk, clerk, write(content), Plan())


def test_no_household_is_dated_ahead_or_before_its_last_entry(desk: Desk, clerk: By, write: Write) -> None:
    with pytest.raises(NotAllowed):
        run(desk, By("C1", "pc", "2026-11-23T10:00"), write(TWO), Plan())
    run(desk, clerk, write(TWO), Plan())
    earlier = By("C1", "pc", "2026-11-21T10:00")
    assert run(desk, earlier, write(TWO), Plan()).already_there == 2
    with pytest.raises(NotAllowed):
        run(desk, earlier, write(TWO.replace("李兰", "李岚")), Plan())


# --- properties

POLICIES = build_policies(read_policies(preset_text("standard")[0], "policies.yaml").data)
CELL = st.text(st.sampled_from("李a1 -/、;，+E.年月日3栋２单元\n"), max_size=12)


@given(st.lists(st.lists(CELL, min_size=4, max_size=4), max_size=8))
def test_every_row_is_of_one_household_or_rejected_with_a_reason(table: list[list[str]]) -> None:
    header = Raw(1, ["place", "names", "phones", "since"])
    columns, rows = household_rows.recognised([header, *(Raw(i, cells) for i, cells in enumerate(table, 2))], {})
    homes, bad = household_rows.gathered(rows, columns, POLICIES, None)
    assert sorted([row for home in homes for row in home.rows] + [one.row for one in bad]) == [r.row for r in rows]
    assert all(home.names or home.phones for home in homes)
    assert len({home.place for home in homes}) == len(homes)


# --- the command


@pytest.fixture
def typed(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str, str]]:
    """A command as a script types it: exit code, stdout, stderr."""
    monkeypatch.setattr(common, "clock", desk.now)
    monkeypatch.setenv("REPAIRDESK_LANG", "en")

    def command(*argv: str) -> tuple[int, str, str]:
        code = main(["household", *argv, "--home", str(desk.home)])
        out, err = capsys.readouterr()
        return int(code), out, err

    return command


def test_the_report_is_on_stdout_whatever_the_outcome(typed: Callable[..., Any], write: Write) -> None:
    bad = str(write(TWO + "9-1-101,李兰,1.38001E+10,\n"))
    code, out, err = typed("import", bad, "--as", "C1", "--json")
    assert (code, json.loads(out)["rejected"], json.loads(err)["error"]["code"]) == (14, 1, 14)
    code, out, _ = typed("import", bad, "--as", "C1", "--json", "--partial", "--dry-run")
    assert (code, json.loads(out)["committed"]) == (18, False)
    code, out, err = typed("import", bad, "--as", "C1", "--partial")
    assert code == 18
    assert out.splitlines()[0].startswith("rows: 3  accepted: 2  changed: 0  already_there: 0  rejected: 1")
    assert out.splitlines()[1].split("\t")[:3] == ["4", "电话", "1.38001E+10"]
    assert "1 of 3 rows are rejected; the others were taken" in err


def test_a_place_that_is_written_like_a_purged_ones_stand_in_is_a_reject(desk: Desk, clerk: By, write: Write) -> None:
    result = run(desk, clerk, write(HEAD + "＊１７,李兰,13800001234,2019-03-01\n"), Plan())
    assert [(row, column) for row, column, *_ in rejects(result)] == [(2, "房号")]


def test_the_command_asks_for_its_file_and_its_mapping(typed: Callable[..., Any], write: Write) -> None:
    assert typed("import", "--as", "C1")[0] == 2
    assert typed("import", str(write(TWO)), "--map", "place", "--as", "C1")[0] == 2
    assert typed("import", "nosuch.csv", "--as", "C1")[0] == 11
    assert typed("import", str(write(TWO)), "--as", "W1")[0] == 12
    code, out, _ = typed("import", str(write("Where,业主\nA,李兰\n")), "--map", "Where=place", "--as", "C1", "--json")
    assert (code, json.loads(out)["accepted"], json.loads(out)["warnings"]) == (0, 1, [])


def test_the_list_masks_phones_unless_a_reason_is_on_record(
    desk: Desk, typed: Callable[..., Any], write: Write
) -> None:
    typed("import", str(write(TWO)), "--as", "C1")
    code, out, _ = typed("list", "--json", "--find", "李兰")
    assert (code, json.loads(out)) == (
        0,
        {"households": [{"id": "000001", "place": "3-2-501", "names": ["李兰", "王强"], "phones": ["138****1234"],
                         "since": "2019-03-01"}], "total": 1, "warnings": []},
    )  # fmt: skip
    assert typed("list", "--reveal", "--as", "C1")[0] == 2
    assert typed("list", "--reveal", "--reason", "flood", "--as", "W1")[0] == 12
    before = entries(desk)
    code, out, err = typed("list", "--reveal", "--reason", "flood", "--as", "C1", "--limit", "1")
    assert out.splitlines() == [
        "id\tplace\tnames\tphones\tsince",
        "000002\t1-1-101\tMüller\t0571-88886666, 13900009999\t",
    ]
    assert "1 of 2" in err
    assert entries(desk) == before + 1
    assert typed("list", "--find", "nobody") == (0, "", "")
