"""No phone number leaves the desk unasked: every command is run in both languages and both forms, and all that it says
and every file that it makes is searched for the numbers that were planted in the desk.

Names are the desk's daily bread, and stay. What may hold numbers in full is named here, with the reason.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest
import roster
from desk_cli import CODES, Clock, done, entries, nothing_written, run
from test_export_masking import PLANTED, everywhere  # noqa: F401

PHONES = ("13800138000", "13900002222", "13766665555", "13788889999", "13755554444", "13711112222", "13722223333",
          "13733334444")  # fmt: skip
"""Of callers, of contacts, of households, corrected, of a further caller, in the files that are read; and written into
words, where no field is for it."""
SAID = PHONES[-1]
ITS_OWN = {
    "rejects.csv": "rows of the file that was read, to be mended and read again",
    "desk.tar": "the desk itself, for whoever restores it: mode 0600",
    "copied.db": "the ledger itself: of the mode of every ledger",
}
"""Files that hold them by right."""


@pytest.fixture
def planted(full_desk: Path, tmp_path: Path, clock: Clock) -> Path:
    """The desk with numbers wherever the program can be told one; beside it the files that are read."""
    out = tmp_path / "out"
    out.mkdir()
    write(out)
    assert run("household", "import", str(out / "households.csv"), "--partial", "--as", "C1").exit_code == 18
    done("intake", "--kind", "in_home", "--place", "3-2-501", "--caller", "周五", "--phone", "13755554444",
         "--fault", "漏水", "--join", roster.QUOTED, "--as", "C1")  # fmt: skip
    words = f"打 {SAID} 问"
    done("correct", roster.ON_SITE, f"fault={words}", "--reason", words, "--as", "C1")
    done("pause", roster.ON_SITE, "--reason", "parts", "--next", "2026-11-24T18:00", "--note", words, "--as", "W1")
    done("start", roster.ON_SITE, "--as", "W1")
    done("log", roster.TRACKED, "--place", "电话", "--contact", words, "--phone", SAID, "--content", words,
         "--opinions", words, "--plan", words, "--as", "C2")  # fmt: skip
    done("callback", "record", roster.ADVISED, "--outcome", "dissatisfied", "--method", "phone", "--next",
         "2026-11-24T15:00", "--note", words, "--as", "C1")  # fmt: skip
    done("intake", "--kind", "complaint", "--place", "小区", "--caller", "周五", "--phone", SAID, "--fault", words,
         "--as", "C1")  # fmt: skip
    clock.on(minutes=1)
    return out


def write(out: Path) -> None:
    """What the commands of the roster read."""
    said: list[dict[str, Any]] = [
        {"kind": "in_home", "place": "6-1-101", "caller": "周", "phone": PHONES[5], "fault": "坏"},
        {"kind": "in_home", "place": "3-2-501", "caller": "周", "phone": PHONES[6], "fault": "漏水",
         "category": "plumbing"},
        {"kind": "in_home", "phoné": PHONES[6]},
        {"kind": "in_home", "phone": int(PHONES[6])},
    ]  # fmt: skip
    lines = [*({"do": "intake", **one} for one in said), {"do": "show", "number": roster.WORKED}]
    rows = ("户内,5-1-101,吴九,13711112222,漏水", "户内,5-1-102,,13722223333,漏水",
            "户内,5-1-103,郑十,13722223333137223333,坏")  # fmt: skip
    texts = {
        "households.csv": "房号,姓名,电话\n3-2-501,李兰,13766665555\n9-9-901,孙七,137\n9-9-902,孙八,13711112222x\n",
        "reports.csv": "\n".join(("类型,地点,报修人,电话,故障", *rows, "")),
        "callbacks.csv": "number,at,outcome,method,note\nP20261122-0009,2026-11-23T10:00,satisfied,phone,137\n",
        "staff.csv": "id,name,role\nZ8,冯二,clerk\nZ9,陈三,king\n",
        "prices.csv": "类别,项目,价格,单位\n水电,换龙头,25,次\n",
        "pin": "271828\n",
        "lines.jsonl": "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in lines),
    }
    for name, text in texts.items():
        (out / name).write_text(text, encoding="utf-8")
    (out / "pin").chmod(0o600)
    (out / "photo.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(64))


READ = frozenset(("households.csv", "reports.csv", "callbacks.csv", "staff.csv", "prices.csv", "lines.jsonl", "pin"))


def shown(folder: Path) -> Iterator[tuple[str, str]]:
    """What stands in the files that commands made; of a workbook every part."""
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_dir() or name in READ or name.startswith(("again/", "new/")) or name in ITS_OWN:
            continue
        if path.suffix == ".xlsx":
            with zipfile.ZipFile(path) as book:
                for part in book.namelist():
                    yield f"{name}:{part}", book.read(part).decode("utf-8", "replace")
        else:
            yield name, path.read_bytes().decode("utf-8", "replace")


def leaks(text: str, numbers: tuple[str, ...] = PHONES) -> list[str]:
    """The numbers that stand in a text in full, however they are parted."""
    bare = re.sub(r"(?<=\d)[ \-\u00a0.](?=\d)", "", text)
    return [number for number in numbers if number in bare]


WAYS = [("--lang", "en"), ("--lang", "zh"), ("--json",)]


class _Calls:
    """The calls to the network that this process makes, by the interpreter's own account of them."""

    def __init__(self) -> None:
        self.listening, self.seen = False, list[str]()
        sys.addaudithook(self._heard)

    def _heard(self, event: str, said: tuple[Any, ...]) -> None:
        if self.listening and event in ("socket.connect", "socket.getaddrinfo", "socket.sendto", "socket.bind"):
            self.seen.append(f"{event} {said[1:]}")


@pytest.fixture(scope="session")
def _calls() -> _Calls:
    return _Calls()  # A hook stays as long as the process.


@pytest.fixture
def network(_calls: _Calls) -> Iterator[list[str]]:
    """The calls to the network that are made meanwhile."""
    _calls.seen.clear()
    _calls.listening = True
    yield _calls.seen
    _calls.listening = False


def everything(planted: Path, way: tuple[str, ...], calls: tuple[tuple[str, ...], ...]) -> list[str]:
    """Where a number stands in full, in what the commands say and in what they make."""
    found: list[str] = []
    for argv in calls:
        result = run(*(part.format(tmp=planted) for part in argv), *way)
        assert result.exit_code in CODES - {1}, (argv, result.err)
        for stream, text in (("stdout", str(result)), ("stderr", result.err)):
            found += [f"{' '.join(argv)}: {stream}: {number}" for number in leaks(text)]
    return found + [f"{name}: {number}" for name, text in shown(planted) for number in leaks(text)]


def quick(argv: tuple[str, ...]) -> bool:
    """The charts of the page take longer than all the rest, and a demo is a desk of its own."""
    return argv[0] != "demo" and argv[-1] != "{tmp}/month.html"


def test_the_roster_has_every_command() -> None:
    # The full screen wants a terminal (tests/tui).
    assert roster.commands() - {"desk", *roster.ON_SERVERS} == {
        roster.called(argv) for argv in (*roster.LOOKS, *roster.DOES)
    }


@pytest.mark.parametrize("way", [pytest.param(WAYS[1], id="zh"), pytest.param(WAYS[2], id="json")])
def test_no_command_shows_a_phone_number_in_full_and_none_calls_the_network(
    planted: Path, way: tuple[str, ...], network: list[str]
) -> None:
    calls = (*roster.DOES, *roster.LOOKS) if way[0] == "--json" else roster.LOOKS
    assert not everything(planted, way, tuple(filter(quick, calls)))
    assert not network


def test_a_call_to_the_network_is_noticed(network: list[str]) -> None:
    with socket.socket() as tried, suppress(OSError):
        tried.settimeout(0.01)
        tried.connect(("127.0.0.1", 9))
    assert network


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("unshare"), reason="unshare is not here: nothing can be cut off from the network")
def test_what_libraries_of_other_languages_draw_is_drawn_without_a_network(planted: Path) -> None:
    """The interpreter hears of no call that a library makes by itself, so here there is no network at all."""
    cut = ["unshare", "--user", "--map-root-user", "--net"]
    if subprocess.run([*cut, "true"], capture_output=True).returncode:
        pytest.skip("this machine lets nobody be cut off from the network")
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    program = [sys.executable, "-c", "from repairdesk.cli.__main__ import run; run()"]
    month = ("report", "month", "--month", "2026-11", "--format", "html")
    for argv in ((*month, "--out", str(planted / "m.html")),
                 ("print", roster.WORKED, "--format", "html", "--as", "C1")):  # fmt: skip
        ended = subprocess.run([*cut, *program, *argv], env=env, cwd=planted.parent / "desk", capture_output=True)
        assert ended.returncode == 0, ended.stderr
    assert "<svg" in (planted / "m.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("way", [WAYS[0], WAYS[2]], ids=["en", "json"])
def test_no_word_on_the_screen_or_on_paper_has_a_number_in_it(
    everywhere: Path,  # noqa: F811
    way: tuple[str, ...],
) -> None:
    numbers = [order["number"] for order in done("list")["orders"]]
    by = ("--as", "C1")
    calls: list[tuple[str, ...]] = [(one,) for one in ("list", "board", "slips", "handover", "escalate")]
    calls += [("callback", "due"), ("print", "--today", *by), ("print", "--form", "handover", *by)]
    for number in numbers:
        calls += [("show", number), ("show", number, "--entries"), ("why", number), ("print", number, *by)]
    calls += [("report", what) for what in "month finance staff faults callbacks complaints help clocks".split()]
    said = {argv: run(*argv, *way) for argv in calls}
    assert sum(map(len, said.values())) > 5000
    assert not {argv: found for argv, text in said.items() if (found := PLANTED.findall(text + text.err))}
    # What was masked is there all the same.
    assert PLANTED.search(run("show", numbers[-1], "--reveal", "--reason", "R", *by))


@pytest.mark.sqlite
def test_what_verify_finds_altered_it_names_without_the_numbers_in_it(planted: Path) -> None:
    ledger = planted.parent / "desk" / "ledger.db"
    with closing(sqlite3.connect(ledger)) as db, db:
        for (trigger,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
            db.execute(f'DROP TRIGGER "{trigger}"')
        # Beside the journal, whatever can hold a text of somebody; in the journal the bodies of some entries.
        tables = ("orders", "obligations", "postings", "households", "messages", "staff", "bodies")
        for table in tables:
            columns = [row[1] for row in db.execute(f"PRAGMA table_info({table})") if row[2] == "TEXT"]
            # What names or counts rows is named: these are the program's own words.
            for column in set(columns) - {
                "number",
                "id",
                "cycle",
                "state",
                "kind",
                *(("name",) if table == "obligations" else ()),
            }:
                db.execute(f"UPDATE {table} SET {column} = {column} || ' {SAID}' WHERE rowid % 3 = 1")
    for way in WAYS:
        result = run("verify", *way)
        assert result.exit_code == 16
        assert len(result) > 1000
        assert not [line for line in (*result.splitlines(), result.err) if leaks(line)]


def test_a_traceback_shows_no_values(planted: Path) -> None:
    code = (
        "import repairdesk.desk.reporting as at\n"
        "def fails(self, by, report, **more):\n    phone = report.phone\n    return {}[phone[:2]]\n"
        "at.Reporting.intake = fails\n"
        "from repairdesk.cli.__main__ import run; run()"
    )
    for debug in ("1", ""):
        env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "REPAIRDESK_DEBUG": debug}
        ended = subprocess.run([sys.executable, "-c", code, "intake", *roster.HOME, "--new", "--as", "C1"], env=env,
                               cwd=planted.parent / "desk", capture_output=True, text=True)  # fmt: skip
        assert ended.returncode == 1
        assert ("Traceback" in ended.stderr) == (debug == "1")
        assert not leaks(ended.stdout + ended.stderr)


@pytest.mark.slow
@pytest.mark.parametrize("way", WAYS, ids=["en", "zh", "json"])
def test_no_command_in_any_language_shows_a_phone_number_in_full(
    planted: Path, way: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REPAIRDESK_DEBUG", "time")
    calls = tuple(argv for argv in (*roster.DOES, *roster.LOOKS) if argv[0] != "demo")
    assert not everything(planted, way, calls)


def test_the_search_finds_a_number_that_is_shown(planted: Path) -> None:
    """What is asked for with a role and a reason is found, in whatever form: so the search above can fail."""
    why = ("--reveal", "--reason", "住户要求", "--as", "C1")
    for argv in (("show", roster.WORKED), ("household", "list"), ("print", roster.WORKED, "--copy", "engineering"),
                 ("export", "orders"), ("export", "orders", "--format", "jsonl"), ("export", "entries")):  # fmt: skip
        assert leaks(run(*argv, *why)), argv
    assert SAID in run("show", roster.ON_SITE, *why)
    assert SAID in run("show", roster.ON_SITE, "--entries", *why)
    done("export", "orders", "--format", "xlsx", "--out", str(planted / "full.xlsx"), *why)
    assert [name for name, text in shown(planted) if leaks(text)]


REVEALING = {
    "show": ("show", roster.WORKED),
    "entries": ("show", roster.WORKED, "--entries"),
    "household": ("household", "list"),
    "print": ("print", roster.WORKED),
    "export": ("export", "orders"),
    "export-entries": ("export", "entries"),
}


@pytest.mark.sqlite
@pytest.mark.parametrize("argv", REVEALING.values(), ids=REVEALING)
def test_revealing_needs_a_role_and_a_reason_and_goes_on_record(planted: Path, argv: tuple[str, ...]) -> None:
    ledger = planted.parent / "desk" / "ledger.db"
    for code, more in ((2, ("--as", "C1")), (2, ("--as", "C1", "--reason", " ")), (12, ("--as", "W1", "--reason", "R")),
                       (12, ("--as", "F1", "--reason", "R")), (12, ("--reason", "R"))):  # fmt: skip
        with nothing_written(ledger):
            result = run(*argv, "--reveal", *more)
            assert (result.exit_code, str(result)) == (code, ""), (more, result.err)
    before = entries(ledger)
    assert run(*argv, "--reveal", "--reason", "住户要求", "--as", "C1").exit_code == 0
    (entry,) = [one for one in journal(ledger) if one["seq"] > before]
    assert (entry["event"], entry["actor"], entry["keyboard"]) == ("reveal", "C1", "os:keyboard")
    assert entry["reason"] == "住户要求"


def journal(ledger: Path) -> list[dict[str, Any]]:
    """The entries of the desk itself."""
    with closing(sqlite3.connect(ledger)) as db:
        found = db.execute(
            "SELECT e.seq, e.event, e.actor, e.keyboard, b.body FROM entries e JOIN bodies b USING (seq)"
        ).fetchall()
    names = ("seq", "event", "actor", "keyboard")
    return [{**json.loads(row[-1]), **dict(zip(names, row, strict=False))} for row in found]
