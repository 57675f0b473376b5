"""How ``import`` is told to read a file, what it shows of it, and the ways that a desk keeps under a name."""

from __future__ import annotations

import csv
import io
import json
import os
import threading
import tracemalloc
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from repairdesk.batch import characters, feetable, headers, mappings, phones, reading, values
from repairdesk.batch.fields import REPORTS
from repairdesk.batch.importing import Plan, run
from repairdesk.batch.mappings import Way
from repairdesk.batch.outcome import plain
from repairdesk.batch.sampling import Sample
from repairdesk.cli import common
from repairdesk.cli.__main__ import main
from repairdesk.desk import By, Desk
from repairdesk.errors import BadInput, BadRules, DeskError, NotAllowed, NotFound, NotPermitted, UsageError

Write = Callable[[str | bytes], Path]
REAL = Path(__file__).resolve().parents[3] / "shared" / "data"
PUBLIC = Plan(kind="public_area")
NO_ID = "no column is an id of the rows: the same file again would be taken again"
FILE = "Where,What,Colour,Via\nlobby,lamp,red,pigeon\n"
WAY = Way("public_area", "dmy", "utf-8", None, 1, {"Where": "place", "What": "fault", "Via": "channel", "Colour": ""},
          {"channel": {"pigeon": "letter"}})  # fmt: skip


def rows(path: Path, encoding: str | None = None) -> list[list[str]]:
    with reading.opened(path, encoding=encoding) as source:
        return [raw.cells for raw in source.rows]


# --- reading


# What is for private use speaks against GB18030.
CELL = st.text(st.characters(codec="utf-8", exclude_characters="\0", exclude_categories=["Co", "Cs"]), max_size=6)


@settings(max_examples=60)
@given(
    st.lists(st.lists(CELL, min_size=2, max_size=2), max_size=5),
    st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"]),
    st.sampled_from([",", "\t", ";"]),
    st.sampled_from(["\n", "\r\n"]),
    st.integers(2, 9),
)
@example([["一", "上\n三"]], "utf-16-le", ",", "\n", 3)
def test_what_was_written_in_any_encoding_with_any_separator_comes_back_cell_by_cell(
    tmp_path_factory: pytest.TempPathFactory,
    table: list[list[str]],
    encoding: str,
    separator: str,
    end: str,
    block: int,
) -> None:
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=separator, lineterminator=end, quoting=csv.QUOTE_ALL)
    writer.writerows([["房号", "故障描述"], *table])
    path = tmp_path_factory.mktemp("any") / "f.csv"
    path.write_bytes(out.getvalue().encode(encoding))
    kept = [["房号", "故障描述"], *([*cells] for cells in table if any(cell.strip() for cell in cells))]
    with pytest.MonkeyPatch.context() as patched:
        # Wherever a block of the file ends, no character is torn.
        patched.setattr(characters, "_BLOCK", block)
        assert rows(path) == kept


@settings(max_examples=200)
@given(
    st.binary(max_size=60),
    st.sampled_from([b"", b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"a,b\n", "房号,故障\n".encode("gbk")]),
)
def test_no_bytes_break_the_reading(tmp_path_factory: pytest.TempPathFactory, raw: bytes, begin: bytes) -> None:
    path = tmp_path_factory.mktemp("bytes") / "f.csv"
    path.write_bytes(begin + raw)
    try:
        found = rows(path)
    except DeskError:
        return
    assert found
    assert not any("\0" in cell for cells in found for cell in cells)


def test_a_file_down_a_pipe_is_read_as_from_a_disk(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    raw = ("房号,故障描述\n" + "东门,灯\n" * 50_000).encode("gb18030")
    writer = threading.Thread(target=lambda: pipe.write_bytes(raw), daemon=True)
    writer.start()
    assert len(rows(pipe)) == 50_001
    writer.join(10)


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
def test_memory_does_not_grow_with_the_file(tmp_path: Path, encoding: str) -> None:
    peaks = []
    for count in (5_000, 50_000):
        path = tmp_path / f"{count}.csv"
        path.write_text("房号,故障描述\n" + "东门,路灯不亮，请维修\n" * count, encoding=encoding)
        tracemalloc.start()
        with reading.opened(path) as source:
            assert sum(1 for _ in source.rows) == count + 1
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] + 4_000_000  # a block, and what is decoded of it


@pytest.mark.parametrize(
    ("said", "name"),
    [("GBK", "gb18030"), ("gb2312", "gb18030"), ("cp936", "gb18030"), ("UTF8", "utf-8"), ("utf-8-sig", "utf-8"),
     ("utf-16", "utf-16"), ("latin-1", "iso8859-1"), ("big5", "big5")],
)  # fmt: skip
def test_an_encoding_is_known_by_its_names_and_the_narrower_ones_of_chinese_are_the_wide_one(
    said: str, name: str
) -> None:
    assert characters.known(said) == name


@pytest.mark.parametrize("said", ["klingon", "base64", "rot13", "", "\0", "undefined"])
def test_what_is_no_encoding_of_text_is_a_usage_error(said: str) -> None:
    with pytest.raises(UsageError, match="encoding"):
        characters.known(said)


# --- words


def test_no_name_of_a_column_stands_for_two_fields_and_no_word_for_two_of_the_desks() -> None:
    words = Counter(word for table in headers.REPORTS.values() for word in table.split())
    assert [word for word, count in words.items() if count > 1] == []
    assert [word for word in words if headers.folded(word) != word] == []
    for field, table in headers.WORDS.items():
        said = Counter(word for words in table.values() for word in words.split())
        assert [word for word, count in said.items() if count > 1] == [], field
        for code, words_ in table.items():
            assert {values.choice(field, word) for word in (code, *words_.split())} == {code}


def test_every_field_is_known_by_its_own_name() -> None:
    assert {field: REPORTS.field_of(field) for field in REPORTS.names} == {field: field for field in REPORTS.names}


@pytest.mark.parametrize(
    ("said", "read"),
    [("021 6888 8888", "021 6888 8888"), ("+852 2345 6789", "+852 2345 6789"), ("8123", "8123"), ("110", "110"),
     ("0086-138 0013 8000", "13800138000"), ("12800138000", "12800138000")],
)  # fmt: skip
def test_only_a_mobile_number_is_put_into_one_form(said: str, read: str) -> None:
    assert phones.phone(said) == read


@pytest.mark.parametrize("said", ["1.38001E+10", "1.3E10", "1.380013800E+10", "１.38001Ｅ+10", "1E+10"])
def test_a_number_that_was_rounded_is_not_a_phone(said: str) -> None:
    with pytest.raises(BadInput, match="lost digits"):
        phones.phone(said)


# --- ways that are kept


def test_a_way_is_kept_and_read_again(tmp_path: Path) -> None:
    odd = Way(
        columns={'"quoted": #': "place", "换行\n\t": "fault", "\x85": ""}, values={"kind": {"园\u2028林": "help"}}
    )
    for name, way in (("hotline", WAY), ("热线-2", odd), ("none", Way())):
        mappings.save(tmp_path, name, way)
        assert mappings.read(tmp_path, name) == way
    assert mappings.names(tmp_path) == ["hotline", "none", "热线-2"]


@pytest.mark.parametrize("name", ["", "../x", "a/b", ".hidden", "a b", "x" * 65])
def test_a_name_that_is_no_name_of_a_file_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError):
        mappings.path(tmp_path, name)


def test_a_name_that_nobody_kept_names_those_that_are_there(tmp_path: Path) -> None:
    mappings.save(tmp_path, "hotline", WAY)
    with pytest.raises(NotFound, match="hotline"):
        mappings.read(tmp_path, "app")


@pytest.mark.parametrize(
    ("text", "where", "words"),
    [
        ("kind: help\ncolums: {a: place}\n", (2, 1), "is not known here"),
        ("columns:\n  a: place\n  a: fault\n", (3, 3), "given twice"),
        ("columns: [a]\n", (1, 10), "a mapping of keys"),
        ("values:\n  kind: garden\n", (2, 9), "a mapping of keys"),
        ("columns:\n  a: [b]\n", (2, 6), "is a text"),
        ("header: first\n", (1, 9), "number of a row"),
        ("dates:\n", (1, 7), "is a text"),
        ("kind: garden\n", (1, 7), "“garden” is no kind"),
        ("dates: xyz\n", (1, 8), "dmy"),
        ("encoding: klingon\n", (1, 11), "no encoding “klingon”"),
        ("what: owls\n", (1, 7), "callbacks"),
        ("columns:\n  a: nix\n", (2, 6), "no field nix"),
        ("columns:\n  Place: caller\n  PLACE: place\n", (3, 3), "“Place” again"),
        ("values:\n  priority: {x: y}\n", (2, 17), "“y” is no priority"),
        ("values:\n  colour: {x: y}\n", (2, 3), "“colour” is not known"),
        ("what: staff\nvalues:\n  priority: {x: low}\n", (3, 3), "“priority” is not known"),
    ],
)
def test_a_mapping_that_was_edited_wrongly_is_refused_with_its_line(
    tmp_path: Path, text: str, where: tuple[int, int], words: str
) -> None:
    (tmp_path / "mappings").mkdir()
    (tmp_path / "mappings" / "x.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(BadRules) as caught:
        mappings.read(tmp_path, "x")
    (problem,) = caught.value.extra["problems"]
    assert (problem["file"], problem["line"], words in problem["message"]) == ("mappings/x.yaml", where[0], True)


def test_all_wrong_values_of_a_mapping_are_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "mappings").mkdir()
    text = "kind: garden\ndates: xyz\ncolumns: {a: nix, b: nox}\nvalues: {priority: {x: y}}\n"
    (tmp_path / "mappings" / "x.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(BadRules) as caught:
        mappings.read(tmp_path, "x")
    assert [problem["key"] for problem in caught.value.extra["problems"]] == [
        "kind", "dates", "columns.a", "columns.b", "values.priority.x"]  # fmt: skip


def test_what_is_said_beside_a_mapping_goes_first_by_field_as_well_as_by_column(
    desk: Desk, clerk: By, write: Write
) -> None:
    mappings.save(desk.home, "office", Way("public_area", columns={"Where": "place", "What": "fault"}))
    file = write("Where,What,Spot\nlobby,lamp,hall\n")
    assert run(desk, clerk, file, Plan({"Spot": "place"}, named="office")).accepted == 1
    # Of a column, however it is spelled.
    assert run(desk, clerk, file, Plan({"WHERE": "fault", "spot": "place"}, named="office")).accepted == 1
    with desk.ledger.read() as reader:
        docs, _ = reader.orders({}, None)
    assert sorted((doc["place"], doc["fault"]) for doc in docs) == [("hall", "lamp"), ("hall", "lobby")]


def test_a_file_is_read_again_by_the_name_under_which_its_way_was_kept(desk: Desk, clerk: By, write: Write) -> None:
    said = Plan(WAY.columns, WAY.kind, WAY.dates, encoding="utf-8", header=1, words=WAY.values)
    assert run(desk, clerk, write(FILE), Plan(**{**vars_of(said), "save": "office"})).accepted == 1
    assert mappings.read(desk.home, "office") == WAY
    again = run(desk, clerk, write(FILE), Plan(named="office"))
    assert (again.accepted, len(again.remarks)) == (1, 2)
    with desk.ledger.read() as reader:
        docs, _ = reader.orders({}, None)
    assert [(doc["place"], doc["fault"], doc["channel"]) for doc in docs] == [("lobby", "lamp", "letter")] * 2


def vars_of(plan: Plan) -> dict[str, Any]:
    return {name: getattr(plan, name) for name in plan.__dataclass_fields__}


def test_what_is_said_goes_before_what_was_kept(desk: Desk, clerk: By, write: Write) -> None:
    mappings.save(desk.home, "office", WAY)
    plan = Plan({"Colour": "fault", "What": ""}, "help", named="office", words={"channel": {"pigeon": "app"}})
    assert run(desk, clerk, write(FILE), plan).accepted == 1
    with desk.ledger.read() as reader:
        (doc,), _ = reader.orders({}, None)
    assert (doc["kind"], doc["fault"], doc["channel"]) == ("help", "red", "app")


def test_a_way_is_kept_only_with_its_file(desk: Desk, clerk: By, write: Write) -> None:
    bad = write("place,fault\nlobby,\n")
    assert not run(desk, clerk, bad, Plan(kind="help", save="office")).committed
    with pytest.raises(UsageError):
        run(desk, clerk, write("place,fault\nlobby,lamp\n"), Plan(kind="help", save="office", dry_run=True))
    with pytest.raises(NotPermitted):
        run(desk, By("W1", "pc"), write("place,fault\nlobby,lamp\n"), Plan(kind="help", save="office"))
    assert mappings.names(desk.home) == []


def test_a_name_that_is_taken_is_replaced_only_by_those_who_read_by_it(desk: Desk, clerk: By, write: Write) -> None:
    mappings.save(desk.home, "office", WAY)
    file = write("place,fault\nlobby,lamp\n")
    with pytest.raises(NotAllowed, match="office"):
        run(desk, clerk, file, Plan(kind="help", save="office"))
    plan = Plan({"Where": "place"}, named="office", save="office", dates="mdy")
    assert run(desk, clerk, write(FILE), plan).accepted == 1
    assert mappings.read(desk.home, "office").dates == "mdy"


@pytest.mark.parametrize("words", [{"channel": {"x": "owl"}}, {"colour": {"x": "y"}}])
def test_a_word_that_the_desk_does_not_have_is_a_usage_error(
    desk: Desk, clerk: By, write: Write, words: dict[str, dict[str, str]]
) -> None:
    with pytest.raises(UsageError):
        run(desk, clerk, write("place,fault\nlobby,lamp\n"), Plan(kind="help", words=words))


# --- what is shown


def test_the_first_rows_are_shown_as_they_were_understood_before_any_is_taken(
    desk: Desk, clerk: By, write: Write
) -> None:
    shown: list[Sample] = []
    content = "登记表,,,,\n房号,故障描述,电话,报修时间,来源\n3栋2单元501,漏水,138 0013 8000,2026年1月5日 8时3分,微信\n"
    content += "东门,灯,13900139000,昨天,\n" + "东门,灯,,,\n" * 3
    run(desk, clerk, write(content.encode("gb18030")), Plan(kind="public_area", partial=True), show=shown.append)
    (sample,) = shown
    assert sample.doc(plain) == {
        "encoding": "gb18030", "separator": ",", "sheet": None, "header": 2,
        "columns": [
            {"column": "房号", "field": "place"}, {"column": "故障描述", "field": "fault"},
            {"column": "电话", "field": "phone"}, {"column": "报修时间", "field": "reported_at"},
            {"column": "来源", "field": "channel"},
        ],
        "rows": [
            {"row": 3, "fields": {"kind": "public_area", "place": "3-2-501", "fault": "漏水", "phone": "138****8000",
                                  "reported_at": "2026-01-05T08:03:00+08:00", "channel": "wechat"}, "why": None},
            {"row": 4, "fields": {"place": "东门", "fault": "灯", "phone": "139****9000", "reported_at": "昨天"},
             "why": sample.doc(plain)["rows"][1]["why"]},
            {"row": 5, "fields": {"kind": "public_area", "place": "东门", "fault": "灯"}, "why": None},
        ],
    }  # fmt: skip
    assert "昨天" in sample.doc(plain)["rows"][1]["why"]


@pytest.fixture
def typed(desk: Desk, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Runs ``import …`` as a clerk would type it: exit code, stdout, stderr."""
    monkeypatch.setenv("REPAIRDESK_LANG", "en")
    monkeypatch.setattr(common, "clock", desk.now)

    def typing(*argv: str) -> tuple[int, str, str]:
        code = main(["import", *argv, "--as", "C1", "--home", str(desk.home)])
        return code, *capfd.readouterr()

    return typing


def test_a_dry_run_shows_how_the_file_was_read_and_what_columns_it_has(typed: Callable[..., Any], write: Write) -> None:
    path = str(write("房号\t故障描述\n东门\t灯\n".encode("utf-16")))
    code, out, err = typed(path, "--kind", "public_area", "--dry-run")
    assert (code, out.startswith("rows: 1  accepted: 1")) == (0, True)
    assert err.splitlines() == [
        "reports.csv: UTF-16-LE, separator tab, columns in row 1",
        "  房号 → place  故障描述 → fault",
        "  row 2: kind: public_area  place: 东门  fault: 灯",
        f"Note: {NO_ID}",
    ]
    assert typed(path, "--kind", "public_area")[2] == f"Note: {NO_ID}\n"


def test_with_json_the_sample_is_part_of_the_answer(typed: Callable[..., Any], write: Write) -> None:
    path = str(write("房号,故障描述\n东门,灯\n"))
    for more in ((), ("--dry-run",)):
        code, out, err = typed(path, "--kind", "public_area", "--json", *more)
        sample = json.loads(out)["sample"]
        assert (code, err, sample["encoding"], sample["rows"][0]["fields"]["place"]) == (0, "", "utf-8", "东门")


def test_options_say_what_the_file_does_not(typed: Callable[..., Any], write: Write) -> None:
    path = str(write(FILE.encode("utf-16-le")))
    options = ("--map", "Where=place", "--map", "What=fault", "--map", "Colour=", "--map", "Via=channel", "--value",
               "channel:pigeon=letter", "--encoding", "utf-16", "--header", "1", "--kind", "help")  # fmt: skip
    code, out, _ = typed(path, *options, "--save-mapping", "office", "--json")
    assert (code, json.loads(out)["accepted"], json.loads(out)["warnings"]) == (
        0,
        1,
        ["columns that are not read: Colour", NO_ID],
    )
    assert typed(path, "--mapping", "office")[0] == 0
    assert [typed(path, *wrong)[0] for wrong in (
        ("--map", "Where"), ("--map", "=place"), ("--value", "pigeon=letter"), ("--value", "channel:pigeon="),
        ("--header", "0"), ("--mapping", "../x"), ("--mapping", ""), ("--save-mapping", ""), ("--kind", ""),
        ("--dates", ""), ("--map", "Where=place", "--map", "Where=fault"))] == [2] * 11  # fmt: skip
    assert typed(path, "--mapping", "nobody")[0] == 11


# --- real files


@pytest.fixture
def real() -> Path:
    if not REAL.is_dir():
        pytest.skip(f"NO REAL FILES: {REAL} is not there")
    return REAL


HOTLINE = {"SRType": "fault", "ServiceRequestNum": "external_id", "SRRecordID": ""}


def test_ten_thousand_requests_of_a_city_are_read_and_those_without_an_address_are_not(real: Path) -> None:
    taken, lost = 0, Counter[str]()
    with reading.opened(real / "requests-baltimore-311.csv") as source:
        head, above, below = headers.found(
            source.name, source.rows, REPORTS.field_of, ["place", "fault"], HOTLINE, None
        )
        columns = values.columns(headers.header(head), REPORTS, HOTLINE, ["kind"])
        habits = values.Habits(ZoneInfo("Asia/Shanghai"), "mdy")
        for raw in below:
            try:
                values.report_of({"kind": "public_area", **columns.said(raw.cells)}, habits)
                taken += 1
            except values.CellError as refusal:
                lost[plain(refusal.error.message, refusal.error.values)] += 1
    assert (above, taken, lost) == ([], 9691, {"missing: place": 309})


@pytest.mark.slow
def test_the_city_is_taken_in_and_a_second_time_adds_nothing(desk: Desk, clerk: By, real: Path, tmp_path: Path) -> None:
    plan = Plan(HOTLINE, "public_area", "mdy", partial=True, rejects=tmp_path / "rejects.csv")
    counts = []
    for file in (real / "requests-baltimore-311.csv", real / "requests-baltimore-311.csv", tmp_path / "rejects.csv"):
        result = run(desk, clerk, file, plan if file.parent == real else Plan(HOTLINE, "public_area", "mdy"))
        counts.append((result.rows, result.accepted, result.already_there, len(result.rejects)))
    assert counts == [(10_000, 9691, 0, 309), (10_000, 0, 9691, 309), (309, 0, 0, 309)]
    assert desk.verify()["problems"] == []


@pytest.mark.parametrize(("file", "rows_", "most"), [("prices-a.csv", 120, 0), ("prices-b.csv", 46, 10)])
def test_real_price_lists_are_read(desk: Desk, real: Path, file: str, rows_: int, most: int) -> None:
    draft = feetable.make(real / file, feetable.Plan(), desk=desk.home, now=desk.now()).draft
    assert (draft.rows, len(draft.rejects) <= most) == (rows_, True)
