"""``batch``: commands as JSON Lines, as a script sees them."""

from __future__ import annotations

import io
import json
import re
import shutil
import sqlite3
from contextlib import closing, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import pytest
from desk_cli import Clock, Result, done, entries, nothing_written, run

from repairdesk.batch import lines as batch_lines
from repairdesk.cli import app, common, lines
from repairdesk.cli.__main__ import main
from repairdesk.ledger.session import Session

IN_HOME = {"kind": "in_home", "place": "3-2-501", "caller": "李兰", "phone": "13800138000", "fault": "漏水", "as": "C1"}
INTAKE = {"do": "intake", **IN_HOME, "category": "plumbing", "new": True}
ELSEWHERE = set(
    "print|slips|escalate|doctor|import|export|batch|init|demo|verify|checkpoint|backup|restore|"
    "purge|staff pin|callback plan|callback audit|household list|household import|calendar show|calendar check|"
    "fees list|fees check|fees price|"
    "ledger create|ledger copy|ledger admit|ledger dismiss|ledger sites|ledger upgrade|"
    "completion|desk|fees import|policies show|policies check|policies rehearse|policies schema".split("|")
)
"""Commands that no line can do: they read files, or look at the desk as a whole."""


def commands() -> dict[str, Any]:
    """Every command of the program, as Typer builds it."""
    found: dict[str, Any] = {}
    for name in " ".join(app.CHAPTERS.values()).split():
        built = app._built(app._info(name))
        inner = getattr(built, "commands", None)
        found |= {f"{name} {word}": one for word, one in inner.items()} if inner else {name: built}
    return found


def batch(folder: Path, *said: Any, options: tuple[str, ...] = ()) -> Result:
    """A run over these lines; a text or bytes are a line as they stand."""
    file = folder / "lines.jsonl"
    raw = [one if isinstance(one, bytes) else (one if isinstance(one, str) else json.dumps(one)).encode()
           for one in said]  # fmt: skip
    file.write_bytes(b"\n".join(raw) + b"\n")
    return run("batch", str(file), *options)


def answers(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.splitlines()]


# --- what a line can do


def test_a_line_can_do_whatever_a_command_does_with_orders() -> None:
    known = set(commands())
    assert set(lines.COMMANDS) <= known
    assert len(set(lines.COMMANDS)) == len(lines.COMMANDS)
    assert known - set(lines.COMMANDS) <= ELSEWHERE, "a new command is for lines, or it is named here"


@pytest.mark.parametrize("name", lines.COMMANDS)
def test_a_line_has_every_option_of_its_command_and_no_other(name: str) -> None:
    verb = lines.verb(name)
    hidden = set(common.COMMON) - {"as_", "at"}
    typed = [one for one in commands()[name].params if one.name not in hidden]
    wanted = {opt[2:].replace("-", "_") for one in typed for opt in one.opts if opt.startswith("--")}
    wanted |= {one.name for one in typed if one.param_type_name == "argument"}
    assert wanted <= set(verb.keys)
    more = set(verb.keys) - wanted
    assert more <= {"number", "item", "field", "id", "report"}, (
        "one of what there can be several of; as the help has it"
    )
    assert {one.name for one in verb.keys.values()} == {one.name for one in typed}


STORY: list[tuple[list[str], dict[str, Any]]] = [
    (["intake", "--kind", "in_home", "--place", "3-2-501", "--caller", "李兰", "--phone", "13800138000", "--fault",
      "漏水", "--service", "tap:2", "--service", "bulb", "--class", "", "--new", "--as", "C1"],
     {"do": "intake", "kind": "in_home", "place": "3-2-501", "caller": "李兰", "phone": 13800138000, "fault": "漏水",
      "service": ["tap:2", "bulb"], "class": "", "new": True, "as": "C1", "channel": None}),
    (["consent", "0001", "--fee", "200.50", "--as", "C1"], {"do": "consent", "number": "0001", "fee": 200.50,
                                                          "as": "C1"}),
    (["assign", "0001", "W1", "--reason", "在附近", "--as", "C1"],
     {"do": "assign", "number": "@1", "staff": "W1", "reason": "在附近", "as": "C1"}),
    (["accept", "0001", "--as", "W1"], {"do": "accept", "number": "0001", "as": "W1"}),
    (["arrive", "0001", "--found", "垫圈", "--as", "W1"],
     {"do": "arrive", "number": "0001", "found": "垫圈", "as": "W1"}),
    (["start", "0001", "--as", "W1", "--disturbs", "water", "--agreed-by", "李兰", "--check", "badge"],
     {"do": "start", "number": "0001", "as": "W1", "disturbs": "water", "agreed_by": "李兰", "check": ["badge"]}),
    (["pause", "0001", "--reason", "taken-away", "--item", "泵", "--next", "2026-11-24T18:00", "--as", "W1"],
     {"do": "pause", "number": "0001", "reason": "taken-away", "item": ["泵"], "next": "2026-11-24T18:00", "as": "W1"}),
    (["start", "0001", "--as", "W1"], {"do": "start", "number": "0001", "as": "W1"}),
    (["returned", "0001", "泵", "--as", "W1"], {"do": "returned", "number": "0001", "items": ["泵"], "as": "W1"}),
    (["correct", "0001", "phone=13900001111", "--reason", "听错", "--as", "C1"],
     {"do": "correct", "number": "0001", "fields": {"phone": "13900001111"}, "reason": "听错", "as": "C1"}),
    (["finish", "0001", "--result", "换好", "--service", "tap:2", "--material", "角阀片:2:18.50", "--unsure", "--as",
      "W1"],
     {"do": "finish", "number": "0001", "result": "换好", "service": ["tap:2"], "material": ["角阀片:2:18.50"],
      "unsure": True, "untested": False, "as": "W1"}),
    (["sign", "0001", "--by", "李兰", "--rating", "satisfied", "--as", "W1"],
     {"do": "sign", "number": "0001", "by": "李兰", "rating": "satisfied", "as": "W1"}),
    (["close", "0001", "--as", "L1"], {"do": "close", "number": "0001", "as": "L1"}),
    (["archive", "0001", "--as", "C1"], {"do": "archive", "number": "0001", "as": "C1"}),
    (["callback", "record", "0001", "--outcome", "satisfied", "--method", "phone", "--as", "C2"],
     {"do": "callback-record", "number": "0001", "outcome": "satisfied", "method": "phone", "as": "C2"}),
    (["pay", "0001", "--method", "cash", "--as", "F1"], {"do": "pay", "number": "0001", "method": "cash", "as": "F1"}),
]  # fmt: skip


def test_a_life_told_by_lines_is_the_same_as_one_told_by_commands(
    desk: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    shutil.copytree(desk, other)
    typed = [done(*argv) for argv, _ in STORY]
    mine = (done("show", "0001", "--entries"), done("why", "0001"))
    monkeypatch.chdir(other)
    told = answers(batch(tmp_path, *(line for _, line in STORY)))
    assert [one["ok"] for one in told] == [True] * len(STORY), [one for one in told if not one["ok"]]
    assert [one["line"] for one in told] == list(range(1, len(STORY) + 1))
    assert [one["answer"] for one in told] == typed
    assert (done("show", "0001", "--entries"), done("why", "0001")) == mine
    assert done("verify")["ok"]


EACH: dict[str, dict[str, Any]] = {
    "intake": IN_HOME | {"new": True},
    "quote": {"number": "P20261122-0005", "fee": "90", "as": "S1"},
    "consent": {"number": "P20261122-0005", "as": "C1"},
    "assign": {"number": "P20261122-0002", "staff": "W2", "as": "C1"},
    "accept": {"number": "P20261122-0010", "as": "W2"},
    "arrive": {"number": "P20261122-0010", "as": "W2"},
    "start": {"number": "P20261122-0010", "as": "W2"},
    "support": {"number": "P20261122-0011", "reason": "x", "as": "W1"},
    "reschedule": {"number": "P20261122-0010", "appointment": "2026-11-24T14:00/15:00", "reason": "x",
                   "agreed_by": "李", "as": "C1"},
    "pause": {"number": "P20261122-0011", "reason": "other", "next": "2026-11-24T18:00", "note": "n", "as": "W1"},
    "returned": {"number": "P20261122-0011", "item": "x", "as": "W1"},
    "finish": {"number": "P20261122-0011", "found": "f", "result": "r", "as": "W1"},
    "sign": {"number": "P20261122-0013", "by": "李", "rating": "fair", "as": "W1"},
    "close": {"number": "P20261122-0014", "as": "L1"},
    "archive": {"all": True, "as": "C1"},
    "cancel": {"number": "P20261122-0003", "reason": "x", "as": "C1"},
    "correct": {"number": "P20261122-0002", "field": "caller=甲", "reason": "x", "as": "C1"},
    "rebill": {"number": "P20261122-0001", "service": "tap", "reason": "x", "as": "L1"},
    "pay": {"number": "P20261122-0001", "method": "cash", "as": "F1"},
    "convert": {"number": "P20261122-0012", "tracker": "C2", "reason": "x", "as": "L1"},
    "log": {"number": "X20261122-0001", "place": "p", "contact": "c", "phone": "12345678", "content": "x",
            "opinions": "o", "plan": "n", "as": "C2"},
    "check": {"number": "X20261122-0001", "support": "x", "as": "S1"},
    "exempt": {"number": "P20261122-0010", "reason": "x", "as": "L1"},
    "attach": {"number": "P20261122-0002", "file": "scan.pdf", "what": "slip", "as": "C1"},
    "hear": {"number": "P20261122-0014", "said": "x", "as": "S1"},
    "settle": {"number": "P20261122-0014", "reason": "x", "as": "M1"},
    "explain": {"number": "P20261122-0012", "reason": "x", "expected": "2026-11-25T10:00", "as": "S1"},
    "recheck": {"due": True},
    "list": {"limit": 3, "state": ["reported"]},
    "show": {"number": "P20261122-0001", "entries": True},
    "why": {"number": "P20261122-0001", "what": "bill"},
    "callback due": {},
    "callback record": {"number": "P20261122-0001", "outcome": "satisfied", "method": "phone", "as": "C2"},
    "callback letter": {"number": "P20261122-0003", "text": "t", "as": "S1"},
    "callback opinion": {"text": "t", "as": "S1"},
    "callback settle": {"number": "P20261122-0001", "note": "x", "as": "S1"},
    "staff add": {"id": "W9", "name": "九", "role": "technician", "trade": ["plumbing"]},
    "staff list": {},
    "staff retire": {"staff_id": "K1"},
    "board": {"limit": 3}, "handover": {"to": "C2", "note": "x", "as": "C1"},
    "report": {"name": "month", "month": "2026-11", "as": "M1"},
    "staff duty": {"staff_id": "W1", "from": "2026-11-24T08:00", "to": "2026-11-24T18:00"},
}  # fmt: skip


@pytest.mark.parametrize("name", lines.COMMANDS)
def test_every_command_answers_a_line_with_one_document_or_a_refusal_of_its_own(
    name: str, full_desk: Path, tmp_path: Path
) -> None:
    (full_desk / "scan.pdf").write_bytes(b"%PDF-1.7")
    (told,) = answers(batch(tmp_path, {"do": name.replace(" ", "_"), **EACH[name]}))
    if told["ok"]:
        assert isinstance(told["answer"]["warnings"], list)
    else:
        assert told["error"]["code"] in (10, 11, 12), told["error"]
    assert told["ok"] or name in REFUSED, told["error"]
    assert done("verify")["ok"]


REFUSED = {"returned", "callback opinion", "callback settle", "callback letter", "settle"}
"""What this desk has no occasion for."""


# --- one answer for each line


def test_each_line_is_answered_in_order_and_what_is_refused_leaves_the_others(desk: Path, tmp_path: Path) -> None:
    result = batch(tmp_path, INTAKE, {"do": "close", "number": "@1", "as": "L1"}, "", {"do": "show", "number": "@1"})
    told = answers(result)
    assert result.exit_code == 18
    assert [(one["line"], one["ok"]) for one in told] == [(1, True), (2, False), (4, True)]
    assert (told[1]["error"]["code"], told[1]["error"]["kind"]) == (10, "not-allowed")
    assert told[2]["answer"]["number"] == told[0]["answer"]["number"]
    assert "1 of 3" in result.err


def test_all_well_is_nought_and_says_nothing_beside_the_answers(desk: Path, tmp_path: Path) -> None:
    result = batch(tmp_path, INTAKE)
    assert (result.exit_code, result.err) == (0, "")
    assert batch(tmp_path).exit_code == 0, "nothing to do is done"


def test_with_json_the_answers_are_one_document(desk: Path, tmp_path: Path) -> None:
    document = batch(tmp_path, INTAKE, {"do": "show", "number": "@1"}, options=("--json",)).json
    assert [one["ok"] for one in document["lines"]] == [True, True]
    assert (document["done"], document["refused"], document["committed"]) == (2, 0, True)
    result = batch(tmp_path, INTAKE, {"do": "close", "number": "9"}, options=("--json", "--atomic"))
    assert (result.json["committed"], result.json["done"], len(result.json["lines"])) == (False, 0, 1)
    assert result.error["code"] == result.exit_code == 11


HOSTILE: dict[str, bytes] = {
    "no JSON": b'{"do": "show"',
    "no object": b"[1]",
    "a text alone": b'"show"',
    "NaN": b'{"do": "show", "number": NaN}',
    "infinity": b'{"do": "show", "number": -Infinity}',
    "a key twice": b'{"do": "show", "number": "1", "number": "2"}',
    "one option by two names": b'{"do": "arrive", "number": "1", "nobody-home": true, "nobody_home": true}',
    "NUL": b'{"do": "show", "number": "a\\u0000b"}',
    "half a character": b'{"do": "show", "number": "\\ud800"}',
    "half a character in a key": b'{"do": "show", "\\ud800": "1"}',
    "no UTF-8": b'{"do": "show", "number": "\xff"}',
    "too deep": b'{"do": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "too long": b'{"do": "show", "number": "' + b"x" * 1_100_000 + b'"}',
    "unknown do": b'{"do": "escalate"}',
    "no do": b'{"number": "1"}',
    "do is no text": b'{"do": ["show"]}',
    "unknown key": b'{"do": "show", "nomber": "1"}',
    "home": b'{"do": "show", "number": "1", "home": "/"}',
    "a flag as text": b'{"do": "show", "number": "1", "entries": "yes"}',
    "a list for one": b'{"do": "show", "number": ["1"]}',
    "a list in a list": b'{"do": "archive", "numbers": [["1"]]}',
    "an object for one": b'{"do": "show", "number": {"a": "b"}}',
    "true for a text": b'{"do": "show", "number": true}',
    "a name with an equals sign": b'{"do": "correct", "number": "1", "fields": {"a=b": "c"}, "reason": "r"}',
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("atomic", [False, True])
def test_what_is_no_command_is_refused_by_its_line_and_harms_nothing(
    name: str, atomic: bool, desk: Path, tmp_path: Path
) -> None:
    with nothing_written(desk / "ledger.db"):
        options = ("--atomic",) if atomic else ()
        result = batch(tmp_path, HOSTILE[name], {"do": "staff list"}, options=options)
    told = answers(result)
    assert result.exit_code == 14
    assert (told[0]["line"], told[0]["error"]["code"], told[0]["error"]["kind"]) == (1, 14, "bad-input")
    assert [one["ok"] for one in told[1:]] == ([] if atomic else [True])
    assert "Traceback" not in result.err


@pytest.mark.parametrize(("said", "key"), [
    ({"do": "asign"}, "do"),
    ({"do": "assign", "nunber": "1"}, "nunber"),
    ({"do": "assign", "number": 1, "force": 1}, "force"),
])  # fmt: skip
def test_an_unknown_key_is_named(said: dict[str, Any], key: str, desk: Path, tmp_path: Path) -> None:
    (told,) = answers(batch(tmp_path, said))
    assert told["error"]["key"] == key
    assert key in told["error"]["message"] or "asign" in told["error"]["message"]


def test_what_is_missing_or_cannot_be_read_is_bad_input_in_a_file(desk: Path, tmp_path: Path) -> None:
    result = batch(
        tmp_path, {"do": "assign", "number": "1"}, {"do": "show", "number": "1", "as_of": "soon"}, {"do": "staff list"}
    )
    first, second, _ = answers(result)
    assert result.exit_code == 18, "both are commands"
    assert (first["error"]["code"], first["error"]["missing"]) == (14, ["staff"])
    assert second["error"]["code"] == 14


@pytest.mark.parametrize("name", ["x" * 300, "in.csv/x"])
def test_a_name_that_no_file_can_have_is_refused_by_its_line_and_the_others_go_on(
    name: str, desk: Path, tmp_path: Path
) -> None:
    (tmp_path / "in.csv").write_text("a\n", encoding="utf-8")
    attach = {"do": "attach", "number": "@1", "file": str(tmp_path / name), "as": "C1"}
    found = batch(tmp_path, INTAKE, attach, {**INTAKE, "place": "3-2-502"})
    assert found.exit_code == 18, found + found.err
    assert [one.get("error", {}).get("code", 0) for one in answers(found)] == [0, 11, 0]


def test_the_longest_line_is_read_to_its_last_byte(desk: Path, tmp_path: Path) -> None:
    frame = json.dumps({**INTAKE, "model": ""})
    line = json.dumps({**INTAKE, "model": "x" * (batch_lines.LONGEST - len(frame))})
    assert len(line) == batch_lines.LONGEST
    stream = io.BytesIO(line.encode() + b"\r\n" + line.encode() + b" \r\n")
    read = list(batch_lines.read(stream))
    assert [one.refusal is None for one in read] == [True, False]


def test_a_last_line_without_an_end_and_a_byte_order_mark_are_no_hindrance() -> None:
    read = list(batch_lines.read(io.BytesIO(b'\xef\xbb\xbf{"do": "a"}\n\n{"do": "b"}')))
    assert [(one.n, one.said) for one in read] == [(1, {"do": "a"}), (3, {"do": "b"})]


def test_a_number_is_taken_as_it_is_written() -> None:
    (read,) = batch_lines.read(io.BytesIO(b'{"fee": 23.40, "n": 9007199254740993, "e": 1e3}'))
    assert read.said == {"fee": "23.40", "n": "9007199254740993", "e": "1e3"}


# --- references


def test_a_line_names_an_order_by_the_line_that_took_it_in(desk: Path, tmp_path: Path) -> None:
    told = answers(batch(
        tmp_path, INTAKE, {**INTAKE, "place": "3-2-502"}, {"do": "assign", "number": "@2", "staff": "W1", "as": "C1"},
        {"do": "cancel", "number": "@3", "reason": "x", "as": "C1"}, {"do": "show", "number": "@9"},
    ))  # fmt: skip
    assert told[2]["answer"]["number"] == told[1]["answer"]["number"] != told[0]["answer"]["number"]
    assert [one["error"]["code"] for one in told[3:]] == [11, 11]


# --- all or none


def test_atomic_keeps_all_or_nothing_and_answers_with_what_holds(desk: Path, tmp_path: Path) -> None:
    good = [INTAKE, {"do": "assign", "number": "@1", "staff": "W1", "as": "C1"}]
    with nothing_written(desk / "ledger.db"):
        result = batch(tmp_path, *good, {"do": "accept", "number": "@1", "as": "W2"}, *good, options=("--atomic",))
    assert result.exit_code == 12
    (told,) = answers(result)
    assert (told["line"], told["error"]["code"]) == (3, 12)
    assert "nothing" in result.err
    told_all = answers(batch(tmp_path, *good, {"do": "show", "number": "@1"}, options=("--atomic",)))
    assert [one["ok"] for one in told_all] == [True] * 3
    assert told_all[2]["answer"]["state"] == "assigned", "a line sees what the lines before it wrote"
    assert done("show", "0001")["assignee"] == "W1"
    assert done("verify")["ok"]


def test_what_archive_leaves_out_within_atomic_is_not_half_written(full_desk: Path, tmp_path: Path) -> None:
    told = answers(batch(tmp_path, {"do": "archive", "all": True, "as": "C1"}, options=("--atomic",)))
    assert told[0]["ok"]
    assert done("verify")["ok"]


def test_stop_ends_with_the_first_refusal_and_keeps_what_was_done(desk: Path, tmp_path: Path) -> None:
    result = batch(tmp_path, INTAKE, {"do": "show", "number": "77"}, INTAKE, options=("--stop",))
    assert [one["ok"] for one in answers(result)] == [True, False]
    assert result.exit_code == 18
    assert "1 before it" in result.err
    assert "not read" in result.err
    assert len(done("list")["orders"]) == 1
    assert batch(tmp_path, INTAKE, options=("--stop", "--atomic")).exit_code == 2


def with_messages(desk: Path) -> None:
    """Policies by which somebody is told."""
    policies = desk / "policies.yaml"
    said = re.sub(r"(?m)^version: .*", "version: with-messages", policies.read_text(encoding="utf-8"), count=1)
    policies.write_text(said.replace("roles: []", "roles: [leader]"), encoding="utf-8")


@pytest.mark.sqlite
def test_an_emergency_is_told_when_its_line_holds_and_never_of_one_that_was_undone(
    desk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from repairdesk.cli import notices

    sent: list[tuple[int, bool]] = []

    def at_once(desk_: Any, by: Any, queued: Any) -> None:
        with closing(sqlite3.connect(desk / "ledger.db")) as db:
            (there,) = db.execute("SELECT count(*) FROM orders").fetchone()
        sent.append((len(queued), there > 0))

    monkeypatch.setattr(notices, "at_once", at_once)
    with_messages(desk)
    urgent = {**INTAKE, "priority": "emergency"}
    batch(tmp_path, urgent, {"do": "show", "number": "77"}, options=("--atomic",))
    assert sent == []
    batch(tmp_path, urgent, {"do": "show", "number": "@1"}, options=("--atomic",))
    batch(tmp_path, urgent)
    assert len(sent) == 2
    assert all(told > 0 and there for told, there in sent), "others see the order before anybody is told"


# --- beside others


class Dialogue(io.RawIOBase):
    """A stdin that is asked for one line at a time, and looks at what was answered before it gives the next."""

    def __init__(self, said: list[dict[str, Any]], out: io.StringIO, ledger: Path) -> None:
        self._said, self._out, self._ledger = iter(said), out, ledger
        self.seen: list[tuple[int, int]] = []

    def readline(self, size: int | None = -1, /) -> bytes:
        self.seen.append((len(self._out.getvalue().splitlines()), entries(self._ledger)))
        line = next(self._said, None)
        return json.dumps(line).encode() + b"\n" if line else b""


def test_each_answer_is_out_and_each_entry_kept_before_the_next_line_is_read(
    desk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = io.StringIO()
    said = [INTAKE, {"do": "assign", "number": "@1", "staff": "W1", "as": "C1"}, {"do": "show", "number": "@1"}]
    stdin = Dialogue(said, out, desk / "ledger.db")
    monkeypatch.setattr("sys.stdin", type("Stdin", (), {"buffer": stdin})())
    with redirect_stdout(out), redirect_stderr(io.StringIO()):
        assert main(["batch", "-"]) == 0
    answered, written = zip(*stdin.seen, strict=True)
    assert answered == (0, 1, 2, 3)
    assert written[0] < written[1] < written[2] == written[3]


@pytest.mark.sqlite
def test_a_ledger_that_others_hold_ends_the_run_with_fifteen(
    desk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REPAIRDESK_WAIT", "0")
    with closing(sqlite3.connect(desk / "ledger.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        result = batch(tmp_path, INTAKE, INTAKE)
        other.execute("ROLLBACK")
    assert result.exit_code == 15
    assert [one["error"]["code"] for one in answers(result)] == [15], "the next line would wait as long"


def test_others_write_between_two_lines(desk: Path) -> None:
    with closing(Session(desk / "ledger.db")) as session:
        for _ in range(2):
            with session.write() as writer:
                before = writer.head()[0]
            done("intake", "--kind", "public_area", "--place", "门", "--fault", "坏", "--new", "--as", "C1")
            with session.read() as reader:
                assert reader.head()[0] > before


@pytest.mark.sqlite
def test_a_ledger_that_was_replaced_meanwhile_is_opened_anew(desk: Path, tmp_path: Path) -> None:
    backup = tmp_path / "backup.db"
    shutil.copy(desk / "ledger.db", backup)
    with closing(Session(desk / "ledger.db")) as session:
        with session.write() as writer:
            before = writer.head()
        done("intake", "--kind", "public_area", "--place", "门", "--fault", "坏", "--new", "--as", "C1")
        backup.replace(desk / "ledger.db")
        with session.write() as writer:
            assert writer.head() == before, "the entry of the file that is gone is not seen"
        with session.read() as reader:
            assert reader.head() == before


def test_what_is_not_said_on_a_line_is_said_by_the_command(desk: Path, tmp_path: Path) -> None:
    line = {name: value for name, value in INTAKE.items() if name != "as"}
    told = answers(batch(tmp_path, line, {"do": "cancel", "number": "@1", "reason": "x", "at": "2026-11-24T08:50"},
                         options=("--as", "C2", "--at", "2026-11-24T08:30")))  # fmt: skip
    assert [one["ok"] for one in told] == [True, True]
    found = done("show", "0001", "--entries")["entries"]
    said = [(one["actor"], one["occurred_at"][11:16]) for one in found]
    assert said[0] == ("C2", "08:30")
    assert said[-1] == ("C2", "08:50")


def test_a_file_that_is_not_there_is_eleven(desk: Path) -> None:
    assert run("batch", "nowhere.jsonl").exit_code == 11
    assert run("batch").exit_code == 2


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    calls: list[int] = []
    monkeypatch.setattr(batch_lines, "WORK_SECONDS", -1.0)
    monkeypatch.setattr(Session, "give_way", lambda self: calls.append(1))
    return calls


def test_a_long_run_gives_way_to_others_and_an_atomic_one_cannot(
    desk: Path, tmp_path: Path, counted: list[int]
) -> None:
    batch(tmp_path, INTAKE, INTAKE, options=("--atomic",))
    assert counted == []
    batch(tmp_path, INTAKE, INTAKE)
    assert len(counted) == 2


# --- nobody there


class GoneAway(io.StringIO):
    """A reader that goes away after so many answers."""

    def __init__(self, after: int) -> None:
        super().__init__()
        self.after = after

    def flush(self) -> None:
        if self.getvalue().count("\n") > self.after:
            raise BrokenPipeError


def unheard(folder: Path, after: int, *options: str, lines: int = 3) -> tuple[int, str]:
    file = folder / "lines.jsonl"
    file.write_text((json.dumps(INTAKE) + "\n") * lines)
    err = io.StringIO()
    with redirect_stdout(GoneAway(after)), redirect_stderr(err):
        return main(["batch", str(file), *options]), err.getvalue()


def test_a_reader_that_goes_away_before_the_end_is_told_on_stderr(desk: Path, tmp_path: Path) -> None:
    code, err = unheard(tmp_path, 0)
    assert code == 18
    assert "1 of 1" in err
    assert len(done("list")["orders"]) == 1, "the lines that follow are not done"


def test_a_reader_that_goes_away_when_all_is_done_makes_no_failure(desk: Path, tmp_path: Path) -> None:
    assert unheard(tmp_path, 2) == (0, "")
    assert unheard(tmp_path, 0, lines=1) == (0, "")
    assert unheard(tmp_path, 0, "--atomic") == (0, "")
    assert len(done("list")["orders"]) == 7


@pytest.mark.parametrize("options", [(), ("--atomic",)])
def test_an_emergency_is_told_though_nobody_hears_the_answer(
    options: tuple[str, ...], desk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[int, ...]] = []
    monkeypatch.setattr("repairdesk.cli.notices.at_once", lambda desk_, by, queued: told.append(queued))
    monkeypatch.setitem(INTAKE, "priority", "emergency")
    with_messages(desk)
    unheard(tmp_path, 0, *options, lines=1)
    assert len(told) == 1


@pytest.mark.parametrize("options", [(), ("--atomic",), ("--json",), ("--json", "--atomic")])
def test_without_a_ledger_no_line_is_tried(options: tuple[str, ...], tmp_path: Path) -> None:
    result = batch(tmp_path, INTAKE, INTAKE, options=("--home", str(tmp_path), *options))
    assert result.exit_code == 11
    told = result.json["lines"] if "--json" in options else answers(result)
    assert [one["error"]["code"] for one in told] == ([] if "--atomic" in options else [11])
    assert str(tmp_path) in result.err


@pytest.mark.sqlite
def test_atomic_on_a_ledger_that_others_hold_is_one_document(
    desk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REPAIRDESK_WAIT", "0")
    with closing(sqlite3.connect(desk / "ledger.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        result = batch(tmp_path, INTAKE, options=("--atomic", "--json"))
        other.execute("ROLLBACK")
    assert (result.exit_code, result.error["code"]) == (15, 15)
    assert (result.json["lines"], result.json["committed"]) == ([], False)


def test_a_run_of_which_nothing_could_be_done_is_fourteen(desk: Path, tmp_path: Path) -> None:
    missing = {"do": "show", "number": "77"}
    for options in ((), ("--stop",)):
        assert batch(tmp_path, missing, missing, options=options).exit_code == 14


def test_who_asks_for_the_times_of_a_run_still_gets_its_answers(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mistake of the program is answered as one; only ``REPAIRDESK_DEBUG=1`` shows where."""

    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr("repairdesk.desk.Desk.show", broken, raising=False)
    monkeypatch.setenv("REPAIRDESK_DEBUG", "time")
    (answer,) = answers(batch(desk, {"do": "show", "number": "1"}))
    assert "broken" in answer["error"]["message"]
    monkeypatch.setenv("REPAIRDESK_DEBUG", "1")
    with pytest.raises(RuntimeError):
        batch(desk, {"do": "show", "number": "1"})
