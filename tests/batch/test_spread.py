"""Tables that are taken away: what is text stays text, what is a number is one, and a file is whole or not there."""

from __future__ import annotations

import csv
import io
import os
import re
import stat
import threading
import tty
import zipfile
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repairdesk.batch import spread, workbook
from repairdesk.errors import BadInput, NotFound, StorageError, UsageError

OBEYED = ["=1+1", "+86", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "＋1", "－1", "＠x", " =1", "\u3000=1"]
HARMLESS = ["", " ", "3-2-501", "a=b", "漏水", "'=1", "1+1", "http://x", "0012"]


def cells(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))


def read(raw: bytes, sheet: str | None = None) -> tuple[str, list[list[str]], list[str]]:
    page = workbook.read(io.BytesIO(raw), "x.xlsx", sheet)
    return page.sheet, [cells for _, cells in page.rows], page.others


def page(path: Path) -> list[list[str]]:
    return read(path.read_bytes())[1]


@pytest.mark.parametrize("text", OBEYED)
def test_what_a_spreadsheet_would_obey_gets_an_apostrophe_in_csv(text: str) -> None:
    (_, (cell,)) = cells(spread.write_csv(["fault"], [[text]]))
    assert cell == "'" + text.replace("\r", "\n")


@pytest.mark.parametrize("text", HARMLESS)
def test_other_texts_stand_in_csv_as_they_are(text: str) -> None:
    assert cells(spread.write_csv(["x", "fault"], [["1", text]]))[1] == ["1", text]


def test_heads_are_texts_too() -> None:
    assert spread.write_csv(["=a", "b"], []) == "'=a,b\n"


@pytest.mark.rule("FEE-10")
def test_numbers_in_csv_are_numbers_also_when_they_are_negative() -> None:
    row = [3, -1, Decimal("-5"), Decimal("12.5"), Decimal("0.333"), Decimal("1E+3"), None]
    assert spread.write_csv(["n"] * 7, [row]).splitlines()[1] == "3,-1,-5.00,12.50,0.333,1000.00,"


def test_csv_has_line_feeds_alone_and_a_mark_where_it_is_asked_for() -> None:
    text = spread.write_csv(["a", "b"], [["x\r\ny", 'say "z", please']], bom=True)
    assert text == '\ufeffa,b\n"x\ny","say ""z"", please"\n'
    assert not spread.write_csv(["a"], []).startswith("\ufeff")


@given(st.lists(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=2, max_size=2), max_size=4))
def test_every_text_comes_out_of_csv_again(rows: list[list[str]]) -> None:
    read = cells(spread.write_csv(["a", "b"], rows))[1:]
    assert len(read) == len(rows)
    for before, after in zip(rows, read, strict=True):
        for text, cell in zip(before, after, strict=True):
            whole = text.replace("\r\n", "\n").replace("\r", "\n")
            assert cell in (whole, f"'{whole}")
            assert cell.lstrip(" \u00a0\u3000")[:1] not in set("=+-@\t\n＝＋－＠") or not cell.strip(" \u00a0\u3000")


def test_a_workbook_holds_texts_as_texts_and_money_as_numbers_with_two_decimals(tmp_path: Path) -> None:
    path = tmp_path / "month.xlsx"
    rows = [[text, 7, Decimal("23.40"), None] for text in [*OBEYED, "http://x", "0012"]]
    spread.write_xlsx("月报: 11/2026", ["=head", "count", "total", "note"], rows, path)
    read = page(path)
    assert read[0][0] == "=head"
    assert [row[0] for row in read[1:]] == [row[0] for row in rows]
    assert {(row[1], row[2]) for row in read[1:]} == {("7", "23.4")}
    with zipfile.ZipFile(path) as packed:
        sheet, styles = (packed.read(f"xl/{name}.xml").decode() for name in ("worksheets/sheet1", "styles"))
    assert "<f>" not in sheet
    assert "hyperlink" not in sheet
    assert re.search("<v>23\\.40?</v>", sheet)
    assert 'formatCode="0.00"' in styles
    assert "quotePrefix" in styles


def test_a_sheet_of_a_name_that_excel_refuses_gets_one_that_it_takes(tmp_path: Path) -> None:
    spread.write_xlsx("a/b:c?" + "长" * 40, ["x"], [], tmp_path / "x.xlsx")
    name = read((tmp_path / "x.xlsx").read_bytes())[0]
    assert name == "a b c " + "长" * 25


def test_a_workbook_that_cannot_be_written_leaves_what_was_there_and_no_half(tmp_path: Path) -> None:
    path = tmp_path / "month.xlsx"
    path.write_text("before")
    with pytest.raises(StorageError):
        spread.write_xlsx("x", ["a"], [["y" * 40_000]], path)
    assert path.read_text() == "before"
    assert [one.name for one in tmp_path.iterdir()] == ["month.xlsx"]


def test_a_workbook_in_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        spread.write_xlsx("x", ["a"], [], tmp_path / "none" / "x.xlsx")


@pytest.fixture
def usual_umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.mark.usefixtures("usual_umask")
def test_a_new_workbook_has_the_mode_of_the_umask_and_one_that_is_replaced_keeps_its_own(tmp_path: Path) -> None:
    path = tmp_path / "month.xlsx"
    for mode in (0o644, 0o604):
        spread.write_xlsx("x", ["a"], [], path)
        assert stat.S_IMODE(path.stat().st_mode) == mode
        path.chmod(0o604)


def test_of_a_link_the_workbook_that_it_points_to_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    link, path = tmp_path / "link.xlsx", tmp_path / "there" / "month.xlsx"
    link.symlink_to("there/month.xlsx")
    for head in ("a", "b"):
        spread.write_xlsx("x", [head], [], link)
        assert link.is_symlink()
        assert page(path) == [[head]]
    assert [one.name for one in path.parent.iterdir()] == ["month.xlsx"]


def test_a_workbook_goes_down_no_pipe(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    with pytest.raises(UsageError, match="is no file"):
        spread.write_xlsx("x", ["a"], [], path)
    assert stat.S_ISFIFO(path.stat().st_mode)


def test_a_device_takes_a_workbook_and_stays_a_device() -> None:
    # A terminal of our own: nobody can replace anything in its folder, whatever goes wrong.
    ours, theirs = os.openpty()
    tty.setraw(theirs)
    got: list[bytes] = []

    def listen() -> None:
        # What a workbook ends with, and 18 more bytes.
        while b"PK\x05\x06" not in b"".join(got)[:-17]:
            got.append(os.read(ours, 4096))

    reader = threading.Thread(target=listen, daemon=True)
    reader.start()
    try:
        path = Path(os.ttyname(theirs))
        spread.write_xlsx("x", ["a"], [["b"]], path)
        reader.join(10)
        assert stat.S_ISCHR(path.stat().st_mode)
        assert read(b"".join(got))[1] == [["a"], ["b"]]
    finally:
        os.close(theirs)
        reader.join(10)
        os.close(ours)


@pytest.mark.parametrize(
    "raw", [b"PK\x03\x04nothing", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 2000, b"", b"a,b\n1,2\n"]
)
def test_what_only_begins_like_a_workbook_is_refused(raw: bytes) -> None:
    with pytest.raises(BadInput, match="cannot be read as a workbook"):
        read(raw)


def test_every_torn_workbook_is_refused_or_read(tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    spread.write_xlsx("x", ["a", "b"], [["c", 1]], path)
    whole = path.read_bytes()
    for cut in range(0, len(whole), 97):
        for raw in (whole[:cut], whole[:cut] + b"\xff" * 20 + whole[cut + 20 :]):
            try:
                read(raw)
            except BadInput:
                continue


def test_a_cell_far_out_is_refused_and_does_not_end_the_program(tmp_path: Path) -> None:
    import xlsxwriter

    path = tmp_path / "far.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_string(0, 0, "a")
        sheet.write_string(1_048_575, 16_383, "b")
    with pytest.raises(BadInput, match="far away"):
        read(path.read_bytes())


def test_the_first_sheet_with_content_is_read_unless_one_is_named(tmp_path: Path) -> None:
    import xlsxwriter

    path = tmp_path / "book.xlsx"
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet("blank")
        hidden = book.add_worksheet("hidden")
        hidden.write_string(0, 0, "h")
        hidden.hide()
        for name in ("one", "two"):
            book.add_worksheet(name).write_string(1, 1, name)
    raw = path.read_bytes()
    assert read(raw) == ("one", [["", ""], ["", "one"]], ["two"])
    assert read(raw, "hidden")[1] == [["h"]]
    with pytest.raises(UsageError, match="three"):
        read(raw, "three")


@pytest.mark.rule("FEE-10")
@pytest.mark.parametrize(
    ("number", "text"),
    [(8.0, "8"), (12.5, "12.5"), (0.1 + 0.2, "0.3"), (1200, "1200"), (1e10, "10000000000"), (0, "0"), (-0.5, "-0.5"),
     (9999999.99, "9999999.99"), (1e-7, "0.0000001"), (100.0, "100")],
)  # fmt: skip
def test_a_number_of_a_workbook_is_read_as_the_spreadsheet_shows_it(tmp_path: Path, number: float, text: str) -> None:
    import xlsxwriter

    path = tmp_path / "n.xlsx"
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet().write_number(0, 0, number)
    assert page(path) == [[text]]
