"""From the normalized data to the domain's frozen objects.

Every command does this, from the JSON that the ledger keeps: so nothing is validated again and neither pydantic nor
yaml is imported here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from repairdesk.domain.digests import sha256
from repairdesk.domain.policy import (
    AttachmentTerms,
    CalendarRule,
    CallbackTerms,
    Category,
    CheckItem,
    Department,
    FinanceTerms,
    HeldUp,
    NotifyTerms,
    ObligationRule,
    Period,
    PlacePattern,
    Policies,
    PublicDays,
    SecondTerms,
    SlipTerms,
    Step,
    Stratum,
    Targets,
    WarrantyTerms,
    WordRule,
)

if TYPE_CHECKING:
    from repairdesk.domain.fees import FeeTable

_LISTS = "starts meets voids skips kinds priorities channels categories severities departments reasons pauses".split()


def digest(data: Mapping[str, Any]) -> str:
    """SHA-256 of normalized data as canonical JSON: what tells two contents of one version apart (REC-4)."""
    text = json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return sha256(text.encode()).hexdigest()


_LATER: Mapping[str, Any] = {
    "complaint_alarm": {}, "departments": [], "held_up": {"told": [], "major": []}, "slips": {"copies": {}},
    "attachments": {"most": 0, "types": []}, "retention": {},
    "second_person": {"pin": [], "tries": 5, "locked": 900},
}  # fmt: skip
"""Sections that policies once had not: a ledger keeps what it adopted for good (REC-4), and goes on with it."""
_LATER_TARGETS = {"complete": None, "remarks": None}
_LATER_OWED: Mapping[str, Any] = {"days_after": 0, "departments": []}


def build_policies(data: Mapping[str, Any]) -> Policies:
    """The policies that ``load.parse_policies`` normalized, also those that an earlier version did."""
    data = {**_LATER, **data}
    return Policies(
        version=data["version"],
        preset=data["preset"],
        zone=data["zone"],
        late_after=data["late_after"],
        late_visit=data["late_visit"],
        numbering=dict(data["numbering"]),
        places=tuple(PlacePattern(**place) for place in data["places"]),
        categories={
            code: Category(code, category["name"], category["trade"], tuple(category["disturbs"]))
            for code, category in data["categories"].items()
        },
        checklists={kind: tuple(CheckItem(**item) for item in items) for kind, items in data["checklists"].items()},
        may=_may(data),
        calendars={name: _calendar(name, calendar) for name, calendar in data["calendars"].items()},
        obligations=tuple(_obligation(declared) for declared in data["obligations"]),
        ladders={name: tuple(Step(**step) for step in steps) for name, steps in data["ladders"].items()},
        alarm=tuple(data["alarm"]),
        complaint_alarm={severity: tuple(roles) for severity, roles in data["complaint_alarm"].items()},
        departments={one["code"]: _department(one) for one in data["departments"]},
        held_up=HeldUp(tuple(data["held_up"]["told"]), tuple(data["held_up"]["major"])),
        tracker=data["tracker"],
        warranty=_warranty(data["warranty"]),
        reductions=dict(data["reductions"]),
        finance=_finance(data),
        targets=Targets(**{**_LATER_TARGETS, **data["targets"]}),
        repeat_within=data["repeat_within"],
        notify=_notify(data["notify"]),
        callbacks=_callbacks(data["callbacks"]),
        slips=_slips(data),
        attachments=_attachments(data),
        retention={name: Period(**kept) if kept else None for name, kept in data["retention"].items()},
        second_person=_second(data["second_person"]),
        proposals=tuple(_words(one) for one in data.get("proposals", ())),
    )


def build_fees(data: Mapping[str, Any]) -> FeeTable:
    """The fee table that ``load.parse_fees`` normalized."""
    from repairdesk.domain.fees import FeeTable, Material, Price, Service  # most commands never look at a price

    def service(given: Mapping[str, Any]) -> Service:
        return Service(**{**given, "price": Price(**given["price"])})

    return FeeTable(
        version=data["version"],
        currency=data["currency"],
        markup_rate=Decimal(data["markup_rate"]),
        markup_step=data["markup_step"],
        grouping_seconds=data["grouping_seconds"],
        services={given["code"]: service(given) for given in data["services"]},
        materials={material["code"]: Material(**material) for material in data["materials"]},
    )


def build_days(data: Mapping[str, Any]) -> PublicDays:
    """The public days that ``load.parse_days`` normalized."""
    years = data["years"]
    return PublicDays(
        version=data["version"],
        years=frozenset(map(int, years)),
        holidays={day: name for year in years.values() for day, name in year["holidays"].items()},
        workdays=frozenset(day for year in years.values() for day in year["workdays"]),
        warn=data["warn"],
    )


def _may(data: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Who may do what; where technicians collect, the assignee also records what was paid (FEE-7)."""
    may = {verb: tuple(roles) for verb, roles in data["may"].items()}
    if data["finance"]["collection"] == "technician":
        may["pay"] = (*may["pay"], "assignee")
    return may


def _department(said: Mapping[str, Any]) -> Department:
    return Department(said["code"], said["name"], *(tuple(said[name]) for name in ("categories", "words", "tell")))


def _words(said: Mapping[str, Any]) -> WordRule:
    return WordRule(**{**said, "words": tuple(said["words"]), "services": tuple(said["services"])})


def _notify(terms: Mapping[str, Any]) -> NotifyTerms:
    return NotifyTerms(tuple(terms["roles"]), tuple(terms["retry"]), terms["missing_after"])


def _callbacks(terms: Mapping[str, Any]) -> CallbackTerms:
    strata = {
        name: Stratum(name, tuple(one["kinds"]), Decimal(one["rate"]), one["within"])
        for name, one in terms["strata"].items()
    }
    callers = {name: tuple(roles) for name, roles in terms["callers"].items()}
    # Rules that were adopted before there was such a time list nobody longer than the time to call.
    return CallbackTerms(strata, terms["tries"], terms.get("missed", 0), callers)


def _attachments(data: Mapping[str, Any]) -> AttachmentTerms:
    terms = data["attachments"]
    return AttachmentTerms(terms["most"], tuple(terms["types"]))


def _slips(data: Mapping[str, Any]) -> SlipTerms:
    copies = data["slips"]["copies"]
    return SlipTerms({kind: tuple(names) for kind, names in copies.items()})


def _second(terms: Mapping[str, Any]) -> SecondTerms:
    return SecondTerms(tuple(terms["pin"]), terms["tries"], terms["locked"])


def _finance(data: Mapping[str, Any]) -> FinanceTerms:
    """How money comes in; the day is the one of the obligation that is opened by a month that is over (FEE-7)."""
    day = next(rule["by_day"] for rule in data["obligations"] if "month" in rule["starts"])
    return FinanceTerms(data["finance"]["collection"], tuple(data["finance"]["methods"]), day)


def _warranty(terms: Mapping[str, Any]) -> WarrantyTerms:
    return WarrantyTerms(**{**terms, "free": tuple(terms["free"]), "software": tuple(terms["software"])})


def _calendar(name: str, calendar: Mapping[str, Any]) -> CalendarRule:
    def windows(day: Sequence[Sequence[int]]) -> tuple[tuple[int, int], ...]:
        return tuple((opens, closes) for opens, closes in day)

    return CalendarRule(
        name,
        tuple(windows(day) for day in calendar["week"]),
        frozenset(calendar["holidays"]),
        frozenset(calendar["workdays"]),
        calendar["public"],
    )


def _obligation(declared: Mapping[str, Any]) -> ObligationRule:
    said = {**_LATER_OWED, **declared}
    return ObligationRule(**{**said, **{name: tuple(said[name]) for name in _LISTS}})
