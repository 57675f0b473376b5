"""In which copies slips are printed: the section ``slips`` of the policies."""

from __future__ import annotations

import pytest

from repairdesk.domain.policy import SlipTerms
from repairdesk.domain.vocabulary import KINDS
from repairdesk.errors import BadRules
from repairdesk.rules.hydrate import build_policies
from repairdesk.rules.load import parse_policies, read_policies
from repairdesk.rules.preset import preset_text

HOME = "in_home: [resident, engineering, stores, desk]"


def terms(preset: str) -> SlipTerms:
    return build_policies(parse_policies(preset_text(preset)[0], "policies.yaml")).slips


@pytest.mark.rule("FIN-5")
@pytest.mark.parametrize(
    ("preset", "in_home", "public_area"),
    [
        ("standard", "resident engineering stores desk", "engineering stores desk"),
        ("longfor", "resident engineering stores desk", "engineering stores desk"),
        ("sales-centre", "desk resident stores engineering", "desk stores engineering"),
        ("liyuan", "resident engineering finance desk", "desk engineering"),
    ],
)
def test_a_preset_has_the_copies_of_its_source(preset: str, in_home: str, public_area: str) -> None:
    found = terms(preset)
    assert (found.of("in_home"), found.of("public_area")) == (tuple(in_home.split()), tuple(public_area.split()))
    assert set(found.copies) == set(KINDS)


@pytest.mark.parametrize(
    ("old", "new", "key", "says"),
    [
        (HOME, "in_home: [resident, garden]", "slips.copies.in_home[1]", "has no copy"),
        (HOME, "in_home: [desk, desk]", "slips.copies.in_home", "listed twice"),
        (HOME, "in_home: []", "slips.copies.in_home", "empty list"),
        (HOME, "# none", "slips.copies.in_home", "is missing"),
        (HOME, f"{HOME}\n    garden: [desk]", "slips.copies.garden", "is not a kind"),
    ],
)
def test_a_mistake_is_named_by_its_key(policies_text: str, old: str, new: str, key: str, says: str) -> None:
    assert old in policies_text
    with pytest.raises(BadRules) as refusal:
        parse_policies(policies_text.replace(old, new), "policies.yaml")
    (problem,) = refusal.value.extra["problems"]
    assert problem["key"] == key
    assert says in problem["message"]


@pytest.mark.rule("REC-4")
def test_rules_that_a_ledger_adopted_before_copies_were_declared_still_serve(policies_text: str) -> None:
    data = {name: part for name, part in read_policies(policies_text, "policies.yaml").data.items() if name != "slips"}
    assert build_policies(data).slips.of("in_home") == ("desk",)
