"""The rule files of a desk, looked at without its ledger: ``fees list``, ``fees check``, ``policies …``."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, Any

from repairdesk.desk.rulebooks import FILES, refuse_changed
from repairdesk.domain.fees import FeeTable
from repairdesk.domain.policy import Policies
from repairdesk.errors import DeskError
from repairdesk.ledger.journal import Ledger
from repairdesk.rules import hydrate

if TYPE_CHECKING:
    from repairdesk.rules.load import RuleSet


def _read(folder: Path, kind: str) -> RuleSet:
    from repairdesk.rules import load  # pydantic and yaml: nothing else of a desk needs them

    path = folder / FILES[kind]
    text = load.text_of(path)
    if kind == "policies":
        return load.read_policies(text, path.name)
    return load.read_fees(text, path.name, _categories(folder))


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
    return {"ok": True, "file": FILES[kind], "version": rule_set.version, "digest": rule_set.digest}


def fees(folder: Path) -> FeeTable:
    """The fee table of the folder."""
    return hydrate.build_fees(_read(folder, "fees").data)


def policies(folder: Path) -> Policies:
    """The policies of the folder."""
    return hydrate.build_policies(_read(folder, "policies").data)
