"""What the paper says: the forms of an order, a shift's slips, a household's month, each with what marks a page."""

from __future__ import annotations

import re
import subprocess
from html import unescape
from pathlib import Path
from typing import Any

import pytest
import segno
from nights import founded, night
from practice import LAMP, TAP, Practice

import tools_needed
from repairdesk import locale
from repairdesk.desk import By
from repairdesk.desk.coordinating import LogEntry
from repairdesk.documents import paper, words
from repairdesk.ledger.codes import code_of
from repairdesk.locale.width import width
from tools_needed import needs, needs_module

NASTY = "<script>alert(\"x\")</script> & 'quoted' “引号” 😀 {{ 7*7 }} {% raw %} </style>"
LONG_NAME = "欧阳上官司马诸葛东方慕容夏侯尉迟长孙宇文"


@pytest.fixture(autouse=True)
def _english() -> None:
    locale.use("en")


def printed(desk: Practice, number: str, form: str = "slip", *copies: str, who: str = "C1") -> dict[str, Any]:
    doc: dict[str, Any] = desk.desk.printed(By(who, "tester"), number, form, copies=copies)
    return doc


def text(*papers: dict[str, Any], columns: int = 64) -> str:
    return paper.text(papers, columns)


def read(page: str) -> str:
    """A page of HTML as it is read: without its marks."""
    body = re.sub(r"(?s)<style>.*?</style>|<svg.*?</svg>", "", page)
    return unescape(re.sub(r"<[^>]*>", " ", body))


def tracked(desk: Practice, entries: int = 1, fault: str = "the lamp is out") -> str:
    order = desk.reported(LAMP, fault=fault)
    number = desk.converted(order, tracker="C2")
    for n in range(entries):
        desk.wait(hours=3)
        said = LogEntry(place="B1", contact="罗工", phone="13800000088", content=f"entry {n + 1} {NASTY * (n % 7)}",
                        opinions="agrees", plan=f"plan {n + 1}")  # fmt: skip
        desk.do("log", "C2", number, said)
    return number


def taken(desk: Practice) -> str:
    """An order of which two things were taken away; one is back."""
    number = desk.at_work()
    desk.wait(minutes=10)
    desk.paused(number, "taken-away", "2026-11-23T10:00", taken=("the pump", "the board"), loaner="a kettle")
    desk.wait(hours=2)
    desk.do("returned", "C1", number, ["the pump"])
    return number


# --- copies


@pytest.mark.rule("FIN-5")
def test_a_slip_is_printed_in_the_copies_of_the_policies(desk: Practice) -> None:
    home, lamp = printed(desk, desk.reported()), printed(desk, desk.reported(LAMP))
    assert home["copies"] == [
        {"for": name, "n": n} for n, name in enumerate(("resident", "engineering", "stores", "desk"), 1)
    ]
    assert [copy["for"] for copy in lamp["copies"]] == ["engineering", "stores", "desk"]
    pages = text(home).split(paper.BREAK)
    assert [re.search(r"Copy \d: .*copy", page)[0] for page in pages] == [  # type: ignore[index]
        "Copy 1: resident's copy", "Copy 2: engineering's copy", "Copy 3: stores' copy", "Copy 4: the desk's copy",
    ]  # fmt: skip


@pytest.mark.rule("FIN-5")
def test_a_desk_says_its_own_copies(desk: Practice) -> None:
    number = desk.reported()
    desk.edits("policies.yaml", ("version: standard-2026-11", "version: ours"),
               ("in_home: [resident, engineering, stores, desk]", "in_home: [desk, finance]"))  # fmt: skip
    assert [copy["for"] for copy in printed(desk, number)["copies"]] == ["desk", "finance"]


def test_one_copy_alone_keeps_its_number_and_one_that_is_not_counted_has_none(desk: Practice) -> None:
    number = desk.reported()
    assert printed(desk, number, "slip", "desk", "finance")["copies"] == [
        {"for": "desk", "n": 4},
        {"for": "finance", "n": None},
    ]
    lamp = tracked(desk)
    for form, copy, of in (("slip", "garden", number), ("callback", "desk", number), ("slip", "desk", lamp)):
        with desk.refuses(2):
            printed(desk, of, form, copy)


@pytest.mark.rule("FIN-5", "FEE-7")
def test_a_copy_leaves_out_what_its_reader_need_not_see(desk: Practice) -> None:
    number = desk.done()
    pages = {name: text(printed(desk, number, "slip", name)) for name in words.PARTS}
    for name, page in pages.items():
        assert number in page, name
        assert ("李女士" in page) == (name != "stores"), name
        assert ("138****1234" in page) == (name in ("resident", "engineering", "desk")), name
        assert "13800001234" not in page, name
        assert ("the washer is worn" in page) == (name in ("resident", "engineering", "desk")), name
        assert ("total" in page) == (name != "stores"), name
        assert ("Issued by" in page) == (name == "stores"), name
        assert ("rating" in page) == (name in ("resident", "engineering", "desk")), name
        assert ("received" in page) == (name in ("resident", "finance", "desk")), name


@pytest.mark.rule("FIN-3", "VIS-3")
def test_before_the_work_there_is_room_for_the_pen(desk: Practice) -> None:
    page = text(printed(desk, desk.reported(), "slip", "desk"))
    assert "found: ____" in page
    assert "[ ] very-satisfied  [ ] satisfied" in page
    assert page.count("[ ] ") == 4 + len(printed(desk, desk.reported())["checklist"])
    assert "resident's signature: ____" in page


# --- what every page carries


@pytest.mark.rule("REC-4")
def test_every_page_says_what_it_is_of_who_printed_it_and_from_which_state_of_the_ledger(desk: Practice) -> None:
    papers = [
        printed(desk, taken(desk)), printed(desk, taken(desk), "receipt"), printed(desk, taken(desk), "callback"),
        printed(desk, tracked(desk, 30)), desk.desk.printed_handover(By("C1", "tester")),
        desk.desk.printed_statement(By("C1", "tester"), "3-2-501"),
    ]  # fmt: skip
    seq, code = desk.head()
    for one in papers:
        about = paper._about(one)
        one["stamp"]["head"] = {"seq": seq, "code": code_of(seq, code)}
        pages = text(one).split(paper.BREAK)
        assert len(pages) == {"slip": 4, "receipt": 2, "callback": 1, "handover": 1, "statement": 1}.get(
            one["form"], len(pages)
        )
        for page in (*pages, read(paper.html([one]))):
            flat = " ".join(page.split())
            assert "by C1 clerk C1" in flat, one["form"]
            assert f"Ledger code {code_of(seq, code)}" in flat, one["form"]
            assert "standard-2026-11, fees 2026-11" in flat, one["form"]
            assert all(part in flat for part in about.split()), one["form"]


def test_the_code_on_the_page_is_that_of_the_number(desk: Practice) -> None:
    number = desk.reported()
    page = paper.html([printed(desk, number, "slip", "desk")])
    ((path,),) = [re.findall(r' d="([^"]*)"', part) for part in re.findall(r"<path[^>]*stroke[^>]*>", page)]
    assert f"<title>{number}</title>" in page
    code = segno.make(number, error="m", micro=False, boost_error=False)
    assert modules(path) == [list(map(int, row)) for row in code.matrix]


def modules(path: str) -> list[list[int]]:
    """The dark squares of a drawn code: lines of half-unit height, moved to one after the other."""
    dark: set[tuple[int, int]] = set()
    x = y = 0.0
    for kind, args in re.findall(r"([Mmh])([-\d. ]+)", path):
        numbers = [float(one) for one in args.split()]
        if kind == "h":
            dark |= {(int(y), int(x) + n) for n in range(int(numbers[0]))}
            x += numbers[0]
        else:
            x, y = (numbers[0], numbers[1]) if kind == "M" else (x + numbers[0], y + numbers[1])
    top, left = min(row for row, _ in dark), min(column for _, column in dark)
    size = max(row for row, _ in dark) - top + 1
    return [[int((row + top, column + left) in dark) for column in range(size)] for row in range(size)]


# --- what people said


def test_whatever_people_say_is_read_and_never_run(desk: Practice) -> None:
    number = desk.reported(fault=NASTY + "长" * 1800, caller=LONG_NAME)
    page = paper.html([printed(desk, number)])
    assert "<script" not in page
    assert page.count("</style>") == 1
    assert "http" not in re.sub(r'xmlns="[^"]*"|http-equiv', "", page)
    assert " ".join((NASTY + "长" * 1800).split()) in " ".join(read(page).split())
    assert LONG_NAME in page
    assert "49" not in read(page).replace(" ", "").split("alert")[1][:60], "nothing that was said is a template"


@pytest.mark.parametrize("columns", paper.WIDTHS)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_no_line_of_any_form_is_wider_than_the_paper(columns: int, language: str, desk: Practice) -> None:
    locale.use(language)
    desk.desk.staff_add(By(os_user="tester"), "W9", name="阿卜杜拉·买买提明·热合曼·艾山江·吾买尔江", role="technician")
    number = desk.reported(TAP, fault=NASTY + "水管爆裂" * 400 + "a" * 200, caller=LONG_NAME)
    desk.assigned(number, to="W9")
    papers = [
        printed(desk, number), printed(desk, number, "callback"), printed(desk, taken(desk), "receipt"),
        printed(desk, tracked(desk, 12, fault=NASTY * 20)), desk.desk.printed_handover(By("C1", "tester")),
        desk.desk.printed_statement(By("C1", "tester"), "3-2-501"),
    ]  # fmt: skip
    for one in papers:
        lines = text(one, columns=columns).replace(paper.BREAK, "\n").split("\n")
        assert max(map(width, lines)) == columns, one["form"]


# --- late entries


@pytest.mark.rule("REC-2")
def test_what_was_written_down_late_is_marked_wherever_it_stands(desk: Practice) -> None:
    number = tracked(desk, 2)
    said = LogEntry(place="B1", contact="罗工", phone="13800000088", content="late one", opinions="o", plan="p")
    desk.wait(hours=4)
    desk.do("log", "C2", number, said, at="2026-11-22T16:30")
    page = text(printed(desk, number))
    marked = [line for line in page.split("\n") if "(late)" in line]
    assert [line.split(".")[0] for line in marked] == ["3"]
    assert read(paper.html([printed(desk, number)])).count("(late)") == 1


@pytest.mark.rule("REC-2")
def test_a_visit_and_a_report_keyed_in_late_are_marked_on_the_slip(desk: Practice) -> None:
    desk.wait(hours=1)
    number = desk.reported(at="2026-11-22T09:10")
    desk.assigned(number)
    desk.accepted(number)
    desk.started(number)
    desk.wait(hours=1)
    desk.finished(number, at="2026-11-22T10:20")
    page = text(printed(desk, number, "slip", "desk"))
    assert "Reported: 2026-11-22 09:10 (late)" in page
    assert re.search(r"visit 1: 2026-11-22 10:00 - 10:20 \(late\)", page)


@pytest.mark.rule("REC-2", "FIN-4")
def test_what_the_technician_said_and_why_it_ends_are_marked_late_too(desk: Practice) -> None:
    number = desk.done()
    desk.signed(number, "dissatisfied")
    desk.wait(hours=2)
    desk.do("hear", "S1", number, said="no time", at="2026-11-22T09:30")
    desk.do("settle", "M1", number, reason="has moved away", at="2026-11-22T09:40")
    page = text(printed(desk, number, "callback"))
    assert "The technician says: 2026-11-22 09:30 (late)" in page
    assert "Settled: 2026-11-22 09:40 (late)" in page


# --- coordination orders


@pytest.mark.rule("COO-6")
def test_a_coordination_order_goes_on_over_numbered_pages_that_name_order_place_and_tracker(desk: Practice) -> None:
    number = tracked(desk, 60)
    desk.do("check", "L1", number, support="called the supplier")
    doc = printed(desk, number)
    pages = text(doc).split(paper.BREAK)
    assert len(pages) > 5
    assert "Continuation page" not in pages[0]
    assert [re.findall(r"Continuation page (\d+)", page) for page in pages[1:]] == [
        [str(n)] for n in range(1, len(pages))
    ]
    for page in pages:
        assert number in page
        assert "地下车库 B1" in page
        assert "tracker: clerk C2" in page
        assert page.count("\n") <= paper.LINES
    whole = "\n".join(pages)
    assert [int(n) for n in re.findall(r"(?m)^(\d+)\. 2026", whole)] == list(range(1, 61))
    assert whole.index("called the supplier") < whole.index("Accepted by the department concerned: ____")


@pytest.mark.rule("COO-6")
def test_the_head_of_a_coordination_order_is_one_that_is_repeated_on_every_page(desk: Practice) -> None:
    page = paper.html([printed(desk, tracked(desk, 3))])
    (head,) = re.findall(r"(?s)<thead><tr><td colspan=\"4\">.*?</thead>", page)
    assert "地下车库 B1" in head
    assert "clerk C2" in head
    assert "<svg" in head
    assert "counter-increment: continuation" in page
    assert "counter(page)" in page
    assert "counter-increment: continuation" not in paper.html([printed(desk, desk.reported())])


# --- receipt, callback, statement


@pytest.mark.rule("VIS-6")
def test_a_receipt_lists_what_was_taken_by_whom_with_the_loaner_and_what_is_back(desk: Practice) -> None:
    number = taken(desk)
    one, other = printed(desk, number, "receipt")["taken"]
    assert (one["item"], one["loaner"], one["taken_by"], one["returned_by"]) == ("the pump", "a kettle", "W1", "C1")
    assert (other["item"], other["loaner"], other["returned_at"]) == ("the board", None, None), "one kettle, not two"
    assert one["until"].startswith("2026-11-23T10:00")
    page = text(printed(desk, number, "receipt", "resident"))
    assert "technician W1" in page
    # Each thing comes back on its own, and so does what was lent: each is signed for.
    assert page.count("resident's signature: ____") == page.count("technician: ____") == 3
    assert page.count("Loaner back: ____") == page.count("Received by: ____") == 1
    assert read(paper.html([printed(desk, number, "receipt", "desk")])).count("Loaner back") == 1
    assert re.search(r"Returned: 2026-11-22 1\d:\d\d  clerk C1", page)
    assert "Returned: ____" in page
    nothing_taken = desk.reported(LAMP)
    with desk.refuses(10, "VIS-6"):
        printed(desk, nothing_taken, "receipt")


@pytest.mark.rule("CAL-4")
def test_a_callback_form_has_the_calls_that_were_made_and_room_for_the_others(desk: Practice) -> None:
    number = desk.filed(desk.done())
    empty = text(printed(desk, number, "callback"))
    assert empty.count("Called by: ____") == 3
    assert empty.count("resident's signature (visit): ____") == 3
    desk.do("callback", "S1", number, outcome="satisfied", method="visit", signed_by="李女士", note=NASTY)
    page = text(printed(desk, number, "callback"))
    assert page.count("Called by: ____") == 2
    assert "supervisor S1  [visit]  satisfied" in page
    assert "resident's signature: 李女士" in page
    assert "<script" not in paper.html([printed(desk, number, "callback")])


@pytest.mark.rule("FEE-8", "RPT-6")
def test_the_statement_of_a_household_is_what_finance_has_of_it(desk: Practice) -> None:
    by = By("C1", "tester")
    number = filed_bill(desk)
    doc = desk.desk.printed_statement(by, "3栋2单元501")
    (household,) = desk.month("2026-11")["households"]
    (order,) = doc["orders"]
    assert (doc["place"], doc["total"], order["number"]) == ("3-2-501", household["total"], number)
    assert lines_of(order) == fen(doc["total"])
    assert doc["open"] == doc["total"] == "25.00"
    assert "total: 25.00" in text(doc)
    assert desk.desk.printed_statement(by, "3-2-501", "2026-10")["orders"] == []
    assert "Nothing is to be paid" in text(desk.desk.printed_statement(by, "3-2-501", "2026-10"))
    with desk.refuses(11):
        desk.desk.printed_statement(by, "9-9-999")
    with desk.refuses(2):
        desk.desk.printed_statement(by, "3-2-501", "November")


def fen(amount: str) -> int:
    return int(amount.replace(".", ""))


def lines_of(order: dict[str, Any]) -> int:
    return sum(fen(line["amount"]) for account in order["accounts"] for line in account["lines"])


@pytest.mark.rule("FEE-8", "FEE-10", "RPT-6")
def test_after_a_correction_the_lines_of_every_statement_still_come_to_its_total(desk: Practice) -> None:
    by = By("C1", "tester")
    number = desk.filed(desk.billed(services=("tap:2",)))
    desk.at("2026-12-02T10:00")
    desk.handed_over("2026-11")
    desk.rebilled(number, services=("tap",), reason="one tap only")
    november = desk.desk.printed_statement(by, "3-2-501", "2026-11")
    december = desk.desk.printed_statement(by, "3-2-501", "2026-12")
    for doc, total in ((november, "50.00"), (december, "-25.00")):
        (order,) = doc["orders"]
        assert doc["total"] == order["total"] == total
        assert lines_of(order) == fen(total)
    kinds = [[one["kind"] for one in doc["orders"][0]["accounts"]] for doc in (november, december)]
    assert kinds == [["bill"], ["reversal", "replacement"]]
    assert (november["open"], december["open"]) == (None, "25.00"), "what is open is asked for once"
    assert "stands in 2026-12 of 3-2-501" in " ".join(text(november).split())
    page = text(december)
    assert re.search(r"-2 \S+ x 25.00 = -50.00", page)
    assert "reversal 2026-11: 2026-12-02 10:00; one tap only; clerk C1" in " ".join(page.split())
    for doc in (november, december):
        assert f"{doc['total']}" in read(paper.html([doc]))
    assert "one tap only" in read(paper.html([december]))


@pytest.mark.rule("FEE-7", "FEE-8")
def test_a_household_that_was_billed_for_anothers_work_gets_it_back_line_by_line(desk: Practice) -> None:
    by = By("C1", "tester")
    number = filed_bill(desk)
    desk.corrected(number, place="3-2-502")
    (theirs,) = desk.desk.printed_statement(by, "3-2-501", "2026-11")["orders"]
    (ours,) = desk.desk.printed_statement(by, "3-2-502", "2026-11")["orders"]
    assert (lines_of(theirs), lines_of(ours)) == (0, 2500)
    assert (theirs["open"], ours["open"]) == (None, "25.00")


def test_a_statement_names_the_caller_where_the_register_knows_nobody(desk: Practice) -> None:
    filed_bill(desk)
    doc = desk.desk.printed_statement(By("C1", "tester"), "3-2-501", "2026-11")
    assert doc["names"] == []
    assert "caller: 李女士" in text(doc)
    assert "李女士" in read(paper.html([doc]))


@pytest.mark.rule("FEE-8", "REC-3")
def test_a_slip_says_what_was_corrected_and_what_sum_was_signed_for(desk: Practice) -> None:
    number = desk.billed(services=("tap:2",))
    desk.rebilled(number, services=("tap:3",), reason="found a third")
    assert "signed for" not in text(printed(desk, number, "slip", "desk"))
    desk.filed(number)
    desk.wait(hours=1)
    desk.rebilled(number, services=("tap",), reason="one tap only", at="2026-11-22T09:30")
    doc = printed(desk, number, "slip", "desk")
    assert [(one["old"], one["new"], one["late"]) for one in doc["corrections"]] == [
        ("50.00", "75.00", False), ("75.00", "25.00", True),
    ]  # fmt: skip
    flat = " ".join(text(doc).split())
    assert "Corrected 2026-11-22 09:30 (late): 75.00 -> 25.00; one tap only; clerk C1" in flat
    assert "resident's signature: 李女士 (signed for 75.00)" in flat
    page = " ".join(read(paper.html([doc])).split())
    assert "75.00 → 25.00 · one tap only · clerk C1" in page
    assert "李女士 (signed for 75.00)" in page
    assert "one tap only" not in text(printed(desk, number, "slip", "stores"))


@pytest.mark.rule("FEE-8", "REC-3")
def test_what_was_corrected_in_the_minute_of_the_signature_was_not_signed_for(desk: Practice) -> None:
    number = desk.billed(services=("tap",))
    desk.signed(number)
    desk.rebilled(number, services=("tap:2",), reason="two of them")
    assert "(signed for 25.00)" in " ".join(text(printed(desk, number, "slip", "desk")).split())


def filed_bill(desk: Practice) -> str:
    number = desk.reported(services=("tap",))
    desk.agreed(number)
    desk.assigned(number)
    desk.accepted(number)
    desk.started(number)
    desk.wait(minutes=20)
    desk.finished(number)
    return desk.filed(number)


# --- a shift's


def test_todays_slips_are_those_assigned_today_or_with_an_appointment_today_that_are_not_finished(
    desk: Practice,
) -> None:
    by = By("C1", "tester")
    old = desk.reported(place="1-1-101")
    desk.assigned(old)
    ahead = desk.reported(place="1-1-102", appointment="2026-11-23T14:00/15:00")
    desk.assigned(ahead, to="W2")
    unassigned = desk.reported(place="1-1-103", appointment="2026-11-23T16:00/17:00")
    assert numbers(desk.desk.printed_today(by)) == [old, ahead]
    desk.at("2026-11-23T08:00")
    fresh = desk.reported(place="1-1-104")
    desk.assigned(fresh)
    over = desk.at_work(place="1-1-105")
    desk.finished(over)
    desk.reported(place="1-1-106")
    assert numbers(desk.desk.printed_today(by)) == [unassigned, fresh, ahead]
    assert numbers(desk.desk.printed_today(by, "W2")) == [ahead]
    assert numbers(desk.desk.printed_today(by, "W1", copies=["desk"])) == [fresh]
    with desk.refuses(11):
        desk.desk.printed_today(by, "X9")


def numbers(papers: list[dict[str, Any]]) -> list[str]:
    return [one["order"]["number"] for one in papers]


@pytest.mark.rule("VIS-4", "VIS-5")
def test_what_was_left_unfinished_until_today_is_printed_today_at_its_time(desk: Practice) -> None:
    by = By("C1", "tester")
    number = desk.at_work(place="1-1-101")
    desk.wait(minutes=10)
    desk.paused(number, "parts", "2026-11-24T14:00")
    desk.at("2026-11-23T08:00")
    assert numbers(desk.desk.printed_today(by)) == []
    desk.at("2026-11-24T08:00")
    early = desk.reported(place="1-1-102", appointment="2026-11-24T10:00/11:00")
    late = desk.reported(place="1-1-103", appointment="2026-11-24T16:00/17:00")
    for one in (early, late):
        desk.assigned(one)
    assert numbers(desk.desk.printed_today(by)) == [early, number, late]


# --- how an order ended


@pytest.mark.rule("QUO-3")
def test_a_declined_order_has_its_reason_and_two_people_to_sign_and_nothing_to_fill_in(desk: Practice) -> None:
    number = desk.at_work()
    desk.do("decline", "W1", number, reason="too dear", second="S1")
    doc = printed(desk, number)
    assert (doc["ended"]["people"], doc["ended"]["reason"]) == (["W1", "S1"], "too dear")
    for page in (*text(doc).split(paper.BREAK), read(paper.html([printed(desk, number, "slip", "desk")]))):
        assert page.count("declined") == 2, "in the head, and where it ends"
        assert "too dear" in page
        assert page.count("signature") == 2
        for blank in ("total", "found", "Repaired", "Callback", "[ ]", "Materials", "Fetched by", "rating", "quote"):
            assert blank not in page, blank
        assert page.count("____") in (0, 6), "but for the two signatures no room for the pen"
    assert re.search(r"signature: _+  technician W1\nsignature: _+  supervisor S1", text(doc))


@pytest.mark.rule("QUO-3", "COO-1")
def test_a_cancelled_and_a_converted_order_say_so_by_whom_and_where_to(desk: Practice) -> None:
    called_off, lamp = desk.reported(), desk.reported(LAMP)
    desk.do("cancel", "C1", called_off, reason="reported twice")
    page = text(printed(desk, called_off, "slip", "desk"))
    assert "state: cancelled" in page
    assert "reason: reported twice\nsignature: ____________  clerk C1" in page
    coordination = desk.converted(lamp)
    page = text(printed(desk, lamp, "slip", "desk"))
    assert f"converted: 2026-11-22 09:00  -> {coordination}" in page
    assert f"→ {coordination}" in read(paper.html([printed(desk, lamp, "slip", "desk")]))
    assert "reason: waits for the supplier" in page
    tracked_page = printed(desk, coordination)
    assert "reason: waits for the supplier  leader L1" in text(tracked_page)
    assert "waits for the supplier · leader L1" in read(paper.html([tracked_page]))
    assert "state: reported" in text(printed(desk, desk.reported(place="1-1-109"), "slip", "desk"))


@pytest.mark.rule("COO-1", "REC-2")
def test_what_the_night_did_is_said_in_words_and_a_coordination_order_that_is_void_is_not_filled_in(
    desk: Practice,
) -> None:
    number = desk.at_work()
    night(desk, "2026-11-23T00:10")
    desk.at("2026-11-23T09:00")
    page = text(printed(desk, number, "slip", "desk"))
    assert "reason: not finished in its time" in page
    assert "the nightly run" in page
    coordination = desk.show(number)["coordination"]
    assert "reason: not finished in its time  the nightly run" in text(printed(desk, coordination))
    desk.finished(number, at="2026-11-22T21:00")
    for page in (text(printed(desk, coordination)), read(paper.html([printed(desk, coordination)]))):
        assert page.count("cancelled") == 2
        assert "____" not in page
        for blank in ("Support given", "rating", "signature", "contact"):
            assert blank not in page, blank


# --- what the slip is of


@pytest.mark.rule("QUO-1", "INT-5", "REC-6", "VIS-7")
def test_a_slip_has_everything_that_was_taken_in(desk: Practice) -> None:
    number = desk.reported(services=("tap:2",), model="HX-12", purchased="2024-05-01")
    desk.takes(caller="王先生", phone="13900005678", join=number)
    desk.agreed(number)
    desk.wait(minutes=5)
    desk.assigned(number)
    desk.wait(minutes=5)
    desk.accepted(number)
    desk.started(number)
    desk.wait(minutes=5)
    desk.finished(number, damage="a cracked tile", compensation="30.00")
    doc = printed(desk, number, "slip", "desk")
    service = doc["services"][0]["name"]
    for page in (text(doc), read(paper.html([doc]))):
        flat = " ".join(page.split())
        for said in ("HX-12", "2024-05-01", f"{service} 2", "clerk C1", "09:05", "09:10", "a cracked tile", "30.00",
                     "王先生 139****5678"):  # fmt: skip
            assert said in flat, said
    stores = text(printed(desk, number, "slip", "stores"))
    assert service in stores
    assert "王先生" not in stores
    assert "30.00" not in stores
    assert "139****" not in text(printed(desk, number, "slip", "finance"))


@pytest.mark.rule("INT-3")
def test_a_complaint_and_a_call_for_help_are_no_work_orders(desk: Practice) -> None:
    loud = desk.reported(kind="complaint", severity="major", department="security", fault="a fight", place="1-1-101")
    ill = desk.reported({"kind": "help", "place": "1-1-102", "fault": "please come", "help_class": "medical"})
    for page in (text(printed(desk, loud, "slip", "desk")), read(paper.html([printed(desk, loud, "slip", "desk")]))):
        assert "Complaint sheet" in page
        assert "Work order" not in page
        assert "护管部" in page
        assert page.count("major") == 2
        assert "regular" not in page
        assert "total" not in page, "nothing of it is charged"
        assert "Labour and materials" not in page
    page = text(printed(desk, ill, "slip", "desk"))
    assert "Help request sheet" in page
    assert "class: medical" in page
    assert "<title>Work order (2)</title>" in paper.html([printed(desk, loud), printed(desk, ill)])


def test_the_text_has_room_for_all_that_the_page_has_room_for(desk: Practice) -> None:
    page = text(printed(desk, desk.reported(category="plumbing"), "slip", "desk"))
    for said in ("category: ", "opinions: ____", "Callback: ____", "Called by: ____"):
        assert said in page, said


# --- who signs


@pytest.mark.rule("FIN-5", "FIN-7")
def test_the_line_for_a_signature_names_who_signs(desk: Practice, tmp_path: Path) -> None:
    home, lamp = desk.reported(), desk.done(LAMP)
    for page in (text(printed(desk, lamp, "slip", "desk")), read(paper.html([printed(desk, lamp, "slip", "desk")]))):
        assert "Accepted by the department concerned" in page
        assert "resident's signature" not in page
    assert "leader / supervisor: ____" in text(printed(desk, home, "slip", "desk"))
    done_at_home = desk.filed(desk.done(place="1-1-101"))
    assert "\nleader: leader L1" in text(printed(desk, done_at_home, "slip", "desk"))
    liyuan = Practice(founded(tmp_path / "liyuan", "liyuan"))
    number = liyuan.reported()
    assert "\nsupervisor: ____" in text(printed(liyuan, number, "slip", "desk"))
    finance = text(printed(liyuan, number, "slip", "finance"))
    assert "\nsupervisor: ____" in finance
    assert "\nfinance: ____" in finance


@pytest.mark.rule("COO-2", "COO-4")
def test_a_coordination_order_has_room_for_every_field_of_an_entry_and_for_every_check(desk: Practice) -> None:
    number = tracked(desk, 0)
    doc = printed(desk, number)
    assert doc["checks_left"] == ["leader", "leader", "supervisor"]
    page = text(doc)
    for field in ("Time", "tracker", "place", "contact", "phone", "content", "opinions", "plan"):
        assert page.count(f"{field}: ____") >= 6, field
    assert page.count("signature: ____") == 3
    sheet = read(paper.html([doc]))
    assert sheet.count("Support given") == 3
    assert len(re.findall(r"place\s+contact\s+phone", sheet)) == 6
    desk.do("check", "L1", number, support="called the supplier")
    doc = printed(desk, number)
    assert doc["checks_left"] == ["leader", "supervisor"]
    assert text(doc).count("signature: ____") == 3, "what is on record is signed for, too"
    desk.at("2026-12-01T09:00")
    assert printed(desk, number)["checks_left"] == ["leader", "leader", "supervisor"]


@pytest.mark.rule("CAL-4")
def test_the_callback_form_of_a_coordination_order_names_its_tracker(desk: Practice) -> None:
    doc = printed(desk, tracked(desk), "callback")
    for page in (text(doc), read(paper.html([doc]))):
        assert "clerk C2" in page


# --- pages and times


@pytest.mark.rule("FIN-3")
def test_nobody_signs_on_a_page_that_does_not_say_what_for(desk: Practice, tmp_path: Path) -> None:
    needs_module("weasyprint")
    needs("pdftotext", "fc-list")
    if not subprocess.run(["fc-list", ":lang=zh", "file"], capture_output=True, check=True).stdout:
        tools_needed._without("not installed: a Chinese font (apt install fonts-noto-cjk)")
    from repairdesk.documents import pdf

    # Long enough that the slip goes on to a second page, at another row each.
    faults = ["水管爆裂" * n for n in range(180, 360, 20)]
    slips = [
        printed(desk, desk.reported(fault=fault, place=f"1-1-10{n}"), "slip", "desk") for n, fault in enumerate(faults)
    ]
    out = tmp_path / "slips.pdf"
    out.write_bytes(pdf.render(paper.html(slips)).pdf)
    told = subprocess.run(["pdftotext", "-layout", out, "-"], capture_output=True, check=True, text=True).stdout
    pages = told.split("\f")
    signed = [page for page in pages if "resident's signature" in page]
    assert len(signed) == len(slips)
    assert len(pages) > len(slips) + 1, "some go on"
    for page in signed:
        for said in ("total", "rating", "opinions"):
            assert said in page, said
    assert [int(n) for n in re.findall(r"Page (\d)", told)] == [
        n for slip in slips for n in range(1, sum(slip["order"]["number"] in page for page in pages) + 1)
    ]


def test_a_tick_is_a_sign_that_does_not_merge_with_its_box(desk: Practice) -> None:
    page = paper.html([printed(desk, desk.filed(desk.done()), "slip", "desk")])
    assert page.count("✓") == 1
    assert "√" not in page


def test_pages_are_counted_only_where_all_of_them_are_one_paper(desk: Practice) -> None:
    number = desk.reported()
    assert "counter(pages)" in paper.html([printed(desk, number, "slip", "desk")])
    assert "counter(pages)" in paper.html([desk.desk.printed_handover(By("C1", "tester"))])
    stack = paper.html([printed(desk, number)])
    assert "counter(pages)" not in stack
    assert stack.count("counter-reset: page 1;") == stack.count('<div class="sheet"') == 4, "each copy has its own"


@pytest.mark.rule("VIS-1")
def test_what_goes_on_over_midnight_says_its_day(desk: Practice) -> None:
    number = desk.reported(appointment="2026-11-22T23:00/2026-11-23T01:00")
    desk.at("2026-11-22T23:50")
    desk.assigned(number)
    desk.started(number)
    desk.wait(minutes=20)
    desk.finished(number)
    page = text(printed(desk, number, "slip", "desk"))
    assert "appointment: 2026-11-22 23:00 - 2026-11-23 01:00" in page
    assert "visit 1: 2026-11-22 23:50 - 2026-11-23 00:10" in page
    assert "2026-11-22 23:00 – 2026-11-23 01:00" in read(paper.html([printed(desk, number, "slip", "desk")]))
    short = desk.reported(place="1-1-101", appointment="2026-11-23T14:00/15:00")
    assert "appointment: 2026-11-23 14:00 - 15:00\n" in text(printed(desk, short, "slip", "desk"))


# --- who


@pytest.mark.parametrize("who", ["W1", "F1", None])
def test_only_who_may_print_prints(who: str | None, desk: Practice) -> None:
    by, number = By(who, "nobody"), tracked(desk)
    for attempt in (
        lambda: desk.desk.printed(by, number), lambda: desk.desk.printed_today(by),
        lambda: desk.desk.printed_handover(by), lambda: desk.desk.printed_statement(by, "地下车库 B1"),
    ):  # fmt: skip
        with desk.refuses(12):
            attempt()
