"""No phone number leaves the desk: one is written into every text that a command takes, in many ways of writing it, and
whatever the desk says afterwards, in every form, is searched for its first five digits.

``test_personal_data`` goes through every command as people call it; here every text was somebody's careless words.
"""

from __future__ import annotations

import itertools
import json
import os
import re
import subprocess
import sys
import unicodedata
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from desk_cli import Clock, done, run

from repairdesk.batch import exporting as tables
from repairdesk.domain import masking
from repairdesk.domain.shape import masked

_serial = itertools.count(1)
LOCAL = "86796679"
PHOTO = "13922229999.png"
LEAK = re.compile(r"13922|8679|867\*")
"""What every number that is planted begins with; of the short one, also what a mask for long ones would leave."""

WAYS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "spaces": lambda n: f"{n[:3]} {n[3:7]} {n[7:]}",
    **{f"U+{ord(sign):04X}": lambda n, sign=sign: sign.join((n[:3], n[3:7], n[7:]))  # type: ignore[misc]
       for sign in "~、−+:|.·\u200b－#*＊'"},
    "circled": lambda n: "".join("⓪①②③④⑤⑥⑦⑧⑨"[int(c)] for c in n),
    "full width": lambda n: "".join("０１２３４５６７８９"[int(c)] for c in n),
    "each apart": lambda n: "-".join(n),
    "with its country": lambda n: f"+86-{n}",
}  # fmt: skip
_way = itertools.cycle(WAYS.values())


def phone() -> str:
    """A number that was not planted before."""
    return f"1392222{next(_serial):04}"


def words() -> str:
    """Words around a number, which is written in another way each time."""
    return f"打 {next(_way)(phone())} 问"


def leaks(text: str) -> list[str]:
    """Where a planted number begins, however its digits are written and parted; hashes are no text."""
    text = re.sub(r"\\u([0-9a-f]{4})", lambda found: chr(int(found[1], 16)), text)
    text = re.sub(r"(?<![0-9A-Za-z])[0-9a-f]{16,64}(?![0-9A-Za-z])", "", text)
    # A mask parts the digits before it from those behind it.
    bare = re.sub(r"\*\*+|([^\w])", lambda found: "" if found[1] else found[0], unicodedata.normalize("NFKC", text))
    return [bare[max(found.start() - 60, 0) : found.end() + 20] for found in LEAK.finditer(bare)]


@pytest.mark.parametrize("way", WAYS)
def test_a_number_is_masked_in_whatever_way_it_is_written(way: str) -> None:
    said = f"打 {WAYS[way](phone())} 问"
    assert leaks(said), "the search finds it"
    for mask in (masking.in_text, masking.in_words, masking.in_place, masking.in_typed):
        told = mask(said)
        assert told is not None
        assert not leaks(told), mask
        assert (told[0], told[-1]) == ("打", "问")


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("13800138000", "138****8000"),
        ("138-0013-8000", "138****8000"),
        ("88886666", "****66"),
        ("8888-6666", "****66"),
        ("0571-88886666", "057****6666"),
        ("12345", "****45"),
        ("138****8000", "138****8000"),
    ],
)
def test_of_a_number_four_digits_at_least_are_hidden_and_of_a_short_one_all_but_two(said: str, told: str) -> None:
    assert masked(said) == told


@pytest.mark.parametrize(
    "said", ["20261199", "202611221405", "20261122-0007", "P20261122-0007", "1234567.00", "2026-11-22T14:05", "W-01"]
)
def test_a_refusal_repeats_days_sums_and_numbers_of_orders(said: str) -> None:
    assert masking.in_typed(said) == said


@pytest.mark.parametrize("said", ["20261122000123", "FP 12345678", "033002100311 12345678"])
def test_the_number_that_another_office_gave_is_no_phone_for_being_as_long(said: str) -> None:
    assert masking.in_name(said) == said
    assert not leaks(masking.in_name(f"{said} {phone()}"))


@pytest.fixture
def careless(desk: Path, clock: Clock, tmp_path: Path) -> Path:
    """A desk with a number in every text that a command takes; answers with a folder beside it."""
    out = tmp_path / "out"
    out.mkdir()
    plant(out)
    for text in _taken(clock, out):
        assert not leaks(text), "also at once, in what the command itself answers"
    return out


def _taken(clock: Clock, out: Path) -> Iterator[str]:
    """What the commands answer that write words down."""

    def does(*argv: str, by: str = "C1") -> Any:
        clock.on(minutes=1)
        result = run(*argv, "--json", "--as", by)
        assert result.exit_code in (0, 18), (argv, result.err)
        said.append(str(result) + result.err)
        return result.json

    said: list[str] = []
    does("household", "import", str(out / "homes.csv"), "--partial")
    at = ("--place", f"5-1-101 {phone()}", "--caller", words(), "--phone", LOCAL)
    one = does("intake", "--kind", "in_home", *at, "--fault", words(), "--category", "plumbing", "--model", words(),
               "--channel", "phone", "--affects", words(), "--unlisted", "--external-id",
               f"ext-{phone()}")["number"]  # fmt: skip
    does("intake", "--kind", "in_home", *at, "--fault", words(), "--join", one, "--external-id", f"ext-{phone()}")
    does("correct", one, f"phone={phone()}", f"fault={words()}", f"model={words()}", "--reason", words())
    does("quote", one, "--fee", "80", by="S1")
    does("consent", one, "--fee", "300")
    does("assign", one, "W1")
    does("reschedule", one, "--appointment", "2026-11-25T10:00/12:00", "--reason", words(), "--agreed-by", words())
    does("explain", one, "--reason", words(), "--to", words(), "--expected", "2026-11-25T10:00", by="S1")
    does("arrive", one, "--found", words(), by="W1")
    does("start", one, "--disturbs", "water", "--agreed-by", words(), by="W1")
    item = words()
    does("pause", one, "--reason", "taken-away", "--item", item, "--next", "2026-11-25T10:00", "--note", words(),
         "--damage", words(), by="W1")  # fmt: skip
    does("start", one, by="W1")
    does("support", one, "--reason", words(), by="W1")
    does("returned", one, item, by="W1")
    does("attach", one, str(out / PHOTO), "--note", words(), by="W1")
    does("finish", one, "--found", words(), "--result", words(), "--service", "unlisted", "--material",
         f"阀 {phone()}:1:5.00", by="W1")  # fmt: skip
    does("sign", one, "--by", words(), "--rating", "dissatisfied", "--invoice", f"inv {phone()}", by="W1")
    does("hear", one, "--said", words(), by="S1")
    does("callback", "record", one, "--outcome", "dissatisfied", "--method", "phone", "--note", words(),
         "--signed-by", words(), "--next", "2026-11-25T10:00")  # fmt: skip
    gate = does("intake", "--kind", "public_area", "--place", f"门 {phone()}", "--fault", words())["number"]
    tracked = does("convert", gate, "--tracker", "C2", "--reason", words(), by="L1")["coordination"]
    does("log", tracked, "--place", words(), "--contact", words(), "--phone", LOCAL, "--content", words(),
         "--opinions", words(), "--plan", words(), by="C2")  # fmt: skip
    does("check", tracked, "--support", words(), by="L1")
    away = does("intake", "--kind", "public_area", "--place", "楼", "--fault", words())["number"]
    does("exempt", away, "--reason", words(), by="L1")
    does("cancel", away, "--reason", words())
    helped = does("intake", "--kind", "help", "--place", f"4-1-101 {phone()}", "--fault", words(), "--class", "enquiry",
                  "--advised", "--caller", words(), "--phone", phone())["number"]  # fmt: skip
    does("callback", "record", helped, "--outcome", "satisfied", "--method", "phone", "--note", words())
    loud = does("intake", "--kind", "complaint", "--place", f"小区 {phone()}", "--caller", words(), "--phone", phone(),
                "--fault", words())["number"]  # fmt: skip
    does("assign", loud, "W1")
    does("start", loud, by="W1")
    does("finish", loud, "--found", words(), "--result", words(), by="W1")
    does("sign", loud, "--by", words(), "--rating", "satisfied", by="W1")
    does("callback", "letter", loud, "--text", words(), "--note", words())
    does("staff", "add", "X9", "--name", words(), "--role", "clerk")
    does("handover", "--to", "C2", "--note", words())
    does("settle", one, "--reason", words(), by="M1")
    does("close", one, by="L1")
    does("archive", one)
    does("recheck", one, "--result", "ok", "--note", words(), by="L1")
    does("rebill", one, "--without", "materials", "--reason", words())
    does("pay", one, "--invoice", f"inv {phone()}", "--amount", "10", by="F1")
    clock.on(days=10)
    does("callback", "opinion", "--month", "2026-11", "--text", words(), by="S1")
    does("report", "finance", "--month", "2026-11", "--hand-over", by="F1")
    does("household", "list", "--reveal", "--reason", words())
    said.pop()  # where they may be seen
    yield from said


def plant(out: Path) -> None:
    """Files that are read, with numbers in every cell, and others that no header tells anything of."""
    cells = f"3-3-2 {phone()}", f"张 {phone()}", "8679-6679", "坏 139 2222 0990", "2026-11-22"
    rows = [
        cells,
        ("3-3-3", f"李 {LOCAL}", f"{LOCAL}x", words(), "2026-11-22"),
        ("3-3-4", "赵 8679-6679", f"0571-8679-6679 / {phone()}", words(), f"2026-11-99 {phone()}"),
        ("3-3-5", words(), phone(), words(), f"20261199 {phone()}"),
    ]
    table = [f"户内,{','.join(row)},plumbingg {phone()},ext-{phone()}" for row in rows]
    (out / "reports.csv").write_text(
        "\n".join(["类型,地点,报修人,电话,故障,报修时间,类别,外部编号", *table, ""]), encoding="utf-8"
    )
    (out / "bare.csv").write_text(f"{phone()},{words()}\n3-2-501,{LOCAL}\n", encoding="utf-8")
    homes = [f"3-2-501,李 {phone()},{phone()},2026-01-01", f"3-2-502,李兰,{LOCAL}x,{phone()}", f"{words()},,8679-6679,"]
    (out / "homes.csv").write_text("\n".join(["房号,姓名,电话,入住", *homes, ""]), encoding="utf-8")
    (out / "prices.csv").write_text(
        f"类别,项目,价格,单位\n水电,换龙头 {phone()},{phone()},次\n{words()},修,二十,次\n水电,换灯,25,次\n",
        encoding="utf-8",
    )
    said: list[dict[str, Any]] = [
        {"do": "intake", "kind": "in_home", "place": words(), "caller": words(), "phone": f"{phone()}x", "fault": "坏"},
        {"do": "show", "number": phone()},
        {"do": phone()},
        {"do": "show", phone(): "1"},
        {"do": "intake", "kind": phone(), "place": words()},
    ]
    (out / "lines.jsonl").write_text("".join(json.dumps(one) + "\n" for one in said), encoding="utf-8")
    (out / PHOTO).write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(64))


def texts(path: Path) -> Iterator[str]:
    """Every text of a file; a workbook has several."""
    if path.suffix != ".xlsx":
        yield path.read_text(encoding="utf-8")
        return
    with zipfile.ZipFile(path) as book:
        # Times are numbers there, with any digits.
        yield from (re.sub("<v>[^<]*</v>", "", book.read(name).decode()) for name in book.namelist())


FORMS = (("--lang", "zh"), ("--json",))


def looks(out: Path) -> Iterator[tuple[str, ...]]:
    """Everything that shows what was written down."""
    by = ("--as", "C1")
    for one in done("list", "--limit", "100")["orders"]:
        number = one["number"]
        yield from (("show", number), ("show", number, "--entries"), ("why", number), ("print", number, *by))
    yield from ((one,) for one in ("list", "board", "slips", "handover"))
    yield from (("escalate", "--dry-run"), ("escalate",), ("household", "list"), ("staff", "list"), ("callback", "due"))
    yield from (("report", "finance", "--arrears"), ("fees", "check"), ("recheck", "--due"), ("verify",), ("doctor",))
    yield ("fees", "price", "--material", f"阀 {phone()}:1:5.00")
    yield ("purge", "--dry-run", "--at", "2034-01-01T09:00")
    yield from (("callback", what, "--month", "2026-11") for what in ("plan", "audit"))
    yield from (("print", "--today", *by), ("print", "--form", "handover", *by))
    for what in "month finance staff faults callbacks complaints help clocks".split():
        yield ("report", what, "--month", "2026-11")
        yield from (("report", what, "--month", "2026-11", "--format", form, "--out", str(out / f"{what}.{form}"))
                    for form in ("csv", "json", "xlsx"))  # fmt: skip
    yield ("handover", "--format", "html", "--out", str(out / "handover.html"))
    for what, form in itertools.product(tables.TABLES, tables.FORMATS):
        yield ("export", what, "--format", form, "--out", str(out / f"export-{what}.{form}"))


def test_no_number_in_any_words_is_in_any_answer_file_or_paper(careless: Path) -> None:
    assert next(_serial) > 90, "planted"
    for argv in looks(careless):
        for form in FORMS:
            result = run(*argv, *form)
            assert result.exit_code in (0, 10), (argv, result.err)
            assert not leaks(str(result) + result.err), (argv, form)
        out = Path(argv[argv.index("--out") + 1]) if "--out" in argv else None
        if out is not None:
            assert not [(argv, found) for text in texts(out) if (found := leaks(text))]
    shown = done("export", "entries", "--reveal", "--reason", "查", "--as", "L1")
    assert len(leaks(json.dumps(shown, ensure_ascii=False))) > 60, "they are there for who may see them"


def refusals(out: Path) -> Iterator[tuple[str, ...]]:
    """What cannot be done, with a number in what was typed."""
    by = ("--as", "C1")
    home = ("--place", "3-2-501", "--caller", "李", "--fault", "坏")
    order = done("list", "--find", "门")["orders"][0]
    for said in (f"{phone()}x", f"{LOCAL}x", words()):
        yield ("intake", "--kind", "in_home", *home, "--phone", said, *by)
    yield ("intake", "--kind", words(), *by)
    yield ("intake", "--kind", "in_home", *home, "--phone", "13800138000", "--priority", words(), *by)
    yield ("intake", "--kind", "in_home", *home, "--phone", "13800138000", "--at", phone(), *by)
    yield from (("show", said) for said in (phone(), LOCAL, words()))
    yield ("assign", order["number"], phone(), *by)
    yield ("correct", order["number"], phone(), "--reason", "R", *by)
    yield ("correct", order["number"], f"{words()}=1", "--reason", "R", *by)
    yield ("pay", order["number"], "--amount", phone(), "--as", "F1")
    yield ("list", "--since", phone())
    yield ("report", phone())
    yield (phone(),)
    yield ("show", order["number"], phone())
    yield ("list", f"--{phone()}")
    yield ("list", "--limit", phone() + "x")
    yield ("fees", "price", phone())
    yield ("staff", "add", f"X{phone()}", "--name", "N", "--role", "clerk")
    yield ("staff", "add", "X7", "--name", "N", "--role", words())
    yield ("show", order["number"], "--as", phone())
    yield ("verify", "--code", phone())
    gate = (
        "intake",
        "--kind",
        "public_area",
        "--place",
        f"岗亭 {phone()}",
        "--fault",
        words(),
        "--category",
        "electrical",
    )
    done(*gate, *by)
    yield (*gate, *by)
    for table in ("reports.csv", "bare.csv"):
        yield from (("import", str(out / table), *more, *by) for more in (("--dry-run",), (), ("--kind", "in_home")))
    yield ("household", "import", str(out / "homes.csv"), "--dry-run", *by)
    yield ("household", "import", str(out / "bare.csv"), *by)
    yield ("fees", "import", str(out / "prices.csv"), "--out", str(out / "fees.yaml"), *by)
    yield ("batch", str(out / "lines.jsonl"), *by)
    yield ("batch", str(out / "lines.jsonl"), "--atomic", *by)


def test_no_refusal_and_no_look_ahead_repeats_a_number(careless: Path) -> None:
    refused = 0
    for argv in refusals(careless):
        for form in FORMS:
            result = run(*argv, *form)
            refused += result.exit_code != 0
            assert not leaks(str(result) + result.err), (argv, form)
    assert refused > 60


def test_a_traceback_of_a_mistake_has_no_number_in_it(desk: Path) -> None:
    code = (
        "import repairdesk.desk.looking as at\n"
        "def fails(self, by, number, **more):\n    return {}[number]\n"
        "at.Looking.show = fails\n"
        "from repairdesk.cli.__main__ import run; run()"
    )
    for debug in ("1", ""):
        env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "REPAIRDESK_DEBUG": debug}
        ended = subprocess.run([sys.executable, "-c", code, "show", phone()], env=env, capture_output=True, text=True,
                               cwd=desk)  # fmt: skip
        assert ended.returncode == 1
        assert ("Traceback" in ended.stderr) == (debug == "1")
        assert not leaks(ended.stdout + ended.stderr)


def test_what_turns_the_direction_of_a_line_is_never_sent_to_the_screen(desk: Path) -> None:
    fault = "a\u202eb\u2066c\x1bd"
    said = run("intake", "--kind", "public_area", "--place", "门", "--fault", fault, "--as", "C1")
    assert "a\ufffdb\ufffdc\ufffdd" in said
    answer = run("list", "--json")
    assert not {"\u202e", "\u2066", "\x1b"} & set(answer)
    assert answer.json["orders"][0]["fault"] == fault, "a script reads what was said"
