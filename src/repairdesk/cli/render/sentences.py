"""Messages of the program in the user's language, with their values as people write them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from repairdesk.domain import masking
from repairdesk.errors import N_, DeskError, Word
from repairdesk.locale import tr


def say(message: str, values: Mapping[str, Any], zone: ZoneInfo | None = None) -> str:
    """A message in the user's language, with its values as people write them."""
    return tr(message).format(**{name: valued(value, zone, name) for name, value in values.items()})


def valued(value: Any, zone: ZoneInfo | None, name: str = "") -> str:
    """A value of a message as people read it; ``name`` says what it is."""
    if isinstance(value, DeskError):
        return error_text(value, zone)
    if isinstance(value, Word):
        return tr(str(value))
    if isinstance(value, datetime):
        return f"{value.astimezone(zone) if zone else value:%Y-%m-%d %H:%M}"
    if isinstance(value, (list, tuple)):
        return tr(N_(", ")).join(valued(one, zone, name) for one in value)
    if not isinstance(value, str):
        return str(value)
    return sentence(value) if getattr(value, "template", None) else unphoned(value, name)


_PHONE_LEAST = 7
"""Digits that a phone number has."""
_AS_TYPED = frozenset("file files folder path target out home url table commands problems".split())
"""Values that are no words of anybody: where files are, and what was put together of masked values."""
_OF_THINGS = frozenset("id ids who by user keyboard staff code version head hash external_id invoice ref seq".split())
"""Values that may be as long as a phone number and are none."""


def unphoned(text: str, name: str) -> str:
    """What a sentence repeats of a report or of what was typed, without phone numbers (PRI-1)."""
    if len(text) < _PHONE_LEAST or name in _AS_TYPED or masking.digits(text) < _PHONE_LEAST:
        return text
    if name in _OF_THINGS:
        return masking.in_name(text)
    return (masking.in_place(text) or text) if name == "place" else masking.in_typed(text)


_ARGUMENTS = ("number", "staff", "id", "field", "item", "file", "code", "report")


def _option(name: str) -> str:
    """A missing value, as it is typed."""
    if name in _ARGUMENTS:
        return name.upper()
    return "--" + {"help_class": "class"}.get(name, name).replace("_", "-")


def problem_line(problem: Mapping[str, Any]) -> str:
    """A mistake in a rule file: place, key, sentence."""
    place = f"{problem['file']}:{problem['line']}:{problem['column']}: "
    return place + (f"{problem['key']}: " if problem["key"] else "") + sentence(problem["message"])


def sentence(said: str) -> str:
    """A sentence in the user's language, from the template that it carries."""
    template = getattr(said, "template", None)
    return say(template, getattr(said, "values", {})) if template else said


def error_text(refusal: DeskError, zone: ZoneInfo | None = None, said: Mapping[str, Any] | None = None) -> str:
    """A refusal as a sentence; the mistakes of a rules file in a line each. ``said`` are its values, put otherwise."""
    values = dict(refusal.values if said is None else said)
    if "problems" in values:
        values["problems"] = "\n".join("  " + problem_line(problem) for problem in refusal.extra["problems"])
    if "missing" in refusal.extra:
        values["fields"] = [_option(name) for name in refusal.extra["missing"]]
    return say(refusal.message, values, zone)
