"""Completion: what is offered behind which words, and that it only ever looks."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from desk_cli import Clock, done, refused, run

from repairdesk import locale
from repairdesk.cli import app, completing, offers
from repairdesk.cli.completion import SCRIPTS
from repairdesk.domain import lifecycle

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))
import completion as tool  # noqa: E402  (a tool of the repository, not of the package)

NEEDLESS = ("typer", "rich", "shellingham", "yaml", "pydantic", "sqlalchemy", "zoneinfo", "decimal", "hashlib")
PROGRAM = "import sys; from repairdesk.cli.__main__ import run; run()"


@pytest.fixture(autouse=True)
def english() -> None:
    locale.use("en")


def offered(*words: str) -> list[str]:
    """The candidates, as fish and zsh get them."""
    said = completing.answer("fish", words, ["100"])
    return [line.partition("\t")[0] for line in said.splitlines()[1:]]


def told(*words: str) -> dict[str, str]:
    """Each candidate with what it is."""
    lines = completing.answer("fish", words, ["100"]).splitlines()[1:]
    return dict(line.partition("\t")[::2] for line in lines)


def process(*words: str, shell: str = "zsh 100", **env: str) -> subprocess.CompletedProcess[str]:
    """As a shell asks."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("REPAIRDESK_")}
    plain |= {"PYTHONPATH": str(ROOT / "src"), "PYTHONDONTWRITEBYTECODE": "1", completing.VARIABLE: shell, **env}
    return subprocess.run([sys.executable, "-c", PROGRAM, *words], env=plain, capture_output=True, text=True,
                          encoding="utf-8", check=False)  # fmt: skip


# --- the table


def test_a_number_is_offered_by_its_day(full_desk: Path) -> None:
    for typed in ("1122-001", "22-0011", "20261122-0011"):
        assert "P20261122-0011" in offered("show", typed) or "P20261122-0011" in offered("finish", typed), typed


def test_the_table_is_what_the_commands_declare() -> None:
    assert tool.TARGET.read_text(encoding="utf-8") == tool.text(), "run `python tools/completion.py`"


def test_every_word_of_the_table_for_a_kind_of_value_is_known() -> None:
    sources = {p[2] for one in tool.table()["commands"].values() for p in one["parameters"]}
    unknown = {one for one in sources if one and not one.startswith("choice:")} - set(offers._KNOWN) - {"text"}
    assert unknown == set()


def test_every_command_that_takes_an_order_knows_its_states() -> None:
    commands = tool.table()["commands"]
    moving = {row.typed for row in lifecycle.TABLE if row.source} - {"callback"}
    assert {name for name in moving if not any(commands[name]["states"])} == set()
    assert all(any(commands[f"callback {name}"]["states"]) for name in ("record", "settle", "letter"))


# --- commands and options


def test_the_first_word_is_a_command_with_its_help() -> None:
    assert offered("") == list(app._HOME)
    assert offered("as") == ["assign"]
    assert told("assi") == {"assign": "Send a technician."}
    assert offered("staff", "") == ["add", "list", "retire", "duty", "pin"]


def test_help_is_told_in_the_language_that_is_spoken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REPAIRDESK_LANG", "zh")
    assert told("assi") == {"assign": "派工。"}
    assert told("list", "--lang", "en", "--ki")["--kind"].startswith("in_home")


def test_a_dash_offers_options_and_those_that_were_said_once_are_gone(full_desk: Path) -> None:
    assert "--force" in offered("assign", "--")
    assert "--force" not in offered("assign", "--force", "--")
    assert "--service" in offered("intake", "--service", "tap", "--")
    assert offered("assign", "1", "W1", "--hom") == ["--home"]
    assert offered("assign", "--", "--f") == []
    assert "--help" in offered("intake", "")


def test_a_value_is_offered_behind_its_option_and_behind_its_equals_sign() -> None:
    assert offered("intake", "--priority", "") == ["emergency", "regular", "low"]
    assert offered("intake", "--priority=e") == ["--priority=emergency"]
    assert offered("show", "--lang", "") == ["zh", "en"]
    assert offered("pause", "1", "--reason", "pa") == ["parts"]
    assert offered("report", "fi") == ["finance"]
    assert offered("intake", "--fault", "") == []


def test_files_and_folders_are_left_to_the_shell() -> None:
    assert completing.answer("bash", ["repairdesk import "], ["9", "80"]) == "files\n"
    assert completing.answer("zsh", ["show", "--home", ""], ["80"]) == "dirs\n"


# --- orders


def test_orders_are_those_of_which_the_command_is_possible(full_desk: Path) -> None:
    for command in ("accept", "finish", "close", "archive", "sign", "log", "pause"):
        rows = [row for row in lifecycle.TABLE if row.typed == command and row.source]
        states = {state for row in rows for state in row.source}
        numbers = offered(command, "")
        assert numbers, command
        assert {done("show", number)["state"] for number in numbers} <= states, command


def test_open_orders_come_first_and_each_says_where_and_what(full_desk: Path) -> None:
    numbers = offered("show", "")
    states = [done("show", number)["state"] for number in numbers]
    is_open = [state in lifecycle.OPEN for state in states]
    assert is_open == sorted(is_open, reverse=True)
    assert set(numbers) == {order["number"] for order in done("list", "--limit", "500")["orders"]}
    assert told("show", "P20261122-0011")["P20261122-0011"] == "东门 门灯不亮 (on_site)"


def test_an_order_is_found_by_its_beginning_and_by_its_ending(full_desk: Path) -> None:
    assert offered("show", "0011") == ["P20261122-0011"]
    assert offered("show", "p20261122-001") == offered("show", "P20261122-001")
    assert "X20261122-0001" in offered("show", "X")
    assert "P20261122-0001" in offered("show", "2-０００1")
    assert offered("show", "P1999") == []


def test_an_order_that_was_said_already_is_not_offered_again(full_desk: Path) -> None:
    (closed,) = [one for one in offered("archive", "") if one.startswith("P")]
    assert closed not in offered("archive", closed, "")


def test_only_open_orders_can_be_joined_and_any_can_be_followed(full_desk: Path) -> None:
    assert "P20261122-0001" not in offered("intake", "--join", "")
    assert "P20261122-0011" in offered("intake", "--join", "")
    assert "P20261122-0001" in offered("intake", "--follows", "")


# --- people, codes, places


def test_people_are_found_by_id_and_by_name_and_technicians_first_where_one_is_sent(full_desk: Path) -> None:
    assert offered("assign", "0010", "")[:3] == ["K1", "W1", "W2"]
    assert told("show", "--as", "L")["L1"] == "NL1 leader"
    assert offered("assign", "0010", "nw2") == ["W2"]
    done("staff", "retire", "W2", "--reason", "gone")
    assert "W2" not in offered("assign", "0010", "")


def test_fee_codes_come_with_name_and_price(full_desk: Path) -> None:
    assert told("intake", "--service", "bul") == {"bulb": "更换灯泡 10.00/只"}
    assert told("finish", "1", "--material", "led-9w")["led-9w"] == "LED 灯泡 9W 15.00/只"
    assert offered("finish", "1", "--card-price", "led-9w") == ["led-9w="]


def test_words_of_the_policies_are_offered(full_desk: Path) -> None:
    assert "plumbing" in offered("intake", "--category", "")
    assert "engineering" in offered("intake", "--department", "")
    assert "badge" in offered("start", "1", "--check", "")
    assert "cash" in offered("pay", "1", "--method", "")
    assert "bill" in offered("why", "0008", "")
    assert "resolve" in offered("why", "0008", "")


def test_fields_to_correct_are_joined_to_their_values(full_desk: Path) -> None:
    assert completing.answer("zsh", ["correct", "0001", "prio"], ["80"]).splitlines()[0] == "nospace"
    assert offered("correct", "0001", "prio") == ["priority="]
    assert offered("correct", "0001", "priority=e") == ["priority=emergency"]
    assert "priority=" not in offered("correct", "0001", "priority=low", "")
    assert offered("correct", "0001", "fault=") == []


def test_places_come_from_the_register_and_from_reports(full_desk: Path, tmp_path: Path) -> None:
    file = tmp_path / "h.csv"
    file.write_text("place,names,phones\n3-2-502,张三,13800138000\n", encoding="utf-8")
    done("household", "import", str(file), "--as", "C1")
    assert told("intake", "--place", "3-2-50") == {"3-2-501": "", "3-2-502": "张三"}
    assert offered("intake", "--place", "东") == ["东门"]


@pytest.mark.parametrize("typed", ["3栋2单元50", "3栋2单元", "3号楼2单元5", "３－２－５", "3幢2"])
def test_a_place_is_found_however_it_is_begun_and_offered_as_it_is_written(full_desk: Path, typed: str) -> None:
    assert offered("list", "--place", typed) == ["3-2-501"]


def test_people_stand_in_the_order_in_which_they_are_counted(desk: Path) -> None:
    done("staff", "add", "W10", "--name", "N", "--role", "technician")
    assert offered("assign", "0001", "W") == ["W1", "W2", "W10"]


def test_months_go_from_this_one_back_to_the_first_report(full_desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(offers, "clock", Clock("2027-01-05T09:00:00"))
    assert offered("report", "month", "--month", "") == ["2027-01", "2026-12", "2026-11"]
    assert offered("report", "month", "--month", "2026-1") == ["2026-12", "2026-11"]


# --- what is not told


def test_no_phone_number_is_told(desk: Path) -> None:
    said = ("--caller", "李兰", "--phone", "13800138000", "--new", "--as", "C1")
    number = done(
        "intake", "--kind", "in_home", "--place", "1-1-101 13800138000", "--fault", "漏水，打13800138000", *said
    )
    assert "13800138000" not in completing.answer("zsh", ["show", ""], ["200"])
    assert "****" in told("show", "")[number["number"]]
    assert offered("intake", "--place", "1-1-101") == []


def test_what_would_steer_a_terminal_or_a_shell_is_not_put_on_the_line(desk: Path) -> None:
    done("intake", "--kind", "public_area", "--place", "东门; $(reboot) 'x'", "--fault", "a\x1b[31m\nb", "--new",
         "--as", "C1")  # fmt: skip
    answer = completing.answer("bash", ["repairdesk list --place 东"], ["9", "80", "=:@"])
    assert answer.splitlines()[1] == "东门\\;\\ \\$\\(reboot\\)\\ \\'x\\'"
    assert "\x1b" not in completing.answer("zsh", ["show", ""], ["80"])
    assert len(completing.answer("zsh", ["show", ""], ["80"]).splitlines()) == 2


# --- it only looks


def digest(folder: Path) -> dict[str, tuple[int, int]]:
    return {str(path): (path.stat().st_mtime_ns, path.stat().st_size) for path in sorted(folder.rglob("*"))}


def test_nothing_is_written_and_nothing_left_behind(full_desk: Path) -> None:
    before = digest(full_desk)
    heard = process("assign", "", REPAIRDESK_HOME=str(full_desk))
    assert "P20261122-0010" in heard.stdout
    assert digest(full_desk) == before


@pytest.mark.sqlite
def test_a_writer_neither_waits_nor_is_waited_for(full_desk: Path) -> None:
    ledger = full_desk / "ledger.db"
    with closing(sqlite3.connect(ledger, isolation_level=None)) as db:
        db.execute("BEGIN IMMEDIATE")
        assert offered("show", "0011") == ["P20261122-0011"]
        db.execute("COMMIT")
        db.execute("BEGIN EXCLUSIVE")
        heard = process("show", "", REPAIRDESK_HOME=str(full_desk))
        assert (heard.returncode, heard.stdout, heard.stderr) == (0, "", "")


@pytest.mark.sqlite
def test_where_there_is_no_desk_or_a_broken_one_it_is_silent(tmp_path: Path, full_desk: Path) -> None:
    (full_desk / "ledger.db").write_bytes(b"nothing of the kind" * 100)
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    with closing(sqlite3.connect(foreign / "ledger.db")) as db:
        db.execute("CREATE TABLE orders (number)")
    for home in (tmp_path / "none", full_desk, foreign):
        for words in (("show", ""), ("assign", "1", ""), ("intake", "--place", "")):
            heard = process(*words, REPAIRDESK_HOME=str(home))
            assert (heard.returncode, heard.stdout, heard.stderr) == (0, "", ""), words
    assert process("show", "--lang", "", REPAIRDESK_HOME=str(tmp_path / "none")).stdout != ""


@pytest.mark.parametrize("words", [(), ("nonsense", ""), ("staff", "nonsense", ""), ("show", "\udcff"), ("--", "")])
def test_what_makes_no_sense_is_answered_with_nothing(words: tuple[str, ...], full_desk: Path) -> None:
    heard = process(*words, REPAIRDESK_HOME=str(full_desk))
    assert (heard.returncode, heard.stderr) == (0, "")


def test_it_loads_nothing_heavy(full_desk: Path) -> None:
    """Exit is by the kernel's call, so what is loaded is told from within the answer's own process."""
    program = (
        "import sys\nfrom repairdesk.cli import completing\n"
        "print(completing.answer('zsh', ['assign', ''], ['80']))\nprint('LOADED', *sys.modules)"
    )
    env = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "REPAIRDESK_HOME": str(full_desk)}
    said = subprocess.run([sys.executable, "-c", program], env=env, capture_output=True, text=True, check=True).stdout
    assert "P20261122-0010" in said
    loaded = set(said.rsplit("LOADED ", 1)[1].split())
    assert loaded & set(NEEDLESS) == set()
    assert {name for name in loaded if name.startswith("repairdesk.desk")} == set()


# --- the command


def test_the_command_writes_out_the_function_of_a_shell() -> None:
    for shell in SCRIPTS:
        assert str(run("completion", shell)) == SCRIPTS[shell]
        assert str(run("--show-completion", shell)) == SCRIPTS[shell]
        assert done("completion", shell)["text"] == SCRIPTS[shell]
    assert "bash, zsh, fish" in refused(2, "completion", "tcsh")["message"]


def test_installing_twice_leaves_one_line_and_what_was_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".bashrc").write_text("alias ll='ls -l'", encoding="utf-8")
    for _ in range(2):
        told = done("completion", "bash", "--install")
    assert Path(told["file"]).read_text(encoding="utf-8") == SCRIPTS["bash"]
    lines = (tmp_path / ".bashrc").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "alias ll='ls -l'"
    assert len(lines) == 2
    assert told["file"] in lines[1]
    fish = done("--install-completion", "fish")
    assert Path(fish["file"]) == tmp_path / ".config/fish/completions/repairdesk.fish"


def test_a_mistake_in_completion_is_told_where_it_is_asked_for_and_without_a_phone(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object) -> str:
        raise ValueError(f"could not decode {10 * 1391111222 + 2}")

    def ended(code: int) -> None:
        raise SystemExit(code)

    monkeypatch.setattr(completing, "answer", broken)
    monkeypatch.setattr(completing.os, "_exit", ended)
    monkeypatch.setattr(completing, "start_new_thread", lambda *_: None)
    for debug, code in (("1", 1), ("", 0)):
        with pytest.raises(SystemExit) as said:
            completing.run({completing.VARIABLE: "zsh 80", "REPAIRDESK_DEBUG": debug})
        assert said.value.code == code
        told = capsys.readouterr().err
        assert ("ValueError" in told) == bool(debug)
        assert "13911112222" not in told
