"""What was kept long enough goes, and nothing else; nobody can tell afterwards whose it was (RET-1 to RET-3)."""

from __future__ import annotations

import hashlib
import json
import re
import sqlite3
import stat
import tarfile
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from practice import SHANGHAI, TAP, Practice

from repairdesk.demo.play import play
from repairdesk.desk import By, Desk, purge_file, purging
from repairdesk.desk.settling import Paying
from repairdesk.domain import effects, message, retention
from repairdesk.domain.household import Household
from repairdesk.domain.intake import Report
from repairdesk.domain.policy import Period
from repairdesk.domain.vocabulary import ENTRIES, RETAINED
from repairdesk.errors import StorageError
from repairdesk.ledger.connection import Patient
from repairdesk.ledger.verify import verify
from repairdesk.rules.hydrate import build_policies
from repairdesk.rules.load import parse_policies

Doc = dict[str, Any]
FREE: Mapping[str, Any] = {
    **TAP,
    "place": "9-1-101",
    "caller": "欧阳明月",
    "phone": "13911112222",
    "fault": "书房顶灯忽明忽暗",
}
LATER = "2029-12-01T09:00"


def planned(desk: Practice, **said: Any) -> Doc:
    return desk.do("purge_plan", None, **said)


def goes(desk: Practice, **said: Any) -> list[str]:
    return [one["number"] for one in planned(desk, **said)["orders"]]


def stays(desk: Practice) -> dict[str, str]:
    return {one["number"]: one["why"] for one in planned(desk)["stay"]}


def purge(desk: Practice, file: Path | None = None, who: str = "M1", second: str = "L1", **said: Any) -> Doc:
    target = file or desk.home.parent / f"purged-{len(list(desk.home.parent.iterdir()))}.jsonl"
    return desk.do("purge", who, second=second, out=target, **said)


def free(desk: Practice, **more: Any) -> str:
    """An order that cost nothing, filed."""
    return desk.filed(desk.done(FREE, new=True, **more))


def paid(desk: Practice, **more: Any) -> str:
    """An order that cost something, filed and paid, in a month that was handed over."""
    number = desk.filed(desk.billed(services=("bulb",), new=True, **more))
    desk.paid(number)
    return number


def bytes_of(home: Path) -> bytes:
    return b"\0".join(file.read_bytes() for file in sorted(home.rglob("*")) if file.is_file())


# --- how long


@pytest.mark.rule("RET-1")
def test_a_free_order_is_kept_for_a_year_and_a_paid_one_for_two_from_their_filing_to_the_second(desk: Practice) -> None:
    cost_nothing, cost_something = free(desk), paid(desk)
    filed = {
        number: datetime.fromisoformat(desk.show(number)["archived_at"]) for number in (cost_nothing, cost_something)
    }
    for number, years in ((cost_nothing, 1), (cost_something, 2)):
        ends = filed[number].replace(year=filed[number].year + years)
        desk.moment = ends - timedelta(seconds=1)
        assert number not in goes(desk)
        desk.moment = ends
        assert number in goes(desk)


@pytest.mark.rule("RET-1", "FEE-9")
def test_what_was_waived_altogether_was_still_paid_work(desk: Practice) -> None:
    number = desk.filed(desk.billed(services=("bulb",), at_end={"reduce": "10.00", "reason": "late", "approver": "M1"}))
    desk.at("2027-12-31T09:00")
    assert number not in goes(desk)
    desk.at(LATER)
    assert goes(desk) == [number]


@pytest.mark.rule("RET-1")
def test_coordination_orders_and_those_they_came_from_are_kept_for_good(desk: Practice) -> None:
    number = desk.at_work()
    tracked = desk.converted(number)
    desk.finished(tracked, who="C1", result="done")
    desk.signed(tracked, who="C1")
    desk.closed(tracked)
    desk.archived(tracked, who="L1")
    desk.at("2075-01-01T09:00")
    assert goes(desk) == []
    assert stays(desk) == {}


@pytest.mark.rule("RET-1")
def test_what_was_never_filed_counts_from_its_end(desk: Practice) -> None:
    number = desk.reported(FREE)
    desk.wait(hours=3)
    ended = desk.moment
    desk.do("cancel", "C1", number, reason="solved")
    desk.moment = ended.replace(year=ended.year + 1) - timedelta(seconds=1)
    assert goes(desk) == []
    desk.moment += timedelta(seconds=1)
    assert goes(desk) == [number]


@pytest.mark.rule("RET-1")
@pytest.mark.parametrize(
    ("period", "start", "ends"),
    [
        (Period(1, 0), "2027-02-28T10:00:00+08:00", "2028-02-28T10:00:00+08:00"),
        (Period(1, 0), "2028-02-29T10:00:00+08:00", "2029-03-01T10:00:00+08:00"),
        (Period(4, 0), "2028-02-29T10:00:00+08:00", "2032-02-29T10:00:00+08:00"),
        (Period(0, 90), "2026-11-22T23:59:59+08:00", "2027-02-20T23:59:59+08:00"),
        # In UTC it was still the year before.
        (Period(1, 0), "2026-01-01T07:00:00+08:00", "2027-01-01T07:00:00+08:00"),
    ],
)
def test_years_are_those_of_the_calendar_in_the_desks_zone(period: Period, start: str, ends: str) -> None:
    assert period.ends(datetime.fromisoformat(start).astimezone(UTC), SHANGHAI) == datetime.fromisoformat(ends)


def test_policies_that_say_otherwise_are_gone_by(desk: Practice) -> None:
    number = free(desk)
    desk.wait(days=200)
    assert goes(desk) == []
    desk.edits("policies.yaml", ("version: standard-2026-11", "version: ours-1"), ("  free: 1y ", "  free: 180d "))
    assert goes(desk) == [number]


# --- what never goes


@pytest.mark.rule("RET-2")
def test_what_is_open_unpaid_disputed_or_owed_on_stays_and_says_why(desk: Practice) -> None:
    unclosed = desk.done(FREE, new=True)
    still_open = desk.reported(FREE, new=True)
    unpaid = desk.filed(desk.billed(services=("bulb",), new=True))
    remarked = free(desk)
    desk.do("callback", "C1", remarked, outcome="dissatisfied", method="phone", next_at="2026-11-23T10:00")
    unheard = desk.filed(desk.done(FREE, new=True), rating="fair")
    gone = free(desk)
    desk.at(LATER)
    why = stays(desk)
    assert why[unclosed] == "open"
    assert why[still_open] == "open"
    assert why[unpaid] == "unpaid"
    assert why[remarked] in ("owed", "disputed")
    assert why[unheard] == "owed"
    assert goes(desk) == [gone]


@pytest.mark.rule("RET-2")
def test_an_unpaid_order_goes_once_it_is_paid_and_one_paid_too_much_once_that_is_paid_back(desk: Practice) -> None:
    number = desk.filed(desk.billed(services=("bulb",)))
    desk.at(LATER)
    assert goes(desk) == []
    desk.paid(number)
    assert goes(desk) == [number]


@pytest.mark.rule("RET-2", "FEE-7")
def test_a_desk_that_hands_months_over_keeps_the_orders_of_a_month_until_then(desk: Practice) -> None:
    first = paid(desk)
    desk.at("2026-12-01T09:00")
    desk.handed_over("2026-11")
    second = paid(desk)
    desk.at(LATER)
    assert goes(desk) == [first]
    assert stays(desk) == {second: "month"}
    desk.handed_over("2026-12")
    assert goes(desk) == [first, second]


@pytest.mark.rule("RET-2")
def test_what_is_linked_to_one_that_stays_stays_with_it_over_several_steps(desk: Practice) -> None:
    first = free(desk)
    second = free(desk, follows=first)
    third = free(desk, follows=second)
    other = free(desk)
    desk.at("2027-06-01T09:00")
    desk.reported(FREE, follows=third, new=True)
    desk.at("2027-12-01T09:00")
    assert goes(desk) == [other]
    assert stays(desk) == {first: "linked", second: "linked", third: "linked"}


@pytest.mark.rule("RET-2")
def test_linked_orders_whose_time_is_over_go_together(desk: Practice) -> None:
    first = free(desk)
    second = free(desk, follows=first)
    desk.at(LATER)
    assert sorted(goes(desk)) == sorted([first, second])
    purge(desk)
    assert desk.show(second)["follows"] == first


@pytest.mark.rule("RET-2", "CAL-2")
def test_what_may_still_be_drawn_for_a_callback_stays(desk: Practice) -> None:
    desk.edits("policies.yaml", ("version: standard-2026-11", "version: ours-1"), ("  free: 1y ", "  free: 1d "))
    number = free(desk)
    desk.wait(days=3)
    assert stays(desk) == {number: "callbacks"}
    desk.wait(days=200)
    assert goes(desk) == [number]


def test_until_takes_only_what_ended_by_then(desk: Practice) -> None:
    first = free(desk)
    desk.at("2027-01-10T09:00")
    second = free(desk)
    desk.at(LATER)
    assert goes(desk, until="2026-12-31") == [first]
    assert goes(desk) == [first, second]


# --- who may


@pytest.mark.rule("RET-2")
def test_a_purge_takes_a_manager_and_another_one_of_leader_or_above(desk: Practice) -> None:
    free(desk)
    desk.at(LATER)
    before = desk.head()
    for who, second in (
        ("L1", "S1"),
        ("S1", "L1"),
        ("C1", "L1"),
        ("M1", "M1"),
        ("M1", "C1"),
        ("M1", "W1"),
        ("M1", "F1"),
    ):
        with desk.refuses(12):
            purge(desk, who=who, second=second)
    with desk.refuses(11):
        purge(desk, second="X9")
    desk.do("staff_retire", None, "L1")
    with desk.refuses(12):
        purge(desk)
    assert desk.head()[0] == before[0] + 1
    assert purge(desk, second="S1")["with"] == "S1"


@pytest.mark.rule("RET-2", "REC-2")
def test_nothing_is_purged_in_the_future(desk: Practice) -> None:
    free(desk)
    with desk.refuses(10, "REC-2"):
        purge(desk, at=LATER)


# --- what is written out


@pytest.mark.rule("RET-2")
def test_everything_that_goes_is_written_out_first_whole_and_for_nobody_else(desk: Practice, tmp_path: Path) -> None:
    number = free(desk)
    told = [entry["event"] for entry in desk.entries(number)]
    desk.at(LATER)
    file = tmp_path / "out.jsonl"
    said = purge(desk, file)["export"]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    head, order, *_ = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    assert (head["by"], head["with"]) == ("M1", "L1")
    assert order["order"]["caller"] == FREE["caller"]
    assert order["order"]["phone"] == FREE["phone"]
    assert [entry["event"] for entry in order["entries"]] == told
    assert said["lines"] == len(file.read_text(encoding="utf-8").splitlines())
    (entry,) = [e for e in _journal(desk) if e.event == "purge"]
    assert entry.data["export"]["sha256"] == said["sha256"]
    assert entry.data["orders"] == [number]


def _journal(desk: Practice) -> list[Any]:
    with desk.desk.ledger.read() as reader:
        return list(reader.journal())


@pytest.mark.rule("RET-2")
def test_the_file_is_outside_the_desk_and_never_over_another(desk: Practice, tmp_path: Path) -> None:
    number = free(desk)
    desk.at(LATER)
    there = tmp_path / "there.jsonl"
    there.write_text("mine")
    before = desk.head()
    with desk.refuses(2, "RET-2"):
        purge(desk, desk.home / "attachments" / ".." / "out.jsonl")
    with desk.refuses(10):
        purge(desk, there)
    with desk.refuses(11):
        purge(desk, tmp_path / "nowhere" / "out.jsonl")
    assert desk.head() == before
    assert there.read_text() == "mine"
    assert desk.show(number)["caller"] == FREE["caller"]


@pytest.mark.rule("RET-2")
def test_a_purge_that_fails_leaves_no_file_and_everything_as_it_was(
    desk: Practice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = free(desk)
    desk.at(LATER)
    before = desk.head()

    def fail(*_: object) -> None:
        raise RuntimeError("in the midst of it")

    monkeypatch.setattr(purging.ledger, "take", fail)
    with pytest.raises(RuntimeError):
        purge(desk, tmp_path / "out.jsonl")
    assert list(tmp_path.glob("*.jsonl")) == []
    assert list(tmp_path.glob(".*half")) == []
    assert desk.head() == before
    assert desk.show(number)["caller"] == FREE["caller"]


@pytest.mark.sqlite
@pytest.mark.rule("RET-2")
def test_a_purge_that_the_disk_refuses_at_its_very_end_leaves_no_file_and_can_be_done_again(
    desk: Practice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = _photographed(desk, tmp_path)
    before, patiently = desk.head(), Patient.patiently

    def full(self: Patient, text: str) -> object:
        if text == "COMMIT" and self.in_transaction and (tmp_path / "out.jsonl").exists():
            raise sqlite3.OperationalError("database or disk is full")
        return patiently(self, text)

    with monkeypatch.context() as patch:
        patch.setattr(Patient, "patiently", full)
        with pytest.raises((StorageError, sqlite3.OperationalError)):
            desk.desk.purge(By("M1", "tester"), second="L1", out=tmp_path / "out.jsonl")
    assert list(tmp_path.glob("*out*")) == []
    assert desk.head() == before
    purge(desk, tmp_path / "out.jsonl")
    assert desk.show(number)["caller"] == "***"
    assert len(list(tmp_path.glob("out*"))) == 2


@pytest.mark.sqlite
@pytest.mark.rule("RET-2")
def test_a_purge_that_is_in_the_ledger_though_its_end_was_not_answered_keeps_its_file(
    desk: Practice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    free(desk)
    desk.at(LATER)
    patiently = Patient.patiently

    def cut_off(self: Patient, text: str) -> object:
        answer = patiently(self, text)
        if text == "COMMIT" and (tmp_path / "out.jsonl").exists():
            raise StorageError("the server went away")
        return answer

    monkeypatch.setattr(Patient, "patiently", cut_off)
    with pytest.raises(StorageError):
        desk.desk.purge(By("M1", "tester"), second="L1", out=tmp_path / "out.jsonl")
    assert (tmp_path / "out.jsonl").exists(), "what went is nowhere else"


@pytest.mark.rule("RET-2")
def test_an_export_whose_name_does_not_reach_the_disk_is_none(
    desk: Practice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _photographed(desk, tmp_path)
    before = desk.head()

    def torn(_: Path) -> None:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(purge_file, "_reach_the_disk", torn)
        with desk.refuses(17):
            purge(desk, tmp_path / "out.jsonl")
    assert list(tmp_path.glob("*out*")) == []
    assert desk.head() == before


def test_nothing_to_purge_writes_nothing(desk: Practice, tmp_path: Path) -> None:
    free(desk)
    before = desk.head()
    assert purge(desk, tmp_path / "out.jsonl")["export"] is None
    assert desk.head() == before
    assert not (tmp_path / "out.jsonl").exists()


# --- what is left


@pytest.mark.sqlite
@pytest.mark.rule("RET-3")
def test_no_byte_of_the_desk_says_whose_it_was(desk: Practice, tmp_path: Path) -> None:
    number = desk.at_work(FREE, fault="书房顶灯忽明忽暗")
    scan = tmp_path / "签单 欧阳明月.pdf"
    scan.write_bytes(b"%PDF-1.4 ouyang mingyue")
    desk.do("attach", "C1", number, scan, note="欧阳明月的签单")
    desk.corrected(number, reason="欧阳明月来电更正", phone="13911113333")
    desk.finished(number, found="镇流器坏", result="镇流器换后亮了")
    desk.signed(number, by="欧阳明月")
    desk.closed(number)
    desk.archived(number)
    desk.do("reveal", "C1", number, reason="回电欧阳明月")
    desk.at(LATER)
    secrets = (
        "欧阳明月",
        "13911112222",
        "13911113333",
        "9-1-101",
        "书房顶灯忽明忽暗",
        "镇流器坏",
        "镇流器换后",
        "ouyang mingyue",
    )
    kept = bytes_of(desk.home)
    assert all(secret.encode() in kept for secret in secrets), "else nothing is shown by what is found below"
    assert purge(desk)["files"] == 1
    left = bytes_of(desk.home)
    assert [secret for secret in secrets if secret.encode() in left] == []
    assert desk.desk.verify()["problems"] == []
    assert verify(desk.home / "ledger.db")["ok"]


@pytest.mark.rule("RET-3", "QUO-2")
def test_a_line_that_was_named_after_the_fault_loses_its_name_and_one_of_the_fee_table_keeps_it(desk: Practice) -> None:
    unlisted = desk.reported(FREE, unlisted=True)
    desk.quoted(unlisted, "80.00")
    desk.agreed(unlisted, "200.00")
    desk.assigned(unlisted)
    desk.started(unlisted)
    desk.finished(unlisted, materials=("欧阳明月自选的灯:1:20.00", "led-9w"))
    desk.filed(unlisted)
    desk.paid(unlisted)
    before = desk.show(unlisted)["bill"]
    desk.at(LATER)
    purge(desk)
    after = desk.show(unlisted)["bill"]
    assert after["total"] == before["total"]
    names = {one["code"]: one["name"] for one in after["lines"]}
    assert (names["unlisted"], names[None], names["led-9w"]) == ("***", "***", "LED 灯泡 9W")


@pytest.mark.rule("RET-3")
def test_show_says_when_and_by_whom_it_was_purged_with_what_remains(desk: Practice) -> None:
    number = paid(desk)
    before = desk.show(number)
    desk.at(LATER)
    purge(desk)
    after = desk.show(number)
    assert (after["purged"]["by"], after["purged"]["with"]) == ("M1", "L1")
    assert after["purged"]["at"].startswith(LATER)
    for name in ("kind", "state", "reported_at", "archived_at", "handling_seconds", "rating", "received", "assignee"):
        assert after[name] == before[name], name
    assert after["bill"]["total"] == before["bill"]["total"]
    assert [one["state"] for one in after["obligations"]] == [one["state"] for one in before["obligations"]]
    assert (after["caller"], after["fault"], after["signed_by"]) == ("***", "***", "***")
    assert after["place"].startswith("*")
    assert next(entry["event"] for entry in desk.entries(number)) == "intake"
    assert desk.show(number, as_of="2026-11-22T12:00")["purged"] is not None


@pytest.mark.rule("RET-3")
def test_nothing_is_done_with_what_was_purged(desk: Practice, tmp_path: Path) -> None:
    number = paid(desk)
    desk.at(LATER)
    purge(desk)
    scan = tmp_path / "scan.pdf"
    scan.write_bytes(b"%PDF-1.4")
    before = desk.head()
    for attempt in (
        lambda: desk.corrected(number, fault="else"),
        lambda: desk.paid(number),
        lambda: desk.refunded(number, "1.00"),
        lambda: desk.do("attach", "C1", number, scan),
        lambda: desk.do("reveal", "C1", number, reason="who was it"),
        lambda: desk.do("callback", "C1", number, outcome="satisfied", method="phone"),
        lambda: desk.why(number),
        lambda: desk.desk.printed(By("C1", "tester"), number),
    ):
        with desk.refuses(10, "RET-3"):
            attempt()
    assert desk.head() == before


@pytest.mark.rule("RET-3", "REC-4")
def test_other_rules_can_still_be_rehearsed_on_a_month_that_was_purged(desk: Practice) -> None:
    paid(desk)
    desk.at(LATER)
    purge(desk)
    for file in ("policies.yaml", "fees.yaml"):
        desk.desk.rehearse(By("C1", "tester"), desk.home / file, since="2026-11-01", until="2026-12-31")


@pytest.mark.rule("RET-2")
def test_the_second_person_types_a_pin_where_the_policies_ask_for_it(desk: Practice) -> None:
    number = free(desk)
    desk.edits("policies.yaml", ("version: standard-2026-11", "version: ours-1"), ("  pin: [] ", "  pin: [purge] "))
    desk.at(LATER)
    with desk.refuses(12):
        purge(desk)
    assert desk.show(number)["purged"] is None


@pytest.mark.rule("RET-3", "REC-6")
def test_a_report_of_another_system_that_was_purged_is_still_known(desk: Practice) -> None:
    number = free(desk, external_id="OLD-7")
    desk.at(LATER)
    purge(desk)
    before = desk.head()
    again = desk.do("intake", "C1", Report(**{**FREE, "external_id": "OLD-7"}), new=True)
    assert again["number"] == number
    assert desk.head() == before


@pytest.mark.sqlite
@pytest.mark.rule("RET-3")
def test_one_place_stays_one_as_long_as_what_is_kept_is_counted_with_it(desk: Practice) -> None:
    """Two faults of one spot in November: the free one goes a year before the paid one, and is still its repetition."""
    free_one = free(desk, place="9-1-101", category="electrical")
    paid_one = paid(desk, place="9-1-101", category="electrical")
    spots = _spots(desk)
    assert [one["repeats"] for one in spots if one["place"] == "9-1-101"] == [1]
    desk.at("2028-01-10T09:00")
    assert goes(desk) == [free_one]
    purge(desk)
    assert _spots(desk) == spots
    desk.at(LATER)
    assert goes(desk) == [paid_one]
    purge(desk)
    assert [{**one, "place": ""} for one in _spots(desk)] == [{**one, "place": ""} for one in spots]
    assert b"9-1-101" not in bytes_of(desk.home)


@pytest.mark.rule("RET-3")
def test_a_stand_in_is_given_once_and_for_no_other_place(desk: Practice) -> None:
    first = free(desk, place="9-1-101")
    desk.at("2028-12-01T09:00")
    second = free(desk, place="9-1-102")
    third = free(desk, place="9-1-101")
    purge(desk)
    desk.at("2030-12-01T09:00")
    purge(desk)
    places = [desk.show(number)["place"] for number in (first, second, third)]
    assert len(set(places)) == 3, "years apart nothing is counted together, and nobody can tell that it was one place"
    assert all(retention.is_stand_in(place) for place in places)


@pytest.mark.rule("RET-1", "REC-4")
def test_rules_from_before_there_was_retention_keep_everything(desk: Practice) -> None:
    text = (desk.home / "policies.yaml").read_text(encoding="utf-8")
    data = parse_policies(text, "policies.yaml")
    assert set(data["retention"]) == set(RETAINED)
    assert build_policies(data).retention["free"] == Period(1, 0)
    assert build_policies({name: said for name, said in data.items() if name != "retention"}).retention == {}


def _spots(desk: Practice) -> list[Doc]:
    spots: list[Doc] = desk.desk.report(By("C1", "tester"), "faults", "2026-11").doc["spots"]
    return spots


@pytest.mark.sqlite
@pytest.mark.rule("RET-3")
def test_messages_notes_and_who_lived_there_before_go_when_their_own_time_is_over(desk: Practice) -> None:
    with desk.desk.turn(By("C1", "tester")) as turn:
        for names, phones in ((("端木雪",), ("13700001111",)), (("司马青",), ("13700002222",))):
            home = Household("000001", "8-8-808", names, phones, None)
            _lives(turn, home)
        turn.append(
            "shift:handover",
            "handover",
            {
                "from": "C1",
                "to": "C2",
                "at": "2026-11-22T01:00:00Z",
                "note": "回端木雪电话",
                "head": "ab",
                "counts": {},
            },
        )
        turn.append("desk", "reveal", {"number": None, "reason": "端木雪来访"})
    desk.at("2027-11-01T09:00")
    assert planned(desk)["beside"] == {"messages": 0, "households": 0, "notes": 0, "given_up": 0}
    desk.at(LATER)
    assert planned(desk)["beside"] == {"messages": 0, "households": 1, "notes": 2, "given_up": 0}
    purge(desk)
    left = bytes_of(desk.home)
    assert "端木雪".encode() not in left
    assert b"13700001111" not in left
    assert "司马青".encode() in left, "who lives there now stays"


def _lives(turn: Any, home: Any) -> None:
    data = {"id": home.id, "place": home.place, "place_said": home.place, "names": list(home.names),
            "phones": list(home.phones), "since": None}  # fmt: skip
    turn.append(f"household:{home.id}", "household", data)
    turn.writer.store_household(home)


@pytest.mark.sqlite
@pytest.mark.rule("RET-3")
def test_messages_about_an_order_go_with_it(desk: Practice) -> None:
    number = free(desk)
    desk.edits(
        "policies.yaml", ("version: standard-2026-11", "version: ours-1"), ("  messages: 1y ", "  messages: 9y ")
    )
    line = {"number": number, "obligation": "arrive", "rule": "ASG-2", "level": 1, "due_at": "2026-11-22T01:00:00Z",
            "place": "9-1-101", "fault": "书房顶灯忽明忽暗", "owner": "W1", "role": "leader"}  # fmt: skip
    with desk.desk.turn(By("C1", "tester")) as turn:
        queued = {"to": "L1", "role": "leader", "at": "2026-11-22T01:00:00Z", "key": "k", "lines": [line]}
        turn.append("message:1", "queue", queued)
        turn.append("message:1", "sent", {"n": 1, "services": []})
        folded = message.fold(turn.ledger.entries("message:1"))
        assert folded is not None
        turn.writer.store_message(folded)
    desk.at(LATER)
    assert planned(desk)["beside"]["messages"] == 1
    purge(desk)
    assert "书房顶灯忽明忽暗".encode() not in bytes_of(desk.home)


@pytest.mark.sqlite
@pytest.mark.rule("RET-3")
def test_a_message_about_what_goes_is_not_sent_any_more(desk: Practice) -> None:
    number = free(desk)
    line = {"number": number, "obligation": "arrive", "rule": "ASG-2", "level": 1, "due_at": "2026-11-22T01:00:00Z",
            "place": "9-1-101", "fault": "书房顶灯忽明忽暗", "owner": "W1", "role": "leader"}  # fmt: skip
    with desk.desk.turn(By("C1", "tester")) as turn:
        queued = {"to": "L1", "role": "leader", "at": "2026-11-22T01:00:00Z", "key": "k", "lines": [line]}
        turn.append("message:1", "queue", queued)
        folded = message.fold(turn.ledger.entries("message:1"))
        assert folded is not None
        turn.writer.store_message(folded)
    desk.at(LATER)
    planned_ = planned(desk)["beside"]
    assert (planned_["messages"], planned_["given_up"]) == (1, 1)
    assert purge(desk)["beside"]["given_up"] == 1
    assert desk.desk.undelivered(By("C1", "tester")) == 0
    assert "书房顶灯忽明忽暗".encode() not in bytes_of(desk.home)
    assert desk.desk.verify()["problems"] == []


@pytest.mark.sqlite
@pytest.mark.rule("RET-3")
def test_what_was_noted_of_people_who_are_forgotten_goes_with_them(desk: Practice) -> None:
    """Whoever has a newer order, or lives here, is not forgotten: what was noted of them stays."""
    free(desk)
    free(desk, caller="司马青", phone="13922223333")
    desk.at(LATER)
    free(desk, caller="司马青", phone="13922223333", place="8-1-101")
    notes = ("回欧阳明月电话", "call 139 1111-2222 back", "回司马青电话", "wait for the 13911112222333 th part")
    with desk.desk.turn(By("C1", "tester")) as turn:
        for note in notes:
            said = {"from": "C1", "to": "C2", "at": "2029-12-01T01:00:00Z", "note": note, "head": "ab", "counts": {}}
            turn.append("shift:handover", "handover", said)
    assert purge(desk)["beside"]["notes"] == 2
    left = bytes_of(desk.home)
    assert [note.encode() in left for note in notes] == [False, False, True, True]


@pytest.mark.sqlite
@pytest.mark.rule("RET-3")
def test_whoever_an_order_told_of_is_found_in_what_was_noted_elsewhere(desk: Practice) -> None:
    """Who joined, who was corrected, who agreed and signed, and where they live: not only who called last."""
    number = desk.reported(FREE, caller="ZQcaller", phone="13811119901", place="77栋8单元901")
    desk.takes({**FREE, "place": "77栋8单元901", "caller": "ZQjoin", "phone": "13811119903"}, join=number)
    desk.assigned(number)
    desk.accepted(number)
    desk.arrived(number)
    desk.started(number, agreed_by="ZQagreed")
    desk.corrected(number, reason="r", caller="ZQnewer", phone="13811119904")
    desk.finished(number)
    desk.signed(number, by="ZQsigner")
    desk.closed(number)
    desk.corrected(number, reason="r", invoice="zqinvoice-77")
    desk.corrected(number, reason="r", invoice="20771")
    desk.archived(number)
    free(desk, caller="业主", phone="13811119905", place="1-1-102")
    desk.at(LATER)
    notes = (
        "ZQjoin rang from here", "13811119903, 3-2-501", "ZQcaller again", "call 138 1111-9901 3-2-501", "ask ZQnewer",
        "ZQsigner came by", "ZQagreed was here", "key of 77-8-901 is in the drawer", "77栋8单元901 的钥匙",
        # Whatever the mask of phones knows as one.
        "138~1111~9901", "138.1111/9903", "138、1111、9904", "(138)11119901", "138_1111_9903", "zqinvoice-77 is wanted",
        "invoice 20771",
    )  # fmt: skip
    others = ("of 177-8-901 nothing was heard", "ZQjoinery came by", "业主来电问停水", "see 1207710")
    with desk.desk.turn(By("C1", "tester")) as turn:
        for note in (*notes, *others):
            said = {"from": "C1", "to": "C2", "at": "2029-12-01T01:00:00Z", "note": note, "head": "ab", "counts": {}}
            turn.append("shift:handover", "handover", said)
        turn.append("desk", "reveal", {"number": None, "find": "ZQjoin", "reason": "n6", "households": []})
        turn.append("desk", "reveal", {"number": None, "export": "orders", "reason": "for 13811119901"})
    purge(desk)
    left = bytes_of(desk.home)
    assert [note for note in notes if note.encode() in left] == []
    gone = ("ZQcaller", "ZQjoin rang", "13811119901", "13811119903", "13811119904", "ZQsigner", "ZQagreed", " 77-8-901")
    assert [word for word in gone if word.encode() in left] == []
    assert [note for note in others if note.encode() not in left] == []
    assert desk.desk.verify()["problems"] == []


@pytest.mark.sqlite
@pytest.mark.rule("RET-3")
def test_a_place_where_somebody_lives_or_has_a_newer_order_is_not_forgotten(desk: Practice) -> None:
    free(desk, place="77栋8单元901", caller="司马青")
    free(desk, place="78-8-901", caller="司马青")
    free(desk, place="79-8-901", caller="司马青")
    with desk.desk.turn(By("C1", "tester")) as turn:
        _lives(turn, Household("000001", "77-8-901", ("端木雪",), (), None))
    desk.at(LATER)
    free(desk, place="78-8-901", caller="端木雪")
    notes = ("77栋8单元901 的钥匙", "key of 78-8-901", "key of 79-8-901")
    with desk.desk.turn(By("C1", "tester")) as turn:
        for note in notes:
            said = {"from": "C1", "to": "C2", "at": "2029-12-01T01:00:00Z", "note": note, "head": "ab", "counts": {}}
            turn.append("shift:handover", "handover", said)
    assert purge(desk)["beside"]["notes"] == 1
    left = bytes_of(desk.home)
    assert [note.encode() in left for note in notes] == [True, True, False]


@pytest.mark.rule("RET-2")
def test_only_orders_are_counted_as_purged_before(desk: Practice) -> None:
    """Notes, messages and households have streams of their own, which end with them."""
    free(desk)
    with desk.desk.turn(By("C1", "tester")) as turn:
        for names in (("端木雪",), ("司马青",)):
            _lives(turn, Household("000001", "8-8-808", names, (), None))
        turn.append("desk", "reveal", {"number": None, "reason": "端木雪来访"})
        turn.append("letter:1", "letter", {"id": "1", "numbers": [], "text": "端木雪"})
    desk.at(LATER)
    kept = free(desk, place="8-1-101")
    purge(desk)
    told = planned(desk)
    assert (told["purged_before"], told["kept"]) == (1, 1), kept


@pytest.mark.rule("RET-1")
def test_notes_are_kept_no_longer_than_the_orders_that_they_speak_of(desk: Practice) -> None:
    text = (desk.home / "policies.yaml").read_text(encoding="utf-8")
    kept, day = build_policies(parse_policies(text, "policies.yaml")).retention, datetime(2026, 1, 1, tzinfo=UTC)
    notes, cost_nothing = kept["notes"], kept["free"]
    assert notes is not None
    assert cost_nothing is not None
    assert notes.ends(day, SHANGHAI) <= cost_nothing.ends(day, SHANGHAI)


def _photographed(desk: Practice, folder: Path) -> str:
    """An order with a scan, filed, and its time over."""
    number = desk.at_work(FREE)
    scan = folder / "scan.pdf"
    scan.write_bytes(b"%PDF-1.4 whose signature")
    desk.do("attach", "C1", number, scan)
    desk.finished(number, found="f", result="r")
    desk.signed(number)
    desk.closed(number)
    desk.archived(number)
    desk.at(LATER)
    return number


@pytest.mark.rule("RET-2")
def test_photos_and_scans_are_written_out_beside_the_rest_before_they_go(desk: Practice, tmp_path: Path) -> None:
    number = _photographed(desk, tmp_path)
    (name,) = [one["file"] for one in desk.show(number)["attachments"]]
    file = tmp_path / "out.jsonl"
    export = purge(desk, file)["export"]
    said, tar = export["attachments"], tmp_path / "out.jsonl.files.tar"
    assert said == {"file": str(tar), "files": 1, "sha256": hashlib.sha256(tar.read_bytes()).hexdigest()}
    assert stat.S_IMODE(tar.stat().st_mode) == 0o600
    with tarfile.open(tar) as found:
        assert found.getnames() == [name]
        stream = found.extractfile(name)
        assert stream is not None
        assert stream.read() == b"%PDF-1.4 whose signature"
    (entry,) = [e for e in _journal(desk) if e.event == "purge"]
    assert entry.data["export"]["attachments"] == {"files": 1, "sha256": said["sha256"]}


@pytest.mark.rule("RET-2")
def test_where_photos_cannot_be_written_out_nothing_goes(
    desk: Practice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = _photographed(desk, tmp_path)
    before, there = desk.head(), tmp_path / "out.jsonl.files.tar"
    there.write_text("mine")
    with desk.refuses(10):
        purge(desk, tmp_path / "out.jsonl")
    there.unlink()

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(tarfile.TarFile, "addfile", full)
        with desk.refuses(17):
            purge(desk, tmp_path / "out.jsonl")
    with monkeypatch.context() as patch:
        patch.setattr(purging.ledger, "take", full)
        with pytest.raises(OSError, match="No space"):
            purge(desk, tmp_path / "out.jsonl")
    assert [one.name for one in tmp_path.iterdir() if "out" in one.name or one.name.endswith("half")] == []
    assert desk.head() == before
    assert (desk.home / desk.show(number)["attachments"][0]["file"]).exists()


@pytest.mark.rule("RET-3")
def test_whatever_else_lies_among_the_photos_keeps_none_of_them(desk: Practice, tmp_path: Path) -> None:
    number = _photographed(desk, tmp_path)
    own = desk.home / "attachments" / number
    (own / "0-folder").mkdir()
    (own / "1-link").symlink_to(tmp_path / "scan.pdf")
    said = desk.desk.purge(By("M1", "tester"), second="L1", out=tmp_path / "out.jsonl")
    assert said.doc["files"] == 1
    assert sorted(one.name for one in own.iterdir()) == ["0-folder", "1-link"]
    assert {str(own / "0-folder"), str(own / "1-link")} <= {one.values.get("file") for one in said.remarks}
    assert (tmp_path / "scan.pdf").exists()


@pytest.mark.sqlite
@pytest.mark.rule("RET-2")
def test_what_stands_for_which_place_is_written_out_before_it_is_forgotten(desk: Practice, tmp_path: Path) -> None:
    free(desk, place="9-1-101", category="electrical")
    paid(desk, place="9-1-101", category="electrical")
    desk.at("2028-01-10T09:00")
    purge(desk)
    desk.at(LATER)
    purge(desk, tmp_path / "last.jsonl")
    told = [json.loads(line) for line in (tmp_path / "last.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [one["entries"][0]["body"] for one in told if one.get("number") == "place:1"] == [{"place": "9-1-101"}]


@pytest.mark.rule("RET-3")
def test_files_that_an_interrupted_purge_left_go_with_the_next_one(
    desk: Practice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = desk.at_work(FREE)
    scan = tmp_path / "scan.pdf"
    scan.write_bytes(b"%PDF-1.4")
    desk.do("attach", "C1", number, scan)
    desk.finished(number, found="f", result="r")
    desk.signed(number)
    desk.closed(number)
    desk.archived(number)
    desk.at(LATER)

    def killed(*_: object) -> int:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(purging, "_without_files", killed)
        with pytest.raises(KeyboardInterrupt):
            purge(desk)
    assert desk.show(number)["purged"] is not None
    assert (desk.home / "attachments" / number).is_dir()
    assert desk.desk.verify()["ok"]
    assert any(check.name == "attachments" and not check.ok for check in desk.desk.doctor(By(None, "tester")))
    assert purge(desk)["files"] == 1
    assert not (desk.home / "attachments" / number).exists()


def test_many_orders_are_purged_in_entries_of_their_own(desk: Practice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(purging, "AT_ONCE", 2)
    numbers = [free(desk) for _ in range(5)]
    desk.at(LATER)
    purge(desk)
    told = [e.data["orders"] for e in _journal(desk) if e.event == "purge"]
    assert told == [numbers[:2], numbers[2:4], numbers[4:]]
    assert len({desk.show(number)["place"] for number in numbers}) == 1, "one place is one stand-in in all of them"


# --- every month that was counted


def _shape(value: Any) -> Any:
    """A report without what is personal: places and names; its rows in an order that does not depend on them."""
    if isinstance(value, dict):
        return {
            k: _shape(v) for k, v in value.items() if k not in ("place", "names", "head", "invoice", "reason", "text")
        }
    if isinstance(value, list):
        return sorted((_shape(one) for one in value), key=lambda one: json.dumps(one, sort_keys=True))
    return value


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return play(tmp_path_factory.mktemp("desk") / "year", 60, 2, 2).desk.home


def _reports(desk: Desk, months: list[str]) -> Iterator[tuple[str, Any]]:
    by = By("C1", "tester")
    for month in months:
        for name in ("month", "staff", "faults", "callbacks", "complaints", "help", "clocks"):
            yield f"{name} {month}", desk.report(by, name, month).doc
        yield f"finance {month}", desk.finance_month(by, month).doc
        yield f"plan {month}", desk.callback_plan(by, month).doc
        yield f"audit {month}", desk.callback_audit(by, month).doc


@pytest.mark.sqlite
@pytest.mark.rule("RET-3", "RPT-6")
def test_every_report_of_every_past_month_is_the_same_but_for_what_is_personal(year: Path, tmp_path: Path) -> None:
    assert _forgotten(year, tmp_path) > 50


@pytest.mark.sqlite
@pytest.mark.slow
@pytest.mark.rule("RET-3", "RPT-6")
@pytest.mark.parametrize("seed", [1, 5])
def test_of_a_whole_year_no_byte_is_left_either_and_every_report_is_the_same(seed: int, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    assert _forgotten(play(tmp_path / "year", 720, seed, 12).desk.home, tmp_path / "out") > 300


def _forgotten(year: Path, tmp_path: Path) -> int:
    """Purge a demo in two steps, and look at every report and at every byte; how many texts were looked for."""
    moment = [datetime(2027, 1, 10, 1, tzinfo=UTC)]
    desk = Desk(year, lambda: moment[0])
    people = {doc["role"]: doc["id"] for doc in desk.staff_list(By(None, "tester"))}
    with desk.ledger.read() as reader:
        months, owed = reader.posted_months(), reader.arrears()
        last = reader.last_handed_over()
    finance = By(people["finance"], "tester")
    for month in months:
        if last is None or month > last:
            desk.hand_over(finance, month)
    for row in owed[: len(owed) * 2 // 3]:
        desk.pay(finance, [row["number"]], Paying())
    # First only what was free goes, then what was paid: in between months are half there.
    for at in (datetime(2028, 3, 1, 1, tzinfo=UTC), datetime(2029, 12, 1, 1, tzinfo=UTC)):
        moment[0] = at
        before = dict(_reports(desk, months))
        said = desk.purge(By(people["manager"], "tester"), second=people["leader"], out=tmp_path / f"{at:%Y}.jsonl").doc
        assert len(said["orders"]) > 10
        assert desk.verify()["problems"] == []
        for name, doc in _reports(desk, months):
            assert _shape(doc) == _shape(before[name]), name
    words = Counter(_personal(tmp_path))
    with closing(sqlite3.connect(f"file:{year / 'ledger.db'}?mode=ro", uri=True)) as db:
        kept = "\n".join(
            row[0] for row in db.execute("SELECT body FROM bodies JOIN entries USING (seq) WHERE event <> 'purge'")
        )
    kept += "".join(file.read_text(encoding="utf-8") for file in year.glob("*.yaml"))
    left = bytes_of(year)
    gone = [word for word in words if word not in kept]
    assert [word for word in gone if word.encode() in left or word.encode("utf-16-le") in left] == []
    kinds = [
        sum(bool(re.fullmatch(kind, word)) for word in gone) for kind in ("1[0-9]{10}", "[^0-9]{2,4}", "[0-9-]{5,8}")
    ]
    print(f"{len(words)} texts taken, {len(gone)} kept nowhere else: {kinds} phones, short words, places; none left")
    return len(gone)


def _personal(folder: Path) -> Iterator[str]:
    """Everything in words that was written out, and every phone; what is a code has no word of a language in it."""
    for file in folder.glob("*.jsonl"):
        for line in file.read_text(encoding="utf-8").splitlines():
            for entry in json.loads(line).get("entries", ()):
                yield from (said for said in _texts(entry["body"]) if _WORDS.search(said) and len(said) > 1)


_WORDS = re.compile("[\u4e00-\u9fff]|^1[0-9]{10}$|^[0-9]{1,2}-[0-9]-[0-9]{3,4}$")


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (dict, list)):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _texts(one)


# --- every event


def _elsewhere() -> set[str]:
    desk = "adopt init run reveal household letter opinion escalate hand-over handover".split()
    staff = ["staff-add", "staff-retire", "staff-duty"]
    return {*message.EVENTS, *staff, *desk, retention.PLACE_EVENT, retention.EVENT}


def test_of_every_event_it_is_decided_what_is_personal_in_it() -> None:
    decided = retention.TAKEN.keys() | retention.STAY.keys()
    assert {*effects.EVENTS, *ENTRIES, *_elsewhere()} <= decided, "say in domain/retention.py what of it remains"
    assert not retention.TAKEN.keys() & retention.STAY.keys()


def test_the_decision_names_every_event() -> None:
    record = Path(__file__).parents[2] / "docs" / "decisions" / "0019-purging.md"
    told = record.read_text(encoding="utf-8")
    missing = [event for event in (*retention.TAKEN, *retention.STAY) if f"`{event}`" not in told]
    assert missing == []


def test_of_every_key_that_the_demo_writes_it_is_decided_whether_it_remains(year: Path) -> None:
    with Desk(year, lambda: datetime(2027, 1, 10, tzinfo=UTC)).ledger.read() as reader:
        for entry in reader.journal():
            if entry.event in retention.STAY:
                continue
            known = {**retention.COMMON, **retention.TAKEN[entry.event]}
            assert set(entry.data) <= set(known), f"{entry.event}: say in domain/retention.py what remains of it"
