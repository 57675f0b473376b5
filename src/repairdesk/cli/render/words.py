"""Terms of the field, times and how long something took, as people read them."""

from __future__ import annotations

from typing import Any

from repairdesk.errors import N_
from repairdesk.locale import tr


def word(value: str | None, context: str = "") -> str:
    """A term of the field, in the user's language."""
    return tr(value, context) if value else "–"


def named(name: str, value: Any) -> str:
    """A name and its value."""
    return pair(word(name), value)


def pair(label: str, value: Any) -> str:
    """What something is called in the user's language, and its value."""
    return tr(N_("{name}: {value}")).format(name=label, value=value)


def aside(text: str) -> str:
    """What is said besides, in brackets."""
    return tr(N_(" ({text})")).format(text=text)


def moment(text: str | None) -> str:
    """A time of a document as people read it: no offset, no seconds."""
    return text[:16].replace("T", " ") if text else "–"


def duration(seconds: int) -> str:
    """Whole seconds as hours, minutes and seconds, never rounded (VIS-1); what is zero is left out."""
    parts = (
        (N_("{n}h"), seconds // 3600), (N_("{n}min"), seconds % 3600 // 60), (N_("{n}s"), seconds % 60)
    )  # fmt: skip
    said, *others = [tr(template).format(n=n) for template, n in parts if n] or [tr(N_("{n}s")).format(n=0)]
    for part in others:
        said = tr(N_("{longer} {shorter}")).format(longer=said, shorter=part)
    return said


def in_a_line(value: Any) -> str:
    """A value of a document in one line."""
    if isinstance(value, dict):
        value = "/".join(map(str, value.values()))
    elif isinstance(value, list):
        value = ", ".join(map(str, value))
    return "–" if value is None or value == "" else " ".join(str(value).split())
