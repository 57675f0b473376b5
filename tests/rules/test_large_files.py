"""Rule files that are made to take long, or to be read without an end: refused soon, and in few words."""

from __future__ import annotations

import pytest

from repairdesk.errors import BadRules
from repairdesk.rules import marks, problems, units
from repairdesk.rules.load import parse_policies
from repairdesk.rules.preset import preset_text

STANDARD = preset_text("standard")[0]


def refusal(text: str) -> BadRules:
    with pytest.raises(BadRules) as refused:
        parse_policies(text, "policies.yaml")
    return refused.value


@pytest.mark.parametrize("begin", ["? ", "- ", "? - ", "[", "{? ", "a: [", "{a: "])
def test_whatever_is_nested_too_deeply_is_refused_keys_too(begin: str) -> None:
    said = str(refusal(begin * 100_000))
    assert "nested deeper than 20 levels" in said or "is not YAML" in said
    assert len(said) < 500


def test_so_many_patterns_for_places_are_taken_and_no_more() -> None:
    def with_(count: int) -> str:
        more = "".join(f"  - pattern: '东门{n}'\n    canonical: 东门\n" for n in range(count))
        return STANDARD.replace("places:\n", f"places:\n{more}", 1)

    own = STANDARD.count("- pattern:")
    assert len(parse_policies(with_(units.MOST_PATTERNS - own), "policies.yaml")["places"]) == units.MOST_PATTERNS
    (one,) = refusal(with_(5000)).extra["problems"]
    assert (one["key"], str(one["message"])) == ("places", f"there are too many of them: at most {units.MOST_PATTERNS}")


def test_of_many_thousand_mistakes_the_first_are_told_and_how_many_more_there_are() -> None:
    told = refusal(STANDARD + "".join(f"k{n}: v\n" for n in range(3000))).extra["problems"]
    assert len(told) == problems.MOST + 1
    assert str(told[-1]["message"]) == f"and {3000 - problems.MOST} more mistakes from here on"
    assert told[-1]["line"] == told[-2]["line"] + 1


def test_a_large_file_that_is_no_yaml_is_read_once_and_its_mistake_has_a_place() -> None:
    (one,) = refusal(STANDARD + "x: y\n" * (marks._EXPLAINED // 5) + "z: [,}\n").extra["problems"]
    assert one["line"] == STANDARD.count("\n") + marks._EXPLAINED // 5 + 1
    assert str(one["message"]).startswith("is not YAML: ")


def test_what_is_listed_twice_in_a_long_list_is_found() -> None:
    words = [f"w{n}" for n in range(20_000)]
    begins = "words: ["
    assert parse_policies(STANDARD.replace(begins, f"{begins}{','.join(words)},", 1), "p")["departments"]
    assert "listed twice" in str(refusal(STANDARD.replace(begins, f"{begins}{','.join([*words, 'w7'])},", 1)))
