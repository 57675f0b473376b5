"""Rule files, tables and lines as nobody would write them: each ends in a code, and what is refused wrote nothing.

Of each kind some dozens here, and ten thousand by ``make soak``.
"""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from desk_cli import IN_HOME, PUBLIC, Clock, done, run
from fuzzing import Kept, Mangler, held, short, some
from test_cli_fuzz import FITS, LIKELY, NASTY, NEEDED, WORDS

from repairdesk.cli import lines
from repairdesk.rules.preset import preset_names, preset_text

SOAK = 10_000
CHUNK = 500
"""So many in one test of the soak, that what is found is found soon."""

Fuzz = Callable[[int, int, Path], None]


def bare(text: str) -> str:
    """A rule file without its remarks: nothing is tried by changing these."""
    rows = (re.sub(r"\s+#\s.*$", "", row) for row in text.split("\n"))
    return "\n".join(row for row in rows if row.strip() and not row.lstrip().startswith("#"))


POLICIES = [bare(preset_text(name)[0]) for name in preset_names()]
FEES = sorted({bare(preset_text(name)[1]) for name in preset_names()})
OBLIGATIONS = re.compile(r"^(  (?!hand-over)\S+:\n(?:   .*\n)+)", re.MULTILINE)


def fewer(text: str, keep: Callable[[], bool]) -> str:
    """Policies with some of their obligations, which are two thirds of them: sooner read."""
    head, begins, rest = text.partition("\nobligations:\n")
    body, ends, tail = rest.partition("\ncallbacks:\n")
    return head + begins + OBLIGATIONS.sub(lambda found: found[0] if keep() else "", body + "\n").rstrip() + ends + tail


# --- policies.yaml and fees.yaml

LIVED = (
    ("intake", *PUBLIC, "--new", "--as", "C1", "--json"), ("list", "--overdue", "--json"), ("board", "--json"),
    ("intake", *IN_HOME, "--place", "a" * 60 + "!", "--new", "--as", "C1", "--json"), ("doctor", "--json"),
    ("escalate", "--dry-run", "--json"), ("report", "month", "--json"), ("policies", "show", "--json"),
    ("callback", "due", "--json"), ("fees", "list", "--json"), ("fees", "price", "tap", "--json"),
)  # fmt: skip
"""What a desk is asked under rules that it took, or that it did not."""


def written(mangler: Mangler, n: int, texts: Sequence[str]) -> bytes:
    """A rule file with something wrong in it; most under a version that nobody used yet."""
    text = fewer(mangler.random.choice(texts), lambda: mangler.random.random() < 0.08)
    if mangler.random.random() < 0.9:
        text = re.sub("^version: .*$", f"version: v{n}", text, count=1, flags=re.MULTILINE)
    made = mangler.likely(text, texts) if mangler.random.random() < 0.4 else mangler.lines(text, texts)
    raw = made.encode("utf-8", "surrogatepass")
    return mangler.bytes(raw) if mangler.random.random() < 0.1 else raw


def rules(name: str, texts: Sequence[str], check: Sequence[str]) -> Fuzz:
    def fuzz(seed: int, count: int, folder: Path) -> None:
        mangler, codes = Mangler(seed), Counter[int]()
        kept = Kept(folder)
        for n in range(count):
            raw = written(mangler, n, texts)
            kept.put(name, raw)
            what = (seed, n, short(raw))
            found = held(kept, *check, what=what)
            codes[found.exit_code] += 1
            if found.exit_code == 0 or mangler.random.random() < 0.05:
                live = held(kept, *mangler.random.choice(LIVED), what=what)
                assert live.exit_code != 13 or found.exit_code, (what, live.err)
                kept.restore()
        print(f"seed {seed}: {dict(codes)}")
        some(codes, done=0.05, refused=0.2)

    return fuzz


# --- tables

TABLES: dict[str, list[str]] = {
    "reports": [
        "报修时间,房号,报修人,联系电话,故障描述,类型\n2026/1/5 8:03,3栋2单元501,李兰,13800138000,厨房漏水,户内\n"
        "2026/1/6 20:15,东门,,,路灯不亮,公共区域\n2026年1月7日 9时3分,３－２－５０２,王芳,138 0013 8001,没电,户内\n",
        "kind,place,caller,phone,fault,category,priority,external_id\npublic_area,lobby,,,lamp,electrical,regular,A-1\n"
        "in_home,3-2-501,Li Lan,13800138000,tap drips,plumbing,emergency,A-2\nhelp,gate,,,\"lost, found\",,,A-3\n",
        "reported_at;place;fault;kind\n01/03/2026 06:35:53 PM;gate;lamp;public_area\n45662.5;roof;leak;public_area\n",
    ],
    "histories": [
        "external_id,reported_at,place,fault,kind,finished_at,technician,total,rating,result\n"
        "H-1,2026-01-05 08:03,lobby,lamp,public_area,2026-01-05 10:00,W1,0,satisfied,new lamp\n"
        "H-2,2026-01-06 09:00,3-2-501,tap,in_home,2026-01-06 11:30,W2,35.50,fair,ok\n",
    ],
    "staff": [
        "id,name,role,trades\nW8,王五,technician,电工、水工\nC8,赵六,clerk,\n", "工号,姓名,岗位\nL8,周七,班组长\n",
    ],
    "callbacks": ["number,outcome,method,at\nP20261122-0001,satisfied,phone,2026-11-24 08:00\n"],
    "households": [
        "place,names,phones,since\n3-2-501,李兰、王强,13800138000,2020-05-01\n1-1-101,张三,\"13900139000;01088886666\",\n",
    ],
    "prices": [
        "类别,项目,单位,价格\n水,换龙头,只,30元/只\n电,换灯泡,只,免费\n木,修门,扇,100-500元/处\n其他,疏通,次,市价\n",
    ],
}  # fmt: skip
ENCODINGS = ("utf-8", "utf-8", "utf-8", "utf-8-sig", "gb18030", "utf-16")
ALL_TABLES = [text for texts in TABLES.values() for text in texts]


def command(mangler: Mangler, file: str, beside: Path) -> tuple[str, tuple[str, ...]]:
    """What is done with a table, and what it should hold."""
    chance = mangler.random.random
    what = mangler.random.choice(
        ("reports", "reports", "reports", "histories", "staff", "callbacks", "households", "prices")
    )
    if what == "prices":
        return what, ("fees", "import", file, *(("--out", str(beside / "fees-of.yaml")) if chance() < 0.3 else ()))
    words = ["household", "import", file] if what == "households" else ["import", file, "--what", what]
    words += ["--dry-run"] if chance() < 0.3 else []
    words += ["--partial"] if chance() < 0.5 else []
    words += ["--dates", mangler.random.choice(("dmy", "mdy", "ymd"))] if chance() < 0.2 else []
    words += ["--encoding", mangler.random.choice(("utf-8", "gbk", "x", ""))] if chance() < 0.05 else []
    words += ["--map", mangler.random.choice(("房号=place", "b=fault", "=", "place=place"))] if chance() < 0.05 else []
    if what != "households":
        words += ["--as-found"] if what == "histories" and chance() < 0.5 else []
        if what in ("reports", "histories"):
            words += ["--kind", mangler.random.choice(("public_area", "in_home", "x"))] if chance() < 0.15 else []
        words += ["--rejects", str(beside / "no.csv")] if chance() < 0.2 else []
        words += (
            ["--value", mangler.random.choice(("kind:户内=in_home", "kind:x", ":", "kind:公共区域=help"))]
            if chance() < 0.04
            else []
        )
        words += ["--header", mangler.random.choice(("1", "2", "0", "99"))] if chance() < 0.05 else []
    as_ = mangler.random.choice(("C1", "C1", "C1", "L1", "W1", "GHOST")) if chance() < 0.95 else ""
    return what, (*words, *(("--as", as_) if as_ else ()), *(("--json",) if chance() < 0.7 else ()))


def tables(suffix: str, make: Callable[[Mangler, str], bytes]) -> Fuzz:
    def fuzz(seed: int, count: int, folder: Path) -> None:
        mangler, codes = Mangler(seed), Counter[int]()
        kept, beside = Kept(folder), folder.parent / "beside"
        beside.mkdir()
        for n in range(count):
            file = beside / f"in{suffix}"
            what, argv = command(mangler, str(file), beside)
            raw = make(mangler, mangler.random.choice(TABLES[what]))
            file.write_bytes(raw)
            codes[held(kept, *argv, what=(seed, n, short(raw))).exit_code] += 1
            kept.restore()
            for made in beside.iterdir():
                made.unlink()
        print(f"seed {seed}: {dict(codes)}")
        some(codes, done=0.01, refused=0.3)

    return fuzz


def torn_text(mangler: Mangler, text: str) -> str:
    head, _, rows = text.partition("\n")
    drawn = mangler.random.random()
    # Where the names of the columns stand the rows themselves are looked at.
    made = f"{head}\n{mangler.lines(rows, ALL_TABLES)}" if drawn < 0.6 else mangler.lines(text, ALL_TABLES)
    return text if drawn > 0.95 else made


def torn_csv(mangler: Mangler, text: str) -> bytes:
    made = torn_text(mangler, text)
    if mangler.random.random() < 0.1:
        made = made.replace(",", mangler.random.choice((";", "\t", "|", ",,")))
    raw = made.encode(mangler.random.choice(ENCODINGS), "replace")
    return mangler.bytes(raw) if mangler.random.random() < 0.25 else raw


def torn_book(mangler: Mangler, text: str) -> bytes:
    """A workbook whose cells, whose inner pages, or whose bytes are others."""
    made = io.BytesIO()
    with xlsxwriter.Workbook(made) as book:
        page = book.add_worksheet(mangler.random.choice(("Sheet1", "报修", "x" * 31)))
        for y, row in enumerate(csv.reader(io.StringIO(re.sub("[\0\r]", "", torn_text(mangler, text))))):
            for x, cell in enumerate(row[:60]):
                number = mangler.random.random() < 0.1
                page.write_number(y, x, mangler.random.choice((0, 45662.5, -1, 1e300, 13800138000))) if number else (
                    page.write_string(y, x, cell[:32_000])
                )
    raw = made.getvalue()
    if mangler.random.random() < 0.5:
        raw = mangled_inside(mangler, raw)
    return mangler.bytes(raw) if mangler.random.random() < 0.2 else raw


def mangled_inside(mangler: Mangler, raw: bytes) -> bytes:
    """One of the pages that a workbook is packed of, in other bytes: the packing itself is sound."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        torn = mangler.random.choice(old.namelist())
        for name in old.namelist():
            page = old.read(name)
            if name == torn:
                way = mangler.random.random()
                if way < 0.1:
                    continue
                page = (
                    mangler.bytes(page)
                    if way < 0.6
                    else mangler.lines(page.decode().replace("><", ">\n<"), ALL_TABLES).encode()
                )
            new.writestr(name, page)
    return made.getvalue()


@pytest.mark.sqlite
@pytest.mark.parametrize(
    "what", ["staff", *(pytest.param(one, marks=pytest.mark.slow) for one in TABLES if one != "staff")]
)
def test_a_cell_of_a_hundred_thousand_blanks_or_signs_is_soon_read(what: str, full_desk: Path, clock: Clock) -> None:
    kept, file = Kept(full_desk), full_desk.parent / "in.csv"
    head, row = (line.split(",") for line in TABLES[what][0].split("\n")[:2])
    begin = {"prices": ("fees", "import"), "households": ("household", "import")}.get(what, ("import", "--what", what))
    for at in range(len(row)):
        for before, sign, after in (("合计", " ", "x"), (row[at], " ", "-"), ("", "1-", "x"), ("", "(", "")):
            cells = [*row[:at], before + sign * 100_000 + after, *row[at + 1 :]]
            file.write_text(f"{','.join(head)}\n{','.join(cells)}\n", encoding="utf-8")
            held(kept, *begin, str(file), "--as", "L1", what=(at, before, sign))
            kept.restore()


@pytest.mark.sqlite
def test_a_visit_window_of_blanks_is_soon_read(full_desk: Path, clock: Clock) -> None:
    kept = Kept(full_desk)
    for said in (" " * 100_000 + "x", "9" + " " * 100_000 + "x", "明天 9-" + " " * 100_000 + "x"):
        held(kept, "intake", *PUBLIC, "--appointment", said, "--new", "--as", "C1", "--json", what=said[:5])
        kept.restore()


# --- lines

INNER: list[Any] = [
    None,
    True,
    False,
    0,
    -1,
    1.5,
    10**30,
    1e308,
    [],
    {},
    [None],
    [[]],
    {"a": {}},
    ["x"],
    {"place": "x"},
]


def one_line(mangler: Mangler) -> dict[str, Any]:
    """A line of a command: what a careful writer says, or some of its keys; now and then under a name that is none."""
    if mangler.random.random() < 0.6:
        name = mangler.random.choice(list(FITS))
        number, by = FITS[name]
        said = {"do": name, "as": by} | ({"number": number} if number else {"new": True})
        said |= {key.rstrip("_"): mangler.random.choice(LIKELY.get(key, WORDS)) for key in NEEDED.get(name, "").split()}
        said |= {"staff": "W1"} if name == "assign" else {"next": "2026-11-24T18:00"} if name == "pause" else {}
        more = 0.02
    else:
        name, said, more = mangler.random.choice(lines.COMMANDS), {}, 0.25
        said["do"] = name
    for key in sorted(lines.verb(name).keys):
        if key not in said and mangler.random.random() < (
            0.9 if more > 0.1 and key in ("number", "as", "reason") else more
        ):
            said[key] = value(mangler, key)
    for key in list(said):
        if mangler.random.random() < 0.02:
            said[mangler.random.choice((key + "x", key.upper(), "", "do"))] = said.pop(key)
    return said


def value(mangler: Mangler, key: str) -> Any:
    likely = LIKELY.get(key) or LIKELY.get(f"{key}_") or WORDS
    drawn = mangler.random.random()
    if drawn < 0.7:
        said = mangler.random.choice([*likely, "@1", "@2"] if key in ("number", "numbers", "follows") else likely)
        return [said] if mangler.random.random() < 0.1 else said
    return mangler.random.choice(INNER if drawn < 0.85 else NASTY)


def batch_lines(seed: int, count: int, folder: Path) -> None:
    mangler, codes = Mangler(seed), Counter[int]()
    kept, file = Kept(folder), folder.parent / "lines.jsonl"
    written, answered = 0, 0
    for n in range(count):
        said = [
            json.dumps(one_line(mangler), ensure_ascii=mangler.random.random() < 0.5)
            for _ in range(mangler.random.choice((1, 1, 2, 4)))
        ]
        raw = "\n".join(said).encode("utf-8", "surrogatepass") + b"\n"
        if mangler.random.random() < 0.3:
            raw = mangler.bytes(raw)
        file.write_bytes(raw)
        atomic = mangler.random.random() < 0.3
        options = ["--atomic"] if atomic else ["--stop"] if mangler.random.random() < 0.2 else []
        found = held(kept, "batch", str(file), *options, what=(seed, n, short(raw)), writes=(0, 14, 18))
        codes[found.exit_code] += 1
        told = [json.loads(line) for line in found.splitlines()]
        done_ones = [one for one in told if one.get("ok")]
        written, answered = written + bool(kept.differs()), answered + len(told)
        if not done_ones or (atomic and found.exit_code):
            assert not kept.differs(), (seed, n, raw)
        kept.restore()
    assert written > count / 20
    assert answered > count
    print(f"seed {seed}: {dict(codes)}")
    some(codes, done=0.03, refused=0.3)


KINDS: dict[str, Fuzz] = {
    "policies": rules("policies.yaml", POLICIES, ("policies", "check", "--json")),
    "fees": rules("fees.yaml", FEES, ("fees", "check", "--json")),
    "csv": tables(".csv", torn_csv),
    "xlsx": tables(".xlsx", torn_book),
    "batch": batch_lines,
}
MANY = {"xlsx": 1000}
FEW = {"policies": 50, "fees": 50, "csv": 100, "xlsx": 30, "batch": 80}


def fuzz(kind: str, seed: int, count: int, folder: Path) -> None:
    small = fewer(POLICIES[0], lambda: False).replace("version: ", "version: small-", 1)
    (folder / "policies.yaml").write_text(small, encoding="utf-8")
    (folder / "fees.yaml").write_text(bare((folder / "fees.yaml").read_text(encoding="utf-8")), encoding="utf-8")
    begun = run("list", "--json")
    assert begun.exit_code == 0, begun.err
    KINDS[kind](seed, count, folder)
    assert done("verify")["ok"] is True or kind in ("policies", "fees")


@pytest.mark.sqlite
@pytest.mark.parametrize("kind", KINDS)
def test_a_file_of_whatever_content_ends_in_a_code_and_a_refused_one_writes_nothing(
    kind: str, full_desk: Path, clock: Clock
) -> None:
    fuzz(kind, 1, FEW[kind], full_desk)


@pytest.mark.sqlite
@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "seed"), [(k, s) for k in KINDS for s in range(100, 100 + MANY.get(k, SOAK) // CHUNK)]
)
def test_it_holds_for_ten_thousand_of_each(kind: str, seed: int, full_desk: Path, clock: Clock) -> None:
    fuzz(kind, seed, CHUNK, full_desk)
