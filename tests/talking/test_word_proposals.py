"""What words propose, and windows as they are said on the phone."""

from __future__ import annotations

from datetime import datetime

import pytest

from repairdesk.domain.policy import WordRule
from repairdesk.domain.windows import meant
from repairdesk.domain.wording import propose
from repairdesk.rules.hydrate import build_fees, build_policies
from repairdesk.rules.load import read_fees, read_policies
from repairdesk.rules.preset import preset_names, preset_text


def rule(code: str, *words: str, **more: object) -> WordRule:
    said: dict[str, object] = {"kind": None, "category": None, "priority": None, "services": (), **more}
    return WordRule(code, words, **said)  # type: ignore[arg-type]


STANDARD = build_policies(read_policies(preset_text("standard")[0], "policies.yaml").data).proposals


@pytest.mark.rule("INT-3")
@pytest.mark.parametrize(("said", "category", "priority", "services"), [
    ("厨房水管漏水", "plumbing", None, ()),
    ("马桶堵了", "plumbing", None, ("toilet",)),
    ("卧室灯泡不亮", "electrical", None, ("bulb",)),
    ("客厅吸顶灯不亮", "electrical", None, ("ceiling-lamp",)),
    ("空气开关跳闸", "electrical", None, ("trip-reset",)),
    ("水管爆裂，喷水", "plumbing", "emergency", ()),
    ("插座漏电打火", "electrical", "emergency", ("socket",)),
    ("门锁有点松，不急", "locks", "low", ("lock-set",)),
    ("The TAP is dripping", "plumbing", None, ("tap",)),
    ("ｔａｐ坏了", "plumbing", None, ("tap",)),
    ("duct tape", None, None, ()),
    ("热水器打不着火", "appliance", None, ()),
    ("热水器打不着火，旁边着火了", "appliance", "emergency", ()),
    ("", None, None, ()),
])  # fmt: skip
def test_the_words_of_the_standard_policies(
    said: str, category: str | None, priority: str | None, services: tuple[str, ...]
) -> None:
    heard = propose(STANDARD, said)
    assert (heard.category, heard.priority, heard.services) == (category, priority, services)


@pytest.mark.parametrize(("said", "kind"), [
    ("投诉保安", "complaint"), ("有人晕倒", "help"), ("路灯坏了", "public_area"), ("漏水", None),
])  # fmt: skip
def test_words_say_what_kind_of_call_it_is(said: str, kind: str | None) -> None:
    assert propose(STANDARD, said).kind == kind


@pytest.mark.parametrize("name", preset_names())
def test_every_service_that_a_preset_proposes_is_on_its_fee_table(name: str) -> None:
    policies, fees = preset_text(name)
    rules = build_policies(read_policies(policies, "policies.yaml").data)
    table = build_fees(read_fees(fees, "fees.yaml", rules.categories).data)
    assert rules.proposals
    assert {code for one in rules.proposals for code in one.services} <= set(table.services)


def test_the_rule_of_which_most_was_said_comes_first_then_the_first_of_the_file() -> None:
    rules = [rule("a", "水", category="one"), rule("b", "水箱", category="two"), rule("c", "箱", category="three")]
    assert propose(rules, "水箱").category == "two"
    assert propose(rules, "水，箱").category == "one"
    assert propose(rules, "水箱").because == ("水箱",)


def test_the_gravest_priority_counts_and_services_are_of_the_class_that_is_proposed() -> None:
    rules = [
        rule("low", "不急", priority="low"), rule("gas", "气", priority="emergency"),
        rule("lamp", "电灯", category="electrical"), rule("lock", "锁", category="locks", services=("core",)),
    ]  # fmt: skip
    heard = propose(rules, "不急，电灯和锁，有气")
    assert (heard.priority, heard.category, heard.services) == ("emergency", "electrical", ())


NOW = datetime(2026, 11, 24, 10, 30)  # a Tuesday


@pytest.mark.parametrize(("said", "window"), [
    ("14-16", "2026-11-24T14:00/16:00"),
    ("9-11", "2026-11-25T09:00/11:00"),
    ("今天 9-11", "2026-11-24T09:00/11:00"),
    ("明天9点到11点半", "明天9点到11点半"),
    ("明天 9:30-11", "2026-11-25T09:30/11:00"),
    ("明天下午2-4", "2026-11-25T14:00/16:00"),
    ("后天上午9到11", "2026-11-26T09:00/11:00"),
    ("周五 9—11", "2026-11-27T09:00/11:00"),
    ("周二 14-15", "2026-11-24T14:00/15:00"),
    ("12-01 9-11", "2026-12-01T09:00/11:00"),
    ("3日 9-11", "2026-12-03T09:00/11:00"),
    ("2026-11-30 9-11", "2026-11-30T09:00/11:00"),
    ("2026-11-30T9-11", "2026-11-30T09:00/11:00"),
    ("tomorrow 9-11", "2026-11-25T09:00/11:00"),
    ("９－１１", "2026-11-25T09:00/11:00"),
    ("fri 2pm to 4pm", "fri 2pm to 4pm"),
    ("25-26", "25-26"),
    ("31 9-11", "2026-12-31T09:00/11:00"),
    ("2026-11-25T09:00/11:00", "2026-11-25T09:00/11:00"),
    ("morgen", "morgen"),
])  # fmt: skip
def test_a_window_as_it_is_said_or_as_it_was_said(said: str, window: str) -> None:
    assert meant(said, NOW) == window
