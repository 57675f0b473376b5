"""Explaining: where a deadline or a bill comes from (SLA-6). Nothing here writes."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from repairdesk.desk.base import Base
from repairdesk.desk.turn import By, Turn, present, resolve
from repairdesk.domain import order as orders
from repairdesk.domain.order import Order
from repairdesk.domain.shape import Doc
from repairdesk.domain.times import local_iso
from repairdesk.errors import N_, NotFound

if TYPE_CHECKING:
    from repairdesk.domain.account import Account
    from repairdesk.domain.entry import Entry

BILL = "bill"


class Explaining(Base):
    """What anyone at the keyboard may ask about a deadline or a bill."""

    def why(self, by: By, number: str, what: str | None = None) -> Doc:
        """Where a deadline or a bill comes from (SLA-6): ``bill``, the name of an obligation, or everything.

        Raises:
            NotFound: there is no such order, or the policies know no such obligation.
        """
        with self.look(by) as turn:
            entries = turn.ledger.entries(resolve(turn.ledger, number))
            order = orders.fold(entries)
            assert order is not None, "a number that is found has entries"
            rules = turn.rules_of(order)
            doc = present(order, rules, turn.at)
            if what not in (None, BILL, *(rule.name for rule in rules.policies.obligations)):
                raise NotFound(N_("there is no obligation {name} in the policies"), rule="SLA-6", name=what)
            billed = what in (None, BILL)
            return {
                "number": order.number,
                "at": local_iso(turn.at, rules.zone),
                "bill": doc["bill"] if billed else None,
                "reversed_bills": doc["reversed_bills"] if billed else [],
                "consent": doc["consent"] if billed else None,
                "quote": doc["quote"] if billed else None,
                "obligations": [] if what == BILL else list(_owed(turn, order, entries, doc, what)),
                "policies_version": order.policies_version,
                "fees_version": order.fees_version,
            }


def _owed(turn: Turn, order: Order, entries: list[Entry], doc: Doc, what: str | None) -> list[Doc]:
    from repairdesk.domain import account as accounts

    rules = turn.rules_of(order)
    declared = {rule.id: rule for rule in rules.policies.obligations}
    histories = accounts.histories(entries)
    owed = []
    for one, obligation in zip(doc["obligations"], order.obligations, strict=True):
        if what not in (None, obligation.name):
            continue
        rule, key = declared.get(obligation.id), (obligation.name, obligation.cycle)
        told = accounts.told(entries, key)
        account = accounts.account(obligation, histories.get(key, ()), told, declared, rules.clocks, turn.at)
        owed.append(
            {
                **one,
                "source": rule.source if rule else None,
                "declared": obligation.id,
                "calendar": rule.calendar if rule else None,
                "account": _shown(account, rules.zone) if account else None,
            }
        )
    return owed


def _shown(account: Account, zone: Any) -> Doc:
    """An account as it is answered, in local times."""

    def local(moment: datetime | None) -> str | None:
        return local_iso(moment, zone) if moment else None

    anchor = account.anchor
    return {
        "kind": account.kind,
        "anchor": {"what": anchor.what, "at": local(anchor.at), "seq": anchor.seq, "event": anchor.event},
        "allowed_seconds": account.allowed,
        "priority": account.priority,
        "by_seconds": account.by,
        "lead_seconds": account.lead,
        "rows": [
            {"kind": row.kind, "from": local(row.since), "to": local(row.until), "seconds": row.seconds,
             "total_seconds": row.total, "why": row.why, "name": row.name, "note": row.note}
            for row in account.rows
        ],
        "left_seconds": account.left,
        "agrees": account.agrees,
        "provisional": account.provisional,
        "changed": [
            {"seq": one.seq, "event": one.event, "op": one.op, "at": local(one.at), "by": one.by,
             "was": local(one.was), "now": local(one.now), "fields": {name: dict(f) for name, f in one.fields.items()}}
            for one in account.changed
        ],
        "done": [
            {"op": one.op, "at": local(one.at), "seq": one.seq, "event": one.event, "by": one.by,
             "early_seconds": one.early}
            for one in account.done
        ],
        "told": [
            {"level": one.level, "role": one.role, "at": local(one.at), "seq": one.seq,
             "told_at": local(one.told_at), "people": list(one.people)}
            for one in account.told
        ],
        "overdue_seconds": account.overdue,
    }  # fmt: skip
