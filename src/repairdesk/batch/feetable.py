"""A price list becomes the text of a ``fees.yaml``: read, named, given codes and categories, written out and read back.

What the desk has already is kept: the codes of its items, its markup and grouping, its materials.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from repairdesk.batch import naming, pricelist, tables, whole
from repairdesk.batch.classes import Classes
from repairdesk.batch.naming import Named
from repairdesk.batch.outcome import Reject, Say, told
from repairdesk.batch.pricelist import Draft, Item
from repairdesk.desk import Remark, rulefiles
from repairdesk.desk.rulebooks import FILES
from repairdesk.domain.fees import UNLISTED
from repairdesk.domain.masking import in_cell
from repairdesk.domain.policy import Policies
from repairdesk.errors import N_, BadInput, BadRules, NotAllowed, NotFound, UsageError
from repairdesk.rules import emit, hydrate, load, preset, units
from repairdesk.rules.problems import Mistake

Key = tuple[str, str, str]
"""What an item is known by again: its name on the bill, its category, its unit."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How a price list is read.

    Attributes:
        mapping: field by column (``pricelist.FIELDS``).
        categories: category by class of the list.
        encoding: of a CSV file; None to find out.
        sheet: of a workbook; None for the first that has something in it.
        version: of the fee table; None for one that is named after the day.
        out: the fee table that it becomes, from which codes and all that is no service are kept; None: only shown, as
            if it took the place of the desk's own.
    """

    mapping: Mapping[str, str] = field(default_factory=dict)
    categories: Mapping[str, str] = field(default_factory=dict)
    encoding: str | None = None
    sheet: str | None = None
    version: str | None = None
    out: Path | None = None


@dataclass(frozen=True, slots=True)
class Made:
    """The fee table that a list became; ``text`` and ``version`` are None where nothing of it could be read."""

    draft: Draft
    zone: ZoneInfo
    text: str | None = None
    version: str | None = None

    def doc(self, say: Say) -> dict[str, Any]:
        """The report; ``say`` puts the reasons into the user's language."""
        draft = self.draft
        return {
            "rows": draft.rows,
            "taken": draft.taken,
            "services": len(draft.items),
            "kinds": draft.kinds(),
            "rejected": len(draft.rejects),
            "rejects": [
                {"row": one.row, "column": one.column, "value": one.shown,
                 "why": in_cell(told(one.error, say, self.zone))}
                for one in draft.rejects
            ],
            "version": self.version,
        }  # fmt: skip


def make(file: Path, plan: Plan, *, desk: Path, now: datetime) -> Made:
    """The fee table that a price list becomes; nothing is written.

    Args:
        desk: the folder whose policies say which categories there are; without any, those of the standard preset.
        now: the day that a version is named after, in the desk's zone.

    Raises:
        UsageError: an option does not fit the file or the policies. NotFound: there is no such file.
        NotAllowed: ``plan.out`` is something else than a fee table.
        BadInput: the file is no table, or nothing in it is a price list. BadRules: the policies cannot be used.
    """
    _check_version(plan.version)
    policies = _policies(desk)
    replaced = plan.out if plan.out and not whole.is_stream(plan.out) else None
    before = _before(replaced) if replaced else _own(desk)
    classes = Classes(plan.categories, policies.categories)
    draft = pricelist.read(tables.read(file, encoding=plan.encoding, sheet=plan.sheet), plan.mapping)
    classes.check(item.words.class_ for item in draft.items if item.words.class_)
    zone = ZoneInfo(policies.zone)
    named = _named(draft)
    if not draft.items:
        return Made(draft, zone)
    services = _services(draft, named, classes, before)
    draft.remarks += _remarks(draft, named, classes)
    version, text = _versioned(plan, services, before, policies, now.astimezone(zone))
    if plan.version and version != plan.version:
        message = N_("version {version} stands in {file} with another content; this one is {new} (REC-4)")
        values = {"version": plan.version, "file": str(plan.out), "new": version}
        draft.remarks.append(Remark(message, values))
    return Made(draft, zone, text, version)


def _check_version(version: str | None) -> None:
    if version is not None:
        try:
            units.version(version)
        except Mistake as mistake:
            raise UsageError(mistake.template, **mistake.values) from None


def _policies(desk: Path) -> Policies:
    try:
        return rulefiles.policies(desk)
    except NotFound:
        return _standard_policies()


@cache
def _standard_policies() -> Policies:
    text, _ = preset.preset_text(preset.STANDARD)
    return hydrate.build_policies(load.parse_policies(text, "policies.yaml"))


def _own(desk: Path) -> Mapping[str, Any] | None:
    """The desk's own fee table, where there is one that can be read: what the new one would take the place of."""
    try:
        return load.parse_fees(load.text_of(desk / FILES["fees"]), FILES["fees"])
    except (NotFound, BadRules):
        return None


def _before(out: Path) -> Mapping[str, Any] | None:
    """What the fee table that is replaced says; its categories are not asked for, the new one's are."""
    if not out.parent.is_dir():
        raise NotFound(N_("there is no folder {folder}"), folder=str(out.parent))
    try:
        return load.parse_fees(load.text_of(out), out.name)
    except NotFound:
        return None
    except BadRules:
        message = N_("{file} is there already and is no fee table that can be read; it is not replaced")
        raise NotAllowed(message, file=str(out)) from None


# --- names and codes


def _named(draft: Draft) -> list[Named]:
    """Names and codes; a row whose name only becomes too long by what tells it apart is rejected after all."""
    while True:
        named = naming.assign([item.words for item in draft.items], (UNLISTED,))
        reasons = {item.row: (item, why) for item, one in zip(draft.items, named, strict=True) if (why := _unfit(one))}
        if not reasons:
            return named
        for row, (item, why) in reasons.items():
            error = BadInput(why.template, **why.values)
            draft.rejects.append(Reject(row, None, item.words.name, error))
        draft.rejects.sort(key=lambda reject: reject.row)
        draft.items = [item for item in draft.items if item.row not in reasons]


def _unfit(named: Named) -> Mistake | None:
    try:
        units.line(named.name)
        units.code(named.code)
    except Mistake as mistake:
        return mistake
    return None


def _services(
    draft: Draft, named: Sequence[Named], classes: Classes, before: Mapping[str, Any] | None
) -> list[emit.Service]:
    """The lines of the table; an item that it had already keeps its code and its charge standard (FEE-3)."""
    categories = [classes.category(item.words.class_) for item in draft.items]
    keys = [
        (one.name, category, item.words.unit)
        for item, one, category in zip(draft.items, named, categories, strict=True)
    ]
    known = _known(before)
    kept = {i: known[key]["code"] for i, key in enumerate(keys) if key in known and keys.count(key) == 1}
    codes = naming.keep(named, [item.words for item in draft.items], kept, (UNLISTED,))
    return [
        emit.Service(
            code=codes[i],
            name=named[i].name,
            category=categories[i],
            unit=item.words.unit,
            price=item.price,
            standard=_standard(known[keys[i]]) if i in kept else None,
            heading=item.words.class_,
            comment=_comment(item, named[i]),
        )
        for i, item in enumerate(draft.items)
    ]


def _known(before: Mapping[str, Any] | None) -> dict[Key, Mapping[str, Any]]:
    """The services of the table before, by what they are known by; those that stand there twice are not known."""
    known: dict[Key, list[Mapping[str, Any]]] = {}
    for service in before["services"] if before else ():
        known.setdefault((service["name"], service["category"], service["unit"]), []).append(service)
    return {key: services[0] for key, services in known.items() if len(services) == 1}


def _standard(service: Mapping[str, Any]) -> str | None:
    return service["standard"] if service["standard"] != service["code"] else None


def _comment(item: Item, named: Named) -> str | None:
    """The note, unless it stands in the name already."""
    return item.words.note if item.words.note and item.words.note not in named.name else None


def _remarks(draft: Draft, named: Sequence[Named], classes: Classes) -> list[Remark]:
    remarks = []
    if classes.undecided:
        message = N_("no category fits {classes}: they are in “general”; say --category CLASS=CODE")
        remarks.append(Remark(message, {"classes": classes.undecided}))
    if not all(item.words.class_ for item in draft.items):
        message = N_("services without a class are in the category “general”")
        remarks.append(Remark(message))
    counted = [item.row for item, one in zip(draft.items, named, strict=True) if one.counted]
    if counted:
        message = N_("only the price tells these rows apart, so their codes follow their order: {rows}")
        remarks.append(Remark(message, {"rows": pricelist.some(counted)}))
    return remarks


# --- the version


def _versioned(
    plan: Plan,
    services: Sequence[emit.Service],
    before: Mapping[str, Any] | None,
    policies: Policies,
    now: datetime,
) -> tuple[str, str]:
    """The version and the text: the wanted name, with a count where the table before has it for another content."""
    frame = emit.Frame.of(before) if before else emit.Frame()
    wanted = plan.version or f"import-{now.date().isoformat()}"

    def text_of(version: str) -> tuple[str, Mapping[str, Any]]:
        try:
            text, rules = emit.fee_table(version, services, frame, policies.categories)
        except BadRules as mistakes:
            raise _unusable(mistakes) from None
        return text, rules.data

    text, data = text_of(wanted)
    last = str(before["version"]) if before else ""
    count = re.fullmatch(rf"{re.escape(wanted)}(?:-([0-9]+))?", last)
    if count is None:
        return wanted, text
    if {**data, "version": last} == before:
        return last, text_of(last)[0]
    version = f"{wanted}-{int(count[1] or 1) + 1}"
    return version, text_of(version)[0]


def _unusable(mistakes: BadRules) -> BadInput:
    """Every row was checked by itself; what is left is the size of the whole, or an odd table before."""
    first = mistakes.extra["problems"][0]["message"]
    return BadInput(first.template, **first.values)
