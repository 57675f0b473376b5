"""Values as people and programs send them: numbers and their endings, amounts, quantities, and text of every sort."""

from __future__ import annotations

from pathlib import Path

import pytest
from desk_cli import IN_HOME, PUBLIC, Clock, done, entries, nothing_written, refused, run

# --- numbers


def test_an_unambiguous_ending_names_the_order(desk: Path, clock: Clock) -> None:
    first = done("intake", *PUBLIC, "--as", "C1", "--at", "2026-11-23T08:00")["number"]
    second = done("intake", *PUBLIC, "--as", "C1")["number"]
    assert (first, second) == ("P20261123-0001", "P20261124-0001")
    for ending, number in (("23-0001", first), ("24-0001", second), (second, second), (" 24-0001 ", second),
                           (second.lower(), second)):  # fmt: skip
        assert done("show", ending)["number"] == number
        assert done("correct", ending, f"fault={ending}x", "--reason", "r", "--as", "C1")["number"] == number


def test_an_ambiguous_ending_is_refused_and_names_the_orders(desk: Path) -> None:
    numbers = [done("intake", *PUBLIC, "--as", "C1", "--at", f"2026-11-2{day}T08:00")["number"] for day in (2, 3)]
    with nothing_written(desk / "ledger.db"):
        refusal = refused(2, "cancel", "0001", "--reason", "r", "--as", "C1")
    assert sorted(refusal["candidates"]) == numbers
    for number in numbers:
        assert number in refusal["message"]


def test_a_full_number_is_that_order_though_others_end_so(full_desk: Path) -> None:
    assert refused(2, "show", "20261122-0001")["candidates"]
    assert done("show", "P20261122-0001")["number"] == "P20261122-0001"
    assert done("show", "X20261122-0001")["number"] == "X20261122-0001"


@pytest.mark.parametrize(
    "ending",
    ["0", "P20261122-", "P", "%", "_", "*", "?", "'", '"', "''; DROP TABLE entries; --", "\\", "/", "../0001", ".",
     "staff:W1", "desk", "[0-9]", "P20261122-00010", "é", "漏水", "0001\n0002", "~", "x" * 100_000],
)  # fmt: skip
def test_an_ending_that_no_order_has_is_not_found_whatever_it_is(ending: str, desk: Path) -> None:
    done("intake", *PUBLIC, "--as", "C1")
    with nothing_written(desk / "ledger.db"):
        for command in (("show",), ("why",), ("cancel", "--reason", "r", "--as", "C1"), ("print", "--as", "C1")):
            refused(11, command[0], ending, *command[1:])


def test_an_empty_number_is_a_missing_one(desk: Path) -> None:
    for verb in ("show", "accept", "close", "archive", "why"):
        assert "NUMBER" in refused(2, verb, "", "--as", "W1")["message"]


# --- amounts and quantities

AMOUNTS = {
    "1": "1.00", "0.01": "0.01", "23.4": "23.40", "9999999.99": "9999999.99", "１２．５０": "12.50", " 7 ": "7.00",
    "00012.10": "12.10",
}  # fmt: skip
NO_AMOUNTS = [
    "", "-1", "+1", "1e3", "1E3", "NaN", "inf", "Infinity", "1,000", "1 000", "1_000", "0x10", "1.234", "1.", ".5", ".",
    "10000000", "9999999.995", "¥5", "5元", "五", "²", "①", "٣", "1..2", "1.2.3", "1" * 10_000, "1/2", "--1", "−1",
    "1\n2", "１，０００",
]  # fmt: skip


@pytest.mark.parametrize(("said", "meant"), AMOUNTS.items())
def test_an_amount_is_a_plain_decimal_up_to_its_bound(said: str, meant: str, full_desk: Path) -> None:
    assert done("quote", "P20261122-0005", "--fee", said, "--as", "S1")["quote"] == meant
    assert done("consent", "P20261122-0005", "--fee", said, "--as", "C1")["consent"]["fee"] == meant


@pytest.mark.parametrize("said", NO_AMOUNTS, ids=lambda said: repr(said[:12]))
def test_what_is_no_amount_is_refused(said: str, full_desk: Path) -> None:
    with nothing_written(full_desk / "ledger.db"):
        refused(2, "quote", "P20261122-0005", "--fee", said, "--as", "S1")
        refused(2, "consent", "P20261122-0005", "--fee", said, "--as", "C1")
        refused(2, "finish", "P20261122-0011", "--result", "r", "--material", f"阀:1:{said}", "--as", "W1")


@pytest.mark.rule("QUO-2")
def test_a_quote_of_nothing_is_refused_by_the_rules_and_not_as_a_wrong_value(full_desk: Path) -> None:
    assert refused(10, "quote", "P20261122-0005", "--fee", "0.00", "--as", "S1")["rule"] == "QUO-2"


@pytest.mark.parametrize(("said", "amount"), [("1", "10.00"), ("0.001", "0.01"), ("1.5", "15.00"), ("２．５", "25.00")])
def test_a_quantity_has_up_to_three_places(said: str, amount: str, desk: Path) -> None:
    assert done("intake", *IN_HOME, "--service", f"bulb:{said}", "--as", "C1")["quote"] == amount


def test_the_largest_quantity_is_taken_and_one_more_is_not(desk: Path) -> None:
    assert done("intake", *IN_HOME, "--service", "bulb:99999.999", "--as", "C1")["quote"] == "999999.99"
    refused(2, "intake", *IN_HOME, "--service", "bulb:100000", "--as", "C1")


@pytest.mark.parametrize(
    "said", ["0", "0.000", "-1", "1.2345", "1e2", "NaN", "99999.9999", "100000", "1,5", "x", "1:2", "²", "1" * 5000],
    ids=lambda said: said[:12],
)  # fmt: skip
def test_what_is_no_quantity_is_refused(said: str, full_desk: Path) -> None:
    with nothing_written(full_desk / "ledger.db"):
        refused(2, "intake", *IN_HOME, "--service", f"bulb:{said}", "--as", "C1")
        refused(2, "finish", "P20261122-0011", "--result", "r", "--service", f"bulb:{said}", "--as", "W1")
        if said != "1:2":  # that is a name, a quantity and a stock cost
            refused(2, "finish", "P20261122-0011", "--result", "r", "--material", f"led-9w:{said}", "--as", "W1")


def test_a_bill_of_the_largest_amounts_stays_exact(full_desk: Path) -> None:
    number = "P20261122-0011"
    done("consent", number, "--fee", "9999999.99", "--as", "C1")
    order = done("finish", number, "--result", "r", "--material", "金阀:1:7000000.01", "--as", "W1")
    assert order["bill"]["total"] == "9100000.00"


def test_a_bill_beyond_every_consent_is_refused_by_the_rules(full_desk: Path) -> None:
    done("consent", "P20261122-0011", "--fee", "9999999.80", "--as", "C1")
    with nothing_written(full_desk / "ledger.db"):
        finish = ("finish", "P20261122-0011", "--result", "r", "--as", "W1", "--material")
        assert refused(10, *finish, "金阀:1:7692307.6")["rule"] == "QUO-4"
        assert refused(2, *finish, "金阀:99999.999:9999999.99")["rule"] == "FEE-10", "no bill has so many places"


# --- text

TEXTS = {
    "chinese": "漏水，很急！", "emoji": "🚰👨‍👩‍👧", "quotes": "it's \"so\" `bad`", "sql": "'); DROP TABLE entries;--",
    "percent": "100% _ * ?", "path": "../../etc/passwd", "braces": "{0} {name} %s %(x)s ${HOME}", "dash": "-- --json",
    "newline": "a\nb", "tab": "a\tb", "return": "a\rb", "escape": "\x1b[31mred\x1b[0m", "bell": "\x07",
    "separator": "a\u2028b", "bidi": "a\u202eb", "nonchar": "\ufffe", "combining": "e\u0301\u0301", "wide": "ＡＢＣ",
    "markup": "[bold]x[/bold] <b>&amp;", "long": "长" * 5_000, "json": '{"a": [1, 2]}', "formula": "=1+1",
}  # fmt: skip


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_text_is_kept_as_it_was_said(text: str, desk: Path) -> None:
    report = ("--caller", text, "--fault", text, "--category", text, "--model", text, "--external-id", text)
    order = done("intake", "--kind", "public_area", "--place", text, *report, "--as", "C1")
    number = order["number"]
    assert all(order[key] == text for key in ("caller", "fault", "category", "model", "external_id"))
    assert done("list", "--place", text)["total"] == 1
    assert done("list", "--find", text)["total"] == 1
    assert done("cancel", number, "--reason", text, "--as", "C1")["ended_reason"] == text
    for command in (("show", number), ("show", number, "--entries"), ("list",), ("board",), ("why", number)):
        assert run(*command).exit_code == 0
    assert run("print", number, "--as", "C1").exit_code == 0
    assert done("verify")["ok"] is True


UNWRITABLE = {"nul": "a\0b", "surrogate": "a\ud800b", "undecodable": "a\udcffb"}


@pytest.mark.parametrize("text", UNWRITABLE.values(), ids=UNWRITABLE)
def test_text_that_no_ledger_can_keep_is_a_usage_error(text: str, full_desk: Path) -> None:
    with nothing_written(full_desk / "ledger.db"):
        for name in "place fault caller model external-id category as at home".split():
            refused(2, "intake", *PUBLIC, "--as", "C1", f"--{name}", text)
        for command in (("cancel", "P20261122-0002", "--reason", text), ("show", text), ("list", "--find", text),
                        ("correct", "P20261122-0002", f"fault={text}", "--reason", "r"), (text,),
                        ("staff", "add", "Z", "--name", text, "--role", "clerk"), ("import", text)):  # fmt: skip
            refused(2, *command)


@pytest.mark.parametrize("name", ["AS", "HOME", "LEDGER", "LANG", "WAIT"])
def test_a_variable_that_holds_no_text_is_a_usage_error_too(
    name: str, desk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"REPAIRDESK_{name}", "a\udcffb")
    refused(2, "intake", *PUBLIC)


@pytest.mark.parametrize(
    "staff_id", ["", " ", "a b", "%", "'", "../x", "os:root", "W1\n", "é", "工", "x" * 41, "staff:W1", "a/b"]
)
def test_a_staff_id_is_letters_digits_and_three_signs(staff_id: str, desk: Path) -> None:
    with nothing_written(desk / "ledger.db"):
        refused(2, "staff", "add", staff_id, "--name", "n", "--role", "clerk")


@pytest.mark.parametrize("said", ["3栋2单元501", "3-2-501", "３－２－５０１", " 3-2-501 ", "3号楼2单元501室"])
def test_a_place_has_one_written_form_and_what_was_said_stays_beside_it(said: str, desk: Path) -> None:
    done("intake", "--kind", "public_area", "--place", "3-2-501", "--fault", "a", "--category", "locks", "--as", "C1")
    order = done("intake", "--kind", "public_area", "--place", said, "--fault", "b", "--as", "C1")
    assert (order["place"], order["place_said"]) == ("3-2-501", said)
    assert done("list", "--place", said)["total"] == 2
    refused(10, "intake", "--kind", "public_area", "--place", said, "--fault", "c", "--category", "locks", "--as", "C1")


@pytest.mark.parametrize(
    ("said", "kept"),
    [("13800138000", "13800138000"), ("１３８００１３８０００", "13800138000"), (" 0571-8888 6666 ", "0571-8888 6666"),
     ("+86 138 0013 8000", "+86 138 0013 8000")],
)  # fmt: skip
def test_a_phone_is_taken_with_its_signs_and_in_full_width(said: str, kept: str, desk: Path) -> None:
    number = done("intake", *PUBLIC, "--phone", said, "--as", "C1")["number"]
    assert done("show", number, "--reveal", "--reason", "r", "--as", "C1")["phone"] == kept


@pytest.mark.parametrize("said", ["x", "1", "+", "1" * 40, "1.38001E+10", "138-0013-800O", "12345\n678"])
def test_what_is_no_phone_is_refused(said: str, desk: Path) -> None:
    refused(2, "intake", *PUBLIC, "--phone", said, "--as", "C1")


def test_a_masked_phone_that_is_sent_back_is_no_phone(desk: Path) -> None:
    refused(2, "intake", *PUBLIC, "--phone", "138****8000", "--as", "C1")


@pytest.mark.sqlite
def test_a_megabyte_of_text_is_kept(desk: Path) -> None:
    text = "长" * 350_000
    number = done("intake", "--kind", "public_area", "--place", text, "--fault", text, "--as", "C1")["number"]
    assert done("show", number)["fault"] == text


def test_the_same_report_of_another_system_is_one_order(desk: Path) -> None:
    report = ("intake", *PUBLIC, "--external-id", "A-1", "--as", "C1")
    first = done(*report)
    before = entries(desk / "ledger.db")
    again = done(*report)
    assert (again["number"], entries(desk / "ledger.db")) == (first["number"], before)
    assert again["warnings"]
    refused(10, *report, "--priority", "low")
