"""``import``: what is taken, what is rejected and why, what is there already, and what is left as it was."""

from __future__ import annotations

import csv
import os
import stat
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from repairdesk.batch.importing import Imported, Plan, run
from repairdesk.batch.outcome import plain
from repairdesk.desk import By, Desk
from repairdesk.desk.reporting import Report
from repairdesk.errors import BadInput, Exit, NotAllowed, NotFound, NotPermitted, UsageError

Write = Callable[[str | bytes], Path]
PUBLIC = Plan(kind="public_area")
HEAD = "external_id,place,fault,reported_at\n"
TWO = HEAD + "A1,lobby,lamp,2026-11-20T08:00\nA2,stairs,door,2026-11-21T09:30\n"


def orders(desk: Desk) -> list[dict[str, Any]]:
    with desk.ledger.read() as reader:
        return sorted(reader.orders({}, None)[0], key=lambda doc: doc["number"])


def entries(desk: Desk) -> int:
    with desk.ledger.read() as reader:
        return reader.head()[0]


def rejects(result: Imported) -> list[tuple[int, str | None, str | None, str]]:
    return [(one["row"], one["column"], one["value"], one["why"]) for one in result.doc(plain)["rejects"]]


def only_reject(result: Imported) -> tuple[int, str | None, str | None, str]:
    (one,) = rejects(result)
    return one


NO_ID = "no column is an id of the rows: the same file again would be taken again"


def texts(result: Imported) -> str:
    return "\n".join(plain(remark.message, remark.values) for remark in result.remarks)


# --- what is taken


def test_each_row_becomes_an_order_of_its_own_time(desk: Desk, clerk: By, write: Write) -> None:
    result = run(desk, clerk, write(TWO), PUBLIC)
    assert result.doc(plain) == {
        "rows": 2, "accepted": 2, "already_there": 0, "rejected": 0, "rejects": [], "differences": [],
        "committed": True,
    }  # fmt: skip
    assert result.exit == Exit.DONE
    first, second = orders(desk)
    assert (first["number"], second["number"]) == ("P20261120-0001", "P20261121-0001")
    assert (first["reported_at"], second["reported_at"]) == ("2026-11-20T00:00:00Z", "2026-11-21T01:30:00Z")
    assert (first["kind"], first["place"], first["fault"], first["external_id"]) == (
        "public_area",
        "lobby",
        "lamp",
        "A1",
    )
    assert first["clerk"] == "C1"


@pytest.mark.rule("REC-2")
def test_rows_of_the_past_are_late_entries_and_rows_without_a_time_happen_now(
    desk: Desk, clerk: By, write: Write
) -> None:
    run(desk, clerk, write("place,fault,reported_at\nlobby,lamp,2026-11-20T08:00\nstairs,door,\n"), PUBLIC)
    with desk.ledger.read() as reader:
        old, new = (reader.entries(doc["number"])[0] for doc in orders(desk))
    assert (old.late, new.late) == (True, False)
    assert new.occurred_at == desk.now()
    assert old.keyboard == "os:pc"


def test_rows_without_a_time_happen_when_the_command_says(desk: Desk, clerk: By, write: Write) -> None:
    run(desk, clerk._replace(at="2026-11-19T10:00"), write("place,fault\nlobby,lamp\n"), PUBLIC)
    assert orders(desk)[0]["reported_at"] == "2026-11-19T02:00:00Z"


def test_every_field_arrives_as_intake_would_keep_it(desk: Desk, clerk: By, write: Write) -> None:
    cells = {
        "kind": "In_Home", "place": " ３－２－５０１ ", "caller": "Mrs Wang", "phone": "１３８００１３８０００",
        "fault": "leak",
        "category": "plumbing", "priority": "EMERGENCY", "channel": "Phone", "model": "X-9", "purchased": "4/12/2018",
        "external_id": "E-1", "reported_at": "11/20/2026 08:00:00 AM",
        "appointment": "2026-11-22T15:00/17:00",
    }  # fmt: skip
    path = write(",".join(cells) + "\n" + ",".join(cells.values()) + "\n")
    assert rejects(run(desk, clerk, path, Plan(dates="mdy"))) == []
    (doc,) = orders(desk)
    wanted = {
        "kind": "in_home", "place": "3-2-501", "place_said": "３－２－５０１", "caller": "Mrs Wang",
        "phone": "13800138000", "category": "plumbing", "priority": "emergency", "channel": "phone", "model": "X-9",
        "purchased": "2018-04-12", "external_id": "E-1", "reported_at": "2026-11-20T00:00:00Z",
        "appointment": {"start": "2026-11-22T07:00:00Z", "end": "2026-11-22T09:00:00Z"},
    }  # fmt: skip
    assert {name: doc[name] for name in wanted} == wanted


def test_severity_and_class_arrive_with_their_kinds(desk: Desk, clerk: By, write: Write) -> None:
    path = write("kind,place,caller,fault,severity,class\ncomplaint,3-1-1,Li,noise,Major,\nhelp,3-1-1,,fall,,Medical\n")
    assert rejects(run(desk, clerk, path, Plan())) == []
    complaint, aid = orders(desk)
    assert (complaint["severity"], aid["class"]) == ("major", "medical")


@pytest.mark.rule("INT-3", "INT-7")
def test_grave_rows_of_the_past_are_told_to_nobody_and_the_answer_says_so(desk: Desk, clerk: By, write: Write) -> None:
    head = "kind,place,caller,phone,fault,priority,severity,reported_at\n"
    rows = (
        "complaint,3-2-501,Li,13800001234,noise,,major,2026-11-01T10:00\n"
        "public_area,lobby,,,lamp out,emergency,,2026-11-01T10:00\n"
        "public_area,yard,,,lamp out,,,2026-11-01T10:00\n"
    )
    said = texts(run(desk, clerk, write(head + rows), Plan()))
    assert "2 emergencies and grave complaints were reported earlier" in said


def test_nobody_imports_without_the_role(desk: Desk, write: Write) -> None:
    path = write(TWO)
    for actor in ("W1", None):
        with pytest.raises(NotPermitted):
            run(desk, By(actor, "pc"), path, PUBLIC)
    assert orders(desk) == []
    with pytest.raises(NotFound):
        run(desk, By("nobody", "pc"), path, PUBLIC)


def test_import_needs_its_own_permission_and_not_that_of_intake(desk: Desk, clerk: By, write: Write) -> None:
    policies = desk.home / "policies.yaml"
    text = policies.read_text(encoding="utf-8").replace("  intake: [clerk,", "  intake: [")
    policies.write_text(text.replace("version: standard-2026-11", "version: other"), encoding="utf-8")
    with pytest.raises(NotPermitted):
        desk.intake(clerk, Report("public_area", "lobby", fault="lamp"))
    assert run(desk, clerk, write(TWO), PUBLIC).accepted == 2


def test_a_wrong_plan_is_told_before_who_may_not(desk: Desk, write: Write) -> None:
    with pytest.raises(UsageError):
        run(desk, By("W1", "pc"), write("a,b\n1,2\n"), PUBLIC)


def test_a_command_dated_ahead_is_refused_as_a_whole(desk: Desk, clerk: By, write: Write) -> None:
    with pytest.raises(NotAllowed):
        run(desk, clerk._replace(at="2026-11-23T10:00"), write(TWO), PUBLIC)


# --- which column is which


def test_mapped_columns_are_read_and_the_others_are_named(desk: Desk, clerk: By, write: Write) -> None:
    path = write("Where,What,Colour\nlobby,lamp,red\n")
    result = run(desk, clerk, path, replace(PUBLIC, mapping={"Where": "place", "What": "fault"}))
    assert result.accepted == 1
    assert "Colour" in texts(result)
    assert "Where" not in texts(result)


def test_a_mapped_column_goes_before_one_that_is_named_like_the_field(desk: Desk, clerk: By, write: Write) -> None:
    path = write("place,Where,fault\nwrong,lobby,lamp\n")
    result = run(desk, clerk, path, replace(PUBLIC, mapping={"Where": "place"}))
    assert orders(desk)[0]["place"] == "lobby"
    assert "place" in texts(result)


@pytest.mark.parametrize(
    ("header", "plan", "words"),
    [
        ("place,fault", Plan({"Where": "place"}, "public_area"), "Where"),
        ("place,fault", Plan({"place": "location"}, "public_area"), "location"),
        ("place,a,b", Plan({"a": "fault", "b": "fault"}, "public_area"), "fault"),
        ("place,place,fault", PUBLIC, "place"),
        ("Where,fault", PUBLIC, "place"),
        ("place,fault", Plan(), "kind"),
        ("place,fault", Plan(kind="garden"), "garden"),
        ("place,fault", Plan(kind="public_area", dates="dym"), "dym"),
    ],
    ids="column field twice header unmapped kind strange-kind strange-dates".split(),
)
def test_a_plan_that_does_not_fit_the_file_is_a_usage_error(
    desk: Desk, clerk: By, write: Write, header: str, plan: Plan, words: str
) -> None:
    with pytest.raises(UsageError, match=words):
        run(desk, clerk, write(f"{header}\nx,y,z\n"), plan)


def test_a_kind_on_the_command_line_is_for_rows_that_do_not_say_theirs(desk: Desk, clerk: By, write: Write) -> None:
    run(desk, clerk, write("kind,place,fault\nhelp,lobby,fall\n,lobby,lamp\n"), replace(PUBLIC, kind="Public_Area"))
    assert sorted(doc["kind"] for doc in orders(desk)) == ["help", "public_area"]


# --- what is rejected


@pytest.mark.parametrize(
    ("column", "cell", "words"),
    [
        ("kind", "garden", "public_area"),
        ("channel", "Telepathy", "phone"),
        ("priority", "urgent", "emergency"),
        ("severity", "bad", "general"),
        ("severity", "major", "complaint"),
        ("class", "robbery", "security"),
        ("class", "security", "help"),
        ("phone", "1.38001E+10", "phone"),
        ("purchased", "last year", "date"),
        ("reported_at", "04/05/2026 08:00", "--dates"),
        ("reported_at", "noon", "time"),
        ("reported_at", "2026-11-22T14:01", "future"),
        ("appointment", "tomorrow", "window"),
    ],
)
def test_a_reject_names_row_column_value_and_reason(
    desk: Desk, clerk: By, write: Write, column: str, cell: str, words: str
) -> None:
    path = write(f"Spot,fault,{column}\nlobby,lamp,\nlobby,lamp,{cell}\n")
    row, named, value, why = only_reject(run(desk, clerk, path, replace(PUBLIC, mapping={"Spot": "place"})))
    assert (row, named, value) == (3, column, cell)
    assert words in why


@pytest.mark.rule("INT-1")
def test_all_that_a_row_lacks_is_named_at_once(desk: Desk, clerk: By, write: Write) -> None:
    path = write("kind,Spot,fault,caller\nin_home,,leak,\n")
    row, column, value, why = only_reject(run(desk, clerk, path, Plan({"Spot": "place"})))
    assert (row, column, value) == (2, "Spot", None)
    assert why == "missing: place, caller, phone"


@pytest.mark.rule("REC-2")
def test_the_future_is_rejected_with_times_in_the_desks_zone(desk: Desk, clerk: By, write: Write) -> None:
    path = write("place,fault,reported_at\nlobby,lamp,2026-11-22T14:00\nlobby,lamp,2026-11-22T14:00:01\n")
    row, _, _, why = only_reject(run(desk, clerk, path, PUBLIC))
    assert row == 3
    assert "14:00:01+08:00" in why


def test_a_row_with_more_cells_than_the_header_is_rejected(desk: Desk, clerk: By, write: Write) -> None:
    result = run(desk, clerk, write("place,fault\nlobby,lamp,extra\nlobby,lamp\nlobby,lamp,\n"), PUBLIC)
    assert [(row, column, value) for row, column, value, _ in rejects(result)] == [(2, None, "extra"), (4, None, None)]


def test_a_row_with_fewer_cells_than_the_header_lacks_the_last_ones(desk: Desk, clerk: By, write: Write) -> None:
    assert run(desk, clerk, write("place,fault,model\nlobby,lamp\n"), PUBLIC).accepted == 1


def test_rows_that_a_stray_quote_swallowed_are_rejected(desk: Desk, clerk: By, write: Write) -> None:
    path = write('fault,place,model\nlamp,"lobby,m\ndoor,stairs,"\n')
    assert "quote" in only_reject(run(desk, clerk, path, PUBLIC))[3]


def test_nothing_is_taken_when_a_row_is_rejected(desk: Desk, clerk: By, write: Write) -> None:
    before = entries(desk)
    result = run(desk, clerk, write(TWO + "A3,,lamp,\n"), PUBLIC)
    assert (result.rows, result.accepted, len(result.rejects)) == (3, 2, 1)
    assert (result.committed, result.exit) == (False, Exit.BAD_INPUT)
    assert (orders(desk), entries(desk)) == ([], before)


def test_partial_takes_the_good_rows(desk: Desk, clerk: By, write: Write) -> None:
    result = run(desk, clerk, write(TWO + "A3,,lamp,\n"), replace(PUBLIC, partial=True))
    assert (result.accepted, result.committed, result.exit) == (2, True, Exit.PARTIAL)
    assert [doc["external_id"] for doc in orders(desk)] == ["A1", "A2"]


def test_partial_with_no_good_row_has_done_nothing(desk: Desk, clerk: By, write: Write) -> None:
    result = run(desk, clerk, write(HEAD + "A3,,lamp,\n"), replace(PUBLIC, partial=True))
    assert (result.accepted, result.committed, result.exit) == (0, False, Exit.BAD_INPUT)


@pytest.mark.parametrize("partial", [False, True])
def test_a_dry_run_gives_the_same_answer_and_writes_nothing(desk: Desk, clerk: By, write: Write, partial: bool) -> None:
    path, plan = write(TWO + "A3,,lamp,\n"), replace(PUBLIC, partial=partial)
    before = entries(desk)
    dry = run(desk, clerk, path, replace(plan, dry_run=True))
    assert (orders(desk), entries(desk), dry.committed) == ([], before, False)
    real = run(desk, clerk, path, plan)
    assert dry.doc(plain) | {"committed": real.committed} == real.doc(plain)
    assert dry.exit == real.exit


def test_a_file_that_breaks_off_leaves_nothing_even_with_partial(desk: Desk, clerk: By, write: Write) -> None:
    path = write(TWO.encode() + b"A3,\xc2\xa5\xff,lamp,\n")
    with pytest.raises(BadInput):
        run(desk, clerk, path, replace(PUBLIC, partial=True))
    assert orders(desk) == []


def test_a_file_of_a_header_alone_has_nothing_to_do(desk: Desk, clerk: By, write: Write) -> None:
    result = run(desk, clerk, write(HEAD), PUBLIC)
    assert (result.rows, result.accepted, result.exit) == (0, 0, Exit.DONE)


# --- what came before


def test_the_same_file_again_changes_nothing(desk: Desk, clerk: By, write: Write) -> None:
    path = write(TWO)
    run(desk, clerk, path, PUBLIC)
    before = entries(desk)
    again = run(desk, clerk, path, PUBLIC)
    assert (again.accepted, again.already_there, again.differences, again.exit) == (0, 2, [], Exit.DONE)
    assert (len(orders(desk)), entries(desk)) == (2, before)


def test_a_row_without_a_time_is_the_same_report_whenever_it_comes_again(desk: Desk, clerk: By, write: Write) -> None:
    path = write("external_id,place,fault\nA1,lobby,lamp\n")
    run(desk, clerk._replace(at="2026-11-20T08:00"), path, PUBLIC)
    assert run(desk, clerk._replace(at="2026-11-21T08:00"), path, PUBLIC).already_there == 1


def test_a_corrected_order_is_still_what_its_row_made(desk: Desk, clerk: By, write: Write) -> None:
    path = write(TWO)
    run(desk, clerk, path, PUBLIC)
    desk.correct(clerk, "P20261120-0001", {"place": "hall"}, reason="misheard")
    assert run(desk, clerk, path, PUBLIC).already_there == 2


def test_a_row_that_changed_since_is_listed_and_not_taken(desk: Desk, clerk: By, write: Write) -> None:
    head = "external_id,place,fault,phone,reported_at\n"
    run(desk, clerk, write(head + "A1,lobby,lamp,13800138000,2026-11-20T08:00\n"), PUBLIC)
    before = entries(desk)
    result = run(desk, clerk, write(head + "A1,lobby,door,13900139000,2026-11-20T08:01\nA2,hall,lamp,,\n"), PUBLIC)
    doc = result.doc(plain)
    assert (doc["accepted"], doc["already_there"], doc["rejected"], doc["committed"]) == (1, 0, 0, True)
    assert doc["differences"] == [
        {
            "row": 2,
            "external_id": "A1",
            "number": "P20261120-0001",
            "fields": {
                "fault": ["lamp", "door"],
                "phone": ["138****8000", "139****9000"],
                "reported_at": ["2026-11-20T08:00:00+08:00", "2026-11-20T08:01:00+08:00"],
            },
        }
    ]
    assert "not taken" in texts(result)
    assert (result.exit, entries(desk)) == (Exit.DONE, before + 1)
    assert orders(desk)[0]["fault"] == "lamp"


def test_a_changed_class_is_listed_under_the_name_that_the_contract_gives_it(
    desk: Desk, clerk: By, write: Write
) -> None:
    head = "external_id,place,fault,class\n"
    run(desk, clerk, write(head + "A1,lobby,fall,medical\n"), Plan(kind="help"))
    result = run(desk, clerk, write(head + "A1,lobby,fall,security\n"), Plan(kind="help"))
    assert result.doc(plain)["differences"][0]["fields"] == {"class": ["medical", "security"]}


def test_another_spelling_of_the_same_place_is_no_difference(desk: Desk, clerk: By, write: Write) -> None:
    run(desk, clerk, write("external_id,place,fault\nA1,3栋2单元501,lamp\n"), PUBLIC)
    assert run(desk, clerk, write("external_id,place,fault\nA1,3-2-501,lamp\n"), PUBLIC).already_there == 1


def test_an_id_twice_with_the_same_content_is_taken_once(desk: Desk, clerk: By, write: Write) -> None:
    result = run(desk, clerk, write(TWO + "A1,lobby , lamp,2026-11-20T08:00\n"), PUBLIC)
    assert (result.accepted, result.already_there, len(orders(desk))) == (2, 1, 2)


@pytest.mark.parametrize("taken_before", [False, True])
def test_an_id_twice_with_another_content_is_rejected(desk: Desk, clerk: By, write: Write, taken_before: bool) -> None:
    if taken_before:
        run(desk, clerk, write(TWO), PUBLIC)
    result = run(desk, clerk, write(TWO + "A1,lobby,door,2026-11-20T08:00\n"), PUBLIC)
    row, column, value, why = only_reject(result)
    assert (row, column, value) == (4, "external_id", "A1")
    assert "row 2" in why
    assert result.differences == []
    assert result.exit == Exit.BAD_INPUT


def test_a_rejected_row_and_a_good_one_of_the_same_id_are_both_rejected(desk: Desk, clerk: By, write: Write) -> None:
    path = write("external_id,place,fault\nA1,,lamp\nA1,lobby,lamp\nA2,hall,lamp\n")
    result = run(desk, clerk, path, replace(PUBLIC, partial=True))
    assert [row for row, *_ in rejects(result)] == [2, 3]


def test_rows_without_an_id_are_taken_each_time(desk: Desk, clerk: By, write: Write) -> None:
    path = write("place,fault\nlobby,lamp\n")
    run(desk, clerk, path, PUBLIC)
    assert run(desk, clerk, path, PUBLIC).accepted == 1
    assert len(orders(desk)) == 2


# --- duplicates


@pytest.mark.rule("REC-6")
def test_a_batch_never_joins_it_remarks(desk: Desk, clerk: By, write: Write) -> None:
    path = write("place,fault,category\nlobby,lamp,electrical\nlobby,lamp again,electrical\nhall,lamp,electrical\n")
    result = run(desk, clerk, path, PUBLIC)
    assert (result.accepted, result.exit) == (3, Exit.DONE)
    assert texts(result).splitlines() == ["lobby has open orders of the same category: P20261122-0001", NO_ID]


@pytest.mark.rule("REC-6")
def test_no_category_matches_nothing(desk: Desk, clerk: By, write: Write) -> None:
    result = run(desk, clerk, write("place,fault\nlobby,lamp\nlobby,lamp\n"), PUBLIC)
    assert (result.accepted, texts(result)) == (2, NO_ID)


def test_many_duplicates_are_remarked_on_with_a_count(desk: Desk, clerk: By, write: Write) -> None:
    result = run(desk, clerk, write("place,fault,category\n" + "lobby,lamp,electrical\n" * 24), PUBLIC)
    assert (len(result.remarks), texts(result).count("has open orders")) == (22, 20)
    assert "3 further rows" in texts(result)


# --- the file of rejects


def read(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.reader(stream))


def test_the_rejects_are_written_as_they_stood_with_the_reason(
    desk: Desk, clerk: By, write: Write, tmp_path: Path
) -> None:
    out = tmp_path / "bad.csv"
    content = 'place,note,fault,channel\nlobby,"a, b",lamp,Fax\nhall,,lamp,\nlobby\nhall,,lamp,,more\n'
    before = set(tmp_path.iterdir())
    result = run(desk, clerk, write(content), replace(PUBLIC, rejects=out, partial=True))
    header, fax, short, wide = read(out)
    assert header == ["place", "note", "fault", "channel", "repairdesk: why"]
    assert fax == ["lobby", "a, b", "lamp", "Fax", rejects(result)[0][3]]
    assert short == ["lobby", "", "", "", "missing: fault"]
    assert (wide[:4], wide[5:]) == (["hall", "", "lamp", ""], ["more"])
    assert set(tmp_path.iterdir()) - before <= {out, tmp_path / "reports.csv"}


def test_the_rejects_go_where_a_link_points_to_and_down_a_pipe(
    desk: Desk, clerk: By, write: Write, tmp_path: Path
) -> None:
    link, pipe, got = tmp_path / "link.csv", tmp_path / "pipe", []
    link.symlink_to("bad.csv")
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: got.append(read(pipe)), daemon=True)
    reader.start()
    for out in (link, pipe):
        run(desk, clerk, write("place,fault,channel\nlobby,lamp,Fax\n"), replace(PUBLIC, rejects=out))
    assert link.is_symlink()
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    reader.join(10)
    assert got == [read(tmp_path / "bad.csv")]
    assert stat.S_IMODE((tmp_path / "bad.csv").stat().st_mode) == 0o600


def test_mended_rejects_are_imported_with_the_same_plan(desk: Desk, clerk: By, write: Write, tmp_path: Path) -> None:
    out = tmp_path / "bad.csv"
    plan = Plan({"Spot": "place", "Via": "channel"}, "public_area", partial=True, rejects=out)
    run(desk, clerk, write("Spot,fault,Via\nlobby,lamp,Fax\nhall,lamp,Smoke\nhall,door,app\n"), plan)
    out.write_text(out.read_text(encoding="utf-8-sig").replace("Fax", "letter"), encoding="utf-8")
    again = run(desk, clerk, write(out.read_bytes()), plan)
    assert (again.accepted, len(again.rejects)) == (1, 1)
    header, left = read(out)
    assert header == ["Spot", "fault", "Via", "repairdesk: why"]
    assert left[:3] == ["hall", "lamp", "Smoke"]


def test_the_reason_is_in_the_language_of_the_reader(desk: Desk, clerk: By, write: Write, tmp_path: Path) -> None:
    def chinese(message: str, values: Mapping[str, Any]) -> str:
        return {"missing: {fields}": "缺少"}[message]

    out = tmp_path / "bad.csv"
    result = run(desk, clerk, write("place,fault\nlobby,\n"), replace(PUBLIC, rejects=out), say=chinese)
    assert read(out)[1][2] == "缺少"
    assert result.doc(chinese)["rejects"][0]["why"] == "缺少"


def test_without_rejects_an_earlier_file_of_rejects_is_emptied(
    desk: Desk, clerk: By, write: Write, tmp_path: Path
) -> None:
    out = tmp_path / "bad.csv"
    out.write_text("of yesterday")
    run(desk, clerk, write(TWO), replace(PUBLIC, rejects=out))
    assert read(out) == [["external_id", "place", "fault", "reported_at", "repairdesk: why"]]


def test_a_file_that_breaks_off_leaves_the_earlier_rejects(desk: Desk, clerk: By, write: Write, tmp_path: Path) -> None:
    out = tmp_path / "bad.csv"
    out.write_text("of yesterday")
    with pytest.raises(BadInput):
        run(desk, clerk, write("place,fault\nlobby,\nlobby,\xff\n".encode("latin-1")), replace(PUBLIC, rejects=out))
    assert out.read_text() == "of yesterday"
    assert [path.name for path in tmp_path.glob(".bad*")] == []


def test_rejects_never_replace_the_file_itself(desk: Desk, clerk: By, write: Write) -> None:
    path = write(TWO)
    with pytest.raises(UsageError):
        run(desk, clerk, path, replace(PUBLIC, rejects=path))
    assert path.read_text() == TWO


def test_rejects_that_cannot_be_written_keep_the_rows_out(desk: Desk, clerk: By, write: Write, tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        run(desk, clerk, write(TWO), replace(PUBLIC, rejects=tmp_path / "none" / "bad.csv"))
    assert orders(desk) == []


# --- long files


def test_progress_is_told_now_and_then_and_at_the_end(desk: Desk, clerk: By, write: Write) -> None:
    told: list[int] = []
    content = "place,fault,reported_at\n" + "lobby,,\n" * 1100
    run(desk, clerk, write(content), PUBLIC, progress=told.append)
    assert told == [500, 1000, 1100]


def test_rules_and_people_are_looked_up_once_and_not_for_every_row(
    desk: Desk, clerk: By, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[str] = []
    books = desk._books
    current = books.current
    monkeypatch.setattr(books, "current", lambda reader: looked.append("rules") or current(reader))
    run(desk, clerk, write("place,fault\n" + "lobby,lamp\n" * 30), PUBLIC)
    assert looked == ["rules"]


def test_a_row_of_an_import_is_judged_at_its_own_time(desk: Desk, clerk: By, write: Write) -> None:
    run(desk, clerk, write("place,fault,reported_at\nlobby,lamp,2026-11-01T08:00\n"), PUBLIC)
    (doc,) = orders(desk)
    due = {one["name"]: one["due_at"] for one in doc["obligations"]}
    assert datetime.fromisoformat(due["respond"]) == datetime(2026, 11, 1, 1, 0, tzinfo=UTC)
