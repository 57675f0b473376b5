"""The rule files of a desk, looked at without its ledger: ``fees list``, ``fees check``, ``policies …``."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from repairdesk.desk.rulebooks import FILES, refuse_changed
from repairdesk.desk.slip import Slip
from repairdesk.domain.fees import FeeTable
from repairdesk.domain.policy import Policies
from repairdesk.domain.shape import bill_doc
from repairdesk.domain.times import parse_at
from repairdesk.errors import DeskError
from repairdesk.ledger.journal import Ledger
from repairdesk.rules import hydrate

if TYPE_CHECKING:
    from repairdesk.rules.load import RuleSet


def _read(folder: Path, kind: str, categories: Collection[str] | None = None) -> RuleSet:
    from repairdesk.rules import load  # pydantic and yaml: nothing else of a desk needs them

    path = folder / FILES[kind]
    text = load.text_of(path)
    if kind == "policies":
        return load.read_policies(text, path.name)
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
    if ledger.path.exists():
        from repairdesk.rules import load

        with ledger.read() as reader:
            refuse_changed(reader, kind, rule_set.version, rule_set.digest, load.text_of(folder / FILES[kind]))
    known = {"ok": True, "file": FILES[kind], "version": rule_set.version, "digest": rule_set.digest}
    if kind == "fees":
        known["quotes"] = open_quotes(folder, ledger) if ledger.path.exists() else []
    return known


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
    return {**bill_doc({**frozen, "frozen_at": None}), "fees_version": frozen["fees_version"]}


def open_quotes(folder: Path, ledger: Ledger) -> list[dict[str, Any]]:
    """The open orders whose quote this fee table would make otherwise; they keep the version they were taken in by."""
    from repairdesk.desk import billing

    table = fees(folder)
    with ledger.read() as reader:
        return list(billing.quotes_that_differ(reader, table))


def fees(folder: Path) -> FeeTable:
    """The fee table of the folder."""
    return hydrate.build_fees(_read(folder, "fees").data)


def policies(folder: Path) -> Policies:
    """The policies of the folder."""
    return hydrate.build_policies(_read(folder, "policies").data)
