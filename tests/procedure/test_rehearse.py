"""Rehearsing: what is on record, judged by another policies.yaml or priced by another fees.yaml. Nothing is written."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import rule
from practice import LAMP, Practice, when
from test_random_walk import Shift

from repairdesk.desk import By
from repairdesk.domain import rehearsal
from repairdesk.domain.rehearsal import Rehearsed
from repairdesk.errors import Exit

Doc = dict[str, Any]
DAY = "2026-11-22"
BY = By(os_user="tester")


def tried(desk: Practice, file: str, *changes: tuple[str, str], since: str = DAY, until: str | None = None) -> Doc:
    """The desk's own file with changes, kept elsewhere under another name and version, and rehearsed."""
    text = (desk.home / file).read_text(encoding="utf-8")
    version = next(line for line in text.splitlines() if line.startswith("version:"))
    for old, new in ((version, "version: tried-1"), *changes):
        assert text.count(old) == 1, f"{file} has {old!r} {text.count(old)} times"
        text = text.replace(old, new)
    other = desk.home.parent / f"other-{file}"
    other.write_text(text, encoding="utf-8")
    before = contents(desk.home)
    answer = desk.desk.rehearse(BY, other, since=since, until=until)
    assert contents(desk.home) == before, "a rehearsal has written"
    desk.remarks = [remark.message.format(**remark.values) for remark in answer.remarks]
    return answer.doc


def contents(home: Path) -> dict[str, str]:
    """Every file of the desk's folder by its bytes."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in home.iterdir()}


def under(desk: Practice, key: str, old: str, new: str) -> tuple[str, str]:
    """A change in the block of one obligation, as ``tried`` takes it; ``old`` empty: a line more."""
    block = policies(desk).split(f"\n  {key}:\n", 1)[1]
    if not old:
        return f"\n  {key}:\n", f"\n  {key}:\n    {new}\n"
    part = block[: block.index(old)]
    return f"\n  {key}:\n{part}{old}", f"\n  {key}:\n{part}{new}"


def policies(desk: Practice) -> str:
    return (desk.home / "policies.yaml").read_text(encoding="utf-8")


def rehearsed(desk: Practice, number: str) -> Rehearsed:
    """An order by its own rules, once more."""
    with desk.desk.look(BY) as turn:
        entries = turn.ledger.entries(number)
        first = entries[0].data
        own = turn.books.of(turn.ledger, first["policies_version"], first["fees_version"])
        found = rehearsal.rehearse(entries, own, own, turn.at)
    assert found is not None
    return found


def is_the_same_by_its_own_rules(desk: Practice, number: str) -> None:
    found = rehearsed(desk, number)
    assert found.after == found.before


class Rehearsals(Shift):
    """A shift with the night in it; in the end each of its orders is judged once more by the very same rules."""

    @rule()
    def the_night_comes(self) -> None:
        self.desk.wait(hours=9)
        self.desk.do("escalate", None)

    def teardown(self) -> None:
        try:
            listed, _ = self.desk.desk.list_orders(BY, {}, limit=None)
            for doc in listed:
                is_the_same_by_its_own_rules(self.desk, doc["number"])
            said = self.desk.desk.rehearse(BY, self.desk.home / "policies.yaml", since="2026-11-01").doc
            counted = said["orders"] + said["coordination_orders"]
            assert (counted, said["deadlines"], said["conversions"]) == (len(listed), [], [])
            assert (said["bills"], said["unpriced"], said["totals"]["difference"]) == ([], [], "0.00")
        finally:
            super().teardown()


@pytest.mark.rule("REC-4")
def test_whatever_happened_is_judged_by_the_same_rules_just_as_it_is_on_record(desk_as_founded: Path) -> None:
    machine: Any = type("ThisShift", (Rehearsals,), {"founded": desk_as_founded})
    machine.TestCase.settings = settings(
        max_examples=max(10, settings().max_examples // 5), stateful_step_count=40, deadline=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    machine.TestCase("runTest").runTest()


# --- deadlines


@pytest.mark.rule("REC-4")
def test_five_more_minutes_to_arrive_make_a_missed_arrival_a_met_one(desk: Practice) -> None:
    late, far_too_late = desk.reported(), desk.reported(place="3-2-502")
    for number in (late, far_too_late):
        desk.assigned(number)
        desk.accepted(number)
    desk.wait(minutes=12)
    desk.arrived(late)
    desk.wait(minutes=8)
    desk.arrived(far_too_late)
    said = tried(desk, "policies.yaml", under(desk, "arrive-in-home", "within: 10m", "within: 15m"))
    arrive = {"name": "arrive", "cycle": 1, "rule": "ASG-2", "owner": "assignee"}
    was, due = when("09:10"), when("09:15")
    assert {one["number"]: one for one in said["deadlines"]} == {
        late: {"number": late, **arrive, "before": {"due_at": was, "state": "missed"},
               "after": {"due_at": due, "state": "met"}},
        far_too_late: {"number": far_too_late, **arrive, "before": {"due_at": was, "state": "missed"},
                       "after": {"due_at": due, "state": "missed"}},
    }  # fmt: skip
    assert said["obligations"]["arrive"] == {
        "before": {"met": 0, "missed": 2, "void": 0, "open": 0},
        "after": {"met": 1, "missed": 1, "void": 0, "open": 0},
    }
    assert (said["kind"], said["version"], said["orders"]) == ("policies", "tried-1", 2)


@pytest.mark.rule("SLA-4")
def test_another_ladder_moves_no_deadline(desk: Practice) -> None:
    desk.reported()
    desk.wait(hours=30)
    desk.do("escalate", None)
    said = tried(desk, "policies.yaml", ("    - {after: 15m, tell: leader}", "    - {after: 45m, tell: manager}"))
    assert (said["deadlines"], said["conversions"]) == ([], [])


@pytest.mark.rule("SLA-2")
def test_a_clock_of_the_office_is_due_later_and_a_rate_follows_from_it(desk: Practice) -> None:
    number = desk.at_work()
    desk.wait(hours=50)
    desk.finished(number)
    said = tried(desk, "policies.yaml", under(desk, "resolve", "", "calendar: office"))
    (resolve,) = [one for one in said["deadlines"] if one["name"] == "resolve"]
    # 48 hours of the office from Sunday on: 7 on each of five days, 3 on Saturday, and 10 of the week after.
    assert resolve["before"] == {"due_at": when("2026-11-24T09:00"), "state": "missed"}
    assert resolve["after"] == {"due_at": when("2026-12-01T11:30"), "state": "met"}
    assert said["on_time"] == {
        "before": {"met": 0, "missed": 1, "rate": 0.0}, "after": {"met": 1, "missed": 0, "rate": 1.0},
    }  # fmt: skip


@pytest.mark.rule("COO-3")
def test_a_duty_of_each_week_that_becomes_one_of_each_month_has_other_periods(desk: Practice) -> None:
    coordination = desk.converted(desk.reported())
    desk.wait(hours=24 * 16)
    said = tried(desk, "policies.yaml", under(desk, "weekly-entry", "each: week", "each: month"))
    mine = [one for one in said["deadlines"] if (one["number"], one["name"]) == (coordination, "weekly-entry")]
    weeks = [when(f"2026-{day}T23:59:59") for day in ("11-29", "12-06", "12-13")]
    assert [one["before"] and one["before"]["due_at"] for one in mine] == weeks
    assert [one["after"] and one["after"]["due_at"] for one in mine] == [when("2026-12-31T23:59:59"), None, None]
    assert said["obligations"]["weekly-entry"]["before"] == {"met": 0, "missed": 2, "void": 0, "open": 1}
    assert said["obligations"]["weekly-entry"]["after"] == {"met": 0, "missed": 0, "void": 0, "open": 1}


@pytest.mark.rule("COO-3")
def test_weeks_that_nobody_has_looked_at_yet_make_no_difference(desk: Practice) -> None:
    desk.converted(desk.reported())
    desk.wait(hours=24 * 30)
    said = tried(desk, "policies.yaml")
    assert said["deadlines"] == []
    assert said["obligations"]["weekly-entry"]["before"]["missed"] == 4


@pytest.mark.rule("SLA-3")
def test_a_pause_stops_the_clock_by_the_policies_that_are_rehearsed(desk: Practice) -> None:
    number = desk.at_work()
    desk.paused(number, "parts", "2026-11-25T09:00")
    desk.wait(hours=60)
    desk.started(number)
    desk.finished(number)
    said = tried(desk, "policies.yaml", under(desk, "resolve", "pauses: [absent", "pauses: [parts, absent"))
    (resolve,) = [one for one in said["deadlines"] if one["name"] == "resolve"]
    assert resolve["before"] == {"due_at": when("2026-11-24T09:00"), "state": "missed"}
    assert resolve["after"] == {"due_at": when("2026-11-26T21:00"), "state": "met"}


@pytest.mark.rule("REC-4")
def test_what_only_one_of_the_two_knows_is_null_on_the_other_side(desk: Practice) -> None:
    number = desk.reported()
    change = under(desk, "respond", "kinds: [in_home, public_area", "kinds: [public_area")
    said = tried(desk, "policies.yaml", change)
    (gone,) = said["deadlines"]
    assert (gone["number"], gone["name"], gone["after"]) == (number, "respond", None)
    assert gone["before"] == {"due_at": when("10:00"), "state": "open"}


@pytest.mark.rule("REC-4")
def test_a_corrected_priority_is_counted_by_the_other_policies_too(desk: Practice) -> None:
    number = desk.reported()
    desk.wait(minutes=20)
    desk.corrected(number, priority="emergency")
    said = tried(desk, "policies.yaml", under(desk, "resolve", "emergency: 2h", "emergency: 3h"))
    (resolve,) = said["deadlines"]
    assert (resolve["before"]["due_at"], resolve["after"]["due_at"]) == (when("11:00"), when("12:00"))


# --- conversions


def at_night(desk: Practice) -> None:
    """The run of the night after Sunday."""
    desk.at("2026-11-23T00:30")
    desk.do("escalate", None)


@pytest.mark.rule("COO-1")
def test_what_would_not_have_been_converted_is_said_and_stays_converted(desk: Practice) -> None:
    number = desk.reported()
    at_night(desk)
    change = under(desk, "complete-in-home", "overdue: convert                  # or propose, with a ladder\n", "\n")
    said = tried(desk, "policies.yaml", change)
    coordination = desk.show(number)["coordination"]
    assert coordination
    assert said["conversions"] == [
        {"number": number, "coordination": coordination, "before": when("2026-11-23T00:00"), "after": None}
    ]
    assert (said["orders"], said["coordination_orders"]) == (1, 1), "nobody reports a coordination order"
    assert said["deadlines"] == []
    by_fees = tried(desk, "fees.yaml")
    assert (by_fees["orders"], by_fees["coordination_orders"]) == (1, 1)


@pytest.mark.rule("COO-1")
def test_what_would_have_been_converted_is_said_and_stays_as_it_is(desk: Practice) -> None:
    lamp = desk.at_work(LAMP, "W2")
    desk.wait(hours=30)
    desk.finished(lamp, "W2")
    said = tried(desk, "policies.yaml", under(desk, "complete-public-area", "within: 72h", "within: 24h"))
    (one,) = said["conversions"]
    assert one == {"number": lamp, "coordination": None, "before": None, "after": when("2026-11-23T09:00")}
    (complete,) = said["deadlines"]
    assert complete["after"] == {"due_at": when("2026-11-23T09:00"), "state": "missed"}


@pytest.mark.rule("COO-1")
def test_what_would_have_been_converted_earlier_is_said(desk: Practice) -> None:
    number = desk.reported()
    at_night(desk)
    said = tried(desk, "policies.yaml", under(desk, "complete-in-home", 'by: "24:00"', 'by: "18:00"'))
    (one,) = said["conversions"]
    assert (one["number"], one["before"], one["after"]) == (number, when("2026-11-23T00:00"), when("18:00"))


@pytest.mark.rule("COO-1")
def test_what_is_finished_is_not_converted_whatever_is_still_owed(desk: Practice) -> None:
    number = desk.done()
    desk.wait(hours=24)
    desk.signed(number)
    desk.closed(number)
    said = tried(desk, "policies.yaml", under(desk, "complete-in-home", "meets: [finish]", "meets: [close]"))
    assert [(one["name"], one["after"]["state"]) for one in said["deadlines"]] == [("complete", "missed")]
    assert said["conversions"] == []


@pytest.mark.rule("SLA-2")
def test_days_that_were_published_since_are_counted_on_both_sides(desk: Practice) -> None:
    """A deadline beyond the table is provisional until the night counts it by the new one; so does a rehearsal."""
    office = under(desk, "resolve", "", "calendar: office")
    desk.edits("policies.yaml", ("version: standard-2026-11", "version: office-1"), office)
    desk.at("2026-12-30T09:00")
    number = desk.reported()
    assert desk.owed(number, "resolve")["provisional"]
    before = desk.owed(number, "resolve")["due_at"]
    last = '"2026-09-20", "2026-10-10"]\n'
    published = '  2027:\n    source: S\n    holidays:\n      元旦: ["2027-01-01..2027-01-03"]\n    workdays: []\n'
    desk.edits("calendar.yaml", ("version: cn-2026", "version: cn-2027"), (last, last + published))
    said = tried(desk, "policies.yaml", since="2026-12-30")
    assert [one["name"] for one in said["deadlines"]] == ["resolve"], "not counted by the new table yet"
    desk.do("escalate", None)
    assert desk.owed(number, "resolve")["due_at"] > before
    is_the_same_by_its_own_rules(desk, number)


@pytest.mark.rule("REC-2")
def test_a_conversion_that_a_late_slip_took_back_is_none_on_either_side(desk: Practice) -> None:
    number = desk.at_work()
    at_night(desk)
    desk.finished(number, at="2026-11-22T10:30")
    assert any(entry["event"] == "revert" for entry in desk.entries(number))
    is_the_same_by_its_own_rules(desk, number)
    assert rehearsed(desk, number).before.converts is None
    said = tried(desk, "policies.yaml", under(desk, "complete-in-home", 'by: "24:00"', 'by: "10:00"'))
    # By ten it was not finished: that a run at night was premature does not change it.
    (one,) = said["conversions"]
    assert (one["number"], one["before"], one["after"]) == (number, None, when("10:00"))
    assert tried(desk, "policies.yaml")["deadlines"] == []


# --- bills


@pytest.mark.rule("FEE-8")
def test_another_fee_table_prices_again_what_was_done(desk: Practice) -> None:
    tap = desk.billed(services=("tap",))
    bulb = desk.billed(place="3-2-502", services=("bulb",))
    free = desk.billed(place="3-2-503", services=("inspect",))
    changes = [(old, old.replace(was, now)) for old, was, now in (
        ("name: 更换水龙头, category: plumbing, unit: 个, price: \"25.00\"", "25.00", "28.50"),
        ("name: 更换灯泡, category: electrical, unit: 只, price: \"10.00\"", "10.00", "9.00"),
    )]  # fmt: skip
    said = tried(desk, "fees.yaml", *changes)
    assert {one["number"]: one for one in said["bills"]} == {
        tap: {"number": tap, "before": "25.00", "after": "28.50", "difference": "3.50", "exceeds_consent": False},
        bulb: {"number": bulb, "before": "10.00", "after": "9.00", "difference": "-1.00", "exceeds_consent": False},
    }
    assert said["totals"] == {"before": "35.00", "after": "37.50", "difference": "2.50", "bills": 3, "rise": 1,
                              "fall": 1, "exceed_consent": 0}  # fmt: skip
    assert (said["kind"], said["orders"]) == ("fees", 3)
    assert (said["deadlines"], said["obligations"], said["on_time"], said["conversions"]) == ([], {}, None, [])
    assert desk.show(free)["bill"]["total"] == "0.00"


@pytest.mark.rule("QUO-4")
@pytest.mark.parametrize(("agreed", "exceeds"), [("28.50", False), ("28.49", True)])
def test_a_bill_above_what_was_agreed_to_is_flagged(desk: Practice, agreed: str, exceeds: bool) -> None:
    desk.billed(services=("tap",), agreed=agreed)
    line = 'name: 更换水龙头, category: plumbing, unit: 个, price: "25.00"'
    said = tried(desk, "fees.yaml", (line, line.replace("25.00", "28.50")))
    assert [one["exceeds_consent"] for one in said["bills"]] == [exceeds]
    assert said["totals"]["exceed_consent"] == exceeds


@pytest.mark.rule("FEE-1")
def test_what_the_other_table_cannot_price_is_named_and_not_counted(desk: Practice) -> None:
    desk.billed(services=("bulb",))
    tap = desk.billed(place="3-2-502", services=("tap",))
    said = tried(desk, "fees.yaml", ("{code: tap,", "{code: mixer,"))
    (unpriced,) = said["unpriced"]
    assert (unpriced["number"], unpriced["before"], unpriced["why"].exit) == (tap, "25.00", Exit.NOT_FOUND)
    assert "tap" in str(unpriced["why"])
    assert (said["totals"]["before"], said["totals"]["after"], said["totals"]["bills"]) == ("10.00", "10.00", 1)


@pytest.mark.rule("FEE-5")
def test_other_terms_of_the_warranty_change_bills_and_their_own_fee_table_does_not(desk: Practice) -> None:
    slip = {"services": ("tap",), "materials": ("angle-valve",), "warranty": True}
    materials = (desk.home / "fees.yaml").read_text(encoding="utf-8").split("materials:")[1]
    slip["materials"] = (materials.split("{code: ")[1].split(",")[0],)
    number = desk.billed(at_end=slip, warranty_until="2027-11-22")
    assert desk.show(number)["bill"]["total"] == "0.00"
    said = tried(desk, "policies.yaml", ("  free: [labour, parts] ", "  free: [parts] "))
    (bill,) = said["bills"]
    assert (bill["number"], bill["before"], bill["after"]) == (number, "0.00", "25.00")
    assert said["deadlines"] == []


@pytest.mark.rule("FEE-8")
def test_the_bill_in_force_is_priced_not_one_that_was_reversed(desk: Practice) -> None:
    number = desk.billed(services=("tap",))
    desk.rebilled(number, services=("bulb",))
    line = 'name: 更换水龙头, category: plumbing, unit: 个, price: "25.00"'
    said = tried(desk, "fees.yaml", (line, line.replace("25.00", "28.50")))
    assert (said["bills"], said["totals"]["before"]) == ([], "10.00")


# --- the span


@pytest.mark.rule("REC-4")
def test_deadlines_go_by_the_report_and_bills_by_the_end_of_the_work(desk: Practice) -> None:
    number = desk.reported(services=("tap",))
    desk.agreed(number)
    desk.assigned(number)
    desk.started(number)
    desk.at("2026-12-02T09:00")
    desk.finished(number)
    line = 'name: 更换水龙头, category: plumbing, unit: 个, price: "25.00"'
    dearer = (line, line.replace("25.00", "28.50"))
    assert tried(desk, "fees.yaml", dearer, since=DAY, until="2026-11-30")["bills"] == []
    for state in ("finished", "closed"):
        assert desk.show(number)["state"] == state
        december = tried(desk, "fees.yaml", dearer, since="2026-12-01")
        assert (december["orders"], [one["number"] for one in december["bills"]]) == (0, [number])
        assert tried(desk, "policies.yaml", since="2026-12-01")["totals"]["bills"] == 1
        if state == "finished":
            desk.signed(number)
            desk.closed(number)
    desk.at("2026-12-03T09:00")
    assert tried(desk, "fees.yaml", dearer, since="2026-12-03")["totals"]["bills"] == 0
    november = tried(desk, "policies.yaml", since=DAY, until="2026-11-30")
    assert (november["orders"], november["totals"]["bills"]) == (1, 0)


@pytest.mark.rule("REC-4")
def test_without_a_time_it_is_the_month_before_in_the_desks_zone(desk: Practice) -> None:
    desk.reported()
    desk.at("2026-12-01T00:00")
    desk.reported(place="3-2-502")
    said = desk.desk.rehearse(BY, desk.home / "policies.yaml").doc
    assert (said["since"], said["until"]) == (when("2026-11-01T00:00"), when("2026-11-30T23:59:59"))
    assert said["orders"] == 1
    with_time = desk.desk.rehearse(BY, desk.home / "policies.yaml", since=f"{DAY}T09:00:01").doc
    assert (with_time["orders"], with_time["until"]) == (1, desk.moment.isoformat())


@pytest.mark.rule("REC-2")
def test_with_an_earlier_time_it_is_what_was_written_by_then(desk: Practice) -> None:
    number = desk.at_work()
    desk.wait(hours=1)
    desk.finished(number)
    then = By(os_user="tester", at=f"{DAY}T09:30")
    said = desk.desk.rehearse(then, desk.home / "policies.yaml", since=DAY).doc
    assert said["obligations"]["resolve"]["before"] == {"met": 0, "missed": 0, "void": 0, "open": 1}
    assert desk.desk.rehearse(BY, desk.home / "policies.yaml", since=DAY).doc["on_time"]["before"]["met"] == 1


@pytest.mark.rule("REC-4")
@pytest.mark.parametrize(("since", "until"), [(None, DAY), (DAY, "2026-11-21"), ("yesterday", None), ("2026-11", None)])
def test_a_span_that_makes_no_sense_is_refused(desk: Practice, since: str | None, until: str | None) -> None:
    with desk.refuses(2):
        desk.desk.rehearse(BY, desk.home / "policies.yaml", since=since, until=until)


@pytest.mark.rule("REC-4")
@pytest.mark.parametrize("said", ["xx", "2026-11", "2026-13-01", "yesterday evening"])
def test_what_is_no_time_is_named_as_it_was_typed(desk: Practice, said: str) -> None:
    for span in ({"since": said}, {"since": DAY, "until": said}):
        with desk.refuses(2) as told:
            desk.desk.rehearse(BY, desk.home / "policies.yaml", **span)
        assert f"“{said}”" in str(told[0])


@pytest.mark.rule("REC-4")
@pytest.mark.parametrize("until", [None, "2027-01-31"])
def test_of_what_has_not_come_yet_nothing_is_rehearsed(desk: Practice, until: str | None) -> None:
    with desk.refuses(2) as told:
        desk.desk.rehearse(BY, desk.home / "policies.yaml", since="2027-01-01", until=until)
    assert "2027-01-01 has not come yet" in str(told[0])
    now = f"{desk.moment:%Y-%m-%dT%H:%M:%S}"
    assert desk.desk.rehearse(BY, desk.home / "policies.yaml", since=now).doc["orders"] == 0


# --- the file


@pytest.mark.rule("REC-4")
def test_a_version_whose_content_is_another_is_rehearsed_and_remarked_on(desk: Practice) -> None:
    desk.reported()
    other = desk.home.parent / "edited.yaml"
    other.write_text(policies(desk).replace("within: 10m", "within: 12m"), encoding="utf-8")
    answer = desk.desk.rehearse(BY, other, since=DAY)
    (remark,) = [one.message.format(**one.values) for one in answer.remarks]
    assert "version standard-2026-11 was used with another content" in remark
    tried(desk, "policies.yaml")
    assert desk.remarks == []


@pytest.mark.rule("REC-4")
def test_every_mistake_of_the_file_is_told_with_its_place(desk: Practice) -> None:
    other = desk.home.parent / "wrong.yaml"
    other.write_text(policies(desk).replace("within: 10m", "within: soon").replace("each: week", "each: year"),
                     encoding="utf-8")  # fmt: skip
    lines = other.read_text(encoding="utf-8").splitlines()
    wanted = {n for n, line in enumerate(lines, 1) if "within: soon" in line or "each: year" in line}
    with desk.refuses(13) as told:
        desk.desk.rehearse(BY, other, since=DAY)
    problems = told[0].extra["problems"]
    assert {problem["line"] for problem in problems} == wanted
    assert all(problem["file"] == "wrong.yaml" and problem["column"] > 4 for problem in problems)


@pytest.mark.rule("REC-4")
@pytest.mark.parametrize("text", ["years: {}\n", "version: x\n", "{}\n"])
def test_a_file_that_is_neither_of_the_two_is_refused(desk: Practice, tmp_path: Path, text: str) -> None:
    other = tmp_path / "something.yaml"
    other.write_text(text, encoding="utf-8")
    with desk.refuses(13) as told:
        desk.desk.rehearse(BY, other, since=DAY)
    assert "something.yaml:1:1" in str(told[0])


@pytest.mark.rule("REC-4")
def test_a_fee_table_names_the_categories_of_the_desk(desk: Practice, tmp_path: Path) -> None:
    text = (desk.home / "fees.yaml").read_text(encoding="utf-8")
    other = tmp_path / "cheap.yaml"
    other.write_text(text.replace("name: 更换灯泡, category: electrical", "name: 更换灯泡, category: magic"),
                     encoding="utf-8")  # fmt: skip
    with desk.refuses(13) as told:
        desk.desk.rehearse(BY, other, since=DAY)
    assert [problem["file"] for problem in told[0].extra["problems"]] == ["cheap.yaml"]


def test_no_file_is_not_found_and_a_folder_cannot_be_read(desk: Practice, tmp_path: Path) -> None:
    with desk.refuses(11):
        desk.desk.rehearse(BY, tmp_path / "nothing.yaml", since=DAY)
    with desk.refuses(17):
        desk.desk.rehearse(BY, tmp_path, since=DAY)
