"""The demo's month: the same for the same seed, full of its stories, and clean in the ledger."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from repairdesk.cli.__main__ import main
from repairdesk.demo import stories
from repairdesk.demo.month import END, FIRST
from repairdesk.demo.plan import Plan, plan
from repairdesk.demo.play import Played, play
from repairdesk.desk import By, Desk
from repairdesk.desk.founding import found
from repairdesk.desk.rulefiles import fees
from repairdesk.desk.slip import Slip
from repairdesk.domain.lifecycle import STATES, TABLE
from repairdesk.domain.times import from_iso
from repairdesk.errors import NotAllowed

Doc = dict[str, Any]
BY = By("C1", "linxy", END)
SMALL = 44


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    return play(tmp_path_factory.mktemp("desk") / "month", SMALL, 1)


@pytest.fixture(scope="module")
def told(played: Played) -> Callable[..., Doc]:
    """An order of a story, as the desk shows it."""

    def tell(name: str, index: int = 0) -> Doc:
        return played.desk.show(BY, played.stories[name][index]).doc

    return tell


@pytest.fixture(scope="module")
def month(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    """The default month, planned and not played."""
    home = tmp_path_factory.mktemp("rules") / "desk"
    found(home, "standard", By(None, "linxy"), FIRST)
    return plan(240, 1, fees(home))


def everything(played: Played) -> list[Any]:
    """Every order and every entry, without what no two ledgers share (the chain's salts and hashes)."""
    docs, _ = played.desk.list_orders(BY, {}, limit=None)
    return [(doc, played.desk.entries(BY, doc["number"])) for doc in docs]


def test_the_same_seed_gives_the_same_month_to_the_last_entry(played: Played, tmp_path: Path) -> None:
    assert everything(play(tmp_path / "again", SMALL, 1)) == everything(played)


def test_another_seed_gives_another_month(played: Played, tmp_path: Path) -> None:
    assert everything(play(tmp_path / "other", SMALL, 2)) != everything(played)


@pytest.mark.rule("REC-5")
def test_the_ledger_of_the_month_verifies(played: Played) -> None:
    checked = played.desk.verify()
    assert checked["problems"] == []
    assert checked["entries"] > 10 * SMALL / 2


def test_a_month_of_one_order_is_the_burst_pipe(tmp_path: Path) -> None:
    one = play(tmp_path / "one", 1, 1)
    assert (list(one.stories), one.orders) == (["burst-pipe"], 1)
    assert one.desk.verify()["ok"]


def test_as_many_reports_are_taken_in_as_were_asked_for(played: Played) -> None:
    docs, total = played.desk.list_orders(BY, {}, limit=None)
    assert total == played.orders
    assert sum(doc["converted_from"] is None for doc in docs) == SMALL


def test_a_month_has_every_story(played: Played) -> None:
    assert list(played.stories) == [story.name for story in stories.STORIES]
    assert all(len(numbers) >= 1 for numbers in played.stories.values())


@pytest.mark.rule("QUO-1")
def test_at_the_burst_pipe_work_starts_before_consent_and_the_floors_below_call_too(told: Callable[..., Doc]) -> None:
    doc = told("burst-pipe")
    assert doc["priority"] == "emergency"
    assert doc["affects"] == ["3-2-401", "3-2-301"]
    assert len(doc["callers"]) == 2
    assert doc["visits"][0]["started_at"] < doc["consent"]["at"]
    assert (doc["state"], doc["bill"]["total"]) == ("archived", "91.20")


@pytest.mark.rule("VIS-4")
def test_somebody_is_not_home_twice(told: Callable[..., Doc]) -> None:
    doc = told("not-home-twice")
    assert (len(doc["attempts"]), len(doc["visits"]), doc["state"]) == (2, 1, "archived")


@pytest.mark.rule("VIS-6")
def test_parts_take_a_week_and_what_was_taken_away_comes_back(told: Callable[..., Doc]) -> None:
    doc = told("parts-for-a-week")
    assert [pause["reason"] for pause in doc["pauses"]] == ["parts", "taken-away"]
    assert doc["taken"][0]["loaner"]
    assert doc["taken"][0]["returned_at"]
    assert from_iso(doc["finished_at"]) - from_iso(doc["reported_at"]) > timedelta(days=7)
    assert (len(doc["visits"]), doc["state"]) == (3, "archived")


@pytest.mark.rule("FIN-4")
def test_a_dissatisfied_resident_is_settled_by_rework_and_both_are_filed(told: Callable[..., Doc]) -> None:
    first, rework = told("dissatisfied"), told("dissatisfied", 1)
    assert (first["rating"], rework["rating"]) == ("dissatisfied", "satisfied")
    assert rework["follows"] == first["number"]
    assert rework["assignee"] != first["assignee"]
    assert (first["state"], rework["state"]) == ("archived", "archived")


@pytest.mark.rule("COO-3")
@pytest.mark.rule("COO-4")
def test_a_coordination_order_has_an_entry_in_every_week_and_its_checks(told: Callable[..., Doc]) -> None:
    origin, line = told("coordination"), told("coordination", 1)
    assert (origin["state"], origin["coordination"], line["state"]) == ("converted", line["number"], "archived")
    weeks = {from_iso(log["at"]).isocalendar().week for log in line["logs"]}
    opened, ended = (from_iso(line[name]).isocalendar().week for name in ("reported_at", "finished_at"))
    assert weeks >= set(range(opened + 1, ended + 1))
    assert Counter(check["role"] for check in line["checks"]) == {"leader": 2, "supervisor": 1}


def test_another_coordination_order_is_still_tracked(told: Callable[..., Doc]) -> None:
    assert told("tracking", 1)["state"] == "tracking"


def test_the_lift_is_public_and_a_contractor_mends_it(told: Callable[..., Doc]) -> None:
    doc = told("lift")
    assert (doc["kind"], doc["assignee"], doc["state"]) == ("public_area", "W1", "archived")


@pytest.mark.rule("INT-1")
def test_complaints_are_anonymous_or_important(told: Callable[..., Doc]) -> None:
    nobody, grave = told("anonymous-complaint"), told("important-complaint")
    assert (nobody["anonymous"], nobody["caller"], nobody["signed_by"]) == (True, None, None)
    assert nobody["unsigned_reason"]
    assert grave["severity"] == "important"


@pytest.mark.rule("SLA-1")
def test_help_is_answered_within_ten_minutes(told: Callable[..., Doc]) -> None:
    for index in range(3):
        answer = next(o for o in told("help", index)["obligations"] if o["name"] == "answer")
        assert answer["state"] == "met"
    assert told("help", 2)["state"] == "advised"


@pytest.mark.rule("QUO-3")
def test_unlisted_work_is_declined_by_two_people_or_agreed_to_and_done(told: Callable[..., Doc]) -> None:
    assert told("declined-quote")["state"] == "declined"
    done = told("unlisted-job")
    assert (done["bill"]["total"], done["consent"]["fee"], done["state"]) == ("680.00", "680.00", "archived")


def test_what_goes_wrong_at_a_desk_is_there(played: Played, told: Callable[..., Doc]) -> None:
    assert told("unsigned-slip")["unsigned_reason"]
    assert told("correction")["place"] == "2-1-1202"
    assert told("cancelled")["state"] == "cancelled"
    assert len(told("handed-on")["assignees"]) == 2
    assert told("advised-first")["state"] == "archived"
    late = [e["event"] for e in played.desk.entries(BY, told("late-slip")["number"]) if e["late"]]
    assert late == ["consent", "start", "finish", "sign"]


def posted(month: Doc) -> list[Any]:
    """What a month holds; of each bill it also tells how it stands now, which may change."""
    orders = [(home["place"], order["number"], order["total"], order["postings"])
              for home in month["households"] for order in home["orders"]]  # fmt: skip
    return [month["total"], month["orders"], orders]


@pytest.mark.rule("FEE-7")
@pytest.mark.rule("RPT-6")
def test_the_month_is_handed_over_and_what_is_corrected_later_stands_in_the_next_to_the_fen(tmp_path: Path) -> None:
    month = play(tmp_path / "month", SMALL, 1)
    later = Desk(tmp_path / "month", lambda: month.end + timedelta(days=5))
    finance, clerk = By("F1", "shengf"), By("C1", "linxy")

    def in_force() -> Decimal:
        filed, _ = later.list_orders(clerk, {"states": ["archived"]}, limit=None)
        return sum((Decimal(order["bill"]["total"]) for order in filed if order["bill"]), Decimal())

    october = later.hand_over(finance, "2026-10").doc
    assert Decimal(october["total"]) == in_force() > 0
    number = next(order["number"] for home in october["households"] for order in home["orders"]
                  if Decimal(order["total"]) > 30)  # fmt: skip
    before = later.show(clerk, number).doc["bill"]["total"]
    later.rebill(clerk, number, Slip(services=("bulb",), without=("materials",)), reason="only a bulb")

    november = later.finance_month(clerk, "2026-11").doc
    assert [(one["kind"], one["amount"], one["of"]) for one in november["corrections"]] == [
        ("reversal", f"-{before}", "2026-10"), ("replacement", "10.00", "2026-10"),
    ]  # fmt: skip
    assert posted(later.finance_month(clerk, "2026-10").doc) == posted(october), "what is handed over stays as it is"
    assert Decimal(october["total"]) + Decimal(november["total"]) == in_force()
    assert later.verify()["ok"]


@pytest.mark.rule("RPT-7")
def test_the_board_has_an_open_order_in_every_state_and_something_overdue_and_something_due_soon(
    played: Played,
) -> None:
    board = played.desk.board(BY)
    assert set(board["open"]) == {"reported", "quoted", "assigned", "on_site", "paused", "tracking"}
    assert any(row["state"] == "missed" for row in board["due"])
    assert any(0 < row["seconds_left"] < 900 for row in board["due"])
    for state in STATES:
        assert played.desk.list_orders(BY, {"states": [state]})[1] > 0, state


def test_the_default_month_is_busiest_in_the_evening_and_on_weekends(month: Plan) -> None:
    reports = [step.at for step in month.steps if step.verb == "intake" and "join" not in step.args]
    assert len(reports) == 240
    evening = sum(18 <= at.hour < 21 for at in reports)
    assert evening > sum(at.hour < 12 for at in reports) / 2
    assert evening > sum(13 <= at.hour < 16 for at in reports)
    ordinary = [at for at in reports if at.day > 7]
    weekend = sum(at.weekday() >= 5 for at in ordinary) / 7
    assert weekend > sum(at.weekday() < 5 for at in ordinary) / 17


def test_every_step_is_typed_after_it_happened_and_within_the_month(month: Plan) -> None:
    assert all(FIRST <= step.at <= step.recorded_at <= END for step in month.steps)
    assert list(month.steps) == sorted(month.steps, key=lambda step: step.recorded_at)


def test_the_default_month_uses_every_verb_that_the_lifecycle_has(month: Plan) -> None:
    typed = {step.verb for step in month.steps}
    aliases = {"absent": "arrive", "join": "intake", "open": "convert", "infeasible": "quote", "retrack": "assign",
               "refund": "pay"}  # fmt: skip
    assert {aliases.get(row.event, row.event) for row in TABLE} - typed == set()


def test_no_technician_is_in_two_places_at_once(month: Plan) -> None:
    """Between the arrival and the end of a visit its technician does nothing on another order."""
    on_site: dict[str, str] = {}
    for step in sorted(month.steps, key=lambda step: (step.at, step.recorded_at)):
        if not step.actor.startswith(("T", "W")):
            continue
        busy = on_site.get(step.actor)
        if step.verb in ("arrive", "start") and not step.args.get("nobody_home"):
            assert busy in (None, step.order), (step, busy)
            on_site[step.actor] = step.order
        elif step.verb in ("pause", "finish") and busy == step.order:
            del on_site[step.actor]


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2, 5))
def test_no_month_is_refused_by_the_rules(tmp_path: Path, seed: int) -> None:
    assert play(tmp_path / "desk", 240, seed).desk.verify()["ok"]


def test_the_command_answers_with_one_document(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home = tmp_path / "kept"
    assert main(["demo", "--orders", "3", "--keep", str(home), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["home"] == str(home)
    assert said["orders"] == 3
    assert said["verified"] is True
    assert {"board", "slip", "history", "next", "entries"} <= set(said)
    assert main(["list", "--home", str(home), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["total"] == 3


def test_what_to_type_next_works_as_it_is_printed(
    played: Played, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from repairdesk.cli.demo import _next

    export, *commands = _next(played.desk.home, played, played.stories["not-home-twice"][0])
    name, _, value = export.removeprefix("export ").partition("=")
    monkeypatch.setenv(name, value)
    read_only = [line for line in commands if " assign " not in line]
    assert len(read_only) == len(commands) - 1
    for line in read_only:
        assert main(line.split()[1:]) == 0, capsys.readouterr().err


def test_a_folder_that_has_a_desk_is_refused(tmp_path: Path) -> None:
    found(tmp_path / "desk", "standard", By(None, "linxy"), FIRST)
    before = (tmp_path / "desk" / "ledger.db").read_bytes()
    with pytest.raises(NotAllowed):
        play(tmp_path / "desk", 1, 1)
    assert (tmp_path / "desk" / "ledger.db").read_bytes() == before
    assert main(["demo", "--keep", str(tmp_path / "desk")]) == 10


def test_a_ledger_elsewhere_is_no_place_for_a_demo(tmp_path: Path) -> None:
    assert main(["demo", "--ledger", str(tmp_path / "other.db")]) == 2
    assert list(tmp_path.iterdir()) == []
