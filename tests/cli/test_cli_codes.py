"""Exit codes: each of them as it comes about, which of several wins, and what is missing named all at once."""

from __future__ import annotations

import os
import resource
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from desk_cli import IN_HOME, PUBLIC, done, entries, nothing_written, refused, run

# --- 11, 12 and 10 of every verb, and which of them wins

OPEN, BUSY, DONE_, COORD = "P20261122-0002", "P20261122-0011", "P20261122-0001", "X20261122-0001"
LOG = ("--place", "p", "--contact", "c", "--phone", "12345678", "--content", "x", "--opinions", "o", "--plan", "n")

VERBS: list[tuple[str, str, tuple[str, ...], str, str]] = [
    # command, an order on which the rules refuse it, its options, who may, who may not
    ("quote", DONE_, ("--fee", "10"), "S1", "C1"),
    ("quote", DONE_, ("--not-feasible", "--reason", "r"), "S1", "C1"),
    ("consent", DONE_, ("--fee", "10"), "C1", "F1"),
    ("assign", DONE_, ("W2",), "C1", "W1"),
    ("accept", BUSY, (), "W1", "C1"),
    ("arrive", BUSY, (), "W1", "W2"),
    ("arrive", BUSY, ("--nobody-home",), "W1", "W2"),
    ("start", BUSY, (), "W1", "L1"),
    ("reschedule", DONE_, ("--appointment", "2026-11-25T09:00/10:00", "--reason", "r"), "C1", "W1"),
    ("support", DONE_, ("--reason", "r"), "W1", "C1"),
    ("returned", DONE_, ("item",), "W1", "F1"),
    ("pause", DONE_, ("--reason", "parts", "--next", "2026-11-25T09:00"), "W1", "C1"),
    ("finish", "P20261122-0010", ("--found", "f", "--result", "r"), "W2", "C1"),
    ("sign", DONE_, ("--by", "n", "--rating", "fair"), "W1", "C1"),
    ("sign", DONE_, ("--unsigned", "--reason", "r"), "L1", "W1"),
    ("close", OPEN, (), "L1", "C1"),
    ("archive", OPEN, (), "C1", "W1"),
    ("archive", COORD, (), "L1", "C1"),
    ("cancel", DONE_, ("--reason", "r"), "C1", "W1"),
    ("correct", OPEN, ("place=东门", "--reason", "r"), "C1", "W1"),
    ("convert", DONE_, ("--tracker", "C1", "--reason", "r"), "L1", "C1"),
    ("exempt", DONE_, ("--reason", "r"), "L1", "C1"),
    ("log", "X20261122-0002", LOG, "C2", "C1"),
    ("check", "X20261122-0002", ("--support", "s"), "L1", "C1"),
    ("finish", "X20261122-0002", ("--result", "r"), "C2", "C1"),
]
CASES = [pytest.param(*case, id=f"{case[0]} {case[1]} {' '.join(case[2][:1])}") for case in VERBS]


@pytest.mark.parametrize(("verb", "number", "rest", "who", "not_who"), CASES)
def test_what_cannot_be_read_comes_before_what_is_not_there_that_before_who_and_who_before_the_rules(
    verb: str, number: str, rest: tuple[str, ...], who: str, not_who: str, full_desk: Path
) -> None:
    with nothing_written(full_desk / "ledger.db"):
        refused(10, verb, number, *rest, "--as", who)
        refused(12, verb, number, *rest, "--as", not_who)
        refused(12, verb, number, *rest)
        refused(11, verb, number, *rest, "--as", "GHOST")
        refused(11, verb, "GHOST", *rest, "--as", not_who)
        refused(11, verb, "GHOST", *rest, "--as", "GHOST")
        refused(2, verb, "GHOST", *rest, "--as", "GHOST", "--at", "soon")
        refused(2, verb, "GHOST", *rest, "--as", "GHOST", "--nosuch")


UNREADABLE = [
    ("quote", "GHOST", "--fee", "1e3"),
    ("consent", "GHOST", "--fee", "NaN"),
    ("pause", "GHOST", "--reason", "tired", "--next", "2026-11-25T09:00"),
    ("pause", "GHOST", "--reason", "parts", "--next", "later"),
    ("pause", "GHOST", "--reason", "other", "--next", "2026-11-25T09:00", "--compensation", "5"),
    ("start", "GHOST", "--disturbs", "smell"),
    ("reschedule", "GHOST", "--appointment", "morning", "--reason", "r"),
    ("reschedule", "GHOST", "--appointment", "2026-11-25T10:00/09:00", "--reason", "r"),
    ("finish", "GHOST", "--found", "f", "--result", "r", "--service", "tap:0"),
    ("finish", "GHOST", "--found", "f", "--result", "r", "--service", "tap@25:00"),
    ("finish", "GHOST", "--found", "f", "--result", "r", "--material", "led-9w:-1"),
    ("finish", "GHOST", "--found", "f", "--result", "r", "--material", "valve:1:x"),
    ("finish", "GHOST", "--found", "f", "--result", "r", "--damage", "d", "--compensation", "x"),
    ("sign", "GHOST", "--by", "n", "--rating", "good"),
    ("sign", "GHOST", "--unsigned", "--reason", "r", "--rating", "fair"),
    ("correct", "GHOST", "nosuch=1", "--reason", "r"),
    ("correct", "GHOST", "phone=x", "--reason", "r"),
    ("log", "GHOST", *LOG[:5], "x", *LOG[6:]),
    ("convert", "GHOST", "--tracker", "GHOST", "--reason", ""),
    ("quote", "GHOST", "--fee", "1", "--not-feasible"),
    ("consent", "GHOST", "--declined", "--fee", "1", "--reason", "r", "--with", "S1"),
    ("consent", "GHOST", "--with", "S1"),
    ("arrive", "GHOST", "--nobody-home", "--found", "f"),
    ("list", "--since", "soon"),
    ("show", "GHOST", "--as-of", "soon"),
    ("staff", "duty", "GHOST", "--from", "x", "--to", "y"),
    ("staff", "add", "G H", "--name", "n", "--role", "clerk"),
    ("staff", "add", "G", "--name", "n", "--role", "king"),
    ("import", "nosuch.csv", "--map", "x"),
    ("import", "nosuch.csv", "--kind", "x"),
    ("import", "nosuch.csv", "--dates", "x"),
    ("intake", *IN_HOME, "--follows", "GHOST", "--kind", "x"),
    ("intake", *IN_HOME, "--follows", "GHOST", "--phone", "x"),
    ("intake", *IN_HOME, "--follows", "GHOST", "--priority", "x"),
    ("intake", *IN_HOME, "--follows", "GHOST", "--channel", "x"),
    ("intake", *IN_HOME, "--follows", "GHOST", "--severity", "major"),
    ("intake", *IN_HOME, "--follows", "GHOST", "--class", "other"),
    ("intake", *IN_HOME, "--follows", "GHOST", "--anonymous"),
    ("intake", *IN_HOME, "--follows", "GHOST", "--appointment", "x"),
    ("intake", *IN_HOME, "--follows", "GHOST", "--purchased", "x"),
    ("intake", *IN_HOME, "--follows", "GHOST", "--service", "tap:x"),
    ("intake", *IN_HOME, "--follows", "GHOST", "--service", "tap@09:00"),
    ("intake", *IN_HOME, "--follows", "GHOST", "--service", ":"),
]


@pytest.mark.parametrize("argv", UNREADABLE, ids=lambda argv: " ".join(argv[-3:]))
def test_a_value_that_cannot_be_read_is_two_whatever_else_is_wrong(argv: tuple[str, ...], full_desk: Path) -> None:
    with nothing_written(full_desk / "ledger.db"):
        refused(2, *argv, "--as", "GHOST")
        refused(2, *argv, "--as", "F1")


def test_a_quantity_that_cannot_be_read_comes_before_a_material_that_is_not_there(full_desk: Path) -> None:
    refused(2, "finish", BUSY, "--found", "f", "--result", "r", "--material", "nosuch:abc", "--as", "W1")


def test_a_role_that_may_never_do_it_is_told_so_on_the_other_kind_of_order_too(full_desk: Path) -> None:
    refused(12, "check", OPEN, "--support", "s", "--as", "W1")


def test_a_second_person_is_looked_for_and_then_looked_at(full_desk: Path) -> None:
    decline = ("consent", "P20261122-0005", "--declined", "--reason", "r", "--as", "C1", "--with")
    with nothing_written(full_desk / "ledger.db"):
        refused(11, *decline, "GHOST")
        assert refused(12, *decline, "W1")["rule"] == "QUO-3"
        refused(12, *decline, "C1")
    assert done(*decline, "S1")["state"] == "declined"


def test_links_services_people_and_files_that_are_not_there_are_not_found(full_desk: Path) -> None:
    refused(11, "intake", *IN_HOME, "--follows", "GHOST", "--as", "W1")
    refused(11, "intake", *IN_HOME, "--service", "nosuch", "--as", "W1")
    refused(11, "assign", OPEN, "GHOST", "--as", "W1")
    refused(11, "convert", OPEN, "--tracker", "GHOST", "--reason", "r", "--as", "W1")
    refused(11, "finish", BUSY, "--found", "f", "--result", "r", "--service", "nosuch", "--as", "C1")
    refused(11, "finish", BUSY, "--found", "f", "--result", "r", "--material", "nosuch", "--as", "C1")
    refused(11, "import", "nosuch.csv", "--as", "C1")
    refused(11, "staff", "retire", "GHOST")
    refused(11, "list", "--home", "/nowhere/at/all")


def test_a_report_that_is_not_permitted_is_refused_before_its_time_and_its_twin(desk: Path) -> None:
    done("intake", *IN_HOME, "--category", "plumbing", "--as", "C1")
    future = ("--at", "2027-01-01T00:00")
    refused(12, "intake", *IN_HOME, "--category", "plumbing", "--as", "W1", *future)
    assert refused(10, "intake", *IN_HOME, "--category", "plumbing", "--as", "C1", *future)["rule"] == "REC-2"


def test_who_did_the_work_may_not_check_it_in_whatever_state_it_is(full_desk: Path) -> None:
    done("staff", "add", "W1", "--name", "N", "--role", "leader")
    assert refused(12, "close", "P20261122-0014", "--as", "W1")["rule"] == "FIN-5"
    assert refused(12, "close", BUSY, "--as", "W1")["rule"] == "FIN-5"


def test_a_tracker_who_is_a_leader_may_not_check_the_own_order(full_desk: Path) -> None:
    done("staff", "add", "C2", "--name", "N", "--role", "leader")
    assert refused(12, "check", COORD, "--support", "s", "--as", "C2")["rule"] == "COO-4"


# --- missing values

MISSING = [
    (("quote",), {"NUMBER", "--fee"}),
    (("quote", "--not-feasible"), {"NUMBER", "--reason"}),
    (("consent",), {"NUMBER"}),
    (("consent", "--declined"), {"NUMBER", "--reason", "--with"}),
    (("assign",), {"NUMBER", "STAFF"}),
    (("accept",), {"NUMBER"}),
    (("arrive",), {"NUMBER"}),
    (("start",), {"NUMBER"}),
    (("reschedule",), {"NUMBER", "--appointment", "--reason"}),
    (("support",), {"NUMBER", "--reason"}),
    (("returned",), {"NUMBER", "ITEM"}),
    (("pause",), {"NUMBER", "--reason", "--next"}),
    (("finish",), {"NUMBER", "--found", "--result"}),
    (("sign",), {"NUMBER", "--by", "--rating"}),
    (("sign", "--unsigned"), {"NUMBER", "--reason"}),
    (("close",), {"NUMBER"}),
    (("archive",), {"NUMBER"}),
    (("cancel",), {"NUMBER", "--reason"}),
    (("correct",), {"NUMBER", "FIELD", "--reason"}),
    (("convert",), {"NUMBER", "--tracker", "--reason"}),
    (("exempt",), {"NUMBER", "--reason"}),
    (("log",), {"NUMBER", "--place", "--contact", "--phone", "--content", "--opinions", "--plan"}),
    (("check",), {"NUMBER", "--support"}),
    (("show",), {"NUMBER"}),
    (("show", "--reveal"), {"NUMBER", "--reason"}),
    (("why",), {"NUMBER"}),
    (("print",), {"NUMBER"}),
    (("import",), {"FILE"}),
    (("staff", "add"), {"ID", "--name", "--role"}),
    (("staff", "retire"), {"ID"}),
    (("staff", "duty"), {"ID", "--from", "--to"}),
    (("intake",), {"--kind", "--place", "--fault"}),
    (("intake", "--kind", "in_home"), {"--place", "--caller", "--phone", "--fault"}),
    (("intake", "--kind", "public_area"), {"--place", "--fault"}),
    (("intake", "--kind", "complaint"), {"--place", "--caller", "--fault"}),
    (("intake", "--kind", "complaint", "--anonymous"), {"--place", "--fault"}),
    (("intake", "--kind", "help"), {"--place", "--fault"}),
]


@pytest.mark.rule("INT-1")
@pytest.mark.parametrize(("argv", "names"), MISSING, ids=[" ".join(argv) for argv, _ in MISSING])
def test_what_is_missing_is_named_all_at_once_and_nothing_is_written(
    argv: tuple[str, ...], names: set[str], full_desk: Path
) -> None:
    with nothing_written(full_desk / "ledger.db"):
        message = refused(2, *argv, "--as", "GHOST")["message"]
    told = {word.strip(",:") for word in message.split()}
    assert names <= told
    assert {word for word in told if word.startswith("--")} <= names, "what is not missing is not named"


@pytest.mark.parametrize("blank", ["", " ", "　"])
def test_a_blank_is_no_value(blank: str, desk: Path) -> None:
    for name in ("place", "caller", "phone", "fault"):
        parts = list(IN_HOME)
        parts[parts.index(f"--{name}") + 1] = blank
        assert f"--{name}" in refused(2, "intake", *parts, "--as", "C1")["message"]


@pytest.mark.parametrize("blank", [" ", "　"])
def test_a_blank_reason_is_no_reason(blank: str, full_desk: Path) -> None:
    refused(2, "cancel", OPEN, "--reason", blank, "--as", "C1")


# --- 13 to 18

BROKEN = [
    ("policies.yaml", "version: standard-2026-11", "version: standard-2026-11\nnosuch: 1", "nosuch"),
    ("policies.yaml", "late_after: 15m", "late_after: 15 parsecs", "late_after"),
    ("policies.yaml", "zone: Asia/Shanghai", "zone: Asia/Nowhere", "zone"),
    ("fees.yaml", 'price: "10.00"', 'price: "-10.00"', "price"),
    ("fees.yaml", "version:", "version: x\nversion:", "version"),
    ("policies.yaml", "version: standard-2026-11", "version: [", ""),
]


@pytest.mark.parametrize(("file", "old", "new", "key"), BROKEN, ids=[f"{one[0]} {one[2]}" for one in BROKEN])
def test_a_mistake_in_a_rule_file_is_thirteen_with_its_file_line_and_key(
    file: str, old: str, new: str, key: str, desk: Path
) -> None:
    path = desk / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with nothing_written(desk / "ledger.db"):
        refusal = refused(13, "intake", *IN_HOME, "--as", "C1")
        refused(13, file.removesuffix(".yaml"), "check")
    problem = refusal["problems"][0]
    assert problem["file"] == file
    assert problem["line"] >= 1
    assert key in problem["key"] + problem["message"]
    assert file in run("intake", *IN_HOME, "--as", "C1").err


@pytest.mark.rule("REC-4")
def test_a_version_whose_content_changed_is_refused_until_it_has_a_new_name(desk: Path) -> None:
    path = desk / "fees.yaml"
    text = path.read_text(encoding="utf-8")
    changed = text.replace('price: "10.00"', 'price: "11.00"', 1)
    assert changed != text
    path.write_text(changed, encoding="utf-8")
    assert refused(13, "intake", *IN_HOME, "--as", "C1")["rule"] == "REC-4"
    path.write_text(changed.replace('version: "2026-11"', 'version: "2026-12"'), encoding="utf-8")
    assert done("intake", *IN_HOME, "--as", "C1")["fees_version"] == "2026-12"


def test_a_file_with_a_row_that_cannot_be_read_is_fourteen_and_nothing_of_it_is_taken(desk: Path) -> None:
    file = desk / "in.csv"
    rows = ("kind,place,fault,caller,phone", "public_area,东门,灯,,", "in_home,3-2-501,灯,李,123x", "")
    file.write_text("\n".join(rows), encoding="utf-8")
    with nothing_written(desk / "ledger.db"):
        result = run("import", str(file), "--as", "C1", "--json")
    assert result.exit_code == 14
    assert (result.json["rows"], result.json["rejected"], result.json["committed"]) == (2, 1, False)
    (reject,) = result.json["rejects"]
    assert (reject["row"], reject["column"], reject["value"]) == (3, "phone", "123x")
    assert reject["why"]
    assert "phone" in run("import", str(file), "--as", "C1")
    assert refused(12, "import", str(file), "--as", "W1")["kind"] == "not-permitted"


def test_with_partial_the_good_rows_are_taken_and_it_is_eighteen(desk: Path) -> None:
    file = desk / "in.csv"
    file.write_text("kind,place,fault\npublic_area,东门,灯\npublic_area,,灯\n", encoding="utf-8")
    before = entries(desk / "ledger.db")
    result = run("import", str(file), "--as", "C1", "--partial", "--rejects", str(desk / "no.csv"), "--json")
    assert result.exit_code == 18
    assert (result.json["accepted"], result.json["committed"]) == (1, True)
    assert entries(desk / "ledger.db") == before + 1
    assert "public_area,,灯" in (desk / "no.csv").read_text(encoding="utf-8-sig")


def test_a_file_that_is_no_text_is_fourteen(desk: Path) -> None:
    (desk / "in.csv").write_bytes(b"kind,place,fault\n\xff\xfe\x00")
    result = run("import", str(desk / "in.csv"), "--as", "C1", "--json")
    # A batch file's report is on stdout with 14, too.
    assert (result.exit_code, result.error["code"], result.error["row"]) == (14, 14, 2)
    assert (result.json["rows"], result.json["committed"]) == (0, False)


@pytest.mark.sqlite
def test_a_ledger_that_is_held_by_others_is_fifteen_after_the_wait(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REPAIRDESK_WAIT", "0.05")
    with closing(sqlite3.connect(desk / "ledger.db", isolation_level=None)) as holder:
        holder.execute("BEGIN EXCLUSIVE")
        assert refused(15, "intake", *IN_HOME, "--as", "C1")["kind"] == "busy"
        refused(2, "intake", *IN_HOME, "--as", "C1", "--phone", "x")
        holder.execute("ROLLBACK")
    done("intake", *IN_HOME, "--as", "C1")


@pytest.mark.parametrize("wait", ["soon", "-1", "nan", "inf", "1e9"])
def test_a_wait_that_is_none_is_refused(wait: str, desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REPAIRDESK_WAIT", wait)
    refused(2, "list")


@pytest.mark.sqlite
@pytest.mark.rule("REC-1")
def test_an_altered_ledger_is_sixteen_and_every_problem_is_told(full_desk: Path) -> None:
    with closing(sqlite3.connect(full_desk / "ledger.db")) as db:
        for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            db.execute(f"DROP TRIGGER {name}")
        (seq,) = db.execute("SELECT min(seq) FROM bodies WHERE body LIKE '%漏水%'").fetchone()
        db.execute("UPDATE bodies SET body = replace(body, '漏水', '没事') WHERE seq = ?", (seq,))
        db.commit()
    result = run("verify", "--json")
    assert (result.exit_code, result.error["kind"]) == (16, "damaged")
    assert result.json["ok"] is False
    assert any(set(problem) >= {"seq", "what"} and problem["seq"] == seq for problem in result.json["problems"])
    spoken = run("verify")
    assert spoken.exit_code == 16
    assert any(line.startswith(f"{seq}  ") for line in spoken.splitlines())


@pytest.mark.sqlite
@pytest.mark.parametrize("content", [b"", b"hello", b"x" * 5000, b"SQLite format 3\0" + b"\0" * 5000], ids=len)
def test_a_file_that_is_no_ledger_is_sixteen_for_every_command(content: bytes, desk: Path) -> None:
    (desk / "ledger.db").write_bytes(content)
    for command in (("list",), ("intake", *IN_HOME, "--as", "C1"), ("verify",), ("staff", "list")):
        assert run(*command, "--json").exit_code == 16, command
    assert (desk / "ledger.db").read_bytes() == content


@pytest.mark.sqlite
def test_a_foreign_database_is_sixteen_and_stays_as_it_is(desk: Path) -> None:
    (desk / "ledger.db").unlink()
    with closing(sqlite3.connect(desk / "ledger.db")) as db:
        db.execute("CREATE TABLE t (x)")
    before = (desk / "ledger.db").read_bytes()
    refused(16, "list")
    refused(16, "intake", *IN_HOME, "--as", "C1")
    assert (desk / "ledger.db").read_bytes() == before


@pytest.mark.sqlite
def test_a_disk_that_takes_no_more_is_seventeen_and_the_ledger_is_as_it_was(desk: Path) -> None:
    before = entries(desk / "ledger.db")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, ((desk / "ledger.db").stat().st_size, hard))
    try:
        result = run("intake", *IN_HOME, "--as", "C1", "--model", "x" * 100_000, "--json")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert result.exit_code == 17, result.err
    assert result.error["kind"] == "storage"
    assert entries(desk / "ledger.db") == before
    assert done("verify")["ok"] is True


def test_what_is_no_file_where_a_ledger_should_be_is_seventeen(desk: Path) -> None:
    assert refused(17, "list", "--ledger", str(desk))["kind"] == "storage"
    refused(17, "import", str(desk), "--as", "C1")
    (desk / "file").write_text("")
    refused(17, "init", "--home", str(desk / "file" / "below"))


NOBODY = 65_534


@contextmanager
def somebody_who_is_not_root() -> Iterator[None]:
    """As root the rest of the block is done by nobody, whom modes bind; anyone else is bound already."""
    if os.geteuid() != 0:
        yield
        return
    os.setegid(NOBODY)
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(0)


@pytest.mark.sqlite
def test_a_folder_that_cannot_be_written_is_seventeen_and_can_still_be_read(desk: Path) -> None:
    # pytest's own folders are closed to others, so the desk moves to one that nobody can enter.
    with tempfile.TemporaryDirectory(dir="/tmp") as public:
        home = Path(public) / "desk"
        shutil.copytree(desk, home)
        # What a command imports late may lie where only its owner can read.
        done("intake", *PUBLIC, "--as", "C1", "--home", str(home))
        (home / "ledger.db").chmod(0o444)
        home.chmod(0o555)
        Path(public).chmod(0o755)
        with somebody_who_is_not_root():
            refused(17, "intake", *PUBLIC, "--as", "C1", "--home", str(home))
            refused(17, "init", "--home", str(home / "x"))
            assert done("list", "--home", str(home))["total"] == 1
        home.chmod(0o755)
