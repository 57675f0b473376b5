"""Every mistake in a rules file is reported with its line, column and key, and with what is expected."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repairdesk.errors import BadRules, Exit, NotFound
from repairdesk.rules.load import decode, parse_fees, parse_policies, text_of

# The standard policies with one mistake: its name, what gives way, to what, where the report points (at the caret),
# the key it names, and a piece of its sentence.
POLICIES = [
    ("unknown key", "late_after:", "late_aftr: 1m\nlate_after:", "^late_aftr:", "late_aftr", "places, categories"),
    ("unknown key further down", "    within: 2m", "    withn: 1m\n    within: 2m", "^withn:",
     "obligations.register.withn", "within, by, by_day"),
    ("missing key", "zone: Asia/Shanghai\n", "", "^version: standard", "zone", "is missing"),
    ("missing key further down", "    source: LY 1·4.1.2\n", "", "^register:", "obligations.register.source",
     "is missing"),
    ("no version", "version: standard-2026-11\n", "", "^preset: standard", "version", "is missing"),
    ("empty version", "version: standard-2026-11\n", "version:\n", "version:^\n", "version", "is empty"),
    ("unprintable version", "standard-2026-11", '"a b"', '^"a b"', "version", "not a version"),
    ("key given twice", "preset: standard", "preset: standard\nversion: again", "^version: again", "version",
     "it stands already in line 9"),
    ("wrong unit", "within: 15m                       # QUO-2", "within: 15 minuts", "^15 minuts",
     "obligations.review.within", "such as 15m or 48h"),
    ("a fraction", "late_after: 15m", "late_after: 1.5h", "^1.5h", "late_after", "a whole number"),
    ("too long", "late_after: 15m", "late_after: 9999d", "^9999d", "late_after", "ten years"),
    ("unknown role", "pay: [finance]", "pay: [cashier]", "^cashier", "may.pay[0]", "clerk, technician"),
    ("a role twice", "pay: [finance]", "pay: [finance, finance]", "^[finance, finance]", "may.pay", "listed twice"),
    ("unknown verb", "  pay: [finance]", "  pay: [finance]\n  bribe: [clerk]", "^bribe", "may.bribe", "not a verb"),
    ("missing verb", "  pay: [finance]", "  # pay: [finance]", "^may:\n", "may.pay", "is missing"),
    ("unknown owner", "    owner: supervisor\n    ladder: supervisor\n\n  # 到场",
     "    owner: boss\n    ladder: supervisor\n\n  # 到场", "^boss",
     "obligations.review.owner", "not a role"),
    ("unknown event", "meets: [callback, assign]", "meets: [calback, assign]", "^calback",
     "obligations.follow-up-advised-important.meets[0]", "not an event"),
    ("nothing meets it", "meets: [register]", "meets: []", "meets: ^[]", "obligations.register.meets", "empty list"),
    ("unknown kind", "kinds: [help]", "kinds: [helpp]", "^helpp", "obligations.answer.kinds[0]", "in_home, public"),
    ("unknown kind of checklist", "  in_home:\n", "  at_home:\n", "^at_home", "checklists.at_home", "not a kind"),
    ("unknown priority", "low: 4h", "low: 4h\n      lowest: 4h", "^lowest", "obligations.respond.within.lowest",
     "not a priority"),
    ("a priority left out", "      low: 4h", "      # low: 4h", "^within:\n      emergency: 30m",
     "obligations.respond.within.low", "is missing"),
    ("unknown channel", "channels: [patrol]\n    categories", "channels: [fax]\n    categories", "^fax",
     "obligations.tell-patrol-lock.channels[0]", "phone, walk-in"),
    ("unknown severity", "kinds: [help]", "kinds: [help]\n    severities: [mild]", "^mild",
     "obligations.answer.severities[0]", "general, important"),
    ("unknown reason", "reasons: [parts, supplier]", "reasons: [parts, lunch]", "^lunch",
     "obligations.explain.reasons[1]", "not a reason to pause"),
    ("an appointment is no reason to pause", "reasons: [parts, supplier]", "reasons: [appointment]", "^appointment]\n",
     "obligations.explain.reasons[0]", "not a reason to pause"),
    ("unknown stop", "pauses: [absent]", "pauses: [tea]", "^tea]", "obligations.arrive-appointment.pauses[0]",
     "not a reason to stop a clock"),
    ("unknown category", "categories: [locks]", "categories: [lifts]", "^lifts",
     "obligations.tell-patrol-lock.categories[0]", "electrical, plumbing"),
    ("unknown disturbance", "trade: locks}", "trade: locks, disturbs: [smell]}", "^smell",
     "categories.locks.disturbs[0]",
     "noise, power, water"),
    ("unknown calendar", "kinds: [help]", "kinds: [help]\n    calendar: offce", "^offce", "obligations.answer.calendar",
     "always, office"),
    ("unknown ladder", "    ladder: slips", "    ladder: tall", "ladder: ^tall", "obligations.slip.ladder",
     "no ladder “tall”"),
    ("a time to keep that is none", "  free: 1y ", "  free: 1", "  free: ^1", "retention.free", "2y, 90d, or forever"),
    ("a time to keep beyond all bounds", "  free: 1y ", "  free: 101y", "  free: ^101y", "retention.free",
     "write forever"),
    ("a size without a unit", "most: 20 MB", "most: 20", "most: ^20", "attachments.most", "kB or MB"),
    ("a size beyond all bounds", "most: 20 MB", "most: 2000 MB", "most: ^2000 MB", "attachments.most", "1000 MB"),
    ("a kind of file that cannot be kept", "types: [jpeg, png,", "types: [gif, png,", "types: [^gif",
     "attachments.types[0]", "jpeg, png, webp, heic, tiff, pdf"),
    ("a ladder that goes back", "ladders:\n",
     "ladders:\n  tall: [{after: 1h, tell: leader}, {after: 30m, tell: manager}]\n",
     "after: ^30m, tell: manager", "ladders.tall[1].after", "later than the one before"),
    ("a ladder that tells nobody", "ladders:\n", "ladders:\n  tall: [{after: 1h}]\n",
     "^{after: 1h}", "ladders.tall[0].tell", "is missing"),
    ("nobody to hear of a proposal", "    overdue: convert                  # or propose", "    overdue: propose  #",
     "^propose  #", "obligations.complete-in-home.overdue", "add a ladder"),
    ("a night that does something else", "    overdue: convert                  # or propose",
     "    overdue: forget  #", "^forget", "obligations.complete-in-home.overdue", "convert, propose"),
    ("how often of what is owed once", '    by: "17:00"', '    by: "17:00"\n    times: 2', "times: ^2",
     "obligations.slip.times", "add each"),
    ("no period", "    each: week ", "    each: day ", "each: ^day ", "obligations.weekly-entry.each", "week, month"),
    ("hours for what has none", '    by: "17:00"', '    by: "17:00"\n    calendar: office', "calendar: ^office",
     "obligations.slip.calendar", "only with within"),
    ("no count", "    times: 2 ", "    times: often ", "^often", "obligations.leader-check.times", "1 to 31"),
    ("a day without an hour", '    by: "24:00"                       # COO-1', "    within: 24h  # COO-1",
     "anchor: ^day", "obligations.complete-in-home.anchor", "add by"),
    ("a next time that nobody names", "    starts: [pause]\n    anchor: next", "    starts: [finish]\n    anchor: next",
     "anchor: ^next", "obligations.come-back.anchor", "starts is [pause]"),
    ("a target above all", '  satisfaction: "0.90"', '  satisfaction: "90"', 'satisfaction: ^"90"',
     "targets.satisfaction", "0.90 for 90 %"),
    ("a target that is none", '  first_time_fix: "0.90"', "  first_time_fix: most", "first_time_fix: ^most",
     "targets.first_time_fix", "not a rate"),
    ("no time to look back", "repeat_within: 90d", "repeat_within: long", "within: ^long", "repeat_within",
     "not a duration"),
    ("no month", "    starts: [month]\n    by_day: 25", "    starts: [archive]\n    by: \"17:00\"", "^obligations:",
     "obligations", "starts with month"),
    ("a day of the month for something else", '    by: "17:00"', "    by_day: 5", "^slip:", "obligations.slip",
     "to nothing else"),
    ("an alarm for nobody", "alarm: [leader", "alarm: [boss", "^boss", "alarm[0]", "supervisor"),
    ("a severity of which nobody is said to hear", "  general: []\n  important", "  important", "^complaint_alarm:",
     "complaint_alarm.general", "is missing"),
    ("a class of fault that is nobody's", "software]\n    words", "softwear]\n    words", "^softwear",
     "departments.engineering.categories[6]", "there is no category"),
    ("a class of fault of two departments", "    words: [开发商", "    categories: [locks]\n    words: [开发商",
     "carpentry, masonry, ^locks", "departments.engineering.categories[4]", "matter of “outside” already"),
    ("a clock of no department", "departments: [outside]", "departments: [kitchen]", "^kitchen",
     "obligations.explain-outside.departments[0]", "there is no department"),
    ("days after no time of day", "    days_left: 15                     # COO-4, ours\n    meets: [check-leader]",
     "    days_after: 1\n    meets: [check-leader]", "days_after: ^1", "obligations.leader-check.days_after", "add by"),
    ("two opinions on a month", "\n# Who is called back. In each", "  again:\n    rule: CAL-7\n    source: ours\n"
     "    starts: [called-month]\n    by: \"17:00\"\n    meets: [opinion]\n    owner: supervisor\n\n"
     "# Who is called back. In each", "source: ours\n    starts: ^[called-month]", "obligations.again.starts",
     "that of the month already"),
    ("unknown anchor", "anchor: appointment", "anchor: midnight", "^midnight", "obligations.arrive-appointment.anchor",
     "event, reported"),
    ("an anchor that only some orders have", "    appointment: true\n", "", "anchor: ^appointment",
     "obligations.arrive-appointment.anchor", "add appointment: true"),
    ("a lead before nothing", "    anchor: appointment\n", "", "lead: ^5m", "obligations.arrive-appointment.lead",
     "add anchor: appointment"),
    ("no time", '    by: "17:00"', '    # by: "17:00"', "^slip:", "obligations.slip",
     "one of within, by, lead, by_day and each"),
    ("two times", '    by: "17:00"', '    within: 1h\n    by: "17:00"', 'by: ^"17:00"', "obligations.slip.by",
     "“within” stands there too"),
    ("no time of day", 'by: "17:00"', 'by: "25:00"', '^"25:00"', "obligations.slip.by", "HH:MM"),
    ("neither true nor false", "unlisted: true\n    starts: [intake]", "unlisted: yes\n    starts: [intake]", "^yes",
     "obligations.review.unlisted", "neither true nor false"),
    ("no id of a rule", "rule: VIS-10", "rule: the law", "^the law", "obligations.explain.rule", "such as INT-4"),
    ("a window that ends before it begins", "14:00-17:30", "14:00-12:30", '^"14:00-12:30"',
     "calendars.office.week.mon-fri[1]", "before it begins"),
    ("no window", "14:00-17:30", "14:00", '^"14:00"', "calendars.office.week.mon-fri[1]", "FROM-TO"),
    ("windows that overlap", "14:00-17:30", "11:00-17:30", '^["08:30', "calendars.office.week.mon-fri", "overlap"),
    ("a day twice", '      sat: ["09:00', '      fri-sat: ["09:00', "^fri-sat", "calendars.office.week.fri-sat",
     "under “mon-fri” already"),
    ("no weekday", '      sat: ["09:00', '      saturday: ["09:00', "^saturday", "calendars.office.week.saturday",
     "mon, tue"),
    ("an impossible date", "holidays: []", 'holidays: ["2026-11-92"]', '^"2026-11-92"', "calendars.office.holidays[0]",
     "there is no day 2026-11-92"),
    ("holiday and workday", "calendars:\n", 'calendars:\n  shop: {week: {mon: ["08:00-09:00"]}, '
     'holidays: ["2027-01-01"], workdays: ["2027-01-01"]}\n', 'workdays: ^["2027', "calendars.shop.workdays",
     "a holiday and a workday"),
    ("neither public nor not", "    workdays: []", "    workdays: []\n    public: maybe", "^maybe",
     "calendars.office.public", "neither true nor false"),
    ("a calendar without working time", "calendars:\n", "calendars:\n  never: {week: {mon: []}}\n", "^never:",
     "calendars.never", "would never run"),
    ("a calendar without a week", "calendars:\n", "calendars:\n  never: {week: {}}\n", "^never:",
     "calendars.never", "would never run"),
    ("a calendar with a reserved name", "  office:", "  always:", "^always:", "calendars.always", "built in"),
    ("bad zone", "Asia/Shanghai", "Asia/Shanghia", "^Asia/Shanghia", "zone", "time zone"),
    ("a path as zone", "Asia/Shanghai", "../etc/passwd", "^../etc", "zone", "time zone"),
    ("a folder of zones", "Asia/Shanghai", "Asia", "^Asia\n", "zone", "time zone"),
    ("bad regular expression", "#楼?|[-‐–—−/])", "#楼?|[-‐–—−/]", "^'0*([1-9][0-9]*|[A-Z])\\s*(?:栋|幢|座|号楼|#楼?|[",
     "places[2].pattern", "not a regular expression"),
    ("no such group", "canonical: '{1}-{2}'\n", "canonical: '{1}-{4}'\n", "^'{1}-{4}'", "places[2].canonical",
     "“{4}” is no group of the pattern, which has 2"),
    ("a group without a number", "canonical: '{1}-{2}'\n", "canonical: '{1}-{}'\n", "^'{1}-{}'",
     "places[2].canonical", "“{}” is no group"),
    ("one prefix for both", "coordination: X", "coordination: P", "^numbering:", "numbering", "different prefixes"),
    ("no prefix", "coordination: X", "coordination: x1", "^x1", "numbering.coordination", "capitals"),
    ("a series left out", "  coordination: X", "  # coordination: X", "^numbering:", "numbering.coordination",
     "is missing"),
    ("a list for a text", "preset: standard", "preset: [standard]", "^[standard]", "preset", "expected text"),
    ("a text for a list", "kinds: [help]", "kinds: help", "kinds: ^help", "obligations.answer.kinds",
     "expected a list"),
    ("a text for a mapping", "    badge: {name: 佩戴一个工号牌, group: 五个一}", "    badge: yes", "badge: ^yes",
     "checklists.in_home.badge", "expected a mapping"),
    ("an anchor of YAML", "pay: [finance]", "pay: &who [finance]", "^&who", "may.pay", "anchors (&name)"),
    ("an alias", "pay: [finance]", "pay: *who", "^*who", "may.pay", "aliases (*name)"),
    ("a tag", "preset: standard", "preset: !!str standard", "^!!str", "preset", "tags (!name)"),
    ("a key that is a list", "preset: standard", "preset: standard\n[a]: b", "^[a]", "", "a key is text"),
]  # fmt: skip

# The same of the standard fee table.
FEES = [
    ("a negative price", '"25.00"', '"-25.00"', '^"-25.00"', "services[9].price", "0 or more"),
    ("three decimals", '"25.00"', '"25.005"', '^"25.005"', "services[9].price", "at most two decimals"),
    ("an exponent", '"25.00"', "2.5e1", "^2.5e1", "services[9].price", "not an amount"),
    ("not a number", '"25.00"', ".nan", "^.nan", "services[9].price", "not a price"),
    ("without end", '"25.00"', "-.inf", "^-.inf", "services[9].price", "not a price"),
    ("too much", '"25.00"', '"10000000.00"', '^"10000000.00"', "services[9].price", "9999999.99"),
    ("a list of prices", '"25.00"', '["25.00"]', '^["25.00"]', "services[9].price", "expected text"),
    ("a material on quote", '"15.00"}\n  - {code: led-tube', "on-quote}\n  - {code: led-tube",
     "^on-quote}\n  - {code: led-tube", "materials[0].price", "not an amount"),
    ("a range that falls", 'from: "30.00"', 'from: "90.00"', '^{from: "90.00"', "services[16].price", "ends below"),
    ("a range without end", '{from: "30.00", to: "80.00"}', '{from: "30.00"}', '^price: {from: "30.00"}',
     "services[16].price.to", "is missing"),
    ("a range that cannot be read", 'from: "30.00"', 'from: "3o.00"', '^"3o.00"', "services[16].price.from",
     "not an amount"),
    ("an unknown key in a range", 'from: "30.00"', 'frm: "1.00", from: "30.00"', "^frm", "services[16].price.frm",
     "there are: from, to"),
    ("a range by another name", '{from: "30.00", to: "80.00"}', '{from: "30.00", to: "80.00", low: "1"}', "^low:",
     "services[16].price.low", "there are: from, to"),
    ("a code twice", "code: toilet", "code: tap", "code: ^tap, name: 疏通马桶", "services[12].code",
     "the code of services[9] already"),
    ("no code", "code: toilet", "code: toi:let", "^toi:let", "services[12].code", "not a code"),
    ("a full-width code", "code: toilet", "code: ｔoilet", "^ｔoilet", "services[12].code", "not a code"),
    ("an unknown category", 'category: locks, unit: 把, price: "55', 'category: keys, unit: 把, price: "55', "^keys",
     "services[26].category", "no category “keys”; there are: electrical, plumbing"),
    ("a missing key", 'unit: 个, price: "25.00"', 'price: "25.00"', "^{code: tap,", "services[9].unit", "is missing"),
    ("a rate in percent", 'rate: "0.30"', 'rate: "30 %"', '^"30 %"', "markup.rate", "0.30 for 30 %"),
    ("rounded to nothing", 'round_to: "0.1"', 'round_to: "0"', '^"0"}', "markup.round_to", "multiple of 0"),
    ("negative minutes", "minutes: 30", "minutes: -30", "^-30", "grouping.minutes", "0 to 1440"),
    ("a currency", "currency: CNY", "currency: 元", "^元\n", "currency", "CNY"),
    ("an unknown key", "materials:", "discounts: []\nmaterials:", "^discounts", "discounts", "version, currency"),
]  # fmt: skip
CATEGORIES = ("electrical", "plumbing", "carpentry", "masonry", "locks", "appliance", "software", "general")

Cases = list[tuple[str, str, str, str, str, str]]


def refused(text: str, name: str) -> list[dict[str, Any]]:
    parse = partial(parse_fees, categories=CATEGORIES) if name == "fees.yaml" else parse_policies
    with pytest.raises(BadRules) as refusal:
        parse(text, name)
    error = refusal.value
    problems = list(error.extra["problems"])
    assert error.exit is Exit.BAD_RULES
    for problem in problems:
        where = f"{name}:{problem['line']}:{problem['column']}: "
        assert where in str(error)
        assert problem["message"] in str(error)
    return problems


def broken(text: str, old: str, new: str) -> str:
    assert old in text
    return text.replace(old, new, 1)


def at(text: str, marker: str) -> tuple[int, int]:
    """Line and column of the caret, wherever the text around it stands."""
    before, after = marker.split("^")
    assert text.count(before + after) >= 1, f"{marker!r} is not in the file"
    upto = text[: text.index(before + after) + len(before)]
    return upto.count("\n") + 1, len(upto) - upto.rfind("\n")


def cases(table: Cases) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(
        ("old", "new", "marker", "key", "says"), [pytest.param(*case[1:], id=case[0]) for case in table]
    )


@pytest.mark.rule("REC-4")
@cases(POLICIES)
def test_a_mistake_in_the_policies_is_reported_with_its_place(
    policies_text: str, old: str, new: str, marker: str, key: str, says: str
) -> None:
    text = broken(policies_text, old, new)
    (problem,) = refused(text, "policies.yaml")
    assert (problem["line"], problem["column"], problem["key"]) == (*at(text, marker), key)
    assert says in problem["message"]
    assert problem["file"] == "policies.yaml"


@pytest.mark.rule("FEE-10")
@cases(FEES)
def test_a_mistake_in_the_fee_table_is_reported_with_its_place(
    fees_text: str, old: str, new: str, marker: str, key: str, says: str
) -> None:
    text = broken(fees_text, old, new)
    (problem,) = refused(text, "fees.yaml")
    assert (problem["line"], problem["column"], problem["key"]) == (*at(text, marker), key)
    assert says in problem["message"]


@pytest.mark.rule("SLA-2")
def test_an_empty_calendar_is_one_mistake_at_its_own_key_also_where_a_clock_names_it(policies_text: str) -> None:
    unused = broken(policies_text, "calendars:\n", "calendars:\n  never:\n    week: {mon: []}\n")
    used = broken(unused, "kinds: [help]", "kinds: [help]\n    calendar: never")
    for text in (unused, used):
        (problem,) = refused(text, "policies.yaml")
        assert (problem["line"], problem["column"], problem["key"]) == (*at(text, "^never:"), "calendars.never")


def test_all_mistakes_of_a_file_are_reported_at_once_from_top_to_bottom(policies_text: str) -> None:
    changes = [
        ("late_after: 15m", "late_after: soon"),
        ("order: P", "order: p"),
        ("pay: [finance]", "pay: [cashier]\n  pay: [clerk]"),
        ("14:00-17:30", "11:00-17:30"),
        ("categories: [locks]", "categories: [lifts]"),
        ("kinds: [help]", "kinds: [help]\n    calendar: offce\n    colour: red"),
        ('    by: "17:00"', "    # nothing"),
    ]
    text = policies_text
    for old, new in changes:
        text = broken(text, old, new)
    problems = refused(text, "policies.yaml")
    assert [problem["key"] for problem in problems] == [
        "late_after",
        "numbering.order",
        "may.pay[0]",
        "may.pay",
        "calendars.office.week.mon-fri",
        "obligations.tell-patrol-lock.categories[0]",
        "obligations.answer.calendar",
        "obligations.answer.colour",
        "obligations.slip",
    ]
    assert [problem["line"] for problem in problems] == sorted(problem["line"] for problem in problems)


def test_one_mistake_in_one_entry_does_not_hide_another_in_it(policies_text: str) -> None:
    text = broken(policies_text, "meets: [register]", "meets: [signed]\n    by: noon\n    owner: nobody")
    text = broken(text, "    owner: nobody\n    voids: [decline, cancel]\n    owner: clerk\n", "    owner: nobody\n")
    assert [problem["key"] for problem in refused(text, "policies.yaml")] == [
        "obligations.register.meets[0]",
        "obligations.register.by",
        "obligations.register.owner",
    ]


@pytest.mark.parametrize(
    ("text", "line", "column", "says"),
    [
        pytest.param("", 1, 1, "the file is empty", id="empty"),
        pytest.param("# nothing but a comment\n", 1, 1, "the file is empty", id="only a comment"),
        pytest.param("~\n", 1, 1, "the file is empty", id="null"),
        pytest.param("- a\n- b\n", 1, 1, "the file is a mapping", id="a list"),
        pytest.param("just words\n", 1, 1, "the file is a mapping", id="a text"),
        pytest.param("version: [1\nzone: x\n", 2, 5, "is not YAML", id="an open bracket"),
        pytest.param("version: 1\n\tzone: x\n", 2, 1, "is not YAML", id="a tab"),
        pytest.param('version: "\\UFFFFFFFF"\n', 1, 8, "is not YAML", id="an impossible escape"),
        pytest.param("version: a\x00b\n", 1, 11, "U+0000 may not stand", id="a null byte"),
        pytest.param("version: 1\n---\nversion: 2\n", 2, 1, "a second document", id="two documents"),
        pytest.param("a: " + "[" * 5000, 1, 24, "deeper than 20 levels", id="too deep"),
        pytest.param("a: 1\n" * 200_001, 1, 1, "larger than 1000000 bytes", id="too large"),
    ],
)
def test_a_file_that_is_no_mapping_of_texts_is_refused_with_its_place(
    text: str, line: int, column: int, says: str
) -> None:
    (problem,) = refused(text, "policies.yaml")
    assert (problem["line"], problem["column"]) == (line, column)
    assert says in problem["message"]


def test_bytes_that_are_not_utf_8_are_refused_with_their_place() -> None:
    with pytest.raises(BadRules) as refusal:
        decode("version: 1\n# 漏水 ".encode() + "报修".encode("gb18030"), "fees.yaml")
    (problem,) = refusal.value.extra["problems"]
    assert (problem["line"], problem["column"]) == (2, 6)
    assert "0xB1 is not UTF-8" in problem["message"]


def test_a_byte_order_mark_and_windows_line_ends_are_taken(fees_text: str) -> None:
    raw = b"\xef\xbb\xbf" + fees_text.replace("\n", "\r\n").encode()
    assert parse_fees(decode(raw, "fees.yaml"), "fees.yaml") == parse_fees(fees_text, "fees.yaml")


def test_a_file_that_is_too_large_is_refused_without_being_parsed(tmp_path: Path) -> None:
    path = tmp_path / "policies.yaml"
    path.write_bytes(b"#" * 1_000_001)
    with pytest.raises(BadRules, match="cannot be used") as refusal:
        text_of(path)
    assert "larger than" in str(refusal.value)


def test_a_file_that_is_not_there_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        text_of(tmp_path / "fees.yaml")


@given(st.text(alphabet=st.sampled_from("ab:-[]{}&*!|>'\"%@`#,? \n\t0\\x\u2028\ufeff\x85"), max_size=40))
def test_no_text_whatever_ends_in_anything_but_a_refusal_with_places(text: str) -> None:
    for problem in refused(text, "policies.yaml"):
        assert problem["line"] >= 1
        assert problem["column"] >= 1
        assert problem["message"]


@given(
    st.recursive(
        st.sampled_from(["", "a", "1", "true", "15m", "{1}", "09:00-10:00"]),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from("places pattern canonical may pay calendars week mon obligations within by x".split()),
                inner,
                max_size=4,
            )
        ),
        max_leaves=12,
    )
)
def test_any_shape_of_data_under_any_key_is_refused_in_sentences(value: object) -> None:
    for key in ("places", "may", "numbering", "calendars", "ladders", "obligations", "services", "markup"):
        text = json.dumps({key: value}, ensure_ascii=False)
        assert refused(text, "policies.yaml")
        assert refused(text, "fees.yaml")
