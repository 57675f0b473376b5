"""The JSON Schemas for editors: they refuse nothing that the desk takes, and what they refuse the desk refuses, too."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar

import pytest
import yaml
from jsonschema import Draft7Validator

from repairdesk.errors import BadRules
from repairdesk.rules import schemas
from repairdesk.rules.load import read_days, read_fees, read_policies
from repairdesk.rules.preset import calendar_text, preset_names, preset_text

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def maker() -> ModuleType:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(ROOT / "tools"))
        return import_module("schemas")


class AsEditorsRead(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """YAML 1.2 as editors read it: no dates, no base sixty, and only true and false are truths."""

    yaml_implicit_resolvers: ClassVar[dict[str, Any]] = {}


for tag, pattern, first in (
    ("null", r"^(?:~|null|Null|NULL|)$", ["~", "n", "N", ""]),
    ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", list("tTfF")),
    ("int", r"^[-+]?[0-9]+$", list("-+0123456789")),
    ("float", r"^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$", list("-+0123456789.")),
):
    AsEditorsRead.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(pattern), first)


@cache
def validator(kind: str) -> Draft7Validator:
    return Draft7Validator(json.loads(schemas.text(kind)))


def complaints(kind: str, text: str) -> list[str]:
    """What an editor marks in a file."""
    found = validator(kind).iter_errors(_named_by_text(yaml.load(text, AsEditorsRead)))
    return [f"{error.json_path}: {error.message}" for error in found]


def _named_by_text(data: Any) -> Any:
    """Editors know no other keys than texts: 2026 is “2026”."""
    if isinstance(data, dict):
        return {str(key): _named_by_text(value) for key, value in data.items()}
    return [_named_by_text(value) for value in data] if isinstance(data, list) else data


READ: dict[str, Callable[[str, str], object]] = {"policies": read_policies, "fees": read_fees, "calendar": read_days}


def refused(kind: str, text: str) -> bool:
    """Whether the desk refuses a file."""
    try:
        READ[kind](text, f"{kind}.yaml")
    except BadRules:
        return True
    return False


@pytest.mark.parametrize("kind", READ)
def test_the_shipped_schema_is_what_the_models_say(kind: str, maker: ModuleType) -> None:
    assert schemas.text(kind) == maker.text(kind), "make schemas"


@pytest.mark.parametrize("kind", READ)
def test_a_schema_is_a_schema(kind: str) -> None:
    Draft7Validator.check_schema(json.loads(schemas.text(kind)))


@pytest.mark.parametrize("preset", preset_names())
def test_an_editor_marks_nothing_in_a_preset(preset: str) -> None:
    policies, fees = preset_text(preset)
    assert complaints("policies", policies) == []
    assert complaints("fees", fees) == []


def test_an_editor_marks_nothing_in_the_days() -> None:
    assert complaints("calendar", calendar_text()) == []


STANDARD = dict(zip(READ, (*preset_text("standard"), calendar_text()), strict=True))

OTHERWISE = {
    "numbers without quotes": ("fees", 'price: "10.00"', "price: 10"),
    "a price with quotes": ("fees", "grouping: {minutes: 30}", 'grouping: {minutes: "30"}'),
    "a version that looks like a year": ("policies", "version: standard-2026-11", "version: 2026"),
    "a share without quotes": ("policies", 'satisfaction: "0.90"', "satisfaction: 0.9"),
    "a time for each priority": ("policies", "within: 10m   ", "within: {emergency: 5m, regular: 10m, low: 1h}   "),
    "a blank within a duration": ("policies", "late_after: 15m", "late_after: 15 m"),
    "full-width digits": ("policies", "late_after: 15m", "late_after: １５m"),
    "a truth in quotes": ("policies", "unlisted: true", 'unlisted: "true"'),
    "a Chinese code": ("policies", "categories:\n", "categories:\n  灯具: {name: 灯具}\n"),
    "no departments": ("policies", "\ntracker: clerk", "\ntracker: 7"),
    "a range": ("fees", 'price: "10.00"', 'price: {from: 5, to: "9.50"}'),
    "a day alone": ("calendar", "warn:", "warn: 60d #"),
}


@pytest.mark.parametrize(("kind", "old", "new"), OTHERWISE.values(), ids=OTHERWISE)
def test_an_editor_marks_nothing_that_the_desk_takes(kind: str, old: str, new: str) -> None:
    text = STANDARD[kind].replace(old, new, 1)
    assert text != STANDARD[kind]
    assert not refused(kind, text)
    assert complaints(kind, text) == []


WRONG = {
    "an unknown key": ("policies", "late_after: 15m", "late_afer: 15m"),
    "an unknown unit of time": ("policies", "late_after: 15m", "late_after: 15 quarters"),
    "a duration without a unit": ("policies", "late_after: 15m", "late_after: 15"),
    "a role that there is not": ("policies", "alarm: [leader, supervisor]", "alarm: [gardener]"),
    "a role twice": ("policies", "alarm: [leader, supervisor]", "alarm: [leader, leader]"),
    "a text for a list": ("policies", "alarm: [leader, supervisor]", "alarm: leader"),
    "a list for a text": ("policies", "tracker: clerk", "tracker: [clerk]"),
    "an empty ladder": ("policies", "  manager:                            # what the manager owes\n"
                        "    - {after: 0s, tell: manager}", "  manager: []"),
    "a verb that there is not": ("policies", "  intake: [clerk,", "  take: [clerk,"),
    "a time of day that is none": ("policies", 'mon-fri: ["08:30-12:00"', 'mon-fri: ["half past eight"'),
    "a day of the week that there is not": ("policies", "mon-fri:", "weekday:"),
    "a share above one": ("policies", 'satisfaction: "0.90"', "satisfaction: 90"),
    "a truth that is none": ("policies", "unlisted: true", "unlisted: yes"),
    "a rule that is none": ("policies", "rule: INT-4", "rule: INT4"),
    "an obligation without an owner": ("policies", "    owner: clerk\n", ""),
    "a month of twenty-nine days": ("policies", "by_day: 25", "by_day: 29"),
    "a file that is too large": ("policies", "most: 20 MB", "most: 20 GB"),
    "a negative price": ("fees", 'price: "10.00"', 'price: "-10.00"'),
    "a negative price without quotes": ("fees", 'price: "10.00"', "price: -10"),
    "a price finer than a fen": ("fees", 'price: "10.00"', 'price: "10.005"'),
    "a range with one end": ("fees", 'price: "10.00"', 'price: {from: "5.00"}'),
    "a price in words": ("fees", 'price: "10.00"', "price: cheap"),
    "a service without a name": ("fees", "code: bulb, name: 更换灯泡,", "code: bulb,"),
    "no services": ("fees", "services:", "service:"),
    "more minutes than a day has": ("fees", "minutes: 30", "minutes: 1441"),
    "a currency in words": ("fees", "currency: CNY", "currency: yuan"),
    "a year in another century": ("calendar", "\n  2026:", "\n  26:"),
    "a year without a source": ("calendar", "    source:", "    sauce:"),
    "a day that is no date": ("calendar", "2026-10-01..", "1 October.."),
}  # fmt: skip


@pytest.mark.parametrize(("kind", "old", "new"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_marked_by_an_editor_and_refused_by_the_desk(kind: str, old: str, new: str) -> None:
    text = STANDARD[kind].replace(old, new, 1)
    assert text != STANDARD[kind], "nothing was changed"
    assert refused(kind, text)
    assert complaints(kind, text)


def test_a_key_that_nobody_explains_is_told(maker: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    short = maker.FILES["fees"].replace("currency | FEE-10", "curency | FEE-10")
    monkeypatch.setitem(maker.FILES, "fees", short)
    with pytest.raises(SystemExit, match="do not agree about: curency, currency"):
        maker.described("fees")


@pytest.mark.parametrize("kind", READ)
def test_every_key_has_a_meaning_in_both_languages_and_a_type(kind: str, maker: ModuleType) -> None:
    _, keys = maker.described(kind)
    silent = [path for path, (_, said) in keys.items() if not (said.zh and said.en) or said.zh == said.en]
    assert silent == []
    mappings = {"properties", "additionalProperties"}
    leaves = {path: node for path, (node, _) in keys.items() if not mappings & set(node)}
    assert [path for path, node in leaves.items() if not maker.typed(node, "zh") or not maker.typed(node, "en")] == []
    assert len(leaves) > (60 if kind == "policies" else 4)
