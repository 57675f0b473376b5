"""From normalized data to the domain's objects and back to the same data, without pydantic and yaml."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import FrozenInstanceError

import pytest

from repairdesk.domain.policy import CalendarRule
from repairdesk.domain.vocabulary import EVENTS, VERBS
from repairdesk.rules.hydrate import build_fees, build_policies, digest
from repairdesk.rules.load import read_fees, read_policies

PROBE = """
import sys
import repairdesk.rules.hydrate
print([name for name in ("pydantic", "yaml", "sqlmodel", "typer") if name in sys.modules])
"""


def test_hydrating_imports_neither_pydantic_nor_yaml() -> None:
    probe = subprocess.run([sys.executable, "-c", PROBE], capture_output=True, text=True, check=True,
                           env={"PYTHONPATH": ":".join(sys.path)})  # fmt: skip
    assert probe.stdout == "[]\n"


@pytest.mark.rule("REC-4")
def test_what_the_ledger_keeps_as_json_gives_the_same_policies_and_fees(policies_text: str, fees_text: str) -> None:
    policies = read_policies(policies_text, "policies.yaml")
    fees = read_fees(fees_text, "fees.yaml")
    kept = json.loads(json.dumps([policies.data, fees.data]))
    assert build_policies(kept[0]) == build_policies(policies.data)
    assert build_fees(kept[1]) == build_fees(fees.data)
    assert [digest(data) for data in kept] == [policies.digest, fees.digest]


def test_every_field_of_an_obligation_survives(policies_text: str) -> None:
    data = read_policies(policies_text, "policies.yaml").data
    built = [json.loads(json.dumps(rule._asdict())) for rule in build_policies(data).obligations]
    assert built == data["obligations"]


def test_the_objects_are_frozen(fees_text: str) -> None:
    fees = build_fees(read_fees(fees_text, "fees.yaml").data)
    with pytest.raises(FrozenInstanceError):
        fees.version = "another"  # type: ignore[misc]


@pytest.mark.rule("SLA-2")
def test_a_calendar_has_seven_days_with_several_windows(policies_text: str) -> None:
    office = build_policies(read_policies(policies_text, "policies.yaml").data).calendars["office"]
    assert isinstance(office, CalendarRule)
    assert office.week[0] == office.week[4] == ((30600, 43200), (50400, 63000))
    assert office.week[5] == ((32400, 43200),)
    assert office.week[6] == ()
    assert (office.holidays, office.public) == (frozenset(), True)


@pytest.mark.rule("REC-4")
def test_comments_and_layout_do_not_change_the_digest_but_a_number_does(policies_text: str) -> None:
    digest_of = read_policies(policies_text, "policies.yaml").digest
    restyled = policies_text.replace("# 响应", "# other words").replace("late_after: 15m ", "late_after: '900s' ")
    assert restyled != policies_text
    assert read_policies(restyled, "policies.yaml").digest == digest_of
    assert read_policies(policies_text.replace("low: 4h", "low: 5h"), "policies.yaml").digest != digest_of


@pytest.mark.rule("FEE-10")
def test_prices_are_whole_fen_however_they_are_written(fees_text: str) -> None:
    for written in ('"25.00"', '"25"', "25.0", "'２５．００'"):
        fees = build_fees(read_fees(fees_text.replace('"25.00"', written, 1), "fees.yaml").data)
        price = fees.services["tap"].price
        assert (price.kind, price.low, price.high) == ("fixed", 2500, 2500)


@pytest.mark.rule("FEE-3")
def test_services_may_share_a_standard(fees_text: str) -> None:
    shared = fees_text.replace('price: "10.00"}', 'price: "10.00", standard: lamps}')
    assert build_fees(read_fees(shared, "fees.yaml").data).services["bulb"].standard == "lamps"


def test_the_policies_grant_every_verb_and_name_only_known_events(policies_text: str) -> None:
    policies = build_policies(read_policies(policies_text, "policies.yaml").data)
    assert set(policies.may) == set(VERBS)
    named = {event for rule in policies.obligations for event in (*rule.starts, *rule.meets, *rule.voids)}
    assert named <= set(EVENTS)
