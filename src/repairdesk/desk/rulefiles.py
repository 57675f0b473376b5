"""The rule files of a desk, looked at without its ledger: ``fees list``, ``policies check``, ``calendar show`` …"""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, date, datetime, timedelta, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from repairdesk.desk.leaving import without_phones
from repairdesk.desk.rulebooks import FILES, refuse_changed
from repairdesk.desk.turn import Remark
from repairdesk.domain.policy import Policies, PublicDays
from repairdesk.domain.shape import bill_doc
from repairdesk.domain.times import at_local, parse_at
from repairdesk.errors import N_, DeskError, NotFound
from repairdesk.ledger.journal import Ledger
from repairdesk.rules import hydrate

if TYPE_CHECKING:
    from repairdesk.desk.slip import Slip
    from repairdesk.domain.fees import FeeTable
    from repairdesk.rules.load import RuleSet


def _read(folder: Path, kind: str, categories: Collection[str] | None = None) -> RuleSet:
    from repairdesk.rules import load  # pydantic and yaml: nothing else of a desk needs them

    path = folder / FILES[kind]
    text = load.text_of(path)
    if kind == "policies":
        return load.read_policies(text, path.name)
    if kind == "calendar":
        return load.read_days(text, path.name)
    return load.read_fees(text, path.name, categories or _categories(folder))


def _categories(folder: Path) -> Collection[str] | None:
    """Those of the policies beside the fee table; None when these cannot be read, which is theirs to say."""
    try:
        return policies(folder).categories
    except DeskError:
        return None


def check(folder: Path, kind: str, ledger: Ledger) -> dict[str, Any]:
    """Whether a rule file can be used; every mistake is in the BadRules that it raises otherwise (13).

    Where there is a ledger, it has to know the version with this content or not at all (REC-4).
    """
    rule_set = _read(folder, kind)
    if ledger.store.exists():
        from repairdesk.rules import load

        with ledger.read() as reader:
            refuse_changed(reader, kind, rule_set.version, rule_set.digest, load.text_of(folder / FILES[kind]))
    known = {"ok": True, "file": FILES[kind], "version": rule_set.version, "digest": rule_set.digest}
    if kind == "fees":
        known["quotes"] = open_quotes(folder, ledger) if ledger.store.exists() else []
    return known


def unpriced(folder: Path) -> list[Remark]:
    """What there is to say of services that words propose and the fee table has not: nobody is offered them.

    That is no mistake: a new price list should not stop the desk. A fee table that cannot be read says so itself.
    """
    rules = policies(folder)
    try:
        table = fees(folder)
    except DeskError:
        return []
    said = N_("proposals.{name} names services that are not on the fee table, so they are not proposed: {codes}")
    missing = ((one.code, [code for code in one.services if code not in table.services]) for one in rules.proposals)
    return [Remark(said, {"name": name, "codes": codes}) for name, codes in missing if codes]


def versions(folder: Path) -> dict[str, str]:
    """Which versions the files are of that a desk lives by; ``–`` for a calendar that it does without.

    Raises:
        DeskError: one of them cannot be used.
    """
    kinds = [kind for kind in FILES if kind != "calendar" or (folder / FILES[kind]).exists()]
    return {"calendar": "–"} | {kind: _read(folder, kind).version for kind in kinds}


def check_days(folder: Path, ledger: Ledger, at: str | datetime) -> tuple[dict[str, Any], Remark | None]:
    """``check`` of ``calendar.yaml``: which years it has, up to which day none is missing, and whether it runs out.

    Args:
        at: when that is asked: a time as typed, in the desk's zone, or the present moment.
    """
    found = check(folder, "calendar", ledger)
    days, zone = public_days(folder), _zone(folder)
    now = parse_at(at, zone) if isinstance(at, str) else at
    last = days.until(now.astimezone(zone).date())
    if last is None and days.years:
        last = date(max(days.years), 12, 31)
    known = {"years": sorted(days.years), "last_day": last.isoformat() if last else None}
    return {**found, **known}, running_out(days, now, zone)


def running_out(days: PublicDays, now: datetime, zone: tzinfo) -> Remark | None:
    """What there is to say when the table of public days ends soon, or has ended (SLA-2)."""
    today = now.astimezone(zone).date()
    last = days.until(today)
    if last is None:
        missing = N_("calendar.yaml has no table of {year}: deadlines in working hours are provisional")
        return Remark(missing, {"year": today.year})
    if now < at_local(last + timedelta(days=1), 0, zone) - timedelta(seconds=days.warn):
        return None
    ends = N_("calendar.yaml ends with {day}, and deadlines beyond are provisional: add {year} once it is published")
    return Remark(ends, {"day": last.isoformat(), "year": last.year + 1})


def listed_days(folder: Path, year: int | None = None) -> dict[str, Any]:
    """Every day that the table names, or those of one year: days off with their names, and make-up workdays.

    Raises:
        NotFound: the table has not that year.
    """
    days = public_days(folder)
    if year is not None and year not in days.years:
        known = sorted(days.years)
        raise NotFound(N_("calendar.yaml has no table of {year}; it has: {known}"), year=year, known=known)
    named: list[tuple[str, str, str | None]] = [(day, "holiday", name) for day, name in days.holidays.items()]
    named += [(day, "workday", None) for day in days.workdays]
    rows = [
        {"day": day, "kind": kind, "name": name}
        for day, kind, name in sorted(named)
        if year is None or int(day[:4]) == year
    ]
    return {"version": days.version, "years": sorted(days.years), "days": rows}


def _zone(folder: Path) -> tzinfo:
    """The desk's; UTC where the policies cannot be read, which is theirs to say."""
    try:
        return ZoneInfo(policies(folder).zone)
    except DeskError:
        return UTC


def priced(folder: Path, slip: Slip, at: str | datetime, *, fee: str | None = None) -> dict[str, Any]:
    """What a slip would cost by the folder's two files, without an order and without a ledger (``fees price``).

    Args:
        at: the day of the work: a time as typed, or the present moment. A service without a time is asked for with the
            first that has one.
        fee: the fee of work that the table gives no fixed price for, as a supervisor would review it.
    """
    from repairdesk.desk import billing

    terms = policies(folder)
    table = hydrate.build_fees(_read(folder, "fees", terms.categories).data)
    moment = parse_at(at, ZoneInfo(terms.zone)) if isinstance(at, str) else at
    frozen = billing.priced(slip, table, terms, moment, fee)
    doc = without_phones(bill_doc({**frozen, "frozen_at": None}))
    return {**doc, "fees_version": frozen["fees_version"]}


def open_quotes(folder: Path, ledger: Ledger) -> list[dict[str, Any]]:
    """The open orders whose quote this fee table would make otherwise; they keep the version they were taken in by."""
    from repairdesk.desk import billing

    table = fees(folder)
    with ledger.read() as reader:
        return [without_phones(one) for one in billing.quotes_that_differ(reader, table)]


def fees(folder: Path) -> FeeTable:
    """The fee table of the folder."""
    return hydrate.build_fees(_read(folder, "fees").data)


def policies(folder: Path) -> Policies:
    """The policies of the folder."""
    return hydrate.build_policies(_read(folder, "policies").data)


def public_days(folder: Path) -> PublicDays:
    """The public days of the folder."""
    return hydrate.build_days(_read(folder, "calendar").data)
