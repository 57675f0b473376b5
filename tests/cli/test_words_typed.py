"""Words that stand on the screen are taken back, in either language; scripts go on to read and write codes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from desk_cli import IN_HOME, PUBLIC, done, nothing_written, refused, run

from repairdesk import __version__, locale
from repairdesk.cli import app, coding, common

ROOMS = [
    ("kind", "户内", "in_home"), ("priority", "紧急", "emergency"), ("channel", "电话", "phone"),
]  # fmt: skip


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_report_is_taken_in_with_the_words_that_lists_show(desk: Path, language: str) -> None:
    said = [word for name, shown, _ in ROOMS for word in (f"--{name}", shown)]
    doc = done("intake", *said, *IN_HOME[2:], "--category", "给排水", "--new", "--as", "C1", "--lang", language)
    assert {name: doc[name] for name, _, _ in ROOMS} == {name: code for name, _, code in ROOMS}
    assert doc["category"] == "plumbing"
    assert "category" not in " ".join(doc["warnings"])


def test_lists_are_narrowed_by_the_words_that_they_show(full_desk: Path) -> None:
    for option, word, code in (("--state", "已签字", "signed"), ("--kind", "公共区域", "public_area")):
        by_word, by_code = done("list", option, word), done("list", option, code)
        assert by_word == by_code
        assert by_code["total"] > 0


def test_verbs_take_the_words_of_their_lists(full_desk: Path) -> None:
    doc = done("pause", "0011", "--reason", "缺件", "--next", "2026-12-01T09:00", "--as", "W1", "--lang", "zh")
    assert doc["state"] == "paused"
    assert refused(2, "sign", "0013", "--by", "x", "--rating", "好", "--as", "W1")["message"]
    assert done("sign", "0013", "--by", "x", "--rating", "满意", "--as", "W1")["rating"] == "satisfied"
    assert done("staff", "add", "C9", "--name", "李", "--role", "前台客服", "--trade", "给排水")["role"] == "clerk"
    assert done("staff", "list")["staff"][2]["trades"] == ["plumbing"]
    corrected = done("correct", "0010", "优先级=紧急", "category=泥瓦", "--reason", "x", "--as", "C1")["corrected"]
    assert {name: change["new"] for name, change in corrected.items()} == {
        "priority": "emergency", "category": "masonry",
    }  # fmt: skip
    assert done("why", "0010", "响应") == done("why", "0010", "respond")
    assert done("report", "按人员") == done("report", "staff")


def test_a_word_that_stands_for_nothing_is_refused_as_before(desk: Path) -> None:
    with nothing_written(desk / "ledger.db"):
        error = refused(2, "intake", *PUBLIC, "--channel", "鸽子", "--as", "C1")
    assert error["rule"] == "INT-2"
    assert "near" not in error


def test_every_parameter_that_takes_words_has_a_list_of_codes() -> None:
    found = 0
    for name in app._HOME:
        info = app._info(name)
        inner = [*info.typer_instance.registered_commands] if hasattr(info, "typer_instance") else [info]
        for one in inner:
            typed: common.Typed = one.callback
            full = typed.__name__.rstrip("_").replace("_", " ")
            for parameter in typed._words:
                assert coding._choices(full, parameter)[1]
                found += 1
    assert found >= 20


def test_no_word_stands_for_two_codes_of_one_list() -> None:
    chinese = locale.catalogue("zh")
    for name, command in coding._table()["commands"].items():
        for _, _, source, _ in command["parameters"]:
            if source.startswith("choice:"):
                _, context, values = source.split(":", 2)
                words = [
                    chinese.pgettext(context, one) if context else chinese.gettext(one) for one in values.split("|")
                ]
                assert len(set(words)) == len(words), (name, words)


# --- refusals name codes with their words, and what is near


@pytest.mark.parametrize(
    ("typed", "near"),
    [
        (("list", "--state", "finised"), ["finished"]),
        (("list", "--kind", "inhome"), ["in_home"]),
        (("report", "fianance"), ["finance"]),
        (("correct", "0001", "plce=1", "--reason", "x", "--as", "C1"), ["place"]),
        (("staff", "add", "X1", "--name", "x", "--role", "clark"), ["clerk"]),
        (("intake", *PUBLIC, "--channel", "phon", "--as", "C1"), ["phone"]),
        (("list", "--state", "签字"), ["signed"]),
    ],
)
def test_codes_that_are_near_are_proposed(full_desk: Path, typed: tuple[str, ...], near: list[str]) -> None:
    error = refused(2, *typed)
    assert error["near"] == near
    assert error["remedy"].startswith(f"did you mean {near[0]}")


def test_an_obligation_that_is_near_is_proposed(full_desk: Path) -> None:
    assert refused(11, "why", "0010", "resolv")["near"][0] == "resolve"


def test_people_read_each_code_with_its_word_and_scripts_the_codes(full_desk: Path) -> None:
    typed = ("list", "--state", "finised", "--lang", "zh")
    first, arrow = run(*typed).err.splitlines()
    assert first.startswith("--state ")
    assert "finished 已完工" in first
    assert "finished 已完工" in arrow
    assert "已完工" not in refused(2, *typed)["message"]


def test_a_refusal_names_the_rule_of_its_list(desk: Path) -> None:
    assert refused(2, "intake", "--kind", "x", *PUBLIC[2:])["rule"] == "INT-1"
    assert refused(2, "intake", *PUBLIC, "--channel", "x")["rule"] == "INT-2"
    assert refused(2, "intake", *PUBLIC, "--priority", "x")["rule"] == "INT-3"


@pytest.mark.rule("INT-3")
def test_a_category_that_is_none_is_answered_with_the_nearest_and_the_correction(desk: Path) -> None:
    doc = done("intake", *PUBLIC, "--category", "plumbng", "--new", "--as", "C1")
    (remark,) = doc["warnings"]
    assert "did you mean plumbing 给排水?" in remark
    said = re.search(r"correct (\S+) (category=\S+) --reason", remark)
    assert said is not None
    assert said[1] == doc["number"]
    assert done("correct", said[1], said[2], "--reason", "slip", "--as", "C1")["category"] == "plumbing"
    assert "plumbing 给排水" in done("intake", *PUBLIC, "--category", "zzz", "--new", "--as", "C1")["warnings"][0]


# --- what was typed wrongly altogether


def test_the_version_is_told(desk: Path) -> None:
    assert run("--version") == f"repairdesk {__version__}\n"
    assert "--version" in run("--help")


def test_help_is_given_however_it_is_asked_for(desk: Path) -> None:
    whole = run("--help")
    assert run("-h") == run("help") == whole
    assert run("why", "-h") == run("help", "why") == run("why", "--help")
    chinese = run("--help", "--lang", "zh")
    assert "用法" in chinese
    assert run("--lang=zh", "--help") == run("--lang", "zh", "--help") == chinese


def test_a_report_without_a_name_says_which_there_are(desk: Path) -> None:
    error = refused(2, "report")
    assert error["missing"] == ["report"]
    assert "finance" in error["message"]


def test_a_number_that_is_too_small_is_told_in_words(desk: Path) -> None:
    assert "1 or more" in refused(2, "list", "--limit", "0")["message"]


# --- codes by their names


def test_what_an_order_says_of_itself_is_told_by_names_and_kept_as_codes(desk: Path) -> None:
    number = done("intake", *IN_HOME, "--category", "plumbing", "--service", "tap", "--new", "--as", "C1")["number"]
    assert "category        plumbing" in run("show", number, "--lang", "en"), "who reads English reads no names of ours"
    shown = run("show", number, "--lang", "zh")
    assert "给排水" in shown
    assert "plumbing" not in shown
    doc = done("show", number)
    assert doc["category"] == "plumbing"
    assert "给排水" not in doc.values()
    answer = run("correct", number, "category=masonry", "--reason", "x", "--as", "C1", "--lang", "zh")
    assert "给排水 → 泥瓦" in answer
    told = run("show", number, "--entries", "--lang", "zh")
    assert "给排水 → 泥瓦" in told
    assert "更换水龙头" in told
    assert done("show", number, "--entries")["entries"][-1]["data"]["fields"]["category"]["new"] == "masonry"


def test_staff_are_listed_by_the_names_of_their_trades(desk: Path) -> None:
    done("staff", "add", "W9", "--name", "王", "--role", "technician", "--trade", "plumbing", "--trade", "locks")
    said = run("staff", "list", "--lang", "zh")
    assert "姓名" in said
    assert "给排水、门锁" in said
