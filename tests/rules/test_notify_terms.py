"""Who is sent messages, and how hard that is tried: the section ``notify`` of the policies."""

from __future__ import annotations

import pytest

from repairdesk.domain.policy import NotifyTerms
from repairdesk.errors import BadRules
from repairdesk.rules.hydrate import build_policies
from repairdesk.rules.load import parse_policies

ROLES = "roles: []"
RETRY = "retry: [1m, 5m, 30m, 2h, 12h]"


def terms(text: str) -> NotifyTerms:
    return build_policies(parse_policies(text, "policies.yaml")).notify


@pytest.mark.rule("SLA-4")
def test_the_standard_desk_sends_nothing_until_it_is_told_to_and_would_try_for_half_a_day(policies_text: str) -> None:
    assert terms(policies_text) == NotifyTerms((), (60, 300, 1800, 7200, 43200), 26 * 3600)


def test_a_desk_can_send_to_some_and_try_only_once(policies_text: str) -> None:
    text = policies_text.replace(ROLES, "roles: [leader, manager]").replace(RETRY, "retry: []")
    assert terms(text)[:2] == (("leader", "manager"), ())


@pytest.mark.parametrize(
    ("old", "new", "key", "says"),
    [
        (ROLES, "roles: [leader, assignee]", "notify.roles[1]", "is not a role"),
        (ROLES, "roles: [leader, leader]", "notify.roles", "listed twice"),
        (RETRY, "retry: [1m, soon]", "notify.retry[1]", "is not a duration"),
        ("  missing_after: 26h", "  # missing_after: 26h", "notify.missing_after", "is missing"),
        (RETRY, f"{RETRY}\n  password: x", "notify.password", "unknown key"),
    ],
)
def test_a_mistake_is_named_by_its_key(policies_text: str, old: str, new: str, key: str, says: str) -> None:
    assert old in policies_text
    with pytest.raises(BadRules) as refusal:
        parse_policies(policies_text.replace(old, new), "policies.yaml")
    (problem,) = refusal.value.extra["problems"]
    assert problem["key"] == key
    assert says in problem["message"]
