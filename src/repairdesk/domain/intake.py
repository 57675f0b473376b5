"""What a report must tell before it is an order, and the one form that a place is written in."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime

from repairdesk.domain.policy import Policies
from repairdesk.domain.record import NamedTuple
from repairdesk.domain.spelling import spelled
from repairdesk.domain.vocabulary import CHANNELS, HELP_CLASSES, KINDS, PRIORITIES, SEVERITIES
from repairdesk.errors import N_, UsageError

REQUIRED: Mapping[str, tuple[str, ...]] = {
    "in_home": ("place", "caller", "phone", "fault"),
    "public_area": ("place", "fault"),
    "complaint": ("place", "caller", "fault"),
    "help": ("place", "fault"),
}
"""What each kind needs (INT-1); an anonymous complaint needs no caller."""


class Report(NamedTuple):
    """A fault as it was reported, before anybody judged it (报事). Everything is as said; ``services`` is as typed."""

    kind: str | None = None
    place: str | None = None
    caller: str | None = None
    phone: str | None = None
    fault: str | None = None
    category: str | None = None
    priority: str | None = None
    channel: str | None = None
    severity: str | None = None
    help_class: str | None = None
    appointment: str | tuple[datetime, datetime] | None = None
    services: tuple[str, ...] = ()
    model: str | None = None
    purchased: str | None = None
    warranty_until: str | None = None
    affects: tuple[str, ...] = ()
    follows: str | None = None
    found_on: str | None = None
    external_id: str | None = None
    unlisted: bool = False
    advised: bool = False
    anonymous: bool = False
    letter_only: bool = False
    department: str | None = None


def missing(report: Report) -> list[str]:
    """The required fields that the report does not tell, in the order in which a call goes (INT-1)."""
    if not report.kind:
        wanted: tuple[str, ...] = ("kind", "place", "fault")
    else:
        wanted = REQUIRED.get(report.kind, ())
    if report.anonymous:
        wanted = tuple(name for name in wanted if name != "caller")
    return [name for name in wanted if not (getattr(report, name) or "").strip()]


_CHOICES = {
    "kind": KINDS,
    "priority": PRIORITIES,
    "channel": CHANNELS,
    "severity": SEVERITIES,
    "help_class": HELP_CLASSES,
}


_LISTED_BY = {"kind": "INT-1", "channel": "INT-2"}


def check(report: Report) -> None:
    """Whether every value can be understood and nothing required is missing; all that is missing is named at once.

    Raises:
        UsageError: a required field is missing (INT-1), a value is none of its list (INT-2, INT-3), a phone or a date
            cannot be one, or a field belongs to another kind of report.
    """
    _check_choices(report)
    if gaps := missing(report):
        raise UsageError("missing: {fields}", rule="INT-1", fields=gaps, extra={"missing": gaps})
    check_values(report)


def check_values(report: Report) -> None:
    """Whether every value of a report that may still be told further can be understood, and belongs to its kind.

    Raises:
        UsageError: as ``check``, but for what is missing.
    """
    _check_choices(report)
    if report.severity and report.kind != "complaint":
        raise UsageError("a severity belongs to a complaint", rule="INT-3")
    if report.department and report.kind != "complaint":
        raise UsageError("a department belongs to a complaint", rule="INT-3")
    if report.help_class and report.kind != "help":
        raise UsageError("a class belongs to a help request", rule="INT-3")
    if report.anonymous and report.kind != "complaint":
        raise UsageError("only a complaint may be anonymous", rule="INT-1")
    if report.letter_only and report.kind != "complaint":
        raise UsageError("only of a complaint a letter alone can be asked for", rule="CAL-6")
    if report.phone and not refers(report.phone):
        phone(report.phone)
    for text in (report.purchased, report.warranty_until):
        if text:
            day(text)


def _check_choices(report: Report) -> None:
    for name in _CHOICES:
        if getattr(report, name):
            choice(name, getattr(report, name))


def choice(name: str, value: str) -> str:
    """``value``, if it is one of those that ``name`` may have.

    Raises:
        UsageError: it is not; says which there are (INT-2, INT-3).
    """
    known = _CHOICES[name]
    if value not in known:
        raise UsageError("“{value}” is no {field}; choose: {known}", rule=_LISTED_BY.get(name, "INT-3"), value=value,
                         field=name, known=known)  # fmt: skip
    return value


_PHONE = re.compile(r"[+]?[0-9][0-9 \-()#,]{1,29}")


def phone(said: str) -> str:
    """A phone number in plain digits and signs, as said (full-width folded).

    Raises:
        UsageError: it has a character that no phone number has, or too few or too many.
    """
    text = unicodedata.normalize("NFKC", said).strip()
    if not _PHONE.fullmatch(text):
        raise UsageError("“{text}” is not a phone number", rule="INT-1", text=said)
    return text


def refers(said: str) -> bool:
    """Whether this stands for a phone that the desk knows: ``@1``, the household's first; ``@NUMBER``, of that order.

    So nobody has to see a number that they take over.
    """
    return re.fullmatch(r"@[0-9A-Za-z-]{1,20}", unicodedata.normalize("NFKC", said).strip()) is not None


def day(text: str) -> str:
    """A date ``YYYY-MM-DD``.

    Raises:
        UsageError: it is not one.
    """
    try:
        return date.fromisoformat(unicodedata.normalize("NFKC", text).strip()).isoformat()
    except ValueError:
        raise UsageError("“{text}” is not a date: write YYYY-MM-DD", rule="INT-5", text=text) from None


def told_place(said: str, policies: Policies) -> str:
    """The one form of a place that is put on record.

    Raises:
        UsageError: it is written like what stands for a place that was purged, and would be counted with that.
    """
    place = canonical_place(said, policies)
    no_stand_in(place)
    return place


def no_stand_in(place: str) -> None:
    """Refuse what is written like the stand-in of a place that was purged (RET-3).

    Raises:
        UsageError: it is.
    """
    if unicodedata.normalize("NFKC", place).strip().startswith("*"):
        from repairdesk.domain.retention import is_stand_in

        if is_stand_in(unicodedata.normalize("NFKC", place).strip()):
            said = N_("“{place}” is no place: a star and a number stand for one that was purged")
            raise UsageError(said, rule="RET-3", place=place)


def canonical_place(said: str, policies: Policies) -> str:
    """The one form in which a place is written, by the first policy pattern that matches it whole.

    What no pattern knows, or is longer than any place, keeps its words, in plain characters and single spaces.
    """
    return spelled(said, ((one.pattern, one.canonical) for one in policies.places))
