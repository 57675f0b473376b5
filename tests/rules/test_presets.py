"""The presets: each loads, says what its source says, and keeps the comments of the standard file."""

from __future__ import annotations

import inspect
import re
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from repairdesk.cli import admin
from repairdesk.domain.fees import FeeTable
from repairdesk.domain.policy import ObligationRule, Policies
from repairdesk.errors import NotFound
from repairdesk.rules import preset
from repairdesk.rules.hydrate import build_fees, build_policies
from repairdesk.rules.load import read_fees, read_policies
from repairdesk.rules.preset import preset_names, preset_text

MINUTE, HOUR, DAY = 60, 3600, 86400
NAMES = ("standard", "longfor", "sales-centre", "lvjing", "liyuan", "customer-repair", "appliance")
FIVE = ("badge", "shoe-covers", "mat", "cloth", "whole-unit-check")
CASH = ("cash", "wechat", "alipay", "card", "bank")


def load(name: str) -> tuple[Policies, FeeTable]:
    policies, fees = preset_text(name)
    rules = build_policies(read_policies(policies, "policies.yaml").data)
    return rules, build_fees(read_fees(fees, "fees.yaml", rules.categories).data)


def duties(name: str) -> dict[str, ObligationRule]:
    return {rule.id: rule for rule in load(name)[0].obligations}


@pytest.mark.parametrize("name", preset_names())
def test_every_preset_loads_and_says_its_name(name: str) -> None:
    policies, fees = load(name)
    assert policies.preset == name
    assert policies.version == f"{name}-2026-11"
    assert fees.currency == "CNY"


def test_the_standard_preset_comes_first_and_the_fee_table_is_none() -> None:
    assert preset_names()[0] == "standard"
    assert set(preset_names()) == set(NAMES)


def test_the_help_of_init_names_every_preset() -> None:
    told = str(inspect.signature(admin.init, eval_str=True).parameters["preset"].annotation.__metadata__[0].help)
    assert told.removesuffix(".").split(", ") == list(NAMES)


def test_a_preset_that_does_not_exist_is_not_found_and_the_others_are_named() -> None:
    with pytest.raises(NotFound) as refused:
        preset_text("../policies")
    assert "standard, " in str(refused.value)


def test_the_packaged_standard_files_are_taken_before_those_of_a_checkout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preset, "_PRESETS", tmp_path)
    (tmp_path / "fees.yaml").write_text("version: packaged\n")
    assert preset_text("standard")[1] == "version: packaged\n"
    assert preset_text("standard")[0].startswith("# policies.yaml")


def test_a_preset_may_change_the_fee_table_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preset, "_PRESETS", tmp_path)
    (tmp_path / "shop.yaml").write_text("version: shop-1\npreset: shop\n")
    (tmp_path / "shop.fees.yaml").write_text("version: shop-1\ngrouping: {minutes: 0}\n")
    policies, fees = load("shop")
    assert (policies.preset, fees.version, fees.grouping_seconds) == ("shop", "shop-1", 0)
    assert preset_names() == ["standard", "shop"]


@pytest.mark.parametrize("name", preset_names())
def test_every_number_of_an_obligation_cites_its_rule_and_source(name: str) -> None:
    text = preset_text(name)[0].split("\nobligations:\n")[1]
    times = re.findall(r"^ +(?:within|by|lead|emergency|regular|low):(?! *$).*$", text, re.MULTILINE)
    assert len(times) >= 20
    assert [line for line in times if not re.search(r"# [A-Z]{3}-\d+, (?:LF|SC|CR|LJ|LY|AP|ours)", line)] == []


Reader = Callable[[Policies, FeeTable], Any]


def said(key: str, field: str) -> Reader:
    """A reader of what an obligation says; None where the preset has none of that key."""
    return lambda policies, _: next((getattr(rule, field) for rule in policies.obligations if rule.id == key), None)


def within(key: str) -> Reader:
    """A reader of the one time that an obligation gives, whatever the priority."""
    return lambda policies, fees: (said(key, "within")(policies, fees) or {}).get("*")


RESPOND = {"emergency": 30 * MINUTE, "regular": HOUR, "low": 4 * HOUR}
RESOLVE = {"emergency": 2 * HOUR, "regular": 48 * HOUR, "low": 7 * DAY}
EITHER = ("leader", "supervisor")

# What is read from each preset's files, and what the rulebook's table says of it, in the order of NAMES. A dash in the
# table is a number that the source does not give: that of standard holds. What it calls “at once” is a minute.
TABLE: list[tuple[str, Reader, tuple[Any, ...]]] = [
    ("register", within("register"), (120, 120, 60, 60, 120, 120, 120)),
    ("tell, in-home", within("tell-in-home"), (300, 300, 120, 120, 300, 300, 300)),
    ("tell, public area", within("tell-public-area"), (600,) * 7),
    ("arrive, public area", within("arrive-public-area"), (900, 900, 1800, 900, 900, 900, 900)),
    ("tools ready", within("ready"), (None, None, 900, None, None, None, None)),
    ("arrive, listed item", within("arrive-in-home"), (600, 600, 600, 900, 600, 600, 600)),
    ("counted from", said("arrive-in-home", "anchor"), (*["event"] * 3, "reported", *["event"] * 3)),
    ("early for an appointment", said("arrive-appointment", "lead"), (300, 300, 600, 300, 300, 300, 300)),
    ("review", within("review"), (900,) * 7),
    ("respond", said("respond", "within"), (RESPOND,) * 7),
    ("resolve", said("resolve", "within"), (RESOLVE,) * 7),
    ("slips back", said("slip", "by"), (17 * HOUR, DAY, DAY, DAY, 17 * HOUR, 17 * HOUR, DAY)),
    ("follow-up of advice", within("follow-up"), (7200,) * 7),
    ("hand-over", lambda p, _: p.finance.hand_over_day, (25,) * 7),
    ("who collects", lambda p, _: p.finance.collection, (*["finance"] * 5, "technician", "technician")),
    ("how by default", lambda p, _: p.finance.methods[0], (*["management-fee"] * 5, "cash", "cash")),
    (
        "who checks the slip",
        lambda p, _: p.may["close"],
        (EITHER, ("leader",), EITHER, ("supervisor",), ("supervisor",), ("leader",), EITHER),
    ),
    ("markup", lambda _, f: (str(f.markup_rate), f.markup_step), (("0.3", 10),) * 7),
    ("bundling", lambda _, f: f.grouping_seconds, (30 * MINUTE,) * 7),
    ("late visit counts apart", lambda p, _: p.late_visit, (15 * MINUTE,) * 7),
    ("points of the checklist", lambda p, _: len(p.checklists["in_home"]), (5, 14, 3, 4, 5, 5, 24)),
]


@pytest.mark.rule("INT-4", "ASG-1", "ASG-2", "QUO-2", "SLA-1", "FIN-5", "INT-6", "FEE-2", "FEE-3", "FEE-7", "VIS-3")
@pytest.mark.parametrize("name", NAMES)
def test_each_preset_has_the_numbers_of_the_rulebooks_table(name: str) -> None:
    policies, fees = load(name)
    assert all(len(by_preset) == len(NAMES) for _, _, by_preset in TABLE)
    wanted = {row: by_preset[NAMES.index(name)] for row, _, by_preset in TABLE}
    assert {row: read(policies, fees) for row, read, _ in TABLE} == wanted


@pytest.mark.parametrize("name", NAMES)
def test_what_no_source_is_asked_about_is_the_same_in_every_preset(name: str) -> None:
    own, standard = load(name)[0], load("standard")[0]
    for part in ("zone", "late_after", "numbering", "places", "categories", "calendars", "warranty", "reductions"):
        assert getattr(own, part) == getattr(standard, part)
    assert set(own.checklists) == {"in_home"}
    assert set(own.may) == set(standard.may)
    missing = {rule.id for rule in standard.obligations} - {rule.id for rule in own.obligations}
    assert not missing


@pytest.mark.rule("VIS-3")
@pytest.mark.parametrize(
    ("name", "codes"),
    [
        ("standard", FIVE),
        ("sales-centre", ("introduction", "ground-sheet", "tried-out")),
        ("lvjing", ("badge", "fee-table-shown", "quiet", "clean")),
        ("liyuan", FIVE),
        ("customer-repair", FIVE),
    ],
)
def test_a_preset_ticks_off_what_its_source_asks_for_and_no_other_slogan(name: str, codes: tuple[str, ...]) -> None:
    items = load(name)[0].checklists["in_home"]
    assert tuple(item.code for item in items) == codes
    assert len({item.group for item in items}) == 1


@pytest.mark.rule("VIS-3")
def test_the_twenty_four_steps_of_appliance_stand_in_the_order_of_a_job() -> None:
    items = load("appliance")[0].checklists["in_home"]
    assert [item.code for item in items] == [
        *("job-checked", "job-analysed", "resident-called", "bag-checked", "set-out", "on-the-way", "neat", "knocked"),
        *("introduction", "covers-on", "toolbox-on-mat", "listened", "diagnosed", "repaired", "tested"),
        *("use-explained", "cleaned", "upgrade-charged", "software-charged", "lower-charged", "opinion-asked"),
        *("card-left", "farewell", "callback-told"),
    ]
    assert {item.group for item in items} == {"二十四步"}


@pytest.mark.rule("FEE-7")
@pytest.mark.parametrize(("name", "more"), [("customer-repair", ("management-fee",)), ("appliance", ())])
def test_where_technicians_collect_money_is_cash_unless_another_way_is_said(name: str, more: tuple[str, ...]) -> None:
    policies = load(name)[0]
    assert policies.finance.methods == (*CASH, *more)
    assert policies.may["pay"] == ("finance", "assignee")
    assert policies.may["hand-over"] == ("finance",)


@pytest.mark.rule("VIS-10")
def test_in_lvjing_whatever_the_resident_does_not_hold_up_is_explained() -> None:
    assert duties("standard")["explain"].reasons == ("parts", "supplier")
    assert duties("lvjing")["explain"].reasons == ("parts", "supplier", "support", "taken-away", "other")


@pytest.mark.rule("RPT-2")
def test_the_targets_of_the_reports_are_those_of_the_sources() -> None:
    targets = {name: load(name)[0].targets for name in NAMES}
    assert {name: one.satisfaction for name, one in targets.items()} == {
        **dict.fromkeys(NAMES, "0.9"), "customer-repair": "0.85",
    }  # fmt: skip
    assert {(one.on_time, one.first_time_fix) for one in targets.values()} == {(None, "0.9")}


@pytest.mark.rule("SLA-1")
def test_standard_responds_and_resolves_by_priority() -> None:
    rules = duties("standard")
    assert rules["respond"].within == {"emergency": 1800, "regular": 3600, "low": 4 * 3600}
    assert rules["resolve"].within == {"emergency": 7200, "regular": 48 * 3600, "low": 7 * 86400}
    assert rules["answer"].within == {"*": 600}


@pytest.mark.rule("SLA-1")
def test_converting_an_order_does_not_end_its_resolve_clock() -> None:
    resolve = duties("standard")["resolve"]
    assert "convert" not in (*resolve.meets, *resolve.voids)
    assert resolve.meets == ("finish", "settled")


@pytest.mark.rule("INT-4")
def test_standard_tells_engineering_by_kind_and_channel() -> None:
    rules = duties("standard")
    assert rules["register"].within == {"*": 120}
    seconds = {rule.id: rule.within["*"] for rule in rules.values() if rule.name == "tell"}
    assert seconds == {
        "tell-unlisted": 300,
        "tell-patrol-lock": 3600,
        "tell-patrol": 7200,
        "tell-handover-inspection": 7200,
        "tell-in-home": 300,
        "tell-public-area": 600,
    }
    assert [rule.starts for rule in rules.values() if rule.name == "tell" and rule.unlisted] == [("consent",)]


@pytest.mark.rule("ASG-2")
def test_standard_arrives_after_accepting_or_early_for_an_appointment() -> None:
    rules = duties("standard")
    assert rules["arrive-in-home"].within == {"*": 600}
    assert rules["arrive-public-area"].within == {"*": 900}
    early = rules["arrive-appointment"]
    assert (early.anchor, early.lead, early.within, early.name) == ("appointment", 300, {"*": 0}, "arrive")


@pytest.mark.rule("FIN-5")
def test_slips_are_back_by_17_in_standard_and_liyuan_and_the_same_day_in_longfor() -> None:
    assert duties("standard")["slip"].by == duties("liyuan")["slip"].by == 17 * 3600
    assert duties("longfor")["slip"].by == 24 * 3600


@pytest.mark.rule("FIN-5")
def test_the_one_who_checks_the_slip_is_the_leader_in_longfor_and_the_supervisor_in_liyuan() -> None:
    assert load("longfor")[0].may["close"] == ("leader",)
    assert load("liyuan")[0].may["close"] == ("supervisor",)
    assert load("standard")[0].may["close"] == ("leader", "supervisor")


@pytest.mark.rule("VIS-3")
def test_longfor_has_all_four_slogans_on_its_checklist_and_standard_five_points() -> None:
    standard = [item.code for item in load("standard")[0].checklists["in_home"]]
    assert standard == ["badge", "shoe-covers", "mat", "cloth", "whole-unit-check"]
    groups = [item.group for item in load("longfor")[0].checklists["in_home"]]
    assert [groups.count(group) for group in ("五个一", "二公开", "三到位", "四不准")] == [5, 2, 3, 4]


@pytest.mark.parametrize(
    ("said", "canonical"),
    [
        ("3栋2单元501", "3-2-501"),
        ("3-2-501", "3-2-501"),
        ("３－２－５０１", "3-2-501"),
        ("3号楼2单元501室", "3-2-501"),
        ("03 幢 02 单元 0501 室", "3-2-501"),
        ("A座1单元1202", "A-1-1202"),
        ("12#3单元401房", "12-3-401"),
        ("3幢501", "3-501"),
        ("3-501", "3-501"),
        ("3栋2单元", None),
        ("3栋大堂", None),
        ("地下车库", None),
    ],
)
def test_the_spellings_of_a_place_have_one_canonical_form(said: str, canonical: str | None) -> None:
    folded = unicodedata.normalize("NFKC", said).strip()
    forms = [
        re.sub(r"\{(\d+)\}", lambda group, found=found: found[int(group[1])], place.canonical)  # type: ignore[misc]
        for place in load("standard")[0].places
        if (found := re.fullmatch(place.pattern, folded))
    ]
    assert (forms[0] if forms else None) == canonical


@pytest.mark.rule("FEE-1")
def test_the_standard_fee_table_has_the_prices_of_the_worked_examples() -> None:
    fees = load("standard")[1]
    prices = {code: fees.services[code].price.low for code in ("bulb", "lamp-tube", "tap", "toilet", "socket")}
    assert prices == {"bulb": 1000, "lamp-tube": 1400, "tap": 2500, "toilet": 5000, "socket": 3000}
    assert fees.materials["led-9w"].price == 1500
    assert (fees.services["pipe-run"].price.low, fees.services["pipe-run"].price.high) == (3000, 8000)
    assert fees.services["inspect"].price.kind == "free"
    assert fees.services["door-refit"].price.kind == "on-quote"
    assert (str(fees.markup_rate), fees.markup_step, fees.grouping_seconds) == ("0.3", 10, 1800)


@pytest.mark.rule("FEE-3")
def test_in_the_standard_fee_table_every_code_is_a_standard_of_its_own() -> None:
    fees = load("standard")[1]
    assert {service.standard for service in fees.services.values()} == set(fees.services)
