"""Rows come out of a clean CSV file as a spreadsheet numbers them, and a file that would be misread is refused."""

from __future__ import annotations

import csv
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repairdesk.batch import reading
from repairdesk.errors import BadInput, NotFound, StorageError

Write = Callable[[str | bytes], Path]


def rows(path: Path) -> list[tuple[int, list[str]]]:
    """Those below the header."""
    return every(path)[1:]


def every(path: Path, encoding: str | None = None) -> list[tuple[int, list[str]]]:
    with reading.opened(path, encoding=encoding) as source:
        return [(raw.row, raw.cells) for raw in source.rows]


def refusal(path: Path) -> BadInput:
    with pytest.raises(BadInput) as caught:
        rows(path)
    return caught.value


def test_the_header_is_row_1_and_data_begin_with_row_2(write: Write) -> None:
    path = write("place,fault\nlobby,lamp\nstairs,door\n")
    assert every(path) == [(1, ["place", "fault"]), (2, ["lobby", "lamp"]), (3, ["stairs", "door"])]


def test_a_byte_order_mark_is_no_part_of_the_first_column(write: Write) -> None:
    assert every(write(b"\xef\xbb\xbfplace,fault\r\n")) == [(1, ["place", "fault"])]


def test_cells_come_as_they_stand(write: Write) -> None:
    assert rows(write(" place , fault\n lobby ,lamp\n")) == [(2, [" lobby ", "lamp"])]


def test_blank_rows_are_skipped_and_counted(write: Write) -> None:
    assert rows(write("place,fault\n\n , \nlobby,lamp")) == [(4, ["lobby", "lamp"])]


def test_a_cell_of_several_lines_is_one_row(write: Write) -> None:
    path = write('place,fault\nlobby,"lamp\nagain"\nstairs,door\n')
    assert rows(path) == [(2, ["lobby", "lamp\nagain"]), (3, ["stairs", "door"])]


def test_a_quote_inside_a_bare_cell_is_kept(write: Write) -> None:
    assert rows(write('place,fault\nlobby,5" pipe\n')) == [(2, ["lobby", '5" pipe'])]


def test_rows_are_read_as_they_are_taken(write: Write) -> None:
    with reading.opened(write('place,fault\nlobby,lamp\nstairs,"door\n')) as source:
        assert [next(source.rows).row, next(source.rows).row] == [1, 2]
        with pytest.raises(BadInput):
            next(source.rows)


@pytest.mark.parametrize("content", ["", "\n\n", "\ufeff", " , \n"])
def test_an_empty_file_is_refused(write: Write, content: str) -> None:
    assert "empty" in str(refusal(write(content)))


@pytest.mark.parametrize(
    ("content", "row", "words"),
    [
        ('place,fault\nlobby,"lamp\nstairs,door\n', 2, "never ends"),
        ('place,fault\na,b\nlobby,"lamp\nstairs,"door",x\n', 3, "closing quote"),
        ("place,fault\nlobby,lamp\rstairs,door\n", 2, "carriage return"),
        ("place,fault\nlobby,la\0mp\n", 2, "NUL"),
        ("place,fault\na,b\nlobby," + "x" * 200_000 + "\n", 3, "longer"),
        ("place,fault\na,b\nlobby," + "x," * 600_000 + "\n", 3, "longer"),
        (b"place,fault\na,b\n" + "楼道,漏".encode() + b"\xff,c\n", 3, "UTF-8"),
    ],
    ids=["open quote", "quote closed by a later row", "stray old line end", "NUL", "cell", "line", "bytes"],
)
def test_what_cannot_be_told_apart_into_rows_is_refused_with_its_row(
    write: Write, content: str | bytes, row: int, words: str
) -> None:
    error = refusal(write(content))
    assert error.values["row"] == row
    assert words in str(error)


def test_a_torn_workbook_is_told_from_a_text(write: Write) -> None:
    assert "as a workbook" in str(refusal(write(b"PK\x03\x04\x14\0\x06\0")))


def test_a_file_that_is_not_there_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        rows(tmp_path / "none.csv")


def test_a_folder_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(StorageError):
        rows(tmp_path)


CELL = st.text(st.characters(blacklist_characters="\0", blacklist_categories=["Cs"]), max_size=8)


@given(st.lists(st.lists(CELL, min_size=2, max_size=4), max_size=6))
def test_what_a_spreadsheet_writes_comes_back_cell_by_cell(
    tmp_path_factory: pytest.TempPathFactory, table: list[list[str]]
) -> None:
    out = StringIO()
    csv.writer(out).writerows([["place", "fault"], *table])
    path = tmp_path_factory.mktemp("csv") / "f.csv"
    path.write_bytes(out.getvalue().encode())
    kept = [(i, cells) for i, cells in enumerate(table, 2) if any(cell.strip() for cell in cells)]
    assert rows(path) == kept
