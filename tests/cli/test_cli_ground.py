"""The contract's ground rules: which desk, who, when, in which language, and what goes to which stream."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from desk_cli import IN_HOME, PUBLIC, Clock, done, entries, nothing_written, refused, run

from repairdesk.cli import common
from repairdesk.desk import Desk

# --- which desk


def test_init_makes_a_desk_of_four_files_that_is_ready_to_use(tmp_path: Path, clock: Clock) -> None:
    home = tmp_path / "new" / "desk"
    answer = done("init", "--home", str(home))
    assert sorted(path.name for path in home.iterdir()) == ["calendar.yaml", "fees.yaml", "ledger.db", "policies.yaml"]
    assert answer["preset"] == "standard"
    assert done("list", "--home", str(home)) == {"orders": [], "total": 0, "warnings": []}
    assert done("verify", "--home", str(home))["ok"] is True


@pytest.mark.parametrize("preset", ["standard", "longfor", "liyuan"])
def test_each_preset_makes_a_desk_that_takes_a_report(preset: str, tmp_path: Path, clock: Clock) -> None:
    home = ("--home", str(tmp_path / preset))
    done("init", "--preset", preset, *home)
    done("staff", "add", "C1", "--name", "陈", "--role", "clerk", *home)
    assert done("intake", *IN_HOME, "--as", "C1", *home)["policies_version"].startswith(preset)
    assert done("policies", "check", *home)["ok"] is True
    assert done("fees", "check", *home)["ok"] is True


def test_init_refuses_to_overwrite_and_changes_nothing(desk: Path) -> None:
    before = {path.name: path.read_bytes() for path in desk.iterdir()}
    refused(10, "init", "--home", str(desk))
    assert {path.name: path.read_bytes() for path in desk.iterdir()} == before


def test_a_preset_that_is_not_there_leaves_nothing_behind(tmp_path: Path, clock: Clock) -> None:
    refused(11, "init", "--preset", "nosuch", "--home", str(tmp_path / "x"))
    assert not (tmp_path / "x").exists()


def test_init_takes_the_time_that_is_said_and_no_time_that_is_to_come(tmp_path: Path, clock: Clock) -> None:
    refused(10, "init", "--home", str(tmp_path / "x"), "--at", "2026-11-25T09:00")
    assert not list((tmp_path / "x").glob("*")), "what was refused leaves no half a desk"
    done("init", "--home", str(tmp_path / "x"), "--at", "2026-11-20T09:00")


def test_the_option_names_the_desk_before_the_variable_does(
    desk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other"
    done("init", "--home", str(other))
    monkeypatch.setenv("REPAIRDESK_HOME", str(other))
    assert done("staff", "list")["staff"] == []
    assert len(done("staff", "list", "--home", str(desk))["staff"]) == 10


def test_without_a_name_the_desk_is_the_folder_one_stands_in_or_the_nearest_above(
    desk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deep = desk / "a" / "b"
    deep.mkdir(parents=True)
    monkeypatch.chdir(deep)
    assert len(done("staff", "list")["staff"]) == 10


def test_where_no_folder_above_is_a_desk_it_is_the_user_s_data_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    refused(11, "list")
    done("init", "--home", str(tmp_path / "data" / "repairdesk"))
    assert done("list")["total"] == 0


@pytest.mark.parametrize("written", ["{}", "sqlite:///{}"])
def test_the_ledger_can_lie_elsewhere_as_a_path_or_a_url(
    written: str, tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, book = tmp_path / "desk", tmp_path / "elsewhere.db"
    url = written.format(book)
    done("init", "--home", str(home), "--ledger", url)
    assert not (home / "ledger.db").exists()
    done("staff", "add", "C1", "--name", "陈", "--role", "clerk", "--home", str(home), "--ledger", url)
    monkeypatch.setenv("REPAIRDESK_LEDGER", url)
    assert [one["id"] for one in done("staff", "list", "--home", str(home))["staff"]] == ["C1"]


def test_an_engine_that_is_not_served_is_a_wrong_value(desk: Path) -> None:
    refused(2, "list", "--ledger", "mysql://root@here/desk")


# --- who


def test_as_says_who_did_it_and_the_entry_keeps_who_sat_at_the_keyboard(desk: Path) -> None:
    number = done("intake", *IN_HOME, "--as", "C1")["number"]
    (entry,) = done("show", number, "--entries")["entries"]
    assert (entry["actor"], entry["keyboard"]) == ("C1", "os:keyboard")


def test_the_variable_says_who_where_the_option_does_not(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REPAIRDESK_AS", "C2")
    assert done("intake", *IN_HOME)["clerk"] == "C2"
    assert done("intake", *IN_HOME, "--as", "C1")["clerk"] == "C1"


def test_else_it_is_the_staff_record_of_the_os_user(desk: Path) -> None:
    done("staff", "add", "C3", "--name", "何", "--role", "clerk", "--os-user", "keyboard")
    number = done("intake", *IN_HOME)["number"]
    (entry,) = done("show", number, "--entries")["entries"]
    assert (entry["actor"], entry["keyboard"]) == ("C3", "C3")


def test_without_a_staff_record_one_may_only_what_anyone_may(desk: Path) -> None:
    refused(12, "intake", *IN_HOME)
    for anyone in (("list",), ("board",), ("verify",), ("staff", "list"), ("fees", "list"), ("policies", "show")):
        done(*anyone)
    (desk / "x").mkdir()
    done("init", "--home", str(desk / "x"))


@pytest.mark.parametrize("name", ["GHOST", "os:somebody-else", "c1", "%", "'", " ", "C1 "])
def test_who_is_not_there_is_not_found_even_to_look(name: str, desk: Path) -> None:
    for command in (("list",), ("board",), ("intake", *IN_HOME), ("staff", "list"), ("archive", "--all")):
        refused(11, *command, "--as", name)


def test_one_s_own_account_can_be_named(desk: Path) -> None:
    done("list", "--as", "os:keyboard")
    refused(12, "intake", *IN_HOME, "--as", "os:keyboard")


def test_who_has_left_may_do_nothing_more(desk: Path) -> None:
    done("staff", "retire", "C1")
    refused(12, "intake", *IN_HOME, "--as", "C1")


def test_an_id_that_is_added_again_keeps_no_second_person(desk: Path) -> None:
    done("staff", "add", "W1", "--name", "新名", "--role", "technician", "--trade", "plumbing", "--trade", "locks")
    (person,) = [one for one in done("staff", "list")["staff"] if one["id"] == "W1"]
    assert (person["name"], person["trades"]) == ("新名", ["plumbing", "locks"])


def test_duty_is_a_span_of_the_roster_in_the_desk_s_zone(desk: Path) -> None:
    person = done("staff", "duty", "W1", "--from", "2026-11-24T08:00", "--to", "2026-11-24T10:00:00Z")
    assert person["duty"] == [{"from": "2026-11-24T08:00:00+08:00", "to": "2026-11-24T18:00:00+08:00"}]
    refused(2, "staff", "duty", "W1", "--from", "2026-11-24T08:00", "--to", "2026-11-24T08:00")


# --- when


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("2026-11-24T08:05", "2026-11-24T08:05:00+08:00"),
        ("2026-11-24T08:05:07", "2026-11-24T08:05:07+08:00"),
        ("2026-11-24T00:05:07Z", "2026-11-24T08:05:07+08:00"),
        ("2026-11-24T02:05+02:00", "2026-11-24T08:05:00+08:00"),
        ("2026-11-23T19:05:00.9-05:00", "2026-11-24T08:05:00+08:00"),
        ("２０２６－１１－２４Ｔ０８：０５", "2026-11-24T08:05:00+08:00"),
    ],
)
def test_at_takes_local_iso_with_or_without_offset_and_seconds(said: str, meant: str, desk: Path) -> None:
    order = done("intake", *IN_HOME, "--as", "C1", "--at", said)
    assert order["reported_at"] == meant
    assert order["number"] == "P20261124-0001"


@pytest.mark.parametrize(
    "said",
    ["", "now", "2026-11-24", "08:05", "2026-11-24T25:00", "2026-02-30T08:00", "0000-01-01T00:00", "9999-12-31T23:59",
     "2026-11-24T08:05+99:00", "1764000000", "2026-11-24T08:05 08:06", "٢٠٢٦-11-24T08:05", "-1"],
)  # fmt: skip
def test_a_time_that_cannot_be_read_is_a_usage_error_of_every_command(said: str, desk: Path) -> None:
    for command in (
        ("intake", *IN_HOME, "--as", "C1"), ("list",), ("verify",), ("fees", "list"), ("show", "GHOST"),
        ("list", "--home", "/nowhere/at/all"), ("staff", "retire", "GHOST"), ("archive", "--all"),
    ):  # fmt: skip
        refused(2, *command, "--at", said)


def test_nothing_happens_in_the_future(desk: Path) -> None:
    with nothing_written(desk / "ledger.db"):
        assert refused(10, "intake", *IN_HOME, "--as", "C1", "--at", "2026-11-24T09:01")["rule"] == "REC-2"
        assert refused(10, "staff", "retire", "W1", "--at", "2026-11-24T09:01")["rule"] == "REC-2"


@pytest.mark.rule("REC-2")
def test_an_entry_written_more_than_fifteen_minutes_after_is_marked_as_late(desk: Path) -> None:
    for said, late in (("2026-11-24T08:45:00", False), ("2026-11-24T08:44:59", True)):
        number = done("intake", *PUBLIC, "--as", "C1", "--at", said)["number"]
        (entry,) = done("show", number, "--entries")["entries"]
        assert entry["late"] is late
        assert entry["recorded_at"] == "2026-11-24T09:00:00+08:00"
        assert ("(late)" in run("show", number, "--entries")) is late


# --- one document, and nothing beside it


def test_remarks_go_into_the_document_with_json_and_to_stderr_without(desk: Path) -> None:
    emergency = ("intake", *PUBLIC, "--priority", "emergency", "--as", "C1")
    document = done(*emergency)
    assert len(document["warnings"]) == 1
    spoken = run(*emergency)
    assert document["warnings"][0] in spoken.err
    assert document["warnings"][0] not in spoken


LOOKS = (
    ("list",), ("show", "P20261122-0001"), ("show", "P20261122-0001", "--entries"), ("why", "P20261122-0001"),
    ("why", "P20261122-0001", "bill"), ("board",), ("print", "P20261122-0001", "--as", "C1"), ("staff", "list"),
    ("fees", "list"), ("fees", "check"), ("policies", "show"), ("policies", "check"), ("verify",),
    ("archive", "P20261122-0015", "X20261122-0001", "--as", "L1"), ("list", "--find", "nothing like it"),
)  # fmt: skip


@pytest.mark.parametrize("command", LOOKS, ids=" ".join)
def test_every_answer_is_one_object_with_a_list_of_warnings_or_a_refusal(
    command: tuple[str, ...], full_desk: Path
) -> None:
    result = run(*command, "--json")
    if result.exit_code:
        assert result == ""
        assert result.error["code"] == result.exit_code
    else:
        assert isinstance(result.json["warnings"], list)
        assert result.err == ""


@pytest.mark.parametrize("command", LOOKS, ids=" ".join)
def test_a_pipe_gets_plain_text(command: tuple[str, ...], full_desk: Path) -> None:
    result = run(*command)
    assert "\x1b" not in result + result.err
    assert not set("╭│─╰┃━") & set(str(result)), "no frames are drawn where nobody sees them"


def test_a_list_in_a_pipe_is_a_line_for_each_order(full_desk: Path) -> None:
    lines = run("list", "--limit", "100").splitlines()
    assert len(lines) == 1 + done("list")["total"]
    assert len({line.count("\t") for line in lines}) == 1


def test_a_refusal_says_code_kind_rule_message_and_what_is_possible(desk: Path) -> None:
    number = done("intake", *PUBLIC, "--as", "C1")["number"]
    refusal = refused(10, "close", number, "--as", "L1")
    assert list(refusal) == ["code", "kind", "rule", "message", "possible", "remedy"]
    assert refusal["remedy"] is None, "its sentence and what is possible say it"
    assert (refusal["kind"], refusal["rule"]) == ("not-allowed", "FIN-5")
    assert number in refusal["message"]
    assert "assign" in refusal["possible"]
    assert not {"close", "sign", "finish"} & set(refusal["possible"])
    assert refused(11, "close", "GHOST", "--as", "L1")["possible"] == []


def test_for_people_a_refusal_is_a_sentence_on_stderr(desk: Path) -> None:
    number = done("intake", *PUBLIC, "--as", "C1")["number"]
    result = run("close", number, "--as", "L1")
    assert (str(result), result.exit_code) == ("", 10)
    assert "FIN-5" in result.err
    assert "assign" in result.err


def test_nothing_to_do_prints_nothing_and_is_done(desk: Path) -> None:
    for command in (("list",), ("archive", "--all", "--as", "C1")):
        result = run(*command)
        assert (result.exit_code, str(result), result.err) == (0, "", "")
    assert done("archive", "--all", "--as", "C1") == {"orders": [], "warnings": []}


@pytest.mark.parametrize(
    "argv",
    [("nosuch",), ("lst",), ("list", "--nosuch"), ("list", "--limit"), ("list", "--limit", "x"),
     ("list", "--limit", "0"), ("list", "--json=yes"), ("show", "a", "b"),
     ("staff", "nosuch"), ("--json",), ("--home", "x", "list"),
     ("list", "--kind", "x"), ("list", "--state", "x"), ("list", "--since", "x"), ("list", "--lang", "fr")],
    ids=" ".join,
)  # fmt: skip
def test_what_is_mistyped_is_a_usage_error_with_its_document(argv: tuple[str, ...], desk: Path) -> None:
    refusal = refused(2, *argv)
    assert refusal["kind"] == "usage"
    assert refusal["message"]


def test_options_that_every_command_takes_stand_after_it(desk: Path) -> None:
    for command in (("staff", "list"), ("list",), ("fees", "list"), ("policies", "check"), ("verify",)):
        done(*command, "--home", str(desk), "--at", "2026-11-24T08:00", "--as", "C1", "--lang", "en")


def test_without_arguments_the_help_page_is_shown_and_no_traceback(desk: Path) -> None:
    assert run().exit_code in (0, 2)
    result = run("intake", "--help")
    assert result.exit_code == 0
    assert "--fault" in result


# --- language


def _chinese(text: str) -> bool:
    return any("一" <= character <= "鿿" for character in text)


@pytest.mark.parametrize(
    ("argv", "environ", "chinese"),
    [
        (("--lang", "zh"), {"REPAIRDESK_LANG": "en"}, True),
        (("--lang=en",), {"REPAIRDESK_LANG": "zh"}, False),
        ((), {"REPAIRDESK_LANG": "zh", "LANG": "en_US.UTF-8"}, True),
        ((), {"LC_ALL": "en_GB.UTF-8", "LANG": "zh_CN.UTF-8"}, False),
        ((), {"LANG": "zh_CN.UTF-8"}, True),
        ((), {"LANG": "de_DE.UTF-8"}, True),
        ((), {}, True),
    ],
    ids=str,
)
def test_the_language_is_the_option_s_else_the_variable_s_else_the_locale_s_else_chinese(
    argv: tuple[str, ...], environ: dict[str, str], chinese: bool, desk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("REPAIRDESK_LANG")
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    assert _chinese(run("show", "GHOST", *argv).err) is chinese


def test_keys_codes_and_states_are_the_same_in_both_languages(full_desk: Path) -> None:
    english, chinese = (done("show", "P20261122-0002", "--lang", language) for language in ("en", "zh"))
    assert english == chinese
    refusals = [refused(10, "close", "P20261122-0002", "--as", "L1", "--lang", language) for language in ("en", "zh")]
    assert refusals[0].pop("message") != refusals[1].pop("message")
    assert refusals[0] == refusals[1]


# --- prompts and tracebacks


def test_no_command_asks_anything_where_stdin_is_no_terminal(desk: Path) -> None:
    for command in ("intake", "assign", "finish", "log", "pause", "correct", "import"):
        assert run(command).exit_code == 2


def test_a_mistake_of_ours_is_exit_one_and_a_sentence(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("a wire came loose")

    monkeypatch.setattr(Desk, "board", broken)
    monkeypatch.setattr(Desk, "staff_list", broken)
    refusal = refused(1, "staff", "list")
    assert refusal["kind"] == "bug"
    spoken = run("staff", "list")
    assert "Traceback" not in spoken.err
    assert "REPAIRDESK_DEBUG" in spoken.err
    monkeypatch.setenv("REPAIRDESK_DEBUG", "1")
    with pytest.raises(RuntimeError, match="a wire came loose"):
        run("staff", "list")


def test_the_clock_of_the_machine_is_read_at_the_edge_alone(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    later = Clock("2027-01-01T00:00:00")
    monkeypatch.setattr(common, "clock", later)
    assert done("intake", *PUBLIC, "--as", "C1")["number"] == "P20270101-0001"


def test_the_zone_is_the_desk_s_whatever_the_machine_s(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import time

    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    try:
        order = done("intake", *PUBLIC, "--as", "C1", "--at", "2026-11-24T08:00")
    finally:
        monkeypatch.delenv("TZ")
        time.tzset()
    assert order["reported_at"] == "2026-11-24T08:00:00+08:00"


def test_a_demo_is_kept_where_it_is_told_and_verifies(tmp_path: Path, clock: Clock) -> None:
    pytest.importorskip("repairdesk.cli.demo", reason="the demo is not there yet", exc_type=ImportError)
    kept = tmp_path / "kept"
    result = run("demo", "--orders", "8", "--seed", "3", "--keep", str(kept))
    assert result.exit_code == 0, result.err
    assert done("verify", "--home", str(kept))["ok"] is True
    assert done("list", "--home", str(kept))["total"] >= 8
    refused(10, "demo", "--orders", "8", "--keep", str(kept))


def test_import_reads_a_file_once_however_often_it_is_sent(desk: Path) -> None:
    file = desk / "in.csv"
    file.write_text("id,kind,place,fault\na1,public_area,东门,灯\na2,public_area,西门,灯\n", encoding="utf-8")
    command = ("import", str(file), "--map", "id=external_id", "--as", "C1")
    keys = {"rows", "accepted", "already_there", "rejected", "rejects", "committed"}
    dry = done(*command, "--dry-run")
    assert keys <= set(dry)
    assert (dry["accepted"], dry["committed"], done("list")["total"]) == (2, False, 0)
    assert (done(*command)["accepted"], done("list")["total"]) == (2, 2)
    before = entries(desk / "ledger.db")
    again = done(*command)
    assert (again["accepted"], again["already_there"], entries(desk / "ledger.db")) == (0, 2, before)
    file.write_text("id,kind,place,fault\na1,public_area,东门,换了说法\n", encoding="utf-8")
    (difference,) = done(*command)["differences"]
    assert (difference["row"], difference["external_id"], done("list")["total"]) == (2, "a1", 2)


def test_a_document_survives_a_stream_that_knows_no_chinese(desk: Path) -> None:
    number = done("intake", *IN_HOME, "--as", "C1")["number"]
    text = run("show", number, "--json")
    assert text.isascii(), "a stream without an encoding gets escapes"
    assert json.loads(text)["fault"] == "漏水"


def test_nothing_is_left_in_the_folder_beside_the_desk(desk: Path) -> None:
    done("intake", *PUBLIC, "--as", "C1")
    assert sorted(os.listdir(desk)) == ["calendar.yaml", "fees.yaml", "ledger.db", "policies.yaml"]


# --- as a program of its own


def _program(*argv: str, cwd: Path, **environ: str) -> subprocess.CompletedProcess[bytes]:
    kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
    return subprocess.run(
        [sys.executable, "-m", "repairdesk.cli", *argv],
        cwd=cwd, env=kept | environ, stdin=subprocess.DEVNULL, capture_output=True, check=False,
    )  # fmt: skip


@pytest.mark.sqlite
def test_a_terminal_that_knows_no_chinese_gets_escapes_and_no_traceback(desk: Path) -> None:
    result = _program("show", "不在", cwd=desk, LC_ALL="C", PYTHONIOENCODING="ascii", REPAIRDESK_LANG="zh")
    assert (result.returncode, result.stdout) == (11, b"")
    assert b"\\u4e0d" in result.stderr
    assert b"Traceback" not in result.stderr
    result = _program("show", "GHOST", "--json", cwd=desk, LC_ALL="C", PYTHONIOENCODING="ascii", REPAIRDESK_LANG="zh")
    assert json.loads(result.stderr)["error"]["code"] == 11


def test_bytes_that_are_no_text_are_a_usage_error_of_the_program_too(desk: Path) -> None:
    result = _program("list", "--find", os.fsdecode(b"\xff\xfe"), "--json", cwd=desk, LC_ALL="C.UTF-8")
    assert (result.returncode, json.loads(result.stderr)["error"]["kind"]) == (2, "usage")


@pytest.mark.sqlite
def test_a_reader_who_goes_away_early_is_no_mistake(full_desk: Path) -> None:
    for _ in range(3):
        done("list")
    result = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {sys.executable} -m repairdesk.cli list --json --limit 100 | head -c 10"],
        cwd=full_desk, capture_output=True, check=False,
    )  # fmt: skip
    assert b"Traceback" not in result.stderr
    assert result.returncode == 0, result.stderr
