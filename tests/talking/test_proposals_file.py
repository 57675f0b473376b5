"""``proposals`` in policies.yaml: every mistake with its line, and what the fee table has not is only remarked on."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from talker import Talker, done, run

from repairdesk.errors import BadRules
from repairdesk.rules.hydrate import build_policies
from repairdesk.rules.load import read_policies
from repairdesk.rules.preset import preset_text

TEXT = preset_text("standard")[0]


def with_proposal(text: str) -> str:
    return TEXT.replace("\nproposals:\n", f"\nproposals:\n  mine: {text}\n")


@pytest.mark.parametrize(("said", "key", "why"), [
    ("{words: [], category: plumbing}", "proposals.mine.words", "empty list"),
    ("{words: [漏, 漏], category: plumbing}", "proposals.mine.words", "listed twice"),
    ("{words: [漏], category: plumming}", "proposals.mine.category", "no category"),
    ("{words: [漏], priority: urgent}", "proposals.mine.priority", "not a priority"),
    ("{words: [漏], priority: '*'}", "proposals.mine.priority", "not a priority"),
    ("{words: [漏], kind: house}", "proposals.mine.kind", "not a kind"),
    ("{words: [漏], services: [tap, tap]}", "proposals.mine.services", "listed twice"),
    ("{words: [漏]}", "proposals.mine", "proposes nothing"),
    ("{words: [漏], category: plumbing, colour: red}", "proposals.mine.colour", "unknown key"),
    ("{category: plumbing}", "proposals.mine.words", "is missing"),
])  # fmt: skip
def test_a_mistake_is_named_with_its_line(said: str, key: str, why: str) -> None:
    text = with_proposal(said)
    with pytest.raises(BadRules) as refused:
        read_policies(text, "policies.yaml")
    (problem,) = refused.value.extra["problems"]
    assert problem["key"] == key
    assert why in problem["message"]
    assert text.splitlines()[problem["line"] - 1].startswith("  mine:")


def test_a_desk_may_do_without_any_and_its_rules_are_what_they_were() -> None:
    """Policies that were adopted before there were proposals keep their digest (REC-4)."""
    without = re.sub(r"\nproposals:\n(?:  .*\n|\n(?=  ))+", "\n", TEXT)
    rules = read_policies(without, "policies.yaml")
    assert "proposals" not in rules.data
    assert build_policies(rules.data).proposals == ()


def test_a_service_that_the_fee_table_has_not_is_remarked_on_and_not_proposed(talker: Talker) -> None:
    file = Path(talker.home / "policies.yaml")
    text = file.read_text(encoding="utf-8").replace(
        "\nproposals:\n", "\nproposals:\n  odd: {words: [怪], services: [zzz]}\n"
    )
    file.write_text(re.sub("(?m)^version: .*$", "version: odd-1", text), encoding="utf-8")
    checked = done("policies", "check")
    assert len(checked["warnings"]) == 1
    assert "zzz" in checked["warnings"][0]
    code, _, err = run("policies", "check", "--lang", "en")
    assert (code, "zzz" in err) == (0, True)
    assert talker.say(("intake", "--as", "C1"), "3-2-501", "很怪", "8", "", "", "") == 0
