"""The presets: each loads, says what its source says, and keeps the comments of the standard file."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

import pytest

from repairdesk.domain.fees import FeeTable
from repairdesk.domain.policy import ObligationRule, Policies
from repairdesk.errors import NotFound
from repairdesk.rules import preset
from repairdesk.rules.hydrate import build_fees, build_policies
from repairdesk.rules.load import read_fees, read_policies
from repairdesk.rules.preset import preset_names, preset_text


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
    assert {"longfor", "liyuan"} < set(preset_names())
    assert not [name for name in preset_names() if "fees" in name]


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
