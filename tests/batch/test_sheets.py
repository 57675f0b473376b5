"""A workbook as an office likes it: cells have their kinds, the head stays and filters, and it prints on one width."""

from __future__ import annotations

import re
import zipfile
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from python_calamine import CalamineWorkbook

from repairdesk.batch import spread
from repairdesk.domain.rates import Share, share

FILED = datetime(2026, 11, 22, 23, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
HEADS = ["地点", "orders", "cost", "share", "time at work", "archived_at", "phone"]
ROW: list[Any] = [
    "小区东门", 7, Decimal("23.40"), share(2, 3), timedelta(hours=31, minutes=1, seconds=7), FILED, "13800138000"
]  # fmt: skip


@pytest.fixture
def path(tmp_path: Path) -> Path:
    target = tmp_path / "month.xlsx"
    spread.write_xlsx(
        "2026-11", HEADS, [ROW, [None] * 7, ["=1+1", 0, Decimal("0"), None, timedelta(0), None, ""]], target
    )
    return target


def part(path: Path, name: str) -> str:
    with zipfile.ZipFile(path) as packed:
        return packed.read(f"xl/{name}.xml").decode()


def styles(path: Path) -> dict[str, str]:
    """The number format of each cell of the first rows, by its address."""
    text = part(path, "styles")
    codes = {"0": "General", "1": "0", "2": "0.00", **dict(re.findall(r'numFmtId="(\d+)" formatCode="([^"]+)"', text))}
    cell_formats = re.findall(r'<xf numFmtId="(\d+)"', text[text.index("<cellXfs") : text.index("</cellXfs")])
    cells = re.findall(r'<c r="([A-Z]+\d+)"(?: s="(\d+)")?', part(path, "worksheets/sheet1"))
    return {at: codes[cell_formats[int(style or 0)]] for at, style in cells}


@pytest.mark.rule("FEE-10")
def test_each_cell_is_of_its_kind_when_it_is_read_back(path: Path) -> None:
    with path.open("rb") as stream:
        head, row, *_ = CalamineWorkbook.from_filelike(stream).get_sheet_by_index(0).to_python()
    assert head == HEADS
    span, at = timedelta(hours=31, minutes=1, seconds=7), datetime(2026, 11, 22, 23, 30)
    assert row == ["小区东门", 7, 23.4, 0.667, span, at, "13800138000"]


def test_numbers_are_shown_as_what_they_are(path: Path) -> None:
    shown = styles(path)
    assert [shown[f"{column}2"] for column in "BCDEF"] == ["0", "0.00", "0.0%", "[h]:mm:ss", "yyyy-mm-dd hh:mm"]


def test_the_head_stays_is_bold_and_filters_every_row(path: Path) -> None:
    sheet = part(path, "worksheets/sheet1")
    assert '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>' in sheet
    assert '<autoFilter ref="A1:G4"/>' in sheet
    head_style = re.search(r'<c r="A1" s="(\d+)"', sheet)
    assert head_style is not None
    text = part(path, "styles")
    font = re.findall(r'<xf [^>]*fontId="(\d+)"', text[text.index("<cellXfs") :])[int(head_style[1])]
    fonts = re.findall(r"<font>.*?</font>", text)
    assert "<b/>" in fonts[int(font)]


def test_it_is_printed_across_on_one_width_with_its_head_on_each_page(path: Path) -> None:
    sheet = part(path, "worksheets/sheet1")
    assert re.search(r'<pageSetup [^>]*paperSize="9"[^>]*orientation="landscape"', sheet)
    assert "fitToPage" in sheet
    assert 'fitToHeight="0"' in sheet
    assert "_xlnm.Print_Titles" in part(path, "workbook")


def test_nothing_that_was_written_is_a_formula_or_a_link(path: Path) -> None:
    with zipfile.ZipFile(path) as packed:
        every = {name: packed.read(name).decode() for name in packed.namelist()}
    assert not any("<f>" in text or "<f " in text for name, text in every.items() if "worksheets" in name)
    assert not any("<hyperlink" in text for text in every.values())


def test_a_column_is_wide_enough_for_chinese(tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    spread.write_xlsx("x", ["a", "b"], [["地下车库北侧消防通道", "x" * 10]], path)
    widths = {int(low): float(wide) for low, wide in re.findall(r'<col min="(\d+)" max="\d+" width="([\d.]+)"',
                                                                 part(path, "worksheets/sheet1"))}  # fmt: skip
    assert widths[1] >= 20
    assert 10 <= widths[2] < 15


def test_a_span_of_days_is_hours_and_its_column_shows_them(tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    spread.write_xlsx("x", ["h"], [[timedelta(hours=12345, seconds=1)]], path)
    assert re.search(r'<col min="1" max="1" width="1\d', part(path, "worksheets/sheet1"))


def test_an_empty_table_has_its_head_and_no_filter(tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    spread.write_xlsx("x", ["a", "b"], [], path)
    sheet = part(path, "worksheets/sheet1")
    assert "autoFilter" not in sheet
    assert '<c r="B1"' in sheet


def test_several_tables_are_sheets_with_their_names(tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    spread.write_book([("2026-11", ["a"], [["x"]]), ("指标", ["b"], [[Share("0.9")]])], path)
    with path.open("rb") as stream:
        book = CalamineWorkbook.from_filelike(stream)
        assert book.sheet_names == ["2026-11", "指标"]
        assert [book.get_sheet_by_name(name).to_python() for name in book.sheet_names] == [
            [["a"], ["x"]],
            [["b"], [0.9]],
        ]


def test_csv_has_seconds_and_iso_times_and_bare_shares() -> None:
    text = spread.write_csv(["s", "t", "r"], [[timedelta(hours=31, seconds=7), FILED, share(2, 3)]])
    assert text.splitlines()[1] == "111607,2026-11-22T23:30:00+08:00,0.667"
