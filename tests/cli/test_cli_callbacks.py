"""callback, hear and settle as a script and as a person see them."""

from __future__ import annotations

from pathlib import Path

import pytest
from desk_cli import IN_HOME, Clock, done, refused, run

ROW = "number why owner due_at tries overdue obligation instead_of visit place caller phone".split()
ROW += ["cause", "letter"]
DRAWN = "number why rank drawn_at due_at tries state instead_of".split()


def filed(rating: str = "satisfied", *more: str) -> str:
    """An order that is closed, and filed unless the resident is dissatisfied."""
    number = str(done("intake", *IN_HOME, "--new", "--as", "C1")["number"])
    done("assign", number, "W1", "--as", "C1")
    done("start", number, "--as", "W1")
    done("finish", number, "--found", "F", "--result", "R", "--as", "W1", *more)
    done("sign", number, "--by", "N", "--rating", rating, "--as", "W1")
    done("close", number, "--as", "L1")
    if rating != "dissatisfied":
        done("archive", number, "--as", "C1")
    return number


@pytest.mark.rule("CAL-1")
def test_who_is_due_has_every_key_of_the_contract(desk: Path, clock: Clock) -> None:
    number = filed()
    document = done("callback", "due")
    assert list(document) == ["callbacks", "warnings"]
    (row,) = document["callbacks"]
    assert list(row) == ROW
    assert (row["number"], row["why"], row["owner"], row["tries"]) == (number, "quota", "C1", 0)
    assert "****" in row["phone"]


@pytest.mark.rule("CAL-1")
def test_nobody_due_is_an_empty_list_and_a_sentence(desk: Path, clock: Clock) -> None:
    assert done("callback", "due")["callbacks"] == []
    assert run("callback", "due") == "Nobody is to be called.\n"


@pytest.mark.rule("CAL-2")
def test_a_plan_shows_seed_ranks_and_how_each_call_stands(desk: Path, clock: Clock) -> None:
    number = filed()
    document = done("callback", "plan")
    assert len(document["seed"]) == 64
    repairs = document["strata"][0]
    assert [list(one) for one in repairs["callbacks"]] == [DRAWN]
    assert {one["stratum"]: one["quota"] for one in document["strata"]} == {"repairs": 1, "complaints": 0, "events": 0}
    lines = run("callback", "plan").splitlines()
    assert lines[0].startswith("Draw of 2026-11, seed ")
    assert "repairs: archived 1, quota 1, drawn 1, reached 0" in lines
    assert any(line.startswith(number) for line in lines)


@pytest.mark.rule("CAL-2")
def test_an_audit_says_who_was_drawn_and_not_called(desk: Path, clock: Clock) -> None:
    number = filed()
    late = ("--month", "2026-11", "--at", clock.on(days=50))
    document = done("callback", "audit", *late)
    assert (document["ok"], document["strata"][0]["missing"]) == (False, [number])
    assert f"  drawn and not called: {number}" in run("callback", "audit", *late).splitlines()


@pytest.mark.rule("CAL-2")
def test_what_is_no_month_is_a_usage_error(desk: Path, clock: Clock) -> None:
    refused(2, "callback", "plan", "--month", "November")


@pytest.mark.rule("CAL-5")
def test_a_record_answers_with_the_call_the_order_and_the_rework(desk: Path, clock: Clock) -> None:
    number = filed()
    said = ("--outcome", "dissatisfied", "--method", "phone", "--next", "2026-11-26T10:00", "--rework", "--as", "C1")
    document = done("callback", "record", number, *said)
    assert list(document)[:3] == ["callback", "order", "rework"]
    assert document["rework"]["follows"] == number
    assert document["callback"]["outcome"] == "dissatisfied"


@pytest.mark.rule("FIN-4")
def test_hearing_and_settling_go_on_record_and_the_order_can_be_filed(desk: Path, clock: Clock) -> None:
    number = filed("dissatisfied")
    error = refused(10, "archive", number, "--as", "C1")
    assert error["rule"] == "FIN-4"
    assert done("hear", number, "--said", "the wrong part", "--as", "M1")["heard"][0]["said"] == "the wrong part"
    refused(12, "settle", number, "--reason", "moved away", "--as", "C1")
    assert done("settle", number, "--reason", "moved away", "--as", "M1")["settled"]["by"] == "M1"
    assert done("archive", number, "--as", "C1")["state"] == "archived"


def test_what_is_missing_is_named_at_once(desk: Path, clock: Clock) -> None:
    assert refused(2, "hear", "--as", "M1")["missing"] == ["number", "said"]
    assert refused(2, "settle", "--as", "M1")["missing"] == ["number", "reason"]


@pytest.mark.rule("CAL-5")
def test_an_audit_says_no_more_than_is_so(desk: Path, clock: Clock) -> None:
    first, second, third = sorted(filed() for _ in range(3))
    month = ("--month", "2026-11")
    so_far = "Nobody who was drawn was missed so far; some are still to be called."
    assert run("callback", "audit", *month).splitlines()[-1] == so_far
    (drawn,) = (row["number"] for row in done("callback", "due")["callbacks"])
    for _ in range(3):
        done("callback", "record", drawn, "--outcome", "unreached", "--method", "phone", "--as", "C1")
    (other,) = (row["number"] for row in done("callback", "due")["callbacks"])
    assert {drawn, other} < {first, second, third}
    done("callback", "record", other, "--outcome", "satisfied", "--method", "phone", "--as", "C1")
    moved = clock.on(days=80)
    said = "Everybody who was drawn was called or, where nobody answered, somebody else."
    assert run("callback", "audit", *month, "--at", moved).splitlines()[-1] == said


@pytest.mark.rule("FIN-4", "CAL-6")
def test_the_list_says_where_only_a_letter_is_possible_and_the_order_what_was_heard(desk: Path, clock: Clock) -> None:
    nameless = ("--kind", "complaint", "--place", "3-2-501", "--fault", "noise", "--anonymous", "--new", "--as", "C1")
    number = str(done("intake", *nameless)["number"])
    done("assign", number, "W1", "--as", "C1")
    done("start", number, "--as", "W1")
    done("finish", number, "--found", "F", "--result", "R", "--as", "W1")
    done("sign", number, "--by", "N", "--rating", "dissatisfied", "--as", "W1")
    assert "dissatisfied, by letter only" in run("callback", "due")
    done("hear", number, "--said", "the wrong part", "--as", "M1")
    done("settle", number, "--reason", "moved away", "--as", "M1")
    shown = run("show", number)
    assert "M1 (manager): the wrong part" in shown
    assert "moved away  M1" in shown
