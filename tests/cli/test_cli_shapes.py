"""The JSON shapes of the contract: every key is there, for orders of every kind, with the type that it promises."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from desk_cli import IN_HOME, PUBLIC, Clock, done, entries, nothing_written, refused, run

TEXT = (str, type(None))
ORDER: dict[str, tuple[type, ...]] = {
    **dict.fromkeys("number kind state fault policies_version fees_version reported_at".split(), (str,)),
    **dict.fromkeys(
        "priority severity class category channel place caller phone found result assignee accepted_at rating "
        "signed_by follows coordination converted_from external_id arrived_at".split(),
        TEXT,
    ),
    **dict.fromkeys("appointment consent bill".split(), (dict, type(None))),
    "handling_seconds": (int,),
    "visits": (list,),
    "obligations": (list,),
    "paid": (bool,),
}
VISIT = "technician started_at ended_at late_seconds".split()
LINE = "type code name quantity unit_price amount rule why".split()
OBLIGATION = "name rule owner starts_at due_at met_at state level".split()
ENTRY = "seq number event actor occurred_at recorded_at late data".split()
LOG = "at tracker place contact phone content opinions plan".split()

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+08:00")
MONEY = re.compile(r"-?\d+\.\d\d")
NUMBERS = [f"P20261122-{n:04}" for n in range(1, 16)] + ["X20261122-0001", "X20261122-0002"]
TIMES = {
    *"reported_at accepted_at arrived_at started_at ended_at starts_at due_at met_at frozen_at at start end".split(),
    *"occurred_at recorded_at finished_at archived_at taken_at returned_at since until next last_done_at".split(),
}
AMOUNTS = {"fee", "quote", "total", "unit_price", "amount", "compensation"}


def leaves(value: Any, key: str = "") -> Iterator[tuple[str, Any]]:
    """Every value of a document that is neither object nor list, with the key that it or its list stands under."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from leaves(inner, name)
    elif isinstance(value, list):
        for inner in value:
            yield from leaves(inner, key)
    else:
        yield key, value


def check_order(order: dict[str, Any]) -> None:
    assert set(ORDER) <= set(order), set(ORDER) - set(order)
    for key, types in ORDER.items():
        assert type(order[key]) in types, (key, order[key])
    for visit in order["visits"]:
        assert set(VISIT) <= set(visit)
        assert isinstance(visit["late_seconds"], (int, type(None)))
    for owed in order["obligations"]:
        assert set(OBLIGATION) <= set(owed)
        assert owed["state"] in ("open", "paused", "met", "missed", "void")
        assert type(owed["level"]) is int
    if order["bill"]:
        assert {"lines", "total", "frozen_at"} <= set(order["bill"])
        for line in order["bill"]["lines"]:
            assert set(LINE) <= set(line)
            assert line["type"] in ("service", "material", "reduction")
            assert isinstance(line["why"], str)
    if order["appointment"]:
        assert set(order["appointment"]) == {"start", "end"}
    if order["consent"]:
        assert set(order["consent"]) == {"fee", "at"}
    check_values(order)


def check_values(document: Any) -> None:
    for key, value in leaves(document):
        assert not isinstance(value, float), (key, value)
        if value is not None and key in TIMES:
            assert TIME.fullmatch(value), (key, value)
        if value is not None and key in AMOUNTS:
            assert MONEY.fullmatch(str(value)), (key, value)
        if key.endswith("seconds") and value is not None:
            assert type(value) is int, (key, value)


@pytest.mark.parametrize("number", NUMBERS)
def test_every_key_is_there_for_every_kind_and_state(number: str, full_desk: Path) -> None:
    order = done("show", number)
    assert order["number"] == number
    check_order(order)


def test_the_desk_of_these_tests_has_every_kind_and_state(full_desk: Path) -> None:
    orders = done("list", "--limit", "100")["orders"]
    assert {one["kind"] for one in orders} == {"in_home", "public_area", "complaint", "help"}
    assert {one["state"] for one in orders} == set(
        "reported quoted assigned on_site paused finished signed closed archived declined cancelled advised converted "
        "tracking".split()
    )


def test_the_list_has_whole_orders_and_how_many_there_are_in_all(full_desk: Path) -> None:
    document = done("list", "--limit", "4")
    assert len(document["orders"]) == 4
    assert len(done("list", "--limit", "9" * 30)["orders"]) == len(NUMBERS)
    assert done("board", "--limit", "9" * 30)["due"]
    assert document["total"] == len(NUMBERS)
    for order in done("list", "--limit", "100")["orders"]:
        check_order(order)
        shown = done("show", order["number"])
        shown.pop("warnings")
        assert shown.pop("household") is None
        assert order == shown, "the list and show tell the same"


def test_what_a_command_answers_is_what_show_tells(full_desk: Path) -> None:
    for number, *command in (
        ("P20261122-0010", "accept", "--as", "W2"),
        ("P20261122-0002", "assign", "W1", "--as", "C1"),
        ("P20261122-0005", "consent", "--as", "C1"),
        ("P20261122-0003", "cancel", "--reason", "x", "--as", "C1"),
        ("X20261122-0001", "check", "--support", "x", "--as", "L2"),
    ):
        verb, *rest = command
        answered = done(verb, number, *rest)
        check_order(answered)
        answered.pop("warnings")
        shown = done("show", number)
        shown.pop("warnings")
        assert shown.pop("household") is None
        assert answered == shown


@pytest.mark.parametrize("number", NUMBERS[-2:])
def test_a_coordination_order_has_besides_its_tracker_logs_and_checks(number: str, full_desk: Path) -> None:
    order = done("show", number)
    assert order["tracker"] == "C2"
    assert order["converted_from"] in NUMBERS
    assert order["bill"] is None
    assert isinstance(order["logs"], list)
    assert isinstance(order["checks"], list)


def test_log_and_check_answer_with_the_coordination_order(full_desk: Path) -> None:
    number = "X20261122-0001"
    order = done("check", number, "--support", "派人", "--as", "S1")
    (log,) = order["logs"]
    assert list(log) == LOG
    assert (log["tracker"], log["phone"], log["plan"]) == ("C2", "139****2222", "周五到货")
    assert [list(one) for one in order["checks"]] == [["at", "by", "role", "support"]] * 2
    assert [(one["by"], one["role"]) for one in order["checks"]] == [("L1", "leader"), ("S1", "supervisor")]
    said = ("--place", "p", "--contact", "c", "--phone", "12345678", "--content", "x", "--opinions", "o", "--plan", "n")
    order = done("log", number, *said, "--as", "C2")
    assert len(order["logs"]) == 2
    assert order["logs"][1]["at"] == "2026-11-24T09:00:00+08:00"


def test_what_was_converted_says_into_what(full_desk: Path) -> None:
    assert done("show", "P20261122-0008")["coordination"] == "X20261122-0001"


def test_a_bill_is_strings_that_add_up(full_desk: Path) -> None:
    order = done("show", "P20261122-0001")
    assert [(one["type"], one["code"], one["quantity"], one["unit_price"], one["amount"], one["rule"])
            for one in order["bill"]["lines"]] == [
        ("service", "tap", "2", "25.00", "50.00", "FEE-1"),
        ("material", "led-9w", "1", "15.00", "15.00", "FEE-1"),
        ("material", None, "2", "24.10", "48.20", "FEE-2"),
    ]  # fmt: skip
    assert order["bill"]["total"] == "113.20"
    assert order["paid"] is True
    assert done("why", "P20261122-0001", "bill")["bill"] == order["bill"]


@pytest.mark.rule("VIS-1")
def test_handling_time_adds_up_in_whole_seconds(desk: Path, clock: Clock) -> None:
    number = done("intake", *PUBLIC, "--as", "C1")["number"]
    done("assign", number, "W1", "--as", "C1")
    done("accept", number, "--as", "W1")
    for minutes, seconds in ((17, 20), (3, 5), (0, 41)):
        done("start", number, "--as", "W1", "--at", clock.on(minutes=10))
        done("pause", number, "--reason", "other", "--next", "2026-11-25T09:00", "--as", "W1", "--at",
             clock.on(minutes=minutes, seconds=seconds))  # fmt: skip
    order = done("show", number)
    assert order["handling_seconds"] == 1266
    assert len(order["visits"]) == 3


@pytest.mark.parametrize("number", NUMBERS)
def test_entries_have_their_shape_and_stand_in_order(number: str, full_desk: Path) -> None:
    found = done("show", number, "--entries")["entries"]
    assert found
    for entry in found:
        assert set(ENTRY) <= set(entry)
        assert entry["number"] == number
        assert type(entry["late"]) is bool
        for key in ("occurred_at", "recorded_at"):
            assert TIME.fullmatch(entry[key])
    assert [one["seq"] for one in found] == sorted({one["seq"] for one in found})


def test_times_inside_entries_have_the_desk_s_offset(full_desk: Path) -> None:
    for number in NUMBERS:
        for entry in done("show", number, "--entries")["entries"]:
            for key, value in leaves(entry["data"]):
                assert not re.fullmatch(r"\d{4}-\d\d-\d\dT.*Z", str(value)), (entry["event"], key, value)


def test_money_inside_entries_is_written_as_everywhere(full_desk: Path) -> None:
    for number in NUMBERS:
        check_values([entry["data"] for entry in done("show", number, "--entries")["entries"]])


def test_verify_says_ok_entries_head_and_problems(full_desk: Path) -> None:
    document = done("verify")
    assert {"ok", "entries", "head", "problems"} <= set(document)
    assert document["ok"] is True
    assert document["entries"] == entries(full_desk / "ledger.db")
    assert document["problems"] == []
    assert re.fullmatch(r"[0-9a-f]{64}", document["head"])


def test_archive_of_one_answers_with_the_order_of_several_or_all_with_a_list(full_desk: Path) -> None:
    refusal = refused(10, "archive", "P20261122-0015", "--as", "C1")
    assert refusal["rule"] == "FIN-4", "a dissatisfied resident is not filed away"
    for number in ("P20261122-0013", "P20261122-0014"):
        if number.endswith("13"):
            done("sign", number, "--unsigned", "--reason", "不在", "--as", "L1")
        done("correct", number, "result=试用正常", "--reason", "写错", "--as", "C1")
        done("close", number, "--as", "L1")
    one = done("archive", "P20261122-0013", "--as", "C1")
    check_order(one)
    assert one["state"] == "archived"
    everything = done("archive", "--all", "--as", "C1")
    assert everything["orders"] == []
    assert len(everything["warnings"]) == 2, "each of the two that have to stay is remarked on"


def test_archive_of_several_files_all_of_them_or_none(desk: Path) -> None:
    numbers = []
    for _ in range(2):
        number = done("intake", *PUBLIC, "--as", "C1")["number"]
        done("assign", number, "W1", "--as", "C1")
        done("accept", number, "--as", "W1")
        done("start", number, "--as", "W1")
        done("finish", number, "--found", "f", "--result", "r", "--as", "W1")
        done("sign", number, "--by", "x", "--rating", "satisfied", "--as", "W1")
        numbers.append(number)
    done("close", numbers[0], "--as", "L1")
    with nothing_written(desk / "ledger.db"):
        refused(10, "archive", *numbers, "--as", "C1")
        refused(11, "archive", numbers[0], "GHOST", "--as", "C1")
        refused(12, "archive", *numbers, "--as", "W1")
        refused(12, "archive", "--all", "--as", "W1")
        refused(2, "archive", numbers[0], "--all", "--as", "C1")
    done("close", numbers[1], "--as", "L1")
    document = done("archive", *numbers, "--as", "C1")
    assert [(one["number"], one["state"]) for one in document["orders"]] == [(n, "archived") for n in numbers]


@pytest.mark.rule("REC-6")
def test_a_script_is_offered_the_open_orders_of_the_same_place_and_category(desk: Path) -> None:
    report = ("intake", *IN_HOME, "--category", "plumbing", "--as", "C1")
    first = done(*report)["number"]
    with nothing_written(desk / "ledger.db"):
        refusal = refused(10, *report)
    assert refusal["rule"] == "REC-6"
    (candidate,) = refusal["candidates"]
    assert candidate["number"] == first
    check_order(candidate)
    assert candidate["phone"] == "138****8000"
    joined = done(*report, "--join", first)
    assert joined["number"] == first
    assert [one["phone"] for one in joined["callers"]] == ["138****8000"]
    second = done(*report, "--new")["number"]
    assert second != first
    assert {one["number"] for one in refused(10, *report)["candidates"]} == {first, second}
    assert done(*report[:-4], "--as", "C1")["number"] not in (first, second), "no category matches nothing"
    refused(2, *report, "--new", "--join", first)
    refused(11, *report, "--join", "GHOST")
    refused(2, *report, "--join", "GHOST", "--appointment", "x")


# --- phones


PHONE = "13800138000"


def test_phones_are_masked_wherever_an_order_is_told(full_desk: Path) -> None:
    for command in (
        *(("show", number) for number in NUMBERS), *(("show", number, "--entries") for number in NUMBERS),
        ("list", "--limit", "100"), ("list", "--find", PHONE), ("board",), ("print", "P20261122-0001", "--as", "C1"),
        ("why", "P20261122-0001"), ("show", "P20261122-0001", "--as-of", "2026-11-22T08:05"),
    ):  # fmt: skip
        for form in ((), ("--json",)):
            result = run(*command, *form)
            assert result.exit_code == 0
            assert PHONE not in result, command
            assert "13900002222" not in result, command
    assert done("show", "P20261122-0001")["phone"] == "138****8000"


def test_a_corrected_phone_is_masked_in_its_entry(full_desk: Path) -> None:
    done("correct", "P20261122-0001", "phone=13700137000", "--reason", "写错", "--as", "C1")
    text = run("show", "P20261122-0001", "--entries", "--json")
    assert "13700137000" not in text
    assert PHONE not in text


def test_revealing_a_phone_needs_a_reason_and_a_role_and_goes_on_record(full_desk: Path) -> None:
    number, book = "P20261122-0001", full_desk / "ledger.db"
    with nothing_written(book):
        assert "--reason" in refused(2, "show", number, "--reveal", "--as", "C1")["message"]
        refused(12, "show", number, "--reveal", "--reason", "回电")
        refused(11, "show", "GHOST", "--reveal", "--reason", "回电", "--as", "C1")
        assert done("show", number, "--reason", "回电", "--as", "C1")["phone"] == "138****8000"
    before = entries(book)
    assert done("show", number, "--reveal", "--reason", "回电", "--as", "C1")["phone"] == PHONE
    assert entries(book) == before + 1
    assert done("verify")["ok"] is True
    document = done("show", number, "--reveal", "--reason", "回电", "--as", "C1", "--entries")
    assert document["entries"][0]["data"]["phone"] == PHONE


# --- corrections, looking back


@pytest.mark.rule("REC-3")
def test_a_correction_keeps_the_old_value_the_new_one_the_reason_and_the_person(full_desk: Path) -> None:
    number = "P20261122-0002"
    order = done("correct", number, "place=３栋2单元501", "priority=low", "--reason", "听错", "--as", "C2")
    assert (order["place"], order["priority"]) == ("3-2-501", "low")
    entry = done("show", number, "--entries")["entries"][-1]
    assert (entry["event"], entry["actor"], entry["data"]["reason"]) == ("correct", "C2", "听错")
    assert entry["data"]["fields"]["place"] == {"old": "东门", "new": "3-2-501"}
    assert entry["data"]["fields"]["priority"] == {"old": "regular", "new": "low"}
    assert done("show", number, "--as-of", "2026-11-24T08:59")["place"] == "东门"


@pytest.mark.parametrize(
    ("field", "code"),
    [("place", 2), ("nosuch=1", 2), ("place=", 2), ("=x", 2), ("priority=urgent", 2), ("phone=abc", 2),
     ("state=closed", 2), ("bill=1", 2), ("number=1", 2), ("class=nosuch", 2), ("purchased=yesterday", 2),
     ("place=东门", 10)],
)  # fmt: skip
def test_what_cannot_be_corrected_is_refused_and_not_written(field: str, code: int, full_desk: Path) -> None:
    with nothing_written(full_desk / "ledger.db"):
        refused(code, "correct", "P20261122-0002", field, "--reason", "x", "--as", "C1")


def test_as_of_is_the_order_as_it_stood_by_when_things_happened(full_desk: Path) -> None:
    states = {
        "08:01": "reported", "08:02:59": "reported", "08:03": "assigned", "08:05": "on_site", "08:07": "paused",
        "08:10": "finished", "08:11": "signed", "08:12": "closed", "08:13": "archived",
    }  # fmt: skip
    for time, state in states.items():
        order = done("show", "P20261122-0001", "--as-of", f"2026-11-22T{time}")
        assert order["state"] == state, time
        check_order(order)
    refused(11, "show", "P20261122-0001", "--as-of", "2026-11-22T08:00:59")
    refused(2, "show", "P20261122-0001", "--as-of", "yesterday")
    past = done("show", "P20261122-0001", "--as-of", "2026-11-22T08:05", "--entries")
    assert past["entries"][-1]["event"] == "arrive"


def test_a_late_entry_counts_from_when_it_happened(desk: Path, clock: Clock) -> None:
    number = done("intake", *PUBLIC, "--as", "C1")["number"]
    clock.on(hours=3)
    done("assign", number, "W1", "--as", "C1", "--at", "2026-11-24T09:30")
    assert done("show", number, "--as-of", "2026-11-24T09:30")["state"] == "assigned"
    assert done("show", number, "--as-of", "2026-11-24T09:29")["state"] == "reported"


def test_the_list_is_filtered_by_each_of_its_options(full_desk: Path) -> None:
    def numbers(*argv: str) -> list[str]:
        return [one["number"] for one in done("list", *argv, "--limit", "100")["orders"]]

    assert numbers("--state", "paused", "--state", "on_site") == ["P20261122-0012", "P20261122-0011"]
    assert numbers("--kind", "help") == ["P20261122-0004"]
    assert numbers("--place", "４栋1单元101") == ["P20261122-0004"]
    assert numbers("--staff", "W2") == ["P20261122-0010"]
    refused(11, "list", "--staff", "GHOST")
    assert numbers("--find", "求助") == ["P20261122-0004"]
    assert numbers("--find", "%") == numbers("--find", "_") == numbers("--find", "'") == []
    assert len(numbers("--find", PHONE)) == 5
    assert len(numbers("--find", PHONE[-4:])) == 5
    assert numbers("--find", "求助 4-1-101") == ["P20261122-0004"], "all of the words, each in its field"
    assert numbers("--find", "求助 GHOST") == []
    assert numbers("--since", "2026-11-23") == []
    assert len(numbers("--since", "2026-11-22", "--until", "2026-11-22")) == len(NUMBERS)
    assert numbers("--until", "2026-11-22T08:01") == ["P20261122-0001"]
    assert "P20261122-0001" not in numbers("--overdue")
    assert "P20261122-0002" in numbers("--overdue")


def test_why_names_what_there_is_and_no_other(full_desk: Path) -> None:
    document = done("why", "P20261122-0001")
    assert {one["name"] for one in document["obligations"]} >= {"register", "tell", "respond", "resolve", "slip"}
    assert [one["name"] for one in done("why", "P20261122-0001", "slip")["obligations"]] == ["slip"]
    assert done("why", "P20261122-0002", "slip")["obligations"] == [], "of what is not owed here there is nothing"
    refused(11, "why", "P20261122-0001", "nosuch")
    check_values(document)


def test_board_tells_what_is_open_and_what_is_due_next(full_desk: Path) -> None:
    document = done("board")
    assert document["open"] == {
        "assigned": 1, "on_site": 1, "paused": 1, "quoted": 1, "reported": 2, "tracking": 1
    }  # fmt: skip
    due = [one["due_at"] for one in document["due"]]
    assert due == sorted(due)
    assert len(done("board", "--limit", "2")["due"]) == 2
    check_values(document)


@pytest.mark.rule("QUO-1")
def test_a_slip_is_for_those_who_print_and_names_the_order(full_desk: Path) -> None:
    assert "P20261122-0001" in done("print", "P20261122-0001", "--as", "C1")["text"]
    assert "X20261122-0001" in run("print", "X20261122-0001", "--as", "L1")
    refused(12, "print", "P20261122-0001", "--as", "F1")


def test_prices_are_told_as_the_fee_table_writes_them(desk: Path) -> None:
    services = {one["code"]: one for one in done("fees", "list")["services"]}
    assert services["bulb"]["price"] == "10.00"
    assert services["pipe-run"]["price"] == {"from": "30.00", "to": "80.00"}
    assert services["inspect"]["price"] == "free"
    assert services["door-refit"]["price"] == "on-quote"
